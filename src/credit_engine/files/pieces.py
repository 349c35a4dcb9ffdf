"""Pieces of a YAML file by what they should be: texts, flags, lists, mappings, and which keys there may be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from credit_engine.errors import Place, Problem
from credit_engine.policy.files import Items, Map, did_you_mean, kind_of, place_of, shown, value_place_of
from credit_engine.records import in_words


def _shown(key: object) -> str:
    return shown(key) if isinstance(key, str) else in_words(key)


def _plain(key: object) -> str:
    return key if isinstance(key, str) else in_words(key)


class Pieces:
    """Reads pieces of YAML by what they should be, and collects what is wrong in `problems`."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, code: str, message: str, place: Place, hint: str = "") -> None:
        """Collect one problem."""
        self.problems.append(Problem(code, message, place, hint))

    def text(self, data: Map | Items, step: Any, default: str = "") -> str:  # Any: a key or an index
        """A text; numbers, days and truth values count by how they are written."""
        value = data[step] if isinstance(data, Items) or step in data else default
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | date):
            return str(value)
        if not isinstance(value, str):
            self.wrong("wrong_type", f"expected text, this is {kind_of(value)}", value_place_of(data, step))
            return ""
        return value

    def flag(self, data: Map, key: str) -> bool:
        """True or false; false where it is not said."""
        value = data.get(key, False)
        if not isinstance(value, bool):
            self.wrong("wrong_type", f"{key} is true or false", value_place_of(data, key))
        return value is True

    def texts(self, data: Map, key: Any) -> tuple[str, ...]:
        """A list of texts, under any key (hence Any); one text counts as a list of one."""
        value = data.get(key, Items())
        if not isinstance(value, Items):
            return (self.text(data, key),)
        return tuple(self.text(value, index) for index in range(len(value)))

    def map(self, data: Map, key: Any) -> Map:
        """A mapping, under any key (hence Any); an empty one where it is not said."""
        value = data.get(key, Map())
        if isinstance(value, Map):
            return value
        self.wrong("wrong_type", f"{_plain(key)} is a mapping, this is {kind_of(value)}", value_place_of(data, key))
        return Map()

    def keys(self, data: Map, known: tuple[str, ...], required: tuple[str, ...] = ()) -> None:
        """Report keys that there are not, and required ones that are missing."""
        for key in data:
            if key not in known:
                self.wrong("unknown_key", f"no such key: {_shown(key)}", place_of(data, key), did_you_mean(key, known))
        for key in required:
            if key not in data:
                self.wrong("missing_key", f"{key!r} is missing", data.place)

    def text_map(self, data: Map, key: str) -> Mapping[str, str]:
        """A mapping of names to texts."""
        inner = self.map(data, key)
        return {str(name): self.text(inner, name) for name in inner}

    def list_map(self, data: Map, key: str) -> Mapping[str, tuple[str, ...]]:
        """A mapping of names to lists of texts."""
        inner = self.map(data, key)
        return {str(name): self.texts(inner, name) for name in inner}
