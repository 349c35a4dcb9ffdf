"""The account of a preparation: what was read, used and not used, without the records themselves."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import polars as pl
from attrs import field, frozen

from credit_engine.dossiers import Coverage, Regions
from credit_engine.files.input import TableCount
from credit_engine.files.recording import Reject
from credit_engine.files.store_layout import REJECT_COLUMNS
from credit_engine.files.store_settling import Standing
from credit_engine.files.tables import operator_flags
from credit_engine.records import Operator

MOST_REJECTS = 20


@frozen
class Account:
    """What became of the rows of an input folder; fields as of `Input`, but `rejects` is their number.

    `first_rejects`: the first of them.
    """

    coverage: Mapping[str, Coverage] = field(hash=False)
    rejects: int
    first_rejects: tuple[Reject, ...]
    counts: tuple[TableCount, ...]
    hashes: Mapping[str, str] = field(hash=False)
    flags: Mapping[str, int] = field(hash=False)
    without_recorded: int
    ignored: tuple[str, ...] = ()
    mapping: str = ""
    columns_not_read: Mapping[str, tuple[str, ...]] = field(factory=dict, hash=False)


# What turns the cell of a column that is checked softly into an operator that has nothing else.
_CHECKED: Mapping[str, Callable[[str], Operator]] = {
    "credit_code": lambda cell: Operator(id="-", credit_code=cell),
    "licences": lambda cell: Operator(id="-", licences=tuple(json.loads(cell))),
    "region": lambda cell: Operator(id="-", region=cell),
}


def in_order(rejects: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """All rejects by file, record, table, code and message."""
    every = pl.concat([pl.DataFrame(schema=dict(REJECT_COLUMNS)), *rejects])
    return every.sort(list(REJECT_COLUMNS))


def first_of(rejects: pl.DataFrame, most: int = MOST_REJECTS) -> tuple[Reject, ...]:
    """The first rejects as records."""
    return tuple(
        Reject(row["file"], row["record"], row["code"], row["message"], row["table"])
        for row in rejects.head(most).iter_rows(named=True)
    )


def count_of(standing: Standing) -> TableCount:
    """What became of the rows of one table."""
    parts = standing.parts
    rejected = parts.rejected + len(standing.rejects)
    return TableCount(
        file=parts.table.path.name,
        table=parts.table.shape.table,
        read=parts.read,
        accepted=parts.read - rejected,
        rejected=rejected,
        duplicates=standing.duplicates,
    )


def without_recorded(tables: Sequence[Standing]) -> int:
    """How many versions are known from always."""
    counts = (
        each.rows().select(pl.col("recorded").is_null().sum()).collect(engine="streaming").item() for each in tables
    )
    return sum(counts)


def flags(operators: Standing | None, regions: Regions) -> Mapping[str, int]:
    """How often each soft check failed, over all versions of operators: each distinct value is checked once."""
    found: Counter[str] = Counter()
    if operators is None:
        return found
    for name, operator_of in _CHECKED.items():
        distinct = operators.rows().filter(pl.col(name).is_not_null()).group_by(name).len()
        for value, count in distinct.collect(engine="streaming").iter_rows():
            for code in operator_flags(operator_of(value), regions):
                found[code] += count
    return dict(sorted(found.items()))
