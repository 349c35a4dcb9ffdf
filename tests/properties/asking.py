"""How the laws ask: one place through which every answer goes, so that other engines can take the same laws."""

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.testing.strategies import Question


def answer(question: Question) -> Assessment:
    """The answer of the plain engine."""
    return assess(question.dossier, question.policy, question.as_of, question.known_at, event=question.event)
