"""What is unknown widens an answer, and every way in which it may turn out lies inside."""

from attrs import evolve
from hypothesis import given, note
from hypothesis import strategies as st

from credit_engine.assessing.unknown import Range, ends
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.edges import edges_of
from credit_engine.testing.laws.unknown import outside_of
from credit_engine.testing.strategies import Question, Style, loaded_policies, questions
from credit_engine.testing.variations import completed, with_law_found
from properties.asking import answer

NOT_ASKING_ABSENCE = loaded_policies(Style(asks_absence=False))


@given(questions())
def test_an_interval_runs_from_its_lower_to_its_upper_end(question: Question) -> None:
    score, limits = answer(question).score, question.policy.plan.score
    if isinstance(score, Range):
        low, high = ends(score)
        assert limits is not None
        assert low is not None or limits.low is None  # open only where the range is
        assert high is not None or limits.high is None
        assert low is None or high is None or low < high


@given(questions())
def test_what_is_unknown_about_the_score_is_reported_by_name(question: Question) -> None:
    given_answer = answer(question)
    if isinstance(given_answer.score, Range):
        assert given_answer.unknowns
    for line in given_answer.unknowns:
        assert line.names, line


@given(questions(NOT_ASKING_ABSENCE), st.data())
def test_whatever_turns_out_lies_inside_what_was_said_before(question: Question, data: st.DataObject) -> None:
    choose = Chooser(data.draw)
    edges = edges_of(question.policy)
    later = evolve(question, dossier=completed(choose, question.dossier, edges))
    if choose.chance(50):
        later = evolve(later, policy=with_law_found(choose, question.policy))
    before, after = answer(question), answer(later)
    note(f"{later!r}")
    note(f"before: {before}")
    note(f"after: {after}")
    if after.outside_policy is not True:
        found = outside_of(before, after)
        assert not found, found
