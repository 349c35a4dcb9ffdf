"""The law of the unknown: whatever a missing fact turns out to be lies inside what was said before."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from credit_engine.assessing.answer import Assessment, Grade
from credit_engine.assessing.unknown import Range, ends
from credit_engine.policy.load import Policy
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.edges import edges_of
from credit_engine.testing.laws.differing import said, told
from credit_engine.testing.laws.law import Asked, Law
from credit_engine.testing.question import Question
from credit_engine.testing.variations import completed


def unknown_stays_open(policy: Policy, absent_means: Iterable[str] = ()) -> Law:
    """Whatever a missing fact turns out to be lies inside what was said before.

    `absent_means`: fields whose very absence says something (`performed`: it was not), which stay as they are.
    """
    del policy  # every maker takes it
    kept = frozenset([absent_means] if isinstance(absent_means, str) else absent_means)

    def vary(choose: Chooser, question: Question) -> Question | None:
        edges = edges_of(question.policy)
        found = completed(choose, question.dossier, evolve(edges, hard=edges.hard | kept))
        return None if found == question.dossier else evolve(question, dossier=found)

    sentence = "Whatever a missing fact turns out to be lies inside what was said before."
    return Law("unknown_stays_open", sentence, _inside, vary, _says_anything, _arguments(kept))


def _arguments(kept: frozenset[str]) -> dict[str, list[str]]:
    return {"absent_means": sorted(kept)} if kept else {}


def _says_anything(policy: Policy) -> str | None:
    plan = policy.plan
    return None if plan.score is not None or plan.scales or plan.indicators else "has no score, grades or indicators"


def _inside(first: Asked, other: Asked) -> list[str]:
    if other.answer.outside_policy is True:
        return []
    return outside_of(first.answer, other.answer)


def outside_of(before: Assessment, after: Assessment) -> list[str]:
    """Where the answer after does not lie inside the answer before."""
    found = [
        f"the indicator {name} turns out to be {told(value)}, and was {told(before.indicators[name])}"
        for name, value in after.indicators.items()
        if name in before.indicators and not is_inside(value, before.indicators[name])
    ]
    if before.score is not None and not is_inside(after.score, before.score):
        found.append(f"the score turns out to be {said(after.score)}, and was {said(before.score)}")
    for scale, grade in after.grades.items():
        was = before.grades.get(scale)
        if was is None:
            continue
        if was.label is not None and grade.label != was.label:
            found.append(f"the grade on {scale} turns out to be {grade.label}, and was {was.label}")
        elif not set(grade.possible) <= set(was.possible) or (was.is_complete and not grade.is_complete):
            found.append(f"the grade on {scale} turns out to be {_labels(grade)}, and was {_labels(was)}")
    return found + _lost_reasons(before, after)


def _labels(grade: Grade) -> str:
    """The labels that a grade may be, in words."""
    return " or ".join((*grade.possible, *(() if grade.is_complete else ("none",))))


def _lost_reasons(before: Assessment, after: Assessment) -> list[str]:
    if not isinstance(before.score, Range):
        return []
    kept = [(line.rule, line.event, line.item, line.points) for line in after.reasons]
    return [
        f"the certain reason {line.rule} ({said(line.points)}, {line.event}) is gone"
        for line in before.reasons
        if (line.rule, line.event, line.item, line.points) not in kept
    ]


def is_inside(value: object, known: object) -> bool:
    """Whether a value (or range) is one that the known value, range, or nothing at all allows."""
    if known is None:
        return True
    if not isinstance(known, Range):
        return value == known
    if value is None:
        return False
    low, high = ends(value)  # type: ignore[arg-type]  # a number or a range, for the other is a range
    known_low, known_high = ends(known)
    low_fits = known_low is None or (low is not None and known_low <= low)
    return low_fits and (known_high is None or (high is not None and high <= known_high))
