"""What reaches whom: the effects of each origin, kept as long as nothing that they rest on has changed.

The effects of an origin rest on the origin itself, on the relations of its cluster, on how closed the answers in it
are, and on the day. Those of a rule whose parties act together rest on all of its origins in the cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from attrs import frozen

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.audiences import AUDIENCES
from credit_engine.assessing.effects import Cut, Edge, Effect, Effects, Origin, TooWide
from credit_engine.engines.live.change import effects_changed
from credit_engine.engines.live.clusters import Cluster, Clusters
from credit_engine.engines.live.journal import Journal
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_spreading import SpreadRule
from credit_engine.spreading.arriving import Arrivals, Sorts
from credit_engine.spreading.cuts import Tracing
from credit_engine.spreading.links import Links
from credit_engine.spreading.owning import Own
from credit_engine.spreading.spread import TooManyError, over_paths, over_shares

OriginKey = tuple[str, str, str]  # party, kind, id
Reached = Mapping[str, Effect] | None  # by target; `None`: more than the rule may have
_NONE: Reached = {}


@frozen(eq=False)
class Stance:
    """What spread reads of a party's own answer."""

    origins: Mapping[tuple[str, OriginKey], Origin]  # by rule and key
    recognised: tuple[Effect, ...]
    rank: int

    @property
    def is_silent(self) -> bool:
        """Whether nothing starts here."""
        return not self.origins and not self.recognised


def stance_of(own: Assessment) -> Stance:
    """What spread reads of an own answer."""
    origins: dict[tuple[str, OriginKey], Origin] = {
        (one.rule, (one.party, one.kind, one.id or "")): one for one in own.origins
    }
    return Stance(origins, own.recognised, AUDIENCES.index(own.audience))


