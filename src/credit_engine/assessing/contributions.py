"""What a rule adds to a score, for one event or for the day, and the line of the answer that this is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from credit_engine.assessing.answer import Reason
from credit_engine.assessing.scene import Entry
from credit_engine.assessing.spanning import LATEST_DAY, Stretch
from credit_engine.policy.plan import ScoreRule
from credit_engine.records import Event

if TYPE_CHECKING:
    from credit_engine.assessing.program import Program

UNLIMITED = 10**15  # thousandths; far beyond any score, so that an unlimited interval stays one of whole numbers
ONE_DAY = timedelta(days=1)
EARLIEST_DAY = date.min  # the first day of a span without beginning


class Points(NamedTuple):
    """What one contribution adds, in signed thousandths, under one law; between `low` and `high` if `unsure`.

    `open`: the ends are the group's limit or the width of the range, and could lie farther out: what is added up goes
    to the very end of the group or range, whatever else counts there.
    """

    low: int
    high: int
    stretch: Stretch
    law: date
    names: frozenset[str] = frozenset()
    unsure: bool = False
    open: bool = False

    @property
    def at_worst(self) -> int:
        """The fewest points to add up."""
        return -UNLIMITED if self.open and self.low < 0 else self.low

    @property
    def at_best(self) -> int:
        """The most points to add up."""
        return UNLIMITED if self.open and self.high > 0 else self.high


class Contribution(NamedTuple):
    """What one rule adds for one event (or element, or for the day); `laws`: under each law, if it is lenient.

    `reason`: the line of the answer, where it was made already.
    """

    rule: ScoreRule
    entry: Entry | None
    points: Points
    laws: tuple[Points, ...] = ()
    reason: Reason | None = None


# What the rules that are told by an event alone add for it on one day, by the events that they count, and all that by
# the event's identity, which stays its own because the event is kept too. No entry is kept, which would keep its scene.
Noted = dict[str, tuple[tuple[ScoreRule, Points, Reason], ...]]
Kept = dict[int, tuple[Event, Noted]]


def reason_of(one: Contribution, program: Program) -> Reason:
    """The line of an answer that a contribution is, made once where answers are asked for again."""
    if one.reason is not None:
        return one.reason
    rule, entry, points = one.rule, one.entry, one.points
    event = None if entry is None else entry.event
    first, last = points.stretch.first or EARLIEST_DAY, points.stretch.last
    if entry is not None and entry.key[0] > first:
        first = entry.key[0]
    return Reason(
        kind="rule",
        rule=rule.id,
        points=points.low,
        event=None if event is None else event.id,
        event_kind=None if event is None else event.kind,
        item=None if entry is None or entry.item is None else str(entry.item),
        from_day=None if first == EARLIEST_DAY else first,
        until=None if last >= LATEST_DAY else last + ONE_DAY,
        group=rule.group,
        law_day=points.law,
        laws=tuple([(law.law, law.low) for law in one.laws]) if one.laws else (),
        parameters=program.parameters_read(rule.id, rule.parameters, points.law) if rule.parameters else (),
        basis=rule.basis.sources,
        read_from=None if event is None else event.read_from,
    )
