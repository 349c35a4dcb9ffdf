"""Supervision: how closely to look, by the strictest rule that holds; and notices, all that hold."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from credit_engine.assessing.answer import Supervision, UnknownLine
from credit_engine.assessing.naming import unknown_names
from credit_engine.assessing.scene import Scene
from credit_engine.days import Period
from credit_engine.policy.plan import (
    SupervisionRule,
)

DAYS_PER = {"y": Fraction(1461, 4), "m": Fraction(1461, 48), "d": Fraction(1), "wd": Fraction(7, 5)}


class Supervised(NamedTuple):
    """What holds on the day judged, and what was not known."""

    supervision: tuple[Supervision, ...]
    unknowns: tuple[UnknownLine, ...]


def supervision(scene: Scene) -> Supervised:
    """The strictest inspections and sampling, then every notice, in the order of the policy."""
    holding: list[SupervisionRule] = []
    lines: list[UnknownLine] = []
    program = scene.program
    for rule in scene.plan.supervision:
        if not program.rule_in_force(rule.basis, scene.as_of):
            continue
        truth = program(rule.when)(scene.viewpoint)
        if truth is True:
            holding.append(rule)
        elif truth is None:
            names = unknown_names(rule.when, scene.viewpoint, program)
            lines.append(UnknownLine(rule=rule.id, event=None, names=tuple(sorted(names))))
    return Supervised(tuple(_strictest(holding)), tuple(lines))


def _strictest(holding: list[SupervisionRule]) -> Iterator[Supervision]:
    visits = [rule for rule in holding if rule.per is not None]
    if visits:
        rule = max(visits, key=often)
        yield Supervision(
            thing="inspections",
            rule=rule.id,
            at_least=rule.at_least,
            at_most=rule.at_most,
            per=str(rule.per),
            basis=rule.basis.sources,
        )
    factors = [rule for rule in holding if rule.times is not None]
    if factors:
        rule = max(factors, key=lambda one: one.times or Fraction(0))
        yield Supervision(thing="sampling", rule=rule.id, times=str(rule.times), basis=rule.basis.sources)
    for rule in holding:
        if rule.notice is not None:
            yield Supervision(thing="notice", rule=rule.id, notice=rule.notice, basis=rule.basis.sources)


def often(rule: SupervisionRule) -> tuple[Fraction, Fraction]:
    """How often at least a day, then how often at most: more of either is stricter; without a bound most of all."""
    days = _days(rule.per)
    most = Fraction(10**6) if rule.at_most is None else Fraction(rule.at_most)
    return Fraction(rule.at_least or 0) / days, most / days


def _days(period: Period | None) -> Fraction:
    return Fraction(1) if period is None else period.count * DAYS_PER[period.unit] or Fraction(1)
