"""The rows of a mapped file by columns: the cells of a table, where every row is plainly good.

What the cells of a column mean is said by the row reader's own `CellReader`, each distinct text once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from credit_engine.files.entries import Column, ColumnSource, FirstOf, Joined, Line
from credit_engine.files.finding import Positioned
from credit_engine.files.recording import EntryReader
from credit_engine.files.rows import BadRow, Rows, format_of, open_rows
from credit_engine.files.shapes import Shape
from credit_engine.files.store_layout import AT, CELLS
from credit_engine.files.store_lines import header_of, read_lines
from credit_engine.files.store_proving import Field, each_once, is_allowed, proven
from credit_engine.files.store_reading import alone
from credit_engine.files.store_values import cell_type, cell_writer

MANY = "#many"  # how many rows of the file say the same
_PLAIN_WAY = ("utf-8-sig", ",", 1)
_NOTHING = frozenset({""})


class NotPlainError(Exception):
    """Something is for the row reader to say."""


def plain_if(condition: object) -> None:
    """Go on only if all is plain. Raises `NotPlainError`."""
    if not condition:
        raise NotPlainError


def read_mapped(path: Path, entries: Sequence[Positioned], tables: Mapping[str, Shape]) -> Iterator[MappedReader]:
    """The readers of a file that have taken its rows, in the order of the row reader's own."""
    plain_if(format_of(path.name).startswith(".csv"))
    ways = dict.fromkeys((entry.encoding, entry.delimiter, entry.header_line) for _position, entry in entries)
    for way in ways:
        header, cells = _raw(path, way)
        for position, entry in entries:
            if (entry.encoding, entry.delimiter, entry.header_line) == way:
                rows = Rows(header, iter(()))
                reader = MappedReader(entry, tables[entry.table], rows, path.name, position)
                reader.take_all(cells)
                yield reader


def _raw(path: Path, way: tuple[str, str, int]) -> tuple[tuple[str, ...], pl.DataFrame]:
    """The header of a file and the cells of all rows as text, by the place of their column."""
    header = header_of(path) if way == _PLAIN_WAY else None
    if header is not None:
        frames = []
        for lines in read_lines(path, len(header)):
            plain_if((lines.widths == len(header)).all())
            frames.append(lines.cells)
        empty = pl.DataFrame(schema=dict.fromkeys(map(str, range(len(header))), pl.String))
        return header, pl.concat(
            [empty, *(each.rename(dict(zip(each.columns, empty.columns, strict=True))) for each in frames)]
        )
    opened = open_rows(path, closed=False, encoding=way[0], delimiter=way[1], header_line=way[2])
    taken = []
    for _number, row in opened.numbered:
        if isinstance(row, BadRow):
            raise NotPlainError
        taken.append(row)
    schema = dict.fromkeys(map(str, range(len(opened.header))), pl.String())
    return opened.header, pl.DataFrame(taken, schema=schema, orient="row")


