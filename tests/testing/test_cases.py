"""Policy tests as written: what a file may say, what a matrix makes of a case, and what every slip is told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_engine.assessing.assess import assess
from credit_engine.errors import PolicyError
from credit_engine.policy.files import read_text
from credit_engine.policy.load import Policy, read_policy
from credit_engine.testing.case_matrix import MOST_CHARACTERS, MOST_NODES
from credit_engine.testing.cases import Case, read_cases
from credit_engine.testing.running import judge

POLICY = """
policy: town
title: {zh: 镇, en: Town}
sources: {law: {title: Law, rank: law, in_force: {from: 2000-01-01}}}
score: {start: 100, rules: [{rule: fine, title: {zh: 罚, en: Fine}, each: violation, where: {fine: {at_least: 500 yuan}}, deduct: 10, basis: [law]}]}
grades: {order: [A, B], rows: [{grade: A, when: {score: {at_least: 95}}}, {grade: B}]}
"""
CASE = """\
- name: A fine
  day: 2026-06-30
  events: [{violation: {id: V1, decided: 2026-01-01, fine: 500 yuan}}]
  expect: {score: 90}
"""
END = "  expect: {score: 90}\n"


@pytest.fixture(scope="module")
def policy() -> Policy:
    return read_policy(read_text(POLICY, "town/policy.yaml"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "case.yaml"


def cases(file: Path, text: str) -> list[Case]:
    file.write_text(text, encoding="utf-8")
    return read_cases(file)


def problems(file: Path, text: str) -> list[str]:
    """What is told of a file that cannot be read, without the folder."""
    with pytest.raises(PolicyError) as refused:
        cases(file, text)
    return [str(problem).replace(f"{file.parent}/", "") for problem in refused.value.problems]


# --- slips ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (END, "", "1:3: missing_key: 'A fine' expects nothing\n    hint: add `expect: {score: ...}`"),
        ("{score: 90}", "", "5:1: wrong_type: expect is a mapping, this is nothing\n    hint: expect: {score: 80}"),
        ("{score: 90}", "{}", "4:11: wrong_type: expect names nothing"),
        ("{score: 90}", "A", "4:11: wrong_type: expect is a mapping, this is 'A'"),
        (
            END,
            f"{END}  expect_error: unknown_event\n",
            "5:3: wrong_type: 'A fine' has expect and expect_error\n    hint: a case has",
        ),
        (
            "  day:",
            "   day:",
            "2:7: bad_yaml: a `:` where no key can stand\n    hint: put the text in quotes, or mend the",
        ),
        (
            "  expect",
            "expect",
            "4:1: bad_yaml: this line does not fit the lines above it\n    hint: begin what belongs",
        ),
        ("  day", "\tday", "2:1: bad_yaml: a tab stands where a word must begin\n    hint: indent with spaces"),
        ("day: ", "day:", "3:3: bad_yaml: a key without `: value`\n    hint: write `key: value`, with a space after"),
        ("A fine", "A fine: two", "1:15: bad_yaml: a `:` where no key can stand\n    hint: put the text in quotes"),
        ("2026-06-30", "2026-02-30", "2:8: bad_date: there is no day '2026-02-30'\n    hint: write year-month-day"),
        (
            "2026-06-30",
            "30.6.2026",
            "2:8: wrong_type: day is a date, this is '30.6.2026'\n    hint: write year-month-day",
        ),
        ("2026-06-30", '"2026-06-30"', "without quotes, day: 2026-06-30"),
        ("  day: 2026-06-30\n", "", "1:3: missing_key: a case has a `day`\n    hint: day: 2026-06-30"),
        (
            "expect: {score: 90}",
            "score: 90",
            "4:3: unknown_key: a case has no 'score'\n    hint: write it below `expect`",
        ),
        ("expect", "expects", "4:3: unknown_key: a case has no 'expects'\n    hint: did you mean 'expect'?"),
        ("name: A fine", "says: A fine", "1:3: missing_key: a case has no `name`\n    hint: - name: A sentence"),
        ("A fine", "3", "1:9: missing_key: a case has a `name` that is a whole number"),
        ("A fine", '" "', "a case has a `name` that is text"),
        ("[{violation", "[3, {violation", "3:12: wrong_type: events is a list of mappings, this is a whole number"),
        (END, "  expect_error: []\n", "4:17: wrong_type: expect_error is a problem code, or a list of them"),
        (CASE, "- A fine\n", "1:3: missing_key: a case is a mapping with a `name`, this is text"),
        (CASE, CASE[2:].replace("\n  ", "\n"), "1:1: wrong_type: a test file is a list of cases, this is one mapping"),
        (CASE, "", "1:1: wrong_type: a test file is a list of cases, this is nothing\n    hint: - {name: "),
        (CASE, "cases: []\n", "1:8: wrong_type: a test file is a list of cases, this is nothing"),
        (
            CASE,
            f"default: {{}}\ncases:\n{CASE}",
            "1:1: unknown_key: a test file has no 'default'\n    hint: did you mean",
        ),
        (
            CASE,
            f"defaults: 3\ncases:\n{CASE}",
            "1:11: wrong_type: defaults are keys with values, this is a whole number",
        ),
        (CASE, f"{CASE}---\n{CASE}", "1:1: several_documents: 2 documents in one file"),
    ],
)
def test_a_slip_in_the_form_is_told_with_its_place_and_what_to_do(
    right: str, wrong: str, said: str, file: Path
) -> None:
    assert CASE.count(right) == 1
    told = problems(file, CASE.replace(right, wrong))
    assert len(told) == 1
    assert told[0].startswith("case.yaml:")
    assert said in told[0]
    assert "    hint: " in told[0]


def test_two_cases_of_one_name_are_told_with_both_places(file: Path) -> None:
    (told,) = problems(file, CASE + CASE)
    assert told.startswith("case.yaml:5:3: duplicate_key: two cases are called 'A fine', the first at ")
    assert "case.yaml:1:3\n    hint: " in told


def test_all_slips_of_a_file_are_told_at_once(file: Path) -> None:
    told = problems(file, CASE.replace("day:", "dya:") + CASE.replace("A fine", "Another").replace(END, ""))
    assert [line.split(": ")[1] for line in told] == ["unknown_key", "missing_key", "missing_key"]


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("{score: 90}", "{grade: a}", "4:19: unknown_label: no grade 'a'\n    hint: known: A, B, unknown"),
        ("{score: 90}", "{grades: [A]}", "4:20: wrong_type: grades is a mapping of scales, this is a list\n    hint: grades:"),
        ("{score: 90}", "{indicators: 3}", "4:24: wrong_type: indicators is a mapping of indicators"),
        ("{score: 90}", "{possible: A}", "4:22: wrong_type: possible is a list of labels, this is text"),
        ("{score: 90}", "{reasons: [fine]}", "4:21: wrong_type: reasons is a list of mappings\n    hint: reasons: [{rule: "),
        ("decided", "decidde", "3:33: unknown_field: 'A fine': violation has no field 'decidde'\n    hint: did you mean 'decided'?"),
        ("violation", "violaton", "3:12: unknown_kind: 'A fine': no kind of event 'violaton'\n    hint: did you mean 'violation'?"),
        ("id: V1, ", "", "3:24: missing_key: 'A fine': violation has no id\n    hint: write id: "),
        ("{violation: {id: V1, decided: 2026-01-01, fine: 500 yuan}}", "{id: V1}", "an event needs its kind\n    hint: write the kind"),
        ("500 yuan", "500.5", "3:60: bad_money: 'A fine': fine: 500.5 is not a money\n    hint: write text with a unit"),
        ("500 yuan", "500 rmb", "3:60: bad_money: 'A fine': fine: '500 rmb' is not an amount of money\n    hint: write the unit"),
        ("[{viol", "[{violation: {id: V1}}, {viol", "1:3 (V1): conflicting_versions: "),
        (END, f"{END}  operator: {{region: 310000}}\n", "5:22: bad_text: 'A fine': region: 310000 is not text\n    hint: put it in quotes"),
    ],
)  # fmt: skip
def test_a_slip_in_a_fact_is_a_bad_test_with_its_place(
    right: str, wrong: str, said: str, file: Path, policy: Policy
) -> None:
    assert CASE.count(right) == 1
    (case,) = cases(file, CASE.replace(right, wrong))
    told, *_ = judge(case, lambda: policy, assess).differences
    assert told.startswith("bad test: ")
    assert f"case.yaml:{said}" in told or said in told


def test_a_line_with_a_key_that_lines_do_not_have_is_told_so(file: Path, policy: Policy) -> None:
    (case,) = cases(file, CASE.replace("{score: 90}", "{reasons: [{rule: fine, point: -10}]}"))
    assert judge(case, lambda: policy, assess).differences == (
        "reasons: expected [{rule: fine, point: -10}], got [{rule: fine}]",
        "reasons: a line has no point; did you mean 'points'?",
    )


def test_an_error_that_is_expected_and_does_not_come_is_told(file: Path, policy: Policy) -> None:
    (case,) = cases(file, CASE.replace("expect: {score: 90}", "expect_error: [unknown_event, other]"))
    outcome = judge(case, lambda: policy, assess)
    assert outcome.differences == ("expected the problem other, unknown_event, got an answer",)
    (case,) = cases(file, CASE.replace("expect: {score: 90}", "event: V9\n  expect_error: unknown_event"))
    assert judge(case, lambda: policy, assess).passed


# --- defaults ---------------------------------------------------------------------------------------------------


def test_a_slip_in_the_defaults_has_the_place_of_the_defaults(file: Path) -> None:
    text = "defaults:\n  day: tomorrow\ncases:\n  - {name: one, expect: {score: 90}}\n  - {name: two, expect: {score: 90}}\n"
    assert [told.split("\n")[0] for told in problems(file, text)] == [
        "case.yaml:2:8: wrong_type: day is a date, this is 'tomorrow'"
    ]


# --- matrix -----------------------------------------------------------------------------------------------------

MATRIX = """\
- name: "A fine of {fine} leaves {score} points"
  matrix: [{fine: 499.99 yuan, score: 100}, {fine: 500 yuan, score: 90}]
  day: 2026-06-30
  events: [{violation: {id: V1, decided: 2026-01-01, fine: "{fine}"}}]
  expect: {score: "{score}"}
