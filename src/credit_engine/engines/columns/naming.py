"""Which names made a condition, value or span unknown on which rows, as `assessing.naming` says for one.

A dictionary of names, each with a column that is true where the name is unknown and matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import polars as pl
from attrs import evolve

from credit_engine.engines.columns.aggregating import uncertain
from credit_engine.engines.columns.selecting import taken
from credit_engine.engines.columns.shapes import (
    DOUBTFUL,
    MISSING,
    NO,
    NONE,
    POSSIBLE,
    RANGE,
    YES,
    Truths,
    Val,
    all_of,
    any_of,
    fixed,
    listed,
)
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
    OnList,
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
    walk,
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
        column = at.view.let(fixed(law, pl.Int32)).meta.output_name()
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
    OnList: lambda node: f"on_list.{node.list}",
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
        return masked(_of_rows(value, at), open_)
    return masked(merged(unknown_names(part, at) for part in children(value)), open_)


def _of_rows(value: Rows, at: At) -> Names:
    """What the conditions ask, else the value of the row that holds; where none does, all is known but a row."""
    conditions = merged(unknown_names(row.condition, at) for row in value.rows)
    found, asked = [conditions], ~any_of(conditions.values())
    for row in value.rows:
        truths: Truths = build(row.condition, at)
        found.append(masked(unknown_names(row.value, at), asked & truths.holds))
        asked = asked & ~truths.holds
    return merged([*found, {"no_row": asked}])


def _of_span(span: Span, at: At) -> Names:
    """What the rows ask that may be meant: those up to the first that holds."""
    found: list[Names] = []
    going = YES
    for row in span.rows:
        valid = in_force(days_of(at.view.run, Basis(row.basis)), at)
        truths: Truths = build(row.condition, at)
        found.append(masked(_of_row(row, at), all_of([going, valid, truths.may])))
        going = all_of([going, ~all_of([valid, truths.holds])])
    return merged(found)


def _of_row(row: SpanRow, at: At) -> Names:
    others = children(evolve(row, from_=None))
    found = [unknown_names(piece, at) for piece in others if not isinstance(piece, Selector)]
    found.append(_of_first_present(row.from_ or (), at))
    if row.until_next is not None:
        found.append({row.until_next.kind: uncertain(at.view, taken(row.until_next, at))})
    return _with_law_not_found(row, merged(found), at)


def _with_law_not_found(row: SpanRow, names: Names, at: At) -> Names:
    """The names, with parameters in place of a computed field that hangs on nothing else: no record would settle it."""
    found = dict(names)
    for node in walk(row):
        if isinstance(node, ComputedField) and node.kind == at.view.kind and node.name in names:
            below = unknown_names(at.view.run.plan.computed[node.kind, node.name], at)
            law = {name: where for name, where in below.items() if name.startswith("$")}
            others = any_of(where for name, where in below.items() if name not in law)
            replaced = all_of([names[node.name], any_of(law.values()), ~others])
            found = merged([found | {node.name: found[node.name] & ~replaced}, masked(law, replaced)])
    return found


def _of_first_present(days: tuple[Value, ...], at: At) -> Names:
    """The names of the days of which the first present counts: those missing before it matter only if none is."""
    found, missing, going = list[Names](), list[Names](), YES
    for day in days:
        val: Val = build(day, at)
        absent = val.is_in(MISSING, NONE)
        names = unknown_names(day, at)
        found.append(masked(names, all_of([going, ~absent])))
        missing.append(names)
        going = all_of([going, absent])
    return merged([*found, masked(merged(missing), going)])


def as_list(names: Names) -> pl.Expr:
    """The names of each row as a list in code-point order."""
    return listed(sorted(names), [names[name] for name in sorted(names)])
