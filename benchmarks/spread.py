"""How long spread takes on large networks, and how much memory, beside plain networkx or a plain loop in the same run.

Run `python benchmarks/spread.py`. Each line is measured in a process of its own, so that its peak is its own. The plain
way finds the same parties (it is compared first) but no paths, days, shares or proofs, and no order.
"""

from __future__ import annotations

import gc
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx

from credit_engine import Dossier, Effects, Network, Operator, Relation, Violation, assess, load_policy, spread

AS_OF = date(2026, 6, 30)
MERCHANTS = 100_000
ORIGINS = 1_000
HOLDINGS = 200_000
SECONDS = 10  # what a whole line may take
SEED = 20260630


class Task(NamedTuple):
    """A network, who has a decision, and the plain way: the parties reached, or none where the rule is too wide."""

    relations: Callable[[], list[Relation]]
    origins: Callable[[], list[str]]
    plain: Callable[[nx.MultiDiGraph, list[str]], set[str]]


def main() -> int:
    """Measure every task in turn, print one table; 1 if one of ours takes too long."""
    if len(sys.argv) > 1:
        print(json.dumps(measured(sys.argv[1])))
        return 0
    print(f"{MERCHANTS} operators; {ORIGINS} origins, 1 for merchants and chain; {HOLDINGS} holdings for together\n")
    columns = ("effects", "network s", "links s", "spread s", "plain s", "ratio", "peak MB", "of it spread")
    print(f"{'':<12}" + "".join(f"{name:>13}" for name in columns))
    slowest = 0.0
    for name in TASKS:
        done = subprocess.run([sys.executable, __file__, name], check=True, capture_output=True, text=True)  # noqa: S603
        found = json.loads(done.stdout)
        slowest = max(slowest, found["spread"])
        ratio = found["spread"] / max(found["plain"], 1e-9)
        cells = [f"{found['effects']}", *(f"{found[key]:.3f}" for key in ("network", "links", "spread", "plain"))]
        cells += [f"{ratio:.1f}", f"{found['peak']:.0f}", f"{found['more']:.0f}"]
        print(f"{name:<12}" + "".join(f"{cell:>13}" for cell in cells))
    met = slowest < SECONDS
    print(f"\nslowest spread {slowest:.1f} s, {'under' if met else 'NOT under'} {SECONDS} s")
    return 0 if met else 1


def measured(name: str) -> dict[str, Any]:  # Any: counts, seconds and megabytes
    """One task: build the network, spread, do the same plainly, compare."""
    task, policy = TASKS[name], load_policy(Path(__file__).parent / "spreading")
    relations, origins = task.relations(), task.origins()
    parties = {end for each in relations for end in (each.source, each.target)}
    operators = [Operator(id=party) for party in sorted(parties)]
    network, building = timed(lambda: with_graph(Network(operators=operators, relations=relations)))
    _, linking = timed(lambda: network.links(AS_OF))
    answers = [assess(decided(party), policy, AS_OF) for party in origins]
    gc.collect()
    gc.freeze()
    before = peak()
    effects, spreading = timed(lambda: spread(network, answers, policy, AS_OF))
    after = peak()
    graph = network.graph
    plain, plainly = timed(lambda: task.plain(graph, origins))
    compare(name, effects, plain)
    return {
        "effects": "too wide" if effects.too_wide else len(effects),
        "network": building,
        "links": linking,
        "spread": spreading,
        "plain": plainly,
        "peak": after,
        "more": after - before,
    }


def compare(name: str, effects: Effects, plain: set[str]) -> None:
    """Stop if the two ways reach other parties; where the rule is too wide, if the plain way finds too few."""
    if effects.too_wide:
        assert [each.rule for each in effects.too_wide] == [name]
        assert len(plain) >= effects.too_wide[0].most
        return
    assert {each.target for each in effects} == plain, name


def timed(do: Callable[[], Any]) -> tuple[Any, float]:  # Any: whatever comes out
    """What comes out, and the seconds of the processor that it took, which other processes disturb little."""
    started = time.process_time()
    found = do()
    return found, time.process_time() - started


def peak() -> float:
    """The most memory that this process has held so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def with_graph(network: Network) -> Network:
    assert len(network.graph)
    return network


def decided(party: str) -> Dossier:
    return Dossier(Operator(id=party), [Violation(id="V1", party=party, decided=date(2026, 1, 1))])


# --- networks -----------------------------------------------------------------------------------------------------


def merchant(number: int) -> str:
    return f"M{number:06d}"


def hub(kind: str) -> Callable[[], list[Relation]]:
    def relations() -> list[Relation]:
        return [
            Relation(id=f"R{number:06d}", kind=kind, source="platform", target=merchant(number))
            for number in range(MERCHANTS)
        ]

    return relations


def chain() -> list[Relation]:
    return [
        Relation(id=f"R{number:06d}", kind="successor", source=merchant(number), target=merchant(number + 1))
        for number in range(MERCHANTS)
    ]


def holdings() -> list[Relation]:
    """Two holdings of 0 to 60 % in each operator on average, by chance; made the same each time."""
    chance = random.Random(SEED)  # noqa: S311  # nothing is kept secret
    ends = [chance.sample(range(MERCHANTS), 2) for _ in range(HOLDINGS)]
    return [
        Relation(
            id=f"R{number:06d}",
            kind="shareholder",
            source=merchant(one),
            target=merchant(other),
            share=Fraction(chance.randrange(60), 100),
        )
        for number, (one, other) in enumerate(ends)
    ]


def some() -> list[str]:
    return [merchant(number) for number in range(0, MERCHANTS, MERCHANTS // ORIGINS)]


# --- the plain ways -------------------------------------------------------------------------------------------------


def two_steps(graph: nx.MultiDiGraph, origins: list[str]) -> set[str]:
    """The other merchants of the first origin's platforms."""
    return {other for platform in graph.predecessors(origins[0]) for other in graph.successors(platform)}


def predecessors(graph: nx.MultiDiGraph, origins: list[str]) -> set[str]:
    return {platform for party in origins for platform in graph.predecessors(party)}


def descendants(graph: nx.MultiDiGraph, origins: list[str]) -> set[str]:
    found: set[str] = nx.descendants(graph, origins[0])
    return found


def rescanned(graph: nx.MultiDiGraph, origins: list[str]) -> set[str]:
    """The fixed point by adding up every operator's holdings anew in each round."""
    reached: set[str] = set(origins)
    while True:
        new = {party for party in graph if party not in reached and held(graph.in_edges(party, data=True), reached)}
        if not new:
            return reached - set(origins)
        reached |= new


def held(edges: Iterable[tuple[str, str, dict[str, Any]]], reached: set[str]) -> bool:  # Any: attributes of an edge
    shares = [data["share"] for source, _, data in edges if source in reached and data["kind"] == "shareholder"]
    return bool(shares) and sum(shares) >= Fraction(1, 4)


TASKS = {
    "neighbours": Task(hub("host"), some, two_steps),
    "platform": Task(hub("maker"), some, predecessors),
    "merchants": Task(hub("branch"), lambda: ["platform"], descendants),
    "chain": Task(chain, lambda: [merchant(0)], descendants),
    "together": Task(holdings, some, rescanned),
}

if __name__ == "__main__":
    sys.exit(main())
