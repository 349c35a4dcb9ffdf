"""Spans: from when to when something counts."""

from __future__ import annotations

from typing import Any

from credit_engine.errors import Place
from credit_engine.policy.nodes import (
    Condition,
    EventField,
    Pauses,
    Plus,
    Span,
    SpanRow,
    Value,
)
from credit_engine.policy.places import Map, did_you_mean, place_of, shown
from credit_engine.policy.resolving.conditions import read_day
from credit_engine.policy.resolving.context import Context, Scope
from credit_engine.policy.resolving.fields import event_field
from credit_engine.policy.resolving.refusals import at, elements, mapping, refuse, refuse_name, refuse_type
from credit_engine.policy.resolving.selectors import NEXT_KEYS, standing_alone
from credit_engine.policy.resolving.sources import read_basis
from credit_engine.policy.resolving.typed import PERIOD
from credit_engine.policy.resolving.values import row_condition
from credit_engine.quantities import DATE

SPAN_KEYS = ("for", "until", "from", "or_until", "or_while", "until_next", "to_end_of", "plus", "pauses", "rolls")
ROW_KEYS = ("where", "when", "basis")
ENDS = ("year", "quarter", "month")


def read_span(context: Context, raw: Any, scope: Scope, place: Place) -> Span:  # Any: a piece as written
    """The rows of a span; one that is written without `rows` is its only row."""
    data = mapping(raw, "a span", place, "write {from: decided, for: 3y}")
    if "rows" not in data:
        context.problems.check_keys(data, (*SPAN_KEYS, *ROW_KEYS, "rows"), "a span")
        return Span((_row(context, data, scope),))
    context.problems.check_keys(data, ("rows",), "a span in rows")
    if not isinstance(data["rows"], list):
        raise refuse_type("a list of spans", data["rows"], at(data, "rows"))
    pieces = elements(data["rows"], "`rows`", at(data, "rows"))
    return Span(tuple(context.problems.all_of(lambda row, where: _checked_row(context, row, scope, where), pieces)))


def _checked_row(context: Context, raw: Any, scope: Scope, place: Place) -> SpanRow:  # Any: a piece as written
    data = mapping(raw, "a span", place, "write {where: ..., from: decided, for: 3y}")
    context.problems.check_keys(data, (*SPAN_KEYS, *ROW_KEYS), "a row of a span")
    row = _row(context, data, scope)
    context.note(row, place)
    return row


def _row(context: Context, data: Map, scope: Scope) -> SpanRow:
    if "for" in data and "until" in data:
        raise refuse(
            "wrong_type", "`for` and `until` both end a span", place_of(data, "until"), "keep one; see also or_until"
        )
    return SpanRow(
        condition=row_condition(context, data, scope),
        basis=read_basis(context, data, "basis"),
        from_=_from(context, data, scope),
        for_=_period(context, data, scope),
        until=_day(context, data, "until", scope),
        or_until=_day(context, data, "or_until", scope),
        or_while=_while(context, data, scope),
        until_next=_next(context, data, scope),
        to_end_of=_to_end_of(data),
        plus=_plus(context, data, scope),
        pauses=_pauses(context, data, scope),
        rolls=_flag(data, "rolls"),
    )


def _from(context: Context, data: Map, scope: Scope) -> tuple[Value, ...] | None:
    if "from" not in data:
        return None
    pieces = elements(data["from"], "`from`", at(data, "from"))
    return tuple(context.problems.all_of(lambda raw, place: read_day(context, raw, scope, place), pieces))


def _period(context: Context, data: Map, scope: Scope) -> Value | None:
    if "for" not in data:
        return None
    return context.read_value(context, data["for"], scope, at(data, "for"), PERIOD).value


def _day(context: Context, data: Map, key: str, scope: Scope) -> Value | None:
    return read_day(context, data[key], scope, at(data, key)) if key in data else None


