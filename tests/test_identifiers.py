"""Identifiers: what is right passes, what looks wrong is flagged with a code, and nothing is ever refused or quoted."""

from __future__ import annotations

import pickle
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_engine.dossiers import Regions
from credit_engine.errors import Place
from credit_engine.identifiers import (
    Flag,
    check_credit_code,
    check_food_licence,
    check_party,
    check_region,
    impossible_region,
    tidy,
)
from credit_engine.records import Operator, Person, RecordSource, Region

REAL_CODES = ["91330100799655058B", "11230500001755309F"]
MADE_CODES = ["91310000MA1K000019", "91320500MA1N000022", "91330100MA27000034", "91340100MA2M00004F"]
LICENCES = ["SC10831011500017", "SC10432050500025", "JY13101150000014", "JY23301060000022", "JY33401030000032"]
DAY = date(2024, 6, 30)

alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
full_width = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


def codes(flags: tuple[Flag, ...]) -> list[str]:
    return [flag.code for flag in flags]


# --- laws -----------------------------------------------------------------------------------------------------


@given(st.text())
def test_any_text_gets_flags_and_never_an_error(text: str) -> None:
    flags = (*check_credit_code(text), *check_food_licence(text), *check_region(text, Regions(), DAY))
    assert all(flag.code and flag.message for flag in flags)


@given(st.text(alphabet="张伟李娜欧阳修", min_size=2, max_size=4))
def test_a_flag_never_quotes_the_value(name: str) -> None:
    party = Operator(id="P1", region=name, credit_code=name, licences=(name,), name=name)
    flags = check_party(party, Regions(), DAY)
    assert len(flags) == 3
    assert not any(name in str(flag) for flag in flags)


@given(st.sampled_from(REAL_CODES + MADE_CODES), st.integers(0, 17), st.sampled_from(alphabet))
def test_one_wrong_character_in_a_credit_code_is_always_noticed(code: str, position: int, character: str) -> None:
    wrong = code[:position] + character + code[position + 1 :]
    assert bool(check_credit_code(wrong)) == (wrong != code)


@given(st.sampled_from(LICENCES), st.integers(2, 15), st.sampled_from("0123456789"))
def test_one_wrong_digit_in_a_licence_is_always_noticed(number: str, position: int, digit: str) -> None:
    wrong = number[:position] + digit + number[position + 1 :]
    assert bool(check_food_licence(wrong)) == (wrong != number)


@given(st.text(alphabet, min_size=11, max_size=11), st.text("0123456789", min_size=6, max_size=6))
def test_the_check_character_is_the_one_that_the_weights_of_the_standard_give(rest: str, region: str) -> None:
    body = rest[:2] + region + rest[2:11]
    weighted = sum(alphabet.index(character) * 3**place for place, character in enumerate(body))
    assert [code for code in alphabet if not check_credit_code(body + code)] == [alphabet[-weighted % 31]]


@given(st.sampled_from(["SC", "JY"]), st.text("0123456789", min_size=13, max_size=13))
def test_the_check_digit_is_the_one_that_mod_11_10_gives(kind: str, digits: str) -> None:
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    check = str((11 - product) % 10)
    assert [digit for digit in "0123456789" if not check_food_licence(kind + digits + digit)] == [check]


@given(st.text())
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


# --- credit codes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", REAL_CODES + MADE_CODES)
def test_a_right_credit_code_has_no_flag(code: str) -> None:
    assert check_credit_code(code) == ()


@pytest.mark.parametrize("code", REAL_CODES + MADE_CODES)
def test_an_untidy_credit_code_is_right_all_the_same_and_flagged_as_untidy(code: str) -> None:
    for untidy in (code.lower(), code + "  ", "\t" + code, code.translate(full_width), code + "\u3000"):
        expected = [] if untidy == code else ["credit_code_untidy"]
        assert codes(check_credit_code(untidy)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("91350100M0001TGQXM", ["credit_code_check"]),  # a real code of the first years
        ("91330000799655058B", ["credit_code_check"]),  # 330000 for 330100
        ("91310000MA1K000017", ["credit_code_check"]),
        ("9133010079965505B", ["credit_code_length"]),
        ("91330100799655058BB", ["credit_code_length"]),
        ("330000000012345", ["credit_code_length"]),  # a business registration number from before 2015
        ("913300007996550I8B", ["credit_code_characters"]),
        ("9133000079965505 B", ["credit_code_characters"]),
        ("91A30000799655058B", ["credit_code_characters"]),
        ("91３30000799655059b", ["credit_code_untidy", "credit_code_check"]),
        ("", []),
        ("  ", []),
    ],
)
def test_a_wrong_credit_code_says_what_is_wrong(code: str, expected: list[str]) -> None:
    assert codes(check_credit_code(code)) == expected


