"""The records of a few parties out of those of many: for questions about different parties on many days.

All that is asked about is read once, in the order of the parties; what a day asks about is then taken out of it by
place, so that a day costs what its own questions cost.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import polars as pl
from attrs import evolve, frozen

from credit_engine.engines.columns.prepared import Prepared
from credit_engine.engines.columns.shapes import CODE

Narrow = Callable[[Collection[str]], Prepared]
_WHERE = {"begin": pl.UInt32(), "len": pl.UInt32()}


@frozen(eq=False)
class _Held:
    """Rows in the order of their parties, and at the place of each party where its rows begin and how many they are."""

    rows: pl.DataFrame
    where: pl.DataFrame


def held(store: Prepared, parties: Collection[str], is_read: Callable[[str], bool]) -> Narrow:
    """How to get the records of some of these parties alone, numbered anew in the order of their ids.

    `is_read`: whether a column of events is read at all. Facts of columns are those of all parties.
    """
    there, places = frozenset(parties), _places(store, parties)
    of_parties = _held(store.parties, places, len(store.party_ids))
    of_kinds = {
        kind: _held(rows.select(_columns(rows, is_read)), places, len(store.party_ids))
        for kind, rows in store.events.items()
    }

    def narrow(asked: Collection[str]) -> Prepared:
        wanted = _places(store, there.intersection(asked))
        return evolve(
            store,
            party_ids=store.party_ids.gather(wanted),
            parties=_of(of_parties, wanted),
            events={kind: _of(rows, wanted) for kind, rows in of_kinds.items()},
            counted=None,
        )

    return narrow


def _places(store: Prepared, parties: Collection[str]) -> pl.Series:
    """The places of those of the parties that there are, in order."""
    ids = pl.Series("id", sorted(set(parties)), dtype=pl.String)
    places = store.party_ids.search_sorted(ids).clip(upper_bound=max(len(store.party_ids) - 1, 0))
    return places.filter(store.party_ids.gather(places) == ids) if len(store.party_ids) else places.clear()


def _columns(rows: pl.LazyFrame, is_read: Callable[[str], bool]) -> Sequence[str]:
    return [name for name in rows.collect_schema() if not name.startswith("e.") or is_read(name)]


def _held(rows: pl.LazyFrame, places: pl.Series, parties: int) -> _Held:
    wanted = pl.zeros(parties, pl.Boolean, eager=True).scatter(places, values=True)
    found = rows.filter(pl.lit(wanted).gather(pl.col("party"))).collect().sort("party", maintain_order=True)
    each = found.select(pl.col("party").rle()).unnest("party")
    begins = each.select(pl.col("len").cum_sum() - pl.col("len")).to_series()
    empty = pl.zeros(parties, pl.UInt32, eager=True)
    given = {"begin": begins, "len": each.get_column("len")}
    where = pl.DataFrame({name: empty.clone().scatter(each.get_column("value"), given[name]) for name in _WHERE})
    return _Held(found, where)


def _of(held_: _Held, places: pl.Series) -> pl.LazyFrame:
    """The rows of the parties at these places, whose numbers become their places among these."""
    where = held_.where.select(pl.all().gather(places)).with_row_index("party").filter(pl.col("len") > 0)
    each = where.select(
        pl.col("party").cast(CODE), place=pl.int_ranges("begin", pl.col("begin") + pl.col("len"), dtype=pl.UInt32)
    )
    each = each.explode("place")
    rows = held_.rows.select(pl.all().gather(each.get_column("place")))
    return rows.with_columns(each.get_column("party")).lazy()
