"""What the tables of a folder cover, as `coverage.yaml` says: `KIND: absent` or `KIND: {from: DAY}`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from credit_engine.dossiers import Coverage
from credit_engine.errors import InputError, PolicyError, Problem
from credit_engine.files.shapes import Shape
from credit_engine.policy.files import Map, did_you_mean, place_of, read_yaml
from credit_engine.records import in_words

COVERAGE = "coverage.yaml"


def read_coverage(folder: Path, tables: Mapping[str, Shape]) -> Mapping[str, Coverage]:
    """Coverage by kind of event; empty without the file. Raises `InputError` with all problems."""
    path = folder / COVERAGE
    if not path.exists():
        return {}
    try:
        said = read_yaml(path)
    except PolicyError as error:
        raise InputError(error.problems) from error
    kinds = [name for name, shape in tables.items() if shape.is_event]
    problems: list[Problem] = []
    coverage: dict[str, Coverage] = {}
    for kind, value in said.items():
        if kind not in kinds:
            hint = did_you_mean(kind, kinds)
            problems.append(Problem("unknown_kind", f"no kind of event {in_words(kind)}", place_of(said, kind), hint))
        elif value == "absent":
            coverage[str(kind)] = "absent"
        elif isinstance(value, Map) and set(value) == {"from"} and type(value["from"]) is date:
            coverage[str(kind)] = value["from"]
        else:
            hint = "write `KIND: absent` or `KIND: {from: 2024-01-01}`"
            problems.append(Problem("wrong_type", f"{in_words(value)} says no coverage", place_of(said, kind), hint))
    if problems:
        raise InputError(problems)
    return coverage
