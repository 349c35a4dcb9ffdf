"""Obligations of everybody on the day judged, and what was not known of others, as `assessing.obligations` tells them.

Told are rules of which the engine lacks nothing; whom the others could concern is routed (see `routing`).
"""

from __future__ import annotations

import polars as pl
from attrs import frozen

from credit_engine.engines.columns.calendar import as_date
from credit_engine.engines.columns.lacking import lacking_in
from credit_engine.engines.columns.lasting import stretch_of
from credit_engine.engines.columns.looking import Looking, Seen, looked_at
from credit_engine.engines.columns.naming import as_list
from credit_engine.engines.columns.selecting import taken
from credit_engine.engines.columns.shapes import CODE, DAY, FIRST_DAY, MISSING, NONE, PLAIN, Val, fixed
from credit_engine.engines.columns.telling import coded, kind_of_event, of_rule
from credit_engine.engines.columns.view import At, Run, View, build
from credit_engine.policy.nodes import OperatorField, Selector
from credit_engine.policy.plan import ObligationRule, Plan
from credit_engine.records import kind_fields

REGIONS = ("region", "to_region")  # of an event; the second one of transfers only

# Rows in codes: `rule` is the place in the policy; `sure` tells obligations from what is not known.
CODED: dict[str, pl.DataType] = {
    "rule": pl.Int32(),
    "party": CODE,
    "event": CODE,
    "owed_by": pl.String(),
    "region": CODE,
    "due": DAY,
    "done": DAY,
    "known": pl.Boolean(),
    "law": DAY,
    "sure": pl.Boolean(),
    "names": pl.List(pl.String()),
}


@frozen(eq=False)
class Owed:
    """The rows of `obligations` without their numbers, in order, and the lines of what is not known."""

    rows: pl.DataFrame
    unknowns: pl.DataFrame


def is_told(plan: Plan, rule: ObligationRule) -> bool:
    """Whether columns tell what a rule asks for."""
    pieces = (rule.each, rule.due, rule.not_before, rule.met_on, rule.owed_by)
    return not lacking_in(plan, pieces, rule.place, rule.each.kind)


def obligations(run: Run, parties: pl.DataFrame) -> Owed:
    """The obligations of everybody; `parties`: of whom something is not known where a table is not complete."""
    rules = [(place, rule) for place, rule in enumerate(run.plan.obligations) if is_told(run.plan, rule)]
    looking = [
        Looking(
            rule.id, rule.each, rule.law, rule.basis, (rule.due, rule.not_before, rule.met_on, rule.owed_by), REGIONS
        )
        for _, rule in rules
    ]
    found = [
        rows
        for (place, rule), each in zip(rules, looked_at(run, looking), strict=True)
        for seen in each
        for rows in (_owed(run, place, rule, seen), _unsure(place, seen))
    ]
    for place, rule in enumerate(run.plan.obligations):
        if run.hidden_until(rule.each.kind) is not None:
            names = pl.lit([rule.each.kind])
            found.append(coded(CODED, place, parties.lazy().select("party", sure=pl.lit(value=False), names=names)))
    rows = run.collect(pl.concat([pl.LazyFrame(schema=CODED), *found]))
    rows = rows.sort("party", "rule", "event", nulls_last=True)
    return Owed(_obligations(run, rows.filter("sure")), _lines(run, rows.filter(~pl.col("sure"))))


def _owed(run: Run, place: int, rule: ObligationRule, seen: Seen) -> pl.LazyFrame:
    """The obligations of the events that surely are meant."""
    view = _only(seen, pl.col("sure"))
    at = At(view)
    due = stretch_of(rule.due, rule.law, at)
    earliest, waited = fixed(FIRST_DAY, DAY), pl.lit(value=True)
    if rule.not_before is not None:
        wait = stretch_of(rule.not_before, rule.law, at)
        earliest = pl.when(wait.in_force).then(wait.last).otherwise(fixed(FIRST_DAY, DAY))
        waited = ~wait.in_force | wait.is_known
    columns = {
        "due": pl.when(due.is_known).then(due.last),
        "earliest": earliest,
        "waited": waited,
        "owed_by": _owed_by(rule, at),
        "region": _region(rule, view),
        "event": pl.col("e.id"),
        **_done_by(rule, at),
    }
    frame = view.frame.filter(due.in_force).with_columns(**columns)
    if isinstance(rule.met_on, Selector):
        frame = _first_event(rule.met_on, rule, run, run.collect(frame))
    done = pl.col("done_on")
    in_time = pl.col("waited") & pl.col("done_known")
    happened = in_time & (done >= pl.col("earliest")) & (done <= run.today)
    return coded(
        CODED, place, frame.with_columns(sure=pl.lit(value=True), known=in_time, done=pl.when(happened).then(done))
    )


def _only(seen: Seen, where: pl.Expr) -> View:
    """A view of some of the events."""
    view = View(seen.view.run, seen.view.frame.filter(where), seen.view.kind, seen.view.position)
    view.between = dict(seen.view.between)
    return view


