"""Periods added to whole columns of days, calendar units, working days: what `credit_engine.days` does for one day."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date
from functools import cache, lru_cache

import polars as pl

from credit_engine.days import CalendarUnit, CalendarWindow, Period, add, working_calendar
from credit_engine.engines.columns.shapes import DAY, FIRST_DAY, LAST_DAY, fixed, looked_up

EPOCH = 719_163  # the ordinal of 1970-01-01, from which Polars counts
_MONTHS = {"year": 12, "quarter": 3, "month": 1}
_PER_YEAR = 12
_LAST_YEAR = 9999
NEAR = 1 << 17  # days, some three centuries


def as_date(day: pl.Expr) -> pl.Expr:
    """A column of ordinals as dates."""
    return (day.cast(DAY) - EPOCH).cast(pl.Date)


def as_ordinal(day: pl.Expr) -> pl.Expr:
    """A column of dates as ordinals."""
    return day.cast(pl.Date).cast(DAY) + EPOCH


def later(day: pl.Expr, period: Period, between: tuple[int, int] | None = None) -> pl.Expr:
    """`add(day, period)`; null where the day is, and beyond the known working-day calendar.

    `between`: the ends between which the days surely lie; where they are near, each day is added to once.
    """
    if period.unit != "d" and between is not None and between[1] - between[0] <= NEAR:
        return looked_up(laters(period, *between), day - between[0])
    if period.unit == "d":
        return (day.cast(pl.Int64) + period.count).clip(upper_bound=LAST_DAY).cast(DAY)
    if period.unit == "wd":
        return _working_days_later(day, period.count)
    count = period.count * _PER_YEAR if period.unit == "y" else period.count
    moment = as_date(day)
    months = _months(moment) + count
    beyond = months >= (_LAST_YEAR + 1) * _PER_YEAR
    start = _first_of(pl.when(beyond).then(_LAST_YEAR * _PER_YEAR).otherwise(months))
    last = as_ordinal(start.dt.month_end())
    found = pl.min_horizontal(as_ordinal(start) + moment.dt.day().cast(DAY) - 1, last)
    return pl.when(day.is_null()).then(None).when(beyond).then(fixed(LAST_DAY, DAY)).otherwise(found)


@lru_cache(maxsize=64)
def laters(period: Period, first: int, last: int) -> pl.Series:
    """`add` for each day from the first to the last one."""
    days = pl.int_range(first, last + 1, dtype=DAY)
    return pl.select(later(days, period)).to_series()


def first_reaching(period: Period, day: int) -> int:
    """The first day whose `add` is this day or a later one. Not for working days, whose calendar has a beginning."""
    if period.unit == "wd":
        raise ValueError(period)
    later_days = range(FIRST_DAY, day)
    return FIRST_DAY + bisect_left(later_days, day, key=lambda each: _added(each, period))


def _added(each: int, period: Period) -> int:
    end = add(date.fromordinal(each), period)
    return LAST_DAY if end is None else end.toordinal()


def _months(moment: pl.Expr) -> pl.Expr:
    return moment.dt.year().cast(pl.Int32) * _PER_YEAR + moment.dt.month().cast(pl.Int32) - 1


def _first_of(months: pl.Expr) -> pl.Expr:
    return pl.date(months // _PER_YEAR, months % _PER_YEAR + 1, 1)


def start_of(unit: CalendarUnit, day: pl.Expr, back: int = 0) -> pl.Expr:
    """First day of the calendar unit of a day, or of the one `back` units before; null before the year 1."""
    length = _MONTHS[unit]
    months = _months(as_date(day)) // length * length - back * length
    inside = months >= _PER_YEAR
    return as_ordinal(_first_of(pl.when(inside).then(months)))


def end_of(unit: CalendarUnit, day: pl.Expr, back: int = 0) -> pl.Expr:
    """Last day of the calendar unit of a day, or of the one `back` units before."""
    length = _MONTHS[unit]
    months = _months(as_date(day)) // length * length - back * length + length - 1
    return as_ordinal(_first_of(pl.when(months >= _PER_YEAR).then(months)).dt.month_end())


def window(of: CalendarWindow, day: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """First and last day of a calendar window; null where it lies before the year 1."""
    return start_of(of.unit, day, of.back), end_of(of.unit, day, of.back)


@cache
def _working_days() -> tuple[int, pl.Series, pl.Series]:
    """The eve of the calendar, how many working days lie at or before each day from it on, and these days in order."""
    first, last = working_calendar()
    eve = first.toordinal() - 1
    one = Period(1, "wd")
    days: list[int] = []
    day = add(type(first).fromordinal(eve), one)
    while day is not None:
        days.append(day.toordinal())
        day = add(day, one)
    working = set(days)
    counts, count = [], 0
    for ordinal in range(eve, last.toordinal() + 1):
        count += ordinal in working
        counts.append(count)
    return eve, pl.Series(counts, dtype=pl.Int64), pl.Series(days, dtype=DAY)


def _working_days_later(day: pl.Expr, count: int) -> pl.Expr:
    if not count:
        return day
    eve, counts, days = _working_days()
    offset = day.cast(pl.Int64) - eve
    known = (offset >= 0).fill_null(value=False)
    before = pl.lit(counts).gather(pl.when(known).then(offset.clip(0, len(counts) - 1)).otherwise(0))
    before = pl.when(offset >= len(counts)).then(len(days)).otherwise(before)
    place = before + count - 1
    inside = known & (place < len(days))
    return pl.when(inside).then(pl.lit(days).gather(pl.when(inside).then(place).otherwise(0)))


def next_working(day: pl.Expr) -> pl.Expr:
    """The day itself if it is a working day, else the next one; null beyond the known calendar."""
    eve, counts, days = _working_days()
    offset = day.cast(pl.Int64) - eve
    known = ((offset >= 1) & (offset < len(counts))).fill_null(value=False)
    before = pl.lit(counts).gather(pl.when(known).then(offset - 1).otherwise(0))
    inside = known & (before < len(days))
    return pl.when(inside).then(pl.lit(days).gather(pl.when(inside).then(before).otherwise(0)))
