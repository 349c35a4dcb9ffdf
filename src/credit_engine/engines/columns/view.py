"""The rows from which pieces of a plan are read, and the run that they belong to.

A view has one row for each viewpoint. Its columns: `party`, `day`, `law`; `key` (day and order) where the viewpoint is
an event; `e.NAME` and `id` of the event at hand; `item` of the element at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal

import polars as pl
from attrs import evolve, frozen

from credit_engine.engines.columns.calendar import as_date
from credit_engine.engines.columns.prepared import Facts, Prepared
from credit_engine.engines.columns.shapes import DAY, FIRST_DAY, LAST_DAY, NUMBER, Truths, Val, fixed, sure
from credit_engine.errors import PolicyError, Problem, QuestionError
from credit_engine.policy.nodes import ComputedField, EventField, Indicator, Node, OperatorField, Selector, walk
from credit_engine.policy.nodes import Literal as NodeLiteral
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_spreading import OverRelation

Engine = Literal["streaming", "in-memory"]
Make = Callable[[Any, "At"], Any]  # Any: its own node; a Val, Truths or Stretch
SHIFT = 32  # bits of a key below the day
_FAR = 1 << 30  # names of columns that no run comes to by itself
_OF_A_DAY = ("party", "day", "law", "by_day")  # the columns of a viewpoint that is a whole day


class Run:
    """One question about everybody: the records, the plan, the day judged and the day of knowledge.

    Where the records are those of questions (`Prepared.asked`), each place has its own days. `as_of` is then one of
    them, for what is the same on all of them (see `alike`); as a value the day judged is `today`, which lies between
    `first_day` and `last_day`.
    """

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
        self.fields = fields_of(plan)
        days = self.days.sort()
        self.first_day, self.last_day = (int(days[0]), int(days[-1])) if len(days) else (as_of.toordinal(),) * 2
        self._names = 0
        self._written: dict[int, tuple[Node, str]] = {}  # by identity; the node is kept so that no other gets its id

    @property
    def today(self) -> pl.Expr:
        """The day judged, beside a column `party`."""
        asked = self.store.asked
        return fixed(self.as_of.toordinal(), DAY) if asked is None else pl.lit(asked.judged).gather(pl.col("party"))

    @property
    def days(self) -> pl.Series:
        """The day judged of each place, or the one of all."""
        asked = self.store.asked
        return pl.Series([self.as_of.toordinal()], dtype=DAY) if asked is None else asked.judged

    @property
    def date(self) -> pl.Expr:
        """The day judged as a date, beside a column `party`."""
        return pl.lit(self.as_of) if self.store.asked is None else as_date(self.today)

    @property
    def known_date(self) -> pl.Expr:
        """The day of knowledge as a date, beside a column `party`."""
        asked = self.store.asked
        return pl.lit(self.known_at) if asked is None else as_date(pl.lit(asked.known).gather(pl.col("party")))

    def another(self, store: Prepared | None = None, day: int | None = None) -> Run:
        """A run of the same question, or of another day: what it finds is its own, and so are its names of columns."""
        as_of = self.as_of if day is None else date.fromordinal(day)
        other = Run(self.table, store or self.store, self.plan, as_of, self.known_at, self.engine)
        other.found["law changes"] = self.found["law changes"]
        other._names = _FAR
        return other

    def name(self) -> str:
        """A new name of a column."""
        self._names += 1
        return f"_{self._names}"

    def written(self, node: Node) -> str:
        """What a node says; nodes that say the same give the same columns."""
        found = self._written.get(id(node))
        if found is None:
            found = self._written[id(node)] = (node, repr(node))
        return found[1]

    def facts(self, kind: str, column: str) -> Facts | None:
        """What is known beforehand of a column of events."""
        return self.store.facts.get(kind, {}).get(column)

    def reads(self, column: str, fields: Collection[str] | None = None) -> bool:
        """Whether a column of events, or the set that it is a code of, is among fields (those that the plan reads)."""
        return is_read(column, self.fields if fields is None else fields)

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

    def known(self, frame: pl.LazyFrame, kind: str = "") -> pl.LazyFrame:
        """The versions known on the day of knowledge."""
        day = self.known_at.toordinal()
        since, until = self.facts(kind, "known_from"), self.facts(kind, "known_until")
        begun = since is not None and since.most is not None and since.most <= day
        if begun and until is not None and until.least is not None and until.least > day:
            return frame
        return frame.filter((pl.col("known_from") <= day) & (pl.col("known_until") > day))

    def among(self, parties: Sequence[str]) -> None:
        """Ask about these parties only."""
        wanted = self.store.party_ids.is_in(pl.Series(parties, dtype=pl.String).implode()).arg_true()
        self.store = evolve(
            self.store,
            parties=self.store.parties.filter(pl.col("party").is_in(wanted.implode())),
            events={
                kind: rows.filter(pl.col("party").is_in(wanted.implode())) for kind, rows in self.store.events.items()
            },
        )

    def parties(self) -> pl.LazyFrame:
        """The parties of whom something is known, one row each, with the fields that the plan reads."""
        if "parties" not in self.found:
            fields = {f"o.{node.name}" for node in walk(self.plan) if isinstance(node, OperatorField)}
            rows = self.known(self.store.parties)
            names = [name for name in rows.collect_schema() if name in {"party", "is_person", "o.region", *fields}]
            self.found["parties"] = self.collect(rows.select(names)).lazy()
        return self.found["parties"]  # type: ignore[no-any-return]  # kept under this key by this method only

    def hidden_until(self, kind: str) -> int | None:
        """The last day on which events of the kind could stand unrecorded, or none if the table is complete."""
        coverage = self.store.coverage.get(kind)
        if coverage is None:
            return None
        if coverage == "absent":
            return LAST_DAY
        return coverage.toordinal() - 1 if coverage.toordinal() > FIRST_DAY else None


def fields_read(nodes: Iterable[object]) -> frozenset[str]:
    """The columns of events that nodes read: fields, anchors, what makes an empty cell known, and always the id."""
    names = {"id"}
    for node in nodes:
        if isinstance(node, EventField):
            names |= {node.name, *((node.implied[0],) if node.implied is not None else ())}
        elif isinstance(node, Selector):
            names |= {*node.by, *((node.at,) if node.at is not None else ())}
    return frozenset(f"e.{name}" for name in names)


def fields_of(plan: Plan) -> frozenset[str]:
    """The columns of events that a plan reads."""
    return fields_read(walk(plan)) | {f"e.{name}" for name in _anchors(plan)}


def is_read(column: str, fields: Collection[str]) -> bool:
    """Whether a column of events, or the set that it is a code of, is among fields."""
    return column in fields or column.rpartition(".")[0] in fields


def _anchors(plan: Plan) -> set[str]:
    """The days by which events may be placed, or their law be found, and what tells whether they take part."""
    of_score = () if plan.score is None else tuple(rule.law for rule in plan.score.rules)
    of_lists = tuple(rule.law for rule in plan.lists)
    following = (*(rule.law for rule in plan.findings), *(rule.law for rule in plan.obligations))
    laws = (plan.law, *of_score, *of_lists, *following, *(rule.law for rule in plan.spread))
    decided = ("list", "step", "grounds") if plan.lists else ()
    summed = ("region", "to_region") if plan.obligations else ()
    held_on = (branch.held_on for rule in plan.spread for branch in rule.branches if isinstance(branch, OverRelation))
    named = (str(written.value) for written in held_on if isinstance(written, NodeLiteral))
    return {
        "standing",
        *decided,
        *summed,
        *named,
        *plan.kinds.values(),
        *(name for law in laws for name in law.anchors),
    }


def reached(plan: Plan, piece: object) -> Iterator[Node]:
    """Every node of a piece, and of the indicators and computed fields that it names."""
    waiting, seen = [piece], set[object]()
    while waiting:
        for node in walk(waiting.pop()):
            yield node
            named: object = None
            if isinstance(node, Indicator) and node.name not in seen:
                seen.add(node.name)
                named = plan.indicators[node.name].value
            elif isinstance(node, ComputedField) and (node.kind, node.name) not in seen:
                seen.add((node.kind, node.name))
                named = plan.computed[node.kind, node.name]
            if named is not None:
                waiting.append(named)


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
        self.between: dict[str, tuple[int, int]] = {}  # the least and greatest day of a column, where they are known
        self._rows: tuple[pl.LazyFrame, pl.DataFrame] | None = None  # a frame, and its rows as they were computed

    def let(self, column: pl.Expr) -> pl.Expr:
        """The column under a name of its own, so that it is computed once."""
        name = self.run.name()
        self.frame = self.frame.with_columns(column.alias(name))
        return pl.col(name)

    def once(self, key: object, column: pl.Expr) -> pl.Expr:
        """The column that stands for a key, under a name of its own, for all who ask with the same key."""
        if key not in self.memo:
            self.memo[key] = self.let(column)
        found: pl.Expr = self.memo[key]
        return found

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
        return sure(self.let(truths.holds)) if truths.is_sure else Truths(self.let(truths.holds), self.let(truths.may))

    def pin(self) -> pl.DataFrame:
        """The rows of the view, computed now, unless they are already."""
        if self._rows is not None and self._rows[0] is self.frame:
            return self._rows[1]
        return self.put(self.run.collect(self.frame))

    def put(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Look at these rows from now on."""
        self.frame = rows.lazy()
        self._rows = self.frame, rows
        return rows

    def narrow(self, names: Sequence[str], keep: Collection[object]) -> None:
        """Keep only the columns of a viewpoint and these, and what is made under these keys; the rest is made anew."""
        self.frame = self.frame.select(name for name in dict.fromkeys((*_OF_A_DAY, *names)))
        self.memo = {key: found for key, found in self.memo.items() if key in keep}
        self.joined.clear()

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


