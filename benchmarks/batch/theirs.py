"""The same policy by hand, the least there is to do, and what other engines make of it."""

from __future__ import annotations

from functools import partial
from importlib import import_module

import polars as pl
from batch import by_hand, by_hand_list, by_hand_table
from batch.answers import coded_entries, coded_scores, scores_of, together, whole_tables
from batch.cases import Case, cases
from batch.generator import AS_OF
from batch.ready import Data, Ready, Tables, events_in, in_one_bucket
from batch.sampled import dossiers

from credit_engine.engines.columns.prepared import Prepared

_Found = tuple[pl.DataFrame, pl.DataFrame | None]  # assessments and entries; or scores and entries as codes of a store


def polars_by_hand(data: Data) -> Ready:
    """The whole policy as two queries."""
    store = data.store()
    by_hand.check(store)
    return Ready(partial(_by_hand, data, store), _tables, events_in(store))


def polars_by_hand_in_buckets(data: Data) -> Ready:
    """The same bucket by bucket."""
    for bucket in data.buckets:
        by_hand.check(data.store(bucket))

    def answer() -> list[Tables]:
        stores = (data.store(bucket) for bucket in data.buckets)
        return [_tables(_by_hand(data, store)) for store in stores]

    return Ready(answer, together, sum(events_in(data.store(bucket)) for bucket in data.buckets))


def _by_hand(data: Data, store: Prepared) -> _Found:
    """The tables of assessments and entries as the library has them."""
    plan, scores = data.policy.plan, by_hand.scores(store, AS_OF)
    if not data.listed:
        graded = by_hand.graded(scores, None)
        return by_hand_table.assessments(graded, store, plan, AS_OF).collect(engine="streaming"), None
    entries = by_hand_list.entries(store, AS_OF).collect(engine="streaming")
    graded = by_hand.graded(scores, entries.lazy().filter(pl.col("state") == by_hand_list.LISTED))
    assessments = by_hand_table.assessments(graded, store, plan, AS_OF).collect(engine="streaming")
    return assessments, by_hand_table.entries(entries, store, plan, AS_OF)


def _tables(found: _Found) -> Tables:
    rows, entries = found
    if entries is None:
        return {"assessments": rows, "scores": scores_of(rows)}
    return whole_tables(rows, entries)


def _texts(store: Prepared, found: _Found) -> Tables:
    scores, entries = found
    told = {"scores": coded_scores(scores, store)}
    return told if entries is None else {**told, "entries": coded_entries(entries, store)}


def duckdb(data: Data) -> Ready:
    """The whole policy as SQL over the files of the store."""
    module = import_module("batch.duckdb_sql")
    store, base = data.store(), module.connected()
    by_hand.check(store)
    assert len(data.buckets) == 1
    bucket = data.folder / "store" / "bucket-000"
    ask = partial(module.answers, base, bucket, store, AS_OF, listed=data.listed)
    return Ready(ask, partial(_texts, store), events_in(store))


def spark_sql(data: Data) -> Ready:
    """The same as SQL on Spark."""
    by_hand.check(in_one_bucket(data))
    found: Ready = import_module("batch.spark_sql").sql(data)
    return found


def scan(data: Data) -> Ready:
    """One scan of two whole numbers of every event of the store, and one group-by."""
    store = in_one_bucket(data)
    every = pl.concat([rows.select("party", number="order") for rows in store.events.values()])
    return _grouped(every)


def dated_scan(data: Data) -> Ready:
    """The same from a file in date order, party and day as whole numbers."""
    return _grouped(pl.scan_parquet(data.folder / "dated.parquet").rename({"day": "number"}))


def raw_scan(data: Data) -> Ready:
    """The same from the raw files, parties as texts of 20 characters."""
    paths = [path for path in sorted((data.folder / "raw").glob("*.parquet")) if path.stem != "operators"]
    return _grouped(pl.concat([pl.scan_parquet(path).select("party", number="revision") for path in paths]))


def _grouped(rows: pl.LazyFrame) -> Ready:
    query = rows.group_by("party").agg(pl.col("number").sum())
    events = int(rows.select(pl.len()).collect().item())
    return Ready(lambda: query.collect(engine="streaming"), None, events)


def one_by_one(module: str, engine: str, parties: int, data: Data) -> Ready:
    """An engine that judges one dossier at a time, on the first parties that it can take: see `cases`."""
    peer = import_module(f"batch.{module}")
    chosen: list[Case] = list(cases(dossiers(data.folder / "sample", data.policy.plan), AS_OF, 200))[:parties]
    asked = getattr(peer, engine)()
    events = sum(len(one.events) for one in chosen)
    return Ready(lambda: asked.scores(chosen), lambda found: peer.answers(chosen, found), events)


def openfisca(data: Data) -> Ready:
    """Everybody at once, from arrays in memory; a simulation made anew in each round."""
    module = import_module("batch.openfisca")
    store = data.store()
    engine = module.OpenFisca(store, AS_OF)
    events = len(engine.inputs["party"])
    return Ready(engine.scores, lambda found: module.answers(engine, store, found, AS_OF), events)
