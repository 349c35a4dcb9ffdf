"""Conditions: each node becomes a function from a viewpoint to `True` (holds), `None` (only may hold) or `False`.

A comparison with a value that is not in force is false, negated or not.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from attrs import evolve

from credit_engine.assessing.scene import Build, Compiled, Frame
from credit_engine.assessing.unknown import NONE, NOT_IN_FORCE, Possible, Range, Special, Truth, is_plain, opposite
from credit_engine.policy.nodes import (
    All,
    Any_,
    Compare,
    Constant,
    GradeRank,
    Inside,
    Known,
    Literal,
    Node,
    OneOf,
    OperatorField,
    SetTest,
)
from credit_engine.policy.nodes import (
    Truth as TruthNode,
)
from credit_engine.records import Person

Test = Callable[[Frame], Truth]

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "is": operator.eq,
    "at_least": operator.ge,
    "above": operator.gt,
    "at_most": operator.le,
    "below": operator.lt,
}


def constant(node: Constant, _build: Build) -> Test:
    """Always or never."""
    truth = node.holds
    return lambda _frame: truth


def all_(node: All, build: Build) -> Test:
    """Every part holds."""
    return conjunction(tuple(build(part) for part in node.parts))


def conjunction(parts: tuple[Test, ...]) -> Test:
    """Whether several conditions all hold."""

    def holds(frame: Frame) -> Truth:
        result: Truth = True
        for part in parts:
            truth = part(frame)
            if truth is False:
                return False
            if truth is None:
                result = None
        return result

    return parts[0] if len(parts) == 1 else holds


def any_(node: Any_, build: Build) -> Test:
    """At least one part holds."""
    parts = tuple(build(part) for part in node.parts)

    def holds(frame: Frame) -> Truth:
        result: Truth = False
        for part in parts:
            truth = part(frame)
            if truth is True:
                return True
            if truth is None:
                result = None
        return result

    return parts[0] if len(parts) == 1 else holds


def compare(node: Compare, build: Build) -> Test:
    """`left op right`; over a range it holds if it does on the whole range."""
    left = build(node.left)
    test, name, negated = OPERATORS[node.op], node.op, node.negated
    if isinstance(node.right, Literal) and name == "is" and _asks_for_person(node.left, node.right):
        return _is_person(left, negated=negated)
    if isinstance(node.right, Literal):
        constant_right = node.right.value
        plain = type(constant_right)

        def against(frame: Frame) -> Truth:
            value = left(frame)
            if type(value) is plain:  # nearly always
                return test(value, constant_right) is not negated
            if value is None:
                return None
            if isinstance(value, Special):
                return _unusual(name, value, constant_right, negated=negated)
            return test(value, constant_right) is not negated

        return against
    right = build(node.right)

    def holds(frame: Frame) -> Truth:
        one, other = left(frame), right(frame)
        if type(one) is type(other) is int or (is_plain(one) and is_plain(other)):
            return test(one, other) is not negated
        return _unusual(name, one, other, negated=negated)

    return holds


def _asks_for_person(left: Node, choice: Node) -> bool:
    """Whether `operator.kind` is compared with `person`."""
    return left == OperatorField("kind") and choice == Literal(Person.kind)


def _is_person(left: Compiled, *, negated: bool) -> Test:
    """Whether the party is a person: never one that stands among the operators, also where its kind is not known."""
    return lambda frame: (left(frame) == Person.kind) is not negated


def _unusual(name: str, one: Any, other: Any, *, negated: bool) -> Truth:  # Any: at least one of them is not plain
    """A comparison in which a side is missing, doubtful, not in force, none, a range or one of several labels."""
    if isinstance(one, Possible) and is_plain(other):
        return _of_each(tuple(OPERATORS[name](label, other) for label in one.labels), negated=negated)
    if one is NOT_IN_FORCE or other is NOT_IN_FORCE:
        return False
    if any(
        side is None or (isinstance(side, Special) and side is not NONE and not isinstance(side, Range))
        for side in (one, other)
    ):
        return None
    if one is NONE or other is NONE:
        return negated
    truth = _over_ranges(name, one, other)
    return opposite(truth) if negated else truth


def _of_each(truths: tuple[bool, ...], *, negated: bool) -> Truth:
    """What holds for one of several labels, whichever it is."""
    truth = True if all(truths) else None if any(truths) else False
    return opposite(truth) if negated else truth


def _over_ranges(name: str, one: Any, other: Any) -> Truth:  # Any: numbers or ranges
    """`True` on the whole, `False` nowhere, `None` on part of the range."""
    low, high = _ends(one)
    other_low, other_high = _ends(other)
    if name == "is":
        return None if low <= other_high and other_low <= high else False
    test = OPERATORS[name]
    if name in ("at_least", "above"):
        return True if test(low, other_high) else None if test(high, other_low) else False
    return True if test(high, other_low) else None if test(low, other_high) else False


_ENDLESS = float("inf")  # only ever compared with, never calculated


def _ends(value: Any) -> tuple[Any, Any]:  # Any: a number or range
    if not isinstance(value, Range):
        return value, value
    return -_ENDLESS if value.low is None else value.low, _ENDLESS if value.high is None else value.high


def one_of(node: OneOf, build: Build) -> Test:
    """The left side equals one of the choices."""
    left = build(node.left)
    negated = node.negated
    if any(_asks_for_person(node.left, choice) for choice in node.choices):
        others = tuple(choice for choice in node.choices if not _asks_for_person(node.left, choice))
        person = _is_person(left, negated=negated)
        rest = build(evolve(node, choices=others)) if others else None

        def is_person_or(frame: Frame) -> Truth:
            truth = person(frame)
            return truth if rest is None or truth is not negated else rest(frame)

        return is_person_or
    choices = tuple(build(choice) for choice in node.choices)
    plain = frozenset(choice.value for choice in node.choices if isinstance(choice, Literal))
    if len(plain) == len(set(node.choices)):

        def among(frame: Frame) -> Truth:
            value = left(frame)
            if is_plain(value):
                return (value in plain) is not negated
            return _among(value, plain, negated=negated)

        return among

    def holds(frame: Frame) -> Truth:
        return _among(left(frame), [choice(frame) for choice in choices], negated=negated)

    return holds


def _among(value: Any, choices: Any, *, negated: bool) -> Truth:  # Any: values of the field's own type
    """`any` over the choices that are in force; with none in force the comparison is false."""
    if isinstance(value, Possible) and all(is_plain(choice) for choice in choices):
        return _of_each(tuple(label in choices for label in value.labels), negated=negated)
    truths = [_equal(value, choice) for choice in choices if choice is not NOT_IN_FORCE]
    if value is NOT_IN_FORCE or (choices and not truths):
        return False
    truth: Truth = True if True in truths else None if None in truths else False
    return opposite(truth) if negated else truth


def _equal(one: Any, other: Any) -> Truth:  # Any: values of the field's own type
    if is_plain(one) and is_plain(other):
        return bool(one == other)
    return _unusual("is", one, other, negated=False)


def set_test(node: SetTest, build: Build) -> Test:
    """`has`, `has_any`, `has_all`, `has_none`, `only` on a set or list."""
    left = build(node.left)
    right = tuple(build(value) for value in node.right)
    name, negated = node.op, node.negated
    if all(isinstance(value, Literal) for value in node.right):
        return _set_test_of_literals(node, left)

    def holds(frame: Frame) -> Truth:
        elements = left(frame)
        wanted = [value for value in (read(frame) for read in right) if value is not NOT_IN_FORCE]
        if elements is NOT_IN_FORCE or (len(wanted) < len(right) and (not wanted or name in ("has", "has_all"))):
            return False
        if elements is NONE:
            return negated
        if not is_plain(elements):
            return None
        truth = _test_set(name, elements, wanted)
        return opposite(truth) if negated else truth

    return holds


def _set_test_of_literals(node: SetTest, left: Compiled) -> Test:
    """The same where what is asked for is written in the policy, which is nearly always."""
    wanted = frozenset(value.value for value in node.right if isinstance(value, Literal))
    test, negated = _SET_TESTS[node.op], node.negated

    def holds(frame: Frame) -> Truth:
        elements = left(frame)
        if elements is None:
            return None
        if isinstance(elements, Special):
            return False if elements is NOT_IN_FORCE else negated if elements is NONE else None
        return test(wanted, elements) is not negated

    return holds


_SET_TESTS: dict[str, Callable[[frozenset[Any], Any], bool]] = {  # Any: codes; a set or tuple of codes
    "has": frozenset.issubset,
    "has_all": frozenset.issubset,
    "has_any": lambda wanted, elements: not wanted.isdisjoint(elements),
    "has_none": frozenset.isdisjoint,
    "only": lambda wanted, elements: bool(elements) and wanted.issuperset(elements),
}


def _test_set(
    name: str, elements: Any, wanted: list[Any]
) -> Truth:  # Any: a set or tuple, and values like its elements
    known = [value for value in wanted if is_plain(value)]
    unsure = len(known) < len(wanted)
    if name in ("has", "has_all"):
        return False if any(value not in elements for value in known) else None if unsure else True
    if name == "only":
        if not elements:
            return False
        return True if all(element in known for element in elements) else None if unsure else False
    found: Truth = True if any(value in elements for value in known) else None if unsure and elements else False
    return found if name == "has_any" else opposite(found)


def known(node: Known, build: Build) -> Test:
    """The value is known; a value not in force is neither known nor unknown."""
    left = build(node.left)
    negated = node.negated

    def holds(frame: Frame) -> Truth:
        value = left(frame)
        if value is NOT_IN_FORCE:
            return False
        return (is_plain(value) or value is NONE) is not negated

    return holds


def inside(node: Inside, build: Build) -> Test:
    """A region is the given one or lies below it, on the viewpoint's day."""
    left, right = build(node.left), build(node.region)
    negated = node.negated

    def holds(frame: Frame) -> Truth:
        code, region = left(frame), right(frame)
        if not (is_plain(code) and is_plain(region)):
            return _unusual("is", code, region, negated=negated)
        if code == region:
            return not negated
        path = frame.scene.dossier.regions.climb(code, frame.day)
        return None if path is None else (region in path) is not negated

    return holds


