"""Findings, obligations and supervision."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_engine.days import Period
from credit_engine.policy.nodes import (
    ComputedField,
    Constant,
    EventField,
    Literal,
    OnList,
    OperatorField,
    OwnGrade,
    OwnScore,
    Selector,
    walk,
)
from credit_engine.policy.plan import FindingRule, ObligationRule, SupervisionRule
from credit_engine.policy.plan_basis import Basis, Law
from sample_policies import codes_of, plan_of


def finding(rest: str, sections: str = "") -> FindingRule:
    (found,) = plan_of(f"{sections}findings: [{{rule: one, says: must, basis: [law], {rest}}}]\n").findings
    return found


def obligation(rest: str, sections: str = "", each: str = "violation") -> ObligationRule:
    body = f"obligations: [{{rule: one, each: {each}, due: {{for: 20wd, from: decided}}, basis: [law], {rest}}}]\n"
    (found,) = plan_of(sections + body).obligations
    return found


def watch(rest: str) -> SupervisionRule:
    (found,) = plan_of(f"supervision: [{{rule: one, {rest}}}]\n").supervision
    return found


# --- findings -----------------------------------------------------------------------------------------------------


def test_a_finding_looks_at_each_event_or_at_the_party() -> None:
    assert finding("").each is None
    each = finding("each: violation, where: {severity: severe}, by: published, standing: [final], per: [document]").each
    assert each is not None
    assert (each.kind, each.by, each.per) == ("violation", ("published",), (EventField("document"),))
    assert each.standing == {"final"}


def test_a_finding_has_the_law_of_its_event_else_of_the_day() -> None:
    assert finding("each: violation", "law_of: [answered, occurred]\n").law == Law(("occurred",))
    assert finding("each: violation, law_of: decided").law == Law(("decided",))
    assert finding("", "law_of: occurred\n").law == Law(as_of=True)


def test_a_finding_reads_score_grades_and_lists() -> None:
    sections = (
        "score: {start: 100}\nlists: {severe: {polarity: negative, foundation: law}}\n"
        "grades: {one: {order: [A, B], rows: [{grade: A}]}, two: {order: [C], rows: [{grade: C}]}}\n"
    )
    when = finding("each: violation, when: {score: {below: 60}, grade.two: C, on_list.severe: true}", sections).when
    assert {type(node) for node in walk(when) if isinstance(node, OwnScore | OwnGrade | OnList)} == {
        OwnScore,
        OwnGrade,
        OnList,
    }


def test_a_finding_says_its_text_and_lasts_as_written() -> None:
    found = finding("each: violation, text: {zh: 停产}, lasts: {for: 1y, from: decided}")
    assert (found.says, found.text, found.title) == ("must", {"zh": "停产"}, {"zh": "one", "en": "one"})
    assert found.lasts is not None
    assert found.lasts.rows[0].for_ == Literal(Period.read("1y"))
    assert finding("each: violation").lasts is None
    assert finding("each: violation").audience == Literal("public")


def test_the_ids_of_findings_obligations_and_supervision_are_apart() -> None:
    body = (
        "findings: [{rule: one, says: may, basis: [law]}]\nobligations:\n"
        "  - {rule: one, each: violation, due: {for: 1d}, met_on: published, owed_by: authority, basis: [law]}\n"
        "supervision: [{rule: one, notice: look}]\n"
    )
    assert codes_of(body) == []


@pytest.mark.parametrize(
    "rest",
    ["each: violation, law_of: {lenient: [occurred, decided]}", "each: violation, when: {fine: 1}", "by: decided"],
)
def test_findings_that_cannot_be_read_are_refused(rest: str) -> None:
    codes = codes_of(f"findings: [{{rule: one, says: must, basis: [law], {rest}}}]\n")
    assert codes in (["lenient_needs_deduct"], ["when_names_field"], ["needs_event"])


# --- obligations --------------------------------------------------------------------------------------------------


def test_a_duty_is_met_on_a_day_of_the_event_or_by_the_first_such_event() -> None:
    assert obligation("met_on: published, owed_by: authority").met_on == EventField("published")
    own = "fields: {violation: {told: date, done: {lowest: [told, published]}}}\n"
    assert obligation("met_on: told, owed_by: authority", own).met_on == EventField("told", declared=True)
    assert obligation("met_on: done, owed_by: authority", own).met_on == ComputedField("violation", "done")
    by_event = obligation("met_on: {each: list_decision, where: {step: revoke}}, owed_by: authority").met_on
    assert isinstance(by_event, Selector)
    assert (by_event.kind, by_event.by) == ("list_decision", ("decided",))
    by_kind = obligation("met_on: rectification, owed_by: authority").met_on
    assert isinstance(by_kind, Selector)
    assert (by_kind.kind, by_kind.by) == ("rectification", ("occurred",))


def test_a_name_that_is_a_field_and_a_kind_is_refused() -> None:
    body = "kinds: {told: decided}\nfields: {violation: {told: date}}\n"
    rest = (
        "obligations: [{rule: one, each: violation, due: {for: 1d}, met_on: told, owed_by: authority, basis: [law]}]\n"
    )
    assert codes_of(body + rest) == ["ambiguous_name"]


@pytest.mark.parametrize(
    ("owed_by", "value", "of_operator"),
    [
        ("authority", EventField("authority"), False),
        ("party", EventField("party"), False),
        ("operator", OperatorField("id"), False),
        ("operator.region", OperatorField("region"), True),
    ],
)
def test_a_duty_is_owed_by_a_field_the_party_or_its_region(owed_by: str, value: object, *, of_operator: bool) -> None:
    found = obligation(f"met_on: published, owed_by: {owed_by}")
    assert (found.owed_by, found.region_of_operator) == (value, of_operator)


def test_a_duty_may_come_from_what_was_withdrawn() -> None:
    assert obligation("met_on: published, owed_by: authority, standing: [withdrawn]").each.standing == {"withdrawn"}
    assert obligation("met_on: published, owed_by: authority").each.standing == {"found", "final"}


def test_nothing_done_before_a_first_day_counts() -> None:
    found = obligation("met_on: published, owed_by: authority, not_before: {for: 5wd, from: decided}")
    assert found.not_before is not None
    assert found.not_before.rows[0].for_ == Literal(Period.read("5wd"))


# --- supervision --------------------------------------------------------------------------------------------------


def test_supervision_speaks_of_inspections_of_sampling_or_of_a_notice() -> None:
    found = watch("inspections: {at_least: 3, at_most: 4, per: 1y}, sampling: {times: 2}")
    assert (found.at_least, found.at_most, found.per, found.times, found.notice) == (
        3,
        4,
        Period.read("1y"),
        Fraction(2),
        None,
    )
    assert (watch("notice: assistance").notice, watch("notice: assistance").basis) == ("assistance", Basis())
    assert watch("notice: assistance").when == Constant(holds=True)


@given(st.integers(0, 999), st.integers(1, 999))
def test_the_factor_of_sampling_is_exact(above: int, below: int) -> None:
    assert watch(f"sampling: {{times: {above}/{below}}}").times == Fraction(above, below)


@pytest.mark.parametrize(("per", "codes"), [("6m", []), ("2y", []), ("0y", ["bad_period"]), ("20wd", ["bad_period"])])
def test_inspections_are_counted_per_months_or_years(per: str, codes: list[str]) -> None:
    assert codes_of(f"supervision: [{{rule: one, inspections: {{at_least: 1, per: {per}}}}}]\n") == codes


@pytest.mark.parametrize(("high", "codes"), [(2, ["bad_range"]), (3, []), (4, [])])
def test_the_most_inspections_are_no_fewer_than_the_least(high: int, codes: list[str]) -> None:
    assert codes_of(f"supervision: [{{rule: a, inspections: {{at_least: 3, at_most: {high}, per: 1y}}}}]\n") == codes
