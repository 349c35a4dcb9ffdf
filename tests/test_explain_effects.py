"""Effects and recognition in words, compared with the texts in `tests/golden`, and what each account must hold.

`CREDIT_ENGINE_RECORD=1 pytest tests/test_explain_effects.py` writes the texts anew; read the difference first.
"""

from __future__ import annotations

import os
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from attrs import evolve

from credit_engine.assessing.answer import Assessment
from credit_engine.assessing.assess import assess
from credit_engine.assessing.effects import Effects, TooWide
from credit_engine.assessing.explain import explain
from credit_engine.assessing.explaining.texts import TEXTS
from credit_engine.assessing.explaining.texts_of_effects import EFFECTS, RELATIONS
from credit_engine.assessing.explaining.wording import Language
from credit_engine.dossiers import Dossier
from credit_engine.policy.load import Policy
from credit_engine.policy.plan_spreading import EFFECTS as EFFECT_NAMES
from credit_engine.policy.plan_spreading import MODES
from credit_engine.records import RELATION_KINDS, ListDecision
from sample_spread import AFFILIATES, DAY, NAMES, PARTIES, REGIONS, affiliates, answered, dossier, effects_on

GOLDEN = Path(__file__).parent / "golden"
RECORD = os.environ.get("CREDIT_ENGINE_RECORD") == "1"


@cache
def policy() -> Policy:
    return affiliates()


@cache
def answer(party: str) -> Assessment:
    return answered(party, policy())


ACCOUNTS: dict[str, list[tuple[str, str | None]]] = {
    "effects": [("N1", None), ("N2", None), ("S2", None), ("T2", None), ("T3", None), ("F1", None)],
    "effects_origin": [("S1", None)],
    "effects_why": [
        *(("S1", rule) for rule in ("fsl135.revoked", "branches", "half", "worse.partner", "delta.mirror")),
        *(("T1", rule) for rule in ("affiliates", "worse.partner", "delta.inform", "affiliation")),
    ],
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", ACCOUNTS)
def test_the_account_reads_as_it_was_reviewed(name: str, language: Language) -> None:
    text = "\n\n".join(explain(answer(party), language, rule) for party, rule in ACCOUNTS[name]) + "\n"
    path = GOLDEN / f"{name}.{language}.txt"
    if RECORD:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_name_of_a_person_or_firm_appears(language: Language) -> None:
    for party in PARTIES:
        assert not [name for name in NAMES if name in explain(answer(party), language)]


def test_every_kind_of_relation_and_every_effect_has_words() -> None:
    assert set(RELATION_KINDS) <= set(RELATIONS)
    assert {*EFFECT_NAMES, *MODES} == set(EFFECTS)


def test_the_score_with_effects_still_adds_up() -> None:
    text = explain(answer("T2"), "en")
    assert "Sum: 100 - 2.5 = 97.5" in text
    assert "-2.5 points: Affiliates lose points (affiliates)" in text


def test_grades_are_explained_with_the_final_score() -> None:
    worse = affiliates(AFFILIATES.replace("value: -10", "value: -60"))
    found = answered("T1", worse)
    assert (found.grade, found.own_grades["grade"].label) == ("B", "A")  # the group takes at most 15 of 30
    assert "score: 85, but must be at least 90" in explain(found, "en")


def test_an_effect_names_what_would_lift_it() -> None:
    lines = [line.strip() for line in explain(answer("T2"), "en").splitlines()]
    at = lines.index("Without any one of these it would not be")
    assert lines[at + 1 : at + 4] == ["relation R3", "relation R4", "event V1 of S1"]


def test_without_the_effects_of_the_day_nothing_is_said_of_cuts() -> None:
    given = tuple(effects_on(policy()))
    bare = assess(dossier("T2"), policy(), DAY, effects=given)
    assert "Without any one of these" not in explain(bare, "en")
    assert "The whole proof" not in explain(bare, "en")


def test_what_is_possible_only_is_said_to_restrict_nothing() -> None:
    assert "仅属可能（持股比例不能确定），不产生任何限制" in explain(answer("T3"), "zh")
    assert "Together 40% to 70%; the rule asks it to be at least 50%" in explain(answer("T3"), "en")


def test_a_relation_without_a_first_day_is_flagged() -> None:
    assert "undated: taken to be from always" in explain(answer("S2"), "en")
    assert "起始日未记录" in explain(answer("S2"), "zh")


def test_a_rule_that_was_too_wide_is_told_and_its_points_are_unknown() -> None:
    ended = Effects(as_of=DAY, known_at=DAY, too_wide=(TooWide(rule="affiliates", most=7),))
    found = assess(dossier("T1"), policy(), DAY, effects=ended)
    assert "more than 7 effects, so the rule was ended" in explain(found, "en")
    assert "more than 7 effects, so the rule was ended" in explain(found, "en", "affiliates")
    assert "whom it reaches" in explain(found, "en")


def test_an_answer_without_effects_says_that_none_were_given() -> None:
    own = assess(dossier("T1"), policy(), DAY)
    assert "Effects were not given to this assessment" in explain(own, "en", "affiliates")
    assert "What reaches this party" not in explain(own, "en")


def test_an_effect_of_a_relation_that_the_policy_declares_uses_its_name() -> None:
    assert "F1是S1的franchise" in explain(answer("F1"), "zh")


def test_an_account_can_be_made_of_an_answer_without_its_effects_again() -> None:
    bare = evolve(answer("T1"), given=None)
    assert "关联扣分" in explain(bare, "zh")


def test_an_effect_without_basis_has_no_empty_line_of_law() -> None:
    lines = explain(answer("F1"), "en").splitlines()
    of_effects = lines[lines.index("  What reaches this party from affiliates") :]
    assert not [line for line in of_effects if line.strip().startswith("Law of")]


def test_what_starts_from_a_party_is_left_out_where_the_rule_reaches_it_and_nothing_starts_there() -> None:
    assert "Nothing of this party starts it" not in explain(answer("T1"), "en", "affiliates")
    assert "Starts from this party: 1" in explain(answer("S1"), "en", "fsl135.revoked")
    assert "Nothing of this party starts it" in explain(answer("T1"), "en", "worse.partner")


def test_alerts_notices_and_flags_have_words_of_their_own() -> None:
    words = [EFFECTS["alert"].zh, TEXTS["notice"].zh.split("：")[0], TEXTS["flags"].zh.split("（")[0]]
    assert words == ["关联提示", "通知", "存疑标记"]
    assert not [text for text in TEXTS.values() if "起点" in text.zh]


@pytest.mark.parametrize("rule", [None, "delta.inform"])
def test_an_origin_that_is_not_known_is_the_region_of_the_listing_authority(rule: str | None) -> None:
    step = ListDecision(id="D9", party="T1", list="severe", step="list", decided=date(2026, 1, 5))
    unknown = assess(Dossier(PARTIES["T1"], [step], regions=REGIONS), policy(), DAY)
    assert "To be found out: region of the listing authority" in explain(unknown, "en", rule)
    assert "须查明：列入机关所在区划" in explain(unknown, "zh", rule)


def test_a_decision_on_a_list_that_there_is_not_says_so() -> None:
    step = ListDecision(id="D9", party="T1", list="sever", step="list", decided=date(2026, 1, 5))
    unknown = assess(Dossier(PARTIES["T1"], [step], regions=REGIONS), policy(), DAY)
    assert "The policy has no list sever; the decision makes no entry" in explain(unknown, "en")
