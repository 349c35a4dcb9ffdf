"""What a law is: one or two questions, and what must hold of their answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.assessing.effects import Effects
from credit_engine.dossiers import Dossier
from credit_engine.errors import CreditEngineError, Problem
from credit_engine.policy.load import Policy
from credit_engine.testing.question import Question, answers

if TYPE_CHECKING:
    from credit_engine.testing.drawing import Chooser


Answers = Callable[[Question], tuple[Assessment, Effects]]


def sharing() -> Answers:
    """How the plain engine answers several questions: a dossier that is in more than one is assessed once a day."""
    found: dict[tuple[int, int, date, date | None], tuple[Dossier, Policy, Assessment]] = {}

    def own(dossier: Dossier, policy: Policy, day: date, known_at: date | None) -> Assessment:
        key = (id(dossier), id(policy), day, known_at)  # the very same one: comparing takes longer than asking
        if key not in found:
            found[key] = (dossier, policy, assess(dossier, policy, day, known_at))
        return found[key][2]

    return lambda question: answers(question, own)


def assessed(question: Question) -> Assessment:
    """The party by itself, without effects of others, by the plain engine."""
    return assess(question.dossier, question.policy, question.as_of, question.known_at, event=question.event)


@frozen(slots=False)
class Asked:
    """A question with its answer, which is found once, when it is first looked at.

    `by`: how an engine answers; `alone`: how it judges the party by itself, without effects of others.
    """

    question: Question
    by: Answers = answers
    alone: Callable[[Question], Assessment] = assessed

    def on(self, question: Question) -> Asked:
        """Another question to the same engine."""
        return evolve(self, question=question)

    @property
    def policy(self) -> Policy:
        """The policy that was asked."""
        return self.question.policy

    @cached_property
    def _answers(self) -> tuple[Assessment, Effects]:
        return self.by(self.question)

    @property
    def answer(self) -> Assessment:
        """The answer, with the effects that reach the party."""
        return self._answers[0]

    @property
    def effects(self) -> Effects:
        """All effects of the day."""
        return self._answers[1]

    @cached_property
    def own(self) -> Assessment:
        """The answer without effects of others."""
        return self.alone(self.question)


Judge = Callable[[Asked, Asked], list[str]]
Vary = Callable[["Chooser", Question], Question | None]
Applies = Callable[[Policy], str | None]


def _always(_policy: Policy) -> str | None:
    return None


@frozen(repr=False)
class Law:
    """Something that answers must keep; make one with `laws.law(NAME, policy, ...)`.

    `sentence` says it. `vary` draws the second question (`None`: there is nothing to compare in this example); a law of
    one question has none, and its judge is handed the same question twice. `judge` says what breaks the law, in
    sentences with the figures in them. `applies` says why the law cannot be asked of a policy, or `None`.
    """

    name: str
    sentence: str
    judge: Judge
    vary: Vary | None = None
    applies: Applies = _always
    arguments: Mapping[str, Any] = field(factory=dict)  # Any: as written in a policy test

    def __str__(self) -> str:
        """`never_better_with(kind=violation)`: the id of a parametrised test."""
        given = ", ".join(f"{name}={value}" for name, value in self.arguments.items())
        return f"{self.name}({given})" if given else self.name

    __repr__ = __str__

    def check(self, policy: Policy, examples: int | None = None, seed: int | None = None) -> None:
        """Looks for a question that breaks the law. Raises `LawBroken` with the smallest one found.

        `examples`: how many to look at (default: those of the hypothesis profile). `seed`: other examples than usual;
        the same seed always draws the same. Raises `LawError` if the law cannot be asked of this policy.
        """
        from credit_engine.testing.laws.checking import check  # noqa: PLC0415  # it needs hypothesis

        check(self, policy, examples, seed)

    def broken_by(self, question: Question | Asked, other: Question | Asked | None = None) -> list[str]:
        """What breaks the law in a question and, of a law that compares, the second one."""
        first = _as_asked(question)
        return self.judge(first, first if other is None else _as_asked(other))


def _as_asked(question: Question | Asked) -> Asked:
    return question if isinstance(question, Asked) else Asked(question)


class LawBroken(AssertionError):  # noqa: N818  # reads as a sentence where it is raised
    """A law does not hold: `law`, what was `found`, and the `question` (and `other`) that show it."""

    def __init__(
        self, message: str, law: Law, found: Iterable[str], question: Question, other: Question | None
    ) -> None:
        super().__init__(message)
        self.law = law
        self.found = tuple(found)
        self.question = question
        self.other = other


class LawError(CreditEngineError):
    """A law that there is not, that takes other arguments, or that cannot be asked of this policy."""


def law_error(code: str, message: str, hint: str = "") -> LawError:
    """The error with one problem."""
    return LawError(Problem(code, message, hint=hint))
