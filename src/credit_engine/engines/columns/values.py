"""Values: each node becomes columns over the rows of a view. The meaning is that of `assessing.values`, row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
from attrs import evolve

from credit_engine.days import CalendarWindow, Period
from credit_engine.engines.columns import calendar
from credit_engine.engines.columns.regions import by_region
from credit_engine.engines.columns.shapes import (
    CODE,
    DAY,
    DOUBTFUL,
    FIRST_DAY,
    LAST_DAY,
    MISSING,
    NO,
    NONE,
    NOT_IN_FORCE,
    NUMBER,
    PLAIN,
    RANGE,
    STATE,
    SURE,
    WIDE,
    YES,
    Val,
    always,
    any_of,
    chosen,
    fixed,
    in_common,
    missing_where_null,
    nothing,
    only_where,
    product,
    ranged,
    worst,
)
from credit_engine.engines.columns.view import At, Make, View, build, lacking, of_party
from credit_engine.policy.nodes import (
    Bounded,
    Combined,
    ComputedField,
    DayAfter,
    EventField,
    Holds,
    Indicator,
    Item,
    Literal,
    LookUp,
    Node,
    OperatorField,
    Otherwise,
    OwnScore,
    Parameter,
    Province,
    Ratio,
    Rounded,
    Rows,
    Scaled,
    ViewDay,
)
from credit_engine.policy.plan import DatedParameter
from credit_engine.quantities import FieldType
from credit_engine.records import Person

SORTS: Mapping[str, str] = {
    "int": "number",
    "money": "number",
    "decimal": "number",
    "bool": "bool",
    "date": "day",
    "period": "period",
    "text": "text",
    "party": "text",
    "set": "list",
    "list": "list",
}

# --- names ----------------------------------------------------------------------------------------------------


def constant(value: Any, at: At) -> Val:  # Any: a value written in the policy
    """A value that stands in the policy or in a table of the law."""
    store = at.view.run.store
    if value is None:
        return always("number", MISSING)
    if isinstance(value, bool):
        return Val("bool", pl.lit(value))
    if isinstance(value, int):
        return Val("number", fixed(int(value), NUMBER))
    if isinstance(value, Fraction):
        den = None if value.denominator == 1 else fixed(value.denominator, NUMBER)
        return Val("number", fixed(value.numerator, NUMBER), den=den)
    if isinstance(value, date):
        return Val("day", fixed(value.toordinal(), DAY))
    if isinstance(value, Period | CalendarWindow):
        code = store.period(value)
        return Val("period", fixed(code, CODE), choices=(code,))
    if isinstance(value, str):
        return Val("text", fixed(store.code(value), CODE))
    raise lacking(f"values of class {type(value).__name__}")


def literal(node: Literal, at: At) -> Val:
    """What is written."""
    return constant(node.value, at)


def parameter(node: Parameter, at: At) -> Val:
    """The parameter's value on the law day."""
    given = at.view.run.plan.parameters[node.name]
    sort = SORTS.get(given.type_.name, "period")
    return at.view.keep(_dated(given, at, sort, lambda value: constant(value, at)))


def _dated(given: DatedParameter, at: At, sort: str, made: Callable[[Any], Val]) -> Val:  # Any: a step's value
    """One value for each step, chosen by the law day."""
    cases: list[tuple[pl.Expr, Val]] = []
    for step in reversed(given.values):
        if (in_force := begun(step.since, at)) is NO:
            continue
        if step.ended:
            val = always(sort, NOT_IN_FORCE)
        elif step.value is None:
            val = always(sort, DOUBTFUL)
        else:
            val = made(step.value)
        if in_force is YES:
            return pick(cases, val) if cases else val
        cases.append((in_force, val))
    return pick(cases, always(sort, NOT_IN_FORCE))


def begun(since: date, at: At) -> pl.Expr:
    """Whether a law day lies on or after another one; always or never where the days are known to lie so."""
    least, most = at.view.between.get(at.law, (FIRST_DAY, LAST_DAY))
    if least >= since.toordinal():
        return YES
    return NO if most < since.toordinal() else pl.col(at.law) >= since.toordinal()


