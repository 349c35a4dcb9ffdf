"""What holds of sessions that match with durable_rules; run in a process of its own by `test_durable.py`.

`python durable_session_checks.py` runs every check and prints a line for each, as `durable_checks.py` does.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable
from datetime import date
from typing import Any, cast

from attrs import evolve
from hypothesis.stateful import run_state_machine_as_test

import conftest
from credit_engine.engines.matching.durable_host import MOST_PROPERTIES, Rulesets, fnv1a_32
from credit_engine.engines.matching.matching import MatchedProgram
from credit_engine.engines.matching.terms import MOST_TERMS, MOST_TESTS, tests_of
from credit_engine.engines.session import Matcher, Session
from credit_engine.policy.load import load_policy, load_policy_text, shipped_policies
from credit_engine.records import Operator, OtherEvent, Violation
from credit_engine.spreading.network import Network
from credit_engine.testing.drawing import Dice
from durable_checks import FIRM, HEAD, MATCHERS, SCORE, main, points, policy_of, resident, rule, violation
from properties.list_worlds import list_world
from properties.network_worlds import network_world
from properties.test_session_machine import Drawn, Networks, Shipped, few, run
from sample_spread import DAY, EVENTS, OPERATORS, affiliates, network
from session_stories import of_lists, of_network, of_policy, shipped
from test_session_interrupted import CALLS, check_interrupted

V1, V2, D1 = cast("tuple[Violation, Violation, Any]", EVENTS["S1"])
CYCLES = 200
assert conftest  # its profile holds here too


# --- whatever a session is told -------------------------------------------------------------------------------


def _machines(matcher: Matcher) -> None:
    for machine, share in ((Networks, 30), (Shipped, 50), (Drawn, 30)):
        one = type(machine.__name__, (machine,), {"matcher": matcher})
        run_state_machine_as_test(one, settings=few(share, 6))


def check_the_machines_hold_with_both() -> None:
    _machines("both")


def check_the_machines_hold_with_durable_alone() -> None:
    _machines("durable")


def check_each_shipped_policy_told_in_any_order_ends_where_knowing_all_from_the_start_would() -> None:
    for place, name in enumerate(shipped_policies()):
        dice = Dice(place)
        run(of_policy(dice, shipped(name), MATCHERS[place % 2], turn=place), dice, name, steps=3)


def check_networks_told_in_any_order_are_judged_alike_by_all_matchers() -> None:
    for number in range(4):
        for matcher in MATCHERS:
            dice = Dice(number + 7)
            run(of_network(dice, network_world(number), matcher), dice, f"network {number}", steps=8)


def check_worlds_of_lists_told_in_any_order_are_judged_alike_by_all_matchers() -> None:
    for number in range(4):
        for matcher in MATCHERS:
            dice = Dice(number + 7)
            run(of_lists(dice, list_world(number), matcher), dice, f"world {number}", steps=8)


# --- interrupts, threads, memory ------------------------------------------------------------------------------


def check_a_call_that_is_interrupted_at_any_line_has_happened_or_has_not() -> None:
    for name in CALLS:
        check_interrupted(name, "both", 12, ("credit_engine/engines", "durable/engine", "contextlib"))


def check_what_an_interrupted_match_left_waiting_is_not_taken_for_the_next_fact_s() -> None:
    one = Rulesets({"one": {"seven": (1, [("p0", "is", 7)]), "eight": (1, [("p0", "is", 8)])}})
    assert one.match("one", 1, {"p0": 7}) == {"seven"}

    def stops(ruleset: str, fact: object) -> None:
        one._host.get_ruleset(ruleset).assert_fact(fact)  # noqa: SLF001  # asserted, and its actions never run
        raise KeyboardInterrupt

    for _ in range(3):
        one._host.assert_fact = stops  # noqa: SLF001
        try:
            one.match("one", 1, {"p0": 7})
        except KeyboardInterrupt:
            assert one.match("one", 1, {"p0": 8}) == {"eight"}
            assert one.match("one", 1, {"p0": 7}) == {"seven"}
        else:
            raise AssertionError
    one.close()
    one.close()


def check_sessions_of_two_policies_are_used_from_many_threads_at_once() -> None:
    policies = (load_policy("severe-list-order44"), affiliates())
    parties = [Operator(id=f"P{number}", region="310115") for number in range(4)]
    events = [
        Violation(id=f"V{number}", party=f"P{number % 4}", decided=DAY, severity="severe", fine=number * 100_000)
        for number in range(40)
    ]
    before = threading.active_count()
    sessions = [Session(policy, Network(parties), day=DAY, matcher="both") for policy in policies for _ in range(2)]
    assert threading.active_count() == before
    failed: list[BaseException] = []

    def posts(one: Session, part: list[Violation]) -> None:
        try:
            for event in part:
                one.post(event)
                one.assessment(event.party)
        except BaseException as error:  # noqa: BLE001  # told below
            failed.append(error)

    threads = [threading.Thread(target=posts, args=(one, events[start:])) for one in sessions for start in (0, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed
    assert threading.active_count() == before
    for one in sessions:
        with one, Session(one.policy, Network(parties), day=DAY, matcher="plain", events=events) as plain:
            assert one.snapshot() == plain.snapshot()
            assert [one.assessment(each.id) for each in parties] == [plain.assessment(each.id) for each in parties]


def check_memory_is_flat_over_many_sessions_opened_and_closed() -> None:
    policy = affiliates()
    threads = threading.active_count()
    for cycle in range(CYCLES + 20):
        if cycle == 20:
            before = resident()
        with Session(policy, network(), day=DAY, matcher="both") as one:
            one.post(V1)
            one.snapshot()
    gc.collect()
    assert resident() - before < 6_000, resident() - before  # unreleased, each keeps about 0.7 MB
    assert threading.active_count() == threads


# --- at the limits --------------------------------------------------------------------------------------------


def check_fields_whose_names_have_the_same_hash_are_told_apart() -> None:
    assert fnv1a_32("attr_70789") == fnv1a_32("attr_2110122")
    text = (
        HEAD
        + "fields: {violation: {attr_70789: int, attr_2110122: int}}\n"
        + "score:\n  start: 100\n  rules:\n"
        + rule("attr_70789", "{attr_70789: {at_least: 1}}")
        + rule("attr_2110122", "{attr_2110122: {at_least: 1}}", 2)
    )
    policy = load_policy_text(text, "case.yaml")
    one = violation("V1", extra={"attr_70789": 0, "attr_2110122": 1})
    other = violation("V2", extra={"attr_70789": 1, "attr_2110122": 0})
    assert {each[:2] for each in points(policy, one, other)} == {("attr_2110122", "V1"), ("attr_70789", "V2")}


def check_events_parties_and_lists_named_like_what_durable_rules_reserves_are_judged() -> None:
    text = (
        HEAD
        + "kinds: {sid: occurred}\nfields: {sid: {id_: int, k: int, sid: int, exception: int}}\n"
        + "score:\n  start: 100\n  rules:\n"
        + "    - {rule: sid, each: sid, where: {k: 1, sid: 2, exception: 3}, deduct: 1, basis: [law]}\n"
    )
    policy = load_policy_text(text, "case.yaml")
    event = OtherEvent(kind="sid", id="sid", party="$s", occurred=DAY, extra={"k": 1, "sid": 2, "exception": 3})
    with Session(policy, Network([Operator(id="$s")]), day=DAY, matcher="both", events=[event]) as one:
        assert one.assessment("$s").own_score == 99_000


def check_conditions_at_and_beyond_each_limit_are_matched() -> None:
    for count in (MOST_TESTS, MOST_TESTS + 1):
        each = ", ".join(f"{{fine: {{above: {number} yuan}}}}" for number in range(count))
        policy = policy_of(rule("tests", f"{{all: [{each}]}}"))
        assert len(points(policy, violation(fine=100 * count))) == 1
        assert not points(policy, violation(fine=100 * (count - 1)))
    for count in (MOST_TERMS, MOST_TERMS + 1):
        each = ", ".join(f"{{fine: {number} yuan, severity: severe}}" for number in range(count))
        program = MatchedProgram(policy_of(rule("terms", f"{{any: [{each}]}}")).plan, compare=True)
        (group,) = program.matcher.made.groups
        assert bool(group.parts) == (count > MOST_TERMS)
        for fine in (0, count - 1, count):
            values = tuple(
                fine * 100 if isinstance(test.bound, int) else "s:severe"
                for leaf in group.leaves
                for test in tests_of(leaf.formula)
            )
            assert program.matcher.fired(group, values) == (frozenset({0}) if fine < count else frozenset()), fine
        program.matcher.close()


def check_a_fact_of_as_many_properties_as_may_be_is_matched_and_one_more_is_split() -> None:
    for count in (MOST_PROPERTIES, MOST_PROPERTIES + 1):
        names = [f"f{number}" for number in range(count)]
        fields = ", ".join(f"{name}: bool" for name in names)
        rules = "".join(rule(name, f"{{{name}: true}}") for name in names)
        head = f"{HEAD}fields: {{violation: {{{fields}}}}}\n"
        policy = load_policy_text(head + SCORE.removeprefix(HEAD) + rules, "case.yaml")
        made = MatchedProgram(policy.plan, compare=True)
        assert len(made.matcher.made.rulesets) == -(-count // MOST_PROPERTIES)
        made.matcher.close()
        event = violation(extra=dict.fromkeys(names[::2], True) | dict.fromkeys(names[1::2], False))
        assert [each[0] for each in points(policy, event)] == names[::2]


def check_ids_of_any_letters_go_through() -> None:
    policy = policy_of(rule("severe", "{severity: severe}"))
    names = [
        "é",
        "e\u0301",
        "ＡＢ",
        "०१",
        "İ",
        "ß",
        "食品-1",
        "😀",
        "'\"\\",
        "x" * 100_000,
        "{}",
        "null",
        "s:1",
        "a/b/c",
    ]
    parties = [Operator(id=name) for name in names]
    with Session(policy, Network(parties), day=DAY, matcher="both") as one:
        for name in names:
            one.post(Violation(id=name, party=name, decided=date(2026, 1, 5), severity="severe"))
        with Session.restore(one.snapshot(), policy) as again:
            for each in (one, again):
                assert [each.assessment(name).own_score for name in names] == [99_000] * len(names)
            for name in names:
                again.withdraw(f"violation/{name}", DAY)
                assert again.assessment(name).own_score == 100_000


def check_a_policy_is_used_by_sessions_of_all_matchers_at_once_and_by_assess_after() -> None:
    policy = affiliates()
    kept = dict(policy.memo)
    matchers: tuple[Matcher, ...] = ("both", "plain", "durable")
    sessions = [Session(policy, network(), day=DAY, matcher=matcher) for matcher in matchers]
    for event in (V1, V2, D1):
        for one in sessions:
            one.post(event)
    states = [(one.snapshot(), one.effects(), [one.assessment(each.id) for each in OPERATORS]) for one in sessions]
    assert states[0] == states[1] == states[2]
    sessions[0].close()
    sessions[2].close()
    assert sessions[1].post(evolve(V2, id="V9")).after is not None
    assert kept.keys() <= policy.memo.keys()
    assert not isinstance(policy.memo.get("plain"), MatchedProgram)
    assert FIRM.id == "P1"


CHECKS: dict[str, Callable[[], None]] = {
    name: found
    for name, found in sorted(globals().items())
    if name.startswith("check_") and name != "check_interrupted"
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], CHECKS))
