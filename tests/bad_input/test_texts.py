"""Encodings, giant cells and damaged bytes: what is good is read, what is not is named, nothing is lost."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from bad_input.folders import OPERATORS, VIOLATIONS, account, folder_of
from credit_engine.errors import InputError
from credit_engine.files.mappings import load_mapping_text
from credit_engine.files.tables import Input, read_folder

GB18030 = load_mapping_text("""
mapping: gb
tables:
  - {table: operators, file: operators.csv, encoding: gb18030, id: [id], columns: {name: name}}
  - {table: violation, file: violations.csv, id: [id], columns: {party: party, decided: decided, fine: fine}}
""")


def names(read: Input) -> list[str | None]:
    return [versions[0].name for versions in read.parties.values()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_is_read_with_and_without_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    folder = folder_of(tmp_path / "in", operators__csv=OPERATORS.encode(encoding))
    assert names(read_folder(folder, {}, ())) == ["甲公司", "乙店"]


def test_gb18030_is_read_where_the_mapping_names_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "in", operators__csv=OPERATORS.encode("gb18030"))
    assert names(read_folder(folder, {}, (), GB18030)) == ["甲公司", "乙店"]


def test_gb18030_is_refused_where_nothing_names_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "in", operators__csv=OPERATORS.encode("gb18030"))
    with pytest.raises(InputError, match=r"operators\.csv:1: bad_encoding: is not UTF-8"):
        read_folder(folder, {}, ())


def test_bytes_that_are_wrong_in_the_named_encoding_reject_their_row(tmp_path: Path) -> None:
    rows = [f"O{number},店\n" for number in range(3, 6)]
    folder = folder_of(tmp_path / "in", operators__csv=(OPERATORS + "".join(rows)).encode("gb18030") + b"O9,\x80\xff\n")
    read = read_folder(folder, {}, (), GB18030)
    assert [(each.record, each.code) for each in read.rejects] == [(6, "bad_encoding")]
    assert len(read.parties) == 5


def test_a_10_mb_cell_rejects_its_row_and_no_other(tmp_path: Path) -> None:
    giant = "x" * 10_000_000
    folder = folder_of(tmp_path / "in", operators__csv=f"{OPERATORS}O3,{giant}\nO4,丁店\n")
    read = read_folder(folder, {}, ())
    assert [(each.record, each.code) for each in read.rejects] == [(3, "too_long")]
    assert list(read.parties) == ["O1", "O2", "O4"]


@pytest.mark.parametrize("size", [200_000, 10_000_000])
def test_a_giant_json_text_rejects_its_line_and_no_other(tmp_path: Path, size: int) -> None:
    lines = f'{{"id": "V1", "party": "O1", "document": "{"x" * size}"}}\n{{"id": "V2", "party": "O1"}}\n'
    folder = folder_of(tmp_path / "in", violations__csv=None, violations__jsonl=lines)
    read = read_folder(folder, {}, ())
    assert [(each.record, each.code) for each in read.rejects] == [(1, "too_long")]
    assert [event.id for event in read.events["O1"]] == ["V2"]


def test_a_giant_quoted_cell_over_many_lines_is_an_unclosed_quote_and_swallows_nothing_silently(tmp_path: Path) -> None:
    lines = "O9,never a row\n" * 20_000
    folder = folder_of(tmp_path / "in", operators__csv=f'{OPERATORS}O3,"{lines}')
    with pytest.raises(InputError, match=r"operators\.csv:3: unclosed_quote"):
        read_folder(folder, {}, ())


@pytest.mark.parametrize("cut", [1, 5, 9, 15, 30])
def test_a_gzip_file_cut_anywhere_is_refused_as_a_whole(tmp_path: Path, cut: int) -> None:
    packed = gzip.compress((VIOLATIONS + "V2,O1,2024-03-16,1\n" * 50).encode(), mtime=0)
    folder = folder_of(tmp_path / "in", violations__csv=None)
    (folder / "violations.csv.gz").write_bytes(packed[:-cut])
    with pytest.raises(InputError, match=r"violations\.csv\.gz: truncated: .*\n    hint: fetch the file again"):
        read_folder(folder, {}, ())


def test_a_deeply_nested_json_line_is_a_reject(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path / "in", violations__csv=None, violations__jsonl=f'{"[" * 100_000}\n{{"id": "V1", "party": "O1"}}\n'
    )
    assert "violations.jsonl:1: bad_json" in account(folder)


def test_a_number_with_a_giant_exponent_is_a_reject_and_takes_no_time(tmp_path: Path) -> None:
    lines = '{"id": "I1", "party": "O1", "score": 1e999999999}\n{"id": "I2", "party": "O1", "score": 1e-999999999}\n'
    folder = folder_of(tmp_path / "in", inspections__jsonl=lines)
    assert [each.code for each in read_folder(folder, {}, ()).rejects] == ["bad_decimal", "bad_decimal"]


def test_all_unusable_files_are_named_at_once(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path / "in", violations__csv="", inspections__csv="id,day\n", coverage__yaml="nothing: absent\n"
    )
    with pytest.raises(InputError) as caught:
        read_folder(folder, {}, ())
    assert sorted(caught.value.codes) == ["empty_file", "unknown_column", "unknown_kind"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere: missing_folder: .*\n    hint: check the path"):
        read_folder(tmp_path / "nowhere", {}, ())


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file: unreadable: the input folder cannot be read"):
        read_folder(tmp_path / "file", {}, ())
