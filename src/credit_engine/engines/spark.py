"""A prepared store judged on Spark: tasks get numbers of buckets and judge each from its own files, without shuffles.

Workers need this library, with the extra `spark`. What a task finds stays on its disk until the driver has taken it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from credit_engine.engines.stored import Asked, Judged, judge, put_together
from credit_engine.engines.summary import Summary
from credit_engine.errors import CreditEngineError, InputError, Problem, QuestionError
from credit_engine.files.results import Format
from credit_engine.files.store_opening import open_store

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def score_on_spark(
    folder: Path, asked: Asked, out: Path | None, form: Format = "parquet", session: SparkSession | None = None
) -> Summary:
    """Judge the buckets of a store on Spark, by default in the session that there is; the same tables as elsewhere.

    Every worker reads the store under the same path. Raises `CreditEngineError`.
    """
    try:
        from pyspark import StorageLevel  # noqa: PLC0415  # heavy, and an extra
    except ImportError as error:
        hint = "pip install 'credit-engine[spark]'; it needs Java 17"
        raise InputError(Problem("spark_missing", "pyspark is not installed", hint=hint)) from error
    plan = asked.policy.plan
    if plan.spread:
        hint = "use the engine polars"
        raise QuestionError(Problem("unsupported", f"{plan.policy} spreads sanctions", plan.place, hint))
    store = open_store(folder, plan.field_types, tuple(plan.kinds))
    spark = _session() if session is None else session
    task = partial(_judged, str(folder.resolve()), asked)
    buckets = range(store.bucket_count)

    def judged() -> Iterable[Judged]:
        found = spark.sparkContext.parallelize(buckets, len(buckets)).map(task).persist(StorageLevel.DISK_ONLY)
        try:
            found.count()  # all at once; what is taken one by one afterwards lies on the workers' disks
            for one in found.toLocalIterator():
                if isinstance(one, CreditEngineError):
                    raise one
                yield one
        finally:
            found.unpersist()

    return put_together(store, asked, judged, out, form)


def _judged(folder: str, asked: Asked, bucket: int) -> Judged | CreditEngineError:
    """What a worker does. What it refuses is handed on as it is: as a failure, Spark would try it again."""
    plan = asked.policy.plan
    try:
        return judge(open_store(folder, plan.field_types, tuple(plan.kinds)), bucket, asked)
    except CreditEngineError as error:
        return error


def _session() -> SparkSession:
    from pyspark.sql import SparkSession  # noqa: PLC0415  # as above

    return SparkSession.builder.getOrCreate()
