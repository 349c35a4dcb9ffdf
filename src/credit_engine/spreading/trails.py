"""A path while it is being found: the one before it and its last link, so that paths share their beginnings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, overload

from credit_engine.assessing.effects import Edge
from credit_engine.spreading.links import Link

_LONG = 32  # longer paths share their beginnings, or those of a chain would fill the memory


class Trail:
    """A path to `end`; the first has no link. What it tells, and who may see it, is found when it is asked for."""

    __slots__ = ("before", "end", "link", "path", "rank", "steps")

    def __init__(self, before: Trail | None, end: str, link: Link | None = None) -> None:
        """Go on from a trail over a link, or begin at a party."""
        self.before = before
        self.end = end
        self.link = link
        self.steps: int = 0 if before is None else before.steps + 1
        self.path: Sequence[Edge] | None = None
        self.rank = 0

    def over(self, link: Link) -> Trail:
        """The trail that goes on over a link."""
        return Trail(self, link.end, link)

    def tell(self, rank_of: Callable[[str], int], edge_of: Callable[[str, Link], Edge]) -> Sequence[Edge]:
        """The edges of the path; from then on `rank` is the greatest of all parties on it."""
        untold: list[Trail] = []
        at: Trail | None = self
        while at is not None and at.path is None:
            untold.append(at)
            at = at.before
        for trail in reversed(untold):
            trail.rank = rank_of(trail.end)
            if trail.before is None or trail.link is None:
                trail.path = ()
                continue
            trail.rank = max(trail.rank, trail.before.rank)
            trail.path = _longer(trail.before.path or (), edge_of(trail.before.end, trail.link))
        return self.path or ()


def _longer(path: Sequence[Edge], edge: Edge) -> Sequence[Edge]:
    if isinstance(path, tuple) and len(path) < _LONG:
        return (*path, edge)
    return LongPath(path, edge)


class LongPath(Sequence[Edge]):
    """A path of many steps as a sequence that shares its beginning with others; equal to the tuple of its edges."""

    __slots__ = ("_before", "_last", "_length")

    def __init__(self, before: Sequence[Edge], last: Edge) -> None:
        """Lay one edge on a path."""
        self._before = before
        self._last = last
        self._length = len(before) + 1

    @overload
    def __getitem__(self, index: int) -> Edge: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Edge, ...]: ...
    def __getitem__(self, index: int | slice) -> Edge | tuple[Edge, ...]:
        """One edge, or several as a tuple."""
        if index == -1:
            return self._last
        return tuple(self)[index]

    def __len__(self) -> int:
        """How many edges there are."""
        return self._length

    def __iter__(self) -> Iterator[Edge]:
        """The edges from the origin on."""
        return iter([*self.__reversed__()][::-1])

    def __reversed__(self) -> Iterator[Edge]:
        """The edges from the target back."""
        at: Sequence[Edge] = self
        while isinstance(at, LongPath):
            yield at._last  # noqa: SLF001  # of the same class
            at = at._before  # noqa: SLF001
        yield from reversed(at)

    def __eq__(self, other: object) -> bool:
        """Whether the other is a path of the same edges."""
        if not isinstance(other, LongPath | tuple):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(reversed(self), reversed(other), strict=True))

    def __hash__(self) -> int:
        """The hash of the tuple of its edges."""
        return hash(tuple(self))

    def __repr__(self) -> str:
        """The number of steps and the first of them; the whole would drown every message."""
        return f"<path of {len(self)} steps: {', '.join(edge.id for edge in islice(self, 3))}, ...>"

    def __reduce__(self) -> tuple[Any, ...]:  # Any: what pickle takes
        """Pickle as the tuple of its edges."""
        return _as_tuple, (tuple(self),)


def _as_tuple(edges: tuple[Edge, ...]) -> tuple[Edge, ...]:
    return edges
