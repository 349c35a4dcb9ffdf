"""Spans: from which day to which last day something counts, as it stands on the day judged.

The order of parts is that of design 3: `for` or `until`, `to_end_of`, `plus`, `pauses`, `rolls`, `or_until` (the later
day wins), `until_next` (cuts), `or_while` (holds open while its condition holds).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from attrs import evolve

from credit_engine.assessing.scene import AtHand, Build, Compiled, Entry, Frame, LawFrame, Scene
from credit_engine.assessing.selecting import Taken
from credit_engine.assessing.unknown import DOUBTFUL, NONE, NOT_IN_FORCE, Special, Truth, is_plain
from credit_engine.days import Period, add, last_day
from credit_engine.policy.nodes import (
    All,
    Any_,
    Condition,
    Constant,
    EventField,
    Listed,
    Literal,
    Node,
    OnList,
    Parameter,
    Pauses,
    Span,
    SpanRow,
    walk,
)
from credit_engine.policy.nodes import (
    Truth as IsTrue,
)

ONE_DAY = timedelta(days=1)
_REMEMBERED = 4096  # days, more than ten years of them
LATEST_DAY = date.max  # the last day of a span without end


class Stretch(NamedTuple):
    """The days a span covers: the first, and the last one, which lies between `last` and `last_at_most`.

    `first` is `None` if it is unknown. An endless span ends on `LATEST_DAY`.
    """

    first: date | None
    last: date
    last_at_most: date

    @property
    def is_known(self) -> bool:
        """Whether both ends are known."""
        return self.first is not None and self.last == self.last_at_most

    def covers(self, day: date) -> Truth:
        """Whether the span covers a day."""
        if day > self.last_at_most:
            return False
        if self.first is None:
            return None
        if day < self.first:
            return False
        return True if day <= self.last else None


ALWAYS = Stretch(date.min, LATEST_DAY, LATEST_DAY)
UNKNOWN_STRETCH = Stretch(None, date.min, LATEST_DAY)
Measure = Callable[[Frame, date | None], Stretch | None]


def span(node: Span, build: Build) -> Measure:
    """The stretch of the first row that holds, given the rule's own day; `None` where the span is not in force.

    Where it is not known which row that is, the end lies between those of the rows that may be meant.
    """
    rows = tuple((build(row.condition), row.basis, _row(row, build)) for row in node.rows)
    if len(rows) == 1 and node.rows[0].condition == Constant(holds=True) and not node.rows[0].basis:
        return rows[0][2]

    def stretch(frame: Frame, by_day: date | None) -> Stretch | None:
        found: list[Stretch] = []
        in_force = False
        for condition, basis, measure in rows:
            if not frame.scene.program.in_force(basis, frame.law):
                continue
            in_force = True
            truth = condition(frame)
            if truth is False:
                continue
            one = measure(frame, by_day)
            if truth is True and not found:
                return one
            found.append(UNKNOWN_STRETCH if one is None else one)
            if truth is True:
                return _any_of(found)
        return UNKNOWN_STRETCH if in_force else None

    return stretch


def _any_of(found: list[Stretch]) -> Stretch:
    """The stretch where nobody knows which of these it is: what they agree on is known."""
    first = found[0].first if len({one.first for one in found}) == 1 else None
    return Stretch(first, min(one.last for one in found), max(one.last_at_most for one in found))


def _row(row: SpanRow, build: Build) -> Measure:
    from_of = None if row.from_ is None else tuple(build(value) for value in row.from_)
    is_plain_period = row == SpanRow(row.condition, row.basis, row.from_, row.for_)
    if is_plain_period and isinstance(row.for_, Literal) and (from_of is None or len(from_of) == 1):
        return _fixed_row(from_of[0] if from_of else None, row.for_.value)
    base = _base(row, build)
    later = build(row.or_until) if row.or_until is not None else None
    next_of = build(row.until_next) if row.until_next is not None else None
    open_while = None if row.or_while is None else build(row.or_while)
    lists = None if row.or_while is None else lists_only(row.or_while)

    def at_least(first: date) -> date:
        """The last sure day where it is not known: a period covers its first day, a named day may lie before it."""
        return first if row.until is None else date.min

    def measure(frame: Frame, by_day: date | None) -> Stretch | None:
        first = by_day if from_of is None else _first_present(frame, from_of)
        if first is NOT_IN_FORCE:
            return None
        if not isinstance(first, date):
            return UNKNOWN_STRETCH
        last = base(frame, first)
        if last is NOT_IN_FORCE:
            return None
        stretch = Stretch(first, last, last) if isinstance(last, date) else Stretch(first, at_least(first), LATEST_DAY)
        if later is not None:
            stretch = _or_until(stretch, later(frame))
        if next_of is not None:
            stretch = _until_next(stretch, next_of(_from_the_day_judged(frame)))
        return stretch if open_while is None else _or_while(stretch, open_while, frame, lists)

    return measure


def _fixed_row(first_of: Compiled | None, period: Period) -> Measure:
    """The stretch of a row that is a period written in the policy and nothing else; remembered by its first day."""

    @lru_cache(maxsize=_REMEMBERED)
    def stretch(first: date) -> Stretch:
        last = add(first, period)
        return Stretch(first, first, LATEST_DAY) if last is None else Stretch(first, last, last)

    def measure(frame: Frame, by_day: date | None) -> Stretch | None:
        first = by_day if first_of is None else first_of(frame)
        if isinstance(first, date):
            return stretch(first)
        return None if first is NOT_IN_FORCE else UNKNOWN_STRETCH

    return measure


def _first_present(frame: Frame, values: tuple[Compiled, ...]) -> Any:  # Any: a date, None or a special value
    for value in values:
        day = value(frame)
        if day is not None and day is not NONE:
            return day
    return None


def _base(row: SpanRow, build: Build) -> Callable[[Frame, date], Any]:  # Any: a date or a special value
    """The last day by `for` or `until`, `to_end_of`, `plus`, `pauses` and `rolls`."""
    for_of = build(row.for_) if row.for_ is not None else None
    until_of = build(row.until) if row.until is not None else None
    plus = tuple((build(extra.condition), build(extra.for_)) for extra in row.plus)
    pauses = _pauses(row.pauses, build) if row.pauses is not None else None

    def last(frame: Frame, first: date) -> Any:  # Any: as above
        until = until_of(frame) if until_of is not None else None
        if until is NONE or (until_of is None and for_of is None and row.to_end_of is None):
            return LATEST_DAY
        if until_of is not None and not isinstance(until, date):
            return until if until is NOT_IN_FORCE else DOUBTFUL
        period = for_of(frame) if for_of is not None else None
        if isinstance(period, Special) or (period is None and for_of is not None):
            return period if period is NOT_IN_FORCE else DOUBTFUL
        extensions = _extensions(frame, plus)
        paused = pauses(frame) if pauses is not None else ()
        if not isinstance(extensions, tuple) or not isinstance(paused, tuple):
            return NOT_IN_FORCE if NOT_IN_FORCE in (extensions, paused) else DOUBTFUL
        unit: Any = row.to_end_of  # Any: a calendar unit, checked when the policy is read
        return last_day(first, period, extensions, paused, row.rolls, until=until, to_end_of=unit) or DOUBTFUL

    return last


def _extensions(frame: Frame, plus: tuple[tuple[Compiled, Compiled], ...]) -> Any:  # Any: periods, or a special value
    found = []
    for condition, period_of in plus:
        truth = condition(frame)
        if truth is False:
            continue
        period = period_of(frame)
        if truth is None or not is_plain(period):
            return NOT_IN_FORCE if period is NOT_IN_FORCE else DOUBTFUL
        found.append(period)
    return tuple(found)


def _pauses(node: Pauses, build: Build) -> Callable[[Frame], Any]:  # Any: intervals `[from, until)`, or DOUBTFUL
    elements_of, where = build(node.of), build(node.where)

    def intervals(frame: Frame) -> Any:  # Any: as above
        elements = elements_of(frame)
        if not is_plain(elements):
            return () if node.empty_if_missing and elements is None else DOUBTFUL
        found = []
        for element in elements:
            truth = where(frame.at_hand(frame.event, frame.law, element))
            if truth is False:
                continue
            days = (element.get("from"), element.get("until"))
            if truth is None or None in days:
                return DOUBTFUL
            found.append(days)
        return tuple(found)

    return intervals


def as_measured(measure: Measure, frame: Frame, by_day: date | None) -> Stretch | None:
    """The stretch under the law of the viewpoint."""
    return measure(frame, by_day)


def under_each_law(measure: Measure, frame: Frame, by_day: date | None) -> Stretch | None:
    """Under `law_of: as_of`: the stretch by today's law, ended on the first day whose own law says that it is over.

    Never backdated, never revived. The law changes on few days, so each stretch of unchanged law is looked at once. The
    entry of a list at hand can only be over once it is listed, and where its term is not in force its end is unknown.
    """
    of_entry = isinstance(frame.item, AtHand)
    today = measure(frame, by_day) or (UNKNOWN_STRETCH if of_entry else None)
    if today is None or (today.first is None and not of_entry):
        return today
    last = at_most = LATEST_DAY
    changes = frame.scene.program.law_changes
    for start, end in zip([date.min, *changes], [*(day - ONE_DAY for day in changes), LATEST_DAY], strict=True):
        law = LawFrame(frame.scene, frame.day, frame.position, frame.event, start, frame.item)
        stretch = measure(law, by_day) or (UNKNOWN_STRETCH if of_entry else None)
        first = _begins(today, stretch, frame)
        if stretch is None or first is None or end < first:
            continue
        eve = max(start, first, date.min + ONE_DAY) - ONE_DAY
        if stretch.last < end:
            last = min(last, max(stretch.last, eve))
        if stretch.last_at_most < end:
            at_most = max(stretch.last_at_most, eve)
            break
    return today._replace(last=min(last, at_most), last_at_most=at_most)


def _begins(today: Stretch, under_law: Stretch | None, frame: Frame) -> date | None:
    """From which day a law is asked whether a span is over: its first day, but not before the entry was listed."""
    first = today.first or (under_law and under_law.first)
    listed = frame.item.listed if isinstance(frame.item, AtHand) else None
    return listed if first is None else first if listed is None else max(first, listed)


def ends_in_order(span_: Span | None, by: tuple[str, ...]) -> bool:
    """Whether of two events the span of the earlier ends no later: a written period from the event's own day."""
    if span_ is None or len(span_.rows) != 1:
        return False
    (row,) = span_.rows
    of_own_day = row.from_ in (None, tuple(EventField(name) for name in by))
    only_for = row == SpanRow(Constant(holds=True), from_=row.from_, for_=row.for_)
    return of_own_day and only_for and isinstance(row.for_, Literal) and row.for_.value.unit != "wd"


