"""Findings: what the law says must, may or must not follow from an event, or from how the party stands today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from attrs import frozen

from credit_engine.assessing.answer import Finding, UnknownLine
from credit_engine.assessing.applying import Look, is_meant, look, own_day, unknown_about, viewpoints
from credit_engine.assessing.naming import unknown_in_span, unknown_names
from credit_engine.assessing.program import Program, audience_of
from credit_engine.assessing.scene import Compiled, Entry, Frame, Scene
from credit_engine.assessing.spanning import (
    ALWAYS,
    LATEST_DAY,
    Measure,
    Stretch,
    as_measured,
    could_reach,
    under_each_law,
)
from credit_engine.assessing.unknown import Truth, both
from credit_engine.policy.nodes import Constant
from credit_engine.policy.plan import (
    FindingRule,
)

ONE_DAY = timedelta(days=1)


class Found(NamedTuple):
    """The findings on the day judged, and what was not known about others."""

    findings: tuple[Finding, ...]
    unknowns: tuple[UnknownLine, ...]


@frozen(eq=False)
class Rule:
    """A compiled finding rule."""

    plan: FindingRule
    looking: Look | None
    when: Compiled
    lasts: Measure | None
    audience: Compiled


def findings(scene: Scene) -> Found:
    """What the rules find on the day judged, in the order of the policy, then by event id."""
    found: list[Finding] = []
    lines: list[UnknownLine] = []
    for rule in _rules(scene.program):
        if rule.looking is None:
            _from_the_day(rule, scene, found, lines)
        else:
            _from_events(rule, rule.looking, scene, found, lines)
    return Found(tuple(found), tuple(lines))


def _rules(program: Program) -> tuple[Rule, ...]:
    made: tuple[Rule, ...] | None = program.parts.get("findings")
    if made is None:
        made = program.parts["findings"] = tuple(_compile(rule, program) for rule in program.plan.findings)
    return made


def _compile(rule: FindingRule, program: Program) -> Rule:
    return Rule(
        plan=rule,
        looking=look(rule.each, rule.law, rule.id, program) if rule.each else None,
        when=program(rule.when),
        lasts=program(rule.lasts) if rule.lasts else None,
        audience=program(rule.audience),
    )


def _from_the_day(rule: Rule, scene: Scene, found: list[Finding], lines: list[UnknownLine]) -> None:
    frame = scene.viewpoint
    if not scene.program.rule_in_force(rule.plan.basis, frame.law):
        return
    truth = rule.when(frame)
    if truth is True:
        found.append(_finding(rule, frame, None, Stretch(scene.as_of, scene.as_of, scene.as_of)))
    elif truth is None:
        lines.append(_line(rule, frame, None, unknown_names(rule.plan.when, frame, scene.program)))


def _from_events(rule: Rule, looking: Look, scene: Scene, found: list[Finding], lines: list[UnknownLine]) -> None:
    made: list[tuple[Entry, Finding | UnknownLine]] = []
    for entry, frame in viewpoints(looking, scene):
        made += [(entry, one) for one in _from_event(rule, looking, entry, frame)]
    made.sort(key=lambda one: one[0].event.id)
    found += [one for _, one in made if isinstance(one, Finding)]
    lines += [one for _, one in made if isinstance(one, UnknownLine)]
    hidden = scene.hidden_until(looking.each.kind)
    if hidden is not None and could_reach(rule.plan.lasts, looking.each.by, scene, min(hidden, scene.as_of)):
        lines.append(_line(rule, scene.viewpoint, None, {looking.each.kind}))


def _from_event(rule: Rule, looking: Look, entry: Entry, frame: Frame) -> Iterator[Finding | UnknownLine]:
    scene = frame.scene
    if not any(scene.program.rule_in_force(rule.plan.basis, each.law) for each in frame.under_each_law()):
        return
    truth = is_meant(looking, frame, entry)
    if truth is False:
        return
    stretch = _stretch(rule, frame, own_day(entry))
    if stretch is None:
        return
    truth = both(truth, stretch.covers(scene.as_of))
    truth = both(truth, _asked(rule, frame, entry)) if truth is not False else False
    if truth is True:
        yield _finding(rule, frame, entry, stretch)
    elif truth is None:
        names = unknown_about(looking, frame, entry)
        names |= set() if entry.is_undated else unknown_names(rule.plan.when, frame, scene.program)
        names |= set() if stretch.is_known else unknown_in_span(rule.plan.lasts, frame, scene.program)
        yield _line(rule, frame, entry, names)


def _asked(rule: Rule, frame: Frame, entry: Entry) -> Truth:
    """`when`, from the event's viewpoint; an event without a day has none."""
    if entry.is_undated and rule.plan.when != Constant(holds=True):
        return None
    truth: Truth = rule.when(frame)
    return truth


def _stretch(rule: Rule, frame: Frame, by_day: date | None) -> Stretch | None:
    if rule.lasts is None:
        return ALWAYS
    measured = under_each_law if rule.plan.law.as_of else as_measured
    return measured(rule.lasts, frame, by_day)


def _finding(rule: Rule, frame: Frame, entry: Entry | None, stretch: Stretch) -> Finding:
    starts = [day for day in (stretch.first, entry and entry.key[0]) if day is not None and day > date.min]
    return Finding(
        rule=rule.plan.id,
        event=entry.event.id if entry else None,
        event_kind=entry.event.kind if entry else None,
        says=rule.plan.says,
        from_day=max(starts, default=None),
        until=None if stretch.last >= LATEST_DAY else stretch.last + ONE_DAY,
        law_day=frame.law,
        basis=rule.plan.basis.sources,
        audience=audience_of(rule.audience, frame),
        parameters=frame.scene.program.parameters_read(rule.plan.id, rule.plan.parameters, frame.law),
        read_from=entry.event.read_from if entry else None,
    )


def _line(rule: Rule, frame: Frame, entry: Entry | None, names: set[str]) -> UnknownLine:
    return UnknownLine(
        rule=rule.plan.id,
        event=entry.event.id if entry else None,
        names=tuple(sorted(names)),
        event_kind=entry.event.kind if entry else None,
        audience=audience_of(rule.audience, frame),
    )
