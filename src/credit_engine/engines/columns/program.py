"""The table of the columns engine: what turns each kind of node into columns."""

from __future__ import annotations

from collections.abc import Mapping

from credit_engine.engines.columns import aggregating, conditions, grading, listing, spans, values
from credit_engine.engines.columns.view import Make, lacking
from credit_engine.policy.nodes import Node, Selector

UNREACHED = "a selector outside of an aggregate"


def _selector(_node: object, _at: object) -> object:
    """Selectors are taken by aggregates, rules and `since`, never built by themselves."""
    raise lacking(UNREACHED)


TABLE: Mapping[type[Node], Make] = {
    **conditions.TABLE,
    **values.TABLE,
    **aggregating.TABLE,
    **spans.TABLE,
    **grading.TABLE,
    **listing.TABLE,
    Selector: _selector,
}
