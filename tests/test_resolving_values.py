from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_engine.days import CalendarWindow, Period
from credit_engine.policy.nodes import (
    Aggregate,
    All,
    Bounded,
    Combined,
    Compare,
    ComputedField,
    Constant,
    ElementAggregate,
    EventField,
    Indicator,
    Item,
    Literal,
    LookUp,
    Otherwise,
    Parameter,
    Ratio,
    Rounded,
    Row,
    Rows,
    Scaled,
    Value,
)
from credit_engine.policy.plan import (
    NamedIndicator,
)
from credit_engine.quantities import BOOL, DATE, DECIMAL, INT, MONEY, TEXT, FieldType, Thousandths, one_of
from sample_policies import codes_of, plan_of, rule

BASE = """
parameters:
  steps: {unit: count, values: {2020-01-01: {value: 2, source: law}}}
  points: {unit: points, values: {2020-01-01: {value: 2.5, source: law}}}
  limit: {unit: fen, values: {2020-01-01: {value: 50000, source: law}}}
  by_act: {unit: points, values: {2020-01-01: {value: {dirty: 3, label: null}, source: law}}}
  by_region: {unit: fen, by: region, values: {2020-01-01: {value: {"310000": 5000}, source: law}}}
fields:
  inspection: {marks: {list: int}, lost: decimal, full: decimal}
indicators:
  fines: {count: violation}
  fined: {sum: violation, of: fine}
  last: {latest: inspection, take: score}
"""


def indicator(value: str) -> NamedIndicator:
    return plan_of(f"{BASE}  x: {value}\n").indicators["x"]


def field(value: str) -> Value:
    return plan_of(BASE.replace("full: decimal", f"full: decimal, x: {value}")).computed["inspection", "x"]


def points(value: str) -> Value:
    score = plan_of(rule(f"add: {value}", BASE)).score
    assert score is not None
    return score.rules[0].points


FINES, FINED = Indicator("fines"), Indicator("fined")


@settings(deadline=None, max_examples=40)
@given(st.integers(min_value=0, max_value=10**9))
def test_the_same_number_is_scaled_by_what_it_meets(number: int) -> None:
    text = f"{number // 1000}.{number % 1000:03d}"
    assert points(text) == points(f'"{text}"') == Literal(Thousandths(number))
    assert points(f"{{rows: [{{value: {text}}}]}}") == Rows((Row(Constant(holds=True), Literal(Thousandths(number))),))


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(["$points", "{of: last}", "1.5", "{highest: [last, 3]}"]), st.sampled_from(["fines", "fined"]))
def test_points_never_meet_money(one: str, other: str) -> None:
    expected = [] if other == "fines" else ["scale_mismatch"]
    assert codes_of(f"{BASE}  x: {{sum: [{{of: {other}}}, {one}]}}\n") == expected


def test_literals_have_the_type_that_they_are_written_in() -> None:
    assert (indicator("3").value, indicator("3").type_) == (Literal(3), INT)
    assert (indicator("2.5").value, indicator("2.5").type_) == (Literal(Thousandths(2500)), DECIMAL)
    assert (indicator('"5 yuan"').value, indicator('"5 yuan"').type_) == (Literal(500), MONEY)
    assert (indicator("true").value, indicator("true").type_) == (Literal(value=True), BOOL)
    assert (indicator("2024-02-29").value, indicator("2024-02-29").type_) == (Literal(date(2024, 2, 29)), DATE)
    assert (indicator("low").value, indicator("low").type_) == (Literal("low"), one_of("low"))


def test_a_parameter_has_the_type_of_its_unit() -> None:
    assert (indicator("$points").value, indicator("$points").type_) == (Parameter("points"), DECIMAL)
    assert (indicator("$limit").value, indicator("$limit").type_) == (Parameter("limit"), MONEY)


