"""Candidates to records: what counts twice, what contradicts itself, what refers to nobody.

Invariants: every candidate is accepted (perhaps as a duplicate), rejected or skipped, never more than one of them;
the order of rows and files decides nothing but which of equal rows is named as the place of a record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from itertools import groupby
from typing import cast

from attrs import frozen

from credit_engine.dossiers import contradicting, version_key
from credit_engine.files.cells import meant
from credit_engine.files.recording import Candidate, EntryReader
from credit_engine.records import Event, Party, Region, Relation, Versioned

EARLIER = "the id stands in an earlier file"  # why a row is skipped


@frozen
class Gathered:
    """The records that stand: versions by party id, regions, relations, events by the ids of all parties they name."""

    parties: Mapping[str, tuple[Party, ...]]
    regions: tuple[Region, ...]
    relations: tuple[Relation, ...]
    events: Mapping[str, tuple[Event, ...]]
    without_recorded: int


def gather(readers: Sequence[EntryReader], relation_kinds: AbstractSet[str] | None = None) -> Gathered:
    """What stands of all candidates; what does not is reported through the readers.

    `relation_kinds`: the kinds of relations there are; any kind if not given.
    """
    tables: dict[str, list[Candidate]] = {}
    for reader in readers:
        tables.setdefault(reader.shape.table, []).extend(reader.candidates)
    settled = {table: settle(candidates) for table, candidates in tables.items()}
    parties = _parties(settled)
    relations = _kept(settled.get("relations", ()), relation_check(parties.keys(), relation_kinds))
    events = {
        table: _kept(candidates, event_check(parties.keys()))
        for table, candidates in settled.items()
        if candidates and isinstance(candidates[0].record, Event)
    }
    regions = consistent(settled.get("regions", ()))
    versioned = [*relations, *(candidate for group in events.values() for candidate in group)]
    undated = sum(cast("Versioned", candidate.record).recorded is None for candidate in versioned)
    undated += sum(version.recorded is None for versions in parties.values() for version in versions)
    return Gathered(
        parties=parties,
        regions=tuple(cast("Region", candidate.record) for candidate in regions),
        relations=tuple(cast("Relation", candidate.record) for candidate in relations),
        events=_by_party(events),
        without_recorded=undated,
    )


# --- one table ------------------------------------------------------------------------------------------------


def _id(candidate: Candidate) -> str:
    record = candidate.record
    return record.code if isinstance(record, Region) else record.id


def _version(candidate: Candidate) -> tuple[date, int]:
    record = candidate.record
    return (record.from_day or date.min, 0) if isinstance(record, Region) else version_key(record)


def settle(candidates: list[Candidate]) -> list[Candidate]:
    """Those that stand within their table, by id and version."""
    groups: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(_id(candidate), []).append(candidate)
    standing: list[Candidate] = []
    for _record_id, group in sorted(groups.items()):
        standing += group if len(group) == 1 else _settled_versions(sorted(group, key=lambda each: each.order))
    return standing


def _settled_versions(group: list[Candidate]) -> list[Candidate]:
    """The versions of one record, in order, each once; `group` is in the order of reading."""
    group = _first_of_readers(_only_new(group))
    versions: dict[tuple[date, int], list[Candidate]] = {}
    for candidate in group:
        versions.setdefault(_version(candidate), []).append(candidate)
    standing: list[Candidate] = []
    for _key, equals in sorted(versions.items()):
        if any(other.record != equals[0].record for other in equals):
            _reject_all(equals)
            continue
        standing.append(equals[0])
        for other in equals[1:]:
            other.reader.duplicates += 1
    return standing


def _reject_all(versions: list[Candidate], why: str = "differ but share recorded and revision") -> None:
    places = [f"{candidate.reader.file}:{candidate.numbers[0]}" for candidate in versions[:3]]
    for candidate in versions:
        candidate.reject("conflicting_versions", f"{_id(candidate)!r}: {', '.join(places)} {why}")


def consistent(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The rows of regions without those that give one code different parents on the same days."""
    standing: list[Candidate] = []
    for _code, run in groupby(candidates, key=_id):
        group = list(run)
        wrong = contradicting(cast("Region", candidate.record) for candidate in group) if len(group) > 1 else ()
        standing += [candidate for candidate in group if candidate.record not in wrong]
        rejected = [candidate for candidate in group if candidate.record in wrong]
        _reject_all(sorted(rejected, key=lambda each: each.order), "give it different parents on the same days")
    return standing


