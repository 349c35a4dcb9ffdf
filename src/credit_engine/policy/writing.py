"""What every part of a policy has as it is written: the mapping it was read from, with places, and what recurs."""

from __future__ import annotations

from datetime import date
from typing import Any, NewType

from attrs import field, frozen

from credit_engine.errors import Place
from credit_engine.policy.places import Map, place_of, value_place_of

Raw = Any  # Any: a piece as written, read later by resolving/
Code = NewType("Code", str)  # a region code or article number: digits that must be quoted
Label = NewType("Label", str)  # a grade label: text that YAML may take for a number or a truth value

NOT_WRITTEN = ("raw", "refused", "broken")  # attributes of a record that are no keys


@frozen(kw_only=True)
class Written:
    """What every part of a policy has: the mapping it was read from."""

    raw: Map = field(factory=Map, eq=False, repr=False)

    def has(self, key: str) -> bool:
        """Whether the key is written."""
        return key in self.raw

    def place(self, key: str | None = None) -> Place:
        """Where the mapping begins, or the value of one of its keys."""
        return value_place_of(self.raw, key) if key is not None and key in self.raw else place_of(self.raw)

    def key_place(self, key: str) -> Place:
        """Where a key stands."""
        return place_of(self.raw, key)


@frozen(kw_only=True)
class Title(Written):
    """A title in Chinese and in English; either may be missing."""

    zh: str | None = None
    en: str | None = None

    def as_dict(self) -> dict[str, str]:
        """The languages that are there."""
        return {language: text for language, text in (("zh", self.zh), ("en", self.en)) if text is not None}


@frozen(kw_only=True)
class InForceWritten(Written):
    """`{from, until}`; a missing end is open."""

    from_: date | None = None
    until: date | None = None
