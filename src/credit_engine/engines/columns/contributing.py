"""What the rules add for everybody on the day judged, as `assessing.contributing` finds it.

Rules that look at the same events from the same viewpoints share one view: of what is sure of them sums by party and
group are made in one pass over the events, and what is not known are rows, with the names to blame. Rules that need
more than a row of the view for an answer are asked apart.

Columns of rows: `rule` (its place in the policy), `party`, `event` and `item` (codes), `place` (of the element),
`event_day`, `low` and `high` (signed thousandths), `unsure`, `open`, `first` and `last` (the days it counts), `law`,
`names`, `laws` and `law_points` (of a lenient rule).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import polars as pl
from attrs import evolve, frozen

from credit_engine.engines.columns.adding import (
    COLUMNS,
    Added,
    Rule,
    added,
    asked,
    days_key,
    names_of,
    rows_of,
    rules_of,
    shaped,
)
from credit_engine.engines.columns.apart import apart, meant, picked
from credit_engine.engines.columns.events import TRUE, candidates
from credit_engine.engines.columns.listing_grounds import could_be_hidden
from credit_engine.engines.columns.meanwhile import meanwhile
from credit_engine.engines.columns.reasons import cut
from credit_engine.engines.columns.recent import counted, forget, read_once
from credit_engine.engines.columns.shapes import (
    ALWAYS,
    DAY,
    FIRST_DAY,
    LAST_DAY,
    NO,
    NUMBER,
    YES,
    all_of,
    any_of,
    fixed,
    total,
)
from credit_engine.engines.columns.sharing import count_first, count_today, looks, shared_view, viewpoint
from credit_engine.engines.columns.view import At, Run, View
from credit_engine.policy.nodes import (
    Literal,
    LookUp,
    Node,
    Parameter,
    Selector,
)
from credit_engine.policy.plan import Plan, Score

_SMALL = 1 << 24  # thousandths; sums of as many as there are events stay far inside 64 bits


_Named = dict[str, str]  # columns by their name in a line of reasons


@frozen(eq=False)
class Contributions:
    """What the rules add. `sums`: of what is sure; each frame has a row for a party, a column for a group (`sum_name`).

    `rows`: the other contributions. `told`: those in the sums, where they are asked for, as lines of reasons, piece by
    piece (see `reasons.cut`).
    """

    sums: Sequence[pl.DataFrame]
    rows: pl.DataFrame
    told: Sequence[list[pl.DataFrame]]


def sum_name(group: str | None) -> str:
    """The column of a group's sum; `None`: of rules in no group that has a limit."""
    return "sum" if group is None else f"sum of {group}"


def contributions(run: Run, score: Score, *, told: bool) -> Contributions:
    """Everything that the rules add on the day judged; `told`: also row for row what is in the sums."""
    every = _Gathered(run, score, told=told)
    shared: dict[object, list[Rule]] = {}
    for rule in rules_of(score):
        each = rule.plan.each
        if each is not None and (len(rule.laws) > 1 or each.element is not None or each.per):
            events = candidates(run, each.kind, each.by, each.standing)
            events = evolve(events, dated=events.until_today(run))
            rows = apart(run, rule, each, picked(run, rule, each, events) if each.per else events)
            every.rows.append(shaped(rule, rows.lazy()))
        else:
            shared.setdefault(viewpoint(run, rule), []).append(rule)
        if each is not None:
            every.rows += _of_unknown_days(run, rule, each)
    on_the_day = counted(run, [each.value for each in run.plan.indicators.values()], run.first_day)
    read_once(run, [*(look for rules in shared.values() for look in looks(run, rules)), *on_the_day])
    for take_over in [_together(every, rules) for rules in shared.values()]:
        take_over()
    count_today(run)
    forget(run)
    return every.made()


class _Gathered:
    """What has been found so far."""

    def __init__(self, run: Run, score: Score, *, told: bool) -> None:
        self.run, self.score, self.is_told = run, score, told
        self.sums: list[pl.DataFrame] = []
        self.rows: list[pl.LazyFrame] = [pl.LazyFrame(schema=COLUMNS)]
        self.told: list[list[pl.DataFrame]] = []

    def group(self, rule: Rule) -> str | None:
        """The group of a rule, if it has a limit."""
        return rule.plan.group if rule.plan.group in self.score.groups else None

    def made(self) -> Contributions:
        """All of it."""
        return Contributions(self.sums, self.run.collect(pl.concat(self.rows)), self.told)


