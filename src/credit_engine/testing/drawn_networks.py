"""Made-up networks: a few operators and persons, related in circles and side by side, with decisions and entries.

Relations are dated, undated or over, come in versions, and say exactly, roughly or not at all how large a share is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property

from attrs import evolve, frozen
from hypothesis import strategies as st

from credit_engine.dossiers import Dossier
from credit_engine.policy.load import Policy, read_policy
from credit_engine.records import Event, ListDecision, Operator, Party, Person, Relation, Violation
from credit_engine.spreading.network import Network
from credit_engine.testing.drawing import Chooser
from credit_engine.testing.drawn_spread import KINDS, LISTS, ROLES, spread_policy
from credit_engine.testing.question import Question
from credit_engine.testing.showing import as_data
from credit_engine.testing.vocabulary import Written

OPERATORS = ("O1", "O2", "O3", "O10", "O4")
PERSONS = ("N1", "N2")
REGIONS = ("310115", "320505", "330102", None)
DAYS = (
    date(2024, 3, 15),
    date(2024, 3, 16),
    date(2023, 12, 31),
    date(2024, 1, 1),
    date(2024, 6, 1),
    date(2024, 6, 2),
    date(2023, 6, 1),
)
LAST_DAY = date(2025, 1, 1)  # by which everything is known
_SHARES = ("1/2", "1/4", "3/10", "1/3", "1", "1/5", "2/3", "499/1000")


@frozen(repr=False)
class NetworkQuestion:
    """A policy, everybody's dossiers, their relations, a day and what is known."""

    policy: Policy
    dossiers: tuple[Dossier, ...]
    relations: tuple[Relation, ...]
    as_of: date
    known_at: date

    @cached_property
    def parties(self) -> tuple[Party, ...]:
        """All versions of all parties."""
        return tuple(party for dossier in self.dossiers for party in dossier.party_versions)

    @cached_property
    def network(self) -> Network:
        """Everybody and their relations."""
        return Network(
            operators=tuple(party for party in self.parties if isinstance(party, Operator)),
            persons=tuple(party for party in self.parties if isinstance(party, Person)),
            relations=self.relations,
        )

    def __repr__(self) -> str:
        """The question as a policy test, asked about the first party."""
        first, *others = self.dossiers
        return repr(Question(self.policy, first, self.as_of, self.known_at, None, tuple(others), self.relations))


# --- parties and their events ---------------------------------------------------------------------------------


def _parties(choose: Chooser) -> list[Party]:
    operators = choose.shuffled(OPERATORS)[: choose.number(3, len(OPERATORS))]
    persons = choose.shuffled(PERSONS)[: choose.number(0, len(PERSONS))]
    return [
        *(Operator(id=name, region=choose.one(REGIONS)) for name in operators),
        *(Person(id=name) for name in persons),
    ]


def _dossier(choose: Chooser, party: Party, persons: Sequence[str]) -> Dossier:
    events: list[Event] = []
    if choose.chance(70):
        for number in range(choose.number(1, 2)):
            events += _violation(choose, f"V{number}-{party.id}", party.id, persons)
    if choose.chance(55):
        events += _entry(choose, f"D{party.id}", party.id)
    return Dossier(party, choose.shuffled(events))


def _violation(choose: Chooser, name: str, party: str, persons: Sequence[str]) -> list[Violation]:
    pairs = tuple({"person": choose.one(persons), "role": choose.one(ROLES)} for _ in range(choose.number(0, 3)))
    first = Violation(
        id=name,
        party=party,
        decided=choose.one(DAYS),
        occurred=None if choose.chance(15) else choose.one(DAYS),
        severity=None if choose.chance(12) else choose.one(("severe", "severe", "minor")),
        standing="alleged" if choose.chance(8) else "found",
        responsible=None if choose.chance(15) else pairs,
    )
    if not choose.chance(15):
        return [first]
    day = choose.one(DAYS)
    later = evolve(first, recorded=day, revision=1, decided=choose.one(DAYS))
    return [first, evolve(later, standing="withdrawn", withdrawn=day) if choose.chance(60) else later]


