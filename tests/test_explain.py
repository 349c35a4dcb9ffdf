"""The account of an answer: it adds up, speaks of every event, names nobody, and reads the same from any order.

Golden texts stand in `tests/golden`. `CREDIT_ENGINE_RECORD=1 pytest tests/test_explain.py` records them anew; read the
difference before you keep it.
"""

import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from string import Formatter

import pytest
from attrs import evolve
from hypothesis import given, settings

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.assessing.explain import explain, tree
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.texts import TEXTS
from credit_engine.assessing.explaining.values import TYPES
from credit_engine.assessing.explaining.wording import Language
from credit_engine.dossiers import Dossier
from credit_engine.errors import QuestionError
from credit_engine.policy.load import Policy, load_policy, read_policy
from credit_engine.policy.nodes import VALUES
from credit_engine.quantities import decimal_text
from credit_engine.records import (
    CaseTransfer,
    Event,
    Honour,
    Inspection,
    Operator,
    OtherEvent,
    Person,
    RecordSource,
    Rectification,
    Violation,
)
from credit_engine.testing.strategies import Question, as_data, questions

GOLDEN = Path(__file__).parent / "golden"
LANGUAGES: tuple[Language, Language] = ("zh", "en")
NOBODY = "某某隐名"


def answer(question: Question) -> Assessment:
    return assess(question.dossier, question.policy, question.as_of, question.known_at, event=question.event)


def parts(account: Account, part: str) -> Iterator[Account]:
    """Every line of this part, from the top."""
    if account.part == part:
        yield account
    for child in account.children:
        yield from parts(child, part)


def shape(account: Account) -> object:
    return account.part, [shape(child) for child in account.children]


def askable(policy: Policy) -> list[str]:
    """Every name that `explain(rule=...)` takes."""
    score = policy.plan.score
    names = [*(rule.id for rule in score.rules), *score.groups, "range"] if score else []
    return names + [name for scale in policy.plan.scales for name in (scale.name, *(rule.id for rule in scale.adjust))]


# --- laws -----------------------------------------------------------------------------------------------------


@settings(max_examples=200)
@given(questions())
def test_both_languages_say_the_same_things_in_the_same_order(question: Question) -> None:
    found = answer(question)
    assert shape(tree(found, "zh")) == shape(tree(found, "en"))


@settings(max_examples=200)
@given(questions())
def test_every_rule_can_be_asked_for_and_speaks_of_every_event_of_its_kind(question: Question) -> None:
    found = answer(question)
    for name in askable(question.policy):
        for language in LANGUAGES:
            tree(found, language, name)
    score = question.policy.plan.score
    events = question.dossier.events_on(found.known_at)
    for rule in score.rules if score and found.outside_policy is not True else ():
        text = explain(found, "en", rule.id)
        for event in events:
            if rule.each is not None and event.kind == rule.each.kind:
                assert re.search(rf"\b{event.id}\b", text), f"{rule.id} does not speak of {event.id}\n{text}"


@settings(max_examples=200)
@given(questions())
def test_the_sum_line_adds_up_to_the_score(question: Question) -> None:
    found = answer(question)
    account = tree(found, "en")
    reasons = list(parts(account, "reason"))
    assert len(reasons) == sum(reason.kind == "rule" for reason in found.reasons)
    if not isinstance(found.score, int) or not found.reasons:
        return
    (line,) = parts(account, "sum")
    terms, total = line.text.removeprefix("Sum: ").split(" = ")
    assert total == decimal_text(found.score)
    assert sum(thousandths(term) for term in re.findall(r"(?:^|[-+] )[-\d.]+", terms)) == found.score


def thousandths(term: str) -> int:
    whole, _, rest = term.replace(" ", "").replace("+", "").partition(".")
    return int(whole) * 1000 + int(f"{'-' if whole.startswith('-') else ''}{rest or 0:0<3}")


@settings(max_examples=100)
@given(questions())
def test_the_account_is_the_same_for_any_order_of_the_events(question: Question) -> None:
    turned = evolve(question.dossier, events=tuple(reversed(question.dossier.events)))
    assert explain(answer(question)) == explain(answer(evolve(question, dossier=turned)))


@settings(max_examples=100)
@given(questions())
def test_no_name_of_a_party_ever_appears(question: Question) -> None:
    named = tuple(evolve(party, name=NOBODY) for party in question.dossier.party_versions)
    found = answer(evolve(question, dossier=evolve(question.dossier, party_versions=named)))
    for language in LANGUAGES:
        assert NOBODY not in explain(found, language)


@settings(max_examples=100)
@given(questions())
def test_looking_again_changes_nothing_in_the_answer(question: Question) -> None:
    found = answer(question)
    before = found.as_dict()
    explain(found)
    assert found.as_dict() == before
    assert explain(found) == explain(found)


# --- texts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", TEXTS)
def test_a_sentence_has_the_same_gaps_in_both_languages(key: str) -> None:
    in_zh, in_en = ({name for _, name, _, _ in Formatter().parse(text) if name} for text in TEXTS[key])
    assert in_zh == in_en


def test_every_kind_of_value_has_a_type_to_be_written_in() -> None:
    assert set(TYPES) == set(VALUES)


def test_the_account_as_data_holds_every_line_once() -> None:
    account = Account("a", [Account("b", part="x"), Account("c", [Account("d")])])
    assert account.as_text() == "a\n  b\n  c\n    d"
    assert account.as_dict() == {
        "part": "line",
        "text": "a",
        "children": [
            {"part": "x", "text": "b"},
            {"part": "line", "text": "c", "children": [{"part": "line", "text": "d"}]},
        ],
    }
