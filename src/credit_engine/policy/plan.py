"""The plan: a policy with every name resolved, every number typed and scaled, every default filled in.

Engines read plans and nothing else. Node kinds are a closed set (`nodes.NODES`); each engine has one table
from node kind to function. Names of fields, indicators, parameters and scales exist, and the steps they belong to are
in the order own score, lists, own grade, findings.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

import attrs
from attrs import field, frozen

from credit_engine.days import CalendarWindow, Period
from credit_engine.errors import Place
from credit_engine.policy.nodes import Condition, Literal, Node, Selector, Span, Value
from credit_engine.policy.plan_basis import Basis, InForce, Law
from credit_engine.policy.plan_spreading import RecognitionRule, SpreadRule
from credit_engine.quantities import FieldType

# --- what a policy consists of --------------------------------------------------------------------------------


@frozen
class Source:
    """Where a rule or value comes from; `rank` bounds what it may do, `reaches` which relations or roles it names."""

    id: str
    title: str
    article: str
    rank: str
    in_force: InForce
    reaches: tuple[str, ...] = ()
    certainty: str = ""
    place: Place = field(factory=Place, eq=False)


@frozen
class DatedValue:
    """A parameter's value since a day. `value`: plain, a dict (table), or `None` for unknown; `ended`: over."""

    since: date
    value: Any  # Any: number, text, Period, CalendarWindow, or a table of these
    ended: bool = False
    source: str = ""
    certainty: str = ""


@frozen
class DatedParameter:
    """A named value of the law and how it changed; `values` in date order, `type_` is the type of one value."""

    name: str
    unit: str
    type_: FieldType
    values: tuple[DatedValue, ...]
    table: bool = False
    by_region: bool = False
    title: Mapping[str, str] = field(factory=dict, hash=False)
    place: Place = field(factory=Place, eq=False)


@frozen
class Admission(Node):
    """Which events of a kind take part anywhere; `per`: of several with equal values the earliest stands."""

    kind: str
    standing: frozenset[str]
    where: Condition
    per: tuple[Value, ...] = ()


@frozen
class NamedIndicator:
    """`needs_event`: it reads the asker's event (`same`, `at`), so it has no value seen from a day."""

    name: str
    value: Value
    type_: FieldType
    title: Mapping[str, str] = field(factory=dict, hash=False)
    needs_event: bool = False
    place: Place = field(factory=Place, eq=False)


@frozen
class ScoreRule:
    """One rule: contributions from each selected event, or one from the day judged (`each` is None).

    `points` is in thousandths; `sign` is -1 for `deduct`. `nonnegative`: its value cannot be below 0, so an unknown
    one lies between nothing and the limit on one side only. `parameters`: the names that the rule reads anywhere.
    """

    id: str
    title: Mapping[str, str] = field(hash=False)
    each: Selector | None
    when: Condition
    points: Value
    sign: int
    nonnegative: bool
    counts: Span | None
    fades: bool
    group: str | None
    law: Law
    basis: Basis
    parameters: tuple[str, ...]
    place: Place = field(factory=Place, eq=False)


@frozen
class Score:
    """`start`, range and group limits in thousandths (`None`: none); a group limit bounds the size of a signed sum."""

    start: int
    low: int | None
    high: int | None
    groups: Mapping[str, int] = field(hash=False)
    rules: tuple[ScoreRule, ...] = ()


@frozen
class GradeRow(Node):
    """`label` is a `Literal` text, or a value that gives a label."""

    label: Value
    condition: Condition


@frozen
class Adjustment:
    """A shift or bound of a grade; `kind`: worse_by, better_by (counts, they add up), at_best or at_worst (labels)."""

    id: str
    title: Mapping[str, str] = field(hash=False)
    when: Condition
    kind: str
    value: Value
    basis: Basis
    place: Place = field(factory=Place, eq=False)


@frozen
class Scale:
    """A scale of grades: `order` best first, labels `outside` without rank; `review`: yearly, quarterly, monthly."""

    name: str
    order: tuple[str, ...]
    outside: tuple[str, ...]
    titles: Mapping[str, Mapping[str, str]] = field(hash=False)
    rows: tuple[GradeRow, ...]
    adjust: tuple[Adjustment, ...] = ()
    review: str | None = None
    audience: Value = field(factory=lambda: Literal("public"))
    place: Place = field(factory=Place, eq=False)


# --- what follows from a record: lists, measures, findings, obligations, supervision ----------------------------


@frozen
class Opens:
    """What makes an entry: each selected event, or (with `review`) a review day on which `when` holds.

    `unless` stops only when it is true.
    """

    each: Selector | None
    when: Condition
    unless: Condition


@frozen
class RepairRow(Node):
    """One way to repair: not before the last day of its span, or `never` (no span)."""

    condition: Condition
    basis: tuple[str, ...]
    span: Span | None


@frozen
class Repair:
    """Early removal. `where` reads the newest rectification of the entry; `unless_new`: what stands against it."""

    rows: tuple[RepairRow, ...]
    where: Condition
    when: Condition
    unless_new: Selector | None


