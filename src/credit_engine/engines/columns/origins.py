"""From whom spread could start: whoever has anything that `assessing.origins` could make an origin or a line of.

Everybody else has nothing but the lines of tables that are not complete.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from credit_engine.engines.columns.lacking import lacking_in
from credit_engine.engines.columns.lasting import Lasting, audience_of, standing
from credit_engine.engines.columns.listing import is_open_to_all
from credit_engine.engines.columns.listing_grounds import could_be_hidden
from credit_engine.engines.columns.today import is_in_force
from credit_engine.engines.columns.view import At, Run
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_spreading import SpreadRule


def is_told(plan: Plan, rule: SpreadRule) -> bool:
    """Whether columns tell for which events a rule holds."""
    each = rule.start.each
    return not lacking_in(plan, (each, rule.start.when, rule.lasts), rule.place, "" if each is None else each.kind)


def could_start(run: Run) -> Iterator[pl.LazyFrame]:
    """The parties with an event from which a rule that is told starts, or may."""
    rules = [
        Lasting(rule.id, rule.start.each, rule.start.when, rule.lasts, rule.law, rule.basis)
        for rule in run.plan.spread
        if rule.start.each is not None and is_told(run.plan, rule)
    ]
    for stands in standing(run, rules):
        for one in stands:
            yield one.seen.view.frame.select("party")


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
