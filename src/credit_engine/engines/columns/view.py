"""The rows from which pieces of a plan are read, and the run that they belong to.

A view has one row for each viewpoint. Its columns: `party`, `day`, `law`; `key` (day and order) where the viewpoint is
an event; `e.NAME` and `id` of the event at hand; `item` of the element at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Literal

import polars as pl
from attrs import evolve, frozen

from credit_engine.engines.columns.prepared import Prepared
from credit_engine.engines.columns.shapes import DAY, FIRST_DAY, LAST_DAY, NUMBER, Truths, Val
from credit_engine.errors import PolicyError, Problem, QuestionError
from credit_engine.policy.nodes import EventField, Node, Selector, walk
from credit_engine.policy.plan import Plan

Engine = Literal["streaming", "in-memory"]
Make = Callable[[Any, "At"], Any]  # Any: its own node; a Val, Truths or Stretch
SHIFT = 32  # bits of a key below the day


class Run:
    """One question about everybody: the records, the plan, the day judged and the day of knowledge."""

    def __init__(
        self,
        table: Mapping[type[Node], Make],
        store: Prepared,
        plan: Plan,
        as_of: date,
        known_at: date,
        engine: Engine = "streaming",
    ) -> None:
        self.table = table
        self.store = store
        self.plan = plan
        self.as_of = as_of
        self.known_at = known_at
        self.engine = engine
        self.found: dict[object, Any] = {}  # Any: what a step keeps, under its own key
        self.fields = fields_read(plan)
        self._names = 0

    @property
    def today(self) -> pl.Expr:
        """The day judged."""
        return pl.lit(self.as_of.toordinal(), DAY)

    def name(self) -> str:
        """A new name of a column."""
        self._names += 1
        return f"_{self._names}"

    def collect(self, frame: pl.LazyFrame) -> pl.DataFrame:
        """The rows of a lazy frame. No column of it is a float."""
        try:
            found = frame.collect(engine=self.engine)
        except pl.exceptions.InvalidOperationError as error:  # the casts back to 64 bits are strict
            message = f"numbers too large for the columns engine: {str(error).splitlines()[0]}"
            raise QuestionError(Problem("unsupported", message, hint="use the plain engine")) from None
        floats = [name for name, dtype in found.schema.items() if dtype.is_float()]
        if floats:
            raise AssertionError(floats)
        return found

    def known(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The versions known on the day of knowledge."""
        day = self.known_at.toordinal()
        return frame.filter((pl.col("known_from") <= day) & (pl.col("known_until") > day))

    def among(self, parties: Sequence[str]) -> None:
        """Ask about these parties only."""
        places = {name: place for place, name in enumerate(self.store.party_ids)}
        wanted = pl.Series([places[name] for name in parties if name in places], dtype=pl.UInt32)
        self.store = evolve(
            self.store,
            parties=self.store.parties.filter(pl.col("party").is_in(wanted.implode())),
            events={
                kind: rows.filter(pl.col("party").is_in(wanted.implode())) for kind, rows in self.store.events.items()
            },
        )

    def parties(self) -> pl.LazyFrame:
        """The parties of whom something is known, one row each."""
        if "parties" not in self.found:
            self.found["parties"] = self.collect(self.known(self.store.parties)).lazy()
        return self.found["parties"]  # type: ignore[no-any-return]  # kept under this key by this method only

    def hidden_until(self, kind: str) -> int | None:
        """The last day on which events of the kind could stand unrecorded, or none if the table is complete."""
        coverage = self.store.coverage.get(kind)
        if coverage is None:
            return None
        if coverage == "absent":
            return LAST_DAY
        return coverage.toordinal() - 1 if coverage.toordinal() > FIRST_DAY else None


