"""The steps of parties of whom some step names no ground: it acts on all that is open just before it.

So each round takes the next step of every party; there are as many rounds as a party has steps at most, and whoever has
very many is left to the plain engine.
"""

from __future__ import annotations

import polars as pl
from attrs import frozen

from credit_engine.assessing.grounds import CLOSING
from credit_engine.engines.columns.listing_grounds import ODD, nobody
from credit_engine.engines.columns.listing_named import Acted
from credit_engine.engines.columns.listing_state import (
    ACTS,
    FLAGS,
    LINES,
    closing_step,
    grounds_named,
    listed_anew,
    under_newest,
    unlisted,
)
from credit_engine.engines.columns.listing_terms import Terms
from credit_engine.engines.columns.shapes import DAY, LAST_DAY, NUMBER, fixed


def one_by_one(terms: Terms, state: pl.DataFrame, steps: pl.DataFrame, made_from: int) -> Acted:
    """The entries after steps, one `turn` after the other; those that steps make are numbered on from `made_from`."""
    acts, odd, lines, over = [pl.DataFrame(schema=ACTS)], [nobody()], [pl.DataFrame(schema=LINES)], list[pl.DataFrame]()
    rounds = steps.get_column("turn").max()
    for turn in range(rounds + 1 if isinstance(rounds, int) else 0):
        now = steps.filter(pl.col("turn") == turn)
        over.append(state.join(now, on="party", how="anti"))
        state = state.join(now, on="party", how="semi")
        done = _hits(terms, state, now, made_from)
        made_from += len(done.made)
        state = _moved(terms, pl.concat([state, done.made], how="diagonal_relaxed"), done.hits)
        acts.append(done.hits.select(ACTS.keys()))
        lines.append(done.lines)
        odd += [done.odd, state.filter(~pl.col("known")).select("party").cast(ODD)]
    return Acted(pl.concat([*over, state], how="diagonal_relaxed"), pl.concat(acts), pl.concat(odd), pl.concat(lines))


@frozen(eq=False)
class _Round:
    """One step of each party: the entries that it acts on, those that it makes, odd ones, lines."""

    hits: pl.DataFrame
    made: pl.DataFrame
    odd: pl.DataFrame
    lines: pl.DataFrame


def _hits(terms: Terms, state: pl.DataFrame, now: pl.DataFrame, made_from: int) -> _Round:
    """What one step of each party does."""
    named, odd, lines = _named(terms, state, now.filter("names"))
    unnamed = now.filter(~pl.col("names")).drop("grounds")
    unclear = unnamed.join(state.filter(~pl.col("sure")), on="party", how="semi")
    there = state.select("party", "entry", "opened", "listed", "last", closed=closing_step())
    pairs = unnamed.join(there, on="party")
    is_over = (pl.col("listed") <= pl.col("day")) & (pl.col("day") > pl.col("last"))
    open_ = pairs.filter((pl.col("opened") <= pl.col("day")) & ~pl.col("closed") & ~is_over.fill_null(value=False))
    alone = unnamed.filter(pl.col("list")).join(open_, on="party", how="anti")
    made = alone.with_row_index("entry", offset=made_from).select(
        "party", "key", "law", ground="id", opened="day", own_day="day", changed=pl.lit(value=False), **unlisted()
    )
    twice = made.join(state, on=["party", "ground"], how="semi")  # an event has the id of this decision
    unusual = [
        odd,
        unclear.select("party").cast(ODD),
        (made if terms.reads_ground else twice).select("party").cast(ODD),
    ]
    made = made.clear() if terms.reads_ground else made  # nothing of a ground that is a decision stands in columns
    columns = ["entry", "party", "day", "turn", "text", "list", "restore", *FLAGS]
    own = alone.join(made.select("party", "entry"), on="party")
    hits = pl.concat([frame.select(columns) for frame in (named, open_, own)], how="vertical_relaxed")
    return _Round(hits, made, pl.concat(unusual), lines)


def _named(terms: Terms, state: pl.DataFrame, now: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The entries whose grounds steps name; the parties not told; the steps that name one without an entry."""
    columns = [*(name for name in now.columns if name != "grounds"), "entry"]
    if not len(now):
        return now.with_columns(entry=fixed(None, NUMBER)).select(columns), nobody(), pl.DataFrame(schema=LINES)
    each = grounds_named(terms, now.explode("grounds"))
    twice = each.filter(pl.struct("party", "ground").is_duplicated()).select("party")
    found = each.join(
        state.select("party", "ground", "entry", "opened", "changed", "sure"), on=["party", "ground"], how="left"
    )
    late = (pl.col("opened") > pl.col("day")).fill_null(value=True)
    begins = pl.col("list") & (pl.col("changed") & (pl.col("opened") == LAST_DAY)).fill_null(value=False)
    lost = found.filter(late & ~begins)
    restored = found.filter(pl.col("restore") & ~pl.col("sure"))
    odd = pl.concat([twice, *(each.select("party") for each in (lost.filter("list"), restored))]).unique().cast(ODD)
    lost = pl.concat([lost, found.filter(~late & ~pl.col("sure") & ~pl.col("list"))])
    lines = lost.select("party", "key", "id").unique().cast(LINES)  # type: ignore[arg-type]  # a schema
    return found.filter(~late | begins).join(odd, on="party", how="anti").select(columns), odd, lines


def _moved(terms: Terms, state: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
    """The entries after one step each."""
    if not len(hits):
        return state
    names = state.columns
    acts = hits.select("entry", "list", "restore", step_day="day", **{f"step_{flag}": pl.col(flag) for flag in FLAGS})
    rows = state.join(acts, on="entry", how="left", maintain_order="left")
    lists = (pl.col("list") | pl.col("restore")).fill_null(value=False)
    again = lists & (pl.col("listings") > 0)
    closes = pl.any_horizontal(f"step_{name}" for name in CLOSING)
    rows = rows.with_columns(
        *(pl.when(lists).then(statement=False).otherwise(_either(flag)).alias(flag) for flag in FLAGS),
        opened=pl.min_horizontal("opened", pl.when(lists).then(pl.col("step_day"))),
        ended=pl.when(lists).then(fixed(None, DAY))
        .when(closes.fill_null(value=False))
        .then(pl.min_horizontal("ended", "step_day")).otherwise(pl.col("ended")),
        listed=pl.when(lists).then(pl.col("step_day")).otherwise(pl.col("listed")),
        sure=pl.col("sure") | pl.col("list").fill_null(value=False),
        listings=pl.col("listings") + lists.cast(pl.Int32),
        known=pl.col("known") & ~(again & under_newest(terms)),
        moved=lists,
    ).select(*names, "moved")  # fmt: skip
    still, moved = rows.filter(~pl.col("moved")).select(names), rows.filter("moved").select(names)
    return pl.concat([still, listed_anew(terms, moved)]).sort("entry")


def _either(flag: str) -> pl.Expr:
    return pl.col(flag) | pl.col(f"step_{flag}").fill_null(value=False)
