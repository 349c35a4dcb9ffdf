"""The policy `batch-rules` as Spark SQL, beside this library on Spark: both in `local[2]`, a session for each.

The query is that of `queries` in Spark's words. It reads all events under one set of codes, which is the best that
SQL can have: whole numbers, days as ordinals, no text. This library reads the store in its buckets and writes all of
its tables; the query writes scores and entries.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from batch.answers import coded_entries, coded_scores, of_tables
from batch.generator import AS_OF
from batch.queries import ANCHORS, ENTRIES, SCORES, SEEN, values
from batch.ready import Data, Ready, Tables, events_in, in_one_bucket

from credit_engine.engines.columns.prepared import Prepared
from credit_engine.engines.questions import Asked, Reasons
from credit_engine.engines.spark import score_on_spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_DAYS = """
select datediff(day, date '0001-01-01') + 1 as day,
  datediff(add_months(day, 12), date '0001-01-01') + 1 as y1,
  datediff(add_months(day, 24), date '0001-01-01') + 1 as y2,
  datediff(add_months(day, 36), date '0001-01-01') + 1 as y3
from (select explode(sequence(date '2010-01-01', date '2060-01-01', interval 1 day)) as day)
"""
_WORDS = (
    (r"create or replace temp (view|table) (\S+) as", r""),
    (r"read_parquet\('([^']*)'\)", r"parquet.`\1`"),
    (r"count\(\*\) filter \((\w+)\) over", r"count(case when \1 then 1 end) over"),
    (r"filter \((?!where)", r"filter (where "),
    (r'"e\.grounds"\[1\]', r'"e.grounds"[0]'),  # places in lists are counted from 0
    (r" // ", r" div "),
    (r"::varchar", r"::string"),
    (r'"', r"`"),
)


def in_spark(query: str) -> str:
    """A query of DuckDB in the words of Spark."""
    for written, said in _WORDS:
        query = re.sub(written, said, query)
    return query


def session() -> SparkSession:
    """Spark on two threads of this machine, on loopback alone; few partitions, for it is one machine."""
    from pyspark.sql import SparkSession as Sessions  # noqa: PLC0415  # an extra

    os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    settings: dict[str, bool | float | int | str | None] = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "6g",
        "spark.sql.shuffle.partitions": "8",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    found: SparkSession = Sessions.builder.master("local[2]").config(map=settings).getOrCreate()
    found.sparkContext.setLogLevel("ERROR")
    return found


def sql(data: Data) -> Ready:
    """The whole policy as SQL."""
    store, folder, out = in_one_bucket(data), data.folder / "coded", data.folder / "spark-sql"
    _write(store, folder)
    spark = session()
    spark.sql(_DAYS).cache().createOrReplaceTempView("days")
    words = values(store, AS_OF, folder)
    for kind, anchor in ANCHORS.items():
        file = folder / f"{kind}.parquet"
        seen = spark.sql(in_spark(SEEN.format(view=f"seen_{kind}", file=file, anchor=anchor, **words)))
        seen.createOrReplaceTempView(f"seen_{kind}")

    def answer() -> None:
        if data.listed:
            entries = spark.sql(in_spark(ENTRIES.format(**words))).cache()
            entries.createOrReplaceTempView("entries")
            entries.write.mode("overwrite").parquet(str(out / "entries"))
        else:
            spark.sql("select 0 as party, 0 as state limit 0").createOrReplaceTempView("entries")
        spark.sql(in_spark(SCORES.format(**words))).write.mode("overwrite").parquet(str(out / "scores"))
        if data.listed:
            entries.unpersist()

    return Ready(answer, lambda _found: _answers(out, store, listed=data.listed), events_in(store))


def _write(store: Prepared, folder: Path) -> None:
    """All events and parties under one set of codes, in order of parties as the store has them."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    store.parties.select("party").sink_parquet(folder / "parties.parquet")
    for kind in ANCHORS:
        store.events[kind].sink_parquet(folder / f"{kind}.parquet", row_group_size=250_000)


def _answers(out: Path, store: Prepared, *, listed: bool) -> Tables:
    scores = pl.read_parquet(out / "scores/*.parquet").with_columns(pl.col("best", "worst").cast(pl.Int8))
    found = {"scores": coded_scores(scores.with_columns(pl.col("party").cast(pl.UInt32)), store)}
    if listed:
        entries = pl.read_parquet(out / "entries/*.parquet")
        entries = entries.with_columns(pl.col("party", "ground").cast(pl.UInt32), pl.col("state").cast(pl.Int8))
        found["entries"] = coded_entries(entries, store)
    return found


def library(reasons: Reasons, data: Data) -> Ready:
    """This library on Spark: a task for each bucket, all tables written."""
    spark, out = session(), data.folder / f"spark-{reasons}"
    asked = Asked(data.policy, (AS_OF,), engine="spark", reasons=reasons)
    score = partial(score_on_spark, data.folder / "store", asked, out, session=spark)
    return Ready(score, lambda _found: _results(out), events_in(in_one_bucket(data)))


def _results(out: Path) -> Tables:
    assessments, entries = (pl.read_parquet(out / f"{name}.parquet") for name in ("assessments", "entries"))
    points = [pl.col(name).mul(1000).cast(pl.Int64) for name in ("score_low", "score_high")]
    return of_tables(assessments.with_columns(points), entries)
