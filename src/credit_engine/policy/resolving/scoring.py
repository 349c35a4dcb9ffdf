"""The score section: start, range, groups and rules."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from credit_engine.errors import Place
from credit_engine.policy.nodes import (
    Literal,
    LookUp,
    Parameter,
    Selector,
    Span,
    Value,
)
from credit_engine.policy.places import did_you_mean, shown, value_place_of
from credit_engine.policy.plan import Score, ScoreRule
from credit_engine.policy.plan_basis import Law
from credit_engine.policy.resolving.context import Context, Scope
from credit_engine.policy.resolving.refusals import Refusal, refuse, refuse_name, refuse_type
from credit_engine.policy.resolving.rules import (
    check_basis,
    check_unique,
    events_of,
    parameters_of,
    read_when,
    refuse_without_event,
)
from credit_engine.policy.resolving.selectors import chosen
from credit_engine.policy.resolving.signs import negative_days, never_negative
from credit_engine.policy.resolving.sources import basis_of, law_of_rule
from credit_engine.policy.resolving.spans import has_end, read_span
from credit_engine.policy.resolving.typed import literal
from credit_engine.policy.written import ScoreRuleWritten, ScoreWritten
from credit_engine.quantities import DECIMAL

AFFILIATION = "affiliation"  # the group of points that reach a party from others


def read_score(context: Context, policy_law: Law) -> Score | None:
    """The score section; `None` if there is none, or it was refused."""
    written = context.written.score
    if written is None:
        return None
    start = context.problems.attempt(_points, written.start, written.place("start"))
    limits = context.problems.attempt(_range, written)
    groups = _groups(context, written)
    rules = [context.problems.attempt(_Reader(context, rule, policy_law).read) for rule in written.rules]
    check_unique(context, written.rules, "rule of the score")
    if start is None or limits is None:
        return None
    low, high = limits
    if (low is not None and start < low) or (high is not None and start > high):
        context.problems.tell("bad_range", "the start lies outside the range", written.place("start"))
    return Score(start, low, high, groups, tuple(rule for rule in rules if rule is not None))


def _points(raw: object, place: Place) -> int:
    found = literal(raw, DECIMAL, place).value
    if not isinstance(found, Literal):
        raise Refusal
    return int(found.value)


def _range(written: ScoreWritten) -> tuple[int | None, int | None]:
    if not written.has("range"):
        return (None, None)
    if len(written.range) != 2:  # noqa: PLR2004  # two ends
        raise refuse_type(
            "a list of two ends", written.raw["range"], written.place("range"), "range: [0, 100]; null: no limit"
        )
    places = [value_place_of(written.raw["range"], index) for index in range(2)]
    low, high = (None if raw is None else _points(raw, place) for raw, place in zip(written.range, places, strict=True))
    if low is not None and high is not None and high < low:
        raise refuse("bad_range", "the upper end lies below the lower one", written.place("range"))
    return low, high


def _groups(context: Context, written: ScoreWritten) -> Mapping[str, int]:
    groups = {}
    for name, group in written.groups.items():
        limit = context.problems.attempt(_points, group.at_most, group.place("at_most"))
        if limit is not None and limit < 0:
            context.problems.tell("negative_points", "a limit is a size, 0 or more", group.place("at_most"))
        groups[name] = limit or 0
    return groups


@frozen
class _Reader:
    """Reads one rule."""

    context: Context
    written: ScoreRuleWritten
    policy_law: Law

    def read(self) -> ScoreRule:
        """The rule; refused, with all its problems noted, if a part of it is."""
        attempt, written = self.context.problems.attempt, self.written
        which = attempt(self._which)
        if which is None:
            raise Refusal
        event, scope = which
        parts = (
            attempt(self._points, scope),
            attempt(read_when, self.context, written, scope),
            attempt(basis_of, self.context, written),
            attempt(law_of_rule, self.context, written, (scope.kind,) if scope.kind else (), self.policy_law),
            attempt(self._counts, scope),
        )
        attempt(check_basis, written)
        attempt(self._check_group)
        points, when, basis, law, counts = parts
        if points is None or when is None or basis is None or law is None or counts is None:
            raise Refusal
        return ScoreRule(
            id=written.rule,
            title=written.title.as_dict(),
            each=event,
            when=when,
            points=points,
            sign=-1 if written.has("deduct") else 1,
            nonnegative=never_negative(self.context, points),
            counts=counts[0],
            fades=written.has("fades"),
            group=written.group,
            law=law,
            basis=basis,
            parameters=parameters_of(self.context, (event, when, points, counts[0])),
            place=written.place(),
        )

    def _which(self) -> tuple[Selector | None, Scope]:
        """The events that the rule looks at, and what may be read in its points."""
        if self.written.has("each"):
            which = chosen(self.context, self.written.each, self.written.place("each"))
            scope = Scope(fields=True, indicators=True, kind=which.kind, item=which.item)
            return events_of(self.context, which, self.written), scope
        refuse_without_event(self.written, ("counts",))
        return None, Scope(indicators=True)

    def _points(self, scope: Scope) -> Value:
        written = self.written
        verbs = [verb for verb in ("add", "deduct") if written.has(verb)]
        if len(verbs) != 1:
            message = "a rule of the score has `add` or `deduct`"
            raise refuse(
                "missing_key" if not verbs else "wrong_type", message, written.place(), "write deduct: 10, or add: 10"
            )
        verb, place = verbs[0], written.place(verbs[0])
        points = self.context.read_value(self.context, written.raw[verb], scope, place, DECIMAL).value
        self._check_sign(points, verb, place)
        return points

    def _check_sign(self, points: Value, verb: str, place: Place) -> None:
        other = {"add": "deduct", "deduct": "add"}[verb]
        for node in written_points(points):
            if isinstance(node, Literal) and node.value < 0:
                raise refuse("negative_points", f"`{verb}` of less than nothing", place, f"write `{other}`")
            name = getattr(node, "name", None) or getattr(node, "parameter", None)
            if name is not None and (days := negative_days(self.context.parameters[name])):
                message = f"`{verb}` of less than nothing: ${name} since {days[0]}"
                raise refuse("negative_points", message, place, f"write `{other}`")

    def _counts(self, scope: Scope) -> tuple[Span | None]:
        written = self.written
        counts = None
        if written.has("counts"):
            counts = read_span(self.context, written.counts, scope, written.place("counts"))
        if written.has("fades"):
            if written.fades != "linear":
                raise refuse_name("wrong_type", "way to fade", written.fades, ["linear"], written.place("fades"))
            if counts is None or not all(has_end(row) for row in counts.rows):
                hint = "give `counts` a `for`, `until` or `to_end_of`, and no `until_next` or `or_while`"
                raise refuse(
                    "fades_needs_end", "points fade towards a known last day", written.key_place("fades"), hint
                )
        return (counts,)

    def _check_group(self) -> None:
        group, score = self.written.group, self.context.written.score
        known = [*(score.groups if score is not None else ()), AFFILIATION]
        if group is not None and group not in known:
            if self.context.told("score", f"groups.{group}"):
                raise Refusal
            raise refuse(
                "unknown_group",
                f"there is no group {shown(group)}",
                self.written.place("group"),
                did_you_mean(group, known),
            )


def written_points(points: Value) -> list[Value]:
    """The literals and parameters that are points as they stand: the whole value, or that of a row."""
    rows = getattr(points, "rows", ())
    found = [row.value for row in rows] if rows else [points]
    return [node for node in found if isinstance(node, Literal | Parameter | LookUp)]
