"""Made-up changes of a question that must not change its answer, or only as a law allows.

Each function draws the changed dossier; what must hold between the two answers is said by the laws that use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from attrs import evolve

from credit_engine.dossiers import Dossier
from credit_engine.policy.load import Policy, read_policy
from credit_engine.policy.places import Map
from credit_engine.records import IMPLIED, Event, ListDecision, Operator, Party, Rectification, kind_fields
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.drawn_records import OTHER_PARTY, Facts, Pen, drawn_value, event, pen_for, value_of
from credit_engine.testing.edges import OPERATOR, Edges

ONE_DAY = timedelta(days=1)
COMPLETE = Facts(missing=False, gaps=False, versions=False)


def reordered(choose: Chooser, found: Dossier) -> Dossier:
    """The same records in another order, some of them twice."""
    twice = choose.some(found.events, most=2)
    events = choose.shuffled((*found.events, *twice))
    return evolve(found, events=events, party_versions=choose.shuffled(found.party_versions))


def with_fields(changed: Event, values: Mapping[str, Any]) -> Event:  # Any: fields of any type
    """The event with some fields replaced, built in or declared."""
    own = kind_fields(changed.kind)
    built_in = {name: value for name, value in values.items() if name in own}
    extra = {name: value for name, value in values.items() if name not in own}
    return evolve(changed, **built_in, extra={**changed.extra, **extra})


# --- the future, and what was learnt later --------------------------------------------------------------------


def horizon(found: Dossier, edges: Edges, as_of: date) -> date:
    """The last day from which anything looks: the day judged, or a later one that an event names (`at`)."""
    named = (value_of(each, name) for each in found.events for name in edges.looks_from if _has(each, name))
    latest: date = max([as_of, *(day for day in named if day is not None)])
    return latest


def _has(of: Event, name: str) -> bool:
    return name in kind_fields(of.kind) or name in of.extra


def with_future(choose: Chooser, found: Dossier, edges: Edges, as_of: date) -> Dossier:
    """The dossier with events that lie, by each day that the policy takes them by, after everything that looks."""
    last = horizon(found, edges, as_of)
    pen = pen_for(choose, edges, Facts())
    more = []
    for place in range(choose.number(1, 3)):
        kind = choose.one(tuple(edges.anchors) or ("violation",))
        made = event(pen, kind, f"W{place}")
        later = {name: last + ONE_DAY * choose.number(1, 40) for name in edges.anchors.get(kind, ())}
        later |= {name: min(value, last) for name in edges.looks_from - set(later) if (value := _day(made, name))}
        more.append(with_fields(made, later))
    return evolve(found, events=(*found.events, *more))


def _day(of: Event, name: str) -> date | None:
    return value_of(of, name) if _has(of, name) else None


def with_later_knowledge(choose: Chooser, found: Dossier, edges: Edges, known_at: date) -> Dossier:
    """The dossier with newer versions and other events that were all recorded after a day."""
    pen = pen_for(choose, edges, Facts())
    kinds = tuple(edges.anchors) or ("violation",)
    more = []
    for place in range(choose.number(1, 3)):
        old = choose.one(found.events) if found.events and choose.chance(70) else None
        made = event(pen, old.kind if old else choose.one(kinds), old.id if old else f"W{place}")
        recorded = known_at + ONE_DAY * choose.number(1, 30)
        party = OTHER_PARTY if old and choose.chance(20) else made.party
        more.append(evolve(made, recorded=recorded, revision=100 + place, party=party))
    newest = found.party_versions[-1]
    parties = (*found.party_versions, evolve(newest, recorded=known_at + ONE_DAY, revision=100, name="Later"))
    return evolve(found, events=(*found.events, *more), party_versions=parties)


def withdrawn(found: Dossier, of: Event, known_at: date) -> Dossier:
    """The dossier with a last version that withdraws the event."""
    last = evolve(of, recorded=known_at, revision=1000, standing="withdrawn", withdrawn=known_at)
    return evolve(found, events=(*found.events, last))


def without(found: Dossier, of: Event) -> Dossier:
    """The dossier without any version of the event."""
    return evolve(found, events=[each for each in found.events if (each.kind, each.id) != (of.kind, of.id)])


# --- other views and labels -----------------------------------------------------------------------------------


def alone_on_its_day(found: Dossier, chosen: Event, edges: Edges, as_of: date) -> Dossier:
    """The dossier in which an event lies on `as_of` by each of its days, and no other event lies there."""
    anchors = edges.anchors.get(chosen.kind, frozenset()) | {edges.plan.kinds[chosen.kind]}
    events = [with_fields(chosen, dict.fromkeys(anchors - {"recorded"}, as_of))]  # it stays known
    for each in found.events:
        if (each.kind, each.id) != (chosen.kind, chosen.id):
            types = edges.plan.field_types[each.kind]
            days = {name: value_of(each, name) for name, type_ in types.items() if type_.name == "date"}
            moved = {name: as_of - ONE_DAY for name, day in days.items() if day == as_of}
            events.append(with_fields(each, moved))
    return evolve(found, events=events)


def relabelled(found: Dossier, names: Mapping[str, str]) -> Dossier:
    """The dossier with other ids for its events, also where a rectification or a step of a list names one."""

    def named(old: str) -> str:
        head, slash, ground = old.rpartition("/")  # an entry is named `list/party/ground`
        return names.get(old) or f"{head}{slash}{names.get(ground, ground)}"

    def renamed(each: Event) -> Event:
        other = evolve(each, id=names[each.id])
        if isinstance(other, Rectification) and other.of is not None:
            return evolve(other, of=named(other.of))
        if isinstance(other, ListDecision) and other.grounds is not None:
            return evolve(other, grounds=tuple(map(named, other.grounds)))
        return other

    return evolve(found, events=[renamed(each) for each in found.events])


def without_ties(found: Dossier) -> Dossier:
    """The dossier in which each event has a place of its own within any day."""
    places = {key: place for place, key in enumerate(sorted({(each.kind, each.id) for each in found.events}))}
    return evolve(found, events=[evolve(each, sequence=places[each.kind, each.id]) for each in found.events])


# --- completing what is unknown -------------------------------------------------------------------------------


def completed(choose: Chooser, found: Dossier, edges: Edges, percent: int = 80) -> Dossier:
    """The dossier with empty cells filled, dates given, and what is not covered recorded; each only perhaps.

    Cells whose very absence the policy uses (`Edges.hard`) stay as they are.
    """
    pen = pen_for(choose, edges, COMPLETE)
    events = [_filled(pen, each, percent) for each in found.events]
    parties = [_filled_party(pen, each, percent) for each in found.party_versions]
    if found.coverage and choose.chance(percent):
        events += _recorded_late(pen, found)
        found = evolve(found, coverage={})
    return evolve(found, events=events, party_versions=parties)


def _filled(pen: Pen, old: Event, percent: int) -> Event:
    edges = pen.edges
    values: dict[str, Any] = {}  # Any: fields of any type
    for name, type_ in edges.fields.get(old.kind, {}).items():
        if value_of(old, name) is None and name not in edges.hard and name != "id" and pen.choose.chance(percent):
            values[name] = drawn_value(pen, name, type_)
    return with_fields(old, _consistent(old, values))


def _consistent(old: Event, values: dict[str, Any]) -> dict[str, Any]:  # Any: fields of any type
    """Without what the codes of the event deny, and with the codes that its other fields imply."""
    for (kind, name), (codes, _) in IMPLIED.items():
        if kind != old.kind:
            continue
        given = values.get("penalties", getattr(old, "penalties", None))
        if given is not None and not given & codes:
            values.pop(name, None)
            if getattr(old, name) and "penalties" in values:
                values["penalties"] = given | {min(codes)}
    return values


def _filled_party(pen: Pen, old: Party, percent: int) -> Party:
    if not isinstance(old, Operator):
        return old
    extra = dict(old.extra)
    values: dict[str, Any] = {}  # Any: fields of any type
    for name, type_ in pen.edges.fields[OPERATOR].items():
        declared = not hasattr(old, name)
        is_empty = extra.get(name) is None if declared else getattr(old, name) is None
        if is_empty and pen.choose.chance(percent):
            (extra if declared else values)[name] = drawn_value(pen, name, type_, f"operator.{name}")
    return evolve(old, extra=extra, **values)


def _recorded_late(pen: Pen, found: Dossier) -> list[Event]:
    """Events that stood unrecorded where a table did not cover; they equal no other event in `per`."""
    choose = pen.choose
    made = []
    for kind, since in found.coverage.items():
        anchors = pen.edges.anchors.get(kind, frozenset())
        for place in range(0 if anchors & pen.edges.equal else choose.number(0, 3)):
            one = event(pen, kind, f"U{kind}{place}")
            days = {name: pen.day() for name in anchors}
            if isinstance(since, date):
                days = {name: min(day, since - ONE_DAY * choose.number(1, 3)) for name, day in days.items()}
            made.append(with_fields(one, dict.fromkeys(pen.edges.equal & set(kind_fields(kind))) | days))
    return made


def with_law_found(choose: Chooser, policy: Policy) -> Policy:
    """The policy with every unknown value of a parameter (`null`) given."""
    parameters = policy.written.get("parameters")
    if not parameters or not any(_is_null(parameter) for parameter in parameters.values()):
        return policy
    written = policy.written.copy()
    written["parameters"] = Map({name: _found(choose, parameter) for name, parameter in parameters.items()})
    return read_policy(written)


_ANY_VALUE = {
    "count": (1, 3),
    "points": (5, 20),
    "fen": (100000, 500000),
    "period": ("1y", "1m"),
    "window": ("1y", "3m"),
}


def _is_null(parameter: Mapping[str, Any]) -> bool:  # Any: a piece as written
    return any(_has_null(step) for step in parameter["values"].values())


def _has_null(step: Mapping[str, Any]) -> bool:  # Any: a piece as written
    value = step.get("value")
    return not step.get("ended") and (value is None or (isinstance(value, dict) and None in value.values()))


def _found(choose: Chooser, parameter: Mapping[str, Any]) -> Map:  # Any: a piece as written
    """The parameter with a value for each null; in a table, for each null code (a whole table stays unknown)."""
    values = _ANY_VALUE[parameter["unit"]]
    tables = any(
        isinstance(step.get("value"), dict) and "calendar" not in step["value"] for step in parameter["values"].values()
    )
    steps = {}
    for day, step in parameter["values"].items():
        value = step.get("value")
        if step.get("ended"):
            steps[day] = step
        elif tables or parameter.get("by"):
            pairs = (value or {}).items()
            table = Map({code: choose.one(values) if part is None else part for code, part in pairs})
            steps[day] = Map({**step, "value": None if value is None else table})
        else:
            steps[day] = Map({**step, "value": choose.one(values) if value is None else value})
    return Map({**parameter, "values": Map(steps)})
