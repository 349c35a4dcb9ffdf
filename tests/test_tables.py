from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bad_input.folders import OPERATORS, folder_of
from credit_engine.errors import InputError, QuestionError
from credit_engine.files.results import Table, write_results
from credit_engine.files.tables import Input, dossiers, read_folder
from credit_engine.quantities import BOOL, DATE, DECIMAL, MONEY, TEXT, FieldType, Thousandths, one_of
from credit_engine.records import Inspection, OtherEvent, RecordSource, Region, Relation, Violation

Row = Mapping[str, str]
COLUMNS = ("id", "party", "decided", "fine", "penalties", "heavier", "recorded", "revision")
GARBAGE = st.sampled_from(
    ["", "V1", "O1", "2024-03-15", "2024-02-30", "-5", "500", "5 yuan", "fine", "[]", "true", "é", " "]
)
CELLS: Mapping[str, st.SearchStrategy[str]] = {
    "id": st.sampled_from(["V1", "V2", "V3", "V4"]),
    "party": st.sampled_from(["O1", "O2", "O3"]),
    "decided": st.sampled_from(["", "2024-02-29", "2024-03-01"]),
    "fine": st.sampled_from(["", "0", "500000", "5000 yuan"]),
    "penalties": st.sampled_from(["", "[]", "fine", "fine;warning", "warning;fine"]),
    "heavier": st.sampled_from(["", "true", "false"]),
    "recorded": st.sampled_from(["", "2024-03-20", "2024-06-01"]),
    "revision": st.sampled_from(["", "0", "1"]),
}
rows = st.lists(st.fixed_dictionaries(dict(CELLS)), max_size=12)
damaged_rows = st.lists(st.fixed_dictionaries({name: CELLS[name] | GARBAGE for name in COLUMNS}), max_size=12)


