"""Spread: where a rule starts, the steps it takes, what arrives, and which law it needs for that."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_engine.days import Period
from credit_engine.policy.nodes import (
    All,
    Compare,
    Condition,
    Constant,
    EventField,
    Item,
    Literal,
    OneOf,
    OnList,
    OwnGrade,
    OwnScore,
    Parameter,
    Rows,
    walk,
)
from credit_engine.policy.plan_basis import Basis, InForce, Law
from credit_engine.policy.plan_spreading import OverRelation, Start, ToNamed
from credit_engine.policy.resolving.steps import roles_of
from credit_engine.quantities import Thousandths
from sample_spreading import EACH, HEAD, LISTED, OVER, SCORED, codes, codes_of, plan_of, problems_of, rule


def first(rest: str, sections: str = "") -> OverRelation:
    branch = rule(rest, sections).branches[0]
    assert isinstance(branch, OverRelation)
    return branch


# --- where it starts ----------------------------------------------------------------------------------------------


def test_a_rule_starts_from_events_with_all_that_chooses_them() -> None:
    start = rule(
        "from: {each: violation, where: {severity: severe}, standing: [alleged], by: published, per: [document],"
        f" when: {{seen: {{at_least: 2}}}}}}, lasts: {{from: decided}}, {OVER}, effect: alert",
        "indicators: {seen: {count: violation}}\n",
    ).start
    assert start.each is not None
    assert (start.each.kind, start.each.by, start.each.standing) == (
        "violation",
        ("published",),
        frozenset({"alleged"}),
    )
    assert (start.each.per, start.lists) == ((EventField("document"),), ())
    assert isinstance(start.when, Compare)


def test_a_rule_starts_from_entries_of_one_list_or_of_several() -> None:
    assert rule(f"{LISTED}, {OVER}, effect: alert").start == Start(None, ("severe",), Constant(holds=True))
    assert rule(f"from: {{list: [good, severe, good]}}, {OVER}, effect: alert").start.lists == ("good", "severe")


def test_a_rule_starts_from_the_own_answer() -> None:
    sections = SCORED + "grades: {order: [A, D], rows: [{grade: D}]}\n"
    start = rule(
        f"from: {{when: {{score: {{below: 60}}, grade: D, on_list.severe: false}}}}, {OVER}, effect: alert", sections
    ).start
    assert start.each is None
    assert {OwnScore, OwnGrade, OnList} <= {type(node) for node in walk(start.when)}


def test_what_starts_from_an_event_is_asked_from_its_viewpoint_and_of_the_day_judged() -> None:
    when = "when: {score: {below: 60}, on_list.severe: true, seen: {at_least: 1}}"
    sections = SCORED + "indicators: {seen: {count: violation, same: [authority]}}\n"
    assert not codes(f"from: {{each: violation, {when}}}, lasts: {{from: decided}}, {OVER}, effect: alert", sections)
    assert codes(f"from: {{{when}}}, {OVER}, effect: alert", sections) == ["needs_event"]


# --- the steps ----------------------------------------------------------------------------------------------------


def test_a_step_over_relations_is_read_with_its_defaults() -> None:
    branch = first(f"{LISTED}, {OVER}, effect: alert")
    assert branch == OverRelation(("shareholder",), "target", Literal("day"))
    assert (branch.place.line, branch.place.column) == (9, 52)


def test_a_step_has_kinds_a_share_and_a_direction() -> None:
    step = "{relation: [branch, host, branch], to: source, share: {at_least: 1/3, below: 50%}, held_on: listed}"
    branch = first(f"{LISTED}, along: [{step}], effect: alert")
    assert (branch.kinds, branch.to, branch.held_on) == (("branch", "host"), "source", Literal("listed"))
    assert branch.share == (("at_least", Fraction(1, 3)), ("below", Fraction(1, 2)))


def test_declared_relations_can_be_gone_over() -> None:
    relations = "relations: {owner: {source: person, target: operator}}\n"
    assert first(f"{LISTED}, along: [{{relation: owner, to: source}}], effect: alert", relations).kinds == ("owner",)


def test_steps_and_choices_stay_in_order() -> None:
    step = "{any: [{relation: branch, to: target}, {named: responsible}]}"
    found = rule(f"{EACH}, along: [{step}, {{relation: employee, to: target}}], effect: alert")
    assert [[type(branch) for branch in each] for each in found.along] == [[OverRelation, ToNamed], [OverRelation]]
    assert len(found.branches) == 3
    assert not found.together


def test_the_day_of_a_relation_is_a_date_of_the_event_or_of_the_ground_of_the_list() -> None:
    step = "along: [{relation: branch, to: target, held_on: occurred}], effect: alert"
    assert first(f"{EACH}, {step}").held_on == Literal("occurred")
    assert first(f"{LISTED}, {step}").held_on == Literal("occurred")
    assert codes(f"from: {{list: good}}, {step}") == []  # a decision has a day on which it occurred, too
    assert codes(f"from: {{list: good}}, {step.replace('occurred', 'restricted_until')}") == ["unknown_field"]


def test_the_day_of_a_relation_may_change_with_the_law() -> None:
    values = "{2015-10-01: {value: occurred}, 2021-01-01: {value: day}, 2024-01-01: {value: null}, 2025-01-01: {ended: true}}"
    sections = f"parameters: {{role.at: {{unit: field, values: {values}}}}}\n"
    found = rule(f"{EACH}, along: [{{relation: branch, to: target, held_on: $role.at}}], effect: alert", sections)
    assert isinstance(found.branches[0], OverRelation)
    assert found.branches[0].held_on == Parameter("role.at")
    assert found.parameters == ("role.at",)


def test_every_value_of_a_field_parameter_must_be_a_day_of_the_origin() -> None:
    sections = "parameters: {at: {unit: field, values: {2015-10-01: {value: occurred}, 2021-01-01: {value: listed}}}}\n"
    step = "along: [{relation: branch, to: target, held_on: $at}], effect: alert"
    (problem,) = problems_of(f"{sections}spread: [{{rule: one, {EACH}, {step}}}]\n")
    assert problem.code == "unknown_field"
    assert "since 2021-01-01" in problem.message
    assert codes(f"{LISTED}, {step}", sections) == []


def test_a_field_named_listed_is_not_mixed_up_with_the_day_of_the_listing() -> None:
    sections = "fields: {violation: {listed: date}}\n"
    step = "along: [{relation: branch, to: target, held_on: listed}], effect: alert"
    assert codes(f"{LISTED}, {step}", sections) == ["ambiguous_name"]


def test_persons_named_are_chosen_by_what_the_event_says_of_them() -> None:
    (branch,) = rule(f"{EACH}, along: [{{named: responsible, where: {{item.role: manager}}}}], effect: alert").branches
    assert isinstance(branch, ToNamed)
    assert (branch.element, branch.roles) == (EventField("responsible"), ("manager",))


def test_a_declared_list_can_name_persons() -> None:
    sections = "fields: {violation: {helpers: {list: {person: party, role: {one_of: [driver, guard]}}}}}\n"
    (branch,) = rule(
        f"{EACH}, along: [{{named: helpers, where: {{item.role: driver}}}}], effect: alert", sections
    ).branches
    assert isinstance(branch, ToNamed)
    assert branch.element == EventField("helpers", declared=True)
    wrong = f"{EACH}, along: [{{named: helpers, where: {{item.role: drivers}}}}], effect: alert"
    assert codes(wrong, sections) == ["unknown_label"]


ROLES = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True)


@given(choices=st.lists(ROLES, max_size=3), other=st.booleans())
def test_the_roles_that_a_condition_fixes_are_those_that_every_part_allows(
    *, choices: list[list[str]], other: bool
) -> None:
    parts: list[Condition] = [OneOf(Item("role"), tuple(Literal(role) for role in roles)) for roles in choices]
    if other:
        parts.append(Compare(Item("person"), "is", Literal("N1")))
    expected = [role for role in choices[0] if all(role in roles for roles in choices)] if choices else []
    assert roles_of(All(tuple(parts))) == tuple(expected)


@pytest.mark.parametrize(
    "where",
    ["not: {item.role: a}", "any: [{item.role: a}, {item.person: N1}]", "item.role: {known: true}", "item.person: N1"],
)
def test_what_does_not_fix_a_role_fixes_none(where: str) -> None:
    (branch,) = rule(f"{EACH}, along: [{{named: responsible, where: {{{where}}}}}], effect: alert").branches
    assert isinstance(branch, ToNamed)
    assert branch.roles == ()


# --- how far it goes ----------------------------------------------------------------------------------------------


def test_one_step_may_be_taken_again_until_nothing_is_new_or_so_often() -> None:
    once, until, often = (
        rule(f"{LISTED}, {OVER}, {rest} effect: alert") for rest in ("", "repeat: until_stable,", "hops: 3,")
    )
    assert [(each.again, each.hops) for each in (once, until, often)] == [(False, None), (True, None), (True, 3)]


def test_weights_are_exact() -> None:
    found = rule(f"{LISTED}, {OVER}, hops: 3, weight: 0.3, drop_below: 1/10, effect: alert")
    assert (found.weight, found.drop_below) == (Fraction(3, 10), Fraction(1, 10))
    plain = rule(f"{LISTED}, {OVER}, effect: alert")
    assert (plain.weight, plain.drop_below, plain.most) == (Fraction(1), None, 1_000_000)
    assert rule(f"{LISTED}, {OVER}, most: 10, effect: alert").most == 10


@pytest.mark.parametrize("weight", ["0", "2", "-1/2", "heavy", "true", "[1]"])
def test_a_weight_is_a_fraction_above_nothing_and_at_most_one(weight: str) -> None:
    assert codes(f"{LISTED}, {OVER}, hops: 3, weight: {weight}, effect: alert") == ["bad_weight"]


def test_shares_that_add_up_belong_to_the_rule_as_a_whole() -> None:
    step = "{relation: shareholder, to: target, share: {above: 50%}, together: true}"
    found = rule(
        f"{LISTED}, along: [{{any: [{step}, {{relation: branch, to: target}}]}}], repeat: until_stable, effect: alert"
    )
    assert found.together
    assert [isinstance(each, OverRelation) and each.together for each in found.branches] == [True, False]


# --- what arrives -------------------------------------------------------------------------------------------------


def test_points_are_signed_and_any_value() -> None:
    assert rule(f"{LISTED}, {OVER}, effect: points, points: -2.5, basis: [rules]").points == Literal(Thousandths(-2500))
    sections = "parameters: {less: {unit: points, values: {2020-01-01: {value: -10}}}}\n"
    found = rule(f"{LISTED}, {OVER}, effect: points, points: $less, basis: [rules]", sections)
    assert (found.points, found.parameters) == (Parameter("less"), ("less",))
    rows = "{rows: [{where: {severity: severe}, value: -20}, {value: -10}]}"
    assert isinstance(rule(f"{EACH}, {OVER}, effect: points, points: {rows}, basis: [law]").points, Rows)


@pytest.mark.parametrize(
    ("listed", "points", "expected"),
    [
        ("severe", "10", ["wrong_sign"]),
        ("severe", "-10", []),
        ("good", "-10", ["wrong_sign"]),
        ("good", "10", []),
        ("[good, severe]", "10", ["wrong_sign"]),
        ("severe", "{rows: [{when: {score: {below: 50}}, value: -20}, {value: 5}]}", ["wrong_sign"]),
        ("severe", "$more", ["wrong_sign"]),
        ("severe", "0", []),
    ],
)
def test_a_negative_list_gives_no_points_and_a_positive_one_takes_none(
    listed: str, points: str, expected: list[str]
) -> None:
    sections = (
        SCORED + "parameters: {more: {unit: points, values: {2020-01-01: {value: -1}, 2024-01-01: {value: 1}}}}\n"
    )
    rest = f"from: {{list: {listed}}}, {OVER}, effect: points, points: {points}, basis: [rules]"
    assert codes(rest, sections) == expected


def test_an_effect_of_an_event_lasts_as_the_rule_says() -> None:
    lasts = rule(f"from: {{each: violation}}, {OVER}, lasts: {{from: decided, for: 5y}}, effect: alert").lasts
    assert lasts is not None
    assert (lasts.rows[0].from_, lasts.rows[0].for_) == ((EventField("decided"),), Literal(Period(5, "y")))
    assert rule(f"{LISTED}, {OVER}, effect: alert").lasts is None


def test_the_law_is_that_of_the_event_else_of_the_day_judged() -> None:
    assert rule(f"{EACH}, {OVER}, effect: alert", "law_of: [answered, occurred]\n").law == Law(("occurred",))
    assert rule(f"{EACH}, {OVER}, law_of: published, effect: alert").law == Law(("published",))
    assert rule(f"{LISTED}, {OVER}, effect: alert", "law_of: occurred\n").law == Law(as_of=True)


def test_basis_title_and_audience_are_read_as_elsewhere() -> None:
    audience = "{rows: [{where: {severity: severe}, value: department}, {value: public}]}"
    found = rule(
        f"{EACH}, {OVER}, audience: {audience}, in_force: {{from: 2021-01-01}}, basis: [law], effect: attention"
    )
    assert found.basis == Basis(("law",), InForce(date(2021, 1, 1)))
    assert found.title == {"zh": "one", "en": "one"}
    assert isinstance(found.audience, Rows)


def test_the_parameters_are_those_that_any_part_reads() -> None:
    sections = (
        "parameters:\n"
        "  a: {unit: count, values: {2020-01-01: {value: 1}}}\n"
        "  b: {unit: period, values: {2020-01-01: {value: 1y}}}\n"
        "  c: {unit: field, values: {2020-01-01: {value: decided}}}\n"
        "  d: {unit: fen, values: {2020-01-01: {value: 1 yuan}}}\n"
        "indicators: {seen: {count: violation, where: {fine: {above: $d}}}}\n"
    )
    found = rule(
        "from: {each: violation, when: {seen: {at_least: $a}}}, lasts: {from: decided, for: $b},"
        " along: [{relation: branch, to: target, held_on: $c}], effect: alert",
        sections,
    )
    assert found.parameters == ("a", "b", "c", "d")


# --- as part of a policy ------------------------------------------------------------------------------------------


def test_all_mistakes_of_a_rule_are_told_at_once() -> None:
    body = (
        "spread:\n  - {rule: one, from: {each: violation, where: {sort: a}}, along: [{relation: friend, to: source},"
        " {relation: branch, to: top, held_on: never}], weight: 3, effect: bar}\n"
    )
    assert sorted(codes_of(body)) == sorted(
        ["unknown_field", "unknown_relation", "wrong_type", "unknown_field", "bad_weight", "missing_key", "no_basis"]
    )


def test_what_was_refused_already_is_no_second_mistake() -> None:
    head = HEAD.replace("polarity: negative", "polarity: worst")
    assert codes(f"{LISTED}, {OVER}, effect: alert", head=head) == ["wrong_type"]
    relations = "relations: {owner: {start: person}}\n"
    assert codes(f"{LISTED}, along: [{{relation: owner, to: source}}], effect: alert", relations) == ["unknown_key"]
    parameters = "parameters: {at: {unit: fields, values: {2020-01-01: {value: decided}}}}\n"
    step = "along: [{relation: branch, to: source, held_on: $at}]"
    assert codes(f"{EACH}, {step}, effect: alert", parameters) == ["unknown_unit"]


def test_the_plan_tells_spread_apart_and_forgets_where_it_stood() -> None:
    body = f"spread:\n  - {{rule: one, {LISTED}, {OVER}, effect: alert}}\n"
    plan = plan_of(body)
    assert plan.hash == plan_of(f"\n\n{body}").hash
    assert plan.hash != plan_of(body.replace("to: target", "to: source")).hash
    assert plan.hash != plan_of("").hash
