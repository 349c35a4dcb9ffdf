"""The relations known on one day, ready to be followed: from whom to whom, on which days, and with what shares.

A link is certain if its shares satisfy what the policy asks over their whole range, possible if over a part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from heapq import heappop, heappush
from typing import Literal, NamedTuple

import networkx as nx
from attrs import field, frozen

from credit_engine.assessing.effects import Edge, Held
from credit_engine.policy.plan_spreading import OverRelation
from credit_engine.records import Relation
from credit_engine.spreading.graphs import is_known

Groups = Mapping[str, Mapping[str, list[Held]]]  # start -> end -> parallel relations by id
_NONE: Mapping[str, list[Held]] = {}
_WHOLE = Fraction(1)
_NOTHING = Fraction(0)


class Link(NamedTuple):
    """One step that may be taken; links from one party compare by id, end and branch."""

    id: str
    end: str
    branch: int
    certain: bool
    held: tuple[Held, ...]

    def edge(self, start: str, to: Literal["source", "target", "named"], held_on: date | None) -> Edge:
        """The step as it is told in an effect."""
        return Edge(start=start, end=self.end, to=to, id=self.id, held_on=held_on, relations=self.held)


@frozen
class Links:
    """Relations by id with source and target."""

    known: tuple[tuple[str, str, Held], ...]
    _groups: dict[tuple[tuple[str, ...], str], Groups] = field(factory=dict, init=False, eq=False, repr=False)

    def groups(self, kinds: tuple[str, ...], to: str) -> Groups:
        """The relations of these kinds by start and end, each group by id; made once for each branch of a policy."""
        key = (kinds, to)
        if key not in self._groups:
            made: dict[str, dict[str, list[Held]]] = {}
            for source, target, held in self.known:
                if held.kind in kinds:
                    start, end = (source, target) if to == "target" else (target, source)
                    made.setdefault(start, {}).setdefault(end, []).append(held)
            self._groups[key] = made
        return self._groups[key]

    def pairs(
        self, branch: OverRelation, start: str, day: date, as_of: date, without: str | None = None
    ) -> Iterator[tuple[str, tuple[Held, ...]]]:
        """Each party that the branch reaches from `start`, with the relations in force on the day; without one id.

        They come in the order of their smallest relation id in force. Nothing that begins after `as_of` counts.
        """
        waiting: list[tuple[str, str, tuple[Held, ...]]] = []  # whose smallest id is not in force
        for end, group in self.groups(branch.kinds, branch.to).get(start, _NONE).items():
            held = in_force(group, day, as_of, without)
            if not held:
                continue
            while waiting and waiting[0][0] < held[0].id:
                yield heappop(waiting)[1:]
            if held[0] is group[0]:
                yield end, held
            else:
                heappush(waiting, (held[0].id, end, held))
        while waiting:
            yield heappop(waiting)[1:]

    def between(
        self, branch: OverRelation, start: str, end: str, day: date, without: str | None = None
    ) -> tuple[Held, ...]:
        """The parallel relations of a branch that are in force between two parties; without one id."""
        return in_force(self.groups(branch.kinds, branch.to).get(start, _NONE).get(end, []), day, day, without)

    def over(
        self, branch: OverRelation, number: int, start: str, day: date, as_of: date, without: str | None = None
    ) -> Iterator[Link]:
        """The links of a branch (the rule's `number`-th) from a party, by id, the possible ones among them."""
        for end, held in self.pairs(branch, start, day, as_of, without):
            certain, possible = compared(branch.share, *bounds(held)) if branch.share else (True, True)
            if possible:
                yield Link(held[0].id, end, number, certain, held)


def links_known(graph: nx.MultiDiGraph, versions: Mapping[tuple[str, date | None], Relation], known_at: date) -> Links:
    """The relations of a network's graph that are known on a day."""
    known = []
    for source, target, data in graph.edges(data=True):
        if "relation" in data and is_known(data, known_at):
            held = Held(
                id=data["relation"],
                kind=data["kind"],
                share=data["share"],
                share_max=data["share_max"],
                since=data["since"],
                until=data["until"],
                document=data["document"],
                read_from=versions[data["relation"], data["known_from"]].read_from,
            )
            known.append((source, target, held))
    return Links(tuple(sorted(known, key=lambda each: each[2].id)))


def held_as(relation: Relation) -> Held:
    """A relation as it carries an effect."""
    return Held(
        id=relation.id,
        kind=relation.kind,
        share=relation.share,
        share_max=relation.share_max,
        since=relation.since,
        until=relation.until,
        document=relation.document,
        read_from=relation.read_from,
    )


def in_force(group: list[Held], day: date, as_of: date, without: str | None = None) -> tuple[Held, ...]:
    """Those of parallel relations that are in force on a day and have begun on `as_of`; without one id."""
    begun = min(day, as_of)
    return tuple(
        [
            held
            for held in group
            if (held.since is None or held.since <= begun)
            and (held.until is None or day < held.until)
            and held.id != without
        ]
    )


# --- shares ---------------------------------------------------------------------------------------------------


def bounds(held: tuple[Held, ...]) -> tuple[Fraction, Fraction]:
    """The least and the greatest share that parallel relations have together, at most 1.

    A missing share lies between nothing and everything, or its upper end; without an upper end a share is exact.
    """
    low = high = _NOTHING
    for each in held:
        least = _NOTHING if each.share is None else each.share
        low += least
        high += each.share_max if each.share_max is not None else _WHOLE if each.share is None else least
    return min(low, _WHOLE), min(high, _WHOLE)


def compared(share: tuple[tuple[str, Fraction], ...], low: Fraction, high: Fraction) -> tuple[bool, bool]:
    """Whether all comparisons hold for the whole range of a share, and whether for a part of it."""
    certain = all(_holds(op, bound, low) and _holds(op, bound, high) for op, bound in share)
    return certain, certain or _may_hold(share, low, high)


def _holds(op: str, bound: Fraction, value: Fraction) -> bool:
    if op == "at_least":
        return value >= bound
    if op == "above":
        return value > bound
    return value <= bound if op == "at_most" else value < bound


def _may_hold(share: tuple[tuple[str, Fraction], ...], low: Fraction, high: Fraction) -> bool:
    """Whether some value from `low` to `high` satisfies all: what the lower bounds leave meets what the upper do."""
    least, above = low, False  # above: the end itself is outside
    most, below = high, False
    for op, bound in share:
        if op in ("at_least", "above"):
            if bound > least or (bound == least and op == "above"):
                least, above = bound, op == "above"
        elif bound < most or (bound == most and op == "below"):
            most, below = bound, op == "below"
    return least < most or (least == most and not above and not below)
