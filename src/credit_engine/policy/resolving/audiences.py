"""Who may see what a policy makes: one of four levels, or rows of them."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from credit_engine.errors import Place
from credit_engine.policy.nodes import (
    All,
    Condition,
    Constant,
    Literal,
    Row,
    Rows,
    Value,
)
from credit_engine.policy.places import Map, kind_of, place_of
from credit_engine.policy.resolving.context import Context, Scope
from credit_engine.policy.resolving.refusals import at, elements, mapping, refuse, refuse_name, refuse_type
from credit_engine.policy.writing import Written

AUDIENCES = ("public", "department", "inquiry", "internal")
_HINT = "write public, department, inquiry or internal, or {rows: [{where: ..., value: ...}, {value: public}]}"


def read_audience(context: Context, written: Written, scope: Scope) -> Value:
    """What the key `audience` says; `public` without it. `where` in rows reads the event of the scope and the party."""
    if not written.has("audience"):
        return Literal("public")
    raw, place = written.raw["audience"], written.place("audience")
    if not isinstance(raw, Map):
        return _level(raw, place)
    context.problems.check_keys(raw, ("rows",), "an audience")
    if not isinstance(raw.get("rows"), list):
        raise refuse("wrong_type", f"an audience has rows, this has {kind_of(raw.get('rows'))}", place, _HINT)
    pieces = elements(raw["rows"], "`rows`", at(raw, "rows"))
    return Rows(tuple(context.problems.all_of(lambda row, where: _row(context, row, scope, where), pieces)))


def _level(raw: Any, place: Place) -> Literal:  # Any: a piece as written
    if not isinstance(raw, str):
        raise refuse_type("an audience", raw, place, _HINT)
    if raw not in AUDIENCES:
        raise refuse_name("wrong_type", "audience", raw, AUDIENCES, place)
    return Literal(raw)


def _row(context: Context, raw: Any, scope: Scope, place: Place) -> Row:  # Any: a piece as written
    data = mapping(raw, "a row", place, _HINT)
    context.problems.check_keys(data, ("where", "when", "value"), "a row of an audience")
    if "value" not in data:
        raise refuse("missing_key", "`value` is missing", place, _HINT)
    return Row(_condition(context, data, scope), _level(data["value"], at(data, "value")))


def _condition(context: Context, data: Map, scope: Scope) -> Condition:
    party = Scope(fields=True, kind=scope.kind)
    parts = []
    if "where" in data:
        parts.append(context.read_condition(context, data["where"], party, at(data, "where")))
    if "when" in data:
        judged = evolve(scope, kind=None, indicators=True).when(place_of(data, "when"))
        parts.append(context.read_condition(context, data["when"], judged, at(data, "when")))
    if not parts:
        return Constant(holds=True)
    return parts[0] if len(parts) == 1 else All(tuple(parts))
