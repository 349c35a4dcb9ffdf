"""Selectors: which events are meant, with every default filled in."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from credit_engine.days import CalendarWindow, Period
from credit_engine.errors import Place
from credit_engine.policy.nodes import (
    All,
    Condition,
    Constant,
    EventField,
    Item,
    Literal,
    Selector,
    Value,
    walk,
)
from credit_engine.policy.places import Map, did_you_mean, place_of, shown, value_place_of
from credit_engine.policy.resolving.context import Context, Need, Scope
from credit_engine.policy.resolving.fields import event_field, field_of_any_kind
from credit_engine.policy.resolving.names import ask
from credit_engine.policy.resolving.refusals import (
    Refusal,
    at,
    elements,
    mapping,
    read_as,
    refuse,
    refuse_name,
    refuse_type,
)
from credit_engine.policy.resolving.typed import fit
from credit_engine.quantities import DATE, FieldType
from credit_engine.records import STANDINGS, TAKES_PART

SELECTOR_KEYS = ("where", "standing", "by", "at", "within", "since", "last", "before", "per", "same")
RULE_KEYS = ("where", "standing", "by", "per")
NEXT_KEYS = ("where", "standing", "by", "per", "same")


@frozen
class Chosen:
    """The kind of event, and the list whose elements are taken one by one."""

    kind: str
    element: EventField | None = None
    item: FieldType | None = None


def read_selector(context: Context, raw: Any, scope: Scope, place: Place) -> Selector:  # Any: a piece as written
    """A selector that stands for itself: a kind, or a mapping with `each` or `latest`."""
    return standing_alone(context, raw, scope, place, SELECTOR_KEYS)


def standing_alone(
    context: Context, raw: Any, scope: Scope, place: Place, keys: tuple[str, ...]
) -> Selector:  # Any: a piece as written
    """As `read_selector`, with only some keys allowed."""
    if isinstance(raw, str):
        return selector(context, chosen(context, raw, place), Map(place=place), scope)
    data = mapping(raw, "a selector", place, "write a kind of event, or {each: KIND, where: ...}")
    heads = [head for head in ("each", "latest") if head in data]
    if len(heads) != 1:
        raise refuse("missing_key", "a selector has `each` or `latest`", place, "write {each: KIND, where: ...}")
    context.problems.check_keys(data, (heads[0], *keys), "this selector")
    found = selector(context, chosen(context, data[heads[0]], at(data, heads[0])), data, scope)
    if heads[0] == "latest" and "last" in data:
        raise refuse(
            "wrong_type", "`latest` is one event already", place_of(data, "last"), "write {each: KIND, last: N}"
        )
    return found  # whoever asks for `latest` takes the last of them: until_next the first, since the last


def chosen(context: Context, raw: Any, place: Place) -> Chosen:  # Any: a piece as written
    """The kind of event behind `KIND` or `KIND.LIST`."""
    if not isinstance(raw, str):
        raise refuse_type("a kind of event", raw, place, "write KIND, or KIND.LIST for its elements")
    kind, _, name = raw.partition(".")
    if kind not in context.kinds:
        if context.told("kinds", kind):
            raise Refusal
        raise refuse_name("unknown_kind", "kind of event", kind, context.kinds, place)
    if not name:
        return Chosen(kind)
    typed = event_field(context, kind, name, place) if context.is_field(kind, name) else None
    if typed is None or typed.type_.name != "list" or not isinstance(typed.value, EventField):
        lists = [each for each, type_ in context.fields[kind].items() if type_.name == "list"]
        raise refuse_name("unknown_field", f"list field of {kind}", name, lists, place)
    return Chosen(kind, typed.value, typed.type_.of)


def selector(context: Context, which: Chosen, data: Map, outer: Scope) -> Selector:
    """The selector that the keys of `data` describe; `outer` is the scope of whoever selects."""
    inner = Scope(fields=True, kind=which.kind, item=which.item)
    where = context.problems.attempt(_where, context, data, inner)
    standing = context.problems.attempt(read_standing, context, data, context.admitted.get(which.kind, TAKES_PART))
    by = context.problems.attempt(read_anchors, context, which.kind, data)
    same = context.problems.attempt(_same, context, which.kind, data, outer)
    window = context.problems.attempt(_window, context, data, outer)
    per = context.problems.attempt(read_per, context, which.kind, data)
    if where is None or standing is None or by is None or same is None or window is None or per is None:
        raise Refusal
    of_events, of_items = _split(where, has_items=which.item is not None)
    settled = not same and not context.reads_viewpoint((of_events, of_items))
    since = context.read_selector(context, data["since"], outer, at(data, "since")) if "since" in data else None
    return Selector(
        which.kind,
        by,
        standing,
        of_events,
        which.element,
        of_items,
        same,
        _at(context, data, outer),
        window.value,
        since,
        _flag(data, "before"),
        per,
        _last(data),
        settled,
    )


def _where(context: Context, data: Map, scope: Scope) -> Condition:
    if "where" not in data:
        return Constant(holds=True)
    return context.read_condition(context, data["where"], scope, at(data, "where"))


def _split(where: Condition, *, has_items: bool) -> tuple[Condition, Condition | None]:
    """What `where` says of the event, and what it says of `item`."""
    if not has_items:
        return where, None
    parts = where.parts if isinstance(where, All) else (where,)
    of_items = tuple(part for part in parts if any(isinstance(node, Item) for node in walk(part)))
    of_events = tuple(part for part in parts if part not in of_items)
    return _all(of_events), _all(of_items) if of_items else None


def _all(parts: tuple[Condition, ...]) -> Condition:
    if not parts or parts == (Constant(holds=True),):
        return Constant(holds=True)
    return parts[0] if len(parts) == 1 else All(parts)


def read_standing(_context: Context, data: Map, default: frozenset[str]) -> frozenset[str]:
    """The standings that take part: those of the key `standing`, else `default`."""
    if "standing" not in data:
        return default
    found = set()
    for raw, place in elements(data["standing"], "`standing`", at(data, "standing")):
        if raw not in STANDINGS:
            raise refuse_name("unknown_label", "standing", raw, STANDINGS, place)
        found.add(raw)
    return frozenset(found)


def read_anchors(context: Context, kind: str, data: Map, key: str = "by") -> tuple[str, ...]:
    """The date fields that a key names, first present; the kind's default anchor without the key."""
    if key not in data:
        return (context.kinds[kind],)
    return tuple(
        context.problems.all_of(
            lambda raw, place: anchor(context, kind, raw, place), elements(data[key], f"`{key}`", at(data, key))
        )
    )


