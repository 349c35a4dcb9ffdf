"""Recognition: which entries of which regions a host takes over, how far, and what a row may ask of an entry."""

from datetime import date

import pytest

from credit_engine.days import Period
from credit_engine.policy.nodes import (
    Compare,
    ComputedField,
    Condition,
    Constant,
    DayAfter,
    DecisionField,
    EntryField,
    EventField,
    Inside,
    Listed,
    Literal,
    OperatorField,
    Parameter,
    Province,
    Truth,
    ViewDay,
    walk,
)
from credit_engine.policy.plan_basis import Basis, InForce
from credit_engine.policy.plan_spreading import RecognitionRule
from sample_spreading import LISTED, OVER, codes_of, plan_of, problems_of

HEAD = """\
policy: sample
title: {zh: 例, en: sample}
sources:
  rules: {title: Rules, rank: departmental_rule}
  plan: {title: Plan, rank: document}
measures:
  M06: {class: II, basis: [rules], targets: [entity], published: true}
  M07: {class: II, basis: [rules], targets: [entity], published: true}
  M08: {class: II, basis: [rules], targets: [entity], published: true}
lists:
  severe: {polarity: negative, foundation: rules, opens: {each: violation}, measures: [M06, M07]}
  good: {polarity: positive, foundation: rules, opens: {when: {operator.kind: farm}}, review: yearly}
"""


def text(rest: str, sections: str = "", listed: str = "severe") -> str:
    return f'{sections}recognition: [{{rule: one, list: {listed}, hosts: ["310000"], {rest}}}]\n'


def row(rest: str, sections: str = "", listed: str = "severe") -> RecognitionRule:
    (found,) = plan_of(text(rest, sections, listed), HEAD).recognition
    return found


def codes(rest: str, sections: str = "", listed: str = "severe") -> list[str]:
    return codes_of(text(rest, sections, listed), HEAD)


def when(condition: str, sections: str = "") -> Condition:
    return row(f"mode: inform, when: {{{condition}}}", sections).when


def test_a_row_is_read_with_its_defaults() -> None:
    found = row("mode: inform")
    assert (found.id, found.title, found.list) == ("one", {"zh": "one", "en": "one"}, "severe")
    assert (found.origins, found.origins_inside, found.hosts) == ((), (), ("310000",))
    assert (found.mode, found.when, found.measures) == ("inform", Constant(holds=True), None)
    assert (found.basis, found.parameters, found.place.line) == (Basis(), (), 13)


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ('"320000"', (("320000",), ())),
        ('["320000", "330000", "320000"]', (("320000", "330000"), ())),
        ('{inside: "330000"}', ((), ("330000",))),
        ('{inside: ["320000", "330000"]}', ((), ("320000", "330000"))),
        ("[AFDB, WBG]", (("AFDB", "WBG"), ())),
    ],
)
def test_the_origin_is_a_region_several_or_what_lies_inside(
    origin: str, expected: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    found = row(f"origin: {origin}, mode: inform")
    assert (found.origins, found.origins_inside) == expected


@pytest.mark.parametrize(
    ("origin", "code"),
    [
        ("{inside: 330000}", "unquoted_code"),
        ("[330000]", "unquoted_code"),
        ("[]", "wrong_type"),
        ("{}", "missing_key"),
        ('{below: "330000", inside: "330000"}', "unknown_key"),
    ],
)
def test_an_origin_that_is_no_region_is_refused(origin: str, code: str) -> None:
    assert codes(f"origin: {origin}, mode: inform") == [code]


def test_rows_stay_in_the_order_of_the_policy() -> None:
    rows = "\n".join(f'  - {{rule: {name}, list: severe, hosts: ["310000"], mode: none}}' for name in "cab")
    assert [each.id for each in plan_of(f"recognition:\n{rows}\n", HEAD).recognition] == ["c", "a", "b"]


# --- what a row may ask -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("primary: true", Truth(EntryField("primary"), name="primary")),
        ("authority: AMR", Compare(EntryField("authority"), "is", Literal("AMR"), name="authority")),
        ('origin: {inside: "320000"}', Inside(EntryField("origin"), Literal("320000"), name="origin")),
        (
            "last_day: {above: 1y, after: listed}",
            Compare(EntryField("last_day"), "above", DayAfter(Listed(), Literal(Period(1, "y"))), name="last_day"),
        ),
        (
            "until: {at_least: 2024-01-01}",
            Compare(EntryField("until"), "at_least", Literal(date(2024, 1, 1)), name="until"),
        ),
        (
            "listed: {at_most: 10y, after: ground.occurred}",
            Compare(Listed(), "at_most", DayAfter(EventField("occurred"), Literal(Period(10, "y"))), name="listed"),
        ),
        ("published: {below: {of: day}}", Compare(EntryField("published"), "below", ViewDay(), name="published")),
        ("ground.severity: severe", Compare(EventField("severity"), "is", Literal("severe"), name="ground.severity")),
        (
            "decision.document: D1",
            Compare(DecisionField("document"), "is", Literal("D1"), name="decision.document"),
        ),
        ("operator.kind: farm", Compare(OperatorField("kind"), "is", Literal("farm"), name="operator.kind")),
        (
            'origin.province: "320000"',
            Compare(Province(EntryField("origin")), "is", Literal("320000"), name="origin.province"),
        ),
    ],
)
def test_a_row_asks_of_the_entry_its_decision_its_ground_and_the_party(condition: str, expected: Condition) -> None:
    assert when(condition) == expected


