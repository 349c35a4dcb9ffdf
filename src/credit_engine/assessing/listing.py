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
from credit_engine.assessing.grounds import (
    LISTING,
    OPEN,
    Case,
    List,
    compiled,
    ground_day,
    state_of,
    step_of,
)
from credit_engine.assessing.naming import unknown_names
from credit_engine.assessing.opening import founded, line_about, openings
from credit_engine.assessing.program import Program
from credit_engine.assessing.scene import Scene
from credit_engine.assessing.spanning import could_reach
from credit_engine.assessing.unknown import DOUBTFUL, Truth
from credit_engine.days import CalendarUnit, end_of, start_of
from credit_engine.records import Event, ListDecision

ONE_DAY = timedelta(days=1)
REVIEWS: dict[str, CalendarUnit] = {"yearly": "year", "quarterly": "quarter", "monthly": "month"}
DECIDED_BY = ("decided",)
COUNTED = frozenset({"found", "final"})


class Listing(NamedTuple):
    """The entries of one list on the day judged, what was not known, and whether there may be another in force.

    `cases`: what each entry was made of, in the same order.
    """

    entries: tuple[ListEntry, ...]
    unknowns: tuple[UnknownLine, ...]
    may_be_listed: bool
    cases: tuple[Case, ...] = ()

    @property
    def in_force(self) -> tuple[tuple[ListEntry, Case], ...]:
        """The entries in force, each with what it was made of."""
        pairs = zip(self.entries, self.cases, strict=True)
        return tuple((entry, case) for entry, case in pairs if entry.state == "listed")


def on_list(scene: Scene, name: str) -> Any:  # Any: true, false or DOUBTFUL
    """What a condition that names the list reads."""
    listing = listed_on(scene, name)
    if any(entry.state == "listed" for entry in listing.entries):
        return True
    return DOUBTFUL if listing.may_be_listed else False


def listed_on(scene: Scene, name: str) -> Listing:
    """The entries of one list, found once."""
    key = ("list", name)
    found: Listing | None = scene.found.get(key)
    if found is None:
        one = compiled_list(scene.program, name)
        found = scene.found[key] = _review(one, scene) if one.plan.review else _entries(one, scene)
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
    candidates = scene.candidates("list_decision", DECIDED_BY, COUNTED)
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


def _entries(one: List, scene: Scene) -> Listing:
    unknowns: list[UnknownLine] = []
    cases = {case.ground: case for case in openings(one, scene, unknowns)}
    steps, doubtful = _steps(one.plan.name, scene)
    unknowns += [line_about(one, scene, step, DECIDED_BY) for step in doubtful]
    for step in steps:
        _take(one, scene, cases, step, unknowns)
    there = _there(scene, cases)
    entries = tuple(entry_of(one, scene, case, unknowns) for case in there)
    may_be_listed = (
        any(_may_list(one, scene, step) for step in doubtful)
        or _may_be_decided(one, scene)
        or any(_may_be_in_force(one, scene, case) for case in cases.values() if not case.sure)
        or (not one.plan.needs_decision and any(line.event is None for line in unknowns))
    )
    return Listing(entries, tuple(unknowns), may_be_listed, there)


def _there(scene: Scene, cases: dict[str, Case]) -> tuple[Case, ...]:
    """The cases of which there is an entry on the day judged, by ground."""
    return tuple(case for _, case in sorted(cases.items()) if case.is_there_on(scene.as_of))


def _may_be_decided(one: List, scene: Scene) -> bool:
    """Whether a decision that stands unrecorded could have listed the party until today."""
    hidden = scene.hidden_until("list_decision")
    return hidden is not None and could_reach(one.plan.term, (), scene, min(hidden, scene.as_of))


def _may_list(one: List, scene: Scene, step: Event) -> bool:
    """Whether a step that has no day could have put something in force: nothing does that names withdrawn grounds."""
    grounds = (step.grounds if isinstance(step, ListDecision) else None) or ()
    events = [_event(one, scene, _ground(one, scene, name)) for name in grounds]
    return step_of(step) in LISTING and (
        not events or any(event is None or event.standing != "withdrawn" for event in events)
    )


def _may_be_in_force(one: List, scene: Scene, case: Case) -> bool:
    """Whether what only may have opened an entry would have it in force today."""
    state = state_of(one, scene, case)
    return state == "listed" or (case.could_run and state in OPEN)


def _steps(name: str, scene: Scene) -> tuple[list[Event], list[Event]]:
    """The decisions on this list that are seen, in order, and those that only may be (or have no day)."""
    candidates = scene.candidates("list_decision", DECIDED_BY, COUNTED)
    position = scene.viewpoint.position
    last = (scene.as_of, *position[1:]) if position is not None and position[0] == "list_decision" else None
    seen = [
        entry
        for entry in candidates.dated
        if _is_about(entry.event, name) and (entry.key[0] <= scene.as_of if last is None else entry.key <= last)
    ]
    undated = [entry.event for entry in candidates.undated if _is_about(entry.event, name)]
    doubtful = [entry.event for entry in seen if entry.doubtful]
    return [entry.event for entry in seen if not entry.doubtful], [*doubtful, *undated]


def _is_about(event: Event, name: str) -> bool:
    return isinstance(event, ListDecision) and event.list == name and event.step != "opt_out"


def _take(one: List, scene: Scene, cases: dict[str, Case], step: Event, unknowns: list[UnknownLine]) -> None:
    """One step acts on its grounds, or on all entries open just before it."""
    day = step.decided or scene.as_of
    grounds = (step.grounds if isinstance(step, ListDecision) else None) or ()
    named = [_ground(one, scene, name) for name in grounds]
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
        event = _event(one, scene, ground)
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


def _ground(one: List, scene: Scene, name: str) -> str:
    """A ground named by its own id or by that of its entry."""
    prefix = f"{one.plan.name}/{scene.dossier.id}/"
    return name.removeprefix(prefix)


def _event(one: List, scene: Scene, ground: str) -> Event | None:
    """The event behind a ground that a step names: of the kind that opens the list if there is one, else of any."""
    kinds = (one.plan.ground_kind, *(kind for kind in sorted(scene.events) if kind != one.plan.ground_kind))
    return next((event for kind in kinds for event in scene.events.get(kind, ()) if event.id == ground), None)


# --- lists by review ------------------------------------------------------------------------------------------


def _review(one: List, scene: Scene) -> Listing:
    """The entries of the current period, judged on its first day; nothing is carried over."""
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
    steps, doubtful = _steps(one.plan.name, scene)
    unknowns += [line_about(one, scene, step, DECIDED_BY) for step in doubtful]
    for step in steps:
        if (step.decided or day) >= day:
            _take(one, scene, cases, step, unknowns)
    suspended = _is_suspended(one, scene, day)
    next_review = end_of(unit, day) + ONE_DAY
    there = _there(scene, cases)
    made = [entry_of(one, scene, case, unknowns) for case in there]
    entries = tuple(_until_review(entry, next_review, suspended) for entry in made)
    may_be_listed = not suspended and (
        any(_may_list(one, scene, step) for step in doubtful)
        or _may_be_decided_since(one, scene, day)
        or any(state_of(one, scene, case) == "listed" for case in cases.values() if not case.sure)
    )
    return Listing(entries, tuple(unknowns), may_be_listed, there)


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


def _until_review(entry: ListEntry, next_review: date, suspended: bool) -> ListEntry:  # noqa: FBT001
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
