"""A session in careless or hostile hands: things of the wrong sort, damaged snapshots, odd ids, far days, large parties."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from random import Random
from typing import Any, cast

import pytest
from attrs import evolve, frozen

from credit_engine.days import Period
from credit_engine.engines.session import Session
from credit_engine.errors import CreditEngineError, InputError, QuestionError, RecordError
from credit_engine.quantities import Thousandths
from credit_engine.records import Event, ListDecision, Operator, Violation
from sample_spread import DAY, EVENTS, affiliates, network, relation

V1, V2, D1 = cast("tuple[Violation, Violation, ListDecision]", EVENTS["S1"])
POLICY = affiliates()
NOW = datetime(2027, 1, 1)  # noqa: DTZ001  # one that is no day
OTHERS: tuple[Any, ...] = (  # Any: of every sort
    None, 5, True, 1.5, float("nan"), "x", "", "\ud800", b"x", [], {}, (), object(), Ellipsis,
    NOW, DAY, V1, POLICY, Period(1, "y"), len,
)  # fmt: skip
METHODS: dict[str, tuple[type, ...]] = {  # what each takes
    "post": (Violation,),
    "post_many": (list, tuple),
    "relate": (),
    "register": (),
    "advance": (date,),
    "agenda": (date,),
    "assessment": (),
    "effects_on": (),
    "dossier": (),
    "on": (type(len),),
}


def session(*events: Event, day: date = DAY, **options: Any) -> Session:  # Any: of several types
    return Session(POLICY, network(), day=day, matcher="plain", events=events, **options)


def refused(attempt: Callable[[], object]) -> CreditEngineError:
    """What is refused says what is wrong, and what to do."""
    with pytest.raises(CreditEngineError) as refusal:
        attempt()
    for problem in refusal.value.problems:
        assert problem.message
        assert problem.hint
    return refusal.value


# --- of the wrong sort ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", METHODS)
def test_what_is_of_another_sort_is_refused_and_nothing_has_happened(name: str) -> None:
    with session(V1, V2, D1) as one:
        held, effects = one.snapshot(), one.effects()
        for other in OTHERS:
            if type(other) not in METHODS[name]:
                error = refused(lambda other=other: getattr(one, name)(other))  # type: ignore[misc]  # a default that binds
                assert error.codes[0] in ("bad_question", "unknown_party")
        assert (one.snapshot(), one.effects(), one.day) == (held, effects, DAY)
        assert one.post(evolve(V2, id="V9")).after is not None


def test_withdrawing_something_of_another_sort_is_refused() -> None:
    with session(V1) as one:
        for other in OTHERS:
            refused(lambda other=other: one.withdraw(other, DAY))  # type: ignore[misc]  # as above
            if type(other) is not date:
                refused(lambda other=other: one.withdraw("V1", other))  # type: ignore[misc]  # as above


@pytest.mark.parametrize("argument", ["policy", "network", "day", "matcher", "events", "coverage", "answers_kept"])
def test_a_session_of_something_of_another_sort_is_refused(argument: str) -> None:
    fine: dict[str, tuple[object, ...]] = {
        "policy": (POLICY,),
        "network": (None,),
        "day": (DAY,),
        "events": ([], ()),
        "coverage": (None, {}),
        "answers_kept": (5,),
    }
    usual = {"policy": POLICY, "network": network(), "day": DAY, "matcher": "plain"}
    for other in OTHERS:
        if not any(other is each or (type(other) is type(each) and other == each) for each in fine.get(argument, ())):
            refused(lambda other=other: Session(**{**usual, argument: other}))  # type: ignore[misc]  # as above


def test_restoring_something_of_another_sort_is_refused() -> None:
    with session(V1) as one:
        held = one.snapshot()
    for other in OTHERS:
        assert refused(lambda other=other: Session.restore(other, POLICY)).codes == ("bad_snapshot",)  # type: ignore[misc]  # as above
        refused(lambda other=other: Session.restore(held, POLICY, matcher=other))  # type: ignore[misc]  # as above
        if other is not POLICY:
            refused(lambda other=other: Session.restore(held, other))  # type: ignore[misc]  # as above


@frozen(kw_only=True)
class Special(Violation):
    """A record of a class of one's own."""


