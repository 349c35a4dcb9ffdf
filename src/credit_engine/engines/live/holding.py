"""The records that a session holds: all versions of everything, and each party's dossier made of them.

What is refused here is what `Dossier` and `Network` refuse, told as soon as it arrives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal, TypeVar

from credit_engine.dossiers import Coverage, Dossier, Regions, known, version_key
from credit_engine.engines.live.journal import Journal
from credit_engine.errors import Problem, QuestionError, RecordError
from credit_engine.policy.places import did_you_mean
from credit_engine.policy.plan import Plan
from credit_engine.records import Event, Operator, Party, Person, Relation, Versioned
from credit_engine.spreading.graphs import region_node

AnyRecord = TypeVar("AnyRecord", bound=Versioned)
EventKey = tuple[str, str]  # kind and id


class Holding:
    """Every record in all its versions, in the order in which they came."""

    def __init__(self, plan: Plan, regions: Regions, coverage: Mapping[str, Coverage], journal: Journal) -> None:
        self.plan = plan
        self.regions = regions
        self.coverage = dict(coverage)
        self.parties: dict[str, tuple[Party, ...]] = {}
        self.relations: dict[str, tuple[Relation, ...]] = {}
        self.events: dict[EventKey, tuple[Event, ...]] = {}
        self._of_party: dict[str, tuple[EventKey, ...]] = {}
        self._dossiers: dict[str, Dossier] = {}
        self._region_nodes: dict[str, bool] = {region_node(code): True for code in regions.rows}
        self._journal = journal

    # --- taking in --------------------------------------------------------------------------------------------

    def add_party(self, party: Party) -> bool:
        """Take in a version of a party; whether it is new."""
        versions = self.parties.get(party.id, ())
        there = _in_its_place(party, versions)
        if there == party:
            return False
        _refuse_conflict(party, there)
        self._refuse_other_table(party, versions)
        if isinstance(party, Operator) and party.region is not None:
            self._journal.put(self._region_nodes, region_node(party.region), value=True)
        self._journal.put(self.parties, party.id, (*versions, party))
        self._journal.drop(self._dossiers, party.id)
        return True

    def add_event(self, event: Event) -> bool:
        """Take in a version of an event; whether it is new. Everybody whom a version names gets a new dossier."""
        key = (event.kind, event.id)
        versions = self.events.get(key, ())
        there = _in_its_place(event, versions)
        if there == event:
            return False
        self._refuse_nobody(event)
        _refuse_conflict(event, there)
        self._journal.put(self.events, key, (*versions, event))
        keys = self._of_party.get(event.party, ())
        if all(version.party != event.party for version in versions):
            self._journal.put(self._of_party, event.party, (*keys, key))
        named = {event.party, *(version.party for version in versions)}
        before = self._dossiers.get(event.party)
        if before is not None and len(named) == 1:
            self._journal.put(self._dossiers, event.party, before.with_event(event))
        else:
            for party in named:
                self._journal.drop(self._dossiers, party)
        return True

    def add_relation(self, relation: Relation) -> bool:
        """Take in a version of a relation; whether it is new."""
        versions = self.relations.get(relation.id, ())
        there = _in_its_place(relation, versions)
        if there == relation:
            return False
        if relation.kind not in self.plan.relations:
            message = f"the policy {self.plan.policy} knows no kind of relation {relation.kind!r}"
            hint = did_you_mean(relation.kind, self.plan.relations) or "declare it under `relations` of the policy"
            raise QuestionError(Problem("unknown_relation", message, relation.place, hint))
        for end, party in (("source", relation.source), ("target", relation.target)):
            if party not in self.parties:
                message = f"{relation.id!r}: {end}: no operator or person has the id {party!r}"
                raise RecordError(Problem("relation_to_nobody", message, relation.place, "register the party first"))
        _refuse_conflict(relation, there)
        self._journal.put(self.relations, relation.id, (*versions, relation))
        return True

    def _refuse_nobody(self, event: Event) -> None:
        if event.party not in self.parties:
            message = f"{event.id!r} is an event of {event.party!r}, who is no party of this session"
            raise QuestionError(Problem("unknown_party", message, event.place, "register the party first"))

    def _refuse_other_table(self, party: Party, versions: Iterable[Party]) -> None:
        if any(isinstance(version, Person) is not isinstance(party, Person) for version in versions):
            message = f"{party.id!r} is the id of an operator and of a person"
            raise RecordError(Problem("id_in_two_tables", message, party.place, "rename one of the two"))
        node = region_node(party.region) if isinstance(party, Operator) and party.region is not None else ""
        if party.id in self._region_nodes or node == party.id or node in self.parties:
            message = f"{party.id!r} or {node!r} is the id of a party and stands for a region"
            raise RecordError(Problem("id_in_two_tables", message, party.place, "rename the party"))

    # --- looking up -------------------------------------------------------------------------------------------

    def dossier(self, party: str) -> Dossier:
        """All that is held of one party; raises `QuestionError` if there is no such party."""
        found = self._dossiers.get(party)
        if found is None:
            if party not in self.parties:
                hint = did_you_mean(party, tuple(self.parties)[:1000]) or "register the party first"
                raise QuestionError(Problem("unknown_party", f"there is no party {party!r}", hint=hint))
            events = [version for key in self._of_party.get(party, ()) for version in self.events[key]]
            found = Dossier(self.parties[party], events, self.coverage, self.regions)
            self._dossiers[party] = found  # made of what is held alone: nothing to take back
        return found

    def party_known(self, party: str, day: date) -> bool:
        """Whether anything was known of a party on a day."""
        return known(self.parties.get(party, ()), day) is not None

    def sort_of(self, party: str) -> Literal["entity", "person"]:
        """See `Network.sort_of`."""
        versions = self.parties.get(party, ())
        return "entity" if versions and isinstance(versions[0], Operator) else "person"

    def named(self, name: str) -> EventKey:
        """The event of an id, or of `kind/id`; raises `QuestionError` unless there is exactly one."""
        kind, _, plain = name.partition("/")
        found = [key for key in ((each, name) for each in self.plan.kinds) if key in self.events]
        if (kind, plain) in self.events:
            found.append((kind, plain))
        if len(found) == 1:
            return found[0]
        either = " or ".join(whole for kind, plain in found if (whole := f"{kind}/{plain}") != name)
        message = f"there are {len(found)} events {name!r}" if found else f"there is no event {name!r}"
        hint = f"name one as {either}, or post its withdrawn version" if found else "post it first, or name it kind/id"
        raise QuestionError(Problem("unknown_event", message, hint=hint))

    def later_than(self, day: date) -> Iterator[tuple[date, Versioned]]:
        """The versions that become known after a day."""
        groups: tuple[Iterable[tuple[Versioned, ...]], ...] = (
            self.parties.values(),
            self.events.values(),
            self.relations.values(),
        )
        for group in groups:
            for versions in group:
                for version in versions:
                    if version.recorded is not None and version.recorded > day:
                        yield version.recorded, version


def _in_its_place(record: AnyRecord, versions: Iterable[AnyRecord]) -> AnyRecord | None:
    """The version that shares `recorded` and `revision` with a record, if one is held."""
    key = version_key(record)
    return next((version for version in versions if version_key(version) == key), None)


def _refuse_conflict(record: Versioned, there: Versioned | None) -> None:
    if there is not None:
        message = f"{record.id!r}: another version has the same recorded and revision but differs"
        hint = "give a correction a later `recorded`, or a greater `revision`"
        raise RecordError(Problem("conflicting_versions", message, record.place, hint))
