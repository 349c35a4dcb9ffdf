"""The best path from an origin to each party that a rule reaches.

* A path visits no party twice and never returns to its origin.
* Of several paths to one party the one of fewest steps is best (no weight is above 1), then the one whose
  (party, relation id or role, party, ...) comes first. A path is certain if all its links are; a party with a certain
  path has the best certain one.
* A step that is taken `again` reaches every end of 1, 2, ... steps: searched layer by layer. Otherwise exactly the ends
  of all steps in turn are reached: searched depth first, in the order of the paths, so that the first path to an end is
  its best one. What was searched is not searched again unless a party that was in the way then is not in the way now.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import date
from fractions import Fraction
from heapq import merge

from attrs import define, field, frozen

from credit_engine.assessing.effects import Edge, Origin
from credit_engine.policy.plan_spreading import Branch, SpreadRule, ToNamed
from credit_engine.spreading.links import Link, Links
from credit_engine.spreading.trails import Trail

Blockers = frozenset[str]
_PATIENCE = 500  # parties looked at in vain before asking which are still worth it
_FAR = 3  # steps left from which it is worth asking whether a path is shut in


@frozen
class Route:
    """Where one origin of a rule may go: over the links known, none of which begins after `as_of`; without one id."""

    rule: SpreadRule
    origin: Origin
    links: Links
    as_of: date
    without: str | None = None
    _branches: tuple[Branch, ...] = field(init=False)

    @_branches.default
    def _all_branches(self) -> tuple[Branch, ...]:
        return self.rule.branches

    def best_paths(self) -> Iterator[tuple[Trail, bool]]:
        """A best path to each party reached, and whether it is certain; the certain ones first."""
        start = Trail(None, self.origin.party)
        found: set[str] = set()
        if self.rule.itself:
            yield start, True
        certain = _Search(self, found, certain_only=True)
        for trail in certain.paths(start):
            yield trail, True
        if certain.passed_by_doubt:
            for trail in _Search(self, found, certain_only=False).paths(start):
                yield trail, False

    def ends(self) -> Iterator[str]:
        """Each party reached, in the order in which they are found."""
        return (trail.end for trail, _ in self.best_paths())

    def leads(self, edge: Edge) -> bool:
        """Whether a step that is taken again still leads from an edge's start to its end."""
        return any(link.end == edge.end for link in self.links_of(0, edge.start))

    def edge_of(self, start: str, link: Link) -> Edge:
        """A link as the edge of an effect."""
        branch = self._branches[link.branch]
        if isinstance(branch, ToNamed):
            return link.edge(start, "named", None)
        return link.edge(start, "source" if branch.to == "source" else "target", self.origin.held_on[link.branch])

    def links_of(self, step: int, party: str) -> Iterator[Link]:
        """The links that a step may take from a party, in the order of their ids."""
        first = sum(len(branches) for branches in self.rule.along[:step])
        ways = [self._over(first + number, party) for number in range(len(self.rule.along[step]))]
        return ways[0] if len(ways) == 1 else merge(*ways)

    def _over(self, number: int, party: str) -> Iterator[Link]:
        branch = self._branches[number]
        if isinstance(branch, ToNamed):
            named = sorted(set(self.origin.named[number])) if party == self.origin.party else ()
            return (Link(role, person, number, True, ()) for role, person in named)  # noqa: FBT003  # a field
        day = self.origin.held_on[number]
        if day is None:
            return iter(())
        return self.links.over(branch, number, party, day, self.as_of, self.without)


