"""Changes that can be taken back: every write to the state of a session goes through its journal.

A post that fails half way leaves nothing behind, whatever it was that failed.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

_ABSENT = object()


class Journal:
    """What the writes since `begin` have replaced, newest last."""

    def __init__(self) -> None:
        self._replaced: list[tuple[MutableMapping[Any, Any], Any, Any]] = []  # Any: keys and values of any mapping

    def put(self, mapping: MutableMapping[Key, Value], key: Key, value: Value) -> None:
        """Set a key, and remember what stood there."""
        self._replaced.append((mapping, key, mapping.get(key, _ABSENT)))
        mapping[key] = value

    def drop(self, mapping: MutableMapping[Key, Value], key: Key) -> None:
        """Remove a key if it is there, and remember what stood there."""
        if key in mapping:
            self._replaced.append((mapping, key, mapping.pop(key)))

    def keep(self) -> None:
        """Let everything stand."""
        self._replaced.clear()

    def take_back(self) -> None:
        """Put everything back as it was, newest first."""
        while self._replaced:
            mapping, key, value = self._replaced.pop()
            if value is _ABSENT:
                mapping.pop(key, None)
            else:
                mapping[key] = value
