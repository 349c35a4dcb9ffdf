"""Made-up values: every aggregate, every other form, and what follows; indicators and computed fields made of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attrs import evolve, frozen

from credit_engine.testing.drawn_conditions import UNIT_OF, Author, Indicator, View, condition
from credit_engine.testing.drawn_selectors import selector
from credit_engine.testing.vocabulary import DAYS, NUMBERS, ORDERED, Computed, Field, Written

AGGREGATES = ("count", "latest", "sum", "days_since", "highest", "mean", "lowest")
NONNEGATIVE = ("fine", "confiscated", "items_failed", "key_items_failed")


@frozen
class Valued:
    """A value as written, its type, and what is known of it."""

    written: Written
    type: str
    needs: frozenset[str] = frozenset()
    fractional: bool = False
    only_grows: bool = False
    values: tuple[Written, ...] = ()
    moves: bool = True


def aggregate(author: Author, view: View, types: tuple[str, ...]) -> Valued | None:
    """An aggregate over events that has one of these types, or nothing if the draw does not lead to one."""
    choose = author.choose
    only_worse = author.style.only_worse
    op = choose.one(("count", "sum", "highest") if only_worse else AGGREGATES)
    taken = selector(author, view)
    if op in ("count", "days_since"):
        keys = taken.keys
        written = {op: taken.head, **keys}
        if op == "days_since" and choose.chance(20):
            written["or"] = 400
        return Valued(written, "int", taken.needs, only_grows=op == "count", values=_COUNTS if op == "count" else _AGES)
    wanted = tuple(
        each for each in types if op == "latest" or each in NUMBERS or (op not in {"mean", "sum"} and each == "date")
    )
    key = "take" if op == "latest" else "of"
    if taken.item is not None:
        if taken.item.type != "ints" or "int" not in wanted or only_worse:
            return None
        return Valued({op: taken.head, key: "item", **taken.keys}, "int", taken.needs, op == "mean", values=(14, 1, 15))
    fields = author.fields(View(kind=taken.kind, fields=True), *wanted)
    if only_worse:
        fields = [each for each in fields if each.name in NONNEGATIVE]
    if not fields:
        return None
    of = choose.one(fields)
    written = {op: taken.kind, key: of.name, **taken.keys}
    if choose.chance(20) and not only_worse:
        written["or"] = choose.one(of.values)
    grows = only_worse and op in ("sum", "highest") and of.type == "int"
    return Valued(written, of.type, taken.needs, op == "mean", only_grows=grows, values=of.values)


_COUNTS = (1, 2, 3, 0)
_AGES = (30, 90, 365, 0)
_USUAL = {"money": ("1000 yuan", "5000 yuan", "0 yuan"), "date": DAYS, "bool": (True, False)}


def over_elements(author: Author, view: View) -> Valued | None:
    """An aggregate over a list of the event itself."""
    lists = list(author.words.of(view.kind, "texts", "ints", "records", "set")) if view.kind else []
    if not view.fields or not lists:
        return None
    choose = author.choose
    element = choose.one(lists)
    op = choose.one(("count", "sum", "highest", "mean", "lowest")) if element.type == "ints" else "count"
    written: dict[str, Written] = {op: element.name}
    if choose.chance(50):
        written["where"] = condition(
            author, View(kind=view.kind, fields=True, item=element, still=True), most=1, depth=1
        )
    if op != "count" and choose.chance(30):
        written["or"] = 0
    return Valued(written, "int", fractional=op == "mean", values=(1, 2, 0), moves=False)


def named(author: Author, view: View, types: tuple[str, ...]) -> Valued | None:
    """`{of: NAME}` of a field or an indicator, sometimes with `or`."""
    choose = author.choose
    things: list[Any] = [*author.fields(view, *types), *author.readable(view, *types)]  # Any: fields and indicators
    if author.style.only_worse:
        things = [each for each in things if getattr(each, "only_grows", False)]
    if not things:
        return None
    thing = choose.one(things)
    written: dict[str, Written] = {"of": thing.name}
    is_field = isinstance(thing, Field)
    if author.style.asks_absence and choose.chance(25) and thing.values:
        written["or"] = choose.one(thing.values)
    return Valued(
        written,
        thing.type,
        frozenset() if is_field else thing.needs,
        not is_field and thing.fractional,
        not is_field and thing.only_grows,
        thing.values,
        moves=not is_field or any(each.moves for each in author.computed.get(view.kind, ()) if each.field is thing),
    )


def looked_up(author: Author, view: View, types: tuple[str, ...]) -> Valued | None:
    """`{look_up: $table, by: NAME}`."""
    choose = author.choose
    for table in author.words.parameters:
        if not table.keys or {"points": "decimal", "period": "period"}[table.unit] not in types:
            continue
        of = {"points": "decimal", "period": "period"}[table.unit]
        if table.keys == "region":
            by = "region" if view.fields and choose.chance(40) else "operator.region"
            return Valued({"look_up": f"${table.name}", "by": by}, of)
        if view.item is not None and view.item.name == table.keys and view.fields:
            return Valued({"look_up": f"${table.name}", "by": "item"}, of)
        if table.keys in [each.name for each in author.fields(view, "codes", "text")]:
            return Valued({"look_up": f"${table.name}", "by": table.keys}, of, moves=False)
    return None


def parameter(author: Author, types: tuple[str, ...]) -> Valued | None:
    """`$name` of a single value."""
    units = {UNIT_OF[each]: each for each in types if each in UNIT_OF}
    found = author.words.in_unit(*units)
    if not found:
        return None
    chosen = author.choose.one(found)
    return Valued(f"${chosen.name}", units[chosen.unit], moves=False)


def literal(author: Author, type_: str) -> Valued:
    """A literal number."""
    values: dict[str, tuple[Written, ...]] = {
        "int": (10, 5, 1, 0, 40),
        "decimal": (Decimal("2.5"), 10, Decimal("0.333")),
        "money": ("1000 yuan", "5 yuan"),
        "date": DAYS,
        "bool": (True, False),
    }
    return Valued(author.choose.one(values[type_]), type_, only_grows=True, moves=False)


def combined(author: Author, view: View, types: tuple[str, ...], depth: int) -> Valued | None:
    """`{sum|highest|lowest: [values]}` or `{ratio: [a, b]}` of values of one type."""
    choose = author.choose
    first = number(author, view, types, depth - 1)
    second = number(author, view, (first.type,), depth - 1)
    op = choose.one(("sum", "highest", "lowest", "ratio"))
    needs = first.needs | second.needs
    if op == "ratio":
        if "int" not in types:
            return None
        return Valued({"ratio": [first.written, second.written]}, "int", needs, fractional=True, values=(1, 2, 0))
    return Valued(
        {op: [first.written, second.written]},
        first.type,
        needs,
        first.fractional or second.fractional,
        values=first.values,
    )


def in_rows(author: Author, view: View, types: tuple[str, ...]) -> Valued:
    """`{rows: [{where, when, value}]}`; mostly with a last row that always holds."""
    choose = author.choose
    type_ = choose.one([each for each in types if each in ("int", "decimal", "money")])
    rows = []
    for _ in range(choose.number(1, 2)):
        row: dict[str, Written] = {}
        if view.fields or view.kind:
            row["where"] = condition(author, view.where(), most=1, depth=1)
        if view.indicators and author.readable(view, *ORDERED) and choose.chance(40 if row else 100):
            row["when"] = condition(author, view.when(), most=1, depth=1)
        rows.append({**row, "value": literal(author, type_).written})
    if choose.chance(80):
        rows.append({"value": literal(author, type_).written})
    return Valued({"rows": rows}, type_, _needs_of(author))


def _needs_of(author: Author) -> frozenset[str]:
    """What conditions on any indicator could need; asked only where that matters."""
    return frozenset[str]().union(*(each.needs for each in author.indicators.values()))


def number(author: Author, view: View, types: tuple[str, ...] = NUMBERS, depth: int = 1) -> Valued:
    """A value that is a number of one of these types."""
    choose = author.choose
    found: Valued | None = None
    draw = choose.number(0, 99)
    if author.style.only_worse:
        found = named(author, view, types) if draw < 25 else parameter(author, types) if draw < 60 else None
    elif draw < 20:
        found = parameter(author, types)
    elif draw < 40:
        found = named(author, view, types)
    elif draw < 50:
        found = looked_up(author, view, types)
    elif draw < 65 and view.indicators:
        found = aggregate(author, view, types)
    elif draw < 72 and view.fields and "int" in types:
        found = over_elements(author, view)
    elif draw < 80:
        found = in_rows(author, view, types)
    elif draw < 88 and depth:
        found = combined(author, view, types, depth)
    if found is None or found.type not in types:
        found = literal(author, choose.one([each for each in types if each in NUMBERS]))
    return modified(author, found) if choose.chance(25) else found


def modified(author: Author, value: Valued) -> Valued:
    """The value with some of `per`, `times`, `round`, `at_least`, `at_most`."""
    choose = author.choose
    if not isinstance(value.written, dict) or value.type not in ("int", "decimal"):
        return value
    keys = dict(value.written)
    type_, fractional = value.type, value.fractional
    if "per" not in keys and choose.chance(30):
        keys["per"] = choose.one((3, 2, Decimal("0.5")))
        fractional = True
    if choose.chance(30):
        keys["times"] = choose.one((2, 5, "1/2", 0))
        fractional = fractional or keys["times"] == "1/2"
    if choose.chance(40):
        step = choose.one((1, Decimal("0.1"), Decimal("0.5")))
        type_ = "decimal" if step != 1 else type_
        keys["round"] = {"to": step, "mode": choose.one(("half_up", "up", "down"))}
        fractional = False
    if choose.chance(25):
        keys["at_least"] = choose.one((0, 1))
    if choose.chance(40):
        keys["at_most"] = choose.one((6, 30, 2))
    return evolve(value, written=keys, type=type_, fractional=fractional)


# --- indicators and computed fields ---------------------------------------------------------------------------


def write_indicators(author: Author, least: int, most: int) -> None:
    """Some more indicators; each may read those before it."""
    for _ in range(author.choose.number(least, most)):
        value = _indicator_value(author)
        stem = next(iter(value.written)) if isinstance(value.written, dict) else "value"
        name = f"{stem if stem != 'of' else 'other'}_{len(author.indicators) + 1}"
        author.written_indicators[name] = value.written
        values = value.values or _USUAL.get(value.type, _COUNTS)
        author.indicators[name] = Indicator(name, value.type, values, value.needs, value.fractional, value.only_grows)


def _indicator_value(author: Author) -> Valued:
    choose = author.choose
    view = View(indicators=True, notes=True)
    if choose.chance(75) or author.style.only_worse:
        found = aggregate(author, view, (*ORDERED, "bool", "codes", "text"))
        if found is None:
            found = Valued({"count": "violation"}, "int", only_grows=True, values=_COUNTS)
        return found if author.style.only_worse or not choose.chance(20) else modified(author, found)
    if author.indicators and choose.chance(30):
        return Valued({"holds": condition(author, view)}, "bool", _needs_of(author), values=(True, False))
    return number(author, view)


def write_computed(author: Author, most: int) -> None:
    """Some computed fields; each may read the indicators and computed fields before it."""
    choose = author.choose
    for place in range(choose.number(0, most)):
        kind = choose.one(tuple(author.words.kinds))
        view = View(kind=kind, fields=True, indicators=not author.style.only_worse)
        if choose.chance(50):
            value = Valued({"holds": condition(author, view)}, "bool", values=(True, False))
        else:
            value = number(author, view) if not author.style.only_worse else literal(author, "int")
        values = value.values or _USUAL.get(value.type, _COUNTS)
        made = Field(f"made_{place + 1}", value.type, values)
        written = value.written if isinstance(value.written, dict) else {"rows": [{"value": value.written}]}
        author.computed.setdefault(kind, []).append(Computed(made, written))
