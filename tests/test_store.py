from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from bad_input.folders import OPERATORS, folder_of
from credit_engine.errors import InputError
from credit_engine.files.store import open_folder, prepare
from credit_engine.quantities import DECIMAL
from test_tables import DECLARED, csv_text, damaged_rows

KINDS = {"complaint": "received"}
EVERYTHING: dict[str, str | bytes | None] = {
    "operators__csv": "id,licences,seats,registered\nO1,SC1;SC2,12,2020-01-01\nO2,[],,\nO3,,,\n",
    "persons__csv": "id,name\nP1,张三\n",
    "regions__csv": "code,name,from,until\n310100,市辖区,1980-01-01,\n310000,上海市,,2030-01-01\n",
    "relations__csv": "id,kind,source,target,share\nR1,shareholder,P1,O1,1/3\nR2,shareholder,P1,O2,100%\n",
    "violations__csv": (
        "id,party,penalties,acts,fine,heavier,responsible,recorded,revision\n"
        'V1,O1,fine;warning,a;b,5 yuan,true,"[{""person"":""P1"",""role"":""owner""}]",2024-01-01,0\n'
        "V1,O2,[],[],0,false,[],2024-06-01,0\n"
        "V2,O9,,,,,,,\n"
    ),
    "inspections__csv": "id,party,occurred,score\nI1,O1,2024-05-01,9.5\n",
    "complaints__csv": (
        "id,party,received,topics,weight,days,pauses,lasts\n"
        'C1,O1,2024-05-01,taste;illness,-0.125,2024-02-29,"[{""from"": ""2024-01-01""}]",20wd\n'
    ),
    "coverage__yaml": "violation: {from: 2024-01-01}\n",
}


@settings(max_examples=30, deadline=None)
@given(damaged_rows)
def test_a_store_gives_back_what_was_read(table: list[dict[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = folder_of(Path(place) / "in", operators__csv=OPERATORS, violations__csv=csv_text(table))
        read = prepare(folder, Path(place) / "store", {}, ())
        assert open_folder(Path(place) / "store", {}, ()) == read


def test_every_field_survives_the_store(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "in", **EVERYTHING)
    read = prepare(folder, tmp_path / "store", DECLARED, KINDS)
    back = open_folder(tmp_path / "store", DECLARED, KINDS)
    assert back == read
    assert (back.parties, back.events) == (read.parties, read.events)
    assert (back.coverage, back.hashes, back.flags) == (read.coverage, read.hashes, read.flags)
    assert [reject.code for reject in back.rejects] == ["unknown_party"]


def test_a_store_remembers_the_columns_that_were_not_read(tmp_path: Path) -> None:
    extra = "extra_columns: {violation: [pushed]}\n"
    table = "id,party,pushed\nV1,O1,2024-04-01\n"
    folder = folder_of(tmp_path / "in", coverage__yaml=extra, violations__csv=table)
    read = prepare(folder, tmp_path / "store", {}, ())
    back = open_folder(tmp_path / "store", {}, ())
    assert back == read
    assert back.columns_not_read == {"violations.csv": ("pushed",)}


def test_a_record_of_a_store_still_names_the_file_and_row_it_came_from(tmp_path: Path) -> None:
    prepare(folder_of(tmp_path / "in", **EVERYTHING), tmp_path / "store", DECLARED, KINDS)
    back = open_folder(tmp_path / "store", DECLARED, KINDS)
    places = {str(event.read_from) for event in back.events["O1"]}
    assert places == {"complaints.csv:1", "inspections.csv:1", "violations.csv:1", "violations.csv:2"}


def test_a_kind_without_a_table_stays_absent_in_the_store_and_an_empty_table_stays_empty(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "in", honours__csv="id,party\n")
    prepare(folder, tmp_path / "store", {}, ())
    coverage = open_folder(tmp_path / "store", {}, ()).coverage
    assert "honour" not in coverage
    assert coverage["inspection"] == "absent"


def test_the_same_input_gives_the_same_store_whatever_the_order_of_rows(tmp_path: Path) -> None:
    table = "id,party,fine\nV1,O1,1\nV2,O2,2\n"
    turned = "id,party,fine\nV2,O2,2\nV1,O1,1\n"
    for name, text in (("one", table), ("two", turned)):
        prepare(folder_of(tmp_path / f"in_{name}", violations__csv=text), tmp_path / name, {}, ())
    one, two = (open_folder(tmp_path / name, {}, ()) for name in ("one", "two"))
    assert (one.parties, one.events) == (two.parties, two.events)
    for name in ("party_ids.parquet", "bucket-000/parties.parquet", "bucket-000/texts.parquet"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_store_made_for_other_declared_fields_has_to_be_made_anew(tmp_path: Path) -> None:
    prepare(folder_of(tmp_path / "in"), tmp_path / "store", {}, ())
    with pytest.raises(InputError, match=r"other_fields: .* violation\n    hint: prepare it again"):
        open_folder(tmp_path / "store", {"violation": {"weight": DECIMAL}}, ())


def test_a_plain_folder_is_opened_as_it_is(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "in")
    assert open_folder(folder, {}, ()).counts[0].file == "operators.csv"
