"""Values with their types, literals read by the type they meet, and the scales in which numbers stand.

A number is a count (`int`), thousandths (`decimal`: points and declared decimals) or fen (`money`). How they mix:

* A literal takes the scale of what it is compared or joined with: `"9.0"` beside a decimal is 9000.
* A count that meets thousandths becomes `Scaled(count, 1000)`; a literal count is scaled at once. Fen meet only fen.
* A mean has the scale of what it averages. A ratio of two numbers of one scale is a bare number: its type is `int`
  and `Typed.fractional` is true; beside it `2.5` is the literal `Fraction(5, 2)`, so that comparing stays exact.
* `round` to parts of one turns a fractional count into thousandths; after `round` a number is whole in its own scale.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from attrs import frozen

from credit_engine.days import Period
from credit_engine.errors import Place
from credit_engine.policy.nodes import (
    Literal,
    Scaled,
    Value,
)
from credit_engine.policy.places import did_you_mean, kind_of, shown
from credit_engine.policy.resolving.refusals import read_as, refuse
from credit_engine.quantities import (
    BOOL,
    DATE,
    DECIMAL,
    INT,
    MONEY,
    FieldType,
    Thousandths,
    one_of,
    read_money,
    read_share,
)

PERIOD = FieldType("period")
WINDOW = FieldType("window")
ANCHOR = FieldType("field")
NUMBERS = frozenset({"int", "decimal", "money"})
ORDERED = NUMBERS | {"date", "share"}
_WORDS = {"int": "a count", "decimal": "points (thousandths)", "money": "money (fen)", "party": "text"}
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,9})?")
_QUOTIENT = re.compile(r"\d{1,18}\s*/\s*[1-9]\d{0,17}")
_AMOUNT = re.compile(r"[+-]?\d[\d.]*\s*(fen|yuan|元|分|万元|wan)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@frozen
class Typed:
    """A value of the plan and its type. `fractional`: a number that may be a `Fraction` in the scale of its type."""

    value: Value
    type_: FieldType
    fractional: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is a count, thousandths or fen."""
        return self.type_.name in NUMBERS


def words(type_: FieldType) -> str:
    """A type in words for messages."""
    return _WORDS.get(type_.name, str(type_))


def in_thousandths(count: Typed) -> Typed:
    """A count as thousandths."""
    if isinstance(count.value, Literal):
        scaled = count.value.value * 1000
        return Typed(
            Literal(scaled if isinstance(scaled, Fraction) else Thousandths(scaled)), DECIMAL, count.fractional
        )
    return Typed(Scaled(count.value, Literal(1000)), DECIMAL, count.fractional)


def fit(typed: Typed, type_: FieldType, place: Place) -> Typed:
    """The same value where `type_` is asked for; refused where no scale leads there."""
    mine, theirs = typed.type_.name, type_.name
    if mine == theirs or {mine, theirs} == {"text", "party"}:
        return typed
    if (mine, theirs) == ("int", "decimal"):
        return in_thousandths(typed)
    if mine in NUMBERS and theirs in NUMBERS:
        raise refuse(
            "scale_mismatch", f"{words(typed.type_)} cannot stand for {words(type_)}", place, "compare like with like"
        )
    raise refuse("type_mismatch", f"this is {words(typed.type_)}, not {words(type_)}", place)


def alike(one: Typed, other: Typed, place: Place) -> tuple[Typed, Typed]:
    """Two values in one type: a count beside thousandths is scaled, whichever of them it is."""
    if (one.type_.name, other.type_.name) == ("int", "decimal"):
        return in_thousandths(one), other
    return one, fit(other, one.type_, place)


def all_alike(values: list[Typed], places: list[Place]) -> list[Typed]:
    """Several values in one type."""
    if any(typed.type_.name == "decimal" for typed in values):
        return [fit(typed, DECIMAL, place) for typed, place in zip(values, places, strict=True)]
    return [fit(typed, values[0].type_, place) for typed, place in zip(values, places, strict=True)]


# --- literals -------------------------------------------------------------------------------------------------


def literal(raw: object, type_: FieldType, place: Place, *, fractional: bool = False) -> Typed:
    """What is written, read as a value of this type."""
    return Typed(Literal(_read(raw, type_, place, fractional=fractional)), type_, fractional)


