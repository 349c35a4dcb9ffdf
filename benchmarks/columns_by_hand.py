"""The policy `twenty-rules` as one Polars query, written by hand for this policy alone: scores, no reasons."""

from __future__ import annotations

from datetime import date

import polars as pl

from credit_engine.days import Period
from credit_engine.engines.columns.calendar import later
from credit_engine.engines.columns.prepared import Prepared

LARGE, HUGE = 5_000_000, 50_000_000
CHANGE = date(2025, 1, 1).toordinal()


def by_hand(store: Prepared, as_of: date) -> pl.LazyFrame:
    """The score of every party in thousandths, from a store of the events."""
    today = as_of.toordinal()
    violations, inspections = _violations(store, today), _inspections(store, today)
    cases = _of_kind(
        store, "case_transfer", "received", today, pl.col("e.direction") == store.code("criminal"), -10_000
    )
    awards = pl.col("e.type").is_in([store.code(one) for one in ("quality_award", "gmp", "haccp")])
    honours = _of_kind(store, "honour", "decided", today, awards, 4_000)
    rows = store.parties.select("party")
    for name, frame in (("v", violations), ("i", inspections), ("c", cases), ("h", honours)):
        rows = rows.join(frame.select("party", pl.col("points").alias(name), *_extra(name)), on="party", how="left")
    clean = pl.when(pl.col("recent").fill_null(0) == 0).then(5_000).otherwise(0)
    points = (
        pl.col("v").fill_null(0).clip(-70_000)
        + pl.col("i").fill_null(0).clip(-30_000)
        + pl.col("c").fill_null(0)
        + pl.col("h").fill_null(0)
    )
    return rows.select("party", score=(100_000 + points + clean).clip(0, 120_000))


def _extra(name: str) -> list[str]:
    return ["recent"] if name == "v" else []


def _of_kind(store: Prepared, kind: str, anchor: str, today: int, meant: pl.Expr, points: int) -> pl.LazyFrame:
    rows = store.events[kind].filter(pl.col(f"e.{anchor}") <= today)
    end = later(pl.col(f"e.{anchor}"), Period(3, "y"))
    rows = rows.filter(meant & (end >= today))
    return rows.group_by("party").agg(points=pl.len().cast(pl.Int64) * points)


def _fading(points: pl.Expr, day: pl.Expr, end: pl.Expr, today: int) -> pl.Expr:
    return points * (end - today).cast(pl.Int64) // (end - day).cast(pl.Int64)


def _violations(store: Prepared, today: int) -> pl.LazyFrame:
    code, day = store.code, pl.col("e.decided")
    rows = store.events["violation"].filter(day <= today)
    penalties = pl.col("e.penalties")
    has = {
        f"has_{name}": penalties.list.contains(pl.lit(code(name), pl.UInt32))
        for name in ("warning", "fine", "confiscation", "stop_production", "closure", "revoke_licence")
    }
    rows = rows.select(
        "party",
        "order",
        day=day,
        law=pl.col("e.law"),
        severity=pl.col("e.severity"),
        fine=pl.col("e.fine"),
        heavier=pl.col("e.heavier"),
        intent=pl.col("e.intent"),
        **has,
        y1=later(day, Period(1, "y")),
        y2=later(day, Period(2, "y")),
        y3=later(day, Period(3, "y")),
    )
    food = rows.filter(pl.col("law") == code("food_safety_law"))
    live = rows.filter(pl.col("y3") >= today)
    counts = _own_day(food, live, 1).rename({"count": "same_year"})
    samples = (
        store.events["inspection"]
        .filter(
            (pl.col("e.type") == code("sampling"))
            & (pl.col("e.result") == code("fail"))
            & (pl.col("e.occurred") <= today)
        )
        .select("party", "order", day="e.occurred")
    )
    after = _own_day(samples, live, 2, whole_day=True).rename({"count": "samples"})
    live = live.join(counts, on="order", how="left").join(after, on="order", how="left")
    valid2, valid1 = pl.col("y2") >= today, pl.col("y1") >= today
    severe, general = pl.col("severity") == code("severe"), pl.col("severity") == code("general")
    huge, large = pl.col("fine") >= HUGE, pl.col("fine") >= LARGE
    large_points = pl.when(pl.col("day") >= CHANGE).then(8_000).otherwise(6_000)

    def given(condition: pl.Expr, points: int | pl.Expr) -> pl.Expr:
        value = pl.lit(points, pl.Int64) if isinstance(points, int) else points
        return pl.when(condition).then(value).otherwise(0)

    def fading(points: int | pl.Expr, years: int) -> pl.Expr:
        value = pl.lit(points, pl.Int64) if isinstance(points, int) else points
        return _fading(value, pl.col("day"), pl.col(f"y{years}"), today)

    points = (
        given(pl.col("has_warning") & valid1, 1_000)
        + given(pl.col("has_fine"), fading(2_000, 3))
        + given(large, fading(large_points, 3))
        + given(huge, 10_000)
        + given(pl.col("has_confiscation") & valid2, 1_500)
        + given(pl.col("has_stop_production") | pl.col("has_closure"), fading(12_000, 3))
        + given(pl.col("has_revoke_licence"), 40_000)
        + given(severe, fading(8_000, 3))
        + given(general & valid2, fading(3_000, 2))
        + given(pl.col("heavier") & valid2, 4_000)
        + given(pl.col("intent") & (severe | general), 5_000)
        + given((pl.col("same_year").fill_null(0) >= 3) & valid2, 6_000)
        + given((pl.col("samples").fill_null(0) >= 2) & valid2, fading(4_000, 2))
    )
    return live.with_columns(points=-points).group_by("party").agg(pl.col("points").sum(), recent=pl.len())


