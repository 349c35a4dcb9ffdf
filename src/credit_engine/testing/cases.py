"""Policy tests: a question with a day, and what the answer must say. Read from YAML, run on any engine.

A case names a part of the answer; what it does not name is not compared. Differences come back as sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import attrs
from attrs import field, frozen

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.changes import agenda, next_change
from credit_engine.assessing.plain import points_data, value_data
from credit_engine.dossiers import Coverage, Dossier, Regions
from credit_engine.errors import CreditEngineError, Place, PolicyError, Problem
from credit_engine.files.cells import CellForm, CellReader
from credit_engine.policy.files import Items, Map, place_of, read_documents, text_of
from credit_engine.policy.load import Policy
from credit_engine.quantities import FieldType
from credit_engine.records import EVENT_CLASSES, Event, Operator, OtherEvent, Party, Person, Region, field_types

KEYS = frozenset(
    [
        "name",
        "says",
        "policy",
        "day",
        "known_at",
        "event",
        "operator",
        "person",
        "regions",
        "coverage",
        "events",
        "relations",
        "persons",
        "expect",
        "expect_error",
    ]
)
LINES = ("reasons", "unknowns", "entries", "measures", "findings", "obligations", "supervision")
EXPECTED = frozenset(
    (*LINES, "score", "grade", "grades", "possible", "indicators", "outside_policy", "on_list", "audience")
) | {"next_change", "agenda"}


class Assess(Protocol):
    """What an engine offers: the same question as `credit_engine.assess`."""

    def __call__(
        self, dossier: Dossier, policy: Policy, as_of: date, known_at: date | None = None, *, event: str | None = None
    ) -> Assessment:
        """The answer."""


@frozen
class Case:
    """One test: its name is a sentence. `content` is the case as written, with places."""

    name: str
    content: Map = field(repr=False)
    place: Place

    @property
    def expects_error(self) -> frozenset[str]:
        """The problem codes that the case expects; empty if it expects an answer."""
        codes = self.content.get("expect_error", ())
        return frozenset([codes] if isinstance(codes, str) else codes)


def read_cases(path: Path | str) -> list[Case]:
    """The cases of a file: a list, or a mapping of `defaults` and `cases`. Raises `PolicyError`."""
    documents = read_documents(text_of(path), str(path))
    content = documents[0] if documents else None
    defaults: Mapping[Any, Any] = {}  # Any: keys and values as written
    if isinstance(content, Map):
        defaults, content = content.get("defaults", {}), content.get("cases")
    if not isinstance(content, Items):
        raise PolicyError(
            Problem("wrong_type", "a test file is a list of cases", Place(str(path)), "start with `- name:`")
        )
    problems: list[Problem] = []
    cases = []
    for number, item in enumerate(content):
        place = place_of(content, number)
        if not isinstance(item, Map) or not isinstance(item.get("name"), str):
            problems.append(Problem("missing_key", "a case is a mapping with a `name`", place))
            continue
        problems += [
            Problem("unknown_key", f"a case has no {name!r}", place_of(item, name), _one_of(KEYS))
            for name in (*defaults, *item)
            if name not in KEYS
        ]
        problems += _shape_problems(item, {**defaults, **item})
        if "expect" not in item and "expect_error" not in item:
            problems.append(
                Problem("missing_key", f"{item['name']!r} expects nothing", place, "add expect or expect_error")
            )
        cases.append(Case(item["name"], _with_defaults(item, defaults), place))
    names = [case.name for case in cases]
    problems += [
        Problem("duplicate_key", f"two cases are called {case.name!r}", case.place)
        for place_in_list, case in enumerate(cases)
        if case.name in names[:place_in_list]
    ]
    if problems:
        raise PolicyError(problems)
    return cases


def _shape_problems(item: Map, case: Mapping[Any, Any]) -> list[Problem]:  # Any: keys and values as written
    """What in a case is not of the sort that its key asks for."""
    sorts: dict[str, tuple[Any, str, str]] = {  # Any: a type or several
        "day": (date, "a date", "day: 2026-06-30"),
        "known_at": (date, "a date", "known_at: 2026-06-30"),
        "event": (str, "an event's id", "put it in quotes if it is a number"),
        "operator": ((Map, Items), "a mapping, or a list of versions", "operator: {id: P1}"),
        "person": ((Map, Items), "a mapping, or a list of versions", "person: {id: N1}"),
        "events": (Items, "a list", "events: [{violation: {id: V1}}]"),
        "regions": (Items, "a list", 'regions: [{code: "310000"}]'),
        "coverage": (Map, "a mapping", "coverage: {inspection: absent}"),
        "expect": (Map, "a mapping", "expect: {score: 80}"),
    }
    problems = [
        Problem("wrong_type", f"{name} is {sort}", place_of(item, name), hint)
        for name, (types, sort, hint) in sorts.items()
        if name in case and not isinstance(case[name], types)
    ]
    for name in ("operator", "person", "events", "regions"):
        parts = case.get(name)
        if isinstance(parts, Items) and not all(isinstance(part, Map) for part in parts):
            problems.append(
                Problem("wrong_type", f"{name} is a list of mappings", place_of(item, name), sorts[name][2])
            )
    if "day" not in case:
        problems.append(Problem("missing_key", "a case has a `day`", place_of(item), "day: 2026-06-30"))
    if "expect" in case and not case["expect"]:
        problems.append(Problem("wrong_type", "expect names nothing", place_of(item, "expect"), "expect: {score: 80}"))
    return problems


def _one_of(names: Iterable[str]) -> str:
    return f"one of {', '.join(sorted(names))}"


def _with_defaults(item: Map, defaults: Mapping[Any, Any]) -> Map:  # Any: keys and values as written
    for name, value in defaults.items():
        if name not in item:
            item[name] = value
    return item


# --- building the question ------------------------------------------------------------------------------------


def dossier_of(case: Case, policy: Policy) -> Dossier:
    """The dossier that a case describes. Raises `CreditEngineError` with the case's place."""
    content = case.content
    types = policy.plan.field_types
    if "person" in content:
        parties: list[Party] = [_record(Person, one, types.get("operator", {})) for one in _several(content["person"])]
    else:
        parties = [_record(Operator, one, types.get("operator", {})) for one in _several(content.get("operator", {}))]
    regions = [
        Region(**_cells({**one, "from_day": one.get("from")}, field_types(Region), drop=("from",)))
        for one in content.get("regions", ())
    ]
    events = [_event(one, parties[0].id, policy, case) for one in content.get("events", ())]
    return Dossier(parties, events, coverage=_coverage(content.get("coverage", {})), regions=Regions(regions))


