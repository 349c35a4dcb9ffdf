"""Which names made a condition, value or span unknown, as they are written in the policy.

Only read where something is unknown, so it may look again at what was already computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve

from credit_engine.assessing.program import Program
from credit_engine.assessing.scene import Frame
from credit_engine.assessing.unknown import NONE, NOT_IN_FORCE, is_plain
from credit_engine.policy.nodes import (
    Aggregate,
    All,
    Any_,
    ComputedField,
    Condition,
    DecisionField,
    ElementAggregate,
    EntryField,
    EventField,
    Indicator,
    Item,
    Listed,
    LookUp,
    Node,
    OnList,
    OperatorField,
    OwnGrade,
    OwnScore,
    Parameter,
    Pauses,
    Rows,
    Selector,
    Span,
    SpanRow,
    Value,
    children,
    walk,
)


def unknown_names(piece: Node, frame: Frame, program: Program) -> set[str]:
    """The names below a piece that are not known from this viewpoint and matter there."""
    if isinstance(piece, Condition):
        return _of_condition(piece, frame, program)
    if isinstance(piece, Value):
        return _of_value(piece, frame, program)
    if isinstance(piece, Span):
        return _of_span(piece, frame, program)
    if isinstance(piece, Pauses):
        return _of_pauses(piece, frame, program)
    return _union((part for part in children(piece) if not isinstance(part, Selector)), frame, program)


def unknown_in_span(span: Span | None, frame: Frame, program: Program) -> set[str]:
    """The names that leave a span's end open, under the law of the viewpoint, else under another one.

    Where no name does, it is the working-day calendar that ends too early.
    """
    if span is None:
        return set()
    names = _of_span(span, frame, program)
    for day in program.law_changes if not names else ():
        law = Frame(frame.scene, frame.day, frame.position, frame.event, day, frame.item)
        names |= _of_span(span, law, program)
    return names or {"unknown_calendar"}


def _union(pieces: Iterable[Node], frame: Frame, program: Program) -> set[str]:
    return set[str]().union(*(unknown_names(piece, frame, program) for piece in pieces))


def _of_condition(condition: Condition, frame: Frame, program: Program) -> set[str]:
    if program(condition)(frame) is not None:
        return set()
    if isinstance(condition, All | Any_):
        return _union(condition.parts, frame, program)
    left, *others = children(condition)
    names = _union(others, frame, program)
    if not names or unknown_names(left, frame, program):
        names.add(condition.name)  # type: ignore[attr-defined]  # every leaf but a constant has a name
    return names


_NAME_OF: dict[type[Value], Callable[[Any], str]] = {  # Any: each takes its own node
    EventField: lambda node: node.name,
    Indicator: lambda node: node.name,
    ComputedField: lambda node: node.name,
    OperatorField: lambda node: f"operator.{node.name}",
    Parameter: lambda node: f"${node.name}",
    Item: lambda node: f"item.{node.field}" if node.field else "item",
    Listed: lambda _node: "listed",
    DecisionField: lambda node: f"decision.{node.name}",
    EntryField: lambda node: node.name,
    OnList: lambda node: f"on_list.{node.list}",
    OwnScore: lambda _node: "score",
    OwnGrade: lambda node: node.scale,
    Aggregate: lambda node: node.selector.kind,
    ElementAggregate: lambda node: node.element.name,
}


def _of_value(value: Value, frame: Frame, program: Program) -> set[str]:
    found = program(value)(frame)
    if is_plain(found) or found is NONE or found is NOT_IN_FORCE:
        return set()
    name_of = _NAME_OF.get(type(value))
    if name_of is not None:
        return {name_of(value)}
    if isinstance(value, LookUp):
        return unknown_names(value.by, frame, program) or {f"${value.parameter}"}
    if isinstance(value, Rows):
        return _of_rows(value, frame, program)
    return _union(children(value), frame, program)


def _of_rows(value: Rows, frame: Frame, program: Program) -> set[str]:
    """What the conditions ask, else the value of the row that holds; where none does, all is known but a row."""
    conditions = _union((row.condition for row in value.rows), frame, program)
    if conditions:
        return conditions
    held = next((row for row in value.rows if program(row.condition)(frame)), None)
    return {"no_row"} if held is None else unknown_names(held.value, frame, program)


def _of_span(span: Span, frame: Frame, program: Program) -> set[str]:
    """What the rows ask that may be meant: those up to the first that holds."""
    names: set[str] = set()
    for row in span.rows:
        truth = program(row.condition)(frame) if program.in_force(row.basis, frame.law) else False
        if truth is not False:
            names |= _of_row(row, frame, program)
        if truth is True:
            break
    return names


def _of_row(row: SpanRow, frame: Frame, program: Program) -> set[str]:
    days = row.from_ or ()
    pieces = [piece for piece in children(evolve(row, from_=None)) if not isinstance(piece, Selector)]
    names = _union(pieces, frame, program) | _of_first_present(days, frame, program)
    if row.until_next is not None and not program(row.until_next)(frame).is_certain:
        names.add(row.until_next.kind)
    return _with_law_not_found(row, names, frame, program)


def _with_law_not_found(row: SpanRow, names: set[str], frame: Frame, program: Program) -> set[str]:
    """The names, with parameters in place of a computed field that hangs on nothing else: no record would settle it."""
    found = set(names)
    for node in walk(row):
        if isinstance(node, ComputedField) and node.name in names:
            below = unknown_names(frame.scene.plan.computed[node.kind, node.name], frame, program)
            if below and all(name.startswith("$") for name in below):
                found = (found - {node.name}) | below
    return found


def _of_first_present(days: tuple[Value, ...], frame: Frame, program: Program) -> set[str]:
    """The names of the days of which the first present counts: those missing before it matter only if none is."""
    missing: set[str] = set()
    for day in days:
        found = program(day)(frame)
        if found is not None and found is not NONE:
            return unknown_names(day, frame, program)
        missing |= unknown_names(day, frame, program)
    return missing


def _of_pauses(pauses: Pauses, frame: Frame, program: Program) -> set[str]:
    """The list where it is missing, or where one of its elements has no days; else what `where` asks of elements."""
    elements = program(pauses.of)(frame)
    if not is_plain(elements):
        return set() if pauses.empty_if_missing and elements is None else {pauses.of.name}
    names: set[str] = set()
    for element in elements:
        names |= unknown_names(pauses.where, frame.at_hand(frame.event, frame.law, element), program)
        if None in (element.get("from"), element.get("until")):
            names.add(pauses.of.name)
    return names
