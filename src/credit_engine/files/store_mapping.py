"""A mapped folder by columns, where every row of it is plainly good.

Nothing is decided here: where any cell, row or id is not certainly what the row reader would make of it, where
anything would be refused, or where a mapping unpacks cells, nothing comes out and the row reader reads the folder. What
the cells of a column mean is said by the row reader's own `CellReader`, each distinct text once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from credit_engine.dossiers import Coverage, Regions
from credit_engine.errors import InputError
from credit_engine.files.covering import COVERAGE, read_stated
from credit_engine.files.entries import Column, ColumnSource, FirstOf, InputMapping, Joined, Line
from credit_engine.files.finding import Positioned
from credit_engine.files.gathering import EARLIER
from credit_engine.files.recording import EntryReader
from credit_engine.files.rows import BadRow, Rows, format_of, hash_of, open_rows
from credit_engine.files.shapes import ORIGIN, PARTY_TABLES, Shape
from credit_engine.files.store_account import Account, flags, without_recorded
from credit_engine.files.store_frames import write_quickly
from credit_engine.files.store_gathering import Gathered, settled_parts
from credit_engine.files.store_layout import AT, CELLS, part_schema
from credit_engine.files.store_lines import header_of, read_lines
from credit_engine.files.store_proving import Field, each_once, is_allowed, proven
from credit_engine.files.store_reading import CHUNK, Parts, Table, alone, as_rejects
from credit_engine.files.store_values import cell_type, cell_writer
from credit_engine.files.tables import count_of

_PLAIN_WAY = ("utf-8-sig", ",", 1)
_MANY, _READER = "#many", "#reader"  # rows that say the same, and the place of the reader that took them
_NOTHING = frozenset({""})


class _NotPlainError(Exception):
    """Something is for the row reader to say."""


def gather_mapped(
    folder: Path,
    files: Mapping[str, Sequence[Positioned]],
    ignored: tuple[str, ...],
    tables: Mapping[str, Shape],
    mapping: InputMapping,
    relation_kinds: frozenset[str] | None,
    into: Path,
) -> Gathered | None:
    """What stands of a mapped folder, in parts that are written `into` a folder; none if the row reader has to say."""
    try:
        stated = read_stated(folder, tables)
        _plain_if(not stated.problems and all(files.values()))
        readers = [
            each for name, entries in sorted(files.items()) for each in _read_file(folder / name, entries, tables)
        ]
        rows = {table: _standing(table, readers) for table in sorted({each.shape.table for each in readers})}
        _plain_if(all(stated.coverage.get(table) != "absent" for table in rows))
        _between(rows, tables, relation_kinds)
    except (_NotPlainError, InputError):  # the row reader tells of all problems at once
        return None
    parts = {table: _written(tables[table], each, into) for table, each in rows.items()}
    present = {table: each for table, each in parts.items() if each.parts or tables[table].is_event}
    party_ids, standing = settled_parts(folder, present, None)
    absent = [name for name, shape in tables.items() if shape.is_event and name not in rows]
    coverage: Mapping[str, Coverage] = {**stated.coverage, **dict.fromkeys(absent, "absent")}
    names = [*sorted(files), COVERAGE] if (folder / COVERAGE).exists() else sorted(files)
    account = Account(
        coverage=coverage,
        rejects=0,
        first_rejects=(),
        counts=tuple(count_of(each) for each in readers),
        hashes={name: hash_of(folder / name) for name in names},
        flags=flags(standing.get("operators"), Regions()),
        without_recorded=without_recorded(list(standing.values())),
        ignored=ignored,
        mapping=mapping.name,
    )
    relations = standing.pop("relations", None)
    return Gathered(party_ids, list(standing.values()), relations, Regions(), as_rejects(()), account)


def _plain_if(condition: object) -> None:
    if not condition:
        raise _NotPlainError


# --- one file -------------------------------------------------------------------------------------------------


def _read_file(path: Path, entries: Sequence[Positioned], tables: Mapping[str, Shape]) -> Iterator[_Columns]:
    """The readers of a file that have taken its rows, in the order of the row reader's own."""
    _plain_if(format_of(path.name).startswith(".csv"))
    ways = dict.fromkeys((entry.encoding, entry.delimiter, entry.header_line) for _position, entry in entries)
    for way in ways:
        header, cells = _raw(path, way)
        for position, entry in entries:
            if (entry.encoding, entry.delimiter, entry.header_line) == way:
                rows = Rows(header, iter(()))
                reader = _Columns(entry, tables[entry.table], rows, path.name, position)
                reader.take_all(cells)
                yield reader


