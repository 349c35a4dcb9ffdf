"""Result tables: Parquet, CSV or JSONL files with a manifest, put in place whole.

The caller fixes the order of rows; the same rows give the same bytes. The hash of a table is that of its canonical
rows, so it is the same in every format.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from importlib import metadata
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen

from credit_engine.days import working_calendar
from credit_engine.errors import OutputError, Place, Problem
from credit_engine.files.input import Input
from credit_engine.files.replacing import MANIFEST, open_for_writing, write_folder
from credit_engine.quantities import decimal_text

if TYPE_CHECKING:
    import polars as pl

ColumnType = Literal["text", "int", "decimal", "date", "bool", "texts"]
Format = Literal["parquet", "csv", "jsonl"]
RESULT = "result"
_CHUNK = 50_000
_COUNTED = ("file", "table", "read", "accepted", "rejected", "skipped", "duplicates")
_ROW_GROUP = 100_000


@frozen
class Table:
    """A table to write: its name, its columns with their types, and its rows in order.

    Cells: `text` str, `int` int, `decimal` whole thousandths, `date` date, `bool` bool, `texts` a list of texts in
    order; `None` is unknown.
    """

    name: str
    columns: tuple[tuple[str, ColumnType], ...]
    rows: Iterable[Sequence[Any]] = field(eq=False)  # Any: as the columns say


def write_results(
    out: Path | str,
    tables: Sequence[Table],
    about: Mapping[str, object],
    *,
    form: Format = "parquet",
    what: str = RESULT,
) -> None:
    """Write the tables and `manifest.json` into a folder, in place of an earlier one of the same sort.

    `about` is what the caller says of the run: policy id, plan hash, engine, days, counts. Raises `OutputError`.
    """
    if form not in _WRITERS:
        hint = f"one of {', '.join(_WRITERS)}"
        raise OutputError(Problem("unknown_format", f"no format {form!r}", Place(str(out)), hint))

    def write(folder: Path) -> None:
        written = {table.name: _write_table(folder, table, form) for table in tables}
        manifest = {"credit_engine": what, **_made_by(), **about, "format": form, "tables": written}
        with open_for_writing(folder / MANIFEST) as stream:
            text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True, default=str)
            stream.write(f"{text}\n".encode())

    write_folder(out, what, write)


def account_of(read: Input) -> Mapping[str, object]:
    """What a manifest says of the input: counts by file and table, hashes, flags, coverage, mapping."""
    return {
        "input": {
            "counts": [
                {**{name: getattr(each, name) for name in _COUNTED}, "reasons": dict(each.reasons)}
                for each in read.counts
            ],
            "columns_not_read": read.columns_not_read,
            "coverage": {kind: str(covered) for kind, covered in sorted(read.coverage.items())},
            "flags": read.flags,
            "hashes": read.hashes,
            "ignored": read.ignored,
            "mapping": read.mapping,
            "rejects": len(read.rejects),
            "without_recorded": read.without_recorded,
        }
    }


def rejects_table(read: Input) -> Table:
    """The rows that were not used, by file and record."""
    columns: tuple[tuple[str, ColumnType], ...] = (
        ("file", "text"),
        ("record", "int"),
        ("table", "text"),
        ("code", "text"),
        ("message", "text"),
    )
    rows = [(each.file, each.record, each.table, each.code, each.message) for each in read.rejects]
    return Table("rejects", columns, rows)


def _made_by() -> Mapping[str, object]:
    first, last = working_calendar()
    return {"library": version(), "working_days": {"from": str(first), "to": str(last)}}


def version() -> str:
    """The version of the installed library, or `not installed` when it is run from its source."""
    try:
        return metadata.version("credit-engine")
    except metadata.PackageNotFoundError:
        return "not installed"


# --- rows -----------------------------------------------------------------------------------------------------


def _written_cell(type_: str, cell: Any) -> object:  # Any: as the column says
    """A cell as JSON has it: decimals as text, days as yyyy-mm-dd."""
    if cell is None:
        return None
    if type_ == "decimal":
        return decimal_text(cell)
    if type_ == "date":
        return str(cell)
    return list(cell) if type_ == "texts" else cell


class _Canonical:
    """Passes rows on as JSON cells and hashes them on the way."""

    def __init__(self, table: Table) -> None:
        self.types = [type_ for _name, type_ in table.columns]
        self.rows = table.rows
        self.digest = hashlib.sha256()
        self.count = 0

    def __iter__(self) -> Iterator[list[object]]:
        for row in self.rows:
            cells = [_written_cell(type_, cell) for type_, cell in zip(self.types, row, strict=True)]
            self.count += 1
            self.digest.update(f"{json.dumps(cells, ensure_ascii=False, separators=(',', ':'))}\n".encode())
            yield cells


def _write_table(folder: Path, table: Table, form: Format) -> Mapping[str, object]:
    canonical = _Canonical(table)
    path = folder / f"{table.name}.{form}"
    with open_for_writing(path) as stream:
        for part in _WRITERS[form](table, canonical):
            stream.write(part)
    return {"file": path.name, "rows": canonical.count, "sha256": canonical.digest.hexdigest()}


# --- formats --------------------------------------------------------------------------------------------------


def _csv_text(type_: str, cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, list):
        return json.dumps(cell, ensure_ascii=False, separators=(",", ":"))
    return ("true" if cell else "false") if type_ == "bool" else str(cell)


def _csv(table: Table, rows: Iterable[list[object]]) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    types = [type_ for _name, type_ in table.columns]
    writer.writerow([name for name, _type in table.columns])
    for row in rows:
        writer.writerow([_csv_text(type_, cell) for type_, cell in zip(types, row, strict=True)])
        if text.tell() > _CHUNK:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _jsonl(table: Table, rows: Iterable[list[object]]) -> Iterator[bytes]:
    names = [name for name, _type in table.columns]
    nothing = True
    for row in rows:
        nothing = False
        record = dict(zip(names, row, strict=True))
        yield f"{json.dumps(record, ensure_ascii=False, separators=(',', ':'))}\n".encode()
    if nothing:
        yield b"\n"  # no records, as distinct from a file that was cut off


def _parquet(table: Table, rows: Iterable[list[object]]) -> Iterator[bytes]:
    import polars as pl  # noqa: PLC0415  # heavy: loaded only where Parquet is written

    types: Mapping[str, pl.DataType] = {
        "text": pl.String(),
        "int": pl.Int64(),
        "decimal": pl.Decimal(18, 3),
        "date": pl.Date(),
        "bool": pl.Boolean(),
        "texts": pl.List(pl.String()),
    }
    schema = {name: types[type_] for name, type_ in table.columns}
    converts = [_PARQUET_CELLS.get(type_) for _name, type_ in table.columns]
    frames = [pl.DataFrame(schema=schema)]
    source = iter(rows)
    while chunk := list(islice(source, _CHUNK)):
        columns = zip(*chunk, strict=True)
        cells = [
            [None if cell is None else convert(cell) for cell in column] if convert else column
            for convert, column in zip(converts, columns, strict=True)
        ]
        frames.append(pl.DataFrame(dict(zip(schema, cells, strict=True)), schema=schema))
    buffer = io.BytesIO()
    pl.concat(frames).write_parquet(buffer, compression="zstd", compression_level=3, row_group_size=_ROW_GROUP)
    yield buffer.getvalue()


_PARQUET_CELLS: Mapping[str, Callable[[Any], object]] = MappingProxyType(
    {"decimal": Decimal, "date": date.fromisoformat}
)
_WRITERS: Mapping[str, Callable[[Table, Iterable[list[object]]], Iterator[bytes]]] = MappingProxyType(
    {"parquet": _parquet, "csv": _csv, "jsonl": _jsonl}
)
