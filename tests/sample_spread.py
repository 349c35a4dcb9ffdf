"""A policy with every sort of effect and of recognition, and a small network to try it on."""

import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import attrs

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.assessing.effects import Effects
from credit_engine.dossiers import Dossier
from credit_engine.policy.files import read_text
from credit_engine.policy.load import Policy, read_policy
from credit_engine.records import (
    Event,
    ListDecision,
    Operator,
    Party,
    Person,
    RecordSource,
    Region,
    Relation,
    Violation,
)
from credit_engine.spreading.network import Network
from credit_engine.spreading.spread import spread

DAY = date(2026, 6, 30)

AFFILIATES = """
policy: affiliates
title: {zh: 关联主体示例, en: Affiliates}
illustrative: true
regions: ["310000", "320000"]
sources:
  fsl: {title: 食品安全法, article: "135", rank: law, in_force: {from: 2015-10-01}, reaches: [itself, legal_representative, direct_manager], certainty: seen}
  order: {title: 名单管理办法, article: "2", rank: local_regulation, in_force: {from: 2021-09-01}, reaches: [branch, shareholder]}
  pact: {title: 区域互认协议, rank: agreement, in_force: {from: 2020-01-01}}
relations: {franchise: {source: operator, target: operator}}
parameters:
  points.affiliate: {unit: points, title: {zh: 关联扣分, en: affiliate points}, values: {2021-09-01: {value: -10, source: order}}}
measures:
  - {id: M1, title: {zh: 限制享受政策, en: No subsidies}, class: II, executor: 财政部门, basis: [order], targets: [entity], published: true}
  - {id: M2, title: {zh: 限制任职, en: No posts}, class: II, executor: 登记机关, basis: [order], targets: [person], published: true}
score:
  start: 100
  range: [0, 100]
  groups: {affiliation: {at_most: 15}}
  rules:
    - {rule: fine, title: {zh: 罚款, en: Fine}, each: violation, where: {penalties: {has: fine}}, deduct: 20, counts: {from: decided, for: 3y}, basis: [order]}
grades:
  order: [A, B, C]
  rows: [{grade: A, when: {score: {at_least: 90}}}, {grade: B, when: {score: {at_least: 70}}}, {grade: C}]
lists:
  severe:
    title: {zh: 严重失信名单, en: Severe list}
    polarity: negative
    foundation: order
    needs_decision: true
    opens: {each: violation, where: {severity: severe}}
    term: {for: 3y, from: listed}
    measures: [M1, M2]
spread:
  - rule: fsl135.revoked
    title: {zh: 吊销许可证后的从业禁止, en: Bar after a revoked licence}
    from: {each: violation, where: {penalties: {has: revoke_licence}}}
    itself: true
    along: [{any: [{relation: legal_representative, to: source, held_on: decided}, {named: responsible, where: {item.role: direct_manager}}]}]
    effect: bar
    lasts: {for: 5y, from: decided}
    basis: [fsl]
  - rule: branches
    title: {zh: 分支机构同等措施, en: Branches}
    from: {list: severe}
    along: [{relation: branch, to: source, held_on: listed}]
    effect: mirror
    basis: [order]
  - rule: affiliates
    title: {zh: 关联企业扣分, en: Affiliates lose points}
    from: {each: violation, where: {severity: severe}}
    along: [{relation: shareholder, to: target, share: {at_least: 30%}}]
    hops: 3
    weight: 1/2
    effect: points
    points: $points.affiliate
    lasts: {for: 2y, from: decided}
    basis: [order]
  - rule: half
    title: {zh: 合计过半持股, en: Owned by half}
    from: {list: severe}
    along: [{relation: shareholder, to: target, share: {at_least: 50%}, together: true}]
    repeat: until_stable
    effect: attention
    basis: [pact]
  - rule: worse.partner
    title: {zh: 加盟方提示, en: Franchise partner}
    from: {when: {grade: {at_best: C}}}
    along: [{relation: franchise, to: source}]
    effect: alert
recognition:
  - {rule: delta.inform, title: {zh: 长三角告知, en: Delta information}, list: severe, origin: {inside: "310000"}, hosts: ["320000"], mode: inform, basis: [pact]}
  - {rule: delta.mirror, title: {zh: 长三角互认, en: Delta mirror}, list: severe, hosts: ["330000"], mode: mirror, measures: [M1], basis: [order]}
"""  # one rule a line

