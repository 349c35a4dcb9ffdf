import pytest

from credit_engine.errors import PolicyError
from credit_engine.policy.files import read_text
from credit_engine.policy.model import read_model

GOOD = """\
policy: sample
title: {zh: 例, en: sample}
sources: {law: {title: Law, rank: law, in_force: {from: 2020-01-01}}}
score:
  start: 100
  rules:
    - {rule: one, each: violation, deduct: 5, basis: [law]}
    - {rule: two, each: violation, deduct: 6, basis: [law]}
grades: {order: [A], rows: [{grade: A}]}
"""


def test_the_structure_keeps_places_and_pieces_as_written() -> None:
    written = read_model(read_text(GOOD, "p.yaml"))
    assert written.score is not None
    assert [rule.rule for rule in written.score.rules] == ["one", "two"]
    assert (written.score.rules[1].place().line, written.score.rules[1].place("deduct").column) == (8, 44)
    assert list(written.scales) == ["grade"]
    assert written.sources["law"].in_force.from_ is not None
    assert written.refused == ()


def test_all_that_is_wrong_is_told_and_left_out() -> None:
    text = GOOD.replace("deduct: 5", "deduckt: 5").replace("rule: two", "rule: 2") + "bogus: 1\n"
    written = read_model(read_text(text, "p.yaml"))
    assert sorted(problem.code for problem in written.refused) == ["unknown_key", "unknown_key", "wrong_type"]
    assert written.score is not None
    assert [rule.rule for rule in written.score.rules] == ["one"]


def test_names_that_were_left_out_are_remembered() -> None:
    text = GOOD.replace("title: Law, ", "")
    written = read_model(read_text(text, "p.yaml"))
    assert [problem.code for problem in written.refused] == ["missing_key"]
    assert written.sources == {}
    assert written.broken == {"sources": frozenset({"law"})}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("policy: sample\n", "", "missing_key"),
        ("policy: sample\n", "policy: 3\n", "wrong_type"),
        ("title: {zh: 例, en: sample}", "title: sample", "wrong_type"),
        ("  start: 100\n", "", "missing_key"),
        ("sources: {law:", "sources: [law]\nodd: {law:", "wrong_type"),
    ],
)
def test_without_a_head_or_a_whole_section_nothing_can_be_read(old: str, new: str, code: str) -> None:
    with pytest.raises(PolicyError) as refused:
        read_model(read_text(GOOD.replace(old, new), "p.yaml"))
    assert code in refused.value.codes


def test_steps_of_spread_hold_steps() -> None:
    start, along = "from: {list: severe}", "along: [{any: [{relation: branch, to: target}, {named: responsible}]}]"
    written = read_model(read_text(f"{GOOD}spread: [{{rule: s, {start}, {along}, effect: alert}}]\n", "p.yaml"))
    (rule,) = written.spread
    assert (rule.from_.list_, [(step.relation, step.named) for step in rule.along[0].any_]) == (
        "severe",
        [("branch", None), (None, "responsible")],
    )
    assert rule.along[0].any_[1].place("named").line == 10


def test_unquoted_codes_and_labels_are_told_from_other_wrong_types() -> None:
    text = GOOD.replace("[A]", "[1, true]") + "regions: [310000, null]\n"
    codes = sorted(problem.code for problem in read_model(read_text(text, "p.yaml")).refused)
    assert codes == ["unquoted_code", "unquoted_label", "unquoted_label", "wrong_type"]
