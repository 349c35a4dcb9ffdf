"""What a compiled piece is made of: values and truths as Polars expressions over the rows of a view.

A value is a `Val`: `value` is null wherever it is not plain, and `state` says what it is there. A truth is two columns
without nulls, `holds` and `may`. Days are whole numbers as `date.toordinal` counts them, texts and periods are codes,
numbers whole, a quotient two of them. No column is ever a float.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache, reduce
from operator import and_, or_

import polars as pl
from attrs import evolve, field, frozen

PLAIN, NONE, MISSING, DOUBTFUL, NOT_IN_FORCE, RANGE, POSSIBLE = range(7)  # the first five: the greatest decides
FIRST_DAY, LAST_DAY = date.min.toordinal(), date.max.toordinal()
DAY, CODE, NUMBER, STATE, WIDE = pl.Int32(), pl.UInt32(), pl.Int64(), pl.Int8(), pl.Int128()
SURE: frozenset[int] = frozenset({PLAIN})
MAYBE_MISSING: frozenset[int] = frozenset({PLAIN, MISSING})
DTYPES: dict[str, pl.DataType] = {
    "number": NUMBER,
    "day": DAY,
    "text": CODE,
    "period": CODE,
    "bool": pl.Boolean(),
    "list": pl.List(CODE),
}


@lru_cache(maxsize=1 << 12)
def fixed(value: int | str | bool | None, dtype: pl.DataType | type[pl.DataType]) -> pl.Expr:  # noqa: FBT001  # a cell
    """A literal of a type, made once: Polars makes a column of it first, which takes a while."""
    return pl.lit(value, dtype)


_PLAIN = fixed(PLAIN, STATE)


@frozen(eq=False)
class Val:
    """A value: `sort` is number, day, text, period, bool or list.

    `low` and `high` are the ends of a range, of a plain number the number itself; a null end is no limit. A number is
    `value / den`. `states`: those that may occur at all; `choices`: the codes that a period may have. `labels`: of a
    grade, a column for each label that is true where it is possible. `between`: the ends between which days lie, if
    they are known beforehand. `has`: of a set of closed codes, a column for each that is true where the set has it.
    """

    sort: str
    value: pl.Expr
    states: frozenset[int] = SURE
    state: pl.Expr = _PLAIN
    low: pl.Expr | None = None
    high: pl.Expr | None = None
    den: pl.Expr | None = None
    choices: tuple[int, ...] = ()
    labels: Mapping[str, pl.Expr] = field(factory=dict)
    between: tuple[int, int] | None = None
    has: Mapping[str, pl.Expr] = field(factory=dict)

    def is_in(self, *states: int) -> pl.Expr:
        """Whether it is in one of these states."""
        wanted = [state for state in states if state in self.states]
        if not wanted:
            return NO
        if self.states <= set(wanted):
            return YES
        return any_of([self.state == state for state in wanted])

    @property
    def ends(self) -> tuple[pl.Expr, pl.Expr]:
        """Its two ends, of a plain number twice the same."""
        return self.value if self.low is None else self.low, self.value if self.high is None else self.high

    @property
    def denominator(self) -> pl.Expr:
        """What it is divided by."""
        return fixed(1, NUMBER) if self.den is None else self.den


@frozen(eq=False)
class Truths:
    """Whether something holds, and whether it may; neither column has nulls. One column twice: nothing is unknown."""

    holds: pl.Expr
    may: pl.Expr

    @property
    def is_sure(self) -> bool:
        """Whether nothing is unknown on any row."""
        return self.holds is self.may

    def negated(self) -> Truths:
        """Kleene negation."""
        return sure(~self.holds) if self.is_sure else Truths(~self.may, ~self.holds)

    def masked(self, where: pl.Expr) -> Truths:
        """The same where `where` is true, and false elsewhere."""
        return both([self, sure(where)])


def sure(column: pl.Expr) -> Truths:
    """Truths of which nothing is unknown."""
    return Truths(column, column)


YES, NO = pl.lit(value=True), pl.lit(value=False)
ALWAYS, NEVER = sure(YES), sure(NO)


def all_of(parts: Iterable[pl.Expr]) -> pl.Expr:
    """Conjunction of columns without nulls."""
    kept = [part for part in parts if part is not YES]
    return NO if any(part is NO for part in kept) else reduce(and_, kept) if kept else YES


def any_of(parts: Iterable[pl.Expr]) -> pl.Expr:
    """Disjunction of columns without nulls."""
    kept = [part for part in parts if part is not NO]
    return YES if any(part is YES for part in kept) else reduce(or_, kept) if kept else NO


def both(truths: Sequence[Truths]) -> Truths:
    """Whether all of several hold."""
    if all(each.is_sure for each in truths):
        return sure(all_of(each.holds for each in truths))
    return Truths(all_of(each.holds for each in truths), all_of(each.may for each in truths))


def either(truths: Sequence[Truths]) -> Truths:
    """Whether one of several holds."""
    if all(each.is_sure for each in truths):
        return sure(any_of(each.holds for each in truths))
    return Truths(any_of(each.holds for each in truths), any_of(each.may for each in truths))


def chosen(cases: Sequence[tuple[pl.Expr, pl.Expr]], otherwise: pl.Expr) -> pl.Expr:
    """The first case whose condition is true."""
    result = otherwise
    for condition, value in reversed(cases):
        if condition is not NO:
            result = value if condition is YES else pl.when(condition).then(value).otherwise(result)
    return result


def nothing(sort: str) -> pl.Expr:
    """No value of a sort."""
    return fixed(None, DTYPES[sort])


def always(sort: str, state: int) -> Val:
    """A value that is in one state on every row."""
    return Val(sort, nothing(sort), frozenset({state}), fixed(state, STATE))


def missing_where_null(sort: str, value: pl.Expr) -> Val:
    """A value that is missing where its column is null."""
    state = pl.when(value.is_null()).then(fixed(MISSING, STATE)).otherwise(fixed(PLAIN, STATE))
    return Val(sort, value, MAYBE_MISSING, state)


def worst(vals: Sequence[Val]) -> tuple[pl.Expr, frozenset[int]]:
    """The state of what is made of several values, plain where all are; ranges make it doubtful."""
    states = {DOUBTFUL if state == RANGE else state for val in vals for state in val.states}
    columns = [
        val.state if RANGE not in val.states else chosen([(val.is_in(RANGE), fixed(DOUBTFUL, STATE))], val.state)
        for val in vals
        if val.states != SURE
    ]
    if not columns:
        return fixed(PLAIN, STATE), SURE
    return (columns[0] if len(columns) == 1 else pl.max_horizontal(columns)), frozenset(states | {PLAIN})


def only_where(condition: pl.Expr, value: pl.Expr) -> pl.Expr:
    """The value where the condition is true, else null."""
    return value if condition is YES else pl.when(condition).then(value)


def in_common(vals: Sequence[Val]) -> tuple[list[Val], pl.Expr | None]:
    """Several numbers over one denominator."""
    dens = [val.den for val in vals if val.den is not None]
    if not dens:
        return list(vals), None
    common = product(*dens)
    found = []
    for place, val in enumerate(vals):
        others = [each.den for index, each in enumerate(vals) if index != place and each.den is not None]
        factor = product(*others) if others else None
        found.append(val if factor is None else times_each(val, factor))
    return found, common


def product(*factors: pl.Expr) -> pl.Expr:
    """Whole numbers multiplied; a product that is too large for 64 bits ends the run instead of wrapping around."""
    return reduce(lambda one, other: one * other, (factor.cast(WIDE) for factor in factors)).cast(NUMBER)


def total(column: pl.Expr) -> pl.Expr:
    """Whole numbers added up; a sum that is too large for 64 bits ends the run instead of wrapping around."""
    return column.cast(WIDE).sum().cast(NUMBER)


def times_each(val: Val, factor: pl.Expr) -> Val:
    """Value and ends times a positive whole number."""
    low = None if val.low is None else product(val.low, factor)
    high = None if val.high is None else product(val.high, factor)
    return evolve(val, value=product(val.value, factor), low=low, high=high)


def ranged(low: pl.Expr, high: pl.Expr, den: pl.Expr | None = None, *, others: Val | None = None) -> Val:
    """A number between two ends, plain where they meet; `others`: the states of rows that are neither."""
    meet = low.eq(high).fill_null(value=False)
    state = pl.when(meet).then(fixed(PLAIN, STATE)).otherwise(fixed(RANGE, STATE))
    states = frozenset({PLAIN, RANGE})
    if others is not None:
        usual = others.is_in(PLAIN, RANGE)
        state = chosen([(usual, state)], others.state)
        states |= others.states
        meet = meet if usual is YES else meet & usual
    return Val("number", pl.when(meet).then(low), states, state, low, high, den)


def looked_up(table: pl.Series, place: pl.Expr) -> pl.Expr:
    """The value at a place of a table, row by row; a place that is the same on every row gives one value for all."""
    found = pl.lit(table).gather(place)
    return found if place.meta.root_names() else found.first()


_FEW = 8  # flags whose combinations are listed beforehand


def listed(texts: Sequence[str], flags: Sequence[pl.Expr]) -> pl.Expr:
    """The texts whose flags are true, as a list in the order given; flags have no nulls."""
    if not texts:
        return pl.lit([], pl.List(pl.String))
    if len(texts) > _FEW:
        columns = [pl.when(flag).then(pl.lit(text)) for text, flag in zip(texts, flags, strict=True)]
        return pl.concat_list(columns).list.drop_nulls()
    every = [[text for place, text in enumerate(texts) if number >> place & 1] for number in range(1 << len(texts))]
    number = reduce(lambda one, other: one + other, (flag.cast(CODE) * (1 << i) for i, flag in enumerate(flags)))
    return looked_up(pl.Series(every, dtype=pl.List(pl.String)), number)


def places_in(dictionary: pl.Series, texts: pl.Series) -> pl.Series:
    """The places of a few texts in a dictionary in order; null for those that it does not have."""
    found = dictionary.search_sorted(texts.fill_null("")) if len(texts) else pl.Series([], dtype=CODE)
    at = pl.lit(dictionary).gather(pl.when(pl.col("found") < len(dictionary)).then(pl.col("found")))
    rows = pl.DataFrame({"text": texts, "found": found.cast(CODE)})
    there = pl.when(at == pl.col("text")).then(pl.col("found"))
    return rows.select(there.alias(texts.name)).get_column(texts.name)
