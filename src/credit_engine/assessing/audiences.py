"""What one audience may see of an answer: the rest, and everything that belongs to it, is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from credit_engine.assessing.answer import Assessment, Grade
from credit_engine.assessing.assess import assess
from credit_engine.assessing.effects import Effect, Effects, Origin
from credit_engine.assessing.program import AUDIENCES
from credit_engine.assessing.reaching import audience_of_ended

__all__ = ["AUDIENCES", "is_open_to", "seen_by"]


def is_open_to(audience: str, part: str) -> bool:
    """Whether a part meant for `part` may be shown to `audience`: to its own and to every closer one."""
    return AUDIENCES.index(part) <= AUDIENCES.index(audience)


def seen_by(answer: Assessment, audience: str) -> Assessment | None:
    """The answer without what this audience may not see, or `None` if it may see nothing of this party.

    Where an effect that moved the score may not be seen, the answer is the one without that effect.
    """
    if not is_open_to(audience, answer.audience):
        return None
    if audience == AUDIENCES[-1]:
        return answer

    def shown(parts: Any) -> Any:  # Any: a tuple of parts of one sort, each with its audience
        return tuple(part for part in parts if is_open_to(audience, part.audience))

    def shown_by_name(parts: Mapping[str, Grade]) -> dict[str, Grade]:
        return {name: grade for name, grade in parts.items() if is_open_to(audience, grade.audience)}

    open_ = AUDIENCES[: AUDIENCES.index(audience) + 1]
    answer = _reached_by_only(answer, shown(answer.effects), open_)
    entries = shown(answer.entries)
    lists = {entry.list for entry in entries if entry.state == "listed"}  # else silence: others may be left out
    return evolve(
        answer,
        own_grades=shown_by_name(answer.own_grades),
        grades=shown_by_name(answer.grades),
        entries=entries,
        findings=shown(answer.findings),
        unknowns=shown(answer.unknowns),
        origins=tuple(_without_names(origin) for origin in shown(answer.origins)),
        recognised=shown(answer.recognised),
        given=None,  # it holds what reaches others
        on_list={name: truth for name, truth in answer.on_list.items() if name in lists},
    )


def _reached_by_only(answer: Assessment, effects: tuple[Effect, ...], open_: tuple[str, ...]) -> Assessment:
    """The answer with these of its effects alone; asked again where another one, or a rule ended, moved the score."""
    dossier, policy = answer.question
    too_wide = tuple(one for one in answer.too_wide if audience_of_ended(one, policy.plan) in open_)
    hidden = [effect for effect in answer.effects if effect not in effects]
    if len(too_wide) == len(answer.too_wide) and not any(effect.moves_score for effect in hidden):
        return evolve(answer, effects=effects)
    given = Effects(as_of=answer.as_of, known_at=answer.known_at, found=effects, too_wide=too_wide)
    return assess(dossier, policy, answer.as_of, answer.known_at, given, answer.event)


def _without_names(origin: Origin) -> Origin:
    """The origin without the persons it names, of whom nothing is known here but that they are named."""
    return evolve(origin, named=tuple(() for _ in origin.named))
