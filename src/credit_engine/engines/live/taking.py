"""How a session takes in records, one step each: whose they are, what is new, what time and they have changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from credit_engine.assessing.answer import Assessment
from credit_engine.engines.live.change import Change
from credit_engine.engines.live.world import World
from credit_engine.records import Event, Operator, Person, Relation, Versioned


def given(answer: Assessment | None) -> Assessment | None:
    """An answer that was found already, as a question for it."""
    return answer


def passed(world: World, day: date) -> Change | None:
    """What time alone does up to a day; nothing if it is the same day."""
    if day == world.day:
        return None
    answers = world.pass_to(day)
    gained, lost = world.reach.changed()
    return Change(
        day=day, cause="time", answers=answers, effects_gained=gained, effects_lost=lost, plan=world.policy.plan
    )


def whose(world: World, records: Iterable[Versioned]) -> tuple[str, ...]:
    """Whose records these are, or were in another version."""
    found: dict[str, None] = {}
    for record in records:
        if isinstance(record, Event):
            versions = world.holding.events.get((record.kind, record.id), ())
            found |= dict.fromkeys(version.party for version in (record, *versions))
        elif isinstance(record, Operator | Person):
            found[record.id] = None
    return tuple(found)


def taken_in(world: World, record: Versioned) -> bool:
    """Take in one record; whether it is new."""
    if isinstance(record, Event):
        return world.holding.add_event(record)
    if isinstance(record, Relation):
        is_new = world.holding.add_relation(record)
        if is_new:
            versions = world.holding.relations[record.id]
            world.reach.merged(world.clusters.relate(versions))
            for version in versions:
                world.reach.unsettle(world.clusters.of(version.source))
        return is_new
    is_new = isinstance(record, Operator | Person) and world.holding.add_party(record)
    if is_new:
        world.reach.unsettle(world.clusters.of(record.id))
    return is_new
