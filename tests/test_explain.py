"""The account of an answer: it adds up, speaks of every event, names nobody, and reads the same from any order."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from string import Formatter

import pytest
from attrs import evolve
from hypothesis import given, settings

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.assessing.explain import explain, tree
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.glossary import CERTAINTY
from credit_engine.assessing.explaining.texts import TEXTS
from credit_engine.assessing.explaining.values import TYPES
from credit_engine.assessing.explaining.wording import Language
from credit_engine.dossiers import Dossier
from credit_engine.errors import QuestionError
from credit_engine.policy.load import Policy, load_policy, load_policy_text, read_policy, shipped_policies
from credit_engine.policy.nodes import VALUES
from credit_engine.quantities import decimal_text
from credit_engine.records import Inspection, ListDecision, Operator, Rectification, Violation
from credit_engine.testing.strategies import Question, as_data, questions

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
    names += [rule.name for rule in policy.plan.lists]
    names += [rule.id for rule in policy.plan.findings]
    names += [rule.id for rule in policy.plan.obligations]
    names += [rule.id for rule in policy.plan.supervision]
    return names + [name for scale in policy.plan.scales for name in (scale.name, *(rule.id for rule in scale.adjust))]


# --- laws -----------------------------------------------------------------------------------------------------


@settings(max_examples=100)
@given(questions())
def test_both_languages_say_the_same_things_in_the_same_order(question: Question) -> None:
    found = answer(question)
    assert shape(tree(found, "zh")) == shape(tree(found, "en"))


@settings(max_examples=100)
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


@settings(max_examples=100)
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


@settings(max_examples=50)
@given(questions())
def test_the_account_is_the_same_for_any_order_of_the_events(question: Question) -> None:
    turned = evolve(question.dossier, events=tuple(reversed(question.dossier.events)))
    assert explain(answer(question)) == explain(answer(evolve(question, dossier=turned)))


@settings(max_examples=50)
@given(questions())
def test_no_name_of_a_party_ever_appears(question: Question) -> None:
    named = tuple(evolve(party, name=NOBODY) for party in question.dossier.party_versions)
    found = answer(evolve(question, dossier=evolve(question.dossier, party_versions=named)))
    for language in LANGUAGES:
        assert NOBODY not in explain(found, language)


@settings(max_examples=50)
@given(questions())
def test_looking_again_changes_nothing_in_the_answer(question: Question) -> None:
    found = answer(question)
    before = found.as_dict()
    explain(found)
    assert found.as_dict() == before
    assert explain(found) == explain(found)


# --- edges ----------------------------------------------------------------------------------------------------

LAW = {
    "title": "某法",
    "article": "1",
    "rank": "law",
    "in_force": {"from": date(2020, 1, 1), "until": date(2030, 1, 1)},
}
RULE = {
    "rule": "fine",
    "title": {"zh": "罚款", "en": "Fine"},
    "each": "violation",
    "where": {"fine": {"at_least": "500 yuan"}},
    "deduct": 10,
    "counts": {"from": "decided", "for": "1y"},
    "basis": ["law"],
}
DECIDED = date(2024, 3, 15)


def policy_of(**rule: object) -> Policy:
    return read_policy(
        as_data(
            {
                "policy": "case",
                "title": {"zh": "例", "en": "case"},
                "sources": {"law": LAW},
                "indicators": {"fines": {"count": "violation", "where": {"fine": {"above": "0 yuan"}}}},
                "score": {"start": 100, "rules": [RULE | rule]},
            }
        )
    )


def told(day: date, policy: Policy | None = None, rule: str | None = None, **fields: object) -> str:
    values = {"decided": DECIDED, "penalties": ["fine"], "fine": 60_000, **fields}
    violation = Violation(id="V1", party="P1", **values)  # type: ignore[arg-type]  # fields of several types
    return explain(assess(Dossier(Operator(id="P1"), [violation]), policy or policy_of(), day), "en", rule)


def test_the_last_day_that_counts_is_said_to_count() -> None:
    assert "Counts from 2024-03-15 up to and including 2025-03-15" in told(date(2025, 3, 15))
    assert "Score: 90" in told(date(2025, 3, 15))


def test_on_the_day_after_the_last_it_is_said_to_be_over_since_that_day() -> None:
    text = told(date(2025, 3, 16), rule="fine")
    assert "It counted from 2024-03-15 to 2025-03-15 and no longer does since 2025-03-16" in text


def test_on_the_day_before_the_first_the_event_is_said_to_come_later() -> None:
    assert "2024-03-15, lies after the day judged, 2024-03-14" in told(date(2024, 3, 14), rule="fine")


def test_what_has_no_end_says_so() -> None:
    assert "Counts from 2024-03-15, without end" in told(DECIDED, policy_of(counts={"from": "decided"}))


@pytest.mark.parametrize(("day", "is_law"), [(date(2019, 12, 31), False), (date(2020, 1, 1), True)])
def test_a_rule_says_which_of_its_sources_is_not_in_force(day: date, *, is_law: bool) -> None:
    text = told(day, rule="fine", decided=day)
    assert ("The rule was not in force on 2019-12-31" in text) is not is_law
    assert "某法, art. 1 (law, in force from 2020-01-01 to 2029-12-31)" in text


def test_the_comparison_that_fails_says_what_is_and_what_must_be() -> None:
    assert "fine: 499.99 yuan, but must be at least 500 yuan" in told(DECIDED, rule="fine", fine=49_999)


def test_a_when_that_fails_says_which_events_were_counted() -> None:
    text = told(DECIDED, policy_of(when={"fines": {"at_least": 2}}), rule="fine")
    assert "fines: 1, but must be at least 2\n          counted: penalty decision V1" in text


def test_an_empty_cell_says_what_it_would_take_to_know() -> None:
    text = told(DECIDED, fine=None)
    assert "Score: not known, between " in text or "Score: not known" in text
    assert "To be found out: fine of penalty decision V1 (day of the decision 2024-03-15)" in text


def test_a_withdrawn_decision_says_when_it_was_withdrawn() -> None:
    text = told(DECIDED, rule="fine", standing="withdrawn", withdrawn=date(2024, 3, 1))
    assert "It was withdrawn on 2024-03-01" in text


def test_an_alleged_violation_says_which_standings_count() -> None:
    assert "Its standing is alleged; the rule takes only: final, found" in told(
        DECIDED, rule="fine", standing="alleged"
    )


def test_without_events_of_its_kind_a_rule_says_that_none_was_recorded() -> None:
    other = Inspection(id="I1", party="P1", occurred=DECIDED)
    found = assess(Dossier(Operator(id="P1"), [other]), policy_of(), DECIDED)
    assert "No penalty decision was recorded by 2024-03-15" in explain(found, "en", "fine")


def test_an_absent_table_says_which_records_are_to_be_supplied() -> None:
    found = assess(Dossier(Operator(id="P1"), coverage={"violation": "absent"}), policy_of(), DECIDED)
    assert "To be supplied: the records of each penalty decision" in explain(found, "en")


def test_a_rule_that_is_not_there_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(QuestionError, match=r"no rule 'fines'(.|\n)*did you mean 'fine'") as caught:
        told(DECIDED, rule="fines")
    assert caught.value.codes == ("unknown_rule",)


def test_a_name_that_a_policy_compares_is_not_shown() -> None:
    policy = policy_of(when={"operator.name": NOBODY})
    found = assess(Dossier(Operator(id="P1", name=NOBODY)), policy, DECIDED)
    for language in LANGUAGES:
        for rule in (None, "fine"):
            assert NOBODY not in explain(found, language, rule)


def test_assessing_loads_nothing_of_the_explanation() -> None:
    code = "import sys, credit_engine; credit_engine.assess; assert not [m for m in sys.modules if 'explain' in m]"
    subprocess.run([sys.executable, "-c", code], check=True)


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


def test_a_wait_that_a_later_law_let_be_over_is_told_by_that_law() -> None:
    policy = load_policy("penalty-publication")
    penalty = Violation(
        id="V1",
        party="O1",
        penalties=frozenset({"stop_production"}),
        decided=date(2023, 3, 28),
        published=date(2023, 4, 6),
        procedure="ordinary",
    )
    repair = Rectification(
        id="R1",
        party="O1",
        of="V1",
        occurred=date(2023, 6, 1),
        performed=date(2023, 6, 1),
        harm_removed=True,
        promise=True,
        false_material=False,
    )
    dossier = Dossier([Operator(id="O1", kind="enterprise", region="310101")], [penalty, repair])
    found = assess(dossier, policy, date(2026, 1, 10))
    entry = next(one for one in found.entries if one.repairable_from == date(2025, 12, 25))
    told = explain(found, "en", entry.list)
    assert "The end of the wait is not known" not in told
    assert "The wait was over on 2025-12-24" in told


def test_every_common_word_for_how_sure_a_shipped_policy_is_has_words() -> None:
    """Sentences of one's own are shown as they are; single words are told in both languages."""
    plans = [load_policy(name).plan for name in shipped_policies()]
    said = {source.certainty for plan in plans for source in plan.sources.values()}
    said |= {step.certainty for plan in plans for one in plan.parameters.values() for step in one.values}
    assert {word for word in said if word and " " not in word} - {"open"} <= set(CERTAINTY)
    assert "open" in CERTAINTY


