"""Result tables: Parquet, CSV or JSONL files with a manifest, put in place whole.

The caller fixes the order of rows; the same rows give the same bytes. The hash of a table is that of its canonical
rows, so it is the same in every format.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import metadata
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from attrs import field, frozen

from credit_engine.days import working_calendar
from credit_engine.errors import OutputError, Place, Problem
from credit_engine.files.input import Input
from credit_engine.files.recording import Reject
from credit_engine.files.replacing import MANIFEST, open_for_writing, write_folder

if TYPE_CHECKING:
    from credit_engine.files.frames import Rows
    from credit_engine.files.store_account import Account

ColumnType = Literal["text", "int", "decimal", "date", "bool", "texts"]
Format = Literal["parquet", "csv", "jsonl"]
RESULT = "result"
_PARTS = ".parts"  # a folder that is gone when the result is put in place
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


def _write_table(folder: Path, table: Table, form: Format) -> Mapping[str, object]:
    from credit_engine.files.frames import write_csv, write_jsonl, write_parquet  # noqa: PLC0415  # polars is heavy

    write = {"parquet": write_parquet, "csv": write_csv, "jsonl": write_jsonl}[form]
    path = folder / f"{table.name}.{form}"
    with open_for_writing(path) as stream:
        count, digest = write(stream, table.rows, table.columns)
    return {"file": path.name, "rows": count, "sha256": digest}
