"""What can never happen to a piece of a policy, whatever the facts: no goal of tests. Never more than is certain.

Only what follows from the piece alone is said here, by which property. What other rules make impossible, or the law,
an author explains in the policy (`gaps`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from credit_engine.days import Period
from credit_engine.policy.nodes import (
    Aggregate,
    Bounded,
    Combined,
    Compare,
    ComputedField,
    Condition,
    Constant,
    DayAfter,
    ElementAggregate,
    EntryField,
    EventField,
    Holds,
    Indicator,
    Item,
    Known,
    Listed,
    Literal,
    Node,
    OneOf,
    OperatorField,
    Otherwise,
    OwnScore,
    Parameter,
    Ratio,
    Rounded,
    Rows,
    Scaled,
    SetTest,
    Truth,
    ViewDay,
)
from credit_engine.policy.plan import Plan
from credit_engine.records import NEVER_NEGATIVE, Person
from credit_engine.testing.coverage.pieces import Leaf, Rule

ALWAYS_THERE = frozenset({"id", "party", "kind", "standing", "sequence", "revision"})
Bound = Any  # Any: a whole number, fraction or date that values never pass; `None`: there is none


def impossible(plan: Plan, piece: Leaf | Rule, want: str) -> str:
    """Why this can never happen to a piece, or nothing."""
    if isinstance(piece, Rule):
        worthless = piece.sort == "score" and piece.node.points == Literal(0)
        return "a rule of 0 points gives no reason" if worthless else ""
    node = piece.node
    if want == "only_may_hold":
        right = getattr(node, "right", None)
        if getattr(node, "left", None) == Listed() and _only_listed(piece.owner) and isinstance(right, Literal):
            return "an entry in force has the day on which it was listed"
        return never_unknown(plan, node)
    holds, fails = _constant(plan, node)
    if want == "holds":
        return holds
    if want == "neither":
        return fails
    if want == "decides_alone":
        return holds or fails
    return _beyond(plan, node, want) if isinstance(node, Compare) else ""


def _only_listed(owner: str) -> bool:
    """Whether only entries in force come here: recognition, and what says from when one could be repaired."""
    return owner.startswith("recognition.") or owner.endswith(".repair")


# --- never unknown --------------------------------------------------------------------------------------------


def never_unknown(plan: Plan, node: Condition) -> str:
    """Why a comparison is always decided, or nothing."""
    if isinstance(node, Known):
        return "whether something is known is always decided"
    if isinstance(node, Compare | OneOf) and node.left == OperatorField("kind"):
        others = (node.right,) if isinstance(node, Compare) else node.choices
        if all(each == Literal(Person.kind) for each in others):
            return "whether a party is a person is always known"
    if isinstance(node, Compare) and _is_count(plan, node.left) and any(_constant(plan, node)):
        return "it is decided for every count"
    sides: tuple[Node, ...] = ()
    if isinstance(node, Compare):
        sides = (node.left, node.right)
    elif isinstance(node, OneOf):
        sides = (node.left, *node.choices)
    elif isinstance(node, SetTest):
        sides = (node.left, *node.right)
    elif isinstance(node, Truth):
        sides = (node.left,)
    if isinstance(node, Constant):
        return "it is written in the policy"
    return _first_of_all([_always(plan, side) for side in sides])


def _first_of_all(whys: list[str]) -> str:
    """The first reason if there is one for every part, else nothing."""
    return whys[0] if whys and all(whys) else ""


def _always(plan: Plan, node: Node) -> str:
    """Why a value is always known (or not in force), or nothing."""
    if isinstance(node, Literal):
        return "it is written in the policy"
    if isinstance(node, Parameter):
        known = all(step.ended or step.value is not None for step in plan.parameters[node.name].values)
        return f"${node.name} is known on every day" if known else ""
    if isinstance(node, ViewDay):
        return "`day` is always known"
    if isinstance(node, EventField):
        return f"every record has its {node.name}" if node.name in ALWAYS_THERE and not node.declared else ""
    if isinstance(node, OperatorField):
        return "every party has its id" if node.name == "id" and not node.declared else ""
    if isinstance(node, Item):
        return "an element of a list is always there" if not node.field else ""
    if isinstance(node, EntryField):
        return "what an entry rests on is always known" if node.name == "primary" else ""
    if isinstance(node, ComputedField):
        return _always(plan, plan.computed[node.kind, node.name])
    if isinstance(node, Indicator):
        return _always(plan, plan.indicators[node.name].value)
    return _always_combined(plan, node)


def _always_combined(plan: Plan, node: Node) -> str:
    if isinstance(node, Otherwise):
        plain = isinstance(node.value, EventField | OperatorField | Item)
        return _always(plan, node.default) and "`or` stands where it is missing" if plain else ""
    if isinstance(node, Holds):
        return _decided(plan, node.condition)
    if isinstance(node, Rows):
        if node.rows[-1].condition != Constant(holds=True):
            return ""
        parts = [_decided(plan, row.condition) for row in node.rows]
        return _first_of_all([*parts, *(_always(plan, row.value) for row in node.rows)])
    if isinstance(node, Scaled):
        return _first_of_all([_always(plan, node.value), _always(plan, node.factor)])
    if isinstance(node, Rounded):
        return _always(plan, node.value)
    if isinstance(node, Bounded):
        parts = [_always(plan, each) for each in (node.value, node.low, node.high) if each is not None]
        return _first_of_all(parts)
    if isinstance(node, Combined):
        return _first_of_all([_always(plan, each) for each in node.values])
    if isinstance(node, DayAfter) and not _counts_working_days(plan, node.period):
        return _first_of_all([_always(plan, node.day), _always(plan, node.period)])
    return ""


def _decided(plan: Plan, condition: Condition) -> str:
    parts = getattr(condition, "parts", None)
    return never_unknown(plan, condition) if parts is None else _first_of_all([_decided(plan, each) for each in parts])


def _counts_working_days(plan: Plan, node: Node) -> bool:
    """Whether a period may be in working days, whose calendar ends."""
    if isinstance(node, Literal):
        values = [node.value]
    elif isinstance(node, Parameter):
        values = [step.value for step in plan.parameters[node.name].values]
    else:
        return True
    return any(not isinstance(value, Period) or value.unit == "wd" for value in values if value is not None)


# --- bounds ---------------------------------------------------------------------------------------------------


def _constant(plan: Plan, node: Condition) -> tuple[str, str]:
    """Why a comparison never holds, and why it never fails; nothing where it may."""
    if isinstance(node, Constant):
        return ("", "it is written in the policy") if node.holds else ("it is written in the policy", "")
    if isinstance(node, Known):
        why = _always(plan, node.left)
        return (why, "") if node.negated else ("", why)
    if not isinstance(node, Compare) or node.op == "is":
        return "", ""
    below, at, above = (_beyond(plan, node, want) for want in ("below", "at", "above"))
    out = {"at_least": below, "above": below and at, "at_most": above, "below": above and at}[node.op]
    never = {"at_least": at and above, "above": above, "at_most": at and below, "below": below}[node.op]
    if not _in_force(plan, node):  # outside it the comparison fails, negated or not
        return (out, "") if node.negated else (never, "")
    return (out, never) if node.negated else (never, out)


def _in_force(plan: Plan, node: Compare) -> bool:
    """Whether both sides are in force on every day that a law is asked of."""
    read = [each for side in (node.left, node.right) for each in _parameters(plan, side)]
    steps = [plan.parameters[name].values for name in read]
    return not any(each[0].since > date.min or any(step.ended for step in each) for each in steps)


def _parameters(plan: Plan, node: Node) -> list[str]:
    if isinstance(node, Parameter):
        return [node.name]
    if isinstance(node, Literal | Aggregate | EventField | Item | ViewDay | OperatorField):
        return []
    return list(plan.parameters)


def _beyond(plan: Plan, node: Compare, want: str) -> str:
    """Why the left side is never below, at or above the right one."""
    least, most = _least(plan, node.left), _most(plan, node.left)
    low, high = _least(plan, node.right), _most(plan, node.right)
    too_low = low is not None and most is not None
    too_high = high is not None and least is not None
    if want == "below" and too_high and least >= high:
        return f"it is never less than {least}"
    if want == "above" and too_low and most <= low:
        return f"it is never more than {most}"
    if want == "at" and ((too_high and least > high) or (too_low and most < low)):
        return f"it is never {'less' if too_high and least > high else 'more'} than that"
    return ""


def _is_count(plan: Plan, node: Node) -> bool:
    if isinstance(node, Indicator | ComputedField):
        return _is_count(plan, _named(plan, node))
    return isinstance(node, Aggregate | ElementAggregate) and node.op == "count"


def _least(plan: Plan, node: Node | None) -> Bound:  # noqa: C901  # a line for each sort of value
    """The value below which a value never lies."""
    if isinstance(node, Literal):
        return node.value if _is_number(node.value) or type(node.value) is date else None
    if isinstance(node, Parameter):
        return _of_steps(plan, node, min)
    if isinstance(node, EventField):
        return 0 if node.name in NEVER_NEGATIVE and not node.declared else None
    if isinstance(node, Aggregate | ElementAggregate):
        if node.or_ is not None and (_least(plan, node.or_) is None or _least(plan, node.or_) < 0):
            return None
        counts = node.op in ("count", "days_since")
        return 0 if counts or (node.of is not None and _least(plan, node.of) == 0) else None
    if isinstance(node, Scaled):
        value, factor = _least(plan, node.value), _least(plan, node.factor)
        return 0 if value == 0 and factor is not None and factor >= 0 else None
    if isinstance(node, Rounded):
        return 0 if _least(plan, node.value) == 0 else None
    if isinstance(node, Ratio):
        return 0 if _least(plan, node.numerator) == 0 == _least(plan, node.denominator) else None
    if isinstance(node, Combined):
        return 0 if all(_least(plan, each) == 0 for each in node.values) else None
    if isinstance(node, Bounded):
        return _least(plan, node.low) if node.low is not None and node.high is None else None
    if isinstance(node, OwnScore):
        return plan.score.low if plan.score is not None else None
    return _least(plan, _named(plan, node)) if isinstance(node, Indicator | ComputedField) else None


def _most(plan: Plan, node: Node | None) -> Bound:
    """The value above which a value never lies."""
    if isinstance(node, Literal):
        return node.value if _is_number(node.value) or type(node.value) is date else None
    if isinstance(node, Parameter):
        return _of_steps(plan, node, max)
    if isinstance(node, Bounded):
        return _most(plan, node.high) if node.high is not None and node.low is None else None
    if isinstance(node, OwnScore):
        return plan.score.high if plan.score is not None else None
    return _most(plan, _named(plan, node)) if isinstance(node, Indicator | ComputedField) else None


def _named(plan: Plan, node: Indicator | ComputedField) -> Node:
    return plan.indicators[node.name].value if isinstance(node, Indicator) else plan.computed[node.kind, node.name]


def _of_steps(plan: Plan, node: Parameter, pick: Any) -> Bound:  # Any: min or max
    values = [step.value for step in plan.parameters[node.name].values if not step.ended and step.value is not None]
    return pick(values) if values and all(_is_number(value) for value in values) else None


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
