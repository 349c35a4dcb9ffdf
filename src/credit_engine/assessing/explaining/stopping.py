"""The first thing that kept a rule from applying, in the order in which an assessment asks."""

from __future__ import annotations

from datetime import date, timedelta

from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.citing import own_time
from credit_engine.assessing.explaining.facts import facts
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.explaining.values import name_of
from credit_engine.assessing.scene import Entry, Frame
from credit_engine.assessing.selecting import in_order
from credit_engine.assessing.spanning import Stretch
from credit_engine.assessing.unknown import NOT_IN_FORCE, is_plain
from credit_engine.policy.nodes import (
    ComputedField,
    EventField,
    Selector,
    Value,
)
from credit_engine.policy.plan import ScoreRule
from credit_engine.policy.plan_basis import Law
from credit_engine.quantities import TEXT
from credit_engine.records import Event

ONE_DAY = timedelta(days=1)


def day_frame(telling: Telling) -> Frame:
    """The viewpoint of a rule that looks from the day judged."""
    scene = telling.scene
    return Frame(scene, scene.as_of, scene.viewpoint.position, None, scene.as_of)


def stops_event(rule: ScoreRule, each: Selector, event: Event, telling: Telling) -> list[Account]:
    """Why a rule does not apply to an event: one line, or one for each element of its list or each law."""
    stop = _not_taken(each, event, telling)
    if stop is not None:
        return [stop]
    entry = _entry(each, event, telling)
    frame = telling.frame_of(rule.law, entry)
    stop = _not_meant(rule, each, entry, frame, telling)
    if stop is not None:
        return [stop]
    if each.element is None:
        return _under_each_law(rule, entry, telling)
    listed = telling.program(each.element)(frame)
    if not is_plain(listed):
        return _under_each_law(rule, entry, telling)
    elements = in_order(listed)
    if not elements:
        return [_stop(telling.words("stop_no_element", name=telling.words.field(each.element.name)))]
    return [_element(rule, each.element, entry._replace(item=item), telling) for item in elements]


def first_stop(rule: ScoreRule, each: Selector, event: Event, telling: Telling) -> Account | None:
    """The first thing that kept a rule without elements from applying to an event; none if nothing did."""
    stop = _not_taken(each, event, telling)
    if stop is not None:
        return stop
    entry = _entry(each, event, telling)
    frame = telling.frame_of(rule.law, entry)
    return _not_meant(rule, each, entry, frame, telling) or _first_stop(rule, frame, telling)


def _stop(text: str, below: list[Account] | None = None) -> Account:
    return Account(text, below or (), part="stop")


# --- not among the events that take part ----------------------------------------------------------------------


def _not_taken(each: Selector, event: Event, telling: Telling) -> Account | None:
    """Its standing, what the policy admits, a decision that is recorded twice, a day that has not come."""
    words, scene = telling.words, telling.scene
    if event.standing not in each.standing:
        return _stop(_standing(each, event, telling))
    name, day = telling.anchor(event, each.by)
    admits = scene.program.admits.get(each.kind)
    if admits is not None:
        frame = scene.viewpoint.at_hand(event, scene.law_day(scene.plan.law, event, day))
        if admits.where(frame) is False:
            return _stop(words("stop_admits"), facts(scene.plan.admits[each.kind].where, frame, telling))
    candidates = scene.candidates(each.kind, each.by, each.standing)
    if not any(entry.event is event for entry in (*candidates.dated, *candidates.undated)):
        return _stop(_same(scene.plan.admits[each.kind].per, candidates.dated, event, telling))
    if day is not None and day > scene.as_of:
        return _stop(words("stop_later", anchor=words.field(name), day=words.day(day), as_of=words.day(scene.as_of)))
    position = scene.viewpoint.position
    if (
        position is not None
        and day is not None
        and position[0] == event.kind
        and (day, event.sequence, event.id) > (scene.as_of, *position[1:])
    ):
        return _stop(words("stop_viewpoint"))
    return None


def _standing(each: Selector, event: Event, telling: Telling) -> str:
    words = telling.words
    if event.standing == "withdrawn" and event.withdrawn is not None:
        return words("stop_withdrawn", day=words.day(event.withdrawn))
    wanted = words.items(words.code("standing", code) for code in sorted(each.standing))
    return words("stop_standing", standing=words.code("standing", event.standing), wanted=wanted)


def _same(per: tuple[Value, ...], kept: list[Entry], event: Event, telling: Telling) -> str:
    """The earlier event that an event equals."""
    words, scene = telling.words, telling.scene
    compiled = tuple(telling.program(value) for value in per)
    values = scene.values_of(event, compiled)
    first = next(entry for entry in kept if scene.values_of(entry.event, compiled) == values)
    return words(
        "stop_same", event=telling.event(first.event), names=words.items(name_of(value, telling) for value in per)
    )


def _entry(each: Selector, event: Event, telling: Telling) -> Entry:
    candidates = telling.scene.candidates(each.kind, each.by, each.standing)
    return next(entry for entry in (*candidates.dated, *candidates.undated) if entry.event is event)