"""


def test_each_row_of_a_matrix_is_a_case_at_the_place_of_the_row(file: Path, policy: Policy) -> None:
    found = cases(file, MATRIX)
    assert [(case.name, case.place.column) for case in found] == [
        ("A fine of 499.99 yuan leaves 100 points", 12),
        ("A fine of 500 yuan leaves 90 points", 45),
    ]
    assert all(judge(case, lambda: policy, assess).passed for case in found)


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        ("3", 3),
        ("3.50", Decimal("3.50")),
        ("2026-01-01", date(2026, 1, 1)),
        ("true", True),
        ('"3"', "3"),
        ("null", None),
        ("[a, 1]", ["a", 1]),
        ("{a: 1}", {"a": 1}),
    ],
)
def test_a_placeholder_alone_is_the_typed_value(value: str, typed: object, file: Path) -> None:
    text = f'- name: one\n  matrix: [{{it: {value}}}]\n  day: 2026-06-30\n  says: "{{it}}"\n  expect: {{score: 90}}\n'
    (case,) = cases(file, text)
    assert case.content["says"] == typed
    assert type(case.content["says"]) is type(typed) or isinstance(typed, list | dict)


def test_inside_of_text_in_keys_and_in_names_the_value_is_written_out(file: Path) -> None:
    text = '- {name: "{n}", matrix: [{n: 2, day: 2026-01-01, ends: [1, 2]}], day: "{day}", says: "{{{n}}} on {day} {ends}", expect: {indicators: {"fines_{n}y": 1}}}\n'
    (case,) = cases(file, text)
    assert case.name == "2"
    assert case.content["says"] == "{2} on 2026-01-01 [1, 2]"
    assert case.content["expect"] == {"indicators": {"fines_2y": 1}}
    assert case.content["day"] == date(2026, 1, 1)


@given(texts=st.lists(st.text("ab{}", max_size=6), min_size=1, max_size=4))
def test_text_whose_braces_are_doubled_comes_out_as_it_was(
    texts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("matrix") / "case.yaml"
    says = "".join(f'"{text.replace("{", "{{").replace("}", "}}")}", ' for text in texts)
    head = '- {name: "{n}", matrix: [{n: 1}], day: 2026-06-30, expect: {score: 90}'
    (case,) = cases(file, f"{head}, says: [{says}]}}\n")
    assert case.content["says"] == texts


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('fine: "{fine}"', 'fine: "{fin}"', "4:60: unknown_placeholder: a row of the matrix has no 'fin'"),
        ('fine: "{fine}"', "fine: {fine}", '4:60: wrong_type: {fine} without quotes is a mapping, no placeholder\n    hint: write "{fine}"'),
        ("500 yuan, score: 90", "500 yuan", "the row at "),
        ('"{score}"}', "90}", "2 cases"),
        ("100}, ", "100, more: 1}, ", "2:44: unused_column: no text of the case has the column 'more'"),
        ('"A fine of {fine} leaves {score} points"', "A fine", "2:45: duplicate_key: two cases are called 'A fine'"),
        ("[{fine: 499.99 yuan, score: 100}, {fine: 500 yuan, score: 90}]", "[]", "2:11: wrong_type: matrix is a list of rows"),
        ("[{fine: 499.99 yuan, score: 100}, {fine: 500 yuan, score: 90}]", "{fine: 3}", "2:11: wrong_type: matrix is a list of rows"),
        ("day: 2026-06-30", 'day: "{fine}"', "2:19: wrong_type: day is a date, this is '499.99 yuan'"),
    ],
)  # fmt: skip
def test_a_slip_in_a_matrix_is_told_with_its_place(right: str, wrong: str, said: str, file: Path) -> None:
    assert MATRIX.count(right) == 1
    if said == "2 cases":  # a column that only the name uses is used
        assert len(cases(file, MATRIX.replace(right, wrong))) == 2
        return
    assert any(said in told for told in problems(file, MATRIX.replace(right, wrong)))


def test_a_matrix_that_multiplies_is_refused(file: Path) -> None:
    rows = ", ".join(f"{{n: {number}}}" for number in range(2000))
    events = ", ".join(f"{{violation: {{id: V{number}}}}}" for number in range(MOST_NODES // 2000))
    text = f'- {{name: "{{n}}", matrix: [{rows}], day: 2026-06-30, events: [{events}], expect: {{score: 1}}}}\n'
    (told,) = problems(file, text)
    assert "too_big" in told
    many = "{n}" * 2000
    text = f'- {{name: "{many}", matrix: [{{n: {"x" * (MOST_CHARACTERS // 1000)}}}], day: 2026-06-30, expect: {{score: 1}}}}\n'
    assert "too_big" in problems(file, text)[0]
