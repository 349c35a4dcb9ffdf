"""Whatever a session is told, in whatever order: it answers as if all had been known from the start.

Events come late, twice, out of order, several at once, corrected, withdrawn or for another party; relations, parties and
days come between them, in several versions; the session is taken down and restored. After each step every answer, every
effect and the change are compared with `assess` and `spread` from scratch. `durable_checks.py` runs the same machines
with the other matchers, in a process of its own.
"""

from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from credit_engine.engines.session import Matcher
from credit_engine.errors import CreditEngineError
from credit_engine.policy.load import shipped_policies
from credit_engine.testing.drawing import Chooser, Dice
from credit_engine.testing.drawn_networks import network_question
from credit_engine.testing.drawn_spread import spread_policy
from credit_engine.testing.strategies import policies
from properties.list_worlds import how_many, list_world
from properties.network_worlds import network_world
from session_stories import of_lists, of_network, of_policy, shipped
from session_teller import ACTIONS, Teller


class Networks(RuleBasedStateMachine):
    """One session, told one thing after another: of a made-up network."""

    matcher: ClassVar[Matcher] = "plain"
    teller: Teller

    def start(self, choose: Chooser) -> Teller:
        """The session and what it can be told."""
        return of_network(choose, network_question(choose, spread_policy(choose)), self.matcher)

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.teller = self.start(Chooser(data.draw))

    @rule(data=st.data(), action=st.sampled_from([name for name, often in ACTIONS.items() for _ in range(often // 4)]))
    def tell(self, data: st.DataObject, action: str) -> None:
        assert not getattr(self.teller, action)(Chooser(data.draw))

    def teardown(self) -> None:
        if hasattr(self, "teller"):
            self.teller.session.close()


class Shipped(Networks):
    """Under any of the shipped policies."""

    def start(self, choose: Chooser) -> Teller:
        """Whoever one of its rules is about."""
        return of_policy(choose, shipped(choose.one(shipped_policies())), self.matcher)


class Drawn(Networks):
    """Under a policy of any sort, drawn."""

    def start(self, choose: Chooser) -> Teller:
        """Whoever one of its rules is about."""
        return of_policy(choose, choose.draw(policies()), self.matcher)


def few(share: int, steps: int) -> settings:
    """So many steps of one in so many examples: each step is compared with everything from scratch."""
    usual = settings.default.max_examples if settings.default else 100
    return settings(max_examples=max(2, usual // share), stateful_step_count=steps)


TestNetworks = Networks.TestCase
TestNetworks.settings = few(10, 8)
TestShipped = Shipped.TestCase
TestShipped.settings = few(20, 6)  # large policies
TestDrawn = Drawn.TestCase
TestDrawn.settings = few(10, 8)


def test_many_networks_told_in_any_order_end_where_knowing_all_from_the_start_would() -> None:
    for number in range(how_many(200, usual=12)):
        dice = Dice(number + 7)
        run(of_network(dice, network_world(number)), dice, f"network {number}", steps=12)


def test_many_worlds_of_lists_told_in_any_order_end_where_knowing_all_from_the_start_would() -> None:
    for number in range(how_many(200, usual=12)):
        dice = Dice(number + 7)
        run(of_lists(dice, list_world(number)), dice, f"world {number}", steps=10)


@pytest.mark.parametrize("name", shipped_policies())
def test_each_shipped_policy_told_in_any_order_ends_where_knowing_all_from_the_start_would(name: str) -> None:
    for number in range(max(1, how_many(60, usual=2))):
        dice = Dice(number)
        run(of_policy(dice, shipped(name), turn=number), dice, f"{name} {number}", steps=5)


def run(teller: Teller, dice: Dice, name: str, steps: int) -> None:
    """Tell a session so many things, and fail with the first after which something is wrong."""
    done = []
    for _ in range(steps):
        try:
            action, wrong = teller.step(dice)
        except CreditEngineError as error:
            action, wrong = "this", [repr(error)]
        done.append(action)
        if wrong:
            pytest.fail(f"{name} after {done}: {wrong[:3]}", pytrace=False)
    teller.session.close()
