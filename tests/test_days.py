"""Days: adding never surprises, working days are those of the State Council, spans end where a finger count ends."""

from __future__ import annotations

import pickle
from datetime import date, timedelta

import chinese_calendar
import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import given
from hypothesis import strategies as st

from credit_engine import days
from credit_engine.days import (
    CalendarWindow,
    Period,
    add,
    end_of,
    is_working_day,
    last_day,
    next_working_day,
    start_of,
    working_calendar,
)
from credit_engine.errors import RecordError

FIRST, LAST = working_calendar()
ONE_DAY = timedelta(days=1)
UNITS = ("year", "quarter", "month")

any_day = st.dates()
usual_day = st.dates(date(2010, 1, 1), date(2025, 6, 30))
calendar_period = st.builds(Period, st.integers(0, 9999), st.sampled_from(["y", "m", "d"]))
any_period = st.builds(Period, st.integers(0, 9999), st.sampled_from(["y", "m", "d", "wd"]))
short_period = st.builds(Period, st.integers(0, 60), st.sampled_from(["d", "wd"]))


def period(text: str) -> Period:
    return Period.read(text)


def d(text: str) -> date:
    return date.fromisoformat(text)


# --- periods --------------------------------------------------------------------------------------------------


@given(any_period)
def test_a_period_is_read_back_from_its_text(length: Period) -> None:
    assert Period.read(str(length)) == length
    assert pickle.loads(pickle.dumps(length)) == length  # noqa: S301  # our own bytes
    assert hash(Period.read(str(length))) == hash(length)


@pytest.mark.parametrize(
    "text",
    ["", "3", "y", "-1d", "+1d", "1.5y", "3 y", "3Y", "10000d", "03m", "３y", "1w", "3yd", "3y6m", 3, None, True],
)
def test_what_is_no_period_is_refused(text: object) -> None:
    with pytest.raises(RecordError) as caught:
        Period.read(text)
    assert caught.value.codes == ("bad_period",)
    assert "3y" in caught.value.problems[0].hint


@pytest.mark.parametrize(("count", "unit"), [(-1, "d"), (10000, "d"), (True, "d"), (1.0, "d"), (1, "w"), (1, "")])
def test_a_period_built_by_hand_is_checked_too(count: int, unit: days.PeriodUnit) -> None:
    with pytest.raises(RecordError) as caught:
        Period(count, unit)
    assert caught.value.codes == ("bad_period",)


def test_a_period_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        period("3y").count = 4  # type: ignore[misc]  # that it is refused is what is tested


# --- adding ---------------------------------------------------------------------------------------------------


@given(any_day, any_day, any_period)
def test_adding_keeps_the_order_of_days(one: date, other: date, length: Period) -> None:
    early, late = sorted((one, other))
    first, second = add(early, length), add(late, length)
    assert first is None or second is None or first <= second


@given(any_day, any_period)
def test_adding_never_goes_back(day: date, length: Period) -> None:
    later = add(day, length)
    assert later is None or later >= day
    assert later is not None or length.unit == "wd"


@given(any_day, st.integers(0, 9999), st.integers(0, 9999), st.sampled_from(["y", "m", "d"]))
def test_a_longer_period_never_ends_earlier(day: date, one: int, other: int, unit: days.PeriodUnit) -> None:
    short, long = sorted((one, other))
    ends = add(day, Period(short, unit)), add(day, Period(long, unit))
    assert ends[0] is not None
    assert ends[1] is not None
    assert ends[0] <= ends[1]


@given(st.dates(date(1, 1, 1), date(8000, 12, 31)), st.integers(0, 800))
def test_years_are_twelve_months_and_keep_the_day_or_take_the_months_last(day: date, years: int) -> None:
    end = add(day, Period(years, "y"))
    assert end == add(day, Period(12 * years, "m"))
    assert end is not None
    assert (end.year, end.month) == (day.year + years, day.month)
    assert end.day == day.day or (end.day < day.day and (end + ONE_DAY).day == 1)


@given(any_day, st.integers(0, 4000), st.integers(0, 4000))
def test_days_add_up(day: date, one: int, other: int) -> None:
    middle = add(day, Period(one, "d"))
    assert middle is not None
    assert add(middle, Period(other, "d")) == add(day, Period(one + other, "d"))


@given(any_day, st.sampled_from(["y", "m", "d", "wd"]))
def test_adding_nothing_changes_nothing(day: date, unit: days.PeriodUnit) -> None:
    assert add(day, Period(0, unit)) == day


