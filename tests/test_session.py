"""A session: what a post changes, who is told, what is refused, and that a refusal leaves everything as it was."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from typing import cast

import pytest
from attrs import evolve

from credit_engine.assessing.assess import assess_again
from credit_engine.days import Period
from credit_engine.engines.live import world as worlds
from credit_engine.engines.live.change import Change
from credit_engine.engines.session import Session, SubscriberError
from credit_engine.errors import CreditEngineError, InputError, QuestionError, RecordError
from credit_engine.policy.load import load_policy
from credit_engine.quantities import Thousandths
from credit_engine.records import (
    Event,
    ListDecision,
    Operator,
    OtherEvent,
    Person,
    RecordSource,
    Rectification,
    Region,
    Violation,
)
from credit_engine.spreading.network import Network
from sample_spread import (
    AFFILIATES,
    DAY,
    EVENTS,
    OPERATORS,
    PERSONS,
    REGIONS,
    RELATIONS,
    affiliates,
    answered,
    network,
    relation,
)

V1, V2, D1 = cast("tuple[Violation, Violation, ListDecision]", EVENTS["S1"])
POLICY = affiliates()


def session(*events: Event, day: date = DAY, known: Network | None = None) -> Session:
    return Session(POLICY, known or network(), day=day, matcher="plain", events=events)


def refused(attempt: Callable[[], object], code: str) -> CreditEngineError:
    with pytest.raises(CreditEngineError) as refusal:
        attempt()
    assert refusal.value.codes[0] == code
    return refusal.value


# --- what a post changes --------------------------------------------------------------------------------------


def test_a_listing_opens_an_entry_begins_measures_and_reaches_the_branch() -> None:
    with session(V1, V2) as one:
        change = one.post(D1)
        assert [(each.id, each.state) for each in change.entries_opened] == []  # it was proposed before
        assert change.before is not None
        assert change.after is not None
        assert [each.state for each in change.before.entries] == ["proposed"]
        assert [each.state for each in change.after.entries] == ["listed"]
        assert {(party, each.measure) for party, each in change.measures_begun} == {("S1", "M1"), ("S2", "M1")}
        assert {(each.rule, each.target) for each in change.effects_gained if not each.is_region} == {
            ("branches", "S2"),
            ("half", "T1"),
            ("half", "T2"),
            ("half", "T3"),
        }
        assert one.assessment("S2") == answered("S2", POLICY)


def test_a_first_violation_opens_an_entry_and_its_withdrawal_closes_it() -> None:
    with session() as one:
        opened = one.post(V1)
        assert [each.id for each in opened.entries_opened] == ["severe/S1/V1"]
        closed = one.withdraw("V1", DAY)
        assert [each.id for each in closed.entries_closed] == ["severe/S1/V1"]
        assert closed.effects_lost == opened.effects_gained
        assert not one.effects_on("N1")


def test_a_repair_ends_the_measures_of_the_branch_too() -> None:
    with session(V1, V2, D1) as one:
        repair = ListDecision(id="D2", party="S1", decided=DAY, list="severe", step="repair", grounds=("V1",))
        change = one.post(repair)
        assert {party for party, _ in change.measures_ended} == {"S1", "S2"}
        assert {each.rule for each in change.effects_lost if not each.is_region} == {"branches", "half"}


def test_an_event_recorded_later_moves_the_day_and_what_time_did_is_told_apart() -> None:
    with session(V1, V2, D1) as one:
        later = date(2028, 12, 31)
        change = one.post(evolve(V2, id="V3", decided=later, recorded=later))
        assert one.day == change.day == later
        assert change.of_time is not None
        assert [each.id for each in change.of_time.entries_closed] == ["severe/S1/V1"]
        assert {each.rule for each in change.of_time.effects_lost} >= {"branches", "half", "affiliates"}
        assert not change.entries_closed
        assert change.before is not None
        assert change.before.as_of == later


def test_an_event_recorded_earlier_leaves_the_day_alone() -> None:
    with session() as one:
        change = one.post(evolve(V1, recorded=date(2025, 3, 5)))
        assert one.day == DAY
        assert change.of_time is None


def test_the_same_version_again_changes_nothing() -> None:
    with session(V1, V2, D1) as one:
        held = one.snapshot()
        change = one.post(V1)
        assert change.is_empty
        assert change.before == change.after == one.assessment("S1")
        assert one.snapshot() == held


def test_an_older_version_that_comes_late_changes_nothing_but_the_history() -> None:
    newer = evolve(V1, recorded=date(2025, 4, 1), severity="general")
    with session(newer) as one:
        assert one.post(evolve(V1, recorded=date(2025, 3, 2))).is_empty
        assert one.post(V1).is_empty


def test_a_correction_takes_an_event_from_one_party_to_another() -> None:
    with session(V2) as one:
        change = one.post(evolve(V2, party="T3", recorded=DAY))
        scores = [
            (each.party, each.before and each.before.own_score, each.after and each.after.own_score)
            for each in change.answers
        ]
        assert scores == [("S1", 80_000, 100_000), ("T3", 100_000, 80_000)]
        assert change.party == "T3"


def test_withdrawing_twice_is_withdrawing_once() -> None:
    with session(V1) as one:
        one.withdraw("V1", DAY)
        held = one.snapshot()
        assert one.withdraw("violation/V1", DAY).is_empty
        assert one.snapshot() == held


def test_several_at_once_are_one_change() -> None:
    with session() as one, session() as other:
        change = one.post_many([V1, V2, D1])
        for event in (D1, V2, V1):
            other.post(event)
        assert change.cause == "events"
        assert [each.party for each in change.answers] == ["S1"]
        assert one.snapshot() == other.snapshot()
        assert one.effects() == other.effects()


def test_a_new_relation_carries_what_is_there_already() -> None:
    with session(V1, V2, D1) as one:
        one.register(Operator(id="S3", region="310115"))
        change = one.relate(relation("R9", "branch", "S3", "S1"))
        assert [(each.rule, each.target) for each in change.effects_gained] == [("branches", "S3")]
        assert [(party, each.measure) for party, each in change.measures_begun] == [("S3", "M1")]


def test_a_person_named_before_being_registered_is_reached_all_the_same() -> None:
    event = evolve(V1, responsible=({"person": "X1", "role": "direct_manager"},))
    with session(event) as one:
        assert [each.rule for each in one.effects_on("X1")] == ["fsl135.revoked"]
        one.register(Person(id="X1"))
        assert [each.rule for each in one.assessment("X1").effects] == ["fsl135.revoked"]


def test_somebody_named_who_turns_out_to_be_a_firm_is_reached_as_one() -> None:
    with session(evolve(V1, responsible=({"person": "X1", "role": "direct_manager"},))) as one:
        one.register(Operator(id="X1", region="310115"))
        with session(*one.dossier("S1").events, known=one.network) as from_the_start:
            assert one.effects() == from_the_start.effects()
            assert one.assessment("X1") == from_the_start.assessment("X1")


def test_a_deadline_is_raised_by_the_event_that_it_runs_from() -> None:
    known = Network([Operator(id="P1", kind="enterprise", region="310115")])
    listing = ListDecision(
        id="D1", party="P1", decided=DAY, list="severely_untrustworthy", step="list", region="310115", authority="city"
    )
    with Session(load_policy("delta-food"), known, day=DAY, matcher="plain") as one:
        change = one.post(listing)
        assert ("list.publish.same", "D1") in {(each.rule, each.event) for each in change.obligations_raised}
        assert not one.post(evolve(listing, recorded=DAY, published=DAY)).obligations_raised


def test_a_change_is_plain_data_on_demand() -> None:
    with session(V1, V2) as one:
        data = one.post(D1).as_dict()
        assert data["party"] == "S1"
        assert ["S2", "M1", "severe", "severe/S1/V1"] in data["measures_begun"]
        assert data["of_time"] is None


def test_a_rule_that_comes_to_have_too_many_effects_has_none_and_all_again_when_it_has_fewer() -> None:
    policy = affiliates(AFFILIATES.replace("effect: mirror", "most: 1\n    effect: mirror"))
    with Session(policy, network(), day=DAY, matcher="plain", events=[V1, D1]) as one:
        assert [each.rule for each in one.effects_on("S2")] == ["branches"]
        one.relate(relation("R9", "branch", "T3", "T1"))
        listing = evolve(D1, id="D7", party="T1", grounds=("D7",))
        change = one.post(listing)
        assert [each.target for each in change.effects_lost if each.rule == "branches"] == ["S2"]
        assert [each.rule for each in one.effects().too_wide] == ["branches"]
        assert not [each for each in change.effects_gained if each.rule == "branches"]
        back = one.withdraw("D7", DAY)
        assert [each.target for each in back.effects_gained if each.rule == "branches"] == ["S2"]


def test_two_groups_that_a_decision_links_by_a_person_named_keep_what_reached_whom() -> None:
    with session(evolve(V1, responsible=()), D1) as one:
        one.register(Operator(id="X1", region="310115"))
        one.register(Operator(id="X2", region="310115"))
        one.relate(relation("R9", "shareholder", "X1", "X2", share="60%"))
        one.post(evolve(V1, id="V8", party="X1", responsible=(), penalties=frozenset({"fine"})))
        assert [each.rule for each in one.effects_on("X2")] == ["affiliates"]
        change = one.post(evolve(V1, id="V9", party="T2", responsible=({"person": "X1", "role": "direct_manager"},)))
        assert ("fsl135.revoked", "X1") in {(each.rule, each.target) for each in change.effects_gained}
        assert not change.effects_lost
        assert [each.rule for each in one.effects_on("X2")] == ["affiliates"]


def test_a_relation_between_parties_that_are_linked_already_carries_too_and_none_after_its_end() -> None:
    with session(V1, V2, D1) as one:
        link = relation("R9", "branch", "T3", "S1")
        gained = one.relate(link).effects_gained
        assert [(each.rule, each.target) for each in gained] == [("branches", "T3")]
        ended = one.relate(evolve(link, recorded=DAY, until=date(2025, 1, 1)))
        assert [(each.rule, each.target) for each in ended.effects_lost] == [("branches", "T3")]


def test_a_relation_whose_ends_have_changed_counts_once_when_its_old_and_new_ends_come_together() -> None:
    """It stood in two groups of parties; its share of 40 % is not 80 %."""
    parties = [Operator(id=name, region="310115") for name in ("A", "B", "C", "D")]
    owned = relation("R1", "shareholder", "A", "B", share="40%")
    event = evolve(V1, party="C", responsible=())
    with Session(POLICY, Network(parties), day=DAY, matcher="plain", events=[event, evolve(D1, party="C")]) as one:
        one.relate(owned)
        one.relate(evolve(owned, recorded=DAY, source="C", target="D"))
        one.relate(relation("R2", "shareholder", "A", "C", share="10%"))
        assert "half" not in {each.rule for each in one.effects_on("D")}
        with Session(
            POLICY, one.network, day=DAY, matcher="plain", events=[event, evolve(D1, party="C")]
        ) as from_the_start:
            assert one.effects() == from_the_start.effects()


def test_a_relation_whose_ends_change_carries_nothing_between_its_old_ones_any_more() -> None:
    parties = [Operator(id=name, region="310115") for name in ("A", "B", "C", "D")]
    link = relation("R1", "branch", "B", "A")
    events = [evolve(V1, party="A", responsible=()), evolve(D1, party="A")]
    with Session(POLICY, Network(parties, relations=[link]), day=DAY, matcher="plain", events=events) as one:
        assert one.effects_on("B")
        change = one.relate(evolve(link, recorded=DAY, source="D", target="C"))
        assert [(each.rule, each.target) for each in change.effects_lost] == [("branches", "B")]
        assert not one.effects_on("B")


def test_groups_that_become_one_in_a_change_keep_what_has_begun_in_each_of_them() -> None:
    with session() as one:
        one.register(Operator(id="X1", region="310115"))
        one.register(Operator(id="X2", region="310115"))
        one.relate(relation("R9", "shareholder", "X1", "X2", share="60%"))
        fined = evolve(V1, responsible=(), penalties=frozenset({"fine"}))
        change = one.post_many(
            [
                fined,
                evolve(fined, id="V8", party="X1"),
                evolve(V1, id="V9", party="T2", responsible=({"person": "X1", "role": "direct_manager"},)),
            ]
        )
        gained = {(each.rule, each.origin, each.target) for each in change.effects_gained}
        assert {("affiliates", "V8", "X2"), ("fsl135.revoked", "V9", "X1")} <= gained
        assert not change.effects_lost


def test_effects_of_parties_together_come_in_the_order_of_whom_they_reach() -> None:
    parties = [Operator(id=name, region="310115") for name in ("A", "B", "Y", "Z")]
    owned = [
        relation("R1", "shareholder", "A", "Z", share="60%"),
        relation("R2", "shareholder", "B", "Y", share="60%"),
    ]
    events = [evolve(D1, id=f"D{name}", party=name, grounds=None) for name in ("A", "B")]
    with Session(POLICY, Network(parties, relations=owned), day=DAY, matcher="plain", events=events) as one:
        assert [each.target for each in one.effects() if each.rule == "half"] == ["Y", "Z"]


def test_a_newer_version_from_another_file_is_where_its_effects_come_from() -> None:
    first, second = RecordSource("a.csv", 1), RecordSource("b.csv", 2)
    with session(evolve(V1, read_from=first), D1) as one:
        assert {each.read_from for each in one.effects_on("N1")} == {first}
        one.post(evolve(V1, recorded=DAY, read_from=second))
        assert {each.read_from for each in one.effects_on("N1")} == {second}


def test_an_answer_that_becomes_internal_makes_what_passes_through_it_internal_too() -> None:
    text = AFFILIATES.replace(
        "score:\n  start",
        "audience: {rows: [{when: {fines: {at_least: 1}}, value: internal}, {value: public}]}\nscore:\n  start",
    )
    text = text.replace(
        "measures:\n  - {id: M1",
        "indicators: {fines: {count: violation, where: {fine: {at_least: 1 yuan}}}}\nmeasures:\n  - {id: M1",
    )
    with Session(
        affiliates(text),
        network(),
        day=DAY,
        matcher="plain",
        events=[evolve(V1, fine=0, penalties=frozenset({"warning"}))],
    ) as one:
        assert {each.audience for each in one.effects_on("T2")} == {"public"}
        change = one.post(evolve(V2, id="V7", party="T1"))
        assert {each.audience for each in one.effects_on("T2")} == {"internal"}
        assert {each.target for each in change.effects_gained} >= {"T2"}


# --- the passing of time --------------------------------------------------------------------------------------


def test_time_alone_closes_an_entry_and_ends_what_it_brought() -> None:
    with session(V1, V2, D1) as one:
        change = one.advance(date(2028, 6, 2))
        assert change.cause == "time"
        assert [each.id for each in change.entries_closed] == ["severe/S1/V1"]
        assert ("S2", "M1") in {(party, each.measure) for party, each in change.measures_ended}
        assert one.assessment("S2").effects == ()


def test_a_version_known_from_the_start_but_recorded_later_counts_once_its_day_has_come() -> None:
    with session(evolve(V1, recorded=date(2026, 7, 10))) as one:
        assert one.assessment("S1").own_score == 100_000
        one.advance(date(2026, 7, 1))  # looked at, and nothing would change by itself for long
        change = one.advance(date(2026, 7, 10))
        assert [(each.party, each.after and each.after.own_score) for each in change.answers] == [("S1", 80_000)]


def test_a_relation_known_from_the_start_but_recorded_later_carries_once_its_day_has_come() -> None:
    late = relation("R9", "branch", "T3", "S1", recorded=date(2026, 7, 10))
    known = Network(OPERATORS, PERSONS, REGIONS, (*RELATIONS, late))
    with session(V1, V2, D1, known=known) as one:
        assert "branches" not in {each.rule for each in one.effects_on("T3")}
        assert not one.advance(date(2026, 7, 9)).effects_gained
        change = one.advance(date(2026, 7, 10))
        assert ("branches", "T3") in {(each.rule, each.target) for each in change.effects_gained}


def test_a_relation_that_begins_later_carries_from_then_on_though_nothing_else_has_changed() -> None:
    with session(V1, V2, D1) as one:
        one.relate(relation("R9", "shareholder", "T1", "F1", share="80%", since=date(2026, 8, 1)))
        assert "half" not in {each.rule for each in one.effects_on("F1")}
        change = one.advance(date(2026, 8, 1))
        assert {(each.rule, each.target) for each in change.effects_gained} == {("half", "F1"), ("affiliates", "F1")}


def test_a_relation_that_must_be_in_force_on_a_later_day_counts_once_it_has_begun() -> None:
    """The event and its entry are the same on both days, and so is what the rule starts from."""
    text = AFFILIATES.replace("held_on: decided", "held_on: effective").replace(
        "score:\n", "law_of: decided\nscore:\n", 1
    )
    event = evolve(V1, effective=date(2026, 12, 31), responsible=())
    with Session(affiliates(text), network(), day=DAY, matcher="plain", events=[event]) as one:
        one.relate(relation("R9", "legal_representative", "N2", "S1", since=date(2026, 8, 1)))
        assert not one.effects_on("N2")
        change = one.advance(date(2026, 8, 1))
        assert ("fsl135.revoked", "N2") in {(each.rule, each.target) for each in change.effects_gained}


def test_what_was_posted_after_the_last_look_is_looked_at_when_days_pass() -> None:
    with session() as one:
        one.advance(date(2026, 7, 1))
        one.post(evolve(V2, id="V7", party="T3", decided=date(2023, 7, 10)))
        change = one.advance(date(2026, 7, 11))
        assert [(each.party, each.after and each.after.own_score) for each in change.answers] == [("T3", 100_000)]


def test_time_does_not_go_back() -> None:
    with session() as one:
        refused(lambda: one.advance(date(2026, 6, 29)), "bad_question")
        assert one.day == DAY


def test_the_agenda_tells_what_will_change_by_itself_for_everybody() -> None:
    with session(V1, V2, D1, evolve(V2, id="V3", party="T3")) as one:
        lines = one.agenda(date(2028, 12, 31))
        assert ("S1", date(2028, 6, 2), "entry", "listed", "expired") in {
            (party, line.day, line.what, line.before, line.after) for party, line in lines
        }
        assert {party for party, _ in lines} == {"S1", "T3"}
        assert [line.day for _, line in lines] == sorted(line.day for _, line in lines)


# --- who is told ----------------------------------------------------------------------------------------------


def test_subscribers_are_told_when_all_is_done_first_of_time_then_of_the_event() -> None:
    with session(V1, V2, D1) as one:
        told: list[tuple[str, int]] = []
        one.on(lambda change: told.append((change.cause, len(one.effects_on("S2")))))
        later = date(2028, 12, 31)
        one.post(evolve(V2, id="V3", decided=later, recorded=later))
        assert told == [("time", 0), ("event", 0)]


def test_a_subscriber_that_leaves_is_told_no_more() -> None:
    with session() as one:
        told: list[Change] = []
        leave = one.on(told.append)
        one.post(V1)
        leave()
        one.post(V2)
        assert [change.party for change in told] == ["S1"]


def test_a_subscriber_that_fails_keeps_no_other_from_being_told_and_undoes_nothing() -> None:
    def fails(_change: Change) -> None:
        message = "out of paper"
        raise OSError(message)

    with session() as one:
        told: list[Change] = []
        one.on(fails)
        one.on(told.append)
        with pytest.raises(SubscriberError, match="subscriber_failed: OSError: out of paper") as failure:
            one.post(V1)
        assert failure.value.change is told[0]
        assert one.assessment("S1").own_score == 80_000


def test_a_subscriber_may_post_and_that_is_told_after_what_it_was_told_of() -> None:
    with session() as one:
        told: list[tuple[str, str]] = []

        def answers(change: Change) -> None:
            told.append(("first", str(change.after and change.after.own_score)))
            if len(told) == 1:
                one.post(V2)

        one.on(answers)
        one.on(lambda change: told.append(("second", str(change.after and change.after.own_score))))
        one.post(V1)
        assert told == [("first", "80000"), ("second", "80000"), ("first", "60000"), ("second", "60000")]


# --- what is refused, and that nothing is left of it ----------------------------------------------------------


@pytest.mark.parametrize(
    ("attempt", "code"),
    [
        (lambda one: one.post(evolve(V1, severity="minor")), "conflicting_versions"),
        (lambda one: one.post(evolve(V1, id="V9", party="nobody", recorded=date(2027, 1, 1))), "unknown_party"),
        (lambda one: one.post(OtherEvent(id="X", party="S1", kind="dance")), "unknown_kind"),
        (lambda one: one.post("V1"), "bad_question"),
        (lambda one: one.post_many([evolve(V1, id="V9"), evolve(V1, id="V9", party="nobody")]), "unknown_party"),
        (lambda one: one.withdraw("V9", DAY), "unknown_event"),
        (lambda one: one.withdraw("V7", date(2025, 1, 1)), "unknown_event"),
        (lambda one: one.relate(relation("R19", "branch", "S9", "S1")), "relation_to_nobody"),
        (lambda one: one.relate(relation("R19", "friend", "S2", "S1")), "unknown_relation"),
        (lambda one: one.relate(relation("R2", "branch", "T1", "S1", since=None)), "conflicting_versions"),
        (lambda one: one.register(Person(id="S1", recorded=DAY)), "id_in_two_tables"),
        (lambda one: one.register(Operator(id="region:310115")), "id_in_two_tables"),
        (lambda one: one.register(evolve(OPERATORS[0], kind="farm")), "conflicting_versions"),
        (lambda one: one.register(V1), "bad_question"),
        (lambda one: one.advance("2027-01-01"), "bad_question"),
        (lambda one: one.assessment("S9"), "unknown_party"),
    ],
)
def test_what_is_refused_has_never_happened(attempt: Callable[[Session], object], code: str) -> None:
    with session(V1, V2, D1, evolve(V1, id="V7", recorded=date(2026, 1, 1))) as one:
        told: list[Change] = []
        one.on(told.append)
        held, effects = one.snapshot(), one.effects()
        refused(lambda: attempt(one), code)
        assert (one.snapshot(), one.effects(), one.day, told) == (held, effects, DAY, [])


@pytest.mark.parametrize("failing", range(1, 12))
def test_a_post_that_breaks_off_anywhere_has_never_happened(failing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine is made to fail at its first, second, ... question; then everything goes on as if nothing had been."""
    later = date(2028, 12, 31)
    event = evolve(V1, id="V3", party="T1", decided=later, recorded=later)
    with session(V1, V2, D1) as one, session(V1, V2, D1) as other:
        held, effects = one.snapshot(), one.effects()
        asked = 0

        def breaks(*arguments: object, **options: object) -> object:
            nonlocal asked
            asked += 1
            if asked == failing:
                raise KeyboardInterrupt
            return assess_again(*arguments, **options)  # type: ignore[arg-type]  # handed on as they are

        monkeypatch.setattr(worlds, "assess_again", breaks)
        try:
            one.post(event)
        except KeyboardInterrupt:
            assert (one.snapshot(), one.effects(), one.day) == (held, effects, DAY)
        else:
            assert failing > 2
        monkeypatch.undo()
        one.post(event)
        other.post(event)
        assert one.snapshot() == other.snapshot()
        assert one.effects() == other.effects()
        assert [one.assessment(each.id) for each in OPERATORS] == [other.assessment(each.id) for each in OPERATORS]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"policy": "delta-food"}, "bad_question"),
        ({"network": [OPERATORS]}, "bad_question"),
        ({"day": "2026-06-30"}, "bad_question"),
        ({"matcher": "magic"}, "bad_question"),
        ({"events": [V1, OPERATORS[0]]}, "bad_question"),
        ({"coverage": {"violation": "sometimes"}}, "bad_coverage"),
        ({"events": [evolve(V1, party="nobody")]}, "unknown_party"),
    ],
)
def test_a_session_of_nonsense_is_refused(arguments: dict[str, object], code: str) -> None:
    given: dict[str, object] = {"policy": POLICY, "network": network(), "day": DAY, "matcher": "plain", **arguments}
    refused(lambda: Session(**given), code)  # type: ignore[arg-type]  # that is the point


