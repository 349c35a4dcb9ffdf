"""The rulesets of a policy as durable_rules reads them, as JSON; made without importing it."""

from __future__ import annotations

import json
from typing import Any

from credit_engine.assessing.program import Program
from credit_engine.engines.matching.compiling import Compiled, Group, compiled
from credit_engine.engines.matching.durable_host import UNMATCHED, check, definition
from credit_engine.policy.load import Policy


def rulesets_text(policy: Policy) -> str:
    """The rulesets by stratum, each rule with the condition that it is of, and what the properties of facts are."""
    made = compiled(policy.plan, _program(policy))
    for name, rules in made.rulesets.items():
        check(name, rules)
    data = {
        "policy": policy.name,
        "rulesets": _rulesets(made),
        "facts": {str(one.number): _fact(one) for one in made.groups},
    }
    return json.dumps(data, ensure_ascii=False, indent=1)


def _program(policy: Policy) -> Program:
    from credit_engine.assessing.assess import program_of  # noqa: PLC0415  # the plain engine's functions

    return program_of(policy)


def _rulesets(made: Compiled) -> dict[str, Any]:  # Any: JSON
    groups = {group.number: group for group in made.groups}
    found: dict[str, Any] = {}  # Any: JSON
    for name, rules in made.rulesets.items():
        written = definition(rules)
        found[name] = {
            rule: {**({} if rule == UNMATCHED else {"of": _of(groups[rules[rule][0]], rule)}), **written[rule]}
            for rule in written
        }
    return found


def _of(group: Group, rule: str) -> str:
    """The condition that a rule is a part of."""
    _, place, _ = rule.split(".")
    return group.roots[int(place[1:])].name if place.startswith("r") else f"{group.name}, {place}"


def _fact(group: Group) -> dict[str, Any]:  # Any: JSON
    properties: dict[str, str] = {}
    for leaf in group.leaves:
        for slot in range(len(properties), len(properties) + leaf.slots):
            properties[group.property_of(slot)] = str(getattr(leaf.node, "name", "") or type(leaf.node).__name__)
    for place in range(len(group.parts)):
        properties[group.property_of(len(properties))] = f"part{place}"
    return {"stratum": group.stratum, "group": group.name, "properties": properties}
