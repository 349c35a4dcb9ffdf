"""The pytest plugin: what it collects, what it tells, how it is chosen and turned off, and what it does not load."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from credit_engine.policy.load import find_policy
from credit_engine.testing.cases import read_cases
from credit_engine.testing.reporting import told
from credit_engine.testing.suites import run_folder

pytest_plugins = ["pytester"]

HEAD = "policy: {0}\ntitle: {{zh: 例, en: {0}}}\nsources: {{law: {{title: Law, rank: law, in_force: {{from: 2000-01-01}}}}}}\n"
RULE = (
    "score: {start: 100, rules: [{rule: fine, title: {zh: 罚, en: Fine}, each: violation, deduct: 10, basis: [law]}]}\n"
)
FINE = "  day: 2026-06-30\n  events: [{violation: {id: V1, decided: 2026-01-01}}]\n"
PASSES = f"- name: A fine costs ten points\n{FINE}  expect: {{score: 90}}\n"
FAILS = f"- name: 罚款一次扣二十分\n{FINE}  expect: {{score: 80}}\n"


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """Everything is loaded before: pytest run inside of pytest forgets the modules that were loaded in it."""
    for outcome in run_folder("measures").outcomes:
        told(outcome)


@pytest.fixture(autouse=True)
def _no_settings_of_this_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)


def policy(place: Path, *tests: str, name: str = "mine", body: str = RULE) -> Path:
    """A policy's folder below `policies/` with its test files a.yaml, b.yaml, ..."""
    folder = place / "policies" / name
    (folder / "tests").mkdir(parents=True)
    (folder / "policy.yaml").write_text(HEAD.format(name) + body, encoding="utf-8")
    for letter, text in zip("abc", tests, strict=False):
        (folder / "tests" / f"{letter}.yaml").write_text(text, encoding="utf-8")
    return folder


def run(pytester: pytest.Pytester, *arguments: str) -> tuple[pytest.RunResult, str]:
    """How pytest ended, and what it printed."""
    result = pytester.runpytest_inprocess("-p", "no:xdist", "-p", "no:cacheprovider", *arguments)
    return result, result.stdout.str()


# --- what is collected ------------------------------------------------------------------------------------------


def test_each_case_beside_a_policy_is_a_test_named_by_its_sentence(pytester: pytest.Pytester) -> None:
    policy(pytester.path, PASSES, FAILS)
    result, said = run(pytester, "policies", "-v")
    result.assert_outcomes(passed=1, failed=1)
    assert "policies/mine/tests/a.yaml::A fine costs ten points PASSED" in said
    assert "policies/mine/tests/b.yaml::罚款一次扣二十分 FAILED" in said


def test_yaml_beside_no_policy_is_no_test(pytester: pytest.Pytester) -> None:
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests" / "data.yaml").write_text("not: a test", encoding="utf-8")
    folder = policy(pytester.path, PASSES)
    (folder / "tests" / "deeper").mkdir()
    (folder / "tests" / "deeper" / "data.yaml").write_text("not: a test", encoding="utf-8")
    run(pytester)[0].assert_outcomes(passed=1)


def test_a_row_of_a_matrix_is_a_test_of_its_own(pytester: pytest.Pytester) -> None:
    rows = '- name: On {day} it is {score}\n  matrix: [{day: 2026-01-01, score: 90}, {day: 2025-12-31, score: 100}]\n  day: "{day}"\n'
    policy(
        pytester.path, rows + '  events: [{violation: {id: V1, decided: 2026-01-01}}]\n  expect: {score: "{score}"}\n'
    )
    result, said = run(pytester, "-v")
    result.assert_outcomes(passed=2)
    assert "::On 2025-12-31 it is 100 PASSED" in said


