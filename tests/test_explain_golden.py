"""Whole accounts as people read them, compared with the texts in `tests/golden`.

`CREDIT_ENGINE_RECORD=1 pytest tests/test_explain_golden.py` writes the texts anew; read the difference before you
keep it.
"""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.assessing.explain import explain
from credit_engine.assessing.explaining.wording import Language
from credit_engine.dossiers import Coverage, Dossier
from credit_engine.policy.files import read_text
from credit_engine.policy.load import load_policy, read_policy
from credit_engine.quantities import Thousandths
from credit_engine.records import (
    CaseTransfer,
    Event,
    Honour,
    Inspection,
    ListDecision,
    Operator,
    OtherEvent,
    Person,
    RecordSource,
    Rectification,
    Violation,
)

GOLDEN = Path(__file__).parent / "golden"
RECORD = os.environ.get("CREDIT_ENGINE_RECORD") == "1"
DAY = date(2026, 6, 30)


def violation(number: int, decided: date, **fields: object) -> Violation:
    values: dict[str, object] = {
        "authority": "上海市浦东新区市场监督管理局",
        "region": "310115",
        "document": f"（浦）市监处罚〔{decided.year}〕{number}号",
        "occurred": date(decided.year, 1, 5),
        "law": "food_safety_law",
        "article": "124",
        "acts": ["additives"],
        "penalties": ["fine"],
        "fine": 100_000,
        "heavier": False,
        "intent": False,
        "published": decided,
    }
    read_from = RecordSource("violation.csv", number)
    return Violation(id=f"V{number}", party="P1", decided=decided, read_from=read_from, **values | fields)  # type: ignore[arg-type]  # fields of several types


def inspection(number: int, occurred: date, **fields: object) -> Inspection:
    read_from = RecordSource("inspection.jsonl.gz", number)
    return Inspection(id=f"I{number}", party="P1", occurred=occurred, read_from=read_from, **fields)  # type: ignore[arg-type]  # fields of several types


def in_the_delta() -> Assessment:
    """A bakery in Shanghai with penalties of every sort, failed samples, and cells left empty."""
    operator = Operator(
        id="P1",
        kind="enterprise",
        name="某某食品有限公司",
        region="310115",
        registered=date(2015, 1, 1),
        credit_code="91310115MA1K3X4567",
    )
    events: list[Event] = [
        violation(1, date(2024, 7, 5), fine=6_000_000),
        violation(2, date(2025, 8, 1), penalties=["warning"], fine=None, article="125"),
        violation(3, date(2026, 3, 1)),
        violation(4, date(2026, 5, 1), fine=None, heavier=None),
        violation(5, date(2026, 4, 1), standing="alleged"),
        violation(6, date(2026, 3, 1), document="（浦）市监处罚〔2026〕3号"),
        violation(7, date(2026, 7, 5)),
        violation(8, date(2026, 2, 5), standing="withdrawn", withdrawn=date(2026, 3, 3)),
        violation(9, date(2022, 3, 1), fine=7_000_000),
        violation(10, date(2022, 3, 2), occurred=date(2021, 12, 1), fine=7_000_000),
        inspection(1, date(2025, 10, 1), type="sampling", result="fail"),
        inspection(2, date(2026, 2, 1), type="sampling", result="fail"),
        inspection(3, date(2026, 2, 11), type="routine", score="9.5", items_failed=8, key_items_failed=1),
        Rectification(
            id="R1", party="P1", occurred=date(2026, 3, 9), of="V3", performed=date(2026, 3, 4), harm_removed=True
        ),
        Honour(id="H1", party="P1", decided=date(2025, 1, 1), type="haccp", until=DAY),
        CaseTransfer(id="T1", party="P1", received=date(2025, 12, 1), direction="criminal", status="dropped"),
    ]
    return assess(Dossier(operator, events), load_policy("delta-food"), DAY)


