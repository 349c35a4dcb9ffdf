"""What the engine does to be quick changes no row: facts known beforehand, counts by one merge, no lines unasked for."""

from __future__ import annotations

from datetime import date
from typing import get_args

import polars as pl
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from columns.test_folder import DAY, crowd, policy
from columns_and_plain import Engine, column_tables, differences, store_of
from credit_engine import Policy
from credit_engine.days import Period, add
from credit_engine.engines.columns import counting
from credit_engine.engines.columns.answering import answered
from credit_engine.engines.columns.calendar import first_reaching, later, laters
from credit_engine.policy.load import load_policy_text
from sample_policies import HEAD

OWN_DAYS = f"""{HEAD}
indicators:
  same_kind: {{count: violation, within: 1y}}
  other_kind: {{count: inspection, within: 6m}}
  ever: {{count: inspection}}
  fined: {{count: violation, where: {{fine: {{at_least: 500 yuan}}}}, within: 90d}}
score:
  start: 100
  rules:
    - {{rule: same, title: {{en: S}}, each: violation, when: {{same_kind: {{at_least: 2}}}}, deduct: 3, basis: [law]}}
    - {{rule: other, title: {{en: O}}, each: violation, when: {{other_kind: 0}}, deduct: 5, basis: [law]}}
    - {{rule: ever, title: {{en: E}}, each: violation, deduct: {{of: ever}}, basis: [law]}}
    - {{rule: fined, title: {{en: F}}, each: violation, where: {{penalties: {{has_none: [warning]}}}}, deduct: {{of: fined}},
       counts: {{from: decided, for: 3y}}, basis: [law]}}
"""


def own_days() -> Policy:
    return load_policy_text(OWN_DAYS, "policy.yaml")


@given(
    st.dates(date(1950, 1, 1), date(2100, 1, 1)),
    st.builds(Period, st.integers(0, 60), st.sampled_from(["y", "m", "d"])),
)
def test_the_first_day_that_reaches_another_does_and_the_day_before_does_not(day: date, period: Period) -> None:
    first = date.fromordinal(first_reaching(period, day.toordinal()))
    before = add(date.fromordinal(first.toordinal() - 1), period)
    assert (add(first, period) or day) >= day
    assert before is not None
    assert before < day


@given(
    st.dates(date(1950, 1, 1), date(2100, 1, 1)),
    st.integers(0, 900),
    st.builds(Period, st.integers(0, 60), st.sampled_from(["y", "m", "d", "wd"])),
)
def test_a_day_looked_up_in_a_table_is_the_day_added_to(first: date, length: int, period: Period) -> None:
    ends = (first.toordinal(), first.toordinal() + length)
    days = pl.DataFrame({"day": pl.int_range(ends[0], ends[1] + 1, dtype=pl.Int32, eager=True)})
    added = [add(date.fromordinal(day), period) for day in days.get_column("day")]
    expected = [None if day is None else day.toordinal() for day in added]
    assert laters(period, *ends).to_list() == expected
    assert days.select(later(pl.col("day"), period, ends)).to_series().to_list() == expected


@pytest.mark.parametrize("engine", get_args(Engine))
def test_what_is_counted_on_each_events_own_day_is_what_the_plain_engine_counts(engine: Engine) -> None:
    assert not differences(crowd(), own_days(), DAY, engine=engine)


def test_places_too_many_for_64_bits_are_counted_in_128(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_ROOM", 0)
    assert not differences(crowd(), own_days(), DAY)


@pytest.mark.parametrize("asked", [policy(), own_days()], ids=["spans", "own days"])
def test_without_facts_known_beforehand_the_answers_are_the_same(asked: Policy) -> None:
    store = store_of(crowd(), asked)
    assert store.facts["violation"]["e.sequence"].nulls == 0
    assert column_tables(answered(store, asked, DAY)) == column_tables(answered(evolve(store, facts={}), asked, DAY))


def test_without_reasons_everything_else_is_the_same() -> None:
    store = store_of(crowd(), policy())
    every, none = (answered(store, policy(), DAY, reasons=reasons) for reasons in ("all", "none"))
    assert len(every.reasons)
    assert not len(none.reasons)
    assert none.reasons.schema == every.reasons.schema
    assert none.assessments.equals(every.assessments)
    assert none.unknowns.equals(every.unknowns)
    assert len(none.unknowns)


def test_reasons_of_those_listed_are_none_where_nobody_is_on_a_list() -> None:
    assert not len(answered(store_of(crowd(), policy()), policy(), DAY, reasons="listed").reasons)
