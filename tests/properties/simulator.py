"""A slow second implementation of lists: it walks through every day and does what the design says happens on it.

It reads a policy as written (the part of the language that `drawn_lists` uses) and the records as they are, and shares
nothing with the engines but the records themselves. What is true of an entry on a day is kept from day to day: a term
that was over stays over, an entry that was listed stays listed until something ends it.

`None` is unknown in every condition and value.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from attrs import define, field, frozen

from credit_engine.dossiers import Dossier
from credit_engine.records import Event

Written = Any  # Any: a piece of a policy as written
ONE_DAY = timedelta(days=1)
NEVER = date.max
OPEN = ("proposed", "notified", "listed", "suspended")
MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12, "month": 1, "quarter": 3, "year": 12}
NO_DAY = object()  # known to be none
NOT_IN_FORCE = object()


# --- days -----------------------------------------------------------------------------------------------------


def later(day: date, period: str) -> date:
    """The corresponding day a period later."""
    count, unit = int(period[:-1]), period[-1]
    if unit == "d":
        return day + ONE_DAY * count
    months = day.year * 12 + day.month - 1 + count * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def first_day(unit: str, day: date) -> date:
    """The first day of the month, quarter or year of a day."""
    return date(day.year, (day.month - 1) // MONTHS[unit] * MONTHS[unit] + 1, 1)


def first_of_next(unit: str, day: date) -> date:
    """The first day of the next month, quarter or year."""
    return later(first_day(unit, day), f"{MONTHS[unit]}m")


# --- three truths ---------------------------------------------------------------------------------------------

Truth = bool | None


def all_of(truths: Iterator[Truth] | Sequence[Truth]) -> Truth:
    """False if one is, true if all are."""
    found = list(truths)
    return False if False in found else None if None in found else True


def opposite(truth: Truth) -> Truth:
    """Not."""
    return None if truth is None else not truth


# --- what is known --------------------------------------------------------------------------------------------


@frozen
class Facts:
    """What is known on one day: seen events by kind and standing, those withdrawn, the party's registration."""

    events: Mapping[str, list[Event]]
    withdrawn: frozenset[str]
    given_away: Mapping[str, Event]
    registered: date | None

    @classmethod
    def of(cls, dossier: Dossier, known_at: date) -> Facts:
        """What a dossier says on a day: of each record the newest version that was recorded by then."""
        newest: dict[tuple[str, str], Event] = {}
        for event in dossier.events:
            key = (event.kind, event.id)
            if (event.recorded or date.min) <= known_at and (key not in newest or _age(newest[key]) < _age(event)):
                newest[key] = event
        own = [event for event in newest.values() if event.party == dossier.id]
        kinds = ("violation", "list_decision", "rectification")
        events = {kind: [one for one in own if one.kind == kind and one.standing != "withdrawn"] for kind in kinds}
        gone = frozenset(one.id for one in own if one.standing == "withdrawn" and one.kind == "violation")
        away = {one.id: one for one in newest.values() if one.party != dossier.id and one.kind == "violation"}
        return cls(events, gone, away, getattr(dossier.party_on(known_at), "registered", None))


def _age(event: Event) -> tuple[date, int]:
    return event.recorded or date.min, event.revision


def day_by(event: Event, anchors: Sequence[str]) -> date | None:
    """The first of some days that an event has."""
    return next((day for name in anchors if (day := getattr(event, name, None)) is not None), None)


def names(written: Written) -> tuple[str, ...]:
    """One name or a list of names, as a tuple."""
    return (written,) if isinstance(written, str) else tuple(written)


ANCHORS = {"violation": "decided", "list_decision": "decided", "rectification": "occurred"}


@frozen
class Selected:
    """The keys of a selector that say which events it takes, and by which day."""

    kind: str
    where: Written
    standing: tuple[str, ...]
    by: tuple[str, ...]

    @classmethod
    def of(cls, written: Written, kind: str = "") -> Selected:
        """As written."""
        kind = kind or written["each"]
        return cls(
            kind,
            written.get("where", {}),
            names(written.get("standing", ("found", "final"))),
            names(written.get("by", ANCHORS[kind])),
        )


