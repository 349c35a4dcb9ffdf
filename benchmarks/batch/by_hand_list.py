"""The list of `batch-rules` as Polars queries written by hand: each entry with its state and days."""

from __future__ import annotations

from datetime import date

import polars as pl
from batch.by_hand import after, seen

from credit_engine.engines.columns.calendar import as_date
from credit_engine.engines.columns.prepared import Prepared

FOUNDED = date(2021, 9, 1).toordinal()
STATES = ("revoked", "refused", "repaired", "expired", "listed", "notified", "proposed")
_GROUND = ["party", "ground"]
_CLOSING = ("revoke", "refuse", "repair")
_EVER = 16  # years; the data go back seven
_SURE, _MAYBE = 2, 1
LISTED = STATES.index("listed")


def entries(store: Prepared, as_of: date) -> pl.LazyFrame:
    """Party, ground (code of its id), place in `STATES`, days, and whether the ground no longer opens the entry.

    Also what the library's table says beside: the law's day (`law`) and the steps as texts.
    """
    today = as_of.toordinal()
    decided = _decided(store, today).collect(engine="streaming")
    steps = _steps(store, decided.lazy()).collect(engine="streaming")
    listed = steps.filter(pl.col("listed").is_not_null()).get_column("ground")
    rows = _grounds(store, today, listed).join(steps.lazy(), on=_GROUND, how="full", coalesce=True)
    rows = rows.with_columns(pl.col("opens", "closed_as").fill_null(0), pl.col("notified").fill_null(value=False))
    is_listed, opens = pl.col("listed").is_not_null(), pl.col("opens")
    rows = rows.filter(is_listed | (opens == _SURE))
    end = after(pl.col("listed"), 3)
    running = pl.when(end < today).then(3).otherwise(4)
    before = pl.when(pl.col("notified")).then(5).otherwise(6)
    is_closed = pl.col("closed_as") > 0
    state = pl.when(is_closed).then(3 - pl.col("closed_as")).when(is_listed).then(running).otherwise(before)
    rows = rows.select(
        *_GROUND,
        "listed",
        "law",
        "first",
        state=state.cast(pl.Int8),
        until=pl.when(is_closed).then(pl.col("closed")).otherwise(end + 1),
        changed=is_listed & (opens == 0),
    )
    found = _repairable(rows, store, today).collect(engine="streaming")
    return found.join(_told(decided, found), on=_GROUND, how="left").lazy()


def _told(decided: pl.DataFrame, entries: pl.DataFrame) -> pl.DataFrame:
    """The steps of each entry as texts; a ground that opens none is there from its first listing on."""
    rows = decided.join(entries.select(*_GROUND, "changed", "first"), on=_GROUND)
    rows = rows.filter(~pl.col("changed") | (pl.col("key") >= pl.col("first")))
    return rows.sort("key").group_by(_GROUND, maintain_order=True).agg(steps=pl.col("text"))


def _grounds(store: Prepared, today: int, listed: pl.Series) -> pl.LazyFrame:
    """The penalties that open an entry, or may, since there is such a list; and those that were listed."""
    code = store.code
    law, severity = pl.col("e.law") == code("食品安全法"), pl.col("e.severity") == code("severe")
    opens = law & severity
    takes_part = pl.col("e.standing") != code("alleged")
    may = (pl.col("e.decided") >= FOUNDED) & pl.col("e.penalties.revoke_licence") & opens.fill_null(value=True)
    rows = store.events["violation"].filter(
        (may & takes_part) | pl.col("e.id").is_in(listed.implode()),
        pl.col("e.decided") <= today,
        pl.col("known_from") <= today,
        pl.col("known_until") > today,
    )
    certainty = pl.when(~(may & takes_part)).then(0).when(opens).then(_SURE).otherwise(_MAYBE).cast(pl.Int8)
    return rows.select("party", ground="e.id", law="e.decided", opens=certainty)


def _decided(store: Prepared, today: int) -> pl.LazyFrame:
    """What was decided on the list, with the ground that it names."""
    rows = seen(store, "list_decision", "decided", today, _EVER)
    rows = rows.filter(pl.col("e.list") == store.code("severely_untrustworthy"))
    day, step, id_ = as_date(pl.col("e.decided")), store.as_texts(pl.col("e.step")), store.as_texts(pl.col("e.id"))
    return rows.select(
        "party",
        ground=pl.col("e.grounds").list.first(),
        key=pl.col("e.decided").cast(pl.Int64) * (1 << 32) + pl.col("order"),
        day="e.decided",
        step="e.step",
        text=pl.format("{}: {} ({})", day, step, id_),
    )


def _steps(store: Prepared, rows: pl.LazyFrame) -> pl.LazyFrame:
    """For each ground the day of its newest listing, and what has been done since then."""
    code = store.code
    lists = rows.filter(pl.col("step") == code("list")).group_by(_GROUND)
    ends = lists.agg(
        pl.col("key").min().alias("first"), pl.col("key").max().alias("newest"), listed=pl.col("day").max()
    )
    rows = rows.join(ends, on=_GROUND, how="left")
    rows = rows.filter(pl.col("key") >= pl.col("newest").fill_null(0))
    closing = [pl.col("step") == code(step) for step in _CLOSING]
    closed_as = pl.when(closing[0]).then(3).when(closing[1]).then(2).when(closing[2]).then(1).otherwise(0)
    return rows.group_by(_GROUND).agg(
        pl.col("listed").max(),
        pl.col("first").max(),
        closed_as=closed_as.max(),
        closed=pl.when(pl.any_horizontal(closing)).then("day").min(),
        notified=(pl.col("step") == code("notify")).any(),
    )


def _repairable(rows: pl.LazyFrame, store: Prepared, today: int) -> pl.LazyFrame:
    """The same with the day from which an entry in force could be repaired: a year on, without a severe act by then."""
    waiting = after(pl.col("listed"), 1) + 1
    listed = rows.filter(pl.col("state") == LISTED).select("party", "ground", "listed", day=waiting)
    severe = (pl.col("e.severity") == store.code("severe")).fill_null(value=True)
    acts = seen(store, "violation", "decided", today, 4).filter(severe).select("party", act="e.decided")
    since = pl.col("act").is_between(pl.col("listed") + 1, pl.min_horizontal("day", today))
    spoilt = listed.join(acts, on="party").filter(since).select("party", "ground").unique()
    free = listed.join(spoilt, on=["party", "ground"], how="anti").select("party", "ground", repairable="day")
    return rows.join(free, on=["party", "ground"], how="left")
