"""Events that a selector takes, on days inside its window, and elements that a condition takes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from attrs import evolve

from credit_engine.days import CalendarWindow, Period
from credit_engine.policy import nodes as n
from credit_engine.quantities import fits
from credit_engine.testing.drafted import back, read
from credit_engine.testing.drafts import Draft, Scope, Sketch
from credit_engine.testing.drawn_records import ONE_DAY, drawn_value
from credit_engine.testing.wishing import bring, meet


def select(
    draft: Draft,
    selector: n.Selector,
    scope: Scope,
    of: tuple[n.Value, Any] | None = None,  # Any: a value of any type
    day: date | None = None,
) -> Sketch | None:
    """Another event that a selector takes, seen from a scope; none where the draft is full. `of`: a value it has."""
    if draft.room <= 0:
        return None
    view = scope.day
    if selector.at is not None and scope.event is not None:
        view = scope.event.values.get(selector.at) or view
    if selector.since is not None:
        select(draft, selector.since, evolve(scope, day=view))
    made = draft.sketch(selector.kind, scope.party)
    made.pin("standing", _standing(draft, selector))
    made.pin(selector.by[0], day or _within(draft, selector, view, scope))
    if scope.since is not None and draft.choose.chance(80):
        _not_before(draft, made, selector.by[0], min(scope.since, view))
    inner = Scope(scope.party, view, event=made, decision=scope.decision)
    if selector.kind in draft.plan.admits:
        meet(draft, draft.plan.admits[selector.kind].where, inner)
    meet(draft, selector.where, inner)
    for theirs, ours in selector.same:
        bring(draft, theirs, read(draft, ours, scope), inner)
    if selector.element is not None and isinstance(selector.element, n.EventField) and selector.item_where is not None:
        one = element(draft, made, selector.element.name, selector.item_where, inner)
        made.pin(selector.element.name, (one,))
    if of is not None:
        bring(draft, of[0], of[1], inner)
    return made


def _not_before(draft: Draft, event: Sketch, own: str, since: date) -> None:
    """Move the event's own day, and the days of the law that is read of it, to when that law is in force."""
    event.values[own] = max(event.values[own], since)
    for name in draft.plan.law.anchors:
        found = event.values.get(name)
        if name not in event.pinned and isinstance(found, date) and found < since:
            event.values[name] = event.values[own]


def _standing(draft: Draft, selector: n.Selector) -> str:
    return "found" if "found" in selector.standing else draft.choose.one(sorted(selector.standing))


def _within(draft: Draft, selector: n.Selector, view: date, scope: Scope) -> date:
    """A day on which an event is inside the window of a selector: mostly near its ends."""
    choose = draft.choose
    window = read(draft, selector.within, scope) if selector.within is not None else None
    last = view - ONE_DAY if selector.before else view
    if isinstance(window, CalendarWindow):
        begins, ends = _calendar(window, view)
        return min(choose.one((ends, begins, begins + ONE_DAY)), last)
    first = back(view, window) if isinstance(window, Period) else last - timedelta(days=choose.number(0, 60))
    draw = choose.number(0, 9)
    if draw < 4:
        return last
    if draw < 6:
        return min(first, last)
    return last - timedelta(days=choose.number(0, min(60, max(0, (last - first).days))))


def review_day(review: str, day: date) -> date:
    """The first day of the period of review in which a day lies."""
    unit = {"yearly": "year", "quarterly": "quarter", "monthly": "month"}[review]
    return _calendar(CalendarWindow(unit), day)[0]  # type: ignore[arg-type]  # one of the three units


def _calendar(window: CalendarWindow, view: date) -> tuple[date, date]:
    """The first and last day of a calendar window."""
    size = {"year": 12, "quarter": 3, "month": 1}[window.unit]
    month = ((view.year * 12 + view.month - 1) // size - window.back) * size
    after = month + size
    return date(month // 12, month % 12 + 1, 1), date(after // 12, after % 12 + 1, 1) - ONE_DAY


def element(draft: Draft, event: Sketch, name: str, where: n.Condition, scope: Scope) -> Any:  # Any: an element
    """An element of a list field that a condition on `item` takes."""
    type_ = draft.plan.field_types[event.kind][name]
    of = type_.of
    if of is None:
        raise AssertionError(type_)
    given = drawn_value(draft.pen, name, of, "item")
    drawn = given if of.name == "record" else {"": given}
    item = dict(drawn)
    meet(draft, where, evolve(scope, event=event, item=item))
    types = of.fields if of.name == "record" else {"": of}
    fitting = {part: value if fits(value, types[part]) else drawn[part] for part, value in item.items()}
    return fitting if of.name == "record" else fitting[""]
