"""Laws of one answer: what it may depend on, and that its reasons add up."""

import pickle
from typing import Literal

from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.unknown import Range
from credit_engine.policy.load import read_policy
from credit_engine.records import Event
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.drawn_records import PERSON_NAME
from credit_engine.testing.edges import edges_of
from credit_engine.testing.strategies import Question, questions
from credit_engine.testing.variations import alone_on_its_day, relabelled, reordered, without_ties
from properties.asking import answer

LANGUAGES = ("zh", "en")


@given(questions(), st.data())
def test_the_order_of_records_and_repeated_rows_change_nothing(question: Question, data: st.DataObject) -> None:
    other = evolve(question, dossier=reordered(Chooser(data.draw), question.dossier))
    assert answer(other) == answer(question)


@given(questions())
def test_the_start_and_all_reasons_make_the_score(question: Question) -> None:
    given_answer = answer(question)
    if given_answer.score is None or isinstance(given_answer.score, Range):
        return
    score = question.policy.plan.score
    assert score is not None
    assert score.start + sum(reason.points for reason in given_answer.reasons) == given_answer.score
    assert all(reason.points for reason in given_answer.reasons)


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
def test_from_the_only_event_of_a_day_one_sees_what_one_sees_from_the_day(
    question: Question, data: st.DataObject
) -> None:
    known_at = question.known_at or question.as_of
    known = [each for each in question.dossier.events_on(known_at) if _can_be_named(each, question)]
    assume(known)
    chosen = data.draw(st.sampled_from(sorted(known, key=lambda each: (each.kind, each.id))))
    alone = alone_on_its_day(question.dossier, chosen, edges_of(question.policy), question.as_of)
    whole_day = evolve(question, dossier=alone)
    from_event = evolve(whole_day, event=f"{chosen.kind}/{chosen.id}")
    seen, expected = answer(from_event), answer(whole_day)
    also_of_the_day = {name: value for name, value in seen.indicators.items() if name in expected.indicators}
    assert evolve(seen, event=None, indicators=also_of_the_day) == expected


def _can_be_named(event: Event, question: Question) -> bool:
    return event.standing != "withdrawn" and event.kind in edges_of(question.policy).anchors


@given(questions())
def test_other_ids_in_the_same_order_change_only_the_labels(question: Question) -> None:
    ids = sorted({each.id for each in question.dossier.events})
    names = {old: f"x{place:03d}-{old[::-1]}" for place, old in enumerate(ids)}
    renamed = evolve(question, dossier=relabelled(question.dossier, names))
    assert answer(renamed) == with_names(answer(question), names)


@given(questions(), st.data())
def test_without_ties_any_other_ids_change_only_the_labels(question: Question, data: st.DataObject) -> None:
    before = evolve(question, dossier=without_ties(question.dossier))
    ids = sorted({each.id for each in before.dossier.events})
    names = dict(zip(ids, Chooser(data.draw).shuffled(ids), strict=True))
    after = evolve(before, dossier=relabelled(before.dossier, names))
    assert in_some_order(answer(after)) == in_some_order(with_names(answer(before), names))


def with_names(given_answer: Assessment, names: dict[str, str]) -> Assessment:
    """The answer with its events called by other names."""
    reasons = tuple(evolve(line, event=names.get(line.event or "")) for line in given_answer.reasons)
    unknowns = tuple(evolve(line, event=names.get(line.event or "")) for line in given_answer.unknowns)
    return evolve(given_answer, reasons=reasons, unknowns=unknowns)


def in_some_order(given_answer: Assessment) -> Assessment:
    """The answer with its lines, which stand by ids, in an order that does not depend on them."""
    reasons = tuple(sorted(given_answer.reasons, key=repr))
    return evolve(given_answer, reasons=reasons, unknowns=tuple(sorted(given_answer.unknowns, key=repr)))


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
