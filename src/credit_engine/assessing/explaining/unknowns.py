"""What was not known, what hangs on it, and what it would take to know."""

from __future__ import annotations

from credit_engine.assessing.answer import UnknownLine
from credit_engine.assessing.contributions import UNLIMITED, Contribution, Points
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.duties import duties_of, missing_lines
from credit_engine.assessing.explaining.gaps import gaps, gaps_of_rule, gaps_of_table
from credit_engine.assessing.explaining.grades import frame_of as frame_of_grade
from credit_engine.assessing.explaining.lists import missing_of_list
from credit_engine.assessing.explaining.rules import as_rule
from credit_engine.assessing.explaining.scores import frame_of
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.explaining.values import list_titles
from credit_engine.assessing.scene import Frame
from credit_engine.policy.plan import Scale


def unknown_accounts(telling: Telling) -> list[Account]:
    """All that was not known, under one head; nothing if everything was."""
    lines = [unknown_account(line, telling) for line in telling.answer.unknowns]
    return [Account(telling.words("unknowns"), lines, part="unknowns")] if lines else []


def unknown_account(line: UnknownLine, telling: Telling) -> Account:
    """One rule that could not be decided, and for which event."""
    words = telling.words
    event = telling.found_event(line.event_kind, line.event)
    names = words.items(_named(name, telling) for name in line.names)
    rule = _title(line.rule, telling)
    if event is None:
        text = words("unknown_rule", rule=rule, names=names)
    else:
        text = words("unknown_event", rule=rule, event=telling.event_name(event), names=names)
    return Account(text, _below(line, telling), part="unknown")


def _named(name: str, telling: Telling) -> str:
    """A name as the policy writes it, by its title or word."""
    words, plan = telling.words, telling.plan
    plain = name.removeprefix("operator.").removeprefix("item.").removeprefix("$")
    if plain in plan.indicators:
        return words.title(plan.indicators[plain].title, plain)
    if plain.startswith("on_list."):
        listed = plain.removeprefix("on_list.")
        return words("on_list", list=words.title(list_titles(telling).get(listed, {}), listed))
    if name == "spread_too_wide":
        return words("too_wide_name")
    if name.startswith("$"):
        return words.title(plan.parameters[plain].title, plain)
    return words.kind(plain) if plain in plan.kinds else words.field(plain)


def _title(rule: str, telling: Telling) -> str:
    words, plan = telling.words, telling.plan
    titles = {one.id: one.title for one in plan.score.rules} if plan.score else {}
    titles |= {one.id: one.title for scale in plan.scales for one in scale.adjust}
    titles |= {one.id: one.title for one in plan.findings} | {one.id: one.title for one in plan.obligations}
    titles |= {one.id: one.title for one in plan.supervision}
    titles |= {one.name: one.title for one in plan.lists}
    titles |= {one.id: one.title for one in plan.spread} | {one.id: one.title for one in plan.recognition}
    if rule in titles:
        return words.titled(titles[rule], rule)
    if any(scale.name == rule for scale in plan.scales):
        return words.scale(rule)
    return words("applies_to") if rule == "regions" else rule


def _below(line: UnknownLine, telling: Telling) -> list[Account]:
    made = [
        one
        for key, one in telling.made.items()
        if key[:3] == (line.rule, line.event_kind, line.event) and one.points.unsure
    ]
    if made:
        return _of_contributions(made, telling)
    if any(row.id == line.rule for row in telling.plan.recognition):
        return _gap_lines([telling.words("gap_other", name=_named(name, telling)) for name in line.names])
    followed = _of_what_follows(line, telling)
    if followed is not None:
        return followed
    words = telling.words
    if line.rule == "regions":
        return _gap_lines([words("gap_party", name=words.field("region"))])
    for scale in telling.plan.scales:
        if scale.name not in telling.answer.grades:
            continue
        frame = frame_of_grade(telling.answer.grades[scale.name], telling.final)
        if scale.name == line.rule:
            return _gap_lines(_of_scale(scale, frame, telling))
        for rule in scale.adjust:
            if rule.id == line.rule:
                return _gap_lines([*gaps(rule.when, frame, telling), *gaps(rule.value, frame, telling)])
    return []


def _of_what_follows(line: UnknownLine, telling: Telling) -> list[Account] | None:
    """For a list, finding, obligation or supervision what it would take to know; `None` for any other rule."""
    event = telling.found_event(line.event_kind, line.event)
    lists, duties = {rule.name: rule for rule in telling.plan.lists}, duties_of(telling)
    if line.rule in duties:
        return missing_lines(as_rule(duties[line.rule]), event, telling.final)
    if line.rule not in lists:
        of_no_list = (line.event_kind, line.names) == ("list_decision", ("list",))
        return _gap_lines([telling.words("gap_no_list", name=line.rule)]) if of_no_list else None
    found = missing_of_list(lists[line.rule], event, telling)
    if found or event is None:
        return found
    named = telling.event(event)
    missing = [telling.words("gap_field", event=named, name=_named(name, telling)) for name in line.names]
    return _gap_lines(missing)


def _of_scale(scale: Scale, frame: Frame, telling: Telling) -> list[str]:
    """What the rows hang on, up to the first that holds."""
    found: list[str] = []
    for row in scale.rows:
        truth = telling.program(row.condition)(frame)
        found += gaps(row.condition, frame, telling) if truth is None else []
        found += gaps(row.label, frame, telling) if truth is not False else []
        if truth is True:
            break
    return list(dict.fromkeys(found))


def _of_contributions(made: list[Contribution], telling: Telling) -> list[Account]:
    return list(dict.fromkeys(line for one in made for line in stake_lines(one, telling)))


def stake_lines(one: Contribution, telling: Telling) -> list[Account]:
    """How many points hang on a contribution that is not certain, and what it would take to know."""
    lines = [Account(_stake(one.points, telling), part="stake")]
    each = one.rule.each
    if one.entry is None and each is not None:
        return [*lines, *table_lines(each.kind, telling)]
    return [*lines, *_gap_lines(gaps_of_rule(one.rule, one.entry, frame_of(one, telling), telling))]


def table_lines(kind: str, telling: Telling) -> list[Account]:
    """Which records are missing of a kind."""
    return _gap_lines([gaps_of_table(kind, telling)])


def _stake(points: Points, telling: Telling) -> str:
    words = telling.words
    if min(points.low, -points.high) <= -UNLIMITED:
        return words("stake_open")
    return words("stake", low=words.points(points.low), high=words.points(points.high))


def _gap_lines(found: list[str]) -> list[Account]:
    return [Account(gap, part="gap") for gap in found]
