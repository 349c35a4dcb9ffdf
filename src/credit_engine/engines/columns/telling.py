"""Rows of rules in codes, and what stands in the policy about the rule of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl


def coded(schema: Mapping[str, pl.DataType], place: int, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of the rule at this place of the policy, with every column of a schema."""
    have = rows.collect_schema()
    given = {name: pl.col(name) if name in have else pl.lit(None) for name in schema} | {"rule": pl.lit(place)}
    return rows.select(given[name].cast(dtype).alias(name) for name, dtype in schema.items())


def of_rule(values: Sequence[Any], dtype: pl.DataType | None = None) -> pl.Expr:  # Any: one value for each rule
    """What the rule of each row (its place in column `rule`) has in the policy; as text unless told."""
    table = pl.Series(list(values) or [None], dtype=dtype or pl.String())
    return pl.lit(table).gather(pl.col("rule"))


def kind_of_event(kinds: Sequence[str | None]) -> pl.Expr:
    """The kind of event that the rule of each row is about; none on rows without an event."""
    return pl.when(pl.col("event").is_not_null()).then(of_rule(kinds))
