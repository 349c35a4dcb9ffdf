"""Making a value so: fields of events and of the party, indicators, scores, grades and entries of a draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from attrs import evolve

from credit_engine.days import Period
from credit_engine.policy import nodes as n
from credit_engine.quantities import FieldType, Thousandths, fits
from credit_engine.records import Person
from credit_engine.testing.drafted import back, read
from credit_engine.testing.drafts import Draft, Scope, Sketch
from credit_engine.testing.wished_events import element, review_day, select
from credit_engine.testing.wishing import bring, meet, meet_row, spoil

MOST_OF_ONE = 6


def _bring_field(draft: Draft, value: n.EventField, wished: Any, scope: Scope) -> None:  # Any: as above
    if scope.event is not None and value.name not in ("id", "party"):
        put(draft, scope.event, value.name, wished)


def put(draft: Draft, event: Sketch, name: str, wished: Any) -> None:  # Any: a value of any type
    """Pin a field of an event, in the field's own type; what does not fit is left alone."""
    type_ = draft.plan.field_types[event.kind].get(name)
    fitting = None if type_ is None else _fitting(wished, type_)
    if type_ is not None and (fitting is not None or wished is None):
        event.pin(name, fitting)


def _fitting(wished: Any, type_: FieldType) -> Any:  # Any: a value of any type
    """The value in a field's own type, or `None` where it does not fit."""
    if isinstance(wished, int | Fraction) and not isinstance(wished, bool):
        if type_.name == "decimal":
            wished = Thousandths(int(wished))
        elif type_.name in ("int", "money"):
            wished = max(0, int(wished))
    return wished if fits(wished, type_) else None


def _bring_operator(draft: Draft, value: n.OperatorField, wished: Any, scope: Scope) -> None:  # Any: as above
    if value.name == "kind":
        (draft.persons.add if wished == Person.kind else draft.persons.discard)(scope.party)
        if wished == Person.kind:
            return
    type_ = draft.plan.field_types["operator"].get(value.name)
    fitting = None if type_ is None else _fitting(wished, type_)
    if type_ is not None and (fitting is not None or wished is None):
        draft.parties[scope.party][value.name] = fitting


def _bring_item(draft: Draft, value: n.Item, wished: Any, scope: Scope) -> None:  # Any: as above
    del draft
    if scope.item is not None and wished is not None:
        scope.item[value.field] = wished


def _how_many(wished: Any) -> int:  # Any: as above
    """The number wished for; one where something else is, as of a count that only has to be known."""
    return max(0, int(wished)) if isinstance(wished, int | Fraction) else 1


def _bring_aggregate(draft: Draft, value: n.Aggregate, wished: Any, scope: Scope) -> None:  # Any: as above
    if wished is None:
        return
    selector = value.selector
    if value.op == "count":
        for _ in range(min(_how_many(wished), MOST_OF_ONE)):
            select(draft, selector, scope)
    elif value.op == "days_since":
        select(draft, selector, scope, day=scope.day - timedelta(days=_how_many(wished)))
    elif value.of is not None:
        several = selector.last if value.op == "mean" and selector.last else 1
        for _ in range(min(several, MOST_OF_ONE)):
            select(draft, selector, scope, of=(value.of, wished))


def _bring_element(draft: Draft, value: n.ElementAggregate, wished: Any, scope: Scope) -> None:  # Any: as above
    if scope.event is None or wished is None:
        return
    count = min(_how_many(wished), MOST_OF_ONE) if value.op == "count" else 1
    elements = [element(draft, scope.event, value.element.name, value.where, scope) for _ in range(count)]
    if value.op != "count" and value.of is not None and elements:
        elements = [wished if isinstance(value.of, n.Item) and not value.of.field else elements[0]]
    is_set = draft.plan.field_types[scope.event.kind][value.element.name].name == "set"
    put(draft, scope.event, value.element.name, frozenset(elements) if is_set else tuple(elements))


def _bring_ratio(draft: Draft, value: n.Ratio, wished: Any, scope: Scope) -> None:  # Any: as above
    if wished is not None:
        bring(draft, value.denominator, draft.choose.number(1, 3), scope)
        bring(draft, value.numerator, draft.choose.number(0, 3), scope)


def _bring_scaled(draft: Draft, value: n.Scaled, wished: Any, scope: Scope) -> None:  # Any: as above
    factor = read(draft, value.factor, scope)
    usable = isinstance(factor, int | Fraction) and isinstance(wished, int | Fraction) and factor
    bring(draft, value.value, int(wished / factor) if usable else wished, scope)


def _bring_rows(draft: Draft, value: n.Rows, wished: Any, scope: Scope) -> None:  # Any: as above
    rows = value.rows
    places = [
        place for place, row in enumerate(rows) if not isinstance(row.value, n.Literal) or row.value.value == wished
    ]
    chosen = meet_row(draft, rows, scope, places or range(len(rows)))
    bring(draft, rows[chosen].value, wished, scope)


def _bring_list(draft: Draft, value: n.OnList, wished: Any, scope: Scope) -> None:  # Any: as above
    from credit_engine.testing.drawn_entries import entry  # noqa: PLC0415  # an entry has wishes, a wish has entries

    if wished is True:
        entry(draft, next(each for each in draft.plan.lists if each.name == value.list), scope)


