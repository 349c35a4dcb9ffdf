"""Aggregates over what a selector takes, row by row of a view: see `assessing.aggregating`.

`count` of doubtful events is a range; every other aggregate is then unknown, unless what is doubtful cannot be among
those taken.
"""

from __future__ import annotations

import polars as pl
from attrs import evolve

from credit_engine.engines.columns.counting import quick_count
from credit_engine.engines.columns.events import law_day
from credit_engine.engines.columns.selecting import Taken, taken
from credit_engine.engines.columns.shapes import (
    DAY,
    DOUBTFUL,
    MISSING,
    NOT_IN_FORCE,
    NUMBER,
    PLAIN,
    RANGE,
    STATE,
    Truths,
    Val,
    chosen,
    fixed,
    missing_where_null,
    only_where,
    ranged,
    total,
)
from credit_engine.engines.columns.values import pick
from credit_engine.engines.columns.view import SHIFT, At, Make, View, build, lacking
from credit_engine.policy.nodes import Aggregate, ElementAggregate, Node, Value


def aggregate(node: Aggregate, at: At) -> Val:
    """What a selector's events come to; `or` replaces "no event"."""
    if node.op == "count" and (counted := quick_count(node.selector, at)) is not None:
        return at.view.keep(counted)
    found = taken(node.selector, at)
    val = _with_or(_counted(at.view, found), node.or_, at) if node.op == "count" else _other(node, at, found)
    return at.view.keep(val)


def _with_or(val: Val, or_: Value | None, at: At) -> Val:
    if or_ is None or MISSING not in val.states:
        return val
    return pick([(val.is_in(MISSING), build(or_, at))], evolve(val, states=val.states - {MISSING}))


def _joined(view: View, frame: pl.LazyFrame) -> None:
    """Put columns of a frame with `row` beside the rows of the view."""
    view.frame = view.frame.join(frame, on="row", how="left")


def _counted(view: View, found: Taken) -> Val:
    sure, every, hidden = (view.run.name() for _ in range(3))
    doubt = pl.col("doubtful")
    counts = found.entries.group_by("row").agg(
        (~doubt).cast(NUMBER).sum().alias(sure), pl.len().cast(NUMBER).alias(every)
    )
    _joined(view, counts)
    most = pl.col(every).fill_null(0)
    if found.undated is not None:
        open_ = view.run.name()
        _joined(view, found.undated.group_by("row").agg(pl.len().cast(NUMBER).alias(open_)))
        most = most + pl.col(open_).fill_null(0)
    _joined(view, found.rows.select("row", (pl.col("endless") | pl.col("hidden").is_not_null()).alias(hidden)))
    view.pin()
    return ranged(pl.col(sure).fill_null(0), pl.when(~pl.col(hidden)).then(most))


def _other(node: Aggregate, at: At, found: Taken) -> Val:
    view = at.view
    values = None if node.of is None else _read(node.of, node.selector.kind, view, found)
    if node.op in ("latest", "days_since"):
        return _with_or(_latest(node.op, view, found, values), node.or_, at)
    if values is None:
        raise lacking(f"{node.op} of nothing")
    return _with_or(_over_all(node.op, view, found, *values), node.or_, at)


def _read(of: Value, kind: str, view: View, found: Taken) -> tuple[pl.LazyFrame, Val]:
    """The entries with what is taken from each of them, under its own law, as the asker sees it."""
    run = view.run
    law = law_day(run, run.plan.law, kind, pl.col("day"))
    frame = found.entries.with_columns(
        law=law, event_key=pl.col("key"), event_day=pl.col("day"), day=pl.col("asker_day")
    )
    if view.position is not None:
        frame = frame.with_columns(key=pl.col("asker_key"))
    seen = View(run, frame.rename({"row": "asker_row"}), kind, view.position)
    val: Val = seen.keep(build(of, At(seen)))
    kept = seen.frame.drop("row", strict=False).rename({"asker_row": "row"})
    return kept.with_columns(key=pl.col("event_key"), day=pl.col("event_day")), val


