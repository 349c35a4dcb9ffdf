"""What each rule adds for each event of everybody: one row for each contribution, as `assessing.contributing` finds it.

Columns: `rule` (its place in the policy), `party`, `event` and `item` (codes), `place` (of the element), `event_day`,
`low` and `high` (signed thousandths), `unsure`, `open`, `first` and `last` (the days it counts), `law`, `names`,
`laws` and `law_points` (of a lenient rule).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from types import SimpleNamespace

import polars as pl
from attrs import field, frozen

from credit_engine.assessing.applying import looks_around
from credit_engine.assessing.contributing import UNLIMITED
from credit_engine.assessing.spanning import could_reach
from credit_engine.engines.columns.events import (
    TRUE,
    candidates,
    earliest,
    law_day,
    under_each_law,
)
from credit_engine.engines.columns.naming import Names, as_list, merged, unknown_in_span, unknown_names
from credit_engine.engines.columns.naming import masked as masked_names
from credit_engine.engines.columns.shapes import (
    ALWAYS,
    CODE,
    DAY,
    FIRST_DAY,
    LAST_DAY,
    MISSING,
    NO,
    NOT_IN_FORCE,
    NUMBER,
    PLAIN,
    RANGE,
    WIDE,
    YES,
    Truths,
    Val,
    always,
    any_of,
    both,
    chosen,
)
from credit_engine.engines.columns.spans import ALWAYS_ON, UNKNOWN, Stretch, days_of, in_force
from credit_engine.engines.columns.spans import under_each_law as span_under_each_law
from credit_engine.engines.columns.view import At, Run, View, build
from credit_engine.policy.nodes import All, Condition, Item, Literal, Selector, walk
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


def contributions(run: Run, score: Score) -> pl.DataFrame:
    """Everything that the rules add on the day judged."""
    found = [pl.DataFrame(schema=COLUMNS)]
    for place, plan in enumerate(score.rules):
        law = plan.law
        laws = tuple(Law(anchors=(each,)) for each in law.anchors) if law.lenient else (law,)
        rule = Rule(plan, place, _limit(plan, score), laws)
        found += [_shaped(rule, rows) for rows in _of_rule(run, rule)]
    return pl.concat(found)


def _limit(rule: ScoreRule, score: Score) -> int:
    if rule.group is not None and rule.group in score.groups:
        return score.groups[rule.group]
    return UNLIMITED if score.low is None or score.high is None else score.high - score.low


def _shaped(rule: Rule, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with every column of a contribution."""
    given = rows.with_columns(rule=pl.lit(rule.place))
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in COLUMNS.items() if name not in given.columns]
    given = given.with_columns(missing)
    return given.select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())


def _of_rule(run: Run, rule: Rule) -> list[pl.DataFrame]:
    each = rule.plan.each
    if each is None:
        frame = run.parties().select("party").with_columns(day=run.today, law=run.today, by_day=run.today)
        view = View(run, frame)
        return [_pointed(rule, view, ALWAYS, None).rows]
    found = []
    events = candidates(run, each.kind, each.by, each.standing)
    dated = events.dated.filter(pl.col("day") <= run.as_of.toordinal())
    if each.per:
        dated = _picked(run, rule, each, dated, events.undated)
    found.append(_under_laws(run, rule, each, dated))
    if events.undated is not None:
        found.append(_under_laws(run, rule, each, events.undated, undated=True))
    hidden = run.hidden_until(each.kind)
    scene = SimpleNamespace(as_of=run.as_of, plan=run.plan)
    last = None if hidden is None else date.fromordinal(min(hidden, run.as_of.toordinal()))
    if last is not None and could_reach(rule.plan.counts, each.by, scene, last):  # type: ignore[arg-type]  # what it reads
        low, high = rule.limits
        found.append(
            run.collect(run.parties().select("party")).with_columns(
                low=pl.lit(low, NUMBER), high=pl.lit(high, NUMBER), unsure=YES, open=YES,
                first=pl.lit(FIRST_DAY, DAY), last=pl.lit(LAST_DAY, DAY), law=run.today,
                names=pl.lit([each.kind]),
            )
        )  # fmt: skip
    return found


def _picked(run: Run, rule: Rule, each: Selector, dated: pl.LazyFrame, undated: pl.LazyFrame | None) -> pl.LazyFrame:
    """Of the events that are meant, or may be, the earliest of those with equal values."""
    names = dated.collect_schema().names()
    view = _event_view(run, each.kind, dated, rule.laws[-1])
    truths: Truths = build(each.where, At(view))
    meant = view.frame.filter(truths.may).with_columns(doubtful=pl.col("doubtful") | ~truths.holds).select(names)
    return earliest(run, each.kind, meant, undated, each.per, ("party",))


