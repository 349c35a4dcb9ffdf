"""What an unkind reader tried: origins that have nothing to do with a target, crowds, and persons in no table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from attrs import evolve

from credit_engine import Network, Operator, Relation, score_folder, spread
from credit_engine.assessing.audiences import seen_by
from credit_engine.engines.effect_rows import EFFECT_COLUMNS, effect_cells
from credit_engine.policy.load import load_policy
from credit_engine.spreading.interchange import graphml
from sample_networks import DAY, answer, effects_of, held, network, origin, over, policy_of, rule
from sample_spread import DAY as JUDGED
from sample_spread import written
from sample_spreading import LISTED, codes
from test_final_score import SPREAD as FINAL_SPREAD
from test_final_score import ask, ended
from test_final_score import policy_of as policy_with

HALF = rule(over(together=True, at_least="1/2"), again=True)


# --- several parties together: what a target has nothing to do with reaches it neither with points nor in secret --


def test_a_target_is_reached_by_the_origins_behind_it_and_by_no_others() -> None:
    net = network(held("R1", "N1", "N3", share="60%"), held("R2", "N2", "N4", share="60%"))
    minus = evolve(HALF, effect="points")
    mild = origin(minus, "N1", points=-5_000, list="mild", id="mild/N1/1")
    severe = origin(minus, "N2", points=-50_000, list="severe", id="severe/N2/1", audience="internal")
    found = effects_of(net, minus, mild, severe)
    assert [(each.target, each.points, each.list, each.audience) for each in found] == [
        ("N3", -5_000, "mild", "public"),
        ("N4", -50_000, "severe", "internal"),
    ]


def test_what_it_rests_on_from_afar_counts_too() -> None:
    net = network(*(held(f"R{n}", f"N{n}", f"N{n + 1}", share="60%") for n in (1, 2)), held("R9", "N9", "N3", share=1))
    minus = evolve(HALF, effect="points")
    near, far = origin(minus, "N9", points=-1_000), origin(minus, "N1", points=-9_000)
    assert {each.target: each.points for each in effects_of(net, minus, near, far)} == {"N2": -9_000, "N3": -1_000}
    late = network(*net.relations[:2], held("R9", "N9", "N3", share="20%"))
    assert {each.target: each.points for each in effects_of(late, minus, near, far)} == {"N2": -9_000, "N3": -9_000}


def test_what_rests_on_a_party_that_may_not_be_seen_may_not_be_seen() -> None:
    net = network(*(held(f"R{number}", one, other, share="60%") for number, (one, other) in enumerate(CHAINED)))
    whole = policy_of(HALF)
    own = [answer(whole, "N1", origin(HALF, "N1")), answer(whole, "P1", audience="internal")]
    effects = spread(net, [*own, answer(whole, "N2"), answer(whole, "N3")], whole, DAY)
    assert {each.target: each.audience for each in effects} == dict.fromkeys(("N2", "N3", "P1"), "internal")


CHAINED = (("N1", "P1"), ("P1", "N2"), ("N2", "N3"))


# --- crowds -------------------------------------------------------------------------------------------------------


def crowd(first: int, last: int) -> list[Relation]:
    """Everyone is related to everyone."""
    parties = [f"N{number}" for number in range(first, last)]
    return [held(f"{one}-{other}", one, other) for one in parties for other in parties if one != other]


LONG = rule(*[over()] * 5, over("branch"))


@pytest.mark.parametrize(
    ("relations", "reached"),
    [
        # N1 could only be reached by going back to the origin
        ([*crowd(0, 60), held("B1", "N0", "N1", "branch"), held("B2", "N59", "N58", "branch")], ["N58"]),
        # everyone must pass N1, who alone has the branch
        ([*crowd(1, 40), held("A", "N0", "N1"), held("B", "N1", "N99", "branch")], []),
    ],
)
def test_a_party_that_only_a_circle_would_reach_costs_no_search_of_all_paths(
    relations: list[Relation], reached: list[str]
) -> None:
    found = effects_of(network(*relations), LONG, "N0")
    assert [each.target for each in found] == reached


# --- a folder -----------------------------------------------------------------------------------------------------


def lines(folder: Path) -> list[Mapping[str, Any]]:  # Any: cells
    return [json.loads(line) for line in (folder / "effects.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("audience", [None, "internal", "inquiry", "public"])
def test_a_person_named_who_stands_in_no_table_is_barred_in_the_results_too(
    tmp_path: Path, audience: str | None
) -> None:
    inputs, policy = written(tmp_path)
    persons = inputs / "persons.jsonl"
    known = [line for line in persons.read_text(encoding="utf-8").splitlines() if json.loads(line)["id"] != "N2"]
    persons.write_text("".join(f"{line}\n" for line in known), encoding="utf-8")
    summary = score_folder(inputs, load_policy(policy), JUDGED, out=tmp_path / "out", form="jsonl", audience=audience)
    found = lines(tmp_path / "out")
    barred = [row["party"] for row in found if row["rule"] == "fsl135.revoked"]
    may_see = audience in (None, "internal")  # of whom nothing is known, nothing is public
    assert barred == (["N1", "N2", "S1"] if may_see else ["N1", "S1"])
    assert summary.effects["fsl135.revoked"] == len(barred)
    assert may_see or "N2" not in "".join(each.read_text("utf-8") for each in (tmp_path / "out").iterdir())
    assert [row["line"] for row in found if row["party"] == "N2"] == ([1] if may_see else [])


def test_a_party_that_becomes_known_later_is_reached_in_the_results(tmp_path: Path) -> None:
    inputs, policy = written(tmp_path)
    operators = inputs / "operators.jsonl"
    rows = [json.loads(line) for line in operators.read_text(encoding="utf-8").splitlines()]
    changed = [{**row, "recorded": "2026-12-01"} if row["id"] == "T1" else row for row in rows]
    operators.write_text("".join(f"{json.dumps(row)}\n" for row in changed), encoding="utf-8")
    summary = score_folder(inputs, load_policy(policy), JUDGED, out=tmp_path / "out", form="jsonl")
    assert summary.not_yet_known == 1
    assert {row["rule"] for row in lines(tmp_path / "out") if row["party"] == "T1"} == {"affiliates", "half"}


def test_more_steps_than_can_be_followed_are_refused() -> None:
    step = "{relation: shareholder, to: target}"
    assert codes(f"{LISTED}, effect: alert, along: [{', '.join([step] * 20)}]") == []
    assert codes(f"{LISTED}, effect: alert, along: [{', '.join([step] * 21)}]") == ["unsupported"]


# --- audiences ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", ["public", "internal"])
def test_a_rule_of_which_nothing_is_public_is_not_told_of_when_it_is_ended(audience: str) -> None:
    policy = policy_with(spread=FINAL_SPREAD.replace("effect: points,", f"effect: points, audience: {audience},"))
    whole = ask(ended("minus"), policy=policy)
    for viewer in ("public", "internal"):
        answered = seen_by(whole, viewer)
        assert answered is not None
        told = audience == "public" or viewer == "internal"
        assert (answered.score == ask(policy=policy).score) is not told
        assert bool(answered.too_wide) is told
        assert (("spread_too_wide",) in [line.names for line in answered.unknowns]) is told
    assert {line.audience for line in whole.unknowns if line.rule == "minus"} == {audience}


def test_a_path_of_very_many_steps_is_told_from_its_ends_in_the_results() -> None:
    net = network(*(held(f"R{number:03}", f"N{number}", f"N{number + 1}") for number in range(300)))
    found = {each.target: each for each in effects_of(net, rule(over(), again=True), "N0")}
    path = [name for name, _ in EFFECT_COLUMNS].index("path")
    whole, told = effect_cells(found["N100"])[path], effect_cells(found["N300"])[path]
    assert [step.split()[0] for step in whole] == [f"N{number}" for number in range(100)]
    assert [step.split()[0] for step in told] == [
        *(f"N{n}" for n in range(50)),
        "...",
        *(f"N{n}" for n in range(250, 300)),
    ]
    assert told[50] == "... 200 ..."
    assert effect_cells(found["N300"])[path - 1] == 300


@pytest.mark.parametrize("name", ["甲\ud800公司", "甲\ufffe公司", "甲\x0b公司", "<&]]>\"'"])
def test_graphml_is_xml_whatever_a_name_holds(name: str) -> None:
    net = Network([Operator(id="N1", name=name), Operator(id="N2")], [], [], [held("R1", "N1", "N2", document=name)])
    text = "\n".join(graphml(net, effects_of(net, ONE, "N1"), named=True))
    assert len(ET.fromstring(text.encode())) > 1  # noqa: S314  # made here


ONE = rule(over())


def test_effects_on_others_stand_on_each_of_several_days(tmp_path: Path) -> None:
    inputs, policy = written(tmp_path)
    persons = inputs / "persons.jsonl"
    persons.write_text('{"id": "N1"}\n', encoding="utf-8")
    days = [date(2025, 2, 28), date(2025, 3, 1), JUDGED]
    score_folder(inputs, load_policy(policy), days=days, out=tmp_path / "out", form="jsonl")
    rows = lines(tmp_path / "out")
    assert [row["day"] for row in rows if row["party"] == "N2"] == ["2025-03-01", "2026-06-30"]
    assert [(row["party"], row["day"]) for row in rows] == sorted((row["party"], row["day"]) for row in rows)
