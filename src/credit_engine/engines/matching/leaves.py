"""Leaves of conditions as properties of a flat fact: which tests they come to, and how their values are read.

Numbers are whole and within 2^53, texts have a prefix, days are day numbers, of a set each code asked for is a property
of its own. What is compared with another value (a parameter, another field) is handed over as the sign-true difference.
Everything else (regions, ranks of labels without rank, comparisons of unlike things) is handed over as a truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from attrs import frozen

from credit_engine.assessing.scene import Build, Compiled
from credit_engine.assessing.unknown import NONE, NOT_IN_FORCE, Special, Truth, is_plain
from credit_engine.engines.matching.terms import Both, Constant, Either, Formula, Op, Test, negated, tests_of
from credit_engine.policy.nodes import (
    Compare,
    Condition,
    GradeRank,
    Known,
    Literal,
    OneOf,
    SetTest,
)
from credit_engine.policy.nodes import Truth as TruthNode

MOST = 2**53 - 1  # what every reader of JSON keeps exact
_OPS: dict[str, Op] = {
    "is": "is",
    "at_least": "at_least",
    "above": "above",
    "at_most": "at_most",
    "below": "below",
}
Values = tuple[Constant, ...]
Read = Callable[[Any], Values | None]  # Any: a plain value; none: it is not of the sort that the tests are made for


@frozen(eq=False)
class Leaf:
    """A leaf as tests over its own slots (from 0), with the readers of its values.

    `values` gives what stands in the slots with unknown read as false, and as true.
    """

    node: Condition
    formula: Formula
    slots: int
    left: Compiled | None
    read: Read
    truth: Compiled

    def values(self, frame: Any) -> tuple[Values, Values]:  # Any: a Frame, or what stands for one in a proof
        """What the fact holds of this leaf, under both readings."""
        if self.left is not None:
            value = self.left(frame)
            if value is not None and not isinstance(value, Special):
                found = self.read(value)
                if found is not None:
                    return found, found
        truth: Truth = self.truth(frame)
        return self.standing_in(truth is True), self.standing_in(truth is not False)

    def standing_in(self, holds: bool) -> Values:  # noqa: FBT001  # a truth
        """Values that stand for a leaf that holds, or that does not."""
        wanted = {test.slot: test.passing if holds else test.failing for test in tests_of(self.formula)}
        if _satisfied(self.formula, wanted) is not holds:  # several tests of one value: one passing is enough
            wanted = next(one for one in _candidates(self.formula) if _satisfied(self.formula, one) is holds)
        return tuple(wanted.get(slot, 0) for slot in range(self.slots))


def _candidates(formula: Formula) -> list[dict[int, Constant]]:
    tests = tests_of(formula)
    passing = [{test.slot: test.passing} for test in tests]
    slots = {test.slot for test in tests}
    outside = {slot: _outside([test for test in tests if test.slot == slot]) for slot in slots}
    return [*(outside | one for one in passing), outside]


def _outside(tests: Sequence[Test]) -> Constant:
    """A value that equals none of those asked for."""
    bounds = [test.bound for test in tests]
    return "u:" if isinstance(bounds[0], str) else max(int(bound) for bound in bounds) + 1


def _satisfied(formula: Formula, values: dict[int, Constant]) -> bool:
    if isinstance(formula, Test):
        return passes(formula, values[formula.slot])
    if isinstance(formula, Both):
        return all(_satisfied(part, values) for part in formula.parts)
    return any(_satisfied(part, values) for part in formula.parts)


def passes(test: Test, value: Constant) -> bool:
    """Whether a value passes a test."""
    if test.op in ("is", "is_not"):
        return (value == test.bound) is (test.op == "is")
    one, other = int(value), int(test.bound)
    if test.op == "at_least":
        return one >= other
    if test.op == "above":
        return one > other
    return one <= other if test.op == "at_most" else one < other


# --- one leaf -------------------------------------------------------------------------------------------------


def leaf(node: Condition, build: Build) -> Leaf:
    """The properties and tests of a leaf."""
    make = _LEAVES.get(type(node))
    made = None if make is None else make(node, build)
    return made if made is not None else _as_truth(node, build)


def _as_truth(node: Condition, build: Build) -> Leaf:
    """A leaf whose truth the library works out: 1 or 0."""
    return Leaf(node, Test(0, "is", 1), 1, None, _never, build(node))


def _never(_value: object) -> None:
    return None


def _compare(node: Compare, build: Build) -> Leaf | None:
    """A comparison with a literal as it is; with another value the difference of the two with 0."""
    if not isinstance(node.right, Literal):
        return _difference(node, build)
    bound = _constant(node.right.value)
    if bound is None and isinstance(node.right.value, int | Fraction) and not isinstance(node.right.value, bool):
        return _difference(node, build)
    if bound is None or (isinstance(bound, str) and node.op != "is"):
        return None
    test: Formula = Test(0, _OPS[node.op], bound)
    formula = negated(test) if node.negated else test
    reader = _text_reader([bound]) if isinstance(bound, str) else _number_reader(node.op, node.right.value)
    return Leaf(node, formula, 1, build(node.left), reader, build(node))


def _difference(node: Compare, build: Build) -> Leaf:
    test: Formula = Test(0, _OPS[node.op], 0)
    formula = negated(test) if node.negated else test
    one, other = build(node.left), build(node.right)

    def left(frame: Any) -> Any:  # Any: a frame; two plain values, or none
        values = one(frame), other(frame)
        return values if all(is_plain(value) for value in values) else None

    def read(values: Any) -> Values | None:  # Any: two plain values
        first, second = (value.toordinal() if type(value) is date else value for value in values)
        if not all(isinstance(value, int | Fraction) and not isinstance(value, bool) for value in (first, second)):
            return None
        return (_clamped(Fraction(first - second).numerator),)

    return Leaf(node, formula, 1, left, read, build(node))


def _constant(value: object) -> Constant | None:
    """A literal as a fact has it, or none where it cannot be handed over as it is."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return int(value) if abs(value) < MOST - 1 else None
    if type(value) is date:
        return value.toordinal()
    return f"s:{value}" if isinstance(value, str) and _is_clean(value) else None


