"""What differs between what a case expects and an answer, a sentence each. What is not named is not compared.

A sentence begins with the part of the answer that it is about: `score: expected 90, got 85`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from credit_engine.assessing.answer import Assessment, Grade
from credit_engine.assessing.changes import agenda, next_change
from credit_engine.assessing.obligations import SummaryRow, summary
from credit_engine.assessing.plain import points_data, value_data
from credit_engine.assessing.unknown import Range
from credit_engine.testing.comparing import by_name, lines, same, shown

LINES = ("reasons", "unknowns", "entries", "measures", "findings", "obligations", "supervision")


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
