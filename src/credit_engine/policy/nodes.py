"""The nodes of a plan: values, conditions, selectors and spans. The closed set is `NODES`.

* Conditions are in negation normal form: `negated` stands on leaves only. A leaf whose value is not in force is
  false, negated or not; that is why `not` cannot be a node of its own.
* Numbers are whole: `count` as it is, `fen`, or `thousandths` (literals and parameters are scaled already). Where a
  count meets thousandths the plan has a `Scaled` node. Dates are `datetime.date`, shares `Fraction`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import attrs
from attrs import frozen

# --- values ---------------------------------------------------------------------------------------------------


@frozen
class Node:
    """Any piece of a plan that an engine must know how to compute."""


@frozen
class Value(Node):
    """A node that gives a value."""


@frozen
class Condition(Node):
    """A node that holds, may hold, or neither."""


@frozen
class Literal(Value):
    """A value written in the policy: whole number, text, bool, date, `Period`, `CalendarWindow`, `Fraction`."""

    value: Any  # Any: one of the types above


@frozen
class Parameter(Value):
    """A dated parameter, read on the law day of whoever asks; not in force before its first date or once ended."""

    name: str


@frozen
class LookUp(Value):
    """A dated table at one code; an absent code is unknown; `climbs`: the ancestors of a region are tried in turn."""

    parameter: str
    by: Value
    climbs: bool = False


@frozen
class EventField(Value):
    """A field of the event at hand. `declared`: in `extra`. `implied`: (field of codes, codes, value without them)."""

    name: str
    declared: bool = False
    implied: tuple[str, frozenset[str], int | None] | None = None


@frozen
class ComputedField(Value):
    """`fields.KIND.NAME` of the event at hand, seen from the asker's viewpoint (`Plan.computed`)."""

    kind: str
    name: str


@frozen
class Item(Value):
    """The element at hand of a list; `field` names a part of it where elements are records."""

    field: str = ""


@frozen
class OperatorField(Value):
    """A field of the party judged; `kind` of a person is `person`."""

    name: str
    declared: bool = False


@frozen
class ViewDay(Value):
    """`day`: the viewpoint's day."""


@frozen
class Province(Value):
    """`.province`: the topmost ancestor of a region, on the viewpoint's day."""

    region: Value


@frozen
class Indicator(Value):
    """An indicator, from the viewpoint of whoever asks (`Plan.indicators`)."""

    name: str


@frozen
class OwnScore(Value):
    """`score`, in thousandths: of the day judged (in a review: of the review day)."""


@frozen
class OwnGrade(Value):
    """`grade` or `grade.SCALE`, as text: of the day judged."""

    scale: str


@frozen
class DayAfter(Value):
    """`add(day, period)`; the right-hand side of `{at_least: P, after: DATE}`."""

    day: Value
    period: Value


@frozen
class Selector(Node):
    """Which events are meant: `standing`, `admits`, `where`, `same`; the window; `per`, `last`; then elements.

    `by`: anchors, first present. `element`: the list field whose elements are taken one by one (`item_where` is what
    `where` says of `item`). `within` gives a `Period` or a `CalendarWindow`. `same`: pairs (their field, our field).
    `settled`: neither `where` nor `same` depends on who asks, so the matching events can be found once.
    """

    kind: str
    by: tuple[str, ...]
    standing: frozenset[str]
    where: Condition
    element: EventField | ComputedField | None = None
    item_where: Condition | None = None
    same: tuple[tuple[Value, Value], ...] = ()
    at: str | None = None
    within: Value | None = None
    since: Selector | None = None
    before: bool = False
    per: tuple[Value, ...] = ()
    last: int | None = None
    settled: bool = True


@frozen
class Aggregate(Value):
    """`count`, `sum`, `mean`, `highest`, `lowest`, `latest` or `days_since` over a selector.

    `of`: what is added up or taken, read from each event (none for `count`, `days_since`). `or_` replaces "no event".
    """

    op: str
    selector: Selector
    of: Value | None = None
    or_: Value | None = None