def test_an_indicator_has_the_title_that_stands_with_its_value() -> None:
    read = indicator("{count: violation, title: {zh: 处罚, en: Penalties}}")
    assert read.title == {"zh": "处罚", "en": "Penalties"}
    assert codes_of(f"{BASE}  x: {{count: violation, title: {{zh: 3, de: Strafen}}}}\n") == [
        "wrong_type",
        "unknown_key",
    ]


@pytest.mark.parametrize("op", ["sum", "highest", "lowest"])
def test_values_are_combined_in_one_scale(op: str) -> None:
    assert indicator(f"{{{op}: [fines, 2, $points]}}").value == Combined(
        op, (Scaled(FINES, Literal(1000)), Literal(Thousandths(2000)), Parameter("points"))
    )
    assert indicator(f'{{{op}: [fined, "1 yuan"]}}').value == Combined(op, (FINED, Literal(100)))


def test_the_latest_value_has_the_type_of_its_field() -> None:
    read = indicator("{latest: inspection, take: result, or: pass}")
    assert read.type_ == one_of("pass", "basic", "fail")
    assert isinstance(read.value, Aggregate)
    assert read.value.or_ == Literal("pass")
    assert codes_of(f"{BASE}  x: {{latest: inspection, take: result, or: good}}\n") == ["unknown_label"]


def test_or_after_an_aggregate_is_for_no_event_and_after_anything_else_for_what_is_missing() -> None:
    aggregate = indicator("{days_since: inspection, or: 730}").value
    assert isinstance(aggregate, Aggregate)
    assert aggregate.or_ == Literal(730)
    assert indicator("{of: last, or: 5}").value == Otherwise(Indicator("last"), Literal(Thousandths(5000)))


def test_what_follows_a_value_stands_in_order() -> None:
    read = indicator("{of: fines, at_most: 9, round: {to: 1, mode: down}, times: 3, per: 2, at_least: 1}").value
    inner = Scaled(Scaled(FINES, Literal(Fraction(1, 2))), Literal(3))
    assert read == Bounded(Rounded(inner, Fraction(1), "down"), Literal(1), Literal(9))


def test_bounds_of_another_scale_scale_the_value_and_each_other() -> None:
    assert indicator("{of: fines, at_least: 1, at_most: $points}").value == Bounded(
        Scaled(FINES, Literal(1000)), Literal(Thousandths(1000)), Parameter("points")
    )


@pytest.mark.parametrize(
    ("value", "scaled", "type_"),
    [
        ("{of: fines, times: 3}", Scaled(FINES, Literal(3)), INT),
        ("{of: fines, times: 1/2}", Scaled(FINES, Literal(Fraction(1, 2))), INT),
        ("{of: fines, times: $points}", Scaled(FINES, Parameter("points")), DECIMAL),
        ("{of: fines, times: $limit}", Scaled(FINES, Parameter("limit")), MONEY),
        ("{of: fined, times: {of: fines}}", Scaled(FINED, FINES), MONEY),
        (
            "{of: last, times: $points}",
            Scaled(Scaled(Indicator("last"), Parameter("points")), Literal(Fraction(1, 1000))),
            DECIMAL,
        ),
        ("{of: fined, per: $steps}", Ratio(FINED, Parameter("steps")), MONEY),
        ("{of: fined, per: $limit}", Ratio(FINED, Parameter("limit")), INT),
        ('{of: fined, per: "10000 yuan"}', Scaled(FINED, Literal(Fraction(1, 1_000_000))), INT),
        ("{of: fines, per: $points}", Ratio(Scaled(FINES, Literal(1000)), Parameter("points")), INT),
    ],
)
def test_factors_and_divisors_keep_scales_apart(value: str, scaled: Value, type_: FieldType) -> None:
    read = indicator(value)
    assert (read.value, read.type_) == (scaled, type_)


