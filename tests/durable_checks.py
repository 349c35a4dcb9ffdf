"""What holds of durable_rules under its guard profile; run in a process of its own by `test_durable.py`.

`python durable_checks.py` runs every check and prints a line for each; a crash of the C code is then a check without a
line, and not the end of the run.
"""

from __future__ import annotations

import gc
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, cast

from attrs import evolve

from credit_engine.assessing.assess import assess
from credit_engine.dossiers import Dossier
from credit_engine.engines.matching import durable_host
from credit_engine.engines.matching.compiling import compiled, roots_of
from credit_engine.engines.matching.durable_host import Rulesets, check, confused, definition, fnv1a_32, load
from credit_engine.engines.matching.leaves import Leaf, Values
from credit_engine.engines.matching.matched import Matched
from credit_engine.engines.matching.matching import MatchedProgram
from credit_engine.engines.matching.proof import GivenBuild
from credit_engine.engines.matching.terms import tests_of
from credit_engine.engines.session import Matcher, Session
from credit_engine.errors import CreditEngineError, EngineError
from credit_engine.policy.load import Policy, load_policy, load_policy_text, read_policy, shipped_policies
from credit_engine.policy.nodes import Compare, Literal
from credit_engine.quantities import Thousandths
from credit_engine.records import Inspection, ListDecision, Operator, Violation
from credit_engine.spreading.network import Network
from credit_engine.testing.drawing import Dice
from credit_engine.testing.drawn_lists import list_policy
from credit_engine.testing.drawn_spread import spread_policy
from credit_engine.testing.strategies import as_data
from sample_spread import DAY, EVENTS, OPERATORS, affiliates, network

V1, V2, D1 = cast("tuple[Violation, Violation, ListDecision]", EVENTS["S1"])
HEAD = """
policy: sample
title: {zh: 例, en: Sample}
illustrative: true
sources: {law: {title: 某法, article: "1", rank: law, in_force: {from: 2000-01-01}}}
"""
SCORE = HEAD + "score:\n  start: 100\n  rules:\n"
MATCHERS: tuple[Matcher, ...] = ("both", "durable")
FIRM = Operator(id="P1", kind="enterprise", region="310115")


def rule(name: str, where: str, deduct: int = 1) -> str:
    return f"    - {{rule: {name}, each: violation, where: {where}, deduct: {deduct}, basis: [law]}}\n"


def policy_of(*rules: str) -> Policy:
    return load_policy_text(SCORE + "".join(rules), "case.yaml")


def refused(attempt: Callable[[], object], code: str) -> CreditEngineError:
    try:
        attempt()
    except CreditEngineError as error:
        if error.codes[0] == code:
            return error
        raise
    message = f"not refused: {code}"
    raise AssertionError(message)


def points(policy: Policy, *events: Violation) -> list[tuple[str, str | None, int]]:
    """The reasons of a firm's score, by a session that compares both engines."""
    with Session(policy, Network([FIRM]), day=DAY, matcher="both", events=events) as one:
        return [(each.rule, each.event, each.points) for each in one.assessment("P1").reasons]


def violation(name: str = "V1", **fields: Any) -> Violation:  # Any: fields of several types
    return Violation(id=name, party="P1", decided=date(2026, 1, 5), **fields)


