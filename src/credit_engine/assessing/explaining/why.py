"""Why a rule asked for by name did or did not apply: event by event, the first thing that stopped it."""

from __future__ import annotations

from credit_engine.assessing.answer import Reason
from credit_engine.assessing.contributions import Contribution
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.citing import basis_lines, citations
from credit_engine.assessing.explaining.duties import duties_of, why_duty
from credit_engine.assessing.explaining.effects import rule_title, spread_rules
from credit_engine.assessing.explaining.facts import facts
from credit_engine.assessing.explaining.gaps import gaps
from credit_engine.assessing.explaining.grades import adjustment_lines, frame_of, grade_account
from credit_engine.assessing.explaining.lists import why_list
from credit_engine.assessing.explaining.scores import ADDING, carried, item_line, limit_line, points_line
from credit_engine.assessing.explaining.spreading import why_spread
from credit_engine.assessing.explaining.stopping import day_frame, stops_event, stops_rule
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.explaining.unknowns import stake_lines, table_lines
from credit_engine.errors import Problem, QuestionError
from credit_engine.policy.nodes import (
    Selector,
)
from credit_engine.policy.places import did_you_mean
from credit_engine.policy.plan import Adjustment, Scale, ScoreRule
from credit_engine.records import Event


def why(name: str, telling: Telling) -> Account:
    """What became of a score rule, an adjustment of a grade, a scale, a group's limit, or the score's range.

    Also of a list, of a rule on a finding, an obligation or supervision, of a rule of spread or recognition.

    Raises `QuestionError` (`unknown_rule`) if the policy has nothing of this name.
    """
    plan = telling.plan
    rules = {rule.id: rule for rule in plan.score.rules} if plan.score else {}
    adjusts = {rule.id: (scale, rule) for scale in plan.scales for rule in scale.adjust}
    scales = {scale.name: scale for scale in plan.scales}
    limits = {*plan.score.groups, "range"} if plan.score else set()
    lists, duties = {rule.name: rule for rule in plan.lists}, duties_of(telling)
    spread = spread_rules(telling)
    names = (*rules, *adjusts, *scales, *limits, *lists, *duties, *spread)
    if name not in names:
        hint = did_you_mean(name, names)
        raise QuestionError(Problem("unknown_rule", f"the policy {plan.policy} has no rule {name!r}", hint=hint))
    if telling.answer.outside_policy is True:
        return Account(telling.words("nothing_judged"), part="rule")
    if name in rules:
        return _rule(rules[name], telling)
    if name in adjusts:
        return _adjustment(*adjusts[name], telling.final)
    if name in scales:
        return grade_account(scales[name], telling.final)
    if name in spread:
        return why_spread(spread[name], telling)
    if name in limits:
        return _limit(name, telling)
    return why_list(lists[name], telling) if name in lists else why_duty(duties[name], telling.final)


# --- a rule of the score --------------------------------------------------------------------------------------


def _rule(rule: ScoreRule, telling: Telling) -> Account:
    made = [one for key, one in telling.made.items() if key[0] == rule.id]
    lines = [Account(_summary(made, telling), part="summary")]
    if rule.each is None:
        lines += [_made(one, telling) for one in made] or _stopped_rule(rule, telling)
    else:
        lines += _events(rule, rule.each, telling)
    return Account(telling.words("why_rule", rule=telling.rule(rule)), lines, part="rule")


def _summary(made: list[Contribution], telling: Telling) -> str:
    words = telling.words
    sure = [one for one in made if not one.points.unsure and one.points.low]
    if sure:
        points = words.points(sum(one.points.low for one in sure))
        return (
            words("applied", points=points)
            if len(sure) == 1
            else words("applied_times", times=len(sure), points=points)
        )
    return words("may_apply" if any(one.points.unsure for one in made) else "not_applied")


def _events(rule: ScoreRule, each: Selector, telling: Telling) -> list[Account]:
    words, scene = telling.words, telling.scene
    events = sorted(scene.events.get(each.kind, ()), key=lambda event: _place(event, each, telling))
    lines = [line for event in events for line in _event(rule, each, event, telling)]
    if scene.hidden_until(each.kind) is not None:
        lines += table_lines(each.kind, telling)
    elif not events:
        text = words("no_such_events", kind=words.kind(each.kind), day=words.day(scene.known_at))
        lines.append(Account(text, part="summary"))
    return lines


