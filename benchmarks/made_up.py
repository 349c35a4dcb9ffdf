"""Made-up dossiers for measuring: the same for the same seed, complete in every field, none on 29 February."""

from __future__ import annotations

import random
from datetime import date, timedelta

from credit_engine import CaseTransfer, Dossier, Honour, Inspection, Operator, Thousandths, Violation
from credit_engine.records import Event

AS_OF = date(2026, 6, 30)
FIRST = date(2021, 7, 1)
EVENTS = 30


def made_up_dossiers(count: int, seed: int) -> list[Dossier]:
    """Dossiers of 30 events each: penalties, visits and samples, a few case transfers and honours."""
    chance = random.Random(seed)  # noqa: S311  # nothing is kept secret
    return [_dossier(f"P{number}", chance) for number in range(count)]


def _dossier(party: str, chance: random.Random) -> Dossier:
    violations = chance.randrange(9, 14)
    others = chance.randrange(3, 6)
    events: list[Event] = [_violation(party, number, chance) for number in range(violations)]
    events += [_inspection(party, number, chance) for number in range(EVENTS - violations - others)]
    events += [_other(party, number, chance) for number in range(others)]
    chance.shuffle(events)
    return Dossier(Operator(id=party, kind="enterprise", region="310115", registered=date(2015, 5, 4)), events)


def _day(chance: random.Random) -> date:
    day = FIRST + timedelta(days=chance.randrange((AS_OF - FIRST).days + 1))
    return _day(chance) if (day.month, day.day) == (2, 29) else day


def _violation(party: str, number: int, chance: random.Random) -> Violation:
    fined = chance.random() < 0.8
    names = ["fine"] * fined + [name for name, share in _PENALTIES if chance.random() < share]
    return Violation(
        id=f"V{number:02d}",
        party=party,
        decided=_day(chance),
        law="food_safety_law" if chance.random() < 0.9 else "pricing_law",
        severity=chance.choice(["minor", "general", "general", "severe"]),
        penalties=frozenset(names or ["criticism"]),
        fine=chance.choice([100_000, 500_000, 5_000_000, 20_000_000, 60_000_000]) if fined else 0,
        heavier=chance.random() < 0.2,
        intent=chance.random() < 0.2,
    )


_PENALTIES = (("warning", 0.5), ("confiscation", 0.4), ("stop_production", 0.1), ("revoke_licence", 0.02))


def _inspection(party: str, number: int, chance: random.Random) -> Inspection:
    return Inspection(
        id=f"I{number:02d}",
        party=party,
        occurred=_day(chance),
        type=chance.choice(["routine", "routine", "sampling", "unannounced"]),
        result=chance.choice(["pass", "pass", "basic", "fail"]),
        score=Thousandths.read(chance.randrange(50, 101)),
        key_items_failed=chance.choice([0, 0, 0, 1, 2]),
    )


def _other(party: str, number: int, chance: random.Random) -> Event:
    if chance.random() < 0.5:
        direction = chance.choice(["criminal", "region"])
        return CaseTransfer(id=f"T{number}", party=party, received=_day(chance), direction=direction)
    type_ = chance.choice(["quality_award", "gmp", "organic"])
    return Honour(id=f"H{number}", party=party, decided=_day(chance), type=type_)
