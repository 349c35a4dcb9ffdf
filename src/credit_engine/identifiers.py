"""Soft checks of identifiers: what looks wrong is flagged and never refused, for real registers hold such numbers.

A flag never quotes the value it speaks of. Only the ends of a number are trimmed and its letters made upper-case ASCII
before it is checked; that it was untidy is a flag of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import attrs
from attrs import evolve, frozen

from credit_engine.dossiers import Regions
from credit_engine.errors import Place
from credit_engine.records import Operator, Party

CREDIT_CODE_LENGTH = 18
CREDIT_CODE_ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")  # GB 32100-2015: no I, O, S, V, Z
LICENCE_DIGITS = 14
REGION_DIGITS = 6
_PROVINCES = (
    *range(11, 16),
    *range(21, 24),
    *range(31, 38),
    *range(41, 47),
    *range(50, 55),
    *range(61, 66),
    71,
    81,
    82,
)
PROVINCES = frozenset(map(str, _PROVINCES))  # the first two digits of GB/T 2260

_REGION_OF_CODE = slice(2, 8)  # the six digits of GB/T 2260 inside a credit code
_FULL_WIDTH = {ordinal + 0xFEE0: ordinal for ordinal in range(0x21, 0x7F)} | {0x3000: 0x20}


@frozen
class Flag:
    """Something about a field that a person should look at: a stable code, and a message without the value."""

    code: str
    field: str
    message: str
    place: Place = attrs.field(factory=Place)

    def __str__(self) -> str:
        """`place: code: field: message`."""
        where = f"{self.place}: " if str(self.place) else ""
        return f"{where}{self.code}: {self.field}: {self.message}"


def tidy(text: str) -> str:
    """The number without blanks around it, full-width characters as ASCII, letters upper-case."""
    return text.translate(_FULL_WIDTH).strip().upper()


def check_credit_code(text: str, name: str = "credit_code") -> tuple[Flag, ...]:
    """Flags of a unified social credit code (统一社会信用代码): untidy, then length, characters or check character.

    An empty text is unknown and has no flags. Source: GB 32100-2015; some codes of the first years fail its check.
    """
    return _flags(text, name, "credit_code", _wrong_in_credit_code)


def _wrong_in_credit_code(code: str) -> tuple[str, str] | None:
    from stdnum.cn import uscc  # noqa: PLC0415  # only those who check identifiers pay

    if len(code) != CREDIT_CODE_LENGTH:
        return "length", f"has {len(code)} characters, not {CREDIT_CODE_LENGTH}"
    region = code[_REGION_OF_CODE]
    if not CREDIT_CODE_ALPHABET.issuperset(code) or not (region.isascii() and region.isdigit()):
        return "characters", "has characters that do not belong at their place"
    if uscc.calc_check_digit(code[:-1]) != code[-1]:
        return "check", "has a last character that does not fit the others"
    return None


def check_food_licence(text: str, name: str = "licences") -> tuple[Flag, ...]:
    """Flags of a food licence number: SC (production) or JY (trade) and 14 digits, the last a check digit, or YB.

    Of a YB number (备案) only the digits are checked. An empty text is unknown and has no flags.
    Source: GB/T 17710, MOD 11,10; about a quarter of the numbers in public use fail it.
    """
    return _flags(text, name, "licence", _wrong_in_licence)


def _wrong_in_licence(number: str) -> tuple[str, str] | None:
    from stdnum.iso7064 import mod_11_10  # noqa: PLC0415  # only those who check identifiers pay

    kind, digits = number[:2], number[2:]
    if kind not in {"SC", "JY", "YB"}:
        return "kind", "begins with neither SC, JY nor YB"
    if not (digits.isascii() and digits.isdigit()):
        return "characters", "has other characters than digits after its two letters"
    if kind == "YB":
        return None
    if len(digits) != LICENCE_DIGITS:
        return "length", f"has {len(digits)} digits, not {LICENCE_DIGITS}"
    if not mod_11_10.is_valid(digits):
        return "check", "has a last digit that does not fit the others"
    return None


def _flags(text: str, name: str, prefix: str, wrong_in: Callable[[str], tuple[str, str] | None]) -> tuple[Flag, ...]:
    clean = tidy(text)
    if not clean:
        return ()
    flags = []
    if clean != text:
        flags.append(Flag(f"{prefix}_untidy", name, "has blanks, lower-case or full-width characters"))
    wrong = wrong_in(clean)
    if wrong is not None:
        flags.append(Flag(f"{prefix}_{wrong[0]}", name, wrong[1]))
    return tuple(flags)


def check_region(code: str, regions: Regions, day: date, name: str = "region") -> tuple[Flag, ...]:
    """`unknown_region` for a code that is not in the table, `region_not_valid_on_day` for one that is not valid then.

    Without any table every six-digit code passes, for it says by its digits where it belongs.
    """
    rows = regions.rows.get(code, ())
    if any(row.valid_on(day) for row in rows):
        return ()
    if rows:
        return (Flag("region_not_valid_on_day", name, f"is a region code that is not valid on {day}"),)
    if not regions.rows and regions.climb(code, day) is not None:
        return ()
    return (Flag("unknown_region", name, "is no code of the regions table"),)


def impossible_region(code: str) -> str | None:
    """Why a code of nothing but digits can be no region of GB/T 2260, or `None`; other codes are somebody's own.

    Source: GB/T 2260: two digits each for province, city and county, 00 for the whole of what stands before.
    """
    if not tidy(code).isdigit():
        return None
    if len(code) != REGION_DIGITS or not code.isascii():
        return f"has {len(code)} characters, not {REGION_DIGITS} digits"
    if code[:2] not in PROVINCES:
        return f"begins with {code[:2]}, which is no province"
    if code[2:4] == "00" != code[4:]:
        return "names a county of no city"
    return None


def check_party(party: Party, regions: Regions, day: date) -> tuple[Flag, ...]:
    """All flags of a party, in the order region, credit code, licences; a person has none, unknown fields have none."""
    if not isinstance(party, Operator):
        return ()
    flags = [
        *(check_region(party.region, regions, day) if party.region else ()),
        *(check_credit_code(party.credit_code) if party.credit_code else ()),
    ]
    found = [evolve(flag, place=party.place) for flag in flags]
    for number, licence in enumerate(party.licences or (), start=1):
        place = evolve(party.place, path=f"{party.place.path} licence {number}".lstrip())
        found.extend(evolve(flag, place=place) for flag in check_food_licence(licence))
    return tuple(found)
