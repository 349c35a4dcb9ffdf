"""Pieces of an answer that stand in many of its parts, as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from credit_engine.assessing.answer import ParameterRead
from credit_engine.records import RecordSource


def day_data(day: date | None) -> str | None:
    """A day as ISO text."""
    return None if day is None else day.isoformat()


def parameters_data(parameters: Iterable[ParameterRead]) -> list[dict[str, Any]]:  # Any: texts, or None
    """The parameters that a rule read."""
    return [
        {"name": read.name, "value": read.value, "since": day_data(read.since), "source": read.source}
        for read in parameters
    ]


def source_data(read_from: RecordSource | None) -> str | None:
    """The file and record that something was read from."""
    return None if read_from is None else str(read_from)
