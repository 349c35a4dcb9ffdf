"""Grades in lines: the rows one after the other up to the one that held, and what moved the grade after that."""

from __future__ import annotations

from collections.abc import Iterable

from credit_engine.assessing.answer import Grade
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.citing import basis_lines, parameter_lines
from credit_engine.assessing.explaining.facts import facts
from credit_engine.assessing.explaining.looking import Look
from credit_engine.assessing.explaining.phrases import name_of
from credit_engine.assessing.scene import Frame
from credit_engine.assessing.unknown import is_plain
from credit_engine.policy.plan import Adjustment, Constant, GradeRow, Literal, Scale


def grade_accounts(look: Look) -> list[Account]:
    """One account for each scale."""
    return [grade_account(scale, look) for scale in look.plan.scales if scale.name in look.answer.grades]


def grade_account(scale: Scale, look: Look) -> Account:
    """The grade on one scale, with the rows that were tried and what moved it."""
    words, grade = look.words, look.answer.grades[scale.name]
    lines = []
    if scale.review is not None:
        lines.append(Account(words("reviewed", day=words.day(grade.judged_on)), part="review"))
    frame = frame_of(grade, look)
    lines += _rows(scale, frame, look)
    for change in grade.changes:
        rule = next(rule for rule in scale.adjust if rule.id == change.rule)
        parts = {"before": _labels(change.before, scale, look), "after": _labels(change.after, scale, look)}
        text = words("adjusted", rule=words.titled(rule.title, rule.id), **parts)
        lines.append(Account(text, adjustment_lines(rule, scale, frame, look), part="adjustment"))
    return Account(_head(grade, scale, look), lines, part="grade")


def frame_of(grade: Grade, look: Look) -> Frame:
    """The viewpoint from which a grade was judged: the day, or the review day."""
    return look.scene.viewpoint if grade.judged_on == look.scene.as_of else look.scene.on(grade.judged_on).viewpoint


def _head(grade: Grade, scale: Scale, look: Look) -> str:
    words = look.words
    if grade.label is not None:
        return words("grade", scale=scale.name, label=look.label(scale.name, grade.label))
    if not grade.possible:
        return words("grade_none", scale=scale.name)
    return words("grade_unknown", scale=scale.name, labels=_labels(grade.possible, scale, look))


def _labels(labels: Iterable[str], scale: Scale, look: Look) -> str:
    return look.words("or").join(look.label(scale.name, label) for label in labels) or look.words("doubtful")


def _rows(scale: Scale, frame: Frame, look: Look) -> list[Account]:
    """A line for each row, up to and including the first that holds."""
    lines = []
    for row in scale.rows:
        truth = look.program(row.condition)(frame)
        lines.append(_row(row, truth, scale, frame, look))
        if truth is True:
            break
    return lines


def _row(row: GradeRow, truth: object, scale: Scale, frame: Frame, look: Look) -> Account:
    words = look.words
    label = look.program(row.label)(frame)
    shown = look.label(scale.name, label) if is_plain(label) else words("doubtful")
    if not isinstance(row.label, Literal):
        shown = words("in_brackets", text=shown, more=words("by_value", name=name_of(row.label, look)))
    if row.condition == Constant(holds=True):
        return Account(words("row_holds_else", label=shown), part="row")
    key = "row_holds" if truth is True else "row_fails" if truth is False else "row_maybe"
    return Account(words(key, label=shown), facts(row.condition, frame, look), part="row")


def adjustment_lines(rule: Adjustment, scale: Scale, frame: Frame, look: Look) -> list[Account]:
    """What an adjustment does, why it applies, and on what basis."""
    words = look.words
    value = look.program(rule.value)(frame)
    if not is_plain(value):
        does = words("doubtful")
    elif rule.kind in ("worse_by", "better_by"):
        does = words(rule.kind, steps=value)
    else:
        does = words(rule.kind.replace("at_", "bounded_"), label=look.label(scale.name, value))
    lines = [Account(does, part="effect")]
    found = facts(rule.when, frame, look)
    if found:
        lines.append(Account(words("facts"), found, part="facts"))
    return [*lines, *basis_lines(rule.basis, look), *parameter_lines(rule, frame, look)]
