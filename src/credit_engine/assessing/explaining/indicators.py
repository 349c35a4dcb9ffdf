"""Indicators with the events that made them, and what looks wrong about the party's identifiers."""

from __future__ import annotations

from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.facts import behind
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.explaining.values import shown_value
from credit_engine.assessing.scene import Frame
from credit_engine.identifiers import Flag
from credit_engine.policy.plan import NamedIndicator


def indicator_accounts(telling: Telling) -> list[Account]:
    """Each indicator of the answer with its value, and below it the events that it counted."""
    indicators = [telling.plan.indicators[name] for name in telling.answer.indicators]
    lines = [_indicator(indicator, telling) for indicator in indicators]
    return [Account(telling.words("indicators"), lines, part="indicators")] if lines else []


def _indicator(indicator: NamedIndicator, telling: Telling) -> Account:
    words, view = telling.words, telling.scene.viewpoint
    frame = Frame(view.scene, view.day, view.position, telling.scene.question, view.law)
    name = words.titled(indicator.title, indicator.name)
    value = shown_value(telling.program(indicator.value)(frame), indicator.value, indicator.type_, telling)
    below = behind(indicator.value, frame, telling)
    return Account(words("fact", name=name, value=value), below, part="indicator")


def flag_accounts(telling: Telling) -> list[Account]:
    """The flags of the party's identifiers."""
    words = telling.words
    lines = []
    for flag in telling.answer.flags:
        text = words("flag", name=_flagged(flag, telling), message=words.flag(flag.code, flag.message))
        lines.append(Account(text, part="flag"))
    return [Account(words("flags"), lines, part="flags")] if lines else []


def _flagged(flag: Flag, telling: Telling) -> str:
    """The field that looks wrong; of several licences which one, by its place in the list."""
    if flag.field != "licences":
        return telling.words.field(flag.field)
    return telling.words("licence_number", number=flag.place.path.rpartition(" ")[2])
