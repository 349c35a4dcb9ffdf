"""The score in lines: the start, each reason with what carries it, limits, and the sum that adds up."""

from __future__ import annotations

from datetime import date

from credit_engine.assessing.answer import Reason
from credit_engine.assessing.contributing import Contribution, Points
from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.citing import citations
from credit_engine.assessing.explaining.facts import facts, readings
from credit_engine.assessing.explaining.looking import Look
from credit_engine.assessing.scene import Frame
from credit_engine.assessing.spanning import LATEST_DAY
from credit_engine.assessing.unknown import Range, is_plain
from credit_engine.policy.plan import Literal, Parameter, Score, ScoreRule
from credit_engine.quantities import decimal_text


def score_account(look: Look) -> list[Account]:
    """The score with its reasons; nothing if the policy has no score."""
    score, answer = look.plan.score, look.answer
    if score is None or answer.score is None:
        return []
    words = look.words
    lines = [Account(words("start", points=words.points(score.start)), part="start")]
    lines += [reason_account(reason, look) for reason in answer.reasons]
    lines.append(Account(_sum(score, look), part="sum"))
    return [Account(_head(look), lines, part="score")]


def _head(look: Look) -> str:
    score, words = look.answer.score, look.words
    if not isinstance(score, Range):
        return words("score", score=decimal_text(score or 0))
    return words("score_unknown", low=_end(score.low), high=_end(score.high))


def _end(end: object) -> str:
    return decimal_text(int(end)) if isinstance(end, int) else "…"


def _sum(score: Score, look: Look) -> str:
    """`100 - 10 + 3 = 93`, or what is certain of it."""
    words, answer = look.words, look.answer
    terms = [decimal_text(score.start)]
    for reason in answer.reasons:
        terms.append(f"{'-' if reason.points < 0 else '+'} {decimal_text(abs(reason.points))}")
    sum_ = " ".join(terms)
    total = decimal_text(score.start + sum(reason.points for reason in answer.reasons))
    sum_ = f"{sum_} = {total}" if answer.reasons else sum_
    if isinstance(answer.score, Range):
        return words("sum_certain", sum=sum_, low=_end(answer.score.low), high=_end(answer.score.high))
    return words("sum", sum=sum_)


# --- one reason -----------------------------------------------------------------------------------------------


def reason_account(reason: Reason, look: Look) -> Account:
    """One reason, with everything that carries it."""
    if reason.kind != "rule":
        return Account(limit_line(reason, look), part=reason.kind)
    made = look.made[reason.rule, reason.event_kind, reason.event, reason.item]
    return Account(points_line(reason.points, look.rule(made.rule), look), carried(made, look), part="reason")


def points_line(points: int, rule: str, look: Look) -> str:
    """So many points off or on, and for what."""
    key = "deducted" if points < 0 else "added"
    return look.words(key, points=look.words.points(abs(points)), rule=rule)


def carried(made: Contribution, look: Look) -> list[Account]:
    """What carries a contribution: the event, the facts, the days, the points, the law."""
    rule, frame = made.rule, frame_of(made, look)
    lines = [Account(_where_from(made, look), part="event")]
    lines += _facts(rule, frame, look)
    lines += _days(made, look)
    lines += _points_from(rule, frame, look)
    if rule.group is not None:
        lines.append(Account(look.words("in_group", group=rule.group), part="group"))
    lines += _lenient(made, look)
    lines.append(citations(rule, frame, law_line(made, look), look))
    return lines


def frame_of(made: Contribution, look: Look) -> Frame:
    """The viewpoint of a contribution, under the law that counts for it."""
    if made.entry is None:
        scene = look.scene
        return Frame(scene, scene.as_of, scene.viewpoint.position, None, scene.as_of)
    frame = look.frame_of(made.rule.law, made.entry)
    return frame.at_hand(made.entry.event, made.points.law, made.entry.item)


def _where_from(made: Contribution, look: Look) -> str:
    rule, entry, words = made.rule, made.entry, look.words
    if entry is None:
        return words("on_day")
    text = words("on_event", event=look.event(entry.event, rule.each.by if rule.each else ()))
    if entry.item is None:
        return text
    item = words.value(entry.item, look.field_type("", ""), getattr(rule.each and rule.each.element, "name", ""))
    return words.parts((text, words("element", item=item)))


