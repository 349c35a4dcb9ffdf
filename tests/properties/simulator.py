"""A slow second implementation of lists: it walks through every day and does what the design says happens on it.

What is true of an entry on a day is kept from day to day: a term that was over stays over, an entry that was listed
stays listed until something ends it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from attrs import define, field, frozen

from credit_engine.dossiers import Dossier
from credit_engine.records import Event
from properties.simulated_entries import Entry, Shown, Spans
from properties.simulated_world import (
    ONE_DAY,
    Facts,
    Read,
    Truth,
    World,
    Written,
    all_of,
    day_by,
    first_day,
    first_of_next,
    later,
)

OPEN = ("proposed", "notified", "listed", "suspended")
CLOSING = {"refuse", "repair", "revoke"}
LISTING = {"list", "restore"}


@define(slots=False)
class Walk:
    """One list, walked through day by day."""

    world: World
    name: str
    written: Written
    spans: Spans
    entries: dict[str, Entry] = field(factory=dict)
    suspended: bool = False
    openings: dict[Any, Truth] = field(factory=dict)  # Any: what an opening depends on
    today: date = date.min

    # --- a day ------------------------------------------------------------------------------------------------

    def pass_day(self, day: date) -> None:
        """Everything that happens to this list on a day: openings, ends of terms, steps, and ends once more."""
        self.today = day
        if "review" in self.written:
            self._review(day)
        elif "opens" in self.written:
            self._open(day)
        self._end(day)
        for step in self.steps_of(day):
            self._take(step, day)
            self._end(day)
        for entry in self.entries.values():
            self.spans.wait(entry, day)

    def on_list(self) -> Truth:
        """Whether an entry is in force on the day judged, or may be."""
        in_force = [entry for entry in self.entries.values() if self.state(entry) == "listed"]
        listed = [entry.maybe or self._could_be_over(entry) for entry in in_force]
        listed += [True for entry in self.entries.values() if entry.could_run and self.state(entry) in OPEN]
        listed += [True for step in self._doubtful() if not self.suspended and self._could_list(step)]
        return True if False in listed else None if listed else False

    # --- steps of which something is not recorded ---------------------------------------------------------------

    def _doubtful(self) -> list[Event]:
        """The decisions that may be steps on this list, taken by now (since the review), nobody knows which or when."""
        first = first_day(self.written["review"], self.today) if "review" in self.written else date.min
        return [step for step in self._in_doubt if step.decided is None or first <= step.decided <= self.today]

    @cached_property
    def _in_doubt(self) -> list[Event]:
        return [
            step
            for step in self.world.facts.events["list_decision"]
            if step.standing in ("found", "final")
            and getattr(step, "list", None) in (self.name, None)
            and None in (step.decided, getattr(step, "list", None), getattr(step, "step", None))
        ]

    def _could_list(self, step: Event) -> bool:
        """Whether a step of which something is not recorded could have something in force."""
        grounds = set(getattr(step, "grounds", None) or ())
        in_vain = bool(grounds) and grounds <= self.world.facts.withdrawn
        if getattr(step, "step", None) not in ("list", "restore", None) or in_vain:
            return False
        return step.decided is None or self._could_run_since(step)

    def _could_run_since(self, step: Event) -> bool:
        """Whether a term that began with a step, or with a later one that listed anew, could still run."""
        term = self.written.get("term", {})
        if set(term) != {"for", "from"} or term["from"] != "listed" or term["for"].startswith("$"):
            return True
        anew = [each for steps in self._steps.values() for each in steps if getattr(each, "step", "") in LISTING]
        days = [day for each in (step, *anew) if (day := each.decided) is not None and day <= self.today]
        return later(max(days), term["for"]) >= self.today

    def _could_be_over(self, entry: Entry) -> bool:
        """Whether such a step could have ended an entry."""
        term = self.written.get("term", {})
        waits = any("or_while" in row or "until_next" in row for row in term.get("rows", [term]))
        verbs = {*CLOSING, *(LISTING if waits else ()), None}
        return any(self._could_act(step, entry, verbs) for step in self._doubtful())

    def _could_act(self, step: Event, entry: Entry, verbs: set[str | None]) -> bool:
        """Whether such a step could be one of these verbs, on this entry, after what put it on the list."""
        grounds = getattr(step, "grounds", None)
        if getattr(step, "step", None) not in verbs or (grounds and entry.ground not in grounds):
            return False
        if step.decided is None:
            return True
        since = entry.certain_since
        if since is None:
            return step.decided >= entry.opened
        return (step.decided, step.sequence, step.id) > (since.decided, since.sequence, since.id)

    # --- reviews ----------------------------------------------------------------------------------------------

    def _review(self, day: date) -> None:
        period = first_day(self.written["review"], day)
        if day == period:
            self.entries.clear()
            truth = self._stands(self.written["opens"], self.world.of_day(period), period)
            if truth is not False:
                entry = Entry(period.isoformat(), None, period, maybe=truth is None)
                entry.listed = None if self.written["needs_decision"] else period
                self.entries[entry.ground] = entry
        self.suspended = "suspended_by" in self.written and self._is_suspended(period, day)

    def _stands(self, opens: Written, read: Read, law_day: date) -> Truth:
        if not self.world.in_force(self.written["foundation"], law_day):
            return False
        stopped = "unless" in opens and self.world.holds(opens["unless"], read, law_day) is True
        return False if stopped else self.world.holds(opens["when"], read, law_day)

    def _is_suspended(self, period: date, day: date) -> bool:
        chosen = self.world.selected(self.written["suspended_by"])
        for event in self.world.facts.events[chosen.kind]:
            on = day_by(event, chosen.by)
            in_time = day > period if on is None else period < on <= day
            if event.standing in chosen.standing and in_time:
                laws = [day] if on is not None else self.world.law_days({}, event, day)
                if any(self.world.holds(chosen.where, self.world.of_event(event), law) is not False for law in laws):
                    return True
        return False

    # --- openings ---------------------------------------------------------------------------------------------

    def opens(self, event: Event, day: date) -> Truth:
        """Whether an event opens an entry, as a day sees it."""
        on = self._days[event.id]
        if (on is not None and on > day) or event.standing not in self.world.selected(self.written["opens"]).standing:
            return False
        if self._asks_lists:
            return self._opens(event, on, day)
        key = (event.id, self.world.version(day))
        if key not in self.openings:
            self.openings[key] = self._opens(event, on, day)
        return self.openings[key]

    @cached_property
    def _days(self) -> dict[str, date | None]:
        """The day of each event as the list takes it."""
        by = self.world.selected(self.written["opens"]).by
        return {event.id: day_by(event, by) for event in self.world.facts.events["violation"]}

    @cached_property
    def _asks_lists(self) -> bool:
        """Whether the opening asks who is on a list today; else only the law makes one day differ from another."""
        return any(name.startswith("on_list") for name in self.written["opens"].get("when", ()))

    def _opens(self, event: Event, on: date | None, day: date) -> Truth:
        if on is not None:
            by = self.world.selected(self.written["opens"]).by
            return self._asked(self.world.law_day(self.written, event, by, day), event, on)
        laws = self.world.law_days(self.written, event, day)
        return False if all(self._asked(law_day, event, None) is False for law_day in laws) else None

    def _asked(self, law_day: date, event: Event, on: date | None) -> Truth:
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
            if entry is not None:
                self._note(entry, event, truth)
                self._list_by_rule(entry, day)

    def _list_by_rule(self, entry: Entry, day: date) -> None:
        """Lists what opens today and whose term has begun, where no decision is needed."""
        if self.written["needs_decision"] or entry.listed is not None or entry.opens is False:
            return
        begun = self.spans.span(self.written["term"], entry, day).begin if "term" in self.written else day
        entry.listed = day if begun is not None and begun <= day else None
        entry.could_run = entry.undated and begun is None

    def _note(self, entry: Entry, event: Event, truth: Truth) -> None:
        """What a day sees of the ground of an entry."""
        entry.event, entry.opens, entry.undated = event, truth, self._days[event.id] is None
        if truth is True and entry.maybe:
            entry.maybe = False
            entry.begins_anew(None, None)  # before, there was no entry on which a step could act

    # --- steps and ends ---------------------------------------------------------------------------------------

    def steps_of(self, day: date) -> list[Event]:
        """The authority's certain steps on this list on a day, in order."""
        return self._steps.get(day, [])

    @cached_property
    def _steps(self) -> dict[date | None, list[Event]]:
        found: dict[date | None, list[Event]] = {}
        for step in sorted(self.world.facts.events["list_decision"], key=lambda step: (step.sequence, step.id)):
            is_sure = step.decided is not None and getattr(step, "step", None) is not None
            if is_sure and getattr(step, "list", None) == self.name and step.standing in ("found", "final"):
                found.setdefault(step.decided, []).append(step)
        return found

    def _take(self, step: Event, day: date) -> None:
        verb, grounds = getattr(step, "step", ""), getattr(step, "grounds", None)
        targets, missing = self._meant(step, grounds)
        if verb == "list":
            targets += [self._entered(ground, step, day) for ground in missing]
        for entry in targets:
            if verb in ("list", "restore"):
                entry.begins_anew(day, step)
                entry.maybe = entry.maybe and not (verb == "list" and grounds)
                entry.certain_since = step if verb == "list" or grounds else entry.certain_since
            entry.steps.append(verb)

    def _meant(self, step: Event, grounds: Sequence[str] | None) -> tuple[list[Entry], list[str]]:
        """The entries that a step acts on, and the grounds of which a `list` step makes one."""
        if grounds:
            there = [self.entries[ground] for ground in grounds if ground in self.entries]
            return there, [ground for ground in grounds if ground not in self.entries]
        opened = [entry for entry in self.entries.values() if self.state(entry) in OPEN]
        opened = [entry for entry in opened if entry.maybe or self.is_there(entry)]
        return opened, [step.id] if all(entry.maybe for entry in opened) else []

    def _entered(self, ground: str, step: Event, day: date) -> Entry:
        """A new entry of a ground: the decision itself, an event, or something unheard of."""
        entry = self.entries[ground] = Entry(ground, step if ground == step.id else None, day, opens=False)
        if ground != step.id and "review" not in self.written and "opens" in self.written:
            for event in self.world.facts.events["violation"]:
                if event.id == ground:
                    self._note(entry, event, self.opens(event, day))
        return entry

    def _end(self, day: date) -> None:
        for entry in self.entries.values() if "term" in self.written else ():
            if entry.undated and entry.maybe and self.written.get("law_of") != "as_of":
                entry.over = None  # under whose law it would have ended, each day judges anew
            if entry.listed is None or entry.over is not None:
                continue
            span = self.spans.span(self.written["term"], entry, day)
            if span.at_most < day and span.held_open is False:
                entry.over = day
            elif span.last < day and span.held_open is not True:
                entry.may_be_over = True

    # --- what is to be seen -----------------------------------------------------------------------------------

    def is_there(self, entry: Entry) -> bool:
        """Whether there is such an entry: one that opens now, or was listed or closed; a proposal may lapse."""
        stays = entry.listed is not None or entry.decision is not None or not CLOSING.isdisjoint(entry.steps)
        return not entry.maybe and (stays or entry.opens is True)

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
        repairable = self.spans.repairable_from(entry, day) if state in ("listed", "suspended") else None
        changed = self._has_changed(entry, day)
        return Shown(entry.ground, state, entry.listed, until, end_known, changed, repairable)

    def _until(self, entry: Entry, day: date) -> tuple[date | None, bool]:
        could_move = any(self._could_act(step, entry, {*CLOSING, *LISTING, None}) for step in self._doubtful())
        if self._could_be_over(entry) or (could_move and "term" in self.written):
            return None, False
        if "review" in self.written:
            return first_of_next(self.written["review"], day), True
        return self.spans.until(entry, day) if "term" in self.written else (None, True)

    def _has_changed(self, entry: Entry, day: date) -> bool:
        """Whether the ground of a decided entry no longer opens the list: corrected, withdrawn, or another party's."""
        if entry.decision is None or "opens" not in self.written or "review" in self.written:
            return False
        away = self.world.facts.given_away.get(entry.ground)
        if away is not None:
            on = day_by(away, self.world.selected(self.written["opens"]).by)
            return on is None or on <= day
        if entry.event is None or entry.event.kind != "violation":
            return entry.ground in self.world.facts.withdrawn
        on = self._days[entry.ground]
        return entry.opens is False and (on is None or on <= day)


