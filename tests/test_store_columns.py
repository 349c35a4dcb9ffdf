"""A store that was read by columns says what the row reader says: records, rejects word for word, counts, flags."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_engine.errors import InputError
from credit_engine.files import (
    store_coding,
    store_lines,
    store_proving,
    store_reading,
    store_settling,
    store_spreading,
)
from credit_engine.files.input import Input
from credit_engine.files.store import open_folder
from credit_engine.files.store_dossiers import dossiers_from
from credit_engine.files.store_opening import open_store
from credit_engine.files.store_preparing import prepare_store
from credit_engine.files.tables import read_folder
from shares import one_in
from test_tables import DECLARED

KINDS = {"complaint": "received"}
RELATION_KINDS = ("shareholder", "branch")
DAYS = st.dates(date(2023, 12, 30), date(2024, 1, 2))
BLANKS = ["", " ", "\u3000", "\x1c", "\u2028"]
ODD = [
    "[]",
    "a\0b",
    "x" * 131_073,
    "\ufeff",
    "a\nb",
    '["fine"]',
    '["',
    "１２",
    "é",
    "true ",
    "-5",
    "1e3",
    "nan",
    "NULL",
]
IDS = st.sampled_from(["O1", "O2", "P1", "P2", "O1 ", "甲", "O\u200b", *BLANKS, "nobody"])
TEXT = st.sampled_from(["a", "b", " a", "甲公司", "fine", "person", *BLANKS, *ODD])
DATE = DAYS.map(str) | st.sampled_from(["2024-02-30", "2024-1-1", "0001-01-01", "9999-12-31", " 2024-01-01", *BLANKS])
NUMBER = st.sampled_from(["0", "1", "-1", "+7", "007", "999999999999999", "1000000000000000", "1.5", *BLANKS])
MONEY = NUMBER | st.sampled_from(["5 yuan", "0.001 万元", "2.5 yuan", "1 fen"])
STANDING = st.sampled_from(["found", "final", "alleged", "Found", "withdrawn", *BLANKS])
SET = st.sampled_from(["fine", "fine;warning", "warning; fine", "[]", '["fine"]', "fine;", "hanging", *BLANKS])
TEXTS = st.lists(
    st.sampled_from(["a", "b", " a", "", 'q"', "fine", "warning", "甲", "\\", "a\0"]) | st.none(), max_size=3
)
WHOLE = st.sampled_from([0, 1, -1, 10**15 - 1, 10**15, -(10**15), 2**62])
Cells = st.SearchStrategy[Any]  # Any: cells of one column

Way = tuple[pl.DataType, Cells]
AS_TEXT = pl.String()
OF_IDS: list[Way] = [(AS_TEXT, IDS), (AS_TEXT, st.sampled_from(["E1", "E2", "E3"])), (pl.Int64(), st.integers(0, 3))]
OF_TEXT: list[Way] = [
    (AS_TEXT, TEXT),
    (pl.Categorical(), st.sampled_from(["a", "b", " a", "a\0"])),
    (pl.Int64(), st.integers(0, 3)),
    (pl.Date(), DAYS),
    (pl.Boolean(), st.booleans()),
]
OF_DATE: list[Way] = [(AS_TEXT, DATE), (pl.Date(), DAYS), (pl.Datetime(), st.just(datetime(2024, 1, 1)))]  # noqa: DTZ001  # a naive cell
OF_NUMBER: list[Way] = [
    (AS_TEXT, NUMBER),
    (pl.Int64(), WHOLE),
    (pl.Int8(), st.integers(-2, 2)),
    (pl.UInt64(), st.sampled_from([0, 5, 2**63])),
]
OF_SET: list[Way] = [(AS_TEXT, SET), (pl.List(pl.String()), TEXTS)]
OF_RECORDS: list[Way] = [
    (AS_TEXT, st.sampled_from(['[{"person": "P1", "role": "owner"}]', "[]", "[1]", '[{"who": "P1"}]', *BLANKS])),
    (
        pl.List(pl.Struct({"person": pl.String(), "role": pl.String()})),
        st.lists(
            st.fixed_dictionaries({"person": st.sampled_from(["P1", "", None]), "role": st.just("owner")}), max_size=2
        ),
    ),
]
VERSION: Mapping[str, list[Way]] = {"recorded": OF_DATE, "revision": OF_NUMBER}
EVENT: Mapping[str, list[Way]] = {**VERSION, "sequence": OF_NUMBER, "standing": [(AS_TEXT, STANDING)]}
TABLES: Mapping[str, Mapping[str, list[Way]]] = {
    "operators": {
        **VERSION,
        "kind": OF_TEXT,
        "name": OF_TEXT,
        "region": OF_TEXT,
        "registered": OF_DATE,
        "credit_code": [(AS_TEXT, st.sampled_from(["91350211M000100Y46", "91350211m000100y43", "x", *BLANKS]))],
        "licences": [(AS_TEXT, SET), (pl.List(pl.String()), TEXTS)],
        "seats": OF_NUMBER,
        "from_file": OF_TEXT,
        "from_record": OF_NUMBER,
    },
    "persons": {**VERSION, "name": OF_TEXT, "chain": OF_TEXT},
    "relations": {
        **VERSION,
        "share": [
            (AS_TEXT, st.sampled_from(["50%", "1/2", "1/3", "0.5", "2", *BLANKS])),
            (pl.Int64(), st.integers(0, 2)),
        ],
        "share_max": [(AS_TEXT, st.sampled_from(["60%", "1/2", "0", *BLANKS]))],
        "since": OF_DATE,
        "until": OF_DATE,
    },
    "violation": {
        **EVENT,
        "decided": OF_DATE,
        "fine": [(AS_TEXT, MONEY), (pl.Int64(), WHOLE), (pl.Decimal(20, 2), st.just(Decimal("1.50")))],
        "heavier": [(AS_TEXT, st.sampled_from(["true", "FALSE", "1", *BLANKS])), (pl.Boolean(), st.booleans())],
        "severity": [(AS_TEXT, st.sampled_from(["minor", " minor", "severe", "grave", *BLANKS]))],
        "penalties": OF_SET,
        "acts": OF_SET,
        "responsible": OF_RECORDS,
        "document": OF_TEXT,
    },
    "complaint": {
        **EVENT,
        "weight": [
            (AS_TEXT, st.sampled_from(["1.5", "-0.125", "1.2345", *BLANKS])),
            (pl.Int64(), WHOLE),
            (pl.Decimal(38, 3), st.sampled_from([Decimal("1.125"), Decimal("-0.001"), Decimal(10**15)])),
            (pl.Decimal(20, 5), st.sampled_from([Decimal("1.12500"), Decimal("0.00001")])),
        ],
        "days": [(AS_TEXT, st.sampled_from(["2024-01-01;2024-01-02", "[]", "x"])), (pl.List(pl.String()), TEXTS)],
        "topics": OF_SET,
        "pauses": [(AS_TEXT, st.sampled_from(['[{"from": "2024-01-01"}]', "[]", '[{"to": "x"}]']))],
        "lasts": [(AS_TEXT, st.sampled_from(["20wd", "3y", "x", *BLANKS]))],
        "topic": [(AS_TEXT, st.sampled_from(["taste", "smell", *BLANKS]))],
    },
}
NAMES: Mapping[str, Mapping[str, list[Way]]] = {
    "operators": {"id": [(AS_TEXT, st.sampled_from(["O1", "O2", "O3", "P1", "O1 ", "甲", "", "O\u200b"]))]},
    "persons": {"id": [(AS_TEXT, st.sampled_from(["P1", "P2", "O2", " P1"]))]},
    "relations": {
        "id": [(AS_TEXT, st.sampled_from(["R1", "R2", "R3"]))],
        "kind": [(AS_TEXT, st.sampled_from(["shareholder", "branch", "brother", ""]))],
        "source": [(AS_TEXT, IDS)],
        "target": [(AS_TEXT, IDS)],
    },
    "violation": {"id": OF_IDS[1:2] * 3 + OF_IDS, "party": [(AS_TEXT, IDS)] * 3 + OF_IDS},
    "complaint": {"id": OF_IDS[1:2], "party": [(AS_TEXT, IDS)]},
}


@st.composite
def tables(draw: st.DrawFn, name: str, *, least: int = 0) -> pl.DataFrame:
    """A table with some of its columns, each written in one of many ways."""
    rows = draw(st.integers(least, 6))
    names = [*NAMES[name], *draw(st.lists(st.sampled_from(sorted(TABLES[name])), unique=True, max_size=4))]
    columns = []
    for column in names:
        dtype, cells = draw(st.sampled_from({**NAMES[name], **TABLES[name]}[column]))
        maybe = cells if column in NAMES[name] else cells | st.none()
        columns.append(pl.Series(column, draw(st.lists(maybe, min_size=rows, max_size=rows)), dtype))
    frame = pl.DataFrame(columns)
    if rows and draw(st.booleans()):
        frame = pl.concat([frame, frame.head(draw(st.integers(1, rows)))])
    return frame


FOLDERS = st.fixed_dictionaries(
    {"operators": tables("operators", least=1), "violation": tables("violation")},
    optional={name: tables(name) for name in ("persons", "relations", "complaint")},
)


def written(place: Path, frames: Mapping[str, pl.DataFrame]) -> Path:
    place.mkdir(exist_ok=True)
    for name, frame in frames.items():
        frame.write_parquet(place / f"{name}.parquet")
    return place


def outcome(make: Any) -> Input | str:  # Any: a function of no arguments
    try:
        found: Input = make()
    except InputError as error:
        return str(error)
    return found


def by_rows(folder: Path) -> Input | str:
    return outcome(lambda: read_folder(folder, DECLARED, KINDS, relation_kinds=RELATION_KINDS))


def by_columns(folder: Path, out: Path, buckets: int | None = None) -> Input | str:
    def make() -> Input:
        prepare_store(folder, out, DECLARED, KINDS, relation_kinds=RELATION_KINDS, buckets=buckets)
        return open_folder(out, DECLARED, KINDS)

    return outcome(make)


def assert_same(one: Input | str, other: Input | str) -> None:
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    assert one.rejects == other.rejects
    assert one.counts == other.counts
    assert one == other
    assert (one.parties, one.events, one.coverage) == (other.parties, other.events, other.coverage)
    assert (one.flags, one.hashes, one.columns_not_read) == (other.flags, other.hashes, other.columns_not_read)
    places = [
        {id_: [event.read_from for event in events] for id_, events in each.events.items()} for each in (one, other)
    ]
    assert places[0] == places[1]
    assert list(one.parties) == list(other.parties)


@one_in(20)
@given(FOLDERS, st.integers(1, 3), st.integers(1, 4), st.sampled_from([0, 2, 1000]))
def test_reading_by_columns_is_reading_by_rows(
    frames: Mapping[str, pl.DataFrame], buckets: int, chunk: int, few: int
) -> None:
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_reading, "CHUNK", chunk)
        patch.setattr(store_proving, "_FEW", few)
        patch.setattr(store_coding, "_FEW", few)
        patch.setattr(store_settling, "SLICE", chunk)
        patch.setattr(store_spreading, "_PARTS_AT_ONCE", 2)
        folder = written(Path(place) / "in", frames)
        assert_same(by_columns(folder, Path(place) / "store", buckets), by_rows(folder))


@one_in(20)
@given(FOLDERS, st.integers(1, 3))
def test_a_dossier_out_of_a_store_is_that_of_the_row_reader(frames: Mapping[str, pl.DataFrame], buckets: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = written(Path(place) / "in", frames)
        read = by_rows(folder)
        if isinstance(read, str):
            return
        prepare_store(folder, Path(place) / "store", DECLARED, KINDS, relation_kinds=RELATION_KINDS, buckets=buckets)
        store = open_store(Path(place) / "store", DECLARED, KINDS)
        parties = list(read.parties)[::-1]
        for party, dossier in zip(parties, dossiers_from(store, parties), strict=True):
            expected = read.dossier(party)
            assert dossier == expected
            assert dossier.coverage == expected.coverage
            assert [each.read_from for each in dossier.events] == [each.read_from for each in expected.events]
            assert [each.read_from for each in dossier.party_versions] == [
                each.read_from for each in expected.party_versions
            ]


CELL = st.sampled_from(
    ["O1", "O2", "V1", "V2", "V3", "", " ", "2024-03-01", "fine;warning", "12", "甲", '"', '"a"', "a\0", "\ufeff"]
)
LINE = st.lists(CELL, min_size=1, max_size=5).map(",".join) | st.tuples(
    st.sampled_from(["V1", "V2"]), st.sampled_from(["O1", "O2"]), CELL, CELL
).map(",".join)
LINE_ENDS = st.sampled_from(["\n"] * 6 + ["\r\n", "\n\n", "\r", "\r\r\n"])
HEADERS = st.sampled_from(
    ["id,party,fine,penalties", "id,party,decided,acts", "\ufeffid,party,fine,acts", "id, party,fine,acts", "id,party"]
)


@one_in(20)
@given(
    HEADERS,
    st.lists(st.tuples(LINE, LINE_ENDS), max_size=8),
    st.integers(1, 40),
    st.sampled_from([".csv", ".csv.gz"]),
    st.booleans(),
)
def test_csv_by_lines_is_csv_by_rows(
    header: str,
    lines: list[tuple[str, str]],
    block: int,
    ending: str,
    damaged: bool,  # noqa: FBT001  # drawn
) -> None:
    text = f"{header}\n{''.join(line + end for line, end in lines)}".encode() + b"V9,\xff\n" * damaged
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_lines, "BLOCK", block)
        folder = Path(place) / "in"
        folder.mkdir()
        (folder / "operators.csv").write_text("id\nO1\nO2\n")
        (folder / f"violations{ending}").write_bytes(text if ending == ".csv" else gzip.compress(text))
        assert_same(by_columns(folder, Path(place) / "store"), by_rows(folder))
