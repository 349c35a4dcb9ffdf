"""Preparing a folder: the same input gives the same bytes, an unchanged file is not read again, no store is half made."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bad_input.folders import folder_of
from credit_engine.errors import InputError, OutputError
from credit_engine.files import replacing, store_gathering
from credit_engine.files.store import open_folder
from credit_engine.files.store_preparing import prepare_store
from credit_engine.files.store_reading import Parts, Table, Told, put_together
from shares import one_in
from test_store_columns import FOLDERS, KINDS, by_rows, outcome, tables, written
from test_tables import DECLARED

SOURCE = Path(replacing.__file__).parents[2]
EVENTS = "id,party,decided,recorded,fine\n" + "".join(
    f"V{number % 150},O{1 + number % 2},2024-03-{1 + number % 28:02d},2024-0{1 + number // 150}-01,{number}\n"
    for number in range(300)
)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def as_parquet(place: Path, **tables_: str) -> Path:
    """A folder of Parquet files from the text of CSV ones, every cell as text."""
    place.mkdir(parents=True)
    for name, text in {"operators": "id,name\nO1,甲公司\nO2,乙店\n", "violations": EVENTS, **tables_}.items():
        pl.read_csv(text.encode(), infer_schema=False).write_parquet(place / f"{name}.parquet")
    return place


@one_in(20)
@given(FOLDERS, tables("violation"), st.sampled_from(["violation", "operators"]))
def test_an_unchanged_file_taken_over_gives_the_same_bytes(
    frames: Mapping[str, pl.DataFrame], other: pl.DataFrame, changed: str
) -> None:
    new = (
        {**frames, "violation": other} if changed == "violation" else {**frames, "operators": frames["operators"][::-1]}
    )
    with tempfile.TemporaryDirectory() as place:
        before, after = written(Path(place) / "before", frames), written(Path(place) / "after", new)
        if isinstance(by_rows(before), str) or isinstance(by_rows(after), str):
            return
        for folder in (before, after):
            prepare_store(folder, Path(place) / "store", DECLARED, KINDS)
        prepare_store(after, Path(place) / "anew", DECLARED, KINDS)
        assert content(Path(place) / "store") == content(Path(place) / "anew")


def test_only_the_files_that_changed_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counting(table: Table, folder: Path, told: Iterable[Told]) -> Parts:
        read.append(table.path.name)
        return put_together(table, folder, told)

    monkeypatch.setattr(store_gathering, "put_together", counting)
    folder = folder_of(tmp_path / "in", inspections__csv="id,party\nI1,O1\n")
    prepare_store(folder, tmp_path / "store", {}, ())
    (folder / "inspections.csv").write_text("id,party\nI1,O1\nI2,O2\n")
    prepare_store(folder, tmp_path / "store", {}, ())
    assert read == ["inspections.csv", "operators.csv", "violations.csv", "inspections.csv"]
    assert len(open_folder(tmp_path / "store", {}, ()).events["O2"]) == 1


def test_a_file_of_another_name_is_read_again_for_its_rejects_name_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "in", violations__csv="id,party,fine\nV1,O1,much\n")
    prepare_store(folder, tmp_path / "store", {}, ())
    (folder / "violations.csv").rename(folder / "violation.csv")
    account = prepare_store(folder, tmp_path / "store", {}, ())
    assert [reject.file for reject in account.first_rejects] == ["violation.csv"]


SCRIPT = """
import sys
from credit_engine.files.store_preparing import prepare_store
prepare_store(sys.argv[1], sys.argv[2], {}, (), buckets=3)
"""


def run(script: str, *arguments: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), **environment}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_any_number_of_threads_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = as_parquet(tmp_path / "in")
    stores = []
    for threads in ("1", "2", "4"):
        assert run(SCRIPT, folder, tmp_path / threads, POLARS_MAX_THREADS=threads).returncode == 0
        stores.append(content(tmp_path / threads))
    assert stores[0] == stores[1] == stores[2]


KILLED = """
import os, signal
from credit_engine.files import store_preparing
code_bucket = store_preparing.code_bucket
def dying(tables, party_ids, buckets, folder):
    if folder.name == "bucket-002":
        folder.mkdir()
        (folder / "texts.parquet").write_bytes(b"half")
        os.kill(os.getpid(), signal.SIGKILL)
    return code_bucket(tables, party_ids, buckets, folder)
