"""Several parties together: their shares add up round by round, certain by lower ends, possible by upper ones."""

from __future__ import annotations

from fractions import Fraction

import networkx as nx
import pytest
from attrs import evolve

from credit_engine import Effects, Relation
from sample_networks import DAY, d, effects_of, held, lines, named, network, origin, over, rule

HALF = rule(over(together=True, at_least="1/2"), again=True)


def part(id_: str, source: str, target: str, share: str | None, upper: str | None = None, **days: str) -> Relation:
    low, high = (None if each is None else Fraction(each) for each in (share, upper))
    return held(id_, source, target, share=low, share_max=high, **days)


def joined(effects: Effects) -> list[tuple[str, bool, list[str]]]:
    return [(each.target, each.certain, [f"{edge.start} {edge.id}" for edge in each.path]) for each in effects]


def test_shares_of_all_parties_reached_add_up() -> None:
    net = network(part("R1", "N1", "N3", "1/4"), part("R2", "N2", "N3", "1/4"), part("R3", "N9", "N3", "1/2"))
    assert joined(effects_of(net, HALF, "N1", "N2")) == [("N3", True, ["N1 R1", "N2 R2"])]
    assert joined(effects_of(net, HALF, "N1")) == []


@pytest.mark.parametrize(("bound", "reached"), [({"at_least": "1/2"}, True), ({"above": "1/2"}, False)])
def test_the_threshold_is_inclusive_as_written(bound: dict[str, str], reached: bool) -> None:  # noqa: FBT001
    strict = rule(over(together=True, **bound), again=True)
    assert bool(effects_of(network(part("R1", "N1", "N2", "1/2")), strict, "N1")) is reached


def test_parties_reached_count_in_the_next_round_and_only_there() -> None:
    net = network(part("R1", "N1", "N2", "1"), part("R2", "N1", "N3", "1/4"), part("R3", "N2", "N3", "1/4"))
    assert joined(effects_of(net, HALF, "N1")) == [("N2", True, ["N1 R1"]), ("N3", True, ["N1 R2", "N2 R3"])]
    assert joined(effects_of(net, evolve(HALF, again=False), "N1")) == [("N2", True, ["N1 R1"])]


def test_parallel_relations_add_up_and_never_to_more_than_all() -> None:
    net = network(part("R2", "N1", "N2", "3/4"), part("R1", "N1", "N2", "3/4"), part("R3", "N3", "N2", "3/4"))
    (found,) = effects_of(net, HALF, "N1")
    assert [held.id for held in found.path[0].relations] == ["R1", "R2"]
    above_all = rule(over(together=True, above="1"), again=True)
    assert len(effects_of(net, above_all, "N1", "N3")) == 0


def test_a_circle_carries_itself_only_once_it_is_reached() -> None:
    net = network(part("R1", "N2", "N3", "1"), part("R2", "N3", "N2", "1"), part("R3", "N1", "N2", "1/4"))
    assert joined(effects_of(net, HALF, "N1")) == []
    reached = network(*(each for each in net.relations if each.id != "R3"), part("R3", "N1", "N2", "1/2"))
    assert joined(effects_of(reached, HALF, "N1")) == [("N2", True, ["N1 R3"]), ("N3", True, ["N2 R1"])]


def test_ranges_make_effects_possible_and_what_follows_from_them() -> None:
    net = network(
        part("R1", "N1", "N2", "1/4", "1/2"), part("R2", "N2", "N3", "1"), part("R3", "N1", "N4", None),
        part("R4", "N1", "N5", "1/4", "49/100"), part("R5", "N1", "N6", "1/2", "3/4"),
    )  # fmt: skip
    assert [(target, certain) for target, certain, _ in joined(effects_of(net, HALF, "N1"))] == [
        ("N2", False),
        ("N3", False),
        ("N4", False),
        ("N6", True),
    ]


def test_a_party_without_shares_holds_what_it_may() -> None:
    net = network(part("R1", "N1", "N2", "1/2"), part("R2", "N3", "N2", None))
    assert joined(effects_of(net, HALF, "N1", "N3")) == [("N2", True, ["N1 R1", "N3 R2"])]


def test_of_several_branches_the_first_that_passes_is_the_path() -> None:
    either = rule((over("actual_controller"), over(together=True, at_least="1/2")), again=True)
    controls = [held("C2", "N3", "N2", "actual_controller"), held("C1", "N4", "N2", "actual_controller")]
    shares = [part("R1", "N1", "N2", "1/2")]
    assert joined(effects_of(network(*controls, *shares), either, "N1", "N3", "N4")) == [("N2", True, ["N3 C2"])]
    assert joined(effects_of(network(*controls, *shares), either, "N1")) == [("N2", True, ["N1 R1"])]
    swapped = evolve(either, along=(either.along[0][::-1],))
    assert joined(effects_of(network(*controls, *shares), swapped, "N1", "N4")) == [("N2", True, ["N1 R1"])]


