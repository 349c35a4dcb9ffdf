"""What is measured, and what a way of answering has to give so that it can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
from attrs import frozen
from batch.stored import open_store

from credit_engine import load_policy
from credit_engine.engines.columns.prepared import Prepared
from credit_engine.policy.load import Policy

Tables = Mapping[str, pl.DataFrame]


@frozen
class Data:
    """The folder of the data (`raw`, `store`, `sample`), and whether the policy has its list."""

    folder: Path
    listed: bool

    @cached_property
    def policy(self) -> Policy:
        """The policy that is measured; it is loaded once, before anything is."""
        return load_policy(Path(__file__).parents[1] / ("batch-rules" if self.listed else "batch-scores"))

    @property
    def buckets(self) -> range:
        """The numbers of the store's buckets."""
        return range(len(list((self.folder / "store").glob("bucket-*"))))

    def store(self, bucket: int | None = None) -> Prepared:
        """The prepared events, or those of one bucket."""
        return open_store(self.folder / "store", self.policy.plan, None if bucket is None else [bucket])


@frozen(eq=False)
class Ready:
    """A way made ready: one round of it, its answers as tables (none: it has no answers), the events a round judges."""

    round: Callable[[], Any]  # Any: what `answers` takes
    answers: Callable[[Any], Tables] | None  # Any: as above
    events: int


@frozen(eq=False)
class Way:
    """A line of the table. `cannot`: what it cannot express, or what was left out because it would be too slow."""

    title: str
    ready: Callable[[Data], Ready]
    cannot: tuple[str, ...] = ()


def in_one_bucket(data: Data) -> Prepared:
    """The same events under one set of codes."""
    whole = data.folder / "whole"
    return open_store(whole if whole.is_dir() else data.folder / "store", data.policy.plan)


def events_in(store: Prepared) -> int:
    """How many versions of events a store has."""
    counts = [rows.select(pl.len()) for rows in store.events.values()]
    return sum(int(each.item()) for each in pl.collect_all(counts))
