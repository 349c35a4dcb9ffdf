"""Questions as policy tests: ready to paste, one line an event, and read back as they were."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from credit_engine.assessing.assess import assess
from credit_engine.dossiers import Coverage, Dossier
from credit_engine.errors import QuestionError
from credit_engine.policy.files import read_text
from credit_engine.policy.load import load_policy, load_policy_text, shipped_policies
from credit_engine.policy.scalars import BAD_CHARACTERS
from credit_engine.records import Inspection, Operator, Person, Region, Relation, Violation
from credit_engine.testing.cases import read_cases, run
from credit_engine.testing.question import Question, ask
from credit_engine.testing.sampling import sample
from credit_engine.testing.showing import as_case, as_yaml
from credit_engine.testing.strategies import policies, questions
from testing.asked_questions import contents, read_back

DAY = date(2026, 6, 30)
FOOD = load_policy("food-safety-law")


@pytest.mark.parametrize("name", shipped_policies())
def test_what_is_drawn_for_a_shipped_policy_reads_back_from_its_case(name: str, tmp_path: Path) -> None:
    policy = load_policy(name)
    for number in range(25):
        question = sample(policy, number)
        assert contents(read_back(question, tmp_path)) == contents(question)


@settings(
    max_examples=max(10, settings().max_examples // 4), phases=[Phase.explicit, Phase.generate]
)  # a policy is slow to shrink
@given(question=questions(policies()))
def test_a_question_of_any_policy_reads_back_from_its_case_and_has_the_same_answer(
    question: Question, tmp_path_factory: pytest.TempPathFactory
) -> None:
    back = read_back(question, tmp_path_factory.getbasetemp())
    assert contents(back) == contents(question)
    assert back.policy.plan.hash == question.policy.plan.hash
    assert ask(back).as_dict() == ask(question).as_dict()


@given(
    st.recursive(
        st.text().filter(lambda text: not BAD_CHARACTERS.search(text))
        | st.integers(-(2**63), 2**63)  # records hold no larger ones
        | st.booleans()
        | st.none()
        | st.dates(),
        st.lists,
        max_leaves=5,
    )
)
def test_plain_data_reads_back_as_it_was(data: object) -> None:
    assert read_text(f"data: {as_yaml([data])}", "any")["data"] == [data]


def test_a_case_expects_what_is_answered_now_and_so_passes(tmp_path: Path) -> None:
    policy = load_policy("agri-credit")
    file = tmp_path / "cases.yaml"
    file.write_text("".join(as_case(sample(policy, n), f"case {n}") for n in range(20)), encoding="utf-8")
    cases = read_cases(file)
    assert [run(case, lambda: policy, assess) for case in cases] == [[]] * 20


def test_a_case_reads_like_one_that_a_person_wrote() -> None:
    fined = Violation(
        id="V1",
        party="P1",
        decided=date(2026, 1, 5),
        law="food_safety_law",
        article="123",
        penalties={"fine"},
        fine=50001,
    )
    moved = Violation(id="007", party="P2", decided=date(2026, 2, 1), recorded=date(2026, 3, 1), standing="withdrawn")
    region = Region(code="zone", parent="310000", from_day=date(2024, 1, 1))
    coverage: Mapping[str, Coverage] = {"inspection": "absent"}
    own = Dossier(Operator(id="P1", kind="farm"), [fined], coverage, [region])
    other = Dossier(Operator(id="P2"), [moved], coverage, [region])
    person = Dossier(Person(id="N1", name="李四"), [], coverage, [region])
    owns = Relation(id="R1", kind="shareholder", source="N1", target="P1", share=Fraction(1, 3), until=DAY)
    question = Question(FOOD, own, DAY, others=(other, person), relations=(owns,))
    assert as_case(question, "A fine: seen", says="why", expect={"findings": []}) == (
        '- name: "A fine: seen"\n'
        "  day: 2026-06-30\n"
        "  operator: {id: P1, kind: farm}\n"
        "  regions:\n"
        '    - {code: zone, parent: "310000", from: 2024-01-01}\n'
        "  coverage: {inspection: absent}\n"
        "  events:\n"
        '    - {violation: {id: V1, decided: 2026-01-05, law: food_safety_law, article: "123", penalties: [fine],'
        ' fine: "500.01 yuan"}}\n'
        "  operators:\n"
        "    - id: P2\n"
        "      events:\n"
        '        - {violation: {id: "007", recorded: 2026-03-01, decided: 2026-02-01, standing: withdrawn}}\n'
        "  persons:\n"
        "    - {id: N1, name: 李四}\n"
        "  relations:\n"
        '    - {shareholder: {id: R1, source: N1, target: P1, share: "1/3", until: 2026-06-30}}\n'
        "  says: why\n"
        "  expect: {findings: []}\n"
    )


def test_a_law_with_its_second_question_stands_in_place_of_what_is_expected() -> None:
    question = Question(FOOD, Dossier(Operator(id="P1")), DAY)
    shown = as_case(question, "worse", law={"never_better_with": "violation"}, instead={"day": date(2026, 7, 1)})
    assert shown.endswith("  law: {never_better_with: violation}\n  instead: {day: 2026-07-01}\n")
    assert "expect" not in shown


def test_a_counter_example_is_shown_as_a_case_that_only_lacks_what_it_expects() -> None:
    question = Question(FOOD, Dossier(Operator(id="P1"), [Inspection(id="I1", party="P1", occurred=DAY)]), DAY)
    assert repr(question) == (
        "\n- name: counter-example\n  day: 2026-06-30\n  events:\n"
        "    - {inspection: {id: I1, occurred: 2026-06-30}}\n  expect: {}\n"
    )


def test_a_policy_without_a_folder_is_written_out_in_the_case() -> None:
    policy = load_policy_text("policy: mine\ntitle: {en: Mine}\nsources: {law: {title: Law, rank: law}}\n")
    shown = as_case(Question(policy, Dossier(Operator(id="P1")), DAY), "any", expect={"findings": []})
    assert (
        "  policy:\n    policy: mine\n    title: {en: Mine}\n    sources:\n      law: {title: Law, rank: law}\n"
        in shown
    )


def test_others_with_another_coverage_make_no_case() -> None:
    other = Dossier(Operator(id="P2"), coverage={"violation": "absent"})
    question = Question(FOOD, Dossier(Operator(id="P1")), DAY, others=(other,))
    with pytest.raises(QuestionError) as caught:
        as_case(question, "any")
    assert caught.value.codes == ("not_a_case",)
