"""Laws of one more event: it never betters the answer, or never worsens it."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from credit_engine.assessing.answer import Assessment, Grade
from credit_engine.policy.load import Policy
from credit_engine.policy.places import did_you_mean
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.drawn_records import Facts, event, pen_for
from credit_engine.testing.edges import edges_of
from credit_engine.testing.laws.differing import lower, said, upper
from credit_engine.testing.laws.law import Asked, Judge, Law, law_error
from credit_engine.testing.question import Question

COMPLETE = Facts(missing=False, gaps=False, versions=False)


def never_better_with(policy: Policy, kind: str = "violation") -> Law:
    """One more event of a kind never raises the score; without a score, never betters the grade."""
    sentence = f"One more {kind.replace('_', ' ')} never betters the answer."
    return _with_one_more("never_better_with", policy, kind, sentence, better)


def never_worse_with(policy: Policy, kind: str = "honour") -> Law:
    """One more event of a kind never lowers the score; without a score, never worsens the grade."""
    sentence = f"One more {kind.replace('_', ' ')} never worsens the answer."
    return _with_one_more("never_worse_with", policy, kind, sentence, worse)


def _with_one_more(name: str, policy: Policy, kind: str, sentence: str, moved: Moved) -> Law:
    if kind not in policy.plan.kinds:
        hint = did_you_mean(kind, policy.plan.kinds)
        raise law_error("unknown_kind", f"the policy {policy.name} has no kind of event {kind!r}", hint)

    def vary(choose: Chooser, question: Question) -> Question:
        pen = pen_for(choose, edges_of(question.policy), COMPLETE)
        ids = {each.id for each in question.dossier.events}
        names = ("V0", "V25", *(f"X{number}" for number in range(len(ids) + 1)))
        more = event(pen, kind, choose.one([name for name in names if name not in ids][:3]))
        return evolve(question, dossier=evolve(question.dossier, events=(*question.dossier.events, more)))

    return Law(name, sentence, judged(moved), vary, _has_score_or_grades, {"kind": kind})


def _has_score_or_grades(policy: Policy) -> str | None:
    return None if policy.plan.score is not None or policy.plan.scales else "has neither score nor grades"


Moved = Callable[[Assessment, Assessment], list[str]]


def judged(moved: Moved) -> Judge:
    """A judge of how an answer moved; where one answer is outside the policy and the other inside, it says nothing."""

    def judge(first: Asked, other: Asked) -> list[str]:
        if first.answer.outside_policy is not other.answer.outside_policy:
            return []
        return moved(first.answer, other.answer)

    return judge


def better(before: Assessment, after: Assessment) -> list[str]:
    """Where the best that an answer may be has become better."""
    if before.score is not None and after.score is not None:
        high, later = upper(before.score), upper(after.score)
        rose = high is not None and (later is None or later > high)
        return [f"the score rises from {said(before.score)} to {said(after.score)}"] if rose else []
    return [
        f"the grade on {name} betters from {_label(before.grades[name])} to {_label(grade)}"
        for name, grade in after.grades.items()
        if _is_better(before, name, before.grades[name], grade)
    ]


def worse(before: Assessment, after: Assessment) -> list[str]:
    """Where the worst that an answer may be has become worse."""
    if before.score is not None and after.score is not None:
        low, later = lower(before.score), lower(after.score)
        fell = low is not None and (later is None or later < low)
        return [f"the score falls from {said(before.score)} to {said(after.score)}"] if fell else []
    return [
        f"the grade on {name} worsens from {_label(before.grades[name])} to {_label(grade)}"
        for name, grade in after.grades.items()
        if _is_better(before, name, grade, before.grades[name])
    ]


def _is_better(answer: Assessment, scale: str, worse: Grade, better: Grade) -> bool:
    """Whether the best label of one is better than that of the other; labels without rank do not compare."""
    order = next(one.order for one in answer.question[1].plan.scales if one.name == scale)
    ranks = [[order.index(label) for label in _labels(one) if label in order] for one in (better, worse)]
    complete = all(set(_labels(one)) <= set(order) and _labels(one) for one in (better, worse))
    return complete and min(ranks[0]) < min(ranks[1])


def _labels(grade: Grade) -> tuple[str, ...]:
    return (grade.label,) if grade.label is not None else grade.possible


def _label(grade: Grade) -> str:
    return " or ".join(_labels(grade)) or "none"