# --- keeping and closing --------------------------------------------------------------------------------------


def test_a_snapshot_is_the_same_in_whatever_order_things_came_and_restores_everything() -> None:
    with (
        Session(POLICY, Network(OPERATORS, PERSONS, REGIONS), day=DAY, matcher="plain") as one,
        session(D1, V2, V1) as other,
    ):
        for each in (V1, V2, D1):
            one.post(each)
        for link in reversed(RELATIONS):
            one.relate(link)
        assert one.snapshot() == other.snapshot()
        with Session.restore(one.snapshot(), POLICY, matcher="plain") as again:
            assert again.snapshot() == one.snapshot()
            assert again.effects() == one.effects()
            assert again.assessment("S1").explain() == one.assessment("S1").explain()


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b"null",
        b"[" * 100_000,
        b'{"format": 1}',
        b'{"format": 2, "regions": [], "parties": [{"class": "Session"}], "relations": [], "events": []}',
        b'{"format": 2, "regions": [], "parties": [{"class": "Relation"}], "relations": [], "events": []}',
        b'{"format": 2, "regions": [], "parties": [{"class": "Person", "extra": {"thousandths": 1e999}}]}',
        b'{"format": 2, "regions": [], "parties": [{"class": "Person", "extra": {"fraction": [1, 0]}}]}',
        b'{"format": 2, "regions": [], "parties": [{"class": "Person", "extra": {"set": [[]]}}]}',
    ],
)
def test_bytes_that_are_no_snapshot_are_refused(broken: bytes) -> None:
    for each in (broken, signed(broken)):
        with pytest.raises(InputError) as refusal:
            Session.restore(each, POLICY)
        assert refusal.value.codes == ("bad_snapshot",)


