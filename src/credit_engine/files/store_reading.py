"""A file read into parts: the rows that are right by themselves, in typed columns, with the account of the others.

A Parquet file goes through in chunks: rows that are certainly good (`store_proving`) are taken as they are, all others
are put to the row reader one by one. The rows of other formats all go to the row reader.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl
from attrs import frozen

from credit_engine.errors import InputError
from credit_engine.files.entries import Entry
from credit_engine.files.raw import unusable
from credit_engine.files.recording import EntryReader, Reject
from credit_engine.files.replacing import open_for_writing
from credit_engine.files.rows import BadRow, Rows, checked_header, format_of, hash_of, open_rows, refuse_floats
from credit_engine.files.shapes import ORIGIN, Shape
from credit_engine.files.store_frames import write_frame
from credit_engine.files.store_layout import AT, REJECT_COLUMNS, part_schema
from credit_engine.files.store_lines import header_of, read_lines
from credit_engine.files.store_proving import Field, proven
from credit_engine.files.store_values import cell_writer
from credit_engine.records import RecordSource

CHUNK = 500_000
_WAY = 2  # raised whenever the same file would give other parts
_REJECTS, _ACCOUNT = "rejects.parquet", "account.json"
_FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException)


@frozen
class Table:
    """One table to read: its file, its shape, and the columns that `coverage.yaml` lets it have besides."""

    path: Path
    shape: Shape
    beside: frozenset[str] = frozenset()

    def key(self, file_hash: str) -> str:
        """A name for what reading it gives: the same for the same bytes, name, columns and way of reading."""
        columns = {name: str(type_) for name, type_ in self.shape.columns.items()}
        said = [_WAY, CHUNK, file_hash, self.path.name, self.shape.table, columns, sorted(self.beside)]
        return sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:32]


@frozen
class Parts:
    """What was read of a table: rows in `parts`, `rejects` by themselves, and counts."""

    table: Table
    parts: list[Path]
    rejects: Path
    read: int
    rejected: int
    columns_not_read: tuple[str, ...]


class _RowReader(EntryReader):
    """Reads rows that are right by themselves into values, without comparing them."""

    def __init__(self, table: Table, rows: Rows) -> None:
        super().__init__(Entry(table.shape.table, table.path.name), table.shape, rows, table.path.name, 0, table.beside)
        self.kept: list[tuple[int, dict[str, Any]]] = []  # Any: values of the columns' types

    def _accept(self, number: int, values: dict[str, Any]) -> None:  # Any: as above
        own = {name: value for name, value in values.items() if name not in ORIGIN}
        self.shape.build(own, RecordSource(self.file, number))
        self.kept.append((number, values))

    def proofs(self) -> list[Field]:
        """The columns to prove."""
        return [Field(name, self._type(name), read) for name, _get, read in self._fields]


@frozen
class Piece:
    """Rows of a file that are read by themselves into `folder`: all, or the first `count` of those behind `start`."""

    table: Table
    folder: Path
    start: int = 0
    count: int | None = None


@frozen(eq=False)
class Told:
    """What was read of a chunk: the file of the rows that are right by themselves (none: no row is), and the rest."""

    rows: Path | None
    rejects: pl.DataFrame
    read: int
    columns_not_read: tuple[str, ...]


def pieces(table: Table, folder: Path) -> list[Piece]:
    """A Parquet file in chunks, another one whole. Raises `InputError` where it cannot be used as a whole."""
    if format_of(table.path.name) != ".parquet":
        return [Piece(table, folder)]
    return [Piece(table, folder, start, CHUNK) for start in range(0, max(_height(table.path), 1), CHUNK)]


def read_piece(piece: Piece) -> list[Told]:
    """Read some rows into files of the folder. Raises `InputError` where the file cannot be used as a whole."""
    found = []
    for number, (frame, wrong, count, not_read) in enumerate(_chunks(piece)):
        path = piece.folder / f"piece-{piece.start:012d}-{number:05d}.parquet" if len(frame) else None
        if path is not None:
            write_frame(frame, path)
        found.append(Told(path, as_rejects(wrong), count, not_read))
    return found


def put_together(table: Table, folder: Path, told: Iterable[Told]) -> Parts:
    """The pieces of a file, in their order, as the parts that it has, however it was read."""
    parts, rejects, read = 0, [], 0
    names: tuple[str, ...] = ()
    for one in told:
        if one.rows is not None:
            one.rows.rename(folder / f"part-{parts:05d}.parquet")
            parts += 1
        rejects.append(one.rejects)
        read, names = read + one.read, one.columns_not_read
    every = pl.concat([pl.DataFrame(schema=dict(REJECT_COLUMNS)), *rejects])
    write_frame(every, folder / _REJECTS)
    hashes = {path.name: hash_of(path) for path in sorted(folder.iterdir())}
    account = {"read": read, "rejected": len(every), "columns_not_read": names, "hashes": hashes}
    with open_for_writing(folder / _ACCOUNT) as stream:
        stream.write(f"{json.dumps(account, ensure_ascii=False, sort_keys=True)}\n".encode())
    return opened(table, folder)


def opened(table: Table, folder: Path) -> Parts:
    """What was read of a table."""
    account = json.loads((folder / _ACCOUNT).read_text(encoding="utf-8"))
    parts = [folder / name for name in sorted(account["hashes"]) if name != _REJECTS]
    names = tuple(account["columns_not_read"])
    return Parts(table, parts, folder / _REJECTS, account["read"], account["rejected"], names)


def is_whole(folder: Path) -> bool:
    """Whether what was read at another time is still as it was written."""
    try:
        hashes = json.loads((folder / _ACCOUNT).read_text(encoding="utf-8"))["hashes"]
        return bool(hashes == {path.name: hash_of(path) for path in folder.iterdir() if path.name != _ACCOUNT})
    except (OSError, ValueError, KeyError, TypeError, InputError):
        return False


def as_rejects(rejects: Iterable[Reject]) -> pl.DataFrame:
    """Rejects as rows."""
    rows = [(each.file, each.record, each.table, each.code, each.message) for each in rejects]
    return pl.DataFrame(rows, schema=dict(REJECT_COLUMNS), orient="row")


def _chunks(piece: Piece) -> Iterator[Chunk]:
    """Rows of a file by columns where that can be, else by rows."""
    table = piece.table
    if piece.count is not None:
        return _parquet(table, piece.start, piece.count)
    header = header_of(table.path) if format_of(table.path.name).startswith(".csv") else None
    return _by_rows(table) if header is None else _by_lines(table, header)


# --- row by row -----------------------------------------------------------------------------------------------

Chunk = tuple[pl.DataFrame, list[Reject], int, tuple[str, ...]]


def _by_rows(table: Table) -> Iterator[Chunk]:
    columns = (*table.shape.columns, *ORIGIN)
    rows = open_rows(table.path, columns=columns, beside=table.beside)
    reader = _RowReader(table, rows)
    while True:
        count = 0
        for number, row in islice(rows.numbered, CHUNK):
            reader.take(number, row)
            count += 1
        yield _kept(reader), _taken(reader), count, reader.columns_not_read
        if count < CHUNK:
            return


def _kept(reader: _RowReader) -> pl.DataFrame:
    """The rows that the reader has kept since it was asked last."""
    kept, reader.kept = reader.kept, []
    return as_cells(reader.shape, kept)


# Any: values of the columns' types
def as_cells(shape: Shape, kept: Iterable[tuple[int, Mapping[str, Any]]]) -> pl.DataFrame:
    """Numbered values in typed columns."""
    types = {**ORIGIN, **shape.columns}
    writers = {name: cell_writer(type_) for name, type_ in types.items()}
    cells: dict[str, list[Any]] = {name: [] for name in (AT, *types)}  # Any: cells
    for number, values in kept:
        cells[AT].append(number)
        for name, write_cell in writers.items():
            value = values.get(name)
            cells[name].append(None if value is None else write_cell(value))
    return pl.DataFrame(cells, schema=dict(part_schema(shape)))


def _taken(reader: _RowReader) -> list[Reject]:
    rejects, reader.rejects = reader.rejects, []
    return rejects


# --- CSV, by columns ------------------------------------------------------------------------------------------


def _by_lines(table: Table, header: tuple[str, ...]) -> Iterator[Chunk]:
    reader = _RowReader(table, Rows(header, iter(())))
    start = 0
    for lines in read_lines(table.path, len(header)):
        frame = lines.cells.rename(dict(zip(lines.cells.columns, header, strict=True)))
        rows = _chunk(reader, frame, start, lines.widths)
        yield rows, _taken(reader), len(frame), reader.columns_not_read
        start += len(frame)


# --- Parquet, by columns --------------------------------------------------------------------------------------


def _height(path: Path) -> int:
    """How many rows a Parquet file has."""
    with _read_as_a_whole(path):
        return int(_scanned(path).select(pl.len()).collect().item())


def _parquet(table: Table, start: int, count: int) -> Iterator[Chunk]:
    path = table.path
    with _read_as_a_whole(path):
        schema = _scanned(path).collect_schema()
    refuse_floats(path.name, schema)
    reader = _RowReader(table, Rows(checked_header(path.name, tuple(schema)), iter(())))
    with _read_as_a_whole(path):
        frame = _scanned(path).slice(start, count).collect()
    rows = _chunk(reader, frame, start)
    yield rows, _taken(reader), len(frame), reader.columns_not_read


def _scanned(path: Path) -> pl.LazyFrame:
    return pl.scan_parquet(path, glob=False, hive_partitioning=False)


@contextmanager
def _read_as_a_whole(path: Path) -> Iterator[None]:
    """Refuses a file that cannot be read to its end."""
    try:
        yield
    except OSError as error:
        unusable(path.name, "unreadable", f"cannot be read: {error}")
    except _FAILURES:
        unusable(path.name, "bad_parquet", "is not a whole Parquet file", "it may be cut off: fetch it again")


def _chunk(reader: _RowReader, frame: pl.DataFrame, start: int, widths: pl.Series | None = None) -> pl.DataFrame:
    """The good rows of one chunk, whose first row has the number `start` + 1.

    `widths`: of lines, how many cells each has.
    """
    header = checked_header(reader.file, tuple(frame.columns))
    frame.columns = list(header)
    numbers = pl.int_range(start + 1, start + 1 + len(frame), eager=True).alias(AT)
    proofs = {each.name: proven(frame.get_column(each.name), each) for each in reader.proofs()}
    certain = [each.certain for each in proofs.values() if each.certain is not None]
    cells = pl.DataFrame([numbers, *(each.cells.alias(name) for name, each in proofs.items())])
    beside = [texts for texts in _texts(frame) if texts.name not in proofs]
    certain += [~texts.str.contains("\0", literal=True).fill_null(value=False) for texts in beside]
    certain.append(alone(reader.shape, cells))
    if widths is not None:
        certain.append(widths == len(header))
    good = certain[0]
    for other in certain[1:]:
        good &= other
    if good.all():
        return cells
    doubtful = frame.filter(~good)
    counts = [len(header)] * len(doubtful) if widths is None else widths.filter(~good)
    for number, count, row in zip(numbers.filter(~good), counts, doubtful.iter_rows(), strict=True):
        reader.take(number, _flaw(row, count, len(header)) or row)
    return pl.concat([cells.filter(good), _kept(reader).select(cells.columns)]).sort(AT)


def _flaw(row: Sequence[object], count: int, width: int) -> BadRow | None:
    """Why a row is none, as the readers of rows say it."""
    if count != width:
        return BadRow("wrong_columns", f"the row has {count} cells, the header {width}")
    has_nul = any(isinstance(cell, str) and "\0" in cell for cell in row)
    return BadRow("nul_byte", "the row holds a NUL byte") if has_nul else None


def _texts(frame: pl.DataFrame) -> Iterator[pl.Series]:
    for column in frame:
        if column.dtype == pl.String:
            yield column
        elif isinstance(column.dtype, pl.Categorical | pl.Enum):
            yield column.cast(pl.String)


def alone(shape: Shape, cells: pl.DataFrame) -> pl.Series:
    """The rows that a record can be built of: what is required is there, and nothing in it contradicts itself."""
    good = pl.all_horizontal(pl.col(name).is_not_null() for name in shape.required)
    if shape.table == "operators" and "kind" in cells.columns:
        good &= pl.col("kind").ne_missing("person")
    elif shape.table == "relations":
        good &= pl.col("source") != pl.col("target")
        if {"since", "until"} <= set(cells.columns):
            good &= (pl.col("until") >= pl.col("since")).fill_null(value=True)
        if {"share", "share_max"} <= set(cells.columns):
            good &= pl.col("share").is_null() | pl.col("share_max").is_null()
    return cells.select(good.fill_null(value=False).alias("good")).to_series()
