"""Dated parameters: every value typed and scaled by the unit, in the order of their days."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from credit_engine.errors import Place
from credit_engine.policy.nodes import (
    Literal,
)
from credit_engine.policy.places import Map, place_of, shown
from credit_engine.policy.plan import (
    DatedParameter,
    DatedValue,
)
from credit_engine.policy.resolving.context import Context
from credit_engine.policy.resolving.refusals import Refusal, at, refuse, refuse_name
from credit_engine.policy.resolving.selectors import read_window
from credit_engine.policy.resolving.sources import known_source
from credit_engine.policy.resolving.typed import ANCHOR, PERIOD, WINDOW, literal
from credit_engine.policy.written import DatedWritten, ParameterWritten
from credit_engine.quantities import DECIMAL, INT, MONEY, TEXT, FieldType

UNITS = {"count": INT, "points": DECIMAL, "fen": MONEY, "period": PERIOD, "window": WINDOW, "field": ANCHOR}
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")


def read_parameters(context: Context) -> None:
    """Fill the context with the parameters; one that is refused is known as broken."""
    section = context.written.raw.get("parameters")
    for name, written in context.written.parameters.items():
        found = context.problems.attempt(_parameter, context, name, written, place_of(section, name))
        if found is None:
            context.broken = {**context.broken, "parameters": context.broken.get("parameters", frozenset()) | {name}}
        else:
            context.parameters[name] = found


def _parameter(context: Context, name: str, written: ParameterWritten, place: Place) -> DatedParameter:
    if not _NAME.fullmatch(name):
        context.problems.tell("bad_name", f"{shown(name)} cannot be a parameter", place, "use a-z, 0-9, _ and dots")
    if written.unit not in UNITS:
        if written.unit in {"money", "yuan", "元"}:
            message = f"there is no unit {shown(written.unit)}"
            raise refuse("unknown_unit", message, written.place("unit"), "money has the unit fen, whatever is written")
        raise refuse_name("unknown_unit", "unit", written.unit, UNITS, written.place("unit"))
    if written.by not in (None, "region"):
        raise refuse_name("wrong_type", "way to look up", written.by, ["region"], written.place("by"))
    if not written.values:
        raise refuse(
            "wrong_type",
            "a parameter has at least one value",
            written.place("values"),
            "values: {2024-01-01: {value: 1}}",
        )
    type_ = UNITS[written.unit]
    by_day = sorted(written.values.items())
    values = tuple(context.problems.all_of(_dated, [(context, since, dated, type_) for since, dated in by_day]))
    tables = {isinstance(dated.value, dict) for dated in values if dated.value is not None}
    if len(tables) > 1 or (written.by and False in tables):
        raise refuse(
            "wrong_type", "some values are tables and some are not", written.place("values"), "give a table every time"
        )
    table = True in tables or written.by is not None
    return DatedParameter(
        name, written.unit, type_, values, table, written.by is not None, written.title.as_dict(), place
    )


def _dated(context: Context, since: date, written: DatedWritten, type_: FieldType) -> DatedValue:
    if written.source:
        context.problems.attempt(known_source, context, written.source, written.place("source"))
    if written.ended:
        if written.raw.get("value") is not None:
            raise refuse(
                "wrong_type", "what has ended has no value", written.place("value"), "keep `value` or `ended: true`"
            )
        return DatedValue(since, None, ended=True, source=written.source, certainty=written.certainty)
    if not written.has("value"):
        raise refuse(
            "missing_key", "`value` is missing", written.place(), "write a value, null for unknown, or `ended: true`"
        )
    value = _value(context, written.value, type_, written.place("value"))
    return DatedValue(since, value, source=written.source, certainty=written.certainty)


def _value(context: Context, raw: Any, type_: FieldType, place: Place) -> Any:  # Any: a piece as written, and its value
    if raw is None:
        return None
    if isinstance(raw, Map) and not (type_ == WINDOW and "calendar" in raw):
        pairs = context.problems.all_of(_entry, [(context, raw, key, type_) for key in raw])
        return dict(pairs)
    return _single(context, raw, type_, place)


def _entry(context: Context, table: Map, key: Any, type_: FieldType) -> tuple[str, Any]:  # Any: as written
    place = place_of(table, key)
    if isinstance(key, int) and not isinstance(key, bool):
        raise refuse("unquoted_code", f"{key} is read as a whole number", place, f'put it in quotes: "{key}"')
    if not isinstance(key, str):
        raise refuse("unquoted_label", f"{key} is not read as text", place, f'put it in quotes: "{key}"')
    value = table[key]
    return key, None if value is None else _single(context, value, type_, at(table, key))


def _single(context: Context, raw: Any, type_: FieldType, place: Place) -> Any:  # Any: as written, and its value
    if type_ == WINDOW:
        return read_window(context, raw, place)
    if type_ == MONEY and isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    found = literal(raw, TEXT if type_ == ANCHOR else type_, place).value
    if not isinstance(found, Literal):
        raise Refusal
    return found.value
