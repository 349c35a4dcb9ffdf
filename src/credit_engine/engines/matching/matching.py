"""Every condition of a rule matched by durable_rules beside the plain engine, and the two compared each time.

Firing sets are kept by the content of the fact: only a fact that has not been seen is put to durable_rules.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from credit_engine.assessing.assess import own_score
from credit_engine.assessing.grading import own_grade
from credit_engine.assessing.listing import on_list
from credit_engine.assessing.program import Earlier, Program
from credit_engine.assessing.scene import Compiled as Function
from credit_engine.assessing.scene import Frame, UndatedFrame
from credit_engine.assessing.unknown import Truth
from credit_engine.engines.matching.compiling import Compiled, Group, compiled
from credit_engine.engines.matching.durable_host import Rulesets
from credit_engine.engines.matching.leaves import Values
from credit_engine.errors import EngineError, Problem
from credit_engine.policy.nodes import Node
from credit_engine.policy.plan import Plan

# The places that hold, and that may; then what their keys are the ids of, kept so that these stay theirs.
Fired = tuple[frozenset[int], frozenset[int], object, object, Frame]
KEPT = 100_000  # firing sets; the oldest go first


class Matcher:
    """The rulesets of a plan, and the firing sets found so far."""

    def __init__(self, made: Compiled) -> None:
        self.made = made
        self._rulesets = Rulesets(made.rulesets)
        self._kept: dict[tuple[int, Values], frozenset[int]] = {}
        self.asked = 0

    def fired(self, group: Group, values: Values) -> frozenset[int]:
        """The places of the group's conditions that hold for the values of its leaves."""
        key = (group.number, values)
        found = self._kept.get(key)
        if found is None:
            found = self._put(group, values)
            if len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = found
        return found

    def _put(self, group: Group, values: Values) -> frozenset[int]:
        fact = [*values, *([0] * len(group.parts))]
        fired: set[str] = set()
        for step in self.made.steps[group.number]:
            fired = set()
            for ruleset, read in step.asks:
                self.asked += 1
                named = {name: fact[slot] for name, slot in read}
                fired |= {rule.split(".")[1] for rule in self._rulesets.match(ruleset, group.number, named)}
            for name, slot in step.parts:
                fact[slot] = int(name in fired)
        return frozenset(int(name[1:]) for name in fired)

    def close(self) -> None:
        """Give all memory back."""
        self._rulesets.close()
        self._kept.clear()


class _Plain:
    """The plain functions of a program, for what durable_rules is handed."""

    def __init__(self, plan: Plan, build: Callable[[Node], Any]) -> None:  # Any: the function of a node
        self.plan = plan
        self._build = build

    def __call__(self, node: Node) -> Any:  # Any: the same
        """The plain function of a node."""
        return self._build(node)


class MatchedProgram(Program):
    """The plain engine's program, whose rules ask durable_rules too, or (without `compare`) it alone."""

    def __init__(self, plan: Plan, *, compare: bool) -> None:
        self._compare = compare
        self._place: dict[int, tuple[Group, int]] = {}
        self._matched: dict[int, Function] = {}
        super().__init__(plan, Earlier(own_score, own_grade, on_list))
        made = compiled(plan, _Plain(plan, super().__call__))
        self._place = {id(root.node): (group, place) for group in made.groups for place, root in enumerate(group.roots)}
        self.matcher = Matcher(made)
        self.admits = {
            kind: type(admits)(self(plan.admits[kind].where), admits.per) for kind, admits in self.admits.items()
        }

    def __call__(self, node: Node) -> Any:  # Any: the function of the node's kind
        """The function that computes a node; of a rule's condition the one that matches it."""
        place = self._place.get(id(node))
        if place is None:
            return super().__call__(node)
        made = self._matched.get(id(node))
        if made is None:
            made = self._matched[id(node)] = self._matching(*place, super().__call__(node))
        return made

    def _matching(self, group: Group, place: int, plain: Function) -> Function:
        durable = self._firing(group, place)
        if not self._compare:
            return durable

        def compared(frame: Frame) -> Truth:
            truth: Truth = plain(frame)
            other = durable(frame)
            if truth is not other:
                raise disagreement(group, place, frame, truth, other)
            return truth

        return compared

    def _firing(self, group: Group, place: int) -> Callable[[Frame], Truth]:
        """What the firing sets of the fact at a viewpoint say of one condition."""
        key_of_group = ("matched", group.number)

        def truth(frame: Frame) -> Truth:
            known = frame.scene.found.get(key_of_group)
            if known is None:
                known = frame.scene.found[key_of_group] = {}
            found = known.get(id(frame))
            if found is None:  # the first condition of the group that is asked at this viewpoint
                found = known[id(frame)] = self._at(group, frame, known)
            return True if place in found[0] else None if place in found[1] else False

        return truth

    def _at(self, group: Group, frame: Frame, known: dict[object, Fired]) -> Fired:
        """What fires at a viewpoint; found once for all frames that stand for the same one."""
        event, item = frame.event, frame.item
        key = (type(frame), id(event), id(item), frame.day, frame.position, frame.law)
        found = known.get(key) if not isinstance(frame, UndatedFrame) else None
        if found is None:
            holds, may = group.values(frame)
            fired = self.matcher.fired(group, holds)
            possible = fired if may == holds else self.matcher.fired(group, may)
            found = known[key] = (fired, possible, event, item, frame)
        return (*found[:4], frame)


def disagreement(group: Group, place: int, frame: object, truth: Truth, other: Truth) -> EngineError:
    """The case on which the two engines differ."""
    root = group.roots[place]
    said: dict[Truth, Literal["holds", "may hold", "does not hold"]]
    said = {True: "holds", None: "may hold", False: "does not hold"}
    event = getattr(getattr(frame, "event", None), "id", None)
    message = (
        f"{root.stratum} {root.name}: the plain engine says that it {said[truth]}, durable_rules that it {said[other]};"
        f" event {event!r}, day {getattr(frame, 'day', None)}, fact {group.values(frame)}"
    )
    hint = 'nothing was changed; go on with matcher="plain", and report this case'
    return EngineError(Problem("engines_disagree", message, hint=hint))
