"""What a case expects of effects: who is reached, over which path, by which rule; what was too wide; what lifts one.

Each line compares only the keys that it gives. `path` is (party, relation or role, party, ...), of shares added up a
list of [from, relation, to]; so is `proof`, in any order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from credit_engine.assessing.effects import Cut, Edge, Effect, Effects
from credit_engine.errors import Place, Problem
from credit_engine.policy.files import Items, Map, did_you_mean, place_of, shown, value_place_of
from credit_engine.policy.plan import Plan
from credit_engine.quantities import decimal_text
from credit_engine.testing.comparing import comparable, lines, same
from credit_engine.testing.comparing import shown as flow

PARTS = ("effects", "reached_by", "too_wide", "cut", "proof")
LINE = (
    *("rule", "effect", "target", "is_region", "origin_party", "origin", "origin_kind", "certain", "weight", "points"),
    *("steps", "path", "from", "until", "measures", "basis", "audience", "list", "undated", "law_day"),
)


def effect_mistakes(expect: Map, plan: Plan) -> Iterator[Problem]:
    """What no spread of the policy could say: rules that it does not have, and lines that say nothing."""
    spread = [rule.id for rule in plan.spread]
    rules = [*spread, *(rule.id for rule in plan.recognition)]
    for part in (name for name in PARTS if name in expect):
        written, place = expect[part], value_place_of(expect, part)
        names_rules = part == "too_wide"
        if not isinstance(written, Items) or not all(isinstance(one, str if names_rules else Map) for one in written):
            yield Problem("wrong_type", f"{part} is a list of {'rules' if names_rules else 'mappings'}", place)
        elif names_rules:
            for number in range(len(written)):
                yield from _no_rule(part, written[number], spread, value_place_of(written, number))
        else:
            for line in written:
                yield from _wrong_line(part, line, rules)


def _wrong_line(part: str, line: Map, rules: list[str]) -> Iterator[Problem]:
    for key in line:
        if key not in LINE and not (key == "is" and part in ("cut", "proof")):
            yield Problem("unknown_key", f"a line of {part} has no {shown(key)}", place_of(line, key), _known_key(key))
    if "rule" in line:
        yield from _no_rule(part, line["rule"], rules, value_place_of(line, "rule"))
    if part in ("cut", "proof") and not isinstance(line.get("is"), Items):
        hint = "cut: [{target: P2, is: [{relation: R1}]}], or proof: [{target: P2, is: [[P1, R1, P2]]}]"
        yield Problem("wrong_type", f"a line of {part} says what it `is`, a list", place_of(line), hint)


def _known_key(key: object) -> str:
    return did_you_mean(key, LINE) or f"one of {', '.join(LINE)}"


def _no_rule(part: str, name: Any, rules: list[str], place: Place) -> Iterator[Problem]:  # Any: as written
    if name not in rules:
        hint = did_you_mean(name, rules) or f"known: {', '.join(rules) or 'none'}"
        yield Problem("unknown_label", f"no rule in {part} {shown(name)}", place, hint)


def effect_line(effect: Effect) -> dict[str, Any]:  # Any: plain data
    """An effect as plain data, by the keys that a case may give."""
    together = effect.origin_party is None
    return {
        "rule": effect.rule,
        "effect": effect.effect,
        "target": effect.target,
        "is_region": effect.is_region,
        "origin_party": effect.origin_party,
        "origin": effect.origin,
        "origin_kind": effect.origin_kind,
        "certain": effect.certain,
        "weight": str(effect.weight),
        "points": None if effect.points is None else decimal_text(effect.points),
        "steps": effect.steps,
        "path": [_edge(edge) for edge in effect.path] if together else list(effect.path_ids),
        "from": effect.from_day,
        "until": effect.until,
        "measures": list(effect.measures),
        "basis": list(effect.basis),
        "audience": effect.audience,
        "list": effect.list,
        "undated": effect.is_undated,
        "law_day": effect.law_day,
    }


def _edge(edge: Edge) -> list[str]:
    return [edge.start, edge.id, edge.end]


def effect_differences(expect: Mapping[str, Any], effects: Effects, party: str) -> list[str]:  # Any: as written
    """What differs between the effects that a case expects and those of the day, a sentence each."""
    found: list[str] = []
    if "effects" in expect:
        found += lines("effects", expect["effects"], [effect_line(effect) for effect in effects])
    if "reached_by" in expect:
        found += lines("reached_by", expect["reached_by"], [effect_line(one) for one in effects.reaching(party)])
    rules = [line.rule for line in effects.too_wide]
    if "too_wide" in expect and not same(expect["too_wide"], rules):
        found.append(f"too_wide: expected {flow(expect['too_wide'])}, got {flow(rules)}")
    for line in expect.get("cut", ()):
        found += _part(
            "cut", line, effects, [dict([_cut(cut)]) for one in _meant(line, effects) for cut in effects.cut(one)]
        )
    for line in expect.get("proof", ()):
        found += _part(
            "proof", line, effects, [_edge(edge) for one in _meant(line, effects) for edge in effects.proof(one)]
        )
    return found


def _meant(line: Mapping[str, Any], effects: Effects) -> list[Effect]:  # Any: as written
    """The effects that a line of `cut` or `proof` is about: those that have what it says."""
    keys = {key: value for key, value in line.items() if key != "is"}
    return [one for one in effects if all(same(value, effect_line(one).get(key)) for key, value in keys.items())]


def _part(
    name: str,
    line: Mapping[str, Any],
    effects: Effects,
    actual: Sequence[Any],
) -> list[str]:  # Any: as written, or plain data
    meant = {key: value for key, value in line.items() if key != "is"}
    if len(_meant(line, effects)) != 1:
        return [f"{name}: {flow(meant)} means {len(_meant(line, effects))} effects, not one"]
    wanted, got = (sorted(map(str, map(comparable, part))) for part in (line["is"], actual))
    if wanted == got:
        return []
    return [f"{name} of {flow(meant)}: expected {flow(line['is'])}, got {flow(actual)}"]


def _cut(cut: Cut) -> tuple[str, str]:
    return cut.kind, cut.id
