"""A counter-example made smaller: what both questions share goes, as long as the law stays broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from attrs import evolve

from credit_engine.errors import CreditEngineError
from credit_engine.testing.laws.law import Asked, Law
from credit_engine.testing.minimal import minimal
from credit_engine.testing.question import Question

Pair = tuple[Question, Question]


def smaller(law: Law, question: Question, other: Question | None) -> tuple[Question, Question | None]:
    """The smallest question, or pair of them, found that still breaks the law."""
    if other is None:
        return minimal(question, lambda less: bool(law.broken_by(less))), None
    pair = (question, other)
    again = True
    while again:
        again = False
        for step in _steps(*pair):
            less = step()
            if less != pair and _still_broken(law, less):
                pair, again = less, True
                break
    return pair


def _still_broken(law: Law, pair: Pair) -> bool:
    try:
        return bool(law.judge(Asked(pair[0]), Asked(pair[1])))
    except CreditEngineError:  # what is left is no question
        return False


def _steps(question: Question, other: Question) -> Iterator[Callable[[], Pair]]:
    """The pair without one of the things that both have alike."""
    for key, versions in question.dossier.by_id.items():
        if versions == other.dossier.by_id.get(key):
            yield partial(_both, _without_event, question, other, key)
    for each in question.others:
        if each in other.others:
            yield partial(_both, _without_party, question, other, each.id)
    for link in question.relations:
        if link in other.relations:
            yield partial(_both, _without_relation, question, other, link.id)
    if question.dossier.regions == other.dossier.regions:
        yield partial(_both, _without_regions, question, other)
    if question.dossier.coverage == other.dossier.coverage:
        yield partial(_both, _covered, question, other)
    if question.known_at == other.known_at:
        yield partial(_both, _as_known_that_day, question, other)


def _both(less: Callable[..., Question], question: Question, other: Question, *of: Any) -> Pair:  # Any: what goes
    return less(question, *of), less(other, *of)


def _as_known_that_day(question: Question) -> Question:
    return evolve(question, known_at=None)


def _without_event(question: Question, key: tuple[str, str]) -> Question:
    events = [each for each in question.dossier.events if (each.kind, each.id) != key]
    return evolve(question, dossier=evolve(question.dossier, events=events))


def _without_party(question: Question, name: str) -> Question:
    others = tuple(each for each in question.others if each.id != name)
    left = tuple(each for each in question.relations if name not in (each.source, each.target))
    return evolve(question, others=others, relations=left)


def _without_relation(question: Question, name: str) -> Question:
    return evolve(question, relations=tuple(each for each in question.relations if each.id != name))


def _without_regions(question: Question) -> Question:
    return evolve(
        question,
        dossier=evolve(question.dossier, regions=()),
        others=tuple(evolve(each, regions=()) for each in question.others),
    )


def _covered(question: Question) -> Question:
    return evolve(
        question,
        dossier=evolve(question.dossier, coverage={}),
        others=tuple(evolve(each, coverage={}) for each in question.others),
    )
