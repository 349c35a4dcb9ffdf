"""The proof at loading: compiled rules against the plain engine's own conditions, on facts made from every threshold.

The same conditions are compiled a second time, by both engines, over values that are given instead of computed: the
threshold, one below, one above, between; each code asked for, another one, none; and everything that is not plain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

from credit_engine.assessing import conditions
from credit_engine.assessing.unknown import DOUBTFUL, NONE, NOT_IN_FORCE, Possible, Range, Truth
from credit_engine.engines.matching.compiling import Group, groups_of
from credit_engine.engines.matching.leaves import leaf
from credit_engine.engines.matching.matching import Matcher, disagreement
from credit_engine.errors import PolicyError
from credit_engine.policy.nodes import (
    All,
    Any_,
    Compare,
    Condition,
    Constant,
    GradeRank,
    Literal,
    Node,
    OneOf,
    SetTest,
    Value,
)
from credit_engine.policy.nodes import Truth as TruthNode
from credit_engine.policy.plan import Plan

Given = Mapping[Node, Any]  # what stands for each value, and for each truth that the library works out
OTHER = "another one"
SPECIAL = (None, DOUBTFUL, NOT_IN_FORCE, NONE)
MOST_WAYS = 24
MOST_COMPARISONS = 150_000  # of one group
LEAST_FACTS = 4  # of one condition, however many there are
DAY = timedelta(days=1)
_NOTHING: Callable[[Any], Any] = lambda _frame: None  # noqa: E731  # Any: a function of whatever is given


class GivenFrame:
    """A viewpoint whose values are given."""

    def __init__(self, values: Given) -> None:
        self.values = values


class GivenBuild:
    """Builds conditions by the plain engine's own table, over given values."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def __call__(self, node: Node) -> Any:  # Any: what the node's kind computes
        """The function of a node."""
        if isinstance(node, Literal):
            value = node.value
            return lambda _frame: value
        if isinstance(node, Value) or is_told(node):
            return lambda frame: frame.values[node]
        return conditions.TABLE[type(node)](node, self)


def is_told(node: Node) -> bool:
    """Whether the library works out the truth of a leaf itself, and hands it over."""
    if not isinstance(node, Condition) or isinstance(node, All | Any_ | Constant):
        return False
    return leaf(node, lambda _node: _NOTHING).left is None  # type: ignore[arg-type]  # only asked what it is made of


def prove(plan: Plan, matcher: Matcher) -> int:
    """Compare both engines on boundary facts; gives how many. Raises `PolicyError` (`engines_disagree`)."""
    build = GivenBuild(plan)
    count = 0
    for ours, theirs in zip(groups_of(plan, build), matcher.made.groups, strict=True):
        plain = [build(root.node) for root in ours.roots]
        for values in facts_of(ours, build):
            frame = GivenFrame(values)
            holds, may = ours.values(frame)
            fired, possible = matcher.fired(theirs, holds), matcher.fired(theirs, may)
            for place, condition in enumerate(plain):
                truth: Truth = condition(frame)
                other = True if place in fired else None if place in possible else False
                if truth is not other:
                    error = disagreement(ours, place, frame, truth, other)
                    raise PolicyError(error.problems)
            count += 1
    return count


