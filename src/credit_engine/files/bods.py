"""Files of the Beneficial Ownership Data Standard 0.4: entities, persons and relationships among the other tables.

Every statement comes out: as records of `operators`, `persons` or `relations`, as a reject, or skipped with a reason. A
statement is a version of its record, known from the day on which it was made. A record whose id stands in a table of
the folder is left to that table.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from credit_engine.errors import RecordError
from credit_engine.files.bods_records import (
    Row,
    Skipped,
    Statement,
    party_row,
    read_statement,
    relation_rows,
)
from credit_engine.files.cells import first_problem
from credit_engine.files.entries import Entry
from credit_engine.files.raw import BadRow, Encoding, flaw, open_text, unusable
from credit_engine.files.recording import EntryReader
from credit_engine.files.rows import LONGEST_LINE, Rows, decoder, deep_flaw, guarded
from credit_engine.files.shapes import Shape

ENDINGS = (".bods.json", ".bods.json.gz", ".bods.jsonl", ".bods.jsonl.gz")
LARGEST = 200_000_000  # characters of a file that is one JSON array: it is held whole
ENCODING = "utf-8-sig"
POSITION = 1  # after the tables of the folder
TABLES: Mapping[str, tuple[str, ...]] = {
    "operators": ("id", "recorded", "revision", "kind", "name", "registered", "closed", "credit_code"),
    "persons": ("id", "recorded", "revision", "name"),
    "relations": ("id", "recorded", "revision", "kind", "source", "target", "share", "share_max", "since", "until"),
}
TABLE_OF: Mapping[str, str] = {"entity": "operators", "person": "persons", "relationship": "relations"}
Said = Mapping[str, Any] | BadRow  # Any: what JSON holds


def is_statements(name: str) -> bool:
    """Whether a file of this name holds statements."""
    return name.endswith(ENDINGS) and name not in ENDINGS


def read_statements(path: Path, tables: Mapping[str, Shape]) -> list[EntryReader]:
    """The readers of the tables that the statements fill, after they have read the file."""
    readers = {
        name: EntryReader(
            Entry(name, path.name, only_new=True), tables[name], Rows(columns, iter(())), path.name, POSITION
        )
        for name, columns in TABLES.items()
    }
    relationships: dict[str, list[Statement]] = {}
    for number, said in _statements(path):
        try:
            statement = read_statement(number, said) if not isinstance(said, BadRow) else said
            if isinstance(statement, BadRow):
                _take(readers["relations"], number, statement)
            elif statement.type == "relationship":
                relationships.setdefault(statement.record, []).append(statement)
            else:
                _take(readers[TABLE_OF[statement.type]], number, party_row(statement))
        except RecordError as error:
            _take(readers[_table_of(said)], number, BadRow(*first_problem(error)))
    for statements in relationships.values():
        for number, row in relation_rows(statements):
            _take(readers["relations"], number, row)
    return [reader for reader in readers.values() if reader.read]


def _take(reader: EntryReader, number: int, row: Row | BadRow | Skipped) -> None:
    if isinstance(row, Skipped):
        reader.read += 1
        reader.skipped[row.reason] += 1
    elif isinstance(row, BadRow):
        reader.take(number, row)
    else:
        reader.take(number, [row.get(name) for name in TABLES[reader.shape.table]])


def _table_of(said: Said) -> str:
    """The table that a statement is meant for; relations where it does not say."""
    type_ = None if isinstance(said, BadRow) else said.get("recordType")
    return TABLE_OF.get(type_, "relations") if isinstance(type_, str) else "relations"


# --- statements of a file -------------------------------------------------------------------------------------


def _statements(path: Path) -> Iterator[tuple[int, Said]]:
    """The JSON objects of a file with their numbers; a file that cannot be used as a whole is an `InputError`."""
    found = _lines if ".jsonl" in path.name[path.name.rindex(".bods") :] else _array
    number = 0
    for number, said in guarded(path, found(path)):
        yield number, said
    if number == 0:
        unusable(path.name, "empty_file", "holds no statement", "an array without statements is better left out")


def _lines(path: Path) -> Iterator[tuple[int, Said]]:
    judged = Encoding(path.name, ENCODING)
    with open_text(path, ENCODING) as stream:
        number = 0
        while line := stream.readline(LONGEST_LINE + 1):
            if line.isspace():
                continue
            number += 1
            bad = flaw(line)
            if len(line) > LONGEST_LINE:
                _to_the_end_of_the_line(stream)
                bad = BadRow("too_long", f"the line has more than {LONGEST_LINE:,} characters")
            judged.saw(number, line, bad)
            yield number, bad or _decoded(line)
    judged.judge()


def _to_the_end_of_the_line(stream: IO[str]) -> None:
    while (piece := stream.readline(LONGEST_LINE)) and not piece.endswith("\n"):
        pass


def _decoded(line: str) -> Said:
    try:
        said = decoder.decode(line.strip().removeprefix("\ufeff"))
    except (ValueError, RecursionError, ArithmeticError):
        return BadRow("bad_json", "not a JSON object")
    return _checked(said)


def _checked(said: object) -> Said:
    if not isinstance(said, dict):
        return BadRow("bad_json", "a statement is no JSON object")
    try:
        return deep_flaw(said) or said
    except RecursionError:
        return BadRow("bad_json", "a statement is nested too deep")


def _array(path: Path) -> Iterator[tuple[int, Said]]:
    """The elements of one JSON array, decoded one by one."""
    with open_text(path, ENCODING) as stream:
        text = stream.read(LARGEST + 1)
    if len(text) > LARGEST:
        unusable(path.name, "too_long", f"has more than {LARGEST:,} characters", "write JSON lines, as .bods.jsonl")
    at, number = _after_blanks(text, 0), 0
    if text[at : at + 1] != "[":
        unusable(path.name, "bad_json", "is not a JSON array of statements", "lines of statements end in .bods.jsonl")
    at = _after_blanks(text, at + 1)
    while text[at : at + 1] != "]":
        number += 1
        try:
            said, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError, ArithmeticError) as error:
            where = f": character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else ""
            unusable(path.name, "bad_json", f"statement {number} is not JSON{where}", "fetch the file again", number)
        yield number, _checked(said)
        at = _after_blanks(text, at)
        if text[at : at + 1] == ",":
            at = _after_blanks(text, at + 1)
        elif text[at : at + 1] != "]":
            unusable(path.name, "bad_json", f"the array is cut off after statement {number}", "fetch the file again")


def _after_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at
