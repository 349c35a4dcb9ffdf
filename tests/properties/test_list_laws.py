"""Lists do what a slow walk through all days says, and keep their laws."""

from __future__ import annotations

from datetime import date

from credit_engine.assessing.answer import Assessment, ListEntry
from credit_engine.assessing.assess import assess
from credit_engine.testing.strategies import Question
from properties.list_worlds import all_worlds, edges, how_many
from properties.simulated_entries import Shown
from properties.simulated_world import MONTHS
from properties.simulator import Day, simulate


def answer(question: Question, day: date, known_at: date | None = None) -> Assessment:
    return assess(question.dossier, question.policy, day, known_at or question.known_at)


# --- the simulator --------------------------------------------------------------------------------------------


def test_lists_are_what_a_walk_through_all_days_says() -> None:
    all_worlds(unlike_the_walk, how_many(2))


def unlike_the_walk(question: Question) -> list[str]:
    days = edges(question, 22, len(question.dossier.events))
    lists = question.policy.written["lists"]
    walked = simulate(question.policy.written, question.dossier, question.known_at or days[-1], days, first_of(lists))
    return [wrong for day in days for wrong in differences(day, walked[day], answer(question, day))]


def first_of(lists: dict[str, dict[str, str]]) -> date:
    """The first day to walk through: that of a review period before the first day looked at."""
    longest = max((MONTHS[one["review"]] for one in lists.values() if "review" in one), default=0)
    return {12: date(2023, 1, 1), 3: date(2023, 10, 1), 1: date(2023, 12, 1)}.get(longest, date(2023, 12, 29))


def differences(day: date, walked: Day, given: Assessment) -> list[str]:
    found = []
    for name, shown in walked.entries.items():
        mine = [one for one in shown if not one.too_early]
        early = {one.ground for one in shown if one.too_early}
        theirs = [as_shown(entry) for entry in given.entries if entry.list == name and entry.ground not in early]
        if mine != theirs:
            found += [f"{day} {name}: walked {one}, assessed {other}" for one, other in unequal(mine, theirs)]
        if not early and walked.on_list[name] != given.on_list[name]:
            found.append(f"{day} on_list.{name}: walked {walked.on_list[name]}, assessed {given.on_list[name]}")
    return found


def as_shown(entry: ListEntry) -> Shown:
    in_force = entry.state == "listed"
    return Shown(
        entry.ground,
        entry.state,
        too_early=False,
        listed=entry.listed,
        until=entry.until if in_force else None,
        end_known=entry.end_known or not in_force,
        ground_changed=entry.ground_changed,
        repairable_from=entry.repairable_from,
    )


def unequal(mine: list[Shown], theirs: list[Shown]) -> list[tuple[object, object]]:
    by_ground = {one.ground: one for one in theirs}
    pairs: list[tuple[object, object]] = [(one, by_ground.pop(one.ground, None)) for one in mine]
    return [(one, other) for one, other in pairs if one != other] + [(None, one) for one in by_ground.values()]
