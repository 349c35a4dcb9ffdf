"""Making a condition hold, or just fail: the events, fields and days that it needs are written into a draft.

A wish is a direction, not a promise: two wishes may contradict each other, and what a draft already says may spoil one.
Values land on the threshold, one beside it, and now and then nowhere, so that the answer is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from credit_engine.days import Period
from credit_engine.policy import nodes as n
from credit_engine.policy.plan import GradeRow, RepairRow
from credit_engine.quantities import FieldType
from credit_engine.testing.drafted import back, read
from credit_engine.testing.drafts import Draft, Scope
from credit_engine.testing.drawn_records import ONE_DAY, drawn_value

DEEPEST = 12
_FLIPPED = {"at_least": "below", "above": "at_most", "at_most": "above", "below": "at_least"}


def meet(draft: Draft, condition: n.Condition, scope: Scope, *, want: bool = True) -> None:
    """Write into the draft what makes a condition hold, or what makes it fail."""
    if draft.depth >= DEEPEST:
        return
    draft.depth += 1
    if isinstance(condition, n.All | n.Any_):
        _meet_parts(draft, condition, scope, want=want)
    elif not isinstance(condition, n.Constant):
        _meet_leaf(draft, condition, scope, want=want != getattr(condition, "negated", False))
    draft.depth -= 1


def _meet_parts(draft: Draft, condition: n.All | n.Any_, scope: Scope, *, want: bool) -> None:
    parts = condition.parts
    if isinstance(condition, n.All) == want:  # every part counts
        for part in sorted(parts, key=_is_last):
            meet(draft, part, scope, want=want)
        return
    chosen = draft.choose.number(0, len(parts) - 1)
    for place, part in enumerate(parts):
        if place == chosen:
            meet(draft, part, scope, want=want)
        elif isinstance(condition, n.All):  # all the others hold, so that this one alone decides
            meet(draft, part, scope, want=True)


def _is_last(part: n.Condition) -> bool:
    """Whether a part asks for the score or a grade, which what else is wished for would move."""
    return isinstance(getattr(part, "left", None), n.OwnScore | n.OwnGrade)


def spoil(draft: Draft, condition: n.Condition, scope: Scope) -> bool:
    """Make a condition on an event's own fields fail without touching what is pinned; whether there was a way."""
    if isinstance(condition, n.All):
        return any(spoil(draft, part, scope) for part in condition.parts)
    if isinstance(condition, n.Any_):
        return all(spoil(draft, part, scope) for part in condition.parts)
    left = getattr(condition, "left", None)
    if not isinstance(left, n.EventField) or scope.event is None or left.name in scope.event.pinned:
        return False
    _meet_leaf(draft, condition, scope, want=getattr(condition, "negated", False))
    return True


def meet_row(
    draft: Draft,
    rows: Sequence[n.Row | n.SpanRow | RepairRow | GradeRow],
    scope: Scope,
    places: Sequence[int],
) -> int:
    """Make one of several rows the first that holds; which one."""
    chosen = draft.choose.one(places)
    for row in rows[:chosen]:
        meet(draft, row.condition, scope, want=False)
    meet(draft, rows[chosen].condition, scope)
    return chosen


def _meet_leaf(draft: Draft, leaf: n.Condition, scope: Scope, *, want: bool) -> None:
    left = leaf.left  # type: ignore[attr-defined]  # all leaves have one
    if draft.pen.facts.missing and draft.choose.chance(3):
        bring(draft, left, None, scope)
        return
    _LEAVES[type(leaf)](draft, leaf, scope, want)


def _compare(draft: Draft, leaf: n.Compare, scope: Scope, want: bool) -> None:  # noqa: FBT001  # as all leaves
    op = leaf.op if want or leaf.op == "is" else _FLIPPED[leaf.op]
    if isinstance(leaf.left, n.ViewDay | n.Listed):  # not this day moves, but what it is beside
        _beside_the_day(draft, leaf, op, scope)
        return
    right = read(draft, leaf.right, scope)
    if right is None:
        right = scope.day if _is_day(draft, leaf.right, scope) else 1
        bring(draft, leaf.right, right, scope)
        right = read(draft, leaf.right, scope) or right
    start = draft.plan.score.start if isinstance(leaf.left, n.OwnScore) and draft.plan.score is not None else None
    if start is not None and op in ("at_least", "above") and start > right and draft.choose.chance(50):
        bring(draft, leaf.left, start, scope)
    elif leaf.op != "is":
        bring(draft, leaf.left, _beside(draft, op, right), scope)
    else:
        bring(draft, leaf.left, right if want else _other(draft, leaf.left, right, scope), scope)


def _beside_the_day(draft: Draft, leaf: n.Compare, op: str, scope: Scope) -> None:
    day = read(draft, leaf.left, scope)
    if not isinstance(day, date):
        return
    shift = day - (_beside(draft, op, day) if op != "is" else day)
    if not isinstance(leaf.right, n.DayAfter):
        bring(draft, leaf.right, day + shift, scope)
    elif isinstance(period := read(draft, leaf.right.period, scope), Period):
        bring(draft, leaf.right.day, back(day, period) + shift, scope)


def _is_day(draft: Draft, value: n.Value, scope: Scope) -> bool:
    type_ = _type_of(draft, value, scope)
    return isinstance(value, n.DayAfter) if type_ is None else type_.name == "date"