def inferred(raw: object, place: Place) -> Typed:
    """What is written where nothing says which type is meant; a text is its own only code."""
    if isinstance(raw, bool):
        return Typed(Literal(raw), BOOL)
    if isinstance(raw, int):
        return Typed(Literal(raw), INT)
    if isinstance(raw, Decimal):
        return literal(raw, DECIMAL, place)
    if isinstance(raw, date):
        return Typed(Literal(raw), DATE)
    if isinstance(raw, str):
        return literal(raw, MONEY, place) if _AMOUNT.fullmatch(raw.strip()) else Typed(Literal(raw), one_of(raw))
    raise refuse("wrong_type", f"expected a value, this is {kind_of(raw)}", place)


def _read(raw: object, type_: FieldType, place: Place, *, fractional: bool) -> Any:  # Any: a value of the type
    if raw is None:
        raise refuse("wrong_type", "nothing is written here", place, "to ask whether it is known write {known: false}")
    if isinstance(raw, dict | list):
        raise refuse("wrong_type", f"expected {words(type_)}, this is {kind_of(raw)}", place)
    if type_.name in NUMBERS:
        return _number(raw, type_, place, fractional=fractional)
    if type_.name in ("text", "party"):
        return _text(raw, type_, place)
    if type_.name == "bool":
        if not isinstance(raw, bool):
            raise refuse(
                "type_mismatch", f"expected true or false, this is {kind_of(raw)}", place, "write true or false"
            )
        return raw
    if type_.name == "date":
        return _date(raw, place)
    if type_.name == "period":
        return read_as(Period.read, raw, place)
    if type_.name == "share":
        return read_as(read_share, raw, place)
    raise refuse("type_mismatch", f"no single value can be {words(type_)}", place)


def _number(raw: object, type_: FieldType, place: Place, *, fractional: bool) -> int | Fraction:
    if isinstance(raw, bool | date):
        raise refuse("type_mismatch", f"expected {words(type_)}, this is {kind_of(raw)}", place)
    if type_.name == "money":
        return _money(raw, place)
    if isinstance(raw, str) and _AMOUNT.fullmatch(raw.strip()):
        raise refuse(
            "scale_mismatch", f"{raw!r} is an amount of money, expected {words(type_)}", place, "compare like with like"
        )
    if fractional and isinstance(raw, str) and _QUOTIENT.fullmatch(raw.strip()):
        return Fraction(raw.replace(" ", "")) * (1000 if type_.name == "decimal" else 1)
    if type_.name == "decimal":
        return read_as(Thousandths.read, raw, place)
    return _count(raw, place, fractional=fractional)


def _count(raw: object, place: Place, *, fractional: bool) -> int | Fraction:
    if isinstance(raw, int):
        return raw
    if fractional and (isinstance(raw, Decimal) or (isinstance(raw, str) and _NUMBER.fullmatch(raw.strip()))):
        return Fraction(raw)
    raise refuse(
        "type_mismatch", f"expected a count, this is {shown(raw)}", place, "write a whole number without quotes"
    )


def _money(raw: object, place: Place) -> int:
    if isinstance(raw, int | Decimal) or (isinstance(raw, str) and _NUMBER.fullmatch(raw.strip())):
        raise refuse("money_without_unit", f"the amount {raw} has no unit", place, f'write "{raw} yuan" or "{raw} fen"')
    return read_as(read_money, str(raw), place)


def _text(raw: object, type_: FieldType, place: Place) -> str:
    if not isinstance(raw, str):
        written = str(raw).lower() if isinstance(raw, bool) else str(raw)
        code = "unquoted_label" if type_.codes else "unquoted_code"
        raise refuse(
            code, f"{written} is read as {kind_of(raw)}, expected text", place, f'put it in quotes: "{written}"'
        )
    if type_.codes and raw not in type_.codes:
        raise refuse("unknown_label", f"{shown(raw)} is none of its codes", place, did_you_mean(raw, type_.codes))
    return raw


def _date(raw: object, place: Place) -> date:
    if isinstance(raw, str) and _DAY.fullmatch(raw):
        try:
            return date.fromisoformat(raw)
        except ValueError as error:
            raise refuse("bad_date", f"there is no day {raw}", place) from error
    if not isinstance(raw, date):
        raise refuse(
            "bad_date",
            f"expected a day, this is {shown(raw)}",
            place,
            "write a day such as 2024-02-29, or {at_least: P, after: DAY}",
        )
    return raw
