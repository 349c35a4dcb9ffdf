"""What follows in columns: findings, obligations and supervision are those of the plain engine, and nobody is routed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, get_args

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from columns_and_plain import Engine, asked, crowd_of, differences, differing, input_of, store_of, told
from credit_engine import (
    Dossier,
    Inspection,
    Operator,
    OtherEvent,
    Person,
    Policy,
    Rectification,
    Thousandths,
    Violation,
)
from credit_engine.dossiers import Coverage
from credit_engine.engines.columns.answering import answered
from credit_engine.files.panels import Panel, Question
from credit_engine.policy.load import load_policy_text
from credit_engine.records import Event
from credit_engine.testing.strategies import networks
from sample_following import FOLLOWING, LISTED
from sample_policies import HEAD
from shares import one_in

DAY = date(2026, 6, 30)
WORLDS = 10
Row = tuple[Any, ...]  # Any: cells


def policy(text: str = FOLLOWING) -> Policy:
    return load_policy_text(text, "policy.yaml")


POLICY, LISTING = policy(), policy(LISTED)


def violation(name: str, day: date | None = date(2026, 6, 1), **fields: Any) -> Violation:  # Any: fields
    given = {"severity": "severe", "fine": 90_000, "penalties": frozenset({"fine"})}
    return Violation(id=name, party="P1", decided=day, **{**given, **fields})


def rows(table: str, *events: Event, day: date = DAY, coverage: dict[str, Coverage] | None = None) -> list[Row]:
    """The rows of one party, on which both engines agree and for which nobody is routed."""
    read = input_of([Dossier(Operator(id="P1"), events, coverage or {})])
    columns = told(read, POLICY, asked(read, day), "polars")
    assert not differing(told(read, POLICY, asked(read, day), "plain"), columns)
    assert not columns.summary.routed
    return list(columns.tables[table])


def states(rule: str, *events: Event, day: date = DAY) -> list[str]:
    return [row[12] for row in rows("obligations", *events, day=day) if row[5] == rule]


def found(rule: str, *events: Event, day: date = DAY) -> list[Row]:
    return [row[6:] for row in rows("findings", *events, day=day) if row[5] == rule]


def open_names(rule: str, *events: Event, **others: Any) -> list[Row]:  # Any: as rows takes it
    return [row[7:] for row in rows("unknowns", *events, **others) if row[5] == rule]


# --- drawn worlds ---------------------------------------------------------------------------------------------


@one_in(80)
@given(st.data())
def test_drawn_worlds_come_to_the_rows_of_the_plain_engine_and_nobody_is_routed(data: st.DataObject) -> None:
    worlds = data.draw(st.lists(networks(POLICY), min_size=WORLDS, max_size=WORLDS))
    crowd, _ = crowd_of([((one.dossier,), ()) for one in worlds])
    first, engine = worlds[0], data.draw(st.sampled_from(get_args(Engine)))
    found_ = differences(crowd, POLICY, first.as_of, first.known_at, engine)
    assert not found_, "\n".join(found_)
    answers = answered(store_of(crowd, POLICY), POLICY, first.as_of, first.known_at, engine)
    assert (list(answers.routed), answers.why) == ([], ())


@one_in(80)
@given(st.data())
def test_what_follows_from_lists_is_that_of_the_plain_engine_in_drawn_worlds(data: st.DataObject) -> None:
    worlds = data.draw(st.lists(networks(LISTING), min_size=WORLDS, max_size=WORLDS))
    crowd, _ = crowd_of([((one.dossier,), ()) for one in worlds])
    audience = data.draw(st.sampled_from([None, "public", "department", "inquiry"]))
    found_ = differences(crowd, LISTING, worlds[0].as_of, worlds[0].known_at, audience=audience)
    assert not found_, "\n".join(found_)
    assert not answered(store_of(crowd, LISTING), LISTING, worlds[0].as_of, worlds[0].known_at).why


# --- findings -------------------------------------------------------------------------------------------------


def test_a_finding_lasts_under_the_law_of_its_event_to_the_last_day_and_no_longer() -> None:
    (row,) = found("f.term", violation("V1", date(2025, 6, 30)), day=date(2027, 6, 30))
    assert row == ("violation", "V1", "may", date(2025, 6, 30), date(2027, 7, 1), date(2025, 6, 30), ("law",))
    assert not found("f.term", violation("V1", date(2025, 6, 30)), day=date(2027, 7, 1))


def test_under_the_law_of_today_a_shorter_term_ends_what_is_over_by_it() -> None:
    decided = violation("V1", date(2025, 12, 1))
    assert found("f.today", decided, day=date(2026, 3, 1))
    assert not found("f.today", decided, day=date(2026, 3, 2))


def test_an_event_without_a_day_is_no_finding_but_may_be_one() -> None:
    undated = violation("V1", None)
    assert not found("f.term", undated)
    assert open_names("f.term", undated) == [("V1", ("decided",))]
    assert open_names("f.published", undated) == [("V1", ("decided", "published"))]


def test_an_event_without_a_day_that_no_law_means_is_not_even_open() -> None:
    assert not open_names("f.published", violation("V1", None, fine=49_999))
    assert open_names("f.published", violation("V1", None, fine=50_000))  # by the law until 2025


def test_the_first_day_that_is_recorded_places_an_event_and_chooses_its_law() -> None:
    early = violation("V1", date(2025, 3, 1), published=date(2024, 12, 31), fine=60_000)
    assert [row[5] for row in found("f.published", early)] == [date(2024, 12, 31)]
    assert not found("f.published", evolve(early, published=date(2025, 1, 1)))


def test_of_events_that_are_one_in_document_only_the_earliest_is_found() -> None:
    twice = [violation(f"V{n}", date(2026, 6, n), authority="A", document="7") for n in (2, 1)]
    assert [row[1] for row in found("f.first", *twice)] == ["V1"]
    assert [row[1] for row in found("f.first", *(evolve(one, document=None) for one in twice))] == ["V1", "V2"]


def test_a_later_rectification_ends_a_finding_on_its_eve_and_one_that_does_not_count_leaves_it() -> None:
    act = violation("V1", date(2026, 5, 1))
    mended = Rectification(id="R1", party="P1", occurred=date(2026, 6, 30), harm_removed=True)
    assert not found("f.until", act, mended)
    assert [row[4] for row in found("f.until", act, mended, day=date(2026, 6, 29))] == [None]
    assert found("f.until", act, evolve(mended, harm_removed=False))
    assert [event for event, _ in open_names("f.until", act, evolve(mended, harm_removed=None))] == ["V1"]


def test_a_grade_that_a_finding_from_an_event_reads_is_that_of_the_day_judged() -> None:
    acts = [violation(f"V{n}", date(2026, 6, n)) for n in (1, 2)]
    assert [row[1] for row in found("f.repeated", *acts)] == ["V2"]
    assert not found(
        "f.repeated", *(evolve(act, decided=date(2023, 1, act.decided.day)) for act in acts if act.decided)
    )


@pytest.mark.parametrize("coverage", ["absent", date(2026, 6, 1), date(2026, 3, 29)])
def test_where_violations_may_stand_unrecorded_everybody_has_a_line_and_is_not_routed(coverage: Coverage) -> None:
    lines = open_names("f.term", coverage={"violation": coverage})
    assert lines == [(None, ("violation",))]
    assert open_names("o.pay", coverage={"violation": coverage}) == [(None, ("violation",))]


def test_violations_whose_term_would_be_over_leave_no_finding_open_but_every_obligation() -> None:
    coverage: dict[str, Coverage] = {"violation": date(2020, 1, 1)}
    assert not open_names("f.term", coverage=coverage)
    assert open_names("o.pay", coverage=coverage) == [(None, ("violation",))]


def test_who_may_see_a_finding_is_the_stricter_of_its_audience_and_the_policys() -> None:
    read = input_of([Dossier(Person(id="P1"), [violation("V1")])])
    table = told(read, POLICY, asked(read, DAY), "polars").tables["findings"]
    assert {row[5]: row[4] for row in table} == {
        "f.term": "department",
        "f.today": "department",
        "f.published": "inquiry",
        "f.until": "department",
        "f.first": "department",
    }


def test_the_newest_quotient_is_told_and_compared_exactly() -> None:
    def visit(lost: int, full: int) -> Inspection:
        return Inspection(
            id="I1", party="P1", occurred=DAY, extra={"lost": Thousandths(lost), "full": Thousandths(full)}
        )

    assert not found("f.visit", visit(15_000, 30_000))  # 60 times a half
    assert found("f.visit", visit(15_001, 30_000))


# --- obligations ----------------------------------------------------------------------------------------------


def test_paid_on_the_due_day_is_met_a_day_later_late_and_later_than_today_not_yet() -> None:
    act = violation("V1", date(2026, 6, 1))  # seven working days by the law of today
    due = date(2026, 6, 10)

    def paid(day: date) -> list[str]:
        return states("o.pay", evolve(act, extra={"paid": day}))

    assert (paid(due), paid(due + timedelta(days=1)), paid(DAY + timedelta(days=1))) == (["met"], ["late"], ["overdue"])
    assert states("o.pay", act, day=due) == ["open"]
    assert states("o.pay", act, day=due + timedelta(days=1)) == ["overdue"]


def test_working_days_that_no_calendar_knows_leave_the_due_day_and_the_state_unknown() -> None:
    assert states(
        "o.gone", violation("V1", standing="withdrawn", withdrawn=date(2031, 1, 1)), day=date(2031, 2, 1)
    ) == ["unknown"]


def test_what_is_done_before_the_waiting_is_over_is_not_done() -> None:
    act = violation("V1", date(2026, 6, 1), published=date(2026, 6, 1))
    done = Rectification(id="R1", party="P1", harm_removed=True)
    assert states("o.mend", act, evolve(done, occurred=date(2026, 6, 10))) == ["overdue"]
    assert states("o.mend", act, evolve(done, occurred=date(2026, 6, 11))) == ["late"]
    assert states("o.mend", evolve(act, published=None), evolve(done, occurred=date(2026, 6, 11))) == ["unknown"]


def test_a_payment_counts_from_the_last_day_of_waiting_on() -> None:
    act = violation("V1", date(2026, 6, 1))
    assert states("o.later", evolve(act, extra={"paid": date(2026, 6, 10)})) == ["open"]
    assert states("o.later", evolve(act, extra={"paid": date(2026, 6, 11)})) == ["met"]


def test_a_rectification_that_only_may_count_or_has_no_day_leaves_the_state_unknown() -> None:
    act = violation("V1", date(2026, 6, 1), published=date(2026, 6, 1))
    done = Rectification(id="R1", party="P1", occurred=date(2026, 6, 12), harm_removed=True)
    assert states("o.mend", act, evolve(done, harm_removed=None)) == ["unknown"]
    assert states("o.mend", act, evolve(done, occurred=None)) == ["unknown"]
    assert states("o.mend", act, done) == ["late"]


def test_an_obligation_is_counted_in_the_month_and_region_of_its_due_day() -> None:
    acts = [violation(f"V{n}", date(2026, 5, 28 + n % 3), region="310000") for n in range(4)]
    summed = [row[1:9] for row in rows("obligations_summary", *acts) if row[1] == "o.pay"]
    assert summed == [("o.pay", "310000", "2026-06", 4, 0, 0, 0, 4)]


def test_questions_about_several_days_are_summed_each_by_its_own() -> None:
    read = input_of([Dossier(Operator(id="P1"), [violation("V1"), violation("V2", date(2026, 6, 20))])])
    days = [DAY, date(2026, 6, 5), DAY]
    panel = Panel(
        [Question("P1", day, known_at=known) for day, known in zip(days, [None, DAY, date(2026, 7, 1)], strict=True)],
        [],
    )
    plain, columns = (told(read, POLICY, panel, engine) for engine in ("plain", "polars"))
    assert not differing(plain, columns)
    summed = [(row[0], row[4]) for row in columns.tables["obligations_summary"] if row[1] == "o.pay"]
    assert summed == [(DAY, 4)]


# --- supervision ----------------------------------------------------------------------------------------------


def test_the_strictest_inspections_and_sampling_hold_and_every_notice() -> None:
    acts = [violation(f"V{n}") for n in range(2)]
    found_ = {row[5]: row[6] for row in rows("supervision", *acts)}
    assert found_ == {"s.half": "inspections", "s.more": "sampling"}
    assert {row[5] for row in rows("supervision", acts[0], day=date(2027, 6, 2))} == {"s.seldom", "s.sample"}


# --- who is routed --------------------------------------------------------------------------------------------

LACKING = f"""{HEAD}
kinds: {{case: clue}}
fields: {{case: {{clue: date, checked: date, kind: text, excluded: {{list: {{from: date, until: date}}}}}}}}
obligations:
  - {{rule: check, title: {{en: C}}, each: case, where: {{kind: usual}}, due: {{for: 15wd, from: clue, pauses: {{of: excluded, or: []}}}},
     met_on: checked, owed_by: authority, basis: [law]}}
"""


def test_only_who_has_an_event_that_an_obligation_may_mean_is_left_to_the_plain_engine() -> None:
    lacking = policy(LACKING)
    kinds = {"P1": "usual", "P2": "other", "P3": None, "P4": "usual"}
    clues = {"P4": DAY + timedelta(days=1)}
    crowd = [
        Dossier(
            Operator(id=party),
            [
                OtherEvent(
                    kind="case", id=f"C-{party}", party=party, extra={"clue": clues.get(party, DAY), "kind": kind}
                )
            ],
        )
        for party, kind in kinds.items()
    ]
    read = input_of([evolve(one, coverage={"case": date(2026, 1, 1)}) for one in crowd])
    plain, columns = (told(read, lacking, asked(read, DAY), engine) for engine in ("plain", "polars"))
    assert not differing(plain, columns)
    assert list(answered(store_of(crowd, lacking), lacking, DAY).routed) == ["P1", "P3"]
    assert columns.summary.routed == 2
    assert columns.summary.routed_for == ()
