"""The second reading of recognition: for each entry in force and each host the first row that holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from attrs import frozen

from credit_engine.assessing.effects import Effect
from credit_engine.records import ListDecision
from properties.network_facts import Facts, Written, entries

PERHAPS = object()


@frozen
class Taken:
    """What one host takes over, as both readings give it."""

    rule: str
    effect: str
    host: str
    party: str
    entry: str
    days: tuple[date | None, date | None]
    measures: tuple[str, ...]


def recognised_by_hand(known: Facts) -> list[Taken]:
    """What all hosts take over, by row, then entry, then host."""
    rows = known.written.get("recognition", ())
    found = [
        (number, taken)
        for party in known.events
        for entry, until in entries(known, party)
        for host in sorted({host for row in rows for host in row["hosts"]})
        for number, taken in _taken(known, party, entry, until, host)
    ]
    return [taken for _, taken in sorted(found, key=lambda one: (one[0], one[1].entry, one[1].host))]


def _taken(known: Facts, party: str, entry: ListDecision, until: date, host: str) -> Iterator[tuple[int, Taken]]:
    """At most one: of the first row that holds, unless one before it may hold or the host has opted out."""
    for number, row in enumerate(known.written["recognition"]):
        if row["list"] != entry.list or host not in row["hosts"] or not _in_force(row, known.as_of):
            continue
        truth = _holds(row, entry, host)
        if truth is False:
            continue
        if truth is PERHAPS or row["mode"] == "none" or _opted_out(known, party, row, host):
            return
        name = f"{entry.list}/{party}/{entry.id}"
        brings = _measures(known, row, party) if row["mode"] == "mirror" else ()
        yield number, Taken(row["rule"], row["mode"], host, party, name, (entry.decided, until), brings)
        return


def _in_force(row: Written, day: date) -> bool:
    return "in_force" not in row or row["in_force"]["from"] <= day


def _holds(row: Written, entry: ListDecision, host: str) -> object:
    if entry.region is None:
        return PERHAPS
    if entry.region in up(host) or host in up(entry.region):
        return False
    origin = row.get("origin")
    if isinstance(origin, dict) and origin["inside"] not in up(entry.region):
        return False
    if (
        origin
        and not isinstance(origin, dict)
        and entry.region not in ([origin] if isinstance(origin, str) else origin)
    ):
        return False
    when = row.get("when", {})
    if "authority" in when:
        return PERHAPS if entry.authority is None else entry.authority == when["authority"]
    return entry.published is not None if "published" in when else True


def up(code: str) -> set[str]:
    """A code of GB/T 2260 and those above it."""
    return {code, code[:4] + "00", code[:2] + "0000"}


def _opted_out(known: Facts, party: str, row: Written, host: str) -> bool:
    """Whether the host has opted out, or may have."""
    return any(
        one.step == "opt_out"
        and one.list in (row["list"], row["rule"])
        and (one.region is None or host in up(one.region))
        and (one.decided is None or one.decided <= known.as_of)
        for one in known.events[party]
        if isinstance(one, ListDecision)
    )


def _measures(known: Facts, row: Written, party: str) -> tuple[str, ...]:
    """The entry's measures: those of the list that aim at the party's sort."""
    sort = "entity" if party in known.operators else "person"
    targets = {one["id"]: one["targets"] for one in known.written["measures"]}
    return tuple(name for name in known.written["lists"][row["list"]]["measures"] if sort in targets[name])


def taken_in_the_same_words(effect: Effect) -> Taken:
    """An effect of the engine as the second reading tells it."""
    days = (effect.from_day, effect.until)
    return Taken(
        effect.rule, effect.effect, effect.target, effect.origin_party or "", effect.origin or "", days, effect.measures
    )
