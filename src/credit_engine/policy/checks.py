"""What is allowed in a policy and yet looks wrong: names nobody uses, rules that never fire, gaps, missing titles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

from attrs import define, field

from credit_engine.errors import Place, Problem
from credit_engine.policy.checks_of_regions import check_regions
from credit_engine.policy.checks_of_spreading import check_spreading
from credit_engine.policy.contradictions import cannot_hold
from credit_engine.policy.load import Policy
from credit_engine.policy.nodes import (
    ComputedField,
    Condition,
    Constant,
    DecisionField,
    EventField,
    Indicator,
    Literal,
    LookUp,
    Node,
    OperatorField,
    Parameter,
    Rows,
    Selector,
    SpanRow,
    walk,
)
from credit_engine.policy.places import Map, place_of, shown
from credit_engine.policy.plan import FindingRule, ListRule, ObligationRule, Plan, RepairRow, ScoreRule, SupervisionRule
from credit_engine.policy.plan_basis import InForce
from credit_engine.policy.plan_spreading import OverRelation, RecognitionRule, SpreadRule

LANGUAGES = ("zh", "en")
OPERATOR = "operator"


def check(policy: Policy) -> list[Problem]:
    """Every warning, in the order of the text; an empty list if there is nothing to say."""
    plan = policy.plan
    found = [*_unused(policy), *_never(plan), *_rows(policy), *_without_source(plan), *_untitled(policy)]
    found += [*check_spreading(plan, policy.written), *check_regions(policy.written)]
    own = [one for one in found if not one.code.startswith("unused_") or _is_own(policy, one.place)]
    return sorted(dict.fromkeys(own), key=_by_place)


def _is_own(policy: Policy, place: Place) -> bool:
    """Whether this stands in the policy's own folder: what a parent declares need not be of use to each child."""
    return Path(place.file).parent == Path(place_of(policy.written, "policy").file).parent


def _by_place(problem: Problem) -> tuple[str, int, int, str, str]:
    place = problem.place
    return (place.file, place.line or 0, place.column or 0, problem.code, problem.message)


# --- names nobody uses ----------------------------------------------------------------------------------------


@define
class _Used:
    """The names that a plan reads."""

    parameters: set[str] = field(factory=set)
    indicators: set[str] = field(factory=set)
    fields: set[str] = field(factory=set)  # of events: read by name, anchors included
    computed: set[tuple[str, str]] = field(factory=set)
    of_operator: set[str] = field(factory=set)
    sources: set[str] = field(factory=set)

    def take(self, piece: object) -> None:
        """Add what stands in a piece of a plan."""
        for node in walk(piece):
            if type(node) in _NAMED_BY:
                names, attribute = _NAMED_BY[type(node)]
                getattr(self, names).add(getattr(node, attribute))
            elif isinstance(node, ComputedField):
                self.computed.add((node.kind, node.name))
            elif isinstance(node, Selector):
                self.fields.update(node.by, (node.at,) if node.at else ())
            elif isinstance(node, SpanRow | RepairRow):
                self.sources.update(node.basis)


_NAMED_BY: Mapping[type[Node], tuple[str, str]] = {
    Parameter: ("parameters", "name"),
    LookUp: ("parameters", "parameter"),
    Indicator: ("indicators", "name"),
    EventField: ("fields", "name"),
    DecisionField: ("fields", "name"),
    OperatorField: ("of_operator", "name"),
}
"""Where the names go that a node reads: the attribute of `_Used`, and that of the node."""


def _used(plan: Plan) -> _Used:
    used = _Used()
    following = (
        plan.lists,
        plan.spread,
        plan.recognition,
        plan.findings,
        plan.obligations,
        plan.supervision,
        plan.audience,
    )
    for piece in (plan.computed, plan.indicators, plan.admits, _rules(plan), plan.scales, following):
        used.take(piece)
    used.fields.update(plan.kinds.values(), plan.law.anchors, _held_on(plan))
    judged: list[ScoreRule | ListRule | SpreadRule | FindingRule | ObligationRule]
    judged = [*_rules(plan), *plan.lists, *plan.spread, *plan.findings, *plan.obligations]
    used.fields.update(anchor for each in judged for anchor in each.law.anchors)
    used.sources.update(source for each in _based(plan) for source in each.basis.sources)
    used.sources.update(source for scale in plan.scales for each in scale.adjust for source in each.basis.sources)
    used.sources.update(source for each in plan.lists for source in each.foundation)
    used.sources.update(source for measure in plan.measures.values() for source in measure.basis)
    used.sources.update(dated.source for parameter in plan.parameters.values() for dated in parameter.values)
    return used


