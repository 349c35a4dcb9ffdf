"""What spread starts from in a dossier: events, entries in force and own answers; what only may be is told apart."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_engine import Assessment, Dossier, ListDecision, Operator, Person, Violation, assess, next_change
from credit_engine.assessing.answer import UnknownLine
from credit_engine.assessing.effects import Origin
from credit_engine.dossiers import Coverage
from credit_engine.policy.load import Policy, load_policy_text
from credit_engine.records import Event

DAY = date(2024, 6, 1)
HEAD = """\
policy: sample
title: {zh: 例, en: sample}
sources:
  law: {title: Law, rank: law, in_force: {from: 2000-01-01}, reaches: [itself, shareholder, legal_representative, manager]}
parameters:
  held: {unit: field, values: {2000-01-01: {value: occurred, source: law}, 2024-02-01: {value: decided, source: law}}}
  points: {unit: points, values: {2000-01-01: {value: 5, source: law}, 2024-02-01: {value: null, source: law}}}
lists:
  severe: {polarity: negative, foundation: law, needs_decision: true, opens: {each: violation}, term: {for: 1y, from: listed}}
"""
OVER = "along: [{relation: shareholder, to: target}]"
EACH = f"from: {{each: violation}}, {OVER}, lasts: {{for: 1y, from: decided}}"


def policy_of(*rules: str, head: str = HEAD) -> Policy:
    rows = "".join(
        f"  - {{rule: r{place}, title: {{zh: 一, en: one}}, basis: [law], effect: alert, {rule}}}\n"
        for place, rule in enumerate(rules)
    )
    return load_policy_text(f"{head}spread:\n{rows}")


def ask(
    policy: Policy, *events: Event, day: date = DAY, coverage: dict[str, Coverage] | None = None, person: bool = False
) -> Assessment:
    party = Person(id="P1") if person else Operator(id="P1", region="320500")
    return assess(Dossier(party, events, coverage=coverage or {}), policy, day)


def origins(rule: str, *events: Event, day: date = DAY) -> tuple[Origin, ...]:
    return ask(policy_of(rule), *events, day=day).origins


def unknowns(rule: str, *events: Event, **asked: Any) -> list[tuple[str | None, tuple[str, ...]]]:  # Any: see `ask`
    lines: tuple[UnknownLine, ...] = ask(policy_of(rule), *events, **asked).unknowns
    return [(line.event, line.names) for line in lines if line.rule == "r0"]


def violation(id_: str = "V1", decided: date | None = date(2024, 3, 1), **fields: Any) -> Violation:  # Any: any fields
    return Violation(id=id_, party="P1", decided=decided, **fields)


def listing(id_: str = "D1", decided: date | None = date(2024, 3, 15), **fields: Any) -> ListDecision:  # Any: as above
    return ListDecision(**{"id": id_, "party": "P1", "list": "severe", "step": "list", "decided": decided, **fields})


# --- laws -----------------------------------------------------------------------------------------------------

DAYS = st.dates(date(2023, 1, 1), date(2024, 12, 31))
FINES = st.sampled_from([None, 0, 100, 500])
EVENTS = st.lists(st.tuples(st.none() | DAYS, FINES), max_size=5)
ASKED = "each: violation, where: {fine: {at_least: 1 yuan}}, when: {on_list.severe: false}"


@given(EVENTS, DAYS)
def test_an_event_is_an_origin_where_a_finding_with_the_same_words_is_one(
    drawn: list[tuple[date | None, int | None]], day: date
) -> None:
    lasts = "lasts: {for: 6m, from: decided}"
    finding = f"findings: [{{rule: f, {ASKED}, {lasts}, says: may, text: {{zh: 一, en: one}}, basis: [law]}}]\n"
    policy = policy_of(f"from: {{{ASKED}}}, {OVER}, {lasts}", head=HEAD + finding)
    events = [violation(f"V{place}", decided, fine=fine) for place, (decided, fine) in enumerate(drawn)]
    answer = ask(policy, *events, day=day)
    assert [(one.id, one.from_day, one.until, one.law_day) for one in answer.origins] == [
        (one.event, one.from_day, one.until, one.law_day) for one in answer.findings
    ]
    assert [(line.event, line.names) for line in answer.unknowns if line.rule == "r0"] == [
        (line.event, line.names) for line in answer.unknowns if line.rule == "f"
    ]


@given(st.lists(st.tuples(DAYS, st.sampled_from(["list", "revoke", "restore", "notify"])), max_size=5), DAYS)
def test_the_entries_in_force_are_the_origins_of_a_rule_from_their_list(
    drawn: list[tuple[date, str]], day: date
) -> None:
    events = [listing(f"D{place}", decided, step=step) for place, (decided, step) in enumerate(drawn)]
    answer = ask(policy_of(f"from: {{list: severe}}, {OVER}"), *events, day=day)
    in_force = [entry for entry in answer.entries if entry.state == "listed"]
    assert [(one.id, one.from_day, one.until) for one in answer.origins] == [
        (entry.id, entry.listed, entry.until) for entry in in_force
    ]


# --- events ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "there"),
    [(date(2024, 2, 29), False), (date(2024, 3, 1), True), (date(2025, 3, 1), True), (date(2025, 3, 2), False)],
)
def test_an_event_is_an_origin_on_the_days_that_lasts_covers(day: date, there: bool) -> None:  # noqa: FBT001
    assert bool(origins(EACH, violation(), day=day)) is there


def test_an_origin_says_from_when_until_when_and_under_which_law() -> None:
    (origin,) = origins(EACH, violation())
    assert (origin.kind, origin.id, origin.event_kind) == ("event", "V1", "violation")
    assert (origin.from_day, origin.until) == (date(2024, 3, 1), date(2025, 3, 2))
    assert (origin.law_day, origin.basis, origin.audience) == (date(2024, 3, 1), ("law",), "public")


def test_a_rule_that_lasts_without_end_has_no_last_day() -> None:
    (origin,) = origins(
        f"from: {{each: violation}}, {OVER}, lasts: {{from: decided}}", violation(), day=date(2090, 1, 1)
    )
    assert origin.until is None


def test_origins_stand_in_the_order_of_the_policy_then_of_their_ids() -> None:
    answer = ask(policy_of(EACH, EACH), violation("V2"), violation("V1", date(2024, 4, 1)))
    assert [(one.rule, one.id) for one in answer.origins] == [("r0", "V1"), ("r0", "V2"), ("r1", "V1"), ("r1", "V2")]


@pytest.mark.parametrize(("law_of", "there"), [("occurred", False), ("decided", True)])
def test_a_rule_counts_where_it_is_in_force_on_the_law_day_of_the_event(law_of: str, there: bool) -> None:  # noqa: FBT001
    rule = f"{EACH}, law_of: {law_of}, in_force: {{from: 2024-02-01}}"
    assert bool(origins(rule, violation(occurred=date(2024, 1, 15)))) is there


def test_when_is_asked_from_the_viewpoint_of_the_event() -> None:
    head = f"{HEAD}indicators: {{before: {{count: violation, before: true}}}}\n"
    rule = f"from: {{each: violation, when: {{before: {{at_least: 1}}}}}}, {OVER}, lasts: {{from: decided}}"
    answer = ask(policy_of(rule, head=head), violation("V1"), violation("V2", date(2024, 4, 1)))
    assert [one.id for one in answer.origins] == ["V2"]


def test_an_event_that_only_may_be_meant_is_no_origin_but_unknown() -> None:
    rule = f"from: {{each: violation, where: {{fine: {{at_least: 1 yuan}}}}}}, {OVER}, lasts: {{from: decided}}"
    assert origins(rule, violation()) == ()
    assert unknowns(rule, violation()) == [("V1", ("fine",))]


def test_an_event_without_a_day_is_no_origin_but_unknown() -> None:
    assert origins(EACH, violation(decided=None)) == ()
    assert unknowns(EACH, violation(decided=None)) == [("V1", ("decided",))]


def test_a_span_of_unknown_end_leaves_open_whether_there_is_an_origin() -> None:
    rule = f"from: {{each: violation}}, {OVER}, lasts: {{from: decided, until: restricted_until}}"
    assert origins(rule, violation()) == ()
    assert unknowns(rule, violation()) == [("V1", ("restricted_until",))]


def test_events_that_stand_unrecorded_may_be_origins() -> None:
    assert unknowns(EACH, coverage={"violation": "absent"}) == [(None, ("violation",))]
    assert unknowns(EACH, coverage={"violation": date(2023, 6, 1)}) == []
    assert unknowns(EACH, coverage={"violation": date(2023, 6, 3)}) == [(None, ("violation",))]


def test_a_party_outside_the_policy_starts_nothing() -> None:
    answer = ask(policy_of(EACH, head=HEAD + 'regions: ["310000"]\n'), violation())
    assert answer.outside_policy
    assert answer.origins == ()


def test_a_person_starts_what_an_operator_does() -> None:
    policy = policy_of(EACH, head=HEAD + 'regions: ["310000"]\n')
    assert [one.party for one in ask(policy, violation(), person=True).origins] == ["P1"]


# --- entries and answers --------------------------------------------------------------------------------------


def test_an_entry_starts_while_it_is_in_force_and_on_no_other_day() -> None:
    rule = f"from: {{list: severe}}, {OVER}"
    days = [date(2024, 3, 14), date(2024, 3, 15), date(2025, 3, 15), date(2025, 3, 16)]
    assert [bool(origins(rule, listing(), day=day)) for day in days] == [False, True, True, False]
    (origin,) = origins(rule, listing())
    assert (origin.kind, origin.id, origin.list, origin.event_kind) == ("entry", "severe/P1/D1", "severe", None)
    assert (origin.law_day, origin.held_on) == (DAY, (DAY,))


def test_a_proposal_starts_nothing() -> None:
    assert origins(f"from: {{list: severe}}, {OVER}", violation()) == ()


def test_a_decision_without_a_day_leaves_open_whether_there_is_an_entry_to_start_from() -> None:
    assert unknowns(f"from: {{list: severe}}, {OVER}", listing(decided=None)) == [(None, ("on_list.severe",))]


def test_the_measures_of_an_origin_are_those_of_its_list_whomever_they_aim_at() -> None:
    measure = "class: II, executor: court, basis: [law], published: true"
    head = HEAD.replace("from: listed}}", "from: listed}, measures: [M1, M2]}") + (
        f"measures: [{{id: M1, {measure}, targets: [person]}}, {{id: M2, {measure}, targets: [entity]}}]\n"
    )
    (origin,) = ask(policy_of(f"from: {{list: severe}}, {OVER}", head=head), listing()).origins
    assert origin.measures == ("M1", "M2")


def test_an_answer_starts_on_the_day_judged_alone() -> None:
    (origin,) = origins(f"from: {{when: {{on_list.severe: true}}}}, {OVER}", listing())
    assert (origin.kind, origin.id, origin.from_day, origin.until) == ("answer", None, DAY, DAY + timedelta(days=1))
    assert origins(f"from: {{when: {{on_list.severe: true}}}}, {OVER}") == ()


def test_an_answer_that_only_may_be_so_is_unknown() -> None:
    rule = f"from: {{when: {{on_list.severe: true}}}}, {OVER}"
    assert unknowns(rule, listing(decided=None)) == [(None, ("on_list.severe",))]


def test_the_audience_is_the_strictest_of_the_rule_the_policy_and_the_entry() -> None:
    rule = f"from: {{list: severe}}, {OVER}"
    assert [one.audience for one in origins(f"{rule}, audience: inquiry", listing())] == ["inquiry"]
    of_list = HEAD.replace("from: listed}}", "from: listed}, audience: internal}")
    assert [one.audience for one in ask(policy_of(rule, head=of_list), listing()).origins] == ["internal"]
    of_policy = f"{HEAD}audience: department\n"
    assert [one.audience for one in ask(policy_of(rule, head=of_policy), listing()).origins] == ["department"]


# --- the day of relations -------------------------------------------------------------------------------------


def held_on(written: str, start: str = "each: violation", lasts: str = "lasts: {from: decided}, ") -> str:
    return f"from: {{{start}}}, {lasts}along: [{{relation: shareholder, to: target, held_on: {written}}}]"


@pytest.mark.parametrize(
    ("written", "day"), [("day", DAY), ("decided", date(2024, 3, 1)), ("occurred", date(2024, 1, 15))]
)
def test_a_relation_must_hold_on_the_day_that_the_branch_names(written: str, day: date) -> None:
    (origin,) = origins(held_on(written), violation(occurred=date(2024, 1, 15)))
    assert origin.held_on == (day,)


def test_a_relation_may_have_to_hold_on_the_day_of_the_listing_or_of_the_ground() -> None:
    events = (violation(occurred=date(2024, 1, 15)), listing(grounds=["V1"]))
    assert [one.held_on for one in origins(held_on("listed", "list: severe", ""), *events)] == [(date(2024, 3, 15),)]
    assert [one.held_on for one in origins(held_on("occurred", "list: severe", ""), *events)] == [(date(2024, 1, 15),)]


def test_a_parameter_names_the_day_as_it_is_on_the_law_day() -> None:
    before = violation("V1", date(2024, 1, 31), occurred=date(2024, 1, 15))
    after = violation("V2", date(2024, 2, 1), occurred=date(2024, 1, 15))
    assert [one.held_on for one in origins(held_on("$held"), before, after)] == [
        (date(2024, 1, 15),),
        (date(2024, 2, 1),),
    ]


def test_a_branch_whose_day_is_not_known_is_closed_and_others_stay_open() -> None:
    branches = "{relation: shareholder, to: target, held_on: occurred}, {relation: legal_representative, to: source, held_on: day}"
    rule = f"from: {{each: violation}}, lasts: {{from: decided}}, along: [{{any: [{branches}]}}]"
    (origin,) = origins(rule, violation())
    assert origin.held_on == (None, DAY)
    assert unknowns(rule, violation()) == [("V1", ("occurred",))]


# --- persons named --------------------------------------------------------------------------------------------

NAMED = "from: {each: violation}, lasts: {from: decided}, along: [{named: responsible, where: {item.role: [manager, chief]}}]"


def test_persons_named_in_one_of_the_roles_are_reached() -> None:
    people = [{"person": "N2", "role": "manager"}, {"person": "N1", "role": "chief"}, {"person": "N3", "role": "clerk"}]
    (origin,) = origins(NAMED, violation(responsible=people))
    assert origin.named == ((("chief", "N1"), ("manager", "N2")),)
    assert origin.held_on == (None,)


def test_a_person_whose_role_is_not_known_only_may_be_meant() -> None:
    people = [{"person": "N1"}, {"person": "N2", "role": "chief"}]
    assert [one.named for one in origins(NAMED, violation(responsible=people))] == [((("chief", "N2"),),)]
    assert unknowns(NAMED, violation(responsible=people)) == [("V1", ("item.role",))]


def test_a_role_whose_person_is_not_known_reaches_nobody_and_is_told() -> None:
    assert unknowns(NAMED, violation(responsible=[{"role": "chief"}])) == [("V1", ("item.person",))]


def test_a_decision_without_its_list_of_persons_leaves_open_whom_it_names() -> None:
    assert [one.named for one in origins(NAMED, violation())] == [((),)]
    assert unknowns(NAMED, violation()) == [("V1", ("responsible",))]
    assert unknowns(NAMED, violation(responsible=[])) == []


# --- points ---------------------------------------------------------------------------------------------------


def test_points_are_those_of_the_law_day() -> None:
    scored = f"{HEAD}score: {{start: 100, range: [0, 100]}}\n"
    rule = f"{EACH}, effect: points, points: $points, basis: [law]".replace("effect: alert, ", "")
    policy = load_policy_text(f"{scored}spread: [{{rule: r0, {rule}}}]\n")
    answer = ask(policy, violation("V1", date(2024, 1, 31)), violation("V2", date(2024, 2, 1)))
    assert [(one.id, one.points) for one in answer.origins] == [("V1", 5000)]
    assert [(line.event, line.names) for line in answer.unknowns] == [("V2", ("$points",))]
    assert [(read.name, read.value) for read in answer.origins[0].parameters] == [("points", "5")]


def test_a_policy_without_spread_asks_nothing() -> None:
    answer = ask(load_policy_text(HEAD), violation(), listing())
    assert (answer.origins, answer.recognised, answer.effects) == ((), (), ())


# --- what changes by itself -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "day"),
    [
        (EACH, date(2025, 3, 2)),
        (f"{EACH}, in_force: {{from: 2024-07-10}}, law_of: as_of", date(2024, 7, 10)),
        (f"from: {{when: {{day: {{at_least: 2024-08-01}}}}}}, {OVER}", date(2024, 8, 1)),
    ],
)
def test_the_next_change_is_the_day_on_which_an_origin_begins_or_ends(rule: str, day: date) -> None:
    head = HEAD.replace("opens: {each: violation}, ", "")
    dossier = Dossier(Operator(id="P1"), (violation(),))
    assert next_change(dossier, policy_of(rule, head=head), DAY, date(2026, 1, 1)) == day
