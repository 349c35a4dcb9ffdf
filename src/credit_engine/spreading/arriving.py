"""What arrives: a path from an origin, or the edges of several parties together, as an effect on its target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import TypeVar

from attrs import field, frozen

from credit_engine.assessing.answer import ParameterRead
from credit_engine.assessing.audiences import AUDIENCES
from credit_engine.assessing.effects import Edge, Effect, Origin
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_spreading import SpreadRule
from credit_engine.spreading.network import Network
from credit_engine.spreading.owning import Own
from credit_engine.spreading.paths import Route
from credit_engine.spreading.trails import Trail

AnyPart = TypeVar("AnyPart")


@frozen
class Common:
    """What the origins of parties that act together bring: one list if they share it, the largest points, all else."""

    points: int | None
    list: str | None
    measures: tuple[str, ...]
    basis: tuple[str, ...]
    rank: int
    parameters: tuple[ParameterRead, ...]


def in_common(origins: Sequence[Origin]) -> Common:
    """What several origins bring together; their rank is that of the strictest audience."""
    lists = {origin.list for origin in origins}
    points = [origin.points for origin in origins if origin.points is not None]
    return Common(
        points=max(points, key=lambda each: (abs(each), -each), default=None),
        list=lists.pop() if len(lists) == 1 else None,
        measures=_union(origin.measures for origin in origins),
        basis=_union(origin.basis for origin in origins),
        rank=max((AUDIENCES.index(origin.audience) for origin in origins), default=0),
        parameters=_union(origin.parameters for origin in origins),
    )


@frozen
class Arrivals:
    """Makes the effects of one rule."""

    rule: SpreadRule
    plan: Plan
    network: Network
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
        parties = {target, *(edge.start for edge in path)}
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
            audience=AUDIENCES[max(common.rank, *map(self.own.rank_of, parties))],
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


def _union(groups: Iterable[tuple[AnyPart, ...]]) -> tuple[AnyPart, ...]:
    """All parts once, in the order in which the origins bring them."""
    return tuple(dict.fromkeys(part for group in groups for part in group))
