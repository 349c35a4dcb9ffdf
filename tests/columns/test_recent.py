"""Events read once for all who look at them are those that each would have read alone."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest

from columns.test_folder import DAY, crowd
from columns_and_plain import column_tables, differences, store_of
from credit_engine import Policy
from credit_engine.engines.columns import contributing, recent
from credit_engine.engines.columns.answering import answered
from credit_engine.engines.columns.events import TRUE
from credit_engine.engines.columns.program import TABLE
from credit_engine.engines.columns.view import Run
from credit_engine.policy.load import load_policy_text
from credit_engine.policy.nodes import Aggregate, walk
from sample_policies import HEAD

SHARED = f"""{HEAD}
indicators:
  of_kind: {{count: violation, within: 1y}}
  warned: {{count: violation, where: {{penalties: {{has: warning}}}}, within: 2y}}
  visits: {{count: inspection, within: 6m}}
score:
  start: 100
  rules:
    - {{rule: repeated, title: {{en: R}}, each: violation, when: {{of_kind: {{at_least: 2}}}}, deduct: 3,
       counts: {{from: decided, for: 2y}}, basis: [law]}}
    - {{rule: fades, title: {{en: F}}, each: violation, where: {{penalties: {{has_any: [fine, closure]}}}}, deduct: 7,
       counts: {{from: decided, for: 3y}}, fades: linear, basis: [law]}}
    - {{rule: only, title: {{en: O}}, each: violation, where: {{penalties: {{only: [fine]}}}}, deduct: 2,
       counts: {{from: decided, for: 3y}}, basis: [law]}}
    - {{rule: visited, title: {{en: V}}, each: violation, when: {{visits: 0}}, deduct: 5,
       counts: {{from: decided, for: 1y}}, basis: [law]}}
    - {{rule: clean, title: {{en: C}}, when: {{warned: 0}}, add: 1, basis: [law]}}
"""


def shared() -> Policy:
    return load_policy_text(SHARED, "policy.yaml")


def test_what_rules_and_indicators_read_together_is_what_the_plain_engine_reads() -> None:
    assert not differences(crowd(), shared(), DAY)


def test_events_are_read_once_and_the_answers_are_those_of_reading_them_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = store_of(crowd(), shared())
    read: list[object] = []

    def noted(run: Run, looks: Sequence[recent.Look]) -> None:
        recent.read_once(run, looks)
        read.extend(key for key in run.found if isinstance(key, tuple) and key[0] == "recent")

    monkeypatch.setattr(contributing, "read_once", noted)
    once = column_tables(answered(store, shared(), DAY))
    assert {key[1][0] for key in read} == {"violation", "inspection"}  # type: ignore[index]  # the kinds that were read
    monkeypatch.setattr(contributing, "read_once", lambda _run, _looks: None)
    assert column_tables(answered(store, shared(), DAY)) == once


def test_nobody_is_served_days_before_the_first_one_read() -> None:
    store = store_of(crowd(), shared())
    run = Run({}, store, shared().plan, DAY, DAY)
    run.found["law changes"] = ()
    key = ("violation", ("decided",), frozenset({"confirmed"}))
    first = DAY.toordinal() - 400
    recent.read_once(run, [recent.Look(key, first, [], [TRUE]), recent.Look(key, first + 9, [], [TRUE])])
    found = recent.recent(run, key, first, [TRUE])
    assert found is not None
    assert found.dated.select((pl.col("day") >= first).all()).collect().item()
    assert recent.recent(run, key, first - 1, [TRUE]) is None
    assert recent.recent(run, key, None, [TRUE]) is None


def test_nobody_is_served_events_of_which_those_were_left_out_that_others_do_not_ask_for() -> None:
    store, plan = store_of(crowd(), shared()), shared().plan
    run = Run(TABLE, store, plan, DAY, DAY)
    run.found["law changes"] = ()
    warned = plan.indicators["warned"].value
    assert isinstance(warned, Aggregate)
    key, where, first = recent.key_of_events(warned.selector), warned.selector.where, DAY.toordinal() - 400
    looks = [recent.Look(key, day, list(walk(where)), [where]) for day in (first + 9, first)]
    recent.read_once(run, looks)
    found = recent.recent(run, key, first, [where])
    assert found is not None
    assert found.dated.select(pl.col("e.penalties.warning").fill_null(value=True).all()).collect().item()
    assert recent.recent(run, key, first, [where, TRUE]) is None
