"""What a service asks again and again: the same answers as from scratch, and the same dossiers as made at once."""

from collections.abc import Callable, Sequence
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from credit_engine.assessing.assess import assess, assess_again
from credit_engine.assessing.contributions import Kept
from credit_engine.dossiers import Dossier
from credit_engine.errors import CreditEngineError
from credit_engine.policy.load import load_policy_text
from credit_engine.records import Operator, Violation
from credit_engine.testing.strategies import Question, questions


def _said(ask: Callable[[], object]) -> object:
    try:
        return ask()
    except CreditEngineError as error:
        return type(error), str(error)


@given(question=questions(), data=st.data())
def test_an_answer_asked_again_after_each_event_is_the_one_from_scratch(
    question: Question, data: st.DataObject
) -> None:
    whole, policy, day = question.dossier, question.policy, question.as_of
    kept: Kept = {}
    part = Dossier(whole.party_versions, (), whole.coverage, whole.regions)
    for event in data.draw(st.permutations(whole.events)):
        at_once = _said(lambda: Dossier(whole.party_versions, (*part.events, event), whole.coverage, whole.regions))  # noqa: B023  # asked at once
        grown = _said(lambda: part.with_event(event))  # noqa: B023  # asked at once
        assert grown == at_once
        if not isinstance(grown, Dossier):
            continue
        part = grown
        again = _said(lambda: assess_again(part, policy, day, kept))  # noqa: B023  # asked at once
        assert again == _said(lambda: assess(part, policy, day))  # noqa: B023  # asked at once
        assert again == _said(lambda: assess_again(part, policy, day, kept))  # noqa: B023  # asked at once


RULES = load_policy_text(
    """
policy: again
title: {en: Asked again}
illustrative: true
sources:
  made_up: {title: Made up, rank: document}
parameters:
  points.fine: {unit: points, values: {2015-01-01: {value: 6, source: made_up}, 2025-01-01: {value: 8, source: made_up}}}
admits: {violation: {per: [authority, document]}}
indicators:
  penalties_1y: {count: violation, within: 1y}
score:
  start: 100
  range: [0, 120]
  rules:
    - {rule: fine, each: violation, where: {fine: {at_least: 500 yuan}}, deduct: $points.fine, counts: {from: decided, for: 3y}, fades: linear, basis: [made_up]}
    - {rule: severe, each: violation, where: {severity: severe}, deduct: 8, counts: {from: decided, for: 2y}, basis: [made_up]}
    - {rule: mild, each: violation, where: {not: {severity: severe}}, add: 1, counts: {from: decided, until: restricted_until}, basis: [made_up]}
    - {rule: again, each: violation, when: {penalties_1y: {at_least: 2}}, deduct: 5, counts: {from: decided, for: 2y}, basis: [made_up]}
    - {rule: young, each: violation, where: {operator.registered: {at_least: 2020-01-01}}, deduct: 2, counts: {from: decided, for: 3y}, basis: [made_up]}
""",
    "again.yaml",
)
DAYS = [date(2024, 12, 31), date(2025, 3, 1), date(2026, 1, 1), date(2026, 6, 30)]
versions = st.builds(
    Violation,
    id=st.sampled_from("AB"),
    party=st.just("P1"),
    revision=st.integers(0, 9),
    decided=st.sampled_from([None, *DAYS]),
    severity=st.sampled_from([None, "minor", "severe"]),
    fine=st.sampled_from([None, 1, 50_000]),
    restricted_until=st.sampled_from([None, *DAYS]),
    authority=st.sampled_from([None, "here"]),
    document=st.sampled_from([None, "1", "2"]),
)


@given(st.lists(versions, max_size=8, unique_by=lambda one: (one.id, one.revision)))
def test_versions_that_come_one_by_one_in_any_order_are_judged_as_if_all_had_been_known(
    events: Sequence[Violation],
) -> None:
    kept: Kept = {}
    day, operator = date(2026, 6, 30), Operator(id="P1", registered=date(2021, 1, 1))
    party = Dossier(operator)
    for event in events:
        party = party.with_event(event)
        assert assess_again(party, RULES, day, kept) == assess(Dossier(operator, party.events), RULES, day)


def test_what_only_its_event_decides_is_noted_and_what_others_decide_is_found_again() -> None:
    kept: Kept = {}
    event = Violation(id="A", party="P1", decided=DAYS[2], severity="severe", fine=1)
    assess_again(Dossier(Operator(id="P1"), [event]), RULES, DAYS[3], kept)
    ((found, told),) = kept.values()
    assert found is event
    assert [(rule.id, points.low) for lines in told.values() for rule, points, _ in lines] == [("severe", -8_000)]