def signed(text: bytes) -> bytes:
    """What would be a snapshot if the text were one."""
    return text + b"\n" + sha256(text).hexdigest().encode() + b"\n"


def test_a_snapshot_with_a_record_that_cannot_be_is_refused() -> None:
    with session(V1) as one:
        text = one.snapshot().splitlines()[0]
    broken = signed(text.replace(b'"severity":"severe"', b'"severity":"awful"'))
    with pytest.raises(RecordError, match="severity is 'awful'"):
        Session.restore(broken, POLICY)


def test_a_snapshot_of_another_policy_is_refused() -> None:
    with session(V1) as one:
        snapshot = one.snapshot()
    other = affiliates(AFFILIATES.replace("deduct: 20", "deduct: 21"))
    refused(lambda: Session.restore(snapshot, other), "other_policy")


def test_a_closed_session_answers_nothing_and_may_be_closed_again() -> None:
    one = session(V1)
    one.close()
    one.close()
    refused(lambda: one.assessment("S1"), "session_closed")
    refused(lambda: one.post(V2), "session_closed")


def test_what_a_closed_session_held_is_let_go_of() -> None:
    one = session(V1, V2, D1)
    one.post(evolve(V2, id="V3"))
    inside = weakref.ref(one._world)  # noqa: SLF001  # what it holds
    one.close()
    gc.collect()
    assert inside() is None


