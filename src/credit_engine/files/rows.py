"""Raw rows of one file: CSV, JSONL (plain or gzipped) or Parquet, with their record numbers.

A row that cannot be read by itself comes out as a `BadRow`; a file that cannot be used as a whole is an
`InputError`. Record numbers start at 1; the header and blank lines are no records.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, NoReturn

from attrs import frozen

from credit_engine.errors import InputError, Place, Problem

LONGEST_CELL = 131_072
LONGEST_LINE = 1_000_000
FORMATS = (".parquet", ".csv", ".csv.gz", ".jsonl", ".jsonl.gz")
_MOST_BAD_ROWS = 1000  # after so many undecodable rows without a good one, nobody needs more evidence


@frozen
class BadRow:
    """Why one row could not be read."""

    code: str
    message: str


Row = Sequence[object] | BadRow
Numbered = Iterator[tuple[int, Row]]


@frozen
class Rows:
    """The columns of a file and its rows, each a sequence of cells in the order of the columns.

    `empty`: columns that are known to hold nothing at all.
    """

    header: tuple[str, ...]
    numbered: Numbered
    empty: frozenset[str] = frozenset()


def format_of(name: str) -> str:
    """The ending by which a file is read (`.csv.gz`), or nothing if it is no table."""
    return next((ending for ending in FORMATS if name.endswith(ending) and name != ending), "")


def hash_of(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        unusable(path.name, "unreadable", f"cannot be read: {error.strerror or error}")


def unusable(file: str, code: str, message: str, hint: str = "", record: int | None = None) -> NoReturn:
    """Raise the error of a file that cannot be used as a whole."""
    raise InputError(Problem(code, message, Place(file, record), hint))


def open_rows(
    path: Path,
    *,
    columns: Sequence[str] = (),
    closed: bool = True,
    encoding: str = "utf-8-sig",
    delimiter: str = ",",
    header_line: int = 1,
) -> Rows:
    """The rows of a file, opened by its ending.

    `columns`: what a JSONL file is read by; `closed`: any other key there makes a row bad (else it is left out).
    `header_line`: the line of a CSV file that names the columns; what stands above it is no data.
    """
    ending = format_of(path.name)
    if ending == ".parquet":
        return _parquet(path)
    if ending.startswith(".jsonl"):
        return Rows(tuple(columns), _guarded(path, _json_rows(path, tuple(columns), encoding, closed=closed)))
    numbered = _guarded(path, _csv_rows(path, encoding, delimiter, header_line))
    _number, header = next(numbered)
    return Rows(_checked_header(path.name, header), numbered)


def _guarded(path: Path, numbered: Numbered) -> Numbered:
    """The same rows; what the operating system or the decompressor says becomes an `InputError`."""
    try:
        yield from numbered
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        unusable(path.name, "truncated", f"the compressed file is cut off or damaged: {error}", "fetch the file again")
    except OSError as error:
        unusable(path.name, "unreadable", f"cannot be read: {error.strerror or error}")
    except LookupError as error:
        unusable(path.name, "bad_encoding", str(error), "name an encoding that Python knows, for example gb18030")


def _text(path: Path, encoding: str) -> IO[str]:
    """The file as text with line ends kept; bytes that are wrong in this encoding become lone surrogates."""
    # Any: two stream classes without a common name; the caller closes the text, and so the binary stream
    binary: Any = gzip.open(path, "rb") if path.name.endswith(".gz") else path.open("rb")  # noqa: SIM115
    return io.TextIOWrapper(binary, encoding=encoding, errors="surrogateescape", newline="")


def _checked_header(file: str, header: Row) -> tuple[str, ...]:
    if isinstance(header, BadRow):
        hint = "save the table as UTF-8, or name its encoding in a mapping (encoding: gb18030)"
        unusable(file, header.code, f"header: {header.message}", hint)
    names = tuple(str(name).removeprefix("\ufeff").strip() for name in header)
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        unusable(file, "duplicate_column", f"the header names {', '.join(map(repr, twice))} more than once")
    return names


# --- what is wrong with a piece of text -----------------------------------------------------------------------


def flaw(text: str) -> BadRow | None:
    """Why a piece of text cannot be used: undecodable bytes or NUL; none for nearly all texts."""
    if "\0" in text:
        return BadRow("nul_byte", "the row holds a NUL byte")
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        return BadRow("bad_encoding", "the row holds bytes that are not text in this file's encoding")
    return None


class _Encoding:
    """Tells stray bad bytes in a few rows from a file that is in another encoding altogether."""

    def __init__(self, file: str, encoding: str) -> None:
        self.file, self.encoding = file, encoding
        self.good = self.bad = self.first = 0

    def saw(self, number: int, text: str, bad: BadRow | None) -> None:
        if bad is not None and bad.code == "bad_encoding":
            self.bad += 1
            self.first = self.first or number
            if self.bad > _MOST_BAD_ROWS and not self.good:
                self.judge()
        elif not text.isascii():
            self.good += 1

    def judge(self) -> None:
        if self.bad and self.bad >= self.good:
            name = self.encoding.removesuffix("-sig").upper()
            message = f"is not {name}: {self.bad} rows cannot be decoded, {self.good} others beyond ASCII can"
            hint = "save the table as UTF-8, or name its encoding in a mapping (encoding: gb18030)"
            unusable(self.file, "bad_encoding", message, hint, self.first)


# --- CSV ------------------------------------------------------------------------------------------------------


class _Lines:
    """The lines of a text, and which of them were taken since the last record."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self.stream)
        self.taken.append(line)
        return line


