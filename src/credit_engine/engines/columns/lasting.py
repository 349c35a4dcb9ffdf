"""Whether a rule with `each` lasts for an event on the day judged: of findings, and of what spread starts from.

As `assessing.lasting` tells it of one event.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl
from attrs import frozen

from credit_engine.assessing.program import AUDIENCES
from credit_engine.engines.columns.events import TRUE
from credit_engine.engines.columns.looking import Looking, Seen, looked_at
from credit_engine.engines.columns.naming import Names, masked, merged, unknown_in_span, unknown_names
from credit_engine.engines.columns.shapes import ALWAYS, NO, PLAIN, YES, Truths, Val, both, chosen
from credit_engine.engines.columns.spans import ALWAYS_ON, Stretch, under_each_law
from credit_engine.engines.columns.view import At, Run, build
from credit_engine.policy.nodes import Condition, Literal, Selector, Span, Value
from credit_engine.policy.plan_basis import Basis, Law


class Lasting(NamedTuple):
    """A rule with `each`: what it asks from the viewpoint of an event, and how long it holds (no span: for ever).

    `reads`: what else is read of the event.
    """

    owner: str
    each: Selector
    asks: Condition
    span: Span | None
    law: Law
    basis: Basis
    reads: tuple[object, ...] = ()


@frozen(eq=False)
class Standing:
    """The events for which a rule holds (`holds`), or only may, and the days for which it does."""

    rule: Lasting
    seen: Seen
    holds: pl.Expr
    stretch: Stretch

    def names(self) -> Names:
        """The names that leave open whether the rule holds for an event."""
        at, run = self.seen.at, self.seen.view.run
        found = [self.seen.names()]
        if not self.seen.undated:
            found.append(unknown_names(self.rule.asks, at))
        if self.stretch.is_known is not YES:
            laws = [day.toordinal() for day in run.found["law changes"]]
            found.append(masked(unknown_in_span(self.rule.span, at, laws), ~self.stretch.is_known))
        return merged(found)


def standing(run: Run, rules: Sequence[Lasting]) -> list[list[Standing]]:
    """The events for which each rule holds or may, rule by rule."""
    looking = [
        Looking(rule.owner, rule.each, rule.law, rule.basis, (rule.asks, rule.span, rule.reads)) for rule in rules
    ]
    return [[_standing(rule, seen) for seen in each] for rule, each in zip(rules, looked_at(run, looking), strict=True)]


def _standing(rule: Lasting, seen: Seen) -> Standing:
    view, at = seen.view, seen.at
    stretch = stretch_of(rule.span, rule.law, at)
    meant = Truths(NO if seen.undated else pl.col("sure"), YES)
    truths = both([meant, stretch.covers(view.run.today), _asked(rule, seen)])
    holds, may = view.let(truths.holds), view.let(truths.may)
    view.frame = view.frame.filter(may)
    return Standing(rule, seen, holds, stretch)


def _asked(rule: Lasting, seen: Seen) -> Truths:
    """`when`, from the event's viewpoint; an event without a day has none."""
    if seen.undated:
        return ALWAYS if rule.asks == TRUE else Truths(NO, YES)
    found: Truths = build(rule.asks, seen.at)
    return found


def stretch_of(span: Span | None, law: Law, at: At) -> Stretch:
    """The days of a span as a rule under this law has them."""
    if span is None:
        return ALWAYS_ON
    found: Stretch = under_each_law(span, at) if law.as_of else build(span, at)
    return found


def audience_of(written: Value, at: At) -> pl.Expr:
    """Who may see a part, by its own audience; what is not known is internal."""
    if isinstance(written, Literal):
        return pl.lit(str(written.value))
    val: Val = build(written, at)
    code, plain = at.view.run.store.code, val.is_in(PLAIN)
    cases = [(plain & (val.value == code(each)).fill_null(value=False), pl.lit(each)) for each in AUDIENCES]
    return chosen(cases, pl.lit(AUDIENCES[-1]))
