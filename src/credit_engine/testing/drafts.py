"""Drafts of made-up worlds: events and parties as they are being written, before records are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from attrs import define, evolve, field, frozen

from credit_engine.dossiers import Dossier
from credit_engine.policy.plan import Plan
from credit_engine.records import Event, Operator, Party, Person, Region, Relation
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.drawn_records import (
    ONE_DAY,
    OTHER_PARTY,
    PARTY,
    PERSON_NAME,
    Pen,
    build,
    drawn_values,
    legal,
    operator_values,
    some_coverage,
    some_regions,
)

_LETTERS: Mapping[str, str] = {
    "violation": "V",
    "inspection": "I",
    "case_transfer": "T",
    "rectification": "R",
    "honour": "H",
    "list_decision": "D",
}
FURTHER = timedelta(days=40)


@define
class Sketch:
    """An event as it is being written. `pinned`: fields that somebody wished to be so."""

    kind: str
    party: str
    values: dict[str, Any]  # Any: fields of any type
    pinned: set[str] = field(factory=set)

    @property
    def id(self) -> str:
        """The event's id."""
        return str(self.values["id"])

    def pin(self, name: str, value: Any) -> None:  # Any: a value of the field's type
        """Set a field as somebody wishes."""
        self.values[name] = value
        self.pinned.add(name)


@define
class Draft:
    """A world as it is being written. `room`: how many more events it may have; `parties`: wished fields by id."""

    pen: Pen
    plan: Plan
    room: int
    events: list[Sketch] = field(factory=list)
    parties: dict[str, dict[str, Any]] = field(factory=lambda: {PARTY: {}})  # Any: fields of any type
    persons: set[str] = field(factory=set)
    relations: list[Relation] = field(factory=list)
    depth: int = 0

    @property
    def choose(self) -> Chooser:
        """The choices of this example."""
        return self.pen.choose

    def sketch(self, kind: str, party: str) -> Sketch:
        """Another event of a party, with fields on the edges of the policy."""
        self.room -= 1
        name = f"{_LETTERS.get(kind, 'E')}{len(self.events) + 1}"
        made = Sketch(kind, party, {"id": name, **drawn_values(self.pen, kind)})
        named = [each.id for each in self.events if each.party == party]
        if named and made.values.get("of") is not None:
            made.values["of"] = self.choose.one(named)
        if named and made.values.get("grounds"):
            made.values["grounds"] = (self.choose.one(named),)
        self.events.append(made)
        return made


@frozen
class Scope:
    """From where something is wished: an event and its party, the viewpoint's day, an element, a list decision.

    `since`: from when on what is wished is in force.
    """

    party: str
    day: date
    event: Sketch | None = None
    item: dict[str, Any] | None = None  # Any: parts of a record; a plain element is the part ""
    decision: Sketch | None = None
    since: date | None = None


# --- records --------------------------------------------------------------------------------------------------


def dossiers_of(draft: Draft) -> tuple[Dossier, ...]:
    """The dossiers of all parties, that of the party asked about first; all with one coverage and table of regions."""
    pen = draft.pen
    regions = some_regions(pen)
    versions = [version for each in draft.events for version in _versions(draft, each)]
    coverage = some_coverage(pen, tuple(sorted({event.kind for event in versions})) or tuple(pen.edges.anchors))
    parties = sorted(parties_of(draft).items(), key=lambda pair: pair[0] != PARTY)
    return tuple(_dossier(party, name, versions, coverage, regions) for name, party in parties)


def parties_of(draft: Draft) -> dict[str, tuple[Party, ...]]:
    """The versions of each party by id."""
    return {name: _party(draft, name) for name in draft.parties}


def _dossier(
    party: tuple[Party, ...], name: str, events: list[Event], coverage: Mapping[str, Any], regions: tuple[Region, ...]
) -> Dossier:  # Any: days and `absent`
    own = {(event.kind, event.id) for event in events if event.party == name}
    return Dossier(party, [event for event in events if (event.kind, event.id) in own], coverage, regions)


def _versions(draft: Draft, sketch: Sketch) -> list[Event]:
    """The event, sometimes with an older or a newer version: corrected, withdrawn, or given to another party."""
    pen, choose = draft.pen, draft.choose
    first = build(sketch.kind, {**legal(sketch.kind, sketch.values, pen, sketch.pinned), "party": sketch.party})
    if not (pen.facts.versions and choose.chance(15)):
        return [first]
    draw = choose.number(0, 3)
    if draw == 0:
        day = pen.day()
        return [first, evolve(first, recorded=day, revision=1, standing="withdrawn", withdrawn=day)]
    if draw == 1:
        other = choose.one((OTHER_PARTY, *draft.parties))
        return [first, evolve(first, recorded=pen.day(), revision=1, party=other)]
    values = legal(sketch.kind, {"id": first.id, **drawn_values(pen, sketch.kind)}, pen)
    other_version = build(sketch.kind, {**values, "party": sketch.party})
    if draw == 2:
        return [first, evolve(other_version, recorded=pen.day(), revision=1)]
    return [other_version, evolve(first, recorded=pen.day(), revision=1)]


def _party(draft: Draft, name: str) -> tuple[Party, ...]:
    pen, choose = draft.pen, draft.choose
    if name in draft.persons:
        _, declared = operator_values(pen)
        wished = {key: value for key, value in draft.parties[name].items() if pen.edges.is_declared(key)}
        extra = {key: value for key, value in {**declared, **wished}.items() if value is not None}
        return (Person(id=name, name=PERSON_NAME, extra=extra),)
    versions = [_operator(pen, name, draft.parties[name])]
    if pen.facts.versions and choose.chance(10):
        versions.append(evolve(_operator(pen, name, {}), recorded=pen.day(), revision=1))
    return tuple(versions)


def _operator(pen: Pen, name: str, wished: Mapping[str, Any]) -> Operator:  # Any: fields of any type
    own, declared = operator_values(pen)
    for key, value in wished.items():
        into = declared if pen.edges.is_declared(key) else own
        into.pop(key, None)
        if value is not None:
            into[key] = value
    return Operator(id=name, extra=declared, **{"name": "Noodles", **own})


def beside(choose: Chooser, day: date) -> date:
    """The day, the day before or the day after."""
    return day + ONE_DAY * (0, 1, -1)[choose.number(0, 2)]
