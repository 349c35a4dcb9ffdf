"""Kinds of events, kinds of relations, and fields: what the policy adds to the built-in ones."""

from __future__ import annotations

import re
from typing import Any

from credit_engine.errors import Place
from credit_engine.policy.places import Map, did_you_mean, place_of, shown, value_place_of
from credit_engine.policy.plan import (
    RelationKind,
)
from credit_engine.policy.resolving.conditions import RESERVED
from credit_engine.policy.resolving.context import OPERATOR, Context
from credit_engine.policy.resolving.refusals import at, elements, refuse, refuse_name, refuse_type
from credit_engine.policy.resolving.typed import PERIOD
from credit_engine.quantities import BOOL, DATE, DECIMAL, INT, MONEY, PARTY, TEXT, FieldType, one_of
from credit_engine.records import DEFAULT_ANCHORS, RELATION_KINDS, Operator, field_types, kind_fields

TYPES = {
    "int": INT,
    "decimal": DECIMAL,
    "money": MONEY,
    "bool": BOOL,
    "text": TEXT,
    "date": DATE,
    "period": PERIOD,
    "party": PARTY,
}
ENDS = ("person", "operator", "party")
ITSELF = "itself"  # in `reaches` of a source: the party itself
TABLES = (OPERATOR, "operators", "person", "persons", "region", "regions", "relation", "relations")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def good_name(context: Context, name: str, what: str, place: Place) -> bool:
    """Whether a name is written as names are and means nothing else; a problem if not."""
    if not _NAME.fullmatch(name):
        context.problems.tell("bad_name", f"{shown(name)} cannot be the name of {what}", place, "use a-z, 0-9 and _")
        return False
    if name in RESERVED:
        context.problems.tell("ambiguous_name", f"{shown(name)} has a meaning of its own", place, "choose another name")
        return False
    return True


def read_kinds(context: Context) -> None:
    """Fill the context with the kinds of events and their default anchors."""
    context.kinds.update(DEFAULT_ANCHORS)
    section = context.written.raw.get("kinds")
    for name, anchor in context.written.kinds.items():
        place = place_of(section, name)
        if name in DEFAULT_ANCHORS or name in TABLES:
            hint = "choose another name; a selector says `by` for another anchor"
            context.problems.tell("ambiguous_name", f"{shown(name)} is built in", place, hint)
        elif good_name(context, name, "a kind of event", place):
            context.kinds[name] = anchor


def check_anchors(context: Context) -> None:
    """Note default anchors of declared kinds that are no dates."""
    section = context.written.raw.get("kinds")
    for name in context.written.kinds:
        fields = context.fields.get(name, {})
        anchor = context.kinds.get(name)
        if anchor is not None and fields.get(anchor) != DATE and not context.told("fields", name):
            dates = [field for field, type_ in fields.items() if type_ == DATE]
            message = f"there is no date field {shown(anchor)} of {name}"
            context.problems.tell("unknown_field", message, value_place_of(section, name), did_you_mean(anchor, dates))


def read_relations(context: Context) -> dict[str, RelationKind]:
    """The built-in and the declared kinds of relations."""
    relations = {name: RelationKind(name) for name in RELATION_KINDS}
    section = context.written.raw.get("relations")
    for name, written in context.written.relations.items():
        if name in RELATION_KINDS:
            context.problems.tell("ambiguous_name", f"{shown(name)} is built in", place_of(section, name))
        if name == ITSELF:
            message = "`itself` is the party itself wherever a source says what it reaches"
            context.problems.tell("ambiguous_name", message, place_of(section, name), "choose another name")
        for key, end in (("source", written.source), ("target", written.target)):
            if end not in ENDS:
                context.problems.note(refuse_name("wrong_type", "kind of party", end, ENDS, written.place(key)))
        if good_name(context, name, "a kind of relation", place_of(section, name)):
            relations[name] = RelationKind(name, written.source, written.target)
    return relations


