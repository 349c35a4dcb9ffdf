"""What a comparison asks of its left side, in words: "be at least 50000 yuan [large fine]"."""

from __future__ import annotations

from typing import Any

from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.explaining.values import code_name, is_private, name_of, type_of
from credit_engine.assessing.scene import Frame
from credit_engine.assessing.unknown import NOT_IN_FORCE
from credit_engine.policy.nodes import (
    Compare,
    Condition,
    DayAfter,
    GradeRank,
    Inside,
    Known,
    Literal,
    OneOf,
    OwnGrade,
    SetTest,
    Value,
)
from credit_engine.quantities import DATE, FieldType

OPPOSITE = {"is": "not", "at_least": "below", "above": "at_most", "at_most": "above", "below": "at_least"}
PERIOD = FieldType("period")


def requirement(leaf: Condition, frame: Frame, telling: Telling) -> str:
    """What a leaf asks of its left side: "be at least 50000 yuan (large fine)"."""
    words = telling.words
    if isinstance(leaf, Compare):
        return _compared(leaf, frame, telling)
    if isinstance(leaf, OneOf):
        choices = words.items(_right(choice, leaf.left, frame, telling) for choice in leaf.choices)
        return words("be_none_of" if leaf.negated else "be_one_of", right=choices)
    if isinstance(leaf, SetTest):
        elements = words.items(_right(value, leaf.left, frame, telling) for value in leaf.right)
        return words(f"not_{leaf.op}" if leaf.negated else leaf.op, right=elements)
    if isinstance(leaf, Known):
        return words("be_unknown" if leaf.negated else "be_known")
    if isinstance(leaf, Inside):
        region = _right(leaf.region, leaf.left, frame, telling)
        return words("be_outside" if leaf.negated else "be_inside", right=region)
    if isinstance(leaf, GradeRank):
        label = telling.label(leaf.left.scale, leaf.label) if isinstance(leaf.left, OwnGrade) else leaf.label
        return words(f"not_{leaf.op}" if leaf.negated else leaf.op, right=label)
    return words("be", right=words("no" if getattr(leaf, "negated", False) else "yes"))


def _compared(leaf: Compare, frame: Frame, telling: Telling) -> str:
    words = telling.words
    op = OPPOSITE[leaf.op] if leaf.negated else leaf.op
    if type_of(leaf.left, frame, telling) == DATE:
        return words(f"day_{op}", right=_right(leaf.right, leaf.left, frame, telling))
    key = {"is": "be", "not": "be_not"}.get(op, f"be_{op}")
    return words(key, right=_right(leaf.right, leaf.left, frame, telling))


def _right(node: Value, left: Value, frame: Frame, telling: Telling) -> str:
    """The right side: its value, and where it comes from unless it is written down."""
    words = telling.words
    if is_private(left):
        return words("not_shown")
    value = telling.program(node)(frame)
    if isinstance(node, DayAfter):
        return _day_after(node, value, frame, telling)
    if isinstance(left, OwnGrade) and isinstance(value, str):
        return telling.label(left.scale, value)
    type_ = type_of(left, frame, telling)
    text = words.value(value, type_.of or type_, code_name(left))
    return text if isinstance(node, Literal) else words("named_right", value=text, name=name_of(node, telling))


def _day_after(node: DayAfter, value: Any, frame: Frame, telling: Telling) -> str:  # Any: a date or a special value
    words = telling.words
    period = words.value(telling.program(node.period)(frame), PERIOD)
    day = telling.program(node.day)(frame)
    return words(
        "later_by",
        end=words.value(value, DATE),
        period=period,
        name=name_of(node.day, telling),
        day=words.value(day, DATE),
    )


def stands_on_no_law(leaf: Condition, frame: Frame, telling: Telling) -> bool:
    """Whether a leaf compares with something that is not in force, so that it does not hold whatever is asked."""
    nodes = [getattr(leaf, "left", None), getattr(leaf, "right", None), getattr(leaf, "region", None)]
    return any(isinstance(node, Value) and telling.program(node)(frame) is NOT_IN_FORCE for node in nodes)
