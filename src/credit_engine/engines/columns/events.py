"""The events of one kind that may take part: known, admitted, in the order of their days; and the law of each.

Two frames: `dated` with `day`, `key` and `doubtful`, and `undated`, whose events could stand on any day. Both have
`party`, `order` and the event's fields. An event without a day is under the law of one of several days, nobody knows
which, so it is asked under each.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from attrs import evolve, field, frozen

from credit_engine.engines.columns.shapes import DAY, FIRST_DAY, MISSING, YES, Truths, Val, both, fixed
from credit_engine.engines.columns.view import At, Run, View, build, key_of, lacking
from credit_engine.policy.nodes import (
    All,
    Any_,
    Compare,
    Condition,
    Constant,
    EventField,
    Known,
    Literal,
    Node,
    OneOf,
    Selector,
    SetTest,
    Truth,
    Value,
    walk,
)
from credit_engine.policy.plan_basis import Law

TRUE = Constant(holds=True)


@frozen(eq=False)
class Events:
    """Events that may take part. `undated` is none where every event has a day; `sure`: none of the others is doubtful.

    `between`: the ends between which their days lie, if they are known beforehand. `recorded`: the day as it stands in
    the records, for conditions that a scan can be told.
    """

    kind: str
    dated: pl.LazyFrame
    undated: pl.LazyFrame | None
    sure: bool = False
    between: tuple[int, int] | None = None
    recorded: pl.Expr = field(factory=lambda: pl.col("day"))

    def until_today(self, run: Run) -> pl.LazyFrame:
        """Those with a day, until the day judged."""
        if self.between is not None and self.between[1] <= run.first_day:
            return self.dated
        return self.dated.filter(self.recorded <= run.today)


def anchor(run: Run, kind: str, names: Sequence[str]) -> pl.Expr:
    """The first of several days that is present; a field that the kind does not have is missing."""
    schema = run.store.events[kind].collect_schema()
    present = [pl.col(f"e.{name}") for name in _up_to_a_full_one(run, kind, names) if f"e.{name}" in schema]
    if len(present) == 1:
        return present[0]
    return pl.coalesce(present).cast(DAY) if present else fixed(None, DAY)


def _up_to_a_full_one(run: Run, kind: str, names: Sequence[str]) -> Sequence[str]:
    """The columns up to the first without empty cells: none after it is ever looked at."""
    full = (place for place, name in enumerate(names, 1) if not has_nulls(run, kind, f"e.{name}"))
    return names[: next(full, len(names))]


def days_between(run: Run, kind: str, names: Sequence[str]) -> tuple[int, int] | None:
    """The ends between which the first of several days that is present lies, if they are known beforehand."""
    ends: list[tuple[int, int]] = []
    for name in names:
        facts = run.facts(kind, f"e.{name}")
        if facts is None:
            return None
        if facts.least is not None and facts.most is not None:
            ends.append((facts.least, facts.most))
        if not facts.nulls:
            break
    return (min(least for least, _ in ends), max(most for _, most in ends)) if ends else None


def law_between(run: Run, law: Law, kind: str, days: tuple[int, int] | None) -> tuple[int, int] | None:
    """The same of the day whose law counts, for events whose own days lie between two ends."""
    if law.as_of:
        return run.first_day, run.last_day
    names = law.anchors[-1:] if law.lenient else law.anchors
    given = [run.facts(kind, f"e.{name}") for name in names]
    if any(facts is not None and not facts.nulls for facts in given):
        return days_between(run, kind, names)
    schema = run.store.events[kind].collect_schema()
    own = days_between(run, kind, [name for name in names if f"e.{name}" in schema])
    if days is None or (own is None and any(f"e.{name}" in schema for name in names)):
        return None
    return days if own is None else (min(days[0], own[0]), max(days[1], own[1]))


def law_day(run: Run, law: Law, kind: str, day: pl.Expr) -> pl.Expr:
    """The day whose law counts: the law's first anchor present, else the event's own day, else the day judged."""
    if law.as_of:
        return run.today
    names = law.anchors[-1:] if law.lenient else law.anchors
    given = anchor(run, kind, names)
    if any(not has_nulls(run, kind, f"e.{name}") for name in names):
        return given
    return pl.coalesce(given, day, run.today)


def under_each_law(run: Run, law: Law, kind: str, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Events without a day, once for each day of a law that may count for them (column `law`, `variant`)."""
    if law.as_of:
        return frame.with_columns(law=run.today, variant=fixed(0, DAY))
    names = law.anchors[-1:] if law.lenient else law.anchors
    given = anchor(run, kind, names)
    changes = [day for each in run.found["law changes"] if (day := each.toordinal()) <= run.last_day]
    days = pl.DataFrame({"law": [FIRST_DAY, *changes]}, schema={"law": DAY}).with_row_index("variant").lazy()
    days = days.with_columns(pl.col("variant").cast(DAY))
    told = frame.with_columns(law=given, variant=fixed(0, DAY)).filter(pl.col("law").is_not_null())
    open_ = frame.filter(given.is_null()).join(days, how="cross")
    open_ = open_ if run.store.asked is None else open_.filter(pl.col("law") <= run.today)
    return pl.concat([told, open_.select(told.collect_schema().names())])


