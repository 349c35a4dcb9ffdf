"""What is allowed in spread and recognition and yet looks wrong: steps that lead nowhere, rows that are never read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from credit_engine.errors import Problem
from credit_engine.policy.nodes import Constant
from credit_engine.policy.places import Map, place_of, shown
from credit_engine.policy.plan import Plan
from credit_engine.policy.plan_basis import Basis, InForce
from credit_engine.policy.plan_spreading import Branch, OverRelation, RecognitionRule, SpreadRule

ANYONE, PERSON = "party", "person"


def check_spreading(plan: Plan, written: Map) -> Iterator[Problem]:
    """Every warning about spread and recognition; `written` is the policy as written."""
    for rule in plan.spread:
        yield from _steps(plan, rule)
        yield from _shares(rule)
        yield from _effect(plan, rule)
    for index, row in enumerate(plan.recognition):
        yield from _row(plan, row, plan.recognition[:index])
    if plan.spread:
        yield from _unused_relations(plan, written)


def _unused_relations(plan: Plan, written: Map) -> Iterator[Problem]:
    branches = [branch for rule in plan.spread for branch in rule.branches]
    used = {kind for branch in branches if isinstance(branch, OverRelation) for kind in branch.kinds}
    for name in written.get("relations") or {}:
        if name not in used:
            place = place_of(written, "relations", name)
            yield Problem("unused_relation", f"no rule goes over the relation {shown(name)}", place, "remove it")


# --- spread ---------------------------------------------------------------------------------------------------


def _steps(plan: Plan, rule: SpreadRule) -> Iterator[Problem]:
    """Steps that nobody who was reached can take: an operator is no source of a relation of persons."""
    pairs = [*zip(rule.along, rule.along[1:], strict=False), *((step, step) for step in rule.along if rule.again)]
    for before, after in pairs:
        reached = {end for branch in before for end in _arrives(plan, branch)}
        left = {end for branch in after for end in _leaves(plan, branch)}
        if not (reached & left or ANYONE in reached | left):
            what = "once only" if rule.again else "nobody at the next step"
            message = f"the rule {shown(rule.id)} reaches {what}: a step ends at {_words(reached)}, the next one starts"
            hint = "look at `to`, and at `source` and `target` of the relation"
            yield Problem("vain_step", f"{message} at {_words(left)}", after[0].place, hint)


def _words(ends: set[str]) -> str:
    return " or ".join(f"an {end}" if end == "operator" else f"a {end}" for end in sorted(ends))


def _arrives(plan: Plan, branch: Branch) -> set[str]:
    if not isinstance(branch, OverRelation):
        return {PERSON}
    return {
        plan.relations[kind].source if branch.to == "source" else plan.relations[kind].target for kind in branch.kinds
    }


def _leaves(plan: Plan, branch: Branch) -> set[str]:
    if not isinstance(branch, OverRelation):
        return {ANYONE}
    return {
        plan.relations[kind].target if branch.to == "source" else plan.relations[kind].source for kind in branch.kinds
    }


def _shares(rule: SpreadRule) -> Iterator[Problem]:
    """Branches that ask for a share that none can have."""
    for branch in rule.branches:
        bounds = branch.share if isinstance(branch, OverRelation) else ()
        lows = [(bound, op == "above") for op, bound in bounds if op in ("at_least", "above")]
        highs = [(bound, op == "below") for op, bound in bounds if op in ("at_most", "below")]
        low, over = max(lows, default=(Fraction(0), False))
        high, under = min(highs, key=lambda each: (each[0], not each[1]), default=(Fraction(1), False))
        if low > high or (low == high and (over or under)):
            message = f"the rule {shown(rule.id)} has a step that nobody can take: no share is like that"
            yield Problem("vain_step", message, branch.place, "correct the bounds, or remove the step")


def _effect(plan: Plan, rule: SpreadRule) -> Iterator[Problem]:
    if rule.effect == "points" and plan.score is None:
        message = f"the points of the rule {shown(rule.id)} move nothing: the policy has no score"
        yield Problem("points_without_score", message, rule.place, "add `score`, or write effect: attention")
    praised = [each.name for each in plan.lists if each.name in rule.start.lists and each.polarity == "positive"]
    if praised and rule.effect in ("bar", "marking"):
        message = f"the rule {shown(rule.id)} restricts whoever is near to the positive list {shown(praised[0])}"
        yield Problem("restricts_the_praised", message, rule.place, "start from a negative list, or write an alert")


# --- recognition ----------------------------------------------------------------------------------------------


def _row(plan: Plan, row: RecognitionRule, earlier: tuple[RecognitionRule, ...]) -> Iterator[Problem]:
    origins = {*row.origins, *row.origins_inside}
    if len(origins) == 1 and origins == set(row.hosts):
        message = f"the row {shown(row.id)} is never read: its only host is where the entries come from"
        yield Problem("row_never_read", message, row.place, "a region takes over entries of others only")
        return
    hiding = [each for each in earlier if _hides(plan, each, row)]
    if set(row.hosts) <= {host for each in hiding for host in each.hosts}:
        names = ", ".join(shown(each.id) for each in hiding)
        message = f"the row {shown(row.id)} is never read: {names} before it takes every such entry"
        yield Problem("row_never_read", message, row.place, "the first row that holds counts: move it up")


def _hides(plan: Plan, earlier: RecognitionRule, later: RecognitionRule) -> bool:
    """Whether the earlier row holds wherever the later one could, apart from its hosts."""
    always = earlier.when in (Constant(holds=True), later.when)
    return (
        earlier.list == later.list
        and always
        and _from_anywhere_else(earlier, later)
        and _covers(_days(plan, earlier.basis), _days(plan, later.basis))
    )


def _from_anywhere_else(earlier: RecognitionRule, later: RecognitionRule) -> bool:
    """Whether every origin of the later row is one of the earlier; what lies inside what is not known here."""
    if not earlier.origins and not earlier.origins_inside:
        return True
    if not later.origins and not later.origins_inside:
        return False
    inside = set(earlier.origins_inside)
    return set(later.origins) <= {*earlier.origins, *inside} and set(later.origins_inside) <= inside


def _days(plan: Plan, basis: Basis) -> InForce:
    """The days on which a rule is in force: its own, else those of all of its sources."""
    if basis.own is not None:
        return basis.own
    spans = [plan.sources[name].in_force for name in basis.sources]
    starts = [each.from_day for each in spans if each.from_day is not None]
    ends = [each.until for each in spans if each.until is not None]
    return InForce(max(starts, default=None), min(ends, default=None))


def _covers(wide: InForce, narrow: InForce) -> bool:
    starts_before = (wide.from_day or date.min) <= (narrow.from_day or date.min)
    return starts_before and (wide.until is None or (narrow.until is not None and narrow.until <= wide.until))