@frozen
class ListRule:
    """A list: `polarity` is negative, positive or neutral (a publication).

    `foundation`: in force on law days on which one of these sources is. `term` is none for lists with `review`.
    `audience` gives a text; `ground_kind` is the kind whose fields `term` and `repair` rows read.
    """

    name: str
    title: Mapping[str, str] = field(hash=False)
    polarity: str
    foundation: tuple[str, ...]
    needs_decision: bool
    audience: Value
    ground_kind: str
    opens: Opens | None
    term: Span | None
    repair: Repair | None
    review: str | None
    suspended_by: Selector | None
    measures: tuple[str, ...]
    law: Law
    parameters: tuple[str, ...]
    place: Place = field(factory=Place, eq=False)


@frozen
class Measure:
    """A row of the measure catalogue: `class_` I, II or III; `targets`: entity, person."""

    id: str
    title: Mapping[str, str] = field(hash=False)
    class_: str
    executor: str
    basis: tuple[str, ...]
    related_matter: str
    targets: tuple[str, ...]
    place: Place = field(factory=Place, eq=False)


@frozen
class FindingRule:
    """What the law says must, may or must not follow; a person decides. `lasts` none: without end (with `each`)."""

    id: str
    title: Mapping[str, str] = field(hash=False)
    each: Selector | None
    when: Condition
    says: str
    text: Mapping[str, str] = field(hash=False)
    lasts: Span | None
    audience: Value
    law: Law
    basis: Basis
    parameters: tuple[str, ...]
    place: Place = field(factory=Place, eq=False)


@frozen
class ObligationRule:
    """A deadline. `met_on`: a field, or a selector of the party's events; `owed_by`: a value that names who owes it.

    `region_of_operator`: the summary counts it where the operator is registered.
    """

    id: str
    title: Mapping[str, str] = field(hash=False)
    each: Selector
    due: Span
    not_before: Span | None
    met_on: Value | Selector
    owed_by: Value
    region_of_operator: bool
    law: Law
    basis: Basis
    parameters: tuple[str, ...]
    place: Place = field(factory=Place, eq=False)


@frozen
class SupervisionRule:
    """How closely to supervise while `when` holds: inspections per period, a factor for sampling, or a notice."""

    id: str
    title: Mapping[str, str] = field(hash=False)
    when: Condition
    at_least: int | None
    at_most: int | None
    per: Period | None
    times: Fraction | None
    notice: str | None
    basis: Basis
    place: Place = field(factory=Place, eq=False)


@frozen
class RelationKind:
    """A kind of relation: what its source and target are (`person`, `operator`, `party`)."""

    name: str
    source: str = "party"
    target: str = "party"


@frozen
class Plan:
    """A whole policy, resolved. `computed` is keyed by (kind, name); `field_types`: declared and built-in fields."""

    policy: str
    title: Mapping[str, str] = field(hash=False)
    illustrative: bool
    regions: tuple[str, ...]
    audience: Value
    law: Law
    sources: Mapping[str, Source] = field(hash=False)
    kinds: Mapping[str, str] = field(hash=False)
    relations: Mapping[str, RelationKind] = field(hash=False)
    field_types: Mapping[str, Mapping[str, FieldType]] = field(hash=False)
    computed: Mapping[tuple[str, str], Value] = field(hash=False)
    parameters: Mapping[str, DatedParameter] = field(hash=False)
    admits: Mapping[str, Admission] = field(hash=False)
    indicators: Mapping[str, NamedIndicator] = field(hash=False)
    score: Score | None
    scales: tuple[Scale, ...]
    lists: tuple[ListRule, ...] = ()
    measures: Mapping[str, Measure] = field(factory=dict, hash=False)
    findings: tuple[FindingRule, ...] = ()
    obligations: tuple[ObligationRule, ...] = ()
    supervision: tuple[SupervisionRule, ...] = ()
    spread: tuple[SpreadRule, ...] = ()
    recognition: tuple[RecognitionRule, ...] = ()
    place: Place = field(factory=Place, eq=False)

    def as_json(self) -> str:
        """The plan as JSON with sorted keys; places are left out, so moving a rule's lines does not change it."""
        return json.dumps(_plain(self), ensure_ascii=False, sort_keys=True, indent=1)

    @property
    def hash(self) -> str:
        """SHA-256 of the JSON, hexadecimal."""
        return hashlib.sha256(self.as_json().encode()).hexdigest()


def _plain(piece: object) -> object:
    """Plain data of any piece of a plan, for JSON."""
    if piece is None or type(piece) in (str, int, bool):
        return piece
    if isinstance(piece, date | Fraction | Period | CalendarWindow):
        return str(piece)
    names = _fields(type(piece))  # type: ignore[arg-type]  # every class has a hash
    if names is not None:
        fields = {name: _plain(getattr(piece, name)) for name in names}
        return {"node": type(piece).__name__, **fields} if isinstance(piece, Node) else fields
    if isinstance(piece, Mapping):
        return {".".join(key) if isinstance(key, tuple) else str(key): _plain(value) for key, value in piece.items()}
    if isinstance(piece, tuple | list):
        return [_plain(element) for element in piece]
    if isinstance(piece, frozenset | set):
        return sorted(str(element) for element in piece)
    return piece


@cache
def _fields(cls: Any) -> tuple[str, ...] | None:  # Any: attrs asks for a class that it made
    """The fields of a class of pieces but for their places; `None`: it has none."""
    return tuple(a.name for a in attrs.fields(cls) if a.type not in ("Place", Place)) if attrs.has(cls) else None
