"""Ningbo's register of operators: real unified social credit codes."""

from __future__ import annotations

from credit_engine.identifiers import check_credit_code
from real_data.cities import data_folder, rows


def test_the_check_character_is_right_in_999_of_999_credit_codes() -> None:
    codes = [row["uni_social_crd_cd"] for row in rows(data_folder("cn") / "ningbo_operators.csv.gz")]
    assert (sum(not check_credit_code(code) for code in codes), len(codes)) == (999, 999)
