"""Conditions: each node becomes two columns, `holds` and `may`, as `assessing.conditions` tells it row by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import polars as pl
from attrs import evolve

from credit_engine.engines.columns.regions import by_regions
from credit_engine.engines.columns.shapes import (
    ALWAYS,
    CODE,
    DOUBTFUL,
    MISSING,
    NEVER,
    NO,
    NONE,
    NOT_IN_FORCE,
    PLAIN,
    POSSIBLE,
    RANGE,
    WIDE,
    YES,
    Truths,
    Val,
    all_of,
    any_of,
    both,
    chosen,
    either,
    sure,
)
from credit_engine.engines.columns.view import At, Make, build, lacking
from credit_engine.policy.nodes import (
    All,
    Any_,
    Compare,
    Constant,
    Inside,
    Known,
    Literal,
    Node,
    OneOf,
    OperatorField,
    SetTest,
)
from credit_engine.policy.nodes import Truth as TruthNode
from credit_engine.records import Person

Test = Callable[[pl.Expr, pl.Expr], pl.Expr]
OPERATORS: dict[str, Test] = {
    "is": lambda one, other: one == other,
    "at_least": lambda one, other: one >= other,
    "above": lambda one, other: one > other,
    "at_most": lambda one, other: one <= other,
    "below": lambda one, other: one < other,
}


def constant(node: Constant, _at: At) -> Truths:
    """Always or never."""
    return ALWAYS if node.holds else NEVER


def all_(node: All, at: At) -> Truths:
    """Every part holds."""
    return both([build(part, at) for part in node.parts])


def any_(node: Any_, at: At) -> Truths:
    """At least one part holds."""
    return either([build(part, at) for part in node.parts])


def compare(node: Compare, at: At) -> Truths:
    """`left op right`; over a range it holds if it does on the whole range."""
    left: Val = build(node.left, at)
    if node.op == "is" and _asks_for_person(node.left, node.right):
        return _is_person(left, at, negated=node.negated)
    return _compared(node.op, left, build(node.right, at), at, negated=node.negated)


def _compared(op: str, left: Val, right: Val, at: At, *, negated: bool) -> Truths:
    plain = _tested(op, left.value, right.value, left, right)
    plain = ~plain if negated else plain
    if left.states | right.states == {PLAIN}:
        return sure(plain)
    truths = Truths(plain.fill_null(value=False), plain.fill_null(value=True))
    if POSSIBLE in left.states:
        return _of_labels(left, right, truths, at, negated=negated)
    cases: list[tuple[pl.Expr, Truths]] = [
        (any_of([side.is_in(NOT_IN_FORCE) for side in (left, right)]), NEVER),
        (any_of([side.is_in(MISSING, DOUBTFUL) for side in (left, right)]), Truths(NO, YES)),
        (any_of([side.is_in(NONE) for side in (left, right)]), ALWAYS if negated else NEVER),
    ]
    if RANGE in left.states | right.states:
        over = _over_ranges(op, left, right)
        cases.append((any_of([side.is_in(RANGE) for side in (left, right)]), over.negated() if negated else over))
    elif not {NOT_IN_FORCE, NONE} & (left.states | right.states):
        cases = []
    return _chosen(cases, truths)


def _of_labels(left: Val, right: Val, plain: Truths, at: At, *, negated: bool) -> Truths:
    """A grade compared with a label: what holds for each label that is possible, whichever it is."""
    store = at.view.run.store
    same = {label: (right.value == store.code(label)).fill_null(value=False) for label in left.labels}
    some = any_of([column & same[label] for label, column in left.labels.items()])
    others = any_of([column & ~same[label] for label, column in left.labels.items()])
    possible = Truths(some & ~others, some)
    cases = [
        (right.is_in(NOT_IN_FORCE), NEVER),
        (left.is_in(DOUBTFUL) | ~right.is_in(PLAIN), Truths(NO, YES)),
        (left.is_in(POSSIBLE), possible.negated() if negated else possible),
    ]
    return _chosen(cases, plain)


def _chosen(cases: Sequence[tuple[pl.Expr, Truths]], otherwise: Truths) -> Truths:
    return Truths(
        chosen([(condition, truths.holds) for condition, truths in cases], otherwise.holds),
        chosen([(condition, truths.may) for condition, truths in cases], otherwise.may),
    )


def _tested(op: str, one: pl.Expr, other: pl.Expr, left: Val, right: Val) -> pl.Expr:
    """Plain values compared; quotients exactly, by cross-multiplication."""
    if left.den is not None or right.den is not None:
        one = one.cast(WIDE) * right.denominator.cast(WIDE)
        other = other.cast(WIDE) * left.denominator.cast(WIDE)
    return OPERATORS[op](one, other)


def _over_ranges(op: str, left: Val, right: Val) -> Truths:
    """Holds on the whole range, or may on part of it; an end without limit reaches as far as it must."""
    (low, high), (other_low, other_high) = left.ends, right.ends

    def test(name: str, one: pl.Expr, other: pl.Expr, *, endless: bool) -> pl.Expr:
        return _tested(name, one, other, left, right).fill_null(value=endless)

    if op == "is":
        meet = test("at_most", low, other_high, endless=True) & test("at_least", high, other_low, endless=True)
        return Truths(NO, meet)
    if op in ("at_least", "above"):
        return Truths(test(op, low, other_high, endless=False), test(op, high, other_low, endless=True))
    return Truths(test(op, high, other_low, endless=False), test(op, low, other_high, endless=True))


def _asks_for_person(left: Node, choice: Node) -> bool:
    return left == OperatorField("kind") and choice == Literal(Person.kind)


def _is_person(left: Val, at: At, *, negated: bool) -> Truths:
    found = (left.value == at.view.run.store.code(Person.kind)).fill_null(value=False)
    return sure(~found if negated else found)


def one_of(node: OneOf, at: At) -> Truths:
    """The left side equals one of the choices."""
    left: Val = build(node.left, at)
    others = tuple(choice for choice in node.choices if not _asks_for_person(node.left, choice))
    if len(others) == len(node.choices):
        return _among(left, others, at, negated=node.negated)
    person = _is_person(left, at, negated=False).holds
    yes = NEVER if node.negated else ALWAYS
    if not others:
        return _chosen([(person, yes)], yes.negated())
    return _chosen([(person, yes)], _among(left, others, at, negated=node.negated))


def _among(left: Val, choices: Sequence[Any], at: At, *, negated: bool) -> Truths:  # Any: nodes of values
    rights: list[Val] = [build(choice, at) for choice in choices]
    in_force = [~right.is_in(NOT_IN_FORCE) for right in rights]
    truths = [
        _compared("is", left, evolve(right, states=right.states - {NOT_IN_FORCE}), at, negated=False).masked(valid)
        if NOT_IN_FORCE in right.states
        else _compared("is", left, right, at, negated=False)
        for right, valid in zip(rights, in_force, strict=True)
    ]
    found = either(truths)
    if POSSIBLE in left.states:
        found = _chosen(
            [
                (
                    left.is_in(POSSIBLE) & all_of([right.is_in(PLAIN) for right in rights]),
                    _one_of_labels(left, rights, at),
                )
            ],
            found,
        )
    found = found.negated() if negated else found
    asked = ~left.is_in(NOT_IN_FORCE) if NOT_IN_FORCE in left.states else YES
    if rights and all(NOT_IN_FORCE in right.states for right in rights):
        asked = all_of([asked, any_of(in_force)])
    return found if asked is YES else found.masked(asked)


def _one_of_labels(left: Val, rights: Sequence[Val], at: At) -> Truths:
    """Whether a grade is among labels, whichever of those possible it is."""
    code = at.view.run.store.code
    among = {
        label: any_of([(right.value == code(label)).fill_null(value=False) for right in rights])
        for label in left.labels
    }
    some = any_of([column & among[label] for label, column in left.labels.items()])
    others = any_of([column & ~among[label] for label, column in left.labels.items()])
    return Truths(some & ~others, some)


def set_test(node: SetTest, at: At) -> Truths:
    """`has`, `has_any`, `has_all`, `has_none`, `only` on a set or list."""
    elements: Val = build(node.left, at)
    wanted: list[Val] = [build(value, at) for value in node.right]
    if elements.sort != "list" and elements.states != {NOT_IN_FORCE}:
        raise lacking(f"sets of {elements.sort}")
    tested = _tested_set(node, elements, wanted)
    tested = tested.negated() if node.negated else tested
    in_force = [~value.is_in(NOT_IN_FORCE) for value in wanted]
    cases: list[tuple[pl.Expr, Truths]] = [(elements.is_in(NOT_IN_FORCE), NEVER)]
    if any(NOT_IN_FORCE in value.states for value in wanted):
        lost = ~all_of(in_force) if node.op in ("has", "has_all") else ~any_of(in_force)
        cases.append((lost, NEVER))
    cases.append((elements.is_in(NONE), ALWAYS if node.negated else NEVER))
    cases.append((elements.is_in(MISSING, DOUBTFUL), Truths(NO, YES)))
    return _chosen(cases, tested)


def _tested_set(node: SetTest, elements: Val, wanted: Sequence[Val]) -> Truths:
    plain = [value.is_in(PLAIN) for value in wanted]
    unsure = any_of([value.is_in(MISSING, DOUBTFUL, NONE) for value in wanted])
    found = [_has(elements, value, choice) for value, choice in zip(wanted, node.right, strict=True)]
    if node.op in ("has", "has_all"):
        fits = all_of([~known | one for known, one in zip(plain, found, strict=True)])
        return Truths(fits & ~unsure if unsure is not NO else fits, fits)
    filled = _filled(elements)
    if node.op == "only":
        if not all(isinstance(value, Literal) for value in node.right):
            raise lacking("`only` with values that are not written in the policy")
        return sure(filled & ~_others(elements, wanted, node.right))
    one = any_of([known & each for known, each in zip(plain, found, strict=True)])
    truths = Truths(one, one | (unsure & filled) if unsure is not NO else one)
    return truths if node.op == "has_any" else truths.negated()


def _has(elements: Val, value: Val, choice: Node) -> pl.Expr:
    """Whether a set or list has an element; false where it is not known."""
    if elements.has and isinstance(choice, Literal):
        return elements.has[choice.value].fill_null(value=False) if choice.value in elements.has else NO
    return elements.value.list.contains(value.value.cast(CODE)).fill_null(value=False)


def _filled(elements: Val) -> pl.Expr:
    if elements.has:
        return any_of(column.fill_null(value=False) for column in elements.has.values())
    return (elements.value.list.len() > 0).fill_null(value=False)


def _others(elements: Val, wanted: Sequence[Val], choices: Sequence[Node]) -> pl.Expr:
    """Whether it has anything else than what is written."""
    if elements.has:
        written = {choice.value for choice in choices if isinstance(choice, Literal)}
        others = (column for code, column in elements.has.items() if code not in written)
        return any_of(column.fill_null(value=False) for column in others)
    codes = [value.value for value in wanted]
    return (elements.value.list.set_difference(pl.concat_list(codes)).list.len() > 0).fill_null(value=False)


def known(node: Known, at: At) -> Truths:
    """The value is known; a value not in force is neither known nor unknown."""
    left: Val = build(node.left, at)
    found = left.is_in(PLAIN, NONE)
    found = ~found if node.negated else found
    if NOT_IN_FORCE in left.states:
        found = found & ~left.is_in(NOT_IN_FORCE)
    return sure(found)


def inside(node: Inside, at: At) -> Truths:
    """A region is the given one or lies below it, on the viewpoint's day."""
    code: Val = build(node.left, at)
    region: Val = build(node.region, at)
    regions = at.view.run.store.regions

    def lies(day: date, text: str, wanted: str) -> bool | None:
        if text == wanted:
            return True
        path = regions.climb(text, day)
        return None if path is None else wanted in path

    found = by_regions(at.view, (code, region), lies, pl.Boolean())
    found = ~found if node.negated else found
    plain = Truths(found.fill_null(value=False), found.fill_null(value=True))
    if code.states == region.states == {PLAIN}:
        return plain
    unusual = _compared("is", code, region, at, negated=node.negated)
    return _chosen([(all_of([code.is_in(PLAIN), region.is_in(PLAIN)]), plain)], unusual)


def truth(node: TruthNode, at: At) -> Truths:
    """A yes-or-no value read as a condition."""
    left: Val = build(node.left, at)
    value = ~left.value if node.negated else left.value
    truths = Truths(value.fill_null(value=False), value.fill_null(value=True))
    cases: list[tuple[pl.Expr, Truths]] = [
        (left.is_in(NOT_IN_FORCE), NEVER),
        (left.is_in(NONE), ALWAYS if node.negated else NEVER),
    ]
    return _chosen(cases, truths)


TABLE: dict[type[Node], Make] = {
    Constant: constant,
    All: all_,
    Any_: any_,
    Compare: compare,
    OneOf: one_of,
    SetTest: set_test,
    Known: known,
    Inside: inside,
    TruthNode: truth,
}
