"""A session killed at any point: restored from its snapshot and the events posted since, it equals one never killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import cast

import pytest
from attrs import evolve
from hypothesis import settings

from credit_engine.engines.session import Session
from credit_engine.records import Event, ListDecision, Relation, Violation
from sample_spread import DAY, EVENTS, OPERATORS, affiliates, network, relation

V1, V2, D1 = cast("tuple[Violation, Violation, ListDecision]", EVENTS["S1"])
POSTS = 120
EVERY = 25  # posts between two snapshots
TIMES = 50 if settings.default and settings.default.max_examples >= 1000 else 5


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


def child(place: Path) -> None:
    """Post everything, note each post when it is done, and take a snapshot now and then; renamed into place when whole."""
    with Session(affiliates(), network(), day=DAY, matcher="plain") as session:
        for number, thing in enumerate(things()):
            if number % EVERY == 0:
                (place / "new").write_bytes(session.snapshot())
                (place / "new").rename(place / f"snapshot-{number}")
            tell(session, thing)
            print(number, flush=True)  # noqa: T201  # what the parent waits for


@pytest.mark.parametrize("time", range(TIMES))
def test_a_killed_session_goes_on_from_its_snapshot_as_if_it_had_never_been_killed(time: int, tmp_path: Path) -> None:
    last = Random(time).randrange(POSTS)  # noqa: S311  # nothing is kept secret
    path = os.pathsep.join(each for each in sys.path if each)
    command = [sys.executable, __file__, str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == last:
                process.send_signal(signal.SIGKILL)  # somewhere in the posts that follow
                break
    assert process.returncode == -signal.SIGKILL
    newest = max(int(each.name.rpartition("-")[2]) for each in tmp_path.glob("snapshot-*"))
    assert newest <= last + EVERY
    with (
        Session.restore((tmp_path / f"snapshot-{newest}").read_bytes(), affiliates(), matcher="plain") as restored,
        Session(affiliates(), network(), day=DAY, matcher="plain") as never,
    ):
        for thing in things()[newest:]:
            tell(restored, thing)
        for thing in things():
            tell(never, thing)
        assert restored.day == never.day > date(2026, 7, 1)
        assert restored.snapshot() == never.snapshot()
        assert restored.effects() == never.effects()
        assert [restored.assessment(each.id) for each in OPERATORS] == [never.assessment(each.id) for each in OPERATORS]


if __name__ == "__main__":
    child(Path(sys.argv[1]))
