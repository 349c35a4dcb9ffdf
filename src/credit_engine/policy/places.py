"""Data of a policy as it was written, with the place of every key, value and element.

`Map` and `Items` are a `dict` and a `list` that remember places. Everything else is plain Python: text `str`, `int`,
`decimal.Decimal`, `bool`, `None`, `datetime.date`; never `float`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from credit_engine.errors import Place

Key = str | int | date
Scalar = str | int | Decimal | bool | date | None

SHOWN = 60  # characters of a hostile key or value that a message repeats

_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (dict, "a mapping"),
    (list, "a list"),
    (bool, "true or false"),
    (int, "a whole number"),
    (Decimal, "a decimal number"),
    (date, "a date"),
    (str, "text"),
)


class Map(dict[Key, Any]):  # Any: a Map, Items or Scalar, as the file has it
    """A mapping. `place`: where it begins; `places`: of keys, `value_places`: of values; `quoted`: texts in quotes."""

    def __init__(self, content: Mapping[Any, Any] = MappingProxyType({}), place: Place | None = None) -> None:
        """Begin with plain content, or empty; what was not read from a file has the place of the whole."""
        super().__init__(content)
        self.place = place or Place()
        self.places: dict[Key, Place] = {}
        self.value_places: dict[Key, Place] = {}
        self.quoted: set[Key] = set()

    def put(
        self, key: Key, value: Any, place: Place, value_place: Place | None = None, *, quoted: bool = False
    ) -> None:  # Any: see the class
        """Set a key with its place; the value's place is the key's unless given."""
        self[key] = value
        self.places[key] = place
        self.value_places[key] = value_place or place
        (self.quoted.add if quoted else self.quoted.discard)(key)

    def take_from(self, other: Map, key: Key) -> None:
        """Set a key as another map has it, with all its places."""
        self.put(key, other[key], place_of(other, key), value_place_of(other, key), quoted=is_quoted(other, key))

    def drop(self, key: Key) -> None:
        """Remove a key and its places."""
        for part in (self, self.places, self.value_places):
            part.pop(key, None)
        self.quoted.discard(key)

    def copy(self) -> Map:
        """A map of the same keys, values and places; the values themselves are not copied."""
        other = Map(place=self.place)
        for key in self:
            other.take_from(self, key)
        return other


class Items(list[Any]):  # Any: a Map, Items or Scalar, as the file has it
    """A list. `place`: where it begins; `places`: of each element; `quoted`: indices of quoted texts."""

    def __init__(self, content: Iterable[Any] = (), place: Place | None = None) -> None:
        """Begin with plain content, or empty; what was not read from a file has the place of the whole."""
        super().__init__(content)
        self.place = place or Place()
        self.places: list[Place] = [self.place] * len(self)
        self.quoted: set[int] = set()

    def add(self, value: Any, place: Place, *, quoted: bool = False) -> None:  # Any: see the class
        """Append an element with its place."""
        if quoted:
            self.quoted.add(len(self))
        self.append(value)
        self.places.append(place)


Content = Map | Items | Scalar


def place_of(data: object, *path: Key) -> Place:
    """Where the last step of a path stands: a key of a mapping, an element of a list.

    A step that is not there gives the place of what should hold it; plain data gives an empty place.
    """
    place = getattr(data, "place", Place())
    for step in path:
        if isinstance(data, Map) and step in data:
            place, data = data.places.get(step, data.place), data[step]
        elif isinstance(data, Items) and isinstance(step, int) and 0 <= step < len(data):
            place, data = (data.places[step] if step < len(data.places) else data.place), data[step]
        else:
            break
    return place


def value_place_of(data: object, *path: Key) -> Place:
    """As `place_of`, but of the value behind the last key."""
    if not path:
        return place_of(data)
    *before, last = path
    for step in before:
        data = _behind(data, step)
    if isinstance(data, Map) and last in data.value_places:
        return data.value_places[last]
    return place_of(data, last)


def _behind(data: object, step: Key) -> object:
    """What stands behind a key or index, or None."""
    if isinstance(data, dict):
        return data.get(step)
    inside = isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data)
    return data[step] if inside else None  # type: ignore[index]  # inside says so


def is_quoted(data: object, step: Key) -> bool:
    """Whether the text behind a key or index was written in quotes (or as a block), so that it is text on purpose."""
    return isinstance(data, Map | Items) and step in data.quoted


def kind_of(value: object) -> str:
    """What a value is, in words for messages."""
    return next((words for kind, words in _KINDS if isinstance(value, kind)), "nothing")


def shown(value: object) -> str:
    """A key or value for a message: in quotes, without control characters, cut when long."""
    text = value if isinstance(value, str) else str(value)
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "...")


def did_you_mean(word: object, known: Iterable[object]) -> str:
    """The hint for a word that does not exist: `did you mean 'fine'?`, or the known words if few, or nothing."""
    words = sorted({str(each) for each in known})
    close = difflib.get_close_matches(str(word)[:SHOWN], words, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    few = 12
    return f"known: {', '.join(words)}" if 0 < len(words) <= few else ""
