"""Obligations: deadlines that authorities and operators must keep, and whether they were kept.

Met if done on or before the due day, late if after it, open while the day judged has not passed it, else overdue;
unknown if the due day or the doing is. What is done after the day judged is not done.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from attrs import frozen

from credit_engine.assessing.answer import Obligation, UnknownLine
from credit_engine.assessing.applying import Look, is_meant, look, own_day, unknown_about, viewpoints
from credit_engine.assessing.program import Program
from credit_engine.assessing.scene import Compiled, Entry, Frame, Scene
from credit_engine.assessing.spanning import Measure, as_measured, under_each_law
from credit_engine.assessing.unknown import NONE, is_plain
from credit_engine.policy.nodes import Selector
from credit_engine.policy.plan import (
    ObligationRule,
)

STATES = ("met", "late", "open", "overdue", "unknown")


@frozen(eq=False)
class Rule:
    """A compiled obligation rule."""

    plan: ObligationRule
    looking: Look
    due: Measure
    not_before: Measure | None
    met_on: Compiled
    owed_by: Compiled


class Owed(NamedTuple):
    """The obligations on the day judged, and what was not known about others."""

    obligations: tuple[Obligation, ...]
    unknowns: tuple[UnknownLine, ...]


def obligations(scene: Scene) -> Owed:
    """Every obligation of the party on the day judged, in the order of the policy, then by event id."""
    found: list[Obligation] = []
    lines: list[UnknownLine] = []
    for rule in _rules(scene.program):
        for entry, frame in sorted(viewpoints(rule.looking, scene), key=lambda one: one[0].event.id):
            one = _obligation(rule, entry, frame)
            if isinstance(one, Obligation):
                found.append(one)
            elif one is not None:
                lines.append(one)
        if scene.hidden_until(rule.plan.each.kind) is not None:
            lines.append(UnknownLine(rule=rule.plan.id, event=None, names=(rule.plan.each.kind,)))
    return Owed(tuple(found), tuple(lines))


def _rules(program: Program) -> tuple[Rule, ...]:
    made: tuple[Rule, ...] | None = program.parts.get("obligations")
    if made is None:
        made = program.parts["obligations"] = tuple(_compile(rule, program) for rule in program.plan.obligations)
    return made


def _compile(rule: ObligationRule, program: Program) -> Rule:
    return Rule(
        plan=rule,
        looking=look(rule.each, rule.law, rule.id, program),
        due=program(rule.due),
        not_before=program(rule.not_before) if rule.not_before else None,
        met_on=program(rule.met_on),
        owed_by=program(rule.owed_by),
    )


def _obligation(rule: Rule, entry: Entry, frame: Frame) -> Obligation | UnknownLine | None:
    scene, plan = frame.scene, rule.plan
    if not any(scene.program.rule_in_force(plan.basis, each.law) for each in frame.under_each_law()):
        return None
    truth = is_meant(rule.looking, frame, entry._replace(doubtful=False) if entry.is_undated else entry)
    if truth is False:
        return None
    if truth is None:
        names = tuple(sorted(unknown_about(rule.looking, frame, entry)))
        return UnknownLine(rule=plan.id, event=entry.event.id, names=names, event_kind=entry.event.kind)
    measured = under_each_law if plan.law.as_of else as_measured
    due = measured(rule.due, frame, own_day(entry))
    if due is None:
        return None
    due_day = due.last if due.is_known else None
    done, known = _done(rule, entry, frame)
    owed_by = rule.owed_by(frame)
    return Obligation(
        rule=plan.id,
        event=entry.event.id,
        event_kind=entry.event.kind,
        owed_by=owed_by if isinstance(owed_by, str) else None,
        region=_region(plan, entry, scene),
        due=due_day,
        done=done,
        state=_state(due_day, done, scene.as_of, known=known),
        law_day=frame.law,
        basis=plan.basis.sources,
        read_from=entry.event.read_from,
    )


def _state(due: date | None, done: date | None, as_of: date, *, known: bool) -> str:
    if due is None or not known:
        return "unknown"
    if done is not None:
        return "met" if done <= due else "late"
    return "open" if as_of <= due else "overdue"


def _done(rule: Rule, entry: Entry, frame: Frame) -> tuple[date | None, bool]:
    """The day on which it was done (by the day judged), and whether that can be known."""
    earliest = date.min
    if rule.not_before is not None:
        measured = under_each_law if rule.plan.law.as_of else as_measured
        wait = measured(rule.not_before, frame, own_day(entry))
        if wait is not None and not wait.is_known:
            return None, False
        earliest = date.min if wait is None else wait.last
    if isinstance(rule.plan.met_on, Selector):
        return _first_event(rule, entry, frame, earliest)
    day = rule.met_on(frame)
    if day is None or day is NONE:
        return None, True  # an empty field of a version that is known: not done so far
    if not is_plain(day):
        return None, False
    return (day if earliest <= day <= frame.scene.as_of else None), True


def _first_event(rule: Rule, entry: Entry, frame: Frame, earliest: date) -> tuple[date | None, bool]:
    """The first such event of the party on or after the judged event's day (and after any waiting)."""
    scene = frame.scene
    view = scene.viewpoint
    taken = rule.met_on(Frame(scene, view.day, view.position, entry.event, view.day))
    start = max(earliest, date.min if entry.is_undated else entry.key[0])
    after = [one for one in taken.entries if one.key[0] >= start]
    if taken.undated or taken.endless or (taken.hidden_until is not None and taken.hidden_until >= start):
        return None, False
    if not after:
        return None, True
    return (None, False) if after[0].doubtful else (after[0].key[0], True)


def _region(rule: ObligationRule, entry: Entry, scene: Scene) -> str | None:
    """Where the summary counts it: the region asked, else the operator's if he owes it, else the authority's."""
    to_region: Any = getattr(entry.event, "to_region", None)  # Any: only transfers have it
    if isinstance(to_region, str):
        return to_region
    return getattr(scene.party, "region", None) if rule.region_of_operator else entry.event.region


class SummaryRow(NamedTuple):
    """Obligations of one rule, region and month of the due day, over due days up to the day judged."""

    rule: str
    region: str | None
    month: str | None
    due: int
    met: int
    late: int
    open: int
    overdue: int
    unknown: int

    @property
    def completion(self) -> Fraction | None:
        """(met + late) / all."""
        return Fraction(self.met + self.late, self.due) if self.due else None

    @property
    def on_time(self) -> Fraction | None:
        """Met / all."""
        return Fraction(self.met, self.due) if self.due else None


def summary(found: Iterable[Obligation], as_of: date) -> list[SummaryRow]:
    """Completion by rule id, region and month, in that order; obligations of unknown due day stand without a month."""
    counts: dict[tuple[str, str | None, str | None], dict[str, int]] = {}
    for one in found:
        if one.due is not None and one.due > as_of:
            continue
        key = (one.rule, one.region, one.month)
        counts.setdefault(key, dict.fromkeys(STATES, 0))[one.state] += 1
    ordered = sorted(counts.items(), key=lambda item: tuple(part or "" for part in item[0]))
    return [SummaryRow(*key, sum(each.values()), *(each[state] for state in STATES)) for key, each in ordered]
