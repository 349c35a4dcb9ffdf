"""Values: each node becomes a function from a viewpoint to a plain value or one of the special ones (`unknown`).

Whole numbers and exact fractions only; what is divided is divided exactly and cut once, where points are made of it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from operator import attrgetter
from typing import Any

from credit_engine.assessing.aggregating import FOLDS, Read
from credit_engine.assessing.scene import Build, Frame
from credit_engine.assessing.unknown import (
    DOUBTFUL,
    NONE,
    NOT_IN_FORCE,
    Range,
    between,
    ends,
    is_plain,
    spread_over,
    worst,
)
from credit_engine.days import add
from credit_engine.policy.nodes import (
    Bounded,
    Combined,
    ComputedField,
    DayAfter,
    DecisionField,
    EntryField,
    EventField,
    Holds,
    Indicator,
    Item,
    Listed,
    Literal,
    LookUp,
    Node,
    OnList,
    OperatorField,
    Otherwise,
    OwnGrade,
    OwnScore,
    Parameter,
    Province,
    Ratio,
    Rounded,
    Rows,
    Scaled,
    ViewDay,
)

_NOT_FOUND = object()  # stands for what no indicator has found yet

# --- names ----------------------------------------------------------------------------------------------------


def literal(node: Literal, _build: Build) -> Read:
    """What is written."""
    value = node.value
    return lambda _frame: value


def parameter(node: Parameter, build: Build) -> Read:
    """The parameter's value on the law day."""
    return dated(build, node.name)


def dated(build: Build, name: str) -> Read:
    """The value of a parameter on the law day: plain, a table, `DOUBTFUL` (null) or `NOT_IN_FORCE`."""
    values = [
        (step.since, NOT_IN_FORCE if step.ended else DOUBTFUL if step.value is None else step.value)
        for step in reversed(build.plan.parameters[name].values)
    ]

    def read(frame: Frame) -> Any:  # Any: the parameter's type
        law = frame.law
        for since, value in values:
            if since <= law:
                return value
        return NOT_IN_FORCE

    return read


def look_up(node: LookUp, build: Build) -> Read:
    """The table's value for a code; an absent code is unknown."""
    table_of, key_of = dated(build, node.parameter), build(node.by)

    def read(frame: Frame) -> Any:  # Any: the table's value type
        table, key = table_of(frame), key_of(frame)
        if not is_plain(table):
            return table
        if not is_plain(key):
            return NOT_IN_FORCE if key is NOT_IN_FORCE else DOUBTFUL
        if node.climbs and key not in table:
            path = frame.scene.dossier.regions.climb(key, frame.day) or ()
            key = next((region for region in path if region in table), key)
        value = table.get(key)
        return DOUBTFUL if value is None else value

    return read


def event_field(node: EventField, _build: Build) -> Read:
    """A field of the event at hand; an empty cell is known where the event's codes say so."""
    name = node.name
    if node.declared:
        return lambda frame: frame.event.extra.get(name)
    if node.implied is None:
        return attrgetter(f"event.{name}")
    codes_field, codes, implied = node.implied
    value_without = NONE if implied is None else implied

    def read(frame: Frame) -> Any:  # Any: the field's type
        value = getattr(frame.event, name)
        if value is None:
            given = getattr(frame.event, codes_field)
            if given is not None and not given & codes:
                return value_without
        return value

    return read


def computed_field(node: ComputedField, build: Build) -> Read:
    """A computed field of the event at hand, from the asker's viewpoint."""
    return build(build.plan.computed[node.kind, node.name])


def item(node: Item, _build: Build) -> Read:
    """The element at hand, or a part of it."""
    name = node.field
    return (lambda frame: frame.item.get(name)) if name else (lambda frame: frame.item)


def operator_field(node: OperatorField, _build: Build) -> Read:
    """A field of the party judged."""
    name = node.name
    if node.declared:
        return lambda frame: frame.scene.party.extra.get(name)
    return lambda frame: getattr(frame.scene.party, name, None)


def view_day(_node: ViewDay, _build: Build) -> Read:
    """The viewpoint's day."""
    return lambda frame: frame.day


