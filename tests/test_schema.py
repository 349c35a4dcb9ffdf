"""The JSON Schema for editors: it accepts what a policy can say and warns of what none can."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from credit_engine.policy.files import read_text
from credit_engine.policy.folders import SECTIONS, read_folder
from credit_engine.policy.merging import POSITIONS
from credit_engine.policy.schema import DIALECT, policy_schema, schema_text

SHIPPED = Path(__file__).parent.parent / "policies"

EVERYTHING = """
policy: everything
title: {zh: 一切, en: Everything}
illustrative: true
regions: ["310000", "320000"]
audience: public
extends: [severe-list]
sources:
  law: {title: 食品安全法, article: "135", rank: law, in_force: {from: 2015-10-01}, reaches: [itself], certainty: seen}
  old: null
kinds: {complaint: received}
relations: {owner: {source: person, target: operator}}
fields:
  inspection: {hygiene: int, risk: {one_of: [low, high]}, pauses: {list: {from: date, until: date}}, numbers: {list: int}}
  violation:
    big: {holds: {fine: {at_least: $threshold.large}}}
    tier: {rows: [{where: {any: [{procedure: summary}, {penalties: {only: [warning]}}]}, value: none}, {value: general}]}
    serious: {count: numbers, where: {item: {between: [15, 29]}}}
  operator: {licensed: date}
parameters:
  threshold.large: {unit: fen, values: {2022-01-01: {value: "500 yuan", source: law}, 2024-01-01: {value: null}}}
  window.law: {unit: window, values: {2015-10-01: {value: 1y, source: law}, 2024-07-01: {ended: true}}}
  table: {unit: points, by: region, values: {2015-01-01: {value: {"310000": 18, "320000": null}, source: law}}}
law_of: {lenient: [occurred, decided]}
admits: {violation: {standing: [found, final], where: {procedure: ordinary}, per: [authority, document]}}
indicators:
  penalties_1y: {count: violation, where: {law: food_safety_law}, within: $window.law, title: {zh: 处罚}}
  last_year: {count: inspection, within: {calendar: year, back: 1}}
  mean_4: {mean: inspection, of: score, last: 4, round: {to: 0.1, mode: half_up}}
  worst: {highest: [penalties_1y, last_year]}
  share: {ratio: [penalties_1y, 365], times: 60, at_most: 100}
  nature: {count: violation, same: [nature], by: [effective, decided], at: occurred, within: 1y, before: true}
  since: {sum: violation, of: fine, since: {latest: inspection, where: {result: pass}}, or: 0}
  repairs: {count: rectification, same: {of: id}}
score:
  start: 100
  range: [0, 120.5]
  groups: {penalties: {at_most: 60}}
  rules:
    - rule: violation.large
      title: {zh: 大额罚款}
      each: violation.acts
      where: {fine: {at_least: $threshold.large}, not: {article: "125(2)"}, all: [{region: {inside: "310000"}}]}
      when: {penalties_1y: {at_least: 2}, day: {at_least: 3y, after: operator.registered}}
      deduct: {look_up: $table, by: region}
      counts: {from: [published, decided], for: 3y, or_until: restricted_until, rolls: true, plus: [{where: {heavier: true}, for: 6m}]}
      fades: linear
      group: penalties
      basis: [law]
    - {rule: gone, remove: true}
    - {rule: repeated, when: {last_year: {at_least: 2}}, add: 2.5, counts: {until_next: inspection}, in_force: {from: 2020-01-01}}
grades:
  annual:
    order: [A, B, "1"]
    outside: [pending]
    titles: {A: {zh: 优秀}}
    rows: [{grade: A, when: {score: {at_least: 90}}}, {grade: {of: worst}, when: {worst: {known: true}}}, {grade: "1"}]
    adjust: [{rule: severe, when: {on_list.severe: true}, at_best: B}, {rule: up, when: {grade: [A, B]}, better_by: 1}]
    review: yearly
