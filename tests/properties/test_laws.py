"""Laws of one answer: what it may depend on, and that its reasons add up."""

import pickle
from typing import Literal

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from credit_engine.assessing.answer import Assessment
from credit_engine.policy.load import read_policy
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.drawn_records import PERSON_NAME
from credit_engine.testing.laws.labels import with_names
from credit_engine.testing.strategies import Question, questions
from credit_engine.testing.variations import relabelled, without_ties
from properties.asking import answer, breaking, law_of

LANGUAGES = ("zh", "en")


GENERAL = (
    "order_is_irrelevant",
    "repeated_rows_count_once",
    "no_future",
    "nothing_known_later",
    "withdrawing_equals_never_recorded",
    "labels_are_labels",
    "event_sees_its_day",
    "reasons_add_up",
    "answers_are_slices",
    "bounded_by",
)


@given(question=questions(), data=st.data())
def test_the_laws_of_the_library_hold_for_every_policy(question: Question, data: st.DataObject) -> None:
    """All of them of one question: drawing a policy takes longer than asking it."""
    choose = Chooser(data.draw)
    found = {name: breaking(law_of(name, question), question, choose) for name in GENERAL}
    assert not any(found.values()), found


@given(questions())
def test_the_same_question_has_the_same_answer_again_and_in_another_process(question: Question) -> None:
    first = answer(question)
    assert answer(question) == first
    sent = evolve(question, dossier=pickle.loads(pickle.dumps(question.dossier)))  # noqa: S301  # our own bytes
    assert sent.dossier == question.dossier
    fresh = evolve(sent, policy=read_policy(question.policy.written))
    assert answer(fresh) == first
    assert pickle.loads(pickle.dumps(first.as_dict())) == first.as_dict()  # noqa: S301  # our own bytes


@given(questions())
def test_a_grade_under_review_is_the_one_given_on_the_day_of_the_review(question: Question) -> None:
    now = answer(question)
    for scale in question.policy.plan.scales:
        if scale.review is None or scale.name not in now.grades:
            continue
        grade = now.grades[scale.name]
        known_at = question.known_at or question.as_of
        then = answer(evolve(question, as_of=grade.judged_on, known_at=known_at, event=None))
        assert grade.judged_on <= question.as_of
        if then.outside_policy is not True:
            assert then.grades[scale.name] == grade


@given(questions(), st.data())
def test_without_ties_any_other_ids_change_only_the_labels(question: Question, data: st.DataObject) -> None:
    before = evolve(question, dossier=without_ties(question.dossier))
    ids = sorted({each.id for each in before.dossier.events})
    names = dict(zip(ids, Chooser(data.draw).shuffled(ids), strict=True))
    kind, _, plain = (before.event or "").rpartition("/")
    event = before.event and (f"{kind}/{names[plain]}" if kind else names[plain])
    after = evolve(before, dossier=relabelled(before.dossier, names), event=event)
    assert in_some_order(answer(after)) == in_some_order(with_names(answer(before), names))


def in_some_order(given_answer: Assessment) -> Assessment:
    """The answer with its lines, which stand by ids, in an order that does not depend on them."""
    reasons = tuple(sorted(given_answer.reasons, key=repr))
    return evolve(given_answer, event=None, reasons=reasons, unknowns=tuple(sorted(given_answer.unknowns, key=repr)))


@given(questions(), st.sampled_from(LANGUAGES))
def test_every_answer_can_be_explained_and_names_no_person(question: Question, language: Literal["zh", "en"]) -> None:
    given_answer = answer(question)
    text = given_answer.explain(language=language)
    assert text.strip()
    assert PERSON_NAME not in text
    score = question.policy.plan.score
    for rule in score.rules[:1] if score else ():
        assert PERSON_NAME not in given_answer.explain(language=language, rule=rule.id)


@given(questions())
def test_an_answer_as_plain_data_has_nothing_but_plain_data(question: Question) -> None:
    assert is_plain_data(answer(question).as_dict())


def is_plain_data(piece: object) -> bool:
    """Whether this is made of dicts, lists, texts, whole numbers, truths and nothing."""
    if isinstance(piece, dict):
        return all(isinstance(key, str) and is_plain_data(part) for key, part in piece.items())
    if isinstance(piece, list):
        return all(is_plain_data(part) for part in piece)
    return piece is None or type(piece) in (str, int, bool)
