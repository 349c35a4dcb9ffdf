"""Effects as plain data for JSON: weights and shares as exact text, points as decimal text, edges with their dates."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from credit_engine.assessing.effects import Cut, Edge, Effect, Effects, Held, Origin, TooWide
from credit_engine.assessing.plain_pieces import day_data, parameters_data, source_data
from credit_engine.quantities import decimal_text, share_text


def effect_data(effect: Effect) -> dict[str, Any]:  # Any: plain data
    """Everything an effect says."""
    return {
        "rule": effect.rule,
        "effect": effect.effect,
        "target": effect.target,
        "is_region": effect.is_region,
        "origin_party": effect.origin_party,
        "origin_kind": effect.origin_kind,
        "origin": effect.origin,
        "origin_event_kind": effect.origin_event_kind,
        "certain": effect.certain,
        "weight": str(effect.weight),
        "points": None if effect.points is None else decimal_text(effect.points),
        "steps": effect.steps,
        "path_ids": list(effect.path_ids),
        "path": [edge_data(edge) for edge in effect.path],
        "undated": effect.is_undated,
        "from": day_data(effect.from_day),
        "until": day_data(effect.until),
        "law_day": day_data(effect.law_day),
        "list": effect.list,
        "measures": list(effect.measures),
        "basis": list(effect.basis),
        "audience": effect.audience,
        "parameters": parameters_data(effect.parameters),
        "read_from": source_data(effect.read_from),
    }


def effects_data(effects: Effects) -> dict[str, Any]:  # Any: plain data
    """All effects of a day in order, and the rules that were ended."""
    return {
        "as_of": day_data(effects.as_of),
        "known_at": day_data(effects.known_at),
        "effects": [effect_data(effect) for effect in effects],
        "too_wide": [too_wide_data(one) for one in effects.too_wide],
    }


def too_wide_data(one: TooWide) -> dict[str, Any]:  # Any: plain data
    """The rule that was ended, and how many effects it may have."""
    return {"rule": one.rule, "most": one.most}


def cut_data(cut: Cut) -> dict[str, Any]:  # Any: plain data
    """A relation or origin without which an effect would not be."""
    return {"kind": cut.kind, "id": cut.id, "party": cut.party}


def origin_data(origin: Origin) -> dict[str, Any]:  # Any: plain data
    """What a rule of spread starts from."""
    return {
        "rule": origin.rule,
        "party": origin.party,
        "kind": origin.kind,
        "id": origin.id,
        "event_kind": origin.event_kind,
        "from": day_data(origin.from_day),
        "until": day_data(origin.until),
        "law_day": day_data(origin.law_day),
        "held_on": [day_data(day) for day in origin.held_on],
        "named": [[{"role": role, "person": person} for role, person in branch] for branch in origin.named],
        "points": None if origin.points is None else decimal_text(origin.points),
        "list": origin.list,
        "measures": list(origin.measures),
        "basis": list(origin.basis),
        "audience": origin.audience,
        "parameters": parameters_data(origin.parameters),
        "read_from": source_data(origin.read_from),
    }


def edge_data(edge: Edge) -> dict[str, Any]:  # Any: plain data
    """One step of a path."""
    return {
        "start": edge.start,
        "end": edge.end,
        "to": edge.to,
        "id": edge.id,
        "held_on": day_data(edge.held_on),
        "relations": [held_data(held) for held in edge.relations],
    }


def held_data(held: Held) -> dict[str, Any]:  # Any: plain data
    """One relation that carries an effect."""
    return {
        "id": held.id,
        "kind": held.kind,
        "share": _share(held.share),
        "share_max": _share(held.share_max),
        "since": day_data(held.since),
        "until": day_data(held.until),
        "document": held.document,
        "read_from": source_data(held.read_from),
    }


def _share(share: Fraction | None) -> str | None:
    return None if share is None else share_text(share)
