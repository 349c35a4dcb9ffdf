"""The command line: what is printed where, the exit codes, and what a user can do to it."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import pty
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from credit_engine import __version__, cli, policy_commands
from credit_engine.cli import app, main
from credit_engine.policy.load import load_policy, shipped_policies

ROOT = Path(__file__).resolve().parents[1]
DELTA = str(ROOT / "fixtures" / "delta")
BROKEN = ROOT / "fixtures" / "broken"
COMMAND = [sys.executable, "-c", "from credit_engine.cli import main; main()"]
SOURCE = Path(cli.__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SOURCE), "COLUMNS": "120"}
SCORE = ("score", DELTA, "--policy", "delta-food")
ON_DAY = (*SCORE, "--as-of", "2026-06-30")
EXPLAIN = ("explain", DELTA, "SH02", "--policy", "delta-food", "--as-of", "2026-06-30")
TABLES = {
    "assessments", "effects", "entries", "findings", "measures", "obligations", "obligations_summary", "reasons", "rejects",
    "supervision", "unknowns",
}  # fmt: skip


class Said(NamedTuple):
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


Say = Callable[..., Said]
load_once = cache(load_policy)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Runs the command line in this process."""

    def run(*arguments: str | Path) -> Said:
        for home in (cli, policy_commands):
            monkeypatch.setattr(home, "load_policy", load_once)
        monkeypatch.setattr(sys, "argv", ["credit-engine", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        code = end.value.code
        assert code is None or isinstance(code, int)
        return Said(code or 0, *capsys.readouterr())

    return run


def start(*arguments: str | Path, out: int = subprocess.PIPE, err: int = subprocess.PIPE) -> subprocess.Popen[str]:
    """The command line as a process of its own."""
    return subprocess.Popen([*COMMAND, *map(str, arguments)], stdout=out, stderr=err, text=True, env=ENVIRONMENT)


def end(process: subprocess.Popen[str]) -> Said:
    """How a process has ended."""
    out, err = process.communicate(timeout=60)
    return Said(process.returncode, out or "", err or "")


def assert_whole(out: Path) -> None:
    """Every table that the manifest names is there with the rows that it says."""
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["tables"]) == TABLES
    assert {path.name for path in out.iterdir()} == {"manifest.json", *(t["file"] for t in manifest["tables"].values())}
    for table in manifest["tables"].values():
        with (out / table["file"]).open(encoding="utf-8", newline="") as lines:
            assert sum(1 for _ in csv.DictReader(lines)) == table["rows"]


# --- score ------------------------------------------------------------------------------------------------------


def test_score_prints_a_summary_and_writes_every_table(say: Say, tmp_path: Path) -> None:
    said = say(*ON_DAY, "--out", tmp_path / "out", "--format", "csv")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0] == "Yangtze Delta food-safety credit (illustrative) (delta-food), 2026-06-30"
    assert lines[1] == "illustrative: sample weights, not an official standard"
    assert "60 parties, 60 assessments" in lines
    assert lines[-1] == f"written to {tmp_path / 'out'}/"
    assert_whole(tmp_path / "out")


def test_without_out_only_the_summary_is_printed(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = say(*ON_DAY)
    assert said.code == 0
    assert "written to" not in said.out
    assert not list(tmp_path.iterdir())


def test_the_labels_of_a_scale_add_up_to_the_parties_judged(say: Say) -> None:
    lines = say(*ON_DAY).out.splitlines()
    table = lines[next(number for number, line in enumerate(lines) if line.startswith("grade")) + 1 :]
    labels = [line.split()[:2] for line in table if line.rstrip().endswith("█") or line.split()[-1:] == ["0"]]
    assert sum(int(number) for _, number in labels) == 60


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_the_tables_have_the_format_asked_for(say: Say, tmp_path: Path, form: str) -> None:
    assert say(*ON_DAY, "--out", tmp_path / "out", "--format", form).code == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "manifest.json", *(f"{table}.{form}" for table in TABLES)
    }  # fmt: skip


