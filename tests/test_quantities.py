"""Quantities: what is written is what is held, to the last digit; floats and guesses are refused."""

from __future__ import annotations

import copy
import decimal
import pickle
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_engine.days import Period
from credit_engine.errors import RecordError
from credit_engine.quantities import (
    BOOL,
    DATE,
    DECIMAL,
    INT,
    MONEY,
    PARTY,
    SHARE,
    TEXT,
    FieldType,
    Thousandths,
    decimal_text,
    fits,
    one_of,
    read_money,
    read_share,
    set_of,
    share_text,
)

thousandths = st.integers(-(10**17), 10**17).map(Thousandths)
PERIOD = FieldType("period")
ONE_OF_EACH = {
    "int": (INT, 3),
    "decimal": (DECIMAL, Thousandths(9500)),
    "bool": (BOOL, True),
    "text": (TEXT, "words"),
    "date": (DATE, date(2024, 2, 29)),
    "period": (PERIOD, Period(3, "y")),
    "share": (SHARE, Fraction(1, 3)),
    "set": (set_of("a", "b"), frozenset({"a"})),
    "list": (FieldType("list", of=TEXT), ("a", "a")),
    "record": (FieldType("record", fields={"person": PARTY, "role": TEXT}), {"person": "N1", "role": "manager"}),
}


# --- decimals -------------------------------------------------------------------------------------------------


@given(thousandths)
def test_a_decimal_is_read_back_from_its_text(value: Thousandths) -> None:
    assert Thousandths.read(str(value)) == value
    assert Thousandths.read(Decimal(str(value))) == value
    assert str(value) == decimal_text(int(value)) == f"{value}"
    assert repr(value) == f"Thousandths('{value}')"


@given(thousandths)
def test_a_decimal_survives_pickling_and_copying_as_what_it_is(value: Thousandths) -> None:
    for again in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):  # noqa: S301  # our own
        assert type(again) is Thousandths
        assert (again, hash(again)) == (value, hash(value))


@given(st.integers(-(10**40), 10**40))
def test_whole_numbers_are_whole_units_at_any_size(value: int) -> None:
    assert int(Thousandths.read(value)) == value * 1000


@given(st.decimals("-99999", "99999", places=3), st.integers(1, 4))
def test_the_callers_decimal_context_changes_nothing(value: Decimal, digits: int) -> None:
    with decimal.localcontext() as context:
        context.prec = digits
        assert int(Thousandths.read(value)) == int(Thousandths.read(str(value))) == Fraction(value) * 1000
        assert read_money(f"{value:.2f} yuan") == Fraction(f"{value:.2f}") * 100


@pytest.mark.parametrize(
    ("value", "held"),
    [
        ("9.5", 9500),
        (" 9.5 ", 9500),
        ("+9.500", 9500),
        ("-0.3", -300),
        ("0.001", 1),
        ("0.0010", 1),
        ("007", 7000),
        (3, 3000),
        (Decimal("9.5"), 9500),
        (Decimal("1E+3"), 1000000),
        (Thousandths(9500), 9500),
    ],
)
def test_decimals_are_held_as_whole_thousandths(value: object, held: int) -> None:
    assert int(Thousandths.read(value)) == held


@pytest.mark.parametrize(
    "value",
    [
        *("", "x", "1e3", "1,000", "9.", ".5", "0.0001", "1 2", "0x1", "nan", "inf", "--1", "9" * 16),
        *(Decimal("0.0005"), Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-Infinity")),
        *(Decimal("1E+999999"), Decimal("1E-999999"), Decimal("1.0000000000000000000000000000000001")),
        *(0.5, True, None, Fraction(1, 2), b"1"),
    ],
)
def test_what_is_no_decimal_of_three_places_is_refused(value: object) -> None:
    with pytest.raises(RecordError) as caught:
        Thousandths.read(value)
    assert caught.value.codes == ("bad_decimal",)


@pytest.mark.parametrize(
    ("value", "text"), [(92500, "92.5"), (-300, "-0.3"), (5000, "5"), (0, "0"), (-1, "-0.001"), (10, "0.01")]
)
def test_decimal_text_has_no_trailing_zeros(value: int, text: str) -> None:
    assert decimal_text(value) == text


# --- shares ---------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_share_written_as_a_quotient_is_exact(part: int, whole: int) -> None:
    part = min(part, whole)
    assert read_share(f"{part}/{whole}") == read_share(Fraction(part, whole)) == Fraction(part, whole)


@given(st.fractions(0, 1, max_denominator=10**6))
def test_the_text_of_a_share_is_read_as_the_same_share(share: Fraction) -> None:
    assert read_share(share_text(share)) == share


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (Fraction(0), "0%"),
        (Fraction(1), "100%"),
        (Fraction("0.334"), "33.4%"),
        (Fraction("0.33333"), "33.333%"),
        (Fraction(1, 3), "1/3"),
        (Fraction("0.333333"), "333333/1000000"),
    ],
)
def test_a_share_is_written_in_percent_where_that_is_exact(share: Fraction, text: str) -> None:
    assert share_text(share) == text


@given(st.integers(0, 10**9))
def test_a_share_is_the_same_in_percent_as_a_decimal_and_as_a_quotient(billionths: int) -> None:
    share = Decimal(billionths).scaleb(-9)
    percent = Decimal(billionths).scaleb(-7)
    expected = Fraction(billionths, 10**9)
    assert read_share(f"{percent:f}%") == read_share(f"{share:f}") == read_share(share) == expected


