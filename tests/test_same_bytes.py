"""The columns engine gives the same bytes of every table: whatever the order of rows, the threads, the way of Polars."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from credit_engine import load_policy, score_folder
from credit_engine.engines.batch import Run
from credit_engine.engines.questions import Asked
from credit_engine.files.results import write_results
from credit_engine.files.store import open_folder, prepare
from credit_engine.policy.load import Policy

DELTA = Path(__file__).parents[1] / "fixtures" / "delta"
DAY = date(2026, 6, 30)
NAMES = ("agri-credit", "severe-list-order44", "delta-food")  # scores; lists; all there is, with spread
THREADS = (1, 2, 4)


def bytes_of(out: Path) -> Mapping[str, str]:
    """The hash of each table's file as it lies on the disk."""
    tables = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["tables"]
    assert tables["assessments"]["rows"] > 0
    return {name: hashlib.sha256((out / each["file"]).read_bytes()).hexdigest() for name, each in tables.items()}


def shuffled(out: Path, seed: int) -> Path:
    """The tour with the rows of every CSV table in another order."""
    shutil.copytree(DELTA, out)
    chance = random.Random(seed)  # noqa: S311  # nothing secret
    for path in sorted(out.glob("*.csv*")):
        packed = path.suffix == ".gz"
        raw = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
        header, *rows = csv.reader(raw.decode("utf-8").splitlines())
        chance.shuffle(rows)
        with (gzip.open if packed else open)(path, "wt", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])
    return out


def prepared(folder: Path, policy: Policy, out: Path, buckets: int) -> Path:
    plan = policy.plan
    prepare(folder, out, plan.field_types, tuple(plan.kinds), relation_kinds=tuple(plan.relations), buckets=buckets)
    return out


@pytest.mark.parametrize("name", NAMES)
def test_rows_in_another_order_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    policy = load_policy(name)
    score_folder(DELTA, policy, DAY, out=tmp_path / "as given", engine="polars")
    as_given = bytes_of(tmp_path / "as given")
    folder = shuffled(tmp_path / "rows", 1)
    score_folder(folder, policy, DAY, out=tmp_path / "out", engine="polars")
    assert bytes_of(tmp_path / "out") == as_given
    store = prepared(shuffled(tmp_path / "others", 2), policy, tmp_path / "store", 3)
    score_folder(store, policy, DAY, out=tmp_path / "out", engine="polars")
    assert bytes_of(tmp_path / "out") == as_given


@pytest.mark.parametrize("name", NAMES)
def test_streaming_and_in_memory_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    policy = load_policy(name)
    plan = policy.plan
    read = open_folder(DELTA, plan.field_types, tuple(plan.kinds), relation_kinds=tuple(plan.relations))
    panel = Asked(policy, (DAY,)).of(read.parties)
    found = []
    for place, collect in enumerate(("streaming", "in-memory")):
        made = Run(read, policy, panel, engine="polars", collect=collect).made()  # type: ignore[arg-type]  # one of two
        write_results(tmp_path / str(place), made, {})
        found.append(bytes_of(tmp_path / str(place)))
    assert found[0] == found[1]


@pytest.mark.parametrize("name", NAMES)
def test_one_two_and_four_threads_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    store = prepared(DELTA, load_policy(name), tmp_path / "store", 2)
    found = []
    for threads in THREADS:
        out = tmp_path / str(threads)
        command = ["score", store, "--policy", name, "--as-of", DAY, "--engine", "polars", "--out", out]
        subprocess.run(  # our own command
            [sys.executable, "-c", "from credit_engine.cli import main; main()", *map(str, command)],
            env={**os.environ, "POLARS_MAX_THREADS": str(threads)},
            check=True,
            capture_output=True,
        )
        found.append(bytes_of(out))
    assert found[0] == found[1] == found[2]