@frozen
class ElementAggregate(Value):
    """The same over a list field of the event itself, in a computed field; `of` reads `Item`."""

    op: str
    element: EventField
    where: Condition
    of: Value | None = None
    or_: Value | None = None


@frozen
class Combined(Value):
    """`sum`, `highest` or `lowest` of several values; unknown if one of them is."""

    op: str
    values: tuple[Value, ...]


@frozen
class Ratio(Value):
    """An exact quotient of two whole numbers; unknown where the denominator is 0."""

    numerator: Value
    denominator: Value


@frozen
class Holds(Value):
    """True, false or unknown, as its condition."""

    condition: Condition


@frozen
class Row(Node):
    """One row: the value that counts if no earlier row holds."""

    condition: Condition
    value: Value


@frozen
class Rows(Value):
    """The value of the first row that holds; unknown where an earlier row only may hold, or none holds."""

    rows: tuple[Row, ...]


@frozen
class Otherwise(Value):
    """`or`: `value`, or `default` where `value` is missing (not where it is doubtful)."""

    value: Value
    default: Value


@frozen
class Scaled(Value):
    """`value x factor`; a whole number or fraction: `times`, 1/`per`, and 1000 from a count to thousandths."""

    value: Value
    factor: Value


@frozen
class Rounded(Value):
    """`value` rounded to a multiple of `step` (in the value's own scale); `mode` half_up, up or down, on magnitudes."""

    value: Value
    step: Fraction
    mode: str


@frozen
class Bounded(Value):
    """`value`, but at least `low` and at most `high`."""

    value: Value
    low: Value | None = None
    high: Value | None = None


@frozen
class Listed(Value):
    """`listed`: the day on which the list entry at hand was listed (the newest `list` or `restore` step)."""


@frozen
class DecisionField(Value):
    """`decision.NAME`: a field of the newest `list` or `restore` step of the entry at hand."""

    name: str
    declared: bool = False


@frozen
class EntryField(Value):
    """Of the list entry at hand: `origin`, `authority`, `published` (of its newest `list` step), `until`, `last_day`.

    `origin` is the region of the listing authority. `primary`: no ground is itself an entry.
    """

    name: str


@frozen
class OnList(Value):
    """`on_list.NAME`: whether an entry of the list is in force on the day judged."""

    list: str


# --- conditions -----------------------------------------------------------------------------------------------


@frozen
class Constant(Condition):
    """Always or never; the empty condition is `Constant(True)`."""

    holds: bool


@frozen
class All(Condition):
    """Every part holds."""

    parts: tuple[Condition, ...]


@frozen
class Any_(Condition):  # noqa: N801  # Any is taken
    """At least one part holds."""

    parts: tuple[Condition, ...]


@frozen
class Compare(Condition):
    """`op` is `is`, `at_least`, `above`, `at_most` or `below`. `name` is the left side as written, for unknowns."""

    left: Value
    op: str
    right: Value
    negated: bool = False
    name: str = ""


@frozen
class OneOf(Condition):
    """The left side equals one of several values."""

    left: Value
    choices: tuple[Value, ...]
    negated: bool = False
    name: str = ""


@frozen
class SetTest(Condition):
    """`op` is `has`, `has_any`, `has_all`, `has_none` or `only` (not empty, nothing else) on a set or list."""

    left: Value
    op: str
    right: tuple[Value, ...]
    negated: bool = False
    name: str = ""


@frozen
class Known(Condition):
    """The value is known: not missing, not doubtful, not an interval; `negated` for `{known: false}`."""

    left: Value
    negated: bool = False
    name: str = ""


@frozen
class Inside(Condition):
    """A region is the given one or lies below it, on the viewpoint's day."""

    left: Value
    region: Value
    negated: bool = False
    name: str = ""