@pytest.mark.parametrize(
    ("day", "length", "end"),
    [
        ("2024-03-15", "1y", "2025-03-15"),
        ("2023-02-28", "1y", "2024-02-28"),
        ("2024-02-28", "1y", "2025-02-28"),
        ("2024-02-29", "4y", "2028-02-29"),
        ("2024-01-30", "1m", "2024-02-29"),
        ("2024-01-31", "1m", "2024-02-29"),
        ("2023-01-31", "1m", "2023-02-28"),
        ("2024-03-31", "1m", "2024-04-30"),
        ("2024-11-30", "3m", "2025-02-28"),
        ("2024-12-31", "1m", "2025-01-31"),
        ("2024-02-28", "1d", "2024-02-29"),
        ("2023-02-28", "1d", "2023-03-01"),
        ("9999-12-30", "1d", "9999-12-31"),
        ("9999-12-31", "1d", "9999-12-31"),
        ("9999-11-30", "1m", "9999-12-30"),
        ("9999-12-01", "1m", "9999-12-31"),
        ("2024-01-01", "9999y", "9999-12-31"),
    ],
)
def test_month_ends_and_the_end_of_time_clamp(day: str, length: str, end: str) -> None:
    assert add(d(day), period(length)) == d(end)


def test_golden_1_working_days_skip_holidays_and_count_make_up_weekends() -> None:
    assert add(d("2025-09-25"), period("20wd")) == d("2025-10-29")
    assert add(d("2026-02-12"), period("3wd")) == d("2026-02-24")
    assert add(d("2026-02-12"), period("15wd")) == d("2026-03-11")
    assert [add(d("2026-02-12"), Period(count, "wd")) for count in (1, 2)] == [d("2026-02-13"), d("2026-02-14")]
    assert [is_working_day(d(day)) for day in ("2025-09-28", "2025-10-11", "2025-10-08")] == [True, True, False]


def test_golden_2_year_one_of_a_listing_ends_on_the_corresponding_day() -> None:
    assert last_day(d("2024-03-15"), period("1y")) == d("2025-03-15")


def test_golden_3_a_year_from_a_leap_day_ends_on_the_last_of_february() -> None:
    assert last_day(d("2024-02-29"), period("1y")) == d("2025-02-28")


# --- working days ---------------------------------------------------------------------------------------------


def test_every_known_day_is_the_day_chinese_calendar_says() -> None:
    day = FIRST
    while day.year <= LAST.year:
        if day.month in {1, 2, 4, 5, 9, 10, 12}:  # the months with holidays that move weekends
            assert is_working_day(day) is chinese_calendar.is_workday(day)
        day += 3 * ONE_DAY


def test_the_known_calendar_is_whole_years_without_a_gap() -> None:
    years = {day.year for day in chinese_calendar.constants.holidays}
    assert (date(min(years), 1, 1), date(max(years), 12, 31)) == (FIRST, LAST)
    assert years == set(range(FIRST.year, LAST.year + 1))


@given(usual_day, st.integers(0, 250))
def test_working_days_are_counted_one_day_at_a_time(day: date, count: int) -> None:
    expected, left = day, count
    while left:
        expected += ONE_DAY
        left -= chinese_calendar.is_workday(expected)
    assert add(day, Period(count, "wd")) == expected


@given(usual_day, st.integers(0, 100), st.integers(0, 100))
def test_working_days_add_up(day: date, one: int, other: int) -> None:
    middle = add(day, Period(one, "wd"))
    assert middle is not None
    assert add(middle, Period(other, "wd")) == add(day, Period(one + other, "wd"))


@given(st.dates(FIRST, LAST - 15 * ONE_DAY))
def test_the_next_working_day_is_the_day_itself_or_the_first_one_after(day: date) -> None:
    found = next_working_day(day)
    assert found is not None
    assert is_working_day(found)
    assert all(not is_working_day(day + number * ONE_DAY) for number in range((found - day).days))


def test_the_calendar_ends_with_its_last_working_day_and_nothing_is_guessed_after_it() -> None:
    final = max(day for day in (LAST - number * ONE_DAY for number in range(20)) if is_working_day(day))
    assert add(final - ONE_DAY, period("1wd")) == final
    assert add(final, period("1wd")) is None
    assert add(LAST, period("1wd")) is None
    assert add(LAST, period("0wd")) == LAST
    assert add(LAST + ONE_DAY, period("1wd")) is None
    assert add(date.max, period("1wd")) is None
    assert (is_working_day(LAST), is_working_day(LAST + ONE_DAY)) == (chinese_calendar.is_workday(LAST), None)
    assert next_working_day(LAST + ONE_DAY) is None


