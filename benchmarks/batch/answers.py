"""What every engine has to answer: the same two frames, whoever made them, so that they can be compared.

`SCORES`: party, lowest and highest score in thousandths, grade (empty where it is not known), indicators.
`ENTRIES`: each entry of the list with its state and days. A way that makes the library's whole tables of everybody
adds them as `assessments` and `rows of entries`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl
from attrs import frozen
from batch.by_hand import GRADES
from batch.by_hand_list import STATES
from polars.testing import assert_frame_equal

from credit_engine import Assessment
from credit_engine.assessing.unknown import Range
from credit_engine.engines.columns.calendar import as_date
from credit_engine.engines.columns.prepared import Prepared

INDICATORS = ("penalties_1y", "failed_samples_2y", "violations_3y")
SCORES = {
    "party": pl.String,
    "low": pl.Int64,
    "high": pl.Int64,
    "grade": pl.String,
    **dict.fromkeys(INDICATORS, pl.String),
}
ENTRIES = {
    "party": pl.String,
    "ground": pl.String,
    "state": pl.String,
    "listed": pl.Date,
    "until": pl.Date,
    "repairable": pl.Date,
    "changed": pl.Boolean,
}


def coded_scores(rows: pl.DataFrame, store: Prepared) -> pl.DataFrame:
    """The scores of a query over the store, with places of parties and grades."""
    grade = pl.lit(pl.Series(GRADES)).gather(pl.when(pl.col("best") == pl.col("worst")).then(pl.col("best")))
    return rows.select(
        store.as_parties(pl.col("party")).alias("party"), "low", "high", grade.alias("grade"), *INDICATORS
    )


def coded_entries(rows: pl.DataFrame, store: Prepared) -> pl.DataFrame:
    """The entries of a query over the store, with places, codes and ordinals."""
    return rows.select(
        store.as_parties(pl.col("party")).alias("party"),
        store.as_texts(pl.col("ground")).alias("ground"),
        pl.lit(pl.Series(STATES)).gather(pl.col("state")).alias("state"),
        *(as_date(pl.col(name)).alias(name) for name in ("listed", "until", "repairable")),
        "changed",
    )


def scores_of(assessments: pl.DataFrame) -> pl.DataFrame:
    """The scores in the library's table of assessments."""
    return assessments.select(
        "party",
        pl.col("score_low").alias("low"),
        pl.col("score_high").alias("high"),
        "grade",
        *(pl.col(f"indicator.{name}").alias(name) for name in INDICATORS),
    )


def of_tables(assessments: pl.DataFrame, entries: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The answers in the result tables of the library."""
    return {
        "scores": scores_of(assessments),
        "entries": entries.select(
            "party", "ground", "state", "listed", "until", repairable="repairable_from", changed="ground_changed"
        ),
    }


def whole_tables(assessments: pl.DataFrame, entries: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The same, and the tables as they are; those of entries by party and line."""
    whole = entries.select("party", "line", pl.exclude("party", "line"))
    return {**of_tables(assessments, entries), "assessments": assessments, "rows of entries": whole}


def of_assessments(answers: Iterable[Assessment]) -> dict[str, pl.DataFrame]:
    """The answers of `assess`."""
    scores: list[tuple[str | int | None, ...]] = []
    entries: list[tuple[str, str, str, date | None, date | None, date | None, bool]] = []
    for one in answers:
        low, high = (one.score.low, one.score.high) if isinstance(one.score, Range) else (one.score, one.score)
        assert low is not None
        assert high is not None
        indicators = (_shown(one.indicators[name]) for name in INDICATORS)
        scores.append((one.party, int(low), int(high), one.grade, *indicators))
        entries += [
            (one.party, each.ground, each.state, each.listed, each.until, each.repairable_from, each.ground_changed)
            for each in one.entries
        ]
    return {
        "scores": pl.DataFrame(scores, schema=SCORES, orient="row"),
        "entries": pl.DataFrame(entries, schema=ENTRIES, orient="row"),
    }


def _shown(count: object) -> str:
    return f"{count.low}..{count.high}" if isinstance(count, Range) else str(count)


def together(parts: Sequence[Mapping[str, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    """The answers of several parts as one."""
    return {name: pl.concat([tables[name] for tables in parts]) for name in parts[0]}


def write(answers: Mapping[str, pl.DataFrame], folder: Path) -> None:
    """Keep the answers in one order."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in answers.items():
        rows.sort(rows.columns[:2]).write_parquet(folder / f"{name}.parquet")


@frozen
class Compared:
    """How many parties two ways both judged, which tables both have, and the first difference in each that differs."""

    parties: int
    tables: tuple[str, ...]
    differences: tuple[str, ...]


def compared(mine: Path, theirs: Path) -> Compared:
    """The tables, columns and parties that both folders have, compared row by row."""
    common = sorted({path.name for path in mine.iterdir()} & {path.name for path in theirs.iterdir()})
    asked = pl.scan_parquet(mine / "scores.parquet").select("party")
    asked = asked.join(pl.scan_parquet(theirs / "scores.parquet").select("party"), on="party", how="semi")
    found = []
    for name in common:
        ours, other = (pl.scan_parquet(folder / name).join(asked, on="party", how="semi") for folder in (mine, theirs))
        columns = [one for one in ours.collect_schema().names() if one in other.collect_schema()]
        try:
            assert_frame_equal(*(rows.select(columns).sort(columns[:2]).collect() for rows in (ours, other)))
        except AssertionError as error:
            found.append(f"{name}: {error}")
    parties = int(asked.select(pl.len()).collect().item())
    return Compared(parties, tuple(name.removesuffix(".parquet") for name in common), tuple(found))
