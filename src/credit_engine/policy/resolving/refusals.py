"""How resolving goes on after a mistake: a piece that cannot be read is refused, its neighbours are still read.

A reader raises `Refusal`; whoever reads several pieces side by side runs each through `Problems.attempt`, which keeps
the problem and goes on. A piece made of refused pieces is refused in silence: its problem has been told already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar

from attrs import define, evolve, field

from credit_engine.errors import Place, Problem, RecordError
from credit_engine.policy.places import Key, Map, did_you_mean, kind_of, place_of, shown, value_place_of

_Args = ParamSpec("_Args")
_Piece = TypeVar("_Piece")


class Refusal(Exception):  # noqa: N818  # not an error of the library: it never leaves resolving/
    """A piece that cannot be read; without a problem where that was told already."""

    def __init__(self, problem: Problem | None = None) -> None:
        """Take the problem to tell."""
        super().__init__(str(problem))
        self.problem = problem


def refuse(code: str, message: str, place: Place, hint: str = "") -> Refusal:
    """The refusal of the piece at hand, to be raised."""
    return Refusal(Problem(code, message, place, hint))


def refuse_name(code: str, what: str, name: object, known: Iterable[object], place: Place) -> Refusal:
    """The refusal of the piece at hand for a name that does not exist; the hint names a similar one."""
    return refuse(code, f"there is no {what} {shown(name)}", place, did_you_mean(name, known))


def refuse_type(expected: str, value: object, place: Place, hint: str = "") -> Refusal:
    """The refusal of the piece at hand because it is written in another form."""
    return refuse("wrong_type", f"expected {expected}, this is {kind_of(value)}", place, hint)


def given(piece: _Piece | None) -> _Piece:
    """The piece that was attempted; refused in silence if it could not be read."""
    if piece is None:
        raise Refusal
    return piece


def read_as(read: Callable[[Any], _Piece], value: object, place: Place) -> _Piece:  # Any: whatever `read` accepts
    """What a reader of quantities makes of a value; its complaint gets the place."""
    try:
        return read(value)
    except RecordError as error:
        raise Refusal(evolve(error.problems[0], place=place)) from error


@define
class Problems:
    """The problems found so far."""

    found: list[Problem] = field(factory=list)

    def tell(self, code: str, message: str, place: Place, hint: str = "") -> None:
        """Note a problem and go on with the piece at hand."""
        self.note(refuse(code, message, place, hint))

    def attempt(self, read: Callable[_Args, _Piece], *args: _Args.args, **kwargs: _Args.kwargs) -> _Piece | None:
        """What `read` gives; `None`, and the problem noted, where it refuses."""
        try:
            return read(*args, **kwargs)
        except Refusal as refusal:
            self.note(refusal)
            return None

    def note(self, refusal: Refusal) -> None:
        """Keep the problem of a refusal, once, and go on."""
        if refusal.problem is not None and refusal.problem not in self.found:
            self.found.append(refusal.problem)

    def all_of(self, read: Callable[..., _Piece], pieces: Iterable[tuple[Any, ...]]) -> list[_Piece]:  # Any: arguments
        """What `read` gives for each tuple of arguments; refused in silence if one of them is refused."""
        results = [self.attempt(read, *arguments) for arguments in pieces]
        if any(result is None for result in results):
            raise Refusal
        return [result for result in results if result is not None]

    def check_keys(self, data: Map, allowed: Iterable[str], what: str) -> None:
        """Note every key of a mapping that has no meaning there."""
        allowed = tuple(allowed)
        for key in data:
            if key not in allowed:
                self.tell(
                    "unknown_key", f"{what} has no key {shown(key)}", place_of(data, key), did_you_mean(key, allowed)
                )


def mapping(value: object, what: str, place: Place, hint: str = "") -> Map:
    """The value, if it is a mapping."""
    if not isinstance(value, Map):
        raise refuse_type(f"{what}, a mapping of keys", value, place, hint)
    return value


def elements(data: Any, what: str, place: Place) -> list[tuple[Any, Place]]:  # Any: a piece as written
    """The elements of a list with their places; a single value counts as a list of one."""
    if isinstance(data, list):
        if not data:
            raise refuse("wrong_type", f"{what} is an empty list", place, "leave the key out, or name at least one")
        return [(element, value_place_of(data, index)) for index, element in enumerate(data)]
    return [(data, place)]


def at(data: Map, key: Key) -> Place:
    """Where the value of a key stands."""
    return value_place_of(data, key)