@define
class _Search:
    """One search over a route. `found`: the parties that have a path; they are not reached again."""

    route: Route
    found: set[str]
    certain_only: bool = field(kw_only=True)
    passed_by_doubt: bool = False
    explored: dict[tuple[int, str], list[Blockers]] = field(factory=dict)
    in_vain: int = 0
    patience: int = _PATIENCE
    worth: list[set[str]] | None = None
    missing: set[str] | None = None

    def paths(self, start: Trail) -> Iterator[Trail]:
        """A best path to each party that has none yet."""
        if not self.route.rule.along:
            return iter(())
        return self._again(start) if self.route.rule.again else self._in_turn(start, {start.end})

    def _links_of(self, step: int, party: str) -> Iterator[Link]:
        for link in self.route.links_of(step, party):
            if link.certain or not self.certain_only:
                yield link
            else:
                self.passed_by_doubt = True

    def _again(self, start: Trail) -> Iterator[Trail]:
        """Layer by layer; paths stand in order within each, so the first link to a party is that of its best path."""
        rule = self.route.rule
        seen, layer, weight = {start.end}, [start], Fraction(1)
        while layer and (rule.hops is None or layer[0].steps < rule.hops):
            weight *= rule.weight
            if rule.drop_below is not None and weight < rule.drop_below:
                return
            following: list[Trail] = []
            for trail in layer:
                for link in self._links_of(0, trail.end):
                    if link.end in seen:
                        continue
                    seen.add(link.end)
                    following.append(trail.over(link))
                    if link.end not in self.found:
                        self.found.add(link.end)
                        yield following[-1]
            layer = following

    def _in_turn(self, trail: Trail, on_path: set[str]) -> Generator[Trail, None, set[str]]:
        """Depth first; gives back the parties on the path that stood in the way somewhere below."""
        is_last = trail.steps + 1 == len(self.route.rule.along)
        in_the_way: set[str] = set()
        for link in self._links_of(trail.steps, trail.end):
            if link.end in on_path:
                in_the_way.add(link.end)
            elif not is_last and (self.worth is None or link.end in self.worth[trail.steps + 1]):
                in_the_way |= yield from self._below(trail.over(link), on_path)
            elif is_last and link.end not in self.found:
                self._find(link.end)
                yield trail.over(link)
        return in_the_way

    def _below(self, trail: Trail, on_path: set[str]) -> Generator[Trail, None, set[str] | Blockers]:
        explored = self.explored.setdefault((trail.steps, trail.end), [])
        for blockers in explored:
            if blockers <= on_path:  # nothing that was in the way has gone
                return blockers
        self._look()
        if self.missing is not None and self.missing <= on_path:  # whoever has no path yet is in the way
            return set(self.missing)
        on_path.add(trail.end)
        cut_off = self._cut_off(trail, on_path)
        below = (yield from self._in_turn(trail, on_path)) if cut_off is None else cut_off
        in_the_way = frozenset(below - {trail.end})
        on_path.discard(trail.end)
        explored[:] = [*(blockers for blockers in explored if not in_the_way <= blockers), in_the_way]
        return in_the_way

    def _cut_off(self, trail: Trail, on_path: set[str]) -> set[str] | None:
        """The parties that stand between the end of a path and all who have no path yet, if they shut it in.

        Asked only where several steps are left and much was in vain: it costs about as much as two steps.
        """
        steps = len(self.route.rule.along)
        if self.worth is None or steps - trail.steps < _FAR:
            return None
        layer, in_the_way = {trail.end}, set()
        for step in range(trail.steps, steps):
            ends = {link.end for party in layer for link in self._links_of(step, party)}
            in_the_way |= ends & on_path
            layer = (ends - on_path) & self.worth[step + 1]
        return None if layer - self.found else in_the_way

    def _find(self, party: str) -> None:
        self.found.add(party)
        self.in_vain = 0
        if self.missing is not None:
            self.missing.discard(party)

    def _look(self) -> None:
        self.in_vain += 1
        if self.in_vain > self.patience:
            self.patience *= 2
            self.worth = self._still_worth()
            self.missing = set(self.worth[-1])

    def _still_worth(self) -> list[set[str]]:
        """For each step the parties from which a party without a path may still be reached, by walks at least.

        Asked again only after twice as many looks in vain, so that it costs little beside them.
        """
        steps = range(len(self.route.rule.along))
        start = {self.route.origin.party}
        layers = [start]
        for step in steps:
            layers.append({link.end for party in layers[-1] for link in self._links_of(step, party)} - start)
        worth = [layers[-1] - self.found]
        for step in reversed(steps):
            ahead = worth[-1]
            worth.append({party for party in layers[step] if any(x.end in ahead for x in self._links_of(step, party))})
        return worth[::-1]
