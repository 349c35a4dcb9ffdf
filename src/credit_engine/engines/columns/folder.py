"""Questions about a folder put to the columns engine: one pass for each day; and its rows among those of others.

Whom the engine does not judge it leaves to the plain engine (`Scored.rest`); `merged` puts the rows of both in the
order of the questions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import polars as pl
from attrs import field, frozen

from credit_engine.assessing.obligations import STATES
from credit_engine.assessing.program import AUDIENCES
from credit_engine.engines.columns.answering import Answers, answered
from credit_engine.engines.columns.lacking import lacking_for_all, told
from credit_engine.engines.columns.narrowing import Narrow, held
from credit_engine.engines.columns.prepared import Prepared
from credit_engine.engines.columns.reaching import Affiliates, Day
from credit_engine.engines.columns.view import Engine, fields_of, is_read
from credit_engine.engines.questions import Reasons
from credit_engine.engines.rows import added_summaries
from credit_engine.engines.summary import topmost
from credit_engine.errors import CreditEngineError, Problem
from credit_engine.files.frames import frames_of
from credit_engine.files.panels import Question
from credit_engine.files.results import Table, rows_of
from credit_engine.policy.load import Policy
from credit_engine.policy.nodes import Literal
from credit_engine.policy.plan import Plan

# what columns make by themselves; effects are also on parties without an answer, and stand apart
MADE = ("assessments", "reasons", "unknowns", "entries", "measures", "findings", "obligations", "supervision")


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


@frozen(eq=False)
class Asking:
    """What is asked of the engine. `audience`: leave out what it may not see. `engine`: which one of Polars collects.

    `affiliates`: how effects are looked for; `spread_on(day)` has the plain engine do so, where it answers everybody.
    Without them no effects are looked for. `tick` is called with how many questions were answered. `reasons`: of whom
    the lines of reasons are told.
    """

    policy: Policy
    audience: str | None = None
    affiliates: Affiliates | None = None
    spread_on: Callable[[Day], None] = lambda _day: None
    tick: Callable[[int], None] = lambda _done: None
    engine: Engine = "streaming"
    reasons: Reasons = "all"


def scored(make: Callable[[], Prepared], asking: Asking, questions: Sequence[Question]) -> Scored:
    """What columns answer of all questions; `make` gives the records, and is called only if columns can judge."""
    plan, everything = asking.policy.plan, range(len(questions))
    by_day: dict[Day, list[int]] = {}
    for place, question in enumerate(questions):
        by_day.setdefault((question.day, question.known_at or question.day), []).append(place)
    lacks = [told(each) for each in lacking_for_all(plan)]
    lacks += _hidden_labels(plan, asking.audience)
    if lacks:
        for day in sorted(by_day):
            asking.spread_on(day)
        return Scored({}, everything, tuple(lacks))
    store = make()
    narrow = _narrowing(plan, store, questions) if len(by_day) > 1 else None
    days = []
    for day, places in sorted(by_day.items()):
        asked = [(place, questions[place]) for place in places]
        there = store if narrow is None else narrow({question.party for _, question in asked})
        days.append(_Day(asking, there, day, asked))
    frames = {name: _together([day.frames[name] for day in days]) for name in MADE}
    done = {place for day in days for place in day.done}
    return Scored(
        frames,
        [place for place in everything if place not in done],
        tuple(dict.fromkeys(reason for day in days for reason in day.why)),
        _every([day.effects for day in days if day.effects is not None]),
        sum((day.counts for day in days), Counter()),
        _grades(plan, frames["assessments"], asking.audience),
        sum((day.outside_by for day in days), Counter()),
        sum((day.no_region for day in days), Counter()),
        _entries(frames["entries"]),
    )


def _narrowing(plan: Plan, store: Prepared, questions: Sequence[Question]) -> Narrow | None:
    """How to look at the parties of one day alone, where different days ask about different ones, each about few.

    Not where policies spread: there it matters who else is linked.
    """
    if plan.spread or len(questions) > store.party_count:
        return None
    fields = fields_of(plan)
    return held(store, {question.party for question in questions}, lambda column: is_read(column, fields))


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


# --- one day --------------------------------------------------------------------------------------------------


class _Day:
    """The answers of one day to those who ask about it."""

    def __init__(self, asking: Asking, store: Prepared, day: Day, asked: list[tuple[int, Question]]) -> None:
        self.plan, self.store, self.day = asking.policy.plan, store, day
        self.counts, self.outside_by, self.no_region = Counter[str](), Counter[str](), Counter[str]()
        self.why: tuple[str, ...] = ()
        self.effects: pl.DataFrame | None = None
        plain = [(place, question.party) for place, question in asked if question.event is None]
        answers = self._answers(asking, [party for _, party in plain])
        places = pl.DataFrame(plain, schema={"asked": pl.UInt32, "party": pl.String}, orient="row")
        self.frames = {name: _placed(answers, name, places) for name in MADE}
        self.done = self.frames["assessments"].get_column("asked").to_list()
        asking.tick(len(self.done))
        if self.done:
            self._count(asking)

    def _answers(self, asking: Asking, parties: list[str]) -> Answers | None:
        """The answers; none where everybody is routed, also because numbers become too large for columns."""
        among = None if asking.affiliates is not None or len(parties) == self.store.party_count else parties
        try:
            answers = answered(
                self.store,
                asking.policy,
                *self.day,
                asking.engine,
                parties=among,
                affiliates=asking.affiliates,
                reasons=asking.reasons,
            )
        except CreditEngineError as refusal:
            if set(refusal.codes) != {"unsupported"}:
                raise
            self.why = tuple(map(told, refusal.problems))
            asking.spread_on(self.day)
            return None
        self.why, self.effects = answers.why, answers.effects
        if answers.why and answers.effects is None:
            asking.spread_on(self.day)
        return answers

    def _count(self, asking: Asking) -> None:
        """Count, and leave out what an audience may not see."""
        rows = self.frames["assessments"]
        if asking.audience is not None and asking.audience != AUDIENCES[-1]:
            open_ = _open_to(asking.audience)
            self.frames = {name: _shown_to(open_, frame) for name, frame in self.frames.items()}
            if asking.reasons == "listed":  # who stands in entries that are shown: others would show by their reasons
                listed = self.frames["entries"].select("asked").unique()
                told = self.frames["reasons"].join(listed, on="asked", how="semi", maintain_order="left")
                self.frames["reasons"] = told
            self.counts["withheld"] += len(rows) - len(self.frames["assessments"])
            rows = self.frames["assessments"].with_columns(
                pl.lit(None, rows.schema[name]).alias(name) for name in _hidden_columns(self.plan, open_)
            )
            rows = self.frames["assessments"] = _silent(self.plan, rows, self.frames["entries"])
        outside = pl.col("outside_policy")
        judged = rows.filter(outside.fill_null(value=False).not_())
        self.counts["answered"] += len(rows)
        self.counts["outside_policy"] += len(rows) - len(judged)
        self.counts["unknown_scores"] += judged.get_column("score").null_count() if self.plan.score is not None else 0
        self.outside_by += self._regions(rows.filter(outside))
        self.no_region += self._regions(rows.filter(outside.is_null()))

    def _regions(self, rows: pl.DataFrame) -> Counter[str]:
        """How many of these parties are registered below each topmost region."""
        found: Counter[str] = Counter()
        if not len(rows):
            return found
        known = self.store.parties.filter(
            (pl.col("known_from") <= self.day[1].toordinal()) & (pl.col("known_until") > self.day[1].toordinal())
        )
        names = known.select(self.store.as_parties(pl.col("party")).alias("party"), "o.region").collect()
        codes = rows.select("party").join(names, on="party", how="left").group_by("o.region").len()
        for code, count in codes.iter_rows():
            text = None if code is None else self.store.text(code)
            found[topmost(self.store.regions, text, self.day[0])] += count
        return found


def _placed(answers: Answers | None, name: str, places: pl.DataFrame) -> pl.DataFrame:
    """The rows of those who ask, each with the place of its question."""
    if answers is None:
        return pl.DataFrame(schema={"asked": pl.UInt32})
    frame: pl.DataFrame = getattr(answers, name)
    return frame.join(places, on="party", how="inner", maintain_order="left")


def _open_to(audience: str | None) -> list[str]:
    """The audiences whose parts may be shown to this one (none: all)."""
    return list(AUDIENCES if audience is None else AUDIENCES[: AUDIENCES.index(audience) + 1])


def _shown(plan: Plan, open_: Collection[str]) -> dict[str, str]:
    """The scales for these audiences, with their columns."""
    return {
        scale.name: "grade" if place == 0 else f"grade.{scale.name}"
        for place, scale in enumerate(plan.scales)
        if not isinstance(scale.audience, Literal) or scale.audience.value in open_
    }


def _shown_to(open_: Collection[str], frame: pl.DataFrame) -> pl.DataFrame:
    """The rows for these audiences, numbered anew."""
    rows = frame.filter(pl.col("audience").is_in(open_))
    if "line" not in rows.columns:
        return rows
    return rows.with_columns(line=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("asked"))


def _hidden_columns(plan: Plan, open_: Collection[str]) -> list[str]:
    """The columns of grades that are not for these audiences."""
    hidden = _shown(plan, AUDIENCES).items() - _shown(plan, open_).items()
    own = [f"own_{name}" for _, name in hidden] if plan.spread else []
    return [*(name for _, column in hidden for name in (column, f"{column}.possible")), *own]


def _grades(plan: Plan, rows: pl.DataFrame, audience: str | None) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {scale.name: Counter() for scale in plan.scales}
    if not len(rows):
        return found
    judged = rows.filter(pl.col("outside_policy").fill_null(value=False).not_())
    for scale, column in _shown(plan, _open_to(audience)).items():
        found[scale].update(dict(judged.group_by(pl.col(column).fill_null("unknown")).len().iter_rows()))
    return found


def _silent(plan: Plan, rows: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """Silence about lists of which no entry in force is shown: there may be others."""
    in_force = shown.filter(pl.col("state") == "listed") if len(shown) else shown
    for rule in plan.lists:
        name = f"on_list.{rule.name}"
        seen = (
            in_force.filter(pl.col("list") == rule.name).get_column("asked")
            if len(in_force)
            else pl.Series([], dtype=pl.UInt32)
        )
        rows = rows.with_columns(pl.when(pl.col("asked").is_in(seen.implode())).then(pl.col(name)).alias(name))
    return rows


def _entries(rows: pl.DataFrame) -> dict[str, Counter[str]]:
    """How many entries each list has in each state."""
    found: dict[str, Counter[str]] = {}
    for name, state, count in rows.group_by("list", "state").len().iter_rows() if len(rows) else ():
        found.setdefault(name, Counter())[state] += count
    return found


# --- rows of both engines -------------------------------------------------------------------------------------


def _together(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """The rows of several days in the order of the questions."""
    filled = [frame for frame in frames if len(frame.columns) > 1] or frames[:1]
    if not filled:
        return pl.DataFrame(schema={"asked": pl.UInt32})
    return filled[0] if len(filled) == 1 else pl.concat(filled).sort(_keys(filled[0]))


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
