"""The first thing that kept a rule from applying, in the order in which an assessment asks."""

from __future__ import annotations

from datetime import date, timedelta

from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.citing import own_time
from credit_engine.assessing.explaining.facts import facts
from credit_engine.assessing.explaining.looking import Look
from credit_engine.assessing.explaining.phrases import name_of
from credit_engine.assessing.scene import Entry, Frame
from credit_engine.assessing.selecting import in_order
from credit_engine.assessing.spanning import Stretch
from credit_engine.assessing.unknown import NOT_IN_FORCE, is_plain
from credit_engine.policy.plan import ComputedField, EventField, Law, ScoreRule, Selector, Value
from credit_engine.records import Event

ONE_DAY = timedelta(days=1)


def day_frame(look: Look) -> Frame:
    """The viewpoint of a rule that looks from the day judged."""
    scene = look.scene
    return Frame(scene, scene.as_of, scene.viewpoint.position, None, scene.as_of)


def stops_event(rule: ScoreRule, each: Selector, event: Event, look: Look) -> list[Account]:
    """Why a rule does not apply to an event: one line, or one for each element of its list or each law."""
    stop = _not_taken(each, event, look)
    if stop is not None:
        return [stop]
    entry = _entry(each, event, look)
    frame = look.frame_of(rule.law, entry)
    stop = _not_meant(rule, each, entry, frame, look)
    if stop is not None:
        return [stop]
    if each.element is None:
        return _under_each_law(rule, entry, look)
    elements = in_order(look.program(each.element)(frame))
    if not elements:
        return [_stop(look.words("stop_no_element", name=look.words.field(each.element.name)))]
    return [_element(rule, each.element, entry._replace(item=item), look) for item in elements]


def _stop(text: str, below: list[Account] | None = None) -> Account:
    return Account(text, below or (), part="stop")


# --- not among the events that take part ----------------------------------------------------------------------


def _not_taken(each: Selector, event: Event, look: Look) -> Account | None:
    """Its standing, what the policy admits, a decision that is recorded twice, a day that has not come."""
    words, scene = look.words, look.scene
    if event.standing not in each.standing:
        return _stop(_standing(each, event, look))
    name, day = look.anchor(event, each.by)
    admits = scene.program.admits.get(each.kind)
    if admits is not None:
        frame = scene.viewpoint.at_hand(event, scene.law_day(scene.plan.law, event, day))
        if admits.where(frame) is False:
            return _stop(words("stop_admits"), facts(scene.plan.admits[each.kind].where, frame, look))
    candidates = scene.candidates(each.kind, each.by, each.standing)
    if not any(entry.event is event for entry in (*candidates.dated, *candidates.undated)):
        return _stop(_same(scene.plan.admits[each.kind].per, candidates.dated, event, look))
    if day is not None and day > scene.as_of:
        return _stop(words("stop_later", anchor=words.field(name), day=words.day(day), as_of=words.day(scene.as_of)))
    position = scene.viewpoint.position
    if position is not None and position[0] == event.kind and (day, event.sequence, event.id) > (scene.as_of, *position[1:]):
        return _stop(words("stop_viewpoint"))
    return None


def _standing(each: Selector, event: Event, look: Look) -> str:
    words = look.words
    if event.standing == "withdrawn" and event.withdrawn is not None:
        return words("stop_withdrawn", day=words.day(event.withdrawn))
    wanted = words.items(words.code("standing", code) for code in sorted(each.standing))
    return words("stop_standing", standing=words.code("standing", event.standing), wanted=wanted)


def _same(per: tuple[Value, ...], kept: list[Entry], event: Event, look: Look) -> str:
    """The earlier event that an event equals."""
    words, scene = look.words, look.scene
    compiled = tuple(look.program(value) for value in per)
    values = scene.values_of(event, compiled)
    first = next(entry for entry in kept if scene.values_of(entry.event, compiled) == values)
    return words("stop_same", event=look.event(first.event), names=words.items(name_of(value, look) for value in per))


def _entry(each: Selector, event: Event, look: Look) -> Entry:
    candidates = look.scene.candidates(each.kind, each.by, each.standing)
    return next(entry for entry in (*candidates.dated, *candidates.undated) if entry.event is event)


