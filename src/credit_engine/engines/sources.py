"""Where the records of a run come from: an input that was read whole, or one bucket of a prepared store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from attrs import define, field, frozen

from credit_engine.dossiers import Dossier
from credit_engine.files.input import Input
from credit_engine.policy.plan import Plan

if TYPE_CHECKING:
    from credit_engine.engines.columns.prepared import Prepared
    from credit_engine.engines.columns.relating import Linked
    from credit_engine.files.store_opening import Store

_AT_ONCE = 2_000  # dossiers read from a bucket together


class Source(Protocol):
    """The records of some parties: as columns for everybody, as a dossier for one."""

    def columns(self) -> Prepared:
        """The records as the columns engine needs them."""

    def expect(self, parties: Sequence[str]) -> None:
        """Say whose dossiers will be asked for, in order."""

    def dossier(self, party: str) -> Dossier:
        """One party's dossier. Raises `QuestionError` if there is no such party."""


@runtime_checkable
class WholeSource(Source, Protocol):
    """All parties with the relations between them, so that effects of affiliates can be looked for."""

    def links(self, store: Prepared) -> Linked:
        """The relations between the parties of `store`, which are these records in columns."""

    def records(self) -> Input:
        """Everything as records."""


@frozen
class FolderSource:
    """An input that was read whole."""

    read: Input
    plan: Plan

    def records(self) -> Input:
        """As they were read."""
        return self.read

    def columns(self) -> Prepared:
        """Made from the records."""
        from credit_engine.engines.columns.prepared import prepared  # noqa: PLC0415  # polars: the plain engine has no need of it

        return prepared(self.read, self.plan)

    def links(self, store: Prepared) -> Linked:
        """Made from the records."""
        from credit_engine.engines.columns.relating import linked, operators, relation_frame  # noqa: PLC0415  # as above

        return linked(relation_frame(self.read.relations), store.party_ids, operators(store))

    def expect(self, parties: Sequence[str]) -> None:
        """All dossiers are there."""

    def dossier(self, party: str) -> Dossier:
        """Out of the records."""
        return self.read.dossier(party)


@define
class BucketSource:
    """One bucket of a prepared store: columns are scanned, dossiers read some at a time.

    `among`: of columns only the parties with numbers from the first to before the second.
    """

    store: Store
    bucket: int
    plan: Plan
    among: tuple[int, int] | None = None
    _waiting: Iterator[str] = field(factory=lambda: iter(()), init=False)
    _ready: dict[str, Dossier] = field(factory=dict, init=False)

    def columns(self) -> Prepared:
        """Scanned when they are asked for."""
        from credit_engine.engines.columns.narrowed import narrowed  # noqa: PLC0415
        from credit_engine.engines.columns.opened import columns_of  # noqa: PLC0415  # as above

        found = columns_of(self.store, [self.bucket])
        return found if self.among is None else narrowed(found, *self.among)

    def expect(self, parties: Sequence[str]) -> None:
        """Dossiers are read in this order."""
        self._waiting = iter(dict.fromkeys(parties))

    def dossier(self, party: str) -> Dossier:
        """Out of those read together with those expected next."""
        from credit_engine.files.store_dossiers import dossiers_from  # noqa: PLC0415  # as above

        if party not in self._ready:
            together = list(dict.fromkeys([party, *islice(self._waiting, _AT_ONCE)]))
            self._ready = dict(zip(together, dossiers_from(self.store, together), strict=True))
        return self._ready[party]


@define
class StoreSource(BucketSource):
    """All buckets of a prepared store at once, with the relations between parties."""

    bucket: int = field(default=0, init=False)
    _records: Input | None = field(default=None, init=False)

    def columns(self) -> Prepared:
        """Scanned when they are asked for."""
        from credit_engine.engines.columns.opened import columns_of  # noqa: PLC0415  # as above

        return columns_of(self.store)

    def links(self, store: Prepared) -> Linked:
        """As they stand in the store."""
        from credit_engine.engines.columns.relating import of_versions, operators  # noqa: PLC0415  # as above

        return of_versions(self.store.relations(), store.party_ids, operators(store))

    def records(self) -> Input:
        """Read back, once."""
        from credit_engine.files.store_dossiers import input_from  # noqa: PLC0415  # as above

        if self._records is None:
            self._records = input_from(self.store)
        return self._records
