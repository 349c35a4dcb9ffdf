"""Findings: what the law says must, may or must not follow from an event, or from how the party stands today."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from attrs import frozen

from credit_engine.assessing.answer import Finding, UnknownLine
from credit_engine.assessing.applying import viewpoints
from credit_engine.assessing.lasting import Lasting, lasting, may_be_unrecorded, standing, unknown_standing
from credit_engine.assessing.naming import unknown_names
from credit_engine.assessing.program import Program, audience_of
from credit_engine.assessing.scene import Compiled, Entry, Frame, Scene
from credit_engine.assessing.spanning import LATEST_DAY, Stretch
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
    """A compiled finding rule; `of_events` where it has an `each`."""

    plan: FindingRule
    of_events: Lasting | None
    when: Compiled
    audience: Compiled


def findings(scene: Scene) -> Found:
    """What the rules find on the day judged, in the order of the policy, then by event id."""
    found: list[Finding] = []
    lines: list[UnknownLine] = []
    for rule in _rules(scene.program):
        if rule.of_events is None:
            _from_the_day(rule, scene, found, lines)
        else:
            _from_events(rule, rule.of_events, scene, found, lines)
    return Found(tuple(found), tuple(lines))


def _rules(program: Program) -> tuple[Rule, ...]:
    made: tuple[Rule, ...] | None = program.parts.get("findings")
    if made is None:
        made = program.parts["findings"] = tuple(_compile(rule, program) for rule in program.plan.findings)
    return made


def _compile(rule: FindingRule, program: Program) -> Rule:
    each = rule.each
    return Rule(
        plan=rule,
        of_events=lasting(each, rule.when, rule.lasts, rule.law, rule.basis, rule.id, program) if each else None,
        when=program(rule.when),
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


def _from_events(rule: Rule, of_events: Lasting, scene: Scene, found: list[Finding], lines: list[UnknownLine]) -> None:
    made: list[tuple[str, Finding | UnknownLine]] = []
    for entry, frame in viewpoints(of_events.looking, scene):
        stands = standing(of_events, entry, frame)
        if stands is None:
            continue
        if stands.truth is True:
            made.append((entry.event.id, _finding(rule, frame, entry, stands.stretch)))
        else:
            names = unknown_standing(of_events, entry, frame, stands.stretch)
            made.append((entry.event.id, _line(rule, frame, entry, names)))
    made.sort(key=lambda one: one[0])
    found += [one for _, one in made if isinstance(one, Finding)]
    lines += [one for _, one in made if isinstance(one, UnknownLine)]
    if may_be_unrecorded(of_events, scene):
        lines.append(_line(rule, scene.viewpoint, None, {of_events.looking.each.kind}))


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
