"""Quantities and field types: decimals as whole thousandths, money as whole fen, shares as exact fractions.

No float is ever accepted: text goes in, whole numbers and fractions come out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from attrs import field, frozen

from credit_engine.days import Period
from credit_engine.errors import Problem, RecordError


def refuse(code: str, message: str, hint: str = "") -> RecordError:
    """The error for one value that cannot be."""
    return RecordError(Problem(code, message, hint=hint))


def _told(value: object) -> str:
    """A value in a message: numbers as people write them."""
    return str(value) if isinstance(value, Decimal | Fraction) else repr(value)


class Thousandths(int):
    """A decimal with at most three places, held as a whole number of thousandths; its text is decimal."""

    __slots__ = ()

    @classmethod
    def read(cls, value: object) -> Thousandths:
        """Thousandths of an `int` (whole units), a `Decimal` or decimal text; floats and finer decimals are refused.

        Exact at any size, whatever decimal context the caller has set.

        Example: `Thousandths.read("9.5")` is 9500, `Thousandths.read(3)` is 3000.
        """
        if isinstance(value, Thousandths):
            return value
        scaled = _exact(value) * 1000
        if scaled.denominator != 1:
            raise refuse(
                "bad_decimal", f"{_told(value)} has more than three decimals", "round it in the data, not here"
            )
        return cls(scaled.numerator)

    def __str__(self) -> str:
        """Decimal text without trailing zeros: 9500 is `9.5`."""
        return decimal_text(self)

    def __repr__(self) -> str:
        """`Thousandths('9.5')`."""
        return f"Thousandths('{decimal_text(self)}')"


_DECIMAL = re.compile(r"[+-]?\d{1,15}(\.\d{1,18})?")
_WIDEST = 30  # digits left or right of the point of a Decimal; a wider one is a mistake and slow to compute with
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,18})?)\s*[%％]")
MOST_PER_CENT = 100
_QUOTIENT = re.compile(r"(\d{1,18})\s*/\s*(\d{1,18})")


def _exact(value: object) -> Fraction:
    """The exact number of an int, a Decimal or decimal text; `RecordError` (`bad_decimal`) for everything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    if isinstance(value, Decimal) and _is_usual(value):
        return Fraction(value)
    if isinstance(value, str) and _DECIMAL.fullmatch(value.strip()):
        return Fraction(value.strip())
    raise refuse("bad_decimal", f"{_told(value)} is not a decimal", 'write it as text, for example "9.5"')


