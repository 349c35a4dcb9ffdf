"""Indicators with the events that made them, and what looks wrong about the party's identifiers."""

from __future__ import annotations

from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.facts import behind
from credit_engine.assessing.explaining.looking import Look
from credit_engine.assessing.explaining.phrases import shown_value
from credit_engine.policy.plan import NamedIndicator


def indicator_accounts(look: Look) -> list[Account]:
    """Each indicator of the answer with its value, and below it the events that it counted."""
    indicators = [look.plan.indicators[name] for name in look.answer.indicators]
    lines = [_indicator(indicator, look) for indicator in indicators]
    return [Account(look.words("indicators"), lines, part="indicators")] if lines else []


def _indicator(indicator: NamedIndicator, look: Look) -> Account:
    words, frame = look.words, look.scene.viewpoint
    name = words.titled(indicator.title, indicator.name)
    value = shown_value(look.program(indicator.value)(frame), indicator.value, indicator.type_, look)
    below = behind(indicator.value, frame, look)
    return Account(words("fact", name=name, value=value), below, part="indicator")


def flag_accounts(look: Look) -> list[Account]:
    """The flags of the party's identifiers."""
    words = look.words
    lines = []
    for flag in look.answer.flags:
        text = words("flag", name=words.field(flag.field), message=words.flag(flag.code, flag.message))
        lines.append(Account(text, part="flag"))
    return [Account(words("flags"), lines, part="flags")] if lines else []
