"""Which regions take over the entries in force: for each entry and host the first row that holds, unless opted out.

A host never takes over what was listed by itself, by a region inside it or by one that it lies in. Recognition lasts as
long as the entry; an `opt_out` of the host ends it and changes nothing about the entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from attrs import frozen

from credit_engine.assessing.answer import ListEntry, UnknownLine
from credit_engine.assessing.effects import Effect
from credit_engine.assessing.grounds import Case, List, at_hand
from credit_engine.assessing.listing import compiled_list, listed_on
from credit_engine.assessing.naming import unknown_names
from credit_engine.assessing.program import Program, audience_of, stricter
from credit_engine.assessing.scene import Compiled, Frame, Scene
from credit_engine.assessing.steps import DECIDED_BY, missing_of
from credit_engine.assessing.unknown import DOUBTFUL, Truth, both
from credit_engine.policy.plan_spreading import RecognitionRule
from credit_engine.records import TAKES_PART, Event, ListDecision

ONE_DAY = timedelta(days=1)
NO_END = date.max  # what an entry without end compares as: later than every day


class Recognised(NamedTuple):
    """The effects in hosts, and what was not known about others."""

    effects: tuple[Effect, ...] = ()
    unknowns: tuple[UnknownLine, ...] = ()


class EntryAtHand(NamedTuple):
    """What a row of recognition reads of an entry; `None` is unknown."""

    listed: date | None
    decision: Event | None
    id: str
    ground: str
    own_day: date | None
    origin: str | None
    authority: str | None
    published: date | None
    until: Any  # Any: a date, or DOUBTFUL
    last_day: Any  # Any: a date, or DOUBTFUL
    primary: bool


@frozen(eq=False)
class Row:
    """A compiled row, and its place in the policy."""

    place: int
    plan: RecognitionRule
    when: Compiled


class Taken(NamedTuple):
    """A row that one host applies to an entry."""

    row: Row
    entry: ListEntry
    host: str


def recognised(scene: Scene) -> Recognised:
    """The effects in the order of the rows, then by entry, then by host."""
    taken: list[Taken] = []
    lines: list[UnknownLine] = []
    for name, rows in _rows(scene.program).items():
        one = compiled_list(scene.program, name)
        there = [row for row in rows if scene.program.rule_in_force(row.plan.basis, scene.as_of)]
        hosts = sorted({host for row in there for host in row.plan.hosts})
        for entry, case in listed_on(scene, name).in_force:
            for host in hosts:
                taken += _taken(one, scene, (entry, case), host, there, lines)
    taken.sort(key=lambda found: (found.row.place, found.entry.id, found.host))
    return Recognised(tuple(_effect(scene, found) for found in taken), tuple(dict.fromkeys(lines)))


def _rows(program: Program) -> dict[str, list[Row]]:
    """The rows by list, in the order of the policy; made once."""
    made: dict[str, list[Row]] | None = program.parts.get("recognition")
    if made is None:
        made = program.parts["recognition"] = {}
        for place, rule in enumerate(program.plan.recognition):
            made.setdefault(rule.list, []).append(Row(place, rule, program(rule.when)))
    return made


def _taken(
    one: List, scene: Scene, there: tuple[ListEntry, Case], host: str, rows: list[Row], lines: list[UnknownLine]
) -> Iterator[Taken]:
    """The first row of a host that holds; none where an earlier one only may, or an opt-out ends it."""
    entry, case = there
    frame = _at_entry(one, scene, entry, case)
    elsewhere = _is_elsewhere(frame, host)
    if elsewhere is False:
        return
    for row in rows:
        if host not in row.plan.hosts:
            continue
        truth = both(both(elsewhere, _has_origin(frame, row.plan)), row.when(frame))
        if truth is None:
            lines.append(_line(row, scene, entry, case, _unknown_in(row, frame, elsewhere)))
        if truth is True and row.plan.mode != "none":
            is_out, names = _is_opted_out(scene, entry, row.plan, host)
            if is_out is None:
                lines.append(_line(row, scene, entry, case, names))
            elif is_out is False:
                yield Taken(row, entry, host)
        if truth is not False:
            return


# --- what a row asks ------------------------------------------------------------------------------------------


def _at_entry(one: List, scene: Scene, entry: ListEntry, case: Case) -> Frame:
    """The viewpoint of the day judged with the entry and its ground at hand, under the law of that day."""
    view, ground = scene.viewpoint, at_hand(one, scene, case)
    step = case.decision
    hand = EntryAtHand(
        listed=entry.listed,
        decision=step,
        id=entry.id,
        ground=entry.ground,
        own_day=case.own_day,
        origin=step.region if step else None,
        authority=step.authority if step else None,
        published=step.published if step else None,
        until=_until(entry),
        last_day=_last_day(entry),
        primary=_is_primary(scene, entry, step),
    )
    return Frame(scene, view.day, view.position, ground.event, view.law, hand)


def _until(entry: ListEntry) -> Any:  # Any: see EntryAtHand
    return DOUBTFUL if not entry.end_known else entry.until or NO_END


def _last_day(entry: ListEntry) -> Any:  # Any: see EntryAtHand
    until = _until(entry)
    return until if until in (DOUBTFUL, NO_END) else until - ONE_DAY


def _is_primary(scene: Scene, entry: ListEntry, step: Event | None) -> bool:
    """Whether no ground of the decision (else of the entry) is itself an entry; to restore an entry is to name it."""
    grounds = (step.grounds if isinstance(step, ListDecision) else None) or (entry.ground,)
    own = entry.id.removesuffix(entry.ground) if isinstance(step, ListDecision) and step.step == "restore" else ""
    return not any(_is_entry(scene, ground.removeprefix(own)) for ground in grounds)


def _is_entry(scene: Scene, ground: str) -> bool:
    """Whether a ground has the form of an entry: list, party and ground."""
    name, _, rest = ground.partition("/")
    return "/" in rest and any(name == rule.name for rule in scene.plan.lists)


def _is_elsewhere(frame: Frame, host: str) -> Truth:
    """Whether neither the origin nor the host lies inside the other."""
    origin: str | None = frame.item.origin
    if origin is None:
        return None
    if origin == host:
        return False
    regions, day = frame.scene.dossier.regions, frame.scene.as_of
    above_origin, above_host = regions.climb(origin, day), regions.climb(host, day)
    if host in (above_origin or ()) or origin in (above_host or ()):
        return False
    return None if above_origin is None or above_host is None else True


def _has_origin(frame: Frame, rule: RecognitionRule) -> Truth:
    """Whether the listing authority's region is one that the row takes over from."""
    if not (rule.origins or rule.origins_inside):
        return True
    origin: str | None = frame.item.origin
    if origin is None:
        return None
    if origin in (*rule.origins, *rule.origins_inside):
        return True
    if not rule.origins_inside:
        return False
    path = frame.scene.dossier.regions.climb(origin, frame.scene.as_of)
    return None if path is None else any(region in path for region in rule.origins_inside)


