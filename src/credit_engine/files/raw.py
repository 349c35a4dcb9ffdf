"""A raw row or why there is none, and what makes a whole file unusable. Shared by the readers of each format."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

from attrs import frozen

from credit_engine.errors import InputError, Place, Problem

_MOST_BAD_ROWS = 1000  # after so many undecodable rows without a good one, nobody needs more evidence


@frozen
class BadRow:
    """Why one row could not be read."""

    code: str
    message: str


Row = Sequence[object] | BadRow
Numbered = Iterator[tuple[int, Row]]


def unusable(file: str, code: str, message: str, hint: str = "", record: int | None = None) -> NoReturn:
    """Raise the error of a file that cannot be used as a whole."""
    raise InputError(Problem(code, message, Place(file, record), hint))


def open_text(path: Path, encoding: str) -> IO[str]:
    """The file as text with line ends kept; bytes that are wrong in this encoding become lone surrogates."""
    # Any: two stream classes without a common name; the caller closes the text, and so the binary stream
    binary: Any = gzip.open(path, "rb") if path.name.endswith(".gz") else path.open("rb")  # noqa: SIM115
    return io.TextIOWrapper(binary, encoding=encoding, errors="surrogateescape", newline="")


def flaw(text: str) -> BadRow | None:
    """Why a piece of text cannot be used: undecodable bytes or NUL; none for nearly all texts."""
    if "\0" in text:
        return BadRow("nul_byte", "the row holds a NUL byte")
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        return BadRow("bad_encoding", "the row holds bytes that are not text in this file's encoding")
    return None


class Encoding:
    """Tells stray bad bytes in a few rows from a file that is in another encoding altogether."""

    def __init__(self, file: str, encoding: str) -> None:
        self.file, self.encoding = file, encoding
        self.good = self.bad = self.first = 0

    def saw(self, number: int, text: str, bad: BadRow | None) -> None:
        """Take note of one row."""
        if bad is not None and bad.code == "bad_encoding":
            self.bad += 1
            self.first = self.first or number
            if self.bad > _MOST_BAD_ROWS and not self.good:
                self.judge()
        elif not text.isascii():
            self.good += 1

    def judge(self) -> None:
        """Raise `InputError` if most of what is not ASCII cannot be decoded."""
        if self.bad and self.bad >= self.good:
            name = self.encoding.removesuffix("-sig").upper()
            message = f"is not {name}: {self.bad} rows cannot be decoded, {self.good} others beyond ASCII can"
            hint = "save the table as UTF-8, or name its encoding in a mapping (encoding: gb18030)"
            unusable(self.file, "bad_encoding", message, hint, self.first)
