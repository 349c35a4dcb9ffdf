"""Which regions take over entries: the first row that holds for a host, unless opted out, as long as the entry."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_engine import Assessment, Dossier, ListDecision, Operator, Region, Regions, Violation, assess, next_change
from credit_engine.policy.load import Policy, load_policy_text
from credit_engine.records import Event

DAY = date(2024, 6, 1)
CITY, JIANGSU, SHANGHAI, ZHEJIANG = "320500", "320000", "310000", "330000"
MEASURE = "class: II, executor: samr, basis: [law], published: true, targets: [entity]"
HEAD = f"""\
policy: sample
title: {{zh: 例, en: sample}}
sources: {{law: {{title: Law, rank: law, in_force: {{from: 2000-01-01}}}}}}
measures: [{{id: M1, {MEASURE}}}, {{id: M2, {MEASURE}}}]
lists:
  local: {{polarity: negative, foundation: law, needs_decision: true, opens: {{each: violation}}, term: {{for: 1y, from: listed}}, measures: [M1, M2]}}
  endless: {{polarity: negative, foundation: law, needs_decision: true}}
"""
INFORM = 'list: local, hosts: ["310000", "330000"], mode: inform'


def policy_of(*rows: str) -> Policy:
    written = "".join(
        f"  - {{rule: r{place}, title: {{zh: 一, en: one}}, basis: [law], {row}}}\n" for place, row in enumerate(rows)
    )
    return load_policy_text(f"{HEAD}recognition:\n{written}")


def decision(id_: str = "D1", decided: date | None = date(2024, 3, 15), **fields: Any) -> ListDecision:  # Any: any
    given_ = {"party": "P1", "list": "local", "step": "list", "region": CITY, **fields}
    return ListDecision(id=id_, decided=decided, **given_)


def opt_out(decided: date | None = date(2024, 5, 1), id_: str = "O1", **fields: Any) -> ListDecision:  # Any: any fields
    return decision(id_, decided, **{"step": "opt_out", "region": SHANGHAI, **fields})


def ask(policy: Policy, *events: Event, day: date = DAY, regions: Regions | None = None) -> Assessment:
    return assess(Dossier(Operator(id="P1"), events, regions=regions or Regions()), policy, day)


def hosts(row: str, *events: Event, day: date = DAY) -> list[str]:
    return [effect.target for effect in ask(policy_of(row), *(events or (decision(),)), day=day).recognised]


def unknowns(row: str, *events: Event) -> list[tuple[str, str | None, tuple[str, ...]]]:
    return [(line.rule, line.event, line.names) for line in ask(policy_of(row), *events).unknowns]


# --- laws -----------------------------------------------------------------------------------------------------

DAYS = st.dates(date(2024, 1, 1), date(2024, 12, 31))
STEPS = st.lists(
    st.tuples(
        st.none() | DAYS,
        st.sampled_from(["notify", "list", "revoke", "restore", "repair", "refuse"]),
        st.none() | st.sampled_from([("V1",), ("local/P1/V1",), ("V2",)]),
    ),
    max_size=4,
)
OUTS = st.lists(
    st.tuples(
        st.none() | DAYS,
        st.sampled_from(["local", "endless", "r0", None]),
        st.sampled_from([SHANGHAI, "310115", CITY, None]),
        st.none() | st.sampled_from([(), ("V1",), ("local/P1/V1",)]),
    ),
    max_size=3,
)


@given(STEPS, OUTS, DAYS)
def test_an_opt_out_changes_nothing_on_any_list(
    steps: list[tuple[date | None, str, tuple[str, ...] | None]],
    outs: list[tuple[date | None, str | None, str | None, tuple[str, ...] | None]],
    day: date,
) -> None:
    policy = policy_of(INFORM)
    events = [Violation(id="V1", party="P1", decided=date(2024, 2, 1))]
    listed = [decision(f"D{place}", day_, step=step, grounds=on) for place, (day_, step, on) in enumerate(steps)]
    leaving = [
        opt_out(day_, f"O{place}", list=name, region=region, grounds=on)
        for place, (day_, name, region, on) in enumerate(outs)
    ]
    without, with_ = ask(policy, *events, *listed, day=day), ask(policy, *events, *listed, *leaving, day=day)
    assert (without.entries, without.on_list) == (with_.entries, with_.on_list)
    of_lists = [[line for line in answer.unknowns if line.rule != "r0"] for answer in (without, with_)]
    assert of_lists[0] == of_lists[1]
    assert {effect.target for effect in with_.recognised} <= {effect.target for effect in without.recognised}


@given(STEPS, DAYS)
def test_only_entries_in_force_are_taken_over_and_each_host_takes_an_entry_once(
    steps: list[tuple[date | None, str, tuple[str, ...] | None]], day: date
) -> None:
    events = [decision(f"D{place}", day_, step=step, grounds=on) for place, (day_, step, on) in enumerate(steps)]
    answer = ask(policy_of(INFORM, INFORM), *events, day=day)
    in_force = [entry.id for entry in answer.entries if entry.state == "listed"]
    told = [(one.origin, one.target) for one in answer.recognised]
    expected = [(entry, host) for entry in sorted(in_force) for host in (SHANGHAI, ZHEJIANG)]
    if any(day_ is None and step in ("revoke", "repair", "refuse") for day_, step, _ in steps):
        assert set(told) <= set(expected)  # what such a decision may have ended is not taken over
    else:
        assert told == expected
    assert {one.rule for one in answer.recognised} <= {"r0"}


# --- which hosts ----------------------------------------------------------------------------------------------


def test_an_effect_says_which_entry_is_taken_over_how_and_until_when() -> None:
    effect, _ = ask(policy_of(INFORM), decision()).recognised
    assert (effect.rule, effect.effect, effect.target, effect.is_region) == ("r0", "inform", SHANGHAI, True)
    assert (effect.origin_party, effect.origin_kind, effect.origin) == ("P1", "entry", "local/P1/D1")
    assert (effect.from_day, effect.until, effect.list) == (date(2024, 3, 15), date(2025, 3, 16), "local")
    assert (effect.law_day, effect.basis, effect.steps, str(effect.weight)) == (DAY, ("law",), 0, "1")


@pytest.mark.parametrize(
    ("region", "found"),
    [
        (CITY, [SHANGHAI, ZHEJIANG]),
        (ZHEJIANG, [SHANGHAI]),
        ("330100", [SHANGHAI]),
        ("310115", [ZHEJIANG]),
        ("nowhere", []),
        (None, []),
    ],
)
def test_a_host_takes_over_from_regions_that_lie_apart_from_it(region: str | None, found: list[str]) -> None:
    assert hosts(INFORM, decision(region=region)) == found


def test_a_host_inside_the_region_of_origin_does_not_take_over() -> None:
    assert hosts('list: local, hosts: ["320505", "310000"], mode: inform') == [SHANGHAI]


def test_regions_are_those_of_the_table_on_the_day_judged() -> None:
    table = Regions(
        [
            Region(code="a", until=date(2024, 5, 1)),
            Region(code="a", parent="b", from_day=date(2024, 5, 1)),
            Region(code="b"),
        ]
    )
    policy = policy_of("list: local, hosts: [b], mode: inform")
    taken = [
        bool(ask(policy, decision(region="a"), day=day, regions=table).recognised)
        for day in (date(2024, 4, 30), date(2024, 5, 1))
    ]
    assert taken == [True, False]


def test_a_region_that_is_not_known_leaves_open_who_may_take_over() -> None:
    for region in (None, "nowhere"):
        assert unknowns(INFORM, decision(region=region)) == [("r0", "D1", ("origin",))]


@pytest.mark.parametrize(
    ("origin", "taken"),
    [('"320500"', True), ('["330100", "320500"]', True), ('"320000"', False), ('{inside: "320000"}', True)],
)
def test_a_row_may_be_for_some_regions_of_origin(origin: str, taken: bool) -> None:  # noqa: FBT001
    assert bool(hosts(f"{INFORM}, origin: {origin}")) is taken


# --- which row ------------------------------------------------------------------------------------------------


def test_a_row_that_only_may_hold_ends_the_search_without_an_effect() -> None:
    answer = ask(policy_of(f"{INFORM}, when: {{published: {{known: true}}, authority: city}}", INFORM), decision())
    assert [effect.rule for effect in answer.recognised] == ["r1", "r1"]  # known not to be published
    answer = ask(policy_of(f"{INFORM}, when: {{authority: city}}", INFORM), decision())
    assert answer.recognised == ()
    assert [(line.rule, line.names) for line in answer.unknowns] == [("r0", ("authority",))]


@pytest.mark.parametrize(
    ("when", "taken"),
    [
        ("listed: 2024-03-15", True),
        ("published: 2024-03-20", True),
        ("last_day: 2025-03-15", True),
        ("until: 2025-03-16", True),
        ("last_day: {above: 1y, after: listed}", False),
        ("last_day: {at_least: 1y, after: listed}", True),
        ("decision.document: two", True),
        ("primary: true", True),
        ("day: 2024-06-01", True),
    ],
)
def test_a_row_reads_the_entry_and_its_decision(when: str, taken: bool) -> None:  # noqa: FBT001
    listed = decision(published=date(2024, 3, 20), document="two")
    assert bool(hosts(f"{INFORM}, when: {{{when}}}", listed)) is taken


def test_a_row_reads_the_ground() -> None:
    row = f"{INFORM}, when: {{ground.fine: {{at_least: 5 yuan}}}}"
    events = [decision("D1", grounds=["V1"]), decision("D2", grounds=["V2"])]
    grounds = [Violation(id=f"V{place}", party="P1", fine=fine, decided=DAY) for place, fine in ((1, 500), (2, 499))]
    assert {one.origin for one in ask(policy_of(row), *events, *grounds).recognised} == {"local/P1/V1"}
    assert [line.names for line in ask(policy_of(row), decision()).unknowns] == [("ground.fine",)]


def test_an_entry_without_end_ends_later_than_every_day() -> None:
    row = 'list: endless, hosts: ["310000"], mode: inform, when: {last_day: {above: 99y, after: listed}}'
    assert hosts(row, decision(list="endless")) == [SHANGHAI]
    row = 'list: endless, hosts: ["310000"], mode: inform, when: {until: {at_most: 2999-01-01}}'
    assert hosts(row, decision(list="endless")) == []


@pytest.mark.parametrize(
    ("grounds", "primary"),
    [
        (None, True),
        (["V1"], True),
        (["local/P1/V1"], False),
        (["endless/P9/V1"], False),
        (["other/P9/V1"], True),
        (["V1", "local/P9/V1"], False),
    ],
)
def test_a_decision_whose_ground_is_an_entry_is_not_primary(grounds: list[str] | None, primary: bool) -> None:  # noqa: FBT001
    assert bool(hosts(f"{INFORM}, when: {{primary: true}}", decision(grounds=grounds))) is primary


def test_to_restore_an_entry_is_to_name_it_and_no_decision_on_another_one() -> None:
    restored = decision("D2", date(2024, 5, 1), step="restore", grounds=["local/P1/D1"])
    assert hosts(f"{INFORM}, when: {{primary: true}}", decision(), restored) == [SHANGHAI, ZHEJIANG]


# --- measures -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "measures"),
    [
        ("mirror", ("M1", "M2")),
        ("mirror, measures: [M2]", ("M2",)),
        ("attention", ()),
        ("attention, measures: [M2]", ("M2",)),
        ("inform", ()),
    ],
)
def test_a_mode_brings_its_measures(mode: str, measures: tuple[str, ...]) -> None:
    (effect,) = ask(policy_of(f'list: local, hosts: ["310000"], mode: {mode}'), decision()).recognised
    assert effect.measures == measures
    assert ask(policy_of(INFORM), decision()).measures == ask(policy_of(INFORM), decision(region=None)).measures


# --- opting out -----------------------------------------------------------------------------------------------


def test_an_opt_out_ends_recognition_from_its_day_on() -> None:
    days = [date(2024, 4, 30), date(2024, 5, 1), DAY]
    assert [hosts(INFORM, decision(), opt_out(), day=day) for day in days] == [
        [SHANGHAI, ZHEJIANG],
        [ZHEJIANG],
        [ZHEJIANG],
    ]


@pytest.mark.parametrize(
    ("fields", "is_out"),
    [
        ({"list": "r0"}, True),
        ({"list": "r1"}, False),
        ({"list": "endless"}, False),
        ({"region": "310115"}, True),
        ({"region": ZHEJIANG}, False),
        ({"grounds": ["D1"]}, True),
        ({"grounds": ["local/P1/D1"]}, True),
        ({"grounds": ["D2"]}, False),
        ({"standing": "alleged"}, False),
        ({"standing": "withdrawn"}, False),
    ],
)
def test_an_opt_out_names_the_list_or_the_row_and_perhaps_the_grounds(fields: dict[str, Any], is_out: bool) -> None:  # noqa: FBT001
    taken = ask(policy_of('list: local, hosts: ["310000"], mode: inform'), decision(), opt_out(**fields)).recognised
    assert (not taken) is is_out


def test_no_other_row_takes_the_place_of_one_that_was_opted_out_of() -> None:
    answer = ask(policy_of(INFORM, INFORM), decision(), opt_out(list="r0"))
    assert [(effect.rule, effect.target) for effect in answer.recognised] == [("r0", ZHEJIANG)]
    assert answer.on_list["local"] is True


@pytest.mark.parametrize(
    ("leaving", "names"),
    [(opt_out(None), ("decided", "opt_out")), (opt_out(region=None), ("opt_out", "region"))],
)
def test_an_opt_out_without_a_day_or_a_region_leaves_recognition_open(
    leaving: ListDecision, names: tuple[str, ...]
) -> None:
    only = 'list: local, hosts: ["310000"], mode: inform'
    assert hosts(only, decision(), leaving) == []
    assert unknowns(only, decision(), leaving) == [("r0", "D1", names)]


def test_mode_none_takes_nothing_over_and_asks_nothing_more() -> None:
    row = 'list: local, hosts: ["310000"], mode: none'
    assert hosts(row) == []
    assert unknowns(row, decision(), opt_out(None)) == []


# --- what changes by itself -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "events", "day"),
    [
        (f"{INFORM}, in_force: {{from: 2024-07-10}}", (decision(),), date(2024, 7, 10)),
        (f"{INFORM}, when: {{day: {{at_least: 4m, after: listed}}}}", (decision(),), date(2024, 7, 15)),
        (INFORM, (decision(), opt_out(date(2024, 8, 2))), date(2024, 8, 2)),
        (INFORM, (decision(),), date(2025, 3, 16)),
    ],
)
def test_the_next_change_is_the_day_on_which_a_host_takes_an_entry_over_or_lets_go(
    row: str, events: tuple[Event, ...], day: date
) -> None:
    policy = policy_of(row)
    assert next_change(Dossier(Operator(id="P1"), events), policy, DAY, date(2026, 1, 1)) == day
