"""The rules of `batch-scores` for zen-engine: the graph of `zen_rules`, asked in batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import zen
from batch.cases import Case, as_scores
from zen_rules import decision_graph

from credit_engine.errors import EngineError, Problem


class Zen:
    """The graph, loaded once."""

    def __init__(self) -> None:
        graph = decision_graph().replace("food_safety_law", "食品安全法")
        self.engine = zen.ZenEngine({"loader": lambda _key: graph})

    def scores(self, cases: Sequence[Case]) -> list[Any]:  # Any: zen's answers
        """The answers to all cases."""
        found: list[Any] = self.engine.evaluate_batch([{"key": "rules", "context": case.facts} for case in cases])
        return found


def answers(cases: Sequence[Case], found: Sequence[Any]) -> dict[str, pl.DataFrame]:  # Any: zen's answers
    """What was found, to be compared."""
    failed = [one for one in found if not one["success"]]
    if failed:
        raise EngineError(Problem("benchmark", f"zen-engine: {failed[0]['error']}"))
    points = [int(one["data"]["result"]["score"]) for one in found]
    return as_scores([(case.party, each) for case, each in zip(cases, points, strict=True)])
