"""What each spread rule starts from in this dossier: events, entries in force, or the own answer.

What only may be meant, be listed or hold is no origin but stands among the unknowns; so does an event of which it is
not known on which day relations count, or whom exactly it names: that branch is closed, others stay open.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from attrs import frozen

from credit_engine.assessing.answer import ListEntry, UnknownLine
from credit_engine.assessing.applying import viewpoints
from credit_engine.assessing.effects import Origin
from credit_engine.assessing.grounds import at_hand
from credit_engine.assessing.lasting import Lasting, lasting, may_be_unrecorded, standing, unknown_standing
from credit_engine.assessing.listing import compiled_list, listed_on
from credit_engine.assessing.naming import unknown_names
from credit_engine.assessing.program import Program, audience_of, stricter
from credit_engine.assessing.scene import Compiled, Frame, Scene
from credit_engine.assessing.spanning import LATEST_DAY, Stretch
from credit_engine.assessing.unknown import NOT_IN_FORCE, is_plain
from credit_engine.policy.nodes import Parameter, Value
from credit_engine.policy.plan_spreading import OverRelation, SpreadRule, ToNamed
from credit_engine.records import Event

ONE_DAY = timedelta(days=1)


class Started(NamedTuple):
    """The origins of all spread rules, and what was not known about others."""

    origins: tuple[Origin, ...] = ()
    unknowns: tuple[UnknownLine, ...] = ()


@frozen(eq=False)
class Over:
    """A compiled branch over relations: the day on which they must be in force, as a name."""

    written: Value
    held_on: Compiled


@frozen(eq=False)
class Named:
    """A compiled branch to persons that the origin's event names."""

    plan: ToNamed
    element: Compiled
    where: Compiled


@frozen(eq=False)
class Rule:
    """A compiled spread rule, as far as its origins go."""

    plan: SpreadRule
    of_events: Lasting | None
    when: Compiled
    points: Compiled | None
    audience: Compiled
    branches: tuple[Over | Named, ...]


class Found(NamedTuple):
    """One thing that a rule starts from, before the day of its relations and whom it names are looked up."""

    kind: Any  # Any: an OriginKind
    id: str | None
    event: Event | None
    stretch: tuple[date | None, date | None]
    entry: ListEntry | None = None


def origins(scene: Scene) -> Started:
    """The origins in the order of the policy, then by id."""
    found: list[Origin] = []
    lines: list[UnknownLine] = []
    for rule in _rules(scene.program):
        if rule.of_events is not None:
            found += sorted(_from_events(rule, rule.of_events, scene, lines), key=lambda one: one.id or "")
        elif not scene.program.rule_in_force(rule.plan.basis, scene.as_of):
            continue
        elif rule.plan.start.lists:
            found += sorted(_from_entries(rule, scene, lines), key=lambda one: one.id or "")
        else:
            found += _from_the_answer(rule, scene, lines)
    return Started(tuple(found), tuple(lines))


def _rules(program: Program) -> tuple[Rule, ...]:
    made: tuple[Rule, ...] | None = program.parts.get("spread")
    if made is None:
        made = program.parts["spread"] = tuple(_compile(rule, program) for rule in program.plan.spread)
    return made


def _compile(rule: SpreadRule, program: Program) -> Rule:
    start = rule.start
    each = start.each
    return Rule(
        plan=rule,
        of_events=lasting(each, start.when, rule.lasts, rule.law, rule.basis, rule.id, program) if each else None,
        when=program(start.when),
        points=program(rule.points) if rule.points is not None else None,
        audience=program(rule.audience),
        branches=tuple(
            Over(branch.held_on, program(branch.held_on))
            if isinstance(branch, OverRelation)
            else Named(branch, program(branch.element), program(branch.where))
            for branch in rule.branches
        ),
    )


# --- what there is to start from ------------------------------------------------------------------------------


def _from_events(rule: Rule, of_events: Lasting, scene: Scene, lines: list[UnknownLine]) -> list[Origin]:
    found: list[Origin] = []
    open_: list[UnknownLine] = []
    for entry, frame in viewpoints(of_events.looking, scene):
        stands = standing(of_events, entry, frame)
        if stands is None:
            continue
        if stands.truth is True:
            one = Found("event", entry.event.id, entry.event, _days(stands.stretch, entry.day))
            found += _origin(rule, frame, one, open_)
        else:
            names = unknown_standing(of_events, entry, frame, stands.stretch)
            open_.append(_line(rule, frame, entry.event, names))
    lines += sorted(open_, key=lambda line: line.event or "")
    if may_be_unrecorded(of_events, scene):
        lines.append(_line(rule, scene.viewpoint, None, {of_events.looking.each.kind}))
    return found


def _from_entries(rule: Rule, scene: Scene, lines: list[UnknownLine]) -> Iterator[Origin]:
    view = scene.viewpoint
    for name in rule.plan.start.lists:
        listing = listed_on(scene, name)
        one = compiled_list(scene.program, name)
        for entry, case in listing.in_force:
            hand = at_hand(one, scene, case)
            frame = Frame(scene, view.day, view.position, hand.event, view.law, hand.item)
            yield from _origin(
                rule, frame, Found("entry", entry.id, hand.event, (entry.listed, entry.until), entry), lines
            )
        if listing.may_be_listed:
            lines.append(UnknownLine(rule=rule.plan.id, event=None, names=(f"on_list.{name}",), audience="internal"))


