"""Answers that were wrong once, each with the smallest question that showed it."""

from datetime import date

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.assessing.unknown import Range
from credit_engine.dossiers import Coverage, Dossier
from credit_engine.policy.load import Policy, load_policy_text
from credit_engine.records import Event, ListDecision, Operator, Violation

HEAD = "policy: p\ntitle: {zh: 例, en: P}\nsources: {law: {title: Law, rank: law, in_force: {from: 2000-01-01}}}\n"
PAUSED = "{list: {from: date, until: date, reason: {one_of: [test, hearing]}}}"
DAY = date(2024, 5, 1)


def policy_of(rule: str, more: str = "", score: str = "start: 100, range: [0, 100]") -> Policy:
    title = "title: {zh: 例, en: R}, basis: [law]"
    return load_policy_text(f"{HEAD}{more}\nscore: {{{score}, rules: [{{rule: r, {title}, {rule}}}]}}\n")


def indicator(written: str, more: str = "") -> Policy:
    return load_policy_text(f"{HEAD}{more}\nindicators: {{x: {written}}}\n")


def ask(policy: Policy, *events: Event, day: date = DAY, coverage: dict[str, Coverage] | None = None) -> Assessment:
    return assess(Dossier(Operator(id="P1"), events, coverage=coverage or {}), policy, day)


def violation(**fields: object) -> Violation:
    return Violation(id="V1", party="P1", **fields)  # type: ignore[arg-type]  # any fields


def test_a_missing_list_of_pauses_is_named_although_a_condition_on_its_elements_stands_beside_it() -> None:
    rule = "each: violation, deduct: 10, counts: {for: 1d, from: decided, pauses: {of: paused, where: {item.reason: test}}}"
    given = ask(policy_of(rule, f"fields: {{violation: {{paused: {PAUSED}}}}}"), violation(decided=date(2024, 1, 1)))
    assert given.score == Range(90_000, 100_000)
    assert [line.names for line in given.unknowns] == [("paused",)]


def test_a_pause_of_unknown_reason_is_named_by_the_reason() -> None:
    rule = "each: violation, deduct: 10, counts: {for: 1d, from: decided, pauses: {of: paused, where: {item.reason: test}}}"
    pauses = ({"from": date(2024, 1, 2), "until": date(2024, 6, 1)},)
    event = violation(decided=date(2024, 1, 1), extra={"paused": pauses})
    given = ask(policy_of(rule, f"fields: {{violation: {{paused: {PAUSED}}}}}"), event)
    assert given.score == Range(90_000, 100_000)
    assert [line.names for line in given.unknowns] == [("item.reason",)]


def test_a_rule_that_was_in_force_once_may_apply_to_an_event_without_a_day() -> None:
    rule = "each: violation, deduct: 10, in_force: {from: 2020-01-01, until: 2024-03-01}"
    assert ask(policy_of(rule), violation()).score == Range(90_000, 100_000)


def test_a_rule_that_is_not_yet_in_force_does_not_apply_to_an_event_without_a_day() -> None:
    rule = "each: violation, deduct: 10, in_force: {from: 2024-05-02}"
    assert ask(policy_of(rule), violation()).score == 100_000


def test_an_event_without_a_day_may_pass_a_limit_that_the_law_had_before() -> None:
    limit = "parameters: {limit: {unit: fen, values: {2020-01-01: {value: 100, source: law}, 2024-03-01: {value: 900, source: law}}}}"
    policy = indicator("{count: violation, where: {fine: {at_least: $limit}}}", limit)
    assert ask(policy, violation(fine=500)).indicators["x"] == Range(0, 1)
    assert ask(policy, violation(fine=50)).indicators["x"] == 0


def test_elements_of_an_event_without_a_day_may_pass_a_limit_of_the_law() -> None:
    more = (
        "fields: {violation: {numbers: {list: int}}}\n"
        "parameters: {limit: {unit: count, values: {2020-01-01: {value: 3, source: law}}}}"
    )
    policy = indicator("{count: violation.numbers, where: {item: {at_least: $limit}}}", more)
    assert ask(policy, violation(extra={"numbers": (2, 3, 4)})).indicators["x"] == Range(0, 2)