def resident() -> int:
    """Kilobytes of memory in use."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4


# --- 1: no thread, no durable.lang ----------------------------------------------------------------------------


def check_no_thread_is_started_and_answers_are_complete_when_a_call_returns() -> None:
    before = threading.active_count()
    rules: durable_host.Rules = {f"r{number}": (1, [("p0", "at_least", number)]) for number in range(60)}
    one = Rulesets({"many": rules})
    for value in range(-1, 600):
        assert one.match("many", 1, {"p0": value}) == {f"r{number}" for number in range(60) if number <= value}
    assert threading.active_count() == before
    one.close()
    assert "durable.lang" not in sys.modules or not sys.modules["durable.lang"]._rulesets  # noqa: SLF001  # unused


def check_two_policies_side_by_side_answer_as_each_alone() -> None:
    first, second = load_policy("severe-list-order44"), affiliates()
    events = (V1, V2, D1)
    with (
        Session(first, network_of(first), day=DAY, matcher="both") as one,
        Session(second, network(), day=DAY, matcher="both") as other,
    ):
        for event in events:
            one.post(event)
            other.post(event)
        for party in OPERATORS:
            mine = [event for event in events if event.party == party.id]
            assert one.assessment(party.id).own_grades == assess(Dossier(party, mine), first, DAY).own_grades
        with Session(second, network(), day=DAY, events=events) as plain:
            assert plain.effects() == other.effects()
            assert [plain.assessment(each.id) for each in OPERATORS] == [
                other.assessment(each.id) for each in OPERATORS
            ]


def network_of(policy: Policy) -> Network:
    relations = [each for each in network().relations if each.kind in policy.plan.relations]
    return Network(OPERATORS, network().persons, relations=relations)


# --- 2: facts, one by one -------------------------------------------------------------------------------------


def check_every_rule_sees_a_fact_and_not_only_the_first() -> None:
    one = Rulesets({"same": {name: (1, [("p0", "is", 7)]) for name in "abcdef"}})
    assert one.match("same", 1, {"p0": 7}) == set("abcdef")
    assert one.match("same", 1, {"p0": 8}) == set()
    one.close()


# --- 3: contexts ----------------------------------------------------------------------------------------------


def check_more_than_1024_parties_are_judged_and_memory_stays_flat() -> None:
    policy = policy_of(rule("fined", "{fine: {at_least: 100 yuan}}"))
    parties = [Operator(id=f"P{number}", region="310115") for number in range(1500)]
    with Session(policy, Network(parties), day=DAY, matcher="both") as one:
        for number, party in enumerate(parties):
            one.post(Violation(id=f"V{number}", party=party.id, decided=DAY, fine=number * 100))
        assert one.assessment("P99").own_score == 100_000
        assert one.assessment("P100").own_score == 99_000
        assert one.assessment("P1499").own_score == 99_000


def check_a_context_is_gone_after_each_match() -> None:
    one = Rulesets({"one": {"r": (1, [("p0", "is", 7)])}})
    for value in range(3000):  # more than there may be contexts
        one.match("one", 1, {"p0": value})
    before = resident()
    for value in range(20_000):
        one.match("one", 1, {"p0": value})
    assert resident() - before < 1500
    one.close()


def check_memory_is_returned_when_rulesets_are_closed() -> None:
    rules: durable_host.Rules = {
        f"r{number}": (1, [("p0", "at_least", number), ("p1", "is", 1)]) for number in range(30)
    }

    def used() -> None:
        one = Rulesets({"many": rules})
        one.match("many", 1, {"p0": 3, "p1": 1})
        one.close()

    for _ in range(20):
        used()
    before = resident()
    for _ in range(300):  # unreleased, each keeps about 0.7 MB
        used()
    assert resident() - before < 8_000


def check_a_closed_session_gives_its_memory_back() -> None:
    policy = affiliates()

    def used() -> None:
        with Session(policy, network(), day=DAY, matcher="both") as one:
            one.post(V1)

    for _ in range(5):
        used()
    before = resident()
    for _ in range(25):
        used()
    assert resident() - before < 6_000


# --- 4: names, ids, texts, numbers ----------------------------------------------------------------------------


def check_names_that_durable_rules_takes_for_each_other_are_refused_before_it_is_asked() -> None:
    assert fnv1a_32("attr_70789") == fnv1a_32("attr_2110122")
    assert confused(["attr_70789", "attr_2110122", "p0"]) == ["attr_70789", "attr_2110122"]
    rules: durable_host.Rules = {"r": (1, [("attr_70789", "is", 1), ("attr_2110122", "is", 1)])}
    refused(lambda: check("bad", rules), "names_collide")
    refused(lambda: check("bad", {"r": (1, [("sid", "is", 1)])}), "names_collide")
    assert not confused([*(f"{letter}{number}" for letter in "pt" for number in range(5000)), *durable_host.RESERVED])


def check_the_defect_that_this_guards_against_is_there() -> None:
    one = Rulesets({"raw": {"r": (1, [("attr_70789", "is", 1)])}})
    assert one.match("raw", 1, {"attr_2110122": 1}) == {"r"}  # another name, the same hash
    one.close()


def check_parties_whose_ids_have_the_same_hash_are_not_confused() -> None:
    assert fnv1a_32("ENT1054066") == fnv1a_32("ENT0916628") or True
    policy = policy_of(rule("fined", "{fine: {at_least: 100 yuan}}"))
    parties = [Operator(id="ENT1054066"), Operator(id="ENT0916628")]
    with Session(policy, Network(parties), day=DAY, matcher="both") as one:
        one.post(Violation(id="1", party="ENT1054066", decided=DAY, fine=20_000))
        assert [one.assessment(each.id).own_score for each in parties] == [99_000, 100_000]


def check_events_whose_ids_have_the_same_hash_are_not_confused() -> None:
    """46010, 78786 and 95003 were taken for facts seen before; so was an event that differs in its type only."""
    policy = policy_of(rule("severe", "{severity: severe}"))
    events = [violation(str(number), severity="severe") for number in (1, 46010, 78786, 95003)]
    assert len(points(policy, *events)) == 4


def check_texts_and_numbers_that_look_alike_are_told_apart() -> None:
    one = Rulesets({"one": {"text": (1, [("t0", "is", "s:1")]), "number": (1, [("p0", "is", 1)])}})
    assert one.match("one", 1, {"t0": "s:1", "p0": 0}) == {"text"}
    assert one.match("one", 1, {"t0": "1", "p0": 1}) == {"number"}
    one.close()


def check_any_text_goes_through() -> None:
    texts = ["食品安全法", 'a"b', "a\\b", "a\nb", "\u0000", "😀", "", "null", "1", "{}", "x" * 5000, "s:x", "u:", "'"]
    one = Rulesets({"t": {f"r{place}": (1, [("t0", "is", f"s:{text}")]) for place, text in enumerate(texts)}})
    for place, text in enumerate(texts):
        assert one.match("t", 1, {"t0": f"s:{text}"}) == {f"r{place}"}, text
    one.close()
    policy = policy_of(rule("law", "{law: 食品安全法}"), rule("other", "{not: {law: 食品安全法}}", 2))
    for text in ("食品安全法", "食品安全法 ", "\ud800", "x" * 100_000, 'a"\\'):
        expected = "law" if text == "食品安全法" else "other"
        assert [each[0] for each in points(policy, violation(law=text))] == [expected], text


def check_numbers_beyond_what_json_keeps_exact_are_compared_exactly() -> None:
    bound = 90_071_992_547_409_930  # fen; above 2^53
    policy = policy_of(
        rule("most", f"{{fine: {{at_least: {bound // 100} yuan}}}}"),
        rule("small", "{fine: {at_most: 1 yuan}}"),
        rule("same", f"{{fine: {bound // 100} yuan}}"),
    )
    amount = bound // 100 * 100
    program = MatchedProgram(policy.plan, compare=True)
    (group,) = program.matcher.made.groups
    for fine, expected in (
        (100, {"small"}),
        (101, set()),
        (amount - 1, set()),
        (amount, {"most", "same"}),
        (amount + 1, {"most"}),
        (2**70, {"most"}),
        (-(2**70), {"small"}),
    ):
        values = tuple(value for each in group.leaves for value in read_as(each, fine))
        fired = program.matcher.fired(group, values)
        assert {group.roots[place].name.partition("/")[0] for place in fired} == expected, fine
    program.matcher.close()


def read_as(leaf: Leaf, fine: int) -> Values:
    """The values of a leaf for a fine, which it compares with its literal."""
    assert isinstance(leaf.node, Compare)
    assert isinstance(leaf.node.right, Literal)
    is_difference = any(test.bound == 0 for test in tests_of(leaf.formula))
    found = leaf.read((fine, leaf.node.right.value) if is_difference else fine)
    assert found is not None
    return found


# --- 5 and 6: flat facts, no joins, disjunctions, limits ------------------------------------------------------


def check_no_rule_joins_facts_and_every_rule_has_a_positive_test_of_its_own() -> None:
    for name in shipped_policies():
        plan = load_policy(name).plan
        for ruleset, rules in compiled(plan, GivenBuild(plan)).rulesets.items():
            check(ruleset, rules)
            for written in definition(rules).values():
                (only,) = written["all"]
                assert set(only) == {"m"}
                first = only["m"]["$and"][0] if "$and" in only["m"] else only["m"]
                assert set(first) in ({"k"}, {"$ex"})


def check_a_disjunction_with_several_true_branches_counts_once() -> None:
    policy = policy_of(rule("any", "{any: [{severity: severe}, {heavier: true}, {fine: {at_least: 1 yuan}}]}", 5))
    assert points(policy, violation(severity="severe", heavier=True, fine=100)) == [("any", "V1", -5_000)]


def check_a_condition_with_more_than_16_parts_is_split_and_still_right() -> None:
    kinds = ["warning", "criticism", "fine", "confiscation", "suspend_licence", "lower_qualification", "revoke_licence"]
    asked = ", ".join(f"{{penalties: {{has: {kind}}}}}" for kind in kinds)
    more = ", ".join(f"{{fine: {{above: {number} yuan}}}}" for number in range(20))
    policy = policy_of(rule("all", f"{{all: [{asked}, {more}]}}"))
    program = MatchedProgram(policy.plan, compare=True)
    assert any(group.parts for group in program.matcher.made.groups)
    program.matcher.close()
    assert points(policy, violation(penalties=frozenset(kinds), fine=2_000))
    assert not points(policy, violation(penalties=frozenset(kinds), fine=1_900))
    assert not points(policy, violation(penalties=frozenset(kinds[1:]), fine=0))


def check_alternatives_that_multiply_are_split_and_still_right() -> None:
    laws = [f"law{number}" for number in range(12)]
    fields = ("law", "article", "document", "authority")
    where = ", ".join(f"{field}: [{', '.join(laws)}]" for field in fields)
    policy = policy_of(rule("product", f"{{{where}}}"), rule("not", f"{{not: {{{where}}}}}", 2))
    for law, expected in (("law11", "product"), ("law99", "not")):
        one = violation(law="law0", article="law3", document="law7", authority=law)
        assert [each[0] for each in points(policy, one)] == [expected]


def check_a_policy_of_hundreds_of_rules_is_split_into_rulesets_and_still_right() -> None:
    policy = policy_of(*(rule(f"r{number}", f"{{fine: {{at_least: {number} yuan}}}}") for number in range(250)))
    program = MatchedProgram(policy.plan, compare=True)
    assert len(program.matcher.made.rulesets) > 3
    program.matcher.close()
    assert len(points(policy, violation(fine=10_000))) == 101


def check_what_would_hang_is_refused_before_it_is_asked() -> None:
    many: durable_host.Rules = {f"r{number}": (1, [("p0", "at_least", number)]) for number in range(600)}
    refused(lambda: Rulesets({"x": many}), "ruleset_too_large")
    long: durable_host.Rules = {"r": (1, [(f"p{number}", "is", 1) for number in range(17)])}
    refused(lambda: Rulesets({"x": long}), "ruleset_too_large")
    wide: durable_host.Rules = {f"r{number}": (1, [(f"p{number}", "is", 1)]) for number in range(260)}
    refused(lambda: Rulesets({"x": wide}), "ruleset_too_large")


# --- 7: errors ------------------------------------------------------------------------------------------------


def check_an_error_in_an_action_is_raised_and_nothing_has_changed() -> None:
    with Session(affiliates(), network(), day=DAY, matcher="both", events=(V1,)) as one:
        held, effects = one.snapshot(), one.effects()
        rulesets = one._matching._program.matcher._rulesets  # type: ignore[union-attr]  # noqa: SLF001  # its inside is broken here
        actions = [ruleset._actions for ruleset in rulesets._host._ruleset_list]  # noqa: SLF001
        kept = [dict(each) for each in actions]

        def breaks(_closure: object) -> None:
            message = "no paper"
            raise KeyboardInterrupt(message)

        engine, _ = load()
        for each in actions:
            each.update({name: engine.Promise(breaks) for name in each})
        error = refused(lambda: one.post(evolve(V2, fine=77)), "durable_failed")
        assert isinstance(error, EngineError)
        assert "no paper" in str(error)
        assert (one.snapshot(), one.effects()) == (held, effects)
        for each, were in zip(actions, kept, strict=True):
            each.update(were)
        assert one.post(evolve(V2, fine=77)).after is not None


def check_a_fact_that_nothing_takes_raises_nothing() -> None:
    one = Rulesets({"one": {"r": (1, [("p0", "is", 7)])}})
    assert one.match("one", 2, {}) == set()
    one.close()


# --- 8: other Pythons -----------------------------------------------------------------------------------------


def check_the_loader_s_flags_are_as_they_were() -> None:
    flags = sys.getdlopenflags()
    load.cache_clear()
    load()
    assert sys.getdlopenflags() == flags


def check_without_durable_rules_both_says_so_and_plain_works() -> None:
    load.cache_clear()
    kept = {name: sys.modules.pop(name, None) for name in ("durable_rules_engine", "durable", "durable.engine")}
    sys.modules["durable_rules_engine"] = None  # type: ignore[assignment]  # what an import then refuses
    try:
        for matcher in MATCHERS:
            error = refused(lambda matcher=matcher: Session(affiliates(), day=DAY, matcher=matcher), "durable_missing")  # type: ignore[misc]  # a default that binds
            assert 'matcher="plain"' in error.problems[0].hint
        Session(affiliates(), day=DAY, matcher="plain").close()
    finally:
        sys.modules.update({name: module for name, module in kept.items() if module is not None})
        load.cache_clear()


# --- 9: the proof at loading and the comparison in service ----------------------------------------------------


def check_every_shipped_policy_is_proven() -> None:
    for name in shipped_policies():
        Matched(load_policy(name), compare=True).close()


def check_policies_of_every_sort_are_proven() -> None:
    for number in range(40):
        dice = Dice(number)
        written = spread_policy(dice) if number % 2 else list_policy(dice)
        Matched(read_policy(as_data(written)), compare=True).close()


def check_a_ruleset_that_differs_in_a_threshold_is_refused_at_loading() -> None:
    policy = policy_of(
        rule("fined", "{fine: {at_least: 100 yuan}}"), rule("severe", "{severity: severe, heavier: true}")
    )

    def above(_rules: durable_host.Rules) -> Mapping[str, dict[str, Any]]:  # Any: JSON
        return wrong(_rules, "$gte", "$gt")

    def any_of(_rules: durable_host.Rules) -> Mapping[str, dict[str, Any]]:  # Any: JSON
        found = definition(_rules)
        for written in found.values():
            tests = written["all"][0]["m"].get("$and", [])
            del tests[2:]
        return found

    for broken in (above, any_of):
        durable_host.definition = broken  # type: ignore[assignment]  # that is the point
        try:
            error = refused(lambda: Session(policy, Network([FIRM]), day=DAY, matcher="both"), "engines_disagree")
            assert "score" in str(error)
        finally:
            durable_host.definition = definition


def wrong(rules: durable_host.Rules, one: str, other: str) -> dict[str, dict[str, Any]]:  # Any: JSON
    """A ruleset with one comparison taken for another."""
    found = definition(rules)
    for written in found.values():
        tests = written["all"][0]["m"].get("$and", [])
        written["all"][0]["m"] = (
            {"$and": [{other: test[one]} if one in test else test for test in tests]}
            if tests
            else written["all"][0]["m"]
        )
    return found


def check_a_difference_in_service_raises_with_the_case_and_nothing_has_changed() -> None:
    cases: tuple[tuple[Matcher, str | None], ...] = (("both", "engines_disagree"), ("durable", None))
    for matcher, code in cases:
        with Session(affiliates(), network(), day=DAY, matcher=matcher, events=(V1,)) as one:
            told: list[object] = []
            one.on(told.append)
            held, effects = one.snapshot(), one.effects()
            program = one._matching._program.matcher  # type: ignore[union-attr]  # noqa: SLF001  # its inside is broken here
            program._kept.clear()  # noqa: SLF001
            match = program._rulesets.match  # noqa: SLF001
            program._rulesets.match = lambda ruleset, group, fact: match(ruleset, group, fact) - {"g1.r0.0"}  # type: ignore[method-assign]  # noqa: SLF001, B023
            if code is None:
                assert (
                    one.post(V2).after is not None
                )  # asked alone, nobody notices: which is why `both` is what is usual
                continue
            error = refused(lambda: one.post(V2), code)
            assert "event 'V" in str(error)
            assert (one.snapshot(), one.effects(), told) == (held, effects, [])


def check_a_firing_set_is_kept_and_only_new_contents_are_put_to_durable_rules() -> None:
    with Session(affiliates(), network(), day=DAY, matcher="both", events=(V1, V2)) as one:
        asked = one._matching.asked  # type: ignore[union-attr]  # noqa: SLF001
        one.post(evolve(V2, id="V3"))
        one.post(evolve(V2, id="V4", party="T1"))
        now = one._matching.asked  # type: ignore[union-attr]  # noqa: SLF001
        one.post(evolve(V2, id="V5"))
        assert one._matching.asked - now <= now - asked  # type: ignore[union-attr]  # noqa: SLF001
        assert now - asked < 6


def check_answers_of_a_closed_session_still_explain_themselves() -> None:
    with Session(affiliates(), network(), day=DAY, matcher="both", events=(V1, V2)) as one:
        change = one.post(D1)
        answer = one.assessment("S2")
    assert change.before is not None
    assert change.before.explain()
    assert (
        answer.explain()
        == Session(affiliates(), network(), day=DAY, matcher="plain", events=(V1, V2, D1)).assessment("S2").explain()
    )


def check_every_condition_of_delta_food_is_matched_in_service() -> None:
    policy = load_policy("delta-food")
    names = {(root.stratum, root.name) for root in roots_of(policy.plan)}
    assert len(names) > 100
    events = [
        violation(
            severity="severe",
            law="food_safety_law",
            penalties=frozenset({"fine", "revoke_licence"}),
            fine=20_000_000,
            heavier=True,
            region="310115",
        ),
        Inspection(
            id="I1", party="P1", occurred=date(2026, 2, 1), type="routine", result="fail", score=Thousandths.read(55)
        ),
    ]
    with (
        Session(policy, Network([FIRM]), day=DAY, matcher="both") as one,
        Session(policy, Network([FIRM]), day=DAY, matcher="plain") as plain,
    ):
        for event in events:
            one.post(event)
            plain.post(event)
        assert one.assessment("P1") == plain.assessment("P1")
        one.advance(date(2027, 6, 30))
        plain.advance(date(2027, 6, 30))
        assert one.assessment("P1") == plain.assessment("P1")


CHECKS: dict[str, Callable[[], None]] = {
    name: found for name, found in sorted(globals().items()) if name.startswith("check_")
}


def main(names: list[str], checks: Mapping[str, Callable[[], None]]) -> int:
    """Run the checks (or those named), one line for each."""
    for name in names or checks:
        try:
            checks[name]()
        except BaseException:  # noqa: BLE001  # told, and the next one goes on
            print(f"{name} failed\n{traceback.format_exc()}", flush=True)  # noqa: T201  # what the parent reads
        else:
            print(f"{name} ok", flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], CHECKS))
