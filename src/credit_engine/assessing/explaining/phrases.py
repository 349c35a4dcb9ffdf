"""The two sides of a comparison in words: what something is called, what it is, and what it must be."""

from __future__ import annotations

from typing import Any

from credit_engine.assessing.explaining.looking import Look
from credit_engine.assessing.scene import Frame
from credit_engine.assessing.unknown import NOT_IN_FORCE
from credit_engine.policy.plan import (
    Aggregate,
    Bounded,
    Combined,
    Compare,
    ComputedField,
    Condition,
    DayAfter,
    ElementAggregate,
    EventField,
    GradeRank,
    Holds,
    Indicator,
    Inside,
    Item,
    Known,
    Literal,
    LookUp,
    OneOf,
    OperatorField,
    Otherwise,
    OwnGrade,
    OwnScore,
    Parameter,
    Province,
    Rounded,
    Rows,
    Scaled,
    SetTest,
    Truth,
    Value,
    ViewDay,
)
from credit_engine.quantities import BOOL, DATE, DECIMAL, INT, TEXT, FieldType

Leaf = Compare | OneOf | SetTest | Known | Inside | Truth | GradeRank
OPPOSITE = {"is": "not", "at_least": "below", "above": "at_most", "at_most": "above", "below": "at_least"}
PERIOD = FieldType("period")


def type_of(node: Value, frame: Frame, look: Look) -> FieldType:
    """The type of what a node gives, as far as writing it down needs it."""
    plan = look.plan
    if isinstance(node, EventField):
        return look.field_type(frame.event.kind, node.name)
    if isinstance(node, OperatorField):
        return look.field_type("operator", node.name)
    if isinstance(node, Item):
        return TEXT
    if isinstance(node, Parameter):
        return plan.parameters[node.name].type_
    if isinstance(node, LookUp):
        return plan.parameters[node.parameter].type_
    if isinstance(node, Indicator):
        return plan.indicators[node.name].type_
    if isinstance(node, ComputedField):
        return type_of(plan.computed[node.kind, node.name], frame, look)
    if isinstance(node, ViewDay | DayAfter):
        return DATE
    if isinstance(node, OwnScore):
        return DECIMAL
    if isinstance(node, Holds):
        return BOOL
    return _type_of_more(node, frame, look)


def _type_of_more(node: Value, frame: Frame, look: Look) -> FieldType:
    if isinstance(node, Scaled):
        inner = type_of(node.value, frame, look)
        return DECIMAL if inner == INT and node.factor == Literal(1000) else inner
    if isinstance(node, Bounded | Rounded | Otherwise):
        return type_of(node.value, frame, look)
    if isinstance(node, Combined):
        return type_of(node.values[0], frame, look)
    if isinstance(node, Rows):
        return type_of(node.rows[0].value, frame, look)
    if isinstance(node, Aggregate | ElementAggregate):
        return INT if node.of is None else _taken_type(node, frame, look)
    if isinstance(node, Literal):
        return DECIMAL if type(node.value).__name__ == "Thousandths" else INT
    return INT if not isinstance(node, OwnGrade | Province) else TEXT


def _taken_type(node: Aggregate | ElementAggregate, frame: Frame, look: Look) -> FieldType:
    of = node.of
    if isinstance(node, Aggregate) and isinstance(of, EventField):
        return look.field_type(node.selector.kind, of.name)
    if isinstance(of, ComputedField):
        return type_of(look.plan.computed[of.kind, of.name], frame, look)
    return TEXT if isinstance(of, Item) or of is None else type_of(of, frame, look)


def name_of(node: Value, look: Look, written: str = "") -> str:
    """What a value is called: the title that the policy gives, the word for a field, else the name as written."""
    words, plan = look.words, look.plan
    if isinstance(node, Indicator):
        return words.title(plan.indicators[node.name].title, node.name)
    if isinstance(node, Parameter):
        return words.title(plan.parameters[node.name].title, node.name)
    if isinstance(node, LookUp):
        return words.title(plan.parameters[node.parameter].title, node.parameter)
    if isinstance(node, EventField | OperatorField | ComputedField):
        return words.field(node.name)
    if isinstance(node, Item):
        return words.field(node.field or "item_at_hand")
    if isinstance(node, ViewDay):
        return words.field("day")
    if isinstance(node, OwnScore):
        return words.field("own_score")
    if isinstance(node, OwnGrade):
        return (
            words("in_brackets", text=words.field("grade"), more=node.scale)
            if node.scale != "grade"
            else words.field("grade")
        )
    inner = getattr(node, "value", None)
    return name_of(inner, look, written) if isinstance(inner, Value) else written


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


