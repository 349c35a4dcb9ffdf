"""What spread starts from, as `assessing.origins` makes it of one party: rows of `spreading_plain.ORIGINS`.

Told are rules without persons named, whose points are written down or a parameter; and of these the origins of which
all is known. Whoever has anything else is `odd`: the plain engine tells what starts there, and the lines about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl
from attrs import frozen

from credit_engine.assessing.program import Program
from credit_engine.engines.columns.audiences import rank_of, stricter
from credit_engine.engines.columns.calendar import as_ordinal
from credit_engine.engines.columns.lacking import lacking_in
from credit_engine.engines.columns.lasting import Lasting, Standing, audience_of, standing
from credit_engine.engines.columns.listing import is_open_to_all
from credit_engine.engines.columns.listing_grounds import ODD, could_be_hidden
from credit_engine.engines.columns.listing_rows import entries
from credit_engine.engines.columns.shapes import (
    DAY,
    LAST_DAY,
    NO,
    NOT_IN_FORCE,
    NUMBER,
    PLAIN,
    YES,
    Truths,
    Val,
    all_of,
    fixed,
)
from credit_engine.engines.columns.spreading_plain import NAMED, ORIGINS, parameter_texts
from credit_engine.engines.columns.today import is_in_force
from credit_engine.engines.columns.view import At, Run, build, on_the_day
from credit_engine.policy.nodes import EventField, Literal, Parameter
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_spreading import OverRelation, SpreadRule

_TEXTS = pl.List(pl.String())
_WITHOUT_EVENT = ("day", "listed")  # words for days of relations that are no field of an event


@frozen(eq=False)
class Started:
    """The origins of those who are told, and the parties (`party`) of whom the plain engine has to tell them."""

    origins: pl.DataFrame
    odd: pl.DataFrame


def is_told(plan: Plan, rule: SpreadRule) -> bool:
    """Whether columns tell for which events a rule holds."""
    each = rule.start.each
    asked = (each, rule.start.when, rule.lasts, rule.audience)
    return not lacking_in(plan, asked, rule.place, "" if each is None else each.kind)


def started(run: Run, at: At, about: pl.DataFrame, program: Program) -> Started:
    """The origins of the parties judged; `about` has the `audience` of the answer of each of them.

    Of rules that are not told (`is_told`) nothing is said here.
    """
    found, odd = [pl.DataFrame(schema=ORIGINS)], [pl.DataFrame(schema=ODD)]
    for rule, rows in (*_from_events(run), *_from_entries(run, about), *_from_the_answer(run, at)):
        mine = rows.join(about.select("party", "audience"), on="party")
        odd.append(mine.filter(~pl.col("told")).select("party").cast(ODD))
        found.append(_origins(run.plan, rule, mine.filter(pl.col("told") & pl.col("counts")), program))
    return Started(pl.concat(found), pl.concat(odd).unique())


def _origins(plan: Plan, rule: SpreadRule, rows: pl.DataFrame, program: Program) -> pl.DataFrame:
    """Rows that are told as origins."""
    each = rule.start.each
    laws = rows.get_column("law_day").cast(DAY).unique().sort()
    read = [parameter_texts(program.parameters_read(rule.id, rule.parameters, date.fromordinal(day))) for day in laws]
    parameters = pl.DataFrame({"law_day": laws, "parameters": pl.Series(read, dtype=_TEXTS)})
    ranks = [rank_of(pl.col(name)) for name in ("own_audience", "audience")]
    have = rows.columns
    made: dict[str, pl.Expr] = {
        "rule": pl.lit(plan.spread.index(rule)),
        "kind": pl.lit("event" if each is not None else "entry" if rule.start.lists else "answer"),
        "event_kind": pl.lit(None if each is None else each.kind),
        "named": pl.lit([], pl.List(NAMED)),
        "basis": pl.lit(list(rule.basis.sources), _TEXTS),
        "audience": pl.max_horizontal(ranks),
        "list": pl.col("list") if "list" in have else pl.lit(None),
        "measures": pl.col("measures") if "measures" in have else pl.lit([], _TEXTS),
    }
    told = rows.with_columns(pl.col("law_day").cast(DAY)).join(parameters, on="law_day", how="left")
    return told.select(made.get(name, pl.col(name)).cast(dtype).alias(name) for name, dtype in ORIGINS.items())


# --- what there is to start from ------------------------------------------------------------------------------


def _from_events(run: Run) -> Iterator[tuple[SpreadRule, pl.DataFrame]]:
    rules = [rule for rule in run.plan.spread if rule.start.each is not None and is_told(run.plan, rule)]
    lasting = [
        Lasting(rule.id, each, rule.start.when, rule.lasts, rule.law, rule.basis, (*_days(rule), rule.audience))
        for rule in rules
        if (each := rule.start.each) is not None
    ]
    for rule, stands in zip(rules, standing(run, lasting), strict=True):
        for one in stands:
            yield rule, _of_events(run, rule, one)


def _of_events(run: Run, rule: SpreadRule, stands: Standing) -> pl.DataFrame:
    """The events of a rule that hold, or may: when an origin's effect begins and ends, and what it brings."""
    view, at = stands.seen.view, stands.seen.at
    have = view.frame.collect_schema().names()
    fields = [f"e.{node.name}" for node in _days(rule)]
    if stands.seen.undated or not _is_plain(rule) or not all(name in have for name in fields):
        return _odd(run, view.frame)
    amount, audience = _points(rule, at), audience_of(rule.audience, at)
    known = all_of(pl.col(name).is_not_null() for name in fields)
    days = {"day": run.today, **{node.name: pl.col(f"e.{node.name}") for node in _days(rule)}}
    last = stands.stretch.last
    return run.collect(
        view.frame.select(
            "party",
            id=run.store.as_texts(pl.col("e.id")),
            from_day=pl.max_horizontal(stands.stretch.first, pl.col("day")),
            until=pl.when(last < LAST_DAY).then(last + 1),
            law_day=pl.col("law"),
            held_on=_held_on(rule, days),
            points=amount.value,
            told=all_of([stands.holds, amount.is_off | (amount.is_known & known)]),
            counts=~amount.is_off,
            own_audience=audience,
        )
    )


