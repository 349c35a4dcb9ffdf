"""What a policy explains about its own tests: goals that none can reach, and why (`gaps`).

    gaps:
      - {of: score.large_fine, asks: fine, never: [only_may_hold], because: {zh: ..., en: The register has every fine.}}

`of` is the name of a rule, list or value as the report says it; `asks` how a comparison begins, or `row N`.
A gap explains only what no test reaches: one that a test reaches, or that names nothing, is a problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from credit_engine.errors import Place, Problem
from credit_engine.policy.load import Policy
from credit_engine.policy.model import read_model
from credit_engine.testing.coverage.goals import Goal, Key


@frozen
class Gap:
    """An explained gap: which goals, and why. `asks` empty: the rule itself and everything in it that `never` names."""

    of: str
    asks: str
    never: tuple[str, ...]
    because: Mapping[str, str]
    place: Place

    def names(self, goal: Goal) -> bool:
        """Whether the gap is about a goal."""
        words = goal.words.removeprefix(f"{goal.owner} ")
        bare = words.partition(".")[2] if "." in words.partition(" ")[0].partition(":")[0] else words
        asked = not self.asks or words.startswith(self.asks) or bare.startswith(self.asks)
        return goal.owner == self.of and goal.want in self.never and asked

    def problems(self, goals: Sequence[Goal], is_reached: Callable[[Goal], bool]) -> Iterator[Problem]:
        """What is wrong with the gap: it names nothing, or what a test does reach."""
        for want in self.never:
            named = [goal for goal in goals if goal.want == want and self.names(goal)]
            what = f"{self.of}{f', {self.asks}' if self.asks else ''}: {want}"
            if not named:
                hint = "write `of`, `asks` and `never` as `policy test --coverage` says them"
                yield Problem("gap_of_nothing", f"nothing to explain: {what}", self.place, hint)
            for goal in named:
                if is_reached(goal):
                    message = f"a test reaches what this explains: {what}"
                    yield Problem("gap_reached", message, self.place, "take it out of the gap")

    @property
    def reason(self) -> str:
        """The explanation, in English where there is one."""
        return self.because.get("en") or next(iter(self.because.values()), "")


def gaps_of(policy: Policy) -> tuple[Gap, ...]:
    """The gaps that a policy explains, those of what it extends first."""
    return tuple(
        Gap(each.of, each.asks, each.never, each.reasons(), each.place()) for each in read_model(policy.written).gaps
    )


def explained(gaps: Sequence[Gap], goals: Iterable[Goal]) -> dict[Key, Gap]:
    """Of these goals those that a gap names, with the first gap that does."""
    found: dict[Key, Gap] = {}
    for goal in goals:
        gap = next((gap for gap in gaps if gap.names(goal)), None)
        if gap is not None:
            found[goal.key] = gap
    return found
