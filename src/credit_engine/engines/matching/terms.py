"""Conditions as the tests of a flat fact: and, or, and comparisons of one property with one constant.

A test never asks whether something is unknown: the fact is made once with every unknown leaf read as false and once as
true, and a value that is not plain is replaced by one that fails the test or passes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from typing import Literal

from attrs import frozen

Op = Literal["is", "is_not", "at_least", "above", "at_most", "below"]
Constant = int | str
MOST_TESTS = 12  # of one rule; durable_rules refuses or hangs above 16
MOST_TERMS = 48  # of one condition

PASSES: dict[Op, Callable[[Constant], Constant]] = {
    "is": lambda bound: bound,
    "is_not": lambda bound: "u:" if isinstance(bound, str) else bound + 1,
    "at_least": lambda bound: bound,
    "above": lambda bound: int(bound) + 1,
    "at_most": lambda bound: bound,
    "below": lambda bound: int(bound) - 1,
}
OPPOSITE: dict[Op, Op] = {
    "is": "is_not",
    "is_not": "is",
    "at_least": "below",
    "below": "at_least",
    "above": "at_most",
    "at_most": "above",
}


@frozen
class Test:
    """One comparison: slot number `slot` of the fact with a whole number or a prefixed text."""

    slot: int
    op: Op
    bound: Constant

    @property
    def passing(self) -> Constant:
        """A value that passes."""
        return PASSES[self.op](self.bound)

    @property
    def failing(self) -> Constant:
        """A value that fails."""
        return PASSES[OPPOSITE[self.op]](self.bound)


@frozen
class Both:
    """Every part; of none: always."""

    parts: tuple[Formula, ...]


@frozen
class Either:
    """One part at least; of none: never."""

    parts: tuple[Formula, ...]


Formula = Test | Both | Either
Term = tuple[Test, ...]


def tests_of(formula: Formula) -> tuple[Test, ...]:
    """All tests of a formula, in order."""
    if isinstance(formula, Test):
        return (formula,)
    return tuple(test for part in formula.parts for test in tests_of(part))


def terms(formula: Formula) -> list[Term]:
    """The disjunction of conjunctions that says the same: any of these terms, all tests of it."""
    if isinstance(formula, Test):
        return [(formula,)]
    each = [terms(part) for part in formula.parts]
    if isinstance(formula, Either):
        return _once(term for found in each for term in found)
    return _once(tuple(dict.fromkeys(test for term in chosen for test in term)) for chosen in product(*each))


def _once(found: Iterable[Term]) -> list[Term]:
    return list(dict.fromkeys(found))


def size(formula: Formula) -> tuple[int, int]:
    """At most how many terms the formula has, and how many tests the longest of them; found without making them."""
    if isinstance(formula, Test):
        return 1, 1
    each = [size(part) for part in formula.parts]
    if isinstance(formula, Either):
        return sum(count for count, _ in each), max((length for _, length in each), default=0)
    count = 1
    for one, _ in each:
        count *= one
    return count, sum(length for _, length in each)


def negated(formula: Formula) -> Formula:
    """The opposite, each test turned round."""
    if isinstance(formula, Test):
        return Test(formula.slot, OPPOSITE[formula.op], formula.bound)
    parts = tuple(negated(part) for part in formula.parts)
    return Either(parts) if isinstance(formula, Both) else Both(parts)
