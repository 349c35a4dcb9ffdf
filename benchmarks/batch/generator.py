"""A made-up population of any size as an input folder: heavy-tailed, in date order, the same bytes for the same seed.

A tenth as many operators as events, lognormal weights (sigma 1.5), seven years, texts in Chinese, ids of 20 characters.
One cell in some hundreds is empty, one penalty in five hundred is corrected later, one in a hundred is only alleged.
Made slice by slice of the days, so memory does not grow with the number of events but with the operators.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import polars as pl

Weights: TypeAlias = Any  # Any: an array of numpy, each operator's weight and those before it
AS_OF = date(2026, 6, 30)
FIRST = date(2019, 7, 1)
_LIST_SINCE = date(2021, 9, 1)
SEED = 20_260_630
SLICES = 10
_ROWS = 250_000  # of a row group
_SHARES = {"violation": 0.40, "inspection": 0.49, "case_transfer": 0.05, "honour": 0.05}
_LETTERS = {"violation": "V", "inspection": "I", "case_transfer": "T", "honour": "H", "list_decision": "L"}
_AUTHORITIES = [
    f"{city}市场监督管理局" for city in ("上海市浦东新区", "上海市黄浦区", "杭州市", "南京市", "合肥市", "苏州市")
]
_REGIONS = ["310115", "310101", "330100", "320100", "340100", "320500"]
_PENALTIES = [
    *([["fine"], ["fine", "warning"], ["confiscation", "fine"], ["stop_production"], ["warning"]] * 4),
    ["fine", "revoke_licence"],
]
_FINES = [100_000, 500_000, 5_000_000, 20_000_000, 60_000_000]


class _Chance:
    """Draws for the rows of one slice of one table, each column from its own stream."""

    def __init__(self, seed: int, table: str, part: int, rows: int) -> None:
        self.root = np.random.SeedSequence([seed, sorted(_LETTERS).index(table), part])
        self.rows = rows

    def generator(self) -> np.random.Generator:
        return np.random.Generator(np.random.Philox(self.root.spawn(1)[0]))

    def numbers(self, below: int) -> pl.Series:
        return pl.Series(self.generator().integers(0, below, self.rows, dtype=np.int64))

    def one_of(self, choices: Sequence[object], empty: float = 0.0) -> pl.Series:
        """One of the choices for each row; of so many rows the cell is empty."""
        found = pl.Series(choices).gather(self.numbers(len(choices)))
        if not empty:
            return found
        missing = pl.Series(self.generator().random(self.rows) < empty)
        return pl.select(pl.when(~missing).then(found)).to_series()

    def parties(self, weights: Weights) -> pl.Series:
        places = np.searchsorted(weights, self.generator().random(self.rows) * weights[-1], side="right")
        return _ids("OP", 18, pl.Series(np.minimum(places, len(weights) - 1)))


def made_up(events: int, folder: Path, seed: int = SEED) -> Path:
    """Write the tables of about so many events to a new folder, and return it."""
    folder.mkdir(parents=True)
    parties = max(events // 10, 10)
    drawn = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, len(_LETTERS)])))
    weights = np.cumsum(drawn.lognormal(sigma=1.5, size=parties))
    _operators(parties).write_parquet(folder / "operators.parquet", row_group_size=_ROWS)
    with tempfile.TemporaryDirectory(dir=folder) as parts:
        for part in range(SLICES):
            for table, rows in _slice(events, part, seed, weights):
                rows.write_parquet(Path(parts) / f"{table}-{part}.parquet")
        for table in _LETTERS:
            pieces = [Path(parts) / f"{table}-{part}.parquet" for part in range(SLICES)]
            pl.scan_parquet(pieces).sink_parquet(folder / f"{table}.parquet", row_group_size=_ROWS)
    return folder


def _ids(letters: str, digits: int, numbers: pl.Series) -> pl.Series:
    return pl.select(pl.format(letters + "{}", pl.lit(numbers).cast(pl.String).str.zfill(digits))).to_series()


def _operators(parties: int) -> pl.DataFrame:
    numbers = pl.Series(np.arange(parties, dtype=np.int64))
    return pl.DataFrame(
        {
            "id": _ids("OP", 18, numbers),
            "kind": pl.Series(["enterprise", "individual", "branch"]).gather(numbers % 3),
            "name": pl.select(pl.format("第{}号食品店", pl.lit(numbers))).to_series(),
            "region": pl.Series(_REGIONS).gather(numbers % len(_REGIONS)),
        }
    )


def _slice(events: int, part: int, seed: int, weights: Weights) -> Iterator[tuple[str, pl.DataFrame]]:
    """The rows of one slice of the days, table by table; decisions last, for they name penalties."""
    made: dict[str, pl.DataFrame] = {}
    for table, share in _SHARES.items():
        every = int(events * share)
        first, end = every * part // SLICES, every * (part + 1) // SLICES
        chance = _Chance(seed, table, part, end - first)
        made[table] = _common(table, first, end, every, chance, weights).with_columns(_COLUMNS[table](chance))
    penalties = made["violation"]
    made["list_decision"] = _decisions(penalties, _Chance(seed, "list_decision", part, len(penalties)), part)
    made["violation"] = pl.concat([penalties, _corrected(penalties)])
    yield from made.items()


def _common(
    table: str,
    first: int,
    end: int,
    every: int,
    chance: _Chance,
    weights: Weights,
) -> pl.DataFrame:
    numbers = pl.Series(np.arange(first, end, dtype=np.int64))
    anchor = {"inspection": "occurred", "case_transfer": "received"}.get(table, "decided")
    day = pl.lit(FIRST) + pl.duration(days=pl.lit(numbers) * ((AS_OF - FIRST).days + 1) // every)
    place = chance.numbers(len(_AUTHORITIES))
    return pl.DataFrame(
        {
            "id": _ids(_LETTERS[table], 19, numbers),
            "party": chance.parties(weights),
            "late": chance.numbers(21),
            "authority": pl.Series(_AUTHORITIES).gather(place),
            "region": pl.Series(_REGIONS).gather(place),
        }
    ).select(
        "id",
        "party",
        day.alias(anchor),
        recorded=day + pl.duration(days="late"),
        revision=pl.lit(0, pl.Int64),
        authority="authority",
        region="region",
    )


def _violations(chance: _Chance) -> list[pl.Series]:
    penalties = chance.one_of(_PENALTIES)
    fined = penalties.list.contains("fine")
    return [
        chance.one_of(["found"] * 89 + ["final"] * 10 + ["alleged"]).alias("standing"),
        chance.one_of(["食品安全法"] * 9 + ["价格法"], empty=0.004).alias("law"),
        chance.one_of(["minor", "general", "general", "severe"], empty=0.006).alias("severity"),
        penalties.alias("penalties"),
        pl.select(pl.when(fined).then(chance.one_of(_FINES, empty=0.004))).to_series().alias("fine"),
        chance.one_of([True, False, False, False], empty=0.004).alias("heavier"),
        chance.one_of([True, False, False, False]).alias("intent"),
    ]


def _inspections(chance: _Chance) -> list[pl.Series]:
    return [
        chance.one_of(["routine", "routine", "sampling", "unannounced"]).alias("type"),
        chance.one_of(["pass", "pass", "basic", "fail"], empty=0.004).alias("result"),
        chance.one_of(list(range(50, 101)), empty=0.004).alias("score"),
        chance.one_of([0, 0, 0, 1, 2]).alias("key_items_failed"),
        chance.one_of(["糕点", "乳制品", "肉制品", "饮料", "速冻食品", "调味品"]).alias("product"),
    ]


_COLUMNS: Mapping[str, Callable[[_Chance], list[pl.Series]]] = {
    "violation": _violations,
    "inspection": _inspections,
    "case_transfer": lambda chance: [chance.one_of(["criminal", "region", "department", "region"]).alias("direction")],
    "honour": lambda chance: [chance.one_of(["quality_award", "gmp", "organic"]).alias("type")],
}


def _corrected(penalties: pl.DataFrame) -> pl.DataFrame:
    """A later version of one penalty in five hundred: less severe, with another fine."""
    return penalties.gather_every(500, 7).with_columns(
        recorded=pl.col("recorded") + pl.duration(days=60),
        revision=pl.lit(1, pl.Int64),
        severity=pl.lit("minor"),
        fine=pl.when(pl.col("fine").is_not_null()).then(pl.lit(100_000, pl.Int64)),
    )


def _decisions(penalties: pl.DataFrame, chance: _Chance, part: int) -> pl.DataFrame:
    """What the authority did about revoked licences: a notice, mostly a listing, sometimes a way out; in date order.

    Each names its penalty, of a day since which there is such a list. A few rest on penalties that are not severe, so
    that they open no entry by themselves.
    """
    drawn = penalties.with_columns(lot=chance.numbers(100), late=chance.numbers(30), few=chance.numbers(20))
    severe = pl.col("severity").fill_null("severe") == "severe"
    revoked = pl.col("penalties").list.contains("revoke_licence")
    about = drawn.filter(pl.col("decided") >= _LIST_SINCE, revoked, severe | (pl.col("few") == 0))
    lot = pl.col("lot")
    steps = [
        _step(about, "notify", 10),
        _step(about.filter(lot < 75), "list", 40),
        _step(about.filter(lot >= 90), "refuse", 40),
        _step(about.filter(lot < 12), "repair", 430),
        _step(about.filter((lot >= 12) & (lot < 16)), "revoke", 90),
        _step(about.filter(lot.is_between(10, 13)), "list", 500),
    ]
    rows = pl.concat(steps).sort("decided", "about", "step")
    numbers = pl.Series(np.arange(len(rows), dtype=np.int64)) + part * 10**12
    return rows.with_columns(id=_ids("L", 19, numbers)).drop("about")


def _step(about: pl.DataFrame, step: str, after: int) -> pl.DataFrame:
    day = pl.col("decided") + pl.duration(days=after + pl.col("late"))
    return about.select(
        "party",
        decided=day,
        recorded=day,
        revision=pl.lit(0, pl.Int64),
        authority="authority",
        region="region",
        list=pl.lit("severely_untrustworthy"),
        step=pl.lit(step),
        grounds=pl.concat_list("id"),
        about="id",
    )
