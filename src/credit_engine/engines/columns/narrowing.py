"""The records of questions about different parties on different days, out of those of all parties.

Every question is a place of its own, with the records of its party as they were known on its day of knowledge. So
questions about many days are answered in one pass. What is asked about is read once, in the order of the parties, and
taken out of it by place: a pass costs what its questions cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl
from attrs import evolve, field, frozen

from credit_engine.engines.columns.prepared import AskedOf, Facts, Prepared
from credit_engine.engines.columns.shapes import CODE, DAY, FIRST_DAY, LAST_DAY, NUMBER, fixed

# `asked`: which question; `party`: the place in the store of whom it is about; `judged` and `known`: its days
QUESTIONS: Mapping[str, pl.DataType] = {"asked": CODE, "party": CODE, "judged": DAY, "known": DAY}
_ALWAYS_KNOWN = {"known_from": FIRST_DAY, "known_until": LAST_DAY + 1}


@frozen(eq=False)
class _Rows:
    """Rows in the order of their parties, and at the place of each party where its rows begin and how many they are."""

    rows: pl.DataFrame
    where: pl.DataFrame


@frozen(eq=False)
class Held:
    """The records of whom is asked about. `events`: by kind."""

    store: Prepared
    parties: _Rows
    events: Mapping[str, _Rows] = field(hash=False)

    def size(self, parties: pl.Series) -> pl.Series:
        """How many rows the events of each of some parties have, whatever is known of them when."""
        sizes = [one.where.get_column("len").gather(parties) for one in self.events.values()]
        return sum(sizes, pl.zeros(len(parties), NUMBER, eager=True))

    def questions(self, asked: pl.DataFrame) -> Prepared:
        """The records of questions (columns of `QUESTIONS`), whose places are those of their rows."""
        return evolve(
            self.store,
            party_ids=self.store.party_ids.gather(asked.get_column("party")),
            parties=_of(self.parties, asked).lazy(),
            events={kind: _numbered(_of(one, asked)) for kind, one in self.events.items()},
            facts={kind: _facts(facts) for kind, facts in self.store.facts.items()},
            counted=None,
            asked=AskedOf(asked.get_column("judged"), asked.get_column("known")),
        )


def held(store: Prepared, parties: pl.Series, is_read: Callable[[str], bool]) -> Held:
    """The records of the parties at some places. `is_read`: whether a column of events is read at all."""
    wanted = pl.zeros(len(store.party_ids), pl.Boolean, eager=True).scatter(parties, values=True)
    events = {kind: _held(rows.select(_columns(rows, is_read)), wanted) for kind, rows in store.events.items()}
    return Held(store, _held(store.parties, wanted), events)


def in_memory(store: Prepared, is_read: Callable[[str], bool]) -> Prepared:
    """The same records, read now, for several passes over all of them. `is_read`: as above."""
    kinds = list(store.events)
    rows = [store.parties, *(store.events[kind].select(_columns(store.events[kind], is_read)) for kind in kinds)]
    parties, *events = pl.collect_all(rows)
    found = {kind: each.lazy() for kind, each in zip(kinds, events, strict=True)}
    return evolve(store, parties=parties.lazy(), events=found)


def _columns(rows: pl.LazyFrame, is_read: Callable[[str], bool]) -> Sequence[str]:
    return [name for name in rows.collect_schema() if not name.startswith("e.") or is_read(name)]


def _held(rows: pl.LazyFrame, wanted: pl.Series) -> _Rows:
    found = rows.filter(pl.lit(wanted).gather(pl.col("party"))).collect().sort("party", maintain_order=True)
    each = found.select(pl.col("party").rle()).unnest("party")
    begins = each.select(pl.col("len").cum_sum() - pl.col("len")).to_series()
    empty = pl.zeros(len(wanted), pl.UInt32, eager=True)
    given = {"begin": begins, "len": each.get_column("len")}
    return _Rows(
        found, pl.DataFrame({name: empty.clone().scatter(each.get_column("value"), given[name]) for name in given})
    )


def _of(held_: _Rows, asked: pl.DataFrame) -> pl.DataFrame:
    """The versions known of the parties asked about; their numbers become the places of the questions."""
    where = held_.where.select(pl.all().gather(asked.get_column("party"))).with_row_index("party")
    where = where.with_columns(asked.get_column("known")).filter(pl.col("len") > 0)
    each = where.select(
        pl.col("party").cast(CODE),
        "known",
        place=pl.int_ranges("begin", pl.col("begin") + pl.col("len"), dtype=pl.UInt32),
    ).explode("place")
    times = held_.rows.select(pl.col(*_ALWAYS_KNOWN).gather(each.get_column("place")))
    is_known = (pl.col("known_from") <= pl.col("known")) & (pl.col("known_until") > pl.col("known"))
    each = each.hstack(times).filter(is_known)
    rows = held_.rows.select(pl.all().gather(each.get_column("place")))
    always = {name: fixed(day, DAY) for name, day in _ALWAYS_KNOWN.items()}
    return rows.with_columns(each.get_column("party"), **always)


def _numbered(rows: pl.DataFrame) -> pl.LazyFrame:
    """Events that are each numbered once, in the same order."""
    return rows.with_columns(order=pl.int_range(pl.len(), dtype=NUMBER)).lazy()


def _facts(facts: Mapping[str, Facts]) -> dict[str, Facts]:
    """What is known of the columns: all but those made anew hold for some of the rows too."""
    others = {name: one for name, one in facts.items() if name != "order"}
    return {**others, **{name: Facts(0, day, day) for name, day in _ALWAYS_KNOWN.items()}}
