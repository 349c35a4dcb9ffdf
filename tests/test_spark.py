"""A store judged on Spark, really: Java, workers and all, on this machine."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from credit_engine import load_policy, score_folder
from credit_engine.engines import spark
from credit_engine.errors import CreditEngineError
from credit_engine.files import store_reading
from credit_engine.files.store import prepare
from credit_engine.files.store_preparing import prepare_store
from credit_engine.files.tasks import one_by_one

sql = pytest.importorskip("pyspark.sql", reason="the extra `spark` is not installed")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java", allow_module_level=True)

DELTA = Path(__file__).parents[1] / "fixtures" / "delta"
DAY = date(2026, 6, 30)
POLICY = load_policy("agri-credit")
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")  # of py4j and pyspark


@pytest.fixture(scope="module", autouse=True)
def session() -> Iterator[Any]:
    """Two workers' worth of Spark, on loopback alone."""
    os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
    }
    found = sql.SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    found.sparkContext.setLogLevel("OFF")
    yield found
    found.stop()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("store") / "delta"
    plan = POLICY.plan
    prepare(DELTA, out, plan.field_types, tuple(plan.kinds), relation_kinds=tuple(plan.relations), buckets=5)
    return out


def tables(out: Path) -> Any:
    return json.loads((out / "manifest.json").read_text(encoding="utf-8"))["tables"]


def test_spark_writes_the_bytes_that_polars_writes(store: Path, tmp_path: Path) -> None:
    on_spark = score_folder(store, POLICY, DAY, out=tmp_path / "spark", engine="spark")
    score_folder(store, POLICY, DAY, out=tmp_path / "polars", engine="polars")
    assert tables(tmp_path / "spark") == tables(tmp_path / "polars")
    for each in tables(tmp_path / "spark").values():
        assert (tmp_path / "spark" / each["file"]).read_bytes() == (tmp_path / "polars" / each["file"]).read_bytes()
    assert on_spark.engine == "spark"


def test_a_damaged_bucket_is_named_and_the_old_result_stays(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    score_folder(store, POLICY, DAY, out=out, engine="spark")
    before = tables(out)
    broken = tmp_path / "store"
    shutil.copytree(store, broken)
    path = broken / "bucket-003" / "texts.arrow"
    path = next(iter(sorted((broken / "bucket-003").iterdir())))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(CreditEngineError) as caught:
        score_folder(broken, POLICY, DAY, out=out, engine="spark")
    assert "bucket-003" in str(caught.value)
    assert tables(out) == before


def test_a_folder_that_is_not_prepared_is_prepared_first(tmp_path: Path) -> None:
    stages: list[str] = []
    score_folder(DELTA, POLICY, DAY, out=tmp_path / "spark", engine="spark", reasons="none", stage=stages.append)
    score_folder(DELTA, POLICY, DAY, out=tmp_path / "plain", engine="plain", reasons="none")
    assert tables(tmp_path / "spark") == tables(tmp_path / "plain")
    assert stages == ["preparing", "scoring on Spark", "writing"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plain", "spark"]


def test_a_store_at_an_address_is_fetched_by_spark(store: Path, tmp_path: Path) -> None:
    score_folder(f"file://{store}", POLICY, DAY, out=tmp_path / "spark", engine="spark")
    score_folder(DELTA, POLICY, DAY, out=tmp_path / "plain", engine="plain")
    assert tables(tmp_path / "spark") == tables(tmp_path / "plain")


def test_an_address_that_spark_cannot_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CreditEngineError) as caught:
        score_folder(f"file://{tmp_path}/nowhere", POLICY, DAY, engine="spark")
    assert caught.value.codes == ("unreadable",)
    assert f"file://{tmp_path}/nowhere" in str(caught.value)


def test_a_folder_at_an_address_is_prepared_too(tmp_path: Path) -> None:
    shutil.copytree(DELTA, tmp_path / "tour")
    score_folder(f"file://{tmp_path}/tour", POLICY, DAY, out=tmp_path / "spark", engine="spark")
    score_folder(DELTA, POLICY, DAY, out=tmp_path / "plain", engine="plain")
    assert tables(tmp_path / "spark") == tables(tmp_path / "plain")


def test_what_spreads_is_judged_by_the_driver(tmp_path: Path) -> None:
    policy, stages = load_policy("delta-food"), list[str]()
    score_folder(DELTA, policy, DAY, out=tmp_path / "spark", engine="spark", stage=stages.append)
    score_folder(DELTA, policy, DAY, out=tmp_path / "plain", engine="plain")
    assert tables(tmp_path / "spark") == tables(tmp_path / "plain")
    assert tables(tmp_path / "spark")["effects"]["rows"] > 0
    assert stages == ["preparing", "scoring", "writing"]


@pytest.mark.parametrize("buckets", [1, 3])
def test_a_store_prepared_by_workers_has_the_bytes_of_one_prepared_here(
    buckets: int, session: Any, tmp_path: Path
) -> None:
    plan = load_policy("delta-food").plan
    given = plan.field_types, tuple(plan.kinds)
    workers = spark._hands(session.sparkContext, DELTA, tmp_path)  # noqa: SLF001  # what `score_on_spark` prepares with
    assert workers is not one_by_one
    for name, each in (("here", one_by_one), ("there", workers)):
        prepare_store(DELTA, tmp_path / name, *given, relation_kinds=tuple(plan.relations), buckets=buckets, each=each)
    assert files(tmp_path / "there") == files(tmp_path / "here")


def test_a_large_file_is_read_in_pieces_by_several_workers(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_reading, "CHUNK", 3)
    folder, ids = tmp_path / "in", [f"O{number}" for number in range(8)]
    folder.mkdir()
    pl.DataFrame({"id": ids}).write_parquet(folder / "operators.parquet")
    acts = pl.DataFrame({"id": [f"V{number}" for number in range(8)], "party": ids, "revision": [0, -1] * 4})
    acts.write_parquet(folder / "violation.parquet")
    workers = spark._hands(session.sparkContext, folder, tmp_path)  # noqa: SLF001  # as above
    accounts = [
        prepare_store(folder, tmp_path / name, {}, (), buckets=2, each=each)
        for name, each in (("here", one_by_one), ("there", workers))
    ]
    assert accounts[0] == accounts[1]
    assert accounts[0].rejects == len(acts) // 2
    assert len(list((tmp_path / "there").glob("read/*/part-*.parquet"))) == 2 * 3
    assert files(tmp_path / "there") == files(tmp_path / "here")


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_file_that_a_worker_cannot_read_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    shutil.copytree(DELTA, folder)
    (folder / "violation.csv").unlink()
    (folder / "violation.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(CreditEngineError) as caught:
        score_folder(folder, POLICY, DAY, out=tmp_path / "out", engine="spark")
    assert caught.value.codes == ("bad_parquet",)
    assert "violation.parquet" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_place_that_workers_do_not_see_is_refused_before_anything_is_read(session: Any, tmp_path: Path) -> None:
    with pytest.raises(CreditEngineError) as caught:
        spark._hands(session.sparkContext, DELTA, tmp_path / "on another machine")  # noqa: SLF001
    assert caught.value.codes == ("no_store",)
    unseen = spark._hands(session.sparkContext, tmp_path / "nowhere", tmp_path)  # noqa: SLF001
    assert unseen is one_by_one
