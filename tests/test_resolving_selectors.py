import pytest

from credit_engine.policy.nodes import (
    Aggregate,
    ComputedField,
    Constant,
    EventField,
    OneOf,
    Selector,
    Truth,
)
from sample_policies import codes_of, plan_of, rule


def selector(rest: str, sections: str = "", kind: str = "violation") -> Selector:
    value = plan_of(f"{sections}\nindicators: {{x: {{count: {kind}{rest}}}}}\n").indicators["x"].value
    assert isinstance(value, Aggregate)
    return value.selector


@pytest.mark.parametrize(
    ("kind", "anchor"),
    [
        ("violation", "decided"),
        ("honour", "decided"),
        ("list_decision", "decided"),
        ("inspection", "occurred"),
        ("rectification", "occurred"),
        ("case_transfer", "received"),
        ("complaint", "heard"),
    ],
)
def test_every_kind_has_its_default_anchor(kind: str, anchor: str) -> None:
    sections = "kinds: {complaint: heard}\nfields: {complaint: {heard: date}}"
    assert selector("", sections, kind).by == (anchor,)


def test_a_selector_says_its_anchors_first_present() -> None:
    assert selector(", by: [effective, decided]").by == ("effective", "decided")
    assert selector(", by: recorded").by == ("recorded",)


def test_found_and_final_take_part_unless_the_policy_or_the_selector_says_otherwise() -> None:
    admits = "admits: {violation: {standing: [final]}}"
    assert selector("").standing == {"found", "final"}
    assert selector("", admits).standing == {"final"}
    assert selector(", standing: [alleged, found]", admits).standing == {"alleged", "found"}
    assert selector(", standing: withdrawn", admits).standing == {"withdrawn"}


def test_admits_says_what_takes_part_once() -> None:
    body = "admits: {violation: {standing: [final], where: {procedure: ordinary}, per: [authority, document]}}\n"
    admission = plan_of(body).admits["violation"]
    assert admission.standing == {"final"}
    assert admission.per == (EventField("authority"), EventField("document"))


@pytest.mark.parametrize(
    ("rest", "settled"),
    [
        ("", True),
        (", where: {heavier: true}", True),
        (", where: {operator.kind: branch}", True),
        (", within: 1y, last: 3, before: true", True),
        (", where: {by_field: true}", True),
        (", where: {by_indicator: true}", False),
        (", where: {published: {at_least: 1y, after: day}}", False),
        (", where: {region: {inside: '310000'}}", False),
        (", where: {region.province: '310000'}", False),
        (", same: [article]", False),
    ],
)
def test_a_selector_is_settled_unless_its_choice_depends_on_who_asks(rest: str, settled: bool) -> None:  # noqa: FBT001
    sections = """
fields:
  violation:
    by_field: {holds: {heavier: true}}
    by_indicator: {holds: {visits: {at_least: 1}}}
indicators:
  visits: {count: inspection}
"""
    value = plan_of(f"{sections}  x: {{count: violation{rest}}}\n").indicators["x"].value
    assert isinstance(value, Aggregate)
    assert value.selector.settled is settled


def test_since_the_latest_is_a_selector_of_its_own() -> None:
    since = selector(", since: {latest: inspection, where: {result: pass}, by: received}").since
    assert since is not None
    assert (since.kind, since.by) == ("inspection", ("received",))
    assert selector(", since: inspection").since == selector(", since: {each: inspection}").since


def test_of_the_latest_event_there_is_at_most_one() -> None:
    value = plan_of("indicators: {x: {count: {latest: violation, where: {heavier: true}}}}\n").indicators["x"].value
    assert isinstance(value, Aggregate)
    assert value.selector.last == 1


def test_a_list_of_fields_is_a_choice_and_a_number_a_divisor() -> None:
    plan = plan_of("indicators: {x: {count: violation, per: [document]}, y: {count: violation, per: 2}}\n")
    value = plan.indicators["x"].value
    assert isinstance(value, Aggregate)
    assert value.selector.per == (EventField("document"),)
    assert not isinstance(plan.indicators["y"].value, Aggregate)