def _unsure(place: int, seen: Seen) -> pl.LazyFrame:
    """The events that only may be meant."""
    view = _only(seen, ~pl.col("sure"))
    if not len(view.pin()):
        return pl.LazyFrame(schema=CODED)
    names = as_list(Seen(seen.looking, view, seen.undated).names())
    return coded(CODED, place, view.frame.with_columns(names=names, event=pl.col("e.id")))


# --- what an obligation says ----------------------------------------------------------------------------------


def _done_by(rule: ObligationRule, at: At) -> dict[str, pl.Expr]:
    """The day in the field of the event on which it was done, and whether that is known."""
    if isinstance(rule.met_on, Selector):
        return {}
    day: Val = build(rule.met_on, at)
    return {"done_on": day.value.cast(DAY), "done_known": day.is_in(PLAIN, MISSING, NONE)}


def _first_event(met_on: Selector, rule: ObligationRule, run: Run, rows: pl.DataFrame) -> pl.LazyFrame:
    """The first such event on or after the event's day (and after any waiting), as the day judged sees it."""
    start = pl.max_horizontal("earliest", "by_day")
    today = rows.lazy().with_columns(start=start, own_law="law", day=run.today, law=run.today)
    view = View(run, today.select(pl.exclude("^_[0-9]+$", "^o\\..*$", "row")), rule.each.kind)
    found = taken(met_on, At(view))
    starts = view.frame.select("row", "start")
    after = found.entries.join(starts, on="row").filter(pl.col("day") >= pl.col("start"))
    firsts = after.group_by("row").agg(
        done_on=pl.col("day").sort_by("key").first(), doubtful_first=pl.col("doubtful").sort_by("key").first()
    )
    hidden = (pl.col("hidden") >= pl.col("start")).fill_null(value=False)
    lost = [found.rows.join(starts, on="row").filter(pl.col("endless") | hidden).select("row")]
    if found.undated is not None:
        lost.append(found.undated.select("row"))
    open_ = pl.concat(lost).unique().with_columns(done_open=pl.lit(value=True))
    frame = view.frame.join(firsts, on="row", how="left").join(open_, on="row", how="left")
    unsure = pl.any_horizontal(pl.col("done_open", "doubtful_first").fill_null(value=False))
    return frame.with_columns(done_known=~unsure, law="own_law")


def _owed_by(rule: ObligationRule, at: At) -> pl.Expr:
    store = at.view.run.store
    if rule.owed_by == OperatorField("id"):
        return store.as_parties(pl.col("party"))
    val: Val = build(rule.owed_by, at)
    return store.as_texts(pl.when(val.is_in(PLAIN)).then(val.value).cast(CODE))


def _region(rule: ObligationRule, view: View) -> pl.Expr:
    """Where the summary counts it: the region asked, else the operator's if he owes it, else the authority's."""
    have = view.frame.collect_schema().names()
    own = pl.col("e.region") if "e.region" in have else fixed(None, CODE)
    region = view.with_party("region") if rule.region_of_operator else own
    if rule.region_of_operator:
        view.frame = view.frame.join(view.run.parties().select("party", "is_person"), on="party", how="left")
        region = pl.when(~pl.col("is_person")).then(region)
    asked = pl.col("e.to_region") if "to_region" in kind_fields(rule.each.kind) else fixed(None, CODE)
    return pl.coalesce(asked.cast(CODE), region.cast(CODE))


# --- rows -----------------------------------------------------------------------------------------------------


def _obligations(run: Run, rows: pl.DataFrame) -> pl.DataFrame:
    rules, today = run.plan.obligations, run.today
    known = pl.col("known") & pl.col("due").is_not_null()
    late = pl.when(pl.col("done") <= pl.col("due")).then(pl.lit("met")).otherwise(pl.lit("late"))
    waiting = pl.when(pl.col("due") >= today).then(pl.lit("open")).otherwise(pl.lit("overdue"))
    state = pl.when(pl.col("done").is_not_null()).then(late).otherwise(waiting)
    return rows.select(
        "party",
        "owed_by",
        rule=of_rule([rule.id for rule in rules]),
        event_kind=of_rule([rule.each.kind for rule in rules]),
        event=run.store.as_texts(pl.col("event")),
        region=run.store.as_texts(pl.col("region")),
        due=as_date(pl.col("due")),
        done=as_date(pl.col("done")),
        state=pl.when(known).then(state).otherwise(pl.lit("unknown")),
        law_day=as_date(pl.col("law")),
        basis=of_rule([list(rule.basis.sources) for rule in rules], pl.List(pl.String())),
    )


def _lines(run: Run, rows: pl.DataFrame) -> pl.DataFrame:
    rules = run.plan.obligations
    return rows.select(
        "party",
        "names",
        rule=of_rule([rule.id for rule in rules]),
        event_kind=kind_of_event([rule.each.kind for rule in rules]),
        event=run.store.as_texts(pl.col("event")),
    )
