"""From whom spread could start: whoever has anything that `assessing.origins` could make an origin or a line of.

Everybody else has nothing but the lines of tables that are not complete. A certain origin without relations brings
nothing either, unless its rule reaches the party itself, names persons, or asks for what may be unknown (`alone`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

from credit_engine.engines.columns.lacking import lacking_in
from credit_engine.engines.columns.lasting import Lasting, Standing, audience_of, standing
from credit_engine.engines.columns.listing import is_open_to_all
from credit_engine.engines.columns.listing_grounds import could_be_hidden
from credit_engine.engines.columns.shapes import YES, any_of
from credit_engine.engines.columns.today import is_in_force
from credit_engine.engines.columns.view import At, Run
from credit_engine.policy.nodes import EventField, Literal
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_spreading import OverRelation, SpreadRule, ToNamed


def is_told(plan: Plan, rule: SpreadRule) -> bool:
    """Whether columns tell for which events a rule holds."""
    each = rule.start.each
    return not lacking_in(plan, (each, rule.start.when, rule.lasts), rule.place, "" if each is None else each.kind)


def of_events(run: Run) -> Iterator[pl.LazyFrame]:
    """The parties with an event from which a rule that is told starts, or may, and whether they are concerned alone."""
    rules = [rule for rule in run.plan.spread if rule.start.each is not None and is_told(run.plan, rule)]
    lasting = [
        Lasting(rule.id, rule.start.each, rule.start.when, rule.lasts, rule.law, rule.basis, _days(rule))
        for rule in rules
        if rule.start.each is not None
    ]
    for rule, stands in zip(rules, standing(run, lasting), strict=True):
        for one in stands:
            yield one.seen.view.frame.select("party", alone=~one.holds | _concerns_itself(rule, one))


def _concerns_itself(rule: SpreadRule, stands: Standing) -> pl.Expr:
    """Whether something follows from an event for the party itself, linked with others or not."""
    have = stands.seen.view.frame.collect_schema().names()
    names = {str(node.name) for node in _days(rule)}
    if is_loud(rule, {"day", *names}) or not all(f"e.{name}" in have for name in names):
        return YES
    return any_of(pl.col(f"e.{name}").is_null() for name in sorted(names))


def _days(rule: SpreadRule) -> tuple[EventField, ...]:
    """The days of the event on which relations count, as fields."""
    written = {branch.held_on.value for branch in rule.branches if isinstance(branch, OverRelation)
               and isinstance(branch.held_on, Literal)}  # fmt: skip
    return tuple(EventField(str(name)) for name in sorted(written - {"day", "listed"}))


def is_loud(rule: SpreadRule, days: Collection[str]) -> bool:
    """Whether a certain origin could concern a party whom nothing links with others: an effect on itself, or a line.

    `days`: the words for days of relations that are known of such an origin.
    """
    if rule.itself or not (rule.points is None or isinstance(rule.points, Literal)):
        return True
    return any(
        isinstance(branch, ToNamed) or not isinstance(branch.held_on, Literal) or branch.held_on.value not in days
        for branch in rule.branches
    )


def unrecorded(run: Run, at: At) -> list[pl.DataFrame]:
    """The lines of everybody, rule by rule: events and decisions could stand unrecorded from which effects start."""
    found = []
    for rule in run.plan.spread:
        each = rule.start.each
        if each is not None and could_be_hidden(run, each.kind, each.by, rule.lasts):
            found.append(_line(rule, at, each.kind, audience_of(rule.audience, at)))
        elif each is None and is_in_force(run, rule.basis):
            open_ = {one.name for one in run.plan.lists if is_open_to_all(run, one)}
            names = [name for name in rule.start.lists if name in open_]
            found += [_line(rule, at, f"on_list.{name}", pl.lit("internal")) for name in names]
    return found


def _line(rule: SpreadRule, at: At, name: str, audience: pl.Expr) -> pl.DataFrame:
    names = pl.lit([name], pl.List(pl.String()))
    lines = at.view.frame.select("party", rule=pl.lit(rule.id), names=names, own_audience=audience)
    return at.view.run.collect(lines)