def _held_on(plan: Plan) -> Iterator[str]:
    """The fields on whose days relations must be in force, through parameters that name them too."""
    branches = (branch for rule in plan.spread for branch in rule.branches)
    for held_on in (branch.held_on for branch in branches if isinstance(branch, OverRelation)):
        if isinstance(held_on, Literal):
            yield str(held_on.value)
        elif isinstance(held_on, Parameter):
            yield from (str(dated.value) for dated in plan.parameters[held_on.name].values)


def _rules(plan: Plan) -> tuple[ScoreRule, ...]:
    return plan.score.rules if plan.score is not None else ()


def _based(
    plan: Plan,
) -> list[ScoreRule | SpreadRule | RecognitionRule | FindingRule | ObligationRule | SupervisionRule]:
    """Every rule that holds while its basis is in force."""
    return [*_rules(plan), *plan.spread, *plan.recognition, *plan.findings, *plan.obligations, *plan.supervision]


def _unused(policy: Policy) -> Iterator[Problem]:
    plan, used = policy.plan, _used(policy.plan)
    yield from _unnamed(policy, "parameters", "parameter", plan.parameters, used.parameters)
    yield from _unnamed(policy, "sources", "source", plan.sources, used.sources)
    if any(
        (plan.score, plan.scales, plan.lists, plan.findings, plan.supervision)
    ):  # else the indicators are what the policy is for
        untitled = [name for name in plan.indicators if not _has_title(policy, name)]
        yield from _unnamed(policy, "indicators", "indicator", untitled, used.indicators)
    section = policy.written.get("fields") or {}
    for kind, fields in section.items():
        names = used.of_operator if kind == OPERATOR else used.fields
        for name in fields:
            if name not in names and (kind, name) not in used.computed:
                place = place_of(policy.written, "fields", kind, name)
                yield Problem("unused_field", f"nobody reads the field {shown(name)} of {kind}", place, "remove it")


def _has_title(policy: Policy, indicator: str) -> bool:
    """Whether an indicator has a title: it is then there to be read by people, even where no rule reads it."""
    written = (policy.written.get("indicators") or {}).get(indicator)
    return isinstance(written, Map) and "title" in written


def _unnamed(policy: Policy, section: str, what: str, names: Iterable[str], used: set[str]) -> Iterator[Problem]:
    for name in names:
        if name not in used:
            place = place_of(policy.written, section, name)
            yield Problem(f"unused_{what}", f"nobody uses the {what} {shown(name)}", place, "remove it")


# --- rules that never fire ------------------------------------------------------------------------------------


def _never(plan: Plan) -> Iterator[Problem]:
    for name, place, conditions in _conditions(plan):
        if any(cannot_hold(condition) for condition in conditions):
            yield _never_fires(name, "its condition contradicts itself", place)
    for based in _based(plan):
        if based.basis.own is None and not _ever(plan.sources[name].in_force for name in based.basis.sources):
            yield _never_fires(based.id, "its sources are never in force together", based.place)


def _conditions(plan: Plan) -> Iterator[tuple[str, Place, list[Condition]]]:
    """What must hold together for each rule, list and adjustment."""
    ruled: list[ScoreRule | FindingRule] = [*_rules(plan), *plan.findings]
    for rule in ruled:
        yield rule.id, rule.place, [rule.when, *_of_events(rule.each)]
    for spread in plan.spread:
        yield spread.id, spread.place, [spread.start.when, *_of_events(spread.start.each)]
    for row in plan.recognition:
        yield row.id, row.place, [row.when]
    for duty in plan.obligations:
        yield duty.id, duty.place, _of_events(duty.each)
    for each in plan.lists:
        if each.opens is not None:
            yield each.name, each.place, [each.opens.when, *_of_events(each.opens.each)]
    for scale in plan.scales:
        for adjustment in scale.adjust:
            yield adjustment.id, adjustment.place, [adjustment.when]
    for watch in plan.supervision:
        yield watch.id, watch.place, [watch.when]


