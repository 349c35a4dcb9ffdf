"""Why a rule of spread or recognition did or did not apply: what starts it here, and what reaches this party by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from credit_engine.assessing.effects import Origin
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.citing import basis_lines
from credit_engine.assessing.explaining.duties import maybe_account, sorted_events
from credit_engine.assessing.explaining.effects import effect_account, recognised_accounts
from credit_engine.assessing.explaining.facts import facts
from credit_engine.assessing.explaining.gaps import gaps, gaps_of_table
from credit_engine.assessing.explaining.paths import relation_word
from credit_engine.assessing.explaining.rules import spread_as_rule
from credit_engine.assessing.explaining.stopping import day_frame, first_stop
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.explaining.unknowns import unknown_account
from credit_engine.assessing.explaining.values import list_titles
from credit_engine.policy.nodes import Selector
from credit_engine.policy.plan_spreading import Branch, OverRelation, RecognitionRule, SpreadRule
from credit_engine.records import Event


def why_spread(rule: SpreadRule | RecognitionRule, telling: Telling) -> Account:
    """What became of a rule of spread, or of a row of recognition, in this answer."""
    words = telling.words
    lines = _recognition(rule, telling) if isinstance(rule, RecognitionRule) else _spread(rule, telling)
    return Account(words("why_rule", rule=words.titled(rule.title, rule.id)), lines, part="rule")


def _recognition(rule: RecognitionRule, telling: Telling) -> Iterator[Account]:
    words = telling.words
    found = [effect for effect in telling.answer.recognised if effect.rule == rule.id]
    summary = words("recognised_by", number=len(found)) if found else words("recognised_not")
    yield Account(summary, part="summary")
    yield from recognised_accounts(found, telling)
    yield from (unknown_account(line, telling) for line in telling.answer.unknowns if line.rule == rule.id)
    if not found:
        yield from basis_lines(rule.basis, telling)


def _spread(rule: SpreadRule, telling: Telling) -> Iterator[Account]:
    words, answer = telling.words, telling.answer
    for one in answer.too_wide:
        if one.rule == rule.id:
            yield Account(words("too_wide", most=one.most), part="too_wide")
    found = [effect for effect in answer.effects if effect.rule == rule.id]
    if found:
        yield Account(words("reached", number=len(found)), part="summary")
    else:
        yield Account(words("reached_not" if answer.given is not None else "reached_not_asked"), part="summary")
    yield from (effect_account(effect, telling) for effect in found)
    if rule.along:
        yield Account(words("goes_over", steps=_steps(rule, telling)), part="steps")
    if not found or _may_start(rule, telling):
        yield from _starts(rule, telling)
    yield from _unknown(rule.id, telling)
    if not found:
        yield from basis_lines(rule.basis, telling)


def _unknown(rule: str, telling: Telling) -> Iterator[Account]:
    """What is not known of a rule apart from its events."""
    words = telling.words
    for line in telling.answer.unknowns:
        if line.rule == rule and line.event_kind is None and line.names != ("spread_too_wide",):
            names = words.items(words.field(name) for name in line.names)
            yield Account(words("unknown_rule", rule=rule, names=names), part="unknown")


# --- the steps ------------------------------------------------------------------------------------------------


def _steps(rule: SpreadRule, telling: Telling) -> str:
    words = telling.words
    steps = words("clause").join(words("or").join(_branch(branch, telling) for branch in step) for step in rule.along)
    if not rule.again:
        return steps
    return steps + (words("goes_again") if rule.hops is None else words("goes_hops", hops=rule.hops))


def _branch(branch: Branch, telling: Telling) -> str:
    words = telling.words
    if not isinstance(branch, OverRelation):
        return words("goes_named", roles=words.items(relation_word(role, words) for role in branch.roles))
    ends = ("source", "target") if branch.to == "target" else ("target", "source")
    kinds = words("or").join(relation_word(kind, words) for kind in branch.kinds)
    return words("goes_to", kinds=kinds, from_=words(f"end_{ends[0]}"), to=words(f"end_{ends[1]}"))


# --- what starts from this party ------------------------------------------------------------------------------


def _may_start(rule: SpreadRule, telling: Telling) -> bool:
    """Whether the rule starts from this party too, or may."""
    rules = {origin.rule for origin in telling.answer.origins}
    rules |= {line.rule for line in telling.answer.unknowns if line.names != ("spread_too_wide",)}
    return rule.id in rules


def _starts(rule: SpreadRule, telling: Telling) -> Iterator[Account]:
    """The origins in this party's own answer, and what keeps its other events from being one."""
    words = telling.words
    origins = [origin for origin in telling.answer.origins if origin.rule == rule.id]
    summary = words("starts", number=len(origins)) if origins else words("starts_not")
    yield Account(summary, _started(rule, origins, telling), part="summary")


def _started(rule: SpreadRule, origins: list[Origin], telling: Telling) -> Iterable[Account]:
    words, start = telling.words, rule.start
    for origin in origins:
        yield Account(_origin(origin, telling), part="origin")
    if start.each is not None:
        yield from _events(rule, start.each, {origin.id for origin in origins}, telling)
    elif start.lists:
        titles = list_titles(telling)
        lists = words.items(words.titled(titles.get(name, {}), name) for name in start.lists)
        yield Account(words("start_lists", lists=lists), part="lists")
    elif not origins:
        frame = day_frame(telling)
        yield Account(words("stop_where"), facts(start.when, frame, telling), part="stop")
        yield from (Account(gap, part="gap") for gap in gaps(start.when, frame, telling))


def _origin(origin: Origin, telling: Telling) -> str:
    words = telling.words
    if origin.kind == "entry":
        return words("start_entry", entry=origin.id)
    if origin.kind == "answer":
        return words("start_answer")
    event = telling.found_event(origin.event_kind, origin.id)
    return words("start_event", event=origin.id if event is None else telling.event(event))


def _events(rule: SpreadRule, each: Selector, made: set[str | None], telling: Telling) -> Iterator[Account]:
    words, scene = telling.words, telling.scene
    events = sorted_events(each, telling)
    yield from (_event(rule, each, event, telling) for event in events if event.id not in made)
    if scene.hidden_until(each.kind) is not None:
        yield Account(gaps_of_table(each.kind, telling), part="gap")
    elif not events:
        yield Account(
            words("no_such_events", kind=words.kind(each.kind), day=words.day(scene.known_at)), part="summary"
        )


def _event(rule: SpreadRule, each: Selector, event: Event, telling: Telling) -> Account:
    judged = spread_as_rule(rule)
    lines = telling.answer.unknowns
    if any((line.rule, line.event_kind, line.event) == (rule.id, event.kind, event.id) for line in lines):
        return maybe_account(judged, each, event, telling)
    stop = first_stop(judged, each, event, telling) or Account(telling.words("stop_gone"), part="stop")
    return Account(telling.words("event_not", event=telling.event(event, each.by)), [stop], part="event_not")
