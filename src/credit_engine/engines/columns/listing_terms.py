"""The term of an entry and from when it could be repaired, given its ground and the day on which it was listed."""

from __future__ import annotations

import polars as pl

from credit_engine.assessing.program import AUDIENCES
from credit_engine.engines.columns.selecting import taken
from credit_engine.engines.columns.shapes import (
    CODE,
    DAY,
    LAST_DAY,
    NO,
    NUMBER,
    PLAIN,
    Truths,
    Val,
    all_of,
    chosen,
    fixed,
)
from credit_engine.engines.columns.spans import Stretch, days_of
from credit_engine.engines.columns.view import At, Run, View, build, fields_read, reached
from credit_engine.policy.nodes import Constant, Listed, Literal, Parameter, Selector, Span, SpanRow, walk
from credit_engine.policy.plan import ListRule, RepairRow
from credit_engine.policy.plan_basis import Basis
from credit_engine.records import TAKES_PART

# What is known of a ground; beside it stand the fields of the event, `e.NAME`.
BASE: dict[str, pl.DataType] = {
    "party": CODE,
    "key": NUMBER,
    "law": DAY,
    "ground": CODE,
    "opened": DAY,
    "own_day": DAY,
    "sure": pl.Boolean(),
}
TRUE = Constant(holds=True)


def is_in_force(run: Run, sources: tuple[str, ...], law: pl.Expr) -> pl.Expr:
    """Whether all of these sources are in force on a law day."""
    days = days_of(run, Basis(sources))
    parts = [law >= days.from_day.toordinal()] if days.from_day is not None else []
    parts += [law < days.until.toordinal()] if days.until is not None else []
    return all_of(parts)


