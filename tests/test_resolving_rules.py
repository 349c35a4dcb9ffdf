"""Score rules with their spans, law and basis; grading scales."""

from datetime import date

import pytest

from credit_engine.days import Period
from credit_engine.policy.nodes import (
    Compare,
    Constant,
    EventField,
    Indicator,
    Literal,
    OperatorField,
    OwnScore,
    Parameter,
    SpanRow,
    Truth,
)
from credit_engine.policy.plan import Adjustment, Scale, Score, ScoreRule
from credit_engine.policy.plan_basis import Basis, InForce, Law
from credit_engine.quantities import Thousandths
from sample_policies import HEAD, codes_of, plan_of, rule


def score_of(body: str) -> Score:
    score = plan_of(body).score
    assert score is not None
    return score


def one(rest: str, sections: str = "") -> ScoreRule:
    return score_of(rule(rest, sections)).rules[0]


def row(counts: str, sections: str = "") -> SpanRow:
    span = one(f"deduct: 5, counts: {counts}", sections).counts
    assert span is not None
    return span.rows[0]


# --- the score ------------------------------------------------------------------------------------------------


def test_start_range_and_limits_are_thousandths() -> None:
    score = score_of("score: {start: 92.5, range: [0, null], groups: {penalties: {at_most: 60}}, rules: []}\n")
    assert (score.start, score.low, score.high) == (92500, 0, None)
    assert score.groups == {"penalties": 60000}


def test_a_score_without_range_is_unbounded() -> None:
    score = score_of("score: {start: 0}\n")
    assert (score.low, score.high, score.rules) == (None, None, ())


def test_a_rule_adds_or_deducts_points() -> None:
    assert (one("add: 5").sign, one("add: 5").points) == (1, Literal(Thousandths(5000)))
    assert (one("deduct: 2.5").sign, one("deduct: 2.5").points) == (-1, Literal(Thousandths(2500)))
    assert codes_of(rule("add: 5, deduct: 5")) == ["wrong_type"]


def test_a_rule_looks_at_its_event_through_where_and_from_it_through_when() -> None:
    sections = "indicators: {fines: {count: violation}}"
    read = one("where: {heavier: true}, when: {fines: {at_least: 2}}, deduct: 5", sections)
    assert read.each is not None
    assert read.each.where == Truth(EventField("heavier"), name="heavier")
    assert read.when == Compare(Indicator("fines"), "at_least", Literal(2), name="fines")


def test_a_rule_keeps_its_place_its_title_and_its_group() -> None:
    read = one("deduct: 5, group: affiliation")
    assert (read.place.line, read.title, read.group) == (8, {"zh": "一", "en": "One"}, "affiliation")


def test_a_rule_names_every_parameter_that_it_reads_anywhere() -> None:
    sections = """
parameters:
  window: {unit: window, values: {2020-01-01: {value: 1y, source: law}}}
  large: {unit: fen, values: {2020-01-01: {value: 5, source: law}}}
  points: {unit: points, values: {2020-01-01: {value: 5, source: law}}}
  unread: {unit: points, values: {2020-01-01: {value: 5, source: law}}}
  term: {unit: period, values: {2020-01-01: {value: 3y, source: law}}}
fields: {violation: {big: {holds: {fine: {at_least: $large}}}}}
indicators: {fines: {count: violation, within: $window}}"""
    read = one("where: {big: true}, when: {fines: 2}, deduct: $points, counts: {for: $term}", sections)
    assert read.parameters == ("large", "points", "term", "window")


def test_a_rule_is_in_force_by_its_basis_or_by_its_own_days() -> None:
    assert one("deduct: 5").basis == Basis(("law",))
    own = one("deduct: 5, in_force: {from: 2024-01-01, until: 2025-01-01}").basis
    assert own == Basis(("law",), InForce(date(2024, 1, 1), date(2025, 1, 1)))
    assert codes_of(rule("deduct: 5, in_force: {from: 2024-01-01, until: 2024-01-01}")) == ["bad_range"]


# --- whose law ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law_of", "law"),
    [
        ("occurred", Law(("occurred",))),
        ("[occurred, decided]", Law(("occurred", "decided"))),
        ("as_of", Law(as_of=True)),
        ("{lenient: [occurred, decided]}", Law(("occurred", "decided"), lenient=True)),
    ],
)
def test_the_law_is_that_of_the_policy_or_of_the_rule(law_of: str, law: Law) -> None:
    assert one("deduct: 5", f"law_of: {law_of}").law == law
    assert one(f"deduct: 5, law_of: {law_of}").law == law


def test_without_law_of_the_by_day_counts() -> None:
    assert one("deduct: 5").law == Law()
    assert plan_of("").law == Law()


