"""Sources, kinds, relations, fields and parameters."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_engine.days import CalendarWindow, Period
from credit_engine.policy.plan import (
    DatedParameter,
    RelationKind,
)
from credit_engine.quantities import DATE, DECIMAL, INT, MONEY, PARTY, FieldType, Thousandths, one_of
from credit_engine.records import DEFAULT_ANCHORS, RELATION_KINDS
from sample_policies import codes_of, plan_of, rule


def parameter(rest: str) -> DatedParameter:
    return plan_of(f"parameters: {{p: {{{rest}}}}}\n").parameters["p"]


def value(unit: str, written: str) -> Any:
    return parameter(f"unit: {unit}, values: {{2020-01-01: {{value: {written}, source: law}}}}").values[0].value


@settings(deadline=None, max_examples=30)
@given(st.lists(st.dates(date(2000, 1, 1), date(2030, 1, 1)), min_size=1, max_size=5, unique=True))
def test_values_stand_in_the_order_of_their_days(days: list[date]) -> None:
    values = ", ".join(f"{day}: {{value: {day.year}, source: law}}" for day in days)
    read = parameter(f"unit: count, values: {{{values}}}")
    assert [(dated.since, dated.value) for dated in read.values] == [(day, day.year) for day in sorted(days)]


@pytest.mark.parametrize(
    ("unit", "written", "expected"),
    [
        ("count", "3", 3),
        ("points", "2.5", Thousandths(2500)),
        ("fen", "5000", 5000),
        ("fen", '"50 yuan"', 5000),
        ("period", "20wd", Period(20, "wd")),
        ("window", "1y", Period(1, "y")),
        ("window", "{calendar: year, back: 1}", CalendarWindow("year", 1)),
        ("field", "occurred", "occurred"),
        ("count", "null", None),
        ("points", "{dirty: 3, label: 1.5, odd: null}", {"dirty": 3000, "label": 1500, "odd": None}),
        ("period", '{"310000": 1y}', {"310000": Period(1, "y")}),
    ],
)
def test_a_value_is_scaled_by_its_unit(unit: str, written: str, expected: object) -> None:
    assert value(unit, written) == expected


@pytest.mark.parametrize(
    ("unit", "written", "code"),
    [
        ("count", "2.5", "type_mismatch"),
        ("count", '"3"', "type_mismatch"),
        ("points", '"5 yuan"', "scale_mismatch"),
        ("fen", "5.5", "money_without_unit"),
        ("fen", "true", "type_mismatch"),
        ("period", "3", "bad_period"),
        ("window", "{calendar: day}", "wrong_type"),
        ("field", "3", "unquoted_code"),
        ("count", "[1, 2]", "wrong_type"),
        ("count", "{2020-01-01: 1}", "unquoted_label"),
    ],
)
def test_a_value_of_another_unit_is_refused(unit: str, written: str, code: str) -> None:
    found = codes_of(
        f"parameters: {{p: {{unit: {unit}, values: {{2020-01-01: {{value: {written}, source: law}}}}}}}}\n"
    )
    assert found == [code]


def test_a_parameter_ends_and_is_unknown() -> None:
    read = parameter("unit: count, values: {2020-01-01: {value: null, source: law}, 2021-01-01: {ended: true}}")
    assert [(dated.value, dated.ended) for dated in read.values] == [(None, False), (None, True)]
    assert codes_of("parameters: {p: {unit: count, values: {2020-01-01: {source: law}}}}\n") == ["missing_key"]
    assert codes_of("parameters: {p: {unit: count, values: {}}}\n") == ["wrong_type"]


def test_a_parameter_by_region_is_a_table_that_climbs() -> None:
    read = parameter('unit: fen, by: region, values: {2020-01-01: {value: {"310000": 5}, source: law}}')
    assert (read.table, read.by_region) == (True, True)
    assert codes_of("parameters: {p: {unit: fen, by: region, values: {2020-01-01: {value: 5}}}}\n") == ["wrong_type"]
    assert codes_of("parameters: {p: {unit: fen, by: kind, values: {2020-01-01: {value: 5}}}}\n") == ["wrong_type"]


def test_a_broken_parameter_is_told_once_however_often_it_is_read() -> None:
    sections = "parameters: {p: {unit: pints, values: {2020-01-01: {value: 5}}}}"
    assert codes_of(rule("deduct: $p, when: {day: {known: true}}", sections)) == ["unknown_unit"]


def test_declared_fields_have_the_types_that_are_written() -> None:
    body = """
