"""Every file of fixtures/broken/policies holds one mistake; its first line says where it stands and its code."""

import re
from pathlib import Path

import pytest

from credit_engine.errors import PolicyError
from credit_engine.policy.load import load_policy_text

BROKEN = Path(__file__).parent.parent / "fixtures" / "broken" / "policies"
EXPECT = re.compile(r"# expect: (\d+):(\d+) ([a-z_]+)")


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_broken_policy_is_refused_with_one_problem_at_its_place(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    expected = EXPECT.match(text)
    assert expected is not None
    with pytest.raises(PolicyError) as refused:
        load_policy_text(text, path.name)
    (problem,) = refused.value.problems
    found = (problem.place.file, problem.place.line, problem.place.column, problem.code)
    assert found == (path.name, int(expected[1]), int(expected[2]), expected[3]), str(problem)
    assert problem.message


def test_there_are_broken_policies() -> None:
    assert len(list(BROKEN.glob("*.yaml"))) > 90
