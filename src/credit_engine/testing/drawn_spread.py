"""Made-up policies of spread and recognition, in small words: starts, steps, choices, repeats, weights, shares.

The policies keep to a part of the language that can be read in a few lines, so that a second, slow implementation can
be written beside the engines and compared with them. See `spread_policy` for what they have in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from credit_engine.testing.drawing import Chooser
from credit_engine.testing.vocabulary import Written

KINDS = ("shareholder", "branch", "actual_controller", "legal_representative")
ROLES = ("direct_manager", "other")
LISTS = ("severe", "abnormal")
BOUNDS = ("50%", "25%", "0%", "1/3", "100%", "30%")
WEIGHTS = ("1/2", "2/3", Decimal("0.9"), "1/3")
DROPS = ("1/4", "4/9", Decimal("0.1"), "1/2")
HOSTS = ("310000", "320000", "330100", "340000")
LAW_DAY = date(2024, 3, 16)  # on which the newer source comes into force
RESTRICTIVE = ("bar", "marking", "mirror", "points")
_MEASURE = {"class": "II", "executor": "market regulation", "basis": ["law"], "published": True}
MEASURES: Sequence[Written] = (
    {"id": "M1", **_MEASURE, "targets": ["entity"]},
    {"id": "M2", **_MEASURE, "targets": ["person"]},
    {"id": "M3", **_MEASURE, "targets": ["entity", "person"]},
)


def spread_policy(choose: Chooser, *, narrow: bool = False) -> dict[str, Written]:
    """A policy of one to three rules of spread, as plain data; `narrow`: its law names some relations only.

    Each decision against a party costs 30 of 100 points for good. A `list` step opens an entry of a year, and only it
    does. Such a policy may be refused if it is `narrow`, for effects that the law does not bear.
    """
    policy: dict[str, Written] = {
        "policy": "drawn",
        "title": {"zh": "例", "en": "Drawn"},
        "sources": _sources(choose, narrow=narrow),
        "score": {
            "start": 100,
            "range": [0, 100],
            "rules": [{"rule": "fined", "each": "violation", "deduct": 30, "counts": {"from": "decided"}, **_LAW}],
        },
        "measures": MEASURES,
        "lists": {name: _list(choose) for name in LISTS},
        "spread": [_rule(choose, f"rule{number}") for number in range(1, 1 + choose.number(1, 3))],
    }
    if choose.chance(40):
        policy["recognition"] = [_row(choose, f"row{number}") for number in range(1, 1 + choose.number(1, 3))]
    return policy


_LAW: dict[str, Written] = {"title": {"zh": "例", "en": "Drawn"}, "basis": ["law"]}


def _sources(choose: Chooser, *, narrow: bool) -> dict[str, Written]:
    everything = [*KINDS, *ROLES, "itself"]
    reaches = choose.some(everything, least=1, most=4) if narrow else everything
    law = {"title": "Law", "rank": "law", "reaches": reaches}
    return {
        "law": {**law, "in_force": {"from": date(2000, 1, 1)}},
        "new": {**law, "in_force": {"from": LAW_DAY}},
    }


def _list(choose: Chooser) -> dict[str, Written]:
    return {
        "polarity": "negative",
        "foundation": "law",
        "needs_decision": True,
        "term": {"for": "1y", "from": "listed"},
        "measures": choose.some(("M1", "M2", "M3"), least=1),
    }


# --- rules of spread ------------------------------------------------------------------------------------------


def _rule(choose: Chooser, name: str) -> dict[str, Written]:
    start = _start(choose)
    rule: dict[str, Written] = {"rule": name, "title": {"zh": "例", "en": "Drawn"}, "from": start}
    shape = choose.number(0, 99)
    if shape < 30:  # so many of a hundred
        rule |= _again(choose, start)
    elif shape < 55:
        rule |= _together(choose)
    elif shape < 95:
        rule |= _in_turn(choose, start)
    else:
        rule["itself"] = True
    if "along" in rule and choose.chance(25):
        rule["itself"] = True
    if "each" in start:
        rule["lasts"] = {"from": "decided", **({"for": choose.one(("1m", "6m", "1y"))} if choose.chance(60) else {})}
    if choose.chance(15):
        rule["most"] = choose.one((2, 5, 1, 8))
    if choose.chance(20):
        rule["audience"] = choose.one(("department", "internal"))
    return rule | _effect(choose, start)


def _start(choose: Chooser) -> dict[str, Written]:
    draw = choose.number(0, 3)
    if draw < 2:  # half of them
        return {"each": "violation", **({"where": {"severity": "severe"}} if choose.chance(50) else {})}
    if draw == 2:
        return {"list": choose.one(("severe", ["severe", "abnormal"]))}
    return {"when": {"score": {"at_most": choose.one((70, 40))}}}


def _effect(choose: Chooser, start: dict[str, Written]) -> dict[str, Written]:
    effect = choose.one(("alert", "alert", "attention", "bar", "marking", "mirror", "points", "points"))
    if effect == "mirror" and "list" not in start:
        effect = "marking"
    keys: dict[str, Written] = {"effect": effect}
    if effect != "alert" or choose.chance(40):
        keys["basis"] = ["law", "new"] if effect in ("alert", "attention") and choose.chance(30) else ["law"]
    if effect == "points":
        keys["points"] = choose.one((-10, Decimal("-0.001"), Decimal("-7.5"), -1))
    return keys


def _branch(choose: Chooser, start: dict[str, Written], share: int = 40) -> dict[str, Written]:
    branch: dict[str, Written] = {"relation": choose.one(KINDS), "to": choose.one(("target", "target", "source"))}
    if choose.chance(25):
        branch["relation"] = choose.some(KINDS, least=2)
    if choose.chance(25) and "when" not in start:
        branch["held_on"] = choose.one(("occurred", "decided", "day") if "each" in start else ("listed", "day"))
    if choose.chance(share):
        branch["share"] = {choose.one(("at_least", "above", "at_most", "below")): choose.one(BOUNDS)}
    return branch


def _named(choose: Chooser) -> dict[str, Written]:
    return {"named": "responsible", "where": {"item.role": choose.one(("direct_manager", list(ROLES)))}}


def _step(choose: Chooser, start: dict[str, Written], *, first: bool) -> dict[str, Written]:
    branches = [_branch(choose, start) for _ in range(2 if choose.chance(35) else 1)]
    if first and "each" in start and choose.chance(35):
        branches[choose.number(0, len(branches) - 1)] = _named(choose)
    return branches[0] if len(branches) == 1 else {"any": branches}


def _in_turn(choose: Chooser, start: dict[str, Written]) -> dict[str, Written]:
    steps = [_step(choose, start, first=not place) for place in range(choose.number(1, 3))]
    return {"along": steps, **({"weight": choose.one(WEIGHTS)} if choose.chance(30) else {})}


def _again(choose: Chooser, start: dict[str, Written]) -> dict[str, Written]:
    step = _step(choose, start, first=False)
    keys: dict[str, Written] = {"along": [step]}
    keys |= {"repeat": "until_stable"} if choose.chance(60) else {"hops": choose.number(1, 3)}
    if choose.chance(50):
        keys["weight"] = choose.one(WEIGHTS)
        if choose.chance(50):
            keys["drop_below"] = choose.one(DROPS)
    return keys


def _together(choose: Chooser) -> dict[str, Written]:
    branch = {"relation": choose.one(KINDS[:3]), "to": choose.one(("target", "target", "source")), "together": True}
    branch["share"] = {choose.one(("at_least", "at_least", "above")): choose.one(BOUNDS)}
    step: dict[str, Written] = branch
    if choose.chance(40):
        other = _branch(choose, {"when": {}})
        step = {"any": [branch, other] if choose.chance(60) else [other, branch]}
    return {"along": [step], **({"repeat": "until_stable"} if choose.chance(75) else {})}


# --- recognition ----------------------------------------------------------------------------------------------


def _row(choose: Chooser, name: str) -> dict[str, Written]:
    row: dict[str, Written] = {
        "rule": name,
        "title": {"zh": "例", "en": "Drawn"},
        "list": choose.one(LISTS),
        "hosts": choose.some(HOSTS, least=1, most=3),
        "mode": choose.one(("inform", "attention", "mirror", "none")),
        "basis": ["law"],
    }
    if choose.chance(40):
        row["origin"] = choose.one((["320500"], {"inside": "320000"}, "330000"))
    if choose.chance(40):
        row["when"] = choose.one(({"authority": "city"}, {"published": {"known": True}}, {"until": {"known": True}}))
    if choose.chance(20):
        row["in_force"] = {"from": LAW_DAY}
    return row
