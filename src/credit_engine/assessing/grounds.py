"""One ground of a list on its way: from the day on which it opens an entry, through the steps, to the entry's end.

The grounds of a list are found in `opening`, steps act on them in `listing`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import field, fields, frozen, mutable

from credit_engine.assessing.applying import Look, look
from credit_engine.assessing.naming import unknown_in_span
from credit_engine.assessing.program import Program
from credit_engine.assessing.scene import AtHand, Compiled, Frame, Scene
from credit_engine.assessing.spanning import Measure, Stretch, as_measured, beginning, under_each_law
from credit_engine.assessing.unknown import Truth
from credit_engine.policy.nodes import OWN_ANSWERS, Parameter, walk
from credit_engine.policy.plan import ListRule
from credit_engine.records import EVENT_CLASSES, Event, ListDecision, OtherEvent

OPEN = ("proposed", "notified", "listed", "suspended")
LISTING = ("list", "restore")
CLOSING = ("revoke", "refuse", "repair")
_COMMON = tuple(each for each in fields(Event) if each.name != "extra")


@frozen(eq=False)
class List:
    """A compiled list. `moves`: whether its opening reads what differs by the day judged (every day is asked).

    `begins`: the term as far as its first day goes.
    """

    plan: ListRule
    looking: Look | None
    when: Compiled | None
    unless: Compiled | None
    term: Measure | None
    begins: Measure | None
    suspended_by: Compiled | None
    audience: Compiled
    measure: Any  # Any: how spans are measured, by one law or by each
    moves: bool


def compiled(rule: ListRule, program: Program) -> List:
    """A list made ready to run."""
    opens = rule.opens
    return List(
        plan=rule,
        looking=look(opens.each, rule.law, rule.name, program) if opens and opens.each else None,
        when=program(opens.when) if opens else None,
        unless=program(opens.unless) if opens else None,
        term=program(rule.term) if rule.term else None,
        begins=program(beginning(rule.term)) if rule.term else None,
        suspended_by=program(rule.suspended_by) if rule.suspended_by else None,
        audience=program(rule.audience),
        measure=under_each_law if rule.law.as_of else as_measured,
        moves=any(isinstance(node, OWN_ANSWERS) for node in walk(rule.opens)),
    )


@mutable(eq=False)
class Case:
    """One ground on its way through the steps.

    `opened` is the first day on which there is an entry, or may be (`sure` is false); `own_day` the day of the ground
    itself, none if it is missing. `history` says from which day on the rule opens the ground, or not, each day under
    the law that applies on it. `could_run` marks what may be in force although no day can be told.
    """

    ground: str
    event: Event | None
    opened: date
    own_day: date | None
    history: tuple[tuple[date, Truth], ...] = ()
    sure: bool = True
    law: date | None = None
    listed_by_rule: date | None = None
    could_run: bool = False
    steps: list[Event] = field(factory=list)

    @property
    def counting(self) -> list[Event]:
        """The steps from the newest `list` or `restore` on."""
        places = [place for place, step in enumerate(self.steps) if step_of(step) in LISTING]
        return self.steps[places[-1] :] if places else self.steps

    @property
    def decision(self) -> Event | None:
        """The newest `list` or `restore` step."""
        return next((step for step in reversed(self.steps) if step_of(step) in LISTING), None)

    @property
    def listed(self) -> date | None:
        """The day on which the entry was listed: by the newest decision, else by the rule."""
        decision = self.decision
        return decision.decided if decision is not None else self.listed_by_rule

    @property
    def is_withdrawn(self) -> bool:
        """Whether the ground was withdrawn."""
        return self.event is not None and self.event.standing == "withdrawn"

    def opens_on(self, day: date) -> Truth:
        """Whether the rule opens the ground on a day."""
        return next((truth for since, truth in reversed(self.history) if since <= day), False)

    def is_there_on(self, day: date) -> bool:
        """Whether there is an entry on a day: one that was listed or closed stays, a mere proposal may lapse."""
        if not self.sure:
            return False
        if self.decision is not None or any(step_of(step) in CLOSING for step in self.counting):
            return True
        is_listed = self.listed_by_rule is not None and self.listed_by_rule <= day
        return is_listed or self.opens_on(day) is True


def step_of(event: Event) -> str | None:
    """The step that a list decision takes."""
    return event.step if isinstance(event, ListDecision) else None


def ground_day(one: List, scene: Scene, event: Event | None) -> date | None:
    """The day of an event as the list takes it; of another kind by its usual day."""
    if event is None:
        return None
    is_ground = one.looking is not None and event.kind == one.plan.ground_kind
    by = one.looking.each.by if one.looking is not None and is_ground else (scene.plan.kinds[event.kind],)
    day: date | None = scene.program.first_of(event.kind, by)(event)
    return day


# --- state and term -------------------------------------------------------------------------------------------


def state_of(one: List, scene: Scene, case: Case) -> str:
    """The first state that applies."""
    names = {step_of(step) for step in case.counting}
    if "revoke" in names or case.is_withdrawn:
        return "revoked"
    for step, state in (("refuse", "refused"), ("repair", "repaired")):
        if step in names:
            return state
    if case.listed is not None and case.listed <= scene.as_of:
        stretch = stretch_of(one, scene, case)
        return "expired" if stretch is not None and scene.as_of > stretch.last_at_most else "listed"
    return "notified" if "notify" in names else "proposed"


def stretch_of(one: List, scene: Scene, case: Case) -> Stretch | None:
    """The days of the term; `None` if the list has none or it is not in force."""
    if one.term is None:
        return None
    found: Stretch | None = one.measure(one.term, at_hand(one, scene, case), case.own_day)
    return found


def at_hand(one: List, scene: Scene, case: Case, law: date | None = None) -> Frame:
    """The viewpoint of an entry: its ground (or the decision) at hand, under the law of the ground or another one."""
    event = case.event or case.decision
    position = None if event is None else (event.kind, event.sequence, event.id)
    entry_id = f"{one.plan.name}/{scene.dossier.id}/{case.ground}"
    hand = AtHand(case.listed, case.decision, entry_id, case.ground, case.own_day)
    ground = _as_ground(one, scene, case, event)
    return Frame(scene, case.own_day or case.opened, position, ground, law or _law_day(one, scene, case), hand)


def _as_ground(one: List, scene: Scene, case: Case, event: Event | None) -> Event | None:
    """The ground as term and repair read it: of what is no event of the kind that opens the list, little is known."""
    kind = one.plan.ground_kind
    if event is not None and event.kind == kind:
        return event
    if kind == "list_decision":
        return case.decision
    common = {} if event is None else {each.name: getattr(event, each.name) for each in _COMMON}
    known = {**common, "id": case.ground, "party": scene.dossier.id}
    return EVENT_CLASSES[kind](**known) if kind in EVENT_CLASSES else OtherEvent(kind=kind, **known)


def _law_day(one: List, scene: Scene, case: Case) -> date:
    """The law day read on the ground, else on the decision, else the day judged."""
    law = one.plan.law
    if law.as_of:
        return scene.as_of
    step = case.decision
    decided = None if step is None else scene.law_day(law, step, step.decided)
    event = case.event
    if event is None or (one.looking is None and event.kind != one.plan.ground_kind):
        return decided or scene.as_of
    return scene.law_day(law, event, case.own_day or decided)


def unknown_term(one: List, scene: Scene, case: Case) -> tuple[str, ...]:
    """The names that leave open when the term begins or ends; parameters that are not in force among them."""
    if one.plan.term is None:
        return ()
    frame = at_hand(one, scene, case)
    names = unknown_in_span(one.plan.term, frame, scene.program) - {"unknown_calendar"}
    if not names:
        read = (node.name for node in walk(one.plan.term) if isinstance(node, Parameter))
        names = {f"${name}" for name in read if _not_in_force(scene, name, frame.law)}
    return tuple(sorted(names or {"unknown_calendar"}))


def _not_in_force(scene: Scene, parameter: str, law: date) -> bool:
    steps = [step for step in scene.plan.parameters[parameter].values if step.since <= law]
    return not steps or steps[-1].ended
