"""Lists: which entries there are on the day judged, in which state, until when, and what could end them.

A score never lists anyone; a rule proposes and a decision lists, except on positive lists and publications that say
otherwise. An entry is (list, party, ground). Only an entry in the state `listed` is in force.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from attrs import evolve, field, fields, frozen, mutable

from credit_engine.assessing.answer import EntryStep, ListEntry, UnknownLine
from credit_engine.assessing.applying import Look, is_meant, look, unknown_about, viewpoints
from credit_engine.assessing.naming import unknown_names
from credit_engine.assessing.program import Program, audience_of
from credit_engine.assessing.repairing import AtHand, compiled_repair, repairable_from
from credit_engine.assessing.scene import Compiled, Entry, Frame, Scene
from credit_engine.assessing.spanning import (
    LATEST_DAY,
    Measure,
    Stretch,
    as_measured,
    could_reach,
    under_each_law,
)
from credit_engine.assessing.unknown import DOUBTFUL, Truth, both
from credit_engine.days import CalendarUnit, end_of, start_of
from credit_engine.policy.plan import (
    Law,
    ListRule,
)
from credit_engine.records import EVENT_CLASSES, Event, ListDecision, OtherEvent, Person

ONE_DAY = timedelta(days=1)
REVIEWS: dict[str, CalendarUnit] = {"yearly": "year", "quarterly": "quarter", "monthly": "month"}
OPEN = ("proposed", "notified", "listed", "suspended")
LISTING = ("list", "restore")
DECIDED_BY = ("decided",)
COUNTED = frozenset({"found", "final"})
_COMMON = tuple(each for each in fields(Event) if each.name != "extra")


@mutable(eq=False)
class Case:
    """One ground on its way through the steps."""

    ground: str
    event: Event | None
    opened: date
    opens: Truth = True
    law: date | None = None
    listed_by_rule: date | None = None
    steps: list[Event] = field(factory=list)

    @property
    def counting(self) -> list[Event]:
        """The steps from the newest `list` or `restore` on."""
        places = [place for place, step in enumerate(self.steps) if step_of(step) in LISTING]
        return self.steps[places[-1] :] if places else self.steps

    @property
    def decision(self) -> Event | None:
        """The newest `list` or `restore` step."""
        return next((step for step in reversed(self.steps) if step_of(step) in LISTING), None)

    @property
    def listed(self) -> date | None:
        """The day on which the entry was listed: by the newest decision, else by the rule."""
        decision = self.decision
        return decision.decided if decision is not None else self.listed_by_rule


class Listing(NamedTuple):
    """The entries of one list on the day judged, what was not known, and whether there may be another in force."""

    entries: tuple[ListEntry, ...]
    unknowns: tuple[UnknownLine, ...]
    may_be_listed: bool


@frozen(eq=False)
class List:
    """A compiled list."""

    plan: ListRule
    looking: Look | None
    when: Compiled | None
    unless: Compiled | None
    term: Measure | None
    suspended_by: Compiled | None
    audience: Compiled
    measure: Any  # Any: how spans are measured, by one law or by each


def step_of(event: Event) -> str | None:
    """The step that a list decision takes."""
    return event.step if isinstance(event, ListDecision) else None


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
        compiled = _lists(scene.program)[name]
        found = scene.found[key] = _review(compiled, scene) if compiled.plan.review else _entries(compiled, scene)
    return found


def _lists(program: Program) -> dict[str, List]:
    made: dict[str, List] | None = program.parts.get("lists")
    if made is None:
        made = program.parts["lists"] = {rule.name: _compile(rule, program) for rule in program.plan.lists}
    return made


def _compile(rule: ListRule, program: Program) -> List:
    opens = rule.opens
    return List(
        plan=rule,
        looking=look(opens.each, rule.law, rule.name, program) if opens and opens.each else None,
        when=program(opens.when) if opens else None,
        unless=program(opens.unless) if opens else None,
        term=program(rule.term) if rule.term else None,
        suspended_by=program(rule.suspended_by) if rule.suspended_by else None,
        audience=program(rule.audience),
        measure=under_each_law if rule.law.as_of else as_measured,
    )


# --- entries of events and decisions --------------------------------------------------------------------------


def _entries(one: List, scene: Scene) -> Listing:
    unknowns: list[UnknownLine] = []
    cases: dict[str, Case] = {}
    maybe: dict[str, Case] = {}
    for case in _openings(one, scene, unknowns):
        (cases if case.opens else maybe)[case.ground] = case
    steps, doubtful = _steps(one.plan.name, scene)
    unknowns += [_line(one, scene, step, DECIDED_BY) for step in doubtful]
    for step in steps:
        _take(one, scene, (cases, maybe), step, unknowns)
    made = (_entry(one, scene, case, unknowns) for case in sorted(cases.values(), key=lambda case: case.ground))
    may_be_listed = (
        any(step_of(step) in LISTING for step in doubtful)
        or _may_be_decided(one, scene)
        or any(_may_be_in_force(one, scene, case) for ground, case in maybe.items() if ground not in cases)
        or (not one.plan.needs_decision and any(line.event is None for line in unknowns))
    )
    return Listing(tuple(entry for entry in made if entry is not None), tuple(unknowns), may_be_listed)


def _may_be_decided(one: List, scene: Scene) -> bool:
    """Whether a decision that stands unrecorded could have listed the party until today."""
    hidden = scene.hidden_until("list_decision")
    return hidden is not None and could_reach(one.plan.term, (), scene, min(hidden, scene.as_of))


def _may_be_in_force(one: List, scene: Scene, case: Case) -> bool:
    """Whether an event that only may open an entry would have it in force today without any decision."""
    if one.plan.needs_decision:
        return False
    stretch = _stretch(one, scene, evolve(case, listed_by_rule=case.opened))
    return stretch is None or stretch.covers(scene.as_of) is not False


def _openings(one: List, scene: Scene, unknowns: list[UnknownLine]) -> Iterator[Case]:
    """The events that open an entry, and those that only may, with a line each."""
    looking = one.looking
    if looking is None:
        return
    for entry, frame in viewpoints(looking, scene):
        truth = _opens(one, looking, frame, entry)
        if truth is False:
            continue
        case = Case(entry.event.id, entry.event, entry.day, opens=truth, law=frame.law)
        if truth is None:
            names = unknown_about(looking, frame, entry) | _unknown_opening(one, frame)
            unknowns.append(_line(one, scene, entry.event, sorted(names)))
        elif not one.plan.needs_decision:
            _list_by_rule(one, looking, case, entry, frame, unknowns)
        yield case
    hidden = scene.hidden_until(looking.each.kind)
    if hidden is not None and (one.plan.needs_decision or could_reach(one.plan.term, looking.each.by, scene, hidden)):
        unknowns.append(_line(one, scene, None, (looking.each.kind,)))


def _opens(one: List, looking: Look, frame: Frame, entry: Entry) -> Truth:
    """Whether an event opens an entry under the law of its viewpoint; `unless` stops only when it is true."""
    if not founded(one.plan, frame.scene, frame.law):
        return False
    truth = is_meant(looking, frame, entry)
    if truth is False or one.when is None or one.unless is None:
        return truth
    if entry.is_undated:
        return None
    truth = both(truth, one.when(frame))
    return False if truth is not False and one.unless(frame) is True else truth


def founded(rule: ListRule, scene: Scene, law: date) -> bool:
    """Whether one of the list's foundations is in force on a law day."""
    return any(scene.program.in_force((source,), law) for source in rule.foundation)


