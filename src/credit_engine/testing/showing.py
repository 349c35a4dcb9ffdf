"""Made-up policies and dossiers as YAML, for messages and for reading them back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from credit_engine.days import CalendarWindow, Period
from credit_engine.dossiers import Dossier
from credit_engine.policy.load import Policy
from credit_engine.quantities import Thousandths


def as_yaml(written: Any) -> str:  # Any: nested plain data
    """The same as YAML text on one line; for messages, and for reading it back."""
    if isinstance(written, Mapping):
        return "{" + ", ".join(f"{as_yaml(name)}: {as_yaml(part)}" for name, part in written.items()) + "}"
    if isinstance(written, list | tuple):
        return "[" + ", ".join(as_yaml(part) for part in written) + "]"
    if isinstance(written, bool):
        return str(written).lower()
    if written is None:
        return "null"
    if isinstance(written, int | Decimal | date):
        return str(written)
    escaped = str(written).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def shown_question(
    policy: Policy, dossier: Dossier, as_of: date, known_at: date | None = None, event: str | None = None
) -> str:
    """A question as the YAML of a policy test; empty cells are left out, money is in fen."""
    lines = [f"day: {as_of}"]
    lines += [f"known_at: {known_at}"] if known_at is not None else []
    lines += [f"event: {event}"] if event is not None else []
    lines.append("policy:")
    for name, part in policy.written.items():
        if name == "sources" or not isinstance(part, Mapping):
            lines.append(f"  {name}: {as_yaml(part)}")
        else:
            lines.append(f"  {name}:")
            lines += [f"    {key}: {as_yaml(value)}" for key, value in part.items()]
    lines.append(f"party: {as_yaml([cells(each) for each in dossier.party_versions])}")
    lines += [f"regions: {as_yaml([cells(row) for rows in dossier.regions.rows.values() for row in rows])}"]
    lines += [f"coverage: {as_yaml(dossier.coverage)}"]
    lines.append("events:")
    lines += [f"  - {each.kind}: {as_yaml(cells(each))}" for each in dossier.events]
    return "\n" + "\n".join(lines) + "\n"


def cells(record: Any) -> dict[str, Any]:  # Any: any record; cells of any type
    """The cells of a record that say something; empty ones are left out."""
    found = {each.name: getattr(record, each.name) for each in attrs.fields(type(record)) if each.name != "extra"}
    found |= getattr(record, "extra", {})
    usual = {"revision": 0, "sequence": 0, "standing": "found", "party": "P1"}
    return {name: _plain(cell) for name, cell in found.items() if cell is not None and usual.get(name) != cell}


def _plain(cell: Any) -> Any:  # Any: cells of any type
    if isinstance(cell, Thousandths):
        return str(cell)
    if isinstance(cell, Period | CalendarWindow):
        return str(cell)
    if isinstance(cell, frozenset):
        return sorted(cell)
    if isinstance(cell, tuple):
        return [_plain(element) for element in cell]
    return cell