def test_a_branch_of_single_parties_compares_each_for_itself() -> None:
    mixed = rule((over(at_least="1/2"), over("branch", together=True, at_least="1/2")), again=True)
    halves = [part("R1", "N1", "N3", "1/4"), part("R2", "N2", "N3", "1/4")]
    assert joined(effects_of(network(*halves), mixed, "N1", "N2")) == []
    unsure = network(*halves, part("R3", "N1", "N4", "1/4", "3/4"))
    assert joined(effects_of(unsure, mixed, "N1", "N2")) == [("N4", False, ["N1 R3"])]


def test_persons_named_join_in_the_first_round() -> None:
    either = rule((named(), over(together=True, at_least="1/2")), again=True)
    start = origin(either, "N1", named=((("manager", "P1"),), ()))
    assert joined(effects_of(network(part("R1", "P1", "N2", "1"), also=["N1"]), either, start)) == [
        ("N2", True, ["P1 R1"]),
        ("P1", True, ["N1 manager"]),
    ]


@pytest.mark.parametrize(
    ("since", "until", "reached"),
    [
        ("2026-06-30", None, True),
        ("2026-07-01", None, False),
        (None, "2026-06-30", False),
        (None, "2026-07-01", True),
    ],
)
def test_relations_count_on_the_day_judged(since: str | None, until: str | None, reached: bool) -> None:  # noqa: FBT001
    days = {name: day for name, day in (("since", since), ("until", until)) if day is not None}
    assert bool(effects_of(network(part("R1", "N1", "N2", "1", **days)), HALF, "N1")) is reached


def test_an_effect_of_several_has_no_single_origin() -> None:
    net = network(part("R1", "N1", "N3", "1/4"), part("R2", "N2", "N3", "1/4"))
    one = origin(HALF, "N1", basis=("a", "b"), audience="department")
    (found,) = effects_of(net, HALF, one, origin(HALF, "N2", basis=("b", "c"), list="other"))
    assert (found.origin_party, found.origin_kind, found.origin, found.from_day, found.until) == (None,) * 5
    assert (found.law_day, found.list, found.basis) == (DAY, None, ("a", "b", "c"))
    assert found.audience == "department"
    assert found.path_ids == ()


def test_the_origins_are_reached_only_if_the_rule_says_so() -> None:
    net = network(part("R1", "N1", "N2", "1"), part("R2", "N2", "N1", "1"))
    assert [each.target for each in effects_of(net, HALF, "N1")] == ["N2"]
    assert joined(effects_of(net, evolve(HALF, itself=True), "N1")) == [("N1", True, []), ("N2", True, ["N1 R1"])]
    assert joined(effects_of(network(also=["N1"]), evolve(HALF, itself=True, again=False), "N1")) == [("N1", True, [])]


@pytest.mark.parametrize(("most", "count"), [(1, 0), (2, 0), (3, 3)])
def test_more_effects_than_most_end_the_rule(most: int, count: int) -> None:
    net = network(part("R1", "N1", "N2", "1"), part("R2", "N1", "N3", None))
    bounded = evolve(HALF, itself=True, most=most)
    assert len(effects_of(net, bounded, "N1")) == count
    assert len(effects_of(net, bounded, "N1").too_wide) == (count == 0)


def test_too_many_parties_themselves_end_the_rule_too() -> None:
    alone = evolve(HALF, itself=True, most=1)
    assert len(effects_of(network(also=["N1", "N2"]), alone, "N1", "N2").too_wide) == 1


def test_with_threshold_0_the_descendants_join() -> None:
    zero = rule(over(together=True, at_least="0"), again=True)
    pairs = [(one, other) for one in range(1, 8) for other in (one * 3 % 8, one * 5 % 8) if one != other]
    net = network(*(held(f"R{number}", f"N{one}", f"N{other}") for number, (one, other) in enumerate(pairs)))
    for start in ("N1", "N2", "N3"):
        assert {each.target for each in effects_of(net, zero, start)} == nx.descendants(net.graph, start)


def test_the_order_of_origins_changes_nothing() -> None:
    net = network(part("R1", "N1", "N3", "1/4"), part("R2", "N2", "N3", "1/4"))
    assert lines(effects_of(net, HALF, "N1", "N2")) == lines(effects_of(net, HALF, "N2", "N1"))


def test_a_party_with_several_origins_holds_its_shares_once() -> None:
    twice = [origin(HALF, "N1", id=f"list/N1/V{number}", from_day=d("2026-01-01")) for number in (1, 2)]
    assert len(effects_of(network(part("R1", "N1", "N2", "1/4")), HALF, *twice)) == 0
