"""What depends on a region code and a day: told once for each code that occurs and each stretch of days alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import polars as pl

from credit_engine.engines.columns.shapes import CODE, Val, fixed
from credit_engine.engines.columns.view import View


def by_region(
    view: View, code: Val, decide: Callable[[str, date], Any], dtype: pl.DataType, day: str = "day"
) -> pl.Expr:
    """A column of `decide(code, day)` for the plain codes of a view; the table of regions changes on few days.

    Any is what `decide` gives: a value of `dtype`, or `None`.
    """
    return by_regions(view, (code,), lambda when, text: decide(text, when), dtype, day)


def by_regions(
    view: View, codes: Sequence[Val], decide: Callable[..., Any], dtype: pl.DataType, day: str = "day"
) -> pl.Expr:
    """The same of `decide(day, code, code, ...)`, where all of several codes are plain."""
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
        fixed(0, pl.Int32), *((pl.col(day) >= edge.toordinal()).cast(pl.Int32) for edge in changes)
    )
    columns = [view.let(code.value.cast(CODE)) for code in codes]
    names = [one.meta.output_name() for one in (*columns, view.let(stretch))]
    rows = view.pin().select(names).unique().drop_nulls().rows()
    days, text = [date.min, *changes], run.store.text
    found = [(*keys, place, decide(days[place], *map(text, keys))) for *keys, place in rows]
    result = run.name()
    schema = {**dict.fromkeys(names[:-1], CODE), names[-1]: pl.Int32(), result: dtype}
    table = pl.DataFrame(found, schema=schema, orient="row")
    view.frame = view.frame.join(table.lazy(), on=names, how="left")
    return pl.col(result)
