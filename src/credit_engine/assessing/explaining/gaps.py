"""What it would take to know: the empty cells, absent tables and open values that left something unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.explaining.values import list_titles, name_of
from credit_engine.assessing.scene import Entry, Frame
from credit_engine.assessing.selecting import Taken
from credit_engine.assessing.unknown import NONE, NOT_IN_FORCE, is_plain
from credit_engine.days import working_calendar
from credit_engine.policy.nodes import (
    Aggregate,
    All,
    Any_,
    ComputedField,
    Condition,
    DayAfter,
    ElementAggregate,
    EventField,
    Holds,
    Indicator,
    Inside,
    Item,
    LookUp,
    Node,
    OnList,
    OperatorField,
    OwnGrade,
    OwnScore,
    Parameter,
    Pauses,
    Province,
    Ratio,
    Rows,
    Selector,
    Span,
    Value,
    children,
)
from credit_engine.policy.plan import ScoreRule


def gaps(piece: Node, frame: Frame, telling: Telling) -> list[str]:
    """What must be known for a condition, value or span to be known from this viewpoint, each thing once."""
    return list(dict.fromkeys(_gaps(piece, frame, telling)))


def gaps_of_rule(rule: ScoreRule, entry: Entry | None, frame: Frame, telling: Telling) -> list[str]:
    """What must be known for a rule to be decided for one event (or for the day judged)."""
    each = rule.each
    if each is None or entry is None:
        return _all([rule.when, rule.points], frame, telling) + _of_counts(rule, frame, telling)
    if each.element is not None and entry.item is None:
        return [_element(each.element, frame, telling)]
    pieces = [_admission(entry.event.kind, telling) if entry.doubtful else None, each.where, each.item_where]
    if entry.is_undated:
        return [_undated(entry, each.by, telling), *_all(pieces, frame, telling)]
    found = [*_all([*pieces, rule.when, rule.points], frame, telling), *_of_counts(rule, frame, telling)]
    return found or ([_same(entry, telling)] if entry.doubtful else [])


def _of_counts(rule: ScoreRule, frame: Frame, telling: Telling) -> list[str]:
    """What leaves the days open for which a rule counts."""
    return [] if rule.counts is None else gaps_of_span(rule, rule.counts, frame, telling)


def gaps_of_span(rule: ScoreRule, span: Span, frame: Frame, telling: Telling) -> list[str]:
    """What must be known to tell both ends of a span; nothing if they are."""
    stretch = telling.stretch(rule, span, frame)
    if stretch is None or stretch.is_known:
        return []
    _, last = working_calendar()
    found = list(dict.fromkeys(_of_span(span, frame, telling)))
    return found or [telling.words("gap_calendar", day=telling.words.day(last))]


def gaps_of_entry(selector: Selector, entry: Entry, frame: Frame, telling: Telling) -> list[str]:
    """What must be known to tell whether a selector takes an event."""
    if entry.is_undated:
        return [_undated(entry, selector.by, telling)]
    at_hand = telling.at_hand(frame, entry)
    found = _all((_admission(selector.kind, telling), selector.where, selector.item_where), at_hand, telling)
    for theirs, ours in selector.same:
        found += [*_gaps(theirs, at_hand, telling), *_gaps(ours, frame, telling)]
    return found or [_same(entry, telling)]


def gaps_of_table(kind: str, telling: Telling) -> str:
    """Which records must be supplied of a kind whose table is absent or begins late."""
    words, since = telling.words, telling.scene.dossier.coverage[kind]
    if since == "absent":
        return words("gap_absent", kind=words.kind(kind))
    return words("gap_since", kind=words.kind(kind), day=words.day(since))


def _all(pieces: Iterable[Node | None], frame: Frame, telling: Telling) -> list[str]:
    return list(dict.fromkeys(gap for piece in pieces if piece is not None for gap in _gaps(piece, frame, telling)))


def _admission(kind: str, telling: Telling) -> Condition | None:
    admits = telling.plan.admits.get(kind)
    return None if admits is None else admits.where


def _gaps(piece: Node, frame: Frame, telling: Telling) -> list[str]:
    if isinstance(piece, Condition):
        return _of_condition(piece, frame, telling)
    return _of_value(piece, frame, telling) if isinstance(piece, Value) else []


def _below(pieces: Iterable[Node], frame: Frame, telling: Telling) -> list[str]:
    return [gap for piece in pieces for gap in _gaps(piece, frame, telling)]


def _of_condition(condition: Condition, frame: Frame, telling: Telling) -> list[str]:
    if telling.program(condition)(frame) is not None:
        return []
    if isinstance(condition, All | Any_):
        return _below(condition.parts, frame, telling)
    found = _below(children(condition), frame, telling)
    if not found and isinstance(condition, Inside):
        code = telling.program(condition.left)(frame)
        found = [telling.words("gap_region_table", code=code)]
    return found or [telling.words("gap_other", name=name_of(children(condition)[0], telling, condition.name))]  # type: ignore[arg-type, attr-defined]  # a leaf has a left side and a name


def _of_value(value: Value, frame: Frame, telling: Telling) -> list[str]:
    found = telling.program(value)(frame)
    if is_plain(found) or found is NONE or found is NOT_IN_FORCE:
        return []
    for kinds, tell in _TELL:
        if isinstance(value, kinds):
            return tell(value, frame, telling)
    return _below(children(value), frame, telling)


def _field(value: EventField, frame: Frame, telling: Telling) -> list[str]:
    return [telling.words("gap_field", event=telling.event(frame.event), name=telling.words.field(value.name))]


def _computed(value: ComputedField, frame: Frame, telling: Telling) -> list[str]:
    return _gaps(telling.plan.computed[value.kind, value.name], frame, telling)


def _party(value: OperatorField, _frame: Frame, telling: Telling) -> list[str]:
    return [telling.words("gap_party", name=telling.words.field(value.name))]


def _item(value: Item, frame: Frame, telling: Telling) -> list[str]:
    return [
        telling.words(
            "gap_field", event=telling.event(frame.event), name=telling.words.field(value.field or "item_at_hand")
        )
    ]


def _parameter(value: Parameter, frame: Frame, telling: Telling) -> list[str]:
    return [telling.words("gap_parameter", name=value.name, day=telling.words.day(frame.law))]


def _look_up(value: LookUp, frame: Frame, telling: Telling) -> list[str]:
    found = _gaps(value.by, frame, telling)
    if found:
        return found
    code = telling.program(value.by)(frame)
    return [telling.words("gap_code", name=value.parameter, code=code, day=telling.words.day(frame.law))]


def _province(value: Province, frame: Frame, telling: Telling) -> list[str]:
    code = telling.program(value.region)(frame)
    return _gaps(value.region, frame, telling) or [telling.words("gap_region_table", code=code)]


def _indicator(value: Indicator, frame: Frame, telling: Telling) -> list[str]:
    seen_from = Frame(frame.scene, frame.day, frame.position, frame.event, frame.day)
    return _gaps(telling.plan.indicators[value.name].value, seen_from, telling)


def _score(_value: OwnScore, _frame: Frame, telling: Telling) -> list[str]:
    return [telling.words("gap_score")]


def _grade(value: OwnGrade, _frame: Frame, telling: Telling) -> list[str]:
    return [telling.words("gap_grade", scale=value.scale)]


def _on_list(value: OnList, _frame: Frame, telling: Telling) -> list[str]:
    """A list of which it cannot be told: its decisions were not supplied, or its own events are not known."""
    words = telling.words
    if telling.scene.hidden_until("list_decision") is not None:
        return [gaps_of_table("list_decision", telling)]
    return [words("gap_list", list=words.title(list_titles(telling).get(value.list, {}), value.list))]


def _day_after(value: DayAfter, frame: Frame, telling: Telling) -> list[str]:
    _, last = working_calendar()
    return _below(children(value), frame, telling) or [telling.words("gap_calendar", day=telling.words.day(last))]


def _holds(value: Holds, frame: Frame, telling: Telling) -> list[str]:
    return _gaps(value.condition, frame, telling)


def _rows(value: Rows, frame: Frame, telling: Telling) -> list[str]:
    """The first row that cannot be told, else the value of the row that holds."""
    for row in value.rows:
        truth = telling.program(row.condition)(frame)
        if truth is not False:
            return _gaps(row.condition if truth is None else row.value, frame, telling)
    return []


def _ratio(value: Ratio, frame: Frame, telling: Telling) -> list[str]:
    return _below(children(value), frame, telling) or [telling.words("gap_ratio")]


def _elements(value: ElementAggregate, frame: Frame, telling: Telling) -> list[str]:
    if is_plain(telling.program(value.element)(frame)):
        return [telling.words("gap_other", name=telling.words.field(value.element.name))]
    return [_element(value.element, frame, telling)]


def _aggregate(value: Aggregate, frame: Frame, telling: Telling) -> list[str]:
    taken: Taken = telling.program(value.selector)(frame)
    found = _of_taken(value.selector, taken, frame, telling)
    if value.of is not None and not found:
        found = [gap for entry in taken.entries for gap in _gaps(value.of, telling.at_hand(frame, entry), telling)]
    return found or [telling.words("gap_no_event", kind=telling.words.kind(value.selector.kind))]


def _of_taken(selector: Selector, taken: Taken, frame: Frame, telling: Telling) -> list[str]:
    """What left it open which events are taken."""
    doubtful = [entry for entry in (*taken.undated, *taken.entries) if entry.doubtful]
    found = [gap for entry in doubtful for gap in gaps_of_entry(selector, entry, frame, telling)]
    if taken.hidden_until is not None:
        found.append(gaps_of_table(selector.kind, telling))
    if selector.element is not None and taken.endless:
        found += _of_elements(selector, selector.element, frame, telling)
    if selector.within is not None:
        found += _gaps(selector.within, frame, telling)
    if selector.since is not None:
        found += _of_taken(selector.since, telling.program(selector.since)(frame), frame, telling)
    return found


def _of_elements(selector: Selector, element: EventField | ComputedField, frame: Frame, telling: Telling) -> list[str]:
    """The lists that are not recorded, of events whose elements a selector takes."""
    found = []
    for entry in telling.scene.candidates(selector.kind, selector.by, selector.standing).dated:
        at_hand = telling.at_hand(frame, entry)
        if telling.program(selector.where)(at_hand) is not False and not is_plain(telling.program(element)(at_hand)):
            found.append(_element(element, at_hand, telling))
    return found


def _element(element: EventField | ComputedField, frame: Frame, telling: Telling) -> str:
    return telling.words("gap_element", event=telling.event(frame.event), name=telling.words.field(element.name))


def _same(entry: Entry, telling: Telling) -> str:
    return telling.words("gap_same", event=telling.event(entry.event))


def _undated(entry: Entry, by: tuple[str, ...], telling: Telling) -> str:
    name, _ = telling.anchor(entry.event, by)
    return telling.words("gap_field", event=telling.event(entry.event, by), name=telling.words.field(name))


def _of_span(span: Span, frame: Frame, telling: Telling) -> list[str]:
    for row in span.rows:
        if not telling.program.in_force(row.basis, frame.law):
            continue
        truth = telling.program(row.condition)(frame)
        if truth is None:
            return _gaps(row.condition, frame, telling)
        if truth is True:
            return _of_row(row, frame, telling)
    return []


def _of_row(row: Node, frame: Frame, telling: Telling) -> list[str]:
    found: list[str] = []
    for child in children(row):
        if isinstance(child, Selector):
            seen_from = telling.from_day_judged(frame)
            found += _of_taken(child, telling.program(child)(seen_from), seen_from, telling)
        elif isinstance(child, Pauses):
            found += [_element(child.of, frame, telling)] if not is_plain(telling.program(child.of)(frame)) else []
        elif isinstance(child, Value | Condition):
            found += _gaps(child, frame, telling)
        else:
            found += _of_row(child, frame, telling)
    return found


Tell = Callable[[Any, Frame, Telling], list[str]]  # Any: each takes its own node
_TELL: tuple[tuple[type[Value], Tell], ...] = (
    (EventField, _field),
    (ComputedField, _computed),
    (OperatorField, _party),
    (Item, _item),
    (Parameter, _parameter),
    (LookUp, _look_up),
    (Province, _province),
    (Indicator, _indicator),
    (OwnScore, _score),
    (OwnGrade, _grade),
    (OnList, _on_list),
    (DayAfter, _day_after),
    (Holds, _holds),
    (Rows, _rows),
    (Ratio, _ratio),
    (ElementAggregate, _elements),
    (Aggregate, _aggregate),
)
