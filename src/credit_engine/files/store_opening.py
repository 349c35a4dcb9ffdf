"""A prepared store opened: its account, its regions and parties, and where its buckets are."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
from attrs import field, frozen

from credit_engine.dossiers import Coverage, Regions
from credit_engine.errors import InputError, Place, Problem
from credit_engine.files.input import TableCount
from credit_engine.files.replacing import manifest_in
from credit_engine.files.shapes import FieldTypes, Shape, shapes
from credit_engine.files.store_account import Account, first_of
from credit_engine.files.store_frames import read_frame
from credit_engine.files.store_layout import (
    FORMAT,
    PARTY_IDS,
    REGIONS,
    REJECTS,
    RELATION_COLUMNS,
    RELATIONS,
    STORE,
    TEXTS,
    bucket_name,
    bucket_size,
    declared_columns,
)
from credit_engine.records import Region


@frozen(eq=False)
class Store:
    """A store on disk. `tables`: every table there may be; `rows`: how many each of those that are there has.

    `facts`: of each bucket, by kind of event and column: empty cells, least, greatest value (`#`: the number of rows).
    """

    path: Path
    tables: Mapping[str, Shape]
    bucket_count: int
    rows: Mapping[str, int]
    facts: Sequence[Mapping[str, Mapping[str, Sequence[int | None]]]]
    account: Account
    regions: Regions
    _texts: dict[int, pl.Series] = field(factory=dict, init=False)

    @property
    def coverage(self) -> Mapping[str, Coverage]:
        """What the tables cover, as `Input` says it."""
        return self.account.coverage

    @property
    def names(self) -> tuple[str, ...]:
        """The folders of the buckets."""
        return tuple(bucket_name(bucket) for bucket in range(self.bucket_count))

    @cached_property
    def party_ids(self) -> pl.Series:
        """The ids of all parties in code-point order; the number of a party is its place."""
        return read_frame(self.path / PARTY_IDS).to_series()

    def bucket_of(self, number: int) -> int:
        """The bucket of a party."""
        return number // bucket_size(len(self.party_ids), self.bucket_count)

    def parties_of(self, bucket: int) -> pl.Series:
        """The ids of the parties of a bucket, in order."""
        size = bucket_size(len(self.party_ids), self.bucket_count)
        return self.party_ids.slice(bucket * size, size)

    def rejects(self) -> pl.DataFrame:
        """The rows of the input that were not used, by file and record."""
        return read_frame(self.path / REJECTS)

    def relations(self) -> pl.DataFrame:
        """The relations between parties as they stand there; no rows where there are none."""
        path = self.path / RELATIONS
        return read_frame(path) if path.exists() else pl.DataFrame(schema=RELATION_COLUMNS)

    def number(self, party: str) -> int | None:
        """The number of a party, or none."""
        place = bisect_left(self.party_ids, party)
        return place if place < len(self.party_ids) and self.party_ids[place] == party else None

    def file(self, bucket: int, name: str) -> Path:
        """A file of a bucket."""
        return self.path / bucket_name(bucket) / name

    def has(self, bucket: int, kind: str) -> bool:
        """Whether a bucket has events of a kind."""
        return kind in self.facts[bucket]

    def texts(self, bucket: int) -> pl.Series:
        """The dictionary of a bucket; that of the bucket asked last is kept."""
        if bucket not in self._texts:
            self._texts.clear()
            self._texts[bucket] = read_frame(self.file(bucket, TEXTS)).to_series()
        return self._texts[bucket]


def open_store(folder: Path | str, field_types: FieldTypes, kinds: Collection[str]) -> Store:
    """Open a store for a policy with these fields and kinds. Raises `InputError` where it has to be prepared again."""
    folder = Path(folder)
    manifest: Any = manifest_in(folder)  # Any: JSON
    if manifest is None or manifest["credit_engine"] != STORE:
        hint = "prepare the input folder first"
        raise InputError(Problem("no_store", "the folder is no prepared store", Place(str(folder)), hint))
    tables = shapes(field_types, kinds)
    found = manifest.get("store", {})
    if found.get("format") != FORMAT:
        message = "the store was prepared by another version of this library"
        raise InputError(Problem("other_format", message, Place(str(folder)), "prepare it again"))
    _check_declared(folder, manifest, declared_columns(tables))
    return Store(
        folder, tables, found["buckets"], found["rows"], found["facts"], _account(folder, manifest), _regions(folder)
    )


# Any is what JSON holds
def _check_declared(folder: Path, manifest: Mapping[str, Any], declared: Mapping[str, Mapping[str, str]]) -> None:
    """A store knows the fields that it was prepared for; others would read as unknown, so it has to be made anew."""
    had = manifest.get("declared", {})
    if had != declared:
        differ = sorted(table for table in {*had, *declared} if had.get(table) != declared.get(table))
        message = f"the store was prepared for other declared fields of {', '.join(differ)}"
        raise InputError(Problem("other_fields", message, Place(str(folder)), "prepare it again under this policy"))


def _account(folder: Path, manifest: Mapping[str, Any]) -> Account:  # Any: JSON
    said = manifest["input"]
    return Account(
        coverage={kind: _covered(text) for kind, text in said["coverage"].items()},
        rejects=said["rejects"],
        first_rejects=first_of(read_frame(folder / REJECTS)) if said["rejects"] else (),
        counts=tuple(TableCount(**count) for count in said["counts"]),
        hashes=said["hashes"],
        flags=said["flags"],
        without_recorded=said["without_recorded"],
        ignored=tuple(said["ignored"]),
        mapping=said["mapping"],
        columns_not_read={file: tuple(names) for file, names in said["columns_not_read"].items()},
    )


def _covered(text: str) -> Any:  # Any: a day or the word absent
    return text if text == "absent" else date.fromisoformat(text)


def _regions(folder: Path) -> Regions:
    rows = read_frame(folder / REGIONS).rename({"from": "from_day"}).iter_rows(named=True)
    return Regions(tuple(Region(**row) for row in rows))
