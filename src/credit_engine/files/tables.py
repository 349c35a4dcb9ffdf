"""An input folder as records: every row of every table accepted, rejected with a reason, or skipped by the mapping.

`read_folder` is the story: find the files, read each once into the tables it fills, settle what stands, cover the
rest. A folder, file or header that cannot be used as a whole is one `InputError` with all problems.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from attrs import evolve

from credit_engine.dossiers import Coverage, Regions
from credit_engine.errors import InputError, Place, Problem
from credit_engine.files.bods import read_statements
from credit_engine.files.covering import COVERAGE, Stated, read_stated
from credit_engine.files.entries import Entry, InputMapping
from credit_engine.files.finding import Positioned, files_to_read
from credit_engine.files.gathering import Gathered, gather
from credit_engine.files.input import Input, TableCount, dossiers
from credit_engine.files.recording import EntryReader, Reject
from credit_engine.files.rows import hash_of, open_rows
from credit_engine.files.shapes import ORIGIN, FieldTypes, Shape, shapes
from credit_engine.identifiers import check_credit_code, check_food_licence, check_region
from credit_engine.records import Operator

__all__ = ["Input", "Reject", "TableCount", "dossiers", "read_folder"]


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Reading makes hundreds of thousands of records and no cycles; looking for cycles meanwhile doubles its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_collector_at_rest()
def read_folder(
    folder: Path | str,
    field_types: FieldTypes,
    kinds: Collection[str],
    mapping: InputMapping | None = None,
    relation_kinds: Collection[str] | None = None,
) -> Input:
    """The records of an input folder.

    `field_types`, `kinds`, `relation_kinds`: what the policy knows (`Plan.field_types`, `Plan.kinds`,
    `Plan.relations`; any kind of relation if not given). Raises `InputError` with all problems of files.
    """
    folder = Path(folder)
    tables = shapes(field_types, kinds)
    files, ignored = files_to_read(folder, tables, mapping)
    stated = read_stated(folder, tables)
    readers, problems = _read_all(folder, files, tables, stated)
    problems += stated.problems
    if problems:
        raise InputError(problems)
    gathered = gather(readers, None if relation_kinds is None else frozenset(relation_kinds))
    _refuse_no_operators(folder, gathered, readers)
    filled = {reader.shape.table for reader in readers}
    absent = [name for name, shape in tables.items() if shape.is_event and name not in filled]
    coverage: Mapping[str, Coverage] = {**stated.coverage, **dict.fromkeys(absent, "absent")}
    read = _input(folder, gathered, readers, coverage)
    return evolve(read, ignored=ignored, mapping=mapping.name if mapping else "")


# --- reading --------------------------------------------------------------------------------------------------


def _read_all(
    folder: Path, files: Mapping[str, list[Positioned]], tables: Mapping[str, Shape], stated: Stated
) -> tuple[list[EntryReader], list[Problem]]:
    """Each file read into the tables it fills, and what makes whole files unusable."""
    readers: list[EntryReader] = []
    problems: list[Problem] = []
    for name, entries in sorted(files.items()):
        try:
            if entries:
                readers += read_file(folder / name, entries, tables, stated.extra_columns)
            else:
                readers += read_statements(folder / name, tables)
        except InputError as error:
            problems += error.problems
    return readers, problems


def read_file(
    path: Path, entries: Sequence[Positioned], tables: Mapping[str, Shape], extra: Mapping[str, frozenset[str]]
) -> list[EntryReader]:
    """The readers of one file after it has been read; entries that differ in encoding or form read it anew."""
    readers: list[EntryReader] = []
    ways = dict.fromkeys((entry.encoding, entry.delimiter, entry.header_line) for _position, entry in entries)
    for way in ways:
        here = [(at, each) for at, each in entries if (each.encoding, each.delimiter, each.header_line) == way]
        columns = _json_columns([entry for _position, entry in here], tables)
        plain = all(entry.sources is None for _position, entry in here)
        beside = frozenset[str]().union(*(extra.get(entry.table, frozenset()) for _position, entry in here))
        form = {"encoding": way[0], "delimiter": way[1]}
        rows = open_rows(path, columns=columns, closed=plain, beside=beside, header_line=way[2], **form)
        fresh = [EntryReader(entry, tables[entry.table], rows, path.name, at, beside) for at, entry in here]
        for number, row in rows.numbered:
            for reader in fresh:
                reader.take(number, row)
        readers += fresh
    return readers


def _json_columns(entries: Sequence[Entry], tables: Mapping[str, Shape]) -> tuple[str, ...]:
    """What a JSONL file is read by: our own columns, or those that the mapping names."""
    names: dict[str, None] = {}
    for entry in entries:
        own = (*tables[entry.table].columns, *ORIGIN)
        names |= dict.fromkeys(own if entry.sources is None else entry.columns())
    return tuple(names)


# --- putting together -----------------------------------------------------------------------------------------


def _refuse_no_operators(folder: Path, gathered: Gathered, readers: Sequence[EntryReader]) -> None:
    if any(isinstance(versions[0], Operator) for versions in gathered.parties.values()):
        return
    found = [reject for reader in readers for reject in reader.rejects if reject.table == "operators"]
    why = sorted(found, key=lambda each: (each.file, each.record, each.code, each.message))
    problems = [Problem("no_operators", "no operator could be read", Place(str(folder)))]
    problems += [Problem(each.code, each.message, Place(each.file, each.record)) for each in why[:5]]
    raise InputError(problems)


def _input(
    folder: Path,
    gathered: Gathered,
    readers: Sequence[EntryReader],
    coverage: Mapping[str, Coverage],
) -> Input:
    regions = Regions(gathered.regions)
    rejects = [reject for reader in readers for reject in reader.rejects]
    read = sorted({reader.file for reader in readers})
    names = [*read, COVERAGE] if (folder / COVERAGE).exists() else read
    return Input(
        parties=gathered.parties,
        regions=regions,
        relations=gathered.relations,
        events=gathered.events,
        coverage=coverage,
        rejects=tuple(sorted(rejects, key=lambda each: (each.file, each.record, each.table, each.code, each.message))),
        counts=tuple(count_of(reader) for reader in readers),
        hashes={name: hash_of(folder / name) for name in names},
        flags=_flags(gathered, regions),
        without_recorded=gathered.without_recorded,
        columns_not_read={reader.file: reader.columns_not_read for reader in readers if reader.columns_not_read},
    )


def count_of(reader: EntryReader) -> TableCount:
    """What became of the rows that a reader took."""
    skipped, rejected = sum(reader.skipped.values()), len(reader.rejects)
    return TableCount(
        file=reader.file,
        table=reader.shape.table,
        read=reader.read,
        accepted=reader.read - rejected - skipped,
        rejected=rejected,
        skipped=skipped,
        duplicates=reader.duplicates,
        reasons=dict(sorted(reader.skipped.items())),
    )


def _flags(gathered: Gathered, regions: Regions) -> Mapping[str, int]:
    """How often each soft check failed, over all versions of operators."""
    found: Counter[str] = Counter()
    for versions in gathered.parties.values():
        for version in versions:
            if isinstance(version, Operator):
                found.update(operator_flags(version, regions))
    return dict(sorted(found.items()))


def operator_flags(operator: Operator, regions: Regions) -> Iterator[str]:
    """The codes of what looks wrong; whether a region is valid on the day judged is not for the reader to say."""
    if operator.credit_code:
        yield from (flag.code for flag in check_credit_code(operator.credit_code))
    for licence in operator.licences or ():
        yield from (flag.code for flag in check_food_licence(licence))
    if operator.region and regions.on(operator.region, date.max) is None:
        yield from (flag.code for flag in check_region(operator.region, regions, date.max))
