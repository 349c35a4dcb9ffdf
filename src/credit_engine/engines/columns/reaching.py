"""What reaches whom on one day: origins told in columns and those of plain answers, put to the spread in bulk.

What an effect does to the one it reaches is told by `assessing.reaching`: only certain points move a score, and only
mirrors bring measures. Whoever's score is moved is answered by the plain engine, which is given these effects; of all
others the rows of the effects, and of measures that they bring, are all that there is to add.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date

import polars as pl
from attrs import frozen

from credit_engine.assessing.answer import Assessment, ParameterRead
from credit_engine.assessing.audiences import AUDIENCES
from credit_engine.assessing.effects import Effect, Effects, Origin, TooWide
from credit_engine.assessing.program import Program
from credit_engine.assessing.reaching import audience_of_ended
from credit_engine.engines.columns.audiences import audience_at, rank_of
from credit_engine.engines.columns.prepared import Prepared
from credit_engine.engines.columns.relating import Linked
from credit_engine.engines.columns.spreading import spread_in_bulk
from credit_engine.engines.columns.spreading_plain import origin_frame, parameter_texts
from credit_engine.policy.plan import Plan

Day = tuple[date, date]  # judged, and of knowledge


@frozen(eq=False)
class Affiliates:
    """How a run looks for effects of affiliates.

    `links` are the relations between all parties; `own` gives the own answers of some parties of a day by the plain
    engine. `took` is given the effects that are more than rows to those whom the plain engine answers, without their
    paths, and the rules that were ended.
    """

    links: Callable[[Prepared], Linked]
    own: Callable[[Day, Collection[str]], Iterable[Assessment]]
    took: Callable[[Day, Effects], None]
    audience: str | None = None


@frozen(eq=False)
class Reached:
    """The effects of a day: `rows` of the table, without their numbers, in the order of what is reached.

    `place`: that of the party reached (null: in no table). `moved`: the parties (`party`) whose scores effects move.
    `ended`: the rules of which it is not known whom they reach.
    """

    rows: pl.DataFrame
    moved: pl.DataFrame
    ended: tuple[TooWide, ...] = ()

    def moves_all(self, plan: Plan) -> bool:
        """Whether a rule that was ended could move anybody's score."""
        ended = {one.rule for one in self.ended}
        return any(rule.effect == "points" for rule in plan.spread if rule.id in ended)

    def lines(self, plan: Plan, parties: pl.DataFrame) -> list[pl.DataFrame]:
        """The lines of these parties (`party`) about rules that were ended, as `reaching.too_wide_lines` has them."""
        names = pl.lit(["spread_too_wide"], pl.List(pl.String()))
        audience = {one.rule: pl.lit(audience_of_ended(one, plan)) for one in self.ended}
        return [parties.select("party", rule=pl.lit(one), names=names, own_audience=audience[one]) for one in audience]


def reached(
    store: Prepared,
    affiliates: Affiliates,
    program: Program,
    day: Day,
    origins: pl.DataFrame,
    audience: pl.DataFrame,
    elsewhere: Collection[str],
) -> Reached:
    """The effects of a day, from the origins told (`spreading_plain.ORIGINS`) and of those answered elsewhere.

    `audience`: who may see the own answer of each party of which something is known.
    """
    plan, links = program.plan, affiliates.links(store)
    others: list[Origin] = []
    closed: dict[str, int] = {}
    for answer in affiliates.own(day, elsewhere):
        others += answer.origins
        closed[answer.party] = AUDIENCES.index(answer.audience)
    every = pl.concat([origins, origin_frame(others, plan, links)])
    found = spread_in_bulk(links, every, plan, *day, _ranks(links, audience, closed))
    rows = found.table()
    if affiliates.audience is not None:  # an answer is the one without the effects that may not be seen
        rows = rows.filter(pl.col("audience") <= AUDIENCES.index(affiliates.audience))
    sure = rows.filter(pl.col("certain") & pl.col("place").is_not_null())
    movers = sure.filter((pl.col("effect") == "points") & (pl.col("points") != 0))
    mirrors = sure.filter(pl.col("effect") == "mirror")
    ended = Reached(rows, movers, found.too_wide)
    if not ended.moves_all(plan):  # else the plain engine answers everybody
        there = pl.concat([pl.Series("target", list(elsewhere), dtype=pl.String), movers.get_column("target")])
        mirrors = mirrors.filter(pl.col("target").is_in(there.implode()))
    effects = tuple(_effects(plan, pl.concat([movers, mirrors]), _parameters(program, every)))
    affiliates.took(day, Effects(as_of=day[0], known_at=day[1], found=effects, too_wide=found.too_wide))
    ordered = rows.sort("target", maintain_order=True)
    moved = movers.select(party="place").unique()
    return Reached(ordered.drop("origin_row", "parameters"), moved, found.too_wide)


