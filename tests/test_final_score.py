"""The final score and grades: own contributions and certain points of affiliates, and what is read of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from credit_engine import Assessment, Dossier, ListDecision, Operator, QuestionError, Violation, assess
from credit_engine.assessing.audiences import seen_by
from credit_engine.assessing.effects import Edge, Effect, Effects, Held, TooWide
from credit_engine.assessing.unknown import Range
from credit_engine.policy.load import Policy, load_policy_text
from credit_engine.records import Event

DAY = date(2024, 6, 1)
HEAD = """\
policy: sample
title: {zh: 例, en: sample}
sources: {law: {title: Law, rank: law, in_force: {from: 2000-01-01}, reaches: [shareholder]}}
"""
RULES = "rules: [{rule: fined, each: violation, deduct: 10, counts: {from: decided}, basis: [law]}]"
SCORE = f"start: 100, range: [0, 120], groups: {{affiliation: {{at_most: 30}}}}, {RULES}"
REST = """\
grades:
  order: [A, B, C]
  rows: [{grade: A, when: {score: {at_least: 90}}}, {grade: B, when: {score: {at_least: 75}}}, {grade: C}]
lists:
  severe: {polarity: negative, foundation: law, needs_decision: true, measures: [M1]}
  good: {polarity: positive, foundation: law, needs_decision: false, opens: {when: {score: {at_least: 90}}}, review: yearly}
measures: [{id: M1, class: II, executor: samr, basis: [law], published: true, targets: [entity]}]
findings: [{rule: talk, when: {score: {below: 90}}, says: may, text: {zh: 谈, en: talk}, basis: [law]}]
supervision:
  - {rule: often, when: {grade: [B, C]}, inspections: {at_least: 2, per: 1y}}
  - {rule: seldom, when: {grade: A}, inspections: {at_least: 1, per: 1y}}
"""
FINES = "indicators: {fines: {count: violation}}\n"
OVER = "from: {list: severe}, along: [{relation: shareholder, to: target}], basis: [law]"
SPREAD = f"""\
spread:
  - {{rule: minus, effect: points, points: -10, {OVER}}}
  - {{rule: told, effect: alert, {OVER}}}
  - {{rule: mirrored, effect: mirror, {OVER}}}
