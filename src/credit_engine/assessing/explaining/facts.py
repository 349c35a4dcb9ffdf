"""Why a condition holds, does not, or cannot be told: its deciding comparisons, and the events behind each value."""

from __future__ import annotations

from collections.abc import Iterable

from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.gaps import gaps_of_entry
from credit_engine.assessing.explaining.phrases import requirement, stands_on_no_law
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.explaining.values import name_of, operation, shown, type_of
from credit_engine.assessing.scene import Entry, Frame
from credit_engine.assessing.selecting import Taken
from credit_engine.policy.nodes import (
    Aggregate,
    All,
    Any_,
    Compare,
    ComputedField,
    Condition,
    Constant,
    ElementAggregate,
    EventField,
    Holds,
    Indicator,
    Item,
    Literal,
    LookUp,
    Node,
    OperatorField,
    OwnGrade,
    OwnScore,
    Rows,
    Truth,
    Value,
    ViewDay,
    children,
)

NAMED = (EventField, ComputedField, OperatorField, Indicator, Item, LookUp, OwnScore, OwnGrade, ViewDay)


def facts(condition: Condition, frame: Frame, telling: Telling) -> list[Account]:
    """The comparisons that decide a condition from this viewpoint.

    Where it holds: all that hold together. Where it does not: the first that fails, or each way in which it could have
    held. Where it cannot be told: what it hangs on.
    """
    truth = telling.program(condition)(frame)
    if isinstance(condition, All):
        parts = _deciding(condition.parts, truth, frame, telling)
        return _joined(parts[:1] if truth is False else parts, frame, telling)
    if isinstance(condition, Any_):
        parts = _deciding(condition.parts, truth, frame, telling)
        return _joined(parts[:1] if truth is True else parts, frame, telling)
    if isinstance(condition, Constant):
        return [] if condition.holds else [Account(telling.words("never"), part="fact")]
    return [_leaf([condition], truth, frame, telling)]


def _deciding(parts: Iterable[Condition], truth: object, frame: Frame, telling: Telling) -> list[Condition]:
    return [part for part in parts if telling.program(part)(frame) is truth]


def _joined(parts: list[Condition], frame: Frame, telling: Telling) -> list[Account]:
    """The facts of several parts; comparisons of one thing that follow each other become one line."""
    lines: list[Account] = []
    waiting: list[Condition] = []
    for part in parts:
        is_leaf = not isinstance(part, All | Any_ | Constant)
        if waiting and not (is_leaf and _same_left(waiting[-1], part) and telling.program(part)(frame) is True):
            lines.append(_leaf(waiting, telling.program(waiting[0])(frame), frame, telling))
            waiting = []
        if is_leaf:
            waiting.append(part)
        else:
            lines += facts(part, frame, telling)
    if waiting:
        lines.append(_leaf(waiting, telling.program(waiting[0])(frame), frame, telling))
    return lines


def _same_left(one: Condition, other: Condition) -> bool:
    return getattr(one, "left", None) == getattr(other, "left", 0)


def _leaf(leaves: list[Condition], truth: object, frame: Frame, telling: Telling) -> Account:
    """One line for comparisons of one thing: what it is, and what it must be."""
    words = telling.words
    left: Value = leaves[0].left  # type: ignore[attr-defined]  # every leaf but a constant has a left side
    written: str = leaves[0].name  # type: ignore[attr-defined]  # and a name
    fact = words("fact", name=name_of(left, telling, written), value=shown(left, frame, telling))
    if truth is False and stands_on_no_law(leaves[0], frame, telling):
        return Account(words("no_law", fact=fact), behind(left, frame, telling), part="fact")
    if truth is True and all(_says_itself(leaf) for leaf in leaves):
        return Account(fact, _behind_leaf(leaves, frame, telling), part="fact")
    wanted = words("and").join(requirement(leaf, frame, telling) for leaf in leaves)
    key = "not_known" if truth is None else "met" if truth else "not_met"
    return Account(words(key, fact=fact, requirement=wanted), _behind_leaf(leaves, frame, telling), part="fact")


def _says_itself(leaf: Condition) -> bool:
    """Whether a comparison that holds asks for just the value that is shown."""
    is_equal = isinstance(leaf, Compare) and leaf.op == "is" and isinstance(leaf.right, Literal)
    return (is_equal or isinstance(leaf, Truth)) and not leaf.negated  # type: ignore[attr-defined]  # both have it


