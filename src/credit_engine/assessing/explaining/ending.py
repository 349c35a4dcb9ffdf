"""What would end a list entry: its last day, a repair and what that still needs, the end of its ground."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from credit_engine.assessing.answer import ListEntry
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.entries import ListedOn, ground_frame
from credit_engine.assessing.explaining.facts import facts
from credit_engine.assessing.explaining.spans import span_lines
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.repairing import WaitOver, compiled_repair, waiting_over
from credit_engine.assessing.scene import Frame
from credit_engine.assessing.spanning import LATEST_DAY, Stretch, under_each_law
from credit_engine.policy.nodes import Condition, Constant, Selector
from credit_engine.policy.plan import ListRule, Repair, RepairRow
from credit_engine.records import TAKES_PART, Event, Rectification

ONE_DAY = timedelta(days=1)


def ending_account(entry: ListEntry, rule: ListRule, hand: ListedOn, telling: Telling) -> list[Account]:
    """Everything that would end an open entry; nothing for one that has ended."""
    words = telling.words
    if entry.state in ("proposed", "notified"):
        lines = [Account(words("end_refused" if rule.needs_decision else "end_withdrawn_rule"), part="end")]
    elif entry.state in ("listed", "suspended"):
        lines = [Account(_expiry(entry, rule, telling), part="end")]
        if rule.review is None:
            lines += _repair(entry, rule, hand, telling)
            key = "end_withdrawn_rule" if hand.decision is None else "end_withdrawn"
            lines.append(Account(words(key), part="end"))
    else:
        return []
    return [Account(words("ending"), lines, part="ending")]


def _expiry(entry: ListEntry, rule: ListRule, telling: Telling) -> str:
    words = telling.words
    if not entry.end_known:
        return words("end_unknown")
    if entry.until is None:
        return words("end_never")
    key = "end_review" if rule.review is not None else "end_expiry"
    return words(key, last=words.day(entry.until - ONE_DAY), day=words.day(entry.until))


# --- repair ---------------------------------------------------------------------------------------------------


def _repair(entry: ListEntry, rule: ListRule, hand: ListedOn, telling: Telling) -> Iterable[Account]:
    words, repair = telling.words, rule.repair
    if repair is None:
        if rule.polarity != "positive":
            yield Account(words("repair_none"), part="repair")
        return
    frame = ground_frame(entry, rule, hand, telling)
    over = _over(rule, frame, telling) if rule.law.as_of else None
    under = frame if over is None else _under(over.law, frame)
    row = _row(repair, under, telling)
    if row is not None and row.span is None:
        yield Account(words("repair_never"), _row_lines(row, under, telling), part="repair")
        return
    lines = [*_wait(row, under, over, telling), *_needs(entry, repair, frame, telling)]
    day = entry.repairable_from
    if day is None:
        yield Account(words("repair_not"), lines, part="repair")
    else:
        key = "repair_from" if day > telling.scene.as_of else "repair_since"
        yield Account(words(key, day=words.day(day)), lines, part="repair")


def _over(rule: ListRule, frame: Frame, telling: Telling) -> WaitOver | None:
    """Under `law_of: as_of`, when and by which day's law the wait was over; none if it is not."""
    repair = compiled_repair(rule, telling.program)
    return None if repair is None or frame.item.listed is None else waiting_over(repair, frame, under_each_law)


def _under(law: date, frame: Frame) -> Frame:
    return Frame(frame.scene, frame.day, frame.position, frame.event, law, frame.item)


def _row(repair: Repair, frame: Frame, telling: Telling) -> RepairRow | None:
    """The first row in force that is not ruled out; none where it only may hold."""
    for row in repair.rows:
        if telling.program.in_force(row.basis, frame.law):
            truth = telling.program(row.condition)(frame)
            if truth is not False:
                return row if truth else None
    return None


def _row_lines(row: RepairRow, frame: Frame, telling: Telling) -> list[Account]:
    basis = [Account(telling.words("basis", source=telling.source(source)), part="basis") for source in row.basis]
    return [*facts(row.condition, frame, telling), *basis]


def _wait(row: RepairRow | None, frame: Frame, over: WaitOver | None, telling: Telling) -> Iterable[Account]:
    """How long the wait is, and why; where a later law let it be over, not before that law was there."""
    words = telling.words
    if row is None or row.span is None:
        yield Account(words("repair_wait_unknown"), part="wait")
        return
    stretch: Stretch | None = telling.program(row.span)(frame, frame.day)
    if stretch is None or not stretch.is_known or stretch.last >= LATEST_DAY:
        yield Account(words("repair_wait_unknown"), part="wait")
        return
    lines = [*_row_lines(row, frame, telling), *span_lines(row.span, frame, stretch, telling)]
    last = stretch.last if over is None else max(stretch.last, over.eve)
    key = "repair_wait" if last >= telling.scene.as_of else "repair_waited"
    parts = {"last": words.day(last), "day": words.day(last + ONE_DAY)}
    yield Account(words(key, **parts), lines, part="wait")


def _needs(entry: ListEntry, repair: Repair, frame: Frame, telling: Telling) -> Iterable[Account]:
    """The rectification that counts, the conditions that fail, and what is new since the listing."""
    words, scene = telling.words, telling.scene
    if repair.where != Constant(holds=True):
        newest = _rectification(entry, telling)
        if newest is None:
            yield Account(words("repair_no_record"), part="need")
        else:
            seen = Frame(scene, scene.as_of, None, newest, frame.law, frame.item)
            lines = facts(repair.where, seen, telling)
            yield Account(words("repair_record", event=telling.event(newest)), lines, part="need")
    today = Frame(scene, scene.as_of, None, frame.event, frame.law, frame.item)
    yield from _condition(repair.when, today, telling)
    if repair.unless_new is not None:
        yield from _new(repair.unless_new, entry, today, telling)


def _condition(when: Condition, frame: Frame, telling: Telling) -> Iterable[Account]:
    if telling.program(when)(frame) is not True:
        yield Account(telling.words("repair_failed"), facts(when, frame, telling), part="need")


def _rectification(entry: ListEntry, telling: Telling) -> Event | None:
    """The newest rectification of the entry or its ground that is seen on the day judged."""
    scene = telling.scene
    anchor = scene.plan.kinds["rectification"]
    seen = [
        one.event
        for one in scene.candidates("rectification", (anchor,), TAKES_PART).dated
        if one.key[0] <= scene.as_of
        and not one.doubtful
        and isinstance(one.event, Rectification)
        and one.event.of in (entry.id, entry.ground)
    ]
    return seen[-1] if seen else None


def _new(selector: Selector, entry: ListEntry, frame: Frame, telling: Telling) -> Iterable[Account]:
    """What came after the listing and stands against a repair, or may."""
    words, listed = telling.words, entry.listed
    if listed is None:
        return
    taken = telling.program(selector)(frame)
    for one in taken.entries:
        if one.key[0] > listed:
            yield Account(words("repair_new", event=telling.event(one.event, selector.by)), part="need")
    if taken.undated or taken.endless or (taken.hidden_until is not None and taken.hidden_until > listed):
        yield Account(words("repair_new_maybe", kind=words.kind(selector.kind)), part="need")
