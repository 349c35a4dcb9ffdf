"""Findings of everybody on the day judged, and what was not known about others, as `assessing.findings` tells them.

Told are rules of which the engine lacks nothing; whom the others could concern is routed (see `routing`).
"""

from __future__ import annotations

import polars as pl
from attrs import frozen

from credit_engine.engines.columns.calendar import as_date
from credit_engine.engines.columns.lacking import lacking_in
from credit_engine.engines.columns.lasting import Lasting, Standing, audience_of, standing
from credit_engine.engines.columns.listing_grounds import could_be_hidden
from credit_engine.engines.columns.naming import as_list
from credit_engine.engines.columns.shapes import CODE, DAY, FIRST_DAY, LAST_DAY
from credit_engine.engines.columns.telling import coded, kind_of_event, of_rule
from credit_engine.engines.columns.today import Asked, asked_today, is_in_force
from credit_engine.engines.columns.view import At, Run
from credit_engine.policy.plan import FindingRule, Plan

# Rows in codes: `rule` is the place in the policy; `sure` tells findings from what is not known.
CODED: dict[str, pl.DataType] = {
    "rule": pl.Int32(),
    "party": CODE,
    "event": CODE,
    "first": DAY,
    "last": DAY,
    "law": DAY,
    "own_audience": pl.String(),
    "sure": pl.Boolean(),
    "names": pl.List(pl.String()),
}


@frozen(eq=False)
class Found:
    """The rows of `findings` without their numbers, in order, and the lines of what is not known."""

    rows: pl.DataFrame
    unknowns: pl.DataFrame


def is_told(plan: Plan, rule: FindingRule) -> bool:
    """Whether columns tell what a rule finds."""
    kind = "" if rule.each is None else rule.each.kind
    return not lacking_in(plan, (rule.each, rule.when, rule.lasts, rule.audience), rule.place, kind)


def findings(run: Run, at: At) -> Found:
    """The findings of the parties judged; `at` is the view of all of them from the day judged."""
    rules = [(place, rule) for place, rule in enumerate(run.plan.findings) if is_told(run.plan, rule)]
    found = [*_from_events(run, rules), *_unrecorded(run, at, rules), *_from_the_day(run, at, rules)]
    rows = run.collect(pl.concat([pl.LazyFrame(schema=CODED), *found]))
    rows = rows.sort("party", "rule", "event", nulls_last=True)
    return Found(_findings(run, rows.filter("sure")), _lines(run, rows.filter(~pl.col("sure"))))


def _findings(run: Run, rows: pl.DataFrame) -> pl.DataFrame:
    rules = run.plan.findings
    return rows.select(
        "party",
        "own_audience",
        rule=of_rule([rule.id for rule in rules]),
        event_kind=of_rule([None if rule.each is None else rule.each.kind for rule in rules]),
        event=run.store.as_texts(pl.col("event")),
        says=of_rule([rule.says for rule in rules]),
        **{"from": as_date(pl.when(pl.col("first") > FIRST_DAY).then(pl.col("first")))},
        until=as_date(pl.when(pl.col("last") < LAST_DAY).then(pl.col("last") + 1)),
        law_day=as_date(pl.col("law")),
        basis=of_rule([list(rule.basis.sources) for rule in rules], pl.List(pl.String())),
    )


def _lines(run: Run, rows: pl.DataFrame) -> pl.DataFrame:
    rules = run.plan.findings
    return rows.select(
        "party",
        "own_audience",
        "names",
        rule=of_rule([rule.id for rule in rules]),
        event_kind=kind_of_event([None if rule.each is None else rule.each.kind for rule in rules]),
        event=run.store.as_texts(pl.col("event")),
    )


def _from_the_day(run: Run, at: At, rules: list[tuple[int, FindingRule]]) -> list[pl.LazyFrame]:
    today = [(place, rule) for place, rule in rules if rule.each is None and is_in_force(run, rule.basis)]
    asked = asked_today(at, [Asked(rule.when, audience_of(rule.audience, at)) for _, rule in today])
    days = {"first": run.today, "last": run.today, "law": run.today}
    return [
        coded(CODED, place, rows.lazy().with_columns(**days)) for (place, _), rows in zip(today, asked, strict=True)
    ]


def _unrecorded(run: Run, at: At, rules: list[tuple[int, FindingRule]]) -> list[pl.LazyFrame]:
    """A line for everybody where events could stand unrecorded for which a rule would hold."""
    found = []
    for place, rule in rules:
        if rule.each is not None and could_be_hidden(run, rule.each.kind, rule.each.by, rule.lasts):
            audience = audience_of(rule.audience, at)
            lines = at.view.frame.select(
                "party", own_audience=audience, sure=pl.lit(value=False), names=pl.lit([rule.each.kind])
            )
            found.append(coded(CODED, place, lines))
    return found


def _from_events(run: Run, rules: list[tuple[int, FindingRule]]) -> list[pl.LazyFrame]:
    of_events = [
        (place, rule, Lasting(rule.id, rule.each, rule.when, rule.lasts, rule.law, rule.basis, (rule.audience,)))
        for place, rule in rules
        if rule.each is not None
    ]
    stands = standing(run, [lasting for *_, lasting in of_events])
    return [
        rows
        for (place, rule, _), each in zip(of_events, stands, strict=True)
        for one in each
        for rows in _of_events(run, place, rule, one)
    ]


def _of_events(run: Run, place: int, rule: FindingRule, stands: Standing) -> list[pl.LazyFrame]:
    """The findings from events, and the events from which there only may be one."""
    view = stands.seen.view
    audience = view.let(audience_of(rule.audience, stands.seen.at))
    view.pin()
    event = {"event": pl.col("e.id"), "own_audience": audience}
    first = pl.max_horizontal(stands.stretch.first, pl.col("by_day"))
    sure = view.frame.filter(stands.holds).with_columns(
        first=first, last=stands.stretch.last, sure=pl.lit(value=True), **event
    )
    found = [coded(CODED, place, sure)]
    open_ = run.collect(view.frame.filter(~stands.holds))
    if len(open_):
        view.frame = open_.lazy()
        names = as_list(stands.names())
        found.append(coded(CODED, place, view.frame.with_columns(names=names, sure=pl.lit(value=False), **event)))
    return found
