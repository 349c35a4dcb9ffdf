"""The authority's steps on the entries of a list, one after the other for all parties at once.

Each round takes the next step of every party; so there are as many rounds as a party has steps at most, and whoever has
very many is left to the plain engine.
"""

from __future__ import annotations

import polars as pl
from attrs import frozen

from credit_engine.assessing.grounds import CLOSING, LISTING
from credit_engine.engines.columns.events import anchor, law_day
from credit_engine.engines.columns.listing_grounds import ODD, decisions, nobody
from credit_engine.engines.columns.listing_terms import Terms, is_in_force
from credit_engine.engines.columns.shapes import CODE, DAY, LAST_DAY, NUMBER, any_of, chosen
from credit_engine.engines.columns.view import key_of

MOST_STEPS = 8
STATES = {"revoke": "revoked", "refuse": "refused", "repair": "repaired"}
_FLAGS = ("revoke", "refuse", "repair", "notify")


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
    state = _begun(terms, opened)
    steps, many = _steps_on(terms)
    odd = [state.filter(~pl.col("known")).select("party").cast(ODD), many]
    state = pl.concat([state, _waiting(terms, state, steps)], how="diagonal_relaxed")
    acts: list[pl.DataFrame] = []
    lines: list[pl.DataFrame] = []
    rounds = steps.get_column("turn").max()
    for turn in range(rounds + 1 if isinstance(rounds, int) else 0):
        done = _hits(terms, state, steps.filter(pl.col("turn") == turn))
        state = _moved(terms, pl.concat([state, done.made], how="diagonal_relaxed"), done.hits)
        acts.append(done.hits.select("entry", "turn", "text"))
        lines.append(done.lines)
        odd += [done.odd, state.filter(~pl.col("known")).select("party").cast(ODD)]
    found, more = _told(terms, state.filter(pl.col("sure") & (pl.col("opened") < LAST_DAY)))
    texts = pl.concat([pl.DataFrame(schema=_ACTS), *acts]).sort("entry", "turn")
    texts = texts.group_by("entry", maintain_order=True).agg(steps="text")
    found = found.join(texts, on="entry", how="left", maintain_order="left").with_columns(pl.col("steps").fill_null([]))
    return Stepped(found, pl.concat([*odd, more]).unique(), pl.concat([pl.DataFrame(schema=_LINES), *lines]))


_ACTS = {"entry": NUMBER, "turn": pl.Int32(), "text": pl.String()}
_LINES = {"party": CODE, "key": NUMBER, "id": CODE}


def _waiting(terms: Terms, state: pl.DataFrame, steps: pl.DataFrame) -> pl.DataFrame:
    """The events that `list` steps name and that open no entry: of each there is one from such a step on."""
    run, rule = terms.run, terms.rule
    named = steps.filter(pl.col("list")).explode("grounds").drop_nulls("grounds")
    if not len(named) or rule.opens is None or rule.opens.each is None:
        return state.clear()
    codes = _grounds_named(terms, named).select("party", "ground").unique()
    codes = codes.join(state.select("party", "ground"), on=["party", "ground"], how="anti")
    if not len(codes):
        return state.clear()
    each, kind = rule.opens.each, rule.ground_kind
    rows = run.known(run.store.events[kind]).filter(pl.col("e.id").is_in(codes.get_column("ground").unique().implode()))
    rows = rows.filter(pl.col("e.standing") != run.store.code("withdrawn")).with_columns(day=anchor(run, kind, each.by))
    rows = rows.filter(pl.col("day") <= run.as_of.toordinal())
    rows = rows.with_columns(
        law=law_day(run, rule.law, kind, pl.col("day")),
        key=key_of(pl.col("day"), pl.col("order")),
        ground=pl.col("e.id"),
    )
    fields = [name for name in rows.collect_schema() if name in state.columns]
    found = run.collect(rows.select(*fields, own_day=pl.col("day"))).join(codes, on=["party", "ground"], how="semi")
    before = state.get_column("entry").max()
    return found.with_row_index("entry", offset=before + 1 if isinstance(before, int) else 0).with_columns(
        opened=pl.lit(LAST_DAY, DAY), changed=pl.lit(value=True), **_unlisted()
    )


def _unlisted() -> dict[str, pl.Expr]:
    """What no step has changed yet."""
    return {
        "entry": pl.col("entry").cast(NUMBER),
        "listed": pl.lit(None, DAY),
        "last": pl.lit(None, DAY),
        "known": pl.lit(value=True),
        "sure": pl.lit(value=True),
        "ended": pl.lit(None, DAY),
        "listings": pl.lit(0, pl.Int32),
        **{flag: pl.lit(value=False) for flag in _FLAGS},
    }


