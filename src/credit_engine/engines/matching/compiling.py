"""A plan as rulesets: which conditions are matched, on which facts, and the rules that they become.

Conditions that are asked of the same thing form a group; one flat fact then answers all of them. What would make too
many or too long rules is worked out first, by rules of a lower stratum, and handed over as a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from credit_engine.assessing.scene import Build
from credit_engine.engines.matching.durable_host import MOST_NODES, MOST_PROPERTIES, Condition, Rules
from credit_engine.engines.matching.leaves import Leaf, Values, leaf
from credit_engine.engines.matching.terms import (
    MOST_TERMS,
    MOST_TESTS,
    Both,
    Either,
    Formula,
    Test,
    size,
    terms,
    tests_of,
)
from credit_engine.policy.nodes import All, Any_, Constant, Selector
from credit_engine.policy.nodes import Condition as ConditionNode
from credit_engine.policy.plan import ListRule, Plan, Scale

NEVER = Either(())
ALWAYS = Both(())


@frozen
class Root:
    """A condition that a rule asks: `stratum` and `group` say when and of what."""

    stratum: str
    group: str
    name: str
    node: ConditionNode = field(eq=False)


def roots_of(plan: Plan) -> Iterator[Root]:
    """Every condition that the rules of a plan ask, stratum by stratum, in the order of the policy."""
    for kind, admission in plan.admits.items():
        yield Root("admits", kind, kind, admission.where)
    for rule in plan.score.rules if plan.score is not None else ():
        yield from _looking("score", rule.id, rule.each, when=rule.when)
    for one in plan.lists:
        yield from _of_list(one)
    for scale in plan.scales:
        yield from _of_scale(scale)
    for spread in plan.spread:
        yield from _looking("spread", spread.id, spread.start.each, when=spread.start.when)
    for taking in plan.recognition:
        yield Root("recognition", taking.id, taking.id, taking.when)
    for finding in plan.findings:
        yield from _looking("findings", finding.id, finding.each, when=finding.when)
    for obligation in plan.obligations:
        yield from _looking("obligations", obligation.id, obligation.each)
    for supervision in plan.supervision:
        yield Root("supervision", "day", supervision.id, supervision.when)


def _of_list(one: ListRule) -> Iterator[Root]:
    if one.opens is not None:
        opens = {"when": one.opens.when, "unless": one.opens.unless}
        yield from _looking("lists", one.name, one.opens.each, apart=one.name, **opens)
    if one.repair is not None:
        yield Root("lists", f"{one.name}/repair", f"{one.name}/repair", one.repair.where)
        yield Root("lists", f"{one.name}/repair.when", f"{one.name}/repair.when", one.repair.when)
        for number, row in enumerate(one.repair.rows):
            name = f"{one.name}/repair.row{number}"
            yield Root("lists", f"{one.name}/repair.rows", name, row.condition)


def _of_scale(scale: Scale) -> Iterator[Root]:
    for number, grade in enumerate(scale.rows):
        yield Root("grades", scale.name, f"{scale.name}/row{number}", grade.condition)
    for adjustment in scale.adjust:
        yield Root("grades", f"{scale.name}/{adjustment.id}", f"{scale.name}/{adjustment.id}", adjustment.when)


def _looking(
    stratum: str, name: str, each: Selector | None, apart: str = "", **conditions: ConditionNode
) -> Iterator[Root]:
    """What a rule asks of its events, all rules of one fact; and what it asks of those events only that it means."""
    if each is not None:
        kind = f"{apart}/{each.kind}" if apart else each.kind
        yield Root(stratum, kind, f"{name}/where", each.where)
        if each.item_where is not None:
            yield Root(stratum, f"{kind}.item", f"{name}/item", each.item_where)
    for which, condition in conditions.items():
        yield Root(stratum, f"{name}/{which}", f"{name}/{which}", condition)


@define(eq=False)
class Group:
    """The conditions that one fact answers. `slots` are those of the leaves, then one for each part.

    `parts` are worked out in turn, by `level`; each stands in the slot after the leaves and the parts before it.
    """

    number: int
    stratum: str
    name: str
    roots: list[Root] = field(factory=list)
    leaves: list[Leaf] = field(factory=list)
    formulas: list[Formula] = field(factory=list)
    parts: list[tuple[int, Formula]] = field(factory=list)
    slots: int = 0
    texts: set[int] = field(factory=set)
    _places: dict[ConditionNode, tuple[int, Leaf]] = field(factory=dict)

    def values(self, frame: Any) -> tuple[Values, Values]:  # Any: a Frame, or what stands for one in a proof
        """What the fact holds, with unknown read as false and as true."""
        holds: list[Any] = []  # Any: whole numbers and texts
        may: list[Any] = []  # Any: the same
        for one in self.leaves:
            first, second = one.values(frame)
            holds += first
            may += second
        return tuple(holds), tuple(may)

    def add(self, root: Root, build: Build) -> None:
        """Take in a condition."""
        self.roots.append(root)
        self.formulas.append(self._formula(root.node, build))

    def _formula(self, node: ConditionNode, build: Build) -> Formula:
        if isinstance(node, Constant):
            return ALWAYS if node.holds else NEVER
        if isinstance(node, All | Any_):
            parts = tuple(self._formula(part, build) for part in node.parts)
            return Both(parts) if isinstance(node, All) else Either(parts)
        if node not in self._places:
            made = leaf(node, build)
            self._places[node] = self.slots, made
            self.leaves.append(made)
            self.texts |= {self.slots + test.slot for test in tests_of(made.formula) if isinstance(test.bound, str)}
            self.slots += made.slots
        at, made = self._places[node]
        return _shifted(made.formula, at)

    def fit(self) -> None:
        """Split what is too large, once all leaves have their slots."""
        self.formulas = [self._fitted(formula) for formula in self.formulas]

    def _fitted(self, formula: Formula) -> Formula:
        if isinstance(formula, Test):
            return formula
        parts = [self._fitted(part) for part in formula.parts]
        if isinstance(formula, Either):
            while sum(size(part)[0] for part in parts) > MOST_TERMS and len(parts) > 1:
                first = _until(parts, MOST_TERMS)
                parts = [self._lifted(Either(tuple(parts[:first]))), *parts[first:]]
                if len(parts) == 1:
                    return parts[0]
            return Either(tuple(parts))
        while size(Both(tuple(parts)))[0] > MOST_TERMS or size(Both(tuple(parts)))[1] > MOST_TESTS:
            wide = max(range(len(parts)), key=lambda place: size(parts[place]))
            if size(parts[wide]) > (1, 1):
                parts[wide] = self._lifted(parts[wide])
            else:
                parts = [self._lifted(Both(tuple(parts[:MOST_TESTS]))), *parts[MOST_TESTS:]]
        return Both(tuple(parts))

    def _lifted(self, formula: Formula) -> Test:
        """A part worked out before: its slot is 1 where it holds."""
        level = 1 + max((self._level(test.slot) for test in tests_of(formula)), default=0)
        self.parts.append((level, formula))
        self.slots += 1
        return Test(self.slots - 1, "is", 1)

    def _level(self, slot: int) -> int:
        first = self.slots - len(self.parts)
        return self.parts[slot - first][0] if slot >= first else 0

    def property_of(self, slot: int) -> str:
        """The name of a slot: texts and numbers never share one, whatever the group."""
        return f"{'t' if slot in self.texts else 'p'}{slot}"

    def rules(self, formula: Formula, name: str) -> dict[str, tuple[int, tuple[Condition, ...]]]:
        """The rules that a formula becomes, one for each of its terms."""
        return {
            f"{name}.{number}": (
                self.number,
                tuple((self.property_of(test.slot), test.op, test.bound) for test in term),
            )
            for number, term in enumerate(terms(formula))
        }


def _shifted(formula: Formula, by: int) -> Formula:
    if isinstance(formula, Test):
        return Test(formula.slot + by, formula.op, formula.bound)
    parts = tuple(_shifted(part, by) for part in formula.parts)
    return Both(parts) if isinstance(formula, Both) else Either(parts)


def _until(parts: Sequence[Formula], most: int) -> int:
    """How many parts from the first together have at most so many terms; at least one, and two if any."""
    count = 0
    for place, part in enumerate(parts):
        count += size(part)[0]
        if count > most:
            return max(place, 2)
    return len(parts)


@frozen(eq=False)
class Step:
    """One stratum of a group: the rulesets that its fact is put to, and the properties that each reads, with slots."""

    asks: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    parts: tuple[tuple[str, int], ...] = ()  # the parts found here: name and slot


@frozen(eq=False)
class Compiled:
    """All groups, their rulesets by name, and for each group its steps from the lowest stratum up."""

    groups: tuple[Group, ...]
    rulesets: Mapping[str, Rules]
    steps: Mapping[int, tuple[Step, ...]]


def groups_of(plan: Plan, build: Build) -> tuple[Group, ...]:
    """The groups of a plan, in order; a condition that is written in the policy as always or never is not matched."""
    found: dict[tuple[str, str], Group] = {}
    for root in roots_of(plan):
        if not isinstance(root.node, Constant):
            group = found.setdefault((root.stratum, root.group), Group(len(found) + 1, root.stratum, root.group))
            group.add(root, build)
    for group in found.values():
        group.fit()
    return tuple(found.values())


def compiled(plan: Plan, build: Build) -> Compiled:
    """The rulesets of a plan: one for each stratum, or several where one would be too large."""
    groups = groups_of(plan, build)
    packing = _Packing()
    steps: dict[int, tuple[Step, ...]] = {}
    for group in groups:
        first = group.slots - len(group.parts)
        mine: list[Step] = []
        for level in range(1, 1 + max((level for level, _ in group.parts), default=0)):
            here = [
                (f"part{place}", first + place, formula)
                for place, (at, formula) in enumerate(group.parts)
                if at == level
            ]
            rules = {key: rule for name, _, formula in here for key, rule in group.rules(formula, name).items()}
            asks = packing.put(f"{group.stratum}.parts{level}", rules)
            mine.append(Step(asks, tuple((name, slot) for name, slot, _ in here)))
        rules = {
            key: rule
            for place, formula in enumerate(group.formulas)
            for key, rule in group.rules(formula, f"r{place}").items()
        }
        steps[group.number] = (*mine, Step(packing.put(group.stratum, rules)))
    return Compiled(groups, packing.rulesets, steps)


@define(eq=False)
class _Packing:
    """Rules put into rulesets, each as full as may be."""

    rulesets: dict[str, dict[str, tuple[int, tuple[Condition, ...]]]] = field(factory=dict)
    _open: dict[str, str] = field(factory=dict)
    _nodes: dict[str, int] = field(factory=dict)
    _properties: dict[str, set[str]] = field(factory=dict)

    def put(
        self, stratum: str, rules: Mapping[str, tuple[int, tuple[Condition, ...]]]
    ) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
        """Put rules of a group away; gives the rulesets that now hold them, and the properties that they read."""
        used: dict[str, dict[str, int]] = {}
        for name, (number, conditions) in rules.items():
            ruleset = self._with_room(stratum, len(conditions) + 2, {condition[0] for condition in conditions})
            self.rulesets[ruleset][f"g{number}.{name}"] = (number, conditions)
            read = used.setdefault(ruleset, {})
            read.update({condition[0]: int(condition[0][1:]) for condition in conditions})
        return tuple((ruleset, tuple(read.items())) for ruleset, read in used.items())

    def _with_room(self, stratum: str, nodes: int, properties: set[str]) -> str:
        name = self._open.get(stratum)
        if name is not None:
            full = self._nodes[name] + nodes > MOST_NODES or len(self._properties[name] | properties) > MOST_PROPERTIES
            name = None if full else name
        if name is None:
            count = sum(each.partition("#")[0] == stratum for each in self.rulesets)
            name = stratum if not count else f"{stratum}#{count + 1}"
            self._open[stratum] = name
            self.rulesets[name], self._nodes[name], self._properties[name] = {}, 2, set()
        self._nodes[name] += nodes
        self._properties[name] |= properties
        return name
