"""Aggregates: one value of many events, or of the elements of a list of the event at hand."""

from __future__ import annotations

from attrs import evolve

from credit_engine.policy.nodes import (
    Aggregate,
    Constant,
    ElementAggregate,
    EventField,
    Value,
)
from credit_engine.policy.places import Map, place_of, shown
from credit_engine.policy.resolving.context import Context, Scope
from credit_engine.policy.resolving.fields import event_field
from credit_engine.policy.resolving.modifiers import divides
from credit_engine.policy.resolving.operands import read_operand
from credit_engine.policy.resolving.refusals import at, refuse, refuse_type
from credit_engine.policy.resolving.selectors import SELECTOR_KEYS, chosen, selector
from credit_engine.policy.resolving.typed import Typed, words
from credit_engine.quantities import INT, FieldType

AGGREGATES = ("count", "sum", "mean", "highest", "lowest", "latest", "days_since")
OVER_ELEMENTS = ("count", "sum", "mean", "highest", "lowest")
TAKES = {"sum": "of", "mean": "of", "highest": "of", "lowest": "of", "latest": "take"}


def read_aggregate(context: Context, op: str, data: Map, scope: Scope) -> Typed:
    """An aggregate over events, or over the elements of a list of the event at hand."""
    raw, place = data[op], at(data, op)
    if isinstance(raw, str) and _is_own_list(context, raw, scope):
        if raw in context.kinds:
            raise refuse("ambiguous_name", f"{shown(raw)} is a kind of event and a list of {scope.kind}", place)
        return _over_elements(context, op, data, scope)
    if not scope.indicators:
        message = "only the event can be read here, not other events"
        raise refuse("where_names_indicator", message, place, "make an indicator of it")
    return _over_events(context, op, data, scope)


def _is_own_list(context: Context, raw: str, scope: Scope) -> bool:
    if not scope.fields or scope.kind is None or raw not in context.fields.get(scope.kind, {}):
        return False
    return context.fields[scope.kind][raw].name in ("list", "set")


def _over_events(context: Context, op: str, data: Map, scope: Scope) -> Typed:
    raw, place = data[op], at(data, op)
    if isinstance(raw, str):
        which = chosen(context, raw, place)
        keys = Map(place=data.place)
        for key in SELECTOR_KEYS:
            if key in data and not (key == "per" and divides(data[key])):
                keys.take_from(data, key)
        events = selector(context, which, keys, scope)
    else:
        if "per" in data and not divides(data["per"]):
            raise refuse(
                "wrong_type", "`per` stands beside the selector, not in it", place_of(data, "per"), "move it inside"
            )
        events = context.read_selector(context, raw, scope, place)
        if isinstance(raw, Map) and "latest" in raw:
            events = evolve(events, last=1)
    item = context.fields[events.kind][events.element.name].of if events.element is not None else None
    of = _taken(context, op, data, Scope(fields=True, kind=events.kind, item=item))
    type_ = of.type_ if of is not None else INT
    fractional = op == "mean" or (of is not None and of.fractional)
    node = Aggregate(op, events, of.value if of else None, _or(context, data, scope, type_))
    return Typed(node, type_, fractional)


def _over_elements(context: Context, op: str, data: Map, scope: Scope) -> Typed:
    if op not in OVER_ELEMENTS or scope.kind is None:
        raise refuse("type_mismatch", f"`{op}` takes events, not the elements of a list", at(data, op))
    for key in SELECTOR_KEYS:
        if key in data and key != "where" and not (key == "per" and divides(data[key])):
            raise refuse(
                "unknown_key", f"`{key}` chooses events, and these are elements of a list", place_of(data, key)
            )
    element = event_field(context, scope.kind, data[op], at(data, op))
    inner = Scope(fields=True, kind=scope.kind, item=element.type_.of)
    condition = (
        context.read_condition(context, data["where"], inner, at(data, "where"))
        if "where" in data
        else Constant(holds=True)
    )
    of = _taken(context, op, data, inner, default="item")
    type_ = of.type_ if of is not None else INT
    if not isinstance(element.value, EventField):  # lists are never computed
        raise refuse_type("a list", data[op], at(data, op))
    or_ = _or(context, data, scope, type_)
    node = ElementAggregate(op, element.value, condition, of.value if of else None, or_)
    return Typed(node, type_, op == "mean" or (of is not None and of.fractional))


def _taken(context: Context, op: str, data: Map, scope: Scope, default: str | None = None) -> Typed | None:
    key = TAKES.get(op)
    if key is None:
        return None
    if key not in data and default is None:
        raise refuse(
            "missing_key",
            f"`{key}` is missing",
            place_of(data, op),
            f"say which field: {{{op}: {data[op]}, {key}: NAME}}",
        )
    raw, place = (data[key], at(data, key)) if key in data else (default, place_of(data, op))
    typed = read_operand(context, raw, scope, place)
    if op != "latest" and not typed.is_number and not (op in ("highest", "lowest") and typed.type_.name == "date"):
        raise refuse("type_mismatch", f"`{op}` of {words(typed.type_)}", place, "it takes numbers")
    return typed


def _or(context: Context, data: Map, scope: Scope, type_: FieldType) -> Value | None:
    if "or" not in data:
        return None
    return context.read_value(context, data["or"], scope, at(data, "or"), type_).value
