"""What a selector takes from each row of a view: pairs of viewpoint and event, narrowed as `assessing.selecting` does.

The order is that of design 4: `standing`, `where`, `same`; the window; `per`, `last`; elements.
"""

from __future__ import annotations

import polars as pl
from attrs import evolve, frozen

from credit_engine.days import CalendarWindow
from credit_engine.engines.columns import calendar
from credit_engine.engines.columns.events import (
    earliest,
    law_day,
    matching,
    under_each_law,
)
from credit_engine.engines.columns.shapes import (
    ALWAYS,
    DAY,
    DOUBTFUL,
    FIRST_DAY,
    MISSING,
    NONE,
    NOT_IN_FORCE,
    PLAIN,
    RANGE,
    SURE,
    Truths,
    Val,
    any_of,
    chosen,
    fixed,
)
from credit_engine.engines.columns.values import days_later
from credit_engine.engines.columns.view import SHIFT, At, View, build
from credit_engine.policy.nodes import Selector

NO_FLAG = pl.lit(value=False)


@frozen(eq=False)
class Taken:
    """What is taken.

    `entries`: `row`, `key`, `doubtful` and fields, one row for each event (or element) taken; `undated`: the same of
    events that could stand on any day (none: there are none).

    `rows`: one row for each viewpoint: `row`, `hidden` (the last day on which any number of unrecorded ones could
    stand; null: none), `endless`, `from_day` (the viewpoint's day, null where it is unknown).
    """

    entries: pl.LazyFrame
    undated: pl.LazyFrame | None
    rows: pl.LazyFrame


def taken(node: Selector, at: At) -> Taken:
    """What the selector takes from every row of the view, which is numbered by this."""
    key = ("taken", at.view.run.written(node), at.law)
    found: Taken | None = at.view.memo.get(key)
    if found is None:
        found = at.view.memo[key] = _taken(node, at)
    return found


def _taken(node: Selector, at: At) -> Taken:
    view, run = at.view, at.view.run
    position = None if node.at else view.position
    own_kind = position is not None and position == node.kind
    length: Val | None = None if node.within is None else build(node.within, at)
    ours: list[Val] = [build(value, at) for _, value in node.same]
    since = None if node.since is None else taken(node.since, at)
    asked_at = pl.col("day") if node.at is None else pl.col(f"e.{node.at}")
    view.frame = view.frame.with_columns(asked_at.cast(DAY).alias("from_day"))
    view.numbered()
    asker = _asker(node, view)
    askers = _askers(view, length, ours, asker)
    events = matching(run, node)
    pairs = _paired(askers, events.dated)
    undated = None if events.undated is None else _paired(askers, events.undated)
    if not node.settled or node.same:
        pairs, undated = _meant(node, view, pairs, undated)
    pairs = _seen(node, pairs, own_kind=own_kind, whole_day=position is None)
    rows = _viewed(run.hidden_until(node.kind), askers, eve=node.before and position is None)
    if length is not None:
        pairs, rows = _within(at, length, pairs, rows)
    if since is not None:
        pairs, rows = _since(node, since, pairs, rows)
    unknown = pl.col("from_day").is_null()
    pairs = pairs.with_columns(doubtful=pl.col("doubtful") | unknown) if node.at is not None else pairs
    rows = rows.with_columns(undated_in=pl.col("undated_in") | unknown) if node.at is not None else rows
    if undated is not None:
        undated = undated.join(rows.filter("undated_in").select("row"), on="row", how="semi")
    if node.before and asker is not None:
        pairs = pairs.filter(pl.col("order") != pl.col("asker_order"))
        undated = undated.filter(pl.col("order") != pl.col("asker_order")) if undated is not None else None
    if node.per:
        pairs = earliest(run, node.kind, pairs, undated, node.per, ("row",))
    if node.last is not None:
        pairs, rows = _newest(pairs, undated, rows, node.last)
    found = Taken(pairs, undated, rows.select("row", "hidden", "endless", "from_day"))
    return found if node.element is None else _elements(node, view, found)


