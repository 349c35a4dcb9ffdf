"""The same questions put to the plain engine and to the columns engine, and where any of their tables differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

import attrs
import polars as pl
from attrs import evolve

from credit_engine.dossiers import Dossier
from credit_engine.engines.batch import Run
from credit_engine.engines.columns.answering import Answers
from credit_engine.engines.columns.prepared import Prepared, prepared
from credit_engine.engines.summary import Summary
from credit_engine.files.frames import frames_of
from credit_engine.files.input import Input
from credit_engine.files.panels import Panel, Question
from credit_engine.policy.load import Policy
from credit_engine.records import Relation

Engine = Literal["streaming", "in-memory"]
Rows = Mapping[str, list[tuple[Any, ...]]]  # Any: cells
_OF_ENGINE = ("engine", "routed", "routed_for", "out")


class Told(NamedTuple):
    """What an engine says: its tables, the questions without an answer, and what it came to."""

    tables: Rows
    rejects: list[Any]  # Any: rejects
    summary: Summary


def input_of(dossiers: Iterable[Dossier], relations: Iterable[Relation] = ()) -> Input:
    """The dossiers as what a folder would say; they share coverage and regions."""
    dossiers = sorted(dossiers, key=lambda each: each.id)
    return Input(
        parties={each.id: each.party_versions for each in dossiers},
        regions=dossiers[0].regions,
        relations=tuple(relations),
        events={each.id: each.events for each in dossiers},
        coverage=dossiers[0].coverage,
        rejects=(),
        counts=(),
        hashes={},
        flags={},
        without_recorded=0,
    )


def relabelled(dossier: Dossier, number: int, like: Dossier, first: str | None = None) -> Dossier:
    """The same dossier under names of its own, with the coverage and regions of another.

    `first`: who is asked about in its world, who becomes Q000, Q001, ... (default: the dossier's own party).
    """
    tag, asked_about = f"{number:03d}", first or dossier.id
    mine = {event.id for event in dossier.events}

    def party(name: str) -> str:
        return renamed(name, number, asked_about)

    def ground(name: str) -> str:
        """The id of an event, or of an entry: list, party, ground."""
        *entry, last = name.split("/")
        return "/".join([*entry[:1], *map(party, entry[1:]), f"{tag}{last}" if last in mine else last])

    def named(event: Any) -> Any:  # Any: an event of any kind
        changes: dict[str, Any] = {"id": f"{tag}{event.id}", "party": party(event.party)}  # Any: fields
        if getattr(event, "grounds", None):
            changes["grounds"] = tuple(map(ground, event.grounds))
        if getattr(event, "of", None):
            changes["of"] = ground(event.of)
        if getattr(event, "responsible", None):
            changes["responsible"] = tuple(
                {**one, "person": party(one["person"])} if one.get("person") else one for one in event.responsible
            )
        return evolve(event, **changes)

    versions = tuple(evolve(version, id=party(dossier.id)) for version in dossier.party_versions)
    present = [event for event in dossier.events if like.coverage.get(event.kind) != "absent"]
    return Dossier(versions, tuple(map(named, present)), like.coverage, like.regions)


def renamed(name: str, number: int, first: str) -> str:
    """A party of one world among several: whoever is asked about is Q000, Q001, ..."""
    return f"Q{number:03d}" if name == first else f"{name}-{number:03d}"


def crowd_of(worlds: Sequence[tuple[Sequence[Dossier], Sequence[Relation]]]) -> tuple[list[Dossier], list[Relation]]:
    """Several worlds as one; the party asked about stands first in each."""
    like = worlds[0][0][0]
    crowd: list[Dossier] = []
    relations: list[Relation] = []
    for number, (dossiers, between) in enumerate(worlds):
        first = dossiers[0].id
        crowd += [relabelled(one, number, like, first) for one in dossiers]
        relations += [
            evolve(
                each,
                id=f"{number:03d}{each.id}",
                source=renamed(each.source, number, first),
                target=renamed(each.target, number, first),
            )
            for each in between
        ]
    return crowd, relations


def store_of(dossiers: Sequence[Dossier], policy: Policy) -> Prepared:
    return prepared(input_of(dossiers), policy.plan)


def column_tables(answers: Answers) -> Rows:
    """The rows that columns make by themselves."""
    return {name: _rows(getattr(answers, name)) for name in ("assessments", "reasons", "unknowns")}


def _rows(frame: pl.DataFrame) -> list[tuple[Any, ...]]:  # Any: cells
    return [_cells(row) for row in frame.iter_rows()]


def _cells(row: Sequence[Any]) -> tuple[Any, ...]:  # Any: cells
    return tuple(
        tuple(cell) if isinstance(cell, list | tuple) else int(cell) if type(cell).__name__ == "Thousandths" else cell
        for cell in row
    )


def told(read: Input, policy: Policy, panel: Panel, which: str, audience: str | None = None, **kwargs: Any) -> Told:
    """What an engine says to these questions. Any: what a run takes besides."""
    run = Run(read, policy, Panel(panel.questions, [*panel.rejects]), audience=audience, engine=which, **kwargs)
    tables = {
        table.name: [_cells(row) for frame in frames_of(table.rows, table.columns) for row in frame.iter_rows()]
        for table in run.made()
    }
    return Told(tables, run.rejects, run.summary(None))


def asked(read: Input, day: date, known_at: date | None = None) -> Panel:
    """The question about everybody on one day."""
    return Panel([Question(party, day, known_at=known_at) for party in read.parties], [])


def differing(plain: Told, columns: Told) -> list[str]:
    """One line for each row, reject or number that one engine has and the other does not."""
    found = []
    for name, mine in plain.tables.items():
        other = columns.tables[name]
        if mine != other:
            lines = [f"{name} plain   {row}" for row in mine if row not in other]
            lines += [f"{name} columns {row}" for row in other if row not in mine]
            found += lines or [f"{name}: another order"]
    if plain.rejects != columns.rejects:
        found.append(f"rejects: {plain.rejects} and {columns.rejects}")
    for each in attrs.fields(Summary):
        one, other_ = getattr(plain.summary, each.name), getattr(columns.summary, each.name)
        if each.name not in _OF_ENGINE and one != other_:
            found.append(f"summary: {each.name} {one} and {other_}")
    return found


def differences(
    dossiers: Sequence[Dossier],
    policy: Policy,
    day: date,
    known_at: date | None = None,
    engine: Engine = "in-memory",
    *,
    relations: Sequence[Relation] = (),
    audience: str | None = None,
) -> list[str]:
    """The same of two engines that are asked about everybody on one day; none where they agree."""
    read = input_of(dossiers, relations)
    panel = asked(read, day, known_at)
    plain = told(read, policy, panel, "plain", audience)
    return differing(plain, told(read, policy, panel, "polars", audience, collect=engine))


def routed(dossiers: Sequence[Dossier], policy: Policy, day: date, known_at: date | None = None) -> int:
    """How many of these parties the plain engine answers when columns are asked."""
    read = input_of(dossiers)
    return told(read, policy, asked(read, day, known_at), "polars").summary.routed