# --- reading a policy -----------------------------------------------------------------------------------------


@define
class World:
    """A policy and what is known, asked day by day; `on_list` is who is on which list on the day that is judged."""

    policy: Written
    facts: Facts
    on_list: dict[str, Truth] = field(factory=dict)

    def value(self, parameter: str, law_day: date) -> Written:
        """A parameter on a law day: its value, `None` if nobody knows it, `NOT_IN_FORCE` before its time and after."""
        found: Written = NOT_IN_FORCE
        for since, step in sorted(self.policy["parameters"][parameter]["values"].items()):
            if since <= law_day:
                found = NOT_IN_FORCE if step.get("ended") else step["value"]
        return found

    def in_force(self, sources: Written, law_day: date) -> bool:
        """Whether one of some sources is in force."""
        spans = [self.policy["sources"][name]["in_force"] for name in names(sources)]
        return any(span["from"] <= law_day and (span.get("until") or NEVER) > law_day for span in spans)

    def law_day(self, written: Written, event: Event | None, by: Sequence[str], judged: date) -> date:
        """The day whose law applies: as `law_of` says, else the event's own day, else the day judged."""
        law_of = written.get("law_of", self.policy.get("law_of"))
        if law_of == "as_of" or event is None:
            return judged
        return day_by(event, (*(names(law_of) if law_of else ()), *by)) or judged

    def law_days(self, written: Written, event: Event, judged: date) -> list[date]:
        """The days whose law may apply to an event that has no day: any up to the day judged."""
        law_day = self.law_day(written, event, (), NEVER)
        if law_day != NEVER or written.get("law_of", self.policy.get("law_of")) == "as_of":
            return [min(law_day, judged)]
        return [date.min, *(day for day in self.changes() if day <= judged)]

    def changes(self) -> list[date]:
        """The days on which the law changes."""
        steps = [day for parameter in self.policy["parameters"].values() for day in parameter["values"]]
        spans = [source["in_force"] for source in self.policy["sources"].values()]
        return sorted({*steps, *(day for span in spans for day in (span["from"], span.get("until")) if day)})

    # --- conditions -------------------------------------------------------------------------------------------

    def holds(self, condition: Written, read: Written, law_day: date, *, turned: bool = False) -> Truth:
        """Whether a condition holds, or its opposite (`turned`); `read` gives what stands behind a name."""
        truths = [self._one(name, test, read, law_day, turned) for name, test in condition.items()]
        return opposite(all_of([opposite(truth) for truth in truths])) if turned else all_of(truths)

    def _one(self, name: str, test: Written, read: Written, law_day: date, turned: bool) -> Truth:  # noqa: FBT001
        if name == "not":
            return self.holds(test, read, law_day, turned=not turned)
        if name == "any":
            truths = [self.holds(each, read, law_day, turned=turned) for each in test]
            return all_of(truths) if turned else opposite(all_of([opposite(truth) for truth in truths]))
        truth = self._test(read(name), test, law_day)
        if truth is NOT_IN_FORCE:
            return False
        return opposite(truth) if turned else truth

    def _test(self, value: Written, test: Written, law_day: date) -> Written:
        if isinstance(test, Mapping) and "known" in test:
            return (value is not None) == test["known"]
        if isinstance(test, Mapping):
            (word, other), *after = test.items()
            if after:
                base = self.facts.registered
                return None if base is None else value >= later(base, other)
            return self._compare(value, word, other, law_day)
        low, high = value if isinstance(value, tuple) else (value, value)
        if low is None:
            return None
        wanted = test if isinstance(test, list) else [test]
        if low == high:
            return low in wanted
        return None if any(low <= one <= high for one in wanted) else False

    def _compare(self, value: Written, word: str, other: Written, law_day: date) -> Written:
        if isinstance(other, str) and other.startswith("$"):
            other = self.value(other[1:], law_day)
            if other is NOT_IN_FORCE:
                return NOT_IN_FORCE
        if isinstance(other, str) and other.endswith(" yuan"):
            other = int(other.removesuffix(" yuan")) * 100
        if value is None or other is None:
            return None
        if word == "has":
            return other in value
        if word == "only":
            return bool(value) and value <= set(other)
        low, high = value if isinstance(value, tuple) else (value, value)
        test = {"at_least": other.__le__, "above": other.__lt__, "at_most": other.__ge__, "below": other.__gt__}[word]
        return test(low) if test(low) == test(high) else None

    def of_event(self, event: Event | None) -> Written:
        """Reads the fields of an event; a set of penalties that is known denies what it does not hold."""

        def read(name: str) -> Written:
            value = getattr(event, name, None)
            penalties = getattr(event, "penalties", None)
            if value is None and penalties is not None:
                if name == "fine" and "fine" not in penalties:
                    return 0
                if name == "restricted_until" and not penalties & {"restrict_business", "restrict_employment"}:
                    return NO_DAY
            return value

        return read

    def of_day(self, day: date, event: Event | None = None) -> Written:
        """Reads indicators (from a day, or from an event on its day), lists on the day judged, and the day."""

        def read(name: str) -> Written:
            if name == "day":
                return day
            if name.startswith("on_list."):
                return self.on_list[name.removeprefix("on_list.")]
            return self._count(self.policy["indicators"][name], day, event)

        return read

    def _count(self, written: Written, day: date, viewpoint: Event | None) -> tuple[int, int]:
        """How many events are certainly counted, and how many may be."""
        chosen = Selected.of(written, written["count"])
        certain = possible = 0
        for event in self.facts.events[chosen.kind]:
            on = day_by(event, chosen.by)
            if event.standing not in chosen.standing or (on is not None and not _is_seen(event, on, day, viewpoint)):
                continue
            if on is not None and "within" in written and day > later(on, written["within"]):
                continue
            truth = self.holds(chosen.where, self.of_event(event), self.law_day({}, event, chosen.by, day))
            certain += truth is True and on is not None
            possible += truth is not False
        return certain, possible


