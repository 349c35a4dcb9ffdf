"""What changes by itself: the first day on which the answer differs, and an agenda of such days and of deadlines.

Everything known stays as it is (`known_at` is fixed); only the day judged moves. Between two days on which something
could turn, nothing does: those days come from the dates of the records, the periods of the policy added to them, the
changes of the law, and the calendar. A score that only fades is no change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import attrs
from attrs import frozen

from credit_engine.assessing.answer import Assessment, Grade, Supervision
from credit_engine.assessing.assess import assess, program_of
from credit_engine.assessing.plain import points_data
from credit_engine.assessing.program import Program
from credit_engine.days import CalendarUnit, CalendarWindow, Period, add, end_of, next_working_day
from credit_engine.dossiers import Dossier
from credit_engine.errors import Problem, QuestionError
from credit_engine.policy.load import Policy
from credit_engine.policy.nodes import Literal, SpanRow, walk
from credit_engine.policy.plan import Plan

ONE_DAY = timedelta(days=1)
MOST_YEARS = 120  # nothing that a policy says lies further ahead than a life


WHAT = (
    "audience",
    "due",
    "entry",
    "finding",
    "grade",
    "obligation",
    "outside",
    "repairable",
    "rule",
    "score",
    "supervision",
    "unknown",
)


@frozen(kw_only=True)
class AgendaLine:
    """One thing that will happen by itself on a day, or a deadline (`due`) that falls then.

    `what` is one of `WHAT`; `subject` the scale, entry, or rule and event it is about. `before` and `after` are text:
    a label, state or number, `78..100` for an interval, empty for what is not there.
    """

    day: date
    what: str
    subject: str
    before: str
    after: str

    def as_dict(self) -> dict[str, str]:
        """The line as plain data for JSON, its day as ISO text."""
        return {**attrs.asdict(self), "day": self.day.isoformat()}


def next_change(dossier: Dossier, policy: Policy, as_of: date, known_at: date | None = None) -> date | None:
    """The first day after `as_of` on which anything but a fading score differs, or `None` if nothing ever does."""
    now = assess(dossier, policy, as_of, known_at)
    found = _next(now)
    return None if found is None else found.as_of


def _next(now: Assessment, until: date = date.max) -> Assessment | None:
    """The first later answer that differs, none of those after `until`."""
    dossier, policy = now.question
    signature, periods = _signature(now), _periods_shown(now)
    for day in _days(now):
        if day > until:
            break
        answer = assess(dossier, policy, day, now.known_at)
        if _signature(answer) != signature or _periods_shown(answer) != periods:
            return answer
    return None


def next_look(now: Assessment) -> date | None:
    """A day after the one judged before which the answer cannot change by itself; `None` if it never does.

    Found from the dates at hand alone, so at little cost; nothing need change on that day. Where nothing fades now, the
    day on which something begins to is among the others.
    """
    if now.as_of < date.max and (_fading(now) or _written(program_of(now.question[1])).counts_days):
        return now.as_of + ONE_DAY
    return next(iter(_days(now, daily=False)), None)


def stands(answer: Assessment) -> object:
    """What an answer says but for numbers that move day by day; two that are equal tell people the same."""
    return _signature(answer), _periods_shown(answer)


def agenda(
    dossier: Dossier, policy: Policy, as_of: date, until: date, known_at: date | None = None
) -> tuple[AgendaLine, ...]:
    """What changes by itself after `as_of` up to and including `until`, and which deadlines fall then, in order.

    A deadline that is known to be kept, or to be owed no more, before it falls does not fall.
    """
    if type(until) is not date:
        raise QuestionError(Problem("bad_question", f"until is {type(until).__name__}, not a date"))
    before = assess(dossier, policy, as_of, known_at)
    lines: list[AgendaLine] = []
    owed = _open(before)
    while (after := _next(before, until)) is not None:
        lines += _differences(after.as_of, _signature(before), _signature(after))
        owed = {subject: due for subject, due in owed.items() if due < after.as_of} | _open(after)
        before = after
    lines += [
        AgendaLine(day=due, what="due", subject=subject, before="open", after="")
        for subject, due in owed.items()
        if as_of < due <= until
    ]
    return tuple(sorted(lines, key=lambda line: (line.day, line.what, line.subject)))


def _open(answer: Assessment) -> dict[str, date]:
    """The last days of the obligations that are open."""
    return {
        _subject(one.rule, one.event): one.due
        for one in answer.obligations
        if one.state == "open" and one.due is not None
    }


# --- what counts as a change ----------------------------------------------------------------------------------

Signature = dict[tuple[str, str], str]


def _signature(answer: Assessment) -> Signature:
    """Everything about an answer that is no fading number, as text by (what, subject)."""
    found: Signature = {("outside", ""): _OUTSIDE[answer.outside_policy], ("audience", ""): answer.audience}
    found["score", ""] = "fading" if _fading(answer) else _score(answer)
    found |= {("grade", name): _label(grade) for name, grade in answer.grades.items()}
    rules = [reason for reason in answer.reasons if reason.kind == "rule"]
    found |= {("rule", _subject(reason.rule, reason.event, reason.item)): "counts" for reason in rules}
    for line in answer.unknowns:
        found["unknown", _subject(line.rule, line.event)] = ", ".join(line.names)
    for entry in answer.entries:
        found["entry", entry.id] = f"{entry.state}{' (ground changed)' if entry.ground_changed else ''}"
        if entry.repairable_from is not None:
            repairable = entry.repairable_from <= answer.as_of
            found["repairable", entry.id] = "now" if repairable else f"from {entry.repairable_from}"
    for finding in answer.findings:
        found["finding", _subject(finding.rule, finding.event)] = finding.says
    for one in answer.obligations:
        found["obligation", _subject(one.rule, one.event)] = one.state
    for thing in answer.supervision:
        of_many = thing.rule if thing.thing == "notice" else None
        found["supervision", _subject(thing.thing, of_many)] = _closely(thing)
    return found


_OUTSIDE = {True: "yes", False: "no", None: "unknown"}


def _score(answer: Assessment) -> str:
    score = points_data(answer.score)
    return "..".join(end or "" for end in score) if isinstance(score, list) else score or ""


def _label(grade: Grade) -> str:
    return grade.label or f"unknown: {', '.join(grade.possible)}"


def _closely(thing: Supervision) -> str:
    """How closely to supervise, and by which rule; a notice is named by its rule already."""
    if thing.thing == "notice":
        return thing.notice or ""
    if thing.thing == "sampling":
        return f"{thing.rule}: times {thing.times}"
    low, high = ("" if bound is None else str(bound) for bound in (thing.at_least, thing.at_most))
    return f"{thing.rule}: {low}..{high} per {thing.per}"


def _periods_shown(answer: Assessment) -> tuple[object, ...]:
    """The days that an answer names, and what follows from them; an agenda tells them when they come."""
    entries = tuple((one.id, one.listed, one.until, one.end_known) for one in answer.entries)
    obligations = tuple((one.rule, one.event, one.due, one.done) for one in answer.obligations)
    return entries, tuple(answer.on_list.items()), obligations, _origins(answer), _recognised(answer)


def _origins(answer: Assessment) -> tuple[object, ...]:
    """What spread starts from here, but for days that move with the one judged."""
    return tuple((one.rule, one.kind, one.id, one.points, one.measures, one.named) for one in answer.origins)


def _recognised(answer: Assessment) -> tuple[object, ...]:
    """Which regions take over which entry, and how."""
    return tuple((one.rule, one.target, one.origin, one.measures) for one in answer.recognised)


def _fading(answer: Assessment) -> bool:
    """Whether the score's number moves day by day, so that only what it leads to is a change."""
    _, policy = answer.question
    score = policy.plan.score
    rules = {rule.id for rule in score.rules if rule.fades} if score is not None else set()
    return any(reason.rule in rules for reason in answer.reasons) or any(line.rule in rules for line in answer.unknowns)


