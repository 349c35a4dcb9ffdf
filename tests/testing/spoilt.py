"""Engines that are wrong in one way each, for the laws that no policy can break."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from attrs import evolve, frozen

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.effects import Effects
from credit_engine.policy.load import Policy
from credit_engine.testing.laws import Asked, Law
from credit_engine.testing.laws.law import assessed
from credit_engine.testing.question import Question, answers

Wrong = Callable[[Question, Assessment], Assessment]


def by_the_first_row(question: Question, answer: Assessment) -> Assessment:
    events = question.dossier.events
    return evolve(answer, audience=events[0].id if events else "public")


def by_the_number_of_rows(question: Question, answer: Assessment) -> Assessment:
    return evolve(answer, audience=str(len(question.dossier.events)))


def by_an_id(question: Question, answer: Assessment) -> Assessment:
    return evolve(
        answer,
        audience="public" if any(one.id[0] in "xV" and len(one.id) > 3 for one in question.dossier.events) else "",
    )


def by_who_looks(question: Question, answer: Assessment) -> Assessment:
    return evolve(answer, audience="internal" if question.event else "public")


def with_an_empty_reason(_question: Question, answer: Assessment) -> Assessment:
    return evolve(answer, reasons=tuple(evolve(one, points=0) for one in answer.reasons))


def by_the_day(_question: Question, answer: Assessment) -> Assessment:
    return evolve(answer, audience="public" if answer.as_of.day % 2 else "internal")


def with_reasons_from_the_beginning(_question: Question, answer: Assessment) -> Assessment:
    return evolve(answer, reasons=tuple(evolve(one, from_day=date(1990, 1, 1)) for one in answer.reasons))


def with_effects_ahead(question: Question, effects: Effects) -> Effects:
    later = question.as_of + timedelta(days=1)
    return evolve(effects, found=tuple(evolve(one, from_day=later) for one in effects))


def with_effects_that_return(_question: Question, effects: Effects) -> Effects:
    return evolve(
        effects, found=tuple(evolve(one, origin_party=one.path[-1].end) if one.path else one for one in effects)
    )


@frozen
class Breaking:
    """What breaks a law: a policy, or an engine that spoils an answer or the effects."""

    policy: Policy
    law: Law
    spoilt: Wrong | None = None
    moved: Callable[[Question, Effects], Effects] | None = None

    def asked(self, question: Question, *, right: bool) -> Asked:
        return Asked(question) if right else Asked(question, self.by, self.alone)

    def by(self, question: Question) -> tuple[Assessment, Effects]:
        answer, effects = answers(question)
        effects = self.moved(question, effects) if self.moved is not None else effects
        return self.spoilt(question, answer) if self.spoilt is not None else answer, effects

    def alone(self, question: Question) -> Assessment:
        answer = assessed(question)
        return self.spoilt(question, answer) if self.spoilt is not None else answer


WRONG: dict[str, Wrong] = {
    "order_is_irrelevant": by_the_first_row,
    "repeated_rows_count_once": by_the_number_of_rows,
    "no_future": by_the_number_of_rows,
    "nothing_known_later": by_the_number_of_rows,
    "labels_are_labels": by_an_id,
    "event_sees_its_day": by_who_looks,
    "reasons_add_up": with_an_empty_reason,
    "answers_are_slices": with_reasons_from_the_beginning,
    "next_change_is_right": by_the_day,
}
MOVED = {"ended_spreads_nothing": with_effects_ahead, "spread_ends": with_effects_that_return}
