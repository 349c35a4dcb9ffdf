"""A panel: a table of questions (party, day, and perhaps event and known_at) to be answered one by one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

from credit_engine.errors import InputError, Place, Problem, RecordError
from credit_engine.files.cells import CellForm, CellReader, first_problem
from credit_engine.files.recording import Reject
from credit_engine.files.rows import BadRow, open_rows
from credit_engine.quantities import DATE, TEXT

COLUMNS = {"party": TEXT, "day": DATE, "event": TEXT, "known_at": DATE}
REQUIRED = ("party", "day")


class Question(NamedTuple):
    """Who is asked about, on which day, from which event's viewpoint (or none), with what known when (the day)."""

    party: str
    day: date
    event: str | None = None
    known_at: date | None = None
    file: str = ""
    record: int = 0


class Panel(NamedTuple):
    """The questions of a table, each once, the rows that are none, and how many rows repeat an earlier question."""

    questions: list[Question]
    rejects: list[Reject]
    duplicates: int = 0


def read_panel(path: Path | str) -> Panel:
    """The questions of a table in its own order, and the rows that are none. Raises `InputError`."""
    path = Path(path)
    if not path.is_file():
        raise InputError(
            Problem("not_found", "no such file of questions", Place(str(path)), f"columns: {', '.join(COLUMNS)}")
        )
    rows = open_rows(path, columns=tuple(COLUMNS))
    missing = [name for name in REQUIRED if name not in rows.header]
    unknown = [name for name in rows.header if name not in COLUMNS]
    if missing or unknown:
        what = f"has no column {missing[0]!r}" if missing else f"has a column {unknown[0]!r}"
        raise InputError(
            Problem("wrong_columns", f"a panel {what}", Place(path.name), f"columns: {', '.join(COLUMNS)}")
        )
    readers = {name: CellReader(COLUMNS[name], CellForm()) for name in rows.header}
    questions: dict[object, Question] = {}
    rejects: list[Reject] = []
    asked = 0
    for number, row in rows.numbered:
        try:
            question = _question(path.name, number, row, readers)
        except RecordError as error:
            rejects.append(Reject(path.name, number, *first_problem(error), "panel"))
            continue
        asked += 1
        key = (question.party, question.day, question.event, question.known_at or question.day)
        questions.setdefault(key, question)
    return Panel(list(questions.values()), rejects, asked - len(questions))


def _question(file: str, number: int, row: object, readers: dict[str, CellReader]) -> Question:
    if isinstance(row, BadRow):
        raise RecordError(Problem(row.code, row.message))
    values = {name: read(cell) for (name, read), cell in zip(readers.items(), row, strict=True)}  # type: ignore[call-overload]  # a row is a sequence of cells
    for name in REQUIRED:
        if values[name] is None:
            raise RecordError(Problem("missing_cell", f"{name} is empty"))
    return Question(**values, file=file, record=number)
