"""Whole policies, small: one for each way in which places have written theirs."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_engine.policy.load import load_policy, load_policy_text
from credit_engine.policy.nodes import (
    Aggregate,
    Bounded,
    ElementAggregate,
    Holds,
    Indicator,
    Literal,
    LookUp,
    Ratio,
    Rounded,
    Rows,
)
from credit_engine.policy.plan import (
    Plan,
)
from credit_engine.quantities import DECIMAL, INT, Thousandths
from sample_lists import SAMPLES_WITH_LISTS

FINDINGS_OF_A_VISIT = """
policy: restaurants
title: {zh: 餐馆评分, en: Restaurant score}
sources: {department: {title: Food safety score, rank: guidance, in_force: {from: 2007-01-01}}}
kinds: {finding: occurred}
fields: {finding: {risk: {one_of: [high, moderate, low, none]}}}
relations: {owner: {source: person, target: operator}}
score:
  start: 100
  range: [0, 100]
  rules:
    - rule: finding.risk
      title: {zh: 现场问题, en: Finding}
      each: finding
      deduct:
        rows:
          - {where: {risk: high}, value: 7}
          - {where: {risk: moderate}, value: 4}
          - {where: {risk: low}, value: 2}
          - {value: 0}
      counts: {from: occurred, until_next: inspection}
      basis: [department]
grades:
  order: [good, adequate, needs_improvement, poor]
  rows:
    - {grade: good, when: {score: {above: 90}}}
    - {grade: adequate, when: {score: {at_least: 86}}}
    - {grade: needs_improvement, when: {score: {above: 70}}}
    - {grade: poor}
"""

HISTORY_OF_VISITS = """
policy: history
title: {zh: 历史特征, en: History}
fields:
  inspection:
    numbers: {list: int}
    critical: {count: numbers, where: {item: {between: [1, 14]}}}
    failed: {rows: [{where: {result: fail}, value: 1}, {value: 0}]}
indicators:
  past_fail: {latest: inspection, take: failed, before: true, or: 0}
  past_critical: {latest: inspection, take: critical, before: true, or: 0}
  days_since_last: {days_since: inspection, before: true, or: 730, at_most: 730}
  time_since_last: {ratio: [days_since_last, 365]}
  first_record: {holds: {visits_before: 0}}
  visits_before: {count: inspection, before: true}
"""

POINTS_OF_ACTS = """
policy: demerits
title: {zh: 违法行为记分, en: Demerit points}
regions: ["310000"]
law_of: decided
sources: {measures: {title: 记分管理办法, rank: document, in_force: {from: 2015-01-01}}}
admits: {violation: {per: [authority, document]}}
parameters:
  points: {unit: points, values: {2015-01-01: {value: {poisoning: 18, expired_food: 6, label: 1}, source: measures}}}
score:
  start: 0
  range: [0, 1000]
  rules:
    - rule: act.points
      title: {zh: 违法行为记分, en: Points for an act}
      each: violation.acts
      add: {look_up: $points, by: item}
      counts: {from: decided, to_end_of: year}
      basis: [measures]
"""

TWO_SCALES = """
policy: catering
title: {zh: 量化分级, en: Quantified grading}
sources: {opinion: {title: 指导意见, rank: document, in_force: {from: 2012-01-11}}}
kinds: {accident: occurred}
fields: {operator: {licensed: date}}
indicators:
  last_score: {latest: inspection, take: score, where: {type: routine}}
  last_key: {latest: inspection, take: key_items_failed, where: {type: routine}}
  mean_12m: {mean: inspection, of: score, where: {type: routine}, within: 12m, round: {to: 0.1, mode: half_up}}
  accidents_6m: {count: accident, within: 6m}
grades:
  annual:
    order: [A, B, C]
    outside: [ungraded]
    titles: {A: {zh: 优秀}, B: {zh: 良好}, C: {zh: 一般}}
    rows:
      - {grade: ungraded, when: {any: [{accidents_6m: {at_least: 1}}, {day: {at_most: 3m, after: operator.licensed}}]}}
      - {grade: A, when: {mean_12m: {at_least: 9.0}}}
      - {grade: B, when: {mean_12m: {at_least: 7.5}}}
      - {grade: ungraded, when: {mean_12m: {known: true}}}
  dynamic:
    order: [A, B, C]
    outside: [ungraded]
    rows:
      - {grade: ungraded, when: {any: [{last_key: {at_least: 2}}, {last_score: {below: 6.0}}]}}
      - {grade: A, when: {last_score: {at_least: 9.0}}}
      - {grade: C, when: {last_score: {at_least: 6.0}}}
