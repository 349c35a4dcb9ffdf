from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bad_input.folders import folder_of
from credit_engine.errors import InputError
from credit_engine.files.cells import DateForm
from credit_engine.files.mappings import ENTRY_KEYS, load_mapping, load_mapping_text, shipped_mappings
from credit_engine.files.recording import joined
from credit_engine.files.tables import Input, read_folder
from credit_engine.quantities import DECIMAL, one_of
from credit_engine.records import Inspection, Operator, Violation

RISK = {"finding": {"risk": one_of("high", "moderate", "low", "none")}}
OPERATORS = "  - {table: operators, file: t.csv, id: [party], one_per_id: true}\n"


def read(place: Path, entry: str, table: str, encoding: str = "utf-8", **declared: Any) -> Input:  # Any: a field type
    """What one entry makes of a table `t.csv`; its parties are in the column `party`."""
    mapping = load_mapping_text(f"mapping: test\ntables:\n{OPERATORS}  - {entry}\n")
    folder = folder_of(place, operators__csv=None, violations__csv=None, t__csv=table.encode(encoding))
    return read_folder(folder, declared, (), mapping)


def violations(found: Input) -> list[Any]:  # Any: tests ask for fields of violations
    return [event for events in found.events.values() for event in events]


@given(
    st.lists(st.text("a/~", max_size=3), min_size=2, max_size=3),
    st.lists(st.text("a/~", max_size=3), min_size=2, max_size=3),
)
def test_different_parts_never_join_to_the_same_id(one: list[str], other: list[str]) -> None:
    if any(one) and any(other) and one != other:
        assert joined(one) != joined(other)


@given(
    st.dates(),
    st.sampled_from(["yyyy-MM-dd", "yyyyMMdd", "yyyy年M月d日", "MM/dd/yyyy", "yyyy/M/d", "dd.MM.yyyy HH:mm:ss"]),
)
def test_a_day_written_in_a_form_is_read_back(day: date, form: str) -> None:
    parts = {
        "yyyy": f"{day.year:04}",
        "MM": f"{day.month:02}",
        "dd": f"{day.day:02}",
        "HH": "23",
        "mm": "59",
        "ss": "00",
    }
    text = form
    for token, value in parts.items():
        text = text.replace(token, value)
    text = text.replace("M", str(day.month)).replace("d", str(day.day))
    match = DateForm.read(form).pattern.fullmatch(text)
    assert match
    assert date(int(match["year"]), int(match["month"]), int(match["day"])) == day


# --- what an entry can say ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "cell", "value"),
    [
        ("columns: {party: party, fine: x}, money: 万元", "0.500000", 500_000),
        ("columns: {party: party, fine: x}, money: 元", "12.34", 1_234),
        ("columns: {party: party, fine: x}, money: 元", "3 万元", 3_000_000),
        ('columns: {party: party, fine: x}, nulls: ["— —", 无]', "— —", None),
        ('columns: {party: party, fine: x}, nulls: {fine: ["-1"]}', "-1", None),
        ("columns: {party: party, decided: x}, dates: [yyyy/M/d, yyyy年M月d日]", "2024年3月5日", date(2024, 3, 5)),
        ("columns: {party: party, decided: x}, dates: [yyyyMMdd]", "20240305", date(2024, 3, 5)),
        ("columns: {party: party, heavier: x}, codes: {heavier: {是: true, 否: false}}", "是", True),
        ("columns: {party: party, severity: x}, codes: {severity: {轻: minor, '*': general}}", "别的", "general"),
        ("columns: {party: party, severity: x}, codes: {severity: {轻: minor, 其他: null}}", "其他", None),
        ("columns: {party: party, sequence: x}", "0042", 42),
        ("columns: {party: party, document: x}, prefixes: {document: 'D-'}", "7", "D-7"),
        ("columns: {party: party, document: {first: [empty, x]}}", "7", "7"),
        ("columns: {party: party, document: [x, empty, party]}", "7/8", "7~18//O1"),
        ("columns: {party: party, document: x}, tidy: [x]", " ma1k 甲\uff11 ", "MA1K甲1"),
        ("columns: {party: party, document: y}, aliases: {y: [z, x]}", "7", "7"),
        ("columns: {party: party, document: y}, may_lack: [y]", "7", None),
        ("columns: {party: party}, constants: {document: same}", "7", "same"),
    ],
)
def test_an_entry_says_how_a_cell_is_read(tmp_path: Path, entry: str, cell: str, value: object) -> None:
    found = read(tmp_path, f"{{table: violation, file: t.csv, id: line, {entry}}}", f"party,x,empty\nO1,{cell},\n")
    assert found.rejects == ()
    (violation,) = violations(found)
    fields = [getattr(violation, name) for name in ("fine", "decided", "heavier", "severity", "document")]
    given_ones = [each for each in (*fields, violation.sequence or None) if each is not None]
    assert given_ones == ([] if value is None else [value])