def test_a_deadline_tells_the_values_it_is_reckoned_by_and_where_they_come_from() -> None:
    policy = load_policy("penalty-publication")
    penalty = Violation(
        id="V1",
        party="O1",
        region="310101",
        penalties=frozenset({"fine"}),
        decided=date(2025, 12, 1),
        procedure="ordinary",
    )
    dossier = Dossier([Operator(id="O1", kind="enterprise", region="310101")], [penalty])
    found = assess(dossier, policy, date(2025, 12, 10))
    owed = next(one for one in found.obligations if one.rule == "publish.same")
    (told,) = parts(tree(found, "en", owed.rule), "obligation")
    values = [line.text for line in parts(told, "parameter")]
    assert any("Time to publish" in line and "20 working days" in line and "text checked" in line for line in values)


def test_an_entry_without_foundation_says_so_beside_its_ground_and_among_what_is_missing() -> None:
    policy = load_policy_text(
        "policy: founded\n"
        "title: {zh: 例, en: Founded}\n"
        "sources: {order: {title: Order, rank: law, in_force: {from: 2021-09-01}}}\n"
        "lists: {severe: {polarity: negative, foundation: order, needs_decision: true, term: {for: 3y, from: listed}}}\n"
    )
    for day, told in ((31, True), (32, False)):
        decided = date(2021, 8, 1) + timedelta(days=day - 1)
        decision = ListDecision(id="D1", party="A", list="severe", step="list", decided=decided)
        found = assess(Dossier(Operator(id="A"), [decision]), policy, date(2021, 10, 1))
        text = explain(found, "en")
        assert ("no legal foundation of this list was in force on 2021-08-31" in text) is told
        assert ("not known: a legal foundation of the list in force then" in text) is told
        assert "listed and in force" in text


