"""The policy `batch-rules` as Polars queries written by hand for this policy alone: scores, grades, list entries.

What makes them quick: days are added by looking into a table; the points of all rules are one plain sum; spans are
pushed down; and the two indicators at the event's own day are one sort of whole numbers (party, day, rank), after which
the third-latest penalty and the second-latest failed sample are looked up by how many came before. What an empty cell
leaves open is a second sum.

They rely on what the made-up data keep to, and `check` makes sure of: a decision names one ground, nothing is
withdrawn, every event has its day, and whatever is listed was recorded before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache

import polars as pl

from credit_engine.days import Period, add
from credit_engine.engines.columns.prepared import Prepared

RAISED = date(2025, 1, 1).toordinal()
LARGE, HUGE = 5_000_000, 50_000_000
GRADES = ("A", "B", "C", "D")
_FROM = date(2010, 1, 1).toordinal()
_TO = date(2060, 1, 1).toordinal()
_PARTY, _DAY = 1 << 40, 1 << 26  # of a key: what a party and a day count; below them the rank of the event
_SUMS = ("v_low", "v_high", "i_low", "i_high", "other", "recent", "year", "may_year", "failed", "may_fail")


def check(store: Prepared) -> None:
    """Stop if the data ask for more than this query knows."""
    decisions, penalties = store.events["list_decision"], store.events["violation"]
    names_one = (pl.col("e.grounds").list.len() == 1).fill_null(value=False).all()
    is_whole = pl.all_horizontal(pl.col("e.list", "e.step", "e.decided").is_not_null().all())
    assert decisions.select(names_one & is_whole).collect().item()
    withdrawn = (pl.col("e.standing") == store.code("withdrawn")).any()
    assert not penalties.select(withdrawn | pl.col("e.decided").is_null().any()).collect().item()


@cache
def _table(years: int) -> pl.Series:
    ends = (add(date.fromordinal(day), Period(years, "y")) for day in range(_FROM, _TO))
    return pl.Series([end.toordinal() for end in ends if end is not None], dtype=pl.Int32)


def after(day: pl.Expr, years: int) -> pl.Expr:
    """`add(day, years)`, looked up."""
    return pl.lit(_table(years)).gather(day - _FROM)


def earliest(today: int, years: int) -> int:
    """The first day whose period of so many years still reaches today: a bound that a scan can be told."""
    return _FROM + int((_table(years) < today).sum())


def seen(store: Prepared, kind: str, anchor: str, today: int, years: int) -> pl.LazyFrame:
    """The versions known today of what takes part and lies within so many years."""
    hidden = [store.code(standing) for standing in ("alleged", "withdrawn")]
    return store.events[kind].filter(
        pl.col(f"e.{anchor}").is_between(earliest(today, years), today),
        pl.col("known_from") <= today,
        pl.col("known_until") > today,
        ~pl.col("e.standing").is_in(hidden).fill_null(value=False),
    )


def scores(store: Prepared, as_of: date) -> pl.LazyFrame:
    """Party, lowest and highest score in thousandths, and the indicators from the day judged as texts."""
    today = as_of.toordinal()
    parts = [_penalties(store, today), _visits(store, today), _transfers(store, today), _honours(store, today)]
    every = pl.concat([part.with_columns(_absent(part)).select("party", *_SUMS) for part in parts])
    sums = every.group_by("party").agg(pl.col(_SUMS).sum())
    rows = store.parties.select("party").join(sums, on="party", how="left")
    rows = rows.with_columns(pl.col(_SUMS).fill_null(0))
    clean = pl.when(pl.col("recent") == 0).then(5_000).otherwise(0)

    def score(side: str) -> pl.Expr:
        lost = pl.col(f"v_{side}").clip(upper_bound=70_000) + pl.col(f"i_{side}").clip(upper_bound=30_000)
        return (100_000 - lost + pl.col("other") + clean).clip(0, 120_000)

    return rows.select(
        "party",
        low=score("low"),
        high=score("high"),
        penalties_1y=_counted("year", "may_year"),
        failed_samples_2y=_counted("failed", "may_fail"),
        violations_3y=pl.col("recent").cast(pl.String),
    )


def _counted(sure: str, every: str) -> pl.Expr:
    one = pl.col(sure).cast(pl.String)
    return pl.when(pl.col(sure) == pl.col(every)).then(one).otherwise(pl.format("{}..{}", sure, every))


def graded(scored: pl.LazyFrame, listed: pl.LazyFrame | None) -> pl.LazyFrame:
    """The same with the places of the best and the worst possible grade; whoever is listed (`on`) has the last."""
    rows = scored.with_columns(best=_band(pl.col("high")), worst=_band(pl.col("low")))
    if listed is None:
        return rows
    on = listed.select("party").unique().with_columns(on=pl.lit(value=True))
    last = pl.lit(len(GRADES) - 1, pl.Int8)
    rows = rows.join(on, on="party", how="left")
    return rows.with_columns(
        pl.when(pl.col("on")).then(last).otherwise(pl.col(name)).alias(name) for name in ("best", "worst")
    )


def _band(score: pl.Expr) -> pl.Expr:
    return sum(((score < bound).cast(pl.Int8) for bound in (90_000, 75_000, 60_000)), pl.lit(0, pl.Int8))


def _absent(part: pl.LazyFrame) -> list[pl.Expr]:
    have = part.collect_schema()
    return [pl.lit(0, pl.Int64).alias(name) for name in _SUMS if name not in have]


def _given(condition: pl.Expr, points: int | pl.Expr) -> pl.Expr:
    """The points where the condition is true; nothing where it is false or not known."""
    value = pl.lit(points, pl.Int64) if isinstance(points, int) else points
    return pl.when(condition).then(value).otherwise(0)


def _fading(today: int) -> Callable[[int | pl.Expr, int], pl.Expr]:
    def fading(points: int | pl.Expr, years: int) -> pl.Expr:
        end = pl.col(f"y{years}")
        return points * (end - today).cast(pl.Int64) // (end - pl.col("day")).cast(pl.Int64)

    return fading


# --- penalties ------------------------------------------------------------------------------------------------


def _penalties(store: Prepared, today: int) -> pl.LazyFrame:
    rows = pl.concat([_penalty_rows(store, today), _failed_samples(store, today)]).sort("key")
    here = pl.col("key") // _DAY * _DAY
    third = [_nth_latest(pl.col("law") >= least, "open1", 3) >= here for least in (2, 1)]
    second = [_nth_latest(pl.col("sample") >= least, "open2", 2) >= here for least in (2, 1)]
    own = [_given(before, 6_000) for before in third]
    faded = [_given(before, pl.col("faded")) for before in second]
    rows = rows.with_columns(
        v_high=pl.col("high") + _given(pl.col("valid2"), own[0] + faded[0]),
        v_low=pl.col("high") + pl.col("more") + _given(pl.col("valid2"), own[1] + faded[1]),
    )
    marks = {"recent": pl.col("sample") == 0}
    for name, column, least in (
        ("year", "law", 2),
        ("may_year", "law", 1),
        ("failed", "sample", 2),
        ("may_fail", "sample", 1),
    ):
        marks[name] = (pl.col(column) >= least) & pl.col("inside")
    counts = [mark.sum().cast(pl.Int64).alias(name) for name, mark in marks.items()]
    return rows.group_by("party").agg(pl.col("v_low", "v_high").sum(), *counts)


def _nth_latest(marked: pl.Expr, column: str, place: int) -> pl.Expr:
    """The value of the n-th latest marked row at or before each row, of whatever party; below every key if none."""
    before = marked.cast(pl.UInt32).cum_sum()
    values = pl.col(column).filter(marked)
    return (
        pl.when(before >= place)
        .then(values.gather(pl.when(before >= place).then(before - place), null_on_oob=True))
        .otherwise(-1)
    )


def _key(party: pl.Expr, day: pl.Expr) -> pl.Expr:
    return party.cast(pl.Int64) * _PARTY + (day - _FROM).cast(pl.Int64) * _DAY


def _penalty_rows(store: Prepared, today: int) -> pl.LazyFrame:
    code, day, party = store.code, pl.col("day"), pl.col("party")
    rows = seen(store, "violation", "decided", today, 3).with_columns(day=pl.col("e.decided"))
    rows = rows.with_columns(after(day, years).alias(f"y{years}") for years in (1, 2, 3))
    valid1, valid2 = pl.col("y1") >= today, pl.col("y2") >= today
    severity, fine, law = pl.col("e.severity"), pl.col("e.fine"), pl.col("e.law")
    severe, general = severity == code("severe"), severity == code("general")
    fading = _fading(today)

    def has(name: str) -> pl.Expr:
        return pl.col(f"e.penalties.{name}")

    large = fading(pl.when(day >= RAISED).then(8_000).otherwise(6_000), 3)
    high = (
        _given(has("warning") & valid1, 1_000)
        + _given(has("fine"), fading(2_000, 3))
        + _given(fine >= LARGE, large)
        + _given(fine >= HUGE, 10_000)
        + _given(has("confiscation") & valid2, 1_500)
        + _given(has("stop_production") | has("closure"), fading(12_000, 3))
        + _given(has("revoke_licence"), 40_000)
        + _given(severe, fading(8_000, 3))
        + _given(general & valid2, fading(3_000, 2))
        + _given(pl.col("e.heavier") & valid2, 4_000)
        + _given(pl.col("e.intent") & (severe | general), 5_000)
    )
    of_severity = fading(8_000, 3) + _given(valid2, fading(3_000, 2)) + _given(pl.col("e.intent"), 5_000)
    more = (
        _given(severity.is_null(), of_severity)
        + _given(fine.is_null() & has("fine"), large + 10_000)
        + _given(pl.col("e.heavier").is_null() & valid2, 4_000)
    )
    return rows.select(
        "party",
        key=_key(party, day) + pl.col("order") + 1,
        high=high,
        more=more,
        faded=_given(valid2, fading(4_000, 2)),
        valid2=valid2,
        inside=valid1,
        law=pl.when(law.is_null()).then(1).otherwise((law == code("食品安全法")) * 2).cast(pl.UInt8),
        sample=pl.lit(0, pl.UInt8),
        open1=_key(party, pl.col("y1")),
        open2=pl.lit(0, pl.Int64),
    )


def _failed_samples(store: Prepared, today: int) -> pl.LazyFrame:
    """Samples that failed, or may have: those of a day before its penalties."""
    rows = seen(store, "inspection", "occurred", today, 4).with_columns(day=pl.col("e.occurred"))
    failed = pl.col("e.result") == store.code("fail")
    rows = rows.filter((pl.col("e.type") == store.code("sampling")) & failed.fill_null(value=True))
    zero, none = pl.lit(0, pl.Int64), pl.lit(0, pl.UInt8)
    return rows.select(
        "party",
        key=_key(pl.col("party"), pl.col("day")),
        high=zero,
        more=zero,
        faded=zero,
        valid2=pl.lit(value=False),
        inside=after(pl.col("day"), 2) >= today,
        law=none,
        sample=pl.when(failed).then(2).otherwise(1).cast(pl.UInt8),
        open1=zero,
        open2=_key(pl.col("party"), after(pl.col("day"), 2)),
    )


# --- visits, transfers, honours -------------------------------------------------------------------------------


def _visits(store: Prepared, today: int) -> pl.LazyFrame:
    code, fading = store.code, _fading(today)
    rows = seen(store, "inspection", "occurred", today, 2).with_columns(day=pl.col("e.occurred"))
    rows = rows.with_columns(after(pl.col("day"), years).alias(f"y{years}") for years in (1, 2))
    kind, marks = pl.col("e.type"), pl.col("e.score")
    is_sample, is_visit = kind == code("sampling"), kind.is_in([code("routine"), code("unannounced")])
    failed, valid1 = pl.col("e.result") == code("fail"), pl.col("y1") >= today
    of_sample, of_visit, of_marks = fading(5_000, 2), _given(valid1, 3_000), fading(2_000, 2)
    high = (
        _given(is_sample & failed, of_sample)
        + _given(is_visit & failed, of_visit)
        + _given(is_visit & (marks < 70_000), of_marks)
        + _given(pl.col("e.key_items_failed") >= 1, 2_500)
    )
    more = (
        _given(failed.is_null() & is_sample, of_sample)
        + _given(failed.is_null() & is_visit, of_visit)
        + _given(marks.is_null() & is_visit, of_marks)
    )
    return rows.select("party", i_high=high, i_low=high + more).group_by("party").agg(pl.all().sum())


def _transfers(store: Prepared, today: int) -> pl.LazyFrame:
    rows = seen(store, "case_transfer", "received", today, 3)
    rows = rows.filter(pl.col("e.direction") == store.code("criminal"))
    return rows.group_by("party").agg(other=pl.len().cast(pl.Int64) * -10_000)


def _honours(store: Prepared, today: int) -> pl.LazyFrame:
    rows = seen(store, "honour", "decided", today, 3)
    rows = rows.filter(pl.col("e.type").is_in([store.code(one) for one in ("quality_award", "gmp", "haccp")]))
    return rows.group_by("party").agg(other=pl.len().cast(pl.Int64) * 4_000)
