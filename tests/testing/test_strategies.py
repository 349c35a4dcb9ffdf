"""What the public strategies draw, and what importing them costs."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

import credit_engine.testing
from credit_engine.days import add
from credit_engine.errors import QuestionError
from credit_engine.policy.load import load_policy, load_policy_text
from credit_engine.records import ListDecision, Operator, Person, Rectification, Violation
from credit_engine.testing import ask, days, dossiers, events, networks, parties, policies, questions, sample
from credit_engine.testing.drawing import Blocks, Dice
from credit_engine.testing.edges import edges_of
from credit_engine.testing.question import Question, answers
from credit_engine.testing.sampling import drawn_question

DELTA = load_policy("delta-food")
ORDER44 = load_policy("severe-list-order44")
SEARCH = settings(max_examples=2000, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
SMALL = """\
policy: small
title: {en: Small}
sources: {law: {title: Law, rank: law, in_force: {from: 2020-01-01}}}
score:
  start: 100
  range: [0, 100]
  rules:
    - rule: fined
      title: {en: Fined}
      each: violation
      where: {fine: {at_least: "500 yuan"}}
      deduct: 10
      counts: {from: decided, for: 1y}
      basis: [law]
"""
FINED = load_policy_text(SMALL)


@settings(max_examples=max(5, settings().max_examples // 10))
@given(questions(policies()))
def test_any_question_of_any_policy_is_answered(question: Question) -> None:
    assert ask(question).party == "P1"


@given(questions(ORDER44))
def test_any_question_of_a_shipped_policy_is_answered(question: Question) -> None:
    assert answers(question)[0].as_of == question.as_of


def test_the_threshold_the_fen_before_and_the_fen_after_are_drawn() -> None:
    fines = {getattr(each, "fine", None) for n in range(200) for each in sample(FINED, n).dossier.events}
    assert {49999, 50000, 50001, None} <= fines


def test_the_last_day_of_a_period_the_day_before_and_the_day_after_are_asked() -> None:
    distances = set()
    for number in range(300):
        question = sample(FINED, number)
        for each in question.dossier.events:
            end = add(each.decided, edges_of(FINED).periods[0]) if each.decided else None
            distances |= {(question.as_of - end).days} if end else set()
    assert {-1, 0, 1} <= distances


def test_days_are_where_the_law_changes_and_beside() -> None:
    first = date(2020, 1, 1)
    drawn = {edge for n in range(300) if (edge := drawn_question(Dice(n), FINED).as_of)}
    assert {first - timedelta(1), first, first + timedelta(1)} <= drawn
    assert find(days(FINED), lambda day: day == date(2024, 2, 29), settings=SEARCH)


def test_every_step_of_a_list_is_drawn_for_grounds_that_are_there() -> None:
    steps: set[str | None] = set()
    grounded = False
    for number in range(600):
        own = sample(ORDER44, number).dossier.events
        ids = {each.id for each in own}
        decisions = [each for each in own if isinstance(each, ListDecision)]
        steps |= {each.step for each in decisions}
        grounded |= any(set(each.grounds or ()) & ids for each in decisions)
    assert {"notify", "object", "list", "refuse", "accept", "repair", "refuse_repair", "revoke", "restore"} <= steps
    assert grounded


def test_rectifications_name_events_and_entries_that_are_there() -> None:
    named = {
        (
            each.of in {other.id for other in question.dossier.events},
            (each.of or "").startswith("severely_untrustworthy/P1/"),
        )
        for question in (sample(ORDER44, number) for number in range(400))
        for each in question.dossier.events
        if isinstance(each, Rectification)
    }
    assert {(True, False), (False, True)} <= named


def test_versions_withdrawals_gaps_and_empty_cells_are_drawn() -> None:
    drawn = [sample(ORDER44, number) for number in range(300)]
    own = [each for question in drawn for each in question.dossier.events]
    assert any(each.recorded for each in own)
    assert any(each.standing == "withdrawn" for each in own)
    assert any(each.party != "P1" for each in own)
    assert any(question.dossier.coverage for question in drawn)
    assert any(question.dossier.regions.rows for question in drawn)
    assert any(question.known_at for question in drawn)
    assert any(question.event for question in drawn)
    assert any(isinstance(each, Violation) and each.penalties is None for each in own)


def test_networks_have_relations_on_shares_and_effects_arrive() -> None:
    owned = load_policy("ownership-presets/ofac")
    drawn = [sample(owned, number) for number in range(200)]
    assert any(question.relations for question in drawn)
    assert any(effect.target == "P1" for question in drawn for effect in answers(question)[1])


@given(networks(ORDER44))
def test_a_network_has_the_party_and_relations_between_those_who_are_there(question: Question) -> None:
    there = {question.dossier.id, *(one.id for one in question.others)}
    assert question.dossier.id == "P1"
    assert all({each.source, each.target} <= there for each in question.relations)


@given(st.data())
def test_parties_events_and_dossiers_are_of_what_the_policy_reads(data: st.DataObject) -> None:
    drawn = data.draw(parties(DELTA))
    assert all(isinstance(each, Operator | Person) and each.id == "P1" for each in drawn)
    assert data.draw(events(DELTA, kind="honour", party="P7")).party == "P7"
    assert data.draw(events(DELTA)).kind in edges_of(DELTA).anchors
    assert data.draw(dossiers(DELTA)).id == "P1"


def test_a_kind_that_the_policy_does_not_read_is_refused() -> None:
    with pytest.raises(QuestionError) as caught:
        events(FINED, kind="honour")
    assert caught.value.codes == ("unknown_kind",)


def test_the_same_number_gives_the_same_question() -> None:
    again = load_policy_text(SMALL)
    for number in range(20):
        first, second = sample(FINED, number), sample(again, number)
        assert (first.dossier, first.as_of, first.known_at) == (second.dossier, second.as_of, second.known_at)


@given(st.data())
def test_choices_from_blocks_stay_between_their_ends(data: st.DataObject) -> None:
    choose = Blocks(data.draw)
    assert 3 <= choose.number(3, 9) <= 9
    assert 0 <= choose.number(0, 100_000) <= 100_000
    assert choose.number(5, 5) == 5


def test_a_failing_question_becomes_small() -> None:
    found = find(questions(FINED), lambda question: ask(question).score == 90_000, settings=SEARCH)
    assert len(found.dossier.events) == 1
    assert not found.others


# --- importing ------------------------------------------------------------------------------------------------


def test_reading_cases_and_drawing_by_number_does_not_load_hypothesis() -> None:
    code = (
        "import sys\nfrom credit_engine import load_policy\n"
        "from credit_engine.testing import ask, as_case, minimal, read_cases, sample\n"
        "question = sample(load_policy('sf-restaurants'), 1)\nas_case(question, 'any')\n"
        "assert 'hypothesis' not in sys.modules, 'loaded'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_hypothesis_a_strategy_says_what_to_install() -> None:
    code = (
        "import sys\nsys.modules['hypothesis'] = None\nimport credit_engine.testing as testing\n"
        "try:\n    testing.questions\nexcept Exception as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert 'pip install "credit-engine[testing]"' in done.stdout


def test_there_is_no_other_public_name() -> None:
    assert all(getattr(credit_engine.testing, name) is not None for name in credit_engine.testing.__all__)
    assert dir(credit_engine.testing) == credit_engine.testing.__all__
    with pytest.raises(AttributeError):
        credit_engine.testing.nothing_of_this_name  # noqa: B018  # asking is the test
