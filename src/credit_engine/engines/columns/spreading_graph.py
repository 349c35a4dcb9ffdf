"""What was reached in bulk as a network of its own, whose networkx graph can be looked at, drawn and walked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from credit_engine.engines.columns.relating import Linked
from credit_engine.engines.columns.spreading import Spread
from credit_engine.engines.columns.spreading_plain import day_of
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_spreading import OverRelation
from credit_engine.records import Operator, Person, Relation
from credit_engine.spreading.network import Network


def reached_network(links: Linked, found: Spread, plan: Plan, known_at: date) -> Network:
    """The parties that effects reach, those on their paths, and the known relations between the same two parties.

    Persons who stand in no table are left out, and so is everything of a party that no record here says: a party has
    its id only.
    """
    kinds = {
        kind
        for rule in plan.spread
        for branch in rule.branches
        if isinstance(branch, OverRelation)
        for kind in branch.kinds
    }
    known = links.relations.filter(links.of_kinds(kinds) & links.known(known_at.toordinal()))
    rows = known.join(_pairs(found, known), on=["source", "target"], how="semi").sort("id")
    parties = [found.effects.get_column("place").drop_nulls(), rows.get_column("source"), rows.get_column("target")]
    places = pl.concat([each.rename("party") for each in parties]).unique().sort()
    ids = links.party_ids.gather(places)
    is_entity = links.entities.gather(places)
    return Network(
        operators=[Operator(id=party) for party in ids.filter(is_entity)],
        persons=[Person(id=party) for party in ids.filter(~is_entity)],
        relations=tuple(_relations(links, rows)),
    )


def _pairs(found: Spread, known: pl.DataFrame) -> pl.DataFrame:
    """The parties between which effects have gone, as source and target."""
    over = found.effects.get_column("over").explode(empty_as_null=True).drop_nulls().unique()
    crossed = known.filter(pl.col("id").is_in(over.implode())).select("source", "target")
    proofs = found.proofs.select(source="start", target="end")
    return pl.concat([crossed, proofs, proofs.select(source="target", target="source")]).unique()


def _relations(links: Linked, rows: pl.DataFrame) -> Iterator[Relation]:
    for row in rows.iter_rows(named=True):
        yield Relation(
            id=links.relation_ids[row["id"]],
            kind=links.kinds[row["kind"]],
            source=links.party_ids[row["source"]],
            target=links.party_ids[row["target"]],
            share=None if row["share"] is None else links.shares[row["share"]],
            share_max=None if row["share_max"] is None else links.shares[row["share_max"]],
            since=day_of(row["since"]),
            until=day_of(row["until"]),
        )
