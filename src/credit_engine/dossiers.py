"""What is known of whom: versions of records, the table of regions, and one party's dossier.

A version is known on `[known_from, known_until)`: from the day it was recorded until a newer version of the same
record is. Intervals are made over all versions of a record before anything is split by party, so an event that a
newer version gives to another party leaves the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Literal, TypeVar

from attrs import field, frozen

from credit_engine.errors import Place, Problem, QuestionError, RecordError
from credit_engine.records import Event, Operator, Party, Person, Region, Versioned, in_words

AnyRecord = TypeVar("AnyRecord", bound=Versioned)
AnyGiven = TypeVar("AnyGiven")
_CODE_LENGTH = 6  # of GB/T 2260: two digits each for province, city and county
Coverage = date | Literal["absent"]


def version_key(record: Versioned) -> tuple[date, int]:
    """What orders the versions of one record: no `recorded` means known from always."""
    return (record.recorded or date.min, record.revision)


def conflicting(versions: Iterable[AnyRecord]) -> tuple[AnyRecord, ...]:
    """Those of one record's versions that differ although they share `recorded` and `revision`; none may be used."""
    groups: dict[tuple[date, int], list[AnyRecord]] = {}
    for version in versions:
        groups.setdefault(version_key(version), []).append(version)
    return tuple(
        version for group in groups.values() if any(other != group[0] for other in group[1:]) for version in group
    )


def known_versions(versions: Iterable[AnyRecord]) -> Iterator[tuple[AnyRecord, date, date | None]]:
    """One record's versions in order, each with the days `[known_from, known_until)`; equal versions count once.

    A version that is replaced on the very day it was recorded is never known and left out. Give no `conflicting` ones.
    """
    ordered = sorted({version_key(version): version for version in versions}.items())
    for position, (key, version) in enumerate(ordered):
        until = ordered[position + 1][0][0] if position + 1 < len(ordered) else None
        if until is None or key[0] < until:
            yield version, key[0], until


def known(versions: Iterable[AnyRecord], known_at: date) -> AnyRecord | None:
    """The version known on this day: the one with the greatest (`recorded`, `revision`) not recorded later."""
    best: AnyRecord | None = None
    best_key = (date.min, -1)
    for version in versions:
        key = version_key(version)
        if key[0] <= known_at and (best is None or key > best_key):
            best, best_key = version, key
    return best


def _grouped(regions: Iterable[Region]) -> Mapping[str, tuple[Region, ...]]:
    rows: dict[str, list[Region]] = {}
    for region in regions:
        rows.setdefault(region.code, []).append(region)
    return {code: tuple(sorted(group, key=_age)) for code, group in sorted(rows.items())}


def _age(row: Region) -> tuple[date, date, str, str]:
    return (row.from_day or date.min, row.until or date.max, row.parent or "", row.name or "")


def contradicting(rows: Iterable[Region]) -> tuple[Region, ...]:
    """Those of one code's rows that name different parents on the same days; none of them may be used."""
    rows = tuple(rows)
    return tuple(row for row in rows if any(other.parent != row.parent and _same_days(row, other) for other in rows))


def _same_days(one: Region, other: Region) -> bool:
    first = max(row.from_day or date.min for row in (one, other))
    return first < min(row.until or date.max for row in (one, other))


def _as_rows(
    rows: Mapping[str, tuple[Region, ...]] | Iterable[Region],
) -> Mapping[str, tuple[Region, ...]]:
    return rows if isinstance(rows, Mapping) else _grouped(rows)


@frozen
class Regions:
    """The regions table, by code; a six-digit code that is not in it climbs by its digits, as GB/T 2260 has them.

    Raises `RecordError` where rows of one code name different parents on the same days.
    """

    rows: Mapping[str, tuple[Region, ...]] = field(factory=dict, hash=False, converter=_as_rows)

    def __attrs_post_init__(self) -> None:
        """Refuse rows that contradict each other."""
        problems = [
            Problem("conflicting_versions", f"region {code!r} has different parents on the same days", Place(path=code))
            for code, rows in self.rows.items()
            if len(rows) > 1 and contradicting(rows)
        ]
        if problems:
            raise RecordError(problems)

    def on(self, code: str, day: date) -> Region | None:
        """The row valid on this day; else the newest row of the code; else none."""
        rows = self.rows.get(code)
        if not rows:
            return None
        return next((row for row in reversed(rows) if row.valid_on(day)), rows[-1])

    def climb(self, code: str, day: date) -> tuple[str, ...] | None:
        """The code itself and its ancestors up to the top, or `None` if the code is not known at all.

        A row without a parent is a top; so is a parent that is not in the table, and the last code before a circle.
        """
        path = [code]
        while True:
            row = self.on(path[-1], day)
            parent = row.parent if row is not None else _parent_by_digits(path[-1])
            if parent is None:
                return tuple(path) if row is not None or len(path) > 1 or _is_six_digits(code) else None
            if parent in path:
                return tuple(path)
            path.append(parent)


def _is_six_digits(code: str) -> bool:
    return len(code) == _CODE_LENGTH and code.isascii() and code.isdigit()


def _parent_by_digits(code: str) -> str | None:
    if not _is_six_digits(code) or code.endswith("0000"):
        return None
    return code[:2] + "0000" if code.endswith("00") else code[:4] + "00"


