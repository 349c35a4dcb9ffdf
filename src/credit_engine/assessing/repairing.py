"""From which day an entry could be removed early: the wait is over, the conditions hold, nothing new stands against it.

Rules never repair; a decision does. This only says from when it could.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from attrs import frozen

from credit_engine.assessing.applying import looks_around
from credit_engine.assessing.program import Program
from credit_engine.assessing.scene import AtHand, Compiled, Frame, Scene
from credit_engine.assessing.spanning import LATEST_DAY, Measure, Stretch, lists_only, under_each_law
from credit_engine.policy.nodes import Constant
from credit_engine.policy.plan import ListRule, Plan, Repair
from credit_engine.records import TAKES_PART, Event, Rectification

ONE_DAY = timedelta(days=1)
Measured = Callable[[Measure, Frame, date | None], Stretch | None]


@frozen(eq=False)
class Repairing:
    """A compiled repair section. `always`: whether `when` asks nothing, so that it holds on every day.

    `lists`: those that `when` reads, if nothing else turns but by them and by what is recorded for a day. `new`: the
    events that `unless_new` looks at: kind, anchors, standing.
    """

    rows: tuple[tuple[Compiled, tuple[str, ...], Measure | None], ...]
    where: Compiled
    asks_nothing_done: bool
    when: Compiled
    always: bool
    unless_new: Compiled | None
    lists: tuple[str, ...] = ()
    new: tuple[str, tuple[str, ...], frozenset[str]] | None = None


def compiled_repair(rule: ListRule, program: Program) -> Repairing | None:
    """The list's repair section, made once; none if the list has none."""
    key = ("repair", rule.name)
    if rule.repair is None:
        return None
    if key not in program.parts:
        repair = rule.repair
        program.parts[key] = Repairing(
            rows=tuple(
                (program(row.condition), row.basis, program(row.span) if row.span else None) for row in repair.rows
            ),
            where=program(repair.where),
            asks_nothing_done=repair.where == Constant(holds=True),
            when=program(repair.when),
            always=repair.when == Constant(holds=True),
            unless_new=program(new) if (new := repair.unless_new) else None,
            lists=_lists_asked(repair, program.plan),
            new=None if new is None else (new.kind, new.by, new.standing),
        )
    return program.parts[key]  # type: ignore[no-any-return]  # kept under this key by this function only


def _lists_asked(repair: Repair, plan: Plan) -> tuple[str, ...]:
    """The lists that `when` reads; none where another part may turn on a day for which nothing is recorded."""
    new = repair.unless_new
    moves = new is not None and any(
        part is not None for part in (new.within, new.since, new.at, new.last, new.before or None)
    )
    pieces = (repair.where,) if new is None else (repair.where, new.where, new.item_where, new.same, new.per)
    return () if moves or looks_around(pieces, plan) else lists_only(repair.when) or ()


def repairable_from(repair: Repairing | None, frame: Frame, measured: Measured) -> date | None:
    """The first day on which the entry at hand could be repaired, as seen on the day judged; `None`: none so far.

    Under `law_of: as_of` the waiting is over on the first day whose own law says so: never backdated.
    """
    if repair is None or frame.item.listed is None:
        return None
    as_of = frame.scene.as_of
    over = waiting_over(repair, frame, measured)
    if over is not None:
        days = _days_to_look_at(repair, frame, over.day)
        return next((day for day in days if _could_be_repaired(repair, frame, day)), None)
    last = _wait(repair, frame, frame.law)
    return last + ONE_DAY if last is not None and _could_be_repaired(repair, frame, as_of) else None


class WaitOver(NamedTuple):
    """That the waiting was over: the first such day, a day of the law that says so, and the eve of that law."""

    day: date
    law: date
    eve: date


def waiting_over(repair: Repairing, frame: Frame, measured: Measured) -> WaitOver | None:
    """The first day up to the day judged, and not before the listing, on which the waiting was over, or `None`."""
    as_of: date = frame.scene.as_of
    listed: date = frame.item.listed
    changes = frame.scene.program.law_changes if measured is under_each_law else ()
    for start, end in zip((date.min, *changes), (*(day - ONE_DAY for day in changes), LATEST_DAY), strict=True):
        law = start if changes else frame.law
        last = _wait(repair, frame, law)
        if last is not None and (day := max(start, last + ONE_DAY, listed)) <= min(end, as_of):
            return WaitOver(day, law, start - ONE_DAY if start > date.min else start)
    return None