class MappedReader(EntryReader):
    """Reads the rows of one file into those of one table, all at once: `rows` has the cells of those that count."""

    rows: pl.DataFrame

    def take_all(self, cells: pl.DataFrame) -> None:
        """Take all rows of a file."""
        entry = self.entry
        sources = entry.sources or {}
        unpacked = entry.packed or entry.labelled or entry.tidy or entry.one_per_id or self.shape.table == "regions"
        plain_if(sources and not unpacked and not sources.keys() & entry.constants.keys())
        numbered = cells.with_row_index(AT, offset=1).with_columns(pl.col(AT).cast(pl.Int64))
        self.read = len(cells)
        rows = self._shown(numbered)
        found = [rows.get_column(AT), *(self._cells(name, source, rows) for name, source in sources.items())]
        found += [self._always(name, len(rows)) for name in entry.constants]
        self.rows = self._each_once(pl.DataFrame(found))
        plain_if(alone(self.shape, self.rows).all())

    def _shown(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Without the rows that the mapping skips, counted by the first reason that it gives."""
        for skip in self.entry.skip:
            here = self._texts(Column(skip.column), rows).is_in(sorted(skip.values)) != skip.unless
            if here.any():
                self.skipped[skip.reason] += int(here.sum())
            rows = rows.filter(~here)
        return rows

    def _raw(self, column: Column, rows: pl.DataFrame) -> pl.Series:
        if column.name in self._lacking:
            return pl.repeat(None, len(rows), dtype=pl.String, eager=True)
        return rows.get_column(str(self._index[column.name]))

    def _texts(self, source: ColumnSource, rows: pl.DataFrame) -> pl.Series:
        """The text of a source in each row as `EntryReader` has it; empty where there is none."""
        if isinstance(source, Column):
            return _each(self._raw(source, rows), self._plain)
        if isinstance(source, Line):
            return rows.get_column(AT).cast(pl.String)
        if not isinstance(source, Joined | FirstOf):
            raise NotPlainError
        plain_if(all(isinstance(part, Column | Line) for part in source.parts))
        parts = [self._texts(part, rows).alias(str(place)) for place, part in enumerate(source.parts)]
        if isinstance(source, FirstOf):
            chosen = pl.coalesce(pl.when(pl.col(part.name) != "").then(pl.col(part.name)) for part in parts)
            return pl.DataFrame(parts).select(chosen.fill_null("")).to_series()
        marked = [
            _each(part, lambda text: text.replace("~", "~0").replace("/", "~1")).alias(part.name) for part in parts
        ]
        some = pl.any_horizontal(pl.all() != "")
        return (
            pl.DataFrame(marked)
            .select(pl.when(some).then(pl.concat_str(pl.all(), separator="/")).otherwise(pl.lit("")))
            .to_series()
        )

    def _cells(self, name: str, source: ColumnSource, rows: pl.DataFrame) -> pl.Series:
        """The cells of a column of the table."""
        raw = self._raw(source, rows) if isinstance(source, Column) else self._texts(source, rows)
        field = Field(name, self._type(name), self._reader(name))
        form = field.read.form
        is_plain = form.codes is None and not form.prefix and form.nulls == _NOTHING
        found = proven(raw, field) if is_plain else each_once(raw, field)
        plain_if(found.certain is None or found.certain.all())
        return found.cells.cast(CELLS[cell_type(field.type_)]).alias(name)

    def _always(self, name: str, count: int) -> pl.Series:
        type_, value = self._type(name), self._constants[name]
        plain_if(is_allowed(value, name))
        cell = None if value is None else cell_writer(type_)(value)
        return pl.Series(name, [cell], CELLS[cell_type(type_)]).new_from_index(0, count)

    def _each_once(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with equal ids numbered where they are several records; else those that say the same, once."""
        if self.entry.repeats:
            nth = pl.int_range(1, pl.len() + 1).over("id")
            rows = rows.with_columns(id=pl.when(nth == 1).then("id").otherwise(pl.format("{}~{}", "id", nth)))
        if self.shape.is_event:
            return rows.with_columns(pl.lit(1, pl.UInt32).alias(MANY))
        names = [name for name in rows.columns if name != AT]
        plain_if(not any((of := self._type(name).of) is not None and of.fields for name in names))
        once = rows.group_by(names, maintain_order=True).agg(pl.col(AT).first(), pl.len().cast(pl.UInt32).alias(MANY))
        self.duplicates += len(rows) - len(once)
        return once


def _each(texts: pl.Series, change: Callable[[str], str]) -> pl.Series:
    """Each distinct text changed once; no text is an empty one."""
    raw = texts.fill_null("").alias("raw")
    distinct = raw.unique()
    told = pl.DataFrame({"raw": distinct, "text": pl.Series([change(text) for text in distinct], dtype=pl.String)})
    return raw.to_frame().join(told, on="raw", how="left", maintain_order="left").get_column("text")
