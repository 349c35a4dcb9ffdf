"""What comes in: the records that the policy knows, as types that pydantic checks before the library sees anything.

Closed and bounded: unknown fields, values of another type and endless texts are refused. What a type cannot say, such
as an end before its beginning, the library refuses itself when the record is made; `problems` tells both alike.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from functools import partial, reduce
from inspect import signature
from operator import or_
from typing import Annotated, Any, Literal, NamedTuple, NotRequired, Required

import pydantic
from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictInt, StrictStr, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from typing_extensions import TypedDict

import credit_engine as ce
from credit_engine.days import (
    Period,
)  # the one name here that is not public: only fields that a policy declares need it

BUILT_IN = (ce.Violation, ce.Inspection, ce.CaseTransfer, ce.Rectification, ce.Honour, ce.ListDecision)
EVENTS: Mapping[str, Callable[..., Any]] = {each.kind: each for each in BUILT_IN}  # Any: a record
Event = ce.Violation | ce.Inspection | ce.CaseTransfer | ce.Rectification | ce.Honour | ce.ListDecision | ce.OtherEvent
ISO_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOST = 10**15  # whole numbers and amounts stay below, as everywhere in the library


def read_day(value: object) -> date:
    """A day written as 2026-06-30 and in no other way: no number, no time of day."""
    if isinstance(value, str) and ISO_DAY.fullmatch(value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise PydanticCustomError("bad_date", "this is no day of the calendar, written as 2026-06-30")


Day = Annotated[date, BeforeValidator(read_day), WithJsonSchema({"type": "string", "format": "date"})]
Id = Annotated[StrictStr, Field(min_length=1, max_length=200)]
Text = Annotated[StrictStr, Field(min_length=1, max_length=2000)]
Whole = Annotated[StrictInt, Field(gt=-MOST, lt=MOST)]
Count = Annotated[StrictInt, Field(ge=0, lt=MOST)]
Share = Annotated[StrictStr, Field(pattern=r"^((100|[0-9]{1,2}(\.[0-9]{1,9})?)%|[0-9]{1,9}/[1-9][0-9]{0,8})$")]
BY_NAME: Mapping[str, Any] = {  # Any: annotations, here and below
    "id": Id,
    **dict.fromkeys(("revision", "fine", "confiscated", "goods_value", "items_failed", "key_items_failed"), Count),
}
SIMPLE: Mapping[str, Any] = {
    "bool": StrictBool,
    "date": Day,
    "decimal": Annotated[
        StrictStr, Field(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,3})?$"), AfterValidator(ce.Thousandths.read)
    ],
    "int": Whole,
    "money": Annotated[Whole, Field(description="whole fen: 50000 is 500 yuan")],
    "party": Id,
    "period": Annotated[StrictStr, Field(pattern="^[0-9]{1,4}(y|m|d|wd)$"), AfterValidator(Period.read)],
    "text": Text,
}


def annotation(type_: Any) -> Any:
    """What pydantic checks for a field of this type, as the plan of the policy has it."""
    if type_.codes:
        return Literal[type_.codes]
    if type_.of is not None:
        gathered: Callable[[list[Any]], object] = frozenset if type_.name == "set" else tuple
        return Annotated[list[annotation(type_.of)], Field(max_length=200), AfterValidator(gathered)]  # type: ignore[misc]
    if type_.fields:
        return closed("_".join(type_.fields), {name: annotation(part) for name, part in type_.fields.items()})
    return SIMPLE[type_.name]


def closed(name: str, fields: Mapping[str, Any], required: tuple[str, ...] = ()) -> Any:
    """A mapping of these fields and no others."""
    items = {key: Required[each] if key in required else NotRequired[each | None] for key, each in fields.items()}
    shape = TypedDict(name, items)  # type: ignore[misc]  # the policy says which
    return pydantic.with_config(pydantic.ConfigDict(extra="forbid"))(shape)


class Message(NamedTuple):
    """Metadata of a parameter: in the body stands a mapping of `shape`, the endpoint is given the record made of it."""

    shape: Any
    make: Callable[[dict[str, Any]], object]

    def __get_pydantic_core_schema__(self, source: object, handler: pydantic.GetCoreSchemaHandler) -> CoreSchema:
        """Check the shape, then make the record."""
        return core_schema.no_info_after_validator_function(self.make, handler.generate_schema(self.shape))


class Messages(NamedTuple):
    """What may come in, one for each sort of record."""

    event: Message
    operator: Message
    person: Message
    relation: Message


def messages(policy: ce.Policy) -> Messages:
    """What may come in under a policy: its kinds of events and of relations, the fields that it declares."""
    types = policy.plan.field_types
    events = tuple(
        closed(kind, {"kind": Literal[kind], **annotations(types[kind])}, ("kind", "id", "party", "recorded"))
        for kind in policy.plan.kinds
    )
    of_operators = {**types["operator"], **types.get("person", {})}  # a policy may read them of either
    of_persons = {
        name: each for name, each in of_operators.items() if name not in own_fields(ce.Operator) - own_fields(ce.Person)
    }
    relation = {
        "kind": Literal[tuple(policy.plan.relations)],
        **dict.fromkeys(("id", "source", "target"), Id),
        **dict.fromkeys(("recorded", "since", "until"), Day),
        **dict.fromkeys(("share", "share_max"), Share),
        "revision": Count,
        "document": Text,
    }
    return Messages(
        event=Message(Annotated[reduce(or_, events), Field(discriminator="kind")], event),
        operator=Message(closed("operator", annotations(of_operators), ("id",)), partial(record, ce.Operator)),
        person=Message(closed("person", annotations(of_persons), ("id",)), partial(record, ce.Person)),
        relation=Message(
            closed("relation", relation, ("id", "kind", "source", "target")), partial(record, ce.Relation)
        ),
    )


def annotations(types: Mapping[str, Any]) -> dict[str, Any]:
    """What pydantic checks for each of these fields."""
    return {name: BY_NAME[name] if name in BY_NAME else annotation(type_) for name, type_ in types.items()}


def event(values: dict[str, Any]) -> Any:
    """The event of its kind."""
    kind = values.pop("kind")
    return record(EVENTS.get(kind, partial(ce.OtherEvent, kind=kind)), values)


def record(make: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """The record of these values; null is unknown, what the library does not have is a field of the policy."""
    known = {name: value for name, value in values.items() if value is not None}
    own = own_fields(make)
    extra = {name: value for name, value in known.items() if name not in own}
    return make(**{name: known[name] for name in known if name in own}, **({"extra": extra} if extra else {}))


def own_fields(make: Callable[..., Any]) -> set[str]:
    """The fields that records of a class have under every policy."""
    return set(signature(make).parameters) - {"extra", "read_from"}
