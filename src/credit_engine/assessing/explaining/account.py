"""An account: what is said, line below line, as frozen data. Text, JSON and pictures are all made from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import field, frozen

INDENT = "  "


def _as_tuple(lines: Iterable[Account]) -> tuple[Account, ...]:
    return tuple(lines)


@frozen
class Account:
    """A line, and the lines that stand below it. `part` says in a stable word what kind of line it is."""

    text: str
    children: tuple[Account, ...] = field(default=(), converter=_as_tuple)
    part: str = "line"

    def lines(self, depth: int = 0) -> Iterable[str]:
        """This line and those below it, each level indented by two blanks."""
        yield INDENT * depth + self.text
        for child in self.children:
            yield from child.lines(depth + 1)

    def as_text(self) -> str:
        """The whole account as indented text, without a line break at the end."""
        return "\n".join(self.lines())

    def as_dict(self) -> dict[str, Any]:  # Any: nested plain data
        """The account as plain data for JSON; a line without others below it has no `children`."""
        data: dict[str, Any] = {"part": self.part, "text": self.text}  # Any: as above
        if self.children:
            data["children"] = [child.as_dict() for child in self.children]
        return data
