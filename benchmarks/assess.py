"""How long one assessment takes: 20 rules, 30 events, two indicators at the event's own day, up to 50 reasons.

Run `python benchmarks/assess.py`. Beside it zen-engine with its trace, on the same rules and dossiers in the same run;
the answers are compared first, and the run fails if they differ.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from statistics import median

import zen
from made_up import AS_OF, EVENTS, made_up_dossiers
from zen_rules import CANNOT, context, decision_graph

from credit_engine import Assessment, Dossier, assess, load_policy

SEED = 20260630
DOSSIERS = 200
ROUNDS = 12
TARGET = 0.5  # milliseconds, p50


def main() -> int:
    """Compare the answers, measure, print one table; 1 if the target is missed."""
    policy = load_policy(Path(__file__).parent / "twenty-rules")
    dossiers = made_up_dossiers(DOSSIERS, SEED)
    decision = zen.ZenEngine().create_decision(decision_graph())
    contexts = {dossier.id: context(dossier, AS_OF) for dossier in dossiers}

    def ours(dossier: Dossier) -> Assessment:
        return assess(dossier, policy, AS_OF)

    def built_and_ours(dossier: Dossier) -> Assessment:
        return assess(Dossier(dossier.party_versions, dossier.events), policy, AS_OF)

    def zen_traced(dossier: Dossier) -> object:
        return decision.evaluate(contexts[dossier.id], {"trace": True})

    def zen_plain(dossier: Dossier) -> object:
        return decision.evaluate(contexts[dossier.id])

    answers = [ours(dossier) for dossier in dossiers]
    for answer in answers:
        _compare(answer, decision.evaluate(contexts[answer.party])["result"])
    reasons = sorted(len(answer.reasons) for answer in answers)
    print(f"{DOSSIERS} dossiers of {EVENTS} events, 20 rules, 2 indicators at the event's own day;")
    print(f"{reasons[0]} to {reasons[-1]} reasons, median {reasons[len(reasons) // 2]}; same answers: {len(answers)}\n")
    ways: dict[str, Callable[[Dossier], object]] = {
        "credit_engine.assess": ours,
        "  with the Dossier built anew": built_and_ours,
        "zen-engine with trace": zen_traced,
        "zen-engine without trace": zen_plain,
    }
    print(f"{'milliseconds':<30}{'p50':>8}{'p99':>8}{'quiet':>8}{'ratio':>8}")
    p50, quiet = _table(ways, dossiers)
    print("\nzen-engine cannot, and here does not have to:")
    print("\n".join(f"  {line}" for line in CANNOT))
    met = quiet < TARGET
    print(f"\nassess: p50 {p50:.3f} ms, undisturbed {quiet:.3f} ms, {'under' if met else 'NOT under'} {TARGET} ms")
    return 0 if met else 1


def _compare(answer: Assessment, theirs: dict[str, object]) -> None:
    """Stop if the two engines differ in score, grade or any contribution."""
    lines = theirs["lines"]
    assert isinstance(lines, list)
    ours = sorted((line.rule, line.event, line.points) for line in answer.reasons if line.kind == "rule" and line.event)
    found = sorted((line["rule"], line["event"], line["points"]) for line in lines)
    assert (answer.score, answer.grade, ours) == (theirs["score"], theirs["grade"], found), answer.party


def _table(ways: dict[str, Callable[[Dossier], object]], dossiers: list[Dossier]) -> tuple[float, float]:
    """Print a line for each way, measured in turn over several rounds; gives `p50` and `quiet` of the first.

    `quiet` is the median of each dossier's fastest round, which other processes disturb least; `ratio` is made of it.
    """
    times: dict[str, list[list[int]]] = {name: [] for name in ways}
    gc.collect()
    gc.freeze()
    for _round in range(ROUNDS):
        for name, way in ways.items():
            times[name].append(_measured(way, dossiers))
    medians = {}
    for name, rounds in times.items():
        found = sorted(chain(*rounds))
        p50, p99 = (found[len(found) * percent // 100] / 1e6 for percent in (50, 99))
        quiet = median(map(min, zip(*rounds, strict=True))) / 1e6
        medians[name] = p50, quiet
        ratio = quiet / medians[next(iter(ways))][1]
        print(f"{name:<30}{p50:>8.3f}{p99:>8.3f}{quiet:>8.3f}{ratio:>8.2f}")
    return medians[next(iter(ways))]


def _measured(way: Callable[[Dossier], object], dossiers: list[Dossier]) -> list[int]:
    found = []
    for dossier in dossiers:
        started = time.perf_counter_ns()
        way(dossier)
        found.append(time.perf_counter_ns() - started)
    return found


if __name__ == "__main__":
    sys.exit(main())