def _is_clean(text: str) -> bool:
    """Whether a text can be written as UTF-8 at all."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _clamped(number: int) -> int:
    return max(-MOST, min(MOST, number))


def _number_reader(op: str, literal: object) -> Read:
    """A number as the nearest whole one on the side that the comparison does not mind; a day as its number."""
    up = op in ("above", "at_most")
    of_day = type(literal) is date

    def read(value: Any) -> Values | None:  # Any: a plain value
        if of_day:
            return (value.toordinal(),) if type(value) is date else None
        if isinstance(value, bool) or not isinstance(value, int | Fraction):
            return None
        if isinstance(value, Fraction) and value.denominator != 1:
            return None if op == "is" else (_clamped(-(-value // 1) if up else value // 1),)
        return (_clamped(int(value)),)

    return read


def _text_reader(bounds: Sequence[Constant]) -> Read:
    """A text with its prefix; one longer than all that are asked for is cut, for it equals none of them."""
    longest = max(len(str(bound)) for bound in bounds) + 1

    def read(value: Any) -> Values | None:  # Any: a plain value
        if not isinstance(value, str):
            return None
        return (f"s:{value}"[:longest] if _is_clean(value) else "u:",)

    return read


def _one_of(node: OneOf, build: Build) -> Leaf | None:
    bounds = [_constant(choice.value) if isinstance(choice, Literal) else None for choice in node.choices]
    known = [bound for bound in bounds if bound is not None]
    if not known or len(known) < len(bounds) or len({type(bound) for bound in known}) > 1:
        return None
    days = {isinstance(choice, Literal) and type(choice.value) is date for choice in node.choices}
    if len(days) > 1:
        return None
    formula: Formula = Either(tuple(Test(0, "is", bound) for bound in known))
    first = node.choices[0]
    reader = (
        _text_reader(known)
        if isinstance(known[0], str)
        else _number_reader("is", first.value if isinstance(first, Literal) else 0)
    )
    return Leaf(node, negated(formula) if node.negated else formula, 1, build(node.left), reader, build(node))


def _set_test(node: SetTest, build: Build) -> Leaf | None:
    """One property for each code asked for; `only` has the number of codes outside and of all codes."""
    codes = [each.value for each in node.right if isinstance(each, Literal)]
    if len(codes) < len(node.right):
        return None
    there = tuple(Test(slot, "is", 1) for slot in range(len(codes)))
    formulas: dict[str, Formula] = {
        "has": Both(there),
        "has_all": Both(there),
        "has_any": Either(there),
        "has_none": Both(tuple(Test(slot, "is", 0) for slot in range(len(codes)))),
        "only": Both((Test(0, "is", 0), Test(1, "at_least", 1))),
    }
    formula = negated(formulas[node.op]) if node.negated else formulas[node.op]

    def read(value: Any) -> Values | None:  # Any: a plain value
        if not isinstance(value, frozenset | tuple):
            return None
        if node.op == "only":
            return sum(element not in codes for element in value), len(value)
        return tuple(int(code in value) for code in codes)

    return Leaf(node, formula, 2 if node.op == "only" else len(codes), build(node.left), read, build(node))


def _truth(node: TruthNode, build: Build) -> Leaf:
    def read(value: Any) -> Values | None:  # Any: a plain value
        return (int(value),) if isinstance(value, bool) else None

    return Leaf(node, Test(0, "is", 0 if node.negated else 1), 1, build(node.left), read, build(node))


def _known(node: Known, build: Build) -> Leaf:
    """1 where the value is known (to be none, too), else 0; one that is not in force is neither."""
    value_of = build(node.left)

    def left(frame: Any) -> Any:  # Any: a frame; a truth, or none
        value = value_of(frame)
        return None if value is NOT_IN_FORCE else is_plain(value) or value is NONE

    return Leaf(node, Test(0, "is", 0 if node.negated else 1), 1, left, lambda value: (int(value),), build(node))


def _grade_rank(node: GradeRank, build: Build) -> Leaf:
    rank = {label: place for place, label in enumerate(node.order)}
    test: Formula = Test(0, "at_least" if node.op == "at_best" else "at_most", rank[node.label])

    def read(value: Any) -> Values | None:  # Any: a plain value
        return (rank[value],) if isinstance(value, str) and value in rank else None

    return Leaf(node, negated(test) if node.negated else test, 1, build(node.left), read, build(node))


_LEAVES: dict[type[Condition], Callable[[Any, Build], Leaf | None]] = {  # Any: each function takes its own node
    Compare: _compare,
    OneOf: _one_of,
    SetTest: _set_test,
    TruthNode: _truth,
    Known: _known,
    GradeRank: _grade_rank,
}