def could_reach(span_: Span | None, by: tuple[str, ...], scene: Scene, last: date) -> bool:
    """Whether a span that begins on `last` or before, of an event that may stand unrecorded, could hold today."""
    return span_ is None or any(_row_could_reach(row, by, scene, last) for row in span_.rows)


def _row_could_reach(row: SpanRow, by: tuple[str, ...], scene: Scene, last: date) -> bool:
    """For a plain period from the event's own day (or the day of listing) that can be told; else it could."""
    own_day = row.from_ in (None, (Listed(),), tuple(EventField(name) for name in by))
    extended = (row.until, row.or_until, row.or_while, row.to_end_of, row.pauses)
    if not own_day or row.plus or row.rolls or any(part is not None for part in extended):
        return True
    if isinstance(row.for_, Literal):
        periods = [row.for_.value]
    elif isinstance(row.for_, Parameter):
        periods = [step.value for step in scene.plan.parameters[row.for_.name].values if not step.ended]
    else:
        return True
    reaches = [None if period is None else add(last, period) for period in periods]
    return any(reach is None or reach >= scene.as_of for reach in reaches)


def _or_until(stretch: Stretch, day: Any) -> Stretch:  # Any: a date or a special value
    """The later of the last day and `day`; known to be none changes nothing."""
    if day is NONE or day is NOT_IN_FORCE:
        return stretch
    if not isinstance(day, date):
        return stretch._replace(last_at_most=LATEST_DAY)
    return stretch._replace(last=max(stretch.last, day), last_at_most=max(stretch.last_at_most, day))


