"""Coverage of a policy by its tests: every number counted by hand, and no answer changed by counting."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from credit_engine.errors import PolicyError
from credit_engine.policy.load import Policy, load_policy, load_policy_text, noted, shipped_policies
from credit_engine.testing.coverage import recording
from credit_engine.testing.coverage.goals import SORTS, goals_of
from credit_engine.testing.coverage.measuring import Measuring, measure
from credit_engine.testing.question import answers
from credit_engine.testing.running import question_of
from credit_engine.testing.sampling import sample
from sample_coverage import hand, hand_cases, undated

COUNTED = {  # after so many tests: (reached, all) of each sort
    0: {"rules": (0, 3), "rows": (0, 2), "conditions": (0, 24), "thresholds": (0, 15)},
    1: {"rules": (1, 3), "rows": (1, 2), "conditions": (3, 24), "thresholds": (3, 15)},
    2: {"rules": (2, 3), "rows": (1, 2), "conditions": (6, 24), "thresholds": (6, 15)},
    3: {"rules": (2, 3), "rows": (1, 2), "conditions": (12, 24), "thresholds": (10, 15)},
    4: {"rules": (2, 3), "rows": (1, 2), "conditions": (14, 24), "thresholds": (10, 15)},
}


@pytest.mark.parametrize("number", COUNTED)
def test_coverage_is_what_counting_by_hand_gives(tmp_path: Path, number: int) -> None:
    coverage = measure(hand(tmp_path), hand_cases(tmp_path, number))
    assert {sort: coverage.count(sort) for sort in SORTS} == COUNTED[number]
    assert coverage.percent() == Fraction(100 * COUNTED[number]["conditions"][0], 24)


def test_what_is_missing_is_said_with_its_line(tmp_path: Path) -> None:
    coverage = measure(hand(tmp_path), hand_cases(tmp_path))
    assert set(coverage.missing) == {
        "policy.yaml:21 findings.again: never comes about",
        "policy.yaml:19 grades.grade row 2 (B): never taken",
        "policy.yaml:12 violation.severity: severe: never only may hold",
        "policy.yaml:18 score at_least 90: never only may hold",
        "policy.yaml:18 score at_least 90: never fails",
        "policy.yaml:18 score at_least 90: never decides alone",
        "policy.yaml:18 score at_least 90: never below",
        "policy.yaml:22 fines at_least 2: never holds",
        "policy.yaml:22 fines at_least 2: never only may hold",
        "policy.yaml:22 fines at_least 2: never decides alone",
        "policy.yaml:22 fines at_least 2: never at",
        "policy.yaml:22 fines at_least 2: never above",
        "policy.yaml:22 score below 60: never holds",
        "policy.yaml:22 score below 60: never only may hold",
        "policy.yaml:22 score below 60: never decides alone",
        "policy.yaml:22 score below 60: never below",
        "policy.yaml:22 score below 60: never at",
    }


def test_coverage_names_the_test_that_reached_a_goal_first(tmp_path: Path) -> None:
    coverage = measure(hand(tmp_path), hand_cases(tmp_path))
    by = {goal.sentence: coverage.test_of(goal) for goal in coverage.goals}
    assert by["violation.severity: severe: never holds"] == "a fine of exactly the threshold"
    assert by["violation.severity: severe: never decides alone"] == (
        "a fine of exactly the threshold + one fine is too small and one is not severe"
    )


def test_coverage_of_two_runs_adds_up_to_that_of_both(tmp_path: Path) -> None:
    policy, cases = hand(tmp_path), hand_cases(tmp_path)
    parts = measure(policy, cases[:2]) | measure(policy, cases[2:])
    whole = measure(policy, cases)
    assert (parts.reached, parts.near, parts.missing) == (whole.reached, whole.near, whole.missing)


def test_coverage_of_two_policies_does_not_add_up(tmp_path: Path) -> None:
    other = load_policy("sf-restaurants")
    with pytest.raises(PolicyError, match="other_policy"):
        _ = measure(hand(tmp_path), []) | measure(other, [])


# --- what cannot happen -----------------------------------------------------------------------------------------

IMPOSSIBLE = """\
policy: never
title: {en: What cannot happen}
sources: {law: {title: A law, article: "1", rank: law}}
parameters:
  some: {unit: count, values: {0001-01-01: {value: 0, source: law}}}
indicators:
  visits: {count: inspection}
