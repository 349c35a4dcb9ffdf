"""Result tables: Parquet, CSV or JSONL files with a manifest, put in place whole.

The caller fixes the order of rows; the same rows give the same bytes. The hash of a table is that of its canonical
rows, so it is the same in every format.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

from attrs import field, frozen

from credit_engine.days import working_calendar
from credit_engine.errors import OutputError, Place, Problem
from credit_engine.files.input import Input
from credit_engine.files.recording import Reject
from credit_engine.files.replacing import MANIFEST, open_for_writing, write_folder
from credit_engine.quantities import decimal_text

if TYPE_CHECKING:
    from credit_engine.files.frames import Rows
    from credit_engine.files.store_account import Account

ColumnType = Literal["text", "int", "decimal", "date", "bool", "texts"]
Format = Literal["parquet", "csv", "jsonl"]
RESULT = "result"
_PARTS = ".parts"  # a folder that is gone when the result is put in place
_CHUNK = 50_000  # characters
_COUNTED = ("file", "table", "read", "accepted", "rejected", "skipped", "duplicates")


@frozen
class Table:
    """A table to write: its name, its columns with their types, and its rows in order.

    Cells: `text` str, `int` int, `decimal` whole thousandths, `date` date, `bool` bool, `texts` a list of texts in
    order; `None` is unknown. A frame, or Parquet files (`Parts`), have the columns by name, decimals as Int64.
    """

    name: str
    columns: tuple[tuple[str, ColumnType], ...]
    rows: Rows = field(eq=False)


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
    if form not in get_args(Format):
        hint = f"one of {', '.join(get_args(Format))}"
        raise OutputError(Problem("unknown_format", f"no format {form!r}", Place(str(out)), hint))

    write_folder(out, what, lambda folder: _fill(folder, tables, about, form, what))


Keep = Callable[[bytes], Path]


def write_parts(
    out: Path | str,
    made: Callable[[Keep, Path], tuple[Iterable[Table], Mapping[str, object]]],
    *,
    form: Format = "parquet",
) -> None:
    """Write results as `write_results` does; `made` may keep parts of tables in files until they are written.

    It is also given a place for files of its own, which are gone afterwards.
    """

    def write(folder: Path) -> None:
        beside = folder / _PARTS
        beside.mkdir()
        count = 0

        def keep(part: bytes) -> Path:
            nonlocal count
            count += 1
            path = beside / f"{count}.parquet"
            with open_for_writing(path) as stream:
                stream.write(part)
            return path

        tables, about = made(keep, beside)
        _fill(folder, tables, about, form, RESULT)
        shutil.rmtree(beside)

    write_folder(out, RESULT, write)


def _fill(folder: Path, tables: Iterable[Table], about: Mapping[str, object], form: Format, what: str) -> None:
    """Write the tables and `manifest.json`."""
    written = {table.name: _write_table(folder, table, form) for table in tables}
    manifest = {"credit_engine": what, **made_by(), **about, "format": form, "tables": written}
    with open_for_writing(folder / MANIFEST) as stream:
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True, default=str)
        stream.write(f"{text}\n".encode())


def account_of(read: Input | Account) -> Mapping[str, object]:
    """What a manifest says of the input: counts by file and table, hashes, flags, coverage, mapping."""
    rejects = read.rejects
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
            "rejects": rejects if isinstance(rejects, int) else len(rejects),
            "without_recorded": read.without_recorded,
        }
    }


def rejects_table(rejects: Iterable[Reject]) -> Table:
    """The rows that were not used, in the order given."""
    columns: tuple[tuple[str, ColumnType], ...] = (
        ("file", "text"),
        ("record", "int"),
        ("table", "text"),
        ("code", "text"),
        ("message", "text"),
    )
    rows = [(each.file, each.record, each.table, each.code, each.message) for each in rejects]
    return Table("rejects", columns, rows)


def made_by() -> Mapping[str, object]:
    """What a manifest says of the library that wrote it."""
    first, last = working_calendar()
    return {"library": version(), "working_days": {"from": str(first), "to": str(last)}}


def version() -> str:
    """The version of the installed library, or `not installed` when it is run from its source."""
    try:
        return metadata.version("credit-engine")
    except metadata.PackageNotFoundError:
        return "not installed"


# --- rows -----------------------------------------------------------------------------------------------------


def rows_of(table: Table) -> Iterable[Sequence[Any]]:  # Any: cells
    """The rows of a table one by one."""
    if isinstance(table.rows, Iterable) and not hasattr(table.rows, "iter_rows"):
        return table.rows
    from credit_engine.files.frames import frames_of  # noqa: PLC0415  # polars is heavy

    return chain.from_iterable(frame.iter_rows() for frame in frames_of(table.rows, table.columns))


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
        self.rows = rows_of(table)
        self.digest = hashlib.sha256()
        self.count = 0

    def __iter__(self) -> Iterator[list[object]]:
        for row in self.rows:
            cells = [_written_cell(type_, cell) for type_, cell in zip(self.types, row, strict=True)]
            self.count += 1
            self.digest.update(f"{json.dumps(cells, ensure_ascii=False, separators=(',', ':'))}\n".encode())
            yield cells


def _write_table(folder: Path, table: Table, form: Format) -> Mapping[str, object]:
    path = folder / f"{table.name}.{form}"
    if form == "parquet":
        return _write_frame(path, table)
    canonical = _Canonical(table)
    with open_for_writing(path) as stream:
        for part in _BY_ROW[form](table, canonical):
            stream.write(part)
    return {"file": path.name, "rows": canonical.count, "sha256": canonical.digest.hexdigest()}


def _write_frame(path: Path, table: Table) -> Mapping[str, object]:
    from credit_engine.files.frames import write_parquet  # noqa: PLC0415  # polars is heavy

    with open_for_writing(path) as stream:
        count, digest = write_parquet(stream, table.rows, table.columns)
    return {"file": path.name, "rows": count, "sha256": digest}


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


_BY_ROW: Mapping[str, Callable[[Table, Iterable[list[object]]], Iterator[bytes]]] = MappingProxyType(
    {"csv": _csv, "jsonl": _jsonl}
)
