"""Which law a restrictive effect needs: a basis that bears it, and that names every relation and role it goes over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_engine.policy.plan_spreading import EFFECTS, RESTRICTIVE
from credit_engine.records import RELATION_KINDS
from sample_spreading import EACH, HEAD, LISTED, OVER, SCORED, codes, problems_of

RANKS = (
    "law",
    "administrative_regulation",
    "local_regulation",
    "departmental_rule",
    "document",
    "guidance",
    "agreement",
)
BEARS = {"bar": RANKS[:2], "marking": RANKS[:3], "points": RANKS[:3], "attention": RANKS, "alert": RANKS}


@pytest.mark.parametrize("rank", RANKS)
@pytest.mark.parametrize("effect", BEARS)
def test_an_effect_of_events_needs_a_basis_of_its_rank(effect: str, rank: str) -> None:
    head = HEAD.replace("rank: law", f"rank: {rank}")
    points = "points: -1, " if effect == "points" else ""
    found = codes(f"{EACH}, {OVER}, {points}effect: {effect}, basis: [law]", SCORED, head)
    assert found == ([] if rank in BEARS[effect] else ["rank_too_low"])


@pytest.mark.parametrize("rank", RANKS)
@pytest.mark.parametrize("effect", ["mirror", "points"])
def test_a_mirror_and_points_of_a_list_need_its_foundation_of_any_rank(effect: str, rank: str) -> None:
    head = HEAD.replace("rank: departmental_rule", f"rank: {rank}")
    points = "points: -1, " if effect == "points" else ""
    assert codes(f"{LISTED}, {OVER}, {points}effect: {effect}, basis: [rules]", SCORED, head) == []
    assert codes(f"{LISTED}, {OVER}, {points}effect: {effect}, basis: [law]", SCORED, head) == ["rank_too_low"]


def test_a_mirror_of_several_lists_needs_a_foundation_of_each() -> None:
    head = HEAD.replace("good: {polarity: positive, foundation: rules}", "good: {polarity: positive, foundation: law}")
    rest = f"from: {{list: [severe, good]}}, {OVER}, effect: mirror"
    assert codes(f"{rest}, basis: [rules]", head=head) == ["rank_too_low"]
    assert codes(f"{rest}, basis: [rules, law]", head=head) == []


@given(
    st.lists(st.sampled_from(RELATION_KINDS), min_size=1, max_size=4, unique=True),
    st.sets(st.sampled_from(RELATION_KINDS)),
    st.sampled_from(EFFECTS),
)
def test_no_restrictive_effect_crosses_a_relation_that_its_basis_does_not_name(
    crossed: list[str], reached: set[str], effect: str
) -> None:
    head = HEAD.replace("reaches: [shareholder]", f"reaches: [{', '.join(sorted(reached))}]").replace(
        "departmental_rule", "law"
    )
    steps = ", ".join(f"{{relation: {kind}, to: target}}" for kind in crossed)
    points = "points: -1, " if effect == "points" else ""
    found = codes(f"{LISTED}, along: [{steps}], {points}effect: {effect}, basis: [rules]", SCORED, head)
    beyond = set(crossed) - reached if effect in RESTRICTIVE else set()
    assert found == ["not_reached"] * len(beyond)


def test_only_a_source_that_bears_the_effect_names_a_relation_for_it() -> None:
    head = HEAD.replace("reaches: [itself, shareholder,", "reaches: [itself,")
    (problem,) = problems_of(f"spread: [{{rule: one, {EACH}, {OVER}, effect: bar, basis: [law, rules]}}]\n", head)
    assert problem.code == "not_reached"
    assert all(word in problem.message for word in ("'one'", "law", "'shareholder'"))
    assert "alert" in problem.hint


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("{named: responsible, where: {item.role: manager}}", []),
        ("{named: responsible, where: {item.role: [manager, clerk]}}", ["not_reached"]),
        ("{named: responsible, where: {item.person: N1}}", ["not_reached"]),
        ("{named: responsible}", ["not_reached"]),
        ("{any: [{relation: branch, to: target}, {named: responsible}]}", ["not_reached", "not_reached"]),
    ],
)
def test_every_role_must_be_named_by_the_law(step: str, expected: list[str]) -> None:
    assert codes(f"{EACH}, along: [{step}], effect: bar, basis: [law]") == expected


def test_the_party_itself_must_be_named_too() -> None:
    assert codes(f"{EACH}, itself: true, effect: bar, basis: [law]") == []
    head = HEAD.replace("itself, ", "")
    assert codes(f"{EACH}, itself: true, effect: bar, basis: [law]", head=head) == ["not_reached"]
    assert codes(f"{EACH}, itself: true, effect: alert", head=head) == []


TWO_SCALES = """{
  now: {order: [A, D], rows: [{grade: A, when: {score: {above: 60}}}, {grade: D}]},
  year: {order: [A, D], rows: [{grade: A, when: {grade.now: A}}, {grade: D}], review: yearly},
}"""


@pytest.mark.parametrize(
    ("scales", "expected"),
    [
        ("{order: [A, D], rows: [{grade: A, when: {score: {above: 60}}}, {grade: D}]}", []),
        (
            "{order: [A, D], rows: [{grade: A, when: {score: {above: 60}}}, {grade: D}], review: yearly}",
            ["unsupported"],
        ),
        ("{order: [A, D], rows: [{grade: A, when: {on_list.severe: false}}, {grade: D}], review: yearly}", []),
        (TWO_SCALES, ["unsupported"]),
    ],
)
def test_points_of_affiliates_do_not_stand_beside_a_review_of_the_score(scales: str, expected: list[str]) -> None:
    sections = f"{SCORED}grades: {scales}\n"
    assert codes(f"{LISTED}, {OVER}, effect: points, points: -1, basis: [rules]", sections) == expected
    assert codes(f"{LISTED}, {OVER}, effect: alert", sections) == []


def test_a_slip_in_what_a_source_reaches_is_pointed_at() -> None:
    head = HEAD.replace("reaches: [itself, shareholder,", "reaches: [itself, sharholder,")
    (problem,) = problems_of(f"spread: [{{rule: one, {EACH}, {OVER}, effect: bar, basis: [law]}}]\n", head)
    assert problem.code == "not_reached"
    assert problem.hint.startswith("its `reaches` has 'sharholder'; or ")