def _viewed(hidden: int | None, askers: pl.LazyFrame, *, eve: bool) -> pl.LazyFrame:
    """One row for each viewpoint, with the last seen day on which unrecorded events could stand (null: none).

    Where the viewpoint's day is unknown, nothing bounds that day. `eve`: the day itself is not seen.
    """
    last = fixed(None, DAY)
    if hidden is not None:
        seen = (pl.col("from_day") - 1 if eve else pl.col("from_day")).clip(FIRST_DAY)
        last = pl.when(seen.is_null()).then(fixed(hidden, DAY)).otherwise(_least(fixed(hidden, DAY), seen))
    return askers.with_columns(hidden=last.cast(DAY), undated_in=pl.lit(value=True), endless=NO_FLAG)


def _least(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    return pl.when(other < one).then(other).otherwise(one)


def _asker(node: Selector, view: View) -> pl.Expr | None:
    """The event of this kind that looks: the viewpoint, or with `at` the one whose day is; none where a day looks."""
    if node.at is not None:
        return pl.col("order") if view.kind == node.kind else None
    return pl.col("key") % (1 << SHIFT) if view.position == node.kind else None


def _askers(view: View, length: Val | None, ours: list[Val], asker: pl.Expr | None) -> pl.LazyFrame:
    """One row for each viewpoint, with what the window asks of it."""
    columns = [pl.col("row"), pl.col("party").alias("asker"), pl.col("from_day"), pl.col("day").alias("asker_day")]
    columns += [asker.alias("asker_order")] if asker is not None else []
    columns += [pl.col("key").alias("asker_key")] if view.position is not None else []
    if length is not None:
        columns += [length.value.alias("length"), length.state.alias("length_state")]
    for place, val in enumerate(ours):
        columns += [val.value.alias(f"ours{place}"), val.state.alias(f"ours_state{place}")]
    return view.frame.select(columns)


def _paired(askers: pl.LazyFrame, events: pl.LazyFrame) -> pl.LazyFrame:
    return events.join(askers, left_on="party", right_on="asker", how="inner")


def _meant(
    node: Selector, view: View, pairs: pl.LazyFrame, undated: pl.LazyFrame | None
) -> tuple[pl.LazyFrame, pl.LazyFrame | None]:
    """Pairs whose event satisfies `where` and `same` as this viewpoint sees it, or may."""
    run, law = view.run, view.run.plan.law
    names = pairs.collect_schema().names()
    dated = pairs.with_columns(law=law_day(run, law, node.kind, pl.col("day")), event_day=pl.col("day"))
    seen, truths = _asked(node, view, dated)
    kept = seen.frame.filter(truths.may).with_columns(
        doubtful=pl.col("doubtful") | ~truths.holds, day=pl.col("event_day"), key=pl.col("event_key")
    )
    if undated is None:
        return kept.select(names), None
    each = under_each_law(run, law, node.kind, undated).with_columns(event_day=fixed(None, DAY))
    seen, truths = _asked(node, view, each)
    open_ = seen.frame.filter(truths.may).with_columns(day=fixed(None, DAY), key=pl.col("event_key"))
    return kept.select(names), open_.select(names).unique(["row", "order"], keep="any")


def _asked(node: Selector, view: View, pairs: pl.LazyFrame) -> tuple[View, Truths]:
    """`where` and `same` on every pair: the asker's viewpoint with another event at hand."""
    key = pl.col("asker_key") if view.position is not None else pl.col("key")
    frame = pairs.with_columns(event_key=pl.col("key"), key=key, day=pl.col("asker_day")).rename({"row": "asker_row"})
    seen = View(view.run, frame, node.kind, view.position)
    truths: Truths = build(node.where, At(seen)) if not node.settled else ALWAYS
    for place, (theirs, ours) in enumerate(node.same):
        one: Val = build(theirs, At(seen))
        other_state = pl.col(f"ours_state{place}")
        other = build(ours, At(view))
        states = other.states
        equal = one.value == pl.col(f"ours{place}")
        holds, may = equal.fill_null(value=False), equal.fill_null(value=True)
        if NONE in states | one.states:
            none = any_of([one.is_in(NONE), other_state == NONE])
            both_plain = one.is_in(PLAIN) & (other_state == PLAIN)
            may = chosen([(both_plain, may), (none, NO_FLAG)], pl.lit(value=True))
        truths = Truths(truths.holds & holds, truths.may & may)
    truths = seen.keep_truths(truths)
    seen.frame = seen.frame.drop("row", strict=False).rename({"asker_row": "row"})
    return seen, truths


def _seen(node: Selector, pairs: pl.LazyFrame, *, own_kind: bool, whole_day: bool) -> pl.LazyFrame:
    """What stands at or before the viewpoint; all of it where the viewpoint's day is unknown."""
    if own_kind:
        return pairs.filter(pl.col("key") <= pl.col("asker_key"))
    day, last = pl.col("day"), pl.col("from_day")
    seen = day < last if node.before and whole_day else day <= last
    return pairs.filter(seen | pl.col("from_day").is_null()) if node.at else pairs.filter(seen)


def _within(at: At, length: Val, pairs: pl.LazyFrame, rows: pl.LazyFrame) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """The window of a period (`d <= day <= add(d, P)`) or of a calendar unit; what is unknown only may lie inside."""
    run = at.view.run
    periods = [run.store.periods[code] for code in length.choices]
    on_pairs = evolve(length, value=pl.col("length"), state=pl.col("length_state"))
    unknown_view = pl.col("from_day").is_null()
    state = pl.col("length_state")
    windows = [
        (code, one) for code, one in zip(length.choices, periods, strict=True) if isinstance(one, CalendarWindow)
    ]
    plain_periods = tuple(
        code for code, one in zip(length.choices, periods, strict=True) if not isinstance(one, CalendarWindow)
    )
    is_period = (state == PLAIN) & ~any_of([(pl.col("length") == code).fill_null(value=False) for code, _ in windows])
    end = days_later(pl.col("day"), evolve(on_pairs, choices=plain_periods), at)
    has_wd = any(getattr(one, "unit", "") == "wd" for one in periods)
    pairs = pairs.with_columns(window_end=end)
    inside = (pl.col("window_end") >= pl.col("from_day")).fill_null(value=True)
    if has_wd:
        out = (is_period & (pl.col("window_end") < pl.col("from_day"))).fill_null(value=False)
        last_out = pl.col("key").filter(out).max().over("row")
        inside = inside & (pl.col("key") > last_out).fill_null(value=True)
        pairs = pairs.with_columns(inside=inside)
        inside = pl.col("inside")
    firsts = [(code, *calendar.window(one, pl.col("from_day"))) for code, one in windows]
    cases = [(unknown_view, pl.lit(value=True)), (state == NOT_IN_FORCE, NO_FLAG), (is_period, inside)]
    cases += [
        (
            (pl.col("length") == code).fill_null(value=False),
            pl.col("day").is_between(first, last).fill_null(value=False),
        )
        for code, first, last in firsts
    ]
    maybe = (is_period & pl.col("window_end").is_null()) | state.is_in([MISSING, DOUBTFUL, NONE, RANGE])
    pairs = pairs.filter(chosen(cases, pl.lit(value=True))).with_columns(doubtful=pl.col("doubtful") | maybe)
    reach = days_later(pl.col("hidden"), evolve(on_pairs, choices=plain_periods), at)
    hidden = pl.col("hidden")
    hidden_cases = [
        (unknown_view, hidden),
        (state == NOT_IN_FORCE, fixed(None, DAY)),
        (is_period, pl.when((reach >= pl.col("from_day")).fill_null(value=True)).then(hidden)),
    ]
    hidden_cases += [
        (
            (pl.col("length") == code).fill_null(value=False),
            pl.when((hidden >= first).fill_null(value=False)).then(hidden),
        )
        for code, first, _ in firsts
    ]
    out_cases = [(unknown_view, pl.lit(value=True)), (state == NOT_IN_FORCE, NO_FLAG)]
    out_cases += [((pl.col("length") == code).fill_null(value=False), first.is_not_null()) for code, first, _ in firsts]
    rows = rows.with_columns(hidden=chosen(hidden_cases, hidden), undated_in=chosen(out_cases, pl.lit(value=True)))
    return pairs, rows


def _since(node: Selector, marks: Taken, pairs: pl.LazyFrame, rows: pl.LazyFrame) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """From the latest such event on: it included, and its whole day where it is of another kind."""
    own_kind = node.since is not None and node.since.kind == node.kind
    certain = pl.col("key").filter(~pl.col("doubtful")).max()
    grouped = marks.entries.group_by("row").agg(
        mark=certain,
        may_first=pl.col("key").filter(pl.col("doubtful") & (pl.col("key") > certain).fill_null(value=True)).min(),
        may_last=pl.col("key").filter(pl.col("doubtful") & (pl.col("key") > certain).fill_null(value=True)).max(),
    )
    told = marks.rows.select("row", pl.col("hidden").alias("mark_hidden")).join(grouped, on="row", how="left")
    if marks.undated is not None:
        lost = marks.undated.select("row").unique().with_columns(mark_undated=pl.lit(value=True))
        told = told.join(lost, on="row", how="left")
    else:
        told = told.with_columns(mark_undated=NO_FLAG)
    mark_day = (pl.col("mark") // (1 << SHIFT)).cast(DAY)
    hidden_later = pl.col("mark_hidden").is_not_null() & (mark_day <= pl.col("mark_hidden")).fill_null(value=True)
    anywhere = pl.col("mark_undated").fill_null(value=False) | hidden_later
    told = told.with_columns(anywhere=anywhere, mark_day=mark_day)
    none = pl.col("mark").is_null() & pl.col("may_first").is_null() & ~pl.col("anywhere")
    start = chosen(
        [(pl.col("mark").is_not_null(), pl.col("mark")), (pl.col("anywhere"), fixed(0, pl.Int64))],
        pl.col("may_first"),
    )
    endless = pl.col("mark").is_null() | pl.col("anywhere")
    sure = chosen([(endless, fixed(2**62, pl.Int64))], pl.coalesce("may_last", "mark"))
    told = told.with_columns(since_none=none, since_start=start, since_sure=sure)
    facts = told.select("row", "since_none", "since_start", "since_sure", "mark_day")
    unit = 1 if own_kind else 1 << SHIFT  # of another kind the whole day
    place = pl.col("key") // unit
    unknown_view = pl.col("from_day").is_null()
    pairs = pairs.join(facts, on="row", how="left")
    inside = ~pl.col("since_none") & (place >= pl.col("since_start") // unit)
    pairs = pairs.filter(unknown_view | inside.fill_null(value=False))
    pairs = pairs.with_columns(doubtful=pl.col("doubtful") | (place < pl.col("since_sure") // unit))
    pairs = pairs.drop("since_none", "since_start", "since_sure", "mark_day")
    rows = rows.join(facts, on="row", how="left")
    over = (pl.col("since_none") | (pl.col("mark_day") > pl.col("hidden")).fill_null(value=False)) & ~unknown_view
    rows = rows.with_columns(
        hidden=pl.when(~over).then(pl.col("hidden")),
        undated_in=pl.col("undated_in") & ~pl.col("since_none"),
    )
    return pairs, rows.drop("since_none", "since_start", "since_sure", "mark_day")


def _newest(
    pairs: pl.LazyFrame, undated: pl.LazyFrame | None, rows: pl.LazyFrame, most: int
) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """The last `most` of them; one that a doubtful later one could push out is doubtful."""
    names = pairs.collect_schema().names()
    if undated is None:
        rows = rows.with_columns(open=fixed(0, pl.Int64))
    else:
        counted = undated.group_by("row").agg(open=pl.len().cast(pl.Int64))
        rows = rows.join(counted, on="row", how="left").with_columns(pl.col("open").fill_null(0))
    facts = rows.select("row", pl.col("hidden").alias("hidden_day"), "open")
    pairs = pairs.join(facts, on="row", how="left").sort("row", "key", descending=[False, True])
    sure, unsure = (
        (flag.cast(pl.Int64).cum_sum().over("row") - flag.cast(pl.Int64))
        for flag in (~pl.col("doubtful"), pl.col("doubtful"))
    )
    pairs = pairs.with_columns(newer_sure=sure, newer_unsure=unsure)
    kept = pairs.filter(pl.col("newer_sure") < most)
    crowded = pl.col("newer_sure") + pl.col("newer_unsure") + pl.col("open") >= most
    hidden_later = (pl.col("day") <= pl.col("hidden_day")).fill_null(value=False)
    kept = kept.with_columns(was=pl.col("doubtful"), doubtful=pl.col("doubtful") | crowded | hidden_later)
    after = pairs.filter(~pl.col("doubtful") & (pl.col("day") > pl.col("hidden_day")).fill_null(value=False))
    enough = after.group_by("row").agg(after=pl.len())
    rows = rows.join(enough, on="row", how="left")
    rows = rows.with_columns(hidden=pl.when((pl.col("after") < most).fill_null(value=True)).then(pl.col("hidden")))
    return kept.select(names), rows.drop("open", "after")


def _elements(node: Selector, view: View, found: Taken) -> Taken:
    """One entry for each element of the list field whose `item` part of `where` holds."""
    entries, lost = _expanded(node, view, found.entries)
    undated, more = (None, None) if found.undated is None else _expanded(node, view, found.undated, is_undated=True)
    missing = lost if more is None else pl.concat([lost, more])
    missing = missing.unique().with_columns(lost=pl.lit(value=True))
    rows = found.rows.join(missing, on="row", how="left")
    rows = rows.with_columns(endless=pl.col("endless") | pl.col("lost").fill_null(value=False)).drop("lost")
    return Taken(entries, undated, rows)


def _expanded(
    node: Selector, view: View, pairs: pl.LazyFrame, *, is_undated: bool = False
) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """The elements of each event, and the rows of which an event has no list."""
    run, law = view.run, view.run.plan.law
    own_day = pl.col("day")
    if is_undated:
        frame = under_each_law(run, law, node.kind, pairs)
        frame = frame.filter(pl.col("variant") == pl.col("variant").min().over("row", "order"))
    else:
        frame = pairs.with_columns(law=law_day(run, law, node.kind, own_day))
    names = pairs.collect_schema().names()
    frame = frame.with_columns(event_day=own_day, event_key=pl.col("key"), day=pl.col("asker_day"))
    if view.position is not None:
        frame = frame.with_columns(key=pl.col("asker_key"))
    seen = View(run, frame.rename({"row": "asker_row"}), node.kind, view.position)
    elements: Val = build(node.element, At(seen)) if node.element is not None else Val("list", pl.lit(None))
    listed = seen.let(elements.value)
    lost = seen.frame.filter(~elements.is_in(PLAIN) if elements.states != SURE else NO_FLAG)
    lost = lost.select(pl.col("asker_row").alias("row"))
    exploded = seen.frame.filter(listed.list.len() > 0).with_columns(item=listed)
    exploded = exploded.with_columns(place=pl.int_ranges(pl.col("item").list.len())).explode("item", "place")
    if is_undated and node.item_where is not None:
        exploded = under_each_law(run, law, node.kind, exploded.drop("law", "variant"))
    inner = View(run, exploded, node.kind, view.position)
    keep = [*names, "item", "place"]
    truths: Truths = ALWAYS if node.item_where is None else build(node.item_where, At(inner))
    kept = inner.frame.filter(truths.may).with_columns(
        doubtful=pl.col("doubtful") | ~truths.holds, day=pl.col("event_day"), key=pl.col("event_key")
    )
    kept = (
        kept.rename({"asker_row": "row"})
        if "row" not in kept.collect_schema()
        else kept.drop("row").rename({"asker_row": "row"})
    )
    kept = kept.select(keep)
    return (kept.unique(["row", "order", "place"], keep="any") if is_undated else kept), lost