# --- many rules from one viewpoint ----------------------------------------------------------------------------


def _together(every: _Gathered, rules: Sequence[Rule]) -> Callable[[], None]:
    """Begin to add up what rules that share a view add on each row, while others are asked about.

    What is returned waits for it and takes it over: the sums of what is sure, and the rows of what is not.
    """
    run = every.run
    view, is_sure = shared_view(run, rules)
    count_first(view, rules)
    base = view.frame
    found = _asked(view, rules, is_sure=is_sure)
    open_ = {rule: all_of([each.counts, each.unsure]) for rule, each in found if each.unsure is not NO}
    amounts = [(rule, _sure_amount(view, each)) for rule, each in found]
    told = _told(view, found, amounts) if every.is_told else []
    asked_for = _added_up(every, view, amounts, any_of(open_.values()), told)
    begun = meanwhile(partial(_summed, every, view, asked_for, found, told))

    def take_over() -> None:
        sums, lines, few = begun()
        every.sums.append(sums)
        every.told += [lines] if told else []
        every.rows += _of_unknowns(view, base, few, list(open_), is_sure=is_sure) if len(few) else []

    return take_over


def _summed(
    every: _Gathered, view: View, asked_for: pl.LazyFrame, found: Sequence[tuple[Rule, Added]], told: Sequence[_Named]
) -> tuple[pl.DataFrame, list[pl.DataFrame], pl.DataFrame]:
    """The sums of each party, the lines of reasons piece by piece, and where something is not known."""
    rows = every.run.collect(asked_for)
    names = [name for name in rows.columns if name.startswith("sum")]
    sums = rows.select("party", *names) if view.kind is None else _by_party(every, rows, found)
    few = rows.select(pl.col("party" if view.kind is None else "order").filter("open"))
    if not told:
        return sums, [], few
    rows = rows.select(sorted(_read(told)))  # the rest is let go of
    return sums, [every.run.collect(_lines(piece, found, told)) for piece in cut(every.run, rows)], few


def _asked(view: View, rules: Sequence[Rule], *, is_sure: bool) -> list[tuple[Rule, Added]]:
    """What each rule adds on the rows of a view; rows that none of them means are left out, if there can be any."""
    at = At(view)
    pointed = [
        (rule, asked(rule, view, ALWAYS if (each := rule.plan.each) is None else meant(each, at, is_sure=is_sure)))
        for rule in rules
    ]
    if not any(rule.plan.each is None or rule.plan.each.where == TRUE for rule in rules):
        view.frame = view.frame.filter(any_of([each.truths.may for _, each in pointed]))
    return [(rule, added(rule, view, each)) for rule, each in pointed]


def _of_unknowns(
    view: View, base: pl.LazyFrame, few: pl.DataFrame, rules: Sequence[Rule], *, is_sure: bool
) -> list[pl.LazyFrame]:
    """The rows of what is not known: few, so they are looked at again by themselves, to say what is to blame."""
    run = view.run
    names = [name for name in base.collect_schema().names() if not name.startswith("_") and name != "row"]
    rows = base.select(names).filter(pl.col(few.columns[0]).is_in(few.to_series().implode()))
    seen = View(run, run.collect(rows).lazy(), view.kind, view.position)
    seen.between = view.between
    found = []
    for rule, each in _asked(seen, rules, is_sure=is_sure):
        where = all_of([each.counts, each.unsure])
        found.append(shaped(rule, rows_of(rule, seen, each, where, names_of(rule, seen, each))))
    return found


def _sure_amount(view: View, each: Added) -> pl.Expr:
    """What is sure on each row; nothing elsewhere."""
    return view.let(each.low if each.sure is YES else pl.when(each.sure).then(each.low).otherwise(0))


def _added_up(
    every: _Gathered, view: View, amounts: Iterable[tuple[Rule, pl.Expr]], open_: pl.Expr, told: Sequence[_Named]
) -> pl.LazyFrame:
    """What is sure on each row, added up by group; `open`: where something is not known; and what lines are made of."""
    points: dict[str, list[pl.Expr]] = {}
    for rule, amount in amounts:
        points.setdefault(sum_name(every.group(rule)), []).append(amount)
    sums = {name: _sum(columns) for name, columns in points.items()}
    key = ["party"] if view.kind is None else ["party", "order"]
    return view.frame.select(*key, *sorted(_read(told) - {*key}), open=open_, **sums)


