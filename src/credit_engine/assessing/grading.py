"""Grades: the first row that holds, then adjustments; with what is unknown, the set of labels that are possible.

A grade is known when one possible label is left. `worse_by` and `better_by` add up first, then `at_best`, then
`at_worst`; a label outside the order is never moved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from credit_engine.assessing.answer import Grade, GradeChange, UnknownLine
from credit_engine.assessing.naming import unknown_names
from credit_engine.assessing.program import Program, audience_of
from credit_engine.assessing.scene import Frame, Scene
from credit_engine.assessing.unknown import DOUBTFUL, NOT_IN_FORCE, Possible, Truth, is_plain
from credit_engine.days import REVIEWS, start_of
from credit_engine.policy.plan import (
    Adjustment,
    Scale,
)


class Graded(NamedTuple):
    """A grade and what was not known about it."""

    grade: Grade
    unknowns: tuple[UnknownLine, ...]


def graded(scene: Scene, scale: Scale) -> Graded:
    """The grade on one scale, on the day judged or, with `review`, on the first day of its period."""
    key = ("grade", scale.name)
    found = scene.found.get(key)
    if found is None:
        judged = scene if scale.review is None else scene.on(start_of(REVIEWS[scale.review], scene.as_of))
        found = scene.found[key] = _grade(judged, scale)
    return found


def own_grade(scene: Scene, name: str) -> Any:  # Any: a label, Possible, or DOUBTFUL
    """What a condition that names the grade reads: a label, or those that are possible."""
    scale = next(scale for scale in scene.plan.scales if scale.name == name)
    grade = graded(scene, scale).grade
    if grade.label is not None:
        return grade.label
    return Possible(grade.possible) if grade.is_complete else DOUBTFUL


def _grade(scene: Scene, scale: Scale) -> Graded:
    frame = scene.viewpoint
    labels, lines = _rows(frame, scale, scene.program)
    changes = []
    for adjust in (_shifted, _bounded):
        moved, more, changed = adjust(frame, scale, labels)
        lines += more
        changes += changed
        labels = moved
    ordered = tuple(sorted(labels, key=lambda label: _rank(scale, label)))
    label = ordered[0] if len(ordered) == 1 and ordered[0] is not None else None
    return Graded(
        Grade(
            scale=scale.name,
            label=label,
            possible=tuple(one for one in ordered if one is not None),
            is_complete=None not in ordered,
            judged_on=scene.as_of,
            audience=audience_of(scene.program(scale.audience), frame),
            changes=tuple(changes),
        ),
        tuple(lines),
    )


def _rank(scale: Scale, label: str | None) -> tuple[int, str]:
    every = (*scale.order, *scale.outside)
    return (every.index(label), label) if label in every else (len(every), label or "")


def _rows(frame: Frame, scale: Scale, program: Program) -> tuple[set[str | None], list[UnknownLine]]:
    """The labels of the rows that may hold, up to the first that does; `None` among them if none need hold."""
    labels: set[str | None] = set()
    names: set[str] = set()
    for row in scale.rows:
        truth = program(row.condition)(frame)
        if truth is False:
            continue
        if truth is None:
            names |= unknown_names(row.condition, frame, program)
        known = _labels(scale, program(row.label)(frame))
        labels |= known
        if None in known:
            names |= unknown_names(row.label, frame, program)
        if truth is True:
            break
    else:
        labels.add(None)
    lines = [UnknownLine(rule=scale.name, event=None, names=tuple(sorted(names)))] if names else []
    return labels, lines


def _labels(scale: Scale, value: Any) -> set[str | None]:  # Any: a value of any kind
    """The labels that a row's value may be; one that is not known may be any of the scale, and none of them."""
    every = {*scale.order, *scale.outside}
    if value is None or value is DOUBTFUL:
        return {*every, None}
    found = value.labels if isinstance(value, Possible) else (value,)
    return {label if label in every else None for label in found}


def _applies(rule: Adjustment, frame: Frame) -> Truth:
    program = frame.scene.program
    return program(rule.when)(frame) if program.rule_in_force(rule.basis, frame.law) else False


Moved = tuple[set[str | None], list[UnknownLine], list[GradeChange]]


def _shifted(frame: Frame, scale: Scale, labels: set[str | None]) -> Moved:
    """`worse_by` and `better_by`, added up."""
    shifts = {0}
    lines: list[UnknownLine] = []
    moving: list[Adjustment] = []
    for rule in scale.adjust:
        if rule.kind not in ("worse_by", "better_by"):
            continue
        truth = _applies(rule, frame)
        if truth is False:
            continue
        steps = frame.scene.program(rule.value)(frame)
        if steps is NOT_IN_FORCE:
            continue
        possible = set(range(len(scale.order) + 1)) if not is_plain(steps) else {int(steps)}
        if truth is None or not is_plain(steps):
            lines.append(_line(rule, frame))
            possible |= {0} if truth is None else set()
        sign = 1 if rule.kind == "worse_by" else -1
        shifts = {shift + sign * step for shift in shifts for step in possible}
        moving.append(rule)
    moved = {_move(scale, label, shift) for label in labels for shift in shifts}
    return moved, lines, _changes(moving, labels, moved)


def _move(scale: Scale, label: str | None, shift: int) -> str | None:
    if label is None or label not in scale.order:
        return label
    return scale.order[max(0, min(len(scale.order) - 1, scale.order.index(label) + shift))]


def _bounded(frame: Frame, scale: Scale, labels: set[str | None]) -> Moved:
    """`at_best`, then `at_worst`."""
    lines: list[UnknownLine] = []
    changes: list[GradeChange] = []
    for kind, pick in (("at_best", max), ("at_worst", min)):
        for rule in scale.adjust:
            truth = _applies(rule, frame) if rule.kind == kind else False
            if truth is False:
                continue
            bound = frame.scene.program(rule.value)(frame)
            if bound is NOT_IN_FORCE:
                continue
            if truth is None or bound not in scale.order:
                lines.append(_line(rule, frame))
            bounds = [bound] if bound in scale.order else list(scale.order)
            moved = {_bound(scale, label, one, pick) for label in labels for one in bounds}
            moved |= labels if truth is None else set()
            changes += _changes([rule], labels, moved)
            labels = moved
    return labels, lines, changes


def _bound(scale: Scale, label: str | None, bound: str, pick: Callable[[int, int], int]) -> str | None:
    """The label bounded; an unknown one that is bounded to the end of the order is that end."""
    place = scale.order.index(bound)
    if label is None:
        at_the_end = place == (len(scale.order) - 1 if pick is max else 0)
        return bound if at_the_end and not scale.outside else None
    return label if label not in scale.order else scale.order[pick(scale.order.index(label), place)]


def _line(rule: Adjustment, frame: Frame) -> UnknownLine:
    program = frame.scene.program
    names = unknown_names(rule.when, frame, program) | unknown_names(rule.value, frame, program)
    return UnknownLine(rule=rule.id, event=None, names=tuple(sorted(names)))


def _changes(moving: list[Adjustment], before: set[str | None], after: set[str | None]) -> list[GradeChange]:
    if before == after:
        return []
    old, new = (tuple(sorted(label for label in labels if label is not None)) for labels in (before, after))
    return [GradeChange(rule=rule.id, before=old, after=new) for rule in moving]
