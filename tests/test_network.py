"""Networks: every version of every relation is in the graph, a view holds what is in force, and nothing is guessed."""

from __future__ import annotations

import pickle
from datetime import date
from fractions import Fraction
from typing import Any

import networkx as nx
import pytest
from attrs import evolve

from credit_engine import Network, Operator, Person, Policy, QuestionError, RecordError, Region, Relation
from credit_engine.errors import CreditEngineError
from credit_engine.policy.nodes import Constant
from credit_engine.policy.plan_basis import Basis, InForce
from credit_engine.policy.plan_spreading import RecognitionRule
from sample_networks import DAY, EMPTY, d, held, network

OPERATORS = [Operator(id="N1", region="310115", name="一"), Operator(id="N2", kind="platform")]
PERSONS = [Person(id="P1", name="张三")]
REPRESENTS = held("R1", "P1", "N1", "legal_representative", since="2020-01-01", until="2024-01-01")


def relations_in(graph: nx.MultiDiGraph) -> list[tuple[str, str, str]]:
    return sorted((source, target, name) for source, target, name in graph.edges(data="relation") if name is not None)


def edges_of(graph: nx.MultiDiGraph, kind: str) -> list[tuple[str, str]]:
    return sorted((source, target) for source, target, found in graph.edges(data="kind") if found == kind)


def codes_of(caught: pytest.ExceptionInfo[CreditEngineError]) -> tuple[str, ...]:
    return caught.value.codes


# --- what a network is made of ---------------------------------------------------------------------------------


def test_the_order_of_records_and_repeated_ones_change_nothing() -> None:
    again = held("R2", "N1", "N2")
    one = Network(operators=OPERATORS, persons=PERSONS, relations=[REPRESENTS, again])
    other = Network(operators=iter(OPERATORS[::-1]), persons=PERSONS * 2, relations=[again, REPRESENTS, again])
    assert one == other
    assert nx.utils.graphs_equal(one.graph, other.graph)


def test_nothing_makes_an_empty_network() -> None:
    assert len(Network().graph) == 0
    assert len(Network().on(DAY)) == 0


def test_versions_that_contradict_each_other_are_refused_together_with_all_else_that_is_wrong() -> None:
    with pytest.raises(RecordError) as caught:
        Network(
            operators=[*OPERATORS, Operator(id="P1"), Operator(id="N2", kind="farm")],
            persons=PERSONS,
            relations=[REPRESENTS, evolve(REPRESENTS, target="N2"), held("R2", "N1", "N9"), held("R3", "N8", "N1")],
        )
    assert sorted(set(codes_of(caught))) == ["conflicting_versions", "id_in_two_tables", "relation_to_nobody"]
    assert {problem.message.split(":")[0] for problem in caught.value.problems if "versions" in problem.code} == {
        "'N2'",
        "'R1'",
    }
    assert [problem.message for problem in caught.value.problems if problem.code == "relation_to_nobody"] == [
        "'R2': target: no operator or person has the id 'N9'",
        "'R3': source: no operator or person has the id 'N8'",
    ]


def test_a_record_of_another_class_is_refused() -> None:
    with pytest.raises(RecordError, match="among the operators is a record of class Person"):
        Network(operators=PERSONS)  # type: ignore[arg-type]
    with pytest.raises(RecordError, match="relations holds str, not only records of class Relation"):
        Network(relations=["R1"])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("arguments", "named", "said"),
    [
        ((OPERATORS, PERSONS, [REPRESENTS]), {}, "regions holds Relation, not only records of class Region"),
        ((OPERATORS, [REPRESENTS]), {}, "'R1' among the persons is a record of class Relation"),
        ((OPERATORS, [Region(code="X")]), {}, "persons holds Region, not only records of class Person"),
        ((), {"operators": OPERATORS[0]}, "operators is a single Operator"),
        ((), {"persons": "N1"}, "persons is str, not a list of Persons"),
        ((), {"regions": Region(code="X")}, "regions is a single Region"),
        ((), {"relations": None}, "relations is NoneType, not a list of Relations"),
    ],
)
def test_a_slip_in_the_arguments_says_which_holds_what(arguments: Any, named: dict[str, Any], said: str) -> None:
    with pytest.raises(RecordError, match=said) as caught:
        Network(*arguments, **named)
    assert codes_of(caught)[0] == "bad_field"
    assert "=" in caught.value.problems[0].hint


def test_a_network_says_whom_and_which_kinds_it_has() -> None:
    net = Network(operators=OPERATORS, persons=PERSONS, relations=[REPRESENTS])
    assert net.parties == {record.id for record in (*OPERATORS, *PERSONS)}
    assert net.kinds == {REPRESENTS.kind}


