"""How fast a whole population is scored in columns: made-up events of a heavy-tailed population, twenty rules.

Run `python benchmarks/columns.py [EVENTS]`. Beside it, in the same run and on the same store: a query written by hand
for this one policy, and a bare scan with one group-by. The answers are compared first, and the run fails if they
differ; the first parties are also put to the plain engine.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from statistics import median

import polars as pl
from attrs import evolve
from columns_by_hand import by_hand

from credit_engine import load_policy
from credit_engine.dossiers import Regions
from credit_engine.engines.columns.answering import answered
from credit_engine.engines.columns.prepared import RAW, Prepared, from_frames
from credit_engine.files.shapes import shapes
from credit_engine.files.store import column_type
from credit_engine.policy.load import Policy

AS_OF = date(2026, 6, 30)
FIRST = date(2019, 7, 1)
ROUNDS = 5
SEED = 20_260_630


def main(arguments: list[str]) -> int:
    """Make the data, compare the answers, measure, print one table; 1 if the answers differ."""
    events = int(arguments[0]) if arguments else 1_000_000
    policy = load_policy(Path(__file__).parent / "twenty-rules")
    frames = made_up(events)
    started = time.perf_counter()
    store = from_frames(frames, policy.plan.field_types, tuple(policy.plan.kinds), {}, Regions())
    preparing = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder:
        store = on_disk(store, Path(folder))
        return _measured(store, policy, events, preparing)


def _measured(store: Prepared, policy: Policy, events: int, preparing: float) -> int:
    ours = answered(store, policy, AS_OF)
    mine = ours.assessments.select("party", "score").sort("party")
    theirs = by_hand(store, AS_OF).collect(engine="streaming")
    theirs = theirs.select(party=store.as_parties(pl.col("party")), score="score").sort("party")
    if not mine.equals(theirs):
        print("the answers differ")
        print(mine.join(theirs, on="party", suffix="_by_hand").filter(pl.col("score") != pl.col("score_by_hand")))
        return 1
    print(f"{events:,} events, {store.party_count:,} parties, 20 rules, {len(ours.reasons):,} reasons; same scores")
    print(f"preparing (texts to codes, versions, order): {preparing:.2f} s\n")
    ways: dict[str, Callable[[], object]] = {
        "columns engine, with reasons": lambda: answered(store, policy, AS_OF),
        "columns engine, no reasons": lambda: answered(store, policy, AS_OF, reasons="none"),
        "query by hand, scores only": lambda: by_hand(store, AS_OF).collect(engine="streaming"),
        "bare scan and group-by": lambda: bare(store),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - started)
    base = {name: median(found) for name, found in times.items()}
    hand, scan = base["query by hand, scores only"], base["bare scan and group-by"]
    print(f"{'seconds':<32}{'median':>8}{'by hand':>10}{'scan':>8}")
    for name, seconds in base.items():
        print(f"{name:<32}{seconds:>8.3f}{seconds / hand:>10.1f}{seconds / scan:>8.1f}")
    return 0


def bare(store: Prepared) -> object:
    """One scan of every event and one group-by."""
    every = pl.concat([rows.select("party", "order") for rows in store.events.values()])
    return every.group_by("party").agg(pl.col("order").sum()).collect(engine="streaming")


def on_disk(store: Prepared, folder: Path) -> Prepared:
    """The same store with its events read from Parquet."""
    events = {}
    for kind, rows in store.events.items():
        path = folder / f"{kind}.parquet"
        rows.collect().write_parquet(path, row_group_size=100_000)
        events[kind] = pl.scan_parquet(path)
    return evolve(store, events=events)


# --- made-up data ---------------------------------------------------------------------------------------------


def made_up(events: int) -> dict[str, pl.DataFrame]:
    """Tables with the columns of a store: a tenth as many parties as events, a few of them with very many events."""
    parties = max(events // 10, 10)
    operators = pl.select(id=pl.format("OP{}", pl.int_range(parties).cast(pl.String).str.zfill(18)))
    operators = operators.with_columns(
        pl.lit("enterprise").alias("kind"),
        pl.lit("310115").alias("region"),
        recorded=pl.lit(None, pl.Date),
        revision=pl.lit(0, pl.Int64),
    )
    violations, inspections = events * 4 // 10, events * 5 // 10
    others = events - violations - inspections
    tables = {
        "operators": operators,
        "violation": _events("V", violations, operators, 1, "decided").with_columns(
            law=_one(violations, 2, ["food_safety_law"] * 9 + ["pricing_law"]),
            severity=_one(violations, 3, ["minor", "general", "general", "severe"]),
            fine=_number(violations, 4, [0, 100_000, 500_000, 5_000_000, 20_000_000, 60_000_000]),
            heavier=_one(violations, 5, [True, False, False, False]),
            intent=_one(violations, 6, [True, False, False, False]),
            penalties=_one(
                violations,
                7,
                [["fine"], ["fine", "warning"], ["confiscation", "fine"], ["stop_production"], ["warning"]] * 4
                + [["revoke_licence"]],
            ),
        ),
        "inspection": _events("I", inspections, operators, 11, "occurred").with_columns(
            type=_one(inspections, 12, ["routine", "routine", "sampling", "unannounced"]),
            result=_one(inspections, 13, ["pass", "pass", "basic", "fail"]),
            score=_number(inspections, 14, [number * 1000 for number in range(50, 101)]),
            key_items_failed=_number(inspections, 15, [0, 0, 0, 1, 2]),
        ),
        "case_transfer": _events("T", others // 2, operators, 21, "received").with_columns(
            direction=_one(others // 2, 22, ["criminal", "region", "department", "region"])
        ),
        "honour": _events("H", others - others // 2, operators, 31, "decided").with_columns(
            type=_one(others - others // 2, 32, ["quality_award", "gmp", "organic"])
        ),
    }
    return {name: _complete(name, frame) for name, frame in tables.items()}


def _complete(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every other column of its table, empty."""
    plan = load_policy(Path(__file__).parent / "twenty-rules").plan
    shape = shapes(plan.field_types, tuple(plan.kinds))[name]
    missing = [
        pl.lit(None, RAW[column_type(type_)]).alias(column)
        for column, type_ in shape.columns.items()
        if column not in frame.columns
    ]
    return frame.with_columns(missing)


