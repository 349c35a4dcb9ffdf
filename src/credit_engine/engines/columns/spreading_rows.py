"""Effects as rows of the table `effects`, with what else those who read the rows ask: place, origin, audience."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
from attrs import frozen

from credit_engine.assessing.audiences import AUDIENCES
from credit_engine.assessing.effects import Effect
from credit_engine.engines.columns.calendar import as_date
from credit_engine.engines.columns.relating import Linked
from credit_engine.engines.columns.shapes import CODE, NUMBER, fixed, places_in
from credit_engine.engines.columns.spreading_paths import Trails
from credit_engine.engines.columns.spreading_told import TEXTS, along, rank_of_trails, shortened
from credit_engine.engines.effect_rows import effect_cells
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_spreading import SpreadRule, ToNamed

EFFECTS: Mapping[str, Any] = {  # Any: dtypes; the columns of the table `effects`, and four more
    "rule": pl.String(),
    "effect": pl.String(),
    "target": pl.String(),
    "is_region": pl.Boolean(),
    "origin_party": pl.String(),
    "origin_kind": pl.String(),
    "origin": pl.String(),
    "certain": pl.Boolean(),
    "weight": pl.String(),
    "points": NUMBER,
    "steps": NUMBER,
    "path": TEXTS,
    "undated": pl.Boolean(),
    "from": pl.Date(),
    "until": pl.Date(),
    "law_day": pl.Date(),
    "basis": TEXTS,
    "measures": TEXTS,
    "list": pl.String(),
    "place": CODE,
    "origin_row": CODE,
    "audience": pl.UInt8(),
    "parameters": TEXTS,
}
CODED: Mapping[str, Any] = {  # Any: dtypes
    "rule": CODE,
    "place": CODE,
    "origin_row": CODE,
    "certain": pl.Boolean(),
    "steps": NUMBER,
    "points": NUMBER,
    "audience": pl.UInt8(),
    "over": pl.List(CODE),
    "through": pl.List(CODE),
}
_ROW = {
    "origin": CODE,
    "place": CODE,
    **{name: CODED[name] for name in ("steps", "over", "through")},
    "rank": pl.UInt8(),
    "certain": pl.Boolean(),
}


@frozen(eq=False)
class Asked:
    """One question of spread; `ranks`: for each party how closed its own answer is, a place in `AUDIENCES`."""

    links: Linked
    plan: Plan
    as_of: date
    known_at: date
    ranks: pl.Series


@frozen(eq=False)
class Found:
    """The effects of one rule: `coded` at once, `tell` for the rows of the table, in the same order."""

    coded: pl.DataFrame
    tell: Callable[[], pl.DataFrame]


def nothing() -> Found:
    """No effects."""
    return Found(pl.DataFrame(schema=CODED), no_effects)


def no_effects() -> pl.DataFrame:
    """The columns, without rows."""
    return pl.DataFrame(schema=EFFECTS)


def coded_trails(
    asked: Asked, rule: SpreadRule, origins: pl.DataFrame, runs: Sequence[tuple[Trails, bool]]
) -> pl.DataFrame:
    """The effects of trails, certain or not, by origin and target, with `origin` and the columns `CODED`."""
    frames = [pl.DataFrame(schema=_ROW)]
    for trails, certain in runs:
        ends = [trails.layers[0], *trails.reached] if rule.itself and certain else [None, *trails.reached]
        ranks = rank_of_trails(trails, asked.ranks)
        frames += [
            _coded(rule, trails, rows, number, ranks[number]).with_columns(certain=pl.lit(certain))
            for number, rows in enumerate(ends)
            if rows is not None
        ]
    rows = pl.concat(frames)
    key = pl.col("origin").cast(NUMBER) * len(asked.links.party_ids) + pl.col("place")
    rows = rows[rows.select(key.arg_sort()).to_series()]
    own = origins.select("origin_row", "points", "audience")[rows.get_column("origin")]
    rows = rows.with_columns(own.select(pl.all().name.prefix("own.")))
    if origins.get_column("points").null_count() == len(origins):
        rows = rows.with_columns(points=fixed(None, NUMBER))
    else:
        keys = ["steps", "own.points"]
        rows = rows.join(_weighed(rule, rows), on=keys, how="left", maintain_order="left", nulls_equal=True)
    return rows.select(
        "origin",
        fixed(asked.plan.spread.index(rule), CODE).alias("rule"),
        "place",
        pl.col("own.origin_row").alias("origin_row"),
        "certain",
        "steps",
        "points",
        pl.max_horizontal("rank", "own.audience").alias("audience"),
        "over",
        "through",
    )


def _coded(rule: SpreadRule, trails: Trails, rows: pl.DataFrame, steps: int, rank: pl.Series) -> pl.DataFrame:
    layers = trails.layers
    lists = {name: pl.lit([], pl.List(CODE)) for name in ("over", "through")}
    made = rows.select("origin", place="party", steps=fixed(steps, NUMBER), **lists).with_columns(rank=rank)
    if not steps:
        return made
    named = [number for number, branch in enumerate(rule.branches) if isinstance(branch, ToNamed)]
    ids = pl.when(~pl.col("branch").is_in(named)).then("id")
    over = [layer.select(ids).to_series() for layer in layers[1 : steps + 1]]
    through = [layer.get_column("party") for layer in layers[1 : steps + 1]]
    at = rows.get_column("pos")
    return made.with_columns(over=along(layers, over, at), through=along(layers, through, at))


def of_trails(asked: Asked, rule: SpreadRule, origins: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `origin`, `party`, `certain`, `steps`, `path`, `undated`, `rank` as effects, by origin and target."""
    ids = pl.lit(asked.links.party_ids)
    rows = rows.sort("origin", "party")
    own = origins[rows.get_column("origin")].drop("origin")
    rows = pl.concat([rows, own.select(pl.all().name.prefix("own."))], how="horizontal")
    rows = rows.join(
        _weighed(rule, rows), on=["steps", "own.points"], how="left", maintain_order="left", nulls_equal=True
    )
    return rows.select(
        rule=pl.lit(rule.id),
        effect=pl.lit(rule.effect),
        target=ids.gather(pl.col("party")),
        is_region=pl.lit(value=False),
        origin_party=ids.gather(pl.col("own.party")),
        origin_kind="own.kind",
        origin="own.id",
        certain="certain",
        weight="weight",
        points="points",
        steps="steps",
        path=shortened(pl.col("path")),
        undated="undated",
        **{"from": as_date(pl.col("own.from_day"))},
        until=as_date(pl.col("own.until")),
        law_day=as_date(pl.col("own.law_day")),
        basis="own.basis",
        measures=_mirrored(asked, rule),
        list="own.list",
        place="party",
        origin_row="own.origin_row",
        audience=pl.max_horizontal("rank", "own.audience"),
        parameters="own.parameters",
    )


