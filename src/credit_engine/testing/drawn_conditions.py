"""Made-up conditions: what `where` says of an event, `when` of indicators, and both where a condition reads both.

Every condition fits the fields and indicators that are there, so a policy made of them loads.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from attrs import define, evolve, field, frozen

from credit_engine.testing.drawing import Chooser
from credit_engine.testing.vocabulary import (
    DAYS,
    NUMBERS,
    ORDERED,
    PERIODS,
    REGIONS,
    Computed,
    Field,
    Vocabulary,
    Written,
)

UNIT_OF = {"int": "count", "decimal": "points", "money": "fen"}
ORDER_TESTS = ("at_least", "above", "at_most", "below")
SET_TESTS = ("has_any", "has", "has_all", "has_none", "only")


@frozen
class Style:
    """What a policy may be made of.

    `asks_absence`: it may ask whether something is known and say what stands for something missing, so that learning a
    fact can overturn an answer. `only_worse`: it only deducts, and more events never mean fewer points.
    """

    asks_absence: bool = True
    only_worse: bool = False


@frozen
class Indicator:
    """An indicator as later rules see it; `needs`: fields that the event of whoever asks must have."""

    name: str
    type: str
    values: tuple[Written, ...] = ()
    needs: frozenset[str] = frozenset()
    fractional: bool = False
    only_grows: bool = False


@frozen
class View:
    """What can be read at one place: the fields of a kind, an element of a list, indicators, score and grades.

    `notes`: an indicator, which may need fields of whoever will ask. `still`: nothing that depends on who asks.
    """

    kind: str = ""
    fields: bool = False
    indicators: bool = False
    item: Field | None = None
    score: bool = False
    scales: tuple[tuple[str, tuple[str, ...]], ...] = ()
    notes: bool = False
    still: bool = False

    def where(self) -> View:
        """As `where` sees it."""
        return evolve(self, fields=True, indicators=False)

    def when(self) -> View:
        """As `when` sees it."""
        return evolve(self, fields=False, indicators=True, item=None)


@define
class Author:
    """Writes one policy: its choices, what it may speak of, and what it has written so far."""

    choose: Chooser
    words: Vocabulary
    style: Style = field(factory=Style)
    indicators: dict[str, Indicator] = field(factory=dict)
    written_indicators: dict[str, Written] = field(factory=dict)
    computed: dict[str, list[Computed]] = field(factory=dict)

    def fields(self, view: View, *types: str) -> list[Field]:
        """The fields that can be read here, of these types; computed ones among them."""
        if not view.fields or not view.kind:
            return []
        found = [each for each in self.words.fields[view.kind] if each.type in types]
        computed = [each for each in self.computed.get(view.kind, ()) if each.field.type in types]
        return [*found, *(each.field for each in computed if not (view.still and each.moves))]

    def readable(self, view: View, *types: str) -> list[Indicator]:
        """The indicators that can be read here, of these types."""
        if not view.indicators:
            return []
        has = {"id", *(each.name for each in self.words.fields[view.kind])} if view.kind else set()
        return [each for each in self.indicators.values() if each.type in types and (view.notes or each.needs <= has)]


# --- conditions -----------------------------------------------------------------------------------------------


def condition(author: Author, view: View, most: int = 2, depth: int = 2) -> dict[str, Written]:
    """A condition on whatever this place can read; sometimes with `all`, `any` and `not`."""
    choose = author.choose
    result: dict[str, Written] = {}
    for _ in range(2 if most > 1 and choose.chance(30) else 1):
        if depth and choose.chance(20) and not (author.style.only_worse and view.indicators):
            result |= _joined(author, view, depth)
        else:
            result |= _leaf(author, view)
    return result


def _joined(author: Author, view: View, depth: int) -> dict[str, Written]:
    word = author.choose.one(("any", "not", "all"))
    if word == "not":
        return {"not": condition(author, view, depth=depth - 1)}
    return {word: [condition(author, view, most=1, depth=depth - 1) for _ in range(author.choose.number(1, 2))]}


def _leaf(author: Author, view: View) -> dict[str, Written]:
    """One `name: test`, of the first sort that this place offers and the draw allows."""
    choose = author.choose
    if view.item is not None and choose.chance(60):
        return _item_leaf(author, view.item)
    if view.score and choose.chance(60):
        return {"score": {choose.one(ORDER_TESTS): choose.one((60, 90, 75, Decimal("99.5"), 100, 0))}}
    if view.scales and choose.chance(40):
        return _grade_leaf(author, view)
    indicators = author.readable(view, *ORDERED, "bool", "codes", "text")
    if author.style.only_worse and view.indicators:
        growing = [each for each in indicators if each.only_grows]
        return {choose.one(growing).name: {"at_least": choose.number(1, 3)}} if growing else {}
    if indicators and choose.chance(75 if not view.fields else 30):
        one = choose.one(indicators)
        return {one.name: _indicator_test(author, view, one)}
    fields = author.fields(view, *ORDERED, "bool", "codes", "text", "region", "set", "texts", "ints")
    if fields and choose.chance(90):
        chosen = choose.one(fields)
        return (
            {chosen.name: field_test(author, view, chosen)}
            if chosen.type != "region"
            else _region_leaf(author, view, chosen)
        )
    return _day_leaf(author, view) if choose.chance(40) and not view.still else _operator_leaf(author, view)


def _item_leaf(author: Author, item: Field) -> dict[str, Written]:
    choose = author.choose
    if item.type == "records":
        part = "item.role" if item.name == "responsible" else "item.reason"
        return {part: choose.one(item.values)}
    if item.type == "ints":
        return {"item": {"between": [1, choose.one((14, 15))]}}
    return {"item": choose.one(item.values) if choose.chance(60) else list(item.values[:2])}


def _grade_leaf(author: Author, view: View) -> dict[str, Written]:
    name, order = author.choose.one(view.scales)
    label = author.choose.one(order)
    test = label if author.choose.chance(40) else {author.choose.one(("at_best", "at_worst")): label}
    return {f"grade.{name}": test}


def _indicator_test(author: Author, view: View, one: Indicator) -> Written:
    choose = author.choose
    if author.style.asks_absence and choose.chance(10):
        return {"known": choose.chance(50)}
    if one.fractional and choose.chance(30) and one.type != "money":
        return {choose.one(ORDER_TESTS): choose.one(("1/3", Decimal("2.5"), "1/2"))}
    others = [each for each in author.readable(view, one.type) if each.type in ORDERED and each.name != one.name]
    if others and choose.chance(15):
        return {choose.one(ORDER_TESTS): {"of": choose.one(others).name}}
    return _scalar_test(author, one.type, one.values)


# --- tests of a field -----------------------------------------------------------------------------------------


def field_test(author: Author, view: View, chosen: Field) -> Written:
    """What a condition may ask of a field."""
    choose = author.choose
    if author.style.asks_absence and choose.chance(8):
        return {"known": choose.chance(70)}
    if chosen.type in ("set", "texts", "ints"):
        test = choose.one(SET_TESTS)
        return {test: choose.one(chosen.values) if test == "has" else choose.some(chosen.values, least=1)}
    alike = [each.name for each in author.fields(view, chosen.type) if each.name != chosen.name]
    if chosen.type in ORDERED and alike and choose.chance(12):
        if chosen.type == "date":
            return {choose.one(ORDER_TESTS): choose.one(PERIODS), "after": choose.one(alike)}
        return {choose.one(ORDER_TESTS): {"of": choose.one(alike)}}
    return _scalar_test(author, chosen.type, chosen.values)


def _scalar_test(author: Author, type_: str, values: tuple[Written, ...]) -> Written:
    choose = author.choose
    if type_ in ORDERED:
        parameters = author.words.in_unit(UNIT_OF[type_]) if type_ in NUMBERS else []
        if parameters and choose.chance(40):
            return {choose.one(ORDER_TESTS): f"${choose.one(parameters).name}"}
        if choose.chance(15):
            return {"between": [choose.one(values), choose.one(values)]}
        if choose.chance(15):
            return choose.one(values)
        return {choose.one(ORDER_TESTS): choose.one(values)}
    if type_ != "bool" and choose.chance(25):
        return choose.some(values, least=1)
    return choose.one(values)


def _region_leaf(author: Author, view: View, chosen: Field) -> dict[str, Written]:
    choose = author.choose
    if view.still or choose.chance(20):
        return {chosen.name: choose.one(REGIONS)}
    if choose.chance(20):
        return {f"{chosen.name}.province": choose.one(REGIONS)}
    if choose.chance(20):
        return {chosen.name: {"inside": {"of": choose.one(("operator.region.province", "operator.region"))}}}
    return {chosen.name: {"inside": choose.one(REGIONS)}}


def _day_leaf(author: Author, view: View) -> dict[str, Written]:
    choose = author.choose
    dates = [each.name for each in author.fields(view, "date")]
    if dates and choose.chance(50):
        return {"day": {choose.one(ORDER_TESTS): choose.one(PERIODS), "after": choose.one(dates)}}
    if choose.chance(30):
        return {"day": {choose.one(ORDER_TESTS): choose.one(PERIODS), "after": "operator.registered"}}
    return {"day": {choose.one(ORDER_TESTS): choose.one(DAYS)}}


def _operator_leaf(author: Author, view: View) -> dict[str, Written]:
    chosen = author.choose.one(author.words.operator)
    named = evolve(chosen, name=f"operator.{chosen.name}")
    if chosen.type == "region":
        return _region_leaf(author, view, named)
    return {named.name: field_test(author, View(still=True), named)}


def conditions_or_none(author: Author, view: View, percent: int, key: str) -> Mapping[str, Written]:
    """`{key: condition}` in so many of a hundred cases, else nothing."""
    return {key: condition(author, view)} if author.choose.chance(percent) else {}
