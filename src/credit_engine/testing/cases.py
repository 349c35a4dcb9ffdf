"""Policy tests as written: a file is a list of cases, each a question with a day and what the answer must say.

What is wrong with a file is told at once, with places; what is wrong for the policy is told when a case runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from credit_engine.errors import Place, PolicyError, Problem
from credit_engine.policy.files import (
    Content,
    Items,
    Map,
    did_you_mean,
    kind_of,
    place_of,
    read_documents,
    shown,
    text_of,
    value_place_of,
)
from credit_engine.testing.case_facts import QUESTION_KEYS, Case, dossier_of
from credit_engine.testing.case_matrix import rows_of
from credit_engine.testing.differing import differences
from credit_engine.testing.expecting import EXPECTED
from credit_engine.testing.question import Assess, Spread
from credit_engine.testing.running import Outcome, judge, run

__all__ = [
    "EXPECTED",
    "KEYS",
    "Assess",
    "Case",
    "Outcome",
    "Spread",
    "differences",
    "dossier_of",
    "judge",
    "read_cases",
    "run",
]

ENDS = ("expect", "expect_error", "law")  # a case has one of them
KEYS = QUESTION_KEYS | {"name", "says", "policy", "matrix", "instead", *ENDS}

# Of each key: of which type it is, in words, and an example. Any: a type or several.
_SORTS: dict[str, tuple[Any, str, str]] = {
    "day": (date, "a date", "write year-month-day without quotes, day: 2026-06-30"),
    "known_at": (date, "a date", "write year-month-day without quotes, known_at: 2026-06-30"),
    "event": (str, "an event's id", "put it in quotes if it is a number"),
    "operator": ((Map, Items), "a mapping, or a list of versions", "operator: {id: P1}"),
    "person": ((Map, Items), "a mapping, or a list of versions", "person: {id: N1}"),
    "events": (Items, "a list", "events: [{violation: {id: V1}}]"),
    "regions": (Items, "a list", 'regions: [{code: "310000"}]'),
    "operators": (Items, "a list", "operators: [P2, {id: P3, kind: farm}]"),
    "persons": (Items, "a list", "persons: [N1, {id: N2}]"),
    "relations": (Items, "a list", "relations: [{shareholder: {source: P1, target: P2}}]"),
    "coverage": (Map, "a mapping", "coverage: {inspection: absent}"),
    "expect": (Map, "a mapping", "expect: {score: 80}"),
    "expect_error": ((str, Items), "a problem code, or a list of them", "expect_error: unknown_event"),
    "instead": (Map, "a mapping of other keys", "instead: {day: 2026-07-01}"),
}
_LISTS = ("operator", "person", "events", "regions", "relations", "operators", "persons")


def read_cases(path: Path | str) -> list[Case]:
    """The cases of a file: a list, or a mapping of `defaults` and `cases`. Raises `PolicyError` with all problems."""
    problems: list[Problem] = []
    defaults, items = _parts(path, problems)
    cases = [case for number in range(len(items)) for case in _cases(items, number, defaults, problems)]
    problems += _same_names(cases)
    if problems:
        raise PolicyError(problems)
    return cases


def _parts(path: Path | str, problems: list[Problem]) -> tuple[Map, Items]:
    """What stands in a file: the keys for every case, and the cases. Raises `PolicyError` if there are none."""
    documents = read_documents(text_of(path), str(path))
    content: Content = documents[0] if documents else None
    whole, hint = Place(str(path), 1, 1), "- {name: ..., day: 2026-06-30, events: [...], expect: {score: 80}}"
    if len(documents) > 1:
        message = f"{len(documents)} documents in one file"
        raise PolicyError(Problem("several_documents", message, whole, "remove the `---`, or split the file"))
    defaults = Map()
    if isinstance(content, Map) and ("cases" in content or "defaults" in content):
        for key in content:
            if key not in ("defaults", "cases"):
                message = f"a test file has no {shown(key)}"
                hint = "keys for every case stand below `defaults`, the list of cases below `cases`"
                close = did_you_mean(key, ("defaults", "cases"))
                hint = close if close.startswith("did") else hint
                problems.append(Problem("unknown_key", message, place_of(content, key), hint))
        written = content.get("defaults", defaults)
        if isinstance(written, Map):
            defaults = written
        else:
            place = value_place_of(content, "defaults")
            message = f"defaults are keys with values, this is {kind_of(written)}"
            problems.append(Problem("wrong_type", message, place, "defaults: {day: 2026-06-30}"))
        whole = value_place_of(content, "cases") if "cases" in content else content.place
        content = content.get("cases")
    if isinstance(content, Map):
        message = "a test file is a list of cases, this is one mapping"
        raise PolicyError([*problems, Problem("wrong_type", message, content.place, "begin each case with `- name:`")])
    if not isinstance(content, Items) or not content:
        what = "nothing" if content is None or content == [] else kind_of(content)
        message = f"a test file is a list of cases, this is {what}"
        raise PolicyError([*problems, Problem("wrong_type", message, whole, hint)])
    return defaults, content


def _cases(items: Items, number: int, defaults: Map, problems: list[Problem]) -> Iterator[Case]:
    """The cases of one item: several if it has a matrix, none if it is no case."""
    item, place = items[number], place_of(items, number)
    if not isinstance(item, Map):
        message = f"a case is a mapping with a `name`, this is {kind_of(item)}"
        problems.append(Problem("missing_key", message, place, "- name: A sentence that says what is promised"))
        return
    case = item.copy()
    for name in defaults:
        if name not in item:
            case.take_from(defaults, name)
    found: list[Problem] = []
    rows = list(rows_of(case, found)) if "matrix" in case else [(case, place)]
    for content, where in rows:
        found += _shape_problems(content)
        if isinstance(content.get("name"), str):
            yield Case(content["name"], content, where)
    problems += found


def _same_names(cases: Iterable[Case]) -> Iterator[Problem]:
    known: dict[str, Case] = {}
    for case in cases:
        first = known.setdefault(case.name, case)
        if first is not case:
            message = f"two cases are called {case.name!r}, the first at {first.place}"
            same_matrix = value_place_of(first.content, "name") == value_place_of(case.content, "name")
            hint = "put a column of the matrix into the name" if same_matrix else "say in each name what it promises"
            yield Problem("duplicate_key", message, case.place, hint)


# --- the shape of a case --------------------------------------------------------------------------------------


def _shape_problems(case: Map) -> Iterator[Problem]:
    """What in a case is unknown, missing, or not of the sort that its key asks for."""
    name = case.get("name")
    if not isinstance(name, str) or not name.strip():
        what = "has no `name`" if name is None else f"has a `name` that is {'empty' if name == '' else kind_of(name)}"
        hint = "- name: A sentence that says what is promised"
        yield Problem("missing_key", f"a case {what}", value_place_of(case, "name"), hint)
    for key in case:
        if key not in KEYS:
            yield Problem("unknown_key", f"a case has no {shown(key)}", place_of(case, key), _known_key(key))
    for key, (types, sort, hint) in _SORTS.items():
        if key in case and not isinstance(case[key], types):
            message = f"{key} is {sort}, this is {_written(case[key])}"
            yield Problem("wrong_type", message, value_place_of(case, key), hint)
    yield from _list_problems(case)
    if "day" not in case:
        yield Problem("missing_key", "a case has a `day`", case.place, "day: 2026-06-30")
    if isinstance(case.get("expect"), Map) and not case["expect"]:
        yield Problem("wrong_type", "expect names nothing", value_place_of(case, "expect"), "expect: {score: 80}")
    yield from _end_problems(case)


def _list_problems(case: Map) -> Iterator[Problem]:
    for key in _LISTS:
        parts = case.get(key)
        types = (Map, str) if key in ("operators", "persons") else (Map,)
        for number, part in enumerate(parts if isinstance(parts, Items) else ()):
            if not isinstance(part, types):
                what = "mappings or ids" if str in types else "mappings"
                message = f"{key} is a list of {what}, this is {_written(part)}"
                yield Problem("wrong_type", message, place_of(parts, number), _SORTS[key][2])
    codes = case.get("expect_error")
    if isinstance(codes, Items) and (not codes or not all(isinstance(code, str) for code in codes)):
        place = value_place_of(case, "expect_error")
        yield Problem(
            "wrong_type", "expect_error is a problem code, or a list of them", place, _SORTS["expect_error"][2]
        )


def _end_problems(case: Map) -> Iterator[Problem]:
    """A case expects an answer, or an error, or that a law holds."""
    ends = [key for key in ENDS if key in case]
    name = shown(case.get("name", "the case"))
    if not ends:
        meant = [key for key in case if key not in KEYS and (key in EXPECTED or did_you_mean(key, ENDS)[:3] == "did")]
        if meant:
            return  # its own problem says what to do
        hint = "add `expect: {score: ...}`, expect_error or law, below `name` and no further in"
        yield Problem("missing_key", f"{name} expects nothing", case.place, hint)
    elif len(ends) > 1:
        message = f"{name} has {' and '.join(ends)}"
        yield Problem("wrong_type", message, place_of(case, ends[1]), "a case has one of them; make two cases")


def _written(value: object) -> str:
    """A value as it was misread: what kind it is, and a text itself."""
    return shown(value) if isinstance(value, str) else kind_of(value)


def _known_key(key: object) -> str:
    if key in EXPECTED:
        return f"write it below `expect`: expect: {{{key}: ...}}"
    return did_you_mean(key, KEYS) or f"one of {', '.join(sorted(KEYS))}"
