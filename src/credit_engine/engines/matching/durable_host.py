"""durable_rules under its guard profile; the only file that imports it, and not before a session asks for it.

One host for one policy and session, without its background thread. A fact is asserted alone, into a context that is
deleted at once; actions do nothing but note the name of their rule. What could make the C code hang or confuse two
names is refused before it is called. Nothing here decides: every firing is compared with the plain engine.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from credit_engine.engines.matching.terms import Constant, Op
from credit_engine.errors import EngineError, PolicyError, Problem, QuestionError

MOST_CONDITIONS = 16  # of one rule: above, an error of the C code or worse
MOST_NODES = 400  # of one ruleset: at about 510 creating it never returns, and holds the interpreter lock
MOST_PROPERTIES = 60  # of one ruleset, and so of a fact: a fact with 65 is refused (error 303)
CONTEXT = "1"  # the one context in use; contexts are told apart by a 32-bit hash only, and are at most 1,024
GROUP = "k"  # the property that says of which group a fact is, so that every rule has a positive test
UNMATCHED = "none"  # the rule that takes every fact, for one that nothing takes raises
RESERVED = ("id", "sid", GROUP, "$s")

Condition = tuple[str, Op, Constant]
Rules = Mapping[str, tuple[int, Sequence[Condition]]]  # by name: the group, and what its fact must satisfy

_OPERATORS: Mapping[Op, str] = {
    "is_not": "$neq",
    "at_least": "$gte",
    "above": "$gt",
    "at_most": "$lte",
    "below": "$lt",
}


def fnv1a_32(name: str) -> int:
    """The hash by which durable_rules tells names apart: nothing else of a name is kept."""
    value = 2166136261
    for byte in name.encode():
        value = (value ^ byte) * 16777619 % 2**32
    return value


def confused(names: Sequence[str]) -> list[str]:
    """The names that it could take for others."""
    by_hash: dict[int, list[str]] = {}
    for name in dict.fromkeys(names):
        by_hash.setdefault(fnv1a_32(name), []).append(name)
    return [name for group in by_hash.values() if len(group) > 1 for name in group]


@cache
def load() -> tuple[Any, Any]:  # Any: the modules durable.engine and durable_rules_engine
    """The two modules of durable_rules; raises `QuestionError` (`durable_missing`) where it cannot be imported.

    From Python 3.13 on it refers to a function that is gone, in a call-back that is never used: bound when called, not
    when loaded, it works.
    """
    flags = sys.getdlopenflags()
    sys.setdlopenflags(os.RTLD_LAZY)
    try:
        import durable_rules_engine as native  # noqa: PLC0415  # costs, and may be missing
        from durable import engine  # noqa: PLC0415
    except ImportError as error:
        hint = 'install durable-rules (it needs a C compiler), or give matcher="plain"'
        message = f"durable_rules cannot be imported here: {error}"
        raise QuestionError(Problem("durable_missing", message, hint=hint)) from error
    finally:
        sys.setdlopenflags(flags)
    engine._unix_now = _no_clock  # noqa: SLF001  # asks for the time in a way that newer Pythons warn of
    return engine, native


def _no_clock() -> float:
    """Its leases of actions never run out: ours are over at once."""
    return 0.0


@cache
def _host_class() -> Any:  # Any: a class of a library without types
    engine, _ = load()

    host: Any = engine.Host  # Any: as above

    class QuietHost(host):  # type: ignore[misc]  # of a library without types
        """A host without the thread that would run actions late, or twice at once."""

        def _run(self) -> None:
            """Start nothing."""

    return QuietHost


def definition(rules: Rules) -> dict[str, dict[str, Any]]:  # Any: JSON
    """A ruleset as durable_rules reads it, without its actions."""
    found: dict[str, dict[str, Any]] = {}  # Any: JSON
    for name, (group, conditions) in rules.items():
        tests = [{GROUP: group}, *(_written(*condition) for condition in conditions)]
        found[name] = {"all": [{"m": {"$and": tests}}]}
    found[UNMATCHED] = {"all": [{"m": {"$ex": {GROUP: 1}}}]}
    return found


def _written(name: str, op: Op, bound: Constant) -> dict[str, Any]:  # Any: JSON
    return {name: bound} if op == "is" else {_OPERATORS[op]: {name: bound}}


def check(name: str, rules: Rules) -> None:
    """Refuse a ruleset that the C code could not bear, or would read wrongly; raises `PolicyError`."""
    properties = {condition[0] for _, conditions in rules.values() for condition in conditions}
    nodes = sum(len(conditions) + 2 for _, conditions in rules.values()) + 2
    longest = max((len(conditions) + 1 for _, conditions in rules.values()), default=0)
    for what, there, most in (
        ("conditions in a rule", longest, MOST_CONDITIONS),
        ("nodes", nodes, MOST_NODES),
        ("properties", len(properties), MOST_PROPERTIES),
    ):
        if there > most:
            message = f"the ruleset {name} has {there} {what}, more than {most}"
            raise PolicyError(Problem("ruleset_too_large", message, hint='give matcher="plain"'))
    mistaken = confused([*properties, *RESERVED])
    if mistaken or properties & set(RESERVED):
        message = f"the ruleset {name} has names that durable_rules takes for each other: {', '.join(mistaken)}"
        raise PolicyError(Problem("names_collide", message, hint='give matcher="plain"'))


class Rulesets:
    """The rulesets of one policy in one session, ready to be asked."""

    def __init__(self, rulesets: Mapping[str, Rules]) -> None:
        """Make them. Raises `PolicyError` and `QuestionError` before any C code is called."""
        for each, rules in rulesets.items():
            check(each, rules)
        self._native = load()[1]
        self._rulesets = rulesets
        self._fired: list[str] = []
        self._facts = 0
        self._host = _host_class()()
        self._has_context: set[str] = set()
        self._register()

    def _register(self) -> None:
        try:
            for each, rules in self._rulesets.items():
                whole = definition(rules)
                for rule, written in whole.items():
                    written["run"] = self._noting(rule)
                self._host.register_rulesets({each: whole})
        except BaseException:
            self.close()
            raise
        self._is_clean = True

    def _noting(self, rule: str) -> Callable[[object], None]:
        fired = self._fired

        def note(_closure: object) -> None:
            fired.append(rule)

        return note

    def match(self, ruleset: str, group: int, fact: Mapping[str, Constant]) -> frozenset[str]:
        """The names of the rules that a fact fires, each once however many of its ways are true."""
        if not self._is_clean:  # a fact before failed or was interrupted: its actions may be waiting there
            self.close()
            self._host = _host_class()()
            self._register()
        self._is_clean = False
        self._fired.clear()
        self._facts += 1
        whole = {**fact, GROUP: group, "id": self._facts, "sid": CONTEXT}
        try:
            state = self._host.assert_fact(ruleset, whole)
            self._has_context.add(ruleset)
        except Exception as error:
            raise _failed(ruleset, f"{type(error).__name__}: {error}", whole) from error
        fired = frozenset(self._fired)
        self._has_context.discard(ruleset)  # first: if interrupted here it is lost, and never deleted twice
        self._host.delete_state(ruleset, CONTEXT)
        if state is None or "exception" in state:
            raise _failed(ruleset, str((state or {}).get("exception", "it has run no action")), whole)
        if UNMATCHED not in fired:
            raise _failed(ruleset, "the rule that takes every fact has not taken this one", whole)
        self._is_clean = True
        return fired - {UNMATCHED}

    def close(self) -> None:
        """Give all memory back; without the contexts deleted first, a ruleset keeps its own."""
        made = self._host._ruleset_directory  # noqa: SLF001  # there is no other way
        while made:
            name, ruleset = made.popitem()
            if name in self._has_context:
                self._has_context.discard(name)
                ruleset.delete_state(CONTEXT)
            self._native.delete_ruleset(ruleset._handle)  # noqa: SLF001
        self._host._ruleset_list.clear()  # noqa: SLF001


def _failed(ruleset: str, why: str, fact: Mapping[str, Constant]) -> EngineError:
    return EngineError(Problem("durable_failed", f"durable_rules failed on the ruleset {ruleset}: {why}; fact {fact}"))