def anchor(context: Context, kind: str, raw: Any, place: Place) -> str:  # Any: a piece as written
    """The name, if it is a date field of this kind that is read, not computed."""
    dates = [name for name, type_ in context.fields[kind].items() if type_ == DATE]
    if not isinstance(raw, str) or raw.startswith("$"):
        raise refuse_type("the name of a date field", raw, place, did_you_mean("", dates))
    if raw not in context.fields[kind]:
        if context.told("fields", kind) or context.told("fields", f"{kind}.{raw}"):
            raise Refusal
        raise refuse_name("unknown_field", f"date field of {kind}", raw, dates, place)
    if raw not in dates:
        raise refuse(
            "type_mismatch", f"{shown(raw)} is {context.fields[kind][raw]}, not a date", place, did_you_mean(raw, dates)
        )
    return raw


def read_per(context: Context, kind: str, data: Map, *, moves: bool = True) -> tuple[Value, ...]:
    """The fields whose equal values make events one."""
    if "per" not in data:
        return ()
    pieces = elements(data["per"], "`per`", at(data, "per"))
    return tuple(context.problems.all_of(lambda raw, place: _named(context, kind, raw, place, moves=moves), pieces))


def _named(context: Context, kind: str, raw: Any, place: Place, *, moves: bool = True) -> Value:  # Any: as written
    if not isinstance(raw, str):
        raise refuse_type("the name of a field", raw, place)
    if not context.is_field(kind, raw):
        if context.told("fields", kind) or context.told("fields", f"{kind}.{raw}"):
            raise Refusal
        raise refuse_name("unknown_field", f"field of {kind}", raw, context.field_names(kind), place)
    return event_field(context, kind, raw, place, moves=moves).value