lists:
  severe:
    polarity: negative
    foundation: [law, old]
    needs_decision: true
    audience: {rows: [{where: {operator.kind: person}, value: inquiry}, {value: public}]}
    opens: {each: violation, where: {severity: severe}, unless: {intent: false}}
    term: {rows: [{where: {heavy: true}, for: 3y, from: listed, basis: [law]}, {for: 1y, from: listed}]}
    repair: {for: 1y, from: listed, where: {harm_removed: true}, unless_new: {each: violation, where: {heavy: true}}}
    measures: [M06]
  good:
    polarity: positive
    needs_decision: false
    opens: {when: {score: {at_least: 95}}}
    review: quarterly
    suspended_by: {each: violation, standing: [alleged, found, final], by: [decided, recorded]}
measures:
  M06: {title: {zh: 限制}, class: I, executor: court, basis: [law], related_matter: posts, targets: [person], published: true}
  M07: null
spread:
  - rule: bar
    from: {each: violation, where: {penalties: {has: revoke_licence}}}
    itself: true
    along: [{any: [{relation: legal_representative, to: source, held_on: occurred}, {named: responsible, where: {item.role: a}}]}]
    effect: bar
    lasts: {for: 5y, from: decided}
    basis: [law]
  - {rule: control, from: {list: severe}, along: [{relation: shareholder, to: target, share: {at_least: 50%}, together: true}], repeat: until_stable, effect: alert}
  - {rule: near, from: {when: {score: {below: 60}}}, along: [{relation: branch, to: target}], hops: 3, weight: 1/2, drop_below: 1/10, points: 10, most: 10, effect: points}
recognition:
  - {rule: local, list: severe, origin: {inside: "320000"}, hosts: ["310000"], mode: attention, when: {last_day: {above: 1y, after: listed}}}
findings:
  - {rule: third, each: violation, when: {penalties_1y: {at_least: 3}}, says: must, text: {zh: 停产}, lasts: {for: 1y, from: decided}, basis: [law]}
obligations:
  - {rule: answer, each: case_transfer, where: {direction: region}, due: {for: 15wd, from: received, pauses: {of: pauses, where: {item.reason: test}, or: []}}, met_on: answered, owed_by: to_authority}
  - {rule: decide, each: rectification, due: {for: 7wd, from: occurred}, met_on: {each: list_decision, where: {step: [repair, refuse_repair]}}}
supervision:
  - {rule: often, when: {grade: D}, inspections: {at_least: 3, at_most: 4, per: 1y}, sampling: {times: 1/2}}
  - {rule: help, when: {last_year: {at_least: 1}}, notice: assistance}
gaps:
  - {of: score.violation.large, asks: fine, never: [only_may_hold, at], because: {zh: 必填, en: It is always there.}}
  - {of: supervision.help, never: [fired], because: Nobody was inspected last year.}