def _unknown_opening(one: List, frame: Frame) -> set[str]:
    opens = one.plan.opens
    return unknown_names(opens.when, frame, frame.scene.program) if opens is not None else set()


def _list_by_rule(
    one: List, looking: Look, case: Case, entry: Entry, frame: Frame, unknowns: list[UnknownLine]
) -> None:
    """The first day on which the rule opens the entry and its term has begun, each day under its own law."""
    scene = frame.scene
    changes = scene.program.law_changes if one.plan.law.as_of else ()
    for start, end in zip((date.min, *changes), (*(day - ONE_DAY for day in changes), LATEST_DAY), strict=True):
        if end < entry.day or start > scene.as_of:
            continue
        law = Frame(scene, frame.day, frame.position, frame.event, start, frame.item) if changes else frame
        if changes and _opens(one, looking, law, entry) is not True:
            continue
        begins = _term_begins(one, scene, evolve(case, listed_by_rule=max(start, entry.day)), law)
        if begins is not None and max(start, entry.day, begins) <= end:
            case.listed_by_rule = max(start, entry.day, begins)
            return
    stretch = _stretch(one, scene, evolve(case, listed_by_rule=entry.day))
    if stretch is not None and stretch.first is None:
        unknowns.append(
            _line(one, scene, entry.event, _unknown_term(one, scene, evolve(case, listed_by_rule=entry.day)))
        )


