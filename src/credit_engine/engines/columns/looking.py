"""The events that rules with `each` look at, and whether each is meant: see `assessing.applying`.

Rules that look at the same events from the same viewpoints share one pass over them. Of each rule what comes out are
rows: the events that are meant, or may be, under a law under which the rule is in force.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import polars as pl
from attrs import evolve, frozen

from credit_engine.assessing.applying import looks_around
from credit_engine.engines.columns.apart import event_view
from credit_engine.engines.columns.events import TRUE, Events, candidates, earliest, under_each_law
from credit_engine.engines.columns.naming import Names, masked, merged, unknown_names
from credit_engine.engines.columns.shapes import DAY, FIRST_DAY, NO, YES, Truths, all_of, any_of, both, fixed, sure
from credit_engine.engines.columns.spans import days_of, in_force
from credit_engine.engines.columns.view import At, Run, View, build, fields_read, reached
from credit_engine.policy.nodes import All, Condition, Selector
from credit_engine.policy.plan_basis import Basis, Law


class Looking(NamedTuple):
    """What a rule looks at. `owner`: its id; `reads`: what it reads of the event beside `each`; `fields`: by name.

    `every_law`: an event may also be meant under a law of another day until the day judged.
    """

    owner: str
    each: Selector
    law: Law
    basis: Basis
    reads: tuple[object, ...] = ()
    fields: tuple[str, ...] = ()
    every_law: bool = False


@frozen(eq=False)
class Seen:
    """The events of a rule as they stand at a viewpoint: columns of a view, and `sure`: whether each surely is meant.

    `undated`: events without a day, which are looked at on the day judged, under the last law that may be theirs.
    """

    looking: Looking
    view: View
    undated: bool

    @property
    def at(self) -> At:
        """The view under the law of each event."""
        return At(self.view)

    def names(self) -> Names:
        """The names that leave open whether an event is meant."""
        each, run = self.looking.each, self.view.run
        found = [unknown_names(piece, self.at) for piece in (each.where, each.item_where) if piece is not None]
        found += [dict.fromkeys(each.by, YES)] if self.undated else []
        admits = run.plan.admits.get(each.kind)
        if admits is not None:
            doubtful = YES if self.undated else pl.col("doubtful")
            found.append(masked(unknown_names(admits.where, self.at), doubtful))
        return merged(found)


def looked_at(run: Run, rules: Sequence[Looking]) -> list[list[Seen]]:
    """What each rule looks at, rule by rule: events with a day, and those without one where there are any."""
    shared: dict[object, list[int]] = {}
    for place, rule in enumerate(rules):
        shared.setdefault(_viewpoint(rule), []).append(place)
    found: list[list[Seen]] = [[] for _ in rules]
    for places in shared.values():
        group = [rules[place] for place in places]
        events = _events(run, group[0])
        for place, seen in zip(places, _dated(run, group, events), strict=True):
            found[place].append(seen)
        if events.undated is not None:
            for place, seen in zip(places, _undated(run, group, events.undated), strict=True):
                found[place].append(seen)
    return found


def _viewpoint(rule: Looking) -> object:
    each = rule.each
    return each.kind, each.by, tuple(sorted(each.standing)), rule.law, rule.owner if each.per else ""


def _events(run: Run, rule: Looking) -> Events:
    """The candidates up to the day judged; with `per` the earliest of those that are meant, or may be."""
    each = rule.each
    events = candidates(run, each.kind, each.by, each.standing)
    events = evolve(events, dated=events.until_today(run))
    if not each.per:
        return events
    names = events.dated.collect_schema().names()
    view = event_view(run, events, rule.law)
    truths: Truths = build(each.where, At(view))
    kept = view.frame.filter(truths.may).with_columns(doubtful=pl.col("doubtful") | ~truths.holds).select(names)
    return evolve(events, dated=earliest(run, each.kind, kept, events.undated, each.per, ("party",)), sure=False)


def _dated(run: Run, rules: Sequence[Looking], events: Events) -> list[Seen]:
    """The events with a day, each from its own viewpoint."""
    view = event_view(run, events, rules[0].law)
    view.frame = view.frame.select(_columns(run, rules, view.frame))
    base, at = view.frame.collect_schema().names(), At(view)
    flags = []
    for rule in rules:
        truths = _meant(rule, at)
        truths = truths if events.sure else Truths(truths.holds & ~pl.col("doubtful"), truths.may)
        truths = both([sure(in_force(days_of(run, rule.basis), at)), truths])
        flags.append((view.let(truths.holds), view.let(truths.may)))
    view.frame = view.frame.filter(any_of(may for _, may in flags))
    rows = view.pin()
    found = []
    for rule, (holds, may) in zip(rules, flags, strict=True):
        mine = rows.filter(may).select(*base, sure=holds)
        seen = View(run, mine.lazy(), rule.each.kind, rule.each.kind)
        seen.between = dict(view.between)
        found.append(Seen(rule, seen, undated=False))
    return found


def _meant(rule: Looking, at: At) -> Truths:
    pieces = [piece for piece in (rule.each.where, rule.each.item_where) if piece is not None]
    truths = both([build(piece, at) for piece in pieces])
    if not rule.every_law:
        return truths
    run = at.view.run
    changes = [day for each in run.found["law changes"] if (day := each.toordinal()) <= run.last_day]
    laws = {day: at.view.let(fixed(day, DAY)).meta.output_name() for day in (FIRST_DAY, *changes)}
    begun = {day: YES if day <= run.first_day else run.today >= day for day in laws}
    others = [
        all_of([begun[day], both([build(piece, at.under(law)) for piece in pieces]).may]) for day, law in laws.items()
    ]
    return Truths(NO, any_of([truths.may, *others]))


def _undated(run: Run, rules: Sequence[Looking], undated: pl.LazyFrame) -> list[Seen]:
    """The events without a day: only what holds from every day and under every law is sure."""
    kind, law = rules[0].each.kind, rules[0].law
    frame = under_each_law(run, law, kind, undated.drop("day")).with_columns(day=run.today, by_day=fixed(None, DAY))
    view = View(run, frame.select(_columns(run, rules, frame)), kind)
    base, at = [name for name in view.frame.collect_schema().names() if name != "variant"], At(view)
    flags = []
    for rule in rules:
        parts = _parts(rule.each.where)
        still = both([build(part, at) for part in parts if not looks_around(part, run.plan)])
        every = len(parts) == sum(not looks_around(part, run.plan) for part in parts)
        holds = still.holds.all().over("order") if still.holds is not YES else YES
        may = still.may.any().over("order") if still.may is not YES else YES
        valid = in_force(days_of(run, rule.basis), at)
        valid = valid.any().over("order") if valid is not YES else YES
        flags.append((view.let(holds if every else pl.lit(value=False)), view.let(may & valid)))
    view.frame = view.frame.filter(pl.col("variant") == pl.col("variant").max().over("order"))
    rows = view.pin()
    return [
        Seen(rule, View(run, rows.filter(may).select(*base, sure=holds).lazy(), kind), undated=True)
        for rule, (holds, may) in zip(rules, flags, strict=True)
    ]


def _parts(condition: Condition) -> Sequence[Condition]:
    if condition == TRUE:
        return ()
    return condition.parts if isinstance(condition, All) else (condition,)


def _columns(run: Run, rules: Sequence[Looking], frame: pl.LazyFrame) -> list[str]:
    """The columns of the events that these rules read."""
    admits = run.plan.admits.get(rules[0].each.kind)
    pieces = [piece for rule in rules for piece in (rule.each, *rule.reads)]
    read: Collection[str] = fields_read(reached(run.plan, (*pieces, admits.where if admits is not None else None)))
    read = {*read, *(f"e.{name}" for rule in rules for name in rule.fields)}
    names = frame.collect_schema().names()
    return [name for name in names if not name.startswith("e.") or run.reads(name, read)]
