"""Answers as rows of the result tables, the same for every engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from credit_engine.assessing.answer import Assessment, Reason
from credit_engine.assessing.plain import value_data
from credit_engine.assessing.unknown import Range
from credit_engine.files.results import ColumnType, Table
from credit_engine.policy.plan import (
    Plan,
)
from credit_engine.quantities import decimal_text

Columns = tuple[tuple[str, ColumnType], ...]
Row = tuple[Any, ...]  # Any: cells, as the columns say

MOST_POINTS = 10**14  # thousandths; an end further out is no end at all
KEYS: Columns = (("party", "text"), ("day", "date"), ("viewpoint", "text"))
REASONS: Columns = (
    *KEYS,
    ("line", "int"),
    ("kind", "text"),
    ("rule", "text"),
    ("event_kind", "text"),
    ("event", "text"),
    ("item", "text"),
    ("points", "decimal"),
    ("from", "date"),
    ("until", "date"),
    ("group", "text"),
    ("law_day", "date"),
    ("laws", "texts"),
    ("parameters", "texts"),
    ("basis", "texts"),
    ("file", "text"),
    ("record", "int"),
)
UNKNOWNS: Columns = (
    *KEYS,
    ("line", "int"),
    ("rule", "text"),
    ("event_kind", "text"),
    ("event", "text"),
    ("names", "texts"),
)


def assessment_columns(plan: Plan) -> Columns:
    """The columns of `assessments`: scores, then each scale with its possible labels, then each indicator as text."""
    scales: Iterator[tuple[str, ColumnType]] = (
        column
        for place, scale in enumerate(plan.scales)
        for name in ("grade" if place == 0 else f"grade.{scale.name}",)
        for column in ((name, "text"), (f"{name}.possible", "texts"))
    )
    indicators: Iterator[tuple[str, ColumnType]] = ((f"indicator.{name}", "text") for name in plan.indicators)
    return (
        *KEYS,
        ("known_at", "date"),
        ("policy", "text"),
        ("illustrative", "bool"),
        ("audience", "text"),
        ("outside_policy", "bool"),
        ("score", "decimal"),
        ("score_low", "decimal"),
        ("score_high", "decimal"),
        *scales,
        *indicators,
    )


def tables(plan: Plan, answers: Iterable[Assessment]) -> list[Table]:
    """The tables of these answers, in their order."""
    assessments: list[Row] = []
    reasons: list[Row] = []
    unknowns: list[Row] = []
    for answer in answers:
        key = (answer.party, answer.as_of, answer.event)
        assessments.append(_assessment(answer, plan))
        reasons += [(*key, line, *_reason(reason)) for line, reason in enumerate(answer.reasons, 1)]
        unknowns += [
            (*key, line, unknown.rule, unknown.event_kind, unknown.event, list(unknown.names))
            for line, unknown in enumerate(answer.unknowns, 1)
        ]
    return [
        Table("assessments", assessment_columns(plan), assessments),
        Table("reasons", REASONS, reasons),
        Table("unknowns", UNKNOWNS, unknowns),
    ]


def _assessment(answer: Assessment, plan: Plan) -> Row:
    low, high = (answer.score.low, answer.score.high) if isinstance(answer.score, Range) else (answer.score,) * 2
    grades = [answer.grades.get(scale.name) for scale in plan.scales]
    labels = [cell for grade in grades for cell in ((grade.label, list(grade.possible)) if grade else (None, None))]
    indicators = [_text(answer.indicators.get(name)) for name in plan.indicators]
    return (
        answer.party,
        answer.as_of,
        answer.event,
        answer.known_at,
        answer.policy,
        answer.illustrative,
        plan.audience,
        answer.outside_policy,
        None if isinstance(answer.score, Range) else answer.score,
        _end(low),
        _end(high),
        *labels,
        *indicators,
    )


def _end(points: Any) -> int | None:  # Any: whole thousandths, or no limit
    return None if points is None or abs(points) >= MOST_POINTS else int(points)


def _text(value: Any) -> str | None:  # Any: an indicator's value
    data = value_data(value)
    if isinstance(data, list):
        return "..".join("" if end is None else str(end) for end in data)
    if isinstance(data, bool):
        return "true" if data else "false"
    return None if data is None else str(data)


def _reason(reason: Reason) -> Row:
    return (
        reason.kind,
        reason.rule,
        reason.event_kind,
        reason.event,
        reason.item,
        reason.points,
        reason.from_day,
        reason.until,
        reason.group,
        reason.law_day,
        [f"{day}: {decimal_text(points)}" for day, points in reason.laws],
        [f"{read.name} = {read.value} since {read.since} ({read.source})" for read in reason.parameters],
        list(reason.basis),
        reason.read_from.file if reason.read_from else None,
        reason.read_from.record if reason.read_from else None,
    )
