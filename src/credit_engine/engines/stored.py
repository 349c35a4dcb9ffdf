"""Scoring a prepared store bucket by bucket: memory is that of one bucket, wherever it is judged.

A bucket is a range of parties in their order, so the tables of its buckets, one after the other, are those of the
store. `judge` does one bucket and can do so in another process; `put_together` makes the result of all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import compress
from pathlib import Path

import polars as pl
from attrs import evolve, frozen

from credit_engine.engines.dividing import Divided
from credit_engine.engines.questions import Asked
from credit_engine.engines.rows import PARTS, SUMMARY, Row, added_summaries, assessment_columns
from credit_engine.engines.running import Progress, Run, Telling, is_withheld
from credit_engine.engines.sources import BucketSource, Source, StoreSource
from credit_engine.engines.summary import MOST_REJECTS, Summary, about, added, problems_of
from credit_engine.files.frames import Parts, frames_of, part_of
from credit_engine.files.input import Input
from credit_engine.files.panels import Panel
from credit_engine.files.recording import Reject
from credit_engine.files.results import Format, Keep, Table, rejects_table, rows_of, write_parts
from credit_engine.files.store_frames import check_readable
from credit_engine.files.store_layout import bucket_size
from credit_engine.files.store_opening import Store

_FINE = 100  # steps of progress for each party


@frozen
class Judged:
    """What a bucket came to: the rows of its tables as Parquet, those of `obligations_summary` as they are."""

    summary: Summary
    rejects: tuple[Reject, ...]
    parts: Mapping[str, bytes]
    duties: tuple[Row, ...]


Opened = Callable[[Path | None], Store]  # given a place for files that are gone when the run has ended


def score_store(
    opened: Opened,
    asked: Asked,
    out: Path | None,
    form: Format = "parquet",
    telling: Telling | None = None,
    memory_limit: int | None = None,
) -> Summary:
    """Judge the buckets of a store in turn: the tables are those of the input folder.

    `memory_limit`: bytes; buckets are divided further, so that this process holds no more. Raises `CreditEngineError`.
    """
    told = telling or Telling()

    def judged(store: Store) -> Iterator[Judged]:
        told.stage("scoring")
        if asked.is_of_relations:
            yield judge_together(store, asked, told.progress)
            return
        divided = Divided(memory_limit)
        count = len(store.party_ids)
        for bucket in range(store.bucket_count):
            for first, until in divided.parts(*_numbers(store, bucket)):
                yield judge(store, bucket, asked, _of_all(told.progress, first, until, count), (first, until))

    return put_together(opened, asked, judged, out, form, told)


def _of_all(progress: Progress | None, first: int, until: int, count: int) -> Progress | None:
    """Progress through some of the parties, as progress through all of them."""
    if progress is None:
        return None
    return lambda done, every: progress(first * _FINE + done * (until - first) * _FINE // max(every, 1), count * _FINE)


# --- one bucket -----------------------------------------------------------------------------------------------


def judge(
    store: Store,
    bucket: int,
    asked: Asked,
    progress: Progress | None = None,
    among: tuple[int, int] | None = None,
) -> Judged:
    """The answers about the parties of one bucket, or those with numbers `among` these ends.

    Nothing spreads from one party to another.
    """
    numbers = _numbers(store, bucket)
    first, until = numbers if among is None else among
    source = BucketSource(store, bucket, asked.policy.plan, None if (first, until) == numbers else (first, until))
    try:
        return _judged(store, asked, source, (first, until), progress)
    except (OSError, pl.exceptions.PolarsError):
        check_readable(store.path / store.names[bucket])  # names a file that was cut off; all else is our own fault
        raise


def judge_together(store: Store, asked: Asked, progress: Progress | None = None) -> Judged:
    """The answers about all parties of a store, with the effects of their affiliates: all buckets at once."""
    try:
        return _judged(store, asked, StoreSource(store, plan=asked.policy.plan), (0, len(store.party_ids)), progress)
    except (OSError, pl.exceptions.PolarsError):
        for name in store.names:
            check_readable(store.path / name)
        raise


def _judged(store: Store, asked: Asked, source: Source, among: tuple[int, int], progress: Progress | None) -> Judged:
    first, until = among
    parties = store.party_ids.slice(first, until - first).to_list()
    panel = _questions(store, first, until, parties, asked)
    read = _who_there_is(store, parties)
    run = Run(read, asked.policy, panel, progress, asked.audience, asked.engine, source=source, reasons=asked.reasons)
    tables = {table.name: table for table in run.made()}
    duties = tuple(tuple(row) for row in rows_of(tables.pop("obligations_summary")))
    parts = {name: part_of(table.rows, table.columns) for name, table in tables.items()}
    return Judged(run.summary(None), tuple(run.rejects), parts, duties)


def _numbers(store: Store, bucket: int) -> tuple[int, int]:
    """The number of the first party of a bucket, and the one after its last."""
    size = bucket_size(len(store.party_ids), store.bucket_count)
    first, until = bucket * size, (bucket + 1) * size
    return min(first, len(store.party_ids)), min(until, len(store.party_ids))


def _who_there_is(store: Store, parties: Sequence[str]) -> Input:
    """An input that knows who there is; what is recorded of them comes from the source."""
    return Input(
        parties=dict.fromkeys(parties, ()),
        regions=store.regions,
        relations=(),
        events={},
        coverage=store.coverage,
        rejects=(),
        counts=(),
        hashes={},
        flags={},
        without_recorded=0,
    )


def _questions(store: Store, first: int, until: int, parties: Sequence[str], asked: Asked) -> Panel:
    if not isinstance(asked.questions, Panel):
        return asked.of(parties)
    questions = asked.panel.questions
    # the number of each party, or of the one before it if there is none of this id: so each is one bucket's
    after = store.party_ids.search_sorted(pl.Series([one.party for one in questions], dtype=pl.String), side="right")
    places = (after.cast(pl.Int64) - 1).clip(0)
    return Panel(list(compress(questions, places.is_between(first, until, closed="left"))), [])


# --- all buckets ----------------------------------------------------------------------------------------------


def put_together(
    opened: Opened,
    asked: Asked,
    judged: Callable[[Store], Iterable[Judged]],
    out: Path | None,
    form: Format = "parquet",
    telling: Telling | None = None,
) -> Summary:
    """The result of all buckets, judged in their order, in the folder `out` if there is one. Raises `OutputError`."""
    if out is None:
        store = opened(None)
        return _summary(store, asked, [_without_rows(one) for one in judged(store)], None)
    found: list[Summary] = []

    def made(keep: Keep, work: Path) -> tuple[Iterable[Table], Mapping[str, object]]:
        files: dict[str, list[Path]] = {}
        told = []
        store = opened(work)
        for one in judged(store):
            for name, part in one.parts.items():
                files.setdefault(name, []).append(keep(part))
            told.append(_without_rows(one))
        found.append(_summary(store, asked, told, out))
        if telling is not None:
            telling.stage("writing")
        return _tables(store, asked, files, told), about(asked, store.account, found[0])

    write_parts(out, made, form=form)
    return found[0]


def _without_rows(judged: Judged) -> Judged:
    return evolve(judged, parts={})


def _tables(store: Store, asked: Asked, files: Mapping[str, Sequence[Path]], told: Sequence[Judged]) -> Iterator[Table]:
    plan = asked.policy.plan
    for name, columns in {"assessments": assessment_columns(plan), **PARTS}.items():
        yield Table(name, columns, Parts(tuple(files[name])))
    yield Table("obligations_summary", SUMMARY, added_summaries((row for one in told for row in one.duties), plan))
    yield _rejects(store, asked, told)


def _rejects(store: Store, asked: Asked, told: Sequence[Judged]) -> Table:
    """The rows of the input and of the table of questions that were not used."""
    if is_withheld(asked.audience):
        return rejects_table(())
    table = rejects_table(_of_questions(asked, told))
    return evolve(table, rows=pl.concat([store.rejects(), *frames_of(table.rows, table.columns)]))


def _of_questions(asked: Asked, told: Sequence[Judged]) -> list[Reject]:
    """The questions without an answer: first the rows that are none."""
    return [*asked.panel.rejects, *(each for one in told for each in one.rejects)]


def _summary(store: Store, asked: Asked, told: Sequence[Judged], out: Path | None) -> Summary:
    """What all buckets came to together."""
    of_questions = _of_questions(asked, told)
    codes = Counter(store.rejects().get_column("code").to_list()) + Counter(each.code for each in of_questions)
    first = [*store.account.first_rejects, *of_questions][:MOST_REJECTS]
    return evolve(
        added([one.summary for one in told]),
        flags=store.account.flags,
        rejects=dict(sorted(codes.items())),
        first_rejects=() if is_withheld(asked.audience) else problems_of(first),
        out=out,
    )
