"""The order in which a policy is resolved: what is declared, then what is computed, then the steps of an assessment.

Every piece is read whether or not others could be; all problems are raised at once, in the order of the text.
"""

from __future__ import annotations

from credit_engine.errors import PolicyError, Problem
from credit_engine.policy.nodes import (
    Constant,
)
from credit_engine.policy.places import place_of, value_place_of
from credit_engine.policy.plan import Admission, Plan
from credit_engine.policy.plan_basis import Law
from credit_engine.policy.resolving.audiences import read_audience
from credit_engine.policy.resolving.conditions import read_condition
from credit_engine.policy.resolving.context import Context, Notes, Scope
from credit_engine.policy.resolving.declarations import (
    check_anchors,
    good_name,
    read_fields,
    read_kinds,
    read_relations,
)
from credit_engine.policy.resolving.fields import event_field
from credit_engine.policy.resolving.following import last_scope, read_findings, read_obligations
from credit_engine.policy.resolving.gaps import check_gaps
from credit_engine.policy.resolving.grading import read_scales
from credit_engine.policy.resolving.lists import read_lists
from credit_engine.policy.resolving.measures import read_measures
from credit_engine.policy.resolving.names import resolve_indicator
from credit_engine.policy.resolving.parameters import read_parameters
from credit_engine.policy.resolving.recognition import read_recognition
from credit_engine.policy.resolving.refusals import Refusal, refuse_name
from credit_engine.policy.resolving.scoring import read_score
from credit_engine.policy.resolving.selectors import read_per, read_selector, read_standing
from credit_engine.policy.resolving.sources import read_law, read_sources
from credit_engine.policy.resolving.spreading import read_spread
from credit_engine.policy.resolving.supervising import read_supervision
from credit_engine.policy.resolving.values import read_value
from credit_engine.policy.written import PolicyWritten
from credit_engine.records import TAKES_PART


def resolve(written: PolicyWritten, notes: Notes | None = None) -> Plan:
    """The plan of a policy; raises `PolicyError` with every problem found. `notes` takes where its pieces stand."""
    context = Context(written, read_value, read_condition, read_selector, broken=written.broken, notes=notes)
    context.problems.found.extend(written.refused)
    _read_declarations(context)
    context.relations = read_relations(context)
    _read_computed(context)
    admits = _read_admits(context)
    law = _read_policy_law(context)
    score = read_score(context, law)
    measures = read_measures(context)
    lists = read_lists(context, law)
    scales = read_scales(context)
    spread = read_spread(context, law, lists, scales)
    recognition = read_recognition(context, lists)
    findings = read_findings(context, law)
    obligations = read_obligations(context, law)
    supervision = read_supervision(context)
    check_gaps(context)
    audience = context.problems.attempt(read_audience, context, written, last_scope(context))
    if context.problems.found or audience is None:
        raise PolicyError(sorted(context.problems.found, key=by_place))
    return Plan(
        policy=written.policy,
        title=written.title.as_dict(),
        illustrative=written.illustrative,
        regions=tuple(written.regions),
        audience=audience,
        law=law,
        sources=context.sources,
        kinds=context.kinds,
        relations=context.relations,
        field_types=context.fields,
        computed={key: typed.value for key, typed in context.computed.items() if typed is not None},
        parameters=context.parameters,
        admits=admits,
        indicators={
            name: resolved.named for name in written.indicators if (resolved := context.indicators[name]) is not None
        },
        score=score,
        scales=scales,
        lists=lists,
        measures=measures,
        spread=spread,
        recognition=recognition,
        findings=findings,
        obligations=obligations,
        supervision=supervision,
        place=written.place(),
    )


def by_place(problem: Problem) -> tuple[str, int, int, str, str]:
    """The order in which problems are told: as the text stands."""
    place = problem.place
    return (place.file, place.line or 0, place.column or 0, problem.code, problem.message)


def _read_declarations(context: Context) -> None:
    read_kinds(context)
    read_fields(context)
    check_anchors(context)
    read_sources(context)
    read_parameters(context)
    section = context.written.raw.get("indicators")
    for name in context.written.indicators:
        if name == "score":
            context.problems.tell("ambiguous_name", "`score` has a meaning of its own", place_of(section, name))
        good_name(context, name, "an indicator", place_of(section, name))
    for kind, admits in context.written.admits.items():
        standing = context.problems.attempt(read_standing, context, admits.raw, TAKES_PART)
        context.admitted[kind] = standing or TAKES_PART


def _read_computed(context: Context) -> None:
    """Every computed field and indicator, read or not."""
    for kind, name in context.formulas:
        context.problems.attempt(event_field, context, kind, name, context.formulas[kind, name])
    section = context.written.raw.get("indicators")
    for name in context.written.indicators:
        context.problems.attempt(resolve_indicator, context, name, value_place_of(section, name))


def _read_admits(context: Context) -> dict[str, Admission]:
    admits = {}
    for kind in context.written.admits:
        admission = context.problems.attempt(_admission, context, kind)
        if admission is not None:
            admits[kind] = admission
    return admits


def _admission(context: Context, kind: str) -> Admission:
    written = context.written.admits[kind]
    if kind not in context.kinds:
        if context.told("kinds", kind):
            raise Refusal
        place = place_of(context.written.raw["admits"], kind)
        raise refuse_name("unknown_kind", "kind of event", kind, context.kinds, place)
    scope = Scope(fields=True, kind=kind, moves=False)
    where = (
        Constant(holds=True)
        if not written.has("where")
        else context.problems.attempt(context.read_condition, context, written.where, scope, written.place("where"))
    )
    per = context.problems.attempt(read_per, context, kind, written.raw, moves=False)
    if where is None or per is None:
        raise Refusal
    return Admission(kind, context.admitted[kind], where, per)


def _read_policy_law(context: Context) -> Law:
    written = context.written
    if not written.has("law_of"):
        return Law()
    return context.problems.attempt(read_law, context, written.law_of, written.place("law_of")) or Law()
