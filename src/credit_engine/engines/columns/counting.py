"""How many events a selector takes, counted without pairing: every event opens and ends its window, one sort for all.

An event of day d counts on D if d <= D <= add(d, P); the windows that have ended are among those that have begun. So
the count is what has begun less what has ended, and both are running sums over one order of whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from credit_engine.days import Period
from credit_engine.engines.columns.calendar import later
from credit_engine.engines.columns.events import matching
from credit_engine.engines.columns.shapes import NOT_IN_FORCE, NUMBER, PLAIN, YES, Val, chosen, ranged
from credit_engine.engines.columns.view import SHIFT, At, View, build
from credit_engine.policy.nodes import Selector

_DAYS = 1 << 23  # more days than there are
_ENDS, _ASKS_BEFORE, _BEGINS, _ASKS = range(4)  # what comes first on one day


def quick_count(node: Selector, at: At) -> Val | None:
    """The count, where the selector takes all that is seen within a period or at any time; else none."""
    view, run = at.view, at.view.run
    if node.at or node.since or node.before or node.per or node.last is not None or node.element or not node.settled:
        return None
    length: Val | None = None if node.within is None else build(node.within, at)
    lengths: list[tuple[int, Period]] = []
    if length is not None:
        if not length.states <= {PLAIN, NOT_IN_FORCE}:
            return None
        for code in length.choices:
            period = run.store.periods[code]
            if not isinstance(period, Period) or period.unit == "wd":
                return None
            lengths.append((code, period))
    events = matching(run, node)
    if events.undated is not None or run.hidden_until(node.kind) is not None:
        return None
    if view.kind is None:  # everybody on the day judged
        return _on_the_day(view, events.dated, length, lengths)
    view.numbered()
    own_kind = view.position == node.kind
    begun = _begun(view, events.dated, own_kind=own_kind)
    if length is None:
        return ranged(*begun)
    cases = []
    for code, period in lengths:
        over = _ended(view, events.dated, period)
        cases.append((code, tuple(one - gone for one, gone in zip(begun, over, strict=True))))
    zero = pl.lit(0, NUMBER)
    sides = [
        chosen([((length.value == code).fill_null(value=False), counts[side]) for code, counts in cases], zero)
        for side in (0, 1)
    ]
    return ranged(sides[0], sides[1])


def _on_the_day(view: View, events: pl.LazyFrame, length: Val | None, lengths: list[tuple[int, Period]]) -> Val:
    """The count of each party from the day judged, where one filter tells which events stand in the window."""
    today = view.run.today
    seen = events.filter(pl.col("day") <= today)
    sure = (~pl.col("doubtful")).cast(NUMBER)
    cases: list[tuple[pl.Expr, pl.Expr, pl.Expr]] = []
    windows: Sequence[tuple[int | None, Period | None]] = lengths or [(None, None)]
    for code, period in windows:
        names = [view.run.name() for _ in range(2)]
        inside = seen if period is None else seen.filter(later(pl.col("day"), period) >= today)
        counted = inside.group_by("party").agg(sure.sum().alias(names[0]), pl.len().cast(NUMBER).alias(names[1]))
        view.frame = view.frame.join(counted, on="party", how="left")
        asked = YES if length is None or code is None else (length.value == code).fill_null(value=False)
        begun, every = (pl.col(name).fill_null(0) for name in names)
        cases.append((asked, begun, every))
    zero = pl.lit(0, NUMBER)
    low, high = (chosen([(case[0], case[side]) for case in cases], zero) for side in (1, 2))
    return ranged(low, high)


def _steps(party: pl.Expr, day: pl.Expr, part: int) -> pl.Expr:
    """Party, day and part as one whole number, in this order."""
    return (party.cast(NUMBER) * _DAYS + day.cast(NUMBER)) * (_ASKS + 1) + part


def _running(view: View, events: pl.LazyFrame, step: pl.Expr, asks: int) -> tuple[pl.Expr, pl.Expr]:
    """For each row of the view how many events have their step by then: the sure ones, and all of them.

    The running sums count from the first party on; what other parties have is taken off by asking at the party's start.
    """
    run = view.run
    names = [run.name() for _ in range(2)]
    zero, one = pl.lit(0, NUMBER), pl.lit(1, NUMBER)
    sure = (~pl.col("doubtful")).cast(NUMBER)
    happens = events.select(step=step, row=pl.lit(None, pl.UInt32), sure=sure, every=one, start=zero)
    rows = view.frame.select("row", "party", "day")
    asked_at, start_at = _steps(pl.col("party"), pl.col("day"), asks), _steps(pl.col("party"), zero, _ENDS) - 1
    asked = rows.select(step=asked_at, row="row", sure=zero, every=zero, start=zero)
    before = rows.select(step=start_at, row="row", sure=zero, every=zero, start=one)
    lined = pl.concat([happens, asked, before]).sort("step").with_columns(pl.col("sure", "every").cum_sum())
    sign = 1 - 2 * pl.col("start")
    told = (
        lined.filter(pl.col("row").is_not_null())
        .group_by("row")
        .agg((pl.col("sure") * sign).sum().alias(names[0]), (pl.col("every") * sign).sum().alias(names[1]))
    )
    view.frame = view.frame.join(told, on="row", how="left")
    view.pin()
    return pl.col(names[0]), pl.col(names[1])


def _begun(view: View, events: pl.LazyFrame, *, own_kind: bool) -> tuple[pl.Expr, pl.Expr]:
    """How many stand at or before the viewpoint: of another kind its whole day, of its own up to the event."""
    step = _steps(pl.col("party"), pl.col("day"), _BEGINS)
    if not own_kind:
        return _running(view, events, step, _ASKS)
    earlier = _running(view, events, step, _ASKS_BEFORE)
    names = [view.run.name() for _ in range(2)]
    asked = view.frame.select("row", "party", "day", own=pl.col("key") % (1 << SHIFT))
    same = asked.join(events.select("party", "day", "order", "doubtful"), on=["party", "day"])
    sure = (~pl.col("doubtful")).cast(NUMBER)
    counted = (
        same.filter(pl.col("order") <= pl.col("own"))
        .group_by("row")
        .agg(sure.sum().alias(names[0]), pl.len().cast(NUMBER).alias(names[1]))
    )
    view.frame = view.frame.join(counted, on="row", how="left")
    view.pin()
    return tuple(one + pl.col(name).fill_null(0) for one, name in zip(earlier, names, strict=True))  # type: ignore[return-value]  # two of them


def _ended(view: View, events: pl.LazyFrame, period: Period) -> tuple[pl.Expr, pl.Expr]:
    """How many windows have ended before the viewpoint's day."""
    step = _steps(pl.col("party"), later(pl.col("day"), period).cast(NUMBER) + 1, _ENDS)
    return _running(view, events, step, _ASKS_BEFORE)
