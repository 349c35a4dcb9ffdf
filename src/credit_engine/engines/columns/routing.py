"""Whom the columns engine does not judge: everybody of whom a section could say what it does not compute here.

Such parties are routed: the plain engine answers them from their dossiers, so nothing is guessed and nobody left out.
The condition is told in columns and is wider than need be: a party is routed as soon as it has a record that a rule
could read, whatever the record says. Each section has two functions (`SECTIONS`): one tells from the plan and the
coverage of tables why everybody must be routed, the other gives the parties to route (frames with a column `party`,
which may repeat). `SPREAD` does the same for what spread could start from, but for those of whom `origins` says it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from credit_engine.assessing.applying import looks_around
from credit_engine.engines.columns import findings, obligations, origins
from credit_engine.engines.columns.lacking import lacking_in, told
from credit_engine.engines.columns.listing import board, boards_found, is_open_to_all
from credit_engine.engines.columns.listing_grounds import could_be_hidden, decisions, odd_decisions
from credit_engine.engines.columns.looking import Looking, looked_at
from credit_engine.engines.columns.shapes import CODE, Truths
from credit_engine.engines.columns.today import is_in_force, on_review
from credit_engine.engines.columns.view import At, Run, build
from credit_engine.errors import Problem
from credit_engine.policy.nodes import OWN_ANSWERS, Condition, Selector, walk
from credit_engine.policy.plan import FindingRule, ListRule, ObligationRule
from credit_engine.policy.plan_basis import Basis, Law


class Section(NamedTuple):
    """How a section of the plan says whom it cannot judge: everybody, for these reasons; else these parties."""

    everybody: Callable[[Run], Iterator[str]]
    parties: Callable[[Run, At], Iterator[pl.LazyFrame]]


def why_everybody(run: Run) -> list[str]:
    """Why everybody must be routed, as texts that name the rule; empty where columns judge at least some."""
    return list(dict.fromkeys(reason for section in _sections(run) for reason in section.everybody(run)))


def routed(run: Run, at: At) -> pl.DataFrame:
    """The parties to route among those judged, each once (column `party`); `at` looks from the day judged."""
    return _distinct(run, (frame for section in _sections(run) for frame in section.parties(run, at)))


def _sections(run: Run) -> list[Section]:
    return [*SECTIONS.values(), *([SPREAD] if run.plan.spread else [])]


def _distinct(run: Run, frames: Iterable[pl.LazyFrame]) -> pl.DataFrame:
    found = [frame.select(pl.col("party").cast(CODE)) for frame in frames]
    return run.collect(pl.concat(found).unique().sort("party")) if found else pl.DataFrame(schema={"party": CODE})


# --- what rules could read of a party -------------------------------------------------------------------------


def with_events(run: Run, kind: str, standing: Collection[str]) -> pl.LazyFrame:
    """The parties that have an event of a kind and standing, of whatever day, known on the day of knowledge."""
    codes = [run.store.code(each) for each in sorted(standing)]
    rows = run.known(run.store.events[kind])
    return rows.filter(pl.col("party").is_not_null() & pl.col("e.standing").is_in(codes)).select("party")


def may_hold(at: At, condition: Condition) -> pl.LazyFrame:
    """The parties of whom a condition may hold, seen from the day of the view; `sure`: it does."""
    truths: Truths = build(condition, at)
    holds, may = at.view.let(truths.holds), at.view.let(truths.may)
    return at.view.pin().lazy().filter(may).select("party", sure=holds)


def _of_events(run: Run, rules: Sequence[FindingRule | ObligationRule]) -> Iterator[pl.LazyFrame]:
    """The parties with an event that rules mean, or may, on some day until the day judged."""
    told, others = list[Looking](), list[Selector]()
    for rule in rules:
        if rule.each is None:
            continue
        if lacking_in(run.plan, rule.each, rule.place, rule.each.kind):
            others.append(rule.each)
        else:
            told.append(Looking(rule.id, rule.each, rule.law, rule.basis))
    for each in looked_at(run, told):
        for seen in each:
            yield seen.view.frame.select("party")
    for selector in others:
        yield with_events(run, selector.kind, selector.standing)


def _lacks(problems: Iterable[Problem]) -> Iterator[str]:
    for problem in problems:
        yield told(problem)


# --- sections -------------------------------------------------------------------------------------------------


def _lists_of_all(run: Run) -> Iterator[str]:
    for rule in run.plan.lists:
        if rule.review is not None and rule.opens is not None:
            yield from _lacks(lacking_in(run.plan, (rule.opens.when, rule.opens.unless), rule.place))
            if rule.suspended_by is not None and is_open_to_all(run, rule):
                yield f"{rule.name}: the table of list_decision is not complete"


def _lists(run: Run, at: At) -> Iterator[pl.LazyFrame]:
    """Whoever has anything on a list that is not told in columns, or an entry that regions take over.

    Grades under review have looked at lists as they stood on their own day: whoever is not told there is not told.
    """
    boards = [found for then in run.found.get("other days", ()) for found in boards_found(then)]
    yield from (found.odd.lazy() for found in boards)
    taken_over = {row.list for row in run.plan.recognition}
    for rule in run.plan.lists:
        yield from _untold(run, at, rule)
        found = board(run, rule)
        if found is not None and rule.name in taken_over:
            yield found.listed.lazy()
    if run.plan.lists:
        yield odd_decisions(run).lazy()


def _untold(run: Run, at: At, rule: ListRule) -> Iterator[pl.LazyFrame]:
    """Of a list that is told, those of whom it is not; of others, whoever could have an entry or has a decision."""
    found = board(run, rule)
    if found is not None:
        yield found.odd.lazy()
        return
    code = run.store.code(rule.name)
    yield decisions(run).lazy().filter(pl.col("e.list") == code)
    if rule.opens is not None and rule.review is not None:
        yield may_hold(_on_review(run, at, rule), rule.opens.when)
    elif rule.opens is not None and rule.opens.each is not None:
        yield from _opening(run, rule, rule.opens.each)


def _opening(run: Run, rule: ListRule, each: Selector) -> Iterator[pl.LazyFrame]:
    """The parties with an event that could open an entry on some day until the day judged."""
    moves = any(looks_around(admits.where, run.plan) for admits in run.plan.admits.values())
    moves = moves or bool(each.per) or any(isinstance(node, OWN_ANSWERS) for node in walk(each))
    if moves or lacking_in(run.plan, each, rule.place, each.kind):
        yield with_events(run, each.kind, each.standing)
        return
    law = Law() if rule.law.as_of else rule.law
    looking = Looking(rule.name, each, law, Basis(), every_law=rule.law.as_of)
    yield from (seen.view.frame.select("party") for found in looked_at(run, [looking]) for seen in found)


def _on_review(run: Run, at: At, rule: ListRule) -> At:
    return on_review(run, rule.review or "yearly") or at


def _findings_of_all(run: Run) -> Iterator[str]:
    for rule in run.plan.findings:
        if findings.is_told(run.plan, rule):
            continue
        if rule.each is not None and could_be_hidden(run, rule.each.kind, rule.each.by, rule.lasts):
            yield f"{rule.id}: the table of {rule.each.kind} is not complete"
        elif rule.each is None and is_in_force(run, rule.basis):
            yield from _lacks(lacking_in(run.plan, (rule.when, rule.audience), rule.place))


def _findings(run: Run, _at: At) -> Iterator[pl.LazyFrame]:
    untold = [rule for rule in run.plan.findings if rule.each is not None and not findings.is_told(run.plan, rule)]
    yield from _of_events(run, untold)


def _obligations(run: Run, _at: At) -> Iterator[pl.LazyFrame]:
    yield from _of_events(run, [rule for rule in run.plan.obligations if not obligations.is_told(run.plan, rule)])


def _supervision_of_all(run: Run) -> Iterator[str]:
    for rule in run.plan.supervision:
        if is_in_force(run, rule.basis):
            yield from _lacks(lacking_in(run.plan, rule.when, rule.place))


def _sources_of_all(run: Run) -> Iterator[str]:
    for rule in run.plan.spread:
        if rule.start.each is None and not rule.start.lists and is_in_force(run, rule.basis):
            yield from _lacks(lacking_in(run.plan, rule.start.when, rule.place))


def _sources(run: Run, _at: At) -> Iterator[pl.LazyFrame]:
    """Whoever has an event that could be an origin of a rule that is not told."""
    for rule in run.plan.spread:
        if rule.start.each is not None and not origins.is_told(run.plan, rule):
            yield with_events(run, rule.start.each.kind, rule.start.each.standing)


def _nobody(_run: Run) -> Iterator[str]:
    return iter(())


def _none(_run: Run, _at: At) -> Iterator[pl.LazyFrame]:
    return iter(())


SECTIONS: Mapping[str, Section] = {
    "lists": Section(_lists_of_all, _lists),
    "findings": Section(_findings_of_all, _findings),
    "obligations": Section(_nobody, _obligations),
    "supervision": Section(_supervision_of_all, _none),
}
SPREAD = Section(_sources_of_all, _sources)