"""

TWO_SCALES_ELSEWHERE = """
policy: catering-elsewhere
extends: [catering]
title: {zh: 上海量化分级, en: Quantified grading in Shanghai}
regions: ["310000"]
grades:
  annual: {titles: {A: {zh: 笑脸}}}
  dynamic: {titles: {A: {zh: 笑脸}}}
"""

HELP_AND_SUPERVISION = """
policy: agriculture
title: {zh: 农产品质量安全信用, en: Agricultural credit}
illustrative: true
sources: {notice: {title: 通知, rank: document, in_force: {from: 2020-01-01}}}
indicators:
  failed_last_year: {count: inspection, where: {type: sampling, result: fail}, within: {calendar: year, back: 1}}
  certified: {count: honour, where: {type: [green_food, organic, gap], until: {at_least: 0d, after: day}}}
score:
  start: 80
  range: [0, 100]
  groups: {sampling: {at_most: 40}}
  rules:
    - rule: sample.failed
      title: {zh: 抽检不合格}
      each: inspection
      where: {type: sampling, result: fail}
      deduct: 10
      counts: {from: occurred, for: 2y}
      fades: linear
      group: sampling
      basis: [notice]
    - {rule: certified, title: {zh: 认证}, when: {certified: {at_least: 1}}, add: 10, basis: [notice]}
grades:
  order: [A, B, C]
  rows: [{grade: A, when: {score: {at_least: 90}}}, {grade: B, when: {score: {at_least: 75}}}, {grade: C}]
"""

STATIC_AND_DYNAMIC_RISK = """
policy: risk
title: {zh: 风险分级, en: Risk grading}
audience: internal
sources: {rules: {title: 管理办法, rank: document, in_force: {from: 2016-12-01}}}
kinds: {grading: decided, static_form: decided}
fields:
  static_form: {points: decimal}
  inspection: {lost: decimal, full: decimal, dynamic: {ratio: [lost, full], times: 60, round: {to: 0.1, mode: half_up}}}
  grading: {level: {one_of: [A, B, C, D]}}
  operator: {special_food: bool}
parameters: {raise.by: {unit: count, values: {2016-12-01: {value: 1, source: rules}}}}
indicators:
  static: {latest: static_form, take: points}
  last_dynamic: {latest: inspection, take: dynamic, where: {type: routine}}
  previous_level: {latest: grading, take: level, within: {calendar: year, back: 1}}
  wilful: {count: violation, where: {intent: true, penalties: {has_any: [fine]}}, within: {calendar: year, back: 1}}
  raised: {holds: {any: [{wilful: {at_least: 1}}]}}
  lowered:
    holds:
      any: [{wilful: 0, day: {at_least: 3y, after: operator.registered}}, {operator.special_food: false}]
      raised: false
score:
  start: 0
  range: [0, 100]
  groups: {static: {at_most: 40}, dynamic: {at_most: 60}}
  rules:
    - {rule: static, title: {zh: 静态风险}, add: {of: static}, group: static, basis: [rules]}
    - {rule: dynamic, title: {zh: 动态风险}, add: {of: last_dynamic}, group: dynamic, basis: [rules]}
grades:
  order: [A, B, C, D]
  review: yearly
  rows:
    - {grade: {of: previous_level}, when: {previous_level: {known: true}}}
    - {grade: A, when: {score: {at_most: 30}}}
    - {grade: D}
  adjust:
    - {rule: raise, when: {raised: true}, worse_by: $raise.by, basis: [rules]}
    - {rule: lower, when: {lowered: true}, better_by: 1, basis: [rules]}
