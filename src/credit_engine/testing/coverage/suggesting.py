"""Tests for what no test reaches yet: questions are drawn until one reaches a goal, and made small.

What a suggestion expects is what is answered now, of the parts that the goal decides: an author has to judge whether
the answer is right before the test is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from attrs import frozen

from credit_engine.errors import CreditEngineError
from credit_engine.testing.coverage.goals import PAIR, Goal, Key
from credit_engine.testing.coverage.measuring import Coverage, Measuring
from credit_engine.testing.coverage.recording import TRUE_OR_FALSE
from credit_engine.testing.minimal import minimal
from credit_engine.testing.question import Question, ask

MOST_QUESTIONS = 2000  # that are drawn without a new goal before the rest is given up
_EVERYWHERE = ("unknowns",)
_PARTS: Mapping[str, tuple[str, ...]] = {
    "score": ("score", "reasons"),
    "grades": ("grades",),
    "lists": ("entries", "on_list"),
    "findings": ("findings",),
    "obligations": ("obligations",),
    "supervision": ("supervision",),
    "indicators": ("indicators",),
    "spread": ("effects",),
    "recognition": ("effects",),
}


@frozen
class Suggestion:
    """A question that reaches a goal, as small as it could be made."""

    goal: Goal
    question: Question

    @property
    def name(self) -> str:
        """The goal as a sentence: what the test shows."""
        return f"{self.goal.words}: {_SHOWS.get(self.goal.want, self.goal.want.replace('_', ' '))}"

    def as_yaml(self, coverage: Coverage) -> str:
        """The suggestion as a policy test, ready to paste once its answer is judged."""
        from credit_engine.testing.showing import as_case  # noqa: PLC0415  # only suggestions are shown

        where = coverage.place_of(self.goal.place)
        review = f"# review: reaches {where}; what it expects is only what is answered now\n"
        return review + as_case(self.question, self.name, expect=self._expectation())

    def _expectation(self) -> dict[str, object]:
        """What is answered now, of the parts that the goal decides; everything where those say nothing."""
        from credit_engine.testing.showing import expectation  # noqa: PLC0415  # only suggestions are shown

        section, _, name = self.goal.owner.partition(".")
        whole = expectation(self.question)
        wanted = (*_PARTS.get(section, ()), *_EVERYWHERE)
        found = {part: told for part, told in whole.items() if part in wanted}
        answer = ask(self.question)
        if section == "indicators" and name in answer.indicators:
            told = answer.as_dict()["indicators"][name]
            found["indicators"] = {name: "unknown" if told is None else told}
        return found or whole


_SHOWS = {
    "fired": "comes about",
    "taken": "is taken",
    "neither": "fails",
    PAIR: "decides alone",
    "below": "below it",
    "at": "exactly at it",
    "above": "above it",
}


def suggestions(measuring: Measuring, number: int, most: int = MOST_QUESTIONS) -> Iterator[Suggestion]:
    """At most so many suggestions, one after another; what an earlier one reaches is no goal of a later one.

    The same every time. Needs hypothesis for what is drawn.
    """
    from credit_engine.testing.sampling import sample  # noqa: PLC0415  # what is drawn needs hypothesis

    recorder, policy = measuring.recorder, measuring.coverage.policy
    found = vain = drawn = 0
    while found < number and vain < most and (wanted := _wanted(measuring.coverage)):
        question = sample(policy, drawn)
        drawn, vain = drawn + 1, vain + 1
        reached, unknown = _reached(measuring, question)
        new = next((key for key in reached if key in wanted), None)
        if new is None:
            continue
        small = minimal(question, partial(_is_as_good, measuring, new, unknown))
        suggestion = Suggestion(wanted[new], small)
        recorder.ask(small, suggestion.name)
        found, vain = found + 1, 0
        yield suggestion


def _wanted(coverage: Coverage) -> dict[Key, Goal]:
    """What has to be reached for the goals that are open: of pairs the halves that are missing."""
    found: dict[Key, Goal] = {}
    for goal in coverage.open:
        kind, want, number = goal.key
        keys = [(kind, half, number) for half in TRUE_OR_FALSE.values()] if want == PAIR else [goal.key]
        found |= {key: goal for key in keys if key not in coverage.reached}
    return found


def _is_as_good(measuring: Measuring, key: Key, unknown: int, question: Question) -> bool:
    """Whether a question still reaches a goal, and leaves no more unknown than the one that was drawn."""
    reached, less = _reached(measuring, question)
    return key in reached and less <= unknown


def _reached(measuring: Measuring, question: Question) -> tuple[Sequence[Key], int]:
    """What one question reaches by itself, and how many lines stay unknown; nothing where it cannot be asked."""
    recorder = measuring.recorder
    before, near, recorder.reached, recorder.near = recorder.reached, recorder.near, {}, {}
    try:
        answer = recorder.ask(question)
    except CreditEngineError:
        return (), 0
    else:
        return tuple(recorder.reached), len(answer.unknowns)
    finally:
        recorder.reached, recorder.near = before, near
