"""What is read of the list entry at hand: by its own list, or by a region that takes it over."""

from __future__ import annotations

from credit_engine.errors import Place
from credit_engine.policy.nodes import DecisionField, EntryField, EventField, Listed
from credit_engine.policy.places import shown
from credit_engine.policy.resolving.context import Context, Scope
from credit_engine.policy.resolving.fields import field_of
from credit_engine.policy.resolving.refusals import refuse, refuse_name
from credit_engine.policy.resolving.typed import Typed
from credit_engine.quantities import BOOL, DATE, TEXT

OF_ENTRY = {
    "authority": TEXT,
    "origin": TEXT,
    "published": DATE,
    "until": DATE,
    "last_day": DATE,
    "primary": BOOL,
}
"""What a region reads of an entry of another one, beside `listed`."""


def of_entry(context: Context, name: str, scope: Scope, place: Place) -> Typed:
    """`listed`, or a field of the decision that listed."""
    if name == "listed":
        if context.is_field(scope.kind, name):
            hint = "here it is the day on which the entry was listed; give the field another name"
            raise refuse("ambiguous_name", f"{shown(name)} is a field of {scope.kind} too", place, hint)
        return Typed(Listed(), DATE)
    field = name.partition(".")[2]
    typed = field_of(context, "list_decision", field, place)
    if not isinstance(typed.value, EventField):
        raise refuse("unsupported", "computed fields of `decision` are not built yet", place, "name its fields")
    return Typed(DecisionField(field, typed.value.declared), typed.type_)


def of_entry_elsewhere(context: Context, name: str, scope: Scope, place: Place) -> Typed:
    """What a region reads of an entry of another one: the entry, its decision, its ground."""
    head, _, rest = name.partition(".")
    if name in OF_ENTRY:
        return Typed(EntryField(name), OF_ENTRY[name])
    if name == "listed":
        return Typed(Listed(), DATE)
    if head == "decision" and rest:
        return of_entry(context, name, scope, place)
    if head == "ground" and rest:
        if scope.kind is None:
            hint = "ask of the entry or its decision"
            raise refuse("needs_event", f"{shown(name)}: a review opens the entry, not an event", place, hint)
        return field_of(context, scope.kind, rest, place)
    known = [*OF_ENTRY, "listed", "decision.FIELD", "ground.FIELD", "operator.FIELD", "day"]
    raise refuse_name("unknown_field", "name of an entry", name, known, place)
