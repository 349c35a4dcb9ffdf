"""Scoring a folder in columns: the bytes of the plain engine, whatever the order of rows, threads or Polars engine."""

from __future__ import annotations

import gc
import json
import os
import random
import subprocess
import sys
import weakref
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from columns.test_listing import POLICY as LISTS
from columns_and_plain import Engine, asked, column_tables, differences, differing, input_of, store_of, told
from credit_engine import Dossier, Inspection, Operator, Person, Policy, Relation, Thousandths, Violation, score_folder
from credit_engine.engines.columns.answering import answered
from credit_engine.errors import CreditEngineError
from credit_engine.policy.load import load_policy_text
from sample_policies import HEAD

DAY = date(2026, 6, 30)
POLICY = f"""{HEAD}
regions: ["310000"]
indicators:
  penalties_1y: {{count: violation, within: 1y}}
  mean_score: {{mean: inspection, of: score, last: 3}}
score:
  start: 100
  range: [0, 120]
  groups: {{penalties: {{at_most: 30}}}}
  rules:
    - {{rule: fine, title: {{zh: 罚款, en: Fine}}, each: violation, where: {{fine: {{at_least: 500 yuan}}}}, deduct: 7.5,
       counts: {{from: decided, for: 3y}}, fades: linear, group: penalties, basis: [law]}}
    - {{rule: third, title: {{zh: 第三次, en: Third}}, each: violation, when: {{penalties_1y: {{at_least: 3}}}}, deduct: 20,
       group: penalties, basis: [law]}}
    - {{rule: good, title: {{zh: 优, en: Good}}, when: {{mean_score: {{at_least: 90}}}}, add: 5, basis: [law]}}
grades:
  order: [A, B, C]
  rows: [{{grade: A, when: {{score: {{at_least: 90}}}}}}, {{grade: B, when: {{score: {{at_least: 60}}}}}}, {{grade: C}}]
"""
PARTIES = 25


def policy() -> Policy:
    return load_policy_text(POLICY, "policy.yaml")


def crowd(seed: int = 7) -> list[Dossier]:
    """Parties with gaps: regions, fines and days that are not known, and one that the policy does not judge."""
    chance = random.Random(seed)  # noqa: S311  # nothing is kept secret
    found = []
    for number in range(PARTIES):
        party = f"P{number:02d}"
        events = [
            Violation(
                id=f"{party}-V{place}",
                party=party,
                decided=chance.choice([None, *(date(2026, 1, 1 + day) for day in range(9)), date(2023, 6, 30)]),
                fine=chance.choice([None, 40_000, 50_000, 900_000]),
                sequence=chance.randrange(2),
                penalties=frozenset({"fine"}),
            )
            for place in range(chance.randrange(6))
        ]
        visits = [
            Inspection(id=f"{party}-I{place}", party=party, occurred=date(2025, 1 + place, 1), score=score)
            for place in range(chance.randrange(5))
            if (score := Thousandths.read(chance.choice(["89.999", "90", "90.001"])))
        ]
        region = chance.choice(["310115", "310115", "320500", None])
        versions = Person(id=party) if number == 0 else Operator(id=party, region=region)
        found.append(Dossier(versions, (*events, *visits)))
    return found


def written(folder: Path, *, mixed: int | None = None) -> Path:
    """The crowd as an input folder, its rows perhaps in another order."""
    folder.mkdir()
    rows: dict[str, list[dict[str, object]]] = {"operators": [], "persons": [], "violations": [], "inspections": []}
    for dossier in crowd():
        (party,) = dossier.party_versions
        if isinstance(party, Person):
            rows["persons"].append({"id": party.id})
        else:
            rows["operators"].append({"id": party.id, "region": party.region})
        for event in dossier.events:
            table = f"{event.kind}s"
            names = ("id", "party", "decided", "occurred", "sequence", "fine", "score")
            cells = {name: getattr(event, name, None) for name in names}
            if cells["fine"] is not None:
                cells["fine"] = f"{cells['fine']} fen"
            if isinstance(event, Violation):
                cells["penalties"] = ["fine"]
            rows[table].append({name: _text(cell) for name, cell in cells.items() if cell is not None})
    for table, records in rows.items():
        if mixed is not None:
            random.Random(mixed).shuffle(records)  # noqa: S311  # nothing is kept secret
        lines = "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)
        (folder / f"{table}.jsonl").write_text(lines, encoding="utf-8")
    return folder


def _text(cell: object) -> object:
    return cell if isinstance(cell, int | list) and not isinstance(cell, Thousandths) else str(cell)


def hashes(out: Path) -> Mapping[str, str]:
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return {name: table["sha256"] for name, table in manifest["tables"].items() if name != "rejects"}


def files(out: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.iterdir()) if path.name != "manifest.json"}