@pytest.mark.parametrize(
    ("value", "share"),
    [
        ("33.4%", Fraction(167, 500)),
        ("33.4 ％", Fraction(167, 500)),
        ("1/3", Fraction(1, 3)),
        (" 1 / 3 ", Fraction(1, 3)),
        ("0.333333333333333333", Fraction(333333333333333333, 10**18)),
        ("100%", Fraction(1)),
        ("0%", Fraction(0)),
        (0, Fraction(0)),
        (1, Fraction(1)),
        (Decimal("0.5"), Fraction(1, 2)),
    ],
)
def test_shares_are_exact(value: object, share: Fraction) -> None:
    assert read_share(value) == share
    assert type(read_share(value)) is Fraction


@pytest.mark.parametrize(
    "value",
    [
        *("", "x", "100.0001%", "101%", "-1%", "4/3", "1/0", "0/0", "1.1", "-0.1", "50", "half", "1e-1", "1/3%"),
        *(2, -1, True, 0.5, None, Fraction(4, 3), Decimal("NaN"), Decimal("Infinity"), Decimal("1.5")),
    ],
)
def test_what_is_no_share_is_refused(value: object) -> None:
    with pytest.raises(RecordError) as caught:
        read_share(value)
    assert caught.value.codes == ("bad_share",)


# --- money ----------------------------------------------------------------------------------------------------


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_money_written_in_any_unit_is_the_same_fen(fen: int) -> None:
    yuan = Decimal(fen).scaleb(-2)
    ten_thousand = Decimal(fen).scaleb(-6)
    for text in (f"{fen} fen", f"{fen}分", f"{yuan:f} yuan", f"{yuan:f}元", f"{ten_thousand:f} 万元"):
        assert read_money(text) == fen
    assert read_money(f"{ten_thousand:f} wan") == fen


@pytest.mark.parametrize(
    ("text", "fen"),
    [("500 yuan", 50000), ("0.01元", 1), ("2 万元", 2000000), ("0.000001 wan", 1), ("100 fen", 100), (" 1 yuan ", 100)],
)
def test_money_is_held_as_whole_fen(text: str, fen: int) -> None:
    assert read_money(text) == fen


@pytest.mark.parametrize(
    "text", ["", "500", "yuan", "0.5 fen", "0.001 yuan", "0.0000001 万元", "1,000 yuan", "1e3 yuan"]
)
def test_money_without_a_unit_or_with_parts_of_a_fen_is_refused(text: str) -> None:
    with pytest.raises(RecordError) as caught:
        read_money(text)
    assert caught.value.codes == ("bad_money",)


# --- field types ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_a_value_fits_its_own_type_and_no_other(name: str) -> None:
    _, value = ONE_OF_EACH[name]
    assert [other for other, (type_, _) in ONE_OF_EACH.items() if fits(value, type_)] == [name]
    assert all(fits(None, type_) for type_, _ in ONE_OF_EACH.values())


@pytest.mark.parametrize(
    ("value", "type_"),
    [
        (True, INT),
        (Thousandths(1000), INT),
        (Thousandths(1000), MONEY),
        (1.0, INT),
        (1, DECIMAL),
        (1, BOOL),
        (datetime(2024, 1, 1), DATE),  # noqa: DTZ001  # a moment is no day, whatever its zone
        (1, SHARE),
        ("c", one_of("a", "b")),
        ("", one_of("a", "b")),
        (frozenset({"c"}), set_of("a", "b")),
        (frozenset({None}), set_of("a", "b")),
        ({"a"}, set_of("a", "b")),
        (["a"], FieldType("list", of=TEXT)),
        (("a", 1), FieldType("list", of=TEXT)),
        ({"person": 1}, ONE_OF_EACH["record"][0]),
        ({"somebody": "N1"}, ONE_OF_EACH["record"][0]),
    ],
)
def test_what_only_looks_like_a_type_does_not_fit_it(value: object, type_: FieldType) -> None:
    assert not fits(value, type_)


def test_an_unknown_part_of_a_record_fits_and_an_empty_set_is_known_to_be_empty() -> None:
    assert fits({"person": "N1", "role": None}, ONE_OF_EACH["record"][0])
    assert fits({}, ONE_OF_EACH["record"][0])
    assert fits(frozenset(), set_of("a"))
    assert fits((), FieldType("list", of=TEXT))


def test_a_field_type_says_what_it_is_and_can_be_hashed() -> None:
    assert [str(type_) for type_ in (INT, one_of("a", "b"), set_of("a"))] == ["int", "one of a, b", "set of one of a"]
    assert len({INT, FieldType("int"), MONEY, ONE_OF_EACH["record"][0]}) == 3
    again = pickle.loads(pickle.dumps(ONE_OF_EACH["record"][0]))  # noqa: S301  # our own bytes
    assert again == ONE_OF_EACH["record"][0]


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (60, 'write "60%" or "0.6"'),
        ("60", 'write "60%" or "0.6"'),
        (Decimal("33.4"), 'write "33.4%" or "0.334"'),
        ("150", ""),
        ("3/2", ""),
        (-1, ""),
        ("150%", ""),
    ],
)
def test_a_share_written_as_a_bare_per_cent_is_told_how_to_be_written(value: object, hint: str) -> None:
    with pytest.raises(RecordError) as caught:
        read_share(value)
    assert caught.value.codes == ("bad_share",)
    assert caught.value.problems[0].hint == hint
