"""The same questions put to the plain engine and to the columns engine, and where their tables differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal

import polars as pl
from attrs import evolve

from credit_engine.assessing.assess import assess
from credit_engine.dossiers import Dossier, known
from credit_engine.engines.columns.answering import Answers, answered
from credit_engine.engines.columns.prepared import Prepared, prepared
from credit_engine.engines.rows import tables
from credit_engine.files.input import Input
from credit_engine.policy.load import Policy

TABLES = ("assessments", "reasons", "unknowns")
Engine = Literal["streaming", "in-memory"]


def input_of(dossiers: Iterable[Dossier]) -> Input:
    """The dossiers as what a folder would say; they share coverage and regions."""
    dossiers = list(dossiers)
    return Input(
        parties={each.id: each.party_versions for each in dossiers},
        regions=dossiers[0].regions,
        relations=(),
        events={each.id: each.events for each in dossiers},
        coverage=dossiers[0].coverage,
        rejects=(),
        counts=(),
        hashes={},
        flags={},
        without_recorded=0,
    )


def relabelled(dossier: Dossier, number: int, like: Dossier) -> Dossier:
    """The same dossier under names of its own, with the coverage and regions of another."""
    tag = f"{number:03d}"
    party = f"Q{tag}"

    def named(event: Any) -> Any:  # Any: an event of any kind
        owner = party if event.party == dossier.id else f"{event.party}-{tag}"
        return evolve(event, id=f"{tag}{event.id}", party=owner)

    versions = tuple(evolve(version, id=party) for version in dossier.party_versions)
    present = [event for event in dossier.events if like.coverage.get(event.kind) != "absent"]
    return Dossier(versions, tuple(map(named, present)), like.coverage, like.regions)


def store_of(dossiers: Sequence[Dossier], policy: Policy) -> Prepared:
    return prepared(input_of(dossiers), policy.plan)


def plain_tables(dossiers: Sequence[Dossier], policy: Policy, day: date, known_at: date | None) -> dict[str, Any]:
    asked = sorted(
        (each for each in dossiers if known(each.party_versions, known_at or day) is not None),
        key=lambda each: each.id,
    )
    made = tables(policy.plan, (assess(each, policy, day, known_at) for each in asked))
    return {table.name: [_cells(row) for row in table.rows] for table in made if table.name in TABLES}


def _cells(row: Sequence[Any]) -> tuple[Any, ...]:  # Any: cells
    return tuple(
        tuple(cell) if isinstance(cell, list | tuple) else int(cell) if type(cell).__name__ == "Thousandths" else cell
        for cell in row
    )


def column_tables(answers: Answers) -> dict[str, Any]:
    return {name: _rows(getattr(answers, name)) for name in TABLES}


def _rows(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    return [_cells(row) for row in frame.iter_rows()]


def differences(
    dossiers: Sequence[Dossier],
    policy: Policy,
    day: date,
    known_at: date | None = None,
    engine: Engine = "in-memory",
) -> list[str]:
    """One line for each row that one engine has and the other does not; none where they agree."""
    mine = column_tables(answered(store_of(dossiers, policy), policy, day, known_at, engine))
    plain = plain_tables(dossiers, policy, day, known_at)
    found = []
    for name in TABLES:
        if mine[name] != plain[name]:
            found += [f"{name} plain   {row}" for row in plain[name] if row not in mine[name]]
            found += [f"{name} columns {row}" for row in mine[name] if row not in plain[name]]
            if not found:
                found.append(f"{name}: another order")
    return found
