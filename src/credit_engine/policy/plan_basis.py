"""When a rule of a plan is in force, and whose day's law counts for it."""

from __future__ import annotations

from datetime import date

from attrs import frozen


@frozen
class InForce:
    """`[from_day, until)`; `None` is open."""

    from_day: date | None = None
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Whether this is in force on the day."""
        return (self.from_day is None or self.from_day <= day) and (self.until is None or day < self.until)


@frozen
class Law:
    """Whose day's law: `as_of`; or `anchors` (first present); `lenient`: each by itself, the better result counts.

    The fallback is always the event's `by` day. `Plan.law` may name anchors that some kinds do not have; those count as
    missing there (a rule's own law names only anchors of its kind).
    """

    anchors: tuple[str, ...] = ()
    as_of: bool = False
    lenient: bool = False


@frozen
class Basis:
    """When a rule is in force: `own` if given, else while all of `sources` are."""

    sources: tuple[str, ...] = ()
    own: InForce | None = None
