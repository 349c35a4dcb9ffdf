"""Small policies for tests of reading: a head that every policy needs, and pieces put below it."""

from credit_engine.errors import PolicyError
from credit_engine.policy.load import load_policy_text
from credit_engine.policy.plan import (
    Plan,
)

HEAD = """\
policy: sample
title: {zh: 例, en: sample}
sources: {law: {title: Law, rank: law, in_force: {from: 2000-01-01}}}
"""


def plan_of(body: str) -> Plan:
    """The plan of the head and what stands below it."""
    return load_policy_text(HEAD + body, "sample.yaml").plan


def codes_of(body: str) -> list[str]:
    """The codes of all problems with the head and what stands below it; none if it can be read."""
    try:
        plan_of(body)
    except PolicyError as refused:
        return list(refused.codes)
    return []


def rule(rest: str, sections: str = "") -> str:
    """A policy with one rule over violations; `rest` goes on after `each`."""
    return (
        f"{sections}\nscore:\n  start: 100\n  rules:\n"
        f"    - {{rule: one, title: {{zh: 一, en: One}}, basis: [law], each: violation, {rest}}}\n"
    )
