"""Made-up questions for a policy: each aims at a rule, a list or an effect, and asks on a day where something turns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from attrs import evolve

from credit_engine.days import end_of
from credit_engine.dossiers import Dossier, known
from credit_engine.policy.load import Policy
from credit_engine.policy.plan_spreading import RecognitionRule, SpreadRule
from credit_engine.records import Relation
from credit_engine.testing.aims import aims_of, in_force
from credit_engine.testing.drafts import Draft, Scope, beside, dossiers_of
from credit_engine.testing.drawing import Chooser, Dice
from credit_engine.testing.drawn_entries import enact
from credit_engine.testing.drawn_records import HUBS, ONE_DAY, PARTY, Facts, Pen, shared_days, shifted, value_of
from credit_engine.testing.drawn_worlds import more_relations, recognition_story, spread_story
from credit_engine.testing.edges import Edges, edges_of
from credit_engine.testing.question import Question

MOST_EVENTS = 12  # that an aim may ask for, beside those that nobody asked for
_FIRST, _LAST = date(2004, 1, 1), date(2026, 12, 31)  # the working-day calendar knows these years
_USUAL = Facts()


def sample(policy: Policy, number: int) -> Question:
    """The made-up question with this number, the same every time; drawn as `questions(policy)`, but without hypothesis.

    Numbers in a row take the rules, lists and effects of the policy in turn.
    """
    return drawn_question(Dice(number), policy, turn=number)


def drawn_question(
    choose: Chooser, policy: Policy, facts: Facts = _USUAL, *, world: bool | None = None, turn: int | None = None
) -> Question:
    """A question on the edges of a policy. `world`: with other parties or without; else as the aim needs them.

    `turn`: which of the aims it takes; else any.
    """
    edges = edges_of(policy)
    aims = aims_of(policy)
    draft = Draft(Pen(choose, edges, facts, shared_days(choose, edges)), policy.plan, 0)
    reaching = (*aims.spread, *aims.recognition)
    if turn is not None:
        turn %= max(1, len(reaching) + len(aims.own))
        world = turn < len(reaching)
    in_world = bool(reaching) and (choose.chance(30) if world is None else world)
    as_of = _as_it_happens(draft, policy, turn, in_world=in_world)
    _more_events(draft, facts.most)
    if in_world:
        more_relations(draft)
    first, *others = dossiers_of(draft)
    relations = _between(draft.relations, (first, *others))
    if choose.chance(10):
        as_of = _turning(choose, as_of, edges)
    known_at = None
    if facts.versions and choose.chance(30):
        known_at = beside(choose, choose.one((as_of, *draft.pen.days)))
        if known(first.party_versions, known_at) is None:
            known_at = None
    elif known(first.party_versions, as_of) is None:
        known_at = _LAST
    if not in_world and choose.chance(4):
        return _from_an_event(Question(policy, first, as_of, known_at), choose)
    return Question(policy, first, as_of, known_at, None, tuple(others), relations)


def _as_it_happens(draft: Draft, policy: Policy, turn: int | None, *, in_world: bool) -> date:
    """Make one aim, sometimes two, happen; the day on which to ask."""
    aims, choose, plan = aims_of(policy), draft.choose, policy.plan
    reaching: list[SpreadRule | RecognitionRule] = [*aims.spread, *aims.recognition]
    as_of: date | None = None
    if in_world:
        rule = choose.one(reaching) if turn is None else reaching[turn]
        since, until = in_force(plan, rule.basis, rule.parameters)
        scope = _scope(draft, _a_day(draft, since, until), since)
        draft.room = MOST_EVENTS
        as_of = (
            spread_story(draft, rule, scope) if isinstance(rule, SpreadRule) else recognition_story(draft, rule, scope)
        )
    for number in range(0 if in_world and choose.chance(70) else 2 if choose.chance(25) else 1):
        if not aims.own or (turn is None and choose.chance(10)):
            break
        first = turn is not None and not in_world and not number
        aim = aims.own[turn - len(reaching)] if turn is not None and first else choose.one(aims.own)
        scope = _scope(draft, as_of or _a_day(draft, aim.since, aim.until), aim.since)
        draft.room = MOST_EVENTS
        asked = enact(draft, aim, scope)
        as_of = asked if as_of is None or choose.chance(30) else as_of
    return as_of or draft.pen.day()


def _scope(draft: Draft, day: date, since: date | None) -> Scope:
    """The scope of an aim; its day becomes one of those that events share."""
    draft.pen = evolve(draft.pen, days=tuple(dict.fromkeys((day, *draft.pen.days))))
    return Scope(PARTY, day, since=since)


def _a_day(draft: Draft, since: date | None, until: date | None) -> date:
    """A day on which an aim is in force, mostly; often one where the law changes, a month ends, or a leap day."""
    choose = draft.choose
    first, last = max(since or _FIRST, _FIRST), min(until or _LAST, _LAST)
    draw = choose.number(0, 9)
    if draw < 2 and since is not None:
        return beside(choose, since)
    if draw == 2 and until is not None:
        return beside(choose, until)
    inside = [day for day in draft.pen.edges.days if first <= day < last]
    if draw < 6 and inside:
        return beside(choose, choose.one(inside))
    days = [day for day in (*draft.pen.days, *HUBS) if first <= day < last]
    if days:
        return choose.one(days)
    return first + timedelta(days=choose.number(0, max(0, min(200, (last - first).days))))


def _from_an_event(question: Question, choose: Chooser) -> Question:
    """The question seen from one of the party's events, on its day; from the day where it has no such event."""
    known_at = question.known_at or question.as_of
    kinds = question.policy.plan.kinds
    days = [(each.id, value_of(each, kinds[each.kind])) for each in question.dossier.events_on(known_at)]
    names = [name for name, _ in days]
    usable = [(name, day) for name, day in days if day is not None and names.count(name) == 1]
    if not usable:
        return question
    name, day = choose.one(usable)
    return evolve(question, as_of=day, event=name, known_at=known_at)


def _more_events(draft: Draft, most: int) -> None:
    """Events that nobody asked for: some that matter by chance, and some that are in the way."""
    kinds = tuple(draft.pen.edges.anchors)
    blind = draft.choose.number(0, most) if not draft.events else draft.choose.one((0, 0, 1, 1, 2))
    for _ in range(blind if kinds else 0):
        draft.sketch(draft.choose.one(kinds), draft.choose.one(tuple(draft.parties)))


def _turning(choose: Chooser, as_of: date, edges: Edges) -> date:
    draw = choose.number(0, 3)
    if draw == 0:
        return shifted(choose, as_of, choose.one(edges.periods))
    if draw == 1:
        return end_of(choose.one(("month", "year")), as_of) + ONE_DAY * choose.number(0, 1)
    return day_on_an_edge(choose, edges) if draw == 2 else as_of + ONE_DAY


def day_on_an_edge(choose: Chooser, edges: Edges) -> date:
    """A day where the policy changes, a month or February ends, or one beside it; or a period later."""
    base = beside(choose, choose.one((*HUBS, *edges.days)))
    return base if choose.chance(60) else shifted(choose, base, choose.one(edges.periods))


def _between(relations: Sequence[Relation], dossiers: Sequence[Dossier]) -> tuple[Relation, ...]:
    """The relations between parties that are there."""
    there = {one.id for one in dossiers}
    return tuple(each for each in relations if each.source in there and each.target in there)
