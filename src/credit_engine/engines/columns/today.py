"""Conditions on how parties stand on the day judged: of whom they hold, of whom they only may, and for what lack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from credit_engine.days import REVIEWS
from credit_engine.engines.columns.calendar import start_of
from credit_engine.engines.columns.naming import as_list, unknown_names
from credit_engine.engines.columns.shapes import CODE, Truths
from credit_engine.engines.columns.spans import days_of
from credit_engine.engines.columns.view import At, Run, build, on_the_day
from credit_engine.policy.nodes import Condition
from credit_engine.policy.plan_basis import Basis

ROWS: dict[str, pl.DataType] = {
    "party": CODE,
    "own_audience": pl.String(),
    "sure": pl.Boolean(),
    "names": pl.List(pl.String()),
}


class Asked(NamedTuple):
    """A condition, and who may see what it says: a column of the view."""

    condition: Condition
    audience: pl.Expr


def is_in_force(run: Run, basis: Basis) -> bool:
    """Whether a rule is in force on the day judged."""
    return days_of(run, basis).covers(run.as_of)


def on_review(run: Run, review: str) -> At | None:
    """The view of all parties from the first day of the period in which the day judged lies; none if it is that day."""
    starts = pl.select(start_of(REVIEWS[review], pl.lit(run.days))).to_series()
    then: At | None = None if starts.equals(run.days) else run.found["from days"](starts)
    return then


def asked_today(at: At, asked: Sequence[Asked]) -> list[pl.DataFrame]:
    """For each condition the parties of a view of whom it holds (`sure`), or may: columns of `ROWS`."""
    view = at.view
    columns = []
    for each in asked:
        truths: Truths = build(each.condition, at)
        columns.append((view.let(truths.holds), view.let(truths.may), view.let(each.audience)))
    if not asked:
        return []
    rows = view.pin()
    found = []
    for each, (holds, may, audience) in zip(asked, columns, strict=True):
        mine = rows.filter(may).select("party", own_audience=audience, sure=holds)
        found.append(mine.join(_named(at, each, mine.filter(~pl.col("sure"))), on="party", how="left"))
    return found


def _named(at: At, asked: Asked, unsure: pl.DataFrame) -> pl.DataFrame:
    """The names that leave the condition open: few rows, so they are looked at again by themselves."""
    if not len(unsure):
        return pl.DataFrame(schema={name: ROWS[name] for name in ("party", "names")})
    view = on_the_day(at.view.run, unsure.lazy())
    names = as_list(unknown_names(asked.condition, At(view)))
    return at.view.run.collect(view.frame.select("party", names=names))
