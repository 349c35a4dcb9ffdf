"""A session interrupted at any line of a call: what was being done has happened or has not, and everything goes on."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from types import FrameType
from typing import Any, cast

import pytest
from attrs import evolve

from credit_engine.engines.live import world as worlds
from credit_engine.engines.session import Matcher, Session
from credit_engine.errors import CreditEngineError
from credit_engine.records import ListDecision, Violation
from sample_spread import DAY, EVENTS, OPERATORS, affiliates, network, relation

V1, V2, D1 = cast("tuple[Violation, Violation, ListDecision]", EVENTS["S1"])
POLICY = affiliates()
LATER = date(2028, 12, 31)
CALLS: dict[str, Callable[[Session], object]] = {
    "post": lambda one: one.post(evolve(V1, id="V3", party="T1", decided=LATER, recorded=LATER)),
    "correct": lambda one: one.post(evolve(V1, recorded=DAY, party="T3")),
    "post_many": lambda one: one.post_many([evolve(V2, id="V4", party="S2"), evolve(D1, id="D5", party="T2")]),
    "withdraw": lambda one: one.withdraw("V1", DAY),
    "relate": lambda one: one.relate(relation("R9", "branch", "T3", "S1")),
    "advance": lambda one: one.advance(LATER),
}
POINTS = 60  # at which each call is interrupted


class InterruptError(BaseException):
    """What comes in between."""


@contextmanager
def interrupted(line: int, within: tuple[str, ...]) -> Iterator[list[int]]:
    """Raises at the given line that is run in the given files; how many were run."""
    count = [0]

    def trace(frame: FrameType, event: str, _argument: object) -> Any:  # Any: what a tracing function returns
        if not any(part in frame.f_code.co_filename for part in within):
            return None
        if event == "line":
            count[0] += 1
            if count[0] == line:
                raise InterruptError
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield count
    finally:
        sys.settrace(before)


def state(one: Session) -> tuple[object, ...]:
    answers = [one.assessment(each.id) for each in OPERATORS]
    return one.snapshot(), one.effects(), answers, [one.effects_on(each.id) for each in OPERATORS]


def check_interrupted(
    name: str, matcher: Matcher, points: int, within: tuple[str, ...] = ("credit_engine/engines", "contextlib")
) -> None:
    """Interrupt a call at lines spread over all that it runs; it has happened or not, and then does happen."""
    call = CALLS[name]

    def fresh() -> Session:
        return Session(POLICY, network(), day=DAY, matcher=matcher, events=(V1, V2, D1))

    with fresh() as one:
        before = state(one)
        with interrupted(0, within) as count:
            call(one)
        after = state(one)
    with fresh() as one:
        again = one.snapshot()
        for point in range(points):
            line = 1 + point * count[0] // points
            with interrupted(line, within):
                try:
                    call(one)
                except (InterruptError, CreditEngineError):
                    pass
                else:
                    assert point  # all that can be kept is kept, so that there is less to run
            now = state(one)
            assert now in (before, after), line
            if now == after:
                one.close()
                one = Session.restore(again, POLICY, matcher=matcher)  # noqa: PLW2901  # closed by `with` is the first only
        call(one)
        assert state(one) == after
        one.close()


@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_is_interrupted_at_any_line_has_happened_or_has_not(name: str) -> None:
    check_interrupted(name, "plain", POINTS)


def test_an_interrupt_while_things_are_taken_back_leaves_nothing_either() -> None:
    """The engine fails at its last question, and taking back is interrupted at each of its lines."""
    call = CALLS["post"]
    with Session(POLICY, network(), day=DAY, matcher="plain", events=(V1, V2, D1)) as one:
        before = state(one)
        for line in range(1, 400, 7):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(worlds.World, "final", _breaks)
                with interrupted(line, ("live/journal",)), pytest.raises((InterruptError, OSError)):
                    call(one)
            assert state(one) == before


def _breaks(_world: object, _party: str) -> None:
    raise OSError


@pytest.mark.skipif(not hasattr(signal, "raise_signal"), reason="needs signals")
def test_a_signal_handler_that_asks_sees_what_was_before_and_the_call_is_refused() -> None:
    """A service that takes a snapshot when it is told to end, in the middle of a post."""
    with Session(POLICY, network(), day=DAY, matcher="plain", events=(V1, V2, D1)) as one:
        before = state(one)
        seen: list[object] = []
        judge = worlds.World.judge

        def told(world: worlds.World, party: str) -> None:
            judge(world, party)
            seen.append(state(one))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(worlds.World, "judge", told)
            with pytest.raises(CreditEngineError, match="session_busy"):
                CALLS["post"](one)
        assert seen == [before]
        assert state(one) == before
        assert CALLS["post"](one)
