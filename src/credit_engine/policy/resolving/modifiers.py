"""What follows a value, in this order: `or`, `per`, `times`, `round`, `at_least` and `at_most`."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from credit_engine.errors import Place
from credit_engine.policy.nodes import (
    Aggregate,
    Bounded,
    ElementAggregate,
    Literal,
    Otherwise,
    Ratio,
    Rounded,
    Scaled,
)
from credit_engine.policy.places import Map, kind_of, place_of
from credit_engine.policy.resolving.context import Context, Scope
from credit_engine.policy.resolving.refusals import at, mapping, read_as, refuse, refuse_name, refuse_type
from credit_engine.policy.resolving.typed import Typed, all_alike, in_thousandths, literal, words
from credit_engine.quantities import DECIMAL, INT, MONEY, Thousandths

MODIFIERS = ("or", "per", "times", "round", "at_least", "at_most")
MODES = ("half_up", "up", "down")
_FACTOR = re.compile(r"\d{1,15}(\.\d{1,9})?|\d{1,18}\s*/\s*[1-9]\d{0,17}")
_PER_THOUSAND = Literal(Fraction(1, 1000))


def divides(raw: Any) -> bool:  # Any: a piece as written
    """Whether a `per` is a number to divide by, not fields whose equal values make events one."""
    if isinstance(raw, str):
        return raw.startswith("$") or raw[:1].isdigit()
    return not isinstance(raw, list)


def modified(context: Context, typed: Typed, data: Map, scope: Scope) -> Typed:
    """The value after everything that follows it."""
    if "or" in data and not isinstance(typed.value, Aggregate | ElementAggregate):
        default = context.read_value(context, data["or"], scope, at(data, "or"), typed.type_)
        typed = Typed(Otherwise(typed.value, default.value), typed.type_, typed.fractional or default.fractional)
    keys = [key for key in ("per", "times", "round", "at_least", "at_most") if key in data]
    if "per" in keys and not divides(data["per"]):
        if not isinstance(typed.value, Aggregate):
            raise refuse_type("a number to divide by", data["per"], at(data, "per"))
        keys.remove("per")
    if keys and not typed.is_number:
        raise refuse(
            "type_mismatch", f"`{keys[0]}` follows a number, this is {words(typed.type_)}", place_of(data, keys[0])
        )
    if "per" in keys:
        typed = _divided(context, typed, data["per"], scope, at(data, "per"))
    if "times" in keys:
        typed = _times(context, typed, data["times"], scope, at(data, "times"))
    if "round" in keys:
        typed = _rounded(context, typed, data["round"], at(data, "round"))
    return _bounded(context, typed, data, scope)


def read_factor(raw: Any, place: Place) -> Fraction:  # Any: a piece as written
    """A number without a scale: 60, 0.5 or "1/2"."""
    if isinstance(raw, int | Decimal) and not isinstance(raw, bool) and raw >= 0:
        return Fraction(raw)
    if isinstance(raw, str) and _FACTOR.fullmatch(raw.strip()):
        return Fraction(raw.replace(" ", ""))
    raise refuse(
        "wrong_type", f"expected a number that is not negative, this is {kind_of(raw)}", place, "write 60, 0.5 or 1/2"
    )


def _whole_if_it_is(factor: Fraction) -> Literal:
    return Literal(factor.numerator if factor.denominator == 1 else factor)


def _is_written_number(raw: Any) -> bool:  # Any: a piece as written
    return isinstance(raw, int | Decimal) or (isinstance(raw, str) and bool(_FACTOR.fullmatch(raw.strip())))


def _divided(context: Context, typed: Typed, raw: Any, scope: Scope, place: Place) -> Typed:  # Any: as written
    if _is_written_number(raw):
        divisor = read_factor(raw, place)
        if not divisor:
            raise refuse("wrong_type", "a division by 0", place)
        return Typed(Scaled(typed.value, _whole_if_it_is(1 / divisor)), typed.type_, fractional=True)
    if typed.type_ == MONEY and isinstance(raw, str) and not raw.startswith("$"):
        fen = literal(raw, MONEY, place).value
        if not isinstance(fen, Literal) or fen.value <= 0:
            raise refuse("wrong_type", "expected an amount above 0", place)
        return Typed(Scaled(typed.value, Literal(Fraction(1, fen.value))), INT, fractional=True)
    below = context.read_value(context, raw, scope, place)
    if below.type_.name == "decimal" and typed.type_.name == "int":
        typed = in_thousandths(typed)
    if below.type_.name not in ("int", typed.type_.name):
        raise refuse("scale_mismatch", f"{words(typed.type_)} cannot be divided by {words(below.type_)}", place)
    type_ = typed.type_ if below.type_.name == "int" else INT
    return Typed(Ratio(typed.value, below.value), type_, fractional=True)


def _times(context: Context, typed: Typed, raw: Any, scope: Scope, place: Place) -> Typed:  # Any: as written
    if _is_written_number(raw):
        factor = read_factor(raw, place)
        fractional = typed.fractional or factor.denominator != 1
        return Typed(Scaled(typed.value, _whole_if_it_is(factor)), typed.type_, fractional)
    by = context.read_value(context, raw, scope, place)
    if not by.is_number or (typed.type_ == MONEY and by.type_ == MONEY):
        raise refuse("scale_mismatch", f"{words(typed.type_)} times {words(by.type_)}", place)
    fractional = typed.fractional or by.fractional
    node = Scaled(typed.value, by.value)
    if INT in (typed.type_, by.type_):
        return Typed(node, by.type_ if typed.type_ == INT else typed.type_, fractional)
    type_ = MONEY if MONEY in (typed.type_, by.type_) else DECIMAL
    return Typed(Scaled(node, _PER_THOUSAND), type_, fractional=True)


def _rounded(context: Context, typed: Typed, raw: Any, place: Place) -> Typed:  # Any: a piece as written
    data = mapping(raw, "`round`", place, "write round: {to: 0.1, mode: half_up}")
    context.problems.check_keys(data, ("to", "mode"), "`round`")
    for key in ("to", "mode"):
        if key not in data:
            raise refuse("missing_key", f"`{key}` is missing", place, "write round: {to: 0.1, mode: half_up}")
    if data["mode"] not in MODES:
        raise refuse_name("wrong_type", "way to round", data["mode"], MODES, at(data, "mode"))
    if typed.type_ == MONEY:
        step = literal(data["to"], MONEY, at(data, "to")).value
        internal = step.value if isinstance(step, Literal) else 0
    else:
        thousandths = read_as(Thousandths.read, data["to"], at(data, "to"))
        if typed.type_ == INT and thousandths % 1000:
            typed = in_thousandths(typed)
        internal = thousandths if typed.type_ == DECIMAL else thousandths // 1000
    if internal <= 0:
        raise refuse("wrong_type", "a step is more than 0", at(data, "to"))
    return Typed(Rounded(typed.value, Fraction(internal), data["mode"]), typed.type_)


def _bounded(context: Context, typed: Typed, data: Map, scope: Scope) -> Typed:
    keys = [key for key in ("at_least", "at_most") if key in data]
    read = {
        key: context.read_value(context, data[key], scope, at(data, key)) for key in keys if not _is_literal(data[key])
    }
    typed, *others = all_alike([typed, *read.values()], [data.place, *(at(data, key) for key in read)])
    ends = dict(zip(read, others, strict=True))
    for key in keys:
        if key not in ends:
            ends[key] = literal(data[key], typed.type_, at(data, key), fractional=typed.fractional)
    if not ends:
        return typed
    low, high = (ends[key].value if key in ends else None for key in ("at_least", "at_most"))
    fractional = typed.fractional or any(end.fractional for end in ends.values())
    return Typed(Bounded(typed.value, low, high), typed.type_, fractional)


def _is_literal(raw: Any) -> bool:  # Any: a piece as written
    return not isinstance(raw, Map) and not (isinstance(raw, str) and raw.startswith("$"))
