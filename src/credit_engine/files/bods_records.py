"""One statement of the Beneficial Ownership Data Standard as rows: what its record, its interests and its shares say.

An interest is a relation: `source` has it in `target`. Its kind is the word of `KINDS`, else the standard's own word in
lower case (`voting_rights`), which a policy may declare. Bounds that are exclusive are read as inclusive: "above 25 %"
then holds for possible only, never for certain where it does not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from attrs import frozen

from credit_engine.errors import RecordError
from credit_engine.files.cells import first_problem
from credit_engine.files.raw import BadRow
from credit_engine.quantities import refuse

Row = Mapping[str, object]

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "shareholding": "shareholder",
        "appointmentOfBoard": "actual_controller",
        "otherInfluenceOrControl": "actual_controller",
        "controlViaCompanyRulesOrArticles": "actual_controller",
        "controlByLegalFramework": "actual_controller",
        "seniorManagingOfficial": "principal",
    }
)
STATUSES: Mapping[str, int] = MappingProxyType({"new": 0, "updated": 1, "closed": 2})  # of statements of one day
TYPES = ("entity", "person", "relationship")
CREDIT_CODES = frozenset({"CN-SAIC"})  # the scheme of unified social credit codes
VERSION = "0.4"
FINEST, COARSEST = -12, 2  # digits after and before the point that a percentage may have
MOST_INTERESTS = 1000
MOST_QUOTED = 60  # characters of a reason that a message repeats
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?=T|$)")
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
Details = Mapping[str, Any]  # Any: what JSON holds


@frozen
class Skipped:
    """Why something is no record here."""

    reason: str


@frozen
class Statement:
    """One statement: its place in the file, the record it is about, the day it was made, and what it says."""

    number: int
    type: str
    record: str
    day: str | None
    status: str
    details: Details

    @property
    def version(self) -> Row:
        """The columns that every version has."""
        return {"recorded": self.day, "revision": STATUSES[self.status]}


def read_statement(number: int, said: Details) -> Statement:
    """The statement of a JSON object; raises `RecordError`."""
    published = _mapping(said, "publicationDetails") or {}
    version = published.get("bodsVersion", VERSION)
    if version != VERSION or "recordType" not in said:
        raise refuse("other_version", "a statement of another version", f"only {VERSION} is read")
    type_, record = said["recordType"], said.get("recordId")
    if type_ not in TYPES:
        raise refuse("unknown_code", f"recordType is not one of {', '.join(TYPES)}")
    if not isinstance(record, str) or not record.strip():
        raise refuse("bad_json", "a statement without recordId")
    status = "new" if said.get("recordStatus") is None else said["recordStatus"]
    if not isinstance(status, str) or status not in STATUSES:
        raise refuse("unknown_code", f"recordStatus is not one of {', '.join(STATUSES)}")
    day = _day(said, "statementDate") or _day(published, "publicationDate")
    return Statement(number, type_, record.strip(), day, status, _mapping(said, "recordDetails") or {})


# --- parties --------------------------------------------------------------------------------------------------


def party_row(statement: Statement) -> Row:
    """An entity as a row of operators, a person as a row of persons; raises `RecordError`."""
    details = statement.details
    row: Row = {"id": statement.record, **statement.version}
    if statement.type == "person":
        return {**row, "name": _person_name(details)}
    of_type = (_mapping(details, "entityType") or {}).get("type")
    return {
        **row,
        "kind": _word(of_type) if isinstance(of_type, str) else None,
        "name": _text(details, "name"),
        "registered": _day(details, "foundingDate"),
        "closed": _day(details, "dissolutionDate"),
        "credit_code": _credit_code(details),
    }


def _person_name(details: Details) -> str | None:
    """The legal name, else the first; given and family name where there is no full one."""
    names = [name for name in _items(details, "names") if isinstance(name, dict)]
    for name in sorted(names, key=lambda one: one.get("type") != "legal"):
        parts = (_text(name, "givenName"), _text(name, "familyName"))
        full = _text(name, "fullName") or " ".join(part for part in parts if part)
        if full:
            return full
    return None


def _credit_code(details: Details) -> str | None:
    identifiers = [each for each in _items(details, "identifiers") if isinstance(each, dict)]
    return next((_text(each, "id") for each in identifiers if _text(each, "scheme") in CREDIT_CODES), None)


# --- relationships --------------------------------------------------------------------------------------------


def relation_rows(statements: Iterable[Statement]) -> Iterator[tuple[int, Row | BadRow | Skipped]]:
    """The rows of one relationship record: each interest of each version, ended where a later version has it no more.

    Each comes with the number of the statement that says so.
    """
    before: dict[str, Row] = {}
    for statement in sorted(statements, key=lambda one: (one.day or "", STATUSES[one.status], one.number)):
        is_over = statement.status == "closed" and statement.day is not None
        try:
            found = _interests(statement)
        except RecordError as error:
            found = {}
            if not (is_over and before):
                yield statement.number, BadRow(*first_problem(error))
                continue
        for id_, ended in before.items():
            is_gone = id_ not in found or (is_over and not isinstance(found[id_], Mapping))
            if is_gone and ended.get("until") is None:
                yield statement.number, {**ended, **statement.version, "until": statement.day}
        for row in found.values():
            yield statement.number, row
        wrong = {id_ for id_, row in found.items() if isinstance(row, BadRow)}  # said before, and not taken back
        before = {id_: row for id_, row in before.items() if id_ in wrong and not is_over}
        before |= {id_: row for id_, row in found.items() if isinstance(row, Mapping)}


def _interests(statement: Statement) -> dict[str, Row | BadRow | Skipped]:
    """The relation of each interest, by id: the record, the type, and which of that type it is."""
    interests = _items(statement.details, "interests")
    source, target = _party(statement.details, "interestedParty"), _party(statement.details, "subject")
    if not interests or len(interests) > MOST_INTERESTS:
        raise refuse("no_interest", f"the relationship has {len(interests)} interests, not 1 to {MOST_INTERESTS}")
    ends = {"source": source, "target": target}
    seen: Counter[str] = Counter()
    found: dict[str, Row | BadRow | Skipped] = {}
    for interest in interests:
        type_ = (_text(interest, "type") if isinstance(interest, dict) else None) or "unknownInterest"
        seen[type_] += 1
        id_ = f"{statement.record}/{type_}" + (f"~{seen[type_]}" if seen[type_] > 1 else "")
        try:
            found[id_] = {"id": id_, **ends, **_interest(type_, interest, statement)}
        except RecordError as error:
            found[id_] = BadRow(*first_problem(error))
        if isinstance(interest, dict) and _is_summed_up(interest, statement.details):
            found[id_] = Skipped("an indirect interest; its components stand by themselves")
    return found


def _interest(type_: str, interest: object, statement: Statement) -> Row:
    if not isinstance(interest, dict):
        raise refuse("bad_json", "an interest is no JSON object")
    until = _day(interest, "endDate")
    if statement.status == "closed" and until is None:
        until = statement.day
        if until is None:
            raise refuse("bad_date", "the record is closed, and nothing says since when")
    kind = KINDS.get(type_, _word(type_))
    if interest.get("directOrIndirect") == "indirect" and kind != "actual_controller":
        kind = f"indirect_{kind}"  # what is held through others is no share of one's own
    share, share_max = _shares(interest)
    dated = {"since": _day(interest, "startDate"), "until": until}
    return {**statement.version, "kind": kind, "share": share, "share_max": share_max, **dated}


def _is_summed_up(interest: Details, details: Details) -> bool:
    return interest.get("directOrIndirect") == "indirect" and bool(_items(details, "componentRecords"))


def _party(details: Details, end: str) -> str:
    """The record at this end; one that is unspecified or missing is refused with the reason given."""
    party = details.get(end)
    if isinstance(party, dict):
        reason = _text(party, "reason") or "no reason given"
        raise refuse("unspecified_party", f"{end} is not specified: {reason[:MOST_QUOTED]}")
    if not isinstance(party, str) or not party.strip():
        raise refuse("unspecified_party", f"no {end}")
    return party.strip()


def _shares(interest: Details) -> tuple[str | None, str | None]:
    """Share and upper end as text; no upper end where the share is exact."""
    share = _mapping(interest, "share")
    if not share:
        return None, None
    if share.get("exact") is not None:
        return _percent(share["exact"]), None
    low = next((share[name] for name in ("minimum", "exclusiveMinimum") if share.get(name) is not None), 0)
    high = next((share[name] for name in ("maximum", "exclusiveMaximum") if share.get(name) is not None), 100)
    return _percent(low), _percent(high)


def _percent(number: object) -> str:
    if isinstance(number, bool) or not isinstance(number, int | Decimal):
        raise refuse("bad_share", "a share is not a number")
    exact = Decimal(number)
    exponent = exact.as_tuple().exponent
    if not isinstance(exponent, int) or not FINEST <= exponent <= COARSEST or not 0 <= exact <= 100:  # noqa: PLR2004  # per cent
        raise refuse("bad_share", f"a share is not between 0 and 100 with at most {-FINEST} decimals")
    return f"{exact:f}%"


# --- pieces of JSON -------------------------------------------------------------------------------------------


def _mapping(said: Details, name: str) -> Details | None:
    value = said.get(name)
    if value is not None and not isinstance(value, dict):
        raise refuse("bad_json", f"{name} is no JSON object")
    return value


def _items(said: Details, name: str) -> list[Any]:  # Any: what JSON holds
    value = said.get(name)
    if value is not None and not isinstance(value, list):
        raise refuse("bad_json", f"{name} is no JSON array")
    return value or []


def _text(said: Details, name: str) -> str | None:
    value = said.get(name)
    if value is not None and not isinstance(value, str):
        raise refuse("bad_json", f"{name} is not text")
    return value or None


def _day(said: Details, name: str) -> str | None:
    """The day of a date, or of a date and time, as text; that it is a day of the calendar is for the reader to see."""
    text = _text(said, name)
    if text is None:
        return None
    found = _DAY.match(text)
    if found is None:
        raise refuse("bad_date", f"{name} is not a day", "write it as yyyy-MM-dd")
    return found[0]


def _word(name: str) -> str:
    """`votingRights` as `voting_rights`."""
    return _CAPITAL.sub("_", name).lower()
