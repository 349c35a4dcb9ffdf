"""What other programs are given: entities with stable ids whose references all resolve, and GraphML that reads back."""

from __future__ import annotations

import json
import random

import networkx as nx
import pytest
from attrs import evolve

from credit_engine.assessing.effects import Effects
from credit_engine.records import Operator
from credit_engine.spreading.interchange import OTHER, SCHEMAS, Entity, entities, graphml
from credit_engine.spreading.network import Network
from sample_spread import DAY, NAMES, OPERATORS, PERSONS, REGIONS, RELATIONS, affiliates, effects_on, network

ENDS = {"sourceEntity", "entity", *(name for _, *names in (*SCHEMAS.values(), OTHER) for name in names)}


@pytest.fixture(scope="module")
def effects() -> Effects:
    return effects_on(affiliates())


@pytest.fixture(scope="module")
def found(effects: Effects) -> dict[str, Entity]:
    made = list(entities(network(), effects))
    assert len({one["id"] for one in made}) == len(made)
    return {one["id"]: one for one in made}


def test_each_party_relation_and_effect_is_one_entity(found: dict[str, Entity], effects: Effects) -> None:
    relations = {f"relation:{relation.id}" for relation in RELATIONS}
    parties = {party.id for party in (*OPERATORS, *PERSONS)}
    assert parties | relations <= set(found)
    assert sum(id_.startswith("effect:") for id_ in found) == len(effects)


def test_every_reference_leads_to_an_entity(found: dict[str, Entity]) -> None:
    for one in found.values():
        for name, texts in one["properties"].items():
            if name in ENDS:
                assert set(texts) <= set(found), (one["id"], name)


def test_every_property_is_a_list_of_texts(found: dict[str, Entity]) -> None:
    for one in found.values():
        assert set(one) == {"id", "schema", "datasets", "properties"}
        assert all(isinstance(text, str) and text for texts in one["properties"].values() for text in texts)


def test_relations_are_told_in_the_words_of_the_schema(found: dict[str, Entity]) -> None:
    held = found["relation:R6"]
    assert (held["schema"], held["properties"]["percentage"]) == ("Ownership", ["40%-70%"])
    assert (held["properties"]["owner"], held["properties"]["asset"]) == (["T1"], ["T3"])
    assert held["properties"]["startDate"] == ["2020-01-06"]
    assert found["relation:R1"]["schema"] == "Directorship"
    assert found["relation:R7"]["schema"] == "UnknownLink"
    assert found["relation:R7"]["properties"]["role"] == ["franchise"]


def test_only_what_restricts_is_a_sanction(found: dict[str, Entity]) -> None:
    schemas = {id_.split("/")[0]: one["schema"] for id_, one in found.items() if id_.startswith("effect:")}
    assert schemas == {
        "effect:fsl135.revoked": "Sanction",
        "effect:branches": "Sanction",
        "effect:affiliates": "Sanction",
        "effect:half": "Note",
        "effect:worse.partner": "Note",
        "effect:delta.inform": "Note",
        "effect:delta.mirror": "Sanction",
    }
    assert found["effect:half////T3"]["properties"]["status"] == ["possible"]


def test_the_order_of_records_changes_nothing(effects: Effects) -> None:
    mixed = [list(records) for records in (OPERATORS, PERSONS, RELATIONS)]
    for records in mixed:
        random.Random(7).shuffle(records)  # noqa: S311  # records are mixed, nothing is kept secret
    operators, persons, relations = mixed
    other = Network(operators, persons, REGIONS, relations)  # type: ignore[arg-type]  # lists of the same records
    assert json.dumps(list(entities(network(), effects))) == json.dumps(list(entities(other, effects)))


def test_names_are_left_out_unless_asked_for(effects: Effects) -> None:
    plain = json.dumps(list(entities(network(), effects)), ensure_ascii=False)
    assert not [name for name in NAMES if name in plain]
    named = json.dumps(list(entities(network(), effects, named=True)), ensure_ascii=False)
    assert [name for name in NAMES if name in named] == NAMES


def test_only_what_was_known_on_the_day_is_written(effects: Effects) -> None:
    later = evolve(RELATIONS[0], recorded=DAY.replace(year=2027))
    made = entities(Network(OPERATORS, PERSONS, REGIONS, (later, *RELATIONS[1:])), effects)
    assert "relation:R1" not in {one["id"] for one in made}


def test_graphml_reads_back_as_the_same_graph(effects: Effects, found: dict[str, Entity]) -> None:
    graph = nx.parse_graphml("\n".join(graphml(network(), effects)), force_multigraph=True)
    edges = {key: (source, target) for source, target, key in graph.edges(keys=True)}
    assert set(graph.nodes) | set(edges) == set(found)
    assert edges["relation:R3"] == ("S1", "T1")
    assert edges["effect:affiliates/S1/event/V1/T2"] == ("S1", "T2")
    assert graph.edges["S1", "T1", "relation:R3"]["percentage"] == "60%"


def test_graphml_survives_what_xml_cannot_hold(effects: Effects) -> None:
    odd = Operator(id="S1", kind="\x01<&>", name='"\x0b')
    others = [party for party in OPERATORS if party.id != "S1"]
    text = "\n".join(graphml(Network((odd, *others), PERSONS, REGIONS, RELATIONS), effects, named=True))
    assert nx.parse_graphml(text, force_multigraph=True).nodes["S1"]["legalForm"] == " <&>"


@pytest.mark.parametrize("id_", ["relation:R3", "effect:affiliates/S1/event/V1/T2", "region:340000", "party:S1"])
def test_no_id_of_a_party_is_taken_for_another_thing(id_: str, effects: Effects) -> None:
    others = [*OPERATORS, Operator(id="P"), Operator(id=id_)]
    relations = (*RELATIONS, evolve(RELATIONS[1], id="R9", source=id_, target="P"))
    made = list(entities(Network(others, PERSONS, REGIONS, relations), effects))
    assert len({one["id"] for one in made}) == len(made)
    graph = nx.parse_graphml(
        "\n".join(graphml(Network(others, PERSONS, REGIONS, relations), effects)), force_multigraph=True
    )
    assert {*graph.nodes, *(key for *_, key in graph.edges(keys=True))} == {one["id"] for one in made}
    (link,) = (one for one in made if one["id"] == "relation:R9")
    (party,) = (one for one in made if one["id"] in link["properties"]["subject"])
    assert party["schema"] == "LegalEntity"
