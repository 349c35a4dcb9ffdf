"""The words of one language: sentences filled in, titles chosen, values written as people write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from attrs import frozen

from credit_engine.assessing.explaining.glossary import CERTAINTY, CODES, FIELDS, FLAGS, KINDS, RANKS, Both
from credit_engine.assessing.explaining.texts import TEXTS
from credit_engine.assessing.unknown import DOUBTFUL, NONE, NOT_IN_FORCE, Range, Special
from credit_engine.days import CalendarWindow, Period
from credit_engine.quantities import FieldType, decimal_text

Language = Literal["zh", "en"]
_SPECIAL = {DOUBTFUL: "doubtful", NOT_IN_FORCE: "not_in_force", NONE: "none"}
_SCALES = {"decimal": 1000, "money": 100}  # how many of the whole numbers inside make one outside


@frozen
class Words:
    """What there is to say, in one language."""

    language: Language

    def __call__(self, key: str, **parts: object) -> str:
        """The sentence of this key, its parts filled in."""
        text = self.of(TEXTS[key])
        return text.format(**parts) if parts else text

    def of(self, both: Both) -> str:
        """One thing in this language."""
        return both.zh if self.language == "zh" else both.en

    def title(self, titles: Mapping[str, str], name: str) -> str:
        """The title in this language; where the policy gives none, its other title, else the name."""
        return titles.get(self.language) or next((titles[key] for key in sorted(titles)), name)

    def titled(self, titles: Mapping[str, str], name: str) -> str:
        """The title and, in brackets, the name by which the policy knows it."""
        title = self.title(titles, name)
        return name if title == name else self("in_brackets", text=title, more=name)

    def kind(self, kind: str) -> str:
        """What a kind of event is called."""
        return self._word(KINDS, kind)

    def field(self, name: str) -> str:
        """What a field is called."""
        return self._word(FIELDS, name)

    def code(self, field: str, code: str) -> str:
        """What a code of a field is called."""
        return self._word(CODES.get(field, {}), code)

    def scale(self, name: str) -> str:
        """What a scale is called; the only one of a policy is simply the grade."""
        return self("first_scale") if name == "grade" else self("scale", scale=name)

    def rank(self, rank: str) -> str:
        """What the rank of a source is called."""
        return self._word(RANKS, rank)

    def certainty(self, certainty: str) -> str:
        """How sure a source or value is."""
        return self._word(CERTAINTY, certainty)

    def flag(self, code: str, message: str) -> str:
        """What a flag says; a code that has no words here says what its message does."""
        return self.of(FLAGS[code]) if code in FLAGS else message

    def _word(self, words: Mapping[str, Both], name: str) -> str:
        return self.of(words[name]) if name in words else name

    def items(self, texts: Iterable[str]) -> str:
        """Things one after the other."""
        return self("item").join(texts)

    def clauses(self, texts: Iterable[str]) -> str:
        """Sentences one after the other."""
        return self("clause").join(texts)

    def parts(self, texts: Iterable[str]) -> str:
        """Parts of one sentence, empty ones left out."""
        return self("comma").join(text for text in texts if text)

    # --- values ---------------------------------------------------------------------------------------------------

    def day(self, day: date) -> str:
        """A day: 2024年7月5日, or 2024-07-05."""
        return f"{day.year}年{day.month}月{day.day}日" if self.language == "zh" else day.isoformat()

    def points(self, thousandths: int) -> str:
        """So many points."""
        return self._counted("points", decimal_text(thousandths))

    def value(self, value: Any, type_: FieldType, name: str = "") -> str:  # Any: a value of the type, or a special one
        """A value as people write it; `name` is the field whose codes it may be."""
        if value is None:
            return self("missing")
        if isinstance(value, Range):
            return self._range(value, type_)
        if isinstance(value, Special):
            return self(_SPECIAL[value])
        if isinstance(value, bool):
            return self("yes" if value else "no")
        if isinstance(value, frozenset | tuple):
            return self._several(value, type_.of or type_, name)
        if isinstance(value, int | Fraction):
            return self._number(value, type_)
        return self._word_or_day(value, name)

    def _word_or_day(self, value: Any, name: str) -> str:  # Any: a day, period, window, record or text
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, Period):
            return self._counted(value.unit, str(value.count))
        if isinstance(value, CalendarWindow):
            return self(f"calendar_{value.unit}_back" if value.back else f"calendar_{value.unit}", number=value.back)
        if isinstance(value, Mapping):
            return self.items(
                self("fact", name=self.field(key), value=self._word_or_day(part, key))
                for key, part in sorted(value.items())
                if part is not None and key != "name"
            )
        return self.code(name, str(value))

    def _counted(self, unit: str, number: str) -> str:
        return self(f"{unit}_one" if number in ("1", "-1") else unit, number=number)

    def _range(self, value: Range, type_: FieldType) -> str:
        if value.low is None or value.high is None:
            key, end = ("at_least_so", value.low) if value.high is None else ("at_most_so", value.high)
            return (
                self("doubtful") if end is None else self(key, low=self.value(end, type_), high=self.value(end, type_))
            )
        return self("range", low=self.value(value.low, type_), high=self.value(value.high, type_))

    def _several(self, values: frozenset[Any] | tuple[Any, ...], of: FieldType, name: str) -> str:  # Any: of type `of`
        shown = [self.value(value, of, name) for value in values]
        return self.items(sorted(shown) if isinstance(values, frozenset) else shown) if shown else self("empty")

    def _number(self, value: int | Fraction, type_: FieldType) -> str:
        if type_.name == "share":
            return f"{_decimal(Fraction(value) * 100, self)}%"
        scale = _SCALES.get(type_.name, 1)
        thousandths, rest = divmod(value * 1000, scale)
        number = _decimal(Fraction(value) / scale, self) if rest else decimal_text(int(thousandths))
        return self("yuan", number=number) if type_.name == "money" else number


def _decimal(number: Fraction, words: Words) -> str:
    """Decimal text where it ends after three places, else the exact quotient and about how much that is."""
    thousandths = number * 1000
    if thousandths.denominator == 1:
        return decimal_text(thousandths.numerator)
    magnitude = int(abs(thousandths) + Fraction(1, 2))
    return words("about", exact=number, rounded=decimal_text(-magnitude if number < 0 else magnitude))
