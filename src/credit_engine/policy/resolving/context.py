"""What resolving knows while it reads a policy: declarations, what was resolved so far, and the readers of pieces.

Conditions, selectors and values read each other. They meet here: `resolve` hands the three readers to the context.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from attrs import define, evolve, field, frozen

from credit_engine.errors import Place
from credit_engine.policy.nodes import (
    Aggregate,
    ComputedField,
    Condition,
    Indicator,
    Inside,
    LookUp,
    Node,
    OnList,
    OwnGrade,
    OwnScore,
    Province,
    Selector,
    ViewDay,
    walk,
)
from credit_engine.policy.places import Map
from credit_engine.policy.plan import (
    DatedParameter,
    NamedIndicator,
    RelationKind,
    Source,
)
from credit_engine.policy.resolving.refusals import Problems, refuse
from credit_engine.policy.resolving.typed import Typed
from credit_engine.policy.written import PolicyWritten
from credit_engine.quantities import FieldType

OPERATOR = "operator"  # the party's declared fields stand beside those of the kinds of event


@frozen
class Need:
    """A field of the asker's event that an indicator compares with (`same`) or looks from (`at`)."""

    field: str
    type_: FieldType
    place: Place


@frozen
class Scope:
    """Which names may be read at one place.

    `kind`: of the event at hand; `item`: the type of the element at hand; `score`, `scales`: what earlier steps made;
    `lists`: where the lists read are noted, after the step that makes them (`None` before it); `entry`: whether there
    is a list entry with its `listed` and `decision.*`;
    `elsewhere`: whether another region looks at that entry, to which the event at hand is `ground.*`;
    `needs`: where the fields of an asker's event are noted (inside an indicator, which has no event of its own);
    `moves`: false where the answer may not depend on the viewpoint.
    """

    fields: bool = False
    indicators: bool = False
    kind: str | None = None
    item: FieldType | None = None
    score: bool = False
    scales: tuple[str, ...] = ()
    lists: dict[str, Place] | None = None
    entry: bool = False
    elsewhere: bool = False
    needs: list[Need] | None = None
    moves: bool = True

    def where(self, place: Place) -> Scope:
        """The scope of a `where` here."""
        if self.kind is None:
            raise refuse("needs_event", "`where` reads an event, and there is none here", place, "use `when`")
        return evolve(self, fields=True, indicators=False, score=False, scales=(), lists=None)

    def when(self, place: Place) -> Scope:
        """The scope of a `when` here."""
        if not self.indicators:
            raise refuse("where_names_indicator", "`when` reads indicators, and only the event can be read here", place)
        return evolve(self, fields=False)


class ReadValue(Protocol):
    """Reads a value; with `expected` in that type."""

    def __call__(
        self, context: Context, raw: Any, scope: Scope, place: Place, expected: FieldType | None = None
    ) -> Typed:  # Any: a piece as written
        """The value and its type."""
        ...


class ReadCondition(Protocol):
    """Reads a condition, in negation normal form."""

    def __call__(self, context: Context, raw: Any, scope: Scope, place: Place) -> Condition:  # Any: as written
        """The condition."""
        ...


class ReadSelector(Protocol):
    """Reads a selector that stands for itself: a kind, or a mapping with `each` or `latest`."""

    def __call__(self, context: Context, raw: Any, scope: Scope, place: Place) -> Selector:  # Any: as written
        """The selector."""
        ...


@frozen
class Note:
    """Where a condition or a row was written, and its words. It keeps its node, so that no other one gets its id."""

    node: Node
    place: Place
    words: str = ""


Notes = dict[int, Note]
"""Notes by the identity of their nodes: equal conditions stand in several places."""


@frozen
class ResolvedIndicator:
    """An indicator, and what only resolving has to know of it."""

    named: NamedIndicator
    fractional: bool
    needs: tuple[Need, ...]


@define
class Context:
    """Everything known of a policy while it is resolved; filled section by section."""

    written: PolicyWritten
    read_value: ReadValue
    read_condition: ReadCondition
    read_selector: ReadSelector
    problems: Problems = field(factory=Problems)
    broken: Mapping[str, frozenset[str]] = field(factory=dict)
    sources: dict[str, Source] = field(factory=dict)
    kinds: dict[str, str] = field(factory=dict)
    relations: dict[str, RelationKind] = field(factory=dict)
    fields: dict[str, dict[str, FieldType]] = field(factory=dict)
    declared: dict[str, set[str]] = field(factory=dict)
    formulas: dict[tuple[str, str], Place] = field(factory=dict)  # computed fields as written
    parameters: dict[str, DatedParameter] = field(factory=dict)
    admitted: dict[str, frozenset[str]] = field(factory=dict)  # standings that take part, by kind
    computed: dict[tuple[str, str], Typed | None] = field(factory=dict)
    indicators: dict[str, ResolvedIndicator | None] = field(factory=dict)
    open: list[str] = field(factory=list)  # indicators and computed fields being resolved
    notes: Notes | None = None  # where pieces stand; kept only for who asks

    def note(self, node: Node, place: Place, words: Callable[[], str] = str) -> None:
        """Note where a piece was written and its words, unless somebody noted a nearer place already."""
        if self.notes is not None:
            self.notes.setdefault(id(node), Note(node, place, words()))

    def told(self, section: str, name: object) -> bool:
        """Whether the name is declared in a way that was refused already, so that asking for it is no new mistake."""
        return name in self.broken.get(section, frozenset())

    def is_field(self, kind: str | None, name: str) -> bool:
        """Whether events of this kind have the field, read or computed."""
        return kind is not None and (name in self.fields.get(kind, {}) or (kind, name) in self.formulas)

    def field_names(self, kind: str) -> list[str]:
        """The fields of a kind, computed ones included."""
        return [*self.fields.get(kind, {}), *(name for owner, name in self.formulas if owner == kind)]

    def formula(self, kind: str, name: str) -> Any:  # Any: a value as written
        """A computed field as written."""
        fields: Map = self.written.raw["fields"]
        return fields[kind][name]

    def reads_viewpoint(self, piece: object) -> bool:
        """Whether a piece depends on who asks: it reads the day, an indicator, other events, or the region table."""
        return any(self._moves(node) for node in walk(piece))

    def _moves(self, node: object) -> bool:
        if isinstance(node, ComputedField):
            computed = self.computed[node.kind, node.name]
            return computed is not None and self.reads_viewpoint(computed.value)
        if isinstance(node, LookUp):
            return node.climbs
        return isinstance(node, ViewDay | Indicator | Province | Inside | Aggregate | OwnScore | OwnGrade | OnList)
