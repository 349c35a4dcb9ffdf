from pathlib import Path

import pytest

from credit_engine.errors import Place, PolicyError, Problem
from credit_engine.policy.files import read_text
from credit_engine.policy.load import (
    find_policy,
    load_policy,
    load_policy_text,
    read_policy,
    shipped_folder,
    shipped_policies,
)

PARENT = """\
policy: parent
title: {zh: 父, en: parent}
sources: {law: {title: Law, rank: law}}
score:
  start: 100
  rules: [{rule: fine, title: {zh: 罚款, en: Fine}, each: violation, deduct: 5, basis: [law]}]
"""
CHILD = """\
policy: child
extends: [parent]
title: {zh: 子, en: child}
score:
  rules: [{rule: fine, deduct: 7}]
"""


def folder(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.mkdir()
    (path / "policy.yaml").write_text(text, encoding="utf-8")
    return path


def test_a_policy_is_found_by_its_folder(tmp_path: Path) -> None:
    path = folder(tmp_path, "parent", PARENT)
    policy = load_policy(path)
    assert (policy.name, policy.folder) == ("parent", path)
    assert load_policy(str(path)).plan == policy.plan


def test_parents_lie_beside_the_folder(tmp_path: Path) -> None:
    folder(tmp_path, "parent", PARENT)
    plan = load_policy(folder(tmp_path, "child", CHILD)).plan
    assert plan.score is not None
    assert plan.title["en"] == "child"
    assert [rule.points for rule in plan.score.rules] == [plan.score.rules[0].points]
    assert str(plan.score.rules[0].points).endswith("Thousandths('7'))")


def test_the_folder_bears_the_name_of_the_policy(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as refused:
        load_policy(folder(tmp_path, "other", PARENT.replace("deduct: 5", "deduct: -5")))
    assert refused.value.codes == ("negative_points", "name_mismatch")


def test_every_shipped_policy_can_be_loaded_by_name() -> None:
    assert shipped_policies()
    for name in shipped_policies():
        policy = load_policy(name)
        assert (policy.name, policy.folder) == (Path(name).name, shipped_folder() / name)


def test_a_name_nobody_has_is_not_found() -> None:
    name = shipped_policies()[0]
    with pytest.raises(PolicyError) as refused:
        find_policy(name + "s")
    (problem,) = refused.value.problems
    assert (problem.code, problem.hint) == ("not_found", f"did you mean {name!r}?")


@pytest.mark.parametrize("parent", ["nobody", "../parent", "..", "."])
def test_a_parent_nobody_has_is_not_found(tmp_path: Path, parent: str) -> None:
    folder(tmp_path, "parent", PARENT)
    with pytest.raises(PolicyError) as refused:
        load_policy(folder(tmp_path, "child", CHILD.replace("[parent]", f'["{parent}"]')))
    assert refused.value.codes == ("not_found",)


def test_a_text_and_a_mapping_give_the_same_plan() -> None:
    read = load_policy_text(PARENT, "a.yaml")
    assert read.plan == read_policy(read_text(PARENT, "b.yaml")).plan
    assert read.folder is None


def test_places_do_not_change_the_hash_of_a_plan_and_values_do() -> None:
    plan = load_policy_text(PARENT, "a.yaml").plan
    assert load_policy_text("\n\n# moved\n" + PARENT, "b.yaml").plan.hash == plan.hash
    assert load_policy_text(PARENT.replace("deduct: 5", "deduct: 6"), "a.yaml").plan.hash != plan.hash


def test_problems_are_told_in_the_order_of_the_text() -> None:
    text = PARENT.replace("each: violation", "each: violations").replace("rank: law", "rank: laws") + "bogus: 1\n"
    with pytest.raises(PolicyError) as refused:
        load_policy_text(text, "p.yaml")
    assert refused.value.codes == ("unknown_rank", "unknown_kind", "unknown_key")


def test_a_problem_that_is_found_twice_at_one_place_is_told_once() -> None:
    text = """\
policy: p
title: {zh: 例, en: p}
sources: {law: {title: Law, rank: law}}
grades: {order: [A, B], rows: [{grade: A, when: {any: [{on_list.gone: true}, {on_list.gone: false}]}}, {grade: B}]}
parameters: {wait: {values: {2020-01-01: {value: 1y, source: law}}}}
"""
    with pytest.raises(PolicyError) as caught:
        load_policy_text(text, "p.yaml")
    assert len(set(caught.value.problems)) == len(caught.value.problems)
    assert caught.value.codes.count("missing_key") == 1
    twice = Problem("gap", "the same", Place("p.yaml", 1, 1))
    other = Problem("gap", "the same", Place("p.yaml", 2, 1))
    assert PolicyError([twice, other, twice]).problems == (twice, other)
