"""One more violation never raises the score, where a policy only deducts and only asks whether things add up.

The design names the conditions: no `until_next`, `latest`, `mean`, `last`, `days_since`, `per`, `since`, `unless`;
`when` asks only counts, sums and highest values to be at least something. What is missing is left out here: a violation of
which too little is known can make a certain deduction uncertain.
"""

from hypothesis import given
from hypothesis import strategies as st

from credit_engine.testing.drawing import Chooser
from credit_engine.testing.drawn_records import Facts
from credit_engine.testing.laws.shapes import only_worse
from credit_engine.testing.strategies import Question, Style, loaded_policies, questions
from properties.asking import breaking, law_of

ONLY_WORSE = loaded_policies(Style(asks_absence=False, only_worse=True))
COMPLETE = Facts(missing=False, gaps=False, versions=False)


@given(questions(ONLY_WORSE, COMPLETE), st.data())
def test_one_more_violation_never_raises_the_score(question: Question, data: st.DataObject) -> None:
    assert breaking(law_of("never_better_with", question, "violation"), question, Chooser(data.draw)) == []


@given(questions(), st.data())
def test_a_policy_of_the_shape_that_only_gets_worse_does(question: Question, data: st.DataObject) -> None:
    if only_worse(question.policy) is None:
        assert breaking(law_of("never_better_with", question, "violation"), question, Chooser(data.draw)) == []
