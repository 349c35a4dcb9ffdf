"""What is not simply known: missing, doubtful, not in force, known to be none, and ranges; and Kleene's three truths.

A condition gives `True` (it holds), `None` (it only may hold) or `False`. A value is plain, or one of

* `None`: missing; the cell is empty or there is no event. `or` replaces it.
* `DOUBTFUL`: it cannot be known from what is recorded. Nothing replaces it.
* `NOT_IN_FORCE`: the law has no such value on that day. Comparisons with it are false, negated or not.
* `NONE`: known to be none (no restriction was imposed). Comparisons with it are false, their negations true.
* a `Possible`: one of several labels.
* a `Range`: between two whole numbers; `low` or `high` may be `None` for "no limit".
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

Truth = bool | None
Number = int | Fraction


class Special:
    """A value that is not plain."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        """The name of the constant."""
        return self.name


DOUBTFUL = Special("DOUBTFUL")
NOT_IN_FORCE = Special("NOT_IN_FORCE")
NONE = Special("NONE")


class Range(Special):
    """A number between `low` and `high`, both included; `None` is no limit. `low` is always below `high`."""

    __slots__ = ("high", "low")

    def __init__(self, low: Number | None, high: Number | None) -> None:
        super().__init__("RANGE")
        self.low = low
        self.high = high

    def __eq__(self, other: object) -> bool:
        """Ranges are equal when their ends are."""
        return isinstance(other, Range) and (self.low, self.high) == (other.low, other.high)

    def __hash__(self) -> int:
        """Hash by the ends."""
        return hash((self.low, self.high))

    def __repr__(self) -> str:
        """`Range(2, None)`."""
        return f"Range({self.low}, {self.high})"


class Possible(Special):
    """One of several labels; it is not known which."""

    __slots__ = ("labels",)

    def __init__(self, labels: tuple[str, ...]) -> None:
        super().__init__("POSSIBLE")
        self.labels = labels


def between(low: Number | None, high: Number | None) -> Any:  # Any: a number or a Range
    """The plain number where both ends meet, else the range."""
    return low if low is not None and low == high else Range(low, high)


def worst(values: tuple[Any, ...]) -> Any:  # Any: values of any type, only the special ones matter
    """Of values that are not all plain the one that decides: not in force, then doubtful, then missing, then none."""
    for special in (NOT_IN_FORCE, DOUBTFUL):
        if any(value is special for value in values):
            return special
    if any(isinstance(value, Range) for value in values):
        return DOUBTFUL
    return None if any(value is None for value in values) else NONE


def is_plain(value: object) -> bool:
    """Whether the value is simply known."""
    return value is not None and not isinstance(value, Special)


def ends(value: Number | Range) -> tuple[Number | None, Number | None]:
    """The lower and upper end of a number or range."""
    return (value.low, value.high) if isinstance(value, Range) else (value, value)


def spread_over(value: Any, change: Callable[[Any], Any]) -> Any:  # Any: a value of any kind; the change keeps its type
    """`change` applied to a number, or to both ends of a range (in order again); other special values stay."""
    if value is None:
        return None
    if not isinstance(value, Special):
        return change(value)
    if not isinstance(value, Range):
        return value
    low = None if value.low is None else change(value.low)
    high = None if value.high is None else change(value.high)
    return between(low, high)


def both(one: Truth, other: Truth) -> Truth:
    """Kleene and."""
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def opposite(truth: Truth) -> Truth:
    """Kleene negation."""
    return None if truth is None else not truth
