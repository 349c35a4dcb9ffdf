"""A policy of six comparisons whose coverage can be counted by hand, and tests that reach known parts of it."""

from __future__ import annotations

from pathlib import Path

from credit_engine.policy.load import Policy, load_policy
from credit_engine.testing.case_facts import Case
from credit_engine.testing.cases import read_cases

POLICY = """\
policy: hand
title: {en: By hand}
sources: {law: {title: A law, article: "1", rank: law}}
indicators:
  fines: {count: violation, where: {fine: {at_least: 500 yuan}}}
score:
  start: 100
  range: [0, 100]
  rules:
    - rule: big
      each: violation
      where: {fine: {at_least: 500 yuan}, severity: severe}
      deduct: 10
      basis: [law]
grades:
  order: [A, B]
  rows:
    - {grade: A, when: {score: {at_least: 90}}}
    - {grade: B}
findings:
  - rule: again
    when: {any: [{fines: {at_least: 2}}, {score: {below: 60}}]}
    says: must
    text: {en: Look again}
    basis: [law]
"""
TESTS = """\
- name: nothing happened
  day: 2024-06-30
  expect: {score: 100, grade: A}
- name: a fine of exactly the threshold
  day: 2024-06-30
  events: [{violation: {id: V1, decided: 2024-05-01, fine: 500 yuan, severity: severe}}]
  expect: {score: 90}
- name: one fine is too small and one is not severe
  day: 2024-06-30
  events:
    - {violation: {id: V1, decided: 2024-05-01, fine: 499.99 yuan, severity: severe}}
    - {violation: {id: V2, decided: 2024-05-01, fine: 600 yuan, severity: general}}
  expect: {score: 100}
- name: a fine that nobody recorded
  day: 2024-06-30
  events: [{violation: {id: V1, decided: 2024-05-01, penalties: [fine], severity: severe}}]
  expect: {score: [90, 100]}
"""


def hand(folder: Path, more: str = "", name: str = "hand") -> Policy:
    """The policy in a folder of its own, with more text at its end."""
    (folder / name / "tests").mkdir(parents=True, exist_ok=True)
    (folder / name / "policy.yaml").write_text(POLICY.replace("policy: hand", f"policy: {name}") + more, "utf-8")
    (folder / name / "tests" / "all.yaml").write_text(TESTS, "utf-8")
    return load_policy(folder / name)


def hand_cases(folder: Path, most: int = 4) -> list[Case]:
    """The first of the hand-made tests."""
    return read_cases(folder / "hand" / "tests" / "all.yaml")[:most]


def undated(folder: Path) -> Case:
    """A test of a violation without a day, whose fine is not known either."""
    path = folder / "undated.yaml"
    path.write_text(
        "- {name: no day, day: 2024-06-30, events: [{violation: {id: V1, severity: general}}], expect: {grade: A}}\n",
        "utf-8",
    )
    return read_cases(path)[0]
