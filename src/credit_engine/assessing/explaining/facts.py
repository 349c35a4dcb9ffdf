"""Why a condition holds, does not hold, or cannot be told: its deciding comparisons, and the events behind each value."""

from __future__ import annotations

from collections.abc import Iterable

from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.looking import Look
from credit_engine.assessing.explaining.phrases import name_of, requirement, shown, stands_on_no_law, type_of
from credit_engine.assessing.scene import Entry, Frame
from credit_engine.assessing.selecting import Taken
from credit_engine.assessing.unknown import Truth
from credit_engine.policy.plan import (
    Aggregate,
    All,
    Any_,
    ComputedField,
    Condition,
    Constant,
    ElementAggregate,
    EventField,
    Holds,
    Indicator,
    Item,
    LookUp,
    Node,
    OperatorField,
    OwnGrade,
    OwnScore,
    Value,
    ViewDay,
    children,
)

NAMED = (EventField, ComputedField, OperatorField, Indicator, Item, LookUp, OwnScore, OwnGrade, ViewDay)


def facts(condition: Condition, frame: Frame, look: Look) -> list[Account]:
    """The comparisons that decide a condition from this viewpoint.

    Where it holds: all that hold together. Where it does not: the first that fails, or each way in which it could have
    held. Where it cannot be told: what it hangs on.
    """
    truth: Truth = look.program(condition)(frame)
    if isinstance(condition, All):
        parts = _deciding(condition.parts, truth, frame, look)
        return _joined(parts[:1] if truth is False else parts, frame, look)
    if isinstance(condition, Any_):
        parts = _deciding(condition.parts, truth, frame, look)
        return _joined(parts[:1] if truth is True else parts, frame, look)
    if isinstance(condition, Constant):
        return [] if condition.holds else [Account(look.words("never"), part="fact")]
    return [_leaf([condition], truth, frame, look)]


def _deciding(parts: Iterable[Condition], truth: Truth, frame: Frame, look: Look) -> list[Condition]:
    return [part for part in parts if look.program(part)(frame) is truth]


def _joined(parts: list[Condition], frame: Frame, look: Look) -> list[Account]:
    """The facts of several parts; comparisons of one thing that follow each other become one line."""
    lines: list[Account] = []
    waiting: list[Condition] = []
    for part in parts:
        is_leaf = not isinstance(part, All | Any_ | Constant)
        if waiting and not (is_leaf and _same_left(waiting[-1], part) and look.program(part)(frame) is True):
            lines.append(_leaf(waiting, look.program(waiting[0])(frame), frame, look))
            waiting = []
        if is_leaf:
            waiting.append(part)
        else:
            lines += facts(part, frame, look)
    if waiting:
        lines.append(_leaf(waiting, look.program(waiting[0])(frame), frame, look))
    return lines


def _same_left(one: Condition, other: Condition) -> bool:
    return getattr(one, "left", None) == getattr(other, "left", 0)


def _leaf(leaves: list[Condition], truth: Truth, frame: Frame, look: Look) -> Account:
    """One line for comparisons of one thing: what it is, and what it must be."""
    words = look.words
    left: Value = leaves[0].left  # type: ignore[attr-defined]  # every leaf but a constant has a left side
    written: str = leaves[0].name  # type: ignore[attr-defined]  # and a name
    fact = words("fact", name=name_of(left, look, written), value=shown(left, frame, look))
    if truth is False and stands_on_no_law(leaves[0], frame, look):
        return Account(words("no_law", fact=fact), behind(left, frame, look), part="fact")
    wanted = words("and").join(requirement(leaf, frame, look) for leaf in leaves)
    key = {True: "met", False: "not_met", None: "not_known"}[truth]
    return Account(words(key, fact=fact, requirement=wanted), _behind_leaf(leaves, frame, look), part="fact")


def _behind_leaf(leaves: list[Condition], frame: Frame, look: Look) -> list[Account]:
    """What stands behind the left side, and behind right sides that are no mere parameter."""
    sides = [leaves[0].left]  # type: ignore[attr-defined]  # see above
    sides += [right for leaf in leaves if isinstance(right := getattr(leaf, "right", None), Indicator | ComputedField)]
    return [line for side in sides for line in behind(side, frame, look)]


# --- the events behind a value --------------------------------------------------------------------------------


def behind(value: Value, frame: Frame, look: Look) -> list[Account]:
    """The events that a value was made of, and the facts that made a yes or no."""
    if isinstance(value, Indicator):
        seen_from = Frame(frame.scene, frame.day, frame.position, frame.event, frame.day)
        return behind(look.plan.indicators[value.name].value, seen_from, look)
    if isinstance(value, ComputedField):
        return behind(look.plan.computed[value.kind, value.name], frame, look)
    if isinstance(value, Holds):
        return facts(value.condition, frame, look)
    if isinstance(value, Aggregate):
        return _of_aggregate(value, frame, look)
    if isinstance(value, ElementAggregate):
        return [_reading(value.element, frame, look)]
    return [line for part in values_in(value) for line in _part(part, frame, look)]


def values_in(node: Node) -> list[Value]:
    """The values directly below a node, rows of values included."""
    found: list[Value] = []
    for child in children(node):
        if isinstance(child, Value):
            found.append(child)
        elif not isinstance(child, Condition):
            found += values_in(child)
    return found


def _part(part: Value, frame: Frame, look: Look) -> list[Account]:
    """A named part of a value with what stands behind it; of other parts what stands behind them."""
    if isinstance(part, NAMED):
        return [_reading(part, frame, look)]
    return behind(part, frame, look)


def _reading(part: Value, frame: Frame, look: Look) -> Account:
    fact = look.words("fact", name=name_of(part, look), value=shown(part, frame, look))
    below = behind(part, frame, look) if isinstance(part, Indicator | ComputedField) else ()
    return Account(look.words("read", fact=fact), below, part="reading")


def _of_aggregate(node: Aggregate, frame: Frame, look: Look) -> list[Account]:
    taken: Taken = look.program(node.selector)(frame)
    entries = taken.entries
    if node.op in ("latest", "days_since") and entries and not entries[-1].doubtful and not taken.undated:
        entries = entries[-1:]
    lines = [_entry(node, entry, frame, look) for entry in (*entries, *taken.undated)]
    if taken.hidden_until is not None:
        lines.append(Account(_hidden(node.selector.kind, look), part="hidden"))
    return lines


def _hidden(kind: str, look: Look) -> str:
    since = look.scene.dossier.coverage[kind]
    if since == "absent":
        return look.words("table_absent", kind=look.words.kind(kind))
    return look.words("table_since", kind=look.words.kind(kind), day=look.words.day(since))


def _entry(node: Aggregate, entry: Entry, frame: Frame, look: Look) -> Account:
    """One event that an aggregate took, and what it took from it."""
    words = look.words
    event = look.event(entry.event, node.selector.by)
    if entry.item is not None:
        item = words.value(entry.item, type_of(Item(), frame, look), getattr(node.selector.element, "name", ""))
        event = words("in_brackets", text=event, more=words("element", item=item))
    if entry.doubtful:
        return Account(words("counted_maybe", event=event), part="event")
    if node.of is None:
        return Account(words("counted" if node.op == "count" else "taken", event=event), part="event")
    value = shown(node.of, look.at_hand(frame, entry), look)
    return Account(words("taken_value", event=event, value=value), part="event")


def readings(value: Value, frame: Frame, look: Look) -> list[Account]:
    """The named values of which something (points, say) was made."""
    return _part(value, frame, look)