def _bring_score(draft: Draft, _value: n.OwnScore, wished: Any, scope: Scope) -> None:  # Any: as above
    score = draft.plan.score
    if score is None or not isinstance(wished, int | Fraction):
        return
    if wished == score.start:
        _spare(draft, scope)
    away = abs(int(wished) - score.start)
    rules = [rule for rule in score.rules if (rule.sign > 0) == (wished > score.start)]
    for place, rule in enumerate(rule for rule in score.rules if rule.each is None and not _is_given(rule.points)):
        meet(draft, rule.when, evolve(scope, event=None))
        bring(draft, rule.points, 0 if place else away, scope)
        rules = [other for other in rules if other is not rule]
    for _ in range(2 * MOST_OF_ONE if away and rules else 0):
        rule = draft.choose.one(rules)
        event = select(draft, rule.each, scope) if rule.each is not None else None
        inner = evolve(scope, event=event)
        meet(draft, rule.when, inner)
        away -= _points(draft, rule.points, inner)
        if away <= 0 or draft.choose.chance(15):
            break


def _spare(draft: Draft, scope: Scope) -> None:
    """Let no rule deduct for the party's events, as far as what is pinned of them allows."""
    score = draft.plan.score
    for rule in score.rules if score is not None else ():
        for event in draft.events if rule.each is not None and rule.sign < 0 else ():
            if rule.each is not None and event.kind == rule.each.kind and event.party == scope.party:
                spoil(draft, rule.each.where, evolve(scope, event=event))


def _points(draft: Draft, points: n.Value, scope: Scope) -> int:
    """About how many points a rule moves, in thousandths; of several rows mostly one with many."""
    if isinstance(points, n.Rows):
        known = [row.value.value for row in points.rows if isinstance(row.value, n.Literal)]
        if known:
            chosen = int(max(draft.choose.one(known), draft.choose.one(known)))
            bring(draft, points, chosen, scope)
            return chosen
    found = read(draft, points, scope)
    return found if isinstance(found, int) else 1000


def _is_given(points: n.Value) -> bool:
    return isinstance(points, n.Literal | n.Parameter | n.LookUp)


def _bring_grade(draft: Draft, value: n.OwnGrade, wished: Any, scope: Scope) -> None:  # Any: as above
    scale = next(each for each in draft.plan.scales if each.name == value.scale)
    rows = [row for row in scale.rows if not isinstance(row.label, n.Literal) or row.label.value == wished]
    if scale.review is not None:
        scope = evolve(scope, event=None, day=review_day(scale.review, scope.day))
    if rows:
        chosen = draft.choose.one(rows)
        meet(draft, chosen.condition, scope)
        bring(draft, chosen.label, wished, scope)


def _bring_decision(
    draft: Draft, value: n.DecisionField | n.EntryField, wished: Any, scope: Scope
) -> None:  # Any: as above
    name = "region" if value.name == "origin" else value.name
    if name in ("last_day", "until") and isinstance(value, n.EntryField) and scope.decision is not None:
        of = scope.decision.values.get("list")
        for term in (each.term for each in draft.plan.lists if each.name == of and each.term is not None):
            places = [place for place, row in enumerate(term.rows) if row.until is not None]
            row = term.rows[meet_row(draft, term.rows, scope, places)] if places else None
            if row is not None and row.until is not None:
                bring(draft, row.until, wished, scope)
        return
    if scope.decision is not None and name in draft.plan.field_types["list_decision"]:
        put(draft, scope.decision, name, wished)


def _bring_first(draft: Draft, value: n.Combined, wished: Any, scope: Scope) -> None:  # Any: as above
    for place, part in enumerate(value.values):
        if not place or (value.op != "sum" and draft.choose.chance(50)):
            bring(draft, part, wished, scope)


def _bring_later(draft: Draft, value: n.DayAfter, wished: Any, scope: Scope) -> None:  # Any: as above
    period = read(draft, value.period, scope)
    if isinstance(period, Period) and isinstance(wished, date):
        bring(draft, value.day, back(wished, period), scope)


def _inner(draft: Draft, value: Any, wished: Any, scope: Scope) -> None:  # Any: a node with a value inside
    bring(draft, value.value, wished, scope)


BRINGERS: Mapping[type, Callable[..., None]] = {
    n.EventField: _bring_field,
    n.OperatorField: _bring_operator,
    n.Item: _bring_item,
    n.ComputedField: lambda draft, value, wished, scope: bring(
        draft, draft.plan.computed[value.kind, value.name], wished, scope
    ),
    n.Indicator: lambda draft, value, wished, scope: bring(
        draft, draft.plan.indicators[value.name].value, wished, scope
    ),
    n.Aggregate: _bring_aggregate,
    n.ElementAggregate: _bring_element,
    n.Combined: _bring_first,
    n.Ratio: _bring_ratio,
    n.Scaled: _bring_scaled,
    n.Rows: _bring_rows,
    n.Holds: lambda draft, value, wished, scope: meet(draft, value.condition, scope, want=bool(wished)),
    n.Otherwise: _inner,
    n.Rounded: _inner,
    n.Bounded: _inner,
    n.Province: lambda draft, value, wished, scope: bring(draft, value.region, wished, scope),
    n.OnList: _bring_list,
    n.OwnScore: _bring_score,
    n.OwnGrade: _bring_grade,
    n.DecisionField: _bring_decision,
    n.EntryField: _bring_decision,
    n.DayAfter: _bring_later,
}
