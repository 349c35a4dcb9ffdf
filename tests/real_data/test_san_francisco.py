"""San Francisco's official scores through the shipped policy and mapping, as a panel of the scored visits."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from credit_engine import load_policy
from credit_engine.quantities import decimal_text
from real_data.cities import City, answers, data_folder, rows

NAME = "sf-restaurants"  # of the policy and of the mapping
VISITS, RIGHT = 18_109, 17_695
FINDINGS = 46_259
SECONDS = 20  # of processor time, reading and writing included, so that a busy machine fails nobody


@pytest.fixture(scope="module")
def scored() -> Mapping[tuple[str, str], str]:
    """The official score of each scored visit, by business and day."""
    visits = rows(data_folder("sf") / "inspections.csv.gz")
    return {(row["business_id"], _iso(row["date"])): row["Score"] for row in visits if row["Score"]}


def test_the_command_line_gives_17695_of_18109_official_scores_in_under_20_seconds(
    scored: Mapping[tuple[str, str], str], tmp_path: Path
) -> None:
    panel, out = tmp_path / "visits.csv", tmp_path / "out"
    panel.write_text("party,day\n" + "".join(f"{party},{day}\n" for party, day in scored), encoding="utf-8")
    what: list[str | Path] = [
        "score",
        data_folder("sf"),
        "--policy",
        NAME,
        "--mapping",
        NAME,
        "--days",
        panel,
        "--out",
        out,
    ]
    before = _seconds_of_children()
    _credit_engine(*what, "--format", "csv")
    assert _seconds_of_children() - before < SECONDS
    with (out / "assessments.csv").open(encoding="utf-8", newline="") as lines:
        found = {(row["party"], row["day"]): row["score"] for row in csv.DictReader(lines)}
    assert found.keys() == scored.keys()
    assert (sum(found[visit] == score for visit, score in scored.items()), len(found)) == (RIGHT, VISITS)
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["counts"]["answered"], manifest["counts"]["rejected"]) == (VISITS, 0)


def test_the_library_gives_the_same_and_every_finding_is_read(scored: Mapping[tuple[str, str], str]) -> None:
    city = City(load_policy(NAME), NAME, data_folder("sf"))
    found = [
        answer.score for answer in answers(city, [(party, date.fromisoformat(day), None) for party, day in scored])
    ]
    texts = [decimal_text(score) if isinstance(score, int) else "" for score in found]
    assert sum(text == score for text, score in zip(texts, scored.values(), strict=True)) == RIGHT
    assert sum(count.accepted for count in city.input.counts if count.table == "finding") == FINDINGS
    assert city.input.rejects == ()


def _credit_engine(*arguments: str | Path) -> None:
    code = "from credit_engine.cli import main; main()"
    subprocess.run([sys.executable, "-c", code, *map(str, arguments)], check=True, capture_output=True)


def _seconds_of_children() -> float:
    """Processor time of all child processes so far."""
    times = os.times()
    return times.children_user + times.children_system


def _iso(text: str) -> str:
    """`20140729` as `2014-07-29`."""
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"
