"""Suggested tests: each reaches what no test reached, reads back as it is shown, and is the same every time."""

from __future__ import annotations

from pathlib import Path

from credit_engine.testing.cases import read_cases
from credit_engine.testing.coverage.measuring import Measuring
from credit_engine.testing.coverage.suggesting import suggestions
from sample_coverage import hand, hand_cases

MOST = 60


def _suggested(folder: Path, number: int) -> tuple[Measuring, list[str]]:
    measuring = Measuring(hand(folder))
    measuring.measure(hand_cases(folder))
    before = measuring.coverage
    return measuring, [each.as_yaml(before) for each in suggestions(measuring, number, MOST)]


def test_suggestions_reach_what_they_say_once_they_are_pasted(tmp_path: Path) -> None:
    suggesting, texts = _suggested(tmp_path, 4)
    assert len(texts) == 4
    path = tmp_path / "suggested.yaml"
    path.write_text("\n".join(texts), "utf-8")
    measuring = Measuring(suggesting.coverage.policy)
    measuring.measure(hand_cases(tmp_path))
    recorder = measuring.recorder
    for case in read_cases(path):
        before = set(recorder.reached)
        assert recorder.run(case) == []
        assert set(recorder.reached) > before
    assert measuring.coverage.reached.keys() == suggesting.coverage.reached.keys()


def test_suggestions_are_marked_for_review_with_the_place_of_their_goal(tmp_path: Path) -> None:
    _, texts = _suggested(tmp_path, 2)
    for text in texts:
        comment, name, *_ = text.splitlines()
        assert comment.startswith("# review: reaches policy.yaml:")
        assert name.startswith("- name: ")


def test_suggestions_are_the_same_every_time(tmp_path: Path) -> None:
    assert _suggested(tmp_path, 3)[1] == _suggested(tmp_path, 3)[1]


def test_of_what_every_test_reaches_nothing_is_suggested(tmp_path: Path) -> None:
    measuring, _ = _suggested(tmp_path, 40)
    again = list(suggestions(measuring, 10, MOST))
    assert all(goal.goal.key in {each.key for each in measuring.coverage.goals} for goal in again)
    assert len(measuring.coverage.open) <= 3
