"""The events that a rule with `each` looks at, the viewpoint it looks from, and whether an event is meant.

The same for score rules, lists, findings and obligations.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from attrs import frozen

from credit_engine.assessing.naming import unknown_names
from credit_engine.assessing.program import Program
from credit_engine.assessing.scene import Compiled, Entry, Frame, Scene
from credit_engine.assessing.unknown import Truth
from credit_engine.policy.nodes import Condition, Constant, Selector
from credit_engine.policy.plan import (
    Law,
)


@frozen(eq=False)
class Look:
    """A compiled `each`. `which`: the conditions on the event and its element; `laws`: one, or each of a lenient rule.

    `key`: the same for all rules that look at the same events from the same viewpoints.
    """

    each: Selector
    laws: tuple[Law, ...]
    where: Compiled
    which: tuple[Compiled, ...]
    per: tuple[Compiled, ...]
    key: str


def look(each: Selector, law: Law, owner: str, program: Program) -> Look:
    """The compiled form of a rule's `each` under its law."""
    pieces = (each.where, each.item_where)
    return Look(
        each=each,
        laws=tuple(Law(anchors=(anchor,)) for anchor in law.anchors) if law.lenient else (law,),
        where=program(each.where),
        which=tuple(program(piece) for piece in pieces if piece is not None and piece != Constant(holds=True)),
        per=tuple(program(value) for value in each.per),
        key=repr((each.kind, each.by, sorted(each.standing), law, owner if each.per else "")),
    )


def viewpoints(looking: Look, scene: Scene) -> list[tuple[Entry, Frame]]:
    """The events that a rule looks at, and from; made once for all rules that look at the same ones alike."""
    found: list[tuple[Entry, Frame]] | None = scene.found.get(looking.key)
    if found is None:
        each = looking.each
        candidates = scene.candidates(each.kind, each.by, each.standing)
        seen: Sequence[Entry] = _seen(candidates.dated, each.kind, scene)
        if looking.per:
            seen = scene.earliest(_meant(looking, seen), candidates.undated, looking.per)
        found = [(entry, frame_of(looking.laws[-1], entry)) for entry in (*seen, *candidates.undated)]
        scene.found[looking.key] = found
    return found


def _seen(dated: Sequence[Entry], kind: str, scene: Scene) -> Sequence[Entry]:
    """The events that stand at or before the viewpoint of the question."""
    position = scene.viewpoint.position
    if position is not None and position[0] == kind:
        last = (scene.as_of, *position[1:])
        return [entry for entry in dated if entry.key <= last]
    if not dated or dated[-1].key[0] <= scene.as_of:
        return dated
    return [entry for entry in dated if entry.key[0] <= scene.as_of]


def _meant(looking: Look, seen: Sequence[Entry]) -> list[Entry]:
    """The events that satisfy `where`, before `per` picks among them."""
    found = []
    for entry in seen:
        truth = looking.where(frame_of(looking.laws[-1], entry))
        if truth is not False:
            found.append(entry if truth else entry._replace(doubtful=True))
    return found


def frame_of(law: Law, entry: Entry) -> Frame:
    """The viewpoint of a rule with `each`: its event, on its own day, under the rule's law."""
    scene, event = entry.scene, entry.event
    if entry.is_undated:
        return Frame(scene, scene.as_of, None, event, scene.law_day(law, event, None))
    day = entry.key[0]
    return Frame(scene, day, (event.kind, event.sequence, event.id), event, scene.law_day(law, event, day))


def is_meant(looking: Look, frame: Frame, entry: Entry | None) -> Truth:
    """Whether the event (and element) at hand satisfies `where`."""
    truth: Truth = None if entry is not None and entry.doubtful else True
    for condition in looking.which:
        one = condition(frame)
        if one is False:
            return False
        if one is None:
            truth = None
    return truth


def own_day(entry: Entry) -> date | None:
    """The event's day in this use, or none."""
    return None if entry.is_undated else entry.key[0]


def unknown_about(looking: Look, frame: Frame, entry: Entry) -> set[str]:
    """The names that leave open whether an event is meant."""
    program = frame.scene.program
    pieces: list[Condition | None] = [looking.each.where, looking.each.item_where]
    names = set(looking.each.by) if entry.is_undated else set()
    admits = frame.scene.plan.admits.get(looking.each.kind)
    if admits is not None and entry.doubtful:
        pieces.append(admits.where)
    for piece in pieces:
        if piece is not None:
            names |= unknown_names(piece, frame, program)
    return names