# --- fields ---------------------------------------------------------------------------------------------------


def read_fields(context: Context) -> None:
    """Fill the context with built-in and declared fields, and with where the computed ones stand."""
    for kind in context.kinds:
        context.fields[kind] = dict(kind_fields(kind))
        context.declared[kind] = set()
    context.fields[OPERATOR] = dict(field_types(Operator))
    context.declared[OPERATOR] = set()
    section = context.written.raw.get("fields")
    for kind, fields in context.written.fields.items():
        place = place_of(section, kind)
        if kind not in context.fields:
            if not context.told("kinds", kind):
                known = [*context.kinds, OPERATOR]
                context.problems.note(refuse_name("unknown_kind", "kind of event", kind, known, place))
            continue
        for name in fields:
            context.problems.attempt(_declare, context, kind, name, section[kind] if section else Map())


def _declare(context: Context, kind: str, name: str, section: Map) -> None:
    raw, place, key_place = section[name], at(section, name), place_of(section, name)
    if not good_name(context, name, "a field", key_place):
        return
    type_ = read_type(raw, place)
    built_in = context.fields[kind].get(name)
    if built_in is not None and built_in == TEXT and type_ is not None and type_.codes:
        context.fields[kind][name] = type_  # a built-in text of which the policy knows the codes
    elif built_in is not None:
        if type_ != built_in:
            hint = "choose another name" if type_ is None else f"it is {built_in}"
            raise refuse("ambiguous_name", f"{shown(name)} is a built-in field of {kind}", key_place, hint)
    elif type_ is not None:
        context.fields[kind][name] = type_
        context.declared[kind].add(name)
    elif kind == OPERATOR:
        raise refuse("unsupported", "computed fields of operators are not built yet", place, "make an indicator of it")
    else:
        context.formulas[kind, name] = place


def read_type(raw: Any, place: Place) -> FieldType | None:  # Any: a piece as written
    """The type that is declared; `None` if this is the value of a computed field."""
    if isinstance(raw, Map):
        if "one_of" in raw:
            _alone(raw, "one_of")
            return one_of(
                *(_code(code, where) for code, where in elements(raw["one_of"], "`one_of`", at(raw, "one_of")))
            )
        if "list" in raw:
            _alone(raw, "list")
            return FieldType("list", of=_element_type(raw["list"], at(raw, "list")))
        return None
    if isinstance(raw, str):
        if raw.startswith("$"):
            return None
        if raw not in TYPES:
            raise refuse_name("wrong_type", "field type", raw, [*TYPES, "{one_of: [...]}", "{list: ...}"], place)
        return TYPES[raw]
    if raw is None or isinstance(raw, list):
        raise refuse_type("a field type or a value", raw, place, did_you_mean("", TYPES))
    return None


def _alone(raw: Map, key: str) -> None:
    for other in raw:
        if other != key:
            raise refuse("unknown_key", f"`{key}` stands by itself", place_of(raw, other))


def _code(raw: Any, place: Place) -> str:  # Any: a piece as written
    if not isinstance(raw, str):
        written = str(raw).lower() if isinstance(raw, bool) else str(raw)
        raise refuse("unquoted_label", f"{written} is not read as text", place, f'put it in quotes: "{written}"')
    return raw


def _element_type(raw: Any, place: Place) -> FieldType:  # Any: a piece as written
    if isinstance(raw, Map) and raw and "one_of" not in raw and "list" not in raw:
        return FieldType("record", fields={str(name): _plain_type(raw[name], at(raw, name)) for name in raw})
    return _plain_type(raw, place)


def _plain_type(raw: Any, place: Place) -> FieldType:  # Any: a piece as written
    found = read_type(raw, place)
    if found is None or found.name == "list":
        raise refuse("wrong_type", "elements and their parts have a plain type", place, did_you_mean("", TYPES))
    return found