def _event_view(run: Run, kind: str, dated: pl.LazyFrame, law: Law) -> View:
    """The viewpoint of each event, on its own day, under the law that counts for it."""
    frame = dated.with_columns(law=law_day(run, law, kind, pl.col("day")), by_day=pl.col("day"))
    return View(run, frame, kind, kind)


def _undated_view(run: Run, kind: str, undated: pl.LazyFrame, law: Law) -> View:
    """The viewpoint of each event without a day, under each law that may count for it."""
    frame = under_each_law(run, law, kind, undated.drop("day")).with_columns(day=run.today, by_day=pl.lit(None, DAY))
    return View(run, frame, kind)


# --- under one law, or under each of a lenient rule -----------------------------------------------------------


def _under_laws(run: Run, rule: Rule, each: Selector, events: pl.LazyFrame, *, undated: bool = False) -> pl.DataFrame:
    made = _undated_view if undated else _event_view
    found = [_once(run, rule, each, made(run, each.kind, events, law), undated=undated) for law in rule.laws]
    usual = found[0] if len(rule.laws) == 1 else _better(run, rule, each, events, found, undated=undated)
    if each.element is None:
        return usual
    listed = [_listed(run, rule, each, made(run, each.kind, events, law), undated=undated) for law in rule.laws]
    rows = listed[0]
    for other in listed[1:]:
        rows = rows.join(other.select("order"), on="order", how="semi")
    return pl.concat([rows, usual], how="diagonal_relaxed")


def _once(run: Run, rule: Rule, each: Selector, view: View, *, undated: bool) -> pl.DataFrame:
    """The contributions of each event, or of each element of it, under one law."""
    at = At(view)
    if each.element is not None:
        elements: Val = build(each.element, at)
        view.frame = view.frame.filter(elements.value.list.len() > 0).with_columns(item=elements.value)
        view.frame = view.frame.with_columns(pl.int_ranges(pl.col("item").list.len()).alias("place"))
        view.frame = view.frame.explode("item", "place")
        frame = view.frame.select(pl.exclude("^_[0-9]+$", "^o\\..*$"))
        view = View(run, frame, view.kind, view.position)
        at = At(view)
    if undated:
        return _of_undated(run, rule, each, view)
    truths = both([build(piece, at) for piece in (each.where, each.item_where) if piece is not None])
    truths = view.keep_truths(Truths(truths.holds & ~pl.col("doubtful"), truths.may))
    return _pointed(rule, view, truths, each).rows


def _of_undated(run: Run, rule: Rule, each: Selector, view: View) -> pl.DataFrame:
    """Events without a day: what they bring under each law that may count, from the least to the most of it."""
    at = At(view)
    parts = _parts(each.where) + (_parts(each.item_where) if each.element is not None else [])
    still = [part for part in parts if not looks_around(part, run.plan)]
    truths = both([build(part, at) for part in still])
    keys = ["order", "place"] if each.element is not None else ["order"]
    view.frame = view.frame.filter(truths.may.any().over(keys) if truths.may is not YES else YES)
    rows = _pointed(rule, view, Truths(NO, YES), each, undated=True).rows
    names = pl.col("names").explode().drop_nulls().unique().sort()
    carried = [name for name in rows.columns if name not in ("low", "high", "open", "names", *keys)]
    return (
        rows.sort("variant")
        .group_by(keys, maintain_order=True)
        .agg(
            pl.col("low").min(),
            pl.col("high").max(),
            pl.col("open").any(),
            names,
            *(pl.col(one).last() for one in carried),
        )
    )


def _parts(condition: Condition | None) -> list[Condition]:
    if condition is None or condition == TRUE:
        return []
    return list(condition.parts) if isinstance(condition, All) else [condition]


def _listed(run: Run, rule: Rule, each: Selector, view: View, *, undated: bool) -> pl.DataFrame:
    """Events whose list is not known, where the rule could apply to some element: nothing is known of their points."""
    at = At(view)
    elements: Val = build(each.element, at) if each.element is not None else always("list", PLAIN)
    open_ = ~elements.is_in(PLAIN)
    if undated:
        still = [part for part in _parts(each.where) if not looks_around(part, run.plan)]
        meant = both([build(part, at) for part in still]).may
        meant = meant.any().over("order") if meant is not YES else YES
    else:
        meant = build(each.where, at).may
    law = pl.col("law")
    could = in_force(days_of(run, rule.plan.basis), law)
    if not any(isinstance(node, Item) for node in walk(rule.plan.counts)):
        stretch = _stretch(rule, at, undated=undated)
        truths = [stretch.covers(run.today)]
        if not undated:
            truths.append(build(rule.plan.when, at))
        could = could & both(truths).may
    low, high = rule.limits
    rows = view.frame.filter(open_ & meant & could).with_columns(
        event=pl.col("e.id"), event_day=pl.col("by_day"), low=pl.lit(low, NUMBER), high=pl.lit(high, NUMBER),
        unsure=YES, open=YES, first=pl.lit(FIRST_DAY, DAY), last=pl.lit(LAST_DAY, DAY), law=run.today,
        names=pl.lit([each.element.name if each.element is not None else ""]),
    )  # fmt: skip
    kept = [name for name in ("order", *COLUMNS) if name in rows.collect_schema()]
    return run.collect(rows.select(kept).unique("order", keep="any") if undated else rows.select(kept))


