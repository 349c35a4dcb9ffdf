"""Effects in lines: what reaches this party, from whom, over which relations, on what basis, and what would lift it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from fractions import Fraction

from credit_engine.assessing.answer import ParameterRead, Reason
from credit_engine.assessing.effects import Cut, Edge, Effect, TooWide
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.paths import (
    edge_account,
    effect_word,
    is_restrictive,
    path_account,
    share_bounds,
    share_text,
)
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.policy.plan_spreading import OverRelation, RecognitionRule, SpreadRule
from credit_engine.quantities import SHARE

ONE_DAY = timedelta(days=1)
FREE = ("alert", "attention", "inform")  # what takes nothing from anyone


def effect_accounts(telling: Telling) -> list[Account]:
    """What reaches this party, and which regions take over its entries; nothing where there is neither."""
    answer, words = telling.answer, telling.words
    reaching = [effect_account(effect, telling) for effect in answer.effects]
    reaching += [
        Account(
            words("fact", name=rule_title(one.rule, telling), value=words("too_wide", most=one.most)), part="too_wide"
        )
        for one in answer.too_wide
    ]
    sections = {"effects": reaching, "recognised": recognised_accounts(answer.recognised, telling)}
    return [Account(words(name), lines, part=name) for name, lines in sections.items() if lines]


def _too_wide(one: TooWide, telling: Telling) -> str:
    words = telling.words
    return words("fact", name=rule_title(one.rule, telling), value=words("too_wide", most=one.most))


def spread_rules(telling: Telling) -> dict[str, SpreadRule | RecognitionRule]:
    """The rules of these sections, by id."""
    rules: tuple[SpreadRule | RecognitionRule, ...] = (*telling.plan.spread, *telling.plan.recognition)
    return {rule.id: rule for rule in rules}


def effect_of(reason: Reason, telling: Telling) -> Effect | None:
    """The effect that gives a reason of the score."""
    return next(
        (
            effect
            for effect in telling.answer.effects
            if (effect.rule, effect.points, _event_of(effect)) == (reason.rule, reason.points, reason.event)
        ),
        None,
    )


def _event_of(effect: Effect) -> str | None:
    return effect.origin if effect.origin_kind == "event" else None


def rule_title(rule: str, telling: Telling) -> str:
    """Title and id of a rule of spread or recognition."""
    found = spread_rules(telling).get(rule)
    return rule if found is None else telling.words.titled(found.title, rule)


# --- one effect -----------------------------------------------------------------------------------------------


def effect_account(effect: Effect, telling: Telling) -> Account:
    """One effect with everything that carries it."""
    words = telling.words
    text = words("effect_line", effect=effect_word(effect.effect, words), rule=rule_title(effect.rule, telling))
    return Account(text, carried_effect(effect, telling), part="effect")


def carried_effect(effect: Effect, telling: Telling) -> list[Account]:
    """What carries an effect: origin, days, path, points, measures, what would lift it, the law."""
    words = telling.words
    lines = [] if effect.certain else [Account(words("effect_possible"), part="possible")]
    if effect.certain and effect.effect in FREE and not is_restrictive(effect):
        lines.append(Account(words("effect_free"), part="free"))
    lines.append(Account(origin_text(effect, telling), part="origin"))
    lines += _days(effect, telling)
    lines += [path_account(effect, words)] if effect.origin_party is not None else _together(effect, telling)
    lines += [*_points(effect, telling), *_measures(effect, telling), *_cut(effect, telling)]
    return [*lines, *_law(effect, telling)]


def in_short(effect: Effect, telling: Telling) -> list[Account]:
    """Origin, days and path of an effect, where the whole of it stands elsewhere."""
    path = [path_account(effect, telling.words)] if effect.origin_party is not None else _together(effect, telling)
    return [Account(origin_text(effect, telling), part="origin"), *_days(effect, telling), *path]


def origin_text(effect: Effect, telling: Telling) -> str:
    """From whom, and from what of that party."""
    words, party = telling.words, effect.origin_party
    if party is None:
        starts = dict.fromkeys(edge.start for edge in _proof(effect, telling) if edge.end == effect.target)
        return words("effect_from_several", parties=words.items(starts))
    if effect.origin_kind == "entry":
        return words("effect_from_entry", party=party, entry=effect.origin)
    if effect.origin_kind != "event":
        return words("effect_from_answer", party=party)
    event = words("event", kind=words.kind(effect.origin_event_kind or ""), id=effect.origin)
    if effect.read_from is not None:
        record = words("event_record", file=effect.read_from.file, record=effect.read_from.record)
        event = words("in_brackets", text=event, more=record)
    return words("effect_from_event", party=party, event=event)


def _days(effect: Effect, telling: Telling) -> list[Account]:
    words = telling.words
    if effect.origin_kind in (None, "answer"):
        return [Account(words("effect_day_only"), part="days")]
    if effect.from_day is None:
        return []
    first = words.day(effect.from_day)
    text = words("entry_endless", first=first)
    if effect.until is not None:
        text = words("entry_days", first=first, last=words.day(effect.until - ONE_DAY))
    below = [Account(words("effect_days_entry"), part="days")] if effect.origin_kind == "entry" else []
    return [Account(text, below, part="days")]


def _points(effect: Effect, telling: Telling) -> list[Account]:
    words, lines = telling.words, []
    if effect.weight != 1:
        lines.append(Account(words("effect_weight", weight=effect.weight), part="weight"))
    if effect.points is not None:
        text = (
            words("effect_points", points=words.points(effect.points)) if effect.points else words("effect_points_none")
        )
        lines.append(Account(text, part="points"))
    return lines


def _measures(effect: Effect, telling: Telling) -> list[Account]:
    words, lines = telling.words, []
    for name in effect.measures:
        one = telling.plan.measures[name]
        class_ = words(f"class_{one.class_}")
        text = words("measure", measure=words.titled(one.title, one.id), class_=class_, executor=one.executor)
        basis = [Account(words("basis", source=telling.source(source)), part="basis") for source in one.basis]
        lines.append(Account(text, basis, part="measure"))
    return [Account(words("measures"), lines, part="measures")] if lines else []


def _law(effect: Effect, telling: Telling) -> list[Account]:
    """Whose day's law counts, and what of it; nothing where no law stands behind the effect."""
    words = telling.words
    lines = [Account(words("basis", source=telling.source(source)), part="basis") for source in effect.basis]
    lines += [Account(_value(read, telling), part="parameter") for read in effect.parameters]
    return [Account(words("list_law", day=words.day(effect.law_day)), lines, part="law")] if lines else []


