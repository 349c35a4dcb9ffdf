"""One more violation never raises the score, where a policy only deducts and only asks whether things add up.

The design names the conditions: no `until_next`, `latest`, `mean`, `last`, `days_since`, `per`, `since`, `unless`;
`when` asks only counts, sums and highest values to be at least something. What is missing is left out here: a violation of
which too little is known can make a certain deduction uncertain.
"""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from credit_engine.assessing.unknown import ends
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.drawn_records import Facts, event, pen_for
from credit_engine.testing.edges import edges_of
from credit_engine.testing.strategies import Question, Style, loaded_policies, questions
from properties.asking import answer

ONLY_WORSE = loaded_policies(Style(asks_absence=False, only_worse=True))
COMPLETE = Facts(missing=False, gaps=False, versions=False)


@given(questions(ONLY_WORSE, COMPLETE), st.data())
def test_one_more_violation_never_raises_the_score(question: Question, data: st.DataObject) -> None:
    pen = pen_for(Chooser(data.draw), edges_of(question.policy), COMPLETE)
    more = event(pen, "violation", data.draw(st.sampled_from(["V0", "V25", "X"])))
    worse = evolve(question, dossier=evolve(question.dossier, events=(*question.dossier.events, more)))
    before, after = answer(question).score, answer(worse).score
    if before is not None and after is not None:
        high, later_high = ends(before)[1], ends(after)[1]
        assert high is not None
        assert later_high is not None
        assert later_high <= high
