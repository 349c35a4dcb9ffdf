"""The policy `batch-rules` as DuckDB SQL over the same store."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import polars as pl
from batch.queries import ANCHORS, ENTRIES, SCORES, SEEN, values

from credit_engine.engines.columns.prepared import Prepared

_DAYS = """
create temp table days as
select (day - date '0001-01-01' + 1)::integer as day,
  ((day + interval 1 year)::date - date '0001-01-01' + 1)::integer as y1,
  ((day + interval 2 year)::date - date '0001-01-01' + 1)::integer as y2,
  ((day + interval 3 year)::date - date '0001-01-01' + 1)::integer as y3
from (select moment::date as day from generate_series(date '2010-01-01', date '2060-01-01', interval 1 day) t(moment))
"""


def connected(threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A database in memory with the table of days."""
    base = duckdb.connect()
    if threads is not None:
        base.execute(f"set threads = {threads}")
    base.execute(_DAYS)
    return base


def answers(
    base: duckdb.DuckDBPyConnection, folder: Path, store: Prepared, as_of: date, *, listed: bool
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """Scores and entries as `by_hand.graded` and `by_hand_list.entries` have them, from the one bucket of a store."""
    words = values(store, as_of, folder)
    for kind, anchor in ANCHORS.items():
        file = folder / f"{kind}.parquet"
        base.execute(SEEN.format(view=f"seen_{kind}", file=file, anchor=anchor, **words))
    if listed:
        base.execute(ENTRIES.format(**words))
    else:
        base.execute("create or replace temp table entries as select 0::uinteger as party, 0 as state limit 0")
    scores = base.sql(SCORES.format(**words)).pl()
    return scores, base.sql("select * from entries").pl() if listed else None
