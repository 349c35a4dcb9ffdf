"""A newcomer's first policy: twelve rules, tested in under thirty lines by cases and by the laws."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_engine.policy.checks import check
from credit_engine.policy.load import Policy, load_policy
from credit_engine.testing import laws
from credit_engine.testing.coverage.measuring import Measuring
from credit_engine.testing.suites import run_folder

STALL = Path(__file__).parents[2] / "docs" / "examples" / "stall"


@pytest.fixture(scope="module")
def stall() -> Policy:
    return load_policy(STALL)


def test_it_has_twelve_rules_and_nothing_to_point_at(stall: Policy) -> None:
    score = stall.plan.score
    assert score is not None
    assert len(score.rules) + len(stall.plan.obligations) == 12
    assert check(stall) == []


def test_it_is_tested_in_under_thirty_lines() -> None:
    files = sorted((STALL / "tests").iterdir())
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    assert {file.suffix for file in files} == {".py", ".yaml"}
    assert len(lines) < 30


def test_its_cases_pass_and_reach_every_rule_and_row(stall: Policy) -> None:
    report = run_folder(STALL)
    assert (report.problems, report.failed) == ((), ())
    found = Measuring(stall).measure(outcome.case for outcome in report.outcomes)
    missed = [goal.sentence for goal in found.goals if goal.sort in ("rules", "rows") and not found.is_reached(goal)]
    assert missed == []


def test_its_laws_hold(stall: Policy) -> None:
    assert laws.all(stall, examples=100).broken == ()
