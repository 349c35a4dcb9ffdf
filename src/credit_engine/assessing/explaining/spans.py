"""Why a rule counts for just these days: from where the span runs, for how long, and what moved or cut its end."""

from __future__ import annotations

from collections.abc import Iterator

from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.facts import facts
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.explaining.values import name_of, shown
from credit_engine.assessing.scene import Frame
from credit_engine.assessing.selecting import Taken
from credit_engine.assessing.spanning import Stretch
from credit_engine.assessing.unknown import NONE, is_plain
from credit_engine.policy.nodes import Condition, Selector, Span, SpanRow
from credit_engine.quantities import DATE, FieldType

PERIOD = FieldType("period")


def span_lines(span: Span, frame: Frame, stretch: Stretch, telling: Telling) -> list[Account]:
    """The parts of the span that counts, in the order in which they are applied."""
    row = holding_row(span, frame, telling)
    return [] if row is None else list(_parts(row, frame, stretch, telling))


def holding_row(span: Span, frame: Frame, telling: Telling) -> SpanRow | None:
    """The first row that is in force and holds."""
    program = telling.program
    rows = (row for row in span.rows if program.in_force(row.basis, frame.law))
    return next((row for row in rows if program(row.condition)(frame) is True), None)


def _parts(row: SpanRow, frame: Frame, stretch: Stretch, telling: Telling) -> Iterator[Account]:
    words = telling.words
    found = facts(row.condition, frame, telling)
    if found:
        yield Account(words("span_row"), found, part="span")
    yield from _length(row, frame, telling)
    yield from _moved(row, frame, telling)
    if row.until_next is not None:
        yield _until_next(row.until_next, frame, stretch, telling)
    if row.or_while is not None:
        yield _or_while(row.or_while, frame, telling)
    for source in row.basis:
        yield _line(words("basis", source=telling.source(source)))


def _moved(row: SpanRow, frame: Frame, telling: Telling) -> Iterator[Account]:
    """What moves the last day: the end of a unit, extensions, pauses, working days, a later day."""
    words, program = telling.words, telling.program
    if row.to_end_of is not None:
        yield _line(words("to_end_of", unit=words(row.to_end_of)))
    for extra in row.plus:
        if program(extra.condition)(frame) is True:
            period = words.value(program(extra.for_)(frame), PERIOD)
            yield Account(words("plus", period=period), facts(extra.condition, frame, telling), part="span")
    if row.pauses is not None and program(row.pauses.of)(frame):
        yield _line(words("pauses", days=shown(row.pauses.of, frame, telling)))
    if row.rolls:
        yield _line(words("rolls"))
    later = None if row.or_until is None else program(row.or_until)(frame)
    if row.or_until is not None and is_plain(later):
        yield _line(words("or_until", name=name_of(row.or_until, telling), day=words.value(later, DATE)))


def _line(text: str) -> Account:
    return Account(text, part="span")


def _length(row: SpanRow, frame: Frame, telling: Telling) -> Iterator[Account]:
    """`for` a period from a day, or `until` a day."""
    words, program = telling.words, telling.program
    if row.until is not None and program(row.until)(frame) is not NONE:
        yield _line(words("span_until", name=name_of(row.until, telling)))
    if row.for_ is not None:
        period = words.value(program(row.for_)(frame), PERIOD)
        yield _line(words("span_for", period=period, name=_start(row, frame, telling)))


def _start(row: SpanRow, frame: Frame, telling: Telling) -> str:
    """What the day is called from which the span runs."""
    words, program = telling.words, telling.program
    if row.from_ is not None:
        known = (value for value in row.from_ if is_plain(program(value)(frame)))
        first = next(known, row.from_[0])
        return words("event_day", anchor=name_of(first, telling), day=shown(first, frame, telling))
    if frame.event is None:
        return words("event_day", anchor=words.field("day"), day=words.day(frame.day))
    return words("event_day", anchor=words("own_day"), day=words.day(frame.day))


def _until_next(selector: Selector, frame: Frame, stretch: Stretch, telling: Telling) -> Account:
    """The first event on a later day, which ends the span on its eve; or that there was none."""
    words = telling.words
    taken: Taken = telling.program(selector)(telling.from_day_judged(frame))
    after = [entry for entry in taken.entries if stretch.first is not None and entry.day > stretch.first]
    lines = [_line(telling.event(after[0].event, selector.by))] if after else [_line(words("none_so_far"))]
    return Account(words("until_next", kind=words.kind(selector.kind)), lines, part="span")


def _or_while(condition: Condition, frame: Frame, telling: Telling) -> Account:
    """What holds the span open on the day judged, or no longer does."""
    scene = frame.scene
    judged = Frame(scene, scene.as_of, None, frame.event, frame.law)
    return Account(telling.words("or_while"), facts(condition, judged, telling), part="span")
