"""What the slow simulator of lists knows of one entry: its term, what could repair it, what is to be seen of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from attrs import define, field, frozen

from credit_engine.records import Event
from properties.simulated_world import (
    NEVER,
    NO_DAY,
    NOT_IN_FORCE,
    ONE_DAY,
    Truth,
    World,
    Written,
    all_of,
    day_by,
    first_of_next,
    later,
    names,
)


@define
class Entry:
    """One ground on one list, and what has become of it. `maybe`: nobody knows whether it was ever opened.

    `opens`: whether the list's rule opens it today. `undated`: the ground is an event without a day; `could_run`: so
    that its term could run on any. `certain_since`: the newest step that put the party on the list whatever was before.
    """

    ground: str
    event: Event | None
    opened: date
    maybe: bool = False
    opens: Truth = True
    undated: bool = False
    could_run: bool = False
    listed: date | None = None
    decision: Event | None = None
    certain_since: Event | None = None
    steps: list[str] = field(factory=list)
    over: date | None = None
    may_be_over: bool = False
    waited: date | None = None
    repairable: date | None = None

    @property
    def hand(self) -> Event | None:
        """What can be read of the ground: itself, else the decision that names it."""
        return self.event or self.decision

    def begins_anew(self, listed: date | None, decision: Event | None) -> None:
        """Forgets what was over or could be repaired before, and the steps before this one."""
        self.listed, self.decision, self.steps = listed, decision, []
        self.certain_since = self.certain_since if decision else None
        self.over = self.waited = self.repairable = None
        self.may_be_over = False


@frozen
class Shown:
    """What is to be seen of an entry on a day. `until` is given for entries in force."""

    ground: str
    state: str
    listed: date | None
    until: date | None
    end_known: bool
    ground_changed: bool
    repairable_from: date | None


@frozen
class Span:
    """A span on one law day: its first day (`None`: unknown) and its last, at the earliest and at the latest."""

    begin: date | None
    last: date
    at_most: date
    held_open: Truth = False

    @property
    def is_known(self) -> bool:
        """Whether its last day is known."""
        return self.last == self.at_most


UNKNOWN_SPAN = Span(None, date.min, NEVER)


@define
class Spans:
    """The spans of one list, read for its entries."""

    world: World
    name: str
    written: Written
    found: dict[Any, Span] = field(factory=dict)  # Any: what a span depends on

    # --- spans ------------------------------------------------------------------------------------------------

    def span(self, written: Written, entry: Entry, day: date) -> Span:
        """A span of an entry (its term, its repair), under the law that applies on a day; found once."""
        law_day = self.law_day(entry, day)
        if "or_while" in written:
            return self._span(written, entry, law_day, day)
        listed = entry.listed or day
        hand = id(entry.event), id(entry.decision)
        key = (id(written), entry.ground, hand, entry.undated, listed, entry.opened, self.world.version(law_day))
        if key not in self.found:
            self.found[key] = self._span(written, entry, law_day, day)
        return self.found[key]

    def _span(self, written: Written, entry: Entry, law_day: date, day: date) -> Span:
        if "rows" not in written:
            return self._plain(written, entry, law_day, day)
        spans = [self._plain(row, entry, law_day, day) for row in self.rows(written["rows"], entry, law_day)]
        if not spans:
            return UNKNOWN_SPAN
        begins = {span.begin for span in spans}
        last, at_most = min(span.last for span in spans), max(span.at_most for span in spans)
        return Span(begins.pop() if len(begins) == 1 else None, last, at_most)

    def law_day(self, entry: Entry, day: date) -> date:
        """That of the ground, else of the decision, else the day judged."""
        law_day = self.world.law_day(self.written, entry.decision, ("decided",), day)
        return self.world.law_day(self.written, entry.event, self._by(entry), law_day)

    def _by(self, entry: Entry) -> tuple[str, ...]:
        is_ground = entry.event is not None and entry.event.kind == "violation"
        return self.world.selected(self.written["opens"]).by if is_ground and "opens" in self.written else ("decided",)

    def rows(self, rows: Written, entry: Entry, law_day: date) -> list[Written]:
        """The first row that holds, after those before it that may; nothing if none holds for certain."""
        found = []
        for row in rows:
            truth = self.world.holds(row.get("where", {}), self.world.of_event(entry.hand), law_day)
            if truth is False or ("basis" in row and not self.world.in_force(row["basis"], law_day)):
                continue
            found.append(row)
            if truth is True:
                return found
        return []

    def _plain(self, written: Written, entry: Entry, law_day: date, day: date) -> Span:
        period = self._period(written["for"], law_day)
        if period is NOT_IN_FORCE:
            return UNKNOWN_SPAN
        begin = self._begin(written, entry, day)
        held = (
            self.world.holds(written["or_while"], self.world.of_day(day), law_day) if "or_while" in written else False
        )
        if begin is None or period is None:
            return Span(begin, date.min, NEVER, held)
        return Span(begin, *self._last(written, later(begin, period), entry, law_day), held)

    def _period(self, written: str, law_day: date) -> Written:
        return self.world.value(written[1:], law_day) if written.startswith("$") else written

    def _begin(self, written: Written, entry: Entry, day: date) -> date | None:
        if "from" not in written:
            own = None if entry.event is None else day_by(entry.event, self._by(entry))
            return own if own is not None or entry.undated else entry.opened
        for name in names(written["from"]):
            if name == "listed":
                waits = entry.listed is None and not self.written["needs_decision"] and not entry.undated
                return day if waits else entry.listed
            found: date | None = getattr(entry.hand, name, None)
            if found is not None:
                return found
        return None

    def _last(self, written: Written, last: date, entry: Entry, law_day: date) -> tuple[date, date]:
        """The last day, at the earliest and at the latest, after everything that comes on top of the period."""
        if "to_end_of" in written:
            last = first_of_next(written["to_end_of"], last) - ONE_DAY
        read = self.world.of_event(entry.hand)
        for more in written.get("plus", ()):
            truth = self.world.holds(more["where"], read, law_day)
            if truth is None:
                return date.min, NEVER
            last = later(last, more["for"]) if truth else last
        if "or_until" not in written:
            return last, last
        other = read(written["or_until"])
        if other is None:
            return last, NEVER
        last = last if other is NO_DAY else max(last, other)
        return last, last

    # --- the end ----------------------------------------------------------------------------------------------

    def until(self, entry: Entry, day: date) -> tuple[date | None, bool]:
        """The first day on which the term is over, by the law of that day as it is known today; and if that is known.

        No day where it only lasts as long as something else does.
        """
        starts = [day, *(change for change in self.world.changes if change > day)]
        for start, end in zip(starts, [*starts[1:], NEVER], strict=True):
            span = self.span(self.written["term"], entry, start)
            if not span.is_known or entry.may_be_over:
                return None, False
            if span.last < end - ONE_DAY:
                is_held = start == day and span.last < day
                return None if is_held else max(span.last + ONE_DAY, start), True
        return None, False

    # --- repair -----------------------------------------------------------------------------------------------

    def wait(self, entry: Entry, day: date) -> None:
        """Notes the first day after the repair span, and the first from then on that leaves nothing in the way."""
        if "repair" not in self.written or entry.listed is None or entry.repairable is not None:
            return
        last = None if entry.waited else self._waits_until(entry, day)
        if last is not None and last < day:
            entry.waited = day
        if entry.waited is not None and self._may_be_repaired(entry, day):
            entry.repairable = day

    def _waits_until(self, entry: Entry, day: date) -> date | None:
        """The last day of waiting under the law of a day, if that is known and there is one."""
        written = self.written["repair"]
        if "rows" in written:
            rows = self.rows(written["rows"], entry, self.law_day(entry, day))
            written = rows[0] if len(rows) == 1 else {"never": True}
        if "never" in written:
            return None
        span = self.span(written, entry, day)
        return span.last if span.is_known else None

    def repairable_from(self, entry: Entry, day: date) -> date | None:
        """The day noted, or the one to come if nothing stands in the way today."""
        if "repair" not in self.written:
            return None
        if entry.waited is not None:
            return entry.repairable
        last = self._waits_until(entry, day)
        return last + ONE_DAY if last is not None and self._may_be_repaired(entry, day) else None

    def _may_be_repaired(self, entry: Entry, day: date) -> bool:
        written, world = self.written["repair"], self.world
        if "where" in written and not self._is_done(written["where"], entry, day):
            return False
        if "when" in written and world.holds(written["when"], world.of_day(day), day) is not True:
            return False
        return "unless_new" not in written or not self._has_new(written["unless_new"], entry, day)

    def _is_done(self, where: Written, entry: Entry, day: date) -> bool:
        """Whether the newest rectification says so, and any undated one that could be newer."""
        of = (entry.ground, f"{self.name}/P1/{entry.ground}")
        found = [one for one in self.world.facts.events["rectification"] if getattr(one, "of", None) in of]
        dated = [(one.occurred, one.sequence, one.id, one) for one in found if one.occurred and one.occurred <= day]
        newest = [max(dated)[3]] if dated else [None]
        could_be = [*newest, *(one for one in found if one.occurred is None)]
        return all(self.world.holds(where, self.world.of_event(one), day) is True for one in could_be)

    def _has_new(self, written: Mapping[str, Written], entry: Entry, day: date) -> bool:
        chosen = self.world.selected(written)
        for event in self.world.facts.events[chosen.kind]:
            on = day_by(event, chosen.by)
            is_new = on is None or (entry.listed is not None and entry.listed < on <= day)
            if event.standing not in chosen.standing or not is_new:
                continue
            truths = [
                self.world.holds(chosen.where, self.world.of_event(event), law_day)
                for law_day in self._laws(event, on, day)
            ]
            where = truths[0] if len(set(truths)) == 1 else None
            if all_of([where, *(self._is_same(name, entry, event) for name in written.get("same", ()))]) is not False:
                return True
        return False

    def _laws(self, event: Event, on: date | None, day: date) -> list[date]:
        """The days whose law counts for an event that something counts."""
        return self.world.law_days({}, event, day) if on is None else [self.world.law_day({}, event, (), on)]

    def _is_same(self, name: str, entry: Entry, event: Event) -> Truth:
        ours, theirs = getattr(entry.hand, name, None), getattr(event, name, None)
        return None if ours is None or theirs is None else bool(ours == theirs)
