"""Lists: which entries there are on the day judged, in which state, until when, and what could end them.

A score never lists anyone; a rule proposes and a decision lists, except on positive lists and publications that say
otherwise. An entry is (list, party, ground). Only an entry in the state `listed` is in force.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple

from attrs import evolve

from credit_engine.assessing.answer import ListEntry, UnknownLine
from credit_engine.assessing.entries import entry_of
from credit_engine.assessing.grounds import OPEN, Case, List, compiled, ground_day, state_of, step_of
from credit_engine.assessing.naming import unknown_names
from credit_engine.assessing.opening import founded, line_about, openings
from credit_engine.assessing.program import Program
from credit_engine.assessing.scene import Scene
from credit_engine.assessing.spanning import LATEST_DAY, could_reach
from credit_engine.assessing.steps import (
    DECIDED_BY,
    Doubt,
    Steps,
    event_behind,
    grounds_of,
    may_end,
    may_list,
    may_move,
    steps_on,
)
from credit_engine.assessing.unknown import DOUBTFUL, Truth
from credit_engine.days import REVIEWS, end_of, start_of
from credit_engine.records import TAKES_PART, Event, ListDecision

ONE_DAY = timedelta(days=1)


class Listing(NamedTuple):
    """The entries of one list on the day judged, what was not known, and whether there may be another in force.

    `cases`: what each entry was made of, in the same order. `may_be_over`: the grounds of the entries that a decision
    could have ended of which something is not recorded.
    """

    entries: tuple[ListEntry, ...]
    unknowns: tuple[UnknownLine, ...]
    may_be_listed: bool
    cases: tuple[Case, ...] = ()
    may_be_over: frozenset[str] = frozenset()

    @property
    def in_force(self) -> tuple[tuple[ListEntry, Case], ...]:
        """The entries that are in force for certain, each with what it was made of."""
        pairs = zip(self.entries, self.cases, strict=True)
        return tuple(
            (entry, case) for entry, case in pairs if entry.state == "listed" and case.ground not in self.may_be_over
        )


class Found(NamedTuple):
    """What stands on one list on the day judged, before anything is told of it: its grounds, and which have an entry.

    `review`: the day of the current review. `suspended`: whether that review's entry is, or may be. `doubtful`: the
    decisions that only may be steps on the list.
    """

    cases: tuple[Case, ...]
    there: tuple[Case, ...]
    unknowns: tuple[UnknownLine, ...]
    may_be_listed: bool
    review: date | None = None
    suspended: bool = False
    doubtful: tuple[Doubt, ...] = ()


def on_list(scene: Scene, name: str) -> Any:  # Any: true, false or DOUBTFUL
    """What a condition that names the list reads; asked for many days, so nothing more is made than it needs."""
    key = ("on_list", name)
    if key not in scene.found:
        one, found = compiled_list(scene.program, name), found_on(scene, name)
        listed = [] if found.suspended else [case for case in found.there if state_of(one, scene, case) == "listed"]
        is_on = any(not _may_be_over(one, scene, case, found) for case in listed)
        scene.found[key] = True if is_on else DOUBTFUL if listed or found.may_be_listed else False
    return scene.found[key]


def listed_on(scene: Scene, name: str) -> Listing:
    """The entries of one list, found once."""
    key = ("list", name)
    made: Listing | None = scene.found.get(key)
    if made is None:
        one, found = compiled_list(scene.program, name), found_on(scene, name)
        unknowns = list(found.unknowns)
        entries = tuple(entry_of(one, scene, case, unknowns) for case in found.there)
        if found.review is not None:
            eve = end_of(REVIEWS[one.plan.review or "yearly"], found.review)
            next_review = eve + ONE_DAY if eve < LATEST_DAY else None  # none within the calendar
            entries = tuple(_until_review(entry, next_review, found.suspended) for entry in entries)
        over = frozenset(case.ground for case in found.there if _may_be_over(one, scene, case, found))
        pairs = zip(entries, found.there, strict=True)
        entries = tuple(_in_doubt(one, scene, entry, case, found, over) for entry, case in pairs)
        may_be_listed = found.may_be_listed or any(
            entry.state == "listed" and entry.ground in over for entry in entries
        )
        lines = tuple(dict.fromkeys(unknowns))
        made = scene.found[key] = Listing(entries, lines, may_be_listed, found.there, over)
    return made


def _may_be_over(one: List, scene: Scene, case: Case, found: Found) -> bool:
    return any(may_end(one, scene, case, doubt) for doubt in found.doubtful)


def _in_doubt(one: List, scene: Scene, entry: ListEntry, case: Case, found: Found, over: frozenset[str]) -> ListEntry:
    """The entry without an end where a doubtful step could have moved it, without measures where it could be over."""
    if entry.state != "listed" or not any(may_move(one, scene, case, doubt) for doubt in found.doubtful):
        return entry
    if case.ground in over:
        return evolve(entry, until=None, end_known=False, measures=())
    return evolve(entry, until=None, end_known=False) if one.term is not None else entry


def found_on(scene: Scene, name: str) -> Found:
    """What stands on one list, found once."""
    key = ("found", name)
    found: Found | None = scene.found.get(key)
    if found is None:
        one = compiled_list(scene.program, name)
        found = scene.found[key] = _reviewed(one, scene) if one.plan.review else _found(one, scene)
    return found


def compiled_list(program: Program, name: str) -> List:
    """A list of the plan, made ready to run once."""
    return _lists(program)[name]


def _lists(program: Program) -> dict[str, List]:
    made: dict[str, List] | None = program.parts.get("lists")
    if made is None:
        made = program.parts["lists"] = {rule.name: compiled(rule, program) for rule in program.plan.lists}
    return made


def of_no_list(scene: Scene) -> list[UnknownLine]:
    """A line for each decision on a list that the policy does not have, so that it makes no entry.

    A decision may name a row of recognition instead; a policy without lists has nothing to do with decisions.
    """
    if not scene.plan.lists or "list_decision" not in scene.events:
        return []
    known: set[str] | None = scene.program.parts.get("list_names")
    if known is None:
        names = {*(rule.name for rule in scene.plan.lists), *(row.id for row in scene.plan.recognition)}
        known = scene.program.parts["list_names"] = names
    candidates = scene.candidates("list_decision", DECIDED_BY, TAKES_PART)
    return [
        UnknownLine(
            rule=event.list,
            event=event.id,
            names=("list",),
            event_kind=event.kind,
            audience="internal",  # who may see it, the list would say
        )
        for event in (each.event for each in (*candidates.dated, *candidates.undated) if each.key[0] <= scene.as_of)
        if isinstance(event, ListDecision) and event.list is not None and event.list not in known
    ]


# --- entries of events and decisions --------------------------------------------------------------------------


def _found(one: List, scene: Scene) -> Found:
    unknowns: list[UnknownLine] = []
    cases = {case.ground: case for case in openings(one, scene, unknowns)}
    steps = steps_on(one.plan.name, scene)
    unknowns += [line_about(one, scene, doubt.step, doubt.names) for doubt in steps.doubtful]
    for step in steps.certain:
        _take(one, scene, cases, step, unknowns)
    may_be_listed = (
        any(may_list(one, scene, steps, doubt) for doubt in steps.doubtful)
        or _may_be_decided(one, scene)
        or any(_may_be_in_force(one, scene, case) for case in cases.values() if not case.sure)
        or (not one.plan.needs_decision and any(line.event is None for line in unknowns))
    )
    doubtful = tuple(steps.doubtful)
    return Found(tuple(cases.values()), _there(scene, cases), tuple(unknowns), may_be_listed, doubtful=doubtful)


def _there(scene: Scene, cases: dict[str, Case]) -> tuple[Case, ...]:
    """The cases of which there is an entry on the day judged, by ground."""
    return tuple(case for _, case in sorted(cases.items()) if case.is_there_on(scene.as_of))


def _may_be_decided(one: List, scene: Scene) -> bool:
    """Whether a decision that stands unrecorded could have listed the party until today."""
    hidden = scene.hidden_until("list_decision")
    return hidden is not None and could_reach(one.plan.term, (), scene, min(hidden, scene.as_of))


def _may_be_in_force(one: List, scene: Scene, case: Case) -> bool:
    """Whether what only may have opened an entry would have it in force today."""
    state = state_of(one, scene, case)
    return state == "listed" or (case.could_run and state in OPEN)


def _take(one: List, scene: Scene, cases: dict[str, Case], step: Event, unknowns: list[UnknownLine]) -> None:
    """One step acts on its grounds, or on all entries open just before it."""
    day = step.decided or scene.as_of
    named = grounds_of(one, scene, step)
    if step_of(step) == "list":
        for ground in named:
            _enter(one, scene, cases, ground, day)
    if named:
        targets = [cases[ground] for ground in named if ground in cases and cases[ground].opened <= day]
        if len([case for case in targets if case.sure]) < len(named):
            unknowns.append(line_about(one, scene, step, ("grounds",)))
    else:
        before = scene.on(day)
        targets = [case for case in cases.values() if _is_open(one, before, case)]
        if step_of(step) == "list" and not any(case.sure for case in targets):
            targets.append(cases.setdefault(step.id, Case(step.id, step, day, day)))
    for case in targets:
        case.steps.append(step)


def _enter(one: List, scene: Scene, cases: dict[str, Case], ground: str, day: date) -> None:
    """A `list` step makes an entry of a ground that has none yet on its day."""
    case = cases.get(ground)
    if case is None:
        event = event_behind(one, scene, ground)
        known = event is not None and one.looking is not None and event.kind == one.plan.ground_kind
        cases[ground] = Case(ground, event, day, ground_day(one, scene, event) if known else day)
    else:
        case.sure, case.opened = True, min(case.opened, day)


def _is_open(one: List, before: Scene, case: Case) -> bool:
    """Whether an entry is open just before a step on the day of the step, or may be."""
    day = before.as_of
    if case.opened > day or (case.sure and not case.is_there_on(day)):
        return False
    return state_of(one, before, case) in OPEN


# --- lists by review ------------------------------------------------------------------------------------------


def _reviewed(one: List, scene: Scene) -> Found:
    """The grounds of the current period, judged on its first day; nothing is carried over."""
    unit = REVIEWS[one.plan.review or "yearly"]
    day = start_of(unit, scene.as_of)
    unknowns: list[UnknownLine] = []
    truth = _opens_by_review(one, scene, day, unknowns)
    cases: dict[str, Case] = {}
    if truth is not False:
        by_rule = None if one.plan.needs_decision else day
        history = ((day, truth),)
        case = Case(day.isoformat(), None, day, day, history, sure=truth is True, listed_by_rule=by_rule)
        cases[case.ground] = case
    steps = _since(day, steps_on(one.plan.name, scene))
    unknowns += [line_about(one, scene, doubt.step, doubt.names) for doubt in steps.doubtful]
    for step in steps.certain:
        _take(one, scene, cases, step, unknowns)
    suspended = _is_suspended(one, scene, day)
    may_be_listed = not suspended and (
        any(may_list(one, scene, steps, doubt) for doubt in steps.doubtful)
        or _may_be_decided_since(one, scene, day)
        or any(state_of(one, scene, case) == "listed" for case in cases.values() if not case.sure)
    )
    doubtful, there = tuple(steps.doubtful), _there(scene, cases)
    return Found(tuple(cases.values()), there, tuple(unknowns), may_be_listed, day, suspended, doubtful)


def _since(day: date, steps: Steps) -> Steps:
    """The steps from the day of the review on."""
    certain = [step for step in steps.certain if (step.decided or day) >= day]
    return Steps(certain, [doubt for doubt in steps.doubtful if (doubt.day or day) >= day])


def _opens_by_review(one: List, scene: Scene, day: date, unknowns: list[UnknownLine]) -> Truth:
    judged = scene.on(day)
    if not founded(one.plan, judged, day) or one.when is None or one.unless is None:
        return False
    truth: Truth = one.when(judged.viewpoint)
    if truth is False or one.unless(judged.viewpoint) is True:
        return False
    if truth is None and one.plan.opens is not None:
        names = unknown_names(one.plan.opens.when, judged.viewpoint, scene.program)
        unknowns.append(line_about(one, scene, None, sorted(names)))
    return truth


def _may_be_decided_since(one: List, scene: Scene, day: date) -> bool:
    hidden = scene.hidden_until("list_decision")
    return one.plan.needs_decision and hidden is not None and hidden >= day


def _until_review(entry: ListEntry, next_review: date | None, suspended: bool) -> ListEntry:  # noqa: FBT001
    entry = evolve(entry, until=next_review) if entry.state == "listed" else entry
    return evolve(entry, state="suspended", measures=()) if suspended and entry.state in OPEN else entry


def _is_suspended(one: List, scene: Scene, day: date) -> bool:
    """Whether an event after the review day suspends the entry, or may: a benefit is not given on a missing fact."""
    if one.suspended_by is None or scene.as_of <= day:
        return False
    taken = one.suspended_by(scene.viewpoint)
    if taken.undated or taken.endless or (taken.hidden_until is not None and taken.hidden_until > day):
        return True
    return any(entry.key[0] > day for entry in taken.entries)