def _subject(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)


def _differences(day: date, before: Signature, after: Signature) -> Iterator[AgendaLine]:
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key, ""), after.get(key, "")
        if old != new:
            yield AgendaLine(day=day, what=key[0], subject=key[1], before=old, after=new)


# --- days on which something could turn -----------------------------------------------------------------------


def _days(now: Assessment, *, daily: bool | None = None) -> list[date]:
    """The days after the one judged, in order, up to the first on which the answer can differ and further.

    Ends of what holds now are read from the answer itself; the rest are dates of records, with each period of the
    policy added, changes of the law, and first days of calendar units. Where a number moves day by day (a score fades,
    days since are counted) every day is looked at; `daily` says whether it does, if that is known better.
    """
    dossier, policy = now.question
    program = program_of(policy)
    plan = policy.plan
    written = _written(program)
    marks = _dates_in(dossier, now.known_at) | set(program.law_changes) | written.days
    steps = marks | {day for mark in marks for period in written.periods if (day := add(mark, period)) is not None}
    steps |= _ends(now)
    if now.unknowns:
        steps |= _unknown_ends(plan, steps)
    horizon = max((day for day in steps if day < _years_on(now.as_of, MOST_YEARS)), default=now.as_of)
    near = {day + ONE_DAY * shift for day in steps for shift in (0, 1) if day <= horizon}
    if daily if daily is not None else written.moves_daily:
        beyond = min(horizon.toordinal() + 2, date.max.toordinal() + 1)
        near |= {date.fromordinal(day) for day in range(now.as_of.toordinal() + 1, beyond)}
    return sorted(day for day in near | _calendar_days(written, now.as_of, horizon) if day > now.as_of)


