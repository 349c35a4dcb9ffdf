"""Which events a selector takes, and which it only may take.

The order is that of design 4: `standing`, `where`, `same`; then the window (`within`, `since`, `before`); then `per`,
`last`; then elements. Events of one kind stand in the order (day, `sequence`, id), so everything seen from a viewpoint
is the head of a sorted list, and a window cuts off its older part.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache, partial
from typing import Any, NamedTuple

from credit_engine.assessing.scene import Build, Candidates, Entry, Frame, Position
from credit_engine.assessing.unknown import NONE, NOT_IN_FORCE, Truth, both, is_plain
from credit_engine.days import CalendarWindow, Period, add
from credit_engine.policy.nodes import (
    Constant,
    Node,
    Selector,
)
from credit_engine.records import Event

ONE_DAY = timedelta(days=1)
_REMEMBERED = 4096  # days, more than ten years of them


class Taken(NamedTuple):
    """What a selector takes, in order.

    `undated`: doubtful ones that could stand at any place. `hidden_until`: the last day on which any number of
    unrecorded ones could stand (none: nowhere). `endless`: any number of elements could be missing from a list.
    `day`: the viewpoint's day, `None` if that is unknown.
    """

    entries: list[Entry]
    undated: list[Entry]
    hidden_until: date | None
    day: date | None
    endless: bool = False

    @property
    def is_certain(self) -> bool:
        """Whether nothing about it is doubtful."""
        return not (
            self.undated or self.endless or self.hidden_until is not None or any(e.doubtful for e in self.entries)
        )


@lru_cache(maxsize=32)
def adding(period: Period) -> Callable[[date], date | None]:
    """`add` of one period; by years, months and days it is remembered, by working days it is looked up anyway."""
    later = partial(add, period=period)
    return later if period.unit == "wd" else lru_cache(maxsize=_REMEMBERED)(later)


class Matched:
    """Candidates that satisfy `where` and `same`, in order, with what makes windows quick."""

    __slots__ = ("_ends", "_period", "days", "entries", "is_certain", "keys", "undated")

    def __init__(self, entries: list[Entry], undated: list[Entry]) -> None:
        self.entries = entries
        self.undated = undated
        self.keys = [entry.key for entry in entries]
        self.days = [key[0] for key in self.keys]
        self.is_certain = not (undated or any(entry.doubtful for entry in entries))
        self._period: Period | None = None
        self._ends: list[date | None] = []

    def ends(self, period: Period) -> list[date | None]:
        """For each entry the last day on which a window of this length still holds it; `None` beyond the calendar."""
        if period is not self._period:
            self._period, self._ends = period, list(map(adding(period), self.days))
        return self._ends


def selector(node: Selector, build: Build) -> Callable[[Frame], Taken]:
    """The function that gives what the selector takes from a viewpoint."""
    match = _matching(node, build)
    narrow = _window(node, build)
    per = tuple(build(value) for value in node.per)
    expand = _elements(node, build)
    viewpoint_at = None if node.at is None else _day_in(node.at)

    def taken(frame: Frame) -> Taken:
        day, position = (frame.day, frame.position) if viewpoint_at is None else (viewpoint_at(frame), None)
        found = match(frame)
        if day is None:  # the viewpoint itself is unknown: each of them may be seen, or none
            entries = [entry._replace(doubtful=True) for entry in found.entries]
            result = Taken(entries, found.undated, frame.scene.hidden_until(node.kind), None)
        else:
            result = _look(node, frame, found, day, position, narrow)
        if node.before:
            result = _without(_asker(node, frame), result)
        if per:
            result = result._replace(entries=frame.scene.earliest(result.entries, result.undated, per))
        if node.last is not None:
            result = _newest(result, node.last)
        return expand(result, frame) if expand else result

    return taken


def quick_count(node: Selector, build: Build) -> Callable[[Frame], int | None] | None:
    """How many events a selector takes, told by places in their order; `None` where something is doubtful.

    Only for a selector that takes what is seen from the viewpoint, within a period or at any time; else no function.
    """
    if node.at or node.since or node.before or node.per or node.last is not None or node.element:
        return None
    match = _matching(node, build)
    period_of = None if node.within is None else build(node.within)
    kind = node.kind

    def counted(frame: Frame) -> int | None:
        found = match(frame)
        scene = frame.scene
        if not found.is_certain or (scene.coverage and scene.hidden_until(kind) is not None):
            return None
        day, position = frame.day, frame.position
        if position is not None and position[0] == kind:
            stop = bisect_right(found.keys, (day, position[1], position[2]))
        else:
            stop = bisect_right(found.days, day)
        if period_of is None:
            return stop
        period = period_of(frame)
        ends = found.ends(period) if isinstance(period, Period) else [None]
        if ends and (ends[0] is None or ends[-1] is None):  # beyond the calendar, or no period: see `_within`
            return None
        return stop - bisect_left(ends, day, 0, stop)  # type: ignore[type-var]  # no None among them

    return counted


def _day_in(name: str) -> Callable[[Frame], date | None]:
    """The day in a field of the event at hand, from which the selector looks instead of the asker's viewpoint."""

    def day(frame: Frame) -> date | None:
        return frame.scene.program.field(frame.event.kind, name)(frame.event)  # type: ignore[no-any-return]  # a date

    return day


