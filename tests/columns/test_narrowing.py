"""Questions about different parties on many days: the rows of the plain engine, from the records of those asked alone."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from columns.test_folder import DAY, PARTIES, crowd, policy
from columns.test_listing import ENDING, STORIES, of
from columns_and_plain import crowd_of, differing, input_of, store_of, told
from credit_engine import Dossier, Operator, Violation
from credit_engine.engines.columns import folder
from credit_engine.engines.columns.narrowing import QUESTIONS, held
from credit_engine.engines.columns.passing import Asking, Pass
from credit_engine.engines.columns.prepared import Prepared
from credit_engine.engines.columns.reaching import Day
from credit_engine.engines.columns.shapes import places_in
from credit_engine.engines.questions import asked_of
from credit_engine.files.panels import Panel, Question
from credit_engine.policy.load import load_policy_text
from sample_policies import HEAD
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


def question(party: int, day: date = DAY, known: date | None = None) -> tuple[int, int, int, int]:
    return 0, party, day.toordinal(), (known or day).toordinal()


def questions(*rows: tuple[int, int, int, int]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=QUESTIONS, orient="row")


def test_each_question_has_the_records_of_its_party_and_nobody_else_has_any() -> None:
    store = store_of(crowd(), policy())
    places = places_in(store.party_ids, pl.Series(["P03", "P11", "nobody"]))
    assert places.to_list() == [3, 11, None]
    found = held(store, places.drop_nulls(), lambda column: column != "e.region").questions(
        questions(question(3), question(11), question(3, DAY - timedelta(days=1), DAY))
    )
    assert found.party_ids.to_list() == ["P03", "P11", "P03"]
    assert found.party_count == 3
    assert found.parties.collect().get_column("party").to_list() == [0, 1, 2]
    rows = found.events["violation"].collect()
    fines = {one.id: sum(event.kind == "violation" for event in one.events) for one in crowd()}
    many = [fines["P03"], fines["P11"], fines["P03"]]
    assert [rows.filter(party=place).height for place in range(3)] == many
    assert rows.get_column("order").to_list() == list(range(sum(many)))
    assert "e.region" not in rows.columns
    assert "e.fine" in rows.columns


def test_a_question_has_the_versions_known_on_its_own_day_of_knowledge() -> None:
    early, late = date(2026, 1, 1), date(2026, 2, 1)
    versions = [Violation(id="V1", party="P1", decided=early, fine=fine, recorded=day)
                for fine, day in ((100_000, early), (200_000, late))]  # fmt: skip
    store = store_of([Dossier(Operator(id="P1"), versions)], policy())
    asked = [question(0, DAY, known) for known in (early - timedelta(days=1), early, late - timedelta(days=1), late)]
    found = held(store, places_in(store.party_ids, pl.Series(["P1"])), lambda _column: True).questions(
        questions(*asked)
    )
    rows = found.events["violation"].collect()
    assert rows.select("party", "e.fine").rows() == [(1, 100_000), (2, 100_000), (3, 200_000)]
    assert found.parties.collect().get_column("party").to_list() == [0, 1, 2, 3]


def test_nobody_that_there_is_gives_no_records() -> None:
    store = store_of(crowd(), policy())
    places = places_in(store.party_ids, pl.Series(["nobody"])).drop_nulls()
    found = held(store, places, lambda _column: True).questions(questions())
    assert found.party_count == 0
    assert all(rows.collect().is_empty() for rows in found.events.values())


def test_days_that_are_told_alike_are_one_pass_and_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    read = input_of(crowd())
    passes = list[int]()

    def counted(asking: Asking, store: Prepared, day: Day, asked: pl.DataFrame) -> Pass:
        passes.append(len(asked))
        return Pass(asking, store, day, asked)

    monkeypatch.setattr(folder, "Pass", counted)
    rows = [Question(party, day) for party in read.parties for day in DAYS]
    told(read, policy(), Panel(rows, []), "polars")
    assert passes == [len(rows)]
    passes.clear()
    last = DAY + timedelta(days=1)  # a fine of 2023-06-30 that stands unrecorded counts for three years, until DAY
    rows = [Question("P01", day) for day in (DAY, last, *DAYS[1:])]
    told(evolve(read, coverage={"violation": date(2023, 7, 1)}), policy(), Panel(rows, []), "polars")
    assert passes == [len(DAYS), 1]
    monkeypatch.setattr(folder, "_FEW", 0)
    passes.clear()
    told(read, policy(), asked_of(read.parties, tuple(DAYS), None), "polars")
    assert passes == [len(read.parties)] * len(DAYS), "everybody on several days is asked about day by day"


def test_questions_with_many_records_are_divided_among_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "_AT_ONCE", 16)
    read = input_of(crowd())
    panel = Panel([Question(party, day) for party in read.parties for day in DAYS], [])
    assert not differing(told(read, policy(), panel, "plain"), told(read, policy(), panel, "polars"))


def test_numbers_that_are_too_large_leave_their_own_day_to_the_plain_engine() -> None:
    times = load_policy_text(
        f"{HEAD}\nindicators: {{product: {{sum: violation, of: fine, times: 99999999}}}}\n", "policy.yaml"
    )
    fines = {"P1": (DAYS[0], 999_999_999_999_999), "P2": (DAYS[4], 9)}
    dossiers = [Dossier(Operator(id=name), [Violation(id=f"V{name}", party=name, decided=day, fine=fine)])
                for name, (day, fine) in fines.items()]  # fmt: skip
    read = input_of(dossiers)
    panel = Panel([Question(one.id, day) for one in dossiers for day in DAYS], [])
    columns = told(read, times, panel, "polars")
    assert not differing(told(read, times, panel, "plain"), columns)
    assert columns.summary.routed == len(dossiers), "both parties on the one day on which the fine is seen"
