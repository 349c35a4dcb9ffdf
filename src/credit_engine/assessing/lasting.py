"""Whether a rule with `each` lasts for an event on the day judged: of findings, and of what spread starts from."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from attrs import frozen

from credit_engine.assessing.applying import Look, is_meant, look, own_day, unknown_about
from credit_engine.assessing.naming import unknown_in_span, unknown_names
from credit_engine.assessing.program import Program
from credit_engine.assessing.scene import Compiled, Entry, Frame, Scene
from credit_engine.assessing.spanning import ALWAYS, Measure, Stretch, as_measured, could_reach, under_each_law
from credit_engine.assessing.unknown import Truth, both
from credit_engine.policy.nodes import Condition, Constant, Selector, Span
from credit_engine.policy.plan_basis import Basis, InForce, Law


class Standing(NamedTuple):
    """A rule that holds for an event (`truth`), or only may (`None`), and the days for which it does."""

    truth: Truth
    stretch: Stretch


@frozen(eq=False)
class Lasting:
    """A compiled rule with `each`: the events it looks at, what it asks from their viewpoint, how long it lasts."""

    looking: Look
    asks: Condition
    when: Compiled
    span: Span | None
    lasts: Measure | None
    law: Law
    in_force: InForce


def lasting(
    each: Selector, asks: Condition, span: Span | None, law: Law, basis: Basis, owner: str, program: Program
) -> Lasting:
    """The rule made ready to run."""
    return Lasting(
        looking=look(each, law, owner, program),
        asks=asks,
        when=program(asks),
        span=span,
        lasts=program(span) if span else None,
        law=law,
        in_force=program.days_in_force(basis),
    )


def standing(rule: Lasting, entry: Entry, frame: Frame) -> Standing | None:
    """Whether the rule holds for the event on the day judged; `None` where it does not."""
    scene = frame.scene
    if not (rule.in_force.covers(frame.law) or any(rule.in_force.covers(each.law) for each in frame.under_each_law())):
        return None
    truth = is_meant(rule.looking, frame, entry)
    if truth is False:
        return None
    stretch = _stretch(rule, frame, own_day(entry))
    if stretch is None:
        return None
    truth = both(truth, stretch.covers(scene.as_of))
    truth = both(truth, _asked(rule, frame, entry)) if truth is not False else False
    return None if truth is False else Standing(truth, stretch)


def _asked(rule: Lasting, frame: Frame, entry: Entry) -> Truth:
    """`when`, from the event's viewpoint; an event without a day has none."""
    if entry.is_undated and rule.asks != Constant(holds=True):
        return None
    truth: Truth = rule.when(frame)
    return truth


def _stretch(rule: Lasting, frame: Frame, by_day: date | None) -> Stretch | None:
    if rule.lasts is None:
        return ALWAYS
    measured = under_each_law if rule.law.as_of else as_measured
    return measured(rule.lasts, frame, by_day)


def unknown_standing(rule: Lasting, entry: Entry, frame: Frame, stretch: Stretch) -> set[str]:
    """The names that leave open whether the rule holds for the event."""
    program = frame.scene.program
    names = unknown_about(rule.looking, frame, entry)
    names |= set() if entry.is_undated else unknown_names(rule.asks, frame, program)
    names |= set() if stretch.is_known else unknown_in_span(rule.span, frame, program)
    return names


def may_be_unrecorded(rule: Lasting, scene: Scene) -> bool:
    """Whether the rule could hold for events that stand unrecorded, because their table is not complete."""
    hidden = scene.hidden_until(rule.looking.each.kind)
    if hidden is None:
        return False
    return could_reach(rule.span, rule.looking.each.by, scene, min(hidden, scene.as_of))
