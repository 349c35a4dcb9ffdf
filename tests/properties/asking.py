"""How the laws are asked: of any question, with what is drawn in the same example; other engines can take them too."""

from __future__ import annotations

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.testing import laws
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.laws import Law
from credit_engine.testing.question import Question


def answer(question: Question) -> Assessment:
    """The answer of the plain engine."""
    return assess(question.dossier, question.policy, question.as_of, question.known_at, event=question.event)


def law_of(name: str, question: Question, *arguments: str) -> Law:
    """The law of this name for the policy that the question asks."""
    return laws.law(name, question.policy, *arguments)


def breaking(law: Law, question: Question, choose: Chooser) -> list[str]:
    """What breaks a law in this example; nothing where it cannot be asked or has nothing to compare."""
    if law.applies(question.policy) is not None:
        return []
    other = question if law.vary is None else law.vary(choose, question)
    return [] if other is None else law.broken_by(question, other)
