"""The own score: contributions of rules, then group limits, then the range; limits are reasons of their own.

Invariants: `start + sum of reasons = score` where the score is known; a contribution of 0 is no reason; an unknown
contribution makes the score an interval that is folded twice, at its worst and at its best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from credit_engine.assessing.answer import Reason, UnknownLine
from credit_engine.assessing.contributing import UNLIMITED, Contribution, Points
from credit_engine.assessing.program import Program
from credit_engine.assessing.spanning import LATEST_DAY
from credit_engine.assessing.unknown import Range, between
from credit_engine.policy.plan import (
    Score,
)

ONE_DAY = timedelta(days=1)


class Folded(NamedTuple):
    """A score with its reasons and what was not known."""

    score: int | Range
    reasons: tuple[Reason, ...]
    unknowns: tuple[UnknownLine, ...]


def fold(program: Program, score: Score, made: Iterable[Contribution]) -> Folded:
    """Sum, group limits, range; once if everything is known, else at the worst and at the best."""
    made = list(made)
    unsure = [one for one in made if one.points.unsure]
    if not unsure:
        total, limits = _total(score, made, lambda points: points.low)
        reasons = [_reason(one, program) for one in made if one.points.low != 0]
        return Folded(total, (*reasons, *limits), ())
    low, _ = _total(score, made, lambda points: points.at_worst)
    high, _ = _total(score, made, lambda points: points.at_best)
    if low == high:  # what is unknown makes no difference, so that the least of it will do
        made = [one._replace(points=_least(one.points)) for one in made]
        total, limits = _total(score, made, lambda points: points.low)
        reasons = [_reason(one, program) for one in made if one.points.low != 0]
        return Folded(total, (*reasons, *limits), _lines(unsure))
    reasons = [_reason(one, program) for one in made if one.points.low != 0 and not one.points.unsure]
    return Folded(between(_end(low), _end(high)), tuple(reasons), _lines(unsure))


def _least(points: Points) -> Points:
    """The points with the end next to nothing, or nothing where that lies between."""
    low, high = points.low, points.high
    least = 0 if low <= 0 <= high else low if low > 0 else high
    return points._replace(low=least, high=least)


def _end(total: int) -> int:
    """The end of an interval; without a limit all are the same, however many unknown parts there are."""
    return total if abs(total) < UNLIMITED // 2 else UNLIMITED if total > 0 else -UNLIMITED


def _total(score: Score, made: list[Contribution], side: Callable[[Points], int]) -> tuple[int, list[Reason]]:
    """The score folded from one side of each contribution, and the reasons that its limits are."""
    total = score.start
    sums = dict.fromkeys(score.groups, 0)
    for one in made:
        group = one.rule.group
        if group is not None and group in sums:
            sums[group] += side(one.points)
        else:
            total += side(one.points)
    limits = []
    for group, amount in sums.items():
        kept = max(-score.groups[group], min(score.groups[group], amount))
        total += kept
        if kept != amount:
            limits.append(Reason(kind="group", rule=group, points=kept - amount, group=group))
    inside = total if score.low is None else max(total, score.low)
    inside = inside if score.high is None else min(inside, score.high)
    if inside != total:
        limits.append(Reason(kind="range", rule="range", points=inside - total))
    return inside, limits


def _lines(unsure: list[Contribution]) -> tuple[UnknownLine, ...]:
    """One line for each rule and event, in order."""
    lines: dict[tuple[str, str | None], tuple[set[str], str | None]] = {}
    for one in unsure:
        event = one.entry.event if one.entry else None
        key = (one.rule.id, event.id if event else None)
        lines.setdefault(key, (set(), event.kind if event else None))[0].update(one.points.names)
    return tuple(
        UnknownLine(rule=rule, event=event, names=tuple(sorted(names)), event_kind=kind)
        for (rule, event), (names, kind) in lines.items()
    )


# --- reasons --------------------------------------------------------------------------------------------------


def _reason(one: Contribution, program: Program) -> Reason:
    rule, entry, points = one.rule, one.entry, one.points
    stretch = points.stretch
    first = stretch.first if stretch.first is not None and stretch.first > date.min else None
    if entry is not None and entry.key[0] > (first or date.min):
        first = entry.key[0]
    return Reason(
        kind="rule",
        rule=rule.id,
        points=points.low,
        event=entry.event.id if entry else None,
        event_kind=entry.event.kind if entry else None,
        item=None if entry is None or entry.item is None else str(entry.item),
        from_day=first,
        until=None if stretch.last >= LATEST_DAY else stretch.last + ONE_DAY,
        group=rule.group,
        law_day=points.law,
        laws=tuple([(law.law, law.low) for law in one.laws]),
        parameters=program.parameters_read(rule.id, rule.parameters, points.law),
        basis=rule.basis.sources,
        read_from=entry.event.read_from if entry else None,
    )
