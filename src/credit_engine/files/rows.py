"""Raw rows of one file: CSV, JSONL (plain or gzipped) or Parquet, with their record numbers.

A row that cannot be read by itself comes out as a `BadRow`; a file that cannot be used as a whole is an
`InputError`. Record numbers start at 1; the header and blank lines are no records.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

from attrs import field, frozen

from credit_engine.files.csv_rows import csv_rows
from credit_engine.files.raw import BadRow, Encoding, Numbered, Row, flaw, open_text, unusable

__all__ = [
    "FORMATS",
    "LONGEST_CELL",
    "LONGEST_LINE",
    "BadRow",
    "Numbered",
    "Row",
    "Rows",
    "checked_header",
    "decoder",
    "deep_flaw",
    "format_of",
    "guarded",
    "hash_of",
    "open_rows",
    "refuse_floats",
]

if TYPE_CHECKING:
    import polars as pl

AnyRow = TypeVar("AnyRow")
LONGEST_CELL = 131_072
LONGEST_LINE = 1_000_000
FORMATS = (".parquet", ".csv", ".csv.gz", ".jsonl", ".jsonl.gz")


@frozen
class Rows:
    """The columns of a file and its rows, each a sequence of cells in the order of the columns.

    `empty`: columns that are known to hold nothing at all. `left_out`: keys of a JSONL file that were met so far and
    left out as `open_rows` was told to.
    """

    header: tuple[str, ...]
    numbered: Numbered
    empty: frozenset[str] = frozenset()
    left_out: set[str] = field(factory=set, eq=False)


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


def open_rows(
    path: Path,
    *,
    columns: Sequence[str] = (),
    closed: bool = True,
    beside: frozenset[str] = frozenset(),
    encoding: str = "utf-8-sig",
    delimiter: str = ",",
    header_line: int = 1,
) -> Rows:
    """The rows of a file, opened by its ending.

    `columns`: what a JSONL file is read by; `closed`: any other key there makes a row bad (else it is left out), but
    for those `beside` them, which are left out and named.
    `header_line`: the line of a CSV file that names the columns; what stands above it is no data.
    """
    ending = format_of(path.name)
    if ending == ".parquet":
        return _parquet(path)
    if ending.startswith(".jsonl"):
        left_out: set[str] = set()
        allowed = beside.union(columns) if closed else None

        def read(line: str) -> Row:
            return _json_row(line, tuple(columns), allowed, left_out)

        return Rows(tuple(columns), guarded(path, _json_rows(path, encoding, read)), left_out=left_out)
    numbered = guarded(path, csv_rows(path, encoding, delimiter, header_line))
    _number, header = next(numbered)
    return Rows(checked_header(path.name, header), numbered)


def guarded(path: Path, numbered: Iterator[AnyRow]) -> Iterator[AnyRow]:
    """The same rows; what the operating system or the decompressor says becomes an `InputError`."""
    try:
        yield from numbered
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        unusable(path.name, "truncated", f"the compressed file is cut off or damaged: {error}", "fetch the file again")
    except OSError as error:
        unusable(path.name, "unreadable", f"cannot be read: {error.strerror or error}")
    except LookupError as error:
        unusable(path.name, "bad_encoding", str(error), "name an encoding that Python knows, for example gb18030")


def checked_header(file: str, header: Row) -> tuple[str, ...]:
    """The names of the columns, each once; an `InputError` where there are none."""
    if isinstance(header, BadRow):
        hint = "save the table as UTF-8, or name its encoding in a mapping (encoding: gb18030)"
        unusable(file, header.code, f"header: {header.message}", hint)
    names = tuple(str(name).removeprefix("\ufeff").strip() for name in header)
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        unusable(file, "duplicate_column", f"the header names {', '.join(map(repr, twice))} more than once")
    return names


# --- JSONL ----------------------------------------------------------------------------------------------------


def _json_rows(path: Path, encoding: str, read: Callable[[str], Row]) -> Numbered:
    judged = Encoding(path.name, encoding)
    number, nothing = 0, True
    with open_text(path, encoding) as stream:
        for line in stream:
            nothing = False
            if line.isspace():
                continue
            number += 1
            bad = flaw(line)
            if len(line) > LONGEST_LINE:
                bad = BadRow("too_long", f"the line has {len(line):,} characters")
            judged.saw(number, line, bad)
            yield number, bad or read(line)
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


decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_each_key_once)


def _json_row(line: str, columns: tuple[str, ...], allowed: frozenset[str] | None, left_out: set[str]) -> Row:
    try:
        record = decoder.decode(line.strip().removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        return BadRow("bad_json", f"not a JSON object: character {error.pos + 1} does not fit")
    except (ValueError, RecursionError, ArithmeticError) as error:
        return BadRow("bad_json", f"not a JSON object: {error}")
    if not isinstance(record, dict):
        return BadRow("bad_json", "the line is JSON, but not an object")
    if allowed is not None:
        unknown = sorted(set(record) - allowed)
        if unknown:
            return BadRow("unknown_column", f"no such column: {', '.join(map(repr, unknown))}")
        left_out.update(set(record).difference(columns))
    if "\\u" in line and (bad := deep_flaw(record)):
        return bad
    return [record.get(column) for column in columns]


def deep_flaw(piece: object) -> BadRow | None:
    """What `flaw` says of any text inside: escapes can smuggle in what the line itself does not show."""
    if isinstance(piece, str):
        return flaw(piece)
    parts = [*piece, *piece.values()] if isinstance(piece, dict) else piece if isinstance(piece, list) else ()
    return next((bad for part in parts if (bad := deep_flaw(part))), None)


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
    refuse_floats(path.name, frame.schema)
    empty = frozenset(column.name for column in frame if column.null_count() == frame.height)
    return Rows(checked_header(path.name, frame.columns), _numbered(frame.iter_rows), empty)


def refuse_floats(file: str, schema: Mapping[str, pl.DataType]) -> None:
    """Raise `InputError` where a Parquet file has a column of floats."""
    floats = [name for name, dtype in schema.items() if dtype.is_float()]
    if floats:
        message = f"{', '.join(map(repr, floats))}: floats are not exact"
        unusable(file, "wrong_type", message, "write decimals as text or as a decimal column")


def _numbered(iter_rows: Callable[[], Iterator[tuple[object, ...]]]) -> Numbered:
    for number, row in enumerate(iter_rows(), 1):
        if any(isinstance(cell, str) and "\0" in cell for cell in row):
            yield number, BadRow("nul_byte", "the row holds a NUL byte")
        else:
            yield number, row
