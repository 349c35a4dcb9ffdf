from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_engine.days import Period
from credit_engine.policy.nodes import (
    Aggregate,
    All,
    Any_,
    Compare,
    Condition,
    Constant,
    DayAfter,
    EventField,
    GradeRank,
    Holds,
    Indicator,
    Inside,
    Item,
    Known,
    Literal,
    OneOf,
    OperatorField,
    OwnGrade,
    Parameter,
    Province,
    Scaled,
    Selector,
    SetTest,
    Truth,
    ViewDay,
    walk,
)
from credit_engine.quantities import Thousandths
from sample_policies import codes_of, plan_of


def where(condition: str, sections: str = "", kind: str = "violation") -> Condition:
    plan = plan_of(f"{sections}\nindicators: {{x: {{count: {kind}, where: {condition}}}}}\n")
    value = plan.indicators["x"].value
    assert isinstance(value, Aggregate)
    return value.selector.where


def when(condition: str, sections: str) -> Condition:
    value = plan_of(f"{sections}\n  it: {{holds: {condition}}}\n").indicators["it"].value
    assert isinstance(value, Holds)
    return value.condition


FINE = EventField("fine", implied=("penalties", frozenset({"fine"}), 0))

leaves = st.sampled_from(
    [
        "heavier: true",
        "severity: severe",
        "severity: [minor, general]",
        'fine: {at_least: "500 yuan", below: "2 万元"}',
        "penalties: {has_any: [fine, closure]}",
        "decided: {known: true}",
        'region: {inside: "310000"}',
    ]
)
conditions = st.recursive(
    leaves.map(lambda leaf: f"{{{leaf}}}"),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"{{all: [{', '.join(parts)}]}}"),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"{{any: [{', '.join(parts)}]}}"),
        inner.map(lambda part: f"{{not: {part}}}"),
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=60)
@given(conditions)
def test_twice_not_is_nothing(condition: str) -> None:
    assert where(f"{{not: {{not: {condition}}}}}") == where(condition)


@settings(deadline=None, max_examples=60)
@given(conditions, conditions)
def test_not_all_is_any_not(one: str, other: str) -> None:
    assert where(f"{{not: {{all: [{one}, {other}]}}}}") == where(f"{{any: [{{not: {one}}}, {{not: {other}}}]}}")


@settings(deadline=None, max_examples=60)
@given(conditions)
def test_only_leaves_are_negated(condition: str) -> None:
    read = where(f"{{not: {condition}}}")
    joints = [node for node in walk(read) if isinstance(node, All | Any_)]
    assert all(not hasattr(joint, "negated") for joint in joints)
    assert all(len(joint.parts) > 1 for joint in joints)


def test_all_keys_of_a_mapping_hold() -> None:
    read = where("{heavier: true, intent: false}")
    heavier, intent = EventField("heavier"), EventField("intent")
    assert read == All((Truth(heavier, name="heavier"), Truth(intent, negated=True, name="intent")))


def test_an_empty_condition_always_holds_and_never_under_not() -> None:
    assert where("{}") == Constant(holds=True)
    assert where("{not: {}}") == Constant(holds=False)


@pytest.mark.parametrize("op", ["at_least", "above", "at_most", "below"])
def test_a_comparison_keeps_its_side_and_its_name(op: str) -> None:
    assert where(f'{{fine: {{{op}: "500 yuan"}}}}') == Compare(FINE, op, Literal(50000), name="fine")


def test_both_ends_of_between_are_included() -> None:
    read = where("{decided: {between: [2024-01-01, 2024-12-31]}}")
    field = EventField("decided")
    ends = ("at_least", date(2024, 1, 1)), ("at_most", date(2024, 12, 31))
    assert read == All(tuple(Compare(field, op, Literal(day), name="decided") for op, day in ends))


def test_several_tests_of_one_name_under_not_are_alternatives() -> None:
    read = where('{not: {fine: {at_least: "1 yuan", below: "2 yuan"}}}')
    ends = ("at_least", 100), ("below", 200)
    assert read == Any_(tuple(Compare(FINE, op, Literal(fen), negated=True, name="fine") for op, fen in ends))


def test_a_list_on_the_right_is_one_of_several() -> None:
    read = where("{severity: [minor, severe]}")
    assert read == OneOf(EventField("severity"), (Literal("minor"), Literal("severe")), name="severity")


