"""Aggregates: what the events that a selector takes come to, or the elements of one event's list.

`count` of doubtful events is a range; every other aggregate is then unknown, unless what is doubtful cannot be among
those taken. Of no events count and sum are 0, the others missing, which `or` replaces.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from credit_engine.assessing.scene import Build, Compiled, Entry, Frame
from credit_engine.assessing.selecting import Taken, in_order, quick_count
from credit_engine.assessing.unknown import DOUBTFUL, NOT_IN_FORCE, Range, between, is_plain
from credit_engine.policy.nodes import (
    Aggregate,
    ElementAggregate,
    Node,
)

Read = Callable[[Frame], Any]  # Any: a value of the node's own type, or a special one


def aggregate(node: Aggregate, build: Build) -> Read:
    """What a selector's events come to; `or` replaces "no event"."""
    take = build(node.selector)
    of = build(node.of) if node.of is not None else None
    default = build(node.or_) if node.or_ is not None else None
    result = _AGGREGATES[node.op]
    counted = quick_count(node.selector, build) if node.op == "count" else None

    def read(frame: Frame) -> Any:  # Any: a number, the taken field's type, or a special value
        value = result(take(frame), of, frame)
        return default(frame) if value is None and default is not None else value

    if counted is None:
        return read

    def count(frame: Frame) -> Any:  # Any: a number or range
        number = counted(frame)
        return read(frame) if number is None else number

    return count


def _of(entry: Entry, of: Compiled, frame: Frame) -> Any:  # Any: the field's type
    """What is taken from an event, under its own law; missing is doubtful here."""
    scene = frame.scene
    value = of(frame.at_hand(entry.event, scene.law_day(scene.plan.law, entry.event, entry.key[0]), entry.item))
    return DOUBTFUL if value is None else value


def _count(taken: Taken, _of_field: Compiled | None, _frame: Frame) -> Any:  # Any: a number or range
    certain = len([entry for entry in taken.entries if not entry.doubtful])
    if taken.endless or taken.hidden_until is not None:
        return Range(certain, None)
    return between(certain, len(taken.entries) + len(taken.undated))


def _latest(taken: Taken, of: Compiled | None, frame: Frame) -> Any:  # Any: the field's type
    entry = _latest_entry(taken)
    return entry if not isinstance(entry, Entry) or of is None else _of(entry, of, frame)


def _latest_entry(taken: Taken) -> Any:  # Any: an Entry, None or DOUBTFUL
    if taken.undated or taken.endless:
        return DOUBTFUL
    entry = taken.entries[-1] if taken.entries else None
    if taken.hidden_until is not None and (entry is None or entry.key[0] <= taken.hidden_until):
        return DOUBTFUL
    return DOUBTFUL if entry is not None and entry.doubtful else entry


def _days_since(taken: Taken, _of_field: Compiled | None, _frame: Frame) -> Any:  # Any: a number or special value
    entry = _latest_entry(taken)
    if not isinstance(entry, Entry):
        return entry
    return DOUBTFUL if taken.day is None else (taken.day - entry.key[0]).days


def _over_all(fold: Callable[[list[Any]], Any]) -> Callable[[Taken, Compiled | None, Frame], Any]:  # Any: numbers, days
    """An aggregate that needs every event: unknown as soon as one is doubtful or has no value."""

    def over(taken: Taken, of: Compiled | None, frame: Frame) -> Any:  # Any: as above
        if not taken.is_certain or of is None:
            return DOUBTFUL
        values = [_of(entry, of, frame) for entry in taken.entries]
        if all(is_plain(value) for value in values):
            return fold(values)
        return NOT_IN_FORCE if NOT_IN_FORCE in values else DOUBTFUL

    return over


def _mean(values: list[Any]) -> Any:  # Any: whole numbers in, an exact quotient out
    return Fraction(sum(values)) / len(values) if values else None


FOLDS: dict[str, Callable[[list[Any]], Any]] = {  # Any: whole numbers or days
    "sum": sum,
    "mean": _mean,
    "highest": lambda values: max(values, default=None),
    "lowest": lambda values: min(values, default=None),
}
_AGGREGATES: dict[str, Callable[[Taken, Compiled | None, Frame], Any]] = {  # Any: see above
    "count": _count,
    "latest": _latest,
    "days_since": _days_since,
    **{name: _over_all(fold) for name, fold in FOLDS.items()},
}


def _last(values: list[Any]) -> Any:  # Any: elements
    return values[-1] if values else None


_ELEMENT_FOLDS = {**FOLDS, "latest": _last}


def element_aggregate(node: ElementAggregate, build: Build) -> Read:
    """The same over a list of the event itself; a missing list has any number of elements."""
    elements_of, where = build(node.element), build(node.where)
    of = build(node.of) if node.of is not None else None
    default = build(node.or_) if node.or_ is not None else None

    def read(frame: Frame) -> Any:  # Any: a number or special value
        elements = elements_of(frame)
        if not is_plain(elements):
            return Range(0, None) if node.op == "count" else DOUBTFUL
        frames = [frame.at_hand(frame.event, frame.law, element) for element in in_order(elements)]
        truths = [where(at) for at in frames]
        if node.op == "count":
            return between(truths.count(True), len(truths) - truths.count(False))
        if None in truths:
            return DOUBTFUL
        values = [(of(at) if of is not None else at.item) for at, truth in zip(frames, truths, strict=True) if truth]
        result = _ELEMENT_FOLDS[node.op](values)
        if any(not is_plain(value) for value in values):
            return DOUBTFUL
        return default(frame) if result is None and default is not None else result

    return read


TABLE: dict[type[Node], Callable[[Any, Build], Read]] = {  # Any: each function takes its own node
    Aggregate: aggregate,
    ElementAggregate: element_aggregate,
}
