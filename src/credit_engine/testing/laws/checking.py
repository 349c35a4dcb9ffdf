"""Looking for a question that breaks a law, with hypothesis: one question an example, on which all laws are judged."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import field, frozen
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from credit_engine.policy.load import Policy
from credit_engine.testing.drawing import Blocks
from credit_engine.testing.drawn_records import Facts
from credit_engine.testing.laws.law import Asked, Law, LawBroken, law_error, sharing
from credit_engine.testing.laws.naming import proposed
from credit_engine.testing.laws.smaller import smaller
from credit_engine.testing.laws.telling import broken
from credit_engine.testing.question import Question
from credit_engine.testing.sampling import drawn_question

_PHASES = (Phase.generate, Phase.shrink)


def check(law: Law, policy: Policy, examples: int | None = None, seed: int | None = None) -> None:
    """Looks for a question that breaks the law. Raises `LawBroken`, or `LawError` if it cannot be asked."""
    reason = law.applies(policy)
    if reason is not None:
        raise law_error("law_does_not_apply", f"{law} cannot be asked: the policy {policy.name} {reason}")
    found = _search(policy, [law], examples, seed)
    if found is not None:
        raise found


@frozen
class Report:
    """What the laws of a policy came to: those asked, those broken, and why others were `left_out` (by their text)."""

    policy: str
    examples: int
    asked: tuple[Law, ...]
    broken: tuple[LawBroken, ...]
    left_out: dict[str, str] = field(factory=dict)

    def __str__(self) -> str:
        """One line a law."""
        wrong = {str(each.law): each for each in self.broken}
        lines = [f"{self.policy}: {len(self.asked)} laws, {self.examples} examples, {len(wrong)} broken"]
        lines += [f"  {'broken' if str(law) in wrong else 'holds '}  {law}" for law in self.asked]
        lines += [f"  -       {name}: the policy {reason}" for name, reason in self.left_out.items()]
        return "\n".join([*lines, *(f"\n{each}" for each in self.broken)])


def check_all(
    policy: Policy, laws: Sequence[Law] | None = None, examples: int | None = None, seed: int | None = None
) -> Report:
    """Every law that the policy has to keep, asked of the same questions; see `laws.all`."""
    asked, left = proposed(policy)
    if laws is not None:
        asked, left = list(laws), {}
    wrong: list[LawBroken] = []
    rest = list(asked)
    while rest:
        found = _search(policy, rest, examples, seed)
        if found is None:
            break
        wrong.append(found)
        rest = [each for each in rest if str(each) != str(found.law)]
    return Report(policy.name, _how_many(examples), tuple(asked), tuple(wrong), left)


def _how_many(examples: int | None) -> int:
    default = settings.default.max_examples if settings.default is not None else 100
    return default if examples is None else examples


Example = tuple[Question, list[Question | None]]


def _examples(policy: Policy, laws: Sequence[Law]) -> st.SearchStrategy[Example]:
    """A question, and for each law the second one: itself for a law of one question."""

    @st.composite
    def example(draw: st.DrawFn) -> Example:
        choose = Blocks(draw)
        question = drawn_question(choose, policy, Facts())
        return question, [question if law.vary is None else law.vary(choose, question) for law in laws]

    return example()


def _search(policy: Policy, laws: Sequence[Law], examples: int | None, seed: int | None) -> LawBroken | None:
    """The smallest question found that breaks the first of the laws found broken, as the error that tells of it."""
    target: list[Law] = []

    @settings(
        max_examples=_how_many(examples),
        derandomize=seed is None,
        database=None,
        deadline=None,
        phases=_PHASES,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(_examples(policy, laws))
    def look(example: Example) -> None:
        question, others = example
        by = sharing()
        first = Asked(question, by)
        for law, other in zip(laws, others, strict=True):
            if other is None or (target and law is not target[0]):
                continue
            second = first if other is question else Asked(other, by)
            if found := law.judge(first, second):
                target.append(law)
                raise LawBroken(law.sentence, law, found, question, None if law.vary is None else other)

    try:
        (look if seed is None else seeded(seed)(look))()
    except LawBroken as error:
        question, other = smaller(error.law, error.question, error.other)
        first = Asked(question)
        second = first if other is None else Asked(other)
        return broken(error.law, first, None if other is None else second, error.law.judge(first, second))
    return None