def _value(read: ParameterRead, telling: Telling) -> str:
    words = telling.words
    name = words.titled(telling.plan.parameters[read.name].title, read.name)
    source = (
        words.parts((telling.cited(read.source), words.certainty(read.certainty)))
        if read.source
        else words("no_source")
    )
    since = words("open_start") if read.since is None else words.day(read.since)
    return words("parameter", name=name, code="", value=read.value, since=since, source=source)


# --- several parties together ---------------------------------------------------------------------------------


def _together(effect: Effect, telling: Telling) -> list[Account]:
    """Each holder with its share, and the sum against the threshold; then the whole proof if it is longer."""
    words, branch = telling.words, _branch(effect, telling)
    proof = _proof(effect, telling)
    lines = [path_account(effect, words)] if branch is None else [_sum(effect, branch, telling)]
    if len(proof) > len(effect.path):
        lines.append(Account(words("proof"), [edge_account(edge, words) for edge in proof], part="proof"))
    return lines


def _sum(effect: Effect, branch: OverRelation, telling: Telling) -> Account:
    words = telling.words
    held = [(edge, share_bounds(edge.relations) or (Fraction(0), Fraction(1))) for edge in effect.path]
    low, high = (min(sum((share[end] for _, share in held), Fraction(0)), Fraction(1)) for end in (0, 1))
    needs = [words(f"be_{op}", right=words.value(bound, SHARE)) for op, bound in branch.share]
    holders = [
        Account(
            words("holder", party=edge.start, share=share_text(share, words)),
            [edge_account(edge, words)],
            part="holder",
        )
        for edge, share in held
    ]
    text = words("together", sum=share_text((low, high), words), need=words("and").join(needs))
    return Account(text, holders, part="together")


def _branch(effect: Effect, telling: Telling) -> OverRelation | None:
    """The branch whose shares add up to the effect, if it is one."""
    rule = next((rule for rule in telling.plan.spread if rule.id == effect.rule), None)
    kinds = {held.kind for edge in effect.path for held in edge.relations}
    for branch in rule.branches if rule else ():
        if isinstance(branch, OverRelation) and branch.together and kinds <= set(branch.kinds):
            return branch
    return None


def _proof(effect: Effect, telling: Telling) -> Sequence[Edge]:
    given = telling.answer.given
    return effect.path if given is None else given.proof(effect)


# --- what would lift it ---------------------------------------------------------------------------------------


def _cut(effect: Effect, telling: Telling) -> list[Account]:
    """Which single relation or origin, if gone, lifts the effect; nothing where only the effect itself is at hand."""
    given, words = telling.answer.given, telling.words
    if given is None or given.cut_of is None:
        return []
    lines = [Account(_cut_text(cut, telling), part="cut") for cut in given.cut(effect)]
    return [Account(words("cut" if lines else "cut_none"), lines, part="cuts")]


def _cut_text(cut: Cut, telling: Telling) -> str:
    return telling.words(f"cut_{cut.kind}", id=cut.id, party=cut.party)


# --- recognition ----------------------------------------------------------------------------------------------


def recognised_accounts(effects: Iterable[Effect], telling: Telling) -> list[Account]:
    """For each entry the regions that take it over, how, and by which row."""
    words = telling.words
    by_entry: dict[str, list[Account]] = {}
    for effect in effects:
        by_entry.setdefault(effect.origin or "", []).append(_recognised(effect, telling))
    return [Account(words("cut_entry", id=entry), lines, part="entry_id") for entry, lines in by_entry.items()]


def _recognised(effect: Effect, telling: Telling) -> Account:
    words = telling.words
    how = effect_word(effect.effect, words)
    rule = rule_title(effect.rule, telling)
    text = words("recognised_line", region=_region(effect.target, telling), effect=how, rule=rule)
    return Account(text, [*_measures(effect, telling), *_law(effect, telling)], part="effect")


def _region(code: str, telling: Telling) -> str:
    row = telling.answer.question[0].regions.on(code, telling.answer.as_of)
    if row is None or not row.name:
        return code
    return telling.words("in_brackets", text=row.name, more=code)