def test_the_hashes_of_every_table_and_the_counts_are_those_of_the_plain_engine(tmp_path: Path) -> None:
    folder = written(tmp_path / "in")
    plain = score_folder(folder, policy(), DAY, out=tmp_path / "plain")
    columns = score_folder(folder, policy(), DAY, out=tmp_path / "polars", engine="polars")
    assert hashes(tmp_path / "plain") == hashes(tmp_path / "polars")
    assert files(tmp_path / "plain") == files(tmp_path / "polars")
    assert (plain.answered, plain.outside_policy, plain.unknown_scores, plain.grades) == (
        columns.answered,
        columns.outside_policy,
        columns.unknown_scores,
        columns.grades,
    )
    assert plain.unknown_scores > 0
    assert plain.outside_policy > 0


def test_several_days_come_to_the_bytes_of_the_plain_engine(tmp_path: Path) -> None:
    folder, days = written(tmp_path / "in"), [date(2026, 1, 5), DAY, date(2029, 1, 9)]
    for engine in ("plain", "polars"):
        score_folder(folder, policy(), days=days, out=tmp_path / engine, engine=engine, form="csv")
    assert files(tmp_path / "plain") == files(tmp_path / "polars")


def test_the_order_of_rows_changes_no_byte(tmp_path: Path) -> None:
    for name, mixed in (("given", None), ("mixed", 3)):
        folder = written(tmp_path / f"{name}-in", mixed=mixed)
        score_folder(folder, policy(), DAY, out=tmp_path / name, engine="polars")
    assert files(tmp_path / "given") == files(tmp_path / "mixed")


@pytest.mark.parametrize("threads", ["1", "2", "4"])
def test_the_number_of_threads_changes_no_byte(tmp_path: Path, threads: str) -> None:
    folder, here = written(tmp_path / "in"), tmp_path / "here"
    (tmp_path / "sample").mkdir()
    (tmp_path / "sample" / "policy.yaml").write_text(POLICY, encoding="utf-8")
    score_folder(folder, policy(), DAY, out=here, engine="polars")
    code = "from credit_engine.cli import main; main()"
    command = ["score", folder, "--policy", tmp_path / "sample", "--as-of", DAY, "--engine", "polars"]
    subprocess.run(
        [sys.executable, "-c", code, *map(str, command), "--out", str(tmp_path / "there")],
        check=True,
        capture_output=True,
        env={**os.environ, "POLARS_MAX_THREADS": threads},
    )
    assert files(here) == files(tmp_path / "there")


@pytest.mark.parametrize("engine", get_args(Engine))
def test_both_engines_of_polars_come_to_the_rows_of_the_plain_engine(engine: Engine) -> None:
    assert not differences(crowd(), policy(), DAY, engine=engine)


def test_the_order_of_dossiers_changes_no_row() -> None:
    one = answered(store_of(crowd(), policy()), policy(), DAY)
    other = answered(store_of(crowd()[::-1], policy()), policy(), DAY)
    assert column_tables(one) == column_tables(other)


