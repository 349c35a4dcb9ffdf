"""Rows to records: one reader for each table that a file fills.

Every row comes out once: as a candidate, a reject with code and reason, or skipped for a reason that the mapping
gives. `read = candidates + rejects + skipped` holds for each reader.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from attrs import frozen

from credit_engine.errors import InputError, Place, Problem, RecordError
from credit_engine.files.cells import CellForm, CellReader, first_problem
from credit_engine.files.entries import Column, ColumnSource, Entry, FirstOf, Line, Piece
from credit_engine.files.packing import virtual_columns
from credit_engine.files.rows import BadRow, Row, Rows
from credit_engine.files.shapes import ORIGIN, Shape, TableRecord
from credit_engine.policy.places import did_you_mean
from credit_engine.quantities import TEXT, FieldType
from credit_engine.records import RecordSource

Cells = Sequence[object]
Getter = Callable[[Cells, int, int], object]


@frozen
class Reject:
    """One record that is not used: where it stands, a stable code, why, and the table it was meant for."""

    file: str
    record: int
    code: str
    message: str
    table: str = ""


# Where a cell may hold a person's name: whole tables (a shifted row puts it anywhere), and one field of events.
_MAY_NAME = frozenset({"operators", "persons"})
_QUOTED = re.compile(r"('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")")
_MOST_QUOTED = 60


def _discreet(table: str, name: str, message: str) -> str:
    """A message without the cell itself where that may be a personal name, and never with a long one."""
    quoted = _QUOTED.match(message)
    if quoted is None or (table not in _MAY_NAME and name != "responsible" and len(quoted[0]) <= _MOST_QUOTED):
        return message
    return f"{message[: quoted.start()]}the cell{message[quoted.end() :]}"


class Candidate(NamedTuple):
    """A record that is right by itself, before it is compared with the others; `numbers`: of the rows that say it."""

    record: TableRecord
    numbers: list[int]
    reader: EntryReader

    @property
    def order(self) -> tuple[int, str, int]:
        """By entry, file and record number."""
        return (self.reader.position, self.reader.file, self.numbers[0])

    def reject(self, code: str, message: str) -> None:
        """Count and report its rows as not used."""
        for number in self.numbers:
            self.reader.reject(number, code, message)

    def skip(self, reason: str) -> None:
        """Count its rows as no record of this table."""
        self.reader.skipped[reason] += len(self.numbers)
        self.reader.duplicates -= len(self.numbers) - 1


class EntryReader:
    """Reads the rows of one file into the records of one table."""

    def __init__(
        self,
        entry: Entry,
        shape: Shape,
        rows: Rows,
        file: str,
        position: int,
        beside: frozenset[str] = frozenset(),
    ) -> None:
        """Prepare for a file with these columns; an `InputError` says what is wrong with them.

        `beside`: columns that are left out where the policy does not declare them.
        """
        self.entry, self.shape, self.file, self.position = entry, shape, file, position
        self._beside, self._left_out = beside, rows.left_out
        self.candidates: list[Candidate] = []
        self.rejects: list[Reject] = []
        self.skipped: Counter[str] = Counter()
        self.read = self.duplicates = 0
        self._occurrences: Counter[str] = Counter()
        self._said: dict[object, Candidate] = {}
        header = rows.header
        self._spread, names = virtual_columns(entry, header, file)
        self._index, self._lacking = _index(entry, (*header, *names), file)
        self._nulls = entry.nulls | {""}
        self._tidy = [self._index[name] for name in entry.tidy if name in self._index]
        self._skips = [(self._get(Column(skip.column)), skip) for skip in entry.skip]
        sources = self._sources(header)
        self._fields = [
            (name, self._get(source), self._reader(name))
            for name, source in sources.items()
            if not (isinstance(source, Column) and source.name in rows.empty)
        ]
        self._constants = {name: self._constant(name, text) for name, text in entry.constants.items()}
        self._require({*sources, *entry.constants})

    # --- preparing -------------------------------------------------------------------------------------------

    def _sources(self, header: Sequence[str]) -> Mapping[str, ColumnSource]:
        if self.entry.sources is not None:
            return self.entry.sources
        known = {**self.shape.columns, **ORIGIN}
        unknown = [name for name in header if name not in known and name not in self._beside]
        if unknown:
            raise InputError(
                Problem("unknown_column", f"no such column: {name!r}", Place(self.file), did_you_mean(name, known))
                for name in unknown
            )
        self._left_out.update(name for name in header if name not in known)
        return {name: Column(name) for name in header if name in known}

    def _require(self, have: set[str]) -> None:
        missing = [name for name in self.shape.required if name not in have]
        if missing:
            message = f"the table {self.shape.table} needs the column {', '.join(map(repr, missing))}"
            raise InputError(Problem("missing_column", message, Place(self.file)))

    def _type(self, name: str) -> FieldType:
        return self.shape.columns.get(name) or ORIGIN.get(name, TEXT)

    def _reader(self, name: str) -> CellReader:
        entry = self.entry
        plain = entry.sources is None
        form = CellForm(
            dates=entry.dates,
            nulls=frozenset({"", *entry.nulls, *entry.field_nulls.get(name, ())}),
            codes=entry.codes.get(name),
            unit=entry.money,
            separators=entry.separators.get(name, (";",)),
            prefix=entry.prefixes.get(name, ""),
            strict=plain or name not in entry.separators,
            numbers_as_text=not plain,
        )
        return CellReader(self._type(name), form)

    def _constant(self, name: str, text: str) -> Any:  # Any: a value of the column's type
        try:
            return self._reader(name)(text)
        except RecordError as error:
            problem = error.problems[0]
            message = f"the mapping's constant {name}: {problem.message}"
            raise InputError(Problem(problem.code, message, Place(self.file), problem.hint)) from error

    def _get(self, source: ColumnSource) -> Getter:
        """What gives the raw cell of a source from (cells, record number, item number)."""
        if isinstance(source, Column):
            if source.name in self._lacking:
                return lambda _cells, _number, _piece: None
            index = self._index[source.name]
            return lambda cells, _number, _piece: cells[index]
        if isinstance(source, Line):
            return lambda _cells, number, _piece: str(number)
        if isinstance(source, Piece):
            return lambda _cells, _number, piece: str(piece)
        parts = [self._get(part) for part in source.parts]
        if isinstance(source, FirstOf):
            return lambda cells, number, piece: next(
                (text for part in parts if (text := self._plain(part(cells, number, piece)))), ""
            )
        return lambda cells, number, piece: joined([self._plain(part(cells, number, piece)) for part in parts])

    def _plain(self, cell: object) -> str:
        text = "" if cell is None else str(cell).strip()
        return "" if text in self._nulls else text

    # --- reading ---------------------------------------------------------------------------------------------

    @property
    def columns_not_read(self) -> tuple[str, ...]:
        """The announced columns of the file that were left out, as the policy does not declare them."""
        return tuple(sorted(self._left_out))

    def take(self, number: int, row: Row) -> None:
        """Take one row."""
        if isinstance(row, BadRow):
            self.read += 1
            self.reject(number, row.code, row.message)
            return
        if self._tidy:
            row = [tidied(cell) if at in self._tidy else cell for at, cell in enumerate(row)]
        for piece, cells in enumerate(self._spread(row) if self._spread else (row,), 1):
            self.read += 1
            reason = self._reason_to_skip(cells, number, piece)
            if cells is None or reason:
                self.skipped[reason] += 1
            else:
                self._record(number, piece, cells)

    def reject(self, number: int, code: str, message: str) -> None:
        """Count and report a record as not used."""
        self.rejects.append(Reject(self.file, number, code, message, self.shape.table))

    def _reason_to_skip(self, cells: Cells | None, number: int, piece: int) -> str:
        if cells is None:
            return f"nothing in {self.entry.packed.column}" if self.entry.packed else "nothing"
        for get, skip in self._skips:
            if (self._plain(get(cells, number, piece)) in skip.values) != skip.unless:
                return skip.reason
        return ""

    def _record(self, number: int, piece: int, cells: Cells) -> None:
        values = dict(self._constants)
        problems: list[tuple[str, str]] = []
        for name, get, read in self._fields:
            try:
                value = read(get(cells, number, piece))
            except RecordError as error:
                code, message = first_problem(error)
                problems.append((code, f"{name}: {_discreet(self.shape.table, name, message)}"))
            else:
                if value is not None:
                    values[name] = value
        problems += [
            (f"missing_{name}", f"no {name}") for name in self.shape.required if name not in values and not problems
        ]
        if not problems:
            try:
                self._accept(number, values)
            except RecordError as error:
                problems.append(first_problem(error))
        if problems:
            self.reject(number, problems[0][0], "; ".join(message for _code, message in problems))

    def _accept(self, number: int, values: dict[str, Any]) -> None:  # Any: values of the columns' types
        file, record = values.pop("from_file", self.file), values.pop("from_record", number)
        if self.entry.repeats:
            values["id"] = self._numbered(str(values["id"]))
        content = None if self.shape.is_event else _hashable(values)
        if content in self._said:
            self._said[content].numbers.append(number)
            self.duplicates += 1
            return
        candidate = Candidate(self.shape.build(values, RecordSource(file, record)), [number], self)
        self.candidates.append(candidate)
        if content is not None:
            self._said[content] = candidate

    def _numbered(self, record_id: str) -> str:
        """The id with the number of its occurrence, from the second on."""
        self._occurrences[record_id] += 1
        nth = self._occurrences[record_id]
        return record_id if nth == 1 else f"{record_id}~{nth}"


def _hashable(values: Mapping[str, Any]) -> object:  # Any: values of the columns' types
    """Something to compare records by, or none where a value holds records of its own."""
    content = tuple(values.items())
    try:
        hash(content)
    except TypeError:
        return None
    return content


def joined(parts: Sequence[str]) -> str:
    """Several parts as one id that no other parts give; nothing if all are empty."""
    if not any(parts):
        return ""
    text = "/".join(parts)
    if "~" not in text and text.count("/") == len(parts) - 1:
        return text
    return "/".join(part.replace("~", "~0").replace("/", "~1") for part in parts)


def tidied(cell: object) -> object:
    """A code as it should stand: half-width, without blanks, in capitals."""
    if not isinstance(cell, str):
        return cell
    return "".join(unicodedata.normalize("NFKC", cell).split()).upper()


def _index(entry: Entry, header: Sequence[str], file: str) -> tuple[Mapping[str, int], frozenset[str]]:
    """Where each column stands, by every name that the mapping has for it, and the columns that the file may lack.

    Any other missing column is an `InputError`.
    """
    index = {name: at for at, name in enumerate(header)}
    for name, others in entry.aliases.items():
        found = next((other for other in (name, *others) if other in index), None)
        if found is not None:
            index[name] = index[found]
    lacking = frozenset(entry.may_lack) - set(index)
    needed = sorted(entry.columns() - set(index) - lacking)
    if needed:
        raise InputError(
            Problem("missing_column", f"no column {name!r}", Place(file), did_you_mean(name, header)) for name in needed
        )
    return index, lacking
