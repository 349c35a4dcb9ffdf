"""Scoring a folder: the same answers as one by one, in any order of rows, and nothing that an audience may not see."""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections.abc import Mapping
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest

from bad_input.folders import folder_of
from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.engines.batch import score_folder
from credit_engine.engines.rows import PARTS, tables
from credit_engine.engines.summary import Summary
from credit_engine.errors import QuestionError
from credit_engine.files.input import Input
from credit_engine.files.results import Format, Table, rows_of, write_results
from credit_engine.files.store import open_folder, prepare
from credit_engine.policy.load import Policy, load_policy, load_policy_text
from sample_policies import HEAD

FORMATS: tuple[Format, ...] = get_args(Format)
FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
DELTA = FIXTURES / "delta"
DAY = date(2026, 6, 30)
Manifest = Mapping[str, Any]  # Any: JSON


@cache
def delta_food() -> Policy:
    return load_policy("delta-food")


@cache
def delta_read() -> Input:
    plan = delta_food().plan
    return open_folder(DELTA, plan.field_types, tuple(plan.kinds), relation_kinds=tuple(plan.relations))


def manifest(out: Path) -> Manifest:
    found: Manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return found


def hashes(out: Path) -> Mapping[str, str]:
    return {name: table["sha256"] for name, table in manifest(out)["tables"].items()}


