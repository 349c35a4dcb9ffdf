"""One who tells a session one thing after another, and keeps beside it what has been told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from attrs import define, evolve, field

from credit_engine.assessing.changes import agenda
from credit_engine.dossiers import Dossier, known
from credit_engine.engines.live.change import Change
from credit_engine.engines.session import Matcher, Session
from credit_engine.errors import CreditEngineError, RecordError
from credit_engine.records import Event, Operator, Party, Person, Relation, Violation
from credit_engine.testing.drawing import Chooser
from session_worlds import Told, differences, wrong_change, wrong_passing

JUMPS = (0, 1, 1, 2, 30, 90, 366, 1500)
BESIDE = (0, 0, 1, 40, -30, None)  # days from the one judged to the one on which a version is recorded
ACTIONS = {  # how often of a hundred
    "post": 22,
    "post_many": 10,
    "correct": 16,
    "withdraw": 9,
    "relate": 16,
    "register": 8,
    "advance": 9,
    "restore": 6,
    "ask": 4,
}


@define
class Teller:
    """A session, what it has been told, and what it may be told yet: events, relations and parties of a pool."""

    told: Told
    pool: Sequence[Event]
    links: Sequence[Relation]
    matcher: Matcher = "plain"
    newcomers: Sequence[Party] = ()
    answers_kept: int = 100_000
    session: Session = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Begin with what is told from the start."""
        self.session = self.told.session(self.matcher, self.answers_kept)

    def step(self, choose: Chooser) -> tuple[str, list[str]]:
        """Tell it something; what that was, and what is wrong then."""
        number = choose.number(1, sum(ACTIONS.values()))
        for action, often in ACTIONS.items():
            number -= often
            if number <= 0:
                return action, getattr(self, action)(choose)
        raise AssertionError

    # --- what it may be told ----------------------------------------------------------------------------------

    def post(self, choose: Chooser) -> list[str]:
        """An event of the pool, in whatever order, perhaps again, perhaps recorded on another day."""
        if not self.pool:
            return []
        event = choose.one(self.pool)
        if choose.chance(25):
            event = evolve(event, recorded=self._recorded(choose))
        return self._posted([event], lambda: self.session.post(event))

    def post_many(self, choose: Chooser) -> list[str]:
        """Several at once, all or none: of the pool, newer versions, one twice."""
        events = choose.some(self.pool, most=3)
        events += [self._corrected(choose, each) for each in choose.some([*self.told.events, *events], most=2)]
        if events and choose.chance(20):
            events.append(choose.one(events))
        return self._posted(events, lambda: self.session.post_many(iter(events)))

    def correct(self, choose: Chooser) -> list[str]:
        """A newer (or older) version of an event: of another party, day, or standing."""
        if not self.told.events:
            return []
        event = self._corrected(choose, choose.one(self.told.events))
        return self._posted([event], lambda: self.session.post(event))

    def withdraw(self, choose: Chooser) -> list[str]:
        """An event that is known is withdrawn."""
        if not self.told.events:
            return []
        one = choose.one(self.told.events)
        recorded = self.told.day + timedelta(days=choose.one((0, 1, 30, -10)))
        versions = [each for each in self.told.events if (each.kind, each.id) == (one.kind, one.id)]
        event = known(versions, recorded)
        name = f"{one.kind}/{one.id}"
        if event is None:
            return self._refused(lambda: self.session.withdraw(name, recorded))
        gone = [event]
        if event.standing != "withdrawn":
            newest = max((each.revision for each in versions if each.recorded == recorded), default=-1)
            gone = [evolve(event, standing="withdrawn", withdrawn=recorded, recorded=recorded, revision=newest + 1)]
        return self._posted(gone, lambda: self.session.withdraw(name, recorded))

    def relate(self, choose: Chooser) -> list[str]:
        """A relation of the pool, or a version of it: of another share, period, kind, or between others."""
        if not self.links:
            return []
        relation = choose.one(self.links)
        if choose.chance(50):
            changed: dict[str, Any] = {"recorded": self._recorded(choose), "revision": choose.number(0, 9)}
            if choose.chance(50):
                low, high = sorted((choose.number(0, 10), choose.number(0, 10)))
                changed |= {"share": Fraction(low, 10), "share_max": choose.one((None, Fraction(high, 10)))}
            if choose.chance(25):
                changed |= {"since": choose.one((None, self.told.day)), "until": None}
            if choose.chance(20):
                changed["until"] = max(self.told.day, changed.get("since", relation.since) or self.told.day)
            if choose.chance(20):
                changed["kind"] = choose.one(sorted(self.told.policy.plan.relations))
            if choose.chance(30):
                names = sorted({each.id for each in self.told.parties})
                source = choose.one(names)
                others = [each for each in names if each != source]
                changed |= {"source": source, "target": choose.one(others)} if others else {}
            relation = evolve(relation, **changed)
        after = self._on(relation.recorded)
        if relation not in after.relations:
            after.relations.append(relation)
        return self._tried(after, lambda: self.session.relate(relation))

    def register(self, choose: Chooser) -> list[str]:
        """A party that is new, or another version of one: in another region, of another kind, since another day."""
        new = choose.chance(50) and self.newcomers
        party = choose.one(self.newcomers) if new else choose.one(self.told.parties)
        if not new or choose.chance(20):
            changed: dict[str, Any] = {"recorded": self._recorded(choose), "revision": choose.number(0, 9)}
            if isinstance(party, Operator):
                changed["region"] = choose.one(("310115", "320505", None, party.region))
                changed["kind"] = choose.one(("enterprise", "individual", party.kind))
                changed["registered"] = choose.one((None, self.told.day, date(2020, 2, 29)))
            party = evolve(party, **changed)
        after = self._on(party.recorded)
        if party not in after.parties:
            after.parties.append(party)
        return self._tried(after, lambda: self.session.register(party))

    def advance(self, choose: Chooser) -> list[str]:
        """Days pass."""
        day = self.told.day + timedelta(days=choose.one(JUMPS))
        before = self.told.copy()
        change = self.session.advance(day)
        self.told.day = day
        return [*differences(self.session, self.told), *wrong_passing(change, before, day)]

    def restore(self, choose: Chooser) -> list[str]:
        """The session is taken down and restored, or begun anew from all that it was told, in another order."""
        snapshot = self.session.snapshot()
        self.session.close()
        if choose.chance(30):
            self.told.events = choose.shuffled(self.told.events)
            self.told.relations = choose.shuffled(self.told.relations)
            self.session = self.told.session(self.matcher, self.answers_kept)
        else:
            self.session = Session.restore(snapshot, self.told.policy, matcher=self.matcher)
        again = self.session.snapshot()
        return [*differences(self.session, self.told), *(["another snapshot"] if again != snapshot else [])]

    def ask(self, choose: Chooser) -> list[str]:
        """It is asked for the rest: dossiers, network, agenda."""
        until = self.told.day + timedelta(days=choose.one((0, 2, 9)))
        agendas = [
            (one.id, line)
            for one in self.told.dossiers()
            for line in agenda(one, self.told.policy, self.told.day, until)
        ]
        found = list(self.session.agenda(until))
        wrong = [] if sorted(map(repr, agendas)) == sorted(map(repr, found)) else [f"agenda {found}, not {agendas}"]
        if [(line.day, party) for party, line in found] != sorted((line.day, party) for party, line in found):
            wrong.append(f"the agenda is in no order: {found}")
        pairs = [(self.session.dossier(one.id), one) for one in self.told.dossiers()]
        wrong += [f"dossier {ours}, not {theirs}" for ours, theirs in pairs if not _alike(ours, theirs)]
        ours, theirs = self.session.network, self.told.network()
        if {*ours.relations} != {*theirs.relations} or ours.parties != theirs.parties:
            wrong.append("another network")
        return wrong

    # --- inside -----------------------------------------------------------------------------------------------

    def _recorded(self, choose: Chooser) -> date | None:
        days = choose.one(BESIDE)
        return None if days is None else self.told.day + timedelta(days=days)

    def _corrected(self, choose: Chooser, event: Event) -> Event:
        changed: dict[str, Any] = {"recorded": self._recorded(choose), "revision": choose.number(0, 5)}
        if choose.chance(50):
            changed["party"] = choose.one(sorted({one.id for one in self.told.parties}))
        if choose.chance(40):
            changed["decided"] = choose.one((None, *(one.decided for one in self.pool)))
        if choose.chance(20):
            changed["standing"] = choose.one(("alleged", "found", "final", "withdrawn"))
        if isinstance(event, Violation) and choose.chance(40):
            changed["severity"] = choose.one(("severe", "minor", None))
        if isinstance(event, Violation) and choose.chance(30):
            names = [one.id for one in (*self.told.parties, *self.newcomers) if isinstance(one, Person)]
            changed["responsible"] = [{"person": name, "role": "direct_manager"} for name in choose.some(names)]
        return evolve(event, **changed)

    def _posted(self, events: Sequence[Event], post: Callable[[], Change]) -> list[str]:
        after = self._on(*(one.recorded for one in events))
        after.events += [one for one in dict.fromkeys(events) if one not in after.events]
        return self._tried(after, post)

    def _on(self, *recorded: date | None) -> Told:
        return evolve(self.told.copy(), day=max(self.told.day, *(each or date.min for each in recorded), date.min))

    def _tried(self, after: Told, attempt: Callable[[], Change]) -> list[str]:
        """What is told is taken in if it can be known together with all the rest, or else refused."""
        before = self.told.copy()
        try:
            after.check()
        except RecordError:
            return self._refused(attempt)
        change = attempt()
        self.told = after
        return [
            *differences(self.session, after),
            *wrong_passing(change.of_time, before, after.day),
            *wrong_change(change, before, after),
        ]

    def _refused(self, attempt: Callable[[], object]) -> list[str]:
        held = self.session.snapshot()
        try:
            attempt()
        except CreditEngineError:
            return [*differences(self.session, self.told), *([] if self.session.snapshot() == held else ["changed"])]
        return ["what contradicts itself was taken in"]


def _alike(one: Dossier, other: Dossier) -> bool:
    """Whether two dossiers hold the same versions, in whatever order."""
    return _same(one.party_versions, other.party_versions) and _same(one.events, other.events)


def _same(one: Sequence[object], other: Sequence[object]) -> bool:
    return all(each in other for each in one) and all(each in one for each in other)
