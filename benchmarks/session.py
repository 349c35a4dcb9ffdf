"""How long a post takes with its explanation, and whether memory stays flat: 30 events a party, groups of 100.

Run `python benchmarks/session.py [--parties 2000] [--posts 8000] [--matcher both] [--hub 100000]`; the soak is
`--parties 50000 --posts 1000000 --matcher both`. Targets are held to processor time, which other processes disturb
less; `clock` is the time on the wall.

What an explanation is. A `Change` holds the answers before and after with every reason (rule, event, days, points, law
day, values with their day and source, basis), the entries, measures, effects with their paths, and obligations that it
opened or ended. `post` makes all of that and reads it; it is what zen-engine's trace is compared with. What it costs to
write the whole answer and change as plain data for JSON, as services hand out, is told for every post; what it costs to
write the answer as text for people, for every hundredth.

What flat means. A session keeps every version of every record, so each post leaves a version behind. So many bytes it
takes (measured on such versions alone, with its places in the tuples that hold it); the rest of the process, told after
each tenth, is to stay the same once every group has been seen: it may not grow by more than a twentieth over the second
half of the posts.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import time
import tracemalloc
from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import zen
from attrs import evolve
from made_up import AS_OF, made_up_dossiers
from zen_rules import context, decision_graph

from credit_engine import Operator, Relation, Violation
from credit_engine.engines.live.change import Change
from credit_engine.engines.session import Matcher, Session
from credit_engine.policy.load import Policy, load_policy_text
from credit_engine.records import Event, ListDecision
from credit_engine.spreading.network import Network

SEED = 20260630
AFFILIATES = 100
ROUNDS = 10
EXPLAINED = 100  # one post in so many is explained as text
PLACES = 24  # bytes that a version takes in the tuples and lists that hold it
GROWTH = 0.05
SPREAD = """
lists:
  severe:
    polarity: negative
    foundation: made_up
    needs_decision: true
    opens: {each: violation, where: {severity: severe, penalties: {has: revoke_licence}}}
    term: {for: 3y, from: listed}
spread:
  - rule: owned
    from: {list: severe}
    along: [{relation: shareholder, to: target}]
    hops: 3
    effect: attention
    basis: [made_up]
  - rule: alert
    from: {each: violation, where: {severity: severe, heavier: true}}
    along: [{relation: shareholder, to: target}]
    hops: 2
    effect: alert
    lasts: {for: 2y, from: decided}
    basis: [made_up]
