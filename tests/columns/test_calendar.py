"""Whole columns of days move as single days do, up to the ends of the calendar."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from credit_engine.days import CalendarWindow, Period, add, next_working_day
from credit_engine.engines.columns import calendar

FIRST = date(1999, 1, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(23_000)]
DAYS += [date.min, date(1, 1, 31), date(9998, 12, 31), date(9999, 2, 28), date.max]
PERIODS = [
    "0d",
    "1d",
    "365d",
    "9999d",
    "1m",
    "3m",
    "6m",
    "1y",
    "4y",
    "9999m",
    "8000y",
    "0wd",
    "1wd",
    "15wd",
    "20wd",
    "300wd",
]


def moved(column: pl.Expr) -> list[int | None]:
    """What a column of the days comes to; a day that is not known stands last."""
    frame = pl.DataFrame({"day": [*(day.toordinal() for day in DAYS), None]}, schema={"day": pl.Int32()})
    found = frame.select(moved=column)
    assert not found.schema["moved"].is_float()
    result: list[int | None] = found["moved"].to_list()
    return result


@pytest.mark.parametrize("text", PERIODS)
def test_a_period_later_is_what_add_says(text: str) -> None:
    period = Period.read(text)
    said = [add(day, period) for day in DAYS]
    assert moved(calendar.later(pl.col("day"), period)) == [*(day and day.toordinal() for day in said), None]


@pytest.mark.parametrize("unit", ["year", "quarter", "month"])
@pytest.mark.parametrize("back", [0, 1, 5])
def test_a_calendar_window_has_the_days_that_it_has_for_one_day(unit: str, back: int) -> None:
    window = CalendarWindow(unit, back)  # type: ignore[arg-type]  # one of the three units
    said = [window.days(day) for day in DAYS]
    for end, column in enumerate(calendar.window(window, pl.col("day"))):
        assert moved(column) == [*(days and days[end].toordinal() for days in said), None]


def test_the_next_working_day_is_the_one_of_the_calendar() -> None:
    said = [next_working_day(day) for day in DAYS]
    assert moved(calendar.next_working(pl.col("day"))) == [*(day and day.toordinal() for day in said), None]