def _matching(node: Selector, build: Build) -> Callable[[Frame], Matched]:
    """The candidates that satisfy `where` and `same`; found once where they do not depend on who asks."""
    of_each = _matching_each(node, build)
    every = node.where == Constant(holds=True) and not node.same
    key = ("matched", id(node))

    def match(frame: Frame) -> Matched:
        found = frame.scene.found.get(key) if node.settled else None
        if found is not None:
            return found  # type: ignore[no-any-return]  # kept under this key by this function only
        candidates = frame.scene.candidates(node.kind, node.by, node.standing)
        matched = Matched(*candidates) if every else of_each(frame, candidates)
        if node.settled:
            frame.scene.found[key] = matched
        return matched

    return match


def _matching_each(node: Selector, build: Build) -> Callable[[Frame, Candidates], Matched]:
    where = build(node.where)
    same = tuple((build(theirs), build(ours)) for theirs, ours in node.same)

    def under(law: date, frame: Frame, event: Event) -> Truth:
        at_event = Frame(frame.scene, frame.day, frame.position, event, law)
        truth: Truth = where(at_event)
        if not same:
            return truth
        for theirs, ours in same:
            if truth is False:
                break
            truth = both(truth, _equal(theirs(at_event), ours(frame)))
        return truth

    def may_be_meant(frame: Frame, event: Event) -> bool:
        return any(under(law, frame, event) is not False for law in frame.scene.law_days(frame.scene.plan.law, event))

    def of_each(frame: Frame, candidates: Candidates) -> Matched:
        law, law_day = frame.scene.plan.law, frame.scene.law_day
        entries = []
        for entry in candidates.dated:
            event = entry.event
            truth = under(law_day(law, event, entry.key[0]), frame, event)
            if truth is not False:
                entries.append(entry if truth else entry._replace(doubtful=True))
        return Matched(entries, [entry for entry in candidates.undated if may_be_meant(frame, entry.event)])

    return of_each


def _equal(theirs: object, ours: object) -> Truth:
    if is_plain(theirs) and is_plain(ours):
        return theirs == ours
    return False if theirs is NONE or ours is NONE else None


NONE_MAYBE: frozenset[int] = frozenset()


class Window(NamedTuple):
    """What lies inside a window: places `[start, stop)` of the matched entries, some of them only maybe.

    `undated`: whether entries without a day may lie inside. `hidden_until`: see `Taken`.
    """

    start: int
    stop: int
    maybe: frozenset[int]
    undated: bool
    hidden_until: date | None

    def cut(self, other: Window) -> Window:
        """What lies inside both."""
        hidden = None if self.hidden_until is None or other.hidden_until is None else self.hidden_until
        return Window(
            max(self.start, other.start),
            min(self.stop, other.stop),
            self.maybe | other.maybe,
            self.undated and other.undated,
            hidden,
        )


