"""One cell to one value: what a text, a JSON value or a Parquet value says in a field of a known type.

Empty is unknown (`None`). Nothing is guessed: what does not read as its type is a `RecordError` with a code.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from credit_engine.days import Period
from credit_engine.errors import RecordError
from credit_engine.files.rows import LONGEST_CELL
from credit_engine.quantities import FieldType, Thousandths, read_money, read_share, refuse
from credit_engine.records import in_words

_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,8})?")
_DATE_TOKENS: Mapping[str, str] = {
    "yyyy": r"(?P<year>[0-9]{4})",
    "MM": r"(?P<month>[0-9]{2})",
    "M": r"(?P<month>[0-9]{1,2})",
    "dd": r"(?P<day>[0-9]{2})",
    "d": r"(?P<day>[0-9]{1,2})",
    "HH": "[0-9]{2}",
    "mm": "[0-9]{2}",
    "ss": "[0-9]{2}",
}
_TOKEN = re.compile("|".join(_DATE_TOKENS))
_REMEMBERED = 20_000  # values a column remembers before it starts afresh
_SHORT = 100  # characters; longer cells do not repeat
_MOST_DIGITS = 15
_IN_WORDS: Mapping[str, str] = {"int": "a whole number", "text": "text", "bool": "true or false", "party": "an id"}
_AS_IT_IS: Mapping[str, type] = {"bool": bool, "date": date}


@frozen
class DateForm:
    """A way to write a day: `yyyy-MM-dd`, `yyyy/M/d`, `yyyyMMdd`, `yyyy年M月d日`, `MM/dd/yyyy HH:mm:ss`, ..."""

    text: str
    pattern: re.Pattern[str] = field(eq=False)

    @classmethod
    def read(cls, text: str) -> DateForm:
        """The form of a text with yyyy, MM or M, dd or d (and HH, mm, ss, whose values do not count)."""
        tokens = _TOKEN.findall(text)
        if sorted(token[0] for token in tokens if token[0] in "yMd") != ["M", "d", "y"]:
            raise refuse("bad_date_form", f"{text!r} does not name year, month and day once each", 'write "yyyy/M/d"')
        ends = [match.span() for match in _TOKEN.finditer(text)]
        pattern, last = "", 0
        for start, end in ends:
            pattern += re.escape(text[last:start]) + _DATE_TOKENS[text[start:end]]
            last = end
        return cls(text, re.compile(pattern + re.escape(text[last:])))


ISO = (DateForm.read("yyyy-MM-dd"),)


@frozen
class CellForm:
    """How the cells of one column are written; the plain form is that of a plain folder.

    `codes`: what stands there to what we call it (`None`: cannot be told, so the whole field is unknown; `*`: anything
    else). `unit`: of bare amounts of money. `separators`: between the elements of a set or list. `prefix`: of ids.
    `strict`: an empty element is refused, `[` begins JSON. `numbers_as_text`: whole numbers may stand for texts.
    """

    dates: tuple[DateForm, ...] = ISO
    nulls: frozenset[str] = frozenset({""})
    codes: Mapping[str, str | None] | None = None
    unit: str = "fen"
    separators: tuple[str, ...] = (";",)
    prefix: str = ""
    strict: bool = True
    numbers_as_text: bool = False


def _day(form: CellForm) -> Callable[[str], date]:
    def read(text: str) -> date:
        for way in form.dates:
            if match := way.pattern.fullmatch(text):
                try:
                    return date(int(match["year"]), int(match["month"]), int(match["day"]))
                except ValueError as error:
                    raise refuse("bad_date", f"{text!r} is no day of the calendar") from error
        raise refuse("bad_date", f"{text!r} is not a day", f"write it as {' or '.join(way.text for way in form.dates)}")

    return read


def _money(form: CellForm) -> Callable[[str], int]:
    def read(text: str) -> int:
        return read_money(f"{text} {form.unit}" if _NUMBER.fullmatch(text) else text)

    return read


def _int(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise refuse("bad_int", f"{text!r} is not a whole number")
    return int(text)


def _bool(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise refuse("bad_bool", f"{text!r} is neither true nor false")
    return text.lower() == "true"


def meant(text: str, codes: Iterable[str]) -> str:
    """The hint for a word that nearly is one of the codes; nothing where none is close."""
    close = difflib.get_close_matches(text[:_SHORT], sorted(codes), n=1)
    return f"did you mean {close[0]!r}?" if close else ""


def _text(type_: FieldType, form: CellForm) -> Callable[[str], str]:
    def read(text: str) -> str:
        if type_.codes and text not in type_.codes:
            raise refuse("unknown_code", f"{text!r} is not {type_}", meant(text, type_.codes))
        return form.prefix + text

    return read


def _json_items(text: str) -> list[object]:
    try:
        found = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise refuse("bad_json", f"{text[:60]!r} is not a JSON list") from error
    if not isinstance(found, list):
        raise refuse("bad_json", "not a JSON list")
    return found


def _split(text: str, form: CellForm) -> list[object]:
    if form.strict and text.startswith("["):
        return _json_items(text)
    pieces = [text]
    for separator in form.separators:
        pieces = [part.strip() for piece in pieces for part in piece.split(separator)]
    if form.strict and not all(pieces):
        raise refuse("bad_list", f"{text!r} has an empty element", "write [] for none at all")
    return [piece for piece in pieces if piece]


def _of_text(type_: FieldType, form: CellForm) -> Callable[[str], Any]:  # Any: the value of the field type
    readers: Mapping[str, Callable[[str], Any]] = {  # Any: see above
        "int": _int,
        "decimal": Thousandths.read,
        "money": _money(form),
        "bool": _bool,
        "date": _day(form),
        "share": read_share,
        "period": Period.read,
        "text": _text(type_, form),
        "party": _text(type_, form),
    }
    return readers[type_.name]


class CellReader:
    """Reads the cells of one column; what it has read as text it remembers, since columns repeat themselves."""

    def __init__(self, type_: FieldType, form: CellForm) -> None:
        """Prepare for cells of this type, written in this form."""
        self.type_, self.form = type_, form
        self._element = CellReader(type_.of, form) if type_.of is not None and type_.name in ("set", "list") else None
        self._parts = {name: CellReader(part, form) for name, part in type_.fields.items()}
        self._read_text = None if self._element or self._parts else _of_text(type_, form)
        self._known: dict[str, Any] = {}  # Any: values of this type

    def __call__(self, cell: object) -> Any:  # Any: the value of the field type, or None for unknown
        """The value; `RecordError` if the cell cannot be read as this type."""
        if not isinstance(cell, str):
            return None if cell is None else self._of_value(cell)
        if cell in self._known:
            return self._known[cell]
        value = self._of_cell(cell)
        if len(cell) <= _SHORT:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[cell] = value
        return value

    def _of_cell(self, cell: str) -> Any:  # Any: as above
        text = cell.strip()
        if text in self.form.nulls:
            return None
        if len(text) > LONGEST_CELL:
            raise refuse("too_long", f"a cell has {len(text):,} characters")
        if self._element is not None:
            return self._collect(self._items(text))
        if self._read_text is None:
            raise refuse("bad_json", f"{text[:60]!r} is not a record")
        if self.form.codes is not None:
            coded = self._decode(text)
            return None if coded is None else self._read_text(coded)
        return self._read_text(text)

    def _decode(self, text: str) -> str | None:
        codes = self.form.codes or {}
        if text not in codes and "*" not in codes:
            hint = meant(text, codes) or f"known: {', '.join(codes)}"
            raise refuse("unknown_code", f"{text!r} is not in the code table", hint)
        return codes.get(text, codes.get("*"))

    def _items(self, text: str) -> list[object]:
        if self.type_.of is not None and self.type_.of.name == "record":
            return _json_items(text)
        return [text] if self.form.codes is not None and text in self.form.codes else _split(text, self.form)

    def _collect(self, items: list[object]) -> Any:  # Any: a frozenset or a tuple
        read = self._element
        if read is None:
            raise refuse("bad_list", "a list where none is expected")
        values = [read(item) for item in items]
        if None in values:
            if self.form.codes is not None:
                return None
            raise refuse("bad_list", "an element is empty")
        return frozenset(values) if self.type_.name == "set" else tuple(values)

    def _of_value(self, cell: object) -> Any:  # Any: as above
        """A value that is not text: from JSON or Parquet."""
        name = self.type_.name
        if self._element is not None and isinstance(cell, list):
            return self._collect(cell)
        if name == "record" and isinstance(cell, dict):
            return self._record(cell)
        if name in ("int", "money", "share") and type(cell) is int:
            return self._of_cell(str(cell))
        if name in ("text", "party") and type(cell) is int and self.form.numbers_as_text:
            return self._of_cell(str(cell))
        if name == "decimal" and (type(cell) is int or isinstance(cell, Decimal)):
            if abs(Decimal(cell).adjusted()) >= _MOST_DIGITS:
                raise refuse("bad_decimal", f"a decimal has more than {_MOST_DIGITS} digits")
            return Thousandths.read(cell)
        if type(cell) is _AS_IT_IS.get(name):
            return cell
        raise refuse(f"bad_{name}", f"{in_words(cell)} is not {_IN_WORDS.get(name, f'a {name}')}")

    def _record(self, cell: Mapping[str, object]) -> Mapping[str, object]:
        unknown = sorted(set(cell) - set(self._parts))
        if unknown:
            raise refuse("unknown_column", f"no such part of a record: {', '.join(map(repr, unknown))}")
        values = {name: read(cell[name]) for name, read in self._parts.items() if name in cell}
        return {name: value for name, value in values.items() if value is not None}


def read_cell(type_: FieldType, text: str) -> Any:  # Any: the value of the field type
    """The value of one text in the plain form, for single uses; raises `RecordError`."""
    return CellReader(type_, CellForm())(text)


def first_problem(error: RecordError) -> tuple[str, str]:
    """Code and message of an error about one value; a hint is added to the message."""
    problem = error.problems[0]
    return problem.code, f"{problem.message}; {problem.hint}" if problem.hint else problem.message
