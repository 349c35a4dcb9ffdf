"""What a session has been told, kept beside it, and what follows from that when all of it is known from the start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from attrs import define, evolve, field

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.assessing.effects import Effect, Effects
from credit_engine.dossiers import Coverage, Dossier, Regions, known
from credit_engine.engines.live.change import Change, same_standing
from credit_engine.engines.session import Matcher, Session
from credit_engine.policy.load import Policy
from credit_engine.records import Event, Operator, Party, Person, Relation
from credit_engine.spreading.network import Network
from credit_engine.spreading.spread import spread


@define
class Told:
    """All that a session has been told: versions of everything, and its day."""

    policy: Policy
    day: date
    parties: list[Party] = field(factory=list)
    events: list[Event] = field(factory=list)
    relations: list[Relation] = field(factory=list)
    regions: Regions = field(factory=Regions)
    coverage: Mapping[str, Coverage] = field(factory=dict)

    def copy(self) -> Told:
        """The same, to be told more."""
        return evolve(self, parties=[*self.parties], events=[*self.events], relations=[*self.relations])

    def session(self, matcher: Matcher = "plain", answers_kept: int = 100_000) -> Session:
        """A session that knows all this from the start."""
        return Session(
            self.policy,
            self.network(),
            day=self.day,
            matcher=matcher,
            events=self.events,
            coverage=self.coverage,
            answers_kept=answers_kept,
        )

    def check(self) -> None:
        """Raises `RecordError` if all this cannot be known together."""
        self.network()
        self.dossiers()

    def network(self) -> Network:
        """Everybody and their relations."""
        return Network(
            operators=[one for one in self.parties if isinstance(one, Operator)],
            persons=[one for one in self.parties if isinstance(one, Person)],
            regions=self.regions,
            relations=self.relations,
        )

    def dossiers(self) -> list[Dossier]:
        """The dossiers of those of whom something is known on the day."""
        found = []
        for party in sorted({one.id for one in self.parties}):
            versions = [one for one in self.parties if one.id == party]
            if known(versions, self.day) is None:
                continue
            named = {(one.kind, one.id) for one in self.events if one.party == party}
            events = [one for one in self.events if (one.kind, one.id) in named]
            found.append(Dossier(versions, events, self.coverage, self.regions))
        return found

    def effects(self) -> Effects:
        """All effects of the day, from scratch."""
        answers = [assess(dossier, self.policy, self.day) for dossier in self.dossiers()]
        return spread(self.network(), answers, self.policy, self.day)

    def answers(self, effects: Effects) -> dict[str, Assessment]:
        """All final answers, from scratch."""
        return {one.id: assess(one, self.policy, self.day, effects=effects) for one in self.dossiers()}


def differences(session: Session, told: Told, parties: Iterable[str] | None = None) -> list[str]:
    """In what a session differs from the same records known from the start."""
    effects = told.effects()
    found = [f"day {session.day}, not {told.day}"] if session.day != told.day else []
    mine = session.effects()
    if mine != effects:
        found.append(f"effects {mine.found} {mine.too_wide}, not {effects.found} {effects.too_wide}")
    for party, answer in told.answers(effects).items():
        if parties is not None and party not in parties:
            continue
        ours = session.assessment(party)
        if ours != answer:
            found.append(f"{party}: {ours}, not {answer}")
        if session.effects_on(party) != answer.effects:
            found.append(f"on {party}: {session.effects_on(party)}, not {answer.effects}")
        for effect in answer.effects:
            one = next((each for each in session.effects_on(party) if each == effect), None)
            if one is None:
                continue  # as told above
            if ours.given is None or ours.given.cut(one) != effects.cut(effect):
                found.append(f"cut of {effect}")
            if ours.given is None or ours.given.proof(one) != effects.proof(effect):
                found.append(f"proof of {effect}")
    return found


def wrong_change(change: Change, before: Told, after: Told) -> list[str]:
    """In what a change differs from the difference of the answers before and after, on the day after."""
    before = evolve(before.copy(), day=after.day)
    found = _wrong_effects(change, before.effects(), after.effects())
    if change.party is not None:
        old, new = before.answers(before.effects()), after.answers(after.effects())
        if change.before != old.get(change.party):
            found.append(f"before: {change.before}, not {old.get(change.party)}")
        if change.after != new.get(change.party):
            found.append(f"after: {change.after}, not {new.get(change.party)}")
    return found


def wrong_passing(change: Change | None, before: Told, day: date) -> list[str]:
    """In what the passing of time is told wrongly."""
    if change is None:
        return [] if before.day == day else ["nothing is told of the days that passed"]
    after = evolve(before.copy(), day=day)
    found = _wrong_effects(change, before.effects(), after.effects())
    old, new = before.answers(before.effects()), after.answers(after.effects())
    told = {one.party: one for one in change.answers}
    for party in old.keys() | new.keys():
        one, other = old.get(party), new.get(party)
        if party in told and (told[party].before, told[party].after) != (one, other):
            found.append(f"{party} was {told[party].before}, not {one}, is {told[party].after}, not {other}")
        states = [{entry.id: entry.state for entry in (each.entries if each else ())} for each in (one, other)]
        grades = [
            {name: grade.label for name, grade in (each.own_grades if each else {}).items()} for each in (one, other)
        ]
        if party not in told and (states[0] != states[1] or grades[0] != grades[1]):
            found.append(f"nothing is told of {party}: {states} {grades}")
    return found


def _wrong_effects(change: Change, old: Effects, new: Effects) -> list[str]:
    were, lost, gained = _by_identity(old), _by_identity(change.effects_lost), _by_identity(change.effects_gained)
    now = _by_identity(new)
    expected = {key: effect for key, effect in were.items() if key not in lost} | gained
    found = [f"lost, but was not there: {key}" for key in lost if key not in were]
    if expected.keys() != now.keys():
        found.append(f"with the change there were {sorted(expected)}, not {sorted(now)}")
    found += [
        f"{key}: {one}, not {now[key]}"
        for key, one in expected.items()
        if key in now and not same_standing(one, now[key])
    ]
    same = lost.keys() & gained.keys()
    return found + [f"lost and gained alike: {key}" for key in same if same_standing(lost[key], gained[key])]


def _by_identity(effects: Iterable[Effect]) -> dict[tuple[str, ...], Effect]:
    return {
        (one.rule, one.target, one.origin_party or "", one.origin_kind or "", one.origin or ""): one for one in effects
    }