def _is_seen(event: Event, on: date, day: date, viewpoint: Event | None) -> bool:
    if viewpoint is None or viewpoint.kind != event.kind:
        return on <= day
    return (on, event.sequence, event.id) <= (day, viewpoint.sequence, viewpoint.id)


# --- entries --------------------------------------------------------------------------------------------------


@define
class Entry:
    """One ground on one list, and what has become of it. `maybe`: nobody knows whether it was ever opened."""

    ground: str
    event: Event | None
    opened: date
    maybe: bool = False
    opens: Truth = True
    undated: bool = False
    could_run: bool = False
    too_early: bool = False
    listed: date | None = None
    decision: Event | None = None
    steps: list[str] = field(factory=list)
    over: date | None = None
    may_be_over: bool = False
    waited: date | None = None
    repairable: date | None = None

    @property
    def hand(self) -> Event | None:
        """What can be read of the ground: itself, else the decision that names it."""
        return self.event or self.decision

    def is_listed_anew(self, day: date, decision: Event | None) -> None:
        """Begins (again): what was over or could be repaired before no longer counts."""
        self.listed, self.decision = day, decision
        self.steps = []
        self.may_be_over = False
        self.over = self.waited = self.repairable = None


@frozen
class Shown:
    """What is to be seen of an entry on a day. `until` is given for entries in force.

    `too_early`: it was listed before the day of its own ground, so that nobody can say which days it had.
    """

    ground: str
    state: str
    too_early: bool
    listed: date | None
    until: date | None
    end_known: bool
    ground_changed: Truth
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
class Walk:
    """One list, walked through day by day."""

    world: World
    name: str
    written: Written
    entries: dict[str, Entry] = field(factory=dict)
    suspended: bool = False
    maybe_suspended: bool = False

    # --- a day ------------------------------------------------------------------------------------------------

    def pass_day(self, day: date) -> None:
        """Everything that happens to this list on a day: openings, ends of terms, steps, and ends once more."""
        if "review" in self.written:
            self._review(day)
        elif "opens" in self.written:
            self._open(day)
        self._end(day)
        for step in self.steps_of(day):
            self._take(step, day)
            self._end(day)
        for entry in self.entries.values():
            self._wait(entry, day)

    def _review(self, day: date) -> None:
        period = first_day(self.written["review"], day)
        opens = self.written["opens"]
        if day == period:
            self.entries.clear()
            read = self.world.of_day(period)
            truth = all_of([self.world.in_force(self.written["foundation"], period), self._stands(opens, read, period)])
            if truth is not False:
                entry = Entry(period.isoformat(), None, period, maybe=truth is None)
                entry.listed = None if self.written["needs_decision"] else period
                self.entries[entry.ground] = entry
        self.suspended = "suspended_by" in self.written and self._is_suspended(period, day)

    def _stands(self, opens: Written, read: Written, law_day: date) -> Truth:
        when = self.world.holds(opens.get("when", {}), read, law_day)
        stopped = "unless" in opens and self.world.holds(opens["unless"], read, law_day) is True
        return False if stopped else when

    def _is_suspended(self, period: date, day: date) -> bool:
        chosen = Selected.of(self.written["suspended_by"])
        for event in self.world.facts.events[chosen.kind]:
            on = day_by(event, chosen.by)
            taken = self.world.holds(
                chosen.where, self.world.of_event(event), self.world.law_day({}, event, chosen.by, day)
            )
            in_time = day > period if on is None else period < on <= day
            if event.standing in chosen.standing and in_time and taken is not False:
                return True
        return False

    # --- openings ---------------------------------------------------------------------------------------------

    def opens(self, event: Event, day: date) -> Truth:
        """Whether an event opens an entry, as a day sees it."""
        chosen = Selected.of(self.written["opens"])
        on = day_by(event, chosen.by)
        if event.standing not in chosen.standing or (on is not None and on > day):
            return False
        if on is not None:
            return self._opens_under(self.world.law_day(self.written, event, chosen.by, day), event, on)
        laws = self.world.law_days(self.written, event, day)
        return False if all(self._opens_under(law_day, event, None) is False for law_day in laws) else None

    def _opens_under(self, law_day: date, event: Event, on: date | None) -> Truth:
        opens = self.written["opens"]
        if not self.world.in_force(self.written["foundation"], law_day):
            return False
        read = self.world.of_event(event)
        if "unless" in opens and self.world.holds(opens["unless"], read, law_day) is True:
            return False
        where = self.world.holds(opens.get("where", {}), read, law_day)
        if on is None:
            return where
        return all_of([where, self.world.holds(opens.get("when", {}), self.world.of_day(on, event), law_day)])

    def _open(self, day: date) -> None:
        for event in self.world.facts.events["violation"]:
            truth = self.opens(event, day)
            entry = self.entries.get(event.id)
            if entry is None and truth is not False:
                entry = self.entries[event.id] = Entry(event.id, event, day, maybe=truth is None)
            if entry is None:
                continue
            self._note(entry, event, truth, day)
            begun = self.span(self.written.get("term", {}), entry, day).begin if "term" in self.written else day
            if not self.written["needs_decision"] and entry.listed is None and truth is not False:
                entry.listed = day if begun is not None and begun <= day else None
                entry.could_run = entry.undated and begun is None

    def _note(self, entry: Entry, event: Event, truth: Truth, day: date) -> None:
        """What a day sees of the ground of an entry."""
        on = day_by(event, Selected.of(self.written["opens"]).by)
        entry.opens = truth
        if on is None or on <= day:
            entry.too_early = entry.too_early or (entry.event is None and entry.opened < day)
            entry.event = event
        entry.undated = on is None
        if truth is True and entry.maybe:
            entry.maybe = False
            if entry.decision is None:
                entry.listed = entry.over = entry.waited = entry.repairable = None

    def is_there(self, entry: Entry) -> bool:
        """Whether there is such an entry: one that opens now, or was listed or closed; a proposal may lapse."""
        closed = entry.listed is not None or not {"refuse", "repair", "revoke"}.isdisjoint(entry.steps)
        return not entry.maybe and (closed or entry.decision is not None or entry.opens is True)

    # --- spans ------------------------------------------------------------------------------------------------

    def span(self, written: Written, entry: Entry, day: date) -> Span:
        """A span of an entry (its term, its repair), under the law that applies on a day; `never` has no end."""
        law_day = self._law_day(entry, day)
        if "rows" not in written:
            return self._plain_span(written, entry, law_day, day)
        spans = [self._plain_span(row, entry, law_day, day) for row in self._rows(written["rows"], entry, law_day)]
        if not spans:
            return UNKNOWN_SPAN
        begins = {span.begin for span in spans}
        last, at_most = min(span.last for span in spans), max(span.at_most for span in spans)
        return Span(begins.pop() if len(begins) == 1 else None, last, at_most)

    def _law_day(self, entry: Entry, day: date) -> date:
        """That of the ground, else of the decision, else the day judged."""
        law_day = self.world.law_day(self.written, entry.decision, ("decided",), day)
        return self.world.law_day(self.written, entry.event, self._by(entry), law_day)

    def _by(self, entry: Entry) -> tuple[str, ...]:
        is_ground = entry.event is not None and entry.event.kind == "violation"
        return Selected.of(self.written["opens"]).by if is_ground and "opens" in self.written else ("decided",)

    def _rows(self, rows: Written, entry: Entry, law_day: date) -> list[Written]:
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

    def _plain_span(self, written: Written, entry: Entry, law_day: date, day: date) -> Span:
        begin = self._begin(written, entry, day)
        held = self.world.holds(written["or_while"], self.world.of_day(day), law_day) if "or_while" in written else False
        if self._period(written["for"], law_day) is NOT_IN_FORCE:
            return UNKNOWN_SPAN
        last = self._last(written, begin, entry, law_day)
        return Span(begin, date.min, NEVER, held) if last is None else Span(begin, *last, held)

    def _begin(self, written: Written, entry: Entry, day: date) -> date | None:
        if "from" not in written:
            own = None if entry.event is None else day_by(entry.event, self._by(entry))
            return own if own is not None or entry.undated else entry.opened
        for name in names(written["from"]):
            if name == "listed":
                waits = entry.listed is None and not self.written["needs_decision"] and not entry.undated
                return day if waits else entry.listed
            found = getattr(entry.hand, name, None)
            if found is not None:
                return found  # type: ignore[no-any-return]  # a date field
        return None

    def _last(
        self, written: Written, begin: date | None, entry: Entry, law_day: date
    ) -> tuple[date, date] | None:
        """The last day, at the earliest and at the latest; nothing if it is not known at all."""
        period = self._period(written["for"], law_day)
        if begin is None or period is None:
            return None
        last = later(begin, period)
        if "to_end_of" in written:
            last = first_of_next(written["to_end_of"], last) - ONE_DAY
        read = self.world.of_event(entry.hand)
        for more in written.get("plus", ()):
            truth = self.world.holds(more["where"], read, law_day)
            if truth is None:
                return None
            last = later(last, more["for"]) if truth else last
        if "or_until" in written:
            other = read(written["or_until"])
            return (last, NEVER) if other is None else (last, last) if other is NO_DAY else (max(last, other),) * 2
        return last, last

    def _period(self, written: str, law_day: date) -> Written:
        return self.world.value(written[1:], law_day) if written.startswith("$") else written

    # --- ends -------------------------------------------------------------------------------------------------

    def _end(self, day: date) -> None:
        for entry in self.entries.values():
            if "term" not in self.written or entry.listed is None or entry.over is not None:
                continue
            span = self.span(self.written["term"], entry, day)
            if span.at_most < day and span.held_open is False:
                entry.over = day
            elif span.last < day and span.held_open is not True:
                entry.may_be_over = True

    # --- steps ------------------------------------------------------------------------------------------------

    def steps_of(self, day: date | None) -> list[Event]:
        """The authority's steps on this list on a day, in order; without a day those that have none."""
        steps = [
            step
            for step in self.world.facts.events["list_decision"]
            if step.decided == day and getattr(step, "list", None) == self.name and step.standing in ("found", "final")
        ]
        return sorted(steps, key=lambda step: (step.sequence, step.id))

    def _take(self, step: Event, day: date) -> None:
        verb, grounds = getattr(step, "step", ""), getattr(step, "grounds", None)
        if verb == "opt_out":
            return
        if grounds:
            targets = [self.entries[ground] for ground in grounds if ground in self.entries]
            missing = [ground for ground in grounds if ground not in self.entries]
        else:
            targets = [entry for entry in self.entries.values() if self.state(entry) in OPEN]
            targets = [entry for entry in targets if entry.maybe or self.is_there(entry)]
            missing = [] if any(not entry.maybe for entry in targets) else [step.id]
        if verb == "list":
            for ground in missing:
                entry = self.entries[ground] = Entry(ground, step if ground == step.id else None, day, opens=False)
                if ground != step.id:
                    self._find(entry, day)
                targets.append(entry)
        for entry in targets:
            if verb in ("list", "restore"):
                entry.is_listed_anew(day, step)
                entry.maybe = entry.maybe and not (verb == "list" and grounds)
            entry.steps.append(verb)

    def _find(self, entry: Entry, day: date) -> None:
        """The event that a step names as a ground, if it is one that could open the list and is seen on the day."""
        for event in self.world.facts.events["violation"] if "opens" in self.written else ():
            if event.id == entry.ground:
                self._note(entry, event, self.opens(event, day), day)

    # --- what is to be seen -----------------------------------------------------------------------------------

    def state(self, entry: Entry) -> str:
        """The first state that applies."""
        if "revoke" in entry.steps or (entry.decision is not None and entry.ground in self.world.facts.withdrawn):
            return "revoked"
        for verb, state in (("refuse", "refused"), ("repair", "repaired")):
            if verb in entry.steps:
                return state
        if entry.over is not None:
            return "expired"
        if self.suspended:
            return "suspended"
        if entry.listed is not None:
            return "listed"
        return "notified" if "notify" in entry.steps else "proposed"

    def show(self, entry: Entry, day: date) -> Shown:
        """One entry as a day sees it."""
        state = self.state(entry)
        until, end_known = self._until(entry, day) if state == "listed" else (None, True)
        changed: Truth = False
        if entry.decision is not None and "opens" in self.written and "review" not in self.written:
            changed = entry.event is not None and entry.event.kind == "violation" and entry.opens is False
            changed = changed or entry.ground in self.world.facts.withdrawn or self._has_left(entry, day)
        return Shown(entry.ground, state, entry.too_early, entry.listed, until, end_known, changed, self._repairable(entry, state, day))

    def _has_left(self, entry: Entry, day: date) -> bool:
        event = self.world.facts.given_away.get(entry.ground)
        on = None if event is None else day_by(event, Selected.of(self.written["opens"]).by)
        return event is not None and (on is None or on <= day)

    def _until(self, entry: Entry, day: date) -> tuple[date | None, bool]:
        if "review" in self.written:
            return first_of_next(self.written["review"], day), True
        if "term" not in self.written:
            return None, True
        ends = [day, *(change for change in self.world.changes() if change > day)]
        for start, end in zip(ends, [*ends[1:], NEVER], strict=True):
            span = self.span(self.written["term"], entry, start)
            if not span.is_known or entry.may_be_over:
                return None, False
            if span.last < end - ONE_DAY or end == NEVER:
                is_held = start == day and span.last < day
                return None if is_held else max(span.last + ONE_DAY, start), True
        return None, False

    # --- repair -----------------------------------------------------------------------------------------------

    def _wait(self, entry: Entry, day: date) -> None:
        """Notes the first day after the repair span, and the first from then on that leaves nothing in the way."""
        if "repair" not in self.written or entry.listed is None:
            return
        last = self._repair_last(entry, day)
        if entry.waited is None and last is not None and last < day:
            entry.waited = day
        if entry.waited is not None and entry.repairable is None and self._may_repair(entry, day):
            entry.repairable = day

    def _repair_last(self, entry: Entry, day: date) -> date | None:
        """The last day of waiting under the law of a day, if that is known and there is one."""
        written = self.written["repair"]
        if "rows" in written:
            rows = self._rows(written["rows"], entry, self._law_day(entry, day))
            written = rows[0] if len(rows) == 1 else {"never": True}
        if "never" in written:
            return None
        span = self.span(written, entry, day)
        return span.last if span.is_known else None

    def _may_repair(self, entry: Entry, day: date) -> bool:
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

    def _has_new(self, written: Written, entry: Entry, day: date) -> bool:
        chosen = Selected.of(written)
        for event in self.world.facts.events[chosen.kind]:
            on = day_by(event, chosen.by)
            law_day = self.world.law_day({}, event, chosen.by, day)
            truths = [self.world.holds(chosen.where, self.world.of_event(event), law_day)]
            for name in written.get("same", ()):
                ours, theirs = getattr(entry.hand, name, None), getattr(event, name, None)
                truths.append(None if ours is None or theirs is None else ours == theirs)
            in_time = on is None or (entry.listed is not None and entry.listed < on <= day)
            if event.standing in chosen.standing and in_time and all_of(truths) is not False:
                return True
        return False

    def _repairable(self, entry: Entry, state: str, day: date) -> date | None:
        if state not in ("listed", "suspended") or "repair" not in self.written:
            return None
        if entry.waited is not None:
            return entry.repairable
        last = self._repair_last(entry, day)
        return last + ONE_DAY if last is not None and self._may_repair(entry, day) else None


