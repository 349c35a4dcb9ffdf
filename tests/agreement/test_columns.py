"""The columns engine says what the plain engine says: every row of every table, in the cases and in drawn worlds.

Whom it cannot judge the plain engine answers for it, so nothing is skipped. That it judges many by itself is tested
beside its parts.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from typing import get_args

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from agreement.test_agreement import all_cases, inline_policy
from columns_and_plain import Engine, asked, crowd_of, differences, differing, input_of, told
from credit_engine.dossiers import Dossier
from credit_engine.errors import CreditEngineError
from credit_engine.files.panels import Panel
from credit_engine.files.panels import Question as Row
from credit_engine.policy.load import Policy
from credit_engine.records import Relation
from credit_engine.testing.cases import Case
from credit_engine.testing.question import Question
from credit_engine.testing.running import question_of
from credit_engine.testing.showing import as_case
from credit_engine.testing.strategies import networks, policies

CROWD = 3  # worlds beside the first: a pass takes as long for one as for a few
WORLDS = {"ci": 2_000, "nightly": 200_000}  # by the profile of conftest.py


@pytest.mark.parametrize("case", all_cases())
def test_a_case_comes_to_the_same_rows_in_columns(case: Case) -> None:
    try:
        question = question_of(case, inline_policy(case))
    except CreditEngineError:
        assert case.expects_error, "no answer is expected"
        return  # the policy or its facts are refused before any engine
    read = input_of((question.dossier, *question.others), question.relations)
    panel = asked(read, question.as_of, question.known_at)
    if question.event is not None:
        row = Row(question.dossier.id, question.as_of, question.event, question.known_at, "panel.csv", 1)
        panel = Panel([row], [])
    found = differing(told(read, question.policy, panel, "plain"), told(read, question.policy, panel, "polars"))
    assert not found, f"{case.place}: {case.name}\n" + "\n".join(found)


@settings(
    max_examples=WORLDS.get(os.environ.get("CREDIT_ENGINE_HYPOTHESIS", ""), settings().max_examples) // (1 + CROWD) or 1
)
@given(policies(), st.data())
def test_drawn_worlds_come_to_the_same_rows_in_columns(policy: Policy, data: st.DataObject) -> None:
    worlds = [data.draw(networks(policy)) for _ in range(1 + CROWD)]
    first = worlds[0]
    crowd, relations = crowd_of([((one.dossier, *one.others), one.relations) for one in worlds])
    engine = data.draw(st.sampled_from(get_args(Engine)))
    event(f"{len(relations)} relations" if len(relations) < CROWD else "many relations")
    found = differences(crowd, policy, first.as_of, first.known_at, engine, relations=relations)
    if found:
        pytest.fail(told_alone(crowd, relations, policy, (first.as_of, first.known_at), found))


def told_alone(
    crowd: Sequence[Dossier],
    relations: Sequence[Relation],
    policy: Policy,
    days: tuple[date, date | None],
    found: Sequence[str],
) -> str:
    """The first party on whom the engines differ when it is alone, or its world, as YAML; else what differs."""
    for number in range(1 + CROWD):
        world = [one for one in crowd if one.id == f"Q{number:03d}" or one.id.endswith(f"-{number:03d}")]
        between = [one for one in relations if one.id.startswith(f"{number:03d}")]
        for parties, links in (([world[0]], []), (world, between)):
            alone = differences(parties, policy, *days, relations=links)
            if alone:
                question = Question(policy, world[0], *days, None, tuple(parties[1:]), tuple(links))
                return "\n".join([*alone, as_case(question, "the engines differ")])
    return "\n".join(["only together:", *found])
