"""Comparisons beside others of the same value: what the others leave of their sides."""

from __future__ import annotations

from datetime import date

from credit_engine.policy.nodes import (
    Aggregate,
    All,
    Any_,
    Bounded,
    Combined,
    Compare,
    ComputedField,
    Condition,
    EventField,
    Holds,
    Indicator,
    Item,
    Known,
    Literal,
    LookUp,
    Node,
    OneOf,
    OperatorField,
    Otherwise,
    Parameter,
    Ratio,
    Rounded,
    Scaled,
    SetTest,
    Truth,
    children,
    walk,
)
from credit_engine.policy.plan import Plan
from credit_engine.testing.coverage.pieces import Leaf, Pieces


def settled_above(pieces: Pieces) -> set[int]:
    """The leaves whose left side is asked for, by itself, in a row above: where it is not known, that row is open."""
    found: set[int] = set()
    above: dict[int, list[tuple[Node, date]]] = {}
    for decision in pieces.decisions:
        if decision.row is None:
            continue
        row = pieces.rows[decision.row]
        asked = above.setdefault(row.table, [])
        for leaf in decision.leaves:
            left, since = _asks(pieces.plan, leaf)
            if any(left == one and day <= since for one, day in asked):
                found.add(leaf.number)
        if len(decision.leaves) == 1 and not row.skips:
            left, since = _asks(pieces.plan, decision.leaves[0])
            if left is not None:
                asked.append((left, since))
    return found


def guards(pieces: Pieces) -> set[int]:
    """The leaves that ask whether something is known, beside one that asks for it: they never decide alone.

    Where it is not known, the other one is open, so that turning this one alone leaves the whole open.
    """
    found: set[int] = set()
    for decision in pieces.decisions:
        numbers = {id(leaf.node): leaf.number for leaf in decision.leaves}
        for node in walk(decision.node):
            if isinstance(node, All | Any_):
                found |= {
                    numbers[id(part)]
                    for part in node.parts
                    if isinstance(part, Known) and part.negated is isinstance(node, Any_) and id(part) in numbers
                    if any(_is_open_with(pieces.plan, part, other) for other in node.parts)
                }
    return found


def _is_open_with(plan: Plan, guard: Known, other: Condition) -> bool:
    """Whether a comparison is open wherever the value of a guard is not known."""
    if not isinstance(other, Compare | OneOf | SetTest | Truth) or other.left != guard.left:
        return False
    reads_law = any(isinstance(node, Parameter | LookUp) for node in walk(children(other)[1:]))
    return not reads_law and _is_whole(plan, guard.left)


def _asks(plan: Plan, leaf: Leaf) -> tuple[Node | None, date]:
    """What a comparison reads, and since when its right side has a value; nothing where more than that decides it."""
    node = leaf.node
    right: tuple[Node, ...]
    if isinstance(node, Compare):
        right = (node.right,)
    elif isinstance(node, OneOf):
        right = node.choices
    elif isinstance(node, SetTest):
        right = node.right
    else:
        return None, date.max
    days = [_since(plan, each) for each in right]
    since = max((day for day in days if day is not None), default=date.min)
    if None in days or not _is_whole(plan, node.left) or node.left == OperatorField("kind"):
        return None, date.max
    return node.left, since


def _since(plan: Plan, node: Node) -> date | None:
    """Since when a right side has a value, once and for all and known; none where it may lack one."""
    if isinstance(node, Literal):
        return date.min
    if not isinstance(node, Parameter):
        return None
    steps = plan.parameters[node.name].values
    lacks = any(step.ended or step.value is None for step in steps)
    return None if lacks else steps[0].since


def _is_whole(plan: Plan, node: Node) -> bool:
    """Whether a value is known or not, and never a range of which a comparison may still be told."""
    if isinstance(node, Indicator):
        return _is_whole(plan, plan.indicators[node.name].value)
    if isinstance(node, ComputedField):
        return _is_whole(plan, plan.computed[node.kind, node.name])
    if isinstance(node, Rounded | Scaled | Bounded):
        return _is_whole(plan, node.value)
    if isinstance(node, Aggregate):
        parts = [part for part in (node.of, node.or_) if part is not None]
        return node.op != "count" and all(_is_whole(plan, part) for part in parts)
    if isinstance(node, Combined | Otherwise):
        parts = list(node.values) if isinstance(node, Combined) else [node.value, node.default]
        return all(_is_whole(plan, part) for part in parts)
    return isinstance(node, Literal | LookUp | EventField | OperatorField | Item | Ratio | Holds)