def _raw(path: Path, way: tuple[str, str, int]) -> tuple[tuple[str, ...], pl.DataFrame]:
    """The header of a file and the cells of all rows as text, by the place of their column."""
    header = header_of(path) if way == _PLAIN_WAY else None
    if header is not None:
        frames = []
        for lines in read_lines(path, len(header)):
            _plain_if((lines.widths == len(header)).all())
            frames.append(lines.cells)
        empty = pl.DataFrame(schema=dict.fromkeys(map(str, range(len(header))), pl.String))
        return header, pl.concat(
            [empty, *(each.rename(dict(zip(each.columns, empty.columns, strict=True))) for each in frames)]
        )
    opened = open_rows(path, closed=False, encoding=way[0], delimiter=way[1], header_line=way[2])
    taken = []
    for _number, row in opened.numbered:
        if isinstance(row, BadRow):
            raise _NotPlainError
        taken.append(row)
    schema = dict.fromkeys(map(str, range(len(opened.header))), pl.String())
    return opened.header, pl.DataFrame(taken, schema=schema, orient="row")


class _Columns(EntryReader):
    """Reads the rows of one file into those of one table, all at once: `rows` has the cells of those that count."""

    rows: pl.DataFrame

    def take_all(self, cells: pl.DataFrame) -> None:
        """Take all rows of a file."""
        entry = self.entry
        sources = entry.sources or {}
        unpacked = entry.packed or entry.labelled or entry.tidy or entry.one_per_id or self.shape.table == "regions"
        _plain_if(sources and not unpacked and not sources.keys() & entry.constants.keys())
        numbered = cells.with_row_index(AT, offset=1).with_columns(pl.col(AT).cast(pl.Int64))
        self.read = len(cells)
        rows = self._shown(numbered)
        found = [rows.get_column(AT), *(self._cells(name, source, rows) for name, source in sources.items())]
        found += [self._always(name, len(rows)) for name in entry.constants]
        self.rows = self._each_once(pl.DataFrame(found))
        _plain_if(alone(self.shape, self.rows).all())

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
            raise _NotPlainError
        _plain_if(all(isinstance(part, Column | Line) for part in source.parts))
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
        _plain_if(found.certain is None or found.certain.all())
        return found.cells.cast(CELLS[cell_type(field.type_)]).alias(name)

    def _always(self, name: str, count: int) -> pl.Series:
        type_, value = self._type(name), self._constants[name]
        _plain_if(is_allowed(value, name))
        cell = None if value is None else cell_writer(type_)(value)
        return pl.Series(name, [cell], CELLS[cell_type(type_)]).new_from_index(0, count)

    def _each_once(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with equal ids numbered where they are several records; else those that say the same, once."""
        if self.entry.repeats:
            nth = pl.int_range(1, pl.len() + 1).over("id")
            rows = rows.with_columns(id=pl.when(nth == 1).then("id").otherwise(pl.format("{}~{}", "id", nth)))
        if self.shape.is_event:
            return rows.with_columns(pl.lit(1, pl.UInt32).alias(_MANY))
        names = [name for name in rows.columns if name != AT]
        _plain_if(not any((of := self._type(name).of) is not None and of.fields for name in names))
        once = rows.group_by(names, maintain_order=True).agg(pl.col(AT).first(), pl.len().cast(pl.UInt32).alias(_MANY))
        self.duplicates += len(rows) - len(once)
        return once


def _each(texts: pl.Series, change: Callable[[str], str]) -> pl.Series:
    """Each distinct text changed once; no text is an empty one."""
    raw = texts.fill_null("").alias("raw")
    distinct = raw.unique()
    told = pl.DataFrame({"raw": distinct, "text": pl.Series([change(text) for text in distinct], dtype=pl.String)})
    return raw.to_frame().join(told, on="raw", how="left", maintain_order="left").get_column("text")


# --- one table ------------------------------------------------------------------------------------------------


def _standing(table: str, readers: Sequence[_Columns]) -> pl.DataFrame:
    """The rows of a table that stand, in the order of entries, files and rows; see `gathering.settle`."""
    mine = sorted((each for each in readers if each.shape.table == table), key=lambda one: (one.position, one.file))
    frames = [
        each.rows.with_columns(
            pl.lit(place, pl.UInt32).alias(_READER),
            from_file=pl.lit(each.file),
            from_record=pl.col(AT),
            position=pl.lit(each.position, pl.UInt32),
            only_new=pl.lit(each.entry.only_new),
        )
        for place, each in enumerate(mine)
    ]
    rows = pl.concat(frames, how="diagonal")
    late = pl.col("only_new") & (pl.col("position") > pl.col("position").min().over("id"))
    rows = rows.with_columns(late=late)
    for place, said, kept in _of_readers(rows.filter("late")):
        mine[place].skipped[EARLIER] += said
        mine[place].duplicates -= said - kept
    rows = rows.filter(~pl.col("late")).drop("late", "position", "only_new")
    content = [name for name in rows.columns if name not in (AT, _MANY, _READER, *ORIGIN)]
    again = ~pl.struct(content).is_first_distinct()
    for place, _said, kept in _of_readers(rows.filter(again)):
        mine[place].duplicates += kept
    rows = rows.filter(~again)
    default = {"recorded": date.min, "revision": 0}
    version = ["id", *(pl.col(name).fill_null(value) for name, value in default.items() if name in rows.columns)]
    _plain_if(not rows.select(pl.struct(version).is_duplicated().any()).item())
    return rows


def _of_readers(rows: pl.DataFrame) -> list[tuple[int, int, int]]:
    """Of each reader how many rows these are, and how many that differ."""
    return rows.group_by(_READER).agg(pl.col(_MANY).sum(), kept=pl.len()).sort(_READER).rows()


def _between(rows: Mapping[str, pl.DataFrame], tables: Mapping[str, Shape], kinds: frozenset[str] | None) -> None:
    """Whether nothing would be refused by what other tables say."""
    ids = {table: rows[table].get_column("id") for table in PARTY_TABLES if table in rows}
    _plain_if(len(ids.get("operators", ())))
    every = pl.concat(ids.values())
    _plain_if(every.n_unique() == sum(one.n_unique() for one in ids.values()))
    for table, each in rows.items():
        ends = ["party"] if tables[table].is_event else ["source", "target"] if table == "relations" else []
        for end in ends:
            _plain_if(each.get_column(end).is_in(every.implode()).all())
    if kinds is not None and "relations" in rows:
        _plain_if(rows["relations"].get_column("kind").is_in(sorted(kinds)).all())


def _written(shape: Shape, rows: pl.DataFrame, into: Path) -> Parts:
    """The rows as parts, numbered from 1."""
    folder = into / shape.table
    folder.mkdir(parents=True)
    schema = part_schema(shape)
    have = set(rows.columns)
    cells = rows.with_columns(pl.int_range(1, pl.len() + 1).alias(AT)).select(
        (pl.col(name) if name in have else pl.lit(None)).cast(dtype).alias(name) for name, dtype in schema.items()
    )
    paths = []
    for start in range(0, len(cells), CHUNK):
        paths.append(folder / f"part-{start // CHUNK:05d}.parquet")
        write_quickly(cells.slice(start, CHUNK), paths[-1])
    rejects = folder / "rejects.parquet"
    write_quickly(as_rejects(()), rejects)
    return Parts(Table(Path(shape.table), shape), paths, rejects, len(cells), 0, ())
