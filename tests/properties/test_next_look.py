"""Before the day that `next_look` names an answer says the same every day, apart from numbers that move."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from credit_engine.assessing.assess import assess
from credit_engine.assessing.changes import next_look, stands
from credit_engine.testing.drawing import Dice
from credit_engine.testing.drawn_duties import duty_question
from credit_engine.testing.strategies import Question, loaded_policies, questions
from properties.list_worlds import edges, how_many, list_world

LONGEST = timedelta(days=800)


def wrong_before_the_look(question: Question, days: list[date]) -> list[str]:
    now = assess(question.dossier, question.policy, question.as_of, question.known_at)
    look = next_look(now)
    assert look is None or look > question.as_of
    said = stands(now)
    between = [day for day in days if question.as_of < day and (look is None or day < look)]
    answers = (assess(question.dossier, question.policy, day, now.known_at) for day in between)
    return [f"{question.as_of}, look {look}: different on {one.as_of}" for one in answers if stands(one) != said]


def test_nothing_changes_in_worlds_of_lists_before_the_next_look() -> None:
    for number in range(how_many(400, usual=20)):
        question = list_world(number)
        assert not wrong_before_the_look(question, edges(question, 40, number)), number


def test_nothing_changes_in_worlds_of_duties_before_the_next_look() -> None:
    for number in range(how_many(400, usual=20)):
        question = duty_question(Dice(number))
        assert not wrong_before_the_look(question, edges(question, 40, number)), number


@given(questions(loaded_policies()), st.integers(1, 30))
def test_nothing_changes_under_any_policy_before_the_next_look(question: Question, step: int) -> None:
    days = [question.as_of + timedelta(days=one) for one in range(1, LONGEST.days, step * 7)]
    assert not wrong_before_the_look(question, [day for day in days if day.year < 2100])