def _begun(terms: Terms, opened: pl.DataFrame) -> pl.DataFrame:
    """The entries before any step: proposals, or listed by the rule from the first day of their term."""
    state = opened.with_row_index("entry").with_columns(
        changed=pl.lit(value=False), **{**_unlisted(), "sure": pl.col("sure")}
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
    """The steps on the list with their `turn` by party, and the parties that have too many."""
    run, rule = terms.run, terms.rule
    rows = decisions(run)
    codes = {step: run.store.code(step) for step in ("opt_out", *_FLAGS, *LISTING)}
    mine = rows.filter(
        (pl.col("e.list") == run.store.code(rule.name)) & (pl.col("e.step") != codes["opt_out"]).fill_null(value=True)
    )
    mine = mine.filter(pl.col("e.step").is_not_null())
    flags = {step: pl.col("e.step") == code for step, code in codes.items() if step != "opt_out"}
    days = pl.col("day").cast(pl.Int64) - _EPOCH
    text = pl.format("{}: {} ({})", days.cast(pl.Int32).cast(pl.Date), run.store.as_texts(pl.col("e.step")),
                     run.store.as_texts(pl.col("e.id")))  # fmt: skip
    steps = mine.with_columns(law=law_day(run, rule.law, "list_decision", pl.col("day"))).select(
        "party", "key", "day", "law", id=pl.col("e.id"), grounds=pl.col("e.grounds"), text=text,
        turn=pl.int_range(pl.len(), dtype=pl.Int32).over("party", order_by="key"), **flags,
    )  # fmt: skip
    many = steps.filter(pl.col("turn") >= MOST_STEPS).select("party").unique().cast(ODD)
    return steps.join(many, on="party", how="anti"), many


_EPOCH = 719_163  # the ordinal of 1970-01-01


@frozen(eq=False)
class Round:
    """One step of each party: the entries that it acts on, those that it makes, who is not told, lines of grounds."""

    hits: pl.DataFrame
    made: pl.DataFrame
    odd: pl.DataFrame
    lines: pl.DataFrame


def _hits(terms: Terms, state: pl.DataFrame, now: pl.DataFrame) -> Round:
    """What one step of each party does."""
    names = (pl.col("grounds").list.len() > 0).fill_null(value=False)
    named, odd, lines = _named(terms, state, now.filter(names))
    unnamed = now.filter(~names).drop("grounds")
    unclear = unnamed.join(state.filter(~pl.col("sure")), on="party", how="semi")
    there = state.select("party", "entry", "opened", "listed", "last", closed=pl.any_horizontal(CLOSING))
    pairs = unnamed.join(there, on="party")
    is_over = (pl.col("listed") <= pl.col("day")) & (pl.col("day") > pl.col("last"))
    open_ = pairs.filter((pl.col("opened") <= pl.col("day")) & ~pl.col("closed") & ~is_over.fill_null(value=False))
    alone = unnamed.filter(pl.col("list")).join(open_, on="party", how="anti")
    before = state.get_column("entry").max()
    made = alone.with_row_index("entry", offset=before + 1 if isinstance(before, int) else 0).select(
        "party", "key", "law", ground="id", opened="day", own_day="day", changed=pl.lit(value=False), **_unlisted()
    )
    twice = made.join(state, on=["party", "ground"], how="semi")  # an event has the id of this decision
    unusual = [
        odd,
        unclear.select("party").cast(ODD),
        (made if terms.reads_ground else twice).select("party").cast(ODD),
    ]
    columns = ["entry", "party", "day", "turn", "text", "list", "restore", *_FLAGS]
    own = alone.join(made.select("party", "entry"), on="party")
    hits = pl.concat([frame.select(columns) for frame in (named, open_, own)], how="vertical_relaxed")
    return Round(hits, made, pl.concat(unusual), lines)


def _grounds_named(terms: Terms, each: pl.DataFrame) -> pl.DataFrame:
    """Steps with one ground each as the code of its own id (`ground`), which may be written as that of the entry.

    An id that no event has is null.
    """
    store = terms.run.store
    text = store.as_texts(pl.col("grounds"))
    prefix = pl.format("{}/{}/", pl.lit(terms.rule.name), store.as_parties(pl.col("party")))
    is_entry = text.str.starts_with(prefix)
    if not len(each) or not each.select(is_entry.any()).item():
        return each.with_columns(ground=pl.col("grounds"))
    own = text.str.slice(prefix.str.len_chars())
    found = each.with_columns(own=pl.when(is_entry).then(own))
    texts = found.get_column("own").drop_nulls().unique().sort()
    codes = [store.code(one) for one in texts]
    code = pl.col("own").replace_strict(texts, codes, default=None, return_dtype=CODE)
    return found.with_columns(ground=pl.when(is_entry).then(code).otherwise(pl.col("grounds"))).drop("own")


def _named(terms: Terms, state: pl.DataFrame, now: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The entries whose grounds steps name; the parties not told; the steps that name one without an entry.

    A `list` step makes an entry of an event that opens none. What it names beside is left to the plain engine.
    """
    columns = [*(name for name in now.columns if name != "grounds"), "entry"]
    if not len(now):
        return now.with_columns(entry=pl.lit(None, NUMBER)).select(columns), nobody(), pl.DataFrame(schema=_LINES)
    each = _grounds_named(terms, now.explode("grounds"))
    twice = each.filter(pl.struct("party", "ground").is_duplicated()).select("party")
    found = each.join(
        state.select("party", "ground", "entry", "opened", "changed", "sure"), on=["party", "ground"], how="left"
    )
    late = (pl.col("opened") > pl.col("day")).fill_null(value=True)
    begins = pl.col("list") & (pl.col("changed") & (pl.col("opened") == LAST_DAY)).fill_null(value=False)
    lost = found.filter(late & ~begins)
    restored = found.filter(pl.col("restore") & ~pl.col("sure"))
    odd = pl.concat([twice, *(each.select("party") for each in (lost.filter("list"), restored))]).unique().cast(ODD)
    lost = pl.concat([lost, found.filter(~late & ~pl.col("sure") & ~pl.col("list"))])
    lines = lost.select("party", "key", "id").unique().cast(_LINES)  # type: ignore[arg-type]  # a schema
    return found.filter(~late | begins).join(odd, on="party", how="anti").select(columns), odd, lines


def _moved(terms: Terms, state: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
    """The entries after one step each."""
    if not len(hits):
        return state
    names = state.columns
    acts = hits.select("entry", "list", "restore", step_day="day", **{f"step_{flag}": pl.col(flag) for flag in _FLAGS})
    rows = state.join(acts, on="entry", how="left", maintain_order="left")
    lists = (pl.col("list") | pl.col("restore")).fill_null(value=False)
    again = lists & (pl.col("listings") > 0)
    rows = rows.with_columns(
        *(pl.when(lists).then(statement=False).otherwise(_either(flag)).alias(flag) for flag in _FLAGS),
        opened=pl.min_horizontal("opened", pl.when(lists).then(pl.col("step_day"))),
        ended=pl.when(lists).then(pl.lit(None, DAY))
        .when(pl.any_horizontal(f"step_{name}" for name in CLOSING).fill_null(value=False))
        .then(pl.min_horizontal("ended", "step_day")).otherwise(pl.col("ended")),
        listed=pl.when(lists).then(pl.col("step_day")).otherwise(pl.col("listed")),
        sure=pl.col("sure") | pl.col("list").fill_null(value=False),
        listings=pl.col("listings") + lists.cast(pl.Int32),
        known=pl.col("known") & ~(again & _under_newest(terms)),
        moved=lists,
    ).select(*names, "moved")  # fmt: skip
    still, moved = rows.filter(~pl.col("moved")), rows.filter("moved")
    if not len(moved):
        return still.select(names)
    ends = terms.ends(moved.drop("last").rename({"known": "before"}))
    ends = ends.with_columns(known=pl.col("known") & pl.col("before"))
    return pl.concat([still.select(names), ends.select(names)]).sort("entry")


def _either(flag: str) -> pl.Expr:
    return pl.col(flag) | pl.col(f"step_{flag}").fill_null(value=False)


def _under_newest(terms: Terms) -> pl.Expr:
    """Whether an entry is under the law of its newest decision: where no event opens one, and it is made of a step."""
    rule = terms.rule
    return pl.lit(value=rule.opens is None and rule.ground_kind != "list_decision")


def _told(terms: Terms, state: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The entries with their state, end and day of repair; and the parties of whom one of these is not told."""
    today = terms.run.as_of.toordinal()
    listed = pl.when(pl.col("listed") <= today).then(pl.col("listed"))
    over = [(pl.col(step), pl.lit(state_)) for step, state_ in STATES.items()]
    running = pl.when(pl.col("last") < today).then(pl.lit("expired")).otherwise(pl.lit("listed"))
    before = pl.when(pl.col("notify")).then(pl.lit("notified")).otherwise(pl.lit("proposed"))
    word = chosen([*over, (listed.is_not_null(), running)], before)
    until = pl.when(pl.any_horizontal(CLOSING)).then(pl.col("ended")).when(
        listed.is_not_null() & (pl.col("last") < LAST_DAY)).then(pl.col("last") + 1)  # fmt: skip
    found = state.with_columns(state=word, listed=listed, until=until)
    now = found.filter(pl.col("state") == "listed")
    repaired = terms.repairable(now).select("entry", "repairable", "told")
    found = found.join(repaired, on="entry", how="left", maintain_order="left")
    founded = any_of(is_in_force(terms.run, (source,), pl.col("law")) for source in terms.rule.foundation)
    usual = pl.col("told").fill_null(value=True) & (founded | (pl.col("state") != "listed"))
    return found.drop("told"), found.filter(~usual).select("party").cast(ODD)
