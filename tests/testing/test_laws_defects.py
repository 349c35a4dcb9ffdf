"""Ten policies with a seeded defect each: the law that should find it does, and shows it as a test that can be pasted."""

from functools import cache
from pathlib import Path

import pytest

from credit_engine.assessing.assess import assess
from credit_engine.policy.load import Policy, load_policy
from credit_engine.testing.cases import read_cases, run
from credit_engine.testing.laws import Asked, LawBroken
from credit_engine.testing.laws.telling import as_test
from testing.seeded import BROKEN, DEFECTS, Defect

EXAMPLES = 500
MOST_EVENTS = 4  # of a counter-example that can be read at a glance
defects = pytest.mark.parametrize("defect", DEFECTS, ids=str)


def found_in(defect: Defect, policy: Policy, seed: int | None = None) -> LawBroken:
    with pytest.raises(LawBroken) as broken:
        defect.asked(policy).check(policy, EXAMPLES, seed)
    return broken.value


def first_found(defect: Defect) -> LawBroken:
    """What is found without a seed, looked for once."""
    return _first_found(defect.policy)


@cache
def _first_found(policy: str) -> LawBroken:
    defect = next(each for each in DEFECTS if each.policy == policy)
    return found_in(defect, defect.loaded())


def test_every_folder_of_broken_policies_has_its_law_and_its_line() -> None:
    folders = {path.parent.name for path in BROKEN.glob("*/policy.yaml")}
    assert folders == {defect.policy for defect in DEFECTS}
    assert len(folders) >= 10
    lines = (BROKEN / "README.md").read_text(encoding="utf-8")
    assert [defect.policy for defect in DEFECTS if f"| `{defect.policy}` |" not in lines] == []
    assert [defect.policy for defect in DEFECTS if defect.law not in lines] == []


@defects
def test_the_defect_is_found_by_its_law(defect: Defect) -> None:
    assert first_found(defect).found


@pytest.mark.parametrize("seed", range(1, 6))
@defects
def test_the_defect_is_found_from_any_seed(defect: Defect, seed: int) -> None:
    found_in(defect, defect.loaded(), seed)


@defects
def test_once_repaired_the_law_holds(defect: Defect, tmp_path: Path) -> None:
    repaired = load_policy(defect.copied(tmp_path, repaired=True))
    defect.asked(repaired).check(repaired, EXAMPLES)


@defects
def test_the_counter_example_is_small(defect: Defect) -> None:
    broken = first_found(defect)
    assert len(broken.question.dossier.events) <= MOST_EVENTS
    assert not broken.question.others
    assert as_test(broken.law, broken.question, broken.other) in str(broken)
    assert broken.law.sentence in str(broken)


@defects
def test_pasted_as_a_test_the_counter_example_fails_with_the_same_sentences_until_the_defect_is_repaired(
    defect: Defect, tmp_path: Path
) -> None:
    folder = defect.copied(tmp_path, repaired=False)
    broken = first_found(defect)
    _, _, pasted = str(broken).partition("as a policy test:\n\n")
    (folder / "tests").mkdir()
    (folder / "tests" / "found.yaml").write_text(pasted, encoding="utf-8")
    (case,) = read_cases(folder / "tests" / "found.yaml")
    assert run(case, lambda: load_policy(folder), assess) == list(broken.found)
    defect.copied(tmp_path, repaired=True)
    assert run(case, lambda: load_policy(folder), assess) == []


def test_the_same_seed_finds_the_same() -> None:
    defect = DEFECTS[0]
    assert str(found_in(defect, defect.loaded(), 7)) == str(found_in(defect, defect.loaded(), 7))


@defects
def test_a_broken_law_says_its_sentence_the_figures_and_the_rules(defect: Defect) -> None:
    broken = first_found(defect)
    text = str(broken)
    assert text.startswith(f"{broken.law}: {broken.law.sentence}\npolicy {defect.policy}, ")
    assert all(line in text for line in broken.found)
    assert broken.law.judge(Asked(broken.question), Asked(broken.other or broken.question)) == list(broken.found)
