"""Lists: which entries there are on the day judged, in which state, until when, and what could end them.

A score never lists anyone; a rule proposes and a decision lists, except on positive lists and publications that say
otherwise. An entry is (list, party, ground). Only an entry in the state `listed` is in force.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple

from attrs import evolve

from credit_engine.assessing.answer import EntryStep, ListEntry, UnknownLine
from credit_engine.assessing.grounds import (
    CLOSING,
    LISTING,
    OPEN,
    Case,
    List,
    at_hand,
    compiled,
    state_of,
    step_of,
    stretch_of,
    unknown_term,
)
from credit_engine.assessing.naming import unknown_names
from credit_engine.assessing.opening import founded, line_about, openings
from credit_engine.assessing.program import Program, audience_of
from credit_engine.assessing.repairing import compiled_repair, repairable_from
from credit_engine.assessing.scene import Scene
from credit_engine.assessing.spanning import LATEST_DAY, Stretch, could_reach
from credit_engine.assessing.unknown import DOUBTFUL, Truth
from credit_engine.days import CalendarUnit, end_of, start_of
from credit_engine.policy.plan import ListRule
from credit_engine.records import Event, ListDecision, Person

ONE_DAY = timedelta(days=1)
REVIEWS: dict[str, CalendarUnit] = {"yearly": "year", "quarterly": "quarter", "monthly": "month"}
DECIDED_BY = ("decided",)
COUNTED = frozenset({"found", "final"})


class Listing(NamedTuple):
    """The entries of one list on the day judged, what was not known, and whether there may be another in force."""

    entries: tuple[ListEntry, ...]
    unknowns: tuple[UnknownLine, ...]
    may_be_listed: bool


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
        one = _lists(scene.program)[name]
        found = scene.found[key] = _review(one, scene) if one.plan.review else _entries(one, scene)
    return found


def _lists(program: Program) -> dict[str, List]:
    made: dict[str, List] | None = program.parts.get("lists")
    if made is None:
        made = program.parts["lists"] = {rule.name: compiled(rule, program) for rule in program.plan.lists}
    return made


# --- entries of events and decisions --------------------------------------------------------------------------


def _entries(one: List, scene: Scene) -> Listing:
    unknowns: list[UnknownLine] = []
    cases = {case.ground: case for case in openings(one, scene, unknowns)}
    steps, doubtful = _steps(one.plan.name, scene)
    unknowns += [line_about(one, scene, step, DECIDED_BY) for step in doubtful]
    for step in steps:
        _take(one, scene, cases, step, unknowns)
    entries = _made(one, scene, cases, unknowns)
    may_be_listed = (
        any(_may_list(one, scene, step) for step in doubtful)
        or _may_be_decided(one, scene)
        or any(_may_be_in_force(one, scene, case) for case in cases.values() if not case.sure)
        or (not one.plan.needs_decision and any(line.event is None for line in unknowns))
    )
    return Listing(entries, tuple(unknowns), may_be_listed)


def _made(one: List, scene: Scene, cases: dict[str, Case], unknowns: list[UnknownLine]) -> tuple[ListEntry, ...]:
    """The entries that there are on the day judged, by ground."""
    there = [case for _, case in sorted(cases.items()) if case.is_there_on(scene.as_of)]
    return tuple(_entry(one, scene, case, unknowns) for case in there)


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
        cases[ground] = Case(ground, event, day, _own_day(one, scene, event) if known else day)
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


def _own_day(one: List, scene: Scene, event: Event | None) -> date | None:
    """The day of an event as the list takes it; of another kind by its usual day."""
    if event is None:
        return None
    is_ground = one.looking is not None and event.kind == one.plan.ground_kind
    by = one.looking.each.by if one.looking is not None and is_ground else (scene.plan.kinds[event.kind],)
    day: date | None = scene.program.first_of(event.kind, by)(event)
    return day


# --- an entry as it is shown ----------------------------------------------------------------------------------


def _entry(one: List, scene: Scene, case: Case, unknowns: list[UnknownLine]) -> ListEntry:
    state = state_of(one, scene, case)
    listed = case.listed if case.listed is not None and case.listed <= scene.as_of else None
    until, end_known = _until(one, scene, case, state, listed)
    if not end_known:
        unknowns.append(line_about(one, scene, case.event or case.decision, unknown_term(one, scene, case)))
    frame = at_hand(one, scene, case)
    repair = compiled_repair(one.plan, scene.program)
    return ListEntry(
        list=one.plan.name,
        polarity=one.plan.polarity,
        ground=case.ground,
        id=f"{one.plan.name}/{scene.dossier.id}/{case.ground}",
        state=state,
        listed=listed,
        until=until,
        end_known=end_known,
        repairable_from=repairable_from(repair, frame, one.measure) if state in ("listed", "suspended") else None,
        ground_changed=_ground_changed(one, scene, case),
        steps=tuple(_step(step) for step in case.steps),
        measures=_measures(one.plan, scene) if state == "listed" else (),
        foundation=tuple(source for source in one.plan.foundation if scene.program.in_force((source,), frame.law)),
        law_day=frame.law,
        audience=audience_of(one.audience, frame),
    )


def _step(step: Event) -> EntryStep:
    return EntryStep(step=step_of(step) or "", day=step.decided, event=step.id, read_from=step.read_from)


def _until(one: List, scene: Scene, case: Case, state: str, listed: date | None) -> tuple[date | None, bool]:
    """The first day outside the entry, and whether that is known; `None` is no end."""
    if state in ("revoked", "refused", "repaired"):
        if case.is_withdrawn:
            return case.listed, True
        ends = [step.decided for step in case.counting if step_of(step) in CLOSING]
        return min((day for day in ends if day is not None), default=None), True
    if listed is None or one.term is None:
        return None, True
    stretch = stretch_of(one, scene, case)
    if stretch is None or not stretch.is_known:
        is_over = stretch is not None and state == "expired"
        return (stretch.last_at_most + ONE_DAY, True) if stretch is not None and is_over else (None, False)
    if stretch.last >= LATEST_DAY or _is_held_open(one, scene, case, stretch):
        return None, True
    return stretch.last + ONE_DAY, True


def _is_held_open(one: List, scene: Scene, case: Case, stretch: Stretch) -> bool:
    """Whether the term is past its last day and only a condition (`or_while`) still keeps it open."""
    if one.plan.term is None or all(row.or_while is None for row in one.plan.term.rows) or stretch.last != scene.as_of:
        return False
    yesterday = stretch_of(one, scene.on(scene.as_of - ONE_DAY), case)
    return yesterday is not None and yesterday.last < scene.as_of


def _ground_changed(one: List, scene: Scene, case: Case) -> bool:
    """Whether a decided entry's ground no longer opens the list, or has left this party."""
    if one.looking is None or case.decision is None:
        return False
    if case.event is not None:
        is_seen = case.own_day is None or case.own_day <= scene.as_of or case.is_withdrawn
        return is_seen and case.event.kind == one.plan.ground_kind and case.opens_on(scene.as_of) is False
    return any(
        event.id == case.ground and event.kind == one.plan.ground_kind and _has_left(one, scene, event)
        for event in scene.dossier.events
    )


def _has_left(one: List, scene: Scene, event: Event) -> bool:
    """Whether a version that is known, and seen, names another party."""
    day = _own_day(one, scene, event)
    is_known = event.recorded is None or event.recorded <= scene.known_at
    return is_known and event.party != scene.dossier.id and (day is None or day <= scene.as_of)


def _measures(rule: ListRule, scene: Scene) -> tuple[str, ...]:
    """The measures of the list that aim at this sort of party."""
    sort = "person" if isinstance(scene.party, Person) else "entity"
    catalogue = scene.plan.measures
    return tuple(name for name in rule.measures if sort in catalogue[name].targets)


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
    entries = tuple(_until_review(entry, next_review, suspended) for entry in _made(one, scene, cases, unknowns))
    may_be_listed = not suspended and (
        any(_may_list(one, scene, step) for step in doubtful)
        or _may_be_decided_since(one, scene, day)
        or any(state_of(one, scene, case) == "listed" for case in cases.values() if not case.sure)
    )
    return Listing(entries, tuple(unknowns), may_be_listed)


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