def facts_of(group: Group, build: GivenBuild) -> Iterator[Given]:
    """The boundary facts of a group: each condition made to hold in each of its ways, then each value of it varied.

    The conditions take turns; of a very large group each has at least its thresholds and their neighbours.
    """
    domains = domains_of([leaf for root in group.roots for leaf in leaves_of(root.node)])
    usual = {node: values[0] for node, values in domains.items()}
    yield usual
    most = max(MOST_COMPARISONS // len(group.roots), LEAST_FACTS * len(group.roots))
    waiting = [_varied(root.node, domains, usual, build) for root in group.roots]
    while waiting and most > 0:
        again = []
        for facts in waiting:
            fact = next(facts, None)
            if fact is not None:
                yield fact
                most -= 1
                again.append(facts)
        waiting = again


def _varied(
    condition: Condition, domains: Mapping[Node, list[Any]], usual: Given, build: GivenBuild
) -> Iterator[Given]:
    """The facts of one condition, its own thresholds first; what it compares with no literal is as for the others."""
    own = _plain_of(leaves_of(condition))
    values = {node: _all_of(node, plain) if plain else domains[node] for node, plain in own.items()}
    for way in _ways(condition, values, build):
        for node, each in values.items():
            for value in each:
                yield {**usual, **way, node: value}


def leaves_of(node: Condition) -> list[Condition]:
    """The leaves of a condition, in order."""
    if isinstance(node, All | Any_):
        return [leaf for part in node.parts for leaf in leaves_of(part)]
    return [] if isinstance(node, Constant) else [node]


def inputs_of(node: Condition) -> list[Node]:
    """What a leaf reads: its values, or itself where its truth is handed over."""
    if is_told(node):
        return [node]
    values: list[Node] = [node.left]  # type: ignore[attr-defined]  # every other leaf has a left side
    if isinstance(node, Compare) and not isinstance(node.right, Literal):
        values.append(node.right)
    return [value for value in values if not isinstance(value, Literal)]


def _ways(node: Condition, domains: Mapping[Node, list[Any]], build: GivenBuild) -> list[dict[Node, Any]]:
    """Values under which a condition holds, one set for each of its ways; not all of them need succeed."""
    if isinstance(node, Constant):
        return [{}] if node.holds else []
    if isinstance(node, Any_):
        return [way for part in node.parts for way in _ways(part, domains, build)][:MOST_WAYS]
    if isinstance(node, All):
        each = [_ways(part, domains, build)[:MOST_WAYS] or [{}] for part in node.parts]
        merged: list[dict[Node, Any]] = []
        for chosen, _ in zip(product(*each), range(MOST_WAYS), strict=False):
            merged.append({key: value for way in chosen for key, value in way.items()})
        return merged
    inputs, holds = inputs_of(node), build(node)
    for values in product(*(domains[each] for each in inputs)):
        given = dict(zip(inputs, values, strict=True))
        if holds(GivenFrame(given)) is True:
            return [given]
    return []


# --- what values there are ------------------------------------------------------------------------------------


def domains_of(leaves: Iterable[Condition]) -> dict[Node, list[Any]]:
    """For each value that leaves read what it can be: plain values on and beside every bound, then the others."""
    return {node: _all_of(node, plain or {0: None}) for node, plain in _plain_of(leaves).items()}


def _all_of(node: Node, plain: Mapping[Any, None]) -> list[Any]:
    """The plain values, then those beside them and those that are not known; of a truth handed over all three."""
    return list(plain) if is_told(node) else [*plain, *_beside(plain), *SPECIAL]


def _plain_of(leaves: Iterable[Condition]) -> dict[Node, dict[Any, None]]:
    """The plain values; none where a leaf compares with nothing that the policy says."""
    found: dict[Node, dict[Any, None]] = {}
    between: list[tuple[Node, Node]] = []
    for node in leaves:
        inputs = inputs_of(node)
        bounds = dict.fromkeys((True, False, None) if is_told(node) else _bounds(node))
        for each in inputs:
            found.setdefault(each, {}).update(bounds)
        if len(inputs) > 1:
            between.append((inputs[0], inputs[1]))
    for _ in between:  # compared with each other, so of one sort, however long the chain
        for one, other in between:
            found[one] = found[other] = {**found[one], **found[other]}
    return found


def _bounds(node: Condition) -> Iterator[Any]:
    """Plain values on and beside the bounds of one leaf."""
    if isinstance(node, Compare) and isinstance(node.right, Literal):
        yield from _around(node.right.value)
    elif isinstance(node, OneOf):
        for choice in node.choices:
            if isinstance(choice, Literal):
                yield from _around(choice.value)
    elif isinstance(node, SetTest):
        codes = [each.value for each in node.right if isinstance(each, Literal)]
        yield from (frozenset(), frozenset(codes), frozenset((*codes, OTHER)), frozenset({OTHER}))
        for code in codes:
            yield from (frozenset({code}), frozenset({code, OTHER}), frozenset(codes) - {code})
    elif isinstance(node, GradeRank):
        yield from (*node.order, OTHER)
    elif isinstance(node, TruthNode):
        yield from (True, False)


def _around(bound: Any) -> Iterator[Any]:  # Any: a literal; values of its type
    if isinstance(bound, str):
        yield from (bound, OTHER)
    elif type(bound) is date:
        yield from (bound, *(bound + DAY * step for step in (-1, 1) if date.min < bound < date.max))
    elif isinstance(bound, int | Fraction) and not isinstance(bound, bool):
        yield from (bound, bound - 1, bound + 1, bound + Fraction(1, 2), bound - Fraction(1, 3), 2**60, -(2**60))
    else:
        yield bound


def _beside(plain: Mapping[Any, None]) -> Iterator[Any]:
    """What is known in part only: numbers between two bounds, one of several labels."""
    numbers = sorted(each for each in plain if isinstance(each, int) and not isinstance(each, bool))
    for low, high in pairwise(numbers):
        yield from (Range(low, high), Range(None, low), Range(high, None))
    texts = [each for each in plain if isinstance(each, str)]
    if len(texts) > 1:
        yield from (Possible((texts[0], texts[-1])), Possible(tuple(texts)))
