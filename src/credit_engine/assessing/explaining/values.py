"""What a value is called, of which type it is, and what it is from a viewpoint, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.scene import Frame
from credit_engine.assessing.unknown import Possible
from credit_engine.policy.nodes import (
    Aggregate,
    Bounded,
    Combined,
    ComputedField,
    DayAfter,
    DecisionField,
    ElementAggregate,
    EntryField,
    EventField,
    Holds,
    Indicator,
    Item,
    Listed,
    Literal,
    LookUp,
    OnList,
    OperatorField,
    Otherwise,
    OwnGrade,
    OwnScore,
    Parameter,
    Province,
    Ratio,
    Rounded,
    Rows,
    Scaled,
    Value,
    ViewDay,
)
from credit_engine.quantities import BOOL, DATE, DECIMAL, INT, TEXT, FieldType, Thousandths

TypeOf = Callable[[Any, Frame, Telling], FieldType]  # Any: each function takes its own node


def type_of(node: Value, frame: Frame, telling: Telling) -> FieldType:
    """The type of what a node gives, as far as writing it down needs it."""
    return TYPES[type(node)](node, frame, telling)


def _always(type_: FieldType) -> TypeOf:
    return lambda _node, _frame, _telling: type_


def _literal(node: Literal, _frame: Frame, _telling: Telling) -> FieldType:
    return DECIMAL if isinstance(node.value, Thousandths) else INT


def _event_field(node: EventField, frame: Frame, telling: Telling) -> FieldType:
    return telling.field_type(frame.event.kind, node.name)


def _computed(node: ComputedField, frame: Frame, telling: Telling) -> FieldType:
    return type_of(telling.plan.computed[node.kind, node.name], frame, telling)


def _inner(node: Otherwise | Rounded | Bounded, frame: Frame, telling: Telling) -> FieldType:
    return type_of(node.value, frame, telling)


def _scaled_type(node: Scaled, frame: Frame, telling: Telling) -> FieldType:
    inner = type_of(node.value, frame, telling)
    return DECIMAL if inner == INT and node.factor == Literal(1000) else inner


def _rows_type(node: Rows, frame: Frame, telling: Telling) -> FieldType:
    return type_of(node.rows[0].value, frame, telling)


def _taken(node: Aggregate | ElementAggregate, _frame: Frame, telling: Telling) -> FieldType:
    """What is counted is a number; what is taken from an event has its field's type."""
    if node.of is None:
        return INT
    if isinstance(node, Aggregate) and isinstance(node.of, EventField):
        return telling.field_type(node.selector.kind, node.of.name)
    if isinstance(node.of, ComputedField):
        return type_of(telling.plan.computed[node.of.kind, node.of.name], _frame, telling)
    return TEXT


ENTRY_FIELDS: Mapping[str, FieldType] = {"published": DATE, "until": DATE, "last_day": DATE, "primary": BOOL}
TYPES: Mapping[type[Value], TypeOf] = {
    Literal: _literal,
    Parameter: lambda node, _frame, telling: telling.plan.parameters[node.name].type_,
    LookUp: lambda node, _frame, telling: telling.plan.parameters[node.parameter].type_,
    EventField: _event_field,
    ComputedField: _computed,
    Item: _always(TEXT),
    OperatorField: lambda node, _frame, telling: telling.field_type("operator", node.name),
    ViewDay: _always(DATE),
    Province: _always(TEXT),
    Indicator: lambda node, _frame, telling: telling.plan.indicators[node.name].type_,
    OwnScore: _always(DECIMAL),
    OwnGrade: _always(TEXT),
    DayAfter: _always(DATE),
    Aggregate: _taken,
    ElementAggregate: _taken,
    Combined: lambda node, frame, telling: type_of(node.values[0], frame, telling),
    Ratio: _always(INT),
    Holds: _always(BOOL),
    Rows: _rows_type,
    Otherwise: _inner,
    Scaled: _scaled_type,
    Rounded: _inner,
    Bounded: _inner,
    Listed: _always(DATE),
    DecisionField: lambda node, _frame, telling: telling.field_type("list_decision", node.name),
    OnList: _always(BOOL),
    EntryField: lambda node, _frame, _telling: ENTRY_FIELDS.get(node.name, TEXT),
}


