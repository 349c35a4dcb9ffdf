"""A prepared store judged on Spark: tasks get numbers of buckets and judge each from its own files, without shuffles.

Workers need this library, with the extra `spark`. What a task finds stays on its disk until the driver has taken it.
A store at another file system's address (`hdfs://`, `s3a://`, `file://`) is fetched by Spark, once for each machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from credit_engine.engines.choosing import ADDRESS
from credit_engine.engines.preparing import store_for
from credit_engine.engines.running import Telling
from credit_engine.engines.stored import Judged, judge, put_together
from credit_engine.engines.summary import Summary
from credit_engine.errors import CreditEngineError, InputError, Place, Problem, QuestionError
from credit_engine.files.results import Format
from credit_engine.files.store import is_store
from credit_engine.files.store_opening import Store, open_store

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    from credit_engine.engines.questions import Asked

_TASKS = 4  # buckets for each core, where this run decides how many there are: the last ones then end close together


def score_on_spark(
    folder: Path | str,
    asked: Asked,
    out: Path | None,
    form: Format = "parquet",
    session: SparkSession | None = None,
    *,
    mapping: Path | str | None = None,
    telling: Telling | None = None,
) -> Summary:
    """Judge the buckets of a store on Spark, by default in the session that there is; the same tables as elsewhere.

    An input folder is prepared first, by this library and on this machine, so that only workers on this machine can
    read it. Every worker reads a store under the same path, or from an address. Raises `CreditEngineError`.
    """
    try:
        from pyspark import StorageLevel  # noqa: PLC0415  # heavy, and an extra
    except ImportError as error:
        hint = "pip install 'credit-engine[spark]'; it needs Java 17"
        raise InputError(Problem("spark_missing", "pyspark is not installed", hint=hint)) from error
    plan, told = asked.policy.plan, telling or Telling()
    if asked.is_of_relations:
        hint = "use the engine polars"
        raise QuestionError(Problem("unsupported", f"{plan.policy} spreads sanctions", plan.place, hint))
    context = (_session() if session is None else session).sparkContext
    fetched = _fetched(context, str(folder))
    if fetched is None:
        _check_reachable(Path(folder), context)
    buckets = _TASKS * context.defaultParallelism
    opened = store_for(folder if fetched is None else _place_of(fetched), mapping, plan, told, buckets)

    def judged(store: Store) -> Iterable[Judged]:
        told.stage("scoring on Spark")
        task = partial(_judged, str(store.path.resolve()) if fetched is None else None, fetched, asked)
        numbers = range(store.bucket_count)
        found = context.parallelize(numbers, len(numbers)).map(task).persist(StorageLevel.DISK_ONLY)
        try:
            found.count()  # all at once; what is taken one by one afterwards lies on the workers' disks
            for one in found.toLocalIterator():
                if isinstance(one, CreditEngineError):
                    raise one
                yield one
        finally:
            found.unpersist()

    return put_together(opened, asked, judged, out, form, told)


def _judged(folder: str | None, fetched: str | None, asked: Asked, bucket: int) -> Judged | CreditEngineError:
    """What a worker does. What it refuses is handed on as it is: as a failure, Spark would try it again."""
    plan = asked.policy.plan
    try:
        place = _place_of(fetched or "") if folder is None else Path(folder)
        return judge(open_store(place, plan.field_types, tuple(plan.kinds)), bucket, asked)
    except CreditEngineError as error:
        return error


def _fetched(context: SparkContext, folder: str) -> str | None:
    """The name of the store that Spark fetches from an address to every machine; none where it is a plain path."""
    if ADDRESS not in folder:
        return None
    address = folder.rstrip("/")
    try:
        context.addFile(address, recursive=True)
    except Exception as error:  # whatever Java says: no such file system, no such folder
        if type(error).__module__.partition(".")[0] not in ("py4j", "pyspark"):
            raise
        hint = "check the address, and that Spark has what it needs to read it"
        message = f"Spark cannot fetch it: {str(error).splitlines()[0]}"
        raise InputError(Problem("unreadable", message, Place(folder), hint)) from error
    return address.rpartition("/")[2]


def _place_of(fetched: str) -> Path:
    """Where Spark has put what it fetched, on this machine."""
    from pyspark import SparkFiles  # noqa: PLC0415  # as above

    return Path(SparkFiles.get(fetched))


def _check_reachable(folder: Path, context: SparkContext) -> None:
    """A store that this run makes is on this machine, where workers elsewhere would not find it."""
    if not is_store(folder) and not str(context.master).startswith("local"):
        hint = "`prepare` it into a place that every worker sees under the same path"
        raise InputError(Problem("no_store", "the folder is no prepared store", Place(str(folder)), hint))


def _session() -> SparkSession:
    from pyspark.sql import SparkSession  # noqa: PLC0415  # as above

    return SparkSession.builder.getOrCreate()