def _is_usual(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_WIDEST and value.adjusted() <= _WIDEST


def decimal_text(thousandths: int) -> str:
    """Decimal text of whole thousandths: 92500 is `92.5`, -300 is `-0.3`, 5000 is `5`."""
    sign = "-" if thousandths < 0 else ""
    whole, rest = divmod(abs(int(thousandths)), 1000)
    return f"{sign}{whole}.{rest:03d}".rstrip("0").rstrip(".") if rest else f"{sign}{whole}"


def read_share(value: object) -> Fraction:
    """An exact share between 0 and 1, from `"33.4%"`, `"1/3"`, `"0.334"`, a Fraction, a Decimal, or whole 0 and 1."""
    if (
        isinstance(value, Fraction)
        or (isinstance(value, int) and not isinstance(value, bool))
        or (isinstance(value, Decimal) and _is_usual(value))
    ):
        share = Fraction(value)
    elif isinstance(value, str):
        text = value.strip()
        if match := _PERCENT.fullmatch(text):
            share = Fraction(match[1]) / 100
        elif (match := _QUOTIENT.fullmatch(text)) and int(match[2]):
            share = Fraction(int(match[1]), int(match[2]))
        elif _DECIMAL.fullmatch(text):
            share = Fraction(text)
        else:
            raise refuse("bad_share", f"{value!r} is not a share", 'write "33.4%", "1/3" or "0.334"')
    else:
        raise refuse("bad_share", f"{value!r} is not a share", 'write it as text: "33.4%", "1/3" or "0.334"')
    if not 0 <= share <= 1:
        raise refuse("bad_share", f"{_told(value)} is not between 0 and 100 %", _as_per_cent(value, share))
    return share


def _as_per_cent(value: object, share: Fraction) -> str:
    """How to write a number that was surely meant as per cent."""
    text = value.strip() if isinstance(value, str) else str(value)
    if share > MOST_PER_CENT or share < 1 or not _DECIMAL.fullmatch(text):
        return ""
    number = Decimal(text)
    return f'write "{number:f}%" or "{number / 100:f}"'


def share_text(share: Fraction) -> str:
    """The exact share as people write it: `33.4%`, or `1/3` where no decimal per cent is exact to the thousandth."""
    thousandths = share * 100_000
    return f"{decimal_text(int(thousandths))}%" if thousandths.denominator == 1 else str(share)


_MONEY = re.compile(r"([+-]?\d{1,15}(?:\.\d{1,8})?)\s*(fen|yuan|元|分|万元|wan)")
_FEN_PER = {"fen": 1, "分": 1, "yuan": 100, "元": 100, "wan": 1_000_000, "万元": 1_000_000}


def read_money(text: str) -> int:
    """Whole fen of an amount with its unit: `"500 yuan"`, `"2 万元"`, `"100 fen"`; parts of a fen are refused."""
    match = _MONEY.fullmatch(text.strip())
    if match is None:
        raise refuse("bad_money", f"{text!r} is not an amount of money", 'write the unit: "500 yuan" or "50000 fen"')
    fen = Fraction(match[1]) * _FEN_PER[match[2]]
    if fen.denominator != 1:
        raise refuse("bad_money", f"{text!r} has parts of a fen")
    return fen.numerator


# --- field types ----------------------------------------------------------------------------------------------


def _as_dict(fields: Mapping[str, FieldType]) -> dict[str, FieldType]:
    return dict(fields)


@frozen
class FieldType:
    """What a field holds: int, decimal, money, bool, text, date, period, party, share, list, set or record.

    `codes` closes a text to some words, `of` is the element type of a list or set, `fields` those of a record.
    """

    name: str
    codes: tuple[str, ...] = ()
    of: FieldType | None = None
    fields: Mapping[str, FieldType] = field(factory=dict, converter=_as_dict, hash=False)

    def __str__(self) -> str:
        """The type as an author would write it."""
        if self.codes:
            return f"one of {', '.join(self.codes)}"
        if self.of is not None:
            return f"{self.name} of {self.of}"
        return self.name


INT = FieldType("int")
DECIMAL = FieldType("decimal")
MONEY = FieldType("money")
BOOL = FieldType("bool")
TEXT = FieldType("text")
DATE = FieldType("date")
PARTY = FieldType("party")
SHARE = FieldType("share")


def one_of(*codes: str) -> FieldType:
    """A text that is one of `codes`."""
    return FieldType("text", codes=codes)


def set_of(*codes: str) -> FieldType:
    """A set of codes."""
    return FieldType("set", of=FieldType("text", codes=codes))


MOST = 10**15  # whole numbers and amounts stay below, as in files

_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "int": lambda value: type(value) is int and abs(value) < MOST,
    "decimal": lambda value: isinstance(value, Thousandths),
    "money": lambda value: type(value) is int and abs(value) < MOST,
    "bool": lambda value: type(value) is bool,
    "text": lambda value: isinstance(value, str),
    "party": lambda value: isinstance(value, str),
    "date": lambda value: type(value) is date,
    "period": lambda value: isinstance(value, Period),
    "share": lambda value: isinstance(value, Fraction),
    "set": lambda value: isinstance(value, frozenset),
    "list": lambda value: isinstance(value, tuple),
    "record": lambda value: isinstance(value, Mapping),
}


def fits(value: Any, type_: FieldType) -> bool:  # Any: whatever a reader or a caller holds
    """Whether a value already has this type, elements and codes included; `None` (unknown) always fits."""
    if value is None:
        return True
    if not _CHECKS[type_.name](value):
        return False
    if type_.codes:
        return value in type_.codes
    if type_.of is not None:
        element_type = type_.of
        return all(element is not None and fits(element, element_type) for element in value)
    if type_.name == "record":
        return all(name in type_.fields and fits(part, type_.fields[name]) for name, part in value.items())
    return True
