"""The entries of a list on their way through the steps: what no step has changed yet, and what a step names."""

from __future__ import annotations

import sys
from bisect import bisect_left

import polars as pl

from credit_engine.assessing.grounds import CLOSING
from credit_engine.engines.columns.listing_terms import Terms
from credit_engine.engines.columns.shapes import CODE, DAY, NUMBER, fixed

FLAGS = ("revoke", "refuse", "repair", "notify")
ACTS = {"entry": NUMBER, "turn": pl.Int32(), "text": pl.String()}  # a step on an entry, and how it is told
LINES = {"party": CODE, "key": NUMBER, "id": CODE}  # a step that names a ground without an entry


def unlisted() -> dict[str, pl.Expr]:
    """What no step has changed yet of numbered entries (`entry`)."""
    return {
        "entry": pl.col("entry").cast(NUMBER),
        "listed": fixed(None, DAY),
        "last": fixed(None, DAY),
        "known": pl.lit(value=True),
        "sure": pl.lit(value=True),
        "ended": fixed(None, DAY),
        "listings": fixed(0, pl.Int32),
        **{flag: pl.lit(value=False) for flag in FLAGS},
    }


def grounds_named(terms: Terms, each: pl.DataFrame) -> pl.DataFrame:
    """Steps with one ground each as the code of its own id (`ground`), which may be written as that of the entry.

    An id that no event has is null.
    """
    store, name = terms.run.store, f"{terms.rule.name}/"
    first, last = bisect_left(store.texts, name), bisect_left(store.texts, name + chr(sys.maxunicode))
    found, is_entry = each.with_columns(ground="grounds"), pl.col("grounds").is_between(first, last - 1)
    if first == last or not found.select(is_entry.any()).item():
        return found
    prefix = pl.format("{}{}/", pl.lit(name), store.as_parties(pl.col("party")))
    text = pl.when(is_entry).then(store.as_texts(pl.col("grounds")))
    own = pl.when(text.str.starts_with(prefix)).then(text.str.slice(prefix.str.len_chars()))
    found = found.with_columns(own=own)
    texts = found.get_column("own").drop_nulls().unique().sort()
    codes = [store.code(one) for one in texts]
    code = pl.col("own").replace_strict(texts, codes, default=None, return_dtype=CODE)
    return found.with_columns(ground=pl.when(pl.col("own").is_null()).then(pl.col("ground")).otherwise(code)).drop(
        "own"
    )


def closing_step() -> pl.Expr:
    """Whether a step ends an entry."""
    return pl.any_horizontal(CLOSING)


def under_newest(terms: Terms) -> pl.Expr:
    """Whether an entry is under the law of its newest decision: where no event opens one, and it is made of a step."""
    rule = terms.rule
    return pl.lit(value=rule.opens is None and rule.ground_kind != "list_decision")


def listed_anew(terms: Terms, moved: pl.DataFrame) -> pl.DataFrame:
    """Entries that a step has listed, with the last day of their new term."""
    if not len(moved):
        return moved
    ends = terms.ends(moved.drop("last").rename({"known": "before"}))
    return ends.with_columns(known=pl.col("known") & pl.col("before")).select(moved.columns)
