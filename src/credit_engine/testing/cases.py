"""Policy tests: a question with a day, and what the answer must say. Read from YAML, run on any engine.

A case names a part of the answer; what it does not name is not compared. Differences come back as sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from credit_engine.assessing.answer import Assessment, Grade
from credit_engine.assessing.changes import agenda, next_change
from credit_engine.assessing.effects import Effect, Effects
from credit_engine.assessing.obligations import SummaryRow, summary
from credit_engine.assessing.plain import points_data, value_data
from credit_engine.assessing.unknown import Range
from credit_engine.dossiers import Dossier, known
from credit_engine.errors import CreditEngineError, Place, PolicyError, Problem
from credit_engine.policy.files import Items, Map, did_you_mean, place_of, read_documents, text_of
from credit_engine.policy.load import Policy
from credit_engine.testing.case_effects import PARTS, effect_differences, effect_mistakes
from credit_engine.testing.case_facts import Case, dossier_of, dossiers_of_others
from credit_engine.testing.comparing import by_name, lines, same, shown
from credit_engine.testing.expecting import mistakes

if TYPE_CHECKING:
    from credit_engine.spreading.network import Network

__all__ = ["Assess", "Case", "Spread", "differences", "dossier_of", "read_cases", "run"]

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
        "operators",
        "persons",
        "relations",
        "expect",
        "expect_error",
    ]
)
LINES = ("reasons", "unknowns", "entries", "measures", "findings", "obligations", "supervision")
EXPECTED = frozenset(
    (*LINES, "score", "grade", "grades", "possible", "indicators", "outside_policy", "on_list", "audience")
) | {"own_score", "own_grades", "next_change", "agenda", "obligations_summary", *PARTS}


class Assess(Protocol):
    """What an engine offers: the same question as `credit_engine.assess`."""

    def __call__(
        self,
        dossier: Dossier,
        policy: Policy,
        as_of: date,
        known_at: date | None = None,
        effects: Iterable[Effect] = (),
        event: str | None = None,
    ) -> Assessment:
        """The answer."""


class Spread(Protocol):
    """What an engine offers: the same question as `credit_engine.spread`."""

    def __call__(
        self,
        network: Network,
        own_answers: Iterable[Assessment],
        policy: Policy,
        as_of: date,
        known_at: date | None = None,
    ) -> Effects:
        """All effects of the day."""


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
        "operators": (Items, "a list", "operators: [P2, {id: P3, kind: farm}]"),
        "persons": (Items, "a list", "persons: [N1, {id: N2}]"),
        "relations": (Items, "a list", "relations: [{shareholder: {source: P1, target: P2}}]"),
        "coverage": (Map, "a mapping", "coverage: {inspection: absent}"),
        "expect": (Map, "a mapping", "expect: {score: 80}"),
    }
    problems = [
        Problem("wrong_type", f"{name} is {sort}", place_of(item, name), hint)
        for name, (types, sort, hint) in sorts.items()
        if name in case and not isinstance(case[name], types)
    ]
    for name in ("operator", "person", "events", "regions", "relations", "operators", "persons"):
        parts = case.get(name)
        types = (Map, str) if name in ("operators", "persons") else Map
        if isinstance(parts, Items) and not all(isinstance(part, types) for part in parts):
            what = "mappings or ids" if types is not Map else "mappings"
            problems.append(Problem("wrong_type", f"{name} is a list of {what}", place_of(item, name), sorts[name][2]))
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


# --- running --------------------------------------------------------------------------------------------------


def run(case: Case, load: Callable[[], Policy], assess: Assess, spread: Spread | None = None) -> list[str]:
    """What differs from the expectation, a sentence each; empty if the case passes. `spread`: the library's own."""
    try:
        policy = load()
        if "expect" in case.content and (wrong := _mistakes(case, policy)):
            return wrong
        answer, effects = _asked(case, policy, assess, spread)
    except CreditEngineError as error:
        if not case.expects_error:
            return [f"expected an answer, got an error: {error}"]
        missing = case.expects_error - set(error.codes)
        return [f"expected the problem {code}, got: {error}" for code in sorted(missing)]
    if case.expects_error:
        return [f"expected the problem {', '.join(sorted(case.expects_error))}, got an answer"]
    expect = case.content["expect"]
    return [*differences(expect, answer), *effect_differences(expect, effects, answer.party)]


