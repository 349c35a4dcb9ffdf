"""What contradicts itself or stands twice: counted once, left out with both places, or refused by name."""

from __future__ import annotations

import os
import random
from datetime import date
from itertools import permutations
from pathlib import Path

import pytest

from bad_input.folders import OPERATORS, account, folder_of
from credit_engine.dossiers import Dossier, Regions
from credit_engine.errors import InputError, RecordError
from credit_engine.files.entries import InputMapping
from credit_engine.files.mappings import load_mapping_text
from credit_engine.files.panels import read_panel
from credit_engine.files.tables import read_folder
from credit_engine.records import Operator, Region, Relation, Violation

DAY = date(2024, 1, 1)

# --- panels -----------------------------------------------------------------------------------------------------


def panel_of(place: Path, *lines: str) -> Path:
    path = place / "days.csv"
    path.write_text("\n".join(["party,day,event,known_at", *lines, ""]), encoding="utf-8")
    return path


def test_a_question_that_stands_twice_is_asked_once(tmp_path: Path) -> None:
    found = read_panel(panel_of(tmp_path, "O1,2024-01-01,,", "O2,2024-01-01,,", "O1,2024-01-01,,"))
    assert [(one.party, one.record) for one in found.questions] == [("O1", 1), ("O2", 2)]
    assert (found.duplicates, found.rejects) == (1, [])


def test_a_question_that_says_its_own_day_as_known_is_the_same_question(tmp_path: Path) -> None:
    found = read_panel(panel_of(tmp_path, "O1,2024-01-01,,", "O1,2024-01-01,,2024-01-01"))
    assert (len(found.questions), found.duplicates) == (1, 1)


def test_questions_that_differ_in_anything_are_asked_each(tmp_path: Path) -> None:
    lines = ("O1,2024-01-01,,", "O1,2024-01-02,,", "O1,2024-01-01,V1,", "O1,2024-01-01,,2024-02-01", "O2,2024-01-01,,")
    found = read_panel(panel_of(tmp_path, *lines))
    assert (len(found.questions), found.duplicates) == (5, 0)


# --- files that are none ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["inspections.csv", "coverage.yaml", "notes", "manifest.json"])
def test_a_pipe_among_the_files_is_named_and_never_opened(tmp_path: Path, name: str) -> None:
    folder = folder_of(tmp_path / "in")
    os.mkfifo(folder / name)
    said = account(folder)
    assert f"{name}: not_a_file: {name!r} is a pipe, not a file" in said


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "in")
    (folder / "inspections.csv").symlink_to(folder / "gone.csv")
    assert "inspections.csv: not_a_file: 'inspections.csv' is a link that leads nowhere, not a file" in account(folder)


def test_a_folder_that_is_called_as_a_table_is_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "in")
    (folder / "inspections.parquet").mkdir()
    assert "inspections.parquet: not_a_file: 'inspections.parquet' is a folder, not a file" in account(folder)


def test_other_folders_and_hidden_pipes_are_left_alone(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "in")
    (folder / "old").mkdir()
    os.mkfifo(folder / ".pipe")
    assert "not_a_file" not in account(folder)


# --- texts of messages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("inspection: {since: 2024-01-01}", "{since: 2024-01-01} says no coverage"),
        ("inspection: 2024-01-01", "2024-01-01 says no coverage"),
        ("inspection: null", "nothing says no coverage"),
        ("inspection: true", "true says no coverage"),
        ("inspection: {from: null}", "{from: nothing} says no coverage"),
        ("inspection: [absent, 3]", "['absent', 3] says no coverage"),
        ("inspection: gone", "'gone' says no coverage"),
        ("2024-01-01: absent", "no kind of event 2024-01-01"),
    ],
)
def test_what_says_no_coverage_is_shown_as_it_is_written(tmp_path: Path, said: str, shown: str) -> None:
    folder = folder_of(tmp_path / "in", coverage__yaml=f"{said}\n")
    assert shown in account(folder)


MAPPING = """mapping: town
tables:
  - {table: operators, file: operators.csv, id: id, columns: {name: name}}
  - {table: violation, file: violations.csv, id: id, columns: {party: party, decided: decided}, MORE}
"""


@pytest.mark.parametrize(
    ("more", "shown"),
    [
        ("2024-01-01: x", "no such key: 2024-01-01"),
        ("codes: {2024-01-01: x}", "2024-01-01 is a mapping"),
        ("aliases: {a: {b: c}}", "expected text"),
    ],
)
def test_problems_of_a_mapping_are_told_in_its_own_words(more: str, shown: str) -> None:
    with pytest.raises(InputError) as error:
        load_mapping_text(MAPPING.replace("MORE", more))
    assert shown in str(error.value)
    assert not [word for word in ("frozenset", "datetime", "None", "True", "False") if word in str(error.value)]


@pytest.mark.parametrize(
    ("constant", "shown"),
    [
        ("severity: sever", "unknown_code: the mapping's constant severity: 'sever' is not one of"),
        ("penalties: fien", "unknown_code: the mapping's constant penalties: 'fien' is not one of"),
        ("stayed: maybe", "bad_bool: the mapping's constant stayed: 'maybe' is neither true nor false"),
    ],
)
def test_a_constant_that_its_field_cannot_hold_is_a_problem_of_the_file(
    tmp_path: Path, constant: str, shown: str
) -> None:
    mapping = load_mapping_text(MAPPING.replace("MORE", f"constants: {{{constant}}}"))
    assert f"violations.csv: {shown}" in account(folder_of(tmp_path / "in"), mapping)