def _wait(repair: Repairing, frame: Frame, law: date) -> date | None:
    """The last day of waiting under a law, by the first row that holds; none if it is never, or cannot be known."""
    at = Frame(frame.scene, frame.day, frame.position, frame.event, law, frame.item)
    for condition, basis, measure in repair.rows:
        if not frame.scene.program.in_force(basis, law):
            continue
        truth = condition(at)
        if truth is False:
            continue
        if truth is None or measure is None:
            return None
        stretch = measure(at, frame.item.own_day)
        return stretch.last if stretch is not None and stretch.is_known and stretch.last < LATEST_DAY else None
    return None


def _days_to_look_at(repair: Repairing, frame: Frame, first: date) -> Iterator[date]:
    """The days on which the answer can turn: those of rectifications, or every day where `when` may turn by itself.

    Where it reads lists alone the days are passed over on which they surely stay as they are.
    """
    as_of = frame.scene.as_of
    if repair.always:
        days = {day for day, _ in _rectifications(frame, as_of) if first < day <= as_of}
        yield from (first, *sorted(days))
        return
    day = first
    while day <= as_of:
        yield day
        last = _stays_until(repair, frame, day)
        if last >= as_of:
            return
        day = last + ONE_DAY


def _stays_until(repair: Repairing, frame: Frame, day: date) -> date:
    """The last day up to which nothing turns that a repair asks for."""
    if not repair.lists:
        return day
    scene: Scene = frame.scene.on(day)
    recorded = [done for done, _ in _rectifications(frame, frame.scene.as_of)]
    if repair.new is not None:
        recorded += [entry.key[0] for entry in scene.candidates(*repair.new).dated]
    lists = (scene.on_list_until(name) for name in repair.lists)
    return min((*lists, *(other - ONE_DAY for other in recorded if other > day), frame.scene.as_of))


def _rectifications(frame: Frame, day: date) -> list[tuple[date, Event]]:
    """The rectifications of the entry that are seen on a day, in order."""
    scene = frame.scene
    anchor = scene.plan.kinds["rectification"]
    candidates = scene.candidates("rectification", (anchor,), TAKES_PART).dated
    return [
        (entry.key[0], entry.event)
        for entry in candidates
        if entry.key[0] <= day and not entry.doubtful and _is_of(entry.event, frame.item)
    ]


def _is_of(event: Event, hand: AtHand) -> bool:
    """Whether a rectification names the entry or its ground."""
    return isinstance(event, Rectification) and event.of in (hand.id, hand.ground)


def _may_be_newer(frame: Frame) -> list[Event]:
    """The rectifications of the entry that have no day, so that each may be the newest."""
    anchor = frame.scene.plan.kinds["rectification"]
    undated = frame.scene.candidates("rectification", (anchor,), TAKES_PART).undated
    return [entry.event for entry in undated if _is_of(entry.event, frame.item)]


def _could_be_repaired(repair: Repairing, frame: Frame, day: date) -> bool:
    """Whether on this day `where` and `when` hold and nothing new can stand against it."""
    scene: Scene = frame.scene.on(day)
    done = _rectifications(frame, day)
    if not repair.asks_nothing_done:
        if not done:
            return False
        newest = (done[-1][1], *_may_be_newer(frame))
        if any(repair.where(Frame(scene, day, None, one, frame.law, frame.item)) is not True for one in newest):
            return False
    at_ground = Frame(scene, day, None, frame.event, frame.law, frame.item)
    if repair.when(at_ground) is not True:
        return False
    if repair.unless_new is None:
        return True
    taken = repair.unless_new(at_ground)
    if taken.undated or taken.endless or (taken.hidden_until is not None and taken.hidden_until > frame.item.listed):
        return False
    return not any(entry.key[0] > frame.item.listed for entry in taken.entries)
