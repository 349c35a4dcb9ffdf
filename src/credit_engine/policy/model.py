"""From the mapping of a policy to its structure (`written.py`), with every place where it has another one.

What is wrong is left out and told; the rest goes on to be resolved, so that one run shows all mistakes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

import attrs

from credit_engine.errors import PolicyError, Problem
from credit_engine.policy.catalogue import by_id
from credit_engine.policy.places import Items, Map, did_you_mean, is_quoted, kind_of, place_of, shown, value_place_of
from credit_engine.policy.writing import NOT_WRITTEN, Code, Label, Written
from credit_engine.policy.written import PolicyWritten

if TYPE_CHECKING:
    from cattrs import Converter

Path = tuple[Any, ...]  # Any: keys and indices, from the head of the policy

_FEW_KEYS = 12  # a hint names no more
NAMED = (
    "sources",
    "kinds",
    "relations",
    "fields",
    "parameters",
    "admits",
    "indicators",
    "scales",
    "score",
    "lists",
    "measures",
    "spread",
    "recognition",
    "findings",
    "obligations",
    "supervision",
    "gaps",
)


class Misfit(Exception):  # noqa: N818  # it never leaves this module: read_model turns it into a problem
    """A value of another type than the model asks for."""

    def __init__(self, message: str, code: str = "wrong_type", hint: str = "", *, at_key: bool = False) -> None:
        """Take the parts of the problem; `at_key`: the key itself is wrong."""
        super().__init__(message)
        self.code, self.message, self.hint, self.at_key = code, message, hint, at_key


def read_model(data: Map) -> PolicyWritten:
    """The structure of a policy, without what is wrong in it (`refused`).

    Raises `PolicyError` where too much is wrong to go on: the head of the policy, or a whole section.
    """
    data, problems = _by_names(data)
    broken: dict[str, frozenset[str]] = {}
    while found := _misfits(data):
        problems += [problem for _, problem in found]
        left_out = {_left_out(path, problem) for path, problem in found}
        if () in left_out:
            raise PolicyError(sorted(problems, key=_by_place))
        for path in sorted(left_out, key=repr, reverse=True):  # later elements of a list first
            data = _without(data, path)
            if path[0] in NAMED and len(path) > 1:
                name = ".".join(str(step) for step in path[1:3])
                broken[path[0]] = broken.get(path[0], frozenset()) | {name}
    written: PolicyWritten = _converter().structure(data, PolicyWritten)
    return attrs.evolve(written, refused=tuple(problems), broken=broken)


def _misfits(data: Map) -> list[tuple[Path, Problem]]:
    from cattrs.errors import ClassValidationError  # noqa: PLC0415  # `import credit_engine` stays light

    try:
        _converter().structure(data, PolicyWritten)
    except ClassValidationError as error:
        return list(_problems(error, data, ()))
    return []


def _left_out(path: Path, problem: Problem) -> Path:
    """The smallest part around a mistake without which the rest can still be read; empty if there is none."""
    if problem.code == "unknown_key":
        return path
    if path[:1] == ("fields",):
        return path[:3] if len(path) > 1 else ()
    if path[:1] == ("score",):
        return path[:3] if path[1:2] in (("rules",), ("groups",)) and len(path) > 2 else ()  # noqa: PLR2004  # see above
    if path[:1] and path[0] in NAMED:
        return path[:2] if len(path) > 1 else ()
    return path[:1] if path[:1] and path[0] in ("regions", "illustrative") else ()


def _without(data: Any, path: Path) -> Any:  # Any: a piece as written
    """A copy without what stands at a path."""
    step, *rest = path
    if isinstance(data, Map):
        copy = data.copy()
        if rest:
            copy[step] = _without(data[step], tuple(rest))
        else:
            copy.drop(step)
        return copy
    shorter = Items(place=data.place)
    for index, element in enumerate(data):
        if index != step or rest:
            kept = _without(element, tuple(rest)) if index == step else element
            shorter.add(kept, place_of(data, index), quoted=is_quoted(data, index))
    return shorter


def _by_names(data: Map) -> tuple[Map, list[Problem]]:
    """The policy with its scales and measures by name."""
    data = data.copy()
    problems: list[Problem] = []
    if "grades" in data:
        _name_scales(data)
    if isinstance(data.get("measures"), Items):
        place, value_place = place_of(data, "measures"), value_place_of(data, "measures")
        data.put("measures", by_id(data["measures"], problems.append), place, value_place)
    return data, problems


def _name_scales(data: Map) -> None:
    grades, place, value_place = data["grades"], place_of(data, "grades"), value_place_of(data, "grades")
    if isinstance(grades, Map) and ("order" in grades or "rows" in grades):
        single, grades = grades, Map(place=value_place)
        grades.put("grade", single, place, value_place)
    data.drop("grades")
    data.put("scales", grades, place, value_place)


def _by_place(problem: Problem) -> tuple[str, int, int, str]:
    return (problem.place.file, problem.place.line or 0, problem.place.column or 0, problem.code)


_Class = TypeVar("_Class", bound=Written)
_Hook = Callable[[Any, Any], Any]  # Any: cattrs hands over what was read and the type asked for


@cache
def _converter() -> Converter:
    from cattrs import Converter  # noqa: PLC0415  # `import credit_engine` stays light

    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    for type_, words in (
        (str, "text"),
        (bool, "true or false"),
        (int, "a whole number"),
        (date, "a date such as 2024-01-01"),
    ):
        converter.register_structure_hook(type_, _exactly(type_, words))
    converter.register_structure_hook(Code, _quoted("unquoted_code"))
    converter.register_structure_hook(Label, _quoted("unquoted_label"))
    converter.register_structure_hook_factory(
        lambda type_: isinstance(type_, type) and issubclass(type_, Written), lambda type_: _record(type_, converter)
    )
    converter.register_structure_hook_factory(
        lambda type_: _is_generic(type_, tuple), lambda type_: _elements(get_args(type_)[0], converter)
    )
    converter.register_structure_hook_factory(
        lambda type_: _is_generic(type_, Mapping), lambda type_: _entries(get_args(type_), converter)
    )
    return converter


def _exactly(type_: type, words: str) -> _Hook:
    def hook(value: Any, _type: Any) -> Any:  # Any: see _Hook
        if type(value) is not type_:
            raise Misfit(f"expected {words}, this is {kind_of(value)}")
        return value

    return hook


def _quoted(code: str) -> _Hook:
    def hook(value: Any, _type: Any) -> Any:  # Any: see _Hook
        if isinstance(value, str):
            return value
        if value is None or isinstance(value, dict | list):
            raise Misfit(f"expected text, this is {kind_of(value)}")
        written = str(value).lower() if isinstance(value, bool) else str(value)
        raise Misfit(f"{written} is read as {kind_of(value)}", code, f'put it in quotes: "{written}"')

    return hook


def _record(type_: type[_Class], converter: Converter) -> _Hook:
    from cattrs.gen import make_dict_structure_fn, override  # noqa: PLC0415  # see _converter

    renamed = {name: override(rename=name[:-1]) for name in attrs.fields_dict(type_) if name.endswith("_")}
    omitted = {name: override(omit=True) for name in NOT_WRITTEN if name in attrs.fields_dict(type_)}
    overrides: dict[str, Any] = {**renamed, **omitted}  # Any: overrides stand beside the function's own options
    build = make_dict_structure_fn(type_, converter, **overrides)

    keys_known = [name.rstrip("_") for name in attrs.fields_dict(type_) if name not in NOT_WRITTEN]

    def hook(value: Any, _type: Any) -> _Class:  # Any: see _Hook
        if not isinstance(value, Map):
            hint = f"its keys: {', '.join(keys_known)}" if len(keys_known) <= _FEW_KEYS else ""
            raise Misfit(f"expected a mapping of keys, this is {kind_of(value)}", hint=hint)
        keys: Any = value  # Any: its keys need not be texts; those that are not are unknown
        return attrs.evolve(build(keys, type_), raw=value)

    return hook


def _elements(type_: Any, converter: Converter) -> _Hook:  # Any: a type of the model
    def hook(value: Any, _type: Any) -> tuple[Any, ...]:  # Any: see _Hook
        if not isinstance(value, list):
            raise Misfit(f"expected a list, this is {kind_of(value)}", hint="write it in brackets: [a, b]")
        return tuple(_each(enumerate(value), lambda _, element: converter.structure(element, type_)))

    return hook


def _is_generic(type_: Any, origin: Any) -> bool:  # Any: types
    return get_origin(type_) is origin


def _entries(types: tuple[Any, ...], converter: Converter) -> _Hook:  # Any: types of the model
    key_type, value_type = types

    def entry(key: Any, value: Any) -> tuple[Any, Any]:  # Any: see _Hook
        try:
            return converter.structure(key, key_type), converter.structure(value, value_type)
        except Misfit as misfit:
            misfit.at_key = misfit.at_key or not _is_fit(key, key_type, converter)
            raise

    def hook(value: Any, _type: Any) -> dict[Any, Any]:  # Any: see _Hook
        if not isinstance(value, Map):
            raise Misfit(f"expected a mapping of keys, this is {kind_of(value)}")
        return dict(_each(value.items(), entry))

    return hook


def _is_fit(value: Any, type_: Any, converter: Converter) -> bool:  # Any: see _Hook
    try:
        converter.structure(value, type_)
    except Misfit:
        return False
    return True


def _each(steps: Iterable[tuple[Any, Any]], read: Callable[[Any, Any], Any]) -> list[Any]:  # Any: see _Hook
    """What `read` makes of every step; the errors of all of them in one group."""
    from cattrs.errors import BaseValidationError, IterableValidationError, IterableValidationNote  # noqa: PLC0415

    results, errors = [], []
    for step, value in steps:
        try:
            results.append(read(step, value))
        except (Misfit, BaseValidationError) as error:
            error.add_note(IterableValidationNote("", step, Any))
            errors.append(error)
    if errors:
        raise IterableValidationError("elements", errors, tuple)
    return results


def _problems(group: BaseException, data: Any, path: Path) -> Iterator[tuple[Path, Problem]]:  # Any: what was read
    """The problems of an error group of cattrs, each with the path and the place that its notes lead to."""
    from cattrs.errors import BaseValidationError, ClassValidationError, ForbiddenExtraKeysError  # noqa: PLC0415

    for error in group.exceptions if isinstance(group, BaseValidationError) else ():
        step = _step(error)
        if isinstance(error, ForbiddenExtraKeysError):
            known = [name.removesuffix("_") for name in attrs.fields_dict(error.cl) if name not in NOT_WRITTEN]
            for key in data:
                if key in error.extra_fields:
                    yield (*path, key), _unknown_key(data, key, known)
        elif isinstance(error, BaseValidationError):
            yield from _problems(error, data[step], (*path, step))
        elif isinstance(error, Misfit):
            place = place_of(data, step) if error.at_key else value_place_of(data, step)
            yield (*path, step), Problem(error.code, f"`{step}`: {error.message}", place, error.hint)
        elif isinstance(error, KeyError) and isinstance(group, ClassValidationError):
            yield path, Problem("missing_key", f"`{step}` is missing", place_of(data), f"add `{step}: ...`")
        else:
            raise error


def _step(error: BaseException) -> Any:  # Any: a key or an index
    """The key or index that a note of cattrs names."""
    for note in getattr(error, "__notes__", ()):
        if hasattr(note, "name"):
            return note.name.removesuffix("_")
        if hasattr(note, "index"):
            return note.index
    return None


def _unknown_key(data: Map, key: Any, known: list[str]) -> Problem:  # Any: a key as written
    known = ["grades" if name == "scales" else name for name in known]
    return Problem("unknown_key", f"there is no key {shown(key)} here", place_of(data, key), did_you_mean(key, known))
