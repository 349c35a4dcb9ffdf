"""What `coverage.yaml` says of a folder: what its tables cover, and which columns are there for other policies.

`KIND: absent` or `KIND: {from: DAY}`; `extra_columns: {TABLE: [COLUMN, ...]}`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path

from attrs import field, frozen

from credit_engine.dossiers import Coverage
from credit_engine.errors import PolicyError, Problem
from credit_engine.files.rows import format_of
from credit_engine.files.shapes import Shape
from credit_engine.policy.files import Map, did_you_mean, place_of, read_yaml
from credit_engine.records import in_words

COVERAGE = "coverage.yaml"
EXTRA_COLUMNS = "extra_columns"


@frozen
class Stated:
    """Coverage by kind of event, and by table the columns that a policy may leave undeclared; what is wrong with it."""

    coverage: Mapping[str, Coverage] = field(factory=dict, hash=False)
    extra_columns: Mapping[str, frozenset[str]] = field(factory=dict, hash=False)
    problems: tuple[Problem, ...] = ()


def read_stated(folder: Path, tables: Mapping[str, Shape]) -> Stated:
    """What the file says, with all problems; nothing without the file."""
    path = folder / COVERAGE
    if not path.exists():
        return Stated()
    try:
        said = read_yaml(path)
    except PolicyError as error:
        return Stated(problems=tuple(error.problems))
    kinds = [name for name, shape in tables.items() if shape.is_event]
    problems: list[Problem] = []
    coverage: dict[str, Coverage] = {}
    extra: Mapping[str, frozenset[str]] = {}
    for kind, value in said.items():
        if kind == EXTRA_COLUMNS:
            names = {*tables, *(file.name.removesuffix(format_of(file.name)) for file in folder.iterdir())}
            extra = _extra_columns(said, names, tables, problems)
        elif kind not in kinds:
            hint = did_you_mean(kind, [*kinds, EXTRA_COLUMNS])
            problems.append(Problem("unknown_kind", f"no kind of event {in_words(kind)}", place_of(said, kind), hint))
        elif value == "absent":
            coverage[str(kind)] = "absent"
        elif isinstance(value, Map) and set(value) == {"from"} and type(value["from"]) is date:
            coverage[str(kind)] = value["from"]
        else:
            hint = "write `KIND: absent` or `KIND: {from: 2024-01-01}`"
            problems.append(Problem("wrong_type", f"{in_words(value)} says no coverage", place_of(said, kind), hint))
    return Stated(coverage, extra, tuple(problems))


def _extra_columns(
    said: Map, names: Collection[str], tables: Mapping[str, Shape], problems: list[Problem]
) -> Mapping[str, frozenset[str]]:
    """The announced columns by table. A table of a kind that only other policies know may be named if it is there."""
    section = said[EXTRA_COLUMNS]
    if not isinstance(section, Map):
        hint = "write `extra_columns: {violation: [COLUMN, ...]}`"
        message = f"{in_words(section)} names no columns by table"
        problems.append(Problem("wrong_type", message, place_of(said, EXTRA_COLUMNS), hint))
        return {}
    extra: dict[str, frozenset[str]] = {}
    for table, columns in section.items():
        place = place_of(section, table)
        if table not in names:
            hint = did_you_mean(table, tables)
            problems.append(Problem("unknown_table", f"no table is called {in_words(table)}", place, hint))
        elif not isinstance(columns, list) or not all(isinstance(name, str) and name for name in columns):
            hint = f"write `{table}: [COLUMN, ...]`"
            problems.append(Problem("wrong_type", f"{in_words(columns)} is no list of columns", place, hint))
        else:
            extra[str(table)] = frozenset(columns)
    return extra
