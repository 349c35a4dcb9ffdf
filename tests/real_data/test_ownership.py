"""The ownership rule of the US Treasury on its own published answers, and what a network says of the same holdings."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from typing import Any

import networkx as nx
import pytest

from credit_engine import Dossier, ListDecision, Network, Operator, Relation, assess, load_policy, spread
from real_data.cities import data_folder

DAY = date(2020, 6, 1)
CASES = ("FAQ401-1", "FAQ401-2", "FAQ398-control")


def published(number: str) -> dict[str, Any]:  # Any: JSON
    """One of the answers: who is listed, who holds and controls whom, who is blocked and who is not."""
    cases = json.loads((data_folder("ownership") / "ofac_examples.json").read_text(encoding="utf-8"))["cases"]
    by_number: dict[str, dict[str, Any]] = {case["id"]: case for case in cases}  # Any: JSON
    return by_number[number]


def network_of(case: dict[str, Any]) -> Network:  # Any: JSON
    """The holdings of a case, in hundredths."""
    holdings = [("shareholder", *ends, Fraction(share, 100)) for *ends, share in case["shares"]]
    control = [("actual_controller", *ends, None) for ends in case.get("controls", ())]
    relations = [
        Relation(id=f"R{number}", kind=kind, source=source, target=target, share=share, since=date(2015, 1, 1))
        for number, (kind, source, target, share) in enumerate([*holdings, *control])
    ]
    parties = sorted({party for relation in relations for party in (relation.source, relation.target)})
    return Network([Operator(id=party) for party in parties], relations=relations)


@pytest.mark.parametrize("number", CASES)
def test_who_is_blocked_is_as_published(number: str) -> None:
    case, policy = published(number), load_policy("ownership-presets/ofac")
    network = network_of(case)
    listed = {
        party: [ListDecision(id=f"L-{party}", party=party, list="blocked", step="list", decided=date(2016, 3, 1))]
        for party in case["listed"]
    }
    own = [assess(Dossier(party, listed.get(party.id, ())), policy, DAY) for party in network.operators]
    effects = spread(network, own, policy, DAY)
    assert [effect.target for effect in effects] == case["blocked"]
    assert all(effect.certain and effect.effect == "mirror" for effect in effects)
    assert not {effect.target for effect in effects} & set(case["not_blocked"])


def test_every_published_answer_is_tried() -> None:
    cases = json.loads((data_folder("ownership") / "ofac_examples.json").read_text(encoding="utf-8"))["cases"]
    assert [case["id"] for case in cases] == list(CASES)


@pytest.mark.parametrize("number", CASES)
def test_whoever_is_blocked_can_be_reached_over_the_graph(number: str) -> None:
    case = published(number)
    graph = network_of(case).graph
    reached = set().union(*(nx.descendants(graph, party) for party in case["listed"]))
    assert set(case["blocked"]) <= reached