@pytest.mark.parametrize("op", ["has_any", "has_all", "has_none", "only"])
def test_sets_are_tested_by_their_codes(op: str) -> None:
    read = where(f"{{penalties: {{{op}: [fine, closure]}}}}")
    assert read == SetTest(EventField("penalties"), op, (Literal("fine"), Literal("closure")), name="penalties")


def test_has_takes_one_code() -> None:
    read = where("{acts: {has: label}}")
    assert read == SetTest(EventField("acts"), "has", (Literal("label"),), name="acts")
    assert codes_of("indicators: {x: {count: violation, where: {acts: {has: [label]}}}}\n") == ["wrong_type"]


def test_known_false_is_known_negated_and_not_known_false_is_known() -> None:
    read = EventField("decided")
    assert where("{decided: {known: true}}") == Known(read, name="decided")
    assert where("{decided: {known: false}}") == Known(read, negated=True, name="decided")
    assert where("{not: {decided: {known: false}}}") == Known(read, name="decided")


def test_inside_takes_a_code_or_a_name() -> None:
    assert where('{region: {inside: "310000"}}') == Inside(EventField("region"), Literal("310000"), name="region")
    province = Province(OperatorField("region"))
    read = where("{region: {inside: {of: operator.region.province}}}")
    assert read == Inside(EventField("region"), province, name="region")


def test_after_compares_with_the_day_a_period_later() -> None:
    read = where("{published: {above: 15wd, after: decided}}")
    later = DayAfter(EventField("decided"), Literal(Period(15, "wd")))
    assert read == Compare(EventField("published"), "above", later, name="published")


def test_after_takes_the_day_of_the_party_and_of_the_viewpoint() -> None:
    sections = "indicators:"
    read = when("{day: {at_least: 3y, after: operator.registered}}", sections)
    later = DayAfter(OperatorField("registered"), Literal(Period(3, "y")))
    assert read == Compare(ViewDay(), "at_least", later, name="day")


def test_after_goes_with_between() -> None:
    read = where("{published: {between: [1d, 5d], after: 2024-01-01}}")
    assert [part.right for part in _parts(read)] == [
        DayAfter(Literal(date(2024, 1, 1)), Literal(Period(count, "d"))) for count in (1, 5)
    ]


def _parts(condition: Condition) -> list[Any]:
    assert isinstance(condition, All)
    return list(condition.parts)


def test_after_alone_asks_nothing() -> None:
    assert codes_of("indicators: {x: {count: violation, where: {published: {after: decided}}}}\n") == ["missing_key"]


def test_a_name_on_the_right_follows_the_scope_of_the_condition() -> None:
    assert where("{published: {at_least: {of: decided}}}") == Compare(
        EventField("published"), "at_least", EventField("decided"), name="published"
    )
    assert codes_of("indicators: {a: {count: violation}, x: {count: violation, where: {fine: {of: a}}}}\n") == [
        "where_names_indicator"
    ]


def test_a_decimal_is_compared_in_thousandths() -> None:
    read = where('{score: {at_least: "9.0"}}', kind="inspection")
    assert read == Compare(EventField("score"), "at_least", Literal(Thousandths(9000)), name="score")


def test_a_count_beside_points_is_scaled() -> None:
    sections = """
parameters: {many: {unit: points, values: {2020-01-01: {value: 2.5, source: law}}}}
indicators:
  fines: {count: violation}"""
    read = when("{fines: {at_least: $many}}", sections)
    assert isinstance(read, Compare)
    assert read.left == Scaled(Indicator("fines"), Literal(1000))


def test_a_bare_number_is_compared_with_fractions() -> None:
    sections = "indicators:\n  days: {days_since: inspection}\n  years: {ratio: [days, 365]}"
    assert when("{years: {above: 2.5}}", sections) == Compare(
        Indicator("years"), "above", Literal(Fraction(5, 2)), name="years"
    )
    assert when('{years: {above: "1/3"}}', sections) == Compare(
        Indicator("years"), "above", Literal(Fraction(1, 3)), name="years"
    )


def test_the_mean_of_decimals_is_compared_in_thousandths() -> None:
    sections = "indicators:\n  mean: {mean: inspection, of: score}"
    assert when("{mean: {at_least: 8.95}}", sections) == Compare(
        Indicator("mean"), "at_least", Literal(Thousandths(8950)), name="mean"
    )


