"""Every shipped policy has tests in its own folder, and each case of the law has one that names it.

They are run by the plugin (`testpaths` in pyproject.toml names the folder of the policies).
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from credit_engine.files.tables import read_folder
from credit_engine.policy.load import Policy, find_policy, load_policy, shipped_policies
from credit_engine.policy.plan import Adjustment, FindingRule, ObligationRule, Plan, ScoreRule, SupervisionRule
from credit_engine.policy.plan_spreading import RecognitionRule, SpreadRule
from credit_engine.testing.cases import Case, read_cases
from credit_engine.testing.suites import suite_folders

DELTA = Path(__file__).parents[1] / "fixtures" / "delta"
GOLDEN_OF_SPREAD = {9: "delta-food", 10: "ownership-presets/ofac", 11: "delta-food", 20: "delta-food"}

Based = ScoreRule | Adjustment | FindingRule | ObligationRule | SupervisionRule | SpreadRule | RecognitionRule


def own_cases(name: str) -> list[Case]:
    """The cases in a shipped policy's own folder."""
    return [case for path in sorted((find_policy(name) / "tests").glob("*.yaml")) for case in read_cases(path)]


@cache
def policy_of(name: str) -> Policy:
    """A shipped policy, read once."""
    return load_policy(name)


@pytest.mark.parametrize("name", shipped_policies())
def test_a_shipped_policy_has_tests(name: str) -> None:
    assert own_cases(name)


def test_the_tests_of_the_shipped_policies_are_run_by_the_plugin(pytestconfig: pytest.Config) -> None:
    assert "policies" in pytestconfig.getini("testpaths")
    assert pytestconfig.pluginmanager.has_plugin("credit_engine")
    folders = suite_folders(pytestconfig.rootpath / "policies")
    names = [folder.relative_to(pytestconfig.rootpath / "policies").as_posix() for folder in folders]
    assert names == list(shipped_policies())


@pytest.mark.parametrize(("number", "name"), list(GOLDEN_OF_SPREAD.items()))
def test_a_golden_case_of_spread_is_tested_by_its_number(number: int, name: str) -> None:
    assert any(case.name.startswith(f"Golden {number}:") for case in own_cases(name))


@pytest.mark.parametrize("name", shipped_policies())
def test_all_that_a_shipped_policy_says_cites_a_source(name: str) -> None:
    plan = policy_of(name).plan
    assert [what for what, cited in citations(plan) if not cited or not set(cited) <= set(plan.sources)] == []


def citations(plan: Plan) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every list, measure, rule and value in force with the sources that it cites."""
    for each in plan.lists:
        yield f"list {each.name}", each.foundation
    for measure in plan.measures.values():
        yield f"measure {measure.id}", measure.basis
    scored = plan.score.rules if plan.score is not None else ()
    adjusting = [adjustment for scale in plan.scales for adjustment in scale.adjust]
    rules: list[Based] = [*scored, *adjusting, *plan.findings, *plan.obligations, *plan.supervision]
    rules += [*plan.spread, *plan.recognition]
    for rule in rules:
        yield f"{type(rule).__name__} {rule.id}", rule.basis.sources
    for parameter, dated in plan.parameters.items():
        for value in dated.values:
            if not value.ended:
                yield f"{parameter} since {value.since}", (value.source,) if value.source else ()


@pytest.mark.parametrize("name", shipped_policies())
def test_the_sample_folder_can_be_read_for_every_shipped_policy(name: str) -> None:
    plan = policy_of(name).plan
    found = read_folder(DELTA, plan.field_types, plan.kinds, relation_kinds=plan.relations)
    assert found.rejects == ()
    declared = plan.field_types.get("violation", {})
    left_out = found.columns_not_read.get("violation.csv", ())
    assert left_out == (() if "unpublished" in declared else ("unpublished",))  # `pushed` is announced and not there