def _while(context: Context, data: Map, scope: Scope) -> Condition | None:
    """The condition that holds the span open, seen from the day judged."""
    if "or_while" not in data:
        return None
    judged = Scope(indicators=True, score=scope.score, scales=scope.scales, lists=scope.lists)
    return context.read_condition(context, data["or_while"], judged, at(data, "or_while"))


def _next(context: Context, data: Map, scope: Scope) -> Any:  # Any: a selector or nothing
    if "until_next" not in data:
        return None
    return standing_alone(context, data["until_next"], scope, at(data, "until_next"), NEXT_KEYS)


def _to_end_of(data: Map) -> str | None:
    if "to_end_of" not in data:
        return None
    unit = data["to_end_of"]
    if unit not in ENDS:
        raise refuse_name("wrong_type", "end of a", unit, ENDS, at(data, "to_end_of"))
    return str(unit)


def _flag(data: Map, key: str) -> bool:
    value = data.get(key, False)
    if not isinstance(value, bool):
        raise refuse_type("true or false", value, at(data, key))
    return value


def _plus(context: Context, data: Map, scope: Scope) -> tuple[Plus, ...]:
    if "plus" not in data:
        return ()
    if not isinstance(data["plus"], list):
        raise refuse_type(
            "a list of extensions", data["plus"], at(data, "plus"), "write plus: [{where: ..., for: 30d}]"
        )
    pieces = elements(data["plus"], "`plus`", at(data, "plus"))
    return tuple(context.problems.all_of(lambda raw, place: _extension(context, raw, scope, place), pieces))


def _extension(context: Context, raw: Any, scope: Scope, place: Place) -> Plus:  # Any: a piece as written
    data = mapping(raw, "an extension", place, "write {where: ..., for: 30d}")
    context.problems.check_keys(data, ("where", "when", "for"), "an extension")
    period = _period(context, data, scope)
    if period is None:
        raise refuse("missing_key", "`for` is missing", place, "write {where: ..., for: 30d}")
    return Plus(row_condition(context, data, scope), period)


def _pauses(context: Context, data: Map, scope: Scope) -> Pauses | None:
    if "pauses" not in data:
        return None
    pauses, place = (
        mapping(data["pauses"], "`pauses`", at(data, "pauses"), "write pauses: {of: LIST}"),
        at(data, "pauses"),
    )
    context.problems.check_keys(pauses, ("of", "where", "or"), "`pauses`")
    if "of" not in pauses or scope.kind is None:
        raise refuse("missing_key", "`of` is missing", place, "name a list of records with `from` and `until`")
    name = pauses["of"]
    known = [each for each, type_ in context.fields[scope.kind].items() if type_.name == "list"]
    if name not in known:
        raise refuse_name("unknown_field", f"list field of {scope.kind}", name, known, at(pauses, "of"))
    typed = event_field(context, scope.kind, name, at(pauses, "of"))
    record = typed.type_.of
    if record is None or record.fields.get("from") != DATE or record.fields.get("until") != DATE:
        hint = did_you_mean("", known) or "declare it as {list: {from: date, until: date}}"
        raise refuse(
            "type_mismatch", f"{shown(name)} is no list of records with `from` and `until`", at(pauses, "of"), hint
        )
    if "or" in pauses and pauses["or"] != []:
        raise refuse_type(
            "the empty list", pauses["or"], at(pauses, "or"), "`or: []`: no pauses where the list is missing"
        )
    inner = Scope(fields=True, kind=scope.kind, item=record)
    condition = row_condition(context, _only_where(pauses), inner)
    if not isinstance(typed.value, EventField):  # lists are never computed
        raise refuse_type("a list", name, at(pauses, "of"))
    return Pauses(typed.value, condition, empty_if_missing="or" in pauses)


def _only_where(data: Map) -> Map:
    only = Map(place=data.place)
    if "where" in data:
        only.take_from(data, "where")
    return only


def has_end(row: SpanRow) -> bool:
    """Whether the last day of a row is known from its own parts, so that points can fade towards it."""
    ends = row.for_ is not None or row.until is not None or row.to_end_of is not None
    return ends and row.until_next is None and row.or_while is None
