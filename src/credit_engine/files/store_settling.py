"""What stands of the rows of a table: each version once, none that contradicts another, none of unknown parties.

Rows that share id, `recorded` and `revision` are compared by the row reader's own code (`gathering`); so are the
messages about parties that nobody knows. What is found without it is only *which* rows these are. A table goes
through in slices by a hash of the id, so that memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import polars as pl
from attrs import evolve, field, frozen

from credit_engine.files.entries import Entry
from credit_engine.files.gathering import Check, settle
from credit_engine.files.recording import Candidate, EntryReader
from credit_engine.files.rows import Rows
from credit_engine.files.shapes import ORIGIN, Shape
from credit_engine.files.store_layout import AT, CODE, DAY, FIRST_DAY, NUMBER, ordinal, part_schema
from credit_engine.files.store_layout import scan as scan_files
from credit_engine.files.store_reading import Parts, as_rejects
from credit_engine.files.store_values import values_reader
from credit_engine.records import RecordSource

SLICE = 20_000_000  # rows whose ids are compared at once
_BATCH = 50_000  # rows compared by the row reader at once
_KEY = ["id", "known_from", "revision"]
_UNTIL: Mapping[str, pl.DataType] = {AT: NUMBER, "known_until": DAY}
_MOVED: Mapping[str, pl.DataType] = {"id": pl.String(), "party": pl.String()}


class Comparer(EntryReader):
    """Compares rows that were read before, as the row reader does."""

    def __init__(self, shape: Shape, file: str) -> None:
        header = Rows((*shape.columns, *ORIGIN), iter(()))
        super().__init__(Entry(shape.table, file), shape, header, file, 0)
        self._values = values_reader(shape)

    def add(self, cells: Mapping[str, Any]) -> None:  # Any: cells of a part
        """Take one row of a part."""
        origin = {name: cells[name] for name in ORIGIN if cells[name] is not None}
        self._accept(cells[AT], {**self._values(cells), **origin})

    def candidate(self, cells: Mapping[str, Any], numbers: list[int]) -> Candidate:  # Any: as above
        """The record of one row, to be judged by itself."""
        return Candidate(self.shape.build(self._values(cells), RecordSource(self.file, numbers[0])), numbers, self)


@frozen(eq=False)
class Standing:
    """The rows of a table that stand: all but those `dropped`.

    `until`: where a newer version replaces a row, from which day on (`known_until`). `also`: further rows that say the
    same as a standing one and share its fate. `moved`: ids of events whose versions name several parties, with these.
    `parties`: the number of the party of every row, dropped ones too; of a relation, of its source.
    """

    parts: Parts
    dropped: pl.DataFrame
    rejects: pl.DataFrame
    duplicates: int = 0
    also: Mapping[int, list[int]] = field(factory=dict)
    repeated: bool = False
    parties: pl.Series = field(factory=lambda: pl.Series(dtype=CODE))
    until: pl.DataFrame = field(factory=lambda: pl.DataFrame(schema=_UNTIL))
    moved: pl.DataFrame = field(factory=lambda: pl.DataFrame(schema=_MOVED))

    @property
    def shape(self) -> Shape:
        """The table's shape."""
        return self.parts.table.shape

    def rows(self) -> pl.LazyFrame:
        """The rows that stand, in the order of the file."""
        every = read(self.parts)
        if not len(self.dropped):
            return every
        return every.join(self.dropped.lazy(), on=AT, how="anti", maintain_order="left")


def read(parts: Parts) -> pl.LazyFrame:
    """All rows that were read of a table, in the order of the file."""
    return scan_files(parts.parts, part_schema(parts.table.shape))


def known_from(recorded: str = "recorded") -> pl.Expr:
    """The day from which a version is known."""
    return ordinal(pl.col(recorded)).fill_null(FIRST_DAY).alias("known_from")


