"""What columns cannot follow, put to the plain spread: origins, and the relations that they could reach at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal

import polars as pl
from attrs import field, frozen

from credit_engine.assessing.answer import ParameterRead
from credit_engine.assessing.audiences import AUDIENCES
from credit_engine.assessing.effects import Effect, Held, Origin
from credit_engine.engines.columns.relating import Linked, reachable
from credit_engine.engines.columns.shapes import CODE
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_spreading import OverRelation, SpreadRule
from credit_engine.spreading.arriving import Arrivals
from credit_engine.spreading.links import Links
from credit_engine.spreading.owning import Own
from credit_engine.spreading.spread import over_paths, over_shares


@frozen(eq=False)
class Sorts:
    """Which parties are entities; who is in no table was named, as persons are."""

    entities: frozenset[str] = field(repr=False)

    def sort_of(self, party: str) -> Literal["entity", "person"]:
        """Whether measures find an entity or a person there."""
        return "entity" if party in self.entities else "person"


@frozen(eq=False)
class Reachable:
    """What the plain spread needs of the parties that some origins could reach."""

    links: Links
    sorts: Sorts
    ranks: dict[str, int]


def plain_effects(
    links: Linked, rule: SpreadRule, origins: pl.DataFrame, plan: Plan, as_of: date, known_at: date, ranks: pl.Series
) -> list[Effect]:
    """The effects of a rule from these origins, in order; raises spread's `TooManyError` beyond the rule's `most`."""
    there = part_of(links, rule, origins, known_at.toordinal(), ranks)
    own = Own({}, (), there.ranks)
    arrivals = Arrivals(rule, plan, there.sorts, own, as_of)
    starts = as_origins(links, rule, origins)
    return over_shares(arrivals, starts, there.links) if rule.together else over_paths(arrivals, starts, there.links)


def part_of(links: Linked, rule: SpreadRule, origins: pl.DataFrame, known_at: int, ranks: pl.Series) -> Reachable:
    """The part of a network that a rule could reach from these origins."""
    persons = origins.get_column("named").explode(empty_as_null=True).struct.field("person").drop_nulls()
    named = links.places(persons).drop_nulls()
    places = reachable(links, [rule], origins.get_column("party"), known_at, named)
    branches = [branch for branch in rule.branches if isinstance(branch, OverRelation)]
    kinds = {kind for branch in branches for kind in branch.kinds}
    inside = [pl.col(end).is_in(places.implode()) for end in ("source", "target")]
    rows = links.relations.filter(inside[0] & inside[1]).filter(links.of_kinds(kinds) & links.known(known_at))
    ids = links.party_ids.gather(places)
    is_entity = links.entities.gather(places)
    return Reachable(
        links=Links(tuple(_held(links, rows.sort("id")))),
        sorts=Sorts(frozenset(ids.filter(is_entity))),
        ranks=dict(zip(ids, ranks.gather(places), strict=True)),
    )


def _held(links: Linked, rows: pl.DataFrame) -> Iterable[tuple[str, str, Held]]:
    for row in rows.iter_rows(named=True):
        held = Held(
            id=links.relation_ids[row["id"]],
            kind=links.kinds[row["kind"]],
            share=None if row["share"] is None else links.shares[row["share"]],
            share_max=None if row["share_max"] is None else links.shares[row["share_max"]],
            since=day_of(row["since"]),
            until=day_of(row["until"]),
            document=None,
        )
        yield links.party_ids[row["source"]], links.party_ids[row["target"]], held


def day_of(ordinal: int | None) -> date | None:
    """An ordinal as a day."""
    return None if ordinal is None else date.fromordinal(ordinal)


# --- origins ----------------------------------------------------------------------------------------------------

NAMED = pl.Struct({"branch": pl.UInt32(), "role": pl.String(), "person": pl.String()})
ORIGINS: dict[str, pl.DataType] = {
    "rule": CODE,
    "party": CODE,
    "kind": pl.String(),
    "id": pl.String(),
    "event_kind": pl.String(),
    "from_day": pl.Int32(),
    "until": pl.Int32(),
    "law_day": pl.Int32(),
    "held_on": pl.List(pl.Int32()),
    "named": pl.List(NAMED),
    "points": pl.Int64(),
    "list": pl.String(),
    "measures": pl.List(pl.String()),
    "basis": pl.List(pl.String()),
    "audience": pl.UInt8(),
    "parameters": pl.List(pl.String()),
}


def as_origins(links: Linked, rule: SpreadRule, rows: pl.DataFrame) -> list[Origin]:
    """The rows of a frame of origins as plain ones."""
    return [_origin(links, rule, row) for row in rows.iter_rows(named=True)]


def _origin(links: Linked, rule: SpreadRule, row: dict[str, Any]) -> Origin:  # Any: cells
    named: list[list[tuple[str, str]]] = [[] for _ in rule.branches]
    for one in row["named"]:
        named[one["branch"]].append((one["role"], one["person"]))
    return Origin(
        rule=rule.id,
        party=links.party_ids[row["party"]],
        kind=row["kind"],
        id=row["id"],
        event_kind=row["event_kind"],
        from_day=day_of(row["from_day"]),
        until=day_of(row["until"]),
        law_day=date.fromordinal(row["law_day"]),
        held_on=tuple(map(day_of, row["held_on"])),
        named=tuple(map(tuple, named)),
        points=row["points"],
        list=row["list"],
        measures=tuple(row["measures"]),
        basis=tuple(row["basis"]),
        audience=AUDIENCES[row["audience"]],
        parameters=tuple(row["parameters"]),  # texts, which are put together as the parameters themselves would be
    )


def origin_frame(origins: Iterable[Origin], plan: Plan, links: Linked) -> pl.DataFrame:
    """Plain origins as a frame with the columns `ORIGINS`, in the order given."""
    places = {rule.id: place for place, rule in enumerate(plan.spread)}
    rows = [_row(origin, places) for origin in origins]
    frame = pl.DataFrame(rows, schema={**ORIGINS, "party": pl.String()}, orient="row")
    return frame.with_columns(links.places(frame.get_column("party")))


def _row(origin: Origin, places: dict[str, int]) -> Sequence[object]:
    return (
        places[origin.rule],
        origin.party,
        origin.kind,
        origin.id,
        origin.event_kind,
        _ordinal(origin.from_day),
        _ordinal(origin.until),
        origin.law_day.toordinal(),
        [_ordinal(day) for day in origin.held_on],
        [
            {"branch": branch, "role": role, "person": person}
            for branch, pairs in enumerate(origin.named)
            for role, person in pairs
        ],
        origin.points,
        origin.list,
        list(origin.measures),
        list(origin.basis),
        AUDIENCES.index(origin.audience),
        parameter_texts(origin.parameters),
    )


def parameter_texts(read: Iterable[ParameterRead]) -> list[str]:
    """The parameters that were read as the tables tell them."""
    return [f"{one.name} = {one.value} since {one.since} ({one.source})" for one in read]


def _ordinal(day: date | None) -> int | None:
    return None if day is None else day.toordinal()
