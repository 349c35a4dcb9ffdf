"""On the last days that a calendar has, questions are answered as on any other day."""

from datetime import date

import pytest

from credit_engine.assessing.assess import assess
from credit_engine.assessing.changes import agenda, next_change
from credit_engine.policy.load import load_policy, shipped_policies
from credit_engine.testing.sampling import sample

LAST = date.max
SAMPLES = 4  # the policy's rules, lists and effects in turn


@pytest.mark.parametrize("day", [LAST, LAST.replace(day=30), LAST.replace(month=1, day=1)], ids=str)
@pytest.mark.parametrize("name", shipped_policies())
def test_a_shipped_policy_answers_on_the_last_days_of_the_calendar(name: str, day: date) -> None:
    policy = load_policy(name)
    for number in range(SAMPLES):
        dossier = sample(policy, number).dossier
        answer = assess(dossier, policy, day, LAST)
        assert answer.explain(language="zh")
        assert answer.explain(language="en")
        change = next_change(dossier, policy, day, LAST)
        assert change is None or change > day
        assert all(line.day > day for line in agenda(dossier, policy, day, LAST, LAST))
