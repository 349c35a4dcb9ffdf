"""CSV: records with their numbers, read strictly, so that no damaged quote swallows a row in silence."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from credit_engine.files.raw import BadRow, Encoding, Numbered, Row, flaw, open_text, unusable


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


def csv_rows(path: Path, encoding: str, delimiter: str, header_line: int) -> Numbered:
    """The header as record 0, then the records."""
    judged = Encoding(path.name, encoding)
    number, width = -1, -1
    with open_text(path, encoding) as stream:
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
