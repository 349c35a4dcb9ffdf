"""An entry of a list as an answer shows it: its state and days, when it could be repaired, its steps and measures."""

from __future__ import annotations

from datetime import date, timedelta

from credit_engine.assessing.answer import EntryStep, ListEntry, UnknownLine
from credit_engine.assessing.grounds import (
    CLOSING,
    Case,
    List,
    at_hand,
    ground_day,
    state_of,
    step_of,
    stretch_of,
    unknown_term,
)
from credit_engine.assessing.opening import line_about
from credit_engine.assessing.program import audience_of
from credit_engine.assessing.repairing import compiled_repair, repairable_from
from credit_engine.assessing.scene import Scene
from credit_engine.assessing.spanning import LATEST_DAY, Stretch
from credit_engine.policy.plan import ListRule
from credit_engine.records import Event, Person

ONE_DAY = timedelta(days=1)


def entry_of(one: List, scene: Scene, case: Case, unknowns: list[UnknownLine]) -> ListEntry:
    """What an entry says; a line is added to `unknowns` where its end is not known, and where it has no foundation."""
    state = state_of(one, scene, case)
    listed = case.listed if case.listed is not None and case.listed <= scene.as_of else None
    until, end_known = _until(one, scene, case, state, listed)
    if not end_known:
        unknowns.append(line_about(one, scene, case.event or case.decision, unknown_term(one, scene, case)))
    frame = at_hand(one, scene, case)
    foundation = tuple(source for source in one.plan.foundation if scene.program.in_force((source,), frame.law))
    if not foundation and state in ("listed", "suspended"):  # the authority listed it; that it had no right to is told
        unknowns.append(line_about(one, scene, case.decision or case.event, ("foundation",)))
    repair = compiled_repair(one.plan, scene.program)
    return ListEntry(
        list=one.plan.name,
        polarity=one.plan.polarity,
        ground=case.ground,
        id=f"{one.plan.name}/{scene.dossier.id}/{case.ground}",
        state=state,
        listed=listed,
        until=until,
        end_known=end_known,
        repairable_from=repairable_from(repair, frame, one.measure) if state in ("listed", "suspended") else None,
        ground_changed=_ground_changed(one, scene, case),
        steps=tuple(_step(step) for step in case.steps),
        measures=_measures(one.plan, scene) if state == "listed" else (),
        foundation=foundation,
        law_day=frame.law,
        audience=audience_of(one.audience, frame),
    )


def _step(step: Event) -> EntryStep:
    return EntryStep(step=step_of(step) or "", day=step.decided, event=step.id, read_from=step.read_from)


def _until(one: List, scene: Scene, case: Case, state: str, listed: date | None) -> tuple[date | None, bool]:
    """The first day outside the entry, and whether that is known; `None` is no end."""
    if state in ("revoked", "refused", "repaired"):
        if case.is_withdrawn:
            return case.listed, True
        ends = [step.decided for step in case.counting if step_of(step) in CLOSING]
        return min((day for day in ends if day is not None), default=None), True
    if listed is None or one.term is None:
        return None, True
    stretch = stretch_of(one, scene, case)
    if stretch is None or not stretch.is_known:
        is_over = stretch is not None and state == "expired"
        return (stretch.last_at_most + ONE_DAY, True) if stretch is not None and is_over else (None, False)
    if stretch.last >= LATEST_DAY or _is_held_open(one, scene, case, stretch):
        return None, True
    return stretch.last + ONE_DAY, True


def _is_held_open(one: List, scene: Scene, case: Case, stretch: Stretch) -> bool:
    """Whether the term is past its last day and only a condition (`or_while`) still keeps it open."""
    if one.plan.term is None or all(row.or_while is None for row in one.plan.term.rows) or stretch.last != scene.as_of:
        return False
    yesterday = stretch_of(one, scene.on(scene.as_of - ONE_DAY), case)
    return yesterday is not None and yesterday.last < scene.as_of


def _ground_changed(one: List, scene: Scene, case: Case) -> bool:
    """Whether a decided entry's ground no longer opens the list, or has left this party."""
    if one.looking is None or case.decision is None:
        return False
    if case.event is not None:
        is_seen = case.own_day is None or case.own_day <= scene.as_of or case.is_withdrawn
        return is_seen and case.event.kind == one.plan.ground_kind and case.opens_on(scene.as_of) is False
    return any(
        event.id == case.ground and event.kind == one.plan.ground_kind and _has_left(one, scene, event)
        for event in scene.dossier.events
    )


def _has_left(one: List, scene: Scene, event: Event) -> bool:
    """Whether a version that is known, and seen, names another party."""
    day = ground_day(one, scene, event)
    is_known = event.recorded is None or event.recorded <= scene.known_at
    return is_known and event.party != scene.dossier.id and (day is None or day <= scene.as_of)


def _measures(rule: ListRule, scene: Scene) -> tuple[str, ...]:
    """The measures of the list that aim at this sort of party."""
    sort = "person" if isinstance(scene.party, Person) else "entity"
    catalogue = scene.plan.measures
    return tuple(name for name in rule.measures if sort in catalogue[name].targets)