def test_a_record_is_refused_in_words() -> None:
    with pytest.raises(RecordError) as error:
        Violation(id="V1", party="P1", penalties=frozenset({"fien"}))
    assert "penalties is ['fien'], not set of one of" in str(error.value)
    assert error.value.problems[0].hint == "did you mean 'fine'?"
    with pytest.raises(RecordError, match="decided is true, not date"):
        Violation(id="V1", party="P1", decided=True)  # type: ignore[arg-type]  # on purpose
    with pytest.raises(RecordError, match="severity is 2024-01-01, not one of"):
        Violation(id="V1", party="P1", severity=DAY)  # type: ignore[arg-type]  # on purpose
    with pytest.raises(RecordError, match="id is nothing, not text"):
        Violation(id=None, party="P1")  # type: ignore[arg-type]  # on purpose
    with pytest.raises(RecordError, match="coverage of 'violation' is nothing"):
        Dossier(Operator(id="P1"), coverage={"violation": None})  # type: ignore[dict-item]  # on purpose


@pytest.mark.parametrize(
    ("column", "cell", "hint"),
    [("penalties", "fien", "fine"), ("penalties", "warning;fien", "fine"), ("severity", "sever", "severe")],
)
def test_an_unknown_code_is_told_with_the_one_that_was_meant(tmp_path: Path, column: str, cell: str, hint: str) -> None:
    folder = folder_of(tmp_path / "in", violations__csv=f"id,party,{column}\nV1,O1,{cell}\n")
    assert f"; did you mean {hint!r}?" in account(folder)


# --- regions ----------------------------------------------------------------------------------------------------

REGIONS = "code,parent,from,until\n"
TOWN = REGIONS + "10,,,\n20,,,\n"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("100,10,2020-01-01,", "100,20,2021-01-01,"),
        ("100,10,,2021-01-02", "100,20,2021-01-01,"),
        ("100,10,,", "100,20,2021-01-01,2022-01-01"),
        ("100,10,,", "100,,2021-01-01,"),
    ],
)
def test_rows_of_a_region_with_two_parents_on_one_day_are_both_left_out(
    tmp_path: Path, first: str, second: str
) -> None:
    folder = folder_of(tmp_path / "in", regions__csv=f"{TOWN}{first}\n{second}\n")
    said = account(folder)
    for record in (3, 4):
        words = "regions.csv:3, regions.csv:4 give it different parents on the same days"
        assert f"regions.csv:{record}: conflicting_versions: '100': {words}" in said


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("100,10,,2021-01-01", "100,20,2021-01-01,"),
        ("100,10,2020-01-01,2021-01-01", "100,20,2022-01-01,"),
        ("100,10,2020-01-01,", "100,10,2021-01-01,"),
    ],
)
def test_rows_of_a_region_one_after_the_other_or_of_one_parent_stand(tmp_path: Path, first: str, second: str) -> None:
    folder = folder_of(tmp_path / "in", regions__csv=f"{TOWN}{first}\n{second}\n")
    assert "conflicting_versions" not in account(folder)


def test_the_order_of_contradicting_rows_decides_nothing(tmp_path: Path) -> None:
    lines = ("100,10,,2021-01-01", "100,20,2020-06-01,2022-01-01", "100,10,2022-01-01,", "100,20,2023-01-01,")
    stand = set()
    for number, order in enumerate(random.Random(1).sample(list(permutations(lines)), 6)):  # noqa: S311
        folder = folder_of(tmp_path / str(number), regions__csv=TOWN + "\n".join([*order, ""]))
        stand.add(read_folder(folder, {}, ()).regions)
    assert [sorted(regions.rows) for regions in stand] == [["10", "20"]]


def test_regions_made_by_hand_may_not_contradict_themselves() -> None:
    rows = [Region(code="100", parent="10"), Region(code="100", parent="20", from_day=DAY)]
    with pytest.raises(RecordError) as error:
        Regions(rows)
    assert error.value.codes == ("conflicting_versions",)
    assert "'100'" in str(error.value)
    with pytest.raises(RecordError):
        Regions({"100": tuple(rows)})
    with pytest.raises(RecordError):
        Dossier(Operator(id="P1"), regions=rows)
    assert Regions([Region(code="100", parent="10", until=DAY), rows[1]]).climb("100", DAY) == ("100", "20")


# --- relations --------------------------------------------------------------------------------------------------


def test_a_relation_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(RecordError) as error:
        Relation(id="R1", kind="branch", source="O1", target="O2", since=date(2024, 1, 2), until=DAY)
    assert error.value.codes == ("bad_period",)
    Relation(id="R1", kind="branch", source="O1", target="O2", since=DAY, until=DAY)


def test_a_relation_that_ends_before_it_begins_is_rejected_when_read(tmp_path: Path) -> None:
    table = "id,kind,source,target,since,until\nR1,branch,O1,O2,2024-01-02,2024-01-01\n"
    folder = folder_of(tmp_path / "in", relations__csv=table)
    assert "relations.csv:1: bad_period: relation 'R1' ends on 2024-01-01, before it begins on 2024-01-02" in account(
        folder
    )


# --- mappings without operators ---------------------------------------------------------------------------------


def without_operators() -> InputMapping:
    text = "mapping: town\ntables:\n  - {table: violation, file: violations.csv, id: id, columns: {party: party}}\n"
    return load_mapping_text(text)


def test_a_mapping_that_gives_no_operators_is_told_what_to_add(tmp_path: Path) -> None:
    said = account(folder_of(tmp_path / "in", operators__csv=OPERATORS), without_operators())
    assert "no_operators: the mapping town fills no table of operators" in said
    assert "hint: add `- {table: operators, file: ..., id: ...}` to its tables" in said
    assert "operators.csv" not in said
