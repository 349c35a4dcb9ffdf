"""What one rule adds from each viewpoint of a view, as `assessing.contributing` finds it for one."""

from __future__ import annotations

from fractions import Fraction

import polars as pl
from attrs import evolve, field, frozen

from credit_engine.assessing.applying import looks_around
from credit_engine.assessing.contributions import UNLIMITED
from credit_engine.engines.columns.naming import Names, as_list, masked, merged, unknown_in_span, unknown_names
from credit_engine.engines.columns.shapes import (
    CODE,
    DAY,
    FIRST_DAY,
    MISSING,
    NO,
    NOT_IN_FORCE,
    NUMBER,
    PLAIN,
    RANGE,
    SURE,
    WIDE,
    YES,
    Truths,
    Val,
    all_of,
    always,
    any_of,
    both,
    fixed,
    looked_up,
    sure,
)
from credit_engine.engines.columns.spans import ALWAYS_ON, UNKNOWN, Stretch, days_of, in_force
from credit_engine.engines.columns.spans import under_each_law as span_under_each_law
from credit_engine.engines.columns.view import At, View, build
from credit_engine.policy.nodes import Literal, Selector
from credit_engine.policy.plan import Score, ScoreRule
from credit_engine.policy.plan_basis import Law

COLUMNS: dict[str, pl.DataType] = {
    "rule": pl.Int32(),
    "party": CODE,
    "event": CODE,
    "item": CODE,
    "place": NUMBER,
    "event_day": DAY,
    "low": NUMBER,
    "high": NUMBER,
    "unsure": pl.Boolean(),
    "open": pl.Boolean(),
    "first": DAY,
    "last": DAY,
    "law": DAY,
    "names": pl.List(pl.String()),
    "laws": pl.List(DAY),
    "law_points": pl.List(NUMBER),
}


@frozen(eq=False)
class Rule:
    """A rule, its place, and where unknown points end."""

    plan: ScoreRule
    place: int
    limit: int
    laws: tuple[Law, ...] = field()

    @property
    def limits(self) -> tuple[int, int]:
        """Between which ends unknown points lie: on one side where they cannot be negative."""
        if not self.plan.nonnegative:
            return -self.limit, self.limit
        return (-self.limit, 0) if self.plan.sign < 0 else (0, self.limit)


def rules_of(score: Score) -> list[Rule]:
    """The rules of a score in order."""
    found = []
    for place, plan in enumerate(score.rules):
        law = plan.law
        laws = tuple(Law(anchors=(each,)) for each in law.anchors) if law.lenient else (law,)
        found.append(Rule(plan, place, _limit(plan, score), laws))
    return found


def _limit(rule: ScoreRule, score: Score) -> int:
    if rule.group is not None and rule.group in score.groups:
        return score.groups[rule.group]
    return UNLIMITED if score.low is None or score.high is None else score.high - score.low