def _from_entries(run: Run, about: pl.DataFrame) -> Iterator[tuple[SpreadRule, pl.DataFrame]]:
    """Of lists that are told; whoever could have an entry on another one is routed for that."""
    rules = [rule for rule in run.plan.spread if rule.start.lists and is_in_force(run, rule.basis)]
    if not rules:
        return
    found = entries(run, about)
    if not len(found):
        return
    found = found.filter(pl.col("state") == "listed").rename({"audience": "of_entry"})
    of_list = {each.name: list(each.measures) for each in run.plan.lists}
    for rule in rules:
        rows = found.filter(pl.col("list").is_in(rule.start.lists))
        if not _is_plain(rule) or _days(rule) or not isinstance(rule.audience, Literal):
            yield rule, _odd(run, rows.lazy())
            continue
        view = on_the_day(run, rows.lazy())
        amount = _points(rule, At(view))
        told = amount.is_off | amount.is_known
        beside = run.collect(view.frame.select("party", points=amount.value, told=told, counts=~amount.is_off))
        days = {"day": run.today, "listed": as_ordinal(pl.col("listed"))}
        yield rule, rows.hstack(beside.drop("party")).select(
            "party", "points", "told", "counts", "list",
            own_audience=stricter(pl.col("of_entry"), pl.lit(str(rule.audience.value))),
            id="entry",
            from_day=as_ordinal(pl.col("listed")),
            until=as_ordinal(pl.col("until")),
            law_day=run.today,
            held_on=_held_on(rule, days),
            measures=pl.col("list").replace_strict(of_list, return_dtype=_TEXTS),
        )  # fmt: skip