def rows(out: Path, table: str) -> list[dict[str, str]]:
    with (out / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


# --- the same input ---------------------------------------------------------------------------------------------


def shuffled(source: Path, target: Path, seed: int) -> Path:
    """The same folder with the rows of every table in another order."""
    target.mkdir()
    order = random.Random(seed)  # noqa: S311  # rows are mixed, nothing is kept secret
    for path in sorted(source.iterdir()):
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        lines = content.splitlines(keepends=True)
        first = 1 if ".csv" in path.name else len(lines) if path.suffix == ".yaml" else 0
        head, body = lines[:first], lines[first:]
        order.shuffle(body)
        mixed = b"".join([*head, *body])
        (target / path.name).write_bytes(gzip.compress(mixed) if path.suffix == ".gz" else mixed)
    return target


@pytest.mark.parametrize("form", FORMATS)
def test_the_order_of_input_rows_changes_no_answer(tmp_path: Path, form: Format) -> None:
    outs = [tmp_path / "given", tmp_path / "mixed"]
    for out, folder in zip(outs, (DELTA, shuffled(DELTA, tmp_path / "in", FORMATS.index(form))), strict=True):
        score_folder(folder, delta_food(), DAY, out=out, form=form)
    one, other = (manifest(out) for out in outs)
    assert one["counts"] == other["counts"]
    assert one["plan"] == other["plan"]
    for name, table in one["tables"].items():
        files = [out / table["file"] for out in outs]
        if ("record", "int") in PARTS.get(name, ()):  # which line of its file an event was read from does change
            assert without_record(files[0], form) == without_record(files[1], form), name
        else:
            assert files[0].read_bytes() == files[1].read_bytes(), name
            assert table == other["tables"][name], name


def without_record(path: Path, form: Format) -> list[dict[str, Any]]:  # Any: cells
    if form == "parquet":
        return pl.read_parquet(path).drop("record").to_dicts()
    with path.open(encoding="utf-8", newline="") as lines:
        found: list[dict[str, Any]] = (
            [*csv.DictReader(lines)] if form == "csv" else [json.loads(line) for line in lines]
        )
    return [{name: cell for name, cell in row.items() if name != "record"} for row in found]


def test_a_store_gives_the_bytes_that_its_folder_gives(tmp_path: Path) -> None:
    plan = delta_food().plan
    prepare(DELTA, tmp_path / "store", plan.field_types, tuple(plan.kinds), relation_kinds=tuple(plan.relations))
    for name, folder in (("folder", DELTA), ("again", DELTA), ("stored", tmp_path / "store")):
        score_folder(folder, delta_food(), DAY, out=tmp_path / name, form="csv")
    content = [
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("folder", "again", "stored")
    ]
    assert content[0] == content[1] == content[2]


def test_every_format_has_the_same_hashes(tmp_path: Path) -> None:
    for form in FORMATS:
        score_folder(DELTA, delta_food(), DAY, out=tmp_path / form, form=form)
    assert hashes(tmp_path / "parquet") == hashes(tmp_path / "csv") == hashes(tmp_path / "jsonl")


# --- panels -----------------------------------------------------------------------------------------------------

QUESTIONS = (
    ("SH02", date(2025, 3, 1), None, None),
    ("SH02", date(2025, 3, 1), "SH02-V1", date(2026, 1, 1)),
    ("SH02", date(2026, 6, 30), None, None),
    ("SH02", date(2026, 6, 30), None, date(2025, 4, 1)),
    ("AH01", date(2025, 5, 26), None, date(2025, 12, 31)),
    ("AH01", date(2024, 6, 30), None, None),
    ("SH11", date(2024, 2, 29), None, None),
)


def panel(path: Path, questions: tuple[tuple[str, date, str | None, date | None], ...]) -> Path:
    lines = [",".join("" if cell is None else str(cell) for cell in question) for question in questions]
    path.write_text("\n".join(["party,day,event,known_at", *lines, ""]), encoding="utf-8")
    return path


def own(question: tuple[str, date, str | None, date | None]) -> Assessment:
    party, day, event, known_at = question
    return assess(delta_read().dossier(party), delta_food(), day, known_at, event=event)


def order(question: tuple[str, date, str | None, date | None]) -> tuple[str, date, str, date]:
    party, day, event, known_at = question
    return party, day, event or "", known_at or day


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_a_row_of_a_panel_is_answered_as_if_asked_alone(
    tmp_path: Path, question: tuple[str, date, str | None, date | None]
) -> None:
    score_folder(DELTA, delta_food(), days=panel(tmp_path / "days.csv", (question,)), out=tmp_path / "out")
    write_results(tmp_path / "alone", tables(delta_food().plan, [own(question)]), {})
    alone = hashes(tmp_path / "alone")
    assert {name: hashes(tmp_path / "out")[name] for name in alone} == alone


def test_a_panel_has_the_rows_of_its_questions_one_after_the_other(tmp_path: Path) -> None:
    score_folder(DELTA, delta_food(), days=panel(tmp_path / "days.csv", QUESTIONS), out=tmp_path / "out")
    write_results(
        tmp_path / "alone", tables(delta_food().plan, [own(question) for question in sorted(QUESTIONS, key=order)]), {}
    )
    alone = hashes(tmp_path / "alone")
    assert {name: hashes(tmp_path / "out")[name] for name in alone} == alone


def test_a_question_asked_twice_is_answered_once_and_the_manifest_says_so(tmp_path: Path) -> None:
    for name, questions in (("once", QUESTIONS), ("twice", (*QUESTIONS, QUESTIONS[0], QUESTIONS[2]))):
        score_folder(DELTA, delta_food(), days=panel(tmp_path / f"{name}.csv", questions), out=tmp_path / name)
    assert hashes(tmp_path / "twice") == hashes(tmp_path / "once")
    counts = [json.loads((tmp_path / n / "manifest.json").read_bytes())["counts"] for n in ("once", "twice")]
    assert [count["repeated"] for count in counts] == [0, 2]
    assert counts[0]["answered"] == counts[1]["answered"]


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_questions_changes_nothing(tmp_path: Path, seed: int) -> None:
    mixed = list(QUESTIONS)
    random.Random(seed).shuffle(mixed)  # noqa: S311  # rows are mixed, nothing is kept secret
    for name, questions in (("given", QUESTIONS), ("mixed", tuple(mixed))):
        score_folder(DELTA, delta_food(), days=panel(tmp_path / f"{name}.csv", questions), out=tmp_path / name)
    for path in (tmp_path / "given").iterdir():
        assert path.read_bytes() == (tmp_path / "mixed" / path.name).read_bytes()


def test_days_in_python_ask_every_party_on_each_day_once() -> None:
    days = [DAY, date(2025, 6, 30), DAY]
    summary = score_folder(DELTA, delta_food(), days=days)
    assert summary.days == (date(2025, 6, 30), DAY)
    assert summary.answered + summary.not_yet_known == 2 * summary.parties


def test_a_question_that_cannot_be_answered_is_a_reject_with_its_line(tmp_path: Path) -> None:
    lines = "party,day,event\nSH02,2026-06-30,\n"
    lines += "NOBODY,2026-06-30,\nSH02,2026-13-30,\nSH02,2026-06-30,SH02-V1\n,2026-06-30,\n"
    (tmp_path / "days.csv").write_text(lines, encoding="utf-8")
    summary = score_folder(DELTA, delta_food(), days=tmp_path / "days.csv", out=tmp_path / "out", form="csv")
    assert summary.answered == 1
    found = {(row["file"], row["record"], row["table"], row["code"]) for row in rows(tmp_path / "out", "rejects")}
    assert found == {
        ("days.csv", "2", "panel", "unknown_party"),
        ("days.csv", "3", "panel", "bad_date"),
        ("days.csv", "4", "panel", "event_not_on_day"),
        ("days.csv", "5", "panel", "missing_cell"),
    }
    assert summary.rejected == 4


# --- counts -----------------------------------------------------------------------------------------------------

SMALL = {
    "operators__csv": (
        "id,kind,region,registered,recorded\nP1,enterprise,310115,2015-01-01,2015-01-01\n"
        "P2,farm,310115,2024-06-01,2024-06-10\nP3,farm,310115,2015-01-01,\n"
    ),
    "regions__csv": "code,name,parent\n310000,上海市,\n310115,浦东新区,310000\n",
    "violations__csv": (
        "id,party,decided,penalties,fine,recorded\nV1,P1,2024-03-01,fine,500000,2024-03-05\n"
        "V2,P1,2024-04-01,warning,,2024-04-05\nV3,P3,2024-04-01,fine,9000000,2024-04-05\n"
        "V4,P9,2024-04-01,fine,9000000,2024-04-05\nV5,P1,2024-02-30,fine,,2024-04-05\n"
    ),
}
SCORE = """
score:
  start: 100
  range: [0, 100]
  rules: [{rule: fined, title: {zh: 罚, en: Fined}, each: violation, deduct: 5, counts: {for: 3y}, basis: [law]}]
"""


def small(place: Path) -> Path:
    return folder_of(place, **SMALL)


def scored(place: Path, body: str, day: date, audience: str | None = None) -> tuple[Summary, Path]:
    policy = load_policy_text(HEAD + body, "sample.yaml")
    out = place / f"out-{day}-{audience}"
    return score_folder(small_once(place), policy, day, out=out, audience=audience, form="csv"), out


def small_once(place: Path) -> Path:
    return place / "in" if (place / "in").exists() else small(place / "in")


@pytest.mark.parametrize(
    ("day", "not_yet"), [(date(2024, 6, 9), 1), (date(2024, 6, 10), 0), (date(2024, 6, 11), 0), (date(2014, 12, 31), 2)]
)
def test_a_party_recorded_later_is_counted_as_not_yet_known_until_the_day_before(
    tmp_path: Path, day: date, not_yet: int
) -> None:
    summary, out = scored(tmp_path, SCORE, day)
    assert (summary.not_yet_known, summary.answered) == (not_yet, 3 - not_yet)
    assert len(rows(out, "assessments")) == 3 - not_yet
    assert not [row for row in rows(out, "rejects") if row["table"] == "panel"]


def test_the_counts_of_the_manifest_add_up(tmp_path: Path) -> None:
    for day in (date(2020, 1, 1), DAY):
        for audience in (None, "public", "internal"):
            out = tmp_path / f"{day}-{audience}"
            summary = score_folder(DELTA, delta_food(), day, out=out, audience=audience, form="csv")
            counts = manifest(out)["counts"]
            assert counts["parties"] == counts["answered"] + counts["not_yet_known"] + counts["withheld"]
            assert counts["answered"] == len(rows(out, "assessments")) == manifest(out)["tables"]["assessments"]["rows"]
            assert counts["rejected"] == len(rows(out, "rejects")) == summary.rejected
            judged = counts["answered"] - counts["outside_policy"]
            assert all(sum(labels.values()) == judged for labels in summary.grades.values()) or audience == "public"
            for name, table in manifest(out)["tables"].items():
                assert table["rows"] == len(rows(out, name))


def test_every_row_read_is_accepted_rejected_or_skipped_and_rejects_are_listed(tmp_path: Path) -> None:
    summary, out = scored(tmp_path, SCORE, date(2025, 1, 1))
    for each in manifest(out)["input"]["counts"]:
        assert each["read"] == each["accepted"] + each["rejected"] + each["skipped"]
    assert summary.rejects == {"bad_date": 1, "unknown_party": 1}
    assert sum(each["rejected"] for each in manifest(out)["input"]["counts"]) == len(rows(out, "rejects")) == 2


def test_points_add_up_to_the_score_in_the_tables(tmp_path: Path) -> None:
    score_folder(DELTA, delta_food(), DAY, out=tmp_path / "out")
    answers = pl.read_parquet(tmp_path / "out" / "assessments.parquet").filter(pl.col("score").is_not_null())
    lost = pl.read_parquet(tmp_path / "out" / "reasons.parquet").group_by("party").agg(pl.col("points").sum())
    summed = answers.join(lost, on="party", how="left").select(
        "party", "score", (100 + pl.col("points").fill_null(0)).alias("sum")
    )
    assert summed.height > 50
    assert summed.filter(pl.col("score") != pl.col("sum")).is_empty()


# --- audiences --------------------------------------------------------------------------------------------------

LIST = """
lists:
  fined:
    title: {zh: 罚, en: Fined}
    polarity: neutral
    foundation: [law]
    opens: {each: violation}
    needs_decision: false
    term:
      rows: [{where: {penalties: {has: fine}}, for: 3y, from: decided}, {for: 1m, from: decided}]
    audience: {rows: [{where: {penalties: {has: fine}}, value: internal}, {value: public}]}
"""


def test_a_withheld_party_appears_in_no_table(tmp_path: Path) -> None:
    hidden = "audience: {rows: [{where: {operator.kind: farm}, value: department}, {value: public}]}\n"
    summary, out = scored(tmp_path, SCORE + hidden, date(2025, 1, 1), "public")
    assert (summary.answered, summary.withheld) == (1, 2)
    for path in out.glob("*.csv"):
        assert "P3" not in path.read_text(encoding="utf-8"), path.name
        assert "V3" not in path.read_text(encoding="utf-8"), path.name
    summary, _ = scored(tmp_path, SCORE + hidden, date(2025, 1, 1), "department")
    assert (summary.answered, summary.withheld) == (3, 0)


def test_each_closer_audience_sees_at_least_what_a_farther_one_sees(tmp_path: Path) -> None:
    seen: list[dict[str, set[tuple[str, ...]]]] = []
    for audience in ("public", "department", "inquiry", "internal"):
        score_folder(DELTA, delta_food(), DAY, out=tmp_path / audience, audience=audience, form="csv")
        seen.append(
            {
                name: {
                    tuple(cell for key, cell in row.items() if key != "line") for row in rows(tmp_path / audience, name)
                }
                for name in ("entries", "measures", "findings", "unknowns", "reasons", "obligations", "supervision")
            }
        )
    for farther, closer in pairwise(seen):
        assert all(farther[name] <= closer[name] for name in farther)
    assert seen[0]["entries"] < seen[-1]["entries"]


@pytest.mark.parametrize("audience", ["public", "department", "inquiry", "internal"])
def test_no_row_is_meant_for_a_closer_audience(tmp_path: Path, audience: str) -> None:
    order = ("public", "department", "inquiry", "internal")
    score_folder(DELTA, delta_food(), DAY, out=tmp_path / "out", audience=audience, form="csv")
    for name in ("assessments", *PARTS):
        for row in rows(tmp_path / "out", name):
            assert order.index(row["audience"]) <= order.index(audience), name


def test_without_an_audience_the_result_is_that_for_those_inside(tmp_path: Path) -> None:
    for name, audience in (("all", None), ("internal", "internal")):
        score_folder(DELTA, delta_food(), DAY, out=tmp_path / name, audience=audience)
    parts = {"assessments", *PARTS, "obligations_summary"}
    both = [
        {name: value for name, value in hashes(tmp_path / out).items() if name in parts} for out in ("all", "internal")
    ]
    assert both[0] == both[1]


def test_measures_of_a_list_that_an_audience_may_not_see_are_left_out(tmp_path: Path) -> None:
    score_folder(DELTA, delta_food(), DAY, out=tmp_path / "public", audience="public", form="csv")
    shown = {(row["party"], row["entry"]) for row in rows(tmp_path / "public", "entries")}
    assert {(row["party"], row["entry"]) for row in rows(tmp_path / "public", "measures")} <= shown


def test_a_list_says_only_of_shown_entries_that_the_party_is_on_it(tmp_path: Path) -> None:
    for audience in ("public", "internal"):
        score_folder(DELTA, delta_food(), DAY, out=tmp_path / audience, audience=audience, form="csv")
    shown = {(row["party"], row["list"]) for row in rows(tmp_path / "public", "entries") if row["state"] == "listed"}
    lists = [rule.name for rule in delta_food().plan.lists]
    said = {
        (row["party"], name)
        for row in rows(tmp_path / "public", "assessments")
        for name in lists
        if row[f"on_list.{name}"] != ""
    }
    assert said == shown


def test_a_hidden_entry_cannot_be_guessed_from_the_list_it_stands_on(tmp_path: Path) -> None:
    day = date(2025, 1, 1)
    for audience in ("public", "internal"):
        scored(tmp_path, SCORE + LIST, day, audience)
    public, internal = tmp_path / f"out-{day}-public", tmp_path / f"out-{day}-internal"
    entries = {(row["party"], row["ground"]) for row in rows(public, "entries")}
    assert entries == {("P1", "V2")}
    assert {(row["party"], row["ground"]) for row in rows(internal, "entries")} == {
        ("P1", "V1"),
        ("P1", "V2"),
        ("P3", "V3"),
    }
    assert [row["on_list.fined"] for row in rows(public, "assessments")] == ["", "", ""]
    assert [row["on_list.fined"] for row in rows(internal, "assessments")] == [
        "true",
        "",
        "true",
    ]  # no table says who was listed


def test_an_unknown_audience_or_engine_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="unknown_label: no audience 'press'"):
        score_folder(DELTA, delta_food(), DAY, audience="press", out=tmp_path / "out")
    with pytest.raises(QuestionError, match="unsupported: no engine 'abacus' yet"):
        score_folder(DELTA, delta_food(), DAY, engine="abacus", out=tmp_path / "out")
    with pytest.raises(QuestionError, match="one_of: ask for one day or for several"):
        score_folder(DELTA, delta_food(), DAY, days=[DAY], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_progress_counts_each_question_to_the_last() -> None:
    told: list[tuple[int, int]] = []
    summary = score_folder(DELTA, delta_food(), DAY, progress=lambda done, total: told.append((done, total)))
    total = 2 * summary.parties  # the own answer of each, from which effects spread, and the final one
    assert told == [(number, total) for number in range(1, total + 1)]


def test_a_manifest_of_many_days_names_the_first_and_the_last(tmp_path: Path) -> None:
    days = [date.fromordinal(DAY.toordinal() - back) for back in range(401)]
    policy = load_policy_text(HEAD + SCORE, "sample.yaml")
    score_folder(small_once(tmp_path), policy, days=days[:400], out=tmp_path / "out")
    assert len(manifest(tmp_path / "out")["days"]) == 400
    score_folder(small_once(tmp_path), policy, days=days, out=tmp_path / "out")
    assert manifest(tmp_path / "out")["days"] == [str(days[-1]), str(days[0])]


def test_the_tables_of_no_answers_have_their_columns() -> None:
    made = tables(delta_food().plan, [])
    assert [table.name for table in made] == ["assessments", *PARTS, "obligations_summary"]
    assert all(not list(rows_of(table)) for table in made)
    assert isinstance(made[0], Table)


# --- the order of rows ----------------------------------------------------------------------------------------


def test_rows_stand_in_the_policy_s_order_of_rules_then_by_id(tmp_path: Path) -> None:
    plan = delta_food().plan
    score_folder(DELTA, delta_food(), DAY, out=tmp_path / "out", form="csv")
    rules: dict[str, list[str]] = {
        "reasons": [rule.id for rule in plan.score.rules] if plan.score else [],
        "entries": [rule.name for rule in plan.lists],
        "measures": [rule.name for rule in plan.lists],
        "effects": [*(rule.id for rule in plan.spread), *(rule.id for rule in plan.recognition)],
        "findings": [rule.id for rule in plan.findings],
        "obligations": [rule.id for rule in plan.obligations],
        "supervision": [rule.id for rule in plan.supervision],
        "obligations_summary": [rule.id for rule in plan.obligations],
    }
    ids = {"entries": ("entry",), "measures": ("entry",), "effects": ("origin_party", "origin", "target")}
    ids |= {"obligations_summary": ("region", "month"), "supervision": ()}
    assert rules.keys() == {*PARTS, "obligations_summary"} - {"unknowns"}  # those come step by step
    for table, known in rules.items():
        found = rows(tmp_path / "out", table)
        assert len({row.get("rule", row.get("list")) for row in found}) > 1, table
        keys = [
            (
                row.get("party", ""),
                row["day"],
                known.index(name) if (name := row.get("rule") or row["list"]) in known else len(known),  # limits
                *(row[column] for column in ids.get(table, ("event",))),
            )
            for row in found
        ]
        assert keys == sorted(keys), table
