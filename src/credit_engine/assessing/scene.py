"""One question laid out for the engine: who, on which day, with what known; and the viewpoint to read a piece from.

Everything a compiled piece of a plan needs to know reaches it as a `Frame`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from credit_engine.assessing.unknown import Truth
from credit_engine.dossiers import Dossier
from credit_engine.policy.nodes import (
    Node,
)
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_basis import Law
from credit_engine.records import Event

if TYPE_CHECKING:
    from credit_engine.assessing.contributions import Kept
    from credit_engine.assessing.program import Program

Position = tuple[str, int, str]
UNDATED = date(1, 1, 1)  # this very object stands for "no day"
NO_DAY = date(1, 1, 1)  # another one
Compiled = Callable[["Frame"], Any]  # Any: a truth for conditions, a value for values, what is taken for selectors


class Build(Protocol):
    """What turns the nodes of one plan into functions."""

    plan: Plan

    def __call__(self, node: Node) -> Compiled:
        """The function that computes a node."""


class Frame:
    """A viewpoint and what stands at hand there.

    `day` and `position` (kind, sequence, id; none for a whole day) are the viewpoint, `event` and `item` are the event
    and list element at hand, `law` is the day whose law is read.
    """

    __slots__ = ("day", "event", "item", "law", "position", "scene")

    def __init__(
        self,
        scene: Scene,
        day: date,
        position: Position | None,
        event: Any,  # Any: an Event, or none; fields are read by name
        law: date,
        item: Any = None,  # Any: an element of a list field
    ) -> None:
        self.scene = scene
        self.day = day
        self.position = position
        self.event = event
        self.item = item
        self.law = law

    def at_hand(self, event: Event, law: date, item: object = None) -> Frame:
        """The same viewpoint with another event (and element) at hand, read under its law."""
        return Frame(self.scene, self.day, self.position, event, law, item)

    def with_item(self, item: object) -> Frame:
        """The same with an element of a list at hand."""
        return Frame(self.scene, self.day, self.position, self.event, self.law, item)

    def under_each_law(self) -> tuple[Frame, ...]:
        """The same under each law that may count here: one, but for an event without a day."""
        return (self,)


class UndatedFrame(Frame):
    """The viewpoint of an event that has no day: its law is that of one of several days, nobody knows which."""

    __slots__ = ("laws",)

    def __init__(self, scene: Scene, event: Event, laws: tuple[date, ...], item: object = None) -> None:
        super().__init__(scene, scene.as_of, None, event, laws[-1], item)
        self.laws = laws

    def with_item(self, item: object) -> Frame:
        """The same with an element of a list at hand."""
        return UndatedFrame(self.scene, self.event, self.laws, item)

    def under_each_law(self) -> tuple[Frame, ...]:
        """The same under the law of each of these days."""
        return tuple(Frame(self.scene, self.day, None, self.event, law, self.item) for law in self.laws)


class LawFrame(Frame):
    """The same viewpoint as days from `law` on see it, on which the law is another one."""

    __slots__ = ()


class AtHand(NamedTuple):
    """The list entry that a span or condition reads: when it was listed, and by which decision (none: by the rule).

    `own_day` is the day of its ground, from which a span runs that does not say from when.
    """

    listed: date | None
    decision: Event | None
    id: str = ""
    ground: str = ""
    own_day: date | None = None


class Entry(NamedTuple):
    """An event (or an element of it) as a selector sees it: its place in the order, and whether it only may count."""

    key: tuple[date, int, str]
    event: Event
    scene: Scene
    doubtful: bool = False
    item: Any = None  # Any: an element of a list field

    @property
    def day(self) -> date:
        """The day of the anchor in this use."""
        return self.key[0]

    @property
    def is_undated(self) -> bool:
        """Whether the event has no anchor, so that it could stand on any day."""
        return self.key[0] is UNDATED


class Candidates(NamedTuple):
    """The events of one kind that may take part: dated ones in order, and those without an anchor."""

    dated: list[Entry]
    undated: list[Entry]


class Scene:
    """A dossier and a plan on one day, with what has been found out so far.

    `event` is the event that the question names as its viewpoint, if it does.
    """

    def __init__(
        self, program: Program, dossier: Dossier, as_of: date, known_at: date, event: Event | None = None
    ) -> None:
        self.program = program
        self.plan: Plan = program.plan
        self.dossier = dossier
        self.coverage = dossier.coverage
        self.as_of = as_of
        self.known_at = known_at
        self.party = dossier.party_on(known_at)
        self.question = event
        position = None if event is None else (event.kind, event.sequence, event.id)
        self.viewpoint = Frame(self, as_of, position, None, as_of)
        self.events: dict[str, list[Event]] = {}
        for known_event in dossier.events_on(known_at):
            self.events.setdefault(known_event.kind, []).append(known_event)
        self._candidates: dict[tuple[str, tuple[str, ...], frozenset[str]], Candidates] = {}
        self._days: dict[date, Scene] = {}
        self.kept: Kept | None = None  # what an earlier answer of this day found, if it is to be used and kept up
        self.found: dict[object, Any] = {}  # Any: whatever a step keeps for the rest of the question, under its own key

    def on(self, day: date) -> Scene:
        """The same question put about another day (a review day, a day that a span is held open)."""
        if day == self.as_of and self.question is None:
            return self
        if day not in self._days:
            other = self._days[day] = Scene(self.program, self.dossier, day, self.known_at)
            other._days = self._days  # one scene a day, whichever day asks
        return self._days[day]

    def forget(self) -> None:
        """Let go of everything found, once the question is answered.

        It refers back to the scene, so that only the garbage collector would free it, long after.
        """
        others = tuple(self._days.values())
        self._days.clear()  # the same for all of them
        self._candidates.clear()
        self.found.clear()
        del self.viewpoint
        for other in others:
            other.forget()

    def own_score(self) -> Any:  # Any: thousandths, a Range, or a special value
        """The own score of the day judged."""
        return self.program.earlier.own_score(self)

    def own_grade(self, scale: str) -> Any:  # Any: a label or a special value
        """The own grade of the day judged on one scale."""
        return self.program.earlier.own_grade(self, scale)

    def on_list(self, name: str) -> Any:  # Any: true, false or DOUBTFUL
        """Whether the party is on a list on the day judged."""
        return self.program.earlier.on_list(self, name)

    def on_list_until(self, name: str) -> date:
        """The last day up to which that surely stays as it is on the day judged."""
        key = ("on_list until", name)
        if key not in self.found:
            self.found[key] = self.program.earlier.on_list_until(self, name)
        return self.found[key]  # type: ignore[no-any-return]  # kept under this key by this function only

    def hidden_until(self, kind: str) -> date | None:
        """The last day on which events of the kind could stand unrecorded, or none if the table is complete."""
        coverage = self.coverage.get(kind)
        if coverage is None:
            return None
        if coverage == "absent":
            return date.max
        return coverage - timedelta(days=1) if coverage > date.min else None

    def law_day(self, law: Law, event: Event, by_day: date | None) -> date:
        """The day whose law counts for an event: its first anchor present, else its own day, else the day judged."""
        if law.as_of:
            return self.as_of
        if not law.anchors:
            return by_day or self.as_of
        anchors = law.anchors[-1:] if law.lenient else law.anchors
        for name in anchors:
            day = self.program.field(event.kind, name)(event)
            if day is not None:
                return day  # type: ignore[no-any-return]  # anchors are dates, checked when the policy is read
        return by_day or self.as_of

    def law_days(self, law: Law, event: Event) -> tuple[date, ...]:
        """For an event without a day of its own: one day of each law that may count for it up to the day judged."""
        day = self.law_day(law, event, NO_DAY)
        if day is not NO_DAY:
            return (day,)
        return (date.min, *(change for change in self.program.law_changes if change <= self.as_of))

    def candidates(self, kind: str, by: tuple[str, ...], standing: frozenset[str]) -> Candidates:
        """The events of a kind that take part at all (`standing`, `admits`), in the order that `by` gives them."""
        key = (kind, by, standing)
        found = self._candidates.get(key)
        if found is None:
            found = self._candidates[key] = self._admit(kind, by, standing)
        return found

    def _admit(self, kind: str, by: tuple[str, ...], standing: frozenset[str]) -> Candidates:
        read_first = self.program.first_of(kind, by)
        admits = self.program.admits.get(kind)
        dated: list[Entry] = []
        undated: list[Entry] = []
        for event in self.events.get(kind, ()):
            if event.standing not in standing:
                continue
            day = read_first(event)
            truth: Truth = True
            if admits is not None:
                truth = self.is_so(admits.where, self.viewpoint, event, day)
                if truth is False:
                    continue
            if day is None:
                undated.append(Entry((UNDATED, event.sequence, event.id), event, self, doubtful=True))
            else:
                dated.append(Entry((day, event.sequence, event.id), event, self, truth is None))
        dated.sort(key=entry_key)
        undated.sort(key=entry_key)
        if admits is not None and admits.per:
            dated = self.earliest(dated, undated, admits.per)
        return Candidates(dated, undated)

    def is_so(
        self, condition: Compiled, viewpoint: Frame, event: Event, day: date | None, item: object = None
    ) -> Truth:
        """Whether an event (and element) satisfies a condition under its own law (without a day: whichever that is)."""
        law = self.plan.law
        if day is not None:
            own_law = self.law_day(law, event, day)
            return condition(Frame(viewpoint.scene, viewpoint.day, viewpoint.position, event, own_law, item))  # type: ignore[no-any-return]  # a condition
        truths = {condition(viewpoint.at_hand(event, each, item)) for each in self.law_days(law, event)}
        return truths.pop() if len(truths) == 1 else None

    def earliest(self, dated: Iterable[Entry], undated: Iterable[Entry], per: tuple[Compiled, ...]) -> list[Entry]:
        """Of entries with equal values the earliest; one that equals an earlier doubtful one is doubtful itself."""
        certain: set[object] = set()
        possible: set[object] = {self.values_of(entry.event, per) for entry in undated}
        kept = []
        for entry in dated:
            values = self.values_of(entry.event, per)
            if values is None:
                kept.append(entry)
            elif values not in certain:
                doubtful = entry.doubtful or values in possible
                (possible if doubtful else certain).add(values)
                kept.append(entry._replace(doubtful=doubtful))
        return kept

    def values_of(self, event: Event, per: tuple[Compiled, ...]) -> tuple[Any, ...] | None:  # Any: field values
        """The values that make events equal in `per`, or `None` where one is missing (it equals nothing)."""
        frame = Frame(self, self.as_of, None, event, self.as_of)
        values = tuple(read(frame) for read in per)
        return None if any(value is None for value in values) else values


entry_key: Callable[[Entry], tuple[date, int, str]] = itemgetter(0)  # orders by day, sequence, id by code point