@pytest.mark.parametrize(
    ("ratio", "node", "type_"),
    [
        ("[fines, 365]", Ratio(FINES, Literal(365)), INT),
        ("[fined, fines]", Ratio(FINED, FINES), MONEY),
        ("[last, fines]", Ratio(Indicator("last"), FINES), DECIMAL),
        ("[fines, last]", Ratio(Scaled(FINES, Literal(1000)), Indicator("last")), INT),
        ("[fined, $limit]", Ratio(FINED, Parameter("limit")), INT),
    ],
)
def test_a_ratio_has_the_scale_that_is_left(ratio: str, node: Value, type_: FieldType) -> None:
    read = indicator(f"{{ratio: {ratio}}}")
    assert (read.value, read.type_) == (node, type_)


def test_points_are_not_divided_by_money() -> None:
    assert codes_of(f"{BASE}  x: {{ratio: [last, fined]}}\n") == ["scale_mismatch"]
    assert codes_of(f"{BASE}  x: {{of: last, per: $limit}}\n") == ["scale_mismatch"]


def test_rounding_a_bare_number_to_tenths_makes_thousandths_of_it() -> None:
    plan = plan_of(
        BASE.replace(
            "full: decimal", "full: decimal, x: {ratio: [lost, full], times: 60, round: {to: 0.1, mode: half_up}}"
        )
    )
    ratio = Ratio(EventField("lost", declared=True), EventField("full", declared=True))
    expected = Rounded(Scaled(Scaled(ratio, Literal(60)), Literal(1000)), Fraction(100), "half_up")
    assert plan.computed["inspection", "x"] == expected


@pytest.mark.parametrize(
    ("value", "step"),
    [
        ("{mean: inspection, of: score, round: {to: 0.1, mode: half_up}}", Fraction(100)),
        ("{mean: inspection, of: items_failed, round: {to: 2, mode: up}}", Fraction(2)),
        ('{mean: violation, of: fine, round: {to: "100 yuan", mode: down}}', Fraction(10000)),
    ],
)
def test_a_step_is_in_the_scale_of_the_value(value: str, step: Fraction) -> None:
    read = indicator(value).value
    assert isinstance(read, Rounded)
    assert read.step == step


def test_a_table_is_looked_up_by_a_name_and_climbs_by_region() -> None:
    assert field("{look_up: $by_act, by: product}") == LookUp("by_act", EventField("product"))
    assert field("{look_up: $by_region, by: region}") == LookUp("by_region", EventField("region"), climbs=True)


def test_the_points_of_an_element_are_looked_up_by_the_element() -> None:
    act = "{rule: act, each: violation.acts, add: {look_up: $by_act, by: item}, basis: [law]}"
    body = f"{BASE}score: {{start: 0, rules: [{act}]}}\n"
    score = plan_of(body).score
    assert score is not None
    assert score.rules[0].points == LookUp("by_act", Item())
    assert score.rules[0].parameters == ("by_act",)


def test_rows_have_one_type_and_texts_all_their_codes() -> None:
    rows = "{rows: [{where: {result: fail}, value: bad}, {value: good}]}"
    body = BASE.replace("full: decimal", f"full: decimal, x: {rows}")
    plan = plan_of(f"{body}  x: {{latest: inspection, take: x}}\n")
    assert plan.indicators["x"].type_ == one_of("bad", "good")
    mixed = indicator("{rows: [{when: {fines: 0}, value: low}, {value: {latest: inspection, take: hazard}}]}")
    assert mixed.type_ == TEXT


def test_a_literal_row_is_read_as_the_other_rows() -> None:
    rows = indicator('{rows: [{when: {fines: 0}, value: "1 yuan"}, {value: {of: fined}}]}').value
    assert isinstance(rows, Rows)
    assert rows.rows[0].value == Literal(100)