def name_of(node: Value, telling: Telling, written: str = "") -> str:
    """What a value is called: the title that the policy gives, the word for a field, else the name as written."""
    words, plan = telling.words, telling.plan
    if isinstance(node, Indicator):
        return words.title(plan.indicators[node.name].title, node.name)
    if isinstance(node, Parameter | LookUp):
        name = node.name if isinstance(node, Parameter) else node.parameter
        return words.title(plan.parameters[name].title, name)
    if isinstance(node, EventField | OperatorField | ComputedField | DecisionField | EntryField):
        return words.field(node.name)
    if isinstance(node, OwnGrade):
        return words.scale(node.scale)
    if isinstance(node, OnList):
        return words("on_list", list=words.title(list_titles(telling).get(node.list, {}), node.list))
    if type(node) in _WORDS:
        return words.field(_WORDS[type(node)])
    if isinstance(node, Item):
        return words.field(node.field or "item_at_hand")
    inner = getattr(node, "value", None)
    return name_of(inner, telling, written) if isinstance(inner, Value) else written


def list_titles(telling: Telling) -> Mapping[str, Mapping[str, str]]:
    """The titles of the policy's lists, by name."""
    return {rule.name: rule.title for rule in telling.plan.lists}


_WORDS: Mapping[type[Value], str] = {ViewDay: "day", OwnScore: "own_score", Listed: "listed"}


def code_name(node: Value) -> str:
    """The field whose codes a value may be."""
    if isinstance(node, Aggregate) and node.of is not None:
        return code_name(node.of)
    if isinstance(node, EventField | OperatorField):
        return node.name
    return node.field if isinstance(node, Item) else ""


def is_private(node: Value) -> bool:
    """Whether a value is a name, which no account shows."""
    return isinstance(node, OperatorField) and node.name == "name" and not node.declared


def shown(node: Value, frame: Frame, telling: Telling) -> str:
    """What a node is from this viewpoint, in words."""
    if is_private(node):
        return telling.words("not_shown")
    value = telling.program(node)(frame)
    if isinstance(node, OwnGrade) and isinstance(value, str | Possible):
        return telling.labels(node.scale, value.labels if isinstance(value, Possible) else (value,))
    if isinstance(node, Indicator):
        indicator = telling.plan.indicators[node.name]
        return shown_value(value, indicator.value, indicator.type_, telling)
    return telling.words.value(value, type_of(node, frame, telling), code_name(node))


def shown_value(value: Any, made_of: Value, type_: FieldType, telling: Telling) -> str:  # Any: a value of the type
    """The value of an indicator; where it is missing, there was no event to take it from."""
    if value is None and isinstance(made_of, Aggregate):
        return telling.words("no_event")
    return telling.words.value(value, type_, code_name(made_of))


def operation(node: Value, frame: Frame, telling: Telling) -> list[str]:
    """What a node does to the values below it: "times 2", "at most 6"."""
    words = telling.words
    if isinstance(node, Combined):
        return [words(f"{node.op}_of")]
    if isinstance(node, Ratio):
        return [words("ratio_of")]
    type_ = type_of(node, frame, telling)
    if isinstance(node, Rounded):
        return [words("rounded", step=words.value(node.step, type_), mode=words(node.mode))]
    if isinstance(node, Bounded):
        ends = ((node.low, "bounded_low"), (node.high, "bounded_high"))
        return [
            words(key, value=words.value(telling.program(end)(frame), type_)) for end, key in ends if end is not None
        ]
    return [] if not isinstance(node, Scaled) else _scaled(node, frame, telling)


def _scaled(node: Scaled, frame: Frame, telling: Telling) -> list[str]:
    """A factor, unless it only turns counts into points."""
    words = telling.words
    if node.factor in (Literal(1000), Literal(Fraction(1, 1000))):
        return []
    factor = telling.program(node.factor)(frame)
    if isinstance(factor, Fraction) and factor.numerator == 1:
        return [words("divided", number=factor.denominator)]
    return [words("times", number=words.value(factor, type_of(node.factor, frame, telling)))]
