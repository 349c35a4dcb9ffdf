"""What a case may expect: what no answer of its policy could say is a mistake of the test, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_engine.assessing.assess import assess
from credit_engine.policy.files import read_text
from credit_engine.policy.load import Policy, read_policy
from credit_engine.testing.cases import read_cases, run

POLICY = """
policy: town
title: {zh: 镇, en: Town}
sources: {law: {title: Law, rank: law, in_force: {from: 2000-01-01}}}
indicators: {fines: {count: violation}}
score: {start: 100, groups: {fined: {at_most: 30}}, rules: [{rule: fine, title: {zh: 罚, en: Fine}, each: violation, deduct: 10, group: fined, basis: [law]}]}
grades: {order: [A, B], outside: [pending], rows: [{grade: A, when: {score: {at_least: 95}}}, {grade: B}]}
lists:
  severe: {polarity: negative, foundation: law, needs_decision: true, opens: {each: violation}, term: {for: 3y, from: listed}}
obligations:
  - {rule: publish, title: {zh: 公示, en: Publish}, each: violation, due: {for: 10d, from: decided}, met_on: published, owed_by: authority, basis: [law]}
"""
CASE = """
- name: A fine
  day: 2024-04-01
  events: [{violation: {id: V1, decided: 2024-03-01, published: 2024-03-05, region: "310000"}}]
  expect:
    EXPECT
"""


@pytest.fixture(scope="module")
def policy() -> Policy:
    return read_policy(read_text(POLICY, "town/policy.yaml"))


def outcome(expect: str, policy: Policy, folder: Path) -> list[str]:
    path = folder / "case.yaml"
    path.write_text(CASE.replace("EXPECT", expect), encoding="utf-8")
    (case,) = read_cases(path)
    return [line.replace(f"{folder}/", "") for line in run(case, lambda: policy, assess)]


@pytest.mark.parametrize(
    "expect",
    [
        "score: 90",
        "score: unknown",
        "score: [null, 90]",
        'score: "92.5"',
        "grade: pending",
        "grade: unknown",
        "possible: [A, B]",
        "grades: {grade: B}",
        "on_list: {severe: false}",
        "on_list: {severe: unknown}",
        "indicators: {fines: 1}",
        "reasons: [{rule: fine}, {rule: fined}, {rule: range}]",
        "unknowns: [{rule: severe}, {rule: regions}, {rule: publish}, {rule: grade}]",
        "entries: [{list: severe, state: proposed}]",
        "obligations: [{rule: publish, state: met}]",
        "obligations_summary: [{rule: publish}]",
        "next_change: none",
        "next_change: 2024-05-01",
        "agenda: {until: 2024-12-31, lines: [{what: rule}]}",
        "outside_policy: unknown",
        "audience: public",
    ],
)
def test_what_an_answer_could_say_is_no_mistake(expect: str, policy: Policy, tmp_path: Path) -> None:
    assert not [line for line in outcome(expect, policy, tmp_path) if line.startswith("bad test: ")]


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("score: hundred", "case.yaml:6:12: wrong_type: a score is a number, this is 'hundred'"),
        ("score: [90]", "case.yaml:6:12: wrong_type: a score is a number, this is a list"),
        ("score: 90.0001", "case.yaml:6:12: wrong_type: a score is a number"),
        ("grade: Z", "case.yaml:6:12: unknown_label: no grade 'Z'\n    hint: known: A, B, pending, unknown"),
        ("grade: pendin", "case.yaml:6:12: unknown_label: no grade 'pendin'\n    hint: did you mean 'pending'?"),
        ("possible: [A, C]", "case.yaml:6:19: unknown_label: no grade 'C'"),
        ("grades: {grades: A}", "case.yaml:6:14: unknown_scale: the policy has no scale 'grades'"),
        ("grades: {grade: C}", "case.yaml:6:21: unknown_label: no grade of grade 'C'"),
        (
            "on_list: {sever: true}",
            "case.yaml:6:15: unknown_list: the policy has no list 'sever'\n    hint: did you mean 'severe'?",
        ),
        ("on_list: {severe: maybe}", "case.yaml:6:23: unknown_label: no answer to whether a party is on a list"),
        (
            "indicators: {fine: 1}",
            "unknown_indicator: the policy has no indicator 'fine'\n    hint: did you mean 'fines'",
        ),
        ("reasons: [{rule: fin}]", "unknown_label: no rule in reasons 'fin'\n    hint: did you mean 'fine'?"),
        ("reasons: fine", "wrong_type: reasons is a list of mappings"),
        ("unknowns: [{rule: fin}]", "no rule in unknowns 'fin'"),
        ("entries: [{list: sever}]", "no list in entries 'sever'\n    hint: did you mean 'severe'?"),
        ("entries: [{state: lsited}]", "no state in entries 'lsited'\n    hint: did you mean 'listed'?"),
        ("findings: [{rule: x}]", "no rule in findings 'x'\n    hint: there is none"),
        ("obligations: [{state: done}]", "no state in obligations 'done'"),
        ("obligations_summary: [{rule: publsh}]", "no rule in obligations_summary 'publsh'"),
        ("next_change: never", "next_change is a date, or none"),
        ("agenda: [{what: rule}]", "agenda is {until: DAY, lines: [...]}"),
        ("agenda: {until: 2024-12-31, lines: [{what: rules}]}", "no what in agenda 'rules'"),
        ("audience: all", "no audience 'all'"),
        ("outside_policy: maybe", "no answer to whether a party is outside the policy 'maybe'"),
        (
            "scores: 90",
            "case.yaml:6:5: unknown_key: no such part of an answer: 'scores'\n    hint: did you mean 'score'?",
        ),
    ],
)
def test_what_no_answer_could_say_is_a_bad_test(expect: str, said: str, policy: Policy, tmp_path: Path) -> None:
    (line,) = outcome(expect, policy, tmp_path)
    assert line.startswith("bad test: ")
    assert said in line


def test_all_mistakes_of_a_test_are_told_at_once(policy: Policy, tmp_path: Path) -> None:
    found = outcome("score: hundred\n    grade: Z\n    on_list: {sever: true}", policy, tmp_path)
    assert [line.startswith("bad test: ") for line in found] == [True, True, True]


def test_the_summary_of_obligations_is_compared_row_by_row(policy: Policy, tmp_path: Path) -> None:
    row = '{rule: publish, region: "310000", month: "2024-03", due: 1, met: 1, completion: 1, on_time: 1}'
    assert not outcome(f"obligations_summary: [{row}]", policy, tmp_path)
    (difference,) = outcome(f"obligations_summary: [{row.replace('on_time: 1', 'on_time: 0')}]", policy, tmp_path)
    assert difference.startswith("obligations_summary: expected ")
    assert outcome("obligations_summary: []", policy, tmp_path)
