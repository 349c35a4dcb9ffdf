"""The authority's steps on one list: those that are certain, and those that only may be such, of which nothing follows.

A decision whose day, list or step is not recorded may be any: it acts on nothing, is reported, and leaves open what it
could have listed or ended.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from credit_engine.assessing.grounds import CLOSING, LISTING, Case, List, step_of
from credit_engine.assessing.naming import unknown_names
from credit_engine.assessing.scene import Entry, Scene
from credit_engine.assessing.spanning import could_reach
from credit_engine.policy.nodes import Constant, Listed, Literal, Span, SpanRow
from credit_engine.records import TAKES_PART, Event, ListDecision

DECIDED_BY = ("decided",)
IDLE = frozenset({"object", "accept", "refuse_repair"})  # they make nothing of an entry


class Doubt(NamedTuple):
    """A decision that only may be a step on the list, and which names are not known of it. `day`: none if unknown."""

    step: Event
    names: tuple[str, ...]
    day: date | None


class Steps(NamedTuple):
    """The decisions seen: the certain ones in order, and those in doubt."""

    certain: list[Event]
    doubtful: list[Doubt]


def steps_on(name: str, scene: Scene) -> Steps:
    """The decisions on a list that are seen on the day judged."""
    candidates = scene.candidates("list_decision", DECIDED_BY, TAKES_PART)
    position = scene.viewpoint.position
    last = (scene.as_of, *position[1:]) if position is not None and position[0] == "list_decision" else None
    certain: list[Event] = []
    doubtful: list[Doubt] = []
    for entry in candidates.dated:
        if _may_be_about(entry.event, name) and (entry.key[0] <= scene.as_of if last is None else entry.key <= last):
            missing = missing_of(entry.event)
            if missing or entry.doubtful:
                doubtful.append(Doubt(entry.event, missing or _admission(entry, scene), entry.day))
            else:
                certain.append(entry.event)
    undated = [entry.event for entry in candidates.undated if _may_be_about(entry.event, name)]
    return Steps(certain, [*doubtful, *(Doubt(step, (*DECIDED_BY, *missing_of(step)), None) for step in undated)])


def _may_be_about(event: Event, name: str) -> bool:
    if not isinstance(event, ListDecision) or event.step == "opt_out":
        return False
    return event.list == name or (event.list is None and event.step not in IDLE)


def missing_of(event: Event) -> tuple[str, ...]:
    """Which of the names are missing that say of which list a decision is, and which step it takes."""
    return tuple(name for name in ("list", "step") if getattr(event, name) is None)


def _admission(entry: Entry, scene: Scene) -> tuple[str, ...]:
    """What leaves open whether a decision takes part at all (`admits`)."""
    admits = scene.plan.admits["list_decision"]
    law = scene.law_day(scene.plan.law, entry.event, entry.day)
    names = unknown_names(admits.where, scene.viewpoint.at_hand(entry.event, law), scene.program)
    return tuple(sorted(names)) or ("admits",)


# --- what a doubtful step could have done ---------------------------------------------------------------------


def may_list(one: List, scene: Scene, steps: Steps, doubt: Doubt) -> bool:
    """Whether a doubtful step could have something in force today: nothing does that names withdrawn grounds."""
    step = step_of(doubt.step)
    if step is not None and step not in LISTING:
        return False
    events = [event_behind(one, scene, name) for name in grounds_of(one, scene, doubt.step)]
    if events and all(event is not None and event.standing == "withdrawn" for event in events):
        return False
    if doubt.day is None or not _ends_by_itself(one.plan.term):
        return True
    anew = [each.decided for each in steps.certain if step_of(each) in LISTING and each.decided is not None]
    return could_reach(
        one.plan.term, (), scene, max([doubt.day, *anew])
    )  # a later step could have listed its entry anew


def _ends_by_itself(term: Span | None) -> bool:
    """Whether every entry ends a written period after it was listed, whatever the law and its ground."""
    if term is None or len(term.rows) != 1:
        return False
    (row,) = term.rows
    plain = SpanRow(Constant(holds=True), from_=(Listed(),), for_=row.for_)
    return row == plain and isinstance(row.for_, Literal)


def may_end(one: List, scene: Scene, case: Case, doubt: Doubt) -> bool:
    """Whether a doubtful step could have ended an entry."""
    step, rows = step_of(doubt.step), one.plan.term.rows if one.plan.term else ()
    anew = step in LISTING and any(row.or_while or row.until_next for row in rows)  # what held it open is asked anew
    return (step is None or step in CLOSING or anew) and _comes_after(one, scene, case, doubt)


def may_move(one: List, scene: Scene, case: Case, doubt: Doubt) -> bool:
    """Whether a doubtful step could have ended an entry, or listed it anew, so that its end is another one."""
    return step_of(doubt.step) not in (*IDLE, "notify") and _comes_after(one, scene, case, doubt)


def _comes_after(one: List, scene: Scene, case: Case, doubt: Doubt) -> bool:
    """Whether a step could act on an entry after its newest `list` or `restore`: what came before no longer counts."""
    grounds = grounds_of(one, scene, doubt.step)
    if grounds and case.ground not in grounds:
        return False
    if doubt.day is None:
        return True
    newest = next((each for each in reversed(case.steps) if _lists_anyhow(each)), None)
    if newest is None:
        return doubt.day >= case.opened
    return _place(doubt.step, doubt.day) > _place(newest, newest.decided or doubt.day)


def _lists_anyhow(step: Event) -> bool:
    """Whether a step puts the party on the list whatever was before: `restore` without grounds needs an open entry."""
    return step_of(step) == "list" or (step_of(step) == "restore" and bool(getattr(step, "grounds", None)))


def _place(step: Event, day: date) -> tuple[date, int, str]:
    return day, step.sequence, step.id


# --- grounds --------------------------------------------------------------------------------------------------


def grounds_of(one: List, scene: Scene, step: Event) -> list[str]:
    """The grounds that a step names, each by its own id or by that of its entry."""
    prefix = f"{one.plan.name}/{scene.dossier.id}/"
    named = (step.grounds if isinstance(step, ListDecision) else None) or ()
    return [name.removeprefix(prefix) for name in named]


def event_behind(one: List, scene: Scene, ground: str) -> Event | None:
    """The event behind a ground that a step names: of the kind that opens the list if there is one, else of any."""
    kinds = (one.plan.ground_kind, *(kind for kind in sorted(scene.events) if kind != one.plan.ground_kind))
    return next((event for kind in kinds for event in scene.events.get(kind, ()) if event.id == ground), None)
