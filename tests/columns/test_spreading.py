"""Spread in bulk gives the effects of the plain one, row by row: paths, proofs, order, and what it leaves to it."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import partial

import polars as pl
import pytest
from attrs import evolve
from hypothesis import given

from bulk_and_plain import Both, both, codes, differences, links_of, plain_codes, plain_row, ranks_of
from credit_engine.assessing.effects import Origin
from credit_engine.engines.columns import (
    relating,
    spreading,
    spreading_joint,
    spreading_paths,
    spreading_shares,
    spreading_steps,
)
from credit_engine.engines.columns.relating import reachable
from credit_engine.engines.columns.spreading import spread_in_bulk
from credit_engine.engines.columns.spreading_graph import reached_network
from credit_engine.engines.columns.spreading_plain import origin_frame
from credit_engine.engines.columns.spreading_shares import proof_of
from credit_engine.policy.nodes import Literal
from credit_engine.policy.plan_spreading import SpreadRule
from credit_engine.records import Relation
from credit_engine.spreading.spread import spread
from credit_engine.testing.drawing import Dice
from credit_engine.testing.drawn_networks import NetworkQuestion, network_questions
from properties.network_worlds import all_networks, how_many, network_world
from sample_networks import DAY, answer, d, held, named, network, origin, over, policy_of, rule
from shares import one_in

PARTS = 4  # tests run beside each other


# --- the same effects ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", range(PARTS))
def test_effects_in_bulk_are_the_plain_ones_row_by_row(part: int) -> None:
    all_networks(differences, range(part, how_many(600, usual=80), PARTS))


@one_in(5)
@given(network_questions())
def test_no_network_can_be_drawn_in_which_they_differ(question: NetworkQuestion) -> None:
    assert not differences(question)


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (spreading_paths, "MOST_ROUNDS", 1),
        (spreading_shares, "MOST_ROUNDS", 1),
        (spreading_steps, "MOST_AT_ONCE", 2),
        (spreading_steps, "MOST_WHOLE", 1),
        (relating, "MOST_WHOLE", 1),
        (relating, "SCANS", 1),
        (spreading, "MOST_IN_TURN", 1),
        (spreading_joint, "MOST_KINDS", 1),
    ],
)
def test_it_matters_to_nobody_where_columns_give_over_to_the_plain_spread(
    monkeypatch: pytest.MonkeyPatch, module: object, name: str, value: int
) -> None:
    monkeypatch.setattr(module, name, value)
    all_networks(differences, range(how_many(100, usual=40)))


def test_the_order_of_relations_and_origins_changes_no_byte() -> None:
    for number in range(how_many(60, usual=25)):
        question = network_world(number)
        one, other = both(question), both(question, backwards=True)
        assert one.bulk.table().drop("origin_row").equals(other.bulk.table().drop("origin_row"))
        assert one.bulk.proofs.equals(other.bulk.proofs)


def test_every_edge_of_a_proof_is_found_again() -> None:
    count = 0
    for number in range(how_many(150, usual=80)):
        question = network_world(number)
        found = both(question)
        places = {one.id: place for place, one in enumerate(question.policy.plan.spread)}
        for effect in found.plain:
            if effect.origin_party is None and not effect.is_region:
                wanted = [(edge.end, edge.start) for edge in found.plain.proof(effect)]
                assert proof(found, places[effect.rule], effect.target, certain=effect.certain) == wanted
                count += 1
    assert count


def proof(found: Both, place: int, target: str, *, certain: bool) -> list[tuple[str, str]]:
    """The edges (end, start) of a proof in columns."""
    ids = found.links.party_ids
    of_rule = found.bulk.proofs.filter((pl.col("rule") == place) & (pl.col("certain") == certain))
    rows = proof_of(of_rule, [ids.to_list().index(target)])
    return [(ids[end], ids[start]) for end, start in rows.select("end", "start").iter_rows()]


def test_whoever_is_reached_is_reachable() -> None:
    for number in range(how_many(150, usual=60)):
        question = network_world(number)
        found = both(question)
        rules = question.policy.plan.spread
        persons = found.origins.get_column("named").explode(empty_as_null=True).struct.field("person").drop_nulls()
        wide = reachable(
            found.links,
            rules,
            found.origins.get_column("party"),
            question.known_at.toordinal(),
            found.links.places(persons).drop_nulls(),
        )
        assert set(found.bulk.effects.get_column("place").drop_nulls()) <= set(wide)


def test_networkx_holds_what_was_reached_and_spreads_the_same_again() -> None:
    for number in range(how_many(60, usual=25)):
        question = network_world(number)
        found = both(question)
        small = reached_network(found.links, found.bulk, question.policy.plan, question.known_at)
        crossed = {one.id for effect in found.plain for edge in found.plain.proof(effect) for one in edge.relations}
        assert crossed <= {data.get("relation") for _, _, data in small.graph.edges(data=True)}


# --- by hand ------------------------------------------------------------------------------------------------------


def asked(rule_: SpreadRule, relations: list[Relation], *origins: Origin | str) -> Both:
    """One rule over these relations, in both ways."""
    made = [origin(rule_, each) if isinstance(each, str) else each for each in origins]
    net, policy = network(*relations, also=[each.party for each in made]), policy_of(rule_)
    answers = [
        answer(policy, party.id, *(each for each in made if each.party == party.id))
        for party in (*net.operators, *net.persons)
    ]
    links = links_of(net.relations, (*net.operators, *net.persons))
    frame = origin_frame(made, policy.plan, links)
    bulk = spread_in_bulk(links, frame, policy.plan, DAY, DAY, ranks_of(answers, links))
    found = Both(spread(net, answers, policy, DAY), bulk, links, frame)
    rows = [plain_row(effect) for effect in found.plain]
    assert found.bulk.table().drop("place", "origin_row").rows() == rows
    assert [*codes(found)] == [plain_codes(effect) for effect in found.plain]
    assert found.bulk.too_wide == found.plain.too_wide
    return found


def paths(found: Both) -> list[list[str]]:
    return found.bulk.table().get_column("path").to_list()


@pytest.mark.parametrize("number", range(how_many(60, usual=12)))
def test_in_larger_networks_too_every_path_is_the_best_one(number: int) -> None:
    dice = Dice(number)
    parties = [f"A{place}" for place in range(40)]
    relations = [larger(dice, place, parties) for place in range(dice.number(40, 200))]
    sides = (over("branch", "shareholder"), over("shareholder", to="source", at_least="1/4"))
    for going in (
        rule(sides, again=True, hops=3, weight=Fraction(1, 2), audience=Literal("inquiry")),
        rule(sides[0], again=True),
        rule(sides, (sides[1], over("branch", to="source")), itself=True),
        rule(over(together=True, at_least="1/2"), again=True, effect="mirror"),
        rule((over("branch"), over(together=True, above="1/3")), again=True, itself=True),
    ):
        starts = [larger_origin(dice, going, party) for party in dice.some(parties, least=2, most=9)]
        assert asked(going, relations, *starts).links.whole


def larger(dice: Dice, place: int, parties: list[str]) -> Relation:
    """A relation between two parties, the first ones more often, sometimes ended or of a share that is not known."""
    source = parties[min(dice.number(0, 39), dice.number(0, 39))]
    target = dice.one([party for party in parties if party != source])
    share = None if dice.chance(5) else Fraction(dice.number(0, 12), 12)
    until = {"until": "2026-05-01"} if dice.chance(10) else {}
    return held(f"R{place}", source, target, dice.one(("branch", "shareholder")), share=share, **until)


def larger_origin(dice: Dice, going: SpreadRule, party: str) -> Origin:
    days = tuple(dice.one((DAY, DAY, d("2026-04-01"), None)) for _ in going.branches)
    kept = dice.chance(60) or going.together
    points = dice.one((None, -1000, -7))
    return origin(
        going, party, points=points, audience=dice.one(("public", "inquiry")), **({} if kept else {"held_on": days})
    )


def test_of_two_ways_of_two_steps_the_one_over_the_smaller_id_is_told() -> None:
    relations = [held("R1", "A", "B"), held("R2", "A", "C"), held("R8", "C", "D"), held("R9", "B", "D")]
    found = asked(rule(over(), again=True, hops=2), relations, "A")
    assert paths(found)[-1] == ["A -> B (R1 shareholder ..)", "B -> D (R9 shareholder ..)"]


def test_of_many_persons_named_in_one_role_the_path_over_the_smallest_id_is_told() -> None:
    persons = [f"P{number:03d}" for number in range(200)]
    relations = [held(f"R{999 - place}", person, "B") for place, person in enumerate(persons)]
    start = origin(
        rule(named(), over()), "A", named=(tuple(("direct_manager", one) for one in persons), ()), held_on=(None, DAY)
    )
    assert paths(asked(rule(named(), over()), relations, start)) == [
        ["A -> P000 (direct_manager)", "P000 -> B (R999 shareholder ..)"]
    ]


def test_ids_are_compared_by_code_point_and_not_as_numbers() -> None:
    relations = [held("R10", "A", "B"), held("R9", "A", "C"), held("R2", "B", "D"), held("R1", "C", "D")]
    assert paths(asked(rule(over(), over()), relations, "A")) == [
        ["A -> B (R10 shareholder ..)", "B -> D (R2 shareholder ..)"]
    ]


def test_shares_of_parallel_relations_add_up_and_both_are_told() -> None:
    relations = [held("R1", "A", "B", share=Fraction(1, 3)), held("R2", "A", "B", share=Fraction(1, 6))]
    found = asked(rule(over(at_least="1/2")), relations, "A")
    assert paths(found) == [["A -> B (R1 shareholder 1/3 ..; R2 shareholder 1/6 ..)"]]


def test_three_parties_who_hold_a_third_each_hold_the_whole_together() -> None:
    relations = [held(f"R{number}", f"A{number}", "B", share=Fraction(1, 3)) for number in range(3)]
    assert len(paths(asked(rule(over(together=True, at_least="1")), relations, "A0", "A1", "A2"))[0]) == 3


def test_of_very_many_holders_the_first_and_the_last_are_told() -> None:
    relations = [held(f"R{number:03d}", f"A{number:03d}", "B", share=Fraction(1, 200)) for number in range(120)]
    starts = [f"A{number:03d}" for number in range(120)]
    told = paths(asked(rule(over(together=True, at_least="1/2")), relations, *starts))[0]
    assert (len(told), told[50]) == (101, "... 20 ...")


def test_a_long_chain_is_followed_to_its_end() -> None:
    relations = [held(f"R{number:03d}", f"A{number:03d}", f"A{number + 1:03d}") for number in range(150)]
    found = asked(rule(over(), again=True), relations, "A000", "A140")
    assert found.bulk.effects.get_column("steps").max() == 150
    assert len(paths(found)[149]) == 101


def test_a_long_chain_of_owners_is_followed_to_its_end() -> None:
    whole = partial(held, share=Fraction(1))
    relations = [whole(f"R{number:03d}", f"A{number:03d}", f"A{number + 1:03d}") for number in range(90)]
    found = asked(rule(over(together=True, at_least="1"), again=True), relations, "A000")
    assert len(found.bulk.effects) == 90


def test_more_effects_than_a_rule_may_have_are_none() -> None:
    relations = [held(f"R{number}", "A", f"B{number}") for number in range(3)]
    assert asked(rule(over(), most=2), relations, "A").bulk.too_wide[0].most == 2
    assert len(asked(rule(over(), most=3), relations, "A").bulk.effects) == 3


def test_a_rule_that_is_far_too_wide_ends_before_everything_is_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading_steps, "MOST_AT_ONCE", 10)
    laid_out: list[int] = []
    best = spreading_paths._Search._best  # noqa: SLF001  # what is watched

    def watched(search: spreading_paths._Search, links: pl.DataFrame, seen: pl.Series, width: int) -> pl.DataFrame:
        laid_out.append(len(links))
        return best(search, links, seen, width)

    monkeypatch.setattr(spreading_paths._Search, "_best", watched)  # noqa: SLF001
    ends = [held(f"R{origin}.{end}", f"A{origin}", f"B{end}") for origin in range(20) for end in range(10)]
    found = asked(rule(over(), again=True, most=15), ends, *(f"A{origin}" for origin in range(20)))
    assert found.bulk.too_wide
    assert sum(laid_out) == 20


def test_a_person_who_stands_in_no_table_is_reached_by_the_name_in_the_decision() -> None:
    going = rule(named())
    start = origin(going, "A", named=((("direct_manager", "P9"), ("other", "P1")),), held_on=(None,))
    found = asked(going, [held("R1", "A", "P1")], start)
    assert found.bulk.table().get_column("target").to_list() == ["P1", "P9"]
    assert found.bulk.effects.get_column("place").to_list() == [1, None]


def test_a_day_on_which_relations_are_held_that_is_not_known_closes_the_branch() -> None:
    going = rule((over(), over(to="source")))
    start = origin(going, "A", held_on=(None, DAY))
    assert len(asked(going, [held("R1", "A", "B"), held("R2", "C", "A")], start).bulk.effects) == 1


def test_relations_are_held_on_the_day_of_each_origin() -> None:
    going = rule(over())
    starts = [origin(going, "A", id=f"list/A/V{year}", held_on=(d(f"{year}-01-01"),)) for year in (2024, 2025)]
    relations = [held("R1", "A", "B", until="2024-06-01"), held("R2", "A", "C", since="2024-06-01")]
    assert paths(asked(going, relations, *starts)) == [
        ["A -> B (R1 shareholder ..2024-06-01)"],
        ["A -> C (R2 shareholder 2024-06-01..)"],
    ]


def test_weights_and_points_are_cut_off_once_and_toward_zero() -> None:
    going = rule(over(), again=True, weight=Fraction(2, 3), effect="points")
    relations = [held("R1", "A", "B"), held("R2", "B", "C")]
    table = asked(going, relations, origin(going, "A", points=-1000)).bulk.table()
    assert table.select("weight", "points").rows() == [("2/3", -666), ("4/9", -444)]


def test_shares_without_a_small_common_denominator_are_left_to_the_plain_spread() -> None:
    primes = (1_000_003, 1_000_033, 1_000_037, 1_000_039)
    relations = [held(f"R{place}", f"A{place}", "B", share=Fraction(1, prime)) for place, prime in enumerate(primes)]
    going = rule(over(together=True, above="0"))
    found = asked(going, relations, *(f"A{place}" for place in range(4)))
    assert found.links.whole == 0
    assert len(found.bulk.effects) == 1


def test_without_origins_nothing_is_reached() -> None:
    assert not len(asked(rule(over(), itself=True), [held("R1", "A", "B")]).bulk.table())


def test_versions_are_known_from_the_day_on_which_they_are_recorded() -> None:
    first = held("R1", "A", "B")
    newer = evolve(first, target="C", recorded=date(2026, 7, 1), revision=1)
    assert asked(rule(over()), [first, newer], "A").bulk.table().get_column("target").to_list() == ["B"]
