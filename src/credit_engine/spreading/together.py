"""Who is reached by several parties together: their shares in a target add up, round by round, until none is new.

A target joins when a branch passes: one that adds up, over all parties that joined in earlier rounds; another one, over
any of them. The rounds are synchronous, so the order of input decides nothing, and circles end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Literal

from attrs import define, field, frozen

from credit_engine.assessing.effects import Edge, Origin
from credit_engine.policy.plan_spreading import OverRelation, SpreadRule, ToNamed
from credit_engine.spreading.links import Link, Links, bounds, compared

_WHOLE = Fraction(1)
_NOTHING = Fraction(0)


@frozen
class Joined:
    """A party that joined in a round (the origins' parties: 0), over these edges from parties of earlier rounds."""

    round: int
    edges: tuple[Edge, ...] = ()


@define
class Rounds:
    """One run of a rule; `possible` takes the upper ends of shares. Gone without: a relation, an origin's party."""

    rule: SpreadRule
    origins: Sequence[Origin]
    links: Links
    as_of: date
    possible: bool = field(kw_only=True)
    without: str | None = field(default=None, kw_only=True)
    without_party: str | None = field(default=None, kw_only=True)
    joined: dict[str, Joined] = field(factory=dict, init=False)
    _sums: dict[tuple[int, str], Fraction] = field(factory=dict, init=False)
    _firsts: dict[tuple[int, str], Edge] = field(factory=dict, init=False)
    _named: dict[tuple[int, str], list[tuple[str, str]]] = field(factory=dict, init=False)

    def run(self) -> Iterator[str]:
        """The parties that join, round by round, each round in order; `joined` then has how."""
        origins = [origin for origin in self.origins if origin.party != self.without_party]
        for origin in origins:
            for number, pairs in enumerate(origin.named):
                self._named.setdefault((number, origin.party), []).extend(pairs)
        newest = sorted({origin.party for origin in origins})
        self.joined.update((party, Joined(0)) for party in newest)
        number = 0
        while newest and self.rule.along and (number == 0 or self.rule.again):
            number += 1
            found = {party: edges for party in self._touched(newest) if (edges := self._edges_to(party))}
            self.joined.update((party, Joined(number, edges)) for party, edges in found.items())
            newest = sorted(found)
            yield from newest

    def _touched(self, newest: list[str]) -> set[str]:
        """The parties outside whom the newest ones hold or reach; their shares are added to what was held before."""
        touched = set()
        for number, branch in enumerate(self.rule.branches):
            for party in newest:
                for link in self._reached(number, branch, party):
                    if link.end in self.joined:
                        continue
                    touched.add(link.end)
                    if isinstance(branch, OverRelation) and branch.together:
                        key = (number, link.end)
                        self._sums[key] = min(self._sums.get(key, _NOTHING) + self._share(link), _WHOLE)
                    else:  # the smallest, for parties come in order and links by their ids
                        self._firsts.setdefault((number, link.end), _edge(branch, party, link, self.as_of))
        return touched

    def _reached(self, number: int, branch: OverRelation | ToNamed, party: str) -> Iterator[Link]:
        """The links of one branch from a party; where shares add up, all that the party holds."""
        if isinstance(branch, ToNamed):
            for role, person in sorted(self._named.get((number, party), ())):
                yield Link(role, person, number, True, ())  # noqa: FBT003  # a field
        elif branch.together:
            for end, held in self.links.pairs(branch, party, self.as_of, self.as_of, self.without):
                yield Link(held[0].id, end, number, True, held)  # noqa: FBT003  # a field
        else:
            for link in self.links.over(branch, number, party, self.as_of, self.as_of, self.without):
                if link.certain or self.possible:
                    yield link

    def _share(self, link: Link) -> Fraction:
        low, high = bounds(link.held)
        return high if self.possible else low

    def _edges_to(self, target: str) -> tuple[Edge, ...]:
        """The edges of the first branch that passes, none if no branch does."""
        for number, branch in enumerate(self.rule.branches):
            key = (number, target)
            if key in self._firsts:
                return (self._firsts[key],)
            if key in self._sums and isinstance(branch, OverRelation):
                total = self._sums[key]
                if compared(branch.share, total, total)[0]:
                    return tuple(self._holding(number, branch, target))
        return ()

    def _holding(self, number: int, branch: OverRelation, target: str) -> Iterator[Edge]:
        """The edges to a target from all parties that joined before and hold it, by party."""
        back: Literal["source", "target"] = "source" if branch.to == "target" else "target"
        holders = self.links.groups(branch.kinds, back).get(target, {})
        for party in sorted(holders.keys() & self.joined.keys()):
            held = self.links.between(branch, party, target, self.as_of, self.without)
            if held:
                yield _edge(branch, party, Link(held[0].id, target, number, True, held), self.as_of)  # noqa: FBT003


def _edge(branch: OverRelation | ToNamed, start: str, link: Link, day: date) -> Edge:
    if isinstance(branch, ToNamed):
        return link.edge(start, "named", None)
    return link.edge(start, "source" if branch.to == "source" else "target", day)


def proof(joined: Mapping[str, Joined], target: str) -> tuple[Edge, ...]:
    """Every edge on which it rests that a party joined: by the round in which its end joined, then start and id."""
    waiting, done = [target], set()
    edges: list[tuple[int, Edge]] = []
    while waiting:
        party = waiting.pop()
        if party in done or party not in joined:
            continue
        done.add(party)
        for edge in joined[party].edges:
            edges.append((joined[party].round, edge))
            waiting.append(edge.start)
    return tuple(edge for _, edge in sorted(edges, key=lambda each: (each[0], each[1].end, each[1].start, each[1].id)))


def has_ranges(rule: SpreadRule, links: Links) -> bool:
    """Whether a share that the rule reads is not known exactly, so that effects may be possible only."""
    kinds = {kind for branch in rule.branches if isinstance(branch, OverRelation) for kind in branch.kinds}
    return any(
        held.kind in kinds and (held.share is None or held.share_max not in (None, held.share))
        for _, _, held in links.known
    )
