"""What an effect rests on: the proof of several parties, and the single relations and origins that would end it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from attrs import evolve

from credit_engine import Effect, Effects, Network, QuestionError, Relation
from credit_engine.assessing.effects import Cut
from credit_engine.policy.plan_spreading import SpreadRule
from sample_networks import DAY, d, effects_of, held, named, network, origin, over, rule

AGAIN = rule(over(), again=True)
HALF = rule(over(together=True, at_least="1/2"), again=True)
ENTRY = Cut(kind="entry", id="list/N1/V1", party="N1")


def part(id_: str, source: str, target: str, share: str) -> Relation:
    return held(id_, source, target, share=Fraction(share))


def cut_of(effects: Effects, target: str) -> list[str]:
    return [f"{each.kind} {each.id}" for each in effects.cut(*effects.reaching(target))]


def without(net: Network, relation: str) -> Network:
    rest = [each for each in net.relations if each.id != relation]
    return Network(operators=net.operators, persons=net.persons, relations=rest)


# --- paths --------------------------------------------------------------------------------------------------------


def test_the_only_way_is_the_cut_and_so_is_the_origin() -> None:
    effects = effects_of(network(held("R1", "N1", "N2"), held("R2", "N2", "N3")), AGAIN, "N1")
    assert effects.cut(effects[1]) == (Cut(kind="relation", id="R1"), Cut(kind="relation", id="R2"), ENTRY)


def test_where_there_is_another_way_no_relation_of_the_best_one_is_a_cut() -> None:
    ways = [held("A", "N1", "N2"), held("B", "N2", "N4"), held("C", "N1", "N3"), held("D", "N3", "N4")]
    effects = effects_of(network(*ways, held("E", "N4", "N5")), AGAIN, "N1")
    assert cut_of(effects, "N4") == ["entry list/N1/V1"]
    assert cut_of(effects, "N5") == ["relation E", "entry list/N1/V1"]


def test_parallel_relations_stand_in_for_each_other_unless_both_shares_are_needed() -> None:
    both = [part("R1", "N1", "N2", "1/4"), part("R2", "N1", "N2", "1/4")]
    assert cut_of(effects_of(network(*both), AGAIN, "N1"), "N2") == ["entry list/N1/V1"]
    half = rule(over(at_least="1/2"))
    assert cut_of(effects_of(network(*both), half, "N1"), "N2") == ["relation R1", "relation R2", "entry list/N1/V1"]


def test_a_relation_without_which_the_effect_is_possible_still_is_no_cut() -> None:
    half = evolve(AGAIN, along=((over(at_least="1/2"),),))
    net = network(part("R1", "N1", "N2", "1/2"), held("R2", "N1", "N3"), part("R3", "N3", "N2", "1"))
    effects = effects_of(net, half, "N1")
    assert effects.reaching("N2")[0].certain
    assert cut_of(effects, "N2") == ["entry list/N1/V1"]


def test_a_detour_of_any_length_makes_the_edges_that_it_goes_round_dispensable() -> None:
    line = [held(f"L{number}", f"N{number}", f"N{number + 1}") for number in range(1, 6)]
    detour = [held("D1", "N2", "M1"), held("D2", "M1", "M2"), held("D3", "M2", "M3"), held("D4", "M3", "N4")]
    effects = effects_of(network(*line, *detour), AGAIN, "N1")
    assert cut_of(effects, "N6") == ["relation L1", "relation L4", "relation L5", "entry list/N1/V1"]
    bounded = effects_of(network(*line, *detour), evolve(AGAIN, hops=5), "N1")  # the detour is too long
    assert cut_of(bounded, "N6") == [*(f"relation L{number}" for number in range(1, 6)), "entry list/N1/V1"]


def test_the_cut_of_a_chain_of_many_links_is_all_of_them() -> None:
    chain = [held(f"R{number:04d}", f"N{number:04d}", f"N{number + 1:04d}") for number in range(2000)]
    effects = effects_of(network(*chain), AGAIN, "N0000")
    assert len(effects.cut(effects[-1])) == 2001


def test_an_effect_of_other_origins_has_no_cut_here() -> None:
    net = network(held("R1", "N1", "N2"), also=["N3"])
    effects = effects_of(net, AGAIN, "N1")
    with pytest.raises(QuestionError, match="has no origin 'list/N3/V1'"):
        effects.cut(evolve(effects[0], origin_party="N3", origin="list/N3/V1"))


@pytest.mark.parametrize(("kind", "name", "expected"), [("event", "V1", "event V1"), ("answer", None, "answer N1")])
def test_the_origin_is_named_as_what_it_is(kind: str, name: str | None, expected: str) -> None:
    first = rule(named())
    start = origin(first, "N1", kind=kind, id=name, named=((("manager", "P1"),),))
    assert cut_of(effects_of(network(also=["N1", "P1"]), first, start), "P1") == [expected]


def test_the_party_itself_rests_on_its_origin_alone() -> None:
    effects = effects_of(network(held("R1", "N1", "N2")), evolve(AGAIN, itself=True), "N1")
    assert cut_of(effects, "N1") == ["entry list/N1/V1"]
    assert effects.proof(effects[0]) == ()


def test_the_proof_of_a_path_is_the_path() -> None:
    effects = effects_of(network(held("R1", "N1", "N2"), held("R2", "N2", "N3")), AGAIN, "N1")
    assert effects.proof(effects[1]) == effects[1].path


def test_recognition_rests_on_the_entry() -> None:
    effects = effects_of(network(also=["N1"]), AGAIN)
    recognised = Effect(
        rule="row", effect="mirror", target="310000", is_region=True, origin_party="N1", origin_kind="entry",
        origin="list/N1/V1", from_day=d("2026-01-01"), until=None, law_day=DAY, audience="public",
    )  # fmt: skip
    assert effects.cut(recognised) == (ENTRY,)
    assert effects.proof(recognised) == ()


# --- several parties ------------------------------------------------------------------------------------------------

LADDER = (
    part("R1", "N1", "N3", "1/4"),
    part("R2", "N2", "N3", "1/4"),
    part("R3", "N3", "N4", "1/4"),
    part("R4", "N1", "N4", "1/4"),
    part("R5", "N2", "N9", "1"),
)


def test_the_proof_of_several_parties_goes_back_to_the_origins_round_by_round() -> None:
    effects = effects_of(network(*LADDER), HALF, "N1", "N2")
    (last,) = effects.reaching("N4")
    assert [edge.id for edge in last.path] == ["R4", "R3"]
    assert [(edge.start, edge.id, edge.end) for edge in effects.proof(last)] == [
        ("N1", "R1", "N3"),
        ("N2", "R2", "N3"),
        ("N1", "R4", "N4"),
        ("N3", "R3", "N4"),
    ]


def test_the_cut_of_several_parties_holds_relations_and_origins_that_all_need() -> None:
    effects = effects_of(network(*LADDER), HALF, "N1", "N2")
    assert cut_of(effects, "N4") == [
        *(f"relation {name}" for name in ("R1", "R2", "R4", "R3")),
        *(f"entry list/{name}/V1" for name in ("N1", "N2")),
    ]
    assert cut_of(effects, "N9") == ["relation R5", "entry list/N2/V1"]


def test_what_others_can_replace_is_no_cut() -> None:
    net = network(*(part(f"R{number}", f"N{number}", "N9", "1/4") for number in (1, 2, 3)))
    assert cut_of(effects_of(net, HALF, "N1", "N2", "N3"), "N9") == []


def test_one_of_several_origins_of_a_party_is_no_cut() -> None:
    twice = [origin(HALF, "N1", id=f"list/N1/V{number}") for number in (1, 2)]
    assert cut_of(effects_of(network(part("R1", "N1", "N2", "1")), HALF, *twice), "N2") == ["relation R1"]


def test_a_party_itself_may_be_reached_by_others_without_its_own_origin() -> None:
    net = network(part("R1", "N1", "N2", "1"), also=["N3"])
    effects = effects_of(net, evolve(HALF, itself=True), "N1", "N2", "N3")
    assert cut_of(effects, "N2") == []
    assert cut_of(effects, "N3") == ["entry list/N3/V1"]


def test_a_possible_effect_has_a_proof_and_a_cut() -> None:
    net = network(held("R1", "N1", "N2"), part("R2", "N2", "N3", "1"))
    effects = effects_of(net, HALF, "N1")
    (last,) = effects.reaching("N3")
    assert not last.certain
    assert [edge.id for edge in effects.proof(last)] == ["R1", "R2"]
    assert cut_of(effects, "N3") == ["relation R1", "relation R2", "entry list/N1/V1"]


@pytest.mark.parametrize("by", [AGAIN, HALF], ids=["path", "together"])
def test_removing_the_cut_removes_the_effect_and_nothing_else_does(by: SpreadRule) -> None:
    net = network(*LADDER, part("R6", "N9", "N4", "1/4"), part("R7", "N4", "N8", "3/4"))
    effects = effects_of(net, by, "N1", "N2")
    keys = [(each.origin, each.target) for each in effects]
    for each, key in zip(effects, keys, strict=True):
        cut = {part.id for part in effects.cut(each) if part.kind == "relation"}
        for relation in net.relations:
            left = {(one.origin, one.target) for one in effects_of(without(net, relation.id), by, "N1", "N2")}
            assert (key not in left) is (relation.id in cut)
