"""The score in lines: the start, each reason with what carries it, limits, and the sum that adds up."""

from __future__ import annotations

from datetime import date

from credit_engine.assessing.answer import Reason
from credit_engine.assessing.contributions import Contribution, Points
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.citing import citations
from credit_engine.assessing.explaining.effects import effect_of, in_short, rule_title
from credit_engine.assessing.explaining.facts import facts, readings
from credit_engine.assessing.explaining.spans import span_lines
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.scene import Frame
from credit_engine.assessing.spanning import LATEST_DAY
from credit_engine.assessing.unknown import Range, is_plain
from credit_engine.policy.nodes import (
    Literal,
    Parameter,
)
from credit_engine.policy.plan import Score, ScoreRule
from credit_engine.quantities import TEXT, decimal_text

ADDING = ("rule", "effect")  # the kinds of reasons that limits are applied to


def score_account(telling: Telling) -> list[Account]:
    """The score with its reasons; nothing if the policy has no score."""
    score, answer = telling.plan.score, telling.answer
    if score is None or answer.score is None:
        return []
    words = telling.words
    lines = [Account(words("start", points=words.points(score.start)), part="start")]
    lines += [reason_account(reason, telling) for reason in answer.reasons]
    lines.append(Account(_sum(score, telling), part="sum"))
    return [Account(_head(telling), lines, part="score")]


def _head(telling: Telling) -> str:
    score, words = telling.answer.score, telling.words
    if not isinstance(score, Range):
        return words("score", score=decimal_text(score or 0))
    return words("score_unknown", low=_end(score.low), high=_end(score.high))


def _end(end: object) -> str:
    return decimal_text(int(end)) if isinstance(end, int) else "…"


def _sum(score: Score, telling: Telling) -> str:
    """`100 - 10 + 3 = 93`, or what is certain of it."""
    words, answer = telling.words, telling.answer
    terms = [f"{'-' if one.points < 0 else '+'} {decimal_text(abs(one.points))}" for one in answer.reasons]
    sum_ = " ".join([decimal_text(score.start), *terms])
    total = decimal_text(score.start + sum(reason.points for reason in answer.reasons))
    sum_ = f"{sum_} = {total}" if answer.reasons else sum_
    if isinstance(answer.score, Range):
        return words("sum_certain", sum=sum_, low=_end(answer.score.low), high=_end(answer.score.high))
    return words("sum", sum=sum_)


# --- one reason -----------------------------------------------------------------------------------------------


def reason_account(reason: Reason, telling: Telling) -> Account:
    """One reason, with everything that carries it."""
    if reason.kind == "effect":
        effect = effect_of(reason, telling)
        below = [] if effect is None else in_short(effect, telling)
        return Account(points_line(reason.points, rule_title(reason.rule, telling), telling), below, part="reason")
    if reason.kind != "rule":
        return Account(limit_line(reason, telling), part=reason.kind)
    made = telling.made[reason.rule, reason.event_kind, reason.event, reason.item]
    return Account(points_line(reason.points, telling.rule(made.rule), telling), carried(made, telling), part="reason")


def points_line(points: int, rule: str, telling: Telling) -> str:
    """So many points off or on, and for what."""
    key = "deducted" if points < 0 else "added"
    return telling.words(key, points=telling.words.points(abs(points)), rule=rule)


def carried(made: Contribution, telling: Telling) -> list[Account]:
    """What carries a contribution: the event, the facts, the days, the points, the law."""
    rule, frame = made.rule, frame_of(made, telling)
    lines = [Account(_where_from(made, telling), part="event")]
    if made.points.unsure:
        lines.append(Account(telling.words("unsure"), part="unsure"))
    lines += _facts(rule, frame, telling)
    lines += _days(made, telling)
    lines += _points_from(rule, frame, telling)
    if rule.group is not None:
        lines.append(Account(_group(rule.group, telling), part="group"))
    lines += _lenient(made, telling)
    lines.append(citations(rule, frame, law_line(made, telling), telling))
    return lines


def _group(group: str, telling: Telling) -> str:
    score = telling.plan.score
    if score is None or group not in score.groups:
        return telling.words("in_open_group", group=group)
    return telling.words("in_group", group=group, limit=telling.words.points(score.groups[group]))


def frame_of(made: Contribution, telling: Telling) -> Frame:
    """The viewpoint of a contribution, under the law that counts for it."""
    if made.entry is None:
        scene = telling.scene
        return Frame(scene, scene.as_of, scene.viewpoint.position, None, scene.as_of)
    frame = telling.frame_of(made.rule.law, made.entry)
    return frame.at_hand(made.entry.event, made.points.law, made.entry.item)


def _where_from(made: Contribution, telling: Telling) -> str:
    rule, entry, words = made.rule, made.entry, telling.words
    if entry is None:
        return words("on_day")
    text = words("on_event", event=telling.whole_event(entry.event, rule.each.by if rule.each else ()))
    if entry.item is None:
        return text
    return words.parts((text, item_line(made, telling)))


def item_line(made: Contribution, telling: Telling) -> str:
    """Which element of the event's list is meant."""
    words, each = telling.words, made.rule.each
    item = None if made.entry is None else made.entry.item
    return words("element", item=words.value(item, TEXT, getattr(each and each.element, "name", "")))