def _only_new(group: list[Candidate]) -> list[Candidate]:
    """Without those that an entry adds only where an earlier one has none."""
    standing: list[Candidate] = []
    for candidate in group:
        earlier = standing and standing[0].reader.position < candidate.reader.position
        if candidate.reader.entry.only_new and earlier:
            candidate.skip(EARLIER)
        else:
            standing.append(candidate)
    return standing


def _first_of_readers(group: list[Candidate]) -> list[Candidate]:
    """One candidate for each entry that gives one record an id: the first by content, so that order decides nothing."""
    standing: list[Candidate] = []
    for _position, run in groupby(group, key=lambda each: each.reader.position):
        candidates = list(run)
        if not candidates[0].reader.entry.one_per_id:
            standing += candidates
            continue
        chosen = min(candidates, key=lambda each: (repr(each.record), each.order))
        standing.append(chosen)
        for other in candidates:
            if other is not chosen:
                other.skip("another row describes the same record")
    return standing


# --- between tables -------------------------------------------------------------------------------------------


def _parties(settled: Mapping[str, list[Candidate]]) -> Mapping[str, tuple[Party, ...]]:
    """Versions by party id; an id that is an operator's and a person's names neither."""
    operators, persons = ({_id(each) for each in settled.get(table, ())} for table in ("operators", "persons"))
    both = operators & persons
    parties: dict[str, list[Party]] = {}
    for candidate in (*settled.get("operators", ()), *settled.get("persons", ())):
        if _id(candidate) in both:
            candidate.reject(*in_two_tables(_id(candidate)))
        else:
            parties.setdefault(_id(candidate), []).append(cast("Party", candidate.record))
    return {party: tuple(versions) for party, versions in sorted(parties.items())}


def in_two_tables(party: str) -> tuple[str, str]:
    """What is wrong with a party of this id, which stands in both tables."""
    return "id_in_two_tables", f"{party!r} is the id of an operator and of a person"


Check = Callable[[Candidate], tuple[str, str] | None]


def _kept(candidates: Iterable[Candidate], check: Check) -> list[Candidate]:
    kept = []
    for candidate in candidates:
        wrong = check(candidate)
        if wrong is None:
            kept.append(candidate)
        else:
            candidate.reject(*wrong)
    return kept


def event_check(parties: AbstractSet[str]) -> Check:
    """What is wrong with an event among these parties: code and message, or nothing."""

    def check(candidate: Candidate) -> tuple[str, str] | None:
        party = cast("Event", candidate.record).party
        return None if party in parties else ("unknown_party", f"no operator or person has the id {party!r}")

    return check


def relation_check(parties: AbstractSet[str], kinds: AbstractSet[str] | None) -> Check:
    """What is wrong with a relation among these parties; `kinds`: those there are, any if not given."""

    def check(candidate: Candidate) -> tuple[str, str] | None:
        relation = cast("Relation", candidate.record)
        for end in ("source", "target"):
            party = getattr(relation, end)
            if party not in parties:
                return "relation_to_nobody", f"{end}: no operator or person has the id {party!r}"
        if kinds is not None and relation.kind not in kinds:
            hint = meant(relation.kind, kinds)
            return "unknown_code", f"kind: {relation.kind!r} is no kind of relation{hint and f'; {hint}'}"
        return None

    return check


def _by_party(events: Mapping[str, list[Candidate]]) -> Mapping[str, tuple[Event, ...]]:
    """The events by party: all versions of one go to every party that one of them names."""
    parties: dict[str, list[Event]] = {}
    for _kind, candidates in sorted(events.items()):
        for _event_id, run in groupby(candidates, key=_id):
            versions = [cast("Event", candidate.record) for candidate in run]
            for party in sorted({version.party for version in versions}):
                parties.setdefault(party, []).extend(versions)
    return {party: tuple(found) for party, found in sorted(parties.items())}
