"""All effects of one day by the second, slow reading of spread; and the engine's effects in the same words."""

from __future__ import annotations

from credit_engine.assessing.effects import Effect
from properties.network_facts import Facts, Written, starts
from properties.path_oracle import Reached, over_paths
from properties.together_oracle import adds_up, together

DEFAULT_MOST = 1_000_000


def spread_by_hand(known: Facts) -> tuple[list[Reached], list[str]]:
    """All effects on parties in order, and the rules that are too wide."""
    found: list[Reached] = []
    too_wide = []
    for rule in known.written["spread"]:
        mine = effects_of(known, rule)
        if len(mine) > rule.get("most", DEFAULT_MOST):
            too_wide.append(rule["rule"])
        else:
            found += mine
    return found, too_wide


def effects_of(known: Facts, rule: Written) -> list[Reached]:
    """The effects of one rule, however many."""
    origins = starts(known, rule)
    if adds_up(rule):
        return list(together(known, rule, origins))
    return [one for start in origins for one in over_paths(known, rule, start)]


def in_the_same_words(effect: Effect) -> Reached:
    """An effect of the engine as the second reading tells it."""
    return Reached(
        effect.rule,
        effect.effect,
        effect.origin_party,
        effect.origin_kind,
        effect.origin,
        effect.target,
        effect.certain,
        effect.weight,
        effect.points,
        tuple((edge.start, edge.id, edge.end) for edge in effect.path),
        tuple(tuple(held.id for held in edge.relations) for edge in effect.path),
        None if effect.origin_kind == "answer" else (effect.from_day, effect.until),
        effect.list,
        effect.measures,
        effect.audience,
    )
