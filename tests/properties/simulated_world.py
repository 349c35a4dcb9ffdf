"""What the slow simulator of lists knows of policies and records: days, the law of a day, conditions, what is seen.

It reads a policy as written, only the part of the language that `drawn_lists` uses, and the records as they are, and
shares nothing with the engines but the records themselves. `None` is unknown in every condition and value.
"""

from __future__ import annotations

import calendar
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from attrs import define, field, frozen

from credit_engine.dossiers import Dossier
from credit_engine.records import Event

Written = Any  # Any: a piece of a policy as written
Read = Callable[[str], Any]  # Any: what stands behind a name
ONE_DAY = timedelta(days=1)
NEVER = date.max
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


def all_of(truths: Iterable[Truth]) -> Truth:
    """False if one is, true if all are."""
    found = list(truths)
    return False if False in found else None if None in found else True


def opposite(truth: Truth) -> Truth:
    """Not."""
    return None if truth is None else not truth


# --- what is known --------------------------------------------------------------------------------------------


@frozen
class Facts:
    """What is known on one day: the party's own events by kind, and what was withdrawn or given to another party."""

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
    def of(cls, written: Written) -> Selected:
        """As written."""
        kind = written.get("each") or written["count"]
        standing = names(written.get("standing", ("found", "final")))
        return cls(kind, written.get("where", {}), standing, names(written.get("by", ANCHORS[kind])))


# --- reading a policy -----------------------------------------------------------------------------------------


@define(slots=False)
class World:
    """A policy and what is known, asked day by day; `on_list` says who is on a list on the day that is judged."""

    policy: Written
    facts: Facts
    on_list: dict[str, Callable[[], Truth]] = field(factory=dict)
    selectors: dict[int, Selected] = field(factory=dict)

    def selected(self, written: Written) -> Selected:
        """The keys of a selector, read once."""
        if id(written) not in self.selectors:
            self.selectors[id(written)] = Selected.of(written)
        return self.selectors[id(written)]

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

    @cached_property
    def changes(self) -> list[date]:
        """The days on which the law changes."""
        steps = [day for parameter in self.policy["parameters"].values() for day in parameter["values"]]
        spans = [source["in_force"] for source in self.policy["sources"].values()]
        return sorted({*steps, *(day for span in spans for day in (span["from"], span.get("until")) if day)})

    def version(self, law_day: date) -> int:
        """Which law it is: two days between which no law changes have the same."""
        return bisect_right(self.changes, law_day)

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
            return [judged if law_day == NEVER else law_day]
        return [date.min, *(day for day in self.changes if day <= judged)]

    # --- conditions -------------------------------------------------------------------------------------------

    def holds(self, condition: Written, read: Read, law_day: date, *, turned: bool = False) -> Truth:
        """Whether a condition holds, or its opposite (`turned`); `read` gives what stands behind a name."""
        truths = [self._one(name, test, read, law_day, turned=turned) for name, test in condition.items()]
        return opposite(all_of([opposite(truth) for truth in truths])) if turned else all_of(truths)

    def _one(self, name: str, test: Written, read: Read, law_day: date, *, turned: bool) -> Truth:
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

    def of_event(self, event: Event | None) -> Read:
        """Reads the fields of an event; a set of penalties that is known denies what it does not hold."""

        def read(name: str) -> Any:  # Any: the field's type
            value = getattr(event, name, None)
            penalties = getattr(event, "penalties", None)
            if value is None and penalties is not None:
                if name == "fine" and "fine" not in penalties:
                    return 0
                if name == "restricted_until" and not penalties & {"restrict_business", "restrict_employment"}:
                    return NO_DAY
            return value

        return read

    def of_day(self, day: date, event: Event | None = None) -> Read:
        """Reads indicators (from a day, or from an event on its day), lists on the day judged, and the day."""

        def read(name: str) -> Any:  # Any: a day, a truth, or a count from and to
            if name == "day":
                return day
            if name.startswith("on_list."):
                return self.on_list[name.removeprefix("on_list.")]()
            return self._count(self.policy["indicators"][name], day, event)

        return read

    def _count(self, written: Written, day: date, viewpoint: Event | None) -> tuple[int, int]:
        """How many events are certainly counted, and how many may be."""
        chosen = self.selected(written)
        certain = possible = 0
        for event in self.facts.events[chosen.kind]:
            on = day_by(event, chosen.by)
            if event.standing not in chosen.standing or (on is not None and not _is_seen(event, on, day, viewpoint)):
                continue
            if on is not None and "within" in written and day > later(on, written["within"]):
                continue
            truth = self.holds(chosen.where, self.of_event(event), day)
            certain += truth is True and on is not None
            possible += truth is not False
        return certain, possible


def _is_seen(event: Event, on: date, day: date, viewpoint: Event | None) -> bool:
    if viewpoint is None or viewpoint.kind != event.kind:
        return on <= day
    return (on, event.sequence, event.id) <= (day, viewpoint.sequence, viewpoint.id)
