"""Made-up worlds of lists, by number: a policy, a dossier, the days on which something could turn; and what differs.

A world that fails is made smaller, event by event and key by key, before it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from attrs import evolve
from hypothesis import settings

from credit_engine.dossiers import Dossier
from credit_engine.errors import PolicyError
from credit_engine.policy.load import read_policy
from credit_engine.records import Event
from credit_engine.testing.drawing import Dice
from credit_engine.testing.drawn_list_records import list_question
from credit_engine.testing.drawn_lists import LAW_DAYS, TERMS, list_policy
from credit_engine.testing.strategies import Question, as_data
from properties.simulated_world import ONE_DAY, later

MOST_LINES = 12
FIRST_DAY = date(2023, 12, 30)  # before any record
LAST_DAY = date(2025, 12, 31)
Written = Any  # Any: a piece of a policy as written
Failing = Callable[[Question], list[str]]


def how_many(full: int, usual: int) -> int:
    """How many worlds a test looks at: `full` where laws get a thousand examples, `usual` where they get a hundred."""
    examples = settings.default.max_examples if settings.default else 0
    return full * examples // 1000 if examples >= 1000 else usual * examples // 100  # the profiles


def list_world(number: int) -> Question:
    """The world of lists with this number."""
    dice = Dice(number)
    return list_question(dice, list_policy(dice))


def all_worlds(failing: Failing, numbers: Iterable[int], world: Callable[[int], Question] = list_world) -> None:
    """Fails with the first world, made smaller, in which something is wrong."""
    for number in numbers:
        question = world(number)
        if failing(question):
            smallest = smaller(question, failing)
            wrong = "\n".join(failing(smallest)[:MOST_LINES])
            pytest.fail(f"world {number}:\n{wrong}\n{smallest!r}", pytrace=False)


# --- days -----------------------------------------------------------------------------------------------------


def edges(question: Question, most: int, number: int = 0) -> list[date]:
    """Up to so many days on and beside which something could turn; which ones depends on the number."""
    days = {day for event in question.dossier.events for day in _days_of(event)} | {*LAW_DAYS}
    days |= {later(day, period) for day in days for period in TERMS}
    found = sorted({day + ONE_DAY * shift for day in days for shift in (0, 1)})
    found = [day for day in found if FIRST_DAY <= day <= LAST_DAY]
    if len(found) <= most:
        return found
    return sorted({found[(number + place * len(found)) // most % len(found)] for place in range(most)})


def _days_of(event: Event) -> Iterator[date]:
    for day in (event.decided, event.occurred, event.published, event.recorded):
        if day is not None:
            yield day


# --- making a failing world smaller ---------------------------------------------------------------------------


def smaller(question: Question, failing: Failing, most: int = 400) -> Question:
    """The smallest world found in which something still is wrong: with fewer events, lists and keys."""
    tried = 0
    again = True
    while again and tried < most:
        again = False
        for other in _with_less(question):
            tried += 1
            if tried < most and _still_fails(other, failing):
                question, again = other, True
                break
    return question


def _still_fails(question: Question, failing: Failing) -> bool:
    try:
        return bool(failing(question))
    except KeyError:  # a list that another one names is gone
        return False


def _with_less(question: Question) -> Iterator[Question]:
    events = question.dossier.events
    for key in {(event.kind, event.id): 0 for event in events}:
        yield evolve(question, dossier=_with(question.dossier, (one for one in events if (one.kind, one.id) != key)))
    for written in _less(_plain(question.policy.written), 3):
        try:
            yield evolve(question, policy=read_policy(as_data(written)))
        except PolicyError:
            continue
    for place, event in enumerate(events):
        for name in ("sequence", "published", "occurred", "restricted_until", "penalties", "fine", "grounds"):
            if getattr(event, name, None):
                empty: dict[str, Any] = {name: 0 if name == "sequence" else None}  # Any: of each field its own
                plain = evolve(event, **empty)
                yield evolve(question, dossier=_with(question.dossier, (*events[:place], plain, *events[place + 1 :])))


def _with(dossier: Dossier, events: Iterable[Event]) -> Dossier:
    return evolve(dossier, events=tuple(events))


def _less(written: Written, depth: int) -> Iterator[Written]:
    """The same without one of its parts."""
    if not isinstance(written, Mapping) or not depth:
        return
    for name, part in written.items():
        rest = {key: value for key, value in written.items() if key != name}
        if name not in ("sources", "policy", "title", "polarity", "needs_decision", "foundation"):
            yield rest
            yield from ({**written, name: less} for less in _less(part, depth - 1))


def _plain(written: Written) -> Written:
    if isinstance(written, Mapping):
        return {name: _plain(part) for name, part in written.items()}
    return [_plain(part) for part in written] if isinstance(written, list | tuple) else written
