"""Audiences in columns: how closed each is, and which of several is the strictest."""

from __future__ import annotations

import polars as pl

from credit_engine.assessing.audiences import AUDIENCES


def rank_of(audience: pl.Expr) -> pl.Expr:
    """The place of an audience among all, from the open to the closed."""
    return audience.replace_strict(AUDIENCES, range(len(AUDIENCES)), return_dtype=pl.UInt8)


def audience_at(rank: pl.Expr) -> pl.Expr:
    """The audience at such a place."""
    return pl.lit(pl.Series(AUDIENCES)).gather(rank)


def stricter(*columns: pl.Expr) -> pl.Expr:
    """The strictest of several columns of audiences."""
    return audience_at(pl.max_horizontal(rank_of(column) for column in columns))