def test_sessions_of_one_policy_stand_side_by_side_and_know_nothing_of_each_other() -> None:
    with session(V1) as one, session() as other:
        one.post(V2)
        other.post(D1)
        assert (one.assessment("S1").own_score, other.assessment("S1").own_score) == (60_000, 100_000)


def test_a_session_starts_no_thread_and_may_be_used_from_many() -> None:
    events = [evolve(V2, id=f"X{number}", party=OPERATORS[number % 6].id) for number in range(60)]
    before = threading.active_count()
    with session() as one, session(*events) as other:
        assert threading.active_count() == before
        threads = [
            threading.Thread(target=lambda part=part: [one.post(each) for each in part])
            for part in (events[:30], events[20:])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert one.snapshot() == other.snapshot()
        assert one.effects() == other.effects()
    assert threading.active_count() == before


def test_a_session_without_a_network_takes_in_parties_one_by_one() -> None:
    with Session(POLICY, day=DAY, matcher="plain") as one:
        refused(lambda: one.post(V1), "unknown_party")
        one.register(Operator(id="S1", kind="enterprise", region="320000"))
        assert one.post(V1).after is not None
        assert one.network.parties == {"S1"}
        assert one.dossier("S1").events == (V1,)


def test_nothing_is_answered_of_a_party_before_it_is_known() -> None:
    late = Operator(id="S1", kind="enterprise", region="310115", recorded=date(2026, 7, 10))
    with Session(POLICY, Network([late]), day=DAY, matcher="plain", events=[V2]) as one:
        with pytest.raises(QuestionError, match="nothing was known of 'S1' on 2026-06-30"):
            one.assessment("S1")
        change = one.advance(date(2026, 7, 10))
        assert [(each.party, each.before, each.after and each.after.own_score) for each in change.answers] == [
            ("S1", None, 80_000)
        ]


def test_values_of_every_type_that_a_policy_can_declare_are_kept_in_snapshots() -> None:
    declared = {
        "decimal": Thousandths.read("1.5"),
        "period": Period.read("20wd"),
        "date": DAY,
        "flag": True,
        "list": (1, 2),
        "spans": ({"from": DAY, "until": None},),
    }
    with session(evolve(V1, extra=declared)) as one, Session.restore(one.snapshot(), POLICY, matcher="plain") as again:
        assert again.snapshot() == one.snapshot()
        assert again.dossier("S1") == one.dossier("S1")
        assert again.dossier("S1").events[0].extra == declared


def test_regions_and_declared_coverage_are_kept_in_snapshots() -> None:
    known = Network(OPERATORS, regions=[Region(code="310115", parent="310000", from_day=date(2000, 1, 1))])
    with Session(
        POLICY, known, day=DAY, matcher="plain", coverage={"violation": date(2024, 1, 1), "honour": "absent"}
    ) as one:
        one.post(Rectification(id="E1", party="S1", performed=DAY, promise=True))
        with Session.restore(one.snapshot(), POLICY, matcher="plain") as again:
            assert again.snapshot() == one.snapshot()
            assert again.assessment("S1") == one.assessment("S1")
