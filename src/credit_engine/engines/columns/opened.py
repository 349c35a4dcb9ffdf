"""A prepared store as the kernel needs it: its buckets scanned lazily, with the codes that are written there.

Codes are those of one bucket's dictionary. Where several buckets are opened at once, their dictionaries are merged and
codes are looked up anew; `order` is shifted, so that it stays unique within a kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
from attrs import frozen

from credit_engine.days import CalendarWindow, Period
from credit_engine.engines.columns.prepared import Facts, Prepared, is_read, no_events
from credit_engine.engines.columns.shapes import CODE, DAY, NUMBER, fixed
from credit_engine.errors import Place, Problem, QuestionError
from credit_engine.files.shapes import PARTY_TABLES, Shape
from credit_engine.files.store_frames import read_frame
from credit_engine.files.store_layout import PARTIES, TEXTS, coded_dtype, coded_name, flag_names
from credit_engine.files.store_opening import Store, open_store
from credit_engine.policy.plan import Plan
from credit_engine.quantities import FieldType

_CODED = frozenset({"text", "party", "set", "list"})
_KNOWN: Mapping[str, pl.DataType] = {"party": CODE, "known_from": DAY, "known_until": DAY}


@frozen(eq=False)
class _Bucket:
    """A bucket: its dictionary, its codes in the common one (none: they are the same), and the shift of `order`."""

    store: Store
    number: int
    texts: pl.Series
    codes: pl.Series | None
    shift: int


@frozen(eq=False)
class _Column:
    """A column of a table: its name in the store, its type, and the columns of its codes if it is a closed set."""

    name: str
    type_: FieldType
    flags: tuple[str, ...]


def prepared_from_store(path: Path | str, plan: Plan, buckets: Sequence[int] | None = None) -> Prepared:
    """The records of a store, or of some of its buckets, in columns; only dictionaries are read yet.

    Raises `InputError` where the store has to be prepared again, `QuestionError` for a bucket that there is not.
    """
    return columns_of(open_store(path, plan.field_types, tuple(plan.kinds)), buckets)


def columns_of(store: Store, buckets: Sequence[int] | None = None) -> Prepared:
    """The same of a store that was opened. Raises `QuestionError` for a bucket that there is not."""
    numbers = range(store.bucket_count) if buckets is None else sorted(set(buckets))
    wrong = [number for number in numbers if not 0 <= number < store.bucket_count]
    if wrong or not numbers:
        message = f"the store has {store.bucket_count} buckets; asked for: {', '.join(map(str, wrong)) or 'none'}"
        raise QuestionError(Problem("unknown_bucket", message, Place(str(store.path)), "they are counted from 0"))
    texts, opened = _dictionaries(store, numbers)
    kinds = {kind: shape for kind, shape in store.tables.items() if shape.is_event}
    columns = {kind: _columns([shape]) for kind, shape in kinds.items()}
    periods: list[Period | CalendarWindow] = []
    of_parties = _columns([store.tables[table] for table in PARTY_TABLES])
    return Prepared(
        texts=texts,
        party_ids=store.party_ids,
        parties=pl.concat(
            _frame(each, PARTIES, {**_KNOWN, "is_person": pl.Boolean()}, of_parties, periods) for each in opened
        ),
        events={kind: _events(shape, opened, columns[kind], periods) for kind, shape in kinds.items()},
        coverage=store.coverage,
        regions=store.regions,
        periods=periods,
        facts={kind: facts for kind in kinds if (facts := _facts(kind, opened, columns[kind]))},
        counted=sum(len(store.parties_of(number)) for number in numbers),
    )


def _dictionaries(store: Store, numbers: Sequence[int]) -> tuple[pl.Series, list[_Bucket]]:
    each = [read_frame(store.file(number, TEXTS)).to_series() for number in numbers]
    if len(each) == 1:
        return each[0], [_Bucket(store, numbers[0], each[0], None, 0)]
    every = pl.concat(each).unique().sort()
    codes = every.to_frame().with_row_index("code").with_columns(pl.col("code").cast(CODE)).lazy()
    shift, most = 0, sum(store.rows.values())
    opened = []
    for number, texts in zip(numbers, each, strict=True):
        told = texts.to_frame().lazy().join(codes, on="text", how="left", maintain_order="left").select("code")
        opened.append(_Bucket(store, number, texts, told.collect().to_series(), shift))
        shift += most
    return every, opened


# --- tables ---------------------------------------------------------------------------------------------------


def _columns(tables: Sequence[Shape]) -> list[_Column]:
    """The columns of some tables that the kernel reads, each once."""
    found: dict[str, _Column] = {}
    for shape in tables:
        for name, type_ in shape.columns.items():
            if is_read(type_):
                flags = tuple(flag_names(shape, name, type_).values())
                found[name] = _Column(coded_name(shape, name, type_), type_, flags)
    return list(found.values())


def _events(
    shape: Shape, opened: Sequence[_Bucket], columns: Sequence[_Column], periods: list[Period | CalendarWindow]
) -> pl.LazyFrame:
    file = f"{shape.table}.parquet"
    there = [each for each in opened if each.store.has(each.number, shape.table)]
    if not there:
        return no_events(shape)
    first = {"party": CODE, "order": NUMBER, "known_from": DAY, "known_until": DAY}
    return pl.concat(_frame(each, file, first, columns, periods) for each in there)


def _frame(
    bucket: _Bucket,
    file: str,
    first: Mapping[str, pl.DataType],
    columns: Sequence[_Column],
    periods: list[Period | CalendarWindow],
) -> pl.LazyFrame:
    """The rows of one file; columns that are empty throughout are not in it."""
    rows = pl.scan_parquet(bucket.store.file(bucket.number, file), glob=False, hive_partitioning=False)
    there = set(rows.collect_schema())
    found = [pl.col(name) + bucket.shift if name == "order" else pl.col(name) for name in first]
    for column in columns:
        if column.name in there:
            found.append(_read(bucket, rows, column, periods).alias(column.name))
        else:
            found.append(fixed(None, coded_dtype(column.type_)).alias(column.name))
        found += [pl.col(flag) if flag in there else fixed(None, pl.Boolean()).alias(flag) for flag in column.flags]
    return rows.select(found)


def _read(bucket: _Bucket, rows: pl.LazyFrame, column: _Column, periods: list[Period | CalendarWindow]) -> pl.Expr:
    """A column with the codes of the common dictionary."""
    cells = pl.col(column.name)
    if column.type_.name == "period":
        return _periods(bucket, rows, column, periods)
    if bucket.codes is None or column.type_.name not in _CODED:
        return cells
    if column.type_.of is not None:
        return cells.list.eval(pl.lit(bucket.codes).gather(pl.element()))
    return pl.lit(bucket.codes).gather(cells)


def _periods(bucket: _Bucket, rows: pl.LazyFrame, column: _Column, periods: list[Period | CalendarWindow]) -> pl.Expr:
    """A column of periods as places in the list of those that occur, which grows here."""
    codes = rows.select(pl.col(column.name).unique()).collect().to_series().drop_nulls().sort()
    found = [Period.read(bucket.texts[code]) for code in codes]
    periods += [period for period in dict.fromkeys(found) if period not in periods]
    places = [periods.index(period) for period in found]
    return pl.col(column.name).replace_strict(codes, places, default=None, return_dtype=CODE)


# --- facts ----------------------------------------------------------------------------------------------------


def _facts(kind: str, opened: Sequence[_Bucket], columns: Sequence[_Column]) -> dict[str, Facts]:
    """The facts of a kind's columns over all opened buckets; none where no bucket has the kind."""
    there = [each for each in opened if each.store.has(each.number, kind)]
    types = {column.name: column.type_ for column in columns}
    flags = [flag for column in columns for flag in column.flags]
    names = [*_KNOWN, "order", *types, *flags] if there else []
    found = {}
    for name in names:
        type_ = types.get(name)
        if type_ is None or coded_dtype(type_) != pl.List(CODE):
            found[name] = _together([_facts_in(each, kind, name, type_) for each in there])
    return found


def _facts_in(bucket: _Bucket, kind: str, name: str, type_: FieldType | None) -> Facts:
    told = bucket.store.facts[bucket.number][kind]
    nulls, least, most = told.get(name, (told["#"][0], None, None))
    if type_ is not None and type_.name == "period":
        return Facts(nulls or 0)
    if name == "order" and least is not None and most is not None:
        return Facts(nulls or 0, least + bucket.shift, most + bucket.shift)
    is_code = bucket.codes is not None and type_ is not None and type_.name in _CODED
    if is_code and bucket.codes is not None and least is not None and most is not None:
        return Facts(nulls or 0, bucket.codes[least], bucket.codes[most])
    return Facts(nulls or 0, least, most)


def _together(facts: Sequence[Facts]) -> Facts:
    least = [each.least for each in facts if each.least is not None]
    most = [each.most for each in facts if each.most is not None]
    return Facts(sum(each.nulls for each in facts), min(least, default=None), max(most, default=None))
