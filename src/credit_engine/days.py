"""Days and periods: adding a period, working days of mainland China, calendar windows, a span's last day.

Nothing here asks for today's date. A period is never subtracted: it is not the inverse of `add`. What lies beyond
the known working-day calendar is `None`, which callers report with the code `UNKNOWN_CALENDAR`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType
from typing import Literal

from attrs import field, frozen

from credit_engine.errors import Problem, RecordError

UNKNOWN_CALENDAR = "unknown_calendar"
MOST = 9999
PeriodUnit = Literal["y", "m", "d", "wd"]
CalendarUnit = Literal["year", "quarter", "month"]
REVIEWS: Mapping[str, CalendarUnit] = MappingProxyType({"yearly": "year", "quarterly": "quarter", "monthly": "month"})

_PERIOD = re.compile(r"(0|[1-9][0-9]{0,3})(y|m|d|wd)")
_MONTHS_PER: dict[str, int] = {"year": 12, "quarter": 3, "month": 1}
_LAST_ORDINAL = date.max.toordinal()
_SAFE_DAY = 28  # every month has it


def _bad_period(value: object) -> RecordError:
    hint = 'write a whole number up to 9999 and y, m, d or wd, for example "3y" or "20wd"'
    return RecordError(Problem("bad_period", f"{value!r} is not a period", hint=hint))


def _check_count(record: object, _attribute: object, value: int) -> None:
    if type(value) is not int or not 0 <= value <= MOST:
        raise _bad_period(record)


@frozen
class Period:
    """A length of time: years, months, days or statutory working days (`wd`), at most 9999 of them."""

    count: int = field(validator=_check_count)
    unit: PeriodUnit = field()

    @unit.validator
    def _check_unit(self, _attribute: object, value: object) -> None:
        if value not in ("y", "m", "d", "wd"):
            raise _bad_period(self)

    @classmethod
    def read(cls, text: object) -> Period:
        """The period of a text such as `3y`, `6m`, `90d`, `20wd`; anything else is a `RecordError` (`bad_period`).

        Example: `Period.read("20wd")` is `Period(20, "wd")`.
        """
        match = _PERIOD.fullmatch(text.strip()) if isinstance(text, str) else None
        if match is None:
            raise _bad_period(text)
        return cls(int(match[1]), match[2])  # type: ignore[arg-type]  # one of the four units by the pattern

    def __str__(self) -> str:
        """The text it is read from: `20wd`."""
        return f"{self.count}{self.unit}"


@frozen
class CalendarWindow:
    """The calendar year, quarter or month of a day, or the one `back` units before it."""

    unit: CalendarUnit = field()
    back: int = field(default=0, validator=_check_count)

    @unit.validator
    def _check_unit(self, _attribute: object, value: object) -> None:
        if value not in _MONTHS_PER:
            raise _bad_period(self)

    def __str__(self) -> str:
        """`calendar year`, or `calendar year, 1 back`."""
        return f"calendar {self.unit}, {self.back} back" if self.back else f"calendar {self.unit}"

    def days(self, day: date) -> tuple[date, date] | None:
        """First and last day of the window as seen from `day`; `None` if it lies before the year 1."""
        first = start_of(self.unit, day)
        months = first.year * 12 + first.month - 1 - self.back * _MONTHS_PER[self.unit]
        if months < date.min.year * 12:
            return None
        first = date(months // 12, months % 12 + 1, 1)
        return first, end_of(self.unit, first)


# --- adding ---------------------------------------------------------------------------------------------------


def add(day: date, period: Period) -> date | None:
    """The day that lies `period` after `day`, or `None` beyond the known working-day calendar.

    Years and months: the corresponding day, or the month's last day where there is none (2024-02-29 and 1y is
    2025-02-28). `wd`: the N-th working day after `day`, and `day` itself for 0. What would lie beyond the year 9999
    is `date.max`.
    """
    unit, count = period.unit, period.count
    if unit == "d":
        return _days_later(day, count)
    if unit == "wd":
        return _working_days_later(day, count)
    years, month = divmod(day.month - 1 + (count * 12 if unit == "y" else count), 12)
    year = day.year + years
    if year > date.max.year:
        return date.max
    if day.day <= _SAFE_DAY:
        return date(year, month + 1, day.day)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _days_later(day: date, count: int) -> date:
    return date.fromordinal(min(day.toordinal() + count, _LAST_ORDINAL))


def _working_days_later(day: date, count: int) -> date | None:
    if not count:
        return day
    calendar = _calendar()
    if day < calendar.eve:
        return None
    position = bisect_right(calendar.working, day) + count - 1
    return calendar.working[position] if position < len(calendar.working) else None


# --- working days ---------------------------------------------------------------------------------------------


@frozen
class _Calendar:
    """Working days in order and as a set, the first and last known day, and the eve of the first."""

    first: date
    last: date
    eve: date
    working: tuple[date, ...]
    among: frozenset[date]


@cache
def _calendar() -> _Calendar:
    """The calendar of whole years for which `chinese_calendar` lists statutory holidays; made once, on first use."""
    from chinese_calendar.constants import holidays, workdays  # noqa: PLC0415  # only those who count working days pay

    first, last = date(min(holidays).year, 1, 1), date(max(holidays).year, 12, 31)
    days = map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
    saturday = 5
    working = tuple(day for day in days if day in workdays or (day.weekday() < saturday and day not in holidays))
    return _Calendar(first, last, first - timedelta(days=1), working, frozenset(working))


def working_calendar() -> tuple[date, date]:
    """First and last day of which it is known whether it is a working day."""
    calendar = _calendar()
    return calendar.first, calendar.last


def is_working_day(day: date) -> bool | None:
    """Whether this is a statutory working day of mainland China, make-up weekends included; `None`: not known."""
    calendar = _calendar()
    return day in calendar.among if calendar.first <= day <= calendar.last else None


def next_working_day(day: date) -> date | None:
    """The day itself if it is a working day, else the next one; `None` beyond the known calendar."""
    working = is_working_day(day)
    if working is None:
        return None
    return day if working else _working_days_later(day, 1)


# --- calendar units -------------------------------------------------------------------------------------------


def start_of(unit: CalendarUnit, day: date) -> date:
    """First day of the calendar year, quarter or month that holds `day`."""
    months = _MONTHS_PER[unit]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def end_of(unit: CalendarUnit, day: date) -> date:
    """Last day of the calendar year, quarter or month that holds `day`."""
    months = _MONTHS_PER[unit]
    month = (day.month - 1) // months * months + months
    return date(day.year, month, monthrange(day.year, month)[1])


# --- spans ----------------------------------------------------------------------------------------------------


def last_day(
    from_day: date,
    for_: Period | None,
    plus: Sequence[Period] = (),
    pauses: Iterable[tuple[date, date]] = (),
    rolls: bool = False,  # noqa: FBT001, FBT002  # stands last, as in a written span
    *,
    until: date | None = None,
    to_end_of: CalendarUnit | None = None,
) -> date | None:
    """Last day of a span that starts on `from_day`, both days included; `None` beyond the known calendar.

    It is add(from_day, for_) or the given `until` (neither: `from_day`), moved to the end of its calendar unit
    (`to_end_of`), then later by each period of `plus` in turn, then by one day (for a `for_` in `wd`: one working day)
    for each day of the `pauses` `[from, until)` inside the span so far, then to the next working day (`rolls`).
    """
    last = until
    if last is None:
        last = from_day if for_ is None else add(from_day, for_)
    if last is not None and to_end_of is not None:
        last = end_of(to_end_of, last)
    for period in plus:
        last = None if last is None else add(last, period)
    if last is not None:
        last = _after_pauses(from_day, last, pauses, "wd" if for_ is not None and for_.unit == "wd" else "d")
    return next_working_day(last) if rolls and last is not None else last


def _after_pauses(first: date, last: date, pauses: Iterable[tuple[date, date]], unit: PeriodUnit) -> date | None:
    """The last day moved by one unit for each paused day.

    A pause that begins inside the span is inside it whole, because each of its days brings the next one in.
    """
    end: date | None = last
    paused = 0
    for start, stop in _merged(first, pauses):
        if end is None or start > end:
            break
        paused += (stop - start).days
        end = _days_later(last, paused) if unit == "d" else _working_days_later(last, paused)
    return end


def _merged(first: date, pauses: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """The pauses from `first` on, in order, those that overlap or touch made one; empty ones left out."""
    merged: list[tuple[date, date]] = []
    for start, stop in sorted((max(start, first), stop) for start, stop in pauses):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], stop))
        elif start < stop:
            merged.append((start, stop))
    return merged