def province(node: Province, build: Build) -> Read:
    """The topmost ancestor of a region."""
    region = build(node.region)

    def read(frame: Frame) -> Any:  # Any: text or a special value
        code = region(frame)
        if not is_plain(code):
            return code
        path = frame.scene.dossier.regions.climb(code, frame.day)
        return DOUBTFUL if path is None else path[-1]

    return read


def indicator(node: Indicator, build: Build) -> Read:
    """An indicator from the asker's viewpoint, under the law of the viewpoint's day; found once per viewpoint."""
    named = build.plan.indicators[node.name]
    name, needs_event = node.name, named.needs_event
    value = build(named.value)

    def read(frame: Frame) -> Any:  # Any: the indicator's type
        event = frame.event if needs_event else None
        key = (name, frame.day, frame.position, event and (event.kind, event.id))
        result = frame.scene.found.get(key, _NOT_FOUND)
        if result is _NOT_FOUND:
            own_law = frame.law == frame.day and frame.item is None
            at = frame if own_law else Frame(frame.scene, frame.day, frame.position, frame.event, frame.day)
            result = frame.scene.found[key] = value(at)
        return result

    return read


def own_score(_node: OwnScore, _build: Build) -> Read:
    """The own score of the day judged."""
    return lambda frame: frame.scene.own_score()


def own_grade(node: OwnGrade, _build: Build) -> Read:
    """The own grade of the day judged on one scale."""
    return lambda frame: frame.scene.own_grade(node.scale)


def listed(_node: Listed, _build: Build) -> Read:
    """The day on which the list entry at hand was listed."""
    return lambda frame: frame.item.listed


def decision_field(node: DecisionField, _build: Build) -> Read:
    """A field of the decision that listed the entry at hand; known to be none where no decision did."""
    name = node.name

    def read(frame: Frame) -> Any:  # Any: the field's type
        decision = frame.item.decision
        if decision is None:
            return NONE
        return decision.extra.get(name) if node.declared else getattr(decision, name)

    return read


def entry_field(node: EntryField, _build: Build) -> Read:
    """What recognition asks of the list entry at hand."""
    return attrgetter(f"item.{node.name}")


def on_list(node: OnList, _build: Build) -> Read:
    """Whether the party is on a list on the day judged."""
    name = node.list
    return lambda frame: frame.scene.on_list(name)


def day_after(node: DayAfter, build: Build) -> Read:
    """`add(day, period)`."""
    day_of, period_of = build(node.day), build(node.period)

    def read(frame: Frame) -> Any:  # Any: a date or a special value
        day, period = day_of(frame), period_of(frame)
        if not (is_plain(day) and is_plain(period)):
            return worst((day, period))
        return add(day, period) or DOUBTFUL

    return read


# --- combinations ---------------------------------------------------------------------------------------------


def combined(node: Combined, build: Build) -> Read:
    """`sum`, `highest` or `lowest` of several values, ranges end by end."""
    parts = tuple(build(value) for value in node.values)
    fold = FOLDS[node.op]

    def read(frame: Frame) -> Any:  # Any: a number or special value
        values = tuple(part(frame) for part in parts)
        if all(is_plain(value) for value in values):
            return fold(list(values))
        if all(is_plain(value) or isinstance(value, Range) for value in values):
            return between(
                *(_fold_ends(node.op, side) for side in zip(*(ends(value) for value in values), strict=True))
            )
        return worst(tuple(value for value in values if not isinstance(value, Range)))

    return read


def _fold_ends(
    name: str, side: tuple[Any, ...]
) -> Any:  # Any: the lower or the upper ends; only upper ones can be None
    known_ends = [end for end in side if end is not None]
    if len(known_ends) == len(side):
        return FOLDS[name](known_ends)
    return FOLDS[name](known_ends) if name == "lowest" and known_ends else None


def ratio(node: Ratio, build: Build) -> Read:
    """An exact quotient; unknown over zero and over ranges."""
    above, below = build(node.numerator), build(node.denominator)

    def read(frame: Frame) -> Any:  # Any: a number or special value
        one, other = above(frame), below(frame)
        if not (is_plain(one) and is_plain(other)):
            return worst((one, other))
        return Fraction(one) / other if other else DOUBTFUL

    return read


