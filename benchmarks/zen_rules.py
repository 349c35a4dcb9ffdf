"""The rules of `twenty-rules` for zen-engine: an expression node, a decision table over events, a node that adds up.

What zen is given to make this possible: events already in order, days as whole numbers, and the days that lie one, two
and three years after each event. `CANNOT` says why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from credit_engine import Dossier
from credit_engine.days import Period, add
from credit_engine.records import CaseTransfer, Event, Honour, Inspection, Violation

CANNOT = (
    "add a year to 29 February (it gives an invalid date), so the ends of spans are added up for it beforehand",
    "compare days written as text, or know statutory working days: days go in as whole numbers",
    "order events by day, sequence and id: they go in already sorted",
    "tell a missing fact from a false one: here every field is filled in",
    "read a parameter as it stood on the law day with its source: the two dated values are written into conditions",
    "know which version of a record was known on a day, or leave out a withdrawn one",
    "give reasons with dates, parameter values and legal basis: its trace lists nodes and table rows",
)
_YEARS = {years: Period.read(f"{years}y") for years in (1, 2, 3)}

# of each kind and group: rule, condition, points in thousandths, years that it counts, whether it fades
_RULES: Mapping[tuple[str, str], tuple[tuple[str, str, str, int, bool], ...]] = {
    ("violation", "penalties"): (
        ("penalty.warning", "'warning' in penalties", "-1000", 1, False),
        ("penalty.fine", "'fine' in penalties", "-2000", 3, True),
        ("penalty.large_fine", "fine >= 5000000", "-(on >= DAY_2025 ? 8000 : 6000)", 3, True),
        ("penalty.huge_fine", "fine >= 50000000", "-10000", 3, False),
        ("penalty.confiscation", "'confiscation' in penalties", "-1500", 2, False),
        ("penalty.stopped", "some(penalties, # in ['stop_production', 'closure'])", "-12000", 3, True),
        ("penalty.revoked", "'revoke_licence' in penalties", "-40000", 3, False),
        ("act.severe", "severity == 'severe'", "-8000", 3, True),
        ("act.general", "severity == 'general'", "-3000", 2, True),
        ("act.heavier", "heavier", "-4000", 2, False),
        ("act.intent", "intent and severity in ['general', 'severe']", "-5000", 3, False),
        ("act.third", "penalties_1y >= 3", "-6000", 2, False),
        ("act.after_samples", "failed_samples_2y >= 2", "-4000", 2, True),
    ),
    ("inspection", "visits"): (
        ("sample.failed", "type == 'sampling' and result == 'fail'", "-5000", 2, True),
        ("visit.failed", "type in ['routine', 'unannounced'] and result == 'fail'", "-3000", 1, False),
        ("visit.low", "type in ['routine', 'unannounced'] and score < 70000", "-2000", 2, True),
        ("visit.key_items", "key_items_failed >= 1", "-2500", 2, False),
    ),
    ("case_transfer", ""): (("case.criminal", "direction == 'criminal'", "-10000", 3, False),),
    ("honour", ""): (("honour.award", "type in ['quality_award', 'gmp', 'haccp']", "4000", 3, False),),
}

_SEEN = """map(events as e, e.kind != 'violation' ? e : merge([e, {
  penalties_1y: count(events as o, o.kind == 'violation' and o.place <= e.place and o.law == 'food_safety_law' and o.after_1y >= e.on),
  failed_samples_2y: count(events as o, o.kind == 'inspection' and o.on <= e.on and o.type == 'sampling' and o.result == 'fail' and o.after_2y >= e.on)}]))"""  # noqa: E501  # an expression is one text
_FOLD = {
    "violations_3y": "count(events as e, e.kind == 'violation' and e.after_3y >= as_of)",
    "lines": "filter(flatMap(found as f, f) as line, line.points != 0)",
    "clean": "$.violations_3y == 0 ? 5000 : 0",
    "penalties": "sum(map(filter($.lines as line, line.group == 'penalties') as one, one.points))",
    "visits": "sum(map(filter($.lines as line, line.group == 'visits') as one, one.points))",
    "others": "sum(map(filter($.lines as line, line.group == '') as one, one.points))",
    "sum": "100000 + $.clean + $.others + max([$.penalties, -70000]) + max([$.visits, -30000])",
    "score": "min([max([$.sum, 0]), 120000])",
    "grade": "$.score >= 90000 ? 'A' : $.score >= 75000 ? 'B' : $.score >= 60000 ? 'C' : 'D'",
}


def decision_graph() -> str:
    """The rules as zen's own JSON."""
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode"},
        _expressions("seen", {"seen": _SEEN}),
        _table(),
        _expressions("fold", _FOLD),
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    steps = ["in", "seen", "rules", "fold", "out"]
    edges = [
        {"id": f"{one}-{other}", "sourceId": one, "targetId": other, "type": "edge"} for one, other in pairwise(steps)
    ]
    return json.dumps({"nodes": nodes, "edges": edges})


