"""The prepared store: accepted records once as Parquet in party order, with the account of what was read.

`open_folder` reads a store or a plain input folder; a store gives back equal records, rejects and counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from credit_engine.dossiers import version_key
from credit_engine.files.entries import InputMapping
from credit_engine.files.input import Input
from credit_engine.files.replacing import manifest_in
from credit_engine.files.results import ColumnType, Table
from credit_engine.files.shapes import ORIGIN, FieldTypes, Shape, TableRecord, shapes
from credit_engine.files.tables import read_folder
from credit_engine.quantities import FieldType
from credit_engine.records import Event, Operator, Person, Region, Versioned

STORE = "store"
_REJECTS = "rejects.parquet"
_COLUMN_TYPES: Mapping[str, ColumnType] = {
    "int": "int",
    "money": "int",
    "decimal": "decimal",
    "date": "date",
    "bool": "bool",
}


def prepare(
    folder: Path | str,
    out: Path | str,
    field_types: FieldTypes,
    kinds: Collection[str],
    mapping: InputMapping | None = None,
    *,
    relation_kinds: Collection[str] | None = None,
    buckets: int | None = None,
) -> Input:
    """Prepare a folder (`store_preparing.prepare_store`) and return the records of the store: for small folders."""
    from credit_engine.files.store_preparing import prepare_store  # noqa: PLC0415  # polars: only where it is needed

    prepare_store(folder, out, field_types, kinds, mapping, relation_kinds=relation_kinds, buckets=buckets)
    return open_folder(out, field_types, kinds)


def record_tables(read: Input, field_types: FieldTypes, kinds: Collection[str]) -> list[Table]:
    """The accepted records as the tables of a store, in its order; absent kinds have none."""
    return [
        _table(shape, records)
        for shape in shapes(field_types, kinds).values()
        if (records := _records(read, shape)) is not None
    ]


def is_store(folder: Path) -> bool:
    """Whether a folder is a prepared store."""
    manifest = manifest_in(folder)
    return manifest is not None and manifest["credit_engine"] == STORE


def open_folder(
    folder: Path | str,
    field_types: FieldTypes,
    kinds: Collection[str],
    mapping: InputMapping | None = None,
    relation_kinds: Collection[str] | None = None,
) -> Input:
    """The records of a store, or of an input folder as `read_folder` reads it."""
    if not is_store(Path(folder)):
        return read_folder(folder, field_types, kinds, mapping, relation_kinds=relation_kinds)
    from credit_engine.files.store_dossiers import input_from  # noqa: PLC0415  # polars: only where it is needed
    from credit_engine.files.store_opening import open_store  # noqa: PLC0415

    return input_from(open_store(folder, field_types, kinds))


# --- writing --------------------------------------------------------------------------------------------------


def _records(read: Input, shape: Shape) -> Sequence[TableRecord] | None:
    """The records of a table in the order of the store, or none where the table is absent."""
    if shape.is_event:
        if read.coverage.get(shape.table) == "absent":
            return None
        unique = {id(each): each for events in read.events.values() for each in events if each.kind == shape.table}
        return sorted(unique.values(), key=_event_order)
    if shape.record is Region:
        return [row for _code, rows in sorted(read.regions.rows.items()) for row in rows]
    if shape.record in (Operator, Person):
        return [version for versions in read.parties.values() for version in versions if type(version) is shape.record]
    return sorted(read.relations, key=_order)


def _order(record: Versioned) -> tuple[str, date, int]:
    return (record.id, *version_key(record))


def _event_order(record: Event) -> tuple[str, str, date, int]:
    return (record.party, *_order(record))


def _table(shape: Shape, records: Iterable[TableRecord]) -> Table:
    columns = [(name, column_type(type_)) for name, type_ in shape.columns.items()]
    origin = [(name, column_type(type_)) for name, type_ in ORIGIN.items()] if shape.record is not Region else []
    return Table(shape.table, (*columns, *origin), _rows(shape, records))


def _rows(shape: Shape, records: Iterable[TableRecord]) -> Iterator[list[object]]:
    writers = [_cell_writer(type_) for type_ in shape.columns.values()]
    for record in records:
        cells = shape.cells(record).values()
        row = [None if cell is None else write(cell) for write, cell in zip(writers, cells, strict=True)]
        if isinstance(record, Versioned):
            origin = record.read_from
            row += [origin.file, origin.record] if origin else [None, None]
        yield row


def column_type(type_: FieldType) -> ColumnType:
    """How a field of this type stands in the tables of a store: lists as texts, records in them as JSON."""
    if type_.of is not None and type_.of.name != "record":
        return "texts"
    return _COLUMN_TYPES.get(type_.name, "text")


def _cell_writer(type_: FieldType) -> Callable[[Any], object]:  # Any: a value of the type
    if type_.of is not None and type_.of.name == "record":
        return lambda value: json.dumps([_plain(each) for each in value], ensure_ascii=False)
    if type_.name == "set":
        return lambda value: sorted(map(str, value))
    if type_.name == "list":
        return lambda value: [_element(each) for each in value]
    return (lambda value: value) if type_.name in _COLUMN_TYPES else str


def _plain(record: Mapping[str, object]) -> Mapping[str, object]:
    return {name: _element(value) for name, value in sorted(record.items())}


def _element(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
