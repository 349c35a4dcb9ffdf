"""What is drawn for a shipped policy: every question is answered, and every rule that can fire does so soon."""

from __future__ import annotations

import pytest

from credit_engine.policy.load import load_policy, shipped_policies
from credit_engine.testing.question import answers
from credit_engine.testing.sampling import sample
from testing.asked_questions import Fired, fired, rules_of

MOST = 1500  # questions asked of a policy; fewer where everything has fired before
# What can never fire, by policy; a policy that extends another says so for itself.
NEVER: dict[str, dict[str, str]] = {
    "catering-grading-shanghai": dict.fromkeys(
        ("catering_visit/A", "catering_visit/B", "catering_visit/C"), "where the faces begin was not found"
    ),
    "risk-grading-anhui-2022": dict.fromkeys(
        ("risk_annual/A", "risk_annual/B", "risk_annual/C"),
        "graded since 2022-06-01, and the bands of then were not found",
    ),
    "risk-grading-draft-2022": dict.fromkeys(
        (
            f"{scale}/{label}"
            for scale, labels in (("risk_annual", "ABCD"), ("risk_initial", "ABC"))
            for label in labels
        ),
        "where the bands end was not found",
    ),
    "delta-food": {
        "visits.everyone": "who trades has a grade, none or an unknown one, and for each a stricter rule holds"
    },
}
# What fires, but asks for so much at once that the first questions may miss it.
RARELY = {
    "list.too_early": "a notice, a listing on the same facts within its answer period, and no objection",
    "list.other_notice": "a notice and a listing on other facts",
    "alert.same_representative": "a path over a person in force on two days, from an event that opens an entry",
    "grade.award": "a grade worse than the best without any penalty or failed sample",
    "repair.barred": "how long it stands was not found, so that it is certain on its own day only",
}


@pytest.mark.parametrize("name", shipped_policies())
def test_every_rule_of_a_shipped_policy_that_can_fire_does_so_in_what_is_drawn(name: str) -> None:
    policy = load_policy(name)
    never = NEVER.get(name, {})
    rules = [rule for rule in rules_of(policy.plan) if rule[1] not in never and rule[1] not in RARELY]
    seen: set[Fired] = set()
    for number in range(MOST):
        seen.update(fired(*answers(sample(policy, number))))
        if seen.issuperset(rules):
            break
    assert [rule for rule in seen if rule[1] in never] == []
    missing = [rule for rule in rules if rule not in seen]
    assert len(missing) <= len(rules) // 50, f"{name}: never fired: {missing}"


def test_what_is_said_to_fire_never_or_rarely_is_a_rule() -> None:
    rules = {name: {rule for _, rule in rules_of(load_policy(name).plan)} for name in shipped_policies()}
    assert [(name, rule) for name, each in NEVER.items() for rule in each if rule not in rules[name]] == []
    assert set(RARELY) <= set.union(*rules.values())