fields:
  violation:
    began: date
    ill: int
    rate: decimal
    damage: money
    owner: party
    nature: {one_of: [a, b]}
    marks: {list: int}
    kinds: {list: {one_of: [a, b]}}
    stops: {list: {from: date, why: text}}
    longer: period
  operator: {licensed: date}
"""
    types = plan_of(body).field_types
    expected = {"began": DATE, "ill": INT, "rate": DECIMAL, "damage": MONEY, "owner": PARTY, "nature": one_of("a", "b")}
    assert {name: types["violation"][name] for name in expected} == expected
    assert types["violation"]["marks"] == FieldType("list", of=INT)
    assert types["violation"]["kinds"] == FieldType("list", of=one_of("a", "b"))
    assert types["violation"]["stops"].of is not None
    assert types["violation"]["stops"].of.fields["from"] == DATE
    assert types["violation"]["longer"].name == "period"
    assert types["operator"]["licensed"] == DATE


def test_a_built_in_field_may_be_declared_as_it_is() -> None:
    assert codes_of("fields: {list_decision: {received: date}}\n") == []
    assert codes_of("fields: {list_decision: {received: text}}\n") == ["ambiguous_name"]
    assert codes_of("fields: {violation: {fine: {count: acts}}}\n") == ["ambiguous_name"]


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("{one_of: [a], list: text}", "unknown_key"),
        ("{list: {count: {holds: {}}}}", "wrong_type"),
        ("{list: {list: text}}", "wrong_type"),
        ("{list: {}}", "wrong_type"),
        ("null", "wrong_type"),
        ("[a, b]", "wrong_type"),
        ("{one_of: []}", "wrong_type"),
    ],
)
def test_fields_of_no_type_are_refused(field: str, code: str) -> None:
    assert code in codes_of(f"fields: {{violation: {{x: {field}}}}}\n")


def test_operators_have_no_computed_fields_yet() -> None:
    assert codes_of("fields: {operator: {old: {holds: {day: {known: true}}}}}\n") == ["unsupported"]


def test_declared_kinds_stand_beside_the_built_in_ones() -> None:
    plan = plan_of("kinds: {complaint: received}\n")
    assert plan.kinds == {**DEFAULT_ANCHORS, "complaint": "received"}
    assert "occurred" in plan.field_types["complaint"]


def test_declared_relations_stand_beside_the_built_in_ones() -> None:
    plan = plan_of("relations: {owner: {source: person, target: operator}}\n")
    assert set(plan.relations) == {*RELATION_KINDS, "owner"}
    assert plan.relations["owner"] == RelationKind("owner", "person", "operator")
    assert codes_of("relations: {owner: {source: firm}}\n") == ["wrong_type"]
    assert codes_of("relations: {branch: {source: operator}}\n") == ["ambiguous_name"]


@pytest.mark.parametrize("name", ["day", "item", "operator", "all", "not"])
def test_words_of_the_language_are_no_names(name: str) -> None:
    assert codes_of(f"indicators: {{{name}: {{count: violation}}}}\n") == ["ambiguous_name"]
    assert codes_of(f"fields: {{violation: {{{name}: text}}}}\n") == ["ambiguous_name"]


def test_a_source_says_when_it_is_in_force_and_what_it_reaches() -> None:
    body = """
policy: s
title: {zh: 例}
sources:
  fsl: {title: 食品安全法, article: "135", rank: law, in_force: {from: 2015-10-01}, reaches: [itself], certainty: seen}
"""
    from credit_engine.policy.load import load_policy_text  # noqa: PLC0415  # only here

    source = load_policy_text(body).plan.sources["fsl"]
    assert (source.title, source.article, source.rank, source.reaches) == ("食品安全法", "135", "law", ("itself",))
    assert source.in_force.from_day == date(2015, 10, 1)
    assert source.in_force.until is None


def test_admits_may_read_a_region_but_not_the_day() -> None:
    assert codes_of('admits: {violation: {where: {region: {inside: "310000"}}}}\n') == []
    body = "indicators: {n: {count: inspection}}\nfields: {violation: {x: {holds: {n: 0}}}}\n"
    assert codes_of(f"{body}admits: {{violation: {{where: {{x: true}}}}}}\n") == ["depends_on_viewpoint"]
    assert codes_of(f"{body}admits: {{violation: {{per: [x]}}}}\n") == ["depends_on_viewpoint"]
    assert codes_of("admits: {violations: {standing: [final]}}\n") == ["unknown_kind"]
