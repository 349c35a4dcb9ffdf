"""What rules of every section have in common: their event, `when`, title, basis, id, and the parameters they read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from credit_engine.policy.nodes import (
    ComputedField,
    Condition,
    Constant,
    Indicator,
    LookUp,
    Parameter,
    Selector,
    walk,
)
from credit_engine.policy.places import Map, shown
from credit_engine.policy.resolving.context import Context, Scope
from credit_engine.policy.resolving.refusals import refuse
from credit_engine.policy.resolving.selectors import RULE_KEYS, Chosen, chosen, selector
from credit_engine.policy.writing import Written
from credit_engine.policy.written import AdjustmentWritten, ScoreRuleWritten
from credit_engine.policy.written_following import (
    FindingWritten,
    ListWritten,
    MeasureWritten,
    ObligationWritten,
    SupervisionWritten,
)
from credit_engine.policy.written_spreading import RecognitionWritten, SpreadWritten

Rule = (
    ScoreRuleWritten
    | AdjustmentWritten
    | SpreadWritten
    | RecognitionWritten
    | FindingWritten
    | ObligationWritten
    | SupervisionWritten
)
Titled = Rule | ListWritten | MeasureWritten
_RULE_ID = re.compile(r"[a-z0-9_.-]+")


def events_of(context: Context, which: Chosen, written: Written) -> Selector:
    """The events that a rule with `each` looks at."""
    keys = Map(place=written.place())
    for key in RULE_KEYS:
        if written.has(key):
            keys.take_from(written.raw, key)
    return selector(context, which, keys, Scope(kind=which.kind))


def whole_event(context: Context, written: Written, what: str) -> Chosen:
    """The kind behind `each`, where no elements of a list can be meant."""
    place = written.place("each")
    which = chosen(context, written.raw["each"], place)
    if which.element is not None:
        message = f"{what} looks at a whole event, not at the elements of a list"
        raise refuse("wrong_type", message, place, f"write each: {which.kind}, and ask for elements in `where`")
    return which


def refuse_without_event(written: Written, keys: tuple[str, ...] = ()) -> None:
    """Refuse what only an event can answer, in a rule without `each`."""
    for key in (*RULE_KEYS, *keys):
        if written.has(key):
            message = f"`{key}` without `each`: there is no event"
            raise refuse("needs_event", message, written.key_place(key), "write `each: KIND`, or use `when`")


def read_when(context: Context, written: Written, scope: Scope) -> Condition:
    """The condition `when`; always, if none is written."""
    if not written.has("when"):
        return Constant(holds=True)
    place = written.place("when")
    return context.read_condition(context, written.raw["when"], scope.when(place), place)


def title_of(written: Titled, name: str) -> dict[str, str]:
    """The title; without one the name in both languages."""
    return written.title.as_dict() or {"zh": name, "en": name}


def check_basis(written: ScoreRuleWritten | SpreadWritten | FindingWritten | ObligationWritten) -> None:
    """Refuse a rule that cites nothing."""
    if not written.basis:
        hint = "name its sources: basis: [ID]"
        raise refuse("no_basis", f"the rule {shown(written.rule)} cites no basis", written.place(), hint)


def check_unique(context: Context, rules: Sequence[Rule], what: str) -> None:
    """Note ids that stand twice, and ids that are not written as ids are."""
    seen: set[str] = set()
    for rule in rules:
        name, place = rule.rule, rule.place("rule")
        if name in seen:
            context.problems.tell(
                "duplicate_rule", f"there is another {what} {shown(name)}", place, "give it another id"
            )
        if not _RULE_ID.fullmatch(name):
            context.problems.tell(
                "bad_name", f"{shown(name)} cannot be the id of a rule", place, "use a-z, 0-9, _ . and -"
            )
        seen.add(name)


def parameters_of(context: Context, pieces: object) -> tuple[str, ...]:
    """The parameters that pieces read anywhere, through computed fields and indicators too; sorted."""
    names: set[str] = set()
    seen: set[object] = set()
    stack = [pieces]
    while stack:
        for node in walk(stack.pop()):
            if isinstance(node, Parameter):
                names.add(node.name)
            elif isinstance(node, LookUp):
                names.add(node.parameter)
            elif isinstance(node, ComputedField) and (node.kind, node.name) not in seen:
                seen.add((node.kind, node.name))
                stack.append(context.computed[node.kind, node.name])
            elif isinstance(node, Indicator) and node.name not in seen:
                seen.add(node.name)
                resolved = context.indicators[node.name]
                stack.append(resolved.named if resolved is not None else None)
    return tuple(sorted(names))
