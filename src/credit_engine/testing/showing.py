"""Questions, policies and records as the YAML of a policy test, ready to paste, and read back as they were."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import attrs

from credit_engine.days import CalendarWindow, Period
from credit_engine.dossiers import Dossier
from credit_engine.errors import Problem, QuestionError
from credit_engine.policy.places import Items, Map
from credit_engine.policy.plan import Plan
from credit_engine.policy.scalars import BAD_CHARACTERS
from credit_engine.quantities import FieldType, Thousandths
from credit_engine.records import Event, Person, Region, Relation, Versioned, field_types, kind_fields

if TYPE_CHECKING:
    from credit_engine.testing.question import Question
    from credit_engine.testing.vocabulary import Written

_WORD = re.compile(r"(?!(?:true|false|null|yes|no|on|off|y|n)$)[^\W\d][\w./-]*", re.IGNORECASE)
_USUAL = {"revision": 0, "sequence": 0, "standing": "found"}
_FEN = 100
_ANSWERED = ("expect", "expect_error", "law")


# --- text -----------------------------------------------------------------------------------------------------


def as_yaml(written: Written) -> str:
    """Plain data as YAML on one line: lists in `[]`, mappings in `{}`, texts in quotes where they need them."""
    if isinstance(written, Mapping):
        return "{" + ", ".join(f"{as_yaml(name)}: {as_yaml(part)}" for name, part in written.items()) + "}"
    if isinstance(written, list | tuple):
        return "[" + ", ".join(map(as_yaml, written)) + "]"
    if isinstance(written, bool):
        return "true" if written else "false"
    if written is None:
        return "null"
    if isinstance(written, int | Decimal | date):
        return str(written)
    text = str(written)
    if _WORD.fullmatch(text):
        return text
    return BAD_CHARACTERS.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(text, ensure_ascii=False))


def as_data(written: Written) -> Any:  # Any: Map, Items or a scalar
    """Plain data in the form that the reader of policies gives."""
    if isinstance(written, Mapping):
        return Map({name: as_data(part) for name, part in written.items()})
    if isinstance(written, list | tuple):
        return Items(as_data(part) for part in written)
    return written


# --- cases ----------------------------------------------------------------------------------------------------


def as_case(question: Question, name: str, **more_keys: Written) -> str:
    """A question as one element of a file of policy tests: YAML that reads back as the same question.

    `more_keys`: what else the case says, as plain data: `says`, `expect`, `expect_error`, `law`, `instead`. Without any
    of `expect`, `expect_error` and `law` it expects what is answered now. A policy that does not come from a folder is
    written out. Raises `QuestionError` for others whose regions or coverage differ from those of the party.
    """
    keys: dict[str, Written] = {"name": name, **case_keys(question)}
    if not any(key in more_keys for key in _ANSWERED):
        keys["expect"] = expectation(question)
    keys |= more_keys
    if question.policy.folder is None:
        keys["policy"] = keys.pop("policy", question.policy.written)
    lines = [line for key, part in keys.items() for line in _lines(key, part)]
    return "\n".join(("- " if not number else "  ") + line for number, line in enumerate(lines)) + "\n"


def case_keys(question: Question) -> dict[str, Written]:
    """The keys of a policy test that ask the question, as plain data; those that say nothing are left out."""
    plan, dossier = question.policy.plan, question.dossier
    _refuse_what_no_case_says(question)
    keys: dict[str, Written] = {"day": question.as_of, "known_at": question.known_at, "event": question.event}
    sort = "person" if isinstance(dossier.party_versions[0], Person) else "operator"
    versions = [_party_cells(each, plan) for each in dossier.party_versions]
    if len(versions) > 1 or sort == "person" or dossier.id != "P1" or len(versions[0]) > 1:
        keys[sort] = versions if len(versions) > 1 else versions[0]
    keys["regions"] = [_region_cells(row) for rows in dossier.regions.rows.values() for row in rows]
    keys["coverage"] = {
        kind: since if since == "absent" else {"from": since} for kind, since in dossier.coverage.items()
    }
    keys["events"] = [_event_cells(each, dossier.id, plan) for each in dossier.events]
    told = {(each.kind, each.id) for each in dossier.events}
    for other in question.others:
        key = "persons" if isinstance(other.party_versions[0], Person) else "operators"
        keys[key] = [*keys.get(key, ()), *_other_party(other, plan, told)]
        told |= {(each.kind, each.id) for each in other.events}
    keys["relations"] = [{each.kind: _cells(each, field_types(Relation), {"kind"})} for each in question.relations]
    needed = {"day", "person", "operator"}
    return {key: part for key, part in keys.items() if key in needed or (part is not None and part not in ([], {}))}


def expectation(question: Question) -> dict[str, Written]:
    """What is answered now, as a policy test expects it: score, grades, lists in force, and the rules that apply."""
    from credit_engine.testing.question import ask  # noqa: PLC0415  # it is shown by this module

    answer = ask(question)
    data = answer.as_dict()
    score = data["score"]
    found: dict[str, Written] = {}
    if question.policy.plan.score is not None:
        found["score"] = "unknown" if score is None else score
    if answer.grades:
        found["grades"] = {name: grade.label or "unknown" for name, grade in answer.grades.items()}
    if answer.on_list:
        found["on_list"] = {name: "unknown" if on is None else on for name, on in answer.on_list.items()}
    for part, keys in _TOLD.items():
        if data[part]:
            found[part] = [{key: line[key] for key in keys if line[key] is not None} for line in data[part]]
    return found or {"findings": []}


_TOLD: Mapping[str, Sequence[str]] = {
    "reasons": ("rule", "event", "points"),
    "entries": ("list", "ground", "state"),
    "findings": ("rule", "event"),
    "obligations": ("rule", "event", "state"),
    "supervision": ("rule",),
    "unknowns": ("rule", "event"),
}


def _refuse_what_no_case_says(question: Question) -> None:
    own = question.dossier
    for other in question.others:
        if other.coverage != own.coverage or other.regions != own.regions:
            message = f"the dossier of {other.id!r} has other regions or another coverage than that of {own.id!r}"
            raise QuestionError(Problem("not_a_case", message, hint="a policy test gives both once, for everybody"))


# --- pieces ---------------------------------------------------------------------------------------------------


def _lines(key: str, part: Written) -> list[str]:
    """The lines of one key: one line for each element of a list, of a policy for each part of a section."""
    if key == "policy":
        return ["policy:", *(f"  {line}" for name, piece in part.items() for line in _policy_lines(name, piece))]
    if isinstance(part, list) and part and all(isinstance(each, Mapping) for each in part):
        return [f"{key}:", *(f"  {line}" for each in part for line in _element(each))]
    return [f"{key}: {as_yaml(part)}"]


def _element(each: Mapping[str, Written]) -> list[str]:
    events = each.get("events")
    if not isinstance(events, list):
        return [f"- {as_yaml(each)}"]
    rest = [f"{key}: {as_yaml(part)}" for key, part in each.items() if key != "events"]
    lines = [*rest, "events:", *(f"  - {as_yaml(event)}" for event in events)]
    return [("- " if not number else "  ") + line for number, line in enumerate(lines)]


def _policy_lines(name: str, piece: Written) -> list[str]:
    if isinstance(piece, Mapping) and name != "title":
        return [f"{name}:", *(f"  {as_yaml(key)}: {as_yaml(part)}" for key, part in piece.items())]
    return [f"{name}: {as_yaml(piece)}"]


def _other_party(dossier: Dossier, plan: Plan, told: set[tuple[str, str]]) -> list[dict[str, Written]]:
    versions = [_party_cells(each, plan) for each in dossier.party_versions]
    events = [_event_cells(each, dossier.id, plan) for each in dossier.events if (each.kind, each.id) not in told]
    if events:
        versions[0]["events"] = events
    return versions


def _event_cells(event: Event, party: str, plan: Plan) -> dict[str, Written]:
    cells = _cells(event, {**plan.field_types.get(event.kind, {}), **kind_fields(event.kind)})
    return {event.kind: {name: cell for name, cell in cells.items() if (name, cell) != ("party", party)}}


def _party_cells(party: Versioned, plan: Plan) -> dict[str, Written]:
    return _cells(party, {**plan.field_types.get("operator", {}), **field_types(type(party))})


def _region_cells(row: Region) -> dict[str, Written]:
    return {("from" if name == "from_day" else name): cell for name, cell in _cells(row, field_types(Region)).items()}


def _cells(record: Any, types: Mapping[str, FieldType], but: Iterable[str] = ()) -> dict[str, Written]:  # Any: a record
    """The cells that say something, as they are written; empty ones and usual ones are left out."""
    own = {each.name: getattr(record, each.name) for each in attrs.fields(type(record))}
    extra = own.pop("extra", {})
    left_out = {"read_from", *but} if "kind" in types else {"read_from", "kind", *but}
    given = {name: cell for name, cell in {**own, **extra}.items() if cell is not None and name not in left_out}
    return {name: _cell(cell, types.get(name)) for name, cell in given.items() if _USUAL.get(name) != cell}


def _cell(cell: Any, type_: FieldType | None) -> Written:  # Any: a value of the field's type
    if type_ is not None and type_.name == "money":
        yuan, fen = divmod(cell, _FEN)
        return f"{yuan}.{fen:02d} yuan" if fen else f"{yuan} yuan"
    if isinstance(cell, frozenset):
        return sorted(cell)
    if isinstance(cell, tuple):
        return [_cell(each, type_.of if type_ is not None else None) for each in cell]
    return str(cell) if isinstance(cell, Thousandths | Fraction | Period | CalendarWindow) else cell
