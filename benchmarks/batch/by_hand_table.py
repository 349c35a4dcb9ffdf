"""The tables of assessments and entries from what the queries by hand found: every column that the library's have."""

from __future__ import annotations

from datetime import date

import polars as pl
from batch.by_hand import GRADES
from batch.by_hand_list import FOUNDED, STATES

from credit_engine.engines.columns.calendar import as_date
from credit_engine.engines.columns.prepared import Prepared
from credit_engine.policy.plan import Plan

_BETWEEN = [list(GRADES[best : worst + 1]) for best in range(len(GRADES)) for worst in range(len(GRADES))]


def assessments(rows: pl.LazyFrame, store: Prepared, plan: Plan, as_of: date) -> pl.LazyFrame:
    """The rows of `by_hand.graded`, in the order of parties, as the library writes them down."""
    best, worst = (pl.col(side).cast(pl.UInt8) for side in ("best", "worst"))
    is_known = pl.col("low") == pl.col("high")
    listed = {f"on_list.{rule.name}": pl.col("on").fill_null(value=False) for rule in plan.lists}
    return rows.sort("party").select(
        store.as_parties(pl.col("party")).alias("party"),
        day=pl.lit(as_of),
        viewpoint=pl.lit(None, pl.String),
        known_at=pl.lit(as_of),
        policy=pl.lit(plan.policy),
        illustrative=pl.lit(plan.illustrative),
        audience=pl.lit("public"),
        outside_policy=pl.lit(value=False),
        score=pl.when(is_known).then(pl.col("low")),
        score_low=pl.col("low"),
        score_high=pl.col("high"),
        grade=pl.lit(pl.Series(GRADES)).gather(pl.when(best == worst).then(best)),
        **{
            "grade.possible": pl.lit(pl.Series(_BETWEEN)).gather(best * len(GRADES) + worst),
            **listed,
            **{f"indicator.{name}": pl.col(name) for name in plan.indicators},
        },
    )


def entries(rows: pl.DataFrame, store: Prepared, plan: Plan, as_of: date) -> pl.DataFrame:
    """The rows of `by_hand_list.entries` alike."""
    (rule,) = plan.lists
    party, ground = store.as_parties(pl.col("party")), store.as_texts(pl.col("ground"))
    founded = pl.when(pl.col("law") >= FOUNDED).then(pl.lit(list(rule.foundation), pl.List(pl.String)))
    nothing = pl.lit([], pl.List(pl.String))
    found = rows.lazy().sort("party", "ground").select(
        party.alias("party"),
        day=pl.lit(as_of),
        viewpoint=pl.lit(None, pl.String),
        line=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("party"),
        audience=pl.lit("public"),
        list=pl.lit(rule.name),
        entry=pl.format("{}/{}/{}", pl.lit(rule.name), party, ground),
        ground=ground,
        polarity=pl.lit(rule.polarity),
        state=pl.lit(pl.Series(STATES)).gather(pl.col("state")),
        listed=as_date(pl.col("listed")),
        until=as_date(pl.col("until")),
        end_known=pl.lit(value=True),
        repairable_from=as_date(pl.col("repairable")),
        ground_changed=pl.col("changed"),
        steps=pl.col("steps").fill_null(nothing),
        measures=nothing,
        law_day=as_date(pl.col("law")),
        foundation=founded.otherwise(nothing),
    )  # fmt: skip
    return found.collect(engine="streaming")
