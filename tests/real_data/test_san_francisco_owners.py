"""San Francisco's owners: who holds several premises, and which are alerted because another one is poor."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from credit_engine import Effects, Network, Operator, Person, assess, load_policy, spread
from real_data.cities import City, data_folder, rows

NAME = "sf-restaurants"  # of the policy and of the mapping
DAY = date(2015, 12, 31)
OWNERS, LINKED = 386, 381  # owners beside several rows of the register; five of them beside one premises written twice
ALERTS = {("62578", "69759"), ("75103", "74436"), ("79923", "79916")}
SECONDS = 30  # of processor time, reading and writing included, so that a busy machine fails nobody


@pytest.fixture(scope="module")
def city() -> City:
    """The city's records."""
    return City(load_policy(NAME), NAME, data_folder("sf"))


@pytest.fixture(scope="module")
def network(city: City) -> Network:
    """Premises and owners."""
    parties = [version for versions in city.input.parties.values() for version in versions]
    return Network(
        [party for party in parties if isinstance(party, Operator)],
        [party for party in parties if isinstance(party, Person)],
        city.input.regions,
        city.input.relations,
    )


@pytest.fixture(scope="module")
def effects(city: City, network: Network) -> Effects:
    """All alerts of the day."""
    own = (assess(city.input.dossier(party), city.policy, DAY) for party in city.input.parties)
    return spread(network, own, city.policy, DAY)


def test_386_owners_stand_beside_several_rows_and_381_own_several_premises(network: Network) -> None:
    register = rows(data_folder("sf") / "businesses.csv.gz")
    written = Counter(row["owner_id"] for row in register if row["owner_id"])
    degrees = dict(network.graph.out_degree(person.id for person in network.persons))
    assert sum(number > 1 for number in written.values()) == OWNERS
    assert sum(number > 1 for number in degrees.values()) == LINKED
    assert max(degrees.values()) == 94
    twice = {owner for owner, number in written.items() if number > 1 and degrees[owner] == 1}
    assert len(twice) == OWNERS - LINKED


def test_three_premises_at_70_points_and_below_alert_others(effects: Effects) -> None:
    assert {(effect.origin_party, effect.target) for effect in effects} == ALERTS
    assert all((effect.effect, effect.certain, effect.measures) == ("alert", True, ()) for effect in effects)


def test_the_alerts_are_those_of_the_register_read_by_hand() -> None:
    scores: dict[str, tuple[str, int]] = {}
    for row in rows(data_folder("sf") / "inspections.csv.gz"):
        if row["Score"] and row["date"] <= f"{DAY:%Y%m%d}":
            scores[row["business_id"]] = max(scores.get(row["business_id"], ("", 0)), (row["date"], int(row["Score"])))
    owned: dict[str, set[str]] = {}
    for row in rows(data_folder("sf") / "businesses.csv.gz"):
        if row["owner_id"]:
            owned.setdefault(row["owner_id"], set()).add(row["business_id"])
    poor = {premises for premises, (_, score) in scores.items() if score <= 70}
    assert {(one, other) for held in owned.values() for one in held & poor for other in held - {one}} == ALERTS


def test_each_alert_is_explained_with_its_path(city: City, effects: Effects) -> None:
    for effect in effects:
        answer = assess(city.input.dossier(effect.target), city.policy, DAY, effects=effects)
        said = answer.explain(language="en")
        sys.stdout.write(f"{said}\n")  # pytest -s shows the three of them
        _, _, owner, _, _ = effect.path_ids
        assert f"{owner} is owner of {effect.origin_party}" in said
        assert f"{owner} is owner of {effect.target}" in said
        assert answer.score == answer.own_score


def test_the_command_line_finds_the_same_in_under_30_seconds(tmp_path: Path) -> None:
    before = _seconds_of_children()
    code = "from credit_engine.cli import main; main()"
    what: list[str | Path] = ["score", data_folder("sf"), "--policy", NAME, "--mapping", NAME, "--as-of", str(DAY)]
    arguments = [*map(str, what), "--out", str(tmp_path / "out"), "--format", "csv"]
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True)
    assert _seconds_of_children() - before < SECONDS
    assert {(row["origin_party"], row["target"]) for row in _effects(tmp_path / "out")} == ALERTS


def _effects(out: Path) -> list[Mapping[str, str]]:
    with (out / "effects.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _seconds_of_children() -> float:
    """Processor time of all child processes so far."""
    times = os.times()
    return times.children_user + times.children_system
