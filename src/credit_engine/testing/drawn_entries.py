"""Making an aim happen in a draft: its event, what follows from it, entries with their steps, and the day to ask."""

from __future__ import annotations

from datetime import date, timedelta

from attrs import evolve

from credit_engine.days import Period, add
from credit_engine.policy.nodes import Selector, Span, SpanRow
from credit_engine.policy.plan import ListRule
from credit_engine.testing.aims import ALWAYS, STEPS, Aim
from credit_engine.testing.drafted import read
from credit_engine.testing.drafts import Draft, Scope, Sketch, beside
from credit_engine.testing.drawn_records import ONE_DAY
from credit_engine.testing.wished_events import review_day, select
from credit_engine.testing.wished_values import put
from credit_engine.testing.wishing import bring, meet, meet_row


def enact(draft: Draft, aim: Aim, scope: Scope) -> date:
    """Write into the draft what an aim needs; the day on which to ask."""
    choose = draft.choose
    if aim.list is not None:
        return _list_story(draft, aim.list, scope)
    if aim.review is not None:
        scope = evolve(scope, day=review_day(aim.review, scope.day))
    event = select(draft, aim.each, scope) if aim.each is not None else None
    anchor = event.values.get(aim.each.by[0]) if event is not None and aim.each is not None else None
    inner = Scope(scope.party, anchor or scope.day, event=event)
    for first in aim.unless if choose.chance(75) else ():
        meet(draft, first, inner, want=False)
    if aim.when != ALWAYS:
        meet(draft, aim.when, inner, want=not choose.chance(15))
    if event is None:
        return scope.day + ONE_DAY * choose.number(0, 20) if aim.review else _sometimes_beside(draft, scope.day)
    ends = [end for span in aim.spans if (end := last_day(draft, span, inner)) is not None]
    if aim.met_on is not None and ends:
        _fulfil(draft, aim, ends[0], inner)
    return _day_to_ask(draft, inner.day, ends)


def _sometimes_beside(draft: Draft, day: date) -> date:
    return day if draft.choose.chance(80) else beside(draft.choose, day)


def _day_to_ask(draft: Draft, first: date, ends: list[date]) -> date:
    """The first day, a last day or one beside it, or one between."""
    choose = draft.choose
    draw = choose.number(0, 9)
    if not ends or draw < 3:
        return first if draw < 2 else first + timedelta(days=choose.number(1, 30))
    if draw < 8:
        return beside(choose, choose.one(ends))
    return first + timedelta(days=choose.number(0, max(0, min(400, (ends[0] - first).days))))


def _fulfil(draft: Draft, aim: Aim, due: date, scope: Scope) -> None:
    """Do what a duty asks for, on its last day or beside it; or not at all."""
    choose = draft.choose
    if choose.chance(25):
        return
    done = beside(choose, due) if choose.chance(70) else scope.day + timedelta(days=choose.number(0, 20))
    if isinstance(aim.met_on, Selector):
        select(draft, aim.met_on, evolve(scope, day=done), day=done)
    elif aim.met_on is not None:
        bring(draft, aim.met_on, done, scope)


def last_day(draft: Draft, span: Span, scope: Scope) -> date | None:
    """The last day of a span, one of whose rows is made to hold; `None` where it has none or cannot be told here."""
    row = span.rows[meet_row(draft, span.rows, scope, range(len(span.rows)))]
    start = _start(draft, row, scope)
    period = read(draft, row.for_, scope) if row.for_ is not None else None
    end: date | None = None
    if row.until is not None:
        if draft.choose.chance(70):
            bring(draft, row.until, start + timedelta(days=draft.choose.number(0, 400)), scope)
        end = read(draft, row.until, scope)
    if isinstance(period, Period):
        end = add(start, period)
    for plus in row.plus:
        longer = read(draft, plus.for_, scope)
        if draft.choose.chance(40) and end is not None and isinstance(longer, Period):
            meet(draft, plus.condition, scope)
            end = add(end, longer)
    if row.or_until is not None and draft.choose.chance(40):
        end = (end or start) + timedelta(days=draft.choose.number(0, 40))
        bring(draft, row.or_until, end, scope)
    if row.until_next is not None and draft.choose.chance(30):
        end = start + timedelta(days=draft.choose.number(1, 60))
        select(draft, row.until_next, scope, day=end)
    if row.or_while is not None and draft.choose.chance(40):
        meet(draft, row.or_while, evolve(scope, day=end or start))
    return end if isinstance(end, date) else None


