"""Grades in lines: the rows one after the other up to the one that held, and what moved the grade after that."""

from __future__ import annotations

from collections.abc import Iterable

from credit_engine.assessing.answer import Grade
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.citing import basis_lines, parameter_lines
from credit_engine.assessing.explaining.facts import facts
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.explaining.values import name_of
from credit_engine.assessing.scene import Frame
from credit_engine.assessing.unknown import is_plain
from credit_engine.policy.nodes import (
    Constant,
    Literal,
)
from credit_engine.policy.plan import Adjustment, GradeRow, Scale


def grade_accounts(telling: Telling) -> list[Account]:
    """One account for each scale."""
    return [grade_account(scale, telling) for scale in telling.plan.scales if scale.name in telling.answer.grades]


def grade_account(scale: Scale, telling: Telling) -> Account:
    """The grade on one scale, with the rows that were tried and what moved it."""
    words, grade = telling.words, telling.answer.grades[scale.name]
    lines = []
    if scale.review is not None:
        lines.append(Account(words("reviewed", day=words.day(grade.judged_on)), part="review"))
    frame = frame_of(grade, telling)
    lines += _rows(scale, frame, telling)
    for change in grade.changes:
        rule = next(rule for rule in scale.adjust if rule.id == change.rule)
        parts = {"before": _labels(change.before, scale, telling), "after": _labels(change.after, scale, telling)}
        text = words("adjusted", rule=words.titled(rule.title, rule.id), **parts)
        lines.append(Account(text, adjustment_lines(rule, scale, frame, telling), part="adjustment"))
    return Account(_head(grade, scale, telling), lines, part="grade")


def frame_of(grade: Grade, telling: Telling) -> Frame:
    """The viewpoint from which a grade was judged: the day, or the review day."""
    return (
        telling.scene.viewpoint
        if grade.judged_on == telling.scene.as_of
        else telling.scene.on(grade.judged_on).viewpoint
    )


def _head(grade: Grade, scale: Scale, telling: Telling) -> str:
    words = telling.words
    if grade.label is not None:
        value = telling.label(scale.name, grade.label)
    elif grade.possible:
        value = words("grade_unknown", labels=_labels(grade.possible, scale, telling))
    else:
        value = words("doubtful")
    return words("fact", name=words.scale(scale.name), value=value)


def _labels(labels: Iterable[str], scale: Scale, telling: Telling) -> str:
    return telling.labels(scale.name, labels) or telling.words("doubtful")


def _rows(scale: Scale, frame: Frame, telling: Telling) -> list[Account]:
    """A line for each row, up to and including the first that holds."""
    lines = []
    for row in scale.rows:
        truth = telling.program(row.condition)(frame)
        lines.append(_row(row, truth, scale, frame, telling))
        if truth is True:
            break
    return lines


def _row(row: GradeRow, truth: object, scale: Scale, frame: Frame, telling: Telling) -> Account:
    words = telling.words
    label = telling.program(row.label)(frame)
    shown = telling.label(scale.name, label) if is_plain(label) else words("doubtful")
    if not isinstance(row.label, Literal):
        shown = words("in_brackets", text=shown, more=words("by_value", name=name_of(row.label, telling)))
    if row.condition == Constant(holds=True):
        return Account(words("row_holds_else", label=shown), part="row")
    key = "row_holds" if truth is True else "row_fails" if truth is False else "row_maybe"
    return Account(words(key, label=shown), facts(row.condition, frame, telling), part="row")


def adjustment_lines(rule: Adjustment, scale: Scale, frame: Frame, telling: Telling) -> list[Account]:
    """What an adjustment does, why it applies, and on what basis."""
    words = telling.words
    value = telling.program(rule.value)(frame)
    if not is_plain(value):
        does = words("doubtful")
    elif rule.kind in ("worse_by", "better_by"):
        does = words(rule.kind, steps=value)
    else:
        does = words(rule.kind.replace("at_", "bounded_"), label=telling.label(scale.name, value))
    lines = [Account(does, part="effect")]
    found = facts(rule.when, frame, telling)
    if found:
        lines.append(Account(words("facts"), found, part="facts"))
    return [*lines, *basis_lines(rule.basis, telling), *parameter_lines(rule, frame, telling)]
