"""Answers as rows of the result tables, the same for every engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from credit_engine.assessing.answer import (
    Assessment,
    Finding,
    ListEntry,
    MeasureTaken,
    Obligation,
    Reason,
    Supervision,
    UnknownLine,
)
from credit_engine.assessing.effects import Effect
from credit_engine.assessing.obligations import SummaryRow, summary
from credit_engine.assessing.plain import value_data
from credit_engine.assessing.program import stricter
from credit_engine.assessing.unknown import Range
from credit_engine.engines.effect_rows import EFFECT_COLUMNS, effect_cells
from credit_engine.engines.questions import Reasons
from credit_engine.files.results import ColumnType, Table
from credit_engine.policy.plan import Plan
from credit_engine.quantities import decimal_text

Columns = tuple[tuple[str, ColumnType], ...]
Row = tuple[Any, ...]  # Any: cells, as the columns say

KEYS: Columns = (("party", "text"), ("day", "date"), ("viewpoint", "text"))
LINE: Columns = (*KEYS, ("line", "int"), ("audience", "text"), ("rule", "text"))
EVENT: Columns = (("event_kind", "text"), ("event", "text"))
PERIOD: Columns = (("from", "date"), ("until", "date"))
LAW: Columns = (("law_day", "date"), ("basis", "texts"))


def tables(
    plan: Plan,
    answers: Iterable[Assessment],
    beside: Iterable[tuple[date, Effect]] = (),
    whose: dict[str, list[int]] | None = None,
    reasons: Reasons = "all",
    *,
    without_effects: Callable[[Assessment], bool] = lambda _answer: False,
) -> list[Table]:
    """The tables of these answers, in their order; `beside`: effects on parties of which there is no answer.

    They are asked for once all answers have been taken, and stand in the table of effects by party and day. `whose`,
    if given, gets for each table but effects the place of the answer that each of its rows is of. `reasons`: of whom
    the lines of reasons are told. `without_effects`: of whom the effects of affiliates are told elsewhere.
    """
    whose = {} if whose is None else whose
    assessments: list[Row] = []
    lines: dict[str, list[Row]] = {name: [] for name in _PARTS}
    owed: dict[Any, list[Obligation]] = {}  # Any: days
    for place, answer in enumerate(answers):
        assessments.append(_assessment(answer, plan))
        whose.setdefault("assessments", []).append(place)
        owed.setdefault(answer.as_of, []).extend(answer.obligations)
        for name, (_, row) in _PARTS.items():
            key = (answer.party, answer.as_of, answer.event)
            parts = _of_policy_order(name, answer, plan) if name != "reasons" or _is_told(answer, reasons) else ()
            parts = answer.recognised if name == "effects" and without_effects(answer) else parts
            before = len(lines[name])
            lines[name] += [(*key, number, *row(part, answer)) for number, part in enumerate(parts, 1)]
            whose.setdefault(name, []).extend([place] * (len(lines[name]) - before))
    _put_beside(lines["effects"], beside)
    whose.pop("effects", None)
    places = {rule.id: place for place, rule in enumerate(plan.obligations)}
    summed = [
        (day, *_summary(row))
        for day in sorted(owed)
        for row in sorted(summary(owed[day], day), key=lambda row: places[row.rule])
    ]
    return [
        Table("assessments", assessment_columns(plan), assessments),
        *(Table(name, columns, lines[name]) for name, (columns, _) in _PARTS.items()),
        Table("obligations_summary", SUMMARY, summed),
    ]


def _is_told(answer: Assessment, reasons: Reasons) -> bool:
    return reasons == "all" or (reasons == "listed" and bool(answer.entries))


def added_summaries(rows: Iterable[Row], plan: Plan) -> list[Row]:
    """Rows of `obligations_summary` over different parties, together."""
    found: dict[tuple[Any, ...], list[int]] = {}  # Any: day, rule, region, month
    for row in rows:
        key, numbers = tuple(row[:_KEY]), row[_KEY : _KEY + _NUMBERS]
        found[key] = [one + other for one, other in zip(found.get(key, (0,) * _NUMBERS), numbers, strict=True)]
    places = {rule.id: place for place, rule in enumerate(plan.obligations)}
    ordered = sorted(found, key=lambda key: (key[0], places[key[1]], key[2] or "", key[3] or ""))
    return [(key[0], *_summary(SummaryRow(*key[1:], *found[key]))) for key in ordered]


_KEY, _NUMBERS = 4, 6  # columns of `obligations_summary`: day, rule, region, month; counts


def _of_policy_order(name: str, answer: Assessment, plan: Plan) -> Iterable[Any]:  # Any: a part of its own sort
    """The lines of one table; only supervision tells an answer's in another order, visits first."""
    if name == "effects":
        return (*answer.effects, *answer.recognised)
    if name == "supervision":
        places = {rule.id: place for place, rule in enumerate(plan.supervision)}
        return sorted(answer.supervision, key=lambda thing: places[thing.rule])
    parts: Iterable[Any] = getattr(answer, name)  # Any: as above
    return parts