def _same(context: Context, kind: str, data: Map, outer: Scope) -> tuple[tuple[Value, Value], ...]:
    if "same" not in data:
        return ()
    raw, place = data["same"], at(data, "same")
    if isinstance(raw, Map):
        pairs = [(theirs, place_of(raw, theirs), ours, value_place_of(raw, theirs)) for theirs, ours in raw.items()]
    else:
        pairs = [(name, where, name, where) for name, where in elements(raw, "`same`", place)]
    return tuple(context.problems.all_of(lambda *pair: _pair(context, kind, outer, *pair), pairs))


def _pair(
    context: Context, kind: str, outer: Scope, theirs: Any, theirs_at: Place, ours: Any, ours_at: Place
) -> tuple[Value, Value]:  # Any: names as written
    their_value = _named(context, kind, theirs, theirs_at)
    their_type = event_field(context, kind, theirs, theirs_at).type_
    if not isinstance(ours, str):
        raise refuse_type("the name of a field", ours, ours_at)
    if outer.kind is not None:
        if not context.is_field(outer.kind, ours):
            raise refuse_name("unknown_field", f"field of {outer.kind}", ours, context.field_names(outer.kind), ours_at)
        our = event_field(context, outer.kind, ours, ours_at)
    else:
        our = field_of_any_kind(context, ours, ours_at)
        ask(context, Need(ours, their_type, ours_at), outer, ours_at, "`same`")
    fit(our, their_type, ours_at)
    return their_value, our.value


def _at(context: Context, data: Map, outer: Scope) -> str | None:
    if "at" not in data:
        return None
    raw, place = data["at"], at(data, "at")
    if outer.kind is not None:
        return anchor(context, outer.kind, raw, place)
    if not isinstance(raw, str):
        raise refuse_type("the name of a date field", raw, place)
    fit(field_of_any_kind(context, raw, place), DATE, place)
    ask(context, Need(raw, DATE, place), outer, place, "`at`")
    return raw


@frozen
class Window:
    """What `within` gives, if anything."""

    value: Value | None = None


def _window(context: Context, data: Map, outer: Scope) -> Window:
    if "within" not in data:
        return Window()
    raw, place = data["within"], at(data, "within")
    if isinstance(raw, str) and raw.startswith("$"):
        typed = context.read_value(context, raw, outer, place)
        if typed.type_.name not in ("window", "period"):
            raise refuse(
                "type_mismatch", f"{raw} is {typed.type_}, not a window", place, "give the parameter the unit `window`"
            )
        return Window(typed.value)
    return Window(Literal(read_window(context, raw, place)))


def read_window(context: Context, raw: Any, place: Place) -> Period | CalendarWindow:  # Any: a piece as written
    """A period, or `{calendar: year, back: 1}`."""
    if not isinstance(raw, Map):
        return read_as(Period.read, raw, place)
    context.problems.check_keys(raw, ("calendar", "back"), "a calendar window")
    units = ("year", "quarter", "month")
    if raw.get("calendar") not in units:
        raise refuse_name("wrong_type", "calendar window", raw.get("calendar"), units, at(raw, "calendar"))
    back = raw.get("back", 0)
    if type(back) is not int:
        raise refuse_type("a whole number", back, at(raw, "back"))
    return read_as(lambda count: CalendarWindow(raw["calendar"], count), back, at(raw, "back"))


def _flag(data: Map, key: str) -> bool:
    value = data.get(key, False)
    if not isinstance(value, bool):
        raise refuse_type("true or false", value, at(data, key))
    return value


def _last(data: Map) -> int | None:
    if "last" not in data:
        return None
    value = data["last"]
    if type(value) is not int or value < 1:
        raise refuse_type("a whole number of at least 1", value, at(data, "last"))
    return value