def fields_read(plan: Plan) -> frozenset[str]:
    """The columns of events that a plan reads anywhere: fields, anchors, and what makes an empty cell known."""
    laws = (plan.law, *(rule.law for rule in (plan.score.rules if plan.score is not None else ())))
    names = {"id", "standing", *plan.kinds.values(), *(name for law in laws for name in law.anchors)}
    for node in walk(plan):
        if isinstance(node, EventField):
            names |= {node.name, *((node.implied[0],) if node.implied is not None else ())}
        elif isinstance(node, Selector):
            names |= {*node.by, *((node.at,) if node.at is not None else ())}
    return frozenset(f"e.{name}" for name in names)


class View:
    """Viewpoints as a lazy frame that grows by the columns of what is read from it.

    `kind`: of the event at hand; `position`: the kind of event that the viewpoint is (none: a whole day).
    """

    def __init__(self, run: Run, frame: pl.LazyFrame, kind: str | None = None, position: str | None = None) -> None:
        self.run = run
        self.frame = frame
        self.kind = kind
        self.position = position
        self.memo: dict[object, Any] = {}  # Any: Val, Truths, Stretch, by node and law
        self.joined: set[str] = set()

    def let(self, column: pl.Expr) -> pl.Expr:
        """The column under a name of its own, so that it is computed once."""
        name = self.run.name()
        self.frame = self.frame.with_columns(column.alias(name))
        return pl.col(name)

    def keep(self, val: Val) -> Val:
        """A value whose columns are computed once."""
        names = {part: self.run.name() for part in ("value", "state", "low", "high", "den")}
        columns = {
            names[part]: column
            for part in names
            if (column := getattr(val, part)) is not None and (part != "state" or len(val.states) > 1)
        }
        self.frame = self.frame.with_columns(**columns)
        kept: dict[str, Any] = {  # Any: columns, or nothing where there is none
            part: pl.col(name) if name in columns else getattr(val, part) for part, name in names.items()
        }
        return evolve(val, **kept)

    def keep_truths(self, truths: Truths) -> Truths:
        """Truths whose columns are computed once."""
        return Truths(self.let(truths.holds), self.let(truths.may))

    def pin(self) -> pl.DataFrame:
        """The rows of the view, computed now."""
        found = self.run.collect(self.frame)
        self.frame = found.lazy()
        return found

    def numbered(self) -> pl.LazyFrame:
        """The rows of the view with a number each, `row`."""
        if "row" not in self.joined:
            self.joined.add("row")
            self.frame = self.frame.with_row_index("row")
        self.pin()
        return self.frame

    def with_party(self, name: str) -> pl.Expr:
        """A field of the party judged, joined when it is first asked for; null where no table has it."""
        column = f"o.{name}"
        if column not in self.joined:
            self.joined.add(column)
            parties = self.run.parties()
            if column not in parties.collect_schema():
                return pl.lit(None)
            self.frame = self.frame.join(parties.select("party", column), on="party", how="left")
        return pl.col(column)

    def key(self) -> pl.Expr:
        """Where the viewpoint stands in the order of its kind."""
        return pl.col("key")


@frozen(eq=False)
class At:
    """A view read under the law of one of its columns."""

    view: View
    law: str = "law"

    def under(self, law: str) -> At:
        """The same view under another law."""
        return self if law == self.law else At(self.view, law)


def key_of(day: pl.Expr, order: pl.Expr) -> pl.Expr:
    """The place in the order of a kind as one whole number."""
    return day.cast(NUMBER) * (1 << SHIFT) + order


def lacking(what: str, hint: str = "") -> PolicyError:
    """The refusal of something that the engine lacks."""
    return PolicyError(Problem("unsupported", f"the columns engine has no {what} yet", hint=hint or "--engine plain"))


def build(node: Node, at: At) -> Any:  # Any: a Val, Truths or Stretch, by the sort of node
    """What a node gives on the rows of a view; made once."""
    key = (id(node), at.law)
    found = at.view.memo.get(key)
    if found is None:
        make = at.view.run.table.get(type(node))
        if make is None:
            raise lacking(type(node).__name__)
        found = at.view.memo[key] = make(node, at)
    return found