"""

SAMPLES = {
    "findings": FINDINGS_OF_A_VISIT,
    "history": HISTORY_OF_VISITS,
    "demerits": POINTS_OF_ACTS,
    "scales": TWO_SCALES,
    "help": HELP_AND_SUPERVISION,
    "risk": STATIC_AND_DYNAMIC_RISK,
    **SAMPLES_WITH_LISTS,
}


def plan_of(text: str) -> Plan:
    return load_policy_text(text, "sample.yaml").plan


@pytest.mark.parametrize("text", SAMPLES.values(), ids=SAMPLES)
def test_a_policy_can_be_read_and_its_plan_has_a_hash(text: str) -> None:
    assert plan_of(text).hash == plan_of(text).hash


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(sorted(SAMPLES.values())), st.data())
def test_the_order_of_sections_never_matters(text: str, data: st.DataObject) -> None:
    lines = text.strip("\n").split("\n")
    starts = [index for index, line in enumerate(lines) if not line.startswith(" ")]
    sections = [lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]
    shuffled = data.draw(st.permutations(sections))
    assert plan_of("\n".join("\n".join(section) for section in shuffled) + "\n").hash == plan_of(text).hash


def test_the_points_of_a_finding_stand_in_rows_until_the_next_inspection() -> None:
    score = plan_of(FINDINGS_OF_A_VISIT).score
    assert score is not None
    points, span = score.rules[0].points, score.rules[0].counts
    assert isinstance(points, Rows)
    assert [row.value for row in points.rows] == [Literal(Thousandths(n * 1000)) for n in (7, 4, 2, 0)]
    assert span is not None
    assert span.rows[0].until_next is not None
    assert (span.rows[0].until_next.kind, span.rows[0].until_next.by) == ("inspection", ("occurred",))


def test_the_history_of_visits_looks_before_the_visit() -> None:
    plan = plan_of(HISTORY_OF_VISITS)
    values = {name: each.value for name, each in plan.indicators.items()}
    assert isinstance(plan.computed["inspection", "critical"], ElementAggregate)
    assert isinstance(values["days_since_last"], Bounded)
    assert values["time_since_last"] == Ratio(Indicator("days_since_last"), Literal(365))
    assert isinstance(values["first_record"], Holds)
    assert isinstance(values["past_fail"], Aggregate)
    assert values["past_fail"].selector.before


def test_the_points_of_an_act_are_looked_up() -> None:
    plan = plan_of(POINTS_OF_ACTS)
    assert plan.score is not None
    (read,) = plan.score.rules
    assert isinstance(read.points, LookUp)
    assert read.counts is not None
    assert read.counts.rows[0].to_end_of == "year"
    assert plan.parameters["points"].values[0].value == {"poisoning": 18000, "expired_food": 6000, "label": 1000}


def test_scales_are_extended_key_by_key(tmp_path: Path) -> None:
    for name, text in (("catering", TWO_SCALES), ("catering-elsewhere", TWO_SCALES_ELSEWHERE)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "policy.yaml").write_text(text, encoding="utf-8")
    parent, child = (load_policy(tmp_path / name).plan for name in ("catering", "catering-elsewhere"))
    assert child.scales[0].titles["A"] == {"zh": "笑脸"}
    assert child.scales[0].titles["B"] == {"zh": "良好"}
    assert [scale.rows for scale in child.scales] == [scale.rows for scale in parent.scales]


def test_a_mean_rounded_to_tenths_is_in_steps_of_a_hundred_thousandths() -> None:
    indicator = plan_of(TWO_SCALES).indicators["mean_12m"]
    assert isinstance(indicator.value, Rounded)
    assert (indicator.value.step, indicator.type_) == (Fraction(100), DECIMAL)


def test_a_count_is_points_where_points_are_asked() -> None:
    score = plan_of(STATIC_AND_DYNAMIC_RISK).score
    assert score is not None
    assert [rule.points for rule in score.rules] == [Indicator("static"), Indicator("last_dynamic")]
    assert plan_of(STATIC_AND_DYNAMIC_RISK).indicators["wilful"].type_ == INT


def test_what_fades_keeps_its_group_and_its_span() -> None:
    score = plan_of(HELP_AND_SUPERVISION).score
    assert score is not None
    failed, certified = score.rules
    assert (failed.fades, failed.group, failed.sign) == (True, "sampling", -1)
    assert (certified.each, certified.counts, certified.sign) == (None, None, 1)
