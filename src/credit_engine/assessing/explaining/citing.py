"""The law behind a rule: whose day's law, the sources with article and days, and each value read with its day and source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.looking import Look
from credit_engine.assessing.scene import Frame
from credit_engine.assessing.unknown import is_plain
from credit_engine.policy.plan import (
    Adjustment,
    Basis,
    ComputedField,
    DatedParameter,
    DatedValue,
    Indicator,
    InForce,
    LookUp,
    Node,
    Parameter,
    ScoreRule,
    Selector,
    Value,
    children,
    walk,
)

ONE_DAY = timedelta(days=1)


def citations(rule: ScoreRule | Adjustment, frame: Frame, law: str, look: Look) -> Account:
    """The law line with the basis and the values below it."""
    return Account(law, [*basis_lines(rule.basis, look), *parameter_lines(rule, frame, look)], part="law")


def basis_lines(basis: Basis, look: Look) -> list[Account]:
    """The sources that a rule rests on, and its own time where it has one."""
    words = look.words
    lines = [Account(words("basis", source=look.source(source)), part="basis") for source in basis.sources]
    if basis.own is not None:
        lines.append(Account(own_time(basis.own, look), part="basis"))
    return lines


def own_time(own: InForce, look: Look) -> str:
    """The days for which a rule says itself that it is in force."""
    words = look.words
    first = words("open_start") if own.from_day is None else words.day(own.from_day)
    last = words("open_end") if own.until is None else words.day(own.until - ONE_DAY)
    return words("own_force", from_day=first, last=last)


# --- values ---------------------------------------------------------------------------------------------------


def parameter_lines(rule: ScoreRule | Adjustment, frame: Frame, look: Look) -> list[Account]:
    """Each value that a rule read, on the law day; what an indicator read, on the day from which it looks."""
    codes = {node.parameter: node for node in _at_hand(rule) if isinstance(node, LookUp)}
    seen_from = Frame(frame.scene, frame.day, frame.position, frame.event, frame.day)
    lines = []
    for name, direct in _read_by(rule, look).items():
        lines.append(_parameter(name, codes.get(name), frame if direct else seen_from, look))
    return lines


def _read_by(rule: object, look: Look) -> dict[str, bool]:
    """The parameters that a rule reads anywhere, and whether it does so itself and not through an indicator."""
    found: dict[str, bool] = {}
    seen: set[str] = set()
    waiting = [(node, True) for node in walk(rule)]
    while waiting:
        node, direct = waiting.pop(0)
        if isinstance(node, Parameter | LookUp):
            name = node.name if isinstance(node, Parameter) else node.parameter
            found[name] = found.get(name, False) or direct
        elif isinstance(node, Indicator | ComputedField):
            key = str(node)
            if key not in seen:
                seen.add(key)
                waiting += [(below, direct and isinstance(node, ComputedField)) for below in walk(_formula(node, look))]
    return found


def _formula(node: Indicator | ComputedField, look: Look) -> Value:
    if isinstance(node, Indicator):
        return look.plan.indicators[node.name].value
    return look.plan.computed[node.kind, node.name]


def _at_hand(rule: ScoreRule | Adjustment) -> list[Node]:
    """The nodes that a rule reads from its own event (or the party), not from the events of a selector."""
    waiting: list[Node | None]
    if isinstance(rule, Adjustment):
        waiting = [rule.when, rule.value]
    else:
        waiting = [rule.when, rule.points, rule.counts]
        waiting += [rule.each.where, rule.each.item_where] if rule.each else []
    found: list[Node] = []
    while waiting:
        node = waiting.pop()
        if node is not None and not isinstance(node, Selector):
            found.append(node)
            waiting.extend(children(node))
    return found


def _parameter(name: str, look_up: LookUp | None, frame: Frame, look: Look) -> Account:
    words = look.words
    parameter = look.plan.parameters[name]
    title = words.titled(parameter.title, name)
    step = next((step for step in reversed(parameter.values) if step.since <= frame.law), None)
    if step is None:
        return Account(words("parameter_never", name=title, day=words.day(frame.law)), part="parameter")
    if step.ended:
        return Account(words("parameter_ended", name=title, day=words.day(step.since)), part="parameter")
    code = None if look_up is None else look.program(look_up.by)(frame)
    if look_up is not None and is_plain(code):
        title = words("for_code", name=title, code=code)
        value = _shown(look.program(look_up)(frame), parameter, look)
    else:
        value = _shown(step.value, parameter, look)
    source = _source(step, look)
    text = words("parameter", name=title, value=value, since=words.day(step.since), source=source)
    return Account(text, part="parameter")


def _source(step: DatedValue, look: Look) -> str:
    words = look.words
    source = look.source(step.source) if step.source else words("no_source")
    return words.parts((source, words.certainty(step.certainty)))


def _shown(value: Any, parameter: DatedParameter, look: Look) -> str:  # Any: of the parameter's type, or a table of it
    words = look.words
    if isinstance(value, Mapping):
        parts = [words("fact", name=code, value=_shown(part, parameter, look)) for code, part in value.items()]
        return words.clauses(parts)
    if not is_plain(value):
        return words("no_value")
    return words.points(value) if parameter.unit == "points" else words.value(value, parameter.type_)