def _from_the_day_judged(frame: Frame) -> Frame:
    view = frame.scene.viewpoint
    return Frame(frame.scene, view.day, view.position, frame.event, view.day)


def _until_next(stretch: Stretch, taken: Taken) -> Stretch:
    """Cut on the eve of the first event on a later day than the first one."""
    first = stretch.first
    if first is None:
        return stretch
    after = [entry for entry in taken.entries if entry.key[0] > first]
    certain = next((entry for entry in after if not entry.doubtful), None)
    possible: list[Entry] = [
        entry for entry in after if entry.doubtful and (certain is None or entry.key < certain.key)
    ]
    at_most = stretch.last_at_most if certain is None else min(stretch.last_at_most, certain.key[0] - ONE_DAY)
    at_least = min(stretch.last, at_most)
    if taken.undated or taken.endless or (taken.hidden_until is not None and taken.hidden_until > first):
        at_least = min(at_least, first)
    elif possible:
        at_least = min(at_least, possible[0].key[0] - ONE_DAY)
    return stretch._replace(last=at_least, last_at_most=at_most)


def beginning(node: Span) -> Span:
    """A span that begins on the same day, without what only moves its end: `or_until`, `until_next`, `or_while`."""
    return evolve(node, rows=tuple(evolve(row, or_until=None, until_next=None, or_while=None) for row in node.rows))


