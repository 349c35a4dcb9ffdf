"""Conditions as written, into negation normal form: `not` is pushed down to the leaves, where it is `negated`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from attrs import frozen

from credit_engine.errors import Place
from credit_engine.policy.nodes import (
    All,
    Any_,
    Compare,
    Condition,
    Constant,
    DayAfter,
    GradeRank,
    Inside,
    Known,
    OneOf,
    OwnGrade,
    SetTest,
    Truth,
    Value,
)
from credit_engine.policy.places import Map, did_you_mean, shown
from credit_engine.policy.resolving.context import Context, Scope
from credit_engine.policy.resolving.names import read_name
from credit_engine.policy.resolving.refusals import at, elements, mapping, refuse, refuse_type
from credit_engine.policy.resolving.typed import ORDERED, PERIOD, Typed, alike, fit, literal, words
from credit_engine.quantities import DATE, TEXT

ORDER_TESTS = ("at_least", "above", "at_most", "below")
SET_TESTS = ("has", "has_any", "has_all", "has_none", "only")
GRADE_TESTS = ("at_best", "at_worst")
TESTS = (*ORDER_TESTS, "between", "after", *SET_TESTS, "known", "inside", *GRADE_TESTS)
VALUE_HEADS = ("of", "look_up")
RESERVED = ("all", "any", "not", "day", "item", "operator", "grade", "on_list")


@frozen
class Left:
    """The left side of a comparison, and where it stands."""

    typed: Typed
    name: str
    negated: bool
    scope: Scope
    place: Place


def read_condition(context: Context, raw: Any, scope: Scope, place: Place) -> Condition:  # Any: a piece as written
    """The condition in negation normal form."""
    return _condition(context, raw, scope, place, negated=False)


def _condition(
    context: Context, raw: Any, scope: Scope, place: Place, *, negated: bool
) -> Condition:  # Any: as written
    hint = "write `name: value` pairs; all of them hold"
    data = mapping(raw, "a condition", place, hint)
    parts = context.problems.all_of(_part, [(context, data, key, scope, negated) for key in data])
    return _joined(parts, all_hold=not negated)


def _joined(parts: list[Condition], *, all_hold: bool) -> Condition:
    kind = All if all_hold else Any_
    flat: list[Condition] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, All | Any_) and type(part) is kind else [part])
    if not flat:
        return Constant(all_hold)
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _part(context: Context, data: Map, key: Any, scope: Scope, negated: bool) -> Condition:  # noqa: FBT001  # Any: a key
    if not isinstance(key, str):
        raise refuse_type("a name", key, data.places.get(key, data.place), "put codes in quotes")
    if key == "not":
        return _condition(context, data[key], scope, at(data, key), negated=not negated)
    if key in ("all", "any"):
        if not isinstance(data[key], list):
            raise refuse_type("a list of conditions", data[key], at(data, key), f"write `{key}: [{{...}}, {{...}}]`")
        pieces = elements(data[key], f"`{key}`", at(data, key))
        parts = context.problems.all_of(
            lambda raw, place: _condition(context, raw, scope, place, negated=negated), pieces
        )
        return _joined(parts, all_hold=(key == "all") is not negated)
    place = data.places.get(key, data.place)
    left = Left(read_name(context, key, scope, place), key, negated, scope, place)
    leaf = _leaf(context, left, data[key], at(data, key))
    context.note(leaf, place, lambda: _in_words(left, "", data[key]))
    return leaf


def _in_words(left: Left, test: str, raw: Any, after: Any = None) -> str:  # Any: pieces as written
    """A comparison in the words of the policy, on one line."""
    words = f"{left.name}{' ' + test if test else ':'} {_as_written(raw)}"
    words += "" if after is None else f" after {_as_written(after)}"
    return f"not ({words})" if left.negated else words


def _as_written(raw: Any) -> str:  # Any: a piece as written
    if isinstance(raw, Map):
        return "{" + ", ".join(f"{key}: {_as_written(part)}" for key, part in raw.items()) + "}"
    if isinstance(raw, list):
        return "[" + ", ".join(map(_as_written, raw)) + "]"
    return str(raw).lower() if isinstance(raw, bool) else str(raw)


def _leaf(context: Context, left: Left, raw: Any, place: Place) -> Condition:  # Any: a piece as written
    if isinstance(raw, Map) and not any(head in raw for head in VALUE_HEADS):
        return _tests(context, left, raw, place)
    if left.typed.type_.name in ("set", "list", "record"):
        hint = f"write {left.name}: {{has_any: [...]}}; also has, has_all, has_none, only"
        raise refuse("type_mismatch", f"{shown(left.name)} is {words(left.typed.type_)}, not one value", place, hint)
    if isinstance(raw, list):
        choices = context.problems.all_of(
            lambda element, where: _choice(context, left, element, where), elements(raw, shown(left.name), place)
        )
        return OneOf(left.typed.value, tuple(choices), left.negated, left.name)
    if isinstance(raw, bool) and left.typed.type_.name == "bool":
        return Truth(left.typed.value, negated=left.negated is raw, name=left.name)
    return _compare(context, left, "is", raw, place)


def operand(context: Context, left: Left, raw: Any, place: Place) -> tuple[Typed, Typed]:  # Any: as written
    """Both sides of a comparison in one type: on the right a literal, `$parameter`, `{of: ...}` or `{look_up: ...}`."""
    if isinstance(raw, Map):
        if not any(head in raw for head in VALUE_HEADS):
            hint = "on the right stands a literal, $parameter, {of: NAME} or {look_up: ...}; name other values first"
            raise refuse("wrong_type", "this value cannot stand in a comparison", place, hint)
        return alike(left.typed, context.read_value(context, raw, left.scope, place), place)
    if isinstance(raw, str) and raw.startswith("$"):
        return alike(left.typed, context.read_value(context, raw, left.scope, place), place)
    return left.typed, literal(raw, left.typed.type_, place, fractional=left.typed.fractional)


def _choice(context: Context, left: Left, raw: Any, place: Place) -> Value:  # Any: as written
    """One of several values on the right, in the type of the left side."""
    _, other = operand(context, left, raw, place)
    return fit(other, left.typed.type_, place).value


def _compare(context: Context, left: Left, op: str, raw: Any, place: Place) -> Condition:  # Any: as written
    one, other = operand(context, left, raw, place)
    return Compare(one.value, op, other.value, left.negated, left.name)


# --- tests in a mapping ---------------------------------------------------------------------------------------


def _tests(context: Context, left: Left, data: Map, place: Place) -> Condition:
    if not data:
        raise refuse("wrong_type", f"nothing is asked of {shown(left.name)}", place, did_you_mean("", TESTS))
    context.problems.check_keys(data, TESTS, "a comparison")
    if "after" in data and not any(key in data for key in (*ORDER_TESTS, "between")):
        raise refuse(
            "missing_key",
            "`after` needs `at_least`, `above`, `at_most` or `below`",
            place,
            "{at_least: 1y, after: decided}",
        )
    keys = [key for key in data if key in TESTS and key != "after"]
    parts = context.problems.all_of(lambda key: _noted(context, left, data, key), [(key,) for key in keys])
    return _joined([part for group in parts for part in group], all_hold=not left.negated)


def _noted(context: Context, left: Left, data: Map, key: str) -> list[Condition]:
    """What one test asks, with its place noted."""
    parts = list(_test(context, left, data, key))
    for part in parts:
        context.note(part, data.places.get(key, data.place), lambda: _in_words(left, key, data[key], data.get("after")))
    return parts


def _test(context: Context, left: Left, data: Map, key: str) -> Iterator[Condition]:
    raw, place = data[key], at(data, key)
    if key in ORDER_TESTS:
        yield _ordered(context, left, key, raw, data, place)
    elif key == "between":
        if not isinstance(raw, list) or len(raw) != 2:  # noqa: PLR2004  # two ends
            raise refuse_type("a list of two ends", raw, place, "between: [low, high], both included")
        (low, low_place), (high, high_place) = elements(raw, "`between`", place)
        ends = [("at_least", low, low_place), ("at_most", high, high_place)]
        parts = context.problems.all_of(lambda op, end, where: _ordered(context, left, op, end, data, where), ends)
        for part, (op, end, where) in zip(parts, ends, strict=True):
            context.note(part, where, partial(_in_words, left, op, end))
        yield _joined(parts, all_hold=not left.negated)
    elif key in SET_TESTS:
        yield _set_test(context, left, key, raw, place)
    elif key in GRADE_TESTS:
        yield _grade_rank(context, left, key, raw, place)
    elif key == "inside":
        yield _inside(context, left, raw, place)
    else:
        if not isinstance(raw, bool):
            raise refuse_type("true or false", raw, place)
        yield Known(left.typed.value, negated=left.negated is raw, name=left.name)


def _ordered(context: Context, left: Left, op: str, raw: Any, data: Map, place: Place) -> Condition:  # Any: as written
    if left.typed.type_.name not in ORDERED:
        hint = (
            "the order of grades: at_best, at_worst"
            if isinstance(left.typed.value, OwnGrade)
            else "compare with `is one of`: [a, b]"
        )
        raise refuse(
            "type_mismatch", f"{shown(left.name)} is {words(left.typed.type_)}, which has no order", place, hint
        )
    if "after" not in data:
        return _compare(context, left, op, raw, place)
    if left.typed.type_.name != "date":
        raise refuse(
            "type_mismatch",
            f"{shown(left.name)} is {words(left.typed.type_)}, not a date",
            place,
        )
    since = read_day(context, data["after"], left.scope, at(data, "after"))
    period = context.read_value(context, raw, left.scope, place, PERIOD)
    return Compare(left.typed.value, op, DayAfter(since, period.value), left.negated, left.name)


def read_day(context: Context, raw: Any, scope: Scope, place: Place) -> Value:  # Any: a piece as written
    """A day: the name of a date, a date, or a value that is one."""
    if isinstance(raw, str) and not raw.startswith("$") and not raw[:1].isdigit():
        return fit(read_name(context, raw, scope, place), DATE, place).value
    return context.read_value(context, raw, scope, place, DATE).value


def _set_test(context: Context, left: Left, op: str, raw: Any, place: Place) -> Condition:  # Any: as written
    element_type = left.typed.type_.of if left.typed.type_.name in ("set", "list") else None
    if element_type is None or element_type.name == "record":
        hint = f"write {left.name}: [a, b] for one of several values"
        raise refuse(
            "type_mismatch", f"{shown(left.name)} is {words(left.typed.type_)}, not a set of values", place, hint
        )
    if op == "has" and isinstance(raw, list):
        raise refuse_type("one value", raw, place, "has_any or has_all take a list")
    element = Left(Typed(left.typed.value, element_type), left.name, left.negated, left.scope, left.place)
    values = context.problems.all_of(
        lambda one, where: _choice(context, element, one, where), elements(raw, f"`{op}`", place)
    )
    return SetTest(left.typed.value, op, tuple(values), left.negated, left.name)


def _grade_rank(context: Context, left: Left, op: str, raw: Any, place: Place) -> Condition:  # Any: as written
    own = left.typed.value
    if not isinstance(own, OwnGrade):
        raise refuse(
            "type_mismatch",
            f"{shown(left.name)} is no grade",
            place,
            "at_best and at_worst follow the order of a grade",
        )
    order = tuple(context.written.scales[own.scale].order)
    label = literal(raw, left.typed.type_, place).value
    if getattr(label, "value", None) not in order:
        raise refuse("unknown_label", f"{shown(raw)} has no rank", place, did_you_mean(raw, order))
    return GradeRank(own, op, str(raw), order, left.negated, left.name)


def _inside(context: Context, left: Left, raw: Any, place: Place) -> Condition:  # Any: as written
    if left.typed.type_ != TEXT:
        raise refuse("type_mismatch", f"{shown(left.name)} is {words(left.typed.type_)}, not a region", place)
    _, region = operand(context, left, raw, place)
    return Inside(left.typed.value, region.value, left.negated, left.name)
