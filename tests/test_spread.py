"""Spread along paths: who is reached, over which best path, with what weight, and who may see it."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise, permutations
from typing import Any

import networkx as nx
import pytest
from attrs import evolve

from credit_engine import Assessment, Effect, Policy, QuestionError, Relation, spread
from credit_engine.assessing.effects import TooWide
from credit_engine.policy.plan import Measure
from credit_engine.policy.plan_spreading import RecognitionRule, SpreadRule
from sample_networks import (
    DAY,
    EMPTY,
    answer,
    d,
    effects_of,
    held,
    lines,
    named,
    network,
    origin,
    over,
    policy_of,
    rule,
)

ONE = rule(over())
TWO = rule(over(), over())
AGAIN = rule(over(), again=True)
CHAIN = [held(f"R{number}", f"N{number}", f"N{number + 1}") for number in range(1, 5)]


def targets(*relations: Relation, by: SpreadRule = ONE, of: str = "N1", **parts: Any) -> list[str]:  # Any: of an origin
    return [each.target for each in effects_of(network(*relations, also=[of]), by, origin(by, of, **parts))]


# --- relations in force -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held_on", "reached"), [("2024-12-31", []), ("2025-01-01", ["N2"]), ("2025-05-31", ["N2"]), ("2025-06-01", [])]
)
def test_a_relation_carries_from_since_to_the_day_before_until(held_on: str, reached: list[str]) -> None:
    relation = held("R1", "N1", "N2", since="2025-01-01", until="2025-06-01")
    assert targets(relation, held_on=(d(held_on),)) == reached


def test_a_relation_without_days_is_in_force_from_always_and_says_so() -> None:
    net = network(held("R1", "N1", "N2"), held("R2", "N1", "N3", since="2020-01-01"))
    effects = effects_of(net, ONE, origin(ONE, "N1", held_on=(d("1990-01-01"),)))
    assert [(each.target, each.is_undated) for each in effects] == [("N2", True)]
    assert [(each.target, each.is_undated) for each in effects_of(net, ONE, "N1")] == [("N2", True), ("N3", False)]


def test_a_relation_that_begins_after_the_day_judged_carries_nothing_yet() -> None:
    later = held("R1", "N1", "N2", since="2026-07-01")
    assert targets(later, held_on=(d("2027-01-01"),)) == []
    assert targets(evolve(later, since=DAY), held_on=(d("2027-01-01"),)) == ["N2"]


def test_a_branch_whose_day_is_not_known_is_closed_and_the_others_stay_open() -> None:
    choice = rule((over("shareholder"), over("branch")))
    net = [held("R1", "N1", "N2"), held("R2", "N1", "N3", "branch")]
    assert targets(*net, by=choice, held_on=(None, DAY)) == ["N3"]


def test_the_version_known_decides_where_a_relation_leads() -> None:
    first = held("R1", "N1", "N2", recorded="2024-01-01")
    net = network(first, evolve(first, target="N3", recorded=d("2026-01-01")))
    whole = policy_of(ONE)

    def reached(known_at: str) -> list[str]:
        own = answer(whole, "N1", origin(ONE, "N1"), known_at=d(known_at))
        return [each.target for each in spread(net, [own], whole, DAY, d(known_at))]

    days = ("2023-12-31", "2024-01-01", "2025-12-31", "2026-01-01")
    assert [reached(day) for day in days] == [[], ["N2"], ["N2"], ["N3"]]


def test_directions_and_kinds_are_those_of_the_branch() -> None:
    net = [held("R1", "N2", "N1", "branch"), held("R2", "N3", "N1", "shareholder"), held("R3", "N1", "N4", "branch")]
    assert targets(*net, by=rule(over("branch", to="source"))) == ["N2"]
    assert targets(*net, by=rule(over("branch", "shareholder", to="source"))) == ["N2", "N3"]
    assert targets(*net, by=rule(over("branch"))) == ["N4"]


# --- paths --------------------------------------------------------------------------------------------------------


def test_steps_in_turn_reach_exactly_their_ends_and_steps_again_all_on_the_way() -> None:
    assert targets(*CHAIN, by=TWO) == ["N3"]
    assert targets(*CHAIN, by=AGAIN) == ["N2", "N3", "N4", "N5"]


@pytest.mark.parametrize(("hops", "reached"), [(1, ["N2"]), (2, ["N2", "N3"]), (None, ["N2", "N3", "N4", "N5"])])
def test_hops_bound_how_often_a_step_is_taken(hops: int | None, reached: list[str]) -> None:
    assert targets(*CHAIN, by=evolve(AGAIN, hops=hops)) == reached


@pytest.mark.parametrize(
    ("drop_below", "reached"), [("1/2", ["N2"]), ("1/4", ["N2", "N3"]), ("24/100", ["N2", "N3"]), ("26/100", ["N2"])]
)
def test_what_weighs_less_than_drop_below_is_dropped(drop_below: str, reached: list[str]) -> None:
    halved = evolve(AGAIN, weight=Fraction(1, 2), drop_below=Fraction(drop_below))
    assert targets(*CHAIN, by=halved) == reached


def test_weights_multiply_points_which_are_cut_toward_zero_once() -> None:
    less = evolve(AGAIN, weight=Fraction(1, 3), effect="points")
    found = effects_of(network(*CHAIN), less, origin(less, "N1", points=-10_000))
    assert [(each.weight, each.points) for each in found] == [
        (Fraction(1, 3), -3333),
        (Fraction(1, 9), -1111),
        (Fraction(1, 27), -370),
        (Fraction(1, 81), -123),
    ]
    assert [each.points for each in effects_of(network(*CHAIN), less, origin(less, "N1", points=-2))] == [0] * 4


def test_of_two_paths_the_shorter_is_best_then_the_one_that_comes_first() -> None:
    direct = held("Z", "N1", "N4")
    ways = [held("B", "N1", "N2"), held("A", "N1", "N3"), held("C", "N2", "N4"), held("D", "N3", "N4")]
    assert lines(effects_of(network(*ways), AGAIN, "N1"))[-1] == ("N4", True, ("N1", "A", "N3", "D", "N4"))
    assert lines(effects_of(network(*ways, direct), AGAIN, "N1"))[-1] == ("N4", True, ("N1", "Z", "N4"))
    assert lines(effects_of(network(*ways, direct), TWO, "N1")) == [("N4", True, ("N1", "A", "N3", "D", "N4"))]


def test_ids_compare_by_code_points() -> None:
    net = network(held("R10", "N1", "N2"), held("R9", "N1", "N2"), held("r1", "N1", "N2"))
    assert [each.path_ids for each in effects_of(net, ONE, "N1")] == [("N1", "R10", "N2")]


def test_the_smallest_id_in_force_names_an_edge_and_orders_it() -> None:
    ended = held("A", "N1", "N3", until="2020-01-01")
    net = network(ended, held("Z", "N1", "N3"), held("B", "N1", "N2"), held("C", "N2", "N4"), held("D", "N3", "N4"))
    assert lines(effects_of(net, TWO, "N1")) == [("N4", True, ("N1", "B", "N2", "C", "N4"))]
    assert [held.id for held in effects_of(net, ONE, "N1")[1].path[0].relations] == ["Z"]


def test_no_path_returns_to_its_origin_or_visits_a_party_twice() -> None:
    circle = [held("R1", "N1", "N2"), held("R2", "N2", "N3"), held("R3", "N3", "N1"), held("R4", "N2", "N1")]
    assert targets(*circle, by=AGAIN) == ["N2", "N3"]
    assert targets(*circle, by=TWO) == ["N3"]
    assert targets(*circle, by=rule(over(), over(), over())) == []


def test_a_later_path_is_taken_where_an_earlier_one_was_in_its_own_way() -> None:
    # N1 -a-> N2 -> N4 -> N3 and N1 -b-> N3 -> N4 -> N2: what stands in the way at N4 differs
    net = network(
        held("a", "N1", "N2"), held("b", "N1", "N3"), held("c", "N2", "N4"), held("d", "N3", "N4"),
        held("e", "N4", "N2"), held("f", "N4", "N3"),
    )  # fmt: skip
    assert lines(effects_of(net, rule(over(), over(), over()), "N1")) == [
        ("N2", True, ("N1", "b", "N3", "d", "N4", "e", "N2")),
        ("N3", True, ("N1", "a", "N2", "c", "N4", "f", "N3")),
    ]


def test_in_a_dense_network_paths_of_many_steps_are_found_without_trying_all() -> None:
    names = [f"N{number:02d}" for number in range(30)]
    net = network(*(held(f"R{one}{other}", one, other) for one, other in permutations(names, 2)))
    found = effects_of(net, rule(*[over()] * 6), "N00")
    assert [each.target for each in found] == names[1:]
    assert [len(each.path) for each in found] == [6] * 29
    assert found[-1].path_ids[::2] == ("N00", "N01", "N02", "N03", "N04", "N05", "N29")
    assert found[0].path_ids[::2] == ("N00", "N02", "N03", "N04", "N05", "N06", "N01")


def test_itself_is_reached_by_an_empty_path() -> None:
    (found,) = effects_of(network(also=["N1"]), rule(itself=True), "N1")
    assert lines([found]) == [("N1", True, ("N1",))]
    assert (found.weight, found.steps) == (Fraction(1), 0)


def test_persons_named_are_reached_by_their_role_and_lead_on() -> None:
    both = rule((named(), over("legal_representative", to="source")), over("employee"))
    net = network(held("R1", "P1", "N2", "employee"), held("R2", "P2", "N1", "legal_representative"), also=["N1"])
    start = origin(both, "N1", named=((("manager", "P1"), ("manager", "P1")), (), ()))
    assert lines(effects_of(net, both, start)) == [("N2", True, ("N1", "manager", "P1", "R1", "N2"))]
    first = rule(named())
    found = effects_of(net, first, origin(first, "N1", named=((("owner", "P9"), ("manager", "N1")),)))
    assert [(each.target, each.path[0].to, each.path[0].relations, each.audience) for each in found] == [
        ("P9", "named", (), "internal")  # P9 is in no table, and the party itself is no other
    ]


def test_several_origins_of_one_party_are_effects_of_their_own() -> None:
    one, other = (origin(ONE, "N1", id=f"list/N1/V{number}") for number in (1, 2))
    found = effects_of(network(held("R1", "N1", "N2")), ONE, other, one)
    assert [each.origin for each in found] == ["list/N1/V1", "list/N1/V2"]


def test_a_chain_of_many_links_is_followed_to_its_end() -> None:
    names = [f"N{number:04d}" for number in range(3001)]
    net = network(*(held(f"R{one}", one, other) for one, other in pairwise(names)))
    found = effects_of(net, AGAIN, names[0])
    path = found[-1].path
    assert [each.steps for each in found] == list(range(1, 3001))
    assert [edge.end for edge in path] == names[1:]
    assert path == tuple(path)
    assert path != found[-2].path
    assert hash(path) == hash(tuple(path))
    assert (path[0].start, path[-1].end, path[1:2][0].end) == (names[0], names[-1], names[2])
    assert repr(path).startswith("<path of 3000 steps: RN0000, RN0001")
    assert pickle.loads(pickle.dumps(found[-1])) == found[-1]  # noqa: S301  # our own


def test_without_shares_and_weights_a_repeated_step_reaches_the_descendants() -> None:
    relations = [held(f"R{one}{other}", f"N{one}", f"N{other}") for one, other in permutations(range(8), 2)]
    net = network(*relations[::5])
    assert {each.target for each in effects_of(net, AGAIN, "N1")} == nx.descendants(net.graph, "N1")


# --- shares -------------------------------------------------------------------------------------------------------


def shares(*pairs: tuple[str | None, str | None]) -> list[Relation]:
    made = [[None if share is None else Fraction(share) for share in pair] for pair in pairs]
    return [held(f"R{number}", "N1", "N2", share=low, share_max=high) for number, (low, high) in enumerate(made)]


@pytest.mark.parametrize(
    ("bound", "pairs", "certain"),
    [
        ({"at_least": "1/2"}, [("1/2", None)], True),
        ({"above": "1/2"}, [("1/2", None)], None),
        ({"above": "1/2"}, [("1/2", "51/100")], False),
        ({"at_most": "1/2"}, [("1/2", None)], True),
        ({"below": "1/2"}, [("1/2", None)], None),
        ({"below": "1/2"}, [("1/2", "3/4")], None),
        ({"below": "1/2"}, [("49/100", "3/4")], False),
        ({"at_least": "1/2"}, [("1/4", None), ("1/4", None)], True),  # parallel shares add up
        ({"at_least": "1/2"}, [("1/4", None), (None, None)], False),
        ({"at_least": "1/2"}, [(None, "49/100")], None),
        ({"at_least": "1/2"}, [(None, None)], False),
        ({"above": "1"}, [("3/4", None), ("3/4", None)], None),  # never more than all
        ({"at_least": "1/4", "below": "1/2"}, [("1/4", "49/100")], True),
        ({"at_least": "1/4", "below": "1/2"}, [("0", "1")], False),
        ({"above": "1/2", "below": "1/2"}, [("0", "1")], None),
        ({"above": "1/4", "at_most": "1/4"}, [("0", "1")], None),
        ({}, [(None, None)], True),
    ],
)
def test_a_share_holds_for_its_whole_range_for_a_part_or_not(
    bound: dict[str, str],
    pairs: list[tuple[str | None, str | None]],
    certain: bool | None,  # noqa: FBT001
) -> None:
    found = effects_of(network(*shares(*pairs)), rule(over(**bound)), "N1")  # type: ignore[arg-type]  # shares only
    assert [each.certain for each in found] == ([] if certain is None else [certain])


def test_the_best_certain_path_wins_over_a_shorter_possible_one() -> None:
    half = evolve(AGAIN, along=((over(at_least="1/2"),),))
    sure = [held("Z1", "N1", "N2", share=Fraction(1, 2)), held("Z2", "N2", "N3", share=Fraction(1))]
    net = network(*sure, held("A", "N1", "N3"), held("B", "N3", "N4"))
    assert lines(effects_of(net, half, "N1")) == [
        ("N2", True, ("N1", "Z1", "N2")),
        ("N3", True, ("N1", "Z1", "N2", "Z2", "N3")),
        ("N4", False, ("N1", "A", "N3", "B", "N4")),
    ]


# --- what an effect carries -----------------------------------------------------------------------------------------


def test_an_effect_has_the_days_law_and_facts_of_its_origin() -> None:
    start = origin(
        ONE,
        "N1",
        kind="event",
        id="V1",
        event_kind="violation",
        until=d("2027-01-01"),
        law_day=d("2025-05-05"),
        list=None,
    )
    (found,) = effects_of(network(held("R1", "N1", "N2", share=Fraction(1, 2), document="doc")), ONE, start)
    assert (found.origin_kind, found.origin, found.origin_event_kind, found.list) == ("event", "V1", "violation", None)
    assert (found.from_day, found.until, found.law_day) == (start.from_day, start.until, start.law_day)
    (edge,) = found.path
    assert (edge.start, edge.end, edge.to, edge.id, edge.held_on) == ("N1", "N2", "target", "R1", DAY)
    assert [(each.share, each.document) for each in edge.relations] == [(Fraction(1, 2), "doc")]


def test_only_a_mirror_brings_measures_and_only_those_that_aim_at_the_target() -> None:
    mirror = rule(over(), effect="mirror")
    plan = evolve(
        EMPTY.plan,
        spread=(mirror,),
        measures={
            name: Measure(name, {}, "II", "", (), "", aims)
            for name, aims in (("M1", ("entity",)), ("M2", ("person",)), ("M3", ("entity", "person")))
        },
    )
    net = network(held("R1", "N1", "N2"), held("R2", "N1", "P1"))
    start = origin(mirror, "N1", measures=("M3", "M2", "M1"))
    found = effects_of(net, mirror, start, policy=Policy(plan))
    assert [(each.target, each.measures) for each in found] == [("N2", ("M3", "M1")), ("P1", ("M3", "M2"))]
    barred = evolve(mirror, effect="bar")
    (bar, _) = effects_of(net, barred, start, policy=Policy(evolve(plan, spread=(barred,))))
    assert bar.measures == ()


@pytest.mark.parametrize(
    ("origin_audience", "answers", "expected"),
    [
        ("public", {}, "public"),
        ("department", {}, "department"),
        ("public", {"N1": "department"}, "department"),
        ("public", {"N2": "inquiry"}, "inquiry"),  # on the path
        ("public", {"N3": "internal", "N2": "inquiry"}, "internal"),
        ("public", {"N9": "internal"}, "public"),  # elsewhere
        ("public", {"N2": None}, "internal"),  # no own answer
    ],
)
def test_an_effect_is_as_closed_as_the_strictest_on_its_way(
    origin_audience: str, answers: dict[str, str | None], expected: str
) -> None:
    whole = policy_of(TWO)
    own = [
        answer(
            whole, party, *([origin(TWO, "N1", audience=origin_audience)] if party == "N1" else []), audience=audience
        )
        for party in ("N1", "N2", "N3", "N9")
        if (audience := answers.get(party, "public")) is not None
    ]
    (found,) = spread(network(*CHAIN[:2], also=["N9"]), own, whole, DAY)
    assert found.audience == expected


def test_effects_come_by_rule_then_origin_then_target() -> None:
    second, first = rule(over(), id_="a"), rule(over(), id_="b")
    net = network(held("R1", "N2", "N9"), held("R2", "N2", "N10"), held("R3", "N1", "N9"))
    whole = policy_of(first, second)
    own = [answer(whole, party, origin(first, party), origin(second, party)) for party in ("N2", "N1")]
    assert [(each.rule, each.origin_party, each.target) for each in spread(net, own, whole, DAY)] == [
        (name, party, target) for name in "ba" for party, target in (("N1", "N9"), ("N2", "N10"), ("N2", "N9"))
    ]


# --- too wide -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("most", "count"), [(3, 0), (4, 4), (5, 4)])
def test_a_rule_with_more_effects_than_its_most_has_none(most: int, count: int) -> None:
    effects = effects_of(network(*CHAIN), evolve(AGAIN, most=most), "N1")
    assert len(effects) == count
    assert effects.too_wide == (() if count else (TooWide(rule="rule", most=most),))


def test_effects_of_all_origins_and_possible_ones_count_and_other_rules_go_on() -> None:
    half = rule(over(at_least="1/2"), itself=True, most=3, id_="half")
    net = network(held("R1", "N1", "N2"), held("R2", "N3", "N2", share=Fraction(1)))
    whole = policy_of(half, ONE)
    own = [answer(whole, party, origin(half, party), origin(ONE, party)) for party in ("N1", "N3")]
    effects = spread(net, own, whole, DAY)
    assert [each.rule for each in effects.too_wide] == ["half"]
    assert [each.rule for each in effects] == ["rule", "rule"]


def test_a_hub_is_too_wide_without_being_walked_whole() -> None:
    hub = network(*(held(f"R{number:05d}", "hub", f"M{number:05d}", "host") for number in range(5000)))
    wide = rule(over("host", to="source"), over("host"), most=100)
    start: Iterator[str] = (f"M{number:05d}" for number in range(500))
    effects = effects_of(hub, wide, *start)
    assert (len(effects), effects.too_wide) == (0, (TooWide(rule="rule", most=100),))
    assert len(effects_of(hub, rule(over("host", to="source")), *(f"M{number:05d}" for number in range(500)))) == 500


# --- the question -------------------------------------------------------------------------------------------------


def test_recognition_stands_behind_all_rules_in_the_order_of_its_rows() -> None:
    rows = tuple(
        RecognitionRule(name, {}, "list", (), (), (), "inform", None, None, None, ())  # type: ignore[arg-type]
        for name in ("z", "y")
    )
    whole = Policy(evolve(EMPTY.plan, spread=(ONE,), recognition=rows))

    def taken_over(row: str, party: str, host: str) -> Effect:
        return Effect(
            rule=row, effect="inform", target=host, is_region=True, origin_party=party, origin_kind="entry",
            origin=f"list/{party}/V1", from_day=DAY, until=None, law_day=DAY, audience="public",
        )  # fmt: skip

    own = [
        answer(whole, "N2", origin(ONE, "N2"), recognised=(taken_over("y", "N2", "2"), taken_over("z", "N2", "1"))),
        answer(whole, "N1", recognised=(taken_over("y", "N1", "2"), taken_over("y", "N1", "1"))),
    ]
    effects = spread(network(held("R1", "N2", "N1")), iter(own), whole, DAY)
    assert [(each.rule, each.origin_party, each.target) for each in effects] == [
        ("rule", "N2", "N1"), ("z", "N2", "1"), ("y", "N1", "1"), ("y", "N1", "2"), ("y", "N2", "2"),
    ]  # fmt: skip
    assert effects.reaching("1") == (effects[1], effects[2])


def refused(own: list[Assessment], policy: Policy) -> str:
    with pytest.raises(QuestionError) as caught:
        spread(network(also=["N1"]), own, policy, DAY)
    assert caught.value.codes == ("bad_question",)
    return caught.value.problems[0].message


def test_own_answers_of_another_policy_day_or_knowledge_are_refused() -> None:
    whole = policy_of(ONE)
    assert "another policy" in refused([answer(policy_of(TWO), "N1")], whole)
    assert "is of 2026-06-29" in refused([answer(whole, "N1", as_of=d("2026-06-29"))], whole)
    assert "known on 2026-07-01" in refused([answer(whole, "N1", known_at=d("2026-07-01"))], whole)
    assert "two own answers" in refused([answer(whole, "N1"), answer(whole, "N1")], whole)
    assert "is seen from its event 'V1'" in refused([answer(whole, "N1", event="V1")], whole)
    assert "own_answers is Assessment, not a list" in refused(answer(whole, "N1"), whole)  # type: ignore[arg-type]
    assert "not an Assessment" in refused(["N1"], whole)  # type: ignore[list-item]


def test_own_answers_of_an_equal_policy_are_taken() -> None:
    again = pickle.loads(pickle.dumps(policy_of(ONE)))  # noqa: S301  # our own
    own = [answer(again, "N1", origin(ONE, "N1")), answer(again, "N2")]
    assert len(spread(network(held("R1", "N1", "N2")), own, policy_of(ONE), DAY)) == 1


def test_a_question_is_made_of_a_network_a_policy_and_days() -> None:
    with pytest.raises(QuestionError) as caught:
        spread("net", [], "policy", "2026-06-30", "2026-06-30")  # type: ignore[arg-type]
    assert [problem.message for problem in caught.value.problems] == [
        "network is str, not a Network",
        "policy is str, not a Policy; see load_policy",
        "as_of is str, not a date",
        "known_at is str, not a date",
    ]


def test_effects_cross_process_borders_with_their_cuts_and_proofs() -> None:
    effects = effects_of(network(*CHAIN), AGAIN, "N1")
    copy = pickle.loads(pickle.dumps(effects))  # noqa: S301  # our own
    assert copy == effects
    assert copy.cut(copy[-1]) == effects.cut(effects[-1])


def test_a_policy_without_spread_spreads_nothing() -> None:
    assert len(spread(network(held("R1", "N1", "N2")), [], EMPTY, DAY)) == 0


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("sharholder", "did you mean 'shareholder'?; or declare it under `relations` of the policy"),
        ("zzz", "declare it under `relations` of the policy"),
    ],
)
def test_relations_of_a_kind_that_the_policy_does_not_know_are_refused(kind: str, hint: str) -> None:
    with pytest.raises(QuestionError, match=f"knows no kind of relation '{kind}'") as caught:
        effects_of(network(held("R1", "N1", "N2", kind)), ONE, "N1")
    assert caught.value.codes == ("unknown_relation",)
    assert caught.value.problems[0].hint.endswith(hint)


def test_own_answers_of_parties_that_the_network_lacks_are_refused_by_their_ids() -> None:
    net, whole = network(CHAIN[0]), policy_of(ONE)
    answers = [answer(whole, party) for party in ("N9", "N1", "N8", "N6", "N7")]
    with pytest.raises(QuestionError, match="own answers of 'N6', 'N7', 'N8' and of 1 more") as caught:
        spread(net, answers, whole, DAY)
    assert caught.value.codes == ("unknown_party",)
