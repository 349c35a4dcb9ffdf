"""A store opened for the kernel holds what the tables in memory hold."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bad_input.folders import folder_of
from credit_engine.days import Period
from credit_engine.engines.columns.opened import prepared_from_store
from credit_engine.engines.columns.prepared import Prepared, prepared
from credit_engine.errors import QuestionError
from credit_engine.files.input import Input
from credit_engine.files.store_preparing import prepare_store
from shares import one_in
from test_store_columns import FOLDERS, KINDS, RELATION_KINDS, by_rows, written
from test_tables import DECLARED


class _Fields:
    """What is asked of a plan here: the fields and kinds that the tables have."""

    field_types = DECLARED
    kinds = KINDS
    relations = RELATION_KINDS


PLAN: Any = _Fields()  # Any: stands for a plan


def decoded(store: Prepared, frame: pl.LazyFrame) -> list[dict[str, Any]]:  # Any: cells
    """The rows with texts in the place of codes, without `order`."""
    rank = ["order"] if "order" in frame.collect_schema() else ["known_from", "o.revision"]
    rows = frame.collect(engine="streaming").sort("party", *rank).iter_rows(named=True)
    return [{name: _cell(store, name, frame, cell) for name, cell in row.items() if name != "order"} for row in rows]


def _cell(store: Prepared, name: str, frame: pl.LazyFrame, cell: Any) -> Any:  # Any: as above
    dtype = frame.collect_schema()[name]
    if name == "party":
        return store.party_ids[cell]
    if name == "e.lasts":
        return None if cell is None else store.periods[cell]
    if dtype == pl.List(pl.UInt32):
        return None if cell is None else [store.text(code) for code in cell]
    return store.text(cell) if dtype == pl.UInt32 and cell is not None else cell


def assert_same(one: Prepared, other: Prepared) -> None:
    assert decoded(one, one.parties.select(sorted(one.parties.collect_schema()))) == decoded(
        other, other.parties.select(sorted(one.parties.collect_schema()))
    )
    assert one.events.keys() == other.events.keys()
    for kind, rows in one.events.items():
        names = sorted(rows.collect_schema())
        assert sorted(other.events[kind].collect_schema()) == names
        assert {name: rows.collect_schema()[name] for name in names} == dict(
            other.events[kind].select(names).collect_schema()
        )
        assert decoded(one, rows.select(names)) == decoded(other, other.events[kind].select(names))
    assert (one.coverage, one.regions, list(one.party_ids)) == (other.coverage, other.regions, list(other.party_ids))


@one_in(20)
@given(FOLDERS, st.integers(1, 3))
def test_a_store_opens_as_the_tables_in_memory(frames: Mapping[str, pl.DataFrame], buckets: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = written(Path(place) / "in", frames)
        read = by_rows(folder)
        if isinstance(read, Input):
            prepare_store(
                folder, Path(place) / "store", DECLARED, KINDS, relation_kinds=RELATION_KINDS, buckets=buckets
            )
            opened = prepared_from_store(Path(place) / "store", PLAN)
            assert_same(prepared(read, PLAN), opened)
            assert_facts_hold(opened)


def assert_facts_hold(store: Prepared) -> None:
    for kind, rows in store.events.items():
        found = rows.collect()
        for name, facts in store.facts.get(kind, {}).items():
            column = found.get_column(name)
            assert facts.nulls == column.null_count(), name
            if facts.least is not None:
                assert (facts.least, facts.most) == (column.min(), column.max()), name


@one_in(20)
@given(FOLDERS)
def test_the_buckets_of_a_store_are_the_whole_of_it(frames: Mapping[str, pl.DataFrame]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = written(Path(place) / "in", frames)
        if isinstance(by_rows(folder), str):
            return
        prepare_store(folder, Path(place) / "store", DECLARED, KINDS, relation_kinds=RELATION_KINDS, buckets=3)
        whole = prepared_from_store(Path(place) / "store", PLAN)
        each = [prepared_from_store(Path(place) / "store", PLAN, [bucket]) for bucket in range(3)]
        assert sum(one.party_count for one in each) == whole.party_count == len(whole.party_ids)
        rows = [row for one in each for row in decoded(one, one.events["violation"])]
        assert sorted(map(repr, rows)) == sorted(map(repr, decoded(whole, whole.events["violation"])))
        for kind in whole.events:
            assert not whole.events[kind].select(pl.col("order").is_duplicated().any()).collect().item()


def test_a_period_is_read_from_a_store(tmp_path: Path) -> None:
    text = "id,party,received,lasts\nC1,O1,2024-01-01,20wd\nC2,O1,2024-01-01,3y\nC3,O2,2024-01-01,\n"
    folder = folder_of(tmp_path / "in", complaints__csv=text)
    prepare_store(folder, tmp_path / "store", DECLARED, KINDS, buckets=2)
    store = prepared_from_store(tmp_path / "store", PLAN)
    rows = decoded(store, store.events["complaint"])
    assert [row["e.lasts"] for row in rows] == [Period.read("20wd"), Period.read("3y"), None]


def test_a_bucket_that_there_is_not_is_refused(tmp_path: Path) -> None:
    prepare_store(folder_of(tmp_path / "in"), tmp_path / "store", {}, ())
    plan: Any = type("Fields", (), {"field_types": {}, "kinds": {}})()  # Any: stands for a plan
    with pytest.raises(QuestionError, match="unknown_bucket: the store has 1 buckets; asked for: 1"):
        prepared_from_store(tmp_path / "store", plan, [1])
