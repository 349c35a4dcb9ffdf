"""What a case expects that no answer of its policy could ever say: a mistake of the test, not of the policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from credit_engine.assessing.audiences import AUDIENCES
from credit_engine.assessing.changes import WHAT
from credit_engine.assessing.obligations import STATES
from credit_engine.errors import Problem, RecordError
from credit_engine.policy.files import Items, Map, did_you_mean, kind_of, place_of, shown, value_place_of
from credit_engine.policy.plan import Plan, Scale
from credit_engine.quantities import Thousandths
from credit_engine.testing.case_effects import PARTS

EXPECTED = frozenset(
    ("reasons", "unknowns", "entries", "measures", "findings", "obligations", "supervision", "obligations_summary")
) | {
    *("score", "own_score", "grade", "grades", "own_grades", "possible", "indicators", "outside_policy", "on_list"),
    *("audience", "next_change", "agenda", *PARTS),
}
"""Every part of an answer that a case can name."""

TRUTHS = ("true", "false", "unknown")
ENTRY_STATES = ("revoked", "refused", "repaired", "expired", "suspended", "listed", "notified", "proposed")
PAIR = 2
NO_LIST = "list"  # what is not known of a decision on a list that the policy lacks; its rule is any name


def mistakes(expect: Map, plan: Plan) -> list[Problem]:
    """Every mistake in what a case expects, with its place; empty if the policy could answer so."""
    return [
        *_keys_of_an_answer(expect),
        *_sorts(expect),
        *_score(expect, "score"),
        *_score(expect, "own_score"),
        *_labels(expect, plan.scales),
        *_names(expect, plan),
        *_lines(expect, plan),
        *_next_change(expect),
        *_agenda(expect),
    ]


def _keys_of_an_answer(expect: Map) -> Iterator[Problem]:
    for name in expect:
        if name not in EXPECTED:
            hint = did_you_mean(name, EXPECTED) or f"one of {', '.join(sorted(EXPECTED))}"
            yield Problem("unknown_key", f"no such part of an answer: {shown(name)}", place_of(expect, name), hint)


_SORTS: dict[str, tuple[type, str, str]] = {
    "grades": (Map, "a mapping of scales", "grades: {SCALE: LABEL}"),
    "own_grades": (Map, "a mapping of scales", "own_grades: {SCALE: LABEL}"),
    "indicators": (Map, "a mapping of indicators", "indicators: {NAME: 3}"),
    "on_list": (Map, "a mapping of lists", "on_list: {LIST: true}"),
    "possible": (Items, "a list of labels", "possible: [A, B]"),
}


def _sorts(expect: Map) -> Iterator[Problem]:
    for name, (type_, what, hint) in _SORTS.items():
        if name in expect and not isinstance(expect[name], type_):
            message = f"{name} is {what}, this is {kind_of(expect[name])}"
            yield Problem("wrong_type", message, value_place_of(expect, name), hint)


# --- single values --------------------------------------------------------------------------------------------


def _score(expect: Map, name: str) -> Iterator[Problem]:
    score = expect.get(name, "unknown")
    is_pair = isinstance(score, Items) and len(score) == PAIR
    if not (_is_points(score) or (is_pair and all(end is None or _is_points(end) for end in score))):
        yield Problem(
            "wrong_type",
            f"a score is a number, this is {shown(score) if isinstance(score, str) else kind_of(score)}",
            value_place_of(expect, name),
            f"{name}: 92.5, {name}: [78, 100], or {name}: unknown",
        )


def _is_points(value: Any) -> bool:  # Any: a value as written
    if value == "unknown":
        return True
    try:
        Thousandths.read(value)
    except RecordError:
        return False
    return isinstance(value, int | Decimal | str)


def _labels(expect: Map, scales: tuple[Scale, ...]) -> Iterator[Problem]:
    known = {scale.name: (*scale.order, *scale.outside, "unknown") for scale in scales}
    first = known[scales[0].name] if scales else ("unknown",)
    if "grade" in expect:
        yield from _word(expect, "grade", first, "grade")
    possible = expect.get("possible")
    if isinstance(possible, Items):
        for number in range(len(possible)):
            yield from _word(possible, number, first, "grade")
    for name in ("grades", "own_grades"):
        grades = expect.get(name)
        if isinstance(grades, Map):
            yield from _keys(grades, known, "unknown_scale", "scale")
            yield from _labels_by_scale(grades, known)


def _labels_by_scale(grades: Map, known: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
    for scale, labels in known.items():
        if scale in grades:
            yield from _word(grades, scale, labels, f"grade of {scale}")


def _names(expect: Map, plan: Plan) -> Iterator[Problem]:
    on_list, indicators = expect.get("on_list"), expect.get("indicators")
    if isinstance(on_list, Map):
        names = {rule.name for rule in plan.lists}
        yield from _keys(on_list, names, "unknown_list", "list")
        for name in sorted(names.intersection(map(str, on_list))):
            yield from _word(on_list, name, TRUTHS, "answer to whether a party is on a list")
    if isinstance(indicators, Map):
        yield from _keys(indicators, plan.indicators, "unknown_indicator", "indicator")
    if "outside_policy" in expect:
        yield from _word(expect, "outside_policy", TRUTHS, "answer to whether a party is outside the policy")
    if "audience" in expect:
        yield from _word(expect, "audience", AUDIENCES, "audience")


def _keys(data: Map, known: Iterable[str], code: str, what: str) -> Iterator[Problem]:
    known = set(known)
    for name in data:
        if name not in known:
            yield Problem(code, f"the policy has no {what} {shown(name)}", place_of(data, name), _hint(name, known))


def _word(data: Map | Items, step: Any, known: Iterable[str], what: str) -> Iterator[Problem]:  # Any: key or index
    value, words = data[step], tuple(known)
    word = str(value).lower() if isinstance(value, bool) else value
    if word not in words:
        yield Problem("unknown_label", f"no {what} {shown(word)}", value_place_of(data, step), _hint(word, words))


def _hint(word: object, known: Iterable[str]) -> str:
    words = list(known)
    return did_you_mean(word, words) or (f"known: {', '.join(sorted(words))}" if words else "there is none")


# --- lines ----------------------------------------------------------------------------------------------------


def _lines(expect: Map, plan: Plan) -> Iterator[Problem]:
    for part, words in _words_of_lines(plan).items():
        lines = expect.get(part)
        if lines is None:
            continue
        if not isinstance(lines, Items) or not all(isinstance(line, Map) for line in lines):
            hint = f"{part}: [{{{next(iter(words))}: ...}}], or {part}: []"
            yield Problem("wrong_type", f"{part} is a list of mappings", value_place_of(expect, part), hint)
            continue
        for line in lines:
            for key, known in words.items():
                if key in line and not (part == "unknowns" and line.get("names") == [NO_LIST]):
                    yield from _word(line, key, known, f"{key} in {part}")


def _words_of_lines(plan: Plan) -> Mapping[str, Mapping[str, Iterable[str]]]:
    """By part of an answer and key of its lines: the words that can stand there under this policy."""
    lists = [rule.name for rule in plan.lists]
    findings, obligations = ([rule.id for rule in rules] for rules in (plan.findings, plan.obligations))
    supervision = [rule.id for rule in plan.supervision]
    rules = [rule.id for rule in plan.score.rules] if plan.score is not None else []
    groups = list(plan.score.groups) if plan.score is not None else []
    adjusting = [rule.id for scale in plan.scales for rule in scale.adjust]
    doubted = [*rules, *adjusting, *(scale.name for scale in plan.scales), *lists, *findings, *obligations]
    spread = [rule.id for rule in plan.spread]
    doubted += [*supervision, *spread, *(rule.id for rule in plan.recognition), "regions"]
    return {
        "reasons": {"rule": [*rules, *spread, *groups, "affiliation", "range"]},
        "unknowns": {"rule": doubted},
        "entries": {"list": lists, "state": ENTRY_STATES},
        "measures": {"list": lists, "measure": list(plan.measures)},
        "findings": {"rule": findings},
        "obligations": {"rule": obligations, "state": STATES},
        "obligations_summary": {"rule": obligations},
        "supervision": {"rule": supervision},
    }


# --- what changes by itself -----------------------------------------------------------------------------------


def _next_change(expect: Map) -> Iterator[Problem]:
    day = expect.get("next_change", "none")
    if day != "none" and not isinstance(day, date):
        place = value_place_of(expect, "next_change")
        yield Problem("wrong_type", "next_change is a date, or none", place, "next_change: 2026-06-30")


def _agenda(expect: Map) -> Iterator[Problem]:
    if "agenda" not in expect:
        return
    agenda = expect["agenda"]
    lines = agenda.get("lines") if isinstance(agenda, Map) else None
    if not isinstance(lines, Items) or not isinstance(agenda.get("until"), date):
        place = value_place_of(expect, "agenda")
        yield Problem("wrong_type", "agenda is {until: DAY, lines: [...]}", place, "until: 2026-12-31")
        return
    for number, line in enumerate(lines):
        if not isinstance(line, Map):
            yield Problem("wrong_type", "a line of an agenda is a mapping", place_of(lines, number))
        elif "what" in line:
            yield from _word(line, "what", WHAT, "what in agenda")