def _facts(rule: ScoreRule, frame: Frame, look: Look) -> list[Account]:
    conditions = [] if rule.each is None else [rule.each.where, rule.each.item_where]
    found = [line for one in (*conditions, rule.when) if one is not None for line in facts(one, frame, look)]
    return [Account(look.words("facts"), found, part="facts")] if found else []


def _days(made: Contribution, look: Look) -> list[Account]:
    words, stretch = look.words, made.points.stretch
    if made.rule.counts is None and made.entry is None:
        return []
    by_day = None if made.entry is None or made.entry.is_undated else made.entry.day
    first = max((day for day in (stretch.first, by_day) if day is not None and day > date.min), default=None)
    if first is None:
        return []
    if stretch.last >= LATEST_DAY:
        return [Account(words("counts_endless", first=words.day(first)), part="days")]
    text = words("counts", first=words.day(first), last=words.day(stretch.last))
    return [Account(text, _fading(made, look), part="days")]


def _fading(made: Contribution, look: Look) -> list[Account]:
    words, points = look.words, made.points
    if not made.rule.fades or points.stretch.first is None:
        return []
    full = look.program(made.rule.points)(frame_of(made, look))
    text = words(
        "fades",
        full=words.points(int(full)) if is_plain(full) else words("doubtful"),
        first=words.day(points.stretch.first),
        last=words.day(points.stretch.last),
        left=words.points(abs(points.low)),
    )
    return [Account(text, part="fading")]


def _points_from(rule: ScoreRule, frame: Frame, look: Look) -> list[Account]:
    """What the points were made of, where they are neither written down nor one parameter."""
    if isinstance(rule.points, Literal | Parameter):
        return []
    return readings(rule.points, frame, look)


# --- the law --------------------------------------------------------------------------------------------------


def law_line(made: Contribution, look: Look) -> str:
    """Whose day's law counted."""
    return _law_of(made.points.law, made, look)


def _law_of(day: date, made: Contribution, look: Look) -> str:
    words, law, entry = look.words, made.rule.law, made.entry
    if entry is None or law.as_of:
        return words("law_judged", day=words.day(day))
    by = made.rule.each.by if made.rule.each else ()
    names = (*law.anchors, *by)
    anchor = next((name for name in names if look.program.field(entry.event.kind, name)(entry.event) == day), "day")
    return words("law_day", day=words.day(day), anchor=words.field(anchor))


def _lenient(made: Contribution, look: Look) -> list[Account]:
    """Both laws side by side, and which of them counted."""
    words = look.words
    if not made.laws:
        return []
    chosen = max(range(len(made.laws)), key=lambda place: made.laws[place].high)
    lines = []
    for place, under in enumerate(made.laws):
        text = look.words("law_of_day", day=words.day(under.law), anchor=words.field(made.rule.law.anchors[place]))
        key = "lenient_counts" if place == chosen else "lenient_law"
        lines.append(Account(words(key, law=text, points=_between(under, look)), part="law"))
    return [Account(words("lenient"), lines, part="lenient")]


def _between(points: Points, look: Look) -> str:
    low, high = look.words.points(points.low), look.words.points(points.high)
    return low if low == high else look.words("range", low=low, high=high)


# --- limits ---------------------------------------------------------------------------------------------------


def limit_line(reason: Reason, look: Look) -> str:
    """A group's limit or the range of the score, and what it changed."""
    words, score = look.words, look.plan.score
    points = _signed(reason.points, look)
    if reason.kind == "group" and score is not None:
        total = sum(one.points for one in look.answer.reasons if one.kind == "rule" and one.group == reason.rule)
        limit = words.points(score.groups[reason.rule])
        return words("group_limit", group=reason.rule, sum=words.points(total), limit=limit, points=points)
    low, high = (None, None) if score is None else (score.low, score.high)
    if low is not None and high is not None:
        return words("range_limit", low=decimal_text(low), high=decimal_text(high), points=points)
    if low is not None:
        return words("range_low", low=decimal_text(low), points=points)
    return words("range_high", high=decimal_text(high or 0), points=points)


def _signed(points: int, look: Look) -> str:
    text = look.words.points(points)
    return f"+{text}" if points > 0 else text
