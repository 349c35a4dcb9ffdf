"""Small words for drawing made-up data: pick one, several, perhaps; made of few hypothesis draws, so that it is quick.

Everything shrinks to the first of a sequence, to "no", and to the fewest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import Any, NoReturn, TypeVar

from attrs import field, frozen
from hypothesis import strategies as st

Thing = TypeVar("Thing")
Draw = Callable[[st.SearchStrategy[Any]], Any]  # Any: whatever the strategy gives


@cache
def _numbers(low: int, high: int) -> st.SearchStrategy[int]:
    return st.integers(low, high)


@frozen
class Chooser:
    """The choices of one made-up example; `draw` is what hypothesis hands to a composite strategy."""

    draw: Draw

    def number(self, low: int, high: int) -> int:
        """A whole number between two, both included."""
        return self.draw(_numbers(low, high)) if low < high else low

    def one(self, things: Sequence[Thing]) -> Thing:
        """One of several."""
        return things[self.number(0, len(things) - 1)]

    def chance(self, percent: int) -> bool:
        """Yes in about so many of a hundred cases."""
        return percent > 0 and self.number(0, 99) >= 100 - percent

    def some(self, things: Sequence[Thing], least: int = 0, most: int = 3) -> list[Thing]:
        """Different ones of several, in their own order."""
        wanted = self.number(min(least, len(things)), min(most, len(things)))
        rest = list(range(len(things)))
        chosen = sorted(rest.pop(self.number(0, len(rest) - 1)) for _ in range(wanted))
        return [things[place] for place in chosen]

    def shuffled(self, things: Sequence[Thing]) -> list[Thing]:
        """All of them in another order."""
        rest = list(things)
        return [rest.pop(self.number(0, len(rest) - 1)) for _ in things]


@frozen(init=False)
class Dice(Chooser):
    """The same choices from the number of an example: quick and many, but without shrinking."""

    _random: Random = field(eq=False, repr=False)

    def __init__(self, example: int) -> None:
        self.__attrs_init__(draw=_refuse, random=Random(example))  # noqa: S311  # made-up data, the same every time

    def number(self, low: int, high: int) -> int:
        """A whole number between two, both included."""
        return self._random.randint(low, high) if low < high else low


def _refuse(_strategy: object) -> NoReturn:
    raise TypeError("dice draw numbers only")
