"""The same networks put to the plain spread and to the one in columns, and where their effects differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import polars as pl

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.audiences import AUDIENCES
from credit_engine.assessing.effects import Effect, Effects
from credit_engine.engines.columns.relating import Linked, linked, relation_frame
from credit_engine.engines.columns.spreading import Spread, spread_in_bulk
from credit_engine.engines.columns.spreading_plain import origin_frame
from credit_engine.engines.effect_rows import effect_cells
from credit_engine.records import Operator, Party, Relation
from credit_engine.spreading.spread import spread
from credit_engine.testing.drawn_networks import NetworkQuestion
from properties.network_worlds import own_answers


class Both(NamedTuple):
    """Effects of one question, plain and in columns; `links` and `origins` are what the latter were asked with."""

    plain: Effects
    bulk: Spread
    links: Linked
    origins: pl.DataFrame


def links_of(relations: Iterable[Relation], parties: Iterable[Party]) -> Linked:
    """Relations as a store has them, in columns."""
    sorts = {party.id: isinstance(party, Operator) for party in parties}
    ids = pl.Series(sorted(sorts), dtype=pl.String)
    return linked(relation_frame(relations), ids, pl.Series([sorts[party] for party in ids], dtype=pl.Boolean))


def ranks_of(answers: Iterable[Assessment], links: Linked) -> pl.Series:
    """How closed each party's own answer is."""
    ranks = {answer.party: AUDIENCES.index(answer.audience) for answer in answers}
    return pl.Series([ranks.get(party, len(AUDIENCES) - 1) for party in links.party_ids], dtype=pl.UInt8)


def both(question: NetworkQuestion, answers: Sequence[Assessment] | None = None, *, backwards: bool = False) -> Both:
    """The effects of a question; `backwards`: with relations and origins in the opposite order."""
    answers = own_answers(question) if answers is None else answers
    plan = question.policy.plan
    order = slice(None, None, -1 if backwards else 1)
    links = links_of(question.relations[order], question.parties)
    origins = origin_frame([origin for answer in answers for origin in answer.origins][order], plan, links)
    ranks = ranks_of(answers, links)
    return Both(
        plain=spread(question.network, answers, question.policy, question.as_of, question.known_at),
        bulk=spread_in_bulk(links, origins, plan, question.as_of, question.known_at, ranks),
        links=links,
        origins=origins,
    )


def differences(question: NetworkQuestion) -> list[str]:
    """Where rows, codes or rules that were ended differ."""
    found = both(question)
    effects = [effect for effect in found.plain if not effect.is_region]
    rows = found.bulk.table().drop("place", "origin_row").rows()
    wrong = _unlike([plain_row(effect) for effect in effects], rows)
    wrong += _unlike([plain_codes(effect) for effect in effects], [*codes(found)])
    if found.plain.too_wide != found.bulk.too_wide:
        wrong.append(f"too wide: plain {found.plain.too_wide}, columns {found.bulk.too_wide}")
    return wrong


def _unlike(plain: list[Any], columns: list[Any]) -> list[str]:  # Any: rows of cells
    wrong = [f"plain   {one}\ncolumns {other}" for one, other in zip(plain, columns, strict=False) if one != other]
    if len(plain) != len(columns):
        wrong.append(f"plain has {len(plain)} effects, columns {len(columns)}: {plain} and {columns}")
    return wrong


def plain_row(effect: Effect) -> tuple[Any, ...]:  # Any: cells
    read = [f"{one.name} = {one.value} since {one.since} ({one.source})" for one in effect.parameters]
    return (*effect_cells(effect), AUDIENCES.index(effect.audience), read)


def plain_codes(effect: Effect) -> tuple[Any, ...]:  # Any: cells
    """What the codes of an effect say; a party in no table and a role have none."""
    path = [(edge.id if edge.relations else None, edge.end) for edge in effect.path] if effect.origin_party else None
    origin = (effect.origin_party, effect.origin)
    return (effect.rule, effect.target, origin, effect.certain, effect.steps, effect.points, effect.audience, path)


def codes(found: Both) -> Iterable[tuple[Any, ...]]:  # Any: cells
    links, table = found.links, found.bulk.table()
    for row, told in zip(found.bulk.effects.iter_rows(named=True), table.iter_rows(named=True), strict=True):
        origin = (None, None)
        path = None
        if row["origin_row"] is not None:
            of = found.origins.row(row["origin_row"], named=True)
            origin = (links.party_ids[of["party"]], of["id"])
            ends = [told["target"] if party is None else links.party_ids[party] for party in row["through"]]
            over = [None if id_ is None else links.relation_ids[id_] for id_ in row["over"]]
            path = list(zip(over, ends, strict=True))
        target = told["target"] if row["place"] is None else links.party_ids[row["place"]]
        audience = AUDIENCES[row["audience"]]
        yield told["rule"], target, origin, row["certain"], row["steps"], row["points"], audience, path
