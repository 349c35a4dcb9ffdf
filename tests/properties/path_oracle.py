"""The second, slow reading of spread over paths: all simple paths one by one, and of those to a party the best.

Written from the sentences of the design alone; it shares nothing with the engines.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import Any

from attrs import frozen

from credit_engine.records import Relation
from properties.network_facts import Days, Facts, Start, Written

Path = tuple[tuple[str, str, str], ...]  # (from, relation id or role, to)
WHOLE = Fraction(1)


@frozen
class Reached:
    """An effect, as both readings give it."""

    rule: str
    effect: str
    origin_party: str | None
    kind: str | None
    origin: str | None
    target: str
    certain: bool
    weight: Fraction
    points: int | None
    path: Path
    carried_by: tuple[tuple[str, ...], ...]  # the relations of each step
    days: Days | None  # of an answer, its day
    list: str | None
    measures: tuple[str, ...]
    audience: str


@frozen
class Step:
    """One step from a party: over these relations, or as a person named (none)."""

    id: str
    end: str
    certain: bool
    relations: tuple[str, ...] = ()


# --- steps ----------------------------------------------------------------------------------------------------


def steps_from(known: Facts, branch: Written, start: Start, party: str) -> list[Step]:
    """All steps that a branch offers from a party."""
    if "named" in branch:
        if start.event is None or party != start.party:
            return []
        wanted = branch["where"]["item.role"]
        wanted = wanted if isinstance(wanted, list) else [wanted]
        named = {(one["role"], one["person"]) for one in start.event.responsible or ()}
        return [Step(role, person, certain=True) for role, person in sorted(named) if role in wanted]
    day = _day(known, branch.get("held_on", "day"), start)
    found = []
    for end, parallel in neighbours(known, branch, party, day).items():
        truth = compare(branch.get("share"), *_added(parallel))
        if truth is not False:
            ids = tuple(sorted(one.id for one in parallel))
            found.append(Step(ids[0], end, truth is True, ids))
    return found


def _day(known: Facts, name: str, start: Start) -> date | None:
    if name == "day":
        return known.as_of
    if name == "listed" or start.event is None:
        return start.listed
    return start.event.occurred if name == "occurred" else start.event.decided


def neighbours(known: Facts, branch: Written, party: str, day: date | None) -> dict[str, list[Relation]]:
    """The parties at the other end of a branch's relations in force on a day, with these relations."""
    kinds = branch["relation"] if isinstance(branch["relation"], list) else [branch["relation"]]
    found: dict[str, list[Relation]] = {}
    for one in known.relations:
        here, there = (one.source, one.target) if branch["to"] == "target" else (one.target, one.source)
        if here == party and one.kind in kinds and day is not None and holds_on(one, day, known.as_of):
            found.setdefault(there, []).append(one)
    return found


def holds_on(one: Relation, day: date, as_of: date) -> bool:
    return (one.since is None or one.since <= min(day, as_of)) and (one.until is None or day < one.until)


def _added(parallel: Iterable[Relation]) -> tuple[Fraction, Fraction]:
    """The least and the greatest share that parallel relations have together."""
    low = high = Fraction(0)
    for one in parallel:
        low += one.share or 0
        upper = one.share_max if one.share_max is not None else one.share
        high += WHOLE if upper is None else upper
    return min(low, WHOLE), min(high, WHOLE)


def compare(asked: Written, low: Fraction, high: Fraction) -> bool | None:
    """Whether a share between two ends is as asked: always, never, or perhaps (`None`)."""
    if not asked:
        return True
    (op, text), *_ = asked.items()
    bound = Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
    holds = {"at_least": operator.ge, "above": operator.gt, "at_most": operator.le, "below": operator.lt}[op]
    ends = {bool(holds(low, bound)), bool(holds(high, bound))}
    return ends.pop() if len(ends) == 1 else None


def choices(step: Written) -> list[Written]:
    return step.get("any", [step])  # type: ignore[no-any-return]


# --- paths ----------------------------------------------------------------------------------------------------


def all_paths(known: Facts, rule: Written, start: Start) -> Iterator[tuple[Step, ...]]:
    """Every path of a rule from its origin to an end that it reaches, visiting no party twice."""
    again = "repeat" in rule or "hops" in rule
    most = rule.get("hops", len(known.parties)) if again else len(rule.get("along", ()))

    def go_on(path: tuple[Step, ...], seen: frozenset[str]) -> Iterator[tuple[Step, ...]]:
        if path and (again or len(path) == most):
            yield path
        if len(path) < most:
            step = rule["along"][0 if again else len(path)]
            for branch in choices(step):
                for one in steps_from(known, branch, start, path[-1].end if path else start.party):
                    if one.end not in seen:
                        yield from go_on((*path, one), seen | {one.end})

    if "along" in rule:
        yield from go_on((), frozenset([start.party]))


def path_of(start: str, steps: Iterable[Step]) -> Path:
    found: list[tuple[str, str, str]] = []
    for one in steps:
        found.append((found[-1][2] if found else start, one.id, one.end))
    return tuple(found)


def over_paths(known: Facts, rule: Written, start: Start) -> Iterator[Reached]:
    """The effects of one origin: of all paths to a party the best one."""
    weight = Fraction(str(rule.get("weight", 1)))
    least = Fraction(str(rule.get("drop_below", 0)))
    best: dict[str, tuple[Any, tuple[Step, ...]]] = {}  # Any: what paths are compared by
    if rule.get("itself"):
        best[start.party] = ((), ())
    for steps in all_paths(known, rule, start):
        own = weight ** len(steps)
        certain = all(one.certain for one in steps)
        flat = tuple(part for one in steps for part in (one.id, one.end))
        rank = (not certain, -own, len(steps), flat)
        end = steps[-1].end
        if own >= least and (end not in best or rank < best[end][0]):
            best[end] = (rank, steps)
    for end in sorted(best):
        _, steps = best[end]
        on_path = {start.party, end, *(one.end for one in steps)}
        yield Reached(
            rule["rule"],
            rule["effect"],
            start.party,
            start.kind,
            start.id,
            end,
            all(one.certain for one in steps),
            weight ** len(steps),
            points(rule, weight ** len(steps)),
            path_of(start.party, steps),
            tuple(one.relations for one in steps),
            start.days,
            start.list,
            measures(known, rule, [start], end),
            "internal" if on_path - known.parties else rule.get("audience", "public"),
        )


def points(rule: Written, weight: Fraction) -> int | None:
    """Signed thousandths, cut off toward zero."""
    return int(Fraction(str(rule["points"])) * 1000 * weight) if "points" in rule else None


def measures(known: Facts, rule: Written, origins: Iterable[Start], target: str) -> tuple[str, ...]:
    """What a mirror brings: the measures of the lists that aim at the target's sort."""
    if rule["effect"] != "mirror":
        return ()
    sort = "entity" if target in known.operators else "person"
    targets = {one["id"]: one["targets"] for one in known.written["measures"]}
    names = [name for one in origins for name in known.written["lists"][one.list]["measures"]]
    return tuple(name for name in dict.fromkeys(names) if sort in targets[name])
