"""All records of a session and its day as bytes, and back: JSON, the same for the same records in whatever order.

Each value that JSON lacks is a mapping with one key that says what it is. A second line has the SHA-256 of the first,
so that nothing is read of a file that was cut short or has changed. Reading builds every record anew, so what no record
can be is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import attrs

from credit_engine.days import Period
from credit_engine.engines.live.holding import Holding
from credit_engine.errors import InputError, Problem, RecordError
from credit_engine.quantities import MOST, Thousandths
from credit_engine.records import (
    EVENT_CLASSES,
    Event,
    Operator,
    OtherEvent,
    Person,
    RecordSource,
    Region,
    Relation,
)

FORMAT = 2
SHOWN = 20  # characters of a number, in messages
CLASSES: Mapping[str, type] = {
    **{cls.__name__: cls for cls in EVENT_CLASSES.values()},
    **{cls.__name__: cls for cls in (OtherEvent, Operator, Person, Relation, Region)},
}
_HINT = "give what Session.snapshot() has returned"


def written(holding: Holding, day: date, policy: str, plan_hash: str) -> bytes:
    """Everything as one JSON text."""
    groups: tuple[tuple[str, Iterable[Any]], ...] = (  # Any: records of any class
        ("regions", (row for rows in holding.regions.rows.values() for row in rows)),
        ("parties", (version for versions in holding.parties.values() for version in versions)),
        ("relations", (version for versions in holding.relations.values() for version in versions)),
        ("events", (version for versions in holding.events.values() for version in versions)),
    )
    data: dict[str, Any] = {  # Any: plain data
        "format": FORMAT,
        "policy": policy,
        "plan": plan_hash,
        "day": day.isoformat(),
        "coverage": {kind: str(since) for kind, since in sorted(holding.coverage.items())},
    }
    for name, records in groups:
        data[name] = sorted((_record(record) for record in records), key=_text)
    text = _encoded(_text(data))
    return text + b"\n" + _sum(text) + b"\n"


def _sum(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()


def _encoded(text: str) -> bytes:
    """UTF-8; halves of characters, which texts of Python can have, are kept as they are."""
    return text.encode(errors="surrogatepass")


def _text(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _record(record: Any) -> dict[str, Any]:  # Any: a record of any class; plain data
    cells = {
        attribute.name: _plain(value)
        for attribute in attrs.fields(type(record))
        if attribute.init and (value := getattr(record, attribute.name)) != attribute.default
    }
    return {"class": type(record).__name__, **cells}


def _plain(value: Any) -> Any:  # Any: a field's value; plain data
    if isinstance(value, Thousandths):
        return {"thousandths": int(value)}
    if value is None or isinstance(value, bool | str) or (type(value) is int and abs(value) < MOST):
        return value
    if type(value) is date:
        return {"day": value.isoformat()}
    if isinstance(value, Period):
        return {"period": str(value)}
    if isinstance(value, Fraction):
        return {"fraction": [value.numerator, value.denominator]}
    if isinstance(value, frozenset):
        return {"set": sorted(map(_plain, value), key=_text)}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, RecordSource):
        return {"source": [value.file, value.record]}
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {"map": {key: _plain(part) for key, part in value.items()}}
    raise _NotKeptError(
        f"{type(value).__name__} {str(value)[:SHOWN]}" if type(value) is float else type(value).__name__
    )


class _NotKeptError(Exception):
    """A value that a snapshot cannot keep."""


def check_extra(record: Event | Operator | Person) -> None:
    """Refuse a record with a field of the policy's whose value no snapshot could keep; raises `RecordError`."""
    for name, value in record.extra.items():
        try:
            _plain({name: value})
        except (_NotKeptError, RecursionError) as error:
            message = f"{record.id!r}: {name}: {error} is no value of a record, so no snapshot could keep it"
            hint = "give text, a date, a Period, True or False, Thousandths, a whole number below 10^15, or a tuple"
            raise RecordError(Problem("bad_field", message, record.place, hint)) from None


def read(snapshot: bytes) -> dict[str, Any]:  # Any: days, texts and lists of records
    """The parts of a snapshot, its records built anew; raises `InputError` (`bad_snapshot`)."""
    if not isinstance(snapshot, bytes):
        raise _bad(f"it is {type(snapshot).__name__}, not bytes")
    text, _, end = snapshot[:-1].rpartition(b"\n")
    if not snapshot.endswith(b"\n") or end != _sum(text):
        raise _bad("its last line is not the SHA-256 of what stands before: it was cut short or has changed")
    try:
        data = json.loads(text)
        if data["format"] != FORMAT:
            raise _bad(f"its format is {data['format']!r}, not {FORMAT}")
        found = {name: [_built(record) for record in data[name]] for name in _TABLES}
        for name, classes in _TABLES.items():
            if not all(isinstance(record, classes) for record in found[name]):
                raise _bad(f"there are other records among the {name}")
        coverage = {kind: _since(since) for kind, since in data["coverage"].items()}
        head = {"policy": str(data["policy"]), "plan": str(data["plan"]), "day": date.fromisoformat(data["day"])}
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, ArithmeticError) as error:
        raise _bad(f"{type(error).__name__}: {error}") from None
    return {**head, **found, "coverage": coverage}


EVENTS = (*EVENT_CLASSES.values(), OtherEvent)
_TABLES: Mapping[str, tuple[type, ...]] = {
    "regions": (Region,),
    "parties": (Operator, Person),
    "relations": (Relation,),
    "events": EVENTS,
}


def _bad(why: str) -> InputError:
    return InputError(Problem("bad_snapshot", f"this is no snapshot of a session: {why}", hint=_HINT))


def _since(text: str) -> date | str:
    return text if text == "absent" else date.fromisoformat(text)


def _built(data: Mapping[str, Any]) -> Any:  # Any: plain data; a record of any class
    cells = {name: _value(cell) for name, cell in data.items() if name != "class"}
    return CLASSES[data["class"]](**cells)


def _value(cell: Any) -> Any:  # Any: plain data; a field's value
    if isinstance(cell, list):
        return tuple(_value(part) for part in cell)
    if not isinstance(cell, dict):
        return cell
    ((sort, inside),) = cell.items()
    return _VALUES[sort](inside)


_VALUES: Mapping[str, Callable[[Any], Any]] = {  # Any: what stands inside, and what it means
    "thousandths": lambda inside: Thousandths(int(inside)),
    "day": date.fromisoformat,
    "period": Period.read,
    "fraction": lambda inside: Fraction(int(inside[0]), int(inside[1])),
    "set": frozenset,
    "source": lambda inside: RecordSource(str(inside[0]), int(inside[1])),
    "map": lambda inside: {key: _value(part) for key, part in inside.items()},
}
