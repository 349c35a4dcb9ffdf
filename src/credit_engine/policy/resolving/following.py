"""Findings, obligations and supervision: what follows from a record beside score, grades and lists."""

from __future__ import annotations

from attrs import evolve

from credit_engine.policy.nodes import OperatorField, Selector, Span, Value
from credit_engine.policy.places import did_you_mean, shown
from credit_engine.policy.plan import FindingRule, ObligationRule
from credit_engine.policy.plan_basis import Law
from credit_engine.policy.resolving.audiences import read_audience
from credit_engine.policy.resolving.context import Context, Scope
from credit_engine.policy.resolving.fields import event_field
from credit_engine.policy.resolving.refusals import Refusal, given, refuse, refuse_name, refuse_type
from credit_engine.policy.resolving.rules import (
    check_basis,
    check_unique,
    events_of,
    parameters_of,
    read_when,
    refuse_without_event,
    title_of,
    whole_event,
)
from credit_engine.policy.resolving.selectors import NEXT_KEYS, standing_alone
from credit_engine.policy.resolving.sources import basis_of, law_of_rule
from credit_engine.policy.resolving.spans import read_span
from credit_engine.policy.resolving.typed import words
from credit_engine.policy.written_following import FindingWritten, ObligationWritten
from credit_engine.quantities import DATE

SAYS = ("must", "may", "must_not")
OPERATOR, REGION = "operator", "operator.region"


def last_scope(context: Context) -> Scope:
    """What may be read where every answer about the party itself is there."""
    return Scope(indicators=True, score=True, scales=tuple(context.written.scales), lists={})


# --- findings -------------------------------------------------------------------------------------------------


def read_findings(context: Context, policy_law: Law) -> tuple[FindingRule, ...]:
    """The findings in the order of the policy."""
    written = context.written.findings
    check_unique(context, written, "finding")
    findings = [context.problems.attempt(_finding, context, each, policy_law) for each in written]
    return tuple(each for each in findings if each is not None)


def _finding(context: Context, written: FindingWritten, policy_law: Law) -> FindingRule:
    attempt = context.problems.attempt
    which = whole_event(context, written, "a finding") if written.has("each") else None
    kind = which.kind if which is not None else None
    if which is None:
        refuse_without_event(written, ("lasts",))
    each = attempt(events_of, context, which, written) if which is not None else None
    scope = evolve(last_scope(context), kind=kind)
    when = attempt(read_when, context, written, scope)
    says = attempt(_says, written)
    lasts = attempt(_lasts, context, written, evolve(scope, fields=kind is not None))
    audience = attempt(read_audience, context, written, scope)
    law = attempt(law_of_rule, context, written, (kind,) if kind else (), policy_law)
    basis = attempt(basis_of, context, written)
    attempt(check_basis, written)
    if which is not None:
        given(each)
    return FindingRule(
        id=written.rule,
        title=title_of(written, written.rule),
        each=each,
        when=given(when),
        says=given(says),
        text=written.text.as_dict(),
        lasts=given(lasts)[0],
        audience=given(audience),
        law=given(law),
        basis=given(basis),
        parameters=parameters_of(context, (each, when, lasts)),
        place=written.place(),
    )


def _says(written: FindingWritten) -> str:
    if written.says not in SAYS:
        raise refuse_name("wrong_type", "way to say it", written.says, SAYS, written.place("says"))
    return written.says


def _lasts(context: Context, written: FindingWritten, scope: Scope) -> tuple[Span | None]:
    return (read_span(context, written.lasts, scope, written.place("lasts")) if written.has("lasts") else None,)


# --- obligations ----------------------------------------------------------------------------------------------


def read_obligations(context: Context, policy_law: Law) -> tuple[ObligationRule, ...]:
    """The obligations in the order of the policy."""
    written = context.written.obligations
    check_unique(context, written, "obligation")
    obligations = [context.problems.attempt(_obligation, context, each, policy_law) for each in written]
    return tuple(each for each in obligations if each is not None)


def _obligation(context: Context, written: ObligationWritten, policy_law: Law) -> ObligationRule:
    attempt = context.problems.attempt
    which = whole_event(context, written, "an obligation")
    scope = Scope(fields=True, indicators=True, kind=which.kind)
    each = attempt(events_of, context, which, written)
    due = attempt(read_span, context, written.due, scope, written.place("due"))
    not_before = attempt(_not_before, context, written, scope)
    met_on = attempt(_met_on, context, written, which.kind)
    owed_by = attempt(_owed_by, context, written, which.kind)
    law = attempt(law_of_rule, context, written, (which.kind,), policy_law)
    basis = attempt(basis_of, context, written)
    attempt(check_basis, written)
    return ObligationRule(
        id=written.rule,
        title=title_of(written, written.rule),
        each=given(each),
        due=given(due),
        not_before=given(not_before)[0],
        met_on=given(met_on)[0],
        owed_by=given(owed_by),
        region_of_operator=written.owed_by == REGION,
        law=given(law),
        basis=given(basis),
        parameters=parameters_of(context, (each, due, not_before, met_on)),
        place=written.place(),
    )


def _not_before(context: Context, written: ObligationWritten, scope: Scope) -> tuple[Span | None]:
    place = written.place("not_before")
    return (read_span(context, written.not_before, scope, place) if written.has("not_before") else None,)


def _met_on(context: Context, written: ObligationWritten, kind: str) -> tuple[Value | Selector]:
    """A date field of the event, or the events that fulfil the duty."""
    raw, place = written.met_on, written.place("met_on")
    if isinstance(raw, str) and context.is_field(kind, raw):
        if raw in context.kinds:
            hint = "write {each: KIND} for events, or give the field another name"
            raise refuse("ambiguous_name", f"{shown(raw)} is a field of {kind} and a kind of event", place, hint)
        typed = event_field(context, kind, raw, place)
        if typed.type_ != DATE:
            raise refuse("type_mismatch", f"{shown(raw)} is {words(typed.type_)}, not a date", place)
        return (typed.value,)
    if isinstance(raw, str) and raw not in context.kinds:
        if context.told("fields", kind) or context.told("fields", f"{kind}.{raw}") or context.told("kinds", raw):
            raise Refusal
        dates = [name for name, type_ in context.fields[kind].items() if type_ == DATE]
        hint = did_you_mean(raw, [*dates, *context.kinds])
        raise refuse("unknown_field", f"there is no date field of {kind} or kind of event {shown(raw)}", place, hint)
    return (standing_alone(context, raw, Scope(kind=kind), place, NEXT_KEYS),)


def _owed_by(context: Context, written: ObligationWritten, kind: str) -> Value:
    """A text field of the event, the party itself, or the region where it is registered."""
    raw, place = written.owed_by, written.place("owed_by")
    if not isinstance(raw, str):
        raise refuse_type("the name of a field", raw, place, "owed_by: authority")
    if raw in (OPERATOR, REGION):
        return OperatorField("id" if raw == OPERATOR else "region")
    if not context.is_field(kind, raw):
        if context.told("fields", kind) or context.told("fields", f"{kind}.{raw}"):
            raise Refusal
        raise refuse_name(
            "unknown_field", f"field of {kind}", raw, [*context.field_names(kind), OPERATOR, REGION], place
        )
    typed = event_field(context, kind, raw, place)
    if typed.type_.name not in ("text", "party"):
        raise refuse(
            "type_mismatch", f"{shown(raw)} is {words(typed.type_)}, and names nobody", place, "owed_by: authority"
        )
    return typed.value