def _weighed(rule: SpreadRule, rows: pl.DataFrame) -> pl.DataFrame:
    """The weight as text, and the points, for each number of steps and points that occur; exact fractions."""
    found = []
    for steps, points in rows.select("steps", "own.points").unique().rows():
        weight = Fraction(rule.weight) ** steps
        found.append((steps, points, str(weight), None if points is None else int(points * weight)))  # toward zero
    schema = {"steps": NUMBER, "own.points": NUMBER, "weight": pl.String(), "points": NUMBER}
    return pl.DataFrame(found, schema=schema, orient="row")


def _mirrored(asked: Asked, rule: SpreadRule) -> pl.Expr:
    """Of the measures of an origin's list those that a mirror brings: they aim at what the target is."""
    if rule.effect != "mirror":
        return pl.lit([], TEXTS)
    brings = [
        pl.col("own.measures").list.eval(pl.element().filter(pl.element().is_in(aiming_at(asked.plan, sort))))
        for sort in ("entity", "person")
    ]
    is_entity = pl.lit(asked.links.entities).gather(pl.col("party"))
    return pl.when(is_entity).then(brings[0]).otherwise(brings[1])


def aiming_at(plan: Plan, sort: str) -> list[str]:
    """The measures that aim at entities or at persons, in the order of the catalogue."""
    return [name for name, measure in plan.measures.items() if sort in measure.targets]


def of_plain(asked: Asked, effects: Iterable[Effect], origins: pl.DataFrame) -> pl.DataFrame:
    """Plain effects as rows, with the rows of their origins."""
    party = pl.lit(asked.links.party_ids).gather(pl.col("party")).alias("party")
    row_of = {(*key,): row for *key, row in origins.select(party, "kind", "id", "origin_row").rows()}
    cells = [
        (
            *effect_cells(effect),
            None,
            row_of.get((effect.origin_party, effect.origin_kind, effect.origin)),
            AUDIENCES.index(effect.audience),
            list(effect.parameters),
        )
        for effect in effects
    ]
    frame = pl.DataFrame(cells, schema=EFFECTS, orient="row")
    return frame.with_columns(asked.links.places(frame.get_column("target")).alias("place"))


def plain_codes(asked: Asked, rule: SpreadRule, effects: Sequence[Effect], rows: pl.DataFrame) -> pl.DataFrame:
    """The same effects in codes, with `target`; `rows` are what `of_plain` makes of them."""
    parts = (
        [[edge.id for edge in effect.path] for effect in effects],
        [[edge.end for edge in effect.path] for effect in effects],
    )
    lists = []
    for name, texts, dictionary in zip(
        ("over", "through"), parts, (asked.links.relation_ids, asked.links.party_ids), strict=True
    ):
        flat = pl.Series([text for each in texts for text in each], dtype=pl.String)
        codes = iter(places_in(dictionary, flat))
        lists.append(pl.Series(name, [[next(codes) for _ in each] for each in texts], dtype=pl.List(CODE)))
    coded = rows.with_columns(*lists, rule=fixed(asked.plan.spread.index(rule), CODE))
    return coded.select(*CODED, "target")
