"""Laws of time and knowledge: no future, nothing learnt later, and what is withdrawn never was."""

from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from credit_engine.testing.drawing import Chooser
from credit_engine.testing.edges import edges_of
from credit_engine.testing.strategies import Question, questions
from credit_engine.testing.variations import with_future, with_later_knowledge, withdrawn, without
from properties.asking import answer


@given(questions(), st.data())
def test_what_lies_in_the_future_changes_nothing(question: Question, data: st.DataObject) -> None:
    edges = edges_of(question.policy)
    more = with_future(Chooser(data.draw), question.dossier, edges, question.as_of)
    assert answer(evolve(question, dossier=more)) == answer(question)


@given(questions(), st.data())
def test_what_was_learnt_later_changes_nothing(question: Question, data: st.DataObject) -> None:
    known_at = question.known_at or question.as_of
    more = with_later_knowledge(Chooser(data.draw), question.dossier, edges_of(question.policy), known_at)
    asked = evolve(question, known_at=known_at)
    assert answer(evolve(asked, dossier=more)) == answer(asked)


@given(questions(), st.data())
def test_what_is_withdrawn_counts_as_never_recorded(question: Question, data: st.DataObject) -> None:
    assume(question.dossier.events)
    chosen = data.draw(st.sampled_from(question.dossier.events))
    known_at = question.known_at or question.as_of
    gone = evolve(question, dossier=withdrawn(question.dossier, chosen, known_at))
    never = evolve(question, dossier=without(question.dossier, chosen))
    assert answer(gone) == answer(never)