def test_a_share_of_money_is_a_bare_number() -> None:
    sections = "indicators:\n  fined: {sum: violation, of: fine}\n  taken: {sum: violation, of: confiscated}\n"
    read = when("{part: {at_least: 0.5}}", f"{sections}  part: {{ratio: [taken, fined]}}")
    assert read == Compare(Indicator("part"), "at_least", Literal(Fraction(1, 2)), name="part")


GRADES = """
grades:
  one: {{order: [A, B, C], outside: [pending], rows: [{{grade: A}}]}}
  two: {{order: [A], rows: [{{grade: A, when: {}}}, {{grade: A}}]}}
"""


def second_row(condition: str) -> Condition:
    return plan_of(GRADES.format(condition)).scales[1].rows[0].condition


def test_the_grade_of_an_earlier_scale_is_compared_and_ranked() -> None:
    own = OwnGrade("one")
    assert second_row("{grade: B}") == Compare(own, "is", Literal("B"), name="grade")
    assert second_row("{grade.one: [A, pending]}") == OneOf(own, (Literal("A"), Literal("pending")), name="grade.one")
    assert second_row("{grade: {at_best: B}}") == GradeRank(own, "at_best", "B", ("A", "B", "C"), name="grade")
    assert second_row("{not: {grade: {at_worst: B}}}") == GradeRank(
        own, "at_worst", "B", ("A", "B", "C"), negated=True, name="grade"
    )
    assert second_row("{grade: {known: false}}") == Known(own, negated=True, name="grade")


@pytest.mark.parametrize("condition", ["{grade: D}", "{grade: {at_best: pending}}", "{grade: {at_best: D}}"])
def test_only_labels_of_the_scale_are_compared(condition: str) -> None:
    assert codes_of(GRADES.format(condition)) == ["unknown_label"]


def test_what_where_says_of_the_element_stands_apart() -> None:
    plan = plan_of("indicators: {x: {count: violation.acts, where: {heavier: true, item: [a, b]}}}\n")
    value = plan.indicators["x"].value
    assert isinstance(value, Aggregate)
    assert value.selector.where == Truth(EventField("heavier"), name="heavier")
    assert value.selector.item_where == OneOf(Item(), (Literal("a"), Literal("b")), name="item")
    assert isinstance(value.selector, Selector)


def test_all_mistakes_of_a_condition_are_told() -> None:
    body = """indicators:
  x: {count: violation, where: {hevier: true, any: [{severity: sever}, {fine: {at_least: 5}}], article: 3}}
"""
    assert codes_of(body) == ["unknown_field", "unknown_label", "money_without_unit", "unquoted_code"]


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("{heavier: null}", "wrong_type"),
        ("{heavier: {}}", "wrong_type"),
        ("{any: {heavier: true}}", "wrong_type"),
        ("{decided: {between: [2024-01-01]}}", "wrong_type"),
        ("{decided: {known: 1}}", "wrong_type"),
        ("{penalties: {has: fine, at_least: 2}}", "type_mismatch"),
        ("{severity: {inside: a}}", "type_mismatch"),
        ("{severity: {at_best: a}}", "type_mismatch"),
        ("{severity: {at_least: 1y, after: decided}}", "type_mismatch"),
        ("{fine: {at_least: 1y, after: decided}}", "type_mismatch"),
        ("{decided: {at_least: {count: inspection}}}", "wrong_type"),
        ("{severity.province: a}", "type_mismatch"),
        ("{item: a}", "unknown_field"),
        ("{310000: a}", "wrong_type"),
        ("{responsible: {has: a}}", "type_mismatch"),
    ],
)
def test_what_cannot_be_asked_is_refused(condition: str, code: str) -> None:
    assert codes_of(f"indicators: {{x: {{count: violation, where: {condition}}}}}\n") == [code]


def test_several_values_on_the_right_stand_in_the_scale_of_the_left() -> None:
    sections = """
parameters: {two: {unit: count, values: {2020-01-01: {value: 2, source: law}}}}
indicators:
  last: {latest: inspection, take: score}"""
    read = when("{last: [1, $two]}", sections)
    assert isinstance(read, OneOf)
    assert read.choices == (Literal(Thousandths(1000)), Scaled(Parameter("two"), Literal(1000)))
    points = sections.replace("unit: count", "unit: points") + "\n  fines: {count: violation}"
    assert codes_of(f"{points}\n  it: {{holds: {{fines: [1, $two]}}}}\n") == ["scale_mismatch"]
