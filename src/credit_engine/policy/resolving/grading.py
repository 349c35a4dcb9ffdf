"""Grading scales: their labels, the rows that give one, and what shifts or bounds it."""

from __future__ import annotations

from attrs import frozen

from credit_engine.days import REVIEWS
from credit_engine.errors import Place
from credit_engine.policy.nodes import (
    Condition,
    Constant,
    Literal,
    Value,
)
from credit_engine.policy.places import did_you_mean, shown, value_place_of
from credit_engine.policy.plan import (
    Adjustment,
    GradeRow,
    Scale,
)
from credit_engine.policy.resolving.audiences import read_audience
from credit_engine.policy.resolving.context import Context, Scope
from credit_engine.policy.resolving.refusals import Refusal, refuse, refuse_name
from credit_engine.policy.resolving.rules import check_unique
from credit_engine.policy.resolving.sources import basis_of
from credit_engine.policy.resolving.typed import literal
from credit_engine.policy.written import AdjustmentWritten, GradeRowWritten, ScaleWritten
from credit_engine.quantities import INT, TEXT, one_of

SHIFTS = ("worse_by", "better_by")
BOUNDS = ("at_best", "at_worst")


def read_scales(context: Context) -> tuple[Scale, ...]:
    """The scales in order; each may read the grades of those before it."""
    scales: list[Scale | None] = []
    before: tuple[str, ...] = ()
    for name, written in context.written.scales.items():
        scope = Scope(indicators=True, score=True, scales=before, lists={})
        scales.append(context.problems.attempt(_Reader(context, name, written, scope).read))
        before = (*before, name)
    return tuple(scale for scale in scales if scale is not None)


@frozen
class _Reader:
    """Reads one scale."""

    context: Context
    name: str
    written: ScaleWritten
    scope: Scope

    def read(self) -> Scale:
        """The scale; refused, with all its problems noted, if a part of it is."""
        attempt, written = self.context.problems.attempt, self.written
        self._check_labels()
        review = attempt(self._review)
        audience = attempt(read_audience, self.context, written, self.scope)
        rows = [attempt(self._row, row) for row in written.rows]
        adjust = [attempt(self._adjustment, each) for each in written.adjust]
        check_unique(self.context, written.adjust, "adjustment")
        if review is None or audience is None:
            raise Refusal
        return Scale(
            name=self.name,
            order=tuple(written.order),
            outside=tuple(written.outside),
            titles={label: title.as_dict() for label, title in written.titles.items()},
            rows=tuple(row for row in rows if row is not None),
            adjust=tuple(each for each in adjust if each is not None),
            review=review[0],
            audience=audience,
            place=written.place(),
        )

    @property
    def _labels(self) -> tuple[str, ...]:
        return (*self.written.order, *self.written.outside)

    def _check_labels(self) -> None:
        written, seen = self.written, set()
        for key, labels in (("order", written.order), ("outside", written.outside)):
            for index, label in enumerate(labels):
                place = value_place_of(written.raw[key], index)
                if label in seen:
                    self.context.problems.tell("duplicate_key", f"the label {shown(label)} stands twice", place)
                seen.add(label)
        for label in written.titles:
            if label not in seen:
                place = value_place_of(written.raw["titles"], label)
                self.context.problems.attempt(self._known, label, place, self._labels)
        if not written.order or not written.rows:
            self.context.problems.tell(
                "wrong_type", "a scale has labels and rows", written.place(), "order: [A, B], rows: [...]"
            )

    def _review(self) -> tuple[str | None]:
        review = self.written.review
        if review is not None and review not in REVIEWS:
            raise refuse_name("wrong_type", "review", review, tuple(REVIEWS), self.written.place("review"))
        return (review,)

    def _row(self, row: GradeRowWritten) -> GradeRow:
        label = self.context.problems.attempt(self._label, row)
        condition = self.context.problems.attempt(self._when, row)
        if label is None or condition is None:
            raise Refusal
        made = GradeRow(label, condition)
        self.context.note(made, row.place())
        return made

    def _label(self, row: GradeRowWritten) -> Value:
        place = row.place("grade")
        if not isinstance(row.grade, dict):
            return literal(row.grade, one_of(*self._labels), place).value
        typed = self.context.read_value(self.context, row.grade, self.scope, place, TEXT)
        for code in typed.type_.codes:
            self._known(code, place, self._labels)
        return typed.value

    def _known(self, label: str, place: Place, labels: tuple[str, ...]) -> None:
        if label not in labels:
            raise refuse(
                "unknown_label", f"{shown(label)} is no label of this scale", place, did_you_mean(label, labels)
            )

    def _when(self, row: GradeRowWritten | AdjustmentWritten) -> Condition:
        if not row.has("when"):
            return Constant(holds=True)
        return self.context.read_condition(self.context, row.when, self.scope, row.place("when"))

    def _adjustment(self, written: AdjustmentWritten) -> Adjustment:
        keys = [key for key in (*SHIFTS, *BOUNDS) if written.has(key)]
        if len(keys) != 1:
            message = f"an adjustment has one of {', '.join((*SHIFTS, *BOUNDS))}"
            raise refuse("missing_key" if not keys else "wrong_type", message, written.place())
        value = self.context.problems.attempt(self._shift if keys[0] in SHIFTS else self._bound, written, keys[0])
        when = self.context.problems.attempt(self._when, written)
        basis = self.context.problems.attempt(basis_of, self.context, written)
        if value is None or when is None or basis is None:
            raise Refusal
        return Adjustment(written.rule, written.title.as_dict(), when, keys[0], value, basis, written.place())

    def _shift(self, written: AdjustmentWritten, key: str) -> Value:
        place = written.place(key)
        typed = self.context.read_value(self.context, written.raw[key], self.scope, place, INT)
        if typed.fractional:
            raise refuse(
                "type_mismatch", "a grade shifts by a whole number of steps", place, "add round: {to: 1, mode: down}"
            )
        if isinstance(typed.value, Literal) and typed.value.value < 0:
            other = SHIFTS[1 - SHIFTS.index(key)]
            raise refuse("negative_points", f"`{key}` of less than nothing", place, f"write `{other}`")
        return typed.value

    def _bound(self, written: AdjustmentWritten, key: str) -> Value:
        place = written.place(key)
        order = tuple(self.written.order)
        if not isinstance(written.raw[key], dict):
            return literal(written.raw[key], one_of(*order), place).value
        typed = self.context.read_value(self.context, written.raw[key], self.scope, place, TEXT)
        for code in typed.type_.codes:
            self._known(code, place, order)
        return typed.value