def each_once(parts: Parts) -> Standing:
    """The rows that stand within their table."""
    comparers: list[Comparer] = []
    dropped: list[int] = []
    also: dict[int, list[int]] = {}
    repeated = False
    for rows in _repeated(parts, []):
        repeated = True
        keys = rows.with_columns(known_from(), pl.col("revision").fill_null(0))
        shared = keys.filter(pl.struct(_KEY).is_duplicated()).get_column(AT)
        for cells in _batches(parts, shared):
            comparer = Comparer(parts.table.shape, parts.table.path.name)
            for row in cells.iter_rows(named=True):
                comparer.add(row)
            numbers = {each.numbers[0]: each.numbers for each in settle(comparer.candidates)}
            dropped += [number for number in cells.get_column(AT) if number not in numbers]
            also |= {first: every for first, every in numbers.items() if len(every) > 1}
            comparers.append(comparer)
    return Standing(
        parts,
        pl.DataFrame({AT: dropped}, schema={AT: NUMBER}),
        _rejects(comparers),
        sum(each.duplicates for each in comparers),
        also,
        repeated,
    )


def _rejects(comparers: Iterable[Comparer]) -> pl.DataFrame:
    return as_rejects(reject for comparer in comparers for reject in comparer.rejects)


def _repeated(parts: Parts, more: list[str]) -> Iterator[pl.DataFrame]:
    """The rows whose id stands in several rows (others may be among them), in slices: number, version, `more`."""
    rows = read(parts)
    slices = max(1, -(-(parts.read - parts.rejected) // SLICE))
    code = pl.col("id").hash()
    for number in range(slices):
        here = rows if slices == 1 else rows.filter(code % slices == number)
        hashes = here.select(code).collect(engine="streaming").to_series().sort()
        repeated = hashes.filter(hashes == hashes.shift(1)).unique()
        if len(repeated):
            found = rows.filter(code.is_in(repeated.implode()))
            yield found.select(AT, "id", "recorded", "revision", *more).collect(engine="streaming")


def _batches(parts: Parts, numbers: pl.Series) -> Iterator[pl.DataFrame]:
    """These rows with all their cells, in batches that hold all rows of an id."""
    if not len(numbers):
        return
    rows = read(parts).filter(pl.col(AT).is_in(numbers.implode()))
    ids = rows.select("id").collect(engine="streaming").to_series().unique().sort()
    for start in range(0, len(ids), _BATCH // 2):
        wanted = ids.slice(start, _BATCH // 2)
        yield rows.filter(pl.col("id").is_in(wanted.implode())).collect(engine="streaming").sort(AT)


def without(standing: Standing, wrong: pl.DataFrame, check: Check) -> Standing:
    """The same without rows that a check refuses; `wrong`: the rows (`#`) that it may refuse."""
    here = wrong.join(standing.dropped, on=AT, how="anti")
    if not len(here):
        return standing
    comparer = Comparer(standing.shape, standing.parts.table.path.name)
    dropped: list[int] = []
    numbers = here.get_column(AT).sort()
    for start in range(0, len(numbers), _BATCH):
        some = numbers.slice(start, _BATCH)
        rows = read(standing.parts).filter(pl.col(AT).is_in(some.implode())).collect(engine="streaming")
        for cells in rows.iter_rows(named=True):
            candidate = comparer.candidate(cells, standing.also.get(cells[AT], [cells[AT]]))
            refused = check(candidate)
            if refused is not None:
                candidate.reject(*refused)
                dropped.append(cells[AT])
    return evolve(
        standing,
        dropped=pl.concat([standing.dropped, pl.DataFrame({AT: dropped}, schema={AT: NUMBER})]),
        rejects=pl.concat([standing.rejects, _rejects([comparer])]),
    )


def with_intervals(standing: Standing) -> Standing:
    """The same with the days on which versions are replaced, made over all versions whatever party each names."""
    if not standing.repeated:
        return standing
    party = ["party"] if standing.shape.is_event else []
    untils, moved = [], []
    for rows in _repeated(standing.parts, party):
        versions = (
            rows.join(standing.dropped, on=AT, how="anti")
            .with_columns(known_from(), pl.col("revision").fill_null(0))
            .sort(_KEY)
            .with_columns(known_until=pl.col("known_from").shift(-1).over("id"))
        )
        untils.append(versions.filter(pl.col("known_until").is_not_null()).select(_UNTIL.keys()))
        if party:
            among = versions.filter(pl.col("party").n_unique().over("id") > 1)
            moved.append(among.select("id", "party").unique().sort("id", "party"))
    empty = pl.DataFrame(schema=_MOVED)
    return evolve(standing, until=pl.concat([standing.until, *untils]), moved=pl.concat([empty, *moved]))
