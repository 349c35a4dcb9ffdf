"""What a made-up policy may speak of: fields with values worth comparing, dated parameters, sources, days and periods.

Values stand as an author writes them: money is text with a unit, a period is text, codes are text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from credit_engine.records import DEFAULT_ANCHORS, PENALTIES
from credit_engine.testing.drawing import Chooser

Written = Any  # Any: a scalar, mapping or list of a policy, as written

NUMBERS = ("int", "decimal", "money")
ORDERED = (*NUMBERS, "date")
SCALARS = (*ORDERED, "bool", "codes", "text", "region")
LISTS = ("texts", "ints", "records")

DAYS = (
    date(2024, 1, 1),
    date(2023, 12, 31),
    date(2024, 2, 29),
    date(2024, 2, 28),
    date(2024, 3, 31),
    date(2023, 6, 30),
    date(2022, 7, 1),
    date(2025, 10, 1),
)
PERIODS = ("1y", "6m", "3m", "1m", "90d", "0d", "1d", "3y", "20wd", "5wd", "2y", "30d")
REGIONS = ("310000", "310115", "320000", "320500", "320505", "zone")
PARTIES = ("P2", "P3", "S1")


@frozen
class Field:
    """A field of a kind of event or of the operator, and values of it that a policy may name."""

    name: str
    type: str
    values: tuple[Written, ...] = ()
    declared: Written = None

    @property
    def is_number(self) -> bool:
        """Whether it is a count, a decimal or money."""
        return self.type in NUMBERS


def _codes(name: str, *values: str) -> Field:
    return Field(name, "codes", values, {"one_of": list(values)})


_INTS = (1, 2, 3, 0, 5, 10)
_DECIMALS = (Decimal("9.5"), 5, Decimal("7.125"), 0, 10, "8.9")
_MONEY = ("5000 yuan", "1000 yuan", "0 yuan", "2 万元", "99999 fen")
_DATES = DAYS
_TEXTS = ("D1", "D2", "D3")

_EVERY_KIND = (
    Field("document", "text", _TEXTS),
    Field("authority", "text", ("A", "B")),
    Field("region", "region", REGIONS),
    Field("occurred", "date", _DATES),
    Field("decided", "date", _DATES),
    Field("effective", "date", _DATES),
    Field("published", "date", _DATES),
    Field("received", "date", _DATES),
    Field("stayed", "bool", (True, False)),
)
_RESPONSIBLE = Field("responsible", "records", ("direct_manager", "other"))
BUILT_IN: Mapping[str, tuple[Field, ...]] = {
    "violation": (
        _codes("severity", "minor", "general", "severe"),
        Field("penalties", "set", PENALTIES),
        Field("fine", "money", _MONEY),
        Field("heavier", "bool", (True, False)),
        Field("acts", "texts", ("expired_food", "false_label", "unlicensed")),
        Field("confiscated", "money", _MONEY),
        Field("intent", "bool", (True, False)),
        _codes("procedure", "ordinary", "summary"),
        Field("restricted_until", "date", _DATES),
        Field("law", "text", ("food_safety_law", "L2")),
        _RESPONSIBLE,
    ),
    "inspection": (
        _codes("result", "fail", "basic", "pass"),
        Field("items_failed", "int", _INTS),
        Field("score", "decimal", _DECIMALS),
        _codes("type", "routine", "special", "sampling", "unannounced"),
        Field("key_items_failed", "int", _INTS),
        Field("level", "text", ("city", "county")),
        Field("batch", "text", _TEXTS),
        Field("served", "date", _DATES),
    ),
    "case_transfer": (
        _codes("direction", "criminal", "region", "department"),
        _codes("status", "sent", "accepted", "filed", "convicted", "closed"),
        Field("answered", "date", _DATES),
        Field("to_region", "region", REGIONS),
    ),
    "rectification": (
        Field("performed", "date", _DATES),
        Field("harm_removed", "bool", (True, False)),
    ),
    "honour": (Field("type", "text", ("award", "haccp")), Field("until", "date", _DATES)),
}
BUILT_IN_OPERATOR = (
    _codes("kind", "enterprise", "platform", "farm", "person"),
    Field("region", "region", REGIONS),
    Field("registered", "date", _DATES),
    Field("closed", "date", _DATES),
)
_PAUSES = {"from": "date", "until": "date", "reason": {"one_of": ["test", "hearing"]}}
DECLARABLE = (
    Field("weight", "int", _INTS, "int"),
    Field("balance", "decimal", (*_DECIMALS, Decimal("-2.5")), "decimal"),
    Field("claim", "money", _MONEY, "money"),
    Field("numbers", "ints", (1, 14, 15, 30), {"list": "int"}),
    Field("nature", "codes", ("label", "additive", "hygiene"), {"one_of": ["label", "additive", "hygiene"]}),
    Field("paused", "records", ("test", "hearing"), {"list": _PAUSES}),
    Field("act_ended", "date", _DATES, "date"),
    Field("extended", "period", PERIODS[:6], "period"),
    Field("grave", "bool", (True, False), "bool"),
    Field("seller", "text", PARTIES, "party"),
    Field("remark", "text", ("D1", "R2"), "text"),
)
DECLARABLE_OF_OPERATOR = (
    Field("staff", "int", _INTS, "int"),
    Field("licensed", "date", _DATES, "date"),
    Field("chain", "bool", (True, False), "bool"),
)
DECLARABLE_KINDS = {"complaint": "received", "finding": "occurred"}

SOURCES: Mapping[str, Mapping[str, Written]] = {
    "law": {"title": "食品安全法", "article": "135", "rank": "law", "in_force": {"from": date(2000, 1, 1)}},
    "old": {"title": "Old rules", "rank": "departmental_rule", "in_force": {"until": date(2024, 1, 1)}},
    "new": {"title": "New rules", "rank": "local_regulation", "in_force": {"from": date(2024, 1, 1)}},
}
BASES = (["law"], ["law", "new"], ["old"], ["new"])
PARAMETER_VALUES: Mapping[str, tuple[Written, ...]] = {
    "count": (1, 2, 3, 0),
    "points": (10, 5, Decimal("2.5"), 0, Decimal("0.333"), 40),
    "fen": ("5000 yuan", "1000 yuan", "500 fen", 99999),
    "period": PERIODS,
    "window": (*PERIODS, {"calendar": "year"}, {"calendar": "quarter", "back": 1}, {"calendar": "month"}),
}


@frozen
class Parameter:
    """A dated parameter; `keys`: what its table is looked up by (`region`, or the name of a field), empty without."""

    name: str
    unit: str
    written: Written
    keys: str = ""


@frozen
class Computed:
    """A computed field as written, and what it gives. `moves`: its value depends on who asks."""

    field: Field
    written: Written
    moves: bool = True


@frozen
class Vocabulary:
    """Everything that a policy declares and that its rules may then name."""

    kinds: Mapping[str, str]
    fields: Mapping[str, tuple[Field, ...]]
    operator: tuple[Field, ...]
    parameters: tuple[Parameter, ...]
    declared: Mapping[str, Mapping[str, Written]] = field(factory=dict)

    def of(self, kind: str, *types: str) -> list[Field]:
        """The fields of a kind that have one of these types."""
        return [each for each in self.fields[kind] if each.type in types]

    def in_unit(self, *units: str) -> list[Parameter]:
        """The parameters of a unit that are single values."""
        return [each for each in self.parameters if each.unit in units and not each.keys]

    def anchors(self, kind: str) -> list[str]:
        """The date fields of a kind, its default anchor first."""
        names = [each.name for each in self.of(kind, "date")]
        return sorted(names, key=lambda name: name != self.kinds[kind])


def vocabulary(choose: Chooser) -> Vocabulary:
    """A drawn choice of kinds, fields and parameters."""
    declared_kinds = {name: DECLARABLE_KINDS[name] for name in choose.some(tuple(DECLARABLE_KINDS), most=1)}
    others = choose.some(tuple(BUILT_IN)[1:], most=2)
    kinds = {name: DEFAULT_ANCHORS[name] for name in ("violation", *others)} | declared_kinds
    fields: dict[str, tuple[Field, ...]] = {}
    declared: dict[str, dict[str, Written]] = {}
    for kind in kinds:
        more = choose.some(DECLARABLE, least=1 if kind in declared_kinds else 0, most=3)
        fields[kind] = (*BUILT_IN.get(kind, ()), *_EVERY_KIND, *more)
        if more:
            declared[kind] = {each.name: each.declared for each in more}
    of_operator = choose.some(DECLARABLE_OF_OPERATOR, most=1)
    if of_operator:
        declared["operator"] = {each.name: each.declared for each in of_operator}
    return Vocabulary(kinds, fields, (*BUILT_IN_OPERATOR, *of_operator), _parameters(choose), declared)


# --- parameters -----------------------------------------------------------------------------------------------


def _parameters(choose: Chooser) -> tuple[Parameter, ...]:
    units = choose.some(("points", "period", "window", "count", "fen"), most=4)
    single = [Parameter(f"{unit}.drawn", unit, _dated(choose, unit, PARAMETER_VALUES[unit])) for unit in units]
    tables = choose.some(("act.points", "nature.points", "region.points", "region.period"), most=1)
    return (*single, *(_table(choose, name) for name in tables))


def _dated(choose: Chooser, unit: str, values: Sequence[Written], *, known_first: bool = False) -> Written:
    """A parameter that changes: sometimes not yet in force, sometimes unknown (null), sometimes over.

    `known_first`: the first value is known, which makes a table of it.
    """
    first = date(2000, 1, 1) if not choose.chance(20) else date(2023, 12, 31)
    days = [first, *choose.some((date(2024, 2, 29), date(2025, 1, 1)), most=2)]
    steps: dict[date, Written] = {}
    for place, day in enumerate(days):
        if choose.chance(8) and (place or not known_first):
            steps[day] = {"value": None, "source": "law"}
        elif place and choose.chance(15):
            steps[day] = {"ended": True, "source": "law"}
        else:
            steps[day] = {"value": choose.one(values), "source": "law"}
    return {"unit": unit, "values": steps}


def _table(choose: Chooser, name: str) -> Parameter:
    keys, _, unit = name.partition(".")
    codes = {
        "act": ("expired_food", "false_label", "unlicensed"),
        "nature": ("label", "additive", "hygiene"),
        "region": REGIONS,
    }[keys]
    values = PARAMETER_VALUES[unit]
    tables = [{code: choose.one(values) for code in choose.some(codes, least=1)} for _ in range(2)]
    if choose.chance(15):
        tables[0][codes[0]] = None
    written = _dated(choose, unit, tables, known_first=True)
    if keys == "region":
        written["by"] = "region"
    return Parameter(name, unit, written, {"act": "acts", "nature": "nature"}.get(keys, keys))
