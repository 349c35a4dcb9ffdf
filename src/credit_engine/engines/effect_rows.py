"""Effects as cells of the table `effects`, with their paths as texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from credit_engine.assessing.effects import Edge, Effect, Held
from credit_engine.files.results import ColumnType
from credit_engine.quantities import share_text

MOST_AT_AN_END = 50  # steps of a path that are told from either end
EFFECT_COLUMNS: tuple[tuple[str, ColumnType], ...] = (
    ("rule", "text"),
    ("effect", "text"),
    ("target", "text"),
    ("is_region", "bool"),
    ("origin_party", "text"),
    ("origin_kind", "text"),
    ("origin", "text"),
    ("certain", "bool"),
    ("weight", "text"),
    ("points", "decimal"),
    ("steps", "int"),
    ("path", "texts"),
    ("undated", "bool"),
    ("from", "date"),
    ("until", "date"),
    ("law_day", "date"),
    ("basis", "texts"),
    ("measures", "texts"),
    ("list", "text"),
)


def effect_cells(effect: Effect) -> tuple[Any, ...]:  # Any: cells, as the columns say
    """The cells of one effect."""
    return (
        effect.rule,
        effect.effect,
        effect.target,
        effect.is_region,
        effect.origin_party,
        effect.origin_kind,
        effect.origin,
        effect.certain,
        str(effect.weight),
        effect.points,
        effect.steps,
        list(_path(effect.path)),
        effect.is_undated,
        effect.from_day,
        effect.until,
        effect.law_day,
        list(effect.basis),
        list(effect.measures),
        effect.list,
    )


def _path(path: Sequence[Edge]) -> Iterator[str]:
    """The steps; of a very long path the first and the last ones, or those of one long chain would fill the memory."""
    edges = tuple(path)
    left_out = max(len(edges) - 2 * MOST_AT_AN_END, 0)
    ends = len(edges) if not left_out else MOST_AT_AN_END
    yield from map(_edge, edges[:ends])
    if left_out:
        yield f"... {left_out} ..."
        yield from map(_edge, edges[-ends:])


def _edge(edge: Edge) -> str:
    """`S1 -> T1 (R3 shareholder 60% 2020-01-03..)`; of a person named in a decision the role stands there."""
    held = [" ".join(_held(one)) for one in edge.relations] or [edge.id]
    return f"{edge.start} -> {edge.end} ({'; '.join(held)})"


def _held(held: Held) -> Iterator[str]:
    yield from (held.id, held.kind)
    shares = [share_text(share) for share in (held.share, held.share_max) if share is not None]
    if shares:
        yield "..".join(shares)
    yield f"{held.since or ''}..{held.until or ''}"
