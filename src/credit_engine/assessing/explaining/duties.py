"""Findings, obligations and supervision in lines; and why a rule of these did or did not apply."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from credit_engine.assessing.answer import Finding, Obligation, Supervision
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.facts import facts
from credit_engine.assessing.explaining.gaps import gaps, gaps_of_rule, gaps_of_span, gaps_of_table
from credit_engine.assessing.explaining.rules import as_rule, entry_of, law_account
from credit_engine.assessing.explaining.spans import span_lines
from credit_engine.assessing.explaining.stopping import day_frame, first_stop, stops_rule
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.explaining.values import is_private
from credit_engine.assessing.scene import Entry, Frame
from credit_engine.policy.nodes import Condition, Selector, Span
from credit_engine.policy.plan import FindingRule, ObligationRule, ScoreRule, SupervisionRule
from credit_engine.quantities import FieldType
from credit_engine.records import Event

ONE_DAY = timedelta(days=1)
PERIOD = FieldType("period")
Duty = FindingRule | ObligationRule | SupervisionRule


def duty_accounts(telling: Telling) -> list[Account]:
    """What must, may or must not follow; deadlines; supervision: each under a head, if there is any."""
    answer = telling.answer
    sections = {
        "findings": [finding_account(one, telling) for one in answer.findings],
        "obligations": [obligation_account(one, telling) for one in answer.obligations],
        "supervision": [supervision_account(one, telling) for one in answer.supervision],
    }
    return [Account(telling.words(name), lines, part=name) for name, lines in sections.items() if lines]


def duties_of(telling: Telling) -> dict[str, Duty]:
    """The rules of these sections, by id."""
    plan = telling.plan
    rules: tuple[Duty, ...] = (*plan.findings, *plan.obligations, *plan.supervision)
    return {rule.id: rule for rule in rules}


# --- findings -------------------------------------------------------------------------------------------------


def finding_account(one: Finding, telling: Telling) -> Account:
    """What must, may or must not follow, from which event, why, for which days, on what basis."""
    words = telling.words
    rule = next(rule for rule in telling.plan.findings if rule.id == one.rule)
    judged = as_rule(rule)
    entry, frame = _seen_from(judged, one.event_kind, one.event, telling)
    lines = [Account(words("by_rule", rule=words.titled(rule.title, rule.id)), part="rule")]
    lines += _where_from(judged, entry, telling)
    lines += _facts(judged, frame, telling)
    lines += _days(one, rule.lasts, judged, frame, telling)
    lines.append(law_account(judged, entry, frame, telling))
    text = words(f"says_{one.says}", text=words.title(rule.text, rule.id))
    return Account(text, lines, part="finding")


def _seen_from(rule: ScoreRule, kind: str | None, id_: str | None, telling: Telling) -> tuple[Entry | None, Frame]:
    event = telling.found_event(kind, id_)
    entry = None if event is None or rule.each is None else entry_of(rule.each, event, telling)
    return entry, telling.scene.viewpoint if entry is None else telling.frame_of(rule.law, entry)


def _where_from(rule: ScoreRule, entry: Entry | None, telling: Telling) -> list[Account]:
    words = telling.words
    if entry is None:
        return [Account(words("on_day"), part="event")]
    by = rule.each.by if rule.each else ()
    return [Account(words("on_event", event=telling.whole_event(entry.event, by)), part="event")]


def _facts(rule: ScoreRule, frame: Frame, telling: Telling) -> list[Account]:
    conditions: list[Condition | None] = [rule.each.where, rule.each.item_where] if rule.each else []
    found = [line for one in (*conditions, rule.when) if one is not None for line in facts(one, frame, telling)]
    return [Account(telling.words("facts"), found, part="facts")] if found else []


def _days(one: Finding, lasts: Span | None, rule: ScoreRule, frame: Frame, telling: Telling) -> list[Account]:
    words = telling.words
    if one.from_day is None or rule.each is None:
        return []
    stretch = telling.stretch(rule, lasts, frame) if lasts is not None else None
    lines = span_lines(lasts, frame, stretch, telling) if lasts is not None and stretch is not None else []
    if one.until is None:
        return [Account(words("entry_endless", first=words.day(one.from_day)), lines, part="days")]
    text = words("entry_days", first=words.day(one.from_day), last=words.day(one.until - ONE_DAY))
    return [Account(text, lines, part="days")]


# --- obligations ----------------------------------------------------------------------------------------------


def obligation_account(one: Obligation, telling: Telling) -> Account:
    """A deadline: its state, for which event, until when, done when, who owes it, on what basis."""
    words = telling.words
    rule = next(rule for rule in telling.plan.obligations if rule.id == one.rule)
    judged = as_rule(rule)
    entry, frame = _seen_from(judged, one.event_kind, one.event, telling)
    lines = _where_from(judged, entry, telling)
    lines += _facts(judged, frame, telling)
    lines.append(_due(one, rule, judged, frame, telling))
    lines.append(Account(_done(one, telling), part="done"))
    owed_by = words("not_shown") if is_private(rule.owed_by) else one.owed_by or words("missing")
    lines.append(Account(words("owed_by", who=owed_by), part="owed_by"))
    if one.region is not None:
        lines.append(Account(words("counted_in", region=one.region), part="region"))
    lines.append(law_account(judged, entry, frame, telling, rule.due))
    text = words("obligation", rule=words.titled(rule.title, rule.id), state=words(f"owed_{one.state}"))
    return Account(text, lines, part="obligation")


def _due(one: Obligation, rule: ObligationRule, judged: ScoreRule, frame: Frame, telling: Telling) -> Account:
    words = telling.words
    stretch = telling.stretch(judged, rule.due, frame)
    lines = [] if stretch is None else span_lines(rule.due, frame, stretch, telling)
    if one.due is None:
        missing = [Account(gap, part="gap") for gap in gaps_of_span(judged, rule.due, frame, telling)]
        return Account(words("due_unknown"), [*lines, *missing], part="due")
    return Account(words("due", day=words.day(one.due)), lines, part="due")


def _done(one: Obligation, telling: Telling) -> str:
    words = telling.words
    if one.done is not None:
        return words("done", day=words.day(one.done))
    return words("done_unknown" if one.state == "unknown" and one.due is not None else "done_not")


# --- supervision ----------------------------------------------------------------------------------------------


def supervision_account(one: Supervision, telling: Telling) -> Account:
    """How closely to supervise one thing, and why."""
    words = telling.words
    rule = next(rule for rule in telling.plan.supervision if rule.id == one.rule)
    judged, frame = as_rule(rule), telling.scene.viewpoint
    lines = [Account(words("by_rule", rule=words.titled(rule.title, rule.id)), part="rule")]
    lines += _facts(judged, frame, telling)
    lines.append(law_account(judged, None, frame, telling))
    return Account(_supervised(one, rule, telling), lines, part=one.thing)


def _supervised(one: Supervision, rule: SupervisionRule, telling: Telling) -> str:
    words, low, high = telling.words, one.at_least, one.at_most
    if one.thing == "sampling":
        return words("sampling_times", times=one.times)
    if one.thing == "notice":
        return words("notice", notice=words.code("notice", one.notice or ""))
    period = words.value(rule.per, PERIOD)
    if low is not None and high is not None:
        return words("visits_exact" if low == high else "visits_between", period=period, low=low, high=high)
    key = "visits_most" if low is None else "visits_least"
    return words(key, period=period, low=low, high=high)


# --- why and why not ------------------------------------------------------------------------------------------


def why_duty(rule: Duty, telling: Telling) -> Account:
    """What became of a rule on a finding, an obligation or supervision, event by event."""
    words = telling.words
    judged = as_rule(rule)
    if judged.each is None:
        lines = _why_day(rule, judged, telling)
    else:
        lines = list(_why_events(rule, judged, judged.each, telling))
    return Account(words("why_rule", rule=words.titled(rule.title, rule.id)), lines, part="rule")


def _made(rule: Duty, telling: Telling) -> dict[str | None, Account]:
    """What the answer says by this rule, by the id of the event."""
    answer = telling.answer
    found: dict[str | None, Account] = {}
    if isinstance(rule, FindingRule):
        found = {one.event: finding_account(one, telling) for one in answer.findings if one.rule == rule.id}
    elif isinstance(rule, ObligationRule):
        found = {one.event: obligation_account(one, telling) for one in answer.obligations if one.rule == rule.id}
    return found


def _why_day(rule: Duty, judged: ScoreRule, telling: Telling) -> list[Account]:
    words, frame = telling.words, telling.scene.viewpoint
    made = list(_made(rule, telling).values())
    made += [supervision_account(one, telling) for one in telling.answer.supervision if one.rule == rule.id]
    if made:
        return [Account(words("holds"), part="summary"), *made]
    law = law_account(judged, None, frame, telling)
    truth = telling.program(judged.when)(frame)
    if truth is None and telling.program.rule_in_force(judged.basis, frame.law):
        return [Account(words("may_apply"), part="summary"), *missing_lines(judged, None, telling), law]
    if truth is True and telling.program.rule_in_force(judged.basis, frame.law):
        return [Account(words("stricter"), part="summary"), *_facts(judged, frame, telling), law]
    stop = stops_rule(judged, day_frame(telling), telling)
    return [Account(words("not_applied"), part="summary"), stop, law]


def _why_events(rule: Duty, judged: ScoreRule, each: Selector, telling: Telling) -> Iterable[Account]:
    words, scene = telling.words, telling.scene
    made = _made(rule, telling)
    key = "owes" if isinstance(rule, ObligationRule) else "holds"
    summary = words(key, number=len(made)) if made else words("not_applied")
    yield Account(summary, part="summary")
    events = sorted_events(each, telling)
    for event in events:
        yield made.get(event.id) or _why_event(rule, judged, each, event, telling)
    if scene.hidden_until(each.kind) is not None:
        yield Account(gaps_of_table(each.kind, telling), part="gap")
    elif not events:
        text = words("no_such_events", kind=words.kind(each.kind), day=words.day(scene.known_at))
        yield Account(text, part="summary")


def sorted_events(each: Selector, telling: Telling) -> list[Event]:
    """The events of the kind at which a rule looks, by day; those without one last."""

    def place(event: Event) -> tuple[bool, date, int, str]:
        _, day = telling.anchor(event, each.by)
        return day is None, day or date.min, event.sequence, event.id

    return sorted(telling.scene.events.get(each.kind, ()), key=place)


def _why_event(rule: Duty, judged: ScoreRule, each: Selector, event: Event, telling: Telling) -> Account:
    named = telling.event(event, each.by)
    lines = telling.answer.unknowns
    if any((line.rule, line.event_kind, line.event) == (rule.id, event.kind, event.id) for line in lines):
        return maybe_account(judged, each, event, telling)
    stop = first_stop(judged, each, event, telling)
    if stop is None and isinstance(rule, ObligationRule):
        stop = Account(telling.words("stop_span_law", day=telling.words.day(telling.scene.as_of)), part="stop")
    stop = stop or Account(telling.words("stop_gone"), part="stop")
    return Account(telling.words("event_not", event=named), [stop], part="event_not")


def maybe_account(judged: ScoreRule, each: Selector, event: Event, telling: Telling) -> Account:
    """An event to which a rule may apply, and what it would take to know."""
    text = telling.words("event_maybe", event=telling.event(event, each.by))
    return Account(text, missing_lines(judged, event, telling), part="event_maybe")


def missing_lines(judged: ScoreRule, event: Event | None, telling: Telling) -> list[Account]:
    """What it would take to know whether a rule applies to an event; without one, on the day judged or by its table."""
    each = judged.each
    entry = None if event is None or each is None else entry_of(each, event, telling)
    if entry is not None:
        found = gaps_of_rule(judged, entry, telling.frame_of(judged.law, entry), telling)
    elif each is None:
        found = gaps(judged.when, telling.scene.viewpoint, telling)
    else:
        is_hidden = event is None and telling.scene.hidden_until(each.kind) is not None
        found = [gaps_of_table(each.kind, telling)] if is_hidden else []
    return [Account(gap, part="gap") for gap in found]
