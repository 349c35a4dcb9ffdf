"""What it would take to know: the empty cells, absent tables and open values that left something unknown."""

from __future__ import annotations

from collections.abc import Iterable

from credit_engine.assessing.explaining.looking import Look
from credit_engine.assessing.explaining.phrases import name_of
from credit_engine.assessing.scene import Entry, Frame
from credit_engine.assessing.selecting import Taken
from credit_engine.assessing.unknown import NONE, NOT_IN_FORCE, is_plain
from credit_engine.days import working_calendar
from credit_engine.policy.plan import (
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
    OperatorField,
    OwnGrade,
    OwnScore,
    Parameter,
    Pauses,
    Province,
    Ratio,
    Rows,
    ScoreRule,
    Selector,
    Span,
    Value,
    children,
)


def gaps(piece: Node, frame: Frame, look: Look) -> list[str]:
    """What must be known for a condition, value or span to be known from this viewpoint, each thing once."""
    return list(dict.fromkeys(_gaps(piece, frame, look)))


def gaps_of_rule(rule: ScoreRule, entry: Entry | None, frame: Frame, look: Look) -> list[str]:
    """What must be known for a rule to be decided for one event (or for the day judged)."""
    each = rule.each
    if each is None or entry is None:
        return _all([rule.when, rule.points], frame, look) + _of_counts(rule, frame, look)
    if each.element is not None and entry.item is None:
        return [_element(each.element, frame, look)]
    pieces = [_admission(entry.event.kind, look) if entry.doubtful else None, each.where, each.item_where]
    if entry.is_undated:
        return [_undated(entry, each.by, look), *_all(pieces, frame, look)]
    found = [*_all([*pieces, rule.when, rule.points], frame, look), *_of_counts(rule, frame, look)]
    return found or ([_same(entry, look)] if entry.doubtful else [])


def _of_counts(rule: ScoreRule, frame: Frame, look: Look) -> list[str]:
    """What leaves the days open for which a rule counts."""
    if rule.counts is None:
        return []
    stretch = look.program(rule.counts)(frame, frame.day)
    if stretch is None or stretch.is_known:
        return []
    _, last = working_calendar()
    found = list(dict.fromkeys(_of_span(rule.counts, frame, look)))
    return found or [look.words("gap_calendar", day=look.words.day(last))]


def gaps_of_table(kind: str, look: Look) -> str:
    """Which records must be supplied of a kind whose table is absent or begins late."""
    words, since = look.words, look.scene.dossier.coverage[kind]
    if since == "absent":
        return words("gap_absent", kind=words.kind(kind))
    return words("gap_since", kind=words.kind(kind), day=words.day(since))


def _all(pieces: Iterable[Node | None], frame: Frame, look: Look) -> list[str]:
    return list(dict.fromkeys(gap for piece in pieces if piece is not None for gap in _gaps(piece, frame, look)))


def _admission(kind: str, look: Look) -> Condition | None:
    admits = look.plan.admits.get(kind)
    return None if admits is None else admits.where


def _gaps(piece: Node, frame: Frame, look: Look) -> list[str]:
    if isinstance(piece, Condition):
        return _of_condition(piece, frame, look)
    return _of_value(piece, frame, look) if isinstance(piece, Value) else []


def _below(pieces: Iterable[Node], frame: Frame, look: Look) -> list[str]:
    return [gap for piece in pieces for gap in _gaps(piece, frame, look)]


def _of_condition(condition: Condition, frame: Frame, look: Look) -> list[str]:
    if look.program(condition)(frame) is not None:
        return []
    if isinstance(condition, All | Any_):
        return _below(condition.parts, frame, look)
    found = _below(children(condition), frame, look)
    if not found and isinstance(condition, Inside):
        code = look.program(condition.left)(frame)
        found = [look.words("gap_region_table", code=code)]
    return found or [look.words("gap_other", name=name_of(children(condition)[0], look, condition.name))]  # type: ignore[arg-type, attr-defined]  # a leaf has a left side and a name


def _of_value(value: Value, frame: Frame, look: Look) -> list[str]:
    found = look.program(value)(frame)
    if is_plain(found) or found is NONE or found is NOT_IN_FORCE:
        return []
    for kinds, tell in _TELL:
        if isinstance(value, kinds):
            return tell(value, frame, look)
    return _below(children(value), frame, look)


def _field(value: EventField, frame: Frame, look: Look) -> list[str]:
    return [look.words("gap_field", event=look.event(frame.event), name=look.words.field(value.name))]


def _computed(value: ComputedField, frame: Frame, look: Look) -> list[str]:
    return _gaps(look.plan.computed[value.kind, value.name], frame, look)


def _party(value: OperatorField, _frame: Frame, look: Look) -> list[str]:
    return [look.words("gap_party", name=look.words.field(value.name))]


def _item(value: Item, frame: Frame, look: Look) -> list[str]:
    return [
        look.words("gap_field", event=look.event(frame.event), name=look.words.field(value.field or "item_at_hand"))
    ]


def _parameter(value: Parameter, frame: Frame, look: Look) -> list[str]:
    return [look.words("gap_parameter", name=value.name, day=look.words.day(frame.law))]


def _look_up(value: LookUp, frame: Frame, look: Look) -> list[str]:
    found = _gaps(value.by, frame, look)
    if found:
        return found
    code = look.program(value.by)(frame)
    return [look.words("gap_code", name=value.parameter, code=code, day=look.words.day(frame.law))]


