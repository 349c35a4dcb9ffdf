"""Who is linked with whom: the sets of parties between which effects can go, and their relations.

A relation of a kind that no rule goes over links nobody. Sets only ever grow together: one that is larger than need be
costs time and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from attrs import frozen

from credit_engine.dossiers import known
from credit_engine.engines.live.journal import Journal
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_spreading import OverRelation
from credit_engine.records import Relation
from credit_engine.spreading.links import Links, held_as


@frozen(eq=False)
class Cluster:
    """Parties linked with each other, by the id of the one that it began with, and the ids of their relations."""

    id: str
    parties: tuple[str, ...]
    relations: tuple[str, ...] = ()


class Clusters:
    """Every party that is linked with anybody; whoever is in none of these sets stands alone."""

    def __init__(self, plan: Plan, relations: Mapping[str, tuple[Relation, ...]], journal: Journal) -> None:
        branches = [branch for rule in plan.spread for branch in rule.branches]
        self.kinds = {kind for branch in branches if isinstance(branch, OverRelation) for kind in branch.kinds}
        self._relations = relations
        self._journal = journal
        self._of: dict[str, str] = {}
        self._clusters: dict[str, Cluster] = {}
        self._links: dict[str, tuple[date, Links]] = {}

    def begin(self) -> None:
        """Take in all relations at once: the same sets as one by one, without growing each of them a step at a time."""
        above: dict[str, str] = {}

        def top(party: str) -> str:
            while (higher := above.get(party, party)) != party:
                above[party] = above.get(higher, higher)
                party = higher
            return party

        going = [each for versions in self._relations.values() for each in versions if each.kind in self.kinds]
        for relation in going:
            one, other = top(relation.source), top(relation.target)
            above.setdefault(one, one)
            above[other] = one
        parties: dict[str, list[str]] = {}
        for party in above:
            parties.setdefault(top(party), []).append(party)
        relations: dict[str, dict[str, None]] = {}
        for relation in going:
            relations.setdefault(top(relation.source), {})[relation.id] = None
        for name, members in parties.items():
            self._clusters[name] = Cluster(name, tuple(members), tuple(relations[name]))
            self._of.update((party, name) for party in members)

    def of(self, party: str) -> Cluster:
        """The parties linked with one, itself among them."""
        name = self._of.get(party)
        return Cluster(party, (party,)) if name is None else self._clusters[name]

    def link(self, one: str, other: str) -> tuple[Cluster, ...]:
        """Put two parties into one set; gives the sets that are now one, if they were two."""
        first, second = self.of(one), self.of(other)
        if first.id == second.id:
            return ()
        large, small = (first, second) if len(first.parties) >= len(second.parties) else (second, first)
        relations = dict.fromkeys((*large.relations, *small.relations))  # one whose ends have changed stands in both
        both = Cluster(large.id, large.parties + small.parties, tuple(relations))
        for party in small.parties if len(large.parties) > 1 else both.parties:
            self._journal.put(self._of, party, both.id)
        self._journal.drop(self._clusters, small.id)
        self._journal.put(self._clusters, both.id, both)
        for gone in (large, small):
            self._journal.drop(self._links, gone.id)
        return large, small

    def relate(self, versions: tuple[Relation, ...]) -> tuple[Cluster, ...]:
        """Take in the newest version to arrive, the last of all; gives the sets that are now one, if they were two.

        A version may have other ends or another kind, so the links of all sets that it ever stood in are made anew.
        """
        relation = versions[-1]
        merged: tuple[Cluster, ...] = ()
        if relation.kind in self.kinds:
            merged = self.link(relation.source, relation.target)
            cluster = self.of(relation.source)
            if relation.id not in cluster.relations:
                more = Cluster(cluster.id, cluster.parties, (*cluster.relations, relation.id))
                self._journal.put(self._clusters, cluster.id, more)
        for version in versions:
            self._journal.drop(self._links, self.of(version.source).id)
        return merged

    def links(self, cluster: Cluster, day: date) -> Links:
        """The relations of a cluster that are known on a day."""
        kept = self._links.get(cluster.id)
        if kept is not None and kept[0] == day:
            return kept[1]
        versions = [version for name in cluster.relations if (version := known(self._relations[name], day)) is not None]
        ordered = sorted(versions, key=lambda relation: relation.id)
        made = Links(tuple((one.source, one.target, held_as(one)) for one in ordered))
        self._journal.put(self._links, cluster.id, (day, made))
        return made