def candidates(run: Run, kind: str, by: tuple[str, ...], standing: frozenset[str]) -> Events:
    """The events of a kind that take part at all (`standing`, `admits`), with the days that `by` gives them."""
    key = ("candidates", kind, by, standing)
    found: Events | None = run.found.get(key)
    if found is None:
        found = run.found[key] = _admitted(run, kind, by, standing)
    return found


def _admitted(run: Run, kind: str, by: tuple[str, ...], standing: frozenset[str]) -> Events:
    events = run.store.events[kind]
    codes = [run.store.code(each) for each in sorted(standing)]
    rows = run.known(events, kind).drop("known_from", "known_until")
    rows = rows.drop([name for name in rows.collect_schema() if name.startswith("e.") and not run.reads(name)])
    taken = [pl.col("party").is_not_null()] if has_nulls(run, kind, "party") else []
    if not _is_always(run, kind, "e.standing", codes):
        taken.append(pl.col("e.standing").is_in(codes))
    rows = rows.filter(taken) if taken else rows
    day = anchor(run, kind, by)
    rows = rows.with_columns(day=day, doubtful=pl.lit(value=False))
    rows = rows.with_columns(key=key_of(pl.col("day"), pl.col("order")))
    ends = days_between(run, kind, by)
    if all(has_nulls(run, kind, f"e.{name}") for name in by):
        undated = rows.filter(pl.col("day").is_null())
        has_undated = run.collect(undated.select(pl.len())).item() > 0
        events_ = Events(kind, rows.filter(pl.col("day").is_not_null()), undated if has_undated else None, sure=True,
                         between=ends, recorded=day)  # fmt: skip
    else:
        events_ = Events(kind, rows, None, sure=True, between=ends, recorded=day)
    admits = run.plan.admits.get(kind)
    if admits is None:
        return events_
    events_ = satisfying(run, events_, admits.where)
    if not admits.per:
        return events_
    dated = earliest(run, kind, events_.dated, events_.undated, admits.per, ("party",))
    return Events(kind, dated, events_.undated, between=ends, recorded=day)


def has_nulls(run: Run, kind: str, column: str) -> bool:
    """Whether a cell of the column may be empty."""
    facts = run.facts(kind, column)
    return facts is None or facts.nulls > 0


def _is_always(run: Run, kind: str, column: str, codes: Sequence[int]) -> bool:
    """Whether every cell of the column surely is one of the codes."""
    facts = run.facts(kind, column)
    return facts is not None and not facts.nulls and facts.least == facts.most and facts.least in codes


def matching(run: Run, node: Selector) -> Events:
    """The events that a selector is about, whoever asks; found once."""
    key = ("matching", run.written(node))
    found: Events | None = run.found.get(key)
    if found is None:
        events = candidates(run, node.kind, node.by, node.standing)
        found = run.found[key] = satisfying(run, events, node.where) if node.settled else events
    return found


_OF_RECORDS = All | Any_ | Constant | Compare | OneOf | SetTest | Known | Truth | Literal | EventField


def in_records(run: Run, kind: str, where: Condition) -> pl.Expr:
    """Whether an event may satisfy a condition, as far as its recorded fields alone tell: a scan can be told."""
    if where == TRUE:
        return YES
    parts = where.parts if isinstance(where, All) else (where,)
    at = At(View(run, pl.LazyFrame(), kind))
    told = [build(part, at) for part in parts if all(map(_is_of_records, walk(part)))]
    return both(told).may


