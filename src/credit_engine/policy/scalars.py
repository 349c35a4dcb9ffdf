"""What an unquoted word of a policy file means, and which characters a policy may hold.

One reading for every file: the core of YAML 1.2, narrowed so that no number is ever a float and nothing that two YAML
readers take differently (`1_000`, `0x1F`, `1e3`, `0123`) is taken at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from credit_engine.errors import Place, Problem
from credit_engine.policy.places import Scalar, shown

LONGEST_NUMBER = 30
MOST_CHARACTER_PROBLEMS = 20

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_QUOTE = "if it is text or a code, put it in quotes"

# Control characters, line breaks that editors count differently, marks that reorder or hide text, what a lost encoding
# leaves behind, and halves of characters.
BAD_CHARACTERS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\uffff]"
)


def _number(text: str) -> Scalar | Problem:
    if len(text) > LONGEST_NUMBER:
        hint = f"at most {LONGEST_NUMBER}; {_QUOTE}"
        return Problem("bad_number", f"a number of {len(text):,} characters", hint=hint)
    return Decimal(text) if "." in text else int(text)


def _day(text: str) -> Scalar | Problem:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return Problem("bad_date", f"there is no day {shown(text)}", hint=f"write year-month-day, 2024-02-29; {_QUOTE}")


def _refused(code: str, message: str, hint: str) -> Callable[[str], Scalar | Problem]:
    return lambda text: Problem(code, message.format(shown(text)), hint=hint.format(text))


# The first pattern that fits the whole word decides; a word that fits none is text.
_WORDS: tuple[tuple[re.Pattern[str], Callable[[str], Scalar | Problem]], ...] = (
    (re.compile(r"[-+]?(?:0|[1-9][0-9]*|[0-9]+\.[0-9]*|\.[0-9]+)"), _number),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), _day),
    (
        re.compile(r"[-+]?0[0-9]+"),
        _refused("unquoted_code", "{} begins with 0, which a number loses", 'put the code in quotes: "{}"'),
    ),
    (
        re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][-+]?[0-9]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"),
        _refused("bad_number", "{} is no number that a policy may hold", f"write the digits out; {_QUOTE}"),
    ),
    (
        re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+|0b[01]+|[-+]?[0-9][0-9_]*_[0-9_]*(?:\.[0-9_]*)?"),
        _refused("bad_number", "{} is read differently by different readers", f"use decimal digits only; {_QUOTE}"),
    ),
    (
        re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"),
        _refused("bad_date", "{} is not a full date", f"two digits for month and day, 2024-02-29; {_QUOTE}"),
    ),
    (
        re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9:.]+[ \t]*(?:Z|[-+][0-9:]+)?"),
        _refused("bad_date", "{} has a time of day", f"days are the unit: write 2024-02-29; {_QUOTE}"),
    ),
)


def read_word(text: str) -> Scalar | Problem:
    """What an unquoted word is: null, bool, int, Decimal, date or text; or why it is refused (without a place)."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    return next((read(text) for pattern, read in _WORDS if pattern.fullmatch(text)), text)


def character_problems(text: str, name: str) -> tuple[str, list[Problem]]:
    """The text with each forbidden character replaced by `_`, and a problem for each of the first of them."""
    problems: list[Problem] = []
    line, line_start = 1, 0
    breaks = re.compile(r"\r\n|\r|\n")
    scanned = 0
    for found in BAD_CHARACTERS.finditer(text):
        for line_break in breaks.finditer(text, scanned, found.start()):
            line, line_start = line + 1, line_break.end()
        scanned = found.start()
        problems.append(_bad_character(found.group(), Place(name, line, found.start() - line_start + 1)))
        if len(problems) == MOST_CHARACTER_PROBLEMS:
            break
    return (BAD_CHARACTERS.sub("_", text) if problems else text), problems


def _bad_character(character: str, place: Place) -> Problem:
    name = f"U+{ord(character):04X}"
    if character == "\ufffd":
        hint = "text was lost when the file was converted; take it again from the original, as UTF-8"
        return Problem("bad_encoding", f"{name} stands where a character was lost", place, hint)
    hint = "remove it; it cannot be seen, or is no part of a text"
    return Problem("bad_character", f"the character {name} is not allowed", place, hint)