def test_the_calendar_begins_with_its_first_day_and_is_counted_from_the_eve() -> None:
    first_working = next_working_day(FIRST)
    assert first_working is not None
    assert add(FIRST - ONE_DAY, period("1wd")) == first_working
    assert add(FIRST - 2 * ONE_DAY, period("1wd")) is None
    assert is_working_day(FIRST - ONE_DAY) is None
    assert next_working_day(FIRST - ONE_DAY) is None
    assert add(date.min, period("1wd")) is None


# --- calendar units -------------------------------------------------------------------------------------------


@given(any_day, st.sampled_from(UNITS))
def test_a_calendar_unit_holds_its_day_and_meets_its_neighbours(day: date, unit: days.CalendarUnit) -> None:
    first, last = start_of(unit, day), end_of(unit, day)
    assert first <= day <= last
    assert start_of(unit, last) == first
    assert end_of(unit, first) == last
    assert last == date.max or start_of(unit, last + ONE_DAY) == last + ONE_DAY
    assert CalendarWindow(unit).days(day) == (first, last)


@given(st.dates(date(200, 1, 1)), st.sampled_from(UNITS), st.integers(0, 50))
def test_a_window_further_back_ends_the_day_before_the_next_begins(
    day: date, unit: days.CalendarUnit, back: int
) -> None:
    nearer, further = CalendarWindow(unit, back).days(day), CalendarWindow(unit, back + 1).days(day)
    assert nearer is not None
    assert further is not None
    assert further[1] + ONE_DAY == nearer[0]
    assert further == (start_of(unit, further[1]), end_of(unit, further[0]))


@pytest.mark.parametrize(
    ("unit", "day", "first", "last"),
    [
        ("year", "2024-12-31", "2024-01-01", "2024-12-31"),
        ("quarter", "2024-03-31", "2024-01-01", "2024-03-31"),
        ("quarter", "2024-04-01", "2024-04-01", "2024-06-30"),
        ("month", "2024-02-29", "2024-02-01", "2024-02-29"),
        ("month", "2023-02-01", "2023-02-01", "2023-02-28"),
    ],
)
def test_units_begin_and_end_where_the_calendar_does(unit: days.CalendarUnit, day: str, first: str, last: str) -> None:
    assert (start_of(unit, d(day)), end_of(unit, d(day))) == (d(first), d(last))


def test_a_window_before_the_first_year_is_none() -> None:
    assert CalendarWindow("year", 1).days(d("0002-05-05")) == (d("0001-01-01"), d("0001-12-31"))
    assert CalendarWindow("year", 2).days(d("0002-05-05")) is None


def test_a_window_says_what_it_is_and_refuses_what_it_is_not() -> None:
    assert [str(CalendarWindow("year")), str(CalendarWindow("month", 2))] == ["calendar year", "calendar month, 2 back"]
    for unit, back in (("week", 0), ("year", -1)):
        with pytest.raises(RecordError):
            CalendarWindow(unit, back)  # type: ignore[arg-type]  # that it is refused is what is tested


# --- spans ----------------------------------------------------------------------------------------------------


def finger_count(first: date, length: Period, pauses: list[tuple[date, date]]) -> date:
    """Walk day by day: each day of the span that is paused owes one unit more, paid by walking on."""
    last = add(first, length)
    assert last is not None
    owed, day = 0, first
    while day <= last or owed:
        if day > last:
            owed -= length.unit == "d" or chinese_calendar.is_workday(day)
            last = day
        owed += any(start <= day < stop for start, stop in pauses)
        day += ONE_DAY
    return last


some_pauses = st.lists(
    st.builds(
        lambda day, length: (day, day + length * ONE_DAY),
        st.dates(date(2019, 12, 1), date(2020, 12, 31)),
        st.integers(-2, 40),
    ),
    max_size=5,
)


@given(st.dates(date(2020, 1, 1), date(2020, 6, 30)), short_period, some_pauses)
def test_pauses_lengthen_a_span_as_counting_on_fingers_does(
    first: date, length: Period, pauses: list[tuple[date, date]]
) -> None:
    assert last_day(first, length, (), pauses) == finger_count(first, length, pauses)


