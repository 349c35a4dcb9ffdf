"""Questions about a folder put to the columns engine, in few passes; and its rows among those of others.

Whom the engine does not judge it leaves to the plain engine (`Scored.rest`); `merged` puts the rows of both in the
order of the questions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

import polars as pl
from attrs import field, frozen

from credit_engine.assessing.obligations import STATES
from credit_engine.assessing.program import AUDIENCES
from credit_engine.engines.columns.alike import decided
from credit_engine.engines.columns.lacking import lacking_for_all, told
from credit_engine.engines.columns.narrowing import QUESTIONS, held, in_memory
from credit_engine.engines.columns.passing import MADE, Asking, Pass, open_to, shown
from credit_engine.engines.columns.prepared import Prepared
from credit_engine.engines.columns.program import TABLE
from credit_engine.engines.columns.reaching import Day
from credit_engine.engines.columns.shapes import places_in
from credit_engine.engines.columns.view import Run, fields_of, is_read
from credit_engine.engines.rows import added_summaries
from credit_engine.errors import Problem
from credit_engine.files.frames import frames_of
from credit_engine.files.panels import Question
from credit_engine.files.results import Table, rows_of
from credit_engine.policy.nodes import Literal
from credit_engine.policy.plan import Plan

_FEW = 1 << 16  # so many questions are one pass, whatever is asked about
_AT_ONCE = 1 << 22  # events of the questions of one pass


@frozen(eq=False)
class Scored:
    """The rows of the questions that columns answer, by table, with the places of their questions (`asked`).

    `rest`: the places of the questions that the plain engine has to answer, or that nobody can. `effects`: those of
    the days on which they were found in columns, whomever they reach (none: on no day). `why`: reasons for which
    everybody was routed on some day. `counts`, `grades`, `entries`, `outside_by`, `no_region`: for a summary.
    """

    frames: Mapping[str, pl.DataFrame]
    rest: Sequence[int]
    why: tuple[str, ...] = ()
    effects: pl.DataFrame | None = None
    counts: Counter[str] = field(factory=Counter)
    grades: Mapping[str, Counter[str]] = field(factory=dict)
    outside_by: Counter[str] = field(factory=Counter)
    no_region: Counter[str] = field(factory=Counter)
    entries: Mapping[str, Counter[str]] = field(factory=dict)


def scored(make: Callable[[], Prepared], asking: Asking, questions: Sequence[Question]) -> Scored:
    """What columns answer of all questions; `make` gives the records, and is called only if columns can judge."""
    plan, everything = asking.policy.plan, range(len(questions))
    lacks = [told(each) for each in lacking_for_all(plan)]
    lacks += _hidden_labels(plan, asking.audience)
    if lacks:
        for day in sorted({(each.day, each.known_at or each.day) for each in questions}):
            asking.spread_on(day)
        return Scored({}, everything, tuple(lacks))
    store = make()
    passes = list(_passes(asking, store, _asked(store, questions)))
    frames = {name: _together([each.frames[name] for each in passes]) for name in MADE}
    done = {place for each in passes for place in each.done}
    return Scored(
        frames,
        [place for place in everything if place not in done],
        tuple(dict.fromkeys(reason for each in passes for reason in each.why)),
        _every([each.effects for each in passes if each.effects is not None]),
        sum((each.counts for each in passes), Counter()),
        _grades(plan, frames["assessments"], asking.audience),
        sum((each.outside_by for each in passes), Counter()),
        sum((each.no_region for each in passes), Counter()),
        _entries(frames["entries"]),
    )


def _every(frames: list[pl.DataFrame]) -> pl.DataFrame | None:
    return pl.concat(frames) if frames else None


def _hidden_labels(plan: Plan, audience: str | None) -> list[str]:
    """Grades whose audience differs by party are withheld by the plain engine."""
    if audience in (None, AUDIENCES[-1]):
        return []
    scales = [scale for scale in plan.scales if not isinstance(scale.audience, Literal)]
    return [
        told(Problem("unsupported", f"the audience of {scale.name} differs by party", scale.place)) for scale in scales
    ]


# --- passes ---------------------------------------------------------------------------------------------------


def _asked(store: Prepared, questions: Sequence[Question]) -> pl.DataFrame:
    """The questions that columns answer (`QUESTIONS`): none that names an event, or a party that there is not."""
    days = [question.day.toordinal() for question in questions]
    known = [(question.known_at or question.day).toordinal() for question in questions]
    rows = pl.DataFrame(
        {
            "asked": range(len(questions)),
            "party": places_in(store.party_ids, pl.Series([question.party for question in questions], dtype=pl.String)),
            "judged": days,
            "known": known,
        },
        schema=QUESTIONS,
    )
    of_a_day = pl.Series([question.event is None for question in questions], dtype=pl.Boolean)
    return rows.filter(of_a_day, pl.col("party").is_not_null())


def _passes(asking: Asking, store: Prepared, asked: pl.DataFrame) -> Iterator[Pass]:
    """The questions in few passes: about everybody day by day, else about all those of days that are alike at once.

    Day by day too where effects of affiliates are looked for, for then it matters who else there is.
    """
    days = asked.select("judged", "known").unique()
    many = len(asked) > _FEW and 2 * len(asked) > len(days) * store.party_count
    if len(days) > 1 and asking.affiliates is None and not many:
        yield from _at_once(asking, store, asked)
        return
    if len(days) > 1:
        store = in_memory(store, _reads(asking.policy.plan))
    for rows in _by_day(asked):
        yield Pass(asking, store, _day_of(rows), rows)


def _reads(plan: Plan) -> Callable[[str], bool]:
    """Whether a column of events is read at all."""
    fields = fields_of(plan)
    return lambda column: is_read(column, fields)


def _by_day(asked: pl.DataFrame) -> list[pl.DataFrame]:
    return asked.sort("judged", "known", maintain_order=True).partition_by("judged", "known", maintain_order=True)


def _day_of(asked: pl.DataFrame) -> Day:
    judged, known = asked.select("judged", "known").row(0)
    return date.fromordinal(judged), date.fromordinal(known)


def _at_once(asking: Asking, store: Prepared, asked: pl.DataFrame) -> Iterator[Pass]:
    """All questions about days that are alike in one pass, or so many that their records are not too many."""
    plan = asking.policy.plan
    records = held(store, asked.get_column("party"), _reads(plan))
    run = Run(TABLE, store, plan, *_day_of(asked))
    days = asked.get_column("judged").unique().sort()
    every = [decided(run, date.fromordinal(day)) for day in days]
    kinds = {one: place for place, one in enumerate(dict.fromkeys(every))}
    alike = pl.DataFrame({"judged": days, "alike": [kinds[one] for one in every]})
    rows = asked.join(alike, on="judged").sort("alike", "party", "judged", "known", "asked")
    so_far = (records.size(rows.get_column("party")) + 1).cum_sum()
    for each in rows.with_columns(part=so_far // _AT_ONCE).partition_by("alike", "part", maintain_order=True):
        found = Pass(asking, records.questions(each), _day_of(each), each)
        if not found.is_refused:
            yield found
            continue
        for some in _by_day(each):  # whoever has numbers that are too large hinders his own day alone
            yield Pass(asking, records.questions(some), _day_of(some), some)


# --- counts ---------------------------------------------------------------------------------------------------


def _grades(plan: Plan, rows: pl.DataFrame, audience: str | None) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {scale.name: Counter() for scale in plan.scales}
    if not len(rows):
        return found
    judged = rows.filter(pl.col("outside_policy").fill_null(value=False).not_())
    for scale, column in shown(plan, open_to(audience)).items():
        found[scale].update(dict(judged.group_by(pl.col(column).fill_null("unknown")).len().iter_rows()))
    return found


def _entries(rows: pl.DataFrame) -> dict[str, Counter[str]]:
    """How many entries each list has in each state."""
    found: dict[str, Counter[str]] = {}
    for name, state, count in rows.group_by("list", "state").len().iter_rows() if len(rows) else ():
        found.setdefault(name, Counter())[state] += count
    return found


# --- rows of both engines -------------------------------------------------------------------------------------


def _together(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """The rows of several passes in the order of the questions."""
    filled = [frame for frame in frames if len(frame.columns) > 1] or frames[:1]
    if not filled:
        return pl.DataFrame(schema={"asked": pl.UInt32})
    rows = pl.concat(filled)
    return rows if rows.get_column("asked").is_sorted() else rows.sort(_keys(rows))


def _keys(frame: pl.DataFrame) -> list[str]:
    return ["asked", "line"] if "line" in frame.columns else ["asked"]


def merged(plan: Plan, found: Scored, plain: Iterable[Table], places: Mapping[str, Sequence[int]]) -> list[Table]:
    """The tables of the plain engine with the rows of columns among them, in the order of the questions.

    `places`: for each table of the plain engine the places of its rows among the questions.
    """
    own: Mapping[str, Callable[[Table], Table]] = {
        "obligations_summary": lambda table: _summed(plan, found.frames.get("obligations"), table),
        "effects": lambda table: _with_effects(found.effects, table),
    }
    return [
        own[table.name](table)
        if table.name in own
        else _merged(found.frames.get(table.name), table, places.get(table.name, ()))
        for table in plain
    ]


def _with_effects(effects: pl.DataFrame | None, table: Table) -> Table:
    """The effects found here, by party and day, and behind them what regions take over, which the plain engine told."""
    if effects is None:
        return table
    names = [name for name, _ in table.columns]
    here = effects.with_columns(line=pl.int_range(pl.len(), dtype=pl.Int64), of_plain=pl.lit(value=False))
    columns = [*names, "of_plain"]
    parts = [here, *(frame.with_columns(of_plain=pl.lit(value=True)) for frame in frames_of(table.rows, table.columns))]
    rows = pl.concat(part.select(columns) for part in parts).sort("party", "day", "of_plain", "line")
    line = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("party", "day")
    return Table(table.name, table.columns, rows.with_columns(line=line).select(names))


def _summed(plan: Plan, owed: pl.DataFrame | None, table: Table) -> Table:
    """The summary of the obligations that the plain engine found, with those found here (`owed`) added."""
    if owed is None or not len(owed):
        return table
    due = owed.filter(pl.col("due").is_null() | (pl.col("due") <= pl.col("day")))
    keys = ["day", "rule", "region", pl.col("due").dt.strftime("%Y-%m").alias("month")]
    counts = [(pl.col("state") == state).cast(pl.Int64).sum().alias(state) for state in STATES]
    rows = due.group_by(keys).agg(pl.len().cast(pl.Int64).alias("all"), *counts)
    return Table(table.name, table.columns, added_summaries([*map(tuple, rows_of(table)), *rows.iter_rows()], plan))


def _merged(frame: pl.DataFrame | None, table: Table, places: Sequence[int]) -> Table:
    if frame is None or len(frame.columns) == 1:
        return table
    names = [name for name, _ in table.columns]
    if places:
        mine = pl.concat(frames_of(table.rows, table.columns))
        mine = mine.with_columns(asked=pl.Series(places, dtype=pl.UInt32))
        frame = pl.concat([frame.select("asked", *names), mine.select("asked", *names)]).sort(_keys(frame))
    return Table(table.name, table.columns, frame.select(names))
