"""The answer: what an assessment says, and why. Scores and points are thousandths inside, decimal text outside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen

from credit_engine.assessing.unknown import Range, is_plain
from credit_engine.identifiers import Flag, check_party
from credit_engine.quantities import decimal_text
from credit_engine.records import RecordSource

if TYPE_CHECKING:
    from credit_engine.dossiers import Dossier
    from credit_engine.policy.load import Policy


@frozen(kw_only=True)
class ParameterRead:
    """A parameter that a rule read: its value as text on the law day, and since when it has that value."""

    name: str
    value: str
    since: date | None
    source: str
    certainty: str = ""


@frozen(kw_only=True)
class Reason:
    """One line of an answer: a rule (for one event, or one element of it), a group's limit, or the score's range.

    `points` are signed thousandths. The line counts on `[from_day, until)`; `None` is open. `laws` holds, for a lenient
    rule, the law day and points under each law; the better one counts.
    """

    kind: Literal["rule", "group", "range"]
    rule: str
    points: int
    event: str | None = None
    event_kind: str | None = None
    item: str | None = None
    from_day: date | None = None
    until: date | None = None
    group: str | None = None
    law_day: date | None = None
    laws: tuple[tuple[date, int], ...] = ()
    parameters: tuple[ParameterRead, ...] = ()
    basis: tuple[str, ...] = ()
    read_from: RecordSource | None = field(default=None, eq=False)


@frozen(kw_only=True)
class UnknownLine:
    """A rule that only may apply: which event, and which names were not known."""

    rule: str
    event: str | None
    names: tuple[str, ...]
    event_kind: str | None = None


@frozen(kw_only=True)
class GradeChange:
    """An adjustment that moved a grade."""

    rule: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@frozen(kw_only=True)
class Grade:
    """The grade on one scale: `label`, or `None` where it is unknown; then `possible` has the labels it may be."""

    scale: str
    label: str | None
    possible: tuple[str, ...]
    judged_on: date
    changes: tuple[GradeChange, ...] = ()


@frozen(kw_only=True)
class Assessment:
    """What follows for one party on one day, as it was known on `known_at`.

    `score` (and `own_score`, before effects of affiliates) is thousandths, a `Range` where something is unknown, or
    `None` if the policy has no score or does not judge this party. `outside_policy` is `None` where the party's region
    is not known. `indicators` are plain values, ranges, or `None` for unknown.
    """

    party: str
    as_of: date
    known_at: date
    event: str | None
    policy: str
    illustrative: bool
    outside_policy: bool | None
    own_score: int | Range | None
    score: int | Range | None
    grades: Mapping[str, Grade] = field(hash=False)
    indicators: Mapping[str, Any] = field(hash=False)  # Any: number, text, date, bool, Range or None
    reasons: tuple[Reason, ...] = ()
    unknowns: tuple[UnknownLine, ...] = ()
    question: tuple[Dossier, Policy] = field(eq=False, repr=False)

    @property
    def grade(self) -> str | None:
        """The label on the policy's first scale, or `None` if it is unknown or there is none."""
        return next((grade.label for grade in self.grades.values()), None)

    @property
    def flags(self) -> tuple[Flag, ...]:
        """What looks wrong about the party's identifiers; flags decide nothing."""
        dossier, _ = self.question
        return check_party(dossier.party_on(self.known_at), dossier.regions, self.as_of)

    def explain(self, language: Literal["zh", "en"] = "zh", rule: str | None = None) -> str:
        """An indented account of the answer; with `rule`, why that rule did or did not apply."""
        from credit_engine.assessing.explain import explain  # noqa: PLC0415  # only those who ask pay for it

        return explain(self, language=language, rule=rule)

    def as_dict(self) -> dict[str, Any]:  # Any: plain data for JSON
        """The answer as plain data: numbers as decimal text, days as ISO text."""
        return {
            "party": self.party,
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_at.isoformat(),
            "event": self.event,
            "policy": self.policy,
            "illustrative": self.illustrative,
            "outside_policy": self.outside_policy,
            "own_score": points_data(self.own_score),
            "score": points_data(self.score),
            "grades": {name: _grade_data(grade) for name, grade in self.grades.items()},
            "indicators": {name: value_data(value) for name, value in self.indicators.items()},
            "reasons": [_reason_data(reason) for reason in self.reasons],
            "unknowns": [{"rule": line.rule, "event": line.event, "names": list(line.names)} for line in self.unknowns],
            "flags": [{"code": flag.code, "field": flag.field, "message": flag.message} for flag in self.flags],
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


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _grade_data(grade: Grade) -> dict[str, Any]:  # Any: plain data
    return {
        "label": grade.label,
        "possible": list(grade.possible),
        "judged_on": grade.judged_on.isoformat(),
        "changes": [
            {"rule": change.rule, "before": list(change.before), "after": list(change.after)}
            for change in grade.changes
        ],
    }


def _reason_data(reason: Reason) -> dict[str, Any]:  # Any: plain data
    return {
        "kind": reason.kind,
        "rule": reason.rule,
        "event": reason.event,
        "item": reason.item,
        "points": decimal_text(reason.points),
        "from": _day(reason.from_day),
        "until": _day(reason.until),
        "group": reason.group,
        "law_day": _day(reason.law_day),
        "laws": [{"day": day.isoformat(), "points": decimal_text(points)} for day, points in reason.laws],
        "parameters": [
            {"name": read.name, "value": read.value, "since": _day(read.since), "source": read.source}
            for read in reason.parameters
        ],
        "basis": list(reason.basis),
        "read_from": None if reason.read_from is None else str(reason.read_from),
    }
