"""Who is told of changes: what happens when subscribers fail, post again, leave, close the session or end the program."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import cast

import pytest
from attrs import evolve

from credit_engine.engines.live.change import Change
from credit_engine.engines.session import MOST_IN_TURN, Session, SubscriberError
from credit_engine.errors import CreditEngineError, QuestionError
from credit_engine.records import Event, Violation
from sample_spread import DAY, EVENTS, affiliates, network

V1, V2, _ = cast("tuple[Violation, Violation, Event]", EVENTS["S1"])
POLICY = affiliates()


def session() -> Session:
    return Session(POLICY, network(), day=DAY, matcher="plain")


@pytest.mark.parametrize("end", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_the_end_of_the_program_passes_a_subscriber_at_once_and_the_change_stands(end: type[BaseException]) -> None:
    with session() as one:
        told: list[str] = []
        ends = [True]

        def first(change: Change) -> None:
            if change.after is not None and ends:
                ends.clear()
                one.post(evolve(V2, id="V3"))
                raise end

        one.on(first)
        one.on(lambda change: told.append(f"{change.cause} of {change.party}"))
        with pytest.raises(end):
            one.post(V1)
        assert told == []  # nor are they told later of what they were not told then
        assert one.assessment("S1").own_score == 60_000
        one.post(V2)
        one.advance(DAY + timedelta(days=1))
        assert told == ["event of S1", "time of None"]


def test_every_subscriber_is_told_in_turn_of_what_another_one_posts() -> None:
    with session() as one:
        told: list[tuple[str, object]] = []
        more = [evolve(V2, id=name) for name in ("X1", "X2", "X3")]

        def answers(change: Change) -> None:
            assert change.after is not None
            told.append(("first", change.after.own_score))
            if more:
                inner = one.post(more.pop(0))
                assert inner.after is not None  # it stands at once, and is told later
                assert told[-1][0] == "first"

        one.on(answers)
        one.on(lambda change: told.append(("second", (change.after and change.after.own_score) or 0)))
        one.post(V1)
        scores = (80_000, 60_000, 40_000, 20_000)
        assert told == [(who, score) for score in scores for who in ("first", "second")]


def test_many_posts_in_answer_to_one_change_are_no_circle() -> None:
    with session() as one:
        told: list[Change] = []

        def answers(change: Change) -> None:
            told.append(change)
            if len(told) == 1:
                for number in range(3 * MOST_IN_TURN):
                    one.post(evolve(V2, id=f"X{number}"))

        one.on(answers)
        one.post(V1)
        assert len(told) == 1 + 3 * MOST_IN_TURN


def test_subscribers_that_answer_each_other_without_end_are_refused_a_further_post() -> None:
    with session() as one:
        told: list[Change] = []

        def answers(change: Change) -> None:
            told.append(change)
            one.post(V1)

        one.on(answers)
        with pytest.raises(SubscriberError, match=r"told_in_circles.*\n.*look at the cause") as failure:
            one.post(V1)
        assert len(told) == MOST_IN_TURN + 1
        assert isinstance(failure.value.errors[0], QuestionError)
        assert failure.value.change is told[0]


def test_of_one_subscribed_twice_one_may_leave() -> None:
    with session() as one:
        told: list[Change] = []
        subscriber = told.append
        one.on(subscriber)
        leave = one.on(subscriber)
        one.post(V1)
        leave()
        leave()
        one.post(V2)
        assert [change.party for change in told] == ["S1", "S1", "S1"]


def test_who_subscribes_while_a_change_is_told_hears_of_the_next() -> None:
    with session() as one:
        told: list[Change] = []
        leaves: list[Callable[[], None]] = []

        def joins(_change: Change) -> None:
            leaves[0]()
            one.on(told.append)

        leaves.append(one.on(joins))
        one.post(V1)
        assert not told
        change = one.post(V2)
        assert told == [change]


def test_a_subscriber_may_close_the_session_and_the_others_are_told_what_happened() -> None:
    one = session()
    told: list[Change] = []
    one.on(lambda _change: one.close())
    one.on(told.append)
    change = one.post(V1)
    assert told == [change]
    assert change.after is not None
    with pytest.raises(QuestionError, match="session_closed"):
        one.post(V2)


def test_all_that_failed_is_told_once_and_travels_between_processes() -> None:
    def fails(_change: Change) -> None:
        message = "out of paper"
        raise OSError(message)

    with session() as one:
        one.on(fails)
        one.on(lambda _change: one.assessment("nobody"))
        with pytest.raises(SubscriberError) as failure:
            one.post(V1)
    assert [type(each) for each in failure.value.errors] == [OSError, QuestionError]
    again = pickle.loads(pickle.dumps(failure.value))  # noqa: S301  # our own
    assert isinstance(again, CreditEngineError)
    assert again.problems == failure.value.problems


def test_what_a_subscriber_posts_and_is_refused_has_never_happened() -> None:
    with session() as one, session() as other:
        one.on(lambda _change: one.post(evolve(V2, id="X1", party="nobody")))
        with pytest.raises(SubscriberError, match="unknown_party"):
            one.post(V1)
        other.post(V1)
        assert one.snapshot() == other.snapshot()
        assert one.effects() == other.effects()


def test_changes_of_other_threads_wait_until_subscribers_have_heard_of_the_one_before() -> None:
    with session() as one:
        heard: list[str] = []
        within = threading.Event()

        def slow(change: Change) -> None:
            heard.append(f"begin {change.after and change.after.own_score}")
            within.set()
            assert one.day == DAY  # asked from within: at once
            heard.append(f"end {change.after and change.after.own_score}")

        one.on(slow)
        threads = [
            threading.Thread(target=one.post, args=(evolve(V2, id=f"X{number}", party="T1"),)) for number in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [each.split()[0] for each in heard] == ["begin", "end"] * 4
        assert [each.split()[1] for each in heard[::2]] == [each.split()[1] for each in heard[1::2]]