def _place(event: Event, each: Selector, telling: Telling) -> tuple[bool, str, int, str]:
    _, day = telling.anchor(event, each.by)
    return day is None, "" if day is None else day.isoformat(), event.sequence, event.id


def _event(rule: ScoreRule, each: Selector, event: Event, telling: Telling) -> list[Account]:
    """A line for an event, or for each element of it to which the rule applies or may apply."""
    made = [one for key, one in telling.made.items() if key[:3] == (rule.id, event.kind, event.id)]
    if made:
        return [_made(one, telling) for one in made]
    text = telling.words("event_not", event=telling.event(event, each.by))
    return [Account(text, stops_event(rule, each, event, telling), part="event_not")]


def _made(one: Contribution, telling: Telling) -> Account:
    """What the rule adds, with all that carries it; or what it hangs on."""
    words, points = telling.words, one.points
    each = one.rule.each
    event = "" if one.entry is None or each is None else telling.event(one.entry.event, each.by)
    if points.unsure:
        text = words("event_maybe", event=event) if event else words("may_apply")
        return Account(text, stake_lines(one, telling), part="event_maybe")
    if points.low == 0:
        text = words("event_not", event=event) if event else words("not_applied")
        zero = Account(words("stop_zero_faded" if one.rule.fades else "stop_zero"), part="stop")
        return Account(text, [zero, *carried(one, telling)], part="event_not")
    return Account(points_line(points.low, telling.rule(one.rule), telling), carried(one, telling), part="reason")


def _stopped_rule(rule: ScoreRule, telling: Telling) -> list[Account]:
    """Why a rule that looks from the day judged does not apply."""
    stop = stops_rule(rule, day_frame(telling), telling)
    law = telling.words("law_judged", day=telling.words.day(telling.scene.as_of))
    return [stop, citations(rule, day_frame(telling), law, telling)]


# --- grades and limits ----------------------------------------------------------------------------------------


def _adjustment(scale: Scale, rule: Adjustment, telling: Telling) -> Account:
    words, grade = telling.words, telling.answer.grades[scale.name]
    frame = frame_of(grade, telling)
    truth = telling.program(rule.when)(frame)
    moved = any(change.rule == rule.id for change in grade.changes)
    if not telling.program.rule_in_force(rule.basis, frame.law):
        lines = [Account(words("not_applied"), part="summary")]
        lines.append(Account(words("stop_law", day=words.day(frame.law)), basis_lines(rule.basis, telling), "stop"))
    elif truth is False:
        lines = [Account(words("not_applied"), part="summary")]
        lines.append(Account(words("stop_where"), facts(rule.when, frame, telling), part="stop"))
    else:
        key = "may_apply" if truth is None else "moved" if moved else "not_moved"
        lines = [Account(words(key), part="summary"), *adjustment_lines(rule, scale, frame, telling)]
        lines += [Account(gap, part="gap") for gap in gaps(rule.when, frame, telling)]
    if scale.name != "grade":
        lines.append(Account(words("on_scale", scale=scale.name), part="scale"))
    return Account(words("why_rule", rule=words.titled(rule.title, rule.id)), lines, part="rule")


def _limit(name: str, telling: Telling) -> Account:
    """What a group's limit, or the range, changed."""
    words, score, answer = telling.words, telling.plan.score, telling.answer
    limits = [reason for reason in answer.reasons if reason.kind not in ADDING and reason.rule == name]
    members = [reason for reason in answer.reasons if reason.kind in ADDING and name in ("range", reason.group)]
    lines = [_member(reason, telling) for reason in members]
    if limits:
        lines += [Account(limit_line(reason, telling), part=reason.kind) for reason in limits]
    else:
        key = "not_reached" if isinstance(answer.score, int) else "limits_open"
        lines.append(Account(words(key), part="summary"))
    if name == "range" or score is None:
        return Account(words("why_range"), lines, part="rule")
    return Account(words("why_group", group=name, limit=words.points(score.groups[name])), lines, part="rule")


def _member(reason: Reason, telling: Telling) -> Account:
    if reason.kind == "effect":
        return Account(points_line(reason.points, rule_title(reason.rule, telling), telling), part="reason")
    made = telling.made[reason.rule, reason.event_kind, reason.event, reason.item]
    line = points_line(reason.points, telling.rule(made.rule), telling)
    event = "" if made.entry is None else telling.event_name(made.entry.event)
    item = "" if made.entry is None or made.entry.item is None else item_line(made, telling)
    return Account(telling.words.parts((line, event, item)), part="reason")