"""


def policy_of(score: str = SCORE, spread: str = SPREAD, rest: str = REST) -> Policy:
    return load_policy_text(f"{HEAD}score: {{{score}}}\n{rest}{spread}")


POLICY = policy_of()


def ask(effects: Iterable[Any] = (), *events: Event, policy: Policy = POLICY) -> Assessment:
    return assess(Dossier(Operator(id="P1"), events), policy, DAY, effects=effects)


def effect(points: int | None = -10_000, rule: str = "minus", **fields: Any) -> Effect:  # Any: any fields
    usual = {
        "effect": "points",
        "target": "P1",
        "origin_party": "P2",
        "origin_kind": "entry",
        "origin": "severe/P2/D1",
        "list": "severe",
        "from_day": date(2024, 3, 1),
        "until": None,
        "law_day": DAY,
        "basis": ("law",),
        "audience": "public",
    }
    return Effect(**{**usual, "rule": rule, "points": points, **fields})


def violation(id_: str = "V1") -> Violation:
    return Violation(id=id_, party="P1", decided=date(2024, 3, 1))


def ended(rule: str = "minus", *found: Effect) -> Effects:
    return Effects(as_of=DAY, known_at=DAY, found=found, too_wide=(TooWide(rule=rule, most=1),))


# --- laws -----------------------------------------------------------------------------------------------------

DRAWN = st.builds(
    effect,
    points=st.sampled_from([-40_000, -10_000, -1, 0, 7_000, 45_000]),
    certain=st.sampled_from([True, True, False]),
    target=st.sampled_from(["P1", "P1", "P3"]),
    origin_party=st.sampled_from(["P2", "P4"]),
    origin=st.sampled_from(["severe/P2/D1", "severe/P2/D2"]),
)
EFFECTS = st.lists(DRAWN, max_size=6, unique_by=lambda one: (one.origin_party, one.origin, one.target))
EVENTS = st.integers(0, 12).map(lambda number: [violation(f"V{place}") for place in range(number)])


@given(EFFECTS, EVENTS)
def test_the_final_score_is_the_start_and_its_reasons_and_is_folded_by_hand(
    effects: list[Effect], events: list[Event]
) -> None:
    answer = ask(effects, *events)
    assert answer.score == 100_000 + sum(reason.points for reason in answer.reasons)
    counting = [one.points or 0 for one in effects if one.certain and one.target == "P1"]
    of_affiliates = max(-30_000, min(30_000, sum(counting)))
    assert answer.score == max(0, min(120_000, 100_000 - 10_000 * len(events) + of_affiliates))


@given(EFFECTS, EVENTS)
def test_no_effect_moves_the_own_score_the_own_grades_or_a_list(effects: list[Effect], events: list[Event]) -> None:
    own, final = ask((), *events), ask(effects, *events)
    assert (own.score, own.grades) == (own.own_score, own.own_grades)
    assert (final.own_score, final.own_grades) == (own.own_score, own.own_grades)
    assert (final.entries, final.on_list, final.origins) == (own.entries, own.on_list, own.origins)


@given(EFFECTS, EVENTS, st.randoms(use_true_random=False))
def test_order_repetition_possible_effects_and_those_of_others_change_nothing(
    effects: list[Effect], events: list[Event], random: Any
) -> None:
    mixed = [*effects, *effects]
    random.shuffle(mixed)
    given_ = ask(effects, *events)
    assert ask(iter(mixed), *events) == given_
    moving = [one for one in effects if one.certain and one.target == "P1"]
    assert (given_.score, given_.reasons) == (ask(moving, *events).score, ask(moving, *events).reasons)
    assert given_.effects == tuple(one for one in ask(mixed).effects if one.target == "P1")


@given(EFFECTS, EVENTS)
def test_what_no_effect_moves_is_the_answer_without_effects(effects: list[Effect], events: list[Event]) -> None:
    without = ask((), *events)
    still = ask([evolve(one, certain=False) for one in effects], *events)
    assert evolve(still, effects=()) == without


# --- what is read of the final score --------------------------------------------------------------------------


def test_grades_findings_and_supervision_read_the_final_score() -> None:
    own, final = ask(), ask([effect(), effect(origin="severe/P2/D2", points=-1)])
    assert (own.grade, [one.rule for one in own.findings], [one.rule for one in own.supervision]) == (
        "A",
        [],
        ["seldom"],
    )
    assert (final.grade, final.own_grades["grade"].label) == ("B", "A")
    assert [one.rule for one in final.findings] == ["talk"]
    assert [one.rule for one in final.supervision] == ["often"]
    assert [entry.list for entry in final.entries] == ["good"]


def test_points_that_leave_the_grade_where_it_is_change_only_the_score() -> None:
    final = ask([effect()])
    assert (final.score, final.grade, final.findings) == (90_000, "A", ())


def test_an_effect_is_a_reason_with_its_origin_and_days() -> None:
    (reason,) = ask([effect(origin_kind="event", origin="V9", origin_event_kind="violation")]).reasons
    assert (reason.kind, reason.rule, reason.points, reason.group) == ("effect", "minus", -10_000, "affiliation")
    assert (reason.event, reason.event_kind) == ("V9", "violation")
    assert (reason.from_day, reason.until, reason.law_day, reason.basis) == (date(2024, 3, 1), None, DAY, ("law",))
    (of_entry,) = ask([effect()]).reasons
    assert of_entry.event is None


def test_limits_of_the_group_stand_after_the_effects() -> None:
    many = [effect(origin=f"severe/P2/D{place}") for place in range(4)]
    answer = ask(many, violation())
    assert [(one.kind, one.points) for one in answer.reasons] == [
        ("rule", -10_000),
        *([("effect", -10_000)] * 4),
        ("group", 10_000),
    ]
    assert answer.score == 60_000


def test_without_a_limit_points_of_affiliates_go_straight_into_the_sum() -> None:
    policy = policy_of("start: 100, range: [0, 120]")
    assert ask([effect(-70_000)], policy=policy).score == 30_000


def test_unknown_own_points_and_an_effect_make_one_interval() -> None:
    own = "rules: [{rule: fined, each: violation, where: {fine: {at_least: 1 yuan}}, deduct: 10, counts: {from: decided}, basis: [law]}]"
    answer = ask([effect()], violation(), policy=policy_of(f"start: 100, range: [0, 120], {own}"))
    assert (answer.own_score, answer.score) == (Range(90_000, 100_000), Range(80_000, 90_000))
    assert [(one.kind, one.points) for one in answer.reasons] == [("effect", -10_000)]


def test_a_grade_of_a_review_day_is_the_own_one() -> None:
    rest = """\
