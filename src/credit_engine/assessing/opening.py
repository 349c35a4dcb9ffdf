"""What opens an entry of a list: each event that does, or may, from which day on, and when the rule itself lists it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from attrs import evolve

from credit_engine.assessing.answer import UnknownLine
from credit_engine.assessing.applying import Look, is_meant, own_day, unknown_about, viewpoints
from credit_engine.assessing.grounds import Case, List, at_hand, stretch_of, unknown_term
from credit_engine.assessing.naming import unknown_names
from credit_engine.assessing.program import audience_of
from credit_engine.assessing.scene import Entry, Frame, Scene, UndatedFrame
from credit_engine.assessing.spanning import LATEST_DAY, could_reach
from credit_engine.assessing.unknown import Truth, both
from credit_engine.policy.nodes import Literal
from credit_engine.policy.plan import ListRule
from credit_engine.records import Event

ONE_DAY = timedelta(days=1)


def openings(one: List, scene: Scene, unknowns: list[UnknownLine]) -> Iterator[Case]:
    """The events that open an entry, or did on an earlier day, and those that only may (not `sure`)."""
    looking = one.looking
    if looking is None:
        return
    for entry, frame in viewpoints(looking, scene):
        history = _history(one, looking, entry, frame)
        truths = [truth for _, truth in history]
        sure = True in truths
        if not sure and None not in truths:
            continue
        opened = next(since for since, truth in history if truth is (True if sure else None))
        case = Case(entry.event.id, entry.event, opened, own_day(entry), history, sure, frame.law)
        if truths[-1] is None:
            names = unknown_about(looking, frame, entry) | _unknown_opening(one, frame)
            unknowns.append(line_about(one, scene, entry.event, sorted(names)))
        if not one.plan.needs_decision:
            _list_by_rule(one, case, frame, unknowns)
        yield case
    hidden = scene.hidden_until(looking.each.kind)
    if hidden is not None and (one.plan.needs_decision or could_reach(one.plan.term, looking.each.by, scene, hidden)):
        unknowns.append(line_about(one, scene, None, (looking.each.kind,)))


def _history(one: List, looking: Look, entry: Entry, frame: Frame) -> tuple[tuple[date, Truth], ...]:
    """From which day on the rule opens the event, or not: under the law of each day, and for what each day sees."""
    if not (one.moves or one.plan.law.as_of or entry.is_undated):  # nearly always
        return ((entry.day, _opens_under(one, looking, frame, entry)),)
    scene = frame.scene
    days = [entry.day]
    if one.moves and not entry.is_undated:
        days = [entry.day + ONE_DAY * passed for passed in range((scene.as_of - entry.day).days + 1)]
    elif one.plan.law.as_of or entry.is_undated:
        days += [day for day in scene.program.law_changes if entry.day < day <= scene.as_of]
    return tuple((day, _opens(one, looking, _seen_on(day, one, entry, frame), entry)) for day in days)


def _seen_on(day: date, one: List, entry: Entry, frame: Frame) -> Frame:
    """The event's viewpoint as an earlier day judges it."""
    scene = frame.scene
    if isinstance(frame, UndatedFrame) and not one.plan.law.as_of:
        laws = tuple(law for law in frame.laws if law <= day)
        return UndatedFrame(scene, entry.event, laws or frame.laws[:1], frame.item)
    judged = scene.on(day) if one.moves and not entry.is_undated and day != scene.as_of else scene
    law = day if one.plan.law.as_of else frame.law
    return Frame(judged, frame.day, frame.position, frame.event, law, frame.item)


def _opens(one: List, looking: Look, frame: Frame, entry: Entry) -> Truth:
    """Whether an event opens an entry under the law of its viewpoint; one without a day never does for certain."""
    if not entry.is_undated:
        return _opens_under(one, looking, frame, entry)
    truths = [_opens_under(one, looking, each, entry) for each in frame.under_each_law()]
    return False if all(truth is False for truth in truths) else None


def _opens_under(one: List, looking: Look, frame: Frame, entry: Entry) -> Truth:
    """The same under one law; `unless` stops only when it is true."""
    if not founded(one.plan, frame.scene, frame.law):
        return False
    truth = is_meant(looking, frame, entry)
    if truth is False or one.when is None or one.unless is None:
        return truth
    truth = truth if entry.is_undated else both(truth, one.when(frame))
    return False if truth is not False and one.unless(frame) is True else truth


def founded(rule: ListRule, scene: Scene, law: date) -> bool:
    """Whether one of the list's foundations is in force on a law day."""
    return any(scene.program.in_force((source,), law) for source in rule.foundation)


def _unknown_opening(one: List, frame: Frame) -> set[str]:
    opens = one.plan.opens
    return unknown_names(opens.when, frame, frame.scene.program) if opens is not None else set()


# --- listed by the rule ---------------------------------------------------------------------------------------


def _list_by_rule(one: List, case: Case, frame: Frame, unknowns: list[UnknownLine]) -> None:
    """Notes the first day on which the rule opens the entry and its term has begun, each day under its own law."""
    scene = frame.scene
    starts = [since for since, _ in case.history]
    ends = (*(since - ONE_DAY for since in starts[1:]), LATEST_DAY)
    for (since, truth), end in zip(case.history, ends, strict=True):
        if truth is not (True if case.sure else None):
            continue
        law = since if one.plan.law.as_of else None
        begins = _term_begins(one, scene, case, since, law)
        if begins is not None and max(since, begins) <= end:
            case.listed_by_rule = max(since, begins)
            return
        case.could_run = case.could_run or (case.own_day is None and begins is None)
    if one.term is None or not case.sure:
        return
    opened = evolve(case, listed_by_rule=case.opened)
    stretch = stretch_of(one, scene, opened)
    if stretch is None or stretch.first is None:
        unknowns.append(line_about(one, scene, case.event, unknown_term(one, scene, opened)))


def _term_begins(one: List, scene: Scene, case: Case, opened: date, law: date | None) -> date | None:
    """The first day of the term under one law; `None` if it is not known or not in force."""
    if one.begins is None:
        return opened if case.own_day is not None else None
    listed = opened if case.own_day is not None else None
    stretch = one.begins(at_hand(one, scene, evolve(case, listed_by_rule=listed), law), case.own_day)
    return None if stretch is None else stretch.first


def line_about(one: List, scene: Scene, event: Event | None, names: tuple[str, ...] | list[str]) -> UnknownLine:
    """A line among the unknowns: this list, an event (or none), and what is not known of it.

    A decision does not tell what rows ask of its ground.
    """
    view = scene.viewpoint
    is_told = event is not None and (event.kind != "list_decision" or isinstance(one.plan.audience, Literal))
    seen = Frame(scene, view.day, view.position, event, view.law) if is_told else None
    return UnknownLine(
        rule=one.plan.name,
        event=event.id if event is not None else None,
        names=tuple(names),
        event_kind=event.kind if event is not None else None,
        audience=audience_of(one.audience, seen) if seen else "internal",
    )
