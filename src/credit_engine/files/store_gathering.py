"""What stands of a whole input folder: parties, relations and events in parts, regions, and the account of it.

A plain folder is read file by file into parts (`store_reading`), and a file that has not changed is not read again.
What a mapping or statements of ownership say was read into records before; these become parts as they are.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import polars as pl
from attrs import evolve, frozen

from credit_engine.dossiers import Coverage, Regions
from credit_engine.errors import InputError, Place, Problem
from credit_engine.files.covering import COVERAGE, read_stated
from credit_engine.files.entries import Entry
from credit_engine.files.gathering import consistent, event_check, in_two_tables, relation_check, settle
from credit_engine.files.input import TableCount
from credit_engine.files.recording import Candidate
from credit_engine.files.rows import hash_of
from credit_engine.files.shapes import PARTY_TABLES, Shape, TableRecord
from credit_engine.files.store_account import (
    Account,
    count_of,
    first_of,
    flags,
    in_order,
    without_recorded,
)
from credit_engine.files.store_frames import read_frame
from credit_engine.files.store_layout import AT, CODE
from credit_engine.files.store_numbers import Numbers
from credit_engine.files.store_reading import (
    Parts,
    Piece,
    Table,
    Told,
    as_rejects,
    is_whole,
    opened,
    pieces,
    put_together,
    read_piece,
)
from credit_engine.files.store_settling import Standing, each_once, read, with_intervals, without
from credit_engine.files.tables import count_of as count_of_reader
from credit_engine.files.tables import read_file
from credit_engine.files.tasks import Each, one_by_one
from credit_engine.records import Region, Versioned

_PARTS_AT_ONCE = 8


@frozen(eq=False)
class Gathered:
    """What stands: parties and events by table, relations, regions; all rejects in order, and the account."""

    party_ids: pl.Series
    tables: list[Standing]
    relations: Standing | None
    regions: Regions
    rejects: pl.DataFrame
    account: Account


@frozen(eq=False)
class _OfRegions:
    regions: Regions
    rejects: pl.DataFrame
    count: TableCount | None
    not_read: tuple[str, ...]


def gather_folder(
    folder: Path,
    files: Mapping[str, Entry],
    tables: Mapping[str, Shape],
    relation_kinds: frozenset[str] | None,
    into: Path,
    before: Path,
    each: Each = one_by_one,
) -> Gathered:
    """What stands of a plain folder. `files`: what each file fills; `into`: where parts are kept, `before`: older ones.

    `each`: who reads the files. Raises `InputError` with all problems of files.
    """
    stated = read_stated(folder, tables)
    problems = list(stated.problems)
    hashes: dict[str, str] = {}
    parts: dict[str, Parts] = {}
    of_regions = _OfRegions(Regions(), as_rejects(()), None, ())
    extra = stated.extra_columns
    of_tables = {name: entry.table for name, entry in sorted(files.items()) if entry.table != "regions"}
    read_ = _read_files(
        [Table(folder / name, tables[table], extra.get(table, frozenset())) for name, table in of_tables.items()],
        into,
        before,
        each,
    )
    for name, entry in sorted(files.items()):
        try:
            if name in read_:
                hashes[name], parts[entry.table] = _usable(read_[name])
            else:
                hashes[name] = hash_of(folder / name)
                of_regions = _regions(folder / name, entry, tables, extra)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    if (folder / COVERAGE).exists():
        hashes[COVERAGE] = hash_of(folder / COVERAGE)
    party_ids, standing = settled_parts(folder, parts, relation_kinds)
    filled = {entry.table for entry in files.values()}
    absent = [name for name, shape in tables.items() if shape.is_event and name not in filled]
    coverage: Mapping[str, Coverage] = {**stated.coverage, **dict.fromkeys(absent, "absent")}
    rejects = in_order(
        [
            of_regions.rejects,
            *(read_frame(each.parts.rejects) for each in standing.values()),
            *(each.rejects for each in standing.values()),
        ]
    )
    counts = {each.parts.table.path.name: count_of(each) for each in standing.values()}
    not_read = {each.table.path.name: each.columns_not_read for each in parts.values()}
    if of_regions.count is not None:
        counts[of_regions.count.file] = of_regions.count
        not_read[of_regions.count.file] = of_regions.not_read
    account = Account(
        coverage=coverage,
        rejects=len(rejects),
        first_rejects=first_of(rejects),
        counts=tuple(count for _file, count in sorted(counts.items())),
        hashes={**{name: hashes[name] for name in sorted(files)}, **hashes},
        flags=flags(standing.get("operators"), of_regions.regions),
        without_recorded=without_recorded(list(standing.values())),
        columns_not_read={file: names for file, names in sorted(not_read.items()) if names},
    )
    relations = standing.pop("relations", None)
    return Gathered(party_ids, list(standing.values()), relations, of_regions.regions, rejects, account)


# --- parts ----------------------------------------------------------------------------------------------------


Problems = tuple[Problem, ...]  # of a file that cannot be used as a whole
Read = tuple[str, Parts]  # the hash of a file, and what was read of it


def _read_files(tables: list[Table], into: Path, before: Path, each: Each) -> dict[str, Read | Problems]:
    """What was read of each file, by its name; in pieces, but for those that are taken over from an older store."""
    hashes = zip(tables, each(_hash_of, tables), strict=True)
    found = {table.path.name: _looked_at(into, before, table, one) for table, one in hashes}
    waiting = [piece for one in found.values() if isinstance(one, _Waiting) for piece in one.pieces]
    told: dict[str, list[list[Told] | Problems]] = {}
    for piece, part in zip(waiting, each(_read_piece, waiting), strict=True):
        told.setdefault(piece.table.path.name, []).append(part)
    return {
        table.path.name: _together(table, one, told[table.path.name]) if isinstance(one, _Waiting) else one
        for table in tables
        if (one := found[table.path.name])
    }


@frozen
class _Waiting:
    """A file that has to be read: its hash, the folder for its parts, and its pieces."""

    hash: str
    folder: Path
    pieces: list[Piece]


def _hash_of(table: Table) -> str | Problems:
    try:
        return hash_of(table.path)
    except InputError as error:
        return error.problems


def _looked_at(into: Path, before: Path, table: Table, file_hash: str | Problems) -> Read | _Waiting | Problems:
    """The parts of a file, taken over from an older store where the file is the same and they are whole."""
    if not isinstance(file_hash, str):
        return file_hash
    key = table.key(file_hash)
    (into / key).mkdir(parents=True)
    if is_whole(before / key):
        for path in sorted((before / key).iterdir()):
            _take_over(path, into / key / path.name)
        return file_hash, opened(table, into / key)
    try:
        return _Waiting(file_hash, into / key, pieces(table, into / key))
    except InputError as error:
        return error.problems


def _read_piece(piece: Piece) -> list[Told] | Problems:
    try:
        return read_piece(piece)
    except InputError as error:
        return error.problems


def _together(table: Table, waiting: _Waiting, told: list[list[Told] | Problems]) -> Read | Problems:
    wrong = [problem for one in told for problem in one if isinstance(problem, Problem)]
    if wrong:
        return tuple(dict.fromkeys(wrong))  # each piece of a file may say the same of it
    every = [each for one in told for each in one if isinstance(each, Told)]
    return waiting.hash, put_together(table, waiting.folder, every)


def _usable(found: Read | Problems) -> Read:
    match found:
        case (str() as file_hash, Parts() as parts):
            return file_hash, parts
    raise InputError([problem for problem in found if isinstance(problem, Problem)])


def _take_over(path: Path, place: Path) -> None:
    try:
        os.link(path, place)
    except OSError:  # another disk, or one without links
        shutil.copyfile(path, place)


def _regions(path: Path, entry: Entry, tables: Mapping[str, Shape], extra: Mapping[str, frozenset[str]]) -> _OfRegions:
    (reader,) = read_file(path, [(0, entry)], tables, extra)
    standing = consistent(settle(reader.candidates))
    regions = Regions(tuple(_region(each) for each in standing))
    return _OfRegions(regions, as_rejects(reader.rejects), count_of_reader(reader), reader.columns_not_read)


def _region(candidate: Candidate) -> Region:
    if not isinstance(candidate.record, Region):
        raise TypeError(candidate.record)
    return candidate.record


# --- settling -------------------------------------------------------------------------------------------------


def settled_parts(
    folder: Path, parts_of: Mapping[str, Parts], relation_kinds: frozenset[str] | None
) -> tuple[pl.Series, dict[str, Standing]]:
    """The ids of all parties in code-point order, and what stands of each table, parties first.

    Raises `InputError` where there is no operator at all.
    """
    standing = {table: each_once(parts_of[table]) for table in PARTY_TABLES if table in parts_of}
    standing = {table: _in_one_table(each, standing) for table, each in standing.items()}
    ids = [each.rows().select("id").collect(engine="streaming").to_series() for each in standing.values()]
    party_ids = pl.concat(ids).unique().sort() if ids else pl.Series("id", [], pl.String)
    if "operators" not in standing or not len(ids[0]):
        _refuse_no_operators(folder, standing.get("operators"))
    numbers = Numbers(party_ids)
    for table, each in standing.items():
        standing[table] = evolve(each, parties=_numbers(each.parts, "id", numbers))
    for table, parts in sorted(parts_of.items()):
        if table not in PARTY_TABLES:
            standing[table] = _of_known_parties(each_once(parts), numbers, relation_kinds)
    return party_ids, {table: with_intervals(each) for table, each in standing.items()}


def _numbers(parts: Parts, column: str, numbers: Numbers) -> pl.Series:
    """The numbers of the parties of all rows, some parts at a time."""
    found = [pl.Series("number", [], CODE)]
    for start in range(0, len(parts.parts), _PARTS_AT_ONCE):
        paths = parts.parts[start : start + _PARTS_AT_ONCE]
        rows = pl.scan_parquet(paths, glob=False, hive_partitioning=False).select(column)
        found.append(numbers.of(rows.collect().to_series()))  # in the order of the file
    return pl.concat(found)


def _in_one_table(standing: Standing, tables: Mapping[str, Standing]) -> Standing:
    """The parties of a table without those whose id stands in the other one too."""
    rows = standing.rows()
    for other in tables.values():
        if other is not standing:
            rows = rows.join(other.rows().select("id"), on="id", how="semi")
    if len(tables) == 1:
        return standing
    wrong = rows.select(AT).collect(engine="streaming")
    return without(standing, wrong, lambda candidate: in_two_tables(_id(candidate.record)))


def _id(record: TableRecord) -> str:
    if not isinstance(record, Versioned):
        raise TypeError(record)
    return record.id


def _of_known_parties(standing: Standing, numbers: Numbers, kinds: frozenset[str] | None) -> Standing:
    """The events or relations of a table without those of parties that nobody knows, or of no known kind."""
    parts = standing.parts
    ends = ["party"] if standing.shape.is_event else ["source", "target"]
    found = {end: _numbers(parts, end, numbers) for end in ends}
    standing = evolve(standing, parties=found[ends[0]])
    wrong = pl.lit(value=False)
    for of_end in found.values():
        wrong |= pl.lit(of_end).is_null()
    if kinds is not None and not standing.shape.is_event:
        wrong |= pl.col("kind").is_in(sorted(kinds)).not_()
    if not parts.parts or (not any(of_end.null_count() for of_end in found.values()) and standing.shape.is_event):
        return standing
    names = [AT, *ends, *(["kind"] if not standing.shape.is_event else [])]
    rows = read(parts).select(names).collect().filter(wrong)
    if not len(rows):
        return standing
    named = pl.concat([rows.get_column(end) for end in ends]).unique()
    there = set(named.filter(numbers.of(named).is_not_null()))
    check = event_check(there) if standing.shape.is_event else relation_check(there, kinds)
    return without(standing, rows.select(AT), check)


def _refuse_no_operators(folder: Path, operators: Standing | None) -> None:
    problems = [Problem("no_operators", "no operator could be read", Place(str(folder)))]
    if operators is not None:
        rejects = in_order([read_frame(operators.parts.rejects), operators.rejects])
        problems += [Problem(each.code, each.message, Place(each.file, each.record)) for each in first_of(rejects, 5)]
    raise InputError(problems)
