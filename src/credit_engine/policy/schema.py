"""The JSON Schema (draft 2020-12) of `policy.yaml`, for editors: completion, descriptions and early warnings.

It says what may stand where, no more: names, units, scales and places of names are checked when a policy is read. It
accepts every policy that can be read, so it is open where another policy may fill in what is missing (`extends`).
"""

from __future__ import annotations

import json

from credit_engine.policy.folders import SECTIONS
from credit_engine.policy.schema_pieces import Schema, many, named, ref, rules, text
from credit_engine.policy.schema_sections import PIECES, RULE_LISTS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def policy_schema() -> Schema:
    """The schema of a policy's `policy.yaml` as plain data."""
    return {
        "$schema": DIALECT,
        "title": "A policy of credit_engine",
        "description": "What follows from what: sources, dated parameters, indicators, score, grades, lists, effects.",
        "type": "object",
        "properties": {name: _SECTIONS[name] for name in SECTIONS},
        "additionalProperties": False,
        "required": ["policy"],
        "anyOf": [{"required": ["title"]}, {"required": ["extends"]}],
        "$defs": PIECES,
    }


def schema_text() -> str:
    """The schema as JSON text, the same bytes every time."""
    return json.dumps(policy_schema(), ensure_ascii=False, indent=2) + "\n"


def _section(description: str, piece: Schema) -> Schema:
    """A section: its own content, or the name of the file in the folder that holds it."""
    return {"description": description, "anyOf": [piece, {"$ref": "#/$defs/file"}]}


_SECTIONS: dict[str, Schema] = {
    "policy": text("The name of the policy: that of its folder.", pattern="^[a-z0-9][a-z0-9_-]*$"),
    "title": ref("title"),
    "illustrative": {
        "description": "Whether these are sample weights and no official standard; shown in every output.",
        "type": "boolean",
    },
    "regions": {
        "description": 'Judges operators registered inside these regions; codes in quotes: ["310000"].',
        "type": "array",
        "items": {"type": "string"},
    },
    "audience": ref("audience"),
    "extends": {
        "description": "Policies that this one builds on, in order; the later one wins, and this one last.",
        "type": "array",
        "items": {"type": "string"},
    },
    "sources": _section("What rules and values cite, by name.", named("source")),
    "kinds": _section(
        "Further kinds of event, each with its default anchor: `complaint: received`.",
        {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
    ),
    "relations": _section("Further kinds of relation, by name.", named("relation")),
    "fields": _section(
        "Further fields by kind of event (or `operator`): a type, or a value that is computed.",
        {"type": "object", "additionalProperties": named("field")},
    ),
    "parameters": _section("Dated values of the law, by name; cited as `$name`.", named("parameter")),
    "law_of": ref("law_of"),
    "admits": _section("Which events of a kind take part anywhere.", named("admission")),
    "indicators": _section("Named values of a party's history.", named("indicator")),
    "score": _section("The score: start, range, limits of groups, and rules.", ref("score")),
    "grades": _section(
        "One grading scale, or several by name (the first is `grade`).", {"anyOf": [ref("scale"), named("scale")]}
    ),
    "lists": _section("Lists that a party can stand on, by name.", named("list")),
    "measures": _section(
        "The catalogue of measures, by id or as rows with `id`.",
        {"anyOf": [named("measure"), rules("measure")]},
    ),
    **{name: _section(description, rules(piece)) for name, (description, piece) in RULE_LISTS.items()},
    "gaps": _section("What no test of this policy can reach, each with its reason.", many(ref("gap"))),
}