grades:
  yearly: {order: [X, Y], review: yearly, rows: [{grade: X, when: {fines: {at_least: 1}}}, {grade: Y}]}
  daily: {order: [A, B], rows: [{grade: A, when: {score: {at_least: 95}, grade.yearly: Y}}, {grade: B}]}
indicators: {fines: {count: violation}}
lists: {severe: {polarity: negative, foundation: law, needs_decision: true}}
"""
    policy = policy_of(spread=SPREAD.split("  - {rule: mirrored", maxsplit=1)[0], rest=rest)
    labels = {name: grade.label for name, grade in ask([effect()], policy=policy).grades.items()}
    assert labels == {"yearly": "Y", "daily": "B"}
    assert {name: grade.label for name, grade in ask(policy=policy).grades.items()} == {"yearly": "Y", "daily": "A"}


# --- rules that were ended ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "limits", "score"),
    [
        ("-10", "groups: {affiliation: {at_most: 30}}, ", Range(70_000, 100_000)),
        ("-10", "", Range(0, 100_000)),
        ("10", "", Range(100_000, 120_000)),
        ("$both", "", Range(0, 120_000)),
        ("{of: fines}", "", Range(0, 120_000)),
    ],
)
def test_points_of_a_rule_that_was_ended_lie_between_nothing_and_the_limit(
    points: str, limits: str, score: Range
) -> None:
    both = "parameters: {both: {unit: points, values: {2000-01-01: {value: -5, source: law}, 2020-01-01: {value: 5, source: law}}}}\n"
    start = (
        "from: {each: violation}, lasts: {from: decided}, along: [{relation: shareholder, to: target}], basis: [law]"
    )
    spread = f"spread: [{{rule: minus, effect: points, points: {points}, {start}}}]\n"
    answer = ask(
        ended(), policy=policy_of(f"start: 100, range: [0, 120], {limits}{RULES}", spread, REST + both + FINES)
    )
    assert (answer.score, answer.own_score) == (score, 100_000)
    assert [(line.rule, line.event, line.names) for line in answer.unknowns if line.rule == "minus"] == [
        ("minus", None, ("spread_too_wide",))
    ]
    assert answer.grades["grade"].label == (None if score.low != 100_000 else "A")


def test_a_rule_without_points_that_was_ended_is_told_and_moves_nothing() -> None:
    answer = ask(ended("told"))
    assert (answer.score, answer.grade) == (100_000, "A")
    assert [(line.rule, line.names) for line in answer.unknowns] == [("told", ("spread_too_wide",))]


# --- measures -------------------------------------------------------------------------------------------------


def test_a_mirrored_entry_brings_its_measures_after_the_own_ones() -> None:
    listed = ListDecision(id="D1", party="P1", list="severe", step="list", decided=date(2024, 3, 15))
    mirror = effect(None, "mirrored", effect="mirror", measures=("M1",))
    own, mirrored = ask([mirror], listed).measures
    assert (own.measure, own.entry, own.effect) == ("M1", "severe/P1/D1", None)
    assert (mirrored.measure, mirrored.entry, mirrored.effect) == ("M1", "severe/P2/D1", "mirrored")
    assert (mirrored.class_, mirrored.executor, mirrored.from_day) == ("II", "samr", date(2024, 3, 1))


def test_what_only_may_be_mirrored_brings_no_measure() -> None:
    mirror = effect(None, "mirrored", effect="mirror", measures=("M1",), certain=False)
    assert ask([mirror]).measures == ()
    assert ask([mirror]).effects == (mirror,)


# --- questions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "effects",
    [
        ["no effect"],
        [effect(rule="other")],
        Effects(as_of=date(2024, 6, 2), known_at=DAY),
        Effects(as_of=DAY, known_at=date(2024, 5, 31)),
    ],
)
def test_effects_of_another_day_or_policy_are_refused(effects: Sequence[object]) -> None:
    with pytest.raises(QuestionError) as refusal:
        ask(effects)
    assert refusal.value.codes == ("bad_question",)


def test_what_a_region_takes_over_never_reaches_a_party_of_the_same_name() -> None:
    assert ask([effect(is_region=True, rule="row")]).effects == ()


def test_a_party_outside_the_policy_is_told_what_reaches_it_and_has_no_score() -> None:
    policy = policy_of(rest=f'{REST}regions: ["310000"]\n')
    answer = assess(Dossier(Operator(id="P1", region="320000")), policy, DAY, effects=[effect()])
    assert (answer.outside_policy, answer.score, len(answer.effects)) == (True, None, 1)


# --- audiences ------------------------------------------------------------------------------------------------


def test_an_audience_that_may_not_see_an_effect_sees_the_answer_without_it() -> None:
    hidden = effect(origin="severe/P2/D2", audience="department")
    answer = ask(Effects(as_of=DAY, known_at=DAY, found=(effect(), hidden)), violation())
    public, inside = seen_by(answer, "public"), seen_by(answer, "department")
    assert public is not None
    assert inside is not None
    assert (answer.score, inside.score, public.score) == (70_000, 70_000, 80_000)
    without = ask([effect()], violation())
    assert (public.reasons, public.grades, public.findings) == (without.reasons, without.grades, without.findings)
    assert (public.effects, public.given) == ((effect(),), None)
    assert [entry.list for entry in public.entries] == ["good"]


def test_a_hidden_mirror_hides_its_measures() -> None:
    mirror = effect(None, "mirrored", effect="mirror", measures=("M1",), audience="internal")
    public = seen_by(ask([mirror]), "public")
    assert public is not None
    assert (public.effects, public.measures) == ((), ())


def test_what_spread_starts_from_is_seen_without_the_persons_it_names() -> None:
    spread = """\
