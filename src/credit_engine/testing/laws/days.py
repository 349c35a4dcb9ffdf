"""Laws of the answers of one dossier on two days: what changes by itself, and what an answer says of earlier days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import evolve

from credit_engine.assessing.answer import Assessment, ListEntry, Reason
from credit_engine.assessing.changes import moves_daily, next_change
from credit_engine.policy.load import Policy
from credit_engine.policy.nodes import SpanRow, walk
from credit_engine.policy.plan import Plan, ScoreRule
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.drawn_records import day_near
from credit_engine.testing.edges import edges_of
from credit_engine.testing.laws.law import Asked, Law
from credit_engine.testing.question import Question

ONE_DAY = timedelta(days=1)
_SELDOM, _DAILY = 5, 1  # of a hundred questions, how many ask for the next change: it looks at many days, or at each


def next_change_is_right() -> Law:
    """Nothing but a fading score differs before the next change, and something does on that day."""
    sentence = "Nothing changes by itself before the day that next_change names, and something does on that day."
    return Law("next_change_is_right", sentence, _as_told, _another_day)


def _another_day(choose: Chooser, question: Question) -> Question | None:
    """A later day with the same knowledge: the next change, the eve of it, or any other."""
    if question.event is not None:
        return None
    if not choose.chance(_how_often(question.policy)):
        return None
    known_at = question.known_at or question.as_of
    plain = evolve(question, known_at=known_at)
    found = _next(plain) if choose.chance(50) else None
    if found is not None:
        day = found - ONE_DAY * choose.number(0, 1)
    else:
        day = max(question.as_of + ONE_DAY, day_near(choose, question.dossier, edges_of(question.policy)))
    return evolve(plain, as_of=day) if day > question.as_of else None


def _how_often(policy: Policy) -> int:
    """Of how many questions in a hundred the next change is asked; found once for a policy."""
    found = policy.memo.get("next_change_is_right")
    if not isinstance(found, int):
        found = policy.memo["next_change_is_right"] = _DAILY if moves_daily(policy.plan) else _SELDOM
    return found


def _next(question: Question) -> Any:  # Any: a day, or None
    return next_change(question.dossier, question.policy, question.as_of, question.known_at)


def _as_told(first: Asked, other: Asked) -> list[str]:
    known_at, day = other.question.known_at, other.question.as_of
    question = evolve(first.question, known_at=known_at)
    today, later = first.on(question).own, other.own
    found = _next(question)
    if found is not None and day > found:
        return []
    differing = changes(today, later)
    if found is None or day < found:
        return [f"on {day}, before {found or 'any change'}, {difference}" for difference in differing]
    return [] if differing else [f"next_change names {found}, but nothing differs on that day"]


def changes(before: Assessment, after: Assessment) -> list[str]:
    """What differs between two days, the number of a fading score aside."""
    score = before.question[1].plan.score
    fades = score is not None and any(rule.fades for rule in score.rules)
    one, other = seen(before, with_score=not fades), seen(after, with_score=not fades)
    return [f"{name}: {one[name]}, then {other[name]}" for name in one if one[name] != other[name]]


def seen(answer: Assessment, *, with_score: bool) -> dict[str, Any]:  # Any: whatever an answer holds
    """Everything in an answer that is not the day itself, a number that moves, or how it came about."""
    entries = answer.entries
    return {
        "outside_policy": answer.outside_policy,
        "audience": answer.audience,
        "grades": {name: (grade.label, grade.possible) for name, grade in answer.grades.items()},
        "score": answer.score if with_score else None,
        "reasons": {(line.rule, line.event, line.item) for line in answer.reasons if line.kind == "rule"},
        "unknowns": {(line.rule, line.event, line.names) for line in answer.unknowns},
        "entries": [
            (one.id, one.state, one.listed, one.until, one.end_known, one.repairable_from, one.ground_changed)
            for one in entries
        ],
        "repairable": [one.id for one in entries if one.repairable_from and one.repairable_from <= answer.as_of],
        "on_list": dict(answer.on_list),
        "measures": [(one.measure, one.entry, one.from_day, one.until) for one in answer.measures],
        "findings": [(one.rule, one.event, one.says) for one in answer.findings],
        "obligations": [(one.rule, one.event, one.due, one.done, one.state) for one in answer.obligations],
        "origins": [(one.rule, one.kind, one.id, one.points, one.measures, one.named) for one in answer.origins],
        "recognised": [(one.rule, one.target, one.origin, one.measures) for one in answer.recognised],
        "supervision": [(one.thing, one.rule, one.at_least, one.times, one.notice) for one in answer.supervision],
    }


def answers_are_slices() -> Law:
    """What an answer says of its days holds on each of them."""
    sentence = "A reason counts, and an entry is in force, on every day of the period that the answer gives."
    return Law("answers_are_slices", sentence, _sliced, _earlier_day)


def _earlier_day(choose: Chooser, question: Question) -> Question | None:
    """An earlier day with the same knowledge: of what ends later events may still know more."""
    if question.event is not None:
        return None
    day = day_near(choose, question.dossier, edges_of(question.policy))
    if day >= question.as_of:
        return None
    return evolve(question, as_of=day, known_at=question.known_at or question.as_of)


def _sliced(first: Asked, other: Asked) -> list[str]:
    plan, day = first.policy.plan, other.question.as_of
    known_at = other.question.known_at
    today, then = first.on(evolve(first.question, known_at=known_at)).own, other.own
    if then.outside_policy is not today.outside_policy or then.own_score is None:
        return [] if then.outside_policy is not today.outside_policy else _entries_sliced(plan, today, then)
    steady = _steady(plan)
    counted = {(line.rule, line.event, line.item): line for line in then.reasons}
    doubted = {line.rule for line in then.unknowns}
    return _entries_sliced(plan, today, then) + [
        f"{line.rule} counts for {line.event} from {line.from_day}, but not on {day}"
        for line in today.reasons
        if line.rule in steady and line.rule not in doubted and _covers(line, day)
        if (line.rule, line.event, line.item) not in counted
    ]


def _covers(line: Reason, day: Any) -> bool:  # Any: a date
    return line.from_day is not None and line.from_day <= day and (line.until is None or day < line.until)


def _entries_sliced(plan: Plan, today: Assessment, then: Assessment) -> list[str]:
    reviewed = {rule.name for rule in plan.lists if rule.review is not None}
    before = {one.id: one for one in then.entries}
    return [
        f"{one.id} is listed since {one.listed}, but {_state(before.get(one.id))} on {then.as_of}"
        for one in today.entries
        if one.state == "listed" and one.list not in reviewed and one.listed is not None and one.listed <= then.as_of
        if _state(before.get(one.id)) != "listed"
    ]


def _state(entry: ListEntry | None) -> str:
    return "absent" if entry is None else entry.state


def _steady(plan: Plan) -> set[str]:
    """The rules whose contribution is the same whichever day is judged: of an event, under its own law."""
    return {rule.id for rule in (plan.score.rules if plan.score is not None else ()) if _is_steady(rule)}


def _is_steady(rule: ScoreRule) -> bool:
    rows = [row for row in walk(rule.counts) if isinstance(row, SpanRow)] if rule.counts is not None else []
    moves = rule.law.as_of or rule.law.lenient or rule.fades
    return rule.each is not None and not moves and not any(row.or_while or row.until_next for row in rows)
