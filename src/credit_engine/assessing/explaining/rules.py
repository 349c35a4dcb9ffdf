"""Lists, findings, obligations and supervision in the form of a rule, so that they are explained the same way."""

from __future__ import annotations

from datetime import date

from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.citing import citations
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.scene import Entry, Frame
from credit_engine.policy.nodes import Condition, Constant, Literal, Selector, Span
from credit_engine.policy.plan import FindingRule, ListRule, ObligationRule, ScoreRule, SupervisionRule
from credit_engine.policy.plan_basis import Basis, Law
from credit_engine.policy.plan_spreading import SpreadRule
from credit_engine.records import Event

ALWAYS = Constant(holds=True)
BY_LAW_OF_THE_DAY = Law(as_of=True)
Ruling = ListRule | FindingRule | ObligationRule | SupervisionRule | SpreadRule


def as_rule(rule: FindingRule | ObligationRule | SupervisionRule) -> ScoreRule:
    """When a finding, obligation or supervision rule applies; a deadline is no part of that."""
    if isinstance(rule, SupervisionRule):
        return _rule(rule.id, rule, None, rule.when, None, BY_LAW_OF_THE_DAY, rule.basis)
    if isinstance(rule, ObligationRule):
        return _rule(rule.id, rule, rule.each, ALWAYS, None, rule.law, rule.basis)
    return _rule(rule.id, rule, rule.each, rule.when, rule.lasts, rule.law, rule.basis)


def spread_as_rule(rule: SpreadRule) -> ScoreRule:
    """When an event is an origin of a spread rule."""
    start = rule.start
    return _rule(rule.id, rule, start.each, start.when, rule.lasts, rule.law, rule.basis)


def list_as_rule(rule: ListRule, law: date, telling: Telling) -> ScoreRule:
    """What opens a list, on one law day: one of its foundations in force is enough."""
    opens = rule.opens
    in_force = tuple(one for one in rule.foundation if telling.program.in_force((one,), law))
    basis = Basis(in_force or rule.foundation)
    each, when = (opens.each, opens.when) if opens else (None, ALWAYS)
    return _rule(rule.name, rule, each, when, None, rule.law, basis)


def _rule(
    id_: str, rule: Ruling, each: Selector | None, when: Condition, counts: Span | None, law: Law, basis: Basis
) -> ScoreRule:
    return ScoreRule(
        id=id_,
        title=rule.title,
        each=each,
        when=when,
        points=Literal(1000),
        sign=1,
        nonnegative=True,
        counts=counts,
        fades=False,
        group=None,
        law=Law(anchors=law.anchors[-1:]) if law.lenient else law,
        basis=basis,
        parameters=(),
    )


def entry_of(each: Selector, event: Event, telling: Telling) -> Entry | None:
    """An event as the rule's selector sees it; none if it does not take part."""
    candidates = telling.scene.candidates(each.kind, each.by, each.standing)
    return next((one for one in (*candidates.dated, *candidates.undated) if one.event is event), None)


def law_account(rule: ScoreRule, entry: Entry | None, frame: Frame, telling: Telling, more: object = None) -> Account:
    """Whose day's law counts, with the basis and the values below it, those that `more` read included."""
    return citations(rule, frame, law_of(rule, entry, frame.law, telling), telling, more)


def law_of(rule: ScoreRule, entry: Entry | None, day: date, telling: Telling) -> str:
    """Whose day's law counts."""
    words, law = telling.words, rule.law
    if entry is None or law.as_of:
        return words("law_judged", day=words.day(day))
    by = rule.each.by if rule.each else ()
    names = (*law.anchors, *by)
    read = telling.program.field
    anchor = next((name for name in names if read(entry.event.kind, name)(entry.event) == day), "day")
    return words("law_day", day=words.day(day), anchor=words.field(anchor))
