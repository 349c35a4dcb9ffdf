"""What differs between two answers, in sentences with the figures in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from credit_engine.assessing.answer import Assessment, Reason
from credit_engine.assessing.plain import points_data, value_data
from credit_engine.assessing.unknown import Range, ends
from credit_engine.testing.comparing import shown

LINES = (
    "reasons",
    "unknowns",
    "entries",
    "measures",
    "findings",
    "obligations",
    "supervision",
    "effects",
    "recognised",
)
NAMED = ("indicators", "on_list", "grades", "own_grades")
PARTS = ("outside_policy", "score", "own_score", *NAMED, *LINES, "audience", "too_wide")
_TELLING = {
    "reasons": ("rule", "event", "item", "points", "from", "until"),
    "unknowns": ("rule", "event", "names"),
    "entries": ("id", "state", "listed", "until", "ground_changed", "repairable_from"),
    "measures": ("measure", "entry", "from", "until"),
    "findings": ("rule", "event", "says", "from", "until"),
    "obligations": ("rule", "event", "due", "done", "state"),
    "effects": ("rule", "target", "origin", "points"),
    "recognised": ("rule", "target", "origin"),
}
_MOST = 6  # lines of a part that are told


def differences(one: Assessment, other: Assessment, parts: Collection[str] = PARTS) -> list[str]:
    """What the second answer says otherwise, part by part; equal answers differ in nothing."""
    if one == other:
        return []
    before, after = _data(one, parts), _data(other, parts)
    found = [line for part in PARTS if part in parts for line in _differing(part, before[part], after[part])]
    if not found and set(parts) == set(PARTS) and _unlike(one, other):
        found = [f"{part}: {getattr(one, part)!r}, then {getattr(other, part)!r}" for part in _unlike(one, other)]
    return found


def _unlike(one: Assessment, other: Assessment) -> list[str]:
    """The parts that differ in what plain data does not tell, or in their order."""
    return [part for part in PARTS if getattr(one, part) != getattr(other, part)]


def _data(answer: Assessment, parts: Collection[str]) -> Mapping[str, Any]:  # Any: plain data
    data = answer.as_dict()
    if "grades" in parts or "own_grades" in parts:
        for scale in ("grades", "own_grades"):
            data[scale] = {name: _label(answer, scale, name) for name in getattr(answer, scale)}
    return data


def _label(answer: Assessment, scale: str, name: str) -> str:
    grade = getattr(answer, scale)[name]
    return grade.label or f"unknown ({', '.join(grade.possible)})"


def _differing(part: str, before: Any, after: Any) -> Iterator[str]:  # Any: plain data
    if part in LINES:
        yield from _lines(part, before, after)
    elif part in NAMED:
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                yield f"{part}.{name}: {_text(before.get(name))}, then {_text(after.get(name))}"
    elif before != after:
        yield f"{part}: {_text(before)}, then {_text(after)}"


def _lines(part: str, before: Iterable[Any], after: Iterable[Any]) -> Iterator[str]:  # Any: plain data
    one, other = [_line(part, line) for line in before], [_line(part, line) for line in after]
    gone, new = Counter(one) - Counter(other), Counter(other) - Counter(one)
    yield from (f"{part}: {line} is gone" for line in list(gone.elements())[:_MOST])
    yield from (f"{part}: {line} is new" for line in list(new.elements())[:_MOST])
    if not gone and not new and one != other:
        yield f"{part}: in another order: {'; '.join(one[:_MOST])}, then {'; '.join(other[:_MOST])}"


def _line(part: str, line: Mapping[str, Any]) -> str:  # Any: plain data
    keys = _TELLING.get(part, tuple(line))
    return shown({key: line[key] for key in keys if key in line and line[key] not in (None, "")})


def _text(data: Any) -> str:  # Any: plain data
    if isinstance(data, list):
        return f"{_end(data[0])} to {_end(data[1])}" if len(data) == 2 else shown(data)
    return "unknown" if data is None else shown(data)


def _end(data: Any) -> str:  # Any: plain data
    return "no limit" if data is None else shown(data)


def said(score: int | Range | None) -> str:
    """A score as people say it: `80`, `60 to 80`, `unknown`."""
    return _text(points_data(score))


def told(value: Any) -> str:  # Any: an indicator's value
    """An indicator's value as people say it."""
    return _text(value_data(value))


def upper(score: int | Range) -> int | None:
    """The best that a score may be; `None`: no limit."""
    high = ends(score)[1]
    return None if high is None else int(high)


def lower(score: int | Range) -> int | None:
    """The worst that a score may be; `None`: no limit."""
    low = ends(score)[0]
    return None if low is None else int(low)


def rules_that_differ(one: Assessment, other: Assessment) -> list[str]:
    """The rules, groups and effects whose points differ, with what they gave before and after."""
    before, after = _points(one.reasons), _points(other.reasons)
    return [
        f"{rule}: {said(before.get(rule, 0))}, then {said(after.get(rule, 0))}"
        for rule in {**before, **after}
        if before.get(rule, 0) != after.get(rule, 0)
    ]


def _points(reasons: Iterable[Reason]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for reason in reasons:
        found[reason.rule] = found.get(reason.rule, 0) + reason.points
    return found
