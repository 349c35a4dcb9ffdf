"""Scores of everybody: contributions summed, group limits, the range; where something is unknown, at worst and at best.

`Scored.scores` has one row for each party judged: `low` and `high` (equal where the score is known; null: no limit).
`reasons` and `unknowns` are lines in order. `start` and the reasons add up to the score where it is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl
from attrs import frozen

from credit_engine.assessing.contributions import UNLIMITED
from credit_engine.engines.columns.contributing import contributions, sum_name
from credit_engine.engines.columns.reasons import Lines, cut, lined_up
from credit_engine.engines.columns.shapes import NUMBER, STATE, fixed
from credit_engine.engines.columns.view import Run, by_place, of_party
from credit_engine.errors import Problem, QuestionError
from credit_engine.policy.plan import Score
from credit_engine.quantities import decimal_text

_SIDES = ("worst", "best", "least")
_LARGEST = 2**62
_MANY = 1000  # unlimited ones beyond this make no difference, and the sum of fewer is a whole number of 64 bits


@frozen(eq=False)
class Scored:
    """What came of the score rules; `reasons`: none where nobody asked for them."""

    scores: pl.DataFrame
    reasons: Lines | None
    unknowns: pl.DataFrame


def scored(run: Run, score: Score, judged: pl.DataFrame, *, told: bool = True) -> Scored:
    """The score of each party judged (column `party`); `told`: with the lines of reasons."""
    scores, pieces, unknowns = _found(run, score, judged, told=told)  # whatever else was made is let go of by now
    return Scored(scores, lined_up(run, score, pieces) if told else None, unknowns)


def _found(
    run: Run, score: Score, judged: pl.DataFrame, *, told: bool
) -> tuple[pl.DataFrame, Iterator[Sequence[pl.DataFrame]], pl.DataFrame]:
    """The scores, the lines of reasons piece by piece (see `cut`), and the lines of unknowns."""
    found = contributions(run, score, told=told)
    made = _sided(score, _of_these(run, found.rows, judged))
    _check_size(made)
    is_known, least = pl.col("kind") < _OPEN, pl.col("total_least")
    totals = _totals(run, score, made, found.sums, judged).with_columns(
        low=pl.when(is_known).then(least).otherwise(_end("total_worst")),
        high=pl.when(is_known).then(least).otherwise(_end("total_best")),
    )
    if not told:
        return run.collect(totals.select("party", "low", "high")), iter(()), _unknowns(made)
    every = run.collect(totals.drop("total_worst", "total_best"))
    sure = [[_judged(run, judged, piece) for piece in pieces] for pieces in found.told]
    others = [cut(run, part) for part in _lines(run, score, made, every)]
    return every.select("party", "low", "high"), zip(*sure, *others, strict=True), _unknowns(made)


def _of_these(run: Run, rows: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    if not len(rows) or len(judged) == len(run.store.party_ids):
        return rows
    return rows.join(judged.select("party"), on="party", how="semi")


def _sided(score: Score, made: pl.DataFrame) -> pl.DataFrame:
    """Contributions with what they are at worst, at best and at least, and their group."""
    groups: Mapping[int, str | None] = {place: rule.group for place, rule in enumerate(score.rules)}
    named = {place: group for place, group in groups.items() if group in score.groups}
    is_open = pl.col("open")
    return made.with_columns(
        group=pl.col("rule").replace_strict(list(named), list(named.values()), default=None, return_dtype=pl.String)
        if named
        else fixed(None, pl.String),
        worst=pl.when(is_open & (pl.col("low") < 0)).then(0).otherwise(pl.col("low")),
        worst_open=(is_open & (pl.col("low") < 0)).cast(NUMBER),
        best=pl.when(is_open & (pl.col("high") > 0)).then(0).otherwise(pl.col("high")),
        best_open=(is_open & (pl.col("high") > 0)).cast(NUMBER),
        least=pl.when((pl.col("low") <= 0) & (pl.col("high") >= 0))
        .then(0)
        .when(pl.col("low") > 0)
        .then(pl.col("low"))
        .otherwise(pl.col("high")),
    ).with_columns(least=pl.when("unsure").then(pl.col("least")).otherwise(pl.col("low")))


_OPEN = 2  # kinds of parties: 0 all is known, 1 what is unknown makes no difference, 2 the score is an interval


def _end(name: str) -> pl.Expr:
    return pl.when(pl.col(name).abs() < UNLIMITED // 2).then(pl.col(name))


def _sums(score: Score) -> list[pl.Expr]:
    """For each side, what each group adds up to, and what stands in no group."""
    found = []
    for group in (*score.groups, None):
        here = pl.col("group").is_null() if group is None else pl.col("group").eq(group).fill_null(value=False)
        found += [
            pl.when(here).then(pl.col(side)).otherwise(0).sum().alias(f"{side} of {group}")
            for side in (*_SIDES, "worst_open", "best_open")
        ]
    return found


def _check_size(made: pl.DataFrame) -> None:
    """Refuse sums of points that could leave 64 bits."""
    most = made.group_by("party").len().get_column("len").max()
    sizes = made.filter(~pl.col("open")).select(pl.col("low", "high").abs().max()).row(0)
    size = max((each for each in sizes if each is not None), default=0)
    if isinstance(most, int) and most * size >= _LARGEST:
        message = f"points of {decimal_text(size)} are too large for the columns engine"
        raise QuestionError(Problem("unsupported", message, hint="use the plain engine"))


def _totals(
    run: Run, score: Score, made: pl.DataFrame, sure: Sequence[pl.DataFrame], judged: pl.DataFrame
) -> pl.LazyFrame:
    """What everybody comes to at least, and at worst and at best where that is unknown (else 0); see `kind`.

    `sure`: the sums of what is sure, beside the contributions made.
    """
    names = {group: sum_name(group) for group in (*score.groups, None)}
    rest = run.collect(made.lazy().group_by("party").agg(*_sums(score), pl.col("unsure").any()))
    party = rest.get_column("party")
    sums = {name: by_place(run, [each for each in sure if name in each.columns], name) for name in names.values()}
    rest = rest.with_columns(sums[name].gather(party).alias(name) for name in names.values())
    few = rest.filter("unsure").with_columns(*_total(score, "worst"), *_total(score, "best"))
    same = pl.col("total_worst") == pl.col("total_best")
    few = few.with_columns(kind=pl.when(same).then(1).otherwise(_OPEN).cast(STATE))
    for group, name in names.items():
        sums[name] = sums[name].scatter(party, rest.get_column(name) + rest.get_column(f"least of {group}"))
    every = [pl.lit(column).gather(pl.col("party")).alias(name) for name, column in sums.items()]
    rows = judged.lazy().select("party").with_columns(every).with_columns(_total(score, "least"))
    return rows.with_columns(of_party(run, few, name).alias(name) for name in ("kind", "total_worst", "total_best"))


def _total(score: Score, side: str) -> list[pl.Expr]:
    """Start, groups and what stands in none, before and after the range."""
    total = fixed(score.start, NUMBER) + _amount(side, None)
    for group, limit in score.groups.items():
        total = total + _amount(side, group).clip(-limit, limit)
    inside = total if score.low is None else total.clip(lower_bound=score.low)
    inside = inside if score.high is None else inside.clip(upper_bound=score.high)
    return [total.alias(f"outside_{side}"), inside.alias(f"total_{side}")]


def _amount(side: str, group: str | None) -> pl.Expr:
    amount = pl.col(sum_name(group))
    if side in ("worst", "best"):
        amount = amount + pl.col(f"{side} of {group}")
        many = pl.col(f"{side}_open of {group}").clip(upper_bound=_MANY) * UNLIMITED
        return amount - many if side == "worst" else amount + many
    return amount


# --- lines ----------------------------------------------------------------------------------------------------


def _judged(run: Run, judged: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of the parties judged."""
    if len(judged) == len(run.store.party_ids):
        return rows
    return rows.join(judged.select("party"), on="party", how="semi", maintain_order="left")