spread:
  - {rule: shown, from: {each: violation}, along: [{named: responsible}], lasts: {from: decided}, effect: alert}
  - {rule: hidden, from: {each: violation}, along: [{named: responsible}], lasts: {from: decided}, effect: alert, audience: internal}
"""
    event = evolve(violation(), responsible=({"person": "N1", "role": "manager"},))
    answer = ask((), event, policy=policy_of(spread=spread))
    public = seen_by(answer, "public")
    assert public is not None
    assert [one.rule for one in answer.origins] == ["shown", "hidden"]
    assert [(one.rule, one.named) for one in public.origins] == [("shown", ((),))]


# --- plain data -----------------------------------------------------------------------------------------------


def test_effects_are_plain_data_with_exact_text() -> None:
    held = Held(
        id="R1",
        kind="shareholder",
        share=Fraction("0.334"),
        share_max=Fraction(1, 3) + Fraction(1, 6),
        since=date(2020, 1, 1),
        until=None,
        document="7",
    )
    third = evolve(held, id="R2", share=Fraction(1, 3), share_max=None, since=None)
    edge = Edge(start="P2", end="P1", to="target", id="R1", held_on=DAY, relations=(held, third))
    data = ask([effect(-3333, weight=Fraction(1, 3), path=(edge,))]).as_dict()
    (told,) = data["effects"]
    assert (told["weight"], told["points"], told["path_ids"], told["steps"]) == ("1/3", "-3.333", ["P2", "R1", "P1"], 1)
    assert (told["undated"], told["from"], told["until"]) == (True, "2024-03-01", None)
    (step,) = told["path"]
    assert (step["start"], step["end"], step["to"], step["held_on"]) == ("P2", "P1", "target", "2024-06-01")
    shares = [(one["share"], one["share_max"], one["since"]) for one in step["relations"]]
    assert shares == [("33.4%", "50%", "2020-01-01"), ("1/3", None, None)]
    assert (data["own_score"], data["score"]) == ("100", "96.667")
    assert (data["own_grades"]["grade"]["label"], data["grades"]["grade"]["label"]) == ("A", "A")
    assert (data["recognised"], data["too_wide"]) == ([], [])


@pytest.mark.parametrize("given", [None, 5, object()])
def test_effects_that_are_no_list_are_refused(given: Any) -> None:  # Any: what is no effects
    with pytest.raises(QuestionError) as caught:
        assess(Dossier(Operator(id="P1")), POLICY, DAY, effects=given)
    assert caught.value.problems[0].message == f"effects is {type(given).__name__}, not what spread gives"


def test_only_an_effect_has_a_cut_and_a_proof() -> None:
    nothing = Effects(as_of=DAY, known_at=DAY)
    for ask in (nothing.cut, nothing.proof):
        with pytest.raises(QuestionError, match="this is str, not an Effect"):
            ask("bar")  # type: ignore[arg-type]
