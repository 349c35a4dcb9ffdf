"""How long `import credit_engine` takes beyond starting Python. Run `python benchmarks/startup.py`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 15
TARGET = 150  # milliseconds more than bare Python
WAYS = {
    "bare Python": "pass",
    "import credit_engine": "import credit_engine",
    "  and every public name": "import credit_engine as c; [getattr(c, name) for name in c.__all__]",
}


def main() -> int:
    """Print one table of medians; 1 if the target is missed."""
    times: dict[str, list[float]] = {name: [] for name in WAYS}
    for _round in range(ROUNDS):
        for name, code in WAYS.items():
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603  # our own command
            times[name].append((time.perf_counter() - started) * 1000)
    medians = {name: statistics.median(found) for name, found in times.items()}
    bare = medians["bare Python"]
    print(f"{'milliseconds, median':<30}{'whole':>8}{'more':>8}")
    for name, found in medians.items():
        print(f"{name:<30}{found:>8.1f}{found - bare:>8.1f}")
    met = medians["import credit_engine"] - bare < TARGET
    print(f"\nimport {'under' if met else 'NOT under'} {TARGET} ms more than bare Python")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