def _behind_leaf(leaves: list[Condition], frame: Frame, telling: Telling) -> list[Account]:
    """What stands behind the left side, and behind right sides that are no mere parameter."""
    sides = [leaves[0].left]  # type: ignore[attr-defined]  # see above
    sides += [right for leaf in leaves if isinstance(right := getattr(leaf, "right", None), Indicator | ComputedField)]
    return [line for side in sides for line in behind(side, frame, telling)]


# --- the events behind a value --------------------------------------------------------------------------------


def behind(value: Value, frame: Frame, telling: Telling) -> list[Account]:
    """The events that a value was made of, and the facts that made a yes or no."""
    if isinstance(value, Indicator):
        seen_from = Frame(frame.scene, frame.day, frame.position, frame.event, frame.day)
        return behind(telling.plan.indicators[value.name].value, seen_from, telling)
    if isinstance(value, ComputedField):
        return behind(telling.plan.computed[value.kind, value.name], frame, telling)
    if isinstance(value, Holds):
        return facts(value.condition, frame, telling)
    if isinstance(value, Aggregate):
        return _of_aggregate(value, frame, telling)
    if isinstance(value, ElementAggregate):
        return [_reading(value.element, frame, telling)]
    if isinstance(value, Rows):
        return _of_rows(value, frame, telling)
    lines = [line for part in values_in(value) for line in _part(part, frame, telling)]
    return [*lines, *(Account(text, part="operation") for text in operation(value, frame, telling))]


def _of_rows(value: Rows, frame: Frame, telling: Telling) -> list[Account]:
    """Why the row that counts does, and what its value was made of."""
    row = next((row for row in value.rows if telling.program(row.condition)(frame) is not False), None)
    return [] if row is None else [*facts(row.condition, frame, telling), *behind(row.value, frame, telling)]


def values_in(node: Node) -> list[Value]:
    """The values directly below a node, rows of values included."""
    found: list[Value] = []
    for child in children(node):
        if isinstance(child, Value):
            found.append(child)
        elif not isinstance(child, Condition):
            found += values_in(child)
    return found


def _part(part: Value, frame: Frame, telling: Telling) -> list[Account]:
    """A named part of a value with what stands behind it; of other parts what stands behind them."""
    if isinstance(part, NAMED):
        return [_reading(part, frame, telling)]
    return behind(part, frame, telling)


def _reading(part: Value, frame: Frame, telling: Telling) -> Account:
    fact = telling.words("fact", name=name_of(part, telling), value=shown(part, frame, telling))
    below = behind(part, frame, telling) if isinstance(part, Indicator | ComputedField) else ()
    return Account(fact, below, part="reading")


def _of_aggregate(node: Aggregate, frame: Frame, telling: Telling) -> list[Account]:
    """The events that an aggregate took; of the latest only the last one, if it is sure to be the last."""
    taken: Taken = telling.program(node.selector)(frame)
    entries = list(taken.entries)
    is_latest = node.op in ("latest", "days_since")
    if is_latest and taken.is_certain:
        entries = entries[-1:]
    sure = taken.is_certain or not is_latest
    lines = [_entry(node, entry, frame, telling, sure=sure) for entry in (*entries, *taken.undated)]
    if taken.hidden_until is not None:
        lines.append(Account(_hidden(node.selector.kind, telling), part="hidden"))
    return lines


def _hidden(kind: str, telling: Telling) -> str:
    since = telling.scene.dossier.coverage[kind]
    if since == "absent":
        return telling.words("table_absent", kind=telling.words.kind(kind))
    return telling.words("table_since", kind=telling.words.kind(kind), day=telling.words.day(since))


def _entry(node: Aggregate, entry: Entry, frame: Frame, telling: Telling, *, sure: bool) -> Account:
    """One event that an aggregate took, and what it took from it."""
    words = telling.words
    event = telling.event(entry.event, node.selector.by)
    if entry.item is not None:
        item = words.value(entry.item, type_of(Item(), frame, telling), getattr(node.selector.element, "name", ""))
        event = words("in_brackets", text=event, more=words("element", item=item))
    if entry.doubtful or not sure:
        found = gaps_of_entry(node.selector, entry, frame, telling) if entry.doubtful else []
        below = [Account(gap, part="gap") for gap in found]
        return Account(words("counted_maybe", event=event), below, part="event")
    if node.of is None:
        return Account(words("counted" if node.op == "count" else "taken", event=event), part="event")
    value = shown(node.of, telling.at_hand(frame, entry), telling)
    return Account(words("taken_value", event=event, value=value), part="event")


def readings(value: Value, frame: Frame, telling: Telling) -> list[Account]:
    """The named values of which points were made; a table is told of among the values of the law."""
    if isinstance(value, LookUp):
        return _part(value.by, frame, telling)
    return _part(value, frame, telling)