def _drawn(rows: int, stream: int, below: int) -> pl.Expr:
    return (pl.int_range(rows).hash(SEED + stream) % below).cast(pl.Int64)


def _one(rows: int, stream: int, choices: Sequence[object]) -> pl.Expr:
    return pl.lit(pl.Series(choices)).gather(_drawn(rows, stream, len(choices)))


def _number(rows: int, stream: int, choices: list[int]) -> pl.Expr:
    return pl.lit(pl.Series(choices, dtype=pl.Int64)).gather(_drawn(rows, stream, len(choices)))


def _events(letter: str, rows: int, operators: pl.DataFrame, stream: int, anchor: str) -> pl.DataFrame:
    """Events in order of their days, as they come in; the n-th party has so many of them that the first have most."""
    parties = len(operators)
    part = _drawn(rows, stream + 100, 1_000_000)
    place = part * part // 1_000_000 * part // 1_000_000 * parties // 1_000_000
    days = (AS_OF - FIRST).days + 1
    frame = pl.select(
        id=pl.format(letter + "{}", pl.int_range(rows).cast(pl.String).str.zfill(18)),
        place=place,
        day=pl.lit(FIRST) + pl.duration(days=pl.int_range(rows) * days // max(rows, 1)),
    )
    return frame.select(
        "id",
        party=pl.lit(operators["id"]).gather(pl.col("place")),
        standing=pl.lit("found"),
        sequence=pl.lit(0, pl.Int64),
        recorded=pl.lit(None, pl.Date),
        revision=pl.lit(0, pl.Int64),
        **{anchor: pl.col("day").cast(pl.Date)},
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
