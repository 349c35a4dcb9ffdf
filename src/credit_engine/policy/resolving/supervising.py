"""Supervision: how often to inspect, how much to sample, what to notice."""

from __future__ import annotations

from fractions import Fraction

from attrs import frozen

from credit_engine.days import Period
from credit_engine.policy.plan import SupervisionRule
from credit_engine.policy.resolving.context import Context
from credit_engine.policy.resolving.following import last_scope
from credit_engine.policy.resolving.modifiers import read_factor
from credit_engine.policy.resolving.refusals import given, read_as, refuse
from credit_engine.policy.resolving.rules import check_unique, read_when, title_of
from credit_engine.policy.resolving.sources import basis_of
from credit_engine.policy.written_following import InspectionsWritten, SupervisionWritten

THINGS = ("inspections", "sampling", "notice")


@frozen
class _Inspections:
    at_least: int | None = None
    at_most: int | None = None
    per: Period | None = None


def read_supervision(context: Context) -> tuple[SupervisionRule, ...]:
    """The rules of supervision in the order of the policy."""
    written = context.written.supervision
    check_unique(context, written, "rule of supervision")
    rules = [context.problems.attempt(_rule, context, each) for each in written]
    return tuple(rule for rule in rules if rule is not None)


def _rule(context: Context, written: SupervisionWritten) -> SupervisionRule:
    attempt = context.problems.attempt
    if not any(written.has(thing) for thing in THINGS):
        message = f"a rule of supervision has one of {', '.join(THINGS)}"
        raise refuse("missing_key", message, written.place(), "write inspections: {at_least: 1, per: 1y}")
    inspections = attempt(_inspections, written.inspections)
    times = attempt(_times, written)
    when = attempt(read_when, context, written, last_scope(context))
    basis = attempt(basis_of, context, written)
    often = given(inspections)
    return SupervisionRule(
        id=written.rule,
        title=title_of(written, written.rule),
        when=given(when),
        at_least=often.at_least,
        at_most=often.at_most,
        per=often.per,
        times=given(times)[0],
        notice=written.notice,
        basis=given(basis),
        place=written.place(),
    )


def _inspections(written: InspectionsWritten | None) -> _Inspections:
    if written is None:
        return _Inspections()
    low, high = written.at_least, written.at_most
    if low is None and high is None:
        raise refuse("missing_key", "`at_least` and `at_most` are missing", written.place(), "write at_least: 1")
    if min(end for end in (low, high) if end is not None) < 0:
        raise refuse("bad_range", "fewer than no inspections", written.place())
    if low is not None and high is not None and high < low:
        raise refuse("bad_range", f"at most {high} is less than at least {low}", written.place("at_most"))
    per = read_as(Period.read, written.per, written.place("per"))
    if per.unit not in ("y", "m") or not per.count:
        hint = "write months or years, 6m or 2y, so that rules can be compared"
        message = f"inspections are counted per month or year, not per {per}"
        raise refuse("bad_period", message, written.place("per"), hint)
    return _Inspections(low, high, per)


def _times(written: SupervisionWritten) -> tuple[Fraction | None]:
    if written.sampling is None:
        return (None,)
    return (read_factor(written.sampling.times, written.sampling.place("times")),)