POLICY = """
policy: limits
title: {zh: 限额示例, en: Limits}
illustrative: true
regions: ["310000"]
sources:
  act: {title: 示例法, article: "3、4", rank: law, in_force: {from: 2020-01-01}, certainty: seen}
  old: {title: 旧规, rank: document, in_force: {from: 2010-01-01, until: 2025-01-01}}
kinds: {complaint: received}
fields:
  complaint: {weight: decimal, grounded: bool}
  violation: {slow: {holds: {published: {above: 20wd, after: decided}}}}
parameters:
  points.act: {title: {zh: 每项违法行为, en: Each act}, unit: points, values: {2020-01-01: {value: 30, source: act}}}
  limit.low:
    unit: fen
    by: region
    values: {2020-01-01: {value: {"310000": "1000 yuan"}, source: act, certainty: inferred}}
indicators:
  complaints_1y: {title: {zh: 一年内投诉, en: Complaints within a year}, count: complaint, within: 1y}
  burden: {sum: complaint, of: weight, where: {grounded: true}, within: {calendar: year}, or: 0}
  last_visit: {latest: inspection, take: result}
score:
  start: 100
  range: [10, 120]
  groups: {acts: {at_most: 50}}
  rules:
    - rule: act.each
      title: {zh: 违法行为, en: Act}
      each: violation.acts
      where: {fine: {above: {look_up: $limit.low, by: operator.region}}, item: [label, additive]}
      deduct: $points.act
      counts: {from: decided, for: 3y, or_until: restricted_until, rolls: true}
      group: acts
      basis: [act]
    - rule: visit.result
      title: {zh: 检查结果, en: Result of the visit}
      each: inspection
      deduct:
        rows:
          - where: {result: fail}
            value: {of: items_failed, times: "1/2", round: {to: 0.5, mode: up}, at_most: 20}
          - {value: 0}
      counts: {from: occurred, until_next: inspection}
      basis: [act]
    - {rule: visit.old, title: {zh: 旧检查规则, en: Old rule on visits}, each: inspection, deduct: 5, basis: [old]}
    - rule: burden
      title: {zh: 投诉负担, en: Burden of complaints}
      when: {burden: {above: 2.5}}
      deduct: {of: burden, times: 10}
      in_force: {from: 2026-01-01, until: 2027-01-01}
      basis: [act]
    - rule: slow
      title: {zh: 逾期公示, en: Published late}
      each: violation
      where: {slow: true}
      deduct: 1
      basis: [act]
grades:
  annual:
    review: yearly
    order: [A, B, C]
    titles: {A: {zh: 优, en: Good}}
    rows:
      - {grade: A, when: {score: {at_least: 80}}}
      - {grade: B, when: {any: [{score: {at_least: 60}}, {complaints_1y: 0}]}}
      - {grade: C}
  running:
    order: [A, B, C]
    rows: [{grade: A, when: {score: {between: [2, 90]}}}, {grade: C}]
    adjust:
      - rule: cap.complaints
        title: {zh: 投诉较多, en: Many complaints}
        when: {complaints_1y: {at_least: 2}}
        worse_by: 1
        basis: [act]
      - rule: cap.annual
        title: {zh: 年度等级, en: Annual grade}
        when: {grade.annual: {at_best: C}}
        at_best: C
        basis: [act]
"""


def complaint(number: int, received: date, **extra: object) -> OtherEvent:
    return OtherEvent(kind="complaint", id=f"C{number}", party="P1", received=received, extra=extra)


def under_limits(
    *, coverage: dict[str, Coverage] | None = None, region: str | None = "310115", event: str | None = None
) -> Assessment:
    """An operator whose points pass a group's limit, with a review of the year and a late complaint."""
    policy = read_policy(read_text(POLICY, "limits.yaml"))
    acts = ["label", "additive", "hygiene"]
    published = date(2026, 1, 9) if coverage is None else None
    events: list[Event] = [
        violation(1, date(2023, 11, 7), acts=acts, fine=600_000, published=date(2024, 1, 9)),
        violation(2, date(2026, 1, 5), acts=[], fine=50_000, published=published),
        inspection(1, date(2024, 5, 1), result="fail", items_failed=3),
        inspection(2, date(2026, 5, 1), result="fail", items_failed=7),
        complaint(1, date(2026, 2, 1), weight=Thousandths(1500), grounded=True),
        complaint(2, date(2026, 3, 1), weight=Thousandths(2000), grounded=True),
        complaint(3, date(2026, 4, 1), weight=Thousandths(1000)),
    ]
    if coverage is None:
        events.pop()
    dossier = Dossier(Operator(id="P1", name="某某", region=region), events, coverage=coverage or {})
    return assess(dossier, policy, date(2026, 5, 1) if event else DAY, DAY, event=event)


