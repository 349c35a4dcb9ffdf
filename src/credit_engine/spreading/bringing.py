"""What arrives where several parties act together: what the origins behind a target bring, and no others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from attrs import frozen

from credit_engine.assessing.answer import ParameterRead
from credit_engine.assessing.audiences import AUDIENCES
from credit_engine.assessing.effects import Origin
from credit_engine.spreading.together import Joined

AnyPart = TypeVar("AnyPart")


@frozen
class Common:
    """What origins bring together: one list if they share it, the largest points, all else.

    `rank` is that of the strictest audience: of the origins, and of every party of the proof.
    """

    points: int | None
    list: str | None
    measures: tuple[str, ...]
    basis: tuple[str, ...]
    rank: int
    parameters: tuple[ParameterRead, ...]


def brought(
    origins: Sequence[Origin], joined: Mapping[str, Joined], rank_of: Callable[[str], int]
) -> Mapping[str, Common]:
    """What each party that has joined is reached by: the origins from which its proof goes out.

    Origins that bring the same are one, so that few unions are made however many there are.
    """
    kinds: dict[object, int] = {}
    standing: dict[int, Origin] = {}
    of_party: dict[str, set[int]] = {}
    for origin in origins:
        number = kinds.setdefault(_kind(origin), len(kinds))
        standing.setdefault(number, origin)
        of_party.setdefault(origin.party, set()).add(number)
    behind: dict[str, tuple[frozenset[int], int]] = {}
    made: dict[tuple[frozenset[int], int], Common] = {}
    for party, how in joined.items():  # those of earlier rounds come first
        before = [behind[edge.start] for edge in how.edges]
        numbers = frozenset(of_party[party] if how.round == 0 else ()).union(*(each for each, _ in before))
        found = numbers, max(rank_of(party), *(rank for _, rank in before), 0)
        behind[party] = found
        if found not in made:
            made[found] = in_common([standing[number] for number in sorted(numbers)], found[1])
    return {party: made[found] for party, found in behind.items()}


def _kind(origin: Origin) -> object:
    return origin.points, origin.list, origin.measures, origin.basis, origin.audience, origin.parameters


def in_common(origins: Sequence[Origin], rank: int) -> Common:
    """What several origins bring together; `rank` is the greatest of the parties of the proof."""
    lists = {origin.list for origin in origins}
    points = [origin.points for origin in origins if origin.points is not None]
    return Common(
        points=max(points, key=lambda each: (abs(each), -each), default=None),
        list=lists.pop() if len(lists) == 1 else None,
        measures=_union(origin.measures for origin in origins),
        basis=_union(origin.basis for origin in origins),
        rank=max(rank, *(AUDIENCES.index(origin.audience) for origin in origins)),
        parameters=_union(origin.parameters for origin in origins),
    )


def _union(groups: Iterable[tuple[AnyPart, ...]]) -> tuple[AnyPart, ...]:
    """All parts once, in the order in which the origins bring them."""
    return tuple(dict.fromkeys(part for group in groups for part in group))
