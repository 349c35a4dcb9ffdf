"""The facts that a policy test describes, as records: the party asked about, other parties, and their relations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from attrs import evolve, field, frozen

from credit_engine.dossiers import Coverage, Dossier, Regions
from credit_engine.errors import Place, PolicyError, Problem, RecordError
from credit_engine.files.cells import CellForm, CellReader
from credit_engine.policy.files import Map, did_you_mean, place_of, value_place_of
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

# The keys of a case that ask its question.
QUESTION_KEYS = frozenset(
    (
        "day",
        "known_at",
        "event",
        "operator",
        "person",
        "regions",
        "coverage",
        "events",
        "operators",
        "persons",
        "relations",
    )
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
    parties = [_party(sort, one, policy, case) for one in versions]
    own = [_event(one, parties[0].id, policy, case) for one in content.get("events", ())]
    return _dossier(parties, _naming(parties[0].id, own, _events_of_others(case, policy)), case)


def dossiers_of_others(case: Case, policy: Policy) -> list[Dossier]:
    """The dossiers of the other parties that a case names, in order; events of theirs stand under them."""
    asked = dossier_of(case, policy)
    events = (*_events_of_others(case, policy), *asked.events)
    parties: dict[str, list[Party]] = {}
    for sort, one in _others(case):
        party = _party(sort, one, policy, case, needs=("id",))
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
    return Dossier(tuple(parties), events, coverage=_coverage(case), regions=regions_of(case))


def regions_of(case: Case) -> Regions:
    """The table of regions that a case gives."""
    types = {("from" if name == "from_day" else name): type_ for name, type_ in field_types(Region).items()}
    found = []
    for one in case.content.get("regions", ()):
        cells = _cells(one, types, "a region", case, needs=("code",))
        found.append(Region(**{("from_day" if name == "from" else name): value for name, value in cells.items()}))
    return Regions(found)


def relations_of(case: Case, policy: Policy) -> list[Relation]:
    """The relations that a case gives, `{KIND: {id, source, target, ...}}`; without an id they are R1, R2, ..."""
    found = []
    types = {name: type_ for name, type_ in field_types(Relation).items() if name != "kind"}
    for number, one in enumerate(case.content.get("relations", ()), 1):
        kind, fields = _kind_and_fields(one, case)
        if kind not in policy.plan.relations:
            message = f"{case.name!r}: no kind of relation {kind!r}"
            raise PolicyError(Problem("unknown_kind", message, place_of(one), _known(kind, policy.plan.relations)))
        cells = _cells(fields, types, f"a relation ({kind})", case, needs=("source", "target"))
        found.append(Relation(kind=kind, **{"id": f"R{number}", **cells}))
    return found


# --- records --------------------------------------------------------------------------------------------------


def _several(content: Any) -> list[Any]:  # Any: a mapping or a list of them, as written
    return list(content) if isinstance(content, list) else [content]


def _coverage(case: Case) -> dict[str, Coverage]:
    """What a case says of its tables: `absent`, or {from: DAY}."""
    content = case.content.get("coverage", {})
    found: dict[str, Coverage] = {}
    for kind, what in content.items():
        since = what.get("from") if isinstance(what, Mapping) else None
        if what == "absent":
            found[kind] = "absent"
        elif type(since) is date:
            found[kind] = since
        else:
            hint = f"coverage: {{{kind}: absent}}, or {{{kind}: {{from: 2024-01-01}}}}"
            message = f"{case.name!r}: coverage of {kind} is `absent` or has a day"
            raise PolicyError(Problem("bad_coverage", message, value_place_of(content, kind), hint))
    return found


def _cells(
    content: Mapping[Any, Any],  # Any: values as written, then typed
    types: Mapping[str, FieldType],
    what: str,
    case: Case,
    needs: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The cells of a record by name, typed. Raises `PolicyError` with the place of each that cannot be."""
    where = place_of(content) if isinstance(content, Map) else case.place
    problems: list[Problem] = []
    found = {}
    for name, value in content.items():
        if name not in types:
            message, place = f"{case.name!r}: {what} has no field {name!r}", place_of(content, name)
            problems.append(Problem("unknown_field", message, place, _known(name, types)))
        elif value is not None:
            try:
                found[name] = CellReader(types[name], CellForm())(value)
            except RecordError as error:
                place = value_place_of(content, name)
                problems += [
                    evolve(each, message=f"{case.name!r}: {name}: {each.message}", place=place, hint=_hint(each))
                    for each in error.problems
                ]
    problems += [
        Problem("missing_key", f"{case.name!r}: {what} has no {name}", where, f"write {name}: ...")
        for name in needs
        if content.get(name) is None
    ]
    if problems:
        raise PolicyError(problems)
    return found


def _hint(problem: Problem) -> str:
    hints = {
        "bad_money": 'write text with a unit, or whole fen: "500 yuan", 50000',
        "bad_text": 'put it in quotes, as in region: "310000"',
    }
    return problem.hint or hints.get(problem.code, "")


def _party(
    cls: type[Operator | Person],
    content: Mapping[Any, Any],  # Any: see _cells
    policy: Policy,
    case: Case,
    needs: tuple[str, ...] = (),
) -> Party:
    own, declared = field_types(cls), policy.plan.field_types.get("operator", {})
    types = {name: type_ for name, type_ in {**declared, **own}.items() if name != "extra"}
    written = content if "events" not in content else _without(content, "events")
    values = {"id": "P1", **_cells(written, types, cls.__name__.lower(), case, needs)}
    known = {name: value for name, value in values.items() if name in own}
    return cls(**known, extra={name: value for name, value in values.items() if name not in own})


def _without(content: Mapping[Any, Any], key: str) -> Mapping[Any, Any]:  # Any: see _cells
    """The same without a key, with its places."""
    if not isinstance(content, Map):
        return {name: value for name, value in content.items() if name != key}
    kept = Map(place=content.place)
    for name in content:
        if name != key:
            kept.take_from(content, name)
    return kept


def _event(content: Map, party: str, policy: Policy, case: Case) -> Event:
    kind, fields = _kind_and_fields(content, case)
    types = policy.plan.field_types.get(kind)
    if types is None:
        message, place = f"{case.name!r}: no kind of event {kind!r}", place_of(content)
        raise PolicyError(Problem("unknown_kind", message, place, _known(kind, policy.plan.kinds)))
    cls = EVENT_CLASSES.get(kind)
    own = field_types(cls or OtherEvent)
    values = {"party": party, **_cells(fields, types, kind, case, needs=("id",))}
    built_in = {name: value for name, value in values.items() if name in own}
    extra = {name: value for name, value in values.items() if name not in own}
    return cls(**built_in, extra=extra) if cls else OtherEvent(kind=kind, **built_in, extra=extra)


def _kind_and_fields(content: Map, case: Case) -> tuple[str, Mapping[Any, Any]]:  # Any: values as written
    if len(content) == 1:
        kind, fields = next(iter(content.items()))
        if isinstance(fields, Mapping):
            return str(kind), fields
    if "kind" not in content:
        hint = "write the kind and below it, further in, the fields: - violation: {id: V1, ...}"
        raise PolicyError(Problem("missing_key", f"{case.name!r}: an event needs its kind", place_of(content), hint))
    return content["kind"], _without(content, "kind")


def _known(word: object, names: Iterable[str]) -> str:
    names = sorted(names)
    return did_you_mean(word, names) or f"one of {', '.join(names)}"
