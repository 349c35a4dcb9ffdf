"""Why a rule asked for by name did or did not apply: event by event, the first thing that stopped it."""

from __future__ import annotations

from credit_engine.assessing.answer import Reason
from credit_engine.assessing.contributing import Contribution
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.citing import citations
from credit_engine.assessing.explaining.facts import facts
from credit_engine.assessing.explaining.gaps import gaps
from credit_engine.assessing.explaining.grades import adjustment_lines, frame_of, grade_account
from credit_engine.assessing.explaining.looking import Look
from credit_engine.assessing.explaining.scores import carried, limit_line, points_line
from credit_engine.assessing.explaining.stopping import day_frame, stops_event, stops_rule
from credit_engine.assessing.explaining.unknowns import stake_lines, table_lines
from credit_engine.errors import Problem, QuestionError
from credit_engine.policy.places import did_you_mean
from credit_engine.policy.plan import Adjustment, Scale, ScoreRule, Selector
from credit_engine.records import Event


def why(name: str, look: Look) -> Account:
    """What became of a score rule, an adjustment of a grade, a scale, a group's limit, or the score's range.

    Raises `QuestionError` (`unknown_rule`) if the policy has nothing of this name.
    """
    plan = look.plan
    rules = {rule.id: rule for rule in plan.score.rules} if plan.score else {}
    adjusts = {rule.id: (scale, rule) for scale in plan.scales for rule in scale.adjust}
    scales = {scale.name: scale for scale in plan.scales}
    limits = {*plan.score.groups, "range"} if plan.score else set()
    if name not in {*rules, *adjusts, *scales, *limits}:
        hint = did_you_mean(name, (*rules, *adjusts, *scales, *limits))
        raise QuestionError(Problem("unknown_rule", f"the policy {plan.policy} has no rule {name!r}", hint=hint))
    if look.answer.outside_policy is True:
        return Account(look.words("nothing_judged"), part="rule")
    if name in rules:
        return _rule(rules[name], look)
    if name in adjusts:
        return _adjustment(*adjusts[name], look)
    return grade_account(scales[name], look) if name in scales else _limit(name, look)


# --- a rule of the score --------------------------------------------------------------------------------------


def _rule(rule: ScoreRule, look: Look) -> Account:
    made = [one for key, one in look.made.items() if key[0] == rule.id]
    lines = [Account(_summary(made, look), part="summary")]
    if rule.each is None:
        lines += [_made(one, look) for one in made] or [_stopped_rule(rule, look)]
    else:
        lines += _events(rule, rule.each, look)
    return Account(look.words("why_rule", rule=look.rule(rule)), lines, part="rule")


def _summary(made: list[Contribution], look: Look) -> str:
    words = look.words
    sure = [one for one in made if not one.points.unsure and one.points.low]
    if sure:
        points = words.points(sum(one.points.low for one in sure))
        return words("applied", points=points) if len(sure) == 1 else words("applied_times", times=len(sure), points=points)
    return words("may_apply" if any(one.points.unsure for one in made) else "not_applied")


def _events(rule: ScoreRule, each: Selector, look: Look) -> list[Account]:
    words, scene = look.words, look.scene
    events = sorted(scene.events.get(each.kind, ()), key=lambda event: _place(event, each, look))
    lines = [line for event in events for line in _event(rule, each, event, look)]
    if scene.hidden_until(each.kind) is not None:
        lines += table_lines(each.kind, look)
    elif not events:
        text = words("no_such_events", kind=words.kind(each.kind), day=words.day(scene.known_at))
        lines.append(Account(text, part="summary"))
    return lines


def _place(event: Event, each: Selector, look: Look) -> tuple[bool, str, int, str]:
    _, day = look.anchor(event, each.by)
    return day is None, "" if day is None else day.isoformat(), event.sequence, event.id


def _event(rule: ScoreRule, each: Selector, event: Event, look: Look) -> list[Account]:
    """A line for an event, or for each element of it to which the rule applies or may apply."""
    made = [one for key, one in look.made.items() if key[:3] == (rule.id, event.kind, event.id)]
    if made:
        return [_made(one, look) for one in made]
    text = look.words("event_not", event=look.event(event, each.by))
    return [Account(text, stops_event(rule, each, event, look), part="event_not")]


def _made(one: Contribution, look: Look) -> Account:
    """What the rule adds, with all that carries it; or what it hangs on."""
    words, points = look.words, one.points
    each = one.rule.each
    event = "" if one.entry is None or each is None else look.event(one.entry.event, each.by)
    if points.unsure:
        text = words("event_maybe", event=event) if event else words("may_apply")
        return Account(text, stake_lines(one, look), part="event_maybe")
    if points.low == 0:
        text = words("event_not", event=event) if event else words("not_applied")
        zero = Account(words("stop_zero_faded" if one.rule.fades else "stop_zero"), part="stop")
        return Account(text, [zero, *carried(one, look)], part="event_not")
    return Account(points_line(points.low, look.rule(one.rule), look), carried(one, look), part="reason")


def _stopped_rule(rule: ScoreRule, look: Look) -> Account:
    """Why a rule that looks from the day judged does not apply."""
    stop = stops_rule(rule, day_frame(look), look)
    law = look.words("law_judged", day=look.words.day(look.scene.as_of))
    return Account(stop.text, [*stop.children, citations(rule, day_frame(look), law, look)], part="stop")


# --- grades and limits ----------------------------------------------------------------------------------------


def _adjustment(scale: Scale, rule: Adjustment, look: Look) -> Account:
    words, grade = look.words, look.answer.grades[scale.name]
    frame = frame_of(grade, look)
    truth = look.program(rule.when)(frame)
    if not look.program.rule_in_force(rule.basis, frame.law):
        lines = [Account(words("not_applied")), Account(words("not_in_force"))]
    elif truth is False:
        lines = [Account(words("not_applied"), part="summary"), *facts(rule.when, frame, look)]
    elif truth is None:
        lines = [Account(words("may_apply"), part="summary"), *facts(rule.when, frame, look)]
        lines += [Account(gap, part="gap") for gap in gaps(rule.when, frame, look)]
    else:
        moved = any(change.rule == rule.id for change in grade.changes)
        lines = [Account(words("moved" if moved else "not_moved"), part="summary")]
        lines += adjustment_lines(rule, scale, frame, look)
    lines.append(Account(words("on_scale", scale=scale.name), part="scale"))
    return Account(words("why_rule", rule=words.titled(rule.title, rule.id)), lines, part="rule")


def _limit(name: str, look: Look) -> Account:
    """What a group's limit, or the range, changed."""
    words, score, answer = look.words, look.plan.score, look.answer
    limits = [reason for reason in answer.reasons if reason.kind != "rule" and reason.rule == name]
    members = [reason for reason in answer.reasons if reason.kind == "rule" and name in ("range", reason.group)]
    lines = [_member(reason, look) for reason in members]
    if limits:
        lines += [Account(limit_line(reason, look), part=reason.kind) for reason in limits]
    else:
        key = "not_reached" if isinstance(answer.score, int) else "limits_open"
        lines.append(Account(words(key), part="summary"))
    if name == "range" or score is None:
        return Account(words("why_range"), lines, part="rule")
    return Account(words("why_group", group=name, limit=words.points(score.groups[name])), lines, part="rule")


def _member(reason: Reason, look: Look) -> Account:
    made = look.made[reason.rule, reason.event_kind, reason.event, reason.item]
    line = points_line(reason.points, look.rule(made.rule), look)
    event = "" if made.entry is None else look.event_name(made.entry.event)
    return Account(look.words.parts((line, event)), part="reason")
