"""Lists in columns: the rows of the plain engine, and most parties with entries are not left to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from attrs import evolve
from hypothesis import event, given
from hypothesis import strategies as st

from columns_and_plain import asked, crowd_of, differences, differing, input_of, store_of, told
from credit_engine import Dossier, Inspection, ListDecision, Operator, Person, Policy, Rectification, Violation
from credit_engine.dossiers import Coverage
from credit_engine.engines.columns.answering import answered
from credit_engine.engines.columns.listing import is_told
from credit_engine.policy.load import load_policy, load_policy_text, shipped_policies
from credit_engine.records import Event
from credit_engine.testing.sampling import sample
from credit_engine.testing.strategies import networks
from sample_policies import HEAD
from shares import one_in

POLICY = load_policy_text(
    f"""{HEAD}
fields: {{violation: {{heavy: {{holds: {{severity: severe}}}}}}}}
parameters:
  term: {{unit: period, values: {{2020-01-01: {{value: 1y, source: law}}, 2024-07-01: {{value: 2y, source: law}}}}}}
grades:
  order: [A, B, C]
  rows: [{{grade: B, when: {{on_list.published: true}}}}, {{grade: A}}]
  adjust: [{{rule: listed, title: {{zh: 列, en: Listed}}, when: {{on_list.bad: true}}, at_best: C}}]
measures:
  - {{id: M1, title: {{zh: 甲, en: One}}, class: II, executor: all, basis: [law], related_matter: bids, published: true,
     targets: [entity, person]}}
  - {{id: M2, title: {{zh: 乙, en: Two}}, class: II, executor: all, basis: [law], related_matter: bids, published: true,
     targets: [person]}}
lists:
  bad:
    polarity: negative
    foundation: law
    needs_decision: true
    audience: {{rows: [{{when: {{operator.kind: person}}, value: department}}, {{value: public}}]}}
    opens: {{each: violation, where: {{severity: severe, fine: {{at_least: 100 yuan}}}}, unless: {{intent: false}}}}
    term: {{for: 3y, from: listed, or_until: restricted_until}}
    repair: {{for: 1y, from: listed, unless_new: {{each: violation, where: {{severity: severe}}}}}}
    measures: [M1, M2]
  published:
    polarity: neutral
    foundation: law
    audience: department
    needs_decision: false
    opens: {{each: violation, where: {{heavy: true}}}}
    term: {{for: $term, from: decided}}
    repair:
      rows: [{{where: {{severity: severe}}, for: 6m, from: listed}}, {{for: 1m, from: listed}}]
      where: {{performed: {{known: true}}}}
  decided: {{polarity: neutral, foundation: law, needs_decision: true, term: {{for: $term, from: listed}},
             repair: {{never: true}}}}
  endless: {{polarity: negative, foundation: law, needs_decision: true, opens: {{each: inspection, where: {{result: fail}}}},
             repair: {{for: 1y, from: listed}}}}
