"""What an input folder says: the records by party, and an account of every row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from attrs import field, frozen

from credit_engine.dossiers import Coverage, Dossier, Regions
from credit_engine.errors import Problem, QuestionError
from credit_engine.files.recording import Reject
from credit_engine.policy.places import did_you_mean
from credit_engine.records import Event, Party, Relation

_NO_EVENTS: tuple[Event, ...] = ()
_MOST_TO_COMPARE = 10_000


@frozen
class TableCount:
    """What became of the rows of one file in one table: `read = accepted + rejected + skipped`.

    `duplicates` of the accepted rows repeat another one and count once. `reasons`: of the skipped ones.
    """

    file: str
    table: str
    read: int
    accepted: int
    rejected: int
    skipped: int = 0
    duplicates: int = 0
    reasons: Mapping[str, int] = field(default=MappingProxyType({}), hash=False)


@frozen
class Input:
    """Everything an input folder says, by party, and what could not be used.

    `hashes`: SHA-256 of each file; `flags`: how often each soft check of an identifier failed; `without_recorded`:
    versions known from always; `ignored`: files that are tables, but of no name that the policy knows;
    `columns_not_read`: by file, columns that `coverage.yaml` announces and the policy does not declare.
    """

    parties: Mapping[str, tuple[Party, ...]] = field(hash=False)
    regions: Regions
    relations: tuple[Relation, ...]
    events: Mapping[str, tuple[Event, ...]] = field(hash=False)
    coverage: Mapping[str, Coverage] = field(hash=False)
    rejects: tuple[Reject, ...]
    counts: tuple[TableCount, ...]
    hashes: Mapping[str, str] = field(hash=False)
    flags: Mapping[str, int] = field(hash=False)
    without_recorded: int
    ignored: tuple[str, ...] = ()
    mapping: str = ""
    columns_not_read: Mapping[str, tuple[str, ...]] = field(factory=dict, hash=False)

    def dossier(self, party: str) -> Dossier:
        """The dossier of one party; raises `QuestionError` if there is none of this id."""
        if party not in self.parties:
            hint = did_you_mean(party, self.parties) if len(self.parties) <= _MOST_TO_COMPARE else ""
            raise QuestionError(Problem("unknown_party", f"no operator or person has the id {party!r}", hint=hint))
        return Dossier(self.parties[party], self.events.get(party, _NO_EVENTS), self.coverage, self.regions)


def dossiers(read: Input) -> Iterator[Dossier]:
    """The dossier of every party, in the order of their ids by code point."""
    for party in read.parties:
        yield read.dossier(party)