@pytest.mark.parametrize(
    ("words", "outcomes"),
    [
        (("-k", "罚款"), {"failed": 1, "deselected": 1}),
        (("-k", "mine and not 罚款"), {"passed": 1, "deselected": 1}),
        (("policies/mine/tests/a.yaml::A fine costs ten points",), {"passed": 1}),
        (("policies/mine/tests/b.yaml",), {"failed": 1}),
        (("--no-policy-tests",), {}),
        (("-p", "no:credit_engine"), {}),
    ],
)
def test_cases_are_chosen_as_other_tests_are(
    pytester: pytest.Pytester, words: tuple[str, ...], outcomes: dict[str, int]
) -> None:
    policy(pytester.path, PASSES, FAILS)
    run(pytester, *words)[0].assert_outcomes(**outcomes)


def test_a_name_of_many_signs_is_shown_in_one_line_and_can_be_asked_for(pytester: pytest.Pytester) -> None:
    policy(pytester.path, PASSES.replace("A fine costs ten points", '"1.5: a::b [c] /\\n d"') + PASSES)
    result, said = run(pytester, "policies/mine/tests/a.yaml::1.5: a:b [c] / d", "-v")
    result.assert_outcomes(passed=1)
    assert "a.yaml::1.5: a:b [c] / d PASSED" in said


# --- --policy ---------------------------------------------------------------------------------------------------


def test_a_policy_asked_for_is_the_only_one_that_is_tested(pytester: pytest.Pytester) -> None:
    policy(pytester.path, PASSES)
    policy(pytester.path, FAILS, name="other")
    pytester.makepyfile("def test_of_the_project(): pass")
    run(pytester, "--policy", "policies/mine")[0].assert_outcomes(passed=1)
    run(pytester, "--policy", "policies/mine", "--policy", "policies/other")[0].assert_outcomes(passed=1, failed=1)
    run(pytester, "--policy", "policies")[0].assert_outcomes(passed=1, failed=1)


def test_a_policy_beside_what_is_named_is_tested_too(pytester: pytest.Pytester) -> None:
    policy(pytester.path, PASSES)
    policy(pytester.path, FAILS, name="other")
    path = pytester.makepyfile("def test_of_the_project(): pass")
    run(pytester, "--policy", "policies/mine", str(path))[0].assert_outcomes(passed=2)
    run(pytester, "--policy", "policies/mine", "policies")[0].assert_outcomes(passed=1)


def test_a_shipped_policy_is_tested_by_its_name_wherever_pytest_is_run(pytester: pytest.Pytester) -> None:
    shipped = sum(len(read_cases(file)) for file in (find_policy("measures") / "tests").glob("*.yaml"))
    run(pytester, "--policy", "measures")[0].assert_outcomes(passed=shipped)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--policy", "delta-fod"), "did you mean 'delta-food'?"),
        (("--policy", "empty"), "neither the folder nor one in it has a policy.yaml"),
        (("--policy", "untested"), "the policy has no tests"),
        (("--policy", "measures", "--no-policy-tests"), "leave nothing to run"),
    ],
)
def test_a_policy_that_is_not_there_is_a_usage_error(
    pytester: pytest.Pytester, words: tuple[str, ...], said: str
) -> None:
    (pytester.path / "empty").mkdir()
    (pytester.path / "untested").mkdir()
    (pytester.path / "untested" / "policy.yaml").write_text(HEAD.format("untested"), encoding="utf-8")
    result, _ = run(pytester, *words)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in result.stderr.str()


# --- what is told -----------------------------------------------------------------------------------------------


def test_a_failed_case_tells_its_place_the_difference_and_why_and_no_traceback(pytester: pytest.Pytester) -> None:
    policy(pytester.path, FAILS)
    said = run(pytester, "--policy-lang", "en")[1]
    assert "policies/mine/tests/a.yaml:1:3: 罚款一次扣二十分\n    score: expected 80, got 90\n" in said
    assert "      |     -10 points: Fine (fine)\n" in said
    assert "Traceback" not in said
    assert "plugin.py" not in said


