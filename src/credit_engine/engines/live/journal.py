"""Changes that can be taken back: every write to the state of a session goes through its journal.

A post that fails half way leaves nothing behind, whatever it was that failed and wherever: also an interrupt that comes
while things are being taken back, and a question asked by a signal handler in the middle of a write.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Literal, TypeVar

from credit_engine.errors import Problem, QuestionError

Key = TypeVar("Key")
Value = TypeVar("Value")

_ABSENT = object()


class Journal:
    """What the writes since `begin` have replaced, newest last."""

    def __init__(self) -> None:
        self._replaced: list[tuple[MutableMapping[Any, Any], Any, Any]] = []  # Any: keys and values of any mapping
        self._state: Literal["none", "open", "taken"] = "none"  # taken: back already, by somebody in between

    def begin(self) -> None:
        """From here on remember. What an interrupt has left half done before is taken back first."""
        self.take_back()
        self._state = "open"

    def put(self, mapping: MutableMapping[Key, Value], key: Key, value: Value) -> None:
        """Set a key, and remember what stood there."""
        if self._state != "none":
            self._replaced.append((mapping, key, mapping.get(key, _ABSENT)))
        mapping[key] = value

    def drop(self, mapping: MutableMapping[Key, Value], key: Key) -> None:
        """Remove a key if it is there, and remember what stood there."""
        if key in mapping:
            if self._state != "none":
                self._replaced.append((mapping, key, mapping[key]))
            del mapping[key]

    def keep(self) -> None:
        """Let everything stand; raises `QuestionError` (`session_busy`) where it was taken back in between."""
        if self._state == "taken":
            message = "the session was asked while it was taking this in, so nothing of it was taken in"
            raise QuestionError(Problem("session_busy", message, hint="let signal handlers ask no session; post again"))
        self._state = "none"
        self._replaced.clear()

    def take_back(self) -> None:
        """Put everything back as it was, newest first. Each step may be done twice, for it may be interrupted."""
        self._put_back()
        self._state = "none"

    def recover(self) -> bool:
        """Put back what is half done, for somebody who asks meanwhile; whether there was anything."""
        if self._state == "none":
            return False
        self._put_back()
        self._state = "taken"
        return True

    def _put_back(self) -> None:
        while self._replaced:
            mapping, key, value = self._replaced[-1]
            if value is _ABSENT:
                mapping.pop(key, None)
            else:
                mapping[key] = value
            self._replaced.pop()
