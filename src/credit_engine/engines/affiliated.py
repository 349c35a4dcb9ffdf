"""Spread over an input folder: the network of its parties, their own answers of a day, and all effects of that day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.assessing.effects import Effect, Effects, TooWide
from credit_engine.errors import QuestionError
from credit_engine.files.input import Input
from credit_engine.policy.load import Policy
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_spreading import OverRelation
from credit_engine.records import Event, Operator, Person
from credit_engine.spreading.network import Network
from credit_engine.spreading.spread import spread


def network_of(read: Input, parties: Collection[str] | None = None) -> Network:
    """The network of a folder, or of some of its parties and the relations between them."""
    inside = read.parties.keys() if parties is None else parties
    versions = [version for party in read.parties if party in inside for version in read.parties[party]]
    return Network(
        operators=tuple(version for version in versions if isinstance(version, Operator)),
        persons=tuple(version for version in versions if isinstance(version, Person)),
        regions=read.regions,
        relations=tuple(each for each in read.relations if each.source in inside and each.target in inside),
    )


def own_answers(
    read: Input,
    policy: Policy,
    as_of: date,
    known_at: date | None = None,
    *,
    parties: Iterable[str] | None = None,
    tick: Callable[[], None] = lambda: None,
) -> Iterator[Assessment]:
    """The own answer of each party of which something was known, one at a time; `tick` is called for each party."""
    for party in read.parties if parties is None else parties:
        tick()
        try:
            yield assess(read.dossier(party), policy, as_of, known_at)
        except QuestionError as error:
            if error.problems[0].code != "unknown_party":
                raise


def effects_around(read: Input, policy: Policy, party: str, as_of: date, known_at: date | None = None) -> Effects:
    """The effects among the parties that `party` is linked with; those of others cannot concern it.

    The party may also be a person whom decisions name and no table has. Whether a rule is too wide is judged by these
    alone. Raises `QuestionError` if there is no such party.
    """
    linked = sorted(affiliates(read, policy.plan, party))
    if linked == [party]:
        read.dossier(party)
    answers = own_answers(read, policy, as_of, known_at, parties=linked)
    return spread(network_of(read, frozenset(linked)), answers, policy, as_of, known_at)


def affiliates(read: Input, plan: Plan, party: str) -> frozenset[str]:
    """The parties linked with one, in any direction, by relations or decisions over which a rule of the plan goes."""
    return linked_with(links_of(read, plan, (party,)), (party,))


def linked_with(links: Mapping[str, Collection[str]], parties: Collection[str]) -> frozenset[str]:
    """These parties and all that are linked with one of them, over any number of steps."""
    found, waiting = set(parties), list(parties)
    while waiting:
        new = set(links.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return frozenset(found)


def links_of(read: Input, plan: Plan, asked: Collection[str] = ()) -> Mapping[str, set[str]]:
    """Who is linked with whom, by whatever version of a record, among the parties of the tables and those asked about.

    Linked are the ends of relations, and a party with the persons that its events name, where a rule goes over them.
    """
    branches = [branch for rule in plan.spread for branch in rule.branches]
    kinds = {kind for branch in branches if isinstance(branch, OverRelation) for kind in branch.kinds}
    pairs = [(each.source, each.target) for each in read.relations if each.kind in kinds]
    lists = {
        (rule.start.each.kind, branch.element.name)
        for rule in plan.spread
        for branch in rule.branches
        if rule.start.each is not None and not isinstance(branch, OverRelation)
    }
    if lists:
        pairs += [(party, person) for party, events in read.events.items() for person in _named(events, lists)]
    links: dict[str, set[str]] = {}
    there = {*read.parties, *asked}
    for one, other in pairs:
        if one in there and other in there:
            links.setdefault(one, set()).add(other)
            links.setdefault(other, set()).add(one)
    return links


def _named(events: Iterable[Event], lists: Collection[tuple[str, str]]) -> Iterator[str]:
    """The persons whom events name in a list field."""
    for event in events:
        for kind, name in lists:
            if event.kind == kind:
                value = getattr(event, name, None) or event.extra.get(name) or ()
                yield from (item["person"] for item in value if "person" in item)


MOST_KEPT = 50_000  # own answers in memory, about 2 kB each; those beyond are made a second time


class SpreadDays:
    """The effects of several common days, found once for each day and then handed out party by party.

    Own answers are kept as long as there are not too many, for those whose score no effect moves have no other.
    """

    def __init__(self, records: Callable[[], Input], policy: Policy) -> None:
        self.records = records
        self.policy = policy
        self._by_target: dict[tuple[date, date], dict[str, list[Effect]]] = {}
        self._whole: dict[tuple[date, date], Effects] = {}
        self._told: set[tuple[date, date]] = set()
        self._own: dict[tuple[str, date, date], Assessment] = {}

    @cached_property
    def network(self) -> Network:
        """Everybody with the relations between them."""
        return network_of(self.records())

    @property
    def too_wide(self) -> tuple[tuple[date, TooWide], ...]:
        """The rules that were ended, by day."""
        return tuple((day, one) for (day, _), effects in self._whole.items() for one in effects.too_wide)

    def add(self, as_of: date, known_at: date | None, tick: Callable[[], None]) -> None:
        """The effects of one day, from the own answers of all parties."""
        own = own_answers(self.records(), self.policy, as_of, known_at, tick=tick)
        key = as_of, known_at or as_of
        self._told.discard(key)
        self._take(key, spread(self.network, map(self.keep, own), self.policy, as_of, known_at))

    def take(self, day: tuple[date, date], effects: Effects) -> None:
        """What moves scores on a day (judged, known), found elsewhere, where the rows of all effects are told too."""
        self._told.add(day)
        self._take(day, effects)

    def _take(self, day: tuple[date, date], effects: Effects) -> None:
        by_target: dict[str, list[Effect]] = {}
        for effect in effects:
            if not effect.is_region:
                by_target.setdefault(effect.target, []).append(effect)
        self._by_target[day] = by_target
        self._whole[day] = effects

    def is_told(self, as_of: date, known_at: date) -> bool:
        """Whether the rows of the effects of a day are told elsewhere."""
        return (as_of, known_at) in self._told

    def keep(self, answer: Assessment) -> Assessment:
        """An own answer, which may be the final one too."""
        if len(self._own) < MOST_KEPT:
            self._own[answer.party, answer.as_of, answer.known_at] = answer
        return answer

    def own_if_final(self, party: str, as_of: date, known_at: date | None) -> Assessment | None:
        """The own answer, handed out once, if it was kept and nothing can change it: no effect, no rule too wide."""
        key = (as_of, known_at or as_of)
        own = self._own.pop((party, *key), None)
        return None if party in self._by_target[key] or self._whole[key].too_wide else own

    def reaching(self, party: str, as_of: date, known_at: date | None) -> Effects:
        """The effects that reach a party, with the rules that were ended on that day."""
        key = (as_of, known_at or as_of)
        found = tuple(self._by_target[key].get(party, ()))
        whole = self._whole[key]
        return Effects(as_of=key[0], known_at=key[1], found=found, too_wide=whole.too_wide)

    def on_others(self, answered: Collection[tuple[str, date, date]]) -> Iterator[tuple[date, Effect]]:
        """The effects on parties without an answer on that day (party, day, day of knowledge), in order, with the day.

        Whoever a decision names may be reached and stand in no table, or become known later only. Not of days whose
        effects are told elsewhere.
        """
        for (as_of, known_at), by_target in sorted(self._by_target.items()):
            for target in sorted(by_target) if (as_of, known_at) not in self._told else ():
                if (target, as_of, known_at) not in answered:
                    yield from ((as_of, effect) for effect in by_target[target])
