"""What a policy test says of effects: what differs is told, and what no spread could say is a bad test."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_engine.assessing.assess import assess
from credit_engine.policy.load import Policy, load_policy_text
from credit_engine.testing.cases import read_cases, run

POLICY = """
policy: sample
title: {zh: 例, en: Sample}
sources: {law: {title: Law, rank: law, in_force: {from: 2000-01-01}}}
spread:
  - {rule: owned, title: {zh: 例, en: Owned}, from: {each: violation}, along: [{relation: shareholder, to: target}],
     lasts: {from: decided}, effect: alert}
"""
CASE = """
- name: The case
  day: 2024-06-01
  known_at: 2024-05-31
  operators: [P2, {id: P3, recorded: 2024-06-01}, {id: P4, events: [{violation: {id: V4, decided: 2024-03-15}}]}]
  persons: [{id: N1, name: Somebody}]
  events: [{violation: {id: V1, decided: 2024-03-15}}]
  relations:
    - shareholder: {source: P1, target: P2}
    - shareholder: {source: P4, target: P1, share: 30%}
  expect:
    EXPECTED
"""


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy_text(POLICY)


def outcome(expected: str, policy: Policy, folder: Path, case: str = CASE) -> list[str]:
    file = folder / "case.yaml"
    file.write_text(case.replace("EXPECTED", expected), encoding="utf-8")
    (only,) = read_cases(file)
    return run(only, lambda: policy, assess)


@pytest.mark.parametrize(
    "expected",
    [
        "effects: [{rule: owned, origin_party: P1, path: [P1, R1, P2]}, {origin: V4, target: P1, path: [P4, R2, P1]}]",
        "reached_by: [{origin_party: P4, weight: 1, certain: true, undated: true}]",
        "too_wide: []",
        "cut: [{target: P2, is: [{event: V1}, {relation: R1}]}]",
        "proof: [{rule: owned, target: P2, is: [[P1, R1, P2]]}]",
    ],
)
def test_what_spreads_is_compared_line_by_line(expected: str, policy: Policy, tmp_path: Path) -> None:
    assert not outcome(expected, policy, tmp_path)


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("effects: [{target: P2}]", "effects: expected [{target: P2}], got [{target: P2}, {target: P1}]"),
        ("reached_by: []", "reached_by: expected [], got [{rule: owned, effect: alert, target: P1}]"),
        ("too_wide: [owned]", "too_wide: expected [owned], got []"),
        ("cut: [{target: P2, is: [{event: V1}]}]", "cut of {target: P2}: expected [{event: V1}], got ["),
        ("cut: [{rule: owned, is: []}]", "cut: {rule: owned} means 2 effects, not one"),
        ("proof: [{target: P2, is: []}]", "proof of {target: P2}: expected [], got [[P1, R1, P2]]"),
    ],
)
def test_what_differs_is_told(expected: str, said: str, policy: Policy, tmp_path: Path) -> None:
    (difference,) = outcome(expected, policy, tmp_path)
    assert said in difference


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("effects: [{rule: ownd}]", "unknown_label: no rule in effects 'ownd'\n    hint: did you mean 'owned'?"),
        ("too_wide: owned", "wrong_type: too_wide is a list of rules"),
        ("too_wide: [other]", "unknown_label: no rule in too_wide 'other'"),
        ("reached_by: {rule: owned}", "wrong_type: reached_by is a list of mappings"),
        ("cut: [{target: P2}]", "wrong_type: a line of cut says what it `is`, a list"),
        (
            "effects: [{targets: P2}]",
            "unknown_key: a line of effects has no 'targets'\n    hint: did you mean 'target'?",
        ),
    ],
)
def test_what_no_spread_could_say_is_a_bad_test(expected: str, said: str, policy: Policy, tmp_path: Path) -> None:
    (mistake,) = outcome(expected, policy, tmp_path)
    assert mistake.startswith("bad test: ")
    assert said in mistake


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("friend: {source: P1, target: P2}", "unknown_kind"),
        ("shareholder: {source: P1, target: P2, part: 30%}", "unknown_field"),
        ("shareholder: {source: P1, target: P9}", "relation_to_nobody"),
        (
            "shareholder: {target: P2}",
            "case.yaml:9:20: missing_key: 'The case': a relation (shareholder) has no source",
        ),
        ("shareholder: {source: P1, target: P2, since: 2020}", "bad_date: 'The case': since: 2020 is not a date"),
    ],
)
def test_a_relation_that_cannot_be_is_refused(wrong: str, code: str, policy: Policy, tmp_path: Path) -> None:
    case = CASE.replace("shareholder: {source: P1, target: P2}", wrong)
    (difference,) = outcome("too_wide: []", policy, tmp_path, case)
    assert code in difference


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (
            "name: Somebody",
            "nam: Somebody",
            "case.yaml:6:22: unknown_field: 'The case': person has no field 'nam'\n    hint: ",
        ),
        ("persons: [{id: N1, ", "persons: [{", "case.yaml:6:13: missing_key: 'The case': person has no id"),
        ("{id: V1, ", "{", "case.yaml:7:24: missing_key: 'The case': violation has no id"),
        (
            "{id: V1, ",
            "{id: V1, fines: 3, ",
            "case.yaml:7:33: unknown_field: 'The case': violation has no field 'fines'",
        ),
        (
            "[{violation: {id: V1",
            "[{violations: {id: V1",
            "case.yaml:7:12: unknown_kind: 'The case': no kind of event 'v",
        ),
        (
            "  events",
            "  coverage: {violation: missing}\n  events",
            "case.yaml:7:25: bad_coverage: 'The case': coverage of",
        ),
        (
            "  events",
            "  regions: [{cod: '310000'}]\n  events",
            "case.yaml:7:14: unknown_field: 'The case': a region has no",
        ),
        (
            "  persons",
            "  operator: {regoin: '310000'}\n  persons",
            "case.yaml:6:14: unknown_field: 'The case': operator has",
        ),
    ],
)
def test_a_fact_that_cannot_be_is_told_with_its_place(
    right: str, wrong: str, said: str, policy: Policy, tmp_path: Path
) -> None:
    assert CASE.count(right) == 1 or right == "  events"
    told, *_ = outcome("too_wide: []", policy, tmp_path, CASE.replace(right, wrong, 1))
    assert told.startswith("bad test: ")
    assert said in told


def test_an_event_that_a_newer_version_gives_to_another_party_leaves_the_first(policy: Policy, tmp_path: Path) -> None:
    moved = "{id: V1, party: P2, decided: 2024-03-15, recorded: 2024-05-01}"
    case = CASE.replace("operators: [P2,", f"operators: [{{id: P2, events: [{{violation: {moved}}}]}},")
    assert not outcome("effects: [{origin_party: P4, target: P1}]", policy, tmp_path, case)
