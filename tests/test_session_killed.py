"""A session killed fifty times, one life after the other: what it ends with is what one that was never killed has.

Each life restores the newest snapshot, posts what came after it, and takes snapshots now and then. It is killed at a
drawn line of a drawn step: of a post, of restoring, of writing a snapshot; some are killed by the clock. Lives are forked
from one process that has loaded everything, so that they are quick.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, cast

import pytest
from attrs import evolve

from credit_engine.engines.session import Matcher, Session
from credit_engine.records import Event, ListDecision, Relation, Violation
from sample_spread import DAY, EVENTS, OPERATORS, affiliates, network, relation

V1, V2, D1 = cast("tuple[Violation, Violation, ListDecision]", EVENTS["S1"])
POSTS = 120
EVERY = 5  # posts between two snapshots
KILLS = 50
BY_THE_CLOCK = 5  # each so many-th life is killed after some time, wherever it is then
LONGEST = 0.25  # seconds of such a life
NEVER = 10**9


def things() -> list[Event | Relation]:
    """What is posted, one after the other: events of all firms, corrections, withdrawals, relations, later days."""
    chance = Random(7)  # noqa: S311  # nothing is kept secret
    found: list[Event | Relation] = [V1, V2, D1]
    for number in range(POSTS):
        recorded = DAY + timedelta(days=number // 4)
        party = chance.choice(OPERATORS).id
        if number % 10 == 9:
            found.append(
                relation(f"R{10 + number // 10}", "shareholder", "T2", party if party != "T2" else "T3", share="55%")
            )
            continue
        if number % 7 == 6:
            old = next(each for each in reversed(found) if isinstance(each, Event))
            found.append(
                evolve(old, recorded=recorded, revision=number, standing=chance.choice(("withdrawn", "found")))
            )
            continue
        severity = chance.choice(("severe", "general"))
        found.append(evolve(V2, id=f"X{number}", party=party, severity=severity, decided=DAY, recorded=recorded))
    return found


def tell(session: Session, thing: Event | Relation) -> None:
    if isinstance(thing, Relation):
        session.relate(thing)
    else:
        session.post(thing)


def newest(place: Path) -> int:
    """How many things the newest snapshot knows."""
    return max((int(each.name.rpartition("-")[2]) for each in place.glob("snapshot-*")), default=0)


# --- one life, in a process of its own ------------------------------------------------------------------------


def life(place: Path, matcher: Matcher, step: int, line: int, after: float) -> None:
    """Restore or begin, and post all the rest; be killed at the given line of the given step, or after some time."""
    steps = 0
    signal.setitimer(signal.ITIMER_REAL, after)  # nobody handles its signal, so it kills wherever it comes
    policy = affiliates()

    @contextmanager
    def dangerous() -> Iterator[None]:
        nonlocal steps
        steps += 1
        if steps == step:
            sys.settrace(killer(line))
        yield
        sys.settrace(None)

    start = newest(place)
    with dangerous():
        if start:
            session = Session.restore((place / f"snapshot-{start}").read_bytes(), policy, matcher=matcher)
        else:
            session = Session(policy, network(), day=DAY, matcher=matcher)
    for number, thing in enumerate(things()[start:], start + 1):
        with dangerous():
            tell(session, thing)
        if number % EVERY == 0 or number == len(things()):
            with dangerous():
                (place / "new").write_bytes(session.snapshot())
                (place / "new").rename(place / f"snapshot-{number}")
    session.close()


def killer(line: int) -> Any:  # Any: what a tracing function returns
    """Ends the process at the given line of what follows."""
    left = line

    def trace(_frame: FrameType, event: str, _argument: object) -> Any:  # Any: itself
        nonlocal left
        left -= event == "line"
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    return trace


def nursery() -> None:
    """Fork a life for each line that comes in, and say how it ended."""
    affiliates()
    for line in sys.stdin:
        place, matcher, step, at, after = line.split()
        child = os.fork()
        if not child:
            life(Path(place), cast("Matcher", matcher), int(step), int(at), float(after))
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201  # what the test waits for


# --- what is seen from outside --------------------------------------------------------------------------------


@cache
def never_killed() -> tuple[dict[int, bytes], Session]:
    """The snapshots that a session takes that is never killed, and itself at the end."""
    session = Session(affiliates(), network(), day=DAY, matcher="plain")
    taken = {}
    for number, thing in enumerate(things(), 1):
        tell(session, thing)
        if number % EVERY == 0 or number == len(things()):
            taken[number] = session.snapshot()
    return taken, session


@pytest.mark.parametrize("matcher", ["plain", "both"])
def test_a_session_killed_fifty_times_in_its_life_ends_as_one_that_was_never_killed(
    matcher: Matcher, tmp_path: Path
) -> None:
    taken, never = never_killed()
    kills = KILLS if matcher == "plain" else KILLS // 5
    chance = Random(kills)  # noqa: S311  # nothing is kept secret
    path = os.pathsep.join(each for each in sys.path if each)
    whole, left, number = 0, kills, 0
    with subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        while left:
            number += 1
            place = tmp_path / f"service-{whole}"
            place.mkdir(exist_ok=True)
            by_the_clock = number % BY_THE_CLOCK == 0
            after = 0.001 + LONGEST * chance.random() if by_the_clock else 0
            step = NEVER if by_the_clock else 1 + chance.randrange(2 * EVERY)
            line = int(4 ** (6 * chance.random()))  # from the first line to the end of a long step
            print(place, matcher, step, line, after, file=process.stdin, flush=True)
            code = int(process.stdout.readline())
            assert code in (0, -signal.SIGKILL, -signal.SIGALRM)
            left -= code != 0
            for each in place.glob("snapshot-*"):
                assert each.read_bytes() == taken[int(each.name.rpartition("-")[2])]
            whole += not code  # it came to its end, so another service begins
        print(place, matcher, NEVER, 0, 0, file=process.stdin, flush=True)
        assert process.stdout.readline() == "0\n"
        process.stdin.close()
    assert process.returncode == 0
    assert newest(place) == len(things())
    with Session.restore((place / f"snapshot-{newest(place)}").read_bytes(), affiliates(), matcher="plain") as restored:
        assert restored.day == never.day > date(2026, 7, 1)
        assert restored.snapshot() == never.snapshot()
        assert restored.effects() == never.effects()
        assert [restored.assessment(each.id) for each in OPERATORS] == [never.assessment(each.id) for each in OPERATORS]


def test_from_any_snapshot_the_rest_leads_to_the_same_end() -> None:
    taken, never = never_killed()
    for number in list(taken)[::6]:
        with Session.restore(taken[number], affiliates(), matcher="plain") as restored:
            for thing in things()[number:]:
                tell(restored, thing)
            assert restored.snapshot() == never.snapshot()
            assert restored.effects() == never.effects()


if __name__ == "__main__":
    nursery()
