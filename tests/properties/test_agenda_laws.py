"""Laws of the agenda: it begins with the next change, it can be asked in two parts, and a day more only adds."""

from __future__ import annotations

from datetime import date, timedelta

from credit_engine.assessing.changes import AgendaLine, agenda, next_change
from credit_engine.testing.drawing import Dice
from credit_engine.testing.drawn_duties import duty_question
from credit_engine.testing.strategies import Question
from properties.list_worlds import all_worlds, how_many

AHEAD = timedelta(days=500)


def world(number: int) -> Question:
    return duty_question(Dice(number))


def told(question: Question, as_of: date, until: date) -> tuple[AgendaLine, ...]:
    return agenda(question.dossier, question.policy, as_of, until, question.known_at)


def test_an_agenda_is_the_agendas_of_its_two_parts() -> None:
    all_worlds(wrong_halves, range(how_many(100, usual=20)), world)


def wrong_halves(question: Question) -> list[str]:
    start, end = question.as_of, question.as_of + AHEAD
    whole = told(question, start, end)
    cuts = sorted({line.day for line in whole} | {start + AHEAD / 2})[:3]
    return [
        f"cut on {cut}: {told(question, start, cut) + told(question, cut, end)} is not {whole}"
        for cut in cuts
        if told(question, start, cut) + told(question, cut, end) != whole
    ]


def test_nothing_stands_in_an_agenda_before_the_next_change_but_deadlines() -> None:
    all_worlds(wrong_first, range(how_many(100, usual=20)), world)


def wrong_first(question: Question) -> list[str]:
    first = next_change(question.dossier, question.policy, question.as_of, question.known_at)
    changes = [line for line in told(question, question.as_of, question.as_of + AHEAD) if line.what != "due"]
    return [f"{line} comes before {first}" for line in changes if first is None or line.day < first]


def test_the_lines_of_an_agenda_are_sorted_lie_ahead_and_differ() -> None:
    all_worlds(wrong_lines, range(how_many(100, usual=20)), world)


def wrong_lines(question: Question) -> list[str]:
    lines = told(question, question.as_of, question.as_of + AHEAD)
    keys = [(line.day, line.what, line.subject) for line in lines]
    wrong = [f"out of order: {keys}"] if keys != sorted(set(keys)) else []
    wrong += [f"not ahead: {line}" for line in lines if not question.as_of < line.day <= question.as_of + AHEAD]
    return wrong + [f"no change: {line}" for line in lines if line.before == line.after]
