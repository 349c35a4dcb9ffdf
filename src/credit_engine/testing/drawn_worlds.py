"""Making an effect reach somebody in a draft: an origin, a path of parties and relations, and shares on their edges."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from attrs import evolve

from credit_engine.policy.nodes import Literal, walk
from credit_engine.policy.plan import ListRule
from credit_engine.policy.plan_spreading import OverRelation, RecognitionRule, SpreadRule, ToNamed
from credit_engine.records import Relation
from credit_engine.testing.drafts import Draft, Scope, Sketch, beside
from credit_engine.testing.drawn_entries import entry, last_day
from credit_engine.testing.drawn_records import ONE_DAY, PARTY
from credit_engine.testing.wished_events import element, select
from credit_engine.testing.wished_values import put
from credit_engine.testing.wishing import meet

MOST_RELATIONS = 12
STEP = Fraction(1, 1000)


def spread_story(draft: Draft, rule: SpreadRule, scope: Scope) -> date:
    """An origin of a rule of spread and a path from it; the party asked about is the origin, or on the path."""
    choose = draft.choose
    length = max(1, len(rule.along)) + (choose.number(0, 2) if rule.again else 0)
    asked = choose.number(0, length)
    names = ["P1" if place == asked else f"P{place + 2}" for place in range(length + 1)]
    origin = names[0]
    draft.parties.setdefault(origin, {})
    event = _origin(draft, rule, evolve(scope, party=origin))
    day = _held_day(draft, rule, event) or scope.day
    _again_from(draft, rule, names, scope)
    for place in range(length if rule.along else 0):
        branches = rule.along[0 if rule.again else place]
        branch = choose.one(branches)
        if isinstance(branch, ToNamed):
            names[place + 1] = _named(draft, branch, event, scope, names[place + 1])
        else:
            _link(draft, branch, names[place], names[place + 1], day)
    end = (
        last_day(draft, rule.lasts, Scope(origin, scope.day, event=event)) if rule.lasts is not None and event else None
    )
    return beside(choose, end) if end is not None and choose.chance(40) else scope.day


def _origin(draft: Draft, rule: SpreadRule, scope: Scope) -> Sketch | None:
    start = rule.start
    if start.lists:
        name = draft.choose.one(start.lists)
        return entry(draft, _list(draft, name), scope)
    event = select(draft, start.each, scope) if start.each is not None else None
    meet(draft, start.when, evolve(scope, event=event))
    return event


def _again_from(draft: Draft, rule: SpreadRule, names: list[str], scope: Scope) -> None:
    """Of a rule that adds shares up, sometimes a second origin."""
    if rule.together and draft.choose.chance(50):
        draft.parties.setdefault("P9", {})
        _origin(draft, rule, evolve(scope, party="P9"))
        for step in rule.along:
            for branch in step:
                if isinstance(branch, OverRelation) and branch.together:
                    _link(draft, branch, "P9", names[1], scope.day)


def _list(draft: Draft, name: str) -> ListRule:
    return next(each for each in draft.plan.lists if each.name == name)


def _held_day(draft: Draft, rule: SpreadRule, event: Sketch | None) -> date | None:
    """A day of the origin on which its relations must hold, if the rule names one."""
    branches = [branch for branch in rule.branches if isinstance(branch, OverRelation)]
    names = [node.value for node in walk([one.held_on for one in branches]) if isinstance(node, Literal)]
    name = draft.choose.one(names) if names else "day"
    name = "decided" if name == "listed" else name
    found = event.values.get(name) if event is not None else None
    decided = event.values.get("decided") if event is not None else None
    if event is not None and name != "decided" and isinstance(decided, date) and draft.choose.chance(60):
        put(draft, event, name, decided - ONE_DAY * draft.choose.number(0, 30))
        found = event.values.get(name)
    return found if isinstance(found, date) else None


def _named(draft: Draft, branch: ToNamed, event: Sketch | None, scope: Scope, name: str) -> str:
    """The origin's event names a person; the person's id."""
    person = name if name == PARTY else name.replace("P", "N")
    draft.parties.setdefault(person, {})
    draft.persons.add(person)
    if event is not None:
        made = element(draft, event, branch.element.name, branch.where, scope)
        more = event.values.get(branch.element.name) or ()
        put(draft, event, branch.element.name, ({**made, "person": person}, *more[: draft.choose.number(0, 1)]))
    return person


# --- relations ------------------------------------------------------------------------------------------------


def _link(draft: Draft, branch: OverRelation, here: str, there: str, day: date) -> None:
    """Relations of a branch from one party to the next, in force on the day or just not; sometimes two that add up."""
    choose = draft.choose
    kind = draft.plan.relations[choose.one(branch.kinds)]
    source, target = (here, there) if branch.to == "target" else (there, here)
    for name, sort in ((source, kind.source), (target, kind.target)):
        draft.parties.setdefault(name, {})
        if sort == "person" or (sort == "party" and name != PARTY and choose.chance(15)):
            draft.persons.add(name)
    share = _share(draft, branch)
    if share is not None and choose.chance(25):
        part = share * Fraction(choose.number(1, 3), 4)
        _relate(draft, kind.name, source, target, day, part)
        share -= part
    _relate(draft, kind.name, source, target, day, share)
    if choose.chance(10):
        _relate(draft, kind.name, target, source, day, share)


def _share(draft: Draft, branch: OverRelation) -> Fraction | None:
    """A share on the threshold of a branch or a step beside it; sometimes none."""
    choose = draft.choose
    if not branch.share or choose.chance(8):
        return Fraction(choose.number(1, 4), 4) if choose.chance(20) else None
    op, bound = choose.one(branch.share)
    inside = STEP if op in ("at_least", "above") else -STEP
    edge = bound if op in ("at_least", "at_most") else bound + inside
    found = edge if choose.chance(60) else edge - inside if choose.chance(40) else edge + inside * choose.number(1, 200)
    return min(Fraction(1), max(Fraction(0), found))


def _relate(draft: Draft, kind: str, source: str, target: str, day: date, share: Fraction | None) -> None:
    choose, pen = draft.choose, draft.pen
    if len(draft.relations) >= MOST_RELATIONS or source == target:
        return
    draw = choose.number(0, 9)
    since = None if draw < 3 else day if draw < 7 else day - ONE_DAY if draw < 9 else day + ONE_DAY
    until = None if choose.chance(60) else day + ONE_DAY * choose.number(0, 2)
    until = until if until is None or since is None or until > since else None
    share_max = None
    if share is not None and choose.chance(15):
        share_max = min(Fraction(1), share + STEP * choose.number(0, 200))
    name = f"R{len({each.id for each in draft.relations}) + 1}"
    first = Relation(
        id=name, kind=kind, source=source, target=target, share=share, share_max=share_max, since=since, until=until
    )
    draft.relations.append(first)
    if pen.facts.versions and choose.chance(10):
        over = evolve(first, recorded=pen.day(), revision=1, until=max(day, since or day), share=share, since=since)
        draft.relations.append(over)


def more_relations(draft: Draft) -> None:
    """A few relations between anybody, of the kinds that the policy reads: circles, shortcuts, parallels."""
    choose = draft.choose
    branches = [branch for rule in draft.plan.spread for branch in rule.branches if isinstance(branch, OverRelation)]
    names = sorted(draft.parties)
    for _ in range(choose.number(0, 3) if branches and len(names) > 1 else 0):
        here = choose.one(names)
        there = choose.one([name for name in names if name != here])
        _link(draft, choose.one(branches), here, there, draft.pen.day())


# --- recognition ----------------------------------------------------------------------------------------------


def recognition_story(draft: Draft, rule: RecognitionRule, scope: Scope) -> date:
    """An entry of a list whose authority lies where a row of recognition says."""
    choose = draft.choose
    listed = _list(draft, rule.list)
    decision = entry(draft, listed, scope, decided=True)
    if decision is None:
        return scope.day
    places = [*rule.origins, *rule.origins_inside, *(f"{code[:4]}15" for code in rule.origins_inside if code.isdigit())]
    if places:
        put(draft, decision, "region", choose.one(places))
    ground = next((each for each in reversed(draft.events) if each is not decision), None)
    inner = Scope(scope.party, scope.day, event=ground, decision=decision)
    if listed.term is not None:
        last_day(draft, listed.term, inner)
    meet(draft, rule.when, inner, want=not choose.chance(15))
    if choose.chance(20) and rule.hosts and draft.room > 0:
        made = draft.sketch("list_decision", scope.party)
        for name, value in (("step", "opt_out"), ("list", choose.one((rule.list, rule.id))), ("decided", scope.day)):
            put(draft, made, name, value)
        put(draft, made, "region", choose.one(rule.hosts))
        made.pin("standing", "found")
    return scope.day + (ONE_DAY * choose.number(0, 40) if choose.chance(30) else timedelta())
