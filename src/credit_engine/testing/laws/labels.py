"""Laws of labels and views: other ids change only ids, and an event sees what its day sees."""

from __future__ import annotations

import re

from attrs import evolve

from credit_engine.assessing.answer import Assessment
from credit_engine.policy.load import Policy
from credit_engine.policy.nodes import EventField
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.edges import edges_of
from credit_engine.testing.laws.differing import PARTS, differences
from credit_engine.testing.laws.law import Asked, Law
from credit_engine.testing.laws.records import is_gone, named_by_decisions
from credit_engine.testing.laws.shapes import reached
from credit_engine.testing.question import Question
from credit_engine.testing.variations import alone_on_its_day, relabelled


def labels_are_labels() -> Law:
    """Other ids in the same order change nothing but the ids in the answer."""
    sentence = "Other ids in the same order change only the labels."
    return Law("labels_are_labels", sentence, _same_but_for_names, _relabelled)


def _relabelled(choose: Chooser, question: Question) -> Question | None:
    ids = _ids(question)
    if not ids or question.others:
        return None  # events of others keep their ids
    start = choose.one("xV")
    names = {old: f"{start}{place:03d}-{old[::-1]}" for place, old in enumerate(ids)}
    event = question.event
    if event is not None:
        kind, _, plain = event.rpartition("/")
        event = f"{kind}/{names[plain]}" if kind else names[plain]
    return evolve(question, dossier=relabelled(question.dossier, names), event=event)


def _ids(question: Question) -> list[str]:
    """The ids of the party's events, and those that a step of a list names as a ground though nothing has them."""
    named = {name for name in named_by_decisions(question) if "/" not in name and not _DAY.fullmatch(name)}
    return sorted({each.id for each in question.dossier.events} | named)


_DAY = re.compile(r"\d{4}-\d\d-\d\d")  # the ground of what a review listed


def _same_but_for_names(first: Asked, other: Asked) -> list[str]:
    names = dict(zip(_ids(first.question), _ids(other.question), strict=True))
    return differences(with_names(first.answer, names), other.answer, _NAMELESS)


_NAMELESS = tuple(part for part in PARTS if part not in ("measures", "recognised", "effects"))  # they stand by entries


def with_names(answer: Assessment, names: dict[str, str]) -> Assessment:
    """The answer with its events called by other names."""

    def entry_id(name: str) -> str:
        *before, ground = name.split("/")
        return "/".join((*before, names.get(ground, ground)))

    ids = _taking_ids(answer.question[1])
    return evolve(
        answer,
        indicators={
            name: names.get(value, value) if name in ids and isinstance(value, str) else value
            for name, value in answer.indicators.items()
        },
        reasons=tuple(evolve(line, event=names.get(line.event or "")) for line in answer.reasons),
        unknowns=tuple(evolve(line, event=names.get(line.event or "")) for line in answer.unknowns),
        findings=tuple(evolve(line, event=names.get(line.event or "")) for line in answer.findings),
        obligations=tuple(evolve(line, event=names[line.event]) for line in answer.obligations),
        entries=tuple(
            evolve(
                one,
                ground=names.get(one.ground, one.ground),
                id=entry_id(one.id),
                steps=tuple(evolve(step, event=names.get(step.event, step.event)) for step in one.steps),
            )
            for one in answer.entries
        ),
    )


def _taking_ids(policy: Policy) -> frozenset[str]:
    """The indicators that name an event."""
    found = policy.memo.get("taking ids")
    if not isinstance(found, frozenset):
        values = ((name, each.value) for name, each in policy.plan.indicators.items())
        found = frozenset(
            name
            for name, value in values
            if any(isinstance(node, EventField) and node.name == "id" for node in reached(policy.plan, value))
        )
        policy.memo["taking ids"] = found
    return found


def event_sees_its_day() -> Law:
    """From the only event of a day one sees what one sees from the day."""
    sentence = "From the only event of a day one sees what one sees from the day itself."
    return Law("event_sees_its_day", sentence, _same_view, _from_event)


def _from_event(choose: Chooser, question: Question) -> Question | None:
    known_at = question.known_at or question.as_of
    edges = edges_of(question.policy)
    known = sorted(question.dossier.events_on(known_at), key=lambda each: (each.kind, each.id))
    known = [each for each in known if not is_gone(each) and each.kind in edges.anchors]
    follows = question.policy.plan.spread or question.policy.plan.recognition  # of a day only, never of an event
    if not known or follows or question.relations:
        return None
    chosen = choose.one(known)
    alone = alone_on_its_day(question.dossier, chosen, edges, question.as_of)
    return evolve(question, dossier=alone, known_at=known_at, event=f"{chosen.kind}/{chosen.id}")


def _same_view(_first: Asked, other: Asked) -> list[str]:
    whole_day = other.on(evolve(other.question, event=None)).answer
    seen = other.answer
    of_the_day = {name: value for name, value in seen.indicators.items() if name in whole_day.indicators}
    return differences(evolve(seen, event=None, indicators=of_the_day), whole_day)
