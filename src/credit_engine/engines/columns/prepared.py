"""The records as the kernel needs them: whole numbers for texts and days, versions with the days they are known.

Texts and ids are places in one dictionary in code-point order, parties places in the order of their ids, days ordinals,
money and decimals Int64. `order` ranks the events of a kind by (`sequence`, id); with the day in front it is the order
of design 3 as one whole number. A version is known on `[known_from, known_until)`; these days are made over all
versions of a record, whatever party each of them names.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import polars as pl
from attrs import field, frozen

from credit_engine.days import CalendarWindow, Period
from credit_engine.dossiers import Coverage, Regions
from credit_engine.engines.columns.calendar import as_ordinal
from credit_engine.engines.columns.shapes import CODE, DAY, FIRST_DAY, LAST_DAY, NUMBER, fixed
from credit_engine.files.input import Input
from credit_engine.files.results import Table, rows_of
from credit_engine.files.shapes import PARTY_TABLES, FieldTypes, Shape, shapes
from credit_engine.files.store import record_tables
from credit_engine.policy.plan import Plan
from credit_engine.quantities import FieldType
from credit_engine.records import Person

RAW: Mapping[str, pl.DataType] = {
    "text": pl.String(),
    "int": NUMBER,
    "decimal": NUMBER,
    "date": pl.Date(),
    "bool": pl.Boolean(),
    "texts": pl.List(pl.String()),
}
_PLAIN = frozenset({"int", "money", "decimal", "bool"})


@frozen
class Facts:
    """What is known of a column before it is read: its empty cells, its least and greatest value (none: not told)."""

    nulls: int
    least: int | None = None
    most: int | None = None


@frozen(eq=False)
class AskedOf:
    """The days of questions, as ordinals by their place: judged, and of knowledge."""

    judged: pl.Series
    known: pl.Series


@frozen(eq=False)
class Prepared:
    """The records of a folder in columns. `parties` and `events` have one row for each version.

    `texts`, `party_ids`: the dictionaries. `periods`: what the codes of periods mean. `facts`: of columns of events, by
    kind; of a column that is not there nothing is taken for granted. `asked`: where the places are not those of parties
    but of questions, each with the records of its party, which may so occur several times.
    """

    texts: pl.Series
    party_ids: pl.Series
    parties: pl.LazyFrame
    events: Mapping[str, pl.LazyFrame] = field(hash=False)
    coverage: Mapping[str, Coverage] = field(hash=False)
    regions: Regions
    periods: list[Period | CalendarWindow]
    added: list[str] = field(factory=list)
    facts: Mapping[str, Mapping[str, Facts]] = field(factory=dict, hash=False)
    counted: int | None = None  # parties, where only some buckets of a store were opened
    asked: AskedOf | None = None

    def code(self, text: str) -> int:
        """The code of a text; one that no record has is given a new one."""
        place = bisect_left(self.texts, text)
        if place < len(self.texts) and self.texts[place] == text:
            return place
        if text not in self.added:
            self.added.append(text)
        return len(self.texts) + self.added.index(text)

    def text(self, code: int) -> str:
        """The text of a code."""
        known = len(self.texts)
        return str(self.texts[code]) if code < known else self.added[code - known]

    def period(self, period: Period | CalendarWindow) -> int:
        """The code of a period."""
        if period not in self.periods:
            self.periods.append(period)
        return self.periods.index(period)

    def as_texts(self, codes: pl.Expr) -> pl.Expr:
        """A column of codes as texts."""
        known = len(self.texts)
        if not self.added:
            return _gathered(self.texts, codes)
        added = _gathered(pl.Series(self.added), codes.cast(NUMBER).clip(lower_bound=known) - known)
        if not known:
            return added
        return pl.when(codes < known).then(_gathered(self.texts, codes.clip(upper_bound=known - 1))).otherwise(added)

    def as_parties(self, places: pl.Expr) -> pl.Expr:
        """A column of places as the ids of parties."""
        return _gathered(self.party_ids, places)

    @cached_property
    def party_count(self) -> int:
        """How many parties there are, whenever they became known."""
        return len(self.party_ids) if self.counted is None else self.counted


def _gathered(texts: pl.Series, places: pl.Expr) -> pl.Expr:
    if not len(texts):
        return fixed(None, pl.String)
    return pl.lit(texts).gather(places)


def prepared(read: Input, plan: Plan) -> Prepared:
    """The records of an input in columns."""
    return from_tables(record_tables(read, plan.field_types, tuple(plan.kinds)), read, plan)


def from_tables(tables: list[Table], read: Input, plan: Plan) -> Prepared:
    """The same from the tables of a store, with coverage and regions of the input."""
    frames = {table.name: _frame(table) for table in tables if table.name not in ("regions", "relations")}
    return from_frames(frames, plan.field_types, tuple(plan.kinds), read.coverage, read.regions)


def _frame(table: Table) -> pl.DataFrame:
    schema = {name: RAW[type_] for name, type_ in table.columns}
    return pl.DataFrame([tuple(row) for row in rows_of(table)], schema=schema, orient="row")


def from_frames(
    frames: Mapping[str, pl.DataFrame],
    field_types: FieldTypes,
    kinds: tuple[str, ...],
    coverage: Mapping[str, Coverage],
    regions: Regions,
) -> Prepared:
    """The same from frames with the columns of a store: texts as texts, days as dates, decimals as thousandths."""
    every = shapes(field_types, kinds)
    tables = {name: shape for name, shape in every.items() if name in frames}
    types = {
        name: {column: type_ for column, type_ in shape.columns.items() if is_read(type_)}
        for name, shape in tables.items()
    }
    texts = _dictionary(frames, types)
    parties = [frames[name].get_column("id") for name in PARTY_TABLES if name in frames]
    party_ids = pl.concat(parties).unique().sort() if parties else pl.Series(dtype=pl.String)
    coder = _Coder(texts, party_ids, [])
    of_parties = [_party_rows(name, frames[name], types[name], coder) for name in PARTY_TABLES if name in frames]
    events = {
        name: _event_rows(frames[name], types[name], coder)
        for name, shape in every.items()
        if shape.is_event and name in tables
    }
    return Prepared(
        texts=texts,
        party_ids=party_ids,
        parties=pl.concat(of_parties, how="diagonal").lazy(),
        events={
            name: events[name].lazy() if name in events else no_events(shape)
            for name, shape in every.items()
            if shape.is_event
        },
        coverage=coverage,
        regions=regions,
        periods=coder.periods,
        facts={name: facts_of(rows) for name, rows in events.items()},
    )


def facts_of(rows: pl.DataFrame) -> dict[str, Facts]:
    """The facts of every column that holds numbers, days, codes or truths."""
    found = {}
    for column in rows.iter_columns():
        if not column.dtype.is_nested():
            ends: Any = (column.min(), column.max())  # Any: numbers or truths
            found[column.name] = Facts(column.null_count(), *(None if end is None else int(end) for end in ends))
    return found


def is_read(type_: FieldType) -> bool:
    """Whether the kernel reads a field: records in lists and shares are none of its values yet."""
    return type_.name != "share" and (type_.of is None or type_.of.name == "text")


def _dictionary(frames: Mapping[str, pl.DataFrame], types: Mapping[str, Mapping[str, FieldType]]) -> pl.Series:
    found = [pl.Series([Person.kind])]
    for name, columns in types.items():
        for column, type_ in columns.items():
            if type_.name in ("text", "party"):
                found.append(frames[name].get_column(column).unique())
            elif type_.of is not None:
                found.append(frames[name].get_column(column).explode(empty_as_null=True).unique())
    return pl.concat(found).drop_nulls().unique().sort().rename("texts")


class _Coder:
    """Turns columns into codes."""

    def __init__(self, texts: pl.Series, party_ids: pl.Series, periods: list[Period | CalendarWindow]) -> None:
        self.texts, self.party_ids, self.periods = pl.Enum(texts), pl.Enum(party_ids), periods

    def coded(self, frame: pl.DataFrame, types: Mapping[str, FieldType], prefix: str) -> list[pl.Expr]:
        """The columns as the kernel has them; all texts at once, for making the dictionary ready costs most."""
        found: list[pl.Expr] = []
        texts: list[str] = []
        lists: list[str] = []
        for name, type_ in types.items():
            column = pl.col(name)
            if frame.get_column(name).null_count() == len(frame):
                found.append(fixed(None, _dtype(type_)).alias(f"{prefix}{name}"))
            elif type_.name in _PLAIN:
                found.append(column.alias(f"{prefix}{name}"))
            elif type_.name == "date":
                found.append(as_ordinal(column).alias(f"{prefix}{name}"))
            elif type_.name == "period":
                found.append(self._periods(frame, name).alias(f"{prefix}{name}"))
            else:
                (texts if type_.of is None else lists).append(name)
        if texts:
            found.append(pl.col(texts).cast(self.texts).to_physical().cast(CODE).name.prefix(prefix))
        if lists:
            coded = pl.element().cast(self.texts).to_physical()
            found.append(pl.col(lists).list.eval(coded).cast(pl.List(CODE)).name.prefix(prefix))
        return [*found, *(has for name, type_ in types.items() for has in _each_code(name, type_, prefix))]

    def _periods(self, frame: pl.DataFrame, name: str) -> pl.Expr:
        texts = frame.get_column(name).drop_nulls().unique().sort().to_list()
        for text in texts:
            if (period := Period.read(text)) not in self.periods:
                self.periods.append(period)
        codes = [self.periods.index(Period.read(text)) for text in texts]
        return pl.col(name).replace_strict(texts, codes, default=None, return_dtype=CODE)


def _each_code(name: str, type_: FieldType, prefix: str) -> list[pl.Expr]:
    """Of a set of closed codes, a column for each code: whether the set has it; null where the set is not known."""
    given = pl.col(name).cast(pl.List(pl.String))
    return [given.list.contains(pl.lit(code)).alias(f"{prefix}{name}.{code}") for code in _codes(type_)]


def _codes(type_: FieldType) -> tuple[str, ...]:
    return type_.of.codes if type_.name == "set" and type_.of is not None else ()


def _known(frame: pl.DataFrame) -> pl.DataFrame:
    """Each version once, with the days `[known_from, known_until)` as ordinals, in the order of id and version."""
    since = as_ordinal(pl.col("recorded")).fill_null(FIRST_DAY)
    return (
        frame.with_columns(known_from=since)
        .unique(["id", "known_from", "revision"], keep="first", maintain_order=True)
        .sort("id", "known_from", "revision")
        .with_columns(known_until=pl.col("known_from").shift(-1).over("id").fill_null(LAST_DAY + 1))
    )


def _party_rows(name: str, frame: pl.DataFrame, types: Mapping[str, FieldType], coder: _Coder) -> pl.DataFrame:
    rows = _known(frame)
    found = rows.select(
        pl.col("id").cast(coder.party_ids).to_physical().cast(CODE).alias("party"),
        pl.col("known_from").cast(DAY),
        pl.col("known_until").cast(DAY),
        pl.lit(PARTY_TABLES[name] == Person.kind).alias("is_person"),
        *coder.coded(rows, types, "o."),
    )
    if PARTY_TABLES[name] != Person.kind:
        return found
    kind = pl.lit(Person.kind).cast(coder.texts).to_physical().cast(CODE)
    return found.with_columns(kind.alias("o.kind"))


def _event_rows(frame: pl.DataFrame, types: Mapping[str, FieldType], coder: _Coder) -> pl.DataFrame:
    rows = _known(frame).sort("sequence", "id", "known_from", "revision").with_row_index("order")
    return rows.select(
        pl.col("party").cast(coder.party_ids, strict=False).to_physical().cast(CODE),
        pl.col("order").cast(NUMBER),
        pl.col("known_from").cast(DAY),
        pl.col("known_until").cast(DAY),
        *coder.coded(rows, types, "e."),
    ).sort("party", "order")


def no_events(shape: Shape) -> pl.LazyFrame:
    """The columns of a kind of event whose table is absent."""
    columns: dict[str, pl.DataType] = {"party": CODE, "order": NUMBER, "known_from": DAY, "known_until": DAY}
    for name, type_ in shape.columns.items():
        if is_read(type_):
            columns[f"e.{name}"] = _dtype(type_)
            columns |= dict.fromkeys((f"e.{name}.{code}" for code in _codes(type_)), pl.Boolean())
    return pl.LazyFrame(schema=columns)


def _dtype(type_: FieldType) -> pl.DataType:
    if type_.name == "date":
        return DAY
    if type_.name in _PLAIN:
        return pl.Boolean() if type_.name == "bool" else NUMBER
    return pl.List(CODE) if type_.of is not None else CODE
