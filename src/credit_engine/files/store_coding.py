"""One bucket of a store: the dictionary of its texts, and its tables with codes in their place.

A text's code is its place in the dictionary, which is in code-point order. The texts of all columns are sorted once,
together with where they came from; so one sort gives the dictionary and the code of every id. It is a sort that makes
use of what is in order already, as ids mostly are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl
from attrs import frozen

from credit_engine.files.shapes import ORIGIN, PARTY_TABLES
from credit_engine.files.store_frames import write_frame
from credit_engine.files.store_layout import (
    CODE,
    DAY,
    NUMBER,
    PARTIES,
    TEXTS,
    coded_dtype,
    coded_name,
    flag_names,
    ordinal,
    prefix_of,
)
from credit_engine.files.store_ordering import in_order, ranked
from credit_engine.files.store_spreading import PARTY, Spread
from credit_engine.files.store_values import cell_type
from credit_engine.quantities import FieldType
from credit_engine.records import Person

Facts = Mapping[str, list[int | None]]
_NOBODY = pl.DataFrame(
    schema={
        "party": CODE,
        "known_from": DAY,
        "known_until": DAY,
        "is_person": pl.Boolean(),
        "o.id": CODE,
        "o.kind": CODE,
        "o.revision": NUMBER,
        "from_file": CODE,
        "from_record": NUMBER,
    }
)
_FEW = 100_000  # distinct texts that are looked up by an Enum; more are joined


@frozen(eq=False)
class _Column:
    """The distinct texts of a column, and where to ask for their codes; of lists, the elements one after another.

    `at`: the place of each row's text among the distinct ones, if these are few.
    """

    distinct: pl.Series
    place: int
    at: pl.Series | None
    lengths: Sequence[int] | None = None


@frozen(eq=False)
class _Draft:
    """A table before its texts have codes: the types of its filled columns, its columns of texts, its ids."""

    spread: Spread
    types: Mapping[str, FieldType]
    texts: Mapping[str, _Column]
    party_place: int
    id_place: int | None


class _Texts:
    """Collects texts, then knows the code of each."""

    def __init__(self) -> None:
        self.pieces: list[pl.Series] = []
        self.starts: list[int] = [0]

    def add(self, texts: pl.Series) -> int:
        """Take some texts; the place to ask for their codes by."""
        self.pieces.append(texts.alias("text"))
        self.starts.append(self.starts[-1] + len(texts))
        return len(self.pieces) - 1

    def settle(self) -> pl.Series:
        """The dictionary."""
        every = pl.concat(self.pieces, rechunk=False).to_frame().with_row_index("at")
        self.pieces.clear()
        texts = every.sort("text", maintain_order=True)
        first = texts.select((pl.col("text") != pl.col("text").shift(1)).fill_null(value=True)).to_series()
        codes = texts.select("at", code=(first.cum_sum() - 1).cast(CODE))
        self.codes = codes.sort("at").get_column("code")
        return texts.get_column("text").filter(first)

    def of(self, place: int) -> pl.Series:
        """The codes of the texts that were taken at this place."""
        start, end = self.starts[place : place + 2]
        return self.codes.slice(start, end - start)


def code_bucket(tables: Sequence[Spread], party_ids: pl.Series, first: int, folder: Path) -> Mapping[str, Facts]:
    """Write a bucket into `folder`; the facts of each table's columns (`#`: of how many rows they are).

    `party_ids`: those of the bucket's parties in order; the number of the first one is `first`.
    """
    folder.mkdir()
    texts = _Texts()
    of_parties = texts.add(party_ids)
    of_person = texts.add(pl.Series([Person.kind]))
    drafts = [_draft(each, texts, of_parties) for each in tables]
    write_frame(texts.settle().to_frame(), folder / TEXTS)
    facts, people = {}, []
    for draft in drafts:
        rows = _coded_rows(draft, texts, first)
        table = draft.spread.shape.table
        if draft.spread.shape.is_event:
            write_frame(rows, folder / f"{table}.parquet")
        elif PARTY_TABLES[table] == Person.kind:
            kind = pl.lit(texts.of(of_person).item(), CODE)
            people.append(rows.with_columns(kind.alias("o.kind"), is_person=True))
        else:
            people.append(rows.with_columns(is_person=False))
        facts[table] = facts_of(rows)
    write_frame(
        pl.concat([_NOBODY, *people], how="diagonal").sort("party", "known_from", "o.revision"), folder / PARTIES
    )
    return facts


def facts_of(rows: pl.DataFrame) -> Facts:
    """Of each column that holds no lists: its empty cells, its least and its greatest value (none: it is empty)."""
    found: dict[str, list[int | None]] = {"#": [len(rows), None, None]}
    for column in rows.iter_columns():
        if not column.dtype.is_nested():
            ends = [column.min(), column.max()]
            found[column.name] = [column.null_count(), *(int(end) if isinstance(end, int) else None for end in ends)]
    return found


# --- columns --------------------------------------------------------------------------------------------------


def _draft(each: Spread, texts: _Texts, party_place: int) -> _Draft:
    types = _filled(each)
    columns = {name: _texts_of(each, name, type_, texts) for name, type_ in types.items() if cell_type(type_) == "text"}
    return _Draft(each, types, columns, party_place, texts.add(each.column("id")) if each.shape.is_event else None)


def _filled(each: Spread) -> Mapping[str, FieldType]:
    """The columns that are there, and their types; ids and parties are coded apart."""
    apart = {"id", "party"} if each.shape.is_event else {"id"}
    types = {**each.shape.columns, **ORIGIN}
    return {name: type_ for name, type_ in types.items() if name in each.names - apart}


def _texts_of(each: Spread, name: str, type_: FieldType, texts: _Texts) -> _Column:
    if name in each.constants:
        distinct, at = pl.Series(name, [each.constants[name]]), None
    else:
        cells = each.column(name)
        distinct = cells.drop_nulls().unique().sort()
        at = cells.cast(pl.Enum(distinct)).to_physical() if len(distinct) <= _FEW else None
    if coded_dtype(type_) != pl.List(CODE):
        return _Column(distinct, texts.add(distinct), at)
    lists = [json.loads(cell) for cell in distinct]
    elements = pl.Series([element for each_list in lists for element in each_list], dtype=pl.String)
    return _Column(distinct, texts.add(elements), at, [len(each_list) for each_list in lists])


def _codes(column: _Column, texts: _Texts) -> pl.Series:
    """The code of each distinct text; of lists, the codes of the elements."""
    codes = texts.of(column.place)
    if column.lengths is None:
        return codes
    places = pl.Series("at", column.lengths, pl.UInt32).to_frame().with_row_index("place")
    lists = places.select(pl.col("place").repeat_by("at").explode(empty_as_null=False)).with_columns(code=codes)
    found = lists.group_by("place", maintain_order=True).agg("code")
    every = places.join(found, on="place", how="left", maintain_order="left")
    return every.select(pl.col("code").fill_null(pl.lit([], pl.List(CODE)))).to_series()


def _places(each: Spread, name: str, column: _Column) -> pl.Series:
    """The place of each row's text among the distinct ones."""
    if column.at is not None:
        return column.at
    told = column.distinct.alias("text").to_frame().with_row_index("at")
    cells = each.column(name).alias("text").to_frame()
    return cells.join(told, on="text", how="left", maintain_order="left").get_column("at")


