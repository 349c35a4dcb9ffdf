"""The rules of `batch-scores` for durable_rules: one flat fact for each event, actions that note which rules fired.

Facts and not events, for an event is consumed by the first rule that it fires; the facts of a party into one context
that is then deleted, for there are 1,024 at most. Joins of facts would find the third penalty within a year, but take
seconds for a hundred facts: what came before is counted in Python.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import polars as pl
from batch.cases import Case, as_scores, score

from credit_engine.engines.matching.durable_host import (
    CONTEXT,
    GROUP,
    UNMATCHED,
    Condition,
    Rules,
    check,
    definition,
    load,
)

_RAISED = date(2025, 1, 1).toordinal()
_PENALTY, _VISIT, _OTHER = 1, 2, 3
_KINDS = {"violation": _PENALTY, "inspection": _VISIT}
_SETS = ("warning", "fine", "confiscation", "stop_production", "closure", "revoke_licence")

# of each rule: its group, conditions, points, years, whether it fades; a disjunction is several rules of one name
_TABLE: tuple[tuple[str, int, tuple[Condition, ...], int, int, bool], ...] = (
    ("warning", _PENALTY, (("has_warning", "is", True),), 1_000, 1, False),
    ("fine", _PENALTY, (("has_fine", "is", True),), 2_000, 3, True),
    ("large", _PENALTY, (("fine", "at_least", 5_000_000), ("on", "below", _RAISED)), 6_000, 3, True),
    ("large", _PENALTY, (("fine", "at_least", 5_000_000), ("on", "at_least", _RAISED)), 8_000, 3, True),
    ("huge", _PENALTY, (("fine", "at_least", 50_000_000),), 10_000, 3, False),
    ("confiscation", _PENALTY, (("has_confiscation", "is", True),), 1_500, 2, False),
    ("stopped", _PENALTY, (("has_stop_production", "is", True),), 12_000, 3, True),
    ("stopped", _PENALTY, (("has_closure", "is", True),), 12_000, 3, True),
    ("revoked", _PENALTY, (("has_revoke_licence", "is", True),), 40_000, 3, False),
    ("severe", _PENALTY, (("severity", "is", "s:severe"),), 8_000, 3, True),
    ("general", _PENALTY, (("severity", "is", "s:general"),), 3_000, 2, True),
    ("heavier", _PENALTY, (("heavier", "is", True),), 4_000, 2, False),
    ("intent", _PENALTY, (("intent", "is", True), ("severity", "is", "s:severe")), 5_000, 3, False),
    ("intent", _PENALTY, (("intent", "is", True), ("severity", "is", "s:general")), 5_000, 3, False),
    ("third", _PENALTY, (("penalties_1y", "at_least", 3),), 6_000, 2, False),
    ("sampled", _PENALTY, (("failed_samples_2y", "at_least", 2),), 4_000, 2, True),
    ("sample", _VISIT, (("type", "is", "s:sampling"), ("result", "is", "s:fail")), 5_000, 2, True),
    ("visit", _VISIT, (("type", "is", "s:routine"), ("result", "is", "s:fail")), 3_000, 1, False),
    ("visit", _VISIT, (("type", "is", "s:unannounced"), ("result", "is", "s:fail")), 3_000, 1, False),
    ("low", _VISIT, (("type", "is", "s:routine"), ("score", "below", 70_000)), 2_000, 2, True),
    ("low", _VISIT, (("type", "is", "s:unannounced"), ("score", "below", 70_000)), 2_000, 2, True),
    ("key_items", _VISIT, (("key_items_failed", "at_least", 1),), 2_500, 2, False),
    ("criminal", _OTHER, (("direction", "is", "s:criminal"),), -10_000, 3, False),
    *(
        ("award", _OTHER, (("type", "is", f"s:{one}"), ("honour", "is", True)), 4_000, 3, False)
        for one in ("quality_award", "gmp", "haccp")
    ),
)


class Durable:
    """The ruleset, made once."""

    def __init__(self) -> None:
        rules: Rules = {f"r{place}": (row[1], row[2]) for place, row in enumerate(_TABLE)}
        check("batch", rules)
        whole = definition(rules)
        self.fired: list[tuple[str, int]] = []
        for name, written in whole.items():
            written["run"] = self._noting(name)
        self.host = _quiet(load()[0].Host)
        self.host.register_rulesets({"batch": whole})
        self.facts = 0

    def _noting(self, name: str) -> Callable[[Any], None]:  # Any: durable_rules' own
        return lambda closure: self.fired.append((name, closure.m.id))

    def scores(self, cases: Sequence[Case]) -> list[int]:
        """The score of each case."""
        return [self._score(case) for case in cases]

    def _score(self, case: Case) -> int:
        asserted = {}
        for event, fact in _facts(case):
            self.facts += 1
            asserted[self.facts] = event
            self.host.assert_fact("batch", {**fact, "id": self.facts, "sid": CONTEXT})
        self.host.delete_state("batch", CONTEXT)
        today: int = case.facts["as_of"]
        sums = {_PENALTY: 0, _VISIT: 0, _OTHER: 0}
        for name, place in set(self.fired):
            if name != UNMATCHED:
                row = _TABLE[int(name[1:])]
                sums[row[1]] += _points(row, asserted[place], today)
        self.fired.clear()
        clean = all(event["kind"] != "violation" or event["after_3y"] < today for event in case.events)
        return score(sums[_PENALTY], sums[_VISIT], sums[_OTHER], clean=clean)


def _quiet(host: Any) -> Any:  # Any: durable_rules' own
    """A host without the thread that would run actions late, or twice."""
    return type("Quiet", (host,), {"_run": lambda _self: None})()


def _facts(case: Case) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:  # Any: as `Case` has it
    """Each event with its fact: what came before it is counted, an event of one day after the samples of that day."""
    food: list[int] = []
    failed: list[int] = []
    for event in sorted(case.events, key=lambda one: (one["on"], one["kind"] != "inspection", one["place"])):
        if event["kind"] == "violation" and event["law"] == "食品安全法":
            food.append(event["after_1y"])
        elif event.get("result") == "fail" and event["type"] == "sampling":
            failed.append(event["after_2y"])
        group = _KINDS.get(event["kind"], _OTHER)
        counts = (len(food) - bisect_left(food, event["on"]), len(failed) - bisect_left(failed, event["on"]))
        yield event, {**_fact(event, group, *counts), GROUP: group}


def _fact(event: dict[str, Any], group: int, penalties: int, samples: int) -> dict[str, Any]:  # Any: as `Case` has it
    if group == _PENALTY:
        own = {name: event[name] for name in ("on", "fine", "heavier", "intent")}
        sets = {f"has_{name}": name in event["penalties"] for name in _SETS}
        counts = {"penalties_1y": penalties, "failed_samples_2y": samples}
        return {**own, **sets, **counts, "severity": f"s:{event['severity']}"}
    if group == _VISIT:
        numbers = {name: event[name] for name in ("score", "key_items_failed")}
        return {**numbers, "type": f"s:{event['type']}", "result": f"s:{event['result']}"}
    known = [name for name in ("direction", "type") if name in event]
    return {**{name: f"s:{event[name]}" for name in known}, "honour": event["kind"] == "honour"}


def _points(row: tuple[Any, ...], event: dict[str, Any], today: int) -> int:  # Any: a row of the table
    points, years, fades = row[3:]
    end = event[f"after_{years}y"]
    if end < today:
        return 0
    found: int = points * (end - today) // (end - event["on"]) if fades else points
    return found


def answers(cases: Sequence[Case], found: Sequence[int]) -> dict[str, pl.DataFrame]:
    """What was found, to be compared."""
    return as_scores([(case.party, each) for case, each in zip(cases, found, strict=True)])
