"""Standing rows by bucket: each column of a table apart, with the number of its party and the days it is known.

A store of one bucket reads the columns from the parts as they are. For several buckets the rows are first written
apart, a few parts at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl
from attrs import frozen

from credit_engine.files.shapes import Shape
from credit_engine.files.store_frames import write_frame
from credit_engine.files.store_layout import AT, CODE, DAY, LAST_DAY, NUMBER, bucket_size, part_schema
from credit_engine.files.store_settling import Standing, known_from
from credit_engine.files.store_values import DEFAULTS

ROWS_IN_A_BUCKET = 12_500_000
PARTY = "#party"  # the column with the number of a row's party
_BUCKET = "#bucket"
_KNOWN = ("known_from", "known_until")
_PARTS_AT_ONCE = 8


def how_many_buckets(rows: int) -> int:
    """So many that a bucket fits into memory with all that is made of it."""
    return max(1, -(-rows // ROWS_IN_A_BUCKET))


@frozen(eq=False)
class Spread:
    """The rows of one table in one bucket, in some files. `standing`: what is still to be worked out of them.

    `constants`: columns that say the same in every row.
    """

    shape: Shape
    paths: Sequence[Path]
    standing: Standing | None
    constants: Mapping[str, str | int]

    @property
    def names(self) -> frozenset[str]:
        """The columns of the table that are there."""
        return frozenset(pl.read_parquet_schema(self.paths[0])) | {"from_record", *self.constants}

    def column(self, name: str) -> pl.Series:
        """One column in one piece, in the order of the rows; none of the constants."""
        if self.standing is None:
            rows = pl.scan_parquet(list(self.paths), glob=False, hive_partitioning=False)
            return rows.select(name).collect().to_series().rechunk()
        if name == PARTY and not len(self.standing.dropped):
            return self.standing.parties.rechunk().alias(PARTY)
        return _made(self.standing, self.paths, [name]).to_series().rechunk()


def spread(standing: Standing, parties: int, buckets: int, folder: Path) -> Mapping[int, Spread]:
    """The rows of a table by bucket; those of several are written into `folder`. A bucket without rows has none.

    `parties`: how many there are.
    """
    shape, paths = standing.shape, standing.parts.parts
    if len(standing.parties) <= len(standing.dropped):
        return {}
    constants = _constants(standing)
    if buckets == 1:
        return {0: Spread(shape, paths, standing, constants)}
    size = bucket_size(parties, buckets)
    found: dict[int, list[Path]] = {}
    for place, rows in enumerate(_batches(standing)):
        numbered = rows.drop(constants).with_columns((pl.col(PARTY) // size).alias(_BUCKET))
        for (bucket,), here in numbered.partition_by(_BUCKET, include_key=False, as_dict=True).items():
            path = folder / f"{shape.table}-{bucket}-{place}.parquet"
            write_frame(here, path)
            found.setdefault(int(bucket), []).append(path)
    return {bucket: Spread(shape, written, None, constants) for bucket, written in found.items()}


def _constants(standing: Standing) -> Mapping[str, str | int]:
    made = {"from_file": standing.parts.table.path.name, **DEFAULTS}
    absent = set(part_schema(standing.shape)) - set(pl.read_parquet_schema(standing.parts.parts[0]))
    return {name: value for name, value in made.items() if name in absent}


def _batches(standing: Standing) -> Iterator[pl.DataFrame]:
    paths, start = standing.parts.parts, 0
    for first in range(0, len(paths), _PARTS_AT_ONCE):
        some = paths[first : first + _PARTS_AT_ONCE]
        rows = _made(standing, some, None, start)
        start += int(pl.scan_parquet(some, glob=False, hive_partitioning=False).select(pl.len()).collect().item())
        yield rows


def complete(standing: Standing) -> pl.DataFrame:
    """All rows of a table that stand, with every column."""
    if not standing.parts.parts:
        return pl.DataFrame(schema={**part_schema(standing.shape), PARTY: CODE, **dict.fromkeys(_KNOWN, DAY)})
    rows = _made(standing, standing.parts.parts, None)
    missing = {name: dtype for name, dtype in part_schema(standing.shape).items() if name not in rows.columns}
    return rows.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in missing.items())


def _made(standing: Standing, paths: Sequence[Path], names: Sequence[str] | None, start: int = 0) -> pl.DataFrame:
    """Columns (all if not said) of the rows of some parts that stand; the first of these rows has the place `start`."""
    schema = part_schema(standing.shape)
    there = set(pl.read_parquet_schema(paths[0]))
    wanted = names or [*there, PARTY, *_KNOWN, "from_file", "from_record", *(set(DEFAULTS) & set(schema))]
    wanted = list(dict.fromkeys(wanted))
    needed = {*there.intersection(wanted), *(there & {"recorded"} if "known_from" in wanted else ())}
    numbers = {AT, "known_until", "from_record"}.intersection(wanted)
    needed |= {AT} if numbers or len(standing.dropped) or not needed else set()
    rows = pl.scan_parquet(list(paths), glob=False, hive_partitioning=False).select(sorted(needed)).collect()
    rows = rows.with_columns(
        pl.lit(None, schema[name]).alias(name) for name in {"recorded", *wanted} & set(schema) - there
    )
    if PARTY in wanted:
        rows = rows.with_columns(standing.parties.slice(start, len(rows)).alias(PARTY))
    if "known_until" in wanted:
        rows = rows.with_columns(_known_until(rows.get_column(AT), standing.until))
    if len(standing.dropped):
        rows = rows.filter(_is_in(rows.get_column(AT), standing.dropped.get_column(AT)).not_())
    filled = [pl.col(name).fill_null(value) for name, value in DEFAULTS.items() if name in wanted]
    if "known_from" in wanted:
        filled.append(known_from().cast(DAY))
    if "from_file" in wanted:
        filled.append(pl.col("from_file").fill_null(pl.lit(standing.parts.table.path.name)))
    if "from_record" in wanted:
        filled.append(pl.col("from_record").fill_null(pl.col(AT)).cast(NUMBER))
    return rows.with_columns(filled).select(wanted)


def _known_until(numbers: pl.Series, until: pl.DataFrame) -> pl.Series:
    days = pl.Series("known_until", [LAST_DAY + 1], DAY).new_from_index(0, len(numbers))
    here = until.filter(_is_in(until.get_column(AT), numbers)).sort(AT)
    return (
        days.scatter(numbers.search_sorted(here.get_column(AT)), here.get_column("known_until")) if len(here) else days
    )


def _is_in(numbers: pl.Series, others: pl.Series) -> pl.Series:
    return numbers.is_in(others.implode())
