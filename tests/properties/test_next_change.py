"""`next_change` is right on both its sides, duties are total, and each is in one state a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.assessing.changes import next_change
from credit_engine.days import Period, add
from credit_engine.testing.drawing import Dice
from credit_engine.testing.drawn_duties import duty_question
from credit_engine.testing.strategies import Question
from properties.list_worlds import all_worlds, edges, how_many
from properties.simulated_world import ONE_DAY

YEARS = 5
DAYS = YEARS * 366


def world(number: int) -> Question:
    return duty_question(Dice(number))


def answer(question: Question, day: date) -> Assessment:
    return assess(question.dossier, question.policy, day, question.known_at)


def seen(given: Assessment, *, with_score: bool) -> dict[str, Any]:  # Any: whatever an answer holds
    """Everything in an answer that is not the day itself, a number that moves, or how it came about."""
    entries = given.entries
    return {
        "outside": given.outside_policy,
        "grades": {name: (grade.label, grade.possible) for name, grade in given.grades.items()},
        "score": given.score if with_score else None,
        "reasons": {(line.rule, line.event, line.item) for line in given.reasons if line.kind == "rule"},
        "unknowns": {(line.rule, line.event, line.names) for line in given.unknowns},
        "entries": [
            (one.id, one.state, one.listed, one.until, one.end_known, one.repairable_from, one.ground_changed)
            for one in entries
        ],
        "repairable": [one.id for one in entries if one.repairable_from and one.repairable_from <= given.as_of],
        "on_list": dict(given.on_list),
        "measures": [(one.measure, one.entry, one.from_day, one.until) for one in given.measures],
        "findings": [(one.rule, one.event, one.says) for one in given.findings],
        "obligations": [(one.rule, one.event, one.due, one.done, one.state) for one in given.obligations],
        "supervision": [(one.thing, one.rule, one.at_least, one.times, one.notice) for one in given.supervision],
    }


def changed(before: Assessment, after: Assessment) -> list[str]:
    """What differs between two days, the number of a fading score aside."""
    score = before.question[1].plan.score
    fades = score is not None and any(rule.fades for rule in score.rules)
    one, other = seen(before, with_score=not fades), seen(after, with_score=not fades)
    return [f"{name}: {one[name]} then {other[name]}" for name in one if one[name] != other[name]]


def test_the_next_change_is_right_on_both_its_sides() -> None:
    all_worlds(wrong_next_change, how_many(), world)


def wrong_next_change(question: Question) -> list[str]:
    today = answer(question, question.as_of)
    found = next_change(question.dossier, question.policy, question.as_of, question.known_at)
    wrong = []
    for day in days_before(question, found):
        if differing := changed(today, answer(question, day)):
            wrong.append(f"{question.as_of}, next change {found}: on {day} {differing}")
            break
    if found is not None and not changed(today, answer(question, found)):
        wrong.append(f"{question.as_of}: nothing differs on {found}")
    return wrong


def days_before(question: Question, found: date | None) -> Iterator[date]:
    """Days between the day judged and its next change, or in five years: the first, the last, and those that matter."""
    last = (found or question.as_of + ONE_DAY * DAYS) - ONE_DAY
    near = {question.as_of + ONE_DAY * ahead for ahead in range(1, 8)} | {last - ONE_DAY * back for back in range(3)}
    for day in sorted(near | set(edges(question, 30))):
        if question.as_of < day <= last:
            yield day