def test_an_event_that_no_snapshot_could_keep_is_refused_when_it_comes() -> None:
    values = (1.5, float("nan"), object(), [1], {"a": [1]}, {1: 2}, {(1, 2): 3}, b"x", NOW, 10**5000)
    with session(V1) as one:
        held = one.snapshot()
        for value in values:
            refused(lambda value=value: one.post(evolve(V2, extra={"x": value})))  # type: ignore[misc]  # as above
            refused(lambda value=value: one.register(Operator(id="X1", extra={"x": value})))  # type: ignore[misc]  # as above
        refused(lambda: one.post(evolve(V2, extra=cast("dict[str, Any]", {5: 1}))))
        refused(lambda: one.post(Special(id="X", party="S1", decided=DAY)))
        refused(lambda: session(Special(id="X", party="S1", decided=DAY)))
        assert one.snapshot() == held


def test_fields_of_a_policy_with_values_of_any_sort_are_kept_in_snapshots() -> None:
    values = (
        "\ud800",
        "\0\u202e",
        Period(20, "wd"),
        DAY,
        True,
        None,
        10**15 - 1,
        Thousandths(5),
        ("a", 1),
        {"a": {"set": 1}},
    )
    more: tuple[Any, ...] = (*values, frozenset({"a", "b"}), {"thousandths": 5}, {})  # Any: of every type
    with session(V1) as one:
        one.post(evolve(V2, extra={f"x{place}": value for place, value in enumerate(more)}, law="\ud800"))
        with Session.restore(one.snapshot(), POLICY, matcher="plain") as again:
            assert again.snapshot() == one.snapshot()
            assert again.dossier("S1").events == one.dossier("S1").events
            assert again.post(one.dossier("S1").events[1]).is_empty


# --- damaged snapshots ----------------------------------------------------------------------------------------


def test_a_snapshot_cut_short_anywhere_is_refused() -> None:
    with session(V1, V2, D1) as one:
        whole = one.snapshot()
    for length in range(0, len(whole), 41):
        with pytest.raises(InputError, match="cut short"):
            Session.restore(whole[:length], POLICY)
    with pytest.raises(InputError, match="cut short"):
        Session.restore(whole[:-1], POLICY)
    with pytest.raises(InputError, match="cut short"):
        Session.restore(whole + b"\n", POLICY)