""",
    "policy.yaml",
)
DAY = date(2026, 6, 30)
WORLDS = 10


def violation(name: str, day: date | None = date(2024, 1, 10), **fields: Any) -> Violation:  # Any: fields
    given = {"severity": "severe", "fine": 90_000, "intent": True, "penalties": frozenset({"fine"})}
    return Violation(id=name, party="P1", decided=day, **{**given, **fields})


def decision(name: str, step: str | None, day: date | None, *named: str, on: str | None = "bad") -> ListDecision:
    return ListDecision(id=name, party="P1", list=on, step=step, decided=day, grounds=named or None)


def of(*events: Event, **others: Any) -> Dossier:  # Any: fields of the operator
    return Dossier(Operator(id="P1", **others), events)


def left_to_the_plain_engine(
    stories: Mapping[str, Sequence[Event]], day: date = DAY, policy: Policy = POLICY
) -> list[str]:
    """The stories, each of a party of its own, that columns do not tell; both engines say the same of all."""
    crowd, _ = crowd_of([((of(*events),), ()) for events in stories.values()])
    read = input_of(crowd)
    panel = asked(read, day)
    columns = told(read, policy, panel, "polars")
    assert not differing(told(read, policy, panel, "plain"), columns)
    names = dict(zip((each.id for each in crowd), stories, strict=True))
    answers = answered(store_of(crowd, policy), policy, day)
    assert len(answers.routed) == columns.summary.routed
    return [names[party] for party in answers.routed]


@one_in(25)
@given(st.data())
def test_entries_and_measures_of_drawn_worlds_are_those_of_the_plain_engine(data: st.DataObject) -> None:
    worlds = data.draw(st.lists(networks(POLICY), min_size=WORLDS, max_size=WORLDS))
    crowd, relations = crowd_of([((one.dossier, *one.others), one.relations) for one in worlds])
    found = differences(crowd, POLICY, worlds[0].as_of, worlds[0].known_at, relations=relations)
    assert not found, "\n".join(found)


def test_at_least_a_third_of_the_parties_with_entries_in_made_up_worlds_are_told_in_columns() -> None:
    count: Counter[str] = Counter()
    for number in range(12):
        crowd, _ = crowd_of([((sample(POLICY, number * WORLDS + place).dossier,), ()) for place in range(WORLDS)])
        if crowd[0].coverage:
            continue
        read = input_of(crowd)
        plain = told(read, POLICY, asked(read, DAY, DAY), "plain")
        columns = told(read, POLICY, asked(read, DAY, DAY), "polars")
        assert not differing(plain, columns)
        there = {row[0] for row in plain.tables["entries"]}
        count["with entries"] += len(there)
        count["answered"] += columns.summary.answered
        count["routed"] += columns.summary.routed
    assert count["with entries"] > 30
    assert 3 * (count["answered"] - count["routed"]) > count["answered"]


@pytest.mark.parametrize("name", ["bad", "published", "decided", "endless"])
def test_the_lists_of_these_tests_are_told_in_columns(name: str) -> None:
    assert is_told(POLICY.plan, next(rule for rule in POLICY.plan.lists if rule.name == name))


def test_the_list_of_severe_violations_as_shipped_is_told_in_columns() -> None:
    plan = load_policy("severe-list-order44").plan
    assert [is_told(plan, rule) for rule in plan.lists] == [True]


STORIES: dict[str, Sequence[Event]] = {
    "a proposal": [violation("V1")],
    "listed by a decision that names the ground": [violation("V1"), decision("D1", "list", date(2024, 3, 1), "V1")],
    "listed by a decision that names the entry": [
        violation("V1"),
        decision("D1", "list", date(2024, 3, 1), "bad/P1/V1"),
    ],
    "all that is open is listed": [
        violation("V1"),
        violation("V2", date(2024, 2, 1)),
        violation("V3", date(2024, 4, 1)),
        decision("D1", "list", date(2024, 3, 1)),
    ],
    "notified and refused": [
        violation("V1"),
        decision("D1", "notify", date(2024, 2, 1)),
        decision("D2", "refuse", date(2024, 3, 1)),
    ],
    "listed, repaired, listed anew": [
        violation("V1"),
        decision("D1", "list", date(2024, 3, 1)),
        decision("D2", "repair", date(2025, 3, 2), "V1"),
        decision("D3", "list", date(2025, 5, 2), "V1"),
    ],
    "revoked and restored": [
        violation("V1"),
        decision("D1", "list", date(2024, 3, 1)),
        decision("D2", "revoke", date(2024, 3, 2)),
        decision("D3", "restore", date(2024, 4, 2), "V1"),
    ],
    "a step on what is over by then does nothing": [
        violation("V1", date(2020, 1, 1)),
        decision("D1", "list", date(2020, 3, 1)),
        decision("D2", "revoke", date(2024, 3, 2)),
    ],
    "a restriction beyond the term": [
        violation("V1", restricted_until=date(2030, 1, 1)),
        decision("D1", "list", date(2024, 3, 1)),
    ],
    "a new act stands against a repair": [
        violation("V1"),
        decision("D1", "list", date(2024, 3, 1)),
        violation("V2", date(2024, 9, 1)),
    ],
    "an opt-out is no step": [
        violation("V1"),
        decision("D1", "list", date(2024, 3, 1)),
        decision("D2", "opt_out", date(2024, 5, 1)),
    ],
    "steps of one day in their order": [
        violation("V1"),
        decision("D2", "list", date(2024, 3, 1)),
        decision("D1", "notify", date(2024, 3, 1)),
    ],
    "a list without opening": [
        decision("D1", "list", date(2025, 3, 1), on="decided"),
        decision("D2", "notify", date(2025, 4, 1), on="decided"),
    ],
    "a decision on a list that the policy does not have": [decision("D1", "list", date(2024, 3, 1), on="other")],
    "a ground that does not open the list": [
        violation("V1", severity="minor"),
        decision("D1", "list", date(2024, 3, 1), "V1"),
    ],
    "a notice that names a ground which opens nothing, on a list with one audience": [
        Inspection(id="I1", party="P1", occurred=date(2024, 1, 1), result="pass"),
        decision("D0", "notify", date(2024, 2, 1), "I1", on="endless"),
        decision("D1", "list", date(2024, 3, 1), "I1", on="endless"),
    ],
    "a result that is not known, and decisions that name it": [
        Inspection(id="I1", party="P1", occurred=date(2024, 1, 1)),
        decision("D1", "notify", date(2024, 2, 1), "I1", on="endless"),
        decision("D2", "list", date(2024, 3, 1), "I1", on="endless"),
        decision("D3", "repair", date(2025, 4, 1), "I1", on="endless"),
    ],
    "a result that is not known, and no decision": [
        Inspection(id="I1", party="P1", occurred=date(2024, 1, 1)),
        Inspection(id="I2", party="P1", occurred=date(2024, 1, 2), result="fail"),
    ],
    "failed visits": [
        Inspection(id="I1", party="P1", occurred=date(2024, 1, 1), result="fail"),
        decision("D1", "list", date(2024, 3, 1), "I1", on="endless"),
    ],
}


@pytest.mark.parametrize("day", [DAY, date(2024, 3, 1), date(2027, 3, 1), date(2027, 3, 2)])
def test_stories_of_which_all_is_known_are_told_in_columns(day: date) -> None:
    assert left_to_the_plain_engine(STORIES, day) == []


ENDING = load_policy_text(
    f"""{HEAD}
