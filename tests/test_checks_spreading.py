"""What is allowed in spread and recognition and yet looks wrong."""

import pytest

from credit_engine.policy.checks import check
from credit_engine.policy.load import load_policy_text
from sample_spreading import EACH, HEAD, LISTED, OVER, SCORED


def warnings(body: str, head: str = HEAD) -> list[str]:
    ignored = ("missing_title", "no_source", "unused_source")
    found = check(load_policy_text(head + body, "sample.yaml"))
    return [problem.code for problem in found if problem.code not in ignored]


OWNER = "relations: {owner: {source: person, target: operator}}\n"


@pytest.mark.parametrize(
    ("along", "expected"),
    [
        ("[{relation: owner, to: source}, {relation: owner, to: target}]", []),
        ("[{relation: owner, to: target}, {relation: owner, to: target}]", ["vain_step"]),
        ("[{relation: owner, to: source}, {relation: owner, to: source}]", ["vain_step"]),
        ("[{relation: owner, to: source}], repeat: until_stable", ["vain_step"]),
        ("[{any: [{relation: owner, to: source}, {relation: owner, to: target}]}], hops: 2", []),
        ("[{relation: [owner, branch], to: source}], repeat: until_stable", []),
        ("[{relation: owner, to: source, share: {above: 50%, at_most: 50%}}]", ["vain_step"]),
        ("[{relation: owner, to: source, share: {above: 100%}}]", ["vain_step"]),
        ("[{relation: owner, to: source, share: {at_least: 50%, at_most: 50%}}]", []),
        ("[{relation: branch, to: source}]", ["unused_relation"]),
    ],
)
def test_steps_that_lead_nowhere_are_told(along: str, expected: list[str]) -> None:
    assert warnings(f"{OWNER}spread: [{{rule: one, {LISTED}, along: {along}, effect: alert}}]\n") == expected


def test_persons_named_go_on_as_persons() -> None:
    step = "along: [{named: responsible}, {relation: owner, to: source}]"
    assert warnings(f"{OWNER}spread: [{{rule: one, {EACH}, {step}, effect: alert}}]\n") == ["vain_step"]


def test_rules_that_never_start_are_told() -> None:
    never = "from: {each: violation, where: {all: [{severity: severe}, {severity: minor}]}}, lasts: {from: decided}"
    assert warnings(f"spread: [{{rule: one, {never}, {OVER}, effect: alert}}]\n") == ["never_fires"]
    head = HEAD.replace("rank: law,", "rank: law, in_force: {until: 2020-01-01},").replace(
        "rank: departmental_rule,", "rank: departmental_rule, in_force: {from: 2020-01-01},"
    )
    body = f"spread: [{{rule: one, {LISTED}, {OVER}, effect: attention, basis: [law, rules]}}]\n"
    assert warnings(body, head) == ["never_fires"]


def test_points_that_move_nothing_and_bars_of_the_praised_are_told() -> None:
    body = f"spread: [{{rule: one, {LISTED}, {OVER}, effect: points, points: -1, basis: [rules]}}]\n"
    assert warnings(body) == ["points_without_score"]
    assert warnings(SCORED + body) == []
    bar = f"spread: [{{rule: one, from: {{list: good}}, {OVER}, effect: bar, basis: [law]}}]\n"
    assert warnings(bar) == ["restricts_the_praised"]


def test_what_spread_reads_is_used() -> None:
    body = (
        "fields: {violation: {seized: date, sealed: date}}\n"
        "parameters: {at: {unit: field, values: {2020-01-01: {value: seized, source: law}}}}\n"
        "indicators: {seen: {count: violation}}\n"
        "spread: [{rule: one, from: {each: violation, when: {seen: {above: 1}}}, lasts: {from: decided},"
        " along: [{any: [{relation: branch, to: target, held_on: $at}, {relation: host, to: target, held_on: sealed}]}],"
        " effect: alert}]\n"
    )
    assert warnings(body) == []


# --- recognition --------------------------------------------------------------------------------------------------


def rows(*rests: str) -> list[str]:
    """The warnings about rows of one list."""
    written = "".join(f"  - {{rule: r{number}, list: severe, {rest}}}\n" for number, rest in enumerate(rests))
    return warnings(f"recognition:\n{written}")


SHANGHAI = 'hosts: ["310000"], mode: inform'


@pytest.mark.parametrize(
    ("earlier", "later", "hidden"),
    [
        (SHANGHAI, SHANGHAI, True),
        (SHANGHAI, f"{SHANGHAI}, when: {{primary: true}}", True),
        (f"{SHANGHAI}, when: {{primary: true}}", SHANGHAI, False),
        (f"{SHANGHAI}, when: {{primary: true}}", f"{SHANGHAI}, when: {{primary: true}}", True),
        (SHANGHAI, 'hosts: ["310000", "330000"], mode: inform', False),
        ('hosts: ["310000", "330000"], mode: none', SHANGHAI, True),
        (f'{SHANGHAI}, origin: ["320000"]', f'{SHANGHAI}, origin: ["320000"]', True),
        (f'{SHANGHAI}, origin: ["320000"]', f'{SHANGHAI}, origin: ["330000"]', False),
        (f'{SHANGHAI}, origin: {{inside: "320000"}}', f'{SHANGHAI}, origin: ["320000"]', True),
        (f'{SHANGHAI}, origin: ["320000"]', f'{SHANGHAI}, origin: {{inside: "320000"}}', False),
        (f'{SHANGHAI}, origin: ["320000"]', SHANGHAI, False),
        (f"{SHANGHAI}, in_force: {{until: 2024-01-01}}", SHANGHAI, False),
        (SHANGHAI, f"{SHANGHAI}, in_force: {{until: 2024-01-01}}", True),
        (f"{SHANGHAI}, in_force: {{from: 2021-01-01}}", f"{SHANGHAI}, in_force: {{from: 2020-01-01}}", False),
    ],
)
def test_a_row_that_others_hide_is_told(earlier: str, later: str, *, hidden: bool) -> None:
    assert rows(earlier, later) == (["row_never_read"] if hidden else [])


def test_several_rows_hide_one_that_has_the_hosts_of_all() -> None:
    one, other = SHANGHAI, 'hosts: ["330000"], mode: attention'
    assert rows(one, other, 'hosts: ["310000", "330000"], mode: inform') == ["row_never_read"]


def test_a_region_takes_over_nothing_of_its_own() -> None:
    assert rows(f'{SHANGHAI}, origin: ["310000"]') == ["row_never_read"]
    assert rows(f'{SHANGHAI}, origin: {{inside: "310000"}}') == ["row_never_read"]
    assert rows(f'{SHANGHAI}, origin: ["310000", "320000"]') == []


def test_a_row_that_asks_for_what_cannot_be_is_told() -> None:
    assert rows(f"{SHANGHAI}, when: {{all: [{{primary: true}}, {{primary: false}}]}}") == ["never_fires"]


@pytest.mark.parametrize(
    "rest",
    [
        'hosts: ["310000", "350015"], mode: inform',
        f'{SHANGHAI}, origin: "3300000"',
        f'{SHANGHAI}, origin: ["320000", "390000"]',
        f'{SHANGHAI}, origin: {{inside: "32000"}}',
        f'{SHANGHAI}, origin: {{inside: ["320000", "32000"]}}',
    ],
)
def test_a_region_that_cannot_be_is_told_once(rest: str) -> None:
    assert rows(rest) == ["impossible_region"]