def _several(content: Any) -> list[Any]:  # Any: a mapping or a list of them, as written
    return list(content) if isinstance(content, list) else [content]


def _coverage(content: Mapping[str, Any]) -> dict[str, Coverage]:  # Any: `absent` or {from: DAY}
    return {kind: "absent" if what == "absent" else what["from"] for kind, what in content.items()}


def _cells(
    content: Mapping[str, Any], types: Mapping[str, FieldType], drop: tuple[str, ...] = ()
) -> dict[str, Any]:  # Any: values as written, then typed
    return {
        name: CellReader(types[name], CellForm())(value)
        for name, value in content.items()
        if name not in drop and value is not None
    }


def _record(cls: Any, content: Mapping[str, Any], declared: Mapping[str, FieldType]) -> Any:  # Any: Operator or Person
    own = field_types(cls)
    values = {"id": "P1", **content}
    known = _cells({name: value for name, value in values.items() if name in own}, own)
    extra = _cells({name: value for name, value in values.items() if name not in own}, declared)
    return cls(**known, extra=extra)


def _event(content: Map, party: str, policy: Policy, case: Case) -> Event:
    kind, fields = _kind_and_fields(content, case)
    types = policy.plan.field_types.get(kind)
    if types is None:
        raise PolicyError(Problem("unknown_kind", f"{case.name!r}: no kind of event {kind!r}", case.place))
    unknown = [name for name in fields if name not in types]
    if unknown:
        raise PolicyError(
            Problem("unknown_field", f"{case.name!r}: {kind} has no field {unknown[0]!r}", case.place, _one_of(types))
        )
    cls = EVENT_CLASSES.get(kind)
    own = field_types(cls or OtherEvent)
    values = _cells({"party": party, **fields}, types)
    built_in = {name: value for name, value in values.items() if name in own}
    extra = {name: value for name, value in values.items() if name not in own}
    return cls(**built_in, extra=extra) if cls else OtherEvent(kind=kind, **built_in, extra=extra)


def _kind_and_fields(content: Map, case: Case) -> tuple[str, dict[str, Any]]:  # Any: values as written
    (kind, fields), *others = content.items()
    if not others and isinstance(fields, Mapping):
        return str(kind), dict(fields)
    if "kind" not in content:
        raise PolicyError(
            Problem("missing_key", f"{case.name!r}: an event needs its kind", case.place, "- violation: {...}")
        )
    return content["kind"], {str(name): value for name, value in content.items() if name != "kind"}


# --- running --------------------------------------------------------------------------------------------------