def _unknown_in(row: Row, frame: Frame, elsewhere: Truth) -> set[str]:
    names = unknown_names(row.plan.when, frame, frame.scene.program)
    if elsewhere is None or _has_origin(frame, row.plan) is None:
        names.add("origin")
    return names


# --- opting out -----------------------------------------------------------------------------------------------


def _is_opted_out(scene: Scene, entry: ListEntry, rule: RecognitionRule, host: str) -> tuple[Truth, set[str]]:
    """Whether the host has opted out of this entry, or may have, and what is not known of that."""
    candidates = scene.candidates("list_decision", DECIDED_BY, TAKES_PART)
    names: set[str] = set()
    for found in (*candidates.dated, *candidates.undated):
        step = found.event
        if not _may_be_about(step, entry, rule) or (not found.is_undated and found.day > scene.as_of):
            continue
        here, missing = _is_of(step, scene, host), missing_of(step)
        if here is True and not found.doubtful and not missing:
            return True, set()
        if here is not False:
            open_ = {*missing, *(("region",) if here is None else ()), *(DECIDED_BY if found.is_undated else ())}
            names |= {"opt_out", *open_}
    return (None if names else False), names


def _may_be_about(step: Event, entry: ListEntry, rule: RecognitionRule) -> bool:
    """Whether a decision opts out of this list or row, and of this entry or all, or may: it lacks list or step."""
    if not isinstance(step, ListDecision) or step.step not in ("opt_out", None):
        return False
    if step.list not in (entry.list, rule.id, None):
        return False
    return not step.grounds or entry.ground in step.grounds or entry.id in step.grounds


def _is_of(step: Event, scene: Scene, host: str) -> Truth:
    """Whether a decision is one of the host, or of a region inside it."""
    if step.region is None:
        return None
    path = scene.dossier.regions.climb(step.region, scene.as_of)
    return True if step.region == host else None if path is None else host in path


# --- effects --------------------------------------------------------------------------------------------------


def _effect(scene: Scene, taken: Taken) -> Effect:
    rule, entry = taken.row.plan, taken.entry
    return Effect(
        rule=rule.id,
        effect=rule.mode,
        target=taken.host,
        is_region=True,
        origin_party=scene.dossier.id,
        origin_kind="entry",
        origin=entry.id,
        from_day=entry.listed,
        until=entry.until,
        law_day=scene.as_of,
        list=entry.list,
        measures=_measures(rule, entry),
        basis=rule.basis.sources,
        audience=_audience(scene, entry),
        parameters=scene.program.parameters_read(rule.id, rule.parameters, scene.as_of),
    )


def _measures(rule: RecognitionRule, entry: ListEntry) -> tuple[str, ...]:
    """Of the entry's measures those that a mirror takes over, or that attention names; to inform takes none."""
    if rule.mode == "mirror" and rule.measures is None:
        return entry.measures
    wanted = rule.measures or ()
    return tuple(name for name in entry.measures if name in wanted) if rule.mode in ("mirror", "attention") else ()


def _audience(scene: Scene, entry: ListEntry) -> str:
    return stricter(audience_of(scene.program.audience, scene.viewpoint), entry.audience)


def _line(row: Row, scene: Scene, entry: ListEntry, case: Case, names: set[str]) -> UnknownLine:
    event = case.event or case.decision
    return UnknownLine(
        rule=row.plan.id,
        event=event.id if event is not None else None,
        names=tuple(sorted(names)),
        event_kind=event.kind if event is not None else None,
        audience=_audience(scene, entry),
    )