def test_accounts_are_chinese_unless_english_is_asked_for(pytester: pytest.Pytester) -> None:
    policy(pytester.path, FAILS)
    assert "扣10分：罚（fine）" in run(pytester)[1]


def test_a_policy_that_cannot_be_read_is_one_failing_test_with_all_problems(pytester: pytest.Pytester) -> None:
    policy(pytester.path, PASSES, FAILS, body="scoer: {}\nlsits: {}\n")
    policy(pytester.path, PASSES, name="other")
    result, said = run(pytester)
    result.assert_outcomes(passed=1, failed=1)
    assert (
        "policies/mine/policy.yaml:4:1: unknown_key: there is no key 'scoer' here\n    hint: did you mean 'score'?"
        in said
    )
    assert "policies/mine/policy.yaml:5:1: unknown_key: " in said
    assert "a.yaml::The policy mine can be read" in said


def test_a_test_file_that_cannot_be_read_is_one_failing_test_with_all_problems(pytester: pytest.Pytester) -> None:
    policy(pytester.path, PASSES.replace("day", "dya") + PASSES, PASSES)
    result, said = run(pytester)
    result.assert_outcomes(passed=1, failed=1)
    for problem in (":2:3: unknown_key: ", ":1:3: missing_key: a case has a `day`", ":5:3: duplicate_key: "):
        assert f"policies/mine/tests/a.yaml{problem}" in said
    assert "a.yaml::a.yaml can be read" in said


@pytest.mark.parametrize(
    "text", ["", "\t- x", "- {", "\x00", "- 1", "!!python/object:os.system {}", "- &a [*a]", "cases: 3"]
)
def test_no_text_breaks_the_collection(pytester: pytest.Pytester, text: str) -> None:
    policy(pytester.path, text, PASSES)
    result, said = run(pytester)
    result.assert_outcomes(passed=1, failed=1)
    assert "Traceback" not in said
    assert "policies/mine/tests/a.yaml" in said


def test_a_test_file_of_another_ending_is_not_left_out_silently(pytester: pytest.Pytester) -> None:
    folder = policy(pytester.path, PASSES)
    (folder / "tests" / "b.yml").write_text(PASSES, encoding="utf-8")
    result, said = run(pytester)
    result.assert_outcomes(passed=1, failed=1)
    assert "b.yml: unknown_file: a test file ends with .yaml" in said


# --- what it costs ----------------------------------------------------------------------------------------------

LOADED = """
import sys
def test_nothing_of_ours_is_loaded():
    ours = {name for name in sys.modules if name.partition(".")[0] in ("credit_engine", "hypothesis", "ruamel", "networkx", "polars")}
    assert ours <= {"credit_engine", "credit_engine.errors", "credit_engine.testing", "credit_engine.testing.plugin"}
"""


def fresh(place: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    without = ("-p", "no:cacheprovider", "-p", "no:schemathesis")  # which would load hypothesis itself
    command = [sys.executable, "-m", "pytest", "-q", *without, *words]
    return subprocess.run(
        command, cwd=place, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


def test_a_project_without_policies_does_not_load_the_library(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(LOADED, encoding="utf-8")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "data.yaml").write_text("a: 1", encoding="utf-8")
    done = fresh(tmp_path)
    assert done.returncode == 0, done.stdout


def test_policies_are_tested_by_several_processes_and_without_hypothesis(tmp_path: Path) -> None:
    pytest.importorskip("xdist")
    policy(tmp_path, PASSES, FAILS)
    (tmp_path / "hypothesis.py").write_text(
        "raise ModuleNotFoundError('not installed', name='hypothesis')", encoding="utf-8"
    )
    done = fresh(tmp_path, "-n", "2", "-p", "no:hypothesispytest", PYTHONPATH=str(tmp_path))
    assert "1 failed, 1 passed" in done.stdout
    assert "score: expected 80, got 90" in done.stdout
