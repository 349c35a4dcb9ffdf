"""Every way of answering that is measured, in the order of the table, with what it cannot express."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from batch import ours, theirs
from batch.ready import Way

_BY_HAND = ("reasons", "what is to blame for unknowns", "any other policy")
_PREPARED = "versions, order, periods (prepared beforehand)"
_NOT_ASKED = ("unknowns", "the list", "reasons with law and dates", _PREPARED)

WAYS: Mapping[str, Way] = {
    "scan": Way("bare scan and group-by of the store", theirs.scan, ("answers",)),
    "scan-dated": Way("  of whole numbers in date order", theirs.dated_scan, ("answers",)),
    "scan-raw": Way("  of the raw files, ids of 20 characters", theirs.raw_scan, ("answers",)),
    "by-hand": Way("Polars query by hand", theirs.polars_by_hand, _BY_HAND),
    "columns-none": Way("columns engine, no reasons", partial(ours.columns, "none")),
    "columns": Way("columns engine, all reasons", partial(ours.columns, "all")),
    "columns-texts": Way("  and the texts of every line", ours.with_texts),
    "duckdb": Way("DuckDB SQL by hand", theirs.duckdb, _BY_HAND),
    "plain": Way("plain engine, a sample", ours.plain),
    "openfisca": Way(
        "openfisca-core",
        theirs.openfisca,
        ("windows at an event's own day (sorted by hand in a formula)", "law of an event's day", *_NOT_ASKED),
    ),
    "zen": Way("zen-engine", partial(theirs.one_by_one, "zen_engine", "Zen", 1_000), _NOT_ASKED),
    "cel": Way(
        "cel-expr-python",
        partial(theirs.one_by_one, "cel", "Cel", 1_000),
        ("sums, groups, range (in Python)", *_NOT_ASKED),
    ),
    "durable": Way(
        "durable_rules",
        partial(theirs.one_by_one, "durable_rules", "Durable", 500),
        ("counts, fading, sums, groups, range (in Python)", *_NOT_ASKED),
    ),
}
PANELS: Mapping[str, Way] = {
    "months": Way("columns engine, 12 month-ends", ours.months),
    "panel": Way("columns engine, (party, day) by events / 50", ours.panel),
}
BUCKETS: Mapping[str, Way] = {
    "buckets-by-hand": Way("Polars query by hand, bucket by bucket", theirs.polars_by_hand_in_buckets, _BY_HAND),
    "buckets": Way("columns engine, bucket by bucket", ours.buckets),
}
_DRIVER = "busy and MiB are those of the driver alone"
SPARK: Mapping[str, Way] = {
    "spark-sql": Way("Spark SQL by hand, local[2]", theirs.spark_sql, (*_BY_HAND, _DRIVER)),
    "spark-none": Way("this library on Spark, no reasons", partial(ours.on_spark, "none"), (_DRIVER,)),
    "spark": Way("this library on Spark, all reasons", partial(ours.on_spark, "all"), (_DRIVER,)),
}
EVERY = {**WAYS, **PANELS, **BUCKETS, **SPARK}
