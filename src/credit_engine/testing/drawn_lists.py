"""Made-up policies of lists: openings, terms, repairs, reviews, in small words.

The policies keep to a part of the language that can be read in a few lines (see `list_policies`), so that a second,
slow implementation can be written beside the engines and compared with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from attrs import field, frozen

from credit_engine.testing.drawing import Chooser
from credit_engine.testing.vocabulary import Written

ONE_DAY = timedelta(days=1)
LAW_DAYS = (date(2024, 3, 15), date(2024, 7, 1))
TERMS = ("3m", "1y", "6m", "1m", "90d", "10d", "0d")
SEVERITIES = ("severe", "general", "minor")
FINES = (500000, 300000, 1000000)
STARTS = ("listed", "decided", "published", ["published", "decided"], "listed")
_PUBLISHED = {"class": "II", "executor": "market regulation", "basis": ["law"], "published": True}
MEASURES: Sequence[Written] = (
    {"id": "M1", **_PUBLISHED, "targets": ["entity"]},
    {"id": "M2", **_PUBLISHED, "targets": ["person"]},
    {"id": "M3", **_PUBLISHED, "targets": ["entity", "person"]},
)


# --- policies -------------------------------------------------------------------------------------------------


@frozen
class Pen:
    """What a policy of lists is written with; `lists` are the names written so far."""

    choose: Chooser
    lists: dict[str, Written] = field(factory=dict)


def list_policy(choose: Chooser) -> dict[str, Written]:
    """A policy of one to three lists, as plain data."""
    pen = Pen(choose)
    for name in choose.shuffled(("severe", "publication", "trustworthy", "abnormal"))[: choose.number(1, 3)]:
        pen.lists[name] = _list(pen, name)
    policy: dict[str, Written] = {
        "policy": "drawn",
        "title": {"zh": "例", "en": "Drawn"},
        "sources": _sources(choose),
        "parameters": _parameters(choose),
        "indicators": {"decisions": _indicator(pen)},
        "measures": MEASURES,
        "lists": pen.lists,
    }
    if choose.chance(20):
        policy["law_of"] = choose.one(("as_of", "published", ["occurred", "decided"]))
    return policy


def _sources(choose: Chooser) -> dict[str, Written]:
    change = choose.one(LAW_DAYS)
    later = change if choose.chance(70) else change + ONE_DAY * choose.number(1, 40)
    law = {"title": "Law", "rank": "law"}
    return {
        "law": {**law, "in_force": {"from": date(2000, 1, 1)}},
        "old": {**law, "in_force": {"from": date(2000, 1, 1), "until": change}},
        "new": {**law, "in_force": {"from": later}},
    }


def _parameters(choose: Chooser) -> dict[str, Written]:
    return {
        "span.term": {"unit": "period", "values": _dated(choose, TERMS)},
        "span.repair": {"unit": "period", "values": _dated(choose, TERMS)},
        "fine.large": {"unit": "fen", "values": _dated(choose, FINES)},
    }


def _dated(choose: Chooser, values: Sequence[Written]) -> dict[date, Written]:
    days = [date(2000, 1, 1), *choose.some(LAW_DAYS, most=2)] if choose.chance(85) else [choose.one(LAW_DAYS)]
    steps: dict[date, Written] = {}
    for place, day in enumerate(days):
        given = {"value": None if choose.chance(5) else choose.one(values), "source": "law"}
        steps[day] = {"ended": True, "source": "law"} if place and choose.chance(8) else given
    return steps


def _indicator(pen: Pen) -> dict[str, Written]:
    counted: dict[str, Written] = {"count": "violation"}
    if pen.choose.chance(60):
        counted["where"] = where(pen, with_law=False)
    if pen.choose.chance(70):
        counted["within"] = pen.choose.one(TERMS)
    return counted


def _list(pen: Pen, name: str) -> dict[str, Written]:
    choose = pen.choose
    polarity = {"severe": "negative", "abnormal": "negative", "trustworthy": "positive"}.get(name, "neutral")
    written: dict[str, Written] = {
        "polarity": polarity,
        "foundation": choose.one(("law", ["old", "new"], "new", "old")) if choose.chance(40) else "law",
        "needs_decision": polarity == "negative" or choose.chance(25),
    }
    if choose.chance(60):
        written["measures"] = choose.some(("M1", "M2", "M3"), least=1)
    if name == "trustworthy" and choose.chance(70):
        return written | _reviewed(pen)
    if not written["needs_decision"] or choose.chance(88):
        written["opens"] = _opens(pen)
    if choose.chance(92):
        written["term"] = _term(pen) if "opens" in written else {"from": choose.one(STARTS), "for": "$span.term"}
    if choose.chance(65):
        written["repair"] = _repair(pen) if "opens" in written else {"from": "listed", "for": "$span.repair"}
    if choose.chance(35):
        written["law_of"] = choose.one(("as_of", "as_of", "decided", "occurred", ["published", "decided"]))
    return written


def _reviewed(pen: Pen) -> dict[str, Written]:
    choose = pen.choose
    written: dict[str, Written] = {
        "opens": {"when": when(pen)},
        "review": choose.one(("quarterly", "monthly", "yearly")),
    }
    if choose.chance(20):
        written["opens"]["unless"] = when(pen)
    if choose.chance(60):
        written["suspended_by"] = {"each": "violation", **_chosen(pen)}
    return written


def _opens(pen: Pen) -> dict[str, Written]:
    choose = pen.choose
    opens = {"each": "violation", **_chosen(pen, with_law=True)}
    if choose.chance(20):
        opens["when"] = when(pen, on_list=5)
    if choose.chance(15):
        opens["unless"] = where(pen)
    return opens


def _chosen(pen: Pen, *, with_law: bool = False) -> dict[str, Written]:
    """`where`, `standing` and `by` of a selector."""
    choose = pen.choose
    keys: dict[str, Written] = {}
    if choose.chance(75):
        keys["where"] = where(pen, with_law=with_law)
    if choose.chance(10):
        keys["standing"] = choose.one((["alleged", "found", "final"], ["final"]))
    if choose.chance(12):
        keys["by"] = choose.one(("published", ["published", "decided"], "occurred"))
    return keys


# --- conditions -----------------------------------------------------------------------------------------------


def where(pen: Pen, *, with_law: bool = True, depth: int = 1) -> dict[str, Written]:
    """What a policy asks of a decision; with `with_law` it may name a dated parameter."""
    choose = pen.choose
    if depth and choose.chance(15):
        return {"not": where(pen, with_law=with_law, depth=0)}
    if depth and choose.chance(10):
        return {"any": [where(pen, with_law=with_law, depth=0) for _ in range(2)]}
    return dict(choose.some(_LEAVES if with_law else _LEAVES[1:], least=1, most=2 if choose.chance(20) else 1))


_LEAVES: tuple[tuple[str, Written], ...] = (
    ("fine", {"at_least": "$fine.large"}),
    ("severity", "severe"),
    ("severity", ["severe", "general"]),
    ("heavier", True),
    ("heavier", {"known": True}),
    ("penalties", {"has": "fine"}),
    ("penalties", {"only": ["warning"]}),
    ("fine", {"above": "3000 yuan"}),
)


def when(pen: Pen, on_list: int = 25) -> dict[str, Written]:
    """What a policy asks of a party on a day; in so many of a hundred cases whether it is on a list."""
    choose = pen.choose
    if pen.lists and choose.chance(on_list):
        return {f"on_list.{choose.one(tuple(pen.lists))}": choose.chance(50)}
    if choose.chance(70):
        return {"decisions": choose.one((0, {"at_least": 1}, {"at_most": 1}, {"at_least": 2}))}
    return {"day": {"at_least": choose.one(TERMS), "after": "operator.registered"}}


# --- spans ----------------------------------------------------------------------------------------------------


def _term(pen: Pen) -> dict[str, Written]:
    choose = pen.choose
    if choose.chance(20):
        start = choose.one(STARTS)
        return {"rows": [_row(pen, start, last=False), _row(pen, start, last=choose.chance(80))]}
    span = _span(pen, choose.one(STARTS), "$span.term")
    if pen.lists and choose.chance(15):
        span["or_while"] = {f"on_list.{choose.one(tuple(pen.lists))}": choose.chance(70)}
    return span


def _row(pen: Pen, start: Written, *, last: bool) -> dict[str, Written]:
    choose = pen.choose
    row = _span(pen, start, "$span.term")
    if not last:
        row["where"] = where(pen)
    if choose.chance(30):
        row["basis"] = [choose.one(("old", "new"))]
    return row


def _span(pen: Pen, start: Written, parameter: str) -> dict[str, Written]:
    choose = pen.choose
    span: dict[str, Written] = {} if choose.chance(8) else {"from": start}
    span["for"] = parameter if choose.chance(50) else choose.one(TERMS)
    if choose.chance(10):
        span["to_end_of"] = choose.one(("month", "quarter", "year"))
    if choose.chance(10):
        span["plus"] = [{"where": where(pen, depth=0), "for": choose.one(("1m", "1y", "1d"))}]
    if choose.chance(15):
        span["or_until"] = choose.one(("restricted_until", "published"))
    return span


def _repair(pen: Pen) -> dict[str, Written]:
    choose = pen.choose
    never: dict[str, Written] = {"never": True}
    if choose.chance(20):
        first = {"where": where(pen), **(never if choose.chance(40) else _span(pen, "listed", "$span.repair"))}
        repair: dict[str, Written] = {"rows": [first, _span(pen, choose.one(STARTS), "$span.repair")]}
    else:
        repair = dict(never) if choose.chance(5) else _span(pen, choose.one(STARTS), "$span.repair")
    if choose.chance(40):
        repair["where"] = choose.one(({"harm_removed": True}, {"performed": {"known": True}}))
    if choose.chance(25):
        repair["when"] = when(pen)
    if choose.chance(40):
        chosen = _chosen(pen)
        repair["unless_new"] = {"each": "violation", **chosen, **({"same": ["severity"]} if choose.chance(30) else {})}
    return repair
