"""How long a post takes, and whether memory stays flat: parties of 30 events, groups of 100 affiliates.

Run `python benchmarks/session.py [--parties 5000] [--posts 20000] [--matcher both]`. Each post is measured with what it
says of entries, measures, effects and obligations; every hundredth is explained, measured apart. zen-engine with its
trace judges a dossier in the same run. The targets are held to processor time, which other processes disturb less.
"""

from __future__ import annotations

import argparse
import gc
import random
import resource
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import zen
from attrs import evolve
from made_up import AS_OF, made_up_dossiers
from zen_rules import context, decision_graph

from credit_engine import Operator, Relation, Violation
from credit_engine.engines.session import Session
from credit_engine.policy.load import Policy, load_policy_text
from credit_engine.records import Event, ListDecision
from credit_engine.spreading.network import Network

SEED = 20260630
AFFILIATES = 100
ROUNDS = 8
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
    policy = _policy()
    network, events = _facts(asked.parties)
    started = time.perf_counter()
    session = Session(policy, network, day=AS_OF, matcher=asked.matcher, events=events)
    took = time.perf_counter() - started
    print(f"{asked.parties} parties, {len(events)} events, {asked.matcher}: ready in {took:.1f} s")
    times, busy, explained, memory = _post(session, asked.parties, asked.posts)
    print(f"{'milliseconds':<34}{'p50':>8}{'p99':>8}{'most':>8}")
    _line("post", times)
    p50, p99 = _line("  processor time alone", busy)
    _line("explanation of one", explained)
    _line("zen-engine with trace, no posting", _zen(min(asked.parties, 200)))
    print("memory after each eighth, MB:", ", ".join(str(each // 1024) for each in memory))
    if asked.hub:
        _hub(asked.hub)
    most = 2.0 if asked.matcher == "plain" else 4.0
    met = p50 < 0.5 and p99 < most if asked.matcher == "plain" else p99 < most
    print(f"post: p50 {p50:.3f} ms, p99 {p99:.3f} ms, {'under' if met else 'NOT under'} the target")
    return 0 if met else 1


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


def _post(session: Session, parties: int, posts: int) -> tuple[list[int], list[int], list[int], list[int]]:
    """Replace an old event of a party by a corrected one, so that each keeps its 30; some are listings and repairs."""
    chance = random.Random(SEED)  # noqa: S311  # nothing is kept secret
    held = {f"P{number}": session.dossier(f"P{number}").events for number in range(parties)}
    times, busy, explained, memory = [], [], [], []
    gc.collect()
    gc.freeze()
    for number in range(posts):
        party = f"P{chance.randrange(parties)}"
        event = _event(held[party], party, number, chance)
        started, worked = time.perf_counter_ns(), time.thread_time_ns()
        change = session.post(event)
        _ = change.entries_opened, change.entries_closed, change.measures_begun, change.measures_ended
        _ = change.obligations_raised, change.effects_gained, change.effects_lost
        busy.append(time.thread_time_ns() - worked)
        times.append(time.perf_counter_ns() - started)
        if number % 100 == 0 and change.after is not None:
            started = time.perf_counter_ns()
            change.after.explain(language="en")
            explained.append(time.perf_counter_ns() - started)
        if number % (posts // ROUNDS) == 0:
            memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return times, busy, explained, memory


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
    print(f"{name:<34}{p50:>8.3f}{p99:>8.3f}{found[-1] / 1e6:>8.2f}")
    return p50, p99


if __name__ == "__main__":
    sys.exit(main())
