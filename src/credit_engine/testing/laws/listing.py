"""The law of a list: nobody is on it who should not be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.errors import PolicyError
from credit_engine.policy.files import read_text
from credit_engine.policy.load import Policy, read_policy
from credit_engine.policy.places import Items, did_you_mean
from credit_engine.testing.laws.law import Asked, Law, LawError, law_error
from credit_engine.testing.showing import as_data, as_yaml

Predicate = Callable[[Assessment], bool]
RULE = "law.listed_only_if"


def listed_only_if(policy: Policy, list: str, when: Predicate | Mapping[str, Any] | str) -> Law:  # noqa: A002  # Any: a condition as written
    """Whoever is on a list satisfies a condition on the day judged.

    `when`: a condition as `when` of a policy has it, as a mapping or YAML text, or a function of the answer.
    """
    names = [rule.name for rule in policy.plan.lists]
    if list not in names:
        raise law_error("unknown_list", f"the policy {policy.name} has no list {list!r}", did_you_mean(list, names))
    if callable(when):
        name = getattr(when, "__name__", "predicate")
        return Law(
            "listed_only_if", _sentence(list, name), _judge(list, name, when), arguments={"list": list, "when": name}
        )
    written = _condition(when)
    text = as_yaml(written)
    asking = _asking(policy, written)

    def satisfied(answer: Assessment) -> bool:
        dossier, asked = answer.question
        asker = asking if asked is policy else _asking(asked, written)
        given = assess(dossier, asker, answer.as_of, answer.known_at, event=answer.event)
        return any(finding.rule == RULE for finding in given.findings)

    judge = _judge(list, text, satisfied)
    return Law("listed_only_if", _sentence(list, text), judge, arguments={"list": list, "when": written})


def _sentence(name: str, condition: str) -> str:
    return f"Whoever is on the list {name} satisfies {condition}."


def _judge(name: str, text: str, satisfied: Predicate) -> Callable[[Asked, Asked], list[str]]:
    def judge(first: Asked, _other: Asked) -> list[str]:
        answer = first.answer
        if answer.on_list.get(name) is not True or satisfied(answer):
            return []
        listed = [
            f"{one.id} since {one.listed}" for one in answer.entries if one.list == name and one.state == "listed"
        ]
        return [f"{', '.join(listed)} is on {name} on {answer.as_of}, but {text} does not hold"]

    return judge


def _condition(when: Mapping[str, Any] | str) -> Mapping[str, Any]:  # Any: a condition as written
    if isinstance(when, Mapping):
        return when
    try:
        condition = read_text(f"when: {when}", "when")["when"]
    except PolicyError as error:
        raise _unreadable(error) from None
    if not isinstance(condition, Mapping):
        raise law_error("bad_argument", "`when` of listed_only_if is no condition", "when: {score: {below: 60}}")
    return condition


def _unreadable(error: PolicyError) -> LawError:
    return law_error("bad_argument", f"`when` of listed_only_if cannot be read: {error.problems[0].message}")


def _asking(policy: Policy, when: Mapping[str, Any]) -> Policy:  # Any: a condition as written
    """The policy with a finding that says whether the condition holds."""
    rule = {
        "rule": RULE,
        "title": {"zh": "条件", "en": "Condition"},
        "when": when,
        "says": "may",
        "text": {"zh": "成立", "en": "It holds"},
        "in_force": {"from": date(1900, 1, 1)},
        "basis": [next(iter(policy.plan.sources))],
    }
    written = policy.written.copy()
    written.drop("extends")  # what it extends stands in it already
    written["findings"] = Items([*(written.get("findings") or ()), as_data(rule)])
    try:
        return read_policy(written)
    except PolicyError as error:
        raise _unreadable(error) from None
