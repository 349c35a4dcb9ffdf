"""The made-up population as a prepared store: made once by the library itself, opened by all that is measured."""

from __future__ import annotations

from pathlib import Path

from credit_engine.engines.columns.opened import prepared_from_store
from credit_engine.engines.columns.prepared import Prepared
from credit_engine.files.store_preparing import prepare_store
from credit_engine.policy.plan import Plan


def make_store(raw: Path, store: Path, plan: Plan, buckets: int | None = None) -> None:
    """Prepare an input folder; nothing that was made up is rejected."""
    account = prepare_store(raw, store, plan.field_types, tuple(plan.kinds), buckets=buckets)
    assert not sum(count.rejected for count in account.counts)


def open_store(store: Path, plan: Plan, buckets: list[int] | None = None) -> Prepared:
    """The store, or some buckets of it, as the kernel reads them."""
    return prepared_from_store(store, plan, buckets)