def test_a_rule_without_event_has_the_law_of_the_day_judged() -> None:
    body = "law_of: {lenient: [occurred, decided]}\nscore: {start: 0, rules: [{rule: a, add: 5, basis: [law]}]}\n"
    assert score_of(body).rules[0].law == Law(as_of=True)


def test_anchors_that_the_kind_does_not_have_are_left_out() -> None:
    sections = "law_of: [began, occurred]\nfields: {inspection: {began: date}}"
    assert plan_of(rule("deduct: 5", sections)).law == Law(("began", "occurred"))
    assert one("deduct: 5", sections).law == Law(("occurred",))


def test_only_deductions_can_be_lenient() -> None:
    assert codes_of(rule("add: 5", "law_of: {lenient: [occurred, decided]}")) == ["lenient_needs_deduct"]
    assert codes_of(rule("add: 5, law_of: decided", "law_of: {lenient: [occurred, decided]}")) == []


# --- spans ----------------------------------------------------------------------------------------------------


def test_a_span_starts_from_the_first_day_that_is_present() -> None:
    assert row("{from: [effective, decided], for: 3y}").from_ == (EventField("effective"), EventField("decided"))
    assert row("{from: operator.registered}").from_ == (OperatorField("registered"),)
    assert row("{from: 2024-01-01}").from_ == (Literal(date(2024, 1, 1)),)
    assert row("{for: 3y}").from_ is None


def test_a_span_has_the_parts_that_are_written() -> None:
    parts = "until: restricted_until, or_until: published, to_end_of: month, rolls: true, until_next: inspection"
    read = row(f"{{{parts}, or_while: {{fines: 0}}}}", "indicators: {fines: {count: violation}}")
    restricted = frozenset({"restrict_business", "restrict_employment"})
    assert read.until == EventField("restricted_until", implied=("penalties", restricted, None))
    assert read.or_until == EventField("published")
    assert (read.to_end_of, read.rolls) == ("month", True)
    assert read.until_next is not None
    assert read.until_next.kind == "inspection"
    assert read.or_while == Compare(Indicator("fines"), "is", Literal(0), name="fines")


def test_the_length_of_a_span_is_a_period_a_parameter_or_a_field() -> None:
    sections = """
parameters: {term: {unit: period, values: {2020-01-01: {value: 3y, source: law}}}}
fields: {violation: {longer: period}}"""
    assert row("{for: 3y}", sections).for_ == Literal(Period(3, "y"))
    assert row("{for: $term}", sections).for_ == Parameter("term")
    read = row("{for: 1y, plus: [{where: {heavier: true}, for: 1m}, {for: {of: longer, or: 0d}}]}", sections)
    assert [extension.condition for extension in read.plus] == [
        Truth(EventField("heavier"), name="heavier"),
        Constant(holds=True),
    ]


def test_pauses_are_a_list_of_records_with_from_and_until() -> None:
    sections = "fields: {violation: {stops: {list: {from: date, until: date, why: {one_of: [test, hearing]}}}}}"
    read = row("{for: 90d, pauses: {of: stops, where: {item.why: test}, or: []}}", sections).pauses
    assert read is not None
    assert read.of == EventField("stops", declared=True)
    assert read.empty_if_missing
    strict = row("{for: 90d, pauses: {of: stops}}", sections).pauses
    assert strict is not None
    assert not strict.empty_if_missing


def test_rows_of_spans_have_conditions_and_a_basis() -> None:
    span = one("deduct: 5, counts: {rows: [{where: {heavier: true}, for: 3y, basis: [law]}, {for: 1y}]}").counts
    assert span is not None
    assert [each.basis for each in span.rows] == [("law",), ()]
    assert codes_of(rule("deduct: 5, counts: {rows: [{for: 1y}], from: decided}")) == ["unknown_key"]


@pytest.mark.parametrize("counts", ["{for: 3y}", "{until: restricted_until}", "{from: decided, to_end_of: year}"])
def test_points_fade_towards_a_last_day(counts: str) -> None:
    assert one(f"deduct: 5, counts: {counts}, fades: linear").fades


