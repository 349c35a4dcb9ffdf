"""What the second, slow reading of spread knows on a day: the newest versions, what counts, what rules start from.

Written from the sentences of the design alone, over the records and the policy as written; it shares nothing with the
engines. It knows the policies of `credit_engine.testing.drawn_spread` only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, TypeVar

from attrs import field, frozen

from credit_engine.records import Event, ListDecision, Operator, Relation, Versioned, Violation
from credit_engine.testing.drawn_networks import NetworkQuestion
from properties.simulated_world import ONE_DAY, later

AnyRecord = TypeVar("AnyRecord", bound=Versioned)
Written = Any  # Any: a piece of a policy as written
Days = tuple[date | None, date | None]


@frozen
class Facts:
    """What is known on the day of a question."""

    question: NetworkQuestion
    written: Written
    relations: tuple[Relation, ...]
    events: Mapping[str, tuple[Event, ...]] = field(hash=False)
    operators: frozenset[str]
    parties: frozenset[str]

    @property
    def as_of(self) -> date:
        """The day judged."""
        return self.question.as_of


def facts(question: NetworkQuestion) -> Facts:
    """The newest known version of everything."""
    known_at = question.known_at
    return Facts(
        question,
        question.policy.written,
        tuple(newest(question.relations, known_at)),
        {
            dossier.id: tuple(one for one in newest(dossier.events, known_at) if one.standing != "withdrawn")
            for dossier in question.dossiers
        },
        frozenset(party.id for party in question.parties if isinstance(party, Operator)),
        frozenset(party.id for party in question.parties),
    )


def newest(records: Iterable[AnyRecord], known_at: date) -> Iterator[AnyRecord]:
    """Of each record the version with the greatest (recorded, revision) that is not recorded later."""
    best: dict[str, AnyRecord] = {}
    for one in records:
        if (one.recorded or date.min) <= known_at and (one.id not in best or age(best[one.id]) < age(one)):
            best[one.id] = one
    yield from best.values()


def age(record: Versioned) -> tuple[date, int]:
    return (record.recorded or date.min, record.revision)


# --- origins --------------------------------------------------------------------------------------------------


@frozen
class Start:
    """What a rule starts from."""

    party: str
    kind: str
    id: str | None
    days: Days | None
    event: Violation | None = None
    list: str | None = None
    listed: date | None = None


def decisions(known: Facts, party: str) -> list[tuple[Violation, date]]:
    """The decisions against a party that count on the day judged, with their days."""
    return [
        (one, one.decided)
        for one in known.events[party]
        if isinstance(one, Violation) and one.standing == "found" and one.decided and one.decided <= known.as_of
    ]


def entries(known: Facts, party: str) -> Iterator[tuple[ListDecision, date]]:
    """The decisions whose entries are in force, and the entries' until days."""
    steps = [(one, one.decided) for one in known.events[party] if isinstance(one, ListDecision) and one.decided]
    done = [(one, day) for one, day in steps if day <= known.as_of]
    repaired = {name for one, _ in done if one.step == "repair" for name in one.grounds or ()}
    for one, day in done:
        until = later(day, "1y") + ONE_DAY
        if one.step == "list" and known.as_of < until and one.id not in repaired:
            yield one, until


def starts(known: Facts, rule: Written) -> list[Start]:
    """What a rule starts from, in order."""
    found: list[Start] = []
    for party in sorted(known.events):
        found += sorted(_starts_at(known, rule, party), key=lambda one: one.id or "")
    return found


def _starts_at(known: Facts, rule: Written, party: str) -> Iterator[Start]:
    start = rule["from"]
    if "each" in start:
        for one, day in decisions(known, party):
            end = later(day, rule["lasts"]["for"]) + ONE_DAY if "for" in rule["lasts"] else None
            meant = "where" not in start or one.severity == "severe"
            if meant and (end is None or known.as_of < end) and in_force(known, rule, day):
                yield Start(party, "event", one.id, (day, end), event=one)
    elif not in_force(known, rule, known.as_of):
        return
    elif "list" in start:
        lists = start["list"] if isinstance(start["list"], list) else [start["list"]]
        for step, until in entries(known, party):
            if step.list in lists:
                name = f"{step.list}/{party}/{step.id}"
                yield Start(party, "entry", name, (step.decided, until), list=step.list, listed=step.decided)
    elif 100 - 30 * len(decisions(known, party)) <= start["when"]["score"]["at_most"]:
        yield Start(party, "answer", None, None)


def in_force(known: Facts, rule: Written, day: date) -> bool:
    return all(known.written["sources"][name]["in_force"]["from"] <= day for name in rule.get("basis", ()))
