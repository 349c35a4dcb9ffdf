"""One pass of the columns engine over questions: their rows, what an audience may see of them, and what they came to.

A pass is about one day of everybody (or of some), or about questions with days of their own (see `narrowing`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection

import polars as pl
from attrs import frozen

from credit_engine.assessing.program import AUDIENCES
from credit_engine.engines.columns.answering import Answers, answered
from credit_engine.engines.columns.lacking import told
from credit_engine.engines.columns.narrowing import QUESTIONS
from credit_engine.engines.columns.prepared import Prepared
from credit_engine.engines.columns.reaching import Affiliates, Day
from credit_engine.engines.columns.shapes import CODE, fixed
from credit_engine.engines.columns.view import Engine
from credit_engine.engines.questions import Reasons
from credit_engine.engines.summary import topmost
from credit_engine.errors import CreditEngineError
from credit_engine.policy.load import Policy
from credit_engine.policy.nodes import Literal
from credit_engine.policy.plan import Plan

# what columns make by themselves; effects are also on parties without an answer, and stand apart
MADE = ("assessments", "reasons", "unknowns", "entries", "measures", "findings", "obligations", "supervision")


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


class Pass:
    """The answers to questions (columns of `QUESTIONS`): about one day, or, of a store of questions, all of its places.

    `frames`: the rows of each table with the places of their questions, `asked`. `why`: reasons for which everybody
    was routed. `is_refused`: numbers of somebody are too large for columns, so that nobody is answered.
    """

    def __init__(self, asking: Asking, store: Prepared, day: Day, asked: pl.DataFrame) -> None:
        self.plan, self.store, self.day = asking.policy.plan, store, day
        self.counts, self.outside_by, self.no_region = Counter[str](), Counter[str](), Counter[str]()
        self.why: tuple[str, ...] = ()
        self.is_refused = False
        self.effects: pl.DataFrame | None = None
        if store.asked is not None:
            asked = asked.with_columns(party=pl.int_range(pl.len(), dtype=CODE))
        answers = self._answers(asking, asked)
        self.frames = {name: _placed(answers, name, asked, len(store.party_ids)) for name in MADE}
        self.done = self.frames["assessments"].get_column("asked").to_list()
        asking.tick(len(self.done))
        if self.done:
            self._count(asking, asked)

    def _answers(self, asking: Asking, asked: pl.DataFrame) -> Answers | None:
        """The answers; none where everybody is routed, also because numbers become too large for columns."""
        are_all = self.store.asked is not None or len(asked) == self.store.party_count
        among = None if are_all or asking.affiliates is not None else self._ids(asked)
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
            self.why, self.is_refused = tuple(map(told, refusal.problems)), True
            asking.spread_on(self.day)
            return None
        self.why, self.effects = answers.why, answers.effects
        if answers.why and answers.effects is None:
            asking.spread_on(self.day)
        return answers

    def _ids(self, asked: pl.DataFrame) -> list[str]:
        return self.store.party_ids.gather(asked.get_column("party")).to_list()

    def _count(self, asking: Asking, asked: pl.DataFrame) -> None:
        """Count, and leave out what an audience may not see."""
        rows = self.frames["assessments"]
        if asking.audience is not None and asking.audience != AUDIENCES[-1]:
            open_ = open_to(asking.audience)
            self.frames = {name: _shown_to(open_, frame) for name, frame in self.frames.items()}
            if asking.reasons == "listed":  # who stands in entries that are shown: others would show by their reasons
                listed = self.frames["entries"].select("asked").unique()
                told = self.frames["reasons"].join(listed, on="asked", how="semi", maintain_order="left")
                self.frames["reasons"] = told
            self.counts["withheld"] += len(rows) - len(self.frames["assessments"])
            rows = self.frames["assessments"].with_columns(
                fixed(None, rows.schema[name]).alias(name) for name in _hidden_columns(self.plan, open_)
            )
            rows = self.frames["assessments"] = _silent(self.plan, rows, self.frames["entries"])
        outside = pl.col("outside_policy")
        judged = rows.filter(outside.fill_null(value=False).not_())
        self.counts["answered"] += len(rows)
        self.counts["outside_policy"] += len(rows) - len(judged)
        self.counts["unknown_scores"] += judged.get_column("score").null_count() if self.plan.score is not None else 0
        self.outside_by += self._regions(rows.filter(outside), asked)
        self.no_region += self._regions(rows.filter(outside.is_null()), asked)

    def _regions(self, rows: pl.DataFrame, asked: pl.DataFrame) -> Counter[str]:
        """How many of these parties are registered below each topmost region."""
        found: Counter[str] = Counter()
        if not len(rows):
            return found
        day = self.day[1].toordinal()
        known = self.store.parties.filter((pl.col("known_from") <= day) & (pl.col("known_until") > day))
        names = known.select("party", "o.region").collect()
        whose = rows.select("asked", "day").join(asked.select("asked", "party"), on="asked")
        codes = whose.join(names, on="party", how="left").group_by("o.region", "day").len()
        for code, judged, count in codes.iter_rows():
            text = None if code is None else self.store.text(code)
            found[topmost(self.store.regions, text, judged)] += count
        return found


def _placed(answers: Answers | None, name: str, asked: pl.DataFrame, places: int) -> pl.DataFrame:
    """The rows of those who ask, each with the place of its question."""
    if answers is None or name not in answers.places:
        return pl.DataFrame(schema={"asked": QUESTIONS["asked"]})
    frame: pl.DataFrame = getattr(answers, name)
    frame = frame.with_columns(answers.places[name].alias("place"))
    mine = asked.select("asked", place="party")
    if mine.get_column("place").is_duplicated().any():  # a question that is asked twice
        return frame.join(mine, on="place", how="inner", maintain_order="left").drop("place")
    nobody = pl.repeat(None, places, dtype=QUESTIONS["asked"], eager=True)
    whose = nobody.scatter(mine.get_column("place"), mine.get_column("asked"))
    frame = frame.with_columns(asked=whose.gather(frame.get_column("place"))).drop("place")
    return frame if len(mine) == places else frame.drop_nulls("asked")


# --- what an audience may see ---------------------------------------------------------------------------------


def open_to(audience: str | None) -> list[str]:
    """The audiences whose parts may be shown to this one (none: all)."""
    return list(AUDIENCES if audience is None else AUDIENCES[: AUDIENCES.index(audience) + 1])


def shown(plan: Plan, open_: Collection[str]) -> dict[str, str]:
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
    hidden = shown(plan, AUDIENCES).items() - shown(plan, open_).items()
    own = [f"own_{name}" for _, name in hidden] if plan.spread else []
    return [*(name for _, column in hidden for name in (column, f"{column}.possible")), *own]


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
