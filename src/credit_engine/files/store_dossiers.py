"""Records out of a store: the dossiers of some parties, or the whole input, equal to what the row reader reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl

from credit_engine.dossiers import Dossier, version_key
from credit_engine.errors import Problem, QuestionError
from credit_engine.files.input import Input
from credit_engine.files.shapes import PARTY_TABLES, Shape
from credit_engine.files.store_account import first_of
from credit_engine.files.store_frames import FAILURES, damaged, read_frame
from credit_engine.files.store_layout import (
    CODE,
    EPOCH,
    MOVED,
    PARTIES,
    REJECTS,
    RELATIONS,
    coded_dtype,
    coded_name,
)
from credit_engine.files.store_opening import Store
from credit_engine.files.store_values import cell_type, values_reader
from credit_engine.records import Event, Party, Person, RecordSource, Relation, Versioned


def dossiers_from(store: Store, parties: Sequence[str]) -> Iterator[Dossier]:
    """The dossiers of these parties, in this order. Raises `QuestionError` for a party that there is not."""
    wanted: dict[int, None] = {}
    for party in parties:
        number = store.number(party)
        if number is None:
            raise QuestionError(Problem("unknown_party", f"no operator or person has the id {party!r}"))
        wanted[number] = None
    versions, events = _records(store, sorted(wanted))
    for number in wanted:
        yield Dossier(tuple(versions[number]), tuple(events.get(number, ())), store.coverage, store.regions)


def _records(store: Store, numbers: list[int]) -> tuple[dict[int, list[Party]], dict[int, list[Event]]]:
    """The versions of these parties and of all events that name them in a version, by number."""
    moved = read_frame(store.path / MOVED).filter(pl.col("party").is_in(numbers))
    elsewhere = sorted(set(moved.get_column("elsewhere")) - set(numbers))
    versions: dict[int, list[Party]] = {}
    found: dict[int, list[Event]] = {}
    for bucket in range(store.bucket_count):
        here = [number for number in (*numbers, *elsewhere) if store.bucket_of(number) == bucket]
        if here:
            versions |= _parties(store, bucket, here)
            for kind in _kinds(store):
                for number, event in _events(store, bucket, kind, here):
                    found.setdefault(number, []).append(event)
    also: dict[int, set[tuple[str, str, int]]] = {}
    for kind, id_, number, other in moved.iter_rows():
        also.setdefault(number, set()).add((kind, id_, other))
    events = {
        number: _in_order([*found.get(number, ()), *_of_others(found, also.get(number, ()))]) for number in numbers
    }
    return versions, events


def _of_others(found: Mapping[int, list[Event]], keys: Iterable[tuple[str, str, int]]) -> Iterator[Event]:
    for kind, id_, other in keys:
        yield from (event for event in found.get(other, ()) if (event.kind, event.id) == (kind, id_))


def _in_order(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda event: (event.kind, event.id, version_key(event)))


def _kinds(store: Store) -> list[str]:
    return sorted(table for table in store.rows if store.tables[table].is_event)


# --- rows of a bucket -----------------------------------------------------------------------------------------


def _parties(store: Store, bucket: int, numbers: Sequence[int] | None = None) -> dict[int, list[Party]]:
    rows = _rows(store, bucket, PARTIES, numbers)
    found: dict[int, list[Party]] = {}
    for table, kind in PARTY_TABLES.items():
        of_table = rows.filter(pl.col("is_person") == (kind == Person.kind))
        for number, record in _as_records(store, bucket, store.tables[table], of_table):
            found.setdefault(number, []).append(record)  # type: ignore[arg-type]  # the table holds parties
    return found


def _events(store: Store, bucket: int, kind: str, numbers: Sequence[int] | None = None) -> Iterator[tuple[int, Event]]:
    if store.has(bucket, kind):
        rows = _rows(store, bucket, f"{kind}.parquet", numbers)
        yield from _as_records(store, bucket, store.tables[kind], rows)  # type: ignore[misc]  # it holds events


def _rows(store: Store, bucket: int, name: str, numbers: Sequence[int] | None) -> pl.DataFrame:
    path = store.file(bucket, name)
    try:
        rows = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        if numbers is not None:
            rows = rows.filter(pl.col("party").is_in(numbers), pl.col("party").is_between(min(numbers), max(numbers)))
        return rows.collect()
    except FAILURES as error:
        raise damaged(path) from error


def _as_records(store: Store, bucket: int, shape: Shape, rows: pl.DataFrame) -> Iterator[tuple[int, Versioned]]:
    """The records of coded rows, with the number of the party."""
    cells = _decoded(shape, rows, store.texts(bucket))
    values = values_reader(shape)
    for number, row in zip(rows.get_column("party"), cells.iter_rows(named=True), strict=True):
        origin = RecordSource(row["from_file"], row["from_record"])
        yield number, shape.build(values(row), origin)  # type: ignore[misc]  # regions are in no bucket


def _decoded(shape: Shape, rows: pl.DataFrame, texts: pl.Series) -> pl.DataFrame:
    """Coded rows as cells: texts as texts, days as days."""
    columns = [_texts(rows.get_column("from_file"), texts), rows.get_column("from_record")]
    for name, type_ in shape.columns.items():
        coded = coded_name(shape, name, type_)
        if coded not in rows.columns:
            continue
        column = rows.get_column(coded)
        if coded_dtype(type_) == pl.List(CODE):
            column = pl.Series([None if each is None else texts.gather(each).to_list() for each in column])
        elif cell_type(type_) == "text":
            column = _texts(column, texts)
        elif type_.name == "date":
            column = (column - EPOCH).cast(pl.Date)
        columns.append(column.alias(name))
    return pl.DataFrame(columns)


def _texts(codes: pl.Series, texts: pl.Series) -> pl.Series:
    return texts.gather(codes).alias(codes.name)


# --- everything -----------------------------------------------------------------------------------------------


def input_from(store: Store) -> Input:
    """The whole input as records, as it was first read."""
    versions: dict[int, list[Party]] = {}
    by_id: dict[tuple[str, str], list[tuple[int, Event]]] = {}
    for bucket in range(store.bucket_count):
        versions |= _parties(store, bucket)
        for kind in _kinds(store):
            for number, event in _events(store, bucket, kind):
                by_id.setdefault((event.kind, event.id), []).append((number, event))
    events: dict[int, list[Event]] = {}
    for _key, group in sorted(by_id.items(), key=lambda item: item[0]):
        in_order = sorted((event for _number, event in group), key=version_key)
        for number in sorted({number for number, _event in group}):
            events.setdefault(number, []).extend(in_order)
    account, ids = store.account, store.party_ids
    rejects = read_frame(store.path / REJECTS)
    return Input(
        parties={ids[number]: tuple(found) for number, found in sorted(versions.items())},
        regions=store.regions,
        relations=tuple(_relations(store)),
        events={ids[number]: tuple(found) for number, found in sorted(events.items())},
        coverage=account.coverage,
        rejects=first_of(rejects, len(rejects)),
        counts=account.counts,
        hashes=account.hashes,
        flags=account.flags,
        without_recorded=account.without_recorded,
        ignored=account.ignored,
        mapping=account.mapping,
        columns_not_read=account.columns_not_read,
    )


def _relations(store: Store) -> Iterator[Relation]:
    if not (store.path / RELATIONS).exists():
        return
    shape, ids = store.tables["relations"], store.party_ids
    values = values_reader(shape)
    rows = read_frame(store.path / RELATIONS).with_columns(
        *((pl.col(name) - EPOCH).cast(pl.Date) for name in ("since", "until", "recorded"))
    )
    ends = [ids.gather(rows.get_column(end)).alias(end) for end in ("source", "target")]
    for row in rows.with_columns(ends).iter_rows(named=True):
        yield shape.build(values(row), RecordSource(row["from_file"], row["from_record"]))  # type: ignore[misc]  # see shape