def test_a_party_that_is_named_like_the_node_of_a_region_is_refused() -> None:
    with pytest.raises(RecordError, match="'region:310115' is the id of a party"):
        Network(operators=OPERATORS, persons=[Person(id="region:310115")])


def test_a_network_crosses_process_borders_with_its_graph_made_anew() -> None:
    net = Network(operators=OPERATORS, persons=PERSONS, regions=[Region(code="X")], relations=[REPRESENTS])
    net.on(DAY)
    copy = pickle.loads(pickle.dumps(net))  # noqa: S301  # our own
    assert copy == net
    assert nx.utils.graphs_equal(copy.graph, net.graph)


# --- the whole graph ---------------------------------------------------------------------------------------------


def test_every_version_of_a_relation_is_an_edge_with_the_days_on_which_it_is_known() -> None:
    first = held("R1", "N1", "N2", share=Fraction(1, 3), recorded="2024-01-01", document="doc")
    moved = evolve(first, source="N3", recorded=d("2025-01-01"), share=None, share_max=Fraction(1, 2))
    graph = network(first, moved).graph
    assert [data for *_, data in sorted(graph.edges(data=True), key=lambda edge: edge[0])] == [
        {
            "kind": "shareholder",
            "relation": "R1",
            "share": Fraction(1, 3),
            "share_max": None,
            "since": None,
            "until": None,
            "document": "doc",
            "known_from": d("2024-01-01"),
            "known_until": d("2025-01-01"),
        },
        {
            "kind": "shareholder",
            "relation": "R1",
            "share": None,
            "share_max": Fraction(1, 2),
            "since": None,
            "until": None,
            "document": "doc",
            "known_from": d("2025-01-01"),
            "known_until": None,
        },
    ]


def test_a_version_that_is_replaced_on_the_day_it_was_recorded_is_no_edge() -> None:
    first = held("R1", "N1", "N2", recorded="2024-01-01")
    graph = network(first, evolve(first, target="N3", revision=1)).graph
    assert relations_in(graph) == [("N1", "N3", "R1")]


def test_parallel_relations_and_versions_between_two_parties_stay_apart() -> None:
    first = held("R1", "N1", "N2", recorded="2024-01-01")
    graph = network(first, evolve(first, recorded=d("2025-01-01"), until=d("2025-01-01")), held("R2", "N1", "N2")).graph
    assert sorted(key for *_, key in graph.edges(keys=True)) == ["R1@2024-01-01", "R1@2025-01-01", "R2@"]


def test_parties_are_registered_in_regions_that_lie_in_regions() -> None:
    table = [Region(code="B", parent="A"), Region(code="A", name="甲")]
    net = Network(operators=[*OPERATORS, Operator(id="N3", region="B")], regions=table)
    assert edges_of(net.graph, "registered") == [("N1", "region:310115"), ("N3", "region:B")]
    assert edges_of(net.graph, "parent") == [
        ("region:310100", "region:310000"),
        ("region:310115", "region:310100"),
        ("region:B", "region:A"),
    ]
    assert net.graph.nodes["region:A"] == {"table": "region", "kind": "region", "name": "甲", "code": "A"}
    assert net.graph.nodes["N2"] == {"table": "operator", "kind": "platform", "name": None}


def test_a_circle_of_regions_ends() -> None:
    net = Network(regions=[Region(code="A", parent="B"), Region(code="B", parent="A")])
    assert edges_of(net.graph, "parent") == [("region:A", "region:B"), ("region:B", "region:A")]


def test_a_graph_cannot_be_changed_but_its_copy_can() -> None:
    graph = network(held("R1", "N1", "N2")).graph
    with pytest.raises(nx.NetworkXError, match="Frozen"):
        graph.add_node("N9")
    copy = graph.copy()
    copy.add_node("N9")
    assert "N9" not in graph


def test_attributes_are_plain() -> None:
    net = Network(operators=OPERATORS, persons=PERSONS, relations=[evolve(REPRESENTS, share=Fraction(1, 2))])
    plain = (str, int, date, Fraction, type(None))
    assert all(isinstance(value, plain) for *_, data in net.graph.edges(data=True) for value in data.values())
    assert all(isinstance(value, plain) for _, data in net.graph.nodes(data=True) for value in data.values())


# --- the graph of a day -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "there"),
    [("2019-12-31", False), ("2020-01-01", True), ("2023-12-31", True), ("2024-01-01", False)],
)
def test_a_relation_is_in_force_from_its_first_day_to_the_day_before_until(day: str, there: bool) -> None:  # noqa: FBT001
    net = Network(operators=OPERATORS, persons=PERSONS, relations=[REPRESENTS])
    assert bool(relations_in(net.on(d(day)))) is there


