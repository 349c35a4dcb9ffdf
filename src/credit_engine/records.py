"""The facts: parties, regions, relations and events, each a frozen record that may come in several versions.

`None` is unknown, an empty tuple or frozenset is known to be empty. `until` of relations and regions is the first
day outside; `restricted_until` and an honour's `until` are last days. Units: see `quantities`.
"""

# ruff: noqa: RUF009  # `_of` returns an attrs field, not a default
from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, ClassVar

import attrs
from attrs import field, frozen

from credit_engine.errors import Place, RecordError
from credit_engine.quantities import (
    BOOL,
    DATE,
    DECIMAL,
    INT,
    MONEY,
    PARTY,
    SHARE,
    TEXT,
    FieldType,
    Thousandths,
    fits,
    one_of,
    read_share,
    refuse,
    set_of,
)

STANDINGS = ("alleged", "found", "final", "withdrawn")
TAKES_PART = frozenset({"found", "final"})  # unless a policy or a selector says otherwise
TEXTS = FieldType("list", of=TEXT)
RESPONSIBLE = FieldType("list", of=FieldType("record", fields={"person": PARTY, "role": TEXT}))  # mappings: no hash

PENALTIES = (
    "warning",
    "criticism",
    "fine",
    "confiscation",
    "suspend_licence",
    "lower_qualification",
    "revoke_licence",
    "restrict_business",
    "stop_production",
    "closure",
    "restrict_employment",
    "detention",
)
STEPS = ("notify", "object", "list", "refuse", "accept", "repair", "refuse_repair", "revoke", "restore", "opt_out")


NEVER_NEGATIVE = frozenset({"fine", "confiscated", "goods_value", "items_failed", "key_items_failed", "revision"})


Texts = list[str] | tuple[str, ...]


# What a converter cannot take stays what it is; `_check` refuses it, for only there the record's name is known.


def _as_texts(value: Texts | None) -> tuple[str, ...] | None:
    """A list as a tuple; a set has no order."""
    return tuple(value) if isinstance(value, list) else value


def _as_records(value: Sequence[Mapping[str, str]] | None) -> tuple[Mapping[str, str], ...] | None:
    """A list as a tuple, records in it copied."""
    if not isinstance(value, list | tuple):
        return value  # type: ignore[return-value]  # refused by `_check`
    return tuple(dict(element) if isinstance(element, Mapping) else element for element in value)


def _as_set(value: Texts | set[str] | frozenset[str] | None) -> frozenset[str] | None:
    """A list, tuple or set of texts as a frozenset."""
    if not isinstance(value, list | tuple | set) or not all(isinstance(element, str) for element in value):
        return value  # type: ignore[return-value]  # refused by `_check`
    return frozenset(value)


def _as_decimal(value: Decimal | str | int | None) -> Thousandths | None:
    """Thousandths of a decimal text, a `Decimal` or whole units."""
    try:
        return None if value is None else Thousandths.read(value)
    except RecordError:
        return value  # type: ignore[return-value]  # `_check` reads it again and says what is wrong


def _as_share(value: Fraction | Decimal | str | int | None) -> Fraction | None:
    """The exact share of a text such as `"33.4%"`, a fraction, a `Decimal`, or whole 0 and 1."""
    try:
        return None if value is None else read_share(value)
    except RecordError:
        return value  # type: ignore[return-value]  # as above