def moves_daily(plan: Plan) -> bool:
    """Whether a number of the policy moves by itself from day to day."""
    fades = plan.score is not None and any(rule.fades for rule in plan.score.rules)
    return fades or any(getattr(node, "op", None) == "days_since" for node in walk(plan))


@frozen
class _Written:
    """What the policy says of days: found once, for it is asked of every party."""

    days: frozenset[date]
    periods: frozenset[Period]
    unit: CalendarUnit | None
    back: int
    counts_days: bool
    moves_daily: bool


def _written(program: Program) -> _Written:
    made: _Written | None = program.parts.get("changes")
    if made is None:
        plan, windows = program.plan, list(_windows(program.plan))
        counts_days = any(getattr(node, "op", None) == "days_since" for node in walk(plan))
        made = program.parts["changes"] = _Written(
            days=frozenset(value for value in windows if isinstance(value, date)),
            periods=frozenset(value for value in windows if isinstance(value, Period) and value.count),
            unit=_unit(plan, windows),
            back=max((value.back for value in windows if isinstance(value, CalendarWindow)), default=0),
            counts_days=counts_days,
            moves_daily=moves_daily(plan),
        )
    return made


def _unit(plan: Plan, windows: Iterable[object]) -> CalendarUnit | None:
    """The smallest calendar unit that reviews and windows use."""
    units = {scale.review for scale in plan.scales} | {rule.review for rule in plan.lists}
    used = {value.unit for value in windows if isinstance(value, CalendarWindow)}
    if not units - {None} and not used:
        return None
    if units & {"monthly"} or used & {"month"}:
        return "month"
    return "quarter" if units & {"quarterly"} or used & {"quarter"} else "year"


def _ends(now: Assessment) -> set[date]:
    """The days on which what holds now begins or ends, as the answer says."""
    days: list[date | None] = []
    days += [day for reason in now.reasons for day in (reason.from_day, reason.until)]
    days += [day for finding in now.findings for day in (finding.from_day, finding.until)]
    for entry in now.entries:
        days += [entry.listed, entry.until, entry.repairable_from]
    days += [one.due for one in now.obligations]
    return {day for day in days if day is not None}


def _unknown_ends(plan: Plan, steps: set[date]) -> set[date]:
    """Where something is unknown its end stands nowhere in the answer: the days on which a longer span could end."""
    rows = [row for row in walk(plan) if isinstance(row, SpanRow)]
    found: set[date] = set()
    longer = {node.value for row in rows for node in walk(row.plus) if isinstance(node, Literal)}
    for _ in range(max((len(row.plus) for row in rows), default=0)):
        found |= {day for mark in steps | found for period in longer if (day := _after(mark, period)) is not None}
    for unit in sorted({row.to_end_of for row in rows if row.to_end_of is not None}):
        found |= {end_of(unit, day) for day in steps | found}  # type: ignore[arg-type]  # a unit, checked when read
        found |= {day for mark in found for period in longer if (day := _after(mark, period)) is not None}
    if any(row.rolls for row in rows):
        found |= {day for mark in steps | found if (day := next_working_day(mark)) is not None}
    return found


def _after(day: date, period: object) -> date | None:
    return add(day, period) if isinstance(period, Period) else None


def _years_on(day: date, years: int) -> date:
    return add(day, Period(years, "y")) or day


def _dates_in(dossier: Dossier, known_at: date) -> set[date]:
    """Every date that a known record of the dossier holds."""
    found: set[date] = set()
    records: list[Any] = [dossier.party_on(known_at), *dossier.events_on(known_at)]  # Any: records of any class
    for record in records:
        for attribute in attrs.fields(type(record)):
            found |= _dates_of(getattr(record, attribute.name))
    found |= {row.until for rows in dossier.regions.rows.values() for row in rows if row.until}
    found |= {row.from_day for rows in dossier.regions.rows.values() for row in rows if row.from_day}
    found |= {day for day in dossier.coverage.values() if isinstance(day, date)}
    return found


def _dates_of(value: Any) -> set[date]:  # Any: a field's value
    if isinstance(value, date):
        return {value}
    if isinstance(value, dict):
        return set[date]().union(*(_dates_of(part) for part in value.values()))
    if isinstance(value, tuple):
        return set[date]().union(*(_dates_of(part) for part in value))
    return set()


def _calendar_days(written: _Written, as_of: date, horizon: date) -> set[date]:
    """First days of the calendar units that reviews and windows use, until everything else has been reached."""
    if written.unit is None:
        return set()
    found: set[date] = set()
    eve = end_of(written.unit, as_of)
    last = _years_on(max(horizon, as_of), written.back + 2)
    while eve < last:
        day = eve + ONE_DAY
        found.add(day)
        eve = end_of(written.unit, day)
    return found


def _windows(plan: Plan) -> Iterator[object]:
    for node in walk(plan):
        yield getattr(node, "value", None)
    for parameter in plan.parameters.values():
        for step in parameter.values:
            yield from step.value.values() if isinstance(step.value, dict) else (step.value,)
