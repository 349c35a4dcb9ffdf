"""The authority's steps on the entries of a list, for all parties at once: what became of the grounds of the list."""

from __future__ import annotations

import polars as pl
from attrs import frozen

from credit_engine.assessing.grounds import LISTING
from credit_engine.engines.columns.events import anchor, law_day
from credit_engine.engines.columns.listing_grounds import ODD, decisions
from credit_engine.engines.columns.listing_named import all_at_once
from credit_engine.engines.columns.listing_rounds import one_by_one
from credit_engine.engines.columns.listing_state import FLAGS, closing_step, grounds_named, unlisted
from credit_engine.engines.columns.listing_terms import Terms, is_in_force
from credit_engine.engines.columns.shapes import DAY, LAST_DAY, any_of, chosen, fixed
from credit_engine.engines.columns.view import key_of

MOST_STEPS = 32
STATES = {"revoke": "revoked", "refuse": "refused", "repair": "repaired"}


@frozen(eq=False)
class Stepped:
    """What became of the grounds of a list.

    `entries`: beside `BASE` each has `entry` (a number), `state`, `listed`, `until`, `repairable`, `changed` (the
    ground opens no list) and `steps` (texts in order). `odd`: the parties not told. `lines`: the steps (`party`, `key`,
    `id`) that name a ground of which there is no entry.
    """

    entries: pl.DataFrame
    odd: pl.DataFrame
    lines: pl.DataFrame


def stepped(terms: Terms, opened: pl.DataFrame) -> Stepped:
    """The entries after all steps, as they stand on the day judged."""
    begun = _begun(terms, opened)
    steps, many = _steps_on(terms)
    state = pl.concat([begun, _waiting(terms, begun, steps)], how="diagonal_relaxed")
    in_turn = steps.filter(~pl.col("names"))
    named = all_at_once(terms, state.join(in_turn, on="party", how="anti"), steps.join(in_turn, on="party", how="anti"))
    others = one_by_one(
        terms, state.join(in_turn, on="party", how="semi"), steps.join(in_turn, on="party", how="semi"), len(state)
    )
    parts = (named, others)
    state = pl.concat([each.state for each in parts], how="diagonal_relaxed").sort("entry")
    found, more = _told(terms, state.filter(pl.col("sure") & (pl.col("opened") < LAST_DAY)))
    texts = pl.concat([each.acts for each in parts]).sort("entry", "turn")
    texts = texts.group_by("entry", maintain_order=True).agg(steps="text")
    found = found.join(texts, on="entry", how="left", maintain_order="left").with_columns(pl.col("steps").fill_null([]))
    unknown = pl.concat([begun, state], how="diagonal_relaxed").filter(~pl.col("known")).select("party").cast(ODD)
    odd = pl.concat([many, unknown, more, *(each.odd for each in parts)]).unique()
    return Stepped(found, odd, pl.concat([each.lines for each in parts]))


def _waiting(terms: Terms, state: pl.DataFrame, steps: pl.DataFrame) -> pl.DataFrame:
    """The events that `list` steps name and that open no entry: of each there is one from such a step on."""
    run, rule = terms.run, terms.rule
    named = steps.filter(pl.col("list")).explode("grounds").drop_nulls("grounds")
    if not len(named) or rule.opens is None or rule.opens.each is None:
        return state.clear()
    codes = grounds_named(terms, named).select("party", "ground").unique()
    codes = codes.join(state.select("party", "ground"), on=["party", "ground"], how="anti")
    if not len(codes):
        return state.clear()
    each, kind = rule.opens.each, rule.ground_kind
    rows = run.known(run.store.events[kind], kind)
    days = {f"e.{name}" for name in (*each.by, *rule.law.anchors)}
    read = {"party", "order", "e.id", "e.standing", *days, *state.columns} & set(rows.collect_schema())
    is_named = pl.col("e.id").is_in(codes.get_column("ground").unique().implode())
    rows = run.collect(rows.filter(is_named).select(sorted(read))).lazy()  # found by the id alone: that reads least
    rows = rows.filter(pl.col("e.standing") != run.store.code("withdrawn")).with_columns(day=anchor(run, kind, each.by))
    rows = rows.filter(pl.col("day") <= run.today)
    rows = rows.with_columns(
        law=law_day(run, rule.law, kind, pl.col("day")),
        key=key_of(pl.col("day"), pl.col("order")),
        ground=pl.col("e.id"),
    )
    told = [name for name in rows.collect_schema() if name in state.columns]
    found = run.collect(rows.select(*told, own_day=pl.col("day"))).join(codes, on=["party", "ground"], how="semi")
    return found.with_row_index("entry", offset=len(state)).with_columns(
        opened=fixed(LAST_DAY, DAY), changed=pl.lit(value=True), **unlisted()
    )