_SOME = ("event", "item", "laws", "law_points", "element")  # what not every line has


def _lines(run: Run, score: Score, made: pl.DataFrame, totals: pl.DataFrame) -> list[pl.DataFrame]:
    """Contributions that count though something about them is not sure, limits of groups, and the range."""
    rules = made.join(totals.select("party", "kind"), on="party").with_columns(
        points=pl.when(pl.col("kind") < _OPEN).then(pl.col("least")).otherwise(pl.col("low"))
    )
    rules = rules.filter((pl.col("points") != 0) & (~pl.col("unsure") | (pl.col("kind") < _OPEN)))
    others = rules.select(
        "party", pl.col("rule").cast(pl.UInt16).alias("place"), "event", "item", "points",
        pl.max_horizontal("first", "event_day").alias("first"), "last", "law", "laws", "law_points",
        element=pl.col("place"),
    )  # fmt: skip
    others = others.drop(name for name in _SOME if others.get_column(name).null_count() == len(others))
    known = totals.lazy().filter(pl.col("kind") < _OPEN)
    after = [pl.col("total_least") - pl.col("outside_least")]
    amounts = [(_amount("least", group), limit) for group, limit in score.groups.items()]
    after = [*(amount.clip(-limit, limit) - amount for amount, limit in amounts), *after]
    cut = [
        known.select("party", place=fixed(place, pl.UInt16), points=points).filter(pl.col("points") != 0)
        for place, points in enumerate(after, len(score.rules))
    ]
    return [others, *map(run.collect, cut)]


def _unknowns(made: pl.DataFrame) -> pl.DataFrame:
    """One line for each rule and event."""
    unsure = made.filter(pl.col("unsure")).sort("party", "rule", "event", "place", nulls_last=False)
    names = pl.col("names").explode(empty_as_null=True).drop_nulls().unique().sort()
    return unsure.group_by("party", "rule", "event", maintain_order=True).agg(names)