def uncertain(view: View, found: Taken) -> pl.Expr:
    """Whether anything about what is taken is doubtful."""
    some, open_, hidden = (view.run.name() for _ in range(3))
    _joined(view, found.entries.group_by("row").agg(pl.col("doubtful").any().alias(some)))
    lost = pl.col(some).fill_null(value=False)
    if found.undated is not None:
        _joined(view, found.undated.select("row", pl.lit(value=True).alias(open_)).unique())
        lost = lost | pl.col(open_).fill_null(value=False)
    _joined(view, found.rows.select("row", (pl.col("endless") | pl.col("hidden").is_not_null()).alias(hidden)))
    return lost | pl.col(hidden)


def _over_all(op: str, view: View, found: Taken, values: pl.LazyFrame, val: Val) -> Val:
    """An aggregate that needs every event: unknown as soon as one is doubtful or has no value."""
    unsure = uncertain(view, found)
    amount, count, bad, lawless = (view.run.name() for _ in range(4))
    if val.den is not None and op in ("highest", "lowest"):
        raise lacking("the highest or lowest of quotients")
    value = val.value.cast(NUMBER) if val.sort == "number" else val.value
    if val.den is not None:
        raise lacking("sums of quotients")
    fold = _folded(op, value)
    _joined(
        view,
        values.group_by("row").agg(
            fold.alias(amount),
            pl.len().cast(NUMBER).alias(count),
            (~val.is_in(PLAIN)).any().alias(bad),
            val.is_in(NOT_IN_FORCE).any().alias(lawless),
        ),
    )
    view.pin()
    number, found_any = pl.col(amount), pl.col(count).is_not_null()
    if op == "sum":
        number = number.fill_null(0)
    state = chosen(
        [
            (unsure, fixed(DOUBTFUL, STATE)),
            (pl.col(lawless).fill_null(value=False), fixed(NOT_IN_FORCE, STATE)),
            (pl.col(bad).fill_null(value=False), fixed(DOUBTFUL, STATE)),
            (found_any if op != "sum" else pl.lit(value=True), fixed(PLAIN, STATE)),
        ],
        fixed(MISSING, STATE),
    )
    name = view.let(state)
    den = pl.col(count).fill_null(1) if op == "mean" else None
    states = frozenset({PLAIN, DOUBTFUL, NOT_IN_FORCE, MISSING})
    return Val(val.sort, only_where(name == PLAIN, number), states, name, den=den)