def pick(cases: Sequence[tuple[pl.Expr, Val]], otherwise: Val) -> Val:
    """The value of the first case whose condition is true."""
    vals = [val for _, val in cases] + [otherwise]
    sort = next((val.sort for val in vals if val.states & {PLAIN, RANGE}), otherwise.sort)
    vals = [val if val.states & {PLAIN, RANGE} else evolve(val, sort=sort, value=nothing(sort)) for val in vals]
    vals, den = in_common(vals)
    conditions = [condition for condition, _ in cases]

    def one(columns: Sequence[pl.Expr]) -> pl.Expr:
        return chosen(list(zip(conditions, columns[:-1], strict=True)), columns[-1])

    states = frozenset[int]().union(*(val.states for val in vals))
    has_range = RANGE in states
    ends = [val.between for val in vals if PLAIN in val.states]
    known = [end for end in ends if end is not None]
    return Val(
        sort,
        one([val.value for val in vals]),
        states,
        one([val.state for val in vals]),
        one([val.ends[0] for val in vals]) if has_range else None,
        one([val.ends[1] for val in vals]) if has_range else None,
        den,
        tuple(dict.fromkeys(choice for val in vals for choice in val.choices)),
        between=(min(one for one, _ in known), max(one for _, one in known)) if known and known == ends else None,
    )


def look_up(node: LookUp, at: At) -> Val:
    """The table's value for a code; an absent code is unknown."""
    view = at.view
    given = view.run.plan.parameters[node.parameter]
    key: Val = build(node.by, at)
    sort = SORTS.get(given.type_.name, "period")

    def of_step(table: Mapping[Any, Any]) -> Val:  # Any: codes, values
        by = by_region(view, key, lambda code, day: _climbed(at, table, code, day), CODE) if node.climbs else key.value
        entries = [(_plain(code, at), constant(value, at)) for code, value in table.items() if value is not None]
        rows = [((by == code).fill_null(value=False), value) for code, value in entries]
        absent = pick(rows, always(sort, DOUBTFUL))
        unknown = [(key.is_in(NOT_IN_FORCE), always(sort, NOT_IN_FORCE)), (~key.is_in(PLAIN), always(sort, DOUBTFUL))]
        return pick(unknown if key.states != SURE else [], absent)

    if key.sort == "number" and key.den is not None:
        raise lacking("look_up by a quotient")
    return view.keep(_dated(given, at, sort, of_step))


def _plain(code: Any, at: At) -> Any:  # Any: a code of a table; a number, text code or truth
    if isinstance(code, str):
        return at.view.run.store.code(code)
    return code.toordinal() if isinstance(code, date) else code


def _climbed(at: At, table: Mapping[Any, Any], code: str, day: date) -> int:  # Any: as above
    """The code of the first region on the way up that the table has, else the region's own."""
    path = () if code in table else at.view.run.store.regions.climb(code, day) or ()
    return at.view.run.store.code(next((region for region in path if region in table), code))


def event_field(node: EventField, at: At) -> Val:
    """A field of the event at hand; an empty cell is known where the event's codes say so."""
    view = at.view
    type_ = view.run.plan.field_types[view.kind or ""][node.name]
    val = recorded(view, node.name, SORTS[_readable(type_, node.name)], _codes(type_))
    if val.sort == "period":
        val = evolve(val, choices=tuple(range(len(view.run.store.periods))))
    if node.implied is None or val.states == SURE:
        return val
    name, codes, implied = node.implied
    given = recorded(view, name, "list", _codes(view.run.plan.field_types[view.kind or ""][name]))
    denied = given.is_in(PLAIN) & ~_has_any(view, given, sorted(codes))
    column = val.value
    without = column.is_null() & denied
    if implied is None:
        state = chosen([(without, fixed(NONE, STATE))], val.state)
        return view.keep(evolve(val, states=val.states | {NONE}, state=state))
    filled = pl.when(without).then(fixed(implied, NUMBER)).otherwise(column)
    return view.keep(missing_where_null(val.sort, filled))


def _readable(type_: FieldType, name: str) -> str:
    if type_.name in SORTS and (type_.of is None or type_.of.name == "text"):
        return type_.name
    raise lacking(f"{name}, which holds {type_}")


def recorded(view: View, name: str, sort: str, codes: Sequence[str] = ()) -> Val:
    """A field as it stands in the records; never missing where it is known beforehand that no cell is empty.

    `codes`: those of a closed set, which has a column for each.
    """
    kind = view.kind or ""
    has = {code: pl.col(f"e.{name}.{code}") for code in codes}
    facts = view.run.facts(kind, f"e.{name}.{codes[0]}" if codes else f"e.{name}")
    given = missing_where_null(sort, pl.col(f"e.{name}"))
    if has:
        given = evolve(given, state=missing_where_null("bool", next(iter(has.values()))).state, has=has)
    if facts is None:
        return given
    known = facts.least is not None and facts.most is not None and sort == "day"
    between = (facts.least, facts.most) if known else None
    whole = evolve(given, states=SURE, state=fixed(PLAIN, STATE)) if not facts.nulls else given
    return evolve(whole, between=between)  # type: ignore[arg-type]  # both are known


