"""Policies with lists and sources, and rules of spread put below them, for tests of reading."""

from credit_engine.errors import PolicyError, Problem
from credit_engine.policy.load import load_policy_text
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_spreading import SpreadRule

HEAD = """\
policy: sample
title: {zh: 例, en: sample}
sources:
  law: {title: Law, rank: law, reaches: [itself, shareholder, legal_representative, manager]}
  rules: {title: Rules, rank: departmental_rule, reaches: [shareholder]}
lists:
  severe: {polarity: negative, foundation: rules, opens: {each: violation}}
  good: {polarity: positive, foundation: rules}
"""
EVERYTHING_SPREAD = """
policy: everything-spread
title: {zh: 全, en: everything}
sources:
  law: {title: Law, rank: law, reaches: [itself, legal_representative, branch, manager, clerk]}
  rules: {title: Rules, rank: departmental_rule, in_force: {from: 2021-09-01}, reaches: [shareholder, owner]}
relations: {owner: {source: person, target: operator}}
fields: {list_decision: {reason: text}, violation: {big: {holds: {fine: {above: 500 yuan}}}}}
parameters:
  role.at: {unit: field, values: {2015-10-01: {value: occurred, source: law}, 2021-01-01: {value: day}}}
  term: {unit: period, values: {2015-10-01: {value: 5y, source: law}}}
  less: {unit: points, values: {2015-10-01: {value: -5, source: law}}}
indicators: {seen: {count: violation, within: 1y}}
measures:
  M06: {class: II, basis: [rules], targets: [entity], published: true}
  M07: {class: II, basis: [rules], targets: [entity, person], published: true}
score: {start: 100}
lists:
  severe:
    polarity: negative
    foundation: [rules]
    opens: {each: violation, where: {severity: severe}}
    term: {from: listed, for: 3y}
    measures: [M06, M07]
spread:
  - rule: bar
    title: {zh: 限制, en: Bar}
    from: {each: violation, where: {penalties: {has: revoke_licence}}, standing: [final], when: {seen: {at_least: 1}}}
    itself: true
    along:
      - any:
          - {relation: [legal_representative, branch], to: source, held_on: $role.at, share: {at_least: 0, below: 1}}
          - {named: responsible, where: {item.role: [manager, clerk], not: {item.person: N1}}}
    effect: bar
    lasts: {rows: [{where: {big: true}, for: $term, from: decided}, {for: 1y, from: [published, decided]}]}
    audience: {rows: [{where: {severity: minor}, value: internal}, {value: inquiry}]}
    law_of: [occurred, decided]
    basis: [law]
  - rule: new.employer
    from: {each: violation, by: published, per: [document]}
    along: [{named: responsible}, {relation: employee, to: target, held_on: decided}]
    effect: alert
    lasts: {from: decided}
  - rule: control
    from: {list: [severe]}
    along: [{any: [{relation: shareholder, to: target, share: {above: 50%}, together: true}, {relation: owner, to: target}]}]
    repeat: until_stable
    effect: mirror
    basis: [rules]
  - rule: near
    from: {list: severe}
    along: [{relation: shareholder, to: target, held_on: listed}]
    hops: 3
    weight: 1/2
    drop_below: 0.1
    most: 1000
    points: $less
    effect: points
    in_force: {from: 2021-09-01}
    basis: [rules]
  - {rule: poor, from: {when: {score: {below: 60}, on_list.severe: false}}, along: [{relation: owner, to: source}], effect: alert}
recognition:
  - {rule: national, list: severe, origin: {inside: ["320000"]}, hosts: ["310000", "330000"], mode: mirror, measures: [M06], basis: [rules]}
  - rule: others
    list: severe
    origin: ["340000"]
    hosts: ["310000"]
    mode: attention
    when:
      primary: true
      last_day: {above: 1y, after: listed}
      all: [{ground.big: true}, {decision.reason: {known: true}}, {published: {at_least: 2021-09-01}}]
    in_force: {from: 2021-09-01, until: 2030-01-01}
  - {rule: rest, list: severe, hosts: ["310000"], mode: none}
"""
SCORED = "score: {start: 100}\n"
OVER = "along: [{relation: shareholder, to: target}]"
EACH = "from: {each: violation}, lasts: {from: decided}"
LISTED = "from: {list: severe}"


def plan_of(body: str, head: str = HEAD) -> Plan:
    """The plan of the head and what stands below it."""
    return load_policy_text(head + body, "sample.yaml").plan


def problems_of(body: str, head: str = HEAD) -> list[Problem]:
    """All problems; none if it can be read."""
    try:
        plan_of(body, head)
    except PolicyError as refused:
        return list(refused.problems)
    return []


def codes_of(body: str, head: str = HEAD) -> list[str]:
    """The codes of all problems; none if it can be read."""
    return [problem.code for problem in problems_of(body, head)]


def rule(rest: str, sections: str = "", head: str = HEAD) -> SpreadRule:
    """The one rule of a policy."""
    (found,) = plan_of(f"{sections}spread: [{{rule: one, {rest}}}]\n", head).spread
    return found


def codes(rest: str, sections: str = "", head: str = HEAD) -> list[str]:
    """The codes of all problems of a policy with one rule."""
    return codes_of(f"{sections}spread: [{{rule: one, {rest}}}]\n", head)
