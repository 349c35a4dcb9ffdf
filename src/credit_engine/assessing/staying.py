"""Until when a list surely answers as on the day judged, so that the days up to there need not be asked one by one.

Nothing is known of a list that could turn on any day: one by review, one that reads the score, a grade or a list, one
whose term waits for later events. Of every other one only this moves with the day judged: which events are seen, which
law is in force, and which entries have begun or are over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from credit_engine.assessing.applying import looks_around
from credit_engine.assessing.grounds import List, stretch_of
from credit_engine.assessing.listing import compiled_list, found_on
from credit_engine.assessing.program import Program
from credit_engine.assessing.scene import Scene
from credit_engine.assessing.steps import DECIDED_BY
from credit_engine.policy.nodes import OWN_ANSWERS, walk
from credit_engine.records import TAKES_PART

ONE_DAY = timedelta(days=1)


def on_list_until(scene: Scene, name: str) -> date:
    """The last day, at least the one judged, up to which `on_list` surely stays as it is."""
    one = compiled_list(scene.program, name)
    if not _turns_on_certain_days(one, scene.program) or scene.dossier.coverage:
        return scene.as_of
    looking = one.looking
    if looking is not None and scene.candidates(looking.each.kind, looking.each.by, looking.each.standing).undated:
        return scene.as_of  # an event without a day is looked at from the day judged
    if found_on(scene, name).doubtful:
        return scene.as_of  # how long a decision could matter of which something is not recorded is not told here
    later = [day for day in _turns(one, scene) if day > scene.as_of]
    return min(later) - ONE_DAY if later else date.max


def _turns_on_certain_days(one: List, program: Program) -> bool:
    """Whether what the list says turns on days that `_turns` tells, and on no others."""
    key = ("turns on certain days", one.plan.name)
    if key not in program.parts:
        plan, term = program.plan, one.plan.term
        rows = term.rows if term is not None else ()
        program.parts[key] = not (
            one.plan.review
            or one.moves
            or any(row.until_next is not None or row.or_while is not None for row in rows)
            or any(isinstance(node, OWN_ANSWERS) for node in walk(term))
            or any(looks_around((rule.where, rule.per), plan) for rule in plan.admits.values())
        )
    return program.parts[key]  # type: ignore[no-any-return]  # kept under this key by this function only


def _turns(one: List, scene: Scene) -> Iterator[date]:
    """Every day on which what the list says may turn, in any order."""
    looking = one.looking
    if looking is not None:
        seen = scene.candidates(looking.each.kind, looking.each.by, looking.each.standing).dated
        yield from (entry.key[0] for entry in seen)
    yield from (entry.key[0] for entry in scene.candidates("list_decision", DECIDED_BY, TAKES_PART).dated)
    yield from scene.program.law_changes
    for case in found_on(scene, one.plan.name).cases:
        yield from (day for day in (case.listed, case.listed_by_rule) if day is not None)
        stretch = stretch_of(one, scene, case)
        ends = () if stretch is None else (stretch.last, stretch.last_at_most)
        yield from (day + ONE_DAY for day in ends if day < date.max)
