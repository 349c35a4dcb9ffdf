"""Every shipped policy keeps every law that it has to keep."""

import pytest

from credit_engine.policy.load import load_policy, shipped_policies
from credit_engine.testing import laws


@pytest.mark.parametrize("name", shipped_policies())
def test_a_shipped_policy_keeps_its_laws(name: str) -> None:
    report = laws.all(load_policy(name))
    assert len(report.asked) > 5
    assert report.broken == ()