"""


def main() -> int:
    """Measure, print one table; 1 if a target is missed."""
    reading = argparse.ArgumentParser()
    reading.add_argument("--parties", type=int, default=2_000)
    reading.add_argument("--posts", type=int, default=8_000)
    reading.add_argument("--matcher", choices=("plain", "both", "durable"), default="plain")
    reading.add_argument("--hub", type=int, default=0, help="so many branches of one company, measured apart")
    asked = reading.parse_args()
    started = time.perf_counter()
    session = _session(asked.parties, asked.matcher)
    took = time.perf_counter() - started
    print(f"{asked.parties} parties, {asked.matcher}: ready in {took:.0f} s, {_resident() / 1e6:.0f} MB", flush=True)
    started = time.perf_counter()
    times, memory = _post(session, asked.parties, asked.posts)
    print(f"{asked.posts} posts in {time.perf_counter() - started:.0f} s, no disagreement")
    print(f"{'milliseconds':<40}{'p50':>8}{'p99':>8}{'most':>8}")
    p50, p99 = _line("post with its explanation", times["post"])
    _line("  clock", times["clock"])
    _line("  and whole as plain data for JSON", times["data"])
    _line("explanation of one as text", times["text"])
    _line("zen-engine with trace, no posting", _zen(min(asked.parties, 200)))
    if asked.hub:
        _hub(asked.hub)
    most = 2.0 if asked.matcher == "plain" else 4.0
    met = p99 < most and (p50 < 0.5 or asked.matcher != "plain")
    print(f"post: p50 {p50:.3f} ms, p99 {p99:.3f} ms, {'under' if met else 'NOT under'} the target")
    half = memory[len(memory) // 2 :]
    growth = max(half) / min(half) - 1
    print(f"memory without versions grew by {growth:.1%} over the second half, {'' if growth < GROWTH else 'NOT '}flat")
    return 0 if met and growth < GROWTH else 1


def _session(parties: int, matcher: Matcher) -> Session:
    network, events = _facts(parties)
    return Session(_policy(), network, day=AS_OF, matcher=matcher, events=events)


def _policy() -> Policy:
    folder = Path(__file__).parent / "twenty-rules"
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml")))
    return load_policy_text(text + SPREAD, "session.yaml")


def _facts(parties: int) -> tuple[Network, list[Event]]:
    """Dossiers, and groups of affiliates in which each holds the next."""
    dossiers = made_up_dossiers(parties, SEED)
    chance = random.Random(SEED)  # noqa: S311  # nothing is kept secret
    relations = []
    for first in range(0, parties, AFFILIATES):
        group = [dossier.id for dossier in dossiers[first : first + AFFILIATES]]
        chance.shuffle(group)
        relations += [
            Relation(id=f"R{one}", kind="shareholder", source=one, target=other) for one, other in pairwise(group)
        ]
    events = [evolve(event, id=f"{dossier.id}-{event.id}") for dossier in dossiers for event in dossier.events]
    operators = [version for dossier in dossiers for version in dossier.party_versions if isinstance(version, Operator)]
    return Network(operators, relations=relations), events


def _post(session: Session, parties: int, posts: int) -> tuple[dict[str, array[int]], list[int]]:
    """Replace old events of parties by corrected ones, so that each keeps its 30; some are listings and repairs."""
    chance = random.Random(SEED)  # noqa: S311  # nothing is kept secret
    held = {f"P{number}": session.dossier(f"P{number}").events for number in range(parties)}
    places = {"post": posts, "clock": posts, "data": posts, "text": -(-posts // EXPLAINED)}
    times = {name: array("q", bytes(8 * count)) for name, count in places.items()}
    version = _size_of_version(held, parties)
    memory: list[int] = []
    gc.collect()
    gc.freeze()
    for number in range(posts):
        party = f"P{chance.randrange(parties)}"
        event = _event(held[party], party, number, chance)
        started, worked = time.perf_counter_ns(), time.thread_time_ns()
        change = session.post(event)
        _read(change)
        times["post"][number] = done = time.thread_time_ns() - worked
        times["clock"][number] = time.perf_counter_ns() - started
        worked = time.thread_time_ns()
        change.as_dict(), change.after and change.after.as_dict()
        times["data"][number] = done + time.thread_time_ns() - worked
        if number % EXPLAINED == 0 and change.after is not None:
            worked = time.thread_time_ns()
            change.after.explain(language="en")
            times["text"][number // EXPLAINED] = time.thread_time_ns() - worked
        if (number + 1) % (posts // ROUNDS) == 0:
            resident = _resident()
            memory.append(resident - (number + 1) * version)
            taken = f"{resident / 1e6:.0f} MB, without {number + 1} versions of {version} bytes {memory[-1] / 1e6:.0f}"
            print(f"  {number + 1} posts: {taken}", flush=True)
    return times, memory


def _read(change: Change) -> None:
    """Everything that the change says, as it says it."""
    _ = change.entries_opened, change.entries_closed, change.measures_begun, change.measures_ended
    _ = change.obligations_raised, [effect.path for effect in (*change.effects_gained, *change.effects_lost)]
    for answer in (change.before, change.after):
        if answer is not None:
            _ = answer.reasons, answer.measures, [effect.path for effect in answer.effects]


def _size_of_version(held: Mapping[str, Sequence[Event]], parties: int) -> int:
    """How many bytes a posted version takes."""
    chance, count = random.Random(SEED), 1_000  # noqa: S311  # nothing is kept secret
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    versions = [
        _event(held[party], party, number + count, chance) for number, party in enumerate(_some(count, parties))
    ]
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) // len(versions) + PLACES


def _some(count: int, parties: int) -> Iterator[str]:
    return (f"P{number % parties}" for number in range(count))


def _resident() -> int:
    """The bytes of memory that the process has now."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1])


def _event(held: Sequence[Event], party: str, number: int, chance: random.Random) -> Event:
    if chance.random() < 0.05:
        step = chance.choice(["list", "repair"])
        return ListDecision(
            id=f"D{party}",
            party=party,
            revision=number + 1,
            list="severe",
            step=step,
            decided=AS_OF - timedelta(days=9),
        )
    event = chance.choice([each for each in held if isinstance(each, Violation)])
    fine = chance.choice([100_000, 500_000, 5_000_000, 20_000_000])
    return evolve(event, revision=number + 1, fine=fine, heavier=chance.random() < 0.2)


def _zen(count: int) -> list[int]:
    decision = zen.ZenEngine().create_decision(decision_graph())
    times = []
    for dossier in made_up_dossiers(count, SEED):
        facts = context(dossier, AS_OF)
        started = time.perf_counter_ns()
        decision.evaluate(facts, {"trace": True})
        times.append(time.perf_counter_ns() - started)
    return times


def _hub(branches: int) -> None:
    """One company that holds so many others: what a listing and an ordinary post cost there."""
    operators = [Operator(id=f"P{number}") for number in range(branches + 1)]
    relations = [
        Relation(id=f"R{number}", kind="shareholder", source="P0", target=f"P{number}")
        for number in range(1, branches + 1)
    ]
    with Session(_policy(), Network(operators, relations=relations), day=AS_OF, matcher="plain") as session:
        for name, event in (
            ("listing of the hub", ListDecision(id="D1", party="P0", list="severe", step="list", decided=AS_OF)),
            (
                "post of a branch",
                Violation(id="V1", party="P7", decided=AS_OF, severity="minor", penalties=frozenset({"fine"}), fine=1),
            ),
        ):
            started = time.perf_counter_ns()
            change = session.post(event)
            took = (time.perf_counter_ns() - started) / 1e6
            print(f"hub of {branches}: {name}: {took:.1f} ms, {len(change.effects_gained)} effects gained")


def _line(name: str, times: Sequence[int]) -> tuple[float, float]:
    found = sorted(times)
    p50, p99 = (found[len(found) * percent // 100] / 1e6 for percent in (50, 99))
    print(f"{name:<40}{p50:>8.3f}{p99:>8.3f}{found[-1] / 1e6:>8.2f}")
    return p50, p99


if __name__ == "__main__":
    sys.exit(main())
