"""Effects as plain data for JSON: weights and shares as exact text, points as decimal text, edges with their dates."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from credit_engine.assessing.effects import Edge, Effect, Held
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
        "path": [_edge(edge) for edge in effect.path],
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


def _edge(edge: Edge) -> dict[str, Any]:  # Any: plain data
    return {
        "start": edge.start,
        "end": edge.end,
        "to": edge.to,
        "id": edge.id,
        "held_on": day_data(edge.held_on),
        "relations": [_held(held) for held in edge.relations],
    }


def _held(held: Held) -> dict[str, Any]:  # Any: plain data
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
