"""The numbers of parties: the place of each id among all ids in code-point order."""

from __future__ import annotations

import polars as pl

from credit_engine.files.store_layout import CODE


class Numbers:
    """Knows the number of every party."""

    def __init__(self, party_ids: pl.Series) -> None:
        """Take the ids of all parties, in order."""
        self.ids = party_ids.rechunk()
        self._told = (
            pl.DataFrame({"code": self.ids.hash()}).with_row_index("number").with_columns(pl.col("number").cast(CODE))
        )
        self._each_once = self._told.get_column("code").n_unique() == len(party_ids)

    def of(self, ids: pl.Series) -> pl.Series:
        """The number of each party; none where there is no such party.

        Found by hashes of 64 bits: where no two parties share one, only one can be meant, and its id is compared.
        """
        if not len(ids):
            return pl.Series("number", [], CODE)
        if not self._each_once:
            told = pl.DataFrame({"code": self.ids}).with_row_index("number")
            codes = ids.alias("code").to_frame()
        else:
            told, codes = self._told, ids.hash().alias("code").to_frame()
        found = codes.join(told, on="code", how="left", maintain_order="left").get_column("number").cast(CODE)
        same = (self.ids.gather(found) == ids).fill_null(value=False)
        return found.to_frame().select(pl.when(pl.lit(same)).then(pl.col("number"))).to_series()