@pytest.mark.parametrize(("known_at", "target"), [("2023-12-31", None), ("2024-01-01", "N2"), ("2025-01-01", "N3")])
def test_a_view_holds_the_version_known(known_at: str, target: str | None) -> None:
    first = held("R1", "N1", "N2", recorded="2024-01-01")
    net = network(first, evolve(first, target="N3", recorded=d("2025-01-01")))
    expected = [] if target is None else [("N1", target, "R1")]
    assert relations_in(net.on(DAY, d(known_at))) == expected


def test_a_view_knows_by_default_what_was_known_on_its_day() -> None:
    net = network(held("R1", "N1", "N2", recorded="2024-01-01"))
    assert relations_in(net.on(d("2023-12-31"))) == []
    assert relations_in(net.on(d("2024-01-01"))) == [("N1", "N2", "R1")]


def test_a_view_is_made_once_and_many_days_stay_right() -> None:
    net = network(held("R1", "N1", "N2", since="2024-01-05"))
    assert net.on(DAY) is net.on(DAY)
    days = [date(2024, 1, number) for number in range(1, 15)]
    assert [bool(relations_in(net.on(day))) for day in days + days] == [day >= d("2024-01-05") for day in days + days]


def test_a_view_is_asked_for_with_days() -> None:
    with pytest.raises(QuestionError, match="asked for with days"):
        Network().on("2024-01-01")  # type: ignore[arg-type]


def recognition(**parts: Any) -> Policy:  # Any: parts of a row
    row = RecognitionRule(
        id="row",
        title={},
        list="severe",
        origins=(),
        origins_inside=(),
        hosts=("310000",),
        mode="mirror",
        when=Constant(True),  # noqa: FBT003  # a condition
        measures=None,
        basis=Basis(own=InForce(d("2024-01-01"), d("2025-01-01"))),
        parameters=(),
    )
    plan = evolve(EMPTY.plan, regions=("310000", "320000", "310100"), recognition=(evolve(row, **parts),))
    return Policy(plan)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, ["region:320000"]),  # of the other regions of the policy; 310100 lies inside of the host
        ({"origins": ("330000", "310000")}, ["region:330000"]),
        ({"origins_inside": ("340000",)}, ["region:340000"]),
        ({"mode": "none"}, []),
    ],
)
def test_hosts_recognise_regions_that_rows_name(parts: dict[str, Any], expected: list[str]) -> None:
    view = Network().on(d("2024-06-01"), policy=recognition(**parts))
    assert edges_of(view, "recognises") == [("region:310000", origin) for origin in expected]


def test_an_edge_of_recognition_says_which_row_and_how() -> None:
    view = Network().on(d("2024-06-01"), policy=recognition(origins_inside=("340000",)))
    ((*_, data),) = view.edges(data=True)
    assert data == {"kind": "recognises", "rule": "row", "list": "severe", "mode": "mirror", "inside": True}


@pytest.mark.parametrize(("day", "there"), [("2023-12-31", 0), ("2024-01-01", 1), ("2024-12-31", 1), ("2025-01-01", 0)])
def test_recognition_lasts_while_the_row_is_in_force(day: str, there: int) -> None:
    assert len(edges_of(Network().on(d(day), policy=recognition()), "recognises")) == there


def test_relations_to_a_party_whose_record_became_known_later_are_in_the_view() -> None:
    net = Network(
        operators=[Operator(id="N1"), Operator(id="N2", recorded=d("2030-01-01"))],
        relations=[Relation(id="R1", kind="branch", source="N2", target="N1")],
    )
    assert relations_in(net.on(DAY)) == [("N2", "N1", "R1")]


def test_a_view_names_a_party_as_it_was_known() -> None:
    first = Operator(id="A", kind="enterprise", name="甲", recorded=d("2024-01-01"))
    renamed = evolve(first, kind="platform", name="乙", recorded=d("2025-01-01"))
    person = Person(id="P", name="王", recorded=d("2024-06-01"))
    net = Network([first, renamed], [person])
    told = {
        day: [(net.on(d(day)).nodes[id_]["kind"], net.on(d(day)).nodes[id_]["name"]) for id_ in ("A", "P")]
        for day in ("2023-12-31", "2024-01-01", "2024-12-31", "2025-01-01")
    }
    assert told == {
        "2023-12-31": [(None, None), ("person", None)],
        "2024-01-01": [("enterprise", "甲"), ("person", None)],
        "2024-12-31": [("enterprise", "甲"), ("person", "王")],
        "2025-01-01": [("platform", "乙"), ("person", "王")],
    }
    assert net.on(d("2026-01-01"), known_at=d("2024-02-01")).nodes["A"]["name"] == "甲"
    assert net.graph.nodes["A"]["name"] == "乙"