def _begun(terms: Terms, opened: pl.DataFrame) -> pl.DataFrame:
    """The entries before any step: proposals, or listed by the rule from the first day of their term."""
    state = opened.with_row_index("entry").with_columns(
        changed=pl.lit(value=False), **{**unlisted(), "sure": pl.col("sure")}
    )
    if terms.rule.needs_decision:
        return state
    names = state.columns
    begins = terms.ends(state.with_columns(listed=pl.col("opened")).drop("last", "known"))
    begun = begins.with_columns(listed=pl.max_horizontal("opened", "first"), before="known").drop(
        "first", "last", "known"
    )
    found = terms.ends(begun)
    return found.with_columns(known=pl.col("known") & pl.col("before")).select(names)


def _steps_on(terms: Terms) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The steps on the list with their `turn` by party, and the parties of whom too many are in turn.

    `names`: whether the step names its grounds. Who has no other steps needs no turns.
    """
    run, rule = terms.run, terms.rule
    rows = decisions(run)
    codes = {step: run.store.code(step) for step in ("opt_out", *FLAGS, *LISTING)}
    mine = rows.filter(pl.col("e.list") == run.store.code(rule.name), pl.col("e.step") != codes["opt_out"])
    flags = {step: pl.col("e.step") == code for step, code in codes.items() if step != "opt_out"}
    days = pl.col("day").cast(pl.Int64) - _EPOCH
    text = pl.format("{}: {} ({})", days.cast(pl.Int32).cast(pl.Date), run.store.as_texts(pl.col("e.step")),
                     run.store.as_texts(pl.col("e.id")))  # fmt: skip
    steps = mine.with_columns(law=law_day(run, rule.law, "list_decision", pl.col("day"))).select(
        "party", "key", "day", "law", id=pl.col("e.id"), grounds=pl.col("e.grounds"), text=text,
        names=(pl.col("e.grounds").list.len() > 0).fill_null(value=False),
        turn=pl.int_range(pl.len(), dtype=pl.Int32).over("party", order_by="key"), **flags,
    )  # fmt: skip
    unnamed = steps.filter(~pl.col("names")).select("party").unique()
    many = steps.filter(pl.col("turn") >= MOST_STEPS).join(unnamed, on="party", how="semi")
    many = many.select("party").unique().cast(ODD)
    return steps.join(many, on="party", how="anti"), many


_EPOCH = 719_163  # the ordinal of 1970-01-01


def _told(terms: Terms, state: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The entries with their state, end and day of repair; and the parties of whom one of these is not told."""
    today = terms.run.today
    listed = pl.when(pl.col("listed") <= today).then(pl.col("listed"))
    over = [(pl.col(step), pl.lit(state_)) for step, state_ in STATES.items()]
    running = pl.when(pl.col("last") < today).then(pl.lit("expired")).otherwise(pl.lit("listed"))
    before = pl.when(pl.col("notify")).then(pl.lit("notified")).otherwise(pl.lit("proposed"))
    word = chosen([*over, (listed.is_not_null(), running)], before)
    until = pl.when(closing_step()).then(pl.col("ended")).when(
        listed.is_not_null() & (pl.col("last") < LAST_DAY)).then(pl.col("last") + 1)  # fmt: skip
    found = state.with_columns(state=word, listed=listed, until=until)
    now = found.filter(pl.col("state") == "listed")
    repaired = terms.repairable(now).select("entry", "repairable", "told")
    found = found.join(repaired, on="entry", how="left", maintain_order="left")
    founded = any_of(is_in_force(terms.run, (source,), pl.col("law")) for source in terms.rule.foundation)
    usual = pl.col("told").fill_null(value=True) & (founded | (pl.col("state") != "listed"))
    return found.drop("told"), found.filter(~usual).select("party").cast(ODD)
