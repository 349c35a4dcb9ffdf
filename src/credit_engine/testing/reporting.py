"""What a failed case tells: where it stands, what differs, and beside it why the answer was what it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from textwrap import indent
from typing import Any

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.explain import tree
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.wording import Language
from credit_engine.errors import QuestionError
from credit_engine.testing.comparing import same
from credit_engine.testing.differing import LINES
from credit_engine.testing.running import Outcome

MOST_RULES = 5  # explained one by one; of more, the whole account is told

SUMS = ("score", "own_score")  # differ because reasons do

# Of each part of an expectation, the parts of an account that say why it is so.
_PARTS: Mapping[str, tuple[str, ...]] = {
    "score": ("score", "unknowns"),
    "own_score": ("score", "unknowns"),
    "reasons": ("score",),
    "grade": ("grade", "unknowns"),
    "grades": ("grade", "unknowns"),
    "own_grades": ("grade", "unknowns"),
    "possible": ("grade", "unknowns"),
    "unknowns": ("unknowns",),
    "indicators": ("indicators",),
    "on_list": ("lists",),
    "entries": ("lists",),
    "measures": ("lists", "measures"),
    "obligations": ("obligations",),
    "obligations_summary": ("obligations",),
    "findings": ("findings",),
    "supervision": ("supervision",),
}


def told(outcome: Outcome, language: Language = "zh") -> str:
    """The place and sentence of a failed case, its differences, and the account of the answer as far as it matters."""
    lines = [f"{outcome.case.place}: {outcome.case.name}"]
    lines += [indent(difference, "    ") for difference in outcome.differences]
    account = account_of(outcome, language)
    if account is not None:
        lines.append(indent(account.as_text(), "      | "))
    return "\n".join(lines)


def account_of(outcome: Outcome, language: Language = "zh") -> Account | None:
    """Why the answer is what it is: the rules that the differences name, the parts that they are about, else all of it.

    None if there was no answer, or nothing differs.
    """
    answer = outcome.answer
    if answer is None or outcome.passed:
        return None
    whole = tree(answer, language)
    rules = _rules_of(outcome, answer, language)
    wanted: set[str] = set()
    for part in map(_part, outcome.differences):
        if part not in _PARTS:
            return whole
        if part not in (LINES if rules else ()) and not (rules and part in SUMS):
            wanted.update(_PARTS[part])
    kept = [_only(line, outcome, answer) for line in whole.children if line.part in wanted]
    if not rules and not kept:
        return whole
    head = [line for line in whole.children if line.part == "head"]
    return Account(whole.text, [*head, *rules, *kept], part=whole.part)


def _rules_of(outcome: Outcome, answer: Assessment, language: Language) -> list[Account]:
    """Why each rule that the differences name did or did not apply; nothing if they are many, or no rules."""
    names = list(_rules(outcome, answer))
    if len(names) > MOST_RULES:
        return []
    try:
        accounts = [tree(answer, language, name) for name in names]
    except QuestionError:  # a line of the answer that is no rule, such as the points of affiliates
        return []
    return [line for account in accounts for line in account.children if line.part != "head"]


def _only(line: Account, outcome: Outcome, answer: Assessment) -> Account:
    """Of the indicators, those that differ; their lines stand in the answer's order."""
    if line.part != "indicators":
        return line
    names = {_named(difference) for difference in outcome.differences}
    kept = [one for name, one in zip(answer.indicators, line.children, strict=True) if name in names]
    return Account(line.text, kept or line.children, part=line.part)


def _part(difference: str) -> str:
    return difference.partition(":")[0].partition(".")[0]


def _named(difference: str) -> str:
    return difference.partition(":")[0].partition(".")[2]


# --- the rules that differ ------------------------------------------------------------------------------------


def _rules(outcome: Outcome, answer: Assessment) -> Iterator[str]:
    """The rules and lists in lines that only one of the two has: expected, or answered. Each once, in order."""
    expect, data = outcome.case.content.get("expect", {}), answer.as_dict()
    told_already: set[str] = set()
    for name in (part for part in map(_part, outcome.differences) if part in LINES and part != "unknowns"):
        for rule in _differing(expect.get(name, ()), data[name]):
            if rule not in told_already:
                told_already.add(rule)
                yield rule


def _differing(expected: Iterable[Any], actual: Iterable[Any]) -> Iterator[str]:  # Any: lines as written or as answered
    left = list(actual)
    for wanted in expected:
        found = next((line for line in left if _fits(wanted, line)), None)
        if found is None:
            yield from _rule(wanted)
        else:
            left.remove(found)
    for line in left:
        yield from _rule(line)


def _fits(wanted: Mapping[str, Any], line: Mapping[str, Any]) -> bool:  # Any: see above
    return all(key in line and same(value, line[key]) for key, value in wanted.items())


def _rule(line: Mapping[str, Any]) -> Iterator[str]:  # Any: see above
    name = line.get("rule", line.get("list"))
    if isinstance(name, str):
        yield name