def _codes(type_: FieldType) -> tuple[str, ...]:
    """The codes of a closed set, in order."""
    return type_.of.codes if type_.name == "set" and type_.of is not None else ()


def _has_any(view: View, given: Val, codes: Sequence[str]) -> pl.Expr:
    if given.has:
        return any_of([given.has[code].fill_null(value=False) for code in codes if code in given.has])
    listed = [fixed(view.run.store.code(code), CODE) for code in codes]
    return any_of([given.value.list.contains(code).fill_null(value=False) for code in listed])


def computed_field(node: ComputedField, at: At) -> Val:
    """A computed field of the event at hand, from the asker's viewpoint."""
    found: Val = build(at.view.run.plan.computed[node.kind, node.name], at)
    return found


def item(node: Item, _at: At) -> Val:
    """The element at hand."""
    if node.field:
        raise lacking("parts of elements of lists")
    return missing_where_null("text", pl.col("item"))


def operator_field(node: OperatorField, at: At) -> Val:
    """A field of the party judged."""
    types = {**_party_types(at), "kind": FieldType("text")}
    type_ = types.get(node.name, FieldType("text"))
    sort = SORTS[_readable(type_, f"operator.{node.name}")]
    column = at.view.with_party(node.name)
    val = missing_where_null(sort, column if sort != "text" else column.cast(CODE))
    return evolve(val, choices=tuple(range(len(at.view.run.store.periods)))) if sort == "period" else val


def _party_types(at: At) -> Mapping[str, FieldType]:
    types = at.view.run.plan.field_types
    return {**types.get(Person.kind, {}), **types.get("operator", {})}


def view_day(_node: ViewDay, at: At) -> Val:
    """The viewpoint's day."""
    return Val("day", pl.col("day"), between=at.view.between.get("day"))


def province(node: Province, at: At) -> Val:
    """The topmost ancestor of a region."""
    code: Val = build(node.region, at)
    regions, store = at.view.run.store.regions, at.view.run.store

    def top(text: str, day: date) -> int | None:
        path = regions.climb(text, day)
        return None if path is None else store.code(path[-1])

    found = by_region(at.view, code, top, CODE)
    unknown = code.is_in(PLAIN) & found.is_null()
    state = chosen([(unknown, fixed(DOUBTFUL, STATE))], code.state)
    return at.view.keep(Val("text", only_where(code.is_in(PLAIN), found), code.states | {DOUBTFUL}, state))


def indicator(node: Indicator, at: At) -> Val:
    """An indicator from the asker's viewpoint, under the law of the viewpoint's day."""
    found: Val = build(at.view.run.plan.indicators[node.name].value, at.under("day"))
    return found


def own_score(_node: OwnScore, at: At) -> Val:
    """The own score of the day judged."""
    view = at.view
    scores = view.run.found.get("own score")
    if scores is None:
        return always("number", DOUBTFUL)
    low, high = (view.let(of_party(view.run, scores, name, absent=None)) for name in ("low", "high"))
    return view.keep(ranged(low, high))


def day_after(node: DayAfter, at: At) -> Val:
    """`add(day, period)`."""
    day: Val = build(node.day, at)
    period: Val = build(node.period, at)
    return at.view.keep(add_to(day, period, at))


def add_to(day: Val, period: Val, at: At) -> Val:
    """A day a period later; doubtful beyond the known calendar."""
    found = days_later(day.value, period, at, day.between)
    state, states = worst([day, period])
    beyond = (state == PLAIN) & found.is_null() if states != SURE else found.is_null()
    state = chosen([(beyond, fixed(DOUBTFUL, STATE))], state)
    return Val("day", found, states | {DOUBTFUL}, state)


def days_later(day: pl.Expr, period: Val, at: At, between: tuple[int, int] | None = None) -> pl.Expr:
    """`add` for each row; null beyond the known calendar, and where there is no plain period.

    `between`: the ends between which the days surely lie.
    """
    periods = at.view.run.store.periods
    chosen_ones = [(code, periods[code]) for code in period.choices if isinstance(periods[code], Period)]
    if len(chosen_ones) == 1 and period.states == SURE:
        return calendar.later(day, chosen_ones[0][1], between)  # type: ignore[arg-type]  # a Period by the line above
    cases = [
        ((period.value == code).fill_null(value=False), calendar.later(day, one, between))  # type: ignore[arg-type]  # as above
        for code, one in chosen_ones
    ]
    return chosen(cases, fixed(None, DAY))


