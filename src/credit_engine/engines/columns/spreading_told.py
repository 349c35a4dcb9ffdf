"""Steps and paths as the table `effects` tells them, and whether a relation on them is undated.

An edge is a row with `start`, `end`, `branch` and `day` (on which its relations are held); the relations
that carry it are looked up among those that the search has gone near.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from credit_engine.engines.columns.calendar import as_date
from credit_engine.engines.columns.relating import Linked
from credit_engine.engines.columns.shapes import CODE, DAY, NUMBER, fixed
from credit_engine.engines.columns.spreading_paths import Trails
from credit_engine.engines.columns.spreading_steps import Steps, in_force
from credit_engine.engines.effect_rows import MOST_AT_AN_END
from credit_engine.policy.plan_spreading import ToNamed
from credit_engine.quantities import share_text

TEXTS = pl.List(pl.String)
EDGE = ("start", "end", "branch", "day")


def edge_texts(steps: Steps, edges: pl.DataFrame) -> pl.DataFrame:
    """`text` and `undated` (whether a relation on it is) of each edge; `edges` has the columns `EDGE` and `id`."""
    edges = edges.with_row_index("edge")
    found = [
        _named(steps, edges.filter(pl.col("branch") == number))
        if isinstance(branch, ToNamed)
        else _carried(steps, edges.filter(pl.col("branch") == number), number)
        for number, branch in enumerate(steps.rule.branches)
    ]
    return (found[0] if len(found) == 1 else pl.concat(found).sort("edge")).drop("edge")


def _named(steps: Steps, edges: pl.DataFrame) -> pl.DataFrame:
    """Steps to persons named, who stand there by their role."""
    roles = pl.Series(steps.roles or ("",), dtype=pl.String)
    text = pl.concat_str(*_ends(steps.links), pl.lit(roles).gather(pl.col("id")), pl.lit(")"))
    return edges.select("edge", text=text, undated=pl.lit(value=False))


def _ends(links: Linked) -> tuple[pl.Expr, ...]:
    start, end = (pl.lit(links.party_ids).gather(pl.col(name)) for name in ("start", "end"))
    return start, pl.lit(" -> "), end, pl.lit(" (")


def _carried(steps: Steps, edges: pl.DataFrame, branch: int) -> pl.DataFrame:
    """Steps over relations, with all those in force, in the order of the edges."""
    if branch not in steps.near:
        return pl.DataFrame(schema={"edge": CODE, "text": pl.String(), "undated": pl.Boolean()})
    pair = pl.col("start").cast(NUMBER) * len(steps.links.party_ids) + pl.col("end")
    near = steps.near[branch][0].with_columns(pair=pair).drop("start", "end")
    rows = edges.select("edge", "start", "end", "day", pair=pair).join(near, on="pair", maintain_order="left")
    rows = rows.filter(in_force(pl.col("day"), steps.as_of))
    edge, undated = pl.col("edge"), pl.col("since").is_null()
    several = rows.filter((edge == edge.shift(1)) | (edge == edge.shift(-1))).sort("edge", "id")
    whole = pl.concat_str(*_ends(steps.links), *_held(steps.links), pl.lit(")"))
    if not len(several):
        return rows.select("edge", text=whole, undated=undated)
    held = several.select("edge", "start", "end", held=pl.concat_str(_held(steps.links)), undated=undated)
    held = held.group_by("edge", "start", "end").agg(pl.col("held").str.join("; "), pl.col("undated").any())
    single = rows.join(held, on="edge", how="anti", maintain_order="left").select("edge", text=whole, undated=undated)
    text = pl.concat_str(*_ends(steps.links), "held", pl.lit(")"))
    return pl.concat([single, held.select("edge", text=text, undated="undated")]).sort("edge")


def _held(links: Linked) -> tuple[pl.Expr, ...]:
    """A relation as `effect_rows` tells it, in pieces: id, kind, share, days."""
    texts = pl.Series([f" {share_text(share)}" for share in links.shares] or [""], dtype=pl.String)
    kinds = pl.Series([f" {kind}" for kind in links.kinds] or [""], dtype=pl.String)
    share, share_max = (pl.lit(texts).gather(pl.col(name)) for name in ("share", "share_max"))
    shares = pl.coalesce(pl.concat_str(share, pl.lit(".."), share_max.str.strip_chars_start()), share, share_max)
    since, until = (as_date(pl.col(name)).cast(pl.String).fill_null("") for name in ("since", "until"))
    id_, kind = pl.lit(links.relation_ids).gather(pl.col("id")), pl.lit(kinds).gather(pl.col("kind"))
    return id_, kind, shares.fill_null(""), pl.lit(" "), since, pl.lit(".."), until


def with_paths(steps: Steps, found: Trails, ranks: pl.Series) -> list[pl.DataFrame]:
    """The start, then those reached, with `steps`, `path` (texts), `undated`, `rank` (how closed a party on it is)."""
    layers = [_with_day(steps, layer) for layer in found.layers[1:]]
    edges = pl.concat([layer.select(*EDGE, "id") for layer in layers]) if layers else None
    texts = None if edges is None else edge_texts(steps, edges)
    undated = pl.repeat(value=False, n=len(found.layers[0]), dtype=pl.Boolean, eager=True)
    done: list[pl.Series] = []
    told = [_row(found.layers[0], 0, pl.lit([], TEXTS), undated)]
    offset = 0
    for layer, reached in zip(layers, found.reached, strict=True):
        of_layer = texts.slice(offset, len(layer)) if texts is not None else pl.DataFrame()
        offset += len(layer)
        undated = undated.gather(layer.get_column("parent")) | of_layer.get_column("undated")
        done.append(of_layer.get_column("text"))
        at = reached.get_column("pos")
        path = along(found.layers, done, at)
        told.append(_row(reached, len(done), path, undated.gather(at)))
    every = zip(told, rank_of_trails(found, ranks), strict=True)
    return [rows.with_columns(rank=rank) for rows, rank in every]


def _row(reached: pl.DataFrame, steps: int, path: pl.Expr | pl.Series, undated: pl.Series) -> pl.DataFrame:
    return reached.select("origin", "party", path=path, undated=undated, steps=fixed(steps, NUMBER))


def rank_of_trails(found: Trails, ranks: pl.Series) -> list[pl.Series]:
    """How closed the own answers on each path are at most: of the start, then of those reached."""
    rank = ranks.gather(found.layers[0].get_column("party"))
    every = [rank]
    for layer, reached in zip(found.layers[1:], found.reached, strict=True):
        before, own = rank.gather(layer.get_column("parent")), ranks.gather(layer.get_column("party"))
        rank = pl.DataFrame([before.alias("before"), own.alias("own")]).select(pl.max_horizontal(pl.all())).to_series()
        every.append(rank.gather(reached.get_column("pos")))
    return every


def along(layers: Sequence[pl.DataFrame], values: Sequence[pl.Series], at: pl.Series) -> pl.Series:
    """A list of what `values` has for each step of the trails at these places of the last of these layers."""
    steps: list[pl.Series] = []
    for place in range(len(values), 0, -1):
        steps.append(values[place - 1].gather(at).alias(f"step{place}"))
        at = layers[place].get_column("parent").gather(at)
    return pl.DataFrame(steps[::-1]).select(path=pl.concat_arr(pl.all()).arr.to_list()).get_column("path")


def _with_day(steps: Steps, layer: pl.DataFrame) -> pl.DataFrame:
    """The trails with the end and the day of their last step."""
    day = fixed(None, DAY)
    for number in range(len(steps.rule.branches)):
        days = pl.lit(steps.held_on(number)).gather(pl.col("origin"))
        day = pl.when(pl.col("branch") == number).then(days).otherwise(day)
    return layer.with_columns(day=day, end=pl.col("party"))


def shortened(path: pl.Expr) -> pl.Expr:
    """A path as the table has it: of a very long one the first and the last steps."""
    left_out = path.list.len().cast(NUMBER) - 2 * MOST_AT_AN_END
    middle = pl.concat_list(pl.format("... {} ...", left_out))
    ends = pl.concat_list(path.list.head(MOST_AT_AN_END), middle, path.list.tail(MOST_AT_AN_END))
    return pl.when(left_out > 0).then(ends).otherwise(path)