def _versions(party: Party | Iterable[Party]) -> tuple[Party, ...]:
    return (party,) if isinstance(party, Operator | Person) else _listed("party_versions", party)


def _as_events(events: Iterable[Event]) -> tuple[Event, ...]:
    return _listed("events", events)


def _as_regions(regions: Regions | Iterable[Region]) -> Regions:
    if isinstance(regions, Regions):
        return regions
    rows = _listed("regions", regions)
    if not all(isinstance(row, Region) for row in rows):
        hint = 'regions=[Region(code="310115", parent="310000")]'
        raise RecordError(Problem("bad_field", "the regions of a dossier are records of class Region", hint=hint))
    return Regions(rows)


def _listed(name: str, given: Iterable[AnyGiven] | None) -> tuple[AnyGiven, ...]:
    """What was given for an argument that takes several."""
    if given is None or not isinstance(given, Iterable):
        hint = f"{name}=[...]; if there are none, leave it out"
        raise RecordError(Problem("bad_field", f"{name} is {type(given).__name__}, not a list of records", hint=hint))
    return tuple(given)


def _as_coverage(coverage: Mapping[str, Coverage]) -> Mapping[str, Coverage]:
    for kind, since in coverage.items():
        if type(since) is not date and since != "absent":
            hint = 'give the first day that is complete, or "absent"'
            raise RecordError(Problem("bad_coverage", f"coverage of {in_words(kind)} is {in_words(since)}", hint=hint))
    return dict(coverage)


@frozen
class Dossier:
    """One party (信用档案) with all versions of all its events, and what the tables they come from cover.

    `coverage` says for a kind of event from which day on its table is complete, or that it is `"absent"`; a kind
    without an entry is complete. Raises `RecordError` where two versions share `recorded` and `revision` but differ,
    and where no version of an event names the party.
    """

    party_versions: tuple[Party, ...] = field(converter=_versions)
    events: tuple[Event, ...] = field(default=(), converter=_as_events)
    coverage: Mapping[str, Coverage] = field(factory=dict, converter=_as_coverage, hash=False)
    regions: Regions = field(factory=Regions, converter=_as_regions)

    def __attrs_post_init__(self) -> None:
        """Refuse an empty dossier, versions of several parties, and versions that contradict each other."""
        if not all(isinstance(version, Operator | Person) for version in self.party_versions):
            raise RecordError(Problem("bad_field", "a dossier is of an Operator or a Person, or of versions of one"))
        if len({version.id for version in self.party_versions}) != 1:
            raise RecordError(Problem("one_party", "a dossier holds the versions of exactly one party"))
        if not all(isinstance(event, Event) for event in self.events):
            raise RecordError(Problem("bad_field", "the events of a dossier are records such as Violation"))
        own, groups = self.id, self.by_id.values()
        strangers = [group for group in groups if group[0].party != own and all(one.party != own for one in group)]
        problems = [
            Problem(
                "unknown_party",
                f"{group[0].id!r} is an event of {group[0].party!r}, not of {own!r}",
                group[0].place,
            )
            for group in strangers
        ]
        problems += [
            Problem(
                "conflicting_versions",
                f"{record.id!r}: versions share recorded and revision but differ",
                record.place,
                "leave all but one out",
            )
            for group in (self.party_versions, *groups)
            if len(group) > 1
            for record in conflicting(group)
        ]
        if problems:
            raise RecordError(dict.fromkeys(problems))

    @property
    def id(self) -> str:
        """The party's id."""
        return self.party_versions[0].id

    @cached_property
    def by_id(self) -> Mapping[tuple[str, str], list[Event]]:
        """The versions of each event, by kind and id; found once."""
        groups: dict[tuple[str, str], list[Event]] = {}
        for event in self.events:
            key = (event.kind, event.id)
            if key in groups:
                groups[key].append(event)
            else:
                groups[key] = [event]
        return groups

    def with_event(self, event: Event) -> Dossier:
        """The dossier with one more version of an event, of which alone it is asked whether it may stand here.

        Raises `RecordError` where another version of the event shares its `recorded` and `revision` but differs, and
        where no version of it names the party.
        """
        key, version = (event.kind, event.id), version_key(event)
        others = self.by_id.get(key, ())
        if event.party != self.id or any(version_key(other) == version for other in others):
            Dossier(self.party_versions, (*others, event))  # says what is wrong, if anything is
        made = object.__new__(Dossier)
        parts = {
            "party_versions": self.party_versions,
            "events": (*self.events, event),
            "coverage": self.coverage,
            "regions": self.regions,
            "by_id": {**self.by_id, key: [*others, event]},
        }
        for name, part in parts.items():
            object.__setattr__(made, name, part)  # all parts but this event have been looked at already
        return made

    def party_on(self, known_at: date) -> Party:
        """The version of the party known on this day; raises `QuestionError` if nothing was known yet."""
        party = known(self.party_versions, known_at)
        if party is None:
            raise QuestionError(Problem("unknown_party", f"nothing was known of {self.id!r} on {known_at}"))
        return party

    def events_on(self, known_at: date) -> list[Event]:
        """The events known on this day that then belong to this party, withdrawn ones included, in no set order."""
        party = self.id
        result = []
        for versions in self.by_id.values():
            event = versions[0] if len(versions) == 1 and versions[0].recorded is None else known(versions, known_at)
            if event is not None and event.party == party:
                result.append(event)
        return result
