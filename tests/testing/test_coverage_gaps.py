"""Explained gaps: written in the policy, listed in the report, and never more than what tests do not reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_engine.errors import PolicyError
from credit_engine.policy.load import load_policy, load_policy_text
from credit_engine.testing.coverage.goals import goals_of
from credit_engine.testing.coverage.measuring import measure
from credit_engine.testing.coverage.table import coverage_tables
from sample_coverage import POLICY, hand, hand_cases

SEVERITY = """\
gaps:
  - {of: score.big, asks: severity, never: [only_may_hold], because: {zh: 必填, en: The register demands it.}}
"""


def test_an_explained_gap_is_listed_and_does_not_lower_the_percentage(tmp_path: Path) -> None:
    coverage = measure(hand(tmp_path, SEVERITY), hand_cases(tmp_path))
    assert coverage.count("conditions") == (14, 23)
    assert not any("severity" in sentence for sentence in coverage.missing)
    assert [gap.reason for gap in coverage.explained.values()] == ["The register demands it."]
    told = [str(part) for part in coverage_tables(coverage)[1:]]
    assert "  policy.yaml:12 violation.severity: severe: never only may hold, because The register demands it." in told
    assert coverage.problems == ()


@pytest.mark.parametrize(
    ("gap", "code"),
    [
        ("{of: score.big, asks: fine, never: [holds], because: It cannot.}", "gap_reached"),
        ("{of: score.big, asks: fine, never: [neither, only_may_hold], because: It cannot.}", "gap_reached"),
        ("{of: score.bog, never: [holds], because: It cannot.}", "gap_of_nothing"),
        ("{of: score.big, asks: severity, never: [at], because: It has no order.}", "gap_of_nothing"),
        ("{of: score.big, asks: sever, never: [fired], because: It cannot.}", "gap_of_nothing"),
    ],
)
def test_a_gap_that_is_reached_or_names_nothing_is_a_problem(tmp_path: Path, gap: str, code: str) -> None:
    coverage = measure(hand(tmp_path, f"gaps: [{gap}]\n"), hand_cases(tmp_path))
    assert {problem.code for problem in coverage.problems} == {code}
    assert all(problem.place.line == 26 for problem in coverage.problems)


@pytest.mark.parametrize(
    ("gap", "code"),
    [
        ("{of: score.big, never: [perhaps], because: It cannot.}", "unknown_label"),
        ("{of: score.big, never: [], because: It cannot.}", "wrong_type"),
        ("{of: score.big, never: [holds]}", "missing_key"),
        ('{of: score.big, never: [holds], because: " "}', "wrong_type"),
        ("{of: score.big, never: [holds], because: {fr: Non.}}", "wrong_type"),
        ("{of: score.big, never: [holds], because: {}}", "wrong_type"),
        ("{of: score.big, never: [holds], because: {en: 1}}", "wrong_type"),
        ("{of: score.big, never: [holds], because: It cannot., until: 2030}", "unknown_key"),
        ("{never: [holds], because: It cannot.}", "missing_key"),
    ],
)
def test_a_gap_that_does_not_say_what_and_why_is_refused(gap: str, code: str) -> None:
    with pytest.raises(PolicyError) as found:
        load_policy_text(f"{POLICY}gaps: [{gap}]\n")
    assert code in found.value.codes


def test_a_gap_never_changes_the_plan(tmp_path: Path) -> None:
    assert hand(tmp_path, SEVERITY).plan.hash == hand(tmp_path).plan.hash


def test_a_child_keeps_the_gaps_of_its_parent_for_the_pieces_of_its_parent(tmp_path: Path) -> None:
    hand(tmp_path, SEVERITY)
    child = tmp_path / "child"
    child.mkdir()
    own = '\ngaps: [{of: findings.again, never: [fired], because: "It cannot."}]\n'
    (child / "policy.yaml").write_text(f"policy: child\ntitle: {{en: Child}}\nextends: [hand]{own}", "utf-8")
    policy = load_policy(child)
    both = measure(policy, [], inherited=True)
    assert [gap.of for gap in both.gaps] == ["score.big", "findings.again"]
    assert len(both.explained) == 2
    alone = measure(policy, [])
    assert [gap.of for gap in alone.gaps] == ["findings.again"]
    assert [problem.code for problem in alone.problems] == ["gap_of_nothing"]


def test_every_goal_has_a_word_that_a_gap_may_use() -> None:
    from credit_engine.policy.written_gaps import WANTS  # noqa: PLC0415  # only here

    _, goals = goals_of(load_policy_text(POLICY))
    assert {goal.want for goal in goals} == set(WANTS)
