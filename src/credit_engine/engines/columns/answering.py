"""The answers of one day for everybody, as frames with the columns of the result tables.

Whom columns cannot judge, and whoever's score is moved by effects of affiliates, has no rows here but stands in
`Answers.routed`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import polars as pl
from attrs import evolve, field, frozen

from credit_engine.assessing.assess import program_of
from credit_engine.assessing.program import AUDIENCES, Program
from credit_engine.engines.columns import findings, listing_rows, obligations, origins, supervising
from credit_engine.engines.columns.audiences import audience_at
from credit_engine.engines.columns.grading import graded
from credit_engine.engines.columns.indicating import indicator_texts, indicators
from credit_engine.engines.columns.listing import look_ahead
from credit_engine.engines.columns.meanwhile import meanwhile
from credit_engine.engines.columns.prepared import Prepared
from credit_engine.engines.columns.program import TABLE
from credit_engine.engines.columns.reaching import Affiliates, Reached, mirrored, reached
from credit_engine.engines.columns.reasons import NO_LINES, Reasons, audience_of, reasons_of
from credit_engine.engines.columns.regions import by_region
from credit_engine.engines.columns.routing import routed, why_everybody
from credit_engine.engines.columns.scoring import Scored, scored
from credit_engine.engines.columns.shapes import CODE, PLAIN, Val, fixed, missing_where_null
from credit_engine.engines.columns.tables import IS_JUDGED, assessments, in_order, lined, unknowns
from credit_engine.engines.columns.view import At, Engine, Run, View, beside, build, on_the_day
from credit_engine.engines.effect_rows import EFFECT_COLUMNS
from credit_engine.engines.questions import Reasons as Which
from credit_engine.engines.rows import PARTS, Columns, assessment_columns
from credit_engine.files.frames import DTYPES
from credit_engine.policy.load import Policy


@frozen(eq=False)
class Answers:
    """The rows of one day: of each table that columns make, and how many parties were not known yet.

    `routed`: the ids, in order, of the parties known that the plain engine has to answer; they have no rows but those
    of `effects`, which has the rows of whoever is reached, also of parties without an answer (not `answered`) and of
    those whom the policy does not judge (not `judged`); none where effects are not looked for. `why`: where everybody
    is routed, the reasons. `places`: of each table but `effects` the place in the store of the party (or question) of
    each row.
    """

    assessments: pl.DataFrame
    told: Reasons
    unknowns: pl.DataFrame
    entries: pl.DataFrame
    measures: pl.DataFrame
    findings: pl.DataFrame
    obligations: pl.DataFrame
    supervision: pl.DataFrame
    not_yet_known: int
    routed: pl.Series = field(factory=lambda: pl.Series(dtype=pl.String))
    effects: pl.DataFrame | None = None
    why: tuple[str, ...] = ()
    places: Mapping[str, pl.Series] = field(factory=dict)

    @property
    def reasons(self) -> pl.DataFrame:
        """The lines of reasons with their texts, made anew each time: `told` gives them part by part."""
        return self.told.table()


def answered(
    store: Prepared,
    policy: Policy,
    as_of: date,
    known_at: date | None = None,
    engine: Engine = "streaming",
    *,
    parties: Sequence[str] | None = None,
    affiliates: Affiliates | None = None,
    reasons: Which = "all",
) -> Answers:
    """What follows for every party (or those named) on a day, with what was known on `known_at` (default: that day).

    Of a store of questions each place has days of its own; `as_of` is one of the days judged, all alike (see `alike`).
    `affiliates`: how effects of affiliates are looked for, among all parties; without it they are not. `reasons`:
    whose lines of reasons are made: of all, of those who stand in `entries`, or of none; nothing is computed for lines
    that nobody asks for.
    """
    program = program_of(policy)
    run = Run(TABLE, store, policy.plan, as_of, known_at or as_of, engine)
    run.found["law changes"] = program.law_changes
    if parties is not None:
        run.among(parties)
    try:
        return _answered(run, policy, program, affiliates, reasons)
    finally:  # what runs keep holds them, and so the store until somebody looks for such circles
        for each in (run, *run.found.get("other days", ())):
            each.found.clear()


def _answered(run: Run, policy: Policy, program: Program, affiliates: Affiliates | None, reasons: Which) -> Answers:
    plan = run.plan
    outside = _outside(run)
    why = why_everybody(run)
    if why:
        return _nobody(run, outside, why)
    judged = outside.filter(IS_JUDGED).select("party").rechunk()  # in one piece: what is made of it is cut alike
    run.found["from days"] = _on_days(run, judged)
    look_ahead(run)
    points, at = _from_the_day(run, judged, told=reasons != "none")
    scales = [graded(scale, at) for scale in plan.scales]
    audience = _audience(run, outside)
    known = beside(outside, audience)
    told = indicators(at, program)
    read = [*(scale.columns for scale in scales), *(each.parts.values() for each in told.values())]
    at.view.narrow([name for names in read for name in names], [("graded", scale.name) for scale in plan.scales])
    texts = meanwhile(partial(indicator_texts, run.store, at.view.pin(), told))
    elsewhere, effects = _elsewhere(run, at, known, program, affiliates)
    if effects is not None and effects.moves_all(plan):
        why = ["a rule of spread was ended, so that it is not known whose score it moves"]
        return _nobody(run, outside, why, _effects(run, effects, known))
    found, owed = findings.findings(run, at), obligations.obligations(run, judged)
    supervised, unrecorded = supervising.supervision(run, at), origins.unrecorded(run, at)
    cells = at.view.pin()
    about = _without(known, elsewhere)
    judged_here, about = about.filter(IS_JUDGED), in_order(about)
    ended = [] if effects is None else effects.lines(plan, judged)
    following = [*unrecorded, *ended, found.unknowns, owed.unknowns, supervised.unknowns]
    unsure = unknowns(run, outside, points, scales, cells, [_of(judged, lines) for lines in following])
    put_together = assessments(run, policy, about, points, scales, texts(), cells)
    entries = listing_rows.entries(run, judged_here)
    lines = NO_LINES if points is None or points.reasons is None else points.reasons
    if reasons == "listed":
        lines = lines.of(entries)
    who = audience_of(run, audience)
    lines = lines.without(elsewhere)
    parts = {
        "unknowns": _without(unsure, elsewhere),
        "entries": entries,
        "measures": _measures(run, about, judged_here, effects),
        "findings": _of(judged_here, found.rows),
        "obligations": _of(judged_here, owed.rows),
        "supervision": _of(judged_here, supervised.rows),
    }
    tables: dict[str, Any] = {name: lined(run, each, who, name) for name, each in parts.items()}  # Any: frames
    rows = {"assessments": about, "reasons": lines.rows, **parts}
    return Answers(
        put_together(),
        reasons_of(run, program, lines, who),
        not_yet_known=run.store.party_count - len(outside),
        routed=_ids(run, elsewhere),
        effects=None if effects is None else _effects(run, effects, known),
        **tables,
        places={name: each.get_column("party").cast(CODE) for name, each in rows.items()},
    )


def _nobody(run: Run, outside: pl.DataFrame, why: Sequence[str], effects: pl.DataFrame | None = None) -> Answers:
    """No rows: everybody known is routed; `effects` are those of which all is known."""

    def empty(columns: Columns) -> pl.DataFrame:
        return pl.DataFrame(schema={name: DTYPES[type_] for name, type_ in columns})

    everybody = _ids(run, outside.select("party").sort("party"))
    return Answers(
        empty(assessment_columns(run.plan)),
        Reasons(NO_LINES, lambda _rows: empty(PARTS["reasons"]).lazy()),
        empty(PARTS["unknowns"]),
        empty(PARTS["entries"]),
        empty(PARTS["measures"]),
        empty(PARTS["findings"]),
        empty(PARTS["obligations"]),
        empty(PARTS["supervision"]),
        run.store.party_count - len(outside),
        everybody,
        effects,
        tuple(why),
    )


def _elsewhere(
    run: Run, at: At, about: pl.DataFrame, program: Program, affiliates: Affiliates | None
) -> tuple[pl.DataFrame, Reached | None]:
    """The parties known whom the plain engine answers, with those of whom it has to tell origins; what reaches whom."""
    known = about.select("party").sort("party")
    every = known.join(routed(run, at), on="party", how="semi", maintain_order="left")
    if affiliates is None and not run.plan.spread:
        return every, None
    begun = origins.started(run, at, about.filter(IS_JUDGED), program)
    every = _among(known, [every, begun.odd])
    if affiliates is None:
        return every, None
    day = run.as_of, run.known_at
    found = reached(
        run.store, affiliates, program, day, _without(begun.origins, every), about, _ids(run, every).to_list()
    )
    return _among(known, [every, found.moved]), found


def _among(known: pl.DataFrame, parts: list[pl.DataFrame]) -> pl.DataFrame:
    """The parties of several parts, in order."""
    return known.join(pl.concat(parts).unique(), on="party", how="semi", maintain_order="left")


def _measures(run: Run, about: pl.DataFrame, judged: pl.DataFrame, effects: Reached | None) -> pl.DataFrame:
    """The measures of entries in force, then those that effects bring."""
    own = listing_rows.measures(run, judged)
    brought = None if effects is None else mirrored(run.plan, effects.rows)
    if brought is None or not len(brought):
        return own
    return pl.concat([own, _of(about, brought)], how="diagonal_relaxed").sort("party", maintain_order=True)


def _effects(run: Run, found: Reached, about: pl.DataFrame) -> pl.DataFrame:
    """The rows of effects but for their numbers, with `answered` and `judged`; see `Answers`."""
    who = about.select(place="party", answered=pl.lit(value=True), judged=IS_JUDGED)
    rows = found.rows.join(who, on="place", how="left", maintain_order="left")
    names = [name for name, _ in EFFECT_COLUMNS]
    return rows.select(
        *names,
        party="target",
        day=pl.lit(run.as_of),
        viewpoint=fixed(None, pl.String),
        audience=audience_at(pl.col("audience")),
        answered=pl.col("answered").fill_null(value=False),
        judged=pl.col("judged").fill_null(value=True),
    )


def _without(rows: pl.DataFrame, parties: pl.DataFrame) -> pl.DataFrame:
    """The rows of other parties, in their order."""
    return rows.join(parties, on="party", how="anti", maintain_order="left") if len(parties) else rows


def _of(parties: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of these parties, in their order."""
    if not len(rows):
        return rows
    return rows.join(parties.select("party"), on="party", how="semi", maintain_order="left")


