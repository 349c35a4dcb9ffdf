"""Made-up records for policies of lists: decisions against a party, steps of the authority, rectifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from attrs import evolve, frozen
from hypothesis import strategies as st

from credit_engine.days import Period, add
from credit_engine.dossiers import Dossier
from credit_engine.policy.load import read_policy
from credit_engine.records import Event, ListDecision, Operator, Rectification, Violation
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.drawn_lists import FINES, ONE_DAY, SEVERITIES, TERMS, list_policy
from credit_engine.testing.question import Question
from credit_engine.testing.showing import as_data
from credit_engine.testing.vocabulary import Written

LAST_DAY = date(2026, 1, 1)  # by which everything is known
HUBS = (date(2024, 3, 15), date(2024, 1, 31), date(2024, 7, 1), date(2024, 2, 29), date(2023, 12, 31))
IDS = ("V1", "V2", "V3", "V4")
STEPS = (
    "list",
    "list",
    "list",
    "notify",
    "notify",
    "repair",
    "repair",
    "restore",
    "refuse",
    "revoke",
    "object",
    "accept",
)


@frozen
class Register:
    """What records are written with: choices, the few days that they share, the lists and their review days."""

    choose: Chooser
    days: tuple[date, ...]
    lists: Mapping[str, Written]

    def day(self, missing: int = 4) -> date | None:
        """One of the shared days, sometimes none."""
        return None if self.choose.chance(missing) else self.choose.one(self.days)


def list_dossier(choose: Chooser, lists: Mapping[str, Written]) -> Dossier:
    """A party with decisions against it, steps of the authority on lists, and rectifications."""
    hub = choose.one(HUBS)
    shifts = [add(hub, Period.read(choose.one(TERMS))) or hub for _ in range(2)]
    days = (hub, hub + ONE_DAY, shifts[0] + ONE_DAY, shifts[1] - ONE_DAY * choose.number(0, 1), choose.one(HUBS))
    register = Register(choose, days, lists)
    events: list[Event] = []
    for name in IDS[: choose.number(1, len(IDS))]:
        events += _versions(register, _violation(register, name))
    events += [_step(register, f"D{number}", events) for number in range(1, 1 + choose.number(0, 5))]
    events += [_rectification(register, f"R{number}") for number in range(1, 1 + choose.number(0, 2))]
    registered = None if choose.chance(15) else choose.one((date(2020, 1, 1), hub))
    return Dossier(Operator(id="P1", registered=registered), events)


def _violation(register: Register, name: str) -> Violation:
    choose = register.choose
    penalties = None if choose.chance(15) else frozenset(choose.some(("fine", "warning", "restrict_business"), most=3))
    denied = penalties is not None and "fine" not in penalties
    free = penalties is not None and "restrict_business" not in penalties
    return Violation(
        id=name,
        party="P1",
        sequence=choose.number(0, 2) if choose.chance(15) else 0,
        decided=register.day(),
        published=register.day(missing=20) if choose.chance(60) else None,
        occurred=register.day(missing=30),
        severity=None if choose.chance(10) else choose.one(SEVERITIES),
        penalties=penalties,
        fine=None if denied or choose.chance(12) else choose.one(FINES) - choose.number(0, 1),
        heavier=None if choose.chance(25) else choose.chance(60),
        restricted_until=None if free or choose.chance(20) else register.day() or choose.one(HUBS),
        standing="found" if choose.chance(85) else choose.one(("final", "alleged", "withdrawn")),
    )


def _versions(register: Register, first: Violation) -> list[Violation]:
    """The decision, sometimes with a newer version that withdraws it, corrects it, or gives it to another party."""
    choose = register.choose
    if not choose.chance(15):
        return [first]
    later = _violation(register, first.id)
    change: dict[str, Any] = {"recorded": choose.one(register.days), "revision": 1}  # Any: fields of any type
    draw = choose.number(0, 3)
    if draw < 2:  # half of them
        change["standing"] = "withdrawn"
    elif draw == 2:  # a quarter
        change["party"] = "P2"
    return [first, evolve(later, **change)]


def _step(register: Register, name: str, events: Sequence[Event]) -> ListDecision:
    """A step, mostly on grounds that are there on its day."""
    choose = register.choose
    of = choose.one(tuple(register.lists))
    step = choose.one(STEPS)
    grounds, day = _grounds(register, events, step)
    if "review" in register.lists[of]:
        grounds = (review_day(register.lists[of]["review"], day or HUBS[0]).isoformat(),)
    return ListDecision(
        id=name,
        party="P1",
        sequence=choose.number(0, 2) if choose.chance(20) else 0,
        decided=day,
        list=of,
        step=step,
        grounds=grounds,
        standing="found" if choose.chance(94) else choose.one(("alleged", "withdrawn")),
    )


def _grounds(register: Register, events: Sequence[Event], step: str) -> tuple[tuple[str, ...] | None, date | None]:
    """The grounds of a step (none, unheard of, or earlier decisions that were grounds themselves) and its day."""
    choose = register.choose
    if choose.chance(10):
        return choose.one(((), ("V9",)) if step == "list" else ((), ("D1",), ("D2",), ("V9",))), register.day()
    named = choose.some([event for event in events if event.kind == "violation"], least=1, most=2)
    latest = max((event.decided or date.min for event in named), default=date.min)
    days = [day for day in register.days if day >= latest] or register.days
    day = None if choose.chance(3) else choose.one(days if choose.chance(90) else register.days)
    return None if choose.chance(35) else tuple(dict.fromkeys(event.id for event in named)), day


def review_day(review: str, day: date) -> date:
    """The first day of the period in which a day lies."""
    months = {"monthly": 1, "quarterly": 3, "yearly": 12}[review]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _rectification(register: Register, name: str) -> Rectification:
    choose = register.choose
    of = choose.one(IDS[:3])
    if choose.chance(30):
        of = f"{choose.one(tuple(register.lists))}/P1/{of}"
    return Rectification(
        id=name,
        party="P1",
        occurred=register.day(),
        of=of,
        performed=register.day(missing=25),
        harm_removed=None if choose.chance(20) else choose.chance(75),
    )


# --- questions ------------------------------------------------------------------------------------------------


@st.composite
def list_questions(draw: st.DrawFn) -> Question:
    """A policy of lists, a dossier for it, and a day; what is known on that day is known of every other day too."""
    choose = Chooser(draw)
    return list_question(choose, list_policy(choose))


def list_question(choose: Chooser, written: Mapping[str, Written]) -> Question:
    """A dossier and a day for a policy of lists."""
    dossier = list_dossier(choose, written["lists"])
    days = sorted({day for event in dossier.events if (day := event.decided or event.occurred)}) or [HUBS[0]]
    known_at = choose.one((*days, LAST_DAY, LAST_DAY))
    as_of = choose.one(days)
    dossier = evolve(dossier, events=[_with_gaps(choose, event) for event in dossier.events])
    return Question(read_policy(as_data(written)), dossier, as_of, known_at)


def _with_gaps(choose: Chooser, event: Event) -> Event:
    """A step sometimes without its list, or without saying which step it is."""
    if not isinstance(event, ListDecision):
        return event
    of, step = (None if choose.chance(3) else value for value in (event.list, event.step))
    return evolve(event, list=of, step=step)
