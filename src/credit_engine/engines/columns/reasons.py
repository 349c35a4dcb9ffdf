"""The lines of reasons: whole numbers first, in the order of the table; texts last, for as many rows as are wanted.

There are several lines for each event that counts, and texts take many times the room of what they are made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import polars as pl
from attrs import frozen

from credit_engine.assessing.program import Program
from credit_engine.engines.columns.audiences import audience_at, rank_of
from credit_engine.engines.columns.calendar import as_date
from credit_engine.engines.columns.meanwhile import two_at_once
from credit_engine.engines.columns.shapes import CODE, DAY, FIRST_DAY, LAST_DAY, NUMBER, WIDE, fixed
from credit_engine.engines.columns.view import Run, of_party
from credit_engine.engines.rows import PARTS
from credit_engine.files.frames import DTYPES
from credit_engine.policy.plan import Score, ScoreRule
from credit_engine.quantities import decimal_text

# `place`: of the rule, then of the group, then the range; `first` and `last`: the days it counts; `lenient`: the place
# of the texts of the laws compared, in a list of their own; `line`: its number among those of the party
LINE: Mapping[str, pl.DataType] = {
    "party": CODE, "place": pl.UInt16(), "event": CODE, "item": CODE, "points": NUMBER,
    "first": DAY, "last": DAY, "law": DAY, "lenient": CODE, "line": CODE,
}  # fmt: skip
_ROOM = 2**62
_AT_ONCE = 1 << 17  # parties whose lines are put in order together
_EMPTY = pl.lit([], pl.List(pl.String()))


@frozen(eq=False)
class Lines:
    """Lines in order as whole numbers (of `LINE`, what has no value may be left out), and texts of `lenient`."""

    rows: pl.DataFrame
    laws: Sequence[Sequence[str]] = ()

    def of(self, parties: pl.DataFrame) -> Lines:
        """The lines of some parties (column `party`)."""
        return Lines(self.rows.join(parties.select("party"), on="party", how="semi", maintain_order="left"), self.laws)

    def without(self, parties: pl.DataFrame) -> Lines:
        """The lines of all others."""
        if not len(parties):
            return self
        return Lines(self.rows.join(parties.select("party"), on="party", how="anti", maintain_order="left"), self.laws)


NO_LINES = Lines(pl.DataFrame(schema=LINE))


def cut(run: Run, rows: pl.DataFrame) -> list[pl.DataFrame]:
    """Rows as the pieces that are put in order one after the other: those of so many parties each."""
    ends = range(0, max(len(run.store.party_ids), 1) + _AT_ONCE, _AT_ONCE)
    party = rows.get_column("party")
    if party.is_sorted():
        places = party.search_sorted(pl.Series(ends, dtype=CODE))
        return [rows.slice(begin, end - begin) for begin, end in pairwise(places)]
    return [rows.filter(pl.col("party").is_between(begin, end - 1)) for begin, end in pairwise(ends)]


def lined_up(run: Run, score: Score, pieces: Iterable[Sequence[pl.DataFrame]]) -> Lines:
    """Lines in the order of party, rule, event and element, whatever order they come in, piece by piece (see `cut`).

    They have columns of `LINE` but for `lenient` and `line`, and may have `element`, `laws` and `law_points`. Of an
    iterator pieces are let go of as they are done, so that few lines are held twice.
    """
    events = len(run.store.texts) + len(run.store.added) + 1
    places = len(score.rules) + len(score.groups) + 1
    dtype = NUMBER if len(run.store.party_ids) * places * events < _ROOM else WIDE
    party = pl.col("party")
    key = (party.cast(dtype) * places + pl.col("place").cast(dtype)) * events
    of_event = key + (pl.col("event").cast(dtype) + 1).fill_null(0)
    number = pl.int_range(pl.len(), dtype=CODE)
    begins = pl.when((party != party.shift()).fill_null(value=True)).then(number).forward_fill()

    def in_order(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
        keyed = [
            part.lazy().with_columns(pl.col("points").cast(NUMBER), key=of_event if "event" in part.columns else key)
            for part in parts
        ]
        rows = run.collect(pl.concat(keyed, how="diagonal")).rechunk()
        rows = rows.sort(["key", "element"] if "element" in rows.columns else ["key"]).drop("key")
        return rows.with_columns(line=number - begins + 1)

    rows = pl.concat(two_at_once(in_order, pieces))
    rows, laws = _lenient(rows) if "laws" in rows.columns else (rows, ())
    return Lines(rows.select(name for name in LINE if name in rows.columns), laws)


def _lenient(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[list[str]]]:
    """The law days and points of lenient rules as texts, made once for each that differs; the first is of no such."""
    pairs = rows.select("laws", "law_points").filter(pl.col("laws").is_not_null()).unique(maintain_order=True)
    texts = [
        [f"{date.fromordinal(day)}: {decimal_text(points)}" for day, points in zip(days, each, strict=True)]
        for days, each in pairs.iter_rows()
    ]
    table = pairs.with_columns(lenient=pl.int_range(1, pl.len() + 1, dtype=CODE))
    found = rows.join(table, on=["laws", "law_points"], how="left", maintain_order="left")
    return found.with_columns(pl.col("lenient").fill_null(0)), [[], *texts]


# --- texts ----------------------------------------------------------------------------------------------------


@frozen(eq=False)
class Reasons:
    """The lines of a day, and how their texts are made."""

    lines: Lines
    texts: Callable[[pl.LazyFrame], pl.LazyFrame]

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self.lines.rows)

    def parts(self, size: int) -> Iterator[pl.DataFrame]:
        """The rows of the table, so many at a time."""
        for part in self.lines.rows.iter_slices(size):
            yield self.texts(part.lazy()).collect()

    def table(self) -> pl.DataFrame:
        """All of them."""
        return self.texts(self.lines.rows.lazy()).collect()


def reasons_of(run: Run, program: Program, lines: Lines, audience: pl.Expr) -> Reasons:
    """The lines, with the way to their texts; `audience`: of each party's answer."""
    columns = _columns(run, program, lines)
    columns["audience"] = audience
    schema = PARTS["reasons"]

    def texts(rows: pl.LazyFrame) -> pl.LazyFrame:
        return rows.select(columns[name].cast(DTYPES[type_]).alias(name) for name, type_ in schema)

    return Reasons(lines, texts)


