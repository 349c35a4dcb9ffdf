"""What arrives: a path from an origin, or the edges of several parties together, as an effect on its target."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal, Protocol

from attrs import field, frozen

from credit_engine.assessing.audiences import AUDIENCES
from credit_engine.assessing.effects import Edge, Effect
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_spreading import SpreadRule
from credit_engine.spreading.bringing import Common
from credit_engine.spreading.owning import Own
from credit_engine.spreading.paths import Route
from credit_engine.spreading.trails import Trail


class Sorts(Protocol):
    """Whatever knows which parties are entities and which are persons; a `Network` does."""

    def sort_of(self, party: str) -> Literal["entity", "person"]:
        """Whether measures find an entity or a person there."""


@frozen
class Arrivals:
    """Makes the effects of one rule."""

    rule: SpreadRule
    plan: Plan
    network: Sorts
    own: Own
    as_of: date
    _weights: list[Fraction] = field(factory=lambda: [Fraction(1)], init=False)  # by steps

    def over_path(self, route: Route, trail: Trail, *, certain: bool) -> Effect:
        """The effect of one origin at the end of its best path."""
        origin, rule = route.origin, self.rule
        path = trail.tell(self.own.rank_of, route.edge_of)
        weight = self._weight(trail.steps)
        return Effect(
            rule=rule.id,
            effect=rule.effect,
            target=trail.end,
            origin_party=origin.party,
            origin_kind=origin.kind,
            origin=origin.id,
            origin_event_kind=origin.event_kind,
            certain=certain,
            weight=weight,
            points=None if origin.points is None else int(origin.points * weight),  # toward zero
            path=path,
            from_day=origin.from_day,
            until=origin.until,
            law_day=origin.law_day,
            list=origin.list,
            measures=self._measures(origin.measures, trail.end),
            basis=origin.basis,
            audience=AUDIENCES[max(AUDIENCES.index(origin.audience), trail.rank)],
            parameters=origin.parameters,
            read_from=origin.read_from,
        )

    def of_together(self, common: Common, target: str, path: tuple[Edge, ...], *, certain: bool) -> Effect:
        """The effect of several parties on a target that has joined over these edges."""
        return Effect(
            rule=self.rule.id,
            effect=self.rule.effect,
            target=target,
            origin_party=None,
            origin_kind=None,
            origin=None,
            certain=certain,
            points=common.points,
            path=path,
            from_day=None,
            until=None,
            law_day=self.as_of,
            list=common.list,
            measures=self._measures(common.measures, target),
            basis=common.basis,
            audience=AUDIENCES[common.rank],
            parameters=common.parameters,
        )

    def _weight(self, steps: int) -> Fraction:
        if self.rule.weight == 1:
            return self._weights[0]
        while len(self._weights) <= steps:
            self._weights.append(self._weights[-1] * self.rule.weight)
        return self._weights[steps]

    def _measures(self, measures: tuple[str, ...], target: str) -> tuple[str, ...]:
        """Those that a mirror brings: the ones that aim at what the target is. No other effect brings any."""
        if self.rule.effect != "mirror":
            return ()
        sort, catalogue = self.network.sort_of(target), self.plan.measures
        if self.rule.together:  # in whatever order the origins come
            measures = tuple(name for name in catalogue if name in measures)
        return tuple(name for name in measures if sort in catalogue[name].targets)
