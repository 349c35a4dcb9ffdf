"""The texts of indicators, as the table of assessments has them: made once for each value that differs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
from attrs import frozen

from credit_engine.assessing.assess import outside_value
from credit_engine.assessing.plain import value_data
from credit_engine.assessing.program import Program
from credit_engine.assessing.unknown import Range
from credit_engine.engines.columns.prepared import Prepared
from credit_engine.engines.columns.shapes import NUMBER, PLAIN, RANGE, SURE, Val
from credit_engine.engines.columns.view import At, View, build
from credit_engine.quantities import FieldType

_NEAR = 1 << 10  # so many texts of decimals are made beforehand; those of whole numbers Polars makes
_USUAL: dict[str, Any] = {"state": PLAIN, "low": None, "high": None, "den": 1}  # Any: cells


@frozen(eq=False)
class Told:
    """An indicator of a day: its value, and the columns of which its text is made, see `_parts`."""

    value: Val
    type_: FieldType
    parts: Mapping[str, str]


def indicators(at: At, program: Program) -> dict[str, Told]:
    """Each indicator by name; those that compare with an event have none on a day."""
    found = {}
    for name, named in at.view.run.plan.indicators.items():
        if not program.asks_of_event(name):
            val: Val = build(named.value, at.under("day"))
            found[name] = Told(val, named.type_, _parts(at.view, val))
    return found


def indicator_texts(store: Prepared, rows: pl.DataFrame, found: Mapping[str, Told]) -> pl.DataFrame:
    """The text of each indicator, in a column `indicator.NAME` beside the `party`; `rows`: of the view of the day."""
    texts = [_texts(store, rows, told).alias(f"indicator.{name}") for name, told in found.items()]
    return pl.DataFrame([rows.get_column("party"), *texts])


def _parts(view: View, val: Val) -> dict[str, str]:
    """The names of the columns that a text is made of: those that may differ from row to row."""
    parts = {"value": val.value}
    parts |= {"state": val.state} if val.states != SURE else {}
    parts |= {"low": val.ends[0], "high": val.ends[1]} if RANGE in val.states else {}
    parts |= {"den": val.den} if val.den is not None else {}
    return {part: view.let(column).meta.output_name() for part, column in parts.items()}


def _texts(store: Prepared, rows: pl.DataFrame, indicator: Told) -> pl.Series:
    """The column of texts, each made once."""
    val, type_, parts, text = indicator.value, indicator.type_, indicator.parts, "text"
    if val.sort == "list":
        return pl.repeat(None, len(rows), dtype=pl.String, eager=True)
    found = pl.DataFrame([rows.get_column(name).alias(part) for part, name in parts.items()])

    def told(cells: pl.DataFrame) -> pl.Series:
        """The text of each row, made once for each that differs."""
        distinct = cells.unique()
        every = [_text(store, val.sort, type_, {**_USUAL, **cell}) for cell in distinct.iter_rows(named=True)]
        table = distinct.with_columns(pl.Series(text, every, dtype=pl.String))
        joined = cells.join(table, on=cells.columns, how="left", nulls_equal=True, maintain_order="left")
        return joined.get_column(text)

    whole, is_decimal = found.get_column("value"), type_.name == "decimal"
    ends = (whole.min(), whole.max()) if val.sort == "number" and "den" not in parts else (None, None)
    most = _NEAR if is_decimal else max(_NEAR, len(rows))
    if isinstance(ends[0], int) and isinstance(ends[1], int) and ends[1] - ends[0] < most:
        near = pl.int_range(ends[0], ends[1] + 1, dtype=NUMBER, eager=True)
        if is_decimal:
            near = pl.Series([_text(store, val.sort, type_, {**_USUAL, "value": value}) for value in near])
        result = near.cast(pl.String).alias(text).gather(whole.fill_null(ends[0]) - ends[0])
        if "state" in parts:
            others = found.with_row_index("at").filter(pl.col("state") != PLAIN)
            result = result.scatter(others.get_column("at"), told(others.drop("at")))
    else:
        result = told(found)
    return result


def _text(store: Prepared, sort: str, type_: FieldType, cell: dict[str, Any]) -> str | None:  # Any: cells
    state, value, den = cell["state"], cell["value"], cell["den"]
    if state == RANGE:
        ends = [None if end is None else Fraction(end, den) for end in (cell["low"], cell["high"])]
        return _written(outside_value(Range(*(_whole(end) for end in ends)), type_))
    if state != PLAIN:
        return None
    inside: Any = value  # Any: as assess has it
    if sort == "number":
        inside = _whole(Fraction(value, den))
    elif sort == "day":
        inside = date.fromordinal(value)
    elif sort == "text":
        inside = store.text(value)
    elif sort == "period":
        inside = store.periods[value]
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
