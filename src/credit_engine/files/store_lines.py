"""CSV files without any quotation mark, by columns: a record is a line, and its cells stand between commas.

Any other CSV file goes to the row reader: with quotation marks, NUL, a lone carriage return, bytes that are no UTF-8,
or very long lines. So do single lines with too many or too few cells.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import polars as pl
from attrs import frozen

from credit_engine.files.rows import LONGEST_CELL, checked_header, guarded

BLOCK = 32_000_000  # bytes that are read at once
_MARKS = (b'"', b"\0")
_BOM = b"\xef\xbb\xbf"


@frozen(eq=False)
class Lines:
    """Some records: their cells by column as text, and the number of cells that each has."""

    cells: pl.DataFrame
    widths: pl.Series


def header_of(path: Path) -> tuple[str, ...] | None:
    """The columns of a file that can be read by its lines; none if it cannot."""
    first: bytes | None = None
    for block in guarded(path, _blocks(path)):
        if not _is_plain(block):
            return None
        if first is None:
            first = next((line for line in block.splitlines() if line), None)
    if first is None:
        return None
    return checked_header(path.name, first.removeprefix(_BOM).decode().split(","))


def read_lines(path: Path, width: int) -> Iterator[Lines]:
    """The records of such a file, a block at a time; blank lines and the header are none."""
    is_first = True
    for block in guarded(path, _blocks(path)):
        lines = pl.Series("line", [block.decode()]).str.split("\n").explode(empty_as_null=False)
        lines = lines.str.strip_suffix("\r")
        lines = lines.filter(lines != "")
        if is_first and len(lines):
            is_first, lines = False, lines.slice(1)
        cells = lines.str.split_exact(",", width - 1).struct.unnest()
        cells = cells.select(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in cells.columns)
        yield Lines(cells, lines.str.count_matches(",", literal=True) + 1)


def _blocks(path: Path) -> Iterator[bytes]:
    """The bytes of a file in pieces that end with a line."""
    # Any: two stream classes without a common name
    opened: Any = gzip.open(path, "rb") if path.name.endswith(".gz") else path.open("rb")  # noqa: SIM115  # see with
    with opened as stream:
        yield from _whole_lines(stream)


def _whole_lines(stream: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while block := stream.read(BLOCK):
        whole, end, after = (rest + block).rpartition(b"\n")
        rest = after
        if end:
            yield whole + end
    if rest:
        yield rest


def _is_plain(block: bytes) -> bool:
    if any(mark in block for mark in _MARKS) or block.count(b"\r") != block.count(b"\r\n"):
        return False
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return len(block) <= LONGEST_CELL or max(map(len, block.split(b"\n"))) <= LONGEST_CELL