def test_per_and_same_may_name_computed_fields() -> None:
    sections = "fields: {violation: {big: {holds: {heavier: true}}}}"
    assert selector(", per: [big]", sections).per == (ComputedField("violation", "big"),)


def test_same_pairs_their_field_with_ours() -> None:
    assert selector(", same: [article]").same == ((EventField("article"), EventField("article")),)
    body = "indicators: {x: {count: rectification, same: {of: id}}}\n"
    indicator = plan_of(body).indicators["x"]
    assert isinstance(indicator.value, Aggregate)
    assert indicator.value.selector.same == ((EventField("of"), EventField("id")),)
    assert indicator.needs_event


def test_an_indicator_that_looks_from_a_field_of_the_asker_needs_an_event() -> None:
    body = "indicators: {x: {count: case_transfer, by: answered, at: occurred, before: true}, y: {sum: [x, 1]}}\n"
    indicators = plan_of(body).indicators
    assert indicators["x"].needs_event
    assert indicators["y"].needs_event


REPAIRED = """
indicators:
  repairs: {count: rectification, same: {of: id}}
  unrepaired: {count: violation, where: {repaired: false}}
fields: {violation: {repaired: {holds: {repairs: {at_least: 1}}}}}
"""


def test_a_computed_field_is_an_event_for_the_indicators_it_reads() -> None:
    indicators = plan_of(REPAIRED).indicators
    assert indicators["repairs"].needs_event
    assert not indicators["unrepaired"].needs_event


def test_a_rule_with_each_has_an_event_and_one_without_has_none() -> None:
    assert codes_of(rule("when: {repairs: 0}, deduct: 5", REPAIRED)) == []
    alone = "    - {rule: two, basis: [law], when: {repairs: 0}, deduct: 5}\n"
    assert codes_of(rule("deduct: 5", REPAIRED) + alone) == ["needs_event"]
    grades = "grades: {order: [A], rows: [{grade: A, when: {repairs: 0}}, {grade: A}]}\n"
    assert codes_of(REPAIRED + grades) == ["needs_event"]


def test_a_field_of_the_asker_must_be_one_field_in_all_kinds() -> None:
    sections = "kinds: {accident: occurred}\nfields: {accident: {product: text}}\n"
    body = f"{sections}indicators: {{x: {{count: accident, same: [product]}}}}\n"
    assert codes_of(body) == ["ambiguous_name"]


def test_the_elements_of_a_list_are_chosen_by_kind_and_list() -> None:
    found = selector(", where: {heavier: true, item: [a, b]}", kind="violation.acts")
    assert found.element == EventField("acts")
    assert found.where == Truth(EventField("heavier"), name="heavier")
    assert isinstance(found.item_where, OneOf)
    assert selector("", kind="violation.acts").where == Constant(holds=True)


def test_the_rows_of_a_rule_read_the_element() -> None:
    body = """
score:
  start: 100
  rules:
    - rule: person
      basis: [law]
      each: violation.responsible
      where: {item.role: owner}
      deduct: {rows: [{where: {item.role: owner}, value: 2}, {value: 1}]}
"""
    score = plan_of(body).score
    assert score is not None
    each = score.rules[0].each
    assert each is not None
    assert each.where == Constant(holds=True)
    assert each.item_where is not None


@pytest.mark.parametrize(
    ("rest", "code"),
    [
        (", by: fine", "type_mismatch"),
        (", by: [decided, never]", "unknown_field"),
        (", by: $day", "wrong_type"),
        (", by: []", "wrong_type"),
        (", per: true", "wrong_type"),
        (", same: [nature]", "unknown_field"),
        (", same: {article: fine}", "type_mismatch"),
        (", at: severity", "type_mismatch"),
        (", since: {where: {heavier: true}}", "missing_key"),
        (", within: 3", "bad_period"),
        (", within: {calendar: year, back: -1}", "bad_period"),
        (", within: {calendar: year, forth: 1}", "unknown_key"),
    ],
)
def test_what_chooses_nothing_is_refused(rest: str, code: str) -> None:
    assert codes_of(f"indicators: {{x: {{count: violation{rest}}}}}\n")[:1] == [code]