def _csv_rows(path: Path, encoding: str, delimiter: str, header_line: int) -> Numbered:
    """The header as record 0, then the records."""
    judged = _Encoding(path.name, encoding)
    number, width = -1, -1
    with _text(path, encoding) as stream:
        for _ in range(header_line - 1):
            stream.readline()
        for row, text in _records(path.name, _Lines(stream), delimiter):
            number += 1
            bad = flaw(text)
            judged.saw(number, text, bad)
            if width < 0:
                width = len(row) if not isinstance(row, BadRow) else 0
            elif bad is None and not isinstance(row, BadRow) and len(row) != width:
                bad = BadRow("wrong_columns", f"the row has {len(row)} cells, the header {width}")
            yield number, bad or row
    if number < 0:
        unusable(path.name, "empty_file", "is empty", "a table without records still has its header line")
    judged.judge()


def _records(file: str, lines: _Lines, delimiter: str) -> Iterator[tuple[Row, str]]:
    """Each record with the text it was read from; blank lines are left out."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    while True:
        lines.taken.clear()
        row: Row
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            row = _csv_flaw(file, number, lines.taken, str(error))
        if not isinstance(row, BadRow) and not row:
            continue
        yield row, lines.taken[0] if len(lines.taken) == 1 else "".join(lines.taken)
        number += 1


def _csv_flaw(file: str, number: int, taken: list[str], error: str) -> BadRow:
    """A bad row, or an `InputError` if no one can say where the row ends."""
    too_long = "field larger than field limit" in error
    if "unexpected end of data" in error or (too_long and (len(taken) > 1 or taken[0].count('"') % 2)):
        message = "a quoted cell that begins here does not end"
        unusable(file, "unclosed_quote", message, "the file may be cut off, or a quotation mark is missing", number)
    if too_long:
        return BadRow("too_long", f"a cell has more than {csv.field_size_limit():,} characters")
    return BadRow("bad_csv", f"not a CSV row: {error}")


# --- JSONL ----------------------------------------------------------------------------------------------------


def _json_rows(path: Path, columns: tuple[str, ...], encoding: str, *, closed: bool) -> Numbered:
    judged = _Encoding(path.name, encoding)
    number, nothing = 0, True
    with _text(path, encoding) as stream:
        for line in stream:
            nothing = False
            if line.isspace():
                continue
            number += 1
            bad = flaw(line)
            if len(line) > LONGEST_LINE:
                bad = BadRow("too_long", f"the line has {len(line):,} characters")
            judged.saw(number, line, bad)
            yield number, bad or _json_row(line, columns, closed=closed)
    if nothing:
        unusable(path.name, "empty_file", "is empty", "a table without records is one blank line")
    judged.judge()


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _each_key_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        message = "a key stands twice"
        raise ValueError(message)
    return found


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_each_key_once)


def _json_row(line: str, columns: tuple[str, ...], *, closed: bool) -> Row:
    try:
        record = _DECODER.decode(line.strip().removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        return BadRow("bad_json", f"not a JSON object: character {error.pos + 1} does not fit")
    except (ValueError, RecursionError, ArithmeticError) as error:
        return BadRow("bad_json", f"not a JSON object: {error}")
    if not isinstance(record, dict):
        return BadRow("bad_json", "the line is JSON, but not an object")
    unknown = sorted(set(record) - set(columns)) if closed else []
    if unknown:
        return BadRow("unknown_column", f"no such column: {', '.join(map(repr, unknown))}")
    if "\\u" in line and (bad := _deep_flaw(record)):
        return bad
    return [record.get(column) for column in columns]


def _deep_flaw(piece: object) -> BadRow | None:
    """What `flaw` says of any text inside: escapes can smuggle in what the line itself does not show."""
    if isinstance(piece, str):
        return flaw(piece)
    parts = [*piece, *piece.values()] if isinstance(piece, dict) else piece if isinstance(piece, list) else ()
    return next((bad for part in parts if (bad := _deep_flaw(part))), None)


# --- Parquet --------------------------------------------------------------------------------------------------


def _parquet(path: Path) -> Rows:
    import polars as pl  # noqa: PLC0415  # heavy: loaded only where a Parquet file is read

    failures = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
    try:
        frame = pl.read_parquet(path, glob=False, hive_partitioning=False)
    except OSError as error:
        unusable(path.name, "unreadable", f"cannot be read: {error}")
    except failures:
        unusable(path.name, "bad_parquet", "is not a whole Parquet file", "it may be cut off: fetch it again")
    floats = [name for name, dtype in frame.schema.items() if dtype.is_float()]
    if floats:
        message = f"{', '.join(map(repr, floats))}: floats are not exact"
        unusable(path.name, "wrong_type", message, "write decimals as text or as a decimal column")
    empty = frozenset(column.name for column in frame if column.null_count() == frame.height)
    return Rows(_checked_header(path.name, frame.columns), _numbered(frame.iter_rows), empty)


def _numbered(iter_rows: Callable[[], Iterator[tuple[object, ...]]]) -> Numbered:
    for number, row in enumerate(iter_rows(), 1):
        if any(isinstance(cell, str) and "\0" in cell for cell in row):
            yield number, BadRow("nul_byte", "the row holds a NUL byte")
        else:
            yield number, row
