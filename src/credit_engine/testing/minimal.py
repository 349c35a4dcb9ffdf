"""Making a question smaller while something still holds of it, so that what is shown is what matters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from itertools import islice
from typing import Any

from attrs import evolve

from credit_engine.dossiers import Dossier, Regions
from credit_engine.errors import CreditEngineError
from credit_engine.quantities import Thousandths
from credit_engine.records import Event, Party, Relation, field_types, kind_fields
from credit_engine.testing.question import Question

MOST_TRIED = 5000
_KEPT = frozenset({"id", "party", "source", "target"})
_USUAL: Mapping[str, Any] = {"standing": "found", "sequence": 0, "revision": 0}  # Any: a value of the field's type
_OF_RELATIONS = {name: type_ for name, type_ in field_types(Relation).items() if name != "kind"}
_ROUND = (0, 1, 1000, 100_000, 1_000_000, 10_000_000)
Step = Callable[[], Question]
Values = Callable[[str, Any], tuple[Any, ...]]  # Any: a value of the field's type


def minimal(question: Question, still: Callable[[Question], bool]) -> Question:
    """The smallest question found of which `still` holds, as it must of the given one; the same every time.

    First whole things go (others, relations, events with all their versions, versions, regions, gaps), then single
    fields, then values become plain: shorter lists, round amounts, first days of months. Where `still` raises a
    `CreditEngineError` it does not hold.
    """
    tried, before = 0, None
    while question != before and tried < MOST_TRIED:
        before = question
        for steps in (_fewer, _emptier, _plainer):
            place = 0  # what stands before it failed already
            while tried < MOST_TRIED:
                step = next(islice(steps(question), place, None), None)
                if step is None:
                    break
                tried += 1
                smaller = _taken(step, still)
                question, place = (smaller, place) if smaller is not None else (question, place + 1)
    return question


def _taken(step: Step, still: Callable[[Question], bool]) -> Question | None:
    """The smaller question, if it can be built and it still holds."""
    try:
        smaller = step()
        return smaller if still(smaller) else None
    except CreditEngineError:
        return None


# --- fewer things ---------------------------------------------------------------------------------------------


def _fewer(question: Question) -> Iterator[Step]:
    """Without another party, relation, event or version."""
    if question.others or question.relations:
        yield partial(evolve, question, others=(), relations=())
    for other in question.others:
        yield partial(_without_party, question, other.id)
    for each in question.relations:
        yield partial(evolve, question, relations=tuple(one for one in question.relations if one is not each))
    for key in dict.fromkeys((each.kind, each.id) for each in _events(question)):
        yield partial(_with_events, question, [one for one in _events(question) if (one.kind, one.id) != key])
    for gone in dict.fromkeys(map(id, _events(question))):
        yield partial(_with_events, question, [one for one in _events(question) if id(one) != gone])
    for one in (question.dossier, *question.others):
        for version in one.party_versions if len(one.party_versions) > 1 else ():
            yield partial(_with_versions, question, one, tuple(each for each in one.party_versions if each != version))
    yield from _fewer_beside(question)


def _fewer_beside(question: Question) -> Iterator[Step]:
    """Without the table of regions, a gap, what was known when, or the event that looks."""
    if question.dossier.regions.rows:
        yield partial(_with_all, question, regions=Regions())
    for kind in question.dossier.coverage:
        rest = {name: since for name, since in question.dossier.coverage.items() if name != kind}
        yield partial(_with_all, question, coverage=rest)
    if question.known_at is not None:
        yield partial(evolve, question, known_at=None)
    if question.event is not None:
        yield partial(evolve, question, event=None)


def _events(question: Question) -> list[Event]:
    """All events of everybody, each once."""
    found = [each for one in (question.dossier, *question.others) for each in one.events]
    return list({id(each): each for each in found}.values())


def _with_events(question: Question, events: list[Event]) -> Question:
    """The question with other events, each in the dossiers of those that a version of it names."""

    def holding(one: Dossier) -> Dossier:
        own = {(each.kind, each.id) for each in events if each.party == one.id}
        return evolve(one, events=[each for each in events if (each.kind, each.id) in own])

    return evolve(question, dossier=holding(question.dossier), others=tuple(map(holding, question.others)))


def _without_party(question: Question, name: str) -> Question:
    others = tuple(one for one in question.others if one.id != name)
    relations = tuple(each for each in question.relations if name not in (each.source, each.target))
    return evolve(question, others=others, relations=relations)


def _with_versions(question: Question, of: Dossier, versions: tuple[Party, ...]) -> Question:
    changed = [
        evolve(one, party_versions=versions) if one is of else one for one in (question.dossier, *question.others)
    ]
    return evolve(question, dossier=changed[0], others=tuple(changed[1:]))


def _with_all(question: Question, **changes: Any) -> Question:  # Any: regions or coverage
    others = tuple(evolve(one, **changes) for one in question.others)
    return evolve(question, dossier=evolve(question.dossier, **changes), others=others)


# --- empty and plain fields -----------------------------------------------------------------------------------


def _emptier(question: Question) -> Iterator[Step]:
    """With one field of one record empty, or as it usually is."""
    yield from _changed(question, lambda name, _value: (_USUAL.get(name),))


def _plainer(question: Question) -> Iterator[Step]:
    """With one value of one record nearer to a plain one."""
    yield from _changed(question, lambda _name, value: _simpler(value))


def _changed(question: Question, values: Values) -> Iterator[Step]:
    for event in _events(question):
        for name, value in _fields(event, kind_fields(event.kind)):
            for other in values(name, value):
                yield partial(_with_event, question, event, _with_field(event, name, other, kind_fields(event.kind)))
    yield from _changed_beside(question, values)


def _changed_beside(question: Question, values: Values) -> Iterator[Step]:  # Any: as above
    for each in question.relations:
        for name, value in _fields(each, _OF_RELATIONS):
            for other in values(name, value):
                yield partial(_with_relation, question, each, name, other)
    for one in (question.dossier, *question.others):
        for version in one.party_versions:
            types = field_types(type(version))
            for name, value in _fields(version, types):
                for other in values(name, value):
                    yield partial(_with_party_field, question, one, version, name, other)


def _fields(record: Any, types: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:  # Any: a record and its values
    """The fields that say something and may change."""
    given = {name: getattr(record, name) for name in types if name not in _KEPT} | getattr(record, "extra", {})
    return ((name, value) for name, value in given.items() if value is not None and value != _USUAL.get(name))


def _with_field(record: Any, name: str, value: Any, own: Mapping[str, Any]) -> Callable[[], Any]:  # Any: as above
    if name in own:
        return partial(evolve, record, **{name: value})
    return partial(
        evolve, record, extra={key: old for key, old in {**record.extra, name: value}.items() if old is not None}
    )


def _with_event(question: Question, old: Event, new: Callable[[], Event]) -> Question:
    made = new()
    return _with_events(question, [made if each is old else each for each in _events(question)])


def _with_relation(question: Question, old: Relation, name: str, value: Any) -> Question:  # Any: as above
    new = evolve(old, **{name: value})
    return evolve(question, relations=tuple(new if each is old else each for each in question.relations))


def _with_party_field(question: Question, of: Dossier, old: Party, name: str, value: Any) -> Question:  # Any: as above
    new = _with_field(old, name, value, field_types(type(old)))()
    return _with_versions(question, of, tuple(new if each is old else each for each in of.party_versions))


def _simpler(value: Any) -> tuple[Any, ...]:  # Any: as above
    """Plainer values of the same type, the plainest first; none where it is plain already."""
    if isinstance(value, bool):
        return ()
    if isinstance(value, Thousandths):
        return tuple(Thousandths(each) for each in (0, 1000, 10_000) if each < int(value))
    if isinstance(value, int):
        return tuple(each for each in _ROUND if each < value)
    if isinstance(value, date):
        return tuple(day for day in (value.replace(month=1, day=1), value.replace(day=1)) if day != value)
    if isinstance(value, frozenset):
        return tuple(value - {one} for one in sorted(value))
    if isinstance(value, tuple):
        return tuple((*value[:place], *value[place + 1 :]) for place in range(len(value)))
    return ()
