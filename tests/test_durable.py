"""durable_rules under its guard profile: every check of `durable_checks.py`, run in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from durable_checks import CHECKS

HERE = Path(__file__).parent
LONGEST = 400  # seconds; what hangs there holds the interpreter lock, and only another process can end it


@cache
def said() -> dict[str, str]:
    """What the child says of each check: `ok`, or what went wrong; of those after a crash nothing."""
    path = os.pathsep.join(each for each in sys.path if each)
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-W", "error", str(HERE / "durable_checks.py")],
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    found: dict[str, str] = {"": f"exit code {done.returncode}\n{done.stderr}"}
    name = ""
    for line in done.stdout.splitlines():
        first, _, rest = line.partition(" ")
        if first in CHECKS and rest in {"ok", "failed"}:
            name, found[first] = first, rest
        else:
            found[name] = f"{found[name]}\n{line}"
    return found


@pytest.mark.parametrize("name", CHECKS)
def test_under_the_guard_profile(name: str) -> None:
    told = said()
    assert told.get(name, f"nothing was said of it: {told['']}") == "ok"


def test_the_child_ends_in_order() -> None:
    assert said()[""].startswith("exit code 0\n")