def _facts(rule: ScoreRule, frame: Frame, telling: Telling) -> list[Account]:
    conditions = [] if rule.each is None else [rule.each.where, rule.each.item_where]
    found = [line for one in (*conditions, rule.when) if one is not None for line in facts(one, frame, telling)]
    return [Account(telling.words("facts"), found, part="facts")] if found else []


def _days(made: Contribution, telling: Telling) -> list[Account]:
    words, stretch, rule = telling.words, made.points.stretch, made.rule
    if rule.counts is None and made.entry is None:
        return []
    by_day = None if made.entry is None or made.entry.is_undated else made.entry.day
    first = max((day for day in (stretch.first, by_day) if day is not None and day > date.min), default=None)
    if first is None:
        return []
    lines = [] if rule.counts is None else span_lines(rule.counts, frame_of(made, telling), stretch, telling)
    if stretch.last >= LATEST_DAY:
        open_ = any(row.until_next is not None for row in rule.counts.rows) if rule.counts else False
        return [
            Account(words("counts_open" if open_ else "counts_endless", first=words.day(first)), lines, part="days")
        ]
    text = words("counts", first=words.day(first), last=words.day(stretch.last))
    return [Account(text, [*lines, *_fading(made, telling)], part="days")]


def _fading(made: Contribution, telling: Telling) -> list[Account]:
    words, points = telling.words, made.points
    if not made.rule.fades or points.stretch.first is None:
        return []
    full = telling.program(made.rule.points)(frame_of(made, telling))
    text = words(
        "fades",
        full=words.points(int(full)) if is_plain(full) else words("doubtful"),
        first=words.day(points.stretch.first),
        last=words.day(points.stretch.last),
        left=words.points(abs(points.low)),
    )
    return [Account(text, part="fading")]


def _points_from(rule: ScoreRule, frame: Frame, telling: Telling) -> list[Account]:
    """What the points were made of, where they are neither written down nor one parameter."""
    if isinstance(rule.points, Literal | Parameter):
        return []
    found = readings(rule.points, frame, telling)
    return [Account(telling.words("points_from"), found, part="points")] if found else []


# --- the law --------------------------------------------------------------------------------------------------


def law_line(made: Contribution, telling: Telling) -> str:
    """Whose day's law counted."""
    return _law_of(made.points.law, made, telling)


def _law_of(day: date, made: Contribution, telling: Telling) -> str:
    words, law, entry = telling.words, made.rule.law, made.entry
    if entry is None or law.as_of:
        return words("law_judged", day=words.day(day))
    by = made.rule.each.by if made.rule.each else ()
    names = (*law.anchors, *by)
    anchor = next((name for name in names if telling.program.field(entry.event.kind, name)(entry.event) == day), "day")
    return words("law_day", day=words.day(day), anchor=words.field(anchor))


def _lenient(made: Contribution, telling: Telling) -> list[Account]:
    """Both laws side by side, and which of them counted."""
    words = telling.words
    if not made.laws:
        return []
    chosen = next(place for place, under in enumerate(made.laws) if _same_law(under, made.points))
    lines = [
        _under(under, place, made, chosen=place == chosen, telling=telling) for place, under in enumerate(made.laws)
    ]
    if all(under[:3] == made.laws[0][:3] for under in made.laws):
        lines.append(Account(words("lenient_tie"), part="tie"))
    return [Account(words("lenient"), lines, part="lenient")]


def _under(under: Points, place: int, made: Contribution, *, chosen: bool, telling: Telling) -> Account:
    """Points and end under one of two laws."""
    words, last = telling.words, under.stretch.last
    law = words("law_of_day", day=words.day(under.law), anchor=words.field(made.rule.law.anchors[place]))
    end = words("ends_never") if last >= LATEST_DAY else words("ends", last=words.day(last))
    key = "lenient_counts" if chosen else "lenient_law"
    return Account(words(key, law=law, points=_between(under, telling), end=end), part="law")


def _same_law(one: Points, other: Points) -> bool:
    return (one.law, one.high, one.stretch) == (other.law, other.high, other.stretch)


def _between(points: Points, telling: Telling) -> str:
    low, high = telling.words.points(points.low), telling.words.points(points.high)
    return low if low == high else telling.words("range", low=low, high=high)


# --- limits ---------------------------------------------------------------------------------------------------


def limit_line(reason: Reason, telling: Telling) -> str:
    """A group's limit or the range of the score, and what it changed."""
    words, score = telling.words, telling.plan.score
    points = _signed(reason.points, telling)
    if reason.kind == "group" and score is not None:
        added = [one for one in telling.answer.reasons if one.kind in ADDING and one.group == reason.rule]
        total = sum(one.points for one in added)
        limit = words.points(score.groups[reason.rule])
        return words("group_limit", group=reason.rule, sum=words.points(total), limit=limit, points=points)
    low, high = (None, None) if score is None else (score.low, score.high)
    if low is not None and high is not None:
        return words("range_limit", low=decimal_text(low), high=decimal_text(high), points=points)
    if low is not None:
        return words("range_low", low=decimal_text(low), points=points)
    return words("range_high", high=decimal_text(high or 0), points=points)


def _signed(points: int, telling: Telling) -> str:
    text = telling.words.points(points)
    return f"+{text}" if points > 0 else text
