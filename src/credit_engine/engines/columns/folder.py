"""Questions about a folder put to the columns engine: one pass for each day, the rows in the order of the questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import polars as pl
from attrs import frozen

from credit_engine.engines.columns.answering import Answers, answered
from credit_engine.engines.columns.lacking import check
from credit_engine.engines.columns.prepared import prepared
from credit_engine.engines.rows import PARTS, SUMMARY, assessment_columns
from credit_engine.errors import Problem, QuestionError
from credit_engine.files.input import Input
from credit_engine.files.panels import Question
from credit_engine.files.recording import Reject
from credit_engine.files.results import Table
from credit_engine.policy.load import Policy
from credit_engine.policy.plan import Plan

_MADE = ("assessments", "reasons", "unknowns")


@frozen(eq=False)
class Scored:
    """The result tables, the questions that have no answer, and what the run came to."""

    tables: list[Table]
    rejects: list[Reject]
    counts: Counter[str]
    grades: dict[str, Counter[str]]


def scored(
    read: Input, policy: Policy, questions: Sequence[Question], tick: Callable[[int, int], None] | None = None
) -> Scored:
    """The answers to all questions. Raises `PolicyError` or `QuestionError` (`unsupported`) for what is lacking."""
    plan = policy.plan
    check(plan)
    named = next((question for question in questions if question.event is not None), None)
    if named is not None:
        message = f"the columns engine has no questions about an event ({named.event!r}) yet"
        raise QuestionError(Problem("unsupported", message, hint="use the plain engine"))
    by_day: dict[tuple[date, date], list[Question]] = {}
    for question in questions:
        by_day.setdefault((question.day, question.known_at or question.day), []).append(question)
    store = prepared(read, plan)
    counts: Counter[str] = Counter()
    rejects: list[Reject] = []
    found: list[Answers] = []
    for done, ((day, known_at), asked) in enumerate(sorted(by_day.items(), key=lambda item: item[0])):
        if tick is not None:
            tick(done, len(by_day))
        parties = None if len(asked) == len(read.parties) else [question.party for question in asked]
        answers = answered(store, policy, day, known_at, parties=parties)
        found.append(answers)
        known = set(answers.assessments.get_column("party"))
        for question in asked:
            if question.party not in known:
                _refuse(question, read, known_at, rejects, counts)
    if tick is not None:
        tick(len(by_day), len(by_day))
    frames = {name: _in_order([getattr(each, name) for each in found], name) for name in _MADE} if found else {}
    every = frames.get("assessments", pl.DataFrame())
    return Scored(_tables(plan, frames), rejects, counts + _counted(plan, every), _grades(plan, every))


def _in_order(frames: list[pl.DataFrame], name: str) -> pl.DataFrame:
    """The rows of several days by party, day, and what was known."""
    keys = ["party", "day", "asked"] if name == "assessments" else ["party", "day", "asked", "line"]
    numbered = [frame.with_columns(asked=pl.lit(number)) for number, frame in enumerate(frames)]
    return frames[0] if len(frames) == 1 else pl.concat(numbered).sort(keys).drop("asked")


def _refuse(question: Question, read: Input, known_at: date, rejects: list[Reject], counts: Counter[str]) -> None:
    """A question about a party of whom nothing is known is a reject, unless everybody is asked about."""
    if not question.file:
        counts["not_yet_known"] += 1  # recorded only after the day asked about
        return
    try:
        read.dossier(question.party).party_on(known_at)
    except QuestionError as error:
        problem = error.problems[0]
        rejects.append(Reject(question.file, question.record, problem.code, problem.message, "panel"))


def _counted(plan: Plan, rows: pl.DataFrame) -> Counter[str]:
    if not len(rows):
        return Counter()
    judged = rows.filter(pl.col("outside_policy").fill_null(value=False).not_())
    return Counter(
        answered=len(rows),
        outside_policy=len(rows) - len(judged),
        unknown_scores=judged.get_column("score").null_count() if plan.score is not None else 0,
    )


def _grades(plan: Plan, rows: pl.DataFrame) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {scale.name: Counter() for scale in plan.scales}
    if not len(rows):
        return found
    judged = rows.filter(pl.col("outside_policy").fill_null(value=False).not_())
    for place, scale in enumerate(plan.scales):
        name = "grade" if place == 0 else f"grade.{scale.name}"
        found[scale.name].update(dict(judged.group_by(pl.col(name).fill_null("unknown")).len().iter_rows()))
    return found


def _tables(plan: Plan, frames: dict[str, pl.DataFrame]) -> list[Table]:
    """Every table of a result, in its order; those of steps that this engine lacks are empty, for no rule asks them."""

    def rows(name: str) -> Any:  # Any: rows of cells
        return frames[name].iter_rows() if name in frames else ()

    return [
        Table("assessments", assessment_columns(plan), rows("assessments")),
        *(Table(name, columns, rows(name)) for name, columns in PARTS.items()),
        Table("obligations_summary", SUMMARY, ()),
    ]
