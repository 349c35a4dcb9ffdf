"""Spread: what reaches affiliates, from what, over which relations, and which law it needs for that."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from credit_engine.errors import Place
from credit_engine.policy.nodes import (
    Constant,
    Literal,
    LookUp,
    OwnGrade,
    OwnScore,
    Parameter,
    Selector,
    Span,
    Value,
    walk,
)
from credit_engine.policy.places import shown
from credit_engine.policy.plan import ListRule, Scale
from credit_engine.policy.plan_basis import Law
from credit_engine.policy.plan_spreading import EFFECTS, SpreadRule, Start
from credit_engine.policy.resolving.audiences import read_audience
from credit_engine.policy.resolving.context import Context, Scope
from credit_engine.policy.resolving.following import last_scope
from credit_engine.policy.resolving.going import check_going, check_together, goes_again, read_weight
from credit_engine.policy.resolving.reaching import check_reach
from credit_engine.policy.resolving.refusals import Refusal, elements, given, refuse, refuse_name, refuse_type
from credit_engine.policy.resolving.rules import (
    check_basis,
    check_unique,
    events_of,
    parameters_of,
    read_when,
    refuse_without_event,
    title_of,
    whole_event,
)
from credit_engine.policy.resolving.scoring import written_points
from credit_engine.policy.resolving.sources import basis_of, law_of_rule
from credit_engine.policy.resolving.spans import read_span
from credit_engine.policy.resolving.steps import Beginning, read_along
from credit_engine.policy.written_spreading import SpreadWritten, StartWritten
from credit_engine.quantities import DECIMAL

MOST = 1_000_000
NEED_BASIS = tuple(effect for effect in EFFECTS if effect != "alert")


def read_spread(
    context: Context, policy_law: Law, lists: tuple[ListRule, ...], scales: tuple[Scale, ...]
) -> tuple[SpreadRule, ...]:
    """The rules of spread in the order of the policy."""
    written = context.written.spread
    check_unique(context, written, "rule of spread")
    by_name = {each.name: each for each in lists}
    rules = [context.problems.attempt(_Reader(context, rule, policy_law, by_name).read) for rule in written]
    for rule in written:
        if rule.effect == "points":
            context.problems.attempt(_refuse_review, context, rule, scales)
    return tuple(rule for rule in rules if rule is not None)


def _refuse_review(context: Context, written: SpreadWritten, scales: tuple[Scale, ...]) -> None:
    """Refuse points of affiliates beside a grade of review days, whose effects nobody has."""
    reading: set[str] = set()
    for scale in scales:
        nodes = walk((scale.rows, scale.adjust))
        if any(isinstance(node, OwnScore) or (isinstance(node, OwnGrade) and node.scale in reading) for node in nodes):
            reading.add(scale.name)
            if scale.review is not None:
                message = f"the scale {shown(scale.name)} reads the score on review days, without points of affiliates"
                hint = f"make the rule {shown(written.rule)} an alert, or take `review` away"
                raise refuse("unsupported", message, context.written.scales[scale.name].place("review"), hint)


@frozen
class _Reader:
    """Reads one rule."""

    context: Context
    written: SpreadWritten
    policy_law: Law
    lists: dict[str, ListRule]

    def read(self) -> SpreadRule:
        """The rule; refused, with all its problems noted, if a part of it is."""
        attempt, context, written = self.context.problems.attempt, self.context, self.written
        attempt(self._check_effect)
        attempt(check_going, written)
        attempt(check_together, written)
        beginning = given(attempt(self._beginning))
        scope = evolve(last_scope(context), kind=beginning.kind)
        reading = evolve(scope, fields=beginning.kind is not None)
        start = attempt(self._start, beginning, scope)
        along = attempt(read_along, context, written.along, beginning)
        points = attempt(self._points, beginning, reading)
        weight = attempt(read_weight, written)
        lasts = attempt(self._lasts, beginning, reading)
        audience = attempt(read_audience, context, written, scope)
        law = attempt(self._law, beginning)
        basis = attempt(basis_of, context, written)
        if written.effect in NEED_BASIS:
            attempt(check_basis, written)
        if basis is not None:
            attempt(check_reach, context, written, basis.sources, beginning.lists, along or ())
        return SpreadRule(
            id=written.rule,
            title=title_of(written, written.rule),
            start=given(start),
            itself=written.itself,
            along=given(along),
            again=goes_again(written),
            hops=written.hops,
            effect=written.effect,
            points=given(points)[0],
            weight=given(weight)[0],
            drop_below=given(weight)[1],
            most=MOST if written.most is None else written.most,
            lasts=given(lasts)[0],
            audience=given(audience),
            law=given(law),
            basis=given(basis),
            parameters=parameters_of(context, (start, points, lasts, along)),
            place=written.place(),
        )

    # --- where it starts --------------------------------------------------------------------------------------

    def _beginning(self) -> Beginning:
        start, place = self.written.from_, self.written.place("from")
        if start.has("list"):
            for key in start.raw:
                if key != "list":
                    message = f"`{key}` beside `list`: of an entry in force nothing more is asked"
                    raise refuse("wrong_type", message, start.key_place(str(key)), "remove it, or start from `each`")
            pieces = elements(start.list_, "`list`", start.place("list"))
            return Beginning(lists=tuple(dict.fromkeys(self.context.problems.all_of(self._list, pieces))))
        if start.has("each"):
            return Beginning(whole_event(self.context, start, "a rule of spread").kind)
        refuse_without_event(start)
        if not start.has("when"):
            hint = "write {each: KIND}, {list: NAME} or {when: CONDITION}"
            raise refuse("missing_key", "`from` says nothing to start from", place, hint)
        return Beginning()

    def _list(self, raw: Any, place: Place) -> ListRule:  # Any: a piece as written
        written = self.context.written.lists
        if not isinstance(raw, str):
            raise refuse_type("the name of a list", raw, place)
        if raw in self.lists:
            return self.lists[raw]
        if raw in written or self.context.told("lists", raw):
            raise Refusal
        raise refuse_name("unknown_list", "list", raw, written, place)

    def _start(self, beginning: Beginning, scope: Scope) -> Start:
        start: StartWritten = self.written.from_
        if beginning.lists:
            return Start(None, tuple(each.name for each in beginning.lists), Constant(holds=True))
        attempt = self.context.problems.attempt
        each: Selector | None = None
        if beginning.kind is not None:
            which = whole_event(self.context, start, "a rule of spread")
            each = attempt(events_of, self.context, which, start)
        when = attempt(read_when, self.context, start, scope)
        return Start(given(each) if beginning.kind is not None else None, (), given(when))

    # --- what arrives -----------------------------------------------------------------------------------------

    def _check_effect(self) -> None:
        written = self.written
        if written.effect not in EFFECTS:
            raise refuse_name("wrong_type", "effect", written.effect, EFFECTS, written.place("effect"))
        if written.effect == "points" and not written.has("points"):
            raise refuse("missing_key", "`points` is missing", written.place(), "write points: -10")
        if written.has("points") and written.effect != "points":
            message = f"`points` beside the effect `{written.effect}`"
            raise refuse("wrong_type", message, written.key_place("points"), "write effect: points, or remove them")

    def _points(self, beginning: Beginning, scope: Scope) -> tuple[Value | None]:
        if not self.written.has("points"):
            return (None,)
        place = self.written.place("points")
        points = self.context.read_value(self.context, self.written.points, scope, place, DECIMAL).value
        for each in beginning.lists:
            self._check_sign(points, each, place)
        return (points,)

    def _check_sign(self, points: Value, listed: ListRule, place: Place) -> None:
        """Refuse points that a negative list would give, and those that a positive list would take."""
        sign = {"negative": 1, "positive": -1}.get(listed.polarity, 0)
        verb, right = ("give", "below") if sign > 0 else ("take", "above")
        for node in written_points(points):
            for found in _amounts(self.context, node):
                if found * sign > 0:
                    message = f"points that the {listed.polarity} list {shown(listed.name)} would {verb}"
                    raise refuse("wrong_sign", message, place, f"points are signed: write a number {right} 0")

    def _lasts(self, beginning: Beginning, scope: Scope) -> tuple[Span | None]:
        written = self.written
        if beginning.kind is None:
            if written.has("lasts"):
                what = "the entry is in force" if beginning.lists else "the answer is that"
                raise refuse("wrong_type", f"it lasts while {what}", written.key_place("lasts"), "remove `lasts`")
            return (None,)
        if not written.has("lasts"):
            hint = "write lasts: {from: decided, for: 5y}; without `for` it has no end"
            raise refuse("missing_key", "`lasts` is missing: an event has no end of its own", written.place(), hint)
        return (read_span(self.context, written.lasts, scope, written.place("lasts")),)

    def _law(self, beginning: Beginning) -> Law:
        written = self.written
        if beginning.kind is None and written.has("law_of"):
            message = "`law_of` without `each`: there is no event, and the law of the day judged counts"
            raise refuse("needs_event", message, written.key_place("law_of"), "remove it: law_of: null")
        kinds = (beginning.kind,) if beginning.kind is not None else ()
        return law_of_rule(self.context, written, kinds, self.policy_law)


def _amounts(context: Context, node: Value) -> list[int]:
    """The numbers that a literal, a parameter or a table can be."""
    if isinstance(node, Literal):
        return [node.value] if isinstance(node.value, int) else []
    name = node.name if isinstance(node, Parameter) else node.parameter if isinstance(node, LookUp) else ""
    values = [dated.value for dated in context.parameters[name].values] if name else []
    singles = [one for value in values for one in (value.values() if isinstance(value, dict) else (value,))]
    return [one for one in singles if isinstance(one, int)]
