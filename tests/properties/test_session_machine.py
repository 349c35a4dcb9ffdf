"""Whatever a session is told, in whatever order: it answers as if all had been known from the start.

Events come late, twice, out of order, corrected, withdrawn or for another party; relations and days come between them;
the session is taken down and restored. After each step every answer, every effect and the change are compared with
`assess` and `spread` from scratch.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest
from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from credit_engine.errors import PolicyError, QuestionError
from credit_engine.policy.load import Policy, load_policy
from credit_engine.records import Operator, Person, Relation
from credit_engine.testing.drawing import Chooser, Dice
from credit_engine.testing.drawn_networks import network_question
from credit_engine.testing.drawn_records import OTHER_PARTY, PARTY, Facts, dossier
from credit_engine.testing.drawn_spread import spread_policy
from credit_engine.testing.edges import edges_of
from credit_engine.testing.strategies import loaded_policies
from properties.list_worlds import how_many, list_world
from properties.network_worlds import network_world
from session_worlds import Teller, Told

FIRST_DAYS = (date(2023, 1, 1), date(2024, 3, 15), date(2024, 6, 1))
ACTIONS = (
    "post",
    "post",
    "post",
    "post_many",
    "correct",
    "correct",
    "withdraw",
    "relate",
    "relate",
    "advance",
    "restore",
)


@cache
def delta_food() -> Policy:
    return load_policy("delta-food")


def teller_of_network(choose: Chooser, number: int | None = None) -> Teller:
    """A made-up network whose parties are known from the start, and some of the rest."""
    question = network_question(choose, spread_policy(choose)) if number is None else network_world(number)
    told = Told(question.policy, choose.one(FIRST_DAYS), parties=list(question.parties))
    events = [event for each in question.dossiers for event in each.events]
    told.events += [event for event in events if choose.chance(60)]  # known from the start, or from a later day on
    told.relations += [relation for relation in question.relations if choose.chance(60)]
    return Teller(told, events, question.relations)


def teller_of(policy: Policy, choose: Chooser) -> Teller:
    """Two firms and a person under any policy, linked over any of its relations; events on the policy's edges."""
    found = dossier(choose, edges_of(policy), Facts(most=5))
    operator = Operator(id=OTHER_PARTY, kind="enterprise", region="310115")
    parties = [*found.party_versions, operator, Person(id="N1", name="李明")]
    kinds = sorted(policy.plan.relations)
    ends = [(PARTY, OTHER_PARTY), (OTHER_PARTY, PARTY), ("N1", PARTY), ("N1", OTHER_PARTY)]
    links = [
        Relation(id=f"R{number}", kind=choose.one(kinds), source=source, target=target)
        for number, (source, target) in enumerate(ends)
        if kinds
    ]
    told = Told(policy, date(2024, 1, 1), parties, regions=found.regions, coverage=found.coverage)
    events = [
        evolve(each, party=OTHER_PARTY) if choose.chance(30) and each.revision == 0 else each for each in found.events
    ]
    return Teller(told, events, links)


class Machine(RuleBasedStateMachine):
    """One session, told one thing after another."""

    teller: Teller

    def start(self, choose: Chooser) -> Teller:
        """The session and what it can be told."""
        return teller_of_network(choose)

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.teller = self.start(Chooser(data.draw))

    @rule(data=st.data(), action=st.sampled_from(sorted(set(ACTIONS))))
    def tell(self, data: st.DataObject, action: str) -> None:
        assert not getattr(self.teller, action)(Chooser(data.draw))


class DeltaFood(Machine):
    def start(self, choose: Chooser) -> Teller:
        return teller_of(delta_food(), choose)


class AnyPolicy(Machine):
    def start(self, choose: Chooser) -> Teller:
        return teller_of(choose.draw(loaded_policies()), choose)


def few(share: int, steps: int) -> settings:
    """So many steps of one in so many examples: each step is compared with everything from scratch."""
    usual = settings.default.max_examples if settings.default else 100
    return settings(max_examples=max(2, usual // share), stateful_step_count=steps)


TestNetworks = Machine.TestCase
TestNetworks.settings = few(10, 8)
TestDeltaFood = DeltaFood.TestCase
TestDeltaFood.settings = few(30, 6)  # a large policy
TestAnyPolicy = AnyPolicy.TestCase
TestAnyPolicy.settings = few(20, 8)


def test_many_networks_told_in_any_order_end_where_knowing_all_from_the_start_would() -> None:
    for number in range(how_many(600, usual=12)):
        dice = Dice(number + 7)
        run(teller_of_network(dice, number), dice, f"network {number}", steps=10)


def test_many_worlds_of_lists_told_in_any_order_end_where_knowing_all_from_the_start_would() -> None:
    for number in range(how_many(600, usual=12)):
        question, dice = list_world(number), Dice(number + 7)
        found = question.dossier
        parties = [*found.party_versions, Operator(id=OTHER_PARTY, region="310115")]
        told = Told(question.policy, date(2023, 12, 30), parties, regions=found.regions, coverage=found.coverage)
        run(Teller(told, found.events, ()), dice, f"world {number}", steps=10)


def run(teller: Teller, dice: Dice, name: str, steps: int) -> None:
    done = []
    for _ in range(steps):
        done.append(dice.one(ACTIONS))
        try:
            wrong = getattr(teller, done[-1])(dice)
        except (PolicyError, QuestionError) as error:
            wrong = [repr(error)]
        if wrong:
            pytest.fail(f"{name} after {done}: {wrong[:3]}", pytrace=False)
