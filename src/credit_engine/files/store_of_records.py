"""Records that were read before, as parts of a store: what mappings and statements of ownership say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from credit_engine.files.input import Input
from credit_engine.files.shapes import PARTY_TABLES, Shape
from credit_engine.files.store_account import Account, first_of
from credit_engine.files.store_frames import write_frame
from credit_engine.files.store_gathering import Gathered, settled_parts
from credit_engine.files.store_reading import CHUNK, Parts, Table, as_cells, as_rejects
from credit_engine.records import Versioned


def gather_input(read: Input, tables: Mapping[str, Shape], into: Path) -> Gathered:
    """What stands of an input: everything, for what does not was refused before."""
    parts = {shape.table: _as_parts(shape, _records(read, shape), into) for shape in tables.values()}
    present = {
        table: each
        for table, each in parts.items()
        if table != "regions" and (each.parts or tables[table].is_event) and read.coverage.get(table) != "absent"
    }
    party_ids, standing = settled_parts(Path(), present, None)
    rejects = as_rejects(read.rejects)
    account = Account(
        coverage=read.coverage,
        rejects=len(rejects),
        first_rejects=first_of(rejects),
        counts=read.counts,
        hashes=read.hashes,
        flags=read.flags,
        without_recorded=read.without_recorded,
        ignored=read.ignored,
        mapping=read.mapping,
        columns_not_read=read.columns_not_read,
    )
    relations = standing.pop("relations", None)
    return Gathered(party_ids, list(standing.values()), relations, read.regions, rejects, account)


def _records(read: Input, shape: Shape) -> Iterator[Versioned]:
    if shape.is_event:
        unique = {id(each): each for events in read.events.values() for each in events if each.kind == shape.table}
        yield from unique.values()
    elif shape.table in PARTY_TABLES:
        every = (version for versions in read.parties.values() for version in versions)
        yield from (version for version in every if type(version) is shape.record)
    elif shape.table == "relations":
        yield from read.relations


def _as_parts(shape: Shape, records: Iterator[Versioned], into: Path) -> Parts:
    """Records as parts, numbered from 1; where each was read goes with it."""
    rows = []
    for number, record in enumerate(records, 1):
        origin = record.read_from
        where = {} if origin is None else {"from_file": origin.file, "from_record": origin.record}
        rows.append((number, {**shape.cells(record), **where}))
    folder = into / shape.table
    folder.mkdir(parents=True)
    paths = []
    for start in range(0, len(rows), CHUNK):
        paths.append(folder / f"part-{start // CHUNK:05d}.parquet")
        write_frame(as_cells(shape, rows[start : start + CHUNK]), paths[-1])
    write_frame(as_rejects(()), folder / "rejects.parquet")
    return Parts(Table(Path(shape.table), shape), paths, folder / "rejects.parquet", len(rows), 0, ())