def csv_text(table: Sequence[Row]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue()


def read(**files: str | bytes | None) -> Input:
    with tempfile.TemporaryDirectory() as place:
        return read_folder(folder_of(Path(place), **files), {}, ())


def said(found: Input) -> object:
    """Everything but the places."""
    rejects = sorted(each.code for each in found.rejects)
    return found.parties, found.relations, found.events, found.coverage, found.without_recorded, rejects


# --- laws -----------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(damaged_rows)
def test_no_row_disappears(table: list[Row]) -> None:
    found = read(violations__csv=csv_text(table))
    for count in found.counts:
        assert count.read == count.accepted + count.rejected + count.skipped
        assert count.rejected == sum(each.table == count.table for each in found.rejects)
    records = {id(event) for events in found.events.values() for event in events}
    violations = next(count for count in found.counts if count.table == "violation")
    assert violations.read == len(table)
    assert len(records) == violations.accepted - violations.duplicates


@settings(max_examples=60, deadline=None)
@given(damaged_rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(table: list[Row], chance: Any) -> None:  # Any: hypothesis's own random
    shuffled = list(table)
    chance.shuffle(shuffled)
    assert said(read(violations__csv=csv_text(table))) == said(read(violations__csv=csv_text(shuffled)))


@settings(max_examples=60, deadline=None)
@given(damaged_rows, st.data())
def test_the_same_row_twice_counts_once(table: list[Row], data: st.DataObject) -> None:
    once = read(violations__csv=csv_text(table))
    again = [*table, data.draw(st.sampled_from(table))] if table else table
    twice = read(violations__csv=csv_text(again))
    assert (once.parties, once.events) == (twice.parties, twice.events)


def as_json(row: Row) -> Mapping[str, object]:
    typed: dict[str, object] = {name: cell or None for name, cell in row.items()}
    if row["fine"].isdigit():
        typed["fine"] = int(row["fine"])
    if row["revision"]:
        typed["revision"] = int(row["revision"])
    if row["heavier"]:
        typed["heavier"] = row["heavier"] == "true"
    if row["penalties"]:
        typed["penalties"] = [] if row["penalties"] == "[]" else row["penalties"].split(";")
    return typed


@settings(max_examples=60, deadline=None)
@given(rows)
def test_every_format_gives_the_same_records(table: list[Row]) -> None:
    plain = read(violations__csv=csv_text(table))
    lines = "".join(f"{json.dumps(as_json(row))}\n" for row in table) or "\n"
    packed = gzip.compress(csv_text(table).encode(), mtime=0)
    others: list[Mapping[str, str | bytes | None]] = [
        {"violations__jsonl": lines},
        {"violations__jsonl__gz": gzip.compress(lines.encode(), mtime=0)},
        {"violations__csv__gz": packed},
        {"violations__parquet": parquet([as_json(row) for row in table])},
    ]
    for other in others:
        assert said(read(violations__csv=None, **other)) == said(plain)


def parquet(table: Sequence[Mapping[str, Any]]) -> bytes:  # Any: cells of several types
    day = date.fromisoformat
    fines = [f"{row['fine']} fen" if isinstance(row["fine"], int) else row["fine"] for row in table]
    cells = [
        (
            row["id"],
            row["party"],
            day(row["decided"]) if row["decided"] else None,
            fine,
            row["penalties"],
            row["heavier"],
            day(row["recorded"]) if row["recorded"] else None,
            row["revision"],
        )
        for row, fine in zip(table, fines, strict=True)
    ]
    types = ("text", "text", "date", "text", "texts", "bool", "date", "int")
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "out"
        write_results(out, [Table("violations", tuple(zip(COLUMNS, types, strict=True)), cells)], {})  # type: ignore[arg-type]  # zip forgets the words
        return (out / "violations.parquet").read_bytes()


@settings(max_examples=60, deadline=None)
@given(rows)
def test_every_event_is_in_the_dossiers_of_all_parties_that_its_versions_name(table: list[Row]) -> None:
    found = read(operators__csv=OPERATORS + "O3,丙\n", violations__csv=csv_text(table))
    files = {dossier.id: dossier for dossier in dossiers(found)}
    assert list(files) == ["O1", "O2", "O3"]
    for dossier in files.values():
        for event in dossier.events:
            for other in files.values():
                versions = [each for each in other.events if each.id == event.id]
                assert (event in versions) == any(
                    version.party == other.id for version in dossier.by_id[event.kind, event.id]
                )


# --- cells ----------------------------------------------------------------------------------------------------

DECLARED: Mapping[str, Mapping[str, FieldType]] = {
    "operator": {"seats": MONEY, "chain": TEXT},
    "complaint": {
        "topic": one_of("taste", "illness"),
        "amount": MONEY,
        "weight": DECIMAL,
        "proven": BOOL,
        "days": FieldType("list", of=DATE),
        "topics": FieldType("set", of=one_of("taste", "illness")),
        "pauses": FieldType("list", of=FieldType("record", fields={"from": DATE, "until": DATE})),
        "lasts": FieldType("period"),
    },
}


def only_event(found: Input) -> Any:  # Any: a test asks for fields of its own kind of event
    (event,) = (event for events in found.events.values() for event in events)
    return event


def complaint(place: Path, column: str, cell: str) -> Input:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("id", "party", column), ("C1", "O1", cell)])
    folder = folder_of(place, violations__csv=None, complaints__csv=text.getvalue())
    return read_folder(folder, DECLARED, {"complaint": "received"})


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("topic", " taste ", "taste"),
        ("amount", "12", 12),
        ("amount", "1.5 万元", 1_500_000),
        ("weight", "-2.125", Thousandths(-2125)),
        ("proven", "TRUE", True),
        ("days", "2024-02-29;2024-03-01", (date(2024, 2, 29), date(2024, 3, 1))),
        ("days", "[]", ()),
        ("topics", "[]", frozenset()),
        ("topics", '["taste", "illness"]', frozenset({"taste", "illness"})),
        (
            "pauses",
            '[{"from": "2024-01-01", "until": "2024-02-01"}]',
            ({"from": date(2024, 1, 1), "until": date(2024, 2, 1)},),
        ),
        ("received", "2024-02-29", None),
    ],
)
def test_a_declared_field_is_read_by_its_type(tmp_path: Path, column: str, cell: str, value: object) -> None:
    event = only_event(complaint(tmp_path, column, cell))
    assert isinstance(event, OtherEvent)
    assert event.kind == "complaint"
    assert event.extra.get(column) == value


