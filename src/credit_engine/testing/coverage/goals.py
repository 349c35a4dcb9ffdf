"""The goals of a policy: everything that its tests should have made happen once, and what can never happen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from credit_engine.errors import Place
from credit_engine.policy.load import Policy
from credit_engine.policy.nodes import Compare
from credit_engine.testing.coverage.impossible import impossible
from credit_engine.testing.coverage.pieces import Leaf, Pieces, pieces_of
from credit_engine.testing.coverage.settled import guards, settled_above

SIDES = {True: "holds", None: "only_may_hold", False: "neither"}
PAIR = "decides_alone"
THRESHOLD = ("below", "at", "above")
FIRED = "fired"
TAKEN = "taken"

SORTS = ("rules", "rows", "conditions", "thresholds")

Key = tuple[str, str, int]
"""Sort of piece (`rule`, `row`, `leaf`), what is wanted of it, and its number among the pieces of its sort."""


@frozen
class Goal:
    """One thing that a test should have made happen. `impossible`: why nothing can, by how the policy is made."""

    key: Key
    place: Place
    owner: str
    words: str
    impossible: str = ""

    @property
    def want(self) -> str:
        """What should happen: a side, `decides_alone`, below, at or above, fired, taken."""
        return self.key[1]

    @property
    def sort(self) -> str:
        """What it counts among: rules, rows, conditions (sides and pairs) or thresholds."""
        if self.key[0] == "rule":
            return "rules"
        if self.key[0] == "row":
            return "rows"
        return "thresholds" if self.want in THRESHOLD else "conditions"

    @property
    def sentence(self) -> str:
        """`fine at_least 50000: never only may hold`."""
        return f"{self.words}: {_NEVER.get(self.want, f'never {self.want}'.replace('_', ' '))}"


_NEVER = {
    "holds": "never holds",
    "neither": "never fails",
    PAIR: "never decides alone",
    FIRED: "never comes about",
    TAKEN: "never taken",
}


def goals_of(policy: Policy) -> tuple[Pieces, tuple[Goal, ...]]:
    """The pieces of a policy and all its goals, impossible ones among them, in the order of the plan."""
    pieces = pieces_of(policy)
    return pieces, tuple(_goals(pieces))


def _goals(pieces: Pieces) -> Iterator[Goal]:
    for number, rule in enumerate(pieces.rules):
        yield Goal(("rule", FIRED, number), rule.place, rule.owner, rule.owner, impossible(pieces.plan, rule, FIRED))
    for row in pieces.rows:
        yield Goal(("row", TAKEN, row.number), row.place, row.owner, f"{row.owner} {row.words}")
    settled, guarding = settled_above(pieces), guards(pieces)
    for leaf in pieces.leaves:
        beside = {}
        if leaf.number in settled:
            beside["only_may_hold"] = "where it is missing, a row above ends the matter"
        if leaf.number in guarding:
            beside[PAIR] = "where it is not known, what is asked beside it is open"
        yield from _of_leaf(pieces, leaf, beside)


def _of_leaf(pieces: Pieces, leaf: Leaf, beside: Mapping[str, str]) -> Iterator[Goal]:
    wants = [*SIDES.values(), PAIR]
    if leaf.is_threshold and isinstance(leaf.node, Compare):
        wants += THRESHOLD
    for want in wants:
        why = impossible(pieces.plan, leaf, want) or beside.get(want, "")
        yield Goal(("leaf", want, leaf.number), leaf.place, leaf.owner, leaf.words, why)