def _put_beside(rows: list[Row], beside: Iterable[tuple[date, Effect]]) -> None:
    """Put effects on parties without an answer among the rows; their audience is all that there is to say who sees."""
    count: Counter[tuple[str, date]] = Counter()
    for day, effect in beside:
        key = (effect.target, day)
        count[key] += 1
        rows.append((*key, None, count[key], effect.audience, *effect_cells(effect)))
    if count:
        rows.sort(key=lambda row: (row[0], row[1], row[2] or "", row[3]))


# --- assessments ----------------------------------------------------------------------------------------------


def assessment_columns(plan: Plan) -> Columns:
    """The columns of `assessments`: scores, each scale with its possible labels, each list, each indicator as text."""
    scales: Iterator[tuple[str, ColumnType]] = (
        column
        for place, scale in enumerate(plan.scales)
        for name in ("grade" if place == 0 else f"grade.{scale.name}",)
        for column in ((name, "text"), (f"{name}.possible", "texts"))
    )
    own_grades: Iterator[tuple[str, ColumnType]] = (
        (f"own_{name}", "text")
        for place, scale in enumerate(plan.scales)
        for name in ("grade" if place == 0 else f"grade.{scale.name}",)
    )
    own: Columns = (("own_score", "decimal"), *own_grades) if plan.spread else ()
    lists: Iterator[tuple[str, ColumnType]] = ((f"on_list.{rule.name}", "bool") for rule in plan.lists)
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
        *own,
        *lists,
        *indicators,
    )


def _assessment(answer: Assessment, plan: Plan) -> Row:
    low, high = (answer.score.low, answer.score.high) if isinstance(answer.score, Range) else (answer.score,) * 2
    grades = [answer.grades.get(scale.name) for scale in plan.scales]
    labels = [cell for grade in grades for cell in ((grade.label, list(grade.possible)) if grade else (None, None))]
    return (
        answer.party,
        answer.as_of,
        answer.event,
        answer.known_at,
        answer.policy,
        answer.illustrative,
        answer.audience,
        answer.outside_policy,
        None if isinstance(answer.score, Range) else answer.score,
        low,
        high,
        *labels,
        *(_own(answer, plan) if plan.spread else ()),
        *(answer.on_list.get(rule.name) for rule in plan.lists),
        *(_text(answer.indicators.get(name)) for name in plan.indicators),
    )


def _own(answer: Assessment, plan: Plan) -> Row:
    """Score and grades before effects of affiliates."""
    grades = [answer.own_grades.get(scale.name) for scale in plan.scales]
    score = None if isinstance(answer.own_score, Range) else answer.own_score
    return (score, *(None if grade is None else grade.label for grade in grades))


def _text(value: Any) -> str | None:  # Any: an indicator's value
    data = value_data(value)
    if isinstance(data, list):
        return "..".join("" if end is None else str(end) for end in data)
    if isinstance(data, bool):
        return "true" if data else "false"
    return None if data is None else str(data)


# --- the parts of an answer -----------------------------------------------------------------------------------


def _reason(reason: Reason, answer: Assessment) -> Row:
    return (
        answer.audience,
        reason.rule,
        reason.kind,
        reason.event_kind,
        reason.event,
        reason.item,
        reason.points,
        reason.from_day,
        reason.until,
        reason.group,
        reason.law_day,
        list(reason.basis),
        [f"{day}: {decimal_text(points)}" for day, points in reason.laws],
        [f"{read.name} = {read.value} since {read.since} ({read.source})" for read in reason.parameters],
    )


def _entry(entry: ListEntry, answer: Assessment) -> Row:
    return (
        stricter(entry.audience, answer.audience),
        entry.list,
        entry.id,
        entry.ground,
        entry.polarity,
        entry.state,
        entry.listed,
        entry.until,
        entry.end_known,
        entry.repairable_from,
        entry.ground_changed,
        [f"{step.day}: {step.step} ({step.event})" for step in entry.steps],
        list(entry.measures),
        entry.law_day,
        list(entry.foundation),
    )


