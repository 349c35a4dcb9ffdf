"""The steps of parties whose every step names its grounds: each acts on the entries named, so all act in one pass.

What an entry has become is told by its steps from the newest `list` or `restore` on; what other entries did meanwhile
does not matter.
"""

from __future__ import annotations

import polars as pl
from attrs import frozen

from credit_engine.engines.columns.listing_grounds import ODD
from credit_engine.engines.columns.listing_state import (
    FLAGS,
    LINES,
    closing_step,
    grounds_named,
    listed_anew,
    under_newest,
)
from credit_engine.engines.columns.listing_terms import Terms
from credit_engine.engines.columns.shapes import DAY, LAST_DAY


@frozen(eq=False)
class Acted:
    """The entries after some steps, the steps on each (`ACTS`), parties not told, and lines of grounds (`LINES`)."""

    state: pl.DataFrame
    acts: pl.DataFrame
    odd: pl.DataFrame
    lines: pl.DataFrame


def all_at_once(terms: Terms, state: pl.DataFrame, steps: pl.DataFrame) -> Acted:
    """The entries after steps that all name grounds.

    A `list` step makes an entry of an event that opens none. What it names beside is left to the plain engine.
    """
    each = grounds_named(terms, steps.explode("grounds"))
    found = each.join(
        state.select("party", "ground", "entry", "opened", "changed", "sure"), on=["party", "ground"], how="left"
    )
    waits = (pl.col("changed") & (pl.col("opened") == LAST_DAY)).fill_null(value=False)
    found = found.with_columns(waits=waits, listed_first=pl.col("key").filter("list").min().over("entry"))
    is_listed = (pl.col("key") >= pl.col("listed_first")).fill_null(value=False)
    too_early = pl.when("waits").then(~is_listed).otherwise(pl.col("opened") > pl.col("day")).fill_null(value=True)
    found = found.with_columns(
        lost=pl.col("entry").is_null() | too_early,
        sure=(pl.col("sure") | is_listed).fill_null(value=False),
    )
    there = pl.col("entry").is_not_null()
    unusual = (pl.col("lost") & pl.col("list")) | (pl.col("restore") & there & ~pl.col("sure"))
    times = each.group_by("party", "key", "ground").len()
    twice = times.filter(pl.col("len") > 1).select("party")
    odd = pl.concat([found.filter(unusual).select("party"), twice]).unique().cast(ODD)
    lines = found.filter(pl.col("lost") | ~pl.col("sure")).select("party", "key", "id").unique().cast(LINES)  # type: ignore[arg-type]  # a schema
    hits = found.filter(~pl.col("lost")).join(odd, on="party", how="anti")
    return Acted(_after(terms, state, hits), hits.select("entry", "turn", "text"), odd, lines)


def _after(terms: Terms, state: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
    """The entries after all that was done to them."""
    listings = hits.filter(pl.col("list") | pl.col("restore")).group_by("entry")
    newest = listings.agg(
        newest=pl.col("key").max(),
        step_listed=pl.col("day").max(),
        step_opened=pl.col("day").min(),
        step_listings=pl.len().cast(pl.Int32),
        step_sure=pl.col("list").max(),
    )
    since = hits.join(newest.select("entry", "newest"), on="entry", how="left")
    since = since.filter((pl.col("key") >= pl.col("newest")).fill_null(value=True))
    since = since.with_columns(step_ended=pl.when(closing_step()).then(pl.col("day")))
    done = since.group_by("entry").agg(
        pl.col("step_ended").min(), *(pl.col(flag).max().alias(f"step_{flag}") for flag in FLAGS)
    )
    done = done.join(newest, on="entry", how="left")
    rows = state.join(done, on="entry", how="inner", maintain_order="left")
    again = pl.col("step_listings") > 1
    rows = rows.with_columns(
        *(pl.col(f"step_{flag}").alias(flag) for flag in FLAGS),
        ended=pl.col("step_ended").cast(DAY),
        opened=pl.min_horizontal("opened", "step_opened"),
        listed=pl.coalesce("step_listed", "listed"),
        sure=pl.col("sure") | pl.col("step_sure").fill_null(value=False),
        listings=pl.col("step_listings").fill_null(0),
        known=pl.col("known") & ~(again & under_newest(terms)).fill_null(value=False),
    )
    names, moved = state.columns, pl.col("listings") > 0
    still = state.join(done, on="entry", how="anti", maintain_order="left")
    parts = [still, rows.filter(~moved).select(names), listed_anew(terms, rows.filter(moved).select(names))]
    return pl.concat(parts).sort("entry")