def test_registering_bodies_that_are_letters_are_no_fault() -> None:
    assert [end for end in alphabet if not check_credit_code("N2330106MF0000000" + end)] == ["W"]


# --- licences -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", LICENCES)
def test_a_right_licence_number_has_no_flag(number: str) -> None:
    assert check_food_licence(number) == ()
    assert codes(check_food_licence(f" {number.lower()}")) == ["licence_untidy"]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("SC10831011500018", ["licence_check"]),
        ("SC1083101150001", ["licence_length"]),
        ("SC108310115000177", ["licence_length"]),
        ("SC1083101150001X", ["licence_characters"]),
        ("SC", ["licence_characters"]),
        ("QS310000000001", ["licence_kind"]),
        ("10831011500017", ["licence_kind"]),
        ("YB13101150000019", []),
        ("YB1310115000001A", ["licence_characters"]),
        ("ｓｃ10831011500018", ["licence_untidy", "licence_check"]),
        ("", []),
    ],
)
def test_a_wrong_licence_number_says_what_is_wrong(number: str, expected: list[str]) -> None:
    assert codes(check_food_licence(number)) == expected


# --- regions --------------------------------------------------------------------------------------------------

TABLE = Regions(
    [
        Region(code="330000"),
        Region(code="330102", parent="330100", until=date(2021, 3, 11)),
        Region(code="330113", parent="330100", from_day=date(2021, 3, 11)),
    ]
)


@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        ("330102", date(2021, 3, 10), []),
        ("330102", date(2021, 3, 11), ["region_not_valid_on_day"]),
        ("330113", date(2021, 3, 10), ["region_not_valid_on_day"]),
        ("330113", date(2021, 3, 11), []),
        ("330000", date(1990, 1, 1), []),
        ("330199", DAY, ["unknown_region"]),
        ("ZJ", DAY, ["unknown_region"]),
    ],
)
def test_a_region_code_must_be_in_the_table_and_valid_on_the_day(code: str, day: date, expected: list[str]) -> None:
    assert codes(check_region(code, TABLE, day)) == expected


def test_without_a_table_six_digits_are_enough() -> None:
    assert check_region("330106", Regions(), DAY) == ()
    assert codes(check_region("3301", Regions(), DAY)) == ["unknown_region"]


# --- parties --------------------------------------------------------------------------------------------------


def test_a_party_gathers_its_flags_with_their_places() -> None:
    party = Operator(
        id="P1",
        region="330102",
        credit_code=MADE_CODES[0][:-1],
        licences=(LICENCES[0], "SC10831011500018"),
        read_from=RecordSource("operators.csv", 7),
    )
    flags = check_party(party, TABLE, DAY)
    assert codes(flags) == ["region_not_valid_on_day", "credit_code_length", "licence_check"]
    assert [flag.field for flag in flags] == ["region", "credit_code", "licences"]
    assert [flag.place for flag in flags] == [
        Place("operators.csv", 7),
        Place("operators.csv", 7),
        Place("operators.csv", 7, path="licence 2"),
    ]
    assert str(flags[0]).startswith("operators.csv:7: region_not_valid_on_day: region: ")


def test_a_party_without_a_file_is_named_by_its_id() -> None:
    (flag,) = check_party(Operator(id="P1", licences=("SC10831011500018",)), TABLE, DAY)
    assert flag.place == Place(path="P1 licence 1")


def test_unknown_fields_and_persons_have_no_flags() -> None:
    assert check_party(Operator(id="P1"), TABLE, DAY) == ()
    assert check_party(Operator(id="P1", region="", credit_code="", licences=()), TABLE, DAY) == ()
    assert check_party(Person(id="N1", name="张三"), TABLE, DAY) == ()


def test_a_flag_can_be_hashed_compared_and_pickled() -> None:
    (flag,) = check_credit_code("1")
    assert pickle.loads(pickle.dumps(flag)) == flag  # noqa: S301  # our own bytes
    assert {flag, *check_credit_code("1")} == {flag}
    assert str(Flag("a", "b", "c")) == "a: b: c"


@pytest.mark.parametrize("code", ["310000", "310115", "469001", "820000", "US-CA", "sf", "", "north 2"])
def test_a_region_that_can_be_has_nothing_said_against_it(code: str) -> None:
    assert impossible_region(code) is None


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("31000", "not 6 digits"),
        ("3100000", "not 6 digits"),
        ("31", "not 6 digits"),
        ("３１００００", "not 6 digits"),
        ("130000 ", "not 6 digits"),
        ("380000", "no province"),
        ("013000", "no province"),
        ("310015", "no city"),
    ],
)
def test_a_region_that_cannot_be_says_why(code: str, said: str) -> None:
    assert said in (impossible_region(code) or "")