lists:
  bad: {{polarity: negative, foundation: law, needs_decision: true, opens: {{each: violation, where: {{severity: severe}}}},
        term: {{for: 1y, from: listed}}, repair: {{for: 3m, from: listed, unless_new: {{each: violation}}}}}}
""",
    "ending.yaml",
)
NAMED = [(), ("V1",), ("V1",), ("V2",), ("V1", "V3"), ("bad/P1/V2",), ("V3", "V3")]
STEPS = ["list", "list", "notify", "restore", "revoke", "refuse", "repair"]


@st.composite
def paths(draw: st.DrawFn) -> list[Event]:
    """Three acts, and many steps that name some of them, or in one world of three also none."""
    acts = [
        violation(f"V{place}", draw(st.dates(date(2022, 1, 1), date(2023, 1, 1))), severity=draw(severity))
        for place, severity in enumerate([st.just("severe"), SEVERITIES, SEVERITIES], start=1)
    ]
    named = st.sampled_from(NAMED if draw(st.integers(0, 2)) == 0 else NAMED[1:-1])
    days = st.dates(date(2022, 10, 1), date(2026, 6, 30))
    moves = draw(st.lists(st.tuples(st.sampled_from(STEPS), days, named), max_size=14))
    return [*acts, *(decision(f"D{place:02d}", step, day, *each) for place, (step, day, each) in enumerate(moves))]


SEVERITIES = st.sampled_from(["severe", "severe", "minor", None])


@one_in(25)
@given(st.lists(paths(), min_size=WORLDS, max_size=WORLDS), st.dates(date(2023, 1, 1), date(2027, 12, 31)))
def test_any_steps_on_any_grounds_come_to_the_rows_of_the_plain_engine(worlds: list[list[Event]], day: date) -> None:
    left = left_to_the_plain_engine({str(place): events for place, events in enumerate(worlds)}, day, ENDING)
    event(f"{len(left)} of {WORLDS} left to the plain engine")


def test_steps_that_name_their_grounds_are_told_however_many_there_are() -> None:
    named = [decision(f"D{place:03d}", "notify", date(2024, 3, 1), "V1") for place in range(100)]
    all_open = [decision(f"E{place:03d}", "notify", date(2024, 3, 2)) for place in range(100)]
    told = {"named": [violation("V1"), *named], "some": [violation("V1"), *named[:10], *all_open[:20]]}
    assert left_to_the_plain_engine(told) == []
    many = {"all open": [violation("V1"), *all_open], "one": [violation("V1"), *named, *all_open[:1]]}
    assert left_to_the_plain_engine(many) == list(many)


COVERAGE: list[dict[str, Coverage]] = [
    {"list_decision": "absent"},
    {"list_decision": date(2022, 1, 1)},
    {"violation": date(2025, 1, 1)},
    {"violation": date(2019, 1, 1), "inspection": "absent"},
    {"rectification": "absent"},
]


@pytest.mark.parametrize("coverage", COVERAGE, ids=str)
def test_of_tables_that_are_not_complete_columns_say_what_is_not_known(coverage: dict[str, Coverage]) -> None:
    dossiers = [evolve(of(*events), coverage=coverage) for events in STORIES.values()]
    present = [
        evolve(each, events=[one for one in each.events if coverage.get(one.kind) != "absent"]) for each in dossiers
    ]
    crowd, _ = crowd_of([((each,), ()) for each in present])
    assert not differences(crowd, POLICY, DAY)
    assert len(answered(store_of(crowd, POLICY), POLICY, DAY).routed) < len(crowd)


UNUSUAL: dict[str, Sequence[Event]] = {
    "a fine that is not known": [violation("V1", fine=None)],
    "an act without a day": [violation("V1", None)],
    "a decision without a day": [violation("V1"), decision("D1", "list", None, "V1")],
    "a decision of which the step is not recorded": [violation("V1"), decision("D1", None, date(2024, 3, 1))],
    "a decision of which the list is not recorded": [decision("D1", "list", date(2024, 3, 1), on=None)],
    "a decision that rests on nothing, so that the end is not known": [decision("D1", "list", date(2024, 3, 1))],
    "a result that is not known, and a decision that names nothing": [
        Inspection(id="I1", party="P1", occurred=date(2024, 1, 1)),
        decision("D1", "list", date(2024, 2, 1), on="endless"),
    ],
    "a result that is not known, and restored": [
        Inspection(id="I1", party="P1", occurred=date(2024, 1, 1)),
        decision("D1", "restore", date(2024, 2, 1), "I1", on="endless"),
    ],
    "a ground that is not there": [decision("D1", "list", date(2024, 3, 1), "V9")],
    "a ground that came later": [violation("V1"), decision("D1", "list", date(2024, 1, 1), "V1")],
    "a ground that was withdrawn": [
        violation("V1", standing="withdrawn"),
        decision("D1", "list", date(2024, 3, 1), "V1"),
    ],
    "a restriction that is not known": [
        violation("V1", penalties=None, restricted_until=None),
        decision("D1", "list", date(2024, 3, 1)),
    ],
    "something was done towards a repair": [
        violation("V1", date(2026, 1, 10)),
        Rectification(id="R1", party="P1", of="V1", occurred=date(2026, 2, 1), performed=date(2026, 2, 1)),
    ],
}


def test_stories_with_anything_unusual_are_left_to_the_plain_engine() -> None:
    assert left_to_the_plain_engine(UNUSUAL) == list(UNUSUAL)


def test_a_person_bears_the_measures_for_persons() -> None:
    person = Dossier(Person(id="P1"), STORIES["listed by a decision that names the ground"])
    assert not differences([person], POLICY, DAY)
    taken = answered(store_of([person], POLICY), POLICY, DAY).measures
    assert taken.get_column("measure").to_list() == ["M1", "M2"]


@pytest.mark.parametrize("audience", ["public", "department", "inquiry", "internal"])
def test_an_audience_sees_the_entries_that_are_for_it_and_hears_nothing_of_other_lists(audience: str) -> None:
    read = input_of([of(*STORIES["all that is open is listed"], violation("V4", date(2024, 5, 1)))])
    panel = asked(read, DAY)
    plain, columns = told(read, POLICY, panel, "plain", audience), told(read, POLICY, panel, "polars", audience)
    assert not differing(plain, columns)


@pytest.mark.parametrize("name", sorted(shipped_policies()))
def test_made_up_worlds_of_a_shipped_policy_come_to_the_same_rows(name: str) -> None:
    policy: Policy = load_policy(name)
    worlds = [sample(policy, number) for number in range(WORLDS)]
    crowd, relations = crowd_of([((one.dossier, *one.others), one.relations) for one in worlds])
    found = differences(crowd, policy, worlds[0].as_of, worlds[0].known_at, "streaming", relations=relations)
    assert not found, "\n".join(found)


DECIDED = load_policy_text(
    f"""{HEAD}