def _latest(op: str, view: View, found: Taken, values: tuple[pl.LazyFrame, Val] | None) -> Val:
    """The newest event, or the days since; doubtful where another one could be it."""
    frame, val = values if values is not None else (found.entries, None)
    order = ["row", "key", "place"] if "place" in frame.collect_schema() else ["row", "key"]
    names = {part: view.run.name() for part in ("key", "doubtful", "value", "state", "den")}
    columns = [pl.col("key").alias(names["key"]), pl.col("doubtful").alias(names["doubtful"])]
    if val is not None:
        columns += [val.value.alias(names["value"]), val.state.alias(names["state"])]
        columns += [val.den.alias(names["den"])] if val.den is not None else []
    last = frame.select("row", *order[1:], *columns).sort(order).group_by("row", maintain_order=True).last()
    _joined(view, last.select("row", *(column.meta.output_name() for column in columns)))
    open_, hidden, endless, viewed = (view.run.name() for _ in range(4))
    unsure = pl.lit(value=False)
    if found.undated is not None:
        _joined(view, found.undated.select("row", pl.lit(value=True).alias(open_)).unique())
        unsure = pl.col(open_).fill_null(value=False)
    _joined(
        view,
        found.rows.select(
            "row", pl.col("hidden").alias(hidden), pl.col("endless").alias(endless), pl.col("from_day").alias(viewed)
        ),
    )
    view.pin()
    day = (pl.col(names["key"]) // (1 << SHIFT)).cast(DAY)
    hidden_later = pl.col(hidden).is_not_null() & (day <= pl.col(hidden)).fill_null(value=True)
    unsure = unsure | pl.col(endless) | hidden_later | pl.col(names["doubtful"]).fill_null(value=False)
    none = pl.col(names["key"]).is_null()
    cases = [(unsure, fixed(DOUBTFUL, STATE)), (none, fixed(MISSING, STATE))]
    states = frozenset({PLAIN, DOUBTFUL, MISSING})
    if op == "days_since":
        since = (pl.col(viewed) - day).cast(NUMBER)
        cases.append((pl.col(viewed).is_null(), fixed(DOUBTFUL, STATE)))
        state = view.let(chosen(cases, fixed(PLAIN, STATE)))
        return Val("number", only_where(state == PLAIN, since), states, state)
    if val is None:
        raise lacking("latest of nothing")
    given = pl.col(names["state"])
    given = pl.when(given == MISSING).then(fixed(DOUBTFUL, STATE)).otherwise(given)
    state = view.let(chosen(cases, given))
    if RANGE in val.states:
        raise lacking("a range taken from the latest event")
    den = pl.col(names["den"]).fill_null(1) if val.den is not None else None
    value = only_where(state == PLAIN, pl.col(names["value"]))
    return Val(val.sort, value, states | val.states, state, den=den, choices=val.choices)


# --- elements of the event's own lists ------------------------------------------------------------------------


def element_aggregate(node: ElementAggregate, at: At) -> Val:
    """The same over a list of the event itself; a missing list has any number of elements."""
    view = at.view
    elements: Val = build(node.element, at)
    listed, lost = view.let(elements.value), view.let(~elements.is_in(PLAIN))
    view.numbered()
    rows = view.frame.filter(listed.list.len() > 0).with_columns(item=listed)
    rows = rows.with_columns(place=pl.int_ranges(pl.col("item").list.len())).explode("item", "place")
    seen = View(view.run, rows.rename({"row": "asker_row"}), view.kind, view.position)
    truths: Truths = seen.keep_truths(build(node.where, At(seen, at.law)))
    val: Val | None = None if node.of is None and node.op == "count" else _element(node, seen, at.law)
    frame = seen.frame.drop("row", strict=False).rename({"asker_row": "row"})
    sure, maybe, amount, bad, count = (view.run.name() for _ in range(5))
    columns = [truths.holds.cast(NUMBER).sum().alias(sure), truths.may.cast(NUMBER).sum().alias(maybe)]
    if val is not None:
        if val.den is not None or RANGE in val.states:
            raise lacking("quotients and ranges taken from elements")
        kept = val.value.filter(truths.holds)
        if node.op == "latest":
            kept, frame = kept.last(), frame.sort("row", "place")
        else:
            kept = _folded(node.op, kept)
        columns += [kept.alias(amount), (truths.holds & ~val.is_in(PLAIN)).any().alias(bad), pl.len().alias(count)]
    _joined(view, frame.group_by("row", maintain_order=node.op == "latest").agg(columns))
    view.pin()
    low, high = pl.col(sure).fill_null(0), pl.col(maybe).fill_null(0)
    if val is None:
        return view.keep(ranged(pl.when(lost).then(fixed(0, NUMBER)).otherwise(low), pl.when(~lost).then(high)))
    none = low == 0
    cases = [
        (lost | (low != high) | pl.col(bad).fill_null(value=False), fixed(DOUBTFUL, STATE)),
        (none if node.op != "sum" else pl.lit(value=False), fixed(MISSING, STATE)),
    ]
    state = view.let(chosen(cases, fixed(PLAIN, STATE)))
    value = pl.col(amount).fill_null(0) if node.op == "sum" else pl.col(amount)
    found = Val(
        val.sort,
        only_where(state == PLAIN, value),
        frozenset({PLAIN, DOUBTFUL, MISSING}),
        state,
        den=pl.when(low > 0).then(low).otherwise(1) if node.op == "mean" else None,
        choices=val.choices,
    )
    return view.keep(_with_or(found, node.or_, at))


def _folded(op: str, values: pl.Expr) -> pl.Expr:
    return values.max() if op == "highest" else values.min() if op == "lowest" else total(values)


def _element(node: ElementAggregate, seen: View, law: str) -> Val:
    found: Val = build(node.of, At(seen, law)) if node.of is not None else _item()
    return seen.keep(found)


def _item() -> Val:
    return missing_where_null("text", pl.col("item"))


TABLE: dict[type[Node], Make] = {Aggregate: aggregate, ElementAggregate: element_aggregate}