def wide(column: pl.Expr) -> pl.Expr:
    """Room for the product of two whole numbers."""
    return column.cast(WIDE)


# --- combinations ---------------------------------------------------------------------------------------------


def combined(node: Combined, at: At) -> Val:
    """`sum`, `highest` or `lowest` of several values, ranges end by end."""
    vals: list[Val] = [build(value, at) for value in node.values]
    sort = next((val.sort for val in vals if val.states & {PLAIN, RANGE}), "number")
    vals = [val if val.sort == sort else evolve(val, sort=sort, value=nothing(sort), den=None) for val in vals]
    vals, den = in_common(vals)
    fold = _FOLDS[node.op]
    plains = [evolve(val, states=(val.states - {RANGE}) | {PLAIN}, state=_without_range(val)) for val in vals]
    state, states = worst(plains)
    known = state == PLAIN if states != SURE else YES
    value = only_where(known, fold([val.value for val in vals]))
    if not any(RANGE in val.states for val in vals):
        return at.view.keep(Val(sort, value, states, state, den=den))
    lows, highs = (_fold_ends(node.op, [val.ends[side] for val in vals]) for side in (0, 1))
    others = Val(sort, value, states, state)
    return at.view.keep(ranged(only_where(known, lows), only_where(known, highs), den, others=others))


def _without_range(val: Val) -> pl.Expr:
    return chosen([(val.is_in(RANGE), fixed(PLAIN, STATE))], val.state)


def _fold_ends(name: str, side: Sequence[pl.Expr]) -> pl.Expr:
    """The ends folded; an end without limit leaves none, unless it is `lowest`."""
    folded = _FOLDS[name](side)
    if name == "lowest":
        return folded
    return pl.when(~any_of([end.is_null() for end in side])).then(folded)


_FOLDS: Mapping[str, Callable[[Sequence[pl.Expr]], pl.Expr]] = {
    "sum": lambda columns: sum(map(wide, columns[1:]), wide(columns[0])).cast(NUMBER),
    "highest": lambda columns: pl.max_horizontal(*columns),
    "lowest": lambda columns: pl.min_horizontal(*columns),
}


def ratio(node: Ratio, at: At) -> Val:
    """An exact quotient; unknown over zero and over ranges."""
    one: Val = build(node.numerator, at)
    other: Val = build(node.denominator, at)
    state, states = worst([one, other])
    sign = pl.when(other.value < 0).then(-1).otherwise(1)
    top = product(one.value, other.denominator, sign)
    bottom = product(other.value, one.denominator, sign)
    zero = (other.value == 0).fill_null(value=False) & (one.is_in(PLAIN))
    state = chosen([(zero, fixed(DOUBTFUL, STATE))], state)
    known = state == PLAIN
    den = pl.when(known).then(bottom).otherwise(1)
    return at.view.keep(Val("number", only_where(known, top), states | {DOUBTFUL}, state, den=den))


def holds(node: Holds, at: At) -> Val:
    """True, false or unknown, as the condition."""
    truths = build(node.condition, at)
    unsure = truths.may & ~truths.holds
    state = pl.when(unsure).then(fixed(DOUBTFUL, STATE)).otherwise(fixed(PLAIN, STATE))
    return at.view.keep(Val("bool", only_where(~unsure, truths.holds), frozenset({PLAIN, DOUBTFUL}), state))


def rows(node: Rows, at: At) -> Val:
    """The first row that holds; doubtful if an earlier one only may, missing if none does."""
    cases: list[tuple[pl.Expr, Val]] = []
    for row in node.rows:
        truths = build(row.condition, at)
        val = build(row.value, at)
        cases.append((truths.holds, val))
        if truths.may is not truths.holds:
            cases.append((truths.may, always(val.sort, DOUBTFUL)))
    return at.view.keep(pick(cases, always(cases[0][1].sort, MISSING)))


def otherwise(node: Otherwise, at: At) -> Val:
    """The value, or the default where it is missing."""
    val: Val = build(node.value, at)
    if MISSING not in val.states:
        return val
    found = pick([(val.is_in(MISSING), build(node.default, at))], evolve(val, states=val.states - {MISSING}))
    return at.view.keep(found)


