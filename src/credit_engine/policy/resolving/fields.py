"""Fields of events and of the party: declared, built in, or computed; a computed one is resolved when first read."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from attrs import evolve

from credit_engine.errors import Place
from credit_engine.policy.nodes import ComputedField, EventField, OperatorField
from credit_engine.policy.places import shown
from credit_engine.policy.resolving.context import OPERATOR, Context, Scope
from credit_engine.policy.resolving.refusals import Refusal, refuse, refuse_name
from credit_engine.policy.resolving.typed import Typed
from credit_engine.records import IMPLIED

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")
_IMPLIED_BY = {"violation": "penalties"}


def operator_field(context: Context, name: str, place: Place) -> Typed:
    """A field of the party judged."""
    fields = context.fields[OPERATOR]
    if name not in fields:
        if context.told("fields", OPERATOR) or context.told("fields", f"{OPERATOR}.{name}"):
            raise Refusal
        raise refuse_name("unknown_field", "field of operators", name, fields, place)
    return Typed(OperatorField(name, declared=name in context.declared[OPERATOR]), fields[name])


def event_field(context: Context, kind: str, name: str, place: Place, *, moves: bool = True) -> Typed:
    """A field of an event of this kind, declared, built in or computed."""
    if (kind, name) in context.formulas:
        typed = _computed_field(context, kind, name, place)
        if not moves and context.reads_viewpoint(typed.value):
            hint = "which events take part is said once, for every day"
            raise refuse("depends_on_viewpoint", f"{shown(name)} depends on who asks", place, hint)
        return typed
    implied = IMPLIED.get((kind, name))
    declared = name in context.declared.get(kind, ())
    node = EventField(name, declared, (_IMPLIED_BY[kind], *implied) if implied and not declared else None)
    return Typed(node, context.fields[kind][name])


def field_of_any_kind(context: Context, name: str, place: Place) -> Typed:
    """A field of the asker's event, whose kind is not known here: the same in every kind that has it."""
    kinds = [kind for kind in context.kinds if name in context.fields[kind]]
    if not kinds:
        known = {each for kind in context.kinds for each in context.fields[kind]}
        raise refuse_name("unknown_field", "field of any kind of event", name, known, place)
    found = {event_field(context, kind, name, place).value for kind in kinds}
    if len(found) > 1:
        hint = f"{', '.join(kinds)}: declare it under another name"
        raise refuse(
            "ambiguous_name", f"{shown(name)} is built in for one kind of event and declared for another", place, hint
        )
    return event_field(context, kinds[0], name, place)


def _computed_field(context: Context, kind: str, name: str, place: Place) -> Typed:
    key = (kind, name)

    def resolve() -> Typed:
        scope = Scope(fields=True, indicators=True, kind=kind)
        return context.read_value(context, context.formula(kind, name), scope, context.formulas[key])

    typed = resolved_once(context, context.computed, key, f"field {kind}.{name}", place, resolve)
    return evolve(typed, value=ComputedField(kind, name))


def field_of(context: Context, kind: str, name: str, place: Place) -> Typed:
    """A field of this kind; refused with a similar name where there is none."""
    if not context.is_field(kind, name):
        if context.told("fields", kind) or context.told("fields", f"{kind}.{name}"):
            raise Refusal
        raise refuse_name("unknown_field", f"field of {kind}", name, context.field_names(kind), place)
    return event_field(context, kind, name, place)


def resolved_once(  # one for each part of the message and of the memory
    context: Context, made: dict[Key, Made | None], key: Key, label: str, place: Place, resolve: Callable[[], Made]
) -> Made:
    """What an indicator or computed field is, resolved when it is first asked for; refused where it reads itself."""
    if key not in made:
        if label in context.open:
            way = [*context.open[context.open.index(label) :], label]
            raise refuse("circle", f"it reads itself: {' -> '.join(way)}", place, "take one of these steps out")
        context.open.append(label)
        try:
            made[key] = resolve()
        except Refusal:
            made[key] = None
            raise
        finally:
            context.open.pop()
    found = made[key]
    if found is None:
        raise Refusal
    return found