def lists_only(condition: Condition) -> tuple[str, ...] | None:
    """The lists that a condition reads, if it reads nothing else that could move with the day."""
    nodes = walk(condition)
    if not all(isinstance(node, All | Any_ | Constant | IsTrue | OnList) for node in nodes):
        return None
    return tuple(sorted({node.list for node in nodes if isinstance(node, OnList)}))


def _or_while(stretch: Stretch, condition: Compiled, frame: Frame, lists: tuple[str, ...] | None) -> Stretch:
    """Held open, day by day, while the condition holds after the last day; once over, over.

    Days on which it surely is as on the one before are passed over, where it reads `lists` and nothing else. What was
    over before the entry at hand was listed, or before the law was as it is, is held open from that day on.
    """
    as_of = frame.scene.as_of
    if not stretch.is_known:
        return stretch._replace(last_at_most=LATEST_DAY)
    last = day = max(stretch.last, _eve_of_asking(frame))
    is_sure = True
    while day < as_of:
        after = day + ONE_DAY
        scene = frame.scene.on(after)
        truth = condition(Frame(scene, after, None, frame.event, frame.law))
        if truth is False:
            return stretch._replace(last=last, last_at_most=day)
        is_sure = is_sure and truth is True
        day = after if lists is None else min((as_of, *(scene.on_list_until(name) for name in lists)))
        last = day if is_sure else last
    return stretch._replace(last=last, last_at_most=day if is_sure else LATEST_DAY)


def _eve_of_asking(frame: Frame) -> date:
    """The last day on which nobody asks yet whether the span is over."""
    days = [frame.item.listed] if isinstance(frame.item, AtHand) and frame.item.listed else []
    days += [frame.law] if isinstance(frame, LawFrame) else []
    return max([date.min + ONE_DAY, *days]) - ONE_DAY


TABLE: dict[type[Node], Callable[[Any, Build], Measure]] = {Span: span}  # Any: its own node
