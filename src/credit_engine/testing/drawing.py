"""Small words for drawing made-up data: pick one, several, perhaps; made of few hypothesis draws, so that it is quick.

Everything shrinks to the first of a sequence, to "no", and to the fewest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from attrs import field, frozen

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

BLOCK = 48  # bytes drawn at once
Thing = TypeVar("Thing")
Draw = Callable[[Any], Any]  # Any: a strategy, and whatever it gives


@cache
def _numbers(low: int, high: int) -> SearchStrategy[int]:
    from hypothesis.strategies import integers  # noqa: PLC0415  # dice do without

    return integers(low, high)


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


@frozen
class Blocks(Chooser):
    """The same choices from blocks of bytes: an order of magnitude quicker, for choices by the hundred.

    Choices shrink one by one as bytes do, toward 0.
    """

    _left: list[int] = field(init=False, factory=list, eq=False, repr=False)

    def number(self, low: int, high: int) -> int:
        """A whole number between two, both included."""
        span = high - low + 1
        if span <= 1:
            return low
        found, reach = self._byte(), 256
        while reach < span:
            found, reach = found * 256 + self._byte(), reach * 256
        return low + found * span // reach

    def _byte(self) -> int:
        if not self._left:
            self._left.extend(reversed(self.draw(_block())))
        return self._left.pop()


@cache
def _block() -> SearchStrategy[bytes]:
    from hypothesis.strategies import binary  # noqa: PLC0415  # dice do without

    return binary(min_size=BLOCK, max_size=BLOCK)


@frozen(init=False)
class Dice(Chooser):
    """The same choices from the number of an example: quick and many, but without shrinking."""

    _random: Random = field(eq=False, repr=False)

    def __init__(self, example: int) -> None:
        self.__attrs_init__(draw=_refuse, random=Random(example))  # noqa: S311  # made-up data, the same every time

    def number(self, low: int, high: int) -> int:
        """A whole number between two, both included."""
        return low + int(self._random.random() * (high - low + 1)) if low < high else low


def _refuse(_strategy: object) -> NoReturn:
    raise TypeError("dice draw numbers only")
