"""Spread is what a slow reading of all paths, rounds and rows says, and without thresholds it is reachability."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import networkx as nx
import pytest
from attrs import evolve

from credit_engine.dossiers import Dossier
from credit_engine.records import Operator, Relation, Violation
from credit_engine.testing.drawing import Dice
from credit_engine.testing.drawn_networks import NetworkQuestion
from credit_engine.testing.drawn_spread import KINDS
from properties.network_facts import Facts, Written, decisions, facts
from properties.network_worlds import all_networks, how_many, network_world, spread_of, with_rules
from properties.path_oracle import holds_on
from properties.recognition_oracle import recognised_by_hand, taken_in_the_same_words
from properties.spread_oracle import in_the_same_words, spread_by_hand

PARTS = 4  # tests run beside each other


# --- the second reading ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", range(PARTS))
def test_effects_are_what_a_reading_of_all_paths_and_rounds_says(part: int) -> None:
    all_networks(unlike_the_reading, range(part, how_many(2000, usual=120), PARTS))


def unlike_the_reading(question: NetworkQuestion) -> list[str]:
    effects = spread_of(question)
    wanted, too_wide = spread_by_hand(facts(question))
    got = [in_the_same_words(one) for one in effects if not one.is_region]
    found = [
        f"{place}: read   {mine}\n   spread {theirs}"
        for place, (mine, theirs) in enumerate(zip(wanted, got, strict=False))
        if mine != theirs
    ]
    found += [f"only read: {one}" for one in wanted[len(got) :]] + [f"only spread: {one}" for one in got[len(wanted) :]]
    if too_wide != [line.rule for line in effects.too_wide]:
        found.append(f"too wide: read {too_wide}, spread {effects.too_wide}")
    return found


def test_paths_of_several_steps_are_the_best_ones_where_many_stand_in_each_others_way() -> None:
    for number in range(how_many(1000, usual=60)):
        wrong = unlike_the_reading(crowded(number))
        assert not wrong, f"network {number}: {wrong[0]}"


def crowded(number: int) -> NetworkQuestion:
    """A network in which no relation ends, and paths of three or four steps in both directions."""
    question, dice = network_world(number), Dice(number)
    lasting = tuple(
        evolve(one, since=None, until=None, recorded=None, revision=0)
        for one in {one.id: one for one in question.relations}.values()
    )
    steps = [
        {"any": [{"relation": dice.some(KINDS, least=2), "to": to, **_share(dice)} for to in ("target", "source")]}
        for _ in range(dice.number(3, 4))
    ]
    rule = {key: part for key, part in _RULE.items() if key != "repeat"} | {"rule": "turns", "along": steps}
    return with_rules(evolve(question, relations=lasting), [rule])


def _share(dice: Dice) -> dict[str, Written]:
    return {"share": {"at_least": dice.one(("25%", "50%"))}} if dice.chance(30) else {}


def test_regions_take_over_what_a_reading_of_all_rows_says() -> None:
    all_networks(unlike_the_rows, range(how_many(1000, usual=40)))


def unlike_the_rows(question: NetworkQuestion) -> list[str]:
    wanted = recognised_by_hand(facts(question))
    got = [taken_in_the_same_words(one) for one in spread_of(question) if one.is_region]
    return [] if wanted == got else [f"read {wanted}", f"spread {got}"]


# --- without thresholds it is reachability --------------------------------------------------------------------


def test_without_thresholds_and_weights_everyone_is_reached_who_can_be() -> None:
    all_networks(unlike_reachability, range(how_many(1000, usual=40)))


def unlike_reachability(question: NetworkQuestion) -> list[str]:
    step = {"relation": list(KINDS), "to": "target"}
    over_all = {**_RULE, "rule": "paths", "along": [step]}
    together = {**_RULE, "rule": "together", "along": [{**step, "share": {"at_least": "0%"}, "together": True}]}
    changed = with_rules(question, [over_all, together])
    known = facts(changed)
    graph = _graph(known)
    origins = {party: nx.descendants(graph, party) for party in known.events if decisions(known, party)}
    of_all = set().union(*origins.values()) - origins.keys()
    effects = spread_of(changed)
    found = []
    if {one.target for one in effects if one.rule == "together"} != of_all:
        found.append(f"together: {effects.found} instead of {of_all}")
    for party, reached in origins.items():
        got = {one.target for one in effects if one.rule == "paths" and one.origin_party == party}
        if got != reached:
            found.append(f"from {party}: {got} instead of {reached}")
    return found


_RULE: dict[str, Written] = {
    "title": {"zh": "例", "en": "Drawn"},
    "from": {"each": "violation"},
    "repeat": "until_stable",
    "lasts": {"from": "decided"},
    "effect": "alert",
}


def _graph(known: Facts) -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_nodes_from(known.parties)
    graph.add_edges_from((one.source, one.target) for one in known.relations if holds_on(one, known.as_of, known.as_of))
    return graph


def test_spread_ends_where_everyone_is_related_to_everyone() -> None:
    parties = [f"O{number}" for number in range(25)]
    pairs = [(source, target) for source in parties for target in parties if source != target]
    everyone = _crowd(parties, [Relation(id=f"{a}-{b}", kind="shareholder", source=a, target=b) for a, b in pairs])
    step = {"relation": "shareholder", "to": "target"}
    rules = [
        {**_RULE, "rule": "again", "along": [step]},
        {**_RULE, "rule": "together", "along": [{**step, "share": {"at_least": "50%"}, "together": True}]},
        {key: part for key, part in _RULE.items() if key != "repeat"} | {"rule": "turns", "along": [step, step, step]},
    ]
    effects = spread_of(with_rules(everyone, rules))
    counts = {rule: sum(one.rule == rule for one in effects) for rule in ("again", "together", "turns")}
    assert counts == {"again": 24, "together": 24, "turns": 24}


def _crowd(parties: Iterable[str], relations: Iterable[Relation]) -> NetworkQuestion:
    day = date(2024, 6, 1)
    dossiers = [
        Dossier(Operator(id=party), [Violation(id="V1", party=party, decided=day)] if party == "O0" else [])
        for party in parties
    ]
    return evolve(network_world(0), dossiers=tuple(dossiers), relations=tuple(relations), as_of=day, known_at=day)
