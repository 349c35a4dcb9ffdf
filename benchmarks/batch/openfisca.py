"""The rules of `batch-scores` for openfisca-core: events as persons, operators as groups, formulas over numpy arrays.

It has no events: an event's own day cannot be the period, so days of spans and the value of a parameter on the event's
day come from arrays, and what came before an event is found by sorting whole numbers in a formula.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from batch.by_hand import after, seen
from openfisca_core.entities import build_entity
from openfisca_core.periods import DAY, ETERNITY
from openfisca_core.simulations import Simulation, SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from credit_engine.engines.columns.prepared import Prepared

Numbers: TypeAlias = Any  # Any: arrays of numpy, of whole numbers and truths of several widths
_RAISED = date(2025, 1, 1).toordinal()
_ANCHORS = {"violation": "decided", "inspection": "occurred", "case_transfer": "received", "honour": "decided"}
_PLACES = {kind: place for place, kind in enumerate(_ANCHORS)}
_FIELDS = {
    "violation": ("law", "severity", "fine", "heavier", "intent"),
    "inspection": ("type", "result", "score", "key_items_failed"),
    "case_transfer": ("direction",),
    "honour": ("type",),
}
_SETS = ("warning", "fine", "confiscation", "stop_production", "closure", "revoke_licence")


def arrays(store: Prepared, as_of: date) -> dict[str, Numbers]:
    """Every event seen, field by field; what is empty is 0."""
    today, parts = as_of.toordinal(), []
    for kind, anchor in _ANCHORS.items():
        day = pl.col(f"e.{anchor}")
        fields = {name: pl.col(f"e.{name}").cast(pl.Int32) for name in _FIELDS[kind]}
        sets = {f"has_{name}": pl.col(f"e.penalties.{name}") for name in _SETS} if kind == "violation" else {}
        rows = seen(store, kind, anchor, today, 7).select(
            "party",
            "order",
            kind=pl.lit(_PLACES[kind], pl.Int32),
            on=day,
            **{f"y{years}": after(day, years) for years in (1, 2, 3)},
            **fields,
            **sets,
        )
        parts.append(rows)
    every = pl.concat(parts, how="diagonal").collect()
    filled = [pl.col(pl.Boolean).fill_null(value=False), pl.exclude(pl.Boolean).fill_null(0)]
    return {column.name: column.to_numpy() for column in every.select(filled).iter_columns()}


class OpenFisca:
    """The system of variables, made once."""

    def __init__(self, store: Prepared, as_of: date) -> None:
        self.event = build_entity(key="event", plural="events", label="An event", is_person=True)
        self.operator = build_entity(key="operator", plural="operators", label="An operator", roles=[{"key": "of"}])
        self.system = TaxBenefitSystem([self.event, self.operator])
        self.day = as_of.isoformat()
        self.inputs = arrays(store, as_of)
        # a group without members has no place in its sums, so only operators with events are groups
        self.operators, self.members = np.unique(self.inputs["party"], return_inverse=True)
        for name in self.inputs:
            self._add(name, self.event, None)
        rules = _Rules(store, as_of.toordinal())
        for name in ("third", "sampled", "penalties", "visits", "others", "recent"):
            self._add(name, self.event, getattr(rules, name))
        self._add("final", self.operator, rules.final)

    def _add(self, name: str, entity: Any, formula: Callable[..., Numbers] | None) -> None:  # Any: openfisca's
        is_truth = name in self.inputs and self.inputs[name].dtype == np.bool_
        body: dict[str, object] = {
            "value_type": bool if is_truth else int,
            "entity": entity,
            "definition_period": ETERNITY if formula is None else DAY,
        }
        if formula is not None:
            body["formula"] = _of_two(formula)
        self.system.add_variable(type(name, (Variable,), body))

    def scores(self) -> Numbers:
        """The score of each operator, from a simulation made anew."""
        builder = SimulationBuilder()
        builder.create_entities(self.system)
        builder.declare_person_entity("event", range(len(self.inputs["party"])))
        operators = builder.declare_entity("operator", self.operators)
        operators.members_entity_id = self.members
        simulation: Simulation = builder.build(self.system)
        for name, values in self.inputs.items():
            simulation.set_input(name, ETERNITY, values)
        found: Numbers = simulation.calculate("final", self.day)
        return found


def _of_two(formula: Callable[..., Numbers]) -> Callable[[Any, Any], Numbers]:  # Any: openfisca's
    """The formula as a plain function: openfisca-core counts the arguments, and passes parameters as a third."""

    def of_two(population: Any, period: Any) -> Numbers:  # Any: openfisca's
        return formula(population, period)

    return of_two


class _Rules:
    """The formulas. Each takes the events (or operators) and the period, as openfisca-core calls them."""

    def __init__(self, store: Prepared, today: int) -> None:
        self.today = today
        self.code: Mapping[str, int] = {name: store.code(name) for name in _CODES}

    def _fading(self, event: Any, period: Any, points: int | Numbers, years: int) -> Numbers:  # Any: openfisca's
        end, on = event(f"y{years}", period).astype(np.int64), event("on", period)
        left: Numbers = points * (end - self.today) // np.maximum(end - on, 1)
        return left * (end >= self.today)

    def _flat(self, event: Any, period: Any, points: int, years: int) -> Numbers:  # Any: openfisca's
        found: Numbers = points * (event(f"y{years}", period) >= self.today)
        return found

    def _is(self, event: Any, period: Any, kind: str) -> Numbers:  # Any: openfisca's
        found: Numbers = event("kind", period) == _PLACES[kind]
        return found

    def third(self, event: Any, period: Any) -> Numbers:  # Any: openfisca's
        marked = self._is(event, period, "violation") & (event("law", period) == self.code["食品安全法"])
        return self._before(event, period, marked, "y1", 3)

    def sampled(self, event: Any, period: Any) -> Numbers:  # Any: openfisca's
        failed = (event("type", period) == self.code["sampling"]) & (event("result", period) == self.code["fail"])
        return self._before(event, period, self._is(event, period, "inspection") & failed, "y2", 2)

    def _before(self, event: Any, period: Any, marked: Numbers, end: str, count: int) -> Numbers:  # Any: openfisca's
        """Whether so many marked events stand in their windows at each event, those of its own day before it."""
        party = event("party", period).astype(np.int64) << 40
        here = party + ((event("on", period).astype(np.int64) - 730_000) << 26)
        own = np.where(self._is(event, period, "violation"), event("order", period) + 1, 0)
        order = np.argsort(here + own, kind="stable")
        lined = marked[order]
        until = (party + ((event(end, period).astype(np.int64) - 730_000) << 26))[order][lined]
        before = np.cumsum(lined)
        if not len(until):
            return np.zeros(len(order), dtype=np.int32)
        inside = (before >= count) & (until[np.maximum(before - count, 0)] >= here[order])
        found = np.zeros(len(order), dtype=np.int32)
        found[order] = inside
        return found

    def penalties(self, event: Any, period: Any) -> Numbers:  # Any: openfisca's
        fine, severity = event("fine", period), event("severity", period)
        severe, general = severity == self.code["severe"], severity == self.code["general"]
        large = np.where(event("on", period) >= _RAISED, 8_000, 6_000)
        stopped = event("has_stop_production", period) | event("has_closure", period)
        points = (
            event("has_warning", period) * self._flat(event, period, 1_000, 1)
            + event("has_fine", period) * self._fading(event, period, 2_000, 3)
            + (fine >= 5_000_000) * self._fading(event, period, large, 3)
            + (fine >= 50_000_000) * self._flat(event, period, 10_000, 3)
            + event("has_confiscation", period) * self._flat(event, period, 1_500, 2)
            + stopped * self._fading(event, period, 12_000, 3)
            + event("has_revoke_licence", period) * self._flat(event, period, 40_000, 3)
            + severe * self._fading(event, period, 8_000, 3)
            + general * self._fading(event, period, 3_000, 2)
            + event("heavier", period) * self._flat(event, period, 4_000, 2)
            + (event("intent", period) & (severe | general)) * self._flat(event, period, 5_000, 3)
            + event("third", period) * self._flat(event, period, 6_000, 2)
            + event("sampled", period) * self._fading(event, period, 4_000, 2)
        )
        found: Numbers = points * self._is(event, period, "violation")
        return found

    def visits(self, event: Any, period: Any) -> Numbers:  # Any: openfisca's
        kind, failed = event("type", period), event("result", period) == self.code["fail"]
        visit = (kind == self.code["routine"]) | (kind == self.code["unannounced"])
        points = (
            ((kind == self.code["sampling"]) & failed) * self._fading(event, period, 5_000, 2)
            + (visit & failed) * self._flat(event, period, 3_000, 1)
            + (visit & (event("score", period) < 70_000)) * self._fading(event, period, 2_000, 2)
            + (event("key_items_failed", period) >= 1) * self._flat(event, period, 2_500, 2)
        )
        found: Numbers = points * self._is(event, period, "inspection")
        return found

    def others(self, event: Any, period: Any) -> Numbers:  # Any: openfisca's
        criminal = event("direction", period) == self.code["criminal"]
        awards = [self.code[name] for name in ("quality_award", "gmp", "haccp")]
        honoured = self._is(event, period, "honour") & np.isin(event("type", period), awards)
        handed = self._is(event, period, "case_transfer") & criminal
        found: Numbers = honoured * self._flat(event, period, 4_000, 3) - handed * self._flat(event, period, 10_000, 3)
        return found

    def recent(self, event: Any, period: Any) -> Numbers:  # Any: openfisca's
        found: Numbers = self._is(event, period, "violation") * self._flat(event, period, 1, 3)
        return found

    def final(self, operator: Any, period: Any) -> Numbers:  # Any: openfisca's
        sums = {
            name: operator.sum(operator.members(name, period)) for name in ("penalties", "visits", "others", "recent")
        }
        lost = np.minimum(sums["penalties"], 70_000) + np.minimum(sums["visits"], 30_000)
        clean = np.where(sums["recent"] == 0, 5_000, 0)
        found: Numbers = np.clip(100_000 - lost + sums["others"] + clean, 0, 120_000)
        return found


_CODES = (
    *("食品安全法", "severe", "general", "fail", "sampling", "routine", "unannounced"),
    *("criminal", "quality_award", "gmp", "haccp"),
)


def answers(engine: OpenFisca, store: Prepared, found: Numbers, as_of: date) -> dict[str, pl.DataFrame]:
    """What was found of the operators with events of whom nothing is empty, to be compared."""
    lacking = pl.concat([_lacking(store, as_of, kind) for kind in ("violation", "inspection")]).unique().collect()
    rows = pl.DataFrame({"party": engine.operators.astype(np.uint32), "low": found.astype(np.int64)})
    rows = rows.join(lacking, on="party", how="anti")
    return {"scores": rows.select(store.as_parties(pl.col("party")).alias("party"), "low", high="low")}


def _lacking(store: Prepared, as_of: date, kind: str) -> pl.LazyFrame:
    """The parties that have an event with an empty cell that the rules read."""
    fined = pl.col("e.fine").is_null() & pl.col("e.penalties.fine") if kind == "violation" else pl.lit(value=False)
    names = ("law", "severity", "heavier") if kind == "violation" else ("result", "score")
    empty = pl.any_horizontal([fined, *(pl.col(f"e.{name}").is_null() for name in names)])
    return seen(store, kind, _ANCHORS[kind], as_of.toordinal(), 7).filter(empty).select("party")