def _as_dict(extra: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(extra)


def _or_zero(value: object) -> object:
    return 0 if value is None else value


def _placed(error: RecordError, record: Any, attribute: attrs.Attribute[Any]) -> RecordError:  # Any: see _name
    """The same error with the record and the field that it is about."""
    return RecordError(
        attrs.evolve(problem, message=f"{_name(record)}: {attribute.name}: {problem.message}")
        for problem in error.problems
    )


IDS = frozenset({"id", "party", "source", "target"})


def in_words(value: object) -> str:
    """A value of any sort as people write it, for messages: 'text', 2024-01-01, true, ['fine'], nothing."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(name)}: {in_words(part)}" for name, part in value.items()) + "}"
    if isinstance(value, AbstractSet | list | tuple):
        parts = [in_words(part) for part in value]
        return f"[{', '.join(sorted(parts) if isinstance(value, AbstractSet) else parts)}]"
    return f"of class {type(value).__name__}" if attrs.has(type(value)) else str(value)  # records name people


def _key(name: object) -> str:
    return name if isinstance(name, str) else in_words(name)


def _meant(value: object, type_: FieldType) -> str:
    """The hint for a code that nearly is one of those known."""
    codes = type_.of.codes if type_.of is not None else type_.codes
    words = sorted(map(str, value)) if isinstance(value, AbstractSet | tuple) else [value]
    wrong = [word for word in words if isinstance(word, str) and word not in codes]
    close = difflib.get_close_matches(wrong[0], codes, n=1) if wrong else []
    return f"did you mean {close[0]!r}?" if close else _HINTS.get(type_.name, "") if not type_.codes else ""


_HINTS = {
    "bool": "give True, False, or None for unknown",
    "date": "give a datetime.date: date(2026, 6, 30)",
    "int": "give a whole number",
    "money": "give whole fen as an int: 50000 is 500 yuan",
    "party": "give the party's id, a text that is not empty",
    "set": 'give a set, such as {"fine"}; frozenset() is known to be empty',
    "text": "give a text that is not empty; codes of digits stand in quotes",
}


_READ: Mapping[str, Callable[[object], object]] = {"decimal": Thousandths.read, "share": read_share}


def _check(record: Any, attribute: attrs.Attribute[Any], value: Any) -> None:  # Any: attrs hands over raw parts
    type_: FieldType = attribute.metadata["type"]
    if value is not None and type_.name in _READ:
        try:
            _READ[type_.name](value)
        except RecordError as error:
            raise _placed(error, record, attribute) from None
    if not fits(value, type_) or (attribute.default is attrs.NOTHING and value in {None, ""}):
        message = f"{_name(record)}: {attribute.name} is {in_words(value)}, not {type_}"
        raise refuse("bad_field", message, _meant(value, type_))
    if value is not None and attribute.name in IDS and not value.isprintable():
        raise refuse("bad_field", f"{_name(record)}: {attribute.name} has characters that cannot be printed")
    if value is not None and attribute.name in NEVER_NEGATIVE and value < 0:
        raise refuse("negative", f"{_name(record)}: {attribute.name} is negative")


def _name(record: Any) -> str:  # Any: half-built, so that any part may be missing
    id_ = getattr(record, "id", "")
    return f"{type(record).__name__} {id_!r}" if isinstance(id_, str) else type(record).__name__


def _of(type_: FieldType, **options: Any) -> Any:  # Any: what attrs.field returns
    options.setdefault("default", None)
    if options["default"] == 0:
        options.setdefault("converter", _or_zero)
    return field(metadata=_typed(type_), validator=_check, **options)


def _typed(type_: FieldType) -> Mapping[str, FieldType]:
    """The metadata of a field. Type checkers see what is required, and what a converter takes, in `field` only."""
    return {"type": type_}


# --- records --------------------------------------------------------------------------------------------------


@frozen
class RecordSource:
    """The file and the record number (first data record = 1) from which a record was read."""

    file: str
    record: int

    def __str__(self) -> str:
        """`violations.csv:12`."""
        return f"{self.file}:{self.record}"


@frozen(kw_only=True)
class Versioned:
    """What every record has: an id, the day it became known, a revision, and where it came from."""

    id: str = field(validator=_check, metadata=_typed(TEXT))
    recorded: date | None = _of(DATE)
    revision: int = _of(INT, default=0)
    read_from: RecordSource | None = field(default=None, eq=False)

    @property
    def place(self) -> Place:
        """Where the record stands, for messages."""
        return Place(self.read_from.file, self.read_from.record) if self.read_from else Place(path=self.id)


@frozen(kw_only=True)
class Operator(Versioned):
    """A food operator: enterprise, individual business, branch, platform, cooperative or farm."""

    kind: str | None = _of(TEXT)
    name: str | None = _of(TEXT)
    region: str | None = _of(TEXT)
    registered: date | None = _of(DATE)
    closed: date | None = _of(DATE)
    credit_code: str | None = _of(TEXT)
    licences: tuple[str, ...] | None = field(
        default=None, converter=_as_texts, validator=_check, metadata=_typed(TEXTS)
    )
    extra: Mapping[str, Any] = field(factory=dict, converter=_as_dict, hash=False)

    def __attrs_post_init__(self) -> None:
        """Refuse the kind of a natural person: an operator is known to be none, also where its kind is not known."""
        if self.kind == Person.kind:
            message = f"operator {self.id!r}: kind is {Person.kind!r}, but a natural person is no operator"
            raise refuse("person_as_operator", message, "use Person (table persons)")


@frozen(kw_only=True)
class Person(Versioned):
    """A natural person; for policies `operator.kind` is then `person`, and no region bounds the person."""

    name: str | None = _of(TEXT)
    extra: Mapping[str, Any] = field(factory=dict, converter=_as_dict, hash=False)

    kind: ClassVar[str] = "person"


Party = Operator | Person


@frozen(kw_only=True)
class Region:
    """A region code with the days `[from_day, until)` on which it is valid (no `until`: still)."""

    code: str = field(validator=_check, metadata=_typed(TEXT))
    name: str | None = _of(TEXT)
    parent: str | None = _of(TEXT)
    from_day: date | None = _of(DATE)
    until: date | None = _of(DATE)

    def valid_on(self, day: date) -> bool:
        """Whether the code is valid on this day."""
        return (self.from_day is None or self.from_day <= day) and (self.until is None or day < self.until)


@frozen(kw_only=True)
class Relation(Versioned):
    """*source is KIND of target*, in force on `[since, until)`, with a share or a range `share` to `share_max`."""

    kind: str = field(validator=_check, metadata=_typed(TEXT))
    source: str = field(validator=_check, metadata=_typed(PARTY))
    target: str = field(validator=_check, metadata=_typed(PARTY))
    share: Fraction | None = field(default=None, converter=_as_share, validator=_check, metadata=_typed(SHARE))
    share_max: Fraction | None = field(default=None, converter=_as_share, validator=_check, metadata=_typed(SHARE))
    since: date | None = _of(DATE)
    until: date | None = _of(DATE)
    document: str | None = _of(TEXT)

    def __attrs_post_init__(self) -> None:
        """Refuse a relation to oneself, an end before the beginning, and a range whose upper end is the lower one."""
        if self.source == self.target:
            raise refuse("relation_to_itself", f"relation {self.id!r} goes from {self.source!r} to itself")
        if self.since is not None and self.until is not None and self.until < self.since:
            message = f"relation {self.id!r} ends on {self.until}, before it begins on {self.since}"
            raise refuse("bad_period", message, "`until` is the first day outside")
        if self.share is not None and self.share_max is not None and self.share_max < self.share:
            raise refuse("bad_share", f"relation {self.id!r}: share_max is below share")


RELATION_KINDS = (
    "legal_representative",
    "principal",
    "responsible",
    "actual_controller",
    "shareholder",
    "branch",
    "host",
    "maker",
    "employee",
    "successor",
    "same_address",
)


@frozen(kw_only=True)
class Event(Versioned):
    """What every event has. `region` is the authority's; the day fields are anchors, each use of an event names one.

    `extra` holds the fields that a policy declares, already of the declared type (`FieldType`).
    """

    party: str = field(validator=_check, metadata=_typed(PARTY))
    authority: str | None = _of(TEXT)
    region: str | None = _of(TEXT)
    document: str | None = _of(TEXT)
    sequence: int = _of(INT, default=0)
    occurred: date | None = _of(DATE)
    decided: date | None = _of(DATE)
    effective: date | None = _of(DATE)
    published: date | None = _of(DATE)
    received: date | None = _of(DATE)
    withdrawn: date | None = _of(DATE)
    standing: str = _of(one_of(*STANDINGS), default="found", converter=lambda value: value or "found")
    stayed: bool | None = _of(BOOL)
    extra: Mapping[str, Any] = field(factory=dict, converter=_as_dict, hash=False)

    kind: ClassVar[str] = ""


@frozen(kw_only=True)
class Violation(Event):
    """One penalty decision (行政处罚): one or more acts, one or more penalties."""

    kind: ClassVar[str] = "violation"

    acts: tuple[str, ...] | None = field(default=None, converter=_as_texts, validator=_check, metadata=_typed(TEXTS))
    law: str | None = _of(TEXT)
    article: str | None = _of(TEXT)
    severity: str | None = _of(one_of("minor", "general", "severe"))
    penalties: frozenset[str] | None = field(
        default=None, converter=_as_set, validator=_check, metadata=_typed(set_of(*PENALTIES))
    )
    fine: int | None = _of(MONEY)
    confiscated: int | None = _of(MONEY)
    goods_value: int | None = _of(MONEY)
    heavier: bool | None = _of(BOOL)
    intent: bool | None = _of(BOOL)
    procedure: str | None = _of(one_of("ordinary", "summary"))
    restricted_until: date | None = _of(DATE)
    responsible: tuple[Mapping[str, str], ...] | None = field(
        default=None, converter=_as_records, validator=_check, metadata=_typed(RESPONSIBLE), hash=False
    )


@frozen(kw_only=True)
class Inspection(Event):
    """One visit or sample (监督检查、抽检) and what it found."""

    kind: ClassVar[str] = "inspection"

    type: str | None = _of(one_of("routine", "special", "sampling", "unannounced", "system"))
    result: str | None = _of(one_of("pass", "basic", "fail"))
    score: Thousandths | None = field(default=None, converter=_as_decimal, validator=_check, metadata=_typed(DECIMAL))
    items_failed: int | None = _of(INT)
    key_items_failed: int | None = _of(INT)
    level: str | None = _of(TEXT)
    product: str | None = _of(TEXT)
    batch: str | None = _of(TEXT)
    hazard: str | None = _of(TEXT)
    served: date | None = _of(DATE)
    disposed: date | None = _of(DATE)


@frozen(kw_only=True)
class CaseTransfer(Event):
    """A case handed to the police, another region or another department (案件移送、协查), and what came of it."""

    kind: ClassVar[str] = "case_transfer"

    direction: str | None = _of(one_of("criminal", "region", "department"))
    from_authority: str | None = _of(TEXT)
    to_authority: str | None = _of(TEXT)
    to_region: str | None = _of(TEXT)
    handed_over: date | None = _of(DATE)
    answered: date | None = _of(DATE)
    status: str | None = _of(
        one_of("sent", "accepted", "returned", "filed", "prosecuted", "convicted", "acquitted", "dropped", "closed")
    )
    sentence: str | None = _of(TEXT)
    responsible: tuple[Mapping[str, str], ...] | None = field(
        default=None, converter=_as_records, validator=_check, metadata=_typed(RESPONSIBLE), hash=False
    )


@frozen(kw_only=True)
class Rectification(Event):
    """Duties performed, harm removed, a promise, an application for repair (整改、信用修复)."""

    kind: ClassVar[str] = "rectification"

    of: str | None = _of(TEXT)
    performed: date | None = _of(DATE)
    harm_removed: bool | None = _of(BOOL)
    promise: bool | None = _of(BOOL)
    false_material: bool | None = _of(BOOL)


@frozen(kw_only=True)
class Honour(Event):
    """An award or certificate (荣誉、认证); `until` is its last day."""

    kind: ClassVar[str] = "honour"

    type: str | None = _of(TEXT)
    until: date | None = _of(DATE)


@frozen(kw_only=True)
class ListDecision(Event):
    """The authority's own step on a list entry (列入、移出决定)."""

    kind: ClassVar[str] = "list_decision"

    list: str | None = _of(TEXT)
    step: str | None = _of(one_of(*STEPS))
    grounds: tuple[str, ...] | None = field(default=None, converter=_as_texts, validator=_check, metadata=_typed(TEXTS))


@frozen(kw_only=True)
class OtherEvent(Event):
    """An event of a kind that the policy declares (`kinds:`); all its own fields are in `extra`."""

    kind: str = field(validator=_check, metadata=_typed(TEXT))  # type: ignore[misc]  # here the kind differs by record

    def __attrs_post_init__(self) -> None:
        """Refuse a built-in kind, which has a class of its own."""
        if self.kind in EVENT_CLASSES:
            hint = f"use {EVENT_CLASSES[self.kind].__name__}"
            raise refuse("built_in_kind", f"OtherEvent {self.id!r}: {self.kind!r} is a built-in kind", hint)


EVENT_CLASSES: Mapping[str, type[Event]] = MappingProxyType(
    {cls.kind: cls for cls in (Violation, Inspection, CaseTransfer, Rectification, Honour, ListDecision)}
)
DEFAULT_ANCHORS: Mapping[str, str] = MappingProxyType(
    {
        "violation": "decided",
        "honour": "decided",
        "list_decision": "decided",
        "inspection": "occurred",
        "rectification": "occurred",
        "case_transfer": "received",
    }
)
# A code set that is given is complete: where `penalties` is known and has none of the codes, the empty field is
# known too. (kind, field) -> (codes, value); `None` as the value means "known to be none".
IMPLIED: Mapping[tuple[str, str], tuple[frozenset[str], int | None]] = MappingProxyType(
    {
        ("violation", "fine"): (frozenset({"fine"}), 0),
        ("violation", "confiscated"): (frozenset({"confiscation"}), 0),
        ("violation", "restricted_until"): (frozenset({"restrict_business", "restrict_employment"}), None),
    }
)


def field_types(record: type[Versioned | Region]) -> Mapping[str, FieldType]:
    """The built-in fields of a record class and their types, in the order of the class."""
    return {
        attribute.name: attribute.metadata["type"] for attribute in attrs.fields(record) if "type" in attribute.metadata
    }


def kind_fields(kind: str) -> Mapping[str, FieldType]:
    """The built-in fields of a kind of event; a declared kind has those that every event has."""
    return field_types(EVENT_CLASSES.get(kind, Event))
