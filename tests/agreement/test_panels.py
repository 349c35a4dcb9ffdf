"""Questions with days of their own, answered in columns at once: every row of every table is that of the plain engine.

The days lie around the edges of everything that a day can turn: laws, parameters, terms and windows, what was recorded
when, and until when tables are complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import get_args

import attrs
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from columns.test_folder import policy
from columns.test_following import LISTING
from columns.test_following import POLICY as FOLLOWING
from columns.test_listing import ENDING
from columns.test_listing import POLICY as LISTS
from columns_and_plain import Engine, crowd_of, differing, input_of, told
from credit_engine.assessing.assess import program_of
from credit_engine.days import add
from credit_engine.dossiers import Dossier
from credit_engine.files.panels import Panel
from credit_engine.files.panels import Question as Row
from credit_engine.policy.load import Policy
from credit_engine.testing.edges import edges_of
from credit_engine.testing.strategies import networks, policies
from shares import one_in

WORLDS = 6
QUESTIONS = 24


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


@one_in(2)
@given(policies(), st.data())
def test_drawn_policies_answer_a_panel_as_the_plain_engine_does(drawn: Policy, data: st.DataObject) -> None:
    worlds = [data.draw(networks(drawn)) for _ in range(WORLDS)]
    dossiers, _ = crowd_of([((one.dossier, *one.others), ()) for one in worlds])
    compare(dossiers, drawn, data.draw(panels(dossiers, drawn, [one.as_of for one in worlds])), data)


@pytest.mark.parametrize("rules", [FOLLOWING, LISTING, LISTS, ENDING, policy()], ids=str)
@one_in(10)
@given(data=st.data())
def test_a_panel_of_these_policies_is_answered_as_the_plain_engine_does(rules: Policy, data: st.DataObject) -> None:
    worlds = [data.draw(networks(rules)) for _ in range(WORLDS)]
    dossiers, _ = crowd_of([((one.dossier,), ()) for one in worlds])
    compare(dossiers, rules, data.draw(panels(dossiers, rules)), data)
