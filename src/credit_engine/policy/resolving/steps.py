"""The steps of a spread rule: over relations or to persons named, on which day, from which share on."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from attrs import frozen

from credit_engine.errors import Place
from credit_engine.policy.nodes import (
    Aggregate,
    All,
    Compare,
    ComputedField,
    Condition,
    Constant,
    EventField,
    Item,
    Literal,
    OneOf,
    OperatorField,
    Parameter,
    Value,
    ViewDay,
    walk,
)
from credit_engine.policy.places import Map, shown
from credit_engine.policy.plan import ListRule
from credit_engine.policy.plan_spreading import Branch, OverRelation, ToNamed
from credit_engine.policy.resolving.conditions import ORDER_TESTS
from credit_engine.policy.resolving.context import Context, Scope
from credit_engine.policy.resolving.refusals import (
    Refusal,
    at,
    elements,
    given,
    mapping,
    refuse,
    refuse_name,
    refuse_type,
)
from credit_engine.policy.resolving.selectors import anchor, chosen
from credit_engine.policy.resolving.typed import literal
from credit_engine.policy.written_spreading import StepWritten
from credit_engine.quantities import SHARE

ENDS = ("source", "target")
MOST_STEPS = 20  # as many as people can follow; each step in turn may multiply the paths that are looked at
DAY, LISTED = "day", "listed"
HEADS = ("relation", "named", "any")
OF_HEAD = {"relation": ("to", "held_on", "share", "together"), "named": ("where",), "any": ()}
_FROM_BELOW = ("at_least", "above")
_NOT_OF_ITEM = (EventField, ComputedField, OperatorField, ViewDay, Aggregate)


@frozen
class Beginning:
    """What a rule starts from, as far as its steps ask: the kind of event, or the lists; neither for an own answer."""

    kind: str | None = None
    lists: tuple[ListRule, ...] = ()


def read_along(
    context: Context, steps: tuple[StepWritten, ...], beginning: Beginning
) -> tuple[tuple[Branch, ...], ...]:
    """The steps in order, each with its branches."""
    if len(steps) > MOST_STEPS:
        message = f"`along` has {len(steps)} steps, and at most {MOST_STEPS} can be followed"
        hint = "to take one step again and again, write repeat or hops"
        raise refuse("unsupported", message, steps[MOST_STEPS].place(), hint)
    pieces = [(context, step, beginning, index == 0) for index, step in enumerate(steps)]
    return tuple(context.problems.all_of(_step, pieces))


def branches_written(steps: tuple[StepWritten, ...]) -> Iterator[StepWritten]:
    """Every branch of every step, as written."""
    for step in steps:
        yield from step.any_ if step.has("any") else (step,)


def _step(context: Context, step: StepWritten, beginning: Beginning, first: bool) -> tuple[Branch, ...]:  # noqa: FBT001  # one of a tuple of arguments
    head = _head(step)
    if head != "any":
        return (_branch(context, step, head, beginning, first=first),)
    if not step.any_:
        raise refuse("wrong_type", "`any` is an empty list", step.place("any"), "any: [{relation: ...}, {named: ...}]")
    pieces = [(context, each, beginning, first) for each in step.any_]
    return tuple(context.problems.all_of(_choice, pieces))


def _choice(context: Context, step: StepWritten, beginning: Beginning, first: bool) -> Branch:  # noqa: FBT001  # as above
    head = _head(step)
    if head == "any":
        hint = "write all branches in one `any`"
        raise refuse("wrong_type", "there is no `any` inside an `any`", step.key_place("any"), hint)
    return _branch(context, step, head, beginning, first=first)


def _head(step: StepWritten) -> str:
    heads = [head for head in HEADS if step.has(head)]
    if not heads:
        hint = "write {relation: KIND, to: source}, {named: responsible} or {any: [...]}"
        raise refuse("missing_key", "a step has `relation`, `named` or `any`", step.place(), hint)
    if len(heads) > 1:
        message = f"`{heads[0]}` and `{heads[1]}` stand in one step"
        raise refuse("wrong_type", message, step.key_place(heads[1]), "write {any: [step, step]} for a choice")
    for key in step.raw:
        if key != heads[0] and key not in OF_HEAD[heads[0]]:
            message = f"a step with `{heads[0]}` has no `{key}`"
            hint = (
                f"beside `{heads[0]}` stands {', '.join(OF_HEAD[heads[0]])}" if OF_HEAD[heads[0]] else "write it inside"
            )
            raise refuse("wrong_type", message, step.key_place(str(key)), hint)
    return heads[0]


def _branch(context: Context, step: StepWritten, head: str, beginning: Beginning, *, first: bool) -> Branch:
    return _over(context, step, beginning) if head == "relation" else _to_named(context, step, beginning, first=first)


# --- over relations -------------------------------------------------------------------------------------------


def _over(context: Context, step: StepWritten, beginning: Beginning) -> OverRelation:
    attempt = context.problems.attempt
    kinds = attempt(_kinds, context, step)
    to = attempt(_to, step)
    held_on = attempt(_held_on, context, step, beginning)
    share = attempt(_share, context, step)
    return OverRelation(given(kinds), given(to), given(held_on), given(share), step.together, step.place())


def _kinds(context: Context, step: StepWritten) -> tuple[str, ...]:
    pieces = elements(step.relation, "`relation`", step.place("relation"))
    return tuple(dict.fromkeys(context.problems.all_of(lambda raw, place: _kind(context, raw, place), pieces)))


def _kind(context: Context, raw: Any, place: Place) -> str:  # Any: a piece as written
    if not isinstance(raw, str):
        raise refuse_type("a kind of relation", raw, place)
    if raw not in context.relations:
        if context.told("relations", raw):
            raise Refusal
        raise refuse_name("unknown_relation", "kind of relation", raw, context.relations, place)
    return raw


def _to(step: StepWritten) -> str:
    if step.to is None:
        hint = "to: source goes from the target of a relation to its source, to: target the other way"
        raise refuse("missing_key", "`to` is missing", step.place(), hint)
    if step.to not in ENDS:
        raise refuse_name("wrong_type", "end of a relation", step.to, ENDS, step.place("to"))
    return step.to


def _share(context: Context, step: StepWritten) -> tuple[tuple[str, Fraction], ...]:
    if not step.has("share"):
        found: tuple[tuple[str, Fraction], ...] = ()
    else:
        data = mapping(step.share, "`share`", step.place("share"), "share: {at_least: 50%}")
        context.problems.check_keys(data, ORDER_TESTS, "`share`")
        if not data:
            raise refuse("wrong_type", "nothing is asked of the share", step.place("share"), "share: {at_least: 50%}")
        pieces = [(data, key) for key in data if key in ORDER_TESTS]
        found = tuple(context.problems.all_of(_bound, pieces))
    if step.together and (len(found) != 1 or found[0][0] not in _FROM_BELOW):
        place = step.place("share") if step.has("share") else step.key_place("together")
        message = "shares add up to reach a bound: `together` needs a share that is `at_least` or `above` one"
        raise refuse("wrong_type", message, place, "share: {at_least: 50%}, together: true")
    return found


def _bound(data: Map, key: str) -> tuple[str, Fraction]:
    value = literal(data[key], SHARE, at(data, key)).value
    if not isinstance(value, Literal):
        raise Refusal
    return key, Fraction(value.value)


# --- the day on which a relation is in force ------------------------------------------------------------------


def _held_on(context: Context, step: StepWritten, beginning: Beginning) -> Value:
    if not step.has("held_on"):
        return Literal(DAY)
    raw, place = step.held_on, step.place("held_on")
    if isinstance(raw, str) and raw.startswith("$"):
        return _held_on_parameter(context, raw, beginning, place)
    _check_day(context, raw, beginning, place)
    return Literal(raw)


def _check_day(context: Context, raw: Any, beginning: Beginning, place: Place) -> None:  # Any: a piece as written
    """Refuse what is no day that the origin has: `day`, `listed`, or a date field."""
    if raw == DAY:
        return
    if raw == LISTED:
        if not beginning.lists:
            message = "only an entry of a list has the day `listed`"
            raise refuse("unknown_field", message, place, "name a date field of the event, or `day`")
        for each in beginning.lists:
            if context.is_field(each.ground_kind, LISTED):
                hint = "here it is the day on which the entry was listed; give the field another name"
                raise refuse("ambiguous_name", f"`listed` is a field of {each.ground_kind} too", place, hint)
        return
    if beginning.kind is not None:
        anchor(context, beginning.kind, raw, place)
        return
    if not beginning.lists:
        message = "an own answer has no day but the day judged"
        raise refuse("needs_event", message, place, "leave `held_on` out, or start from `each` or `list`")
    for each in beginning.lists:
        if each.review is not None:
            message = f"an entry of {shown(each.name)} is opened by a review, not by an event with dates"
            raise refuse("needs_event", message, place, "write held_on: listed, or day")
        anchor(context, each.ground_kind, raw, place)


def _held_on_parameter(context: Context, raw: str, beginning: Beginning, place: Place) -> Parameter:
    name = raw[1:]
    if name not in context.parameters:
        if context.told("parameters", name):
            raise Refusal
        raise refuse_name("unknown_parameter", "parameter", name, context.parameters, place)
    found = context.parameters[name]
    if found.unit != "field" or found.table:
        message = f"{raw} is a table" if found.table else f"{raw} is of unit {found.unit} and names no field"
        raise refuse("type_mismatch", message, place, "give the parameter `unit: field`, and one name at a time")
    for dated in found.values:
        if dated.value is not None:
            try:
                _check_day(context, dated.value, beginning, place)
            except Refusal as refusal:
                if refusal.problem is None:
                    raise
                message = f"{raw} since {dated.since}: {refusal.problem.message}"
                raise refuse(refusal.problem.code, message, place, refusal.problem.hint) from refusal
    return Parameter(name)


# --- to persons named -----------------------------------------------------------------------------------------


def _to_named(context: Context, step: StepWritten, beginning: Beginning, *, first: bool) -> ToNamed:
    place = step.place("named")
    if beginning.kind is None or not first:
        message = "only the event that a rule starts from names persons, in the first step"
        raise refuse("needs_event", message, place, "write from: {each: KIND}, and `named` in the first step")
    if not isinstance(step.named, str):
        raise refuse_type("the name of a list field", step.named, place, "named: responsible")
    which = chosen(context, f"{beginning.kind}.{step.named}", place)
    record = which.item
    if which.element is None or record is None or not {"person", "role"} <= set(record.fields):
        message = f"{shown(step.named)} is no list of records with `person` and `role`"
        raise refuse("type_mismatch", message, place, "declare it as {list: {person: party, role: text}}")
    where = _where(context, step, Scope(fields=True, kind=beginning.kind, item=record))
    return ToNamed(which.element, where, roles_of(where), step.place())


def _where(context: Context, step: StepWritten, scope: Scope) -> Condition:
    if not step.has("where"):
        return Constant(holds=True)
    where = context.read_condition(context, step.where, scope, step.place("where"))
    if any(isinstance(node, _NOT_OF_ITEM) for node in walk(where)):
        message = "`where` of a step asks of `item`, the person named"
        raise refuse("wrong_type", message, step.place("where"), "ask of the event in `where` of `from`")
    return where


def roles_of(where: Condition) -> tuple[str, ...]:
    """The only roles that can satisfy a condition on `item`, as far as it fixes them at its top; empty if not."""
    found: tuple[str, ...] | None = None
    for part in where.parts if isinstance(where, All) else (where,):
        if not isinstance(part, Compare | OneOf) or part.left != Item("role") or part.negated:
            continue
        choices = part.choices if isinstance(part, OneOf) else (part.right,) if part.op == "is" else ()
        roles = tuple(str(each.value) for each in choices if isinstance(each, Literal))
        if choices and len(roles) == len(choices):
            found = roles if found is None else tuple(role for role in found if role in roles)
    return found or ()
