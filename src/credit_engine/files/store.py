"""The prepared store: accepted records once as Parquet in party order, with the account of what was read.

`open_folder` reads a store or a plain input folder; a store gives back equal records, rejects and counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, cast

from attrs import evolve

from credit_engine.dossiers import version_key
from credit_engine.errors import InputError, Place, Problem
from credit_engine.files.entries import InputMapping
from credit_engine.files.input import Input, TableCount
from credit_engine.files.recording import Reject
from credit_engine.files.replacing import manifest_in
from credit_engine.files.results import ColumnType, Table, account_of, rejects_table, write_results
from credit_engine.files.rows import BadRow, open_rows
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
) -> Input:
    """Read an input folder (see `read_folder`), write it to `out` as a store, and return what was read."""
    read = read_folder(folder, field_types, kinds, mapping, relation_kinds=relation_kinds)
    about = {**account_of(read), "declared": _declared(field_types, kinds)}
    write_results(out, [*record_tables(read, field_types, kinds), rejects_table(read)], about, what=STORE)
    return read


def record_tables(read: Input, field_types: FieldTypes, kinds: Collection[str]) -> list[Table]:
    """The accepted records as the tables of a store, in its order; absent kinds have none."""
    return [
        _table(shape, records)
        for shape in shapes(field_types, kinds).values()
        if (records := _records(read, shape)) is not None
    ]


def open_folder(
    folder: Path | str,
    field_types: FieldTypes,
    kinds: Collection[str],
    mapping: InputMapping | None = None,
    relation_kinds: Collection[str] | None = None,
) -> Input:
    """The records of a store, or of an input folder as `read_folder` reads it."""
    manifest = manifest_in(Path(folder))
    if manifest is None or manifest["credit_engine"] != STORE:
        return read_folder(folder, field_types, kinds, mapping, relation_kinds=relation_kinds)
    _check_declared(Path(folder), manifest, _declared(field_types, kinds))
    read = read_folder(folder, field_types, kinds, relation_kinds=relation_kinds)
    return _as_first_read(Path(folder), manifest, read)


def _declared(field_types: FieldTypes, kinds: Collection[str]) -> Mapping[str, Mapping[str, str]]:
    """The declared columns of each table, with their types as text."""
    tables = shapes(field_types, kinds).items()
    return {table: {name: str(type_) for name, type_ in shape.declared.items()} for table, shape in tables}


# Any is what JSON holds
def _check_declared(folder: Path, manifest: Mapping[str, Any], declared: Mapping[str, Mapping[str, str]]) -> None:
    """A store knows the fields that it was prepared for; others would read as unknown, so it has to be made anew."""
    had = manifest.get("declared", {})
    if had != declared:
        differ = sorted(table for table in {*had, *declared} if had.get(table) != declared.get(table))
        message = f"the store was prepared for other declared fields of {', '.join(differ)}"
        raise InputError(Problem("other_fields", message, Place(str(folder)), "prepare it again under this policy"))


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


# --- reading --------------------------------------------------------------------------------------------------


def _as_first_read(folder: Path, manifest: Mapping[str, Any], read: Input) -> Input:  # Any: JSON
    """The input with the account of its first reading: counts, rejects, hashes, flags, coverage, columns."""
    account = manifest["input"]
    return evolve(
        read,
        coverage={kind: _covered(text) for kind, text in account["coverage"].items()},
        rejects=tuple(_rejects(folder)),
        counts=tuple(TableCount(**count) for count in account["counts"]),
        hashes=account["hashes"],
        flags=account["flags"],
        without_recorded=account["without_recorded"],
        ignored=tuple(account["ignored"]),
        mapping=account["mapping"],
        columns_not_read={file: tuple(names) for file, names in account["columns_not_read"].items()},
    )


def _covered(text: str) -> Any:  # Any: a day or the word absent
    return text if text == "absent" else date.fromisoformat(text)


def _rejects(folder: Path) -> Iterator[Reject]:
    rows = open_rows(folder / _REJECTS)
    for _number, row in rows.numbered:
        if isinstance(row, BadRow):
            raise InputError(Problem(row.code, row.message, Place(_REJECTS)))
        file, record, table, code, message = cast("tuple[str, int, str, str, str]", tuple(row))
        yield Reject(file, record, code, message, table)
