"""`next_change` is right on both its sides, duties are total, and each is in one state a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from attrs import evolve

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.assessing.changes import next_change
from credit_engine.assessing.obligations import summary
from credit_engine.testing.drawing import Dice
from credit_engine.testing.drawn_duties import duty_question
from credit_engine.testing.laws.days import changes
from credit_engine.testing.strategies import Question
from credit_engine.testing.variations import reordered
from properties.list_worlds import all_worlds, edges, how_many
from properties.simulated_world import ONE_DAY

YEARS = 5
DAYS = YEARS * 366


def world(number: int) -> Question:
    return duty_question(Dice(number))


def answer(question: Question, day: date) -> Assessment:
    return assess(question.dossier, question.policy, day, question.known_at)


def test_the_next_change_is_right_on_both_its_sides() -> None:
    all_worlds(wrong_next_change, range(how_many(1000, usual=200)), world)


def wrong_next_change(question: Question) -> list[str]:
    today = answer(question, question.as_of)
    found = next_change(question.dossier, question.policy, question.as_of, question.known_at)
    wrong = []
    for day in days_before(question, found):
        if differing := changes(today, answer(question, day)):
            wrong.append(f"{question.as_of}, next change {found}: on {day} {differing}")
            break
    if found is not None and not changes(today, answer(question, found)):
        wrong.append(f"{question.as_of}: nothing differs on {found}")
    return wrong


def days_before(question: Question, found: date | None) -> Iterator[date]:
    """Days between the day judged and its next change, or in five years: the first, the last, and those that matter."""
    last = (found or question.as_of + ONE_DAY * DAYS) - ONE_DAY
    near = {question.as_of + ONE_DAY * ahead for ahead in range(1, 8)} | {last - ONE_DAY * back for back in range(3)}
    for day in sorted(near | set(edges(question, 10))):
        if question.as_of < day <= last:
            yield day


def test_nothing_changes_on_any_day_before_the_next_change() -> None:
    all_worlds(wrong_on_some_day, range(100_000, 100_000 + how_many(50, usual=5)), world)


def wrong_on_some_day(question: Question) -> list[str]:
    """The same, looking at every single day, five years ahead where no change is to come."""
    today = answer(question, question.as_of)
    found = next_change(question.dossier, question.policy, question.as_of, question.known_at)
    for ahead in range(1, DAYS if found is None else (found - question.as_of).days):
        day = question.as_of + ONE_DAY * ahead
        if differing := changes(today, answer(question, day)):
            return [f"{question.as_of}, next change {found}: on {day} {differing}"]
    return []


# --- duties ---------------------------------------------------------------------------------------------------

ABSENT = "absent"
MAY_BECOME = {
    ABSENT: {"open", "overdue", "met", "late", "unknown"},
    "open": {"met", "overdue", "late", "unknown"},
    "overdue": {"late", "unknown"},
    "met": set(),
    "late": set(),
    "unknown": set(),
}


def test_every_duty_is_in_one_state_on_each_day_and_duties_are_total() -> None:
    all_worlds(wrong_duties, range(how_many(1000, usual=200)), duty_world)


def duty_world(number: int) -> Question:
    """The first world from this place on that has duties."""
    return next(question for step in range(50) if (question := world(number + step * 7919)).policy.plan.obligations)


def wrong_duties(question: Question) -> list[str]:
    found: list[str] = []
    course: dict[tuple[str, str], str] = {}
    for day in edges(question, 8):
        given = answer(question, day)
        states = {(one.rule, one.event): one.state for one in given.obligations}
        if len(states) != len(given.obligations):
            found.append(f"{day}: a duty stands twice")
        found += [f"{day}: {wrong}" for wrong in [*not_total(given), *missing(question, given)]]
        if not by_the_law_of_the_day(question):
            found += [
                f"{day}: {duty} from {course.get(duty, ABSENT)} to {state}"
                for duty, state in states.items()
                if state != course.get(duty, ABSENT) and state not in MAY_BECOME[course.get(duty, ABSENT)]
            ]
            found += [f"{day}: {duty} is gone" for duty in course.keys() - states.keys()]
        course = states
    return found


def by_the_law_of_the_day(question: Question) -> bool:
    return bool(question.policy.plan.law.as_of)


def not_total(given: Assessment) -> list[str]:
    """Whether each duty is counted once, in the row of its rule, region and month, and the states add up."""
    rows = summary(given.obligations, given.as_of)
    wrong = [f"{row}" for row in rows if row.met + row.late + row.open + row.overdue + row.unknown != row.due]
    fallen = [one for one in given.obligations if one.due is None or one.due <= given.as_of]
    counted = sum(row.due for row in rows)
    return wrong if counted == len(fallen) else [*wrong, f"{counted} counted of {len(fallen)}"]


def missing(question: Question, given: Assessment) -> list[str]:
    """Decisions for which a rule that asks nothing of them has no duty."""
    rules = [rule for rule in question.policy.written.get("obligations", ()) if "where" not in rule]
    there = {(one.rule, one.event) for one in given.obligations}
    events = question.dossier.events_on(question.known_at or given.as_of)
    meant = {
        (rule["rule"], event.id)
        for rule in rules
        for event in events
        if event.kind == "violation"
        and event.standing in rule.get("standing", ("found", "final"))
        and (event.decided is None or event.decided <= given.as_of)
    }
    names = {rule["rule"] for rule in rules}
    return [f"{duty} is missing" for duty in meant ^ {duty for duty in there if duty[0] in names}]


def test_the_order_of_records_changes_nothing_that_follows_from_them() -> None:
    all_worlds(different_in_another_order, range(how_many(1000, usual=200)), world)


def different_in_another_order(question: Question) -> list[str]:
    other = evolve(question, dossier=reordered(Dice(len(question.dossier.events)), question.dossier))
    return [f"{day}" for day in edges(question, 4) if answer(question, day) != answer(other, day)]