def _not_meant(rule: ScoreRule, each: Selector, entry: Entry, frame: Frame, telling: Telling) -> Account | None:
    """The rule's own `where` under one law, and its own `per`."""
    if rule.law.lenient and not each.per:
        return None
    if not telling.program.rule_in_force(rule.basis, frame.law):
        return stops_rule(rule, frame, telling)
    if telling.program(each.where)(frame) is False:
        return _stop(telling.words("stop_where"), facts(each.where, frame, telling))
    if not each.per:
        return None
    candidates = telling.scene.candidates(each.kind, each.by, each.standing)
    seen = [one for one in candidates.dated if one.key < entry.key]
    compiled = tuple(telling.program(value) for value in each.per)
    values = telling.scene.values_of(entry.event, compiled)
    same = [
        one
        for one in seen
        if values is not None
        and telling.scene.values_of(one.event, compiled) == values
        and telling.program(each.where)(telling.frame_of(rule.law, one)) is True
    ]
    return _stop(_same(each.per, same, entry.event, telling)) if same else None


# --- under a law ----------------------------------------------------------------------------------------------


def _under_each_law(rule: ScoreRule, entry: Entry, telling: Telling) -> list[Account]:
    """What stopped the rule; under a lenient law each law under which it brings nothing, for one is enough."""
    words = telling.words
    if not rule.law.lenient:
        return [stops_rule(rule, telling.frame_of(rule.law, entry), telling)]
    stops: dict[str, Account | None] = {}
    for anchor in rule.law.anchors:
        frame = telling.frame_of(Law(anchors=(anchor,)), entry)
        law = words("law_of_day", day=words.day(frame.law), anchor=words.field(anchor))
        stops[law] = _first_stop(rule, frame, telling)
    found = [(law, stop) for law, stop in stops.items() if stop is not None]
    if len(found) == len(stops):
        same = all(stop == found[0][1] for _, stop in found)
        return [found[0][1]] if same else [_stop(words("stop_under", law=law), [stop]) for law, stop in found]
    return [_stop(words("stop_lenient", law=law), [stop]) for law, stop in found]


def _element(rule: ScoreRule, element: EventField | ComputedField, entry: Entry, telling: Telling) -> Account:
    words = telling.words
    item = words.value(entry.item, TEXT, element.name)
    return Account(words("element", item=item), _under_each_law(rule, entry, telling), part="element")


def stops_rule(rule: ScoreRule, frame: Frame, telling: Telling) -> Account:
    """What kept a rule from applying from this viewpoint; there must be something."""
    stop = _first_stop(rule, frame, telling)
    if stop is None:
        raise AssertionError(f"{rule.id} was stopped by nothing")  # pragma: no cover  # the laws of explanation say so
    return stop


def _first_stop(rule: ScoreRule, frame: Frame, telling: Telling) -> Account | None:
    words, program, each = telling.words, telling.program, rule.each
    if not program.rule_in_force(rule.basis, frame.law):
        return _stop(words("stop_law", day=words.day(frame.law)), _not_in_force(rule, frame.law, telling))
    for condition in () if each is None else (each.where, each.item_where):
        of_item = each is not None and condition is each.item_where
        if condition is None or (of_item and frame.item is None):
            continue
        if program(condition)(frame) is False:
            return _stop(words("stop_where"), facts(condition, frame, telling))
    if rule.counts is not None:
        stop = _span(telling.stretch(rule, rule.counts, frame), frame, telling)
        if stop is not None:
            return stop
    if program(rule.when)(frame) is False:
        return _stop(words("stop_where"), facts(rule.when, frame, telling))
    value = program(rule.points)(frame)
    if value is NOT_IN_FORCE:
        return _stop(words("stop_points_law", day=words.day(frame.law), name=name_of(rule.points, telling, rule.id)))
    return _stop(words("stop_zero")) if is_plain(value) and value == 0 else None


def _not_in_force(rule: ScoreRule, law: date, telling: Telling) -> list[Account]:
    """The sources that are not in force on a day, or the rule's own time."""
    words, basis = telling.words, rule.basis
    if basis.own is not None:
        return [Account(own_time(basis.own, telling), part="basis")]
    sources = [source for source in basis.sources if not telling.plan.sources[source].in_force.covers(law)]
    return [Account(words("basis", source=telling.source(source)), part="basis") for source in sources]


def _span(stretch: Stretch | None, frame: Frame, telling: Telling) -> Account | None:
    """A span that is not in force, has not begun, or is over."""
    words, as_of = telling.words, telling.scene.as_of
    if stretch is None:
        return _stop(words("stop_span_law", day=words.day(frame.law)))
    if stretch.covers(as_of) is not False:
        return None
    if stretch.first is not None and as_of < stretch.first:
        return _stop(words("stop_before", first=words.day(stretch.first)))
    over = words.day(stretch.last_at_most + ONE_DAY)
    last = words.day(stretch.last_at_most)
    if stretch.first is None:
        return _stop(words("stop_over_open", last=last, over=over))
    return _stop(words("stop_over", first=words.day(stretch.first), last=last, over=over))
