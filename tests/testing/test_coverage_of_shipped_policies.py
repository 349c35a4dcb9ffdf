"""The tests of a shipped policy reach all of it; what they do not reach is explained in the policy."""

import pytest

from credit_engine.policy.load import find_policy, load_policy, shipped_policies
from credit_engine.testing.coverage.measuring import measure
from credit_engine.testing.suites import files_of, read_test_file


@pytest.mark.parametrize("name", shipped_policies())
def test_the_tests_of_a_shipped_policy_reach_every_rule_row_threshold_and_side_of_a_condition(name: str) -> None:
    cases = [case for file in files_of(find_policy(name)) for case in read_test_file(file)]
    coverage = measure(load_policy(name), cases)
    assert [str(each) for each in coverage.missing] == []
    assert [str(each) for each in coverage.problems] == []
