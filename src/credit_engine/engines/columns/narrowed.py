"""Records of some parties out of those of a bucket, so that less is in memory at once."""

from __future__ import annotations

import polars as pl
from attrs import evolve

from credit_engine.engines.columns.prepared import Prepared


def narrowed(store: Prepared, first: int, until: int) -> Prepared:
    """The records of the parties with places from `first` to before `until`, all of which the bucket has.

    What is known of columns beforehand (`facts`) holds for some of the rows too: no more empty cells, no further ends.
    """
    among = pl.col("party").is_between(first, until, closed="left")
    events = {kind: rows.filter(among) for kind, rows in store.events.items()}
    return evolve(store, parties=store.parties.filter(among), events=events, counted=until - first)