@pytest.mark.parametrize(
    ("cell", "penalties"),
    [
        ("罚款", {"fine"}),
        ("罚款;警告", {"fine", "warning"}),
        ("罚款、没收违法所得、没收非法财物", {"fine", "confiscation"}),
        ("没收违法所得、没收非法财物", {"confiscation"}),
        ("罚款；其他", None),
        ("", None),
    ],
)
def test_a_set_is_split_coded_and_unknown_where_one_code_cannot_be_told(
    tmp_path: Path, cell: str, penalties: set[str] | None
) -> None:
    codes = "{罚款: fine, 警告: warning, 没收违法所得: confiscation, 没收非法财物: confiscation, 其他: null}"
    columns = "columns: {party: party, penalties: x}"
    separators = 'separators: {penalties: [";", "；", "、"]}'
    entry = f"{{table: violation, file: t.csv, id: line, {columns}, codes: {{penalties: {codes}}}, {separators}}}"
    (violation,) = violations(read(tmp_path, entry, f"party,x\nO1,{cell}\n"))
    assert violation.penalties == penalties


def test_a_code_that_the_table_lacks_rejects_the_row(tmp_path: Path) -> None:
    columns = "columns: {party: party, severity: x}"
    entry = f"{{table: violation, file: t.csv, id: line, {columns}, codes: {{severity: {{轻: minor}}}}}}"
    found = read(tmp_path, entry, "party,x\nO1,重\n")
    assert [(each.code, each.record) for each in found.rejects] == [("unknown_code", 1)]
    assert "'重' is not in the code table; known: 轻" in found.rejects[0].message


def test_rows_that_are_skipped_are_counted_by_reason(tmp_path: Path) -> None:
    skips = (
        "{column: x, is: [a, b], reason: not ours}",
        "{column: x, empty: true, reason: no x}",
        "{column: y, not: [k], reason: not k}",
    )
    entry = f"{{table: violation, file: t.csv, id: line, columns: {{party: party}}, skip: [{', '.join(skips)}]}}"
    found = read(tmp_path, entry, "party,x,y\nO1,a,k\nO1,,k\nO1,c,k\nO1,c,m\nO1,b,k\n")
    count = found.counts[-1]
    assert (count.read, count.accepted, count.rejected, count.skipped) == (5, 1, 0, 4)
    assert count.reasons == {"not ours": 2, "no x": 1, "not k": 1}


def test_rows_with_equal_ids_are_different_records_where_the_mapping_says_so(tmp_path: Path) -> None:
    entry = "{table: violation, file: t.csv, id: [party, x], columns: {party: party}, repeats: true}"
    found = read(tmp_path, entry, "party,x\nO1,1\nO1,1\nO1,2\nO1,1\n")
    assert [each.id for each in violations(found)] == ["O1/1", "O1/1~2", "O1/1~3", "O1/2"]


