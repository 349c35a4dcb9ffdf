"""What a plan says of spread and recognition: where it starts, over which steps it goes, what arrives and where."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from attrs import field, frozen

from credit_engine.errors import Place
from credit_engine.policy.nodes import Condition, EventField, Selector, Span, Value
from credit_engine.policy.plan_basis import Basis, Law

RESTRICTIVE = ("bar", "marking", "mirror", "points")
EFFECTS = (*RESTRICTIVE, "attention", "alert")
MODES = ("none", "inform", "attention", "mirror")


@frozen
class Start:
    """What a spread rule starts from: events (`each`), entries in force on `lists`, or an own answer (neither).

    `when` is asked from the event's viewpoint, else from the day judged; of `lists` nothing more is asked.
    """

    each: Selector | None
    lists: tuple[str, ...]
    when: Condition


@frozen
class OverRelation:
    """A branch of a step: over relations of these `kinds`, from the party at hand `to` their source or target.

    `held_on` gives a text: `day`, `listed`, or the name of a date field of the origin. `share`: (op, bound) pairs that
    the added shares of parallel relations satisfy; `together`: the shares of all parties reached add up.
    """

    kinds: tuple[str, ...]
    to: str
    held_on: Value
    share: tuple[tuple[str, Fraction], ...] = ()
    together: bool = False
    place: Place = field(factory=Place, eq=False)


@frozen
class ToNamed:
    """A branch of a first step: to the persons that the origin's event names in a list field.

    `where` reads `Item`. `roles`: the only roles that can satisfy it, empty if it asks for none.
    """

    element: EventField
    where: Condition
    roles: tuple[str, ...]
    place: Place = field(factory=Place, eq=False)


Branch = OverRelation | ToNamed


@frozen
class SpreadRule:
    """A rule of spread. `along`: steps, each a choice of branches.

    `again`: one step is taken again from whatever was reached, at most `hops` times (`None`: until nothing is new).
    `points` in signed thousandths. `weight` at most 1; what weighs less than `drop_below` is dropped. More effects than
    `most` end the rule. `lasts` only with events.
    """

    id: str
    title: Mapping[str, str] = field(hash=False)
    start: Start
    itself: bool
    along: tuple[tuple[Branch, ...], ...]
    again: bool
    hops: int | None
    effect: str
    points: Value | None
    weight: Fraction
    drop_below: Fraction | None
    most: int
    lasts: Span | None
    audience: Value
    law: Law
    basis: Basis
    parameters: tuple[str, ...]
    place: Place = field(factory=Place, eq=False)

    @property
    def branches(self) -> tuple[Branch, ...]:
        """All branches, step by step, in the order of the policy."""
        return tuple(branch for step in self.along for branch in step)

    @property
    def together(self) -> bool:
        """Whether shares of all parties reached add up, so that the rule has one set of parties and no origins."""
        return any(isinstance(branch, OverRelation) and branch.together for branch in self.branches)


@frozen
class RecognitionRule:
    """A row of recognition: how `hosts` take over entries of a list from other regions.

    `origins`: the listing authority's region is one of these; `origins_inside`: it is one of these or lies below; both
    empty: any. `when` reads the entry (`EntryField`, `Listed`, `DecisionField`) and the ground (`EventField`).
    `measures`: none narrows nothing.
    """

    id: str
    title: Mapping[str, str] = field(hash=False)
    list: str
    origins: tuple[str, ...]
    origins_inside: tuple[str, ...]
    hosts: tuple[str, ...]
    mode: str
    when: Condition
    measures: tuple[str, ...] | None
    basis: Basis
    parameters: tuple[str, ...]
    place: Place = field(factory=Place, eq=False)