def test_a_list_of_the_event_itself_is_counted_in_a_computed_field() -> None:
    expected = All(
        tuple(Compare(Item(), op, Literal(end), name="item") for op, end in (("at_least", 1), ("at_most", 14)))
    )
    marks = EventField("marks", declared=True)
    assert field("{count: marks, where: {item: {between: [1, 14]}}}") == ElementAggregate("count", marks, expected)
    assert field("{sum: marks}") == ElementAggregate("sum", marks, Constant(holds=True), Item())


def test_computed_fields_read_fields_and_indicators_and_are_read_by_where() -> None:
    body = BASE.replace("full: decimal", "full: decimal, x: {holds: {fines: 0, result: fail}}")
    value = plan_of(f"{body}  y: {{count: inspection, where: {{x: true}}}}\n").indicators["y"].value
    assert isinstance(value, Aggregate)
    assert getattr(value.selector.where, "left", None) == ComputedField("inspection", "x")
    assert not value.selector.settled


@pytest.mark.parametrize(
    ("within", "window"),
    [
        ("12m", Literal(Period(12, "m"))),
        ("{calendar: quarter, back: 1}", Literal(CalendarWindow("quarter", 1))),
    ],
)
def test_a_window_is_a_period_or_a_part_of_the_calendar(within: str, window: Value) -> None:
    value = indicator(f"{{count: violation, within: {within}}}").value
    assert isinstance(value, Aggregate)
    assert value.selector.within == window


@pytest.mark.parametrize(
    ("value", "nonnegative"),
    [
        ("5", True),
        ("$points", True),
        ("{look_up: $by_act, by: article}", True),
        ("{of: fines}", True),
        ("{count: inspection, times: 3}", True),
        ("{sum: inspection, of: items_failed}", True),
        ("{of: last}", False),
        ("{of: last, at_least: 0}", True),
        ('{of: fine, per: "10000 yuan"}', True),
        ("{rows: [{where: {heavier: true}, value: 7}, {value: 0}]}", True),
        ("{highest: [fines, last]}", False),
    ],
)
def test_it_is_known_whether_points_can_be_below_nothing(value: str, nonnegative: bool) -> None:  # noqa: FBT001
    score = plan_of(rule(f"add: {value}", BASE)).score
    assert score is not None
    assert score.rules[0].nonnegative is nonnegative


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("{sum: [fines, low]}", "unknown_indicator"),
        ("{of: fines, per: 0}", "wrong_type"),
        ("{of: fines, per: [article]}", "wrong_type"),
        ("{of: fines, times: -1}", "wrong_type"),
        ("{of: fined, times: $limit}", "scale_mismatch"),
        ("{of: fines, round: {to: 0, mode: up}}", "wrong_type"),
        ("{of: fines, round: {to: 1, mode: bankers}}", "wrong_type"),
        ("{of: fines, or: many}", "type_mismatch"),
        ("{ratio: [fines]}", "wrong_type"),
        ("{look_up: by_act, by: day}", "wrong_type"),
        ("{look_up: $by_act, by: day}", "type_mismatch"),
        ("{look_up: $limit, by: operator.region}", "type_mismatch"),
        ("{look_up: $by_act}", "missing_key"),
        ("{holds: {fines: 0}, times: 2}", "type_mismatch"),
        ("{rows: [{where: {fine: 0}, value: 1}]}", "needs_event"),
        ("{rows: [{when: {fines: 0}}]}", "missing_key"),
        ("{rows: {value: 1}}", "wrong_type"),
        ("{count: {each: violation, per: [article]}, per: [document]}", "wrong_type"),
        ("{count: violation, last: 0}", "wrong_type"),
        ("{count: violation, before: 1}", "wrong_type"),
        ("{latest: inspection, take: fines}", "where_names_indicator"),
        ("$missing", "unknown_parameter"),
        ("null", "wrong_type"),
        ("[1, 2]", "wrong_type"),
    ],
)
def test_what_is_no_value_is_refused(value: str, code: str) -> None:
    assert codes_of(f"{BASE}  x: {value}\n") == [code]
