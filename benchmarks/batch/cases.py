"""Parties as the engines take them that judge one dossier at a time: plain mappings of the events in order.

Only parties of whom nothing is empty that the rules read: those engines have no word for what is not known. What else
is done for them: the versions known are chosen, what is alleged is left out, days are whole numbers, and the days that
lie one, two and three years after each event are added up beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import polars as pl
from attrs import evolve, frozen
from batch.answers import SCORES
from zen_rules import context

from credit_engine import Dossier
from credit_engine.records import Event, Inspection, Violation


@frozen
class Case:
    """A party and its events in order: mappings of names to whole numbers, texts, truths and lists of texts."""

    party: str
    facts: dict[str, Any]  # Any: as above

    @property
    def events(self) -> list[dict[str, Any]]:  # Any: as above
        """Its events alone."""
        found: list[dict[str, Any]] = self.facts["events"]  # Any: as above
        return found


def cases(dossiers: Sequence[Dossier], as_of: date, most: int) -> Iterator[Case]:
    """The parties with events of whom nothing is empty; those with more events than `most` are left out."""
    for dossier in dossiers:
        events = [event for event in known(dossier, as_of) if event.standing in {"found", "final"}]
        if 0 < len(events) <= most and all(map(_is_whole, events)):
            yield Case(dossier.id, context(Dossier(dossier.party_versions, map(_fined, events)), as_of))


def known(dossier: Dossier, day: date) -> list[Event]:
    """The newest version of each event that is known on a day, decisions on lists aside."""
    newest: dict[tuple[str, str], Event] = {}
    for event in dossier.events:
        key = (event.kind, event.id)
        if event.kind != "list_decision" and (event.recorded or day) <= day:
            other = newest.get(key)
            if other is None or _version(event) > _version(other):
                newest[key] = event
    return list(newest.values())


def _version(event: Event) -> tuple[date, int]:
    return event.recorded or date.min, event.revision


def _is_whole(event: Event) -> bool:
    if isinstance(event, Violation):
        told = (event.law, event.severity, event.penalties, event.heavier, event.intent)
        return None not in told and (event.fine is not None or "fine" not in (event.penalties or ()))
    return not isinstance(event, Inspection) or None not in (event.result, event.score)


def _fined(event: Event) -> Event:
    """The event with a fine of 0 where the penalties given are without one."""
    return evolve(event, fine=0) if isinstance(event, Violation) and event.fine is None else event


def as_scores(points: Sequence[tuple[str, int]]) -> dict[str, pl.DataFrame]:
    """Exact scores without grades, as answers."""
    rows = pl.DataFrame(points, schema={name: SCORES[name] for name in ("party", "low")}, orient="row")
    return {"scores": rows.with_columns(high="low")}


def score(penalties: int, visits: int, others: int, *, clean: bool) -> int:
    """What is left of the start after groups and range, for engines that cannot fold; groups as sums without sign."""
    found = 100_000 + (5_000 if clean else 0) + others - min(penalties, 70_000) - min(visits, 30_000)
    return max(0, min(found, 120_000))
