"""Policy tests of a law: the case passes when the law holds between its question and the second one (`instead`).

law: {never_better_with: violation}
instead: {events: [...]}            # the same case with these keys replaced; null takes a key away
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from credit_engine.errors import Place, PolicyError, Problem
from credit_engine.policy.files import Map, did_you_mean, place_of, value_place_of
from credit_engine.policy.load import Policy
from credit_engine.testing.case_facts import QUESTION_KEYS, Case
from credit_engine.testing.laws.law import Answers, Asked, Law, LawError
from credit_engine.testing.laws.naming import law
from credit_engine.testing.running import question_of


def law_differences(case: Case, policy: Policy, by: Answers) -> list[str]:
    """What breaks the case's law, a sentence each. Raises `CreditEngineError` for a case that cannot be asked.

    `by`: how the engine that runs the case answers.
    """
    asked = law_of(case, policy)
    reason = asked.applies(policy)
    if reason is not None:
        raise _refused(case, f"{asked} cannot be asked: the policy {policy.name} {reason}")
    first = Asked(question_of(case, policy), by)
    second = _second(case, asked)
    other = first if second is None else Asked(question_of(second, policy), by)
    return asked.judge(first, other)


def law_of(case: Case, policy: Policy) -> Law:
    """The law that a case names: `law: NAME`, `law: {NAME: ARGUMENT}`, or `law: {NAME: {ARGUMENT: VALUE, ...}}`."""
    written: Any = case.content["law"]  # Any: as written
    name, given = (written, ()) if isinstance(written, str) else _named(case, written)
    try:
        if isinstance(given, Mapping):
            return law(name, policy, **given)
        return law(name, policy, *given)
    except LawError as error:
        place = value_place_of(case.content, "law")
        raise PolicyError([evolve(each, place=place) for each in error.problems]) from None


def _named(case: Case, written: Any) -> tuple[str, Any]:  # Any: a mapping as written, and arguments
    if not isinstance(written, Mapping) or len(written) != 1:
        raise _refused(case, f"{case.name!r}: law is a name, or a name with its arguments")
    name, argument = next(iter(written.items()))
    if isinstance(argument, Mapping):
        return str(name), {str(key): value for key, value in argument.items()}
    return str(name), () if argument is None else (argument,)


def _second(case: Case, asked: Law) -> Case | None:
    """The case with the keys of `instead`; none of a law that asks one question."""
    instead = case.content.get("instead")
    if asked.vary is None:
        if instead is not None:
            raise _refused(case, f"{case.name!r}: {asked.name} asks one question", "leave `instead` out")
        return None
    if not isinstance(instead, Map) or not instead:
        hint = "instead: {events: [...]}"
        raise _refused(case, f"{case.name!r}: {asked.name} compares with a second question", hint)
    problems = [
        Problem("unknown_key", f"`instead` has no {name!r}", place_of(instead, name), did_you_mean(name, QUESTION_KEYS))
        for name in instead
        if name not in QUESTION_KEYS
    ]
    if problems:
        raise PolicyError(problems)
    content = case.content.copy()
    if {"operator", "person"} & {name for name in instead if instead[name] is not None}:
        content.drop("operator")
        content.drop("person")
    for name in instead:
        if instead[name] is None:
            content.drop(name)
        else:
            content.take_from(instead, name)
    return evolve(case, content=content)


def _refused(case: Case, message: str, hint: str = "law: {never_better_with: violation}") -> PolicyError:
    place: Place = place_of(case.content, "law")
    return PolicyError(Problem("bad_argument", message, place, hint))
