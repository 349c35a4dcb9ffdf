"""Who is reached in `fixtures/delta` on the day of the tour, and what `delta-food` would not be allowed to say."""

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from credit_engine import Effects, Network, Operator, Person, Policy, assess, load_policy, spread
from credit_engine.errors import PolicyError
from credit_engine.files.input import Input
from credit_engine.files.tables import read_folder
from credit_engine.policy.load import find_policy, parents_of

TOUR = Path(__file__).resolve().parents[1] / "fixtures" / "delta"
DAY = date(2026, 6, 30)
REACHED: Mapping[str, set[tuple[str | None, str]]] = {
    "bar.five_years": {("SH11", "SH11"), ("SH11", "P01"), ("SH11", "P03")},
    "bar.for_life": {("JS04", "P13")},
    "bar.for_life.own": {("P13", "P13")},
    "marking.shanghai": {("SH11", "P01")},
    "marking.zhejiang": {("ZJ03", "P10")},
    "marking.zhejiang_list": {("ZJ05", "P10")},
    "alert.representative": {("SH11", "P02")},
    "alert.new_employer": {("SH11", "JS02")},
    "alert.employer_for_life": {("P13", "JS04")},
    "alert.same_representative": {("SH08", "SH12"), ("SH11", "JS02")},
    "alert.successor": {("ZJ02", "ZJ11")},
    "alert.holdings": {(None, firm) for firm in ("AH07", "JS09", "JS10", "ZJ04", "ZJ05")},
    "alert.controllers": {("JS08", "P08"), ("ZJ03", "P10"), ("ZJ03", "ZJ04"), ("ZJ03", "ZJ05")},
    "alert.sisters": {("JS08", "JS09"), ("ZJ03", "ZJ05")},
    "alert.platform": {("SH08", "SH07")},
    "alert.merchants": {("SH07", firm) for firm in ("JS07", "SH03", "SH08", "ZJ06")},
    "alert.commissioned": {("JS01", "SH04")},
    "alert.same_address": {("SH08", "SH12")},
    "recognition.county": {("ZJ07", "310116"), ("ZJ07", "330482")},
    "recognition.local": {("ZJ05", "320000"), ("ZJ05", "340000")},
    "recognition.board": {("ZJ07", "310000"), ("ZJ07", "320000"), ("ZJ07", "340000")},
    "recognition.zone": {("ZJ07", "310118"), ("ZJ07", "320509")},
    "recognition.shanghai": {("SH08", "320000"), ("SH08", "330000"), ("SH08", "340000")},
    "recognition.regional": {("JS08", "310000"), ("JS08", "330000"), ("JS08", "340000")},
    "recognition.trustworthy": {("JS11", "310000")},
    "recognition.trustworthy.told": {
        *(("SH01", host) for host in ("320000", "330000", "340000")),
        *(("JS11", host) for host in ("330000", "340000")),
    },
}


@pytest.fixture(scope="module")
def effects() -> Effects:
    policy = load_policy("delta-food")
    return effects_of(policy, records_of(policy))


def records_of(policy: Policy) -> Input:
    """The records of the tour, as a policy reads them."""
    return read_folder(TOUR, policy.plan.field_types, tuple(policy.plan.kinds), None, policy.plan.relations)


def effects_of(policy: Policy, records: Input) -> Effects:
    """All effects of the day of the tour."""
    parties = [version for versions in records.parties.values() for version in versions]
    network = Network(
        [party for party in parties if isinstance(party, Operator)],
        [party for party in parties if isinstance(party, Person)],
        records.regions,
        records.relations,
    )
    return spread(network, (assess(records.dossier(party), policy, DAY) for party in records.parties), policy, DAY)


def test_every_rule_of_spread_and_recognition_reaches_somebody_in_the_tour(effects: Effects) -> None:
    plan = load_policy("delta-food").plan
    written = {rule.id for rule in plan.spread} | {row.id for row in plan.recognition}
    # Whom a firm's own case barred for life works nowhere else in the tour; the tests of food-safety-law hold that rule.
    assert written - {"alert.employer_for_life.named"} == {effect.rule for effect in effects}


@pytest.mark.parametrize("rule", REACHED)
def test_the_tour_reaches_whom_its_stories_name(effects: Effects, rule: str) -> None:
    assert {(each.origin_party, each.target) for each in effects if each.rule == rule} == REACHED[rule]


def test_no_alert_of_the_tour_restricts_anybody_or_is_shown_to_others(effects: Effects) -> None:
    alerts = [each for each in effects if each.effect == "alert"]
    assert alerts
    assert all((each.audience, each.measures, each.points) == ("internal", (), None) for each in alerts)


def test_what_a_person_suffers_is_not_published(effects: Effects) -> None:
    on_persons = [each for each in effects if each.target.startswith("P")]
    assert on_persons
    assert all(each.audience in ("inquiry", "internal") for each in on_persons)


def test_no_score_of_the_tour_changes_by_what_affiliates_did(effects: Effects) -> None:
    policy = load_policy("delta-food")
    records = records_of(policy)
    for party in records.parties:
        answer = assess(records.dossier(party), policy, DAY, effects=effects)
        assert (answer.score, answer.grade) == (answer.own_score, answer.own_grades["grade"].label)


def changed(folder: Path, name: str, old: str, new: str) -> Policy:
    """`delta-food` with one thing written otherwise, in it or in the first policy that it extends and that says it."""
    policy = load_policy("delta-food")
    for name_of_one in (policy.name, *(parent.name for parent in parents_of(policy))):
        shutil.copytree(find_policy(name_of_one), folder / name_of_one)
    path = next(each for each in sorted(folder.glob(f"*/{name}")) if old in each.read_text(encoding="utf-8"))
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    return load_policy(folder / "delta-food")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (
            "effect: bar\n    lasts: {for: $period.bar, from: decided}\n    basis: [fsl135]",
            "BASIS sh33",
            "rank_too_low",
        ),
        ("{relation: legal_representative, to: source, held_on: $role.at}", "RELATION principal", "not_reached"),
        ("item.role: [legal_representative, direct_manager, other_direct]", "ROLE actual_controller", "not_reached"),
        ("effect: marking", "EFFECT bar", "rank_too_low"),
        ("to: source, held_on: listed}]\n    effect: marking\n    basis: [zj27]", "BASIS plan2019", "rank_too_low"),
    ],
)
def test_a_restriction_that_its_law_does_not_bear_is_refused(tmp_path: Path, old: str, new: str, code: str) -> None:
    what, word = new.split()
    replaced = {
        "BASIS": lambda: old[: old.rindex("[")] + f"[{word}]",
        "RELATION": lambda: old.replace("legal_representative", word),
        "ROLE": lambda: old.replace("direct_manager", word),
        "EFFECT": lambda: old.replace("marking", word),
    }[what]()
    with pytest.raises(PolicyError) as refused:
        changed(tmp_path, "spread.yaml", old, replaced)
    assert code in refused.value.codes


def test_where_the_day_of_the_decision_counts_the_new_representative_is_barred(tmp_path: Path) -> None:
    policy = changed(tmp_path, "parameters.yaml", "{value: occurred, source: fsl135", "{value: decided, source: fsl135")
    records = records_of(policy)
    barred = {each.target for each in effects_of(policy, records) if each.rule == "bar.five_years"}
    assert barred == {"SH11", "P01", "P02", "P03"}  # the decision itself names P01