def _ranks(links: Linked, audience: pl.DataFrame, closed: Mapping[str, int]) -> pl.Series:
    """How closed the own answer of each party is (`closed`: those answered elsewhere); without one, entirely."""
    told = audience.select("party", rank=rank_of(pl.col("audience")))
    ranks = pl.repeat(len(AUDIENCES) - 1, len(links.party_ids), dtype=pl.UInt8, eager=True)
    ranks = ranks.scatter(told.get_column("party"), told.get_column("rank"))
    places = links.places(pl.Series("party", list(closed), dtype=pl.String))
    return ranks.scatter(places, pl.Series(list(closed.values()), dtype=pl.UInt8))


def mirrored(plan: Plan, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of `measures` that mirrors bring, without their numbers; `rows`: effects, as in `Reached.rows`."""
    found = rows.filter((pl.col("effect") == "mirror") & pl.col("certain"))
    brought = found.select(
        "from", "until", "list", "measures",
        party="place",
        entry="origin",
        effect="rule",
        audience=audience_at(pl.col("audience")),
    ).explode("measures", empty_as_null=True).rename({"measures": "measure"})  # fmt: skip
    catalogue = [(name, row.class_, row.executor, list(row.basis)) for name, row in plan.measures.items()]
    schema = {"measure": pl.String(), "class": pl.String(), "executor": pl.String(), "basis": pl.List(pl.String())}
    measures = pl.DataFrame(catalogue, schema=schema, orient="row")
    return brought.join(measures, on="measure", maintain_order="left")


# --- what is more than rows -------------------------------------------------------------------------------------


def _parameters(program: Program, origins: pl.DataFrame) -> Mapping[str, ParameterRead]:
    """The parameters that such rules read on the law days of these origins, by their text."""
    found: dict[str, ParameterRead] = {}
    for place, rule in enumerate(program.plan.spread):
        if rule.effect in ("points", "mirror"):
            laws = origins.filter(pl.col("rule") == place).get_column("law_day").unique().sort()
            for law in laws:
                read = program.parameters_read(rule.id, rule.parameters, date.fromordinal(law))
                found.update(zip(parameter_texts(read), read, strict=True))
    return found


def _effects(plan: Plan, rows: pl.DataFrame, read: Mapping[str, ParameterRead]) -> Iterator[Effect]:
    """Effects with all that an answer takes of them; their paths stand in the rows."""
    kinds = {rule.id: None if rule.start.each is None else rule.start.each.kind for rule in plan.spread}
    for row in rows.iter_rows(named=True):
        yield Effect(
            rule=row["rule"],
            effect=row["effect"],
            target=row["target"],
            origin_party=row["origin_party"],
            origin_kind=row["origin_kind"],
            origin=row["origin"],
            origin_event_kind=None if row["origin_party"] is None else kinds[row["rule"]],
            certain=row["certain"],
            points=row["points"],
            from_day=row["from"],
            until=row["until"],
            law_day=row["law_day"],
            list=row["list"],
            measures=tuple(row["measures"]),
            basis=tuple(row["basis"]),
            audience=AUDIENCES[row["audience"]],
            parameters=tuple(read[text] for text in row["parameters"]),
        )