def _from_the_answer(rule: Rule, scene: Scene, lines: list[UnknownLine]) -> Iterator[Origin]:
    frame = scene.viewpoint
    truth = rule.when(frame)
    if truth is True:
        until = scene.as_of + ONE_DAY if scene.as_of < LATEST_DAY else None
        yield from _origin(rule, frame, Found("answer", None, None, (scene.as_of, until)), lines)
    elif truth is None:
        lines.append(_line(rule, frame, None, unknown_names(rule.plan.start.when, frame, scene.program)))


def _days(stretch: Stretch, own_day: date) -> tuple[date | None, date | None]:
    """From when until when an event's effect holds; it holds from its own day at the earliest."""
    first = max(stretch.first or own_day, own_day)
    return first, None if stretch.last >= LATEST_DAY else stretch.last + ONE_DAY


# --- one origin -----------------------------------------------------------------------------------------------


def _origin(rule: Rule, frame: Frame, found: Found, lines: list[UnknownLine]) -> Iterator[Origin]:
    """The origin, unless its points are not in force or not known."""
    value = rule.points(frame) if rule.points is not None else 0
    if value is NOT_IN_FORCE:
        return
    names: set[str] = set()
    if not is_plain(value) and rule.plan.points is not None:
        names |= unknown_names(rule.plan.points, frame, frame.scene.program)
    held_on = tuple(_held_on(branch, frame, found, names) for branch in rule.branches)
    named = tuple(_named(branch, frame, names) for branch in rule.branches)
    if names:
        lines.append(_line(rule, frame, found.event, names, found.entry))
    if is_plain(value):
        yield _made(rule, frame, found, held_on, named, None if rule.points is None else int(value))


def _made(
    rule: Rule,
    frame: Frame,
    found: Found,
    held_on: tuple[date | None, ...],
    named: tuple[tuple[tuple[str, str], ...], ...],
    points: int | None,
) -> Origin:
    scene, plan = frame.scene, rule.plan
    entry, event = found.entry, found.event
    return Origin(
        rule=plan.id,
        party=scene.dossier.id,
        kind=found.kind,
        id=found.id,
        event_kind=event.kind if event is not None and found.kind == "event" else None,
        from_day=found.stretch[0],
        until=found.stretch[1],
        law_day=frame.law,
        held_on=held_on,
        named=named,
        points=points,
        list=entry.list if entry is not None else None,
        measures=compiled_list(scene.program, entry.list).plan.measures if entry is not None else (),
        basis=plan.basis.sources,
        audience=_audience(rule, frame, entry),
        parameters=scene.program.parameters_read(plan.id, plan.parameters, frame.law),
        read_from=event.read_from if event is not None else None,
    )


def _audience(rule: Rule, frame: Frame, entry: ListEntry | None) -> str:
    """The strictest of the rule's, the policy's and the entry's."""
    own = audience_of(rule.audience, frame)
    return own if entry is None else stricter(own, entry.audience)


def _held_on(branch: Over | Named, frame: Frame, found: Found, names: set[str]) -> date | None:
    """The day on which a branch's relations must be in force; where it is not known, `names` gets its name."""
    if isinstance(branch, Named):
        return None
    name = branch.held_on(frame)
    if not is_plain(name):
        written = branch.written
        names |= {f"${written.name}"} if isinstance(written, Parameter) else {"held_on"}
        return None
    day = _day_named(name, frame, found)
    if day is None:
        names.add(name)
    return day


def _day_named(name: str, frame: Frame, found: Found) -> date | None:
    if name == "day":
        return frame.scene.as_of
    if name == "listed" and found.entry is not None:
        return found.entry.listed
    if found.event is None:
        return None
    day = frame.scene.program.field(found.event.kind, name)(found.event)
    return day if isinstance(day, date) else None


def _named(branch: Over | Named, frame: Frame, names: set[str]) -> tuple[tuple[str, str], ...]:
    """The (role, person) pairs of a branch, in order; where one only may be meant, `names` gets what is not known."""
    if isinstance(branch, Over):
        return ()
    program = frame.scene.program
    elements = branch.element(frame)
    if not is_plain(elements):
        names.add(branch.plan.element.name)
        return ()
    found = set()
    for element in elements:
        at_element = frame.with_item(element)
        truth = branch.where(at_element)
        if truth is None:
            names |= unknown_names(branch.plan.where, at_element, program)
        elif truth and element.get("person") is None:
            names.add("item.person")
        elif truth:
            found.add((element.get("role") or "", element["person"]))
    return tuple(sorted(found))


def _line(
    rule: Rule, frame: Frame, event: Event | None, names: set[str], entry: ListEntry | None = None
) -> UnknownLine:
    return UnknownLine(
        rule=rule.plan.id,
        event=event.id if event is not None else None,
        names=tuple(sorted(names)),
        event_kind=event.kind if event is not None else None,
        audience=_audience(rule, frame, entry),
    )