store_preparing.code_bucket = dying
"""


def test_a_run_killed_at_the_last_bucket_leaves_the_old_store_and_the_next_run_is_whole(tmp_path: Path) -> None:
    folder = as_parquet(tmp_path / "in")
    prepare_store(folder, tmp_path / "store", {}, (), buckets=3)
    before = content(tmp_path / "store")
    as_parquet(tmp_path / "other", violations="id,party\nV1,O1\n")
    assert run(KILLED + SCRIPT, tmp_path / "other", tmp_path / "store").returncode == -signal.SIGKILL
    assert content(tmp_path / "store") == before
    assert (tmp_path / ".store.partial" / "bucket-002").exists()
    prepare_store(folder, tmp_path / "store", {}, (), buckets=3)
    assert content(tmp_path / "store") == before
    assert not (tmp_path / ".store.partial").exists()


FULL = """
import resource, sys
from credit_engine.errors import OutputError
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    exec(sys.argv[4])
except OutputError as error:
    print(error)
    sys.exit(3)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are for Unix")
@pytest.mark.parametrize("most", [10, 1000, 3000, 6000])
def test_a_full_disk_is_said_and_the_old_store_stays(tmp_path: Path, most: int) -> None:
    folder = as_parquet(tmp_path / "in")
    prepare_store(folder, tmp_path / "store", {}, (), buckets=2)
    before = content(tmp_path / "store")
    text = "id,party,document\n" + "".join(
        f"W{number * 7919 % 10007:08d},O1,D{number * 31 % 997}\n" for number in range(5000)
    )
    as_parquet(tmp_path / "other", violations=text)
    found = run(FULL, tmp_path / "other", tmp_path / "store", Path(str(most)), Path(SCRIPT))
    assert found.returncode == 3, found.stderr
    assert "disk_full: the disk is full" in found.stdout
    assert content(tmp_path / "store") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "other", "store"]


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.99])
def test_a_truncated_parquet_file_is_refused_and_the_old_store_stays(tmp_path: Path, keep: float) -> None:
    folder = as_parquet(tmp_path / "in")
    prepare_store(folder, tmp_path / "store", {}, ())
    before = content(tmp_path / "store")
    whole = (folder / "violations.parquet").read_bytes()
    (folder / "violations.parquet").write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(InputError, match=r"violations\.parquet: bad_parquet: is not a whole Parquet file"):
        prepare_store(folder, tmp_path / "store", {}, ())
    assert content(tmp_path / "store") == before


def test_a_damaged_page_is_refused(tmp_path: Path) -> None:
    folder = as_parquet(tmp_path / "in")
    whole = bytearray((folder / "violations.parquet").read_bytes())
    whole[100:200] = bytes(100)
    (folder / "violations.parquet").write_bytes(whole)
    assert isinstance(outcome(lambda: prepare_store(folder, tmp_path / "store", {}, ())), str)
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(("dtype", "code"), [(pl.Int64(), "bad_party"), (pl.Boolean(), "bad_party")])
def test_a_column_of_another_type_rejects_its_rows(tmp_path: Path, dtype: pl.DataType, code: str) -> None:
    folder = as_parquet(tmp_path / "in")
    pl.DataFrame({"id": ["V1", "V2"], "party": pl.Series([1, 0]).cast(dtype)}).write_parquet(
        folder / "violations.parquet"
    )
    account = prepare_store(folder, tmp_path / "store", {}, ())
    assert [reject.code for reject in account.first_rejects] == [code, code]


def test_a_column_of_floats_is_refused(tmp_path: Path) -> None:
    folder = as_parquet(tmp_path / "in")
    pl.DataFrame({"id": ["V1"], "party": ["O1"], "fine": [1.0]}).write_parquet(folder / "violations.parquet")
    with pytest.raises(InputError, match="wrong_type: 'fine': floats are not exact"):
        prepare_store(folder, tmp_path / "store", {}, ())


def test_a_store_of_an_older_format_has_to_be_prepared_again(tmp_path: Path) -> None:
    prepare_store(folder_of(tmp_path / "in"), tmp_path / "store", {}, ())
    manifest = tmp_path / "store" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"format": 2', '"format": 1'))
    with pytest.raises(InputError, match=r"other_format: .*\n    hint: prepare it again"):
        open_folder(tmp_path / "store", {}, ())


def test_a_store_that_lost_a_file_says_so(tmp_path: Path) -> None:
    prepare_store(folder_of(tmp_path / "in"), tmp_path / "store", {}, ())
    (tmp_path / "store" / "bucket-000" / "texts.parquet").unlink()
    with pytest.raises(InputError, match="damaged_store: a file of the store cannot be read"):
        open_folder(tmp_path / "store", {}, ())


def test_no_bucket_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="bad_buckets: 0 buckets"):
        prepare_store(folder_of(tmp_path / "in"), tmp_path / "store", {}, (), buckets=0)
