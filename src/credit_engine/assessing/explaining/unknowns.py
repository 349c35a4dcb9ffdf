"""What was not known, what hangs on it, and what it would take to know."""

from __future__ import annotations

from credit_engine.assessing.answer import UnknownLine
from credit_engine.assessing.contributing import UNLIMITED, Contribution, Points
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.gaps import gaps, gaps_of_rule, gaps_of_table
from credit_engine.assessing.explaining.grades import frame_of as frame_of_grade
from credit_engine.assessing.explaining.looking import Look
from credit_engine.assessing.explaining.scores import frame_of
from credit_engine.assessing.scene import Frame
from credit_engine.policy.plan import Scale


def unknown_accounts(look: Look) -> list[Account]:
    """All that was not known, under one head; nothing if everything was."""
    lines = [unknown_account(line, look) for line in look.answer.unknowns]
    return [Account(look.words("unknowns"), lines, part="unknowns")] if lines else []


def unknown_account(line: UnknownLine, look: Look) -> Account:
    """One rule that could not be decided, and for which event."""
    words = look.words
    event = look.found_event(line.event_kind, line.event)
    names = words.items(_named(name, look) for name in line.names)
    rule = _title(line.rule, look)
    if event is None:
        text = words("unknown_rule", rule=rule, names=names)
    else:
        text = words("unknown_event", rule=rule, event=look.event_name(event), names=names)
    return Account(text, _below(line, look), part="unknown")


def _named(name: str, look: Look) -> str:
    """A name as the policy writes it, by its title or word."""
    words, plan = look.words, look.plan
    plain = name.removeprefix("operator.").removeprefix("item.").removeprefix("$")
    if plain in plan.indicators:
        return words.title(plan.indicators[plain].title, plain)
    if name.startswith("$"):
        return words.title(plan.parameters[plain].title, plain)
    return words.kind(plain) if plain in plan.kinds else words.field(plain)


def _title(rule: str, look: Look) -> str:
    words, plan = look.words, look.plan
    titles = {one.id: one.title for one in plan.score.rules} if plan.score else {}
    titles |= {one.id: one.title for scale in plan.scales for one in scale.adjust}
    if rule in titles:
        return words.titled(titles[rule], rule)
    if any(scale.name == rule for scale in plan.scales):
        return words("scale", scale=rule)
    return words("applies_to") if rule == "regions" else rule


def _below(line: UnknownLine, look: Look) -> list[Account]:
    made = [
        one
        for key, one in look.made.items()
        if key[:3] == (line.rule, line.event_kind, line.event) and one.points.unsure
    ]
    if made:
        return _of_contributions(made, look)
    words = look.words
    if line.rule == "regions":
        return _gap_lines([words("gap_party", name=words.field("region"))])
    for scale in look.plan.scales:
        frame = frame_of_grade(look.answer.grades[scale.name], look)
        if scale.name == line.rule:
            return _gap_lines(_of_scale(scale, frame, look))
        for rule in scale.adjust:
            if rule.id == line.rule:
                return _gap_lines([*gaps(rule.when, frame, look), *gaps(rule.value, frame, look)])
    return []


def _of_scale(scale: Scale, frame: Frame, look: Look) -> list[str]:
    """What the rows hang on, up to the first that holds."""
    found: list[str] = []
    for row in scale.rows:
        truth = look.program(row.condition)(frame)
        found += gaps(row.condition, frame, look) if truth is None else []
        found += gaps(row.label, frame, look) if truth is not False else []
        if truth is True:
            break
    return list(dict.fromkeys(found))


def _of_contributions(made: list[Contribution], look: Look) -> list[Account]:
    return list(dict.fromkeys(line for one in made for line in stake_lines(one, look)))


def stake_lines(one: Contribution, look: Look) -> list[Account]:
    """How many points hang on a contribution that is not certain, and what it would take to know."""
    lines = [Account(_stake(one.points, look), part="stake")]
    each = one.rule.each
    if one.entry is None and each is not None:
        return [*lines, *table_lines(each.kind, look)]
    return [*lines, *_gap_lines(gaps_of_rule(one.rule, one.entry, frame_of(one, look), look))]


def table_lines(kind: str, look: Look) -> list[Account]:
    """Which records are missing of a kind."""
    return _gap_lines([gaps_of_table(kind, look)])


def _stake(points: Points, look: Look) -> str:
    words = look.words
    if min(points.low, -points.high) <= -UNLIMITED:
        return words("stake_open")
    return words("stake", low=words.points(points.low), high=words.points(points.high))


def _gap_lines(found: list[str]) -> list[Account]:
    return [Account(gap, part="gap") for gap in found]