def _beside(draft: Draft, op: str, right: Any) -> Any:  # Any: a number or day
    """A value for which a comparison holds: on its edge, or a step or several inside."""
    step: Any = (
        ONE_DAY if isinstance(right, date) else Fraction(1, 1000) if type(right) is Fraction else 1
    )  # Any: as above
    inside = step if op in ("at_least", "above") else -step
    edge = right if op in ("at_least", "at_most") else right + inside
    draw = draft.choose.number(0, 9)
    return edge if draw < 6 else edge + inside if draw < 8 else edge + inside * draft.choose.number(2, 40)


def _one_of(draft: Draft, leaf: n.OneOf, scope: Scope, want: bool) -> None:  # noqa: FBT001  # as all leaves
    values = [value for choice in leaf.choices if (value := read(draft, choice, scope)) is not None]
    if values:
        chosen = draft.choose.one(values)
        bring(draft, leaf.left, chosen if want else _other(draft, leaf.left, chosen, scope, values), scope)


def _other(
    draft: Draft,
    left: n.Value,
    value: Any,
    scope: Scope,
    but: list[Any] | None = None,  # Any: values of the field
) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, date):
        return value + ONE_DAY
    if isinstance(value, int | Fraction):
        return value + draft.choose.one((1, -1))
    kind = scope.event.kind if scope.event is not None else ""
    where, name = ("operator", left.name) if isinstance(left, n.OperatorField) else (kind, getattr(left, "name", ""))
    known = [each for each in draft.pen.edges.candidates.get(where, {}).get(name, ()) if each not in (but or [value])]
    return draft.choose.one(known) if known else "other"


def _set_test(draft: Draft, leaf: n.SetTest, scope: Scope, want: bool) -> None:  # noqa: FBT001  # as all leaves
    named = [value for each in leaf.right if (value := read(draft, each, scope)) is not None]
    if not named:
        return
    type_ = _type_of(draft, leaf.left, scope)
    codes = type_.of.codes if type_ is not None and type_.of is not None else ()
    outside = [code for code in codes if code not in named] or ([] if codes else ["other"])
    some, other = draft.choose.one(named), draft.choose.one(outside or named)
    chosen: list[Any]  # Any: elements of the list
    if leaf.op == "only":
        chosen = [some] if want else draft.choose.one(([other], [some, other], []))
    elif leaf.op == "has_all":
        chosen = [*named, other] if want and draft.choose.chance(30) else named if want else named[1:]
    elif (leaf.op == "has_none") == want:
        chosen = [other]
    else:
        chosen = [some] if draft.choose.chance(70) else [some, other]
    bring(draft, leaf.left, frozenset(chosen) if type_ is not None and type_.name == "set" else tuple(chosen), scope)


def _type_of(draft: Draft, left: n.Value, scope: Scope) -> FieldType | None:
    if isinstance(left, n.EventField) and scope.event is not None:
        return draft.plan.field_types[scope.event.kind].get(left.name)
    return draft.plan.field_types["operator"].get(left.name) if isinstance(left, n.OperatorField) else None


def _known(draft: Draft, leaf: n.Known, scope: Scope, want: bool) -> None:  # noqa: FBT001  # as all leaves
    if not want:
        bring(draft, leaf.left, None, scope)
    elif read(draft, leaf.left, scope) is None:
        type_ = _type_of(draft, leaf.left, scope)
        name = getattr(leaf.left, "name", "")
        bring(draft, leaf.left, scope.day if type_ is None else drawn_value(draft.pen, name, type_), scope)


def _inside(draft: Draft, leaf: n.Inside, scope: Scope, want: bool) -> None:  # noqa: FBT001  # as all leaves
    code = read(draft, leaf.region, scope)
    if code is None:
        code = draft.choose.one((*draft.plan.regions, "310000"))
        bring(draft, leaf.region, code, scope)
    if isinstance(code, str):
        below = f"{code[:2]}0115" if code.endswith("0000") else f"{code[:4]}15" if code.endswith("00") else code
        bring(
            draft, leaf.left, draft.choose.one((below, code)) if want else draft.choose.one(("110105", "zone")), scope
        )


def _truth(draft: Draft, leaf: n.Truth, scope: Scope, want: bool) -> None:  # noqa: FBT001  # as all leaves
    bring(draft, leaf.left, want, scope)


def _rank(draft: Draft, leaf: n.GradeRank, scope: Scope, want: bool) -> None:  # noqa: FBT001  # as all leaves
    place = leaf.order.index(leaf.label)
    inside = leaf.order[place:] if leaf.op == "at_best" else leaf.order[: place + 1]
    labels = inside if want else [label for label in leaf.order if label not in inside]
    if labels:
        bring(draft, leaf.left, draft.choose.one(labels), scope)


_LEAVES: Mapping[type[n.Condition], Callable[..., None]] = {
    n.Compare: _compare,
    n.OneOf: _one_of,
    n.SetTest: _set_test,
    n.Known: _known,
    n.Inside: _inside,
    n.Truth: _truth,
    n.GradeRank: _rank,
}


# --- values ---------------------------------------------------------------------------------------------------


def bring(draft: Draft, value: n.Value, wished: Any, scope: Scope) -> None:  # Any: a value of any type
    """Write into the draft what makes a value so."""
    from credit_engine.testing.wished_values import BRINGERS  # noqa: PLC0415  # some values are made of conditions

    bringer = BRINGERS.get(type(value))
    if bringer is not None and draft.depth < DEEPEST:
        draft.depth += 1
        bringer(draft, value, wished, scope)
        draft.depth -= 1
