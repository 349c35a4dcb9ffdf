"""What each rule adds for each event: whether it applies, for which days, and how many points it brings.

A rule with `each` looks from its event, on its own day, under the law that `law_of` names; every other rule from the
day judged. What only may apply, or brings points that are not known, lies between two ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from attrs import frozen

from credit_engine.assessing.naming import unknown_names
from credit_engine.assessing.program import Program
from credit_engine.assessing.scene import Compiled, Entry, Frame, Scene
from credit_engine.assessing.selecting import in_order
from credit_engine.assessing.spanning import ALWAYS, Measure, Stretch, not_over_before
from credit_engine.assessing.unknown import NOT_IN_FORCE, Number, Range, Truth, both, ends, is_plain
from credit_engine.days import add
from credit_engine.policy.plan import (
    Condition,
    Constant,
    EventField,
    Law,
    Literal,
    Node,
    Parameter,
    Score,
    ScoreRule,
    Selector,
    SpanRow,
)

UNLIMITED = 10**15  # thousandths; far beyond any score, so that an unlimited interval stays one of whole numbers


class Points(NamedTuple):
    """What one contribution adds, in signed thousandths, under one law; between `low` and `high` if `unsure`."""

    low: int
    high: int
    stretch: Stretch
    law: date
    names: frozenset[str] = frozenset()
    unsure: bool = False


class Contribution(NamedTuple):
    """What one rule adds for one event (or element, or for the day); `laws`: under each law, if it is lenient."""

    rule: ScoreRule
    entry: Entry | None
    points: Points
    laws: tuple[Points, ...] = ()


@frozen(eq=False)
class Rule:
    """A compiled score rule. `limit`: where unknown points end (group's limit, else the width of the range).

    `which`: the conditions on the event, `where` among them. `looks`: the same for rules that look at the same events
    from the same viewpoints.
    """

    plan: ScoreRule
    when: Compiled
    points: Compiled
    limit: int
    laws: tuple[Law, ...]
    where: Compiled | None = None
    which: tuple[Compiled, ...] = ()
    looks: str = ""
    counts: Measure | None = None
    element: Compiled | None = None
    per: tuple[Compiled, ...] = ()


def contributions(scene: Scene) -> Iterator[Contribution]:
    """Everything that the rules add on the day judged: in the order of the policy, then by event id and element."""
    for rule in _rules(scene.program):
        each = rule.plan.each
        if each is not None:
            yield from _for_each(rule, each, scene)
            continue
        points = _points(rule, Frame(scene, scene.as_of, scene.viewpoint.position, None, scene.as_of), None)
        if points is not None:
            yield Contribution(rule.plan, None, points)


def _event_id(one: Contribution) -> str:
    return one.entry.event.id if one.entry else ""


def _rules(program: Program) -> tuple[Rule, ...]:
    """The compiled rules of the plan's score, made once."""
    if "rules" not in program.parts:
        score = program.plan.score
        program.parts["rules"] = tuple(_compile(rule, score, program) for rule in score.rules) if score else ()
    return program.parts["rules"]


def _compile(rule: ScoreRule, score: Score, program: Program) -> Rule:
    def made(node: Node | None) -> Any:  # Any: the node's function, or none
        return None if node is None else program(node)

    each = rule.each
    law = rule.law
    return Rule(
        plan=rule,
        when=program(rule.when),
        points=program(rule.points),
        limit=_limit(rule, score),
        laws=tuple(Law(anchors=(anchor,)) for anchor in law.anchors) if law.lenient else (law,),
        where=made(each.where) if each else None,
        which=tuple(program(piece) for piece in _conditions_on_events(each)),
        looks=repr((each.kind, each.by, sorted(each.standing), law, rule.id if each.per else "")) if each else "",
        counts=made(rule.counts),
        element=made(each.element) if each else None,
        per=tuple(program(value) for value in each.per) if each else (),
    )


def _conditions_on_events(each: Selector | None) -> tuple[Condition, ...]:
    """What an event, and its element, must satisfy; what always holds is left out."""
    pieces = () if each is None else (each.where, each.item_where)
    return tuple(piece for piece in pieces if piece is not None and piece != Constant(holds=True))


def _limit(rule: ScoreRule, score: Score) -> int:
    if rule.group is not None and rule.group in score.groups:
        return score.groups[rule.group]
    return UNLIMITED if score.low is None or score.high is None else score.high - score.low


# --- one rule, each of its events -----------------------------------------------------------------------------


def _for_each(rule: Rule, each: Selector, scene: Scene) -> list[Contribution]:
    found: list[Contribution] = []
    once = rule.element is None and len(rule.laws) == 1
    for entry, frame in _viewpoints(rule, each, scene):
        if not once:
            found += _for_event(rule, entry, frame)
        elif (points := _points(rule, frame, entry)) is not None:
            found.append(Contribution(rule.plan, entry, points))
    hidden = scene.hidden_until(each.kind)
    if hidden is not None and _could_count(rule.plan, each, scene, min(hidden, scene.as_of)):
        found.append(Contribution(rule.plan, None, _at_limits(rule, scene, each.kind)))
    found.sort(key=_event_id)
    return found


def _viewpoints(rule: Rule, each: Selector, scene: Scene) -> list[tuple[Entry, Frame]]:
    """The events that a rule looks at, and from; made once for all rules that look at the same ones alike."""
    found: list[tuple[Entry, Frame]] | None = scene.found.get(rule.looks)
    if found is None:
        candidates = scene.candidates(each.kind, each.by, each.standing)
        seen = _seen(candidates.dated, each.kind, scene)
        if rule.per:
            seen = scene.earliest(_meant(rule, seen), candidates.undated, rule.per)
        found = [(entry, _frame(rule.laws[-1], entry)) for entry in (*seen, *candidates.undated)]
        scene.found[rule.looks] = found
    return found


def _seen(dated: list[Entry], kind: str, scene: Scene) -> list[Entry]:
    """The events that stand at or before the viewpoint of the question."""
    position = scene.viewpoint.position
    if position is not None and position[0] == kind:
        last = (scene.as_of, *position[1:])
        return [entry for entry in dated if entry.key <= last]
    if not dated or dated[-1].key[0] <= scene.as_of:
        return dated
    return [entry for entry in dated if entry.key[0] <= scene.as_of]


def _meant(rule: Rule, seen: list[Entry]) -> list[Entry]:
    """The events that satisfy the `where` of the rule's own `each`, before `per` picks among them."""
    meant = []
    for entry in seen:
        truth = True if rule.where is None else rule.where(_frame(rule.laws[-1], entry))
        if truth is not False:
            meant.append(entry if truth else entry._replace(doubtful=True))
    return meant


def _frame(law: Law, entry: Entry) -> Frame:
    """The viewpoint of a rule with `each`: its event, on its own day, under the rule's law."""
    scene, event = entry.scene, entry.event
    if entry.is_undated:
        return Frame(scene, scene.as_of, None, event, scene.law_day(law, event, None))
    day = entry.key[0]
    return Frame(scene, day, (event.kind, event.sequence, event.id), event, scene.law_day(law, event, day))


def _for_event(rule: Rule, entry: Entry, frame: Frame) -> Iterator[Contribution]:
    if rule.element is None:
        entries = [entry]
    else:
        elements = rule.element(frame)
        if not is_plain(elements):
            if rule.where is None or rule.where(frame) is not False:
                name = rule.plan.each.element.name  # type: ignore[union-attr]  # a rule with an element has both
                yield Contribution(rule.plan, entry, _at_limits(rule, entry.scene, name))
            return
        entries = [entry._replace(item=item) for item in in_order(elements)]
    for one in entries:
        found = _one(rule, one)
        if found is not None:
            yield found


def _one(rule: Rule, entry: Entry) -> Contribution | None:
    """The contribution of one event; under a lenient law the better of two for the party."""
    found = []
    for law in rule.laws:
        frame = _frame(law, entry)
        if entry.item is not None:
            frame = frame.at_hand(entry.event, frame.law, entry.item)
        points = _points(rule, frame, entry)
        if len(rule.laws) == 1:
            return None if points is None else Contribution(rule.plan, entry, points)
        found.append(points or Points(0, 0, ALWAYS, frame.law))
    return _better(rule.plan, entry, tuple(found))


def _better(rule: ScoreRule, entry: Entry, found: tuple[Points, ...]) -> Contribution | None:
    """Of the results under each law the better for the party: fewer points, an earlier end, else the first."""
    if any(points.low == points.high == 0 and not points.unsure for points in found):
        return None
    best = max(found, key=lambda points: (points.high, -points.stretch.last.toordinal()))  # then the earlier end
    if any(points.unsure for points in found):
        names = frozenset[str]().union(*(points.names for points in found))
        best = best._replace(low=max(points.low for points in found), names=names, unsure=True)
    return Contribution(rule, entry, best, found)


# --- one rule, one viewpoint ----------------------------------------------------------------------------------


def _points(rule: Rule, frame: Frame, entry: Entry | None) -> Points | None:
    """What the rule adds from this viewpoint on the day judged; `None` if it does not apply."""
    truth: Truth = None if entry is not None and entry.doubtful else True
    for condition in rule.which:
        one = condition(frame)
        if one is False:
            return None
        if one is None:
            truth = None
    plan, scene = rule.plan, frame.scene
    if not scene.program.rule_in_force(plan.basis, frame.law):
        return None
    undated = entry is not None and entry.is_undated
    truth, stretch = _applies(rule, frame, truth, undated=undated)
    if truth is False:
        return None
    value = None if undated and not isinstance(plan.points, Literal) else rule.points(frame)
    if value is NOT_IN_FORCE:
        return None
    low, high, unsure = _amount(rule, value, stretch, scene.as_of)
    if truth is True and not unsure:
        return Points(low, high, stretch, frame.law)
    if truth is None:
        low, high = min(low, 0), max(high, 0)
    names = _names(rule, frame, entry, truth, stretch, unsure=unsure)
    return Points(low, high, stretch, frame.law, names, unsure=True)


def _applies(rule: Rule, frame: Frame, truth: Truth, *, undated: bool) -> tuple[Truth, Stretch]:
    """Whether a rule applies to an event that it only may be meant for (`truth`), and the days for which it does."""
    stretch = ALWAYS if rule.counts is None else rule.counts(frame, None if undated else frame.day)
    if stretch is None:
        return False, ALWAYS
    truth = both(truth, stretch.covers(frame.scene.as_of))
    if truth is not False and rule.counts is not None and rule.plan.law.as_of:
        truth = both(truth, not_over_before(rule.counts, frame, None if undated else frame.day))
    if truth is not False and (not undated or rule.plan.when == Constant(holds=True)):
        truth = both(truth, rule.when(frame))
    return truth, stretch


def _at_limits(rule: Rule, scene: Scene, name: str) -> Points:
    """Points of which nothing is known, because of `name`."""
    low, high = _limits(rule)
    return Points(low, high, ALWAYS, scene.as_of, frozenset({name}), unsure=True)


def _limits(rule: Rule) -> tuple[int, int]:
    """Between which ends unknown points lie: on one side where they cannot be negative."""
    if not rule.plan.nonnegative:
        return -rule.limit, rule.limit
    return (-rule.limit, 0) if rule.plan.sign < 0 else (0, rule.limit)


def _amount(rule: Rule, value: Any, stretch: Stretch, as_of: date) -> tuple[int, int, bool]:  # Any: points, or unknown
    """Signed thousandths between two ends, and whether they are unknown. Divided once, last, on magnitudes."""
    if not is_plain(value) and not isinstance(value, Range):
        return (*_limits(rule), True)
    left = _left(rule.plan, stretch, as_of)
    if left is not None and not isinstance(value, Range):
        amount = rule.plan.sign * _cut(value, *left)
        return amount, amount, False
    low, high = (None if end is None else _cut(end, *(left or (1, 1))) for end in ends(value))
    if left is None:
        low, high = None if low is None else min(low, 0), None if high is None else max(high, 0)
    if rule.plan.sign < 0:
        low, high = None if high is None else -high, None if low is None else -low
    lowest, highest = _limits(rule)
    return lowest if low is None else low, highest if high is None else high, low is None or low != high


def _left(plan: ScoreRule, stretch: Stretch, as_of: date) -> tuple[int, int] | None:
    """How many of how many days of the points are left: all if the rule does not fade, `None` if it cannot be known."""
    if not plan.fades:
        return 1, 1
    if stretch.first is None or not stretch.is_known:
        return None
    total = (stretch.last - stretch.first).days
    return (min(max((stretch.last - as_of).days, 0), total), total) if total else (1, 1)


def _cut(value: Number, left: int, total: int) -> int:
    """`value x left / total` in whole thousandths, cut toward zero."""
    size = (-value if value < 0 else value) * left // total
    return -size if value < 0 else size


def _names(
    rule: Rule, frame: Frame, entry: Entry | None, truth: Truth, stretch: Stretch, *, unsure: bool
) -> frozenset[str]:
    """The names that were not known, as written in the policy."""
    plan, scene = rule.plan, frame.scene
    undated = entry is not None and entry.is_undated
    pieces: list[Node | None] = []
    names: set[str] = set()
    if plan.each is not None:
        pieces += [plan.each.where, plan.each.item_where]
        admits = scene.plan.admits.get(plan.each.kind)
        if admits is not None and entry is not None and entry.doubtful:
            pieces.append(admits.where)
    if undated and plan.each is not None:
        names.update(plan.each.by)
    else:
        pieces += [plan.when, plan.points if unsure else None]
    if plan.counts is not None and not stretch.is_known and (truth is None or plan.fades):
        pieces.append(plan.counts)
    for piece in pieces:
        if piece is not None:
            names |= unknown_names(piece, frame, scene.program)
    return frozenset(names or {"unknown_calendar"})


# --- events that may stand unrecorded -------------------------------------------------------------------------


def _could_count(plan: ScoreRule, each: Selector, scene: Scene, last: date) -> bool:
    """Whether an event on `last` or before, had there been one, could still count on the day judged."""
    if plan.counts is None:
        return True
    return any(_row_could_reach(row, each, scene, last) for row in plan.counts.rows)


def _row_could_reach(row: SpanRow, each: Selector, scene: Scene, last: date) -> bool:
    """Whether it could: for a plain period from the event's own day that can be told, else it could."""
    own_day = row.from_ is None or row.from_ == tuple(EventField(name) for name in each.by)
    extended = (row.until, row.or_until, row.or_while, row.to_end_of, row.pauses)
    if not own_day or row.plus or row.rolls or any(part is not None for part in extended):
        return True
    if isinstance(row.for_, Literal):
        periods = [row.for_.value]
    elif isinstance(row.for_, Parameter):
        periods = [step.value for step in scene.plan.parameters[row.for_.name].values if not step.ended]
    else:
        return True
    reaches = [None if period is None else add(last, period) for period in periods]
    return any(reach is None or reach >= scene.as_of for reach in reaches)