def test_one_file_fills_several_tables_and_a_shared_column_becomes_persons_and_relations(tmp_path: Path) -> None:
    mapping = load_mapping_text("""
mapping: shared
tables:
  - {table: operators, file: t.csv, id: [shop], columns: {name: name}, prefixes: {id: S}}
  - {table: persons, file: t.csv, id: [owner], skip: [{column: owner, empty: true, reason: no owner}]}
  - table: relations
    file: t.csv
    id: [owner, shop]
    columns: {source: owner, target: shop}
    prefixes: {target: S}
    constants: {kind: actual_controller}
    skip: [{column: owner, empty: true, reason: no owner}]
  - {table: inspection, file: t.csv, id: [shop, seen], columns: {party: shop, occurred: seen}, prefixes: {party: S}}
""")
    table = "shop,name,owner,seen\n1,甲,P1,2024-01-01\n2,乙,P1,2024-01-02\n3,丙,,2024-01-03\n"
    found = read_folder(folder_of(tmp_path, operators__csv=None, violations__csv=None, t__csv=table), {}, (), mapping)
    assert list(found.parties) == ["P1", "S1", "S2", "S3"]
    assert [(each.source, each.target) for each in found.relations] == [("P1", "S1"), ("P1", "S2")]
    assert [(each.table, each.accepted, each.skipped) for each in found.counts] == [
        ("operators", 3, 0),
        ("persons", 2, 1),
        ("relations", 2, 1),
        ("inspection", 3, 0),
    ]


def test_operators_that_only_events_name_are_added_where_the_mapping_says_so(tmp_path: Path) -> None:
    mapping = load_mapping_text("""
mapping: late
tables:
  - {table: operators, file: shops.csv, id: [shop], columns: {name: name}}
  - {table: operators, file: t.csv, id: [shop], only_new: true}
  - {table: violation, file: t.csv, id: line, columns: {party: shop}}
""")
    files = {"shops__csv": "shop,name\n1,甲\n", "t__csv": "shop\n1\n2\n2\n1\n"}
    found = read_folder(folder_of(tmp_path, operators__csv=None, violations__csv=None, **files), {}, (), mapping)
    assert [(versions[0].id, versions[0].name) for versions in found.parties.values()] == [("1", "甲"), ("2", None)]
    late = found.counts[1]
    assert (late.read, late.accepted, late.skipped, late.duplicates) == (4, 2, 2, 1)


@pytest.mark.parametrize("turned", [False, True])
def test_of_rows_that_describe_one_operator_one_stands_whatever_their_order(tmp_path: Path, turned: bool) -> None:  # noqa: FBT001
    rows = ["1,甲公司\n", "1,甲有限公司\n", "1,甲公司\n"]
    mapping = load_mapping_text("""
mapping: one
tables:
  - {table: operators, file: t.csv, id: [shop], columns: {name: name}, one_per_id: true}
  - {table: violation, file: t.csv, id: line, columns: {party: shop}}
""")
    table = "shop,name\n" + "".join(reversed(rows) if turned else rows)
    found = read_folder(folder_of(tmp_path, operators__csv=None, violations__csv=None, t__csv=table), {}, (), mapping)
    assert found.parties["1"][0].name == "甲公司"
    assert (found.counts[0].accepted, found.counts[0].skipped) == (2, 1)


def test_several_findings_in_one_cell_become_several_records(tmp_path: Path) -> None:
    packed = '{column: x, items: [";", "；"], parts: ["|", "║"], names: [item, value], count: n, each: true}'
    columns = "columns: {party: party, hazard: item, items_failed: n}"
    entry = f"{{table: inspection, file: t.csv, id: [party, $line, $piece], {columns}, packed: {packed}}}"
    found = read(tmp_path, entry, "party,x\nO1,lead|5; mould║7\nO1,\n")
    events = [event for event in found.events["O1"] if isinstance(event, Inspection)]
    said = [(event.id, event.hazard, event.items_failed) for event in events]
    assert said == [("O1/1/1", "lead", 2), ("O1/1/2", "mould", 2)]
    count = found.counts[-1]
    assert (count.read, count.accepted, count.skipped, count.reasons) == (3, 2, 1, {"nothing in x": 1})


def test_a_file_may_have_its_header_further_down_and_another_delimiter(tmp_path: Path) -> None:
    mapping = load_mapping_text("""
mapping: form
tables:
  - {table: operators, file: t.csv, id: [party], header_line: 3, delimiter: ";"}
  - {table: violation, file: t.csv, id: line, columns: {party: party, fine: fine}, header_line: 3, delimiter: ";"}
""")
    table = "A table of fines\nprinted 2024\nparty;fine\nO1;500\n"
    found = read_folder(folder_of(tmp_path, operators__csv=None, violations__csv=None, t__csv=table), {}, (), mapping)
    assert [event.fine for event in violations(found)] == [500]