def run(case: Case, load: Callable[[], Policy], assess: Assess) -> list[str]:
    """What differs from the expectation, a sentence each; empty if the case passes."""
    try:
        policy = load()
        answer = assess(
            dossier_of(case, policy),
            policy,
            case.content["day"],
            case.content.get("known_at"),
            event=case.content.get("event"),
        )
    except CreditEngineError as error:
        if not case.expects_error:
            return [f"expected an answer, got an error: {error}"]
        missing = case.expects_error - set(error.codes)
        return [f"expected the problem {code}, got: {error}" for code in sorted(missing)]
    if case.expects_error:
        return [f"expected the problem {', '.join(sorted(case.expects_error))}, got an answer"]
    return differences(case.content["expect"], answer)


def differences(expect: Mapping[str, Any], answer: Assessment) -> list[str]:  # Any: what a case expects, as written
    """What differs between an expectation and an answer, a sentence each."""
    found = [f"no such part of an answer: {name} ({_one_of(EXPECTED)})" for name in expect if name not in EXPECTED]
    data = answer.as_dict()
    plain = {
        "score": _score(answer),
        "grade": answer.grade or "unknown",
        "possible": list(next(iter(answer.grades.values())).possible) if answer.grades else [],
        "audience": answer.audience,
        "outside_policy": "unknown" if answer.outside_policy is None else answer.outside_policy,
    }
    found += [
        f"{name}: expected {_shown(expect[name])}, got {_shown(actual)}"
        for name, actual in plain.items()
        if name in expect and not _same(expect[name], actual)
    ]
    found += _by_name(expect, "grades", {name: grade.label or "unknown" for name, grade in answer.grades.items()})
    found += _by_name(expect, "indicators", {name: _indicator(value) for name, value in answer.indicators.items()})
    found += _by_name(expect, "on_list", {n: "unknown" if on is None else on for n, on in answer.on_list.items()})
    for name in LINES:
        if name in expect:
            found += _lines(name, expect[name], data[name])
    if "next_change" in expect:
        found += _next_change(expect["next_change"], answer)
    if "agenda" in expect:
        found += _agenda(expect["agenda"], answer)
    return found


def _next_change(wanted: Any, answer: Assessment) -> list[str]:  # Any: a day, or `none`
    dossier, policy = answer.question
    actual = next_change(dossier, policy, answer.as_of, answer.known_at)
    return [] if _same(wanted, actual or "none") else [f"next_change: expected {wanted}, got {actual or 'none'}"]


def _agenda(wanted: Mapping[str, Any], answer: Assessment) -> list[str]:  # Any: {until: DAY, lines: [...]}
    dossier, policy = answer.question
    actual = agenda(dossier, policy, wanted["until"], answer.as_of, answer.known_at)
    return _lines("agenda", wanted["lines"], [{**attrs.asdict(line)} for line in actual])


def _score(answer: Assessment) -> Any:  # Any: text, a pair, or "unknown"
    return "unknown" if answer.score is None else points_data(answer.score)


def _indicator(value: Any) -> Any:  # Any: an indicator's value; plain data comes out
    data = value_data(value)
    return "unknown" if data is None else data


def _by_name(expect: Mapping[str, Any], part: str, actual: Mapping[str, Any]) -> list[str]:  # Any: see _plain
    """What differs in a part that is a mapping; only the names that are expected are compared."""
    return [
        f"{part}.{name}: expected {_shown(wanted)}, got {_shown(actual.get(name, 'none of this name'))}"
        for name, wanted in expect.get(part, {}).items()
        if not _same(wanted, actual.get(name, "none of this name"))
    ]


def _plain(value: Any) -> Any:  # Any: a value as written or as plain data, made comparable
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | Decimal):
        return format(Decimal(value).normalize(), "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(element) for element in value]
    return value


def _same(expected: Any, actual: Any) -> bool:  # Any: see _plain
    return bool(_plain(expected) == _plain(actual))


def _shown(value: Any) -> str:  # Any: see _plain
    return str(_plain(value))


def _lines(
    name: str, expected: list[Mapping[str, Any]], actual: list[Mapping[str, Any]]
) -> list[str]:  # Any: see _plain
    """Line by line, in order; each expected line compares only the keys that it gives."""
    if len(expected) == len(actual) and all(
        all(key in got and _same(value, got[key]) for key, value in wanted.items())
        for wanted, got in zip(expected, actual, strict=True)
    ):
        return []
    keys = {key for wanted in expected for key in wanted} or {"rule", "event", "points", "names"}
    got = [{key: line[key] for key in line if key in keys} for line in actual]
    return [f"{name}: expected {[dict(line) for line in expected]}, got {got}"]
