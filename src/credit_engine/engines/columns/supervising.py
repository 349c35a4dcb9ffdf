"""How closely to look at everybody on the day judged, and what was not known, as `assessing.supervising` tells it.

Told are rules of which the engine lacks nothing; where one lacks something everybody is routed (see `routing`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl
from attrs import frozen

from credit_engine.assessing.supervising import often
from credit_engine.engines.columns.shapes import CODE, fixed
from credit_engine.engines.columns.telling import coded, of_rule
from credit_engine.engines.columns.today import Asked, asked_today, is_in_force
from credit_engine.engines.columns.view import At, Run
from credit_engine.policy.plan import SupervisionRule

THINGS = ("inspections", "sampling", "notice")
# Rows in codes: `rule` and `thing` are places; `sure` tells what holds from what is not known.
CODED: dict[str, pl.DataType] = {
    "rule": pl.Int32(),
    "party": CODE,
    "thing": pl.Int32(),
    "sure": pl.Boolean(),
    "names": pl.List(pl.String()),
}


@frozen(eq=False)
class Supervised:
    """The rows of `supervision` without their numbers, in order, and the lines of what is not known."""

    rows: pl.DataFrame
    unknowns: pl.DataFrame


def supervision(run: Run, at: At) -> Supervised:
    """The supervision of the parties judged; `at` is the view of all of them from the day judged."""
    rules = [(place, rule) for place, rule in enumerate(run.plan.supervision) if is_in_force(run, rule.basis)]
    asked = asked_today(at, [Asked(rule.when, fixed(None, pl.String)) for _, rule in rules])
    found = [coded(CODED, place, rows.lazy()) for (place, _), rows in zip(rules, asked, strict=True)]
    rows = run.collect(pl.concat([pl.LazyFrame(schema=CODED), *found])).sort("party", "rule")
    holding = rows.filter("sure")
    things = [
        _strictest(holding, _in_order(rules, lambda rule: rule.per is not None, often), 0),
        _strictest(holding, _in_order(rules, lambda rule: rule.times is not None, lambda rule: rule.times), 1),
        holding.filter(_is_among([place for place, rule in rules if rule.notice is not None])).with_columns(
            thing=fixed(2, pl.Int32)
        ),
    ]
    return Supervised(_things(run, pl.concat(things).sort("party", "rule", "thing")), _lines(run, rows))


def _in_order(
    rules: Sequence[tuple[int, SupervisionRule]],
    which: Callable[[SupervisionRule], bool],
    how: Callable[[SupervisionRule], Any],  # Any: what is compared
) -> list[int]:
    """The places of these rules, the strictest first; of equals the first."""
    meant = [(place, rule) for place, rule in rules if which(rule)]
    return [place for place, _ in sorted(meant, key=lambda one: how(one[1]), reverse=True)]


def _is_among(places: Sequence[int]) -> pl.Expr:
    return pl.col("rule").is_in(pl.Series(places, dtype=pl.Int32).implode())


def _strictest(holding: pl.DataFrame, places: Sequence[int], thing: int) -> pl.DataFrame:
    """Of each party the first of these rules that holds."""
    rank = {place: number for number, place in enumerate(places)}
    mine = holding.filter(_is_among(places)).with_columns(
        thing=fixed(thing, pl.Int32),
        rank=pl.col("rule").replace_strict(list(rank), list(rank.values()), default=None, return_dtype=pl.Int32)
        if rank
        else fixed(None, pl.Int32),
    )
    return mine.filter(pl.col("rank") == pl.col("rank").min().over("party")).drop("rank")


def _things(run: Run, rows: pl.DataFrame) -> pl.DataFrame:
    rules = run.plan.supervision

    def only(thing: int, column: pl.Expr) -> pl.Expr:
        return pl.when(pl.col("thing") == thing).then(column)

    return rows.select(
        "party",
        rule=of_rule([rule.id for rule in rules]),
        at_least=only(0, of_rule([rule.at_least for rule in rules], pl.Int64())),
        at_most=only(0, of_rule([rule.at_most for rule in rules], pl.Int64())),
        per=only(0, of_rule([str(rule.per) for rule in rules])),
        times=only(1, of_rule([str(rule.times) for rule in rules])),
        notice=only(2, of_rule([rule.notice for rule in rules])),
        basis=of_rule([list(rule.basis.sources) for rule in rules], pl.List(pl.String())),
        thing=pl.lit(pl.Series(THINGS)).gather(pl.col("thing")),
    )


def _lines(run: Run, rows: pl.DataFrame) -> pl.DataFrame:
    ids = [rule.id for rule in run.plan.supervision]
    return rows.filter(~pl.col("sure")).select("party", "names", rule=of_rule(ids))
