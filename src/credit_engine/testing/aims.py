"""What a made-up dossier may aim at: each rule, row, list and step of a policy, with the days on which it can apply."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

from attrs import field, frozen

from credit_engine.policy.load import Policy
from credit_engine.policy.nodes import Condition, Constant, OwnScore, Selector, Span, Value, walk
from credit_engine.policy.plan import ListRule, Plan
from credit_engine.policy.plan_basis import Basis
from credit_engine.policy.plan_spreading import RecognitionRule, SpreadRule

ALWAYS = Constant(holds=True)
Section = Literal["score", "grades", "lists", "findings", "obligations", "supervision"]
STEPS = (
    "list",
    "list",
    "repair",
    "refuse_repair",
    "refuse",
    "accept",
    "revoke",
    "restore",
    "notify",
    "object",
    "opt_out",
)


@frozen
class Aim:
    """One thing to make happen: an event that `each` selects, and `when` from its viewpoint (or the day judged).

    `spans`: what then lasts; `met_on`: what fulfils a duty. `since`, `until`: the days `[since, until)` on which it is
    in force, as far as its basis and parameters say. `review`: how often it is judged, if not on the day asked.
    `unless`: what must not hold, for it would come first.
    """

    id: str
    section: Section
    each: Selector | None
    when: Condition
    spans: tuple[Span, ...] = ()
    met_on: Value | Selector | None = None
    list: ListRule | None = None
    since: date | None = None
    until: date | None = None
    review: str | None = None
    unless: tuple[Condition, ...] = ()


@frozen
class Aims:
    """All aims of a policy: of one party alone, and what spreads or is recognised; `lists` by name."""

    own: tuple[Aim, ...]
    spread: tuple[SpreadRule, ...]
    recognition: tuple[RecognitionRule, ...]
    lists: dict[str, ListRule] = field(hash=False)


def aims_of(policy: Policy) -> Aims:
    """What dossiers for a policy may aim at, found once."""
    found = policy.memo.get("aims")
    if not isinstance(found, Aims):
        plan = policy.plan
        lists = {each.name: each for each in plan.lists}
        found = policy.memo["aims"] = Aims(tuple(_own(plan)), plan.spread, plan.recognition, lists)
    return found


def _own(plan: Plan) -> Iterator[Aim]:
    for rule in plan.score.rules if plan.score else ():
        spans = (rule.counts,) if rule.counts else ()
        yield Aim(
            rule.id, "score", rule.each, rule.when, spans, None, None, *in_force(plan, rule.basis, rule.parameters)
        )
    for scale in plan.scales:
        for number, row in enumerate(scale.rows):
            before = tuple(each.condition for each in scale.rows[:number] if not _reads_score(each.condition))
            yield Aim(f"{scale.name}.{number}", "grades", None, row.condition, review=scale.review, unless=before)
        for change in scale.adjust:
            days = in_force(plan, change.basis, ())
            yield Aim(change.id, "grades", None, change.when, (), None, None, *days, scale.review)
    for one in plan.lists:
        basis = Basis(one.foundation[:1])
        yield Aim(one.name, "lists", None, ALWAYS, (), None, one, *in_force(plan, basis, one.parameters))
    for finding in plan.findings:
        lasts = (finding.lasts,) if finding.lasts else ()
        days = in_force(plan, finding.basis, finding.parameters)
        yield Aim(finding.id, "findings", finding.each, finding.when, lasts, None, None, *days)
    for duty in plan.obligations:
        dues = tuple(span for span in (duty.due, duty.not_before) if span is not None)
        days = in_force(plan, duty.basis, duty.parameters)
        yield Aim(duty.id, "obligations", duty.each, ALWAYS, dues, duty.met_on, None, *days)
    for watch in plan.supervision:
        yield Aim(watch.id, "supervision", None, watch.when, (), None, None, *in_force(plan, watch.basis, ()))


def _reads_score(condition: Condition) -> bool:
    return any(isinstance(node, OwnScore) for node in walk(condition))


def in_force(plan: Plan, basis: Basis, parameters: tuple[str, ...]) -> tuple[date | None, date | None]:
    """The days `[from, until)` on which a basis is in force and its parameters have values."""
    spans = [basis.own] if basis.own is not None else [plan.sources[name].in_force for name in basis.sources]
    first = [span.from_day for span in spans if span.from_day is not None]
    last = [span.until for span in spans if span.until is not None]
    for name in parameters:
        steps = plan.parameters[name].values
        first.append(steps[0].since)
        last += [step.since for step in steps if step.ended]
    return max(first, default=None), min(last, default=None)
