"""What an effect rests on: its whole proof, and the cut: what would end it if that alone were gone.

Both are found by asking the one rule again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Protocol

from attrs import evolve, frozen

from credit_engine.assessing.effects import Cut, Edge, Effect, Origin, OriginKind
from credit_engine.errors import Problem, QuestionError
from credit_engine.policy.plan_spreading import SpreadRule
from credit_engine.spreading.links import Links
from credit_engine.spreading.paths import Route
from credit_engine.spreading.together import Joined, Rounds, proof


class Linking(Protocol):
    """Whatever has the relations known on a day; a `Network` does."""

    def links(self, known_at: date) -> Links:
        """The relations known on a day, ready to be followed."""


@frozen
class Tracing:
    """Answers for the effects of one day; it holds the network and the origins, no answers."""

    network: Linking
    rules: Mapping[str, SpreadRule]
    origins: Mapping[str, tuple[Origin, ...]]
    as_of: date
    known_at: date

    def proof(self, effect: Effect) -> tuple[Edge, ...]:
        """Every edge that the effect rests on: its path, or of several parties all edges back to the origins."""
        rule = self.rules.get(effect.rule)
        if rule is None or not rule.together:
            return tuple(effect.path)
        return proof(self._joined(rule, effect), effect.target)

    def cut(self, effect: Effect) -> tuple[Cut, ...]:
        """The relations of the proof, in its order, then the origins, each of which alone would end the effect."""
        rule = self.rules.get(effect.rule)
        if rule is None:  # recognition rests on the entry alone
            return (_origin_cut(effect.origin_kind, effect.origin, effect.origin_party),)
        if rule.together:
            return tuple(self._of_together(rule, effect))
        return tuple(self._of_path(rule, effect))

    def _of_path(self, rule: SpreadRule, effect: Effect) -> Iterator[Cut]:
        origin = self._origin_of(rule, effect)
        route = Route(rule, origin, self._links(), self.as_of)
        is_unbounded = rule.again and rule.hops is None and rule.drop_below is None
        edges = edges_needed(route, effect.path) if is_unbounded else effect.path
        for edge in edges:
            for held in edge.relations:
                less = evolve(route, without=held.id)
                gone = not less.leads(edge) if is_unbounded else effect.target not in less.ends()
                if gone:
                    yield Cut(kind="relation", id=held.id)
        yield _origin_cut(origin.kind, origin.id, origin.party)

    def _origin_of(self, rule: SpreadRule, effect: Effect) -> Origin:
        for each in self.origins.get(rule.id, ()):
            if (each.party, each.kind, each.id) == (effect.origin_party, effect.origin_kind, effect.origin):
                return each
        message = f"the rule {rule.id} has no origin {effect.origin!r} of {effect.origin_party!r} on {self.as_of}"
        raise QuestionError(Problem("bad_question", message, hint="ask the effects that it is one of"))

    def _of_together(self, rule: SpreadRule, effect: Effect) -> Iterator[Cut]:
        edges = self.proof(effect)
        for relation in _relations(edges):
            if not self._reaches(rule, effect.target, relation=relation):
                yield Cut(kind="relation", id=relation)
        origins = self.origins.get(rule.id, ())
        for party in sorted({effect.target, *(edge.start for edge in edges)}):
            of_party = [origin for origin in origins if origin.party == party]
            if len(of_party) == 1 and not self._reaches(rule, effect.target, party=party):
                yield _origin_cut(of_party[0].kind, of_party[0].id, party)

    def _reaches(self, rule: SpreadRule, target: str, *, relation: str | None = None, party: str | None = None) -> bool:
        """Whether the target is still reached, if only possibly, without a relation or without a party's origin."""
        rounds = Rounds(
            rule,
            self.origins.get(rule.id, ()),
            self._links(),
            self.as_of,
            possible=True,  # whoever joins for certain also joins possibly
            without=relation,
            without_party=party,
        )
        reached = target in rounds.run()
        return reached or (rule.itself and target in rounds.joined)

    def _joined(self, rule: SpreadRule, effect: Effect) -> Mapping[str, Joined]:
        origins = self.origins.get(rule.id, ())
        rounds = Rounds(rule, origins, self._links(), self.as_of, possible=not effect.certain)
        for party in rounds.run():
            if party == effect.target:
                break
        return rounds.joined

    def _links(self) -> Links:
        return self.network.links(self.known_at)


def edges_needed(route: Route, path: Sequence[Edge]) -> list[Edge]:
    """The edges of a path over a step taken again that no detour avoids, however long it is; found in one sweep.

    From each party of the path in turn everything is looked at that it reaches without the next edge: how far ahead on
    the path does that lead?
    """
    place = {route.origin.party: 0, **{edge.end: number for number, edge in enumerate(path, start=1)}}
    seen: set[str] = set()
    furthest = 0
    needed = []
    for number, edge in enumerate(path):
        waiting = [edge.start]
        while waiting:
            party = waiting.pop()
            seen.add(party)
            for link in route.links_of(0, party):
                if party == edge.start and link.end == edge.end:
                    continue
                if place.get(link.end, 0) > number:
                    furthest = max(furthest, place[link.end])
                elif link.end not in seen and link.end not in place:
                    seen.add(link.end)
                    waiting.append(link.end)
        if furthest <= number:
            needed.append(edge)
    return needed


def _relations(edges: Sequence[Edge]) -> list[str]:
    """The ids of all relations of the edges, once each."""
    return list(dict.fromkeys(held.id for edge in edges for held in edge.relations))


def _origin_cut(kind: OriginKind | None, name: str | None, party: str | None) -> Cut:
    """The origin as a cut; an own answer has the id of its party."""
    return Cut(kind=kind or "answer", id=name or party or "", party=party)
