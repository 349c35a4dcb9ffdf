"""Which files of a folder fill which tables; what is missing, twice there, or misspelt is one `InputError`."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from attrs import evolve

from credit_engine.errors import InputError, Place, Problem
from credit_engine.files.bods import is_statements
from credit_engine.files.entries import Entry, InputMapping
from credit_engine.files.oddities import no_files
from credit_engine.files.rows import format_of
from credit_engine.files.shapes import Shape, file_names
from credit_engine.policy.places import did_you_mean

Positioned = tuple[int, Entry]
KEPT = frozenset({"coverage.yaml", "manifest.json"})  # what else belongs to an input folder
_ALMOST = 0.8  # how alike two names are when one is taken for a slip of the other


def files_to_read(
    folder: Path, tables: Mapping[str, Shape], mapping: InputMapping | None
) -> tuple[Mapping[str, list[Positioned]], tuple[str, ...]]:
    """The entries that each file fills, with their positions, and the table files that nothing reads.

    A file of statements (see `bods`) has none: it fills several tables.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        inside = [path.name for path in paths if path.is_file()]
    except OSError as error:
        code = "missing_folder" if not folder.exists() else "unreadable"
        message = f"the input folder cannot be read: {error.strerror or error}"
        raise InputError(Problem(code, message, Place(str(folder)), "check the path")) from error
    names = [name for name in inside if format_of(name)]
    statements = [name for name in inside if is_statements(name)]
    if mapping is None:
        entries, problems = _plain([name for name in names if name not in statements], tables)
        problems += _other_endings([name for name in inside if name not in statements], tables)
    else:
        entries, problems = _mapped(folder, names, tables, mapping)
    problems += no_files(paths, lambda name: _is_called_as_a_table(name, tables, mapping))
    stated = ["operators"] if statements else []
    have = [*stated, *(entry.table for _position, entry in entries)]
    problems += _missing_tables(folder, have, tables) if mapping is None else _unfilled(have, tables, mapping)
    if problems:
        raise InputError(problems)
    files: dict[str, list[Positioned]] = {}
    for position, entry in entries:
        files.setdefault(entry.file, []).append((position, entry))
    files |= {name: [] for name in statements if name not in files}
    return files, tuple(name for name in inside if name not in files and name not in KEPT)


def _is_called_as_a_table(name: str, tables: Mapping[str, Shape], mapping: InputMapping | None) -> bool:
    if mapping is not None:
        return any(fnmatch.fnmatchcase(name, entry.file) for entry in mapping.entries)
    stem = name.removesuffix(format_of(name))
    return stem != name and any(stem in file_names(shape) for shape in tables.values())


def _other_endings(names: Sequence[str], tables: Mapping[str, Shape]) -> list[Problem]:
    """A problem for each file that is called as a table is, but ends in a way that is not read."""
    stems = {stem for shape in tables.values() for stem in file_names(shape)}
    hint = "it is read as .csv, .csv.gz, .jsonl, .jsonl.gz or .parquet, in small letters; another name keeps it out"
    return [
        Problem("unknown_table", f"{name!r} is called as a table is, but is none that is read", Place(name), hint)
        for name in names
        if not format_of(name) and name.split(".")[0].lower() in stems and name not in KEPT
    ]


def _plain(names: Sequence[str], tables: Mapping[str, Shape]) -> tuple[list[Positioned], list[Problem]]:
    table_of = {stem: shape.table for shape in tables.values() for stem in file_names(shape)}
    found: dict[str, str] = {}
    problems = []
    for name in names:
        stem = name.removesuffix(format_of(name))
        table = table_of.get(stem)
        if table is None:
            problems += _slip(name, stem, table_of)
        elif table in found:
            message = f"the table {table} also stands in {found[table]}"
            problems.append(Problem("two_files", message, Place(name), "keep one of them"))
        else:
            found[table] = name
    return [(0, Entry(table, file)) for table, file in found.items()], problems


def _mapped(
    folder: Path, names: Sequence[str], tables: Mapping[str, Shape], mapping: InputMapping
) -> tuple[list[Positioned], list[Problem]]:
    entries: list[Positioned] = []
    problems = []
    for position, entry in enumerate(mapping.entries):
        if entry.table not in tables:
            message = f"the mapping {mapping.name} fills {entry.table!r}, which the policy does not know"
            problems.append(Problem("unknown_table", message, Place(mapping.name), did_you_mean(entry.table, tables)))
            continue
        problems += _unknown_fields(entry, tables[entry.table], mapping.name)
        matching = [name for name in names if fnmatch.fnmatchcase(name, entry.file)]
        entries += [(position, evolve(entry, file=name)) for name in matching]
        if not matching and not entry.optional:
            message = f"no file {entry.file!r}, from which the mapping {mapping.name} fills {entry.table}"
            problems.append(Problem("missing_file", message, Place(str(folder)), "optional: true lets it be missing"))
    return entries, problems


def _unknown_fields(entry: Entry, shape: Shape, mapping: str) -> list[Problem]:
    names = {*(entry.sources or {}), *entry.constants}
    return [
        Problem(
            "unknown_field",
            f"{shape.table} has no field {name!r}",
            Place(mapping),
            did_you_mean(name, shape.columns) or "declare it under `fields:` of the policy",
        )
        for name in sorted(names - set(shape.columns))
    ]


def _missing_tables(folder: Path, have: Collection[str], tables: Mapping[str, Shape]) -> list[Problem]:
    problems = []
    if "operators" not in have:
        hint = "operators.csv (.csv.gz, .jsonl, .jsonl.gz, .parquet) is needed"
        problems.append(Problem("no_operators", "there is no table of operators", Place(str(folder)), hint))
    if not any(tables[table].is_event for table in have):
        hint = "name it after a kind of event, for example violations.csv or inspections.csv"
        problems.append(Problem("no_events", "there is no table of events", Place(str(folder)), hint))
    return problems


def _unfilled(have: Collection[str], tables: Mapping[str, Shape], mapping: InputMapping) -> list[Problem]:
    """The same for a mapping, which must fill them: what the files are called then says nothing."""
    place, problems = Place(mapping.name), []
    if "operators" not in have:
        message = f"the mapping {mapping.name} fills no table of operators"
        hint = "add `- {table: operators, file: ..., id: ...}` to its tables"
        problems.append(Problem("no_operators", message, place, hint))
    if not any(tables[table].is_event for table in have):
        message = f"the mapping {mapping.name} fills no table of events"
        hint = "add a table of a kind of event to it, for example `- {table: violation, file: ..., id: ...}`"
        problems.append(Problem("no_events", message, place, hint))
    return problems


def _slip(name: str, stem: str, known: Collection[str]) -> list[Problem]:
    """A problem if a name is nearly that of a table: a file that is left out by mistake would read as absent."""
    close = difflib.get_close_matches(stem, sorted(known), n=1, cutoff=_ALMOST)
    hint = f"did you mean {close[0]!r}? Another name keeps the file out" if close else ""
    return [Problem("unknown_table", f"no table is called {stem!r}", Place(name), hint)] if close else []