def test_rejected_records_are_counted_and_end_with_code_1(say: Say, tmp_path: Path) -> None:
    said = say(
        "score",
        BROKEN / "input" / "bad_date",
        "--policy",
        "delta-food",
        "--as-of",
        "2026-06-30",
        "--out",
        tmp_path / "out",
    )
    assert said.code == 1
    assert "rejected records: " in said.out
    assert "bad_date" in said.out
    assert (tmp_path / "out" / "manifest.json").exists()


@pytest.mark.parametrize("written", [True, False])
def test_the_first_rejected_records_are_told_with_their_places(say: Say, tmp_path: Path, written: bool) -> None:  # noqa: FBT001  # a case
    out = ("--out", tmp_path / "out", "--format", "csv") if written else ()
    ids = [f"X{number}" for number in range(8)]
    bad = "".join(f"{each},enterprise,2026-02-30\n" for each in ids)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "operators.csv").write_text(f"id,kind,registered\nA,enterprise,\n{bad}", encoding="utf-8")
    (tmp_path / "in" / "violation.csv").write_text("id,party,decided\n", encoding="utf-8")
    said = say("score", tmp_path / "in", "--policy", "delta-food", "--as-of", "2026-06-30", *out)
    assert (said.code, said.err) == (1, "")
    assert "rejected records: 8 (bad_date 8)" in said.out
    told = [line.split(": ")[:2] for line in said.out.splitlines() if line.startswith("  operators.csv")]
    assert told == [[f"  operators.csv:{number}", "bad_date"] for number in range(2, 7)]
    where = f"in {tmp_path / 'out'}/rejects.csv" if written else "(--out DIR writes them all)"
    assert f"  ... and 3 more {where}" in said.out.splitlines()


def test_an_audience_is_told_how_many_records_were_rejected_but_not_which(say: Say) -> None:
    arguments = ("score", BROKEN / "input" / "bad_date", "--policy", "delta-food", "--as-of", "2026-06-30")
    assert "csv:" in say(*arguments, "--audience", "internal").out
    said = say(*arguments, "--audience", "public").out
    assert "rejected records: " in said
    assert "csv:" not in said


def test_parties_outside_the_policy_are_told_by_the_region_they_are_registered_in(say: Say, tmp_path: Path) -> None:
    registered = ("310115", "370102", "370202", "440106", "", "31011", "990000")
    lines = "".join(f"P{number},enterprise,{code}\n" for number, code in enumerate(registered))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "operators.csv").write_text(f"id,kind,region\n{lines}", encoding="utf-8")
    (tmp_path / "in" / "violation.csv").write_text("id,party,decided\n", encoding="utf-8")
    arguments = ("score", tmp_path / "in", "--policy", "delta-food", "--as-of", "2026-06-30")
    said = say(*arguments, "--out", tmp_path / "out").out
    assert "  outside the policy's regions: 4 (370000 2, 440000 1, 990000 1)" in said
    assert "  perhaps outside, region unknown: 2 (not given 1, not known 1)" in said
    counts = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["counts"]
    assert counts["outside_by"] == {"370000": 2, "440000": 1, "990000": 1}
    assert counts["no_region"] == {"not given": 1, "not known": 1}


def test_a_table_of_questions_is_answered_row_by_row(say: Say, tmp_path: Path) -> None:
    (tmp_path / "days.csv").write_text("party,day\nSH02,2026-06-30\nSH02,2025-06-30\n", encoding="utf-8")
    said = say(*SCORE, "--days", tmp_path / "days.csv", "--out", tmp_path / "out", "--format", "csv")
    assert said.code == 0
    assert "2 days, 2025-06-30 to 2026-06-30" in said.out
    with (tmp_path / "out" / "assessments.csv").open(encoding="utf-8", newline="") as lines:
        assert [row["day"] for row in csv.DictReader(lines)] == ["2025-06-30", "2026-06-30"]