def _province(value: Province, frame: Frame, look: Look) -> list[str]:
    code = look.program(value.region)(frame)
    return _gaps(value.region, frame, look) or [look.words("gap_region_table", code=code)]


def _indicator(value: Indicator, frame: Frame, look: Look) -> list[str]:
    seen_from = Frame(frame.scene, frame.day, frame.position, frame.event, frame.day)
    return _gaps(look.plan.indicators[value.name].value, seen_from, look)


def _score(_value: OwnScore, _frame: Frame, look: Look) -> list[str]:
    return [look.words("gap_score")]


def _grade(value: OwnGrade, _frame: Frame, look: Look) -> list[str]:
    return [look.words("gap_grade", scale=value.scale)]


def _day_after(value: DayAfter, frame: Frame, look: Look) -> list[str]:
    _, last = working_calendar()
    return _below(children(value), frame, look) or [look.words("gap_calendar", day=look.words.day(last))]


def _holds(value: Holds, frame: Frame, look: Look) -> list[str]:
    return _gaps(value.condition, frame, look)


def _rows(value: Rows, frame: Frame, look: Look) -> list[str]:
    """The first row that cannot be told, else the value of the row that holds."""
    for row in value.rows:
        truth = look.program(row.condition)(frame)
        if truth is not False:
            return _gaps(row.condition if truth is None else row.value, frame, look)
    return []


def _ratio(value: Ratio, frame: Frame, look: Look) -> list[str]:
    return _below(children(value), frame, look) or [look.words("gap_ratio")]


def _elements(value: ElementAggregate, frame: Frame, look: Look) -> list[str]:
    if is_plain(look.program(value.element)(frame)):
        return [look.words("gap_other", name=look.words.field(value.element.name))]
    return [_element(value.element, frame, look)]


def _aggregate(value: Aggregate, frame: Frame, look: Look) -> list[str]:
    taken: Taken = look.program(value.selector)(frame)
    found = _of_taken(value.selector, taken, frame, look)
    if value.of is not None and not found:
        found = [gap for entry in taken.entries for gap in _gaps(value.of, look.at_hand(frame, entry), look)]
    return found or [look.words("gap_no_event", kind=look.words.kind(value.selector.kind))]


def _of_taken(selector: Selector, taken: Taken, frame: Frame, look: Look) -> list[str]:
    """What left it open which events are taken."""
    found = [_undated(entry, selector.by, look) for entry in taken.undated]
    for entry in taken.entries:
        if entry.doubtful:
            found += _of_entry(selector, entry, frame, look)
    if taken.hidden_until is not None:
        found.append(gaps_of_table(selector.kind, look))
    if selector.element is not None and taken.endless:
        found += _of_elements(selector, selector.element, frame, look)
    if selector.within is not None:
        found += _gaps(selector.within, frame, look)
    if selector.since is not None:
        found += _of_taken(selector.since, look.program(selector.since)(frame), frame, look)
    return found


def _of_elements(selector: Selector, element: EventField | ComputedField, frame: Frame, look: Look) -> list[str]:
    """The lists that are not recorded, of events whose elements a selector takes."""
    found = []
    for entry in look.scene.candidates(selector.kind, selector.by, selector.standing).dated:
        at_hand = look.at_hand(frame, entry)
        if look.program(selector.where)(at_hand) is not False and not is_plain(look.program(element)(at_hand)):
            found.append(_element(element, at_hand, look))
    return found


def _element(element: EventField | ComputedField, frame: Frame, look: Look) -> str:
    return look.words("gap_element", event=look.event(frame.event), name=look.words.field(element.name))


def _of_entry(selector: Selector, entry: Entry, frame: Frame, look: Look) -> list[str]:
    at_hand = look.at_hand(frame, entry)
    pieces = (_admission(selector.kind, look), selector.where, selector.item_where)
    found = _all(pieces, at_hand, look)
    for theirs, ours in selector.same:
        found += [*_gaps(theirs, at_hand, look), *_gaps(ours, frame, look)]
    return found or [_same(entry, look)]


def _same(entry: Entry, look: Look) -> str:
    return look.words("gap_same", event=look.event(entry.event))


def _undated(entry: Entry, by: tuple[str, ...], look: Look) -> str:
    name, _ = look.anchor(entry.event, by)
    return look.words("gap_field", event=look.event(entry.event, by), name=look.words.field(name))


def _of_span(span: Span, frame: Frame, look: Look) -> list[str]:
    for row in span.rows:
        if not look.program.in_force(row.basis, frame.law):
            continue
        truth = look.program(row.condition)(frame)
        if truth is None:
            return _gaps(row.condition, frame, look)
        if truth is True:
            return _of_row(row, frame, look)
    return []


def _of_row(row: Node, frame: Frame, look: Look) -> list[str]:
    found: list[str] = []
    for child in children(row):
        if isinstance(child, Selector):
            found += _of_taken(child, look.program(child)(frame), frame, look)
        elif isinstance(child, Pauses):
            found += [_element(child.of, frame, look)] if not is_plain(look.program(child.of)(frame)) else []
        elif isinstance(child, Value | Condition):
            found += _gaps(child, frame, look)
        else:
            found += _of_row(child, frame, look)
    return found


_TELL = (
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
    (DayAfter, _day_after),
    (Holds, _holds),
    (Rows, _rows),
    (Ratio, _ratio),
    (ElementAggregate, _elements),
    (Aggregate, _aggregate),
)