class Terms:
    """How long entries of one list last. `fields`: the columns of the ground that are read for this."""

    def __init__(self, run: Run, rule: ListRule) -> None:
        self.run, self.rule = run, rule
        plain = Span | SpanRow | Listed | Literal | Parameter | Constant | RepairRow
        rows = rule.repair.rows if rule.repair is not None else ()
        pieces = (rule.term, rows, rule.audience)
        self.reads_ground = not all(isinstance(node, plain) for piece in pieces for node in walk(piece))
        read = [node for piece in (rule.term, rule.repair, rule.audience) for node in reached(run.plan, piece)]
        self.fields = fields_read(read)

    def view(self, entries: pl.DataFrame, day: str = "own_day") -> View:
        """Entries as seen from their ground (or another day): columns of `BASE`, `listed` and the event's fields."""
        kind = self.rule.ground_kind
        frame = entries.lazy().with_columns(day=pl.col(day), by_day=pl.col("own_day"))
        return View(self.run, frame, kind, kind if day == "own_day" else None)

    def ends(self, entries: pl.DataFrame) -> pl.DataFrame:
        """The entries with `first` and `last` day of their term; `known` where these are known and it is in force."""
        if self.rule.term is None or not len(entries):
            first, last = pl.col("own_day"), fixed(LAST_DAY, DAY)
            return entries.with_columns(first=first.cast(DAY), last=last, known=pl.lit(value=True))
        view = self.view(entries)
        stretch: Stretch = build(self.rule.term, At(view))
        frame = view.frame.with_columns(
            first=stretch.first, last=stretch.at_most, known=stretch.in_force & stretch.is_known
        )
        return self.run.collect(frame.select(*entries.columns, "first", "last", "known"))

    def audiences(self, entries: pl.DataFrame) -> pl.DataFrame:
        """The entries with who may see each as the list has it (`own_audience`); what is not known is internal."""
        written = self.rule.audience
        if isinstance(written, Literal) or not len(entries):
            text = str(written.value) if isinstance(written, Literal) else AUDIENCES[-1]
            return entries.with_columns(own_audience=pl.lit(text))
        view, code = self.view(entries), self.run.store.code
        val: Val = build(written, At(view))
        plain = val.is_in(PLAIN)
        cases = [(plain & (val.value == code(each)).fill_null(value=False), pl.lit(each)) for each in AUDIENCES]
        names = [*entries.columns, "own_audience"]
        return self.run.collect(
            view.frame.with_columns(own_audience=chosen(cases, pl.lit(AUDIENCES[-1]))).select(names)
        )

    def repairable(self, entries: pl.DataFrame) -> pl.DataFrame:
        """The entries with the first day (`repairable`) on which they could be repaired, and whether that is `told`."""
        repair = self.rule.repair
        if repair is None or not len(entries):
            return entries.with_columns(repairable=fixed(None, DAY), told=pl.lit(value=True))
        waiting = self._waiting(entries)
        after = pl.col("waiting") + 1
        over = pl.when(after < pl.col("listed")).then(pl.col("listed")).otherwise(after)  # null as the waiting is
        is_over = over <= self.run.today
        waiting = waiting.with_columns(
            asked=pl.when(is_over).then(over).otherwise(self.run.today),
            answer=pl.when(is_over).then(over).otherwise(after),
        )
        names = [*entries.columns, "repairable", "told"]
        if repair.when != TRUE:
            told = pl.col("waiting").is_null()
            return waiting.with_columns(repairable=fixed(None, DAY), told=told).select(names)
        if repair.where != TRUE:
            done = self._with_rectifications()
            rows = waiting.join(done, on="party", how="left", maintain_order="left")
            told = pl.col("waiting").is_null() | pl.col("done").is_null()  # none was performed, so there is no day
            return rows.with_columns(repairable=fixed(None, DAY), told=told).select(names)
        blocked = self._blocked(waiting, repair.unless_new)
        day = pl.when(~blocked).then(pl.col("answer")).cast(DAY)
        return waiting.with_columns(repairable=day, told=pl.lit(value=True)).select(names)

    def _with_rectifications(self) -> pl.DataFrame:
        """The parties with any rectification that counts."""
        run = self.run
        codes = [run.store.code(each) for each in sorted(TAKES_PART)]
        rows = run.known(run.store.events["rectification"]).filter(pl.col("e.standing").is_in(codes))
        return run.collect(rows.select("party").drop_nulls().unique()).with_columns(done=pl.lit(value=True))

    def _waiting(self, entries: pl.DataFrame) -> pl.DataFrame:
        """The last day of waiting by the first row that holds; null if it is never, or not known."""
        view, run = self.view(entries), self.run
        at = At(view)
        done, last = NO, fixed(None, DAY)
        for row in self.rule.repair.rows if self.rule.repair is not None else ():
            truths: Truths = build(row.condition, at)
            meant = is_in_force(run, row.basis, pl.col("law")) & truths.may & ~done
            if row.span is not None:
                stretch: Stretch = build(row.span, at)
                told = stretch.in_force & stretch.is_known & (stretch.last < LAST_DAY) & truths.holds
                last = view.let(chosen([(meant & told, stretch.last)], last))
            done = view.let(done | meant)
        return run.collect(view.frame.select(*entries.columns, waiting=last.cast(DAY)))

    def _blocked(self, entries: pl.DataFrame, new: Selector | None) -> pl.Series | pl.Expr:
        """Whether an event after the listing stands against a repair on the day asked, or may."""
        if new is None:
            return NO
        numbered = entries.with_row_index("place")
        view = self.view(numbered, "asked")
        found = taken(new, At(view))
        listed = view.frame.select("row", "place", "listed")
        against = found.entries.select("row", event_day=pl.col("day")).join(listed, on="row")
        parts = [against.filter(pl.col("event_day") > pl.col("listed")).select("place")]
        rows = found.rows.join(listed, on="row")
        hidden = (pl.col("hidden") > pl.col("listed")).fill_null(value=False)
        parts.append(rows.filter(pl.col("endless") | hidden).select("place"))
        if found.undated is not None:
            parts.append(found.undated.select("row").join(listed, on="row").select("place"))
        places = self.run.collect(pl.concat(parts).unique()).get_column("place")
        return numbered.get_column("place").is_in(places.implode())
