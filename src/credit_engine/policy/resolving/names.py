"""What a name means where it stands: a field, the element, the party, the day, an indicator, or an earlier step.

Indicators and computed fields are resolved when they are first read; one that is met again meanwhile is a circle.
"""

from __future__ import annotations

from typing import Any

from credit_engine.errors import Place
from credit_engine.policy.nodes import (
    EventField,
    Indicator,
    Item,
    OnList,
    OwnGrade,
    OwnScore,
    Province,
    ViewDay,
)
from credit_engine.policy.places import Map, place_of, shown, value_place_of
from credit_engine.policy.plan import (
    NamedIndicator,
)
from credit_engine.policy.resolving.context import Context, Need, ResolvedIndicator, Scope
from credit_engine.policy.resolving.entry_names import of_entry, of_entry_elsewhere
from credit_engine.policy.resolving.fields import event_field, operator_field, resolved_once
from credit_engine.policy.resolving.refusals import Refusal, mapping, refuse, refuse_name, refuse_type
from credit_engine.policy.resolving.typed import Typed, fit
from credit_engine.quantities import BOOL, DATE, DECIMAL, TEXT, one_of

_PROVINCE = ".province"


def read_name(context: Context, name: str, scope: Scope, place: Place) -> Typed:
    """The value behind a name."""
    head, _, rest = name.partition(".")
    if name.endswith(_PROVINCE):
        return _province(context, name, scope, place)
    if head == "operator" and rest:
        return operator_field(context, rest, place)
    if name == "day":
        if not scope.moves:
            raise refuse(
                "depends_on_viewpoint", "which events take part is said once, for every day", place, "leave `day` out"
            )
        return Typed(ViewDay(), DATE)
    if scope.elsewhere:
        return of_entry_elsewhere(context, name, scope, place)
    if head == "item":
        return _item(rest, scope, place)
    if head == "on_list":
        return _on_list(context, name, scope, place)
    if scope.entry and (name == "listed" or (head == "decision" and rest)):
        return of_entry(context, name, scope, place)
    if head in ("score", "grade") and not (scope.fields and context.is_field(scope.kind, name)):
        return _own(context, name, scope, place)
    return _field_or_indicator(context, name, scope, place)


def _province(context: Context, name: str, scope: Scope, place: Place) -> Typed:
    region = read_name(context, name.removesuffix(_PROVINCE), scope, place)
    if region.type_ != TEXT:
        raise refuse("type_mismatch", f"{shown(name)}: only a region has a province", place)
    return Typed(Province(region.value), TEXT)


def _item(part: str, scope: Scope, place: Place) -> Typed:
    if scope.item is None or not scope.fields:
        raise refuse(
            "unknown_field", "there is no `item` here", place, "choose the elements of a list: `each: violation.acts`"
        )
    if not part:
        return Typed(Item(), scope.item)
    if part not in scope.item.fields:
        raise refuse_name("unknown_field", "part of `item`", part, scope.item.fields, place)
    return Typed(Item(part), scope.item.fields[part])


def _own(context: Context, name: str, scope: Scope, place: Place) -> Typed:
    _refuse_in_where(name, scope, place)
    head, _, rest = name.partition(".")
    if head == "score":
        if rest or (scope.score and context.written.score is None):
            raise refuse("unknown_field", f"there is no {shown(name)}: the policy has no such score", place)
        if not scope.score:
            raise refuse(
                "later_step", "the score is made by a later step", place, "indicators and score rules come before it"
            )
        return Typed(OwnScore(), DECIMAL)
    scales = context.written.scales
    if not scales or (rest and rest not in scales):
        if context.told("scales", rest) or (not rest and context.broken.get("scales")):
            raise Refusal
        raise refuse_name("unknown_scale", "grading scale", rest or "grade", scales, place)
    scale = rest or next(iter(scales))
    if scale not in scope.scales:
        raise refuse(
            "later_step", f"{shown(name)} is made by a later step", place, "only scales that stand before can be read"
        )
    return Typed(OwnGrade(scale), one_of(*scales[scale].order, *scales[scale].outside))


def _refuse_in_where(name: str, scope: Scope, place: Place) -> None:
    if scope.fields and not scope.indicators:
        hint = "`where` chooses events by their own fields; ask for this in `when`"
        raise refuse("where_names_indicator", f"{shown(name)} is asked of the day judged", place, hint)


