"""The real data that tests are judged on: where it is, and how its rows become questions.

The data is not part of the project. `CREDIT_ENGINE_REAL_DATA` names its folder, relative to the project's own folder.
"""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from credit_engine import Assessment, Dossier, Policy, assess, load_policy
from credit_engine.files.mappings import load_mapping
from credit_engine.files.tables import Input, read_folder

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
VARIABLE = "CREDIT_ENGINE_REAL_DATA"


def data_folder(name: str) -> Path:
    """The folder of one city or country; without the variable the test is skipped, without the folder it fails."""
    named = os.environ.get(VARIABLE)
    if not named:
        pytest.skip(f"real data is not part of the project: set {VARIABLE} to its folder")
    folder = (PROJECT / named / name).resolve()
    if not folder.is_dir():
        pytest.fail(f"{VARIABLE} is {named!r}, but there is no folder {folder}")
    return folder


@cache
def rows(path: Path) -> tuple[Mapping[str, str], ...]:
    """The rows of a gzipped CSV file as they stand, read without the library."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


class City:
    """One city's records under a policy: reads the folder once and answers questions about its parties."""

    def __init__(self, policy: Policy, mapping: Path | str, folder: Path) -> None:
        self.policy = policy
        plan = policy.plan
        self.input: Input = read_folder(folder, plan.field_types, plan.kinds, load_mapping(mapping), plan.relations)
        self._dossiers: dict[str, Dossier] = {}

    def on(self, party: str, day: date, event: str | None = None) -> Assessment:
        """The answer for one row of a panel: (party, day[, event])."""
        dossier = self._dossiers.get(party)
        if dossier is None:
            dossier = self._dossiers[party] = self.input.dossier(party)
        return assess(dossier, self.policy, day, event=event)


def own_city(name: str, folder: Path) -> City:
    """A city whose policy and mapping stand beside the tests, in a folder of this name."""
    return City(load_policy(HERE / name), HERE / name / "mapping.yaml", folder)


def answers(city: City, panel: Sequence[tuple[str, date, str | None]]) -> Iterator[Assessment]:
    """The answers to a panel, in its order."""
    return (city.on(party, day, event) for party, day, event in panel)
