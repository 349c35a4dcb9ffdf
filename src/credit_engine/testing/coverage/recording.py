"""A twin of a policy that answers the same and notes what it was asked: every comparison of every whole condition.

Where the plain engine stops at the first comparison that settles a condition, the twin asks all of them; comparisons
only look, so that no answer changes. Notes are taken only while a question is asked (`Recorder.assess`, `.spread`), not
while something is explained or looked for around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from credit_engine.assessing import grading, listing
from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.applying import looks_around
from credit_engine.assessing.assess import assess, own_score
from credit_engine.assessing.effects import Effect, Effects
from credit_engine.assessing.program import TABLE, Earlier, Program
from credit_engine.assessing.scene import Compiled, Frame
from credit_engine.assessing.unknown import Truth, is_plain
from credit_engine.dossiers import Dossier
from credit_engine.policy.load import Policy
from credit_engine.policy.nodes import Condition, Node
from credit_engine.policy.plan import Plan
from credit_engine.testing.case_facts import Case
from credit_engine.testing.cases import run
from credit_engine.testing.coverage.coming import came_about
from credit_engine.testing.coverage.goals import FIRED, PAIR, SIDES, TAKEN, Key
from credit_engine.testing.coverage.mcdc import deciding, outcome
from credit_engine.testing.coverage.pieces import Decision, Leaf, Pieces, TableRow, conditions_within
from credit_engine.testing.question import Question, answers

if TYPE_CHECKING:
    from credit_engine.spreading.network import Network

TRUE_OR_FALSE = {True: f"{PAIR}: holds", False: f"{PAIR}: fails"}


@define(eq=False)
class Recorder:
    """What was reached while questions were asked; `policy` is the twin that notes it.

    `reached`: by key the name of the first test. `near`: by leaf and side the nearest that a value came to a threshold.
    """

    original: Policy
    pieces: Pieces
    policy: Policy = field(init=False)
    reached: dict[Key, str] = field(factory=dict, init=False)
    near: dict[tuple[int, str], tuple[Any, str]] = field(factory=dict, init=False)  # Any: a distance
    test: str = field(default="", init=False)
    active: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        """Make the twin: the same text, its own plan, and a program that takes notes."""
        plan = self.pieces.plan
        self.policy = Policy(plan, self.original.folder, self.original.written)
        self.policy.memo["plain"] = Recording(plan, self)

    def reach(self, key: Key) -> None:
        """Note that something happened."""
        self.reached.setdefault(key, self.test)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Take notes meanwhile."""
        before, self.active = self.active, True
        try:
            yield
        finally:
            self.active = before

    # --- asking -------------------------------------------------------------------------------------------

    def run(self, case: Case) -> list[str]:
        """Run a policy test; what differs from its expectation, as `cases.run` says it."""
        self.test = case.name
        return run(case, lambda: self.policy, self.assess, self.spread)

    def ask(self, question: Question, name: str = "") -> Assessment:
        """Ask a question about the policy; the answer."""
        self.test = name
        with self.asking():
            answer, effects = answers(evolve(question, policy=self.policy))
        self._came_about(answer, effects)
        return answer

    def assess(
        self,
        dossier: Dossier,
        policy: Policy,
        as_of: date,
        known_at: date | None = None,
        effects: Iterable[Effect] = (),
        event: str | None = None,
    ) -> Assessment:
        """The plain engine's `assess`, with notes of it."""
        with self.asking():
            answer = assess(dossier, policy, as_of, known_at, effects, event)
        self._came_about(answer, None)
        return answer

    def spread(
        self,
        network: Network,
        own_answers: Iterable[Assessment],
        policy: Policy,
        as_of: date,
        known_at: date | None = None,
    ) -> Effects:
        """The plain engine's `spread`, with notes of it."""
        from credit_engine.spreading.spread import spread  # noqa: PLC0415  # only these questions need networkx

        with self.asking():
            effects = spread(network, own_answers, policy, as_of, known_at)
        self._came_about(None, effects)
        return effects

    def _came_about(self, answer: Assessment | None, effects: Effects | None) -> None:
        for number, rule in enumerate(self.pieces.rules):
            if ("rule", FIRED, number) not in self.reached and came_about(rule, answer, effects):
                self.reach(("rule", FIRED, number))