lists:
  bad: {{polarity: negative, foundation: law, needs_decision: true, term: {{from: decided, for: 3m}}}}
""",
    "decided.yaml",
)


@pytest.mark.parametrize(
    "steps", [["list"], ["notify", "list"], ["list", "revoke", "restore"], ["list", "list"]], ids=str
)
def test_a_term_from_the_day_of_the_decision_itself_is_that_of_the_plain_engine(steps: list[str]) -> None:
    story = [decision(f"D{place}", step, date(2024, 3, 1 + place)) for place, step in enumerate(steps)]
    assert left_to_the_plain_engine({"story": story}, policy=DECIDED) == ["story"]


def test_whoever_is_not_told_on_the_day_of_a_review_is_not_told_by_the_grade_of_it() -> None:
    policy = load_policy_text(
        f"""{HEAD}
indicators: {{failures: {{count: inspection, where: {{result: fail}}}}}}
grades:
  order: [A, B]
  rows: [{{grade: B, when: {{on_list.published: true}}}}, {{grade: A}}]
  review: monthly
lists:
  published: {{polarity: neutral, foundation: law, needs_decision: false, opens: {{each: violation}},
               term: {{for: 1m, from: decided}}, repair: {{for: 10d, from: listed, when: {{failures: 0}}}}}}
""",
        "policy.yaml",
    )
    stories = {
        "over before the review": [violation("V1", date(2026, 4, 20))],
        "over since the review": [violation("V1", date(2026, 5, 20))],
        "not over yet": [violation("V1", date(2026, 6, 20))],
    }
    alone = left_to_the_plain_engine(stories, policy=policy)
    assert alone == ["over since the review", "not over yet"]
