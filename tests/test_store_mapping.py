"""A mapped folder that was read by columns says what the row reader says, or leaves all of it to the row reader."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from credit_engine.files import store_mapping, store_preparing
from credit_engine.files.input import Input
from credit_engine.files.mappings import load_mapping, load_mapping_text
from credit_engine.files.store import open_folder
from credit_engine.files.store_preparing import prepare_store
from credit_engine.files.tables import read_folder
from shares import one_in
from test_mappings import RISK
from test_store_columns import KINDS, RELATION_KINDS, assert_same, outcome
from test_tables import DECLARED

SHOPS = ("no", "name", "owner", "opened")
VISITS = ("shop", "day", "kind", "mark", "fine")
IDS = ["S1", "S2", "S3", "S/4", "S~5"]
PLAIN = {
    "no": IDS,
    "shop": IDS,
    "owner": ["", "P1", "P2", "P3"],
    "name": ["Tea", "Tea, Ltd", "茶店", "x" * 30],
    "opened": ["", "01/02/2020", "12/31/2019"],
    "day": ["20240105", "20240106"],
    "kind": ["Routine", "Re/check", "n/a"],
    "mark": ["", "90", "90.5"],
    "fine": ["", "12", "0.5", "-"],
}
ODD = [" S1", "S1 ", "\u3000", '"', "a\nb", "2024-02-30", "~", "//", "\x1c", "S9", "1e9", "-3", "é\u2028"]
TABLES = """mapping: drawn
tables:
  - {table: operators, file: "shops.csv*", id: [no], columns: {name: name, registered: opened}, dates: [MM/dd/yyyy]}
  - {table: operators, file: visits.csv, id: [shop], only_new: true}
"""
PERSONS = """  - table: persons
    file: "shops.csv*"
    id: [owner]
    skip: [{column: owner, empty: true, reason: no owner}, {column: no, is: [S1], reason: ours}]
"""
RELATIONS = """  - table: relations
    file: "shops.csv*"
    id: [owner, no]
    columns: {source: owner, target: no}
    constants: {kind: branch, since: "2019-01-01"}
    skip: [{column: owner, empty: true, reason: no owner}, {column: no, is: [S1], reason: ours}]
"""
VISIT = """  - table: inspection
    file: visits.csv
    id: %(id)s
    columns: {party: shop, occurred: day, score: mark, type: kind}
    dates: [yyyyMMdd]
    codes: {type: {Routine: routine, Re/check: special, "n/a": null}}
"""
FINES = """  - table: violation
    file: visits.csv
    id: %(id)s
    columns: {party: {first: [shop, kind]}, decided: day, fine: fine}
    constants: {standing: final, fields_of: "1"}
    dates: [yyyyMMdd]
    money: yuan
    nulls: ["-"]
    repeats: true
    skip: [{column: kind, not: [Routine, "n/a"], reason: another kind}]