def _from_the_answer(run: Run, at: At) -> Iterator[tuple[SpreadRule, pl.DataFrame]]:
    for rule in run.plan.spread:
        if rule.start.each is not None or rule.start.lists or not is_in_force(run, rule.basis):
            continue
        truths: Truths = build(rule.start.when, at)
        may, holds = at.view.let(truths.may), at.view.let(truths.holds)
        if not _is_plain(rule) or set(_words(rule)) - {"day"} or lacking_in(run.plan, rule.audience, rule.place):
            yield rule, _odd(run, at.view.frame.filter(may))
            continue
        amount = _points(rule, at)
        audience = at.view.let(audience_of(rule.audience, at))
        points, told = at.view.let(amount.value), at.view.let(all_of([holds, amount.is_off | amount.is_known]))
        counts = at.view.let(~amount.is_off)
        today = run.as_of.toordinal()
        yield (
            rule,
            at.view.pin()
            .filter(may)
            .select(
                "party",
                id=fixed(None, pl.String),
                from_day=run.today,
                until=fixed(today + 1 if today < LAST_DAY else None, DAY),
                law_day=run.today,
                held_on=_held_on(rule, {"day": run.today}),
                points=points,
                told=told,
                counts=counts,
                own_audience=audience,
            ),
        )


# --- what an origin brings ------------------------------------------------------------------------------------


def _is_plain(rule: SpreadRule) -> bool:
    """Whether a rule's points and the days of its relations are told: none of them is worked out, nobody is named."""
    days = all(isinstance(each, OverRelation) and isinstance(each.held_on, Literal) for each in rule.branches)
    return days and (rule.points is None or isinstance(rule.points, Literal | Parameter))


def _words(rule: SpreadRule) -> list[str]:
    """The days on which the relations of each branch count, as they are written."""
    return [
        str(branch.held_on.value)
        for branch in rule.branches
        if isinstance(branch, OverRelation) and isinstance(branch.held_on, Literal)
    ]


def _days(rule: SpreadRule) -> tuple[EventField, ...]:
    """Those of them that are fields of the event. An event is not listed: `listed` is a field of it that none has."""
    words = set(_words(rule)) - ({"day"} if rule.start.each is not None else set(_WITHOUT_EVENT))
    return tuple(EventField(name) for name in sorted(words))


def _held_on(rule: SpreadRule, days: dict[str, pl.Expr]) -> pl.Expr:
    """For each branch the day on which its relations must be in force."""
    each = [days[word].cast(DAY) for word in _words(rule)]
    return pl.concat_list(each) if each else pl.lit([], pl.List(DAY))


@frozen(eq=False)
class _Amount:
    """Points: the number, whether it is known, and whether it is not in force, so that nothing starts."""

    value: pl.Expr
    is_known: pl.Expr
    is_off: pl.Expr


def _points(rule: SpreadRule, at: At) -> _Amount:
    if rule.points is None:
        return _Amount(fixed(None, NUMBER), YES, NO)
    val: Val = build(rule.points, at)
    return _Amount(val.value.cast(NUMBER), val.is_in(PLAIN), val.is_in(NOT_IN_FORCE))


def _odd(run: Run, rows: pl.LazyFrame) -> pl.DataFrame:
    """Rows of parties of whom nothing is told here."""
    schema = {**ORIGINS, "own_audience": pl.String()}
    empty = {name: fixed(None, dtype) for name, dtype in schema.items() if name not in ("party", "audience")}
    return run.collect(rows.select("party", told=NO, counts=NO, **empty))


# --- what may stand unrecorded --------------------------------------------------------------------------------


def unrecorded(run: Run, at: At) -> list[pl.DataFrame]:
    """The lines of everybody, rule by rule: events and decisions could stand unrecorded from which effects start."""
    found = []
    for rule in run.plan.spread:
        each = rule.start.each
        if each is not None and could_be_hidden(run, each.kind, each.by, rule.lasts):
            found.append(_line(rule, at, each.kind, audience_of(rule.audience, at)))
        elif each is None and is_in_force(run, rule.basis):
            open_ = {one.name for one in run.plan.lists if is_open_to_all(run, one)}
            names = [name for name in rule.start.lists if name in open_]
            found += [_line(rule, at, f"on_list.{name}", pl.lit("internal")) for name in names]
    return found


def _line(rule: SpreadRule, at: At, name: str, audience: pl.Expr) -> pl.DataFrame:
    names = pl.lit([name], pl.List(pl.String()))
    lines = at.view.frame.select("party", rule=pl.lit(rule.id), names=names, own_audience=audience)
    return at.view.run.collect(lines)
