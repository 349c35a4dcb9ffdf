"""Which events a selector takes, told a second time straight from the design, by looking at every event one by one.

Nothing here comes from the engine but the question and its answer. Records are complete: of the unknown other laws speak.
"""

import calendar
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from credit_engine.assessing.assess import assess
from credit_engine.dossiers import Dossier
from credit_engine.policy.load import read_policy
from credit_engine.quantities import Thousandths
from credit_engine.records import Event, Inspection, Operator, Violation
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.strategies import as_data

ONE_DAY = timedelta(days=1)
PERIODS = ("1y", "1m", "3m", "10d", "0d", "2y")
CALENDARS = (
    {"calendar": "year"},
    {"calendar": "month"},
    {"calendar": "quarter", "back": 1},
    {"calendar": "year", "back": 1},
)
HUBS = (date(2024, 2, 29), date(2024, 3, 31), date(2024, 1, 1), date(2023, 12, 31), date(2023, 2, 28))
BY = ("decided", "occurred", ["published", "decided"], ["effective", "occurred"])
DEFAULT = {"violation": "decided", "inspection": "occurred"}
AGGREGATES = ("count", "latest", "days_since", "sum", "highest", "lowest", "mean")


# --- the design, read slowly ----------------------------------------------------------------------------------


@frozen
class Viewpoint:
    """A day, or an event on it."""

    day: date
    event: Event | None = None


