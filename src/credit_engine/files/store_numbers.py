"""The numbers of parties: the place of each id among all ids in code-point order."""

from __future__ import annotations

import polars as pl

from credit_engine.files.store_layout import CODE


class Numbers:
    """Knows the number of every party."""

    def __init__(self, party_ids: pl.Series) -> None:
        """Take the ids of all parties, in order."""
        self._told = party_ids.alias("id").to_frame().with_row_index("number").with_columns(pl.col("number").cast(CODE))

    def of(self, ids: pl.Series) -> pl.Series:
        """The number of each party; none where there is no such party."""
        asked = ids.alias("id").to_frame()
        return asked.join(self._told, on="id", how="left", maintain_order="left").get_column("number")
