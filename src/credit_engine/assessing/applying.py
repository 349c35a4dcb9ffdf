"""The events that a rule with `each` looks at, the viewpoint it looks from, and whether an event is meant.

The same for score rules, lists, findings and obligations.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from attrs import frozen

from credit_engine.assessing.naming import unknown_names
from credit_engine.assessing.program import Program
from credit_engine.assessing.scene import UNDATED, Compiled, Entry, Frame, Scene, UndatedFrame
from credit_engine.assessing.unknown import Truth, both
from credit_engine.policy.nodes import (
    Aggregate,
    All,
    ComputedField,
    Condition,
    Constant,
    Indicator,
    Inside,
    LookUp,
    Province,
    Selector,
    ViewDay,
    walk,
)
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_basis import Law


@frozen(eq=False)
class Look:
    """A compiled `each`. `which`: the conditions on the event and its element; `laws`: one, or each of a lenient rule.

    `of_event`, `of_item`: the parts of `where` that can be told of an event without a day, for they do not depend on
    the viewpoint; `looks_around`: whether other parts do. `key`: the same for all rules that look at the same events
    from the same viewpoints.
    """

    each: Selector
    laws: tuple[Law, ...]
    where: Compiled
    which: tuple[Compiled, ...]
    per: tuple[Compiled, ...]
    of_event: tuple[Compiled, ...]
    of_item: tuple[Compiled, ...]
    looks_around: bool
    key: str


def look(each: Selector, law: Law, owner: str, program: Program) -> Look:
    """The compiled form of a rule's `each` under its law."""
    pieces = (each.where, each.item_where)
    of_event, of_item = _parts(each.where), _parts(each.item_where)
    return Look(
        each=each,
        laws=tuple(Law(anchors=(anchor,)) for anchor in law.anchors) if law.lenient else (law,),
        where=program(each.where),
        which=tuple(program(piece) for piece in pieces if piece is not None and piece != Constant(holds=True)),
        per=tuple(program(value) for value in each.per),
        of_event=tuple(program(part) for part in of_event if not looks_around(part, program.plan)),
        of_item=tuple(program(part) for part in of_item if not looks_around(part, program.plan)),
        looks_around=any(looks_around(part, program.plan) for part in (*of_event, *of_item)),
        key=repr((each.kind, each.by, sorted(each.standing), law, owner if each.per else "")),
    )


def _parts(condition: Condition | None) -> tuple[Condition, ...]:
    if condition is None or condition == Constant(holds=True):
        return ()
    return condition.parts if isinstance(condition, All) else (condition,)


def looks_around(piece: object, plan: Plan) -> bool:
    """Whether a piece depends on the viewpoint: its day, other events seen from it, the regions of that day."""
    for node in walk(piece):
        if isinstance(node, ViewDay | Indicator | Aggregate | Province | Inside):
            return True
        if isinstance(node, LookUp) and node.climbs:
            return True
        if isinstance(node, ComputedField) and looks_around(plan.computed[node.kind, node.name], plan):
            return True
    return False


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
    day = entry.key[0]
    if day is UNDATED:
        return UndatedFrame(scene, event, scene.law_days(law, event))
    return Frame(scene, day, (event.kind, event.sequence, event.id), event, scene.law_day(law, event, day))


def is_meant(looking: Look, frame: Frame, entry: Entry | None) -> Truth:
    """Whether the event (and element) at hand satisfies `where`."""
    if entry is not None and entry.key[0] is UNDATED:
        return _without_day(looking, frame, entry)
    truth: Truth = None if entry is not None and entry.doubtful else True
    for condition in looking.which:
        one = condition(frame)
        if one is False:
            return False
        if one is None:
            truth = None
    return truth


def _without_day(looking: Look, frame: Frame, entry: Entry) -> Truth:
    """The same for an event without a day: only what holds from every day and under every law is sure."""
    conditions = looking.of_event if entry.item is None else (*looking.of_event, *looking.of_item)
    truths: set[Truth] = {all_hold(conditions, each) for each in frame.under_each_law()}
    if truths == {False}:
        return False
    return True if truths == {True} and not (entry.doubtful or looking.looks_around) else None


def all_hold(conditions: Sequence[Compiled], frame: Frame) -> Truth:
    """Whether all of several conditions hold."""
    truth: Truth = True
    for condition in conditions:
        truth = both(truth, condition(frame))
        if truth is False:
            break
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
