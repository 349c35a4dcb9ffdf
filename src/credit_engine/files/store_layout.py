"""What a prepared store consists of: names of files and columns, and how the cells of a type stand there.

A store has one folder for each bucket of parties; `docs/reference/store.md` says what is in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from credit_engine.files.shapes import ORIGIN, PARTY_TABLES, Shape
from credit_engine.files.store_values import cell_type
from credit_engine.quantities import FieldType

STORE = "store"
FORMAT = 2  # raised whenever an older store can no longer be read
PARTY_IDS, REGIONS, RELATIONS, REJECTS, MOVED = (
    f"{name}.parquet" for name in ("party_ids", "regions", "relations", "rejects", "moved")
)
TEXTS, PARTIES = "texts.parquet", "parties.parquet"
READ = "read"  # the folder of what was read of each file
AT = "#"  # the column with the number of a record in its file; no field can be called so
EPOCH, FIRST_DAY, LAST_DAY = 719_163, 1, 3_652_059  # ordinals of 1970-01-01, 0001-01-01, 9999-12-31
CODE, DAY, NUMBER = pl.UInt32(), pl.Int32(), pl.Int64()
CELLS: Mapping[str, pl.DataType] = {"text": pl.String(), "int": NUMBER, "date": pl.Date(), "bool": pl.Boolean()}
REJECT_COLUMNS: Mapping[str, pl.DataType] = {
    "file": pl.String(),
    "record": NUMBER,
    "table": pl.String(),
    "code": pl.String(),
    "message": pl.String(),
}
RELATION_COLUMNS: Mapping[str, pl.DataType] = {
    "id": pl.String(),
    "kind": pl.String(),
    "source": CODE,
    "target": CODE,
    "share": pl.String(),
    "share_max": pl.String(),
    "since": DAY,
    "until": DAY,
    "document": pl.String(),
    "recorded": DAY,
    "revision": NUMBER,
    "known_from": DAY,
    "known_until": DAY,
    "from_file": pl.String(),
    "from_record": NUMBER,
}


def bucket_size(parties: int, buckets: int) -> int:
    """How many parties a bucket has, but the last ones: bucket 0 the first so many in their order, and so on.

    Numbers of parties are dense, so that ranges of them are as even as a hash would make them; and what is judged
    bucket by bucket is in order.
    """
    return max(-(-parties // buckets), 1)


def bucket_name(bucket: int) -> str:
    """The folder of a bucket."""
    return f"bucket-{bucket:03d}"


def part_schema(shape: Shape) -> Mapping[str, pl.DataType]:
    """The columns of accepted rows before they are coded: the number of the record, where it came from, the cells."""
    columns = {AT: NUMBER, **{name: CELLS[cell_type(type_)] for name, type_ in ORIGIN.items()}}
    return columns | {name: CELLS[cell_type(type_)] for name, type_ in shape.columns.items()}


def prefix_of(shape: Shape) -> str:
    """What stands before the names of a table's own columns in a bucket: `o.` of parties, `e.` of events."""
    return "o." if shape.table in PARTY_TABLES else "e."


def coded_name(shape: Shape, name: str, type_: FieldType) -> str:
    """The name of a coded column: `r.` before what only records need, as shares, or records in lists."""
    aside = type_.name == "share" or (type_.of is not None and type_.of.name != "text")
    return f"r.{name}" if aside else f"{prefix_of(shape)}{name}"


def coded_dtype(type_: FieldType) -> pl.DataType:
    """The type of a coded column."""
    if type_.name == "date":
        return DAY
    if type_.of is not None and type_.of.name == "text":
        return pl.List(CODE)
    return {"int": NUMBER, "bool": pl.Boolean()}.get(cell_type(type_), CODE)


def flag_names(shape: Shape, name: str, type_: FieldType) -> Mapping[str, str]:
    """The truth columns of a set with a closed list of codes: code to column."""
    if type_.name != "set" or type_.of is None or type_.of.name != "text":
        return {}
    return {code: f"{prefix_of(shape)}{name}.{code}" for code in type_.of.codes}


def ordinal(days: pl.Expr) -> pl.Expr:
    """Days as whole numbers, as `date.toordinal` counts them."""
    return days.cast(DAY) + EPOCH


def declared_columns(tables: Mapping[str, Shape]) -> Mapping[str, Mapping[str, str]]:
    """The declared columns of each table, with their types as text."""
    return {table: {name: str(type_) for name, type_ in shape.declared.items()} for table, shape in tables.items()}


def scan(paths: Sequence[Path], schema: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    """The rows of several Parquet files of one file in order, with all columns; those that it had not are empty."""
    if not paths:
        return pl.LazyFrame(schema=dict(schema))
    rows = pl.scan_parquet(list(paths), glob=False, hive_partitioning=False)
    there = set(rows.collect_schema())
    return rows.select(
        pl.col(name) if name in there else pl.lit(None, dtype).alias(name) for name, dtype in schema.items()
    )
