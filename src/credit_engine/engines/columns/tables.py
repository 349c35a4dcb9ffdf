"""The tables of one day's answers, with the columns that a result has: assessments, unknowns, and lines of parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import polars as pl

from credit_engine.assessing.program import AUDIENCES
from credit_engine.engines.columns import listing_rows
from credit_engine.engines.columns.audiences import stricter
from credit_engine.engines.columns.grading import Graded
from credit_engine.engines.columns.meanwhile import meanwhile
from credit_engine.engines.columns.scoring import Scored
from credit_engine.engines.columns.shapes import NUMBER, any_of, fixed, listed
from credit_engine.engines.columns.view import Run, beside
from credit_engine.engines.rows import PARTS, assessment_columns
from credit_engine.files.frames import DTYPES
from credit_engine.policy.load import Policy
from credit_engine.policy.plan import Plan, ScoreRule

IS_JUDGED = pl.col("outside").fill_null(value=False).not_()  # not known is judged


def assessments(
    run: Run,
    policy: Policy,
    about: pl.DataFrame,
    points: Scored | None,
    scales: list[Graded],
    indicators: pl.DataFrame,
    cells: pl.DataFrame,
) -> Callable[[], pl.DataFrame]:
    """Begin to put the table of assessments together, in the order of `about`; what is returned waits for it."""
    plan = policy.plan
    read = [column for found in scales for column in (found.label, found.possible)]
    rows = beside(about, in_order(cells.select("party", *read)))
    rows = beside(rows, in_order(indicators))
    if points is not None:
        rows = beside(rows, in_order(points.scores))
    else:
        rows = rows.with_columns(low=fixed(None, NUMBER), high=fixed(None, NUMBER))
    columns: dict[str, Any] = {  # Any: expressions
        "party": run.store.as_parties(pl.col("party")),
        "day": run.date,
        "viewpoint": fixed(None, pl.String),
        "known_at": run.known_date,
        "policy": pl.lit(plan.policy),
        "illustrative": pl.lit(plan.illustrative),
        "audience": pl.col("audience"),
        "outside_policy": pl.col("outside"),
        "score": pl.when(pl.col("low") == pl.col("high")).then(pl.col("low")),
        "score_low": pl.col("low"),
        "score_high": pl.col("high"),
    }
    for name, found in zip(_scale_columns(plan), scales, strict=True):
        columns[name] = pl.col(found.label)
        columns[f"{name}.possible"] = pl.col(found.possible)
    if plan.spread:  # whose score an effect moves is routed
        columns |= {f"own_{name}": columns[name] for name in ("score", *_scale_columns(plan))}
    for rule in plan.lists:
        columns[f"on_list.{rule.name}"] = pl.when(IS_JUDGED).then(listing_rows.listed(run, rule))
    for name in plan.indicators:
        text = f"indicator.{name}"
        columns[text] = pl.col(text) if text in indicators.columns else fixed(None, pl.String)
    schema = assessment_columns(plan)
    table = rows.lazy().select(columns[name].cast(DTYPES[type_]).alias(name) for name, type_ in schema)
    return meanwhile(partial(run.collect, table))


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows in the order of the party."""
    return rows if rows.get_column("party").is_sorted() else rows.sort("party")


def _scale_columns(plan: Plan) -> list[str]:
    """The columns of the scales, in order."""
    return ["grade" if place == 0 else f"grade.{scale.name}" for place, scale in enumerate(plan.scales)]


def _kind(rule: ScoreRule) -> str | None:
    return None if rule.each is None else rule.each.kind


def unknowns(
    run: Run,
    outside: pl.DataFrame,
    points: Scored | None,
    scales: list[Graded],
    cells: pl.DataFrame,
    following: Sequence[pl.DataFrame],
) -> pl.DataFrame:
    """The lines of what is not known as the table has them: regions, the score, lists, scales, then what follows."""
    text = pl.String()
    unsure = outside.filter(pl.col("outside").is_null())
    parts = [unsure.select("party", rule=pl.lit("regions"), names=pl.lit(["operator.region"]))]
    if points is not None and run.plan.score is not None:
        ids = [rule.id for rule in run.plan.score.rules]
        kinds = [_kind(rule) for rule in run.plan.score.rules]
        parts.append(
            points.unknowns.select(
                "party",
                rule=pl.lit(pl.Series(ids or [None], dtype=text)).gather(pl.col("rule")),
                event_kind=pl.when(pl.col("event").is_not_null()).then(
                    pl.lit(pl.Series(kinds or [None], dtype=text)).gather(pl.col("rule"))
                ),
                event=run.store.as_texts(pl.col("event")),
                names="names",
            )
        )
    parts += listing_rows.unknowns(run, outside.filter(IS_JUDGED))
    for found in scales:
        for rule, names in found.lines:
            flags = [pl.col(column) for _, column in names]
            told = cells.select("party", *flags)
            lines = told.filter(any_of(flags)) if flags else told.clear()
            parts.append(lines.select("party", rule=pl.lit(rule), names=listed([name for name, _ in names], flags)))
    parts += following
    parts = [part.with_columns(step=pl.lit(place)) for place, part in enumerate(parts)]
    rows = pl.concat(parts, how="diagonal").with_row_index("at").sort("party", "step", "at")
    return rows.drop("step", "at")


def lined(run: Run, rows: pl.DataFrame, audience: pl.Expr, table: str) -> pl.DataFrame:
    """Lines in order of the party, numbered, with the columns of their table; `audience`: of each party's answer."""
    schema = PARTS[table]
    if "audience" not in rows.columns:
        rows = rows.with_columns(audience=audience)
    if "own_audience" in rows.columns:  # a part may be for fewer than the answer
        own = pl.col("own_audience").fill_null(AUDIENCES[0])
        rows = rows.with_columns(audience=stricter(own, pl.col("audience")))
    place = pl.int_range(1, pl.len() + 1, dtype=NUMBER)
    begins = pl.col("party").ne_missing(pl.col("party").shift(1))
    rows = rows.with_columns(line=place - pl.when(begins).then(place - 1).forward_fill())
    columns: dict[str, pl.Expr] = {
        "party": run.store.as_parties(pl.col("party")),
        "day": run.date,
        "viewpoint": fixed(None, pl.String),
    }
    have = set(rows.columns)
    return rows.select(
        (columns.get(name) if name in columns else pl.col(name) if name in have else pl.lit(None))  # type: ignore[union-attr]  # one of them
        .cast(DTYPES[type_])
        .alias(name)
        for name, type_ in schema
    )
