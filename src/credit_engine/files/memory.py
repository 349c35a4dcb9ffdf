"""How much memory this process has held, and amounts of memory as people write them."""

from __future__ import annotations

import os
import re
import sys
from fractions import Fraction
from pathlib import Path

from credit_engine.errors import Problem, QuestionError

_STATUS = Path("/proc/self/status")
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*(|[KMGT]i?)B?", re.IGNORECASE)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
# What the allocator of Polars reads once, when Polars is imported (which sets it to keep more, unless it is set). With
# an arena for each processor what one thread let go of is used by the next, instead of being held for later.
ALLOCATOR = "_RJEM_MALLOC_CONF"
SHARED = f"narenas:{os.cpu_count() or 1},dirty_decay_ms:250,muzzy_decay_ms:0"


def share_memory() -> None:
    """For a process of our own, before Polars is imported: less memory at the peak; what somebody set himself stays."""
    os.environ.setdefault(ALLOCATOR, SHARED)


def peak_memory() -> int:
    """The most bytes that this process has held in memory at any moment so far. Raises `QuestionError`."""
    if _STATUS.is_file():  # of this process alone; `getrusage` also counts what its parent held
        line = next(line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        hint = "prepare with more --buckets, or score on another system"
        raise QuestionError(Problem("unsupported", "memory cannot be measured on this system", hint=hint))
    import resource  # noqa: PLC0415  # not on every platform

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def bytes_of(text: str) -> int:
    """An amount such as `2GB`, `1500MiB` or `0.5G` in bytes: KB, MB, GB, TB are powers of 1000, KiB, ... of 1024.

    Raises `ValueError` for anything else, and for nothing.
    """
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    number, unit = found[1], found[2].upper()
    amount = int(Fraction(number) * (1024 if unit.endswith("I") else 1000) ** _POWERS[unit[:1]])
    if not amount:
        raise ValueError(text)
    return amount


def written(amount: int) -> str:
    """Bytes as whole megabytes."""
    return f"{-(-amount // 1_000_000):,} MB"
