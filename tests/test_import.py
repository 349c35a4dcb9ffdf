"""Importing the package is cheap: heavy libraries are loaded by those who use them."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import pytest

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


@cache
def loaded_by(code: str) -> frozenset[str]:
    """The modules that a fresh interpreter has loaded after running some code."""
    command = f"{code}\nimport sys\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True, text=True)
    return frozenset(done.stdout.split())
