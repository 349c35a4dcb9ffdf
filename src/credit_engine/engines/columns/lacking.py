"""What of a plan this engine does not compute, each with the place of the rule that asks for it.

It decides who answers: where a score, a grade or an indicator asks for such a thing the plain engine answers
everybody, where only a rule of another section does it answers those whom that rule may concern (`routing`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from attrs import evolve

from credit_engine.engines.columns.view import reached
from credit_engine.errors import Place, Problem
from credit_engine.policy.nodes import (
    Aggregate,
    Compare,
    DecisionField,
    ElementAggregate,
    EntryField,
    EventField,
    GradeRank,
    Item,
    Known,
    Literal,
    LookUp,
    Node,
    OneOf,
    OperatorField,
    OwnGrade,
    OwnScore,
    Parameter,
    Selector,
    SetTest,
    SpanRow,
    Value,
    children,
    walk,
)
from credit_engine.policy.plan import Plan, Scale
from credit_engine.quantities import FieldType

# Kinds of node that the table of the engine lacks.
UNSUPPORTED: frozenset[type[Node]] = frozenset({DecisionField, EntryField})


def lacking_for_all(plan: Plan) -> tuple[Problem, ...]:
    """What indicators, score, grades and the audience of a plan ask for and this engine lacks; none of most plans."""
    return tuple(dict.fromkeys(_problems(plan)))


def lacking_in(plan: Plan, piece: object, place: Place, kind: str = "") -> tuple[Problem, ...]:
    """What one piece of a plan asks for and this engine lacks; `kind` is that of the event at hand, if there is one."""
    return tuple(dict.fromkeys(_of_piece(plan, piece, place, kind)))


def told(problem: Problem) -> str:
    """A problem as a manifest tells it: the place without the folders around its file, which differ by machine."""
    place = evolve(problem.place, file=PurePath(problem.place.file).name)
    return f"{place}: {problem.message}" if problem.place.file else problem.message


def _problem(what: str, place: Place) -> Problem:
    return Problem("unsupported", f"the columns engine has no {what} yet", place, "use the plain engine")


def _problems(plan: Plan) -> Iterator[Problem]:
    for named in plan.indicators.values():
        yield from _of_piece(plan, named.value, named.place)
    for (kind, _), value in plan.computed.items():
        yield from _of_piece(plan, value, plan.place, kind)
    for admission in plan.admits.values():
        yield from _of_piece(plan, admission, plan.place, admission.kind)
        yield from _of_per(admission.per, plan.place)
    yield from _of_piece(plan, plan.audience, plan.place)
    for scale in plan.scales:
        yield from _of_scale(plan, scale)
    for rule in plan.score.rules if plan.score is not None else ():
        kind = rule.each.kind if rule.each is not None else ""
        yield from _of_piece(plan, (rule.each, rule.when, rule.points, rule.counts), rule.place, kind)


def _of_scale(plan: Plan, scale: Scale) -> Iterator[Problem]:
    for row in scale.rows:
        yield from _of_piece(plan, row, scale.place)
    for adjustment in scale.adjust:
        if isinstance(adjustment.value, OwnGrade):
            yield _problem("grades as values, other than compared with labels", adjustment.place)
        if adjustment.kind.endswith("_by") and not isinstance(adjustment.value, Literal | Parameter):
            yield _problem(f"`{adjustment.kind}` of a computed value", adjustment.place)
        yield from _of_piece(plan, (adjustment.when, adjustment.value), adjustment.place)


def _of_piece(plan: Plan, piece: object, place: Place, kind: str = "") -> Iterator[Problem]:
    """What a piece asks for; `kind` is that of the event at hand outside its selectors."""
    for node in walk(piece):
        if type(node) in UNSUPPORTED:
            yield _problem(type(node).__name__, place)
        yield from _of_node(plan, node, place)
        yield from _of_grade(node, place)
    yield from _fields(plan, piece, place, kind)


def _of_grade(node: Node, place: Place) -> Iterator[Problem]:
    """A grade is compared with labels; it is no value of anything else."""
    compared = isinstance(node, Compare | OneOf | GradeRank | Known) and isinstance(node.left, OwnGrade)
    if [type(child) for child in children(node)].count(OwnGrade) > compared:
        yield _problem("grades as values, other than compared with labels", place)


def _of_node(plan: Plan, node: Node, place: Place) -> Iterator[Problem]:
    if isinstance(node, SpanRow):
        parts = {"or_while": node.or_while, "pauses": node.pauses}
        for name, part in parts.items():
            if part is not None:
                yield _problem(f"`{name}` in spans", place)
    elif isinstance(node, Item) and node.field:
        yield _problem("parts of the elements of lists", place)
    elif isinstance(node, Selector):
        yield from _of_per(node.per, place)
    elif isinstance(node, SetTest) and node.op == "only" and not all(isinstance(one, Literal) for one in node.right):
        yield _problem("`only` with values that are not written in the policy", place)
    elif isinstance(node, LookUp) and not isinstance(node.by, EventField | OperatorField | Item):
        yield _problem("`look_up` by computed values", place)
    elif isinstance(node, Aggregate | ElementAggregate) and node.of is not None:
        yield from _of_aggregate(plan, node, node.of, place)


def _of_aggregate(plan: Plan, node: Aggregate | ElementAggregate, of: Value, place: Place) -> Iterator[Problem]:
    """The newest event may give a quotient, but no range; other aggregates neither."""
    if isinstance(node, Aggregate) and node.op == "latest":
        if any(isinstance(each, Aggregate | ElementAggregate | OwnScore) for each in reached(plan, of)):
            yield _problem("`latest` of counts and ranges", place)
    elif _is_dividing(of):
        yield _problem(f"`{node.op}` of quotients and ranges", place)


def _is_dividing(of: Value) -> bool:
    """Whether a value taken from events may be a quotient or a range."""
    return any(not isinstance(node, EventField | Item | Literal | Parameter | OperatorField) for node in walk(of))


def _of_per(per: tuple[Value, ...], place: Place) -> Iterator[Problem]:
    if not all(isinstance(value, EventField) and value.implied is None for value in per):
        yield _problem("`per` over other things than fields as they are recorded", place)


def _fields(plan: Plan, piece: object, place: Place, kind: str) -> Iterator[Problem]:
    """Fields of a type that the store does not have in columns."""
    every = {name: type_ for types in plan.field_types.values() for name, type_ in types.items()}
    own = {**every, **plan.field_types.get(kind, {})}
    for node in walk(piece):
        if isinstance(node, EventField | OperatorField):
            type_ = own.get(node.name, FieldType("text"))
            if type_.name == "share" or (type_.of is not None and type_.of.name != "text"):
                yield _problem(f"{node.name}, which holds {type_},", place)