def _better(
    run: Run, rule: Rule, each: Selector, events: pl.LazyFrame, found: Sequence[pl.DataFrame], *, undated: bool
) -> pl.DataFrame:
    """Of the results under each law the better for the party: fewer points, an earlier end, else the first."""
    keys = ["order", "place"] if each.element is not None else ["order"]
    universe = pl.concat([rows.select(keys) for rows in found]).unique(maintain_order=True)
    every = universe
    for number, (law, rows) in enumerate(zip(rule.laws, found, strict=True)):
        if undated:
            days = (
                under_each_law(run, law, each.kind, events).sort("variant").group_by("order").agg(pl.col("law").last())
            )
        else:
            days = events.select("order", law=law_day(run, law, each.kind, pl.col("day")))
        mine = universe.join(run.collect(days), on="order", how="left")
        names = [*keys, "low", "high", "unsure", "open", "first", "last", "names"]
        mine = mine.join(rows.select(names), on=keys, how="left")
        mine = mine.with_columns(
            pl.col("low", "high").fill_null(0),
            pl.col("unsure", "open").fill_null(value=False),
            pl.col("last").fill_null(LAST_DAY),
        )
        mine = mine.rename({name: f"{name}{number}" for name in mine.columns if name not in keys})
        every = every.join(mine, on=keys)
    count = range(len(rule.laws))
    nothing = any_of([(pl.col(f"low{i}") == 0) & (pl.col(f"high{i}") == 0) & ~pl.col(f"unsure{i}") for i in count])
    every = every.filter(~nothing)
    best = pl.lit(0, pl.Int8)
    for i in count[1:]:
        better = NO
        for j in count[:i]:
            less = (pl.col(f"high{i}") > pl.col(f"high{j}")) | (
                (pl.col(f"high{i}") == pl.col(f"high{j}")) & (pl.col(f"last{i}") < pl.col(f"last{j}"))
            )
            better = pl.when(best == j).then(less).otherwise(better)
        every = every.with_columns(pl.when(better).then(pl.lit(i, pl.Int8)).otherwise(best).alias("best"))
        best = pl.col("best")

    def of_best(name: str) -> pl.Expr:
        return chosen([(best == i, pl.col(f"{name}{i}")) for i in count[:-1]], pl.col(f"{name}{count[-1]}"))

    unsure = any_of([pl.col(f"unsure{i}") for i in count])
    all_open = pl.all_horizontal([pl.col(f"open{i}") for i in count])
    worst = [
        pl.when(~all_open & pl.col(f"open{i}") & (pl.col(f"low{i}") < 0)).then(-UNLIMITED).otherwise(pl.col(f"low{i}"))
        for i in count
    ]
    every_name = pl.concat_list([pl.col(f"names{i}").fill_null([]) for i in count]).list.unique().list.sort()
    rows = every.select(
        *keys,
        low=pl.when(unsure).then(pl.max_horizontal(worst)).otherwise(of_best("low")),
        high=of_best("high"), unsure=unsure, open=pl.when(unsure).then(all_open).otherwise(of_best("open")),
        first=of_best("first").fill_null(FIRST_DAY), last=of_best("last"), law=of_best("law"),
        names=pl.when(unsure).then(every_name), laws=pl.concat_list([pl.col(f"law{i}") for i in count]),
        law_points=pl.concat_list([pl.col(f"low{i}") for i in count]),
    )  # fmt: skip
    day = pl.lit(None, DAY) if undated else pl.col("day")
    about = run.collect(events.select("order", "party", event=pl.col("e.id"), event_day=day))
    rows = rows.join(about, on="order")
    if each.element is None:
        return rows
    items = pl.concat([one.select(*keys, "item") for one in found]).unique(keys)
    return rows.join(items, on=keys)


# --- one viewpoint --------------------------------------------------------------------------------------------


@frozen(eq=False)
class Pointed:
    """The rows of contributions."""

    rows: pl.DataFrame


