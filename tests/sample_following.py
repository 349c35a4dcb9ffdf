"""A policy of what follows from a record: findings, obligations and supervision of every sort that columns tell."""

from sample_policies import HEAD

FOLLOWING = f"""{HEAD}
kinds: {{notice: given}}
fields:
  notice: {{given: date, late: bool}}
  violation: {{heavy: {{holds: {{severity: severe}}}}, paid: date, served: date, by_whom: text}}
  inspection: {{lost: decimal, full: decimal, share: {{ratio: [lost, full], times: 60}}}}
admits: {{rectification: {{where: {{harm_removed: true}}, per: [authority, document]}}}}
audience: {{rows: [{{when: {{operator.kind: person}}, value: department}}, {{value: public}}]}}
parameters:
  term: {{unit: period, values: {{2020-01-01: {{value: 1y, source: law}}, 2024-07-01: {{value: 2y, source: law}},
          2026-01-01: {{value: 3m, source: law}}}}}}
  answer: {{unit: period, values: {{2020-01-01: {{value: 15wd, source: law}}, 2025-06-01: {{value: 7wd, source: law}}}}}}
  fine: {{unit: fen, values: {{2020-01-01: {{value: 500 yuan, source: law}}, 2025-01-01: {{value: 900 yuan, source: law}}}}}}
indicators:
  penalties_1y: {{count: violation, within: 1y}}
  visit: {{latest: inspection, take: share}}
score:
  start: 100
  rules: [{{rule: any, title: {{en: A}}, each: violation, deduct: 30, counts: {{from: decided, for: 3y}}, basis: [law]}}]
grades:
  order: [A, B, C]
  rows: [{{grade: C, when: {{penalties_1y: {{at_least: 2}}}}}}, {{grade: B, when: {{score: {{below: 90}}}}}}, {{grade: A}}]
findings:
  - {{rule: f.term, text: {{en: T}}, says: may, each: violation, where: {{severity: severe}}, lasts: {{from: decided, for: $term}}, basis: [law]}}
  - {{rule: f.today, text: {{en: T}}, says: must, each: violation, law_of: as_of, lasts: {{from: decided, for: $term}}, basis: [law]}}
  - {{rule: f.published, text: {{en: T}}, says: may, each: violation, law_of: [published, decided], by: [published, decided],
     where: {{fine: {{at_least: $fine}}}}, audience: inquiry, basis: [law]}}
  - {{rule: f.until, text: {{en: T}}, says: must_not, each: violation, where: {{heavy: true}},
     lasts: {{from: decided, until_next: {{each: rectification}}}}, basis: [law]}}
  - {{rule: f.repeated, text: {{en: T}}, says: must, each: violation, when: {{penalties_1y: {{at_least: 2}}, grade: [B, C]}}, basis: [law]}}
  - {{rule: f.other, text: {{en: T}}, says: may, each: notice, where: {{late: true}}, when: {{penalties_1y: {{at_least: 1}}}},
     audience: {{rows: [{{when: {{operator.kind: person}}, value: internal}}, {{value: public}}]}}, lasts: {{for: 20wd}}, basis: [law]}}
  - {{rule: f.first, text: {{en: T}}, says: may, each: violation, per: [authority, document], standing: [found, final], basis: [law]}}
  - {{rule: f.grade, text: {{en: T}}, says: must, when: {{grade: {{at_best: C}}}}, audience: department, basis: [law]}}
  - {{rule: f.visit, text: {{en: T}}, says: must, when: {{visit: {{above: 30}}}}, basis: [law]}}
obligations:
  - {{rule: o.pay, each: violation, law_of: as_of, where: {{penalties: {{has: fine}}}}, due: {{from: decided, for: $answer, rolls: true}},
     met_on: paid, owed_by: operator, basis: [law]}}
  - {{rule: o.mend, each: violation, by: [served, decided], where: {{heavy: true}}, due: {{for: $answer}}, not_before: {{from: published, for: 10d}},
     met_on: {{each: rectification}}, owed_by: by_whom, basis: [law]}}
  - {{rule: o.near, each: violation, where: {{region: {{inside: {{of: operator.region.province}}}}}}, due: {{for: 5wd, from: decided}},
     met_on: published, owed_by: authority, basis: [law]}}
  - {{rule: o.same, each: violation, due: {{for: 1m, from: [published, decided], to_end_of: month}},
     met_on: {{each: violation, same: [law]}}, owed_by: operator.region, basis: [law]}}
  - {{rule: o.gone, each: violation, standing: [withdrawn], by: withdrawn, due: {{for: 3wd, from: withdrawn}},
     met_on: {{each: notice, standing: [final], where: {{late: false}}}}, owed_by: authority, basis: [law]}}
  - {{rule: o.later, each: violation, due: {{for: 1y, from: decided}}, not_before: {{from: decided, for: 10d}}, met_on: paid,
     owed_by: operator, basis: [law]}}
  - {{rule: o.asked, each: case_transfer, by: received, due: {{for: $answer, from: received}}, met_on: answered, owed_by: to_authority, basis: [law]}}
supervision:
  - {{rule: s.often, when: {{grade: C}}, inspections: {{at_least: 4, per: 1y}}, basis: [law]}}
  - {{rule: s.seldom, when: {{grade: {{at_worst: B}}}}, inspections: {{at_least: 1, at_most: 2, per: 1y}}, basis: [law]}}
  - {{rule: s.half, when: {{penalties_1y: {{at_least: 1}}}}, inspections: {{at_least: 2, per: 6m}}, basis: [law]}}
  - {{rule: s.sample, when: {{score: {{below: 100}}}}, sampling: {{times: 2}}, basis: [law]}}
  - {{rule: s.more, when: {{penalties_1y: {{at_least: 2}}}}, sampling: {{times: 3}}, basis: [law]}}
  - {{rule: s.help, when: {{visit: {{above: 20}}}}, notice: help, basis: [law]}}
"""  # one rule a line

# The same with lists, decided on and not, which findings, supervision and grades read.
LISTED = f"""{FOLLOWING}  - {{rule: s.bad, when: {{on_list.bad: true}}, inspections: {{at_least: 12, per: 1y}}, basis: [law]}}
  - {{rule: s.told, when: {{any: [{{on_list.told: true}}, {{on_list.bad: false}}]}}, notice: told, basis: [law]}}
lists:
  bad: {{polarity: negative, foundation: law, needs_decision: true, opens: {{each: violation, where: {{heavy: true}}}},
        term: {{for: 3y, from: listed}}, repair: {{never: true}}}}
  told: {{polarity: neutral, foundation: law, needs_decision: false, audience: department, opens: {{each: violation, where: {{fine: {{at_least: $fine}}}}}},
         term: {{for: $term, from: decided}}, repair: {{never: true}}}}
""".replace(
    "obligations:\n",
    """  - {rule: f.listed, text: {en: T}, says: must, each: violation, when: {on_list.bad: true}, lasts: {from: decided, for: 2y}, basis: [law]}
  - {rule: f.told, text: {en: T}, says: must, when: {on_list.told: true}, basis: [law]}
obligations:
""",
)
