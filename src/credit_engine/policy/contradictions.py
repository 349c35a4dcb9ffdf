"""Whether a condition contradicts itself, whatever the values that it reads."""

from __future__ import annotations

from typing import Any

from credit_engine.policy.nodes import All, Any_, Compare, Condition, Constant, Literal, OneOf, Truth, Value


def cannot_hold(condition: Condition) -> bool:
    """Whether a condition contradicts itself: no value of what it reads makes it hold."""
    if isinstance(condition, Constant):
        return not condition.holds
    if isinstance(condition, Any_):
        return all(cannot_hold(part) for part in condition.parts)
    if not isinstance(condition, All):
        return False
    if any(cannot_hold(part) for part in condition.parts):
        return True
    lefts: dict[Value, list[Condition]] = {}
    for part in condition.parts:
        if isinstance(part, Compare | OneOf | Truth):
            lefts.setdefault(part.left, []).append(part)
    return any(_contradict(parts) for parts in lefts.values())


def _contradict(parts: list[Condition]) -> bool:
    """Whether comparisons of one value with literals leave nothing."""
    if len({part.negated for part in parts if isinstance(part, Truth)}) > 1:
        return True
    bounds = [
        (part.op, part.right.value)
        for part in parts
        if isinstance(part, Compare) and isinstance(part.right, Literal) and not part.negated
    ]
    allowed: list[set[Any]] = [{value} for op, value in bounds if op == "is"]  # Any: literals of one type
    allowed += [
        {choice.value for choice in part.choices if isinstance(choice, Literal)}
        for part in parts
        if isinstance(part, OneOf) and not part.negated and all(isinstance(choice, Literal) for choice in part.choices)
    ]
    ordered = [(op, value) for op, value in bounds if op != "is"]
    if allowed:
        return not any(all(_meets(value, *bound) for bound in ordered) for value in set.intersection(*allowed))
    lows = [(value, op == "above") for op, value in ordered if op in ("at_least", "above")]
    highs = [(value, op == "below") for op, value in ordered if op in ("at_most", "below")]
    return any(low > high or (low == high and (over or under)) for low, over in lows for high, under in highs)


def _meets(value: Any, op: str, bound: Any) -> bool:  # Any: literals of one type
    return bool(
        {"at_least": value >= bound, "above": value > bound, "at_most": value <= bound, "below": value < bound}[op]
    )