def truth(node: TruthNode, build: Build) -> Test:
    """A yes-or-no value read as a condition."""
    left = build(node.left)
    negated = node.negated

    def holds(frame: Frame) -> Truth:
        value = left(frame)
        if value is True or value is False:
            return value is not negated
        return _unusual("is", value, value, negated=negated)

    return holds


def grade_rank(node: GradeRank, build: Build) -> Test:
    """`at_best: C` is C or worse, `at_worst: C` is C or better; a label without rank is neither."""
    left = build(node.left)
    rank = {label: place for place, label in enumerate(node.order)}
    bound, negated = rank[node.label], node.negated
    test = operator.ge if node.op == "at_best" else operator.le

    def holds(frame: Frame) -> Truth:
        label = left(frame)
        if isinstance(label, Possible) and all(each in rank for each in label.labels):
            return _of_each(tuple(test(rank[each], bound) for each in label.labels), negated=negated)
        if not is_plain(label):
            return _unusual("is", label, label, negated=negated)
        if label not in rank:
            return False
        return test(rank[label], bound) is not negated

    return holds


TABLE: dict[type[Node], Callable[[Any, Build], Test]] = {  # Any: each function takes its own node
    Constant: constant,
    All: all_,
    Any_: any_,
    Compare: compare,
    OneOf: one_of,
    SetTest: set_test,
    Known: known,
    Inside: inside,
    TruthNode: truth,
    GradeRank: grade_rank,
}