def audience_of(run: Run, audience: pl.DataFrame) -> pl.Expr:
    """Who may see the answer about a row's party."""
    different = audience.get_column("audience").unique()
    if len(different) <= 1:
        return pl.lit(different.first(), pl.String)
    return audience_at(of_party(run, audience.with_columns(rank_of(pl.col("audience"))), "audience"))


def _columns(run: Run, program: Program, lines: Lines) -> dict[str, pl.Expr]:
    """The columns of the table, from those of the lines that are there."""
    have = set(lines.rows.columns)
    score = run.plan.score
    rules, groups = ((), ()) if score is None else (score.rules, tuple(score.groups))

    def of(name: str) -> pl.Expr:
        return pl.col(name) if name in have else fixed(None, LINE[name])

    def told(of_rules: Sequence[Any], of_groups: Sequence[Any], last: Any) -> pl.Expr:  # Any: texts, or lists of them
        dtype = pl.List(pl.String()) if isinstance(last, list) else pl.String()
        return pl.lit(pl.Series([*of_rules, *of_groups, last], dtype=dtype)).gather(pl.col("place"))

    none = [None] * len(groups)
    kinds = [None if rule.each is None else rule.each.kind for rule in rules]
    first, last = of("first"), of("last")
    return {
        "party": run.store.as_parties(pl.col("party")),
        "day": run.date,
        "viewpoint": pl.lit(None),
        "line": pl.col("line"),
        "kind": told(["rule"] * len(rules), ["group"] * len(groups), "range"),
        "rule": told([rule.id for rule in rules], groups, "range"),
        "event_kind": pl.when(of("event").is_not_null()).then(told(kinds, none, None)),
        "event": run.store.as_texts(of("event")) if "event" in have else pl.lit(None),
        "item": run.store.as_texts(of("item")) if "item" in have else pl.lit(None),
        "points": pl.col("points"),
        "from": pl.when(first > FIRST_DAY).then(as_date(first)),
        "until": pl.when(last < LAST_DAY).then(as_date(last + 1)),
        "group": told([rule.group for rule in rules], groups, None),
        "law_day": as_date(of("law")),
        "basis": told([list(rule.basis.sources) for rule in rules], [[]] * len(groups), []),
        "laws": pl.lit(pl.Series(lines.laws, dtype=pl.List(pl.String()))).gather("lenient") if lines.laws else _EMPTY,
        "parameters": _parameters(run, program, rules, of("law")),
    }  # fmt: skip


def _parameters(run: Run, program: Program, rules: Sequence[ScoreRule], law: pl.Expr) -> pl.Expr:
    """The parameters that a rule reads on its law day, as text: one list for each rule and stretch of unchanged law."""
    lists: list[list[str]] = [[]]
    place = fixed(0, CODE)
    for number, rule in enumerate(rules):
        if not rule.parameters:
            continue
        steps = [step.since for name in rule.parameters for step in run.plan.parameters[name].values]
        days = sorted({date.min, *steps})
        begun = [(law >= day.toordinal()).cast(CODE) for day in days[1:]]
        place = pl.when(pl.col("place") == number).then(sum(begun, fixed(len(lists), CODE))).otherwise(place)
        for since in days:
            read = program.parameters_read(rule.id, rule.parameters, since)
            lists.append([f"{one.name} = {one.value} since {one.since} ({one.source})" for one in read])
    if len(lists) == 1:
        return _EMPTY
    return pl.lit(pl.Series(lists, dtype=pl.List(pl.String()))).gather(place.cast(CODE))
