"""How an entry can be repaired: after which time, on which conditions, and what stands against it."""

from __future__ import annotations

from typing import Any

from credit_engine.errors import Place
from credit_engine.policy.nodes import Condition, Constant, Selector
from credit_engine.policy.places import Map, place_of
from credit_engine.policy.plan import Repair, RepairRow
from credit_engine.policy.resolving.context import Context, Scope
from credit_engine.policy.resolving.refusals import at, elements, given, mapping, refuse, refuse_type
from credit_engine.policy.resolving.selectors import NEXT_KEYS, standing_alone
from credit_engine.policy.resolving.sources import read_basis
from credit_engine.policy.resolving.spans import SPAN_KEYS, read_span
from credit_engine.policy.resolving.values import row_condition

ROW_KEYS = ("where", "when", "basis", "never")
OWN_KEYS = ("where", "when", "unless_new")
ENDS = ("for", "until", "to_end_of", "until_next")
_HINT = "write {from: listed, for: 1y}, or {never: true}"


def read_repair(context: Context, raw: Any, entry: Scope, place: Place) -> Repair:  # Any: a piece as written
    """The repair of a list; `entry` is the scope of its rows."""
    attempt = context.problems.attempt
    data = mapping(raw, "`repair`", place, _HINT)
    keys = ("rows",) if "rows" in data else (*SPAN_KEYS, "basis", "never")
    context.problems.check_keys(data, (*keys, *OWN_KEYS), "`repair`" if "rows" not in data else "`repair` in rows")
    rows = attempt(_rows, context, data, entry)
    where = attempt(_where, context, data)
    when = attempt(_when, context, data, entry)
    unless_new = attempt(_unless_new, context, data, entry)
    return Repair(given(rows), given(where), given(when), given(unless_new)[0])


def _rows(context: Context, data: Map, entry: Scope) -> tuple[RepairRow, ...]:
    if "rows" not in data:
        return (_row(context, _only(data, (*SPAN_KEYS, "basis", "never")), entry, data.place),)
    if not isinstance(data["rows"], list):
        raise refuse_type("a list of rows", data["rows"], at(data, "rows"), f"rows: [{_HINT}]")
    pieces = elements(data["rows"], "`rows`", at(data, "rows"))
    return tuple(context.problems.all_of(lambda row, where: _row(context, row, entry, where), pieces))


def _row(context: Context, raw: Any, entry: Scope, place: Place) -> RepairRow:  # Any: a piece as written
    data = mapping(raw, "a row of `repair`", place, _HINT)
    context.problems.check_keys(data, (*SPAN_KEYS, *ROW_KEYS), "a row of `repair`")
    condition = context.problems.attempt(row_condition, context, data, entry)
    basis = context.problems.attempt(read_basis, context, data, "basis")
    span = _only(data, SPAN_KEYS)
    if "never" in data:
        if data["never"] is not True:
            raise refuse_type("true", data["never"], at(data, "never"), "leave `never` out, or write never: true")
        for key in span:
            raise refuse("wrong_type", f"`{key}` beside `never`", place_of(data, key), "keep one of them")
        return _noted(context, RepairRow(given(condition), given(basis), None), place)
    if not any(key in span for key in ENDS):
        raise refuse("missing_key", "a repair says how long it has to wait", place, _HINT)
    wait = context.problems.attempt(read_span, context, span, entry, place)
    return _noted(context, RepairRow(given(condition), given(basis), given(wait)), place)


def _noted(context: Context, row: RepairRow, place: Place) -> RepairRow:
    context.note(row, place)
    return row


def _only(data: Map, keys: tuple[str, ...]) -> Map:
    only = Map(place=data.place)
    for key in data:
        if key in keys:
            only.take_from(data, key)
    return only


def _where(context: Context, data: Map) -> Condition:
    """What the newest rectification of the entry must say."""
    if "where" not in data:
        return Constant(holds=True)
    scope = Scope(fields=True, kind="rectification")
    return context.read_condition(context, data["where"], scope, at(data, "where"))


def _when(context: Context, data: Map, entry: Scope) -> Condition:
    if "when" not in data:
        return Constant(holds=True)
    judged = Scope(indicators=True, score=entry.score, lists=entry.lists)
    return context.read_condition(context, data["when"], judged, at(data, "when"))


def _unless_new(context: Context, data: Map, entry: Scope) -> tuple[Selector | None]:
    if "unless_new" not in data:
        return (None,)
    ground = Scope(kind=entry.kind)
    return (standing_alone(context, data["unless_new"], ground, at(data, "unless_new"), NEXT_KEYS),)
