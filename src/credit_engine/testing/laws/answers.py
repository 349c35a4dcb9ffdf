"""Laws of one answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.unknown import Range
from credit_engine.policy.load import Policy
from credit_engine.quantities import Thousandths
from credit_engine.testing.laws.differing import differences, lower, said, upper
from credit_engine.testing.laws.law import Asked, Law
from credit_engine.testing.question import Question

Predicate = Callable[[Assessment], bool]
Engines = Mapping[str, Callable[[Question], Assessment]]


def has_score(policy: Policy) -> str | None:
    """Why a law of scores cannot be asked."""
    return None if policy.plan.score is not None else "has no score"


# --- one answer -----------------------------------------------------------------------------------------------


def reasons_add_up() -> Law:
    """The start and all reasons make the score, and each reason moves it."""
    sentence = "The start and the points of all reasons make the score, and no reason has 0 points."
    return Law("reasons_add_up", sentence, _sum, applies=has_score)


def _sum(first: Asked, _other: Asked) -> list[str]:
    answer, score = first.answer, first.policy.plan.score
    if score is None or answer.score is None:
        return []
    found = [f"the reason {reason.rule} has 0 points" for reason in answer.reasons if not reason.points]
    points = sum(reason.points for reason in answer.reasons)
    if not isinstance(answer.score, Range) and score.start + points != answer.score:
        found.append(f"start {said(score.start)} and reasons {said(points)} are not the score {said(answer.score)}")
    return found


def bounded_by(policy: Policy, low: Any = None, high: Any = None) -> Law:  # Any: a number as written
    """The score lies between two numbers, both included; without them, in the range of the policy."""
    score = policy.plan.score
    if score is None:
        lowest = highest = None
    else:
        lowest = score.low if low is None else Thousandths.read(low)
        highest = score.high if high is None else Thousandths.read(high)
    given = {name: value for name, value in (("low", low), ("high", high)) if value is not None}
    sentence = f"The score is {_within(lowest, highest)}."

    def judge(first: Asked, _other: Asked) -> list[str]:
        score = first.answer.score
        if score is None:
            return []
        found = []
        if lowest is not None and ((end := lower(score)) is None or end < lowest):
            found.append(f"the score may be {_end(end)}, below {said(lowest)}")
        if highest is not None and ((end := upper(score)) is None or end > highest):
            found.append(f"the score may be {_end(end)}, above {said(highest)}")
        return found

    def applies(policy: Policy) -> str | None:
        return has_score(policy) or ("has a score without a range" if lowest is None and highest is None else None)

    return Law("bounded_by", sentence, judge, applies=applies, arguments=given)


def _within(low: int | None, high: int | None) -> str:
    at_least = f"at least {said(low)}" if low is not None else ""
    at_most = f"at most {said(high)}" if high is not None else ""
    return " and ".join(part for part in (at_least, at_most) if part) or "a number"


def _end(end: int | None) -> str:
    return "without limit" if end is None else said(end)


def always_graded() -> Law:
    """Whoever is judged has a grade on every scale, or several of which it may be one."""
    sentence = "Whoever is judged has a grade on every scale."
    reason = "has no grades"
    return Law("always_graded", sentence, _graded, applies=lambda policy: None if policy.plan.scales else reason)


def _graded(first: Asked, _other: Asked) -> list[str]:
    answer = first.answer
    if answer.outside_policy is True:
        return []
    if isinstance(answer.score, Range):
        return []  # what is not known of the score may leave the grade open
    score = f" with a score of {said(answer.score)}" if answer.score is not None else ""
    doubted = {line.rule for line in answer.unknowns}
    return [
        f"there is no grade on the scale {name}{score}"
        for name, grade in answer.grades.items()
        if grade.label is None and not grade.possible and name not in doubted
    ]


def holds(policy: Policy, predicate: Predicate, sentence: str = "") -> Law:
    """What an author says of every answer, as a function of it; its name, or docstring, is the sentence."""
    del policy  # every maker takes it
    name = getattr(predicate, "__name__", "predicate")
    text = sentence or (predicate.__doc__ or name).strip().partition("\n")[0]

    def judge(first: Asked, _other: Asked) -> list[str]:
        return [] if predicate(first.answer) else [f"{name} does not hold"]

    return Law("holds", text, judge, arguments={"predicate": name})


def engines_agree(policy: Policy, engines: Engines | None = None) -> Law:
    """Every engine gives the answer of the plain one."""
    del policy  # every maker takes it
    others = dict(ENGINES if engines is None else engines)

    def judge(first: Asked, _other: Asked) -> list[str]:
        return [
            f"{name}: {difference}"
            for name, asked in others.items()
            for difference in differences(first.answer, asked(first.question))
        ]

    def applies(_policy: Policy) -> str | None:
        return None if others else "has no engine beside the plain one"

    sentence = "Every engine gives the same answer."
    return Law("engines_agree", sentence, judge, applies=applies, arguments={"engines": list(others)} if others else {})


ENGINES: dict[str, Callable[[Question], Assessment]] = {}  # engines beside the plain one, by name
