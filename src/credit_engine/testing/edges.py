"""What a policy distinguishes: the kinds and fields that it reads, and the values, days and periods that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

from attrs import field, frozen

from credit_engine.days import Period
from credit_engine.policy.load import Policy
from credit_engine.policy.nodes import (
    Compare,
    DecisionField,
    EntryField,
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
from credit_engine.policy.plan_spreading import OverRelation, ToNamed
from credit_engine.quantities import FieldType, Thousandths
from credit_engine.records import Operator, Person, field_types

OPERATOR = "operator"
TEXTS = ("D1", "D2", "D3", "D4")
REGION_CODES = ("310115", "320505", "310000", "320500", "zone", "unheard")
SOME_PERIODS = (Period(1, "y"), Period(1, "m"), Period(0, "d"))


@frozen
class Edges:
    """`fields`: what is read of each kind (and of `operator`); `anchors`: the days by which a kind is taken anywhere.

    `values`: by name of a field (`item` for elements), what it is compared with. `hard`: fields whose absence the
    policy uses (first present, equal documents, whose law), so that filling them may change an answer for good.
    `equal`: fields whose equal values make events one (`per`). `looks_from`: days that become a viewpoint (`at`).
    `candidates`: by kind and field, values worth trying, plain ones first. `places`: regions that the policy names and
    whose codes do not say where they lie.
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
    candidates: Mapping[str, Mapping[str, tuple[Any, ...]]] = field(repr=False)  # Any: values of the field's type
    places: tuple[str, ...] = ()

    def is_declared(self, name: str) -> bool:
        """Whether a field of the party is one that the policy declares."""
        return name not in _OPERATOR_FIELDS


_OPERATOR_FIELDS = frozenset(field_types(Operator)) - {"id", "recorded", "revision"}


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
    names = {node.name for node in nodes if isinstance(node, EventField)} | of_law | looks_from | _held_on(plan)
    if plan.lists:
        anchors.setdefault("list_decision", set()).add(plan.kinds["list_decision"])
    if any(each.repair is not None for each in plan.lists):
        anchors.setdefault("rectification", set()).add(plan.kinds["rectification"])
    of_entry = {node.name for node in nodes if isinstance(node, DecisionField)} | _origin(nodes)
    per = (*(each.per for each in selectors), *(each.per for each in plan.admits.values()))
    equal = frozenset(node.name for node in walk(per) if isinstance(node, EventField))
    fields = {
        kind: {
            name: type_
            for name, type_ in plan.field_types[kind].items()
            if name in names | by | _OF_ENTRIES.get(kind, frozenset()) or (kind == "list_decision" and name in of_entry)
        }
        for kind, by in sorted(anchors.items())
    }
    of_operator = {node.name for node in nodes if isinstance(node, OperatorField)}
    fields[OPERATOR] = {name: type_ for name, type_ in plan.field_types[OPERATOR].items() if name in of_operator}
    values = _values(plan, nodes)
    return Edges(
        plan,
        fields,
        {kind: frozenset(by) for kind, by in anchors.items()},
        values,
        tuple(sorted(set(_days(plan, nodes)))),
        (*dict.fromkeys((*_periods(plan, nodes), *SOME_PERIODS)),),
        frozenset(of_law | equal | {name for each in selectors if len(each.by) > 1 for name in each.by}),
        equal,
        looks_from,
        {kind: _candidates(kind, types, values, plan) for kind, types in fields.items()},
        tuple(sorted(code for code in _named_regions(plan) if not (len(code) == 6 and code.isdigit()))),
    )


_OF_ENTRIES = {
    "list_decision": frozenset({"list", "step", "grounds", "decided"}),
    "rectification": frozenset({"of"}),
}


def _named_regions(plan: Plan) -> set[str]:
    rows = plan.recognition
    return {code for row in rows for code in (*row.hosts, *row.origins, *row.origins_inside)} | set(plan.regions)


def _origin(nodes: list[Any]) -> set[str]:  # Any: nodes of a plan
    """The fields of a decision that what is asked of its entry comes from."""
    of = {"origin": "region", "authority": "authority", "published": "published"}
    return {of[node.name] for node in nodes if isinstance(node, EntryField) and node.name in of} | {"region"}


