"""Lists with their terms, repairs and reviews; what reads them; the measure catalogue."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_engine.days import Period
from credit_engine.errors import PolicyError
from credit_engine.policy.load import load_policy_text
from credit_engine.policy.nodes import (
    Compare,
    Constant,
    DecisionField,
    EventField,
    Literal,
    OnList,
    OperatorField,
    OwnScore,
    Rows,
    SpanRow,
    Truth,
    walk,
)
from credit_engine.policy.plan import ListRule, Measure, Repair, RepairRow
from credit_engine.policy.plan_basis import Law
from sample_policies import HEAD, codes_of, plan_of

SEVERE = "lists: {severe: {polarity: negative, foundation: law, opens: {each: violation}, REST}}\n"
REVIEWED = "lists: {good: {polarity: positive, foundation: law, needs_decision: false, review: yearly, REST}}\n"
MEASURE = "class: II, basis: [law], targets: [entity], published: true"


def severe(rest: str, sections: str = "") -> ListRule:
    """The one list that each violation opens, with more keys."""
    (found,) = plan_of(sections + SEVERE.replace("REST", rest)).lists
    return found


def repair(rest: str, sections: str = "") -> Repair:
    found = severe(f"repair: {rest}", sections).repair
    assert found is not None
    return found


def term(rest: str, sections: str = "") -> SpanRow:
    found = severe(f"term: {rest}", sections).term
    assert found is not None
    return found.rows[0]


# --- what a list is ---------------------------------------------------------------------------------------------


def test_a_list_needs_a_decision_and_is_public_unless_it_says_otherwise() -> None:
    found = severe("title: {zh: 名单, en: List}")
    assert (found.needs_decision, found.audience, found.title) == (
        True,
        Literal("public"),
        {"zh": "名单", "en": "List"},
    )
    assert (found.term, found.repair, found.review, found.suspended_by, found.measures) == (None, None, None, None, ())


def test_without_a_title_a_list_is_called_by_its_name() -> None:
    assert severe("").title == {"zh": "severe", "en": "severe"}


def test_lists_keep_the_order_of_the_policy_however_they_read_each_other() -> None:
    lists = plan_of(
        "lists:\n"
        "  b: {polarity: negative, foundation: law, opens: {each: violation, when: {on_list.c: true}}}\n"
        "  a: {polarity: negative, foundation: law}\n"
        "  c: {polarity: negative, foundation: law, repair: {from: listed, for: 1y, when: {on_list.a: false}}}\n"
    ).lists
    assert [each.name for each in lists] == ["b", "a", "c"]


@given(st.permutations(["a", "b", "c", "d"]), st.sets(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"))))
def test_lists_that_read_each_other_in_a_circle_are_refused_and_no_others(
    names: list[str], reads: set[tuple[str, str]]
) -> None:
    def one(name: str) -> str:
        asked = ", ".join(f"on_list.{other}: true" for reader, other in sorted(reads) if reader == name)
        return f"  {name}: {{polarity: negative, foundation: law, opens: {{each: violation, when: {{{asked}}}}}}}\n"

    reached = {name: {name} for name in names}
    for _ in names:
        for reader, other in reads:
            reached[reader] = reached[reader] | reached[other]
    circles = any(reader in reached[other] for reader, other in reads)
    codes = codes_of("lists:\n" + "".join(one(name) for name in names))
    assert set(codes) == ({"circle"} if circles else set())


def test_a_foundation_may_be_several_sources() -> None:
    head = HEAD.replace("sources: {", "sources: {old: {title: Old, rank: document, in_force: {until: 2021-01-01}}, ")
    body = SEVERE.replace("foundation: law", "foundation: [old, law]").replace("REST", "")
    assert load_policy_text(head + body).plan.lists[0].foundation == ("old", "law")
    assert severe("").foundation == ("law",)


def test_a_decision_list_has_the_decision_as_its_ground() -> None:
    (found,) = plan_of("lists: {severe: {polarity: negative, foundation: law, term: {for: 3y, from: decided}}}\n").lists
    assert (found.opens, found.ground_kind) == (None, "list_decision")
    assert found.term is not None
    assert found.term.rows[0].from_ == (EventField("decided"),)


def test_the_exception_of_an_opening_reads_the_event_and_stops_nobody_by_default() -> None:
    assert severe("").opens is not None
    opened = "opens: {each: violation, where: {severity: severe}, unless: {intent: false}}"
    (found,) = plan_of(SEVERE.replace("opens: {each: violation}, REST", opened)).lists
    assert found.opens is not None
    assert found.opens.unless == Truth(EventField("intent"), negated=True, name="intent")
    assert found.opens.each is not None
    assert found.opens.each.by == ("decided",)
    plain = severe("").opens
    assert plain is not None
    assert plain.unless == Constant(holds=False)


# --- law ----------------------------------------------------------------------------------------------------------


def test_the_law_of_a_list_is_read_on_days_of_the_ground_or_of_the_decision() -> None:
    sections = "law_of: [pushed, effective, answered]\nfields: {list_decision: {pushed: date}}\n"
    assert severe("", sections).law == Law(("pushed", "effective"))
    assert severe("law_of: as_of", sections).law == Law(as_of=True)


def test_a_review_is_judged_by_the_law_of_its_day() -> None:
    (found,) = plan_of(
        "law_of: decided\nindicators: {fines: {count: violation}}\n"
        + REVIEWED.replace(
            "REST", "opens: {when: {fines: 0}}, suspended_by: {each: violation, by: [decided, recorded]}"
        )
    ).lists
    assert (found.law, found.review, found.ground_kind) == (Law(as_of=True), "yearly", "list_decision")
    assert found.suspended_by is not None
    assert found.suspended_by.by == ("decided", "recorded")


def test_the_parameters_of_a_list_are_all_that_it_reads() -> None:
    values = "{unit: period, values: {2020-01-01: {value: 3y, source: law}}}"
    sections = f"parameters: {{b: {values}, a: {values}, c: {values}}}\n"
    found = severe("term: {for: $b, from: listed}, repair: {for: $a, from: listed}", sections)
    assert found.parameters == ("a", "b")


# --- terms --------------------------------------------------------------------------------------------------------


def test_a_term_reads_the_day_of_listing_the_ground_and_the_decision() -> None:
    row = term(
        "{until: decision.until, from: listed, or_until: restricted_until}", "fields: {list_decision: {until: date}}\n"
    )
    assert row.until == DecisionField("until", declared=True)
    assert [type(each).__name__ for each in row.from_ or ()] == ["Listed"]
    assert isinstance(row.or_until, EventField)
    assert term("{for: 3y, from: decision.decided}").from_ == (DecisionField("decided"),)


def test_rows_of_a_term_choose_by_the_ground_and_by_the_decision() -> None:
    row = term("{rows: [{where: {severity: severe, decision.step: restore}, for: 3y, from: listed, basis: [law]}]}")
    assert row.basis == ("law",)
    compared = [node.left for node in walk(row.condition) if isinstance(node, Compare)]
    assert compared == [EventField("severity"), DecisionField("step")]


def test_a_term_is_held_open_by_another_list_or_by_the_score() -> None:
    plan = plan_of(
        "score: {start: 100}\nlists:\n  other: {polarity: negative, foundation: law}\n"
        "  severe: {polarity: negative, foundation: law, term:"
        " {for: 3y, from: listed, or_while: {any: [{score: {below: 60}}, {on_list.other: true}]}}}\n"
    )
    found = plan.lists[1].term
    assert found is not None
    read = [type(node) for node in walk(found.rows[0].or_while) if isinstance(node, OwnScore | OnList)]
    assert read == [OwnScore, OnList]


# --- repair -------------------------------------------------------------------------------------------------------


def test_a_repair_in_one_piece_is_its_only_row() -> None:
    found = repair("{for: 1y, from: listed, basis: [law], where: {performed: {known: true}}}")
    (row,) = found.rows
    assert (row.condition, row.basis) == (Constant(holds=True), ("law",))
    assert row.span is not None
    assert row.span.rows[0].for_ == Literal(Period.read("1y"))
    assert row.span.rows[0].basis == ()


def test_in_a_row_where_reads_the_ground_and_beside_the_rows_the_rectification() -> None:
    found = repair("{rows: [{where: {heavier: true}, for: 1y}, {never: true, basis: [law]}], where: {promise: true}}")
    assert found.rows[0].condition == Truth(EventField("heavier"), name="heavier")
    assert found.rows[1] == RepairRow(Constant(holds=True), ("law",), None)
    assert found.where == Truth(EventField("promise"), name="promise")


def test_a_repair_may_be_impossible() -> None:
    assert repair("{never: true}").rows == (RepairRow(Constant(holds=True), (), None),)


def test_what_stands_against_a_repair_may_be_the_same_as_the_ground() -> None:
    found = repair("{for: 1y, unless_new: {each: violation, same: [nature]}}", "fields: {violation: {nature: text}}\n")
    nature = EventField("nature", declared=True)
    assert found.unless_new is not None
    assert found.unless_new.same == ((nature, nature),)


def test_the_condition_of_a_repair_reads_indicators_the_score_and_other_lists() -> None:
    sections = "score: {start: 100}\nindicators: {fines: {count: violation}}\n"
    other = "lists: {other: {polarity: negative, foundation: law}, severe:"
    body = SEVERE.replace("lists: {severe:", other)
    when = "repair: {for: 1y, when: {fines: 0, score: {at_least: 60}, on_list.other: false}}"
    found = plan_of(sections + body.replace("REST", when)).lists[1].repair
    assert found is not None
    assert Truth(OnList("other"), negated=True, name="on_list.other") in walk(found.when)


# --- who reads lists ----------------------------------------------------------------------------------------------

READERS = {
    "a row of grades": ("grades: {order: [A], rows: [{grade: A, when: {on_list.severe: false}}]}\n", True),
    "an adjustment": (
        "grades: {order: [A], rows: [{grade: A}], adjust: [{rule: a, when: {on_list.severe: true}, at_best: A}]}\n",
        True,
    ),
    "a finding": ("findings: [{rule: one, when: {on_list.severe: true}, says: may, basis: [law]}]\n", True),
    "supervision": ("supervision: [{rule: one, when: {on_list.severe: true}, notice: look}]\n", True),
    "an audience": ("audience: {rows: [{when: {on_list.severe: true}, value: public}, {value: internal}]}\n", True),
    "an indicator": ("indicators: {one: {holds: {on_list.severe: true}}}\n", False),
    "a computed field": ("fields: {violation: {one: {holds: {on_list.severe: true}}}}\n", False),
    "what takes part": ("admits: {violation: {where: {on_list.severe: true}}}\n", False),
}


@pytest.mark.parametrize(("section", "may"), READERS.values(), ids=READERS)
def test_lists_are_read_by_what_comes_after_them(section: str, *, may: bool) -> None:
    body = SEVERE.replace("REST", "") + section
    if may:
        assert OnList("severe") in walk(plan_of(body))
    else:
        assert codes_of(body) in (["later_step"], ["where_names_indicator"])


def test_fields_and_indicators_may_be_called_listed_where_no_entry_is() -> None:
    body = "fields: {violation: {listed: date}}\nindicators: {last: {latest: violation, take: listed}}\n"
    assert codes_of(body) == []
    assert (
        codes_of("indicators: {listed: {count: violation}}\n" + SEVERE.replace("REST", "term: {for: 1y, from: listed}"))
        == []
    )


def test_a_list_that_was_refused_is_no_second_mistake_for_those_who_read_it() -> None:
    reader = "findings: [{rule: one, when: {on_list.severe: true}, says: may, basis: [law]}]\n"
    assert codes_of("lists: {severe: {polarity: negative}}\n" + reader) == ["missing_key"]


# --- audience -----------------------------------------------------------------------------------------------------


def test_an_audience_is_one_level_or_rows_of_them() -> None:
    assert plan_of("audience: internal\n").audience == Literal("internal")
    assert plan_of("").audience == Literal("public")
    rows = plan_of("audience: {rows: [{where: {operator.kind: person}, value: inquiry}, {value: public}]}\n").audience
    assert isinstance(rows, Rows)
    assert [row.value for row in rows.rows] == [Literal("inquiry"), Literal("public")]
    assert OperatorField("kind") in walk(rows)


def test_the_audience_of_a_list_may_depend_on_the_ground() -> None:
    found = severe("audience: {rows: [{where: {severity: minor}, value: internal}, {value: public}]}")
    assert EventField("severity") in walk(found.audience)


def test_a_scale_has_an_audience_of_its_own() -> None:
    (scale,) = plan_of("grades: {order: [A], rows: [{grade: A}], audience: inquiry}\n").scales
    assert scale.audience == Literal("inquiry")


# --- measures -----------------------------------------------------------------------------------------------------


def measures(body: str) -> Mapping[str, Measure]:
    return plan_of(body).measures


def test_a_catalogue_is_the_same_by_id_and_in_rows() -> None:
    named = measures(f"measures: {{M06: {{{MEASURE}}}, M01: {{{MEASURE}, executor: office}}}}\n")
    rows = measures(f"measures:\n  - {{id: M06, {MEASURE}}}\n  - {{id: M01, {MEASURE}, executor: office}}\n")
    assert named == rows
    assert list(named) == ["M06", "M01"]
    assert named["M01"] == Measure("M01", {"zh": "M01", "en": "M01"}, "II", "office", ("law",), "", ("entity",))


@pytest.mark.parametrize(
    "rank", ["law", "administrative_regulation", "local_regulation", "departmental_rule", "guidance"]
)
def test_only_law_and_administrative_regulation_bear_a_measure_of_class_one(rank: str) -> None:
    body = f"measures: {{M01: {{{MEASURE.replace('II', 'I')}}}}}\n"
    head = HEAD.replace("rank: law", f"rank: {rank}")
    if rank in ("law", "administrative_regulation"):
        assert load_policy_text(head + body).plan.measures["M01"].class_ == "I"
    else:
        with pytest.raises(PolicyError, match="rank_too_low"):
            load_policy_text(head + body)


def test_the_measures_of_a_list_are_those_of_the_catalogue_each_once() -> None:
    catalogue = f"measures: {{M06: {{{MEASURE}}}, M07: {{{MEASURE}}}}}\n"
    assert severe("measures: [M07, M06, M07]", catalogue).measures == ("M07", "M06")


def test_a_measure_that_was_refused_is_no_second_mistake_for_its_list() -> None:
    body = "measures: {M06: {class: 2, basis: [law], targets: [entity], published: true}}\n"
    assert codes_of(body + SEVERE.replace("REST", "measures: [M06]")) == ["wrong_type"]