def _measure(measure: MeasureTaken, answer: Assessment) -> Row:
    return (
        stricter(measure.audience, answer.audience),
        measure.list,
        measure.measure,
        measure.entry,
        measure.class_,
        measure.executor,
        measure.from_day,
        measure.until,
        list(measure.basis),
        measure.effect,
    )


def _effect(effect: Effect, answer: Assessment) -> Row:
    return (stricter(effect.audience, answer.audience), *effect_cells(effect))


def _finding(finding: Finding, answer: Assessment) -> Row:
    return (
        stricter(finding.audience, answer.audience),
        finding.rule,
        finding.event_kind,
        finding.event,
        finding.says,
        finding.from_day,
        finding.until,
        finding.law_day,
        list(finding.basis),
    )


def _obligation(obligation: Obligation, answer: Assessment) -> Row:
    return (
        answer.audience,
        obligation.rule,
        obligation.event_kind,
        obligation.event,
        obligation.owed_by,
        obligation.region,
        obligation.due,
        obligation.done,
        obligation.state,
        obligation.law_day,
        list(obligation.basis),
    )


def _supervision(thing: Supervision, answer: Assessment) -> Row:
    bounds = (thing.at_least, thing.at_most, thing.per, thing.times, thing.notice)
    return (answer.audience, thing.rule, thing.thing, *bounds, list(thing.basis))


def _unknown(line: UnknownLine, answer: Assessment) -> Row:
    return (stricter(line.audience, answer.audience), line.rule, line.event_kind, line.event, list(line.names))


def _summary(row: SummaryRow) -> Row:
    numbers = (row.due, row.met, row.late, row.open, row.overdue, row.unknown)
    rates = tuple(None if rate is None else str(rate) for rate in (row.completion, row.on_time))
    return (row.rule, row.region, row.month, *numbers, *rates)


_PARTS: dict[str, tuple[Columns, Callable[[Any, Assessment], Row]]] = {  # Any: a part of its own sort
    "reasons": (
        (
            *LINE,
            ("kind", "text"),
            *EVENT,
            ("item", "text"),
            ("points", "decimal"),
            *PERIOD,
            ("group", "text"),
            *LAW,
            ("laws", "texts"),
            ("parameters", "texts"),
        ),
        _reason,
    ),
    "entries": (
        (
            *LINE[:-1],
            ("list", "text"),
            ("entry", "text"),
            ("ground", "text"),
            ("polarity", "text"),
            ("state", "text"),
            ("listed", "date"),
            ("until", "date"),
            ("end_known", "bool"),
            ("repairable_from", "date"),
            ("ground_changed", "bool"),
            ("steps", "texts"),
            ("measures", "texts"),
            ("law_day", "date"),
            ("foundation", "texts"),
        ),
        _entry,
    ),
    "measures": (
        (
            *LINE[:-1],
            ("list", "text"),
            ("measure", "text"),
            ("entry", "text"),
            ("class", "text"),
            ("executor", "text"),
            *PERIOD,
            ("basis", "texts"),
            ("effect", "text"),
        ),
        _measure,
    ),
    "effects": ((*LINE[:-1], *EFFECT_COLUMNS), _effect),
    "findings": ((*LINE, *EVENT, ("says", "text"), *PERIOD, *LAW), _finding),
    "obligations": (
        (
            *LINE,
            *EVENT,
            ("owed_by", "text"),
            ("region", "text"),
            ("due", "date"),
            ("done", "date"),
            ("state", "text"),
            *LAW,
        ),
        _obligation,
    ),
    "supervision": (
        (
            *LINE,
            ("thing", "text"),
            ("at_least", "int"),
            ("at_most", "int"),
            ("per", "text"),
            ("times", "text"),
            ("notice", "text"),
            ("basis", "texts"),
        ),
        _supervision,
    ),
    "unknowns": ((*LINE, *EVENT, ("names", "texts")), _unknown),
}
PARTS = {name: columns for name, (columns, _) in _PARTS.items()}
SUMMARY: Columns = (
    ("day", "date"),
    ("rule", "text"),
    ("region", "text"),
    ("month", "text"),
    ("due", "int"),
    ("met", "int"),
    ("late", "int"),
    ("open", "int"),
    ("overdue", "int"),
    ("unknown", "int"),
    ("completion", "text"),
    ("on_time", "text"),
)