def test_a_declared_period_is_read_as_one(tmp_path: Path) -> None:
    assert str(only_event(complaint(tmp_path, "lasts", "20wd")).extra["lasts"]) == "20wd"


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("topic", "smell", "unknown_code"),
        ("topics", "taste;smell", "unknown_code"),
        ("weight", "1.2345", "bad_decimal"),
        ("days", "2024-02-30", "bad_date"),
        ("pauses", '[{"from": "yesterday"}]', "bad_date"),
        ("pauses", "2024-01-01", "bad_json"),
        ("lasts", "3 years", "bad_period"),
        ("revision", "-1", "negative"),
        ("sequence", "1.0", "bad_int"),
        ("standing", "guilty", "unknown_code"),
    ],
)
def test_a_bad_cell_rejects_its_row_and_names_the_column(tmp_path: Path, column: str, cell: str, code: str) -> None:
    found = complaint(tmp_path, column, cell)
    assert [(each.file, each.record, each.code) for each in found.rejects] == [("complaints.csv", 1, code)]
    assert column in found.rejects[0].message


def test_an_empty_cell_is_unknown_and_brackets_are_the_empty_set() -> None:
    table = "id,party,penalties,acts\nV1,O1,,\nV2,O1,[],[]\n"
    unknown, empty = (event for event in read(violations__csv=table).events["O1"] if isinstance(event, Violation))
    assert (unknown.penalties, unknown.acts) == (None, None)
    assert (empty.penalties, empty.acts) == (frozenset(), ())


def test_every_column_of_every_table_is_read() -> None:
    found = read(
        persons__csv="id,name\nP1,张三\n",
        regions__csv="code,name,parent,from,until\n310100,市辖区,310000,1980-01-01,\n310000,上海市,,,\n",
        relations__csv="id,kind,source,target,share,share_max,since,until\nR1,shareholder,P1,O1,33.4%,1/2,2020-01-01,2024-01-01\n",
        violations__csv='id,party,responsible,sequence,standing\nV1,O1,"[{""person"":""P1"",""role"":""owner""}]",7,final\n',
        inspections__csv="id,party,occurred,score\nI1,O1,2024-05-01,9.5\n",
    )
    assert found.relations == (
        Relation(
            id="R1",
            kind="shareholder",
            source="P1",
            target="O1",
            share=Fraction(334, 1000),
            share_max=Fraction(1, 2),
            since=date(2020, 1, 1),
            until=date(2024, 1, 1),
        ),
    )
    assert found.regions.rows["310100"] == (
        Region(code="310100", name="市辖区", parent="310000", from_day=date(1980, 1, 1)),
    )
    inspection, violation = found.events["O1"]
    assert inspection == Inspection(id="I1", party="O1", occurred=date(2024, 5, 1), score=Thousandths(9500))
    assert violation == Violation(
        id="V1", party="O1", sequence=7, standing="final", responsible=({"person": "P1", "role": "owner"},)
    )
    assert violation.read_from == RecordSource("violations.csv", 1)


def test_an_operator_has_the_fields_that_the_policy_declares(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, operators__csv="id,seats,chain\nO1,12,X\n")
    (operator,) = read_folder(folder, DECLARED, ()).parties["O1"]
    assert operator.extra == {"seats": 12, "chain": "X"}


def test_an_operator_may_have_records_of_its_own_and_still_stand_twice(tmp_path: Path) -> None:
    declared = {"operator": {"pauses": FieldType("list", of=FieldType("record", fields={"from": DATE}))}}
    row = 'O1,"[{""from"": ""2024-01-01""}]"\n'
    folder = folder_of(tmp_path, operators__csv=f"id,pauses\n{row}{row}")
    found = read_folder(folder, declared, ())
    assert found.parties["O1"][0].extra == {"pauses": ({"from": date(2024, 1, 1)},)}
    assert (found.counts[0].accepted, found.counts[0].duplicates) == (2, 1)


# --- versions, references, account ----------------------------------------------------------------------------


