"""The columns engine says what the plain engine says: every row of every table, in the cases and in drawn worlds.

What the engine lacks is refused by name before anything is computed; only such cases are skipped, and pytest's summary
counts them.
"""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from agreement.test_agreement import all_cases, inline_policy
from columns_and_plain import Engine, differences, relabelled
from credit_engine.dossiers import Dossier
from credit_engine.engines.columns.lacking import check
from credit_engine.errors import CreditEngineError, PolicyError
from credit_engine.policy.load import Policy
from credit_engine.testing.cases import Case, dossier_of
from credit_engine.testing.question import Question
from credit_engine.testing.showing import as_case
from credit_engine.testing.strategies import dossiers, questions

CROWD = 9  # parties of one world beside the first, so that one pass compares many


@pytest.mark.parametrize("case", all_cases())
def test_a_case_comes_to_the_same_rows_in_columns(case: Case) -> None:
    try:
        policy, dossier = inline_policy(case), dossier_of(case, inline_policy(case))
    except CreditEngineError:
        assert case.expects_error, "no answer is expected"
        pytest.skip("the policy or the question is refused before any engine")
    if case.expects_error or case.content.get("event") is not None:
        pytest.skip("asks for an error, or about an event: the columns engine answers about days")
    lacking = what_is_lacking(policy)
    if lacking:
        pytest.skip(lacking)
    found = differences([dossier], policy, case.content["day"], case.content.get("known_at"))
    assert not found, f"{case.place}: {case.name}\n" + "\n".join(found)


@given(questions(), st.data())
def test_drawn_worlds_come_to_the_same_rows_in_columns(asked: Question, data: st.DataObject) -> None:
    lacking = what_is_lacking(asked.policy)
    event(f"lacks {lacking.split(':')[-1]}" if lacking else "compared")
    assume(not lacking)
    drawn = [asked.dossier, *(data.draw(dossiers(asked.policy)) for _ in range(CROWD))]
    crowd = [relabelled(each, number, asked.dossier) for number, each in enumerate(drawn)]
    engine = data.draw(st.sampled_from(get_args(Engine)))
    found = differences(crowd, asked.policy, asked.as_of, asked.known_at, engine)
    if found:
        pytest.fail(told(crowd, asked.policy, asked.as_of, asked.known_at, found))


def what_is_lacking(policy: Policy) -> str:
    """What of a policy the engine refuses; empty if it computes all of it."""
    try:
        check(policy.plan)
    except PolicyError as refusal:
        return refusal.problems[0].message if set(refusal.codes) == {"unsupported"} else pytest.fail(str(refusal))
    return ""


def told(crowd: list[Dossier], policy: Policy, day: date, known_at: date | None, found: list[str]) -> str:
    """The first party on whom the engines differ when it is alone, as YAML; else what differs in the crowd."""
    for each in crowd:
        alone = differences([each], policy, day, known_at)
        if alone:
            return "\n".join([*alone, as_case(Question(policy, each, day, known_at), "the engines differ")])
    return "\n".join(["only together:", *found])
