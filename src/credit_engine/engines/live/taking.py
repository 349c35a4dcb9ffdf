"""How a session takes in records, one step each: whose they are, what is new, what time and they have changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.effects import Effect
from credit_engine.engines.live.change import Change, effects_changed
from credit_engine.engines.live.world import World
from credit_engine.errors import Problem, QuestionError
from credit_engine.policy.load import Policy
from credit_engine.records import Event, Operator, Person, Relation, Versioned
from credit_engine.spreading.network import Network


def given(answer: Assessment | None) -> Assessment | None:
    """An answer that was found already, as a question for it."""
    return answer


def passed(world: World, day: date) -> Change | None:
    """What time alone does up to a day; nothing if it is the same day."""
    if day == world.day:
        return None
    answers = world.pass_to(day)
    gained, lost = effects_of_change(world)
    return Change(
        day=day, cause="time", answers=answers, effects_gained=gained, effects_lost=lost, plan=world.policy.plan
    )


def effects_of_change(world: World) -> tuple[tuple[Effect, ...], tuple[Effect, ...]]:
    """The effects gained and lost since the last change."""
    names = (*world.reach.rules, *(row.id for row in world.policy.plan.recognition))
    return effects_changed(*world.reach.changed(), {name: place for place, name in enumerate(names)})


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


def check_arguments(policy: object, network: object, day: object, matcher: object) -> None:
    """Refuse what no session can be made of; raises `QuestionError`."""
    wrong = [
        Problem("bad_question", f"{name} is {type(value).__name__}, not {sort}")
        for name, value, sort, fits in (
            ("policy", policy, "a Policy; see load_policy", isinstance(policy, Policy)),
            ("network", network, "a Network", network is None or isinstance(network, Network)),
            ("day", day, "a date", type(day) is date),
        )
        if not fits
    ]
    if matcher not in ("both", "durable", "plain"):
        wrong.append(Problem("bad_question", f"matcher is {matcher!r}", hint='give "both", "durable" or "plain"'))
    if wrong:
        raise QuestionError(wrong)


def check_class(given: object, classes: type | tuple[type, ...], sort: str) -> None:
    """Refuse what is no record or day of the sort asked for; raises `QuestionError`."""
    if not isinstance(given, classes) or (classes is date and type(given) is not date):
        raise QuestionError(Problem("bad_question", f"this is {type(given).__name__}, not {sort}"))