def test_a_newer_version_of_an_event_may_name_another_party() -> None:
    table = "id,party,recorded\nV1,O1,2024-01-01\nV1,O2,2024-06-01\n"
    found = read(violations__csv=table)
    assert found.events["O1"] == found.events["O2"]
    day_before, day = date(2024, 5, 31), date(2024, 6, 1)
    assert [len(found.dossier(party).events_on(day_before)) for party in ("O1", "O2")] == [1, 0]
    assert [len(found.dossier(party).events_on(day)) for party in ("O1", "O2")] == [0, 1]


def test_equal_rows_are_duplicates_and_are_accepted_once() -> None:
    found = read(violations__csv="id,party,fine\nV1,O1,5 yuan\nV1,O1,500\n")
    count = found.counts[-1]
    assert (count.read, count.accepted, count.rejected, count.duplicates) == (2, 2, 0, 1)
    assert len(found.events["O1"]) == 1


def test_versions_that_differ_but_share_recorded_and_revision_are_all_rejected() -> None:
    found = read(violations__csv="id,party,fine,revision\nV1,O1,1,0\nV1,O1,1,0\nV1,O1,2,0\nV1,O1,3,1\n")
    assert [(each.record, each.code) for each in found.rejects] == [
        (each, "conflicting_versions") for each in (1, 2, 3)
    ]
    assert [getattr(event, "fine", None) for event in found.events["O1"]] == [3]


def test_versions_without_a_day_of_recording_are_counted() -> None:
    found = read(violations__csv="id,party,recorded\nV1,O1,\nV2,O1,2024-01-01\n")
    assert found.without_recorded == 3  # V1 and the two operators


def test_a_kind_without_a_table_is_absent_and_one_with_a_table_is_complete() -> None:
    coverage = read().coverage
    assert coverage["inspection"] == "absent"
    assert "violation" not in coverage


def test_coverage_says_from_which_day_a_table_is_complete() -> None:
    found = read(coverage__yaml="violation: {from: 2024-01-01}\n")
    assert found.coverage["violation"] == date(2024, 1, 1)
    assert found.dossier("O1").coverage == found.coverage


def test_a_kind_without_a_table_stays_absent_whatever_is_stated() -> None:
    assert read(coverage__yaml="honour: {from: 2024-01-01}\n").coverage["honour"] == "absent"


ANNOUNCED = "extra_columns: {violation: [pushed, unpublished], persons: [born]}\n"
WITH_EXTRA = "id,party,decided,pushed\nV1,O1,2024-03-15,2024-04-01\n"


def test_an_announced_column_is_left_out_and_named_where_the_policy_does_not_declare_it() -> None:
    found = read(coverage__yaml=ANNOUNCED, violations__csv=WITH_EXTRA)
    assert found.columns_not_read == {"violations.csv": ("pushed",)}
    assert found.events["O1"][0].extra == {}
    assert found.rejects == ()


def test_an_announced_column_is_read_where_the_policy_declares_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, coverage__yaml=ANNOUNCED, violations__csv=WITH_EXTRA)
    found = read_folder(folder, {"violation": {"pushed": DATE}}, ())
    assert found.columns_not_read == {}
    assert found.events["O1"][0].extra == {"pushed": date(2024, 4, 1)}


def test_announced_keys_of_json_lines_are_left_out_and_named_if_they_are_there() -> None:
    lines = '{"id": "V1", "party": "O1", "pushed": "2024-04-01"}\n{"id": "V2", "party": "O1", "pusht": 1}\n'
    found = read(coverage__yaml=ANNOUNCED, violations__csv=None, violations__jsonl=lines)
    assert found.columns_not_read == {"violations.jsonl": ("pushed",)}
    assert [each.message for each in found.rejects] == ["no such column: 'pusht'"]
    assert [event.id for event in found.events["O1"]] == ["V1"]


def test_a_column_that_nobody_announced_still_stops_the_run() -> None:
    with pytest.raises(InputError, match="no such column: 'pusht'"):
        read(coverage__yaml=ANNOUNCED, violations__csv="id,party,pusht\nV1,O1,\n")
    with pytest.raises(InputError, match="no such column: 'born'"):  # announced for another table
        read(coverage__yaml=ANNOUNCED, violations__csv="id,party,born\nV1,O1,\n")