class Reach:
    """The effects of the day, rule by rule and cluster by cluster."""

    def __init__(self, plan: Plan, clusters: Clusters, sorts: Sorts, journal: Journal) -> None:
        self.plan = plan
        self.rules: Mapping[str, SpreadRule] = {rule.id: rule for rule in plan.spread}
        self.stances: dict[str, Stance] = {}
        self._clusters = clusters
        self._sorts = sorts
        self._journal = journal
        self._ranks: dict[str, int] = {}
        self._origins: dict[tuple[str, str], dict[OriginKey, Origin]] = {}  # by rule and cluster
        self._reached: dict[tuple[str, str], dict[OriginKey, Reached]] = {}
        self._count: dict[str, int] = dict.fromkeys(self.rules, 0)
        self._too_many: dict[str, int] = dict.fromkeys(self.rules, 0)  # origins that alone have more than `most`
        self._arrivals: dict[str, Arrivals] = {}
        self._tracings: dict[str, Tracing] = {}  # by cluster, as long as nothing that they are made of changes
        self._too_wide: dict[str, bool] = {}  # the rules that are ended
        self._given: dict[str, tuple[str, Effects]] = {}  # what was told last, and of whom, as long as nothing changes
        self._place = {name: place for place, name in enumerate((*self.rules, *(row.id for row in plan.recognition)))}
        self.begin()

    # --- what has changed -------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Forget what changed before."""
        self._dirty: dict[tuple[str, str], set[OriginKey]] = {}
        self._was: dict[tuple[str, OriginKey], Reached] = {}
        self._now: dict[tuple[str, OriginKey], Reached] = {}
        self._was_wide = self._wide()
        self._took_over: dict[str, tuple[Effect, ...]] = {}

    def stand(self, party: str, stance: Stance | None) -> None:
        """Set what spread reads of a party's own answer (none: it has no answer)."""
        before = self.stances.get(party)
        old = before.origins if before is not None else {}
        new = stance.origins if stance is not None else {}
        if stance is None:
            self._journal.drop(self.stances, party)
            self._journal.drop(self._ranks, party)
        else:
            self._journal.put(self.stances, party, stance)
            self._journal.put(self._ranks, party, stance.rank)
        self._took_over.setdefault(party, before.recognised if before is not None else ())
        for origin in new.values():
            for person in (person for pairs in origin.named for _, person in pairs):
                self.merged(self._clusters.link(party, person))
        cluster = self._clusters.of(party)
        if (before and before.rank) != (stance and stance.rank):
            self.unsettle(cluster)
        for rule, key in (*old, *(each for each in new if each not in old)):
            one, other = old.get((rule, key)), new.get((rule, key))
            if one is not None and one == other and one.read_from == other.read_from:
                continue
            origins = self._origins.setdefault((rule, cluster.id), {})
            self._untrace(cluster)
            if other is None:
                self._journal.drop(origins, key)
            else:
                self._journal.put(origins, key, other)
            self._dirty.setdefault((rule, cluster.id), set()).add(key)

    def merged(self, clusters: Iterable[Cluster]) -> None:
        """Carry everything of clusters that became one to the first of them, to be looked at again."""
        for gone in (*clusters,)[1:]:
            whole = next(iter(clusters))
            for rule in self.rules:
                origins = self._origins.get((rule, gone.id), {})
                ours = self._origins.setdefault((rule, whole.id), {})
                for key, origin in (*origins.items(),):
                    self._journal.put(ours, key, origin)
                    self._journal.drop(origins, key)
                for key in (*self._reached.get((rule, gone.id), ()),):
                    self._put(rule, gone.id, key, _NONE)
                self._dirty.pop((rule, gone.id), None)
            self.unsettle(whole)

    def unsettle(self, cluster: Cluster) -> None:
        """Look at everything in a cluster again."""
        self._untrace(cluster)
        for rule in self.rules:
            keys = self._origins.get((rule, cluster.id))
            if keys:
                self._dirty.setdefault((rule, cluster.id), set()).update(keys)

    def _untrace(self, cluster: Cluster) -> None:
        self._journal.drop(self._given, "last")
        self._journal.drop(self._tracings, cluster.id)

    def unsettle_all(self) -> None:
        """Look at everything again: the day has moved."""
        for (rule, at), origins in self._origins.items():
            if origins:
                self._dirty.setdefault((rule, at), set()).update(origins)

    def settle(self, day: date) -> None:
        """Find the effects of all that is to be looked at again."""
        own = Own({}, (), self._ranks)
        for (name, at), keys in self._dirty.items():
            rule, origins = self.rules[name], self._origins.get((name, at), {})
            arrivals = self._arrivals.get(name)
            if arrivals is None or arrivals.as_of != day:
                arrivals = self._arrivals[name] = Arrivals(rule, self.plan, self._sorts, own, day)
            links = self._clusters.links(self._clusters.of(at), day) if origins else Links(())
            if rule.together:
                ordered = [origin for _, origin in sorted(origins.items())]
                self._put(name, at, ("", at, ""), _reached(arrivals, ordered, links))
                continue
            for key in keys:
                origin = origins.get(key)
                self._put(name, at, key, _NONE if origin is None else _reached(arrivals, [origin], links))
        self._dirty = {}

    def _put(self, rule: str, at: str, key: OriginKey, reached: Reached) -> None:
        every = self._reached.setdefault((rule, at), {})
        before = every.get(key, _NONE)
        self._journal.drop(self._given, "last")
        self._was.setdefault((rule, key), before)
        self._now[rule, key] = reached
        if reached is _NONE or reached == _NONE:
            self._journal.drop(every, key)
        else:
            self._journal.put(every, key, reached)
        self._journal.put(self._count, rule, self._count[rule] + len(reached or ()) - len(before or ()))
        many = self._too_many[rule] + (reached is None) - (before is None)
        if many != self._too_many[rule]:
            self._journal.put(self._too_many, rule, many)
        if many or self._count[rule] > self.rules[rule].most:
            self._journal.put(self._too_wide, rule, value=True)
        else:
            self._journal.drop(self._too_wide, rule)

    def _wide(self) -> frozenset[str]:
        return frozenset(self._too_wide)

    def changed(self) -> tuple[tuple[Effect, ...], tuple[Effect, ...]]:
        """The effects gained and lost since `begin`, in the order of the policy."""
        before, after = self._before_and_after()
        return effects_changed(before, after, self._place) if before or after else ((), ())

    def _before_and_after(self) -> tuple[list[Effect], list[Effect]]:
        """The effects of all that was looked at again since `begin`, in no set order."""
        before: list[Effect] = []
        after: list[Effect] = []
        now_wide = self._wide()
        for (rule, key), was in self._was.items():
            now = self._now[rule, key]
            if was is not now and rule not in self._was_wide and rule not in now_wide:
                before += (was or _EMPTY).values()
                after += (now or _EMPTY).values()
        for rule in self._was_wide ^ now_wide:
            now_all = {key: one for at in self._at(rule) for key, one in self._reached[rule, at].items()}
            if rule in self._was_wide:
                after += [effect for one in now_all.values() for effect in (one or _EMPTY).values()]
            else:
                was_all = now_all | {key: one for (name, key), one in self._was.items() if name == rule}
                before += [effect for one in was_all.values() for effect in (one or _EMPTY).values()]
        for party, taken in self._took_over.items():
            stance = self.stances.get(party)
            before += taken
            after += stance.recognised if stance is not None else ()
        return before, after

    def _at(self, rule: str) -> list[str]:
        return [at for name, at in self._reached if name == rule]

    # --- what there is ----------------------------------------------------------------------------------------

    def too_wide(self) -> tuple[TooWide, ...]:
        """The rules that are ended, in the order of the policy."""
        wide = self._wide()
        return tuple(TooWide(rule=name, most=rule.most) for name, rule in self.rules.items() if name in wide)

    def on(self, party: str) -> tuple[Effect, ...]:
        """The effects that reach a party, in the order of the policy, then of their origins."""
        at = self._clusters.of(party).id
        wide = self._wide()
        found: list[Effect] = []
        for rule in self.rules:
            every = self._reached.get((rule, at))
            if every and rule not in wide:
                here = [(key, reached[party]) for key, reached in every.items() if reached and party in reached]
                found += (effect for _, effect in sorted(here, key=_key))
        return tuple(found)

    def given_to(self, party: str, day: date) -> Effects:
        """The effects that reach a party, with the proof and the cut of each."""
        last = self._given.get("last")
        if last is not None and last[0] == party and last[1].as_of == day:
            return last[1]
        cluster = self._clusters.of(party)
        tracing = self._tracings.get(cluster.id)
        if tracing is None or tracing.as_of != day:
            tracing = self._tracing(cluster, day)
            self._journal.put(self._tracings, cluster.id, tracing)
        given = Effects(
            as_of=day,
            known_at=day,
            found=self.on(party),
            too_wide=self.too_wide(),
            cut_of=tracing.cut,
            proof_of=tracing.proof,
        )
        self._journal.put(self._given, "last", (party, given))
        return given

    def everything(self, day: date) -> Effects:
        """All effects of the day, as `spread` gives them."""
        wide = self._wide()
        found: list[Effect] = []
        for name, rule in self.rules.items():
            every = {key: one for at in self._at(name) for key, one in self._reached[name, at].items()}
            reached = [effect for _, one in sorted(every.items(), key=_key) for effect in (one or _EMPTY).values()]
            if rule.together:
                reached.sort(key=lambda effect: effect.target)
            found += reached if name not in wide else ()
        row_of = {row.id: number for number, row in enumerate(self.plan.recognition)}
        taken = [effect for stance in self.stances.values() for effect in stance.recognised]
        found += sorted(taken, key=lambda each: (row_of.get(each.rule, -1), each.origin or "", each.target))
        by_cluster: dict[str, Tracing] = {}

        def tracing(effect: Effect) -> Tracing:
            cluster = self._clusters.of(effect.origin_party or effect.target)
            if cluster.id not in by_cluster:
                by_cluster[cluster.id] = self._tracing(cluster, day)
            return by_cluster[cluster.id]

        def cut(effect: Effect) -> tuple[Cut, ...]:
            return tracing(effect).cut(effect)

        def proof(effect: Effect) -> tuple[Edge, ...]:
            return tracing(effect).proof(effect)

        return Effects(
            as_of=day,
            known_at=day,
            found=tuple(found),
            too_wide=self.too_wide(),
            cut_of=cut,
            proof_of=proof,
        )

    def _tracing(self, cluster: Cluster, day: date) -> Tracing:
        origins = {
            rule: tuple(origin for _, origin in sorted(found.items()))
            for rule in self.rules
            if (found := self._origins.get((rule, cluster.id)))
        }
        links = self._clusters.links(cluster, day) if origins else Links(())
        return Tracing(_Linked(links), self.rules, origins, day, day)


@frozen(eq=False)
class _Linked:
    """The relations of one cluster as they were known on one day."""

    known: Links

    def links(self, known_at: date) -> Links:  # noqa: ARG002  # of one day only
        """The relations; asked for their own day only."""
        return self.known


_EMPTY: Mapping[str, Effect] = {}


def _key(item: tuple[OriginKey, Any]) -> OriginKey:  # Any: what stands under the key
    return item[0]


def _reached(arrivals: Arrivals, origins: list[Origin], links: Links) -> Reached:
    """What these origins reach, by target; `None` where that is more than the rule may have."""
    find = over_shares if arrivals.rule.together else over_paths
    try:
        return {effect.target: effect for effect in find(arrivals, origins, links)}
    except TooManyError:
        return None


def targets(effects: Iterable[Effect]) -> Iterator[str]:
    """Whom effects reach, regions left out."""
    return (effect.target for effect in effects if not effect.is_region)