def test_where_the_engine_lacks_something_for_everybody_the_plain_engine_answers_and_the_manifest_says_so(
    tmp_path: Path,
) -> None:
    lacked = load_policy_text(
        f"""{HEAD}
indicators: {{paths: {{count: violation.responsible, where: {{item.role: owner}}}}}}
""",
        "somewhere/policy.yaml",
    )
    folder = written(tmp_path / "in")
    score_folder(folder, lacked, DAY, out=tmp_path / "plain")
    summary = score_folder(folder, lacked, DAY, out=tmp_path / "polars", engine="polars")
    assert files(tmp_path / "plain") == files(tmp_path / "polars")
    assert summary.routed == summary.answered == PARTIES
    manifest = json.loads((tmp_path / "polars" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["engine"], manifest["counts"]["routed"]) == ("polars", PARTIES)
    assert [reason.split(":")[0] for reason in manifest["routed_for"]] == ["policy.yaml"] * len(summary.routed_for)
    assert "parts of the elements of lists" in manifest["routed_for"][0]


def test_of_a_folder_without_decisions_everybody_may_be_on_a_list_and_columns_say_so(tmp_path: Path) -> None:
    listing = load_policy_text(
        f"""{HEAD}
lists: {{bad: {{polarity: negative, foundation: law, opens: {{each: violation, where: {{severity: severe}}}}}}}}
grades: {{order: [A, B], rows: [{{grade: B, when: {{on_list.bad: true}}}}, {{grade: A}}]}}
""",
        "policy.yaml",
    )
    folder = written(tmp_path / "in")
    plain = score_folder(folder, listing, DAY, out=tmp_path / "plain")
    columns = score_folder(folder, listing, DAY, out=tmp_path / "polars", engine="polars")
    assert files(tmp_path / "plain") == files(tmp_path / "polars")
    assert plain.entries == columns.entries
    assert columns.grades == {"grade": {"unknown": PARTIES}}
    assert 0 < columns.routed < PARTIES


@pytest.mark.parametrize(("effect", "concerned"), [("alert", 0), ("points, points: -5", 5)])
def test_a_rule_that_ended_because_it_reached_too_many_concerns_everybody_whose_score_it_could_move(
    effect: str, concerned: int
) -> None:
    head = HEAD.replace("2000-01-01}", "2000-01-01}, reaches: [shareholder]")
    wide = load_policy_text(
        f"""{head}
score: {{start: 100, range: [0, 100], rules: []}}
spread:
  - {{rule: near, from: {{each: violation}}, along: [{{relation: shareholder, to: target}}], effect: {effect}, most: 1, lasts: {{from: decided}},
     basis: [law]}}
""",
        "policy.yaml",
    )
    parties = [Dossier(Operator(id=f"P{number}")) for number in range(5)]
    parties[0] = Dossier(Operator(id="P0"), [Violation(id="V1", party="P0", decided=DAY)])
    held = [Relation(id=f"R{n}", kind="shareholder", source="P0", target=f"P{n}") for n in (1, 2)]
    for relations, count in ((held[:1], 1 if concerned else 0), (held, concerned)):
        read = input_of(parties, relations)
        panel = asked(read, DAY)
        plain, columns = told(read, wide, panel, "plain"), told(read, wide, panel, "polars")
        assert not differing(plain, columns)
        assert columns.summary.routed == count


@pytest.mark.parametrize("audience", ["public", "department", "inquiry", "internal"])
def test_what_an_audience_may_not_see_is_left_out_as_in_the_plain_engine(audience: str) -> None:
    rows = "[{when: {operator.region: '310115'}, value: public}, {value: department}]"
    for_some = load_policy_text(
        POLICY.replace("regions:", f"audience: {{rows: {rows}}}\nregions:").replace(
            "order: [A, B, C]", "order: [A, B, C]\n  audience: inquiry"
        ),
        "policy.yaml",
    )
    assert not differences(crowd(), for_some, DAY, audience=audience)


def test_numbers_that_leave_64_bits_are_refused_and_never_wrap_around() -> None:
    large = 999_999_999_999_999
    times = load_policy_text(
        f"""{HEAD}
indicators: {{product: {{sum: violation, of: fine, times: 99999999}}}}
""",
        "policy.yaml",
    )
    dossier = Dossier(Operator(id="P1"), [Violation(id="V1", party="P1", decided=DAY, fine=large)])
    with pytest.raises(CreditEngineError) as refusal:
        answered(store_of([dossier], times), times, DAY)
    assert refusal.value.codes == ("unsupported",)
    assert not differences([dossier], times, DAY)  # for the plain engine answers
    assert not differences(
        [Dossier(Operator(id="P1"), [Violation(id="V1", party="P1", decided=DAY, fine=9)])], times, DAY
    )


def test_a_panel_that_asks_twice_about_a_day_keeps_the_lines_of_each_question_together(tmp_path: Path) -> None:
    folder, panel = written(tmp_path / "in"), tmp_path / "panel.csv"
    asked = [f"P{number:02d},2026-06-30,{known}" for number in (3, 2, 1) for known in ("2026-06-30", "2026-07-09")]
    panel.write_text("\n".join(["party,day,known_at", *asked, "P99,2026-06-30,"]) + "\n", encoding="utf-8")
    for engine in ("plain", "polars"):
        score_folder(folder, policy(), days=panel, out=tmp_path / engine, engine=engine, form="csv")
    assert files(tmp_path / "plain") == files(tmp_path / "polars")


def test_many_runs_come_to_rows_in_one_order() -> None:
    many = [Dossier(Operator(id=f"M{n:04d}"), fines(f"M{n:04d}")) for n in range(400)]
    store, asked = store_of(many, policy()), policy()
    first = answered(store, asked, DAY)
    for _ in range(4):
        again = answered(store, asked, DAY)
        assert again.reasons.equals(first.reasons)
        assert again.assessments.equals(first.assessments)
    places = first.reasons.select("party", "line").rows()
    assert places == sorted(places)


def fines(party: str) -> list[Violation]:
    return [Violation(id=f"{party}-{n}", party=party, decided=date(2026, 1, 1 + n), fine=90_000) for n in range(9)]


@pytest.mark.parametrize("rules", [policy(), LISTS], ids=str)
def test_answers_let_go_of_the_store_at_once(rules: Policy) -> None:
    store = store_of(crowd(), rules)
    kept = weakref.ref(store)
    gc.collect()
    gc.disable()  # so that nobody looks for circles
    try:
        found = answered(store, rules, DAY)
        del store, found
        assert kept() is None
    finally:
        gc.enable()
