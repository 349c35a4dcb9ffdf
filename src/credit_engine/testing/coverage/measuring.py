"""How much of a policy its tests reach: what they reached, what they did not, and what the policy explains.

coverage = measure(policy, read_cases("tests/lists.yaml"))
coverage.percent("conditions"), coverage.missing
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from credit_engine.errors import Place, PolicyError, Problem
from credit_engine.policy.load import Policy
from credit_engine.testing.case_facts import Case
from credit_engine.testing.coverage.gaps import Gap, explained, gaps_of
from credit_engine.testing.coverage.goals import PAIR, SORTS, Goal, Key, goals_of
from credit_engine.testing.coverage.pieces import Pieces
from credit_engine.testing.coverage.recording import TRUE_OR_FALSE, Recorder
from credit_engine.testing.question import Question


@frozen(slots=False)  # what follows from the rest is found once
class Coverage:
    """What tests reached of a policy. Two of the same policy and the same pieces add up (`|`).

    `goals`: everything that can happen; `impossible`: what cannot, and why. `reached`: by key the first test that did.
    `near`: by leaf and side how near a value came to its threshold. `gaps`: what the policy explains.
    """

    policy: Policy
    pieces: Pieces = field(repr=False)
    goals: tuple[Goal, ...] = field(repr=False)
    impossible: tuple[Goal, ...] = field(repr=False)
    gaps: tuple[Gap, ...] = field(repr=False)
    reached: Mapping[Key, str] = field(repr=False)
    near: Mapping[tuple[int, str], tuple[Any, str]] = field(repr=False)  # Any: a distance

    def __or__(self, other: Coverage) -> Coverage:
        """What both reached together; what the first reached already keeps its test."""
        if [goal.key for goal in self.goals] != [goal.key for goal in other.goals] or not self.same_policy(other):
            message = f"coverage of {self.policy.name} and of {other.policy.name} do not add up"
            raise PolicyError(Problem("other_policy", message, hint="measure the same policy, with the same files"))
        near = dict(self.near)
        for key, found in other.near.items():
            near[key] = min(near.get(key, found), found, key=lambda one: one[0])
        return evolve(self, reached={**other.reached, **self.reached}, near=near)

    def same_policy(self, other: Coverage) -> bool:
        """Whether both are of one policy."""
        return self.policy.plan.hash == other.policy.plan.hash

    def test_of(self, goal: Goal) -> str | None:
        """The first test that reached a goal; of a pair the one that completed it comes second."""
        kind, want, number = goal.key
        if want != PAIR:
            return self.reached.get(goal.key)
        halves = [self.reached.get((kind, half, number)) for half in TRUE_OR_FALSE.values()]
        return " + ".join(dict.fromkeys(str(half) for half in halves)) if None not in halves else None

    def is_reached(self, goal: Goal) -> bool:
        """Whether a test reached the goal."""
        return self.test_of(goal) is not None

    @cached_property
    def explained(self) -> Mapping[Key, Gap]:
        """The goals that no test reaches and the policy explains, with the gap that does."""
        return explained(self.gaps, [goal for goal in self.goals if not self.is_reached(goal)])

    def count(self, sort: str, goals: Iterable[Goal] | None = None) -> tuple[int, int]:
        """How many goals of a sort were reached, and how many there are but for those explained."""
        goals = self.goals if goals is None else goals
        of_sort = [goal for goal in goals if goal.sort == sort and goal.key not in self.explained]
        return sum(1 for goal in of_sort if self.is_reached(goal)), len(of_sort)

    def percent(self, sort: str = "conditions") -> Fraction:
        """The goals of a sort that were reached, of a hundred: `conditions`, `rules`, `rows` or `thresholds`.

        100 where there are none. What the policy explains is left out.
        """
        if sort not in SORTS:
            raise PolicyError(Problem("bad_argument", f"no coverage of {sort!r}", hint=f"one of {', '.join(SORTS)}"))
        reached, all_ = self.count(sort)
        return Fraction(100 * reached, all_) if all_ else Fraction(100)

    @property
    def is_complete(self) -> bool:
        """Whether every goal is reached, or explained."""
        return not self.open

    @cached_property
    def open(self) -> tuple[Goal, ...]:
        """The goals that no test reaches and nothing explains."""
        return tuple(goal for goal in self.goals if not self.is_reached(goal) and goal.key not in self.explained)

    @property
    def missing(self) -> tuple[str, ...]:
        """What no test reaches and nothing explains, a sentence each: `lists.yaml:41 fine at_least 5: never ...`."""
        return tuple(self.told(goal) for goal in self.open)

    def told(self, goal: Goal) -> str:
        """A goal that is not reached, as a sentence with its place."""
        return f"{self.place_of(goal.place)} {goal.sentence}".strip()

    def place_of(self, place: Place) -> str:
        """A place as seen from the policy's folder: `lists.yaml:41`, `food-safety-law/findings.yaml:7`."""
        where = self.file_of(place.file)
        return f"{where}:{place.line}" if where and place.line is not None else where

    def file_of(self, file: str) -> str:
        """A file as seen from the policy's folder, with the name of its own folder where that is another one."""
        if self.policy.folder is None or not file or file == self.policy.written.place.file == "":
            return file
        path = Path(file).resolve()
        return path.name if path.parent == self.policy.folder.resolve() else f"{path.parent.name}/{path.name}"

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Gaps that explain what a test reaches, or what is not there."""
        return tuple(problem for gap in self.gaps for problem in gap.problems(self.goals, self.is_reached))


def measure(policy: Policy, cases: Iterable[Case | Question], *, inherited: bool = False) -> Coverage:
    """What cases and questions reach of a policy; of what it extends only with `inherited`.

    Whether the cases pass is not asked here. Raises `CreditEngineError` where a question cannot be asked.
    """
    return Measuring(policy, inherited=inherited).measure(cases)


class Measuring:
    """A measurement that goes on: more cases can follow, and what was reached so far can be asked in between."""

    def __init__(self, policy: Policy, *, inherited: bool = False) -> None:
        """Lay out the goals of a policy."""
        pieces, goals = goals_of(policy)
        self.recorder = Recorder(policy, pieces)
        kept = [goal for goal in goals if inherited or is_own(policy, goal)]
        gaps = gaps_of(policy)
        self._empty = Coverage(
            policy=policy,
            pieces=pieces,
            goals=tuple(goal for goal in kept if not goal.impossible),
            impossible=tuple(goal for goal in kept if goal.impossible),
            gaps=tuple(gap for gap in gaps if inherited or _stands_in(policy, gap.place.file)),
            reached={},
            near={},
        )

    def measure(self, cases: Iterable[Case | Question]) -> Coverage:
        """Ask further cases and questions."""
        for number, each in enumerate(cases, 1):
            if isinstance(each, Case):
                self.recorder.run(each)
            else:
                self.recorder.ask(each, f"question {number}")
        return self.coverage

    @property
    def coverage(self) -> Coverage:
        """What was reached so far."""
        return evolve(self._empty, reached=dict(self.recorder.reached), near=dict(self.recorder.near))


def is_own(policy: Policy, goal: Goal) -> bool:
    """Whether a piece stands in a file of the policy itself."""
    return _stands_in(policy, goal.place.file)


def _stands_in(policy: Policy, file: str) -> bool:
    if policy.folder is None:
        return file == policy.written.place.file
    return Path(file).resolve().parent == policy.folder.resolve()
