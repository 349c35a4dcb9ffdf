"""The data that everything is measured on: made once, each step in a process of its own, with its time and memory."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
from attrs import asdict, frozen
from batch.generator import SEED, made_up
from batch.measuring import peak
from batch.sampled import sample
from batch.stored import make_store, open_store

from credit_engine import load_policy

_POLICY = Path(__file__).parents[1] / "batch-rules"
_SAMPLE = 4_000  # parties that are put to the plain engine
_ANCHORS = {"violation": "decided", "inspection": "occurred", "case_transfer": "received", "honour": "decided"}


@frozen
class Step:
    """What making a part of the data took: seconds, and the most memory in MiB."""

    seconds: float
    peak: float


def made(events: int, folder: Path, run: Path, buckets: int = 0) -> dict[str, Step]:
    """Make the data of so many events, unless the folder has them already; what each step took.

    `buckets`: into how many parts the store is divided (0: one).
    """
    wanted = {"events": events, "seed": SEED, "buckets": buckets}
    account = folder / "made.json"
    if account.is_file():
        kept = json.loads(account.read_text(encoding="utf-8"))
        if kept["wanted"] == wanted:
            return {name: Step(**step) for name, step in kept["steps"].items()}
    if folder.exists() and any(folder.iterdir()) and not account.is_file():
        sys.exit(f"{folder} holds something else: name a folder that is new or was made by this script")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in STEPS:
        command = [sys.executable, str(run), "--make", name, "--folder", str(folder)]
        command += ["--events", str(events), "--buckets", str(buckets)]
        subprocess.run(command, check=True)  # noqa: S603  # our own command
    steps = {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in STEPS}
    account.write_text(json.dumps({"wanted": wanted, "steps": steps}), encoding="utf-8")
    return {name: Step(**step) for name, step in steps.items()}


def make(name: str, folder: Path, events: int, buckets: int) -> None:
    """Do one step here, and leave beside the data what it took."""
    started = time.perf_counter()
    STEPS[name](folder, events, buckets or 1)
    step = Step(time.perf_counter() - started, peak())
    (folder / f"{name}.json").write_text(json.dumps(asdict(step)), encoding="utf-8")


def _raw(folder: Path, events: int, _buckets: int) -> None:
    made_up(events, folder / "raw")


def _store(folder: Path, _events: int, buckets: int) -> None:
    make_store(folder / "raw", folder / "store", load_policy(_POLICY).plan, buckets)


def _whole(folder: Path, _events: int, buckets: int) -> None:
    """A second store in one bucket, for queries that need one set of codes; none where the first has just one."""
    if buckets > 1:
        make_store(folder / "raw", folder / "whole", load_policy(_POLICY).plan, 1)


def _sample(folder: Path, _events: int, _buckets: int) -> None:
    sample(folder / "raw", folder / "sample", _SAMPLE)


def _dated(folder: Path, _events: int, _buckets: int) -> None:
    """Party and day of every event as whole numbers in date order: what the least scan of the data as it came reads."""
    whole = folder / "whole"
    store = open_store(whole if whole.is_dir() else folder / "store", load_policy(_POLICY).plan)
    parts = [store.events[kind].select("party", day=f"e.{anchor}") for kind, anchor in _ANCHORS.items()]
    pl.concat(parts).sort("day", "party").sink_parquet(folder / "dated.parquet", row_group_size=250_000)


STEPS: Mapping[str, Callable[[Path, int, int], None]] = {
    "raw": _raw,
    "store": _store,
    "whole": _whole,
    "sample": _sample,
    "dated": _dated,
}