# --- all lists ------------------------------------------------------------------------------------------------


@frozen
class Day:
    """What is to be seen on a day: the entries of each list by ground, and who is on which list."""

    entries: Mapping[str, tuple[Shown, ...]]
    on_list: Mapping[str, Truth]


def simulate(policy: Written, dossier: Dossier, known_at: date, days: Sequence[date], start: date) -> dict[date, Day]:
    """What is to be seen on some days, found by walking through every day from `start` (before any record) on."""
    world = World(policy, Facts.of(dossier, known_at))
    walks = [Walk(world, name, written) for name, written in policy["lists"].items()]
    wanted, found = set(days), {}
    day = start
    while day <= max(wanted):
        for walk in walks:
            walk.pass_day(day)
            world.on_list[walk.name] = _on_list(walk)
        if day in wanted:
            found[day] = Day({walk.name: _shown(walk, day) for walk in walks}, dict(world.on_list))
        day += ONE_DAY
    return found


def _shown(walk: Walk, day: date) -> tuple[Shown, ...]:
    return tuple(walk.show(entry, day) for _, entry in sorted(walk.entries.items()) if walk.is_there(entry))


def _on_list(walk: Walk) -> Truth:
    listed = [entry.maybe for entry in walk.entries.values() if walk.state(entry) == "listed"]
    listed += [True for entry in walk.entries.values() if entry.could_run and walk.state(entry) in OPEN]
    listed += [True for step in walk.steps_of(None) if getattr(step, "step", "") in ("list", "restore")]
    return True if False in listed else None if listed else False
