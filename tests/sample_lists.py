"""Whole policies with lists, measures, findings, obligations and supervision, small."""

SEVERE_LIST = """
policy: severe
title: {zh: 严重违法失信名单, en: Severe list}
law_of: decided
sources:
  order: {title: 名单管理办法, article: "2", rank: departmental_rule, in_force: {from: 2021-09-01}}
  fsl: {title: 食品安全法, article: "135", rank: law, in_force: {from: 2015-10-01}}
parameters:
  severe.term: {unit: period, values: {2021-09-01: {value: 3y, source: order}}}
  repair.wait: {unit: period, values: {2021-09-01: {value: 1y, source: order}}}
  repair.decide: {unit: period, values: {2021-09-01: {value: 15wd, source: order}, 2025-12-25: {value: 7wd, source: order}}}
fields:
  violation:
    heavy: {holds: {any: [{penalties: {has: fine}, heavier: true}, {penalties: {has_any: [revoke_licence, closure]}}]}}
  list_decision: {received: date, pushed: date, service: date}
lists:
  severely_untrustworthy:
    title: {zh: 严重违法失信名单, en: Severely untrustworthy}
    polarity: negative
    foundation: order
    audience: public
    needs_decision: true
    opens: {each: violation, where: {acts: {has_any: [o5, o6]}, severity: severe, heavy: true}, unless: {intent: false}}
    term: {for: $severe.term, from: listed, or_until: restricted_until}
    repair:
      for: $repair.wait
      from: listed
      or_until: restricted_until
      where: {performed: {known: true}, harm_removed: true, false_material: false}
      unless_new: {each: violation, where: {heavy: true}}
    measures: [M06, M07]
measures:
  - {id: M06, title: {zh: 限制任职}, class: I, executor: court, basis: [fsl], related_matter: posts, targets: [person], published: true}
  - {id: M07, class: III, executor: samr, basis: [order], related_matter: inspection, targets: [entity, person], published: true}
obligations:
  - rule: list.publish
    each: list_decision
    where: {list: severely_untrustworthy, step: list, region: {inside: {of: operator.region.province}}}
    due: {for: 20wd, from: decided}
    met_on: published
    owed_by: authority
    basis: [order]
  - rule: list.host
    each: list_decision
    where: {step: list, pushed: {known: true}}
    due: {for: 10wd, from: received}
    met_on: published
    owed_by: operator.region
    basis: [order]
  - rule: repair.decide
    each: rectification
    due: {for: $repair.decide, from: occurred}
    met_on: {each: list_decision, where: {step: [repair, refuse_repair]}}
    owed_by: authority
    basis: [order]
  - rule: void.lift
    each: violation
    standing: [withdrawn]
    due: {for: 3wd, from: withdrawn}
    met_on: {each: list_decision, where: {step: revoke}}
    owed_by: authority
    basis: [order]
  - rule: objection
    each: list_decision
    where: {step: notify}
    due: {for: 5wd, from: service}
    met_on: {each: list_decision, where: {step: object}}
    owed_by: operator
    basis: [order]
"""  # one rule a line

PUBLICATION = """
policy: publication
title: {zh: 行政处罚信息公示, en: Publication of penalties}
law_of: as_of
sources:
  old: {title: 公示规定, rank: departmental_rule, in_force: {from: 2021-09-01, until: 2025-12-25}}
  new: {title: 信用修复管理办法, rank: departmental_rule, in_force: {from: 2025-12-25}}
parameters:
  fine.lower: {unit: fen, by: region, values: {2021-09-01: {value: {"310000": null, "320000": null}, source: old}}}
fields:
  violation:
    nature: text
    slight: {holds: {penalties: {only: [warning, fine]}, fine: {at_most: {look_up: $fine.lower, by: region}}}}
    tier: {rows: [{where: {procedure: summary}, value: none}, {where: {slight: true}, value: minor}, {value: general}]}
lists:
  severely_untrustworthy: {polarity: negative, foundation: [old, new], term: {for: 3y, from: listed}, repair: {never: true}}
  published:
    polarity: neutral
    foundation: [old, new]
    needs_decision: false
    opens: {each: violation, where: {procedure: ordinary, not: {penalties: {only: [warning]}}}}
    term:
      rows:
        - {where: {slight: true}, for: 3m, from: published, basis: [old]}
        - {for: 3y, from: published, or_until: restricted_until, basis: [old]}
        - {where: {tier: general}, for: 1y, from: [published, decided], basis: [new]}
    repair:
      rows:
        - {where: {penalties: {has: closure}}, never: true, basis: [old]}
        - {for: 6m, from: published, basis: [old]}
        - {where: {tier: general}, for: 3m, from: published, basis: [new]}
      where: {performed: {known: true}, promise: true}
      when: {on_list.severely_untrustworthy: false}
      unless_new: {each: violation, same: [nature]}
"""  # one rule a line

