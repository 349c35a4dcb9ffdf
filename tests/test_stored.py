"""A store scored, bucket by bucket or at once: the tables of the input folder, however many buckets there are."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from credit_engine import Policy, load_policy, score_folder
from credit_engine.files.store import prepare
from credit_engine.policy.load import shipped_policies

DELTA = Path(__file__).parents[1] / "fixtures" / "delta"
DAY = date(2026, 6, 30)
EVERY = shipped_policies()


SOME = ("agri-credit", "delta-food", "red-black-board", "severe-list-order44")


@pytest.fixture(scope="module", params=[1, 7], ids="{} buckets".format)
def stored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The stores of the tour for some policies, made once."""
    return {name: store_of(name, tmp_path_factory.mktemp("stores"), request.param) for name in SOME}


def store_of(name: str, folder: Path, buckets: int) -> Path:
    """The store of the tour with the fields of a policy."""
    plan = load_policy(name).plan
    kinds, relations = tuple(plan.kinds), tuple(plan.relations)
    prepare(DELTA, folder / "store", plan.field_types, kinds, relation_kinds=relations, buckets=buckets)
    return folder / "store"


def result(out: Path) -> dict[str, Any]:
    """What a manifest says, without who made it."""
    found: dict[str, Any] = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    found["counts"].pop("routed")
    return {key: value for key, value in found.items() if key not in ("engine", "routed_for")}


def compared(
    folder: Path, store: Path, policy: Policy, tmp_path: Path, engine: str = "polars", **asked: Any
) -> dict[str, Any]:
    """The manifest of the plain engine on the folder, which that of an engine on the store must equal."""
    plain = score_folder(folder, policy, out=tmp_path / "plain", engine="plain", **asked)
    columns = score_folder(store, policy, out=tmp_path / "columns", engine=engine, **asked)
    said = result(tmp_path / "plain")
    assert result(tmp_path / "columns") == said
    for name in (
        "answered",
        "grades",
        "entries",
        "rejects",
        "flags",
        "no_region",
        "outside_by",
        "first_rejects",
        "effects",
        "too_wide",
        "spread",
    ):
        assert getattr(columns, name) == getattr(plain, name), name
    return said


@pytest.mark.parametrize("name", SOME)
def test_a_store_comes_to_the_tables_of_its_folder(name: str, stored: dict[str, Path], tmp_path: Path) -> None:
    said = compared(DELTA, stored[name], load_policy(name), tmp_path, as_of=DAY)
    assert said["tables"]["assessments"]["rows"] > 0


@pytest.mark.parametrize("name", [name for name in EVERY if name not in SOME])
def test_every_shipped_policy_judges_a_store_as_its_folder(name: str, tmp_path: Path) -> None:
    said = compared(DELTA, store_of(name, tmp_path, 3), load_policy(name), tmp_path, as_of=DAY)
    assert said["tables"]["assessments"]["rows"] > 0


def test_several_days_and_an_audience(stored: dict[str, Path], tmp_path: Path) -> None:
    days = [date(2025, 12, 31), DAY]
    compared(DELTA, stored["agri-credit"], load_policy("agri-credit"), tmp_path, days=days, audience="public")


def test_a_table_of_questions_with_rows_that_are_none(stored: dict[str, Path], tmp_path: Path) -> None:
    panel = tmp_path / "panel.csv"
    parties = ["NOBODY", "SH01", "ZZZ", "0"]
    panel.write_text("party,day\n" + "".join(f"{party},2026-06-30\n" for party in parties) + "X,no day\n")
    said = compared(DELTA, stored["agri-credit"], load_policy("agri-credit"), tmp_path, days=panel)
    assert said["counts"]["rejected"] >= 4


def test_the_plain_engine_takes_buckets_in_turn_too(stored: dict[str, Path], tmp_path: Path) -> None:
    for name in ("agri-credit", "red-black-board", "delta-food"):
        compared(DELTA, stored[name], load_policy(name), tmp_path, "plain", as_of=DAY)


def test_a_policy_that_spreads_answers_a_table_of_questions_from_a_store(tmp_path: Path) -> None:
    policy, store, panel = load_policy("delta-food"), tmp_path / "store", tmp_path / "panel.csv"
    plan = policy.plan
    prepare(DELTA, store, plan.field_types, tuple(plan.kinds), relation_kinds=tuple(plan.relations), buckets=3)
    panel.write_text("party,day\nSH01,2026-06-30\nSH02,2026-05-31\n", encoding="utf-8")
    assert compared(DELTA, store, policy, tmp_path, days=panel)["spread"] == "not in a panel"
