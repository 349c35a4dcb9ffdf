"""A decision over the truths of its leaves: its outcome, and which leaves decide it alone (masking MC/DC).

A leaf decides an evaluation when turning only that leaf from holds to fails, or back, turns the outcome likewise. A
leaf has its pair when it held and decided once, and failed and decided once; what other leaves did in the meantime was
masked in both. A leaf that only may hold decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from credit_engine.assessing.unknown import Truth
from credit_engine.policy.nodes import All, Any_, Condition


@frozen
class Tree:
    """The shape of a decision. `leaf`: its number among the leaves; else all (or any) of `parts` must hold.

    A constant has neither leaf nor parts: all of nothing holds, any of nothing does not.
    """

    leaf: int | None = None
    is_all: bool = True
    parts: tuple[Tree, ...] = ()


def tree_of(condition: Condition, leaves: list[Condition]) -> Tree:
    """The shape of a condition; its leaves are added to `leaves` in order."""
    if isinstance(condition, All | Any_):
        return Tree(is_all=isinstance(condition, All), parts=tuple(tree_of(part, leaves) for part in condition.parts))
    holds = getattr(condition, "holds", None)
    if isinstance(holds, bool):
        return Tree(is_all=holds)
    leaves.append(condition)
    return Tree(leaf=len(leaves) - 1)


def outcome(tree: Tree, truths: Sequence[Truth]) -> Truth:
    """What a decision says, by Kleene, of the truths of its leaves."""
    if tree.leaf is not None:
        return truths[tree.leaf]
    found = [outcome(part, truths) for part in tree.parts]
    deciding = not tree.is_all
    if deciding in found:
        return deciding
    return None if None in found else tree.is_all


def deciding(tree: Tree, truths: Sequence[Truth]) -> tuple[int, ...]:
    """The leaves that decide an evaluation alone; none where the outcome is not known."""
    found: list[int] = []
    _decide(tree, truths, found)
    return tuple(sorted(found))


def _decide(tree: Tree, truths: Sequence[Truth], found: list[int]) -> None:
    """Below a part that decides: a leaf does, and of several parts the one that all others leave the say."""
    if tree.leaf is not None:
        if truths[tree.leaf] is not None:
            found.append(tree.leaf)
        return
    says = [outcome(part, truths) for part in tree.parts]
    for place, part in enumerate(tree.parts):
        if all(other is tree.is_all for number, other in enumerate(says) if number != place):
            _decide(part, truths, found)