def _entry(choose: Chooser, name: str, party: str) -> list[ListDecision]:
    """An entry of a list, sometimes repaired, sometimes with a host that opts out."""
    of = choose.one(LISTS)
    listed = choose.one(DAYS)
    steps = [
        ListDecision(
            id=name,
            party=party,
            list=of,
            step="list",
            decided=listed,
            published=None if choose.chance(30) else listed,
            authority=choose.one(("city", "county", None)),
            region=choose.one(("320500", "310000", "330000", None)),
        )
    ]
    if choose.chance(20):
        day = max(listed, choose.one(DAYS))
        steps.append(
            ListDecision(id=f"{name}x", party=party, list=of, step="repair", decided=day, sequence=1, grounds=(name,))
        )
    if choose.chance(20):
        what = choose.one((of, of, "row1"))
        region = choose.one(("310000", "310115", "340000", None))
        decided = None if choose.chance(10) else choose.one(DAYS)
        steps.append(
            ListDecision(id=f"{name}y", party=party, list=what, step="opt_out", decided=decided, region=region)
        )
    return steps


# --- relations ------------------------------------------------------------------------------------------------


def _relations(choose: Chooser, parties: Sequence[str]) -> list[Relation]:
    numbers = choose.shuffled(range(1, 16))[: choose.number(2, 15)]
    return [version for number in numbers for version in _versions(choose, f"R{number}", parties)]


def _versions(choose: Chooser, name: str, parties: Sequence[str]) -> list[Relation]:
    first = _relation(choose, name, parties)
    if not choose.chance(15):
        return [first]
    revisions = range(1, 1 + choose.number(1, 2))
    newer = [evolve(_relation(choose, name, parties), recorded=choose.one(DAYS), revision=one) for one in revisions]
    return choose.shuffled([first, *newer])


def _relation(choose: Chooser, name: str, parties: Sequence[str]) -> Relation:
    source = choose.one(parties)
    target = choose.one([party for party in parties if party != source])
    share, share_max = _share(choose)
    since = None if choose.chance(55) else choose.one(DAYS)
    days = [day for day in DAYS if since is None or day > since]
    until = None if choose.chance(75) or not days else choose.one(days)
    return Relation(
        id=name,
        kind=choose.one((*KINDS, "shareholder", "shareholder")),
        source=source,
        target=target,
        share=share,
        share_max=share_max,
        since=since,
        until=until,
    )


def _share(choose: Chooser) -> tuple[Fraction | None, Fraction | None]:
    share = None if choose.chance(15) else Fraction(choose.one(_SHARES))
    if not choose.chance(25):
        return share, None
    upper = Fraction(choose.one(_SHARES))
    return share, upper if share is None else max(share, upper)


# --- questions ------------------------------------------------------------------------------------------------


@st.composite
def network_questions(draw: st.DrawFn) -> NetworkQuestion:
    """A policy of spread, a network for it, a day, and what is known."""
    choose = Chooser(draw)
    return network_question(choose, spread_policy(choose))


def network_question(choose: Chooser, written: Written) -> NetworkQuestion:
    """A network and a day for a policy of spread."""
    parties = _parties(choose)
    names = [party.id for party in parties]
    persons = [party.id for party in parties if isinstance(party, Person)] or ["N9"]
    dossiers = tuple(_dossier(choose, party, persons) for party in parties)
    relations = tuple(_relations(choose, names))
    as_of = choose.one((date(2024, 6, 1), date(2024, 3, 16), date(2024, 3, 15), date(2024, 6, 2)))
    known_at = as_of if choose.chance(60) else choose.one((LAST_DAY, *DAYS))
    return NetworkQuestion(read_policy(as_data(written)), dossiers, relations, as_of, known_at)
