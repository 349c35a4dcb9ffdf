"""Days that are passed over are those on which nothing turns: answers are as when every day is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from attrs import evolve

from credit_engine.assessing import grading, listing
from credit_engine.assessing.assess import assess, own_score, program_of
from credit_engine.assessing.plain import assessment_data
from credit_engine.assessing.program import Earlier, Program
from credit_engine.assessing.scene import Scene
from credit_engine.dossiers import Dossier
from credit_engine.policy.load import Policy, load_policy
from credit_engine.records import ListDecision, Operator, Violation
from credit_engine.testing.question import Question
from credit_engine.testing.sampling import sample
from properties.list_worlds import FIRST_DAY, LAST_DAY, all_worlds, edges, how_many
from properties.simulated_world import ONE_DAY

PASSING_OVER = ("delta-food", "zhejiang-credit", "penalty-publication")  # lists that are held open or repaired by lists
LONG_AGO = date(2018, 1, 15)


def day_by_day(policy: Policy) -> Policy:
    """The same policy, of which every day is asked."""
    slow = evolve(policy)
    slow.memo["plain"] = Program(policy.plan, Earlier(own_score, grading.own_grade, listing.on_list))
    return slow


def test_no_list_turns_on_a_day_up_to_which_it_is_said_to_stay() -> None:
    all_worlds(turning_too_soon, range(how_many(200, usual=30)))


def turning_too_soon(question: Question) -> list[str]:
    scene = Scene(
        program_of(question.policy), question.dossier, FIRST_DAY, known_at=question.known_at or question.as_of
    )
    found = []
    for name in sorted(rule.name for rule in question.policy.plan.lists):
        day = FIRST_DAY
        while day < LAST_DAY:
            said, until = scene.on(day).on_list(name), min(LAST_DAY, scene.on(day).on_list_until(name))
            while day < until:
                day += ONE_DAY
                if scene.on(day).on_list(name) is not said:
                    found.append(f"{name} turns on {day} and was to stay until {until}")
            day = until + ONE_DAY
    return found


def test_a_list_held_open_by_lists_is_as_when_every_day_is_asked() -> None:
    all_worlds(unlike_day_by_day, range(how_many(2000, usual=400)))


def unlike_day_by_day(question: Question) -> list[str]:
    slow = day_by_day(question.policy)
    return [
        f"{day}: another answer"
        for day in edges(question, 4, len(question.dossier.events))
        if told(question, question.policy, day) != told(question, slow, day)
    ]


def told(question: Question, policy: Policy, day: date) -> object:
    return assessment_data(assess(question.dossier, policy, day, question.known_at))


@pytest.mark.parametrize("name", PASSING_OVER)
def test_shipped_policies_answer_as_when_every_day_is_asked(name: str) -> None:
    policy = load_policy(name)
    slow = day_by_day(policy)
    for number in range(how_many(1000, usual=200)):
        question = sample(policy, number)
        if question.event is None:
            assert told(question, policy, question.as_of) == told(question, slow, question.as_of), number


def listed_for_long() -> Dossier:
    """A dossier with five records that have been held open for years by an entry whose end is not known."""
    records = [
        Violation(
            id=f"V{number}",
            party="P1",
            region="330100",
            occurred=LONG_AGO,
            decided=LONG_AGO + ONE_DAY * number,
            effective=LONG_AGO + ONE_DAY * 30,
            law="food_safety_law",
            article="123",
            penalties=frozenset({"fine"}),
            fine=6_000_000,
            severity="severe",
            heavier=True,
            procedure="ordinary",
        )
        for number in range(5)
    ]
    named = ListDecision(
        id="D1",
        party="P1",
        list="severely_untrustworthy",
        step="list",
        decided=LONG_AGO + ONE_DAY * 60,
        grounds=("V1",),
    )
    return Dossier(Operator(id="P1", kind="enterprise", region="330100"), [*records, named])


def asked_days(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> int:
    """On how many days something is asked to answer for 2026-06-30."""
    days: set[date] = set()
    on: Callable[[Scene, date], Scene] = Scene.on

    def counted(scene: Scene, day: date) -> Scene:
        days.add(day)
        return on(scene, day)

    with monkeypatch.context() as patch:
        patch.setattr(Scene, "on", counted)
        assess(listed_for_long(), policy, date(2026, 6, 30))
    return len(days)


def test_years_in_which_nothing_turns_are_not_asked_day_by_day(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = load_policy("zhejiang-credit")
    fast, slow = asked_days(policy, monkeypatch), asked_days(day_by_day(policy), monkeypatch)
    assert fast <= 60
    assert slow >= 1000
