"""Rules asked by themselves, a row for each contribution: lenient ones, those over elements of lists or with `per`.

Also events without a day, which every rule takes one by one.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from attrs import evolve

from credit_engine.assessing.applying import looks_around
from credit_engine.assessing.contributions import UNLIMITED
from credit_engine.engines.columns.adding import COLUMNS, Rule, added, asked, names_of, rows_of, stretch_of
from credit_engine.engines.columns.events import TRUE, Events, earliest, law_between, law_day, under_each_law
from credit_engine.engines.columns.shapes import (
    DAY,
    FIRST_DAY,
    LAST_DAY,
    NO,
    NUMBER,
    PLAIN,
    YES,
    Truths,
    Val,
    always,
    any_of,
    both,
    chosen,
    fixed,
)
from credit_engine.engines.columns.spans import days_of, in_force
from credit_engine.engines.columns.view import At, Run, View, build
from credit_engine.policy.nodes import All, Condition, Item, Selector, walk
from credit_engine.policy.plan_basis import Law


def picked(run: Run, rule: Rule, each: Selector, events: Events) -> Events:
    """Of the events that are meant, or may be, the earliest of those with equal values."""
    names = events.dated.collect_schema().names()
    view = event_view(run, events, rule.laws[-1])
    truths: Truths = build(each.where, At(view))
    kept = view.frame.filter(truths.may).with_columns(doubtful=pl.col("doubtful") | ~truths.holds).select(names)
    return evolve(events, dated=earliest(run, each.kind, kept, events.undated, each.per, ("party",)), sure=False)


def event_view(run: Run, events: Events, law: Law) -> View:
    """The viewpoint of each event up to the day judged, on its own day, under the law that counts for it."""
    kind, today = events.kind, run.last_day
    frame = events.dated.with_columns(law=law_day(run, law, kind, pl.col("day")), by_day=pl.col("day"))
    view = View(run, frame, kind, kind)
    if events.between is not None:
        first, last = events.between
        view.between |= dict.fromkeys(("day", "by_day"), (min(first, today), min(last, today)))
    if (ends := law_between(run, law, kind, events.between)) is not None:
        view.between["law"] = ends
    return view


def _undated_view(run: Run, kind: str, undated: pl.LazyFrame, law: Law) -> View:
    """The viewpoint of each event without a day, under each law that may count for it."""
    frame = under_each_law(run, law, kind, undated.drop("day")).with_columns(day=run.today, by_day=fixed(None, DAY))
    return View(run, frame, kind)


# --- under one law, or under each of a lenient rule -----------------------------------------------------------


def apart(run: Run, rule: Rule, each: Selector, events: Events, *, undated: bool = False) -> pl.DataFrame:
    """The contributions of one rule: for each event with a day, or for each `undated` one."""

    def made(law: Law) -> View:
        if undated and events.undated is not None:
            return _undated_view(run, each.kind, events.undated, law)
        return event_view(run, events, law)

    found = [_once(run, rule, each, made(law), is_sure=events.sure, undated=undated) for law in rule.laws]
    frame = events.undated if undated and events.undated is not None else events.dated
    usual = found[0] if len(rule.laws) == 1 else _better(run, rule, each, frame, found, undated=undated)
    if each.element is None:
        return usual
    listed = [_listed(run, rule, each, made(law), undated=undated) for law in rule.laws]
    rows = listed[0]
    for other in listed[1:]:
        rows = rows.join(other.select("order"), on="order", how="semi")
    return pl.concat([rows, usual], how="diagonal_relaxed")


def _once(run: Run, rule: Rule, each: Selector, view: View, *, is_sure: bool, undated: bool) -> pl.DataFrame:
    """The contributions of each event, or of each element of it, under one law."""
    at = At(view)
    if each.element is not None:
        elements: Val = build(each.element, at)
        view.frame = view.frame.filter(elements.value.list.len() > 0).with_columns(item=elements.value)
        view.frame = view.frame.with_columns(pl.int_ranges(pl.col("item").list.len()).alias("place"))
        view.frame = view.frame.explode("item", "place")
        frame = view.frame.select(pl.exclude("^_[0-9]+$", "^o\\..*$"))
        between = view.between
        view = View(run, frame, view.kind, view.position)
        view.between = between
    if undated:
        return _of_undated(run, rule, each, view)
    return _pointed(rule, view, meant(each, At(view), is_sure=is_sure))


def meant(each: Selector, at: At, *, is_sure: bool) -> Truths:
    """Whether the events at hand satisfy `where`; `is_sure`: whether none of them is doubtful in itself."""
    truths = both([build(piece, at) for piece in (each.where, each.item_where) if piece is not None])
    return at.view.keep_truths(truths if is_sure else Truths(truths.holds & ~pl.col("doubtful"), truths.may))


def _pointed(rule: Rule, view: View, truths: Truths, *, undated: bool = False) -> pl.DataFrame:
    """What the rule adds from each viewpoint on the day judged, where it is meant, or may be."""
    run = view.run
    pointed = asked(rule, view, truths, undated=undated)
    view.frame = view.frame.filter(pointed.truths.may)
    found = added(rule, view, pointed, undated=undated)
    rows = run.collect(rows_of(rule, view, found, found.counts))
    if not rows.get_column("unsure").any():
        return rows
    view.frame = view.frame.filter(found.counts & found.unsure)
    told = run.collect(rows_of(rule, view, found, YES, names_of(rule, view, found, undated=undated)))
    return pl.concat([rows.filter(~pl.col("unsure")), told], how="diagonal_relaxed")


def _of_undated(run: Run, rule: Rule, each: Selector, view: View) -> pl.DataFrame:
    """Events without a day: what they bring under each law that may count, from the least to the most of it."""
    at = At(view)
    parts = _parts(each.where) + (_parts(each.item_where) if each.element is not None else [])
    still = [part for part in parts if not looks_around(part, run.plan)]
    truths = both([build(part, at) for part in still])
    keys = ["order", "place"] if each.element is not None else ["order"]
    view.frame = view.frame.filter(truths.may.any().over(keys) if truths.may is not YES else YES)
    rows = _pointed(rule, view, Truths(NO, YES), undated=True)
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
        may = both([build(part, at) for part in still]).may
        may = may.any().over("order") if may is not YES else YES
    else:
        may = build(each.where, at).may
    could = in_force(days_of(run, rule.plan.basis), at)
    if not any(isinstance(node, Item) for node in walk(rule.plan.counts)):
        stretch = stretch_of(rule, at, undated=undated)
        truths = [stretch.covers(run.today)]
        if not undated:
            truths.append(build(rule.plan.when, at))
        could = could & both(truths).may
    low, high = rule.limits
    rows = view.frame.filter(open_ & may & could).with_columns(
        event=pl.col("e.id"), event_day=pl.col("by_day"), low=fixed(low, NUMBER), high=fixed(high, NUMBER),
        unsure=YES, open=YES, first=fixed(FIRST_DAY, DAY), last=fixed(LAST_DAY, DAY), law=run.today,
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
    best = fixed(0, pl.Int8)
    for i in count[1:]:
        better = NO
        for j in count[:i]:
            less = (pl.col(f"high{i}") > pl.col(f"high{j}")) | (
                (pl.col(f"high{i}") == pl.col(f"high{j}")) & (pl.col(f"last{i}") < pl.col(f"last{j}"))
            )
            better = pl.when(best == j).then(less).otherwise(better)
        every = every.with_columns(pl.when(better).then(fixed(i, pl.Int8)).otherwise(best).alias("best"))
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
    day = fixed(None, DAY) if undated else pl.col("day")
    about = run.collect(events.select("order", "party", event=pl.col("e.id"), event_day=day))
    rows = rows.join(about, on="order")
    if each.element is None:
        return rows
    items = pl.concat([one.select(*keys, "item") for one in found]).unique(keys)
    return rows.join(items, on=keys)
