"""durable_rules under its guard profile, and sessions that use it: every check, run in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import durable_checks
import durable_session_checks

HERE = Path(__file__).parent
LONGEST = 900  # seconds; what hangs there holds the interpreter lock, and only another process can end it
MODULES = {"durable_checks": durable_checks.CHECKS, "durable_session_checks": durable_session_checks.CHECKS}


@cache
def said(module: str) -> dict[str, str]:
    """What the child says of each check: `ok`, or what went wrong; of those after a crash nothing."""
    path = os.pathsep.join([str(HERE), *(each for each in sys.path if each)])
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-W", "error", str(HERE / f"{module}.py")],
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
        if first in MODULES[module] and rest in {"ok", "failed"}:
            name, found[first] = first, rest
        else:
            found[name] = f"{found[name]}\n{line}"
    return found


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, checks in MODULES.items() for name in checks])
def test_under_the_guard_profile(module: str, name: str) -> None:
    told = said(module)
    assert told.get(name, f"nothing was said of it: {told['']}") == "ok"


@pytest.mark.parametrize("module", MODULES)
def test_the_child_ends_in_order(module: str) -> None:
    assert said(module)[""].startswith("exit code 0\n")
