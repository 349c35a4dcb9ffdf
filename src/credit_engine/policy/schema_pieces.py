"""The language of policies as JSON Schema: conditions, values, selectors, spans, and what schemas are written with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]  # Any: JSON


def said(description: str) -> Schema:
    """The description, if there is one."""
    return {"description": description} if description else {}


def ref(name: str) -> Schema:
    """A reference to a piece."""
    return {"$ref": f"#/$defs/{name}"}


def text(description: str, **more: object) -> Schema:
    """A text."""
    return {**said(description), "type": "string", **more}


def one_of(description: str, *words: str) -> Schema:
    """One of several words."""
    return {**said(description), "enum": list(words)}


def many(piece: Schema, description: str = "") -> Schema:
    """A list."""
    return {**said(description), "type": "array", "items": piece}


def one_or_many(piece: Schema, description: str) -> Schema:
    """One, or a list."""
    return {"description": description, "anyOf": [piece, many(piece)]}


def named(piece: str) -> Schema:
    """A mapping of named things; null or `remove: true` takes away one of an extended policy."""
    return {"type": "object", "additionalProperties": {"anyOf": [ref(piece), ref("removal")]}}


def rules(piece: str) -> Schema:
    """A list of rules; `remove: true` takes away one of an extended policy."""
    return many({"anyOf": [ref(piece), ref("removal")]})


def keys(description: str, required: tuple[str, ...] = (), /, **properties: Schema) -> Schema:
    """A mapping of just these keys; a trailing `_` in a name is dropped."""
    content = {name.removesuffix("_"): piece for name, piece in properties.items()}
    return {
        **said(description),
        "type": "object",
        "properties": content,
        "required": list(required),
        "additionalProperties": False,
    }


NAME = text("A name, as it stands elsewhere in the policy.")
DAY = text("A day, year-month-day.", pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
FLAG: Schema = {"type": "boolean"}
NAMES = one_or_many({"type": "string"}, "One name, or several: the first that is present counts.")
WHERE = ref("condition") | {"description": "Reads the event, `item`, `operator.*` and `day`."}
WHEN = ref("condition") | {"description": "Reads indicators, `operator.*`, `day` and earlier steps."}
BASIS = many({"type": "string"}, "The sources that this rests on; in force while all of them are.")
POINTS = ref("value") | {"description": "Points: a number, `$parameter` or any value."}
STANDING = many(
    one_of("How firm a record is.", "alleged", "found", "final", "withdrawn"), "Instead of what `admits` says."
)

CHOICE: Mapping[str, Schema] = {
    "where": WHERE,
    "standing": STANDING,
    "by": NAMES
    | {"description": "The day of the event that counts (its anchor); of several the first that is present."},
    "at": text("The field whose day is the viewpoint."),
    "within": ref("window"),
    "since": ref("selector") | {"description": "From the latest such event, it included."},
    "last": {"description": "Only the newest so many.", "type": "integer", "minimum": 1},
    "before": FLAG | {"description": "Leaves out the viewpoint itself."},
    "same": {
        "description": "Fields equal to ours: [field], or {theirs: ours}.",
        "anyOf": [many({"type": "string"}), {"type": "object", "additionalProperties": {"type": "string"}}],
    },
}
PER_FIELDS = many({"type": "string"}, "Of several events with equal fields the earliest stands.")
EACH = text("A kind of event, or KIND.LIST for each element of a list: once for each.")
OWN_EVENT: Mapping[str, Schema] = {
    "each": EACH,
    "where": WHERE,
    "standing": STANDING,
    "by": CHOICE["by"],
    "per": PER_FIELDS,
    "when": WHEN,
}
RULE: Mapping[str, Schema] = {
    "rule": text("The id of the rule, unique in the policy.", pattern="^[a-z0-9_.-]+$"),
    "title": ref("title"),
    "basis": BASIS,
    "in_force": ref("in_force"),
}
COMPARISONS = ("at_least", "above", "at_most", "below")
SET_TESTS = ("has", "has_any", "has_all", "has_none", "only")
AGGREGATES = ("count", "sum", "mean", "highest", "lowest", "latest", "days_since")

LITERAL: Schema = {"type": ["string", "number", "boolean"]}
SPAN: Mapping[str, Schema] = {
    "for": ref("period"),
    "until": NAMES | {"description": "The last day: a field."},
    "from": NAMES | {"description": "The first day: a field; of several the first that is present."},
    "or_until": NAMES | {"description": "The later day counts."},
    "or_while": ref("condition") | {"description": "Held open while this holds on the day judged."},
    "until_next": ref("selector") | {"description": "Until the first such event on a later day, that day excluded."},
    "to_end_of": one_of("Extended to the end of the year, quarter or month.", "year", "quarter", "month"),
    "plus": many(keys("An extension.", where=WHERE, for_=ref("value")), "Extensions, each in turn."),
    "pauses": keys("Days that do not count.", of=NAME, where=WHERE, or_=many({})),
    "rolls": FLAG | {"description": "A last day that is no working day moves to the next."},
    "where": WHERE,
    "when": WHEN,
    "basis": BASIS,
}

_COMPUTED_SAYS = (
    "One of of, look_up, count, sum, mean, highest, lowest, latest, days_since, ratio, holds, rows; then bounds."
)
_COMPUTED: Mapping[str, Schema] = dict(
    of=NAME,
    look_up=text("A table: `$parameter`.", pattern="^\\$"),
    take=text("The field of the latest event."),
    **{name: one_or_many(ref("value"), "A kind of event, or values.") for name in AGGREGATES},
    ratio=many(ref("value"), "An exact quotient of two values."),
    holds=ref("condition") | {"description": "True, false or unknown."},
    rows=many(keys("", ("value",), where=WHERE, when=WHEN, value=ref("value")), "The first that holds."),
    or_=ref("value") | {"description": "Where there is none."},
    per={"description": "Fields that must differ, or a number that divides.", "anyOf": [PER_FIELDS, ref("value")]},
    times=ref("value"),
    round=keys("Rounding, on magnitudes.", to=LITERAL, mode=one_of("", "half_up", "up", "down")),
    at_least=ref("value"),
    at_most=ref("value"),
    **CHOICE,
)

LANGUAGE: dict[str, Schema] = {
    "file": text("A file in the policy's folder that holds this section.", pattern="^[^/]+\\.yaml$"),
    "removal": {
        "description": "Takes away what an extended policy has: null, or `remove: true` (beside `rule` or `id`).",
        "anyOf": [{"type": "null"}, keys("", ("remove",), remove={"const": True}, rule=NAME, id=NAME)],
    },
    "title": keys("A title in Chinese and English.", zh=text("Chinese."), en=text("English.")),
    "in_force": keys("From a day, until the first day outside.", from_=DAY, until=DAY),
    "period": {
        "description": "A period (3y, 6m, 90d, 20wd for working days), a `$parameter`, or a value.",
        "anyOf": [text("", pattern="^([0-9]+(y|m|d|wd)|\\$.+)$"), {"type": "object"}],
    },
    "window": {
        "description": "A period (3y, 6m, 90d), `$parameter`, or a calendar window.",
        "anyOf": [
            text("", pattern="^([0-9]+(y|m|d|wd)|\\$.+)$"),
            keys(
                "A calendar window.",
                ("calendar",),
                calendar=one_of("", "year", "quarter", "month"),
                back={"type": "integer", "minimum": 0},
            ),
        ],
    },
    "audience": {
        "description": "Who may see it, or rows of values.",
        "anyOf": [
            one_of("", "public", "department", "inquiry", "internal"),
            keys("", ("rows",), rows=many(keys("", ("value",), where=WHERE, when=WHEN, value=NAME))),
        ],
    },
    "law_of": {
        "description": "Whose day's law: a day field (of several the first present), as_of, or {lenient: [fields]}.",
        "anyOf": [NAMES, keys("The better for the party.", ("lenient",), lenient=many({"type": "string"}))],
    },
    "condition": {
        "description": "All keys hold. A key is a field or name, or `all`, `any`, `not`.",
        "type": "object",
        "properties": {
            "all": many(ref("condition"), "All of these hold."),
            "any": many(ref("condition"), "At least one of these holds."),
            "not": ref("condition") | {"description": "This does not hold."},
        },
        "additionalProperties": ref("test"),
    },
    "test": {
        "description": "A value that is equal, a list (one of), or a comparison.",
        "anyOf": [LITERAL, many(LITERAL), ref("comparison"), ref("value")],
    },
    "comparison": keys(
        "Bounds, tests of sets, `known`, `inside`; for dates a period `after` a day.",
        **{name: ref("value") for name in COMPARISONS},
        between={"type": "array", "items": ref("value"), "minItems": 2, "maxItems": 2},
        after=NAME | {"description": "Compares with this day plus the period."},
        **{name: one_or_many(ref("value"), "Codes.") for name in SET_TESTS},
        known=FLAG | {"description": "Whether it is known at all."},
        inside=one_or_many(ref("value"), "A region: itself or below."),
        at_best=ref("value") | {"description": "This grade or worse."},
        at_worst=ref("value") | {"description": "This grade or better."},
    ),
    "selector": {
        "description": "Which events: a KIND, or `each: KIND` or `latest: KIND` with what they must satisfy.",
        "anyOf": [NAME, keys("", each=EACH, latest=EACH, per=PER_FIELDS, **CHOICE)],
    },
    "value": {
        "description": "A literal, `$parameter`, {of: NAME}, a table look-up, an aggregate over events, rows, ...",
        "anyOf": [LITERAL, ref("computed")],
    },
    "computed": keys(_COMPUTED_SAYS, **_COMPUTED),
    "indicator": {"anyOf": [LITERAL, keys(_COMPUTED_SAYS, title=ref("title"), **_COMPUTED)]},
    "span": keys("From when until when.", rows=many(keys("", **SPAN), "The first that holds."), **SPAN),
    "field": {
        "description": "A type, or a value: of a parameter, or computed from the event.",
        "anyOf": [ref("type"), {"type": "string", "pattern": r"^\$"}, ref("computed")],
    },
    "type": {
        "description": "The type of a field.",
        "anyOf": [
            one_of("", "int", "decimal", "money", "bool", "text", "date", "period", "party"),
            keys("One of these codes.", ("one_of",), one_of=many({"type": "string"})),
            keys(
                "A list of these.",
                ("list",),
                list={"anyOf": [ref("type"), {"type": "object", "additionalProperties": ref("type")}]},
            ),
        ],
    },
}
"""What recurs in every section, by name."""
