"""Laws of spread: what has ended carries nothing, and whatever the graph, spread ends and visits nobody twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import evolve

from credit_engine.assessing.effects import Effect
from credit_engine.policy.load import Policy
from credit_engine.records import Relation
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.laws.differing import differences
from credit_engine.testing.laws.law import Asked, Law
from credit_engine.testing.question import Question


def spreads(policy: Policy) -> str | None:
    """Why a law of spread cannot be asked."""
    return None if policy.plan.spread else "has no rules of spread"


def ended_spreads_nothing() -> Law:
    """Only relations in force on their day carry an effect, only entries in force and events there start one."""
    sentence = "An ended entry, event or relation spreads nothing."
    return Law("ended_spreads_nothing", sentence, _nothing_ended, _without_ended, spreads)


def _without_ended(choose: Chooser, question: Question) -> Question | None:
    """The question with all its relations long over, or without those that were over on every day that matters."""
    if not question.relations or question.event is not None:
        return None
    if choose.chance(50):
        return evolve(question, relations=tuple(map(_long_over, question.relations)))
    days = [day for each in (question.dossier, *question.others) for one in each.events for day in _days(one)]
    first = min([question.as_of, *days])
    ids = {each.id for each in question.relations if each.until is not None and each.until <= first}
    ids = {name for name in ids if all(_is_over(each, first) for each in question.relations if each.id == name)}
    left = tuple(each for each in question.relations if each.id not in ids)
    return None if len(left) == len(question.relations) else evolve(question, relations=left)


_LONG_AGO = date(1950, 1, 1)


def _long_over(each: Relation) -> Relation:
    return evolve(each, since=None, until=_LONG_AGO)


def _is_over(each: Relation, first: date) -> bool:
    return each.until is not None and each.until <= first


def _days(record: object) -> Iterable[date]:
    extra = getattr(record, "extra", {})
    named = [getattr(record, name, None) for name in ("occurred", "decided", "effective", "published", "received")]
    return [day for day in (*named, *extra.values()) if isinstance(day, date)]


def _nothing_ended(first: Asked, other: Asked) -> list[str]:
    day = first.question.as_of
    found = [
        f"{one.rule} reaches {one.target} over {held.id}, which is in force {held.since or ''}..{held.until or ''}, "
        f"not on {edge.held_on}"
        for one in first.effects
        for edge in first.effects.proof(one)
        for held in edge.relations
        if edge.held_on is None
        or (held.since is not None and held.since > min(edge.held_on, day))
        or (held.until is not None and held.until <= edge.held_on)
    ]
    found += [f"{one.rule} reaches {one.target} from {one.origin} before {one.from_day}" for one in _early(first)]
    if all(each.until == _LONG_AGO for each in other.question.relations):
        over = [one for one in other.effects if any(edge.relations for edge in one.path)]
        return found + [f"{one.rule} reaches {one.target} though every relation is over" for one in over]
    return found + differences(first.answer, other.answer)


def _early(asked: Asked) -> list[Effect]:
    """Effects on days on which their origin does not hold."""
    day = asked.question.as_of
    return [
        one
        for one in asked.effects
        if (one.from_day is not None and one.from_day > day) or (one.until is not None and one.until <= day)
    ]


def spread_ends() -> Law:
    """On any graph, with circles too, spread ends; no path visits a party twice, no rule has more than its `most`."""
    sentence = "Spread ends on any graph, and no path visits a party twice."
    return Law("spread_ends", sentence, _bounded, _in_a_circle, spreads)


def _in_a_circle(choose: Chooser, question: Question) -> Question | None:
    """The question with relations back along some of those there are, so that they close circles."""
    if not question.relations or question.event is not None:
        return None
    kinds = question.policy.plan.relations
    chosen = choose.some(question.relations, least=1, most=3)
    back = [evolve(each, id=f"back-{each.id}", source=each.target, target=each.source) for each in chosen]
    fitting = [each for each in back if kinds[each.kind].source == kinds[each.kind].target]
    if not fitting:
        return None
    return evolve(question, relations=(*question.relations, *{each.id: each for each in fitting}.values()))


def _bounded(first: Asked, other: Asked) -> list[str]:
    found = []
    for one in (*first.effects, *other.effects):
        parties = [one.origin_party, *(edge.end for edge in one.path)] if one.origin_party is not None else []
        if len(parties) != len(set(parties)):
            found.append(f"{one.rule} reaches {one.target} over {' - '.join(map(str, parties))}")
    most = {rule.id: rule.most for rule in first.policy.plan.spread}
    for asked in (first, other):
        for name, limit in most.items():
            count = sum(one.rule == name for one in asked.effects)
            if count > limit:
                found.append(f"{name} has {count} effects, and may have {limit}")
    return found
