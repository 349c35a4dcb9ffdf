"""Grades of everybody: which labels of a scale are possible, as `assessing.grading` finds them for one.

Each label is a column that is true where it is possible; one more (`None`) says that it may be none of them.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from attrs import evolve, frozen

from credit_engine.engines.columns.naming import Names, masked, merged, unknown_names
from credit_engine.engines.columns.shapes import (
    CODE,
    DOUBTFUL,
    MISSING,
    NO,
    NOT_IN_FORCE,
    PLAIN,
    POSSIBLE,
    STATE,
    YES,
    Truths,
    Val,
    any_of,
    chosen,
    fixed,
    listed,
    looked_up,
    only_where,
)
from credit_engine.engines.columns.spans import days_of, in_force
from credit_engine.engines.columns.today import on_review
from credit_engine.engines.columns.view import At, Make, build, lacking
from credit_engine.policy.nodes import GradeRank, Literal, Node, OwnGrade, Parameter
from credit_engine.policy.plan import Adjustment, Scale

Labels = dict[str | None, pl.Expr]


@frozen(eq=False)
class Graded:
    """The names of the columns of one scale: the label, those possible, and what each unknown line names.

    `lines`: of each rule, what it may name (in code-point order) and the column that is true where it does. `labels`:
    of each label, and of none of them, the column that is true where it is possible.
    """

    label: str
    possible: str
    lines: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    labels: tuple[tuple[str | None, str], ...] = ()

    @property
    def columns(self) -> list[str]:
        """All of these columns."""
        named = [column for _, flags in self.lines for _, column in flags]
        return [self.label, self.possible, *named, *(name for _, name in self.labels)]


def graded(scale: Scale, at: At) -> Graded:
    """The grade of each row of a view of parties, on its day or, with `review`, on the first day of its period."""
    key = ("graded", scale.name)
    found: Graded | None = at.view.memo.get(key)
    if found is None:
        then = None if scale.review is None else on_review(at.view.run, scale.review)
        found = at.view.memo[key] = _judged(scale, at) if then is None else _beside(scale, at, then)
    return found


def _beside(scale: Scale, at: At, then: At) -> Graded:
    """The grade as seen from another view of the parties, beside the rows of a view.

    On a review day, with what is known on the same day of knowledge; or that of the day judged, beside events.
    """
    found = graded(scale, then)
    names = {column: at.view.run.name() for column in found.columns}
    then_rows = then.view.pin().lazy().select("party", *found.columns).rename(names)
    at.view.frame = at.view.frame.join(then_rows, on="party", how="left")
    return Graded(
        names[found.label],
        names[found.possible],
        tuple((rule, tuple((name, names[column]) for name, column in flags)) for rule, flags in found.lines),
        tuple((label, names[column]) for label, column in found.labels),
    )


def own_grade(node: OwnGrade, at: At) -> Val:
    """The own grade of the day judged on one scale: a label, or those that are possible."""
    run = at.view.run
    scale = next(scale for scale in run.plan.scales if scale.name == node.scale)
    found = graded(scale, at) if at.view.kind is None else _beside(scale, at, run.found["today"])
    labels = {label: pl.col(column) for label, column in found.labels if label is not None}
    none = next((pl.col(column) for label, column in found.labels if label is None), NO)
    known = pl.col(found.label).is_not_null()
    state = chosen([(known, fixed(PLAIN, STATE)), (none, fixed(DOUBTFUL, STATE))], fixed(POSSIBLE, STATE))
    codes = [(pl.col(found.label) == label, fixed(run.store.code(label), CODE)) for label in labels]
    value = only_where(known, chosen(codes, fixed(None, CODE)))
    return evolve(at.view.keep(Val("text", value, frozenset({PLAIN, DOUBTFUL, POSSIBLE}), state)), labels=labels)


def grade_rank(node: GradeRank, at: At) -> Truths:
    """`at_best: C` is C or worse, `at_worst: C` is C or better; a label without rank is neither."""
    left: Val = build(node.left, at)
    bound = node.order.index(node.label)
    fits = {
        label: (place >= bound if node.op == "at_best" else place <= bound) for place, label in enumerate(node.order)
    }
    some = any_of([column for label, column in left.labels.items() if fits.get(label)])
    others = any_of([column for label, column in left.labels.items() if not fits.get(label, True)])
    without = any_of([column for label, column in left.labels.items() if label not in fits])
    truths = Truths(some & ~others, some)
    truths = truths.negated() if node.negated else truths
    cases = [(left.is_in(DOUBTFUL), NO, YES), (left.is_in(POSSIBLE) & without, NO, YES), (without, NO, NO)]
    return at.view.keep_truths(
        Truths(
            chosen([(when, holds) for when, holds, _ in cases], truths.holds),
            chosen([(when, may) for when, _, may in cases], truths.may),
        )
    )


TABLE: dict[type[Node], Make] = {OwnGrade: own_grade, GradeRank: grade_rank}


def _judged(scale: Scale, at: At) -> Graded:
    """The grade of each row on the day of the view."""
    lines: list[tuple[str, Names]] = []
    labels = _rows(scale, at, lines)
    labels = _shifted(scale, at, labels, lines)
    labels = _bounded(scale, at, labels, lines)
    view = at.view
    every = [label for label in (*scale.order, *scale.outside) if label in labels]
    possible = view.let(listed(every, [labels[label] for label in every]))
    is_one = pl.sum_horizontal(labels[label].cast(pl.UInt8) for label in every) == 1
    is_one = is_one & ~labels[None] if None in labels else is_one
    place = chosen([(labels[label], fixed(place, pl.UInt8)) for place, label in enumerate(every)], fixed(0, pl.UInt8))
    label = view.let(looked_up(pl.Series(every, dtype=pl.String), only_where(is_one, place)))
    found = [
        (rule, tuple((name, view.let(names[name]).meta.output_name()) for name in sorted(names)))
        for rule, names in lines
    ]
    flags = tuple((each, view.let(column).meta.output_name()) for each, column in labels.items())
    return Graded(label.meta.output_name(), possible.meta.output_name(), tuple(found), flags)


def _kept(at: At, labels: Labels) -> Labels:
    return {label: at.view.let(column) for label, column in labels.items() if column is not NO}


def _rows(scale: Scale, at: At, lines: list[tuple[str, Names]]) -> Labels:
    """The labels of the rows that may hold, up to the first that does; `None` among them if none need hold."""
    labels: dict[str | None, list[pl.Expr]] = {}
    names: list[Names] = []
    going = YES
    for row in scale.rows:
        truths: Truths = build(row.condition, at)
        asked = going & truths.may
        names.append(masked(unknown_names(row.condition, at), going))
        value: Val = build(row.label, at)
        is_open = value.is_in(MISSING, DOUBTFUL)  # any of the scale, and none of them
        known = []
        for label in (*scale.order, *scale.outside):
            is_it = _is_label(value, row.label, label, at)
            may_be = any_of([is_it, is_open])
            if may_be is not NO:
                labels.setdefault(label, []).append(asked & may_be)
                known.append(is_it)
        other = ~any_of(known)
        if not isinstance(row.label, Literal):
            names.append(masked(unknown_names(row.label, at), asked))
        labels.setdefault(None, []).append(asked & other)
        going = at.view.let(going & ~truths.holds)
    labels.setdefault(None, []).append(going)
    lines.append((scale.name, merged(names)))
    return _kept(at, {label: any_of(columns) for label, columns in labels.items()})


def _is_label(value: Val, node: Any, label: str, at: At) -> pl.Expr:  # Any: the node of the value
    if isinstance(node, Literal):
        return YES if node.value == label else NO
    return value.is_in(PLAIN) & (value.value == at.view.run.store.code(label)).fill_null(value=False)


def _applies(rule: Adjustment, at: At) -> Truths:
    truths: Truths = build(rule.when, at)
    return truths.masked(in_force(days_of(at.view.run, rule.basis), at))


def _line(rule: Adjustment, at: At, where: pl.Expr) -> tuple[str, Names]:
    return rule.id, masked(merged([unknown_names(rule.when, at), unknown_names(rule.value, at)]), where)


def _steps(rule: Adjustment, at: At) -> list[int]:
    if isinstance(rule.value, Literal):
        return [int(rule.value.value)]
    if isinstance(rule.value, Parameter):
        given = at.view.run.plan.parameters[rule.value.name].values
        return sorted({int(step.value) for step in given if step.value is not None and not step.ended})
    raise lacking("`worse_by` and `better_by` of computed values")


def _shifted(scale: Scale, at: At, labels: Labels, lines: list[tuple[str, Names]]) -> Labels:
    """`worse_by` and `better_by`, added up."""
    shifts: dict[int, pl.Expr] = {0: YES}
    for rule in scale.adjust:
        if rule.kind not in ("worse_by", "better_by"):
            continue
        truths = _applies(rule, at)
        value: Val = build(rule.value, at)
        counts = truths.may & ~value.is_in(NOT_IN_FORCE)
        plain = value.is_in(PLAIN)
        lines.append(_line(rule, at, counts & (~truths.holds | ~plain)))
        sign = 1 if rule.kind == "worse_by" else -1
        possible = {step: any_of([plain & (value.value == step).fill_null(value=False)]) for step in _steps(rule, at)}
        if plain is not YES:
            for step in range(len(scale.order) + 1):
                possible[step] = any_of([possible.get(step, NO), ~plain])
        possible[0] = any_of([possible.get(0, NO), ~truths.holds])
        moved: dict[int, list[pl.Expr]] = {}
        for shift, old in shifts.items():
            moved.setdefault(shift, []).append(old & ~counts)
            for step, may in possible.items():
                moved.setdefault(shift + sign * step, []).append(old & counts & may)
        shifts = {shift: at.view.let(any_of(columns)) for shift, columns in moved.items()}
    found: dict[str | None, list[pl.Expr]] = {}
    for label, column in labels.items():
        for shift, may in shifts.items():
            found.setdefault(_move(scale, label, shift), []).append(column & may)
    return _kept(at, {label: any_of(columns) for label, columns in found.items()})


def _move(scale: Scale, label: str | None, shift: int) -> str | None:
    if label is None or label not in scale.order:
        return label
    return scale.order[max(0, min(len(scale.order) - 1, scale.order.index(label) + shift))]


def _bounded(scale: Scale, at: At, labels: Labels, lines: list[tuple[str, Names]]) -> Labels:
    """`at_best`, then `at_worst`."""
    for kind in ("at_best", "at_worst"):
        for rule in scale.adjust:
            if rule.kind != kind:
                continue
            truths = _applies(rule, at)
            value: Val = build(rule.value, at)
            counts = truths.may & ~value.is_in(NOT_IN_FORCE)
            bounds = {label: _is_label(value, rule.value, label, at) for label in scale.order}
            other = ~any_of(bounds.values())
            lines.append(_line(rule, at, counts & (~truths.holds | other)))
            found: dict[str | None, list[pl.Expr]] = {}
            for label, column in labels.items():
                found.setdefault(label, []).append(column & (~counts | ~truths.holds))
                for bound, is_it in bounds.items():
                    to = _bound(scale, label, bound, kind)
                    found.setdefault(to, []).append(column & counts & (is_it | other))
            labels = _kept(at, {label: any_of(columns) for label, columns in found.items()})
    return labels


def _bound(scale: Scale, label: str | None, bound: str, kind: str) -> str | None:
    """The label bounded; an unknown one that is bounded to the end of the order is that end."""
    place = scale.order.index(bound)
    if label is None:
        at_the_end = place == (len(scale.order) - 1 if kind == "at_best" else 0)
        return bound if at_the_end and not scale.outside else None
    if label not in scale.order:
        return label
    pick = max if kind == "at_best" else min
    return scale.order[pick(scale.order.index(label), place)]
