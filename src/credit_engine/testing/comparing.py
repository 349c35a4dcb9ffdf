"""What differs between what a case expects and what came out: single values, values by name, and lines."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from credit_engine.policy.places import did_you_mean

_PLAIN = re.compile(r"(?!(?:true|false|null|yes|no|on|off)$)[\w+-](?:[\w .()+/%$;<>=-]*[\w).%])?", re.IGNORECASE)
_CODE = re.compile(r"0\d+|\d{6,}")  # digits that are a code and stand in quotes, as those of regions do


def by_name(expect: Mapping[str, Any], part: str, actual: Mapping[str, Any]) -> list[str]:  # Any: see comparable
    """What differs in a part that is a mapping; only the names that are expected are compared."""
    return [
        f"{part}.{name}: expected {shown(wanted)}, got {shown(actual.get(name, 'none of this name'))}"
        for name, wanted in expect.get(part, {}).items()
        if not same(wanted, actual.get(name, "none of this name"))
    ]


def comparable(value: Any) -> Any:  # Any: a value as written or as plain data
    """The value as text, list or truth, so that what is written and what came out compare: 2, 2.0 and "2" are equal."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | Decimal):
        return format(Decimal(value).normalize(), "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [comparable(element) for element in value]
    return value


def same(expected: Any, actual: Any) -> bool:  # Any: see comparable
    """Whether what came out is what was expected."""
    return bool(comparable(expected) == comparable(actual))


def shown(value: Any) -> str:  # Any: see comparable
    """The value as people write it in a case: `{rule: fine, points: -20}`."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {shown(part)}' for key, part in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(shown, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    plain = comparable(value)
    if not isinstance(value, str):
        return str(plain)
    return value if _PLAIN.fullmatch(value) and not _CODE.fullmatch(value) else json.dumps(value, ensure_ascii=False)


_TELLING = {
    "rule",
    "list",
    "measure",
    "thing",
    "what",
    "subject",
    "event",
    "effect",
    "target",
    "state",
    "points",
    "names",
}


def _tells(key: str, value: Any) -> bool:  # Any: see comparable
    """Whether a part of a line that nobody expected says what the line is."""
    return key in _TELLING and value is not None and value != ""


def lines(
    name: str, expected: Sequence[Mapping[str, Any]], actual: Sequence[Mapping[str, Any]]
) -> list[str]:  # Any: see comparable
    """Line by line, in order; each expected line compares only the keys that it gives."""
    if len(expected) == len(actual) and all(
        all(key in got and same(value, got[key]) for key, value in wanted.items())
        for wanted, got in zip(expected, actual, strict=True)
    ):
        return []
    keys = {key for wanted in expected for key in wanted}
    got = [{key: line[key] for key in line if key in keys or (not keys and _tells(key, line[key]))} for line in actual]
    known = {key for line in actual for key in line}
    strange = [key for key in sorted(keys, key=str) if actual and key not in known]
    return [
        f"{name}: expected {shown(expected)}, got {shown(got)}",
        *(f"{name}: a line has no {shown(key)}; {did_you_mean(key, known) or ', '.join(known)}" for key in strange),
    ]
