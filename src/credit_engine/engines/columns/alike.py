"""Days on which everything is the same that is told of everybody at once, before any record is looked at.

Questions about such days are answered in one pass (see `narrowing`), for whatever else turns on the day judged is a
column: the law of an event, parameters, regions, windows, terms. So each use of `Run.as_of` has its place here.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from datetime import date

from credit_engine.days import REVIEWS, start_of
from credit_engine.engines.columns.listing import is_open_to_all
from credit_engine.engines.columns.listing_grounds import could_be_hidden
from credit_engine.engines.columns.today import is_in_force
from credit_engine.engines.columns.view import Run


def decided(run: Run, day: date) -> tuple[bool, ...]:
    """What is told of everybody on a day judged; days on which these are equal are alike."""
    reviews = {scale.review for scale in run.plan.scales} | {rule.review for rule in run.plan.lists}
    return tuple(_on(run, day, frozenset(review for review in reviews if review is not None)))


def _on(run: Run, day: date, reviews: frozenset[str]) -> Iterator[bool]:
    """What is told on a day, and on the first days of periods of review, from which grades are looked at too."""
    then = copy(run)
    then.as_of = day
    yield from _decided(then)
    for review in sorted(reviews):
        yield from _on(run, start_of(REVIEWS[review], day), reviews - {review})


def _decided(run: Run) -> Iterator[bool]:
    plan = run.plan
    for scored in plan.score.rules if plan.score is not None else ():
        if scored.each is not None:
            yield could_be_hidden(run, scored.each.kind, scored.each.by, scored.counts)
    for listed in plan.lists:
        yield is_open_to_all(run, listed)
        if listed.opens is not None and listed.opens.each is not None:
            each = listed.opens.each
            yield could_be_hidden(run, each.kind, each.by, None if listed.needs_decision else listed.term)
    for rule in plan.findings:
        yield is_in_force(run, rule.basis)
        if rule.each is not None:
            yield could_be_hidden(run, rule.each.kind, rule.each.by, rule.lasts)
    for watched in plan.supervision:
        yield is_in_force(run, watched.basis)
    for spread in plan.spread:
        yield is_in_force(run, spread.basis)
        if spread.start.each is not None:
            yield could_be_hidden(run, spread.start.each.kind, spread.start.each.by, spread.lasts)
