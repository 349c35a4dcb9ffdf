"""How many events a selector takes, counted without pairing: by places in the order of all of them.

An event of day d counts on D if d <= D <= add(d, P). `add` never falls, so these are the events from the first day on
whose period reaches D: the count is what stands at or before the viewpoint less what stands before that day. Both are
places in one sorted column of whole numbers (party, day, order), found by one merge for all viewpoints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from attrs import frozen

from credit_engine.days import Period
from credit_engine.engines.columns.calendar import first_reaching, laters
from credit_engine.engines.columns.events import Events, matching
from credit_engine.engines.columns.prepared import AskedOf
from credit_engine.engines.columns.recent import recent_matching, takes_all
from credit_engine.engines.columns.shapes import (
    DAY,
    NOT_IN_FORCE,
    NUMBER,
    PLAIN,
    SURE,
    WIDE,
    YES,
    Val,
    chosen,
    fixed,
    looked_up,
    ranged,
)
from credit_engine.engines.columns.view import SHIFT, At, Run, View, build, of_party
from credit_engine.policy.nodes import Selector

_ROOM, _ROOM_32 = 2**62, 2**31


def quick_count(node: Selector, at: At) -> Val | None:
    """The count, where the selector takes all that is seen within a period or at any time; else none."""
    view, run = at.view, at.view.run
    if not takes_all(node):
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
    counts = _on_the_day if view.kind is None else _on_own_days
    counted = counts(view, node, events, [period for _, period in lengths] if length is not None else [None])
    if length is None:
        return Val("number", counted[0][0]) if events.sure else ranged(*counted[0])
    zero = fixed(0, NUMBER)
    asked = [
        YES if length.states == SURE and len(lengths) == 1 else (length.value == code).fill_null(value=False)
        for code, _ in lengths
    ]
    low, high = (chosen([(one, ends[side]) for one, ends in zip(asked, counted, strict=True)], zero) for side in (0, 1))
    return Val("number", low) if events.sure else ranged(low, high)


Ends = tuple[pl.Expr, pl.Expr]


def _on_the_day(view: View, node: Selector, events: Events, periods: Sequence[Period | None]) -> list[Ends]:
    """The counts of each party from the day judged, where one filter tells which events stand in the window."""
    run = view.run
    found = []
    for period in periods:
        key = ("counted", run.written(node), period)
        if key not in run.found:
            first = None if period is None else first_reaching(period, run.first_day)
            seen = (recent_matching(run, node, first) or events).until_today(run)
            begins = first if period is None or run.store.asked is None else _first_days(run, period, run.store.asked)
            inside = seen if begins is None else seen.filter(events.recorded >= begins)
            columns = [pl.len().cast(NUMBER).alias("every")]
            columns += [] if events.sure else [(~pl.col("doubtful")).cast(NUMBER).sum().alias("sure")]
            counted = run.collect(inside.group_by("party").agg(columns))
            run.found[key] = {name: of_party(run, counted, name) for name in counted.columns[1:]}
        every = view.let(run.found[key]["every"])
        found.append((every if events.sure else view.let(run.found[key]["sure"]), every))
    return found


def _first_days(run: Run, period: Period, asked: AskedOf) -> pl.Expr:
    """The first day whose period reaches the day judged of each place."""
    first = first_reaching(period, run.first_day)
    ends = laters(period, first, run.last_day)
    return pl.lit((ends.search_sorted(asked.judged) + first).cast(DAY)).gather(pl.col("party"))


@frozen(eq=False)
class Line:
    """The events in the order of `key`: how many there are up to each of them, `every`, and sure ones, `sure`.

    A key is party, day and order in one number; `first` and `last` are the days between which the events lie, `many`
    is more than any order and `days` more than any day from the first one on.
    """

    rows: pl.DataFrame
    first: int
    last: int
    many: int
    days: int
    dtype: pl.DataType

    def key(self, party: pl.Expr, day: pl.Expr, order: pl.Expr) -> pl.Expr:
        """The place of a day and order of a party; days outside lie just beside."""
        place = day.clip(self.first - 1, self.last + 1) - (self.first - 1)
        return (party.cast(self.dtype) * self.days + place.cast(self.dtype)) * self.many + order.cast(self.dtype)


def _line(run: Run, node: Selector, events: Events, periods: Sequence[Period | None], least: object) -> Line:
    """The events of a selector in order, up to the day judged, that can count on some day from the least one on."""
    key = ("line", run.written(node), least)
    found: Line | None = run.found.get(key)
    if found is None:
        reaching = [
            first_reaching(period, least) for period in periods if period is not None and isinstance(least, int)
        ]
        first = min(reaching) if reaching and len(reaching) == len(periods) else None
        rows = (recent_matching(run, node, first) or events).until_today(run)
        rows = rows if first is None else rows.filter(events.recorded >= first)
        found = run.found[key] = _lined_up(run, rows, is_sure=events.sure)
    return found


def _lined_up(run: Run, events: pl.LazyFrame, *, is_sure: bool) -> Line:
    rows = run.collect(events.select("party", "day", "order", *(() if is_sure else ("doubtful",))))
    ends = rows.select(pl.col("day").min().alias("first"), pl.col("day").max().alias("last"), pl.col("order").max())
    first, last, order = (each or 0 for each in ends.row(0))
    days, many = last - first + 3, order + 2
    dtype = NUMBER if run.store.party_count * days * many < _ROOM else WIDE
    line = Line(rows, first, last, many, days, dtype)
    sure = {} if is_sure else {"sure": ~pl.col("doubtful")}
    key = line.key(pl.col("party"), pl.col("day"), pl.col("order") + 1)
    keyed = run.collect(rows.lazy().select(key=key, **sure))
    keyed = keyed if keyed.get_column("key").is_sorted() else keyed.sort("key")
    count = pl.Int32() if len(keyed) < _ROOM_32 else NUMBER
    sums = {name: pl.col(name).cum_sum().cast(count) for name in sure}
    counted = keyed.select(pl.col("key").set_sorted(), every=pl.int_range(1, pl.len() + 1, dtype=count), **sums)
    return Line(counted, first, last, many, days, dtype)


def _up_to(line: Line, keys: pl.Series) -> pl.DataFrame:
    """How many events stand at or before each key."""
    places = None if keys.is_sorted() else keys.arg_sort()
    asked = pl.DataFrame({"key": keys if places is None else keys.gather(places)})
    told = asked.with_columns(pl.col("key").set_sorted()).join_asof(line.rows, on="key").drop("key")
    told = told.with_columns(pl.all().fill_null(0))
    if places is None:
        return told
    return pl.DataFrame(
        [pl.zeros(len(keys), each.dtype, eager=True).scatter(places, each).alias(each.name) for each in told]
    )


def _starts(line: Line, period: Period | None, least: int, most: int) -> pl.Expr:
    """The first day whose period reaches each `day`; the eve of all events where there is no period."""
    if period is None:
        return fixed(line.first - 1, DAY)
    every = pl.int_range(least, most + 1, dtype=DAY, eager=True)
    ends = laters(period, line.first, line.last)
    return looked_up((ends.search_sorted(every) + line.first).cast(DAY), pl.col("day") - least)


def _on_own_days(view: View, node: Selector, events: Events, periods: Sequence[Period | None]) -> list[Ends]:
    """The counts from the viewpoint of each row: what stands at or before it less what stands before its window."""
    rows, run = view.pin(), view.run
    days = rows.get_column("day")
    ends: Any = (days.min() or 0, days.max() or 0)  # Any: whole numbers
    least, most = view.between.get("day", ends)
    line = _line(run, node, events, periods, least)
    party, day = pl.col("party"), pl.col("day")
    order = pl.lit(line.many - 1)
    if view.position == node.kind:
        order = (pl.col("key") % (1 << SHIFT) + 1).clip(upper_bound=line.many - 1)
    starts = {
        f"gone {place}": line.key(party, _starts(line, period, least, most), pl.lit(0))
        for place, period in enumerate(periods)
    }
    keys = run.collect(rows.lazy().select(begun=line.key(party, day, order), **starts))
    begun = _up_to(line, keys.get_column("begun"))
    found = []
    for name in starts:
        gone = _up_to(line, keys.get_column(name))
        counts = {end: run.name() for end in begun.columns}
        rows = rows.with_columns((begun.get_column(end) - gone.get_column(end)).alias(counts[end]) for end in counts)
        told = {end: pl.col(column).cast(NUMBER) for end, column in counts.items()}
        found.append((told.get("sure", told["every"]), told["every"]))
    view.put(rows)
    return found
