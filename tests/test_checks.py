from pathlib import Path

import pytest

from credit_engine.policy.checks import check
from credit_engine.policy.load import load_policy, load_policy_text
from sample_policies import HEAD

CLEAN = """\
policy: sample
title: {zh: 例, en: sample}
sources: {law: {title: Law, rank: law, in_force: {from: 2000-01-01}}}
parameters: {points: {unit: points, values: {2020-01-01: {value: 5, source: law}}}}
fields: {violation: {big: {holds: {heavier: true}}, began: date}}
indicators: {fines: {count: violation, by: began}}
score:
  start: 100
  rules:
    - rule: fine
      title: {zh: 罚款, en: Fine}
      each: violation
      where: {big: true}
      when: {fines: {at_least: 2}}
      deduct: $points
      basis: [law]
grades: {order: [A, B], rows: [{grade: A, when: {score: {at_least: 90}}}, {grade: B}]}
"""


def warnings(text: str) -> list[str]:
    return [problem.code for problem in check(load_policy_text(text, "p.yaml"))]


def test_a_clean_policy_has_no_warnings() -> None:
    assert warnings(CLEAN) == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("sources: {", "sources: {old: {title: Old, rank: law}, ", "unused_source"),
        (
            "parameters: {",
            "parameters: {old: {unit: count, values: {2020-01-01: {value: 1, source: law}}}, ",
            "unused_parameter",
        ),
        ("indicators: {", "indicators: {old: {count: inspection}, ", "unused_indicator"),
        ("fields: {", "fields: {operator: {licensed: date}, ", "unused_field"),
        ("began: date", "began: date, ended: date", "unused_field"),
        ("value: 5, source: law", "value: 5", "no_source"),
        ("{zh: 罚款, en: Fine}", "{zh: 罚款}", "missing_title"),
        ("en: sample", "zh: 例", "missing_title"),
        (", {grade: B}]", "]", "gap"),
        ("rows: [", "rows: [{grade: B}, ", "row_never_read"),
        ("where: {big: true}", "where: {big: true, severity: minor, all: [{severity: severe}]}", "never_fires"),
        ("{at_least: 2}", "{at_least: 2, below: 2}", "never_fires"),
        ("{at_least: 2}", "{above: 3, at_most: 3}", "never_fires"),
        ("{at_least: 2}}", "[1, 2], all: [{fines: [3, 4]}]}", "never_fires"),
        ("where: {big: true}", "where: {big: true, not: {big: true}}", "never_fires"),
        ("where: {big: true}", "where: {big: true, not: {}}", "never_fires"),
    ],
)
def test_what_looks_wrong_gets_one_warning_with_a_place(old: str, new: str, code: str) -> None:
    assert old in CLEAN
    text = CLEAN.replace(old, new).replace("{zh: 例, zh: 例}", "{zh: 例}")
    (problem,) = check(load_policy_text(text, "p.yaml"))
    assert problem.code == code
    assert problem.place.line
    assert problem.hint


def test_comparisons_that_leave_something_are_no_contradiction() -> None:
    for condition in ("{at_least: 2, below: 3}", "{at_least: 2, at_most: 2}", "{any: [{fines: 1}, {fines: 2}]}"):
        text = CLEAN.replace("{fines: {at_least: 2}}", condition if "any" in condition else f"{{fines: {condition}}}")
        assert warnings(text) == []


def test_sources_that_are_never_in_force_together_make_a_rule_never_fire() -> None:
    old = "old: {title: Old, rank: law, in_force: {until: 2000-01-01}}"
    text = CLEAN.replace("sources: {", f"sources: {{{old}, ").replace("basis: [law]", "basis: [law, old]")
    assert warnings(text) == ["never_fires"]
    assert warnings(text.replace("until: 2000-01-01", "until: 2000-01-02")) == []


def test_a_child_is_not_told_what_it_leaves_unused_of_its_parent(tmp_path: Path) -> None:
    child = CLEAN.replace("policy: sample", "policy: child\nextends: [parent]").replace(
        "sources: {", "sources: {mine: {title: Mine, rank: law}, "
    )
    parent = """\
policy: parent
title: {zh: 例, en: parent}
sources: {theirs: {title: Theirs, rank: law}}
parameters: {theirs: {unit: count, values: {2020-01-01: {value: 1, source: law}}}}
fields: {operator: {licensed: date}, violation: {ended: date}}
relations: {theirs: {}}
"""
    for name, text in (("parent", parent), ("child", child)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "policy.yaml").write_text(text, encoding="utf-8")
    found = check(load_policy(tmp_path / "child"))
    assert [(problem.code, problem.place.file) for problem in found] == [
        ("unused_source", str(tmp_path / "child" / "policy.yaml"))
    ]