def _own_day(marked: pl.LazyFrame, asked: pl.LazyFrame, years: int, *, whole_day: bool = False) -> pl.LazyFrame:
    """How many marked events stand in the window of each asked one, it included; in the order of (day, order)."""
    party, day = pl.col("party").cast(pl.Int64) * (1 << 23), pl.col("day")
    inside = pl.lit(0, pl.Int64) if whole_day else pl.col("order")
    steps = pl.concat(
        [
            marked.select(
                key=party + later(day, Period(years, "y")) + 1,
                part=pl.lit(0, pl.Int64),
                asked=pl.lit(None, pl.Int64),
                step=pl.lit(-1, pl.Int64),
            ),
            marked.select(key=party + day, part=1 + 2 * inside, asked=pl.lit(None, pl.Int64), step=pl.lit(1, pl.Int64)),
            asked.select(key=party + day, part=2 + 2 * inside, asked=pl.col("order"), step=pl.lit(0, pl.Int64)),
        ]
    )
    counted = steps.sort("key", "part").with_columns(total=pl.col("step").cum_sum())
    return counted.filter(pl.col("asked").is_not_null()).select(order="asked", count="total")


def _inspections(store: Prepared, today: int) -> pl.LazyFrame:
    code, day = store.code, pl.col("e.occurred")
    rows = (
        store.events["inspection"]
        .filter(day <= today)
        .select(
            "party",
            day=day,
            type=pl.col("e.type"),
            result=pl.col("e.result"),
            score=pl.col("e.score"),
            key_items=pl.col("e.key_items_failed"),
            y1=later(day, Period(1, "y")),
            y2=later(day, Period(2, "y")),
        )
    )
    rows = rows.filter(pl.col("y2") >= today)
    visit = pl.col("type").is_in([code("routine"), code("unannounced")])
    failed = pl.col("result") == code("fail")

    def given(condition: pl.Expr, points: pl.Expr) -> pl.Expr:
        return pl.when(condition).then(points).otherwise(0)

    def fading(points: int) -> pl.Expr:
        return _fading(pl.lit(points, pl.Int64), pl.col("day"), pl.col("y2"), today)

    points = (
        given((pl.col("type") == code("sampling")) & failed, fading(5_000))
        + given(visit & failed & (pl.col("y1") >= today), pl.lit(3_000, pl.Int64))
        + given(visit & (pl.col("score") < 70_000), fading(2_000))
        + given(pl.col("key_items") >= 1, pl.lit(2_500, pl.Int64))
    )
    return rows.with_columns(points=-points).group_by("party").agg(pl.col("points").sum())