def test_a_mapping_reads_jsonl_and_leaves_other_keys_alone(tmp_path: Path) -> None:
    mapping = load_mapping_text("""
mapping: lines
tables:
  - {table: operators, file: "*.jsonl", id: [shop], one_per_id: true}
  - {table: violation, file: "*.jsonl", id: line, columns: {party: shop, fine: amount}, money: yuan}
""")
    lines = '{"shop": "1", "amount": "12.5", "more": {"x": 1}}\n'
    found = read_folder(folder_of(tmp_path, operators__csv=None, violations__csv=None, t__jsonl=lines), {}, (), mapping)
    assert [event.fine for event in violations(found)] == [1_250]


def test_whole_numbers_may_be_ids_in_a_mapping(tmp_path: Path) -> None:
    mapping = load_mapping_text("""
mapping: numbers
tables:
  - {table: operators, file: t.jsonl, id: [shop], one_per_id: true}
  - {table: violation, file: t.jsonl, id: [shop, no], columns: {party: shop, sequence: no}}
""")
    files = {"t__jsonl": '{"shop": 10, "no": 7}\n'}
    found = read_folder(folder_of(tmp_path, operators__csv=None, violations__csv=None, **files), {}, (), mapping)
    assert [(event.id, event.party, event.sequence) for event in found.events["10"]] == [("10/7", "10", 7)]


# --- mappings that are wrong ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mapping: m\n", "m.yaml:1:1: missing_key: 'tables' is missing"),
        ("mapping: m\ntables: []\n", "m.yaml:2:1: wrong_type: `tables` is a list of tables"),
        ("mapping: m\ntables: [1]\n", "m.yaml:2:10: wrong_type: a table is a mapping, this is a whole number"),
        ("tables: [{table: x, file: y, id: [z], colums: {}}]", "m.yaml:1:39: unknown_key: no such key: 'colums'"),
        ("tables: [{table: x, file: y}]", "missing_key: 'id' is missing"),
        ("tables: [{table: x, file: y, id: [z], money: dollars}]", "bad_money: no unit of money: 'dollars'"),
        ("tables: [{table: x, file: y, id: [z], dates: [yyyy-dd]}]", "bad_date_form: 'yyyy-dd'"),
        ("tables: [{table: x, file: y, id: [z], encoding: klingon}]", "bad_encoding: no encoding 'klingon'"),
        ("tables: [{table: x, file: y, id: [z], delimiter: ';;'}]", "a delimiter is one character"),
        ("tables: [{table: x, file: y, id: [z], header_line: 0}]", "`header_line` is the number of a line"),
        ("tables: [{table: x, file: y, id: [z], repeats: 1}]", "repeats is true or false"),
        ("tables: [{table: x, file: y, id: [z], skip: [{column: a, reason: b}]}]", "say one of `is`, `not` or `empty`"),
        ("tables: [{table: x, file: y, id: [z], columns: {a: {last: [b]}}}]", "unknown_key: no such key: 'last'"),
        ("mapping: m\ntables: !!python/object:os.system [x]\n", "tag_refused"),
    ],
)
def test_a_wrong_mapping_is_refused_with_place_and_code(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_mapping_text(text if text.startswith("mapping") else f"{text}\nmapping: m\n", "m.yaml")
    assert message in str(caught.value)


def test_all_problems_of_a_mapping_are_found_at_once() -> None:
    with pytest.raises(InputError) as caught:
        load_mapping_text("mapping: m\ntables: [{table: x, money: dollars, dates: [x], delimiter: ''}]\n")
    assert caught.value.codes == ("missing_key", "missing_key", "bad_money", "bad_date_form", "wrong_type")


def test_a_mapping_that_is_neither_shipped_nor_a_file_is_named() -> None:
    with pytest.raises(
        InputError, match=r"not_found: no mapping 'sf-restaurant': .*\n    hint: did you mean 'sf-restaurants'?"
    ):
        load_mapping("sf-restaurant")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{table: holiday, file: t.csv, id: line}", "unknown_table: the mapping test fills 'holiday'"),
        (
            "{table: violation, file: t.csv, id: line, columns: {party: party, fein: x}}",
            "unknown_field: violation has no field 'fein'\n    hint: did you mean 'fine'?",
        ),
        ("{table: violation, file: u.csv, id: line, columns: {party: party}}", "missing_file: no file 'u.csv'"),
        (
            "{table: violation, file: t.csv, id: line, columns: {party: party, fine: fien}}",
            "t.csv: missing_column: no column 'fien'",
        ),
        (
            "{table: violation, file: t.csv, id: line}",
            "t.csv: missing_column: the table violation needs the column 'party'",
        ),
        (
            "{table: violation, file: t.csv, id: line, columns: {party: party}, packed: {column: y, items: [';']}}",
            "t.csv: missing_column: no column 'y'",
        ),
    ],
)
def test_a_mapping_that_does_not_fit_folder_or_policy_is_refused(tmp_path: Path, entry: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, entry, "party,fine\nO1,1\n")
    assert message in str(caught.value)


