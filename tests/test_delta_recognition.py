"""A region cannot create a severe list by agreement: what the language refuses, and what the shipped policies keep to."""

import pytest

from credit_engine.errors import PolicyError
from credit_engine.policy.load import load_policy, load_policy_text
from credit_engine.policy.plan import Plan

OVER = """
policy: attempt
title: {zh: 尝试, en: Attempt}
extends: [delta-recognition]
sources:
  agreed: {title: 长三角食品安全合作备忘录, rank: agreement}
"""
AGREED = ("document", "guidance", "agreement")
HOSTS = '["310000", "320000", "330000", "340000"]'


def refused(more: str) -> set[str]:
    """The codes with which a policy over delta-recognition is refused; none if it is not."""
    try:
        load_policy_text(OVER + more)
    except PolicyError as error:
        return set(error.codes)
    return set()


@pytest.mark.parametrize("name", ["severely_untrustworthy", "local_severe", "shanghai_severe"])
@pytest.mark.parametrize("basis", ["agreed", "plan2019", "jjp"])
def test_no_agreement_lets_another_region_take_over_the_measures_of_a_severe_list(name: str, basis: str) -> None:
    row = f"recognition: [{{rule: mirrored, list: {name}, hosts: {HOSTS}, mode: mirror, basis: [{basis}]}}]"
    assert refused(row) == {"rank_too_low"}


def test_the_law_on_which_the_list_rests_does() -> None:
    assert not refused(
        f"recognition: [{{rule: mirrored, list: local_severe, hosts: {HOSTS}, mode: mirror, basis: [zj24]}}]"
    )


@pytest.mark.parametrize("mode", ["inform", "attention"])
def test_to_tell_and_to_watch_take_no_law(mode: str) -> None:
    row = f"recognition: [{{rule: told, list: shanghai_severe, hosts: {HOSTS}, mode: {mode}, basis: [agreed]}}]"
    assert not refused(row)


@pytest.mark.parametrize("effect", ["bar", "marking"])
def test_an_agreement_bears_no_bar_and_no_marking(effect: str) -> None:
    """Even where it names the relation."""
    rule = f"""
  reached: {{title: 备忘录, rank: agreement, reaches: [legal_representative]}}
spread:
  - {{rule: near, from: {{list: regional_severe}}, along: [{{relation: legal_representative, to: source}}], effect: {effect}, basis: [reached]}}
"""
    assert refused(rule) == {"rank_too_low"}


def test_an_agreement_bears_no_measure_of_class_one() -> None:
    row = "measures: {R01: {class: I, basis: [agreed], targets: [entity], published: true}}"
    assert refused(row) == {"rank_too_low"}


# --- what the language would allow, and the shipped policies do not do ---------------------------------------------


@pytest.fixture(scope="module", params=["delta-recognition", "shanghai-credit", "zhejiang-credit"])
def plan(request: pytest.FixtureRequest) -> Plan:
    return load_policy(request.param).plan


def agreed_lists(plan: Plan) -> set[str]:
    """The lists that rest on nothing but plans and agreements."""
    return {each.name for each in plan.lists if all(plan.sources[source].rank in AGREED for source in each.foundation)}


def test_what_rests_on_an_agreement_alone_is_no_negative_list_and_brings_no_punitive_measure(plan: Plan) -> None:
    agreed = [each for each in plan.lists if each.name in agreed_lists(plan)]
    assert {each.name for each in agreed} == {"regional_severe", "red_black_board", "trustworthy"}
    assert not [each.name for each in agreed if each.polarity == "negative"]
    assert not [measure for each in agreed for measure in each.measures if not measure.startswith("I")]


def test_of_negative_lists_only_the_national_one_is_mirrored(plan: Plan) -> None:
    mirrored = {row.list for row in plan.recognition if row.mode == "mirror"}
    negative = {each.name for each in plan.lists if each.polarity == "negative"}
    assert mirrored & negative == {"severely_untrustworthy"}
