"""The rules of `batch-scores` in the Common Expression Language: one expression for each group, sums in Python.

CEL has no sums and no variables, so an expression gives the points of each event as a list; what came before an event
is counted by going through all events again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl
from batch.cases import Case, as_scores, score
from cel_expr_python import cel

_RAISED = date(2025, 1, 1).toordinal()


def _fading(points: str, years: int) -> str:
    return f"({points}) * (e.after_{years}y - as_of) / (e.after_{years}y - e.on)"


def _given(condition: str, points: str, years: int) -> str:
    return f"(e.after_{years}y >= as_of && {condition} ? {points} : 0)"


_PENALTIES = " + ".join(
    [
        _given("'warning' in e.penalties", "1000", 1),
        _given("'fine' in e.penalties", _fading("2000", 3), 3),
        _given("e.fine >= 5000000", _fading(f"e.on >= {_RAISED} ? 8000 : 6000", 3), 3),
        _given("e.fine >= 50000000", "10000", 3),
        _given("'confiscation' in e.penalties", "1500", 2),
        _given("('stop_production' in e.penalties || 'closure' in e.penalties)", _fading("12000", 3), 3),
        _given("'revoke_licence' in e.penalties", "40000", 3),
        _given("e.severity == 'severe'", _fading("8000", 3), 3),
        _given("e.severity == 'general'", _fading("3000", 2), 2),
        _given("e.heavier", "4000", 2),
        _given("e.intent && e.severity in ['general', 'severe']", "5000", 3),
        _given(
            "penalties.filter(o, o.law == '食品安全法' && o.place <= e.place && o.after_1y >= e.on).size() >= 3",
            "6000",
            2,
        ),
        _given(
            "visits.filter(o, o.type == 'sampling' && o.result == 'fail' && o.on <= e.on && o.after_2y >= e.on)"
            ".size() >= 2",
            _fading("4000", 2),
            2,
        ),
    ]
)
_VISITS = " + ".join(
    [
        _given("e.type == 'sampling' && e.result == 'fail'", _fading("5000", 2), 2),
        _given("e.type in ['routine', 'unannounced'] && e.result == 'fail'", "3000", 1),
        _given("e.type in ['routine', 'unannounced'] && e.score < 70000", _fading("2000", 2), 2),
        _given("e.key_items_failed >= 1", "2500", 2),
    ]
)
_OTHERS = " + ".join(
    [
        _given("e.kind == 'case_transfer' && e.direction == 'criminal'", "-10000", 3),
        _given("e.kind == 'honour' && e.type in ['quality_award', 'gmp', 'haccp']", "4000", 3),
    ]
)


class Cel:
    """The expressions, compiled once."""

    def __init__(self) -> None:
        lists = dict.fromkeys(("penalties", "visits", "others"), cel.Type.LIST)
        environment = cel.NewEnv(variables={**lists, "as_of": cel.Type.INT})
        texts = {"penalties": _PENALTIES, "visits": _VISITS, "others": _OTHERS}
        self.points = {name: environment.compile(f"{name}.map(e, {text})") for name, text in texts.items()}
        self.clean = environment.compile("!penalties.exists(e, e.after_3y >= as_of)")

    def scores(self, cases: Sequence[Case]) -> list[int]:
        """The score of each case."""
        return [self._score(case) for case in cases]

    def _score(self, case: Case) -> int:
        kinds = {"violation": "penalties", "inspection": "visits"}
        facts: dict[str, object] = {"as_of": case.facts["as_of"]}
        lists: dict[str, list[object]] = {name: [] for name in self.points}
        for event in case.events:
            lists[kinds.get(event["kind"], "others")].append(event)
        data = {**facts, **lists}
        sums = {name: sum(program.eval(data=data).plain_value()) for name, program in self.points.items()}
        return score(sums["penalties"], sums["visits"], sums["others"], clean=self.clean.eval(data=data).value())


def answers(cases: Sequence[Case], found: Sequence[int]) -> dict[str, pl.DataFrame]:
    """What was found, to be compared."""
    return as_scores([(case.party, each) for case, each in zip(cases, found, strict=True)])