def _ids(run: Run, parties: pl.DataFrame) -> pl.Series:
    return parties.select(run.store.as_parties(pl.col("party")).alias("party")).get_column("party")


def _from_the_day(run: Run, judged: pl.DataFrame, *, told: bool = False) -> tuple[Scored | None, At]:
    """The score of each party judged, and the view of all of them from the day judged; `told`: with its reasons."""
    points = None if run.plan.score is None else scored(run, run.plan.score, judged, told=told)
    run.found["own score"] = None if points is None else points.scores
    run.found["today"] = at = At(on_the_day(run, judged.lazy()))
    return points, at


def _on_days(run: Run, judged: pl.DataFrame) -> Callable[[pl.Series], At]:
    """How to look at the same parties from other days, with what is known on the same day of knowledge; made once."""
    made: list[tuple[pl.Series, At]] = []

    def from_days(days: pl.Series) -> At:
        found = next((at for one, at in made if one.equals(days)), None)
        if found is None:
            asked = run.store.asked
            store = run.store if asked is None else evolve(run.store, asked=evolve(asked, judged=days))
            other = run.another(store, days[0])
            other.found["from days"] = run.found["from days"]
            found = _from_the_day(other, judged)[1]
            made.append((days, found))
            run.found.setdefault("other days", []).append(other)
        return found

    return from_days


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