# --- all lists ------------------------------------------------------------------------------------------------


@frozen
class Day:
    """What is to be seen on a day: the entries of each list by ground, and who is on which list."""

    entries: Mapping[str, tuple[Shown, ...]]
    on_list: Mapping[str, Truth]


def simulate(policy: Written, dossier: Dossier, known_at: date, days: Sequence[date], start: date) -> dict[date, Day]:
    """What is to be seen on some days, found by walking through every day from `start` (before any record) on."""
    world = World(policy, Facts.of(dossier, known_at))
    walks = [Walk(world, name, written, Spans(world, name, written)) for name, written in policy["lists"].items()]
    world.on_list.update({walk.name: walk.on_list for walk in walks})
    wanted, found = set(days), {}
    day = start
    while day <= max(wanted):
        for walk in walks:
            walk.pass_day(day)
        if day in wanted:
            found[day] = Day({walk.name: _shown(walk, day) for walk in walks}, _on_lists(walks))
        day += ONE_DAY
    return found


def _on_lists(walks: Sequence[Walk]) -> dict[str, Truth]:
    return {walk.name: walk.on_list() for walk in walks}


def _shown(walk: Walk, day: date) -> tuple[Shown, ...]:
    return tuple(walk.show(entry, day) for _, entry in sorted(walk.entries.items()) if walk.is_there(entry))
