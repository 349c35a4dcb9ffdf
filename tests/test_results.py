from __future__ import annotations

import csv
import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bad_input.folders import folder_of
from credit_engine.days import working_calendar
from credit_engine.errors import InputError, OutputError, Problem
from credit_engine.files.frames import DTYPES, ROW_GROUP, Parts, frames_of
from credit_engine.files.results import ColumnType, Format, Table, account_of, rejects_table, write_results
from credit_engine.files.tables import read_folder
from credit_engine.quantities import Thousandths

FORMATS: tuple[Format, ...] = get_args(Format)
COLUMNS: tuple[tuple[str, ColumnType], ...] = (
    ("party", "text"),
    ("count", "int"),
    ("score", "decimal"),
    ("day", "date"),
    ("sure", "bool"),
    ("names", "texts"),
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
rows = st.lists(
    st.tuples(
        texts,
        st.none() | st.integers(-(2**40), 2**40),
        st.none() | st.integers(-(10**9), 10**9).map(Thousandths),
        st.none() | st.dates(),
        st.none() | st.booleans(),
        st.none() | st.lists(texts, max_size=3),
    ),
    max_size=8,
)


def write(out: Path, table: Sequence[Sequence[Any]], form: Format = "parquet") -> Mapping[str, Any]:  # Any: cells; JSON
    write_results(out, [Table("answers", COLUMNS, table)], {"policy": "case"}, form=form)
    found: Mapping[str, Any] = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return found


@settings(max_examples=50, deadline=None)
@given(rows)
def test_the_hash_of_a_table_is_the_same_in_every_format(table: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as place:
        hashes = {write(Path(place) / form, table, form)["tables"]["answers"]["sha256"] for form in FORMATS}
    assert len(hashes) == 1


@settings(max_examples=50, deadline=None)
@given(rows, st.sampled_from(FORMATS))
def test_the_same_rows_give_the_same_bytes(table: list[Any], form: Format) -> None:
    with tempfile.TemporaryDirectory() as place:
        folders = [Path(place) / name for name in ("one", "two")]
        for folder in folders:
            write(folder, iter(table), form)  # type: ignore[arg-type]  # once through is enough
        for name in (f"answers.{form}", "manifest.json"):
            assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


@settings(max_examples=50, deadline=None)
@given(rows)
def test_parquet_gives_back_what_was_written(table: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as place:
        write(Path(place) / "out", table)
        frame = pl.read_parquet(Path(place) / "out" / "answers.parquet")
    back = [(*row[:2], None if row[2] is None else Thousandths.read(row[2]), *row[3:]) for row in frame.rows()]
    assert back == table


@settings(max_examples=50, deadline=None)
@given(rows)
def test_the_canonical_rows_are_json_lines_of_cells(table: list[Any]) -> None:
    def cell(value: object) -> object:
        return str(value) if isinstance(value, Thousandths | date) else value

    text = "".join(
        f"{json.dumps([cell(each) for each in row], ensure_ascii=False, separators=(',', ':'))}\n" for row in table
    )
    with tempfile.TemporaryDirectory() as place:
        manifest = write(Path(place) / "out", table)
    assert manifest["tables"]["answers"]["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert manifest["tables"]["answers"]["rows"] == len(table)


ROW = ("甲", 3, Thousandths(92_500), date(2024, 2, 29), True, ["a", "b"])


def test_csv_writes_decimals_days_and_lists_as_text(tmp_path: Path) -> None:
    write(tmp_path / "out", [ROW, ("乙", None, None, None, False, [])], "csv")
    with (tmp_path / "out" / "answers.csv").open(encoding="utf-8", newline="") as lines:
        assert list(csv.reader(lines)) == [
            ["party", "count", "score", "day", "sure", "names"],
            ["甲", "3", "92.5", "2024-02-29", "true", '["a","b"]'],
            ["乙", "", "", "", "false", "[]"],
        ]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text('a,"\r\n \0甲', max_size=6), min_size=1, max_size=6))
def test_csv_gives_back_every_text(cells: list[str]) -> None:
    with tempfile.TemporaryDirectory() as place:
        write(Path(place) / "out", [(cell, *ROW[1:5], [cell]) for cell in cells], "csv")
        with (Path(place) / "out" / "answers.csv").open(encoding="utf-8", newline="") as lines:
            back = [(row[0], json.loads(row[5])) for row in list(csv.reader(lines))[1:]]
    assert back == [(cell, [cell]) for cell in cells]


def test_jsonl_writes_one_object_a_line(tmp_path: Path) -> None:
    write(tmp_path / "out", [ROW], "jsonl")
    line = '{"party":"甲","count":3,"score":"92.5","day":"2024-02-29","sure":true,"names":["a","b"]}\n'
    assert (tmp_path / "out" / "answers.jsonl").read_text(encoding="utf-8") == line


def test_the_manifest_says_what_made_it_and_the_range_of_the_working_calendar(tmp_path: Path) -> None:
    manifest = write(tmp_path / "out", [ROW])
    first, last = working_calendar()
    assert manifest["credit_engine"] == "result"
    assert manifest["policy"] == "case"
    assert manifest["working_days"] == {"from": str(first), "to": str(last)}
    assert set(manifest) == {"credit_engine", "format", "library", "policy", "tables", "working_days"}


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_table_has_its_columns(tmp_path: Path, form: Format) -> None:
    write(tmp_path / "out", [], form)
    content = (tmp_path / "out" / f"answers.{form}").read_bytes()
    if form == "parquet":
        assert pl.read_parquet(tmp_path / "out" / "answers.parquet").columns == [name for name, _type in COLUMNS]
    else:
        assert content == (b"party,count,score,day,sure,names\n" if form == "csv" else b"\n")


def test_the_account_of_an_input_names_counts_hashes_and_rejects(tmp_path: Path) -> None:
    table = "id,party,decided\nV1,O1,2024-03-15\nV2,O1,2024-03-35\nV3,O9,\n"
    found = read_folder(folder_of(tmp_path / "in", violations__csv=table), {}, ())
    write_results(tmp_path / "out", [rejects_table(found.rejects)], account_of(found), form="csv")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    violations = manifest["input"]["counts"][1]
    assert [violations[name] for name in ("file", "read", "accepted", "rejected")] == ["violations.csv", 3, 1, 2]
    assert manifest["input"]["hashes"]["violations.csv"] == hashlib.sha256(table.encode()).hexdigest()
    assert manifest["input"]["coverage"]["honour"] == "absent"
    assert (tmp_path / "out" / "rejects.csv").read_text(encoding="utf-8") == (
        "file,record,table,code,message\n"
        "violations.csv,2,violation,bad_date,decided: '2024-03-35' is no day of the calendar\n"
        "violations.csv,3,violation,unknown_party,no operator or person has the id 'O9'\n"
    )


def test_an_earlier_result_is_replaced_whole(tmp_path: Path) -> None:
    write(tmp_path / "out", [ROW], "csv")
    write(tmp_path / "out", [ROW], "jsonl")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["answers.jsonl", "manifest.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_is_filled_and_missing_parents_are_made(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path / "empty", [ROW])
    write(tmp_path / "a" / "b" / "out", [ROW])
    assert (tmp_path / "empty" / "manifest.json").exists()
    assert (tmp_path / "a" / "b" / "out" / "manifest.json").exists()


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="unknown_format: no format 'xlsx'\n    hint: one of parquet, csv, jsonl"):
        write(tmp_path / "out", [ROW], "xlsx")  # type: ignore[arg-type]  # that is the point
    assert not (tmp_path / "out").exists()


# --- tables that are frames -----------------------------------------------------------------------------------

EMPTY = pl.DataFrame(schema={name: DTYPES[type_] for name, type_ in COLUMNS})


@settings(max_examples=100, deadline=None)
@given(rows, st.sampled_from(FORMATS), st.lists(st.integers(0, 8), max_size=3).map(sorted))
def test_a_frame_and_its_parts_are_written_as_its_rows_are(table: list[Any], form: Format, cuts: list[int]) -> None:
    frame = pl.concat([EMPTY, *frames_of(table, COLUMNS)])
    with tempfile.TemporaryDirectory() as place:
        files: list[Path] = []
        for first, last in pairwise([0, *cuts, max(len(frame), *cuts, 0)]):
            files.append(Path(place) / f"{len(files)}.parquet")
            frame[first:last].write_parquet(files[-1])
        folders = {name: Path(place) / name for name in ("rows", "frame", "parts")}
        write(folders["rows"], table, form)
        for name, given_rows in (("frame", frame), ("parts", Parts(tuple(files)))):
            write_results(folders[name], [Table("answers", COLUMNS, given_rows)], {"policy": "case"}, form=form)
            for file in (f"answers.{form}", "manifest.json"):
                assert (folders["rows"] / file).read_bytes() == (folders[name] / file).read_bytes()


def test_more_rows_than_a_row_group_come_to_the_same_bytes_however_they_are_cut(tmp_path: Path) -> None:
    many = pl.concat([EMPTY, pl.DataFrame([("甲", 1, 2, None, True, ["a", "b"])], schema=EMPTY.schema, orient="row")])
    many = many.select(pl.all().repeat_by(2 * ROW_GROUP + 7).explode()).with_columns(count=pl.int_range(pl.len()))
    written = []
    for place, step in enumerate((len(many), ROW_GROUP, 30_001)):
        files: list[Path] = []
        for first in range(0, len(many), step):
            files.append(tmp_path / f"{place}-{first}.parquet")
            many[first : first + step].write_parquet(files[-1])
        write_results(tmp_path / f"{place}", [Table("answers", COLUMNS, Parts(tuple(files)))], {})
        written.append((tmp_path / f"{place}" / "answers.parquet").read_bytes())
    assert len(set(written)) == 1


def test_what_goes_wrong_while_rows_are_made_keeps_its_name(tmp_path: Path) -> None:
    def broken() -> Iterator[tuple[object, ...]]:
        yield ("a", 1, Thousandths(1), None, None, None)
        raise InputError(Problem("damaged_store", "cut off"))

    with pytest.raises(InputError, match="damaged_store"):
        write(tmp_path / "out", broken())  # type: ignore[arg-type]  # once through is enough
    assert not (tmp_path / "out").exists()


def test_every_character_that_json_escapes_is_escaped_in_a_frame(tmp_path: Path) -> None:
    text = "".join(map(chr, range(0x80))) + "甲𠀀\u2028"
    row = (text, None, None, None, None, [text, "", '"'])
    written = write(tmp_path / "out", [row])["tables"]["answers"]["sha256"]
    line = f"{json.dumps(row, ensure_ascii=False, separators=(',', ':'))}\n"
    assert written == hashlib.sha256(line.encode()).hexdigest()
