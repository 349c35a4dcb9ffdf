"""Made-up policies with everything that follows from a record: a score, grades, lists, findings, duties, supervision.

They are the policies of `drawn_lists` with more sections, and their dossiers fit them.
"""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from credit_engine.testing.drawing import Chooser
from credit_engine.testing.drawn_list_records import list_question
from credit_engine.testing.drawn_lists import Pen, list_policy, when, where
from credit_engine.testing.question import Question
from credit_engine.testing.vocabulary import Written

PERIODS = ("1m", "15d", "20wd", "3m", "1y", "0d", "5wd")
LABELS = ("A", "B", "C", "D")


def duty_policy(choose: Chooser) -> dict[str, Written]:
    """A policy of lists, with other sections beside them, as plain data."""
    policy = list_policy(choose)
    pen = Pen(choose, policy["lists"])
    if choose.chance(70):
        policy["score"] = {
            "start": 100,
            "range": [0, 100],
            "rules": [_score_rule(pen, n) for n in range(choose.number(1, 2))],
        }
        if choose.chance(80):
            policy["grades"] = _grades(pen)
    parts = {"findings": _finding, "obligations": _obligation, "supervision": _supervision}
    for name, part in parts.items():
        if choose.chance(60):
            policy[name] = [part(pen, number, "grades" in policy) for number in range(choose.number(1, 2))]
    return policy


def _score_rule(pen: Pen, number: int) -> dict[str, Written]:
    choose = pen.choose
    rule: dict[str, Written] = {
        "rule": f"rule_{number}",
        "title": {"zh": "规则"},
        "basis": ["law"],
        "deduct": choose.one((10, 30)),
    }
    if choose.chance(75):
        rule["each"] = "violation"
        rule["counts"] = _span(pen)
        if choose.chance(50):
            rule["where"] = where(pen)
        if choose.chance(20) and not {"or_until", "rolls"} & set(rule["counts"]):
            rule["fades"] = "linear"
    else:
        rule["when"] = when(pen, on_list=0)
    return rule


def _span(pen: Pen) -> dict[str, Written]:
    choose = pen.choose
    span: dict[str, Written] = {"for": choose.one(PERIODS)}
    if choose.chance(70):
        span["from"] = choose.one(("decided", "published", "occurred", ["published", "decided"]))
    if choose.chance(20):
        span["plus"] = [{"where": where(pen), "for": choose.one(("1m", "10d", "1y"))}]
    if choose.chance(15):
        span["to_end_of"] = choose.one(("month", "quarter", "year"))
    if choose.chance(15):
        span["rolls"] = True
    if choose.chance(15):
        span["or_until"] = choose.one(("restricted_until", "published"))
    return span


def _grades(pen: Pen) -> dict[str, Written]:
    choose = pen.choose
    order = LABELS[: choose.number(2, 4)]
    points = (95, 85, 65)
    rows: list[Written] = [
        {"grade": label, "when": {"score": {"at_least": least}}} for label, least in zip(order, points, strict=False)
    ]
    rows[-1] = {"grade": order[-1]} if len(rows) == len(order) else rows[-1]
    if len(rows) < len(order):
        rows.append({"grade": order[-1]})
    grades: dict[str, Written] = {"order": list(order), "rows": rows}
    if choose.chance(50):
        asked = when(pen, on_list=80)
        grades["adjust"] = [
            {"rule": "adjust", "title": {"zh": "调整"}, "basis": ["law"], "when": asked, "at_best": order[-1]}
        ]
    if choose.chance(30):
        grades["review"] = choose.one(("monthly", "quarterly", "yearly"))
    return grades


def _finding(pen: Pen, number: int, has_grade: bool) -> dict[str, Written]:  # noqa: FBT001  # one of three alike
    choose = pen.choose
    finding: dict[str, Written] = {
        "rule": f"finding_{number}",
        "says": choose.one(("must", "may", "must_not")),
        "text": {"zh": "处理"},
    }
    finding["basis"] = [choose.one(("law", "law", "old", "new"))]
    if choose.chance(65):
        finding |= {"each": "violation", "where": where(pen)}
        if choose.chance(75):
            finding["lasts"] = _span(pen)
        if choose.chance(30):
            finding["when"] = when(pen, on_list=20)
    else:
        finding["when"] = _asked(pen, has_grade=has_grade)
    return finding


def _asked(pen: Pen, *, has_grade: bool) -> dict[str, Written]:
    choose = pen.choose
    if has_grade and choose.chance(50):
        return {"grade": choose.one(("A", "B", ["A", "B"]))}
    return when(pen, on_list=50)


def _obligation(pen: Pen, number: int, _has_grade: bool) -> dict[str, Written]:  # noqa: FBT001  # one of three alike
    choose = pen.choose
    duty: dict[str, Written] = {"rule": f"duty_{number}", "each": "violation", "due": _span(pen), "basis": ["law"]}
    if choose.chance(50):
        duty["where"] = where(pen)
    done: Sequence[Written] = (
        "published",
        "restricted_until",
        {"each": "rectification", "where": {"harm_removed": True}},
        {"each": "violation"},
    )
    duty["met_on"] = choose.one(done)
    duty["owed_by"] = choose.one(("authority", "operator", "operator.region"))
    if choose.chance(20):
        duty["not_before"] = {"for": choose.one(("10d", "1m")), "from": "decided"}
    if choose.chance(20):
        duty["standing"] = choose.one((["withdrawn"], ["alleged", "found", "final"]))
    return duty


def _supervision(pen: Pen, number: int, has_grade: bool) -> dict[str, Written]:  # noqa: FBT001  # one of three alike
    choose = pen.choose
    rule: dict[str, Written] = {"rule": f"watch_{number}", "when": _asked(pen, has_grade=has_grade), "basis": ["law"]}
    things = (
        {"inspections": {"at_least": choose.number(1, 4), "per": choose.one(("1y", "6m"))}},
        {"sampling": {"times": choose.one((1, 2))}},
        {"notice": "help"},
    )
    return rule | choose.one(things)


def duty_question(choose: Chooser) -> Question:
    """A drawn policy with a dossier and a day for it."""
    return list_question(choose, duty_policy(choose))


@st.composite
def duty_questions(draw: st.DrawFn) -> Question:
    """The same for hypothesis, which makes failing ones smaller."""
    return duty_question(Chooser(draw))