@pytest.mark.parametrize(
    ("rest", "code"),
    [
        ("fades: linear", "fades_needs_end"),
        ("counts: {for: 1y, or_while: {day: {known: true}}}, fades: linear", "fades_needs_end"),
        ("counts: {for: 1y}, fades: slowly", "wrong_type"),
        ("counts: {for: soon}", "bad_period"),
        ("counts: {for: 1y, to_end_of: week}", "wrong_type"),
        ("counts: {for: 1y, plus: {for: 1m}}", "wrong_type"),
        ("counts: {for: 1y, plus: [{where: {heavier: true}}]}", "missing_key"),
        ("counts: {for: 1y, pauses: {of: acts, or: [1]}}", "type_mismatch"),
        ("counts: {for: 1y, rolls: yes}", "wrong_type"),
        ("counts: {from: severity}", "type_mismatch"),
        ("counts: {from: decided, until_next: {each: inspection, within: 1y}}", "unknown_key"),
        ("counts: {for: 1y, never: true}", "unknown_key"),
        ("counts: {for: 1y, or_while: {heavier: true}}", "when_names_field"),
        ("counts: 3y", "wrong_type"),
    ],
)
def test_spans_that_cannot_run_are_refused(rest: str, code: str) -> None:
    assert codes_of(rule(f"deduct: 5, {rest}")) == [code]


# --- grades ---------------------------------------------------------------------------------------------------


def scale(body: str) -> Scale:
    return plan_of(f"score: {{start: 100}}\n{body}").scales[0]


def test_one_scale_is_named_grade_and_several_have_their_names() -> None:
    assert scale("grades: {order: [A, B], rows: [{grade: A}]}\n").name == "grade"
    body = "grades:\n  annual: {order: [A], rows: [{grade: A}]}\n  daily: {order: [A], rows: [{grade: A}]}\n"
    assert [each.name for each in plan_of(body).scales] == ["annual", "daily"]


def test_a_row_reads_the_score_and_may_take_its_label_from_a_value() -> None:
    body = """
kinds: {grading: decided}
fields: {grading: {level: {one_of: [A, B]}}}
indicators: {previous: {latest: grading, take: level}}
grades:
  order: [A, B]
  review: yearly
  rows:
    - {grade: {of: previous}, when: {previous: {known: true}}}
    - {grade: A, when: {score: {at_least: 90}}}
    - {grade: B}
"""
    read = scale(body)
    assert [row.label for row in read.rows] == [Indicator("previous"), Literal("A"), Literal("B")]
    assert read.rows[1].condition == Compare(OwnScore(), "at_least", Literal(Thousandths(90000)), name="score")
    assert read.review == "yearly"
    assert codes_of(body.replace("one_of: [A, B]", "one_of: [A, Z]") + "score: {start: 1}\n") == ["unknown_label"]


@pytest.mark.parametrize(("kind", "value"), [("worse_by", 1), ("better_by", 2), ("at_best", "B"), ("at_worst", "B")])
def test_a_grade_is_shifted_or_bounded(kind: str, value: object) -> None:
    body = f"grades: {{order: [A, B], rows: [{{grade: A}}], adjust: [{{rule: shift, {kind}: {value}}}]}}\n"
    (read,) = scale(body).adjust
    assert isinstance(read, Adjustment)
    assert (read.kind, read.value, read.basis) == (kind, Literal(value), Basis())


@pytest.mark.parametrize(
    ("adjust", "code"),
    [
        ("{rule: a}", "missing_key"),
        ("{rule: a, worse_by: 1, at_best: B}", "wrong_type"),
        ("{rule: a, worse_by: 1.5}", "type_mismatch"),
        ("{rule: a, worse_by: {ratio: [1, 2]}}", "type_mismatch"),
        ("{rule: a, at_best: Z}", "unknown_label"),
        ("{rule: a, worse_by: 1}, {rule: a, worse_by: 1}", "duplicate_rule"),
        ("{rule: A b, worse_by: 1}", "bad_name"),
        ("{rule: a, worse_by: 1, when: {grade: A}}", "later_step"),
    ],
)
def test_adjustments_that_say_nothing_are_refused(adjust: str, code: str) -> None:
    assert codes_of(f"grades: {{order: [A, B], rows: [{{grade: A}}], adjust: [{adjust}]}}\n") == [code]


@pytest.mark.parametrize(
    ("grades", "code"),
    [
        ("{order: [], rows: [{grade: A}]}", "wrong_type"),
        ("{order: [A], rows: [{grade: A}], review: daily}", "wrong_type"),
        ("{order: [A], rows: [{grade: A}], titles: {Z: {zh: 差}}}", "unknown_label"),
        ("{order: [A], rows: [{grade: A}], audience: everybody}", "wrong_type"),
        ("{order: [A], rows: [{grade: A, when: {score: {at_least: 1}}}]}", "unknown_field"),
    ],
)
def test_scales_that_cannot_be_read_are_refused(grades: str, code: str) -> None:
    assert code in codes_of(f"grades: {grades}\n")


def test_the_sample_head_can_be_read() -> None:
    assert HEAD
    assert codes_of("") == []
