"""What rules that look at the same events share: one view, of no more events and columns than they need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl
from attrs import evolve

from credit_engine.days import Period
from credit_engine.engines.columns.adding import Rule
from credit_engine.engines.columns.apart import event_view
from credit_engine.engines.columns.calendar import first_reaching
from credit_engine.engines.columns.events import candidates, has_nulls
from credit_engine.engines.columns.recent import (
    Look,
    columns_read,
    counted,
    key_of_events,
    periods_of,
    recent,
    takes_all,
)
from credit_engine.engines.columns.shapes import YES, any_of
from credit_engine.engines.columns.view import At, Run, View, build, on_the_day, reached
from credit_engine.policy.nodes import (
    Aggregate,
    Condition,
    EventField,
    Indicator,
    Node,
    Span,
    SpanRow,
)
from credit_engine.policy.plan import Plan


def viewpoint(run: Run, rule: Rule) -> object:
    """The same for rules that look at the same events, under the same law.

    Also with the same look at other events, if these have to be paired with each that the rule means.
    """
    each = rule.plan.each
    aggregates = (node for node in reached(run.plan, _pieces(rule)) if isinstance(node, Aggregate))
    others = {run.written(node) for node in aggregates if not _is_quick(node)}
    if each is None:
        return None, tuple(sorted(others))
    return each.kind, each.by, tuple(sorted(each.standing)), rule.plan.law, tuple(sorted(others))


def _is_quick(node: Aggregate) -> bool:
    return node.op == "count" and takes_all(node.selector)


def _only_counts(plan: Plan, indicator: Node) -> bool:
    """Whether an indicator looks at other events, and counts them without pairing."""
    found = [_is_quick(node) for node in reached(plan, indicator) if isinstance(node, Aggregate)]
    return bool(found) and all(found)


def _pieces(rule: Rule) -> tuple[object, ...]:
    plan, each = rule.plan, rule.plan.each
    return (plan.when, plan.points, plan.counts) if each is None else (each.where, plan.when, plan.points, plan.counts)


def shared_view(run: Run, rules: Sequence[Rule]) -> tuple[View, bool]:
    """The view that these rules share, and whether none of its events is doubtful in itself."""
    each = rules[0].plan.each
    if each is None:
        return on_the_day(run, run.parties()), True
    first = _first_day(run, rules)
    events = recent(run, key_of_events(each), first, _wheres(rules))
    events = events or candidates(run, each.kind, each.by, each.standing)
    dated, between = events.until_today(run), events.between
    if first is not None:
        dated = dated.filter(events.recorded >= first)
        between = None if between is None else (max(first, between[0]), max(first, between[1]))
    else:
        oldest = any_of([_reaches_today(run, rule) for rule in rules])
        dated = dated if oldest is YES else dated.filter(oldest)
    view = event_view(run, evolve(events, dated=dated, between=between), rules[0].laws[0])
    nodes = list(reached(run.plan, _all_of(run, rules)))
    view.frame = view.frame.select(columns_read(run, each.kind, nodes, view.frame.collect_schema().names()))
    return view, events.sure


def _all_of(run: Run, rules: Sequence[Rule]) -> list[object]:
    """All that is read from the view of these rules."""
    each = rules[0].plan.each
    admits = None if each is None else run.plan.admits.get(each.kind)
    return [*(piece for rule in rules for piece in _pieces(rule)), admits.where if admits is not None else None]


def looks(run: Run, rules: Sequence[Rule]) -> Iterator[Look]:
    """What events the rules look at, and from which day on."""
    each, pieces = rules[0].plan.each, _all_of(run, rules)
    if each is None:
        yield from counted(run, pieces, run.first_day)
    elif (first := _first_day(run, rules)) is not None:
        yield Look(key_of_events(each), first, list(reached(run.plan, pieces)), _wheres(rules))
        yield from counted(run, pieces, first)


def _wheres(rules: Sequence[Rule]) -> list[Condition]:
    return [rule.plan.each.where for rule in rules if rule.plan.each is not None]


def _reaches_today(run: Run, rule: Rule) -> pl.Expr:
    """False where an event's span is surely over before the day judged: told of plain periods from a recorded day."""
    row = _plain_row(rule.plan.counts)
    if row is None or row.from_ is None or len(row.from_) != 1 or not isinstance(row.from_[0], EventField):
        return YES
    kind, field = rule.plan.each.kind if rule.plan.each is not None else "", row.from_[0]
    periods = periods_of(run.plan, row.for_)
    if not periods or field.implied is not None:
        return YES
    begins = pl.col(f"e.{field.name}")
    late = begins >= _first_of(run, periods)
    return late | begins.is_null() if has_nulls(run, kind, f"e.{field.name}") else late


def _first_of(run: Run, periods: Sequence[Period]) -> int:
    return min(first_reaching(period, run.first_day) for period in periods)


def _first_day(run: Run, rules: Sequence[Rule]) -> int | None:
    """The first day of events that any of the rules can mean, where all of them count periods from the event's day."""
    firsts = []
    for rule in rules:
        row, by = _plain_row(rule.plan.counts), rule.plan.each.by if rule.plan.each is not None else ()
        periods = [] if row is None else periods_of(run.plan, row.for_)
        if row is None or not periods or row.from_ not in (None, tuple(EventField(name) for name in by)):
            return None
        firsts.append(_first_of(run, periods))
    return min(firsts)


def _plain_row(counts: Span | None) -> SpanRow | None:
    """The one row of a span that only adds a period to a day."""
    if counts is None or len(counts.rows) != 1:
        return None
    (row,) = counts.rows
    more = (row.until, row.or_until, row.or_while, row.to_end_of, row.pauses)
    return None if row.plus or row.rolls or any(part is not None for part in more) else row


def count_first(view: View, rules: Sequence[Rule]) -> None:
    """Count other events while the rows are narrow."""
    plan = view.run.plan
    for node in reached(plan, [_pieces(rule) for rule in rules]):
        if isinstance(node, Indicator) and view.kind is not None and _only_counts(plan, node):
            build(node, At(view))


def count_today(run: Run) -> None:
    """Count events for the indicators of the day judged, while what was read for rules is at hand."""
    at = At(on_the_day(run, run.parties()), "day")
    for indicator in run.plan.indicators.values():
        if _only_counts(run.plan, indicator.value):
            build(indicator.value, at)