def _term_begins(one: List, scene: Scene, case: Case, law: Frame) -> date | None:
    """The first day of the term under one law; `None` if it is not known or not in force."""
    if one.term is None:
        return date.min
    frame = _at_hand(one, scene, case)
    stretch = one.term(Frame(scene, frame.day, frame.position, frame.event, law.law, frame.item), case.opened)
    return None if stretch is None else stretch.first


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


def _take(
    one: List, scene: Scene, found: tuple[dict[str, Case], dict[str, Case]], step: Event, unknowns: list[UnknownLine]
) -> None:
    """One step acts on its grounds, or on all entries open just before it."""
    cases, maybe = found
    day = step.decided or scene.as_of
    grounds = (step.grounds if isinstance(step, ListDecision) else None) or ()
    named = [_ground(one, scene, name) for name in grounds]
    if step_of(step) == "list":
        for ground in named:
            if ground not in cases:
                cases[ground] = maybe.get(ground) or Case(ground, _event(one, scene, ground), day, opens=False)
    if named:
        targets = [cases[ground] for ground in named if ground in cases]
        if len(targets) < len(named):
            unknowns.append(_line(one, scene, step, ("grounds",)))
    else:
        before = scene.on(day)
        targets = [case for case in cases.values() if case.opened <= day and _state(one, before, case) in OPEN]
        if not targets and step_of(step) == "list":
            targets = [cases.setdefault(step.id, Case(step.id, step, day, opens=None))]
    for case in targets:
        case.steps.append(step)


def _ground(one: List, scene: Scene, name: str) -> str:
    """A ground named by its own id or by that of its entry."""
    prefix = f"{one.plan.name}/{scene.dossier.id}/"
    return name.removeprefix(prefix)


def _event(one: List, scene: Scene, ground: str) -> Event | None:
    """The event behind a ground: of the kind that opens the list if there is one, else of any."""
    kinds = (one.plan.ground_kind, *(kind for kind in sorted(scene.events) if kind != one.plan.ground_kind))
    return next((event for kind in kinds for event in scene.events.get(kind, ()) if event.id == ground), None)


# --- the state of an entry ------------------------------------------------------------------------------------


def _state(one: List, scene: Scene, case: Case) -> str | None:
    """The first state that applies; `None` for a proposal whose ground was withdrawn."""
    names = {step_of(step) for step in case.counting}
    withdrawn = case.event is not None and case.event.standing == "withdrawn"
    if withdrawn and case.decision is None:
        return None
    if withdrawn or "revoke" in names:
        return "revoked"
    for step, state in (("refuse", "refused"), ("repair", "repaired")):
        if step in names:
            return state
    if case.listed is not None and case.listed <= scene.as_of:
        stretch = _stretch(one, scene, case)
        return "expired" if stretch is not None and scene.as_of > stretch.last_at_most else "listed"
    return "notified" if "notify" in names else "proposed"


def _at_hand(one: List, scene: Scene, case: Case) -> Frame:
    """The viewpoint of an entry: its ground (or the decision) at hand, under the law of the ground."""
    event = case.event or case.decision
    day = case.opened
    position = None if event is None else (event.kind, event.sequence, event.id)
    entry_id = f"{one.plan.name}/{scene.dossier.id}/{case.ground}"
    hand = AtHand(case.listed, case.decision, entry_id, case.ground)
    return Frame(scene, day, position, _as_ground(one, scene, case, event), _law_day(one.plan.law, scene, case), hand)


def _as_ground(one: List, scene: Scene, case: Case, event: Event | None) -> Event | None:
    """The ground as term and repair read it: of what is no event of the kind that opens the list, little is known."""
    kind = one.plan.ground_kind
    if event is not None and event.kind == kind:
        return event
    common = {} if event is None else {each.name: getattr(event, each.name) for each in _COMMON}
    known = {**common, "id": case.ground, "party": scene.dossier.id}
    return EVENT_CLASSES[kind](**known) if kind in EVENT_CLASSES else OtherEvent(kind=kind, **known)


def _law_day(law: Law, scene: Scene, case: Case) -> date:
    if law.as_of:
        return scene.as_of
    event = case.event or case.decision
    return scene.as_of if event is None else scene.law_day(law, event, case.law or case.opened)


def _stretch(one: List, scene: Scene, case: Case) -> Stretch | None:
    """The days of the term; `None` if the list has none or it is not in force."""
    if one.term is None:
        return None
    found: Stretch | None = one.measure(one.term, _at_hand(one, scene, case), case.opened)
    return found


def _unknown_term(one: List, scene: Scene, case: Case) -> tuple[str, ...]:
    if one.plan.term is None:
        return ()
    names = unknown_names(one.plan.term, _at_hand(one, scene, case), scene.program)
    return tuple(sorted(names or {"unknown_calendar"}))


