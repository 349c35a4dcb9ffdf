"""Made-up dossiers for a policy: events on its edges, empty cells, versions, withdrawals, gaps in what is covered."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from attrs import evolve, frozen

from credit_engine.days import Period, add, end_of
from credit_engine.dossiers import Coverage, Dossier
from credit_engine.quantities import FieldType, Thousandths
from credit_engine.records import (
    EVENT_CLASSES,
    IMPLIED,
    Event,
    Operator,
    OtherEvent,
    Party,
    Person,
    Region,
    kind_fields,
)
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.edges import OPERATOR, REGION_CODES, TEXTS, Edges

ONE_DAY = timedelta(days=1)
PARTY = "P1"
OTHER_PARTY = "P2"
PERSON_NAME = "司马光年"
HUBS = (
    date(2024, 3, 1),
    date(2024, 2, 29),
    date(2023, 12, 31),
    date(2024, 1, 1),
    date(2024, 1, 31),
    date(2023, 6, 30),
    date(2024, 7, 1),
    date(2023, 2, 28),
)
EVENT_IDS = ("V1", "V2", "V3", "V4")


@frozen
class Facts:
    """What a dossier may hold: empty cells, gaps in coverage, several versions; how many events at most."""

    missing: bool = True
    gaps: bool = True
    versions: bool = True
    most: int = 6


@frozen
class Pen:
    """What a dossier is written with: choices, edges, and the few days that its events share."""

    choose: Chooser
    edges: Edges
    facts: Facts
    days: tuple[date, ...]

    def day(self) -> date:
        """One of the shared days."""
        return self.choose.one(self.days)

    def is_missing(self, percent: int = 18) -> bool:
        """Whether a cell is left empty."""
        return self.facts.missing and self.choose.chance(percent)


def pen_for(choose: Chooser, edges: Edges, facts: Facts) -> Pen:
    """A pen with newly drawn days."""
    return Pen(choose, edges, facts, shared_days(choose, edges))


def dossier(choose: Chooser, edges: Edges, facts: Facts) -> Dossier:
    """A dossier whose events lie where the policy draws its lines."""
    pen = pen_for(choose, edges, facts)
    kinds = tuple(edges.anchors) or ("violation",)
    events: list[Event] = []
    how_many = 0 if choose.chance(8) else choose.number(1, facts.most)
    for place in range(how_many):
        found = event(pen, choose.one(kinds), f"V{place + 1}")
        events += _versions(pen, found)
    return Dossier(_party(pen), events, some_coverage(pen, kinds), some_regions(pen))


# --- days -----------------------------------------------------------------------------------------------------


def shared_days(choose: Chooser, edges: Edges) -> tuple[date, ...]:
    """Few days, so that events meet: a hub, the days beside it, and others a period or an edge away."""
    hubs = (*edges.days[:6], *HUBS)
    hub = choose.one(hubs)
    days = [hub, hub + ONE_DAY]
    days += [shifted(choose, hub, period) for period in choose.some(edges.periods, least=1, most=2)]
    days.append(choose.one(hubs) - ONE_DAY * choose.number(0, 1))
    return tuple(dict.fromkeys(days))


def shifted(choose: Chooser, day: date, period: Period) -> date:
    """The day a period later, or a day beside that."""
    later = add(day, period) or day
    return later + ONE_DAY * (choose.number(0, 2) - 1)


def day_near(choose: Chooser, found: Dossier, edges: Edges) -> date:
    """A day on which something could change: of an event or an edge, perhaps a period or a day later."""
    days = sorted(
        {day for each in found.events for name in edges.anchors.get(each.kind, ()) if (day := value_of(each, name))}
    )
    days = days or [HUBS[0]]
    base: date = days[-1] if choose.chance(50) else choose.one(days)
    draw = choose.number(0, 99)
    if draw < 30:
        return base
    if draw < 75:
        return shifted(choose, base, choose.one(edges.periods))
    if draw < 85:
        return end_of(choose.one(("month", "year")), base) + ONE_DAY * choose.number(0, 1)
    return choose.one(edges.days or HUBS)


def value_of(event_: Event, name: str) -> Any:  # Any: the field's type
    """A field of an event, built in or declared."""
    return getattr(event_, name) if name in kind_fields(event_.kind) else event_.extra.get(name)


# --- events ---------------------------------------------------------------------------------------------------


def event(pen: Pen, kind: str, name: str, party: str = PARTY) -> Event:
    """An event of a kind with the fields that the policy reads."""
    return build(kind, legal(kind, {"id": name, "party": party, **drawn_values(pen, kind)}, pen))


def drawn_values(pen: Pen, kind: str) -> dict[str, Any]:  # Any: fields of any type
    """The fields of an event that the policy reads, some of them left empty; the standing, and a place in the day."""
    values: dict[str, Any] = {"standing": _standing(pen)}  # Any: as above
    if pen.choose.chance(15):
        values["sequence"] = pen.choose.number(1, 2)
    anchors = pen.edges.anchors.get(kind, frozenset())
    for name, type_ in pen.edges.fields.get(kind, {}).items():
        if name not in _SET_ELSEWHERE:
            value = _worth(pen, kind, name, type_, 8 if name in anchors else 20)
            if value is not None:
                values[name] = value
    return values


_SET_ELSEWHERE = frozenset({"id", "party", "standing", "sequence", "recorded", "revision"})


def _worth(pen: Pen, kind: str, name: str, type_: FieldType, missing: int) -> Any:  # Any: a value of the type
    """A value worth trying, or none in so many of a hundred cases; one choice where candidates are known."""
    candidates = pen.days if type_.name == "date" else pen.edges.candidates[kind].get(name, ())
    if not candidates:
        return None if pen.is_missing(missing) else drawn_value(pen, name, type_)
    count = len(candidates)
    empty = max(1, count * missing // (100 - missing)) if pen.facts.missing else 0
    place = pen.choose.number(0, count + empty - 1)
    return candidates[place] if place < count else None


def build(kind: str, values: Mapping[str, Any]) -> Event:  # Any: fields of any type
    """The record of a kind with these fields, built in or declared."""
    own = kind_fields(kind)
    built_in = {name: value for name, value in values.items() if name in own}
    extra = {name: value for name, value in values.items() if name not in own and value is not None}
    cls = EVENT_CLASSES.get(kind)
    return cls(**built_in, extra=extra) if cls else OtherEvent(kind=kind, **built_in, extra=extra)


def _standing(pen: Pen) -> str:
    draw = pen.choose.number(0, 99)
    return "found" if draw < 75 else "final" if draw < 88 else "alleged" if draw < 95 else "withdrawn"


def legal(
    kind: str,
    values: dict[str, Any],
    pen: Pen,
    pinned: AbstractSet[str] = frozenset(),  # Any: fields of any type
) -> dict[str, Any]:
    """A complete record says nothing that its codes deny: no fine without `fine` among the penalties.

    What is `pinned` stays: the codes that it needs are added, or what denies the pinned codes goes.
    """
    for (of, name), (codes, _) in IMPLIED.items():
        given = values.get("penalties")
        if of == kind and values.get(name) and given is not None and not given & codes:
            if name in pinned or ("penalties" not in pinned and pen.choose.chance(50)):
                values["penalties"] = given | {min(codes)}
            else:
                values.pop(name)
    return values


def drawn_value(pen: Pen, name: str, type_: FieldType, values_of: str = "") -> Any:  # Any: a value of the type
    """A value of a type, mostly one that the policy compares the field with, or one beside it."""
    choose = pen.choose
    named = pen.edges.values.get(values_of or name, ())
    make = _MAKERS.get(type_.name)
    if make is not None:
        return make(pen, named)
    if type_.name in ("set", "list") and type_.of is not None:
        return _elements(pen, name, type_)
    if type_.name == "record":
        return {part: drawn_value(pen, part, of) for part, of in type_.fields.items()}
    if type_.codes:
        return choose.one(type_.codes)
    if name == "of":
        return choose.one(EVENT_IDS)
    if "region" in name:
        return choose.one((*[each for each in named if isinstance(each, str)], *REGION_CODES))
    return choose.one((*[each for each in named if isinstance(each, str)], *TEXTS))


def _elements(pen: Pen, name: str, type_: FieldType) -> Any:  # Any: a set or list of any elements
    choose, of = pen.choose, type_.of
    if of is None:
        raise AssertionError(type_)
    if type_.name == "set":
        named = [code for code in pen.edges.values.get(name, ()) if code in of.codes]
        return frozenset(choose.some((*named, *(code for code in of.codes if code not in named)), most=3))
    return tuple(drawn_value(pen, name, of, "item") for _ in range(choose.number(0, 3)))


def _number(pen: Pen, named: tuple[Any, ...]) -> int:  # Any: values of any type
    numbers = [each for each in named if isinstance(each, int | Fraction) and not isinstance(each, bool)]
    near = int(pen.choose.one((*numbers, 1, 0, 3)))
    return max(0, near + pen.choose.number(0, 2) - 1)


def _decimal(pen: Pen, named: tuple[Any, ...]) -> Thousandths:  # Any: values of any type
    numbers = [each for each in named if isinstance(each, int) and not isinstance(each, bool)]
    near = int(pen.choose.one((*numbers, 9000, 0, 5125)))
    sign = -1 if pen.choose.chance(8) else 1
    return Thousandths(sign * (near + pen.choose.number(0, 2) - 1))


_MAKERS: Mapping[str, Any] = {  # Any: each takes the pen and the values that the policy names
    "bool": lambda pen, _named: pen.choose.chance(50),
    "int": _number,
    "money": _number,
    "decimal": _decimal,
    "date": lambda pen, _named: pen.day(),
    "period": lambda pen, _named: pen.choose.one(pen.edges.periods),
    "party": lambda pen, _named: pen.choose.one((OTHER_PARTY, "P3")),
}


# --- versions, party, coverage --------------------------------------------------------------------------------


def _versions(pen: Pen, first: Event) -> list[Event]:
    """The event, sometimes with a newer version that corrects it, withdraws it, or gives it to another party."""
    choose = pen.choose
    if not (pen.facts.versions and choose.chance(25)):
        return [first]
    first = evolve(first, recorded=pen.day() if choose.chance(60) else None)
    later = event(pen, first.kind, first.id)
    change: dict[str, Any] = {"recorded": pen.day(), "revision": 1}  # Any: fields of any type
    draw = choose.number(0, 2)
    if draw == 0:
        change["standing"] = "withdrawn"
    elif draw == 1:
        change["party"] = OTHER_PARTY
    return [first, evolve(later, **change)]


def _party(pen: Pen) -> tuple[Party, ...]:
    choose = pen.choose
    if choose.chance(12):
        return (Person(id=PARTY, name=PERSON_NAME),)
    versions: list[Party] = [_operator(pen)]
    if pen.facts.versions and choose.chance(15):
        versions.append(evolve(_operator(pen), recorded=pen.day(), revision=1))
    return tuple(versions)


def _operator(pen: Pen) -> Operator:
    own, declared = operator_values(pen)
    return Operator(id=PARTY, extra=declared, **{"name": "Noodles", **own})


def operator_values(pen: Pen) -> tuple[dict[str, Any], dict[str, Any]]:  # Any: fields of any type
    """The fields of an operator that the policy reads, built-in and declared ones, some of them left empty."""
    own: dict[str, Any] = {}  # Any: as above
    declared: dict[str, Any] = {}  # Any: as above
    for name, type_ in pen.edges.fields[OPERATOR].items():
        if name not in ("id", "recorded", "revision"):
            value = _worth(pen, OPERATOR, name, type_, 18)
            if value is not None:
                (declared if pen.edges.is_declared(name) else own)[name] = value
    inside = pen.edges.plan.regions  # the others are not assessed
    if inside and (pen.choose.chance(60) or ("region" not in own and not pen.is_missing())):
        below = [f"{code[:2]}0115" for code in inside if code.isdigit()]
        own["region"] = pen.choose.one((*inside, *below, *(() if pen.choose.chance(70) else REGION_CODES)))
    return own, declared


def some_coverage(pen: Pen, kinds: tuple[str, ...]) -> dict[str, Coverage]:
    """Mostly nothing; else a kind whose table begins on a day, or is absent."""
    if not (pen.facts.gaps and kinds and pen.choose.chance(20)):
        return {}
    kind = pen.choose.one(kinds)
    return {kind: "absent" if pen.choose.chance(25) else pen.day()}


def some_regions(pen: Pen) -> tuple[Region, ...]:
    """Regions that the policy names by words; sometimes also a zone that moves between provinces on a day."""
    named = tuple(Region(code=code) for code in pen.edges.places) if pen.choose.chance(80) else ()
    if not pen.choose.chance(25):
        return named
    day = pen.day()
    return (
        *(row for row in named if row.code != "zone"),
        Region(code="310000"),
        Region(code="310115", parent="310000"),
        Region(code="zone", parent="310115", until=day),
        Region(code="zone", parent="320000", from_day=day),
        Region(code="320000"),
    )
