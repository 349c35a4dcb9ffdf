"""What depends on a region code and a day: told once for each code that occurs and each stretch of days alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl

from credit_engine.engines.columns.shapes import Val
from credit_engine.engines.columns.view import View


def by_region(
    view: View, code: Val, decide: Callable[[str, date], Any], dtype: pl.DataType, day: str = "day"
) -> pl.Expr:
    """A column of `decide(code, day)` for the plain codes of a view; the table of regions changes on few days.

    Any is what `decide` gives: a value of `dtype`, or `None`.
    """
    run = view.run
    changes = sorted(
        {
            edge
            for rows in run.store.regions.rows.values()
            for row in rows
            for edge in (row.from_day, row.until)
            if edge is not None
        }
    )
    stretch = pl.sum_horizontal(
        pl.lit(0, pl.Int32), *((pl.col(day) >= edge.toordinal()).cast(pl.Int32) for edge in changes)
    )
    column, part = view.let(code.value), view.let(stretch)
    names = [one.meta.output_name() for one in (column, part)]
    rows = view.pin().select(names).unique().drop_nulls().rows()
    found = [(key, place, decide(run.store.text(key), [date.min, *changes][place])) for key, place in rows]
    result = run.name()
    table = pl.DataFrame(found, schema={names[0]: pl.UInt32(), names[1]: pl.Int32(), result: dtype}, orient="row")
    view.frame = view.frame.join(table.lazy(), on=names, how="left")
    return pl.col(result)
