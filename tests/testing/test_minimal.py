"""Smaller questions of which something still holds."""

from __future__ import annotations

from datetime import date

import pytest

from credit_engine.dossiers import Dossier
from credit_engine.errors import Problem, QuestionError
from credit_engine.policy.load import load_policy
from credit_engine.records import Operator, Violation
from credit_engine.testing.minimal import minimal
from credit_engine.testing.question import Question, answers, ask
from credit_engine.testing.sampling import sample

DAY = date(2026, 6, 30)
ORDER44 = load_policy("severe-list-order44")


def is_listed(question: Question) -> bool:
    return any(entry.state == "listed" for entry in ask(question).entries)


@pytest.mark.parametrize("number", range(12))
def test_what_is_left_still_holds_and_is_the_same_every_time(number: int) -> None:
    question = sample(ORDER44, number)
    if not is_listed(question):
        return
    smallest = minimal(question, is_listed)
    assert is_listed(smallest)
    assert smallest == minimal(question, is_listed) == minimal(smallest, is_listed)
    assert len(smallest.dossier.events) <= 2
    assert not smallest.others
    assert not smallest.relations


def test_nothing_of_an_event_is_left_that_does_not_matter() -> None:
    def is_fined(question: Question) -> bool:
        return any((getattr(each, "fine", None) or 0) >= 10_000 for each in question.dossier.events)

    policy = load_policy("agri-credit")
    fined = Violation(
        id="V1", party="P1", decided=DAY, document="D1", standing="final", penalties={"fine"}, fine=123456
    )
    question = Question(policy, Dossier(Operator(id="P1", kind="farm"), [fined]), DAY)
    [event] = minimal(question, is_fined).dossier.events
    assert (event.decided, event.document, event.standing, getattr(event, "fine", None)) == (
        None,
        None,
        "found",
        100_000,
    )


def test_what_an_effect_needs_stays() -> None:
    def reaches_somebody(question: Question) -> bool:
        return any(effect.steps for effect in answers(question)[1])

    question = next(each for number in range(500) if reaches_somebody(each := sample(ORDER44, number)))
    smallest = minimal(question, reaches_somebody)
    assert len(smallest.relations) == 1
    assert len(smallest.others) == 1


def test_where_it_raises_an_error_it_does_not_hold() -> None:
    def fragile(question: Question) -> bool:
        if not question.dossier.events:
            raise QuestionError(Problem("empty", "nothing is left"))
        return True

    question = next(each for number in range(100) if (each := sample(ORDER44, number)).dossier.events)
    assert len(minimal(question, fragile).dossier.events) == 1


def test_days_become_plain_where_they_may() -> None:
    def is_of_2023(question: Question) -> bool:
        return any(each.decided is not None and each.decided.year == 2023 for each in question.dossier.events)

    question = next(each for number in range(500) if is_of_2023(each := sample(ORDER44, number)))
    assert [each.decided for each in minimal(question, is_of_2023).dossier.events] == [date(2023, 1, 1)]
