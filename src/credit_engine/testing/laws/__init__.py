"""Laws that the answers of a policy keep: ask one in one call, or all that apply.

    laws.never_better_with(policy, "violation")          # raises LawBroken with a policy test that shows it
    laws.all(policy, examples=1000)                      # a report: asked, broken, and why others were left out
    @pytest.mark.parametrize("law", laws.every(policy), ids=str)
    def test_law(law): law.check(policy)

Each law is explained in `docs/reference/laws.md`. Every function takes `examples` (how many questions to look at) and
`seed` (other ones than usual), and raises `LawBroken`, or `LawError` where the law cannot be asked of the policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from credit_engine.policy.load import Policy
from credit_engine.testing.laws.answers import ENGINES, Engines, Predicate
from credit_engine.testing.laws.law import Asked, Law, LawBroken, LawError
from credit_engine.testing.laws.naming import every, law

if TYPE_CHECKING:
    from credit_engine.testing.laws.checking import Report

__all__ = [
    "ENGINES",
    "Asked",
    "Law",
    "LawBroken",
    "LawError",
    "all",
    "always_graded",
    "answers_are_slices",
    "bounded_by",
    "ended_spreads_nothing",
    "engines_agree",
    "event_sees_its_day",
    "every",
    "holds",
    "independent_of",
    "labels_are_labels",
    "law",
    "listed_only_if",
    "monotone_in",
    "never_better_with",
    "never_worse_with",
    "next_change_is_right",
    "no_cliff",
    "no_future",
    "nothing_known_later",
    "order_is_irrelevant",
    "reasons_add_up",
    "repeated_rows_count_once",
    "spread_ends",
    "unknown_stays_open",
    "withdrawing_equals_never_recorded",
]
Number = Any  # Any: a number as written: 10, "2.5"


def all(  # noqa: A001  # laws.all reads as it should
    policy: Policy, laws: Iterable[Law] | None = None, *, examples: int | None = None, seed: int | None = None
) -> Report:
    """Every law that the policy has to keep (or those given), all asked of the same questions.

    Raises the first `LawBroken`, with the report of all laws in its notes; else the report, which says why the other
    laws were left out.
    """
    from credit_engine.testing.laws.checking import check_all  # noqa: PLC0415  # it needs hypothesis

    report = check_all(policy, None if laws is None else tuple(laws), examples, seed)
    if report.broken:
        first = report.broken[0]
        first.add_note(str(report))
        raise first
    return report


def _asking(name: str) -> Callable[..., None]:
    """The check of a law without arguments."""

    def ask(policy: Policy, *, examples: int | None = None, seed: int | None = None) -> None:
        law(name, policy).check(policy, examples, seed)

    ask.__name__ = ask.__qualname__ = name
    return ask


order_is_irrelevant = _asking("order_is_irrelevant")
repeated_rows_count_once = _asking("repeated_rows_count_once")
no_future = _asking("no_future")
nothing_known_later = _asking("nothing_known_later")
withdrawing_equals_never_recorded = _asking("withdrawing_equals_never_recorded")
labels_are_labels = _asking("labels_are_labels")
event_sees_its_day = _asking("event_sees_its_day")
reasons_add_up = _asking("reasons_add_up")
answers_are_slices = _asking("answers_are_slices")
next_change_is_right = _asking("next_change_is_right")
ended_spreads_nothing = _asking("ended_spreads_nothing")
spread_ends = _asking("spread_ends")
always_graded = _asking("always_graded")


def never_better_with(policy: Policy, kind: str, *, examples: int | None = None, seed: int | None = None) -> None:
    """One more event of a kind never raises the score; of a policy without one, never betters a grade."""
    law("never_better_with", policy, kind).check(policy, examples, seed)


def never_worse_with(policy: Policy, kind: str, *, examples: int | None = None, seed: int | None = None) -> None:
    """One more event of a kind never lowers the score; of a policy without one, never worsens a grade."""
    law("never_worse_with", policy, kind).check(policy, examples, seed)


def monotone_in(
    policy: Policy, field: str, direction: str = "worse", *, examples: int | None = None, seed: int | None = None
) -> None:
    """More of a field (`violation.fine`) never makes the score better; with `direction="better"`, never worse."""
    law("monotone_in", policy, field, direction).check(policy, examples, seed)


def bounded_by(
    policy: Policy,
    low: Number = None,
    high: Number = None,
    *,
    examples: int | None = None,
    seed: int | None = None,
) -> None:
    """The score lies between two numbers, both included; without them, in the range of the policy."""
    law("bounded_by", policy, low, high).check(policy, examples, seed)


def no_cliff(
    policy: Policy,
    field: str,
    by: Number,
    step: Number = None,
    *,
    examples: int | None = None,
    seed: int | None = None,
) -> None:
    """One `step` of a field (1, 1 yuan, a day) moves the score by at most `by` points."""
    law("no_cliff", policy, field, by, step).check(policy, examples, seed)


def independent_of(policy: Policy, field: str, *, examples: int | None = None, seed: int | None = None) -> None:
    """Another value of a field (`operator.name`), or other `ids`, change neither score, grades nor lists."""
    law("independent_of", policy, field).check(policy, examples, seed)


def listed_only_if(
    policy: Policy,
    list: str,  # noqa: A002  # the word of the policy
    when: Predicate | Mapping[str, Any] | str,  # Any: a condition as written
    *,
    examples: int | None = None,
    seed: int | None = None,
) -> None:
    """Whoever is on a list satisfies a condition on the day judged: a `when` of the policy, or a function."""
    law("listed_only_if", policy, list, when).check(policy, examples, seed)


def unknown_stays_open(
    policy: Policy, absent_means: Iterable[str] = (), *, examples: int | None = None, seed: int | None = None
) -> None:
    """Whatever a missing fact turns out to be lies inside what was said before; see `laws.md` for `absent_means`."""
    law("unknown_stays_open", policy, absent_means).check(policy, examples, seed)


def engines_agree(
    policy: Policy, engines: Engines | None = None, *, examples: int | None = None, seed: int | None = None
) -> None:
    """Every engine (by name; default: `ENGINES`) gives the answer of the plain one."""
    law("engines_agree", policy, engines).check(policy, examples, seed)


def holds(
    policy: Policy,
    predicate: Predicate,
    sentence: str = "",
    *,
    examples: int | None = None,
    seed: int | None = None,
) -> None:
    """What an author says of every answer, as a function of it; its docstring is the sentence unless one is given."""
    law("holds", policy, predicate, sentence).check(policy, examples, seed)
