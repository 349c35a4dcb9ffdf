"""Rules of spread and rows of recognition of a policy that extends another one."""

from pathlib import Path

from credit_engine.policy.load import load_policy
from credit_engine.policy.nodes import Literal
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_basis import Law


def extended(folder: Path, base: str, child: str) -> Plan:
    """The plan of the policy `child`, which extends `base`."""
    for name, text in (("base", base), ("child", f"extends: [base]\n{child}")):
        (folder / name).mkdir()
        head = f"policy: {name}\ntitle: {{zh: 例, en: sample}}\n"
        (folder / name / "policy.yaml").write_text(head + text, encoding="utf-8")
    return load_policy(folder / "child").plan


def test_rules_of_spread_and_rows_of_recognition_merge_by_their_ids(tmp_path: Path) -> None:
    base = (
        "sources: {law: {title: Law, rank: law, reaches: [branch]}}\n"
        "lists: {severe: {polarity: negative, foundation: law}}\n"
        "spread:\n"
        "  - {rule: near, from: {list: severe}, along: [{relation: branch, to: target}], effect: mirror, basis: [law]}\n"
        "  - {rule: far, from: {list: severe}, along: [{relation: host, to: target}], effect: alert}\n"
        'recognition: [{rule: all, list: severe, hosts: ["310000"], mode: inform}]\n'
    )
    child = (
        "spread: [{rule: near, hops: 2}, {rule: far, remove: true}]\n"
        "recognition: [{rule: all, mode: attention}, {rule: more, list: severe, hosts: [WBG], mode: none}]\n"
    )
    plan = extended(tmp_path, base, child)
    assert [(rule.id, rule.effect, rule.hops) for rule in plan.spread] == [("near", "mirror", 2)]
    assert [(row.id, row.mode) for row in plan.recognition] == [("all", "attention"), ("more", "none")]


def test_a_rule_of_spread_keeps_the_law_and_the_audience_of_its_policy(tmp_path: Path) -> None:
    each, along = "from: {each: violation}, lasts: {from: decided}", "along: [{relation: branch, to: target}]"
    base = f"law_of: occurred\naudience: internal\nspread: [{{rule: one, {each}, {along}, effect: alert}}]\n"
    child = f"law_of: as_of\naudience: public\nspread: [{{rule: one, most: 5}}, {{rule: two, {each}, {along}, effect: alert}}]\n"
    one, two = extended(tmp_path, base, child).spread
    assert (one.law, one.most, one.audience) == (Law(("occurred",)), 5, Literal("internal"))
    assert (two.law, two.most) == (Law(as_of=True), 1_000_000)
