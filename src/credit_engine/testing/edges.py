"""What a policy distinguishes: the kinds and fields that it reads, and the values, days and periods that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from attrs import field, frozen

from credit_engine.days import Period
from credit_engine.policy.load import Policy
from credit_engine.policy.nodes import (
    Compare,
    EventField,
    Inside,
    Item,
    Literal,
    LookUp,
    OneOf,
    OperatorField,
    Parameter,
    Province,
    Scaled,
    Selector,
    SetTest,
    Value,
    walk,
)
from credit_engine.policy.plan import (
    DatedParameter,
    Plan,
)
from credit_engine.quantities import FieldType
from credit_engine.records import Person

OPERATOR = "operator"
SOME_PERIODS = (Period(1, "y"), Period(1, "m"), Period(0, "d"))


@frozen
class Edges:
    """`fields`: what is read of each kind (and of `operator`); `anchors`: the days by which a kind is taken anywhere.

    `values`: by name of a field (`item` for elements), what it is compared with. `hard`: fields whose absence the
    policy uses (first present, equal documents, whose law), so that filling them may change an answer for good.
    `equal`: fields whose equal values make events one (`per`). `looks_from`: days that become a viewpoint (`at`).
    """

    plan: Plan = field(repr=False)
    fields: Mapping[str, Mapping[str, FieldType]]
    anchors: Mapping[str, frozenset[str]]
    values: Mapping[str, tuple[Any, ...]]  # Any: values of the field's type
    days: tuple[date, ...]
    periods: tuple[Period, ...]
    hard: frozenset[str]
    equal: frozenset[str]
    looks_from: frozenset[str]


def edges_of(policy: Policy) -> Edges:
    """What a policy distinguishes, found once."""
    found = policy.memo.get("edges")
    if not isinstance(found, Edges):
        found = policy.memo["edges"] = _edges(policy.plan)
    return found


def _edges(plan: Plan) -> Edges:
    nodes = walk(plan)
    selectors = [node for node in nodes if isinstance(node, Selector)]
    anchors: dict[str, set[str]] = {}
    for each in selectors:
        anchors.setdefault(each.kind, set()).update(each.by)
    for admission in plan.admits.values():
        anchors.setdefault(admission.kind, {plan.kinds[admission.kind]})
    laws = [plan.law, *(rule.law for rule in plan.score.rules)] if plan.score else [plan.law]
    of_law = {name for law in laws for name in law.anchors}
    looks_from = frozenset(each.at for each in selectors if each.at is not None)
    names = {node.name for node in nodes if isinstance(node, EventField)} | of_law | looks_from
    per = (*(each.per for each in selectors), *(each.per for each in plan.admits.values()))
    equal = frozenset(node.name for node in walk(per) if isinstance(node, EventField))
    fields = {
        kind: {name: type_ for name, type_ in plan.field_types[kind].items() if name in names | by}
        for kind, by in sorted(anchors.items())
    }
    of_operator = {node.name for node in nodes if isinstance(node, OperatorField)}
    fields[OPERATOR] = {name: type_ for name, type_ in plan.field_types[OPERATOR].items() if name in of_operator}
    return Edges(
        plan,
        fields,
        {kind: frozenset(by) for kind, by in anchors.items()},
        _values(plan, nodes),
        tuple(sorted(set(_days(plan, nodes)))),
        (*dict.fromkeys((*_periods(plan, nodes), *SOME_PERIODS)),),
        frozenset(of_law | equal | {name for each in selectors if len(each.by) > 1 for name in each.by}),
        equal,
        looks_from,
    )


# --- values ---------------------------------------------------------------------------------------------------


def _values(plan: Plan, nodes: list[Any]) -> dict[str, tuple[Any, ...]]:  # Any: nodes of a plan; values of any type
    found: dict[str, dict[Any, None]] = {}
    for node in nodes:
        for left, right in _compared(node):
            name = _name_of(left)
            if name:
                scale = 1000 if isinstance(left, Scaled) else 1
                values = found.setdefault(name, {})
                values.update(dict.fromkeys(_plain(value, scale) for value in _known(plan, right)))
    found.get("operator.kind", {}).pop(Person.kind, None)  # no operator is a natural person
    return {name: tuple(values) for name, values in found.items()}


def _compared(node: Any) -> Iterator[tuple[Value, Any]]:  # Any: a node of a plan, and what it compares with
    if isinstance(node, Compare):
        yield node.left, node.right
        yield node.right, node.left
    elif isinstance(node, OneOf):
        yield from ((node.left, choice) for choice in node.choices)
    elif isinstance(node, SetTest):
        yield from ((node.left, value) for value in node.right)
        yield from ((Item(), value) for value in node.right)
    elif isinstance(node, Inside):
        yield node.left, node.region
    elif isinstance(node, LookUp):
        yield node.by, node


def _name_of(value: Any) -> str:  # Any: a node of a plan
    if isinstance(value, Scaled | Province):
        return _name_of(value.value if isinstance(value, Scaled) else value.region)
    if isinstance(value, EventField):
        return value.name
    if isinstance(value, OperatorField):
        return f"operator.{value.name}"
    return "item" if isinstance(value, Item) else ""


def _known(plan: Plan, right: Any) -> list[Any]:  # Any: a node of a plan; values of any type
    if isinstance(right, Literal):
        return [right.value]
    if isinstance(right, Parameter):
        return [step.value for step in plan.parameters[right.name].values if step.value is not None]
    if isinstance(right, LookUp):
        return [code for step in plan.parameters[right.parameter].values for code in step.value or ()]
    return []


def _plain(value: Any, scale: int) -> Any:  # Any: a value of any type
    return value // scale if scale > 1 and isinstance(value, int) and not isinstance(value, bool) else value


# --- days and periods -----------------------------------------------------------------------------------------


def _days(plan: Plan, nodes: list[Any]) -> Iterator[date]:  # Any: nodes of a plan
    yield from (node.value for node in nodes if isinstance(node, Literal) and type(node.value) is date)
    for parameter in plan.parameters.values():
        yield from (step.since for step in parameter.values if step.since.year > 2010)  # beside events
    in_force = [source.in_force for source in plan.sources.values()]
    if plan.score is not None:
        in_force += [rule.basis.own for rule in plan.score.rules if rule.basis.own is not None]
    for days in in_force:
        yield from (day for day in (days.from_day, days.until) if day is not None and day.year > 2010)  # beside events


def _periods(plan: Plan, nodes: list[Any]) -> Iterator[Period]:  # Any: nodes of a plan
    yield from (node.value for node in nodes if isinstance(node, Literal) and isinstance(node.value, Period))
    for parameter in plan.parameters.values():
        yield from (value for value in _singles(parameter) if isinstance(value, Period))


def _singles(parameter: DatedParameter) -> Iterator[Any]:  # Any: values of any type
    for step in parameter.values:
        yield from (step.value.values() if isinstance(step.value, Mapping) else (step.value,))