def _is_of_records(node: Node) -> bool:
    return isinstance(node, _OF_RECORDS) and (not isinstance(node, EventField) or node.implied is None)


def satisfying(run: Run, events: Events, where: Condition) -> Events:
    """Those that satisfy a condition that does not depend on who asks, or may; each under its own law."""
    if where == TRUE:
        return events
    told = in_records(run, events.kind, where)
    events = events if told is YES else evolve(events, dated=events.dated.filter(told))
    law, kind = run.plan.law, events.kind
    view = View(run, events.dated.with_columns(law=law_day(run, law, kind, pl.col("day"))), kind)
    view.frame = view.frame.with_columns(event_day=pl.col("day"), day=run.today)
    view.between["day"] = (run.first_day, run.last_day)
    if (ends := law_between(run, law, kind, events.between)) is not None:
        view.between["law"] = ends
    truths: Truths = build(where, At(view))
    if truths.is_sure and events.undated is None:
        kept = view.frame.filter(truths.holds).with_columns(day=pl.col("event_day"))
        return evolve(events, dated=kept.select(events.dated.collect_schema().names()))
    dated = view.frame.filter(truths.may).with_columns(
        doubtful=pl.col("doubtful") | ~truths.holds, day=pl.col("event_day")
    )
    names = events.dated.collect_schema().names()
    undated = None if events.undated is None else _undated(run, events.undated, kind, where)
    return Events(kind, dated.select(names), undated, between=events.between, recorded=events.recorded)


def _undated(run: Run, rows: pl.LazyFrame, kind: str, where: Condition) -> pl.LazyFrame:
    names = rows.collect_schema().names()
    view = View(run, under_each_law(run, run.plan.law, kind, rows).with_columns(day=run.today), kind)
    truths: Truths = build(where, At(view))
    kept = view.frame.filter(truths.may).with_columns(day=fixed(None, DAY)).select(names)
    return kept.unique("order", keep="any")


def per_columns(run: Run, kind: str, per: Sequence[Value]) -> tuple[list[pl.Expr], pl.Expr]:
    """The columns that make events equal in `per`, and whether one of their values is missing."""
    columns: list[pl.Expr] = []
    missing = []
    view = View(run, pl.LazyFrame(), kind)
    for value in per:
        if not isinstance(value, EventField) or value.implied is not None:
            raise lacking("`per` over other things than fields as they are recorded")
        val: Val = build(value, At(view))
        if val.sort == "list":
            raise lacking("`per` over lists")
        columns.append(val.value)
        missing.append(val.is_in(MISSING))
    return columns, pl.any_horizontal(missing)


def earliest(
    run: Run,
    kind: str,
    dated: pl.LazyFrame,
    undated: pl.LazyFrame | None,
    per: Sequence[Value],
    among: tuple[str, ...],
) -> pl.LazyFrame:
    """Of events with equal values the earliest; where it is doubtful, or one without a day has them, all, doubtful."""
    columns, missing = per_columns(run, kind, per)
    names = dated.collect_schema().names()
    groups = [run.name() for _ in columns]
    named = [column.alias(name) for column, name in zip(columns, groups, strict=True)]
    rows = dated.with_columns(*named, per_missing=missing)
    over = [*among, *groups]
    rows = rows.with_columns(is_first=pl.col("key") == pl.col("key").min().over(over), maybe=pl.lit(value=False))
    if undated is not None:
        possible = undated.with_columns(*named, per_missing=missing).filter(~pl.col("per_missing"))
        possible = possible.select(over).unique().with_columns(is_possible=pl.lit(value=True))
        rows = rows.drop("maybe").join(possible, on=over, how="left")
        rows = rows.with_columns(maybe=pl.col("is_possible").fill_null(value=False))
    first_doubtful = (pl.col("is_first") & pl.col("doubtful")).any().over(over)
    all_doubtful = (first_doubtful | pl.col("maybe")) & ~pl.col("per_missing")
    rows = rows.with_columns(all_doubtful=all_doubtful)
    kept = rows.filter(pl.col("per_missing") | pl.col("all_doubtful") | pl.col("is_first"))
    return kept.with_columns(doubtful=pl.col("doubtful") | pl.col("all_doubtful")).select(names)
