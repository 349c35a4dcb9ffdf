"""The effects of a rule whose parties act together, as rows: who joined, over which edges, and what is behind them."""

from __future__ import annotations

import polars as pl
from attrs import frozen

from credit_engine.assessing.effects import Origin
from credit_engine.engines.columns.shapes import CODE, DAY, NUMBER, fixed
from credit_engine.engines.columns.spreading_plain import as_origins, plain_effects
from credit_engine.engines.columns.spreading_rows import CODED, EFFECTS, Asked, Found, aiming_at, nothing, of_plain
from credit_engine.engines.columns.spreading_shares import Joined, TooLongError, behind, has_ranges, joined
from credit_engine.engines.columns.spreading_steps import Steps, fits
from credit_engine.engines.columns.spreading_told import TEXTS, edge_texts, shortened
from credit_engine.policy.plan_spreading import SpreadRule, ToNamed
from credit_engine.spreading.bringing import in_common

MOST_KINDS = 62  # of origins that act together, a bit each
PROOFS = {"rule": CODE, "certain": pl.Boolean(), "end": CODE, "round": pl.Int32(), "branch": CODE, "start": CODE}
_OF_A_KIND = ["points", "list", "measures", "basis", "audience", "parameters"]


@frozen(eq=False)
class _Kinds:
    """Origins that bring the same are of one kind: the `bits` of each party, and an origin of each kind in order."""

    of_party: pl.DataFrame
    standing: list[Origin]


def of_together(asked: Asked, rule: SpreadRule, origins: pl.DataFrame) -> tuple[Found, pl.DataFrame]:
    """The effects by target, and every edge over which somebody joined (`PROOFS` without the rule).

    Raises `TooManyError` (of columns or of spread) beyond the rule's `most`.
    """
    none = pl.DataFrame(schema=PROOFS).drop("rule")
    if not len(origins):
        return nothing(), none
    steps = Steps(asked.links, rule, origins, asked.as_of.toordinal(), asked.known_at.toordinal())
    kinds = _kinds(asked, rule, origins)
    runs = None if kinds is None or _is_plain(asked, rule) else _runs(steps)
    if kinds is None or runs is None:
        effects = plain_effects(asked.links, rule, origins, asked.plan, asked.as_of, asked.known_at, asked.ranks)
        return _found(asked, rule, of_plain(asked, effects, origins.clear())), none
    rows = pl.concat([_reached(asked, steps, run, kinds, certain=certain) for run, certain in runs])
    proofs = pl.concat([run.edges.with_columns(certain=pl.lit(certain)) for run, certain in runs])
    rows = rows.unique("place", keep="first", maintain_order=True).sort("place")
    return _found(asked, rule, rows), proofs.select(none.columns).sort(none.columns)


def _found(asked: Asked, rule: SpreadRule, rows: pl.DataFrame) -> Found:
    number = fixed(asked.plan.spread.index(rule), CODE)
    no_path = {name: fixed(None, pl.List(CODE)) for name in ("over", "through")}
    return Found(rows.with_columns(rule=number, **no_path).select(list(CODED)), lambda: rows)


def _is_plain(asked: Asked, rule: SpreadRule) -> bool:
    """Whether the rule is beyond columns: persons named act too, or shares leave 64 bits."""
    return not fits(asked.links, rule) or any(isinstance(branch, ToNamed) for branch in rule.branches)


def _runs(steps: Steps) -> list[tuple[Joined, bool]] | None:
    """The certain run, and the possible one where shares are ranges; none if they are too long."""
    try:
        runs = [(joined(steps, possible=False), True)]
        if has_ranges(steps):
            runs.append((joined(steps, possible=True), False))
    except TooLongError:
        return None
    return runs


def _kinds(asked: Asked, rule: SpreadRule, origins: pl.DataFrame) -> _Kinds | None:
    """The kinds of origins; none if there are more than bits."""
    groups = origins.group_by(_OF_A_KIND, maintain_order=True).agg(pl.col("origin").min(), members=pl.col("origin"))
    if len(groups) > MOST_KINDS:
        return None
    bits = fixed(2, NUMBER).pow(pl.int_range(pl.len(), dtype=NUMBER)).cast(NUMBER).alias("bits")
    members = groups.select("members", bits).explode("members", empty_as_null=True).sort("members")
    of_party = origins.select("party").with_columns(members.get_column("bits"))
    return _Kinds(of_party, as_origins(asked.links, rule, origins[groups.get_column("origin")]))


def _reached(asked: Asked, steps: Steps, run: Joined, kinds: _Kinds, *, certain: bool) -> pl.DataFrame:
    """The effects on the parties that have joined in one run."""
    rule, links = steps.rule, asked.links
    parties = run.parties if rule.itself else run.parties.filter(pl.col("round") > 0)
    is_entity = pl.lit(links.entities).gather(pl.col("party"))
    rows = (
        parties.join(behind(run, kinds.of_party, asked.ranks), on="party")
        .join(_paths(steps, run), left_on="party", right_on="end", how="left")
        .with_columns(is_entity=is_entity)
    )
    return rows.join(_brought(asked, rule, kinds, rows), on=["bits", "rank", "is_entity"]).select(
        rule=pl.lit(rule.id),
        effect=pl.lit(rule.effect),
        target=pl.lit(links.party_ids).gather(pl.col("party")),
        is_region=pl.lit(value=False),
        origin_party=fixed(None, pl.String),
        origin_kind=fixed(None, pl.String),
        origin=fixed(None, pl.String),
        certain=pl.lit(certain),
        weight=pl.lit("1"),
        points="points",
        steps=pl.col("path").list.len().fill_null(0).cast(NUMBER),
        path=shortened(pl.col("path").fill_null(pl.lit([], TEXTS))),
        undated=pl.col("undated").fill_null(value=False),
        **{"from": fixed(None, pl.Date)},
        until=fixed(None, pl.Date),
        law_day=pl.lit(asked.as_of),
        basis="basis",
        measures="measures",
        list="list",
        place="party",
        origin_row=fixed(None, CODE),
        audience="audience",
        parameters="parameters",
    )


def _paths(steps: Steps, run: Joined) -> pl.DataFrame:
    """The edges by which each party (`end`) joined, as texts by where they start."""
    day = fixed(steps.as_of, DAY)
    edges = run.edges.sort("end", "start").with_columns(day=day, id=fixed(0, CODE))
    texts = edge_texts(steps, edges)
    rows = pl.concat([edges.select("end"), texts], how="horizontal")
    return rows.group_by("end", maintain_order=True).agg(path=pl.col("text"), undated=pl.col("undated").any())


def _brought(asked: Asked, rule: SpreadRule, kinds: _Kinds, rows: pl.DataFrame) -> pl.DataFrame:
    """What comes together from the origins behind a party, for each set of their kinds."""
    found = []
    for bits, rank, is_entity in rows.select("bits", "rank", "is_entity").unique().rows():
        common = in_common([origin for place, origin in enumerate(kinds.standing) if bits >> place & 1], rank)
        aims = aiming_at(asked.plan, "entity" if is_entity else "person") if rule.effect == "mirror" else []
        measures = [name for name in aims if name in common.measures]
        parts = (common.points, common.list, measures, list(common.basis), common.rank, list(common.parameters))
        found.append((bits, rank, is_entity, *parts))
    parts_of = {name: EFFECTS[name] for name in ("points", "list", "measures", "basis", "audience", "parameters")}
    schema = {"bits": NUMBER, "rank": pl.UInt8(), "is_entity": pl.Boolean(), **parts_of}
    return pl.DataFrame(found, schema=schema, orient="row")