def of_party(run: Run, frame: pl.DataFrame, name: str, absent: int | None = 0) -> pl.Expr:
    """A column of whole numbers of a frame with one row for each of some parties, by the party of a row.

    Places of parties are dense, so this is a look into an array and needs no join. `absent`: of parties without a row.
    """
    party, column = frame.get_column("party"), frame.get_column(name)
    if not _is_everybody(run, party):
        column = pl.repeat(absent, len(run.store.party_ids), dtype=column.dtype, eager=True).scatter(party, column)
    return pl.lit(column).gather(pl.col("party"))


def by_place(run: Run, frames: Iterable[pl.DataFrame], name: str) -> pl.Series:
    """Such a column of several frames added up, by the place of each party."""
    every = pl.zeros(len(run.store.party_ids), NUMBER, eager=True)
    for frame in frames:
        party, column = frame.get_column("party"), frame.get_column(name)
        every = every + column if _is_everybody(run, party) else every.scatter(party, every.gather(party) + column)
    return every


def _is_everybody(run: Run, parties: pl.Series) -> bool:
    """Whether each party has a row, in order."""
    return len(parties) == len(run.store.party_ids) and parties.is_sorted()


def beside(rows: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """The rows with the columns of others of the same party, if there are any."""
    if rows.get_column("party").equals(others.get_column("party")):
        return rows.hstack(others.drop("party"))
    return rows.join(others, on="party", how="left", maintain_order="left")


def on_the_day(run: Run, parties: pl.LazyFrame) -> View:
    """The viewpoint of each party (column `party`) on the day judged."""
    _, *days = _OF_A_DAY
    view = View(run, parties.select("party").with_columns(run.today.alias(name) for name in days))
    view.between = dict.fromkeys(days, (run.first_day, run.last_day))
    return view


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
    key = (at.view.run.written(node), at.law)
    found = at.view.memo.get(key)
    if found is None:
        make = at.view.run.table.get(type(node))
        if make is None:
            raise lacking(type(node).__name__)
        found = at.view.memo[key] = make(node, at)
    return found
