"""What each rule adds for each event: whether it applies, for which days, and how many points it brings.

A rule with `each` looks from its event, on its own day, under the law that `law_of` names; every other rule from the
day judged. What only may apply, or brings points that are not known, lies between two ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

from attrs import frozen

from credit_engine.assessing.applying import Look, frame_of, is_meant, look, looks_around, unknown_about, viewpoints
from credit_engine.assessing.conditions import conjunction
from credit_engine.assessing.contributions import UNLIMITED, Contribution, Kept, Noted, Points, reason_of
from credit_engine.assessing.naming import unknown_in_span, unknown_names
from credit_engine.assessing.program import Program
from credit_engine.assessing.scene import UNDATED, Compiled, Entry, Frame, Scene
from credit_engine.assessing.selecting import in_order
from credit_engine.assessing.spanning import (
    ALWAYS,
    UNKNOWN_STRETCH,
    Measure,
    Stretch,
    could_reach,
    ends_in_order,
    under_each_law,
)
from credit_engine.assessing.unknown import NOT_IN_FORCE, Number, Range, Special, Truth, both, ends, is_plain
from credit_engine.policy.nodes import (
    All,
    Any_,
    Compare,
    Constant,
    EventField,
    Item,
    Known,
    Literal,
    Node,
    OneOf,
    Parameter,
    SetTest,
    Span,
    SpanRow,
    walk,
)
from credit_engine.policy.nodes import (
    Truth as IsTrue,
)
from credit_engine.policy.plan import Score, ScoreRule
from credit_engine.policy.plan_basis import InForce
from credit_engine.records import Event

# What a rule may be made of whose answer for an event is told by that event alone, on one day.
_OF_THE_EVENT = (
    All,
    Any_,
    Compare,
    Constant,
    EventField,
    Known,
    Literal,
    OneOf,
    Parameter,
    SetTest,
    Span,
    SpanRow,
    IsTrue,
)


@frozen(eq=False)
class Rule:
    """A compiled score rule. `limit`: where unknown points end (group's limit, else the width of the range).

    `moving_span`: its span depends on the viewpoint, so it is not known of an event without a day; `span_of_item`: on
    the element. `applies`: whether an event with a day is meant, and `when` holds. `fixed`: the signed points where
    they are written in the policy and do not fade. `live`: the key of the events that count, the same for all rules
    with the same `each`, law, days in force and span. `alone`: nothing but the event's own fields and the law decide
    what it adds for an event on a day. `measured_first`: the span is asked before `applies` is;
    `ends_in_order`: of two events the earlier one counts no longer than the later.
    """

    plan: ScoreRule
    when: Compiled
    points: Compiled
    limit: int
    in_force: InForce
    applies: Compiled
    fixed: int | None = None
    live: str = ""
    alone: bool = False
    measured_first: bool = False
    ends_in_order: bool = False
    look: Look | None = None
    counts: Measure | None = None
    moving_span: bool = False
    span_of_item: bool = False
    element: Compiled | None = None


# An event that a rule may look at, from where, whether it is sure to take part and to count on the day judged, and the
# days for which it would count (none: not measured yet, or noted already); and what is noted of it on this day.
Live = tuple[Entry, Frame, Truth, Stretch | None, Noted | None]


def contributions(scene: Scene) -> list[Contribution]:
    """Everything that the rules add on the day judged: in the order of the policy, then by event id and element."""
    found = []
    for rule in _rules(scene.program):
        if rule.look is not None:
            found += _for_each(rule, rule.look, scene)
            continue
        points = _points(rule, Frame(scene, scene.as_of, scene.viewpoint.position, None, scene.as_of), None, truth=True)
        if points is not None:
            found.append(Contribution(rule.plan, None, points))
    return found


def _event_id(one: Contribution) -> str:
    return one.entry.event.id if one.entry else ""


def _rules(program: Program) -> tuple[Rule, ...]:
    """The compiled rules of the plan's score, made once."""
    if "rules" not in program.parts:
        score = program.plan.score
        program.parts["rules"] = tuple(_compile(rule, score, program) for rule in score.rules) if score else ()
    return program.parts["rules"]  # type: ignore[no-any-return]  # kept under this key by this function only


def _compile(rule: ScoreRule, score: Score, program: Program) -> Rule:
    def made(node: Node | None) -> Any:  # Any: the node's function, or none
        return None if node is None else program(node)

    each = rule.each
    looking = look(each, rule.law, rule.id, program) if each else None
    in_force, quick = program.days_in_force(rule.basis), _is_quick(rule, program)
    return Rule(
        plan=rule,
        when=program(rule.when),
        points=program(rule.points),
        limit=_limit(rule, score),
        in_force=in_force,
        applies=_applies_to_event(rule, looking, program),
        fixed=_fixed(rule),
        live=repr((looking and looking.key, in_force, rule.counts if quick else "")),
        alone=quick and looking is not None and _is_alone(rule, looking),
        measured_first=quick,
        ends_in_order=each is not None and ends_in_order(rule.counts, each.by),
        look=looking,
        counts=_counts(rule, program),
        moving_span=looks_around(rule.counts, program.plan),
        span_of_item=any(isinstance(node, Item) for node in walk(rule.counts)),
        element=made(each.element) if each else None,
    )


def _applies_to_event(rule: ScoreRule, looking: Look | None, program: Program) -> Compiled:
    """Whether an event with a day is meant, and `when` holds."""
    when = () if rule.when == Constant(holds=True) else (program(rule.when),)
    return conjunction((*(looking.which if looking else ()), *when))


def _is_quick(rule: ScoreRule, program: Program) -> bool:
    """Whether the rule's span is told by the event's own fields and the parameters of one law, so at little cost."""
    if rule.counts is None:
        return True
    dear = any(row.until_next or row.or_while or row.pauses for row in rule.counts.rows)
    return not (dear or rule.law.as_of or looks_around(rule.counts, program.plan))


def _is_alone(rule: ScoreRule, looking: Look) -> bool:
    """Whether a rule under one law reads nothing but its event's own fields, parameters and what is written."""
    if looking.each.element is not None or len(looking.laws) > 1 or rule.law.as_of:
        return False
    read = walk((looking.each.where, rule.when, rule.points, rule.counts))
    return all(isinstance(node, _OF_THE_EVENT) for node in read)


def _fixed(rule: ScoreRule) -> int | None:
    """The signed points of a rule whose points are written in the policy and do not fade."""
    if rule.fades or not isinstance(rule.points, Literal):
        return None
    return rule.sign * _cut(rule.points.value, *_WHOLE)


def _counts(rule: ScoreRule, program: Program) -> Measure | None:
    """How the rule's span is measured, if it has one: under the law of the viewpoint, or by each law in turn."""
    measure: Measure | None = None if rule.counts is None else program(rule.counts)
    if measure is None or not rule.law.as_of:
        return measure
    return partial(under_each_law, measure)


def _limit(rule: ScoreRule, score: Score) -> int:
    if rule.group is not None and rule.group in score.groups:
        return score.groups[rule.group]
    return UNLIMITED if score.low is None or score.high is None else score.high - score.low


# --- one rule, each of its events -----------------------------------------------------------------------------


def _for_each(rule: Rule, looking: Look, scene: Scene) -> list[Contribution]:
    each = looking.each
    if rule.element is None and len(looking.laws) == 1:
        found = _once_each(rule, looking, scene)
    else:
        found = [one for entry, frame in viewpoints(looking, scene) for one in _for_event(rule, looking, entry, frame)]
        found.sort(key=_event_id)
    hidden = scene.hidden_until(each.kind) if scene.coverage else None
    if hidden is not None and could_reach(rule.plan.counts, each.by, scene, min(hidden, scene.as_of)):
        found.append(Contribution(rule.plan, None, _at_limits(rule, scene, each.kind)))
        found.sort(key=_event_id)
    return found


def _once_each(rule: Rule, looking: Look, scene: Scene) -> list[Contribution]:
    """What a rule without elements brings under its one law."""
    if rule.alone and scene.kept is not None:
        return _once_more(rule, looking, scene).get(rule.plan.id, [])
    found = [_once(rule, looking, live) for live in _live(rule, looking, scene)]
    return [one for one in found if one is not None]


def _once(rule: Rule, looking: Look, live: Live) -> Contribution | None:
    """What it brings for one event, or nothing."""
    entry, frame, sure, stretch, _ = live
    truth = is_meant(looking, frame, entry) if stretch is None else rule.applies(frame)
    if truth is False:
        return None
    if stretch is None:
        points = _points(rule, frame, entry, truth)
    else:
        points = _amounting(rule, frame, entry, truth if sure else None, stretch)
    return None if points is None else Contribution(rule.plan, entry, points)


def _once_more(rule: Rule, looking: Look, scene: Scene) -> dict[str, list[Contribution]]:
    """The same, by rule, of all rules told alone by the events that this one counts too, found together.

    What was found of the very same event on the same day stands.
    """
    key = ("alone", rule.live)
    found: dict[str, list[Contribution]] | None = scene.found.get(key)
    if found is None:
        found = scene.found[key] = {}
        for live in _find_live(rule, looking, scene, scene.kept):
            entry, noted = live[0], live[4]
            told = noted.get(rule.live) if noted is not None else None
            if told is not None:
                for plan, points, reason in told:
                    found.setdefault(plan.id, []).append(Contribution(plan, entry, points, (), reason))
                continue
            made = [_once(each, each.look or looking, live) for each in _alike(scene.program)[rule.live]]
            ones = [one for one in made if one is not None]
            if noted is not None and not any(one.points.unsure for one in ones):
                noted[rule.live] = tuple((one.rule, one.points, reason_of(one, scene.program)) for one in ones)
            for one in ones:
                found.setdefault(one.rule.id, []).append(one)
    return found


def _alike(program: Program) -> dict[str, list[Rule]]:
    """The rules told by an event alone, by the events that count for them."""
    if "alike" not in program.parts:
        alike: dict[str, list[Rule]] = {}
        for rule in _rules(program):
            if rule.alone:
                alike.setdefault(rule.live, []).append(rule)
        program.parts["alike"] = alike
    return program.parts["alike"]  # type: ignore[no-any-return]  # kept under this key by this function only


def _live(rule: Rule, looking: Look, scene: Scene) -> list[Live]:
    """The events that are not out of the question by law and span alone, by id; made once for all rules alike."""
    found: list[Live] | None = scene.found.get(rule.live)
    if found is None:
        found = scene.found[rule.live] = _find_live(rule, looking, scene, None)
    return found


def _find_live(rule: Rule, looking: Look, scene: Scene, kept: Kept | None) -> list[Live]:
    """The same; what is noted in `kept` is not asked again: it comes without its days, or not if it brings nothing."""
    found: list[Live] = []
    as_of, counts, in_force, live = scene.as_of, rule.counts, rule.in_force, rule.live
    for entry, frame, noted in _latest_first(looking, scene, kept):
        if noted is not None and live in noted:
            if noted[live]:
                found.append((entry, frame, True, None, noted))
            continue
        if not rule.measured_first or entry.key[0] is UNDATED:
            found.append((entry, frame, None, None, None))
            continue
        stretch = None
        if in_force.covers(frame.law):
            stretch = ALWAYS if counts is None else counts(frame, frame.day)
        covered = False if stretch is None else stretch.covers(as_of)
        if covered is not False:
            sure = None if entry.doubtful else covered
            found.append((entry, frame, sure, stretch, noted if sure else None))
        elif noted is not None:
            noted[live] = ()
        elif stretch is not None and rule.ends_in_order and stretch.last_at_most < as_of:
            break
    found.sort(key=_id_of_live)
    return found


def _latest_first(looking: Look, scene: Scene, kept: Kept | None) -> list[tuple[Entry, Frame, Noted | None]]:
    """The viewpoints, each with what earlier answers of the day have noted of its event, to be used and added to."""
    if kept is None:
        return [(entry, frame, None) for entry, frame in reversed(viewpoints(looking, scene))]
    key = ("noted", looking.key)
    found: list[tuple[Entry, Frame, Noted | None]] | None = scene.found.get(key)
    if found is None:
        found = scene.found[key] = [
            (entry, frame, None if entry.doubtful or entry.key[0] is UNDATED else _noted_of(kept, entry.event))
            for entry, frame in reversed(viewpoints(looking, scene))
        ]
    return found


def _noted_of(kept: Kept, event: Event) -> Noted:
    """What earlier answers of the day have noted of the event, to be used and added to."""
    noted = kept.get(id(event))
    if noted is None:
        noted = kept[id(event)] = (event, {})
    return noted[1]


def _id_of_live(one: Live) -> str:
    return one[0].event.id


def _for_event(rule: Rule, looking: Look, entry: Entry, frame: Frame) -> Iterator[Contribution]:
    if rule.element is None:
        entries = [entry]
    else:
        elements = rule.element(frame)
        if not is_plain(elements):
            if all(_could_apply(rule, looking, frame_of(law, entry), entry) for law in looking.laws):
                name = looking.each.element.name  # type: ignore[union-attr]  # a rule with an element has both
                yield Contribution(rule.plan, entry, _at_limits(rule, entry.scene, name))
            return
        entries = [entry._replace(item=item) for item in in_order(elements)]
    for one in entries:
        found = _one(rule, looking, one)
        if found is not None:
            yield found


def _could_apply(rule: Rule, looking: Look, frame: Frame, entry: Entry) -> bool:
    """Whether a rule could apply to some element of an event, whatever is listed there."""
    meant = (is_meant(looking, frame, entry) if entry.is_undated else looking.where(frame)) is not False
    return meant and any(
        rule.in_force.covers(each.law)
        and (rule.span_of_item or _applies(rule, each, None, undated=entry.is_undated)[0] is not False)
        for each in frame.under_each_law()
    )


def _one(rule: Rule, looking: Look, entry: Entry) -> Contribution | None:
    """The contribution of one event; under a lenient law the better of two for the party."""
    found = []
    laws = looking.laws
    for law in laws:
        frame = frame_of(law, entry)
        if entry.item is not None:
            frame = frame.with_item(entry.item)
        truth = is_meant(looking, frame, entry)
        points = None if truth is False else _points(rule, frame, entry, truth)
        if len(laws) == 1:
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
        is_open = all(points.open for points in found)
        low = max(points.low if is_open else points.at_worst for points in found)
        best = best._replace(low=low, names=names, unsure=True, open=is_open)
    return Contribution(rule, entry, best, found)


# --- one rule, one viewpoint ----------------------------------------------------------------------------------


def _points(rule: Rule, frame: Frame, entry: Entry | None, truth: Truth) -> Points | None:
    """What the rule adds from this viewpoint on the day judged, where it is meant (`truth`); `None`: nothing."""
    if entry is None or not entry.is_undated:
        return _points_under(rule, frame, entry, truth)
    under_each = [_points_under(rule, each, entry, None) for each in frame.under_each_law()]
    found = [points for points in under_each if points is not None]
    if not found:
        return None
    names = frozenset[str]().union(*(points.names for points in found))
    low, high = min(points.low for points in found), max(points.high for points in found)
    return found[-1]._replace(low=low, high=high, names=names, open=any(points.open for points in found))


def _points_under(rule: Rule, frame: Frame, entry: Entry | None, truth: Truth) -> Points | None:
    """The same under one law."""
    if not rule.in_force.covers(frame.law):
        return None
    truth, stretch = _applies(rule, frame, truth, undated=entry is not None and entry.is_undated)
    return None if truth is False else _amounting(rule, frame, entry, truth, stretch)


def _amounting(rule: Rule, frame: Frame, entry: Entry | None, truth: Truth, stretch: Stretch) -> Points | None:
    """The points of a rule that applies or only may, for these days; an event without a day only ever may count."""
    if truth is True and rule.fixed is not None:
        return Points(rule.fixed, rule.fixed, stretch, frame.law)
    undated = truth is None and entry is not None and entry.is_undated
    value = None if undated and not isinstance(rule.plan.points, Literal) else rule.points(frame)
    if value is NOT_IN_FORCE:
        return None
    low, high, unsure = _amount(rule, value, stretch, frame.scene.as_of)
    if truth is True and not unsure:
        return Points(low, high, stretch, frame.law)
    is_open = not is_plain(value) and (not isinstance(value, Range) or None in ends(value))
    if truth is None:
        low, high = min(low, 0), max(high, 0)
    names = _names(rule, frame, entry, truth, stretch, unsure=unsure)
    return Points(low, high, stretch, frame.law, names, unsure=True, open=is_open)


def _applies(rule: Rule, frame: Frame, truth: Truth, *, undated: bool) -> tuple[Truth, Stretch]:
    """Whether a rule applies to an event that it only may be meant for (`truth`), and the days for which it does."""
    stretch: Stretch | None = ALWAYS
    if rule.counts is not None and undated and rule.moving_span:
        stretch = UNKNOWN_STRETCH
    elif rule.counts is not None:
        stretch = rule.counts(frame, None if undated else frame.day)
    covered = False if stretch is None else stretch.covers(frame.scene.as_of)
    if stretch is None or covered is False:
        return False, ALWAYS
    truth = both(truth, covered)
    if not undated or rule.plan.when == Constant(holds=True):
        truth = both(truth, rule.when(frame))
    return truth, stretch


def _at_limits(rule: Rule, scene: Scene, name: str) -> Points:
    """Points of which nothing is known, because of `name`."""
    low, high = _limits(rule)
    return Points(low, high, ALWAYS, scene.as_of, frozenset({name}), unsure=True, open=True)


def _limits(rule: Rule) -> tuple[int, int]:
    """Between which ends unknown points lie: on one side where they cannot be negative."""
    if not rule.plan.nonnegative:
        return -rule.limit, rule.limit
    return (-rule.limit, 0) if rule.plan.sign < 0 else (0, rule.limit)


def _amount(rule: Rule, value: Any, stretch: Stretch, as_of: date) -> tuple[int, int, bool]:  # Any: points, or unknown
    """Signed thousandths between two ends, and whether they are unknown. Divided once, last, on magnitudes."""
    plan = rule.plan
    left = _left(stretch, as_of) if plan.fades else _WHOLE
    if left is not None and value is not None and not isinstance(value, Special):
        amount = plan.sign * _cut(value, *left)
        return amount, amount, False
    return _unsure_amount(rule, value, left)


def _unsure_amount(
    rule: Rule, value: Any, left: tuple[int, int] | None
) -> tuple[int, int, bool]:  # Any: points, or unknown
    """The same where the points, or how many of their days are left, are not known."""
    if not is_plain(value) and not isinstance(value, Range):
        return (*_limits(rule), True)
    low, high = (None if end is None else _cut(end, *(left or _WHOLE)) for end in ends(value))
    if left is None:
        low, high = None if low is None else min(low, 0), None if high is None else max(high, 0)
    if rule.plan.sign < 0:
        low, high = None if high is None else -high, None if low is None else -low
    lowest, highest = _limits(rule)
    return lowest if low is None else low, highest if high is None else high, low is None or low != high


_WHOLE = 1, 1


def _left(stretch: Stretch, as_of: date) -> tuple[int, int] | None:
    """How many of how many days of points that fade are left; `None` if it cannot be known."""
    first, last, at_most = stretch
    if first is None or last != at_most:
        return None
    total, left = (last - first).days, (last - as_of).days
    return (0 if left < 0 else min(left, total), total) if total else _WHOLE


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
    names = set() if rule.look is None or entry is None else unknown_about(rule.look, frame, entry)
    if not undated:
        names |= unknown_names(plan.when, frame, scene.program)
        names |= unknown_names(plan.points, frame, scene.program) if unsure else set()
    if not stretch.is_known and (truth is None or plan.fades):
        names |= unknown_in_span(plan.counts, frame, scene.program)
    return frozenset(names)