def _start(draft: Draft, row: SpanRow, scope: Scope) -> date:
    for name in row.from_ or ():
        day = read(draft, name, scope)
        if isinstance(day, date):
            return day
    if row.from_:
        bring(draft, row.from_[0], scope.day, scope)
    return scope.day


# --- lists ----------------------------------------------------------------------------------------------------


def entry(draft: Draft, rule: ListRule, scope: Scope, *, decided: bool = False) -> Sketch | None:
    """An entry of a list that is in force on the day of the scope; its deciding step, if it needs one or is `decided`.

    Of a list with reviews: one that stands since the last review.
    """
    if rule.review is not None:
        scope = evolve(scope, day=review_day(rule.review, scope.day))
    ground = _ground(draft, rule, scope)
    if not (rule.needs_decision or decided) or draft.room <= 0:
        return None
    decision = draft.sketch("list_decision", scope.party)
    put(draft, decision, "list", rule.name)
    put(draft, decision, "step", "list")
    put(draft, decision, "decided", scope.day)
    decision.pin("standing", "found")
    grounds = (ground.id,) if ground is not None else () if draft.choose.chance(50) else None
    decision.pin("grounds", grounds)
    return decision


def _ground(draft: Draft, rule: ListRule, scope: Scope) -> Sketch | None:
    """The event that opens an entry, if it is an event; else what its review asks for."""
    if rule.opens is None:
        return None
    ground = select(draft, rule.opens.each, scope) if rule.opens.each is not None else None
    inner = Scope(scope.party, scope.day, event=ground)
    meet(draft, rule.opens.when, inner)
    if draft.choose.chance(80):
        meet(draft, rule.opens.unless, inner, want=False)
    return ground


def _list_story(draft: Draft, rule: ListRule, scope: Scope) -> date:
    """An entry, perhaps with a further step of the authority, a rectification, or what suspends it."""
    choose = draft.choose
    if rule.review is not None:
        return _reviewed(draft, rule, scope)
    decision = entry(draft, rule, scope)
    ground = next((each for each in reversed(draft.events) if each is not decision), None)
    inner = Scope(scope.party, scope.day, event=ground, decision=decision)
    ends = [end for span in (rule.term,) if span is not None and (end := last_day(draft, span, inner)) is not None]
    named = ground.id if ground is not None else decision.id if decision is not None else None
    if rule.repair is not None and choose.chance(60):
        ends += _repaired(draft, rule, inner, named)
    if choose.chance(50) and draft.room > 0:
        step = choose.one(STEPS)
        day = choose.one((*ends, scope.day + timedelta(days=choose.number(0, 60))))
        _step(draft, rule.name, step, day, inner, named)
    return _day_to_ask(draft, scope.day, ends)


def _step(draft: Draft, name: str, step: str, day: date, scope: Scope, ground: str | None) -> None:
    made = draft.sketch("list_decision", scope.party)
    put(draft, made, "list", name)
    put(draft, made, "step", step)
    put(draft, made, "decided", day)
    made.pin("standing", "found")
    made.pin("grounds", None if ground is None or draft.choose.chance(30) else (ground,))


def _repaired(draft: Draft, rule: ListRule, scope: Scope, ground: str | None) -> list[date]:
    """A rectification that meets what repair asks for, mostly; the last days of the repair span."""
    repair, choose = rule.repair, draft.choose
    if repair is None or draft.room <= 0:
        return []
    row = repair.rows[meet_row(draft, repair.rows, scope, range(len(repair.rows)))]
    end = last_day(draft, row.span, scope) if row.span is not None else None
    made = draft.sketch("rectification", scope.party)
    made.pin("standing", "found")
    made.pin("occurred", beside(choose, end) if end is not None else scope.day)
    made.pin("of", f"{rule.name}/{scope.party}/{ground}" if choose.chance(40) else ground)
    meet(draft, repair.where, Scope(scope.party, scope.day, event=made), want=not choose.chance(15))
    meet(draft, repair.when, evolve(scope, day=end or scope.day))
    if repair.unless_new is not None and choose.chance(30):
        select(draft, repair.unless_new, scope, day=scope.day + ONE_DAY * choose.number(0, 30))
    return [] if end is None else [end]


def _reviewed(draft: Draft, rule: ListRule, scope: Scope) -> date:
    """What a list with reviews asks for on a review day, perhaps with what suspends it; a day after the review."""
    choose = draft.choose
    review = review_day(rule.review or "yearly", scope.day)
    entry(draft, rule, scope, decided=choose.chance(25))
    if rule.suspended_by is not None and choose.chance(30):
        select(draft, rule.suspended_by, scope, day=review + ONE_DAY * choose.number(0, 20))
    return review + ONE_DAY * choose.number(0, 27)