def test_a_condition_on_the_day_is_open_for_an_event_without_a_day() -> None:
    rule = "each: violation, where: {day: {below: 2024-03-01}, severity: severe}, deduct: 10"
    assert ask(policy_of(rule), violation(severity="severe")).score == Range(90_000, 100_000)
    assert ask(policy_of(rule), violation(severity="minor")).score == 100_000


def test_a_span_until_an_unknown_day_may_have_been_over_before_it_began() -> None:
    rule = "each: violation, deduct: 10, counts: {from: decided, until: occurred}"
    assert ask(policy_of(rule), violation(decided=DAY)).score == Range(90_000, 100_000)


def test_what_follows_a_period_follows_a_named_last_day_too() -> None:
    rule = "each: violation, deduct: 10, counts: {from: decided, until: effective, to_end_of: month, plus: [{for: 1d}], rolls: true}"
    event = violation(decided=date(2024, 5, 1), effective=date(2024, 5, 10))  # 31 May, 1 June (a Saturday): 3 June
    assert ask(policy_of(rule), event, day=date(2024, 6, 3)).score == 90_000
    assert ask(policy_of(rule), event, day=date(2024, 6, 4)).score == 100_000


def test_unknown_points_go_to_the_end_of_the_range_whatever_else_counts() -> None:
    title = "title: {zh: 例, en: R}, basis: [law]"
    rules = f"[{{rule: acts, {title}, each: violation.acts, deduct: 10}}, {{rule: plus, {title}, add: 20}}]"
    policy = load_policy_text(f"{HEAD}score: {{start: 50, range: [0, 100], rules: {rules}}}\n")
    assert ask(policy, violation(decided=DAY)).score == Range(0, 70_000)
    acts = tuple(f"a{number}" for number in range(30))
    assert ask(policy, violation(decided=DAY, acts=acts)).score == 0


def test_points_without_any_limit_are_as_wide_for_two_events_as_for_one() -> None:
    policy = policy_of("each: violation.acts, deduct: 10", score="start: 100")
    one = ask(policy, violation(decided=DAY))
    two = ask(policy, violation(decided=DAY), Violation(id="V2", party="P1", decided=DAY))
    assert one.score == two.score


def test_a_range_that_swallows_what_is_unknown_leaves_reasons_that_add_up_to_the_score() -> None:
    title = "title: {zh: 例, en: R}, basis: [law]"
    rules = f"[{{rule: any, {title}, each: violation, deduct: 60}}, {{rule: acts, {title}, each: violation.acts, deduct: 10}}]"
    policy = load_policy_text(f"{HEAD}score: {{start: 100, range: [50, 100], rules: {rules}}}\n")
    given = ask(policy, violation(decided=DAY))
    assert given.score == 50_000
    assert [(line.rule, line.points) for line in given.reasons] == [("any", -60_000), ("range", 10_000)]


def test_a_rule_whose_days_are_over_asks_for_no_missing_list() -> None:
    policy = policy_of("each: violation.acts, deduct: 10, counts: {from: decided, for: 1m}")
    given = ask(policy, violation(decided=date(2024, 1, 1)))
    assert given.score == 100_000
    assert given.unknowns == ()


def test_why_a_lenient_rule_did_not_apply_can_be_told_of_a_missing_list() -> None:
    rule = "each: violation.acts, where: {severity: severe}, law_of: {lenient: [occurred, decided]}, deduct: 10"
    given = ask(policy_of(rule), violation(occurred=DAY, decided=DAY, severity="minor"))
    for language in ("zh", "en"):
        assert given.explain(language=language, rule="r").strip()


def test_a_decision_in_doubt_is_internal_where_its_list_asks_the_ground_who_may_see_it() -> None:
    by_ground = "{rows: [{where: {severity: severe}, value: department}, {value: public}]}"
    for audience, shown in ((by_ground, "internal"), ("department", "department")):
        policy = load_policy_text(
            f"{HEAD}lists: {{bad: {{polarity: negative, foundation: law, needs_decision: true, audience: {audience},"
            " opens: {each: violation}}}\n"
        )
        given = ask(policy, ListDecision(id="D1", party="P1", list="bad", decided=DAY))
        assert [(line.event, line.names, line.audience) for line in given.unknowns] == [("D1", ("step",), shown)]
