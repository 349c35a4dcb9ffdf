"""The table of assessments from what the queries by hand found: every column that the library's table has."""

from __future__ import annotations

from datetime import date

import polars as pl
from batch.by_hand import GRADES

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
