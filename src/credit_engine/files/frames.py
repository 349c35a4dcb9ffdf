"""Tables as frames: their canonical rows, and the files that are written of them."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import polars as pl
from attrs import frozen
from polars.io.plugins import register_io_source

if TYPE_CHECKING:
    from credit_engine.files.results import ColumnType

DTYPES: Mapping[ColumnType, pl.DataType] = {  # of the columns of a frame of results: decimals are whole thousandths
    "text": pl.String(),
    "int": pl.Int64(),
    "decimal": pl.Int64(),
    "date": pl.Date(),
    "bool": pl.Boolean(),
    "texts": pl.List(pl.String()),
}
ROW_GROUP = 100_000
_AT_ONCE = 50_000  # rows of Python objects
_DECIMAL = pl.Decimal(18, 3)
_ESCAPED = {each: json.dumps(each)[1:-1] for each in (*map(chr, range(0x20)), '"', "\\")}


@frozen
class Parts:
    """The rows of a table in Parquet files, one after the other, with the columns of a frame of results."""

    files: tuple[Path, ...]


Rows = Iterable[Sequence[Any]] | pl.DataFrame | Parts  # Any: cells


def frames_of(rows: Rows, columns: Sequence[tuple[str, ColumnType]]) -> Iterator[pl.DataFrame]:
    """The rows of a table as frames with these columns, one after the other."""
    schema = {name: DTYPES[type_] for name, type_ in columns}
    if isinstance(rows, Parts):
        frames: Iterable[pl.DataFrame] = (pl.read_parquet(file, glob=False) for file in rows.files)
    elif isinstance(rows, pl.DataFrame):
        frames = (rows,)
    else:
        frames = _framed(rows, columns, schema)
    for frame in frames:
        yield frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def part_of(rows: Rows, columns: Sequence[tuple[str, ColumnType]]) -> bytes:
    """The rows as one file of `Parts`."""
    buffer = io.BytesIO()
    nothing = pl.DataFrame(schema={name: DTYPES[type_] for name, type_ in columns})
    pl.concat([nothing, *frames_of(rows, columns)]).write_parquet(buffer)
    return buffer.getvalue()


def _framed(
    rows: Iterable[Sequence[Any]],  # Any: cells
    columns: Sequence[tuple[str, ColumnType]],
    schema: Mapping[str, pl.DataType],
) -> Iterator[pl.DataFrame]:
    whole = [type_ in ("int", "decimal") for _name, type_ in columns]
    source = iter(rows)
    while chunk := list(islice(source, _AT_ONCE)):
        cells = [
            [None if cell is None else int(cell) for cell in column] if number else column
            for number, column in zip(whole, zip(*chunk, strict=True), strict=True)
        ]
        yield pl.DataFrame(dict(zip(schema, cells, strict=True)), schema=schema)


def write_parquet(stream: IO[bytes], rows: Rows, columns: Sequence[tuple[str, ColumnType]]) -> tuple[int, str]:
    """Write the rows as a Parquet file; how many there are, and the hash of their canonical form.

    The same rows give the same bytes, wherever they come from: they are cut into row groups first, each a copy of its
    own, for how lists lie in memory shows in the file.
    """
    digest, count = hashlib.sha256(), 0
    failed: list[Exception] = []

    def groups(wanted: list[str] | None, *_options: object) -> Iterator[pl.DataFrame]:
        nonlocal count
        try:
            for group in _row_groups(frames_of(rows, columns)):
                count += len(group)
                digest.update(_joined(_canonical(columns), group))
                written = group.select(_in_parquet(pl.col(name), type_).alias(name) for name, type_ in columns)
                yield written if wanted is None else written.select(wanted)
        except Exception as error:
            failed.append(error)
            raise

    schema = {name: _DECIMAL if type_ == "decimal" else DTYPES[type_] for name, type_ in columns}
    source = register_io_source(groups, schema=schema)
    out = _Stream(stream)
    try:
        source.sink_parquet(
            cast("IO[bytes]", out),
            compression="zstd",
            compression_level=3,
            row_group_size=ROW_GROUP,
            maintain_order=True,
        )
    except pl.exceptions.PolarsError:
        for error in (*failed, *out.failed):
            raise error from None  # what went wrong before Polars gave it another name
        raise
    return count, digest.hexdigest()


class _Stream(io.RawIOBase):
    """A stream that keeps what went wrong with it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.failed: list[Exception] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # Any: a buffer
        try:
            return self.stream.write(data)
        except OSError as error:
            self.failed.append(error)
            raise


