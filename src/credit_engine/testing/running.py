"""Policy tests are run: each case is a question to an engine, and what comes of it an outcome."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve, field, frozen

from credit_engine.assessing.answer import Assessment
from credit_engine.errors import CreditEngineError, PolicyError, Problem, RecordError
from credit_engine.policy.load import Policy
from credit_engine.testing.case_effects import effect_differences, effect_mistakes
from credit_engine.testing.case_facts import Case, dossier_of, dossiers_of_others, relations_of
from credit_engine.testing.differing import differences
from credit_engine.testing.expecting import mistakes
from credit_engine.testing.question import Assess, Question, Spread, answers


@frozen
class Outcome:
    """What came of a case: what differs, a sentence each (none: it passed), and the answer if there was one."""

    case: Case
    differences: tuple[str, ...] = ()
    answer: Assessment | None = field(default=None, repr=False)

    @property
    def passed(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def run(case: Case, load: Callable[[], Policy], assess: Assess, spread: Spread | None = None) -> list[str]:
    """What differs from the expectation, a sentence each; empty if the case passes. `spread`: the library's own."""
    return list(judge(case, load, assess, spread).differences)


def judge(case: Case, load: Callable[[], Policy], assess: Assess, spread: Spread | None = None) -> Outcome:
    """The outcome of a case; what is wrong with the test itself, or with its facts, is told as a difference."""
    try:
        outcome = _judged(case, load(), assess, spread)
    except CreditEngineError as error:
        if not case.expects_error:
            return Outcome(case, (f"expected an answer, got an error: {error}",))
        missing = sorted(case.expects_error - set(error.codes))
        return Outcome(case, tuple(f"expected the problem {code}, got: {error}" for code in missing))
    if case.expects_error:
        codes = ", ".join(sorted(case.expects_error))
        return evolve(outcome, differences=(f"expected the problem {codes}, got an answer",))
    return outcome


def _judged(case: Case, policy: Policy, assess: Assess, spread: Spread | None) -> Outcome:
    expect = case.content.get("expect")
    wrong = [] if expect is None else [*mistakes(expect, policy.plan), *effect_mistakes(expect, policy.plan)]
    try:
        if "law" in case.content:
            return _judged_by_law(case, policy, assess, spread)
        question = question_of(case, policy)
    except (PolicyError, RecordError) as error:
        if case.expects_error:
            raise
        wrong += [_placed(one, case) for one in error.problems]
    if wrong:
        return Outcome(case, tuple(f"bad test: {problem}" for problem in wrong))
    answer, effects = answers(question, assess, assess, spread)
    if expect is None:
        return Outcome(case, answer=answer)
    return Outcome(case, (*differences(expect, answer), *effect_differences(expect, effects, answer.party)), answer)


def _judged_by_law(case: Case, policy: Policy, assess: Assess, spread: Spread | None) -> Outcome:
    from credit_engine.testing.law_cases import law_differences  # noqa: PLC0415  # only these cases need the laws

    found = law_differences(case, policy, lambda question: answers(question, assess, assess, spread))
    return Outcome(case, tuple(found))


def _placed(problem: Problem, case: Case) -> Problem:
    """A problem of records, which know no file, at the place of the case."""
    if problem.place.file:
        return problem
    return evolve(problem, place=evolve(case.place, path=problem.place.path))


def question_of(case: Case, policy: Policy) -> Question:
    """What a case asks. Raises `CreditEngineError` with the places of facts that cannot be."""
    content = case.content
    return Question(
        policy,
        dossier_of(case, policy),
        content["day"],
        content.get("known_at"),
        content.get("event"),
        tuple(dossiers_of_others(case, policy)),
        tuple(relations_of(case, policy)),
    )
