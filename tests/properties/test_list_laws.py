"""Lists do what a slow walk through all days says, and keep their laws."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from attrs import evolve

from credit_engine.assessing.answer import Assessment, ListEntry
from credit_engine.assessing.assess import assess
from credit_engine.records import Event, ListDecision
from credit_engine.testing.drawing import Dice
from credit_engine.testing.strategies import Question
from credit_engine.testing.variations import reordered
from properties.list_worlds import LAST_DAY, all_worlds, edges, how_many
from properties.simulated_entries import Shown
from properties.simulated_world import MONTHS, ONE_DAY
from properties.simulator import Day, simulate

PARTS = 4  # tests run beside each other


def answer(question: Question, day: date, known_at: date | None = None) -> Assessment:
    return assess(question.dossier, question.policy, day, known_at or question.known_at)


# --- the simulator --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", range(PARTS))
def test_lists_are_what_a_walk_through_all_days_says(part: int) -> None:
    all_worlds(unlike_the_walk, range(part, how_many(2000, usual=2000), PARTS))


def unlike_the_walk(question: Question) -> list[str]:
    days = edges(question, 10, len(question.dossier.events))
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
        theirs = [as_shown(entry) for entry in given.entries if entry.list == name]
        found += [f"{day} {name}: walked {one}, assessed {other}" for one, other in unequal(shown, theirs)]
        if walked.on_list[name] != given.on_list[name]:
            found.append(f"{day} on_list.{name}: walked {walked.on_list[name]}, assessed {given.on_list[name]}")
    return found


def as_shown(entry: ListEntry) -> Shown:
    in_force = entry.state == "listed"
    return Shown(
        entry.ground,
        entry.state,
        listed=entry.listed,
        until=entry.until if in_force else None,
        end_known=entry.end_known or not in_force,
        ground_changed=entry.ground_changed,
        repairable_from=entry.repairable_from,
    )


def unequal(mine: Sequence[Shown], theirs: Sequence[Shown]) -> list[tuple[object, object]]:
    by_ground = {one.ground: one for one in theirs}
    pairs: list[tuple[object, object]] = [(one, by_ground.pop(one.ground, None)) for one in mine]
    return [(one, other) for one, other in pairs if one != other] + [(None, one) for one in by_ground.values()]


# --- states ---------------------------------------------------------------------------------------------------

ABSENT = "absent"
STATES = {ABSENT, "proposed", "notified", "listed", "suspended", "expired", "repaired", "refused", "revoked"}
# What may become of an entry without a step. A proposal lapses where the law of the day no longer opens it, and comes
# back with its notice; what a review listed is gone with the next one.
BY_ITSELF = {
    ABSENT: {"proposed", "notified", "listed"},
    "proposed": {ABSENT, "listed"},
    "notified": {ABSENT, "listed"},
    "listed": {"expired"},
}
BY_REVIEW = {"proposed": {"suspended"}, "notified": {"suspended"}, "listed": {"suspended"}} | {
    state: {ABSENT} for state in ("suspended", "repaired", "refused", "revoked")
}
# What a step may make of an entry: only `list` and `restore` bring back what has ended.
BY_STEP: dict[str, dict[str, str]] = {
    "notify": {"proposed": "notified"},
    "list": dict.fromkeys(STATES, "listed"),
    "restore": dict.fromkeys(STATES - {ABSENT}, "listed"),
    "refuse": dict.fromkeys(("proposed", "notified", "listed", "suspended", "expired", "repaired"), "refused"),
    "repair": dict.fromkeys(("proposed", "notified", "listed", "suspended", "expired"), "repaired"),
    "revoke": dict.fromkeys(STATES - {ABSENT}, "revoked"),
}


def reachable(states: set[str], *, review: bool) -> set[str]:
    """The states to which these may come without a step, themselves included."""
    found = set(states)
    while True:
        more = {after for state in found for after in BY_ITSELF.get(state, ())}
        if review:
            more |= {after for state in found for after in BY_REVIEW.get(state, ())}
            more |= {ABSENT}
        if more <= found:
            return found
        found |= more


def allowed_after(before: str, steps: list[str], *, review: bool) -> set[str]:
    """The states in which an entry may be after these steps of one list, in order; each may pass it by."""
    found = reachable({before}, review=review)
    for step in steps:
        found |= {BY_STEP[step][state] for state in found if state in BY_STEP.get(step, {})}
        found = reachable(found, review=review)
    return found


def test_every_entry_is_in_one_state_on_each_day_and_states_follow_the_allowed_order() -> None:
    all_worlds(out_of_order, range(how_many(1000, usual=100)))


def out_of_order(question: Question) -> list[str]:
    days = ten_years(question)
    answers = {day: answer(question, day) for day in days}
    found = [f"{day}: {wrong}" for day, given in answers.items() for wrong in wrong_on_a_day(given)]
    gone = withdrawn_grounds(question)
    for name, written in question.policy.written["lists"].items():
        states = [{entry.ground: entry.state for entry in answers[day].entries if entry.list == name} for day in days]
        for ground in {ground for one in states for ground in one}:
            course = [one.get(ground, ABSENT) for one in states]
            if ground in gone:
                found += [f"{name}/{ground}: {set(course)}"] if set(course) - {ABSENT, "revoked"} else []
            else:
                found += wrong_turns(question, name, days, course, review="review" in written)
    return found


def ten_years(question: Question) -> list[date]:
    """Days at which something could turn, the days of all steps and their eves, and a day of each of ten years."""
    steps = {event.decided for event in question.dossier.events if event.kind == "list_decision" and event.decided}
    days = {*edges(question, 16), *steps, *(step - ONE_DAY for step in steps)}
    return sorted(days | {date(year, month, 1) for year, month in zip(range(2024, 2034), range(1, 11), strict=True)})


def wrong_turns(question: Question, name: str, days: list[date], course: list[str], *, review: bool) -> list[str]:
    found = []
    for place in range(1, len(days)):
        before, after = course[place - 1], course[place]
        if before != after:
            steps = steps_between(question, name, days[place - 1], days[place])
            if after not in allowed_after(before, steps, review=review):
                found.append(f"{name}, {days[place]}: from {before} to {after} by {steps}")
    return found


def known_events(question: Question) -> list[Event]:
    return question.dossier.events_on(question.known_at or date.max)


def steps_between(question: Question, name: str, after: date, until: date) -> list[str]:
    steps = [
        (event.decided, event.sequence, event.id, event.step)
        for event in known_events(question)
        if isinstance(event, ListDecision) and event.list == name and event.decided and after < event.decided <= until
        if event.step is not None
    ]
    return [step for *_, step in sorted(steps)]


def withdrawn_grounds(question: Question) -> set[str]:
    return {event.id for event in known_events(question) if event.standing == "withdrawn"}


def wrong_on_a_day(given: Assessment) -> list[str]:
    """What cannot be on one day: an entry twice, a period that is over, a measure without an entry in force."""
    ids = [entry.id for entry in given.entries]
    found = [] if len(ids) == len(set(ids)) else [f"entries {ids}"]
    for entry in given.entries:
        in_force = entry.state == "listed"
        fits = entry.state in STATES - {ABSENT} and (entry.listed is None or entry.listed <= given.as_of)
        fits = fits and not (in_force and entry.until is not None and entry.until <= given.as_of)
        fits = fits and (entry.listed is not None or entry.state not in ("listed", "expired"))
        fits = fits and (entry.repairable_from is None or entry.state in ("listed", "suspended"))
        if not fits:
            found.append(f"{entry}")
    for name, is_on in given.on_list.items():
        in_force = any(entry.list == name and entry.state == "listed" for entry in given.entries)
        in_doubt = any(entry.list == name and not entry.end_known for entry in given.entries)
        if in_force is not (is_on is True) and not (in_force and in_doubt and is_on is None):
            found.append(f"on_list.{name} is {is_on}")
    listed = {entry.id: (entry.listed, entry.until) for entry in given.entries if entry.state == "listed"}
    return found + [
        f"{measure}"
        for measure in given.measures
        if listed.get(measure.entry or "") != (measure.from_day, measure.until) or measure.measure == "M2"
    ]


# --- what is not recorded of a decision -----------------------------------------------------------------------


def test_whatever_a_decision_turns_out_to_be_lies_inside_what_was_said_before() -> None:
    all_worlds(outside_of_what_was_said, range(how_many(3000, usual=400)))


def outside_of_what_was_said(question: Question) -> list[str]:
    """What was said for certain of who is on a list, and is otherwise once days, lists and steps are all recorded."""
    found: list[str] = []
    dice = Dice(len(question.dossier.events))
    days = edges(question, 6)
    before = {day: _claimed(answer(question, day)) for day in days}
    if None not in {truth for said in before.values() for truth in said.values()}:
        return found
    for _ in range(6):
        events = [_told(dice, question, event) for event in question.dossier.events]
        later = evolve(question, dossier=evolve(question.dossier, events=events))
        for day in days:
            after = answer(later, day).on_list
            wrong = [name for name, said in before[day].items() if said is not None and after[name] is not said]
            found += [f"{day} on_list.{name}: said {before[day][name]}, is {after[name]}; {events}" for name in wrong]
    return found


def _claimed(before: Assessment) -> dict[str, bool | None]:
    """What is claimed of each list; an entry whose end is not known stays open without a claim that it is."""
    ending = {entry.list for entry in before.entries if entry.state == "listed" and entry.end_known}
    return {name: None if said and name not in ending else said for name, said in before.on_list.items()}


def _told(dice: Dice, question: Question, event: Event) -> Event:
    """A decision with what is missing of it."""
    if not isinstance(event, ListDecision):
        return event
    lists = tuple(question.policy.written["lists"])
    days = [each.decided for each in question.dossier.events if each.decided] or [LAST_DAY]
    return evolve(
        event,
        decided=event.decided or dice.one(days),
        list=event.list or dice.one(lists),
        step=event.step or dice.one(tuple(sorted(BY_STEP))),
    )


# --- what does not matter -------------------------------------------------------------------------------------


def test_the_order_of_records_changes_nothing() -> None:
    all_worlds(different_in_another_order, range(how_many(1000, usual=200)))


def different_in_another_order(question: Question) -> list[str]:
    dice = Dice(len(question.dossier.events))
    other = evolve(question, dossier=reordered(dice, question.dossier))
    days = edges(question, 4)
    return [f"{day}" for day in days if answer(question, day) != answer(other, day)]


def test_withdrawing_all_grounds_is_as_if_they_had_never_been_recorded() -> None:
    all_worlds(different_once_withdrawn, range(how_many(1000, usual=300)))


def different_once_withdrawn(question: Question) -> list[str]:
    """What differs between all decisions withdrawn and none recorded, whenever one asks later.

    Left aside are the entries that the authority made of such a decision: they stay, as revoked, and stay out of force.
    The steps that name nothing else are left out where the decisions are.
    """
    known = LAST_DAY
    gone = {event.id for event in question.dossier.events if event.kind == "violation"}
    last = [
        evolve(event, party="P1", recorded=known, revision=1000, standing="withdrawn")
        for event in {event.id: event for event in question.dossier.events if event.kind == "violation"}.values()
    ]
    withdrawn = evolve(question, dossier=evolve(question.dossier, events=(*question.dossier.events, *last)))
    never = evolve(question, dossier=evolve(question.dossier, events=without(question.dossier.events, gone)))
    found = []
    for day in (*edges(question, 5), date(2027, 1, 1)):
        later = answer(withdrawn, day, max(day, known)), answer(never, day, max(day, known))
        kept = [tuple(one for one in given.entries if one.ground not in gone) for given in later]
        ended = [entry for entry in later[0].entries if entry.ground in gone]
        same = kept[0] == kept[1] and later[0].on_list == later[1].on_list and later[0].measures == later[1].measures
        if not same or any(entry.state != "revoked" for entry in ended):
            found.append(f"{day}: {kept[0]} {later[0].on_list} instead of {kept[1]} {later[1].on_list}; {ended}")
    return found


def without(events: tuple[Event, ...], gone: set[str]) -> list[Event]:
    """The records without these decisions, and without the steps that name nothing else."""
    kept: list[Event] = []
    for event in events:
        if isinstance(event, ListDecision) and gone.intersection(event.grounds or ()):
            left = tuple(ground for ground in event.grounds or () if ground not in gone)
            kept += [evolve(event, grounds=left)] if left else []
        elif event.kind != "violation":
            kept.append(event)
    return kept
