"""A score: contributions of rules (and of effects), then group limits, then the range; limits are reasons too.

Invariants: `start + sum of reasons = score` where the score is known; a contribution of 0 is no reason; an unknown
contribution makes the score an interval that is folded twice, at its worst and at its best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import NamedTuple

from credit_engine.assessing.answer import Reason, UnknownLine
from credit_engine.assessing.contributions import UNLIMITED, Contribution, Points, reason_of
from credit_engine.assessing.program import Program
from credit_engine.assessing.unknown import Range, between
from credit_engine.policy.plan import (
    Score,
)

AFFILIATION = "affiliation"  # the group of what effects of affiliates add


class Folded(NamedTuple):
    """A score with its reasons and what was not known."""

    score: int | Range
    reasons: tuple[Reason, ...]
    unknowns: tuple[UnknownLine, ...]


class Reached(NamedTuple):
    """What effects of affiliates add: the reasons that they are, and points of which nothing is known (`unsure`)."""

    reasons: tuple[Reason, ...] = ()
    unsure: tuple[Points, ...] = ()


NOT_REACHED = Reached()


def fold(program: Program, score: Score, made: Iterable[Contribution], reached: Reached = NOT_REACHED) -> Folded:
    """Sum, group limits, range; once if everything is known, else at the worst and at the best."""
    made = list(made)
    unsure = [one for one in made if one.points.unsure]
    if not unsure and not reached.unsure:
        total, limits = _total(score, made, attrgetter("low"), reached)
        reasons = [reason_of(one, program) for one in made if one.points.low != 0]
        return Folded(total, (*reasons, *reached.reasons, *limits), ())
    low, _ = _total(score, made, attrgetter("at_worst"), reached)
    high, _ = _total(score, made, attrgetter("at_best"), reached)
    lines = _lines(unsure)
    if low == high:  # what is unknown makes no difference, so that the least of it will do
        made = [one._replace(points=_least(one.points)) for one in made]
        total, limits = _total(score, made, attrgetter("low"), reached._replace(unsure=()))
        reasons = [reason_of(one, program) for one in made if one.points.low != 0]
        return Folded(total, (*reasons, *reached.reasons, *limits), lines)
    reasons = [reason_of(one, program) for one in made if one.points.low != 0 and not one.points.unsure]
    return Folded(between(_end(low), _end(high)), (*reasons, *reached.reasons), lines)


def _least(points: Points) -> Points:
    """The points with the end next to nothing, or nothing where that lies between."""
    low, high = points.low, points.high
    least = 0 if low <= 0 <= high else low if low > 0 else high
    return points._replace(low=least, high=least)


def _end(total: int) -> int | None:
    """The end of an interval, or none where nothing limits it."""
    return total if abs(total) < UNLIMITED // 2 else None


def _total(
    score: Score, made: list[Contribution], side: Callable[[Points], int], reached: Reached
) -> tuple[int, list[Reason]]:
    """The score folded from one side of each contribution, and the reasons that its limits are."""
    total = score.start
    sums = dict.fromkeys(score.groups, 0)
    for one in made:
        group = one.rule.group
        if group is not None and group in sums:
            sums[group] += side(one.points)
        else:
            total += side(one.points)
    if reached is not NOT_REACHED:
        added = sum(reason.points for reason in reached.reasons) + sum(side(points) for points in reached.unsure)
        if AFFILIATION in sums:
            sums[AFFILIATION] += added
        else:
            total += added
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
