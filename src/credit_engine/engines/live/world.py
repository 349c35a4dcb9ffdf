"""Everything that a session knows and what follows from it, on its day.

Own answers are found when they are asked for and kept while they hold; what spread reads of them, and the effects, are
always those of the day. Answers that time cannot have changed yet are not looked at when the day moves.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial

from attrs import evolve

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess, assess_again
from credit_engine.assessing.changes import next_look, stands
from credit_engine.assessing.contributions import Kept
from credit_engine.assessing.effects import Effects
from credit_engine.dossiers import Coverage, Dossier, Regions
from credit_engine.engines.live.change import Answers
from credit_engine.engines.live.clusters import Clusters
from credit_engine.engines.live.holding import Holding
from credit_engine.engines.live.journal import Journal
from credit_engine.engines.live.reach import Reach, Stance, stance_of
from credit_engine.policy.load import Policy
from credit_engine.records import Event

NEVER = date.max
STALE = 4  # old versions of events of which notes may stand


class World:
    """The records, the day, and what follows. Every write goes through the journal."""

    def __init__(
        self,
        policy: Policy,
        regions: Regions,
        coverage: dict[str, Coverage],
        day: date,
        keep: int,
        matched: Policy | None = None,
    ) -> None:
        """`matched`: the same policy as it judges here, where its rules are matched otherwise than by `policy`."""
        self.policy = policy
        self._judging = matched if matched is not None else policy
        self.journal = Journal()
        self.holding = Holding(policy.plan, regions, coverage, self.journal)
        self.clusters = Clusters(policy.plan, self.holding.relations, self.journal)
        self.reach = Reach(policy.plan, self.clusters, self.holding, self.journal)
        self._days: dict[str, date] = {"now": day}
        self._looks: dict[str, date] = {}  # the first day on which an own answer could have changed by itself
        self._coming: list[tuple[date, str]] = []  # who gets records that become known on a later day
        self._keep = keep
        self._noted: dict[str, tuple[date, Kept, int]] = {}  # for those in `_own`
        self._own: OrderedDict[str, Assessment] = OrderedDict()  # the ones used last; each knows what it is made of

    @property
    def day(self) -> date:
        """The day judged."""
        return self._days["now"]

    def begin(self) -> None:
        """Judge everybody, once all records that are known from the start are in."""
        self.clusters.begin()
        for recorded, version in self.holding.later_than(self.day):
            if isinstance(version, Event):
                versions = self.holding.events[version.kind, version.id]
                self._coming += [(recorded, each.party) for each in versions]
            elif version.id in self.holding.parties:
                self._coming.append((recorded, version.id))
        for party in self.holding.parties:
            self.judge(party)
        self.reach.settle(self.day)
        self.reach.begin()
        self.journal.keep()

    # --- own answers ------------------------------------------------------------------------------------------

    def own(self, party: str, day: date | None = None) -> Assessment | None:
        """The own answer of a party on a day (none: the one judged); `None` while nothing is known of it."""
        day = day or self.day
        dossier = self.holding.dossier(party)
        kept = self._own.get(party)
        if kept is not None and kept.as_of == day and kept.question[0] is dossier:
            self._own.move_to_end(party)
            return kept
        if not self.holding.party_known(party, day):
            return None
        return self._kept(assess_again(dossier, self._judging, day, self._noted_of(dossier, day)))

    def _noted_of(self, dossier: Dossier, day: date) -> Kept:
        """What the answers of a day have noted of a party's events; what is of old versions is let go now and then."""
        of_day, noted, most = self._noted.get(dossier.id, (date.min, {}, 0))
        if of_day != day:
            noted, most = {}, 0
        elif len(noted) > most:
            current = {id(versions[-1]) for versions in dossier.by_id.values()}
            noted = {key: told for key, told in noted.items() if key in current}
            most = len(noted) + STALE
        self._noted[dossier.id] = (day, noted, most)
        return noted

    def _kept(self, answer: Assessment) -> Assessment:
        self._own[answer.party] = answer
        self._own.move_to_end(answer.party)
        while len(self._own) > self._keep:
            gone, _ = self._own.popitem(last=False)
            self._noted.pop(gone, None)
        return answer

    def judge(self, party: str) -> None:
        """Find the own answer of a party whose records, or whose day, have changed."""
        own = self.own(party)
        self.reach.stand(party, None if own is None else stance_of(own))
        self.journal.drop(self._looks, party)

    def final(self, party: str) -> Assessment | None:
        """The final answer of a party on the day judged."""
        own = self.own(party)
        return None if own is None else finally_(own, self.reach.given_to(party, self.day), self._judging, self.policy)

    def asking(self, party: str) -> Callable[[], Assessment | None]:
        """The question for the final answer of a party as things stand now, to be asked at any later time."""
        if party not in self.holding.parties or not self.holding.party_known(party, self.day):
            return _nothing
        dossier, kept = self.holding.dossier(party), self._own.get(party)
        given = self.reach.given_to(party, self.day)
        if kept is not None and kept.as_of == self.day and kept.question[0] is dossier:
            return partial(finally_, kept, given, self.policy, self.policy)
        return partial(_asked, dossier, self.policy, self.day, given)

    # --- the passing of time ----------------------------------------------------------------------------------

    def pass_to(self, day: date) -> tuple[Answers, ...]:
        """Move the day on, and look at everybody whom time could have changed; gives those whom it has."""
        before = self.day
        woken = {party: None for party in self.holding.parties if self._looks.get(party, date.min) <= day}
        woken |= {party: None for party, stance in self.reach.stances.items() if not stance.is_silent}
        woken |= {party: None for recorded, party in self._coming if before < recorded <= day}
        earlier: dict[str, Callable[[], Assessment | None]] = {}
        found: list[tuple[str, Stance | None, date | None]] = []
        for party in woken:
            old, new = self._as_it_stood(party), self.own(party, day)
            if (old and stands(old)) != (new and stands(new)):
                earlier[party] = self.asking(party)
            stance = None if new is None else stance_of(new)
            look = next_look(new) or NEVER if new is not None and stance is not None and stance.is_silent else None
            found.append((party, stance, look))
        self.journal.put(self._days, "now", day)
        for party, stance, look in found:
            self.reach.stand(party, stance)
            if look is None:
                self.journal.drop(self._looks, party)
            else:
                self.journal.put(self._looks, party, look)
        self.reach.unsettle_all()
        self.reach.settle(day)
        return tuple(Answers(party, ask, self.asking(party)) for party, ask in sorted(earlier.items()))

    def _as_it_stood(self, party: str) -> Assessment | None:
        """The own answer on the day judged, or one of an earlier day that time has not changed since."""
        kept = self._own.get(party)
        holds = party in self._looks and kept is not None and kept.as_of <= self.day
        if holds and kept is not None and kept.question[0] is self.holding.dossier(party):
            return kept
        return self.own(party)


def finally_(own: Assessment, given: Effects, judging: Policy, policy: Policy) -> Assessment:
    """The final answer, from the own one and what reaches the party, judged again where points do.

    To be handed out: it explains itself by the plain engine (`policy`), at any time and in any thread.
    """
    dossier = own.question[0]
    if given.too_wide or any(effect.moves_score for effect in given.found):
        own = assess(dossier, judging, own.as_of, own.known_at, effects=given)
        return own if judging is policy else evolve(own, question=(dossier, policy))
    return evolve(own, effects=given.found, given=given, question=(dossier, policy))


def _asked(dossier: Dossier, policy: Policy, day: date, given: Effects) -> Assessment:
    return finally_(assess(dossier, policy, day), given, policy, policy)


def _nothing() -> Assessment | None:
    return None


def touched(versions: Iterable[Event]) -> dict[str, None]:
    """Whom the versions of an event name, once each."""
    return dict.fromkeys(version.party for version in versions)