TRUSTWORTHY = """
policy: trustworthy
title: {zh: 守信者名单, en: Trustworthy list}
illustrative: true
sources: {plan: {title: 工作计划, rank: document, in_force: {from: 2019-01-01}}}
indicators:
  violations_3y: {count: violation, within: 3y}
  repairs: {count: rectification, where: {performed: {known: true}}, same: {of: id}}
  unrepaired: {count: violation, where: {penalties: {has: fine}, repaired: false}, within: 2y}
fields: {list_decision: {last: date}, violation: {repaired: {holds: {repairs: {at_least: 1}}}}}
score: {start: 100, range: [0, 120], rules: [{rule: any, each: violation, deduct: 10, counts: {from: decided, for: 3y}, basis: [plan]}]}
lists:
  trustworthy:
    polarity: positive
    foundation: plan
    needs_decision: false
    opens:
      when:
        score: {at_least: 95}
        violations_3y: 0
        unrepaired: 0
        on_list.severe: false
        day: {at_least: 3y, after: operator.registered}
    review: yearly
    suspended_by: {each: violation, standing: [alleged, found, final], by: [decided, recorded]}
    measures: [I01]
  severe: {polarity: negative, foundation: plan, term: {until: decision.last, from: listed}}
measures: {I01: {class: III, executor: all, basis: [plan], related_matter: licences, targets: [entity], published: true}}
"""  # one rule a line

PUBLIC_QUERY = """
policy: query
title: {zh: 失信信息查询, en: Bad information}
regions: ["330000"]
audience: {rows: [{where: {operator.kind: person}, value: inquiry}, {value: public}]}
sources: {rule: {title: 管理条例, article: "16", rank: local_regulation, in_force: {from: 2018-01-01}}}
admits: {violation: {standing: [final], where: {procedure: ordinary}}}
fields: {violation: {act_ended: date}}
lists:
  bad_information:
    polarity: neutral
    foundation: rule
    needs_decision: false
    audience: {rows: [{where: {severity: minor}, value: internal}, {when: {on_list.severe: true}, value: public}]}
    opens: {each: violation}
    term: {for: 5y, from: [act_ended, occurred], or_while: {on_list.severe: true}}
  severe: {polarity: negative, foundation: rule, needs_decision: true, term: {for: 3y, from: listed}, repair: {never: true}}
"""  # one rule a line

TRANSFERS = """
policy: transfers
title: {zh: 案件移送与协查, en: Case transfer}
sources: {rule: {title: 程序规定, rank: departmental_rule, in_force: {from: 2019-04-01}}}
kinds: {case: filed, complaint: received}
fields:
  case:
    filed: date
    closed: date
    extended: bool
    extended_by: period
    excluded: {list: {from: date, until: date, reason: {one_of: [suspension, test]}}}
  complaint: {answered: date}
parameters: {crime.head: {unit: period, values: {2020-08-07: {value: 3d, source: rule}}}}
obligations:
  - rule: case.decide
    each: case
    due:
      for: 90d
      from: filed
      plus: [{where: {extended: true}, for: 30d}, {for: {of: extended_by, or: 0d}}]
      pauses: {of: excluded, where: {item.reason: test}, or: []}
      rolls: true
    met_on: closed
    owed_by: authority
    basis: [rule]
  - rule: assist.answer
    each: case_transfer
    where: {direction: region, any: [{answered: {known: false}}, {answered: {above: 15wd, after: received}}]}
    by: received
    due: {for: 15wd, from: received}
    not_before: {for: $crime.head, from: received}
    met_on: answered
    owed_by: to_authority
    basis: [rule]
  - {rule: complaint.answer, each: complaint, due: {for: 7wd, from: received}, met_on: answered, owed_by: authority, basis: [rule]}
"""  # one rule a line

FINDINGS_AND_SUPERVISION = """
policy: food-law
title: {zh: 食品安全法, en: Food Safety Law}
law_of: occurred
sources: {fsl134: {title: 食品安全法, article: "134", rank: law, in_force: {from: 2015-10-01}}}
parameters:
  window: {unit: window, values: {2015-10-01: {value: 1y, source: fsl134}}}
  count: {unit: count, values: {2015-10-01: {value: 3, source: fsl134}}}
fields: {case_transfer: {sentence: {one_of: [none, fine, imprisonment]}}}
indicators:
  penalties_1y: {count: violation, where: {law: food_safety_law}, by: decided, within: $window}
  jailed: {count: case_transfer, where: {sentence: imprisonment}}
grades: {order: [A, B], rows: [{grade: A, when: {penalties_1y: 0}}, {grade: B}], audience: internal}
findings:
  - rule: third
    each: violation
    where: {law: food_safety_law}
    by: decided
    when: {penalties_1y: {at_least: $count}}
    says: must
    text: {zh: 责令停产停业, en: order to stop}
    lasts: {for: 1y, from: decided}
    basis: [fsl134]
  - {rule: jailed, when: {jailed: {at_least: 1}}, says: must_not, audience: inquiry, basis: [fsl134]}
supervision:
  - {rule: a, when: {grade: A}, inspections: {at_least: 1, per: 2y}, sampling: {times: 1/2}}
  - {rule: b, when: {grade: B}, inspections: {at_least: 2, at_most: 4, per: 1y}, sampling: {times: 2}, basis: [fsl134]}
  - {rule: unknown, when: {grade: {known: false}}, notice: look}
"""

SAMPLES_WITH_LISTS = {
    "severe": SEVERE_LIST,
    "publication": PUBLICATION,
    "trustworthy": TRUSTWORTHY,
    "query": PUBLIC_QUERY,
    "transfers": TRANSFERS,
    "food_law": FINDINGS_AND_SUPERVISION,
}