def _asked(case: Case, policy: Policy, assess: Assess, spread: Spread | None) -> tuple[Assessment, Effects]:
    """The answer of the party asked about, and all effects of the day; there are none beside an event's viewpoint."""
    content, dossier = case.content, dossier_of(case, policy)
    day, known_at, event = content["day"], content.get("known_at"), content.get("event")
    follows = policy.plan.spread or policy.plan.recognition or content.get("relations")
    if not follows or event is not None:
        nothing = Effects(as_of=day, known_at=known_at or day)
        return assess(dossier, policy, day, known_at, event=event), nothing
    from credit_engine.testing.case_networks import network_of  # noqa: PLC0415  # only these cases need networkx

    others = dossiers_of_others(case, policy)
    network = network_of(case, policy, (dossier, *others))
    if spread is None:
        from credit_engine.spreading.spread import spread as own_spread  # noqa: PLC0415

        spread = own_spread
    are_known = [one for one in others if known(one.party_versions, known_at or day) is not None]
    own_answers = [assess(one, policy, day, known_at) for one in (dossier, *are_known)]
    effects = spread(network, own_answers, policy, day, known_at)
    return assess(dossier, policy, day, known_at, effects=effects), effects


def _mistakes(case: Case, policy: Policy) -> list[str]:
    """What is wrong with the test itself: it expects what no answer of this policy could say."""
    expect: Map = case.content["expect"]
    problems = [
        Problem(
            "unknown_key",
            f"no such part of an answer: {name!r}",
            place_of(expect, name),
            did_you_mean(name, EXPECTED) or _one_of(EXPECTED),
        )
        for name in expect
        if name not in EXPECTED
    ]
    found = (*problems, *mistakes(expect, policy.plan), *effect_mistakes(expect, policy.plan))
    return [f"bad test: {problem}".replace("\n", "\n    ") for problem in found]  # the hint below its problem


def differences(expect: Mapping[str, Any], answer: Assessment) -> list[str]:  # Any: what a case expects, as written
    """What differs between an expectation and an answer, a sentence each."""
    found: list[str] = []
    data = answer.as_dict()
    plain = {
        "score": _score(answer.score),
        "own_score": _score(answer.own_score),
        "grade": answer.grade or "unknown",
        "possible": list(next(iter(answer.grades.values())).possible) if answer.grades else [],
        "audience": answer.audience,
        "outside_policy": "unknown" if answer.outside_policy is None else answer.outside_policy,
    }
    found += [
        f"{name}: expected {shown(expect[name])}, got {shown(actual)}"
        for name, actual in plain.items()
        if name in expect and not same(expect[name], actual)
    ]
    found += by_name(expect, "grades", _labels(answer.grades))
    found += by_name(expect, "own_grades", _labels(answer.own_grades))
    found += by_name(expect, "indicators", {name: _indicator(value) for name, value in answer.indicators.items()})
    found += by_name(expect, "on_list", {n: "unknown" if on is None else on for n, on in answer.on_list.items()})
    for name in LINES:
        if name in expect:
            found += lines(name, expect[name], data[name])
    if "obligations_summary" in expect:
        rows = [_summary_row(row) for row in summary(answer.obligations, answer.as_of)]
        found += lines("obligations_summary", expect["obligations_summary"], rows)
    if "next_change" in expect:
        found += _next_change(expect["next_change"], answer)
    if "agenda" in expect:
        found += _agenda(expect["agenda"], answer)
    return found


def _next_change(wanted: Any, answer: Assessment) -> list[str]:  # Any: a day, or `none`
    dossier, policy = answer.question
    actual = next_change(dossier, policy, answer.as_of, answer.known_at)
    return [] if same(wanted, actual or "none") else [f"next_change: expected {wanted}, got {actual or 'none'}"]


def _agenda(wanted: Mapping[str, Any], answer: Assessment) -> list[str]:  # Any: {until: DAY, lines: [...]}
    dossier, policy = answer.question
    actual = agenda(dossier, policy, answer.as_of, wanted["until"], answer.known_at)
    return lines("agenda", wanted["lines"], [{**attrs.asdict(line)} for line in actual])


def _summary_row(row: SummaryRow) -> dict[str, Any]:  # Any: text and counts; rates as exact quotients
    return {**row._asdict(), "completion": value_data(row.completion), "on_time": value_data(row.on_time)}


def _score(score: int | Range | None) -> Any:  # Any: text, a pair, or "unknown"
    return "unknown" if score is None else points_data(score)


def _labels(grades: Mapping[str, Grade]) -> dict[str, str]:
    return {name: grade.label or "unknown" for name, grade in grades.items()}


def _indicator(value: Any) -> Any:  # Any: an indicator's value; plain data comes out
    data = value_data(value)
    return "unknown" if data is None else data
