"""Importing the package is cheap: heavy libraries are loaded by those who use them."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache

import pytest

from credit_engine.files.memory import ALLOCATOR, SHARED, share_memory

HEAVY = ("networkx", "polars", "durable", "hypothesis")
ASSESSING = """
from datetime import date
from credit_engine import Dossier, Operator, assess, load_policy
print(assess(Dossier(Operator(id="P1")), load_policy("sf-restaurants"), date(2015, 1, 1)).score)
"""


@pytest.mark.parametrize("library", HEAVY)
def test_importing_the_package_loads_no_heavy_library(library: str) -> None:
    assert library not in loaded_by("import credit_engine")


@pytest.mark.parametrize("library", HEAVY)
def test_assessing_a_dossier_loads_no_heavy_library(library: str) -> None:
    assert library not in loaded_by(ASSESSING)


def test_importing_the_package_loads_none_of_its_own_modules_before_a_name_is_asked_for() -> None:
    assert not {name for name in loaded_by("import credit_engine") if name.startswith("credit_engine.")}


def test_the_command_line_loads_no_polars_before_it_says_how_memory_is_shared() -> None:
    assert "polars" not in loaded_by("import credit_engine.cli")


@pytest.mark.parametrize(("own", "told"), [(None, SHARED), ("narenas:8", "narenas:8")])
def test_threads_share_memory_unless_somebody_told_the_allocator_otherwise(
    own: str | None, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ALLOCATOR, own or "")
    if own is None:
        monkeypatch.delenv(ALLOCATOR)
    share_memory()
    assert os.environ[ALLOCATOR] == told


SESSION = """
from datetime import date
from credit_engine import Network, Operator, Session, Violation, load_policy
with Session(load_policy("delta-food"), Network([Operator(id="P1")]), day=date(2026, 1, 1), matcher="plain") as session:
    print(session.post(Violation(id="V1", party="P1", decided=date(2025, 1, 1))).day)
"""


@pytest.mark.parametrize("library", ["durable", "durable_rules_engine", "polars", "hypothesis"])
def test_a_session_of_the_plain_matcher_loads_no_durable_rules(library: str) -> None:
    assert library not in loaded_by(SESSION)


@cache
def loaded_by(code: str) -> frozenset[str]:
    """The modules that a fresh interpreter has loaded after running some code."""
    command = f"{code}\nimport sys\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True, text=True)
    return frozenset(done.stdout.split())
