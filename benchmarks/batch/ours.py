"""This library's own ways: the columns engine on a day, on several days and bucket by bucket; the plain engine."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from importlib import import_module
from random import Random

import polars as pl
from batch.answers import of_assessments, of_tables, together, whole_tables
from batch.generator import AS_OF
from batch.ready import Data, Ready, Tables, events_in
from batch.sampled import dossiers

from credit_engine import Assessment, assess
from credit_engine.days import end_of
from credit_engine.engines.columns.answering import Answers, answered
from credit_engine.engines.columns.folder import Scored, scored
from credit_engine.engines.columns.narrowing import in_memory
from credit_engine.engines.columns.passing import Asking
from credit_engine.engines.columns.prepared import Prepared
from credit_engine.engines.columns.view import fields_of, is_read
from credit_engine.engines.questions import Reasons
from credit_engine.files.panels import Question
from credit_engine.files.store_dossiers import dossiers_from
from credit_engine.files.store_opening import open_store

_Found = tuple[Answers, list[Assessment]]
_MONTHS = 12
_SHARE = 50  # events for a question of the panel
_DAYS = 3 * 365
_SEED = 7
_PART = 100_000  # lines, as many as in a row group of a file


def columns(reasons: Reasons, data: Data) -> Ready:
    """Everybody on one day; whom columns do not judge, the plain engine does."""
    store = data.store()
    return Ready(partial(_answered, data, store, AS_OF, reasons), _tables, events_in(store))


def with_texts(data: Data) -> Ready:
    """The same with all reasons, and the texts of their lines made part by part, as they are for a file."""
    store = data.store()

    def answer() -> _Found:
        found = _answered(data, store, AS_OF, "all")
        made = sum(len(part) for part in found[0].told.parts(_PART))
        assert made == len(found[0].told)
        return found

    return Ready(answer, _tables, events_in(store))


def _answered(data: Data, store: Prepared, day: date, reasons: Reasons) -> _Found:
    policy = data.policy
    found = answered(store, policy, day, reasons=reasons)
    if not len(found.routed):
        return found, []
    opened = open_store(data.folder / "store", policy.plan.field_types, tuple(policy.plan.kinds))
    return found, [assess(one, policy, day) for one in dossiers_from(opened, found.routed.to_list())]


def months(data: Data) -> Ready:
    """Everybody on twelve month-ends; the last is the day that all others judge, and its answers are compared.

    Those of the others are let go of, as they are once they are written.
    """
    store = data.store()
    first = AS_OF.year * _MONTHS + AS_OF.month - _MONTHS
    days = [end_of("month", date(place // _MONTHS, place % _MONTHS + 1, 1)) for place in range(first, first + _MONTHS)]
    assert days[-1] == AS_OF

    fields = fields_of(data.policy.plan)

    def answer() -> _Found:
        held = in_memory(store, lambda column: is_read(column, fields))
        for day in days[:-1]:
            _answered(data, held, day, "none")
        return _answered(data, held, days[-1], "none")

    return Ready(answer, _tables, events_in(store))


def panel(data: Data) -> Ready:
    """A table of (party, day), one for fifty events, over three years; a tenth on the day of all others, compared."""
    store, policy = data.store(), data.policy
    chance = Random(_SEED)  # noqa: S311  # nothing is kept secret
    parties = store.party_ids.to_list()
    pairs = {(chance.choice(parties), AS_OF - timedelta(days=max(chance.randrange(-_DAYS // 9, _DAYS), 0)))
             for _ in range(events_in(store) // _SHARE)}  # fmt: skip
    questions = [Question(*pair) for pair in sorted(pairs)]

    def answer() -> tuple[Scored, list[Assessment]]:
        found = scored(lambda: store, Asking(policy, reasons="none"), questions)
        opened = open_store(data.folder / "store", policy.plan.field_types, tuple(policy.plan.kinds))
        rest = [questions[place] for place in found.rest]
        others = dossiers_from(opened, [each.party for each in rest])
        return found, [assess(one, policy, each.day) for one, each in zip(others, rest, strict=True)]

    def tables(answers: tuple[Scored, list[Assessment]]) -> Tables:
        frames, others = answers[0].frames, [one for one in answers[1] if one.as_of == AS_OF]
        mine = {name: frames[name].filter(pl.col("day") == AS_OF) for name in ("assessments", "entries")}
        return together([of_tables(**mine), of_assessments(others)])

    return Ready(answer, tables, events_in(store))


def buckets(data: Data) -> Ready:
    """Everybody on one day, bucket by bucket, so that memory grows with a bucket alone; opening each is counted."""

    def answer() -> list[Tables]:
        return [_tables(_answered(data, data.store(bucket), AS_OF, "none")) for bucket in data.buckets]

    return Ready(answer, together, sum(events_in(data.store(bucket)) for bucket in data.buckets))


def on_spark(reasons: Reasons, data: Data) -> Ready:
    """Everybody on one day on Spark, written as result tables."""
    found: Ready = import_module("batch.spark_sql").library(reasons, data)
    return found


def plain(data: Data) -> Ready:
    """A sample of the parties, one after the other, from dossiers in memory."""
    policy = data.policy
    sample = dossiers(data.folder / "sample", policy.plan)
    events = sum(len(one.events) for one in sample)
    return Ready(lambda: [assess(one, policy, AS_OF) for one in sample], of_assessments, events)


def _tables(found: _Found) -> Tables:
    columns, others = found
    if not others:
        return whole_tables(columns.assessments, columns.entries)
    return together([of_tables(columns.assessments, columns.entries), of_assessments(others)])
