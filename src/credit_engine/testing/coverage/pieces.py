"""The pieces of a policy that a test can reach: rules, decisions with their leaves, rows, named values.

A decision is a whole condition: `where`, `when`, `unless`, what a row asks. What is nested in a comparison
(a computed field, an indicator) is a decision of its own, where it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
from attrs import define, field, frozen

from credit_engine.errors import Place
from credit_engine.policy.load import Policy, noted
from credit_engine.policy.nodes import (
    All,
    Any_,
    Compare,
    ComputedField,
    Condition,
    Constant,
    EventField,
    Literal,
    Node,
    Row,
    Rows,
    Selector,
    Span,
    children,
    walk,
)
from credit_engine.policy.places import place_of
from credit_engine.policy.plan import GradeRow, Plan, Repair, Scale
from credit_engine.policy.resolving.context import Notes
from credit_engine.testing.coverage.mcdc import Tree, tree_of

ORDER_TESTS = ("at_least", "above", "at_most", "below")


@frozen
class Leaf:
    """One comparison as written. `number`: among all leaves of the policy; `words`: its text; `owner`: whose it is."""

    number: int
    node: Condition = field(repr=False)
    place: Place
    words: str
    owner: str

    @property
    def is_threshold(self) -> bool:
        """Whether it compares with a number, period or date in an order."""
        return isinstance(self.node, Compare) and self.node.op in ORDER_TESTS


@frozen
class Decision:
    """A whole condition and its leaves. `table`: the rows that it is one of (their identity), and which."""

    node: Condition = field(repr=False)
    tree: Tree
    leaves: tuple[Leaf, ...]
    owner: str
    place: Place
    row: int | None = None


@frozen
class TableRow:
    """One of several rows. `number`: among all rows of the policy; `table`, `index`: which rows, and which of them.

    `skips`: it is passed over while what it rests on is not in force.
    """

    number: int
    node: Condition = field(repr=False)
    place: Place
    words: str
    owner: str
    table: int
    index: int
    skips: bool


@frozen
class Rule:
    """A rule, a part of a list, or a named value, that has to come about. `sort` says how that is seen."""

    sort: str
    name: str
    owner: str
    place: Place
    node: Any = field(default=None, repr=False)  # Any: the part of the plan


@frozen
class Pieces:
    """Everything in a policy that a test can reach, in the order of the plan."""

    plan: Plan = field(repr=False)
    rules: tuple[Rule, ...]
    decisions: tuple[Decision, ...]
    rows: tuple[TableRow, ...]

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The leaves of all decisions."""
        return tuple(leaf for decision in self.decisions for leaf in decision.leaves)


def pieces_of(policy: Policy) -> Pieces:
    """The pieces of a policy, with the places where they are written."""
    plan, notes = noted(policy)
    found = _Pieces(notes, Place(str(plan.place.file)))
    for rule, piece, kind in _rules(plan, policy):
        if rule.sort:
            found.rules.append(rule)
        found.within(piece, rule, kind)
    return Pieces(plan, tuple(found.rules), tuple(found.decisions), tuple(found.rows))


# --- rules ----------------------------------------------------------------------------------------------------


def _rules(  # noqa: C901  # a loop for each section
    plan: Plan, policy: Policy
) -> Iterator[tuple[Rule, Any, str]]:  # Any: pieces of a plan
    """Every rule with its part of the plan and the kind of event that its fields belong to."""
    written = policy.written
    for kind, admission in plan.admits.items():
        yield Rule("", kind, f"admits.{kind}", place_of(written, "admits", kind)), admission, kind
    for (kind, name), value in plan.computed.items():
        place = place_of(written, "fields", kind, name)
        yield Rule("value", name, f"fields.{kind}.{name}", place, value), value, kind
    for name, indicator in plan.indicators.items():
        place = place_of(written, "indicators", name)
        yield Rule("value", name, f"indicators.{name}", place, indicator.value), indicator, ""
    yield Rule("", "audience", "audience", place_of(written, "audience")), plan.audience, ""
    for rule in plan.score.rules if plan.score is not None else ():
        yield Rule("score", rule.id, f"score.{rule.id}", rule.place, rule), rule, _kind(rule)
    for scale in plan.scales:
        one = Rule("", scale.name, f"grades.{scale.name}", scale.place, scale)
        yield one, attrs.evolve(scale, adjust=()), ""
        for change in scale.adjust:
            yield Rule("holds", change.id, f"grades.{scale.name}.{change.id}", change.place, change.when), change, ""
    yield from _lists(plan)
    for section in ("spread", "findings", "obligations"):
        for each in getattr(plan, section):
            yield Rule(section, each.id, f"{section}.{each.id}", each.place, each), each, _kind(each)
    for row in plan.recognition:
        sort = "holds" if row.mode == "none" else "recognition"
        node = row.when if row.mode == "none" else row
        yield Rule(sort, row.id, f"recognition.{row.id}", row.place, node), row, ""
    for notice in plan.supervision:
        yield Rule("holds", notice.id, f"supervision.{notice.id}", notice.place, notice.when), notice, ""


