"""A store judged on Spark: tasks get numbers of buckets and judge each from its own files, without shuffles.

An input folder is prepared first: tasks read its files and code the buckets, the driver settles what stands. Workers
need this library, with the extra `spark`. What a task finds stays on its disk until the driver has taken it. A folder
at another file system's address (`hdfs://`, `s3a://`, `file://`) is fetched by Spark, once for each machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from credit_engine.engines.choosing import ADDRESS
from credit_engine.engines.preparing import store_for
from credit_engine.engines.running import Telling
from credit_engine.engines.stored import Judged, judge, judge_together, put_together
from credit_engine.engines.summary import Summary
from credit_engine.errors import CreditEngineError, InputError, Place, Problem
from credit_engine.files.results import Format
from credit_engine.files.store_opening import Store, open_store
from credit_engine.files.tasks import Done, Each, Job, is_there, one_by_one

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

    An input folder is prepared first, into a store beside `out`, which every worker has to see under the same path. A
    policy that spreads is judged by the driver, for it needs all parties at once. Raises `CreditEngineError`.
    """
    try:
        from pyspark import StorageLevel  # noqa: PLC0415  # heavy, and an extra
    except ImportError as error:
        hint = "pip install 'credit-engine[spark]'; it needs Java 17"
        raise InputError(Problem("spark_missing", "pyspark is not installed", hint=hint)) from error
    plan, told = asked.policy.plan, telling or Telling()
    context = (_session() if session is None else session).sparkContext
    fetched = _fetched(context, str(folder))
    local = Path(folder) if fetched is None else _place_of(fetched)
    buckets = _TASKS * context.defaultParallelism
    opened = store_for(local, mapping, plan, told, buckets, partial(_hands, context, local))

    def judged(store: Store) -> Iterable[Judged]:
        if asked.is_of_relations:
            told.stage("scoring")
            yield judge_together(store, asked, told.progress)
            return
        told.stage("scoring on Spark")
        is_fetched = fetched is not None and store.path == local
        task = partial(_judged, None if is_fetched else str(store.path.resolve()), fetched, asked)
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
        hint = "check the address, that Spark can read it, and that it fetched no other folder of this name before"
        said = " ".join(str(error).splitlines()[:2])  # what was called, and what Java says of it
        message = f"Spark cannot fetch it: {said}"
        raise InputError(Problem("unreadable", message, Place(folder), hint)) from error
    return address.rpartition("/")[2]


def _place_of(fetched: str) -> Path:
    """Where Spark has put what it fetched, on this machine."""
    from pyspark import SparkFiles  # noqa: PLC0415  # as above

    return Path(SparkFiles.get(fetched))


# --- preparing ------------------------------------------------------------------------------------------------


def _hands(context: SparkContext, folder: Path, place: Path) -> Each:
    """Who prepares a folder into a store at a place: the workers, as far as they see what is there.

    Raises `InputError` where they do not see the place, for there they could not judge either.
    """
    if not _is_seen(context, place):
        hint = "give an --out that every worker sees under the same path, or `prepare` the folder into such a place"
        raise InputError(Problem("no_store", "the folder is no prepared store", Place(str(folder)), hint))
    return partial(_handed_out, context) if _is_seen(context, folder) else one_by_one


def _is_seen(context: SparkContext, path: Path) -> bool:
    """Whether workers see a path."""
    tasks = context.defaultParallelism
    return all(context.parallelize([str(path.resolve())] * tasks, tasks).map(is_there).collect())


def _handed_out(context: SparkContext, do: Callable[[Job], Done], jobs: Sequence[Job]) -> Iterator[Done]:
    """What workers make of some jobs, in their order."""
    if not jobs:
        return
    for one in context.parallelize(jobs, len(jobs)).map(partial(_done, do)).collect():
        if isinstance(one, CreditEngineError):
            raise one
        yield one


def _done(do: Callable[[Job], Done], job: Job) -> Done | CreditEngineError:
    try:
        return do(job)
    except CreditEngineError as error:
        return error


def _session() -> SparkSession:
    from pyspark.sql import SparkSession  # noqa: PLC0415  # as above

    return SparkSession.builder.getOrCreate()