Narrow = Callable[[Frame, Matched, Window, date], Window]


def _look(
    node: Selector, frame: Frame, found: Matched, day: date, position: Position | None, narrow: Narrow | None
) -> Taken:
    """The entries seen from the viewpoint and inside the window."""
    own_kind = position is not None and position[0] == node.kind
    hidden = frame.scene.hidden_until(node.kind)
    last = day
    if own_kind:
        stop = bisect_right(found.keys, (day, position[1], position[2]))  # type: ignore[index]  # a position by the line above
    elif node.before and position is None:
        stop = bisect_left(found.days, day)
        last = day - ONE_DAY if day > date.min else day
    else:
        stop = bisect_right(found.days, day)
    seen = Window(0, stop, NONE_MAYBE, True, None if hidden is None else min(hidden, last))  # noqa: FBT003  # see Window
    inside = seen if narrow is None else narrow(frame, found, seen, day)
    entries = found.entries[inside.start : inside.stop]
    if inside.maybe:
        entries = [
            entry._replace(doubtful=True) if place in inside.maybe else entry
            for place, entry in enumerate(entries, inside.start)
        ]
    return Taken(entries, found.undated if inside.undated else [], inside.hidden_until, day)


def _asker(node: Selector, frame: Frame) -> str | None:
    """The event of this kind that looks: the viewpoint, or with `at` the one whose day is; none where a day looks."""
    if node.at is not None:
        return frame.event.id if frame.event.kind == node.kind else None
    position = frame.position
    return position[2] if position is not None and position[0] == node.kind else None


def _without(asker: str | None, taken: Taken) -> Taken:
    """`before`: no event is earlier than itself, also where the day by which it would be placed is not known."""
    entries = [entry for entry in taken.entries if entry.event.id != asker]
    return taken._replace(entries=entries, undated=[entry for entry in taken.undated if entry.event.id != asker])


def _window(node: Selector, build: Build) -> Narrow | None:
    """What `within` and `since` leave of the entries seen; none if there is no window."""
    period_of = build(node.within) if node.within is not None else None
    since_of = build(node.since) if node.since is not None else None
    own_kind = node.since is not None and node.since.kind == node.kind
    if period_of is None and since_of is None:
        return None

    def within(frame: Frame, found: Matched, seen: Window, day: date) -> Window:
        return seen if period_of is None else _within(period_of(frame), found, seen, day)

    if since_of is None:
        return within

    def narrow(frame: Frame, found: Matched, seen: Window, day: date) -> Window:
        since = _since(since_of(frame), found, seen, own_kind=own_kind)
        return within(frame, found, seen, day).cut(since)

    return narrow


def _within(length: object, found: Matched, seen: Window, day: date) -> Window:
    """The window of a period (`d <= day <= add(d, P)`) or of a calendar unit."""
    if isinstance(length, CalendarWindow):
        days = length.days(day)
        if days is None:
            return seen._replace(stop=0, undated=False, hidden_until=None)
        hidden = seen.hidden_until if seen.hidden_until is not None and seen.hidden_until >= days[0] else None
        start, stop = bisect_left(found.days, days[0]), min(seen.stop, bisect_right(found.days, days[1]))
        return Window(start, stop, frozenset(), undated=True, hidden_until=hidden)
    if not isinstance(length, Period):  # the length itself is unknown: whatever is seen only may lie inside
        if length is NOT_IN_FORCE:
            return seen._replace(stop=0, undated=False, hidden_until=None)
        return seen._replace(maybe=frozenset(range(seen.stop)))
    hidden = seen.hidden_until
    if hidden is not None:
        reach = add(hidden, length)
        hidden = hidden if reach is None or reach >= day else None
    ends = found.ends(length)
    if not ends or (ends[0] is not None and ends[-1] is not None):  # beyond the calendar lie the first and last ones
        start = bisect_left(ends, day, 0, seen.stop)  # type: ignore[type-var]  # no None among them
        return Window(start, seen.stop, NONE_MAYBE, True, hidden)  # noqa: FBT003  # see Window
    start = seen.stop
    while start > 0 and ((end := ends[start - 1]) is None or end >= day):
        start -= 1
    maybe = frozenset(place for place in range(start, seen.stop) if ends[place] is None)
    return Window(start, seen.stop, maybe, undated=True, hidden_until=hidden)