# --- rows -----------------------------------------------------------------------------------------------------


def _coded_rows(draft: _Draft, texts: _Texts, first: int) -> pl.DataFrame:
    """The rows of a table with codes: events in their order, others in the order in which they were read."""
    each, prefix = draft.spread, prefix_of(draft.spread.shape)
    parties, of_party = each.column(PARTY).alias("party"), texts.of(draft.party_place)
    if draft.id_place is None:
        at = pl.int_range(len(parties), dtype=CODE, eager=True)
        columns = [parties, *_known(each, at), of_party.gather(parties - first).alias(f"{prefix}id")]
    else:
        ids = texts.of(draft.id_place).alias(f"{prefix}id")
        parties, order, at = in_order(parties, ranked(each, ids))
        columns = [parties, order, *_known(each, at), ids.gather(at)]
        columns.append(of_party.gather(parties - first).alias(f"{prefix}party"))
    for name, type_ in draft.types.items():
        columns += _coded(draft, name, type_, texts, at)
    return pl.DataFrame(columns)


def _known(each: Spread, at: pl.Series) -> Iterator[pl.Series]:
    for name in ("known_from", "known_until"):
        yield each.column(name).gather(at)


def _coded(draft: _Draft, name: str, type_: FieldType, texts: _Texts, at: pl.Series) -> Iterator[pl.Series]:
    """One column with codes, and its truth columns; none if it is empty. `at`: the rows to take, in order."""
    each, shape = draft.spread, draft.spread.shape
    coded = name if name in ORIGIN else coded_name(shape, name, type_)
    column = draft.texts.get(name)
    if name in each.constants:
        value = pl.Series([each.constants[name]], dtype=NUMBER) if column is None else _codes(column, texts)
        yield value.new_from_index(0, len(at)).alias(coded)
    elif column is None:
        cells = each.column(name).gather(at)
        if cells.dtype == pl.Date:
            cells = cells.to_frame().select(ordinal(pl.col(name))).to_series()
        if cells.null_count() < len(cells):
            yield cells.alias(coded)
    elif len(column.distinct):
        places = _places(each, name, column).gather(at)
        for code, flag in flag_names(shape, name, type_).items():
            has = pl.Series([code in json.loads(cell) for cell in column.distinct], dtype=pl.Boolean)
            yield has.gather(places).alias(flag)
        yield _codes(column, texts).gather(places).alias(coded)
