"""The measure catalogue as it may be written: a mapping by id, or a list of rows with `id`. Both become the mapping."""

from __future__ import annotations

from collections.abc import Callable

from credit_engine.errors import Problem
from credit_engine.policy.places import Items, Map, place_of, shown


def by_id(rows: Items, report: Callable[[Problem], None]) -> Map:
    """The rows by their `id`; what has none, or one that stood before, is left out and told."""
    found = Map(place=rows.place)
    for index, row in enumerate(rows):
        place = place_of(rows, index)
        name = row.get("id") if isinstance(row, Map) else None
        if not isinstance(name, str):
            report(Problem("missing_key", "a measure in a list has an `id`", place, "write {id: M01, ...}"))
        elif name in found:
            message = f"the measure {shown(name)} stands twice, first at {place_of(found, name)}"
            report(Problem("duplicate_key", message, place, "keep one"))
        else:
            found.put(name, row, place)
    return found