findings:
  - {rule: a, when: {visits: {at_least: 0}}, says: must, text: {en: A}, basis: [law]}
  - {rule: b, when: {visits: {at_least: $some}}, says: must, text: {en: B}, basis: [law]}
  - {rule: c, when: {day: {at_least: 2020-01-01}}, says: must, text: {en: C}, basis: [law]}
  - {rule: d, when: {operator.region: {known: true}}, says: must, text: {en: D}, basis: [law]}
  - {rule: e, when: {operator.kind: person}, says: must, text: {en: E}, basis: [law]}
  - {rule: f, when: {visits: {at_least: 1}}, says: must, text: {en: F}, basis: [law]}
"""


def test_only_what_cannot_happen_by_construction_is_no_goal() -> None:
    pieces, goals = goals_of(load_policy_text(IMPOSSIBLE))
    never = {(goal.owner, goal.want) for goal in goals if goal.impossible}
    always_holds = {"only_may_hold", "neither", "decides_alone", "below"}
    assert never == {
        *(("findings.a", want) for want in always_holds),
        *(("findings.b", want) for want in always_holds),
        ("findings.c", "only_may_hold"),
        ("findings.d", "only_may_hold"),
        ("findings.e", "only_may_hold"),
    }
    assert len(pieces.leaves) == 6


@pytest.mark.parametrize("name", shipped_policies())
def test_no_drawn_question_reaches_what_is_called_impossible_or_explained(name: str) -> None:
    policy = load_policy(name)
    coverage = measure(policy, (sample(policy, number) for number in range(8)))
    assert not [goal for goal in coverage.impossible if coverage.is_reached(goal)]
    assert not [problem for problem in coverage.problems if problem.code == "gap_reached"]


# --- counting changes nothing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", shipped_policies())
def test_the_noted_plan_is_the_plan(name: str) -> None:
    policy = load_policy(name)
    plan, notes = noted(policy)
    assert plan.hash == policy.plan.hash
    assert all(note.node is not None and key == id(note.node) for key, note in notes.items())


@given(st.sampled_from(shipped_policies()), st.integers(0, 10_000))
def test_answers_with_and_without_recording_are_equal(name: str, number: int) -> None:
    policy, recorder = _recorded(name)
    question = sample(policy, number)
    plain, effects = answers(question)
    with recorder.asking():
        recorded, recorded_effects = answers(evolve(question, policy=recorder.policy))
    assert recorded.as_dict() == plain.as_dict()
    assert recorded_effects == effects


@cache
def _recorded(name: str) -> tuple[Policy, recording.Recorder]:
    policy = load_policy(name)
    return policy, Measuring(policy).recorder


def test_a_recorder_that_answers_differently_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy, case = hand(tmp_path), hand_cases(tmp_path)[1]
    monkeypatch.setattr(recording, "outcome", lambda _tree, _truths: False)
    assert Measuring(policy).recorder.run(case) == ["score: expected 90, got 100"]


@pytest.mark.parametrize(
    ("part", "broken"),
    [
        ("deciding", lambda _tree, _truths: ()),
        ("SIDES", {True: "holds", None: "neither", False: "neither"}),
        ("_at_threshold", lambda *_: None),
        ("conditions_within", lambda _decision: []),
    ],
)
def test_a_recorder_that_forgets_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, broken: object
) -> None:
    policy, cases = hand(tmp_path), [*hand_cases(tmp_path, 3), undated(tmp_path)]
    whole = measure(policy, cases).reached
    monkeypatch.setattr(recording, part, broken)
    assert measure(policy, cases).reached != whole


def test_nothing_is_recorded_while_no_question_is_asked(tmp_path: Path) -> None:
    policy, case = hand(tmp_path), hand_cases(tmp_path)[1]
    recorder = Measuring(policy).recorder
    answers(question_of(case, recorder.policy))
    assert recorder.reached == {}


# --- what is inherited ------------------------------------------------------------------------------------------


def test_a_child_counts_its_own_files_and_those_of_its_parent_where_asked(tmp_path: Path) -> None:
    hand(tmp_path)
    child = tmp_path / "child"
    child.mkdir()
    own = "\n  - {rule: more, when: {fines: {at_least: 9}}, says: may, text: {en: More}, basis: [law]}\n"
    text = f"policy: child\ntitle: {{en: Child}}\nextends: [hand]\nfindings:{own}"
    (child / "policy.yaml").write_text(text, "utf-8")
    policy = load_policy(child)
    assert measure(policy, []).count("conditions") == (0, 4)
    assert measure(policy, [], inherited=True).count("conditions") == (0, 28)
    assert "hand/policy.yaml:12 violation.severity: severe: never holds" in measure(policy, [], inherited=True).missing