def _not_meant(rule: ScoreRule, each: Selector, entry: Entry, frame: Frame, look: Look) -> Account | None:
    """The rule's own `where` under one law, and its own `per`."""
    if rule.law.lenient and not each.per:
        return None
    if not look.program.rule_in_force(rule.basis, frame.law):
        return stops_rule(rule, frame, look)
    if look.program(each.where)(frame) is False:
        return _stop(look.words("stop_where"), facts(each.where, frame, look))
    if not each.per:
        return None
    candidates = look.scene.candidates(each.kind, each.by, each.standing)
    seen = [one for one in candidates.dated if one.key < entry.key]
    compiled = tuple(look.program(value) for value in each.per)
    values = look.scene.values_of(entry.event, compiled)
    same = [
        one
        for one in seen
        if values is not None
        and look.scene.values_of(one.event, compiled) == values
        and look.program(each.where)(look.frame_of(rule.law, one)) is True
    ]
    return _stop(_same(each.per, same, entry.event, look)) if same else None


# --- under a law ----------------------------------------------------------------------------------------------


def _under_each_law(rule: ScoreRule, entry: Entry, look: Look) -> list[Account]:
    """What stopped the rule; under a lenient law each law under which it brings nothing, for one is enough."""
    words = look.words
    if not rule.law.lenient:
        return [stops_rule(rule, look.frame_of(rule.law, entry), look)]
    lines = []
    for anchor in rule.law.anchors:
        frame = look.frame_of(Law(anchors=(anchor,)), entry)
        stop = _first_stop(rule, frame, look)
        if stop is not None:
            law = words("law_of_day", day=words.day(frame.law), anchor=words.field(anchor))
            lines.append(_stop(words("stop_lenient", law=law), [stop]))
    return lines


def _element(rule: ScoreRule, element: EventField | ComputedField, entry: Entry, look: Look) -> Account:
    words = look.words
    item = words.value(entry.item, look.field_type("", ""), element.name)
    return Account(words("element", item=item), _under_each_law(rule, entry, look), part="element")


def stops_rule(rule: ScoreRule, frame: Frame, look: Look) -> Account:
    """What kept a rule from applying from this viewpoint; there must be something."""
    stop = _first_stop(rule, frame, look)
    if stop is None:
        raise AssertionError(f"{rule.id} was stopped by nothing")  # pragma: no cover  # the laws of explanation say so
    return stop


def _first_stop(rule: ScoreRule, frame: Frame, look: Look) -> Account | None:
    words, program, each = look.words, look.program, rule.each
    if not program.rule_in_force(rule.basis, frame.law):
        return _stop(words("stop_law", day=words.day(frame.law)), _not_in_force(rule, frame.law, look))
    for condition in () if each is None else (each.where, each.item_where):
        if condition is not None and program(condition)(frame) is False:
            return _stop(words("stop_where"), facts(condition, frame, look))
    if rule.counts is not None:
        stop = _span(program(rule.counts)(frame, frame.day), frame, look)
        if stop is not None:
            return stop
    if program(rule.when)(frame) is False:
        return _stop(words("stop_where"), facts(rule.when, frame, look))
    value = program(rule.points)(frame)
    if value is NOT_IN_FORCE:
        return _stop(words("stop_points_law", day=words.day(frame.law), name=name_of(rule.points, look, rule.id)))
    return _stop(words("stop_zero")) if is_plain(value) and value == 0 else None


def _not_in_force(rule: ScoreRule, law: date, look: Look) -> list[Account]:
    """The sources that are not in force on a day, or the rule's own time."""
    words, basis = look.words, rule.basis
    if basis.own is not None:
        return [Account(own_time(basis.own, look), part="basis")]
    sources = [source for source in basis.sources if not look.plan.sources[source].in_force.covers(law)]
    return [Account(words("basis", source=look.source(source)), part="basis") for source in sources]


def _span(stretch: Stretch | None, frame: Frame, look: Look) -> Account | None:
    """A span that is not in force, has not begun, or is over."""
    words, as_of = look.words, look.scene.as_of
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
