"""A mapped folder by columns, where every row of it is plainly good.

Nothing is decided here: where any cell, row or id is not certainly what the row reader would make of it, where
anything would be refused, or where a mapping unpacks cells, nothing comes out and the row reader reads the folder. What
the cells of a column mean is said by the row reader's own `CellReader`, each distinct text once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from credit_engine.dossiers import Coverage, Regions
from credit_engine.errors import InputError
from credit_engine.files.covering import COVERAGE, read_stated
from credit_engine.files.entries import InputMapping
from credit_engine.files.finding import Positioned
from credit_engine.files.gathering import EARLIER
from credit_engine.files.rows import hash_of
from credit_engine.files.shapes import ORIGIN, PARTY_TABLES, Shape
from credit_engine.files.store_account import Account, flags, without_recorded
from credit_engine.files.store_frames import write_frame
from credit_engine.files.store_gathering import Gathered, settled_parts
from credit_engine.files.store_layout import AT, part_schema
from credit_engine.files.store_mapping_rows import MANY, MappedReader, NotPlainError, plain_if, read_mapped
from credit_engine.files.store_reading import CHUNK, Parts, Table, as_rejects
from credit_engine.files.tables import count_of

_READER = "#reader"  # the place of the reader that took a row


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
        plain_if(not stated.problems and all(files.values()))
        readers = [
            each for name, entries in sorted(files.items()) for each in read_mapped(folder / name, entries, tables)
        ]
        rows = {table: _standing(table, readers) for table in sorted({each.shape.table for each in readers})}
        plain_if(all(stated.coverage.get(table) != "absent" for table in rows))
        _between(rows, tables, relation_kinds)
    except (NotPlainError, InputError):  # the row reader tells of all problems at once
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


# --- one table ------------------------------------------------------------------------------------------------


def _standing(table: str, readers: Sequence[MappedReader]) -> pl.DataFrame:
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
    content = [name for name in rows.columns if name not in (AT, MANY, _READER, *ORIGIN)]
    again = ~pl.struct(content).is_first_distinct()
    for place, _said, kept in _of_readers(rows.filter(again)):
        mine[place].duplicates += kept
    rows = rows.filter(~again)
    default = {"recorded": date.min, "revision": 0}
    version = ["id", *(pl.col(name).fill_null(value) for name, value in default.items() if name in rows.columns)]
    plain_if(not rows.select(pl.struct(version).is_duplicated().any()).item())
    return rows


def _of_readers(rows: pl.DataFrame) -> list[tuple[int, int, int]]:
    """Of each reader how many rows these are, and how many that differ."""
    return rows.group_by(_READER).agg(pl.col(MANY).sum(), kept=pl.len()).sort(_READER).rows()


def _between(rows: Mapping[str, pl.DataFrame], tables: Mapping[str, Shape], kinds: frozenset[str] | None) -> None:
    """Whether nothing would be refused by what other tables say."""
    ids = {table: rows[table].get_column("id") for table in PARTY_TABLES if table in rows}
    plain_if(len(ids.get("operators", ())))
    every = pl.concat(ids.values())
    plain_if(every.n_unique() == sum(one.n_unique() for one in ids.values()))
    for table, each in rows.items():
        ends = ["party"] if tables[table].is_event else ["source", "target"] if table == "relations" else []
        for end in ends:
            plain_if(each.get_column(end).is_in(every.implode()).all())
    if kinds is not None and "relations" in rows:
        plain_if(rows["relations"].get_column("kind").is_in(sorted(kinds)).all())


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
        write_frame(cells.slice(start, CHUNK), paths[-1])
    rejects = folder / "rejects.parquet"
    write_frame(as_rejects(()), rejects)
    return Parts(Table(Path(shape.table), shape), paths, rejects, len(cells), 0, ())
