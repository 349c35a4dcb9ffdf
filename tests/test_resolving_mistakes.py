"""Whatever is written in the wrong place, reading a policy ends in a plan or in problems with places."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from credit_engine.errors import PolicyError, Problem
from credit_engine.policy.files import Items, Map, read_text
from credit_engine.policy.load import read_policy
from sample_spreading import EVERYTHING_SPREAD
from test_resolving_samples import SAMPLES

EVERYTHING = """
policy: everything
title: {zh: 全, en: everything}
law_of: {lenient: [occurred, decided]}
sources: {law: {title: Law, rank: law, in_force: {from: 2000-01-01}}}
fields:
  violation: {stops: {list: {from: date, until: date}}, big: {holds: {fine: {at_least: "1 yuan"}, fines: 0}}}
parameters:
  window: {unit: window, values: {2000-01-01: {value: {calendar: year, back: 1}, source: law}}}
  table:
    unit: points
    by: region
    values: {2000-01-01: {value: {"310000": 5}, source: law}, 2010-01-01: {ended: true}}
admits: {violation: {standing: [final], where: {procedure: ordinary}, per: [document]}}
indicators:
  fines: {count: violation, within: $window, since: {latest: inspection, where: {result: pass}}, last: 3}
  repeats: {count: violation.acts, where: {item: [a, b]}, same: {article: article}, at: occurred, before: true}
  mixed: {sum: [fines, {of: fines, per: 2, times: 1/2, round: {to: 1, mode: up}, at_least: 0}], or: 0}
score:
  start: 100
  range: [0, null]
  groups: {one: {at_most: 60}}
  rules:
    - rule: one
      title: {zh: 一, en: One}
      each: violation.responsible
      where: {item.role: [a], region: {inside: {of: operator.region.province}}}
      by: [effective, decided]
      when: {repeats: {between: [1, 3]}, not: {any: [{mixed: 2}, {day: {at_least: 1y, after: operator.registered}}]}}
      deduct: {rows: [{where: {big: true}, value: {look_up: $table, by: region}}, {when: {fines: 1}, value: 2}]}
      counts:
        rows:
          - {where: {heavier: true}, from: [effective, decided], for: 3y, or_until: restricted_until, basis: [law]}
          - {for: 90d, plus: [{where: {heavier: true}, for: 1m}], pauses: {of: stops, or: []}, rolls: true}
      fades: linear
      group: one
      basis: [law]
      in_force: {from: 2001-01-01}
grades:
  one: {order: [A, B], outside: [C], titles: {A: {zh: 好}}, rows: [{grade: A, when: {score: {above: 90}}}, {grade: B}]}
  two:
    order: [A, B]
    review: yearly
    rows: [{grade: A, when: {grade: {at_best: B}}}, {grade: B}]
    adjust: [{rule: a, when: {grade.one: [A, C]}, worse_by: 1, basis: [law]}]
"""

ODD = [None, True, 0, -3, 310000, Decimal("2.5"), date(2024, 2, 29), "", "$", "$table", "$window"]
odd_values: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(ODD),
    st.sampled_from(["fines", "big", "item"]),
    st.sampled_from(["violation", "violation.acts", "day", "score", "grade", "operator.region", "3y", "5 yuan", "1/2"]),
    st.sampled_from(
        ["as_of", "decided", "acts", "stops", "repeats", "x.y.z", ".", "on_list.a", "operator.", "item.role"]
    ),
    st.sampled_from(["listed", "on_list.severe", "decision.decided", "negative", "internal", "must", "M06"]),
    st.sampled_from(["severe", "branch", "responsible", "source", "$role.at", "50%", "mirror", "points", "310000"]),
    st.builds(lambda: Map({})),
    st.builds(lambda: Items([])),
    st.builds(lambda: Map({"of": "fines"})),
    st.builds(lambda: Map({"rows": Items([Map({"value": 1})])})),
    st.builds(lambda: Map({"at_least": 3})),
    st.builds(lambda: Map({3: 4, "all": Items([])})),
    st.builds(lambda: Items([Items([]), None, Map({})])),
    st.builds(lambda: Map({"count": "violation", "where": Map({"heavier": True})})),
)


def steps_into(data: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) below and in a piece."""
    found: list[tuple[Any, Any]] = []
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in pairs:
        found.append((data, key))
        found.extend(steps_into(value))
    return found


def problems_with(policy: Map) -> tuple[Problem, ...]:
    """What is wrong with a policy; nothing if it ends in a plan that can be written out."""
    try:
        plan = read_policy(policy).plan
    except PolicyError as refused:
        return refused.problems
    return () if plan.hash else (Problem("no_hash", "a plan has a hash"),)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from([EVERYTHING, EVERYTHING_SPREAD, *SAMPLES.values()]), st.data())
def test_a_piece_in_the_wrong_place_gives_problems_and_never_a_traceback(text: str, data: st.DataObject) -> None:
    policy = read_text(text, "p.yaml")
    for _ in range(data.draw(st.integers(1, 2))):
        container, key = data.draw(st.sampled_from(steps_into(policy)))
        container[key] = data.draw(odd_values)
    assert all(problem.code and problem.message for problem in problems_with(policy))


@settings(deadline=None, max_examples=200)
@given(st.sampled_from([EVERYTHING, EVERYTHING_SPREAD, *SAMPLES.values()]), st.data())
def test_a_piece_that_is_left_out_gives_problems_and_never_a_traceback(text: str, data: st.DataObject) -> None:
    policy = read_text(text, "p.yaml")
    container, key = data.draw(st.sampled_from(steps_into(policy)))
    if isinstance(container, Map):
        container.drop(key)
    else:
        del container[key], container.places[key]
    assert all(problem.place.line for problem in problems_with(policy))


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_pieces_of_spread_that_change_places_give_problems_and_never_a_traceback(data: st.DataObject) -> None:
    policy, twin = (read_text(EVERYTHING_SPREAD, "p.yaml") for _ in range(2))
    here_or_there = [[*steps_into(each["spread"]), *steps_into(each["recognition"])] for each in (policy, twin)]
    (one, here), (other, there) = (data.draw(st.sampled_from(steps)) for steps in here_or_there)
    one[here] = other[there]
    assert all(problem.code and problem.message for problem in problems_with(policy))


def test_the_policy_that_says_everything_can_be_read() -> None:
    plan = read_policy(read_text(EVERYTHING, "p.yaml")).plan
    assert plan.score is not None
    assert plan.indicators["repeats"].needs_event


def test_the_policy_that_says_everything_of_spread_can_be_read() -> None:
    plan = read_policy(read_text(EVERYTHING_SPREAD, "p.yaml")).plan
    assert [len(rule.branches) for rule in plan.spread] == [2, 2, 2, 1, 1]
    assert len(plan.recognition) == 3