def scaled(node: Scaled, at: At) -> Val:
    """The value times a factor."""
    number: Val = build(node.value, at)
    factor: Val = build(node.factor, at)
    if RANGE in factor.states:
        factor = evolve(factor, states=(factor.states - {RANGE}) | {DOUBTFUL}, state=worst([factor])[0])
    den = number.den if factor.den is None else factor.den if number.den is None else product(number.den, factor.den)
    simple = evolve(number, states=(number.states - {RANGE}) | {PLAIN}, state=_without_range(number))
    state, states = worst([simple, factor])
    value = product(number.value, factor.value)
    if RANGE not in number.states:
        return at.view.keep(Val("number", value, states, state, den=den))
    # an unknown factor makes a range doubtful, whatever else the factor is
    spoilt = number.is_in(RANGE) & ~factor.is_in(PLAIN, NOT_IN_FORCE)
    state = chosen([(spoilt, fixed(DOUBTFUL, STATE))], state) if factor.states != SURE else state
    known = state == PLAIN
    low, high = (product(end, factor.value) for end in number.ends)
    below, zero = (factor.value < 0).fill_null(value=False), (factor.value == 0).fill_null(value=False)
    none = fixed(0, NUMBER)
    first = chosen([(zero, none), (below, high)], low)
    last = chosen([(zero, none), (below, low)], high)
    others = Val("number", value, states | {DOUBTFUL}, state)
    return at.view.keep(ranged(only_where(known, first), only_where(known, last), den, others=others))


def rounded(node: Rounded, at: At) -> Val:
    """The value rounded to a multiple of the step, on magnitudes."""
    number: Val = build(node.value, at)
    step = node.step

    def round_to(value: pl.Expr) -> pl.Expr:
        size, per = wide(value).abs() * step.denominator, wide(number.denominator) * step.numerator
        whole, rest = size // per, size % per
        if node.mode == "up":
            whole += (rest > 0).cast(WIDE)
        elif node.mode == "half_up":
            whole += (2 * rest >= per).cast(WIDE)
        return (whole * step.numerator * pl.when(value < 0).then(-1).otherwise(1)).cast(NUMBER)

    den = None if step.denominator == 1 else fixed(step.denominator, NUMBER)
    if RANGE not in number.states:
        return at.view.keep(Val("number", round_to(number.value), number.states, number.state, den=den))
    low, high = (round_to(end) for end in number.ends)
    return at.view.keep(ranged(low, high, den, others=number))


def bounded(node: Bounded, at: At) -> Val:
    """The value, but not below `low` and not above `high`."""
    number: Val = build(node.value, at)
    given = [build(limit, at) if limit is not None else None for limit in (node.low, node.high)]
    limits = [limit for limit in given if limit is not None]
    every, den = in_common([number, *limits])
    number = every[0]
    rest = iter(every[1:])
    low, high = (None if limit is None else next(rest).value for limit in given)

    def clamp(value: pl.Expr) -> pl.Expr:
        if low is not None:
            value = pl.when(value < low).then(low).otherwise(value)
        return value if high is None else pl.when(value > high).then(high).otherwise(value)

    sure_limits = all(limit.states == SURE for limit in limits)
    value, state, states = clamp(number.value), number.state, number.states
    known = YES
    if not sure_limits:
        known = ~any_of([~limit.is_in(PLAIN) for limit in limits])
        state = chosen([(known, state)], worst([*limits, number])[0])
        states = states | worst([*limits, number])[1]
        value = only_where(known, value)
    if RANGE not in number.states:
        return at.view.keep(Val(number.sort, value, states, state, den=den))
    ends = [clamp(end) for end in number.ends]
    ends[0] = ends[0] if low is None else pl.when(number.ends[0].is_null()).then(low).otherwise(ends[0])
    ends[1] = ends[1] if high is None else pl.when(number.ends[1].is_null()).then(high).otherwise(ends[1])
    others = Val(number.sort, value, states, state)
    return at.view.keep(ranged(only_where(known, ends[0]), only_where(known, ends[1]), den, others=others))


TABLE: dict[type[Node], Make] = {
    Literal: literal,
    Parameter: parameter,
    LookUp: look_up,
    EventField: event_field,
    ComputedField: computed_field,
    Item: item,
    OperatorField: operator_field,
    ViewDay: view_day,
    Province: province,
    Indicator: indicator,
    OwnScore: own_score,
    DayAfter: day_after,
    Combined: combined,
    Ratio: ratio,
    Holds: holds,
    Rows: rows,
    Otherwise: otherwise,
    Scaled: scaled,
    Rounded: rounded,
    Bounded: bounded,
}