def test_where_there_is_neither_score_nor_grade_the_indicators_are_the_answer() -> None:
    assert warnings(f"{HEAD}indicators: {{fines: {{count: violation}}}}\n") == ["unused_source"]


def test_an_indicator_with_a_title_is_an_answer_of_its_own() -> None:
    titled = CLEAN.replace("indicators: {", "indicators: {old: {count: inspection, title: {zh: 检查, en: Visits}}, ")
    assert warnings(titled) == []
    assert warnings(titled.replace(", title: {zh: 检查, en: Visits}", "")) == ["unused_indicator"]


def test_rows_of_values_are_checked_too() -> None:
    text = CLEAN.replace("deduct: $points", "deduct: {rows: [{value: $points}, {value: 2}]}")
    assert warnings(text) == ["row_never_read"]


FOLLOWING = """\
policy: sample
title: {zh: 例, en: sample}
sources: {law: {title: Law, rank: law, in_force: {from: 2000-01-01}}, order: {title: Order, rank: document}}
parameters: {term: {unit: period, values: {2020-01-01: {value: 3y, source: law}}}}
fields: {violation: {told: date, slight: bool}, list_decision: {last: date}}
indicators: {fines: {count: violation}}
lists:
  severe:
    polarity: negative
    foundation: law
    opens: {each: violation, where: {slight: false}}
    term: {until: decision.last, from: listed}
    repair: {rows: [{for: $term, from: listed, basis: [order]}]}
measures: {M1: {class: III, basis: [order], targets: [entity], published: true}}
findings:
  - {rule: stop, when: {fines: {at_least: 3}}, says: must, text: {zh: 停产, en: stop}, basis: [law]}
obligations: [{rule: tell, each: violation, due: {for: 5wd}, met_on: told, owed_by: authority, basis: [law]}]
supervision: [{rule: look, when: {on_list.severe: true}, notice: look}]
"""


def test_what_lists_findings_obligations_and_supervision_read_is_used() -> None:
    assert warnings(FOLLOWING) == []


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("basis: [order]}]}", "basis: [law]}]}", []),
        ("basis: [order]", "basis: [law]", ["unused_source"]),
        ("for: $term", "for: 1y", ["unused_parameter"]),
        ("until: decision.last", "for: 3y", ["unused_field"]),
        ("met_on: told", "met_on: published", ["unused_field"]),
        ("fines: {at_least: 3}", "day: {at_least: 2020-01-01}", ["unused_indicator"]),
        ("fines: {at_least: 3}", "fines: {at_least: 3, below: 3}", ["never_fires"]),
        ("where: {slight: false}", "where: {slight: false, not: {slight: false}}", ["never_fires"]),
        ("{on_list.severe: true}", "{on_list.severe: true, not: {on_list.severe: true}}", ["never_fires"]),
        ("{zh: 停产, en: stop}", "{zh: 停产}", ["missing_title"]),
        ("foundation: law", "title: {en: Severe}, foundation: law".replace(", ", "\n    "), ["missing_title"]),
        (
            "foundation: law",
            "foundation: law\n    audience: {rows: [{where: {slight: true}, value: internal}]}",
            ["gap"],
        ),
    ],
)
def test_what_looks_wrong_in_what_follows_is_told(old: str, new: str, codes: list[str]) -> None:
    assert old in FOLLOWING
    assert warnings(FOLLOWING.replace(old, new)) == codes


@pytest.mark.parametrize("code", ["31000", "380000", "310015"])
@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("title: {zh: 例", 'regions: ["310000", "CODE"]\ntitle: {zh: 例', (2, 21)),
        ("{big: true}", '{big: true, region: {inside: "CODE"}}', (13, 43)),
        ("{big: true}", '{big: true, not: {region: {inside: "CODE"}}}', (13, 49)),
    ],
)
def test_a_region_that_cannot_be_is_pointed_at(code: str, old: str, new: str, place: tuple[int, int]) -> None:
    (problem,) = check(load_policy_text(CLEAN.replace(old, new.replace("CODE", code), 1), "p.yaml"))
    assert (problem.code, problem.place.line, problem.place.column) == ("impossible_region", *place)
    assert repr(code) in problem.message


def test_regions_that_can_be_and_those_of_another_table_have_no_warning() -> None:
    for codes in ('["310000", "320500", "330411"]', '["US-CA", "north"]'):
        assert warnings(CLEAN.replace("title: {zh: 例", f"regions: {codes}\ntitle: {{zh: 例", 1)) == []
