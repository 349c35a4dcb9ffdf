"""What is said of a broken law: the law, what was found, the rules that differ, and a policy test that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from credit_engine.testing.laws.differing import rules_that_differ
from credit_engine.testing.laws.law import Asked, Law, LawBroken
from credit_engine.testing.question import Question
from credit_engine.testing.showing import as_case, case_keys
from credit_engine.testing.vocabulary import Written

_MOST = 8  # sentences of what was found


def broken(law: Law, first: Asked, other: Asked | None, found: list[str]) -> LawBroken:
    """The error that tells of a law and the question, or two, that break it."""
    question, second = first.question, None if other is None else other.question
    lines = [f"{law}: {law.sentence}", f"policy {question.policy.name}, {question.as_of}:", *_listed(found)]
    differing = [] if other is None else rules_that_differ(first.answer, other.answer)
    if differing:
        lines += ["rules whose points differ:", *_listed(differing)]
    lines += ["as a policy test:", "", as_test(law, question, second)]
    return LawBroken("\n".join(lines), law, found, question, second)


def _listed(lines: Iterable[str]) -> list[str]:
    told = list(lines)
    more = [f"  ... and {len(told) - _MOST} more"] if len(told) > _MOST else []
    return [f"  - {line}" for line in told[:_MOST]] + more


def as_test(law: Law, question: Question, other: Question | None) -> str:
    """The question and the second one as a policy test in YAML, which fails while the law is broken."""
    keys: dict[str, Written] = {"law": named(law)}
    if other is not None:
        keys["instead"] = instead(question, other)
    return as_case(question, law.sentence.rstrip("."), **keys)


def named(law: Law) -> Written:
    """The law as a policy test names it: its name, or its name with its arguments."""
    if not law.arguments:
        return law.name
    values = tuple(law.arguments.values())
    if len(values) == 1 and not isinstance(values[0], Mapping):
        return {law.name: values[0]}
    return {law.name: dict(law.arguments)}


def instead(question: Question, other: Question) -> dict[str, Written]:
    """The keys of a policy test that differ between two questions, as the second one has them; `null`: it has none."""
    before, after = case_keys(question), case_keys(other)
    keys = [*after, *(key for key in before if key not in after)]
    return {key: after.get(key) for key in keys if key not in before or before[key] != after.get(key)}
