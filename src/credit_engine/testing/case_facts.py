"""The facts that a policy test describes, as records: the party asked about, other parties, and their relations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from credit_engine.dossiers import Coverage, Dossier, Regions
from credit_engine.errors import Place, PolicyError, Problem
from credit_engine.files.cells import CellForm, CellReader
from credit_engine.policy.files import Map, place_of
from credit_engine.policy.load import Policy
from credit_engine.quantities import FieldType
from credit_engine.records import (
    EVENT_CLASSES,
    Event,
    Operator,
    OtherEvent,
    Party,
    Person,
    Region,
    Relation,
    field_types,
)


@frozen
class Case:
    """One test: its name is a sentence. `content` is the case as written, with places."""

    name: str
    content: Map = field(repr=False)
    place: Place

    @property
    def expects_error(self) -> frozenset[str]:
        """The problem codes that the case expects; empty if it expects an answer."""
        codes = self.content.get("expect_error", ())
        return frozenset([codes] if isinstance(codes, str) else codes)


# --- dossiers -------------------------------------------------------------------------------------------------


def dossier_of(case: Case, policy: Policy) -> Dossier:
    """The dossier of the party asked about. Raises `CreditEngineError` with the case's place."""
    content = case.content
    sort = Person if "person" in content else Operator
    versions = _several(content["person"] if sort is Person else content.get("operator", {}))
    parties = [_party(sort, one, policy) for one in versions]
    own = [_event(one, parties[0].id, policy, case) for one in content.get("events", ())]
    return _dossier(parties, _naming(parties[0].id, own, _events_of_others(case, policy)), case)


def dossiers_of_others(case: Case, policy: Policy) -> list[Dossier]:
    """The dossiers of the other parties that a case names, in order; events of theirs stand under them."""
    asked = dossier_of(case, policy)
    events = (*_events_of_others(case, policy), *asked.events)
    parties: dict[str, list[Party]] = {}
    for sort, one in _others(case):
        party = _party(sort, one, policy)
        parties.setdefault(party.id, []).append(party)
    return [_dossier(versions, _naming(name, [], events), case) for name, versions in parties.items()]


def _others(case: Case) -> Iterator[tuple[type[Operator | Person], Mapping[str, Any]]]:  # Any: values as written
    """Each other party as written; an id alone is a party of which nothing else is known."""
    for key, sort in (("operators", Operator), ("persons", Person)):
        for one in case.content.get(key, ()):
            yield sort, {"id": one} if isinstance(one, str) else one


def _events_of_others(case: Case, policy: Policy) -> list[Event]:
    return [
        _event(event, one.get("id", ""), policy, case) for _, one in _others(case) for event in one.get("events", ())
    ]


def _naming(party: str, own: Iterable[Event], others: Iterable[Event]) -> list[Event]:
    """The party's own events, and of the others all versions of those of which one names the party."""
    known = list(own)
    kept = {(event.kind, event.id) for event in known}
    found = [event for event in others if event not in known]
    kept |= {(event.kind, event.id) for event in found if event.party == party}
    return [*known, *(event for event in found if (event.kind, event.id) in kept)]


def _dossier(parties: Iterable[Party], events: Iterable[Event], case: Case) -> Dossier:
    coverage = _coverage(case.content.get("coverage", {}))
    return Dossier(tuple(parties), events, coverage=coverage, regions=regions_of(case))


def regions_of(case: Case) -> Regions:
    """The table of regions that a case gives."""
    return Regions(
        Region(**_cells({**one, "from_day": one.get("from")}, field_types(Region), drop=("from",)))
        for one in case.content.get("regions", ())
    )


def relations_of(case: Case, policy: Policy) -> list[Relation]:
    """The relations that a case gives, `{KIND: {id, source, target, ...}}`; without an id they are R1, R2, ..."""
    found = []
    types = field_types(Relation)
    for number, one in enumerate(case.content.get("relations", ()), 1):
        kind, fields = _kind_and_fields(one, case)
        if kind not in policy.plan.relations:
            message = f"{case.name!r}: no kind of relation {kind!r}"
            raise PolicyError(Problem("unknown_kind", message, place_of(one), _one_of(policy.plan.relations)))
        unknown = [name for name in fields if name not in types or name == "kind"]
        if unknown:
            message = f"{case.name!r}: a relation has no field {unknown[0]!r}"
            raise PolicyError(Problem("unknown_field", message, place_of(one), _one_of(types)))
        found.append(Relation(kind=kind, **_cells({"id": f"R{number}", **fields}, types)))
    return found


# --- records --------------------------------------------------------------------------------------------------


def _several(content: Any) -> list[Any]:  # Any: a mapping or a list of them, as written
    return list(content) if isinstance(content, list) else [content]


def _coverage(content: Mapping[str, Any]) -> dict[str, Coverage]:  # Any: `absent` or {from: DAY}
    return {kind: "absent" if what == "absent" else what["from"] for kind, what in content.items()}


def _cells(
    content: Mapping[str, Any], types: Mapping[str, FieldType], drop: tuple[str, ...] = ()
) -> dict[str, Any]:  # Any: values as written, then typed
    return {
        name: CellReader(types[name], CellForm())(value)
        for name, value in content.items()
        if name not in drop and value is not None
    }


def _party(cls: type[Operator | Person], content: Mapping[str, Any], policy: Policy) -> Party:  # Any: as written
    own, declared = field_types(cls), policy.plan.field_types.get("operator", {})
    values = {"id": "P1", **{name: value for name, value in content.items() if name != "events"}}
    known = _cells({name: value for name, value in values.items() if name in own}, own)
    extra = _cells({name: value for name, value in values.items() if name not in own}, declared)
    return cls(**known, extra=extra)


def _event(content: Map, party: str, policy: Policy, case: Case) -> Event:
    kind, fields = _kind_and_fields(content, case)
    types = policy.plan.field_types.get(kind)
    if types is None:
        raise PolicyError(Problem("unknown_kind", f"{case.name!r}: no kind of event {kind!r}", case.place))
    unknown = [name for name in fields if name not in types]
    if unknown:
        raise PolicyError(
            Problem("unknown_field", f"{case.name!r}: {kind} has no field {unknown[0]!r}", case.place, _one_of(types))
        )
    cls = EVENT_CLASSES.get(kind)
    own = field_types(cls or OtherEvent)
    values = _cells({"party": party, **fields}, types)
    built_in = {name: value for name, value in values.items() if name in own}
    extra = {name: value for name, value in values.items() if name not in own}
    return cls(**built_in, extra=extra) if cls else OtherEvent(kind=kind, **built_in, extra=extra)


def _kind_and_fields(content: Map, case: Case) -> tuple[str, dict[str, Any]]:  # Any: values as written
    (kind, fields), *others = content.items()
    if not others and isinstance(fields, Mapping):
        return str(kind), dict(fields)
    if "kind" not in content:
        raise PolicyError(
            Problem("missing_key", f"{case.name!r}: an event needs its kind", case.place, "- violation: {...}")
        )
    return content["kind"], {str(name): value for name, value in content.items() if name != "kind"}


def _one_of(names: Iterable[str]) -> str:
    return f"one of {', '.join(sorted(names))}"
