"""What one audience may see of an answer: the rest, and everything that belongs to it, is left out."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.program import AUDIENCES

__all__ = ["AUDIENCES", "is_open_to", "seen_by"]


def is_open_to(audience: str, part: str) -> bool:
    """Whether a part meant for `part` may be shown to `audience`: to its own and to every closer one."""
    return AUDIENCES.index(part) <= AUDIENCES.index(audience)


def seen_by(answer: Assessment, audience: str) -> Assessment | None:
    """The answer without what this audience may not see, or `None` if it may see nothing of this party."""
    if not is_open_to(audience, answer.audience):
        return None
    if audience == AUDIENCES[-1]:
        return answer

    def shown(parts: Any) -> Any:  # Any: a tuple of parts of one sort, each with its audience
        return tuple(part for part in parts if is_open_to(audience, part.audience))

    entries = shown(answer.entries)
    lists = {entry.list for entry in entries if entry.state == "listed"}  # else silence: others may be left out
    return evolve(
        answer,
        grades={name: grade for name, grade in answer.grades.items() if is_open_to(audience, grade.audience)},
        entries=entries,
        findings=shown(answer.findings),
        unknowns=shown(answer.unknowns),
        on_list={name: truth for name, truth in answer.on_list.items() if name in lists},
    )