def _since(marks: Taken, found: Matched, seen: Window, *, own_kind: bool) -> Window:
    """From the latest such event on: it included, and its whole day where it is of another kind.

    Where a later one only may exist, what lies before it only may lie inside.
    """

    def place(mark: Entry) -> int:
        return bisect_left(found.keys, mark.key) if own_kind else bisect_left(found.days, mark.day)

    certain = next((mark for mark in reversed(marks.entries) if not mark.doubtful), None)
    start = 0 if certain is None else place(certain)
    possible = [place(mark) for mark in marks.entries if mark.doubtful and (certain is None or mark.key > certain.key)]
    anywhere = bool(marks.undated) or (
        marks.hidden_until is not None and (certain is None or certain.day <= marks.hidden_until)
    )
    if certain is None and not possible and not anywhere:
        return seen._replace(start=seen.stop, undated=False, hidden_until=None)
    if certain is None and not anywhere:
        start = min(possible)
    sure_from = seen.stop if certain is None or anywhere else max(possible, default=start)
    hidden = seen.hidden_until
    if hidden is not None and certain is not None and certain.day > hidden:
        hidden = None
    return Window(start, seen.stop, frozenset(range(start, sure_from)), undated=True, hidden_until=hidden)


def _newest(taken: Taken, most: int) -> Taken:
    """The last `most` of them; one that a doubtful later one could push out is doubtful."""
    kept: list[Entry] = []
    certain = 0
    doubtful = len(taken.undated)
    hidden = taken.hidden_until
    for entry in reversed(taken.entries):
        if certain >= most:
            break
        hidden_later = hidden is not None and entry.day <= hidden
        sure = not entry.doubtful and certain + doubtful < most and not hidden_later
        kept.append(entry if sure else entry._replace(doubtful=True))
        doubtful, certain = (doubtful + 1, certain) if entry.doubtful else (doubtful, certain + 1)
    if hidden is not None and sum(not entry.doubtful and entry.day > hidden for entry in taken.entries) >= most:
        hidden = None
    return taken._replace(entries=kept[::-1], hidden_until=hidden)


def _elements(node: Selector, build: Build) -> Callable[[Taken, Frame], Taken] | None:
    """One entry for each element of the list field whose `item` part of `where` holds; none if no list is named."""
    if node.element is None:
        return None
    read = build(node.element)
    item_where = build(node.item_where) if node.item_where is not None else None

    def of(entry: Entry, frame: Frame) -> list[Entry] | None:
        scene = frame.scene
        day = None if entry.is_undated else entry.day
        elements = read(frame.at_hand(entry.event, scene.law_day(scene.plan.law, entry.event, day)))
        if not is_plain(elements):
            return None
        found = []
        for item in in_order(elements):
            truth = True if item_where is None else scene.is_so(item_where, frame, entry.event, day, item)
            if truth is not False:
                found.append(entry._replace(item=item, doubtful=entry.doubtful or truth is None))
        return found

    def expand(taken: Taken, frame: Frame) -> Taken:
        placed = [of(entry, frame) for entry in taken.entries]
        undated = [of(entry, frame) for entry in taken.undated]
        return taken._replace(
            entries=[element for elements in placed for element in elements or ()],
            undated=[element for elements in undated for element in elements or ()],
            endless=None in placed or None in undated,
        )

    return expand


def in_order(elements: Any) -> list[Any]:  # Any: a tuple of a list field or a frozenset of codes
    """The elements of a list as they stand, of a set by code point."""
    return sorted(elements) if isinstance(elements, frozenset) else list(elements)


TABLE: dict[type[Node], Callable[[Any, Build], Callable[[Frame], Taken]]] = {Selector: selector}  # Any: its own node
