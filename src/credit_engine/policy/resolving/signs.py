"""Whether a value can be below 0: an unknown one that cannot lies between nothing and the limit on one side only."""

from __future__ import annotations

from fractions import Fraction

from credit_engine.policy.nodes import (
    Aggregate,
    Bounded,
    Combined,
    ComputedField,
    ElementAggregate,
    EventField,
    Indicator,
    Literal,
    LookUp,
    Otherwise,
    Parameter,
    Ratio,
    Rounded,
    Rows,
    Scaled,
    Value,
)
from credit_engine.policy.plan import (
    DatedParameter,
)
from credit_engine.policy.resolving.context import Context
from credit_engine.records import NEVER_NEGATIVE


def never_negative(context: Context, value: Value | None) -> bool:
    """Whether every value this can take, but the unknown, is 0 or more; `None` (no value) counts as such."""
    if value is None:
        return True
    if isinstance(value, Literal):
        return not isinstance(value.value, int | Fraction) or value.value >= 0
    if isinstance(value, Parameter):
        return not negative_days(context.parameters[value.name])
    if isinstance(value, LookUp):
        return not negative_days(context.parameters[value.parameter])
    if isinstance(value, EventField):
        return not value.declared and value.name in NEVER_NEGATIVE
    if isinstance(value, ComputedField):
        computed = context.computed[value.kind, value.name]
        return computed is not None and never_negative(context, computed.value)
    if isinstance(value, Indicator):
        resolved = context.indicators[value.name]
        return resolved is not None and never_negative(context, resolved.named.value)
    if isinstance(value, Bounded):
        return _bounded_from_below(context, value)
    return all(never_negative(context, part) for part in _parts(value))


def _bounded_from_below(context: Context, value: Bounded) -> bool:
    low = value.low is not None and never_negative(context, value.low)
    return (low or never_negative(context, value.value)) and never_negative(context, value.high)


def _parts(value: Value) -> tuple[Value | None, ...]:
    """The values of which none may be below 0; a part that always may be stands for what is not known here."""
    if isinstance(value, Aggregate | ElementAggregate):
        return (value.or_,) if value.op in ("count", "days_since") else (value.of, value.or_)
    if isinstance(value, Combined):
        return value.values
    if isinstance(value, Ratio):
        return (value.numerator, value.denominator)
    if isinstance(value, Scaled):
        return (value.value, value.factor)
    if isinstance(value, Rounded):
        return (value.value,)
    if isinstance(value, Otherwise):
        return (value.value, value.default)
    if isinstance(value, Rows):
        return tuple(row.value for row in value.rows)
    return (Literal(-1),)


def negative_days(parameter: DatedParameter) -> list[object]:
    """The days since which a parameter is below 0, somewhere in its table if it is one."""
    return [
        dated.since
        for dated in parameter.values
        if any(isinstance(each, int) and each < 0 for each in _singles(dated.value))
    ]


def _singles(value: object) -> list[object]:
    return list(value.values()) if isinstance(value, dict) else [value]