def _held_on(plan: Plan) -> set[str]:
    """The days of an origin on which relations must hold, and the lists of persons that it names."""
    named = {branch.element.name for rule in plan.spread for branch in rule.branches if isinstance(branch, ToNamed)}
    branches = [branch for rule in plan.spread for branch in rule.branches if isinstance(branch, OverRelation)]
    return named | {node.value for node in walk([one.held_on for one in branches]) if isinstance(node, Literal)}


# --- candidates -----------------------------------------------------------------------------------------------


def _candidates(
    kind: str,
    types: Mapping[str, FieldType],
    values: Mapping[str, tuple[Any, ...]],
    plan: Plan,  # Any: values of any type
) -> dict[str, tuple[Any, ...]]:
    """By field, the values worth trying, the plain ones first; none for fields whose values are days or drawn anew."""
    prefix = "operator." if kind == OPERATOR else ""
    found = {name: _worth_trying(name, type_, values.get(prefix + name, ()), plan) for name, type_ in types.items()}
    return {name: tuple(dict.fromkeys(each)) for name, each in found.items()}


def _worth_trying(name: str, type_: FieldType, named: tuple[Any, ...], plan: Plan) -> list[Any]:  # Any: as above
    if type_.name in ("int", "money"):
        numbers = [int(each) for each in named if isinstance(each, int | Fraction) and not isinstance(each, bool)]
        near = [number + beside for number in numbers or [1] for beside in (0, 1, -1)]
        return [number for number in (*near, 0, 3) if number >= 0]
    if type_.name == "decimal":
        numbers = [int(each) for each in named if isinstance(each, int) and not isinstance(each, bool)]
        return [Thousandths(number + beside) for number in (*numbers, 9000, 0, 5125) for beside in (0, 1, -1)]
    if type_.name == "bool":
        return [True, False]
    if type_.codes:
        return [*(each for each in named if each in type_.codes), *type_.codes]
    texts = [each for each in named if isinstance(each, str)]
    if type_.name == "set" and type_.of is not None and type_.of.codes:
        codes = tuple(dict.fromkeys((*(each for each in named if each in type_.of.codes), *type_.of.codes)))
        pairs = [frozenset(pair) for pair in pairwise(codes)]
        return [*(frozenset({code}) for code in codes), *pairs, frozenset(codes[:3]), frozenset()]
    if type_.name in ("text", "party"):
        return _texts(name, type_.name, texts, plan)
    return []


def _texts(name: str, type_name: str, texts: list[str], plan: Plan) -> list[str]:
    if type_name == "party":
        return ["P2", "P3"]
    if name == "list":
        return [*(each.name for each in plan.lists), *texts]
    if "region" not in name:
        return [*texts, *TEXTS]
    tops = [*plan.regions, *texts]
    below = [f"{code[:2]}0115" for code in tops if code.isdigit() and code.endswith("0000")]
    return [*below, *tops, *REGION_CODES]


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
    bases = [rule.basis for rule in plan.score.rules] if plan.score else []
    bases += [rule.basis for rule in plan.findings] + [rule.basis for rule in plan.obligations]
    bases += [rule.basis for rule in plan.supervision] + [rule.basis for rule in plan.spread]
    own = [basis.own for basis in (*bases, *(rule.basis for rule in plan.recognition))]
    in_force += [days for days in own if days is not None]
    for days in in_force:
        yield from (day for day in (days.from_day, days.until) if day is not None and day.year > 2010)  # beside events


def _periods(plan: Plan, nodes: list[Any]) -> Iterator[Period]:  # Any: nodes of a plan
    yield from (node.value for node in nodes if isinstance(node, Literal) and isinstance(node.value, Period))
    for parameter in plan.parameters.values():
        yield from (value for value in _singles(parameter) if isinstance(value, Period))


def _singles(parameter: DatedParameter) -> Iterator[Any]:  # Any: values of any type
    for step in parameter.values:
        yield from (step.value.values() if isinstance(step.value, Mapping) else (step.value,))
