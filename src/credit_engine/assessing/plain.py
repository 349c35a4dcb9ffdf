"""Answers as plain data for JSON: numbers as decimal text, days as ISO text, unknown as `None`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from credit_engine.assessing.answer import (
    Assessment,
    Finding,
    Grade,
    ListEntry,
    MeasureTaken,
    Obligation,
    Reason,
    Supervision,
)
from credit_engine.assessing.plain_effects import effect_data
from credit_engine.assessing.plain_pieces import day_data, parameters_data, source_data
from credit_engine.assessing.unknown import Range, is_plain
from credit_engine.quantities import decimal_text


def assessment_data(answer: Assessment) -> dict[str, Any]:  # Any: plain data
    """Everything an assessment says."""
    return {
        "party": answer.party,
        "as_of": answer.as_of.isoformat(),
        "known_at": answer.known_at.isoformat(),
        "event": answer.event,
        "policy": answer.policy,
        "illustrative": answer.illustrative,
        "audience": answer.audience,
        "outside_policy": answer.outside_policy,
        "own_score": points_data(answer.own_score),
        "score": points_data(answer.score),
        "own_grades": {name: _grade(grade) for name, grade in answer.own_grades.items()},
        "grades": {name: _grade(grade) for name, grade in answer.grades.items()},
        "indicators": {name: value_data(value) for name, value in answer.indicators.items()},
        "reasons": [reason_data(reason) for reason in answer.reasons],
        "on_list": dict(answer.on_list),
        "entries": [_entry(entry) for entry in answer.entries],
        "measures": [_measure(measure) for measure in answer.measures],
        "findings": [_finding(finding) for finding in answer.findings],
        "obligations": [_obligation(obligation) for obligation in answer.obligations],
        "supervision": [_supervision(thing) for thing in answer.supervision],
        "effects": [effect_data(effect) for effect in answer.effects],
        "recognised": [effect_data(effect) for effect in answer.recognised],
        "too_wide": [one.rule for one in answer.too_wide],
        "unknowns": [{"rule": line.rule, "event": line.event, "names": list(line.names)} for line in answer.unknowns],
        "flags": [{"code": flag.code, "field": flag.field, "message": flag.message} for flag in answer.flags],
    }


def assessment_in_short(answer: Assessment) -> dict[str, Any]:  # Any: plain data
    """What an assessment comes to, without reasons."""
    return {
        "as_of": answer.as_of.isoformat(),
        "score": points_data(answer.score),
        "own_score": points_data(answer.own_score),
        "grades": {name: _grade(grade) for name, grade in answer.grades.items()},
        "on_list": dict(answer.on_list),
    }


def points_data(score: int | Range | None) -> Any:  # Any: text, a pair of texts, or None
    """Decimal text of thousandths; a range is a list of two."""
    if isinstance(score, Range):
        return [None if end is None else decimal_text(int(end)) for end in (score.low, score.high)]
    return None if score is None else decimal_text(score)


def value_data(value: Any) -> Any:  # Any: an indicator's value; plain data comes out
    """Plain data of an indicator: decimals, fractions and days as text, ranges as two ends, unknown as `None`."""
    if isinstance(value, Range):
        return [value_data(value.low), value_data(value.high)]
    if not is_plain(value):
        return None
    if isinstance(value, bool | str):
        return value
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, int):
        return value if type(value) is int else str(value)
    if isinstance(value, tuple | frozenset):
        return [value_data(element) for element in (sorted(value) if isinstance(value, frozenset) else value)]
    return str(value)


def _grade(grade: Grade) -> dict[str, Any]:  # Any: plain data
    return {
        "label": grade.label,
        "possible": list(grade.possible),
        "judged_on": grade.judged_on.isoformat(),
        "changes": [
            {"rule": change.rule, "before": list(change.before), "after": list(change.after)}
            for change in grade.changes
        ],
    }


def reason_data(reason: Reason) -> dict[str, Any]:  # Any: plain data
    """One line of an answer."""
    return {
        "kind": reason.kind,
        "rule": reason.rule,
        "event": reason.event,
        "item": reason.item,
        "points": decimal_text(reason.points),
        "from": day_data(reason.from_day),
        "until": day_data(reason.until),
        "group": reason.group,
        "law_day": day_data(reason.law_day),
        "laws": [{"day": day.isoformat(), "points": decimal_text(points)} for day, points in reason.laws],
        "parameters": parameters_data(reason.parameters),
        "basis": list(reason.basis),
        "read_from": source_data(reason.read_from),
    }


def _entry(entry: ListEntry) -> dict[str, Any]:  # Any: plain data
    return {
        "list": entry.list,
        "polarity": entry.polarity,
        "entry": entry.id,
        "ground": entry.ground,
        "state": entry.state,
        "listed": day_data(entry.listed),
        "until": day_data(entry.until),
        "end_known": entry.end_known,
        "repairable_from": day_data(entry.repairable_from),
        "ground_changed": entry.ground_changed,
        "steps": [{"step": step.step, "day": day_data(step.day), "event": step.event} for step in entry.steps],
        "measures": list(entry.measures),
        "foundation": list(entry.foundation),
        "law_day": day_data(entry.law_day),
        "audience": entry.audience,
    }


def _measure(measure: MeasureTaken) -> dict[str, Any]:  # Any: plain data
    return {
        "measure": measure.measure,
        "list": measure.list,
        "entry": measure.entry,
        "class": measure.class_,
        "executor": measure.executor,
        "from": day_data(measure.from_day),
        "until": day_data(measure.until),
        "basis": list(measure.basis),
        "audience": measure.audience,
        "effect": measure.effect,
    }


def _finding(finding: Finding) -> dict[str, Any]:  # Any: plain data
    return {
        "rule": finding.rule,
        "event": finding.event,
        "says": finding.says,
        "from": day_data(finding.from_day),
        "until": day_data(finding.until),
        "law_day": day_data(finding.law_day),
        "basis": list(finding.basis),
        "audience": finding.audience,
    }


def _obligation(obligation: Obligation) -> dict[str, Any]:  # Any: plain data
    return {
        "rule": obligation.rule,
        "event": obligation.event,
        "owed_by": obligation.owed_by,
        "region": obligation.region,
        "due": day_data(obligation.due),
        "done": day_data(obligation.done),
        "state": obligation.state,
        "month": obligation.month,
        "law_day": day_data(obligation.law_day),
        "basis": list(obligation.basis),
    }


def _supervision(thing: Supervision) -> dict[str, Any]:  # Any: plain data
    return {
        "thing": thing.thing,
        "rule": thing.rule,
        "at_least": thing.at_least,
        "at_most": thing.at_most,
        "per": thing.per,
        "times": thing.times,
        "notice": thing.notice,
        "basis": list(thing.basis),
    }
