"""Small networks, rules of spread and own answers, written by hand: a rule and what its relations do to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from attrs import evolve

from credit_engine import Assessment, Dossier, Effect, Effects, Network, Operator, Person, Policy, Relation, spread
from credit_engine.assessing.effects import Origin
from credit_engine.policy.load import load_policy_text
from credit_engine.policy.nodes import Constant, EventField, Literal
from credit_engine.policy.plan_basis import Basis, Law
from credit_engine.policy.plan_spreading import Branch, OverRelation, SpreadRule, Start, ToNamed

DAY = date(2026, 6, 30)
EMPTY = load_policy_text("policy: sample\ntitle: {zh: 样例, en: Sample}\nillustrative: true\n")


def d(text: str) -> date:
    return date.fromisoformat(text)


def held(id_: str, source: str, target: str, kind: str = "shareholder", **more: Any) -> Relation:  # Any: other fields
    """*source is KIND of target*; days as text."""
    more |= {name: d(more[name]) for name in ("since", "until", "recorded") if name in more}
    return Relation(id=id_, kind=kind, source=source, target=target, **more)


def network(*relations: Relation, also: Iterable[str] = ()) -> Network:
    """The relations with their parties: ids that begin with P are persons."""
    ids = sorted({*also, *(end for relation in relations for end in (relation.source, relation.target))})
    return Network(
        operators=[Operator(id=party) for party in ids if not party.startswith("P")],
        persons=[Person(id=party) for party in ids if party.startswith("P")],
        relations=relations,
    )


def over(*kinds: str, to: str = "target", together: bool = False, **share: str) -> OverRelation:
    """A branch over relations; `at_least="1/2"` and so on for shares."""
    bounds = tuple((op, Fraction(bound)) for op, bound in share.items())
    return OverRelation(kinds or ("shareholder",), to, Literal("day"), bounds, together)


def named(*roles: str) -> ToNamed:
    return ToNamed(EventField("responsible"), Constant(True), roles)  # noqa: FBT003  # a condition


def rule(*steps: Branch | tuple[Branch, ...], id_: str = "rule", **parts: Any) -> SpreadRule:  # Any: parts of a rule
    """A rule that alerts, over these steps; a tuple is a choice of branches."""
    along = tuple(step if isinstance(step, tuple) else (step,) for step in steps)
    made = SpreadRule(
        id=id_,
        title={},
        start=Start(None, ("list",), Constant(True)),  # noqa: FBT003  # a condition
        itself=False,
        along=along,
        again=False,
        hops=None,
        effect="alert",
        points=None,
        weight=Fraction(1),
        drop_below=None,
        most=1_000_000,
        lasts=None,
        audience=Literal("public"),
        law=Law(as_of=True),
        basis=Basis(),
        parameters=(),
    )
    return evolve(made, **parts)


def policy_of(*rules: SpreadRule) -> Policy:
    return Policy(evolve(EMPTY.plan, spread=rules))


def origin(rule_: SpreadRule, party: str, **parts: Any) -> Origin:  # Any: parts of an origin
    """An entry on a list as the origin; all relations must be in force on the day judged."""
    made = Origin(
        rule=rule_.id,
        party=party,
        kind="entry",
        id=f"list/{party}/V1",
        event_kind=None,
        from_day=d("2026-01-01"),
        until=None,
        law_day=DAY,
        held_on=tuple(DAY if isinstance(branch, OverRelation) else None for branch in rule_.branches),
        named=tuple(() for _ in rule_.branches),
        points=None,
        list="list",
        measures=(),
        basis=("law",),
        audience="public",
    )
    return evolve(made, **parts)


def answer(policy: Policy, party: str, *origins: Origin, **parts: Any) -> Assessment:  # Any: parts of an answer
    made = Assessment(
        party=party,
        as_of=DAY,
        known_at=DAY,
        event=None,
        policy=policy.name,
        illustrative=True,
        outside_policy=False,
        own_score=None,
        score=None,
        origins=origins,
        question=(Dossier(Operator(id=party)), policy),
    )
    return evolve(made, **parts)


def effects_of(net: Network, rule_: SpreadRule, *origins: Origin | str, policy: Policy | None = None) -> Effects:
    """The effects of one rule from these origins; a text stands for an entry of that party."""
    whole = policy or policy_of(rule_)
    made = [origin(rule_, each) if isinstance(each, str) else each for each in origins]
    by_party: dict[str, list[Origin]] = {party.id: [] for party in (*net.operators, *net.persons)}
    for each in made:
        by_party.setdefault(each.party, []).append(each)
    return spread(net, (answer(whole, party, *own) for party, own in by_party.items()), whole, DAY)


def lines(effects: Iterable[Effect]) -> list[tuple[object, ...]]:
    """Target, certainty and path of each effect."""
    return [(each.target, each.certain, each.path_ids) for each in effects]