def holds(node: Holds, build: Build) -> Read:
    """True, false or unknown, as the condition."""
    condition = build(node.condition)

    def read(frame: Frame) -> Any:  # Any: a truth or DOUBTFUL
        truth = condition(frame)
        return DOUBTFUL if truth is None else truth

    return read


def rows(node: Rows, build: Build) -> Read:
    """The first row that holds; doubtful if an earlier one only may, missing if none does."""
    parts = tuple((build(row.condition), build(row.value)) for row in node.rows)

    def read(frame: Frame) -> Any:  # Any: the rows' value type
        for condition, value in parts:
            truth = condition(frame)
            if truth is True:
                return value(frame)
            if truth is None:
                return DOUBTFUL
        return None

    return read


def otherwise(node: Otherwise, build: Build) -> Read:
    """The value, or the default where it is missing."""
    value, default = build(node.value), build(node.default)

    def read(frame: Frame) -> Any:  # Any: the value's type
        found = value(frame)
        return default(frame) if found is None else found

    return read


def scaled(node: Scaled, build: Build) -> Read:
    """The value times a factor."""
    value, factor_of = build(node.value), build(node.factor)

    def read(frame: Frame) -> Any:  # Any: a number or special value
        number, factor = value(frame), factor_of(frame)
        if is_plain(number) and is_plain(factor):
            return number * factor
        if isinstance(number, Range) and is_plain(factor):
            return _times(number, factor)
        return worst((number, factor))

    return read


def _times(number: Range, factor: Any) -> Any:  # Any: a whole number or fraction
    low, high = (None if end is None else end * factor for end in (number.low, number.high))
    if factor == 0:
        return 0
    return between(high, low) if factor < 0 else between(low, high)


def rounded(node: Rounded, build: Build) -> Read:
    """The value rounded to a multiple of the step, on magnitudes."""
    value = build(node.value)
    return lambda frame: spread_over(value(frame), lambda number: round_to(number, node.step, node.mode))


def round_to(number: int | Fraction, step: Fraction, mode: str) -> int | Fraction:
    """The multiple of `step` next to a number: `half_up`, `up` or `down`, all on the magnitude."""
    quotient = abs(Fraction(number)) / step
    whole, rest = divmod(quotient.numerator, quotient.denominator)
    if rest and (mode == "up" or (mode == "half_up" and 2 * rest >= quotient.denominator)):
        whole += 1
    result = whole * step * (-1 if number < 0 else 1)
    return int(result) if result.denominator == 1 else result


def bounded(node: Bounded, build: Build) -> Read:
    """The value, but not below `low` and not above `high`."""
    value = build(node.value)
    low_of = build(node.low) if node.low is not None else None
    high_of = build(node.high) if node.high is not None else None

    def read(frame: Frame) -> Any:  # Any: a number, day or special value
        number = value(frame)
        low = low_of(frame) if low_of is not None else None
        high = high_of(frame) if high_of is not None else None
        limits = tuple(limit for limit, of in ((low, low_of), (high, high_of)) if of is not None)
        if not all(is_plain(limit) for limit in limits):
            return worst((*limits, number))
        if isinstance(number, Range):
            return between(_clamp(number.low, low, high, low), _clamp(number.high, low, high, high))
        return _clamp(number, low, high, None) if is_plain(number) else number

    return read


def _clamp(number: Any, low: Any, high: Any, endless: Any) -> Any:  # Any: numbers or days; None is no limit
    if number is None:
        return endless
    if low is not None and number < low:
        number = low
    return high if high is not None and number > high else number


TABLE: dict[type[Node], Callable[[Any, Build], Read]] = {  # Any: each function takes its own node
    Literal: literal,
    Parameter: parameter,
    LookUp: look_up,
    EventField: event_field,
    ComputedField: computed_field,
    Item: item,
    OperatorField: operator_field,
    ViewDay: view_day,
    Province: province,
    Indicator: indicator,
    OwnScore: own_score,
    OwnGrade: own_grade,
    Listed: listed,
    DecisionField: decision_field,
    EntryField: entry_field,
    OnList: on_list,
    DayAfter: day_after,
    Combined: combined,
    Ratio: ratio,
    Holds: holds,
    Rows: rows,
    Otherwise: otherwise,
    Scaled: scaled,
    Rounded: rounded,
    Bounded: bounded,
}