def _entry(one: List, scene: Scene, case: Case, unknowns: list[UnknownLine]) -> ListEntry | None:
    state = _state(one, scene, case)
    if state is None:
        return None
    listed = case.listed if case.listed is not None and case.listed <= scene.as_of else None
    stretch = _stretch(one, scene, case) if listed is not None else None
    until, end_known = _until(state, case, stretch)
    if not end_known:
        unknowns.append(_line(one, scene, case.event or case.decision, _unknown_term(one, scene, case)))
    frame = _at_hand(one, scene, case)
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


def _until(state: str, case: Case, stretch: Stretch | None) -> tuple[date | None, bool]:
    """The first day outside the entry, and whether that is known; `None` is no end."""
    if state in ("revoked", "refused", "repaired"):
        if case.event is not None and case.event.standing == "withdrawn":
            return case.listed, True
        ends = [step.decided for step in case.counting if step_of(step) in ("revoke", "refuse", "repair")]
        return min((day for day in ends if day is not None), default=None), True
    if stretch is None:
        return None, True
    if not stretch.is_known:
        return (stretch.last_at_most + ONE_DAY, True) if state == "expired" else (None, False)
    return (None if stretch.last >= LATEST_DAY else stretch.last + ONE_DAY), True


def _ground_changed(one: List, scene: Scene, case: Case) -> bool:
    """Whether a decided entry's ground no longer opens the list (or has left this party)."""
    if one.looking is None or case.decision is None or case.opens is not False:
        return False
    if case.event is None:
        return any(event.id == case.ground and event.kind == one.plan.ground_kind for event in scene.dossier.events)
    return case.event.kind == one.plan.ground_kind


def _measures(rule: ListRule, scene: Scene) -> tuple[str, ...]:
    """The measures of the list that aim at this sort of party."""
    sort = "person" if isinstance(scene.party, Person) else "entity"
    catalogue = scene.plan.measures
    return tuple(name for name in rule.measures if sort in catalogue[name].targets)


def _line(one: List, scene: Scene, event: Event | None, names: Sequence[str]) -> UnknownLine:
    view = scene.viewpoint
    return UnknownLine(
        rule=one.plan.name,
        event=event.id if event is not None else None,
        names=tuple(names),
        event_kind=event.kind if event is not None else None,
        audience=audience_of(one.audience, Frame(scene, view.day, view.position, event, view.law))
        if event
        else "internal",
    )


# --- lists by review ------------------------------------------------------------------------------------------


def _review(one: List, scene: Scene) -> Listing:
    """The entry of the current period, judged on its first day; nothing is carried over."""
    unit = REVIEWS[one.plan.review or "yearly"]
    day = start_of(unit, scene.as_of)
    judged = scene.on(day)
    truth: Truth = False
    if founded(one.plan, judged, day) and one.when is not None and one.unless is not None:
        truth = one.when(judged.viewpoint)
        truth = False if truth is not False and one.unless(judged.viewpoint) is True else truth
    if truth is not True:
        opens = one.plan.opens
        names = unknown_names(opens.when, judged.viewpoint, scene.program) if opens is not None else set()
        lines = () if truth is False else (_line(one, scene, None, tuple(sorted(names))),)
        return Listing((), lines, may_be_listed=truth is None)
    case = Case(day.isoformat(), None, day, listed_by_rule=None if one.plan.needs_decision else day)
    steps, doubtful = _steps(one.plan.name, scene)
    unknowns = [_line(one, scene, step, DECIDED_BY) for step in doubtful]
    cases = {case.ground: case}
    for step in steps:
        if (step.decided or day) >= day:
            _take(one, scene, (cases, {}), step, unknowns)
    entry = _entry(one, scene, case, unknowns)
    if entry is None:
        return Listing((), tuple(unknowns), may_be_listed=False)
    next_review = end_of(unit, day) + ONE_DAY
    if entry.state == "listed":
        entry = evolve(entry, until=next_review)
        if _is_suspended(one, scene, day):
            entry = evolve(entry, state="suspended", measures=())
    return Listing((entry,), tuple(unknowns), may_be_listed=False)


def _is_suspended(one: List, scene: Scene, day: date) -> bool:
    """Whether an event after the review day suspends the entry, or may: a benefit is not given on a missing fact."""
    if one.suspended_by is None:
        return False
    taken = one.suspended_by(scene.viewpoint)
    if taken.undated or taken.endless or (taken.hidden_until is not None and taken.hidden_until > day):
        return True
    return any(entry.key[0] > day for entry in taken.entries)
