"""Every error of the library: a stable code, the place, and what to do.

Readers collect all problems first and raise once, so that one run shows everything that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen


@frozen
class Place:
    """Where something stands: a file with line and column, a row of a table, or a path inside a value."""

    file: str = ""
    line: int | None = None
    column: int | None = None
    path: str = ""

    def __str__(self) -> str:
        """`file:line:column`, then the path in brackets if there is one."""
        parts = [self.file] if self.file else []
        parts += [str(number) for number in (self.line, self.column) if number is not None]
        where = ":".join(parts)
        if self.path:
            return f"{where} ({self.path})" if where else self.path
        return where


@frozen
class Problem:
    """One thing that is wrong: `code` is stable, `message` is for people, `hint` says what to do."""

    code: str
    message: str
    place: Place = field(factory=Place)
    hint: str = ""

    def __str__(self) -> str:
        """`place: code: message`, and the hint on a line of its own."""
        where = str(self.place)
        text = f"{where}: {self.code}: {self.message}" if where else f"{self.code}: {self.message}"
        return f"{text}\n    hint: {self.hint}" if self.hint else text

    def as_dict(self) -> Mapping[str, object]:
        """The same as plain data, for logs and services."""
        return {
            "code": self.code,
            "message": self.message,
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "path": self.place.path,
            "hint": self.hint,
        }


class CreditEngineError(Exception):
    """The root of all errors that this library raises on purpose; `problems` is never empty."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        """Take one problem or several; one that was found twice at its place is told once."""
        found = (problems,) if isinstance(problems, Problem) else problems
        once: dict[tuple[object, ...], Problem] = {}
        for each in found:
            place = each.place
            path = place.path if place.line is None else ""
            once.setdefault((each.code, each.message, place.file, place.line, place.column, path), each)
        self.problems: tuple[Problem, ...] = tuple(once.values())
        if not self.problems:
            message = "an error needs at least one problem"
            raise ValueError(message)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[CreditEngineError], tuple[tuple[Problem, ...]]]:
        """Pickle by problems, so that errors cross process borders whole."""
        return type(self), (self.problems,)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the problems, in order."""
        return tuple(problem.code for problem in self.problems)


class PolicyError(CreditEngineError):
    """A policy cannot be read, contradicts itself, or asks for what is not there."""


class RecordError(CreditEngineError):
    """A record that was built in Python has a field that cannot be."""


class InputError(CreditEngineError):
    """An input folder, file or mapping cannot be used as a whole; single bad rows become rejects instead."""


class QuestionError(CreditEngineError):
    """A question makes no sense for this dossier and policy (say, an event that the party does not have)."""


class OutputError(CreditEngineError):
    """A result cannot be written; what stood there before is untouched."""


class EngineError(CreditEngineError):
    """An engine failed, or two engines differ on the same facts; nothing was changed."""
