"""Laws: what they find in an engine that is wrong, when they cannot be asked, and what a report says."""

import pytest
from attrs import evolve

from credit_engine.assessing.answer import Assessment
from credit_engine.policy.load import Policy, load_policy, load_policy_text
from credit_engine.testing import laws
from credit_engine.testing.drawing import Dice
from credit_engine.testing.laws import LawError
from credit_engine.testing.laws.checking import check_all
from credit_engine.testing.laws.naming import MAKERS
from credit_engine.testing.question import answers
from credit_engine.testing.sampling import sample
from sample_spread import affiliates
from testing.seeded import DEFECTS
from testing.spoilt import MOVED, WRONG, Breaking

EXAMPLES = 500
HEAD = """\
policy: sample
title: {zh: 例, en: Sample}
sources: {law: {title: Law, rank: law, in_force: {from: 2000-01-01}}}
"""
SOUND = (
    HEAD
    + """\
score:
  start: 100
  range: [0, 100]
  rules:
    - rule: penalty
      title: {zh: 处罚, en: Penalty}
      each: violation
      where: {severity: severe}
      deduct: 10
      counts: {from: decided, for: 1y}
      basis: [law]
"""
)
REWARDING = SOUND.replace("deduct: 10", "add: 10").replace("start: 100", "start: 50")
NO_SCORE = HEAD + "indicators: {fines: {title: {zh: 罚, en: Fines}, count: violation}}\n"


def sound() -> Policy:
    return load_policy_text(SOUND)


# --- an engine that is wrong ----------------------------------------------------------------------------------

OF_A_POLICY: dict[str, tuple[object, ...]] = {  # laws that the sound policy breaks
    "never_worse_with": ("violation",),
    "holds": (lambda answer: answer.score == 100_000, "Everybody has 100 points"),
    "engines_agree": ({"odd": lambda question: evolve(answers(question)[0], score=1)},),
}


def breaking(name: str) -> Breaking:
    """What a law must find. Raises `KeyError` for a law that nothing here breaks."""
    defects = {defect.law: defect for defect in DEFECTS}
    if name in defects:
        policy = defects[name].loaded()
        return Breaking(policy, defects[name].asked(policy))
    if name in MOVED:
        policy = affiliates()
        return Breaking(policy, laws.law(name, policy), moved=MOVED[name])
    if name in OF_A_POLICY:
        return Breaking(sound(), laws.law(name, sound(), *OF_A_POLICY[name]))
    return Breaking(sound(), laws.law(name, sound()), spoilt=WRONG[name])


@pytest.mark.parametrize("name", MAKERS)
def test_every_law_fails_on_what_was_made_to_break_it(name: str) -> None:
    wrong = breaking(name)
    assert any(found(wrong, number, right=False) for number in range(EXAMPLES))


@pytest.mark.parametrize("name", [*WRONG, *MOVED])
def test_the_law_holds_for_the_engine_that_was_not_spoilt(name: str) -> None:
    wrong = breaking(name)
    assert not any(found(wrong, number, right=True) for number in range(100))


def found(wrong: Breaking, number: int, *, right: bool) -> list[str]:
    question = sample(wrong.policy, number)
    other = question if wrong.law.vary is None else wrong.law.vary(Dice(number), question)
    if other is None:
        return []
    return wrong.law.judge(wrong.asked(question, right=right), wrong.asked(other, right=right))


def test_an_engine_that_differs_is_found() -> None:
    policy = sound()
    law = laws.law("engines_agree", policy, {"odd": lambda one: evolve(answers(one)[0], score=1)})
    with pytest.raises(laws.LawBroken, match="odd: score"):
        law.check(policy, 20)
    laws.engines_agree(policy, {"same": lambda one: answers(one)[0]}, examples=20)


# --- laws of authors ------------------------------------------------------------------------------------------


def test_a_law_of_ones_own_is_a_function_of_the_answer() -> None:
    def never_below_95(answer: Assessment) -> bool:
        """Nobody has less than 95 points."""
        return not isinstance(answer.score, int) or answer.score >= 95_000

    with pytest.raises(laws.LawBroken, match="Nobody has less than 95 points"):
        laws.holds(sound(), never_below_95, examples=200)
    laws.holds(sound(), lambda answer: answer.score is not None, "There is a score", examples=20)


def test_never_worse_with_finds_what_never_better_with_allows() -> None:
    laws.never_better_with(sound(), "violation", examples=100)
    with pytest.raises(laws.LawBroken, match="the score falls from 100 to 90"):
        laws.never_worse_with(sound(), "violation", examples=200)
    laws.never_worse_with(load_policy_text(REWARDING), "violation", examples=100)


def test_more_may_be_better_if_the_author_says_so() -> None:
    policy = load_policy_text(SOUND.replace("severity: severe", 'fine: {at_least: "5000 yuan"}'))
    laws.monotone_in(policy, "violation.fine", examples=50)
    with pytest.raises(laws.LawBroken, match="never makes the score worse"):
        laws.monotone_in(policy, "violation.fine", "better", examples=300)


# --- which apply ----------------------------------------------------------------------------------------------


def test_a_law_that_cannot_be_asked_says_why() -> None:
    policy = load_policy_text(NO_SCORE)
    with pytest.raises(LawError, match="has no score") as refused:
        laws.reasons_add_up(policy)
    assert refused.value.problems[0].code == "law_does_not_apply"


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("never_beter_with", ("violation",), "unknown_law"),
        ("never_better_with", ("violations",), "unknown_kind"),
        ("monotone_in", ("violation.fin",), "unknown_field"),
        ("monotone_in", ("violation.law",), "bad_argument"),
        ("monotone_in", ("violation.fine", "up"), "bad_argument"),
        ("no_cliff", ("violation.fine", "much"), "bad_argument"),
        ("no_cliff", ("violation.fine",), "bad_argument"),
        ("listed_only_if", ("black", {"day": {"known": True}}), "unknown_list"),
    ],
)
def test_a_law_that_is_written_wrong_is_refused(name: str, arguments: tuple[object, ...], code: str) -> None:
    with pytest.raises(LawError) as refused:
        laws.law(name, sound(), *arguments)
    assert refused.value.problems[0].code == code


def test_the_report_says_why_laws_were_left_out() -> None:
    report = laws.all(sound(), examples=10)
    assert report.broken == ()
    assert "never_better_with(kind=violation)" in map(str, report.asked)
    assert report.left_out["always_graded"] == "has no grades"
    assert report.left_out["spread_ends"] == "has no rules of spread"
    assert "always_graded: the policy has no grades" in str(report)


def test_a_policy_that_adds_points_need_not_keep_the_law_of_one_more_violation() -> None:
    report = laws.all(load_policy_text(REWARDING), examples=5)
    assert report.left_out["never_better_with(kind=violation)"] == "adds points in rule penalty"


def test_several_broken_laws_are_all_reported() -> None:
    policy = load_policy_text(REWARDING)
    asked = [laws.law("bounded_by", policy, 50, 55), laws.law("never_better_with", policy, "violation")]
    report = check_all(policy, asked, examples=200)
    assert {str(each.law) for each in report.broken} == set(map(str, asked))
    with pytest.raises(laws.LawBroken) as broken_law:
        laws.all(policy, asked, examples=200)
    assert "2 broken" in broken_law.value.__notes__[0]


def test_every_law_that_is_proposed_can_be_a_parameter_of_pytest() -> None:
    names = list(map(str, laws.every(load_policy("delta-food"))))
    assert len(set(names)) == len(names) > 10