def add(day: date, period: str) -> date:
    """The corresponding day, clamped to the month's end."""
    count, unit = int(period[:-1]), period[-1]
    if unit == "d":
        return day + count * ONE_DAY
    month = day.month - 1 + count * (12 if unit == "y" else 1)
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def unit_number(unit: str, day: date) -> int:
    """Which year, quarter or month a day lies in, counted from the year 0."""
    return {"year": day.year, "quarter": day.year * 4 + (day.month - 1) // 3, "month": day.year * 12 + day.month}[unit]


def day_of(event: Event, selector: dict[str, Any]) -> date | None:
    """Its anchor in this use: the first present."""
    names = selector.get("by", DEFAULT[event.kind])
    for name in [names] if isinstance(names, str) else names:
        if getattr(event, name) is not None:
            return getattr(event, name)  # type: ignore[no-any-return]
    return None


def is_seen(event: Event, selector: dict[str, Any], view: Viewpoint) -> bool:
    """What stands at or before the viewpoint in the order (day, sequence, id) within one kind; of others the day."""
    day = day_of(event, selector)
    assert day is not None
    if view.event is not None and view.event.kind == event.kind:
        if selector.get("before") and event.id == view.event.id:
            return False
        return (day, event.sequence, event.id) <= (view.day, view.event.sequence, view.event.id)
    if selector.get("before") and view.event is None:
        return day < view.day
    return day <= view.day


def is_in_window(event: Event, selector: dict[str, Any], view: Viewpoint) -> bool:
    """`within: P` counts an event of day d on D iff d <= D <= add(d, P); a calendar window that unit of the calendar."""
    within, day = selector.get("within"), day_of(event, selector)
    assert day is not None
    if within is None:
        return True
    if isinstance(within, str):
        return day <= view.day <= add(day, within)
    unit = within["calendar"]
    return bool(unit_number(unit, day) == unit_number(unit, view.day) - within.get("back", 0))


def taken(selector: dict[str, Any], events: Iterable[Event], view: Viewpoint) -> list[Event]:
    """First `where`; then the window; then `per`, `last`."""
    events = list(events)
    found = [each for each in events if each.kind == selector["kind"] and each.standing in ("found", "final")]
    found = [
        each for each in found if all(getattr(each, name) == code for name, code in selector.get("where", {}).items())
    ]
    found.sort(key=lambda each: (day_of(each, selector), each.sequence, each.id))
    found = [each for each in found if is_seen(each, selector, view) and is_in_window(each, selector, view)]
    if "since" in selector:
        found = after_the_mark(found, selector, taken(selector["since"], events, view))
    if "per" in selector:
        found = earliest_of_equal(found, selector["per"])
    return found[-selector["last"] :] if "last" in selector else found


def after_the_mark(found: list[Event], selector: dict[str, Any], marks: list[Event]) -> list[Event]:
    """From the latest such event, it included (of another kind: its whole day); none: nothing."""
    if not marks:
        return []
    mark, since = marks[-1], selector["since"]
    start = day_of(mark, since)
    assert start is not None
    if since["kind"] != selector["kind"]:
        return [each for each in found if (day_of(each, selector) or start) >= start]
    key = (start, mark.sequence, mark.id)
    return [each for each in found if (day_of(each, selector) or start, each.sequence, each.id) >= key]


def earliest_of_equal(found: list[Event], names: list[str]) -> list[Event]:
    """Of several with equal values the earliest stands; a missing value equals nothing."""
    kept: list[Event] = []
    for each in found:
        values = [getattr(each, name) for name in names]
        equal = [other for other in kept if [getattr(other, name) for name in names] == values]
        if None in values or not equal:
            kept.append(each)
    return kept


def result(op: str, field: str, selector: dict[str, Any], events: Iterable[Event], view: Viewpoint) -> Any:
    """What an aggregate comes to."""
    found = taken(selector, events, view)
    values = [getattr(each, field) for each in found]
    if op == "count":
        return len(found)
    if op == "sum":
        return sum(values)
    if not found:
        return None
    if op == "latest":
        return values[-1]
    if op == "days_since":
        last = day_of(found[-1], selector)
        assert last is not None
        return (view.day - last).days
    return {"highest": max(values), "lowest": min(values), "mean": Fraction(sum(values), len(values))}[op]


# --- made-up selectors and events -----------------------------------------------------------------------------


def drawn_selector(choose: Chooser, *, inner: bool = False) -> dict[str, Any]:
    kind = choose.one(("violation", "inspection"))
    selector: dict[str, Any] = {"kind": kind}
    if choose.chance(40):
        selector["where"] = {"severity": "severe"} if kind == "violation" else {"result": "fail"}
    if choose.chance(40):
        selector["by"] = choose.one(BY)
    if choose.chance(50):
        selector["within"] = choose.one(PERIODS) if choose.chance(70) else choose.one(CALENDARS)
    if choose.chance(25):
        selector["before"] = True
    if choose.chance(25):
        selector["per"] = choose.one((["document"], ["document", "authority"]))
    if choose.chance(25):
        selector["last"] = choose.number(1, 3)
    if not inner and choose.chance(30):
        selector["since"] = drawn_selector(choose, inner=True)
        if selector["since"]["kind"] == kind:
            selector["since"] |= {"by": selector.get("by", DEFAULT[kind])}
    return selector


def drawn_events(choose: Chooser) -> list[Event]:
    hub = choose.one(HUBS)
    days = [
        hub,
        hub + ONE_DAY,
        add(hub, choose.one(PERIODS)),
        add(hub, choose.one(PERIODS)) + ONE_DAY,
        hub - 40 * ONE_DAY,
    ]
    events: list[Event] = []
    for place in range(choose.number(1, 8)):
        shared: dict[str, Any] = {
            "id": f"E{choose.number(0, 3)}{place}",
            "party": "P1",
            "sequence": choose.number(0, 2),
            "document": choose.one(("D1", "D2", None)),
            "authority": choose.one(("A", "B")),
            "occurred": choose.one(days),
            "decided": choose.one(days),
            "published": choose.one((None, *days)),
            "effective": choose.one((None, *days)),
            "standing": choose.one(("found", "final", "found", "alleged")),
        }
        if choose.chance(50):
            events.append(Violation(**shared, severity=choose.one(("severe", "minor")), fine=choose.number(0, 3)))
        else:
            score = Thousandths(choose.number(0, 3) * 500)
            events.append(Inspection(**shared, result=choose.one(("fail", "pass")), score=score))
    return events


def as_written(op: str, field: str, selector: dict[str, Any]) -> dict[str, Any]:
    """The indicator as an author writes it."""
    keys = {key: value for key, value in selector.items() if key not in ("kind", "since")}
    if "since" in selector:
        since = {key: value for key, value in selector["since"].items() if key != "kind"}
        keys["since"] = {"each": selector["since"]["kind"], **since}
    takes = {"latest": {"take": field}, "count": {}, "days_since": {}}.get(op, {"of": field})
    return {op: selector["kind"], **takes, **keys}


@given(st.data())
def test_the_engine_takes_the_events_that_the_design_names(data: st.DataObject) -> None:
    choose = Chooser(data.draw)
    selector, events, op = drawn_selector(choose), drawn_events(choose), choose.one(AGGREGATES)
    field = "fine" if selector["kind"] == "violation" else "score"
    written = as_written(op, field, selector)
    policy = read_policy(as_data({"policy": "p", "title": {"en": "P"}, "indicators": {"x": written}}))
    asker = choose.one(events) if choose.chance(50) else None
    days = [day for each in events for day in (each.occurred, each.decided) if day is not None]
    view = Viewpoint(choose.one(days) + choose.number(0, 1) * ONE_DAY)
    if asker is not None:
        view = Viewpoint(getattr(asker, DEFAULT[asker.kind]), asker)
    named = None if asker is None else f"{asker.kind}/{asker.id}"
    given_answer = assess(Dossier(Operator(id="P1"), events), policy, view.day, event=named)
    expected = result(op, field, selector, events, view)
    assert same(given_answer.indicators["x"], expected, selector["kind"]), (
        written,
        view,
        expected,
        given_answer.indicators,
    )


def same(value: Any, expected: Any, kind: str) -> bool:
    """Whether the engine's value is the expected one; a mean of decimals comes out in whole units."""
    if isinstance(expected, Fraction) and kind == "inspection":
        return Fraction(value) * (1 if isinstance(value, Thousandths) else 1000) == expected
    return bool(value == expected)
