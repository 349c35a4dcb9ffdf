"""Made-up spans, score rules and grades: every part of a span, every form of a rule, several scales."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from credit_engine.days import REVIEWS
from credit_engine.testing.drawn_conditions import Author, View, condition, conditions_or_none
from credit_engine.testing.drawn_selectors import ALL_STANDINGS, per, selector_alone
from credit_engine.testing.drawn_values import literal, looked_up, number
from credit_engine.testing.vocabulary import BASES, LISTS, ORDERED, PERIODS, Field, Written

POINTS = ("int", "decimal")
LABELS = ("A", "B", "C", "D")


# --- spans ----------------------------------------------------------------------------------------------------


def span(author: Author, view: View, *, must_end: bool = False) -> Written:
    """A span, or rows of spans. `must_end`: its end can be known from its own parts, so that points may fade."""
    if author.choose.chance(15):
        rows = [_row(author, view, must_end=must_end) for _ in range(author.choose.number(1, 2))]
        return {"rows": [{**row, **_row_condition(author, view)} for row in rows[:-1]] + rows[-1:]}
    return _row(author, view, must_end=must_end)


def _row_condition(author: Author, view: View) -> Mapping[str, Written]:
    choose = author.choose
    result: dict[str, Written] = {}
    if view.kind and choose.chance(80):
        result["where"] = condition(author, view.where(), most=1, depth=1)
    if not author.style.only_worse and author.readable(view.when(), *ORDERED) and choose.chance(30):
        result["when"] = condition(author, view.when(), most=1, depth=1)
    if choose.chance(30):
        result["basis"] = choose.one(BASES)
    return result


def _row(author: Author, view: View, *, must_end: bool) -> dict[str, Written]:
    choose = author.choose
    row = dict(_first_day(author, view))
    ending = choose.number(0, 99)
    if view.kind and ending < 15:
        row["until"] = choose.one(author.words.anchors(view.kind))
    elif ending < 80 or must_end:
        row["for"] = period(author, view)
    if choose.chance(12):
        row["to_end_of"] = choose.one(("year", "quarter", "month"))
    if "for" in row:
        row |= _extensions(author, view)
    if choose.chance(10):
        row["or_until"] = choose.one(author.words.anchors(view.kind))
    if choose.chance(12) and not must_end:
        row |= _held_open(author, view)
    return row


def _first_day(author: Author, view: View) -> Mapping[str, Written]:
    choose = author.choose
    anchors = author.words.anchors(view.kind)
    if author.style.asks_absence and choose.chance(15):
        return {"from": choose.shuffled(choose.some(anchors, least=2, most=2))}
    return {"from": choose.one(anchors)} if choose.chance(60) else {}


def period(author: Author, view: View) -> Written:
    """A period as a literal, a parameter, from a table, or from the record."""
    choose = author.choose
    parameters = author.words.in_unit("period")
    if parameters and choose.chance(30):
        return f"${choose.one(parameters).name}"
    table = looked_up(author, view, ("period",))
    if table is not None and choose.chance(50):
        return table.written
    own = author.words.of(view.kind, "period") if view.kind else []
    if own and choose.chance(50):
        return (
            {"of": own[0].name, "or": "0d"} if author.style.asks_absence and choose.chance(50) else {"of": own[0].name}
        )
    return choose.one(PERIODS)


def _extensions(author: Author, view: View) -> Mapping[str, Written]:
    choose = author.choose
    result: dict[str, Written] = {}
    if choose.chance(15):
        extension: dict[str, Written] = {"for": period(author, view)}
        if view.kind and choose.chance(60):
            extension["where"] = condition(author, view.where(), most=1, depth=0)
        result["plus"] = [extension, {"for": choose.one(("1m", "1d"))}][: choose.number(1, 2)]
    paused = [each for each in author.words.of(view.kind, "records") if each.name == "paused"] if view.kind else []
    if paused and choose.chance(60):
        pauses: dict[str, Written] = {"of": "paused"}
        if choose.chance(40):
            pauses["where"] = {"item.reason": choose.one(paused[0].values)}
        if author.style.asks_absence and choose.chance(40):
            pauses["or"] = []
        result["pauses"] = pauses
    if choose.chance(12):
        result["rolls"] = True
    return result


def _held_open(author: Author, view: View) -> Mapping[str, Written]:
    choose = author.choose
    if choose.chance(60) and not author.style.only_worse:
        return {"until_next": selector_alone(author, view, ("where", "standing", "by", "per", "same"))}
    if author.readable(View(indicators=True), *ORDERED):
        return {"or_while": condition(author, View(indicators=True), most=1, depth=0)}
    return {}


# --- the score ------------------------------------------------------------------------------------------------


def score(author: Author, most_rules: int = 3) -> dict[str, Written]:
    """The score section."""
    choose = author.choose
    groups = {
        name: {"at_most": choose.one((20, 40, Decimal("7.5")))} for name in choose.some(("penalties", "visits"), most=2)
    }
    section: dict[str, Written] = {"start": choose.one((100, 60, Decimal("80.5")))}
    if choose.chance(85):
        section["range"] = choose.one(([0, 100], [0, 120], [50, 100], [-20, 1000], [None, 100], [0, None]))
    if groups:
        section["groups"] = groups
    section["rules"] = [
        _rule(author, f"rule_{place + 1}", tuple(groups)) for place in range(choose.number(1, most_rules))
    ]
    return section


def _rule(author: Author, name: str, groups: tuple[str, ...]) -> dict[str, Written]:
    choose = author.choose
    rule: dict[str, Written] = {"rule": name, "title": {"zh": f"规则{name[-1]}", "en": name}}
    kind = choose.one(tuple(author.words.kinds)) if not choose.chance(22) else ""
    item = _element(author, kind)
    view = View(kind=kind, fields=bool(kind), indicators=True, item=item)
    if kind:
        rule |= _each(author, view)
    if not kind or choose.chance(30):
        seen = author.readable(view, *ORDERED, "bool", "codes", "text")
        if seen or not author.style.only_worse:
            rule["when"] = condition(author, view.when())
    verb = "deduct" if author.style.only_worse or choose.chance(70) else "add"
    rule[verb] = points(author, view)
    rule |= _counting(author, view)
    if groups and choose.chance(50):
        rule["group"] = choose.one(groups)
    return {**rule, **_law(author, kind, verb)}


def _element(author: Author, kind: str) -> Field | None:
    lists = author.words.of(kind, *LISTS) if kind else []
    return author.choose.one(lists) if lists and author.choose.chance(20) else None


def _each(author: Author, view: View) -> Mapping[str, Written]:
    choose = author.choose
    keys: dict[str, Written] = {"each": f"{view.kind}.{view.item.name}" if view.item else view.kind}
    if choose.chance(50):
        keys["where"] = condition(author, view.where())
    if choose.chance(10):
        keys["standing"] = choose.one((ALL_STANDINGS, ["final"]))
    if choose.chance(20):
        anchors = author.words.anchors(view.kind)
        several = author.style.asks_absence and choose.chance(50)
        keys["by"] = choose.shuffled(choose.some(anchors, least=2, most=2)) if several else choose.one(anchors)
    if choose.chance(10) and not author.style.only_worse:
        keys["per"] = per(author, view.kind)
    return keys


def points(author: Author, view: View) -> Written:
    """What a rule adds or deducts."""
    choose = author.choose
    if not choose.chance(60):
        return choose.one((10, 5, 30, Decimal("2.5"), Decimal("0.001")))
    found = number(author, view, POINTS)
    return found.written if found.type in POINTS else literal(author, "int").written


def _counting(author: Author, view: View) -> Mapping[str, Written]:
    choose = author.choose
    if not view.kind or not choose.chance(60):
        return {}
    fades = choose.chance(25)
    counts = span(author, view, must_end=fades)
    return {"counts": counts, "fades": "linear"} if fades else {"counts": counts}


def _law(author: Author, kind: str, verb: str) -> Mapping[str, Written]:
    choose = author.choose
    law: dict[str, Written] = {"basis": choose.one(BASES) if choose.chance(25) else ["law"]}
    if choose.chance(10):
        law["in_force"] = choose.one(
            ({"from": date(2024, 1, 1)}, {"from": date(2000, 1, 1), "until": date(2024, 3, 1)})
        )
    if kind and choose.chance(35):
        two = choose.shuffled(choose.some(author.words.anchors(kind), least=2, most=2))
        forms: list[Written] = ["as_of", two[0], two]
        if verb == "deduct":
            forms += [{"lenient": two}, {"lenient": two}]
        law["law_of"] = choose.one(forms)
    return law


# --- grades ---------------------------------------------------------------------------------------------------


def grades(author: Author, *, has_score: bool) -> dict[str, Written]:
    """One scale, or several by name."""
    choose = author.choose
    scales: list[tuple[str, tuple[str, ...]]] = []
    written: dict[str, Written] = {}
    for name in choose.some(("annual", "dynamic"), least=1, most=2):
        order = LABELS[: choose.number(2, 4)]
        written[name] = _scale(author, order, View(indicators=True, score=has_score, scales=tuple(scales)))
        scales.append((name, order))
    return written["annual"] if list(written) == ["annual"] else written


def _scale(author: Author, order: tuple[str, ...], view: View) -> dict[str, Written]:
    choose = author.choose
    outside = ["pending"] if choose.chance(30) else []
    rows: list[Written] = [{"grade": label, "when": condition(author, view, most=1)} for label in order[:-1]]
    if outside:
        rows.insert(0, {"grade": "pending", "when": condition(author, view, most=1)})
    if choose.chance(85):
        rows.append({"grade": _label(author, order, view)})
    scale: dict[str, Written] = {"order": list(order), "rows": rows}
    if outside:
        scale["outside"] = outside
    if choose.chance(40):
        scale["adjust"] = [_adjustment(author, f"adjust_{n + 1}", order, view) for n in range(choose.number(1, 2))]
    if choose.chance(25):
        scale["review"] = choose.one(tuple(REVIEWS))
    return scale


def _label(author: Author, order: tuple[str, ...], view: View) -> Written:
    """A label, or rows that give one."""
    choose = author.choose
    if not choose.chance(12):
        return order[-1] if choose.chance(50) else choose.one(order)
    return {"rows": [{"when": condition(author, view, most=1), "value": order[0]}, {"value": order[-1]}]}


def _adjustment(author: Author, name: str, order: tuple[str, ...], view: View) -> dict[str, Written]:
    choose = author.choose
    kind = choose.one(("worse_by", "at_best", "better_by", "at_worst"))
    counts = author.words.in_unit("count")
    by = f"${counts[0].name}" if counts and choose.chance(30) else choose.number(1, 2)
    value = by if kind in ("worse_by", "better_by") else _label(author, order, view)
    title = {"zh": "调整", "en": name}
    return {
        "rule": name,
        "title": title,
        kind: value,
        "basis": choose.one(BASES),
        **conditions_or_none(author, view, 90, "when"),
    }
