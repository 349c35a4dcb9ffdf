"""Parties judged some at a time, so that a process keeps to an amount of memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import define, field

from credit_engine.errors import Problem, QuestionError
from credit_engine.files.memory import peak_memory, written

FIRST = 10_000  # parties: few enough that next to nothing is needed for them
_MARGIN = 10  # percent of the limit that is left free


@define
class Divided:
    """How many parties are judged at a time: all of a bucket without a `limit` (bytes), else as many as have room.

    It begins with few and doubles as long as twice of what this process has taken since the beginning would have room.
    The limit is looked at after each part: whoever is beyond it ends.
    """

    limit: int | None
    peak: Callable[[], int] = peak_memory
    _size: int = field(default=FIRST, init=False)
    _base: int | None = field(default=None, init=False)

    def parts(self, first: int, until: int) -> Iterator[tuple[int, int]]:
        """Ranges of numbers of parties, one after the other. Raises `QuestionError` where the limit is not held."""
        if self.limit is None or first == until:
            yield first, until
            return
        if self._base is None:
            self._base = self._checked("before anybody is judged")
        while first < until:
            last = min(first + self._size, until)
            yield first, last
            self._adjust(self._checked(f"with {last - first} parties at a time"), last - first)
            first = last

    def _checked(self, when: str) -> int:
        found = self.peak()
        if self.limit is not None and found > self.limit:
            message = f"{written(found)} were needed {when}, more than the limit of {written(self.limit)}"
            hint = "raise the limit, or `prepare` beforehand with more --buckets"
            raise QuestionError(Problem("memory_limit", message, hint=hint))
        return found

    def _adjust(self, found: int, judged: int) -> None:
        room = (self.limit or 0) * (100 - _MARGIN) // 100
        taken = found - (self._base or 0)
        if found + taken <= room and judged == self._size:
            self._size *= 2
        elif found > room:
            self._size = max(self._size // 2, 1)
