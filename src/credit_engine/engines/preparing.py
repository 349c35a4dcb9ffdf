"""The store that a run judges: the one that it is given, or one made of an input folder for this run alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from credit_engine.engines.running import Telling
from credit_engine.errors import InputError, Place, Problem
from credit_engine.files.mappings import load_mapping
from credit_engine.files.store import is_store
from credit_engine.files.store_opening import Store, open_store
from credit_engine.files.store_preparing import prepare_store
from credit_engine.files.tasks import Each, one_by_one
from credit_engine.policy.plan import Plan


def store_for(
    folder: Path | str,
    mapping: Path | str | None,
    plan: Plan,
    telling: Telling,
    buckets: int | None = None,
    hands: Callable[[Path], Each] = lambda _place: one_by_one,
) -> Callable[[Path | None], Store]:
    """What opens the store: `folder` itself, or one prepared of it at the place given, in so many buckets.

    `hands`: who works on a store at a place.
    """
    kinds = tuple(plan.kinds)
    chosen = load_mapping(mapping) if mapping is not None else None
    if is_store(Path(folder)):
        store = open_store(folder, plan.field_types, kinds)
        return lambda _place: store

    def prepared(place: Path | None) -> Store:
        if place is None:
            hint = "`prepare` it first, or give --out"
            raise InputError(Problem("no_store", "the folder is no prepared store", Place(str(folder)), hint))
        telling.stage("preparing")
        out = place / "store"
        relations, each = tuple(plan.relations), hands(place)
        prepare_store(
            folder, out, plan.field_types, kinds, chosen, relation_kinds=relations, buckets=buckets, each=each
        )
        return open_store(out, plan.field_types, kinds)

    return prepared