def shown(node: Value, frame: Frame, look: Look) -> str:
    """What a node is from this viewpoint, in words."""
    if is_private(node):
        return look.words("not_shown")
    value = look.program(node)(frame)
    if isinstance(node, OwnGrade) and isinstance(value, str):
        return look.label(node.scale, value)
    if isinstance(node, Indicator):
        indicator = look.plan.indicators[node.name]
        return shown_value(value, indicator.value, indicator.type_, look)
    return look.words.value(value, type_of(node, frame, look), code_name(node))


def shown_value(value: Any, made_of: Value, type_: FieldType, look: Look) -> str:  # Any: a value of the type
    """The value of an indicator; where it is missing, there was no event to take it from."""
    if value is None and isinstance(made_of, Aggregate):
        return look.words("no_event")
    return look.words.value(value, type_, code_name(made_of))


# --- what is required -----------------------------------------------------------------------------------------


def requirement(leaf: Condition, frame: Frame, look: Look) -> str:
    """What a leaf asks of its left side: "be at least 50000 yuan (large fine)"."""
    words = look.words
    if isinstance(leaf, Compare):
        return _compared(leaf, frame, look)
    if isinstance(leaf, OneOf):
        choices = words.items(_right(choice, leaf.left, frame, look) for choice in leaf.choices)
        return words("be_none_of" if leaf.negated else "be_one_of", right=choices)
    if isinstance(leaf, SetTest):
        elements = words.items(_right(value, leaf.left, frame, look) for value in leaf.right)
        return words(f"not_{leaf.op}" if leaf.negated else leaf.op, right=elements)
    if isinstance(leaf, Known):
        return words("be_unknown" if leaf.negated else "be_known")
    if isinstance(leaf, Inside):
        region = _right(leaf.region, leaf.left, frame, look)
        return words("be_outside" if leaf.negated else "be_inside", right=region)
    if isinstance(leaf, GradeRank):
        label = look.label(leaf.left.scale, leaf.label) if isinstance(leaf.left, OwnGrade) else leaf.label
        return words(f"not_{leaf.op}" if leaf.negated else leaf.op, right=label)
    return words("be", right=words("no" if getattr(leaf, "negated", False) else "yes"))


def _compared(leaf: Compare, frame: Frame, look: Look) -> str:
    words = look.words
    op = OPPOSITE[leaf.op] if leaf.negated else leaf.op
    if type_of(leaf.left, frame, look) == DATE:
        return words(f"day_{op}", right=_right(leaf.right, leaf.left, frame, look))
    key = {"is": "be", "not": "be_not"}.get(op, f"be_{op}")
    return words(key, right=_right(leaf.right, leaf.left, frame, look))


def _right(node: Value, left: Value, frame: Frame, look: Look) -> str:
    """The right side: its value, and where it comes from unless it is written down."""
    words = look.words
    if is_private(left):
        return words("not_shown")
    value = look.program(node)(frame)
    if isinstance(node, DayAfter):
        return _day_after(node, value, frame, look)
    if isinstance(left, OwnGrade) and isinstance(value, str):
        return look.label(left.scale, value)
    type_ = type_of(left, frame, look)
    text = words.value(value, type_.of or type_, code_name(left))
    return text if isinstance(node, Literal) else words("named_right", value=text, name=name_of(node, look))


def _day_after(node: DayAfter, value: Any, frame: Frame, look: Look) -> str:  # Any: a date or a special value
    words = look.words
    period = words.value(look.program(node.period)(frame), PERIOD)
    day = look.program(node.day)(frame)
    return words(
        "later_by",
        end=words.value(value, DATE),
        period=period,
        name=name_of(node.day, look),
        day=words.value(day, DATE),
    )


def stands_on_no_law(leaf: Condition, frame: Frame, look: Look) -> bool:
    """Whether a leaf compares with something that is not in force, so that it does not hold whatever is asked."""
    nodes = [getattr(leaf, "left", None), getattr(leaf, "right", None), getattr(leaf, "region", None)]
    return any(isinstance(node, Value) and look.program(node)(frame) is NOT_IN_FORCE for node in nodes)
