"""What starting costs: `import credit_engine`, and `credit-engine score` on ten operators and on a panel of real data.

Run `python benchmarks/startup.py`. The panel is San Francisco's scored visits, from the folder that
`CREDIT_ENGINE_REAL_DATA` names; it is left out without it. `busy` is the time of all processors, which other processes
on the machine disturb less than the clock.
"""

from __future__ import annotations

import csv
import gzip
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

ROUNDS = 15
OF_COMMANDS = 5
TARGET = 150  # milliseconds more than bare Python
WAYS = {
    "bare Python": "pass",
    "import credit_engine": "import credit_engine",
    "  and every public name": "import credit_engine as c; [getattr(c, name) for name in c.__all__]",
}
COMMAND = (sys.executable, "-c", "from credit_engine.cli import main; main()", "score")
DELTA = Path(__file__).parents[1] / "fixtures" / "delta"
OPERATORS = 10
TEN, PANEL = 1.5, 3.0  # seconds


@frozen
class Took:
    """Seconds by the clock and of all processors."""

    seconds: float
    busy: float


def main() -> int:
    """Print one table of medians; 1 if a target is missed."""
    times: dict[str, list[float]] = {name: [] for name in WAYS}
    for _round in range(ROUNDS):
        for name, code in WAYS.items():
            times[name].append(_took([sys.executable, "-c", code]).seconds * 1000)
    medians = {name: statistics.median(found) for name, found in times.items()}
    bare = medians["bare Python"]
    print(f"{'milliseconds, median':<30}{'whole':>8}{'more':>8}")
    for name, found in medians.items():
        print(f"{name:<30}{found:>8.1f}{found - bare:>8.1f}")
    met = medians["import credit_engine"] - bare < TARGET
    print(f"\nimport {'under' if met else 'NOT under'} {TARGET} ms more than bare Python\n")
    with tempfile.TemporaryDirectory() as temporary:
        commands = _commands(Path(temporary))
        return 0 if _print(commands) and met else 1


def _print(commands: Mapping[str, tuple[float, Sequence[str]]]) -> bool:
    """The table of commands; whether each is under its target by the clock."""
    print(f"{'credit-engine score, median':<44}{'seconds':>10}{'busy':>9}{'target':>9}")
    met = True
    for name, (target, command) in commands.items():
        rounds = [_took(command) for _round in range(OF_COMMANDS)]
        seconds, busy = (
            statistics.median(one) for one in zip(*((one.seconds, one.busy) for one in rounds), strict=True)
        )
        met &= seconds < target
        print(f"{name:<44}{seconds:>10.2f}{busy:>9.2f}{target:>9.1f}{'' if seconds < target else '  NOT met'}")
    return met


def _commands(folder: Path) -> dict[str, tuple[float, Sequence[str]]]:
    """What is measured: its target in seconds, and the command."""
    ten = _ten(folder / "ten")
    found: dict[str, tuple[float, Sequence[str]]] = {
        f"ten operators, {policy}{' written' if out else ''}": (
            TEN,
            (*COMMAND, str(ten), "--policy", policy, "--as-of", "2026-06-30", *out),
        )
        for policy in ("agri-credit", "delta-food")
        for out in ((), ("--out", str(folder / "out")))
    }
    if data := os.environ.get("CREDIT_ENGINE_REAL_DATA"):
        city = Path(data) / "sf"
        panel, name = _panel(city, folder / "panel.csv"), "sf-restaurants"
        asked = ("--policy", name, "--mapping", name, "--days", str(panel), "--format", "csv")
        found["San Francisco's panel, written"] = (
            PANEL,
            (*COMMAND, str(city), *asked, "--out", str(folder / "out")),
        )
    return found


def _ten(folder: Path) -> Path:
    """The first operators of the tour with all that is recorded of them."""
    folder.mkdir()
    chosen: set[str] = set()
    for name in ("operators", "violation", "inspection", "complaint", "rectification", "list_decision", "regions"):
        with (DELTA / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            header, *rows = csv.reader(lines)
        if name == "operators":
            chosen |= set(list(dict.fromkeys(row[0] for row in rows))[:OPERATORS])
        whose = header.index("party") if "party" in header else 0
        kept = rows if name == "regions" else [row for row in rows if row[whose] in chosen]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *kept])
    shutil.copy(DELTA / "coverage.yaml", folder)
    return folder


def _panel(city: Path, path: Path) -> Path:
    """Each scored visit once: business and day."""
    with gzip.open(city / "inspections.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        visits = {(row["business_id"], row["date"]) for row in csv.DictReader(lines) if row["Score"]}
    rows = (f"{party},{day[:4]}-{day[4:6]}-{day[6:]}\n" for party, day in sorted(visits))
    path.write_text("party,day\n" + "".join(rows), encoding="utf-8")
    return path


def _took(command: Sequence[str]) -> Took:
    before, started = os.times(), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  # our own command
    after = os.times()
    busy = after.children_user + after.children_system - before.children_user - before.children_system
    return Took(time.perf_counter() - started, busy)


if __name__ == "__main__":
    sys.exit(main())