class Recording(Program):
    """The plain engine's form of a plan, whose conditions, rows and named values note what comes of them."""

    def __init__(self, plan: Plan, recorder: Recorder) -> None:
        self.recorder = recorder
        pieces = recorder.pieces
        self._decisions = {id(each.node): each for each in pieces.decisions}
        self._parts: dict[int, Decision] = {}
        for each in pieces.decisions:
            self._parts |= {id(part): each for part in conditions_within(each)}
        rows = {row.number: row for row in pieces.rows}
        self._rows = {id(one.node): rows[one.row] for one in pieces.decisions if one.row is not None}
        self._values: dict[int, int] = {}
        self._holding: dict[int, int] = {}
        for number, rule in enumerate(pieces.rules):
            if rule.sort == "value":
                self._values[id(rule.node)] = number
            elif rule.sort == "holds":
                self._holding[id(rule.node)] = number
        self._asked: dict[int, tuple[Frame, int, bool]] = {}  # by table: whose rows, the last one asked, still open
        self._plain: dict[int, Compiled] = {}
        super().__init__(plan, Earlier(own_score, grading.own_grade, listing.on_list))

    def __call__(self, node: Node) -> Any:  # Any: the function of the node's kind
        """The function that computes a node of the plan, and notes what comes of it where tests have a goal."""
        made = self._made.get(id(node))
        if made is not None:
            return made
        if id(node) in self._decisions:
            made = self._made[id(node)] = self._decision(self._decisions[id(node)])
        elif id(node) in self._parts and isinstance(node, Condition):
            made = self._made[id(node)] = self._part(node, self._parts[id(node)])
        elif id(node) in self._values:
            made = self._made[id(node)] = self._value(super().__call__(node), self._values[id(node)])
        else:
            made = super().__call__(node)
        return made

    def _leaf(self, leaf: Leaf) -> Callable[[Frame], Truth]:
        """What a comparison says, with its threshold noted."""
        node = leaf.node
        found = self._plain.get(id(node))
        if found is None:
            found = self._plain[id(node)] = TABLE[type(node)](node, self)
        if not leaf.is_threshold:
            return found
        truth_of, left, right = found, self(node.left), self(node.right)  # type: ignore[attr-defined]  # a Compare
        recorder, number = self.recorder, leaf.number

        def truth(frame: Frame) -> Truth:
            if recorder.active:
                one, other = left(frame), right(frame)
                if is_plain(one) and is_plain(other):
                    _at_threshold(recorder, number, one, other)
            return truth_of(frame)  # type: ignore[no-any-return]  # a condition

        return truth

    def _decision(self, decision: Decision) -> Callable[[Frame], Truth]:
        leaves = tuple(self._leaf(leaf) for leaf in decision.leaves)
        tree, recorder = decision.tree, self.recorder
        numbers = tuple(leaf.number for leaf in decision.leaves)
        row = self._rows.get(id(decision.node))
        holding = self._holding.get(id(decision.node))
        quick = TABLE[type(decision.node)](decision.node, self)

        def truth(frame: Frame) -> Truth:
            if not recorder.active:
                return quick(frame)  # type: ignore[no-any-return]  # a condition
            before = self._asked.get(row.table) if row is not None else None  # rows may ask each other meanwhile
            truths = tuple(leaf(frame) for leaf in leaves)
            whole = outcome(tree, truths)
            if row is None or self._is_asked(row, before, frame, whole):
                for number, one in zip(numbers, truths, strict=True):
                    recorder.reach(("leaf", SIDES[one], number))
                for place in deciding(tree, truths):
                    recorder.reach(("leaf", TRUE_OR_FALSE[truths[place] is True], numbers[place]))
                if holding is not None and whole is True:
                    recorder.reach(("rule", FIRED, holding))
            return whole

        return truth

    def _is_asked(self, row: TableRow, before: tuple[Frame, int, bool] | None, frame: Frame, whole: Truth) -> bool:
        """Whether a row has any say for this frame: no row above it settled the matter. Notes where it is taken."""
        is_first = before is None or before[0] is not frame or before[1] >= row.index
        still_open = True if is_first else before[2] if before is not None else True
        if is_first and row.index > 0 and not self._may_begin(row):
            return False
        self._asked[row.table] = (frame, row.index, still_open and whole is False)
        if still_open and whole is True:
            self.recorder.reach(("row", TAKEN, row.number))
        return still_open

    def _may_begin(self, row: TableRow) -> bool:
        """Whether all rows above may be left out, because what they rest on is not in force."""
        above = [one for one in self.recorder.pieces.rows if one.table == row.table and one.index < row.index]
        return all(one.skips for one in above)

    def _part(self, node: Condition, decision: Decision) -> Callable[[Frame], Truth]:
        """A part of a condition that is asked by itself, of an event without a day.

        Part by part the whole is asked, unless some of it depends on the viewpoint, which such an event lacks; then
        only the sides of the parts count.
        """
        within = {id(part): leaf for leaf, part in ((leaf, leaf.node) for leaf in decision.leaves)}
        if id(node) not in within:
            return TABLE[type(node)](node, self)  # type: ignore[no-any-return]  # a condition; its leaves come here
        leaf = within[id(node)]
        truth_of, recorder = self._leaf(leaf), self.recorder
        is_whole = decision.row is None and not looks_around(decision.node, self.plan)

        def truth(frame: Frame) -> Truth:
            one = truth_of(frame)
            if recorder.active:
                recorder.reach(("leaf", SIDES[one], leaf.number))
                if is_whole:
                    self(decision.node)(frame)
            return one

        return truth

    def _value(self, value_of: Compiled, number: int) -> Compiled:
        recorder = self.recorder

        def value(frame: Frame) -> Any:  # Any: whatever the value is
            found = value_of(frame)
            if recorder.active and is_plain(found):
                recorder.reach(("rule", FIRED, number))
            return found

        return value


def _at_threshold(recorder: Recorder, number: int, one: Any, other: Any) -> None:  # Any: numbers or days
    side = "at" if one == other else "below" if one < other else "above"
    recorder.reach(("leaf", side, number))
    if side == "at":
        return
    apart = abs(one - other)
    nearest = recorder.near.get((number, side))
    if nearest is None or apart < nearest[0]:
        recorder.near[number, side] = (apart, f"{one} against {other}")
