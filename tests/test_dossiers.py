"""Versions, regions and dossiers: one version is known on each day, and nothing depends on the order of input."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_engine.dossiers import Dossier, Regions, conflicting, known, known_versions
from credit_engine.errors import CreditEngineError, QuestionError, RecordError
from credit_engine.records import Operator, Person, RecordSource, Region, Violation

FIRST = date(2024, 1, 1)
SPAN = 12
DAYS = [FIRST + timedelta(days=number) for number in range(-1, SPAN + 2)]

recorded_days = st.none() | st.integers(0, SPAN).map(lambda number: FIRST + timedelta(days=number))
any_versions = st.lists(
    st.builds(
        Violation,
        id=st.just("V1"),
        party=st.sampled_from(["P1", "P2"]),
        fine=st.integers(0, 3),
        recorded=recorded_days,
        revision=st.integers(0, 2),
    ),
    min_size=1,
    max_size=8,
)
sound_versions = any_versions.map(
    lambda versions: list({(version.recorded or date.min, version.revision): version for version in versions}.values())
)


def violation(**fields: Any) -> Violation:  # Any: parts of any type
    return Violation(**{"id": "V1", "party": "P1", **fields})


def d(text: str) -> date:
    return date.fromisoformat(text)


def codes_of(caught: pytest.ExceptionInfo[CreditEngineError]) -> tuple[str, ...]:
    return caught.value.codes


# --- versions -------------------------------------------------------------------------------------------------


@given(sound_versions)
def test_on_every_day_the_version_whose_interval_holds_it_is_the_one_known(versions: list[Violation]) -> None:
    rows = list(known_versions(versions))
    for day in DAYS:
        holding = [version for version, start, until in rows if start <= day and (until is None or day < until)]
        best = known(versions, day)
        assert holding == ([] if best is None else [best])


@given(sound_versions)
def test_intervals_are_in_order_meet_each_other_and_the_last_is_open(versions: list[Violation]) -> None:
    rows = list(known_versions(versions))
    starts, ends = [start for _, start, _ in rows], [until for _, _, until in rows]
    assert ends == [*starts[1:], None]
    assert starts == sorted(set(starts))
    assert starts[0] == min(version.recorded or date.min for version in versions)


@given(sound_versions, st.randoms(use_true_random=False))
def test_neither_order_nor_saying_it_twice_changes_what_is_known(versions: list[Violation], random: Any) -> None:
    shuffled = [*versions, *versions]
    random.shuffle(shuffled)
    assert list(known_versions(shuffled)) == list(known_versions(versions))
    assert [known(shuffled, day) for day in DAYS] == [known(versions, day) for day in DAYS]
    assert conflicting(shuffled) == ()


@given(sound_versions, st.sampled_from(DAYS))
def test_what_is_recorded_later_changes_nothing_that_was_known(versions: list[Violation], day: date) -> None:
    earlier = [version for version in versions if (version.recorded or date.min) <= day]
    assert known(earlier, day) == known(versions, day)


@given(any_versions)
def test_exactly_the_versions_that_share_their_key_with_a_different_one_conflict(versions: list[Violation]) -> None:
    def clash(one: Violation, other: Violation) -> bool:
        same = (one.recorded, one.revision) == (other.recorded, other.revision)
        return same and one != other

    expected = [one for one in versions if any(clash(one, other) for other in versions)]
    found = conflicting(versions)
    assert len(found) == len(expected)
    assert all(version in expected for version in found)


def test_a_version_replaced_on_the_day_it_was_recorded_is_never_known() -> None:
    first, second = (violation(recorded=FIRST, revision=number) for number in (0, 1))
    third = violation(recorded=FIRST + timedelta(days=1))
    day = third.recorded
    assert list(known_versions([third, second, first])) == [(second, FIRST, day), (third, day, None)]


def test_a_version_without_a_day_is_known_from_always() -> None:
    old, new = violation(fine=1), violation(fine=2, recorded=FIRST)
    assert list(known_versions([new, old])) == [(old, date.min, FIRST), (new, FIRST, None)]
    assert known([new, old], date.min) == old
    assert known([new], date.min) is None
    assert [known([new, old], FIRST + timedelta(days=step)) for step in (-1, 0, 1)] == [old, new, new]


def test_a_later_day_beats_a_higher_revision() -> None:
    high, late = violation(recorded=FIRST, revision=9), violation(recorded=FIRST + timedelta(days=1))
    assert known([late, high], FIRST) == high
    assert known([late, high], FIRST + timedelta(days=1)) == late


def test_the_same_row_from_two_places_is_no_conflict() -> None:
    rows = [violation(read_from=RecordSource("violations.csv", row)) for row in (1, 2)]
    assert conflicting(rows) == ()
    assert len(list(known_versions(rows))) == 1


# --- dossiers -------------------------------------------------------------------------------------------------

P1 = Operator(id="P1", region="310115")


@given(sound_versions)
def test_an_event_is_with_exactly_the_party_that_its_known_version_names(versions: list[Violation]) -> None:
    for day in DAYS:
        version = known(versions, day)
        for party in ("P1", "P2"):
            own = versions if any(one.party == party for one in versions) else []
            found = Dossier(Operator(id=party), own).events_on(day)
            assert found == ([version] if version is not None and version.party == party else [])


def test_an_event_given_to_another_party_leaves_the_first_on_that_day() -> None:
    moved = FIRST + timedelta(days=5)
    versions = [violation(party="P1"), violation(party="P2", recorded=moved)]
    for step, holders in ((-1, ["P1"]), (0, ["P2"]), (1, ["P2"])):
        day = moved + timedelta(days=step)
        dossiers = [Dossier(Operator(id=party), versions) for party in ("P1", "P2")]
        assert [dossier.id for dossier in dossiers if dossier.events_on(day)] == holders


def test_an_event_that_never_named_the_party_is_refused() -> None:
    with pytest.raises(RecordError, match="unknown_party"):
        Dossier(P1, [violation(id="V2", party="P2")])


def test_the_same_event_twice_counts_once_and_two_kinds_may_share_an_id() -> None:
    assert Dossier(P1, [violation(), violation()]).events_on(FIRST) == [violation()]
    assert len(Dossier(P1, [violation(), violation(id="V2")]).events_on(FIRST)) == 2


def test_withdrawn_events_are_there_for_those_who_ask() -> None:
    gone = violation(standing="withdrawn", withdrawn=FIRST, recorded=FIRST)
    assert Dossier(P1, [violation(), gone]).events_on(FIRST) == [gone]


def test_versions_that_contradict_each_other_are_refused_with_all_their_places() -> None:
    rows = [violation(fine=fine, read_from=RecordSource("violations.csv", fine)) for fine in (1, 2)]
    with pytest.raises(RecordError) as caught:
        Dossier([P1, Operator(id="P1", region="330000")], rows)
    assert codes_of(caught) == ("conflicting_versions",) * 3  # the operators stand in no file: they are told once
    assert [str(problem.place) for problem in caught.value.problems] == [
        "P1",
        "violations.csv:1",
        "violations.csv:2",
    ]


@pytest.mark.parametrize("parties", [[], [Operator(id="P1"), Operator(id="P2")], [Operator(id="P1"), Person(id="P2")]])
def test_a_dossier_is_of_exactly_one_party(parties: Sequence[Operator | Person]) -> None:
    with pytest.raises(RecordError) as caught:
        Dossier(parties)
    assert codes_of(caught) == ("one_party",)


def test_asking_before_anything_was_known_of_the_party_is_refused() -> None:
    dossier = Dossier([Operator(id="P1", recorded=FIRST), Operator(id="P1", kind="farm", recorded=FIRST, revision=1)])
    assert dossier.party_on(FIRST).kind == "farm"
    with pytest.raises(QuestionError) as caught:
        dossier.party_on(FIRST - timedelta(days=1))
    assert codes_of(caught) == ("unknown_party",)


def test_coverage_is_a_day_or_absent() -> None:
    assert Dossier(P1, coverage={"violation": FIRST, "honour": "absent"}).coverage["violation"] == FIRST
    wrong: Any
    for wrong in ("missing", None, "2024-01-01", True):
        with pytest.raises(RecordError) as caught:
            Dossier(P1, coverage={"violation": wrong})
        assert codes_of(caught) == ("bad_coverage",)


def test_a_dossier_can_be_hashed_compared_and_pickled() -> None:
    dossier = Dossier(P1, [violation(responsible=({"person": "N1"},))], {"honour": "absent"}, [Region(code="310000")])
    again = pickle.loads(pickle.dumps(dossier))  # noqa: S301  # our own bytes
    assert again == dossier
    assert hash(again) == hash(dossier)
    assert (again.id, again.regions.climb("310115", FIRST)) == ("P1", ("310115", "310100", "310000"))


# --- regions --------------------------------------------------------------------------------------------------

CHANGED = d("2021-03-11")
TABLE = [
    Region(code="330000", name="浙江"),
    Region(code="330100", parent="330000"),
    Region(code="330102", parent="330100", until=CHANGED),
    Region(code="330113", parent="330100", from_day=CHANGED),
    Region(code="zone", parent="330000", until=CHANGED),
    Region(code="zone", parent="310000", from_day=CHANGED),
]


@given(st.permutations(TABLE), st.dates(d("2020-01-01"), d("2022-12-31")))
def test_the_order_of_the_table_changes_nothing(rows: list[Region], day: date) -> None:
    for code in ("330102", "330113", "zone", "330199", "nowhere"):
        assert Regions(rows).climb(code, day) == Regions(TABLE).climb(code, day)
        assert Regions(rows).on(code, day) == Regions(TABLE).on(code, day)


@given(st.permutations([Region(code="A", parent="B", name=name) for name in ("x", "y", "z")]))
def test_rows_that_begin_on_the_same_day_are_taken_in_one_fixed_order(rows: list[Region]) -> None:
    found = Regions(rows).on("A", FIRST)
    assert found is not None
    assert found.name == "z"


@given(st.permutations([Region(code="A", parent=parent) for parent in ("B", "C", "D")]))
def test_rows_that_give_a_region_several_parents_at_once_are_refused(rows: list[Region]) -> None:
    with pytest.raises(RecordError) as caught:
        Regions(rows)
    assert codes_of(caught) == ("conflicting_versions",)


@given(st.from_regex(r"[1-8][0-9]{5}", fullmatch=True))
def test_a_six_digit_code_without_a_table_climbs_to_its_province(code: str) -> None:
    path = Regions().climb(code, FIRST)
    assert path is not None
    assert (path[0], path[-1]) == (code, code[:2] + "0000")
    assert len(set(path)) == len(path) <= 3


@given(st.dictionaries(st.sampled_from("ABCD"), st.sampled_from("ABCDE"), max_size=4))
def test_climbing_ends_on_any_table_circles_included(parents: dict[str, str]) -> None:
    regions = Regions(Region(code=code, parent=parent) for code, parent in parents.items())
    for code in "ABCDE":
        path = regions.climb(code, FIRST)
        assert (path is None) == (code not in parents)
        assert path is None or (path[0] == code and len(set(path)) == len(path))


@pytest.mark.parametrize(
    ("code", "day", "path"),
    [
        ("330102", "2021-03-10", ("330102", "330100", "330000")),
        ("330102", "2021-03-11", ("330102", "330100", "330000")),  # no longer valid, but still known
        ("330113", "2021-03-10", ("330113", "330100", "330000")),
        ("zone", "2021-03-10", ("zone", "330000")),
        ("zone", "2021-03-11", ("zone", "310000")),
        ("330000", "2021-03-11", ("330000",)),
        ("330199", "2021-03-11", ("330199", "330100", "330000")),
        ("441900", "2021-03-11", ("441900", "440000")),
        ("nowhere", "2021-03-11", None),
        ("33010", "2021-03-11", None),
        ("３３０１０２", "2021-03-11", None),
        ("", "2021-03-11", None),
    ],
)
def test_a_code_climbs_through_the_table_of_the_day_and_else_by_its_digits(
    code: str, day: str, path: tuple[str, ...] | None
) -> None:
    assert Regions(TABLE).climb(code, d(day)) == path


def test_a_parent_outside_the_table_is_a_top() -> None:
    assert Regions([Region(code="A", parent="B")]).climb("A", FIRST) == ("A", "B")


def test_the_row_of_the_day_is_found_else_the_newest() -> None:
    regions = Regions(TABLE)
    found = [regions.on("zone", day) for day in (CHANGED - timedelta(days=1), CHANGED)]
    assert [row.parent for row in found if row] == ["330000", "310000"]
    assert regions.on("330102", CHANGED) == TABLE[2]
    assert regions.on("nowhere", CHANGED) is None


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"party_versions": None}, "party_versions is NoneType, not a list of records"),
        ({"events": Violation(id="V1", party="P1")}, "events is Violation, not a list of records"),
        ({"events": None}, "events is NoneType, not a list of records"),
        ({"regions": ["310000"]}, "the regions of a dossier are records of class Region"),
    ],
)
def test_what_is_no_list_of_records_is_refused(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(RecordError) as caught:
        Dossier(**{"party_versions": P1, **parts})
    assert caught.value.problems[0].message == message
    assert caught.value.problems[0].hint
