"""`graph DIR PARTY` in every form, pictures that are well made whatever is in them, and spread over a folder."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.assessing.effects import Edge, Effect, Effects, Held
from credit_engine.assessing.explaining.wording import Language, Words
from credit_engine.cli import main
from credit_engine.dossiers import Dossier
from credit_engine.engines.affiliated import affiliates as linked_with
from credit_engine.engines.batch import score_folder
from credit_engine.files.store import open_folder
from credit_engine.policy.load import load_policy
from credit_engine.spreading.drawing import svg
from credit_engine.spreading.layout import laid_out
from credit_engine.spreading.mermaid import mermaid
from credit_engine.spreading.picturing import MOST_DRAWN, picture_of
from sample_spread import AFFILIATES, DAY, PARTIES, affiliates, answered, effects_on, written

GOLDEN = Path(__file__).parent / "golden"
RECORD = os.environ.get("CREDIT_ENGINE_RECORD") == "1"
FORMS = ("text", "mermaid", "svg", "ftm", "graphml")
SVG = "{http://www.w3.org/2000/svg}"


class Said(NamedTuple):
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


Say = Callable[..., Said]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Runs the command line in this process."""

    def run(*arguments: str | Path) -> Said:
        monkeypatch.setattr(sys, "argv", ["credit-engine", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code is None or isinstance(end.value.code, int)
        return Said(end.value.code or 0, *capsys.readouterr())

    return run


# --- the command ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("form", FORMS)
def test_each_form_reads_as_it_was_reviewed(form: str, language: Language, tmp_path: Path, say: Say) -> None:
    folder, policy = written(tmp_path)
    options = ("--policy", policy, "--as-of", DAY, "--form", form, "--language", language, "--names")
    said = say("graph", folder, "S1", *options)
    assert (said.code, said.err) == (0, "")
    path = GOLDEN / f"graph.{language}.{form}"
    if RECORD:
        path.write_text(said.out, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == said.out


@pytest.mark.parametrize("form", FORMS)
def test_a_file_holds_what_would_be_printed(form: str, tmp_path: Path, say: Say) -> None:
    folder, policy = written(tmp_path)
    arguments = ("graph", folder, "T2", "--policy", policy, "--as-of", DAY, "--form", form)
    out = tmp_path / "out"
    out.write_text("old", encoding="utf-8")
    assert say(*arguments, "--out", out).out == f"written to {out}\n"
    assert out.read_text(encoding="utf-8") == say(*arguments).out
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_folders_above_a_file_are_made(tmp_path: Path, say: Say) -> None:
    folder, policy = written(tmp_path)
    out = tmp_path / "new" / "deeper" / "out.svg"
    said = say("graph", folder, "T2", "--policy", policy, "--as-of", DAY, "--form", "svg", "--out", out)
    assert (said.code, said.err) == (0, "")
    assert out.read_text(encoding="utf-8").startswith("<svg")


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path, say: Say) -> None:
    folder, policy = written(tmp_path)
    (tmp_path / "file").write_text("", encoding="utf-8")
    out = tmp_path / "file" / "out.svg"
    said = say("graph", folder, "T2", "--policy", policy, "--as-of", DAY, "--form", "svg", "--out", out)
    assert (said.code, said.out) == (2, "")
    assert f"{out}: cannot_write: " in said.err
    assert "hint: name a file in a folder" in said.err


def test_a_place_that_is_no_file_is_refused(tmp_path: Path, say: Say) -> None:
    folder, policy = written(tmp_path)
    said = say("graph", folder, "T2", "--policy", policy, "--as-of", DAY, "--out", folder)
    assert (said.code, said.out) == (2, "")
    assert "cannot_write" in said.err


@pytest.mark.parametrize("form", FORMS)
def test_no_name_of_a_party_appears_unless_asked_for(form: str, tmp_path: Path, say: Say) -> None:
    folder, policy = written(tmp_path)
    said = say("graph", folder, "S1", "--policy", policy, "--as-of", DAY, "--form", form)
    assert not any(name in said.out for name in ("某某", "乙公司", "加盟店"))


def test_a_party_that_is_not_there_is_a_mistake_with_a_hint(tmp_path: Path, say: Say) -> None:
    folder, policy = written(tmp_path)
    said = say("graph", folder, "S9", "--policy", policy, "--as-of", DAY)
    assert (said.code, said.out) == (2, "")
    assert "unknown_party" in said.err


def without_persons(place: Path) -> tuple[Path, Path]:
    """The folder without N2 in the table of persons; a decision names N2 as the direct manager."""
    folder, policy = written(place)
    persons = (folder / "persons.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "persons.jsonl").write_text("".join(line for line in persons if '"N2"' not in line), encoding="utf-8")
    return folder, policy


@pytest.mark.parametrize("form", FORMS)
def test_a_person_who_is_only_named_in_a_decision_is_shown_with_what_reaches_the_name(
    form: str, tmp_path: Path, say: Say
) -> None:
    arguments = ("--as-of", DAY, "--form", form, "--language", "en")
    (tmp_path / "whole").mkdir()
    whole, policy = written(tmp_path / "whole")
    expected = say("graph", whole, "N2", "--policy", policy, *arguments)
    folder, policy = without_persons(tmp_path)
    said = say("graph", folder, "N2", "--policy", policy, *arguments)
    assert (said.code, said.err) == (0, "")
    assert said.out == expected.out
    assert "fsl135.revoked" in said.out or "Bar after a revoked licence" in said.out


def test_a_name_that_nothing_reaches_on_the_day_is_a_party_that_is_not_there(tmp_path: Path, say: Say) -> None:
    folder, policy = without_persons(tmp_path)
    said = say("graph", folder, "N2", "--policy", policy, "--as-of", "2019-12-31")
    assert (said.code, said.out) == (2, "")
    assert "unknown_party" in said.err


def test_a_rule_that_was_too_wide_is_told_and_ends_with_1(tmp_path: Path, say: Say) -> None:
    folder, policy = narrow(tmp_path)
    said = say("graph", folder, "S1", "--policy", policy, "--as-of", DAY, "--language", "en")
    assert said.code == 1
    assert "affiliates: Too wide: more than 1 effects" in said.out


def test_a_party_that_nothing_reaches_has_a_picture_of_itself(tmp_path: Path, say: Say) -> None:
    folder, policy = written(tmp_path)
    arguments = ("graph", folder, "S1", "--policy", policy, "--as-of", date(2024, 1, 1), "--language", "en")
    assert "Reaching S1: 0" in say(*arguments).out
    assert "nothing" in texts(say(*arguments, "--form", "svg").out)


def narrow(place: Path) -> tuple[Path, Path]:
    folder, policy = written(place)
    text = AFFILIATES.replace("    effect: points\n", "    effect: points\n    most: 1\n")
    (policy / "policy.yaml").write_text(text, encoding="utf-8")
    return folder, policy


# --- pictures ---------------------------------------------------------------------------------------------------


def texts(drawn: str) -> str:
    """Everything that is written in a picture."""
    return "\n".join(text for one in ET.fromstring(drawn).iter(f"{SVG}text") if (text := one.text))  # noqa: S314  # our own


def drawn_lines(path: Sequence[str], kinds: Sequence[str], *, certain: bool, effect: str) -> Effect:
    edges = [
        Edge(
            start=start,
            end=end,
            to="target",
            id=f"{start}{end}",
            held_on=DAY,
            relations=(Held(id=f"{start}{end}", kind=kind, share=Fraction(1, 3), share_max=None, since=None, until=None, document=None),),
        )
        for (start, end), kind in zip(pairwise(path), kinds, strict=False)
    ]  # fmt: skip
    return Effect(
        rule="affiliates", effect=effect, target=path[-1], origin_party=path[0], origin_kind="event", origin="V",
        origin_event_kind="violation", certain=certain, path=tuple(edges), from_day=DAY, until=None, law_day=DAY,
        audience="public",
    )  # fmt: skip


@st.composite
def pictures(draw: st.DrawFn) -> Effects:
    parties = [f"P{number}" for number in range(8)]
    found = []
    for _ in range(draw(st.integers(0, 9))):
        path = draw(st.permutations(parties))[: draw(st.integers(2, 5))]
        if "P0" not in (path[0], path[-1]):
            path[0] = "P0" if "P0" not in path else path[0]
        kinds = draw(st.lists(st.sampled_from(["shareholder", "<b>&\"'", "加盟\x01"]), min_size=4, max_size=4))
        effect = draw(st.sampled_from(["bar", "alert", "points"]))
        found.append(drawn_lines(path, kinds, certain=draw(st.booleans()), effect=effect))
    return Effects(as_of=DAY, known_at=DAY, found=tuple(found))


@given(pictures(), st.sampled_from(["zh", "en"]), st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_picture_is_well_formed_and_nothing_overlaps(effects: Effects, language: Language, name: str) -> None:
    words = Words(language)
    picture = picture_of("P0", effects, affiliates_plan, words, {f"P{number}": name for number in range(8)})
    drawn = svg(picture, words)
    root = ET.fromstring(drawn)  # noqa: S314  # our own
    boxes = [
        tuple(int(one.attrib[key]) for key in ("x", "y", "width", "height"))
        for one in root.iter(f"{SVG}rect")
        if "rx" in one.attrib
    ]
    for place, (x, y, width, height) in enumerate(boxes):
        assert x >= 0
        assert y >= 0
        assert x + width <= int(root.attrib["width"])
        assert y + height <= int(root.attrib["height"])
        for left, top, wide, high in boxes[:place]:
            assert x + width <= left or left + wide <= x or y + height <= top or top + high <= y
    labels = [(int(one.attrib["x"]), int(one.attrib["y"])) for one in root.iter(f"{SVG}text")]
    assert len(set(labels)) == len(labels)
    assert drawn == svg(picture, words)
    assert "\x01" not in mermaid(picture, words)


affiliates_plan = affiliates().plan


def test_lines_never_stay_in_their_column() -> None:
    spots = ["a", "b", "c", "d"]
    lines = [("a", "b"), ("b", "c"), ("c", "a"), ("a", "d"), ("d", "b"), ("c", "d")]
    made = laid_out(spots, lines, dict.fromkeys(spots, 40))
    for number, (start, end) in enumerate(lines):
        left, right = (end, start) if number in made.turned else (start, end)
        assert made.column_of[left] < made.column_of[right]


def test_solid_lines_restrict_dashed_ones_do_not_and_dotted_ones_are_possible() -> None:
    sample = [
        drawn_lines(["P0", "A"], ["shareholder"], certain=True, effect="bar"),
        drawn_lines(["P0", "B"], ["shareholder"], certain=True, effect="alert"),
        drawn_lines(["P0", "C"], ["shareholder"], certain=False, effect="bar"),
    ]
    effects = Effects(as_of=DAY, known_at=DAY, found=tuple(sample))
    words = Words("en")
    picture = picture_of("P0", effects, affiliates_plan, words, {})
    assert [line.style for line in picture.lines] == ["solid", "dashed", "dotted"]
    drawn = mermaid(picture, words)
    assert len(re.findall(r"^  n\d+ -->", drawn, re.MULTILINE)) == 1
    assert "linkStyle 1 stroke-dasharray: 8 5" in drawn
    assert "linkStyle 2 stroke-dasharray: 2 5" in drawn
    for text in ("restricts", "alert or attention", "possible only"):
        assert text in texts(svg(picture, words))


def test_mermaid_never_sees_a_letter_that_means_something_to_it() -> None:
    effects = Effects(
        as_of=DAY, known_at=DAY, found=(drawn_lines(["P0", "A"], ['"]; x["'], certain=True, effect="bar"),)
    )
    drawn = mermaid(picture_of("P0", effects, affiliates_plan, Words("en"), {"A": 'a"];--> b<script>'}), Words("en"))
    assert "<script" not in drawn
    assert all(line.count('"') in (0, 2) for line in drawn.splitlines())


def test_a_picture_of_too_much_says_what_it_leaves_out() -> None:
    many = [drawn_lines(["P0", f"A{number}"], ["shareholder"], certain=True, effect="bar") for number in range(100)]
    picture = picture_of("P0", Effects(as_of=DAY, known_at=DAY, found=tuple(many)), affiliates_plan, Words("en"), {})
    assert (len(picture.lines), picture.left_out) == (MOST_DRAWN, 100 - MOST_DRAWN)
    assert "20 more effects are not drawn" in texts(svg(picture, Words("en")))


# --- spread over a folder ---------------------------------------------------------------------------------------


def rows(out: Path, table: str) -> list[dict[str, str]]:
    with (out / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def manifest(out: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return found


def test_scoring_a_folder_spreads_and_gives_the_same_final_answers(tmp_path: Path) -> None:
    folder, place = written(tmp_path)
    policy = load_policy(place)
    summary = score_folder(folder, policy, DAY, out=tmp_path / "out", form="csv")
    expected = {party: answered(party, policy) for party in ("S1", "T1", "T2", "T3", "F1", "N1")}
    for row in rows(tmp_path / "out", "assessments"):
        if row["party"] in expected:
            answer = expected[row["party"]]
            assert (row["score"], row["own_score"]) == (
                str(answer.as_dict()["score"]),
                str(answer.as_dict()["own_score"]),
            )
            assert (row["grade"], row["own_grade"]) == (answer.grade, answer.own_grades["grade"].label)
    effects = effects_on(policy)
    reached = [(row["rule"], row["target"], row["origin"]) for row in rows(tmp_path / "out", "effects")]
    assert sorted(reached) == sorted((one.rule, one.target, one.origin or "") for one in effects)
    assert summary.effects == {rule: sum(one.rule == rule for one in effects) for rule in summary.effects}
    assert (summary.too_wide, summary.spread, manifest(tmp_path / "out")["spread"]) == ((), "computed", "computed")


def test_a_row_of_effects_tells_the_path(tmp_path: Path) -> None:
    folder, place = written(tmp_path)
    score_folder(folder, load_policy(place), DAY, out=tmp_path / "out", form="csv")
    (row,) = (row for row in rows(tmp_path / "out", "effects") if row["rule"] == "affiliates" and row["target"] == "T2")
    assert json.loads(row["path"]) == [
        "S1 -> T1 (R3 shareholder 60% 2020-01-03..; R8 shareholder 5% 2020-01-08..)",
        "T1 -> T2 (R4 shareholder 30% 2020-01-04..)",
    ]
    assert (row["party"], row["certain"], row["weight"], row["points"], row["steps"]) == (
        "T2",
        "true",
        "1/4",
        "-2.5",
        "2",
    )
    (named,) = (row for row in rows(tmp_path / "out", "effects") if row["target"] == "N2")
    assert json.loads(named["path"]) == ["S1 -> N2 (direct_manager)"]
    (taken,) = (row for row in rows(tmp_path / "out", "measures") if row["party"] == "S2")
    assert (taken["measure"], taken["effect"]) == ("M1", "branches")


def test_several_days_are_spread_each_by_itself(tmp_path: Path) -> None:
    folder, place = written(tmp_path)
    days = [date(2025, 2, 28), date(2025, 3, 1), DAY]
    score_folder(folder, load_policy(place), days=days, out=tmp_path / "out", form="csv")
    found = dict.fromkeys(days, 0)
    for row in rows(tmp_path / "out", "effects"):
        found[date.fromisoformat(row["day"])] += 1
    assert found == {day: len(effects_on(load_policy(place), day)) for day in days}
    assert found[days[0]] == 0


def test_a_panel_gets_no_spread_and_the_manifest_says_so(tmp_path: Path, say: Say) -> None:
    folder, place = written(tmp_path)
    panel = tmp_path / "panel.csv"
    panel.write_text(f"party,day\nT2,{DAY}\n", encoding="utf-8")
    said = say("score", folder, "--policy", place, "--days", panel, "--out", tmp_path / "out", "--format", "csv")
    assert said.code == 0
    assert "effects of affiliates are not looked for in a table of questions" in said.out
    assert manifest(tmp_path / "out")["spread"] == "not in a panel"
    assert rows(tmp_path / "out", "effects") == []
    (row,) = rows(tmp_path / "out", "assessments")
    assert (row["score"], row["own_score"]) == ("100", "100")


def test_a_rule_that_was_too_wide_is_printed_loudly_and_ends_with_1(tmp_path: Path, say: Say) -> None:
    folder, place = narrow(tmp_path)
    said = say("score", folder, "--policy", place, "--as-of", DAY, "--out", tmp_path / "out")
    assert said.code == 1
    assert f"TOO WIDE: rule affiliates on {DAY} has more than 1 effects" in said.out
    assert manifest(tmp_path / "out")["too_wide"] == [{"day": str(DAY), "rule": "affiliates", "most": 1}]


def test_explaining_one_party_looks_at_those_it_is_linked_with(tmp_path: Path, say: Say) -> None:
    folder, place = written(tmp_path)
    said = say("explain", folder, "T2", "--policy", place, "--as-of", DAY, "--language", "en")
    assert said.code == 0
    assert "From S1: penalty decision V1" in said.out
    assert "Score: 97.5" in said.out


def test_parties_are_linked_by_relations_of_the_rules_and_by_decisions_that_name_persons(tmp_path: Path) -> None:
    folder, place = written(tmp_path)
    extra = {
        "operators": '{"id": "Z1"}\n{"id": "Z2"}\n',
        "relations": '{"id": "Z", "kind": "employee", "source": "Z1", "target": "S1"}\n',
    }
    for table, lines in extra.items():
        path = folder / f"{table}.jsonl"
        path.write_text(path.read_text(encoding="utf-8") + lines, encoding="utf-8")
    plan = load_policy(place).plan
    read = open_folder(folder, plan.field_types, tuple(plan.kinds), relation_kinds=tuple(plan.relations))
    assert linked_with(read, plan, "N2") == {"S1", "S2", "T1", "T2", "T3", "F1", "N1", "N2"}
    assert linked_with(read, plan, "Z1") == {"Z1"}


@pytest.mark.parametrize("most", [0, 3])
def test_how_many_own_answers_are_kept_changes_no_byte(
    most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    folder, place = written(tmp_path / "in")
    policy, days = load_policy(place), [DAY, DAY.replace(year=2025)]
    score_folder(folder, policy, days=days, out=tmp_path / "kept")
    monkeypatch.setattr("credit_engine.engines.affiliated.MOST_KEPT", most)
    score_folder(folder, policy, days=days, out=tmp_path / "made")
    assert manifest(tmp_path / "made") == manifest(tmp_path / "kept")


def test_a_party_whom_nothing_reaches_is_assessed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, place = written(tmp_path)
    operators = folder / "operators.jsonl"
    operators.write_text(operators.read_text(encoding="utf-8") + '{"id": "Z1"}\n', encoding="utf-8")
    asked: Counter[str] = Counter()

    def counted(dossier: Dossier, *rest: Any, **named: Any) -> Assessment:  # Any: as they are handed on
        asked[dossier.id] += 1
        return assess(dossier, *rest, **named)

    monkeypatch.setattr("credit_engine.engines.affiliated.assess", counted)
    monkeypatch.setattr("credit_engine.engines.running.assess", counted)
    score_folder(folder, load_policy(place), DAY)
    reached = {effect.target for effect in effects_on(affiliates()) if not effect.is_region}
    assert asked == {"Z1": 1, **{party: 2 if party in reached else 1 for party in PARTIES}}


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    folder, place = written(tmp_path)
    hashes = []
    for name in ("a", "b"):
        score_folder(folder, load_policy(place), DAY, out=tmp_path / name)
        hashes.append(manifest(tmp_path / name)["tables"])
        lines = (folder / "relations.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / "relations.jsonl").write_text("".join(reversed(lines)), encoding="utf-8")
    assert {name: table["sha256"] for name, table in hashes[0].items()} == {  # type: ignore[attr-defined]  # JSON
        name: table["sha256"]
        for name, table in hashes[1].items()  # type: ignore[attr-defined]  # JSON
    }
