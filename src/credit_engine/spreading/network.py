"""Who is linked with whom: parties, regions and relations, in all their versions, as one networkx graph.

A relation carries on its own knowledge: it counts while its version is known and in force, whenever the records of the
parties that it links became known. Graphs are frozen; `graph.copy()` gives one that can be changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, TypeVar

import networkx as nx
from attrs import field, frozen

from credit_engine.dossiers import Regions, conflicting, version_key
from credit_engine.errors import Problem, QuestionError, RecordError
from credit_engine.policy.load import Policy
from credit_engine.records import Operator, Party, Person, Region, Relation, Versioned
from credit_engine.spreading.graphs import region_node, view_on, whole_graph
from credit_engine.spreading.links import Links, links_known

AnyRecord = TypeVar("AnyRecord", bound=Versioned)
AnyMade = TypeVar("AnyMade")
_BY_NAME = "give each by its name: Network(operators=..., persons=..., regions=..., relations=...)"
_KEPT = 8  # views and sets of links that are kept; older ones are made again


def _listed(table: str, sort: str, given: Iterable[AnyMade], cls: type) -> tuple[AnyMade, ...]:
    """What was given for an argument; refused is what is no list, or holds something that is no `cls` at all."""
    if isinstance(given, cls):
        raise RecordError(Problem("bad_field", f"{table} is a single {type(given).__name__}", hint=f"{table}=[...]"))
    if isinstance(given, str) or not isinstance(given, Iterable):
        message = f"{table} is {type(given).__name__}, not a list of {sort}s"
        raise RecordError(Problem("bad_field", message, hint=f"{table}=[{sort}(...), ...]"))
    found = tuple(given)
    wrong = next((each for each in found if not isinstance(each, cls)), None)
    if wrong is not None:
        message = f"{table} holds {type(wrong).__name__}, not only records of class {sort}"
        raise RecordError(Problem("bad_field", message, hint=_BY_NAME))
    return found


def _ordered(table: str, sort: str, records: Iterable[AnyRecord]) -> tuple[AnyRecord, ...]:
    """The records by id and version, equal ones once, so that equal networks are equal whatever the order was."""
    found = _listed(table, sort, records, Versioned)
    ordered = sorted(found, key=_content_key)
    return tuple(each for before, each in pairwise((None, *ordered)) if each is not None and each != before)


def _content_key(record: Versioned) -> tuple[object, ...]:
    source = record.read_from
    return (record.id, version_key(record), (source.file, source.record) if source else ("", 0))


def _operators(records: Iterable[Operator]) -> tuple[Operator, ...]:
    return _ordered("operators", "Operator", records)


def _persons(records: Iterable[Person]) -> tuple[Person, ...]:
    return _ordered("persons", "Person", records)


def _relations(records: Iterable[Relation]) -> tuple[Relation, ...]:
    return _ordered("relations", "Relation", records)


def _as_regions(regions: Regions | Iterable[Region]) -> Regions:
    return regions if isinstance(regions, Regions) else Regions(_listed("regions", "Region", regions, Region))


@frozen
class Network:
    """Operators, persons, regions and the relations between parties, in any order and in all their versions.

    Raises `RecordError` with all problems: versions that contradict each other, relations to nobody, and ids that are
    an operator's and a person's.
    """

    operators: tuple[Operator, ...] = field(default=(), converter=_operators)
    persons: tuple[Person, ...] = field(default=(), converter=_persons)
    regions: Regions = field(factory=Regions, converter=_as_regions)
    relations: tuple[Relation, ...] = field(default=(), converter=_relations)
    _memo: dict[Any, Any] = field(factory=dict, init=False, eq=False, repr=False)  # Any: views and links by days

    def __attrs_post_init__(self) -> None:
        """Refuse what no network can be made of."""
        problems = [*self._of_other_classes()] or [
            *self._conflicts(),
            *self._in_two_tables(),
            *self._to_nobody(),
        ]
        if problems:
            raise RecordError(problems)

    def __reduce__(self) -> tuple[type[Network], tuple[object, ...]]:
        """Pickle the records only; graphs are made again where they are needed."""
        return type(self), (self.operators, self.persons, self.regions, self.relations)

    @cached_property
    def graph(self) -> nx.MultiDiGraph:
        """Everything as one frozen `MultiDiGraph`: a node for each party and region, an edge for each version.

        Edges have `kind`; those of relations (source -> target) also `relation` (its id), `share`, `share_max`,
        `since`, `until`, `document`, `known_from` (`None`: from always) and `known_until` (`None`: still). Parties have
        an edge `registered` to their region (`region:CODE`), regions one of kind `parent` to the next higher one.
        """
        return whole_graph(self.operators, self.persons, self.regions, self.relations)

    def on(self, day: date, known_at: date | None = None, policy: Policy | None = None) -> nx.MultiDiGraph:
        """The frozen graph of what is in force on a day, as it was known on `known_at` (default: the same day).

        A party's node has what the version known then says; nobody's name or kind is known before the first version.
        With a policy, an edge `recognises` goes from each host to each region whose entries a row in force takes over.
        """
        if type(day) is not date or not (known_at is None or type(known_at) is date):
            raise QuestionError(Problem("bad_question", "a graph is asked for with days"))
        known = known_at or day
        key = ("on", day, known, id(policy))
        parties: tuple[Party, ...] = (*self.operators, *self.persons)
        # the policy is kept beside its view, so that its id stays its own
        return self._kept(key, lambda: (view_on(self.graph, parties, self.regions, day, known, policy), policy))[0]

    def links(self, known_at: date) -> Links:
        """The relations known on a day, ready to be followed; made once from the graph."""
        return self._kept(("links", known_at), lambda: links_known(self.graph, self._versions, known_at))

    def sort_of(self, party: str) -> Literal["entity", "person"]:
        """Whether measures find an entity or a person there; who is in no table was named, as persons are."""
        return "entity" if party in self._operator_ids else "person"

    def _kept(self, key: object, make: Callable[[], AnyMade]) -> AnyMade:
        """What was made for a key, kept until several others have been made."""
        made = self._memo.get(key)
        if made is None:  # several threads may make the same; none relies on what another one may drop
            for old in list(self._memo)[: 1 - _KEPT]:
                self._memo.pop(old, None)
            made = self._memo[key] = make()
        return made

    @cached_property
    def parties(self) -> frozenset[str]:
        """The ids of all operators and persons, whenever they became known."""
        return self._operator_ids | {record.id for record in self.persons}

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of all relations, in whatever version."""
        return frozenset(record.kind for record in self.relations)

    @cached_property
    def _operator_ids(self) -> frozenset[str]:
        return frozenset(record.id for record in self.operators)

    @cached_property
    def _versions(self) -> dict[tuple[str, date | None], Relation]:
        """The relations by id and day of knowledge; of several recorded on one day the newest."""
        return {
            (record.id, None if record.recorded == date.min else record.recorded): record for record in self.relations
        }

    def _of_other_classes(self) -> Iterator[Problem]:
        tables: tuple[tuple[str, type[Versioned], tuple[Versioned, ...]], ...] = (
            ("operators", Operator, self.operators),
            ("persons", Person, self.persons),
            ("relations", Relation, self.relations),
        )
        for table, cls, records in tables:
            for record in records:
                if not isinstance(record, cls):
                    message = f"{record.id!r} among the {table} is a record of class {type(record).__name__}"
                    yield Problem("bad_field", message, record.place, _BY_NAME)

    def _conflicts(self) -> Iterator[Problem]:
        for records in (self.operators, self.persons, self.relations):
            groups: dict[str, list[Versioned]] = {}
            for each in records:
                groups.setdefault(each.id, []).append(each)
            for group in groups.values():
                for record in conflicting(group) if len(group) > 1 else ():
                    message = f"{record.id!r}: versions share recorded and revision but differ"
                    yield Problem("conflicting_versions", message, record.place, "leave all but one out")

    def _in_two_tables(self) -> Iterator[Problem]:
        places: dict[str, Party] = {record.id: record for record in self.persons}
        for party in sorted(self._operator_ids & places.keys()):
            message = f"{party!r} is the id of an operator and of a person"
            yield Problem("id_in_two_tables", message, places[party].place, "rename one of the two")
        codes = {*self.regions.rows, *(record.region for record in self.operators if record.region)}
        for party in sorted({region_node(code) for code in codes} & (self._operator_ids | places.keys())):
            yield Problem(
                "id_in_two_tables", f"{party!r} is the id of a party and stands for a region", hint="rename it"
            )

    def _to_nobody(self) -> Iterator[Problem]:
        for relation in self.relations:
            for end, party in (("source", relation.source), ("target", relation.target)):
                if party not in self.parties:
                    message = f"{relation.id!r}: {end}: no operator or person has the id {party!r}"
                    yield Problem("relation_to_nobody", message, relation.place, "give the party, or leave this out")
