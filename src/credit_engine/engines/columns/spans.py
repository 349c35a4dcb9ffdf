"""Spans: from which day to which last day something counts, row by row of a view, as `assessing.spanning` has it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from attrs import evolve, frozen

from credit_engine.days import Period
from credit_engine.engines.columns import calendar
from credit_engine.engines.columns.selecting import taken
from credit_engine.engines.columns.shapes import (
    DAY,
    DOUBTFUL,
    FIRST_DAY,
    LAST_DAY,
    MISSING,
    NO,
    NONE,
    NOT_IN_FORCE,
    PLAIN,
    STATE,
    SURE,
    YES,
    Truths,
    Val,
    all_of,
    always,
    any_of,
    chosen,
    fixed,
    sure,
)
from credit_engine.engines.columns.values import begun, days_later, pick
from credit_engine.engines.columns.view import SHIFT, At, Make, Run, View, build, lacking
from credit_engine.policy.nodes import Node, Selector, Span, SpanRow
from credit_engine.policy.plan_basis import Basis, InForce

FIRST, LAST = fixed(FIRST_DAY, DAY), fixed(LAST_DAY, DAY)
NO_DAY = fixed(None, DAY)


@frozen(eq=False)
class Stretch:
    """The days covered: `first` (null: unknown), the last one between `last` and `at_most`; `in_force` or nothing.

    `is_sure`: both ends are known on every row. `lasts`: where the last day follows from the first one alone, and that
    lies between two known ends, the least of these and the last day for each from there on.
    """

    in_force: pl.Expr
    first: pl.Expr
    last: pl.Expr
    at_most: pl.Expr
    is_sure: bool = False
    lasts: tuple[int, pl.Series] | None = None

    def covers(self, day: pl.Expr) -> Truths:
        """Whether the days cover this one."""
        begun = day >= self.first
        if self.is_sure:
            return sure(all_of([self.in_force, begun, day <= self.last]))
        may = self.in_force & (day <= self.at_most) & begun.fill_null(value=True)
        return Truths(may & begun.fill_null(value=False) & (day <= self.last), may)

    @property
    def is_known(self) -> pl.Expr:
        """Whether both ends are known."""
        return YES if self.is_sure else self.first.is_not_null() & (self.last == self.at_most)


ALWAYS_ON = Stretch(YES, FIRST, LAST, LAST, is_sure=True)
UNKNOWN = Stretch(YES, NO_DAY, FIRST, LAST)


def in_force(days: InForce, at: At) -> pl.Expr:
    """Whether something is in force on the law day."""
    parts = []
    if days.from_day is not None:
        parts.append(begun(days.from_day, at))
    if days.until is not None:
        ended = begun(days.until, at)
        parts.append(NO if ended is YES else YES if ended is NO else ~ended)
    return all_of(parts)


def days_of(run: Run, basis: Basis) -> InForce:
    """The days on which a rule is in force: its own, else those on which all of its sources are."""
    each = [run.plan.sources[source].in_force for source in basis.sources]
    first = max((one.from_day for one in each if one.from_day is not None), default=None)
    until = min((one.until for one in each if one.until is not None), default=None)
    return basis.own or InForce(first, until)


def kept(at: At, stretch: Stretch) -> Stretch:
    """The same with its columns computed once."""
    valid = stretch.in_force if stretch.in_force is YES else at.view.let(stretch.in_force)
    first, last = at.view.let(stretch.first), at.view.let(stretch.last)
    at_most = last if stretch.is_sure else at.view.let(stretch.at_most)
    return evolve(stretch, in_force=valid, first=first, last=last, at_most=at_most)


def span(node: Span, at: At) -> Stretch:
    """The stretch of the first row that holds; where that is not known, its end lies between those of the rows."""
    rows = [
        (in_force(days_of(at.view.run, Basis(row.basis)), at), build(row.condition, at), _row(row, at))
        for row in node.rows
    ]
    if len(rows) == 1 and rows[0][0] is YES and rows[0][1].holds is YES:
        return kept(at, rows[0][2])
    view = at.view
    done = NO
    count, first, last, at_most = fixed(0, pl.Int8), NO_DAY, LAST, FIRST
    result = Stretch(any_of([valid for valid, _, _ in rows]), NO_DAY, FIRST, LAST)
    one_first = YES
    sole: list[tuple[pl.Expr, Stretch]] = []
    for valid, truths, one in rows:
        active = view.let(valid & truths.may & ~done)
        held = active & truths.holds
        alone = view.let(held & (count == 0))
        sole.append((alone, one))
        usual = _or_unknown(one)
        add = active & ~alone
        same = (count == 0) | first.eq_missing(usual.first)
        one_first = view.let(pl.when(add).then(one_first & same).otherwise(one_first))
        first = view.let(pl.when(add & (count == 0)).then(usual.first).otherwise(first))
        last = view.let(pl.when(add & (usual.last < last)).then(usual.last).otherwise(last))
        at_most = view.let(pl.when(add & (usual.at_most > at_most)).then(usual.at_most).otherwise(at_most))
        count = view.let(count + add.cast(pl.Int8))
        done = view.let(done | held)
        several = Stretch(YES, pl.when(one_first).then(first), last, at_most)
        result = _picked([(held & ~alone, several)], result)
    return kept(at, _picked(sole, result))


def under_each_law(node: Span, at: At) -> Stretch:
    """Under `law_of: as_of`: the stretch by today's law, ended on the first day whose own law says that it is over.

    Never backdated, never revived. Each stretch of unchanged law is looked at once.
    """
    view = at.view
    today: Stretch = build(node, at)
    changes = [day.toordinal() for day in view.run.found["law changes"]]
    last, at_most, done = LAST, LAST, NO
    first = today.first
    for start, end in zip([FIRST_DAY, *changes], [*(day - 1 for day in changes), LAST_DAY], strict=True):
        law = view.let(fixed(start, DAY)).meta.output_name()
        one: Stretch = build(node, at.under(law))
        asked = one.in_force & (first <= end).fill_null(value=False) & ~done
        begun = fixed(max(start, FIRST_DAY + 1), DAY)
        eve = pl.when(first > begun).then(first).otherwise(begun) - 1
        over = view.let(asked & (one.last < end))
        ended = pl.when(one.last > eve).then(one.last).otherwise(eve)
        last = view.let(pl.when(over & (ended < last)).then(ended).otherwise(last))
        stops = view.let(asked & (one.at_most < end))
        at_most = view.let(
            pl.when(stops & (one.at_most > eve)).then(one.at_most).when(stops).then(eve).otherwise(at_most)
        )
        done = view.let(done | stops)
    known = first.is_not_null()
    least = pl.when(last < at_most).then(last).otherwise(at_most)
    return kept(
        at,
        Stretch(
            today.in_force,
            first,
            pl.when(known).then(least).otherwise(today.last),
            pl.when(known).then(at_most).otherwise(today.at_most),
        ),
    )


def _or_unknown(one: Stretch) -> Stretch:
    """A row that is not in force counts as one of which nothing is known."""
    off = ~one.in_force
    return Stretch(
        YES,
        pl.when(one.in_force).then(one.first),
        pl.when(off).then(FIRST).otherwise(one.last),
        pl.when(off).then(LAST).otherwise(one.at_most),
    )


def _picked(cases: Sequence[tuple[pl.Expr, Stretch]], otherwise: Stretch) -> Stretch:
    def part(name: str) -> pl.Expr:
        return chosen([(when, getattr(one, name)) for when, one in cases], getattr(otherwise, name))

    return Stretch(part("in_force"), part("first"), part("last"), part("at_most"))


def _row(row: SpanRow, at: At) -> Stretch:
    if row.or_while is not None or row.pauses is not None:
        raise lacking("spans with `or_while` or `pauses`")
    if row.from_ is None:
        first = Val(
            "day",
            pl.col("by_day"),
            frozenset({PLAIN, MISSING}),
            pl.when(pl.col("by_day").is_null()).then(fixed(MISSING, STATE)).otherwise(fixed(PLAIN, STATE)),
        )
        if (between := at.view.between.get("by_day")) is not None:
            first = Val("day", pl.col("by_day"), between=between)
    else:
        first = _first_present([build(value, at) for value in row.from_])
    first = at.view.keep(first)
    last = at.view.keep(_base(row, at, first))
    known, day = last.is_in(PLAIN), first.value
    if last.states == SURE and first.states == SURE and row.or_until is None and row.until_next is None:
        return kept(at, Stretch(YES, day, last.value, last.value, is_sure=True, lasts=_lasts(row, at, first)))
    at_least = day if row.until is None else FIRST
    least = chosen([(known, last.value)], at_least)
    most = chosen([(known, last.value)], LAST)
    if row.or_until is not None:
        later: Val = build(row.or_until, at)
        later = at.view.keep(later)
        plain = later.is_in(PLAIN)
        least = pl.when(plain & (later.value > least).fill_null(value=False)).then(later.value).otherwise(least)
        unknown = later.is_in(MISSING, DOUBTFUL)
        most = chosen([(unknown, LAST), (plain & (later.value > most).fill_null(value=False), later.value)], most)
    measured = Stretch(~last.is_in(NOT_IN_FORCE), day, least, most)
    if row.until_next is not None:
        measured = _until_next(row.until_next, at, measured)
    off = Stretch(NO, NO_DAY, FIRST, FIRST)
    cases = [(first.is_in(NOT_IN_FORCE), off), (~first.is_in(PLAIN), UNKNOWN)] if first.states != SURE else []
    return kept(at, _picked(cases, measured))


def _until_next(node: Selector, at: At, stretch: Stretch) -> Stretch:
    """Cut on the eve of the first such event on a later day than the first one, seen from the day judged."""
    view, run = at.view, at.view.run
    stretch = kept(at, stretch)
    view.numbered()
    frame = view.frame.with_columns(day=run.today, law=run.today, span_first=stretch.first)
    seen = View(run, frame, view.kind)
    seen.joined = {"row", *view.joined}
    found = taken(node, At(seen))
    firsts = seen.frame.select("row", "span_first")
    after = found.entries.join(firsts, on="row").filter(pl.col("day") > pl.col("span_first"))
    names = {part: run.name() for part in ("certain", "possible", "open", "undated")}
    doubtful = pl.col("doubtful")
    keys = after.group_by("row").agg(
        pl.col("key").filter(~doubtful).min().alias(names["certain"]),
        pl.col("key").filter(doubtful).min().alias(names["possible"]),
    )
    hidden = pl.col("hidden").is_not_null()
    rows = found.rows.join(firsts, on="row").select(
        "row",
        (pl.col("endless") | (hidden & (pl.col("hidden") > pl.col("span_first")).fill_null(value=False))).alias(
            names["open"]
        ),
    )
    view.frame = view.frame.join(keys, on="row", how="left").join(rows, on="row", how="left")
    open_ = pl.col(names["open"])
    if found.undated is not None:
        lost = found.undated.select("row").unique().with_columns(pl.lit(value=True).alias(names["undated"]))
        view.frame = view.frame.join(lost, on="row", how="left")
        open_ = open_ | pl.col(names["undated"]).fill_null(value=False)
    certain, possible = (pl.col(names[part]) for part in ("certain", "possible"))
    possible = pl.when((possible < certain).fill_null(value=True)).then(possible)
    eve, may_eve = ((key // (1 << SHIFT)).cast(DAY) - 1 for key in (certain, possible))
    at_most = _earlier(stretch.at_most, eve)
    at_least = _earlier(stretch.last, at_most)
    at_least = pl.when(open_).then(_earlier(at_least, stretch.first)).otherwise(_earlier(at_least, may_eve))
    known = stretch.first.is_not_null()
    return Stretch(
        stretch.in_force,
        stretch.first,
        pl.when(known).then(at_least).otherwise(stretch.last),
        pl.when(known).then(at_most).otherwise(stretch.at_most),
    )


def _earlier(day: pl.Expr, other: pl.Expr) -> pl.Expr:
    """The earlier of a day and another one, if there is another one."""
    return pl.when((other < day).fill_null(value=False)).then(other).otherwise(day)


def _first_present(vals: list[Val]) -> Val:
    """The first that is neither missing nor none."""
    result = always("day", MISSING)
    for val in reversed(vals):
        result = pick([(~val.is_in(MISSING, NONE), val)], result) if val.states & {MISSING, NONE} else val
    return result


def _base(row: SpanRow, at: At, begins: Val) -> Val:
    """The last day by `for` or `until`, `to_end_of`, `plus` and `rolls`."""
    if row.until is None and row.for_ is None and row.to_end_of is None:
        return Val("day", LAST)
    cases: list[tuple[pl.Expr, Val]] = []
    last = first = begins.value
    if row.until is not None:
        until: Val = build(row.until, at)
        cases += [(until.is_in(NONE), Val("day", LAST)), *_unless_plain(until)]
        last = until.value
    if row.for_ is not None:
        period: Val = build(row.for_, at)
        cases += _unless_plain(period)
        last = days_later(first, period, at, begins.between) if row.until is None else last
    if row.to_end_of is not None:
        unit = row.to_end_of
        last = calendar.end_of(unit, at.view.let(last))  # type: ignore[arg-type]  # a unit, checked at reading
    for extra in row.plus:
        truths: Truths = build(extra.condition, at)
        more: Val = build(extra.for_, at)
        meant = truths.may if truths.may is not YES else YES
        unsure = truths.may & ~truths.holds | ~more.is_in(PLAIN)
        lawless = Val("day", NO_DAY, frozenset({NOT_IN_FORCE}), fixed(NOT_IN_FORCE, STATE))
        cases += [(meant & more.is_in(NOT_IN_FORCE), lawless), (meant & unsure, always("day", DOUBTFUL))]
        so_far = at.view.let(last)
        last = chosen([(truths.holds, days_later(so_far, more, at))], so_far)
    if row.rolls:
        last = calendar.next_working(at.view.let(last))
    last = at.view.let(last)
    if _never_null(row, at, begins):
        return pick(cases, Val("day", last)) if cases else Val("day", last)
    beyond = pl.when(last.is_null()).then(fixed(DOUBTFUL, STATE)).otherwise(fixed(PLAIN, STATE))
    return pick(cases, Val("day", last, frozenset({PLAIN, DOUBTFUL}), beyond))


def _never_null(row: SpanRow, at: At, begins: Val) -> bool:
    """Whether the last day is only a known period after a known day, within any calendar."""
    if begins.states != SURE or row.for_ is None or row.until is not None or row.plus or row.rolls:
        return False
    period: Val = build(row.for_, at)
    found = [at.view.run.store.periods[code] for code in period.choices]
    return period.states == SURE and all(isinstance(one, Period) and one.unit != "wd" for one in found)


def _lasts(row: SpanRow, at: At, begins: Val) -> tuple[int, pl.Series] | None:
    """The last day for each first one, where it is one known period after a day between known ends."""
    if begins.between is None or row.to_end_of is not None or not _never_null(row, at, begins):
        return None
    period: Val = build(row.for_, at)  # type: ignore[arg-type]  # there is one where the day is never null
    least, most = begins.between
    if len(period.choices) != 1 or most - least > calendar.NEAR:
        return None
    one = at.view.run.store.periods[period.choices[0]]
    return (least, calendar.laters(one, least, most)) if isinstance(one, Period) else None


def _unless_plain(val: Val) -> list[tuple[pl.Expr, Val]]:
    if val.states == SURE:
        return []
    return [(val.is_in(NOT_IN_FORCE), always("day", NOT_IN_FORCE)), (~val.is_in(PLAIN), always("day", DOUBTFUL))]


TABLE: dict[type[Node], Make] = {Span: span}
