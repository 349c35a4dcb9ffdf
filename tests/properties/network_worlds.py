"""Made-up networks by number, what the engine says of them, and the smallest one in which something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pytest
from attrs import evolve

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.assessing.effects import Effects
from credit_engine.dossiers import Dossier
from credit_engine.errors import PolicyError
from credit_engine.policy.load import read_policy
from credit_engine.spreading.spread import spread
from credit_engine.testing.drawing import Dice
from credit_engine.testing.drawn_networks import NetworkQuestion, network_question
from credit_engine.testing.drawn_spread import RESTRICTIVE, spread_policy
from credit_engine.testing.strategies import as_data
from properties.list_worlds import how_many
from properties.network_facts import Written

__all__ = [
    "all_networks",
    "how_many",
    "network_world",
    "own_answers",
    "restrictive_beyond_the_law",
    "spread_of",
    "with_rules",
]

Failing = Callable[[NetworkQuestion], list[str]]
MOST_LINES = 12
MOST_TRIED = 300


def network_world(number: int) -> NetworkQuestion:
    """The network with this number."""
    dice = Dice(number)
    return network_question(dice, spread_policy(dice))


def own_answers(question: NetworkQuestion) -> list[Assessment]:
    """Everybody's own answer."""
    return [assess(one, question.policy, question.as_of, question.known_at) for one in question.dossiers]


def spread_of(question: NetworkQuestion) -> Effects:
    """All effects of the day."""
    return spread(question.network, own_answers(question), question.policy, question.as_of, question.known_at)


def with_rules(question: NetworkQuestion, rules: list[dict[str, Written]]) -> NetworkQuestion:
    """The question with other rules of spread, and no recognition."""
    written = {**question.policy.written, "spread": rules}
    written.pop("recognition", None)
    return evolve(question, policy=read_policy(as_data(written)))


def all_networks(failing: Failing, numbers: Iterable[int]) -> None:
    """Fails with the first network, made smaller, in which something is wrong."""
    for number in numbers:
        question = network_world(number)
        if failing(question):
            smallest = smaller(question, failing)
            wrong = "\n".join(failing(smallest)[:MOST_LINES])
            pytest.fail(f"network {number}:\n{wrong}\n{smallest!r}", pytrace=False)


def smaller(question: NetworkQuestion, failing: Failing) -> NetworkQuestion:
    """The smallest network found in which something still is wrong: with fewer rules, relations and events."""
    tried = 0
    again = True
    while again and tried < MOST_TRIED:
        again = False
        for other in _with_less(question):
            tried += 1
            if tried < MOST_TRIED and failing(other):
                question, again = other, True
                break
    return question


def _with_less(question: NetworkQuestion) -> Iterator[NetworkQuestion]:
    yield from _with_less_policy(question)
    for place in range(len(question.relations)):
        yield evolve(question, relations=(*question.relations[:place], *question.relations[place + 1 :]))
    for place, dossier in enumerate(question.dossiers):
        for gone in range(len(dossier.events)):
            events = (*dossier.events[:gone], *dossier.events[gone + 1 :])
            less = Dossier(dossier.party_versions, events)
            yield evolve(question, dossiers=(*question.dossiers[:place], less, *question.dossiers[place + 1 :]))


def _with_less_policy(question: NetworkQuestion) -> Iterator[NetworkQuestion]:
    written = dict(question.policy.written)
    for section in ("spread", "recognition"):
        rules = written.get(section, [])
        for place in range(len(rules)):
            rest = {**written, section: [*rules[:place], *rules[place + 1 :]]}
            try:
                yield evolve(question, policy=read_policy(as_data(rest)))
            except PolicyError:
                continue


def restrictive_beyond_the_law(number: int) -> list[str] | None:
    """The restrictive effects of a world that cross what its law does not name; `None` if its policy is refused."""
    dice = Dice(number)
    try:
        question = network_question(dice, spread_policy(dice, narrow=True))
    except PolicyError as error:
        return None if {"not_reached", "rank_too_low"} & set(error.codes) else [str(error)]
    sources = question.policy.written["sources"]
    found = []
    for one in spread_of(question):
        named = {name for source in one.basis for name in sources[source]["reaches"]}
        crossed = {held.kind for edge in one.path for held in edge.relations}
        crossed |= {edge.id for edge in one.path if edge.to == "named"}
        crossed |= {"itself"} if not one.path and not one.is_region else set()
        if one.effect in RESTRICTIVE and not one.is_region and not crossed <= named:
            found.append(f"network {number}: {one} crosses {crossed}, the law names {named}")
    return found