def shaped(rule: Rule, rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows with every column of a contribution."""
    have = rows.collect_schema()
    given = {name: pl.col(name) if name in have else pl.lit(None) for name in COLUMNS} | {"rule": pl.lit(rule.place)}
    return rows.select(given[name].cast(dtype).alias(name) for name, dtype in COLUMNS.items())


@frozen(eq=False)
class Asked:
    """Whether a rule is meant on a row and counts on the day judged, before `when`, and the days it counts."""

    truths: Truths
    stretch: Stretch


@frozen(eq=False)
class Added:
    """What a rule adds on a row: signed thousandths between `low` and `high`.

    `counts`: whether there is a contribution at all; `unsure`: whether anything of it is unknown (`NO`: on no row);
    `sure`: whether there is one of which nothing is unknown.
    """

    low: pl.Expr
    high: pl.Expr
    counts: pl.Expr
    sure: pl.Expr
    unsure: pl.Expr
    open: pl.Expr
    first: pl.Expr
    last: pl.Expr
    holds: pl.Expr
    amount_unsure: pl.Expr
    known_span: pl.Expr

    @property
    def span(self) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
        """What is added where nothing is unknown, and the days that it counts."""
        return self.low, self.first, self.last

    def columns(self) -> dict[str, pl.Expr]:
        """The columns of a contribution."""
        is_open = all_of([self.open, self.unsure])
        return {
            "low": self.low, "high": self.high, "unsure": self.unsure, "open": is_open,
            "first": self.first, "last": self.last,
        }  # fmt: skip


def asked(rule: Rule, view: View, truths: Truths, *, undated: bool = False) -> Asked:
    """Whether the rule, its basis and its span mean a row; `truths`: whether its `each` does."""
    at = At(view)
    stretch = stretch_of(rule, at, undated=undated)
    valid = sure(in_force(days_of(view.run, rule.plan.basis), at))
    counts = both([valid, stretch.covers(view.run.today)])
    if counts.is_sure:
        counts = sure(view.once((*days_key(rule, view), "counts", days_of(view.run, rule.plan.basis)), counts.holds))
    return Asked(both([counts, truths]), stretch)


def days_key(rule: Rule, view: View) -> tuple[object, ...]:
    """The same for rules that count the same days of what they share a view of."""
    return "days", view.run.written(rule.plan.counts) if rule.plan.counts is not None else "", rule.plan.law.as_of


def stretch_of(rule: Rule, at: At, *, undated: bool) -> Stretch:
    """The days on which a contribution counts."""
    counts = rule.plan.counts
    if counts is None:
        return ALWAYS_ON
    if undated and looks_around(counts, at.view.run.plan):
        return UNKNOWN
    if rule.plan.law.as_of:
        return span_under_each_law(counts, at)
    found: Stretch = build(counts, at)
    return found


def added(rule: Rule, view: View, asked_: Asked, *, undated: bool = False) -> Added:
    """What the rule adds on the rows that it may mean."""
    at, plan, stretch = At(view), rule.plan, asked_.stretch
    truths = asked_.truths if undated else both([asked_.truths, build(plan.when, at)])
    truths = view.keep_truths(truths)
    literal = isinstance(plan.points, Literal)
    value: Val = build(plan.points, at) if not undated or literal else always("number", MISSING)
    low, high, unsure, open_ = _amount(rule, view, value, stretch)
    if not truths.is_sure:
        low = low if _is_at_most_nothing(plan) else pl.when(~truths.holds & (low > 0)).then(0).otherwise(low)
        high = pl.when(~truths.holds & (high < 0)).then(0).otherwise(high)
    in_force_ = _not(value.is_in(NOT_IN_FORCE))
    found = Added(
        low=low, high=high,
        counts=all_of([truths.may, in_force_]),
        sure=all_of([truths.holds, in_force_, _not(unsure)]),
        unsure=unsure if truths.is_sure else any_of([unsure, ~truths.holds]),
        open=open_, first=stretch.first.fill_null(FIRST_DAY), last=stretch.last,
        holds=truths.holds, amount_unsure=unsure, known_span=stretch.is_known,
    )  # fmt: skip
    kept = ("low", "high", "counts", "unsure", "open", "amount_unsure")
    return evolve(found, **{name: _let(view, getattr(found, name)) for name in kept})


def _is_at_most_nothing(rule: ScoreRule) -> bool:
    """Whether what stands in the policy never adds anything to the score."""
    value = rule.points.value if isinstance(rule.points, Literal) else None
    return isinstance(value, int | Fraction) and value * rule.sign <= 0


def _not(column: pl.Expr) -> pl.Expr:
    return NO if column is YES else YES if column is NO else ~column


def _let(view: View, column: pl.Expr) -> pl.Expr:
    return column if column is YES or column is NO else view.let(column)


def rows_of(rule: Rule, view: View, found: Added, where: pl.Expr, names: Names | None = None) -> pl.LazyFrame:
    """The contributions on the rows for which `where` is true, with the names of what is unknown."""
    has_event = rule.plan.each is not None
    kept = [name for name in ("order", "variant", "party", "item", "place", "law") if name in _names_in(view)]
    return view.frame.filter(where).select(
        *kept,
        event=pl.col("e.id") if has_event else fixed(None, CODE),
        event_day=pl.col("by_day") if has_event else fixed(None, DAY),
        names=fixed(None, COLUMNS["names"]) if names is None else as_list(names),
        **found.columns(),
    )


def _names_in(view: View) -> set[str]:
    return set(view.frame.collect_schema().names())


def _amount(rule: Rule, view: View, value: Val, stretch: Stretch) -> tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr]:
    """Signed thousandths between two ends, whether they are unknown, and whether without limit.

    Divided once, last, on magnitudes.
    """
    run, plan = view.run, rule.plan
    is_one_day = run.store.asked is None
    if (
        plan.fades
        and is_one_day
        and stretch.lasts is not None
        and isinstance(plan.points, Literal)
        and value.states == SURE
    ):
        points = plan.points.value * plan.sign
        if isinstance(points, int):
            faded = _faded(points, run.as_of.toordinal(), *stretch.lasts)
            low = looked_up(faded, stretch.first - stretch.lasts[0])
            return low, low, NO, NO
    lowest, highest = rule.limits
    left = total = fixed(1, NUMBER)
    told = YES
    if plan.fades:
        told = stretch.is_known
        days = (stretch.last - stretch.first).cast(NUMBER)
        remaining = (stretch.last.cast(NUMBER) - run.today).clip(lower_bound=0)
        fading = all_of([told, days > 0])
        key = days_key(rule, view)
        total = view.once((*key, "total"), pl.when(fading).then(days).otherwise(1))
        left = view.once((*key, "left"), pl.when(fading).then(pl.min_horizontal(remaining, days)).otherwise(1))
    far = not isinstance(plan.points, Literal) or value.den is not None  # what is written is a small number
    den = total.cast(WIDE) * value.denominator if value.den is not None else total

    def cut(end: pl.Expr) -> pl.Expr:
        if not plan.fades and value.den is None:
            return end
        size = (end.abs().cast(WIDE) * left // den).cast(NUMBER) if far else end.abs() * left // den
        return pl.when(end < 0).then(-size).otherwise(size)

    low, high = (cut(end) for end in value.ends)
    if told is not YES:
        low = pl.when(~told & (low > 0)).then(0).otherwise(low)
        high = pl.when(~told & (high < 0)).then(0).otherwise(high)
    if plan.sign < 0:
        low, high = -high, -low
    limited = value.states <= {PLAIN, NOT_IN_FORCE}
    if limited and told is YES:
        return low, high, NO, NO
    some = value.is_in(PLAIN, RANGE)
    low, high = (pl.when(some).then(end) for end in (low, high))
    unsure = low.is_null() | high.is_null() | (low != high).fill_null(value=True)
    open_ = ~some | low.is_null() | high.is_null()
    return low.fill_null(lowest), high.fill_null(highest), unsure, open_ & ~value.is_in(PLAIN)


def _faded(points: int, today: int, least: int, lasts: pl.Series) -> pl.Series:
    """What is left today of points that count from each day, from the least one on, until its last day."""
    days = lasts.cast(NUMBER) - pl.int_range(least, least + len(lasts), dtype=NUMBER, eager=True)
    table = pl.DataFrame({"days": days, "remaining": (lasts.cast(NUMBER) - today).clip(0)})
    size = abs(points) * pl.min_horizontal("remaining", "days") // pl.col("days")
    whole = pl.when(pl.col("days") > 0).then(size).otherwise(abs(points))
    return table.select(-whole if points < 0 else whole).to_series()


def names_of(rule: Rule, view: View, found_: Added, *, undated: bool = False) -> Names:
    """The names that were not known, as written in the policy."""
    run, plan, at = view.run, rule.plan, At(view)
    each: Selector | None = plan.each
    found: list[Names] = []
    if each is not None:
        found += [unknown_names(piece, at) for piece in (each.where, each.item_where) if piece is not None]
        found += [dict.fromkeys(each.by, YES)] if undated else []
        admits = run.plan.admits.get(each.kind)
        if admits is not None:
            doubtful = YES if undated else pl.col("doubtful")
            found.append(masked(unknown_names(admits.where, at), doubtful))
    if not undated:
        found.append(unknown_names(plan.when, at))
        found.append(masked(unknown_names(plan.points, at), found_.amount_unsure))
    if plan.counts is not None and found_.known_span is not YES:
        asked = ~found_.known_span & (YES if plan.fades else ~found_.holds)
        laws = [day.toordinal() for day in run.found["law changes"]]
        found.append(masked(unknown_in_span(plan.counts, at, laws), asked))
    return merged(found)