@frozen
class Truth(Condition):
    """A boolean value read as a condition (`some_flag: true`)."""

    left: Value
    negated: bool = False
    name: str = ""


@frozen
class GradeRank(Condition):
    """`{at_best: C}` (C or worse) or `{at_worst: C}` (C or better) on a scale's order; labels outside it never hold."""

    left: Value
    op: str
    label: str
    order: tuple[str, ...]
    negated: bool = False
    name: str = ""


# --- spans ----------------------------------------------------------------------------------------------------


@frozen
class Plus(Node):
    """An extension that applies where its condition holds."""

    condition: Condition
    for_: Value


@frozen
class Pauses(Node):
    """Days that do not count: the `[from, until)` records of a list field whose `where` holds."""

    of: EventField
    where: Condition
    empty_if_missing: bool = False


@frozen
class SpanRow(Node):
    """One way to run: see design 3. `from_` missing in the policy is the rule's own day (`None`)."""

    condition: Condition
    basis: tuple[str, ...] = ()
    from_: tuple[Value, ...] | None = None
    for_: Value | None = None
    until: Value | None = None
    or_until: Value | None = None
    or_while: Condition | None = None
    until_next: Selector | None = None
    to_end_of: str | None = None
    plus: tuple[Plus, ...] = ()
    pauses: Pauses | None = None
    rolls: bool = False


@frozen
class Span(Node):
    """The first row that holds; a row holds only while its basis is in force."""

    rows: tuple[SpanRow, ...]


VALUES: tuple[type[Value], ...] = (
    Literal,
    Parameter,
    LookUp,
    EventField,
    ComputedField,
    Item,
    OperatorField,
    ViewDay,
    Province,
    Indicator,
    OwnScore,
    OwnGrade,
    Listed,
    DecisionField,
    EntryField,
    OnList,
    DayAfter,
    Aggregate,
    ElementAggregate,
    Combined,
    Ratio,
    Holds,
    Rows,
    Otherwise,
    Scaled,
    Rounded,
    Bounded,
)
CONDITIONS: tuple[type[Condition], ...] = (
    Constant,
    All,
    Any_,
    Compare,
    OneOf,
    SetTest,
    Known,
    Inside,
    Truth,
    GradeRank,
)
NODES: tuple[type[Node], ...] = (*VALUES, *CONDITIONS, Selector, Span)
OWN_ANSWERS: tuple[type[Value], ...] = (OwnScore, OwnGrade, OnList)  # what the party's own answer says


def walk(piece: object) -> list[Node]:
    """Every node below and including a piece of a plan, depth first, in order."""
    found: list[Node] = []
    stack = [piece]
    while stack:
        current = stack.pop()
        is_node, below = _made_of(type(current))  # type: ignore[arg-type]  # every class has a hash
        if is_node:
            found.append(current)  # type: ignore[arg-type]  # by the line above
        if below is not None:
            stack.extend(reversed(below(current)))
    return found


@cache
def _made_of(cls: Any) -> tuple[bool, Callable[[Any], Sequence[object]] | None]:  # Any: attrs asks for a class it made
    """Whether a class is one of nodes, and how to ask its objects for what is directly below them, if anything is."""
    if attrs.has(cls):
        names = [a.name for a in attrs.fields(cls)]
        return issubclass(cls, Node), lambda one: [getattr(one, name) for name in names]
    if issubclass(cls, Mapping):
        return False, lambda one: list(one.values())
    return False, list if issubclass(cls, tuple | list) else None


def children(piece: Node) -> list[Node]:
    """The nodes directly below a node, in the order of its fields."""
    found: list[Node] = []
    stack: list[object] = [getattr(piece, a.name) for a in reversed(attrs.fields(type(piece)))]
    while stack:
        current = stack.pop()
        if isinstance(current, Node):
            found.append(current)
        elif isinstance(current, tuple):
            stack.extend(reversed(current))
    return found
