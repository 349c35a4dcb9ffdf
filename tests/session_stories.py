"""What sessions are told in tests: made-up networks, worlds of lists, and questions that aim at any policy's rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache

from credit_engine.engines.session import Matcher
from credit_engine.policy.load import Policy, load_policy
from credit_engine.records import Event, Operator, Party, Person, Relation
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.drawn_networks import NetworkQuestion
from credit_engine.testing.drawn_records import Facts
from credit_engine.testing.question import Question
from credit_engine.testing.sampling import drawn_question
from session_teller import Teller
from session_worlds import Told

FIRST_DAYS = (date(2023, 1, 1), date(2024, 3, 15), date(2024, 6, 1))
LAST_DAY = date(2030, 1, 1)  # so that days can pass
NEWCOMERS: Sequence[Party] = (
    Operator(id="X1", kind="enterprise", region="320505"),
    Person(id="X2", name="李明"),
    Person(id="N1"),
    Person(id="person"),
)


@cache
def shipped(name: str) -> Policy:
    """A shipped policy, read once."""
    return load_policy(name)


def of_network(choose: Chooser, question: NetworkQuestion, matcher: Matcher = "plain") -> Teller:
    """A network whose parties are known from the start, and some of the rest, partly from a later day on."""
    told = Told(question.policy, choose.one(FIRST_DAYS), list(question.parties))
    return _teller(
        choose, told, [each for one in question.dossiers for each in one.events], question.relations, matcher
    )


def of_lists(choose: Chooser, question: Question, matcher: Matcher = "plain") -> Teller:
    """A world of lists, with a second firm to which corrections may take an event."""
    found = question.dossier
    parties = [*found.party_versions, Operator(id="P2", region="310115")]
    told = Told(question.policy, date(2023, 12, 30), parties, regions=found.regions, coverage=found.coverage)
    return _teller(choose, told, found.events, (), matcher)


def of_policy(choose: Chooser, policy: Policy, matcher: Matcher = "plain", turn: int | None = None) -> Teller:
    """Parties, events and relations that aim at one of the policy's rules, lists or effects; on or before the day."""
    question = drawn_question(choose, policy, Facts(), turn=turn)
    dossiers = (question.dossier, *question.others)
    parties: list[Party] = [version for one in dossiers for version in one.party_versions]
    events = [each for one in dossiers for each in one.events]
    there = {each.id for each in parties}
    parties += [Operator(id=name) for name in dict.fromkeys(each.party for each in events) if name not in there]
    names = list(dict.fromkeys(each.id for each in parties))
    links = list(question.relations)
    if len(names) > 1 and policy.plan.relations and not links:
        links.append(Relation(id="R1", kind=min(policy.plan.relations), source=names[0], target=names[1]))
    told = Told(
        policy,
        min(question.as_of, LAST_DAY),
        parties,
        regions=question.dossier.regions,
        coverage=question.dossier.coverage,
    )
    return _teller(choose, told, events, links, matcher)


def _teller(
    choose: Chooser, told: Told, events: Sequence[Event], links: Sequence[Relation], matcher: Matcher
) -> Teller:
    told.events += [each for each in events if choose.chance(50)]
    told.relations += [each for each in links if choose.chance(60)]
    return Teller(told, events, links, matcher, NEWCOMERS, answers_kept=choose.one((100_000, 1, 0)))
