"""The law behind a rule: whose day's law, the sources with article and days, each value with its day and source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from credit_engine.assessing.explaining.account import Account
from credit_engine.assessing.explaining.telling import Telling
from credit_engine.assessing.scene import Frame
from credit_engine.assessing.unknown import is_plain
from credit_engine.policy.nodes import (
    ComputedField,
    Indicator,
    LookUp,
    Node,
    Parameter,
    Selector,
    Value,
    children,
    walk,
)
from credit_engine.policy.plan import Adjustment, DatedParameter, DatedValue, ScoreRule
from credit_engine.policy.plan_basis import Basis, InForce

ONE_DAY = timedelta(days=1)


def citations(rule: ScoreRule | Adjustment, frame: Frame, law: str, telling: Telling, more: object = None) -> Account:
    """The law line with the basis and the values below it, those that `more` read included."""
    return Account(law, [*basis_lines(rule.basis, telling), *parameter_lines(rule, frame, telling, more)], part="law")


def basis_lines(basis: Basis, telling: Telling) -> tuple[Account, ...]:
    """The sources that a rule rests on, and its own time where it has one; found once for each policy and language."""
    kept = telling.program.parts.setdefault(("basis", telling.words.language), {})
    if basis not in kept:
        kept[basis] = tuple(_basis_lines(basis, telling))
    return kept[basis]  # type: ignore[no-any-return]  # kept under this key by this function only


def _basis_lines(basis: Basis, telling: Telling) -> list[Account]:
    words = telling.words
    lines = [Account(words("basis", source=telling.source(source)), part="basis") for source in basis.sources]
    if basis.own is not None:
        lines.append(Account(own_time(basis.own, telling), part="basis"))
    return lines


def own_time(own: InForce, telling: Telling) -> str:
    """The days for which a rule says itself that it is in force."""
    words = telling.words
    first = words("open_start") if own.from_day is None else words.day(own.from_day)
    last = words("open_end") if own.until is None else words.day(own.until - ONE_DAY)
    return words("own_force", from_day=first, last=last)


# --- values ---------------------------------------------------------------------------------------------------


def parameter_lines(rule: ScoreRule | Adjustment, frame: Frame, telling: Telling, more: object = None) -> list[Account]:
    """Each value that a rule (and `more`) read, on the law day; an indicator's on the day from which it looks."""
    known = _of_score_rules(telling).get(id(rule)) if more is None else None
    read, codes = known or _read(rule, telling, more)
    seen_from = Frame(frame.scene, frame.day, frame.position, frame.event, frame.day)
    return [_parameter(name, codes.get(name), frame if direct else seen_from, telling) for name, direct in read.items()]


Read = tuple[Mapping[str, bool], Mapping[str, LookUp]]  # parameters, whether directly; and by which code


def _of_score_rules(telling: Telling) -> Mapping[int, Read]:
    """What each score rule of the policy reads, by the rule's identity; found once."""
    found: dict[int, Read] | None = telling.program.parts.get("read by score rules")
    if found is None:
        rules = telling.plan.score.rules if telling.plan.score is not None else ()
        found = {id(rule): _read(rule, telling, None) for rule in rules}
        telling.program.parts["read by score rules"] = found
    return found


def _read(rule: ScoreRule | Adjustment, telling: Telling, more: object) -> Read:
    codes = {node.parameter: node for node in _at_hand(rule) if isinstance(node, LookUp)}
    return _read_by((rule, more), telling), codes


def _read_by(rule: object, telling: Telling) -> dict[str, bool]:
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
                waiting += [
                    (below, direct and isinstance(node, ComputedField)) for below in walk(_formula(node, telling))
                ]
    return found


def _formula(node: Indicator | ComputedField, telling: Telling) -> Value:
    if isinstance(node, Indicator):
        return telling.plan.indicators[node.name].value
    return telling.plan.computed[node.kind, node.name]


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


def _parameter(name: str, look_up: LookUp | None, frame: Frame, telling: Telling) -> Account:
    words = telling.words
    parameter = telling.plan.parameters[name]
    title = words.titled(parameter.title, name)
    by = None if look_up is None else telling.program(look_up.by)(frame)
    code = words("for_code", code=by) if is_plain(by) else ""
    step = next((step for step in reversed(parameter.values) if step.since <= frame.law), None)
    if step is None:
        return Account(words("parameter_never", name=title, code=code, day=words.day(frame.law)), part="parameter")
    since = words.day(step.since)
    if step.ended:
        return Account(words("parameter_ended", name=title, code=code, day=since), part="parameter")
    given = telling.program(look_up)(frame) if look_up is not None and is_plain(by) else step.value
    value, source = _shown(given, parameter, telling), _source(step, telling)
    text = words("parameter", name=title, code=code, value=value, since=since, source=source)
    return Account(text, part="parameter")


def _source(step: DatedValue, telling: Telling) -> str:
    words = telling.words
    if not step.source:
        return words.parts((words("no_source"), words.certainty(step.certainty)))
    certainty = step.certainty or telling.plan.sources[step.source].certainty
    return words.parts((telling.cited(step.source), words.certainty(certainty)))


def _shown(
    value: Any, parameter: DatedParameter, telling: Telling
) -> str:  # Any: of the parameter's type, or a table of it
    words = telling.words
    if isinstance(value, Mapping):
        parts = [words("fact", name=code, value=_shown(part, parameter, telling)) for code, part in value.items()]
        return words.clauses(parts)
    if not is_plain(value):
        return words("no_value")
    return words.points(value) if parameter.unit == "points" else words.value(value, parameter.type_)
