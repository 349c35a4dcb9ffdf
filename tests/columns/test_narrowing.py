"""Questions about different parties on many days: the rows of the plain engine, from the records of those asked alone."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from columns.test_folder import DAY, PARTIES, crowd, policy
from columns.test_listing import ENDING, STORIES, of
from columns_and_plain import crowd_of, differing, input_of, store_of, told
from credit_engine.engines.columns.narrowing import held
from credit_engine.files.panels import Panel, Question
from shares import one_in

DAYS = [DAY - timedelta(days=100 * back) for back in range(5)]


@st.composite
def panels(draw: st.DrawFn, parties: list[str]) -> Panel:
    """Fewer questions than parties, on several days, some with a day of knowledge of their own."""
    days = st.tuples(st.sampled_from(DAYS), st.sampled_from([None, DAY]))
    pairs = draw(st.sets(st.tuples(st.sampled_from(parties), days), min_size=2, max_size=len(parties) - 1))
    rows = sorted(pairs, key=lambda pair: (pair[0], pair[1][0], pair[1][1] or date.min))
    return Panel([Question(party, day, known_at=known_at) for party, (day, known_at) in rows], [])


@one_in(25)
@given(panels([f"P{number:02d}" for number in range(PARTIES)]))
def test_questions_about_few_parties_on_many_days_come_to_the_rows_of_the_plain_engine(panel: Panel) -> None:
    read = input_of(crowd())
    assert not differing(told(read, policy(), panel, "plain"), told(read, policy(), panel, "polars"))


@one_in(25)
@given(st.data())
def test_their_lists_do_too(data: st.DataObject) -> None:
    dossiers, _ = crowd_of([((of(*events),), ()) for events in STORIES.values()])
    panel, read = data.draw(panels([one.id for one in dossiers])), input_of(dossiers)
    assert not differing(told(read, ENDING, panel, "plain"), told(read, ENDING, panel, "polars"))


def test_the_records_of_some_parties_are_those_parties_numbered_anew_and_nothing_else() -> None:
    store = store_of(crowd(), policy())
    narrow = held(store, ["P03", "P07", "P11", "nobody"], lambda column: column != "e.region")
    found = narrow(["P11", "nobody", "P03", "P12"])
    assert found.party_ids.to_list() == ["P03", "P11"]
    assert found.party_count == 2
    assert found.parties.collect().get_column("party").to_list() == [0, 1]
    rows = found.events["violation"].collect()
    fines = {one.id: sum(event.kind == "violation" for event in one.events) for one in crowd()}
    assert [rows.filter(party=place).height for place in range(2)] == [fines["P03"], fines["P11"]]
    assert len(rows) == fines["P03"] + fines["P11"]
    assert "e.region" not in rows.columns
    assert "e.fine" in rows.columns


def test_nobody_that_there_is_gives_no_records() -> None:
    store = store_of(crowd(), policy())
    found = held(store, ["nobody"], lambda _column: True)(["nobody"])
    assert found.party_count == 0
    assert all(rows.collect().is_empty() for rows in found.events.values())