""".replace(', fields_of: "1"', "")
KEYS = ["[shop, day, kind]", "line", "[shop, line]", "[{first: [kind, shop]}, day]"]


def text_of(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([header, *rows])
    return written.getvalue()


@st.composite
def rows_of(draw: st.DrawFn, header: Sequence[str], key: int) -> list[list[str]]:
    """Rows whose cells are plain and whose first ones, the `key`, differ or come with the same others, nearly always."""
    cells = st.tuples(*(st.sampled_from(PLAIN[name]) for name in header))
    found = draw(st.lists(cells, min_size=1, max_size=8, unique_by=lambda row: row[:key]))
    rows = [*map(list, found), *map(list, draw(st.lists(st.sampled_from(found), max_size=2)))]
    if draw(st.integers(0, 7)) == 7:
        draw(st.sampled_from(rows))[draw(st.integers(0, len(header) - 1))] = draw(st.sampled_from([*ODD, *IDS]))
    return rows


@st.composite
def mappings(draw: st.DrawFn) -> str:
    key = draw(st.sampled_from(KEYS))
    optional = [part for part in (PERSONS, RELATIONS) if draw(st.booleans())]
    return "".join(
        [TABLES, *optional, *(part % {"id": key} for part in (VISIT, FINES) if draw(st.booleans()) or part is VISIT)]
    )


def prepared(folder: Path, out: Path, mapping: str, *, by_columns: bool = False) -> Input | str:
    chosen = load_mapping_text(mapping)

    def make() -> Input:
        prepare_store(folder, out, DECLARED, KINDS, chosen, relation_kinds=RELATION_KINDS)
        return open_folder(out, DECLARED, KINDS)

    with pytest.MonkeyPatch.context() as patch:
        if by_columns:
            patch.setattr(store_preparing, "read_folder", _not_asked)
        return outcome(make)


def _not_asked(*_given: object) -> None:
    pytest.fail("the row reader was asked")


@one_in(25)
@given(rows_of(SHOPS, 1), rows_of(VISITS, 3), mappings())
def test_reading_a_mapped_folder_by_columns_is_reading_it_by_rows(
    shops: list[list[str]], visits: list[list[str]], mapping: str
) -> None:
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        folder, chosen = Path(place) / "in", load_mapping_text(mapping)
        folder.mkdir()
        (folder / "shops.csv").write_text(text_of(SHOPS, shops), encoding="utf-8")
        (folder / "visits.csv").write_text(text_of(VISITS, visits), encoding="utf-8")
        gathered = list[object]()

        def kept(*given_: object) -> object:
            gathered.append(store_mapping.gather_mapped(*given_))  # type: ignore[arg-type]  # as it is given
            return gathered[-1]

        patch.setattr(store_preparing, "gather_mapped", kept)
        found = prepared(folder, Path(place) / "store", mapping)
        event(f"by columns: {bool(gathered and gathered[-1] is not None)}")
        by_rows = outcome(lambda: read_folder(folder, DECLARED, KINDS, chosen, relation_kinds=RELATION_KINDS))
        assert_same(found, by_rows)


SOME = text_of(
    SHOPS, [["S1", "Tea, Ltd", "P1", "01/02/2020"], ["S2", "Tea", "P1", ""], ["S1", "Tea, Ltd", "P2", "01/02/2020"]]
)
SOME_VISITS = text_of(VISITS, [["S1", "20240105", "Routine", "90", "12"], ["S3", "20240105", "Re/check", "", "-"]] * 2)


def test_cells_with_quotation_marks_repeats_skips_and_parties_of_other_files_are_read_by_columns(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "shops.csv").write_text(SOME, encoding="utf-8")
    (folder / "visits.csv").write_text(SOME_VISITS, encoding="utf-8")
    mapping = "".join([TABLES, PERSONS, VISIT % {"id": "[shop, day, kind]"}, FINES % {"id": "[shop, day, kind]"}])
    found = prepared(folder, tmp_path / "store", mapping, by_columns=True)
    assert not isinstance(found, str)
    assert_same(found, read_folder(folder, DECLARED, KINDS, load_mapping_text(mapping), RELATION_KINDS))
    assert list(found.parties) == ["P1", "S1", "S2", "S3"]
    assert [each.id for each in found.events["S1"]] == [
        "S1/20240105/Routine",
        "S1/20240105/Routine",
        "S1/20240105/Routine~2",
    ]


def test_one_doubtful_cell_leaves_the_folder_to_the_row_reader(tmp_path: Path) -> None:
    folder, chosen = tmp_path / "in", load_mapping("sf-restaurants")
    folder.mkdir()
    (folder / "businesses.csv").write_text("business_id,name,application_date,owner_id\n1,A,02/30/2020,\n2,B,,\n")
    (folder / "inspections.csv").write_text("business_id,Score,date,type\n2,90,20240105,Routine - Unscheduled\n")
    (folder / "violations.csv").write_text("business_id,date,ViolationTypeID,risk_category,description\n")
    prepare_store(folder, tmp_path / "store", RISK, ("finding",), chosen)
    found = open_folder(tmp_path / "store", RISK, ("finding",))
    assert [(each.record, each.code) for each in found.rejects] == [(1, "bad_date")]
    assert_same(found, read_folder(folder, RISK, ("finding",), chosen))