def _by_party(every: _Gathered, rows: pl.DataFrame, found: Sequence[tuple[Rule, Added]]) -> pl.DataFrame:
    """The sums of each party."""
    plan, sums, are_small = every.run.plan, [], True
    for name in rows.columns:
        rules = [rule for rule, _ in found if sum_name(every.group(rule)) == name]
        small = len(rules) < _MANY and all(_is_small(plan, rule.plan.points) for rule in rules)
        if rules:
            sums.append(pl.col(name).sum() if small else total(pl.col(name)))
            are_small &= small
    if not are_small or not rows.get_column("party").is_sorted():
        return every.run.collect(rows.lazy().group_by("party").agg(sums))
    names = [column.meta.output_name() for column in sums]  # in order of the party: each ends where the next begins
    ends = (pl.col("party") != pl.col("party").shift(-1)).fill_null(value=True)
    so_far = rows.lazy().select("party", pl.col(names).cum_sum()).filter(ends)
    return every.run.collect(so_far.with_columns(pl.col(names).diff().fill_null(pl.col(names))))


_MANY = 64  # rules of one view whose small points are added up as they are


def _sum(columns: Sequence[pl.Expr]) -> pl.Expr:
    result = columns[0]
    for column in columns[1:]:
        result = result + column
    return result


def _not(column: pl.Expr) -> pl.Expr:
    return YES if column is NO else ~column


def _is_small(plan: Plan, points: Node) -> bool:
    """Whether points stand in the policy and are small, so that their sums need no more than 64 bits."""
    if isinstance(points, Literal):
        values = [points.value]
    elif isinstance(points, Parameter | LookUp):
        name = points.name if isinstance(points, Parameter) else points.parameter
        steps = [step.value for step in plan.parameters[name].values]
        values = [one for step in steps for one in (step.values() if isinstance(step, dict) else [step])]
    else:
        return False
    return all(value is None or (isinstance(value, int) and abs(value) < _SMALL) for value in values)


def _told(view: View, found: Sequence[tuple[Rule, Added]], amounts: Sequence[tuple[Rule, pl.Expr]]) -> list[_Named]:
    """The columns of each rule's lines of reasons of what is sure; days that rules share are computed once."""
    told = []
    for (rule, each), (_, amount) in zip(found, amounts, strict=True):
        _, first, last = each.span
        begins = first if view.kind is None else pl.max_horizontal(first, pl.col("by_day"))
        small = _is_small(view.run.plan, rule.plan.points)
        columns = {"points": view.let(amount.cast(pl.Int32)) if small else amount, "first": begins, "last": last}
        for name in ("first", "last"):
            columns[name] = view.once((*days_key(rule, view), name), columns[name])
        named = {name: column.meta.output_name() for name, column in columns.items()}
        told.append({"party": "party", "law": "law", **named, **({} if view.kind is None else {"event": "e.id"})})
    return told


def _read(told: Sequence[_Named]) -> set[str]:
    return {column for each in told for column in each.values()}


def _lines(rows: pl.DataFrame, found: Sequence[tuple[Rule, Added]], told: Sequence[_Named]) -> pl.LazyFrame:
    """The lines of each rule, of what is sure."""
    parts = []
    for (rule, _), columns in zip(found, told, strict=True):
        named = {name: pl.col(column) for name, column in columns.items()}
        counts = rows.lazy().filter(pl.col(columns["points"]) != 0)
        parts.append(counts.select(place=fixed(rule.place, pl.UInt16), **named))
    return pl.concat(parts, how="vertical_relaxed")


# --- what could stand on any day ------------------------------------------------------------------------------


def _of_unknown_days(run: Run, rule: Rule, each: Selector) -> list[pl.LazyFrame]:
    """Events without a day, and those that may stand unrecorded."""
    found = []
    events = candidates(run, each.kind, each.by, each.standing)
    if events.undated is not None:
        found.append(shaped(rule, apart(run, rule, each, events, undated=True).lazy()))
    if could_be_hidden(run, each.kind, each.by, rule.plan.counts):
        low, high = rule.limits
        rows = run.parties().select("party").with_columns(
            low=fixed(low, NUMBER), high=fixed(high, NUMBER), unsure=YES, open=YES,
            first=fixed(FIRST_DAY, DAY), last=fixed(LAST_DAY, DAY), law=run.today,
            names=pl.lit([each.kind]),
        )  # fmt: skip
        found.append(shaped(rule, rows))
    return found
