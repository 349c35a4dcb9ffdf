"""An input folder made into a store: read into parts, settled, spread over buckets, coded.

`prepare_store` is the story; `docs/reference/store.md` says what comes out.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl
from attrs import evolve

from credit_engine.dossiers import Regions
from credit_engine.errors import OutputError, Place, Problem
from credit_engine.files.entries import InputMapping
from credit_engine.files.finding import files_to_read
from credit_engine.files.replacing import MANIFEST, open_for_writing, write_folder
from credit_engine.files.results import account_of, made_by
from credit_engine.files.shapes import PARTY_TABLES, FieldTypes, shapes
from credit_engine.files.store_account import Account
from credit_engine.files.store_coding import Facts, code_bucket
from credit_engine.files.store_frames import write_frame
from credit_engine.files.store_gathering import Gathered, gather_folder
from credit_engine.files.store_layout import (
    CELLS,
    CODE,
    FORMAT,
    MOVED,
    PARTY_IDS,
    READ,
    REGIONS,
    REJECTS,
    RELATIONS,
    STORE,
    bucket_name,
    bucket_size,
    declared_columns,
    ordinal,
)
from credit_engine.files.store_mapping import gather_mapped
from credit_engine.files.store_numbers import Numbers
from credit_engine.files.store_of_records import gather_input
from credit_engine.files.store_settling import Standing
from credit_engine.files.store_spreading import PARTY, Spread, complete, how_many_buckets, spread
from credit_engine.files.store_values import cell_type
from credit_engine.files.tables import read_folder
from credit_engine.files.tasks import Each, one_by_one

_WORK = "work"
REGION = shapes({}, ())["regions"]


def prepare_store(
    folder: Path | str,
    out: Path | str,
    field_types: FieldTypes,
    kinds: Collection[str],
    mapping: InputMapping | None = None,
    *,
    relation_kinds: Collection[str] | None = None,
    buckets: int | None = None,
    each: Each = one_by_one,
) -> Account:
    """Prepare an input folder (see `read_folder`) as a store in `out`; the account of what was read.

    A file that has not changed since the store in `out` was made is not read again. `buckets`: into how many parts
    the parties are divided (default: as many as keep a part within memory). `each`: who reads the files and codes the
    buckets. Raises `InputError`, `OutputError`.
    """
    if buckets is not None and buckets < 1:
        raise OutputError(Problem("bad_buckets", f"{buckets} buckets", Place(str(out)), "give a number from 1"))
    tables = shapes(field_types, kinds)
    accounts: list[Account] = []

    def write(place: Path) -> None:
        found = files_to_read(Path(folder), tables, mapping)
        kinds_there = None if relation_kinds is None else frozenset(relation_kinds)
        mapped = (
            None
            if mapping is None
            else gather_mapped(Path(folder), *found, tables, mapping, kinds_there, place / _WORK)
        )
        if mapped is not None:
            gathered = mapped
        elif mapping is not None or not all(found[0].values()):
            read = read_folder(folder, field_types, kinds, mapping, relation_kinds)
            gathered = gather_input(read, tables, place / _WORK)
        else:
            entries = {name: entry for name, ((_position, entry),) in found[0].items()}
            gathered = gather_folder(Path(folder), entries, tables, kinds_there, place / READ, Path(out) / READ, each)
            gathered = evolve(gathered, account=evolve(gathered.account, ignored=found[1]))
        accounts.append(gathered.account)
        about = _write(gathered, place, buckets, each)
        manifest = {
            "credit_engine": STORE,
            **made_by(),
            **account_of(gathered.account),
            "declared": declared_columns(tables),
            "store": {"format": FORMAT, **about},
        }
        with open_for_writing(place / MANIFEST) as stream:
            text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
            stream.write(f"{text}\n".encode())

    write_folder(out, STORE, write)
    return accounts[0]


def _write(gathered: Gathered, place: Path, asked: int | None, each: Each) -> Mapping[str, object]:
    """Write everything but the manifest; what this has to say of it."""
    work = place / _WORK / "rows"
    work.mkdir(parents=True)
    of_events = [each.parts for each in gathered.tables if each.shape.is_event]
    buckets = asked or how_many_buckets(sum(parts.read - parts.rejected for parts in of_events))
    party_ids, numbers = gathered.party_ids, Numbers(gathered.party_ids)
    write_frame(party_ids.to_frame("id"), place / PARTY_IDS)
    write_frame(gathered.rejects, place / REJECTS)
    write_frame(_regions(gathered.regions), place / REGIONS)
    write_frame(_moved(gathered, numbers), place / MOVED)
    rows: Counter[str] = Counter()
    facts: list[Mapping[str, Facts]] = []
    if gathered.relations is not None:
        relations = _relations(gathered.relations, numbers)
        rows["relations"] = len(relations)
        write_frame(relations, place / RELATIONS)
    tables = [spread(one, len(party_ids), buckets, work) for one in gathered.tables]
    size = bucket_size(len(party_ids), buckets)
    jobs = [
        _Bucket(
            [one[bucket] for one in tables if bucket in one],
            party_ids.slice(bucket * size, size),
            bucket * size,
            place / bucket_name(bucket),
        )
        for bucket in range(buckets)
    ]
    for job, found in zip(jobs, (each if buckets > 1 else one_by_one)(_code, jobs), strict=True):
        rows.update({table: columns["#"][0] or 0 for table, columns in found.items()})
        facts.append({table: columns for table, columns in found.items() if table not in PARTY_TABLES})
        for path in (path for one in job.tables if one.standing is None for path in one.paths):
            path.unlink()
    shutil.rmtree(place / _WORK)
    return {
        "buckets": buckets,
        "facts": facts,
        "parties": len(party_ids),
        "rows": dict(rows),
        "tables": {one.shape.table: one.parts.table.path.name for one in gathered.tables},
    }


class _Bucket(NamedTuple):
    """A bucket to be coded into a folder: its rows, its parties, and the number of the first of them."""

    tables: Sequence[Spread]
    party_ids: pl.Series
    first: int
    folder: Path


def _code(bucket: _Bucket) -> Mapping[str, Facts]:
    return code_bucket(*bucket)


def _regions(regions: Regions) -> pl.DataFrame:
    columns = {name: CELLS[cell_type(type_)] for name, type_ in REGION.columns.items()}
    rows = [tuple(REGION.cells(row).values()) for _code, group in sorted(regions.rows.items()) for row in group]
    return pl.DataFrame(rows, schema=columns, orient="row")


def _relations(standing: Standing, numbers: Numbers) -> pl.DataFrame:
    """The relations with the numbers of both parties, by id and version."""
    rows = complete(standing)
    found = rows.select(
        "id",
        "kind",
        pl.col(PARTY).alias("source"),
        numbers.of(rows.get_column("target")).alias("target"),
        "share",
        "share_max",
        ordinal(pl.col("since")),
        ordinal(pl.col("until")),
        "document",
        ordinal(pl.col("recorded")),
        "revision",
        "known_from",
        "known_until",
        "from_file",
        "from_record",
    )
    return found.sort("id", "known_from", "revision")


def _moved(gathered: Gathered, numbers: Numbers) -> pl.DataFrame:
    """The events whose versions name several parties: each such party with the number of each other one."""
    schema = {"kind": pl.String(), "id": pl.String(), "party": CODE, "elsewhere": CODE}
    found = [pl.DataFrame(schema=schema)]
    for each in gathered.tables:
        rows = each.moved.select("id", numbers.of(each.moved.get_column("party")).alias("party"))
        pairs = rows.join(rows.rename({"party": "elsewhere"}), on="id").filter(pl.col("party") != pl.col("elsewhere"))
        found.append(pairs.select(pl.lit(each.shape.table).alias("kind"), "id", "party", "elsewhere"))
    return pl.concat(found).sort("kind", "party", "id", "elsewhere")
