"""Entries and measures as the result tables have them, of the parties whose lists are told in columns."""

from __future__ import annotations

import polars as pl

from credit_engine.assessing.program import AUDIENCES
from credit_engine.engines.columns.audiences import stricter
from credit_engine.engines.columns.calendar import as_date
from credit_engine.engines.columns.listing import Board, board, is_open_to_all
from credit_engine.engines.columns.listing_grounds import could_be_hidden, is_among, nobody, of_no_list
from credit_engine.engines.columns.listing_terms import is_in_force
from credit_engine.engines.columns.shapes import fixed, only_where
from credit_engine.engines.columns.view import Run
from credit_engine.policy.nodes import Literal
from credit_engine.policy.plan import ListRule

EMPTY = pl.lit([], pl.List(pl.String))


def entries(run: Run, about: pl.DataFrame) -> pl.DataFrame:
    """The rows of `entries` without their numbers, in order; `about` has the `audience` of each party with rows."""
    return _in_order([_entries(run, one, _rows(run, one, one.entries, about)) for one in _boards(run)])


def measures(run: Run, about: pl.DataFrame) -> pl.DataFrame:
    """The rows of `measures` alike: those that entries in force bring, in the order of their list."""
    boards = [one for one in _boards(run) if one.rule.measures]
    return _in_order([_measures(run, one, _rows(run, one, one.in_force, about)) for one in boards])


def listed(run: Run, rule: ListRule) -> pl.Expr:
    """Whether the party of a row is on the list; null where that is not known."""
    one = board(run, rule)
    is_on = is_among(run, one.listed if one is not None else nobody())
    return only_where(is_on, is_on) if is_open_to_all(run, rule) else is_on


def unknowns(run: Run, judged: pl.DataFrame) -> list[pl.DataFrame]:
    """The lines of what is not known of lists, list by list, then of decisions on other lists; in the order of steps.

    `judged`: the parties whom the policy judges, of all of whom something is not known where a table is not complete.
    """
    found = []
    for rule in run.plan.lists:
        one, kind = board(run, rule), _hidden(run, rule)
        audience = rule.audience
        own = pl.lit(str(audience.value)) if isinstance(audience, Literal) else _INTERNAL
        if one is not None:
            found.append(_of_events(run, one, own))
        if kind is not None:
            found.append(judged.select("party", rule=pl.lit(rule.name), names=pl.lit([kind]), own_audience=_INTERNAL))
        if one is not None:
            found.append(_lines(run, one.lines.sort("party", "key"), pl.lit(rule.name), "grounds", own))
    if run.plan.lists:
        others = of_no_list(run).sort("party", "key")
        found.append(_lines(run, others, run.store.as_texts(pl.col("list")), "list", _INTERNAL))
    return [lines.filter(is_among(run, judged)) if len(lines) else lines for lines in found]


_INTERNAL = pl.lit(AUDIENCES[-1])


def _of_events(run: Run, one: Board, audience: pl.Expr) -> pl.DataFrame:
    return one.doubtful.sort("party", "key").select(
        "party",
        "names",
        rule=pl.lit(one.rule.name),
        event_kind=pl.lit(one.rule.ground_kind),
        event=run.store.as_texts(pl.col("id")),
        own_audience=audience,
    )


def _hidden(run: Run, rule: ListRule) -> str | None:
    """The kind of events of which some that open the list may stand unrecorded."""
    each = rule.opens.each if rule.opens is not None and rule.review is None else None
    if each is None or not could_be_hidden(run, each.kind, each.by, None if rule.needs_decision else rule.term):
        return None
    return each.kind


def _lines(run: Run, rows: pl.DataFrame, rule: pl.Expr, name: str, audience: pl.Expr) -> pl.DataFrame:
    return rows.select(
        "party",
        rule=rule,
        event_kind=pl.lit("list_decision"),
        event=run.store.as_texts(pl.col("id")),
        names=pl.lit([name], pl.List(pl.String)),
        own_audience=audience,
    )


def _boards(run: Run) -> list[Board]:
    boards = [board(run, rule) for rule in run.plan.lists]
    return [one for one in boards if one is not None]


def _in_order(found: list[pl.DataFrame]) -> pl.DataFrame:
    if not found:
        return pl.DataFrame(schema={"party": pl.UInt32()})
    placed = [rows.with_columns(step=pl.lit(place)) for place, rows in enumerate(found)]
    return pl.concat(placed, how="diagonal_relaxed").sort("party", "step", "ground_place", "measure_place")


def _rows(run: Run, one: Board, found: pl.DataFrame, about: pl.DataFrame) -> pl.DataFrame:
    """Entries of a list with what both tables say of them."""
    rule = one.rule
    about = about.select("party", "audience").filter(is_among(run, found))
    found = one.terms.audiences(found.join(about, on="party").sort("party", "ground"))
    if rule.measures:
        persons = run.parties().filter(is_among(run, found)).select("party", "is_person")
        found = found.join(run.collect(persons), on="party", maintain_order="left")
    ground = run.store.as_texts(pl.col("ground"))
    return found.with_columns(
        ground_place=pl.col("ground"),
        measure_place=fixed(0, pl.Int32),
        ground=ground,
        entry=pl.format("{}/{}/{}", pl.lit(rule.name), run.store.as_parties(pl.col("party")), ground),
        list=pl.lit(rule.name),
        audience=stricter(pl.col("own_audience"), pl.col("audience")),
        listed=as_date(pl.col("listed")),
        until=as_date(pl.col("until")),
    )


def _aimed(run: Run, name: str) -> pl.Expr:
    """Whether a measure of the list aims at this sort of party."""
    targets = run.plan.measures[name].targets
    return pl.when(pl.col("is_person")).then(pl.lit("person" in targets)).otherwise(pl.lit("entity" in targets))


def _entries(run: Run, one: Board, found: pl.DataFrame) -> pl.DataFrame:
    rule = one.rule
    taken = [pl.when(_aimed(run, name)).then(pl.lit(name)) for name in rule.measures]
    brought = pl.concat_list(taken).list.drop_nulls() if taken else EMPTY
    sources = [pl.when(is_in_force(run, (source,), pl.col("law"))).then(pl.lit(source)) for source in rule.foundation]
    return found.select(
        "party", "ground_place", "measure_place", "audience", "list", "entry", "ground", "state", "listed", "until",
        "steps",
        polarity=pl.lit(rule.polarity),
        end_known=pl.lit(value=True),
        repairable_from=as_date(pl.col("repairable")),
        ground_changed=pl.col("changed"),
        measures=pl.when(pl.col("state") == "listed").then(brought).otherwise(EMPTY),
        law_day=as_date(pl.col("law")),
        foundation=pl.concat_list(sources).list.drop_nulls(),
    )  # fmt: skip


def _measures(run: Run, one: Board, found: pl.DataFrame) -> pl.DataFrame:
    each = []
    for place, name in enumerate(one.rule.measures):
        row = run.plan.measures[name]
        each.append(
            found.filter(_aimed(run, name)).select(
                "party", "ground_place", "audience", "list", "entry", "until",
                measure_place=fixed(place, pl.Int32),
                measure=pl.lit(name),
                executor=pl.lit(row.executor),
                basis=pl.lit(list(row.basis), pl.List(pl.String)),
                **{"class": pl.lit(row.class_), "from": pl.col("listed")},
            )
        )  # fmt: skip
    return pl.concat(each, how="diagonal_relaxed")