def test_a_question_about_nobody_ends_with_code_1(say: Say, tmp_path: Path) -> None:
    (tmp_path / "days.csv").write_text("party,day\nSH02,2026-06-30\nNOBODY,2025-06-30\n", encoding="utf-8")
    said = say(*SCORE, "--days", tmp_path / "days.csv")
    assert said.code == 1
    assert "rejected records: 1 (unknown_party 1)" in said.out


def test_what_was_known_on_an_earlier_day_gives_another_answer(say: Say, tmp_path: Path) -> None:
    for name, more in (("now", ()), ("then", ("--known-at", "2024-01-01"))):
        assert say(*ON_DAY, *more, "--out", tmp_path / name, "--format", "csv").code == 0
    now, then = ((tmp_path / name / "assessments.csv").read_text(encoding="utf-8") for name in ("now", "then"))
    assert now != then
    assert ",2024-01-01,delta-food," in then


def test_the_public_sees_nothing_of_persons(say: Say, tmp_path: Path) -> None:
    said = say(*ON_DAY, "--audience", "public", "--out", tmp_path / "out", "--format", "csv")
    assert said.code == 0
    assert "withheld from this audience: " in said.out
    with (ROOT / "fixtures" / "delta" / "persons.csv").open(encoding="utf-8", newline="") as lines:
        persons = {row["id"] for row in csv.DictReader(lines)}
    for path in (tmp_path / "out").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            assert not persons & {row.get("party", "") for row in csv.DictReader(lines)}, path.name


UNUSABLE = [
    ((*SCORE[:3], "delta-fod", "--as-of", "2026-06-30"), "policy 'delta-fod'\n    hint: did you mean 'delta-food'?"),
    (("score", "nowhere", *SCORE[2:], "--as-of", "2026-06-30"), "nowhere: missing_folder: "),
    ((*SCORE, "--as-of", "2026-06-31"), "'2026-06-31' is not a day; write it as 2026-06-30"),
    ((*SCORE, "--as-of", "30.6.2026"), "'30.6.2026' is not a day"),
    ((*SCORE, "--as-of", ""), "'' is not a day"),
    ((*ON_DAY, "--known-at", "soon"), "'soon' is not a day"),
    ((*ON_DAY, "--days", "days.csv"), "give either --as-of DAY or --days FILE"),
    (SCORE, "give either --as-of DAY or --days FILE"),
    ((*SCORE, "--days", "nowhere.csv"), "nowhere.csv: not_found: no such file of questions"),
    ((*ON_DAY, "--audience", "press"), "unknown_label: no audience 'press'\n    hint: one of public, department"),
    ((*ON_DAY, "--engine", "abacus"), "unsupported: no engine 'abacus' yet\n    hint: one of polars, spark, plain"),
    ((*ON_DAY, "--format", "xlsx"), "'xlsx' is not one of 'parquet', 'csv', 'jsonl'"),
    ((*ON_DAY, "--mapping", "no-such"), "not_found: "),
    ((*ON_DAY, "--out", "/proc/no/out"), "/proc/no/out: cannot_write: "),
    ((*ON_DAY, "--out", "/dev/null"), "/dev/null: not_a_folder: a file stands there"),
    ((*ON_DAY, "--ouut", "x"), "No such option: --ouut"),
    (("explain", DELTA, "SH99", *EXPLAIN[3:]), "unknown_party: no operator or person has the id 'SH99'\n    hint: "),
    ((*EXPLAIN, "--rule", "violation.fines"), "unknown_rule: "),
    ((*EXPLAIN, "--event", "SH02-V1"), "event_not_on_day: "),
    ((*EXPLAIN, "--language", "fr"), "'fr' is not one of 'zh', 'en'"),
    (("prepare", DELTA, "--policy", "delta-food"), "Missing option '--out'"),
    (("policy", "show", "no-such"), "not_found: there is no policy 'no-such'"),
    (("polcy",), "No such command 'polcy'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"), UNUSABLE, ids=lambda part: " ".join(part) if isinstance(part, tuple) else ""
)
def test_what_cannot_be_used_is_said_on_standard_error_and_ends_with_code_2(
    say: Say, arguments: tuple[str, ...], message: str
) -> None:
    said = say(*arguments)
    assert (said.code, said.out) == (2, "")
    assert message in " ".join(said.err.split(" │ ")).replace("\n│", "\n")
    assert "Traceback" not in said.err


