"""What a list entry rests on, found again from the answer: its ground, its decision, and the viewpoint from there."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from attrs import fields

from credit_engine.assessing.answer import ListEntry
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.scene import AtHand, Frame
from credit_engine.days import REVIEWS, start_of
from credit_engine.policy.plan import ListRule
from credit_engine.records import EVENT_CLASSES, Event, OtherEvent

_COMMON = tuple(each.name for each in fields(Event) if each.name != "extra")


class ListedOn(NamedTuple):
    """The ground of an entry and its newest `list` or `restore` step; each none where there is no such event."""

    event: Event | None
    decision: Event | None


def listed_on(entry: ListEntry, rule: ListRule, telling: Telling) -> ListedOn:
    """The ground and the decision of an entry."""
    newest = next((step for step in reversed(entry.steps) if step.step in ("list", "restore")), None)
    decision = None if newest is None else telling.found_event("list_decision", newest.event)
    events = telling.scene.events
    kinds = (rule.ground_kind, *(kind for kind in sorted(events) if kind != rule.ground_kind))
    event = next((one for kind in kinds for one in events.get(kind, ()) if one.id == entry.ground), None)
    return ListedOn(event, decision)


def is_decision(entry: ListEntry, event: Event) -> bool:
    """Whether the ground is one of the steps themselves."""
    return event.kind == "list_decision" and any(step.event == event.id for step in entry.steps)


def reviewed_on(entry: ListEntry, rule: ListRule, telling: Telling) -> date | None:
    """The review day that is the ground of an entry; none where the list has no review, or a decision opened it."""
    day = None if rule.review is None else start_of(REVIEWS[rule.review], telling.scene.as_of)
    return day if day is not None and entry.ground == day.isoformat() else None


def ground_frame(entry: ListEntry, rule: ListRule, hand: ListedOn, telling: Telling) -> Frame:
    """The viewpoint from which an entry's term and repair are read."""
    event = hand.event or hand.decision
    position = None if event is None else (event.kind, event.sequence, event.id)
    at_hand = AtHand(entry.listed, hand.decision, entry.id, entry.ground)
    day = _opened(entry, rule, hand, telling)
    return Frame(telling.scene, day, position, _as_ground(entry, rule, event), entry.law_day, at_hand)


def _opened(entry: ListEntry, rule: ListRule, hand: ListedOn, telling: Telling) -> date:
    """The day of the review, or of the ground where the list looks at it, else that of the first step."""
    reviewed = reviewed_on(entry, rule, telling)
    if reviewed is not None:
        return reviewed
    each = rule.opens.each if rule.opens else None
    if each is not None and hand.event is not None and hand.event.kind == each.kind:
        _, day = telling.anchor(hand.event, each.by)
        return day or telling.scene.as_of
    days = [step.day for step in entry.steps if step.day is not None]
    return days[0] if days else telling.scene.as_of


def _as_ground(entry: ListEntry, rule: ListRule, event: Event | None) -> Event | None:
    """The ground as the list reads it: of what is no event of its kind, only what every event has."""
    kind = rule.ground_kind
    if rule.review is not None or (event is not None and event.kind == kind):
        return event
    common = {} if event is None else {name: getattr(event, name) for name in _COMMON}
    known = {**common, "id": entry.ground, "party": entry.id.split("/")[1]}
    return EVENT_CLASSES[kind](**known) if kind in EVENT_CLASSES else OtherEvent(kind=kind, **known)