def test_a_file_that_may_be_missing_leaves_its_kind_absent(tmp_path: Path) -> None:
    mapping = load_mapping_text("""
mapping: some
tables:
  - {table: operators, file: t.csv, id: [party]}
  - {table: violation, file: t.csv, id: line, columns: {party: party}}
  - {table: inspection, file: visits*.csv, id: line, columns: {party: party}, optional: true}
""")
    found = read_folder(
        folder_of(tmp_path, operators__csv=None, violations__csv=None, t__csv="party\nO1\n"), {}, (), mapping
    )
    assert found.coverage["inspection"] == "absent"


def test_the_reference_names_every_key_and_its_examples_can_be_read() -> None:
    text = (Path(__file__).parents[1] / "docs" / "reference" / "mappings.md").read_text(encoding="utf-8")
    assert [key for key in ENTRY_KEYS if f"| `{key}` |" not in text] == []
    examples = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if block.startswith("mapping:")]
    assert [load_mapping_text(example).name for example in examples] == ["city-penalties", "owners"]


# --- shipped mappings -----------------------------------------------------------------------------------------


def test_these_mappings_are_shipped() -> None:
    assert shipped_mappings() == ("sampling-results", "sf-restaurants", "shuanggongshi-2016", "shuanggongshi-2018")


@pytest.mark.parametrize("name", shipped_mappings())
def test_a_shipped_mapping_is_called_by_its_file(name: str) -> None:
    assert load_mapping(name).name == name


def test_san_francisco_gives_operators_owners_visits_and_findings(tmp_path: Path) -> None:
    files = {
        "businesses__csv": "business_id,name,application_date,owner_id\n1,A,11/29/2000,O1\n2,B,,\n",
        "inspections__csv": "business_id,Score,date,type\n1,93,20140114,Routine - Unscheduled\n9,,20140115,Complaint\n",
        "violations__csv": (
            "business_id,date,ViolationTypeID,risk_category\n"
            "1,20140114,103,High Risk\n1,20140114,103,High Risk\n1,20140114,104,N/A\n"
        ),
    }
    found = read_folder(
        folder_of(tmp_path, operators__csv=None, **files), RISK, RISK, load_mapping("sf-restaurants"), {"owner"}
    )
    assert found.rejects == ()
    assert list(found.parties) == ["1", "2", "9", "O1"]
    assert found.parties["1"] == (Operator(id="1", name="A", registered=date(2000, 11, 29)),)
    assert [(each.kind, each.source, each.target) for each in found.relations] == [("owner", "O1", "1")]
    risks = [event.extra["risk"] for event in found.events["1"] if event.kind == "finding"]
    assert risks == ["high", "high", "none"]


