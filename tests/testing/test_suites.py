"""The tests in a policy's own folder: found, run and reported, and told with why the answer was what it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_engine.errors import PolicyError
from credit_engine.policy.load import shipped_folder, shipped_policies
from credit_engine.testing.reporting import told
from credit_engine.testing.suites import Report, run_folder, suite_folders

POLICY = """
policy: town
title: {zh: 镇, en: Town}
sources: {law: {title: Law, rank: law, in_force: {from: 2000-01-01}}}
indicators: {fines: {title: {zh: 罚款次数, en: Fines}, count: violation}, visits: {title: {zh: 检查次数, en: Visits}, count: inspection}}
score:
  start: 100
  rules:
    - {rule: fine, title: {zh: 罚, en: Fine}, each: violation, where: {fine: {at_least: 500 yuan}}, deduct: 10, basis: [law]}
    - {rule: visit, title: {zh: 查, en: Visit}, when: {visits: {at_least: 1}}, add: 5, basis: [law]}
grades: {order: [A, B], rows: [{grade: A, when: {score: {at_least: 95}}}, {grade: B}]}
lists: {severe: {title: {zh: 严重, en: Severe}, polarity: negative, foundation: law, needs_decision: true, opens: {each: violation}, term: {for: 3y, from: listed}}}
"""
CASE = """\
- name: A fine
  day: 2026-06-30
  events: [{violation: {id: V1, decided: 2026-01-01, fine: 500 yuan}}]
  expect: EXPECT
"""


@pytest.fixture
def town(tmp_path: Path) -> Path:
    folder = tmp_path / "town"
    (folder / "tests").mkdir(parents=True)
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    return folder


def report(town: Path, *expected: str) -> Report:
    text = "".join(CASE.replace("EXPECT", one).replace("A fine", f"A fine {n}") for n, one in enumerate(expected))
    (town / "tests" / "fines.yaml").write_text(text, encoding="utf-8")
    return run_folder(town)


def account(town: Path, expected: str) -> list[str]:
    """The lines of the account beside the one case that fails."""
    (outcome,) = report(town, expected).failed
    return [
        line.removeprefix("      |").strip() for line in told(outcome, "en").split("\n") if line.startswith("      |")
    ]


# --- what is told beside a difference ---------------------------------------------------------------------------


def test_a_score_that_differs_is_told_with_its_sum_and_nothing_else(town: Path) -> None:
    lines = account(town, "{score: 80}")
    assert "Sum: 100 - 10 = 90" in lines
    assert not [line for line in lines if line.startswith(("Grade", "Lists", "Indicators"))]


def test_a_rule_that_a_reason_names_is_told_alone(town: Path) -> None:
    lines = account(town, "{score: 95, reasons: [{rule: fine, points: -10}, {rule: visit, points: 5}]}")
    assert any("Visit (visit)" in line for line in lines)
    assert not [line for line in lines if "Fine (fine)" in line or line.startswith(("Grade", "Sum"))]


def test_a_grade_that_differs_is_told_row_by_row(town: Path) -> None:
    lines = account(town, "{grade: A}")
    assert "score: 90, but must be at least 95" in lines
    assert not [line for line in lines if line.startswith("Sum")]


def test_of_the_indicators_those_that_differ_are_told(town: Path) -> None:
    lines = account(town, "{indicators: {fines: 2, visits: 0}}")
    assert "Fines (fines): 1" in lines
    assert not [line for line in lines if "visits" in line]


def test_an_entry_that_differs_is_told_by_its_list(town: Path) -> None:
    assert any("Severe (severe)" in line for line in account(town, "{entries: []}"))


def test_of_what_has_no_part_of_its_own_the_whole_account_is_told(town: Path) -> None:
    lines = account(town, "{next_change: 2027-01-01}")
    assert all(any(line.startswith(head) for line in lines) for head in ("Score", "Grade", "Indicators"))


def test_a_bad_test_has_no_answer_to_explain(town: Path) -> None:
    (outcome,) = report(town, "{grade: Z}").failed
    assert told(outcome).split("\n")[1:] == [
        f"    bad test: {town}/tests/fines.yaml:4:19: unknown_label: no grade 'Z'",
        "        hint: known: A, B, unknown",
    ]


# --- what is run ------------------------------------------------------------------------------------------------


def test_a_report_counts_what_passed_failed_and_was_left_out(town: Path) -> None:
    report(town, "{score: 90}", "{score: 80}")
    assert [len(run_folder(town, "FINE 1").outcomes), run_folder(town, "FINE 1").left_out] == [1, 1]
    assert [outcome.case.name for outcome in run_folder(town).failed] == ["A fine 1"]


def test_good_files_are_run_although_another_cannot_be_read(town: Path) -> None:
    (town / "tests" / "bad.yaml").write_text("- 3\n", encoding="utf-8")
    found = report(town, "{score: 90}")
    assert [problem.code for problem in found.problems] == ["missing_key"]
    assert len(found.outcomes) == 1


def test_a_policy_that_cannot_be_read_has_problems_and_no_outcomes(town: Path) -> None:
    (town / "policy.yaml").write_text("policy: town\nscoer: 3\n", encoding="utf-8")
    found = report(town, "{score: 90}")
    assert (found.policy, found.outcomes) == (None, ())
    assert "unknown_key" in [problem.code for problem in found.problems]


def test_a_test_with_a_policy_of_its_own_is_refused(town: Path) -> None:
    (town / "tests" / "own.yaml").write_text(CASE.replace("EXPECT", "{score: 90}\n  policy: {}"), encoding="utf-8")
    assert [str(problem.place)[-4:] for problem in run_folder(town).problems] == [":5:3"]


def test_the_policies_in_a_folder_are_those_of_the_shipped_names() -> None:
    folders = [folder.relative_to(shipped_folder()).as_posix() for folder in suite_folders(shipped_folder())]
    assert folders == list(shipped_policies())


def test_a_folder_without_policies_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"neither the folder nor one in it has a policy\.yaml"):
        suite_folders(tmp_path)
