"""Values as written: points, indicators, computed fields, and the right-hand sides of comparisons.

A text is a literal, and `$name` a parameter; a bare name stands only where values are listed (`{highest: [a, b]}`,
`{ratio: [a, b]}`) or taken (`of`, `take`, `by`). What follows a value (`or`, `per`, `times`, ...) is in `modifiers`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from credit_engine.errors import Place
from credit_engine.policy.nodes import (
    All,
    Combined,
    Condition,
    Constant,
    Holds,
    LookUp,
    Parameter,
    Ratio,
    Row,
    Rows,
)
from credit_engine.policy.places import Map, place_of, value_place_of
from credit_engine.policy.resolving.aggregates import AGGREGATES, TAKES, read_aggregate
from credit_engine.policy.resolving.context import Context, Scope
from credit_engine.policy.resolving.modifiers import MODIFIERS, modified
from credit_engine.policy.resolving.names import read_name
from credit_engine.policy.resolving.operands import read_operand
from credit_engine.policy.resolving.refusals import Refusal, at, elements, refuse, refuse_name, refuse_type
from credit_engine.policy.resolving.selectors import SELECTOR_KEYS
from credit_engine.policy.resolving.typed import (
    NUMBERS,
    Typed,
    all_alike,
    fit,
    in_thousandths,
    inferred,
    literal,
    words,
)
from credit_engine.quantities import BOOL, INT, TEXT, FieldType, one_of

COMBINES = ("sum", "highest", "lowest")


def read_value(
    context: Context, raw: Any, scope: Scope, place: Place, expected: FieldType | None = None
) -> Typed:  # Any: a piece as written
    """The value and its type; with `expected` in that type."""
    if isinstance(raw, Map):
        typed = _structured(context, raw, scope, place, expected)
    elif isinstance(raw, str) and raw.startswith("$"):
        typed = parameter(context, raw, place)
    elif expected is not None:
        _refuse_bare_name(context, raw, scope, place, expected)
        return literal(raw, expected, place)
    else:
        return inferred(raw, place)
    return typed if expected is None else fit(typed, expected, place)


def _refuse_bare_name(
    context: Context, raw: Any, scope: Scope, place: Place, expected: FieldType
) -> None:  # Any: as written
    if not isinstance(raw, str) or expected.name in ("text", "party", "date"):
        return
    if (scope.fields and context.is_field(scope.kind, raw)) or (scope.indicators and raw in context.written.indicators):
        raise refuse("type_mismatch", f"{raw!r} is a name, and a value stands here", place, f"write {{of: {raw}}}")


def parameter(context: Context, raw: str, place: Place, *, table: bool = False) -> Typed:
    """The parameter behind `$name`; a table where one is looked up, else a single value."""
    name = raw[1:]
    if name not in context.parameters:
        if context.told("parameters", name):
            raise Refusal
        raise refuse_name("unknown_parameter", "parameter", name, context.parameters, place)
    found = context.parameters[name]
    if found.table and not table:
        raise refuse("type_mismatch", f"{raw} is a table", place, f"write {{look_up: {raw}, by: NAME}}")
    if table and not found.table:
        raise refuse("type_mismatch", f"{raw} is no table", place, f"write {raw} by itself")
    if found.unit == "field":
        raise refuse(
            "type_mismatch", f"{raw} names a field, and a value stands here", place, "only `held_on` reads one"
        )
    return Typed(Parameter(name), found.type_)


# --- values that are mappings ---------------------------------------------------------------------------------


def _structured(context: Context, data: Map, scope: Scope, place: Place, expected: FieldType | None) -> Typed:
    head = _head(data, place)
    keys = _keys(head, data)
    context.problems.check_keys(data, keys, f"a value with `{head}`")
    if "per" in data or "times" in data:  # they may change the scale
        expected = None
    typed = _HEADS[head](context, data, scope, expected)
    return modified(context, typed, data, scope)


def _head(data: Map, place: Place) -> str:
    heads = [head for head in _HEADS if head != "of" and head in data]
    if not heads and "of" in data:
        return "of"
    if not heads:
        known = ", ".join(_HEADS)
        raise refuse(
            "wrong_type",
            "this is no value",
            place,
            f"a value is a literal, $parameter, or a mapping with one of: {known}",
        )
    if len(heads) > 1:
        raise refuse(
            "wrong_type",
            f"`{heads[0]}` and `{heads[1]}` stand in one value",
            place_of(data, heads[1]),
            "keep one of them",
        )
    return heads[0]


def _keys(head: str, data: Map) -> tuple[str, ...]:
    keys = (head, *MODIFIERS)
    if head == "look_up":
        return (*keys, "by")
    if head not in AGGREGATES or isinstance(data[head], list):
        return keys
    taken = (TAKES[head],) if head in TAKES else ()
    return (*keys, *taken, *(SELECTOR_KEYS if isinstance(data[head], str) else ()))


def _of(context: Context, data: Map, scope: Scope, _expected: FieldType | None) -> Typed:
    raw, place = data["of"], at(data, "of")
    if not isinstance(raw, str):
        raise refuse_type("a name", raw, place, "write {of: NAME}")
    return read_name(context, raw, scope, place)


def _look_up(context: Context, data: Map, scope: Scope, _expected: FieldType | None) -> Typed:
    raw, place = data["look_up"], at(data, "look_up")
    if not isinstance(raw, str) or not raw.startswith("$"):
        raise refuse_type("a parameter", raw, place, "write {look_up: $table, by: NAME}")
    if "by" not in data:
        raise refuse("missing_key", "`by` is missing", place, "write {look_up: $table, by: NAME}")
    typed = parameter(context, raw, place, table=True)
    by = fit(read_operand(context, data["by"], scope, at(data, "by")), TEXT, at(data, "by"))
    return Typed(LookUp(raw[1:], by.value, climbs=context.parameters[raw[1:]].by_region), typed.type_)


def _holds(context: Context, data: Map, scope: Scope, _expected: FieldType | None) -> Typed:
    return Typed(Holds(context.read_condition(context, data["holds"], scope, at(data, "holds"))), BOOL)


def _ratio(context: Context, data: Map, scope: Scope, _expected: FieldType | None) -> Typed:
    raw, place = data["ratio"], at(data, "ratio")
    if not isinstance(raw, list) or len(raw) != 2:  # noqa: PLR2004  # numerator and denominator
        raise refuse_type("a list of two values", raw, place, "ratio: [part, whole]")
    above, below = _numbers(context, data, "ratio", scope)
    types = (above.type_.name, below.type_.name)
    if types == ("int", "decimal"):
        above = in_thousandths(above)
    elif types[0] != types[1] and types[1] != "int":
        raise refuse("scale_mismatch", f"{words(above.type_)} cannot be divided by {words(below.type_)}", place)
    result = above.type_ if types[0] != types[1] and types[1] == "int" else INT
    return Typed(Ratio(above.value, below.value), result, fractional=True)


def _numbers(context: Context, data: Map, key: str, scope: Scope) -> list[Typed]:
    pieces = elements(data[key], f"`{key}`", at(data, key))
    values = context.problems.all_of(lambda raw, place: read_operand(context, raw, scope, place), pieces)
    for typed, (_, place) in zip(values, pieces, strict=True):
        if not typed.is_number:
            raise refuse("type_mismatch", f"this is {words(typed.type_)}, not a number", place)
    return values


def _combined(context: Context, data: Map, key: str, scope: Scope) -> Typed:
    pieces = elements(data[key], f"`{key}`", at(data, key))
    values = context.problems.all_of(lambda raw, place: read_operand(context, raw, scope, place), pieces)
    values = all_alike(values, [place for _, place in pieces])
    allowed = NUMBERS if key == "sum" else NUMBERS | {"date"}
    if values[0].type_.name not in allowed:
        raise refuse("type_mismatch", f"`{key}` of {words(values[0].type_)}", at(data, key), "it takes numbers")
    fractional = any(typed.fractional for typed in values)
    return Typed(Combined(key, tuple(typed.value for typed in values)), values[0].type_, fractional)


# --- rows -----------------------------------------------------------------------------------------------------


def _rows(context: Context, data: Map, scope: Scope, expected: FieldType | None) -> Typed:
    raw, place = data["rows"], at(data, "rows")
    if not isinstance(raw, list):
        raise refuse_type("a list of rows", raw, place, "rows: [{where: ..., value: ...}, {value: ...}]")
    pieces = elements(raw, "`rows`", place)
    expected = expected or _type_of_others(context, pieces, scope)
    rows = context.problems.all_of(lambda row, where: _row(context, row, scope, where, expected), pieces)
    values = [typed for _, typed in rows]
    if values[0].type_.name == "text":
        values = _one_text(values)
    values = all_alike(values, [where for _, where in pieces])
    made = tuple(Row(condition, typed.value) for (condition, _), typed in zip(rows, values, strict=True))
    for one, (_, where) in zip(made, pieces, strict=True):
        context.note(one, where)
    return Typed(Rows(made), values[0].type_, any(typed.fractional for typed in values))


def _one_text(values: list[Typed]) -> list[Typed]:
    """Texts with the codes of all of them, if every one has codes."""
    codes = dict.fromkeys(code for typed in values for code in typed.type_.codes)
    type_ = one_of(*codes) if all(typed.type_.codes for typed in values) else TEXT
    return [Typed(typed.value, type_) if typed.type_.name == "text" else typed for typed in values]


def _type_of_others(context: Context, pieces: list[tuple[Any, Place]], scope: Scope) -> FieldType | None:  # Any: rows
    """The type of the rows that are no literals, by which the literals are read."""
    for row, place in pieces:
        value = row.get("value") if isinstance(row, Map) else None
        if isinstance(value, Map) or (isinstance(value, str) and value.startswith("$")):
            typed = context.problems.attempt(read_value, context, value, scope, value_place_of(row, "value") or place)
            if typed is not None and typed.type_.name not in ("int", "text"):
                return typed.type_
    return None


def _row(
    context: Context, row: Any, scope: Scope, place: Place, expected: FieldType | None
) -> tuple[Condition, Typed]:  # Any: a piece as written
    if not isinstance(row, Map):
        raise refuse_type("a row", row, place, "write {where: ..., value: ...}")
    context.problems.check_keys(row, ("where", "when", "value"), "a row")
    if "value" not in row:
        raise refuse("missing_key", "`value` is missing", place, "write {where: ..., value: ...}")
    condition = context.problems.attempt(row_condition, context, row, scope)
    typed = context.problems.attempt(read_value, context, row["value"], scope, at(row, "value"), expected)
    if condition is None or typed is None:
        raise Refusal
    return condition, typed


def row_condition(context: Context, row: Map, scope: Scope) -> Condition:
    """What `where` and `when` of a row say together."""
    parts = []
    if "where" in row:
        parts.append(
            context.read_condition(context, row["where"], scope.where(place_of(row, "where")), at(row, "where"))
        )
    if "when" in row:
        parts.append(context.read_condition(context, row["when"], scope.when(place_of(row, "when")), at(row, "when")))
    if not parts:
        return Constant(holds=True)
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _aggregate(op: str) -> Callable[[Context, Map, Scope, FieldType | None], Typed]:
    def read(context: Context, data: Map, scope: Scope, _expected: FieldType | None) -> Typed:
        if isinstance(data[op], list) and op in COMBINES:
            return _combined(context, data, op, scope)
        return read_aggregate(context, op, data, scope)

    return read


_HEADS: Mapping[str, Callable[[Context, Map, Scope, FieldType | None], Typed]] = {
    **{op: _aggregate(op) for op in AGGREGATES},
    "of": _of,
    "look_up": _look_up,
    "ratio": _ratio,
    "holds": _holds,
    "rows": _rows,
}