def test_a_folder_of_somebody_else_is_not_overwritten(say: Say, tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("dear")
    said = say(*ON_DAY, "--out", tmp_path)
    assert said.code == 2
    assert "not_ours: the folder is no result of this library" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["letters"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_place_that_may_not_be_written_is_named(say: Say, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    said = say(*ON_DAY, "--out", tmp_path / "out")
    assert said.code == 2
    assert "cannot_write" in said.err


# --- explain ----------------------------------------------------------------------------------------------------


def test_explain_speaks_chinese_unless_asked_for_english(say: Say) -> None:
    chinese, english = say(*EXPLAIN), say(*EXPLAIN, "--language", "en")
    assert (chinese.code, english.code) == (0, 0)
    assert "65" in chinese.out.splitlines()[4]
    assert english.out.startswith("Credit assessment of operator SH02\n  Day judged: 2026-06-30\n")
    assert "Illustrative weights, not an official standard" in english.out


def test_explain_says_why_one_rule_did_or_did_not_apply(say: Say) -> None:
    did = say(*EXPLAIN, "--rule", "violation.fine", "--language", "en")
    did_not = say(*EXPLAIN, "--rule", "violation.revoked", "--language", "en")
    assert (did.code, did_not.code) == (0, 0)
    assert "SH02-V1" in did.out
    assert did.out != did_not.out


def test_explain_as_json_is_the_answer_with_reasons_that_add_up(say: Say) -> None:
    said = say(*EXPLAIN, "--json")
    answer = json.loads(said.out)
    assert answer["party"] == "SH02"
    assert 100 + sum(float(reason["points"]) for reason in answer["reasons"]) == float(answer["score"])


AGENDA = (*EXPLAIN, "--agenda", "2027-12-31")


def test_explain_tells_what_changes_by_itself(say: Say) -> None:
    said = say(*AGENDA, "--language", "en")
    assert (said.code, said.err) == (0, "")
    assert "  What changes by itself and which deadlines fall, up to 2027-12-31" in said.out.splitlines()
    assert "自行发生的变化" in say(*AGENDA).out


def test_an_agenda_as_json_is_a_list_of_lines(say: Say) -> None:
    lines = json.loads(say(*AGENDA, "--json").out)
    assert [set(line) for line in lines] == [{"day", "what", "subject", "before", "after"}] * len(lines)
    assert [line["day"] for line in lines] == sorted(line["day"] for line in lines)
    assert all("2026-06-30" < line["day"] <= "2027-12-31" for line in lines)


@pytest.mark.parametrize("more", [("--rule", "violation.large_fine"), ("--event", "V1"), ("--agenda", "2026-06-29")])
def test_an_agenda_that_cannot_be_is_refused(say: Say, more: tuple[str, ...]) -> None:
    said = say(*AGENDA, *more)
    assert said.code == 2
    assert "--agenda" in said.err


def test_explain_sees_an_event_through_its_own_day(say: Say) -> None:
    on_its_day = (
        "explain",
        DELTA,
        "SH02",
        "--policy",
        "delta-food",
        "--as-of",
        "2025-03-01",
        "--known-at",
        "2026-01-01",
    )
    assert json.loads(say(*on_its_day, "--event", "SH02-V1", "--json").out)["event"] == "SH02-V1"


# --- prepare ----------------------------------------------------------------------------------------------------


def test_a_prepared_store_is_scored_and_explained_like_its_folder(say: Say, tmp_path: Path) -> None:
    said = say("prepare", DELTA, "--policy", "delta-food", "--out", tmp_path / "store")
    assert said.code == 0
    assert said.out.splitlines()[0].split() == ["file", "table", "read", "accepted", "rejected", "skipped", "repeated"]
    assert said.out.endswith(f"written to {tmp_path / 'store'}\n")
    for name, folder in (("one", DELTA), ("other", str(tmp_path / "store"))):
        assert say("score", folder, *ON_DAY[2:], "--out", tmp_path / name).code == 0
    assert (tmp_path / "one" / "manifest.json").read_bytes() == (tmp_path / "other" / "manifest.json").read_bytes()
    assert say("explain", tmp_path / "store", *EXPLAIN[2:]).out == say(*EXPLAIN).out


def test_prepare_names_each_rejected_record(say: Say, tmp_path: Path) -> None:
    said = say("prepare", BROKEN / "input" / "bad_date", "--policy", "delta-food", "--out", tmp_path / "store")
    assert said.code == 1
    assert "violations.csv:" in said.out
    assert ": bad_date: " in said.out


# --- policies ---------------------------------------------------------------------------------------------------


def test_policy_list_names_the_shipped_policies(say: Say) -> None:
    said = say("policy", "list")
    assert said.code == 0
    assert [line.split()[0] for line in said.out.splitlines()] == list(shipped_policies())


def test_a_policy_can_be_shown_as_the_rulesets_that_durable_rules_reads(say: Say) -> None:
    data = json.loads(say("policy", "show", "delta-food", "--as", "durable").out)
    assert data["policy"] == "delta-food"
    tests = [rule["all"][0]["m"] for rules in data["rulesets"].values() for rule in rules.values()]
    assert all("$ex" in test or next(iter(test["$and"][0])) == "k" for test in tests)
    assert {"score", "lists", "grades", "spread", "findings"} <= data["rulesets"].keys()


def test_policy_show_shows_rules_or_the_plan(say: Say) -> None:
    assert "violation.fine" in say("policy", "show", "delta-food").out
    plan = say("policy", "show", "delta-food", "--as", "plan").out
    assert json.loads(plan)
    assert plan.rstrip("\n") == load_policy("delta-food").plan.as_json().rstrip("\n")


def test_policy_schema_is_a_json_schema(say: Say) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(json.loads(say("policy", "schema").out))


@pytest.mark.parametrize("name", shipped_policies())
def test_a_shipped_policy_has_nothing_to_point_at(say: Say, name: str) -> None:
    assert say("policy", "check", name) == Said(0, f"{name}: nothing to point at\n", "")


def test_the_tests_of_a_policy_are_run_and_counted(say: Say) -> None:
    tested = say("policy", "test", "sf-restaurants")
    assert tested.code == 0
    assert tested.out.endswith(" passed, 0 failed\n")


def policy_folder(place: Path, body: str) -> Path:
    place.mkdir()
    head = "policy: mine\ntitle: {zh: 例, en: mine}\n"
    head += "sources: {law: {title: Law, rank: law, in_force: {from: 2000-01-01}}}\n"
    (place / "policy.yaml").write_text(head + body, encoding="utf-8")
    return place


def test_policy_check_points_with_a_place_and_ends_with_code_1(say: Say, tmp_path: Path) -> None:
    folder = policy_folder(tmp_path / "mine", "indicators: {fines: {count: violation}}\n")
    said = say("policy", "check", folder)
    assert said.code == 1
    assert said.out.startswith(f"{folder}/policy.yaml:")
    assert said.out.endswith(" to look at\n")


def test_a_failed_policy_test_is_shown_with_its_place_and_ends_with_code_1(say: Say, tmp_path: Path) -> None:
    folder = policy_folder(tmp_path / "mine", "indicators: {fines: {count: violation}}\n")
    (folder / "tests").mkdir()
    case = "- name: There are {0} fines\n  day: 2026-06-30\n  operator: {{id: P1}}\n"
    case += "  expect: {{indicators: {{fines: {0}}}}}\n"
    (folder / "tests" / "fines.yaml").write_text(case.format(0) + case.format(1), encoding="utf-8")
    said = say("policy", "test", folder)
    assert said.code == 1
    assert said.out.splitlines()[0].startswith(f"{folder}/tests/fines.yaml:5")
    assert said.out.endswith("1 passed, 1 failed\n")


def policy_with_a_test(place: Path, name: str, score: int) -> Path:
    """A policy's folder with one test, that the score is the one given; it is 100."""
    folder = policy_folder(place / name, "score: {start: 100, rules: []}\n".replace("mine", name))
    (folder / "policy.yaml").write_text(
        (folder / "policy.yaml").read_text(encoding="utf-8").replace("mine", name), encoding="utf-8"
    )
    (folder / "tests").mkdir()
    case = f"- name: The score of {name} is {score}\n  day: 2026-06-30\n  expect: {{score: {score}}}\n"
    (folder / "tests" / "scores.yaml").write_text(case, encoding="utf-8")
    return folder


def test_several_policies_are_tested_in_one_run(say: Say, tmp_path: Path) -> None:
    policy_with_a_test(tmp_path, "one", 100)
    policy_with_a_test(tmp_path, "two", 90)
    said = say("policy", "test", tmp_path, "--lang", "en")
    assert said.code == 1
    lines = said.out.splitlines()
    assert lines[0] == "one: 1 passed, 0 failed"
    assert lines[1:3] == [
        f"{tmp_path}/two/tests/scores.yaml:1:3: The score of two is 90",
        "    score: expected 90, got 100",
    ]
    assert lines[-2:] == ["two: 0 passed, 1 failed", "2 policies: 1 passed, 1 failed"]
    assert say("policy", "test", tmp_path / "one", tmp_path / "one").out == "one: 1 passed, 0 failed\n"


def test_the_policies_of_the_current_folder_are_tested_without_a_name(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(policy_with_a_test(tmp_path, "one", 100))
    assert say("policy", "test") == Said(0, "one: 1 passed, 0 failed\n", "")
    monkeypatch.chdir(tmp_path)
    assert say("policy", "test") == Said(0, "one: 1 passed, 0 failed\n", "")


def test_tests_are_chosen_by_a_text_in_their_name(say: Say, tmp_path: Path) -> None:
    policy_with_a_test(tmp_path, "one", 100)
    policy_with_a_test(tmp_path, "two", 90)
    assert say("policy", "test", tmp_path, "-k", "OF ONE").code == 0
    said = say("policy", "test", tmp_path, "-k", "of three")
    assert (said.code, "not_found: no test has 'of three' in its name" in said.err) == (2, True)


def test_other_policies_are_tested_although_one_cannot_be_read(say: Say, tmp_path: Path) -> None:
    policy_with_a_test(tmp_path, "two", 100)
    (policy_with_a_test(tmp_path, "one", 100) / "policy.yaml").write_text("policy: one\nscoer: 3\n", encoding="utf-8")
    said = say("policy", "test", tmp_path)
    assert said.code == 2
    assert said.out.splitlines() == ["two: 1 passed, 0 failed", "2 policies: 1 passed, 0 failed, 1 with problems"]
    assert f"{tmp_path}/one/policy.yaml:2:1: unknown_key: " in said.err


def test_a_policy_without_tests_is_told_so(say: Say, tmp_path: Path) -> None:
    said = say("policy", "test", policy_folder(tmp_path / "mine", ""))
    assert said.code == 2
    assert "not_found: the policy has no tests" in said.err


def test_the_version_is_told_without_a_command(say: Say) -> None:
    assert say("--version") == Said(0, f"credit-engine {__version__}\n", "")


@pytest.mark.parametrize("command", ["show", "check", "test"])
@pytest.mark.parametrize(
    ("body", "place", "code"),
    [
        ("scoer: {start: 100}\n", ":4:1: ", "unknown_key"),
        ("score: {start: 100, rules: 3}\n", ":4:", "wrong_type"),
        ("indicators: {fines: {count: vilation}}\n", ":4:", "unknown_kind"),
        ("indicators: {fines: [\n", ":5:", "bad_yaml"),
        ("indicators: !!python/object:os.system {}\n", ":4:", "tag_refused"),
    ],
)
def test_a_policy_with_a_problem_says_where_and_never_more_than_that(
    say: Say, tmp_path: Path, command: str, body: str, place: str, code: str
) -> None:
    folder = policy_folder(tmp_path / "mine", body)
    said = say("policy", command, folder)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"{folder}/policy.yaml{place}")
    assert f": {code}: " in said.err
    assert "Traceback" not in said.err


def test_all_problems_of_a_policy_are_told_at_once(say: Say, tmp_path: Path) -> None:
    folder = policy_folder(tmp_path / "mine", "scoer: {}\nlsits: {}\n")
    said = say("policy", "check", folder)
    assert said.err.count(": unknown_key: ") == 2


# --- the runner of typer ----------------------------------------------------------------------------------------


COMMANDS = (
    "",
    "score",
    "explain",
    "prepare",
    "policy",
    *(f"policy {name}" for name in ("list", "show", "check", "test")),
)


@pytest.mark.parametrize("command", [*COMMANDS, "policy schema"])
def test_every_command_has_help(command: str) -> None:
    result = CliRunner().invoke(app, [*command.split(), "--help"])
    assert result.exit_code == 0
    assert "Usage: credit-engine" in result.output


@pytest.mark.parametrize("command", [[], ["policy"]])
def test_a_command_group_alone_shows_its_help(command: list[str]) -> None:
    assert "Commands" in CliRunner().invoke(app, command).output


# --- pipes, terminals, signals ----------------------------------------------------------------------------------


@cache
def closed_pipe() -> int:
    """The end for writing of a pipe whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer


@pytest.mark.parametrize(
    "arguments", [("policy", "schema"), ("policy", "list"), ("policy", "show", "delta-food"), EXPLAIN]
)
def test_a_reader_that_has_gone_is_no_error(arguments: tuple[str, ...]) -> None:
    assert end(start(*arguments, out=closed_pipe())) == Said(0, "", "")


def test_a_result_is_written_whole_although_nobody_reads_the_summary(tmp_path: Path) -> None:
    said = end(start(*ON_DAY, "--out", tmp_path / "out", "--format", "csv", out=closed_pipe()))
    assert said == Said(0, "", "")
    assert_whole(tmp_path / "out")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_output_that_takes_nothing_is_an_error_with_a_hint() -> None:
    with Path("/dev/full").open("w") as full:
        said = end(start("policy", "list", out=full.fileno()))
    assert said.code == 2
    assert said.err.startswith("standard output: cannot_write: ")
    assert "Traceback" not in said.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("arguments", [("--help",), ("explain", "--help"), ("policy", "--help"), ("policy", "schema")])
def test_help_that_cannot_be_printed_ends_with_code_2_and_no_traceback(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        said = end(start(*arguments, out=full.fileno()))
    assert said.code == 2
    assert said.err.splitlines() == [
        "standard output: cannot_write: No space left on device",
        "    hint: make room, or send the output elsewhere",
    ]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_where_the_encoding_has_no_chinese_utf_8_is_written(encoding: str) -> None:
    environment = {**ENVIRONMENT, "PYTHONIOENCODING": encoding}
    done = subprocess.run([*COMMAND, *EXPLAIN], env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode("utf-8").startswith("信用评价说明")


def test_a_closed_output_is_no_error() -> None:
    shell = f"exec {sys.executable} -c 'from credit_engine.cli import main; main()' policy list >&-"
    done = subprocess.run(["/bin/sh", "-c", shell], env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


class Terminal(NamedTuple):
    """A terminal: the end that we read, the end that a program writes to."""

    ours: int
    theirs: int

    def read(self, *, until: str = "", seconds: float = 60) -> str:
        """What has been shown, up to a text, or until the program has closed its end."""
        shown, deadline = b"", time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not select.select([self.ours], [], [], 0.2)[0]:
                continue
            try:
                piece = os.read(self.ours, 65_536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            shown += piece
            if until and until.encode() in shown:
                break
        return shown.decode("utf-8", "replace")


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    yield Terminal(ours, theirs)
    os.close(ours)


def test_progress_is_shown_on_a_terminal(terminal: Terminal) -> None:
    process = start(*ON_DAY, err=terminal.theirs)
    os.close(terminal.theirs)
    shown = terminal.read()
    said = end(process)
    assert said.code == 0
    assert "60 parties" in said.out
    assert "scoring" in shown


def test_no_progress_is_shown_in_a_pipe() -> None:
    assert end(start(*ON_DAY)).err == ""


def test_an_account_on_a_terminal_is_a_tree(terminal: Terminal) -> None:
    process = start(*EXPLAIN, "--language", "en", out=terminal.theirs)
    os.close(terminal.theirs)
    shown = terminal.read()
    assert end(process).code == 0
    assert "SH02" in shown
    assert "├" in shown


@pytest.fixture
def many_questions(tmp_path: Path) -> Path:
    """A panel that takes some seconds."""
    with (ROOT / "fixtures" / "delta" / "operators.csv").open(encoding="utf-8", newline="") as lines:
        parties = sorted({row["id"] for row in csv.DictReader(lines)})
    days = [
        f"{year}-{month:02}-{day:02}" for year in range(2022, 2027) for month in range(1, 13) for day in range(1, 29)
    ]
    path = tmp_path / "days.csv"
    path.write_text(
        "\n".join(["party,day", *(f"{party},{day}" for party in parties for day in days)]), encoding="utf-8"
    )
    return path


def test_an_interrupted_run_ends_quietly_and_leaves_the_old_result(
    say: Say, terminal: Terminal, tmp_path: Path, many_questions: Path
) -> None:
    (tmp_path / "results").mkdir()
    out = tmp_path / "results" / "out"
    assert say(*ON_DAY, "--out", out, "--format", "csv").code == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    process = start(*SCORE, "--days", many_questions, "--out", out, "--format", "csv", err=terminal.theirs)
    os.close(terminal.theirs)
    assert "scoring" in terminal.read(until="scoring")
    process.send_signal(signal.SIGINT)
    shown = terminal.read()
    assert end(process).code == 130
    assert "Traceback" not in shown
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_a_run_killed_at_any_moment_leaves_the_old_result_none_or_the_new_one_whole(tmp_path: Path) -> None:
    arguments = (*ON_DAY, "--out", tmp_path / "out", "--format", "csv")
    began = time.monotonic()
    assert end(start(*arguments)).code == 0
    took = time.monotonic() - began
    expected = hashlib.sha256((tmp_path / "out" / "manifest.json").read_bytes()).digest()
    moments = random.Random(7)  # noqa: S311  # nothing is kept secret
    for _ in range(4):
        process = start(*arguments)
        time.sleep(took * moments.uniform(0.6, 1.0))
        process.kill()
        end(process)
        if (tmp_path / "out").exists():
            assert_whole(tmp_path / "out")
            assert hashlib.sha256((tmp_path / "out" / "manifest.json").read_bytes()).digest() == expected
    assert end(start(*arguments)).code == 0
    assert_whole(tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