def _of_events(each: Selector | None) -> list[Condition]:
    return [] if each is None else [each.where]


def _never_fires(rule: str, why: str, place: Place) -> Problem:
    return Problem("never_fires", f"the rule {shown(rule)} can never fire: {why}", place, "correct it, or remove it")


def _ever(intervals: Iterable[InForce]) -> bool:
    """Whether some day lies in all of the intervals."""
    all_of = list(intervals)
    start = max((each.from_day for each in all_of if each.from_day is not None), default=date.min)
    end = min((each.until for each in all_of if each.until is not None), default=None)
    return end is None or start < end


# --- rows, sources, titles ------------------------------------------------------------------------------------


def _rows(policy: Policy) -> Iterator[Problem]:
    plan = policy.plan
    for scale in plan.scales:
        yield from _row_problems([row.condition for row in scale.rows], f"the scale {shown(scale.name)}", scale.place)
    owners: list[tuple[str, Place, object]] = [
        (f"the rule {shown(rule.id)}", rule.place, rule.points) for rule in _rules(plan)
    ]
    owners += [(f"the indicator {shown(each.name)}", each.place, each.value) for each in plan.indicators.values()]
    owners += [
        (f"the field {shown(f'{kind}.{name}')}", place_of(policy.written, "fields", kind, name), value)
        for (kind, name), value in plan.computed.items()
    ]
    owners += [("the audience of the policy", place_of(policy.written, "audience"), plan.audience)]
    owners += [(f"the audience of {shown(each.name)}", each.place, each.audience) for each in plan.scales]
    owners += [(f"the list {shown(each.name)}", each.place, each) for each in plan.lists]
    owners += [(f"the rule of spread {shown(each.id)}", each.place, each) for each in plan.spread]
    owners += [(f"the finding {shown(each.id)}", each.place, each) for each in plan.findings]
    owners += [(f"the obligation {shown(each.id)}", each.place, each) for each in plan.obligations]
    for owner, place, piece in owners:
        for node in walk(piece):
            if isinstance(node, Rows):
                yield from _row_problems([row.condition for row in node.rows], owner, place)


def _row_problems(rows: list[Condition], owner: str, place: Place) -> Iterator[Problem]:
    always = [index for index, condition in enumerate(rows) if condition == Constant(holds=True)]
    if not always:
        hint = "end with a row without a condition, if there is an answer for everyone else"
        yield Problem("gap", f"{owner}: where no row holds the answer is unknown", place, hint)
    elif always[0] + 1 < len(rows):
        message = (
            f"{owner}: row {always[0] + 1} always holds, so the {len(rows) - always[0] - 1} after it are never read"
        )
        yield Problem("row_never_read", message, place, "move it to the end")


def _without_source(plan: Plan) -> Iterator[Problem]:
    for parameter in plan.parameters.values():
        for dated in parameter.values:
            if not dated.source:
                message = f"the value of {shown(parameter.name)} since {dated.since} names no source"
                yield Problem("no_source", message, parameter.place, "write {value: ..., source: ID}")


def _untitled(policy: Policy) -> Iterator[Problem]:
    plan = policy.plan
    titled: list[tuple[str, Mapping[str, str], Place]] = [("the policy", plan.title, place_of(policy.written, "title"))]
    titled += [(f"the rule {shown(rule.id)}", rule.title, rule.place) for rule in _rules(plan)]
    titled += [(f"the list {shown(each.name)}", each.title, each.place) for each in plan.lists]
    titled += [(f"the measure {shown(each.id)}", each.title, each.place) for each in plan.measures.values()]
    titled += [(f"the text of the finding {shown(each.id)}", each.text, each.place) for each in plan.findings]
    for scale in plan.scales:
        titled += [(f"the adjustment {shown(each.id)}", each.title, each.place) for each in scale.adjust]
        titled += [(f"the label {shown(label)}", title, scale.place) for label, title in scale.titles.items()]
    for owner, title, place in titled:
        for language in LANGUAGES:
            if language not in title:
                yield Problem(
                    "missing_title", f"{owner} has no title in {language}", place, f"add title: {{{language}: ...}}"
                )