def test_a_table_of_a_kind_that_only_other_policies_know_may_be_announced() -> None:
    found = read(coverage__yaml="extra_columns: {lottery: [prize]}\n", lottery__csv="id,prize\n1,2\n")
    assert found.ignored == ("lottery.csv",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("extra_columns: [pushed]\n", "coverage.yaml:1:1: wrong_type: \\['pushed'\\] names no columns by table"),
        ("extra_columns:\n  violation: pushed\n", "coverage.yaml:2:3: wrong_type: 'pushed' is no list of columns"),
        ("extra_columns:\n  violation: [1]\n", "coverage.yaml:2:3: wrong_type: .* is no list of columns"),
        ("extra_columns:\n  violatoin: [a]\n", "coverage.yaml:2:3: unknown_table: no table is called 'violatoin'"),
    ],
)
def test_a_bad_announcement_has_a_place_and_a_hint(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(coverage__yaml=text)
    assert all(problem.hint for problem in caught.value.problems)


def test_identifiers_that_look_wrong_are_flags_and_never_rejects() -> None:
    table = "id,credit_code,region,licences\nO1,91310000MA1K000019,310115,\nO2,91310000MA1K000018,999,JY123\n"
    found = read(operators__csv=table)
    assert found.rejects == ()
    assert found.flags == {"credit_code_check": 1, "licence_length": 1, "unknown_region": 1}


def test_every_file_that_was_read_has_its_hash() -> None:
    found = read(coverage__yaml="violation: {from: 2024-01-01}\n")
    assert sorted(found.hashes) == ["coverage.yaml", "operators.csv", "violations.csv"]
    assert all(len(each) == 64 for each in found.hashes.values())


def test_a_table_of_an_unknown_kind_is_left_out_and_named() -> None:
    found = read(lottery__csv="id\n1\n", notes__txt="not a table")
    assert found.ignored == ("lottery.csv", "notes.txt")


@pytest.mark.parametrize(
    "name", ["VIOLATIONS.CSV", "violations.CSV", "violation.tsv", "violations.xlsx", "Violations.csv"]
)
def test_a_file_called_as_a_table_is_but_not_read_stops_the_run(tmp_path: Path, name: str) -> None:
    (tmp_path / "operators.csv").write_text("id\nO1\n")
    (tmp_path / "inspections.csv").write_text("id,party\n")
    (tmp_path / name).write_text("id,party\nV1,O1\n")
    with pytest.raises(InputError, match="unknown_table"):
        read_folder(tmp_path, {}, ("violation", "inspection"))


def test_a_table_of_events_may_be_called_by_its_kind_or_in_the_plural() -> None:
    table = "id,party\nV1,O1\n"
    assert read(violations__csv=None, violation__csv=table).events == read(violations__csv=table).events


def test_a_party_that_is_not_there_has_no_dossier() -> None:
    with pytest.raises(
        QuestionError, match="unknown_party: no operator or person has the id 'O11'\n    hint: did you mean"
    ):
        read().dossier("O11")


@pytest.mark.parametrize(
    "write", [lambda text: text.replace("\n", "\r\n"), lambda text: text + "\n\n", lambda text: text[:-1]]
)
def test_line_ends_and_blank_lines_change_nothing(write: Callable[[str], str]) -> None:
    table = "id,party,document\nV1,O1,a\nV2,O1,b\n"
    assert read(violations__csv=write(table)).events == read(violations__csv=table).events


def test_a_header_in_any_order_reads_the_same() -> None:
    assert (
        read(violations__csv="fine,party,id\n1,O1,V1\n").events
        == read(violations__csv="id,fine,party\nV1,1,O1\n").events
    )


def test_a_relation_of_an_undeclared_kind_is_rejected_where_the_kinds_are_known(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, relations__csv="id,kind,source,target\nR1,friend,O1,O2\n")
    assert [each.code for each in read_folder(folder, {}, (), None, {"branch"}).rejects] == ["unknown_code"]
    assert read_folder(folder, {}, ()).rejects == ()


def test_a_column_that_another_policy_declares_is_an_error_with_a_hint(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, operators__csv="id,seats\nO1,12\n")
    with pytest.raises(InputError, match=r"operators\.csv: unknown_column: no such column: 'seats'"):
        read_folder(folder, {}, ())