def test_a_decision_whose_step_is_not_recorded_is_told_as_unknown_and_is_no_step() -> None:
    steps = [
        ListDecision(id="L1", party="A", list="severely_untrustworthy", step="list", decided=date(2024, 3, 1)),
        ListDecision(id="L2", party="A", list="severely_untrustworthy", decided=date(2024, 4, 1)),
    ]
    dossier = Dossier(Operator(id="A", kind="enterprise"), steps)
    found = assess(dossier, load_policy("severe-list-order44"), date(2024, 5, 1))
    assert [line.text.split(":")[0] for line in parts(tree(found, "en"), "step")] == ["listed"]
    assert found.on_list == {"severely_untrustworthy": None}
    assert "list decision L2: not known: step" in explain(found, "en")
    assert "名单决定 L2：步骤尚不清楚" in explain(found, "zh")


def test_an_entry_that_a_decision_made_on_a_reviewed_list_rests_on_the_decision() -> None:
    policy = load_policy_text(
        "policy: reviewed\n"
        "title: {zh: 例, en: Reviewed}\n"
        "sources: {order: {title: Order, rank: law}}\n"
        "score: {start: 100, range: [0, 100]}\n"
        "lists:\n"
        "  good: {polarity: positive, foundation: order, needs_decision: true, review: yearly,"
        " opens: {when: {score: {at_least: 101}}}}\n"
    )
    decision = ListDecision(id="D2", party="A", list="good", step="list", decided=date(2024, 3, 1))
    found = assess(Dossier(Operator(id="A"), [decision]), policy, date(2024, 5, 1))
    for rule in (None, "good"):
        (ground,) = parts(tree(found, "en", rule), "ground")
        assert ground.text.startswith("Ground: the decision itself")


def test_a_question_seen_from_a_visit_can_be_told_about_a_visit_without_a_day() -> None:
    policy = load_policy_text(
        "policy: visits\n"
        "title: {zh: 例, en: Visits}\n"
        "sources: {order: {title: Order, rank: law}}\n"
        "score: {start: 100, range: [0, 100], rules: [{rule: failed, each: inspection, where: {result: fail},"
        " deduct: 10, basis: [order]}]}\n"
    )
    visits = [
        Inspection(id="I1", party="A", occurred=date(2024, 3, 1), result="fail"),
        Inspection(id="I2", party="A", result="pass"),
    ]
    found = assess(Dossier(Operator(id="A"), visits), policy, date(2024, 3, 1), event="I1")
    assert "I2" in explain(found, "en", "failed")
