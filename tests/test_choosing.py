"""Which engine answers where nobody says, whose reasons are told, and how much is in memory: never what the answers are."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from credit_engine import Policy, load_policy, score_folder
from credit_engine.engines import choosing
from credit_engine.engines.dividing import Divided
from credit_engine.errors import CreditEngineError
from credit_engine.files.store import prepare
from credit_engine.policy.load import load_policy_text
from sample_policies import HEAD

DELTA = Path(__file__).parents[1] / "fixtures" / "delta"
DAY = date(2026, 6, 30)
ENGINES = ("polars", "plain")
LACKED = f"""{HEAD}
indicators: {{owners: {{count: violation.responsible, where: {{item.role: owner}}}}}}
"""


def tables(out: Path) -> Any:
    return json.loads((out / "manifest.json").read_text(encoding="utf-8"))["tables"]


def rows(out: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(out / f"{name}.parquet")


@pytest.fixture
def nothing_is_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every folder has so much that columns pay."""
    monkeypatch.setattr(choosing, "MUCH", 0)


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """The tour with a row that is rejected and one that is there twice."""
    folder = tmp_path / "town"
    shutil.copytree(DELTA, folder)
    path = folder / "operators.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[-1], f"{lines[1]},too much"]) + "\n", encoding="utf-8")
    return folder


# --- the engine -----------------------------------------------------------------------------------------------


def test_few_records_are_judged_by_the_plain_engine() -> None:
    assert score_folder(DELTA, load_policy("agri-credit"), DAY).engine == "plain"


@pytest.mark.usefixtures("nothing_is_little")
def test_many_records_are_judged_in_columns() -> None:
    assert score_folder(DELTA, load_policy("agri-credit"), DAY).engine == "polars"


@pytest.mark.usefixtures("nothing_is_little")
def test_a_table_of_few_questions_is_answered_by_the_plain_engine_and_one_of_many_in_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = tmp_path / "panel.csv"
    panel.write_text("party,day\nSH01,2026-06-30\nSH01,2026-06-29\n", encoding="utf-8")
    assert score_folder(DELTA, load_policy("agri-credit"), days=panel).engine == "plain"
    monkeypatch.setattr(choosing, "CROWD", 2)
    assert score_folder(DELTA, load_policy("agri-credit"), days=panel).engine == "polars"


@pytest.mark.usefixtures("nothing_is_little")
def test_a_policy_that_columns_lack_something_for_is_judged_by_the_plain_engine() -> None:
    policy = load_policy_text(LACKED, "lacked.yaml")
    routed = score_folder(DELTA, policy, DAY, engine="polars")
    assert routed.routed == routed.answered
    assert score_folder(DELTA, policy, DAY).engine == "plain"


@pytest.mark.usefixtures("nothing_is_little")
@pytest.mark.parametrize("name", ["agri-credit", "red-black-board", "delta-food"])
def test_many_records_come_to_the_tables_of_few(name: str, town: Path, tmp_path: Path) -> None:
    policy, stages = load_policy(name), list[str]()
    score_folder(town, policy, DAY, out=tmp_path / "columns", stage=stages.append)
    plain = score_folder(town, policy, DAY, out=tmp_path / "plain", engine="plain")
    assert tables(tmp_path / "columns") == tables(tmp_path / "plain")
    assert stages == ["preparing", "scoring", "writing"]
    assert plain.rejected == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["columns", "plain", "town"]


# --- reasons --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("audience", [None, "public"])
def test_reasons_are_told_of_all_of_the_listed_or_of_nobody(engine: str, audience: str | None, tmp_path: Path) -> None:
    policy = load_policy("delta-food")
    for reasons in ("all", "listed", "none"):
        out = tmp_path / reasons
        score_folder(DELTA, policy, DAY, out=out, engine=engine, audience=audience, reasons=reasons)
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["reasons"] == reasons
    every, told = rows(tmp_path / "all", "reasons"), rows(tmp_path / "listed", "reasons")
    assert told.equals(every.join(rows(tmp_path / "all", "entries"), on="party", how="semi", maintain_order="left"))
    assert 0 < len(told) < len(every)
    assert not len(rows(tmp_path / "none", "reasons"))
    others = [{name: one for name, one in tables(tmp_path / each).items() if name != "reasons"} for each in ENDS]
    assert others[0] == others[1] == others[2]


ENDS = ("all", "listed", "none")


@pytest.mark.parametrize("reasons", ["listed", "none"])
def test_both_engines_tell_the_same_reasons(reasons: Any, store: Path, tmp_path: Path) -> None:
    for engine in ENGINES:
        score_folder(store, AGRI, DAY, out=tmp_path / engine, engine=engine, reasons=reasons)
    assert tables(tmp_path / "polars") == tables(tmp_path / "plain")


# --- memory ---------------------------------------------------------------------------------------------------

AGRI: Policy = load_policy("agri-credit")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    out, plan = tmp_path / "store", AGRI.plan
    prepare(DELTA, out, plan.field_types, tuple(plan.kinds), relation_kinds=tuple(plan.relations), buckets=2)
    return out


@pytest.mark.parametrize("engine", ENGINES)
def test_parties_judged_few_at_a_time_come_to_the_same(
    engine: str, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    score_folder(store, AGRI, DAY, out=tmp_path / "at once", engine="plain")

    def sevens(_self: Divided, first: int, until: int) -> Iterator[tuple[int, int]]:
        yield from ((one, min(one + 7, until)) for one in range(first, until, 7))

    monkeypatch.setattr(Divided, "parts", sevens)
    told: list[tuple[int, int]] = []
    score_folder(
        store,
        AGRI,
        DAY,
        out=tmp_path / "sevens",
        engine=engine,
        memory_limit=10**12,
        progress=lambda *done: told.append(done),
    )
    assert tables(tmp_path / "sevens") == tables(tmp_path / "at once")
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


def test_a_limit_below_what_the_process_holds_leaves_the_old_result(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    score_folder(store, AGRI, DAY, out=out)
    before = tables(out)
    with pytest.raises(CreditEngineError) as caught:
        score_folder(store, AGRI, DAY, out=out, memory_limit=1_000_000)
    assert caught.value.codes == ("memory_limit",)
    assert tables(out) == before


def test_a_folder_with_a_limit_is_prepared_first(tmp_path: Path) -> None:
    stages: list[str] = []
    found = score_folder(DELTA, AGRI, DAY, out=tmp_path / "out", memory_limit=10**12, stage=stages.append)
    assert (found.engine, stages) == ("polars", ["preparing", "scoring", "writing"])


@pytest.mark.parametrize(
    ("policy", "asked", "why"),
    [
        ("delta-food", {"out": "out"}, "all parties at once"),
        ("agri-credit", {}, "read whole"),
        ("agri-credit", {"out": "out", "engine": "plain"}, "plain engine"),
        ("agri-credit", {"out": "out", "engine": "spark"}, "one process"),
    ],
)
def test_a_limit_that_could_not_be_held_is_refused(
    policy: str, asked: dict[str, Any], why: str, tmp_path: Path
) -> None:
    if "out" in asked:
        asked = {**asked, "out": tmp_path / "out"}
    with pytest.raises(CreditEngineError, match=why) as caught:
        score_folder(DELTA, load_policy(policy), DAY, memory_limit=10**12, **asked)
    assert caught.value.codes == ("unsupported",)
    assert not list(tmp_path.iterdir())


def test_an_address_is_for_spark_alone() -> None:
    with pytest.raises(CreditEngineError, match="only Spark") as caught:
        score_folder("hdfs://somewhere/store", AGRI, DAY)
    assert caught.value.codes == ("unsupported",)
