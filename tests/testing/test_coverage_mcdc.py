"""Which comparison decides a condition alone, beside a definition that tries everything."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from credit_engine.assessing.unknown import Truth
from credit_engine.testing.coverage.mcdc import Tree, deciding, outcome

TRUTHS = (True, False, None)


def _shape(draw: st.DrawFn, depth: int, leaves: list[int]) -> Tree:
    if depth == 0 or draw(st.integers(0, 2)) == 0:
        leaves.append(len(leaves))
        return Tree(leaf=leaves[-1])
    parts = tuple(_shape(draw, depth - 1, leaves) for _ in range(draw(st.integers(1, 3))))
    return Tree(is_all=draw(st.booleans()), parts=parts)


@st.composite
def evaluated(draw: st.DrawFn) -> tuple[Tree, int, list[tuple[Truth, ...]]]:
    """A decision, how many leaves it has, and several evaluations of it."""
    leaves: list[int] = []
    tree = _shape(draw, 3, leaves)
    one = st.tuples(*(st.sampled_from(TRUTHS) for _ in leaves))
    return tree, len(leaves), draw(st.lists(one, max_size=8))


def _by_kleene(tree: Tree, truths: Sequence[Truth]) -> Truth:
    """What holds whatever the unknown leaves are, by trying all of them: leaves stand once, so that this is Kleene."""
    unknown = [place for place, truth in enumerate(truths) if truth is None]
    found = set()
    for guess in product((True, False), repeat=len(unknown)):
        known = list(truths)
        for place, truth in zip(unknown, guess, strict=True):
            known[place] = truth
        found.add(_plain(tree, known))
    return found.pop() if len(found) == 1 else None


def _plain(tree: Tree, truths: Sequence[Truth]) -> bool:
    if tree.leaf is not None:
        return bool(truths[tree.leaf])
    parts = [_plain(part, truths) for part in tree.parts]
    return all(parts) if tree.is_all else any(parts)


def _turned(truths: tuple[Truth, ...], leaf: int) -> tuple[Truth, ...]:
    return (*truths[:leaf], not truths[leaf], *truths[leaf + 1 :])


def _has_pair(tree: Tree, leaf: int, evaluations: Sequence[tuple[Truth, ...]]) -> bool:
    """Two evaluations in which the leaf differs, the outcome differs, and in each it is the leaf alone that turns it."""
    return any(
        one[leaf] is True
        and other[leaf] is False
        and _by_kleene(tree, one) is True
        and _by_kleene(tree, other) is False
        and _by_kleene(tree, _turned(one, leaf)) is False
        and _by_kleene(tree, _turned(other, leaf)) is True
        for one, other in product(evaluations, repeat=2)
    )


@given(evaluated())
def test_the_outcome_is_that_of_every_guess_at_the_unknown(drawn: tuple[Tree, int, list[tuple[Truth, ...]]]) -> None:
    tree, _, evaluations = drawn
    for truths in evaluations:
        assert outcome(tree, truths) is _by_kleene(tree, truths)


@given(evaluated())
def test_a_leaf_decides_where_turning_it_alone_turns_the_outcome(
    drawn: tuple[Tree, int, list[tuple[Truth, ...]]],
) -> None:
    tree, number, evaluations = drawn
    for truths in evaluations:
        alone = {
            leaf
            for leaf in range(number)
            if truths[leaf] is not None
            and _by_kleene(tree, truths) is not None
            and _by_kleene(tree, _turned(truths, leaf)) is (not _by_kleene(tree, truths))
        }
        assert set(deciding(tree, truths)) == alone


@given(evaluated())
def test_both_halves_of_a_pair_are_there_exactly_where_there_is_a_pair(
    drawn: tuple[Tree, int, list[tuple[Truth, ...]]],
) -> None:
    tree, number, evaluations = drawn
    for leaf in range(number):
        halves = {truths[leaf] for truths in evaluations if leaf in deciding(tree, truths)}
        assert (halves == {True, False}) is _has_pair(tree, leaf, evaluations)


def test_of_two_that_both_hold_in_an_any_neither_decides() -> None:
    either = Tree(is_all=False, parts=(Tree(leaf=0), Tree(leaf=1)))
    assert deciding(either, (True, True)) == ()
    assert deciding(either, (True, False)) == (0,)
    assert deciding(either, (False, False)) == (0, 1)
    assert deciding(either, (True, None)) == ()
    assert deciding(either, (False, None)) == ()