def test_the_ground_has_declared_and_computed_fields() -> None:
    sections = "fields: {violation: {hidden: bool, big: {holds: {fine: {above: 500 yuan}}}}}\n"
    nodes = walk(when("ground.hidden: true, ground.big: true", sections))
    assert EventField("hidden", declared=True) in nodes
    assert ComputedField("violation", "big") in nodes


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("severity: severe", "unknown_field"),
        ("seen: {above: 1}", "unknown_field"),
        ("score: {above: 1}", "unknown_field"),
        ("on_list.severe: true", "unknown_field"),
        ("ground.colour: red", "unknown_field"),
        ("decision.colour: red", "unknown_field"),
        ("operator.colour: red", "unknown_field"),
        ("ground: severe", "unknown_field"),
        ("item.role: x", "unknown_field"),
        ("primary: 1", "type_mismatch"),
        ("published: soon", "bad_date"),
    ],
)
def test_a_row_asks_nothing_else(condition: str, code: str) -> None:
    sections = "indicators: {seen: {count: violation}}\nscore: {start: 100}\n"
    assert codes(f"mode: inform, when: {{{condition}}}", sections) == [code]


def test_what_a_review_opens_has_no_ground_but_all_the_rest() -> None:
    assert codes("mode: inform, when: {ground.decided: {known: true}}", listed="good") == ["needs_event"]
    rest = "mode: inform, when: {primary: true, listed: {known: true}, decision.authority: AMR}"
    assert codes(rest, listed="good") == []


def test_the_parameters_that_a_row_reads_are_named() -> None:
    sections = "parameters: {short: {unit: period, values: {2020-01-01: {value: 1y}}}}\n"
    found = row("mode: inform, when: {last_day: {above: $short, after: listed}}", sections)
    assert found.parameters == ("short",)
    assert Parameter("short") in walk(found.when)


# --- how far ------------------------------------------------------------------------------------------------------


def test_measures_narrow_those_of_the_list() -> None:
    assert row("mode: mirror, measures: [M07, M07], basis: [rules]").measures == ("M07",)
    assert row("mode: attention, measures: []").measures == ()
    assert codes("mode: attention, measures: [M08]") == ["unknown_measure"]


@pytest.mark.parametrize("mode", ["none", "inform"])
def test_where_nothing_is_taken_no_measures_are_named(mode: str) -> None:
    assert codes(f"mode: {mode}, measures: [M06]") == ["wrong_type"]


@pytest.mark.parametrize(
    ("mode", "basis", "expected"),
    [
        ("mirror", "basis: [rules]", []),
        ("mirror", "basis: [plan, rules]", []),
        ("mirror", "basis: [plan]", ["rank_too_low"]),
        ("mirror", "", ["rank_too_low"]),
        ("attention", "basis: [plan]", []),
        ("attention", "", []),
        ("inform", "", []),
        ("none", "", []),
    ],
)
def test_a_mirror_rests_on_what_founds_the_list(mode: str, basis: str, expected: list[str]) -> None:
    assert codes(f"mode: {mode}, {basis}") == expected


def test_a_row_is_in_force_by_its_basis_or_by_its_own_days() -> None:
    found = row("mode: attention, basis: [plan], in_force: {from: 2021-01-01, until: 2024-01-01}")
    assert found.basis == Basis(("plan",), InForce(date(2021, 1, 1), date(2024, 1, 1)))


# --- names --------------------------------------------------------------------------------------------------------


def test_an_opt_out_can_only_mean_one_thing() -> None:
    spread = f"spread: [{{rule: one, {LISTED}, {OVER}, effect: alert}}]\n"
    assert codes("mode: inform", spread) == ["duplicate_rule"]
    named = text("mode: inform").replace("rule: one", "rule: good")
    assert codes_of(named, HEAD) == ["ambiguous_name"]
    assert codes_of(named.replace("rule: good", "rule: severe"), HEAD) == []


def test_the_hint_names_what_can_be_asked() -> None:
    (problem,) = problems_of(text("mode: inform, when: {lastday: {known: true}}"), HEAD)
    assert "last_day" in problem.hint


def test_all_mistakes_of_a_row_are_told_at_once() -> None:
    rest = "origin: [330000], mode: mirrors, when: {colour: red}, measures: [M09], basis: [none]"
    assert sorted(codes(rest)) == [
        "unknown_field",
        "unknown_measure",
        "unknown_source",
        "unquoted_code",
        "wrong_type",
    ]


def test_a_row_of_a_list_that_was_refused_is_no_second_mistake() -> None:
    head = HEAD.replace("polarity: negative", "polarity: worst")
    assert codes_of(text("mode: inform"), head) == ["wrong_type"]
