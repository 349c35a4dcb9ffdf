"""Events that several rules and indicators look at, read once: as far back as any of them can see, no further.

A look tells the first day that it needs. Whoever needs an earlier one, or all days, is not served from here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import polars as pl
from attrs import evolve, frozen

from credit_engine.days import Period
from credit_engine.engines.columns.calendar import first_reaching
from credit_engine.engines.columns.events import Events, candidates, in_records, satisfying
from credit_engine.engines.columns.shapes import LAST_DAY, YES, all_of, any_of
from credit_engine.engines.columns.view import Run, fields_read, key_of, reached
from credit_engine.policy.nodes import (
    Aggregate,
    Condition,
    ElementAggregate,
    EventField,
    Literal,
    Node,
    Parameter,
    Selector,
    SetTest,
    Value,
)
from credit_engine.policy.plan import Plan

_NEVER = LAST_DAY + 1
_Key = tuple[str, tuple[str, ...], frozenset[str]]  # kind, by, standing: see `candidates`


@frozen(eq=False)
class Look:
    """Who looks at events: at those of a selector's kind, from the first day on, by what nodes.

    `wheres`: it looks at no others than satisfy one of these conditions, or may.
    """

    events: _Key
    first: int
    nodes: Sequence[Node]
    wheres: Sequence[Condition]


def key_of_events(node: Selector) -> _Key:
    """What candidates a selector chooses from."""
    return node.kind, node.by, node.standing


def read_once(run: Run, looks: Iterable[Look]) -> None:
    """Read the events that more than one look needs."""
    shared: dict[_Key, list[Look]] = {}
    for look in looks:
        shared.setdefault(look.events, []).append(look)
    for key, each in shared.items():
        if len(each) > 1:
            _read(run, key, each)


def _read(run: Run, key: _Key, looks: Sequence[Look]) -> None:
    first, nodes = min(look.first for look in looks), [node for look in looks for node in look.nodes]
    events = candidates(run, *key)
    rows = events.until_today(run).filter(events.recorded >= first)
    begun: dict[Condition, int] = {}  # from which day on those are wanted that satisfy a condition, or may
    for look in looks:
        begun |= {where: min(begun.get(where, look.first), look.first) for where in look.wheres}
    wanted = any_of(
        all_of([
            YES if day == first else events.recorded >= day,
            any_of(in_records(run, key[0], where) for where, since in begun.items() if since == day),
        ])
        for day in sorted(set(begun.values()))
    )  # fmt: skip
    rows = rows if wanted is YES else rows.filter(wanted)
    laws = (
        [run.plan.law, *(rule.law for rule in run.plan.score.rules)] if run.plan.score is not None else [run.plan.law]
    )
    anchors = {f"e.{name}" for name in (*key[1], *(name for law in laws for name in law.anchors))}
    names = rows.collect_schema().names()
    kept = [*columns_read(run, key[0], nodes, names), *(name for name in names if name in anchors)]
    found = run.collect(rows.select(name for name in dict.fromkeys(kept) if name != "key"))
    keyed = found.lazy().with_columns(key=key_of(pl.col("day"), pl.col("order")))
    run.found["recent", key] = (begun, evolve(events, dated=keyed))


def recent(run: Run, key: _Key, first: int | None, wheres: Iterable[Condition]) -> Events | None:
    """The events that were read, up to the day judged, if those that satisfy conditions go back to a day."""
    begun, events = run.found.get(("recent", key), ({}, None))
    is_there = first is not None and all(begun.get(where, _NEVER) <= first for where in wheres)
    return events if is_there else None


def forget(run: Run) -> None:
    """Let go of what was read; whoever looks again reads for himself."""
    for key in [key for key in run.found if isinstance(key, tuple) and key[0] in ("recent", "recent matching", "line")]:
        del run.found[key]


def recent_matching(run: Run, node: Selector, first: int | None) -> Events | None:
    """Those of them that a selector is about."""
    events = recent(run, key_of_events(node), first, [node.where])
    if events is None:
        return None
    key = ("recent matching", run.written(node))
    if key not in run.found:
        run.found[key] = satisfying(run, events, node.where)
    found: Events = run.found[key]
    return found


def takes_all(node: Selector) -> bool:
    """Whether a selector takes all that is seen within a period or at any time, whoever asks."""
    others = (node.at, node.since, node.before, node.per, node.last is not None, node.element)
    return node.settled and not any(others)


def counted(run: Run, pieces: object, day: int) -> Iterator[Look]:
    """The looks of the counts that pieces of a plan read, from viewpoints no earlier than a day."""
    for node in reached(run.plan, pieces):
        if isinstance(node, Aggregate) and node.op == "count" and takes_all(node.selector):
            periods = periods_of(run.plan, node.selector.within)
            if periods:
                first = min(first_reaching(period, day) for period in periods)
                where = node.selector.where
                yield Look(key_of_events(node.selector), first, list(reached(run.plan, where)), [where])


def periods_of(plan: Plan, value: Value | None) -> list[Period]:
    """The periods that a value may be; none where that is not known beforehand."""
    if isinstance(value, Literal):
        values = [value.value]
    elif isinstance(value, Parameter):
        values = [step.value for step in plan.parameters[value.name].values if not step.ended]
    else:
        return []
    periods = [value for value in values if isinstance(value, Period) and value.unit != "wd"]
    return periods if len(periods) == len(values) else []


def columns_read(run: Run, kind: str, nodes: Sequence[Node], names: Sequence[str]) -> list[str]:
    """Of the columns of a kind, those that nodes read, and whatever is no field of the event."""
    read = fields_read(nodes)
    names = [name for name in names if not name.startswith("e.") or run.reads(name, read)]
    coded = {name.rpartition(".")[0] for name in names if name.count(".") > 1}
    flags = _flags_read(run, kind, nodes, {name.removeprefix("e.") for name in coded})
    if not any(map(_reads_lists, nodes)):  # a set of closed codes has a column for each, and lists are slow to read
        names = [name for name in names if name not in coded]
    return [name for name in names if name.rpartition(".")[0] not in coded or name in flags]


def _flags_read(run: Run, kind: str, nodes: Sequence[Node], coded: Collection[str]) -> set[str]:
    """The columns of codes of sets that nodes read; the first of each set always tells whether the set is known."""
    types = run.plan.field_types[kind]
    every = {name: (of.codes if (of := types[name].of) is not None else ()) for name in coded}
    read = {name: set(codes[:1]) for name, codes in every.items()}
    for node in nodes:
        if isinstance(node, SetTest) and not (
            isinstance(node.left, EventField) and node.op != "only" and _are_written(node.right)
        ):
            return {f"e.{name}.{code}" for name, codes in every.items() for code in codes}
        if isinstance(node, SetTest) and isinstance(node.left, EventField) and node.left.name in read:
            read[node.left.name] |= {choice.value for choice in node.right if isinstance(choice, Literal)}
        if isinstance(node, EventField) and node.implied is not None and node.implied[0] in read:
            read[node.implied[0]] |= set(node.implied[1])
    return {f"e.{name}.{code}" for name, codes in read.items() for code in codes}


def _are_written(choices: Sequence[Node]) -> bool:
    return all(isinstance(choice, Literal) for choice in choices)


def _reads_lists(node: Node) -> bool:
    """Whether a node needs a set of closed codes as a list."""
    if isinstance(node, SetTest):
        return not _are_written(node.right)
    return isinstance(node, ElementAggregate)