DOUBLE_PUBLICITY = (
    "CF_XDR_MC,CF_XDR_LB,CF_XDR_SHXYM,CF_XDR_GSZC,CF_FRDB,CF_WSH,CF_WFXW,CF_YJ,CF_CFLB,"
    "CF_NR_FK,CF_NR_WFFF,CF_JDRQ,CF_CFJG\n"
    "甲公司,法人及非法人组织,91310000ma1k000019 ,/,张三,沪市监罚〔2024〕1号,无证经营,食品安全法,"
    "罚款;没收违法所得、没收非法财物,0.500000,0.1,2024/3/5,甲局\n"
    "李四,自然人,,,,沪市监罚〔2024〕2号,无证经营,食品安全法,警告,,,2024年3月6日,甲局\n"
    "乙店,个体工商户,— —,310100600001,无,沪市监罚〔2024〕3号,x,y,罚款、其他,1,,2024-03-07,甲局\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_published_penalties_of_2018_give_parties_decisions_and_amounts_in_fen(tmp_path: Path, encoding: str) -> None:
    folder = folder_of(tmp_path, operators__csv=None, violations__csv=None, t__csv=DOUBLE_PUBLICITY.encode(encoding))
    found = read_folder(folder, {}, (), load_mapping("shuanggongshi-2018"))
    assert found.rejects == ()
    company, shop, person = (
        found.events[party][0] for party in ("91310000MA1K000019", "310100600001", "沪市监罚〔2024〕2号/李四")
    )
    assert isinstance(company, Violation)
    assert (company.fine, company.confiscated, company.decided) == (500_000, 100_000, date(2024, 3, 5))
    assert company.penalties == frozenset({"fine", "confiscation"})
    assert isinstance(shop, Violation)
    assert (shop.fine, shop.penalties) == (1_000_000, None)  # 其他 does not say what
    assert isinstance(person, Violation)
    assert person.penalties == frozenset({"warning"})
    assert [(each.source, each.target) for each in found.relations] == [
        ("91310000MA1K000019/张三", "91310000MA1K000019")
    ]
    assert found.flags == {}


def test_published_penalties_of_2016_tell_revoked_decisions(tmp_path: Path) -> None:
    table = (
        "CF_WSH,CF_CFLB1,CF_SY,CF_XDR_MC,CF_XDR_SHXYM,CF_FR,CF_JDRQ,CF_XZJG,CF_ZT\n"
        "1号,罚款,过期食品,甲公司,91310000MA1K000019,张三,2017/3/5,甲局,0\n"
        "2号,警告,过期食品,甲公司,91310000MA1K000019,张三,2017/4/5,甲局,1\n"
    )
    found = read_folder(
        folder_of(tmp_path, operators__csv=None, violations__csv=None, t__csv=table),
        {},
        (),
        load_mapping("shuanggongshi-2016"),
    )
    assert found.rejects == ()
    assert [event.standing for event in found.events["91310000MA1K000019"]] == ["found", "withdrawn"]


def test_a_failed_sample_belongs_to_the_trader_the_maker_and_who_ordered_it(tmp_path: Path) -> None:
    table = (
        "抽样编号,标称生产企业名称,被抽样单位名称,食品名称,生产日期/批号,公告日期,不合格项目‖检验结果‖标准值\n"
        "SC1,委托方：甲公司；受托方：乙公司,丙超市,豆干,2024-01-01,2024/2/1,"
        "菌落总数‖5×10^4‖≤10^4;苯甲酸‖0.5 g/kg‖不得使用\n"
        "SC2,/,丁饭店,面条,/,2024/2/1,铝的残留量‖120‖≤100\n"
        "SC3,戊厂,戊厂,糕点,/,2024/2/1,霉菌‖120‖≤100\n"
    )
    folder = folder_of(tmp_path, operators__csv=None, violations__csv=None, t__csv=table)
    found = read_folder(folder, {"inspection": {"weight": DECIMAL}}, (), load_mapping("sampling-results"))
    assert found.rejects == ()
    assert set(found.parties) == {"甲公司", "乙公司", "丙超市", "丁饭店", "戊厂"}
    for party in ("甲公司", "乙公司", "丙超市"):
        (event,) = found.events[party]
        assert isinstance(event, Inspection)
        assert (event.type, event.result, event.items_failed, event.hazard) == (
            "sampling",
            "fail",
            2,
            "菌落总数;苯甲酸",
        )
    assert len(found.events["戊厂"]) == 1  # trader and maker in one: one sample, one event
