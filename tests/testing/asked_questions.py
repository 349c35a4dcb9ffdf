"""What the tests of drawing share: a question read back from its own case, and what fires in an answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.effects import Effects
from credit_engine.dossiers import Dossier
from credit_engine.policy.load import read_policy
from credit_engine.policy.plan import Plan
from credit_engine.records import Event
from credit_engine.testing.cases import read_cases
from credit_engine.testing.question import Question
from credit_engine.testing.running import question_of
from credit_engine.testing.showing import as_case


def read_back(question: Question, folder: Path) -> Question:
    """The question that its own case asks; the policy is read from the case if it came from no folder."""
    file = folder / "case.yaml"
    file.write_text(as_case(question, "any", expect={"score": 1}), encoding="utf-8")
    [case] = read_cases(file)
    policy = question.policy if question.policy.folder is not None else read_policy(case.content["policy"])
    return question_of(case, policy)


def contents(question: Question) -> object:
    """A question without its policy, and without the order of events, which says nothing."""
    everybody = {one.id: _contents(one) for one in (question.dossier, *question.others)}
    return question.dossier.id, everybody, question.relations, question.as_of, question.known_at, question.event


def _contents(one: Dossier) -> object:
    return one.party_versions, sorted(one.events, key=_version), one.coverage, one.regions


def _version(event: Event) -> tuple[str, str, str, int]:
    return event.kind, event.id, str(event.recorded), event.revision


Fired = tuple[str, str]


def rules_of(plan: Plan) -> Iterator[Fired]:
    """Everything in a policy that can fire, by section."""
    yield from (("score", rule.id) for rule in (plan.score.rules if plan.score else ()))
    for scale in plan.scales:
        yield from (("adjust", rule.id) for rule in scale.adjust)
        yield from (("grades", f"{scale.name}/{label}") for label in (*scale.order, *scale.outside))
    yield from (("lists", rule.name) for rule in plan.lists)
    yield from (("findings", rule.id) for rule in plan.findings)
    yield from (("obligations", rule.id) for rule in plan.obligations)
    yield from (("supervision", rule.id) for rule in plan.supervision)
    yield from (("effects", rule.id) for rule in plan.spread)
    yield from (("effects", row.id) for row in plan.recognition)


def fired(answer: Assessment, effects: Effects) -> Iterator[Fired]:
    """What fired in an answer, by section."""
    yield from (("score", reason.rule) for reason in answer.reasons)
    for grade in answer.grades.values():
        yield from (("adjust", change.rule) for change in grade.changes)
        yield "grades", f"{grade.scale}/{grade.label}"
    yield from (("lists", entry.list) for entry in answer.entries if entry.state == "listed")
    yield from (("findings", line.rule) for line in answer.findings)
    yield from (("obligations", line.rule) for line in answer.obligations)
    yield from (("supervision", line.rule) for line in answer.supervision)
    yield from (("effects", effect.rule) for effect in effects)
