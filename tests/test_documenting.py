"""A policy as a section of a Markdown page; docs/reference/policies.md is what the shipped ones say now.

`CREDIT_ENGINE_RECORD=1 pytest tests/test_documenting.py` writes the page anew; read the difference first.
"""

import os
from pathlib import Path

from typer.testing import CliRunner

from credit_engine import load_policy
from credit_engine.cli import app
from credit_engine.documenting import policies_page, policy_section
from credit_engine.policy.load import load_policy_text, parents_of, shipped_policies
from credit_engine.policy.plan import Plan

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "policies.md"
RECORD = os.environ.get("CREDIT_ENGINE_RECORD") == "1"
MARK = "<!-- from here on written by tests/test_documenting.py -->\n"
SMALL = """
policy: small
title: {zh: 小, en: Small}
sources:
  rules: {title: 办法, article: "3", rank: departmental_rule, in_force: {from: 2020-01-01, until: 2026-01-01}, reaches: [legal_representative], certainty: seen}
  plan: {title: 计划 | 草案, rank: document}
parameters:
  points.fine:
    title: {zh: 罚款, en: Fine}
    unit: points
    values:
      2020-01-01: {value: 2.5, source: rules}
      2022-01-01: {value: null, source: rules}
      2024-01-01: {ended: true}
score:
  start: 100
  rules:
    - {rule: fine, title: {zh: 罚款, en: Fine}, each: violation, deduct: $points.fine, basis: [rules]}
lists:
  severe: {title: {zh: 名单, en: List}, polarity: negative, foundation: rules, term: {for: 3y, from: listed, basis: [plan]}}
recognition:
  - {rule: told, list: severe, hosts: ["310000"], mode: inform}
"""


def lines(plan: Plan, *parents: Plan) -> list[str]:
    """The lines of a policy's section that are not empty."""
    return [line for line in policy_section(plan, parents).splitlines() if line]


def small() -> Plan:
    return load_policy_text(SMALL).plan


def changed(old: str, new: str) -> Plan:
    """The small policy with one piece written differently."""
    assert old in SMALL
    return load_policy_text(SMALL.replace(old, new)).plan


# --- one policy -----------------------------------------------------------------------------------------------


def test_a_section_says_the_rules_the_values_by_date_and_the_sources() -> None:
    assert lines(small()) == [
        "## small",
        "小 / Small.",
        "**Rules**",
        "| rule | is | title | values | basis |",
        "| --- | --- | --- | --- | --- |",
        "| `fine` | deducts | 罚款 / Fine | `points.fine` | `rules` |",
        "| `severe` | negative list, by decision | 名单 / List |  | `rules`, `plan` |",
        "| `told` | inform in 310000 |  |  |  |",
        "**Values**",
        "| value | title | since | is | source | certainty |",
        "| --- | --- | --- | --- | --- | --- |",
        "| `points.fine` | 罚款 / Fine | 2020-01-01 | 2.5 | `rules` | seen |",
        "|  |  | 2022-01-01 | unknown | `rules` | open |",
        "|  |  | 2024-01-01 | ended |  |  |",
        "**Sources**",
        "| source | title and article | rank | in force | names | certainty |",
        "| --- | --- | --- | --- | --- | --- |",
        "| `rules` | 办法 3 | departmental rule | from 2020-01-01 until 2026-01-01 | legal representative | seen |",
        r"| `plan` | 计划 \| 草案 | document |  |  |  |",
    ]


def test_of_what_is_extended_only_the_difference_is_shown() -> None:
    new = changed("value: 2.5", "value: 3")
    shown = lines(new, small())
    assert "Extends [small](#small): only what is new or different stands here." in shown
    assert [line for line in shown if line.startswith("| `")] == [
        "| `points.fine` | 罚款 / Fine | 2020-01-01 | 3 | `rules` | seen |"
    ]


def test_a_rule_that_only_judges_differently_is_a_difference() -> None:
    """Nothing that the table shows of the list has changed."""
    shown = lines(changed("for: 3y", "for: 5y"), small())
    assert [line for line in shown if line.startswith("| `")] == [
        "| `severe` | negative list, by decision | 名单 / List |  | `rules`, `plan` |"
    ]


def test_a_rule_with_the_audience_of_its_parent_is_the_same_rule(tmp_path: Path) -> None:
    """What a parent says of its audience is written into the rules that are inherited from it."""
    more = "findings: [{rule: seen, each: violation, says: may, text: {zh: 可, en: May}, basis: [rules]}]\n"
    (tmp_path / "small").mkdir()
    written = f"{SMALL}{more}audience: department\n"
    (tmp_path / "small" / "policy.yaml").write_text(written, encoding="utf-8")
    (tmp_path / "over").mkdir()
    over = "policy: over\ntitle: {zh: 上, en: Over}\nextends: [small]\naudience: public\n"
    (tmp_path / "over" / "policy.yaml").write_text(over, encoding="utf-8")
    policy = load_policy(tmp_path / "over")
    assert not [
        line for line in lines(policy.plan, *(one.plan for one in parents_of(policy))) if line.startswith("| `")
    ]


def test_what_is_taken_away_is_named() -> None:
    new = load_policy_text(SMALL.split("recognition:", maxsplit=1)[0]).plan
    assert "Without `told`." in lines(new, small())


def test_what_equals_one_of_several_parents_is_left_out() -> None:
    shown = lines(small(), small(), changed("value: 2.5", "value: 3"))
    assert not [line for line in shown if line.startswith("| `")]


def test_a_group_names_its_policies_in_full() -> None:
    plan = load_policy("ownership-presets/uk").plan
    page = policies_page({"ownership-presets/uk": plan}, {"ownership-presets/uk": ()})
    assert page.splitlines()[0].startswith("- [ownership-presets/uk](#ownership-presetsuk): ")
    assert "\n## ownership-presets/uk\n" in page


def test_the_command_shows_a_policy_beside_what_it_extends(tmp_path: Path) -> None:
    """Parents are looked for beside the folder first."""
    for name, extends in (("base", "[]"), ("mine", "[base, sf-restaurants]")):
        (tmp_path / name).mkdir()
        head = f"policy: {name}\ntitle: {{zh: {name}, en: {name}}}\nextends: {extends}\n"
        (tmp_path / name / "policy.yaml").write_text(head, encoding="utf-8")
    shown = CliRunner().invoke(app, ["policy", "show", str(tmp_path / "mine"), "--as", "markdown"]).output
    assert "Extends [base](#base) and [sf-restaurants](#sf-restaurants)" in shown
    assert "**Rules**" not in shown


# --- the page -------------------------------------------------------------------------------------------------


def test_the_page_says_what_the_shipped_policies_say_now() -> None:
    policies = {name: load_policy(name) for name in shipped_policies()}
    parents = {name: [parent.name for parent in parents_of(policy)] for name, policy in policies.items()}
    made = policies_page({name: policy.plan for name, policy in policies.items()}, parents)
    intro, mark, written = PAGE.read_text(encoding="utf-8").partition(MARK)
    if RECORD:
        PAGE.write_text(intro + mark + "\n" + made, encoding="utf-8")
    assert mark
    assert RECORD or written == "\n" + made
