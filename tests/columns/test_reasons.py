"""Lines of reasons are the same however many at a time are put in order or given their texts."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from columns.test_folder import DAY, crowd, policy
from columns.test_quickly import own_days
from columns_and_plain import differences, store_of
from credit_engine.engines.columns import reasons
from credit_engine.engines.columns.answering import Answers, answered
from shares import one_in


def told() -> Answers:
    return answered(store_of(crowd(), own_days()), own_days(), DAY)


@one_in(20)
@given(st.integers(1, 50))
def test_parts_of_any_size_are_the_table(size: int) -> None:
    answers = told()
    parts = list(answers.told.parts(size))
    assert all(0 < len(part) <= size for part in parts)
    assert len(answers.told) == len(answers.reasons) > 0
    assert pl.concat(parts).equals(answers.reasons)


@pytest.mark.parametrize("asked", [policy(), own_days()], ids=["spans", "own days"])
def test_lines_of_a_few_parties_at_a_time_stand_in_the_order_of_all(
    asked: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reasons, "_AT_ONCE", 2)
    assert not differences(crowd(), asked, DAY)  # type: ignore[arg-type]  # a policy


def test_keys_of_lines_too_many_for_64_bits_are_of_128(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasons, "_ROOM", 0)
    assert not differences(crowd(), own_days(), DAY)