@given(st.dates(date(2020, 1, 1), date(2020, 6, 30)), short_period, some_pauses, st.randoms(use_true_random=False))
def test_the_order_of_pauses_and_saying_one_twice_change_nothing(
    first: date, length: Period, pauses: list[tuple[date, date]], random: object
) -> None:
    shuffled = [*pauses, *pauses]
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random by its strategy
    assert last_day(first, length, (), shuffled) == last_day(first, length, (), pauses)


@given(any_day, calendar_period)
def test_a_plain_span_ends_where_adding_ends(first: date, length: Period) -> None:
    assert last_day(first, length, (), (), rolls=False) == add(first, length)


@pytest.mark.parametrize(
    ("pauses", "end"),
    [
        ([], "2024-01-11"),
        ([("2024-01-11", "2024-01-12")], "2024-01-12"),  # the last day is inside
        ([("2024-01-12", "2024-01-13")], "2024-01-11"),  # the day after is not
        ([("2024-01-01", "2024-01-02")], "2024-01-12"),  # the first day is inside
        ([("2023-12-01", "2024-01-01")], "2024-01-11"),  # the day before is not
        ([("2023-12-01", "2024-01-03")], "2024-01-13"),  # only what lies inside counts
        ([("2024-01-05", "2024-01-05")], "2024-01-11"),  # an empty pause
        ([("2024-01-05", "2024-01-01")], "2024-01-11"),  # a reversed one is empty
        ([("2024-01-05", "2024-01-08"), ("2024-01-07", "2024-01-09")], "2024-01-15"),  # overlaps count once
        ([("2024-01-11", "2024-01-13"), ("2024-01-13", "2024-01-14")], "2024-01-14"),  # one day draws in the next
        ([("2024-01-11", "2024-01-12"), ("2024-01-12", "2024-01-13")], "2024-01-13"),
        ([("2024-01-11", "9999-12-31")], "9999-12-31"),  # a pause without an end in sight
    ],
)
def test_a_pause_counts_exactly_with_its_days_inside_the_span(pauses: list[tuple[str, str]], end: str) -> None:
    assert last_day(d("2024-01-01"), period("10d"), (), [(d(start), d(stop)) for start, stop in pauses]) == d(end)


def test_a_paused_day_of_a_working_day_span_costs_one_working_day() -> None:
    friday = d("2024-03-08")
    assert last_day(d("2024-03-01"), period("5wd")) == friday
    assert last_day(d("2024-03-01"), period("5wd"), (), [(friday, d("2024-03-09"))]) == d("2024-03-11")


def test_additions_follow_each_other_before_pauses_and_rolling() -> None:
    assert last_day(d("2024-01-31"), period("1m"), [period("1m"), period("1d")]) == d("2024-03-30")
    assert last_day(d("2024-01-01"), period("1d"), [period("3d")], [(d("2024-01-05"), d("2024-01-06"))]) == d(
        "2024-01-06"
    )
    assert last_day(
        d("2024-01-01"), period("1d"), [period("3d")], [(d("2024-01-05"), d("2024-01-06"))], rolls=True
    ) == d("2024-01-08")


def test_a_last_day_on_a_holiday_rolls_to_the_next_working_day() -> None:
    assert last_day(d("2025-09-01"), period("1m"), (), (), rolls=True) == d("2025-10-09")
    assert last_day(d("2025-08-28"), period("1m"), (), (), rolls=True) == d("2025-09-28")  # a Sunday that is worked


def test_a_given_last_day_or_unit_end_takes_the_place_of_the_length() -> None:
    assert last_day(d("2024-01-05"), None, until=d("2024-02-10")) == d("2024-02-10")
    assert last_day(d("2024-01-05"), None, to_end_of="year") == d("2024-12-31")
    assert last_day(d("2024-01-05"), period("1y"), [period("1d")], to_end_of="month") == d("2025-02-01")
    assert last_day(d("2024-01-05"), None) == d("2024-01-05")


@pytest.mark.parametrize("length", ["1wd", "9999wd"])
def test_a_span_beyond_the_calendar_has_no_known_end(length: str) -> None:
    assert last_day(LAST, period(length), [period("1d")], [(LAST, LAST + ONE_DAY)], rolls=True) is None
    assert last_day(FIRST, period("1d"), [Period(9999, "wd")]) is None
    assert last_day(LAST, period("1d"), (), (), rolls=True) is None
    assert last_day(LAST - 20 * ONE_DAY, period("1wd"), (), [(LAST - 20 * ONE_DAY, LAST)]) is None
