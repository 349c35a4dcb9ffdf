"""A plan made ready to run: every node turned into a function once, by the table of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from attrs import frozen

from credit_engine.assessing import aggregating, conditions, selecting, spanning, values
from credit_engine.assessing.answer import ParameterRead
from credit_engine.assessing.scene import Compiled, Frame, Scene
from credit_engine.errors import PolicyError, Problem
from credit_engine.policy.nodes import (
    EventField,
    Indicator,
    Node,
    Selector,
    walk,
)
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_basis import Basis, InForce
from credit_engine.quantities import FieldType, decimal_text
from credit_engine.records import Event, kind_fields

TABLE: Mapping[type[Node], Callable[..., Any]] = {  # Any: what a node computes
    **conditions.TABLE,
    **values.TABLE,
    **aggregating.TABLE,
    **selecting.TABLE,
    **spanning.TABLE,
}


@frozen
class Admits:
    """A compiled admission: which events of a kind take part anywhere."""

    where: Compiled
    per: tuple[Compiled, ...]


def _on_this_day(scene: Scene, _name: str) -> date:
    return scene.as_of


class Earlier(NamedTuple):
    """How a condition reads what an earlier step made: the own score, a grade, whether the party is on a list.

    `on_list_until`: the last day up to which that surely stays so; unless told, only the day judged.
    """

    own_score: Callable[[Scene], Any]
    own_grade: Callable[[Scene, str], Any]
    on_list: Callable[[Scene, str], Any]
    on_list_until: Callable[[Scene, str], date] = _on_this_day


class Program:
    """The plain engine's form of a plan. Calling it with a node gives the node's function, made once."""

    def __init__(
        self,
        plan: Plan,
        earlier: Earlier,
    ) -> None:
        self.plan = plan
        self.earlier = earlier
        self._made: dict[int, Compiled] = {}  # by identity
        self._kept: list[Node] = []  # so that no other node gets the id of one that is gone
        self._fields: dict[tuple[str, str], Callable[[Event], Any]] = {}
        self._in_force: dict[Basis, InForce] = {}
        self._together_in_force: dict[tuple[str, ...], InForce] = {}
        self.audience: Compiled = self(plan.audience)
        self.law_changes = _law_changes(plan)
        self.parts: dict[object, Any] = {}  # Any: what a step made of its part of the plan, under the step's own key
        self.admits = {
            kind: Admits(self(rule.where), tuple(self(value) for value in rule.per))
            for kind, rule in plan.admits.items()
        }

    def __call__(self, node: Node) -> Any:  # Any: the function of the node's kind
        """The function that computes a node of the plan."""
        made = self._made.get(id(node))
        if made is None:
            make = TABLE.get(type(node))
            if make is None:
                raise PolicyError(Problem("unsupported", f"the plain engine has no {type(node).__name__}"))
            self._kept.append(node)
            made = self._made[id(node)] = make(node, self)
        return made

    def field(self, kind: str, name: str) -> Callable[[Event], Any]:  # Any: the field's own type
        """How to read a field of an event of this kind, built-in or declared."""
        read = self._fields.get((kind, name))
        if read is None:
            read = attrgetter(name) if name in kind_fields(kind) else _extra_getter(name)
            self._fields[kind, name] = read
        return read

    def asks_of_event(self, indicator: str) -> frozenset[str]:
        """The fields of the asker's event that an indicator compares with (`same`, `at`), itself or through others."""
        key = ("asks", indicator)
        if key not in self.parts:
            nodes = walk(self.plan.indicators[indicator].value)
            named = [self.asks_of_event(node.name) for node in nodes if isinstance(node, Indicator)]
            selectors = [node for node in nodes if isinstance(node, Selector)]
            ours = {
                node.name
                for each in selectors
                for _, value in each.same
                for node in walk(value)
                if isinstance(node, EventField)
            }
            self.parts[key] = frozenset(ours | {each.at for each in selectors if each.at}).union(*named)
        return self.parts[key]  # type: ignore[no-any-return]  # kept under this key by this function only

    def first_of(self, kind: str, names: tuple[str, ...]) -> Callable[[Event], Any]:  # Any: the fields' own type
        """How to read the first of several fields that is present."""
        readers = [self.field(kind, name) for name in names]
        if len(readers) == 1:
            return readers[0]
        return lambda event: next((found for read in readers if (found := read(event)) is not None), None)

    def in_force(self, sources: tuple[str, ...], law: date) -> bool:
        """Whether all of these sources are in force on the law day."""
        days = self._together_in_force.get(sources)
        if days is None:
            days = self._together_in_force[sources] = self.days_in_force(Basis(sources))
        return days.covers(law)

    def rule_in_force(self, basis: Basis, law: date) -> bool:
        """Whether a rule is in force on the law day: by its own days, or while all of its sources are."""
        return self.days_in_force(basis).covers(law)

    def days_in_force(self, basis: Basis) -> InForce:
        """The days on which a rule is in force: its own, else those on which all of its sources are; found once."""
        days = self._in_force.get(basis)
        if days is None:
            each = [self.plan.sources[source].in_force for source in basis.sources]
            first = max((one.from_day for one in each if one.from_day is not None), default=None)
            until = min((one.until for one in each if one.until is not None), default=None)
            days = self._in_force[basis] = basis.own or InForce(first, until)
        return days

    def parameters_read(self, owner: str, names: tuple[str, ...], law: date) -> tuple[ParameterRead, ...]:
        """The parameters that a rule reads, with their value on the law day and since when; made once per law day."""
        if not names:
            return ()
        key = ("parameters", owner, law)
        found: tuple[ParameterRead, ...] | None = self.parts.get(key)
        if found is None:
            found = self.parts[key] = tuple(self.parameter_read(name, law) for name in names)
        return found

    def parameter_read(self, name: str, law: date) -> ParameterRead:
        """What a parameter says on a law day, since when, and on what authority."""
        parameter = self.plan.parameters[name]
        step = next((step for step in reversed(parameter.values) if step.since <= law), None)
        if step is None:
            return ParameterRead(name=name, value="not in force", since=None, source="")
        text = "ended" if step.ended else as_text(step.value, parameter.type_)
        return ParameterRead(name=name, value=text, since=step.since, source=step.source, certainty=step.certainty)