LISTS = """
policy: lists
title: {zh: 名单示例, en: Lists}
sources:
  act: {title: 示例名单办法, article: "9", rank: departmental_rule, in_force: {from: 2021-09-01}, certainty: seen}
  act.draft: {title: 示例名单办法（草案）, rank: departmental_rule, in_force: {from: 2030-01-01}}
parameters:
  wait: {title: {zh: 修复等待期, en: Wait for repair}, unit: period, values: {2021-09-01: {value: 1y, source: act}}}
  term: {title: {zh: 列入期限, en: Term}, unit: period, values: {2021-09-01: {value: 3y, source: act}}}
measures:
  - id: M07
    class: II
    title: {zh: 限制参加评先评优, en: No awards}
    executor: 评优单位
    basis: [act]
    targets: [entity, person]
    published: true
  - id: M08
    class: III
    title: {zh: 增加检查, en: More inspections}
    executor: 市场监管部门
    basis: [act]
    targets: [entity]
    published: true
indicators:
  penalties_1y: {title: {zh: 一年内处罚次数, en: Penalties within a year}, count: violation, within: 1y}
lists:
  severe:
    title: {zh: 严重失信名单, en: Severe}
    polarity: negative
    foundation: [act, act.draft]
    needs_decision: true
    law_of: decided
    opens: {each: violation, where: {severity: severe}, unless: {intent: false}}
    term: {for: $term, from: listed, or_until: restricted_until}
    repair:
      for: $wait
      from: listed
      where: {performed: {known: true}, harm_removed: true}
      unless_new: {each: violation, where: {severity: severe}}
    measures: [M07, M08]
  published:
    title: {zh: 公示, en: Published}
    polarity: neutral
    foundation: act
    needs_decision: false
    opens: {each: violation, where: {procedure: ordinary}}
    term: {for: 3m, from: published}
  honest:
    title: {zh: 守信名单, en: Trustworthy}
    polarity: positive
    foundation: act
    needs_decision: false
    opens: {when: {penalties_1y: 0}}
    review: yearly
    suspended_by: {each: violation}
findings:
  - rule: third
    title: {zh: 一年内多次受罚, en: Several penalties}
    each: violation
    where: {severity: severe}
    when: {penalties_1y: {at_least: 2}}
    says: must
    text: {zh: 责令停产停业, en: order to stop production}
    lasts: {for: 1y, from: decided}
    basis: [act]
  - rule: no_awards
    title: {zh: 不予表彰, en: No praise}
    when: {on_list.severe: true}
    says: must_not
    text: {zh: 授予荣誉称号, en: give awards}
    basis: [act]
obligations:
  - rule: publish
    title: {zh: 公示处罚决定, en: Publish the decision}
    each: violation
    where: {procedure: ordinary}
    due: {for: 20wd, from: decided}
    met_on: published
    owed_by: authority
    basis: [act]
supervision:
  - rule: often
    title: {zh: 重点监管, en: Closely watched}
    when: {on_list.severe: true}
    inspections: {at_least: 4, per: 1y}
    basis: [act]
  - rule: seldom
    title: {zh: 一般监管, en: Usual}
    when: {penalties_1y: {at_least: 0}}
    inspections: {at_least: 1, per: 1y}
    basis: [act]
"""


def decision(number: int, decided: date, step: str, *grounds: str) -> ListDecision:
    read_from = RecordSource("list_decision.csv", number)
    return ListDecision(
        id=f"D{number}", party="P1", decided=decided, list="severe", step=step, grounds=grounds, read_from=read_from
    )


def on_lists() -> Assessment:
    """An operator with entries proposed, listed, repaired, expired and refused, and deadlines met and missed."""
    policy = read_policy(read_text(LISTS, "lists.yaml"))
    severe = {"severity": "severe", "intent": None}
    events: list[Event] = [
        violation(1, date(2021, 10, 8), **severe),
        violation(2, date(2023, 5, 5), **severe),
        violation(3, date(2025, 9, 1), **severe),
        violation(4, date(2026, 4, 1), procedure="ordinary", **severe | {"published": date(2026, 4, 20)}),
        violation(5, date(2026, 5, 6), procedure="ordinary", published=None),
        violation(6, date(2024, 3, 1), severity="severe", intent=False),
        violation(7, date(2024, 4, 1), severity="general"),
        decision(1, date(2021, 11, 1), "list", "V1"),
        decision(2, date(2023, 6, 1), "list", "V2"),
        decision(3, date(2024, 7, 1), "repair", "V2"),
        decision(4, date(2025, 9, 20), "notify", "V3"),
        decision(5, date(2025, 10, 15), "list", "V3"),
        decision(6, date(2024, 4, 1), "list", "V7"),
        Rectification(
            id="R1", party="P1", occurred=date(2026, 1, 9), of="V3", performed=date(2026, 1, 4), harm_removed=False
        ),
    ]
    return assess(Dossier(Operator(id="P1", kind="enterprise", region="310115"), events), policy, DAY)


def of_a_person() -> Assessment:
    """A person of whom nothing is recorded."""
    return assess(Dossier(Person(id="H9", name="某某")), load_policy("delta-food"), DAY)


ACCOUNTS: dict[str, tuple[Callable[[], Assessment], list[str | None]]] = {
    "delta": (in_the_delta, [None]),
    "delta_why": (
        in_the_delta,
        ["violation.large_fine", "violation.third", "years.clean", "grade.award", "grade", "penalties"],
    ),
    "limits": (
        under_limits,
        [None, "visit.old", "act.each", "slow", "cap.complaints", "cap.annual", "annual", "acts", "range"],
    ),
    "limits_unknown": (lambda: under_limits(coverage={"inspection": "absent"}, region=None), [None, "visit.result"]),
    "limits_outside": (lambda: under_limits(region="330105"), [None, "act.each"]),
    "limits_event": (lambda: under_limits(event="I2"), [None]),
    "lists": (on_lists, [None, "severe", "published", "honest", "third", "publish", "seldom"]),
    "person": (of_a_person, [None]),
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", ACCOUNTS)
def test_the_account_reads_as_it_was_reviewed(name: str, language: Language) -> None:
    make, rules = ACCOUNTS[name]
    text = "\n\n".join(explain(make(), language, rule) for rule in rules) + "\n"
    path = GOLDEN / f"{name}.{language}.txt"
    if RECORD:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
