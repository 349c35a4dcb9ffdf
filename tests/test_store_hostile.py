"""Stores of hostile or unlucky input: bad rows, damaged files, a full disk, a kill; whole results or the earlier ones."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from credit_engine import load_policy, score_folder
from credit_engine.errors import InputError, OutputError
from credit_engine.files import store_reading
from credit_engine.files.store_preparing import prepare_store
from credit_engine.files.store_reading import Parts, Table, Told, put_together
from credit_engine.files.tables import read_folder
from test_store_preparing import content, run

DAY = date(2026, 6, 30)
SCORES = Path(__file__).parents[1] / "benchmarks" / "batch-scores"
POLICY = load_policy(SCORES)
FIELDS, KINDS = POLICY.plan.field_types, tuple(POLICY.plan.kinds)
PARTIES, ROWS = 40, 1_500


def operators() -> pl.DataFrame:
    ids = [f"OP{number:018d}" for number in range(PARTIES)]
    return pl.DataFrame({"id": ids, "region": ["310115", "310101"] * (PARTIES // 2)})


def penalties(rows: int = ROWS) -> pl.DataFrame:
    """Penalties in native types, ids of 20 characters in no order, some with a later version."""
    numbers = range(rows)
    frame = pl.DataFrame(
        {
            "id": [f"V{number * 7919 % 1_000_003:019d}" for number in numbers],
            "party": [f"OP{number * 31 % PARTIES:018d}" for number in numbers],
            "decided": [date(2023, 1, 1) + timedelta(days=number % 1000) for number in numbers],
            "recorded": [date(2023, 1, 1) + timedelta(days=number % 1000 + 5) for number in numbers],
            "revision": pl.Series([0] * rows, dtype=pl.Int64),
            "authority": [("上海市", "杭州市", "南京市")[number % 3] for number in numbers],
            "severity": [("minor", "general", "severe", None)[number % 4] for number in numbers],
            "penalties": [(["fine"], ["fine", "warning"], [])[number % 3] for number in numbers],
            "fine": [None if number % 3 == 2 else number * 100 for number in numbers],
        }
    )
    later = frame.gather_every(50, 7).with_columns(
        recorded=pl.col("recorded") + timedelta(days=60), revision=pl.lit(1, pl.Int64), fine=pl.lit(100, pl.Int64)
    )
    return pl.concat([frame, later])


def folder_with(place: Path, violations: pl.DataFrame, group: int = 700) -> Path:
    place.mkdir(parents=True)
    operators().write_parquet(place / "operators.parquet")
    violations.write_parquet(place / "violations.parquet", row_group_size=group)
    return place


def spoiled(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[int]]:
    """One row in a hundred made bad, in six ways in turn; the numbers of these rows."""
    numbered = frame.with_row_index("at", offset=1)
    is_bad = pl.col("at") % 100 == 8
    way = pl.when(is_bad).then(pl.col("at") // 100 % 6).otherwise(9)
    bad = numbered.select(
        "at",
        *frame.columns[5:],
        id=pl.when(way == 0).then(None).when(way == 1).then(pl.lit("bad\u200b") + pl.col("id")).otherwise("id"),
        party=pl.when(way == 2).then(pl.lit("nobody")).when(way == 3).then(pl.lit("  ")).otherwise("party"),
        decided="decided",
        recorded="recorded",
        revision=pl.when(way == 4).then(-1).otherwise("revision"),
    ).with_columns(authority=pl.when(way == 5).then(pl.col("authority") + "\0").otherwise("authority"))
    return bad.drop("at"), numbered.filter(is_bad).get_column("at").to_list()


def prepared(folder: Path, store: Path, buckets: int = 3) -> dict[str, bytes]:
    prepare_store(folder, store, FIELDS, KINDS, buckets=buckets)
    return content(store)


# --- bad rows -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [333, 500_000])
def test_each_bad_row_of_a_hundred_is_among_the_rejects_and_the_counts_add_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(store_reading, "CHUNK", chunk)
    frame, bad = spoiled(penalties())
    folder = folder_with(tmp_path / "in", frame)
    account = prepare_store(folder, tmp_path / "store", FIELDS, KINDS, buckets=3)
    rejects = pl.read_parquet(tmp_path / "store" / "rejects.parquet")
    assert rejects.get_column("record").to_list() == bad
    assert rejects.get_column("code").n_unique() >= 5
    read = read_folder(folder, FIELDS, KINDS)
    assert [each.message for each in read.rejects] == rejects.get_column("message").to_list()
    assert read.counts == account.counts
    assert [(each.read, each.accepted, each.rejected) for each in account.counts] == [
        (PARTIES, PARTIES, 0),
        (len(frame), len(frame) - len(bad), len(bad)),
    ]


# --- what was read at another time ----------------------------------------------------------------------------


def files_of(store: Path, name: str) -> list[Path]:
    return sorted((store / "read").glob(f"*/{name}"))


def damage(store: Path, way: str) -> None:
    """Harm what the store keeps of the files that were read."""
    for part in files_of(store, "part-*.parquet"):
        whole = part.read_bytes()
        if way == "cut":
            part.write_bytes(whole[: len(whole) // 2])
        elif way == "flipped":
            part.write_bytes(bytes([*whole[:60], whole[60] ^ 1, *whole[61:]]))
        elif way == "other columns":
            pl.DataFrame({"#": [1], "id": ["V1"], "party": [7]}).write_parquet(part)
        elif way == "gone":
            part.unlink()
        elif way == "one more":
            shutil.copyfile(part, part.with_name("part-00009.parquet"))
    for account in files_of(store, "account.json") if way == "no account" else ():
        account.write_text("{")


@pytest.mark.parametrize("way", ["cut", "flipped", "other columns", "gone", "one more", "no account"])
def test_what_is_not_as_it_was_written_is_read_again(tmp_path: Path, way: str) -> None:
    folder = folder_with(tmp_path / "in", penalties())
    before = prepared(folder, tmp_path / "store")
    damage(tmp_path / "store", way)
    assert content(tmp_path / "store") != before
    assert prepared(folder, tmp_path / "store") == before


def test_a_store_brought_up_to_date_is_that_made_from_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    again: list[str] = []

    def counting(table: Table, folder: Path, told: Iterable[Told]) -> Parts:
        again.append(table.path.name)
        return put_together(table, folder, told)

    folder = folder_with(tmp_path / "in", penalties())
    prepared(folder, tmp_path / "store")
    operators().with_columns(region=pl.lit("330100")).slice(3).write_parquet(folder / "operators.parquet")
    anew = prepared(folder, tmp_path / "anew")
    monkeypatch.setattr("credit_engine.files.store_gathering.put_together", counting)
    assert prepared(folder, tmp_path / "store") == anew
    assert again == ["operators.parquet"]


# --- damaged files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [0.1, 0.6, 0.999])
def test_a_file_of_a_bucket_that_was_cut_off_is_named_and_the_earlier_result_stays(tmp_path: Path, keep: float) -> None:
    folder = folder_with(tmp_path / "in", penalties())
    prepared(folder, tmp_path / "store")
    score_folder(tmp_path / "store", POLICY, DAY, out=tmp_path / "out", engine="polars")
    before = content(tmp_path / "out")
    path = tmp_path / "store" / "bucket-001" / "violation.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(InputError, match=r"bucket-001.violation\.parquet: damaged_store: .*\n    hint: prepare"):
        score_folder(tmp_path / "store", POLICY, DAY, out=tmp_path / "out", engine="polars")
    assert content(tmp_path / "out") == before
    assert sorted(place.name for place in tmp_path.iterdir()) == ["in", "out", "store"]


def test_buckets_of_which_one_has_more_columns_are_scored_as_their_folder(tmp_path: Path) -> None:
    only_few = pl.col("party") < f"OP{3:018d}"
    frame = penalties().with_columns(
        severity=pl.when(only_few).then("severity"), fine=pl.when(only_few).then("fine"), heavier=only_few
    )
    folder = folder_with(tmp_path / "in", frame.with_columns(heavier=pl.when(only_few).then("heavier")))
    prepared(folder, tmp_path / "store", buckets=5)
    columns = [
        set(pl.read_parquet_schema(path)) for path in sorted((tmp_path / "store").glob("bucket-*/violation.parquet"))
    ]
    assert columns[0] - columns[4] == {"e.severity", "e.fine", "e.heavier"}
    for source, out in ((tmp_path / "store", "one"), (folder, "other")):
        score_folder(source, POLICY, DAY, out=tmp_path / out, engine="polars" if out == "one" else "plain")
    tables = [
        {name: table for name, table in content(tmp_path / out).items() if name != "manifest.json"}
        for out in ("one", "other")
    ]
    assert tables[0] == tables[1]
    assert len(tables[0]) > 3


# --- a full disk ----------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 700 KB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=700k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if not made or made.returncode:
        pytest.skip("mounting a small disk is not allowed here")
    yield place
    subprocess.run([shutil.which("umount") or "umount", str(place)], check=True)


def test_a_disk_too_small_for_a_store_keeps_the_earlier_one(tmp_path: Path, small_disk: Path) -> None:
    before = prepared(folder_with(tmp_path / "small", penalties(300)), small_disk / "store")
    folder = folder_with(tmp_path / "in", penalties(30_000))
    with pytest.raises(OutputError, match=r"store: disk_full: the disk is full: .*\n    hint: make room"):
        prepare_store(folder, small_disk / "store", FIELDS, KINDS, buckets=2)
    assert content(small_disk / "store") == before
    assert [place.name for place in small_disk.iterdir()] == ["store"]


def test_a_disk_too_small_for_a_result_keeps_the_earlier_one(tmp_path: Path, small_disk: Path) -> None:
    for name, rows in (("small", 300), ("large", 30_000)):
        prepared(folder_with(tmp_path / name, penalties(rows)), tmp_path / f"{name} store")
    score_folder(tmp_path / "small store", POLICY, DAY, out=small_disk / "out", engine="polars")
    before = content(small_disk / "out")
    with pytest.raises(OutputError, match=r"out: disk_full: the disk is full: .*\n    hint: make room"):
        score_folder(tmp_path / "large store", POLICY, DAY, out=small_disk / "out", engine="polars", form="csv")
    assert content(small_disk / "out") == before
    assert [place.name for place in small_disk.iterdir()] == ["out"]


# --- a kill ---------------------------------------------------------------------------------------------------

SCORE = """
import os, signal, sys
from datetime import date
from credit_engine import load_policy, score_folder
def killed(done, every):
    if done >= 0.9 * every:
        os.kill(os.getpid(), signal.SIGKILL)
score_folder(sys.argv[1], load_policy(sys.argv[3]), date(2026, 6, 30), out=sys.argv[2], engine="polars", progress=killed)
"""


def test_a_run_killed_at_nine_tenths_of_a_score_leaves_the_earlier_result_and_the_next_is_whole(tmp_path: Path) -> None:
    prepared(folder_with(tmp_path / "in", penalties()), tmp_path / "store", buckets=4)
    prepared(folder_with(tmp_path / "small", penalties(300)), tmp_path / "small store")
    score_folder(tmp_path / "small store", POLICY, DAY, out=tmp_path / "out", engine="polars")
    before = content(tmp_path / "out")
    assert run(SCORE, tmp_path / "store", tmp_path / "out", SCORES).returncode == -signal.SIGKILL
    assert content(tmp_path / "out") == before
    score_folder(tmp_path / "store", POLICY, DAY, out=tmp_path / "out", engine="polars")
    score_folder(tmp_path / "store", POLICY, DAY, out=tmp_path / "other", engine="polars")
    assert content(tmp_path / "out") == content(tmp_path / "other") != before
    assert not [place for place in tmp_path.iterdir() if place.name.startswith(".")]