def _law_changes(plan: Plan) -> tuple[date, ...]:
    """The days on which a parameter changes, or a source, rule or row comes into force or leaves it."""
    days = {step.since for parameter in plan.parameters.values() for step in parameter.values}
    in_force = [source.in_force for source in plan.sources.values()]
    in_force += [rule.basis.own for rule in _rules_with_basis(plan) if rule.basis.own]
    days |= {day for one in in_force for day in (one.from_day, one.until) if day}
    return tuple(sorted(days))


def _rules_with_basis(plan: Plan) -> Iterator[Any]:  # Any: rules of every section
    """Every rule that is in force by a basis."""
    if plan.score is not None:
        yield from plan.score.rules
    for scale in plan.scales:
        yield from scale.adjust
    yield from (*plan.findings, *plan.obligations, *plan.supervision, *plan.spread, *plan.recognition)


AUDIENCES = ("public", "department", "inquiry", "internal")


def stricter(*audiences: str) -> str:
    """The strictest of several audiences."""
    return max(audiences, key=AUDIENCES.index)


def audience_of(audience: Compiled, frame: Frame) -> str:
    """Who may see a part: the stricter of its own audience and the policy's. What is not known is internal."""
    program = frame.scene.program
    found = [
        each if isinstance(each, str) else "internal"
        for each in (audience(frame), program.audience(frame.scene.viewpoint))
    ]
    return stricter(*found)


def as_text(value: object, type_: FieldType) -> str:
    """A value of the law as people write it: money in yuan, decimals without their thousandths."""
    if value is None:
        return "unknown"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {as_text(part, type_)}" for key, part in value.items())
    if isinstance(value, int) and type_.name == "money":
        return f"{decimal_text(value * 10)} yuan"
    if isinstance(value, int) and type_.name == "decimal":
        return decimal_text(value)
    return str(value)


def _extra_getter(name: str) -> Callable[[Event], Any]:  # Any: the field's own type
    return lambda event: event.extra.get(name)