def _row_groups(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    rest: pl.DataFrame | None = None
    for frame in frames:
        rest = frame if rest is None else pl.concat([rest, frame])
        while len(rest) >= ROW_GROUP:
            yield _copied(rest.head(ROW_GROUP))
            rest = rest.slice(ROW_GROUP)
    if rest is not None and len(rest):
        yield _copied(rest)


def _copied(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.all().gather(pl.int_range(pl.len()))).rechunk()


def write_csv(stream: IO[bytes], rows: Rows, columns: Sequence[tuple[str, ColumnType]]) -> tuple[int, str]:
    """Write the rows as CSV with a line of names; how many there are, and the hash of their canonical form."""
    cells = [_in_csv(pl.col(name), type_) for name, type_ in columns]
    names = ",".join(name for name, _type in columns)
    stream.write(f"{names}\n".encode())
    return _write_lines(stream, rows, columns, pl.concat_str(*_between(",", cells), pl.lit("\n")))


def write_jsonl(stream: IO[bytes], rows: Rows, columns: Sequence[tuple[str, ColumnType]]) -> tuple[int, str]:
    """Write the rows as JSON objects line by line; how many there are, and the hash of their canonical form."""
    cells = [pl.concat_str(pl.lit(f'"{name}":'), _in_json(pl.col(name), type_)) for name, type_ in columns]
    count, digest = _write_lines(
        stream, rows, columns, pl.concat_str(pl.lit("{"), *_between(",", cells), pl.lit("}\n"))
    )
    if not count:
        stream.write(b"\n")  # no records, as distinct from a file that was cut off
    return count, digest


def _write_lines(
    stream: IO[bytes], rows: Rows, columns: Sequence[tuple[str, ColumnType]], line: pl.Expr
) -> tuple[int, str]:
    digest, count, canonical = hashlib.sha256(), 0, _canonical(columns)
    for frame in frames_of(rows, columns):
        for part in frame.iter_slices(_AT_ONCE):
            count += len(part)
            digest.update(_joined(canonical, part))
            stream.write(_joined(line, part))
    return count, digest.hexdigest()


def _canonical(columns: Sequence[tuple[str, ColumnType]]) -> pl.Expr:
    """A row as a line of JSON cells; the hash of a table is that of all of them in a row."""
    cells = [_in_json(pl.col(name), type_) for name, type_ in columns]
    return pl.concat_str(pl.lit("["), *_between(",", cells), pl.lit("]\n"))


def _joined(line: pl.Expr, frame: pl.DataFrame) -> bytes:
    return str(frame.select(line.str.join()).item()).encode()


def _between(separator: str, cells: Iterable[pl.Expr]) -> list[pl.Expr]:
    return list(chain.from_iterable((pl.lit(separator), cell) for cell in cells))[1:]


def _in_parquet(column: pl.Expr, type_: ColumnType) -> pl.Expr:
    # exact: a decimal divided by a whole number keeps its scale
    return (column.cast(pl.Decimal(38, 3)) / 1000).cast(_DECIMAL) if type_ == "decimal" else column


# --- cells ----------------------------------------------------------------------------------------------------


def _in_json(column: pl.Expr, type_: ColumnType) -> pl.Expr:
    if type_ == "texts":
        return _list(column).fill_null("null")
    plain = _plain(column, type_)
    if type_ == "text":
        plain = plain.str.replace_many(_ESCAPED)
    quoted = plain if type_ in ("int", "bool") else pl.concat_str(pl.lit('"'), plain, pl.lit('"'))
    return quoted.fill_null("null")


def _in_csv(column: pl.Expr, type_: ColumnType) -> pl.Expr:
    cell = _list(column) if type_ == "texts" else _plain(column, type_)
    if type_ in ("text", "texts"):
        doubled = pl.concat_str(pl.lit('"'), cell.str.replace_all('"', '""', literal=True), pl.lit('"'))
        cell = pl.when(cell.str.contains('[",\r\n]')).then(doubled).otherwise(cell)
    return cell.fill_null("")


def _list(column: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit("["), column.list.eval(_in_json(pl.element(), "text")).list.join(","), pl.lit("]"))


def _plain(column: pl.Expr, type_: ColumnType) -> pl.Expr:
    """A cell as text: decimals without needless noughts, days as yyyy-mm-dd."""
    if type_ != "decimal":
        return column.cast(pl.String)
    size = column.abs()
    sign = pl.when(column < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    rest = (size % 1000).cast(pl.String).str.zfill(3).str.strip_chars_end("0")
    point = pl.when(size % 1000 == 0).then(pl.lit("")).otherwise(pl.concat_str(pl.lit("."), rest))
    return pl.concat_str(sign, (size // 1000).cast(pl.String), point)
