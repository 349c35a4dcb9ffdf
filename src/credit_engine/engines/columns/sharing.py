"""What rules that look at the same events share: one view, of no more events and columns than they need."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from attrs import evolve

from credit_engine.days import Period
from credit_engine.engines.columns.adding import Rule
from credit_engine.engines.columns.apart import event_view
from credit_engine.engines.columns.calendar import first_reaching
from credit_engine.engines.columns.counting import takes_all
from credit_engine.engines.columns.events import candidates, has_nulls
from credit_engine.engines.columns.shapes import YES, any_of
from credit_engine.engines.columns.view import At, Run, View, build, fields_read, on_the_day, reached
from credit_engine.policy.nodes import (
    Aggregate,
    ElementAggregate,
    EventField,
    Indicator,
    Literal,
    Node,
    Parameter,
    SetTest,
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


def _only_counts(plan: Plan, indicator: Indicator) -> bool:
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
    events = candidates(run, each.kind, each.by, each.standing)
    dated, between = events.up_to(run.as_of.toordinal()), events.between
    oldest = any_of([_reaches_today(run, rule) for rule in rules])
    dated = dated if oldest is YES else dated.filter(oldest)
    if between is not None and (first := _first_day(run, rules)) is not None:
        between = (max(first, between[0]), max(first, between[1]))
        dated = dated.filter(events.recorded >= first)
    view = event_view(run, evolve(events, dated=dated, between=between), rules[0].laws[0])
    admits = run.plan.admits.get(each.kind)
    pieces = [piece for rule in rules for piece in _pieces(rule)]
    nodes = list(reached(run.plan, (*pieces, admits.where if admits is not None else None)))
    read = fields_read(nodes)
    names = view.frame.collect_schema().names()
    names = [name for name in names if not name.startswith("e.") or run.reads(name, read)]
    if not any(map(_reads_lists, nodes)):  # a set of closed codes has a column for each, and lists are slow to read
        coded = {name.rpartition(".")[0] for name in names}
        names = [name for name in names if name not in coded]
    view.frame = view.frame.select(names)
    return view, events.sure


def _reads_lists(node: Node) -> bool:
    """Whether a node needs a set of closed codes as a list."""
    if isinstance(node, SetTest):
        return not all(isinstance(choice, Literal) for choice in node.right)
    return isinstance(node, ElementAggregate)


def _reaches_today(run: Run, rule: Rule) -> pl.Expr:
    """False where an event's span is surely over before the day judged: told of plain periods from a recorded day."""
    row = _plain_row(rule.plan.counts)
    if row is None or row.from_ is None or len(row.from_) != 1 or not isinstance(row.from_[0], EventField):
        return YES
    kind, field = rule.plan.each.kind if rule.plan.each is not None else "", row.from_[0]
    periods = _periods(run.plan, row)
    if not periods or field.implied is not None:
        return YES
    begins = pl.col(f"e.{field.name}")
    late = begins >= _first_of(run, periods)
    return late | begins.is_null() if has_nulls(run, kind, f"e.{field.name}") else late


def _first_of(run: Run, periods: Sequence[Period]) -> int:
    return min(first_reaching(period, run.as_of.toordinal()) for period in periods)


def _first_day(run: Run, rules: Sequence[Rule]) -> int | None:
    """The first day of events that any of the rules can mean, where all of them count periods from the event's day."""
    firsts = []
    for rule in rules:
        row, by = _plain_row(rule.plan.counts), rule.plan.each.by if rule.plan.each is not None else ()
        periods = [] if row is None else _periods(run.plan, row)
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


def _periods(plan: Plan, row: SpanRow) -> list[Period]:
    """The periods that a row may add; none where that is not known."""
    if isinstance(row.for_, Literal):
        values = [row.for_.value]
    elif isinstance(row.for_, Parameter):
        values = [step.value for step in plan.parameters[row.for_.name].values if not step.ended]
    else:
        return []
    periods = [value for value in values if isinstance(value, Period) and value.unit != "wd"]
    return periods if len(periods) == len(values) else []


def count_first(view: View, rules: Sequence[Rule]) -> None:
    """Count other events while the rows are narrow."""
    plan = view.run.plan
    for node in reached(plan, [_pieces(rule) for rule in rules]):
        if isinstance(node, Indicator) and view.kind is not None and _only_counts(plan, node):
            build(node, At(view))