def _stretch(rule: Rule, at: At, *, undated: bool) -> Stretch:
    counts = rule.plan.counts
    if counts is None:
        return ALWAYS_ON
    if undated and looks_around(counts, at.view.run.plan):
        return UNKNOWN
    if rule.plan.law.as_of:
        return span_under_each_law(counts, at)
    found: Stretch = build(counts, at)
    return found


def _pointed(rule: Rule, view: View, truths: Truths, each: Selector | None, *, undated: bool = False) -> Pointed:
    """What the rule adds from each viewpoint on the day judged, where it is meant, or may be."""
    run, plan = view.run, rule.plan
    at = At(view)
    valid = in_force(days_of(run, plan.basis), pl.col("law"))
    stretch = _stretch(rule, at, undated=undated)
    covered = stretch.covers(run.today)
    view.frame = view.frame.filter(valid & truths.may & covered.may)
    truths = both([truths, covered])
    if not undated:
        truths = both([truths, build(plan.when, at)])
    truths = view.keep_truths(truths)
    literal = isinstance(plan.points, Literal)
    value: Val = build(plan.points, at) if not undated or literal else always("number", MISSING)
    low, high, unsure, open_ = _amount(rule, view, value, stretch)
    low = pl.when(~truths.holds & (low > 0)).then(0).otherwise(low)
    high = pl.when(~truths.holds & (high < 0)).then(0).otherwise(high)
    columns = {
        "low": low, "high": high, "amount_unsure": unsure, "holds": truths.holds, "open": open_,
        "first": stretch.first.fill_null(FIRST_DAY),
        "last": stretch.last, "known_span": stretch.is_known,
    }  # fmt: skip
    event = pl.col("e.id") if each is not None else pl.lit(None, CODE)
    view.frame = view.frame.filter(truths.may & ~value.is_in(NOT_IN_FORCE)).with_columns(
        **columns, event=event, event_day=pl.col("by_day") if each is not None else pl.lit(None, DAY)
    )
    view.frame = view.frame.with_columns(unsure=pl.col("amount_unsure") | ~pl.col("holds"))
    view.frame = view.frame.with_columns(open=pl.col("open") & pl.col("unsure"))
    kept = ["order", "variant", *COLUMNS]
    kept = [name for name in kept if name in view.frame.collect_schema()]
    rows = run.collect(view.frame.select(kept)).with_columns(names=pl.lit(None, COLUMNS["names"]))
    if not rows.get_column("unsure").any():
        return Pointed(rows)
    view.frame = view.frame.filter(pl.col("unsure"))
    names = _names(rule, at, each, undated=undated)
    told = run.collect(view.frame.with_columns(names=as_list(names)).select(*kept, "names"))
    return Pointed(pl.concat([rows.filter(~pl.col("unsure")), told], how="diagonal_relaxed"))


def _amount(rule: Rule, view: View, value: Val, stretch: Stretch) -> tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr]:
    """Signed thousandths between two ends, whether they are unknown, and whether without limit.

    Divided once, last, on magnitudes.
    """
    run, plan = view.run, rule.plan
    lowest, highest = rule.limits
    left = total = pl.lit(1, NUMBER)
    told = YES
    if plan.fades:
        told = stretch.is_known
        days = (stretch.last - stretch.first).cast(NUMBER)
        remaining = (stretch.last.cast(NUMBER) - run.as_of.toordinal()).clip(lower_bound=0)
        total = pl.when(told & (days > 0)).then(days).otherwise(1)
        left = pl.when(told & (days > 0)).then(pl.when(remaining < days).then(remaining).otherwise(days)).otherwise(1)
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


def _names(rule: Rule, at: At, each: Selector | None, *, undated: bool) -> Names:
    """The names that were not known, as written in the policy."""
    run, plan = at.view.run, rule.plan
    found: list[Names] = []
    if each is not None:
        found += [unknown_names(piece, at) for piece in (each.where, each.item_where) if piece is not None]
        found += [dict.fromkeys(each.by, YES)] if undated else []
        admits = run.plan.admits.get(each.kind)
        if admits is not None:
            doubtful = YES if undated else pl.col("doubtful")
            found.append(masked_names(unknown_names(admits.where, at), doubtful))
    if not undated:
        found.append(unknown_names(plan.when, at))
        found.append(masked_names(unknown_names(plan.points, at), pl.col("amount_unsure")))
    if plan.counts is not None:
        asked = ~pl.col("known_span") & (YES if plan.fades else ~pl.col("holds"))
        laws = [day.toordinal() for day in run.found["law changes"]]
        found.append(masked_names(unknown_in_span(plan.counts, at, laws), asked))
    return merged(found)
