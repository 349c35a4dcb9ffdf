"""Which names made a condition, value or span unknown on which rows, as `assessing.naming` says for one.

A dictionary of names, each with a column that is true where the name is unknown and matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import polars as pl

from credit_engine.engines.columns.aggregating import uncertain
from credit_engine.engines.columns.selecting import taken
from credit_engine.engines.columns.shapes import DOUBTFUL, MISSING, NO, POSSIBLE, RANGE, YES, Truths, Val, any_of
from credit_engine.engines.columns.spans import days_of, in_force
from credit_engine.engines.columns.view import At, build
from credit_engine.policy.nodes import (
    Aggregate,
    All,
    Any_,
    ComputedField,
    Condition,
    Constant,
    ElementAggregate,
    EventField,
    Indicator,
    Item,
    LookUp,
    Node,
    OperatorField,
    OwnGrade,
    OwnScore,
    Parameter,
    Rows,
    Selector,
    Span,
    SpanRow,
    Value,
    children,
)
from credit_engine.policy.plan_basis import Basis

Names = dict[str, pl.Expr]


def merged(found: Iterable[Names]) -> Names:
    """Several dictionaries as one."""
    result: dict[str, list[pl.Expr]] = {}
    for names in found:
        for name, where in names.items():
            result.setdefault(name, []).append(where)
    return {name: any_of(columns) for name, columns in result.items()}


def masked(names: Names, where: pl.Expr) -> Names:
    """The same, but only where `where` is true."""
    if where is NO:
        return {}
    return {name: where if column is YES else column & where for name, column in names.items()}


def unknown_names(piece: Node, at: At) -> Names:
    """The names below a piece that are not known on a row of a view and matter there."""
    if isinstance(piece, Condition):
        return _of_condition(piece, at)
    if isinstance(piece, Value):
        return _of_value(piece, at)
    return merged(unknown_names(part, at) for part in children(piece) if not isinstance(part, Selector))


def unknown_in_span(span: Span | None, at: At, laws: Iterable[int]) -> Names:
    """The names that leave a span's end open, under the law of the viewpoint, else under another one.

    Where no name does, it is the working-day calendar that ends too early.
    """
    if span is None:
        return {}
    own = _of_span(span, at)
    some = any_of(own.values())
    others: list[Names] = []
    for law in laws:
        column = at.view.let(pl.lit(law, pl.Int32)).meta.output_name()
        others.append(_of_span(span, at.under(column)))
    elsewhere = masked(merged(others), ~some)
    nowhere = ~any_of([some, *elsewhere.values()])
    return merged([own, elsewhere, {"unknown_calendar": nowhere}])


def _of_condition(condition: Condition, at: At) -> Names:
    if isinstance(condition, Constant):
        return {}
    truths: Truths = build(condition, at)
    open_ = truths.may & ~truths.holds
    if isinstance(condition, All | Any_):
        return masked(merged(_of_condition(part, at) for part in condition.parts), open_)
    left, *others = children(condition)
    names = merged(unknown_names(part, at) for part in others)
    own: str = condition.name  # type: ignore[attr-defined]  # every leaf but a constant has a name
    told = any_of(unknown_names(left, at).values()) | ~any_of(names.values())
    return masked(merged([names, {own: told}]), open_)


_NAME_OF: dict[type[Value], Callable[[Any], str]] = {  # Any: each takes its own node
    EventField: lambda node: node.name,
    Indicator: lambda node: node.name,
    ComputedField: lambda node: node.name,
    OperatorField: lambda node: f"operator.{node.name}",
    Parameter: lambda node: f"${node.name}",
    Item: lambda node: f"item.{node.field}" if node.field else "item",
    OwnScore: lambda _node: "score",
    OwnGrade: lambda node: node.scale,
    Aggregate: lambda node: node.selector.kind,
    ElementAggregate: lambda node: node.element.name,
}


def _of_value(value: Value, at: At) -> Names:
    val: Val = build(value, at)
    open_ = val.is_in(MISSING, DOUBTFUL, RANGE, POSSIBLE)
    if open_ is NO:
        return {}
    name_of = _NAME_OF.get(type(value))
    if name_of is not None:
        return {name_of(value): open_}
    if isinstance(value, LookUp):
        names = unknown_names(value.by, at)
        return masked(merged([names, {f"${value.parameter}": ~any_of(names.values())}]), open_)
    if isinstance(value, Rows):
        names = merged(unknown_names(row.condition, at) for row in value.rows)
        of_values = merged(unknown_names(row.value, at) for row in value.rows)
        return masked(merged([names, masked(of_values, ~any_of(names.values()))]), open_)
    return masked(merged(unknown_names(part, at) for part in children(value)), open_)


def _of_span(span: Span, at: At) -> Names:
    return merged(
        masked(_of_row(row, at), in_force(days_of(at.view.run, Basis(row.basis)), pl.col(at.law))) for row in span.rows
    )


def _of_row(row: SpanRow, at: At) -> Names:
    found = [unknown_names(piece, at) for piece in children(row) if not isinstance(piece, Selector)]
    if row.until_next is not None:
        found.append({row.until_next.kind: uncertain(at.view, taken(row.until_next, at))})
    return merged(found)


def as_list(names: Names) -> pl.Expr:
    """The names of each row as a list in code-point order."""
    if not names:
        return pl.lit([], pl.List(pl.String))
    columns = [pl.when(names[name]).then(pl.lit(name)) for name in sorted(names)]
    return pl.concat_list(columns).list.drop_nulls()
