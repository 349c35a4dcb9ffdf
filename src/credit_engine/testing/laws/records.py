"""Laws of what records are: their order, their repetition, their versions and the time they belong to."""

from __future__ import annotations

from attrs import evolve

from credit_engine.assessing.answer import Assessment
from credit_engine.policy.load import Policy
from credit_engine.policy.nodes import Node, Selector
from credit_engine.records import Event, ListDecision
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.edges import edges_of
from credit_engine.testing.laws.differing import differences
from credit_engine.testing.laws.law import Asked, Law
from credit_engine.testing.laws.shapes import reached
from credit_engine.testing.question import Question
from credit_engine.testing.variations import (
    with_future,
    with_later_knowledge,
    withdrawn,
    without,
)


def _unchanged(first: Asked, other: Asked) -> list[str]:
    """Nothing at all may differ."""
    return differences(first.answer, other.answer)


# --- order and repetition -------------------------------------------------------------------------------------


def order_is_irrelevant() -> Law:
    """Records in another order, the same answer."""
    sentence = "The order in which records are written changes nothing."
    return Law("order_is_irrelevant", sentence, _unchanged, _reordered)


def _reordered(choose: Chooser, question: Question) -> Question:
    dossier = question.dossier
    events, parties = choose.shuffled(dossier.events), choose.shuffled(dossier.party_versions)
    others, relations = choose.shuffled(question.others), choose.shuffled(question.relations)
    own = evolve(dossier, events=events, party_versions=parties)
    return evolve(question, dossier=own, others=tuple(others), relations=tuple(relations))


def repeated_rows_count_once() -> Law:
    """The same row twice, the same answer."""
    sentence = "The same row twice counts once."
    return Law("repeated_rows_count_once", sentence, _unchanged, _repeated)


def _repeated(choose: Chooser, question: Question) -> Question | None:
    dossier, relations = question.dossier, question.relations
    twice = choose.some(dossier.events, least=1, most=2)
    if not twice and not relations:
        return None
    again = choose.some(relations, most=2)
    own = evolve(dossier, events=(*dossier.events, *twice))
    return evolve(question, dossier=own, relations=(*relations, *again))


# --- the future, and what was learnt later --------------------------------------------------------------------


def no_future() -> Law:
    """Events that lie ahead of everything that looks change nothing."""
    sentence = "What lies in the future changes nothing."
    return Law("no_future", sentence, _unchanged, _with_future)


def _with_future(choose: Chooser, question: Question) -> Question:
    edges = edges_of(question.policy)
    return evolve(question, dossier=with_future(choose, question.dossier, edges, question.as_of))


def nothing_known_later() -> Law:
    """Versions and events recorded after the day of knowledge change nothing."""
    sentence = "What is recorded later changes nothing in what was known before."
    return Law("nothing_known_later", sentence, _unchanged, _with_later_knowledge)


def _with_later_knowledge(choose: Chooser, question: Question) -> Question:
    known_at = question.known_at or question.as_of
    more = with_later_knowledge(choose, question.dossier, edges_of(question.policy), known_at)
    return evolve(question, dossier=more)


# --- withdrawal -----------------------------------------------------------------------------------------------


def withdrawing_equals_never_recorded() -> Law:
    """What is withdrawn counts as never recorded, apart from what is said of the withdrawal itself."""
    sentence = "What is withdrawn counts as if it had never been recorded."
    return Law("withdrawing_equals_never_recorded", sentence, _as_never, _withdrawn)


def _withdrawn(choose: Chooser, question: Question) -> Question | None:
    named = named_by_decisions(question)
    events = [each for each in question.dossier.events if each.id not in named]
    if not events or question.event is not None:  # from an event that is gone nobody looks
        return None
    known_at = question.known_at or question.as_of
    return evolve(question, dossier=withdrawn(question.dossier, choose.one(events), known_at))


def _as_never(_first: Asked, other: Asked) -> list[str]:
    """The answer where events were withdrawn, beside that of the same records without them."""
    question = other.question
    known_at = question.known_at or question.as_of
    named = named_by_decisions(question)
    gone = [each for each in question.dossier.events_on(known_at) if is_gone(each) and each.id not in named]
    dossier = question.dossier
    for each in gone:
        dossier = without(dossier, each)
    never = other.on(evolve(question, dossier=dossier))
    names, asking = {each.id for each in gone}, _asking_for_withdrawn(question.policy)
    return differences(_without_history(never.answer, names, asking), _without_history(other.answer, names, asking))


def named_by_decisions(question: Question) -> set[str]:
    """The ids that a step of a list names; such a step would go with its ground."""
    decisions = [each for each in question.dossier.events if isinstance(each, ListDecision)]
    return {name for each in decisions for name in each.grounds or ()}


def is_gone(event: Event) -> bool:
    """Whether a version says that its event is withdrawn."""
    return event.standing == "withdrawn"


def _without_history(answer: Assessment, gone: set[str], asking: frozenset[str]) -> Assessment:
    """The answer without entries that the authority made of what is gone, and what follows from a withdrawal."""
    return evolve(
        answer,
        entries=tuple(one for one in answer.entries if one.ground not in gone or one.state != "revoked"),
        findings=tuple(one for one in answer.findings if one.rule not in asking),
        obligations=tuple(one for one in answer.obligations if one.rule not in asking),
        indicators={name: value for name, value in answer.indicators.items() if name not in asking},
        unknowns=tuple(line for line in answer.unknowns if line.rule not in asking),
    )


def _asking_for_withdrawn(policy: Policy) -> frozenset[str]:
    """The findings, obligations and indicators about a withdrawal itself: they ask for what was withdrawn alone."""
    found = policy.memo.get("asking for withdrawn")
    if not isinstance(found, frozenset):
        plan = policy.plan
        pieces: list[tuple[str, object]] = [(rule.id, rule) for rule in plan.findings]
        pieces += [(rule.id, rule) for rule in plan.obligations]
        pieces += [(name, each.value) for name, each in plan.indicators.items()]
        asking = (name for name, piece in pieces if any(map(_is_of_withdrawn, reached(plan, piece))))
        found = policy.memo["asking for withdrawn"] = frozenset(asking)
    return found


def _is_of_withdrawn(node: Node) -> bool:
    return isinstance(node, Selector) and node.standing == {"withdrawn"}
