"""Scoring a whole folder: every party on one or several days, or a panel of questions, into tables and a manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from attrs import evolve, frozen

from credit_engine.assessing.audiences import AUDIENCES
from credit_engine.engines.choosing import ADDRESS, ENGINES, default_engine, is_much
from credit_engine.engines.questions import REASONS, Asked, Reasons, asked
from credit_engine.engines.running import Progress, Run, Telling, is_withheld
from credit_engine.engines.summary import Summary, about
from credit_engine.errors import InputError, Place, Problem, QuestionError
from credit_engine.files.mappings import load_mapping
from credit_engine.files.results import Format, rejects_table, write_results
from credit_engine.files.store import is_store, open_folder
from credit_engine.policy.load import Policy

__all__ = ["ENGINES", "Progress", "Run", "score_folder"]


@frozen
class _Run:
    """Where a run reads and writes, and whom it tells how far it is."""

    folder: Path | str
    mapping: Path | str | None
    out: Path | None
    form: Format
    memory_limit: int | None
    telling: Telling


def score_folder(
    folder: Path | str,
    policy: Policy,
    as_of: date | None = None,
    *,
    days: Iterable[date] | Path | str | None = None,
    known_at: date | None = None,
    out: Path | str | None = None,
    mapping: Path | str | None = None,
    audience: str | None = None,
    engine: str | None = None,
    reasons: Reasons = "all",
    memory_limit: int | None = None,
    form: Format = "parquet",
    progress: Progress | None = None,
    stage: Callable[[str], None] | None = None,
) -> Summary:
    """Assess every party of an input folder (or prepared store) and write the result tables to `out`.

    `days`: several days, or the file of a panel (columns party, day, and perhaps event and known_at). `known_at`:
    what is known for every day asked (default: each day itself). `audience`: leave out what it may not see. `engine`:
    `polars`, `spark` or `plain`; all give the same tables (default: `polars`, but `plain` where that is as quick).
    `reasons`: of whom the lines of reasons are written: of `all`, of those `listed` in `entries`, of `none`.
    `memory_limit`: bytes that this process may hold while it judges. `progress` is told how many questions were
    answered, and of how many; `stage` the name of each stage. Raises `InputError`, `OutputError`, `QuestionError`.
    """
    if not isinstance(policy, Policy) or not all(type(day) is date for day in (as_of, known_at) if day is not None):
        raise QuestionError(Problem("bad_question", "score_folder asks for a Policy, and days that are dates"))
    if engine is not None and engine not in ENGINES:
        raise QuestionError(Problem("unsupported", f"no engine {engine!r} yet", hint=f"one of {', '.join(ENGINES)}"))
    for what, label, labels in (("audience", audience, AUDIENCES), ("choice of reasons", reasons, REASONS)):
        if label is not None and label not in labels:
            raise QuestionError(Problem("unknown_label", f"no {what} {label!r}", hint=f"one of {', '.join(labels)}"))
    if ADDRESS in str(folder) and engine != "spark":
        hint = "use --engine spark, or a path on this machine"
        raise InputError(Problem("unsupported", "only Spark reads from an address", Place(str(folder)), hint))
    question = Asked(policy, asked(as_of, days), known_at, audience, reasons=reasons)
    run = _Run(folder, mapping, None if out is None else Path(out), form, memory_limit, _told(progress, stage))
    if engine == "spark":
        return _on_spark(run, evolve(question, engine=engine))
    chosen = engine or default_engine(Path(folder), question)
    if memory_limit is not None:
        _check_limit(run, question, engine)
        chosen = engine or "polars"
    question = evolve(question, engine=chosen)
    return _in_buckets(run, question) if _is_in_buckets(run, question) else _at_once(run, question)


def _told(progress: Progress | None, stage: Callable[[str], None] | None) -> Telling:
    return Telling(progress) if stage is None else Telling(progress, stage)


def _is_in_buckets(run: _Run, asked_: Asked) -> bool:
    """Whether the parties are judged from a store: one that is given, or of what is worth being prepared first."""
    if asked_.is_of_relations and asked_.engine == "plain":
        return False
    if is_store(Path(run.folder)):
        return True
    is_asked = run.memory_limit is not None or is_much(Path(run.folder))
    return asked_.engine == "polars" and run.out is not None and is_asked


def _check_limit(run: _Run, asked_: Asked, engine: str | None) -> None:
    """A limit that could not be held is refused."""
    if asked_.is_of_relations:
        message, hint = "effects of affiliates need all parties at once", "ask without a limit"
    elif run.out is None and not is_store(Path(run.folder)):
        message, hint = "an input folder is read whole where nothing is written", "`prepare` it first, or give --out"
    elif engine == "plain" and not is_store(Path(run.folder)):
        message, hint = "the plain engine reads an input folder whole", "`prepare` it first, or use --engine polars"
    else:
        return
    raise QuestionError(Problem("unsupported", f"no limit of memory can be held: {message}", hint=hint))


def _in_buckets(run: _Run, asked_: Asked) -> Summary:
    """From a store, which is made first where there is none: bucket by bucket, unless affiliates are asked about."""
    from credit_engine.engines.preparing import store_for  # noqa: PLC0415  # polars: only where there is much
    from credit_engine.engines.stored import score_store  # noqa: PLC0415

    opened = store_for(run.folder, run.mapping, asked_.policy.plan, run.telling)
    return score_store(opened, asked_, run.out, run.form, run.telling, run.memory_limit)


def _on_spark(run: _Run, asked_: Asked) -> Summary:
    from credit_engine.engines.spark import score_on_spark  # noqa: PLC0415  # an extra

    if run.memory_limit is not None:
        hint = "give Spark's workers as much memory as they may have"
        raise QuestionError(Problem("unsupported", "a limit of memory is for one process", hint=hint))
    return score_on_spark(run.folder, asked_, run.out, run.form, mapping=run.mapping, telling=run.telling)


def _at_once(run: _Run, asked_: Asked) -> Summary:
    """All records read, everybody judged, everything written."""
    policy, plan, telling = asked_.policy, asked_.policy.plan, run.telling
    telling.stage("reading")
    chosen = load_mapping(run.mapping) if run.mapping is not None else None
    read = open_folder(run.folder, plan.field_types, tuple(plan.kinds), chosen, relation_kinds=tuple(plan.relations))
    panel, audience = asked_.of(read.parties), asked_.audience
    telling.stage("scoring")
    one = Run(read, policy, panel, telling.progress, audience, asked_.engine, reasons=asked_.reasons)
    made = one.made()
    summary = one.summary(run.out)
    if run.out is not None:
        telling.stage("writing")
        rejected = rejects_table(() if is_withheld(audience) else [*read.rejects, *one.rejects])
        write_results(run.out, [*made, rejected], about(asked_, read, summary), form=run.form)
    return summary