def _expressions(name: str, values: Mapping[str, str]) -> dict[str, Any]:  # Any: zen's JSON
    expressions = [{"id": key, "key": key, "value": " ".join(value.split())} for key, value in values.items()]
    return {
        "id": name,
        "name": name,
        "type": "expressionNode",
        "content": {"expressions": expressions, "passThrough": True},
    }


def _table() -> dict[str, Any]:  # Any: zen's JSON
    outputs = ("rule", "event", "group", "points")
    content = {
        "hitPolicy": "collect",
        "inputs": [{"id": "kind", "name": "kind", "field": "kind"}, {"id": "when", "name": "when"}],
        "outputs": [{"id": name, "name": name, "field": name} for name in outputs],
        "rules": [_row(kind, group, *rule) for (kind, group), rules in _RULES.items() for rule in rules],
        "executionMode": "loop",
        "inputField": "seen",
        "outputPath": "found",
        "passThrough": True,
        "passThorough": True,
    }
    return {"id": "rules", "name": "rules", "type": "decisionTableNode", "content": content}


def _row(
    kind: str,
    group: str,
    rule: str,
    condition: str,
    points: str,
    years: int,
    fades: bool,  # noqa: FBT001  # a row of the table above
) -> dict[str, str]:
    last = f"after_{years}y"
    points = points.replace("DAY_2025", str(date(2025, 1, 1).toordinal()))
    left = f"-floor(-({points}) * ({last} - as_of) / ({last} - on))" if fades else points
    return {
        "_id": rule,
        "kind": f"'{kind}'",
        "when": f"{last} >= as_of and ({condition})",
        "rule": f"'{rule}'",
        "event": "id",
        "group": f"'{group}'",
        "points": left,
    }


def context(dossier: Dossier, as_of: date) -> dict[str, Any]:  # Any: zen's input
    """What zen is asked about a dossier."""
    ordered = sorted((_day(event), event.sequence, event.id, event) for event in dossier.events)
    events = [
        _context(event, place, day, as_of) for place, (day, _sequence, _id, event) in enumerate(ordered) if day <= as_of
    ]
    return {"as_of": as_of.toordinal(), "events": events}


def _day(event: Event) -> date:
    day = event.decided or event.occurred or event.received
    assert day is not None
    return day


def _context(event: Event, place: int, day: date, as_of: date) -> dict[str, Any]:  # Any: zen's input
    common = {
        "id": event.id,
        "kind": event.kind,
        "place": place,
        "on": day.toordinal(),
        "as_of": as_of.toordinal(),
        **{f"after_{years}y": _end(day, period) for years, period in _YEARS.items()},
    }
    return {**common, **_own(event)}


def _end(day: date, period: Period) -> int:
    end = add(day, period)
    assert end is not None
    return end.toordinal()


def _own(event: Event) -> dict[str, Any]:  # Any: zen's input
    if isinstance(event, Violation):
        own = {name: getattr(event, name) for name in ("law", "severity", "fine", "heavier", "intent")}
        return {**own, "penalties": sorted(event.penalties or ())}
    if isinstance(event, Inspection):
        score = None if event.score is None else int(event.score)
        return {"type": event.type, "result": event.result, "score": score, "key_items_failed": event.key_items_failed}
    if isinstance(event, CaseTransfer):
        return {"direction": event.direction}
    return {"type": event.type} if isinstance(event, Honour) else {}
