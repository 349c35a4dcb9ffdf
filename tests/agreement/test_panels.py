"""Questions with days of their own, answered in columns at once: every row of every table is that of the plain engine.

The days lie around the edges of everything that a day can turn: laws, parameters, terms and windows, what was recorded
when, and until when tables are complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, get_args

import attrs
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from columns.test_folder import crowd, policy
from columns.test_following import LISTING
from columns.test_following import POLICY as FOLLOWING
from columns.test_listing import ENDING, STORIES, of
from columns.test_listing import POLICY as LISTS
from columns_and_plain import Engine, crowd_of, differing, input_of, told
from credit_engine import CaseTransfer, Inspection, Rectification, Thousandths, Violation
from credit_engine.assessing.assess import program_of
from credit_engine.days import add
from credit_engine.dossiers import Dossier
from credit_engine.files.panels import Panel
from credit_engine.files.panels import Question as Row
from credit_engine.policy.load import Policy
from credit_engine.records import Event
from credit_engine.testing.edges import edges_of
from credit_engine.testing.strategies import networks, policies
from shares import one_in

WORLDS = 6
QUESTIONS = 24
DAYS = 25
MANY, MANY_STATES = 50, 3


def days_of(dossiers: Iterable[Dossier]) -> Iterator[date]:
    """Every day that stands in the records, and those until which tables are complete."""
    for one in dossiers:
        for record in (*one.party_versions, *one.events):
            yield from (cell for cell in attrs.astuple(record, recurse=False) if type(cell) is date)
        yield from (day for day in one.coverage.values() if isinstance(day, date))


def edges(dossiers: Sequence[Dossier], policy: Policy) -> list[date]:
    """The days around which answers change: days of records and of the law, with each period of the policy, and eves."""
    known = edges_of(policy)
    marks = {*days_of(dossiers), *known.days, *program_of(policy).law_changes}
    ends = {end for mark in marks for period in known.periods if (end := add(mark, period)) is not None}
    near = {day.toordinal() + shift for day in marks | ends for shift in (-1, 0, 1)}
    return sorted(
        date.fromordinal(day) for day in near if date(1990, 1, 1).toordinal() < day < date(2060, 1, 1).toordinal()
    )


@st.composite
def panels(draw: st.DrawFn, dossiers: Sequence[Dossier], policy: Policy, days: Sequence[date] = ()) -> Panel:
    """Questions about some of these parties on such days, some as known on another day, some twice."""
    near = st.sampled_from([*edges(dossiers, policy), *days])
    parties = st.sampled_from([*(one.id for one in dossiers), "nobody"])
    rows = draw(st.lists(st.tuples(parties, near, st.none() | near), min_size=2, max_size=QUESTIONS))
    return Panel([Row(party, day, None, known_at, "panel.csv", 1) for party, day, known_at in rows], [])


def compare(dossiers: Sequence[Dossier], policy: Policy, panel: Panel, data: st.DataObject) -> None:
    engine, audience = data.draw(st.sampled_from(get_args(Engine))), data.draw(st.sampled_from([None, "public"]))
    read = input_of(dossiers)
    columns = told(read, policy, panel, "polars", audience, collect=engine)
    share = 10 * columns.summary.routed // max(columns.summary.answered, 1)
    event(f"{share * 10} % routed")
    found = differing(told(read, policy, panel, "plain", audience), columns)
    assert not found, "\n".join([*found, *map(str, panel.questions)])


@one_in(25)
@given(policies(), st.data())
def test_drawn_policies_answer_a_panel_as_the_plain_engine_does(drawn: Policy, data: st.DataObject) -> None:
    worlds = [data.draw(networks(drawn)) for _ in range(WORLDS)]
    dossiers, _ = crowd_of([((one.dossier, *one.others), ()) for one in worlds])
    compare(dossiers, drawn, data.draw(panels(dossiers, drawn, [one.as_of for one in worlds])), data)


@pytest.mark.parametrize("rules", [FOLLOWING, LISTING, LISTS, ENDING, policy()], ids=str)
@one_in(50)
@given(data=st.data())
def test_a_panel_of_these_policies_is_answered_as_the_plain_engine_does(rules: Policy, data: st.DataObject) -> None:
    worlds = [data.draw(networks(rules)) for _ in range(WORLDS)]
    dossiers, _ = crowd_of([((one.dossier,), ()) for one in worlds])
    compare(dossiers, rules, data.draw(panels(dossiers, rules)), data)


@pytest.mark.parametrize("complete_from", [None, date(2023, 7, 1)], ids=str)
@pytest.mark.parametrize("all_have_days", [False, True])  # counts are made in another way where all have one
def test_everybody_on_many_edges_at_once_comes_to_the_rows_of_the_plain_engine(
    complete_from: date | None,
    all_have_days: bool,  # noqa: FBT001  # a case of the test
) -> None:
    coverage = {} if complete_from is None else {"violation": complete_from}
    dossiers = [
        Dossier(one.party_versions, [each for each in one.events if not all_have_days or _day(each)], coverage)
        for one in crowd()
    ]
    every = edges(dossiers, policy())
    days = every[:: len(every) // DAYS]
    rows = [
        Row(one.id, day, None, known, "panel.csv", 1) for one in dossiers for day in days for known in (None, every[-1])
    ]
    read, panel = input_of(dossiers), Panel(rows, [])
    columns = told(read, policy(), panel, "polars")
    assert not differing(told(read, policy(), panel, "plain"), columns)
    assert not columns.summary.routed


def _day(record: Event) -> date | None:
    return record.occurred if isinstance(record, Inspection) else getattr(record, "decided", None)


def test_lists_on_many_edges_at_once_come_to_the_rows_of_the_plain_engine() -> None:
    for rules in (LISTS, ENDING):
        dossiers, _ = crowd_of([((of(*events),), ()) for events in STORIES.values()])
        every = edges(dossiers, rules)
        panel = Panel([Row(one.id, day) for one in dossiers for day in every[:: len(every) // DAYS]], [])
        read = input_of(dossiers)
        assert not differing(told(read, rules, panel, "plain"), told(read, rules, panel, "polars"))


def test_what_follows_on_many_edges_at_once_comes_to_the_rows_of_the_plain_engine() -> None:
    early, late = date(2025, 6, 3), date(2025, 12, 20)
    rows: list[tuple[Event, ...]] = [
        (fine("V1", early, extra={"paid": date(2025, 8, 1)}), fine("V2", late, extra={"paid": date(2026, 3, 1)})),
        (fine("V1", late, extra={"served": date(2026, 1, 5)}), Rectification(
            id="R1", party="P1", occurred=date(2026, 2, 1), harm_removed=True)),
        (fine("V1", None, published=early), Inspection(id="I1", party="P1", occurred=late, extra={"lost": Thousandths(30_000), "full": Thousandths(40_000)})),
        (CaseTransfer(id="T1", party="P1", received=late, answered=date(2026, 2, 9)),),
    ]  # fmt: skip
    dossiers, _ = crowd_of([((of(*events),), ()) for events in rows])
    for rules in (FOLLOWING, LISTING):
        every = edges(dossiers, rules)
        panel = Panel([Row(one.id, day) for one in dossiers for day in every[:: len(every) // MANY]], [])
        read = input_of(dossiers)
        columns = told(read, rules, panel, "polars")
        assert not differing(told(read, rules, panel, "plain"), columns)
        assert len({row[12] for row in columns.tables["obligations"]}) > MANY_STATES


def fine(name: str, day: date | None, **fields: Any) -> Violation:  # Any: fields
    given = {"severity": "severe", "fine": 90_000, "penalties": frozenset({"fine"})}
    return Violation(id=name, party="P1", decided=day, **{**given, **fields})