def test_a_snapshot_in_which_a_bit_has_turned_is_refused() -> None:
    with session(V1, V2, D1) as one:
        whole = one.snapshot()
    chance = Random(1)  # noqa: S311  # nothing is kept secret
    for _ in range(300):
        broken = bytearray(whole)
        broken[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        with pytest.raises(InputError, match="bad_snapshot"):
            Session.restore(bytes(broken), POLICY)


@pytest.mark.parametrize("much", [bytes(10**8), b"[" * 10**7, b"\n" * 10**7])
def test_much_of_nothing_is_no_snapshot(much: bytes) -> None:
    with pytest.raises(InputError, match="bad_snapshot"):
        Session.restore(much, POLICY)


# --- odd ids, days and revisions ------------------------------------------------------------------------------


def test_ids_of_any_letters_are_told_apart() -> None:
    names = ("é", "e\u0301", "ＡＢ", "AB", "०१", "İ", "i̇", "ß", "食品", "😀", "'\"\\", "x" * 100_000, " ", "V1", " V1", "a/b/c",
             "violation/V2", "null", "{}")  # fmt: skip
    with session(V1) as one:
        for name in names:
            one.register(Operator(id=name, region="310115"))
            one.post(evolve(V2, id=name, party=name, recorded=date(2026, 1, 1)))
        assert {one.assessment(name).own_score for name in names} == {80_000}
        with Session.restore(one.snapshot(), POLICY, matcher="plain") as again:
            for name in names:
                again.withdraw(f"violation/{name}", DAY)
                assert again.assessment(name).own_score == 100_000


def test_a_name_by_which_two_events_could_be_meant_is_refused() -> None:
    with session(V1, evolve(V2, id="violation/V1")) as one:
        error = refused(lambda: one.withdraw("violation/V1", DAY))
        assert "name one as violation/violation/V1, or post its withdrawn version" in str(error)
        one.withdraw("violation/violation/V1", DAY)
        assert one.assessment("S1").own_score == 80_000


def test_nobody_of_whom_nothing_is_known_is_said_to_be_free_of_effects() -> None:
    with session(V1, V2, D1) as one:
        assert one.effects_on("S2")
        assert refused(lambda: one.effects_on("S22")).problems[0].hint == "did you mean 'S2'?"


@pytest.mark.parametrize("day", [date.min, date(1, 1, 2), date(9999, 1, 1), date.max])
def test_days_at_the_ends_of_the_calendar_are_days(day: date) -> None:
    with session(V1, day=day) as one, session(V1, V2, D1) as other:
        assert one.post(evolve(V2, decided=day)).day == max(day, V2.recorded or date.min)
        assert other.post(evolve(V2, id="X", recorded=day)).day == max(day, DAY)
        assert other.relate(relation("R9", "branch", "T3", "S1", since=day)).day == max(day, DAY)
        assert other.agenda(day) is not None
        assert Session.restore(other.snapshot(), POLICY, matcher="plain").effects() == other.effects()
        if day > DAY:
            assert other.withdraw("V1", day).day == day


def test_revisions_go_up_to_where_numbers_end_and_then_a_withdrawal_takes_a_later_day() -> None:
    with session(V1) as one:
        one.post(evolve(V1, recorded=DAY, revision=10**15 - 1, severity="minor"))
        with pytest.raises(RecordError, match="revision"):
            one.withdraw("V1", DAY)
        assert one.withdraw("V1", date(2026, 7, 1)).day == date(2026, 7, 1)


def test_versions_recorded_before_the_session_begins_are_taken_in_and_leave_the_day_alone() -> None:
    with session(V1) as one:
        assert one.post(evolve(V1, recorded=date(1900, 1, 1), severity="minor")).day == DAY
        assert one.withdraw("V1", date(1950, 1, 1)).after == one.assessment("S1")
        assert not one.assessment("S1").reasons


# --- closed, opened twice, large ------------------------------------------------------------------------------


def test_a_closed_session_refuses_everything_and_cannot_be_entered_again() -> None:
    one = session(V1)
    with one:
        assert one.day == DAY
    calls: list[Callable[[], object]] = [
        lambda: one.day,
        lambda: one.network,
        lambda: one.dossier("S1"),
        lambda: one.post(V2),
        lambda: one.post_many([V2]),
        lambda: one.withdraw("V1", DAY),
        lambda: one.relate(relation("R9", "branch", "T3", "S1")),
        lambda: one.register(Operator(id="X1")),
        lambda: one.advance(DAY),
        lambda: one.assessment("S1"),
        lambda: one.effects_on("S1"),
        one.effects,
        lambda: one.agenda(DAY),
        one.snapshot,
        lambda: one.on(print),
        one.__enter__,
    ]
    for call in calls:
        with pytest.raises(QuestionError, match="session_closed"):
            call()
    one.close()
    assert (one.policy, one.matcher) == (POLICY, "plain")


def test_a_party_of_very_many_events_is_judged_and_a_repetition_changes_nothing() -> None:
    many = [evolve(V2, id=f"X{number}", decided=date(2020, 1, 1)) for number in range(5_000)]
    with session(V1, *many) as one:
        change = one.post(evolve(V2, id="V9"))
        assert change.after is not None
        assert change.after.own_score == 60_000
        assert one.post_many(many[:100]).is_empty
