"""Operands: values where bare names may stand too, as in lists of values and behind `of`, `take` and `by`."""

from __future__ import annotations

from typing import Any

from credit_engine.errors import Place
from credit_engine.policy.resolving.context import Context, Scope
from credit_engine.policy.resolving.names import read_name
from credit_engine.policy.resolving.typed import Typed
from credit_engine.quantities import FieldType


def read_operand(
    context: Context, raw: Any, scope: Scope, place: Place, expected: FieldType | None = None
) -> Typed:  # Any: a piece as written
    """As `read_value`, but a bare text that does not begin with a digit or sign is a name."""
    if isinstance(raw, str) and raw[:1].isalpha():
        return read_name(context, raw, scope, place)
    return context.read_value(context, raw, scope, place, expected)
