"""Entries on lists in lines: ground, state, period, steps, measures, law; and why a list was opened or was not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from credit_engine.assessing.answer import ListEntry
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.citing import parameter_lines
from credit_engine.assessing.explaining.duties import maybe_account, missing_lines, sorted_events
from credit_engine.assessing.explaining.ending import ending_account
from credit_engine.assessing.explaining.entries import ListedOn, ground_frame, is_decision, listed_on, reviewed_on
from credit_engine.assessing.explaining.facts import facts
from credit_engine.assessing.explaining.gaps import gaps, gaps_of_span, gaps_of_table
from credit_engine.assessing.explaining.rules import entry_of, list_as_rule
from credit_engine.assessing.explaining.spans import span_lines
from credit_engine.assessing.explaining.stopping import first_stop
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.scene import Frame
from credit_engine.days import REVIEWS, start_of
from credit_engine.policy.nodes import Selector
from credit_engine.policy.plan import ListRule, ScoreRule
from credit_engine.records import Event

ONE_DAY = timedelta(days=1)


def list_accounts(telling: Telling) -> list[Account]:
    """Every entry under one head, and the lists of which it cannot be told; nothing if there is none of either."""
    answer, words = telling.answer, telling.words
    lines = [entry_account(entry, telling) for entry in answer.entries]
    for rule in telling.plan.lists:
        if rule.name in answer.on_list and answer.on_list[rule.name] is None:
            text = words("may_be_on_list", list=words.titled(rule.title, rule.name))
            lines.append(Account(text, part="on_list"))
    return [Account(words("lists"), lines, part="lists")] if lines else []


# --- one entry ------------------------------------------------------------------------------------------------


def entry_account(entry: ListEntry, telling: Telling) -> Account:
    """One entry, with everything that carries it and all that could end it."""
    words = telling.words
    rule = next(rule for rule in telling.plan.lists if rule.name == entry.list)
    hand = listed_on(entry, rule, telling)
    lines = [Account(words("entry_id", id=entry.id, polarity=words(entry.polarity)), part="entry_id")]
    lines += _ground(entry, rule, hand, telling)
    lines.append(Account(_listed(entry, rule, hand, telling), part="listed"))
    lines += _days(entry, rule, hand, telling)
    lines += _steps(entry, telling)
    lines += _measures(entry, telling)
    lines += ending_account(entry, rule, hand, telling)
    lines.append(_law(entry, rule, hand, telling))
    state = "waiting" if entry.state == "proposed" and not rule.needs_decision else entry.state
    text = words("fact", name=words.titled(rule.title, rule.name), value=words(f"state_{state}"))
    return Account(text, lines, part="entry")


def _ground(entry: ListEntry, rule: ListRule, hand: ListedOn, telling: Telling) -> Iterable[Account]:
    """What the entry rests on, why that opens the list, and whether it still does."""
    words, opens = telling.words, rule.opens
    reviewed = reviewed_on(entry, rule, telling)
    if reviewed is not None:
        frame = telling.scene.on(reviewed).viewpoint
        why = facts(opens.when, frame, telling) if opens else []
        yield Account(words("ground_review", day=words.day(reviewed)), why, part="ground")
        return
    event, each = hand.event, opens.each if opens else None
    if event is None:
        yield Account(words("ground_elsewhere", id=entry.ground), part="ground")
    elif is_decision(entry, event):
        yield Account(words("ground_decision", event=telling.whole_event(event)), part="ground")
    else:
        by = each.by if each is not None and each.kind == event.kind else ()
        why = [] if each is None else _opened_by(rule, each, event, telling)
        yield Account(words("ground", event=telling.whole_event(event, by)), why, part="ground")
    if entry.ground_changed:
        yield Account(words("ground_changed"), part="ground_changed")
    if not entry.foundation and entry.state in ("listed", "suspended"):
        yield Account(words("no_foundation", day=words.day(entry.law_day)), part="no_foundation")


def _opened_by(rule: ListRule, each: Selector, event: Event, telling: Telling) -> list[Account]:
    """What of the ground opens the list, or what now stands against it."""
    entry = entry_of(each, event, telling) if event.kind == each.kind else None
    if entry is None:
        return []
    judged, frame = _judged(rule, each, event, telling)
    stop = _stop(rule, judged, each, event, telling)
    if stop is not None:
        return [stop]
    return [line for one in (each.where, judged.when) for line in facts(one, frame, telling)]


def _listed(entry: ListEntry, rule: ListRule, hand: ListedOn, telling: Telling) -> str:
    words = telling.words
    if entry.listed is None:
        return words("listed_not" if rule.needs_decision else "listed_not_yet")
    if hand.decision is None:
        return words("listed_by_rule", day=words.day(entry.listed))
    return words("listed_by", day=words.day(entry.listed), event=telling.event(hand.decision))


def _days(entry: ListEntry, rule: ListRule, hand: ListedOn, telling: Telling) -> Iterable[Account]:
    """From when to when, and why just so long."""
    words, first = telling.words, entry.listed
    if first is None:
        if entry.until is not None:
            yield Account(words("entry_closed", day=words.day(entry.until)), part="days")
        return
    is_term = entry.state in ("listed", "suspended", "expired") and rule.review is None
    frame = ground_frame(entry, rule, hand, telling)
    lines = _term(rule, frame, telling) if is_term else []
    if not entry.end_known:
        yield Account(words("entry_end_unknown", first=words.day(first)), lines, part="days")
    elif entry.until is None:
        yield Account(words("entry_endless", first=words.day(first)), lines, part="days")
    elif entry.until <= first:
        yield Account(words("entry_void"), lines, part="days")
    else:
        text = words("entry_days", first=words.day(first), last=words.day(entry.until - ONE_DAY))
        yield Account(text, lines, part="days")


def _term(rule: ListRule, frame: Frame, telling: Telling) -> list[Account]:
    if rule.term is None:
        return []
    stretch = telling.stretch(list_as_rule(rule, frame.law, telling), rule.term, frame)
    return [] if stretch is None else span_lines(rule.term, frame, stretch, telling)


def _steps(entry: ListEntry, telling: Telling) -> list[Account]:
    words = telling.words
    lines = []
    for step in entry.steps:
        event = telling.found_event("list_decision", step.event)
        named = step.event if event is None else telling.whole_event(event)
        lines.append(Account(words("step", step=words(f"step_{step.step}"), event=named), part="step"))
    return [Account(words("steps"), lines, part="steps")] if lines else []


def _measures(entry: ListEntry, telling: Telling) -> list[Account]:
    words, lines = telling.words, []
    for name in entry.measures:
        one = telling.plan.measures[name]
        text = words(
            "measure",
            measure=words.titled(one.title, one.id),
            class_=words(f"class_{one.class_}"),
            executor=one.executor,
        )
        basis = [Account(words("basis", source=telling.source(source)), part="basis") for source in one.basis]
        lines.append(Account(text, basis, part="measure"))
    return [Account(words("measures"), lines, part="measures")] if lines else []


def _law(entry: ListEntry, rule: ListRule, hand: ListedOn, telling: Telling) -> Account:
    """The law day, the foundation in force then, and the values that were read."""
    words = telling.words
    lines = [Account(words("basis", source=telling.source(source)), part="basis") for source in entry.foundation]
    judged = list_as_rule(rule, entry.law_day, telling)
    frame = ground_frame(entry, rule, hand, telling)
    more = (rule.term, rule.repair) if entry.state in ("listed", "suspended") else rule.term
    lines += parameter_lines(judged, frame, telling, more)
    return Account(words("list_law", day=words.day(entry.law_day)), lines, part="law")


# --- why and why not ------------------------------------------------------------------------------------------


def why_list(rule: ListRule, telling: Telling) -> Account:
    """Every entry of a list, and each event (or the review day) that opened none: what stopped it."""
    words = telling.words
    made = {entry.ground: entry for entry in telling.answer.entries if entry.list == rule.name}
    maybe = any(line.rule == rule.name for line in telling.answer.unknowns)
    summary = words("opened", number=len(made)) if made else words("may_open" if maybe else "opened_not")
    lines = [Account(summary, part="summary")]
    each = rule.opens.each if rule.opens else None
    if rule.opens is None:
        lines.append(Account(words("only_decided"), part="summary"))
    elif each is None:
        lines += _review(rule, telling) if not made else []
    else:
        lines += _events(rule, each, set(made), telling)
    lines += [entry_account(entry, telling) for entry in made.values()]
    return Account(words("why_list", rule=words.titled(rule.title, rule.name)), lines, part="rule")


def missing_of_list(rule: ListRule, event: Event | None, telling: Telling) -> list[Account]:
    """What it would take to know about an entry: its end, or whether there is one."""
    answer, each = telling.answer, rule.opens.each if rule.opens else None
    entry = next((one for one in answer.entries if event and one.list == rule.name and one.ground == event.id), None)
    if entry is not None and rule.term is not None:
        frame = ground_frame(entry, rule, listed_on(entry, rule, telling), telling)
        judged = list_as_rule(rule, frame.law, telling)
        return [Account(gap, part="gap") for gap in gaps_of_span(judged, rule.term, frame, telling)]
    if event is not None and each is not None and event.kind == each.kind:
        return missing_lines(_judged(rule, each, event, telling)[0], event, telling)
    if rule.review is not None and event is None:
        return [line for line in _review(rule, telling) if line.part == "gap"]
    return [] if each is None else missing_lines(list_as_rule(rule, telling.scene.as_of, telling), event, telling)


def _judged(rule: ListRule, each: Selector, event: Event, telling: Telling) -> tuple[ScoreRule, Frame]:
    """The list as a rule on the law day of an event, and the viewpoint of that event."""
    entry = entry_of(each, event, telling)
    scene = telling.scene
    _, day = telling.anchor(event, each.by)
    law = scene.law_day(rule.law, event, day)
    judged = list_as_rule(rule, law, telling)
    frame = scene.viewpoint.at_hand(event, law) if entry is None else telling.frame_of(judged.law, entry)
    return judged, frame


def _stop(rule: ListRule, judged: ScoreRule, each: Selector, event: Event, telling: Telling) -> Account | None:
    stop = first_stop(judged, each, event, telling)
    if stop is not None or rule.opens is None:
        return stop
    _, frame = _judged(rule, each, event, telling)
    if telling.program(rule.opens.unless)(frame) is not True:
        return None
    return Account(telling.words("stop_unless"), facts(rule.opens.unless, frame, telling), part="stop")


def _events(rule: ListRule, each: Selector, made: set[str], telling: Telling) -> Iterable[Account]:
    words, scene = telling.words, telling.scene
    events = sorted_events(each, telling)
    for event in events:
        if event.id not in made:
            yield _event(rule, each, event, telling)
    if scene.hidden_until(each.kind) is not None:
        yield Account(gaps_of_table(each.kind, telling), part="gap")
    elif not events:
        text = words("no_such_events", kind=words.kind(each.kind), day=words.day(scene.known_at))
        yield Account(text, part="summary")


def _event(rule: ListRule, each: Selector, event: Event, telling: Telling) -> Account:
    words = telling.words
    judged, _ = _judged(rule, each, event, telling)
    lines = telling.answer.unknowns
    if any(line.rule == rule.name and (line.event_kind, line.event) == (event.kind, event.id) for line in lines):
        return maybe_account(judged, each, event, telling)
    stop = _stop(rule, judged, each, event, telling) or Account(words("stop_gone"), part="stop")
    return Account(words("event_not", event=telling.event(event, each.by)), [stop], part="event_not")


def _review(rule: ListRule, telling: Telling) -> Iterable[Account]:
    """What kept the review from opening an entry, or what it would take to know."""
    words, scene, opens = telling.words, telling.scene, rule.opens
    if opens is None:
        return
    day = start_of(REVIEWS[rule.review or "yearly"], scene.as_of)
    frame = scene.on(day).viewpoint
    judged = list_as_rule(rule, day, telling)
    if not telling.program.rule_in_force(judged.basis, day):
        yield Account(words("stop_law", day=words.day(day)), part="stop")
    elif telling.program(opens.when)(frame) is None:
        yield from (Account(gap, part="gap") for gap in gaps(opens.when, frame, telling))
    else:
        held = telling.program(opens.when)(frame) is True
        why = facts(opens.unless if held else opens.when, frame, telling)
        key = "stop_unless" if held else "stop_review"
        yield Account(words(key, day=words.day(day)), why, part="stop")