def _on_list(context: Context, name: str, scope: Scope, place: Place) -> Typed:
    _refuse_in_where(name, scope, place)
    listed = name.partition(".")[2]
    if listed not in context.written.lists:
        if context.told("lists", listed):
            raise Refusal
        raise refuse_name("unknown_list", "list", listed, context.written.lists, place)
    if scope.lists is None:
        hint = "indicators and the score come before lists"
        raise refuse("later_step", f"{shown(name)} is made by a later step", place, hint)
    scope.lists.setdefault(listed, place)
    return Typed(OnList(listed), BOOL)


def _field_or_indicator(context: Context, name: str, scope: Scope, place: Place) -> Typed:
    is_field = scope.fields and context.is_field(scope.kind, name)
    is_indicator = scope.indicators and name in context.written.indicators
    if is_field and is_indicator:
        hint = "give one of them another name"
        raise refuse("ambiguous_name", f"{shown(name)} is a field of {scope.kind} and an indicator", place, hint)
    if is_field and scope.kind is not None:
        return event_field(context, scope.kind, name, place, moves=scope.moves)
    if is_indicator:
        return _indicator(context, name, scope, place)
    raise _unknown(context, name, scope, place)


def _unknown(context: Context, name: str, scope: Scope, place: Place) -> Refusal:
    """Why a name means nothing here, and where it would."""
    kind = scope.kind
    if context.told("fields", kind) or context.told("fields", f"{kind}.{name}") or context.told("indicators", name):
        return Refusal()
    if scope.fields and not scope.indicators and name in context.written.indicators:
        hint = "`where` chooses events by their own fields; compare an indicator in `when`"
        return refuse("where_names_indicator", f"{shown(name)} is an indicator", place, hint)
    owners = [each for each in (kind, *context.kinds) if context.is_field(each, name)]
    if scope.indicators and not scope.fields and owners:
        hint = "compare a field of the event in `where`, or make an indicator of it"
        return refuse("when_names_field", f"{shown(name)} is a field of {owners[0]}", place, hint)
    if scope.fields and kind is not None:
        known = [*context.field_names(kind), *(context.written.indicators if scope.indicators else ())]
        return refuse_name("unknown_field", f"field of {kind}", name, known, place)
    return refuse_name("unknown_indicator", "indicator", name, context.written.indicators, place)


# --- indicators -----------------------------------------------------------------------------------------------


def resolve_indicator(context: Context, name: str, place: Place) -> ResolvedIndicator:
    """The indicator of this name, resolved once."""
    label = f"indicator {name}"
    return resolved_once(context, context.indicators, name, label, place, lambda: _resolved(context, name))


def _resolved(context: Context, name: str) -> ResolvedIndicator:
    section = context.written.raw["indicators"]
    place = value_place_of(section, name)
    needs: list[Need] = []
    raw, title = _titled(context, section[name])
    typed = context.read_value(context, raw, Scope(indicators=True, needs=needs), place)
    named = NamedIndicator(
        name, typed.value, typed.type_, title, needs_event=bool(needs), place=place_of(section, name)
    )
    return ResolvedIndicator(named, typed.fractional, tuple(needs))


def _titled(context: Context, raw: Any) -> tuple[Any, dict[str, str]]:  # Any: a piece as written
    """The value of an indicator, and the `title` that stands in the same mapping."""
    if not isinstance(raw, Map) or "title" not in raw:
        return raw, {}
    value = raw.copy()
    value.drop("title")
    written = mapping(raw["title"], "a title", value_place_of(raw, "title"), "write title: {zh: ..., en: ...}")
    context.problems.check_keys(written, ("zh", "en"), "a title")
    for language, text in written.items():
        if not isinstance(text, str):
            context.problems.note(refuse_type("text", text, value_place_of(written, language)))
    return value, {str(language): str(text) for language, text in written.items()}


def _indicator(context: Context, name: str, scope: Scope, place: Place) -> Typed:
    resolved = resolve_indicator(context, name, place)
    for need in resolved.needs:
        ask(context, need, scope, place, f"the indicator {shown(name)}")
    return Typed(Indicator(name), resolved.named.type_, resolved.fractional)


def ask(context: Context, need: Need, scope: Scope, place: Place, who: str) -> None:
    """See that the asker's event has a field; inside an indicator note that every asker needs it."""
    if scope.kind is not None:
        if need.field not in context.fields.get(scope.kind, {}):
            message = f"{who} compares with the field {shown(need.field)} of the asker, and {scope.kind} has none"
            raise refuse("unknown_field", message, place)
        fit(Typed(EventField(need.field), context.fields[scope.kind][need.field]), need.type_, place)
    elif scope.needs is not None:
        if need not in scope.needs:
            scope.needs.append(need)
    else:
        hint = "read it in a rule with `each`, from the event's viewpoint"
        raise refuse("needs_event", f"{who} compares with the asker's event, and there is none here", place, hint)
