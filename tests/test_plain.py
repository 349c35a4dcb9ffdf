"""Every public answer as plain data: JSON takes it, points are decimal text, days ISO text."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import Any

import pytest

import credit_engine as ce

DAY = date(2026, 6, 30)
POLICY = """
policy: plain
title: {zh: 平, en: Plain}
sources: {law: {title: 法, rank: law, in_force: {from: 2015-01-01}, reaches: [shareholder]}}
parameters: {points.fine: {unit: points, values: {2015-01-01: {value: "2.5", source: law}}}}
score:
  start: 100
  groups: {affiliation: {at_most: 20}}
  rules:
    - {rule: fine, each: violation, where: {penalties: {has: fine}}, deduct: $points.fine, counts: {from: decided, for: 3y}, basis: [law]}
lists:
  severe: {polarity: negative, foundation: law, needs_decision: true, opens: {each: violation}, term: {for: 3y, from: listed}}
spread:
  - rule: shares
    from: {list: severe}
    along: [{relation: shareholder, to: target}]
    repeat: until_stable
    weight: 1/2
    effect: points
    points: -5
    basis: [law]
"""
ANSWERS = ("AgendaLine", "Assessment", "Cut", "Edge", "Effect", "Effects", "Held", "Origin", "Reason", "TooWide")


@cache
def said() -> dict[str, Any]:  # Any: answers of many classes
    from credit_engine.policy.load import load_policy_text  # noqa: PLC0415

    policy = load_policy_text(POLICY)
    fined = ce.Violation(id="V1", party="A", decided=date(2026, 1, 5), penalties={"fine"}, fine=100_000)
    listed = ce.ListDecision(id="D1", party="A", list="severe", step="list", grounds=["V1"], decided=date(2026, 2, 1))
    operators = [ce.Operator(id=each, kind="enterprise") for each in "ABC"]
    relations = [
        ce.Relation(id="R1", kind="shareholder", source="A", target="B", share="33.4%", since=date(2020, 1, 1)),
        ce.Relation(id="R2", kind="shareholder", source="B", target="C", share="1/3"),
    ]
    dossiers = [ce.Dossier(each, [fined, listed] if each.id == "A" else []) for each in operators]
    own = [ce.assess(each, policy, DAY) for each in dossiers]
    effects = ce.spread(ce.Network(operators, relations=relations), own, policy, DAY)
    (effect,) = effects.reaching("C")
    return {
        "AgendaLine": ce.agenda(dossiers[0], policy, DAY, date(2030, 1, 1))[0],
        "Assessment": own[0],
        "Cut": effects.cut(effect)[0],
        "Edge": effect.path[0],
        "Effect": effect,
        "Effects": effects,
        "Held": effect.path[0].relations[0],
        "Origin": own[0].origins[0],
        "Reason": own[0].reasons[0],
        "TooWide": ce.TooWide(rule="shares", most=10),
    }


@pytest.mark.parametrize("name", ANSWERS)
def test_every_public_answer_is_plain_data_for_json(name: str) -> None:
    answer = said()[name]
    assert type(answer) is getattr(ce, name)
    data = answer.as_dict()
    assert data
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_an_effect_says_its_points_as_a_decimal_and_its_shares_as_people_write_them() -> None:
    data = said()["Effect"].as_dict()
    assert (data["points"], data["weight"], data["from"]) == ("-1.25", "1/4", "2026-02-01")
    assert [held["share"] for edge in data["path"] for held in edge["relations"]] == ["33.4%", "1/3"]
    assert said()["Effect"].path[0].as_dict() == data["path"][0]
    assert said()["Effects"].as_dict()["effects"][-1] == data


def test_parts_of_an_answer_are_the_same_data_alone_as_within_it() -> None:
    assert said()["Assessment"].as_dict()["reasons"] == [said()["Reason"].as_dict()]


def test_effects_say_which_rules_were_ended() -> None:
    effects = ce.Effects(as_of=DAY, known_at=DAY, too_wide=(ce.TooWide(rule="shares", most=10),))
    assert effects.as_dict() == {
        "as_of": "2026-06-30",
        "known_at": "2026-06-30",
        "effects": [],
        "too_wide": [{"rule": "shares", "most": 10}],
    }
