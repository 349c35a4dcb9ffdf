"""The order of the events of a bucket: by party, then by (`sequence`, id) and version, before any row is moved."""

from __future__ import annotations

import polars as pl

from credit_engine.files.store_layout import CODE, NUMBER
from credit_engine.files.store_spreading import Spread

_HALF = 2**32


def in_order(parties: pl.Series, ranked: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Party and `order` of the rows by these two, and at which place each was. `ranked`: the places by `order`."""
    number = pl.int_range(pl.len(), dtype=pl.UInt64)
    packed = parties.gather(ranked).to_frame().select(pl.col("party").cast(pl.UInt64) * _HALF + number)
    key = packed.to_series().sort()
    order = (key % _HALF).cast(CODE)
    return (key // _HALF).cast(CODE), order.cast(NUMBER).alias("order"), ranked.gather(order)


def ranked(each: Spread, ids: pl.Series) -> pl.Series:
    """The places of the rows by (`sequence`, id) and version."""
    rows = pl.DataFrame([ids.alias("id"), each.column("known_from")]).with_row_index("at")
    key = pl.col("id").cast(NUMBER) * 2**22 + pl.col("known_from")
    sorted_ = rows.select("at", key=key).sort("key", maintain_order=True)
    is_tied = sorted_.select((pl.col("key") == pl.col("key").shift(1)).any()).item()
    more = {name: each.column(name) for name in ("sequence", "revision") if name not in each.constants}
    has_sequence = "sequence" in more and (more["sequence"] != 0).any()
    if is_tied or has_sequence:
        by = ["sequence", "id", "known_from", "revision"]
        sorted_ = rows.with_columns(**more).sort([name for name in by if name in more or name in rows.columns])
    return sorted_.get_column("at")
