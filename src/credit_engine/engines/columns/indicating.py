"""The texts of indicators, as the table of assessments has them: made once for each value that differs."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from credit_engine.assessing.assess import outside_value
from credit_engine.assessing.plain import value_data
from credit_engine.assessing.program import Program
from credit_engine.assessing.unknown import Range
from credit_engine.engines.columns.shapes import PLAIN, RANGE, Val
from credit_engine.engines.columns.view import At, Run, build
from credit_engine.quantities import FieldType


def indicator_texts(at: At, program: Program) -> dict[str, str]:
    """The column of each indicator's text, by name; those that compare with an event have none on a day."""
    found = {}
    for name, named in at.view.run.plan.indicators.items():
        if not program.asks_of_event(name):
            val: Val = build(named.value, at.under("day"))
            found[name] = _texts(at, val, named.type_)
    return found


def _texts(at: At, val: Val, type_: FieldType) -> str:
    view, run = at.view, at.view.run
    parts = {"state": val.state, "value": val.value, "low": val.ends[0], "high": val.ends[1], "den": val.denominator}
    names = {part: view.let(column).meta.output_name() for part, column in parts.items()}
    rows = view.pin()
    text = run.name()
    if val.sort == "list":
        told = pl.lit(None, pl.String)
        view.frame = rows.with_columns(told.alias(text)).lazy()
        return text
    keys = list(names.values())
    distinct = rows.select(keys).unique()
    texts = [_text(run, val.sort, type_, row) for row in distinct.iter_rows()]
    table = distinct.with_columns(pl.Series(text, texts, dtype=pl.String))
    view.frame = rows.join(table, on=keys, how="left", nulls_equal=True).lazy()
    return text


def _text(run: Run, sort: str, type_: FieldType, row: tuple[Any, ...]) -> str | None:  # Any: cells
    state, value, low, high, den = row
    if state == RANGE:
        ends = [None if end is None else Fraction(end, den) for end in (low, high)]
        return _written(outside_value(Range(*(_whole(end) for end in ends)), type_))
    if state != PLAIN:
        return None
    inside: Any = value  # Any: as assess has it
    if sort == "number":
        inside = _whole(Fraction(value, den))
    elif sort == "day":
        inside = date.fromordinal(value)
    elif sort == "text":
        inside = run.store.text(value)
    elif sort == "period":
        inside = run.store.periods[value]
    return _written(outside_value(inside, type_))


def _whole(number: Fraction | None) -> Fraction | int | None:
    return number.numerator if number is not None and number.denominator == 1 else number


def _written(value: Any) -> str | None:  # Any: an indicator's value
    """As `engines.rows` writes it."""
    data = value_data(value)
    if isinstance(data, list):
        return "..".join("" if end is None else str(end) for end in data)
    if isinstance(data, bool):
        return "true" if data else "false"
    return None if data is None else str(data)
