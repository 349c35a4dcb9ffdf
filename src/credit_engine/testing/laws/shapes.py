"""Which laws a policy need not keep by its shape, with the rule that makes it so.

An author may still ask for such a law: `laws.NAME(policy)` asks whatever the shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from credit_engine.policy.load import Policy
from credit_engine.policy.nodes import (
    Aggregate,
    Compare,
    ComputedField,
    Condition,
    Indicator,
    Known,
    Node,
    OneOf,
    Otherwise,
    Selector,
    SetTest,
    SpanRow,
    walk,
)
from credit_engine.policy.plan import Plan, ScoreRule

_GROWS = ("count", "sum", "highest")
_KINDLY = ("latest", "mean", "lowest", "days_since")


def only_worse(policy: Policy) -> str | None:
    """Why one more violation may raise the score of this policy, after the words of the design."""
    plan = policy.plan
    if plan.score is None:
        return "has no score"
    for rule in plan.score.rules:
        if rule.sign > 0 or not rule.nonnegative:
            return f"adds points in rule {rule.id}"
        if what := next(_not_only_worse(plan, rule), None):
            return f"uses {what} in rule {rule.id}"
    if plan.admits and any(each.per for each in plan.admits.values()):
        return "uses per in admits"
    return None


def _not_only_worse(plan: Plan, rule: ScoreRule) -> Iterator[str]:
    nodes = reached(plan, rule)
    for node in nodes:
        if isinstance(node, Aggregate) and node.op in _KINDLY:
            yield node.op
        if isinstance(node, Selector):
            yield from (name for name in ("since", "last", "per") if getattr(node, name))
        if isinstance(node, SpanRow) and node.until_next is not None:
            yield "until_next"
    if not _asks_for_more(plan, rule.when):
        yield "a `when` that does not only ask for at least something"


def reached(plan: Plan, piece: object) -> list[Node]:
    """Every node of a piece, with those of the indicators and computed fields that it reads."""
    found: list[Node] = []
    waiting: list[object] = [piece]
    looked: set[Indicator | ComputedField] = set()
    while waiting:
        for node in walk(waiting.pop()):
            found.append(node)
            if isinstance(node, Indicator) and node not in looked:
                waiting.append(plan.indicators[node.name].value)
                looked.add(node)
            elif isinstance(node, ComputedField) and node not in looked:
                waiting.append(plan.computed[node.kind, node.name])
                looked.add(node)
    return found


def _asks_for_more(plan: Plan, condition: Condition) -> bool:
    """Whether a condition, once it holds, holds with more events too."""
    for node in walk(condition):
        if not isinstance(node, Compare | OneOf | SetTest | Known):
            continue
        asked = [each.op for each in reached(plan, node) if isinstance(each, Aggregate)]
        grows = isinstance(node, Compare) and node.op in ("at_least", "above") and not node.negated
        if asked and not (grows and all(op in _GROWS for op in asked)):
            return False
    return True


def asks_no_absence(policy: Policy) -> str | None:
    """Why learning a fact may overturn an answer of this policy: it asks whether something is known, or says `or`."""
    plan = policy.plan
    for what, piece in _judged(plan):
        for node in reached(plan, piece):
            if isinstance(node, Known):
                return f"asks whether {node.name or 'a value'} is known in {what}"
            if isinstance(node, Otherwise):
                return f"says what stands for something missing (`or`) in {what}"
    return None


def _judged(plan: Plan) -> Iterable[tuple[str, object]]:
    """The pieces that make the indicators, the score and the grades."""
    yield from ((f"indicator {name}", each.value) for name, each in plan.indicators.items())
    yield from ((f"rule {rule.id}", rule) for rule in (plan.score.rules if plan.score is not None else ()))
    yield from ((f"grade {scale.name}", (scale.rows, scale.adjust)) for scale in plan.scales)
    yield from ((f"admits {kind}", each) for kind, each in plan.admits.items())


def has_no_ties(policy: Policy) -> str | None:
    """Why ids may decide among events of one day: the policy takes one of several by their order."""
    plan = policy.plan
    for node in walk(plan):
        if isinstance(node, Aggregate) and node.op == "latest":
            return "takes the latest of several events, which ids order within a day"
        if isinstance(node, Selector) and (node.last is not None or node.per or node.since is not None or node.before):
            return "takes some of several events (`last`, `per`, `since`, `before`), which ids order within a day"
    if any(each.per for each in plan.admits.values()):
        return "takes the earliest of equal events (`per`), which ids order within a day"
    return None