REGIONS = (
    Region(code="310000", name="上海市"),
    Region(code="310115", name="浦东新区", parent="310000"),
    Region(code="320000", name="江苏省"),
    Region(code="330000", name="浙江省"),
)
OPERATORS = tuple(
    Operator(id=id_, kind="enterprise", name=name, region="310115")
    for id_, name in (
        ("S1", "上海某某食品有限公司"),
        ("S2", "上海某某餐饮管理（集团）股份有限公司浦东新区世纪大道第一分公司食品经营部"),
        ("T1", "乙公司"),
        ("T2", "丙公司"),
        ("T3", "丁公司"),
        ("F1", "戊加盟店"),
    )
)
PERSONS = (Person(id="N1", name="王某某"), Person(id="N2", name="李某某"))
PARTIES: Mapping[str, Party] = {**{one.id: one for one in OPERATORS}, **{one.id: one for one in PERSONS}}
NAMES = [one.name for one in PARTIES.values() if one.name]


def relation(id_: str, kind: str, source: str, target: str, **fields: Any) -> Relation:  # Any: fields of several types
    number = int(id_.strip("R"))
    fields = {"since": date(2020, 1, number), **fields}
    return Relation(
        id=id_, kind=kind, source=source, target=target, read_from=RecordSource("relations.csv", number), **fields
    )


RELATIONS = (
    relation("R1", "legal_representative", "N1", "S1", document="沪登记〔2020〕1号"),
    relation("R2", "branch", "S2", "S1", since=None),
    relation("R3", "shareholder", "S1", "T1", share="60%"),
    relation("R4", "shareholder", "T1", "T2", share="30%"),
    relation("R5", "shareholder", "S1", "T2", share="20%"),
    relation("R6", "shareholder", "T1", "T3", share="40%", share_max="70%", until=date(2030, 1, 1)),
    relation("R7", "franchise", "F1", "S1"),
    relation("R8", "shareholder", "S1", "T1", share="5%"),
)
EVENTS: Mapping[str, tuple[Event, ...]] = {
    "S1": (
        Violation(
            id="V1",
            party="S1",
            decided=date(2025, 3, 1),
            severity="severe",
            penalties=frozenset({"fine", "revoke_licence"}),
            fine=100_000,
            responsible=({"person": "N2", "role": "direct_manager"},),
            read_from=RecordSource("violation.csv", 1),
        ),
        Violation(
            id="V2",
            party="S1",
            decided=date(2025, 9, 1),
            severity="general",
            penalties=frozenset({"fine"}),
            fine=50_000,
        ),
        ListDecision(
            id="D1", party="S1", decided=date(2025, 6, 1), list="severe", step="list", grounds=("V1",), region="310115"
        ),
    )
}


def affiliates(text: str = AFFILIATES) -> Policy:
    """The policy above."""
    return read_policy(read_text(text, "policy.yaml"))


def network() -> Network:
    """The parties and relations above."""
    return Network(OPERATORS, PERSONS, REGIONS, RELATIONS)


def dossier(party: str) -> Dossier:
    """One party of the network."""
    return Dossier(PARTIES[party], EVENTS.get(party, ()), regions=REGIONS)


def effects_on(policy: Policy, day: date = DAY) -> Effects:
    """All effects of a day."""
    own = [assess(dossier(party), policy, day) for party in PARTIES]
    return spread(network(), own, policy, day)


def answered(party: str, policy: Policy | None = None, day: date = DAY) -> Assessment:
    """The final answer of one party."""
    policy = policy or affiliates()
    return assess(dossier(party), policy, day, effects=effects_on(policy, day))


def written(place: Path) -> tuple[Path, Path]:
    """The same as an input folder and a policy folder."""
    inputs, policy = place / "in", place / "affiliates"
    inputs.mkdir(parents=True)
    policy.mkdir()
    (policy / "policy.yaml").write_text(AFFILIATES, encoding="utf-8")
    tables = {
        "operators": OPERATORS,
        "persons": PERSONS,
        "regions": REGIONS,
        "relations": RELATIONS,
        "violations": [event for event in EVENTS["S1"] if isinstance(event, Violation)],
        "list_decisions": [event for event in EVENTS["S1"] if isinstance(event, ListDecision)],
    }
    for name, records in tables.items():
        lines = [json.dumps(_cells(record), ensure_ascii=False) for record in records]
        (inputs / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return inputs, policy


def _cells(record: Any) -> dict[str, object]:  # Any: a record of any class
    found = {name: getattr(record, name) for name in (one.name for one in attrs.fields(type(record)))}
    return {
        name: _cell(value) for name, value in found.items() if value is not None and name not in ("read_from", "extra")
    }


def _cell(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset | tuple):
        return [dict(one) if isinstance(one, Mapping) else one for one in value]
    return str(value) if isinstance(value, Fraction) else value