def _lists(plan: Plan) -> Iterator[tuple[Rule, Any, str]]:  # Any: pieces of a plan
    for one in plan.lists:
        kind = one.ground_kind
        rest = attrs.evolve(one, opens=None, term=None, repair=None)
        yield Rule("", one.name, f"lists.{one.name}", one.place, one), rest, kind
        if one.opens is not None and one.opens.when != Constant(holds=False):
            yield Rule("opens", one.name, f"lists.{one.name}.opens", one.place, one), one.opens, kind
        if one.term is not None:
            yield (
                Rule("term" if has_end(one.term) else "", one.name, f"lists.{one.name}.term", one.place),
                one.term,
                kind,
            )
        if one.repair is not None:
            can = any(row.span is not None for row in one.repair.rows)
            yield Rule("repair" if can else "", one.name, f"lists.{one.name}.repair", one.place), one.repair, kind


def has_end(span: Span) -> bool:
    """Whether one of a span's rows says when it is over."""
    return any(row.for_ is not None or row.until is not None or row.to_end_of or row.until_next for row in span.rows)


def _kind(rule: Any) -> str:  # Any: a rule of any section
    start = getattr(rule, "start", rule)
    return start.each.kind if start.each is not None else ""


# --- decisions and rows ---------------------------------------------------------------------------------------


@define
class _Pieces:
    """What was found so far."""

    notes: Notes
    fallback: Place
    rules: list[Rule] = field(factory=list)
    decisions: list[Decision] = field(factory=list)
    rows: list[TableRow] = field(factory=list)
    tables: int = 0
    leaves: int = 0
    seen: set[int] = field(factory=set)

    def within(self, piece: Any, rule: Rule, kind: str) -> None:  # Any: a piece of a plan
        """Everything below a piece, in order."""
        if isinstance(piece, Condition):
            self.decision(piece, rule, kind, None)
            return
        if isinstance(piece, Selector):
            kind = piece.kind
        if isinstance(piece, Rows | Scale | Span | Repair):
            self.table(piece, rule, kind)
        if isinstance(piece, Repair):
            self.decision(piece.where, rule, "rectification", None)
        for part in _parts(piece):
            if not (isinstance(part, Condition) and id(part) in self.seen):
                self.within(part, rule, kind)

    def table(self, piece: Rows | Scale | Span | Repair, rule: Rule, kind: str) -> None:
        """The rows of a table, if there is a choice between them."""
        rows: tuple[Any, ...] = piece.rows  # Any: rows of each sort
        self.tables += 1
        for index, row in enumerate(rows):
            number = None
            if len(rows) > 1 or row.condition != Constant(holds=True):
                number = len(self.rows)
                note = self.notes.get(id(row))
                place = note.place if note is not None else rule.place
                words = f"row {index + 1}{_label(row)}"
                skips = bool(getattr(row, "basis", ()))
                self.rows.append(
                    TableRow(number, row.condition, place, words, rule.owner, self.tables, index, skips=skips)
                )
            self.decision(row.condition, rule, kind, number)

    def decision(self, node: Condition, rule: Rule, kind: str, row: int | None) -> None:
        """A whole condition, and the decisions inside its comparisons."""
        self.seen.add(id(node))
        nodes: list[Condition] = []
        tree = tree_of(node, nodes)
        leaves = [self.leaf(one, rule, kind) for one in nodes]
        place = leaves[0].place if leaves else rule.place
        self.decisions.append(Decision(node, tree, tuple(leaves), rule.owner, place, row))
        for one in nodes:
            for part in children(one):
                self.within(part, rule, kind)

    def leaf(self, node: Condition, rule: Rule, kind: str) -> Leaf:
        """A comparison with its place and words."""
        note = self.notes.get(id(node))
        self.leaves += 1
        words = note.words if note is not None and note.words else getattr(node, "name", "")
        left = getattr(node, "left", None)
        if kind and isinstance(left, EventField | ComputedField) and not words.startswith("not "):
            words = f"{kind}.{words}"
        return Leaf(self.leaves - 1, node, note.place if note is not None else rule.place, words, rule.owner)


def _parts(piece: Any) -> list[Any]:  # Any: pieces of a plan
    """What stands directly below a piece."""
    if isinstance(piece, Mapping):
        return list(piece.values())
    if isinstance(piece, tuple | list):
        return list(piece)
    if attrs.has(type(piece)) and not isinstance(piece, Place):
        return [getattr(piece, one.name) for one in attrs.fields(type(piece))]
    return []


def _label(row: Any) -> str:  # Any: rows of each sort
    """What a row gives, where that is plain to see."""
    value = row.label if isinstance(row, GradeRow) else row.value if isinstance(row, Row) else None
    return f" ({value.value})" if isinstance(value, Literal) else ""


def conditions_within(decision: Decision) -> list[Condition]:
    """The pieces of a decision that are conditions themselves, but not the decision: parts and leaves."""
    found: list[Condition] = []
    stack: list[Node] = [decision.node]
    while stack:
        node = stack.pop()
        if isinstance(node, All | Any_):
            stack.extend(node.parts)
        if isinstance(node, Condition) and node is not decision.node:
            found.append(node)
    return found


def reads(node: Node) -> list[Node]:
    """Every node that a comparison reads, itself left out."""
    return walk(children(node))