"""


def as_json(data: Any) -> Any:  # Any: what a file holds, then JSON
    """What an editor sees: dates as text, decimals as numbers, every key as text."""
    if isinstance(data, dict):
        return {str(key): as_json(value) for key, value in data.items()}
    if isinstance(data, list):
        return [as_json(value) for value in data]
    if isinstance(data, date):
        return data.isoformat()
    return float(data) if isinstance(data, Decimal) else data


def mistakes(data: object) -> list[str]:
    """What the schema says against a policy."""
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(policy_schema())
    return [f"{list(error.absolute_path)}: {error.message[:200]}" for error in validator.iter_errors(as_json(data))]


def pieces(schema: Any) -> list[dict[str, Any]]:  # Any: JSON
    """Every mapping of the schema."""
    inside = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    below = [piece for value in inside for piece in pieces(value)]
    return [schema, *below] if isinstance(schema, dict) else below


def test_the_schema_is_a_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    assert policy_schema()["$schema"] == DIALECT
    jsonschema.Draft202012Validator.check_schema(policy_schema())


def test_the_schema_is_the_same_text_every_time() -> None:
    assert schema_text() == schema_text()
    assert json.loads(schema_text()) == policy_schema()


def test_every_reference_leads_to_a_piece_and_every_piece_is_used() -> None:
    schema = policy_schema()
    used = {piece["$ref"].removeprefix("#/$defs/") for piece in pieces(schema) if isinstance(piece.get("$ref"), str)}
    assert used == set(schema["$defs"])


def test_every_section_is_described() -> None:
    schema = policy_schema()
    assert tuple(schema["properties"]) == SECTIONS
    for name, section in schema["properties"].items():
        piece = schema["$defs"][section["$ref"].rpartition("/")[2]] if "$ref" in section else section
        assert piece["description"], name


def test_what_extends_can_remove_the_schema_lets_be_removed() -> None:
    for name in POSITIONS.parts:
        if name not in ("score", "grades", "gaps"):  # of gaps nothing is removed
            text = json.dumps(policy_schema()["properties"][name])
            assert "removal" in text or '"null"' in text, name


def test_null_takes_away_a_key_of_a_list_or_rule_and_never_its_name() -> None:
    head = "policy: x\nextends: [delta-food]\n"
    assert mistakes(read_text(f"{head}lists: {{trustworthy: {{term: null}}}}", "x.yaml")) == []
    assert mistakes(read_text(f"{head}findings: [{{rule: fsl134.third, lasts: null}}]", "x.yaml")) == []
    assert mistakes(read_text(f"{head}findings: [{{rule: null}}]", "x.yaml"))


def test_a_policy_that_says_everything_is_accepted() -> None:
    assert mistakes(read_text(EVERYTHING, "everything.yaml")) == []


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in SHIPPED.glob("*/policy.yaml")), ids=lambda path: path.name
)
def test_every_shipped_policy_is_accepted(folder: Path) -> None:
    assert mistakes(read_folder(folder)) == []


def test_every_section_is_in_the_policy_that_says_everything() -> None:
    assert set(read_text(EVERYTHING, "everything.yaml")) == set(SECTIONS)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("illustrative: true", "illustrative: perhaps"),
        ("illustrative: true", "ilustrative: true"),
        ('regions: ["310000", "320000"]', "regions: [310000]"),
        ("rank: law", "rank: statute"),
        ("unit: fen", "unit: yuan"),
        ("2022-01-01: {value", "soon: {value"),
        ("polarity: positive", "polarity: good"),
        ("fades: linear", "fades: quickly"),
        ("deduct: {look_up", "deducts: {look_up"),
        ("deduct: {look_up", "deduct: {lookup"),
        ("review: yearly", "review: weekly"),
        ("says: must", "says: should"),
        ("class: I", "class: IV"),
        ("targets: [person]", "targets: [animal]"),
        ("{at_least: 3, at_most: 4, per: 1y}", "{at_least: 3}"),
        ("sampling: {times: 1/2}", "sampling: {per: 1y}"),
        ("{rule: decide, each: rectification,", "{rule: decide, each: rectification, when: {last_year: 1},"),
        ("term: {rows: [", "term: {never: true, rows: ["),
        ("effect: bar", "effect: ban"),
        ("{relation: legal_representative, to: source, held_on", "{relation: legal_representative, held_on"),
        ("to: source, held_on: occurred}", "to: source, held_on: occurred, named: responsible}"),
        ("{at_least: 50%}, together", "{about: 50%}, together"),
        ("from: {list: severe}", "from: {list: severe, where: {severity: severe}}"),
        ("from: {when: {score", "from: {where: {score"),
        ("hops: 3", "hops: 0"),
        ('origin: {inside: "320000"}', 'origin: {below: "320000"}'),
        ('origin: {inside: "320000"}', "origin: {inside: 320000}"),
        ("mode: attention", "mode: attentive"),
        ("for: 3y, from: listed, basis", "fro: 3y, from: listed, basis"),
        ("risk: {one_of", "risk: {oneof"),
        ("calendar: year", "calendar: decade"),
        ("{count: violation, where: {law", "{counts: violation, where: {law"),
        ("mode: half_up", "mode: banker"),
        ("extends: [severe-list]", "extends: severe-list"),
        ("rule: violation.large", "rule: Violation Large"),
        ('order: [A, B, "1"]', "order: [A, B, 1]"),
        ("{at_least: 2}, day", "{at_lest: 2}, day"),
    ],
)
def test_a_mistake_is_seen(right: str, wrong: str) -> None:
    assert EVERYTHING.count(right) >= 1
    assert mistakes(read_text(EVERYTHING.replace(right, wrong, 1), "everything.yaml")) != []


def test_a_policy_needs_a_name_and_a_title_or_a_parent() -> None:
    assert mistakes({"policy": "a", "title": {"en": "A"}}) == []
    assert mistakes({"policy": "a", "extends": ["b"]}) == []
    assert mistakes({"policy": "a"}) != []
    assert mistakes({"title": {"en": "A"}}) != []
