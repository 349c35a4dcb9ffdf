"""The answers of one day for everybody, as frames with the columns of the result tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import polars as pl
from attrs import frozen

from credit_engine.assessing.assess import program_of
from credit_engine.assessing.program import AUDIENCES, Program
from credit_engine.engines.columns.calendar import as_date
from credit_engine.engines.columns.grading import Graded, graded
from credit_engine.engines.columns.indicating import indicator_texts
from credit_engine.engines.columns.prepared import Prepared
from credit_engine.engines.columns.program import TABLE
from credit_engine.engines.columns.regions import by_region
from credit_engine.engines.columns.scoring import Scored, scored
from credit_engine.engines.columns.shapes import FIRST_DAY, LAST_DAY, NUMBER, PLAIN, Val, missing_where_null
from credit_engine.engines.columns.view import At, Engine, Run, View, build
from credit_engine.engines.rows import PARTS, assessment_columns
from credit_engine.files.results import ColumnType
from credit_engine.policy.load import Policy
from credit_engine.policy.plan import ScoreRule
from credit_engine.quantities import decimal_text

DTYPES: dict[ColumnType, pl.DataType] = {
    "text": pl.String(),
    "int": NUMBER,
    "decimal": NUMBER,
    "date": pl.Date(),
    "bool": pl.Boolean(),
    "texts": pl.List(pl.String()),
}


@frozen(eq=False)
class Answers:
    """The rows of one day: assessments, reasons and unknowns, and how many parties were not known yet."""

    assessments: pl.DataFrame
    reasons: pl.DataFrame
    unknowns: pl.DataFrame
    not_yet_known: int


def answered(
    store: Prepared,
    policy: Policy,
    as_of: date,
    known_at: date | None = None,
    engine: Engine = "streaming",
    *,
    parties: Sequence[str] | None = None,
) -> Answers:
    """What follows for every party (or those named) on a day, with what was known on `known_at` (default: that day)."""
    program, plan = program_of(policy), policy.plan
    run = Run(TABLE, store, plan, as_of, known_at or as_of, engine)
    run.found["law changes"] = program.law_changes
    if parties is not None:
        run.among(parties)
    outside = _outside(run)
    judged = outside.filter(pl.col("outside").fill_null(value=False).not_())
    run.found["from day"] = _on_days(run, judged)
    points, at = _from_the_day(run, judged)
    scales = [graded(scale, at) for scale in plan.scales]
    audience = _audience(run, outside)
    indicators = indicator_texts(at, program)
    cells = at.view.pin()
    reasons = _reasons(run, program, points)
    about = outside.join(audience, on="party")
    return Answers(
        _assessments(run, policy, about, points, scales, indicators, cells),
        _lined(run, reasons, audience, "reasons"),
        _lined(run, _unknowns(run, outside, points, scales, cells), audience, "unknowns"),
        store.party_count - len(outside),
    )


def _from_the_day(run: Run, judged: pl.DataFrame) -> tuple[Scored | None, At]:
    """The score of each party judged, and the view of all of them from the day judged."""
    points = None if run.plan.score is None else scored(run, run.plan.score, judged)
    run.found["own score"] = None if points is None else points.scores.lazy()
    frame = judged.lazy().select("party").with_columns(day=run.today, law=run.today, by_day=run.today)
    return points, At(View(run, frame))


def _on_days(run: Run, judged: pl.DataFrame) -> Callable[[date], At]:
    """How to look at the same parties from another day, with what is known on the same day of knowledge; made once."""
    made: dict[date, At] = {}

    def from_day(day: date) -> At:
        if day not in made:
            other = Run(run.table, run.store, run.plan, day, run.known_at, run.engine)
            other.found |= {"law changes": run.found["law changes"], "from day": from_day}
            made[day] = _from_the_day(other, judged)[1]
        return made[day]

    return from_day


# --- who is judged --------------------------------------------------------------------------------------------


def _outside(run: Run) -> pl.DataFrame:
    """Whether the policy does not judge each party; null where its region is not known. A person never is."""
    parties = run.parties()
    frame = parties.select("party", "is_person").with_columns(day=run.today, law=run.today)
    if not run.plan.regions:
        return run.collect(frame.select("party", outside=pl.lit(value=False)))
    view = View(run, frame)
    region = view.with_party("region")
    climb, wanted = run.store.regions.climb, run.plan.regions

    def outside(code: str, day: date) -> bool | None:
        path = climb(code, day)
        return None if path is None else not any(one in path for one in wanted)

    column = by_region(view, missing_where_null("text", region.cast(pl.UInt32)), outside, pl.Boolean())
    told = pl.when(pl.col("is_person")).then(statement=False).otherwise(column)
    return run.collect(view.frame.select("party", outside=told))


def _audience(run: Run, outside: pl.DataFrame) -> pl.DataFrame:
    """Who may see each answer; what is not known is internal."""
    frame = outside.lazy().select("party").with_columns(day=run.today, law=run.today, by_day=run.today)
    view = View(run, frame)
    val: Val = build(run.plan.audience, At(view))
    text = pl.lit("internal")
    for audience in AUDIENCES:
        is_it = val.is_in(PLAIN) & (val.value == run.store.code(audience)).fill_null(value=False)
        text = pl.when(is_it).then(pl.lit(audience)).otherwise(text)
    return run.collect(view.frame.select("party", audience=text))


# --- tables ---------------------------------------------------------------------------------------------------


def _assessments(
    run: Run,
    policy: Policy,
    about: pl.DataFrame,
    points: Scored | None,
    scales: list[Graded],
    indicators: dict[str, str],
    cells: pl.DataFrame,
) -> pl.DataFrame:
    plan = policy.plan
    rows = about.join(cells, on="party", how="left")
    if points is not None:
        rows = rows.join(points.scores, on="party", how="left")
    else:
        rows = rows.with_columns(low=pl.lit(None, NUMBER), high=pl.lit(None, NUMBER))
    columns: dict[str, Any] = {  # Any: expressions
        "party": run.store.as_parties(pl.col("party")),
        "day": pl.lit(run.as_of),
        "viewpoint": pl.lit(None, pl.String),
        "known_at": pl.lit(run.known_at),
        "policy": pl.lit(plan.policy),
        "illustrative": pl.lit(plan.illustrative),
        "audience": pl.col("audience"),
        "outside_policy": pl.col("outside"),
        "score": pl.when(pl.col("low") == pl.col("high")).then(pl.col("low")),
        "score_low": pl.col("low"),
        "score_high": pl.col("high"),
    }
    for place, (scale, found) in enumerate(zip(plan.scales, scales, strict=True)):
        name = "grade" if place == 0 else f"grade.{scale.name}"
        columns[name] = pl.col(found.label)
        columns[f"{name}.possible"] = pl.col(found.possible)
    for name in plan.indicators:
        columns[f"indicator.{name}"] = pl.col(indicators[name]) if name in indicators else pl.lit(None, pl.String)
    schema = assessment_columns(plan)
    rows = rows.sort("party")
    return rows.select(columns[name].cast(DTYPES[type_]).alias(name) for name, type_ in schema)


def _reasons(run: Run, program: Program, points: Scored | None) -> pl.DataFrame:
    """The lines of reasons as the table has them, without their numbers."""
    plan = run.plan
    if points is None or plan.score is None:
        return pl.DataFrame(schema={"party": pl.UInt32()})
    rules, groups = plan.score.rules, list(plan.score.groups)
    is_rule, place = pl.col("part") == "rule", pl.col("rule")

    def of_rule(values: list[Any], dtype: pl.DataType) -> pl.Expr:  # Any: one value for each rule
        table = pl.Series(values or [None], dtype=dtype)
        return pl.when(is_rule).then(pl.lit(table).gather(pl.when(is_rule).then(place).otherwise(0)))

    named = pl.lit(pl.Series(groups or [None], dtype=pl.String))
    in_group = pl.col("part") == "group"
    group = pl.when(in_group).then(named.gather(pl.when(in_group).then(place).otherwise(0)))
    first = pl.max_horizontal(pl.col("first"), pl.col("event_day"))
    texts = pl.List(pl.String())
    return _laws(points.reasons).select(
        "party",
        kind=pl.col("part"),
        rule=pl.when(is_rule)
        .then(of_rule([rule.id for rule in rules], pl.String()))
        .otherwise(pl.coalesce(group, pl.lit("range"))),
        event_kind=pl.when(pl.col("event").is_not_null()).then(of_rule([_kind(rule) for rule in rules], pl.String())),
        event=run.store.as_texts(pl.col("event")),
        item=run.store.as_texts(pl.col("item")),
        points=pl.col("points"),
        **{"from": pl.when(is_rule & (first > FIRST_DAY)).then(as_date(first))},
        until=pl.when(is_rule & (pl.col("last") < LAST_DAY)).then(as_date(pl.col("last") + 1)),
        group=pl.when(is_rule).then(of_rule([rule.group for rule in rules], pl.String())).otherwise(group),
        law_day=pl.when(is_rule).then(as_date(pl.col("law"))),
        basis=pl.when(is_rule).then(of_rule([list(rule.basis.sources) for rule in rules], texts)).otherwise(_EMPTY),
        laws="law_texts",
        parameters=_parameters(run, program, rules),
    )


_EMPTY = pl.lit([], pl.List(pl.String()))


def _kind(rule: ScoreRule) -> str | None:
    return None if rule.each is None else rule.each.kind


def _laws(rows: pl.DataFrame) -> pl.DataFrame:
    """The law days and points of a lenient rule as texts, made once for each that differs."""
    pairs = rows.select("laws", "law_points").unique()
    texts = [
        [f"{date.fromordinal(day)}: {decimal_text(points)}" for day, points in zip(days or [], each or [], strict=True)]
        for days, each in pairs.iter_rows()
    ]
    table = pairs.with_columns(pl.Series("law_texts", texts, dtype=pl.List(pl.String())))
    return rows.join(table, on=["laws", "law_points"], how="left", nulls_equal=True, maintain_order="left")


def _parameters(run: Run, program: Program, rules: tuple[ScoreRule, ...]) -> pl.Expr:
    """The parameters that a rule reads on its law day, as text: one list for each rule and stretch of unchanged law."""
    result = _EMPTY
    for place, rule in enumerate(rules):
        if not rule.parameters:
            continue
        steps = [step.since for name in rule.parameters for step in run.plan.parameters[name].values]
        of_rule = (pl.col("part") == "rule") & (pl.col("rule") == place)
        for since in sorted({date.min, *steps}):
            read = program.parameters_read(rule.id, rule.parameters, since)
            texts = [f"{one.name} = {one.value} since {one.since} ({one.source})" for one in read]
            holds = of_rule & (pl.col("law") >= since.toordinal())
            result = pl.when(holds).then(pl.lit(texts, pl.List(pl.String()))).otherwise(result)
    return result


def _unknowns(
    run: Run, outside: pl.DataFrame, points: Scored | None, scales: list[Graded], cells: pl.DataFrame
) -> pl.DataFrame:
    """The lines of what is not known as the table has them: regions, then the score, then each scale."""
    text = pl.String()
    unsure = outside.filter(pl.col("outside").is_null())
    parts = [unsure.select("party", rule=pl.lit("regions"), names=pl.lit(["operator.region"]))]
    if points is not None and run.plan.score is not None:
        ids = [rule.id for rule in run.plan.score.rules]
        kinds = [_kind(rule) for rule in run.plan.score.rules]
        parts.append(
            points.unknowns.select(
                "party",
                rule=pl.lit(pl.Series(ids or [None], dtype=text)).gather(pl.col("rule")),
                event_kind=pl.when(pl.col("event").is_not_null()).then(
                    pl.lit(pl.Series(kinds or [None], dtype=text)).gather(pl.col("rule"))
                ),
                event=run.store.as_texts(pl.col("event")),
                names="names",
            )
        )
    for found in scales:
        for rule, column in found.lines:
            lines = cells.filter(pl.col(column).list.len() > 0)
            parts.append(lines.select("party", rule=pl.lit(rule), names=column))
    parts = [part.with_columns(step=pl.lit(place)) for place, part in enumerate(parts)]
    rows = pl.concat(parts, how="diagonal").with_row_index("at").sort("party", "step", "at")
    return rows.drop("step", "at")


def _lined(run: Run, rows: pl.DataFrame, audience: pl.DataFrame, table: str) -> pl.DataFrame:
    """Lines in order of the party, numbered, with the columns of their table."""
    schema = PARTS[table]
    rows = rows.join(audience, on="party", how="left", maintain_order="left")
    rows = rows.with_columns(line=pl.int_range(1, pl.len() + 1, dtype=NUMBER).over("party"))
    columns: dict[str, pl.Expr] = {
        "party": run.store.as_parties(pl.col("party")),
        "day": pl.lit(run.as_of),
        "viewpoint": pl.lit(None, pl.String),
    }
    have = set(rows.columns)
    return rows.select(
        (columns.get(name) if name in columns else pl.col(name) if name in have else pl.lit(None))  # type: ignore[union-attr]  # one of them
        .cast(DTYPES[type_])
        .alias(name)
        for name, type_ in schema
    )
